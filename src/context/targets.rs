//! Countries and sectors, only where an article says that they are attacked.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::entities::Entity;
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

/// All of them, in order of appearance; `entities`: those of the article.
pub(super) fn targets(
    lexicon: &Lexicon,
    reading: &Reading<'_>,
    entities: &[Entity],
) -> Vec<Target> {
    let told = told(reading, entities);
    let mut found: BTreeMap<ClusterId, Target> = BTreeMap::new();
    // The last one in its text.
    let mut last: Option<&Spot> = None;
    for (at, spot) in reading.spots.iter().enumerate() {
        let Some(one) = place(lexicon.candidates(spot.name)) else {
            continue;
        };
        if matches!(spot.zone, Zone::Code | Zone::Aside) || spot.is_denied {
            continue;
        }
        let clause = Clause::around(reading.text(spot), spot);
        let last_of_text = last.filter(|last| last.block == spot.block);
        let follows = last_of_text.is_some_and(|last| clause.follows(last.span.end));
        let is_next = |next: &&Spot| next.beside && next.block == spot.block;
        let next = reading.spots.get(at + 1).filter(is_next).filter(|next| {
            let place = place(lexicon.candidates(next.name));
            place.is_some_and(|next| next.topic == Topic::Sector)
        });
        let leads = next.map(|next| {
            let name = reading.text(next).get(next.span.clone());
            !is_adjective(name.unwrap_or_default())
        });
        if !clause.is_attacked(*one, follows, leads) {
            continue;
        }
        last = Some(spot);
        let target = found.entry(one.cluster).or_insert_with(|| Target {
            cluster: one.cluster,
            topic: one.topic,
            standing: Standing::Mention,
            spots: Vec::new(),
        });
        target.spots.push(at);
        let is_early = matches!(spot.zone, Zone::Title | Zone::Early);
        let is_told = || {
            told.contains(&(spot.block, spot.sentence))
                || (!told.is_empty() && clause.goes_on(&told))
        };
        if is_early || spot.listed || target.spots.len() >= 2 || is_told() {
            target.standing = Standing::Subject;
        }
    }
    let mut all: Vec<Target> = found.into_values().collect();
    all.sort_by_key(|target| target.spots.first().copied());
    all
}

/// Sentences, by block and beginning.
type Sentences = HashSet<(Option<usize>, usize)>;

/// Those that tell of what the article is about.
fn told(reading: &Reading<'_>, entities: &[Entity]) -> Sentences {
    let subjects = entities
        .iter()
        .filter(|one| one.standing == Standing::Subject);
    let spots = subjects
        .flat_map(|one| &one.spots)
        .filter_map(|at| reading.spots.get(*at));
    let spots = spots.filter(|spot| !spot.others && matches!(spot.zone, Zone::Early | Zone::Body));
    spots.map(|spot| (spot.block, spot.sentence)).collect()
}

/// The country or sector a name may stand for, its own name before others; who is of a sector before the sector.
fn place(candidates: &[Candidate]) -> Option<&Candidate> {
    let places = candidates
        .iter()
        .filter(|one| matches!(one.topic, Topic::Sector | Topic::Target) && one.role != Role::Id);
    places.min_by_key(|one| (one.role != Role::Victim, one.role, one.rank))
}

/// Labels of lists of sectors; in lower case.
const LISTS: &[&str] = &[
    "sectors",
    "sector",
    "industries",
    "target sectors",
    "target industries",
    "victim sectors",
    "verticals",
    "branchen",
];

/// Parts of what stands above or before a list of who is attacked; in lower case.
const OPENS: &[&str] = &[
    "victims",
    "victimology",
    "targeted countries",
    "targeted sectors",
    "targeted industries",
    "targeted verticals",
    "targeted regions",
    "targeted organizations",
    "target countries",
    "target sectors",
    "target industries",
    "target regions",
    "affected countries",
    "affected sectors",
    "affected industries",
    "sectors targeted",
    "industries targeted",
    "countries targeted",
    "industries reportedly targeted",
    "countries affected",
    "industries affected",
    "sectors affected",
];

/// Whether a line is above a list of who is attacked: `Suspected victims`.
pub(super) fn opens_list(line: &str) -> bool {
    let line = line.trim();
    if line.len() > MAX_LABEL {
        return false;
    }
    // The list is ours: it builds.
    let opens = FINDER.as_ref().is_some_and(|finder| finder.is_match(line));
    opens && !names::words(line).any(|(_, word)| words::is(word, role::DOUBT))
}

