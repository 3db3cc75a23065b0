//! Actors, malware and tools: which names count, and what each stands for.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::index::NameId;
use super::labels::Labels;
use super::lexicon::{Candidate, Class, Lexicon, Role};
use super::looking::{is_compound, is_entity, is_phrase, is_proper};
use super::reading::{Case, Reading, Spot, Zone};
use super::resolve::Resolver;
use super::words::{self, role};
use super::{Standing, Topic};
use crate::knowledge::{ClusterId, Knowledge};

/// An actor, malware or tool of an article.
#[derive(Debug)]
pub(super) struct Entity {
    /// What it stands for: the preferred galaxy's cluster first, then ATT&CK's. Several of one galaxy when the article
    /// does not say which.
    pub clusters: Vec<ClusterId>,
    pub topic: Topic,
    pub standing: Standing,
    pub names: Vec<NameId>,
    /// Indices of the reading's spots, in order.
    pub spots: Vec<usize>,
    /// Whether the article does not tell which of the clusters it is.
    pub tie: bool,
    /// Whether its name is a word besides and counts by what stands beside it.
    pub evident: bool,
    /// Whether labels made it a subject.
    pub is_labelled: bool,
}

/// All of them, in order of appearance.
pub(super) fn entities(
    knowledge: &Knowledge,
    lexicon: &Lexicon,
    reading: &Reading<'_>,
    labels: &[String],
) -> Vec<Entity> {
    let labels = Labels::of(lexicon, labels);
    let named = accepted(lexicon, reading);
    let resolver = Resolver::new(knowledge, lexicon, reading, &named);
    let mut merged: BTreeMap<Vec<ClusterId>, Entity> = BTreeMap::new();
    for (name, taken) in &named {
        let Some((clusters, topic, tie)) = resolver.resolve(*name, taken) else {
            continue;
        };
        let entity = merged.entry(clusters.clone()).or_insert_with(|| Entity {
            clusters,
            topic,
            standing: Standing::Mention,
            names: Vec::new(),
            spots: Vec::new(),
            tie,
            evident: false,
            is_labelled: false,
        });
        entity.names.push(*name);
        entity.spots.extend(&taken.spots);
        entity.evident |= taken.evident;
    }
    let mut entities: Vec<Entity> = merged.into_values().collect();
    for entity in &mut entities {
        entity.spots.sort_unstable();
    }
    stand(reading, &labels, &mut entities);
    for entity in entities.iter_mut().filter(|entity| !entity.tie) {
        resolver.add_attack(entity);
    }
    entities.sort_by_key(|entity| entity.spots.first().copied());
    entities
}

/// Tells subjects from mentions.
fn stand(reading: &Reading<'_>, labels: &Labels, entities: &mut [Entity]) {
    let is_titled = entities.iter().any(|one| is_in_title(reading, &one.spots));
    for entity in entities.iter_mut().filter(|entity| !entity.tie) {
        entity.standing = standing(reading, &entity.spots, is_titled);
        let weight = labels.weight(entity);
        if entity.standing == Standing::Mention && weight > 0 {
            let points = points(reading, &entity.spots, is_titled).unwrap_or(0);
            entity.is_labelled = points > 0 && points + weight >= ENOUGH;
            if entity.is_labelled {
                entity.standing = Standing::Subject;
            }
        }
    }
    pool(reading, entities, is_titled);
    // Who is named in the programme of a course leads nothing.
    if !reading.whole.is_lesson() {
        for topic in [Topic::Actor, Topic::Malware] {
            lead(reading, entities, is_titled, topic);
        }
    }
}

