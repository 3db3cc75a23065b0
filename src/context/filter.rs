//! Which words of a text may begin a name: tables of bits, asked before anything else is done with a word.
//!
//! Words stand in the tables by their first eight bytes and their length, so that the [`pass`](super::pass) over a text does
//! no more than that for most words. What longer names begin with (`the`, `dark`) is often a word of
//! every other sentence: for these the word after them is asked for too. Few names are written with a small letter, and
//! most words of a text are: they have bits of their own.

use super::pass::{Word, mark};

/// Beginnings of names, as Bloom filters of which each key has all its bits in one cell.
#[derive(Debug)]
pub(super) struct Filter {
    /// Words that are names, and words that longer names begin with.
    words: Box<[u64]>,
    /// Every two words that names begin with.
    pairs: Box<[u64]>,
}

/// What the table says of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Begins {
    /// The word is a name, or one with a plural `s`.
    pub whole: bool,
    /// Longer names begin with the word.
    pub longer: bool,
}

/// Cells for words, as a power of two: 256 KB, of which the names of all galaxies set an eighth of the bits, so that one
/// other word in 500 is taken for one of theirs.
const WORDS: u32 = 14;
/// Cells for pairs, as a power of two: 128 KB.
const PAIRS: u32 = 13;
/// How far in a cell the bits of a word that longer names begin with are from those of a name.
const LONGER: u32 = 16;
/// How far the bits of words with a small letter are from those of others.
const SMALL: u32 = 32;

impl Filter {
    pub(super) fn new() -> Self {
        Self {
            words: vec![0; 1 << WORDS].into_boxed_slice(),
            pairs: vec![0; 1 << PAIRS].into_boxed_slice(),
        }
    }

    /// Adds a name, as [`Key`](super::names::Key) folds it, that is one word; `plural`: with an `s` behind it.
    pub(super) fn add_whole(&mut self, key: &[u8], plural: bool, small: bool) {
        self.add(marked(key, plural), 0, small);
    }

    /// Adds two words that a name begins with; `plural`: with an `s` behind the second.
    pub(super) fn add_start(&mut self, first: &[u8], second: &[u8], plural: bool, small: bool) {
        let start = mark(first);
        self.add(start, LONGER, small);
        let hash = pair(start, marked(second, plural));
        if let Some(cell) = self.pairs.get_mut(place(hash, PAIRS)) {
            *cell |= bits(hash);
        }
    }

    fn add(&mut self, mark: u64, turn: u32, small: bool) {
        let hash = mixed(mark);
        if let Some(cell) = self.words.get_mut(place(hash, WORDS)) {
            let bits = bits(hash).rotate_left(turn);
            *cell |= bits | if small { bits.rotate_left(SMALL) } else { 0 };
        }
    }

    /// Whether a name may begin with a word.
    #[inline]
    pub(super) fn begins(&self, word: Word) -> Begins {
        let hash = mixed(word.mark);
        let cell = self.words.get(place(hash, WORDS)).copied().unwrap_or(0);
        // Turned as the bits were set, but the cell, not each of the bits.
        let missing = !cell.rotate_right(if word.small { SMALL } else { 0 });
        let bits = bits(hash);
        Begins {
            whole: missing & bits == 0,
            longer: missing.rotate_right(LONGER) & bits == 0,
        }
    }

    /// Whether a name may begin with two words.
    #[inline]
    pub(super) fn has_pair(&self, first: Word, second: Word) -> bool {
        let hash = pair(first.mark, second.mark);
        let cell = self.pairs.get(place(hash, PAIRS)).copied().unwrap_or(0);
        !cell & bits(hash) == 0
    }
}

/// What stands for a part of a key, with a plural `s` or without, in the tables: as in a text.
fn marked(key: &[u8], plural: bool) -> u64 {
    if plural {
        mark(&[key, b"s"].concat())
    } else {
        mark(key)
    }
}

#[inline]
const fn mixed(mark: u64) -> u64 {
    mark.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The hash of a pair.
#[inline]
const fn pair(first: u64, second: u64) -> u64 {
    mixed(mixed(first).rotate_left(29) ^ second)
}

/// The cell of a hash, of so many as a power of two.
#[inline]
fn place(hash: u64, cells: u32) -> usize {
    usize::try_from(hash >> (64 - cells)).unwrap_or(0)
}

/// The bits of a hash in its cell.
#[inline]
const fn bits(hash: u64) -> u64 {
    1 << (hash >> 42 & 63) | 1 << (hash >> 36 & 63) | 1 << (hash >> 30 & 63)
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
        let mut filter = Filter::new();
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
            let begins = filter.begins(word(text.as_bytes()));
            assert_eq!((begins.whole, begins.longer), (is, false), "{text}");
        }
    }

    #[test]
    fn two_words_are_found_together() {
        let mut filter = Filter::new();
        filter.add_start(b"fancy", b"bear", true, false);
        let has = |first: &str, second: &str| {
            let [first, second] = [first, second].map(|text| word(text.as_bytes()));
            filter.begins(first).longer && filter.has_pair(first, second)
        };
        assert!(!filter.begins(word(b"Fancy Bears")).whole);
        assert!(has("Fancy", "Bears"));
        assert!(has("FANCY", "bears,"));
        assert!(!has("Fancy", "Bear"));
        assert!(!has("fancy", "bears"));
        assert!(!has("Bears", "Fancy"));
    }
}
