//! What a mark is made of: brackets, escapes and blanks around a character or the word for it.

use super::reader::{Reader, is_blank, is_closer, is_opener, is_word};

/// Most bytes of one kind within a mark.
const MOST: usize = 4;

/// What a mark stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Core {
    Dot,
    Comma,
    At,
    Colon,
    /// The zeros left out of an IPv6 address (RFC 4291, section 2.2).
    Colons,
    Slash,
    Hyphen,
    Underscore,
    Backslash,
}

/// Words for single characters, in the languages that reports are written in.
const WORDS: &[(&str, Core)] = &[
    ("dot", Core::Dot),
    ("d0t", Core::Dot),
    ("period", Core::Dot),
    ("point", Core::Dot),
    ("punkt", Core::Dot),
    ("punto", Core::Dot),
    ("at", Core::At),
    ("a", Core::At),
    ("colon", Core::Colon),
    ("slash", Core::Slash),
    ("dash", Core::Hyphen),
    ("hyphen", Core::Hyphen),
    ("underscore", Core::Underscore),
];

impl Core {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Dot | Self::Comma => ".",
            Self::At => "@",
            Self::Colon => ":",
            Self::Colons => "::",
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
    pub(super) opens: usize,
    /// Brackets that close before the core without being open: `evil].com`.
    pub(super) early: usize,
    /// Brackets that close behind the core.
    pub(super) closes: usize,
    /// Brackets that open behind a core without brackets: `evil.[com`.
    pub(super) late: usize,
    /// The first bracket, or 0.
    pub(super) bracket: u8,
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
    pub(super) fn is_escaped(&self) -> bool {
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
    let bare = mark.is_escaped() && mark.core != Core::Dot;
    (!bare).then_some(mark)
}

fn before_core(reader: Reader<'_>, mut at: usize, mark: &mut Mark) -> usize {
    for _ in 0..2 * MOST {
        let byte = reader.byte(at);
        let is_core = byte == b'\\' && mark.opens > 0 && is_closer(reader.byte(at + 1));
        if is_opener(byte) {
            mark.opens += 1;
        } else if is_closer(byte) {
            mark.early += 1;
        } else if is_core || !(is_escape(byte) || is_blank(byte) && mark.opens > 0) {
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
    if mark.opens > 0 && reader.has(at, "::") {
        mark.core = Core::Colons;
        return Some(at + 2);
    }
    let sign = match reader.byte(at) {
        b'.' => Core::Dot,
        b',' => Core::Comma,
        b'@' => Core::At,
        b':' => Core::Colon,
        b'/' => Core::Slash,
        b'-' => Core::Hyphen,
        b'_' => Core::Underscore,
        first => return word(reader, at, first, mark),
    };
    mark.core = sign;
    Some(at + 1)
}

/// A word for a character, in any case; `first` is its first byte.
fn word(reader: Reader<'_>, at: usize, first: u8, mark: &mut Mark) -> Option<usize> {
    if mark.opens == 0 || !b"dpacshu".contains(&first.to_ascii_lowercase()) {
        return None;
    }
    let length = reader.count(at, 12, is_word);
    let found = reader.bytes().get(at..at + length)?;
    let (_, core) = WORDS
        .iter()
        .find(|(word, _)| word.as_bytes().eq_ignore_ascii_case(found))?;
    mark.core = *core;
    mark.word = true;
    Some(at + length)
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

pub(super) fn is_escape(byte: u8) -> bool {
    byte == b'\\' || byte == b'^'
}

/// Reads a dot in any form, or a plain one.
pub(super) fn read_dot(reader: Reader<'_>, at: usize) -> Option<Mark> {
    read(reader, at).filter(|mark| mark.core == Core::Dot)
}
