//! Which words of a text may begin a name: tables of bits, asked before anything else is done with a word.
//!
//! Words stand in the tables by their first eight bytes and their length, so that the [`pass`](super::pass) over a text does
//! no more than that for most words. What longer names begin with (`the`, `dark`) is often a word of
//! every other sentence: these are asked for together with the word after them. Few names are written with a small letter,
//! and most words of a text are: how a name begins stands in the tables, too.

use super::names::SPREAD;
use super::pass::{Word, mark};

/// Beginnings of names, as Bloom filters: one for words, and one for pairs of words. Both lie together by the (first) word, as
/// little of them is in the machine's cache when a text comes.
#[derive(Debug)]
pub(super) struct Filter {
    /// As many as a power of two.
    lines: Box<[Line]>,
    /// How far the highest bits of a hash, which say its line, are from the lowest.
    shift: u32,
}

/// What is known of the words with a part of a hash: a line of the cache.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
struct Line {
    /// Words that are names.
    words: Cells,
    /// Every two words that names begin with.
    pairs: Cells,
}

/// Bits, of which each key has all of its own in one.
type Cells = [u64; 4];

/// So many names share a line: with their plurals and in small letters they set a tenth of its bits for words, so that one
/// other word in a hundred is taken for one of theirs. Pairs crowd where many names begin with one word (`the`), so that one
/// in twenty is looked up for nothing. All galaxies' names take 256 KB.
const SHARE: usize = 5;
/// The highest bits of a hash are left to its line.
const LINE: u32 = 20;

/// What a word is looked for by, and where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sought<'a> {
    hash: u64,
    line: &'a Line,
}

impl Filter {
    /// For so many names.
    pub(super) fn new(names: usize) -> Self {
        let lines = (names / SHARE).next_power_of_two().max(2);
        Self {
            lines: vec![Line::default(); lines].into_boxed_slice(),
            shift: 64 - lines.trailing_zeros(),
        }
    }

    /// Adds a name, as [`Key`](super::names::Key) folds it, that is one word; `plural`: with an `s` behind it; `small`: also
    /// where it begins with a small letter.
    pub(super) fn add_whole(&mut self, key: &[u8], plural: bool, small: bool) {
        for mark in written(marked(key, plural), key, small) {
            let hash = spread(mark);
            if let Some(line) = self.line_mut(hash) {
                set(&mut line.words, hash << LINE);
            }
        }
    }

    /// Adds two words that a name begins with; `plural`: with an `s` behind the second.
    pub(super) fn add_start(&mut self, first: &[u8], second: &[u8], plural: bool, small: bool) {
        let second = marked(second, plural);
        for first in written(mark(first), first, small) {
            let hash = spread(first);
            if let Some(line) = self.line_mut(hash) {
                set(&mut line.pairs, pair(hash, second));
            }
        }
    }

    /// Looks for a word.
    #[inline]
    pub(super) fn seek(&self, word: Word) -> Sought<'_> {
        let hash = spread(word.mark);
        let line = self.lines.get(self.place(hash)).unwrap_or(&NOTHING);
        Sought { hash, line }
    }

    fn line_mut(&mut self, hash: u64) -> Option<&mut Line> {
        let place = self.place(hash);
        self.lines.get_mut(place)
    }

    #[inline]
    fn place(&self, hash: u64) -> usize {
        usize::try_from(hash >> self.shift).unwrap_or(0)
    }
}

static NOTHING: Line = Line {
    words: [0; 4],
    pairs: [0; 4],
};

impl Sought<'_> {
    /// No word.
    pub(super) const NONE: Self = Self {
        hash: 0,
        line: &NOTHING,
    };

    /// Whether the word may be a name.
    #[inline]
    pub(super) fn is_name(self) -> bool {
        has(&self.line.words, self.hash << LINE)
    }

    /// Whether a name may begin with the word and the next one.
    #[inline]
    pub(super) fn begins(self, next: Word) -> bool {
        has(&self.line.pairs, pair(self.hash, next.mark))
    }
}

/// What stands for a part of a key, with a plural `s` or without: as in a text, in small letters.
fn marked(key: &[u8], plural: bool) -> u64 {
    if plural {
        mark(&[key, b"s"].concat())
    } else {
        mark(key)
    }
}

/// What stands for a part of a key that is marked so, as it may be written: with a capital, `small`: and without.
fn written(mark: u64, key: &[u8], small: bool) -> impl Iterator<Item = u64> {
    let is_letter = key.first().is_some_and(u8::is_ascii_lowercase);
    let capital = is_letter.then_some(mark & !SMALL);
    capital
        .into_iter()
        .chain((small || !is_letter).then_some(mark))
}

/// The bit of a mark that small letters have over capitals, in the first byte.
const SMALL: u64 = 0x20;

#[inline]
const fn spread(mark: u64) -> u64 {
    mark.wrapping_mul(SPREAD)
}

/// The hash of a pair, by that of the first word and the mark of the second, which may begin as it likes.
#[inline]
const fn pair(first: u64, second: u64) -> u64 {
    spread(first.rotate_left(29) ^ (second | SMALL))
}

fn set(cells: &mut Cells, hash: u64) {
    if let Some(cell) = cells.get_mut(cell(hash)) {
        *cell |= bits(hash);
    }
}

#[inline]
fn has(cells: &Cells, hash: u64) -> bool {
    let cell = cells.get(cell(hash)).copied().unwrap_or(0);
    !cell & bits(hash) == 0
}

/// The cell of a hash: its highest bits.
#[inline]
fn cell(hash: u64) -> usize {
    usize::try_from(hash >> 62).unwrap_or(0)
}

/// The bits of a hash in its cell: those after.
#[inline]
const fn bits(hash: u64) -> u64 {
    1 << (hash >> 56 & 63) | 1 << (hash >> 50 & 63)
}

#[cfg(test)]
mod tests {
    use super::super::pass::words;
    use super::*;

    fn word(text: &[u8]) -> Word {
        let mut first = None;
        words(std::str::from_utf8(text).unwrap(), |word| {
            first.get_or_insert(word);
        });
        first.unwrap()
    }

    #[test]
    fn a_word_is_found_in_any_case_and_no_other_word() {
        let mut filter = Filter::new(10);
        for (name, small) in [
            ("emotet", true),
            ("russianbusinessnetwork", false),
            ("ünd", true),
        ] {
            filter.add_whole(name.as_bytes(), false, small);
        }
        for (text, is) in [
            ("Emotet.", true),
            ("EMOTET", true),
            ("emotet", true),
            ("emotets", false),
            ("emote", false),
            ("RussianBusinessNetwork, it", true),
            ("russianbusinessnetwork", false),
            ("RussianBusiness", false),
            ("ünd", true),
            ("und", false),
        ] {
            let sought = filter.seek(word(text.as_bytes()));
            assert_eq!(sought.is_name(), is, "{text}");
        }
    }

    #[test]
    fn two_words_are_found_together() {
        let mut filter = Filter::new(10);
        filter.add_start(b"fancy", b"bear", true, false);
        let has = |first: &str, second: &str| {
            let [first, second] = [first, second].map(|text| word(text.as_bytes()));
            filter.seek(first).begins(second)
        };
        assert!(!filter.seek(word(b"Fancy Bears")).is_name());
        assert!(has("Fancy", "Bears"));
        assert!(has("FANCY", "bears,"));
        assert!(!has("Fancy", "Bear"));
        assert!(!has("fancy", "bears"));
        assert!(!has("Bears", "Fancy"));
    }
}
