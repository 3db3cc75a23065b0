//! The judge: what of the well-formed values in an article is an indicator, and why.
//!
//! It reads the whole article: where a value stood, how it was written, what the words around it call it, what
//! else the article does. Every verdict has a reason that people can read.

mod benign;
mod beside;
mod document;
mod evidence;
mod hosts;
mod ids;
mod lists;
mod merge;
mod pages;
mod reason;
mod rules;
mod sections;
mod shape;
mod sites;
mod words;

use std::ops::Range;
use std::sync::Arc;

use url::Url;

use self::document::Outline;
use self::evidence::Evidence;
use self::lists::Wish;
pub use self::lists::{OwnLists, OwnListsError};
use self::rules::Ruling;
use super::warninglists::{Action, Warninglists};
use super::{Find, Kind, Origin};
use crate::article::blocks::Block;

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// Where it was found; its own site is no indicator.
    pub url: Option<&'a Url>,
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
    own: Arc<OwnLists>,
}

impl Judge {
    /// A judge that knows these lists of harmless values.
    pub fn new(warninglists: Arc<Warninglists>) -> Self {
        Self {
            warninglists,
            own: Arc::default(),
        }
    }

    /// A judge that follows lists of one's own as well. They go before everything else.
    #[must_use]
    pub fn with_own(mut self, own: Arc<OwnLists>) -> Self {
        self.own = own;
        self
    }

    /// Judges what a scan of the document's blocks found. In order of first appearance, each value once; what
    /// is to be dropped is among them, so that people can see why.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what was judged is not to be used as it was found"
    )]
    pub fn judge(&self, document: Document<'_>, finds: Vec<Find>) -> Vec<Indicator> {
        let outline = Outline::new(&document, &finds);
        merge::groups(&finds)
            .into_iter()
            .filter_map(|group| self.indicator(&outline, &finds, &group))
            .collect()
    }

    /// Judges one value at all its places; the first of the places with the strongest verdict decides.
    fn indicator(
        &self,
        outline: &Outline<'_>,
        finds: &[Find],
        group: &[usize],
    ) -> Option<Indicator> {
        let finds: Vec<&Find> = group.iter().filter_map(|at| finds.get(*at)).collect();
        let mut best: Option<(usize, Ruling, Evidence<'_>)> = None;
        for (number, find) in finds.iter().enumerate() {
            let evidence = Evidence::of(outline, find);
            let ruling = rules::rule(&evidence);
            if best
                .as_ref()
                .is_none_or(|(_, old, _)| ruling.verdict > old.verdict)
            {
                best = Some((number, ruling, evidence));
            }
            if best
                .as_ref()
                .is_some_and(|(_, ruling, _)| ruling.verdict == Verdict::Detect)
            {
                break;
            }
        }
        let (decisive, ruling, evidence) = best?;
        let find = finds.get(decisive)?;
        let (verdict, reason) = self
            .listed(find, ruling.verdict)
            .unwrap_or_else(|| (ruling.verdict, reason::of(&evidence, &ruling)));
        Some(Indicator {
            kind: find.kind,
            value: find.value.clone(),
            verdict,
            reason,
            to_ids: verdict == Verdict::Detect && ids::default_flag(find.kind),
            places: finds.iter().map(|find| Place::of(find)).collect(),
            decisive,
        })
    }

    /// What lists say. A warninglist takes the IDS flag away, or drops the value; but a defanged path on a listed
    /// host stays: somebody uses the harmless service for harm. A list of what is popular ([`Action::Weigh`]) says
    /// less than a defang mark.
    fn listed(&self, find: &Find, verdict: Verdict) -> Option<(Verdict, String)> {
        match self.own.says(find.kind, &find.value) {
            Some(Wish::Allow(entry)) => {
                return Some((
                    Verdict::Detect,
                    format!("allowed by one's own list: {entry}"),
                ));
            }
            Some(Wish::Deny(entry)) => {
                return Some((Verdict::Drop, format!("denied by one's own list: {entry}")));
            }
            None => {}
        }
        if !verdict.is_indicator() {
            return None;
        }
        let hit = self.warninglists.hit(find.kind, &find.value)?;
        let reason = format!("on warninglist \"{}\"", hit.list);
        let path = hosts::target(find.kind, &find.value).is_some_and(|target| target.has_path);
        match hit.action {
            Action::Drop if find.defanged && path => {
                Some((Verdict::Note, format!("defanged, but {reason}")))
            }
            Action::Drop => Some((Verdict::Drop, reason)),
            Action::Rented => None,
            Action::Weigh if find.defanged => None,
            Action::Flag | Action::Weigh => Some((Verdict::Note, reason)),
        }
    }
}

impl Place {
    fn of(find: &Find) -> Self {
        Self {
            block: find.block,
            span: find.span.clone(),
            defanged: find.defanged,
            origin: find.origin,
        }
    }
}

#[cfg(test)]
mod tests;