/// Names that the article says are names of one (`X (aka Y)`) are subjects together, whatever cluster each is of, but for
/// those that the title denies.
fn pool(reading: &Reading<'_>, entities: &mut [Entity], is_titled: bool) {
    let of_spot: HashMap<usize, usize> = entities
        .iter()
        .enumerate()
        .flat_map(|(n, entity)| entity.spots.iter().map(move |at| (*at, n)))
        .collect();
    let denied: Vec<bool> = entities
        .iter()
        .map(|entity| points(reading, &entity.spots, is_titled).is_none())
        .collect();
    let is_denied = |at: usize| denied.get(at).copied().unwrap_or(false);
    // What two weigh together is asked for once, however often they stand beside each other.
    let mut weighed = HashSet::new();
    for (at, spot) in reading.spots.iter().enumerate() {
        let other = at.checked_sub(1).and_then(|before| of_spot.get(&before));
        let (Some(&one), Some(&other)) = (of_spot.get(&at), other) else {
            continue;
        };
        let [Some(left), Some(right)] = [entities.get(one), entities.get(other)] else {
            continue;
        };
        let is_actor = |entity: &Entity| entity.topic == Topic::Actor;
        if !spot.is_alias
            || one == other
            || left.tie
            || right.tie
            || is_actor(left) != is_actor(right)
        {
            continue;
        }
        let together = || {
            let mut spots = [left.spots.as_slice(), right.spots.as_slice()].concat();
            spots.sort_unstable();
            standing(reading, &spots, is_titled) == Standing::Subject
        };
        let is_either = left.standing == Standing::Subject || right.standing == Standing::Subject;
        let is_said = is_either || (weighed.insert((one.min(other), one.max(other))) && together());
        if is_said && !is_denied(one) && !is_denied(other) {
            for at in [one, other] {
                if let Some(entity) = entities.get_mut(at) {
                    entity.standing = Standing::Subject;
                }
            }
        }
    }
}

/// Where an article has no subject of a topic, what it names far more than others of that topic is it.
fn lead(reading: &Reading<'_>, entities: &mut [Entity], is_titled: bool, topic: Topic) {
    let is_such = |entity: &Entity| entity.topic == topic && !entity.tie;
    let has_subject = |entity: &Entity| is_such(entity) && entity.standing == Standing::Subject;
    if entities.iter().any(has_subject) {
        return;
    }
    let mut best: Option<(u32, &mut Entity)> = None;
    let mut second = 0;
    for entity in entities.iter_mut().filter(|entity| is_such(entity)) {
        let points = points(reading, &entity.spots, is_titled).unwrap_or(0);
        match &best {
            Some((most, _)) if *most >= points => second = second.max(points),
            _ => {
                second = best.map_or(second, |(most, _)| most);
                best = Some((points, entity));
            }
        }
    }
    // Malware is often named once for what it did elsewhere, and of a long article a line says little.
    let least = if topic == Topic::Actor && reading.is_brief {
        1
    } else {
        2
    };
    if let Some((points, entity)) = best
        && points >= LEADS.max(2 * second)
        && entity.spots.len() >= least
    {
        entity.standing = Standing::Subject;
    }
}

/// Points of what leads: in the first lines, or twice.
const LEADS: u32 = 8;

/// The spots at which a name counts.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub spots: Vec<usize>,
    pub evident: bool,
}

/// Names that count, in a fixed order.
fn accepted(lexicon: &Lexicon, reading: &Reading<'_>) -> BTreeMap<NameId, Taken> {
    let mut by_name: BTreeMap<NameId, Vec<usize>> = BTreeMap::new();
    for (n, spot) in reading.spots.iter().enumerate() {
        if lexicon
            .candidates(spot.name)
            .iter()
            .any(|one| is_entity(one.topic))
        {
            by_name.entry(spot.name).or_default().push(n);
        }
    }
    let mut taken = BTreeMap::new();
    let mut waiting = Vec::new();
    for (name, spots) in by_name {
        let judge = Judge {
            lexicon,
            reading,
            name,
        };
        match judge.alone(&spots) {
            Some(found) => drop(taken.insert(name, found)),
            None => waiting.push((name, spots)),
        }
    }
    // Company of names that count: `Emotet, Maze and Ryuk`.
    for (name, spots) in waiting {
        let judge = Judge {
            lexicon,
            reading,
            name,
        };
        if let Some(found) = judge.in_company(&spots, &taken) {
            taken.insert(name, found);
        }
    }
    taken
}

struct Judge<'a> {
    lexicon: &'a Lexicon,
    reading: &'a Reading<'a>,
    name: NameId,
}

