//! Marks for dots and for other single characters of values: `[.]`, `(dot)`, `evil[.com`, `evil^.com`, `[:]8080`,
//! `com[/]path`, `evil[-]site`.

use std::ops::Range;

use super::mark::{Core, Mark, is_escape, read, read_dot};
use super::marks::Marks;
use super::reader::{Reader, is_blank, is_closer, is_host, is_opener, is_space, is_word};
use super::{escapes, spelled, words};

/// Undoes a mark that begins at a bracket, an escape or a colon.
pub(super) fn bracketed(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    let Some(mark) = read(marks.reader, at) else {
        return glued_word(marks, at);
    };
    match mark.core {
        Core::Dot | Core::Comma => dot(marks, at, mark),
        Core::At => None,
        Core::Colon
        | Core::Colons
        | Core::Slash
        | Core::Hyphen
        | Core::Underscore
        | Core::Backslash => single(marks, at, mark),
    }
}

/// Undoes a mark that begins with a dot, or a dot with blanks around it.
pub(super) fn plain(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    let reader = marks.reader;
    let next = reader.byte(at + 1);
    if is_opener(next) || is_closer(next) || is_escape(next) {
        return dot(marks, at, read(reader, at)?);
    }
    if is_blank(reader.before(at)) || is_blank(next) && reader.before(at).is_ascii_digit() {
        return spelled::lone(marks, at..at + 1);
    }
    None
}

/// A character other than a dot, in brackets, within a value.
fn single(marks: &mut Marks<'_>, at: usize, mark: Mark) -> Option<usize> {
    let (left, right) = (marks.reader.before(at), marks.reader.byte(mark.end));
    let fits = match mark.core {
        Core::Colon if mark.is_half() => {
            is_word(left)
                && right.is_ascii_digit()
                && !(is_closer(mark.bracket) && marks.is_open(mark.bracket))
        }
        _ if !mark.is_full() => false,
        Core::Colon => {
            (is_word(left) || matches!(left, b':' | b']'))
                && (is_word(right) || matches!(right, b':' | b'[' | b'/'))
        }
        Core::Colons => is_between_groups(marks.reader, at, mark.end),
        Core::Slash => is_word(left) || left == b'/' || at == marks.floor() && left > b' ',
        Core::Backslash => (is_word(left) || left == b':') && is_word(right),
        _ => is_host(left) && is_word(right),
    };
    if !fits {
        return None;
    }
    marks.change(at..mark.end, mark.core.text(), true);
    Some(mark.end)
}

/// Whether two colons stand between groups of an IPv6 address: hexadecimal digits, with another colon or a decimal
/// digit to show that no code is meant (`a[::]b`).
fn is_between_groups(reader: Reader<'_>, at: usize, end: usize) -> bool {
    let hex = |byte: u8| byte.is_ascii_hexdigit();
    let (left, right) = (reader.count_back(at, 5, hex), reader.count(end, 5, hex));
    let (before, behind) = (reader.before(at - left), reader.byte(end + right));
    let digit = |group: Range<usize>| {
        reader
            .slice(group)
            .bytes()
            .any(|byte| byte.is_ascii_digit())
    };
    (1..=4).contains(&left)
        && (1..=4).contains(&right)
        && !is_host(before)
        && !is_host(behind)
        && (matches!(before, b':' | b']')
            || matches!(behind, b':' | b'[')
            || digit(at - left..at) && digit(end..end + right))
}

/// A dot, with its brackets and escapes.
fn dot(marks: &mut Marks<'_>, at: usize, mark: Mark) -> Option<usize> {
    let reader = marks.reader;
    let start = gap_before(reader, at);
    let next = gap_behind(reader, mark.end);
    let (left, right) = (reader.before(start), reader.byte(next));
    let gaps = (start < at, mark.end < next);
    if !(is_host(left) || left == b'*') || !is_word(right) || start < marks.floor() {
        return None;
    }
    let fits = if mark.is_escaped() {
        gaps == (false, false) && escapes::is_value(marks, at)
    } else if mark.is_full() {
        match gaps {
            (false, false) => mark.core == Core::Dot || is_label_next(reader, left, next),
            (false, true) => {
                mark.bracket != b'('
                    && is_label_next(reader, left, next)
                    && !is_wordy(reader, start, next)
            }
            (true, _) => {
                !ends_line(reader, start..at, mark.end..next) && is_spaced(reader, start, next)
            }
        }
    } else {
        mark.core == Core::Dot && is_half(marks, start..next, mark, gaps)
    };
    if !fits {
        return None;
    }
    if mark.opens == 0 && mark.early + mark.closes > 0 && marks.is_open(mark.bracket) {
        unwrapped(marks, start, &(at..next));
        return Some(next);
    }
    marks.change(start..next, ".", true);
    let half_open = mark.opens > 0 && mark.closes == 0 || mark.late > 0;
    if half_open {
        return Some(closed_label(marks, next).unwrap_or(next));
    }
    Some(next)
}

/// Whether a blank stands before a mark and a line break behind it: the mark ends a sentence about marks.
fn ends_line(reader: Reader<'_>, before: Range<usize>, behind: Range<usize>) -> bool {
    reader.slice(before).starts_with([' ', '\t']) && reader.slice(behind).contains('\n')
}

/// The start of the few blanks, or of the line break, before a mark.
fn gap_before(reader: Reader<'_>, at: usize) -> usize {
    let start = reader.skip_blanks_back(at);
    match reader.before(start) {
        b'\n' if start == at => start - 1,
        _ => start,
    }
}

