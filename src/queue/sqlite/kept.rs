//! What is kept beside the jobs: submitted pages, what was made of articles, and counters by the hour.

use rusqlite::{Connection, OptionalExtension, params};

use super::ops::{Done, fence, micros, now};
use crate::failure::Reason;
use crate::queue::{Hour, Job, JobState, Lease, Terms, tally};

const HOUR: i64 = 3_600_000_000;

/// Keeps a submitted page beside its job.
pub(super) fn put_body(connection: &Connection, job: &Job, body: &[u8]) -> Done<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO bodies (job, body) VALUES (?1, ?2)")?
        .execute(params![job.id, body])?;
    Ok(())
}

/// A submitted page as it was kept.
pub(super) fn body(connection: &Connection, id: &str) -> Done<Option<Vec<u8>>> {
    let body = connection
        .prepare_cached("SELECT body FROM bodies WHERE job = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    Ok(body)
}

/// Its job ended well.
pub(super) fn drop_body(connection: &Connection, id: &str) -> Done<()> {
    connection
        .prepare_cached("DELETE FROM bodies WHERE job = ?1")?
        .execute([id])?;
    Ok(())
}

/// Keeps what was made of an article, if the lease is held.
pub(super) fn put_result(connection: &Connection, lease: &Lease, result: &[u8]) -> Done<bool> {
    let changed = connection
        .prepare_cached(
            "INSERT OR REPLACE INTO results (job, result)
             SELECT id, ?3 FROM jobs WHERE id = ?1 AND state = 'running' AND fence = ?2",
        )?
        .execute(params![lease.job.id, fence(lease), result])?;
    Ok(changed == 1)
}

/// What was made of it.
pub(super) fn result(connection: &Connection, id: &str) -> Done<Option<Vec<u8>>> {
    let result = connection
        .prepare_cached("SELECT result FROM results WHERE job = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    Ok(result)
}

/// Counts the end of a job.
pub(super) fn count(
    connection: &Connection,
    lease: &Lease,
    state: JobState,
    reason: Option<Reason>,
) -> Done<()> {
    let mut add = connection.prepare_cached(
        "INSERT INTO hours (hour, what, count) VALUES (?1, ?2, ?3)
         ON CONFLICT (hour, what) DO UPDATE SET count = count + excluded.count",
    )?;
    let hour = now() / HOUR;
    for (what, count) in tally::of_end(lease, state, reason) {
        add.execute(params![
            hour,
            what,
            i64::try_from(count).unwrap_or(i64::MAX)
        ])?;
    }
    Ok(())
}

pub(super) fn hours(connection: &Connection) -> Done<Vec<Hour>> {
    let current = now() / HOUR;
    let mut all = connection.prepare_cached("SELECT hour, what, count FROM hours")?;
    let rows = all.query_map([], |row| {
        let count: i64 = row.get(2)?;
        Ok((row.get(0)?, row.get(1)?, u64::try_from(count).unwrap_or(0)))
    })?;
    let counters: Vec<(i64, String, u64)> = rows.collect::<rusqlite::Result<_>>()?;
    Ok(tally::hours(current, counters))
}

/// Removes what is past its time. Results and pages go with their jobs; a page that waits for an age goes as well.
pub(super) fn tidy(connection: &Connection, terms: &Terms) -> rusqlite::Result<()> {
    let now = now();
    connection.execute(
        "DELETE FROM hours WHERE hour <= ?1",
        [now / HOUR - i64::from(tally::KEPT)],
    )?;
    connection.execute(
        "DELETE FROM bodies WHERE job IN (SELECT bodies.job FROM bodies
         LEFT JOIN jobs ON jobs.id = bodies.job
         WHERE jobs.id IS NULL OR jobs.updated <= ?1 LIMIT 100)",
        [now.saturating_sub(micros(terms.remember))],
    )?;
    Ok(())
}
