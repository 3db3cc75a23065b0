//! Text that every MISP can store.
//!
//! On the default database charset, a character from U+10000 on fails the request, loses the report, or
//! leaves half an event behind (`docs/misp.md`). All text is therefore brought into the basic plane before
//! it is sent: readable where an equivalent exists, `�` where none does.

use crate::plain;

/// Stands for a character without an equivalent.
const UNKNOWN: char = '\u{FFFD}';

/// Stands for a rare ideograph, as in print.
const GETA: char = '\u{3013}';

/// Pictures common in titles and reports, and what is written in their place.
const PICTURES: &[(char, &str)] = &[
    ('\u{1F308}', ":rainbow:"),
    ('\u{1F30D}', ":globe:"),
    ('\u{1F30E}', ":globe:"),
    ('\u{1F30F}', ":globe:"),
    ('\u{1F310}', ":globe:"),
    ('\u{1F381}', ":gift:"),
    ('\u{1F389}', ":tada:"),
    ('\u{1F3AF}', ":target:"),
    ('\u{1F3C6}', ":trophy:"),
    ('\u{1F40D}', ":snake:"),
    ('\u{1F418}', ":elephant:"),
    ('\u{1F41B}', ":bug:"),
    ('\u{1F427}', ":penguin:"),
    ('\u{1F43B}', ":bear:"),
    ('\u{1F440}', ":eyes:"),
    ('\u{1F446}', ":point_up:"),
    ('\u{1F447}', ":point_down:"),
    ('\u{1F448}', ":point_left:"),
    ('\u{1F449}', ":point_right:"),
    ('\u{1F44D}', ":thumbsup:"),
    ('\u{1F44E}', ":thumbsdown:"),
    ('\u{1F47B}', ":ghost:"),
    ('\u{1F47E}', ":alien:"),
    ('\u{1F480}', ":skull:"),
    ('\u{1F4A1}', ":bulb:"),
    ('\u{1F4A3}', ":bomb:"),
    ('\u{1F4A5}', ":boom:"),
    ('\u{1F4B0}', ":moneybag:"),
    ('\u{1F4BB}', ":computer:"),
    ('\u{1F4C1}', ":folder:"),
    ('\u{1F4C4}', ":page:"),
    ('\u{1F4C5}', ":date:"),
    ('\u{1F4C8}', ":chart:"),
    ('\u{1F4CA}', ":chart:"),
    ('\u{1F4CC}', ":pin:"),
    ('\u{1F4CD}', ":pin:"),
    ('\u{1F4DD}', ":memo:"),
    ('\u{1F4E2}', ":loudspeaker:"),
    ('\u{1F4E3}', ":loudspeaker:"),
    ('\u{1F4E7}', ":email:"),
    ('\u{1F4F1}', ":phone:"),
    ('\u{1F500}', ":arrows:"),
    ('\u{1F50D}', ":mag:"),
    ('\u{1F50E}', ":mag:"),
    ('\u{1F510}', ":lock:"),
    ('\u{1F511}', ":key:"),
    ('\u{1F512}', ":lock:"),
    ('\u{1F513}', ":unlock:"),
    ('\u{1F517}', ":link:"),
    ('\u{1F525}', ":fire:"),
    ('\u{1F534}', ":red_circle:"),
    ('\u{1F575}', ":detective:"),
    ('\u{1F5A5}', ":desktop:"),
    ('\u{1F600}', ":)"),
    ('\u{1F601}', ":)"),
    ('\u{1F602}', ":D"),
    ('\u{1F609}', ";)"),
    ('\u{1F60A}', ":)"),
    ('\u{1F60E}', "8)"),
    ('\u{1F61E}', ":("),
    ('\u{1F622}', ":'("),
    ('\u{1F631}', ":scream:"),
    ('\u{1F680}', ":rocket:"),
    ('\u{1F6A8}', ":rotating_light:"),
    ('\u{1F6A9}', ":flag:"),
    ('\u{1F6AB}', ":no_entry:"),
    ('\u{1F6D1}', ":stop:"),
    ('\u{1F6E0}', ":tools:"),
    ('\u{1F6E1}', ":shield:"),
    ('\u{1F914}', ":thinking:"),
    ('\u{1F916}', ":robot:"),
    ('\u{1F977}', ":ninja:"),
    ('\u{1F9A0}', ":microbe:"),
    ('\u{1F9D1}', ":person:"),
    ('\u{1F9E0}', ":brain:"),
    ('\u{1F9F5}', ":thread:"),
];

