//! The queue between `cron` and `subscribe`, and what both remember.
//!
//! [`Queue`] is the only door to Redis and SQLite. Its promises, which one conformance suite checks on
//! both stores:
//!
//! - a job is published once per article, atomically with the mark that the article was seen;
//! - a claimed job is held by a lease; whoever holds it renews it, and a job whose lease ran out is
//!   handed to the next worker that asks (at least once, never lost);
//! - every operation on a lease tells whether the lease was still held, and does nothing if it was not;
//! - ending a job (complete, retry, bury, defer) is one atomic step.

pub mod identity;
pub(crate) mod packed;
pub mod redis;
pub mod sqlite;
mod submission;
mod tally;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::destinations::Receipt;
use crate::failure::Failure;
use crate::feeds::entry::Entry;
use crate::story::Story;

pub use self::submission::{Body, Submission};
pub use self::tally::{HOURS, Hour, Step, StepTime};

/// Where a job came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Title of the feed, or `Manual`.
    pub title: String,
    /// URL of the feed, or `Manual`.
    pub url: String,
    /// The feed's tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The feed's local tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub local_tags: Vec<String>,
}

impl Source {
    /// What no feed brought: titled, and named in place of a URL, as misp-scraper does.
    pub fn manual() -> Self {
        Self {
            title: MANUAL.into(),
            url: MANUAL.into(),
            tags: Vec::new(),
            local_tags: Vec::new(),
        }
    }
}

/// One article to be processed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Sortable by time (UUIDv7, without dashes).
    pub id: String,
    /// The article.
    pub entry: Entry,
    /// Where it came from.
    pub source: Source,
    /// When it was published to the queue.
    pub created: DateTime<Utc>,
    /// Who handed it in, if no feed brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submission: Option<Submission>,
}

impl Job {
    /// A new job, published now, with an id of its own.
    pub fn new(entry: Entry, source: Source) -> Self {
        Self {
            id: uuid::Uuid::now_v7().simple().to_string(),
            entry,
            source,
            created: Utc::now(),
            submission: None,
        }
    }

    /// The same, handed in by somebody.
    #[must_use]
    pub fn submitted(mut self, submission: Submission) -> Self {
        self.submission = Some(submission);
        self
    }

    /// A new job for the same article, which is taken although it is known. A page that was submitted with this
    /// one is not part of it.
    #[must_use]
    pub fn again(&self) -> Self {
        let submission = Submission {
            again: true,
            ..Submission::default()
        };
        Self::new(self.entry.clone(), self.source.clone()).submitted(submission)
    }

    /// Whether the article is taken although it is known.
    pub fn is_again(&self) -> bool {
        self.submission.as_ref().is_some_and(|by| by.again)
    }

    /// The page it was submitted with.
    pub fn body(&self) -> Option<&Body> {
        self.submission.as_ref()?.body.as_ref()
    }
}

/// A job held by this worker until the lease runs out.
#[derive(Debug, Clone, PartialEq)]
pub struct Lease {
    /// The work.
    pub job: Job,
    /// Which attempt this is, from 1. Taking over from a dead worker counts as one; `defer` does not.
    pub attempt: u32,
    /// What earlier attempts already delivered, or began to deliver, by destination.
    pub receipts: BTreeMap<String, Receipt>,
    /// When a turn at the article's host was reserved for, by an earlier `defer`.
    pub host_turn: Option<DateTime<Utc>>,
    /// How long the steps of this attempt took. The worker notes it before it ends the job; [`Queue::hours`] sums
    /// it up.
    pub spent: BTreeMap<Step, Duration>,
    /// The store's proof of holding; meaningless elsewhere.
    pub token: String,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobState {
    /// Ready for a worker.
    Waiting,
    /// Held by a worker.
    Running,
    /// Waiting for its next attempt or its turn at a host.
    Later,
    /// Every destination has it.
    Delivered,
    /// A rule said it is not wanted, or an analyst had deleted it.
    Skipped,
    /// Given up, with the reason.
    Dead,
}

impl JobState {
    /// Every state, in the order a job passes through them.
    pub const ALL: [Self; 6] = [
        Self::Waiting,
        Self::Running,
        Self::Later,
        Self::Delivered,
        Self::Skipped,
        Self::Dead,
    ];

