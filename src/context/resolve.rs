//! Which cluster a name of an actor, malware or a tool stands for.

use std::cell::LazyCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::Topic;
use super::entities::{Entity, Taken};
use super::index::NameId;
use super::lexicon::{Candidate, Lexicon, Role};
use super::looking::is_entity;
use super::names::{Key, bare};
use super::reading::Reading;
use super::words::{self, role};
use crate::knowledge::{ClusterId, Knowledge};

/// How well a cluster fits a name; the smallest is best.
type Preference = (bool, bool, u32, u8, u16, Role, u32);

/// Which cluster a name stands for.
pub(super) struct Resolver<'a> {
    knowledge: &'a Knowledge,
    lexicon: &'a Lexicon,
    reading: &'a Reading<'a>,
    /// How many of the article's names each cluster has.
    support: HashMap<ClusterId, u32>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(
        knowledge: &'a Knowledge,
        lexicon: &'a Lexicon,
        reading: &'a Reading<'a>,
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
    pub(super) fn resolve(
        &self,
        name: NameId,
        taken: &Taken,
    ) -> Option<(Vec<ClusterId>, Topic, bool)> {
        let votes = self.votes(taken);
        let is_actor = self.is_actor(name, &votes, taken);
        let full = self.full(taken);
        // What nothing else is said of may be ransomware in an article that speaks of such; groups are called by theirs.
        let may_be = votes.software == 0
            && (self.reading.speaks_of_ransomware()
                || (votes.actor > 0 && !self.is_other_software(name)));
        let mut fitting: Vec<_> = self
            .lexicon
            .candidates(name)
            .iter()
            .filter(|one| is_entity(one.topic) && (one.topic == Topic::Actor) == is_actor)
            .map(|one| {
                (
                    self.preference(*one, &votes, may_be, full.contains(&one.cluster)),
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
    /// tools, of which each galaxy knows another part: what is called ransomware is the ransomware of that very name;
    /// else company first, then their own name; what a cluster says of a platform is believed last, and ransomware is
    /// looked for among ransomware.
    fn preference(&self, one: Candidate, votes: &Votes, may_be: bool, is_full: bool) -> Preference {
        let is_ransomware = votes.ransomware > 0;
        let company = u32::MAX - self.support.get(&one.cluster).copied().unwrap_or(0);
        let role = if is_full { Role::Value } else { one.role };
        if one.topic == Topic::Actor {
            return (!is_full, false, 0, 0, one.rank, role, company);
        }
        let value = self
            .knowledge
            .cluster(one.cluster)
            .map_or("", |cluster| cluster.value.trim());
        let has_platform = value.ends_with(')') && bare(value).len() < value.len();
        let kind = self.kind(one.cluster);
        let is_so_called = is_ransomware && kind == "ransomware" && role == Role::Value;
        let (class, rank) = match kind {
            "ransomware" if is_ransomware || may_be => (0, 0),
            "ransomware" => (u8::from(role != Role::Value), u16::MAX),
            _ if has_platform => (2 + self.platform(value), one.rank),
            _ => (u8::from(role == Role::Short), one.rank),
        };
        (!is_full, !is_so_called, company, class, rank, role, 0)
    }

    /// How little a platform behind a name fits the article: Windows is next to the one that it speaks of.
    fn platform(&self, value: &str) -> u8 {
        match value {
            value if value.ends_with(self.reading.whole.platform()) => 0,
            value if value.ends_with("(Windows)") => 1,
            _ => 2,
        }
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
    fn is_actor(&self, name: NameId, votes: &Votes, taken: &Taken) -> bool {
        let best = |is_actor: bool| {
            let fitting = self.lexicon.candidates(name).iter();
            fitting
                .filter(|one| is_entity(one.topic) && (one.topic == Topic::Actor) == is_actor)
                .map(|one| {
                    (
                        u32::MAX - self.support.get(&one.cluster).copied().unwrap_or(0),
                        one.role,
                        one.rank,
                        one.cluster,
                    )
                })
                .min()
        };
        match (best(true), best(false)) {
            (Some(_), None) => true,
            (None, _) => false,
            _ if votes.ransomware > 0 => false,
            (Some(actor), Some(software)) => match votes.actor.cmp(&votes.software) {
                // `the Royal group` is that of the ransomware, and not `Royal APT`.
                std::cmp::Ordering::Greater => {
                    actor.1 != Role::Short
                        || software.1 != Role::Value
                        || self.full(taken).contains(&actor.3)
                }
                std::cmp::Ordering::Less => false,
                std::cmp::Ordering::Equal => {
                    let is_group_only =
                        software.1 == Role::Value && self.is_qualified(name, actor.3);
                    (actor < software || self.is_widely_actor(name))
                        && (!is_group_only || self.is_aliased(taken))
                }
            },
        }
    }

    /// Whether a galaxy has it as the name of other malware than ransomware: `Anubis`; ATT&CK's say nothing of that.
    fn is_other_software(&self, name: NameId) -> bool {
        let candidates = self.lexicon.candidates(name).iter();
        let mut own =
            candidates.filter(|one| one.topic == Topic::Malware && one.role == Role::Value);
        own.any(|one| {
            let kind = self.kind(one.cluster);
            kind != "ransomware" && !kind.starts_with("mitre-")
        })
    }

    /// Whether several galaxies of actors have the name: `OceanLotus`, which one of malware has, too.
    fn is_widely_actor(&self, name: NameId) -> bool {
        let candidates = self.lexicon.candidates(name).iter();
        let is_name = |role| matches!(role, Role::Value | Role::Synonym);
        let actors = candidates.filter(|one| one.topic == Topic::Actor && is_name(one.role));
        actors.map(|one| one.rank).collect::<HashSet<_>>().len() > 1
    }

    /// Whether a cluster has a name only with what tells it from something else of that name: Sandworm is called
    /// `BlackEnergy (Group)`, after what it used.
    fn is_qualified(&self, name: NameId, cluster: ClusterId) -> bool {
        let key = self.lexicon.index.key(name);
        let Some(cluster) = self.knowledge.cluster(cluster) else {
            return false;
        };
        let mut names = cluster
            .synonyms
            .iter()
            .filter(|one| Key::of(bare(one)).bytes == key)
            .peekable();
        names.peek().is_some() && names.all(|one| bare(one).len() < one.len())
    }

    /// Whether the text says that it is another name of an actor: `Sandworm Team (BlackEnergy)`.
    fn is_aliased(&self, taken: &Taken) -> bool {
        let spot = |at: usize| self.reading.spots.get(at);
        let is_alias = |at: usize| spot(at).is_some_and(|spot| spot.is_alias);
        let is_actor = |at: usize| {
            let candidates = spot(at).map(|spot| self.lexicon.candidates(spot.name));
            let mut candidates = candidates.unwrap_or_default().iter();
            candidates.any(|one| one.topic == Topic::Actor)
        };
        taken.spots.iter().any(|&at| {
            let is_before = at.checked_sub(1).is_some_and(is_actor);
            (is_alias(at) && is_before) || (is_alias(at + 1) && is_actor(at + 1))
        })
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
    pub(super) fn add_attack(&self, entity: &mut Entity) {
        let Some(&chosen) = entity.clusters.first() else {
            return;
        };
        if self.kind(chosen).starts_with("mitre-") {
            return;
        }
        let is_actor = entity.topic == Topic::Actor;
        let is_attack = |one: &Candidate| {
            let kind = self.kind(one.cluster);
            one.role != Role::Id
                && if is_actor {
                    kind == "mitre-intrusion-set"
                } else {
                    matches!(kind, "mitre-malware" | "mitre-tool")
                }
        };
        let twins = entity.names.iter().flat_map(|name| {
            let candidates = self.lexicon.candidates(*name);
            let has_name = |one: &Candidate| one.role > Role::Id && one.role < Role::Short;
            let is_ours = |one: &Candidate| one.cluster == chosen && has_name(one);
            let is_shared = candidates.iter().any(is_ours);
            let twins = candidates.iter().filter(|one| is_attack(one));
            twins.map(move |one| (one, is_shared && has_name(one)))
        });
        let twins: Vec<_> = twins.collect();
        if twins.is_empty() {
            return;
        }
        let key = |cluster| Key::of(short(self.value(cluster))).bytes;
        let own = LazyCell::new(|| self.names_of(chosen));
        let twins = twins.into_iter().filter(|(one, has_same)| {
            *has_same || {
                let theirs = key(one.cluster);
                theirs == key(chosen)
                    || own.contains(&theirs)
                    || self
                        .names_of(one.cluster)
                        .iter()
                        .any(|name| own.contains(name))
            }
        });
        let namesake = key(chosen);
        let mut twins: Vec<_> = twins
            .map(|(one, _)| {
                let support = self.support.get(&one.cluster).copied().unwrap_or(0);
                // Its namesake, before one that shares more of the names that stand here.
                let is_namesake = key(one.cluster) == namesake;
                ((!is_namesake, u32::MAX - support, one.role), one.cluster)
            })
            .collect();
        twins.sort_unstable();
        twins.dedup_by_key(|twin| twin.1);
        match twins.as_slice() {
            [one] => entity.clusters.push(one.1),
            [one, other, ..] if one.0 < other.0 => entity.clusters.push(one.1),
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
