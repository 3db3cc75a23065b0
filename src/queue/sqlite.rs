//! The embedded store: one SQLite file, shared by all processes of one machine.
//!
//! Two threads own a connection each. The writing one commits what is asked at the same time together
//! (see `thread`); the reading one answers people and looks whether there is work, without a lock.

mod errors;
mod hosts;
mod kept;
mod ops;
mod records;
mod schema;
mod stories;
mod thread;

use std::path::Path;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use self::errors::Place;
use self::thread::Thread;
use super::{
    Counts, FeedState, Holder, Hour, Job, JobRecord, JobState, Lease, Listing, Outcome, Published,
    Queue, QueueError, Result, Terms, packed,
};
use crate::config::Store;
use crate::destinations::Receipt;
use crate::failure::Failure;
use crate::story::Story;

/// How often a waiting worker looks for what other processes published: at first, and at most.
const LOOK: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(250));

/// How often what is past its time is removed.
const TIDY: Duration = Duration::from_secs(60);

/// A handle on the file. All handles, in all processes, see the same queue.
#[derive(Debug)]
pub struct SqliteQueue {
    writer: Thread,
    reader: Thread,
    terms: Terms,
    holder: Holder,
    /// Told when this process put something into the queue.
    news: Notify,
}

impl SqliteQueue {
    /// Opens the file, and makes it and its folder if they are not there.
    ///
    /// Fails with [`QueueError::Corrupt`] when the file is not a database or another program's, with
    /// [`QueueError::Store`] when a newer Gleaner wrote it.
    pub async fn open(path: &Path, store: &Store) -> Result<Self> {
        let terms = Terms::from_config(store);
        let path = path.to_owned();
        let opened = tokio::task::spawn_blocking(move || {
            let place = Place::new(&path);
            let writer = schema::open_writer(&path)?;
            let reader = schema::open_reader(&path)?;
            let mut tidied: Option<Instant> = None;
            let tidy = move |connection: &rusqlite::Connection| {
                if tidied.is_none_or(|at| at.elapsed() > TIDY) {
                    tidied = Some(Instant::now());
                    if let Err(error) = ops::tidy(connection, &terms) {
                        tracing::warn!(%error, "cannot remove old records from the queue");
                    }
                }
            };
            Ok(Self {
                writer: Thread::writer(writer, place.clone(), tidy)?,
                reader: Thread::reader(reader, place)?,
                terms,
                holder: Holder::new(),
                news: Notify::new(),
            })
        });
        opened
            .await
            .map_err(|error| QueueError::Store(format!("opening the queue failed: {error}")))?
    }

    /// Tells the workers of this process that there may be something for them.
    fn tell(&self) {
        self.news.notify_waiters();
    }
}

#[async_trait]
impl Queue for SqliteQueue {
    async fn publish(&self, jobs: &[Job]) -> Result<Vec<Published>> {
        let bodies = packed::bodies(jobs).await?;
        let (jobs, terms) = (jobs.to_vec(), self.terms);
        let answers = self
            .writer
            .call(move |c| ops::publish(c, &jobs, &bodies, &terms))
            .await?;
        self.tell();
        Ok(answers)
    }

    async fn mark_seen(&self, jobs: &[Job]) -> Result<()> {
        let (jobs, terms) = (jobs.to_vec(), self.terms);
        self.writer
            .call(move |c| ops::mark_seen(c, &jobs, &terms))
            .await
    }

    async fn claim_link(&self, link: &str, job_id: &str) -> Result<Option<String>> {
        let (link, job, terms) = (link.to_owned(), job_id.to_owned(), self.terms);
        self.writer
            .call(move |c| ops::claim_link(c, &link, &job, &terms))
            .await
    }

    async fn yield_link(&self, own: &str, to: &str, job_id: &str, other_id: &str) -> Result<bool> {
        let [own, to, job, other] = [own, to, job_id, other_id].map(str::to_owned);
        let terms = self.terms;
        self.writer
            .call(move |c| ops::yield_link(c, [&own, &to], &job, &other, &terms))
            .await
    }

