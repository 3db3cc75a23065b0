//! Files that are whole or not there, also after a power cut.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use uuid::Uuid;

use crate::failure::{Failure, Reason};

/// What could not be done to which file, and what to look at.
pub(super) fn failed(doing: &str, path: &Path, error: &io::Error) -> Failure {
    let advice = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; free some space",
        io::ErrorKind::PermissionDenied => "; the user Gleaner runs as must be able to write there",
        io::ErrorKind::ReadOnlyFilesystem => "; the file system is mounted read-only",
        _ => "",
    };
    let message = format!("could not {doing} `{}`: {error}{advice}", path.display());
    Failure::new(Reason::Storage, message)
}

/// A file written under a name nobody reads; gone when dropped, unless it was put in place.
pub(super) struct Temporary {
    path: PathBuf,
    placed: bool,
}

impl Temporary {
    /// Gives the file its name, in place of one that may have it. Durable once the folder is synced.
    pub(super) fn place(mut self, path: &Path) -> Result<(), Failure> {
        fs::rename(&self.path, path).map_err(|error| failed("put in place", path, &error))?;
        self.placed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.placed {
            // Nothing more can be done about it; stale files are removed when the folder is opened.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A new temporary file in this folder, and the handle to write it with.
///
/// Its name is random: process ids tell nothing apart where containers or hosts share the folder. A name that is
/// taken all the same is an error, never another writer's file.
pub(super) fn temporary(folder: &Path) -> Result<(Temporary, BufWriter<File>), Failure> {
    let path = folder.join(format!("{}.tmp", Uuid::new_v4().simple()));
    let file = File::create_new(&path).map_err(|error| failed("write", &path, &error))?;
    let temporary = Temporary {
        path,
        placed: false,
    };
    Ok((temporary, BufWriter::with_capacity(1 << 16, file)))
}

/// Empties the buffer and waits until the file is on the disk.
pub(super) fn finish(temporary: &Temporary, writer: BufWriter<File>) -> Result<(), Failure> {
    let file = writer.into_inner().map_err(io::IntoInnerError::into_error);
    file.and_then(|file| file.sync_all())
        .map_err(|error| failed("write", &temporary.path, &error))
}

/// Writes a temporary file and waits until it is on the disk.
pub(super) fn write_temporary(folder: &Path, bytes: &[u8]) -> Result<Temporary, Failure> {
    let (temporary, mut writer) = temporary(folder)?;
    writer
        .write_all(bytes)
        .map_err(|error| failed("write", &temporary.path, &error))?;
    finish(&temporary, writer)?;
    Ok(temporary)
}

/// Waits until the names in this folder are on the disk.
pub(super) fn sync_folder(folder: &Path) -> Result<(), Failure> {
    File::open(folder)
        .and_then(|handle| handle.sync_all())
        .map_err(|error| failed("sync", folder, &error))
}

/// Opens a lock file; the lock itself is taken by the caller and goes with the handle.
pub(super) fn lock_file(path: &Path) -> Result<File, Failure> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(|error| failed("open", path, &error))
}

/// Removes temporary files that are older than anyone still writing them can be.
pub(super) fn remove_stale(folder: &Path, age: Duration) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let stale = entry
            .metadata()
            .and_then(|data| data.modified())
            .is_ok_and(|time| time.elapsed().is_ok_and(|elapsed| elapsed >= age));
        if stale && path.extension().is_some_and(|extension| extension == "tmp") {
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In containers every process is number 1 and counts from 0.
    #[test]
    fn a_process_of_the_same_number_keeps_its_files() {
        let folder = tempfile::tempdir().unwrap();
        let theirs = |number| {
            let name = format!("{}-{number}.tmp", std::process::id());
            folder.path().join(name)
        };
        for number in 0..500 {
            fs::write(theirs(number), "theirs").unwrap();
        }
        let ours: Vec<Temporary> = (0..50)
            .map(|_| write_temporary(folder.path(), b"ours").unwrap())
            .collect();
        for number in 0..500 {
            assert_eq!(fs::read(theirs(number)).unwrap(), b"theirs");
        }
        assert!(
            ours.iter()
                .all(|one| fs::read(&one.path).unwrap() == b"ours")
        );
        drop(ours);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 500);
    }
}