/// The text as MISP can store it: characters from U+10000 on replaced, control characters, byte order marks,
/// non-characters and invisible direction marks removed, line ends as `\n`.
pub fn storable(text: &str) -> String {
    rewritten(text, |c, out| match c {
        // The colour of an emoji's skin.
        '\u{1F3FB}'..='\u{1F3FF}' => {}
        '\u{0}'..='\u{FFFF}' => out.push(c),
        _ => replace(c, out),
    })
}

/// The text without what carries no text, line ends as `\n`, and without characters that are `unwanted`: those must be
/// formatting characters or begin like them (first byte in UTF-8: see `is_doubtful`). Characters from U+10000 on
/// are still there: values are made of them (host names with emoji), which a replacement would tear.
pub(crate) fn visible(text: &str, unwanted: impl Fn(char) -> bool) -> String {
    rewritten(text, |c, out| {
        if !unwanted(c) {
            out.push(c);
        }
    })
}

/// Goes through a text; each character that may have to go and carries text is handed to `write`.
fn rewritten(text: &str, write: impl Fn(char, &mut String)) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // Nearly all of a text goes over in whole stretches.
    while let Some((plain, doubtful)) =
        plain::first(rest.as_bytes(), is_doubtful).and_then(|at| rest.split_at_checked(at))
    {
        out.push_str(plain);
        let mut characters = doubtful.chars();
        let Some(c) = characters.next() else { break };
        rest = characters.as_str();
        match c {
            '\r' if rest.starts_with('\n') => {}
            '\r' => out.push('\n'),
            _ if is_removed(c) => {}
            _ => write(c, &mut out),
        }
    }
    out.push_str(rest);
    out
}

/// Whether a character that begins with this byte may have to go: controls, and the first bytes of those that are
/// [removed](is_removed), [replaced](replace) or invisible.
const fn is_doubtful(byte: u8) -> bool {
    let control = byte < b' ' && byte != b'\n' && byte != b'\t';
    control || matches!(byte, 0x7F | 0xC2 | 0xCD | 0xD8 | 0xE1 | 0xE2 | 0xEF..)
}

/// The same in one line: every run of white space is one blank, none at the ends.
pub fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in storable(text).split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Why MISP cannot store a tag of this name as it is written; `None` when it can.
pub fn tag_fault(tag: &str) -> Option<String> {
    let stored = line(tag);
    if stored.is_empty() {
        Some("it is empty".into())
    } else if stored != tag || stored.chars().count() > super::MAX_TAG {
        Some(format!(
            "MISP cannot store `{}`; a tag is one line of at most {} characters, without emoji",
            bounded(&stored, 60),
            super::MAX_TAG
        ))
    } else {
        None
    }
}

