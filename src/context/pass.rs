//! The pass over the words of a text: where they begin and end, and what stands for them in a [`Filter`](super::filter).
//!
//! Bytes are told apart 64 at a time, and a word is known by its first eight bytes and its length, so that no byte of it
//! is looked at by itself.

use super::names::{folded, hash, step};

/// A word of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    pub start: usize,
    pub end: usize,
    /// What stands for it in the filter.
    pub mark: u64,
    /// Whether it begins with a small letter of ASCII.
    pub small: bool,
}

impl Word {
    /// No word.
    pub(super) const NONE: Self = Self {
        start: 0,
        end: 0,
        mark: 0,
        small: false,
    };
}

/// Bytes looked at together.
const BLOCK: usize = 64;

/// Hands on the words of a text, as [`names::words`](super::names::words) finds them.
#[expect(
    clippy::inline_always,
    reason = "what is done with each word is little"
)]
#[inline(always)]
pub(super) fn words(text: &str, mut each: impl FnMut(Word)) {
    let bytes = text.as_bytes();
    let mut blocks = Blocks { bytes, rest: 0 };
    let (mut base, mut start, mut is_within, mut is_foreign) = (0, 0, false, false);
    // A word at the end of the text ends in the block after it, if that is a whole one.
    while base < bytes.len() || is_within {
        let (mask, has_foreign) = blocks.told(base);
        is_foreign = has_foreign || (is_foreign && is_within);
        // Where words begin and end.
        let mut edges = mask ^ (mask << 1 | u64::from(is_within));
        while edges != 0 {
            if !is_within {
                start = base + edges.trailing_zeros() as usize;
                edges &= edges - 1;
                is_within = true;
                continue;
            }
            let end = base + edges.trailing_zeros() as usize;
            edges &= edges - 1;
            is_within = false;
            each(word(bytes, start, end, is_foreign));
        }
        base += BLOCK;
    }
}

/// A word, by where it stands.
#[inline]
fn word(bytes: &[u8], start: usize, end: usize, is_foreign: bool) -> Word {
    let first = eight(bytes, start);
    let mut mark = short(first, end - start);
    if is_foreign && let Some(word) = bytes.get(start..end).filter(|word| !word.is_ascii()) {
        mark = foreign(word);
    }
    Word {
        start,
        end,
        mark,
        // Of what begins a word only small letters have both of these bits, and not the highest.
        small: first & 0xE0 == 0x60,
    }
}

/// A text, block by block.
struct Blocks<'a> {
    bytes: &'a [u8],
    /// So many bytes after the last block belong to a sign that begins in it.
    rest: usize,
}

impl Blocks<'_> {
    /// Which bytes of the block from a place on are of words, the first lowest, and whether any is outside of ASCII.
    #[inline]
    fn told(&mut self, base: usize) -> (u64, bool) {
        let rest = self.bytes.get(base..).unwrap_or_default();
        let filled;
        let block = if let Some(block) = rest.first_chunk() {
            block
        } else {
            filled = padded(rest);
            &filled
        };
        let (mask, is_foreign) = ascii(block);
        if is_foreign || self.rest > 0 {
            (self.others(block, mask), is_foreign)
        } else {
            (mask, false)
        }
    }

    /// Adds bytes outside of ASCII to a mask, but for the signs among them.
    #[cold]
    fn others(&mut self, block: &[u8; BLOCK], mask: u64) -> u64 {
        let others = gathered(&block.map(|byte| byte >> 7));
        let mut signs = ones(std::mem::take(&mut self.rest));
        let mut left = others & !signs;
        while left != 0 {
            let at = left.trailing_zeros();
            let length = block.get(at as usize).map_or(0, |byte| step(*byte));
            let sign = ones(length) << at;
            signs |= sign;
            left &= !(sign | 1 << at);
            self.rest = self.rest.max((at as usize + length).saturating_sub(BLOCK));
        }
        (mask | others) & !signs
    }
}

/// So many bits of 1, the lowest; fewer than 64.
const fn ones(count: usize) -> u64 {
    (1 << count) - 1
}

/// The last bytes of a text, as a block.
#[inline]
fn padded(rest: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    for (slot, byte) in block.iter_mut().zip(rest) {
        *slot = *byte;
    }
    block
}

