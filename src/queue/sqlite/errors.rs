//! What SQLite's errors mean, with the name of the file.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::ErrorCode;

use crate::queue::QueueError;

/// The file, for messages.
#[derive(Debug, Clone)]
pub(super) struct Place(Arc<PathBuf>);

impl Place {
    pub(super) fn new(path: &Path) -> Self {
        Self(Arc::new(path.to_owned()))
    }

    /// The error in the queue's own classes.
    pub(super) fn error(&self, error: &rusqlite::Error) -> QueueError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => QueueError::Full(format!(
                "{self} cannot grow: the disk is full; make room and run again"
            )),
            Some(ErrorCode::NotADatabase) => QueueError::Corrupt(format!(
                "{self} is not an SQLite database; move it away or set `store.path`"
            )),
            Some(ErrorCode::DatabaseCorrupt) => QueueError::Corrupt(format!(
                "{self} is damaged ({error}); save what `sqlite3 FILE .recover` finds, or move it away"
            )),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                QueueError::Unavailable(format!("{self} is locked by another process: {error}"))
            }
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
                QueueError::Unavailable(format!(
                    "{self} cannot be opened for writing: {error}; check the path and its permissions"
                ))
            }
            _ => QueueError::Store(format!("{self}: {error}")),
        }
    }

    /// A row that Gleaner did not write, or not like this.
    pub(super) fn garbled(&self, what: &str, error: &dyn fmt::Display) -> QueueError {
        QueueError::Corrupt(format!(
            "{self} holds under {what} what cannot be read: {error}"
        ))
    }

    /// The thread that owns the connection has ended.
    pub(super) fn gone(&self) -> QueueError {
        QueueError::Unavailable(format!("{self} is closed"))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the queue `{}`", self.0.display())
    }
}

/// Whether another connection holds a lock.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}
