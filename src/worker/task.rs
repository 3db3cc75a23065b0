//! One job from claim to end.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use super::backoff;
use super::pipeline::{End, Pipeline};
use super::steps::Stopwatch;
use crate::config::{Config, Store};
use crate::failure::{Failure, Reason};
use crate::metrics;
use crate::plain::{clean, short};
use crate::queue::{Job, Lease, Outcome, Queue, QueueError};

/// How often the end of a job is told to a store that fails, a second apart and growing. Beyond that the
/// lease runs out and another worker finds the event already delivered.
const TELL_ATTEMPTS: u32 = 8;

/// Longest title a job is given, in characters: as long as people may give it.
const MAX_TITLE: usize = 500;

/// How one job ended in this worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Every destination has it; the text says what they answered.
    Delivered(String),
    /// Not wanted; the text names the rule.
    Skipped(String),
    /// Failed, to be tried again after this long.
    Retry(Duration, Failure),
    /// Given up.
    Dead(Failure),
    /// Waits for its turn at the host.
    Postponed,
    /// Handed back at shutdown, or lost to another worker.
    HandedBack,
}

/// What a worker tells its caller about each job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// The job.
    pub job: Job,
    /// How it ended.
    pub ended: Ended,
}

/// What all jobs of a worker share.
pub(super) struct Task {
    queue: Arc<dyn Queue>,
    pipeline: Arc<Pipeline>,
    store: Store,
}

impl Task {
    pub(super) fn new(config: &Config, queue: Arc<dyn Queue>, pipeline: Arc<Pipeline>) -> Self {
        Self {
            queue,
            pipeline,
            store: config.store.clone(),
        }
    }

    /// Called when nothing is left to do: lets destinations bring their indexes up to date.
    pub(super) async fn idle(&self) {
        self.pipeline.flush().await;
    }

    /// Processes one job under its lease, and ends it.
    pub(super) async fn run(&self, mut lease: Lease, abort: CancellationToken) -> Finished {
        let started = Instant::now();
        let watch = Stopwatch::default();
        let ended = if lease.attempt > self.store.max_attempts {
            // Each attempt is counted when it begins, so this job took its workers down with it.
            let failure = Failure::new(
                Reason::Crashed,
                format!(
                    "{} workers in a row died or lost touch while they had this article",
                    self.store.max_attempts
                ),
            );
            self.bury(&lease, failure).await
        } else {
            let work = self
                .pipeline
                .process(&lease, self.store.max_attempts, &watch);
            let processed = tokio::select! {
                end = AssertUnwindSafe(work).catch_unwind() => Some(end),
                () = self.keep_alive(&lease) => None,
                () = abort.cancelled() => {
                    self.hand_back(&lease).await;
                    None
                }
            };
            match processed {
                Some(end) => {
                    lease.spent = watch.spent();
                    name(&mut lease.job, &end);
                    self.end(&lease, end).await
                }
                None => Ended::HandedBack,
            }
        };
        metrics::ended(&ended);
        log(&lease, &ended, started.elapsed());
        Finished {
            job: lease.job,
            ended,
        }
    }

    /// Puts a job back as if it had not been claimed.
    pub(super) async fn hand_back(&self, lease: &Lease) {
        if let Err(error) = self
            .queue
            .defer(lease, Duration::ZERO, lease.host_turn)
            .await
        {
            tracing::warn!(%error, job.id = lease.job.id, "not handed back; its lease will run out");
        }
    }

    /// Renews the lease until it is lost.
    async fn keep_alive(&self, lease: &Lease) {
        let every = self.store.lease.get() / 3;
        loop {
            tokio::time::sleep(every).await;
            match self.queue.renew(lease).await {
                Ok(true) => {}
                Ok(false) => return,
                // The store may be back before the lease runs out; work goes on, delivery is idempotent.
                Err(error) => tracing::debug!(%error, job.id = lease.job.id, "lease not renewed"),
            }
        }
    }

