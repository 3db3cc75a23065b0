//! Titles as plain text.

use super::repair::entities::decode_html;
use super::repair::is_forbidden;

/// Longest title kept, in characters; a longer one is a body in the wrong element.
const MAX_TITLE: usize = 500;
/// Longest tag that is taken for one.
const MAX_TAG: usize = 1024;

/// Elements whose tags are dropped from a title. Others stay: "how `<script>` tags are abused" is a title.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "del", "div", "em",
    "font", "h1", "h2", "h3", "h4", "h5", "h6", "i", "img", "ins", "kbd", "mark", "nobr", "p", "q",
    "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var", "wbr",
];

/// Plain text of a title: markup and references resolved if it is HTML, white space folded, control
/// characters and doubly encoded UTF-8 mended.
pub(crate) fn plain(text: &str, html: bool) -> String {
    let text = if html {
        decode_html(&without_tags(text))
    } else {
        text.to_owned()
    };
    let text = undo_double_encoding(&text).unwrap_or(text);
    let clean: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !is_forbidden(*c))
        .collect();
    let folded = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    shorten(&folded)
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= MAX_TITLE {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(MAX_TITLE).collect();
    short.push('\u{2026}');
    short
}

fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // One comment that does not end means that none after it does: looked for once, not once for each.
    let mut comments_end = true;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let is_comment = after.starts_with("!--");
        let found = if is_comment && !comments_end {
            None
        } else {
            tag(after)
        };
        comments_end &= !is_comment || found.is_some();
        if let Some((gap, end)) = found {
            out.push_str(gap);
            rest = end;
        } else {
            out.push('<');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// If a tag to be dropped begins here (after its `<`): what to put in its place, and what follows it.
fn tag(after: &str) -> Option<(&'static str, &str)> {
    if let Some(comment) = after.strip_prefix("!--") {
        let (_, rest) = comment.split_once("-->")?;
        return Some(("", rest));
    }
    let name = after.strip_prefix('/').unwrap_or(after);
    let end = name
        .bytes()
        .take(12)
        .position(|byte| !byte.is_ascii_alphanumeric())?;
    let name = name.get(..end)?.to_ascii_lowercase();
    if !INLINE.contains(&name.as_str()) {
        return None;
    }
    let close = after
        .bytes()
        .take(MAX_TAG)
        .position(|byte| matches!(byte, b'>' | b'<'))?;
    let rest = after.get(close..)?.strip_prefix('>')?;
    let gap = matches!(name.as_str(), "br" | "p" | "div" | "wbr");
    Some((if gap { " " } else { "" }, rest))
}

/// Text that was UTF-8, was taken for ISO-8859-1 and encoded once more (`Ã©` for `é`).
fn undo_double_encoding(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> = text
        .chars()
        .map(|c| u8::try_from(u32::from(c)).ok())
        .collect();
    String::from_utf8(bytes?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn comments_without_end_are_looked_for_once() {
        let text = "<!-- a --> b ".to_owned() + &"<!--".repeat(500_000);
        let start = std::time::Instant::now();
        assert!(plain(&text, true).starts_with("b <!--"));
        assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    }

    #[test]
    fn titles() {
        for (text, html, expected) in [
            ("A <b>bold</b> claim", true, "A bold claim"),
            ("A <b>bold</b> claim", false, "A <b>bold</b> claim"),
            ("one<br/>two", true, "one two"),
            ("how <script> is abused", true, "how <script> is abused"),
            ("a < b and c > d", true, "a < b and c > d"),
            ("AT&amp;T &#8211; x", true, "AT&T \u{2013} x"),
            ("  folded \n\t space\u{a0}here ", false, "folded space here"),
            ("bell\u{7} and nul\0", false, "bell and nul"),
            ("caf\u{c3}\u{a9}", false, "caf\u{e9}"),
            ("caf\u{e9}", false, "caf\u{e9}"),
            ("<a href='x'", true, "<a href='x'"),
            ("", true, ""),
        ] {
            assert_eq!(plain(text, html), expected, "{text:?}");
        }
        assert_eq!(
            plain(&"x".repeat(9_999), false).chars().count(),
            MAX_TITLE + 1
        );
    }

    proptest! {
        #[test]
        fn has_no_control_characters(text in ".{0,60}", html in any::<bool>()) {
            prop_assert!(!plain(&text, html).chars().any(char::is_control));
        }
    }
}
