//! Which words of a text may begin a name: tables of bits, asked before anything else is done with a word.
//!
//! Words are read eight bytes at a time, and stand in the tables by their first eight bytes and their length, so that the
//! pass over a text does no more than that for most words. What longer names begin with (`the`, `dark`) is often a word of
//! every other sentence: for these the word after them is asked for too. Few names are written with a small letter, and
//! most words of a text are: they have bits of their own.

use super::names::{EMPTY, folded, hashed};

/// Beginnings of names.
#[derive(Debug)]
pub(super) struct Filter {
    /// [`WHOLE`] and the like, four bits for each of [`SLOTS`].
    words: Box<[u8]>,
    /// A bit for each two words that names begin with.
    pairs: Box<[u64]>,
}

/// The word is a name, or one with a plural `s`.
const WHOLE: u8 = 1;
/// Longer names begin with the word.
const START: u8 = 1 << 1;
/// How far the same bits for words with a small letter are from those.
const SMALL: u8 = 2;

/// What the table says of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Begins(u8);

impl Begins {
    /// Whether it begins any name.
    #[inline]
    pub(super) const fn any(self) -> bool {
        self.0 & (WHOLE | START) != 0
    }

    /// Whether it is no name by itself.
    #[inline]
    pub(super) const fn only_longer(self) -> bool {
        self.0 & WHOLE == 0
    }
}

/// A word of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    /// Where it ends.
    pub end: usize,
    /// What stands for it in the filter.
    mark: u64,
    /// Whether it begins with a small letter of ASCII.
    small: bool,
}

/// Words that the table tells apart, as a power of two: 256 KB, of which the names of all galaxies set a twelfth.
const SLOTS: u32 = 19;
/// Bits of the table of pairs, as a power of two: 128 KB.
const PAIRS: u32 = 20;

impl Filter {
    pub(super) fn new() -> Self {
        Self {
            words: vec![0; 1 << (SLOTS - 1)].into_boxed_slice(),
            pairs: vec![0; 1 << (PAIRS - 6)].into_boxed_slice(),
        }
    }

    /// Adds a name, as [`Key`](super::names::Key) folds it, that is one word; `plural`: with an `s` behind it.
    pub(super) fn add_whole(&mut self, key: &[u8], plural: bool, small: bool) {
        self.set(mark(key, plural), WHOLE, small);
    }

    /// Adds two words that a name begins with; `plural`: with an `s` behind the second.
    pub(super) fn add_start(&mut self, first: &[u8], second: &[u8], plural: bool, small: bool) {
        let start = mark(first, false);
        self.set(start, START, small);
        let (at, bit) = pair(start, mark(second, plural));
        if let Some(bits) = self.pairs.get_mut(at) {
            *bits |= bit;
        }
    }

    fn set(&mut self, mark: u64, bits: u8, small: bool) {
        let (at, shift) = slot(mark);
        if let Some(slot) = self.words.get_mut(at) {
            *slot |= (bits | if small { bits << SMALL } else { 0 }) << shift;
        }
    }

    /// Whether a name may begin with a word.
    #[inline]
    pub(super) fn begins(&self, word: Word) -> Begins {
        let (at, shift) = slot(word.mark);
        let bits = self.words.get(at).copied().unwrap_or(0) >> shift;
        Begins(if word.small { bits >> SMALL } else { bits })
    }

    /// Whether a name may begin with two words.
    #[inline]
    pub(super) fn has_pair(&self, first: Word, second: Word) -> bool {
        let (at, bit) = pair(first.mark, second.mark);
        self.pairs.get(at).is_some_and(|bits| bits & bit != 0)
    }
}

/// What stands for a part of a key in the tables: what [`word`] makes of it in a text.
fn mark(key: &[u8], plural: bool) -> u64 {
    let end: &[u8] = if plural { b"s" } else { b"" };
    if !key.is_ascii() {
        return [key, end]
            .into_iter()
            .flatten()
            .copied()
            .fold(EMPTY, hashed);
    }
    let mut first = [0; 8];
    for (slot, byte) in first.iter_mut().zip(key) {
        *slot = *byte;
    }
    if let Some(slot) = first.get_mut(key.len()).filter(|_| plural) {
        *slot = b's';
    }
    u64::from_le_bytes(first) ^ (key.len() + end.len()) as u64
}

/// The word that begins at a place of a text.
#[expect(clippy::inline_always, reason = "called once for each word of a text")]
#[inline(always)]
pub(super) fn word(bytes: &[u8], start: usize) -> Word {
    let first = eight(bytes, start);
    let head = run(first);
    let mut end = start + head;
    let mut last = head;
    while last == 8 {
        last = run(eight(bytes, end));
        end += last;
    }
    let small = first.to_le_bytes()[0].is_ascii_lowercase();
    if bytes.get(end).is_some_and(|byte| folded(*byte).is_some()) {
        return foreign(bytes, start, end, small);
    }
    let kept = KEPT.get(head).copied().unwrap_or(0);
    Word {
        end,
        mark: ((first | BLANKS) & kept) ^ (end - start) as u64,
        small,
    }
}

