//! What speaks for and against a value at one place.

use super::document::{Outline, Spot};
use super::hosts::{self, Target};
use super::sections::Section;
use super::shape::Shape;
use super::sites::{self, Site};
use super::words::{self, Words};
use crate::article::blocks::{Kind as BlockKind, Region};
use crate::indicators::{Find, Origin};

/// Bytes before and after a value in which words speak of it.
const BEFORE: usize = 160;
const AFTER: usize = 100;
/// Bytes of a paragraph before a list that speak of what is in it: its end.
const LEAD: usize = 240;

/// A find at its place.
#[derive(Debug)]
pub(super) struct Evidence<'a> {
    pub(super) find: &'a Find,
    pub(super) outline: &'a Outline<'a>,
    pub(super) spot: Spot,
    pub(super) region: Region,
    pub(super) shape: Shape,
    pub(super) column: Column,
    /// Whether it stands in code.
    pub(super) code: bool,
    /// Whether a click would open it.
    pub(super) linked: bool,
    pub(super) target: Option<Target<'a>>,
    /// Host of the target, in lower case.
    pub(super) host: String,
    pub(super) site: Option<Site>,
    before: &'a str,
    after: &'a str,
}

/// What the header of the column, or the cell before, calls the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// Not in a table.
    None,
    /// In a table that says nothing of it.
    Silent,
    /// A column, or a row, of indicators.
    Indicators,
    /// A column of sources and remarks.
    References,
}

impl<'a> Evidence<'a> {
    pub(super) fn of(outline: &'a Outline<'a>, find: &'a Find) -> Self {
        let block = outline.blocks.get(find.block);
        let lines = outline.lines(find.block);
        let line = lines
            .map(|lines| lines.range(find.span.start))
            .unwrap_or_default();
        let text = lines.map_or("", |lines| lines.text.as_str());
        let target = hosts::target(find.kind, &find.value);
        let host = target.map_or(String::new(), |target| target.host.to_ascii_lowercase());
        Self {
            find,
            outline,
            spot: outline.spot(find.block),
            region: block.map_or(Region::Main, |block| block.region),
            shape: lines.map_or(Shape::Prose, |lines| lines.shape(find.span.start)),
            column: column(outline, find, text),
            code: block.is_some_and(|block| matches!(block.kind, BlockKind::Code { .. })),
            linked: find.origin == Origin::Link || in_link(outline, find),
            site: sites::of_host(&host),
            target,
            host,
            before: tail(text, line.start..find.span.start, BEFORE),
            after: head(text, find.span.end..line.end, AFTER),
        }
    }

    /// Whether words of the list stand in the sentence around the value, or lead it in.
    pub(super) fn says(&self, words: &Words) -> bool {
        words.are_in(self.before) || words.are_in(self.after) || self.leads(words)
    }

    /// Whether words of the list stand before the value in its sentence.
    pub(super) fn says_before(&self, words: &Words) -> bool {
        words.are_in(self.before)
    }

    /// Whether the paragraph or heading above a list, a table or a line of its own says so.
    fn leads(&self, words: &Words) -> bool {
        if self.shape == Shape::Prose && self.column == Column::None && !self.code {
            return false;
        }
        [self.spot.lead, self.spot.heading]
            .into_iter()
            .flatten()
            .filter_map(|number| self.outline.blocks.get(number))
            .any(|block| {
                let text = block.text();
                words.are_in(tail(&text, 0..text.len(), LEAD))
            })
    }

    /// Said to be bad.
    pub(super) fn is_called_bad(&self) -> bool {
        self.says(words::malicious())
    }

    /// Said to be harmless, imitated or a victim's, and not to be bad.
    pub(super) fn is_called_good(&self) -> bool {
        (self.says(words::harmless())
            || self.says(words::victim())
            || self.says_before(words::imitation()))
            && !words::malicious().are_in(self.before)
    }

    /// Whether it stands where indicators are listed.
    pub(super) fn is_listed(&self) -> bool {
        if self.column == Column::References {
            return false;
        }
        let apart = self.shape >= Shape::Labelled || self.code || self.column != Column::None;
        let appendix = self.region == Region::Appendix && self.shape >= Shape::Labelled;
        self.spot.section == Section::Indicators && apart
            || self.column == Column::Indicators
            || appendix
    }

    /// Whether it stands where nobody lists indicators: references, the page's furniture, outside of the article.
    pub(super) fn is_aside(&self) -> Option<&'static str> {
        match (self.spot.section, self.column) {
            (Section::References, _) => Some("among the references"),
            (Section::Furniture, _) => Some("about the site"),
            (_, Column::References) => Some("in a column of sources"),
            _ if self.region == Region::Elsewhere && !self.is_listed() => {
                Some("outside of the article")
            }
            _ => None,
        }
    }
}

/// The last `max` bytes of a range of `text`, of its last sentence.
fn tail(text: &str, range: std::ops::Range<usize>, max: usize) -> &str {
    let mut from = range.start.max(range.end.saturating_sub(max));
    while !text.is_char_boundary(from) && from < range.end {
        from += 1;
    }
    let text = text.get(from..range.end).unwrap_or_default();
    let sentence = text.trim_end();
    match sentence.rfind(". ") {
        Some(stop) => text.get(stop + 2..).unwrap_or_default(),
        None => text,
    }
}

/// The first `max` bytes of a range of `text`, of its first sentence.
fn head(text: &str, range: std::ops::Range<usize>, max: usize) -> &str {
    let mut to = range.end.min(range.start.saturating_add(max));
    while !text.is_char_boundary(to) && to > range.start {
        to -= 1;
    }
    let text = text.get(range.start..to).unwrap_or_default();
    text.find(". ")
        .map_or(text, |stop| text.get(..stop).unwrap_or_default())
}

fn in_link(outline: &Outline<'_>, find: &Find) -> bool {
    outline.blocks.get(find.block).is_some_and(|block| {
        block
            .pieces()
            .any(|piece| piece.value.link.is_some() && piece.range.contains(&find.span.start))
    })
}

fn column(outline: &Outline<'_>, find: &Find, text: &str) -> Column {
    let Some(block) = outline.blocks.get(find.block) else {
        return Column::None;
    };
    let BlockKind::TableRow { headers, .. } = &block.kind else {
        return Column::None;
    };
    let before = text.get(..find.span.start).unwrap_or_default();
    let cell = before.matches('\t').count();
    if let Some(header) = headers.get(cell).filter(|header| !header.trim().is_empty()) {
        let named = named(header);
        if named != Column::Silent {
            return named;
        }
    }
    let beside = before.rsplit('\t').nth(1).map_or(Column::Silent, named);
    let any = headers
        .iter()
        .any(|header| named(header) == Column::Indicators);
    if beside == Column::Indicators || any {
        Column::Indicators
    } else {
        Column::Silent
    }
}

/// What a header, or a cell that names the next one, says.
fn named(header: &str) -> Column {
    if header.len() > 60 {
        Column::Silent
    } else if words::reference_header().are_in(header) {
        Column::References
    } else if words::indicator_header().are_in(header) {
        Column::Indicators
    } else {
        Column::Silent
    }
}
