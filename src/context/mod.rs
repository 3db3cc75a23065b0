//! Context: who, what and how. Names of galaxy clusters, ATT&CK techniques, markings and rules of one's own, told
//! apart into what an article is about and what it mentions.

mod aims;
mod attack;
mod beside;
mod choice;
mod deeds;
mod domain;
mod entities;
mod filter;
mod index;
mod labels;
mod lexicon;
mod links;
mod looking;
mod markings;
mod matcher;
mod matchers;
mod names;
mod nations;
mod pass;
mod phrases;
mod reading;
mod resolve;
pub mod rules;
#[cfg(test)]
pub(crate) mod samples;
mod sentences;
mod table;
mod targets;
mod techniques;
#[cfg(test)]
mod tests;
pub mod tlp;
mod words;

use std::ops::Range;

use uuid::Uuid;

pub use self::choice::{Choice, Wanted, name};
pub use self::matcher::{DEFAULT_GALAXIES, Document, Explained, Matcher, Meaning, Needs, Settings};
pub(crate) use self::matchers::rules;
pub use self::matchers::{Matchers, unknown_names};
pub(crate) use self::sentences::sentence;

/// A tag that an article earned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextTag {
    /// As it stands on the event: `misp-galaxy:threat-actor="APT28"`, `tlp:amber`.
    pub tag: String,
    /// The galaxy cluster it stands for.
    pub cluster: Option<Uuid>,
    /// What it speaks of.
    pub topic: Topic,
    /// What it is to the article.
    pub standing: Standing,
    /// Why, for people: `named in the title and 7 times`.
    pub reason: String,
    /// The sentence that earned it, bounded.
    pub sentence: String,
    /// Everywhere it is named, in order of appearance; first of all where that sentence stands.
    pub places: Vec<Place>,
}

/// What a tag speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Topic {
    /// A threat actor.
    Actor,
    /// Malware.
    Malware,
    /// A tool that is not malicious by itself.
    Tool,
    /// An ATT&CK technique or tactic.
    Technique,
    /// A sector that is attacked.
    Sector,
    /// A country or region that is attacked.
    Target,
    /// How far the article may be passed on.
    Marking,
    /// A rule of one's own.
    Rule,
}

/// What a tag is to the article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// The article is about it.
    Subject,
    /// The article names it besides: for comparison, as history, in a negation.
    Mention,
}

/// Where a name stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Index of the block; `None` for the title.
    pub block: Option<usize>,
    /// Bytes of that block's text, or of the title.
    pub span: Range<usize>,
}

impl Topic {
    /// Its word: `actor`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Actor => "actor",
            Self::Malware => "malware",
            Self::Tool => "tool",
            Self::Technique => "technique",
            Self::Sector => "sector",
            Self::Target => "target",
            Self::Marking => "marking",
            Self::Rule => "rule",
        }
    }
}

impl Standing {
    /// Its word: `subject`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Mention => "mention",
        }
    }
}
