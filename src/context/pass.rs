//! The pass over the words of a text: where they begin and end, and what stands for them in a [`Filter`](super::filter).
//!
//! Bytes are told apart 64 at a time, and a word is known by its first eight bytes and its length, so that no byte of most
//! words is looked at by itself.

use super::names::{folded, hash, step};

/// A word of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    pub start: usize,
    pub end: usize,
    /// What stands for it in the filter: as much of it as is looked at, in small letters but for the first, and its length.
    pub mark: u64,
}

impl Word {
    /// No word.
    pub(super) const NONE: Self = Self {
        start: 0,
        end: 0,
        mark: 0,
    };
}

/// Bytes looked at together.
const BLOCK: usize = 64;

/// A block, and what a word that begins in it is known by.
type Window = [u8; BLOCK + 8];

/// Hands on the words of a text, as [`names::words`](super::names::words) finds them.
#[expect(
    clippy::inline_always,
    reason = "what is done with each word is little"
)]
#[inline(always)]
pub(super) fn words(text: &str, mut each: impl FnMut(Word)) {
    let bytes = text.as_bytes();
    let mut base = 0;
    while let Some(rest) = bytes.get(base..).filter(|rest| !rest.is_empty()) {
        let filled;
        let window: &Window = if let Some(window) = rest.first_chunk() {
            window
        } else {
            filled = padded(rest);
            &filled
        };
        let block = Block::of(window);
        let (mut starts, mut ends) = block.edges();
        while ends != 0 {
            let (start, end) = (lowest(&mut starts), lowest(&mut ends));
            each(Word {
                start: base + start,
                end: base + end,
                mark: block.mark(window, start, end),
            });
        }
        // A word that goes on is looked at again, from its beginning.
        base += match starts.trailing_zeros() as usize {
            0 => {
                let word = long(rest);
                each(Word {
                    start: base,
                    end: base + word.len(),
                    mark: mark(word),
                });
                word.len()
            }
            start => start.min(block.length),
        };
    }
}

/// Takes away the lowest bit that is set, and says which it was.
#[inline]
fn lowest(bits: &mut u64) -> usize {
    let at = bits.trailing_zeros() as usize;
    *bits &= bits.wrapping_sub(1);
    at
}

/// The word that a text begins with.
#[inline(never)]
fn long(text: &[u8]) -> &[u8] {
    let bytes = text.iter();
    let length = bytes.take_while(|byte| folded(**byte).is_some()).count();
    text.get(..length).unwrap_or(text)
}

/// What the bytes of a block are.
struct Block {
    /// Those of words, the first lowest.
    mask: u64,
    /// Whether words have any outside of ASCII.
    is_foreign: bool,
    /// Of so many it can be said.
    length: usize,
}

impl Block {
    #[inline]
    fn of(window: &Window) -> Self {
        let (block, _) = window.as_chunks();
        let Some(block) = block.first() else {
            return Self::others(&[0; BLOCK], 0);
        };
        let (mask, has_others) = ascii(block);
        if has_others {
            return Self::others(block, mask);
        }
        Self {
            mask,
            is_foreign: false,
            length: BLOCK,
        }
    }

    /// The same where there are bytes outside of ASCII: part of words but for the signs among them.
    #[inline(never)]
    fn others(block: &[u8; BLOCK], mask: u64) -> Self {
        let others = gathered(&block.map(|byte| byte >> 7));
        let (mut signs, mut length) = (0, BLOCK);
        let mut left = others;
        while left != 0 {
            let at = left.trailing_zeros() as usize;
            let step = block.get(at).map_or(0, |byte| step(*byte));
            if at + step > BLOCK {
                // The rest of the sign is in the next block.
                length = at;
                break;
            }
            let sign = ones(step) << at;
            signs |= sign;
            left &= !(sign | 1 << at);
        }
        let words = others & !signs & ones(length);
        Self {
            mask: mask | words,
            is_foreign: words != 0,
            length,
        }
    }

