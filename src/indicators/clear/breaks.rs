//! Line breaks within values. Joining what does not belong together is worse than not joining, so this asks for
//! signs that cannot be chance.

use super::mark::read_dot;
use super::marks::Marks;
use super::reader::{Reader, is_blank, is_bracket, is_host, is_space, is_word};
use super::{dots, spelled, words};

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
/// Most bytes before a break that are read for a host.
const TOKEN: usize = 200;
/// Most bytes of a URL's line that are read.
const LINE: usize = 400;

/// Joins the lines around the break at `at`, if one value stands on both.
pub(super) fn undo(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    let reader = marks.reader;
    let trailing = reader.count_back(at, 3, |byte| is_blank(byte) || byte == b'\r');
    let end = at - trailing;
    let last = reader.before(end);
    if !is_word(last) && !b"/-?=&_%.".contains(&last)
        || is_space(reader.byte(at + 1)) && !is_blank(reader.byte(at + 1))
    {
        return None;
    }
    let next = at + 1 + reader.count(at + 1, INDENT, is_blank);
    if end < marks.floor() || is_space(reader.byte(next)) {
        return None;
    }
    let joins = last.is_ascii_hexdigit() && is_digest(reader, end, next)
        || b"/-?=&_%".contains(&last) && is_url(reader, end, at, next)
        || is_host_wrapped(reader, end, next)
        || last == b'-' && is_vulnerability(reader, end, next);
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

/// Whether the line names a digest of so many digits before `at`: `SHA256 (split): `; or the line before it does,
/// and no MD5.
fn is_labelled(reader: Reader<'_>, at: usize, digits: usize) -> bool {
    let line_start = at - reader.count_back(at, INDENT, is_blank);
    let above = reader.before(line_start) == b'\n';
    let end = if above { line_start - 1 } else { at };
    let length = reader.count_back(end, 32, |byte| byte != b'\n');
    let label = reader
        .bytes()
        .get(end - length..end)
        .unwrap_or_default()
        .to_ascii_lowercase();
    if above && label.windows(3).any(|part| part == b"md5") {
        return false;
    }
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

/// Whether a host name or an IPv4 address breaks off at `end` and goes on at `next`. That the second half were taken
/// for a host of its own would be worse than to miss both.
fn is_host_wrapped(reader: Reader<'_>, end: usize, next: usize) -> bool {
    let label = reader.label(next);
    let dot = read_dot(reader, label.end).filter(|dot| is_word(reader.byte(dot.end)));
    let defanged = dot.is_some_and(|dot| !dot.is_escaped());
    let last = reader.before(end);
    if label.is_empty() || dot.is_none() && last != b'.' || is_word(last) && !defanged {
        return false;
    }
    let length = reader.count_back(end, TOKEN, |byte| {
        is_host(byte) || is_bracket(byte) || b".:/\\".contains(&byte)
    });
    let token = reader.slice(end - length..end);
    let slashes = token.rfind("//").or_else(|| token.rfind("/]/"));
    let (host, scheme) = match slashes.and_then(|at| token.get(at..)) {
        Some(host) => (host.trim_start_matches(['/', ']', ')', '}']), true),
        None => (token, false),
    };
    let marked = host.bytes().any(is_bracket);
    let name = host.trim_end_matches(['-', '.']);
    if host.len() > name.len() + 1
        || !name.bytes().next_back().is_some_and(is_word)
        || host.contains([':', '/', '\\'])
    {
        return false;
    }
    let label = name
        .rsplit(|c: char| c == '.' || c.is_ascii() && is_bracket(c as u8))
        .next();
    let label = label.unwrap_or_default().as_bytes();
    let whole = words::is_top_level(label) || !label.iter().any(u8::is_ascii_alphabetic);
    let goes_on = dots::is_label_next(reader, last, next);
    match last {
        b'-' => goes_on && (scheme || defanged || host.contains('.')),
        b'.' if whole => {
            let behind = spelled::groups_behind(reader, next);
            (scheme || marked || defanged)
                && behind > 0
                && spelled::groups_before(reader, end - 1) + behind == 4
        }
        b'.' => goes_on && (scheme || marked),
        _ => scheme && host.contains('.') && !whole && goes_on,
    }
}

/// Whether the number of a vulnerability breaks off at a hyphen: `CVE-2023-`, `CVE-`.
fn is_vulnerability(reader: Reader<'_>, end: usize, next: usize) -> bool {
    let digit = |byte: u8| byte.is_ascii_digit();
    let digits = reader.count(next, 8, digit);
    let behind = reader.byte(next + digits);
    let number = |count: usize, behind: u8| (4..=7).contains(&count) && !is_host(behind);
    if end >= 4 && reader.has(end - 4, "CVE-") {
        let rest = next + digits + 1;
        let second = reader.count(rest, 8, digit);
        return digits == 4 && behind == b'-' && number(second, reader.byte(rest + second));
    }
    end >= 9
        && reader.has(end - 9, "CVE-")
        && reader.count_back(end - 1, 5, digit) == 4
        && number(digits, behind)
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
