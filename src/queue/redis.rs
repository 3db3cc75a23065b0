//! The Redis store: Streams with a consumer group, and Lua scripts for every step.
//!
//! Works with Redis 7 and Valkey, alone, behind Sentinels or as a cluster. See `keys` for what is kept where.

mod keys;
mod link;
mod news;
mod open;
mod ops;
mod people;
mod scripts;
mod target;

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use redis::Value;
use tokio::time::Instant;

use self::keys::Keys;
use self::link::Link;
use self::news::News;
use self::ops::{Claimed, Token, to_json};
use self::scripts::Call;
use super::identity::{self, Key};
use super::{
    Attempt, Counts, FeedState, Holder, Hour, Job, JobRecord, JobState, Lease, Listing, Outcome,
    Published, Queue, QueueError, Result, Terms, packed, tally,
};
use crate::destinations::Receipt;
use crate::failure::Failure;
use crate::story::{KEPT, Story};

/// Jobs published in one round trip.
const CHUNK: usize = 64;
/// Most jobs handed out at once.
const MOST: usize = 500;

/// A handle on the queue in Redis.
#[derive(Debug)]
pub struct RedisQueue {
    link: Link,
    keys: Keys,
    terms: Terms,
    holder: Holder,
    news: News,
}

impl RedisQueue {
    /// A call on a lease: its stream and job as the first keys, what proves it as the first arguments.
    fn on_lease(&self, script: &'static redis::Script, lease: &Lease) -> Option<Call> {
        let token = Token::read(&lease.token)?;
        let stream = match token.stream.as_str() {
            "again" => self.keys.again(),
            _ => self.keys.articles(),
        };
        Some(
            Call::new(script)
                .key(stream)
                .key(self.keys.job(&lease.job.id))
                .arg(token.entry)
                .arg(token.deliveries)
                .arg(token.consumer),
        )
    }

    async fn put_back(
        &self,
        lease: &Lease,
        attempts: u32,
        wait: Duration,
        turn: Option<DateTime<Utc>>,
        failure: &str,
    ) -> Result<bool> {
        let Some(call) = self.on_lease(&scripts::PUT_BACK, lease) else {
            return Ok(false);
        };
        let call = call
            .key(self.keys.again())
            .key(self.keys.later())
            .arg(&lease.job.id)
            .arg(to_json(&lease.job)?)
            .arg(attempts)
            .arg(ahead(turn))
            .arg(micros(wait))
            .arg(failure);
        self.link.call(&call).await
    }

    /// One call of the claim script. Entries that are no jobs are set aside.
    async fn take(&self, consumer: &str, max: usize) -> Result<(Claimed, Vec<Lease>)> {
        let call = Call::new(&scripts::CLAIM)
            .key(self.keys.articles())
            .key(self.keys.again())
            .key(self.keys.later())
            .key(self.keys.jobs())
            .arg(consumer)
            .arg(max.clamp(1, MOST))
            .arg(millis(self.terms.lease));
        let answer: Value = self.link.call(&call).await?;
        let claimed = Claimed::read(&answer, consumer).ok_or_else(|| {
            QueueError::Corrupt("Redis holds entries under our keys that are not ours".into())
        })?;
        let mut leases = Vec::with_capacity(claimed.entries.len());
        for taken in &claimed.entries {
            match taken.lease() {
                Ok(lease) => leases.push(lease),
                Err(error) => {
                    let entry = &taken.token.entry;
                    tracing::error!(entry, %error, "an entry of the queue is no job; it is set aside as dead");
                    let stream = match taken.token.stream.as_str() {
                        "again" => self.keys.again(),
                        _ => self.keys.articles(),
                    };
                    let call = Call::new(&scripts::DISCARD)
                        .key(stream)
                        .key(self.keys.dead())
                        .arg(entry)
                        .arg(&taken.job);
                    self.link.call::<()>(&call).await?;
                }
            }
        }
        Ok((claimed, leases))
    }

    fn seen_keys(&self, job: &Job) -> impl Iterator<Item = String> {
        identity::keys(job)
            .into_iter()
            .map(|key| self.keys.seen(&key))
    }

