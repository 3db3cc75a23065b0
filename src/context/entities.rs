//! Actors, malware and tools: which names count, and what each stands for.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::index::NameId;
use super::lexicon::{Candidate, Class, Lexicon, Role};
use super::names::{Key, bare};
use super::reading::{Case, Reading, Spot, Zone, is_entity, is_phrase};
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
}

/// All of them, in order of appearance.
pub(super) fn entities(knowledge: &Knowledge, lexicon: &Lexicon, reading: &Reading) -> Vec<Entity> {
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
        });
        entity.names.push(*name);
        entity.spots.extend(&taken.spots);
        entity.evident |= taken.evident;
    }
    let mut entities: Vec<Entity> = merged.into_values().collect();
    for entity in &mut entities {
        entity.spots.sort_unstable();
        if !entity.tie {
            entity.standing = standing(reading, &entity.spots);
            resolver.add_attack(entity);
        }
    }
    entities.sort_by_key(|entity| entity.spots.first().copied());
    entities
}

/// The spots at which a name counts.
#[derive(Debug, Default)]
struct Taken {
    spots: Vec<usize>,
    evident: bool,
}

/// Names that count, in a fixed order.
fn accepted(lexicon: &Lexicon, reading: &Reading) -> BTreeMap<NameId, Taken> {
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
    reading: &'a Reading,
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
                self.reading.attack && spot.case != Case::Lower
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
            let needs_capital = key.len() <= 4 || (spot.words > 1 && is_phrase(text));
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
        });
        is_name.then_some(Taken {
            spots: good,
            evident: false,
        })
    }

    fn common(&self, spots: &[usize]) -> Option<Taken> {
        let good = self.chosen(spots, |spot| spot.case != Case::Lower);
        let is_said = |spot: &Spot| !spot.defence && (self.fits(spot) || spot.naming);
        if !self.is_whole(&good) {
            return None;
        }
        let is_certain = self.any(&good, |spot| spot.case == Case::Mid && is_said(spot));
        let is_likely = self.any(&good, is_said) && self.any(&good, |spot| spot.case == Case::Mid);
        (is_certain || is_likely).then_some(Taken {
            spots: good,
            evident: true,
        })
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
            || self.any(spots, |spot| spot.full.is_some())
    }

    /// Whether the noun beside it says what the name can be.
    fn fits(&self, spot: &Spot) -> bool {
        let candidates = self.lexicon.candidates(self.name);
        spot.noun.is_some_and(|noun| {
            candidates.iter().any(|one| {
                is_entity(one.topic) && (noun != Topic::Tool || one.topic != Topic::Actor)
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

/// Whether an article is about what is named at these spots.
pub(super) fn standing(reading: &Reading, spots: &[usize]) -> Standing {
    let spots = spots.iter().filter_map(|at| reading.spots.get(*at));
    let mut points = 0;
    for spot in spots {
        points += match spot.zone {
            Zone::Aside | Zone::Code => 0,
            _ if spot.others => 1,
            Zone::Title => ENOUGH,
            Zone::Early if reading.is_short => ENOUGH,
            Zone::Early => 8,
            Zone::Heading | Zone::Body => 4,
        };
    }
    if points >= ENOUGH {
        Standing::Subject
    } else {
        Standing::Mention
    }
}

/// Points of a subject: three times in the text, or once in the first lines and once more, or in the title.
const ENOUGH: u32 = 12;

/// How well a cluster fits a name; the smallest is best.
type Preference = (bool, u32, u8, u16, Role, u32);

struct Resolver<'a> {
    knowledge: &'a Knowledge,
    lexicon: &'a Lexicon,
    reading: &'a Reading,
    /// How many of the article's names each cluster has.
    support: HashMap<ClusterId, u32>,
}

impl<'a> Resolver<'a> {
    fn new(
        knowledge: &'a Knowledge,
        lexicon: &'a Lexicon,
        reading: &'a Reading,
        named: &BTreeMap<NameId, Taken>,
    ) -> Self {
        let mut support = HashMap::new();
        for name in named.keys() {
            let mut last = None;
            for candidate in lexicon.candidates(*name) {
                if last != Some(candidate.cluster) {
                    *support.entry(candidate.cluster).or_default() += 1;
                }
                last = Some(candidate.cluster);
            }
        }
        Self {
            knowledge,
            lexicon,
            reading,
            support,
        }
    }

    /// The cluster a name stands for here, or those it may stand for.
    fn resolve(&self, name: NameId, taken: &Taken) -> Option<(Vec<ClusterId>, Topic, bool)> {
        let votes = self.votes(taken);
        let is_actor = self.is_actor(name, &votes);
        let full = self.full(taken);
        let mut fitting: Vec<_> = self
            .lexicon
            .candidates(name)
            .iter()
            .filter(|one| is_entity(one.topic) && (one.topic == Topic::Actor) == is_actor)
            .map(|one| {
                (
                    self.preference(*one, votes.ransomware > 0, full.contains(&one.cluster)),
                    one,
                )
            })
            .collect();
        fitting.sort_unstable();
        let (mut tied, mut topic) = (Vec::new(), None);
        // Galaxy by galaxy: the first that has one answer.
        for group in fitting.chunk_by(|(_, left), (_, right)| left.rank == right.rank) {
            let (first, one) = group.first()?;
            let same: Vec<_> = group
                .iter()
                .take_while(|(other, _)| other == first)
                .map(|(_, one)| one.cluster)
                .collect();
            if same.iter().all(|cluster| *cluster == one.cluster) {
                return Some((vec![one.cluster], one.topic, false));
            }
            if tied.is_empty() {
                (tied, topic) = (same, Some(one.topic));
            }
        }
        tied.sort_unstable();
        tied.dedup();
        Some((tied, topic?, true))
    }

    /// The smallest is preferred. Actors: the galaxy's place, their own name, company of their other names. Malware and
    /// tools, of which each galaxy knows another part: company first, then their own name; what a cluster says of a
    /// platform is believed last, and ransomware is looked for among ransomware.
    fn preference(&self, one: Candidate, is_ransomware: bool, is_full: bool) -> Preference {
        let company = u32::MAX - self.support.get(&one.cluster).copied().unwrap_or(0);
        let role = if is_full { Role::Value } else { one.role };
        if one.topic == Topic::Actor {
            return (!is_full, 0, 0, one.rank, role, company);
        }
        let value = self
            .knowledge
            .cluster(one.cluster)
            .map_or("", |cluster| cluster.value.trim());
        let has_platform = value.ends_with(')') && bare(value).len() < value.len();
        let (class, rank) = match self.kind(one.cluster) {
            "ransomware" if is_ransomware => (0, 0),
            "ransomware" => (u8::from(role != Role::Value), u16::MAX),
            _ if has_platform => (2 + u8::from(!value.ends_with("(Windows)")), one.rank),
            _ => (u8::from(role == Role::Short), one.rank),
        };
        (!is_full, company, class, rank, role, 0)
    }

    /// Clusters that have the name with its noun, as it stands at one of its places.
    fn full(&self, taken: &Taken) -> HashSet<ClusterId> {
        let spots = taken
            .spots
            .iter()
            .filter_map(|at| self.reading.spots.get(*at));
        let names = spots.filter_map(|spot| spot.full);
        names
            .flat_map(|name| self.lexicon.candidates(name))
            .map(|one| one.cluster)
            .collect()
    }

    fn kind(&self, cluster: ClusterId) -> &str {
        let cluster = self.knowledge.cluster(cluster);
        let galaxy = cluster.and_then(|cluster| self.knowledge.galaxy(cluster));
        galaxy.map_or("", |galaxy| &*galaxy.kind)
    }

    fn votes(&self, taken: &Taken) -> Votes {
        let mut votes = Votes::default();
        for spot in taken
            .spots
            .iter()
            .filter_map(|at| self.reading.spots.get(*at))
        {
            match spot.noun {
                Some(Topic::Actor) => votes.actor += 1,
                Some(_) => votes.software += 1,
                None => {}
            }
            votes.ransomware += u32::from(spot.ransomware);
        }
        votes
    }

    /// Whether a name that may be both is an actor's here.
    fn is_actor(&self, name: NameId, votes: &Votes) -> bool {
        let best = |is_actor: bool| {
            let fitting = self.lexicon.candidates(name).iter();
            fitting
                .filter(|one| is_entity(one.topic) && (one.topic == Topic::Actor) == is_actor)
                .map(|one| {
                    (
                        u32::MAX - self.support.get(&one.cluster).copied().unwrap_or(0),
                        one.role,
                        one.rank,
                    )
                })
                .min()
        };
        match (best(true), best(false)) {
            (Some(_), None) => true,
            (None, _) => false,
            _ if votes.ransomware > 0 => false,
            (Some(actor), Some(software)) => match votes.actor.cmp(&votes.software) {
                std::cmp::Ordering::Greater => true,
                std::cmp::Ordering::Less => false,
                std::cmp::Ordering::Equal => actor < software,
            },
        }
    }

    /// Everything a cluster is called, in the form in which names are compared.
    fn names_of(&self, cluster: ClusterId) -> HashSet<Vec<u8>> {
        let Some(cluster) = self.knowledge.cluster(cluster) else {
            return HashSet::new();
        };
        let names = std::iter::once(&cluster.value).chain(&cluster.synonyms);
        names.map(|name| Key::of(bare(name)).bytes).collect()
    }

    /// A cluster's own name.
    fn value(&self, cluster: ClusterId) -> &str {
        let cluster = self.knowledge.cluster(cluster);
        cluster.map_or("", |cluster| bare(&cluster.value))
    }

    /// Adds ATT&CK's own cluster of the same name: who works with ATT&CK correlates by it.
    fn add_attack(&self, entity: &mut Entity) {
        let Some(&chosen) = entity.clusters.first() else {
            return;
        };
        if self.kind(chosen).starts_with("mitre-") {
            return;
        }
        let is_actor = entity.topic == Topic::Actor;
        let twins = entity
            .names
            .iter()
            .flat_map(|name| self.lexicon.candidates(*name))
            .filter(|one| {
                let kind = self.kind(one.cluster);
                one.role != Role::Id
                    && if is_actor {
                        kind == "mitre-intrusion-set"
                    } else {
                        matches!(kind, "mitre-malware" | "mitre-tool")
                    }
            });
        let own = self.names_of(chosen);
        let key = |cluster| Key::of(short(self.value(cluster))).bytes;
        let twins = twins.filter(|one| {
            let theirs = key(one.cluster);
            theirs == key(chosen)
                || own.contains(&theirs)
                || self
                    .names_of(one.cluster)
                    .iter()
                    .any(|name| own.contains(name))
        });
        let mut twins: Vec<_> = twins
            .map(|one| {
                (
                    u32::MAX - self.support.get(&one.cluster).copied().unwrap_or(0),
                    one.role,
                    one.cluster,
                )
            })
            .collect();
        twins.sort_unstable();
        twins.dedup_by_key(|twin| twin.2);
        match twins.as_slice() {
            [one] => entity.clusters.push(one.2),
            [one, other, ..] if (one.0, one.1) < (other.0, other.1) => entity.clusters.push(one.2),
            _ => {}
        }
    }
}

/// A name without the noun that says what it is.
fn short(name: &str) -> &str {
    match name.rsplit_once([' ', '-', '_']) {
        Some((head, noun)) if words::is(noun, role::KIND) => head,
        _ => name,
    }
}

#[derive(Default)]
struct Votes {
    actor: u32,
    software: u32,
    ransomware: u32,
}
