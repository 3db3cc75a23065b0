//! How a value stands in its line: alone, with a label, or within a sentence.

use std::borrow::Cow;
use std::ops::Range;

use crate::article::blocks::{Block, CELL_BREAK};

/// How much else there is in a line beside the values in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    /// Within other words.
    Prose,
    /// After a label (`C2:`) or before a remark (`(dropper)`, `- seen in May`).
    Labelled,
    /// Nothing but values.
    Alone,
}

/// Most words of a label and a remark.
const MAX_LABEL: usize = 9;
/// Most words that may stand beside the values of a list.
const MAX_ALONE: usize = 1;

/// The lines of a block (cells, in a table's row), each with its shape.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    pub(super) text: Cow<'a, str>,
    /// Those with values in them, in order.
    with_values: Vec<Line>,
    /// Where links stand, in order.
    links: Vec<Range<usize>>,
}

#[derive(Debug)]
struct Line {
    range: Range<usize>,
    shape: Shape,
    cell: usize,
    /// Range of the cell before, in a table's row.
    before: Range<usize>,
}

impl<'a> Lines<'a> {
    /// Reads a block. `spans`: where values stand in its text, in any order. Those of link targets count only
    /// where the link's text could be the value.
    pub(super) fn new(block: &'a Block, mut spans: Vec<Range<usize>>) -> Self {
        let text = block.text();
        spans.retain(|span| {
            let value = text.get(span.clone()).unwrap_or_default();
            !value.contains(' ') || value.contains(['.', '\\', '/', '@'])
        });
        spans.sort_unstable_by_key(|span| (span.start, span.end));
        let mut with_values = Vec::new();
        let mut spans = spans.as_slice();
        let (mut start, mut cell, mut before) = (0, 0, 0..0);
        for part in text.split_inclusive(['\n', CELL_BREAK]) {
            let range = start..start + part.len();
            start = range.end;
            let here = spans.partition_point(|span| span.start < range.end);
            let (inside, rest) = spans.split_at_checked(here).unwrap_or((spans, &[]));
            spans = rest;
            if !inside.is_empty() {
                with_values.push(Line {
                    shape: shape(&text, &range, inside),
                    range: range.clone(),
                    cell,
                    before: before.clone(),
                });
            }
            if part.ends_with(CELL_BREAK) {
                cell += 1;
                before = range;
            }
        }
        let linked = block.pieces().filter(|piece| piece.value.link.is_some());
        Self {
            links: linked.map(|piece| piece.range).collect(),
            text,
            with_values,
        }
    }

    /// The shape of the line in which something begins.
    pub(super) fn shape(&self, at: usize) -> Shape {
        self.line(at).map_or(Shape::Prose, |line| line.shape)
    }

    /// Range of the line in which something begins.
    pub(super) fn range(&self, at: usize) -> Range<usize> {
        self.line(at)
            .map_or(0..self.text.len(), |line| line.range.clone())
    }

    /// Index of the cell in which something begins, and text of the cell before it.
    pub(super) fn cell(&self, at: usize) -> (usize, &str) {
        self.line(at).map_or((0, ""), |line| {
            let before = self.text.get(line.before.clone()).unwrap_or_default();
            (line.cell, before.trim())
        })
    }

    /// Whether something begins in a link.
    pub(super) fn is_link(&self, at: usize) -> bool {
        let after = self.links.partition_point(|link| link.start <= at);
        after
            .checked_sub(1)
            .and_then(|last| self.links.get(last))
            .is_some_and(|link| link.contains(&at))
    }

    fn line(&self, at: usize) -> Option<&Line> {
        let after = self
            .with_values
            .partition_point(|line| line.range.start <= at);
        self.with_values.get(after.checked_sub(1)?)
    }
}

