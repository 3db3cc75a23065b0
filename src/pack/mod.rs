//! The container of the knowledge pack: named sections of bytes, versioned and checked.
//!
//! ```text
//! "GLEANERK"  u32 version  u32 sections  { [u8; 4] name, u64 length, u32 CRC-32 } …  u32 CRC-32 of all before
//! the sections' bytes, one after another, and nothing behind them
//! ```
//!
//! Numbers are little-endian. What is read is never trusted: damage is an error that names what is damaged.

pub mod fuse;
pub mod wire;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use self::wire::{Reader, Writer};

const MAGIC: &[u8; 8] = b"GLEANERK";

/// Version of the container and of all sections in it.
pub const VERSION: u32 = 1;

/// Sections a file may have, more than there are kinds of them.
const MAX_SECTIONS: u32 = 16;

/// What a section is called: `gala`, `list`, `word`, `info`.
pub type Name = [u8; 4];

/// Bytes that cannot be read as what they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// They do not begin as a pack does.
    #[error("not a knowledge pack")]
    NoPack,
    /// Written by another Gleaner.
    #[error(
        "a knowledge pack of version {0}, where version {VERSION} is read; run `gleaner knowledge update`"
    )]
    Version(u32),
    /// They end too early, or go on too long.
    #[error("the knowledge pack is damaged: {0} is cut off or too long")]
    Length(&'static str),
    /// The check sum is wrong.
    #[error("the knowledge pack is damaged: the check sum of {0} is wrong")]
    Checksum(String),
    /// What stands there makes no sense.
    #[error("the knowledge pack is damaged: {0}")]
    Nonsense(&'static str),
    /// A section that must be there is not.
    #[error("the knowledge pack has no section `{0}`")]
    Missing(String),
}

/// Bytes that are part of the program or were read from a file; cheap to clone and to take parts of.
#[derive(Debug, Clone)]
pub struct Bytes {
    all: Arc<Cow<'static, [u8]>>,
    part: Range<usize>,
}

impl Bytes {
    /// The bytes.
    pub fn get(&self) -> &[u8] {
        self.all.get(self.part.clone()).unwrap_or_default()
    }

    /// A part of them; nothing if it does not lie within.
    #[must_use]
    pub fn part(&self, part: Range<usize>) -> Self {
        let start = self.part.start.saturating_add(part.start);
        let end = self.part.start.saturating_add(part.end);
        let part = if start <= end && end <= self.part.end {
            start..end
        } else {
            0..0
        };
        Self {
            all: Arc::clone(&self.all),
            part,
        }
    }
}

impl From<Cow<'static, [u8]>> for Bytes {
    fn from(all: Cow<'static, [u8]>) -> Self {
        Self {
            part: 0..all.len(),
            all: Arc::new(all),
        }
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(all: Vec<u8>) -> Self {
        Cow::<'static, [u8]>::Owned(all).into()
    }
}

/// CRC-32 as gzip and zip use it.
fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// A pack, taken apart into its sections.
#[derive(Debug, Clone)]
pub struct Pack {
    sections: Vec<(Name, Bytes)>,
}

impl Pack {
    /// Reads a pack from outside: every byte is checked.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "its parts are shared with the sections"
    )]
    pub fn read(bytes: Bytes) -> Result<Self, PackError> {
        Self::parse(&bytes, true)
    }

    /// Reads the pack that is part of the program; a test has checked its sums.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "its parts are shared with the sections"
    )]
    pub fn read_unchecked(bytes: Bytes) -> Result<Self, PackError> {
        Self::parse(&bytes, false)
    }

    fn parse(bytes: &Bytes, check: bool) -> Result<Self, PackError> {
        let all = bytes.get();
        let mut reader = Reader::new(all, "the head");
        if reader.take(MAGIC.len()).ok() != Some(MAGIC) {
            return Err(PackError::NoPack);
        }
        let version = reader.u32()?;
        if version != VERSION {
            return Err(PackError::Version(version));
        }
        let count = reader.u32()?;
        if count > MAX_SECTIONS {
            return Err(PackError::Nonsense("it has too many sections"));
        }
        let mut table = Vec::new();
        for _ in 0..count {
            let name: Name = reader.array()?;
            table.push((name, reader.len64()?, reader.u32()?));
        }
        let head = reader.position();
        let sum = reader.u32()?;
        if sum != checksum(all.get(..head).unwrap_or_default()) {
            return Err(PackError::Checksum("the head".into()));
        }
        let mut start = reader.position();
        let mut sections = Vec::new();
        for (name, length, sum) in table {
            let end = start
                .checked_add(length)
                .filter(|end| *end <= all.len())
                .ok_or(PackError::Length("a section"))?;
            let section = bytes.part(start..end);
            if check && checksum(section.get()) != sum {
                return Err(PackError::Checksum(format!("section `{}`", shown(name))));
            }
            sections.push((name, section));
            start = end;
        }
        if start != all.len() {
            return Err(PackError::Length("the end"));
        }
        Ok(Self { sections })
    }

    /// A section, if it is there.
    pub fn section(&self, name: Name) -> Option<&Bytes> {
        let found = self.sections.iter().find(|(other, _)| *other == name);
        found.map(|(_, bytes)| bytes)
    }

    /// A section that must be there.
    pub fn required(&self, name: Name) -> Result<&Bytes, PackError> {
        self.section(name)
            .ok_or_else(|| PackError::Missing(shown(name)))
    }
}

