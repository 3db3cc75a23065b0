//! What ended in each hour of the last day, as a small chart and as a table.

use std::fmt::Write as _;

use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};

use crate::queue::Hour;

/// Bars: a day, the hour that is not over among them.
const BARS: usize = 24;

/// Width of a bar with the space beside it, and height of the whole, in the chart's own units.
const STEP: u64 = 40;
const HEIGHT: u64 = 240;

/// The chart.
#[derive(Debug, Template)]
#[template(path = "chart.html")]
pub(super) struct Chart {
    pub(super) delivered: u64,
    pub(super) dead: u64,
    /// Most that were delivered or dead in an hour.
    most: u64,
    /// Where delivered ones stand on, and dead ones hang from.
    base: u64,
    /// When the first hour began.
    since: String,
    bars: Vec<Bar>,
}

/// One hour.
#[derive(Debug)]
struct Bar {
    /// Its left edge.
    left: u64,
    /// Heights.
    up: u64,
    down: u64,
    /// `08:00–09:00`.
    hour: String,
    delivered: u64,
    skipped: u64,
    dead: u64,
    /// Of the dead ones, in words.
    reasons: String,
}

impl Chart {
    const WIDTH: u64 = BARS as u64 * STEP;
    const BAR: u64 = STEP - 8;
    /// Both sides are rounded up.
    const HEIGHT: u64 = HEIGHT + 1;

    /// Of the last hours, the oldest first.
    pub(super) fn of(hours: &[Hour]) -> Self {
        let day = hours
            .get(hours.len().saturating_sub(BARS)..)
            .unwrap_or_default();
        let highest = |of: fn(&Hour) -> u64| day.iter().map(of).max().unwrap_or(0);
        let (up, down) = (highest(|hour| hour.delivered), highest(Hour::died));
        let scale = up.saturating_add(down).max(1);
        // One unit of both sides is of one height, and the least is seen.
        let height = |count: u64| count.saturating_mul(HEIGHT).div_ceil(scale);
        let bar = |(hour, left): (&Hour, u64)| Bar {
            left,
            up: height(hour.delivered),
            down: height(hour.died()),
            hour: span(hour.start),
            delivered: hour.delivered,
            skipped: hour.skipped,
            dead: hour.died(),
            reasons: reasons(hour),
        };
        let lefts = (0..).map(|number: u64| number.saturating_mul(STEP));
        Self {
            delivered: day.iter().map(|hour| hour.delivered).sum(),
            dead: day.iter().map(Hour::died).sum(),
            most: up.max(down),
            base: height(up),
            since: day.first().map_or_else(String::new, |hour| {
                hour.start.format("%Y-%m-%d %H:%M UTC").to_string()
            }),
            bars: day.iter().zip(lefts).map(bar).collect(),
        }
    }
}

fn span(start: DateTime<Utc>) -> String {
    let end = start + TimeDelta::hours(1);
    format!("{}–{}", start.format("%H:%M"), end.format("%H:%M"))
}

/// `the page is not there (404): 2, …: 1`.
fn reasons(hour: &Hour) -> String {
    let mut words = String::new();
    for (reason, count) in &hour.dead {
        let comma = if words.is_empty() { "" } else { ", " };
        let _ = write!(words, "{comma}{}: {count}", reason.in_words());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Reason;

    fn hours(counts: &[(u64, u64)]) -> Vec<Hour> {
        let start: DateTime<Utc> = "2026-11-20T08:00:00Z".parse().unwrap();
        let hour = |(at, (delivered, dead)): (i64, &(u64, u64))| Hour {
            start: start + TimeDelta::hours(at),
            delivered: *delivered,
            skipped: 1,
            dead: [(Reason::Gone, *dead)].into(),
            steps: [].into(),
        };
        (0..).zip(counts).map(hour).collect()
    }

    #[test]
    fn a_day_is_drawn_to_one_scale() {
        let mut counts = vec![(0, 0); 25];
        counts[0] = (99, 99);
        counts[1] = (30, 0);
        counts[24] = (1, 10);
        let chart = Chart::of(&hours(&counts));
        assert_eq!((chart.delivered, chart.dead, chart.most), (31, 10, 30));
        assert_eq!(chart.since, "2026-11-20 09:00 UTC");
        assert_eq!(chart.bars.len(), BARS);
        assert_eq!(chart.base, 180);
        let [first, last] = [&chart.bars[0], &chart.bars[23]];
        assert_eq!((first.left, first.up, first.down), (0, 180, 0));
        assert_eq!((last.left, last.up, last.down), (920, 6, 60));
        assert_eq!(last.hour, "08:00–09:00");
        assert!(last.reasons.ends_with(": 10"), "{}", last.reasons);
        for bar in &chart.bars {
            assert!(bar.up <= chart.base && chart.base + bar.down <= Chart::HEIGHT);
        }
    }

    #[test]
    fn the_picture_is_told_in_words_and_has_no_style_of_its_own() {
        let html = Chart::of(&hours(&[(2, 1)])).render().unwrap();
        assert!(html.contains("role=\"img\" aria-label=\"2 delivered and 1 dead"));
        assert!(html.contains("<td>2</td><td>1</td><td>1 <span class=\"hint\">(the page was withdrawn (410 or 451): 1)</span>"), "{html}");
        assert!(!html.contains("style"), "{html}");
        for counts in [&[][..], &[(0, 0)], &[(u64::MAX / 300, 1)]] {
            let html = Chart::of(&hours(counts)).render().unwrap();
            let empty = counts.iter().all(|(delivered, _)| *delivered == 0);
            assert_eq!(html.contains("<svg"), !empty, "{html}");
        }
    }
}
