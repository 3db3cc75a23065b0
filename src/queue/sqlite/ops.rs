//! What workers and pollers do, each one transaction's step.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, named_params, params};

use super::kept;
use super::records;
use super::stories;
use super::thread::Fault;
use crate::destinations::Receipt;
use crate::failure::Failure;
use crate::queue::identity::{self, Key};
use crate::queue::{Attempt, HISTORY, Job, JobState, Lease, Outcome, Published, Terms};

pub(super) type Done<T> = Result<T, Fault>;

/// Now, in microseconds since 1970.
pub(super) fn now() -> i64 {
    Utc::now().timestamp_micros()
}

/// A duration in microseconds; what is longer than time itself ends with it.
pub(super) fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX / 4)
}

/// When a duration from now is over.
pub(super) fn after(span: Duration) -> i64 {
    now().saturating_add(micros(span))
}

/// Looks the keys up; a hit on one marks them all, so that the article stays known by each.
fn known(connection: &Connection, keys: &[Key], terms: &Terms) -> Done<Option<String>> {
    let mut look =
        connection.prepare_cached("SELECT job FROM seen WHERE key = ?1 AND until > ?2")?;
    for key in keys {
        let hit: Option<String> = look
            .query_row(params![key.as_str(), now()], |row| row.get(0))
            .optional()?;
        if let Some(job) = hit {
            mark(connection, keys, &job, terms)?;
            return Ok(Some(job));
        }
    }
    Ok(None)
}

/// Marks keys as seen under a job. A live mark keeps its job, and gets new time when half of it is over.
fn mark(connection: &Connection, keys: &[Key], job: &str, terms: &Terms) -> Done<()> {
    let mut put = connection.prepare_cached(
        "INSERT INTO seen (key, job, until) VALUES (:key, :job, :until)
         ON CONFLICT (key) DO UPDATE SET
            job = CASE WHEN until > :now THEN job ELSE :job END, until = :until
         WHERE until < :half",
    )?;
    for key in keys {
        put.execute(named_params! {
            ":key": key.as_str(), ":job": job, ":now": now(),
            ":until": after(terms.remember), ":half": after(terms.remember / 2),
        })?;
    }
    Ok(())
}

pub(super) fn publish(
    connection: &Connection,
    jobs: &[Job],
    bodies: &[Option<Vec<u8>>],
    terms: &Terms,
) -> Done<Vec<Published>> {
    let mut answers = Vec::with_capacity(jobs.len());
    let bodies = bodies.iter().map(Option::as_deref);
    for (job, body) in jobs.iter().zip(bodies.chain(std::iter::repeat(None))) {
        let published = if job.is_again() {
            publish_again(connection, job, body, terms)?;
            Published::New
        } else {
            publish_unseen(connection, job, body, terms)?
        };
        answers.push(published);
    }
    Ok(answers)
}

fn publish_unseen(
    connection: &Connection,
    job: &Job,
    body: Option<&[u8]>,
    terms: &Terms,
) -> Done<Published> {
    let keys = identity::keys(job);
    let known = match known(connection, &keys, terms)? {
        Some(id) => Some(id),
        None => known(connection, &identity::left_out_keys(job), terms)?,
    };
    Ok(match known {
        // Known by this very job: it was published by a call whose answer was lost.
        Some(id) if id == job.id => Published::New,
        Some(id) => Published::Known(id),
        None => {
            mark(connection, &keys, &job.id, terms)?;
            insert(connection, job, body)?;
            Published::New
        }
    })
}

/// Publishes whatever is known; the article is known under this job from now on.
fn publish_again(
    connection: &Connection,
    job: &Job,
    body: Option<&[u8]>,
    terms: &Terms,
) -> Done<()> {
    // By a call whose answer was lost.
    let published = connection
        .prepare_cached("SELECT 1 FROM jobs WHERE id = ?1")?
        .exists([&job.id])?;
    if published {
        return Ok(());
    }
    let mut put = connection
        .prepare_cached("INSERT OR REPLACE INTO seen (key, job, until) VALUES (?1, ?2, ?3)")?;
    for key in identity::keys(job) {
        put.execute(params![key.as_str(), job.id, after(terms.remember)])?;
    }
    insert(connection, job, body)
}

