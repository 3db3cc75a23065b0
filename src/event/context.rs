//! Where a value stood, in a few words: heading, header of its column, the sentence around it.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use super::text;
use crate::article::blocks::{Block, CELL_BREAK, Kind};
use crate::indicators::Indicator;

/// Longest comment, in characters.
const MAX_COMMENT: usize = 300;

/// Of these, for the heading, the column's header, the judge's reason.
const MAX_HEADING: usize = 80;
const MAX_HEADER: usize = 40;
const MAX_REASON: usize = 100;

/// Longest value quoted in its own comment, in characters.
const MAX_VALUE: usize = 120;

/// What is read of a heading or header, in bytes: a page may put all of its text into one, and every value below
/// asks for it anew.
const MAX_TITLE: usize = 512;

/// How far a sentence is looked for on either side of a value, in bytes.
const REACH: usize = 160;

/// Texts and headings of an article's blocks.
pub(super) struct Outline<'a> {
    blocks: &'a [Block],
    texts: Vec<OnceCell<Text<'a>>>,
    /// For each block, the block that is its heading.
    headings: Vec<Option<usize>>,
}

#[derive(Clone)]
struct Text<'a> {
    whole: Cow<'a, str>,
    /// Where each cell but the first begins.
    cells: Vec<usize>,
}

impl<'a> Text<'a> {
    fn of(block: &'a Block) -> Self {
        let whole = block.text();
        let breaks = whole.match_indices(CELL_BREAK);
        Self {
            cells: breaks.map(|(at, _)| at + CELL_BREAK.len_utf8()).collect(),
            whole,
        }
    }
}

impl<'a> Outline<'a> {
    pub(super) fn of(blocks: &'a [Block]) -> Self {
        let mut heading = None;
        let headings = blocks.iter().enumerate().map(|(number, block)| {
            if matches!(block.kind, Kind::Heading { .. }) {
                heading = Some(number);
            }
            heading.filter(|heading| *heading != number)
        });
        Self {
            headings: headings.collect(),
            texts: vec![OnceCell::new(); blocks.len()],
            blocks,
        }
    }

