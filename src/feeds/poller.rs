//! Polling the whole feed list, and publishing what is new.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::Serialize;
use uuid::Uuid;

use super::adoption;
use super::entry::Entry;
use super::first_run::split;
use super::parse::{ParsedEntry, ParsedFeed};
use super::poll::{self, Polled};
use super::{FeedSource, FirstRun};
use crate::config::Feeds;
use crate::failure::Failure;
use crate::http::{Fetcher, shown};
use crate::queue::{FeedState, Job, Published, Queue, Result, Source};

/// Jobs published in one call, so that no store holds its lock for long.
const BATCH: usize = 200;

/// What became of one feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PollState {
    /// The server says that nothing changed.
    Unchanged,
    /// Read.
    Polled,
    /// Left alone until later.
    NotDue,
    /// 410, now or at an earlier poll.
    Retired,
    /// Not read this time.
    Failed,
    /// Switched off in the feed list.
    Disabled,
}

impl PollState {
    /// The word used in tables and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Polled => "polled",
            Self::NotDue => "not-due",
            Self::Retired => "retired",
            Self::Failed => "failed",
            Self::Disabled => "disabled",
        }
    }
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeedReport {
    /// The feed's name.
    pub title: String,
    /// Its listed URL, without password.
    pub url: String,
    /// What became of it.
    pub state: PollState,
    /// The dialect, if it was read.
    pub kind: Option<String>,
    /// Entries with a link.
    pub entries: usize,
    /// Those published now.
    pub new: usize,
    /// What was wrong with the feed and mended, or left out.
    pub damage: Vec<String>,
    /// Why it failed, was retired, or when it is due.
    pub message: Option<String>,
    /// What changed for good in this poll, for the operator to hear of: the feed was retired, or is polled at
    /// another address from now on.
    pub notice: Option<String>,
    /// The failure, for machines. Of a feed that backs off (`not-due`): the last one.
    pub failure: Option<Failure>,
    /// Time taken, the wait for its host not counted.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    pub duration: Duration,
}

fn milliseconds<S: serde::Serializer>(
    duration: &Duration,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

/// Polls feeds and publishes their entries.
#[derive(Clone, Copy)]
pub struct Poller<'a> {
    /// Asks the servers.
    pub fetcher: &'a Fetcher,
    /// Remembers feeds and takes jobs.
    pub queue: &'a dyn Queue,
    /// `[feeds]`.
    pub config: &'a Feeds,
    /// Poll also what is not due, backing off, or retired.
    pub force: bool,
    /// The time of this run: all schedules count from it.
    pub now: DateTime<Utc>,
}