/// Finds parts of what stands above a list: every short line is asked for them.
static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(OPENS)
        .ok()
});

/// What stands above a list is at most so many bytes.
const MAX_LABEL: usize = 100;

/// Whether it is an entry of a list: `Sectors: government, energy`.
pub(super) fn is_listed(before: &str) -> bool {
    let Some((label, rest)) = before.split_once(':') else {
        return false;
    };
    let label = label.trim();
    let is_label = LISTS.iter().any(|list| label.eq_ignore_ascii_case(list)) || opens_list(label);
    if !is_label {
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

/// A country or sector, and what its sentence has on either side.
struct Clause<'a> {
    spot: &'a Spot,
    name: &'a str,
    before: &'a str,
    after: &'a str,
    /// Where the sentence begins in the text.
    start: usize,
}

impl<'a> Clause<'a> {
    fn around(text: &'a str, spot: &'a Spot) -> Self {
        let range = sentence(text, &spot.span);
        Self {
            spot,
            name: text.get(spot.span.clone()).unwrap_or_default(),
            before: text.get(range.start..spot.span.start).unwrap_or_default(),
            after: text.get(spot.span.end..range.end).unwrap_or_default(),
            start: range.start,
        }
    }

    /// Whether its sentence goes on with what the article is about: `It targets`, `The group has hit`, `Victims come from`.
    fn goes_on(&self, told: &Sentences) -> bool {
        let mut words = names::words(self.before).map(|(_, word)| word);
        let [first, second] = [(); 2].map(|()| words.next().unwrap_or_default());
        let is_noun = words::is(second, role::ACTOR | role::MALWARE)
            || [
                "campaign",
                "campaigns",
                "operation",
                "attacks",
                "attackers",
                "activity",
            ]
            .contains(&second);
        let victims = |phrase: &Range<usize>| {
            let phrase = self.before.get(phrase.clone()).unwrap_or_default();
            phrase.to_ascii_lowercase().starts_with("victim")
        };
        let is_before = |(block, sentence): &(Option<usize>, usize)| {
            *block == self.spot.block && *sentence < self.spot.sentence
        };
        let is_meant = ["It", "They"].contains(&first)
            || (["The", "This", "These"].contains(&first) && is_noun);
        (is_meant && told.iter().any(is_before))
            || self.spot.attacked.after.as_ref().is_some_and(victims)
    }

    /// What stands between a place of the text before it, and it, when that is of the sentence.
    fn since(&self, place: usize) -> Option<&'a str> {
        self.before.get(place.checked_sub(self.start)?..)
    }

    /// Whether it goes on with what another that is attacked began: `Poland and banks in Norway`.
    fn follows(&self, last: usize) -> bool {
        let Some(gap) = self.since(last).filter(|gap| gap.len() <= MAX_STEP) else {
            return false;
        };
        let gap = gap.strip_prefix("-based").unwrap_or(gap);
        let rest = gap.trim_start();
        let is_parted = rest.starts_with([',', '/', '&', '(', '|', '\u{2014}'])
            || ["and ", "or ", "as well as ", "in ", "based in "]
                .iter()
                .any(|word| rest.starts_with(word))
            || rest.contains(", ")
            || rest.contains(" and ")
            || rest.contains(" in ");
        is_parted && !turns(gap) && !self.acts(rest)
    }

    /// Whether a sentence of its own begins after what was attacked: `banks in Norway, and police in Denmark arrested two`.
    fn acts(&self, gap: &str) -> bool {
        let mut rest = names::words(self.after).map(|(_, word)| word).peekable();
        if rest.next_if(|word| ["in", "of"].contains(word)).is_some() {
            while rest
                .next_if(|word| word.starts_with(char::is_uppercase))
                .is_some()
            {}
        }
        let next = rest.next().unwrap_or_default();
        let is_past = next.ends_with("ed") && !PARTICIPLES.contains(&next);
        let is_verb =
            is_past || words::is(next, role::VERB) || ["said", "say", "says"].contains(&next);
        gap.starts_with(", and ") && self.after.starts_with(' ') && is_verb
    }

    /// Whether it is attacked; `follows`: what it goes on with is, `leads`: an enumeration of sectors goes on with it, with a
    /// noun or not.
    fn is_attacked(&self, one: Candidate, follows: bool, leads: Option<bool>) -> bool {
        let is_item = self.spot.listed && self.before.len() <= MAX_LEAD;
        if (one.topic == Topic::Sector || self.is_country()) && (is_item || is_listed(self.before))
        {
            return true;
        }
        let is_named = match one.topic {
            Topic::Target if one.role == Role::Word => self.is_country() && self.has_victim(),
            Topic::Target => self.is_country(),
            _ => self.is_sector(one.role == Role::Victim, follows, leads),
        };
        is_named && (follows || self.is_object() || self.is_subject())
    }

    /// Whether it is written as a country, and is one of those said to attack by no word beside it.
    fn is_country(&self) -> bool {
        let last = names::words(self.before)
            .last()
            .map_or("", |(_, word)| word);
        let is_short = self.name.len() < MIN_COUNTRY;
        let letters = || self.name.bytes().filter(|byte| *byte != b'.');
        let is_abbreviated = || letters().all(|byte| byte.is_ascii_uppercase());
        let is_known = || {
            ["us", "usa", "uk", "uae"].iter().any(|short| {
                letters()
                    .map(|byte| byte.to_ascii_lowercase())
                    .eq(short.bytes())
            })
        };
        self.spot.case != Case::Lower
            && (!is_short || (is_abbreviated() && is_known()))
            && !words::is(last, role::PART)
            && !self.is_foe()
    }

    /// Whether the words beside it make it one who attacks: `Iran-linked`, `Chinese state hackers`.
    fn is_foe(&self) -> bool {
        if let Some(rest) = self.after.strip_prefix('-') {
            let next = names::words(rest).next().map_or("", |(_, word)| word);
            if !next.eq_ignore_ascii_case("based") {
                return true;
            }
        }
        let mut next = names::words(phrase(self.after))
            .map(|(_, word)| word)
            .take(4);
        next.any(|word| words::is(word, role::FOE))
    }

    /// Whether a noun follows, or an enumeration that has one, that says who of a country: `Italian and Greek users`.
    fn has_victim(&self) -> bool {
        has_noun(self.after, role::VICTIM)
    }

    fn is_sector(&self, is_victim: bool, follows: bool, leads: Option<bool>) -> bool {
        let last = names::words(self.before)
            .last()
            .map_or("", |(_, word)| word);
        if last.eq_ignore_ascii_case("social") || self.is_foe() {
            return false;
        }
        let next = names::words(self.after).next().map_or("", |(_, word)| word);
        // `bank account numbers`
        if is_victim {
            return !words::is(next, role::DATA);
        }
        // `Industrial Bank of Anywhere`, where only a name has capitals.
        let is_proper = self.is_proper(last);
        if has_noun(self.after, role::SECTOR) {
            return !is_proper;
        }
        // An adjective says nothing without its noun.
        // `medical, education and legal, insurance`
        let is_adjective = is_adjective(self.name) && leads != Some(true);
        let is_enumerated = follows && self.spot.beside;
        !is_proper
            && !is_adjective
            && (self.is_ended() && (is_enumerated || self.is_example(leads.is_some()))
                || self.is_ranked())
    }

    /// Whether it is part of a name: `the Industrial and Commercial Bank`.
    fn is_proper(&self, last: &str) -> bool {
        let rest = self.after.strip_prefix(' ').unwrap_or_default();
        let rest = rest
            .strip_prefix("and ")
            .filter(|_| last == "the")
            .unwrap_or(rest);
        self.spot.case == Case::Mid && rest.starts_with(char::is_uppercase)
    }

    /// Whether an entry of an enumeration ends with it.
    fn is_ended(&self) -> bool {
        let rest = self.after.trim_start();
        let next = names::words(rest).next().map_or("", |(_, word)| word);
        !rest.starts_with(char::is_alphanumeric)
            || words::is(next, role::LINK | role::VERB | role::SMALL)
            || matches!(next, "worldwide" | "globally" | "around" | "among")
    }

    /// Whether it is said to be the sector that is attacked most: `Retail was the most targeted industry`.
    fn is_ranked(&self) -> bool {
        let Some(phrase) = &self.spot.attacked.before else {
            return false;
        };
        let end = self.before.len() + self.name.len();
        let rest = phrase
            .end
            .checked_sub(end)
            .and_then(|at| self.after.get(at..));
        let next = names::words(rest.unwrap_or_default()).next();
        phrase.start <= end + MAX_STEP
            && next.is_some_and(|(_, word)| words::is(word, role::SECTOR))
    }

    /// Whether it is one of the examples of a noun before it, or of an enumeration that begins with it.
    fn is_example(&self, leads: bool) -> bool {
        let mut noun = false;
        // Words since a noun was linked to, or since the last entry.
        let mut since = None;
        let mut last = 0;
        for (at, word) in names::words(self.before) {
            let gap = self.before.get(last..at).unwrap_or_default();
            last = at + word.len();
            let roles = words::roles(word);
            let is_parted = gap.contains([',', '/', '&']) || word == "and" || word == "or";
            since = match since {
                Some(_) if is_parted => Some(0),
                Some(many) if many < MAX_WORDS && roles & role::WHOSE == 0 => Some(many + 1),
                _ => None,
            };
            if roles & role::SECTOR != 0 || matches!(word, "victims" | "accounts" | "systems") {
                noun = true;
            } else if noun && roles & role::LINK != 0 {
                since = Some(0);
            }
        }
        let aim = self.spot.attacked.after.as_ref();
        let gap = aim.and_then(|aim| self.before.get(aim.end..));
        let is_near = gap.is_some_and(|gap| gap.len() <= MAX_LEAD);
        since.is_some() || (leads && is_near)
    }

    /// Whether a phrase before it says that what follows is attacked.
    fn is_object(&self) -> bool {
        let aim = &self.spot.attacked;
        let reaches = |phrase: &Range<usize>| {
            let gap = self.before.get(phrase.end..).unwrap_or_default();
            // `a targeted attack` is no target.
            let first = names::words(gap).next().map_or("", |(_, word)| word);
            let is_kind = words::is(first, role::HOSTILE);
            gap.len() <= MAX_GAP && !is_kind && !turns(gap) && !self.is_doubted(phrase)
        };
        let hostile = |phrase: &Range<usize>| {
            let said = |text: Option<&str>| {
                names::words(text.unwrap_or_default())
                    .any(|(_, word)| words::is(word, role::HOSTILE))
            };
            said(self.before.get(..phrase.start)) || said(Some(self.after))
        };
        // `servers, hosted in several countries including`
        let hosted = |phrase: &Range<usize>| {
            let before = self.before.get(..phrase.start).unwrap_or_default();
            let skipped = names::words(before).count().saturating_sub(MAX_WORDS + 1);
            let mut near = names::words(before).skip(skipped).map(|(_, word)| word);
            near.any(|word| ["hosted", "registered", "leased", "rented"].contains(&word))
        };
        let against = |phrase: &Range<usize>| {
            let phrase = self.before.get(phrase.clone()).unwrap_or_default();
            phrase.eq_ignore_ascii_case("against")
        };
        aim.after
            .as_ref()
            .is_some_and(|phrase| reaches(phrase) && (!against(phrase) || hostile(phrase)))
            || aim
                .there
                .as_ref()
                .is_some_and(|phrase| reaches(phrase) && hostile(phrase) && !hosted(phrase))
    }

    /// Whether what a phrase says is denied, only possible, or done with other weapons.
    fn is_doubted(&self, phrase: &Range<usize>) -> bool {
        let before = self.before.get(..phrase.start).unwrap_or_default();
        let words_before = || names::words(before).map(|(_, word)| word);
        let count = words_before().count();
        words_before()
            .skip(count.saturating_sub(MAX_DOUBT))
            .any(|word| words::is(word, role::DOUBT) && word != "May" && word != "T")
            || self.is_war()
    }

    /// Whether its sentence speaks of other weapons.
    fn is_war(&self) -> bool {
        [self.before, self.after]
            .iter()
            .any(|part| names::words(part).any(|(_, word)| words::is(word, role::WAR)))
    }

    /// Whether a phrase after it says that what stands before is attacked.
    fn is_subject(&self) -> bool {
        let Some(phrase) = &self.spot.attacked.before else {
            return false;
        };
        let end = self.before.len() + self.name.len();
        let gap = phrase
            .start
            .checked_sub(end)
            .and_then(|to| self.after.get(..to));
        let Some(gap) = gap.filter(|gap| gap.len() <= MAX_STEP) else {
            return false;
        };
        let count = names::words(self.before).count();
        let mut near = names::words(self.before).skip(count.saturating_sub(2));
        let is_source = |word| ["from", "by", "server", "servers"].contains(&word);
        let is_turned = near.any(|(_, word)| is_source(word) || words::is(word, role::DOUBT));
        let has_doubt = names::words(gap).any(|(_, word)| words::is(word, role::DOUBT | role::FOE));
        !is_turned && !has_doubt && !turns(gap) && !self.is_war()
    }
}