    async fn claim(&self, worker: &str, max: usize, wait: Duration) -> Result<Vec<Lease>> {
        let start = tokio::time::Instant::now();
        let holder = self.holder.name(worker);
        let mut pause = LOOK.0;
        loop {
            let news = self.news.notified();
            tokio::pin!(news);
            // From here on nothing published in this process is missed.
            news.as_mut().enable();
            let next = self.reader.call(ops::next_ready).await?;
            if next.is_some_and(|next| next <= 0) {
                let (holder, terms) = (holder.clone(), self.terms);
                let leases = self
                    .writer
                    .call(move |c| ops::claim(c, &holder, max, &terms))
                    .await?;
                if !leases.is_empty() {
                    return Ok(leases);
                }
            }
            let left = wait.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Ok(Vec::new());
            }
            // A job that is ready but not for this worker now must not make this spin.
            let next = next
                .and_then(|next| u64::try_from(next).ok())
                .filter(|&next| next > 0)
                .map_or(Duration::MAX, |next| Duration::from_micros(next.max(1000)));
            let _ = tokio::time::timeout(left.min(pause).min(next), news).await;
            pause = (pause * 2).min(LOOK.1);
        }
    }

    async fn renew(&self, lease: &Lease) -> Result<bool> {
        let (lease, terms) = (lease.clone(), self.terms);
        self.writer
            .call(move |c| ops::renew(c, &lease, &terms))
            .await
    }

    async fn record(&self, lease: &Lease, destination: &str, receipt: &Receipt) -> Result<bool> {
        let (lease, destination, receipt) =
            (lease.clone(), destination.to_owned(), receipt.clone());
        self.writer
            .call(move |c| ops::record(c, &lease, &destination, &receipt))
            .await
    }

    async fn body(&self, id: &str) -> Result<Option<Vec<u8>>> {
        let job = id.to_owned();
        let body = self.reader.call(move |c| kept::body(c, &job)).await?;
        packed::body(id, body).await
    }

    async fn put_result(&self, lease: &Lease, result: &[u8]) -> Result<bool> {
        let (lease, result) = (lease.clone(), result.to_vec());
        self.writer
            .call(move |c| kept::put_result(c, &lease, &result))
            .await
    }

    async fn result(&self, id: &str) -> Result<Option<Vec<u8>>> {
        let id = id.to_owned();
        self.reader.call(move |c| kept::result(c, &id)).await
    }

    async fn complete(&self, lease: &Lease, outcome: &Outcome) -> Result<bool> {
        let (lease, outcome) = (lease.clone(), outcome.clone());
        self.writer
            .call(move |c| ops::complete(c, &lease, &outcome))
            .await
    }

    async fn retry(&self, lease: &Lease, wait: Duration, failure: &Failure) -> Result<bool> {
        let (lease, failure) = (lease.clone(), failure.clone());
        let done = self
            .writer
            .call(move |c| ops::retry(c, &lease, wait, &failure))
            .await?;
        self.tell();
        Ok(done)
    }

    async fn defer(
        &self,
        lease: &Lease,
        wait: Duration,
        host_turn: Option<DateTime<Utc>>,
    ) -> Result<bool> {
        let lease = lease.clone();
        let done = self
            .writer
            .call(move |c| ops::defer(c, &lease, wait, host_turn))
            .await?;
        self.tell();
        Ok(done)
    }

    async fn bury(&self, lease: &Lease, failure: &Failure) -> Result<bool> {
        let (lease, failure, terms) = (lease.clone(), failure.clone(), self.terms);
        self.writer
            .call(move |c| ops::bury(c, &lease, &failure, &terms))
            .await
    }

    async fn host_turn(
        &self,
        host: &str,
        interval: Duration,
        reserved: Option<DateTime<Utc>>,
    ) -> Result<Duration> {
        let host = host.to_owned();
        if interval.is_zero() {
            // Nothing to write: it must not wait for a transaction.
            return self.reader.call(move |c| hosts::pause_left(c, &host)).await;
        }
        self.writer
            .call(move |c| hosts::turn(c, &host, interval, reserved))
            .await
    }

    async fn host_pause(&self, host: &str, pause: Duration) -> Result<()> {
        let host = host.to_owned();
        self.writer
            .call(move |c| hosts::pause(c, &host, pause))
            .await
    }

    async fn feed_state(&self, url: &str) -> Result<FeedState> {
        let url = url.to_owned();
        self.reader
            .call(move |c| records::feed_state(c, &url))
            .await
    }

    async fn put_feed_state(&self, url: &str, state: &FeedState) -> Result<()> {
        let (url, state) = (url.to_owned(), state.clone());
        self.writer
            .call(move |c| records::put_feed_state(c, &url, &state))
            .await
    }

    async fn stories(&self, prints: &[String]) -> Result<Vec<Vec<Story>>> {
        let prints = prints.to_vec();
        self.reader.call(move |c| stories::told(c, &prints)).await
    }

    async fn tell_story(&self, story: &Story, prints: &[String], keep: Duration) -> Result<()> {
        let (story, prints) = (story.clone(), prints.to_vec());
        self.writer
            .call(move |c| stories::tell(c, &story, &prints, keep))
            .await
    }

    async fn counts(&self) -> Result<Counts> {
        self.reader.call(records::counts).await
    }

    async fn page(&self, state: Option<JobState>, offset: usize, limit: usize) -> Result<Listing> {
        self.reader
            .call(move |c| records::page(c, state, offset, limit))
            .await
    }

    async fn hours(&self) -> Result<Vec<Hour>> {
        self.reader.call(kept::hours).await
    }

    async fn job(&self, id: &str) -> Result<Option<JobRecord>> {
        let id = id.to_owned();
        self.reader.call(move |c| records::job(c, &id)).await
    }

    async fn id_of_link(&self, link: &str) -> Result<Option<String>> {
        let link = link.to_owned();
        self.reader
            .call(move |c| records::id_of_link(c, &link))
            .await
    }

    async fn revive(&self, id: &str) -> Result<bool> {
        let id = id.to_owned();
        let done = self.writer.call(move |c| ops::revive(c, &id)).await?;
        self.tell();
        Ok(done)
    }

    async fn drop_dead(&self, id: &str) -> Result<bool> {
        let id = id.to_owned();
        self.writer.call(move |c| ops::drop_dead(c, &id)).await
    }
}
