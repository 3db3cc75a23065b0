//! What people and programs are shown of jobs and finds, in words.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::article::blocks::{Block, CELL_BREAK};
use crate::destinations::Delivery;
use crate::indicators::{Indicator, Verdict};
use crate::queue::{JobRecord, JobState};
use crate::worker::result;

/// Of an article that was seen before, but of which nothing is known any more.
pub(super) const KNOWN_WITHOUT_RECORD: &str =
    "seen before; its record is gone, or it was left out when its feed was first read";

/// Most finds shown of a page.
const MOST_FOUND: usize = 2_000;

/// Characters shown before and behind a find, when its sentence is longer.
const AROUND: usize = 160;

/// The article's title, the name of its file, or its URL.
pub(super) fn title(record: &JobRecord) -> &str {
    let entry = &record.job.entry;
    let file = || record.job.body()?.file_name.as_deref();
    let title = Some(entry.title.as_str()).filter(|title| !title.trim().is_empty());
    title.or_else(file).unwrap_or(&entry.link)
}

/// Where the form stands, filled in to take this link once more; `None` for a page that came without one.
pub(super) fn again_address(link: &str) -> Option<String> {
    let link: String = url::form_urlencoded::byte_serialize(web_link(link)?.as_bytes()).collect();
    Some(format!("/?url={link}&again=on"))
}

/// Why it stands where it does, in words; empty when there is nothing to say.
pub(super) fn reason(record: &JobRecord) -> String {
    let failed = record.history.last().map(|attempt| &attempt.failure);
    match (record.state, &record.note, failed) {
        (JobState::Skipped, Some(rule), _) => rule.clone(),
        (JobState::Dead, _, Some(failure)) => failure.reason.in_words().to_owned(),
        (JobState::Dead, Some(note), None) => note.clone(),
        (JobState::Later | JobState::Waiting | JobState::Running, _, Some(failure)) => {
            format!("last: {}", failure.reason.in_words())
        }
        _ => String::new(),
    }
}

/// The word of a delivery in JSON.
pub(super) const fn delivery_word(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Created => "created",
        Delivery::AlreadyThere => "already-there",
        Delivery::Repaired => "repaired",
        Delivery::Blocklisted => "blocklisted",
        Delivery::Unwanted => "unwanted",
    }
}

/// The same for people.
pub(super) const fn delivery_in_words(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Created => "created",
        Delivery::AlreadyThere => "already there",
        Delivery::Repaired => "half of it was there, now whole",
        Delivery::Blocklisted => {
            "was deleted there before, and stays deleted unless it is submitted with “again”"
        }
        Delivery::Unwanted => "not wanted there",
    }
}

/// A time span by its largest unit.
pub(super) fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// A time for people: `title` for all of it, `text` at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Time {
    /// RFC 3339.
    pub(super) machine: String,
    /// With its zone.
    pub(super) full: String,
    /// `5 min ago`, `in 2 h`.
    pub(super) relative: String,
}

impl Time {
    pub(super) fn of(at: DateTime<Utc>) -> Self {
        let seconds = (Utc::now() - at).num_seconds();
        let length = span(seconds.unsigned_abs());
        Self {
            machine: at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            full: at.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
            relative: match seconds {
                ..0 => format!("in {length}"),
                0 => "now".to_owned(),
                _ => format!("{length} ago"),
            },
        }
    }
}

/// A URL that may be made a link of: one of the web.
pub(super) fn web_link(text: &str) -> Option<&str> {
    let url = url::Url::parse(text).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(text)
}

/// A value that stands in a page, and what the judge says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Found {
    /// What it is.
    #[serde(rename = "type")]
    #[schema(example = "domain")]
    pub(super) kind: String,
    /// As it would go out.
    #[schema(example = "evil.example")]
    pub(super) value: String,
    /// `detect` and `note` become attributes, `reference` a link, `drop` nothing.
    #[schema(example = "detect")]
    pub(super) verdict: &'static str,
    /// Whether detection systems should use it.
    pub(super) to_ids: bool,
    /// Why.
    pub(super) reason: String,
    /// The sentence it stands in.
    pub(super) sentence: String,
}

