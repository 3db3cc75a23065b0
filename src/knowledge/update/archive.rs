//! An archive, read in memory: nothing of it is ever written to a path it names.
//!
//! Bounded in bytes, in how much more comes out than goes in, and in the number of entries; an archive over a bound is
//! refused as a whole.

use std::cell::Cell;
use std::io::{self, Cursor, Read};

use flate2::read::MultiGzDecoder;
use memchr::memmem;

use super::UpdateError;
use crate::knowledge::import::{Gathered, Role};

/// Bounds of what comes out.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    /// Bytes of one file.
    file: u64,
    /// Bytes in all, files that are passed over included.
    total: u64,
    /// Bytes out for one byte in. JSON of misp-galaxy comes to 8.
    ratio: u64,
    /// Bytes that may come out whatever the ratio.
    small: u64,
    /// Entries.
    entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file: 64 << 20,
            total: 512 << 20,
            ratio: 60,
            small: 1 << 20,
            entries: 100_000,
        }
    }
}

impl Limits {
    /// Bytes that may come out of so many.
    fn out_of(&self, length: usize) -> u64 {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        let by_ratio = length.saturating_mul(self.ratio).max(self.small);
        by_ratio.min(self.total)
    }
}

/// Reads from something, but not more than is left of all.
struct Bounded<'a, R> {
    inner: R,
    left: &'a Cell<u64>,
}

/// Longest name of an entry of a tar archive, with what else stands about it there, in bytes.
const MAX_NAME: u64 = 64 << 10;

/// Bytes of a block of a tar; its end is at least one of zeros.
const TAR_BLOCK: u64 = 512;

const TOO_MANY: &str = "it has too many entries";

const TOO_MUCH: &str = "far more comes out of the archive than it should; it is refused";

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let length = u64::try_from(read).unwrap_or(u64::MAX);
        match self.left.get().checked_sub(length) {
            Some(left) => {
                self.left.set(left);
                Ok(read)
            }
            None => Err(io::Error::other(TOO_MUCH)),
        }
    }
}

/// What is being read, and what of it.
struct Unpacking<'a> {
    from: &'a str,
    limits: &'a Limits,
    gathered: &'a mut Gathered,
    entries: usize,
}

/// Takes the galaxies and warninglists of an archive.
pub(super) fn gather(
    from: &str,
    bytes: &[u8],
    limits: &Limits,
    gathered: &mut Gathered,
) -> Result<(), UpdateError> {
    let left = Cell::new(limits.out_of(bytes.len()));
    let mut unpacking = Unpacking {
        from,
        limits,
        gathered,
        entries: 0,
    };
    if bytes.starts_with(&[0x1f, 0x8b]) {
        unpacking.tar(MultiGzDecoder::new(bytes), &left)
    } else if bytes.starts_with(b"PK") {
        unpacking.zip(bytes, &left)
    } else if bytes.get(257..262) == Some(b"ustar") {
        unpacking.tar(bytes, &left)
    } else {
        Err(unpacking.fault(&"neither a tar, nor a tar.gz, nor a zip archive"))
    }
}

/// Entries that the directory of a zip archive can have at most: as many as there are headers of entries, and as many as
/// an end of the directory (of ZIP64) claims. That anywhere in the archive, because readers look for the directory from
/// either end.
fn directory(bytes: &[u8]) -> u64 {
    let headers = memmem::find_iter(bytes, b"PK\x01\x02").count() as u64;
    let claims = memmem::find_iter(bytes, b"PK\x06\x06").filter_map(|at| claim(bytes.get(at..)?));
    claims.fold(headers, u64::max)
}

/// What an end of the directory of ZIP64 claims, if it is one: its locator stands behind it (APPNOTE 4.3.14, 4.3.15).
fn claim(end: &[u8]) -> Option<u64> {
    let number = |at: usize| Some(u64::from_le_bytes(*end.get(at..)?.first_chunk()?));
    let length = usize::try_from(number(4)?).ok()?.checked_add(12)?;
    let locator = end.get(length..)?;
    locator.starts_with(b"PK\x06\x07").then_some(number(32)?)
}