/// Whether a word for a sector says nothing without its noun, by its end.
fn is_adjective(name: &str) -> bool {
    ["al", "ic"].iter().any(|end| name.ends_with(end))
}

/// Whether words turn from what is attacked to something else. `companies from`, `such as` and `as well as` do not.
fn turns(gap: &str) -> bool {
    let mut last = "";
    let mut end = 0;
    let mut count = 0;
    for (at, word) in names::words(gap) {
        let roles = words::roles(word);
        let rest = gap.get(at + word.len()..).unwrap_or_default();
        let is_stop = gap
            .get(end..at)
            .is_some_and(|mark| mark.contains([';', '!', '?']));
        // What has been said of it begins anew: `targeted X, which was`.
        let is_plural = matches!(word, "are" | "were");
        let is_verb =
            roles & role::VERB != 0 && !is_plural && count > MAX_WORDS && !is_listing(rest);
        if is_stop || is_verb || (roles & role::TURN != 0 && !is_apposed(word, last, gap, at)) {
            return true;
        }
        (last, end, count) = (word, at + word.len(), count + 1);
    }
    // `important to Poland`
    let is_article = ["the", "a"].contains(&last);
    let head = gap.trim_end();
    let head = if is_article {
        head.strip_suffix(last).unwrap_or(head)
    } else {
        head
    };
    count > 2 && head.trim_end().ends_with(" to")
}

