//! The names of a knowledge, ready for matching: what each may stand for, and how much evidence it needs.

use std::collections::{HashMap, HashSet};

use super::attack::{self, Weight};
use super::deeds::Deeds;
use super::domain::Signs;
use super::index::{Index, NameId, Passing};
use super::names::{Key, bare, is_attack_id};
use super::nations;
use super::phrases::Phrases;
use super::words::{self, role};
use super::{Settings, Topic};
use crate::knowledge::words::{is_name, is_word};
use crate::knowledge::{Cluster, ClusterId, Knowledge};

/// Index and what stands behind its names.
#[derive(Debug)]
pub(super) struct Lexicon {
    pub index: Index,
    names: Vec<Name>,
    candidates: Vec<Candidate>,
    pub phrases: Phrases,
    pub deeds: Deeds,
    pub signs: Signs,
    /// The technique of run keys, and a term for it.
    pub run_key: Option<(NameId, ClusterId)>,
}

/// A name.
#[derive(Debug, Clone, Default)]
pub(super) struct Name {
    first: u32,
    count: u32,
    pub class: Class,
    /// Whether it is a cluster's own name in capitals: `HAFNIUM`.
    pub shouted: bool,
    /// What it may stand for, as bits of [`sort`].
    pub sorts: u16,
    /// The technique it is a term of art for.
    pub term: Option<(ClusterId, Weight)>,
}

impl Name {
    /// Whether it may be what it stands for when it begins with a small letter, in one word or in several.
    pub(super) fn may_be_small(&self, is_several: bool) -> bool {
        self.sorts & (sort::SECTOR | sort::TERM | sort::SMALL) != 0
            || (self.sorts & sort::LONG != 0 && is_several)
            || (self.sorts & sort::ENTITY != 0 && (is_several || self.class == Class::Own))
    }
}

/// Sorts of things that a name may stand for, as bits.
pub(super) mod sort {
    /// Actor, malware or tool, and it may be taken from prose.
    pub(crate) const ENTITY: u16 = 1;
    /// Any of these by its id.
    pub(crate) const ID: u16 = 1 << 1;
    /// Technique, by its name.
    pub(crate) const TECHNIQUE: u16 = 1 << 2;
    /// Technique, by a term of art.
    pub(crate) const TERM: u16 = 1 << 3;
    /// Country.
    pub(crate) const PLACE: u16 = 1 << 4;
    /// Sector.
    pub(crate) const SECTOR: u16 = 1 << 5;
    /// What a technique is done to or with.
    pub(crate) const THING: u16 = 1 << 6;
    /// The same, with a small letter too.
    pub(crate) const SMALL: u16 = 1 << 7;
    /// A word that says something of the whole article, or a marking.
    pub(crate) const SIGN: u16 = 1 << 8;
    /// Technique, by a name so long that nothing else is called like it, in any case.
    pub(crate) const LONG: u16 = 1 << 9;
}

/// How much evidence a name needs to be taken for one of an actor, malware or a tool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Class {
    /// It is taken from no text.
    Never,
    /// It is a word or product besides.
    Common,
    /// Nothing else is called like this.
    #[default]
    Own,
}

/// What a name may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// Place of its galaxy in the order of preference.
    pub rank: u16,
    pub role: Role,
    pub topic: Topic,
    pub cluster: ClusterId,
    /// Whether a group may go by its name: an actor, or ransomware.
    pub is_group: bool,
}

/// What a name is to a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// Its id elsewhere.
    Id,
    /// Its own name.
    Value,
    /// One of its other names.
    Synonym,
    /// One of these without the noun that says what it is.
    Short,
    /// Another word for a country or sector: `Italian`, `medical`.
    Word,
    /// Who or what is of a sector: `hospital`.
    Victim,
}

impl Lexicon {
    pub(super) fn new(knowledge: &Knowledge, settings: &Settings) -> Self {
        let mut building = Building::default();
        let ranks: HashMap<&str, u16> = (0..)
            .zip(&settings.galaxies)
            .map(|(n, kind)| (kind.as_str(), n))
            .collect();
        let galaxies: Vec<_> = knowledge
            .galaxies
            .iter()
            .map(|galaxy| Some((*ranks.get(&*galaxy.kind)?, topic(&galaxy.kind)?)))
            .collect();
        let vocabulary = Vocabulary::new();
        for (cluster, id) in knowledge.clusters.iter().zip(0..) {
            let Some(&Some((rank, topic))) = galaxies.get(usize::from(cluster.galaxy)) else {
                continue;
            };
            let role = |role| Candidate {
                rank,
                role,
                topic,
                cluster: id,
                is_group: topic == Topic::Actor || ransoms(galaxy_kind(knowledge, cluster)),
            };
            let value = building.named(bare(&cluster.value), role(Role::Value));
            let id = cluster.ids.first();
            if topic == Topic::Technique && id.is_some_and(|id| attack::is_long(&cluster.value, id))
            {
                building.long.extend(value);
            }
            for synonym in &cluster.synonyms {
                building.named(bare(synonym), role(Role::Synonym));
            }
            for external in cluster.ids.iter().filter(|external| is_attack_id(external)) {
                building.add(&Key::of(external), role(Role::Id));
            }
            for (word, kind) in vocabulary.of(topic, &cluster.value) {
                building.add(&Key::of(word), role(*kind));
            }
        }
        building.done()
    }

