//! ATT&CK techniques of an article.

use std::collections::{BTreeMap, HashSet};

use super::attack::{self, Weight};
use super::domain::Domain;
use super::entities::{Entity, standing};
use super::index::NameId;
use super::lexicon::{Candidate, Lexicon, Name, Role, sort};
use super::names::{Key, bare};
use super::reading::{Case, Reading, Spot, Zone};
use super::{Standing, Topic};
use crate::knowledge::{ClusterId, Knowledge};

/// A technique.
#[derive(Debug)]
pub(super) struct Technique {
    pub cluster: ClusterId,
    pub standing: Standing,
    pub spots: Vec<usize>,
    pub basis: Basis,
}

/// What a technique is taken by; the strongest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Basis {
    /// The article is about ransomware.
    Ransomware,
    /// A term of art.
    Term,
    /// A sentence that tells it.
    Deed,
    /// Its name in ATT&CK's spelling.
    Name,
    /// A link to its page.
    Link,
    /// Its id.
    Id,
}

/// All of them, in order of appearance.
pub(super) fn techniques(
    knowledge: &Knowledge,
    lexicon: &Lexicon,
    reading: &Reading<'_>,
    entities: &[Entity],
) -> Vec<Technique> {
    let is_id = |spot: &&Spot| {
        let candidates = lexicon.candidates(spot.name);
        candidates
            .iter()
            .any(|one| one.role == Role::Id && one.topic == Topic::Technique)
    };
    let with_id = reading.spots.iter().filter(is_id);
    let labelled: Vec<_> = with_id
        .clone()
        .map(|spot| (spot.block, spot.span.start))
        .collect();
    let with_id: HashSet<_> = with_id.map(|spot| (spot.block, spot.name)).collect();
    let is_told = entities.iter().any(|entity| {
        entity.standing == Standing::Subject
            && matches!(entity.topic, Topic::Actor | Topic::Malware)
    });
    let parents = with_id.iter().flat_map(|(block, name)| {
        let parents = parents(knowledge, lexicon, *name);
        parents.map(move |id| (*block, id))
    });
    let finder = Finder {
        knowledge,
        lexicon,
        reading,
        parents: parents.collect(),
        with_id: with_id.into_iter().map(|(block, _)| block).collect(),
        labelled,
        is_told,
    };
    let (mut found, passing) = finder.said();
    finder.add_passing(&mut found, passing);
    if let Some((cluster, at)) = finder.ransomware(entities) {
        take(&mut found, cluster, Basis::Ransomware, at);
    }
    for technique in found.values_mut() {
        technique.spots.sort_unstable();
        technique.spots.dedup();
        technique.standing = finder.standing(technique);
    }
    finder.drop_parents(&mut found);
    let mut list: Vec<Technique> = found.into_values().collect();
    list.sort_by_key(|technique| technique.spots.first().copied());
    list
}

/// The ids of the techniques that those of a name are parts of.
fn parents<'a>(
    knowledge: &'a Knowledge,
    lexicon: &'a Lexicon,
    name: NameId,
) -> impl Iterator<Item = &'a str> {
    let techniques = lexicon.candidates(name).iter();
    let techniques = techniques.filter(|one| one.topic == Topic::Technique);
    techniques.filter_map(|one| {
        let id = knowledge.cluster(one.cluster)?.ids.first()?;
        Some(id.split_once('.')?.0)
    })
}

/// An id behind what it says is at most so many bytes away.
const MAX_LABEL: usize = 24;

/// Techniques by their clusters.
type Found = BTreeMap<ClusterId, Technique>;

fn take(found: &mut Found, cluster: ClusterId, basis: Basis, at: usize) {
    let new = || Technique {
        cluster,
        standing: Standing::Mention,
        spots: Vec::new(),
        basis,
    };
    let technique = found.entry(cluster).or_insert_with(new);
    technique.basis = technique.basis.max(basis);
    technique.spots.push(at);
}

struct Finder<'a> {
    knowledge: &'a Knowledge,
    lexicon: &'a Lexicon,
    reading: &'a Reading<'a>,
    /// Blocks with the id of a technique.
    with_id: HashSet<Option<usize>>,
    /// Blocks with the id of a part of a technique, and the id of that technique.
    parents: HashSet<(Option<usize>, &'a str)>,
    /// Where ids of techniques stand, in order.
    labelled: Vec<(Option<usize>, usize)>,
    /// Whether the article is about somebody who attacks, or what it is done with.
    is_told: bool,
}