    pub(super) fn block(&self, number: usize) -> Option<&'a Block> {
        self.blocks.get(number)
    }

    /// The text of a block, worked out once.
    pub(super) fn text(&self, number: usize) -> &str {
        self.entry(number).map_or("", |text| &text.whole)
    }

    fn entry(&self, number: usize) -> Option<&Text<'a>> {
        let block = self.blocks.get(number)?;
        let text = self.texts.get(number)?;
        Some(text.get_or_init(|| Text::of(block)))
    }

    /// Headers above the cells of a table row, as much of each as anyone asks for.
    pub(super) fn headers(&self, block: usize) -> impl Iterator<Item = &'a str> {
        let headers = match self.blocks.get(block).map(|block| &block.kind) {
            Some(Kind::TableRow { headers, .. }) => headers.as_ref(),
            _ => &[],
        };
        headers.iter().map(|header| head_of(header, MAX_TITLE))
    }

    /// Header above the cell in which a place of a table row lies.
    pub(super) fn header(&self, block: usize, at: usize) -> Option<&'a str> {
        let cells = &self.entry(block)?.cells;
        let cell = cells.partition_point(|start| *start <= at);
        self.headers(block).nth(cell)
    }

    /// `Heading > Header: the sentence [reason]`, of what is known; the place is the one that decided.
    pub(super) fn comment(&self, indicator: &Indicator, label: &str) -> String {
        let decisive = indicator.places.get(indicator.decisive);
        match decisive.or_else(|| indicator.places.first()) {
            Some(place) => self.comment_at(place.block, &place.span, &indicator.reason, label),
            None => text::line(label),
        }
    }

    /// The same of any place.
    pub(super) fn comment_at(
        &self,
        block: usize,
        span: &Range<usize>,
        reason: &str,
        label: &str,
    ) -> String {
        let mut out = text::line(label);
        let reason = text::bounded(&text::line(reason), MAX_REASON);
        join(&mut out, ": ", &self.position(block, span.start));
        let taken = out.chars().count() + reason.chars().count() + 8;
        let room = MAX_COMMENT.saturating_sub(taken);
        join(&mut out, ": ", &self.sentence(block, span, room));
        if !reason.is_empty() {
            join(&mut out, " ", &format!("[{reason}]"));
        }
        out
    }

    /// `Heading > Header`.
    fn position(&self, block: usize, at: usize) -> String {
        let heading = self.headings.get(block).copied().flatten();
        let heading = heading.map_or("", |heading| self.text(heading));
        let heading = head_of(heading, MAX_TITLE);
        let mut out = text::bounded(&text::line(heading), MAX_HEADING);
        let header = self.header(block, at).unwrap_or_default();
        join(
            &mut out,
            " > ",
            &text::bounded(&text::line(header), MAX_HEADER),
        );
        out
    }

    /// The sentence, line or row around a place, as written, in about so many characters; empty when there is
    /// nothing but the value.
    fn sentence(&self, block: usize, span: &Range<usize>, room: usize) -> String {
        let whole = self.text(block);
        let (Some(before), Some(value), Some(after)) = (
            whole.get(..span.start),
            whole.get(span.clone()),
            whole.get(span.end..),
        ) else {
            return String::new();
        };
        let row = matches!(
            self.blocks.get(block).map(|block| &block.kind),
            Some(Kind::TableRow { .. })
        );
        let head = sentence_start(tail(before, REACH), row);
        let rest = sentence_end(head_of(after, REACH), row);
        if !head.chars().chain(rest.chars()).any(char::is_alphanumeric) {
            return String::new();
        }
        let value = text::bounded(value, MAX_VALUE);
        let room = room.saturating_sub(value.chars().count());
        // What one side does not need is the other's.
        let head = last(head, room - rest.chars().count().min(room / 2));
        let whole = format!("{head}{value}{rest}").replace(CELL_BREAK, " | ");
        text::bounded(&text::line(&whole), room + value.chars().count())
    }
}

fn join(out: &mut String, separator: &str, part: &str) {
    if part.is_empty() {
        return;
    }
    if !out.is_empty() {
        out.push_str(separator);
    }
    out.push_str(part);
}

/// What follows the last end of a line or sentence.
fn sentence_start(text: &str, row: bool) -> &str {
    let line = text.rfind('\n').map_or(0, |at| at + 1);
    let sentence = if row {
        None
    } else {
        [". ", "! ", "? "]
            .iter()
            .filter_map(|end| text.rfind(end))
            .max()
            .map(|at| at + 2)
    };
    text.get(line.max(sentence.unwrap_or(0))..)
        .unwrap_or_default()
}

/// What comes before the next end of a line or sentence, its mark included.
fn sentence_end(text: &str, row: bool) -> &str {
    let line = text.find('\n').unwrap_or(text.len());
    let sentence = if row {
        None
    } else {
        [". ", "! ", "? "]
            .iter()
            .filter_map(|end| text.find(end))
            .min()
            .map(|at| at + 1)
    };
    text.get(..line.min(sentence.unwrap_or(text.len())))
        .unwrap_or_default()
}

/// At most the last `max` characters.
fn last(text: &str, max: usize) -> &str {
    let surplus = text.chars().count().saturating_sub(max);
    let from = text
        .char_indices()
        .nth(surplus)
        .map_or(text.len(), |(at, _)| at);
    text.get(from..).unwrap_or_default()
}

/// At most the last `max` bytes, from a blank on.
fn tail(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let mut from = text.len() - max;
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let cut = text.get(from..).unwrap_or_default();
    let word = cut.find(char::is_whitespace).unwrap_or(0);
    cut.get(word..).unwrap_or_default()
}

/// At most the first `max` bytes, up to a blank.
fn head_of(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let mut to = max;
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    let cut = text.get(..to).unwrap_or_default();
    let word = cut.rfind(char::is_whitespace).unwrap_or(cut.len());
    cut.get(..word).unwrap_or_default()
}

#[cfg(test)]
mod tests;
