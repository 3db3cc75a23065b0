//! Rows that speak of one thing: which values of an article belong to one object.
//!
//! A table row, a list item or a short line with several kinds of hashes, or a hash and a name, is a file; a
//! domain beside its address is a `domain-ip`. So is a listing that names one field a line. Only what is
//! unambiguous is joined: two SHA-256 in one row are two files, and stay two attributes.

mod found;
mod join;
mod listing;

use std::collections::HashMap;
use std::ops::Range;

use self::found::{Found, Places};
use super::attributes::{Form, Typed};
use super::context::Outline;
use super::templates::Template;
use crate::article::blocks::Kind as BlockKind;
use crate::indicators::Indicator;

/// Words a line may have besides its values, in letters and digits, to speak of nothing but them.
const LINE_WORDS: usize = 80;

/// The same for a list item.
const ITEM_WORDS: usize = 160;

/// An object to be: its fields, and the indicators they were made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) template: &'static Template,
    pub(super) members: Vec<Member>,
    /// An indicator it was downloaded from.
    pub(super) downloaded_from: Option<usize>,
    /// The block that says so, and where in its text it begins.
    pub(super) place: Option<(usize, Range<usize>)>,
}

/// A field of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// Index of the indicator; `None` for what is no indicator, a size.
    pub(super) indicator: Option<usize>,
    pub(super) relation: &'static str,
    pub(super) typed: Typed,
}

/// The objects of an article, in order of appearance. `forms` are those of the indicators; absent where one is
/// nothing for an object.
pub(super) fn drafts(
    outline: &Outline<'_>,
    indicators: &[Indicator],
    forms: &[Option<Form>],
) -> Vec<Draft> {
    let places = Places::of(indicators, forms);
    let mut drafts = Drafts::default();
    for (block, found) in places.blocks() {
        match outline.block(block).map(|block| &block.kind) {
            Some(BlockKind::TableRow { header: false, .. }) => {
                drafts.row(outline, block, found);
            }
            Some(BlockKind::ListItem { .. }) => drafts.lines(outline, block, found, ITEM_WORDS),
            Some(BlockKind::Paragraph) => drafts.lines(outline, block, found, LINE_WORDS),
            _ => {}
        }
    }
    for files in listing::files(outline, &places) {
        drafts.add(join::file(&files));
    }
    drafts.all
}

#[derive(Default)]
struct Drafts {
    all: Vec<Draft>,
    /// Which draft a hash belongs to: a file has one of each kind, so a hash tells files apart.
    hashes: HashMap<usize, usize>,
}

impl Drafts {
    fn row(&mut self, outline: &Outline<'_>, block: usize, found: &[Found<'_>]) {
        let mut file = join::file(found);
        if let Some(file) = &mut file {
            file.members.extend(join::size(outline, block));
            file.downloaded_from = join::source(outline, block, found);
        }
        self.add(file);
        self.add(join::resolution_in_row(outline, block, found));
    }

    /// Line by line: what one says has nothing to do with the next.
    fn lines(&mut self, outline: &Outline<'_>, block: usize, found: &[Found<'_>], words: usize) {
        let text = outline.text(block);
        for (line, found) in found::by_line(text, found) {
            if found.len() < 2 || words_besides(text, &line, found) > words {
                continue;
            }
            self.add(join::file(found));
            self.add(join::resolution_in_line(text, found));
        }
    }

    /// Adds an object, to one that has a hash of it already if they do not contradict each other. One that does
    /// is no object: its values stand for themselves.
    fn add(&mut self, draft: Option<Draft>) {
        let Some(draft) = draft else {
            return;
        };
        let known = draft
            .members
            .iter()
            .find_map(|member| self.hashes.get(&member.indicator?).copied());
        match known {
            Some(known) => self.merge(known, draft),
            None => self.push(draft),
        }
    }

    fn push(&mut self, draft: Draft) {
        let number = self.all.len();
        self.note_hashes(number, &draft.members);
        self.all.push(draft);
    }

    fn merge(&mut self, number: usize, draft: Draft) {
        let Some(known) = self.all.get_mut(number) else {
            return;
        };
        let contradicts = draft.members.iter().any(|member| {
            let foreign = member
                .indicator
                .and_then(|indicator| self.hashes.get(&indicator))
                .is_some_and(|owner| *owner != number);
            foreign
                || known.members.iter().any(|old| {
                    member.relation == old.relation
                        && join::is_hash(old.relation)
                        && old.typed.value != member.typed.value
                })
        });
        if contradicts {
            return;
        }
        let mut added = Vec::new();
        for member in draft.members {
            let there = known.members.iter().any(|old| {
                old.relation == member.relation
                    && (old.typed.value == member.typed.value || old.relation == "size-in-bytes")
            });
            if !there && known.members.len() < join::MAX_MEMBERS {
                known.members.push(member.clone());
                added.push(member);
            }
        }
        known.downloaded_from = known.downloaded_from.or(draft.downloaded_from);
        self.note_hashes(number, &added);
    }

    fn note_hashes(&mut self, number: usize, members: &[Member]) {
        let hashes = members
            .iter()
            .filter(|member| join::is_hash(member.relation));
        for indicator in hashes.filter_map(|member| member.indicator) {
            self.hashes.entry(indicator).or_insert(number);
        }
    }
}

/// Letters and digits of a line that are of no value in it; counts no further than anyone asks.
fn words_besides(text: &str, line: &Range<usize>, found: &[Found<'_>]) -> usize {
    let mut at = line.start;
    let mut gaps = Vec::with_capacity(found.len() + 1);
    for one in found {
        gaps.push(at..one.span.start.max(at));
        at = at.max(one.span.end);
    }
    gaps.push(at..line.end.max(at));
    gaps.into_iter()
        .filter_map(|gap| text.get(gap))
        .flat_map(str::chars)
        .filter(|c| c.is_alphanumeric())
        .take(ITEM_WORDS + 1)
        .count()
}

#[cfg(test)]
mod tests;
