//! Cutting clear text into chunks: runs of bytes between blanks, quotes, angle brackets and bars.

use std::ops::Range;

use super::keywords;

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

/// Not of a byte but of a chunk: it begins behind an opening quote, or with what may be one.
pub(super) const QUOTED: u16 = 1 << 13;

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

#[inline]
fn class(byte: u8) -> u16 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(BREAK)
}

/// Runs of letters and digits shorter than this are neither hashes nor coins.
pub(super) const LONG: usize = 16;

/// A run of bytes without a break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chunk {
    /// In the clear text; both ends on character boundaries.
    pub(super) range: Range<usize>,
    /// Classes of its bytes, without the full stop or colon that ends it: most words that have one are the
    /// last of a sentence.
    pub(super) classes: u16,
    /// Length of its longest run of letters and digits; 0 when that is below [`LONG`].
    pub(super) longest: usize,
    /// Whether it may begin with a keyword.
    pub(super) keyword: bool,
}

/// A chunk with none of these, and no long run, is a plain word.
const NOTABLE: u16 = BACKSLASH | DOT | COLON | SLASH | AT | PERCENT | TILDE | DIGIT | HIGH | QUOTED;

impl Chunk {
    /// Whether its bytes give it away as more than a word.
    #[inline]
    pub(super) fn is_notable(&self) -> bool {
        self.classes & NOTABLE != 0 || self.longest >= LONG
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

    /// The next chunk that is worth a look: a notable one, or one that may begin with a keyword. Plain words, the
    /// most of any text, are passed over in this loop.
    pub(super) fn next(&mut self) -> Option<Chunk> {
        let mut rest = self.bytes.get(self.at..)?;
        loop {
            let gap = rest.iter().position(|byte| class(*byte) != BREAK)?;
            let (_, chunk) = rest.split_at_checked(gap)?;
            let mut classes = BREAK;
            let length = chunk.iter().position(|byte| {
                let class = class(*byte);
                classes |= class;
                class == BREAK
            });
            let length = length.unwrap_or(chunk.len());
            let start = self.bytes.len() - chunk.len();
            rest = chunk.get(length..)?;
            let quoted = self.opens_quote(start);
            let notable = (classes | quoted) & NOTABLE != 0 || length >= LONG;
            let keyword = keywords::may_begin(chunk);
            if !notable && !keyword {
                continue;
            }
            let chunk = look(chunk.get(..length)?, start, classes | quoted, keyword);
            if chunk.keyword || chunk.is_notable() {
                self.at = chunk.range.end;
                return Some(chunk);
            }
        }
    }
}

/// A chunk that may be worth a look, looked at.
fn look(chunk: &[u8], start: usize, classes: u16, keyword: bool) -> Chunk {
    let classes = match chunk {
        [inner @ .., b'.' | b':'] if classes & NOTABLE != 0 => inner
            .iter()
            .fold(classes & QUOTED, |all, byte| all | class(*byte)),
        _ => classes,
    };
    Chunk {
        range: start..start + chunk.len(),
        classes,
        longest: longest(chunk),
        keyword,
    }
}

impl Chunks<'_> {
    #[inline]
    fn opens_quote(&self, start: usize) -> u16 {
        let before = start.checked_sub(1).and_then(|at| self.bytes.get(at));
        let behind_quote = matches!(before, Some(b'"' | b'`'));
        let is_quote = matches!(self.bytes.get(start), Some(b'\'' | 0xC2 | 0xE2));
        if behind_quote || is_quote { QUOTED } else { 0 }
    }
}

/// Length of the longest run of letters and digits, if it is [`LONG`].
fn longest(chunk: &[u8]) -> usize {
    if chunk.len() < LONG {
        return 0;
    }
    let (mut run, mut longest) = (0, 0);
    for byte in chunk {
        if class(*byte) & (LETTER | DIGIT) != 0 {
            run += 1;
        } else {
            longest = longest.max(run);
            run = 0;
        }
    }
    let longest = longest.max(run);
    if longest < LONG { 0 } else { longest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_lie_between_breaks() {
        let text = "  C2: `evil.com|1.2.3.4` “é” <a@b.c> of words, rule";
        let mut chunks = Chunks::new(text.as_bytes());
        let mut all = Vec::new();
        while let Some(chunk) = chunks.next() {
            all.push(text.get(chunk.range).unwrap());
        }
        assert_eq!(all, ["C2:", "evil.com", "1.2.3.4", "“é”", "a@b.c", "rule"]);
    }
}
