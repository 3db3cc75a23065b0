//! A folder in MISP feed format, which any MISP server can subscribe to over HTTP or read from disk.
//!
//! ```text
//! manifest.json            what MISP asks first: one line per event
//! hashes.csv               md5(value),event-uuid, for servers that cache the feed
//! <uuid>.json              one file per event
//! .gleaner/journal         index entries not yet in the two index files, one JSON object a line
//! .gleaner/merging-*       journals being merged into them
//! .gleaner/lock            held while appending to the journal and while it is put aside
//! .gleaner/index.lock      held while the index files are rewritten
//! ```
//!
//! An event is delivered once its file and its journal line are on the disk, so the cost of one more event does
//! not grow with the folder. [`MispFeed::flush`] merges journals into the index files. Any number of threads
//! and processes may do both at once, in containers and on several hosts too, as long as the file system has
//! locks that all of them see (`flock`; NFS 4, or 3 with its lock service) and puts a renamed file in place at
//! once. NFS mounted with `nolock` or `local_lock=all`, and file systems that only pretend to lock, are not
//! supported: two mergers at once may leave entries out of the index, which a rebuild brings back. Clocks may
//! differ by less than an hour.
//!
//! After a crash at any instant the journal is still there and is merged by
//! whoever comes next; an article that was not acknowledged is delivered again, finds its file, and is
//! journalled once more, which changes nothing if it was there.

mod files;
mod group;
mod index;
mod journal;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Delivering, Delivery, Destination, Receipt};
use crate::config;
use crate::event::{Event, Org, ids};
use crate::failure::{Failure, Reason};

pub use self::index::{Flushed, Rebuilt};
use self::journal::Line;

/// Index files are merged at most this often while events keep coming.
const FLUSH_EVERY: Duration = Duration::from_secs(1);

/// ... and not before so many times the duration of the last merge, which bounds its share of the time to 5 %.
const FLUSH_SHARE: u32 = 20;

/// A temporary file unchanged for so long is nobody's any more.
const STALE: Duration = Duration::from_secs(3600);

/// The feed folder as a destination. Cheap to share; build one per process.
pub struct MispFeed {
    inner: Arc<Folder>,
    group: group::Group,
    merging: Arc<AtomicBool>,
}

/// What all threads share.
struct Folder {
    path: PathBuf,
    org: Org,
    keep: Option<Duration>,
    last: std::sync::Mutex<Last>,
}

/// When the index files were last merged here, and how long that took.
#[derive(Debug, Clone, Copy)]
struct Last {
    merged: Instant,
    took: Duration,
    expired: Option<Instant>,
}

/// An event file's content.
#[derive(Serialize)]
struct File<'a> {
    #[serde(rename = "Event")]
    event: Published<'a>,
}

/// An event with what only a feed's events carry.
#[derive(Serialize)]
struct Published<'a> {
    #[serde(flatten)]
    event: &'a Event,
    #[serde(rename = "Orgc")]
    org: &'a Org,
    timestamp: String,
}

/// An event file read back.
#[derive(Deserialize)]
struct ReadFile {
    #[serde(rename = "Event")]
    event: ReadEvent,
}

#[derive(Deserialize)]
struct ReadEvent {
    #[serde(flatten)]
    event: Event,
    #[serde(rename = "Orgc")]
    org: Option<Org>,
    #[serde(default)]
    timestamp: serde_json::Value,
}

impl MispFeed {
    /// Opens the folder, making it if need be, and brings its index up to date with what a crash left in the
    /// journal. Blocks.
    pub fn open(path: &Path, settings: &config::MispFeed) -> Result<Self, Failure> {
        let name = crate::event::text::line(&settings.org_name);
        let uuid = if settings.org_uuid.trim().is_empty() {
            ids::organisation(&name)
        } else {
            Uuid::parse_str(settings.org_uuid.trim()).map_err(|error| {
                let given = &settings.org_uuid;
                let message = format!("`misp_feed.org_uuid` = `{given}` is not a UUID: {error}");
                Failure::new(Reason::Storage, message)
            })?
        };
        let folder = Folder {
            path: path.to_owned(),
            org: Org { name, uuid },
            keep: (!settings.keep.is_zero()).then(|| settings.keep.get()),
            last: std::sync::Mutex::new(Last {
                merged: Instant::now(),
                took: Duration::ZERO,
                expired: None,
            }),
        };
        let private = folder.private();
        std::fs::create_dir_all(&private)
            .map_err(|error| files::failed("make", &private, &error))?;
        files::remove_stale(&private, STALE);
        index::flush(&folder, Utc::now())?;
        Ok(Self {
            inner: Arc::new(folder),
            group: group::Group::default(),
            merging: Arc::new(AtomicBool::new(false)),
        })
    }

