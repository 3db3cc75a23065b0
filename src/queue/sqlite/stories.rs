//! What was told, and by which prints others find it.

use std::time::Duration;

use rusqlite::{Connection, params};

use super::ops::{after, now};
use super::records;
use super::thread::Fault;
use crate::story::{KEPT, Story};

type Done<T> = Result<T, Fault>;

pub(super) fn told(connection: &Connection, prints: &[String]) -> Done<Vec<Vec<Story>>> {
    let mut look = connection.prepare_cached(
        "SELECT s.story FROM prints p JOIN stories s ON s.event = p.event
         WHERE p.print = ?1 AND p.until > ?2 AND s.until > ?2
         ORDER BY p.until DESC, p.event LIMIT ?3",
    )?;
    let kept = i64::try_from(KEPT).unwrap_or(i64::MAX);
    let mut all = Vec::with_capacity(prints.len());
    for print in prints {
        let rows = look.query_map(params![print, now(), kept], |row| row.get::<_, String>(0))?;
        let mut stories = Vec::new();
        for json in rows {
            let json = json?;
            let garbled = |error| Fault::Garbled("a story".into(), error);
            stories.push(serde_json::from_str(&json).map_err(garbled)?);
        }
        all.push(stories);
    }
    Ok(all)
}

pub(super) fn tell(
    connection: &Connection,
    story: &Story,
    prints: &[String],
    keep: Duration,
) -> Done<()> {
    let (event, until) = (story.event.to_string(), after(keep));
    // One whose time is over is told anew.
    connection
        .prepare_cached(
            "INSERT INTO stories (event, until, story) VALUES (?1, ?2, ?3)
             ON CONFLICT (event) DO UPDATE SET until = excluded.until, story = excluded.story
             WHERE until <= ?4",
        )?
        .execute(params![event, until, records::to_json(story)?, now()])?;
    let mut put = connection.prepare_cached(
        "INSERT INTO prints (print, event, until) VALUES (?1, ?2, ?3)
         ON CONFLICT (print, event) DO UPDATE SET until = excluded.until WHERE until <= ?4",
    )?;
    // The oldest go first: a print that is common stays so.
    let mut trim = connection.prepare_cached(
        "DELETE FROM prints WHERE print = ?1 AND event IN (
            SELECT event FROM prints WHERE print = ?1 ORDER BY until DESC, event LIMIT -1 OFFSET ?2)",
    )?;
    let kept = i64::try_from(KEPT).unwrap_or(i64::MAX);
    for print in prints {
        put.execute(params![print, event, until, now()])?;
        trim.execute(params![print, kept])?;
    }
    Ok(())
}

/// Removes a bounded number of what is past its time.
pub(super) fn tidy(connection: &Connection, now: i64) -> rusqlite::Result<()> {
    connection.execute(
        "DELETE FROM prints WHERE (print, event) IN
         (SELECT print, event FROM prints WHERE until <= ?1 LIMIT 500)",
        [now],
    )?;
    connection.execute(
        "DELETE FROM stories WHERE event IN (SELECT event FROM stories WHERE until <= ?1 LIMIT 500)",
        [now],
    )?;
    Ok(())
}