/// `spans` lie in `line`, in order; they may overlap.
fn shape(text: &str, line: &Range<usize>, spans: &[Range<usize>]) -> Shape {
    let mut words = 0;
    let mut at = line.start;
    let first = spans.first().map_or(line.end, |span| span.start);
    for span in spans {
        words += count_words(text.get(at..span.start.max(at)).unwrap_or_default());
        at = at.max(span.end);
    }
    words += count_words(text.get(at..line.end.max(at)).unwrap_or_default());
    if words <= MAX_ALONE {
        return Shape::Alone;
    }
    let before = text.get(line.start..first).unwrap_or_default().trim_end();
    let after = text.get(at..line.end.max(at)).unwrap_or_default().trim();
    let bare = before
        .trim_matches(|c: char| !c.is_alphanumeric())
        .is_empty();
    let labelled = before.ends_with([':', '=', '-', '–', '—', '|', '：', '>', '→']);
    let remark = after.is_empty()
        || after.starts_with(['(', '-', '–', '—', '|', ',', ':', ';', '[', '/', '#', '→']);
    let sentence = ends_sentence(after);
    let named = words <= MAX_LABEL && (bare || labelled) && (remark || !sentence);
    let remarked = words <= 2 * MAX_LABEL && bare && remark && !sentence;
    if named || remarked {
        Shape::Labelled
    } else {
        Shape::Prose
    }
}

fn ends_sentence(text: &str) -> bool {
    text.trim_end().ends_with(['.', '!', '?', '。'])
}

/// Words of letters and digits; numbers and single letters (`443`, `x`) are not counted. In scripts that do not
/// part words by blanks, two letters are a word.
fn count_words(text: &str) -> usize {
    let joined = text.chars().filter(|c| is_ideograph(*c)).count();
    let parted = text
        .split(|c: char| !c.is_alphanumeric() || is_ideograph(c))
        .filter(|word| word.len() > 1 && word.bytes().any(|b| !b.is_ascii_digit()))
        .count();
    parted + joined.div_ceil(2)
}

/// Chinese and Japanese letters.
fn is_ideograph(letter: char) -> bool {
    ('\u{2E80}'..='\u{9FFF}').contains(&letter) && letter.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::blocks::Kind;

    fn of(text: &str, value: &str) -> Shape {
        let at = text.find(value).unwrap();
        let block = Block::plain(Kind::Paragraph, text);
        let spans = std::iter::once(at..at + value.len());
        Lines::new(&block, spans.collect()).shape(at)
    }

    #[test]
    fn lines_have_shapes() {
        for (text, expected) in [
            ("evil.top", Shape::Alone),
            ("  * `evil.top`,", Shape::Alone),
            ("12. evil.top:443", Shape::Alone),
            ("C2: evil.top", Shape::Alone),
            ("First C2 server: evil.top", Shape::Labelled),
            ("evil.top (second stage of the loader)", Shape::Labelled),
            ("evil.top - seen in May 2023", Shape::Labelled),
            ("The loader asks evil.top for its payload.", Shape::Prose),
            (
                "evil.top was registered in May by the same actor.",
                Shape::Prose,
            ),
            ("We thank our friends at evil.top", Shape::Prose),
            ("域名：evil.top", Shape::Alone),
            ("恶意域名：evil.top", Shape::Labelled),
            ("公司网站为evil.top。", Shape::Prose),
        ] {
            assert_eq!(of(text, "evil.top"), expected, "{text}");
        }
    }

    #[test]
    fn every_line_is_read_by_itself() {
        let text = "Nothing in this line.\nevil.top\nWe saw the name bad.top in many of them.";
        let block = Block::plain(Kind::Paragraph, text);
        let spans = ["bad.top", "evil.top"].map(|value| {
            let at = text.find(value).unwrap();
            at..at + value.len()
        });
        let lines = Lines::new(&block, spans.to_vec());
        assert_eq!(lines.shape(spans[1].start), Shape::Alone);
        assert_eq!(lines.shape(spans[0].start), Shape::Prose);
    }
}
