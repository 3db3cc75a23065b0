//! What is read from a feed, before anything is made of it.

use url::Url;

use super::names::Field;

/// Values kept of one entry, and of the channel, its categories aside.
const MAX_LEAVES: usize = 64;

/// Categories kept of one entry, and of the channel.
const MAX_CATEGORIES: usize = 64;

/// The dialect, from the root element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Root {
    /// `rss`, with its version as written.
    Rss(String),
    /// `rdf:RDF`; whether it is the Netscape dialect, RSS 0.90.
    Rdf { netscape: bool },
    /// `feed`, version 0.3 or older, or 1.0.
    Atom { old: bool },
    /// Entries without a root element.
    Missing { atom: bool },
}

/// One value of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leaf {
    pub(crate) field: Field,
    pub(crate) text: String,
    /// `href`, `rel`, `type`, `isPermaLink`, `term` and `label`, by lower-cased name.
    pub(crate) attributes: Vec<(String, String)>,
    /// How deep it stood: of two of a kind the shallower counts.
    pub(crate) depth: usize,
    /// `xml:base` in force, if there is one.
    pub(crate) base: Option<Url>,
}

impl Leaf {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// An entry, or the channel: its values in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) leaves: Vec<Leaf>,
    /// `rdf:about`, or the `href` of CDF.
    pub(crate) about: Option<String>,
    pub(crate) base: Option<Url>,
}

impl Item {
    /// The values of one kind, the shallowest only.
    pub(crate) fn all(&self, field: Field) -> impl Iterator<Item = &Leaf> {
        let filled = move |leaf: &&Leaf| {
            leaf.field == field && (!leaf.text.is_empty() || leaf.attribute("href").is_some())
        };
        let depth = self
            .leaves
            .iter()
            .filter(filled)
            .map(|leaf| leaf.depth)
            .min();
        self.leaves
            .iter()
            .filter(filled)
            .filter(move |leaf| Some(leaf.depth) == depth)
    }

    /// Adds a value, up to a bound. Categories, of which there may be any number, do not use up the room of others.
    pub(crate) fn add(&mut self, leaf: Leaf) {
        let is_category = |leaf: &Leaf| leaf.field == Field::Category;
        let alike = |other: &&Leaf| is_category(other) == is_category(&leaf);
        let most = if is_category(&leaf) {
            MAX_CATEGORIES
        } else {
            MAX_LEAVES
        };
        if self.leaves.iter().filter(alike).count() < most {
            self.leaves.push(leaf);
        }
    }

    /// Its categories: `term` and `label` of Atom, or the text of one.
    pub(crate) fn categories(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let all = self
            .leaves
            .iter()
            .filter(|leaf| leaf.field == Field::Category);
        all.filter_map(|leaf| {
            let filled = |text: &&str| !text.is_empty();
            let label = leaf.attribute("label").filter(filled);
            let term = leaf.attribute("term").filter(filled).or(label);
            Some((term.or(Some(&*leaf.text)).filter(filled)?, label))
        })
    }
}

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) root: Option<Root>,
    pub(crate) channel: Item,
    pub(crate) items: Vec<Item>,
    /// The first element was `html`.
    pub(crate) html: bool,
}
