//! The consumer: claims jobs, keeps their leases alive, and ends each of them.
//!
//! One loop claims as many jobs as there are free places; each job runs as a task of its own. Whatever
//! happens to a task (failure, panic, lost lease, shutdown), its job is completed, put back or buried, and
//! if the whole process dies the lease runs out and another worker takes over.

pub mod backoff;
mod canonical_link;
pub mod context;
pub mod manners;
pub mod parsers;
pub mod pipeline;
pub mod result;
mod steps;
mod summary;
mod task;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::metrics;
use crate::queue::{Lease, Queue, QueueError};
use crate::shutdown::Watchdog;

use self::pipeline::Pipeline;
pub use self::steps::Stopwatch;
use self::task::Task;
pub use self::task::{Ended, Finished};

/// How long one look for work lasts. Short, so that a stop request and the watchdog are served in time.
const CLAIM_WAIT: Duration = Duration::from_secs(1);

/// How long a drain waits for a store that fails. A service waits for as long as it takes.
const DRAIN_PATIENCE: Duration = Duration::from_secs(60);

/// Bounds of the pause after the store failed.
const STORE_PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));

/// When a worker ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Not before it is told to.
    Stopped,
    /// When nothing waits or runs any more. Jobs whose next attempt lies further ahead than this stay queued.
    Drained(Duration),
}

impl Until {
    /// A drain ends as soon as it can, at the cost of asking more often while the last articles run.
    const fn claim_wait(self) -> Duration {
        match self {
            Self::Stopped => CLAIM_WAIT,
            Self::Drained(_) => Duration::from_millis(50),
        }
    }
}

/// A consumer process.
pub struct Worker {
    queue: Arc<dyn Queue>,
    task: Arc<Task>,
    in_flight: usize,
    shutdown_timeout: Duration,
}

impl Worker {
    /// A worker under this name (unique per process).
    pub fn new(config: &Config, queue: Arc<dyn Queue>, pipeline: Arc<Pipeline>) -> Self {
        Self {
            task: Arc::new(Task::new(config, Arc::clone(&queue), pipeline)),
            queue,
            in_flight: config.worker.in_flight,
            shutdown_timeout: config.worker.shutdown_timeout.get(),
        }
    }

    /// Works until told to stop or, if asked to, until the queue is drained. Every ended job is shown to
    /// `observe`. Store failures are waited out when `until` is `Stopped`; else they end the run.
    pub async fn run(
        &self,
        until: Until,
        stop: CancellationToken,
        mut observe: impl FnMut(Finished),
    ) -> Result<(), QueueError> {
        let name = format!("{}-{}", hostname(), std::process::id());
        let watchdog = Watchdog::start();
        let abort = CancellationToken::new();
        let mut running = JoinSet::new();
        let mut store = StoreTrouble::default();
        while !stop.is_cancelled() {
            watchdog.alive();
            reap(&mut running, &mut observe);
            let free = self.in_flight.saturating_sub(running.len());
            if free == 0 {
                wait_for_one(&mut running, &stop, &mut observe).await;
                continue;
            }
            match self.look(&name, free, until, running.is_empty()).await {
                Ok(Look::Drained) => break,
                Ok(Look::Leases(leases)) => {
                    store.over();
                    self.start(leases, &mut running, &stop, &abort).await;
                }
                Err(error)
                    if until != Until::Stopped && store.lasts_longer_than(DRAIN_PATIENCE) =>
                {
                    abort.cancel();
                    return Err(error);
                }
                Err(error) => store.wait_out(&error, &stop).await,
            }
        }
        self.wind_down(running, abort, &watchdog, observe).await;
        Ok(())
    }

    /// Looks for work. With nothing found and nothing running, brings indexes up to date and sees whether that
    /// was all.
    async fn look(
        &self,
        name: &str,
        free: usize,
        until: Until,
        nothing_runs: bool,
    ) -> Result<Look, QueueError> {
        let leases = self.queue.claim(name, free, until.claim_wait()).await?;
        if leases.is_empty() && nothing_runs {
            self.task.idle().await;
            if self.is_drained(until).await? {
                return Ok(Look::Drained);
            }
        }
        Ok(Look::Leases(leases))
    }