    /// The word used in stores, JSON and tables, e.g. `waiting`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Later => "later",
            Self::Delivered => "delivered",
            Self::Skipped => "skipped",
            Self::Dead => "dead",
        }
    }

    /// The state of this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One failed attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it failed.
    pub at: DateTime<Utc>,
    /// Which attempt it was, from 1.
    pub attempt: u32,
    /// Why.
    pub failure: Failure,
}

/// Everything known of one job, for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobRecord {
    /// The job.
    pub job: Job,
    /// Where it stands.
    pub state: JobState,
    /// Attempts begun so far.
    pub attempts: u32,
    /// For `later`: when it becomes ready.
    pub due: Option<DateTime<Utc>>,
    /// When the state last changed.
    pub updated: DateTime<Utc>,
    /// Failed attempts, oldest first (the last 20).
    pub history: Vec<Attempt>,
    /// What the destinations answered.
    pub receipts: BTreeMap<String, Receipt>,
    /// For `skipped`: the rule, in words. For `dead`: see the last of `history`.
    pub note: Option<String>,
}

/// How a job ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every destination has it.
    Delivered,
    /// Not wanted; the text names the rule.
    Skipped(String),
}

/// What became of one job handed to [`Queue::publish`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Published {
    /// It is in the queue now.
    New,
    /// Its article (by link or GUID) was seen before, under this job id (empty when only marked as seen).
    Known(String),
}

/// Some of the jobs of a state, or of all.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Listing {
    /// Those asked for, the last changed first.
    pub records: Vec<JobRecord>,
    /// How many there are in all.
    pub total: u64,
}

/// How many jobs stand where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Ready for a worker.
    pub waiting: u64,
    /// Held by workers.
    pub running: u64,
    /// Waiting for their next attempt or turn.
    pub later: u64,
    /// Given up.
    pub dead: u64,
    /// Seconds until the first of the later ones is due.
    pub next_due_seconds: Option<u64>,
    /// Age in seconds of the oldest job that waits or runs.
    pub oldest_seconds: Option<u64>,
}

impl Counts {
    /// Whether nothing is left to do.
    pub const fn is_drained(&self) -> bool {
        self.waiting == 0 && self.running == 0 && self.later == 0
    }
}

/// What is remembered of one feed between polls.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedState {
    /// Validator for `If-None-Match`.
    pub etag: Option<String>,
    /// Validator for `If-Modified-Since`.
    pub last_modified: Option<String>,
    /// The last poll, of any result.
    pub last_poll: Option<DateTime<Utc>>,
    /// The last poll that read the feed or found it unchanged. `None`: the next one is the first run.
    pub last_success: Option<DateTime<Utc>>,
    /// Not to be asked before.
    pub next_poll: Option<DateTime<Utc>>,
    /// Failures in a row.
    pub failures: u32,
    /// What failed last.
    pub last_error: Option<Failure>,
    /// Entries at the last successful poll.
    pub entries: u32,
    /// Where a permanent redirect points.
    pub redirect: Option<String>,
    /// In how many polls in a row it did.
    pub redirect_seen: u32,
    /// The URL polled in place of the listed one, once a permanent redirect was adopted.
    pub adopted: Option<String>,
    /// Why the feed is not polled any more (410 Gone).
    pub retired: Option<String>,
}

/// The store could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueueError {
    /// Not reachable, or the connection broke. Says which store and where (never the password).
    #[error("{0}")]
    Unavailable(String),
    /// No room: Redis at `maxmemory`, disk full.
    #[error("{0}")]
    Full(String),
    /// What it holds is not what Gleaner wrote.
    #[error("{0}")]
    Corrupt(String),
    /// Another error of the store.
    #[error("{0}")]
    Store(String),
}

/// Shorthand for results of this module.
pub type Result<T> = std::result::Result<T, QueueError>;

/// Title and URL of the source of what no feed brought.
pub const MANUAL: &str = "Manual";

/// How many failed attempts of a job are remembered.
pub const HISTORY: usize = 20;

/// Most bytes of a page that is submitted with a job. Whoever takes it in bounds it further.
pub const MAX_BODY: usize = 64 << 20;

/// What both stores are told by `[store]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    lease: Duration,
    remember: Duration,
    keep_finished: Duration,
    keep_dead: u32,
}

