//! Where a URL ends: before the punctuation of the sentence, the markup and the list it stands in.

use super::super::{Text, hosts};
use super::scheme;

/// The end of a URL.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ending {
    /// Behind its last character.
    pub(super) end: usize,
    /// Behind the punctuation that follows it.
    pub(super) seen: usize,
    /// Whether the author left out a part of it: `http://evil-update.top/a...`.
    pub(super) abbreviated: bool,
}

/// Finds the end of the URL at `start`, whose authority ends at `path`.
pub(super) fn of(text: &Text<'_>, start: usize, path: usize, limit: usize) -> Ending {
    let opener = start.checked_sub(1).map_or(0, |at| text.byte(at));
    let (seen, mut abbreviated) = if matches!(text.byte(path), b'/' | b'?' | b'#') && path < limit {
        extent(text, path, limit, opener)
    } else {
        (path, false)
    };
    let tail = text.slice(seen..limit.min(seen.saturating_add(6)));
    let url = text.slice(path..seen);
    abbreviated |= url.ends_with("...") || tail.starts_with("...") || tail.starts_with('…');
    abbreviated |= left_out(tail) || url.contains("/.../");
    Ending {
        end: path + trimmed(url).len(),
        seen,
        abbreviated,
    }
}

/// The URL without the punctuation at its end.
fn trimmed(url: &str) -> &str {
    let url = url.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '(', '[', '{']);
    url.strip_suffix("~~").unwrap_or(url)
}

/// `[...]` and `(…)`.
fn left_out(text: &str) -> bool {
    let inner = text.strip_prefix(['[', '(', '{', '<']).unwrap_or_default();
    inner.starts_with("..") || inner.starts_with('…')
}

/// Whether an emoji at `at` is part of the path rather than a sign behind the URL.
fn carries_emoji(text: &Text<'_>, at: usize) -> bool {
    matches!(
        text.preceding(at),
        b'/' | b'=' | b'-' | b'_' | b'+' | 0x80..
    )
}

/// Everything that can belong to a URL from `at` on, and whether a part was left out inside.
fn extent(text: &Text<'_>, mut at: usize, limit: usize, opener: u8) -> (usize, bool) {
    let mut open = [0_usize; 3];
    while at < limit {
        let byte = text.byte(at);
        match byte {
            0..=b' ' | 0x7F | b'"' | b'<' | b'>' | b'`' | b'|' | b'\\' | b'^' => break,
            b'(' | b'[' | b'{' => {
                if left_out(text.slice(at..limit.min(at.saturating_add(5)))) {
                    return (at, true);
                }
                *depth(&mut open, byte) += 1;
            }
            b')' | b']' | b'}' => {
                let depth = depth(&mut open, byte);
                if *depth == 0 && (opens(opener, byte) || !goes_on(text, at + 1)) {
                    break;
                }
                *depth = depth.saturating_sub(1);
            }
            b'\'' if opener == b'\'' || !goes_on(text, at + 1) => break,
            b',' | b';' if scheme::begins_at(text, at + 1) => break,
            b'&' if is_quote_entity(text, at, limit) => break,
            0x80.. => match text.slice(at..limit).chars().next() {
                Some(c) if c.is_alphanumeric() && !hosts::is_unspaced(c) => at += c.len_utf8() - 1,
                Some(c) if hosts::is_emoji(c) && carries_emoji(text, at) => at += c.len_utf8() - 1,
                _ => break,
            },
            _ => {}
        }
        at += 1;
    }
    (at, false)
}

fn depth(open: &mut [usize; 3], bracket: u8) -> &mut usize {
    let [round, square, curly] = open;
    match bracket {
        b'(' | b')' => round,
        b'[' | b']' => square,
        _ => curly,
    }
}

fn opens(opener: u8, closer: u8) -> bool {
    matches!((opener, closer), (b'(', b')') | (b'[', b']') | (b'{', b'}'))
}

/// Whether a URL goes on at `at`, behind a bracket or quote that may have ended it.
fn goes_on(text: &Text<'_>, at: usize) -> bool {
    text.byte(at).is_ascii_alphanumeric()
        || matches!(text.byte(at), b'/' | b'=' | b'&' | b'%' | b'_' | b'-')
}

/// Whether an entity that stands for a quote, a bracket or a blank was left over from HTML.
fn is_quote_entity(text: &Text<'_>, at: usize, limit: usize) -> bool {
    let rest = text.slice(at..limit.min(at.saturating_add(6)));
    [
        "&quot;", "&#34;", "&#39;", "&#x27;", "&#x22;", "&apos;", "&lt;", "&gt;", "&nbsp;",
        "&#160;", "&rdquo",
    ]
    .iter()
    .any(|entity| rest.starts_with(entity))
}
