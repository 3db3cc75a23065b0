//! The same story: which earlier events speak of what this one speaks of.
//!
//! An article leaves *prints*: hashes of the rare things in it. The queue's store remembers for some days which
//! events left which; a later article that leaves the same ones is related. What many events have in common says
//! nothing, and neither does a single host: analysts' tools and sinkholes are named everywhere.

mod prints;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::prints::{Print, Prints};

/// A print that so many other events left is not rare any more.
pub const COMMON: usize = 5;

/// Events that a store keeps for one print: enough to tell that it is common.
pub const KEPT: usize = 8;

/// Hosts that two articles must have in common.
const HOSTS: usize = 2;

/// Related events that are named, at most.
const NAMED: usize = 5;

/// An event that was delivered, as far as others may want to name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    /// Its UUID.
    pub event: Uuid,
    /// The article's title.
    pub title: String,
    /// The article's address.
    pub link: String,
    /// The event's date.
    pub date: NaiveDate,
    /// When it was first delivered: what comes later never counts as earlier.
    pub told: DateTime<Utc>,
}

/// An earlier event of the same story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The event.
    pub story: Story,
    /// What it has in common, for people: `2 hashes and 3 hosts in common`.
    pub why: String,
}

/// What two articles have in common.
#[derive(Debug, Default)]
struct Common<'a> {
    hashes: usize,
    hosts: BTreeSet<&'a str>,
    subjects: BTreeSet<&'a str>,
}

impl Common<'_> {
    fn is_enough(&self) -> bool {
        self.hashes > 0 || self.hosts.len() >= HOSTS || !self.subjects.is_empty()
    }

    fn weight(&self) -> usize {
        3 * self.hashes + 2 * self.subjects.len() + self.hosts.len()
    }

    fn words(&self) -> String {
        let counted = |count: usize, one: &str, more: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            _ => Some(format!("{count} {more}")),
        };
        let mut words: Vec<String> = [
            counted(self.hashes, "hash", "hashes"),
            counted(self.hosts.len(), "host", "hosts"),
        ]
        .into_iter()
        .flatten()
        .collect();
        words.extend(self.subjects.iter().take(2).map(|&label| label.to_owned()));
        format!("{} in common", words.join(" and "))
    }
}

/// The earlier events of the same story, that with most in common first.
///
/// `told` has for each of the prints, in their order, the events that left it. `event` itself is none of them; if it
/// was told before (a redelivery), neither is what came after it. Nothing older than `window` counts.
pub fn relate(
    event: Uuid,
    prints: &Prints,
    told: &[Vec<Story>],
    window: Duration,
    now: DateTime<Utc>,
) -> Vec<Related> {
    let all = || told.iter().flatten();
    let since = chrono::TimeDelta::from_std(window)
        .ok()
        .and_then(|window| now.checked_sub_signed(window));
    let own = all().find(|story| story.event == event);
    let before = own.map_or(now, |own| own.told);
    let is_earlier = |story: &&Story| {
        let recent = since.is_none_or(|since| story.told >= since);
        // Clocks of two workers may differ a little; only a redelivery has to be exact.
        story.event != event && recent && (own.is_none() || story.told < before)
    };
    let mut common: BTreeMap<Uuid, (&Story, Common<'_>)> = BTreeMap::new();
    for (print, stories) in prints.iter().zip(told) {
        let stories: Vec<&Story> = stories.iter().filter(is_earlier).collect();
        if stories.len() >= COMMON {
            continue;
        }
        for story in stories {
            let (_, common) = common
                .entry(story.event)
                .or_insert_with(|| (story, Common::default()));
            print.count(common);
        }
    }
    let mut related: Vec<(&Story, Common<'_>)> = common
        .into_values()
        .filter(|(_, common)| common.is_enough())
        .collect();
    related.sort_by_key(|(story, common)| {
        (
            std::cmp::Reverse((common.weight(), story.told)),
            story.event,
        )
    });
    related.truncate(NAMED);
    related
        .into_iter()
        .map(|(story, common)| Related {
            story: story.clone(),
            why: common.words(),
        })
        .collect()
}

/// The related events in a few words, for receipts and logs.
pub fn summary(related: &[Related]) -> Option<String> {
    let first = related.first()?;
    let title = crate::event::text::bounded(&crate::event::text::line(&first.story.title), 80);
    let more = match related.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!(
        "same story as `{title}` (event {}; {}){more}",
        first.story.event, first.why
    ))
}

#[cfg(test)]
mod tests;