    /// Starts a task per lease, or hands all back if a stop came in between.
    async fn start(
        &self,
        leases: Vec<Lease>,
        running: &mut JoinSet<Finished>,
        stop: &CancellationToken,
        abort: &CancellationToken,
    ) {
        metrics::claimed(leases.len());
        for lease in leases {
            if stop.is_cancelled() {
                self.task.hand_back(&lease).await;
                continue;
            }
            let (task, abort) = (Arc::clone(&self.task), abort.clone());
            running.spawn(async move {
                let _busy = metrics::Busy::begin();
                task.run(lease, abort).await
            });
        }
    }

    async fn is_drained(&self, until: Until) -> Result<bool, QueueError> {
        let Until::Drained(patience) = until else {
            return Ok(false);
        };
        let counts = self.queue.counts().await?;
        if counts.waiting > 0 || counts.running > 0 {
            return Ok(false);
        }
        Ok(counts
            .next_due_seconds
            .is_none_or(|seconds| seconds > patience.as_secs()))
    }

    /// Lets what is in flight finish within the shutdown time, then makes it hand its jobs back.
    async fn wind_down(
        &self,
        mut running: JoinSet<Finished>,
        abort: CancellationToken,
        watchdog: &Watchdog,
        mut observe: impl FnMut(Finished),
    ) {
        let deadline = Instant::now() + self.shutdown_timeout;
        if !running.is_empty() {
            tracing::info!(
                in_flight = running.len(),
                "finishing the articles in flight"
            );
        }
        loop {
            watchdog.alive();
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                abort.cancel();
            }
            // After the abort the tasks only hand back their jobs, which a dead store may hold up.
            let patience = if left.is_zero() {
                Duration::from_secs(5)
            } else {
                left.min(CLAIM_WAIT)
            };
            match tokio::time::timeout(patience, running.join_next()).await {
                Ok(Some(Ok(finished))) => observe(finished),
                Ok(None) => break,
                Err(_) if left.is_zero() => break,
                // A task that died, or the wait for one that still works.
                Ok(Some(Err(_))) | Err(_) => {}
            }
        }
        self.task.idle().await;
    }
}

/// Takes what has ended, without waiting.
fn reap(running: &mut JoinSet<Finished>, observe: &mut impl FnMut(Finished)) {
    while let Some(ended) = running.try_join_next() {
        if let Ok(finished) = ended {
            observe(finished);
        }
    }
}

/// Waits until a place is free, a stop is asked for, or the watchdog wants to be served.
async fn wait_for_one(
    running: &mut JoinSet<Finished>,
    stop: &CancellationToken,
    observe: &mut impl FnMut(Finished),
) {
    tokio::select! {
        ended = running.join_next() => if let Some(Ok(finished)) = ended { observe(finished) },
        () = stop.cancelled() => {}
        () = tokio::time::sleep(CLAIM_WAIT) => {}
    }
}

/// What a look for work found.
enum Look {
    Leases(Vec<Lease>),
    Drained,
}

/// The store fails: said once when it begins and once when it is over.
#[derive(Default)]
struct StoreTrouble {
    since: Option<Instant>,
    pause: Duration,
}

impl StoreTrouble {
    fn lasts_longer_than(&self, patience: Duration) -> bool {
        self.since.is_some_and(|since| since.elapsed() > patience)
    }

    async fn wait_out(&mut self, error: &QueueError, stop: &CancellationToken) {
        if self.since.is_none() {
            tracing::error!(%error, "the store does not answer; trying again until it does");
            self.since = Some(Instant::now());
            self.pause = STORE_PAUSE.0;
        }
        tokio::select! {
            () = tokio::time::sleep(backoff::jittered(self.pause)) => {}
            () = stop.cancelled() => {}
        }
        self.pause = (self.pause * 2).min(STORE_PAUSE.1);
    }

    fn over(&mut self) {
        if let Some(since) = self.since.take() {
            tracing::info!(
                seconds = since.elapsed().as_secs(),
                "the store answers again"
            );
        }
    }
}

/// The host's name, for people who look at consumers in Redis.
fn hostname() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map_or_else(|_| "worker".to_owned(), |name| name.trim().to_owned())
}
