//! The two index files: merging the journal into them, dropping what is too old, and making them anew.
//!
//! Both hold one line per entry and are merged as streams, so that a large folder costs time in proportion to
//! its index (paid at most 5 % of the time) and no memory.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::time::Instant;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::journal::{self, Line};
use super::{Folder, files};
use crate::failure::Failure;

const MANIFEST: &str = "manifest.json";
const HASHES: &str = "hashes.csv";

/// Expired events are looked for this often when there is nothing to merge.
const EXPIRE_EVERY: std::time::Duration = std::time::Duration::from_secs(3600);

/// What a flush did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flushed {
    /// Events whose entries were merged.
    pub merged: usize,
    /// Journal lines that could not be read.
    pub damaged: usize,
    /// Events dropped because of `misp_feed.keep`.
    pub expired: usize,
}

/// What a rebuild did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rebuilt {
    /// Events in the index now.
    pub events: usize,
    /// Event files that could not be read, with the reason.
    pub unreadable: Vec<String>,
}

/// Journal entries by event; of several for one event the last counts.
type Lines = BTreeMap<Uuid, Line>;

/// Brings the index files up to date.
pub(super) fn flush(folder: &Folder, now: DateTime<Utc>) -> Result<Flushed, Failure> {
    let started = Instant::now();
    let lock = lock(folder)?;
    let journals = journal::put_aside(folder)?;
    let (mut lines, mut done) = (Lines::new(), Flushed::default());
    for path in &journals {
        let (read, damaged) = journal::read(path)?;
        done.damaged += damaged;
        lines.extend(read.into_iter().map(|line| (line.uuid, line)));
    }
    if done.damaged > 0 {
        let path = folder.private();
        tracing::warn!(lines = done.damaged, path = %path.display(), "journal lines cut off by a crash were passed over");
    }
    done.merged = lines.len();
    let due = folder
        .last()
        .expired
        .is_none_or(|at| at.elapsed() >= EXPIRE_EVERY);
    let fresh = !folder.path.join(MANIFEST).exists();
    if fresh {
        add_files(folder, &mut lines)?;
    } else if journals.is_empty() && !(folder.keep.is_some() && due) {
        return Ok(done);
    }
    let expired = merge(folder, lines, fresh, now)?;
    for path in &journals {
        fs::remove_file(path).map_err(|error| files::failed("remove", path, &error))?;
    }
    remove_events(folder, &expired)?;
    done.expired = expired.len();
    drop(lock);
    folder.set_last(|last| {
        last.merged = Instant::now();
        last.took = started.elapsed();
        last.expired = Some(Instant::now());
    });
    Ok(done)
}

/// Makes the index files anew from the event files.
pub(super) fn rebuild(folder: &Folder) -> Result<Rebuilt, Failure> {
    let _lock = lock(folder)?;
    let mut lines = Lines::new();
    let rebuilt = add_files(folder, &mut lines)?;
    merge(folder, lines, true, Utc::now())?;
    Ok(rebuilt)
}

fn lock(folder: &Folder) -> Result<File, Failure> {
    let path = folder.private().join("index.lock");
    let file = files::lock_file(&path)?;
    file.lock()
        .map_err(|error| files::failed("lock", &path, &error))?;
    Ok(file)
}

/// Adds a line for every event file, unless the journal has one.
fn add_files(folder: &Folder, lines: &mut Lines) -> Result<Rebuilt, Failure> {
    let mut rebuilt = Rebuilt::default();
    let entries =
        fs::read_dir(&folder.path).map_err(|error| files::failed("list", &folder.path, &error))?;
    for entry in entries.flatten() {
        let path = entry.path();
        let Some(uuid) = event_of(&path) else {
            continue;
        };
        match folder.read_line(&path) {
            Ok(line) => {
                rebuilt.events += 1;
                lines.entry(uuid).or_insert(line);
            }
            Err(failure) => {
                tracing::warn!(%failure, "left out of the index");
                rebuilt.unreadable.push(failure.message);
            }
        }
    }
    Ok(rebuilt)
}

/// The event a file is named after.
fn event_of(path: &Path) -> Option<Uuid> {
    if path.extension()? != "json" {
        return None;
    }
    Uuid::parse_str(path.file_stem()?.to_str()?).ok()
}

/// Writes both index files with these lines in place of what they said of the same events (`fresh`: of any
/// event), and answers the events that are too old and are in neither any more.
fn merge(
    folder: &Folder,
    mut lines: Lines,
    fresh: bool,
    now: DateTime<Utc>,
) -> Result<HashSet<Uuid>, Failure> {
    let mut expired = HashSet::new();
    let oldest = folder.keep.and_then(|keep| {
        let keep = chrono::Duration::from_std(keep).ok()?;
        Some(now.checked_sub_signed(keep)?.timestamp())
    });
    if let Some(oldest) = oldest {
        lines.retain(|uuid, line| {
            let keep = line
                .entry
                .timestamp
                .parse()
                .is_ok_and(|at: i64| at >= oldest);
            if !keep {
                expired.insert(*uuid);
            }
            keep
        });
    }
    match write_manifest(folder, &lines, fresh, oldest, &mut expired) {
        Ok(()) => {}
        Err(Unmerged::Failed(failure)) => return Err(failure),
        // Not as we write it: by hand, by another tool, or cut. The event files know better.
        Err(Unmerged::Unreadable) => {
            let path = folder.path.join(MANIFEST);
            tracing::warn!(path = %path.display(), "index not as expected; made anew from the event files");
            add_files(folder, &mut lines)?;
            return merge(folder, lines, true, now);
        }
    }
    write_hashes(folder, &lines, fresh, &expired)?;
    files::sync_folder(&folder.path)?;
    Ok(expired)
}

