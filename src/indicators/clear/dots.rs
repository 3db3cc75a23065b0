//! Marks for dots and for single characters of values: `[.]`, `(dot)`, `evil[.com`, `evil^.com`, `evil dot com`,
//! `[:]8080`, `com[/]path`, `evil[-]site`.

use std::ops::Range;

use super::marks::Marks;
use super::reader::{Reader, is_blank, is_closer, is_host, is_opener, is_space, is_word};
use super::{escapes, words};

/// Most bytes of one kind within a mark.
const MOST: usize = 4;

/// What a mark stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Core {
    Dot,
    Comma,
    At,
    Colon,
    Slash,
    Hyphen,
    Underscore,
    Backslash,
}

const CORES: &[(&str, Core, bool)] = &[
    (".", Core::Dot, false),
    (",", Core::Comma, false),
    ("@", Core::At, false),
    (":", Core::Colon, false),
    ("/", Core::Slash, false),
    ("-", Core::Hyphen, false),
    ("_", Core::Underscore, false),
    ("dot", Core::Dot, true),
    ("d0t", Core::Dot, true),
    ("period", Core::Dot, true),
    ("point", Core::Dot, true),
    ("punkt", Core::Dot, true),
    ("punto", Core::Dot, true),
    ("at", Core::At, true),
    ("a", Core::At, true),
    ("colon", Core::Colon, true),
    ("slash", Core::Slash, true),
    ("dash", Core::Hyphen, true),
    ("hyphen", Core::Hyphen, true),
    ("underscore", Core::Underscore, true),
];

impl Core {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Dot | Self::Comma => ".",
            Self::At => "@",
            Self::Colon => ":",
            Self::Slash => "/",
            Self::Hyphen => "-",
            Self::Underscore => "_",
            Self::Backslash => "\\",
        }
    }
}

/// A core with brackets or escapes around it, wherever it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub(super) core: Core,
    /// Whether the core is a word.
    pub(super) word: bool,
    /// Behind the last of its bytes.
    pub(super) end: usize,
    /// Brackets that open before the core.
    opens: usize,
    /// Brackets that close before the core without being open: `evil].com`.
    early: usize,
    /// Brackets that close behind the core.
    closes: usize,
    /// Brackets that open behind a core without brackets: `evil.[com`.
    late: usize,
    /// The first bracket, or 0.
    bracket: u8,
}

impl Mark {
    /// Whether brackets stand on both sides of the core.
    pub(super) fn is_full(&self) -> bool {
        self.opens > 0 && self.closes > 0 && self.early == 0
    }

    /// Whether a bracket stands on one side only.
    pub(super) fn is_half(&self) -> bool {
        !self.is_full()
            && self.opens + self.early + self.closes + self.late == 1
            && self.bracket != b'<'
            && self.bracket != b'>'
    }

    /// Whether it has no brackets, only escapes.
    fn is_escaped(&self) -> bool {
        self.opens + self.early + self.closes + self.late == 0
    }
}

/// Reads a mark that begins at `at` with a bracket, an escape or its core.
pub(super) fn read(reader: Reader<'_>, at: usize) -> Option<Mark> {
    let mut mark = Mark {
        core: Core::Dot,
        word: false,
        end: at,
        opens: 0,
        early: 0,
        closes: 0,
        late: 0,
        bracket: 0,
    };
    let at = before_core(reader, at, &mut mark);
    let at = core(reader, at, &mut mark)?;
    mark.end = behind_core(reader, at, &mut mark);
    let bare = mark.is_escaped() && (mark.word || mark.core != Core::Dot);
    (!bare).then_some(mark)
}

fn before_core(reader: Reader<'_>, mut at: usize, mark: &mut Mark) -> usize {
    for _ in 0..2 * MOST {
        let byte = reader.byte(at);
        if is_opener(byte) {
            mark.opens += 1;
        } else if is_closer(byte) {
            mark.early += 1;
        } else if !(is_escape(byte) || is_blank(byte) && mark.opens > 0) {
            break;
        } else if byte == b'\\' && mark.opens > 0 && is_closer(reader.byte(at + 1)) {
            break;
        }
        if mark.bracket == 0 && (is_opener(byte) || is_closer(byte)) {
            mark.bracket = byte;
        }
        at += 1;
    }
    at
}

