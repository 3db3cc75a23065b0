//! Escapes and marks of markup around and within values.

use std::ops::Range;

use super::mark::{Mark, read_dot};
use super::marks::Marks;
use super::reader::{Reader, is_closer, is_host, is_opener, is_space, is_word};
use super::{dots, words};

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

/// Takes AsciiDoc's passthrough marks off a value: `++http://evil.com/a__b++`, `link:++http://evil.com++[x]`,
/// `+http://evil.com+`, `evil++[.]++com`.
pub(super) fn passthrough(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    if marks.passthrough.start == at && !marks.passthrough.is_empty() {
        let closing = marks.passthrough.clone();
        // A link's text, which follows at once, is not part of its target.
        let text = if marks.reader.byte(closing.end) == b'[' {
            " "
        } else {
            ""
        };
        marks.change(closing.clone(), text, false);
        return Some(closing.end);
    }
    let reader = marks.reader;
    let before = reader.before(at);
    let width = reader.count(at, 3, |byte| byte == b'+');
    if width <= 2 && is_opener(reader.byte(at + width)) {
        return passed_dot(marks, at, width);
    }
    let opens = width <= 2
        && is_word(reader.byte(at + width))
        && (is_space(before)
            || b"`\"'(|*".contains(&before)
            || reader.has(at.saturating_sub(5), "link:"));
    if !opens {
        return None;
    }
    let start = at + width;
    let token = reader.count(start, PASSTHROUGH, |byte| {
        !is_space(byte) && !b"`\"".contains(&byte)
    });
    let token = reader.slice(start..start + token);
    let length = closing_plus(token, width)?;
    let value = token.get(..length).unwrap_or_default();
    let fits = if width == 2 {
        value.contains(['.', ':'])
    } else {
        value.contains("://")
    };
    if !fits {
        return Some(start);
    }
    marks.change(at..start, "", false);
    marks.passthrough = start + length..start + length + width;
    Some(start)
}

/// Where the marks stand in a token that close what so many opened: the first two, or one at its end.
fn closing_plus(token: &str, width: usize) -> Option<usize> {
    if width == 2 {
        let at = token.find('+')?;
        let rest = token.get(at..)?.strip_prefix("++")?;
        return (!rest.bytes().next().is_some_and(is_word)).then_some(at);
    }
    let value = token.trim_end_matches(['.', ',', ';', ':', ')', '|', '\'']);
    let value = value.strip_suffix('+')?;
    (!value.ends_with('+')).then_some(value.len())
}

/// A defanged dot between passthrough marks.
fn passed_dot(marks: &mut Marks<'_>, at: usize, width: usize) -> Option<usize> {
    let reader = marks.reader;
    let left = reader.before(at);
    let mark = read_dot(reader, at + width).filter(Mark::is_full)?;
    let end = mark.end + width;
    let closes = reader.count(mark.end, 3, |byte| byte == b'+') == width;
    let fits = closes
        && is_host(left)
        && at >= marks.floor()
        && (dots::is_label_next(reader, left, end) || reader.byte(reader.label(end).end) == b'+');
    fits.then(|| {
        marks.change(at..end, ".", true);
        end
    })
}

/// Undoes percent-encoding of a whole URL that stands by itself: `"http%3A%2F%2Fevil%2Ecom%2Fa"`. Within the query
/// of another it stays.
pub(super) fn percent(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    let reader = marks.reader;
    if at < marks.encoded {
        return decode(marks, at);
    }
    if reader.has(at, "%2E") {
        return percent_dot(marks, at);
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

/// Undoes percent-encoding of a host that stands by itself, and of the path behind: `evil%2Etop%2Fa`.
fn percent_dot(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    let reader = marks.reader;
    let length = reader.count_back(at, 253, |byte| is_host(byte) || byte == b'.');
    let before = reader.before(at - length);
    let label = reader.label(at + 3);
    let dotted = reader.has(label.end, "%2E") || reader.byte(label.end) == b'.';
    let fits = length > 0
        && (is_space(before) || b"\"'`<>(".contains(&before))
        && at - length >= marks.floor()
        && !label.is_empty()
        && (dotted || words::is_top_level(reader.slice(label.clone()).as_bytes()));
    if !fits {
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
