//! Numbers and texts as bytes: little-endian, lengths first.

use super::PackError;

/// Reads from the front; every step is checked against what is left.
#[derive(Debug)]
pub struct Reader<'a> {
    all: &'a [u8],
    at: usize,
    /// What is read, for errors.
    what: &'static str,
}

impl<'a> Reader<'a> {
    /// Reads these bytes, which are `what`.
    pub const fn new(all: &'a [u8], what: &'static str) -> Self {
        Self { all, at: 0, what }
    }

    /// Bytes read so far.
    pub const fn position(&self) -> usize {
        self.at
    }

    /// The next bytes.
    pub fn take(&mut self, length: usize) -> Result<&'a [u8], PackError> {
        let end = self.at.checked_add(length);
        let taken = end.and_then(|end| self.all.get(self.at..end));
        let taken = taken.ok_or(PackError::Length(self.what))?;
        self.at = self.at.saturating_add(length);
        Ok(taken)
    }

    /// `count` things of `width` bytes each; where they lie.
    pub fn span(
        &mut self,
        count: usize,
        width: usize,
    ) -> Result<std::ops::Range<usize>, PackError> {
        let length = count
            .checked_mul(width)
            .ok_or(PackError::Length(self.what))?;
        let start = self.at;
        self.take(length)?;
        Ok(start..self.at)
    }

    /// The next bytes, as many as the array has.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], PackError> {
        let taken = self.take(N)?;
        taken.try_into().map_err(|_| PackError::Length(self.what))
    }

    /// A byte.
    pub fn u8(&mut self) -> Result<u8, PackError> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    /// A number of two bytes.
    pub fn u16(&mut self) -> Result<u16, PackError> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    /// A number of four bytes.
    pub fn u32(&mut self) -> Result<u32, PackError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// A number of eight bytes.
    pub fn u64(&mut self) -> Result<u64, PackError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// How many things follow; never more than bytes are left, as each takes one at least.
    pub fn count(&mut self) -> Result<usize, PackError> {
        let count = usize::try_from(self.u32()?).map_err(|_| PackError::Length(self.what))?;
        if count > self.all.len().saturating_sub(self.at) {
            return Err(PackError::Length(self.what));
        }
        Ok(count)
    }

    /// A length of eight bytes.
    pub fn len64(&mut self) -> Result<usize, PackError> {
        usize::try_from(self.u64()?).map_err(|_| PackError::Length(self.what))
    }

    /// A short text.
    pub fn text(&mut self) -> Result<&'a str, PackError> {
        let length = usize::from(self.u16()?);
        std::str::from_utf8(self.take(length)?)
            .map_err(|_| PackError::Nonsense("a text is no text"))
    }

    /// Says that everything was read.
    pub fn end(&self) -> Result<(), PackError> {
        if self.at == self.all.len() {
            Ok(())
        } else {
            Err(PackError::Length(self.what))
        }
    }
}

/// Writes what [`Reader`] reads.
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// Bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// A byte.
    pub fn u8(&mut self, number: u8) {
        self.0.push(number);
    }

    /// A number of two bytes.
    pub fn u16(&mut self, number: u16) {
        self.bytes(&number.to_le_bytes());
    }

    /// A number of four bytes.
    pub fn u32(&mut self, number: u32) {
        self.bytes(&number.to_le_bytes());
    }

    /// A number of eight bytes.
    pub fn u64(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    /// How many things follow; a pack with more than four thousand million of them is not read again.
    pub fn count(&mut self, count: usize) {
        self.u32(u32::try_from(count).unwrap_or(u32::MAX));
    }

    /// A short text; what is over 65,535 bytes is cut off at a letter's end.
    pub fn text(&mut self, text: &str) {
        let mut end = text.len().min(usize::from(u16::MAX));
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let text = text.get(..end).unwrap_or_default();
        self.u16(u16::try_from(text.len()).unwrap_or(0));
        self.bytes(text.as_bytes());
    }

    /// What was written.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}