    async fn call_in_chunks(&self, calls: &[Call]) -> Result<Vec<Value>> {
        let mut answers = Vec::with_capacity(calls.len());
        for chunk in calls.chunks(CHUNK) {
            answers.extend(self.link.call_all(chunk).await?);
        }
        Ok(answers)
    }
}

/// How long to wait for news before looking again for what has no news: leases that run out, jobs that another
/// process put back for a moment.
fn patience(lease: Duration) -> Duration {
    (lease / 4).clamp(Duration::from_millis(20), Duration::from_secs(1))
}

/// Redis refuses times beyond its own range; a century is as good as ever.
const CENTURY: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);

fn millis(span: Duration) -> u64 {
    u64::try_from(span.min(CENTURY).as_millis()).unwrap_or(u64::MAX)
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.min(CENTURY).as_micros()).unwrap_or(u64::MAX)
}

/// A time as microseconds from now, empty for none: told and kept apart from this machine's clock, which need not
/// agree with the server's.
fn ahead(time: Option<DateTime<Utc>>) -> String {
    time.map_or_else(String::new, |time| {
        let century = i64::try_from(CENTURY.as_micros()).unwrap_or(i64::MAX);
        let ahead = (time - Utc::now()).num_microseconds().unwrap_or(century);
        ahead.clamp(-century, century).to_string()
    })
}

#[async_trait]
impl Queue for RedisQueue {
    async fn publish(&self, jobs: &[Job]) -> Result<Vec<Published>> {
        let mut calls = Vec::with_capacity(jobs.len());
        for (job, body) in jobs.iter().zip(packed::bodies(jobs).await?) {
            let mut call = Call::new(&scripts::PUBLISH)
                .key(self.keys.articles())
                .key(self.keys.job(&job.id))
                .key(self.keys.body(&job.id));
            let left_out = identity::left_out_keys(job);
            for key in &left_out {
                call = call.key(self.keys.seen(key));
            }
            for key in self.seen_keys(job) {
                call = call.key(key);
            }
            let call = call.arg(&job.id).arg(to_json(job)?);
            let call = call.arg(millis(self.terms.remember)).arg(left_out.len());
            let call = call.arg(u8::from(job.is_again()));
            calls.push(call.arg(body.unwrap_or_default()));
        }
        let answers = self.call_in_chunks(&calls).await?;
        Ok(answers
            .into_iter()
            .map(|known| redis::from_redis_value::<Option<String>>(known).unwrap_or_default())
            .map(|known| known.map_or(Published::New, Published::Known))
            .collect())
    }

    async fn mark_seen(&self, jobs: &[Job]) -> Result<()> {
        let calls: Vec<Call> = jobs
            .iter()
            .map(|job| {
                identity::left_out_keys(job)
                    .iter()
                    .map(|key| self.keys.seen(key))
                    .fold(Call::new(&scripts::MARK), Call::key)
                    .arg(millis(self.terms.remember))
            })
            .collect();
        self.call_in_chunks(&calls).await.map(|_| ())
    }

    async fn claim_link(&self, link: &str, job_id: &str) -> Result<Option<String>> {
        let call = Call::new(&scripts::LINK)
            .key(self.keys.seen(&Key::of_link(link)))
            .key(self.keys.seen(&Key::of_claim(link)))
            .arg(job_id)
            .arg(millis(self.terms.remember));
        self.link.call(&call).await
    }

    async fn yield_link(&self, own: &str, to: &str, job_id: &str, other_id: &str) -> Result<bool> {
        let call = Call::new(&scripts::YIELD)
            .key(self.keys.seen(&Key::of_link(to)))
            .key(self.keys.seen(&Key::of_link(own)))
            .arg(job_id)
            .arg(other_id)
            .arg(millis(self.terms.remember));
        self.link.call(&call).await
    }

