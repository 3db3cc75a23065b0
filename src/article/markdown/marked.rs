//! Blocks with references in place of values.

use std::ops::Range;
use std::sync::Arc;

use crate::article::blocks::{Block, CELL_BREAK, Kind, Run, Style};
use crate::article::text::head;
use crate::event::text::{bounded, line};
use crate::indicators::refang;

/// Longest target of a link that is shown, in bytes.
const MAX_TARGET: usize = 2_048;

/// What stands for a picture without a text.
pub(super) const PICTURE: &str = "image";

static PARAGRAPH: Kind = Kind::Paragraph;

/// A place of the article for which the report shows something else: a reference of MISP's viewer, or a link that
/// leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Index of the block.
    pub block: usize,
    /// Bytes of that block's [text](Block::text).
    pub span: Range<usize>,
    /// What is shown: Markdown like `@[attribute](uuid)`, put there as it is, or a text to be shown as code.
    shown: String,
    role: Role,
}

/// What a mark does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A reference takes the place of the text.
    Value,
    /// The same where no other mark changes anything.
    Tag,
    /// The text stays, and the reference follows it where no other mark changes anything.
    TagAfter,
    /// The text stays, without the link, and the reference follows it.
    Target,
    /// The text stays, without the link, and the target follows it as code, unless there is nothing to be shown.
    Dead,
    /// The text, which is the target, stays as code: the viewer makes links of bare addresses.
    DeadAddress,
}

impl Mark {
    /// A value stands there: `reference` is shown in its place.
    pub fn value(block: usize, span: Range<usize>, reference: impl Into<String>) -> Self {
        Self {
            block,
            span,
            shown: reference.into(),
            role: Role::Value,
        }
    }

    /// The value is the target of the link whose text stands there: the text stays, without the link, and the
    /// reference follows it.
    pub fn target(block: usize, span: Range<usize>, reference: impl Into<String>) -> Self {
        Self {
            role: Role::Target,
            ..Self::value(block, span, reference)
        }
    }

    /// A name stands there for which `reference`, to a tag, is shown: in its place if that loses nothing
    /// (`replaces`), else after it. Where any other mark changes something, the text stays as it is.
    pub fn tag(
        block: usize,
        span: Range<usize>,
        reference: impl Into<String>,
        replaces: bool,
    ) -> Self {
        let role = if replaces { Role::Tag } else { Role::TagAfter };
        Self {
            role,
            ..Self::value(block, span, reference)
        }
    }

    /// Whether it speaks of the link whose text stands there.
    const fn is_of_link(&self) -> bool {
        matches!(self.role, Role::Target | Role::Dead | Role::DeadAddress)
    }

    /// The link (or picture) whose text stands there leads where nobody should go: the text stays, and what the
    /// target says besides it is shown as code.
    pub fn unlinked(block: usize, span: Range<usize>, text: &str, target: &str) -> Self {
        let text = text.trim();
        let short = text.len() <= MAX_TARGET && target.len() <= MAX_TARGET;
        let same = |text: &str| short && address(text).eq_ignore_ascii_case(address(target));
        let (role, shown) = if same(text) {
            (Role::DeadAddress, text.to_owned())
        } else if same(&refang(head(text, MAX_TARGET))) {
            (Role::Dead, String::new())
        } else {
            let target = line(head(target, MAX_TARGET + 1));
            (Role::Dead, bounded(&target, MAX_TARGET))
        };
        Self {
            role,
            ..Self::value(block, span, shown)
        }
    }

    fn put(&self, cell: &mut Vec<Bit>) {
        match self.role {
            Role::Value | Role::Tag => cell.push(Bit::reference(&self.shown)),
            Role::DeadAddress => cell.push(Bit::code(&self.shown)),
            Role::Target | Role::TagAfter | Role::Dead => {
                cell.push(Bit::plain(" ("));
                cell.push(if self.role == Role::Dead {
                    Bit::code(&self.shown)
                } else {
                    Bit::reference(&self.shown)
                });
                cell.push(Bit::plain(")"));
            }
        }
    }
}

