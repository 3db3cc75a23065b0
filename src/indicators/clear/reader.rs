//! Looking around in a text: bounded steps on bytes, and nothing beyond the ends.

use std::ops::Range;

/// Longest label of a host name (RFC 1035, section 2.3.4).
const LABEL: usize = 63;
/// Most bytes of a word that are read backwards.
const WORD: usize = 80;
/// Most blanks that may stand between a mark and what it belongs to.
const BLANKS: usize = 3;

/// A text to look around in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
        }
    }

    pub(super) fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// The byte at `at`, or 0 beyond the ends.
    pub(super) fn byte(self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or_default()
    }

    /// The byte before `at`, or 0 at the start.
    pub(super) fn before(self, at: usize) -> u8 {
        at.checked_sub(1).map_or(0, |at| self.byte(at))
    }

    /// A range of the text; empty if it is none.
    pub(super) fn slice(self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or_default()
    }

    /// Whether a keyword stands there, in any case.
    pub(super) fn has(self, at: usize, keyword: &str) -> bool {
        self.bytes
            .get(at..at.saturating_add(keyword.len()))
            .is_some_and(|found| found.eq_ignore_ascii_case(keyword.as_bytes()))
    }

    /// End of the blanks at `at`, if they are few; `at` otherwise.
    pub(super) fn skip_blanks(self, at: usize) -> usize {
        let count = self.count(at, BLANKS + 1, is_blank);
        if count > BLANKS { at } else { at + count }
    }

    /// Start of the blanks before `at`, if they are few; `at` otherwise.
    pub(super) fn skip_blanks_back(self, at: usize) -> usize {
        let count = self.count_back(at, BLANKS + 1, is_blank);
        if count > BLANKS { at } else { at - count }
    }

    /// How many bytes from `at` on are of a kind, at most `max`.
    pub(super) fn count(self, at: usize, max: usize, kind: impl Fn(u8) -> bool) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        rest.iter()
            .take(max)
            .take_while(|byte| kind(**byte))
            .count()
    }

    /// How many bytes before `at` are of a kind, at most `max`.
    pub(super) fn count_back(self, at: usize, max: usize, kind: impl Fn(u8) -> bool) -> usize {
        let rest = self.bytes.get(..at).unwrap_or_default();
        rest.iter()
            .rev()
            .take(max)
            .take_while(|byte| kind(**byte))
            .count()
    }

    /// The label that begins at `at`; empty if none does or it is too long for one.
    pub(super) fn label(self, at: usize) -> Range<usize> {
        let length = self.count(at, LABEL + 1, is_host);
        at..at + if length > LABEL { 0 } else { length }
    }

    /// The word that ends at `at`: host, account or number. Cut when it is very long.
    pub(super) fn word_before(self, at: usize) -> &'a [u8] {
        let length = self.count_back(at, WORD, |byte| is_host(byte) || b".@+%/:".contains(&byte));
        self.bytes.get(at - length..at).unwrap_or_default()
    }
}

/// A byte that labels are made of; bytes beyond ASCII belong to international ones.
pub(super) fn is_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' || byte >= 0x80
}

/// A byte that labels begin and end with.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// A blank within a line.
pub(super) fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// A blank or the end of a line or of the text.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, 0..=b' ')
}

/// What may open a mark.
pub(super) fn is_opener(byte: u8) -> bool {
    matches!(byte, b'[' | b'(' | b'{' | b'<')
}

/// What may close a mark.
pub(super) fn is_closer(byte: u8) -> bool {
    matches!(byte, b']' | b')' | b'}' | b'>')
}

/// What may open or close a mark.
pub(super) fn is_bracket(byte: u8) -> bool {
    is_opener(byte) || is_closer(byte)
}