impl Judge<'_> {
    /// What a name's own places say.
    fn alone(&self, spots: &[usize]) -> Option<Taken> {
        let class = self.lexicon.name(self.name)?.class;
        let is_id = self
            .lexicon
            .candidates(self.name)
            .iter()
            .any(|one| one.role == Role::Id);
        if is_id {
            let spots = self.chosen(spots, |spot| {
                spot.case != Case::Lower && (self.reading.speaks_of_attack() || self.fits(spot))
            });
            return (!spots.is_empty()).then_some(Taken {
                spots,
                evident: false,
            });
        }
        if self.any(spots, |spot| self.is_program(spot))
            && !self
                .lexicon
                .candidates(self.name)
                .iter()
                .any(|one| one.topic == Topic::Tool)
        {
            return None;
        }
        match class {
            Class::Never => None,
            Class::Own => self.own(spots),
            Class::Common => self.common(spots),
        }
    }

    fn own(&self, spots: &[usize]) -> Option<Taken> {
        let key = self.lexicon.index.key(self.name);
        let good = self.chosen(spots, |spot| {
            let text = self.written(spot);
            let needs_capital = key.len() <= 4
                || (spot.words > 1 && is_phrase(text))
                // `The lockfile is rewritten.`
                || is_compound(text)
                // Other languages have words that no dictionary of English knows.
                || !self.reading.is_english();
            spot.case != Case::Lower || !needs_capital
        });
        // Everyday words in a title-case line are no name by themselves.
        let is_name = self.any(&good, |spot| {
            spot.words == 1
                || !is_phrase(self.written(spot))
                || spot.case == Case::Mid
                || self.fits(spot)
                || spot.naming
                || self.is_alone(spot)
                || is_proper(self.written(spot))
        });
        is_name.then_some(Taken {
            spots: good,
            evident: false,
        })
    }

    fn common(&self, spots: &[usize]) -> Option<Taken> {
        let good = self.chosen(spots, |spot| {
            let is_longer = spot.continues && spot.case == Case::Mid && spot.noun.is_none();
            spot.case != Case::Lower && !is_longer
        });
        let is_shouted = self.lexicon.name(self.name)?.shouted;
        let is_said = |spot: &Spot| {
            let is_written = is_shouted && spot.shouted;
            !spot.defence && (self.fits(spot) || spot.naming || is_written)
        };
        if !self.is_whole(&good) {
            return None;
        }
        let is_certain = self.any(&good, |spot| {
            let is_capital = spot.case == Case::Mid || spot.defined || spot.shouted;
            (is_capital && is_said(spot)) || self.is_ransomware(spot)
        });
        let is_likely = self.any(&good, is_said) && self.any(&good, |spot| spot.case == Case::Mid);
        (is_certain || is_likely).then_some(Taken {
            spots: good,
            evident: true,
        })
    }

    /// Whether a sentence begins with it and `ransomware`: `Hive ransomware is gone`.
    fn is_ransomware(&self, spot: &Spot) -> bool {
        let text = self.reading.text(spot);
        let rest = text.get(spot.span.end..).unwrap_or_default();
        spot.case == Case::Start
            && matches!(spot.zone, Zone::Early | Zone::Body)
            && rest.starts_with(" ransomware")
            && !words::is(self.written(spot), role::SORT)
            && self.fits(spot)
    }

    fn in_company(&self, spots: &[usize], taken: &BTreeMap<NameId, Taken>) -> Option<Taken> {
        if self.lexicon.name(self.name)?.class != Class::Common {
            return None;
        }
        let good = self.chosen(spots, |spot| spot.case != Case::Lower);
        if !self.is_whole(&good) {
            return None;
        }
        let counts = |at: Option<usize>| {
            let other = at.and_then(|at| self.reading.spots.get(at).map(|spot| (at, spot)));
            other.is_some_and(|(at, spot)| {
                taken
                    .get(&spot.name)
                    .is_some_and(|other| !other.evident && other.spots.contains(&at))
                    && self.is_akin(spot.name)
            })
        };
        let is_in_company = good.iter().any(|at| {
            let is = |at: usize| self.reading.spots.get(at).is_some_and(|spot| spot.beside);
            (is(*at) && counts(at.checked_sub(1))) || (is(at + 1) && counts(Some(at + 1)))
        });
        is_in_company.then_some(Taken {
            spots: good,
            evident: true,
        })
    }

    /// Whether another name is one of the same kind of thing.
    fn is_akin(&self, other: NameId) -> bool {
        let topics = |name| {
            self.lexicon
                .candidates(name)
                .iter()
                .map(|one| one.topic == Topic::Actor)
                .collect::<Vec<_>>()
        };
        let mine = topics(self.name);
        topics(other).iter().any(|topic| mine.contains(topic))
    }

    /// Whether it is a name by itself, or stands with the noun that belongs to it at least once: `Action` is no name
    /// without `RAT`.
    fn is_whole(&self, spots: &[usize]) -> bool {
        let is_own = |one: &Candidate| is_entity(one.topic) && one.role != Role::Short;
        self.lexicon.candidates(self.name).iter().any(is_own)
            || self.any(spots, |spot| {
                spot.full.is_some() || spot.defined || spot.attributed
            })
    }

    /// Whether the noun beside it says what the name can be.
    fn fits(&self, spot: &Spot) -> bool {
        let candidates = self.lexicon.candidates(self.name);
        spot.noun.is_some_and(|noun| {
            candidates.iter().any(|one| {
                match noun {
                    // `The Briar Group` is no malware.
                    Topic::Actor => one.is_group,
                    Topic::Tool => is_entity(one.topic) && one.topic != Topic::Actor,
                    _ => is_entity(one.topic),
                }
            })
        })
    }

    /// Whether nothing else stands in its cell or line.
    fn is_alone(&self, spot: &Spot) -> bool {
        let text = self.reading.text(spot);
        let is_parted = |part: Option<&str>, at_end: bool| {
            let part = part
                .unwrap_or_default()
                .trim_matches([' ', '\u{a0}', ':', '-', '*']);
            part.is_empty()
                || if at_end {
                    part.ends_with('\t')
                } else {
                    part.starts_with('\t')
                }
        };
        is_parted(text.get(..spot.span.start), true) && is_parted(text.get(spot.span.end..), false)
    }

    /// Whether it is the name of a file: `mimikatz.exe`.
    fn is_program(&self, spot: &Spot) -> bool {
        self.reading
            .text(spot)
            .as_bytes()
            .get(spot.span.end..)
            .is_some_and(|rest| rest.starts_with(b".exe"))
    }

    fn written(&self, spot: &Spot) -> &str {
        self.reading
            .text(spot)
            .get(spot.span.clone())
            .unwrap_or_default()
    }

    fn chosen(&self, spots: &[usize], wanted: impl Fn(&Spot) -> bool) -> Vec<usize> {
        let keep = |at: &usize| self.reading.spots.get(*at).is_some_and(&wanted);
        spots.iter().copied().filter(keep).collect()
    }

    fn any(&self, spots: &[usize], wanted: impl Fn(&Spot) -> bool) -> bool {
        spots
            .iter()
            .any(|at| self.reading.spots.get(*at).is_some_and(&wanted))
    }
}

