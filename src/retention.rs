//! Deleting events from MISP that nobody finished in time.
//!
//! An event is deleted only under all of these conditions, each checked here on what the server answered,
//! because MISP ignores filters it does not know and takes `%` and `_` in tags for wildcards:
//!
//! - made by the organisation of the key,
//! - tagged with the tool tag,
//! - still tagged `workflow:state="incomplete"`,
//! - not tagged `workflow:todo="do-not-delete"`,
//! - not changed for longer than `retention.after`, or than its own `retention:` tag says.
//!
//! They are checked on what the search answered, and once more on the event itself right before it is deleted.
//!
//! MISP puts what is deleted on its event blocklist, so a purged article that still stands in a feed does not
//! come back even if its identity were forgotten.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::config::Config;
use crate::destinations::misp::MispClient;
use crate::destinations::misp::wire::{Found, Stored};
use crate::event::{DO_NOT_DELETE, INCOMPLETE};
use crate::failure::{Failure, Reason};

/// Events asked for at a time.
const PAGE: usize = 100;

/// Pages in one run; what is left is for the next.
const MAX_PAGES: usize = 10_000;

const DAY: u64 = 24 * 60 * 60;

/// One event that was deleted, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PurgedEvent {
    /// Its identity.
    pub uuid: Uuid,
    /// Its number on the server.
    pub id: String,
    /// Its title.
    pub info: String,
    /// When it was last changed.
    pub changed: DateTime<Utc>,
    /// How long it may stand unchanged.
    pub retention_days: u64,
}

/// Why an event stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeepReason {
    /// Another organisation made it.
    OtherOrganisation,
    /// Not ours: no tool tag.
    NoToolTag,
    /// An analyst moved it on.
    NotIncomplete,
    /// An analyst wants it kept.
    DoNotDelete,
    /// Changed lately.
    Young,
    /// Its `retention:` tag is not understood; in doubt it stays.
    UnreadableRetention,
}

/// What a purge did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct PurgeReport {
    /// Events deleted; with `dry_run`, those that would be.
    pub deleted: usize,
    /// Events looked at that stay, by reason.
    pub kept: BTreeMap<KeepReason, usize>,
    /// Events that could not be deleted, with the reason.
    pub failed: Vec<String>,
}

/// Deletes outdated incomplete events, or with `dry_run` only names them to `on_event`. Whether to purge at all
/// (`retention.enabled`) is the caller's question. A failure that concerns one event is noted; one that concerns
/// them all ends the purge.
pub async fn purge(
    client: &MispClient,
    config: &Config,
    now: DateTime<Utc>,
    dry_run: bool,
    mut on_event: impl FnMut(&PurgedEvent),
) -> Result<PurgeReport, Failure> {
    let rules = Rules {
        organisation: client.me().await?.organisation.uuid,
        tool_tag: &config.event.tool_tag,
        after: config.retention.after.get(),
        now,
    };
    let mut run = Run {
        client,
        rules: &rules,
        only_names: dry_run,
        seen: HashSet::new(),
        report: PurgeReport::default(),
    };
    let tags = json!([rules.tool_tag, INCOMPLETE]);
    let oldest = now - chrono::Duration::from_std(rules.after).unwrap_or(chrono::Duration::MAX);
    run.all(
        json!({"tags": {"AND": tags}, "timestamp": [1, oldest.timestamp()]}),
        &mut on_event,
    )
    .await?;
    // Younger ones whose own tag asks for less.
    let tags = json!([rules.tool_tag, INCOMPLETE, "retention:%"]);
    run.all(json!({"tags": {"AND": tags}}), &mut on_event)
        .await?;
    Ok(run.report)
}

/// What decides over an event.
struct Rules<'a> {
    organisation: Uuid,
    tool_tag: &'a str,
    after: Duration,
    now: DateTime<Utc>,
}

impl Rules<'_> {
    /// The retention that has run out, or why the event stays.
    fn judge(&self, event: &Stored) -> Result<Duration, KeepReason> {
        if event.orgc.uuid != self.organisation {
            return Err(KeepReason::OtherOrganisation);
        }
        if self.tool_tag.is_empty() || !event.has_tag(self.tool_tag) {
            return Err(KeepReason::NoToolTag);
        }
        if !event.has_tag(INCOMPLETE) {
            return Err(KeepReason::NotIncomplete);
        }
        if event.has_tag(DO_NOT_DELETE) {
            return Err(KeepReason::DoNotDelete);
        }
        let retention = self.retention(event)?;
        let age = self.now.timestamp().saturating_sub(event.timestamp);
        // Without a timestamp nothing is known of its age.
        if event.timestamp > 0 && u64::try_from(age).is_ok_and(|age| age > retention.as_secs()) {
            Ok(retention)
        } else {
            Err(KeepReason::Young)
        }
    }

    /// The event's own retention, the longest if it has several, else the configured one.
    fn retention(&self, event: &Stored) -> Result<Duration, KeepReason> {
        let own = event
            .tags
            .iter()
            .filter_map(|tag| tag.name.strip_prefix("retention:"));
        let mut longest = None;
        for text in own {
            let retention = tagged(text).ok_or(KeepReason::UnreadableRetention)?;
            longest = longest.max(Some(retention));
        }
        Ok(longest.unwrap_or(self.after))
    }
}

