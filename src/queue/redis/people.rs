//! What people ask: how many jobs there are, and which.

use chrono::{DateTime, Utc};
use redis::Value;

use super::scripts::{self, Call};
use super::{CHUNK, RedisQueue, ops};
use crate::queue::{Counts, Job, JobRecord, JobState, Result};

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

    pub(super) async fn list_jobs(
        &self,
        state: Option<JobState>,
        limit: usize,
    ) -> Result<Vec<JobRecord>> {
        let mut records = Vec::new();
        if limit == 0 {
            return Ok(records);
        }
        let states = state.map_or(JobState::ALL.to_vec(), |state| vec![state]);
        for state in states {
            let ids = self.ids(state, limit).await?;
            records.extend(self.records(ids).await?);
        }
        records.sort_by_key(|record| std::cmp::Reverse(record.updated));
        records.truncate(limit);
        Ok(records)
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

    async fn ids(&self, state: JobState, limit: usize) -> Result<Vec<String>> {
        let call = Call::new(&scripts::IDS)
            .key(self.keys.articles())
            .key(self.keys.again())
            .key(self.keys.later())
            .key(self.keys.dead())
            .key(self.keys.finished())
            .arg(state.as_str())
            // Redis refuses what is beyond its own numbers.
            .arg(u32::try_from(limit).unwrap_or(u32::MAX));
        self.link.call(&call).await
    }
}
