//! The SQLite file: how it is opened, and how an older one is brought up to date.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::errors::Place;
use crate::queue::{QueueError, Result};

/// Marks a file as Gleaner's (`GLNR`), in the header field SQLite keeps for that.
const APPLICATION_ID: i64 = 0x474c_4e52;

/// How long one process waits for another to finish its transaction.
const BUSY: Duration = Duration::from_secs(15);

/// Step `n` brings a file from version `n` to `n + 1`; `PRAGMA user_version` counts them.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE jobs (
        seq       INTEGER PRIMARY KEY AUTOINCREMENT,
        id        TEXT NOT NULL UNIQUE,
        state     TEXT NOT NULL,            -- waiting, running, later, delivered, skipped, dead
        ready     INTEGER NOT NULL,         -- running: end of the lease; later: when due; else 0 (microseconds)
        attempts  INTEGER NOT NULL DEFAULT 0,
        fence     INTEGER NOT NULL DEFAULT 0, -- counts claims: proof of holding the lease
        worker    TEXT,                     -- who holds the lease
        alone     INTEGER NOT NULL DEFAULT 0, -- running: its worker gets nothing beside it
        host_turn INTEGER,                  -- microseconds
        created   INTEGER NOT NULL,         -- microseconds
        updated   INTEGER NOT NULL,         -- microseconds
        job       TEXT NOT NULL,            -- JSON, as are the next two
        receipts  TEXT NOT NULL DEFAULT '{}',
        history   TEXT NOT NULL DEFAULT '[]',
        note      TEXT
    );
    CREATE INDEX jobs_ready ON jobs (state, ready, seq);
    CREATE INDEX jobs_updated ON jobs (state, updated);
    CREATE TABLE seen (
        key   TEXT PRIMARY KEY,             -- SHA-256 of one identity of an article
        job   TEXT NOT NULL,                -- empty: marked as seen without a job
        until INTEGER NOT NULL              -- microseconds
    ) WITHOUT ROWID;
    CREATE INDEX seen_until ON seen (until);
    CREATE TABLE feeds (
        key   TEXT PRIMARY KEY,             -- SHA-256 of the listed URL
        url   TEXT NOT NULL,                -- for people: without user name and password
        state TEXT NOT NULL                 -- JSON
    ) WITHOUT ROWID;
    CREATE TABLE hosts (
        host   TEXT PRIMARY KEY,
        next   INTEGER NOT NULL,            -- when the next turn may be, in microseconds
        paused INTEGER NOT NULL             -- until when it is not to be asked, in microseconds
    ) WITHOUT ROWID;
", "
    CREATE TABLE stories (
        event TEXT PRIMARY KEY,             -- UUID
        until INTEGER NOT NULL,             -- microseconds
        story TEXT NOT NULL                 -- JSON
    ) WITHOUT ROWID;
    CREATE INDEX stories_until ON stories (until);
    CREATE TABLE prints (
        print TEXT NOT NULL,                -- hash of something rare
        event TEXT NOT NULL,                -- that left it
        until INTEGER NOT NULL,             -- microseconds
        PRIMARY KEY (print, event)
    ) WITHOUT ROWID;
    CREATE INDEX prints_until ON prints (until);
", "
    CREATE TABLE bodies (
        job  TEXT PRIMARY KEY,              -- id
        body BLOB NOT NULL                  -- the page submitted with it, deflated
    );
    CREATE TABLE results (
        job    TEXT PRIMARY KEY,            -- id
        result BLOB NOT NULL                -- what was made of its article
    );
    CREATE TRIGGER jobs_removed AFTER DELETE ON jobs BEGIN
        DELETE FROM bodies WHERE job = old.id;
        DELETE FROM results WHERE job = old.id;
    END;
    CREATE TABLE hours (
        hour  INTEGER NOT NULL,             -- hours since 1970
        what  TEXT NOT NULL,                -- delivered, skipped, dead:REASON, steps:STEP, micros:STEP
        count INTEGER NOT NULL,
        PRIMARY KEY (hour, what)
    ) WITHOUT ROWID;
    CREATE INDEX jobs_by_time ON jobs (updated);
"];

/// Opens the file for writing, makes or updates its tables.
pub(super) fn open_writer(path: &Path) -> Result<Connection> {
    let place = Place::new(path);
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).map_err(|error| {
            QueueError::Unavailable(format!(
                "cannot make the folder `{}` of the queue: {error}",
                folder.display()
            ))
        })?;
    }
    let mut connection = Connection::open(path).map_err(|error| place.error(&error))?;
    prepare(&mut connection, &place)?;
    Ok(connection)
}

/// Opens the file, which is there, for reading only.
pub(super) fn open_reader(path: &Path) -> Result<Connection> {
    let place = Place::new(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY)?;
        Ok(connection)
    };
    open().map_err(|error| place.error(&error))
}