    pub(super) fn name(&self, id: NameId) -> Option<&Name> {
        self.names.get(id as usize)
    }

    /// What a name may stand for, the preferred galaxies first.
    pub(super) fn candidates(&self, id: NameId) -> &[Candidate] {
        let range = self
            .name(id)
            .map(|name| name.first as usize..(name.first + name.count) as usize);
        range
            .and_then(|range| self.candidates.get(range))
            .unwrap_or_default()
    }
}

fn galaxy_kind<'a>(knowledge: &'a Knowledge, cluster: &Cluster) -> &'a str {
    let galaxy = knowledge.galaxy(cluster);
    galaxy.map_or("", |galaxy| &galaxy.kind)
}

/// Whether the clusters of a galaxy are ransomware.
fn ransoms(kind: &str) -> bool {
    kind == "ransomware"
}

/// Other words for countries and sectors, by what the galaxies call these.
struct Vocabulary(HashMap<(Topic, &'static str), Vec<(&'static str, Role)>>);

impl Vocabulary {
    fn new() -> Self {
        let mut words: HashMap<_, Vec<_>> = HashMap::new();
        for (topic, role, table) in [
            (Topic::Target, Role::Word, nations::NATIONS),
            (Topic::Sector, Role::Word, nations::SECTORS),
            (Topic::Sector, Role::Victim, nations::VICTIMS),
        ] {
            for (name, others) in table {
                let known = words.entry((topic, *name)).or_default();
                known.extend(others.iter().map(|word| (*word, role)));
            }
        }
        Self(words)
    }

    fn of<'a>(&'a self, topic: Topic, name: &'a str) -> &'a [(&'static str, Role)] {
        if !matches!(topic, Topic::Target | Topic::Sector) {
            return &[];
        }
        self.0.get(&(topic, name)).map_or(&[], Vec::as_slice)
    }
}

/// What the clusters of a galaxy are; `None` for those no tag is taken from.
pub(super) fn topic(kind: &str) -> Option<Topic> {
    let has = |parts: &[&str]| parts.iter().any(|part| kind.contains(part));
    Some(if has(&["attack-pattern", "technique"]) {
        Topic::Technique
    } else if has(&[
        "threat-actor",
        "intrusion-set",
        "activity-group",
        "-groups",
        "360net",
    ]) {
        Topic::Actor
    } else if kind == "sector" {
        Topic::Sector
    } else if kind == "target-information" {
        Topic::Target
    } else if has(&["-tool"]) {
        Topic::Tool
    } else if has(&[
        "malpedia",
        "malware",
        "ransomware",
        "tool",
        "rat",
        "stealer",
        "botnet",
        "banker",
        "backdoor",
        "cryptominers",
        "exploit-kit",
        "tds",
        "android",
        "software",
    ]) {
        Topic::Malware
    } else {
        return None;
    })
}

#[derive(Default)]
struct Building {
    index: Option<Index>,
    pairs: Vec<(NameId, Candidate)>,
    /// Clusters' own names in capitals.
    shouted: HashSet<NameId, Passing>,
    /// Names of techniques that nothing else is called like.
    long: HashSet<NameId, Passing>,
}

impl Building {
    fn add(&mut self, key: &Key, candidate: Candidate) {
        self.insert(key, candidate);
    }

    fn insert(&mut self, key: &Key, candidate: Candidate) -> Option<NameId> {
        let name = self.index.get_or_insert_with(Index::new).add(key)?;
        self.pairs.push((name, candidate));
        Some(name)
    }

    /// A name, and what is left of it without the noun that says what it is: `Mallox` of `Mallox Ransomware`.
    fn named(&mut self, name: &str, candidate: Candidate) -> Option<NameId> {
        let key = Key::of(name);
        let mut id = None;
        if !key.bytes.is_empty() {
            id = self.insert(&key, candidate);
            if candidate.role == Role::Value && !name.bytes().any(|byte| byte.is_ascii_lowercase())
            {
                self.shouted.extend(id);
            }
        }
        if matches!(candidate.topic, Topic::Actor | Topic::Malware | Topic::Tool)
            && let Some((head, noun)) = name.rsplit_once([' ', '-', '_'])
            && words::is(noun, role::KIND)
            && head.len() >= MIN_HEAD
        {
            self.add(
                &Key::of(head),
                Candidate {
                    role: Role::Short,
                    ..candidate
                },
            );
        }
        id
    }