impl From<result::Found> for Found {
    fn from(found: result::Found) -> Self {
        let known = [Verdict::Detect, Verdict::Note, Verdict::Reference];
        let verdict = known.into_iter().find(|one| one.as_str() == found.verdict);
        Self {
            kind: found.kind,
            value: found.value,
            verdict: verdict.unwrap_or(Verdict::Drop).as_str(),
            to_ids: found.to_ids,
            reason: found.reason,
            sentence: found.sentence,
        }
    }
}

/// What was found, with the sentences.
pub(super) fn found(indicators: &[Indicator], blocks: &[Block]) -> Vec<Found> {
    let texts: Vec<Cow<'_, str>> = blocks.iter().map(Block::text).collect();
    let one = |indicator: &Indicator| {
        let place = indicator.places.get(indicator.decisive);
        let sentence = place.and_then(|place| {
            let text = texts.get(place.block)?;
            Some(sentence(text, place.span.clone()))
        });
        Found {
            kind: indicator.kind.to_string(),
            value: indicator.value.clone(),
            verdict: indicator.verdict.as_str(),
            to_ids: indicator.to_ids,
            reason: indicator.reason.clone(),
            sentence: sentence.unwrap_or_default(),
        }
    };
    indicators.iter().take(MOST_FOUND).map(one).collect()
}

/// The sentence around a range of a text, or as much of it as fits.
fn sentence(text: &str, span: std::ops::Range<usize>) -> String {
    let (before, rest) = text.split_at_checked(span.start).unwrap_or((text, ""));
    let length = span.end.saturating_sub(span.start);
    let (value, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
    let start = [". ", "! ", "? ", "\n"]
        .iter()
        .filter_map(|mark| before.rfind(mark).map(|at| at + mark.len()))
        .max()
        .unwrap_or(0);
    let end = [". ", "! ", "? ", "\n"]
        .iter()
        .filter_map(|mark| after.find(mark).map(|at| at + 1))
        .min()
        .unwrap_or(after.len());
    let before = tail(before.get(start..).unwrap_or_default());
    let after = head(after.get(..end).unwrap_or_default());
    let whole = format!("{before}{value}{after}");
    whole.replace(CELL_BREAK, " | ").trim().to_owned()
}

fn head(text: &str) -> String {
    match text.char_indices().nth(AROUND) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn tail(text: &str) -> String {
    match text.char_indices().nth_back(AROUND - 1) {
        Some((at, _)) if at > 0 => format!("…{}", text.get(at..).unwrap_or_default()),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_find_is_shown_in_its_sentence() {
        for (text, value, expected) in [
            ("It calls a.b home.", "a.b", "It calls a.b home."),
            (
                "First. It calls a.b home. Then it sleeps.",
                "a.b",
                "It calls a.b home.",
            ),
            ("one\na.b\nthree", "a.b", "a.b"),
            ("host\ta.b", "a.b", "host | a.b"),
            ("a.b", "a.b", "a.b"),
        ] {
            let at = text.find(value).unwrap();
            assert_eq!(sentence(text, at..at + value.len()), expected, "{text}");
        }
        let long = format!("{} a.b {}", "ü".repeat(500), "ß".repeat(500));
        let at = long.find("a.b").unwrap();
        let shown = sentence(&long, at..at + 3);
        assert_eq!(shown.chars().count(), 2 * AROUND + 5);
        assert!(shown.starts_with('…') && shown.ends_with('…'));
        assert_eq!(sentence("short", 90..99), "short");
    }

    #[test]
    fn only_links_of_the_web_are_links() {
        for (text, is_link) in [
            ("https://misp.example/events/view/1", true),
            ("/var/lib/gleaner/misp-feed/x.json", false),
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
            ("", false),
        ] {
            assert_eq!(web_link(text).is_some(), is_link, "{text}");
        }
    }

    #[test]
    fn times_are_told_from_now() {
        let ago = |seconds| Time::of(Utc::now() - TimeDelta::seconds(seconds)).relative;
        assert_eq!(ago(0), "now");
        assert_eq!(ago(59), "59 s ago");
        assert_eq!(ago(7_300), "2 h ago");
        assert_eq!(ago(200_000), "2 d ago");
        let soon = Time::of(Utc::now() + TimeDelta::seconds(3_700)).relative;
        assert_eq!(soon, "in 1 h");
    }
}