fn insert(connection: &Connection, job: &Job, body: Option<&[u8]>) -> Done<()> {
    connection
        .prepare_cached(
            "INSERT INTO jobs (id, state, ready, created, updated, job)
             VALUES (?1, 'waiting', 0, ?2, ?3, ?4)",
        )?
        .execute(params![
            job.id,
            job.created.timestamp_micros(),
            now(),
            records::to_json(job)?
        ])?;
    match body {
        Some(body) => kept::put_body(connection, job, body),
        None => Ok(()),
    }
}

pub(super) fn mark_seen(connection: &Connection, jobs: &[Job], terms: &Terms) -> Done<()> {
    for job in jobs {
        mark(connection, &identity::left_out_keys(job), "", terms)?;
    }
    Ok(())
}

pub(super) fn claim_link(
    connection: &Connection,
    link: &str,
    job: &str,
    terms: &Terms,
) -> Done<Option<String>> {
    let claim = [Key::of_claim(link)];
    let published = known(connection, &[Key::of_link(link)], terms)?;
    let claimed = known(connection, &claim, terms)?;
    let is_other = |holder: &String| holder != job;
    if let Some(other) = published
        .clone()
        .filter(is_other)
        .or(claimed.filter(is_other))
    {
        return Ok(Some(other));
    }
    if published.is_none() {
        mark(connection, &claim, job, terms)?;
    }
    Ok(None)
}

pub(super) fn yield_link(
    connection: &Connection,
    [own, to]: [&str; 2],
    job: &str,
    other: &str,
    terms: &Terms,
) -> Done<bool> {
    let to_holder: Option<String> = connection
        .prepare_cached("SELECT job FROM seen WHERE key = ?1 AND until > ?2")?
        .query_row(params![Key::of_link(to).as_str(), now()], |row| row.get(0))
        .optional()?;
    if to_holder.as_deref() == Some(job) {
        return Ok(false);
    }
    connection
        .prepare_cached("INSERT OR REPLACE INTO seen (key, job, until) VALUES (?1, ?2, ?3)")?
        .execute(params![
            Key::of_link(own).as_str(),
            other,
            after(terms.remember)
        ])?;
    Ok(true)
}

/// In how many microseconds a job can be claimed; negative or zero: now. `None`: there is none.
pub(super) fn next_ready(connection: &Connection) -> Done<Option<i64>> {
    let ready: Option<i64> = connection
        .prepare_cached(
            "SELECT min(ready) FROM (
                SELECT 0 AS ready WHERE EXISTS (SELECT 1 FROM jobs WHERE state = 'waiting')
                UNION ALL SELECT min(ready) FROM jobs WHERE state = 'later'
                UNION ALL SELECT min(ready) FROM jobs WHERE state = 'running')",
        )?
        .query_row([], |row| row.get(0))?;
    Ok(ready.map(|ready| ready.saturating_sub(now())))
}

/// A job whose lease ran out and whose next attempt is at least the third.
const SUSPECT: &str =
    "SELECT seq FROM jobs WHERE state = 'running' AND ready <= ?1 AND attempts >= 2
    ORDER BY ready, seq LIMIT 1";