/// A duration as in MISP's retention taxonomy: days, weeks, months of 30 days, years of 365; or `expired`.
fn tagged(text: &str) -> Option<Duration> {
    let text = text.trim_matches('"');
    if text == "expired" {
        return Some(Duration::ZERO);
    }
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let days = match unit {
        "d" => 1,
        "w" => 7,
        "m" => 30,
        "y" => 365,
        _ => return None,
    };
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = number
        .parse::<u64>()
        .ok()?
        .checked_mul(days)?
        .checked_mul(DAY)?;
    Some(Duration::from_secs(seconds))
}

/// What came of deleting one event.
enum Deleted {
    /// It is deleted.
    Done,
    /// Someone else deleted it.
    Gone,
    /// It changed since it was listed.
    Kept(KeepReason),
    /// The server did not do it, in its words.
    Refused(String),
}

struct Run<'a> {
    client: &'a MispClient,
    rules: &'a Rules<'a>,
    only_names: bool,
    seen: HashSet<Uuid>,
    report: PurgeReport,
}

impl Run<'_> {
    /// Goes through all events a filter finds. Deleting makes the following ones move up, so the next page to ask
    /// for is where those that stay end.
    async fn all(
        &mut self,
        filter: Value,
        on_event: &mut impl FnMut(&PurgedEvent),
    ) -> Result<(), Failure> {
        let mut stay = 0_usize;
        let mut here = HashSet::new();
        for _ in 0..MAX_PAGES {
            let events = self.page(&filter, stay / PAGE + 1).await?;
            let mut news = 0_usize;
            for event in events {
                if !here.insert(event.uuid) {
                    continue;
                }
                news += 1;
                if !self.one(&event, on_event).await? {
                    stay += 1;
                }
            }
            if news == 0 {
                break;
            }
        }
        Ok(())
    }

    async fn page(&self, filter: &Value, page: usize) -> Result<Vec<Stored>, Failure> {
        let mut query = filter.clone();
        if let Some(query) = query.as_object_mut() {
            query.insert("returnFormat".into(), "json".into());
            query.insert("metadata".into(), 1.into());
            query.insert("limit".into(), PAGE.into());
            query.insert("page".into(), page.into());
        }
        let found: Found = self
            .client
            .post("/events/restSearch", &query)
            .await?
            .ok()?
            .read()?;
        Ok(found
            .response
            .into_iter()
            .map(|found| found.event)
            .collect())
    }

    /// Deletes an event that is to go, if it still is, judged on what the server has at that moment. It may
    /// be long since it was listed, and deleting cannot be taken back: it also blocks the event.
    async fn delete(&self, uuid: Uuid) -> Result<Deleted, Failure> {
        let now = match self.client.event(uuid).await {
            Ok(Some(now)) => now,
            Ok(None) => return Ok(Deleted::Gone),
            // This one cannot be shown (too large, not understood); the others may.
            Err(failure) if failure.reason == Reason::DestinationGarbled => {
                return Ok(Deleted::Refused(failure.message));
            }
            Err(failure) => return Err(failure),
        };
        if let Err(reason) = self.rules.judge(&now) {
            return Ok(Deleted::Kept(reason));
        }
        let path = format!("/events/delete/{uuid}");
        let answer = self.client.post(&path, &json!({})).await?;
        if answer.status.is_success() {
            return Ok(Deleted::Done);
        }
        // One answer for an event that is not there and one that may not be deleted.
        match self.client.event(uuid).await? {
            None => Ok(Deleted::Gone),
            Some(_) => Ok(Deleted::Refused(answer.refused().message)),
        }
    }

    /// Deletes one event if it must go. Answers whether it is gone from the server.
    async fn one(
        &mut self,
        event: &Stored,
        on_event: &mut impl FnMut(&PurgedEvent),
    ) -> Result<bool, Failure> {
        let first = self.seen.insert(event.uuid);
        let retention = match self.rules.judge(event) {
            Ok(retention) => retention,
            Err(reason) => {
                if first {
                    *self.report.kept.entry(reason).or_default() += 1;
                }
                return Ok(false);
            }
        };
        if !first {
            return Ok(false);
        }
        if !self.only_names {
            match self.delete(event.uuid).await? {
                Deleted::Done => {}
                Deleted::Gone => return Ok(true),
                Deleted::Kept(reason) => {
                    *self.report.kept.entry(reason).or_default() += 1;
                    return Ok(false);
                }
                Deleted::Refused(why) => {
                    let (id, info) = (&event.id, &event.info);
                    let failed = format!("event `{id}` (`{info}`): {why}");
                    self.report.failed.push(failed);
                    return Ok(false);
                }
            }
        }
        self.report.deleted += 1;
        on_event(&PurgedEvent {
            uuid: event.uuid,
            id: event.id.clone(),
            info: event.info.clone(),
            changed: DateTime::from_timestamp(event.timestamp, 0).unwrap_or_default(),
            retention_days: retention.as_secs() / DAY,
        });
        Ok(!self.only_names)
    }
}

#[cfg(test)]
mod tests;
