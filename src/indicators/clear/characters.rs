//! First pass: characters that stand for others.
//!
//! Invisible characters go, blanks of every width become plain ones, full-width forms (Unicode block Halfwidth and
//! Fullwidth Forms) and left-over character references become the characters they stand for, and dots, hyphens,
//! slashes and colons of other scripts become plain ones where they stand between characters of a value. In the
//! prose of any language they keep their meaning.

use super::changes::Change;
use super::entities;
use super::words;

/// Every ASCII character, to be borrowed from.
const ASCII: &str = "\0\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}\t\n\u{b}\u{c}\r\u{e}\u{f}\u{10}\u{11}\u{12}\u{13}\
    \u{14}\u{15}\u{16}\u{17}\u{18}\u{19}\u{1a}\u{1b}\u{1c}\u{1d}\u{1e}\u{1f} !\"#$%&'()*+,-./0123456789:;<=>?@\
    ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~\u{7f}";

/// The changes that bring a text to plain characters.
pub(super) fn changes(text: &str) -> Vec<Change<'static>> {
    let bytes = text.as_bytes();
    let mut changes = Vec::new();
    let mut at = 0;
    while let Some(found) = next(bytes, at) {
        at = found;
        let Some((meant, length)) = read(text, at) else {
            at += 1;
            continue;
        };
        if let Some(plain) = plain(text, at, length, meant) {
            changes.push(Change {
                written: at..at + length,
                text: plain,
                defang: false,
            });
        }
        at += length;
    }
    changes
}

/// The next byte that may begin something to change.
fn next(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let mut at = from;
    // Whole blocks first: this loop has no early exit within a block and compiles to vector instructions.
    for block in rest.chunks_exact(32) {
        if block
            .iter()
            .fold(false, |any, byte| any | is_trigger(*byte))
        {
            break;
        }
        at += block.len();
    }
    let rest = bytes.get(at..)?;
    rest.iter()
        .position(|byte| is_trigger(*byte))
        .map(|found| at + found)
}

fn is_trigger(byte: u8) -> bool {
    byte >= 0x80 || byte == b'&'
}

/// The character that was meant at `at`, and how many bytes were written for it.
fn read(text: &str, at: usize) -> Option<(char, usize)> {
    let rest = text.get(at..)?;
    let written = rest.chars().next()?;
    if written == '&' {
        return entities::decode(rest.as_bytes());
    }
    Some((written, written.len_utf8()))
}

/// What a character that was written in `length` bytes becomes; `None` if it stays.
fn plain(text: &str, at: usize, length: usize, meant: char) -> Option<&'static str> {
    match meant {
        '\u{AD}'
        | '\u{34F}'
        | '\u{61C}'
        | '\u{180E}'
        | '\u{200B}'
        | '\u{200E}'
        | '\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206F}'
        | '\u{FE0E}'..='\u{FE0F}'
        | '\u{FEFF}' => Some(""),
        // Persian and the scripts of India need joiners.
        '\u{200C}' | '\u{200D}' => {
            (before(text, at).is_ascii() && after(text, at + length).is_ascii()).then_some("")
        }
        '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => {
            Some(" ")
        }
        '\u{85}' | '\u{2028}' | '\u{2029}' => Some("\n"),
        '\u{FF0E}' | '\u{3002}' | '\u{FF61}' | '\u{FE52}' | '\u{2024}' | '\u{B7}' | '\u{2219}'
        | '\u{22C5}' | '\u{30FB}' | '\u{6D4}' => is_dot(text, at, length, meant).then_some("."),
        '\u{2010}'..='\u{2012}' | '\u{FE63}' => is_inside(text, at, length).then_some("-"),
        '\u{2013}' | '\u{2212}' => is_numbered(text, at, length).then_some("-"),
        '\u{2044}' | '\u{2215}' | '\u{29F8}' => is_slash(text, at, length).then_some("/"),
        '\u{2236}' | '\u{A789}' | '\u{FE55}' => Some(":"),
        '\u{FF01}'..='\u{FF5E}' => ascii(u32::from(meant) - 0xFEE0),
        _ if meant.is_ascii() && length > 1 => ascii(u32::from(meant)),
        _ => None,
    }
}

fn ascii(code: u32) -> Option<&'static str> {
    let code = usize::try_from(code).ok()?;
    ASCII.get(code..=code)
}

/// The character before `at`, full-width ones as plain ones; a blank at the start.
fn before(text: &str, at: usize) -> char {
    let before = text.get(..at).unwrap_or_default();
    fold(before.chars().next_back().unwrap_or(' '))
}

/// The character at `at`, likewise.
fn after(text: &str, at: usize) -> char {
    let after = text.get(at..).unwrap_or_default();
    fold(after.chars().next().unwrap_or(' '))
}

fn fold(written: char) -> char {
    match written {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(written) - 0xFEE0).unwrap_or(written),
        _ => written,
    }
}

/// Whether it stands between characters of an ASCII value.
fn is_inside(text: &str, at: usize, length: usize) -> bool {
    before(text, at).is_ascii_alphanumeric() && after(text, at + length).is_ascii_alphanumeric()
}

/// Whether a dot of another script is one of a host name or an address: in a mark, between numbers, or before
/// a label that may follow one. At the end of a sentence it is not.
fn is_dot(text: &str, at: usize, length: usize, meant: char) -> bool {
    let (left, right) = (before(text, at), after(text, at + length));
    if matches!(left, '[' | '(' | '{') && matches!(right, ']' | ')' | '}') {
        return true;
    }
    if left.is_ascii_digit() && right.is_ascii_digit() {
        return true;
    }
    if !left.is_ascii_alphanumeric() || !right.is_ascii_alphanumeric() {
        return false;
    }
    let label: String = text
        .get(at + length..)
        .unwrap_or_default()
        .chars()
        .take(64)
        .map(fold)
        .take_while(|next| next.is_ascii_alphanumeric() || *next == '-')
        .collect();
    let next = text
        .get(at + length..)
        .unwrap_or_default()
        .chars()
        .map(fold)
        .nth(label.len());
    let sentence = label.starts_with(|first: char| first.is_ascii_uppercase())
        && label.contains(|other: char| other.is_ascii_lowercase());
    let latin = matches!(meant, '\u{FF0E}' | '\u{2024}' | '\u{FE52}');
    !sentence && (latin || words::is_top_level(label.as_bytes()))
        || next.is_some_and(|next| ".[({\u{3002}\u{FF61}\u{2024}\u{FE52}".contains(next))
}

/// Whether a dash stands in the number of a vulnerability, or before one.
fn is_numbered(text: &str, at: usize, length: usize) -> bool {
    if !is_inside(text, at, length) {
        return false;
    }
    let before = text
        .as_bytes()
        .get(at.saturating_sub(12)..at)
        .unwrap_or_default();
    [b"CVE", b"CWE"].iter().any(|name| {
        before
            .windows(name.len())
            .any(|part| part.eq_ignore_ascii_case(*name))
    })
}

/// Whether a slash of another script is one of a URL.
fn is_slash(text: &str, at: usize, length: usize) -> bool {
    let is_part = |next: char| {
        next.is_ascii_graphic() || matches!(next, '\u{2044}' | '\u{2215}' | '\u{29F8}')
    };
    is_part(before(text, at)) && !after(text, at + length).is_ascii_digit()
}
