//! `queue status|list|show|retry|again|drop`: what waits, runs and is dead, and bringing articles back.
//!
//! Titles and messages come from the web: whatever could steer a terminal is replaced before it is written.

use std::io::Write;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use comfy_table::{Table, presets};
use serde_json::json;

use super::text::{clean, short, span, write_json};
use crate::feeds::canonical::{canonical, parse_link};
use crate::feeds::entry::Entry;
use crate::queue::{Body, Job, JobRecord, JobState, Queue, Source, Submission};

/// Most jobs looked through for a part of an id.
const SEARCH: usize = 100_000;
/// Dead jobs brought back in one go.
const PAGE: usize = 500;
/// Shortest part of an id that is accepted.
const SHORTEST_PART: usize = 4;

/// Which dead jobs a command is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// This one, by its id, the beginning or end of it, or its article's URL.
    One(String),
    /// Every one.
    All,
}

/// How many jobs stand where.
pub async fn status(queue: &dyn Queue, as_json: bool, out: &mut dyn Write) -> Result<()> {
    let counts = queue.counts().await?;
    if as_json {
        return write_json(out, &counts);
    }
    let mut table = table(&["state", "jobs"]);
    for (state, count) in [
        (JobState::Waiting, counts.waiting),
        (JobState::Running, counts.running),
        (JobState::Later, counts.later),
        (JobState::Dead, counts.dead),
    ] {
        table.add_row([state.to_string(), count.to_string()]);
    }
    writeln!(out, "{}", table.trim_fmt())?;
    if let Some(seconds) = counts.oldest_seconds {
        writeln!(out, "oldest waiting or running: {}", span(seconds))?;
    }
    if counts.dead > 0 {
        writeln!(out, "see the dead with `queue list --state dead`")?;
    }
    Ok(())
}

/// Jobs in this state, or in all, the last changed first.
pub async fn list(
    queue: &dyn Queue,
    state: Option<JobState>,
    limit: usize,
    as_json: bool,
    out: &mut dyn Write,
) -> Result<()> {
    let records = queue.list(state, limit).await?;
    if as_json {
        return write_json(out, &records);
    }
    if records.is_empty() {
        let what = state.map_or(String::new(), |state| format!("{state} "));
        writeln!(out, "no {what}jobs")?;
        return Ok(());
    }
    let mut table = table(&["id", "state", "attempts", "age", "feed", "title", "reason"]);
    for record in &records {
        table.add_row([
            record.job.id.clone(),
            record.state.to_string(),
            record.attempts.to_string(),
            age(record.job.created),
            short(&record.job.source.title, 24),
            short(title(record), 48),
            short(&reason(record), 48),
        ]);
    }
    writeln!(out, "{}", table.trim_fmt())?;
    if records.len() == limit {
        writeln!(out, "only {limit} are shown; see more with `--limit`")?;
    }
    Ok(())
}

/// Everything known of one job.
pub async fn show(
    queue: &dyn Queue,
    which: &str,
    as_json: bool,
    out: &mut dyn Write,
) -> Result<()> {
    let record = find(queue, which).await?;
    if as_json {
        return write_json(out, &record);
    }
    write_facts(&record, out)?;
    write_history(&record, out)?;
    write_receipts(&record, out)
}

fn write_facts(record: &JobRecord, out: &mut dyn Write) -> Result<()> {
    let job = &record.job;
    let feed = format!("{} ({})", job.source.title, job.source.url);
    let mut facts = vec![
        ("id", job.id.clone()),
        ("title", clean(title(record))),
        ("link", clean(&job.entry.link)),
        ("feed", clean(&feed)),
        ("state", state_in_words(record)),
        ("attempts", record.attempts.to_string()),
        ("queued", time(job.created)),
        ("changed", time(record.updated)),
    ];
    if let Some(by) = &job.submission {
        facts.push(("submitted", clean(&submission(by))));
    }
    if let Some(published) = job.entry.published {
        facts.push(("published", time(published)));
    }
    for (name, value) in facts {
        writeln!(out, "{name:<10} {value}")?;
    }
    Ok(())
}