fn prepare(connection: &mut Connection, place: &Place) -> Result<()> {
    connection
        .busy_timeout(BUSY)
        .map_err(|error| place.error(&error))?;
    // Before anything is written to it: a file that is not ours stays as it is.
    check_owner(connection, place)?;
    let mode: String = set_wal(connection).map_err(|error| place.error(&error))?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(QueueError::Store(format!(
            "{place} cannot use a write-ahead log (`{mode}`); put it on a local disk"
        )));
    }
    connection
        .execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000;")
        .map_err(|error| place.error(&error))?;
    connection.set_prepared_statement_cache_capacity(64);
    migrate(connection, place)
}

/// The switch to WAL does not wait for locks by itself when two processes make the file at once.
fn set_wal(connection: &Connection) -> rusqlite::Result<String> {
    let mut left = 100;
    loop {
        match connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)) {
            Err(error) if left > 0 && super::errors::is_busy(&error) => {
                left -= 1;
                std::thread::sleep(Duration::from_millis(20));
            }
            result => return result,
        }
    }
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

/// Refuses databases of other programs, and of newer versions of this one.
fn check_owner(connection: &Connection, place: &Place) -> Result<()> {
    let facts = || -> rusqlite::Result<(i64, i64, i64)> {
        let tables =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        Ok((
            pragma(connection, "application_id")?,
            pragma(connection, "user_version")?,
            tables,
        ))
    };
    let (application, version, tables) = facts().map_err(|error| place.error(&error))?;
    if application != APPLICATION_ID && (application != 0 || tables != 0) {
        return Err(QueueError::Corrupt(format!(
            "{place} is a database of another program; set `store.path` to a file of its own"
        )));
    }
    let known = MIGRATIONS.len();
    if usize::try_from(version).is_ok_and(|version| version > known) {
        return Err(QueueError::Store(format!(
            "{place} was written by a newer Gleaner (its version is {version}, this program knows {known}): \
             update this program, or give it another file in `store.path`"
        )));
    }
    Ok(())
}

fn migrate(connection: &mut Connection, place: &Place) -> Result<()> {
    let mut run = || -> rusqlite::Result<()> {
        if usize::try_from(pragma(connection, "user_version")?) == Ok(MIGRATIONS.len()) {
            return Ok(());
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have been first: the version counts once the lock is held.
        let version = usize::try_from(pragma(&transaction, "user_version")?).unwrap_or(0);
        for step in MIGRATIONS.iter().skip(version) {
            transaction.execute_batch(step)?;
        }
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(
            None,
            "user_version",
            i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX),
        )?;
        transaction.commit()
    };
    run().map_err(|error| place.error(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(prepare: impl FnOnce(&Path)) -> QueueError {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queue.db");
        prepare(&path);
        let before = std::fs::read(&path).unwrap();
        let error = open_writer(&path).unwrap_err();
        assert!(error.to_string().contains("queue.db"), "{error}");
        assert_eq!(before, std::fs::read(&path).unwrap(), "it was changed");
        error
    }

    #[test]
    fn a_newer_file_is_refused() {
        let error = refused(|path| {
            let connection = open_writer(path).unwrap();
            connection.pragma_update(None, "user_version", 99).unwrap();
        });
        assert!(matches!(error, QueueError::Store(_)), "{error:?}");
        assert!(error.to_string().contains("newer Gleaner"), "{error}");
    }

    #[test]
    fn a_file_that_is_no_database_is_refused() {
        let error = refused(|path| std::fs::write(path, "not a database ".repeat(100)).unwrap());
        assert!(matches!(error, QueueError::Corrupt(_)), "{error:?}");
    }

    #[test]
    fn a_database_of_another_program_is_refused() {
        let error = refused(|path| {
            let connection = Connection::open(path).unwrap();
            connection.execute_batch("CREATE TABLE theirs (x)").unwrap();
        });
        assert!(matches!(error, QueueError::Corrupt(_)), "{error:?}");
        assert!(error.to_string().contains("another program"), "{error}");
    }

    #[test]
    fn many_open_a_new_file_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/queue.db");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| open_writer(&path).unwrap());
            }
        });
        assert_eq!(
            pragma(&open_reader(&path).unwrap(), "user_version").unwrap(),
            3
        );
    }

    #[test]
    fn an_older_file_keeps_what_it_has() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queue.db");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(MIGRATIONS[0]).unwrap();
        old.pragma_update(None, "application_id", APPLICATION_ID)
            .unwrap();
        old.pragma_update(None, "user_version", 1).unwrap();
        old.execute("INSERT INTO seen VALUES ('k', 'j', 9)", [])
            .unwrap();
        drop(old);
        let count = |table: &str| -> i64 {
            let sql = format!("SELECT count(*) FROM {table}");
            let connection = open_writer(&path).unwrap();
            connection.query_row(&sql, [], |row| row.get(0)).unwrap()
        };
        assert_eq!(
            (count("seen"), count("stories"), count("prints")),
            (1, 0, 0)
        );
        assert_eq!(
            (count("bodies"), count("results"), count("hours")),
            (0, 0, 0)
        );
    }
}
