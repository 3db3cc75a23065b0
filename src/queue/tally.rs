//! What was done in each hour: how jobs ended, and how long their steps took.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{JobState, Lease};
use crate::failure::Reason;

/// How many hours are told: a day, and the one that is not over yet.
pub const HOURS: u32 = 25;

/// How long the counts of an hour are kept, in hours: a little longer than they are told.
pub(super) const KEPT: u32 = 26;

/// A step of the way from job to event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Downloading the page, or taking the submitted one.
    Fetch,
    /// Parsing it, finding indicators and context.
    Read,
    /// Rules and the event.
    Build,
    /// Handing it to the destinations.
    Deliver,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 4] = [Self::Fetch, Self::Read, Self::Build, Self::Deliver];

    /// Its word: `fetch`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Read => "read",
            Self::Build => "build",
            Self::Deliver => "deliver",
        }
    }
}

/// How often a step was done by jobs that ended, and how long it took in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct StepTime {
    /// How often.
    pub count: u64,
    /// The sum, in microseconds.
    pub micros: u64,
}

/// What was done in one hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hour {
    /// When it began, by the store's clock.
    pub start: DateTime<Utc>,
    /// Jobs delivered.
    pub delivered: u64,
    /// Jobs skipped.
    pub skipped: u64,
    /// Jobs given up, by reason.
    pub dead: BTreeMap<Reason, u64>,
    /// Steps of the jobs that ended, in their last attempt.
    pub steps: BTreeMap<Step, StepTime>,
}

impl Hour {
    /// The hour of this number since 1970, in which nothing was done.
    fn empty(number: i64) -> Self {
        Self {
            start: DateTime::from_timestamp(number.saturating_mul(3600), 0).unwrap_or_default(),
            delivered: 0,
            skipped: 0,
            dead: BTreeMap::new(),
            steps: BTreeMap::new(),
        }
    }

    /// Jobs given up, for any reason.
    pub fn died(&self) -> u64 {
        self.dead.values().sum()
    }

    /// Takes up one counter of a store. Words that this version does not know are passed over.
    fn add(&mut self, what: &str, count: u64) {
        match what.split_once(':') {
            None if what == JobState::Delivered.as_str() => self.delivered += count,
            None if what == JobState::Skipped.as_str() => self.skipped += count,
            Some(("dead", reason)) => {
                if let Ok(reason) = serde_json::from_value(reason.into()) {
                    *self.dead.entry(reason).or_default() += count;
                }
            }
            Some((kind @ ("steps" | "micros"), step)) => {
                let Some(step) = Step::ALL.into_iter().find(|known| known.as_str() == step) else {
                    return;
                };
                let time = self.steps.entry(step).or_default();
                if kind == "steps" {
                    time.count += count;
                } else {
                    time.micros += count;
                }
            }
            _ => {}
        }
    }
}

/// The counters that the end of a job adds to, by name: the state it ended in, for a dead one with the reason, and
/// its steps.
pub(super) fn of_end(lease: &Lease, state: JobState, reason: Option<Reason>) -> Vec<(String, u64)> {
    let ended = match reason {
        Some(reason) => format!("{state}:{reason}"),
        None => state.to_string(),
    };
    let mut counters = vec![(ended, 1)];
    for (step, took) in &lease.spent {
        let step = step.as_str();
        counters.push((format!("steps:{step}"), 1));
        counters.push((format!("micros:{step}"), micros(*took)));
    }
    counters
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

/// The last [`HOURS`] hours, the oldest first, from the counters a store holds: hour, name, count.
pub(super) fn hours(
    current: i64,
    counters: impl IntoIterator<Item = (i64, String, u64)>,
) -> Vec<Hour> {
    let first = current - i64::from(HOURS) + 1;
    let mut hours: Vec<Hour> = (first..=current).map(Hour::empty).collect();
    for (number, what, count) in counters {
        let at = usize::try_from(number - first).ok();
        if let Some(hour) = at.and_then(|at| hours.get_mut(at)) {
            hour.add(&what, count);
        }
    }
    hours
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_become_hours_and_unknown_words_are_passed_over() {
        let counters = [
            (100, "delivered", 2),
            (100, "dead:timeout", 3),
            (100, "dead:reason-of-tomorrow", 9),
            (99, "steps:fetch", 2),
            (99, "micros:fetch", 500),
            (99, "micros:unheard-of", 500),
            (99, "something", 1),
            (75, "delivered", 7),
            (101, "delivered", 7),
        ];
        let counters = counters.map(|(hour, what, count)| (hour, what.to_owned(), count));
        let hours = hours(100, counters);
        assert_eq!(hours.len(), 25);
        let [before, last] = &hours[23..] else {
            panic!("two");
        };
        assert_eq!(last.start.timestamp(), 360_000);
        assert_eq!((last.delivered, last.died()), (2, 3));
        assert_eq!(last.dead[&Reason::Timeout], 3);
        let time = before.steps[&Step::Fetch];
        assert_eq!((time.count, time.micros), (2, 500));
        assert_eq!(before.steps.len(), 1);
        assert!(hours[..23].iter().all(|hour| hour.delivered == 0));
    }

    #[test]
    fn each_reason_and_step_is_read_back() {
        let mut hour = Hour::empty(0);
        for step in Step::ALL {
            hour.add(&format!("steps:{}", step.as_str()), 1);
        }
        assert_eq!(hour.steps.len(), Step::ALL.len());
        hour.add(&format!("dead:{}", Reason::BodyGone), 1);
        assert_eq!(hour.died(), 1);
    }
}
