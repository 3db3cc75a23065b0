//! What people ask: how many jobs there are, and which.

use chrono::{DateTime, Utc};
use redis::Value;

use super::scripts::{self, Call};
use super::{CHUNK, RedisQueue, millis, ops};
use crate::queue::{Counts, Hour, Job, JobRecord, JobState, Listing, Result, tally};

impl RedisQueue {
    pub(super) async fn count_jobs(&self) -> Result<Counts> {
        let call = Call::new(&scripts::COUNTS)
            .key(self.keys.articles())
            .key(self.keys.again())
            .key(self.keys.later())
            .key(self.keys.dead());
        let answer: Vec<Value> = self.link.call(&call).await?;
        // -1 stands for none.
        let count_or_none = |at: usize| {
            let number: i64 = redis::from_redis_value_ref(answer.get(at)?).ok()?;
            u64::try_from(number).ok()
        };
        let count = |at: usize| count_or_none(at).unwrap_or(0);
        // The first entry of each stream: close to the oldest job, without reading the whole backlog.
        let oldest = answer.iter().skip(5).filter_map(|value| {
            let json: String = redis::from_redis_value_ref(value).ok()?;
            Some(serde_json::from_str::<Job>(&json).ok()?.created)
        });
        let age = |at: DateTime<Utc>| u64::try_from((Utc::now() - at).num_seconds()).unwrap_or(0);
        Ok(Counts {
            waiting: count(0),
            running: count(1),
            later: count(2),
            dead: count(3),
            next_due_seconds: count_or_none(4).map(|micros| micros.div_ceil(1_000_000)),
            oldest_seconds: oldest.min().map(age),
        })
    }

    pub(super) async fn page_of_jobs(
        &self,
        state: Option<JobState>,
        offset: usize,
        limit: usize,
    ) -> Result<Listing> {
        // Redis refuses what is beyond its own numbers.
        let bounded = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let call = Call::new(&scripts::PAGE)
            .key(self.keys.articles())
            .key(self.keys.again())
            .key(self.keys.later())
            .key(self.keys.dead())
            .key(self.keys.finished(JobState::Delivered))
            .key(self.keys.finished(JobState::Skipped))
            .key(self.keys.jobs())
            .arg(state.map_or("", JobState::as_str))
            .arg(bounded(offset))
            .arg(bounded(limit))
            .arg(millis(self.terms.keep_finished));
        let answer: Vec<Value> = self.link.call(&call).await?;
        let mut values = answer.iter();
        let total = values
            .next()
            .and_then(|value| redis::from_redis_value_ref(value).ok());
        let ids = values.filter_map(|value| redis::from_redis_value_ref(value).ok());
        Ok(Listing {
            total: total.unwrap_or(0),
            records: self.records(ids.collect()).await?,
        })
    }

    pub(super) async fn told_hours(&self) -> Result<Vec<Hour>> {
        let call = Call::new(&scripts::HOURS)
            .key(self.keys.hours())
            .arg(tally::HOURS);
        let answer: Vec<Value> = self.link.call(&call).await?;
        let mut values = answer.iter();
        let current = values
            .next()
            .and_then(|value| redis::from_redis_value_ref(value).ok())
            .unwrap_or(0);
        let counters = values.filter_map(Value::as_sequence).flat_map(|hour| {
            let (number, counters) = hour.split_first().unwrap_or((&Value::Nil, &[]));
            let number: i64 = redis::from_redis_value_ref(number).unwrap_or(0);
            counters.chunks_exact(2).filter_map(move |pair| {
                let what = redis::from_redis_value_ref(pair.first()?).ok()?;
                let count = redis::from_redis_value_ref(pair.get(1)?).ok()?;
                Some((number, what, count))
            })
        });
        Ok(tally::hours(current, counters))
    }

    pub(super) async fn bytes(&self, key: String) -> Result<Option<Vec<u8>>> {
        self.link.command(redis::cmd("GET").arg(key)).await
    }

    async fn records(&self, ids: Vec<String>) -> Result<Vec<JobRecord>> {
        let mut records = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let mut pipe = redis::pipe();
            for id in chunk {
                pipe.hgetall(self.keys.job(id));
            }
            for (id, value) in chunk.iter().zip(self.link.pipe(&pipe).await?) {
                let hash = redis::from_redis_value(value).unwrap_or_default();
                match ops::record(id, &hash) {
                    Ok(record) => records.extend(record),
                    Err(error) => tracing::error!(%error, "a job in the queue cannot be read"),
                }
            }
        }
        Ok(records)
    }
}