/// Whether a text says right away what things are: ` included the energy sector`.
fn is_listing(text: &str) -> bool {
    let text = text.trim_start();
    ["include", "in ", "located"]
        .iter()
        .any(|word| text.starts_with(word))
}

/// Whether a word that turns elsewhere belongs to what is attacked here.
fn is_apposed(word: &str, last: &str, gap: &str, at: usize) -> bool {
    let rest = gap.get(at + word.len()..).unwrap_or_default();
    let next = names::words(rest).next().map_or("", |(_, word)| word);
    match word {
        "from" | "operating" => words::is(last, role::VICTIM | role::SECTOR),
        // `Windows-based systems`
        "based" | "located" | "headquartered" => {
            words::is(last, role::VICTIM | role::SECTOR | role::VERB)
                || gap.get(..at).is_some_and(|before| before.ends_with('-'))
        }
        "as" => last == "such" || last == "well" || next == "well",
        "like" => words::is(last, role::SECTOR | role::VICTIM),
        // `targeted by it include banks`
        "by" => next == "far" || names::words(rest).any(|(_, word)| word.starts_with("includ")),
        _ => false,
    }
}

/// The words up to the next mark.
fn phrase(text: &str) -> &str {
    let end = text.find([',', ';', ':', '(', ')', '\u{2014}', '\n']);
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}