/// Whether the title names it.
fn is_in_title(reading: &Reading<'_>, spots: &[usize]) -> bool {
    let mut spots = spots.iter().filter_map(|at| reading.spots.get(*at));
    spots.any(|spot| spot.zone == Zone::Title && !spot.others)
}

/// Whether an article is about what is named at these spots. Names in one enumeration (`Petya, NotPetya`) are one
/// naming. The first lines of a note are enough unless its title names something (`is_titled`), and what the title denies
/// is not what it is about.
pub(super) fn standing(reading: &Reading<'_>, spots: &[usize], is_titled: bool) -> Standing {
    match points(reading, spots, is_titled) {
        Some(points) if points >= ENOUGH => Standing::Subject,
        _ => Standing::Mention,
    }
}

/// What these spots weigh; `None` of what the title denies.
fn points(reading: &Reading<'_>, spots: &[usize], is_titled: bool) -> Option<u32> {
    let spots = spots.iter().filter_map(|at| reading.spots.get(*at));
    let (mut points, mut is_defined) = (0, false);
    let mut last: Option<&Spot> = None;
    for spot in spots {
        let is_same = last.is_some_and(|last| {
            last.name != spot.name && (last.block, last.sentence) == (spot.block, spot.sentence)
        });
        last = Some(spot);
        points += match spot.zone {
            Zone::Title if spot.is_denied => return None,
            Zone::Aside | Zone::Code => 0,
            _ if spot.others => 1,
            Zone::Title => ENOUGH,
            _ if is_same => 0,
            Zone::Early if reading.is_short && !is_titled && !reading.whole.is_lesson() => ENOUGH,
            Zone::Early | Zone::Heading => 8,
            Zone::Body => 4,
        };
        if matches!(spot.zone, Zone::Early | Zone::Body) && !spot.others {
            points += if spot.attributed || spot.is_new {
                8
            } else if spot.defined && !is_defined {
                4
            } else {
                0
            };
            is_defined |= spot.defined;
        }
    }
    Some(points)
}

/// Points of a subject: three times in the text, or once in the first lines or a heading and once more, or in the title, or
/// where the article says who did it; what it is counts as once more.
const ENOUGH: u32 = 12;