    fn done(self) -> Lexicon {
        let Self {
            index,
            mut pairs,
            shouted,
            long,
        } = self;
        let mut index = index.unwrap_or_else(Index::new);
        let by_id = technique_ids(&pairs);
        let terms = terms(&mut index, &by_id);
        let deeds = Deeds::new(&mut index, |index, id| technique(index, &by_id, id));
        let signs = Signs::new(&mut index);
        pairs.sort_unstable();
        pairs.dedup();
        let lists = Lists::new();
        let mut names = Vec::new();
        let mut at = 0;
        for id in 0..index.len() {
            let first = at;
            while pairs.get(at).is_some_and(|(name, _)| *name == id) {
                at += 1;
            }
            let class = lists.class(index.key(id));
            let term = terms.get(&id).copied();
            let candidates = pairs.get(first..at).unwrap_or_default().iter();
            let sorts = candidates.fold(0, |sorts, (_, one)| sorts | sort_of(*one, class));
            let of_term = if term.is_some() { sort::TERM } else { 0 };
            let of_deed = of_word(deeds.thing(id), sort::THING);
            let of_whole = of_word(signs.may_be_small(id), sort::SIGN);
            // A term of art says by itself how much it takes.
            let is_long = term.is_none() && long.contains(&id);
            let of_long = if is_long { sort::LONG } else { 0 };
            names.push(Name {
                first: u32::try_from(first).unwrap_or(0),
                count: u32::try_from(at - first).unwrap_or(0),
                class,
                shouted: shouted.contains(&id),
                sorts: sorts | of_term | of_deed | of_whole | of_long,
                term,
            });
        }
        let run_key = index.get(&Key::of(attack::RUN_KEY).bytes);
        let run_key = run_key.and_then(|name| Some((name, terms.get(&name)?.0)));
        index.finish(|id, is_several| {
            names
                .get(id as usize)
                .is_some_and(|name: &Name| name.may_be_small(is_several))
        });
        let candidates = pairs.into_iter().map(|(_, candidate)| candidate).collect();
        Lexicon {
            index,
            names,
            candidates,
            phrases: Phrases::new(),
            deeds,
            signs,
            run_key,
        }
    }
}

/// The bits of a word that is of a sort, by whether it may be small.
fn of_word(may_be_small: Option<bool>, sort: u16) -> u16 {
    match may_be_small {
        Some(true) => sort | sort::SMALL,
        Some(false) => sort,
        None => 0,
    }
}

fn sort_of(one: Candidate, class: Class) -> u16 {
    match (one.role, one.topic) {
        (Role::Id, _) => sort::ID,
        (_, Topic::Technique) => sort::TECHNIQUE,
        (_, Topic::Target) => sort::PLACE,
        (Role::Value | Role::Synonym, Topic::Sector) if class == Class::Never => 0,
        (_, Topic::Sector) => sort::SECTOR,
        (_, _) if class == Class::Never => 0,
        _ => sort::ENTITY,
    }
}

/// What is left of a name without its noun is at least this long.
const MIN_HEAD: usize = 3;

/// The cluster of a technique's id.
fn technique(index: &Index, by_id: &HashMap<NameId, ClusterId>, id: &str) -> Option<ClusterId> {
    let name = index.get(&Key::of(id).bytes)?;
    by_id.get(&name).copied()
}

/// Techniques by the names that are their ids, those of the preferred galaxy first.
fn technique_ids(pairs: &[(NameId, Candidate)]) -> HashMap<NameId, ClusterId> {
    let ids = pairs
        .iter()
        .filter(|(_, one)| one.role == Role::Id && one.topic == Topic::Technique);
    ids.rev().map(|(name, one)| (*name, one.cluster)).collect()
}

/// Terms of art, by name.
fn terms(
    index: &mut Index,
    by_id: &HashMap<NameId, ClusterId>,
) -> HashMap<NameId, (ClusterId, Weight)> {
    let mut terms = HashMap::new();
    for (id, weight, phrases) in attack::TERMS {
        let Some(cluster) = technique(index, by_id, id) else {
            continue;
        };
        for phrase in *phrases {
            if let Some(name) = index.add(&Key::of(phrase)) {
                terms.insert(name, (cluster, *weight));
            }
        }
    }
    terms
}

/// Whether a dictionary has a word, in lower case: as a word, or as a name of people, places and figures.
pub(super) fn is_everyday(word: &str) -> bool {
    is_word(word) || is_name(word)
}

struct Lists {
    never: HashSet<Vec<u8>, Passing>,
    common: HashSet<Vec<u8>, Passing>,
}

impl Lists {
    fn new() -> Self {
        let keys = |list| words::list(list).map(|word| Key::of(word).bytes).collect();
        Self {
            never: keys(words::NEVER),
            common: keys(words::COMMON),
        }
    }

    fn class(&self, key: &[u8]) -> Class {
        // `cmd.exe` is what `cmd` is.
        let stem = key.strip_suffix(b"exe").unwrap_or(key);
        let letters = key.iter().filter(|byte| !byte.is_ascii_digit()).count();
        if key.len() < 2 || letters == 0 || self.never.contains(stem) {
            return Class::Never;
        }
        let is_common = letters < 2
            || key.len() <= 3
            || self.common.contains(key)
            || std::str::from_utf8(key).is_ok_and(is_everyday);
        if is_common { Class::Common } else { Class::Own }
    }
}