    /// Where words begin, and where they end.
    #[inline]
    const fn edges(&self) -> (u64, u64) {
        let before = self.mask << 1;
        (self.mask & !before, before & !self.mask)
    }

    /// What stands for a word of the block.
    #[inline]
    fn mark(&self, window: &Window, start: usize, end: usize) -> u64 {
        let first = window.get(start..start + 8);
        let first = first.and_then(<[u8]>::first_chunk);
        let ascii = short(u64::from_le_bytes(*first.unwrap_or(&[0; 8])), end - start);
        if self.is_foreign {
            any(window.get(start..end).unwrap_or_default(), ascii)
        } else {
            ascii
        }
    }
}

/// So many bits of 1, the lowest.
const fn ones(count: usize) -> u64 {
    if count < 64 {
        (1 << count) - 1
    } else {
        u64::MAX
    }
}

/// The last bytes of a text, as a window.
#[inline]
fn padded(rest: &[u8]) -> Window {
    let mut window = [0; BLOCK + 8];
    for (slot, byte) in window.iter_mut().zip(rest) {
        *slot = *byte;
    }
    window
}

/// What stands for a word of a key.
pub(super) fn mark(word: &[u8]) -> u64 {
    any(word, short(eight(word, 0), word.len()))
}

/// What stands for a word; `ascii`: what would, if it had no other bytes.
#[inline(never)]
fn any(word: &[u8], ascii: u64) -> u64 {
    if word.is_ascii() {
        ascii
    } else {
        foreign(word)
    }
}

/// What stands for a word with bytes outside of ASCII.
fn foreign(word: &[u8]) -> u64 {
    let folded: Vec<u8> = word.iter().filter_map(|byte| folded(*byte)).collect();
    let first = word.first().map_or(0, |byte| u64::from(*byte));
    (hash(&folded) & !FIRST) | (first & FIRST)
}

/// What stands for a word of ASCII, by its first eight bytes.
#[inline]
fn short(first: u64, length: usize) -> u64 {
    ((first | BLANKS) & kept(length)) ^ (length as u64) << 8
}

/// The bits of the first so many of eight bytes.
#[inline]
pub(super) fn kept(count: usize) -> u64 {
    KEPT.get(count.min(8)).copied().unwrap_or(0)
}

/// Eight bytes with letters of ASCII in lower case, where they have no other than letters, digits, and bytes outside of it.
#[inline]
pub(super) const fn lower(eight: u64) -> u64 {
    // The bit that small letters have over capitals, and digits have too, where the highest is not set.
    eight | (!eight & HIGHEST) >> 2
}

/// The highest bit of each of eight bytes.
const HIGHEST: u64 = 0x8080_8080_8080_8080;

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

/// The first of eight bytes.
const FIRST: u64 = 0xFF;

/// The bit that small letters have over capitals, in all of eight bytes but the first.
const BLANKS: u64 = 0x2020_2020_2020_2000;

/// Eight bytes from a place, the first lowest; 0 beyond the end.
#[inline]
pub(super) fn eight(bytes: &[u8], at: usize) -> u64 {
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
        fn words_are_those_that_are_found_byte_by_byte(text in "x{50,75}| {50,75}|([a-zA-Z0-9]{0,9}|[ .,\n-]{0,3}|\u{e9}|\u{2019}|\u{a0}|\u{3042}|\u{1f600}|x{60,70}){0,40}") {
            prop_assert_eq!(found(&text), plainly(&text));
        }

        #[test]
        fn a_word_is_known_by_its_letters(name in "[a-z0-9]{1,20}|[a-zéß]{1,9}", before in "[ .,-]{0,70}", after in "[ .,-]{0,9}") {
            let text = format!("{before}{}{after}", name.to_ascii_uppercase());
            let words = all(&text);
            prop_assert_eq!(words.len(), 1);
            let first = u64::from(name.as_bytes()[0].to_ascii_uppercase());
            prop_assert_eq!(words[0].mark & FIRST, first);
            prop_assert_eq!(words[0].mark & !FIRST, mark(name.as_bytes()) & !FIRST);
        }
    }
}