impl Poller<'_> {
    /// Polls all feeds: `feeds.concurrency` at once, one at a time per host. `progress` is told of each
    /// feed as it is done; the reports come in the order of `sources`.
    ///
    /// The host is that of the address asked. Where redirects of two hosts lead to the same third one, it may be
    /// asked by both at once, until the redirects are permanent and adopted.
    ///
    /// Single feeds fail in their report. An error of the queue ends the run: what was published
    /// stays published, and feeds not yet recorded are polled again next time.
    pub async fn run(
        &self,
        sources: &[FeedSource],
        progress: &(dyn Fn(&FeedReport) + Sync),
    ) -> Result<Vec<FeedReport>> {
        let mut hosts: HashMap<String, Vec<(usize, FeedState)>> = HashMap::new();
        let mut reports: Vec<Option<FeedReport>> = vec![None; sources.len()];
        for (index, source) in sources.iter().enumerate() {
            if !source.enabled {
                let report = report(source, PollState::Disabled);
                progress(&report);
                set(&mut reports, index, report);
                continue;
            }
            let state = self.queue.feed_state(source.url.as_str()).await?;
            let address = adoption::address(source, &state);
            let host = address.host_str().unwrap_or_default().to_owned();
            hosts.entry(host).or_default().push((index, state));
        }
        // The longest line first, or it alone is waited for at the end.
        let mut lines: Vec<_> = hosts.into_values().collect();
        lines.sort_by_key(|line| std::cmp::Reverse(line.len()));
        let mut done = stream::iter(lines)
            .map(|line| self.line(sources, line, progress))
            .buffer_unordered(self.config.concurrency.max(1));
        while let Some(line) = done.try_next().await? {
            for (index, report) in line {
                set(&mut reports, index, report);
            }
        }
        Ok(reports.into_iter().flatten().collect())
    }

    /// The feeds of one host, one after the other.
    async fn line(
        &self,
        sources: &[FeedSource],
        line: Vec<(usize, FeedState)>,
        progress: &(dyn Fn(&FeedReport) + Sync),
    ) -> Result<Vec<(usize, FeedReport)>> {
        let mut done = Vec::with_capacity(line.len());
        for (index, state) in line {
            let Some(source) = sources.get(index) else {
                continue;
            };
            let report = self.feed(source, &state).await?;
            progress(&report);
            done.push((index, report));
        }
        Ok(done)
    }

    /// Polls one feed, publishes what is new, and only then remembers how it went.
    pub async fn feed(&self, source: &FeedSource, state: &FeedState) -> Result<FeedReport> {
        if let Some(report) = self.not_now(source, state) {
            return Ok(report);
        }
        let start = Instant::now();
        let first_run = state.last_success.is_none();
        let (polled, next) = poll::poll(self.fetcher, source, state, self.config, self.now).await;
        let mut report = match polled {
            Polled::Read(feed) => self.publish(source, *feed, first_run).await?,
            Polled::Unchanged => FeedReport {
                entries: usize::try_from(state.entries).unwrap_or(usize::MAX),
                ..report(source, PollState::Unchanged)
            },
            Polled::Retired(why) => FeedReport {
                message: Some(why),
                ..report(source, PollState::Retired)
            },
            Polled::Failed(failure) => FeedReport {
                message: Some(failure.to_string()),
                failure: Some(failure),
                ..report(source, PollState::Failed)
            },
        };
        report.notice = adoption::change(source, state, &next);
        report.message = report
            .message
            .or_else(|| report.notice.clone())
            .or_else(|| adoption::standing(source, &next));
        self.queue
            .put_feed_state(source.url.as_str(), &next)
            .await?;
        report.duration = start.elapsed();
        Ok(report)
    }

    /// The report of a feed that is left alone this time.
    fn not_now(&self, source: &FeedSource, state: &FeedState) -> Option<FeedReport> {
        if self.force {
            return None;
        }
        if let Some(why) = &state.retired {
            return Some(FeedReport {
                message: Some(why.clone()),
                ..report(source, PollState::Retired)
            });
        }
        let due = state.next_poll.filter(|due| *due > self.now)?;
        let why = match &state.last_error {
            Some(failure) => format!(
                "waits until {} after {} failures in a row, the last one {failure}",
                due.format("%Y-%m-%d %H:%M UTC"),
                state.failures
            ),
            None => format!("not due before {}", due.format("%Y-%m-%d %H:%M UTC")),
        };
        Some(FeedReport {
            entries: usize::try_from(state.entries).unwrap_or(usize::MAX),
            message: Some(why),
            failure: state.last_error.clone().filter(|_| state.failures > 0),
            ..report(source, PollState::NotDue)
        })
    }

    /// Publishes the entries of a feed, the oldest first, as far as the first-run policy takes them.
    async fn publish(
        &self,
        source: &FeedSource,
        feed: ParsedFeed,
        first_run: bool,
    ) -> Result<FeedReport> {
        let policy = if first_run {
            source.first_run.unwrap_or(self.config.first_run)
        } else {
            FirstRun::All
        };
        let count = feed.entries.len();
        let (wanted, rest) = split(feed.entries, policy, self.now);
        let jobs = |entries: Vec<ParsedEntry>| -> Vec<Job> {
            let jobs = entries.into_iter().rev();
            jobs.map(|entry| self.job(source, entry)).collect()
        };
        for batch in jobs(rest).chunks(BATCH) {
            self.queue.mark_seen(batch).await?;
        }
        let mut new = 0;
        for batch in jobs(wanted).chunks(BATCH) {
            let published = self.queue.publish(batch).await?;
            new += published
                .iter()
                .filter(|published| matches!(published, Published::New))
                .count();
        }
        let mut damage = feed.damage;
        damage.extend(feed.problems);
        Ok(FeedReport {
            kind: Some(feed.kind.to_string()),
            entries: count,
            new,
            damage,
            ..report(source, PollState::Polled)
        })
    }

    fn job(&self, source: &FeedSource, entry: ParsedEntry) -> Job {
        Job {
            id: Uuid::now_v7().simple().to_string(),
            entry: Entry {
                link: entry.link.into(),
                link_as_given: entry.link_as_given,
                title: entry.title,
                guid: entry.guid,
                published: entry.published,
                updated: entry.updated,
                categories: entry.categories,
            },
            source: Source {
                title: source.title.clone(),
                url: shown(&source.url),
                tags: source.tags.clone(),
                local_tags: source.local_tags.clone(),
            },
            created: self.now,
            submission: None,
        }
    }
}

fn set(reports: &mut [Option<FeedReport>], index: usize, report: FeedReport) {
    if let Some(slot) = reports.get_mut(index) {
        *slot = Some(report);
    }
}

fn report(source: &FeedSource, state: PollState) -> FeedReport {
    FeedReport {
        title: source.title.clone(),
        url: shown(&source.url),
        state,
        kind: None,
        entries: 0,
        new: 0,
        damage: Vec::new(),
        message: None,
        notice: None,
        failure: None,
        duration: Duration::ZERO,
    }
}