    async fn claim(&self, worker: &str, max: usize, wait: Duration) -> Result<Vec<Lease>> {
        let start = Instant::now();
        let consumer = self.holder.name(worker);
        loop {
            let (claimed, leases) = self.take(&consumer, max).await?;
            if !leases.is_empty() {
                return Ok(leases);
            }
            let left = wait.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Ok(leases);
            }
            let mut nap = left.min(patience(self.terms.lease));
            if let Ok(next) = u64::try_from(claimed.next) {
                nap = nap.min(Duration::from_micros(next));
            }
            if claimed.entries.is_empty() && !nap.is_zero() {
                self.news
                    .wait(&self.link, &self.keys, &claimed.last, nap)
                    .await?;
            }
        }
    }

    async fn renew(&self, lease: &Lease) -> Result<bool> {
        match self.on_lease(&scripts::RENEW, lease) {
            Some(call) => self.link.call(&call).await,
            None => Ok(false),
        }
    }

    async fn record(&self, lease: &Lease, destination: &str, receipt: &Receipt) -> Result<bool> {
        let Some(call) = self.on_lease(&scripts::RECORD, lease) else {
            return Ok(false);
        };
        self.link
            .call(&call.arg(destination).arg(to_json(receipt)?))
            .await
    }

    async fn body(&self, id: &str) -> Result<Option<Vec<u8>>> {
        packed::body(id, self.bytes(self.keys.body(id)).await?).await
    }

    async fn put_result(&self, lease: &Lease, result: &[u8]) -> Result<bool> {
        let Some(call) = self.on_lease(&scripts::RESULT, lease) else {
            return Ok(false);
        };
        let call = call
            .key(self.keys.result(&lease.job.id))
            .arg(result)
            .arg(millis(self.terms.keep_finished).max(1));
        self.link.call(&call).await
    }

    async fn result(&self, id: &str) -> Result<Option<Vec<u8>>> {
        self.bytes(self.keys.result(id)).await
    }

    async fn complete(&self, lease: &Lease, outcome: &Outcome) -> Result<bool> {
        let Some(call) = self.on_lease(&scripts::COMPLETE, lease) else {
            return Ok(false);
        };
        let (state, note) = match outcome {
            Outcome::Delivered => (JobState::Delivered, ""),
            Outcome::Skipped(rule) => (JobState::Skipped, rule.as_str()),
        };
        let call = call
            .key(self.keys.finished(state))
            .key(self.keys.body(&lease.job.id))
            .key(self.keys.result(&lease.job.id))
            .key(self.keys.hours())
            .arg(&lease.job.id)
            .arg(to_json(&lease.job)?)
            .arg(lease.attempt)
            .arg(state.as_str())
            .arg(note)
            .arg(millis(self.terms.keep_finished));
        let call = counted(call, tally::of_end(lease, state, None));
        self.link.call(&call).await
    }

    async fn retry(&self, lease: &Lease, wait: Duration, failure: &Failure) -> Result<bool> {
        let failure = attempt(lease, failure)?;
        self.put_back(lease, lease.attempt, wait, None, &failure)
            .await
    }

    async fn defer(
        &self,
        lease: &Lease,
        wait: Duration,
        host_turn: Option<DateTime<Utc>>,
    ) -> Result<bool> {
        let attempts = lease.attempt.saturating_sub(1);
        self.put_back(lease, attempts, wait, host_turn, "").await
    }

    async fn bury(&self, lease: &Lease, failure: &Failure) -> Result<bool> {
        let Some(call) = self.on_lease(&scripts::BURY, lease) else {
            return Ok(false);
        };
        let call = call
            .key(self.keys.dead())
            .key(self.keys.jobs())
            .key(self.keys.bodies())
            .key(self.keys.results())
            .key(self.keys.hours())
            .arg(&lease.job.id)
            .arg(to_json(&lease.job)?)
            .arg(lease.attempt)
            .arg(attempt(lease, failure)?)
            .arg(self.terms.keep_dead)
            .arg(millis(self.terms.remember));
        let reason = Some(failure.reason);
        let call = counted(call, tally::of_end(lease, JobState::Dead, reason));
        self.link.call(&call).await
    }

    async fn host_turn(
        &self,
        host: &str,
        interval: Duration,
        reserved: Option<DateTime<Utc>>,
    ) -> Result<Duration> {
        let call = Call::new(&scripts::HOST_TURN)
            .key(self.keys.host(host))
            .key(self.keys.pause(host))
            .arg(micros(interval))
            .arg(ahead(reserved));
        self.link.call(&call).await.map(Duration::from_micros)
    }

    async fn host_pause(&self, host: &str, pause: Duration) -> Result<()> {
        let call = Call::new(&scripts::HOST_PAUSE)
            .key(self.keys.pause(host))
            .arg(micros(pause));
        self.link.call(&call).await
    }

    async fn feed_state(&self, url: &str) -> Result<FeedState> {
        let key = self.keys.feed(&identity::feed_key(url));
        let json: Option<String> = self
            .link
            .command(redis::cmd("HGET").arg(key).arg("state"))
            .await?;
        json.map_or_else(
            || Ok(FeedState::default()),
            |json| {
                serde_json::from_str(&json).map_err(|error| {
                    QueueError::Corrupt(format!(
                        "what Redis holds of the feed `{}` cannot be read: {error}",
                        identity::shown_feed(url)
                    ))
                })
            },
        )
    }

    async fn put_feed_state(&self, url: &str, state: &FeedState) -> Result<()> {
        let key = self.keys.feed(&identity::feed_key(url));
        let mut command = redis::cmd("HSET");
        command.arg(key).arg("url").arg(identity::shown_feed(url));
        command.arg("state").arg(to_json(state)?);
        self.link.command::<i64>(&command).await.map(|_| ())
    }

    async fn stories(&self, prints: &[String]) -> Result<Vec<Vec<Story>>> {
        if prints.is_empty() {
            return Ok(Vec::new());
        }
        let call = Call::new(&scripts::TOLD).key(self.keys.stories());
        let call = prints
            .iter()
            .fold(call, |call, print| call.key(self.keys.print(print)));
        let told: Vec<Vec<String>> = self.link.call(&call.arg(KEPT)).await?;
        let read = |json: &String| {
            serde_json::from_str(json).map_err(|error| {
                QueueError::Corrupt(format!("a story that Redis holds cannot be read: {error}"))
            })
        };
        told.iter()
            .map(|stories| stories.iter().map(read).collect())
            .collect()
    }

    async fn tell_story(&self, story: &Story, prints: &[String], keep: Duration) -> Result<()> {
        let call = Call::new(&scripts::TELL).key(self.keys.story(story.event));
        let call = prints
            .iter()
            .fold(call, |call, print| call.key(self.keys.print(print)))
            .arg(story.event.to_string())
            .arg(to_json(story)?)
            .arg(millis(keep).max(1))
            .arg(KEPT);
        self.link.call(&call).await
    }

    async fn counts(&self) -> Result<Counts> {
        self.count_jobs().await
    }

    async fn page(&self, state: Option<JobState>, offset: usize, limit: usize) -> Result<Listing> {
        self.page_of_jobs(state, offset, limit).await
    }

    async fn hours(&self) -> Result<Vec<Hour>> {
        self.told_hours().await
    }

    async fn job(&self, id: &str) -> Result<Option<JobRecord>> {
        let hash: HashMap<String, String> = self
            .link
            .command(redis::cmd("HGETALL").arg(self.keys.job(id)))
            .await?;
        ops::record(id, &hash)
    }

    async fn id_of_link(&self, link: &str) -> Result<Option<String>> {
        let key = self.keys.seen(&Key::of_link(link));
        self.link.command(redis::cmd("GET").arg(key)).await
    }

    async fn revive(&self, id: &str) -> Result<bool> {
        let call = Call::new(&scripts::REVIVE)
            .key(self.keys.job(id))
            .key(self.keys.dead())
            .key(self.keys.again())
            .arg(id);
        self.link.call(&call).await
    }

    async fn drop_dead(&self, id: &str) -> Result<bool> {
        let call = Call::new(&scripts::DROP)
            .key(self.keys.job(id))
            .key(self.keys.dead())
            .key(self.keys.body(id))
            .key(self.keys.result(id));
        self.link.call(&call).await
    }
}

/// The call with counters as its last arguments.
fn counted(call: Call, counters: Vec<(String, u64)>) -> Call {
    counters
        .into_iter()
        .fold(call, |call, (what, count)| call.arg(what).arg(count))
}

/// A failed attempt as one line of history.
fn attempt(lease: &Lease, failure: &Failure) -> Result<String> {
    to_json(&Attempt {
        at: Utc::now(),
        attempt: lease.attempt,
        failure: failure.clone(),
    })
}
