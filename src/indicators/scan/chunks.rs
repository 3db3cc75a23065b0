//! Cutting clear text into chunks: runs of bytes between blanks, quotes, angle brackets and bars.

use std::ops::Range;

/// A full stop.
pub(super) const DOT: u16 = 1;
/// `@`.
pub(super) const AT: u16 = 1 << 1;
/// `:`.
pub(super) const COLON: u16 = 1 << 2;
/// `/`.
pub(super) const SLASH: u16 = 1 << 3;
/// `\`.
pub(super) const BACKSLASH: u16 = 1 << 4;
/// 0 to 9.
pub(super) const DIGIT: u16 = 1 << 5;
/// A to Z and a to z.
pub(super) const LETTER: u16 = 1 << 6;
/// `-`.
pub(super) const HYPHEN: u16 = 1 << 7;
/// `_`.
pub(super) const UNDERSCORE: u16 = 1 << 8;
/// `%`.
pub(super) const PERCENT: u16 = 1 << 9;
/// `~`.
pub(super) const TILDE: u16 = 1 << 10;
/// Beyond ASCII.
pub(super) const HIGH: u16 = 1 << 11;
/// Any other printable character.
pub(super) const OTHER: u16 = 1 << 12;

/// What parts chunks.
const BREAK: u16 = 0;

static CLASSES: [u16; 256] = classes();

const fn classes() -> [u16; 256] {
    let mut table = [OTHER; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let class = match byte as u8 {
            0..=b' ' | 0x7F | b'"' | b'`' | b'<' | b'>' | b'|' => BREAK,
            b'.' => DOT,
            b'@' => AT,
            b':' => COLON,
            b'/' => SLASH,
            b'\\' => BACKSLASH,
            b'0'..=b'9' => DIGIT,
            b'A'..=b'Z' | b'a'..=b'z' => LETTER,
            b'-' => HYPHEN,
            b'_' => UNDERSCORE,
            b'%' => PERCENT,
            b'~' => TILDE,
            0x80.. => HIGH,
            _ => OTHER,
        };
        #[expect(clippy::indexing_slicing, reason = "below 256")]
        {
            table[byte] = class;
        }
        byte += 1;
    }
    table
}

fn class(byte: u8) -> u16 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(BREAK)
}

/// A run of bytes without a break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chunk {
    /// In the clear text; both ends on character boundaries.
    pub(super) range: Range<usize>,
    /// Length of its longest run of letters and digits.
    pub(super) longest: usize,
    classes: u16,
    first: u8,
    before: u8,
}

impl Chunk {
    pub(super) fn has(&self, class: u16) -> bool {
        self.classes & class != 0
    }

    pub(super) fn has_any(&self, classes: u16) -> bool {
        self.classes & classes != 0
    }

    pub(super) fn has_all(&self, classes: u16) -> bool {
        self.classes & classes == classes
    }

    /// Whether it begins behind an opening quote, or with one; of those beyond ASCII, whether it may.
    pub(super) fn opens_quote(&self) -> bool {
        matches!(self.before, b'"' | b'`')
            || self.first == b'\''
            || (self.has(HIGH) && matches!(self.first, 0xC2 | 0xE2))
    }

    /// Whether it begins with a letter: keywords do.
    pub(super) fn starts_word(&self) -> bool {
        self.first.is_ascii_alphabetic()
    }
}

/// The chunks of a text, in order.
pub(super) struct Chunks<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Chunks<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Goes on behind `at`, if it is not there yet.
    pub(super) fn skip_to(&mut self, at: usize) {
        self.at = self.at.max(at);
    }

    pub(super) fn next(&mut self) -> Option<Chunk> {
        let rest = self.bytes.get(self.at..)?;
        let start = self.at + rest.iter().position(|byte| class(*byte) != BREAK)?;
        let rest = self.bytes.get(start..)?;
        let (mut classes, mut run, mut longest, mut length) = (0, 0, 0, 0);
        for byte in rest {
            let class = class(*byte);
            if class == BREAK {
                break;
            }
            length += 1;
            classes |= class;
            run = if class & (LETTER | DIGIT) == 0 {
                0
            } else {
                run + 1
            };
            longest = longest.max(run);
        }
        self.at = start + length;
        Some(Chunk {
            range: start..self.at,
            longest,
            classes,
            first: rest.first().copied().unwrap_or_default(),
            before: start
                .checked_sub(1)
                .and_then(|before| self.bytes.get(before))
                .copied()
                .unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_lie_between_breaks() {
        let text = "  C2: `evil.com|1.2.3.4` “é” <a@b.c>";
        let mut chunks = Chunks::new(text.as_bytes());
        let mut all = Vec::new();
        while let Some(chunk) = chunks.next() {
            all.push(text.get(chunk.range).unwrap());
        }
        assert_eq!(all, ["C2:", "evil.com", "1.2.3.4", "“é”", "a@b.c"]);
    }
}
