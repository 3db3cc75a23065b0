//! The sentence around a place, and how its words are written.

use std::ops::Range;

use super::names::words;
use super::words::{is, role};

/// Farthest that a sentence is looked for to either side, in bytes.
const REACH: usize = 300;

/// The sentence that holds a range of a text, as far as [`REACH`] goes. Cells of a row are sentences of their own.
pub(crate) fn sentence(text: &str, span: &Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    let ends_at = |at: &usize| ends(bytes, *at);
    let least = span.start.saturating_sub(REACH);
    let before = bytes.get(least..span.start).unwrap_or_default();
    let marks = before.iter().enumerate().rev();
    let mut marks = marks
        .filter(|(_, byte)| is_mark(**byte))
        .map(|(at, _)| least + at);
    let mut start = marks.find(ends_at).map_or(least, |at| at + 1);
    let most = (span.end + REACH).min(bytes.len());
    let after = bytes.get(span.end..most).unwrap_or_default();
    let marks = after.iter().enumerate();
    let mut marks = marks
        .filter(|(_, byte)| is_mark(**byte))
        .map(|(at, _)| span.end + at);
    let mut end = marks.find(ends_at).unwrap_or(most);
    // With the mark that ends it.
    if end < most && !matches!(bytes.get(end), Some(b'\t' | b'\n')) {
        end += 1;
    }
    while !text.is_char_boundary(start) {
        start += 1;
    }
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let start = start.min(span.start);
    let end = end.max(span.end);
    let shown = text.get(start..end).unwrap_or_default();
    let blank = shown.len() - shown.trim_start().len();
    (start + blank).min(span.start)..end
}

/// Whether a sentence may end at this byte: what most bytes are not is seen at once.
#[inline]
const fn is_mark(byte: u8) -> bool {
    byte <= b'?' && matches!(byte, b'\t' | b'\n' | b'!' | b'.' | b'?')
}

/// Whether a sentence ends at this mark.
fn ends(bytes: &[u8], at: usize) -> bool {
    let get = |at: usize| bytes.get(at).copied().unwrap_or(b' ');
    match get(at) {
        b'\t' => true,
        b'!' | b'?' => get(at + 1).is_ascii_whitespace(),
        b'.' => {
            let is_followed = get(at + 1).is_ascii_whitespace();
            // `e.g. `, `J. Doe`, `vs. `.
            let letter = at.checked_sub(1).map_or(b' ', get);
            let before = at.checked_sub(2).map_or(b' ', get);
            let is_short = letter.is_ascii_alphabetic() && !before.is_ascii_alphanumeric();
            is_followed && !is_short && !(letter == b's' && before == b'v')
        }
        b'\n' => {
            let last = at.checked_sub(1).map_or(b' ', get);
            let next = get(at + 1);
            !(last == b','
                || next.is_ascii_lowercase()
                || (last.is_ascii_lowercase() && !starts_line(bytes, at)))
        }
        _ => false,
    }
}

/// Whether the line before a line break is too short to have been broken for its length.
fn starts_line(bytes: &[u8], at: usize) -> bool {
    let least = at.saturating_sub(50);
    bytes
        .get(least..at)
        .is_none_or(|line| line.len() < 50 || line.contains(&b'\n'))
}

/// How the words of a text are written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Capitals {
    /// Words of four letters and more.
    all: u32,
    /// Those of them with a capital.
    upper: u32,
    /// Those of them without, but for small words (`from`, `with`).
    lower: u32,
    /// Shorter ones and small ones without a capital.
    small: u32,
}

impl Capitals {
    /// Those of a text.
    pub(super) fn of(text: &str) -> Self {
        let mut capitals = Self::default();
        for (_, word) in words(text) {
            let is_upper = match word.bytes().next() {
                Some(b'a'..=b'z') => false,
                Some(b'A'..=b'Z') => true,
                Some(128..) if word.starts_with(char::is_alphabetic) => {
                    word.starts_with(char::is_uppercase)
                }
                _ => continue,
            };
            // None of these is longer.
            let is_small = word.len() < 4 || (word.len() == 4 && is(word, role::SMALL));
            capitals.all += u32::from(word.len() >= 4);
            match (is_upper, is_small) {
                (true, _) => capitals.upper += u32::from(word.len() >= 4),
                (false, true) => capitals.small += 1,
                (false, false) => capitals.lower += 1,
            }
        }
        capitals
    }

    /// Whether the words of a sentence, those of a name in it excepted, are written with capitals as in a title; where
    /// there are too few words to tell, they are. Titles have few other words without a capital.
    pub(super) fn is_title_case(self, name: &str) -> bool {
        let own = Self::of(name);
        let all = self.all.saturating_sub(own.all);
        let upper = self.upper.saturating_sub(own.upper);
        let lower = self.lower.saturating_sub(own.lower);
        if all < 2 {
            return lower + self.small.saturating_sub(own.small) < 2;
        }
        upper * 10 >= all * 6 && lower < 2
    }

    /// Whether words without a capital make it a sentence rather than a line in capitals.
    pub(super) const fn is_prose(self) -> bool {
        self.lower + self.small >= 2 && self.lower >= 1
    }
}

/// A range of a text for people: on one line, of at most so many characters.
pub(super) fn shown(text: &str, sentence: &Range<usize>) -> String {
    let text = text.get(sentence.clone()).unwrap_or_default();
    // Blanks that are none of ASCII are for the look of a page.
    if text.is_ascii() || !text.contains(|c: char| !c.is_ascii() && c.is_whitespace()) {
        return crate::plain::short(text, MAX_SHOWN);
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    crate::plain::short(&words.join(" "), MAX_SHOWN)
}

/// Longest sentence shown, in characters.
const MAX_SHOWN: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_at_full_stops_cells_and_lines() {
        for (text, name, want) in [
            ("One. Emotet is two. Three.", "Emotet", "Emotet is two."),
            (
                "It uses e.g. Emotet here. No.",
                "Emotet",
                "It uses e.g. Emotet here.",
            ),
            ("a\tEmotet\tb", "Emotet", "Emotet"),
            (
                "Version 3.0 of Emotet 2.1 came! Yes",
                "Emotet",
                "Version 3.0 of Emotet 2.1 came!",
            ),
            (
                "Title here\nEmotet came back.",
                "Emotet",
                "Emotet came back.",
            ),
            (
                "a long line that was broken for its length, as in the\nEmotet case.",
                "Emotet",
                "a long line that was broken for its length, as in the\nEmotet case.",
            ),
        ] {
            let start = text.find(name).unwrap();
            let found = sentence(text, &(start..start + name.len()));
            assert_eq!(text.get(found), Some(want));
        }
    }

    #[test]
    fn title_case_is_told_from_prose() {
        for (text, name, is) in [
            ("New Royal Ransomware Hits Hospitals", "Royal", true),
            (
                "In May the operators of Royal came back to hospitals",
                "Royal",
                false,
            ),
            ("Royal", "Royal", true),
        ] {
            assert_eq!(Capitals::of(text).is_title_case(name), is, "{text}");
        }
    }
}
