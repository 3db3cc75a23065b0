//! Windows and Unix paths, pipes and program databases.
//!
//! A path is only tried where a word begins: at the start of a gap or behind punctuation that cannot be part of
//! a path (`=`, `(`, `,` …). What was read for one path is not read again for another.

mod known;
#[cfg(test)]
mod tests;
mod unix;
pub(super) mod walk;
mod windows;

use std::ops::Range;

use super::{Kind, Raw, Text};

/// The longest path that is read, in bytes. Windows' own limit for most programs is 260 characters, Linux' 4,096.
const LIMIT: usize = 1024;

/// What stands where a path may begin.
enum Outcome {
    /// A path, or something to be left alone.
    Found(Raw),
    /// No path, and none begins before this offset.
    Skip(usize),
    /// No path.
    Nothing,
}

/// Finds paths in a gap.
pub(super) fn find(text: &Text<'_>, gap: Range<usize>, raws: &mut Vec<Raw>) {
    let mut at = opening(text, gap.start, gap.end);
    while at < gap.end {
        let outcome = match windows::at(text, at, raws) {
            Outcome::Nothing => unix::at(text, at),
            outcome => outcome,
        };
        let next = match outcome {
            Outcome::Found(raw) => {
                let end = raw.span.end;
                if end <= gap.end || !is_cut(text, gap.end) {
                    raws.push(raw);
                }
                end
            }
            Outcome::Skip(end) => end,
            Outcome::Nothing => at,
        };
        at = if next > at {
            opening(text, next, gap.end)
        } else {
            following(text, at + 1, gap.end)
        };
    }
}

/// Whether a gap ends there because something stronger was found behind it, and not at the end of its chunk.
pub(super) fn is_cut(text: &Text<'_>, end: usize) -> bool {
    !matches!(
        text.byte(end),
        0..=b' ' | 0x7F | b'"' | b'`' | b'<' | b'>' | b'|'
    )
}

/// Where the next path may begin: behind the next run of punctuation that parts words.
fn following(text: &Text<'_>, at: usize, end: usize) -> usize {
    let mut at = at;
    while at < end && !is_opening(text.byte(at)) && !is_typographic(text, at) {
        at += 1;
    }
    opening(text, at, end)
}

/// Passes over punctuation that may stand before a path.
fn opening(text: &Text<'_>, at: usize, end: usize) -> usize {
    let mut at = at;
    while at < end {
        if is_opening(text.byte(at)) && !is_placeholder(text, at) {
            at += 1;
        } else if is_typographic(text, at) {
            at += 3;
        } else {
            break;
        }
    }
    at
}

/// Whether `{app}` or `[system]` begins there, with a separator behind it.
fn is_placeholder(text: &Text<'_>, at: usize) -> bool {
    let close = match text.byte(at) {
        b'{' => b'}',
        b'[' => b']',
        _ => return false,
    };
    let name = (at + 1..at + 40)
        .take_while(|at| matches!(text.byte(*at), b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_'))
        .count();
    name > 0 && text.byte(at + 1 + name) == close && text.byte(at + 2 + name) == b'\\'
}

fn is_opening(byte: u8) -> bool {
    matches!(
        byte,
        b'(' | b'['
            | b'{'
            | b'\''
            | b','
            | b';'
            | b'='
            | b':'
            | b'!'
            | b'&'
            | b'+'
            | b'*'
            | b'@'
            | b')'
            | b']'
            | b'}'
    )
}

/// A quotation mark, a dash or another character of the block General Punctuation (U+2000 to U+207F).
fn is_typographic(text: &Text<'_>, at: usize) -> bool {
    text.byte(at) == 0xE2 && matches!(text.byte(at + 1), 0x80 | 0x81)
}

/// A path as written, with the doubled backslashes of source code made single.
fn value(written: &str, leading: usize) -> String {
    let rest = written.trim_start_matches('\\');
    let mut value = String::with_capacity(written.len());
    value.extend(std::iter::repeat_n('\\', leading));
    let mut before = ' ';
    for c in rest.chars() {
        if c != '\\' || before != '\\' {
            value.push(c);
        }
        before = c;
    }
    value
}

/// The kind of a path: `.pdb` are program databases.
fn kind(value: &str) -> Kind {
    match known::extension(value) {
        Some(extension) if extension.eq_ignore_ascii_case("pdb") => Kind::Pdb,
        _ => Kind::Filename,
    }
}
