//! Second pass: marks, from left to right.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::changes::Change;
use super::reader::{Reader, is_closer, is_opener};
use super::{ats, breaks, dots, escapes, schemes, spelled};

/// Where a mark may begin.
const TRIGGERS: &[u8] = b"[]{}()<>\\^:.@+_%\n";

static IS_TRIGGER: [bool; 256] = table();

const fn table() -> [bool; 256] {
    let mut table = [false; 256];
    let mut number = 0;
    while number < TRIGGERS.len() {
        #[expect(clippy::indexing_slicing, reason = "checked by the compiler")]
        {
            table[TRIGGERS[number] as usize] = true;
        }
        number += 1;
    }
    table
}

/// What undoes the marks in a text.
pub(super) fn changes(text: &str) -> Vec<Change<'_>> {
    let mut marks = Marks::new(text);
    let mut spelled = Spelled::new(text);
    let mut at = 0;
    while let Some(found) = next(text.as_bytes(), at, spelled.next(at)) {
        at = marks.undo(found).max(found + 1);
    }
    marks.changes
}

/// The next trigger, or the next spelled mark if that comes first.
fn next(bytes: &[u8], from: usize, spelled: Option<usize>) -> Option<usize> {
    let rest = bytes.get(from..spelled.unwrap_or(bytes.len()))?;
    let found = rest.iter().position(|byte| {
        IS_TRIGGER
            .get(usize::from(*byte))
            .copied()
            .unwrap_or_default()
    });
    found.map(|found| from + found).or(spelled)
}

/// Finds marks that are words between blanks, hyphens or underscores.
struct Spelled<'a> {
    text: &'a [u8],
    /// Where each of [`WORDS`] stands next.
    next: [Option<usize>; WORDS.len()],
    /// The first of them.
    first: Option<usize>,
}

/// The words, and how far behind the blank before it each one stands.
const WORDS: [(&str, usize); 6] = [
    ("dot", 1),
    ("Dot", 1),
    ("DOT", 1),
    (" at ", 0),
    (" AT ", 0),
    ("-at-", 0),
];

/// Searches for them, made once: most texts are a line.
static FINDERS: LazyLock<[Finder<'static>; WORDS.len()]> =
    LazyLock::new(|| WORDS.map(|(word, _)| Finder::new(word)));

impl<'a> Spelled<'a> {
    fn new(text: &'a str) -> Self {
        let mut spelled = Self {
            text: text.as_bytes(),
            next: [Some(0); WORDS.len()],
            first: Some(0),
        };
        spelled.advance(0);
        spelled
    }

    /// The first at or behind `from`.
    fn next(&mut self, from: usize) -> Option<usize> {
        if self.first.is_some_and(|first| first < from) {
            self.advance(from);
        }
        self.first
    }

    /// Looks again for the words that stand before `from`.
    fn advance(&mut self, from: usize) {
        self.first = None;
        for ((next, finder), (_, ahead)) in self.next.iter_mut().zip(FINDERS.iter()).zip(WORDS) {
            let Some(at) = *next else { continue };
            if at < from || from == 0 {
                let rest = self.text.get(from..).unwrap_or_default();
                *next = finder
                    .find(rest)
                    .map(|found| (from + found).saturating_sub(ahead).max(from));
            }
            self.first = match (self.first, *next) {
                (Some(first), Some(at)) => Some(first.min(at)),
                (first, at) => first.or(at),
            };
        }
    }
}

/// The marks undone so far.
#[derive(Debug)]
pub(super) struct Marks<'a> {
    pub(super) reader: Reader<'a>,
    changes: Vec<Change<'a>>,
    /// Brackets of each kind that are open in the line and no marks: `(see evil.com.)` closes one.
    open: [u32; 4],
    /// The token whose backslashes were looked at last.
    pub(super) token: escapes::Token,
    /// The marks that close the passthrough opened last.
    pub(super) passthrough: std::ops::Range<usize>,
    /// Where the percent-encoded URL at hand ends.
    pub(super) encoded: usize,
}

impl<'a> Marks<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            reader: Reader::new(text),
            changes: Vec::new(),
            open: [0; 4],
            token: escapes::Token::default(),
            passthrough: 0..0,
            encoded: 0,
        }
    }

    /// Undoes the mark that begins at `at`, if one does, and says where to go on.
    fn undo(&mut self, at: usize) -> usize {
        let byte = self.reader.byte(at);
        let end = match byte {
            b'\n' => {
                self.open = [0; 4];
                breaks::undo(self, at)
            }
            b'.' => dots::plain(self, at),
            b'_' => schemes::undo(self, at)
                .or_else(|| ats::spelled(self, at))
                .or_else(|| spelled::undo(self, at)),
            b'+' => escapes::passthrough(self, at),
            b'%' => escapes::percent(self, at),
            b'@' => ats::undo(self, at),
            b':' => schemes::undo(self, at).or_else(|| dots::bracketed(self, at)),
            b'\\' | b'^' => schemes::undo(self, at)
                .or_else(|| dots::bracketed(self, at))
                .or_else(|| ats::undo(self, at))
                .or_else(|| escapes::undo(self, at)),
            _ if is_opener(byte) || is_closer(byte) => schemes::undo(self, at)
                .or_else(|| dots::bracketed(self, at))
                .or_else(|| ats::undo(self, at)),
            _ => spelled::undo(self, at).or_else(|| ats::spelled(self, at)),
        };
        if end.is_none() {
            self.count(byte);
        }
        end.unwrap_or(at + 1)
    }

    /// Counts a bracket that is no mark.
    pub(super) fn count(&mut self, byte: u8) {
        if let Some(open) = kind(byte).and_then(|kind| self.open.get_mut(kind)) {
            *open = if is_opener(byte) {
                open.saturating_add(1)
            } else {
                open.saturating_sub(1)
            };
        }
    }

    /// Whether a closing bracket at hand closes one that is no mark.
    pub(super) fn is_open(&self, closer: u8) -> bool {
        kind(closer)
            .and_then(|kind| self.open.get(kind))
            .is_some_and(|open| *open > 0)
    }

    /// Where the last change ended; nothing before may be changed, only taken back.
    pub(super) fn floor(&self) -> usize {
        self.changes.last().map_or(0, |change| change.written.end)
    }

    /// Changes a range behind the last change. A range that begins before its end is left alone.
    pub(super) fn change(&mut self, written: std::ops::Range<usize>, text: &'a str, defang: bool) {
        if written.start >= self.floor() && self.reader.slice(written.clone()) != text {
            self.changes.push(Change {
                written,
                text,
                defang,
            });
        }
    }

    /// Takes back what was changed from `at` on.
    pub(super) fn take_back(&mut self, at: usize) {
        while self
            .changes
            .last()
            .is_some_and(|change| change.written.start >= at)
        {
            self.changes.pop();
        }
    }
}

fn kind(bracket: u8) -> Option<usize> {
    match bracket {
        b'[' | b']' => Some(0),
        b'(' | b')' => Some(1),
        b'{' | b'}' => Some(2),
        b'<' | b'>' => Some(3),
        _ => None,
    }
}