impl Unpacking<'_> {
    fn tar(&mut self, inner: impl Read, left: &Cell<u64>) -> Result<(), UpdateError> {
        let before = left.get();
        let mut archive = tar::Archive::new(Bounded { inner, left });
        let mut long = None;
        let mut end = 0;
        // As they lie there: of a long name all would be read into memory before we see it.
        let entries = archive.entries().map_err(|error| self.fault(&error))?;
        for entry in entries.raw(true) {
            let mut entry = entry.map_err(|error| self.fault(&error))?;
            self.count()?;
            let size = entry
                .header()
                .entry_size()
                .map_err(|error| self.fault(&error))?;
            end = entry.raw_file_position().saturating_add(size);
            let kind = entry.header().entry_type();
            if kind.is_gnu_longname() || kind.is_pax_local_extensions() {
                let name = self.long_name(kind, &mut entry)?;
                long = name.or(long);
            } else if !kind.is_gnu_longlink() && !kind.is_pax_global_extensions() {
                let path = long.take().unwrap_or_else(|| entry.path_bytes().into());
                if kind.is_file() {
                    self.file(&String::from_utf8_lossy(&path), &mut entry)?;
                }
            }
        }
        // Cut off between two entries it would pass for a whole one, were it not for the block of zeros behind the last
        // (POSIX.1, pax).
        let blocks = end.div_ceil(TAR_BLOCK).saturating_add(1);
        if before - left.get() < blocks.saturating_mul(TAR_BLOCK) {
            return Err(self.fault(&"it is cut off: the end of a tar is missing"));
        }
        // The check sum of gzip stands behind the end of the tar.
        let rest = io::copy(&mut archive.into_inner(), &mut io::sink());
        rest.map_err(|error| self.fault(&error))?;
        Ok(())
    }

    /// The name of the entry that follows, where it is too long for a header: an entry of its own before it (GNU tar), or
    /// a field of one (POSIX.1-2001).
    fn long_name(
        &self,
        kind: tar::EntryType,
        entry: &mut dyn Read,
    ) -> Result<Option<Vec<u8>>, UpdateError> {
        let mut text = Vec::new();
        let read = entry.take(MAX_NAME + 1).read_to_end(&mut text);
        let read = read.map_err(|error| self.fault(&error))?;
        if read as u64 > MAX_NAME {
            return Err(self.fault(&"a name in it is longer than names are"));
        }
        if kind.is_gnu_longname() {
            text.truncate(memchr::memchr(0, &text).unwrap_or(text.len()));
            return Ok(Some(text));
        }
        let mut name = None;
        for field in tar::PaxExtensions::new(&text) {
            let field = field.map_err(|error| self.fault(&error))?;
            match field.key_bytes() {
                b"path" => name = Some(field.value_bytes().to_vec()),
                // Only of files of 8 GiB and more; all that follows would be read from the wrong place.
                b"size" => {
                    return Err(self.fault(&"a file in it is larger than any file of MISP's"));
                }
                _ => {}
            }
        }
        Ok(name)
    }

    fn zip(&mut self, bytes: &[u8], left: &Cell<u64>) -> Result<(), UpdateError> {
        // All of the directory is read into memory at once, many times what it is in the archive.
        if directory(bytes) > self.limits.entries as u64 {
            return Err(self.fault(&TOO_MANY));
        }
        let archive = zip::ZipArchive::new(Cursor::new(bytes));
        let mut archive = archive.map_err(|error| self.fault(&error))?;
        for number in 0..archive.len() {
            self.count()?;
            let entry = archive.by_index(number);
            let inner = entry.map_err(|error| self.fault(&error))?;
            if inner.is_file() {
                let path = inner.name().to_owned();
                self.file(&path, &mut Bounded { inner, left })?;
            }
        }
        Ok(())
    }

    fn count(&mut self) -> Result<(), UpdateError> {
        self.entries += 1;
        if self.entries > self.limits.entries {
            return Err(self.fault(&TOO_MANY));
        }
        Ok(())
    }

    fn file(&mut self, path: &str, reader: &mut dyn Read) -> Result<(), UpdateError> {
        let Some(role) = Role::of(path) else {
            return Ok(());
        };
        let most = self.limits.file;
        let mut json = Vec::new();
        let read = reader.take(most + 1).read_to_end(&mut json);
        let read = read.map_err(|error| self.fault(&format!("`{path}`: {error}")))?;
        if read as u64 > most {
            return Err(self.fault(&format!("`{path}` is larger than any file of MISP's")));
        }
        self.gathered
            .file(role, &json)
            .map_err(|problem| UpdateError::File {
                file: path.to_owned(),
                problem,
            })
    }

    fn fault(&self, problem: &impl ToString) -> UpdateError {
        UpdateError::Archive {
            from: self.from.to_owned(),
            problem: problem.to_string(),
        }
    }
}

#[cfg(test)]
mod tests;
