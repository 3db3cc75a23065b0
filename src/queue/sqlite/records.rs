//! Rows as values, and what people ask for.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ops::now;
use super::thread::Fault;
use crate::destinations::Receipt;
use crate::queue::identity::{self, Key};
use crate::queue::{Attempt, Counts, FeedState, JobRecord, JobState, Lease, Listing, QueueError};

type Done<T> = Result<T, Fault>;

pub(super) fn to_json<T: Serialize>(value: &T) -> Done<String> {
    serde_json::to_string(value)
        .map_err(|error| Fault::Queue(QueueError::Store(format!("cannot write JSON: {error}"))))
}

/// One JSON column of one job; the default when there is no such job.
fn column<T: DeserializeOwned + Default>(connection: &Connection, sql: &str, id: &str) -> Done<T> {
    let json: Option<String> = connection
        .prepare_cached(sql)?
        .query_row([id], |row| row.get(0))
        .optional()?;
    read_json(json, || format!("`{id}`"))
}

/// The value of a column, which `what` names if it cannot be read; the default when there is none.
fn read_json<T: DeserializeOwned + Default>(
    json: Option<String>,
    what: impl FnOnce() -> String,
) -> Done<T> {
    json.map_or_else(
        || Ok(T::default()),
        |json| serde_json::from_str(&json).map_err(|error| Fault::Garbled(what(), error)),
    )
}

pub(super) fn receipts(connection: &Connection, id: &str) -> Done<BTreeMap<String, Receipt>> {
    column(connection, "SELECT receipts FROM jobs WHERE id = ?1", id)
}

pub(super) fn history(connection: &Connection, id: &str) -> Done<Vec<Attempt>> {
    column(connection, "SELECT history FROM jobs WHERE id = ?1", id)
}

fn time(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// A row just claimed.
pub(super) struct LeaseRow {
    job: String,
    receipts: String,
    attempts: u32,
    fence: i64,
    host_turn: Option<i64>,
}

impl LeaseRow {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            job: row.get(0)?,
            receipts: row.get(1)?,
            attempts: row.get(2)?,
            fence: row.get(3)?,
            host_turn: row.get(4)?,
        })
    }

    pub(super) fn lease(self) -> serde_json::Result<Lease> {
        Ok(Lease {
            job: serde_json::from_str(&self.job)?,
            attempt: self.attempts,
            receipts: serde_json::from_str(&self.receipts)?,
            host_turn: self.host_turn.map(time),
            spent: BTreeMap::new(),
            token: self.fence.to_string(),
        })
    }
}

const RECORD: &str =
    "SELECT job, state, attempts, ready, updated, history, receipts, note FROM jobs";

/// A row for people, before its JSON is read.
struct RecordRow {
    job: String,
    state: String,
    attempts: u32,
    ready: i64,
    updated: i64,
    history: String,
    receipts: String,
    note: Option<String>,
}

impl RecordRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            job: row.get(0)?,
            state: row.get(1)?,
            attempts: row.get(2)?,
            ready: row.get(3)?,
            updated: row.get(4)?,
            history: row.get(5)?,
            receipts: row.get(6)?,
            note: row.get(7)?,
        })
    }

    /// A job that is due counts as waiting: nothing but a worker is missing.
    fn state(&self) -> JobState {
        match JobState::from_word(&self.state) {
            Some(JobState::Later) if self.ready <= now() => JobState::Waiting,
            Some(state) => state,
            None => JobState::Dead,
        }
    }

    fn record(self) -> serde_json::Result<JobRecord> {
        let state = self.state();
        Ok(JobRecord {
            job: serde_json::from_str(&self.job)?,
            state,
            attempts: self.attempts,
            due: (state == JobState::Later).then(|| time(self.ready)),
            updated: time(self.updated),
            history: serde_json::from_str(&self.history)?,
            receipts: serde_json::from_str(&self.receipts)?,
            note: self.note,
        })
    }
}

pub(super) fn job(connection: &Connection, id: &str) -> Done<Option<JobRecord>> {
    let row = connection
        .prepare_cached(&format!("{RECORD} WHERE id = ?1"))?
        .query_row([id], RecordRow::read)
        .optional()?;
    row.map(RecordRow::record)
        .transpose()
        .map_err(|error| Fault::Garbled(format!("`{id}`"), error))
}