impl Finder<'_> {
    /// The techniques that stand in the article, and the places of those that are said in passing.
    fn said(&self) -> (Found, BTreeMap<ClusterId, Vec<usize>>) {
        let mut found = Found::new();
        let mut passing: BTreeMap<ClusterId, Vec<usize>> = BTreeMap::new();
        for (at, spot) in self.reading.spots.iter().enumerate() {
            if let Some((cluster, basis)) = self.named(at, spot) {
                take(&mut found, cluster, basis, at);
                continue;
            }
            if spot.defence || self.reading.whole.is_lesson() {
                continue;
            }
            let term = self.lexicon.name(spot.name).and_then(|name| name.term);
            if let Some(cluster) = self.named_small(at, spot) {
                take(&mut found, cluster, Basis::Term, at);
            }
            if let Some((cluster, weight)) = term.filter(|_| spot.zone != Zone::Code) {
                let cluster = self.of_domain(cluster);
                match weight {
                    Weight::Term => take(&mut found, cluster, Basis::Term, at),
                    Weight::Passing => passing.entry(cluster).or_default().push(at),
                }
            }
            // `exfiltration to the servers [T1567.002]` says itself which is meant.
            let is_labelled = self.is_labelled(spot);
            for cluster in spot.deeds.iter().filter(|_| !is_labelled) {
                take(&mut found, self.of_domain(*cluster), Basis::Deed, at);
            }
        }
        (found, passing)
    }

    /// Adds what is said in passing often enough, or where it counts.
    fn add_passing(&self, found: &mut Found, passing: BTreeMap<ClusterId, Vec<usize>>) {
        for (cluster, spots) in passing {
            let good = || {
                spots
                    .iter()
                    .filter_map(|at| self.reading.spots.get(*at))
                    .filter(|spot| (!spot.others || spot.example) && spot.zone != Zone::Aside)
            };
            let is_enough = good().count() >= 2 || good().any(|spot| spot.zone == Zone::Title);
            if is_enough || found.contains_key(&cluster) {
                for at in spots {
                    take(found, cluster, Basis::Term, at);
                }
            }
        }
    }

    /// The technique that a spot names by its id or in ATT&CK's spelling.
    fn named(&self, at: usize, spot: &Spot) -> Option<(ClusterId, Basis)> {
        let candidates = self.lexicon.candidates(spot.name);
        let technique = |role: Role| {
            let fitting = candidates
                .iter()
                .filter(move |one| one.topic == Topic::Technique && one.role == role);
            fitting
                .min_by_key(|one| self.rank(**one))
                .map(|one| one.cluster)
        };
        let text = self
            .reading
            .text(spot)
            .get(spot.span.clone())
            .unwrap_or_default();
        if let Some(cluster) = technique(Role::Id) {
            // With a small letter it is the tag of a Sigma rule.
            let is_id =
                text.starts_with(['T', 't']) && text.len() >= 5 && !text.contains([' ', '-', '\n']);
            let basis = if spot.linked { Basis::Link } else { Basis::Id };
            return (is_id || spot.linked).then_some((self.in_force(cluster), basis));
        }
        let cluster = self.industrial(spot).or_else(|| technique(Role::Value))?;
        let id = self.id(cluster);
        let is_elsewhere = match id.map(|id| attack::rank(id).0) {
            None => self.reading.whole.domain() != Domain::Industrial,
            Some(domain) => domain == attack::MOBILE && !self.reading.whole.is_mobile(),
        };
        if is_elsewhere {
            return None;
        }
        let is_mid = spot.case == Case::Mid && spot.words > 1 && !self.is_ordinary(spot.name);
        let is_spelt = is_mid && !self.is_parent(cluster, at, spot);
        let is_formal = spot.formal
            && spot.case != Case::Lower
            && spot.zone != Zone::Heading
            && text.len() > 3
            && !self.has_id(spot)
            && !self.is_parent(cluster, at, spot);
        let is_title = || spot.case == Case::Start && self.is_long(spot) && !spot.defence;
        (spot.zone != Zone::Code && (is_spelt || is_formal || is_title()))
            .then_some((cluster, Basis::Name))
    }

    /// The technique for industrial control systems that a spot names behind its id, which misp-galaxy does not have:
    /// `T0857 System Firmware`.
    fn industrial(&self, spot: &Spot) -> Option<ClusterId> {
        let before = self.reading.text(spot).get(..spot.span.start)?;
        let (_, id) = before
            .trim_end_matches([' ', '-', ':', '\t'])
            .rsplit_once('T')
            .unwrap_or_default();
        if id.len() != 4 || !id.starts_with('0') || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let candidates = self.lexicon.candidates(spot.name).iter();
        let mut named =
            candidates.filter(|one| one.topic == Topic::Technique && one.role == Role::Value);
        named
            .find(|one| self.id(one.cluster).is_none())
            .map(|one| one.cluster)
    }

    /// Whether it is the name of a technique that nothing else is called like, in any case, where no id says more.
    fn is_long(&self, spot: &Spot) -> bool {
        let is_long = |name: &Name| name.sorts & sort::LONG != 0;
        spot.words > 2 && self.lexicon.name(spot.name).is_some_and(is_long) && !self.has_id(spot)
    }

    /// The technique that a spot names with small letters, as terms of art do.
    fn named_small(&self, at: usize, spot: &Spot) -> Option<ClusterId> {
        if spot.zone == Zone::Code || !self.is_long(spot) {
            return None;
        }
        let candidates = self.lexicon.candidates(spot.name).iter();
        let values =
            candidates.filter(|one| one.topic == Topic::Technique && one.role == Role::Value);
        let cluster = values.min_by_key(|one| self.rank(**one))?.cluster;
        (!self.is_parent(cluster, at, spot)).then_some(cluster)
    }

    /// What ransomware does, when the article is about some and calls it that more than in passing: where it does.
    fn ransomware(&self, entities: &[Entity]) -> Option<(ClusterId, usize)> {
        let subjects = entities
            .iter()
            .filter(|entity| entity.standing == Standing::Subject);
        let first = subjects.filter_map(|entity| {
            let is_said = |at: &&usize| {
                self.reading
                    .spots
                    .get(**at)
                    .is_some_and(|spot| spot.ransomware && !spot.others)
            };
            let said: Vec<usize> = entity.spots.iter().filter(is_said).copied().collect();
            let first = *said.first()?;
            let is_title = said.iter().any(|at| {
                self.reading
                    .spots
                    .get(*at)
                    .is_some_and(|spot| spot.zone == Zone::Title)
            });
            (said.len() > 1 || is_title).then_some(first)
        });
        let at = first.min().filter(|_| self.reading.whole.is_encrypted())?;
        let name = self.lexicon.index.get(&Key::of(attack::RANSOMWARE).bytes)?;
        let technique = self
            .lexicon
            .candidates(name)
            .iter()
            .find(|one| one.role == Role::Id && one.topic == Topic::Technique)?;
        Some((technique.cluster, at))
    }

    /// Whether an id follows right away.
    fn is_labelled(&self, spot: &Spot) -> bool {
        let end = (spot.block, spot.span.end);
        let next = self.labelled.partition_point(|at| *at < end);
        let next = self.labelled.get(next);
        next.is_some_and(|(block, at)| *block == spot.block && at - spot.span.end <= MAX_LABEL)
    }

    /// Whether an id beside it says which technique is meant.
    fn has_id(&self, spot: &Spot) -> bool {
        self.with_id.contains(&spot.block)
    }

    /// Whether a technique only says of which another is part: the id of that stands in its block, or its name follows.
    fn is_parent(&self, cluster: ClusterId, at: usize, spot: &Spot) -> bool {
        let Some(id) = self.id(cluster).filter(|id| !id.contains('.')) else {
            return false;
        };
        let is_child =
            |name: NameId| parents(self.knowledge, self.lexicon, name).any(|parent| parent == id);
        let is_followed = || {
            let next = self.reading.spots.get(at + 1);
            let next = next.filter(|next| next.block == spot.block);
            let gap = |next: &Spot| {
                let gap = self.reading.text(spot).get(spot.span.end..next.span.start);
                gap.is_some_and(|gap| gap.trim() == ":")
            };
            let is_term = |name: NameId| {
                let term = self.lexicon.name(name).and_then(|name| name.term);
                let child = term.and_then(|(cluster, _)| self.id(cluster));
                child
                    .and_then(|child| child.split_once('.'))
                    .is_some_and(|(parent, _)| parent == id)
            };
            next.is_some_and(|next| gap(next) && (is_child(next.name) || is_term(next.name)))
        };
        self.parents.contains(&(spot.block, id)) || is_followed()
    }

    /// Whether other things are spelt with capitals like it.
    fn is_ordinary(&self, name: NameId) -> bool {
        attack::is_ordinary(self.lexicon.index.key(name))
    }

    /// Which of the techniques with one name is meant: the smallest. Those of industrial control systems have no ids.
    fn rank(&self, one: Candidate) -> (u8, u8, String) {
        let Some(id) = self.id(one.cluster) else {
            return (4, 1, String::new());
        };
        let (domain, sub, id) = attack::rank(id);
        let is_here = domain == attack::MOBILE && self.reading.whole.domain() == Domain::Mobile;
        (if is_here { 0 } else { domain + 1 }, sub, id.to_owned())
    }

    /// What a term stands for in an article on mobile devices: the technique of that name which their matrix has.
    fn of_domain(&self, cluster: ClusterId) -> ClusterId {
        if self.reading.whole.domain() != Domain::Mobile {
            return cluster;
        }
        let value = self
            .knowledge
            .cluster(cluster)
            .map_or("", |known| bare(&known.value));
        let name = self.lexicon.index.get(&Key::of(value).bytes);
        let same = name
            .map(|name| self.lexicon.candidates(name))
            .unwrap_or_default();
        let mobile = same.iter().filter(|one| {
            let id = self.id(one.cluster).unwrap_or_default();
            one.role == Role::Value
                && one.topic == Topic::Technique
                && attack::rank(id).0 == attack::MOBILE
        });
        mobile
            .min_by_key(|one| self.rank(**one))
            .map_or(cluster, |one| one.cluster)
    }

    fn id(&self, cluster: ClusterId) -> Option<&str> {
        let cluster = self.knowledge.cluster(cluster)?;
        cluster.ids.first().map(|id| &**id)
    }

    /// The technique that took the place of a withdrawn one: it has the same name.
    fn in_force(&self, cluster: ClusterId) -> ClusterId {
        let Some(id) = self.id(cluster).filter(|id| !id.contains('.')) else {
            return cluster;
        };
        let value = self
            .knowledge
            .cluster(cluster)
            .map_or("", |cluster| bare(&cluster.value));
        let name = self.lexicon.index.get(&Key::of(value).bytes);
        let same = name
            .map(|name| self.lexicon.candidates(name))
            .unwrap_or_default();
        let subs = same.iter().filter(|one| {
            let other = self.id(one.cluster).unwrap_or_default();
            one.role == Role::Value
                && one.topic == Topic::Technique
                && other.contains('.')
                && attack::rank(other).0 == attack::rank(id).0
        });
        subs.min_by_key(|one| self.rank(**one))
            .map_or(cluster, |one| one.cluster)
    }

    /// Leaves out a technique that only words stand for when one of its sub-techniques is there, and counts as much.
    fn drop_parents(&self, found: &mut Found) {
        let parents: Vec<(String, Standing)> = found
            .iter()
            .filter_map(|(cluster, technique)| {
                let (parent, _) = self.id(*cluster)?.split_once('.')?;
                Some((parent.to_owned(), technique.standing))
            })
            .collect();
        found.retain(|cluster, technique| {
            let id = self.id(*cluster).unwrap_or_default();
            let is_covered = |(parent, standing): &(String, Standing)| {
                parent == id && (*standing == Standing::Subject || technique.standing == *standing)
            };
            technique.basis > Basis::Deed || !parents.iter().any(is_covered)
        });
    }

    fn standing(&self, technique: &Technique) -> Standing {
        let is_weak = |spot: &Spot| technique.basis <= Basis::Deed && self.is_talk(technique, spot);
        let spots = technique
            .spots
            .iter()
            .filter_map(|at| self.reading.spots.get(*at));
        let mut strong = spots.filter(|spot| !is_weak(spot)).peekable();
        if strong.peek().is_none() {
            return Standing::Mention;
        }
        let is_said = strong.any(|spot| {
            (!spot.others || spot.example) && !spot.defence && spot.zone != Zone::Aside
        });
        if is_said {
            Standing::Subject
        } else {
            standing(self.reading, &technique.spots, false)
        }
    }

    /// Whether a spot speaks of a technique that nobody uses there: in the notes of a product, or of a lure in an article
    /// that tells of no attack.
    fn is_talk(&self, technique: &Technique, spot: &Spot) -> bool {
        let whole = &self.reading.whole;
        whole.is_notes() || (!self.is_told && !spot.told && self.is_lure(technique, spot))
    }

    /// Whether a technique is one that everybody writes of, and a spot tells of no campaign.
    fn is_lure(&self, technique: &Technique, spot: &Spot) -> bool {
        let id = self.id(technique.cluster).unwrap_or_default();
        let text = self.reading.text(spot).get(spot.span.clone());
        attack::is_lure(id) && !text.is_some_and(|text| text.to_lowercase().ends_with("campaign"))
    }
}
