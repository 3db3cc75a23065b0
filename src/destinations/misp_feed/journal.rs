//! The journal: index entries that are durable but not yet in the index files.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Folder, files};
use crate::event::{Event, Org, Tag};
use crate::failure::Failure;

/// What the index files say of one event.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Line {
    /// The event.
    pub(super) uuid: Uuid,
    /// Its entry in `manifest.json`.
    pub(super) entry: Entry,
    /// MD5 of each value, in hexadecimal, for `hashes.csv`.
    pub(super) hashes: Vec<String>,
}

/// One entry of `manifest.json`, with the keys MISP reads.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    #[serde(rename = "Orgc")]
    org: Org,
    #[serde(rename = "Tag")]
    tags: Vec<Tag>,
    info: String,
    date: NaiveDate,
    analysis: String,
    threat_level_id: String,
    /// Seconds; MISP fetches the event again when it is newer than what it has.
    pub(super) timestamp: String,
}

impl Line {
    /// The index entry of an event.
    pub(super) fn of(event: &Event, org: &Org, timestamp: i64) -> Self {
        Self {
            uuid: event.uuid,
            entry: Entry {
                org: org.clone(),
                tags: event.tags.clone(),
                info: event.info.clone(),
                date: event.date,
                analysis: event.analysis.to_string(),
                threat_level_id: event.threat_level_id.to_string(),
                timestamp: timestamp.to_string(),
            },
            hashes: hashes(event),
        }
    }
}

/// Each part of a composite value (`filename|sha256`) counts by itself.
fn hashes(event: &Event) -> Vec<String> {
    let mut all = Vec::new();
    for attribute in event.every_attribute() {
        let composite = attribute.kind.contains('|');
        let parts = if composite { usize::MAX } else { 1 };
        for part in attribute.value.splitn(parts, '|') {
            let hash = hex::encode(Md5::digest(part.as_bytes()));
            if !all.contains(&hash) {
                all.push(hash);
            }
        }
    }
    all
}

fn path(folder: &Folder) -> PathBuf {
    folder.private().join("journal")
}

fn lock(folder: &Folder) -> Result<(File, PathBuf), Failure> {
    let path = folder.private().join("lock");
    Ok((files::lock_file(&path)?, path))
}

/// Appends lines and waits until they are on the disk.
pub(super) fn append<'a>(
    folder: &Folder,
    lines: impl Iterator<Item = &'a Line>,
) -> Result<(), Failure> {
    // A line another process could not finish (full disk) ends here and spoils none of ours.
    let mut bytes = b"\n".to_vec();
    for line in lines {
        if serde_json::to_writer(&mut bytes, line).is_ok() {
            bytes.push(b'\n');
        }
    }
    let (lock, lock_path) = lock(folder)?;
    lock.lock()
        .map_err(|error| files::failed("lock", &lock_path, &error))?;
    let path = path(folder);
    let is_new = !path.exists();
    File::options()
        .create(true)
        .append(true)
        .open(&path)
        .and_then(|mut file| file.write_all(&bytes).and_then(|()| file.sync_data()))
        .map_err(|error| files::failed("append to", &path, &error))?;
    if is_new {
        files::sync_folder(&folder.private())?;
    }
    Ok(())
}

/// Puts the current journal aside and lists all that wait to be merged, oldest first. The caller holds the
/// index lock, so nobody else merges them.
pub(super) fn put_aside(folder: &Folder) -> Result<Vec<PathBuf>, Failure> {
    let private = folder.private();
    let current = path(folder);
    if fs::metadata(&current).is_ok_and(|data| data.len() > 0) {
        let (lock, lock_path) = lock(folder)?;
        lock.lock()
            .map_err(|error| files::failed("lock", &lock_path, &error))?;
        let aside = private.join(format!("merging-{}", Uuid::now_v7().simple()));
        fs::rename(&current, &aside).map_err(|error| files::failed("rename", &current, &error))?;
    }
    let mut waiting: Vec<PathBuf> = fs::read_dir(&private)
        .map_err(|error| files::failed("list", &private, &error))?
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("merging-"))
        .map(|entry| entry.path())
        .collect();
    waiting.sort();
    Ok(waiting)
}

/// The lines of one journal, and how many could not be read (the tail that a crash or a full disk cut off;
/// its articles were never acknowledged and come again).
pub(super) fn read(path: &Path) -> Result<(Vec<Line>, usize), Failure> {
    let bytes = fs::read(path).map_err(|error| files::failed("read", path, &error))?;
    let (mut lines, mut damaged) = (Vec::new(), 0);
    for line in bytes.split(|byte| *byte == b'\n') {
        if line.is_empty() {
            continue;
        }
        match serde_json::from_slice(line) {
            Ok(line) => lines.push(line),
            Err(_) => damaged += 1,
        }
    }
    Ok((lines, damaged))
}