fn write_history(record: &JobRecord, out: &mut dyn Write) -> Result<()> {
    if !record.history.is_empty() {
        writeln!(out, "\nfailed attempts")?;
    }
    for attempt in &record.history {
        let reason = attempt.failure.reason;
        let (at, words) = (time(attempt.at), reason.in_words());
        writeln!(out, "  {at}  {}. {reason}: {words}", attempt.attempt)?;
        writeln!(out, "      {}", clean(&attempt.failure.message))?;
    }
    Ok(())
}

fn write_receipts(record: &JobRecord, out: &mut dyn Write) -> Result<()> {
    if !record.receipts.is_empty() {
        writeln!(out, "\nreceipts")?;
    }
    for (destination, receipt) in &record.receipts {
        let (at, delivery) = (time(receipt.at), word(&receipt.delivery));
        let (destination, event) = (clean(destination), clean(&receipt.event));
        writeln!(out, "  {at}  {destination}: {delivery} event {event}")?;
        if let Some(location) = &receipt.location {
            writeln!(out, "      {}", clean(location))?;
        }
        for note in &receipt.notes {
            writeln!(out, "      note: {}", clean(note))?;
        }
    }
    Ok(())
}

/// Brings dead jobs back, with their attempts counted anew.
pub async fn retry(
    queue: &dyn Queue,
    which: &Which,
    as_json: bool,
    out: &mut dyn Write,
) -> Result<()> {
    let revived = match which {
        Which::One(which) => {
            let record = find(queue, which).await?;
            if !queue.revive(&record.job.id).await? {
                bail!(not_dead(&record));
            }
            vec![record.job.id]
        }
        Which::All => revive_all(queue).await?,
    };
    report(out, as_json, "retried", &revived)
}

/// Publishes an article again although it is known. A URL that no job is known of any more is published as one
/// that somebody handed in.
pub async fn again(
    queue: &dyn Queue,
    which: &str,
    as_json: bool,
    out: &mut dyn Write,
) -> Result<()> {
    let job = match find(queue, which).await {
        Ok(record) => once_more(queue, &record).await?,
        Err(error) => unheard_of(which).ok_or(error)?.again(),
    };
    queue.publish(std::slice::from_ref(&job)).await?;
    report(out, as_json, "published again as", &[job.id])
}

/// A new job for the article of a job that is over, with the page that was submitted with that one.
async fn once_more(queue: &dyn Queue, record: &JobRecord) -> Result<Job> {
    let (id, state) = (&record.job.id, record.state);
    if matches!(
        state,
        JobState::Waiting | JobState::Running | JobState::Later
    ) {
        bail!("job `{id}` is {state}: it is not over yet");
    }
    let mut job = record.job.again();
    if let (Some(body), Some(by)) = (record.job.body(), &mut job.submission) {
        let bytes = queue.body(id).await?.with_context(|| {
            format!("job `{id}` was submitted with its page, which is kept only until it is delivered; submit it again")
        })?;
        by.body = Some(Body {
            bytes: bytes.into(),
            ..body.clone()
        });
    }
    Ok(job)
}

/// The job of a URL that the queue does not know.
fn unheard_of(url: &str) -> Option<Job> {
    let link = parse_link(url.trim(), None)?;
    let entry = Entry {
        link: link.canonical.into(),
        link_as_given: link.url.into(),
        title: String::new(),
        guid: None,
        published: None,
        updated: None,
        categories: Vec::new(),
    };
    Some(Job::new(entry, Source::manual()))
}

/// Removes dead jobs for good. Their articles stay seen: they do not come back by themselves.
pub async fn drop(
    queue: &dyn Queue,
    which: &str,
    as_json: bool,
    out: &mut dyn Write,
) -> Result<()> {
    let record = find(queue, which).await?;
    if !queue.drop_dead(&record.job.id).await? {
        bail!(not_dead(&record));
    }
    report(out, as_json, "dropped", &[record.job.id])
}

async fn revive_all(queue: &dyn Queue) -> Result<Vec<String>> {
    let mut revived = Vec::new();
    loop {
        let before = revived.len();
        for record in queue.list(Some(JobState::Dead), PAGE).await? {
            if queue.revive(&record.job.id).await? {
                revived.push(record.job.id);
            }
        }
        // A job that dies again at once would be brought back forever.
        if revived.len() - before < PAGE {
            return Ok(revived);
        }
    }
}