/// The end of the few blanks, or of the line break and what the next line is indented by, behind a mark.
pub(super) fn gap_behind(reader: Reader<'_>, at: usize) -> usize {
    let end = reader.skip_blanks(at);
    let line = if reader.byte(end) == b'\r' {
        end + 1
    } else {
        end
    };
    if reader.byte(line) == b'\n' {
        reader.skip_blanks(line + 1)
    } else {
        end
    }
}

/// Half a mark: the other side of the dot must look like a host name or an address.
fn is_half(marks: &Marks<'_>, around: Range<usize>, mark: Mark, gaps: (bool, bool)) -> bool {
    let reader = marks.reader;
    let left = reader.before(around.start);
    if matches!(mark.bracket, b'<' | b'>') || mark.opens > 0 && mark.early > 0 {
        return false;
    }
    let closes = mark.early + mark.closes > 0;
    if closes
        && mark.opens == 0
        && marks.is_open(mark.bracket)
        && !is_wrapped(reader, around.start, mark)
    {
        return false;
    }
    if gaps.1 && !(mark.word && mark.opens > 0) {
        return false;
    }
    if gaps.0 {
        return mark.opens > 0 && is_spaced(reader, around.start, around.end);
    }
    let label = reader.label(around.end);
    let behind = reader.byte(label.end);
    if mark.bracket == b'(' && mark.late > 0 && is_blank(behind) {
        return false;
    }
    is_label_next(reader, left, around.end)
}

/// Whether what a closing bracket beside a dot closes is a label by itself: `[www].evil.com`, `[www.]evil.com`.
fn is_wrapped(reader: Reader<'_>, at: usize, mark: Mark) -> bool {
    let start = at - reader.count_back(at, 63, is_host);
    let label = reader.slice(start..at);
    let lower_case = |label: &str| !label.bytes().any(|byte| byte.is_ascii_uppercase());
    let next = reader.label(mark.end);
    let before = reader.before(start.saturating_sub(1));
    let name = reader.slice(next.clone());
    mark.early + mark.closes == 1
        && is_opener(reader.before(start))
        && (is_space(before) || b"/@\"'`".contains(&before))
        && (label.eq_ignore_ascii_case("www")
            || label.len() > 1
                && reader.before(start) == b'['
                && !words::is_placeholder(label.as_bytes())
                && lower_case(label)
                && lower_case(name)
                && reader.byte(next.end) != b'('
                && !words::is_english_top_level(name.as_bytes()))
}

/// Takes the brackets off a label that ends at `end`, whose closing bracket is part of the mark at `mark`.
fn unwrapped(marks: &mut Marks<'_>, end: usize, mark: &Range<usize>) {
    let reader = marks.reader;
    let start = end - reader.count_back(end, 63, is_host);
    let label = reader.slice(start..end);
    let at = mark.start;
    let closer = if reader.byte(at) == b'.' { at + 1 } else { at };
    let dot = if closer == at { at + 1 } else { at };
    marks.count(reader.byte(closer));
    marks.change(start.saturating_sub(1)..dot, label, true);
    marks.change(dot..mark.end, ".", true);
}

/// Half a mark around the word: `evildot]com`.
fn glued_word(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    let reader = marks.reader;
    let closer = reader.byte(at);
    let start = at.checked_sub(3)?;
    let left = reader.before(start);
    let fits = is_closer(closer)
        && closer != b'>'
        && reader.has(start, "dot")
        && is_word(left)
        && start >= marks.floor()
        && !marks.is_open(closer)
        && is_label_next(reader, left, at + 1);
    fits.then(|| {
        marks.change(start..at + 1, ".", true);
        at + 1
    })
}

/// Whether a label that begins there can follow a dot after `left`: a number after a number, a top-level name,
/// or a label before another dot.
pub(super) fn is_label_next(reader: Reader<'_>, left: u8, at: usize) -> bool {
    let label = reader.label(at);
    let name = reader.slice(label.clone()).as_bytes();
    if name.iter().all(u8::is_ascii_digit) {
        return left.is_ascii_digit() && (1..=3).contains(&name.len());
    }
    let is_dotted = || {
        let dot = reader.skip_blanks(label.end);
        let next = read_dot(reader, dot)
            .filter(|next| dot == label.end || next.is_full() && !words::is_function_word(name));
        next.is_some_and(|next| is_word(reader.byte(gap_behind(reader, next.end))))
    };
    words::is_top_level(name) || is_dotted()
}

/// Whether the label at `next` says nothing by itself and the word before `start` does not either.
fn is_wordy(reader: Reader<'_>, start: usize, next: usize) -> bool {
    let label = reader.label(next);
    let name = reader.slice(label.clone()).as_bytes();
    let word = reader.word_before(start);
    let plain = word.iter().all(u8::is_ascii_alphabetic);
    words::is_english_top_level(name) && plain && is_blank(reader.byte(label.end))
}

/// Whether a mark with a blank before it, where `start` is, joins two labels: "evil [.] com", but not
/// "the [.]com domain".
pub(super) fn is_spaced(reader: Reader<'_>, start: usize, next: usize) -> bool {
    let label = reader.label(next);
    let behind = reader.label(reader.skip_blanks(label.end));
    let behind = reader.slice(behind).as_bytes();
    is_label_next(reader, reader.before(start), next)
        && !is_wordy(reader, start, next)
        && !words::is_function_word(reader.word_before(start))
        && !words::is_about_names(behind)
}

/// The bracket behind a label that half a mark opened: `evil[.com]`.
fn closed_label(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    let label = marks.reader.label(at);
    let closer = marks.reader.byte(label.end);
    if !is_closer(closer) || closer == b'>' || marks.is_open(closer) {
        return None;
    }
    let name = marks.reader.slice(label.clone());
    marks.change(label.start..label.end + 1, name, true);
    Some(label.end + 1)
}
