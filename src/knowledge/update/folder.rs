//! A folder: a clone of misp-galaxy, of misp-warninglists, or one that has both in it.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::UpdateError;
use crate::knowledge::import::{Gathered, Role};

/// Largest file read; the largest list of misp-warninglists has 30 MB.
const MAX_FILE: u64 = 256 << 20;

/// Folders below the one that was named.
const MAX_DEPTH: usize = 6;

/// Files and folders looked at.
const MAX_ENTRIES: usize = 200_000;

pub(super) fn gather(folder: &Path, gathered: &mut Gathered) -> Result<(), UpdateError> {
    let mut files = Vec::new();
    let mut left = MAX_ENTRIES;
    walk(folder, MAX_DEPTH, &mut left, &mut files)?;
    files.sort();
    for (file, role) in files {
        let json = read(&file).map_err(|error| fault(&file, &error))?;
        gathered
            .file(role, &json)
            .map_err(|problem| fault(&file, &problem))?;
    }
    Ok(())
}

fn walk(
    folder: &Path,
    depth: usize,
    left: &mut usize,
    files: &mut Vec<(PathBuf, Role)>,
) -> Result<(), UpdateError> {
    for entry in fs::read_dir(folder).map_err(|error| fault(folder, &error))? {
        let entry = entry.map_err(|error| fault(folder, &error))?;
        *left = left
            .checked_sub(1)
            .ok_or_else(|| fault(folder, &"there are too many files; name the clone itself"))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(|error| fault(&path, &error))?;
        // Links are not followed: they could lead anywhere, and round in circles.
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if kind.is_dir() && depth > 0 && !hidden {
            walk(&path, depth - 1, left, files)?;
        } else if kind.is_file()
            && let Some(role) = path.to_str().and_then(Role::of)
        {
            files.push((path, role));
        }
    }
    Ok(())
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut json = Vec::new();
    let read = fs::File::open(file)?
        .take(MAX_FILE + 1)
        .read_to_end(&mut json)?;
    if read as u64 > MAX_FILE {
        return Err(std::io::Error::other("larger than any file of MISP's"));
    }
    Ok(json)
}

fn fault(file: &Path, problem: &impl ToString) -> UpdateError {
    UpdateError::File {
        file: file.display().to_string(),
        problem: problem.to_string(),
    }
}
