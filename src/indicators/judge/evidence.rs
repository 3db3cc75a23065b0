//! What speaks for and against a value at one place.

use super::beside;
use super::document::{Outline, Spot};
use super::hosts::{self, Target};
use super::sections::{self, Section};
use super::shape::{Lines, Shape};
use super::sites::{self, Site};
use super::words::{self, Topic, Topics};
use crate::article::blocks::{Block, Kind as BlockKind, Region};
use crate::indicators::{Find, Kind, Origin};

/// Bytes before and after a value in which words speak of it.
const BEFORE: usize = 160;
const AFTER: usize = 100;

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
    before: Words<'a>,
    after: Words<'a>,
}

/// Words on one side of a value.
#[derive(Debug, Clone, Copy)]
struct Words<'a> {
    text: &'a str,
    topics: Topics,
}

impl<'a> Words<'a> {
    fn of(text: &'a str) -> Self {
        let topics = Topics::of(text);
        Self { text, topics }
    }
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
    /// A column of file names.
    Files,
    /// A column of what products call malware.
    Detections,
    /// A column of sources.
    References,
}

impl<'a> Evidence<'a> {
    pub(super) fn of(outline: &'a Outline<'a>, find: &'a Find) -> Self {
        let block = outline.blocks.get(find.block);
        let lines = outline.lines(find.block);
        let line = lines
            .map(|lines| lines.range(find.span.start))
            .unwrap_or_default();
        let text = lines.map_or("", |lines| &lines.text);
        let at = find.span.start;
        let target = hosts::target(find.kind, &find.value);
        let host = target.map_or(String::new(), |target| target.host.to_ascii_lowercase());
        Self {
            find,
            outline,
            spot: outline.spot(find.block),
            region: block.map_or(Region::Main, |block| block.region),
            shape: lines.map_or(Shape::Prose, |lines| lines.shape(find.span.start)),
            column: column(block, lines, at),
            code: block.is_some_and(|block| matches!(block.kind, BlockKind::Code { .. })),
            linked: find.origin == Origin::Link || lines.is_some_and(|lines| lines.is_link(at)),
            site: sites::of_host(&host),
            target,
            host,
            before: Words::of(tail(text, line.start..at, BEFORE)),
            after: Words::of(head(text, find.span.end..line.end, AFTER)),
        }
    }

    /// Whether the sentence around the value says so, or what leads it in.
    pub(super) fn says(&self, topic: Topic) -> bool {
        self.before.topics.has(topic) || self.after.topics.has(topic) || self.leads(topic)
    }

    /// Whether the sentence before the value says so.
    pub(super) fn says_before(&self, topic: Topic) -> bool {
        self.before.topics.has(topic)
    }

    /// Whether the paragraph or heading above a list, a table or a line of its own says so.
    pub(super) fn leads(&self, topic: Topic) -> bool {
        let apart = self.shape != Shape::Prose || self.column != Column::None || self.code;
        apart && self.outline.said(self.spot).has(topic)
    }

    /// Said to be bad.
    pub(super) fn is_called_bad(&self) -> bool {
        self.says(Topic::Malicious)
    }

    /// Said to be harmless, imitated or a victim's, and not to be bad by the same sentence.
    pub(super) fn is_called_good(&self) -> bool {
        let around = self.before.topics.and(self.after.topics);
        let said = (around.has(Topic::Harmless)
            || around.has(Topic::Victim)
            || self.before.topics.has(Topic::Imitation))
            && !self.before.topics.has(Topic::Malicious);
        let led =
            (self.leads(Topic::Harmless) || self.leads(Topic::Victim)) && !self.is_called_bad();
        said || led
    }

    /// The same of the words directly beside it only: what is defanged needs more to be excused.
    pub(super) fn is_excused(&self) -> bool {
        let led = self.leads(Topic::Harmless) || self.leads(Topic::Victim);
        led && !self.is_called_bad()
            || beside::call_good(self.before.text, self.after.text)
                && !self.before.topics.has(Topic::Malicious)
    }