fn core(reader: Reader<'_>, at: usize, mark: &mut Mark) -> Option<usize> {
    if reader.byte(at) == b'\\' && is_closer(reader.byte(at + 1)) {
        mark.core = Core::Backslash;
        return Some(at + 1);
    }
    let fits = |text: &str, word: bool| {
        reader.has(at, text) && !(word && is_word(reader.byte(at + text.len())))
    };
    let (text, core, word) = CORES.iter().find(|(text, _, word)| fits(text, *word))?;
    mark.core = *core;
    mark.word = *word;
    Some(at + text.len())
}

fn behind_core(reader: Reader<'_>, mut at: usize, mark: &mut Mark) -> usize {
    let mut end = at;
    for _ in 0..2 * MOST {
        let byte = reader.byte(at);
        if is_closer(byte) {
            mark.closes += 1;
        } else if is_opener(byte) && mark.closes == 0 && mark.core == Core::Dot && !mark.word {
            mark.late += 1;
        } else if is_escape(byte) || is_blank(byte) && mark.opens > mark.closes {
            at += 1;
            continue;
        } else {
            break;
        }
        if mark.bracket == 0 {
            mark.bracket = byte;
        }
        at += 1;
        end = at;
    }
    end
}

fn is_escape(byte: u8) -> bool {
    byte == b'\\' || byte == b'^'
}

/// Undoes a mark that begins at a bracket, an escape or a colon.
pub(super) fn bracketed(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    let Some(mark) = read(marks.reader, at) else {
        return glued_word(marks, at);
    };
    match mark.core {
        Core::Dot | Core::Comma => dot(marks, at, mark),
        Core::At => None,
        Core::Colon | Core::Slash | Core::Hyphen | Core::Underscore | Core::Backslash => {
            single(marks, at, mark)
        }
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
        return lone(marks, at..at + 1);
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
            (true, _) => is_spaced(reader, start, next),
        }
    } else {
        mark.core == Core::Dot && is_half(marks, start..next, mark, gaps)
    };
    if !fits {
        return None;
    }
    if mark.opens == 0 && mark.early + mark.closes > 0 && marks.is_open(mark.bracket) {
        return unwrapped(marks, start, at..next);
    }
    marks.change(start..next, ".", true);
    let half_open = mark.opens > 0 && mark.closes == 0 || mark.late > 0;
    if half_open {
        return Some(closed_label(marks, next).unwrap_or(next));
    }
    Some(next)
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
fn gap_behind(reader: Reader<'_>, at: usize) -> usize {
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
                && lower_case(label)
                && lower_case(name)
                && reader.byte(next.end) != b'('
                && !words::is_english_top_level(name.as_bytes()))
}