/// Writes a pack.
pub fn write(sections: &[(Name, &[u8])]) -> Vec<u8> {
    let mut head = Writer::default();
    head.bytes(MAGIC);
    head.u32(VERSION);
    head.count(sections.len());
    for (name, bytes) in sections {
        head.bytes(name);
        head.u64(bytes.len() as u64);
        head.u32(checksum(bytes));
    }
    let mut all = head.finish();
    let sum = checksum(&all);
    all.extend_from_slice(&sum.to_le_bytes());
    for (_, bytes) in sections {
        all.extend_from_slice(bytes);
    }
    all
}

fn shown(name: Name) -> String {
    String::from_utf8_lossy(&name).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> Vec<u8> {
        write(&[(*b"gala", b"first"), (*b"list", b""), (*b"info", b"third")])
    }

    #[test]
    fn sections_come_back() {
        let pack = Pack::read(sample().into()).unwrap();
        assert_eq!(pack.section(*b"gala").unwrap().get(), b"first");
        assert_eq!(pack.section(*b"list").unwrap().get(), b"");
        assert_eq!(pack.required(*b"info").unwrap().get(), b"third");
        assert_eq!(
            pack.required(*b"word").unwrap_err().to_string(),
            "the knowledge pack has no section `word`"
        );
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let good = sample();
        for at in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[at / 8] ^= 1 << (at % 8);
            assert!(Pack::read(bad.into()).is_err(), "bit {at}");
        }
        for end in 0..good.len() {
            assert!(
                Pack::read(good[..end].to_vec().into()).is_err(),
                "cut {end}"
            );
        }
        let mut long = good;
        long.push(0);
        assert_eq!(
            Pack::read(long.into()).unwrap_err(),
            PackError::Length("the end")
        );
    }

    #[test]
    fn another_version_says_so() {
        let mut bytes = sample();
        bytes[8] = 9;
        let error = Pack::read(bytes.into()).unwrap_err();
        assert_eq!(error, PackError::Version(9));
        assert!(error.to_string().contains("gleaner knowledge update"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let mut framed = MAGIC.to_vec();
            framed.extend_from_slice(&VERSION.to_le_bytes());
            framed.extend_from_slice(&bytes);
            let _ = Pack::read(bytes.into());
            let _ = Pack::read_unchecked(framed.into());
        }
    }
}
