//! Text from the web on a terminal: what could steer it is replaced.

use std::fmt::Write as _;
use std::io::Write;

use anyhow::Result;

/// A time span by its largest unit.
pub(super) fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// Whether a character can steer a terminal or hide what stands there: controls, line and paragraph
/// separators, marks of direction and of no width.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        )
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// Text on one line that steers nothing.
pub(super) fn clean(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            c if steers(c) => '\u{fffd}',
            c => c,
        })
        .collect();
    text.split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The same, cut to so many characters.
pub(super) fn short(text: &str, most: usize) -> String {
    let text = clean(text);
    if text.chars().count() <= most {
        return text;
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// JSON whose strings show what could steer a terminal as escapes.
pub(super) fn write_json(out: &mut dyn Write, value: &impl serde::Serialize) -> Result<()> {
    let mut safe = String::new();
    for c in serde_json::to_string_pretty(value)?.chars() {
        if c != '\n' && steers(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    writeln!(out, "{safe}")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn nothing_steers_the_terminal(text in "\\PC*|.*|[\u{0}-\u{9f}\u{2020}-\u{2070}]*") {
            proptest::prop_assert!(!clean(&text).chars().any(steers));
            let mut out = Vec::new();
            write_json(&mut out, &text).unwrap();
            let json = String::from_utf8(out).unwrap();
            proptest::prop_assert!(!json.trim_end_matches('\n').chars().any(steers));
            proptest::prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }

    #[test]
    fn spans_are_short() {
        for (seconds, shown) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (7199, "1h"),
            (86_400, "1d"),
        ] {
            assert_eq!(span(seconds), shown);
        }
        assert_eq!(short("a\u{1b}[31mb\r\nc", 20), "a\u{fffd}[31mb c");
        assert_eq!(short("abcdef", 4), "abc…");
    }
}
