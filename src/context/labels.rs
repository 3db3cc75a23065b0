//! What labels of the feed's entry and of the page add to what an article is about.
//!
//! A label is no name in the text: it never makes a tag. It weighs for what the text names, as much as a place in the first
//! lines; one of many, as blogs write them for search engines, as much as one place more.

use std::collections::HashSet;

use super::entities::Entity;
use super::index::NameId;
use super::lexicon::{Class, Lexicon};
use super::names::Key;
use crate::knowledge::ClusterId;

/// More labels than these are keywords, written without much thought.
const FEW: usize = 10;

/// Points of one of few labels, and of one of many. Twelve make a subject (see `entities`).
const WEIGHT: u32 = 8;
const LITTLE: u32 = 4;

/// The labels of an article, looked up.
pub(super) struct Labels {
    /// The names that they are.
    names: HashSet<NameId>,
    /// What those of them stand for that are nobody else's.
    clusters: HashSet<ClusterId>,
    weight: u32,
}

impl Labels {
    pub(super) fn of(lexicon: &Lexicon, labels: &[String]) -> Self {
        let found = labels.iter().map(|label| Key::of(label).bytes);
        let names: HashSet<NameId> = found.filter_map(|key| lexicon.index.get(&key)).collect();
        let is_own = |id: &&NameId| {
            let name = lexicon.name(**id);
            name.is_some_and(|name| name.class == Class::Own)
        };
        let own = names.iter().filter(is_own);
        let clusters = own
            .flat_map(|id| lexicon.candidates(*id))
            .map(|one| one.cluster);
        Self {
            clusters: clusters.collect(),
            weight: if labels.len() > FEW { LITTLE } else { WEIGHT },
            names,
        }
    }

    /// The points that they add to an actor, malware or tool that the text names.
    pub(super) fn weight(&self, entity: &Entity) -> u32 {
        let is_named = entity.names.iter().any(|name| self.names.contains(name));
        let is_meant = || {
            entity
                .clusters
                .iter()
                .any(|one| self.clusters.contains(one))
        };
        if is_named || is_meant() {
            self.weight
        } else {
            0
        }
    }
}
