//! Where events go.

pub mod misp;
pub mod misp_feed;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::failure::Failure;

/// What a destination did with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// It is new there.
    Created,
    /// It was there already (an earlier attempt, another worker) and was left as it is.
    AlreadyThere,
    /// Half of it was there; it is whole now.
    Repaired,
    /// An analyst deleted it there before; it stays deleted.
    Blocklisted,
    /// The destination's own rule said it is not wanted (required strings missing); the note says which.
    Unwanted,
}

/// What a destination answered, kept with the job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What happened.
    pub delivery: Delivery,
    /// UUID of the event.
    pub event: String,
    /// Where a person can look at it: URL of the event, or path of its file.
    pub location: Option<String>,
    /// What was not kept or done, one sentence each (tags dropped for want of permission, ...).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What is still to do, by the next attempt. With it the event is there, but not yet delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<Unfinished>,
    /// When.
    pub at: DateTime<Utc>,
}

/// The rest of a delivery that was broken off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfinished {
    /// Tags whose clusters are still to be attached.
    pub tags: Vec<String>,
    /// What broke it off; trying again can help.
    pub failure: Failure,
}

/// What a destination is told besides the event.
#[derive(Debug, Clone, Copy)]
pub struct Delivering<'a> {
    /// The article's own URL, for servers that download it themselves.
    pub link: &'a str,
    /// What this destination answered to the attempt before, which it did not finish.
    pub before: Option<&'a Receipt>,
    /// Whether a failure now ends in a dead letter: leave nothing half-done behind.
    pub last_attempt: bool,
}

/// A place events are delivered to.
#[async_trait]
pub trait Destination: Send + Sync {
    /// Name in configuration, receipts and logs.
    fn name(&self) -> &'static str;

    /// Delivers the event, durably. Idempotent: delivering the same event again finds it there. A receipt that is
    /// [unfinished](Receipt::unfinished) asks for another attempt; it is never the answer to the last one.
    async fn deliver(&self, event: &Event, context: Delivering<'_>) -> Result<Receipt, Failure>;

    /// Brings indexes up to date; called when a worker goes idle and before it ends.
    async fn flush(&self) -> Result<(), Failure>;
}
