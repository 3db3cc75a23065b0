//! Line breaks within values. Joining what does not belong together is worse than not joining, so this asks for
//! signs that cannot be chance.

use super::marks::Marks;
use super::reader::{Reader, is_blank, is_space};

/// Lengths of digests in hexadecimal digits: MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512.
const DIGESTS: &[usize] = &[32, 40, 56, 64, 96, 128];
/// Longest of them.
const LONGEST: usize = 128;
/// Fewest digits on the first line.
const FEWEST: usize = 12;
/// Most blanks that a continued line is indented by.
const INDENT: usize = 16;
/// Fewest bytes of a line that was broken because it was full.
const FULL: usize = 50;
/// Most bytes of a URL's line that are read.
const LINE: usize = 400;

/// Joins the lines around the break at `at`, if one value stands on both.
pub(super) fn undo(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    let reader = marks.reader;
    let trailing = reader.count_back(at, 3, |byte| is_blank(byte) || byte == b'\r');
    let end = at - trailing;
    let last = reader.before(end);
    if !last.is_ascii_hexdigit() && !b"/-?=&_%".contains(&last)
        || is_space(reader.byte(at + 1)) && !is_blank(reader.byte(at + 1))
    {
        return None;
    }
    let next = at + 1 + reader.count(at + 1, INDENT, is_blank);
    if end < marks.floor() || is_space(reader.byte(next)) {
        return None;
    }
    let joins = last.is_ascii_hexdigit() && is_digest(reader, end, next)
        || b"/-?=&_%".contains(&last) && is_url(reader, end, at, next);
    if !joins {
        return None;
    }
    marks.change(end..next, "", false);
    Some(next)
}

/// Whether hexadecimal digits before and behind a break are one digest.
fn is_digest(reader: Reader<'_>, end: usize, next: usize) -> bool {
    let hex = |byte: u8| byte.is_ascii_hexdigit();
    let first = reader.count_back(end, LONGEST, hex);
    let start = end - first;
    if first < FEWEST || reader.before(start).is_ascii_alphanumeric() {
        return false;
    }
    let second = reader.count(next, LONGEST, hex);
    let behind = reader.byte(next + second);
    if second < 2
        || behind.is_ascii_alphanumeric()
        || matches!(behind, b'.' | b'-' | b':' | b'_' | b'/' | b'@')
    {
        return false;
    }
    let whole = first + second;
    DIGESTS.contains(&whole)
        && one_case(reader, start..end, next..next + second)
        && (!DIGESTS.contains(&first) && !DIGESTS.contains(&second)
            || is_labelled(reader, start, whole))
}

/// Whether two ranges are not in different cases.
fn one_case(
    reader: Reader<'_>,
    first: std::ops::Range<usize>,
    second: std::ops::Range<usize>,
) -> bool {
    let both = || {
        reader
            .slice(first.clone())
            .bytes()
            .chain(reader.slice(second.clone()).bytes())
    };
    !(both().any(|byte| byte.is_ascii_lowercase()) && both().any(|byte| byte.is_ascii_uppercase()))
}

/// Whether the line names a digest of so many digits before `at`: `SHA256 (split): `.
fn is_labelled(reader: Reader<'_>, at: usize, digits: usize) -> bool {
    let length = reader.count_back(at, 32, |byte| byte != b'\n');
    let label = reader
        .bytes()
        .get(at - length..at)
        .unwrap_or_default()
        .to_ascii_lowercase();
    let Some(sha) = label.windows(3).rposition(|part| part == b"sha") else {
        return false;
    };
    let bits = label.get(sha + 3..).unwrap_or_default().iter();
    let bits = bits
        .skip_while(|byte| matches!(byte, b'-' | b' ' | b'_'))
        .take_while(|byte| byte.is_ascii_digit());
    let bits = bits.fold(0_usize, |bits, digit| {
        bits.saturating_mul(10)
            .saturating_add(usize::from(digit - b'0'))
    });
    let bits = if bits == 1 { 160 } else { bits };
    bits == digits * 4
}

/// Whether a URL on a full line, which holds nothing behind it, goes on as the only word of the next line.
fn is_url(reader: Reader<'_>, end: usize, line_end: usize, next: usize) -> bool {
    let first = reader.count_back(end, LINE, |byte| !is_space(byte));
    let line = reader.count_back(line_end, LINE, |byte| byte != b'\n');
    let url = reader.bytes().get(end - first..end).unwrap_or_default();
    let at = url.windows(3).position(|part| part == b"://");
    let at = at.or_else(|| {
        url.windows(5)
            .position(|part| part == b"[://]" || part == b"[:]//")
    });
    let host = at.and_then(|at| url.get(at + 3..)).unwrap_or_default();
    if line < FULL || !host.contains(&b'.') || !host.iter().rev().skip(1).any(|byte| *byte == b'/')
    {
        return false;
    }
    let second = reader.count(next, LINE, |byte| {
        byte.is_ascii_alphanumeric() || b"-._~/?#&=%+@,;".contains(&byte)
    });
    let word = reader.bytes().get(next..next + second).unwrap_or_default();
    let ends = matches!(reader.byte(next + second), 0 | b'\n' | b'\r');
    let starts = word.first().is_some_and(u8::is_ascii_alphanumeric);
    ends && starts
        && word
            .iter()
            .any(|byte| byte.is_ascii_digit() || b"./=&?%_-".contains(byte))
}