/// How many leases a worker holds, and whether one of them is of a suspect.
fn holding(connection: &Connection, worker: &str) -> Done<(i64, bool)> {
    Ok(connection
        .prepare_cached(
            "SELECT count(*), coalesce(max(alone), 0) FROM jobs
             WHERE state = 'running' AND ready > ?1 AND worker = ?2",
        )?
        .query_row(params![now(), worker], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// Takes jobs whose lease ran out, then those due, then new ones. A suspect (see [`crate::queue::Queue::claim`])
/// is taken alone, by a worker that holds nothing; one that holds something gets nothing while a suspect waits.
pub(super) fn claim(
    connection: &Connection,
    worker: &str,
    max: usize,
    terms: &Terms,
) -> Done<Vec<Lease>> {
    let (held, alone) = holding(connection, worker)?;
    if alone {
        return Ok(Vec::new());
    }
    let suspect: Option<i64> = connection
        .prepare_cached(SUSPECT)?
        .query_row([now()], |row| row.get(0))
        .optional()?;
    match suspect {
        Some(_) if held > 0 => return Ok(Vec::new()),
        Some(seq) => {
            let lease = take(connection, seq, true, worker, terms)?;
            return Ok(lease.into_iter().collect());
        }
        None => {}
    }
    let max = i64::try_from(max).unwrap_or(i64::MAX);
    let mut leases = Vec::new();
    for state in [JobState::Running, JobState::Later, JobState::Waiting] {
        let left = max - i64::try_from(leases.len()).unwrap_or(max);
        let ready: Vec<i64> = connection
            .prepare_cached(
                "SELECT seq FROM jobs WHERE state = ?1 AND ready <= ?2 ORDER BY ready, seq LIMIT ?3",
            )?
            .query_map(params![state.as_str(), now(), left], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for seq in ready {
            leases.extend(take(connection, seq, false, worker, terms)?);
        }
    }
    Ok(leases)
}

/// Takes one job, unless its row cannot be read: that one is set aside, so that it holds up nobody.
fn take(
    connection: &Connection,
    seq: i64,
    alone: bool,
    worker: &str,
    terms: &Terms,
) -> Done<Option<Lease>> {
    let row = connection
        .prepare_cached(
            "UPDATE jobs SET state = 'running', attempts = attempts + 1, fence = fence + 1,
                worker = :worker, alone = :alone, ready = :until, updated = :now
             WHERE seq = :seq RETURNING job, receipts, attempts, fence, host_turn",
        )?
        .query_row(
            named_params! {
                ":worker": worker, ":alone": alone, ":until": after(terms.lease), ":now": now(), ":seq": seq,
            },
            records::LeaseRow::read,
        )?;
    match row.lease() {
        Ok(lease) => Ok(Some(lease)),
        Err(error) => {
            tracing::error!(row = seq, %error, "a job in the queue cannot be read; it is set aside as dead");
            connection.execute(
                "UPDATE jobs SET state = 'dead', ready = 0, note = ?2 WHERE seq = ?1",
                params![seq, format!("cannot be read: {error}")],
            )?;
            Ok(None)
        }
    }
}

/// The condition under which a lease is still held. Its time may be over: it is lost only once another took it.
const HELD: &str = "id = :id AND state = 'running' AND fence = :fence";

/// Which claim of the job a lease is. None has the number that stands for a token of another store.
pub(super) fn fence(lease: &Lease) -> i64 {
    lease.token.parse().unwrap_or(-1)
}

/// Changes the row if the lease is held.
fn update(
    connection: &Connection,
    lease: &Lease,
    set: &str,
    values: &[(&str, &dyn rusqlite::ToSql)],
) -> Done<bool> {
    let sql = format!("UPDATE jobs SET {set} WHERE {HELD}");
    let fence = fence(lease);
    let mut all: Vec<(&str, &dyn rusqlite::ToSql)> =
        vec![(":id", &lease.job.id), (":fence", &fence)];
    all.extend_from_slice(values);
    Ok(connection.prepare_cached(&sql)?.execute(all.as_slice())? == 1)
}

pub(super) fn renew(connection: &Connection, lease: &Lease, terms: &Terms) -> Done<bool> {
    let until = after(terms.lease);
    update(connection, lease, "ready = :until", &[(":until", &until)])
}

pub(super) fn record(
    connection: &Connection,
    lease: &Lease,
    destination: &str,
    receipt: &Receipt,
) -> Done<bool> {
    let mut receipts = records::receipts(connection, &lease.job.id)?;
    receipts.insert(destination.to_owned(), receipt.clone());
    let json = records::to_json(&receipts)?;
    update(
        connection,
        lease,
        "receipts = :receipts",
        &[(":receipts", &json)],
    )
}

pub(super) fn complete(connection: &Connection, lease: &Lease, outcome: &Outcome) -> Done<bool> {
    let (state, note) = match outcome {
        Outcome::Delivered => (JobState::Delivered, None),
        Outcome::Skipped(rule) => (JobState::Skipped, Some(rule)),
    };
    let completed = update(
        connection,
        lease,
        "job = :job, state = :state, note = :note, ready = 0, worker = NULL, updated = :now",
        &[
            (":job", &records::to_json(&lease.job)?),
            (":state", &state.as_str()),
            (":note", &note),
            (":now", &now()),
        ],
    )?;
    if completed {
        kept::drop_body(connection, &lease.job.id)?;
        kept::count(connection, lease, state, None)?;
    }
    Ok(completed)
}

pub(super) fn retry(
    connection: &Connection,
    lease: &Lease,
    wait: Duration,
    failure: &Failure,
) -> Done<bool> {
    let history = grown_history(connection, lease, failure)?;
    update(
        connection,
        lease,
        "state = 'later', ready = :due, history = :history, host_turn = NULL, worker = NULL, updated = :now",
        &[
            (":due", &after(wait)),
            (":history", &history),
            (":now", &now()),
        ],
    )
}

pub(super) fn defer(
    connection: &Connection,
    lease: &Lease,
    wait: Duration,
    turn: Option<DateTime<Utc>>,
) -> Done<bool> {
    let turn = turn.map(|turn| turn.timestamp_micros());
    update(
        connection,
        lease,
        "state = 'later', ready = :due, attempts = attempts - 1, host_turn = :turn, worker = NULL, updated = :now",
        &[(":due", &after(wait)), (":turn", &turn), (":now", &now())],
    )
}

pub(super) fn bury(
    connection: &Connection,
    lease: &Lease,
    failure: &Failure,
    terms: &Terms,
) -> Done<bool> {
    let history = grown_history(connection, lease, failure)?;
    let buried = update(
        connection,
        lease,
        "state = 'dead', ready = 0, history = :history, host_turn = NULL, worker = NULL, updated = :now",
        &[(":history", &history), (":now", &now())],
    )?;
    if buried {
        kept::count(connection, lease, JobState::Dead, Some(failure.reason))?;
    }
    // Twice as many as come, so that a lowered cap is reached in time.
    connection
        .prepare_cached(
            "DELETE FROM jobs WHERE seq IN (SELECT seq FROM jobs WHERE state = 'dead'
             ORDER BY updated DESC, seq DESC LIMIT 2 OFFSET ?1)",
        )?
        .execute([terms.keep_dead])?;
    Ok(buried)
}

fn grown_history(connection: &Connection, lease: &Lease, failure: &Failure) -> Done<String> {
    let mut history = records::history(connection, &lease.job.id)?;
    history.push(Attempt {
        at: Utc::now(),
        attempt: lease.attempt,
        failure: failure.clone(),
    });
    let start = history.len().saturating_sub(HISTORY);
    records::to_json(&history.split_off(start))
}

pub(super) fn revive(connection: &Connection, id: &str) -> Done<bool> {
    let changed = connection
        .prepare_cached(
            "UPDATE jobs SET state = 'later', ready = ?2, attempts = 0, updated = ?2
             WHERE id = ?1 AND state = 'dead'",
        )?
        .execute(params![id, now()])?;
    Ok(changed == 1)
}

pub(super) fn drop_dead(connection: &Connection, id: &str) -> Done<bool> {
    let changed = connection
        .prepare_cached("DELETE FROM jobs WHERE id = ?1 AND state = 'dead'")?
        .execute([id])?;
    Ok(changed == 1)
}

/// Removes a bounded number of what is past its time.
pub(super) fn tidy(connection: &Connection, terms: &Terms) -> rusqlite::Result<()> {
    let now = now();
    connection.execute(
        "DELETE FROM seen WHERE key IN (SELECT key FROM seen WHERE until <= ?1 LIMIT 500)",
        [now],
    )?;
    connection.execute(
        "DELETE FROM hosts WHERE host IN (SELECT host FROM hosts WHERE max(next, paused) <= ?1 LIMIT 500)",
        [now],
    )?;
    connection.execute(
        "DELETE FROM jobs WHERE seq IN (SELECT seq FROM jobs
         WHERE state IN ('delivered', 'skipped') AND updated <= ?1 LIMIT 500)",
        [now.saturating_sub(micros(terms.keep_finished))],
    )?;
    stories::tidy(connection, now)?;
    kept::tidy(connection, terms)?;
    Ok(())
}
