//! Turns at hosts, and pauses.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use super::ops::{after, micros, now};
use super::thread::Fault;

type Done<T> = Result<T, Fault>;

/// A turn may be used so much earlier, in microseconds: clocks and timers are not exact.
const EARLY: i64 = 50_000;

/// A turn may be used so much later at least, in microseconds.
const LATE: i64 = 1_000_000;

fn span(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

/// When the next turn may be, and until when there is none. Both zero for a host unknown.
fn host(connection: &Connection, host: &str) -> Done<(i64, i64)> {
    let row = connection
        .prepare_cached("SELECT next, paused FROM hosts WHERE host = ?1")?
        .query_row([host], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(row.unwrap_or_default())
}

/// How long a host is not to be asked.
pub(super) fn pause_left(connection: &Connection, name: &str) -> Done<Duration> {
    let (_, paused) = host(connection, name)?;
    Ok(span(paused.saturating_sub(now())))
}

pub(super) fn turn(
    connection: &Connection,
    name: &str,
    interval: Duration,
    reserved: Option<DateTime<Utc>>,
) -> Done<Duration> {
    let now = now();
    let interval = micros(interval);
    let (next, paused) = host(connection, name)?;
    if let Some(wait) = reserved
        .map(|turn| turn.timestamp_micros())
        .filter(|&turn| turn.saturating_add(EARLY) >= paused)
        .map(|turn| turn.saturating_sub(now))
        .filter(|&ahead| ahead >= -interval.max(LATE))
    {
        let wait = if wait <= EARLY { 0 } else { wait };
        return Ok(span(wait.max(paused.saturating_sub(now))));
    }
    let turn = now.max(next).max(paused);
    put(connection, name, turn.saturating_add(interval), 0)?;
    Ok(span(turn.saturating_sub(now)))
}

pub(super) fn pause(connection: &Connection, name: &str, pause: Duration) -> Done<()> {
    put(connection, name, 0, after(pause))
}

/// Neither time is ever brought forward.
fn put(connection: &Connection, name: &str, next: i64, paused: i64) -> Done<()> {
    connection
        .prepare_cached(
            "INSERT INTO hosts (host, next, paused) VALUES (?1, ?2, ?3)
             ON CONFLICT (host) DO UPDATE SET
                next = max(next, excluded.next), paused = max(paused, excluded.paused)",
        )?
        .execute(params![name, next, paused])?;
    Ok(())
}