/// Takes the brackets off a label that ends at `end`, whose closing bracket is part of the mark at `mark`.
fn unwrapped(marks: &mut Marks<'_>, end: usize, mark: Range<usize>) -> Option<usize> {
    let reader = marks.reader;
    let start = end - reader.count_back(end, 63, is_host);
    let label = reader.slice(start..end);
    let at = mark.start;
    let closer = if reader.byte(at) == b'.' { at + 1 } else { at };
    let dot = if closer == at { at + 1 } else { at };
    marks.count(reader.byte(closer));
    marks.change(start.saturating_sub(1)..dot, label, true);
    marks.change(dot..mark.end, ".", true);
    Some(mark.end)
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
fn is_label_next(reader: Reader<'_>, left: u8, at: usize) -> bool {
    let label = reader.label(at);
    let name = reader.slice(label.clone()).as_bytes();
    if name.iter().all(u8::is_ascii_digit) {
        return left.is_ascii_digit() && (1..=3).contains(&name.len());
    }
    let is_dotted = || {
        let next = read_dot(reader, label.end);
        next.is_some_and(|next| is_word(reader.byte(next.end)))
    };
    words::is_top_level(name) || is_dotted()
}

/// Reads a dot in any form, or a plain one.
pub(super) fn read_dot(reader: Reader<'_>, at: usize) -> Option<Mark> {
    read(reader, at).filter(|mark| mark.core == Core::Dot)
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
fn is_spaced(reader: Reader<'_>, start: usize, next: usize) -> bool {
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

/// A dot as a word between blanks, hyphens or underscores: "evil dot com", `evil-dot-com`.
pub(super) fn spelled(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    let reader = marks.reader;
    let edge = reader.byte(at);
    let end = at + 4;
    if !reader.has(at + 1, "dot") || reader.byte(end) != edge {
        return None;
    }
    match edge {
        b' ' => lone(marks, at + 1..end),
        b'-' | b'_' if is_word(reader.before(at)) && at >= marks.floor() => {
            let label = reader.label(end + 1);
            let name = reader.slice(label).as_bytes();
            let first = name.split(|byte| *byte == edge).next().unwrap_or_default();
            let last = first.len() == name.len();
            let fits = last && words::is_top_level(name) && !words::is_english_top_level(name)
                || !last && reader.has(end + 1 + first.len() + 1, "dot");
            fits.then(|| {
                marks.change(at..end + 1, ".", true);
                end + 1
            })
        }
        _ => None,
    }
}

/// A dot, or the word, with blanks around it.
fn lone(marks: &mut Marks<'_>, core: Range<usize>) -> Option<usize> {
    let reader = marks.reader;
    let start = reader.skip_blanks_back(core.start);
    let next = reader.skip_blanks(core.end);
    let (left, right) = (reader.before(start), reader.byte(next));
    if !is_word(left) || !is_word(right) || start < marks.floor() {
        return None;
    }
    let fits = if left.is_ascii_digit() && right.is_ascii_digit() {
        groups_before(reader, start) + groups_behind(reader, next) == 4
    } else {
        is_spelled_name(reader, start..next, &core)
    };
    fits.then(|| {
        marks.change(start..next, ".", true);
        next
    })
}

/// Whether a dot or word with blanks around it joins labels; written as a word it is in one case with them.
fn is_spelled_name(reader: Reader<'_>, around: Range<usize>, core: &Range<usize>) -> bool {
    let word = reader.word_before(around.start);
    let name = reader.slice(reader.label(around.end));
    let sure = word.contains(&b'@') || word.windows(3).any(|part| part == b"://");
    let both = around.start < core.start && core.end < around.end;
    let capital = reader.byte(around.end).is_ascii_uppercase() && reader.byte(core.start) != b'D';
    (both || sure && around.start < core.start)
        && !capital
        && !name.is_empty()
        && is_spaced(reader, around.start, around.end)
}

/// How many numbers of up to three digits with dots between them, in any form, end at `at`; at most 5.
fn groups_before(reader: Reader<'_>, mut at: usize) -> usize {
    for group in 0..5 {
        let digits = reader.count_back(at, 4, |byte| byte.is_ascii_digit());
        if !(1..=3).contains(&digits) {
            return group;
        }
        at -= digits;
        let between = reader.count_back(at, 9, is_between);
        if !is_separator(reader.slice(at - between..at)) {
            return group + 1;
        }
        at -= between;
    }
    5
}

/// How many begin at `at`.
fn groups_behind(reader: Reader<'_>, mut at: usize) -> usize {
    for group in 0..5 {
        let digits = reader.count(at, 4, |byte| byte.is_ascii_digit());
        if !(1..=3).contains(&digits) {
            return group;
        }
        at += digits;
        let between = reader.count(at, 9, is_between);
        if !is_separator(reader.slice(at..at + between)) {
            return group + 1;
        }
        at += between;
    }
    5
}

fn is_between(byte: u8) -> bool {
    b" .[](){}dotDOT".contains(&byte)
}

fn is_separator(between: &str) -> bool {
    between.trim_matches(|edge| " []{}()".contains(edge)) == "."
        || between
            .trim_matches(|edge| " []{}()".contains(edge))
            .eq_ignore_ascii_case("dot")
}