    /// Whether the words right before the value name it so.
    pub(super) fn is_named(&self, topic: Topic) -> bool {
        self.before.topics.has(topic) && beside::is_named(topic, self.before.text)
    }

    /// Whether it stands where indicators are listed.
    pub(super) fn is_listed(&self) -> bool {
        if matches!(self.column, Column::References | Column::Detections) {
            return false;
        }
        let apart = self.shape >= Shape::Labelled || self.code || self.column != Column::None;
        let appendix = self.region == Region::Appendix && self.shape >= Shape::Labelled;
        self.spot.section == Section::Indicators && apart
            || matches!(self.column, Column::Indicators | Column::Files)
            || appendix
    }

    /// Whether it stands where nobody lists indicators: references, the page's furniture, outside of the article.
    pub(super) fn is_aside(&self) -> Option<&'static str> {
        match (self.spot.section, self.column) {
            (Section::References, _) => Some("among the references"),
            (Section::Furniture, _) => Some("about the site"),
            (_, Column::References) => Some("in a column of sources"),
            _ if self.find.kind == Kind::Url
                && !self.find.defanged
                && sections::is_reference_label(self.before.text) =>
            {
                Some("named as a source")
            }
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
    // What the value itself follows at once is not the end of its sentence.
    let sentence = text.trim_end();
    let start = sentence_ends(sentence).last().unwrap_or_default();
    text.get(start..).unwrap_or_default()
}

/// Where the sentences of a text end, but the last.
fn sentence_ends(text: &str) -> impl Iterator<Item = usize> {
    text.char_indices().filter_map(|(at, stop)| {
        let end = at + stop.len_utf8();
        let ends = match stop {
            '。' | '！' | '？' | '\n' => true,
            '.' | '!' | '?' => text
                .get(end..)
                .is_some_and(|rest| rest.starts_with([' ', '\n'])),
            _ => false,
        };
        ends.then_some(end)
    })
}

/// The first `max` bytes of a range of `text`, of its first sentence.
fn head(text: &str, range: std::ops::Range<usize>, max: usize) -> &str {
    let mut to = range.end.min(range.start.saturating_add(max));
    while !text.is_char_boundary(to) && to > range.start {
        to -= 1;
    }
    let text = text.get(range.start..to).unwrap_or_default();
    let end = sentence_ends(text).next().unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// What the table says of the cell in which something begins.
fn column(block: Option<&Block>, lines: Option<&Lines<'_>>, at: usize) -> Column {
    let (Some(block), Some(lines)) = (block, lines) else {
        return Column::None;
    };
    let BlockKind::TableRow { headers, .. } = &block.kind else {
        return Column::None;
    };
    let (cell, before) = lines.cell(at);
    let header = headers
        .get(cell)
        .map_or(Column::Silent, |header| named(header));
    if header != Column::Silent {
        return header;
    }
    // A row of a name and a value, or a column that says nothing in a table of indicators.
    let beside = named(before);
    let mut others = headers.iter().take(MAX_COLUMNS);
    if beside != Column::Silent {
        beside
    } else if others.any(|header| named(header) == Column::Indicators) {
        Column::Indicators
    } else {
        Column::Silent
    }
}

/// Most columns of a table whose headers are read.
const MAX_COLUMNS: usize = 16;
/// Longest header, in bytes: what is longer is a sentence.
const MAX_HEADER: usize = 60;

/// What a header, or a cell that names the next one, says.
fn named(header: &str) -> Column {
    if header.is_empty() || header.len() > MAX_HEADER {
        Column::Silent
    } else if words::detection_header().are_in(header) {
        Column::Detections
    } else if words::reference_header().are_in(header) {
        Column::References
    } else if words::file_header().are_in(header) {
        Column::Files
    } else if words::indicator_header().are_in(header) {
        Column::Indicators
    } else {
        Column::Silent
    }
}
