//! An archive, read in memory: nothing of it is ever written to a path it names.
//!
//! Bounded in bytes, in how much more comes out than goes in, and in the number of entries; an archive over a bound is
//! refused as a whole.

use std::cell::Cell;
use std::io::{self, Cursor, Read};

use flate2::read::MultiGzDecoder;

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
        let inner = MultiGzDecoder::new(bytes);
        unpacking.tar(Bounded { inner, left: &left })
    } else if bytes.starts_with(b"PK") {
        unpacking.zip(bytes, &left)
    } else if bytes.get(257..262) == Some(b"ustar") {
        let inner = bytes;
        unpacking.tar(Bounded { inner, left: &left })
    } else {
        Err(unpacking.fault(&"neither a tar, nor a tar.gz, nor a zip archive"))
    }
}

impl Unpacking<'_> {
    fn tar(&mut self, reader: impl Read) -> Result<(), UpdateError> {
        let mut archive = tar::Archive::new(reader);
        // As they lie there: a long name would be read into memory before we see it, and none of ours is long.
        let entries = archive.entries().map_err(|error| self.fault(&error))?;
        for entry in entries.raw(true) {
            let mut entry = entry.map_err(|error| self.fault(&error))?;
            self.count()?;
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            if entry.header().entry_type().is_file() {
                self.file(&path, &mut entry)?;
            }
        }
        // The check sum of gzip stands behind the end of the tar.
        let rest = io::copy(&mut archive.into_inner(), &mut io::sink());
        rest.map_err(|error| self.fault(&error))?;
        Ok(())
    }

    fn zip(&mut self, bytes: &[u8], left: &Cell<u64>) -> Result<(), UpdateError> {
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
            return Err(self.fault(&"it has too many entries"));
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