/// What stands for a word of a key.
pub(super) fn mark(word: &[u8]) -> u64 {
    if word.is_ascii() {
        short(eight(word, 0), word.len())
    } else {
        foreign(word)
    }
}

/// What stands for a word with bytes outside of ASCII.
#[cold]
fn foreign(word: &[u8]) -> u64 {
    let word: Vec<u8> = word.iter().filter_map(|byte| folded(*byte)).collect();
    hash(&word)
}

/// What stands for a word of ASCII, by its first eight bytes.
#[inline]
fn short(first: u64, length: usize) -> u64 {
    let kept = KEPT.get(length.min(8)).copied().unwrap_or(0);
    ((first | BLANKS) & kept) ^ length as u64
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

/// Eight bytes from a place, the first lowest; 0 beyond the end.
#[inline]
fn eight(bytes: &[u8], at: usize) -> u64 {
    match bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => fewer(bytes, at),
    }
}

#[cold]
fn fewer(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    match bytes.last_chunk() {
        Some(chunk) if !rest.is_empty() => u64::from_le_bytes(*chunk) >> (64 - 8 * rest.len()),
        _ => rest
            .iter()
            .rev()
            .fold(0, |value, byte| (value << 8) | u64::from(*byte)),
    }
}

/// Which of the bytes are letters and digits of ASCII, the first lowest, and whether there are others than ASCII's.
#[inline]
fn ascii(block: &[u8; BLOCK]) -> (u64, bool) {
    // All at once, as far as the machine goes.
    let mut told = [0_u8; BLOCK];
    let mut all = 0;
    for (slot, byte) in told.iter_mut().zip(block) {
        *slot = u8::from(byte.is_ascii_alphanumeric());
        all |= *byte;
    }
    (gathered(&told), !all.is_ascii())
}

/// Bytes of 0 or 1 as bits, the first lowest.
#[inline]
fn gathered(bytes: &[u8; BLOCK]) -> u64 {
    let chunks = bytes.as_chunks().0.iter().rev();
    chunks.fold(0, |mask, chunk| {
        (mask << 8) | (u64::from_le_bytes(*chunk).wrapping_mul(0x0102_0408_1020_4080) >> 56)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::names;
    use super::*;

    fn all(text: &str) -> Vec<Word> {
        let mut all = Vec::new();
        words(text, |word| all.push(word));
        all
    }

    fn found(text: &str) -> Vec<&str> {
        let words = all(text).into_iter();
        words
            .filter_map(|word| text.get(word.start..word.end))
            .collect()
    }

    fn plainly(text: &str) -> Vec<&str> {
        names::words(text).map(|(_, word)| word).collect()
    }

    #[test]
    fn every_character_of_two_bytes_is_told_as_names_are_compared() {
        for c in ('\0'..'\u{800}')
            .chain('\u{2000}'..'\u{2100}')
            .chain('\u{3000}'..'\u{3100}')
        {
            for before in [0, 1, 61, 62, 63] {
                let text = format!("{}{c}b{c}c {c}", "a".repeat(before));
                assert_eq!(found(&text), plainly(&text), "{c:?} after {before}");
            }
        }
    }

    proptest! {
        #[test]
        fn words_are_those_that_are_found_byte_by_byte(text in "([a-zA-Z0-9]{0,9}|[ .,\n-]{0,3}|\u{e9}|\u{2019}|\u{a0}|\u{3042}|x{60,70}){0,40}") {
            prop_assert_eq!(found(&text), plainly(&text));
        }

        #[test]
        fn a_word_is_known_by_its_letters(name in "[a-z0-9]{1,20}|[a-zéß]{1,9}", before in "[ .,-]{0,70}", after in "[ .,-]{0,9}") {
            let text = format!("{before}{}{after}", name.to_ascii_uppercase());
            let words = all(&text);
            prop_assert_eq!(words.len(), 1);
            prop_assert_eq!(words[0].mark, mark(name.as_bytes()));
            prop_assert!(!words[0].small);
        }

        #[test]
        fn small_letters_are_told_from_others(first: char, rest in "[a-z]{0,9}") {
            let text = format!("{first}{rest}");
            for word in all(&text).into_iter().filter(|word| word.start == 0) {
                prop_assert_eq!(word.small, first.is_ascii_lowercase());
            }
        }
    }
}
