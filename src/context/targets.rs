//! Countries and sectors, only where an article says that they are attacked.

use std::collections::BTreeMap;

use super::lexicon::{Candidate, Lexicon, Role};
use super::reading::{Case, Reading, Spot, Zone};
use super::sentences::sentence;
use super::words::{self, role};
use super::{Standing, Topic, names};
use crate::knowledge::ClusterId;

/// A country or sector that is attacked.
#[derive(Debug)]
pub(super) struct Target {
    pub cluster: ClusterId,
    pub topic: Topic,
    pub standing: Standing,
    pub spots: Vec<usize>,
}

/// Words after which what is attacked follows.
pub(super) const ATTACKED: &[&str] = &[
    "targeting",
    "targets",
    "targeted",
    "target",
    "victims in",
    "victims from",
    "attacks on",
    "attacks against",
    "attack on",
    "attack against",
    "aimed at",
    "campaign against",
    "campaigns against",
    "organizations in",
    "organisations in",
    "companies in",
    "entities in",
    "users in",
    "victimology",
    "hitting",
    "going after",
    "operations against",
    "infections in",
    "espionage against",
    "attacked",
    "Angriff auf",
    "Angriffe auf",
    "Angriffen auf",
    "Angriffs auf",
    "Angriffe gegen",
    "Ziele in",
    "Opfer in",
];

/// All of them, in order of appearance.
pub(super) fn targets(lexicon: &Lexicon, reading: &Reading) -> Vec<Target> {
    let mut found: BTreeMap<ClusterId, Target> = BTreeMap::new();
    for (at, spot) in reading.spots.iter().enumerate() {
        let Some(one) = place(lexicon.candidates(spot.name)) else {
            continue;
        };
        if matches!(spot.zone, Zone::Code | Zone::Aside)
            || (spot.others && !is_recent(reading.text(spot), spot))
            || !is_attacked(reading.text(spot), spot, one.topic)
        {
            continue;
        }
        let target = found.entry(one.cluster).or_insert_with(|| Target {
            cluster: one.cluster,
            topic: one.topic,
            standing: Standing::Mention,
            spots: Vec::new(),
        });
        target.spots.push(at);
        let is_early = matches!(spot.zone, Zone::Title | Zone::Early);
        if is_early || target.spots.len() >= 2 {
            target.standing = Standing::Subject;
        }
    }
    let mut list: Vec<Target> = found.into_values().collect();
    list.sort_by_key(|target| target.spots.first().copied());
    list
}

/// Whether what makes it one of others says no more than when: `in the past year`.
fn is_recent(text: &str, spot: &Spot) -> bool {
    const PAST: &str = "in the past ";
    let before = text.get(spot.sentence..spot.span.start).unwrap_or_default();
    let after = before
        .find(PAST)
        .and_then(|at| before.get(at + PAST.len()..));
    let mut words = names::words(after.unwrap_or_default()).map(|(_, word)| word);
    let is_time = |word| {
        [
            "year", "years", "month", "months", "week", "weeks", "decade", "days",
        ]
        .contains(&word)
    };
    words.by_ref().take(2).any(is_time) && !spot.is_denied
}

/// Lists of what is attacked, by what stands before the colon; in lower case.
const LISTS: &[&str] = &[
    "sectors",
    "sector",
    "industries",
    "targeted sectors",
    "target sectors",
    "targeted industries",
    "target industries",
    "victim sectors",
    "affected sectors",
    "sectors targeted",
    "industries targeted",
    "targeted verticals",
    "verticals",
    "branchen",
];

/// Whether it is an entry of a list: `Sectors: government, energy`.
pub(super) fn is_listed(before: &str) -> bool {
    let Some((label, rest)) = before.split_once(':') else {
        return false;
    };
    let label = label.trim();
    if !LISTS.iter().any(|list| label.eq_ignore_ascii_case(list)) {
        return false;
    }
    // `Sectors: those of energy` is prose.
    let is_entry = |entry: &str| names::words(entry).all(|(_, word)| !PROSE.contains(&word));
    let last = rest.trim_end();
    let is_parted =
        last.is_empty() || last.ends_with([',', ';', '/', '&']) || last.ends_with(" and");
    is_parted && is_entry(rest)
}

/// Words that no entry of a list has.
const PROSE: &[&str] = &[
    "of", "the", "those", "is", "are", "was", "were", "in", "we", "not", "no", "other",
];

/// The country or sector a name may stand for, its own name before others.
fn place(candidates: &[Candidate]) -> Option<&Candidate> {
    let places = candidates
        .iter()
        .filter(|one| matches!(one.topic, Topic::Sector | Topic::Target) && one.role != Role::Id);
    places.min_by_key(|one| (one.role, one.rank))
}

fn is_attacked(text: &str, spot: &Spot, topic: Topic) -> bool {
    let range = sentence(text, &spot.span);
    let before = text.get(range.start..spot.span.start).unwrap_or_default();
    let after = text.get(spot.span.end..range.end).unwrap_or_default();
    if topic == Topic::Sector && is_listed(before) {
        return true;
    }
    let next = names::words(after).next().map_or("", |(_, word)| word);
    let is_named = match topic {
        Topic::Target => {
            let last = names::words(before).last().map_or("", |(_, word)| word);
            spot.case != Case::Lower
                && spot.span.len() >= 4
                && !words::is(last, role::PART)
                && !after.starts_with("-based")
                && !after.starts_with("-linked")
        }
        // Sectors are everyday words: only with the noun, or in a list that ends with it.
        _ => {
            words::is(next, role::SECTOR)
                || (spot.beside
                    && after.len() < 200
                    && names::words(after).any(|(_, word)| words::is(word, role::SECTOR)))
        }
    };
    if !is_named {
        return false;
    }
    let Some(between) = spot.attacked.and_then(|at| text.get(at..spot.span.start)) else {
        return false;
    };
    between.len() <= 120 && !names::words(between).any(|(_, word)| words::is(word, role::TURN))
}
