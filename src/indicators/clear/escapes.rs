//! Escapes and marks of markup around and within values.

use std::ops::Range;

use super::marks::Marks;
use super::reader::{Reader, is_closer, is_host, is_space, is_word};

/// Most bytes of a value between passthrough marks.
const PASSTHROUGH: usize = 1024;

/// A run of bytes without blanks, and whether a path stands in it.
#[derive(Debug, Default)]
pub(super) struct Token {
    range: Range<usize>,
    path: bool,
}

/// Whether the backslash or caret at `at` is an escape in a value: it does not stand in a Windows path, a
/// registry key or a regular expression.
pub(super) fn is_value(marks: &mut Marks<'_>, at: usize) -> bool {
    if marks.reader.byte(at) != b'\\' {
        return true;
    }
    if !marks.token.range.contains(&at) {
        marks.token = token(marks.reader, at, marks.token.range.end);
    }
    !marks.token.path
}

/// Reads the token around `at`, not before `floor`.
fn token(reader: Reader<'_>, at: usize, floor: usize) -> Token {
    let ends = |byte: &u8| is_space(*byte) || b"\"'`<>|".contains(byte);
    let before = reader.bytes().get(floor..at).unwrap_or_default();
    let start = before
        .iter()
        .rposition(&ends)
        .map_or(floor.min(at), |found| floor + found + 1);
    let behind = reader.bytes().get(at..).unwrap_or_default();
    let end = behind
        .iter()
        .position(ends)
        .map_or(reader.bytes().len(), |found| at + found);
    let bytes = reader.bytes().get(start..end).unwrap_or_default();
    Token {
        range: start..end,
        path: is_path(bytes),
    }
}

/// Whether backslashes part names in a token, other than those of `http:\\\\`.
fn is_path(token: &[u8]) -> bool {
    if matches!(token, [drive, b':', b'\\', ..] if drive.is_ascii_alphabetic()) {
        return true;
    }
    let (mut before, mut last) = ([0; 3], 0);
    for byte in token {
        let starts = byte.is_ascii_alphanumeric() && last == b'\\';
        if starts && !is_scheme(before) {
            return true;
        }
        if last != b'\\' {
            before = [before[1], before[2], last];
        }
        last = *byte;
    }
    false
}

/// Whether the three bytes before backslashes are the end of a scheme (`tp:`, `p[:`, `p:]`, `*p:`) and no drive.
fn is_scheme([first, second, last]: [u8; 3]) -> bool {
    let drive = second.is_ascii_alphabetic()
        && !first.is_ascii_alphanumeric()
        && !b"*_#-])}>".contains(&first);
    last == b':' && !drive && second != 0 || second == b':' && is_closer(last)
}

/// Undoes an escape of Markdown or JSON that begins at `at`: `\_`, `\-`, `\/`, `\@`.
pub(super) fn undo(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    let reader = marks.reader;
    if reader.byte(at) != b'\\' {
        return None;
    }
    let end = at + reader.count(at, 3, |byte| byte == b'\\');
    let (left, next, right) = (reader.before(at), reader.byte(end), reader.byte(end + 1));
    let fits = match next {
        b'/' => left > b' ',
        b'_' => (is_host(left) || left <= b' ' || b"/=?&.@".contains(&left)) && is_host(right),
        b'-' | b'~' | b'@' | b':' | b'.' => {
            (is_host(left) || b"/=".contains(&left)) && is_host(right)
        }
        b'&' | b'=' | b'?' | b'#' | b'+' => is_host(left) && right > b' ' && right != b'\\',
        _ => false,
    };
    if !fits || !is_value(marks, at) || at < marks.floor() {
        return None;
    }
    marks.change(at..end, "", false);
    Some(end + 1)
}

/// Takes AsciiDoc's passthrough marks off a value: `++http://evil.com/a__b++`.
pub(super) fn passthrough(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    let reader = marks.reader;
    let before = reader.before(at);
    let opens = reader.byte(at + 1) == b'+'
        && is_word(reader.byte(at + 2))
        && (is_space(before) || b"`\"'(|*".contains(&before));
    if !opens {
        return closing(marks, at);
    }
    let start = at + 2;
    let length = reader.count(start, PASSTHROUGH, |byte| {
        !is_space(byte) && !b"+`\"".contains(&byte)
    });
    let value = reader.slice(start..start + length);
    let closes = reader.has(start + length, "++") && !is_word(reader.byte(start + length + 2));
    if !closes || !value.contains(['.', ':']) {
        return Some(start);
    }
    marks.change(at..start, "", false);
    marks.passthrough = start + length;
    Some(start)
}

fn closing(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    if marks.passthrough != at || at == 0 {
        return None;
    }
    marks.change(at..at + 2, "", false);
    Some(at + 2)
}

/// Undoes percent-encoding of a whole URL that stands by itself: `"http%3A%2F%2Fevil%2Ecom%2Fa"`. Within the query
/// of another it stays.
pub(super) fn percent(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    let reader = marks.reader;
    if at < marks.encoded {
        return decode(marks, at);
    }
    if !reader.has(at, "%3A%2F%2F") {
        return None;
    }
    let letters = reader.count_back(at, 8, |byte| byte.is_ascii_alphabetic());
    let before = reader.before(at - letters);
    if !(3..=5).contains(&letters) || !(is_space(before) || b"\"'`<>(".contains(&before)) {
        return None;
    }
    let length = reader.count(at, 4096, |byte| {
        !is_space(byte) && !b"\"'`<>".contains(&byte)
    });
    marks.encoded = at + length;
    decode(marks, at)
}

/// Undoes one encoded character that URLs are made of.
fn decode(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    let text = match marks
        .reader
        .slice(at + 1..at + 3)
        .to_ascii_uppercase()
        .as_str()
    {
        "3A" => ":",
        "2F" => "/",
        "2E" => ".",
        "2D" => "-",
        "3F" => "?",
        "3D" => "=",
        "26" => "&",
        "5F" => "_",
        _ => return None,
    };
    marks.change(at..at + 3, text, false);
    Some(at + 3)
}