/// A web address as people write it, without its scheme.
fn address(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.trim_end_matches('/')
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

    fn code(text: &str) -> Self {
        Self {
            style: Style {
                code: true,
                ..Style::default()
            },
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
        if matches!(block.kind, Kind::Image { .. })
            && let Some(mark) = marks.iter().find(|mark| mark.is_of_link())
        {
            return Self::dead_picture(block, mark);
        }
        Self {
            kind: &block.kind,
            quote: block.quote,
            cells: cells(block, &Edits::of(block, marks)),
        }
    }

    /// What a picture says, and where it would be.
    fn dead_picture(block: &Block, mark: &Mark) -> Self {
        let text = block.text();
        let mut cell = Vec::new();
        if mark.role != Role::DeadAddress {
            cell.push(Bit::plain(if text.is_empty() { PICTURE } else { &text }));
        }
        if !mark.shown.is_empty() {
            mark.put(&mut cell);
        }
        Self {
            kind: &PARAGRAPH,
            quote: block.quote,
            cells: vec![cell],
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
    /// In order, apart from each other. An empty range: what is shown is put there in parentheses.
    changes: Vec<(Range<usize>, &'m Mark)>,
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
        for mark in sorted.iter().filter(|mark| mark.role == Role::Value) {
            let allowed =
                |span: &Range<usize>| span.start >= free && frame.can_replace(&text, span);
            let spans = [with_bracket(&text, &mark.span), mark.span.clone()];
            if let Some(span) = spans.into_iter().find(allowed) {
                free = span.end;
                edits.changes.push((span, **mark));
            }
        }
        let targets = sorted.iter().filter(|mark| mark.is_of_link());
        edits.targets(targets.map(|mark| **mark), |span| {
            frame.can_replace(&text, span)
        });
        let tags = sorted
            .iter()
            .filter(|mark| matches!(mark.role, Role::Tag | Role::TagAfter));
        edits.tags(tags.map(|mark| **mark), |span| {
            frame.can_replace(&text, span)
        });
        edits
            .changes
            .sort_by_key(|(range, _)| (range.start, range.end));
        edits
    }

    /// Links become text. A reference to their target follows, unless the text has one already; other targets that
    /// are to be shown always do.
    fn targets(
        &mut self,
        marks: impl Iterator<Item = &'m Mark>,
        can_replace: impl Fn(&Range<usize>) -> bool,
    ) {
        let replaced = self.changes.len();
        for mark in marks {
            let Range { start, end } = mark.span;
            if self.unlinked.last().is_some_and(|last| start < last.end) {
                continue;
            }
            self.unlinked.push(mark.span.clone());
            let shown = self.changes.get(..replaced).unwrap_or_default();
            let next = shown.partition_point(|(range, _)| range.start < end);
            let last = shown.get(..next).and_then(<[_]>::last);
            // Where the text ends, or a reference into which it leads.
            let after = last.map_or(end, |(range, _)| range.end.max(end));
            let is_bare = last.is_none_or(|(range, _)| range.end <= start);
            let place = match mark.role {
                Role::Value | Role::Tag | Role::TagAfter => None,
                Role::Target => is_bare.then_some(end..end),
                Role::Dead => (!mark.shown.is_empty()).then_some(after..after),
                Role::DeadAddress => {
                    Some(mark.span.clone()).filter(|it| is_bare && can_replace(it))
                }
            };
            self.changes.extend(place.map(|place| (place, mark)));
        }
    }

    /// References to tags, where nothing else is to be done.
    fn tags(
        &mut self,
        marks: impl Iterator<Item = &'m Mark>,
        can_replace: impl Fn(&Range<usize>) -> bool,
    ) {
        let mut taken: Vec<Range<usize>> = self
            .changes
            .iter()
            .map(|(range, _)| range.clone())
            .chain(self.unlinked.iter().cloned())
            .collect();
        taken.sort_by_key(|range| (range.start, range.end));
        let mut taken = taken.into_iter().peekable();
        let mut free = 0;
        for mark in marks {
            let Range { start, end } = mark.span;
            while let Some(before) = taken.next_if(|range| range.end <= start) {
                free = free.max(before.end);
            }
            let apart = taken.peek().is_none_or(|next| end <= next.start);
            if start < free || !apart || !can_replace(&mark.span) {
                continue;
            }
            free = end;
            let replaces = mark.role == Role::Tag;
            self.changes
                .push((if replaces { start } else { end }..end, mark));
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

/// The place of a value with the bracket that would be left alone without it: of `[2a0d::1]:443`, the first may
/// not be part of the value.
fn with_bracket(text: &str, span: &Range<usize>) -> Range<usize> {
    let (mut open, mut closed) = (0_usize, 0_usize);
    for byte in text.get(span.clone()).unwrap_or_default().bytes() {
        match byte {
            b'[' => open += 1,
            b']' if open > 0 => open -= 1,
            b']' => closed += 1,
            _ => {}
        }
    }
    let before = text.get(..span.start).unwrap_or_default();
    let after = text.get(span.end..).unwrap_or_default();
    let left = closed == 1 && open == 0 && before.ends_with('[');
    let right = open == 1 && closed == 0 && after.starts_with(']');
    span.start - usize::from(left)..span.end + usize::from(right)
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
        while let Some(((change, mark), rest)) = changes.split_first() {
            if change.start > end || (change.start == end && !change.is_empty()) {
                break;
            }
            if change.start >= at {
                keep(at, change.start, cell);
                mark.put(cell);
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