enum Unmerged {
    Failed(Failure),
    Unreadable,
}

impl From<Failure> for Unmerged {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The part of a manifest entry that decides whether it stays.
#[derive(Deserialize)]
struct Dated {
    timestamp: String,
}

fn write_manifest(
    folder: &Folder,
    lines: &Lines,
    fresh: bool,
    oldest: Option<i64>,
    expired: &mut HashSet<Uuid>,
) -> Result<(), Unmerged> {
    let path = folder.path.join(MANIFEST);
    let write = |error: io::Error| files::failed("write", &path, &error);
    let (temporary, mut out) = files::temporary(&folder.private())?;
    let mut entries = Entries {
        out: &mut out,
        first: true,
    };
    if !fresh {
        copy_manifest(&path, &mut entries, lines, oldest, expired)?;
    }
    for line in lines.values() {
        let body = serde_json::to_string(&line.entry).unwrap_or_default();
        entries.add(line.uuid, &body).map_err(write)?;
    }
    let end: &[u8] = if entries.first { b"{}\n" } else { b"\n}\n" };
    out.write_all(end).map_err(write)?;
    files::finish(&temporary, out)?;
    temporary.place(&path)?;
    Ok(())
}

/// Copies what stays of the present manifest.
fn copy_manifest(
    path: &Path,
    entries: &mut Entries<'_>,
    lines: &Lines,
    oldest: Option<i64>,
    expired: &mut HashSet<Uuid>,
) -> Result<(), Unmerged> {
    let failed = |error: io::Error| files::failed("copy", path, &error);
    let old = BufReader::with_capacity(1 << 16, File::open(path).map_err(failed)?);
    let mut closed = false;
    for line in old.lines() {
        let line = line.map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => Unmerged::Unreadable,
            _ => failed(error).into(),
        })?;
        let text = line.trim().trim_end_matches(',');
        if matches!(text, "{" | "" | "}" | "{}") {
            closed = text.ends_with('}');
            continue;
        }
        let (uuid, body) = entry(text).ok_or(Unmerged::Unreadable)?;
        if lines.contains_key(&uuid) || expired.contains(&uuid) {
            continue;
        }
        if let Some(oldest) = oldest {
            let dated: Dated = serde_json::from_str(body).map_err(|_| Unmerged::Unreadable)?;
            if dated.timestamp.parse::<i64>().unwrap_or(i64::MAX) < oldest {
                expired.insert(uuid);
                continue;
            }
        }
        entries.add(uuid, body).map_err(failed)?;
    }
    if closed {
        Ok(())
    } else {
        Err(Unmerged::Unreadable)
    }
}

/// The event and the value of one line, `"uuid":{…}`.
fn entry(line: &str) -> Option<(Uuid, &str)> {
    let (uuid, body) = line.strip_prefix('"')?.split_once("\":")?;
    let whole = body.starts_with('{') && body.ends_with('}');
    Some((Uuid::parse_str(uuid).ok()?, body)).filter(|_| whole)
}

/// Writes entries one a line, with commas between them.
struct Entries<'a> {
    out: &'a mut BufWriter<File>,
    first: bool,
}

impl Entries<'_> {
    fn add(&mut self, uuid: Uuid, body: &str) -> io::Result<()> {
        let before = if self.first { "{\n" } else { ",\n" };
        self.first = false;
        write!(self.out, "{before}\"{uuid}\":{body}")
    }
}

fn write_hashes(
    folder: &Folder,
    lines: &Lines,
    fresh: bool,
    expired: &HashSet<Uuid>,
) -> Result<(), Failure> {
    let path = folder.path.join(HASHES);
    let (temporary, mut out) = files::temporary(&folder.private())?;
    let copied = match File::open(&path) {
        Ok(_) if fresh => Ok(()),
        Ok(file) => copy_hashes(BufReader::new(file), &mut out, lines, expired),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    };
    copied
        .and_then(|()| {
            for line in lines.values() {
                for hash in &line.hashes {
                    writeln!(out, "{hash},{}", line.uuid)?;
                }
            }
            Ok(())
        })
        .map_err(|error| files::failed("write", &path, &error))?;
    files::finish(&temporary, out)?;
    temporary.place(&path)
}

fn copy_hashes(
    from: BufReader<File>,
    out: &mut BufWriter<File>,
    lines: &Lines,
    expired: &HashSet<Uuid>,
) -> io::Result<()> {
    for line in from.lines() {
        let line = line?;
        let Some(uuid) = line
            .split_once(',')
            .and_then(|(_, uuid)| Uuid::parse_str(uuid).ok())
        else {
            continue;
        };
        if !lines.contains_key(&uuid) && !expired.contains(&uuid) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// Removes the files of events that are in the index no more.
fn remove_events(folder: &Folder, expired: &HashSet<Uuid>) -> Result<(), Failure> {
    for uuid in expired {
        let path = folder.file(*uuid);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(files::failed("remove", &path, &error));
            }
            _ => {}
        }
    }
    Ok(())
}
