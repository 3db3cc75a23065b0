//! Values as the scripts take and give them.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use redis::Value;

use crate::destinations::Receipt;
use crate::queue::{Attempt, Job, JobRecord, JobState, Lease, QueueError, Result};

pub(super) fn to_json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| QueueError::Store(format!("cannot write JSON: {error}")))
}

/// What proves that a lease is held: the entry in its stream, which delivery of it, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// `articles` or `again`.
    pub(super) stream: String,
    pub(super) entry: String,
    pub(super) deliveries: String,
    pub(super) consumer: String,
}

impl Token {
    pub(super) fn write(&self) -> String {
        format!(
            "{} {} {} {}",
            self.stream, self.entry, self.deliveries, self.consumer
        )
    }

    /// `None` for a token of another store, which holds nothing here.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, ' ').map(str::to_owned);
        Some(Self {
            stream: parts.next()?,
            entry: parts.next()?,
            deliveries: parts.next()?,
            consumer: parts.next()?,
        })
    }
}

/// What the claim script answers.
pub(super) struct Claimed {
    /// Microseconds until the next job is due, negative when none is waiting for that.
    pub(super) next: i64,
    /// Last ids of `articles` and `again`, from where to wait for news.
    pub(super) last: [String; 2],
    pub(super) entries: Vec<Taken>,
}

/// An entry just claimed.
pub(super) struct Taken {
    pub(super) token: Token,
    carried: u32,
    /// In microseconds from now.
    turn: Option<i64>,
    /// JSON.
    pub(super) job: String,
    receipts: Vec<(String, String)>,
}

fn text(value: &Value) -> Option<String> {
    redis::from_redis_value_ref(value).ok()
}

impl Claimed {
    pub(super) fn read(value: &Value, consumer: &str) -> Option<Self> {
        let list = value.as_sequence()?;
        let entries = list.get(3..).unwrap_or_default();
        Some(Self {
            next: redis::from_redis_value_ref(list.first()?).ok()?,
            last: [text(list.get(1)?)?, text(list.get(2)?)?],
            entries: entries
                .iter()
                .map(|entry| Taken::read(entry, consumer))
                .collect::<Option<_>>()?,
        })
    }
}

impl Taken {
    fn read(value: &Value, consumer: &str) -> Option<Self> {
        let list = value.as_sequence()?;
        let parts: Vec<String> = list.iter().map(text).collect::<Option<_>>()?;
        let (head, receipts) = parts.split_at_checked(6)?;
        let [stream, entry, deliveries, carried, turn, job] = head else {
            return None;
        };
        Some(Self {
            token: Token {
                stream: stream.clone(),
                entry: entry.clone(),
                deliveries: deliveries.clone(),
                consumer: consumer.to_owned(),
            },
            carried: carried.parse().unwrap_or(0),
            turn: turn.parse().ok(),
            job: job.clone(),
            receipts: receipts
                .chunks_exact(2)
                .filter_map(|pair| Some((pair.first()?.clone(), pair.get(1)?.clone())))
                .collect(),
        })
    }

    /// The lease; fails when the entry is no job. A receipt that cannot be read counts as none: the
    /// destination is asked again, and finds its event.
    pub(super) fn lease(&self) -> serde_json::Result<Lease> {
        let deliveries: u32 = self.token.deliveries.parse().unwrap_or(1);
        Ok(Lease {
            job: serde_json::from_str(&self.job)?,
            attempt: self.carried.saturating_add(deliveries),
            receipts: receipts(self.receipts.iter().cloned()),
            host_turn: self
                .turn
                .and_then(|ahead| Utc::now().checked_add_signed(TimeDelta::microseconds(ahead))),
            spent: BTreeMap::new(),
            token: self.token.write(),
        })
    }
}

fn receipts(pairs: impl Iterator<Item = (String, String)>) -> BTreeMap<String, Receipt> {
    pairs
        .filter_map(|(name, json)| Some((name, serde_json::from_str(&json).ok()?)))
        .collect()
}

/// Reads the hash of a job. `None`: there is none.
pub(super) fn record(id: &str, hash: &HashMap<String, String>) -> Result<Option<JobRecord>> {
    let Some(json) = hash.get("job") else {
        return Ok(None);
    };
    let garbled = |error: &dyn std::fmt::Display| {
        QueueError::Corrupt(format!(
            "what Redis holds of the job `{id}` cannot be read: {error}"
        ))
    };
    let job: Job = serde_json::from_str(json).map_err(|error| garbled(&error))?;
    let number = |name: &str| hash.get(name).and_then(|text| text.parse::<i64>().ok());
    let word = hash.get("state").map_or("", String::as_str);
    let due = number("due").and_then(DateTime::from_timestamp_micros);
    let state =
        match JobState::from_word(word).ok_or_else(|| garbled(&format!("state `{word}`")))? {
            // A job that is due counts as waiting: nothing but a worker is missing.
            JobState::Later if due.is_none_or(|due| due <= Utc::now()) => JobState::Waiting,
            state => state,
        };
    let history = hash.get("history").map_or("", String::as_str).lines();
    let history: Vec<Attempt> = history
        .map(serde_json::from_str)
        .collect::<serde_json::Result<_>>()
        .map_err(|error| garbled(&error))?;
    Ok(Some(JobRecord {
        job,
        state,
        attempts: number("attempts")
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(0),
        due: due.filter(|_| state == JobState::Later),
        updated: number("updated")
            .and_then(DateTime::from_timestamp_micros)
            .unwrap_or_default(),
        history,
        note: hash.get("note").filter(|note| !note.is_empty()).cloned(),
        receipts: receipts(
            hash.iter()
                .filter_map(|(name, json)| Some((name.strip_prefix("r:")?.into(), json.clone()))),
        ),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_survive() {
        let token = Token {
            stream: "again".into(),
            entry: "1-0".into(),
            deliveries: "2".into(),
            consumer: "host name 7".into(),
        };
        assert_eq!(Token::read(&token.write()), Some(token));
        assert_eq!(Token::read("17"), None);
    }

    #[test]
    fn a_garbled_answer_is_none() {
        assert!(Claimed::read(&Value::Nil, "c").is_none());
        assert!(Claimed::read(&Value::Array(vec![Value::Int(1)]), "c").is_none());
    }
}