/// A word with letters outside of ASCII.
#[cold]
fn foreign(bytes: &[u8], start: usize, mut end: usize, small: bool) -> Word {
    while bytes.get(end).is_some_and(|byte| folded(*byte).is_some()) {
        end += 1;
    }
    Word {
        end,
        mark: hash(bytes.get(start..end).unwrap_or_default()),
        small,
    }
}

/// The hash of a word.
pub(super) fn hash(word: &[u8]) -> u64 {
    word.iter()
        .filter_map(|byte| folded(*byte))
        .fold(EMPTY, hashed)
}

/// The first so many of eight bytes.
const KEPT: [u64; 9] = [
    0,
    0xFF,
    0xFFFF,
    0xFF_FFFF,
    0xFFFF_FFFF,
    0xFF_FFFF_FFFF,
    0xFFFF_FFFF_FFFF,
    0xFF_FFFF_FFFF_FFFF,
    u64::MAX,
];
/// Eight times a blank, which is the bit that small letters have over capitals.
const BLANKS: u64 = 0x2020_2020_2020_2020;
/// The highest bit of eight bytes.
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Eight bytes from a place, the first lowest; 0 beyond the end.
#[inline]
fn eight(bytes: &[u8], at: usize) -> u64 {
    match bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => rest(bytes.get(at..).unwrap_or_default()),
    }
}

#[cold]
fn rest(bytes: &[u8]) -> u64 {
    let bytes = bytes.iter().rev();
    bytes.fold(0, |value, byte| (value << 8) | u64::from(*byte))
}

/// How many of eight bytes, from the first, are letters and digits of ASCII.
#[inline]
fn run(bytes: u64) -> usize {
    // Seven bits of each, so that nothing carries into the next; what is added brings the highest bit from a bound on.
    let seven = bytes & !HIGH;
    let from = |bytes: u64, bound: u8| bytes + u64::from(0x80 - bound) * (u64::MAX / 255);
    let letters = from(seven | BLANKS, b'a') & !from(seven | BLANKS, b'z' + 1);
    let digits = from(seven, b'0') & !from(seven, b'9' + 1);
    // `seven | BLANKS` makes letters of bytes from 0x40 on alone, so nothing else is taken for one.
    let others = !((letters | digits) & !bytes) & HIGH;
    (others.trailing_zeros() / 8) as usize
}

/// The byte of a word, and how far its bits are shifted in it.
#[inline]
fn slot(mark: u64) -> (usize, u8) {
    let hash = mark.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - SLOTS);
    let shift = if hash & 1 == 0 { 0 } else { 4 };
    (usize::try_from(hash >> 1).unwrap_or(0), shift)
}

/// The word and bit of a pair.
#[inline]
fn pair(first: u64, second: u64) -> (usize, u64) {
    let mark = first.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29) ^ second;
    let hash = mark.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - PAIRS);
    (usize::try_from(hash >> 6).unwrap_or(0), 1 << (hash & 63))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The end of a word, byte by byte.
    fn plainly(bytes: &[u8]) -> usize {
        let is_word = |byte: &&u8| folded(**byte).is_some();
        bytes.iter().take_while(is_word).count()
    }

    #[test]
    fn every_byte_is_told_as_names_are_compared() {
        for byte in 0..=u8::MAX {
            for text in [
                vec![byte],
                vec![byte; 9],
                [b"abcdefg", &[byte][..], b"h-"].concat(),
            ] {
                assert_eq!(word(&text, 0).end, plainly(&text), "{byte:#x} in {text:x?}");
            }
        }
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
            assert_eq!(filter.begins(word(text.as_bytes(), 0)).any(), is, "{text}");
        }
    }

    #[test]
    fn two_words_are_found_together() {
        let mut filter = Filter::new();
        filter.add_start(b"fancy", b"bear", true, false);
        let has = |first: &str, second: &str| {
            let [first, second] = [first, second].map(|text| word(text.as_bytes(), 0));
            filter.begins(first).any() && filter.has_pair(first, second)
        };
        assert!(filter.begins(word(b"Fancy Bears", 0)).only_longer());
        assert!(has("Fancy", "Bears"));
        assert!(has("FANCY", "bears,"));
        assert!(!has("Fancy", "Bear"));
        assert!(!has("fancy", "bears"));
        assert!(!has("Bears", "Fancy"));
    }

    proptest! {
        #[test]
        fn words_end_where_they_do_byte_by_byte(text: Vec<u8>, start in 0_usize..20) {
            let start = start.min(text.len());
            let at = word(&text, start);
            prop_assert_eq!(at.end, start + plainly(&text[start..]));
        }

        #[test]
        fn a_word_is_known_by_its_letters(name in "[a-z0-9]{1,20}|[a-zéß]{1,9}", plural: bool, after in "[ .,-]{0,9}") {
            let written = name.to_ascii_uppercase() + if plural { "s" } else { "" };
            let found = word((written.clone() + &after).as_bytes(), 0);
            prop_assert_eq!(found.end, written.len());
            prop_assert_eq!(found.mark, mark(name.as_bytes(), plural));
        }
    }
}