    async fn end(&self, lease: &Lease, end: std::thread::Result<End>) -> Ended {
        match end {
            Ok(End::Delivered { summary, .. }) => {
                let told = self
                    .tell(lease, || self.queue.complete(lease, &Outcome::Delivered))
                    .await;
                told.unwrap_or(Ended::Delivered(summary))
            }
            Ok(End::Skipped(rule)) => {
                let outcome = Outcome::Skipped(rule.clone());
                let told = self
                    .tell(lease, || self.queue.complete(lease, &outcome))
                    .await;
                told.unwrap_or(Ended::Skipped(rule))
            }
            Ok(End::Postponed { wait, turn }) => {
                let told = self
                    .tell(lease, || self.queue.defer(lease, wait, Some(turn)))
                    .await;
                told.unwrap_or(Ended::Postponed)
            }
            Ok(End::Failed(failure)) => self.fail(lease, failure).await,
            Err(panic) => {
                let failure = Failure::new(
                    Reason::Crashed,
                    format!("the worker panicked: {}", panic_text(&*panic)),
                );
                self.fail(lease, failure).await
            }
        }
    }

    async fn fail(&self, lease: &Lease, failure: Failure) -> Ended {
        if !failure.reason.is_transient() || lease.attempt >= self.store.max_attempts {
            return self.bury(lease, failure).await;
        }
        let wait = backoff::next(&self.store, lease.attempt, failure.retry_after);
        let told = self
            .tell(lease, || self.queue.retry(lease, wait, &failure))
            .await;
        told.unwrap_or(Ended::Retry(wait, failure))
    }

    async fn bury(&self, lease: &Lease, failure: Failure) -> Ended {
        let told = self.tell(lease, || self.queue.bury(lease, &failure)).await;
        told.unwrap_or(Ended::Dead(failure))
    }

    /// Tells the store how a job ended, through short outages. Answers what to report instead if the lease
    /// was lost or the store did not take it.
    async fn tell<'a, F>(&self, lease: &Lease, operation: impl Fn() -> F) -> Option<Ended>
    where
        F: Future<Output = Result<bool, QueueError>> + 'a,
    {
        for attempt in 1..=TELL_ATTEMPTS {
            match operation().await {
                Ok(true) => return None,
                Ok(false) => break,
                Err(error) if attempt == TELL_ATTEMPTS => {
                    tracing::error!(%error, job.id = lease.job.id, "the end of this job could not be stored");
                }
                Err(_) => {
                    let pause = Duration::from_secs(u64::from(attempt));
                    tokio::time::sleep(backoff::jittered(pause)).await;
                }
            }
        }
        Some(Ended::HandedBack)
    }
}

/// Calls a job that nobody named by its article's title, now that it is known: so it stands in lists.
fn name(job: &mut Job, end: &std::thread::Result<End>) {
    if let Ok(End::Delivered { title, .. }) = end
        && job.entry.title.trim().is_empty()
    {
        job.entry.title = short(title, MAX_TITLE);
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// The one line per article.
fn log(lease: &Lease, ended: &Ended, took: Duration) {
    let Lease { job, attempt, .. } = lease;
    let took = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let (url, id) = (&job.entry.link, &job.id);
    let (title, feed) = (clean(&job.entry.title), clean(&job.source.title));
    macro_rules! line {
        ($level:ident, $outcome:literal, $text:expr, $detail:expr) => {
            tracing::$level!(
                outcome = $outcome, article.url = %url, feed.title = %feed, job.id = %id,
                attempt = attempt, duration_ms = took, detail = clean(&$detail.to_string()), "{}: {title:?}", $text
            )
        };
    }
    match ended {
        Ended::Delivered(summary) => line!(info, "delivered", "delivered", summary),
        Ended::Skipped(rule) => line!(info, "skipped", "skipped", rule),
        Ended::Retry(wait, failure) => {
            line!(
                warn,
                "retry",
                format_args!("will be tried again in {} s", wait.as_secs()),
                failure
            );
        }
        Ended::Dead(failure) => line!(error, "dead", "given up", failure),
        Ended::Postponed => line!(debug, "postponed", "waits for its turn at the host", ""),
        Ended::HandedBack => line!(info, "handed-back", "handed back", ""),
    }
}