impl Terms {
    const fn from_config(store: &crate::config::Store) -> Self {
        Self {
            lease: store.lease.get(),
            remember: store.remember.get(),
            keep_finished: store.keep_finished.get(),
            keep_dead: store.keep_dead,
        }
    }
}

/// Tells the leases of one handle from those of all others: a worker that is started again may have the name of
/// the one that died, and holds nothing of what that one held.
#[derive(Debug)]
pub(crate) struct Holder(String);

impl Holder {
    fn new() -> Self {
        Self(uuid::Uuid::now_v7().simple().to_string())
    }

    /// The name under which the store knows this worker.
    fn name(&self, worker: &str) -> String {
        format!("{worker}-{}", self.0)
    }
}

/// Opens the store that the configuration names. Redis has to answer, and be of a version that can keep the
/// promises; the SQLite file and its folder are made when they are not there.
pub async fn open(config: &Config) -> Result<Arc<dyn Queue>> {
    if config.uses_redis() {
        Ok(Arc::new(redis::RedisQueue::open(&config.store).await?))
    } else {
        let path = config.sqlite_path();
        Ok(Arc::new(
            sqlite::SqliteQueue::open(&path, &config.store).await?,
        ))
    }
}

/// The queue, and the memory beside it.
///
/// Dropping a future of any of these is safe: what was asked happens or does not. Jobs that a dropped
/// [`Queue::claim`] took in that very moment come back when their lease runs out.
///
/// A call that failed with [`QueueError::Unavailable`] may have been done all the same. It can be repeated: one
/// that ended the job by this very lease answers `true` again.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Publishes jobs whose article is unseen, each atomically with the mark that it was seen. An article is
    /// known by its link, or by its GUID within its feed. One answer per job, in order: the same when the same
    /// jobs are published again.
    ///
    /// A job that is to be taken [again](Submission::again) is published whatever is known, and from then on its
    /// article is known under it. The [bytes](Body::bytes) of a submitted page are kept in the same step.
    async fn publish(&self, jobs: &[Job]) -> Result<Vec<Published>>;

    /// Leaves articles out without publishing them (first-run policy): this feed will not bring them any more,
    /// another may.
    async fn mark_seen(&self, jobs: &[Job]) -> Result<()>;

    /// Says that the page of `job_id` calls itself `link`. Answers the id of another job that was published under
    /// that link, or whose page claimed it before, if any; then nothing is changed. A claim keeps nothing from
    /// being published.
    async fn claim_link(&self, link: &str, job_id: &str) -> Result<Option<String>>;

    /// Says that the job `job_id`, whose article was seen under the link `own`, gives way to the job `other_id`,
    /// which was seen under `to`: from now on `own` is known under the other job, for as long as a new mark.
    /// `false`: the other job gave way to this one already, so this one must go on; nothing is changed. So of
    /// two pages that call themselves each other exactly one gives way, also when both are read at once.
    /// Answers the same when asked again.
    async fn yield_link(&self, own: &str, to: &str, job_id: &str, other_id: &str) -> Result<bool>;

    /// Up to `max` jobs: first those whose lease ran out, then those due, then new ones. Waits up to `wait`
    /// when there is none. An empty answer means there was none for this worker.
    ///
    /// A page that kills its worker takes along the attempts of all jobs that were in flight beside it. So that
    /// they do not die with it, a job that is taken over for its third attempt or a later one is a suspect, and
    /// runs alone: it is handed only to a worker that holds no lease, and that worker gets nothing else until
    /// the suspect's lease ends. While a suspect waits, workers that hold something get nothing new, so that one
    /// of them is free soon. The innocent ones finish on their first attempt alone; the one that kills does so
    /// alone until its attempts are used up. After a single death all jobs are handed out as before.
    ///
    /// A worker is known by `worker` and by this handle: leases taken through another handle are not its own.
    async fn claim(&self, worker: &str, max: usize, wait: Duration) -> Result<Vec<Lease>>;

    /// Extends the lease. `false`: it was lost, stop working on it.
    async fn renew(&self, lease: &Lease) -> Result<bool>;

    /// Remembers what one destination answered, so that a later attempt does not ask it again.
    async fn record(&self, lease: &Lease, destination: &str, receipt: &Receipt) -> Result<bool>;

    /// The page that was submitted with a job: there until the job is delivered, skipped or dropped, also while it
    /// is dead. As a safety net the store forgets it after `store.remember` in the queue, or as long among the dead.
    async fn body(&self, id: &str) -> Result<Option<Vec<u8>>>;

    /// Keeps for people what was made of an article, for as long as the record of the job is kept. The bytes are
    /// the worker's (see [`crate::worker::result`]). An attempt that comes after replaces it.
    async fn put_result(&self, lease: &Lease, result: &[u8]) -> Result<bool>;

    /// What was made of it.
    async fn result(&self, id: &str) -> Result<Option<Vec<u8>>>;

    /// Ends a job well. The record keeps the job as the lease has it: a worker may name an article that nobody named
    /// before.
    async fn complete(&self, lease: &Lease, outcome: &Outcome) -> Result<bool>;

    /// Puts a job back for another attempt after `wait`.
    async fn retry(&self, lease: &Lease, wait: Duration, failure: &Failure) -> Result<bool>;

    /// Puts a job back without counting this attempt: handed back at shutdown (`wait` zero), or until its turn
    /// at a host, which is remembered.
    async fn defer(
        &self,
        lease: &Lease,
        wait: Duration,
        host_turn: Option<DateTime<Utc>>,
    ) -> Result<bool>;

    /// Gives a job up.
    async fn bury(&self, lease: &Lease, failure: &Failure) -> Result<bool>;

    /// How long to wait for this caller's turn at a host, turns being `interval` apart across all workers; zero:
    /// go now.
    ///
    /// `reserved` is the turn it was given earlier. That is good unless it lies before the end of a pause, or has
    /// been missed by more than `interval` (by a second, if that is longer): as long as it is good no other turn
    /// is taken, and from 50 ms before it on the answer is zero. In all other cases a new turn is reserved: the
    /// first one after all others and after the pause. So turns that many jobs missed while no worker ran, or
    /// that a pause overtook, are spaced out again.
    ///
    /// With `interval` zero nothing is reserved; the answer is what is left of a pause.
    async fn host_turn(
        &self,
        host: &str,
        interval: Duration,
        reserved: Option<DateTime<Utc>>,
    ) -> Result<Duration>;

    /// Lets nobody go to this host before `pause` is over (`Retry-After`). A shorter pause does not shorten a
    /// longer one. The caller bounds it.
    async fn host_pause(&self, host: &str, pause: Duration) -> Result<()>;

    /// What is remembered of a feed, by its listed URL.
    async fn feed_state(&self, url: &str) -> Result<FeedState>;

    /// Remembers it.
    async fn put_feed_state(&self, url: &str, state: &FeedState) -> Result<()>;

    /// The events that left each of these prints, in the order of the prints; of each the latest
    /// [`crate::story::KEPT`], and none that was told longer ago than it was to be kept.
    async fn stories(&self, prints: &[String]) -> Result<Vec<Vec<Story>>>;

    /// Remembers for `keep` that an event left these prints. An event that is remembered stays as it was first
    /// told, with its time; only further prints are added.
    async fn tell_story(&self, story: &Story, prints: &[String], keep: Duration) -> Result<()>;

    /// How many jobs stand where.
    async fn counts(&self) -> Result<Counts>;

    /// Jobs in this state (all states that are kept if `None`), the last changed first: `limit` of them at most,
    /// after the first `offset`. Records that cannot be read are left out.
    async fn page(&self, state: Option<JobState>, offset: usize, limit: usize) -> Result<Listing>;

    /// The first `limit` of them.
    async fn list(&self, state: Option<JobState>, limit: usize) -> Result<Vec<JobRecord>> {
        Ok(self.page(state, 0, limit).await?.records)
    }

    /// What was done in the last [`HOURS`] hours, the oldest first. A job counts in the hour in which it ended, and
    /// once for each time it did: a dead one that was brought back ends again.
    async fn hours(&self) -> Result<Vec<Hour>>;

    /// One job.
    async fn job(&self, id: &str) -> Result<Option<JobRecord>>;

    /// The id of the job an article was seen under, by its canonical link; empty when it was only marked as seen.
    async fn id_of_link(&self, link: &str) -> Result<Option<String>>;

    /// Brings a dead job back, with its attempts counted anew. `false`: no dead job of this id.
    async fn revive(&self, id: &str) -> Result<bool>;

    /// Removes a dead job for good; its article stays seen. `false`: no dead job of this id.
    async fn drop_dead(&self, id: &str) -> Result<bool>;
}
