//! A queue in memory, as far as polling needs one.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use gleaner::destinations::Receipt;
use gleaner::failure::Failure;
use gleaner::queue::{
    Counts, FeedState, Hour, Job, JobRecord, JobState, Lease, Listing, Outcome, Published, Queue,
    QueueError, Result,
};
use gleaner::story::Story;

#[derive(Default)]
struct Memory {
    jobs: Vec<Job>,
    seen: HashSet<String>,
    states: HashMap<String, FeedState>,
    /// Publishing fails as if the store were full.
    full: bool,
}

/// Remembers everything until it is dropped.
#[derive(Default)]
pub(crate) struct MemoryQueue(Mutex<Memory>);

impl MemoryQueue {
    pub(crate) fn jobs(&self) -> Vec<Job> {
        self.0.lock().unwrap().jobs.clone()
    }

    pub(crate) fn titles(&self) -> Vec<String> {
        self.jobs().into_iter().map(|job| job.entry.title).collect()
    }

    pub(crate) fn state(&self, url: &str) -> FeedState {
        let memory = self.0.lock().unwrap();
        memory.states.get(url).cloned().unwrap_or_default()
    }

    pub(crate) fn set_full(&self, full: bool) {
        self.0.lock().unwrap().full = full;
    }
}

fn keys(job: &Job) -> Vec<String> {
    let guid = job.entry.guid.as_ref();
    let guid = guid.map(|guid| format!("{} {guid}", job.source.url));
    std::iter::once(job.entry.link.clone())
        .chain(guid)
        .collect()
}

fn not_here<T>() -> Result<T> {
    Err(QueueError::Store("polling does not need this".into()))
}

#[async_trait]
impl Queue for MemoryQueue {
    async fn publish(&self, jobs: &[Job]) -> Result<Vec<Published>> {
        let mut memory = self.0.lock().unwrap();
        if memory.full {
            return Err(QueueError::Full("the store is full".into()));
        }
        let mut out = Vec::new();
        for job in jobs {
            let known = keys(job).iter().any(|key| memory.seen.contains(key));
            memory.seen.extend(keys(job));
            let published = memory.jobs.iter().any(|known| known.id == job.id);
            if published {
                out.push(Published::New);
            } else if known {
                out.push(Published::Known(String::new()));
            } else {
                memory.jobs.push(job.clone());
                out.push(Published::New);
            }
        }
        Ok(out)
    }

    async fn mark_seen(&self, jobs: &[Job]) -> Result<()> {
        let mut memory = self.0.lock().unwrap();
        memory.seen.extend(jobs.iter().flat_map(keys));
        Ok(())
    }

    async fn feed_state(&self, url: &str) -> Result<FeedState> {
        Ok(self.state(url))
    }

    async fn put_feed_state(&self, url: &str, state: &FeedState) -> Result<()> {
        let mut memory = self.0.lock().unwrap();
        memory.states.insert(url.into(), state.clone());
        Ok(())
    }

    async fn claim_link(&self, _: &str, _: &str) -> Result<Option<String>> {
        not_here()
    }
    async fn yield_link(&self, _: &str, _: &str, _: &str, _: &str) -> Result<bool> {
        not_here()
    }
    async fn claim(&self, _: &str, _: usize, _: Duration) -> Result<Vec<Lease>> {
        not_here()
    }
    async fn renew(&self, _: &Lease) -> Result<bool> {
        not_here()
    }
    async fn record(&self, _: &Lease, _: &str, _: &Receipt) -> Result<bool> {
        not_here()
    }
    async fn complete(&self, _: &Lease, _: &Outcome) -> Result<bool> {
        not_here()
    }
    async fn retry(&self, _: &Lease, _: Duration, _: &Failure) -> Result<bool> {
        not_here()
    }
    async fn defer(&self, _: &Lease, _: Duration, _: Option<DateTime<Utc>>) -> Result<bool> {
        not_here()
    }
    async fn bury(&self, _: &Lease, _: &Failure) -> Result<bool> {
        not_here()
    }
    async fn host_turn(&self, _: &str, _: Duration, _: Option<DateTime<Utc>>) -> Result<Duration> {
        not_here()
    }
    async fn host_pause(&self, _: &str, _: Duration) -> Result<()> {
        not_here()
    }
    async fn stories(&self, _: &[String]) -> Result<Vec<Vec<Story>>> {
        not_here()
    }
    async fn tell_story(&self, _: &Story, _: &[String], _: Duration) -> Result<()> {
        not_here()
    }
    async fn counts(&self) -> Result<Counts> {
        not_here()
    }
    async fn page(&self, _: Option<JobState>, _: usize, _: usize) -> Result<Listing> {
        not_here()
    }
    async fn hours(&self) -> Result<Vec<Hour>> {
        not_here()
    }
    async fn body(&self, _: &str) -> Result<Option<Vec<u8>>> {
        not_here()
    }
    async fn put_result(&self, _: &Lease, _: &[u8]) -> Result<bool> {
        not_here()
    }
    async fn result(&self, _: &str) -> Result<Option<Vec<u8>>> {
        not_here()
    }
    async fn job(&self, _: &str) -> Result<Option<JobRecord>> {
        not_here()
    }
    async fn id_of_link(&self, _: &str) -> Result<Option<String>> {
        not_here()
    }
    async fn revive(&self, _: &str) -> Result<bool> {
        not_here()
    }
    async fn drop_dead(&self, _: &str) -> Result<bool> {
        not_here()
    }
}