/// At most `max` characters; a cut shows as `…`.
pub fn bounded(text: &str, max: usize) -> String {
    if text.chars().nth(max).is_none() {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(max.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// Characters that carry no text: controls, marks of direction (which make text read other than it is), the
/// byte order mark, non-characters, and tags.
const fn is_removed(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FDD0}'..='\u{FDEF}' | '\u{FFFE}' | '\u{FFFF}'
        | '\u{E0000}'..='\u{E0FFF}')
}

fn replace(c: char, out: &mut String) {
    if let Ok(index) = PICTURES.binary_search_by_key(&c, |(picture, _)| *picture)
        && let Some((_, name)) = PICTURES.get(index)
    {
        out.push_str(name);
        return;
    }
    out.push(match c {
        '\u{20000}'..='\u{3FFFF}' => GETA,
        _ => plain_letter(c).unwrap_or(UNKNOWN),
    });
}

/// The letter or digit behind a styled one (Unicode blocks Mathematical Alphanumeric Symbols, Enclosed
/// Alphanumeric Supplement).
fn plain_letter(c: char) -> Option<char> {
    let code = u32::from(c);
    match code {
        // Thirteen alphabets of capital and small letters, one after the other.
        0x1D400..=0x1D6A3 => latin((code - 0x1D400) % 52),
        0x1D6A4 => Some('i'),
        0x1D6A5 => Some('j'),
        // Five Greek alphabets of 58: 25 capitals and nabla, 25 small ones and seven variants.
        0x1D6A8..=0x1D7C9 => greek((code - 0x1D6A8) % 58),
        // Five sets of digits.
        0x1D7CE..=0x1D7FF => char::from_digit((code - 0x1D7CE) % 10, 10),
        // Squared, circled and negative capitals; the letters that flags are made of.
        0x1F130..=0x1F149 => latin(code - 0x1F130),
        0x1F150..=0x1F169 => latin(code - 0x1F150),
        0x1F170..=0x1F189 => latin(code - 0x1F170),
        0x1F1E6..=0x1F1FF => latin(code - 0x1F1E6),
        _ => None,
    }
}

fn latin(index: u32) -> Option<char> {
    let first = if index < 26 { 'A' } else { 'a' };
    char::from_u32(u32::from(first) + index % 26)
}

fn greek(index: u32) -> Option<char> {
    const VARIANTS: [char; 7] = ['∂', 'ϵ', 'ϑ', 'ϰ', 'ϕ', 'ϱ', 'ϖ'];
    match index {
        // U+03A2 is unassigned; in these alphabets the theta symbol stands in its place.
        17 => Some('ϴ'),
        0..=24 => char::from_u32(0x391 + index),
        25 => Some('∇'),
        26..=50 => char::from_u32(0x3B1 + index - 26),
        _ => VARIANTS
            .get(usize::try_from(index).ok()?.checked_sub(51)?)
            .copied(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn replaces_what_misp_cannot_hold() {
        for (given, expected) in [
            ("plain – ünïcode 漢字", "plain – ünïcode 漢字"),
            ("\u{1F6A8} Alert", ":rotating_light: Alert"),
            ("\u{1F1FA}\u{1F1F8} agencies", "US agencies"),
            ("\u{1D400}\u{1D41B}\u{1D7D7}", "Ab9"),
            ("\u{1D6A8}\u{1D6C2}\u{1D6DB}", "Αα∂"),
            ("\u{1F170}", "A"),
            ("\u{20BB7}野家", "〓野家"),
            ("\u{1FAE0}", "\u{FFFD}"),
            ("\u{1F44D}\u{1F3FD}", ":thumbsup:"),
            ("a\u{0}b\u{1B}c\u{85}d\u{FEFF}e", "abcde"),
            ("exe\u{202E}fdp", "exefdp"),
            ("one\r\ntwo\rthree\n\tfour", "one\ntwo\nthree\n\tfour"),
        ] {
            assert_eq!(storable(given), expected, "{given:?}");
        }
    }

    #[test]
    fn pictures_are_sorted_for_the_search() {
        for (before, after) in PICTURES.iter().zip(PICTURES.iter().skip(1)) {
            assert!(before.0 <= after.0, "{before:?} before {after:?}");
        }
    }

    #[test]
    fn one_line_is_one_line() {
        assert_eq!(line("  a\n\tb \u{A0} c\r\n"), "a b c");
    }

    #[test]
    fn bounds_by_characters_and_says_so() {
        assert_eq!(bounded("äöü", 3), "äöü");
        assert_eq!(bounded("äöüß", 3), "äö…");
        assert_eq!(bounded("", 0), "");
    }

    proptest! {
        #[test]
        fn any_text_becomes_storable(text in any::<String>()) {
            let stored = storable(&text);
            prop_assert!(stored.chars().all(|c| u32::from(c) < 0x1_0000 && (!c.is_control() || c == '\n' || c == '\t')));
            prop_assert_eq!(storable(&stored), stored.clone());
            prop_assert!(line(&text).lines().count() <= 1);
        }

        #[test]
        fn any_high_character_becomes_storable(c in proptest::char::range('\u{10000}', '\u{10FFFF}')) {
            let stored = storable(&c.to_string());
            prop_assert!(stored.chars().all(|c| u32::from(c) < 0x1_0000));
        }
    }
}