pub(super) fn id_of_link(connection: &Connection, link: &str) -> Done<Option<String>> {
    let id = connection
        .prepare_cached("SELECT job FROM seen WHERE key = ?1 AND until > ?2")?
        .query_row(params![Key::of_link(link).as_str(), now()], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(id)
}

/// The last change first. A row that cannot be read is left out: the others are what people look for.
pub(super) fn page(
    connection: &Connection,
    state: Option<JobState>,
    offset: usize,
    limit: usize,
) -> Done<Listing> {
    let condition = match state {
        None => "?1 = ?1 AND ?2 = ?2".to_owned(),
        Some(JobState::Waiting) => {
            "(state = 'waiting' OR state = 'later' AND ready <= ?1) AND ?2 = ?2".to_owned()
        }
        Some(JobState::Later) => "state = 'later' AND ready > ?1 AND ?2 = ?2".to_owned(),
        Some(_) => "state = ?2 AND ?1 = ?1".to_owned(),
    };
    let word = state.map_or("", JobState::as_str);
    let mut listing = Listing {
        records: Vec::new(),
        total: connection
            .prepare_cached(&format!("SELECT count(*) FROM jobs WHERE {condition}"))?
            .query_row(params![now(), word], |row| count(row, 0))?,
    };
    // Rows are large: those before the page are passed over in the index.
    let mut query = connection.prepare_cached(&format!(
        "{RECORD} WHERE seq IN (SELECT seq FROM jobs WHERE {condition}
             ORDER BY updated DESC, seq DESC LIMIT ?3 OFFSET ?4)
         ORDER BY updated DESC, seq DESC"
    ))?;
    let [limit, offset] = [limit, offset].map(|n| i64::try_from(n).unwrap_or(i64::MAX));
    let rows = query.query_map(params![now(), word, limit, offset], RecordRow::read)?;
    for row in rows {
        match row?.record() {
            Ok(record) => listing.records.push(record),
            Err(error) => tracing::error!(%error, "a job in the queue cannot be read"),
        }
    }
    Ok(listing)
}

pub(super) fn counts(connection: &Connection) -> Done<Counts> {
    let now = now();
    let counts = connection
        .prepare_cached(
            "SELECT
                (SELECT count(*) FROM jobs WHERE state = 'waiting')
                    + (SELECT count(*) FROM jobs WHERE state = 'later' AND ready <= ?1),
                (SELECT count(*) FROM jobs WHERE state = 'running'),
                (SELECT count(*) FROM jobs WHERE state = 'later' AND ready > ?1),
                (SELECT count(*) FROM jobs WHERE state = 'dead'),
                (SELECT min(created) FROM jobs
                    WHERE state IN ('waiting', 'running') OR state = 'later' AND ready <= ?1),
                (SELECT min(ready) FROM jobs WHERE state = 'later' AND ready > ?1)",
        )?
        .query_row([now], |row| {
            let (oldest, next): (Option<i64>, Option<i64>) = (row.get(4)?, row.get(5)?);
            let micros = |span: i64| u64::try_from(span).unwrap_or(0);
            Ok(Counts {
                waiting: count(row, 0)?,
                running: count(row, 1)?,
                later: count(row, 2)?,
                dead: count(row, 3)?,
                next_due_seconds: next.map(|at| micros(at - now).div_ceil(1_000_000)),
                oldest_seconds: oldest.map(|at| micros(now - at) / 1_000_000),
            })
        })?;
    Ok(counts)
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column)
        .map(|n| u64::try_from(n).unwrap_or(0))
}

pub(super) fn feed_state(connection: &Connection, url: &str) -> Done<FeedState> {
    let key = identity::feed_key(url);
    let json: Option<String> = connection
        .prepare_cached("SELECT state FROM feeds WHERE key = ?1")?
        .query_row([key.as_str()], |row| row.get(0))
        .optional()?;
    read_json(json, || format!("the feed `{}`", identity::shown_feed(url)))
}

pub(super) fn put_feed_state(connection: &Connection, url: &str, state: &FeedState) -> Done<()> {
    connection
        .prepare_cached(
            "INSERT INTO feeds (key, url, state) VALUES (?1, ?2, ?3)
             ON CONFLICT (key) DO UPDATE SET state = excluded.state",
        )?
        .execute(params![
            identity::feed_key(url).as_str(),
            identity::shown_feed(url),
            to_json(state)?
        ])?;
    Ok(())
}