    /// Merges everything journalled into the index files and drops events past `misp_feed.keep`. Blocks.
    pub fn flush_now(&self) -> Result<Flushed, Failure> {
        index::flush(&self.inner, Utc::now())
    }

    /// Makes the index files anew from the event files. Blocks.
    pub fn rebuild(&self) -> Result<Rebuilt, Failure> {
        index::rebuild(&self.inner)
    }

    /// Merges in the background when it is time to and nobody here is at it.
    fn flush_if_due(&self) {
        if !self.inner.is_due() || self.merging.swap(true, Ordering::AcqRel) {
            return;
        }
        let (folder, merging) = (Arc::clone(&self.inner), Arc::clone(&self.merging));
        tokio::task::spawn_blocking(move || {
            if let Err(failure) = index::flush(&folder, Utc::now()) {
                // Nothing is lost: the journal keeps it, and the next merge tries again.
                tracing::warn!(%failure, "index of the feed folder not brought up to date");
            }
            merging.store(false, Ordering::Release);
        });
    }
}

impl Folder {
    fn private(&self) -> PathBuf {
        self.path.join(".gleaner")
    }

    fn file(&self, uuid: Uuid) -> PathBuf {
        self.path.join(format!("{uuid}.json"))
    }

    fn last(&self) -> Last {
        *self
            .last
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn set_last(&self, change: impl FnOnce(&mut Last)) {
        change(
            &mut self
                .last
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        );
    }

    fn is_due(&self) -> bool {
        let last = self.last();
        last.merged.elapsed() >= FLUSH_EVERY.max(last.took * FLUSH_SHARE)
    }

    /// Writes the event's file under a temporary name, on the disk, unless it is there already. The file that
    /// is there is read for its index entry, which may have been lost in a crash.
    fn prepare(&self, event: &Event, now: DateTime<Utc>) -> Result<Prepared, Failure> {
        let path = self.file(event.uuid);
        if path
            .try_exists()
            .map_err(|error| files::failed("look for", &path, &error))?
        {
            return Ok(Prepared {
                line: self.read_line(&path)?,
                rename: None,
            });
        }
        let timestamp = now.timestamp();
        let document = File {
            event: Published {
                event,
                org: &self.org,
                timestamp: timestamp.to_string(),
            },
        };
        let bytes = serde_json::to_vec(&document).map_err(|error| {
            Failure::new(
                Reason::Storage,
                format!("event {} not written as JSON: {error}", event.uuid),
            )
        })?;
        let written = files::write_temporary(&self.private(), &bytes)?;
        Ok(Prepared {
            line: Line::of(event, &self.org, timestamp),
            rename: Some((written, path)),
        })
    }

    /// The index entry of an event file.
    fn read_line(&self, path: &Path) -> Result<Line, Failure> {
        let bytes = std::fs::read(path).map_err(|error| files::failed("read", path, &error))?;
        let file: ReadFile = serde_json::from_slice(&bytes).map_err(|error| {
            let message = format!(
                "`{}` is not an event of MISP: {error}; move it away",
                path.display()
            );
            Failure::new(Reason::Storage, message)
        })?;
        let org = file.event.org.as_ref().unwrap_or(&self.org);
        let timestamp = match &file.event.timestamp {
            serde_json::Value::String(text) => text.parse().unwrap_or_default(),
            other => other.as_i64().unwrap_or_default(),
        };
        Ok(Line::of(&file.event.event, org, timestamp))
    }
}

/// An event ready to be committed.
struct Prepared {
    line: Line,
    /// The temporary file, and its name to be; `None` when the event was there already.
    rename: Option<(files::Temporary, PathBuf)>,
}

#[async_trait]
impl Destination for MispFeed {
    fn name(&self) -> &'static str {
        config::DestinationKind::MispFeed.as_str()
    }

    async fn deliver(&self, event: &Event, _: Delivering<'_>) -> Result<Receipt, Failure> {
        let (folder, copy, now) = (Arc::clone(&self.inner), event.clone(), Utc::now());
        let prepared = blocking(move || folder.prepare(&copy, now)).await?;
        let delivery = if prepared.rename.is_some() {
            Delivery::Created
        } else {
            Delivery::AlreadyThere
        };
        self.group.commit(&self.inner, prepared).await?;
        self.flush_if_due();
        Ok(Receipt {
            delivery,
            event: event.uuid.to_string(),
            location: Some(self.inner.file(event.uuid).display().to_string()),
            notes: Vec::new(),
            unfinished: None,
            at: now,
        })
    }

    async fn flush(&self) -> Result<(), Failure> {
        let folder = Arc::clone(&self.inner);
        blocking(move || index::flush(&folder, Utc::now()).map(|_| ())).await
    }
}

/// Runs what waits for the disk off the runtime's own threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| {
            Err(Failure::new(
                Reason::Crashed,
                format!("writing to the feed folder stopped: {error}"),
            ))
        })
}

#[cfg(test)]
mod tests;