fn report(out: &mut dyn Write, as_json: bool, what: &str, ids: &[String]) -> Result<()> {
    if as_json {
        return write_json(out, &json!({ what: ids }));
    }
    match ids {
        [] => writeln!(out, "no dead jobs")?,
        [id] => writeln!(out, "{what} {id}")?,
        ids => writeln!(out, "{what} {} jobs", ids.len())?,
    }
    Ok(())
}

fn not_dead(record: &JobRecord) -> String {
    let (id, state) = (&record.job.id, record.state);
    format!("job `{id}` is {state}; only dead jobs can be retried or dropped")
}

/// The job meant by an id, an unambiguous beginning or end of one, or an article's URL.
async fn find(queue: &dyn Queue, which: &str) -> Result<JobRecord> {
    let which = which.trim();
    if let Some(record) = queue.job(which).await? {
        return Ok(record);
    }
    if which.contains("://") {
        return find_by_link(queue, which).await;
    }
    if which.len() < SHORTEST_PART || !which.chars().all(|c| c.is_ascii_hexdigit()) {
        bail!(
            "`{}` is neither the URL of an article nor the id of a job, nor {SHORTEST_PART} or more digits of one",
            clean(which)
        );
    }
    let mut found = queue.list(None, SEARCH).await?;
    // Ids of one moment begin alike, so their ends are accepted too.
    found.retain(|record| record.job.id.starts_with(which) || record.job.id.ends_with(which));
    match found.len() {
        0 => bail!("no job `{which}` in the queue, waiting, running, dead or lately finished"),
        1 => found.pop().context("one was found"),
        n => bail!("`{which}` stands for {n} jobs; give more of the id"),
    }
}

async fn find_by_link(queue: &dyn Queue, url: &str) -> Result<JobRecord> {
    let link = identity_of(url);
    let id = queue.id_of_link(&link).await?;
    match id.as_deref() {
        None | Some("") => bail!(
            "the article `{}` was never queued; it may have been left out when its feed was first read",
            clean(&link)
        ),
        Some(id) => queue.job(id).await?.with_context(|| {
            format!(
                "the article `{}` was job `{id}`, whose record is gone",
                clean(&link)
            )
        }),
    }
}

/// The link under which an article of this URL is queued.
fn identity_of(url: &str) -> String {
    url::Url::parse(url).map_or_else(|_| url.to_owned(), |url| canonical(&url).to_string())
}

fn title(record: &JobRecord) -> &str {
    let entry = &record.job.entry;
    if entry.title.trim().is_empty() {
        &entry.link
    } else {
        &entry.title
    }
}

/// Who handed it in, and how, in words.
fn submission(by: &Submission) -> String {
    let mut words = vec![by.user.clone().unwrap_or_else(|| "by hand".into())];
    words.extend(by.remote.map(|remote| format!("from {remote}")));
    words.extend(by.body.as_ref().map(|body| {
        let kind = body.media_type.as_str();
        format!("with its page ({kind}, {} bytes)", body.size)
    }));
    words.extend(by.again.then(|| "although it was known".to_owned()));
    words.join(", ")
}

/// Why it stands where it does, in words.
fn reason(record: &JobRecord) -> String {
    let failed = record.history.last().map(|attempt| &attempt.failure);
    match (record.state, &record.note, failed) {
        (JobState::Skipped, Some(rule), _) => rule.clone(),
        (JobState::Dead, _, Some(failure)) => failure.reason.in_words().to_owned(),
        (JobState::Dead, Some(note), None) => note.clone(),
        (JobState::Later | JobState::Waiting | JobState::Running, _, Some(failure)) => {
            format!("last: {}", failure.reason.in_words())
        }
        _ => String::new(),
    }
}

fn state_in_words(record: &JobRecord) -> String {
    let why = clean(&reason(record));
    let due = record
        .due
        .map(|due| format!(", next attempt at {}", time(due)));
    let why = if why.is_empty() {
        why
    } else {
        format!(" ({why})")
    };
    format!("{}{}{why}", record.state, due.unwrap_or_default())
}

/// The word a value has in JSON.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    table
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn age(since: DateTime<Utc>) -> String {
    let seconds = (Utc::now() - since).num_seconds();
    span(u64::try_from(seconds).unwrap_or(0))
}
