//! Blocks with references in place of values.

use std::ops::Range;
use std::sync::Arc;

use crate::article::blocks::{Block, CELL_BREAK, Kind, Run, Style};

/// A place of the article for which the report shows a reference of MISP's viewer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Index of the block.
    pub block: usize,
    /// Bytes of that block's [text](Block::text).
    pub span: Range<usize>,
    /// What is shown, e.g. `@[attribute](uuid)`: Markdown, put there as it is.
    pub reference: String,
    /// The value is the target of the link whose text stands there: the text stays, without the link, and the
    /// reference follows it.
    pub is_target: bool,
}

/// A run of text, or a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bit {
    pub(super) text: String,
    pub(super) style: Style,
    pub(super) link: Option<Arc<str>>,
    /// Written as it is, never cut, escaped or styled.
    pub(super) is_reference: bool,
}

impl Bit {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            style: Style::default(),
            link: None,
            is_reference: false,
        }
    }

    fn reference(text: &str) -> Self {
        Self {
            is_reference: true,
            ..Self::plain(text)
        }
    }

    fn of(run: &Run, text: &str, linked: bool) -> Self {
        Self {
            text: text.to_owned(),
            style: run.style,
            link: run.link.clone().filter(|_| linked),
            is_reference: false,
        }
    }
}

/// A block to be rendered.
#[derive(Debug, Clone)]
pub(super) struct Source<'a> {
    pub(super) kind: &'a Kind,
    pub(super) quote: u32,
    pub(super) cells: Vec<Vec<Bit>>,
}

impl<'a> Source<'a> {
    /// The block with its marks; of marks that overlap, the first and longest counts.
    pub(super) fn of(block: &'a Block, marks: &[&Mark]) -> Self {
        Self {
            kind: &block.kind,
            quote: block.quote,
            cells: cells(block, &Edits::of(block, marks)),
        }
    }

    /// Its text as it will be seen.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (n, cell) in self.cells.iter().enumerate() {
            if n > 0 {
                text.push(CELL_BREAK);
            }
            for bit in cell {
                text.push_str(&bit.text);
            }
        }
        text
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cells.iter().all(Vec::is_empty)
    }
}

/// What is to be done to a block's text.
#[derive(Default)]
struct Edits<'m> {
    /// In order, apart from each other. An empty range: the reference is put there in parentheses.
    changes: Vec<(Range<usize>, &'m str)>,
    /// Where links become plain text.
    unlinked: Vec<Range<usize>>,
}