/// Whether a noun of a role ends an enumeration that begins a text: ` and health care providers`.
fn has_noun(text: &str, wanted: u32) -> bool {
    let text = text.strip_prefix("-based").unwrap_or(text);
    let mut since = 0;
    let mut last = 0;
    for (at, word) in names::words(text) {
        let gap = text.get(last..at).unwrap_or_default();
        let is_parted = gap.contains([',', '/', '&']) || word == "and" || word == "or";
        if gap.contains(['.', ';', ':', '(', ')', '!', '?', '\n']) && gap.trim() != "."
            || at > MAX_GAP
        {
            return false;
        }
        let roles = words::roles(word);
        if roles & wanted != 0 {
            return true;
        }
        since = if is_parted { 0 } else { since + 1 };
        let is_end = roles & (role::TURN | role::ENDS) != 0 && !is_parted;
        if since > MAX_WORDS || is_end {
            return false;
        }
        last = at + word.len();
    }
    false
}

/// What is said of a victim beside it, and no deed of its own.
const PARTICIPLES: &[&str] = &[
    "based",
    "located",
    "headquartered",
    "linked",
    "tied",
    "owned",
    "affected",
    "named",
    "called",
    "infected",
];

/// Shorter names of countries are abbreviations.
const MIN_COUNTRY: usize = 4;
/// What is attacked is at most so many bytes from what says so.
const MAX_GAP: usize = 140;
/// An enumeration goes on after at most so many bytes.
const MAX_STEP: usize = 80;
/// What leads an enumeration is at most so many bytes from what says that it is attacked.
const MAX_LEAD: usize = 30;
/// So many words before it deny something.
const MAX_DOUBT: usize = 6;
/// An entry of an enumeration has at most so many words more.
const MAX_WORDS: usize = 3;