impl<'m> Edits<'m> {
    fn of(block: &Block, marks: &[&'m Mark]) -> Self {
        let mut edits = Self::default();
        if marks.is_empty() || matches!(block.kind, Kind::Code { .. } | Kind::Image { .. }) {
            return edits;
        }
        let text = block.text();
        let frame = Frame::of(block);
        let mut sorted: Vec<&&Mark> = marks
            .iter()
            .filter(|mark| text.get(mark.span.clone()).is_some_and(|it| !it.is_empty()))
            .collect();
        sorted.sort_by_key(|mark| (mark.span.start, std::cmp::Reverse(mark.span.end)));
        let mut free = 0;
        for mark in sorted.iter().filter(|mark| !mark.is_target) {
            if mark.span.start >= free && frame.can_replace(&text, &mark.span) {
                free = mark.span.end;
                edits.changes.push((mark.span.clone(), &mark.reference));
            }
        }
        edits.targets(
            sorted
                .iter()
                .filter(|mark| mark.is_target)
                .map(|mark| **mark),
        );
        edits
            .changes
            .sort_by_key(|(range, _)| (range.start, range.end));
        edits
    }

    /// Links to a value: unlinked, and followed by the reference unless their text has one already.
    fn targets(&mut self, marks: impl Iterator<Item = &'m Mark>) {
        let replaced = self.changes.len();
        for mark in marks {
            let Range { start, end } = mark.span;
            if self.unlinked.last().is_some_and(|last| start < last.end) {
                continue;
            }
            self.unlinked.push(mark.span.clone());
            let shown = self.changes.get(..replaced).unwrap_or_default();
            let next = shown.partition_point(|(range, _)| range.end <= start);
            if shown.get(next).is_none_or(|(range, _)| range.start >= end) {
                self.changes.push((end..end, &mark.reference));
            }
        }
    }

    fn is_unlinked(&self, range: &Range<usize>) -> bool {
        let next = self
            .unlinked
            .partition_point(|unlinked| unlinked.end <= range.start);
        self.unlinked
            .get(next)
            .is_some_and(|unlinked| unlinked.start < range.end)
    }
}

/// What a replaced range may not break.
struct Frame {
    cells: Vec<Range<usize>>,
    /// Neighbouring runs of code are one piece of code.
    codes: Vec<Range<usize>>,
}

impl Frame {
    fn of(block: &Block) -> Self {
        let (mut cells, mut codes): (Vec<Range<usize>>, Vec<Range<usize>>) = Default::default();
        let mut cell = None;
        for piece in block.pieces() {
            if cell != Some(piece.cell) {
                cell = Some(piece.cell);
                cells.push(piece.range.start..piece.range.start);
            }
            if let Some(last) = cells.last_mut() {
                last.end = piece.range.end;
            }
            if !piece.value.style.code {
                continue;
            }
            match codes.last_mut() {
                Some(last) if last.end == piece.range.start => last.end = piece.range.end,
                _ => codes.push(piece.range),
            }
        }
        Self { cells, codes }
    }

    /// Within one cell, and of code all or nothing.
    fn can_replace(&self, text: &str, span: &Range<usize>) -> bool {
        let cell = self.cells.partition_point(|cell| cell.end <= span.start);
        let within = self
            .cells
            .get(cell)
            .is_some_and(|cell| cell.start <= span.start && span.end <= cell.end);
        let first = self.codes.partition_point(|code| code.end <= span.start);
        let codes = self.codes.get(first..).unwrap_or_default();
        let mut touched = codes.iter().take_while(|code| code.start < span.end);
        within
            && touched.all(|code| {
                let before = text.get(code.start..span.start.max(code.start));
                let after = text.get(span.end.min(code.end)..code.end);
                [before, after]
                    .into_iter()
                    .all(|rest| rest.is_some_and(|rest| rest.trim().is_empty()))
            })
    }
}

/// The runs of each cell, with the changes made.
fn cells(block: &Block, edits: &Edits<'_>) -> Vec<Vec<Bit>> {
    let mut cells = vec![Vec::new(); block.cells.len()];
    let mut changes = edits.changes.as_slice();
    for piece in block.pieces() {
        let Some(cell) = cells.get_mut(piece.cell) else {
            continue;
        };
        let (run, Range { start, end }) = (piece.value, piece.range);
        let linked = !edits.is_unlinked(&(start..end));
        let mut at = start;
        let keep = |from: usize, to: usize, cell: &mut Vec<Bit>| {
            let text = run.text.get(from - start..to - start).unwrap_or_default();
            if !text.is_empty() {
                cell.push(Bit::of(run, text, linked));
            }
        };
        while let Some(((change, reference), rest)) = changes.split_first() {
            if change.start > end || (change.start == end && !change.is_empty()) {
                break;
            }
            if change.start >= at {
                keep(at, change.start, cell);
                if change.is_empty() {
                    cell.push(Bit::plain(" ("));
                    cell.push(Bit::reference(reference));
                    cell.push(Bit::plain(")"));
                } else {
                    cell.push(Bit::reference(reference));
                }
            }
            at = change.end.clamp(at, end);
            if change.end > end {
                break;
            }
            changes = rest;
        }
        if at < end {
            keep(at, end, cell);
        }
    }
    cells
}

#[cfg(test)]
mod tests;
