//! The report: Markdown rendered from the blocks.
//!
//! For MISP's report viewer (markdown-it with GFM tables). What the page says is escaped so that it renders as
//! the text it was, and only where it must be: `evil[.]com` stays `evil[.]com`. Nothing of a page becomes
//! HTML, a script link, or one of MISP's own references (`@[attribute](..)`).

mod escape;
mod inline;
mod marked;

pub use self::marked::Mark;
use self::marked::{PICTURE, Source};
use super::blocks::{Block, Kind, Marker};
use super::text::head;
use crate::event::text::storable;

/// What a cut report ends with.
const CUT: &str =
    "\n*The report is cut here: the article is longer than the limit set for reports.*\n";

/// Blocks, and what is kept of them, are not cut shorter than this, in bytes.
const LEAST_PART: usize = 512;

/// Renders the blocks that belong to the report. Over `max_bytes` it is cut between two blocks (or two rows of
/// a table), or within a long one at a line or word, with a note that says so.
///
/// All of it can be stored as it is ([`storable`] would change nothing): what is taken out of text after it was
/// escaped undoes escapes.
pub fn render(blocks: &[Block], max_bytes: usize) -> String {
    render_with(blocks, &[], max_bytes)
}

/// The same with references in place of what stands at the marks; where that would break code, the text stays.
pub fn render_with(blocks: &[Block], marks: &[Mark], max_bytes: usize) -> String {
    let sources = sources(blocks, marks);
    let mut report = Report {
        text: String::new(),
        max: max_bytes,
        indents: Vec::new(),
        previous: Previous::Nothing,
    };
    let mut rest = sources.as_slice();
    while let Some((block, after)) = rest.split_first() {
        rest = after;
        if block.is_empty() && !matches!(block.kind, Kind::Image { .. }) {
            continue;
        }
        let fits = match block.kind {
            Kind::TableRow { table, .. } => {
                let others = rest
                    .iter()
                    .take_while(|next| is_row_of(next, *table))
                    .count();
                let (rows, after) = rest.split_at(others);
                rest = after;
                report.table(block, rows)
            }
            _ => report.fit(block, Report::block),
        };
        if !fits {
            report.text.push_str(CUT);
            break;
        }
    }
    report.text
}

/// The blocks the report shows, with their marks.
fn sources<'a>(blocks: &'a [Block], marks: &[Mark]) -> Vec<Source<'a>> {
    let mut sorted: Vec<&Mark> = marks.iter().collect();
    sorted.sort_by_key(|mark| mark.block);
    let shown = blocks
        .iter()
        .enumerate()
        .filter(|(_, block)| block.in_report());
    let with_marks = |(number, block): (usize, &'a Block)| {
        let first = sorted.partition_point(|mark| mark.block < number);
        let last = sorted.partition_point(|mark| mark.block <= number);
        Source::of(block, sorted.get(first..last).unwrap_or_default())
    };
    shown.map(with_marks).collect()
}

fn is_row_of(block: &Source<'_>, wanted: u32) -> bool {
    matches!(block.kind, Kind::TableRow { table, .. } if *table == wanted)
}

/// What stands before, as far as it matters for the space between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Previous {
    Nothing,
    ListItem,
    Other,
}

struct Report {
    text: String,
    max: usize,
    /// Width of the marker of each open list level.
    indents: Vec<usize>,
    previous: Previous,
}

impl Report {
    /// Adds a block; of a long one for which there is no room, as much as there is room for. `false` when anything was
    /// left out.
    fn fit(&mut self, block: &Source<'_>, add: impl Fn(&mut Self, &Source<'_>) -> bool) -> bool {
        let (indents, previous) = (self.indents.clone(), self.previous);
        if add(self, block) {
            return true;
        }
        let mut room = self.max.saturating_sub(self.text.len() + CUT.len());
        // Escapes, and marks before each line, may double a text's length and more.
        while room >= LEAST_PART {
            self.indents.clone_from(&indents);
            self.previous = previous;
            match part(block, room) {
                Some(part) if add(self, &part) => break,
                Some(_) => room -= room / 8,
                None => break,
            }
        }
        false
    }

    /// Adds a block; `false` when there is no more room.
    fn block(&mut self, block: &Source<'_>) -> bool {
        let quote = block.quote;
        match block.kind {
            Kind::ListItem { depth, marker } => self.item(block, *depth, *marker),
            Kind::Heading { level } => {
                let hashes = "#".repeat(usize::from((*level).clamp(1, 6)));
                let text = escape::heading_end(&inline::one_line(block));
                self.paragraph(&[format!("{hashes} {text}")], quote)
            }
            Kind::Code { language } => self.paragraph(&code(block, language.as_deref()), quote),
            Kind::Image { src } => {
                let alt = block.text();
                let alt = if alt.is_empty() { PICTURE } else { &alt };
                self.paragraph(&[inline::link(alt, src)], quote)
            }
            Kind::Paragraph | Kind::TableRow { .. } => self.paragraph(&inline::lines(block), quote),
        }
    }

    fn paragraph(&mut self, lines: &[String], quote: u32) -> bool {
        self.indents.clear();
        let fits = self.write(lines, true, quote);
        self.previous = Previous::Other;
        fits
    }

    fn item(&mut self, block: &Source<'_>, depth: u32, marker: Marker) -> bool {
        let depth = usize::try_from(depth)
            .unwrap_or(usize::MAX)
            .min(self.indents.len());
        let mark = match marker {
            Marker::Bullet => "- ".to_owned(),
            // CommonMark reads up to nine digits.
            Marker::Number(n) => format!("{}. ", n.min(999_999_999)),
            Marker::None if depth < self.indents.len() => String::new(),
            Marker::None => return self.paragraph(&inline::lines(block), block.quote),
        };
        let further = mark.is_empty();
        if !further {
            self.indents.truncate(depth);
            self.indents.push(mark.len());
        }
        let outer: usize = self.indents.iter().take(depth).sum();
        let inner: usize = self.indents.iter().take(depth + 1).sum();
        let lines: Vec<String> = inline::lines(block)
            .into_iter()
            .enumerate()
            .map(|(n, line)| match n {
                0 if !further => format!("{}{mark}{line}", " ".repeat(outer)),
                _ => format!("{}{line}", " ".repeat(inner)),
            })
            .collect();
        let gap = further || self.previous != Previous::ListItem;
        let fits = self.write(&lines, gap, block.quote);
        self.previous = Previous::ListItem;
        fits
    }

    /// One header row, its rule, the rows. A table without header gets an empty one, which the format demands.
    fn table(&mut self, first: &Source<'_>, rows: &[Source<'_>]) -> bool {
        let width = rows
            .iter()
            .chain([first])
            .map(|row| row.cells.len())
            .max()
            .unwrap_or(1);
        let headed = matches!(first.kind, Kind::TableRow { header: true, .. });
        let empty = vec![String::new(); width];
        let head = if headed { inline::cells(first) } else { empty };
        let rule = vec!["---".to_owned(); width];
        let lines = [row(&head, width), row(&rule, width)];
        self.indents.clear();
        let mut fits = self.write(&lines, true, first.quote);
        let unheaded = (!headed).then_some(first);
        for block in unheaded.into_iter().chain(rows) {
            fits = fits
                && self.fit(block, |report, block| {
                    let line = row(&inline::cells(block), width);
                    report.write(&[line], false, first.quote)
                });
        }
        self.previous = Previous::Other;
        fits
    }

    /// Adds lines, after an empty one if there is to be a gap; `false`, and nothing, when there is no room.
    fn write(&mut self, lines: &[String], gap: bool, quote: u32) -> bool {
        let prefix = "> ".repeat(usize::try_from(quote.min(8)).unwrap_or(8));
        let size: usize = lines.iter().map(|line| prefix.len() + line.len() + 1).sum();
        if self.text.len() + size + 1 + CUT.len() > self.max {
            return false;
        }
        if gap && self.previous != Previous::Nothing {
            self.text.push('\n');
        }
        for line in lines {
            self.text.push_str(&prefix);
            self.text.push_str(line);
            self.text.push('\n');
        }
        true
    }
}

/// The start of a block's text, of at most so many bytes, up to the end of a line or at least a word; `None` when
/// the block is not longer than that, or short anyway.
fn part<'a>(block: &Source<'a>, max: usize) -> Option<Source<'a>> {
    let mut part = block.clone();
    let mut room = max;
    let mut cut = false;
    for run in part.cells.iter_mut().flatten() {
        if cut || (run.is_reference && run.text.len() > room) {
            cut = true;
            run.text.clear();
        } else if run.text.len() <= room {
            room -= run.text.len();
        } else {
            cut = true;
            let head = head(&run.text, room);
            let end = head.rfind('\n').filter(|end| end * 2 > head.len());
            let end = end.or_else(|| head.rfind(char::is_whitespace)).unwrap_or(0);
            run.text.truncate(end);
        }
    }
    for cell in &mut part.cells {
        cell.retain(|run| !run.text.is_empty());
    }
    let long = block.text().len() >= 2 * LEAST_PART;
    (long && !part.is_empty()).then_some(part)
}

fn row(cells: &[String], width: usize) -> String {
    let mut line = String::from("|");
    for at in 0..width {
        let cell = cells.get(at).map_or("", String::as_str);
        line.push(' ');
        line.push_str(cell);
        line.push_str(if cell.is_empty() { "|" } else { " |" });
    }
    line
}

/// A fenced block, its fence longer than any row of backticks inside.
fn code(block: &Source<'_>, language: Option<&str>) -> Vec<String> {
    let text = escape::code_block(&storable(&block.text()));
    let fence = "`".repeat(escape::longest_backticks(&text).max(2) + 1);
    let mut lines = vec![format!("{fence}{}", language.unwrap_or_default())];
    lines.extend(text.split('\n').map(str::to_owned));
    lines.push(fence);
    lines
}

#[cfg(test)]
mod tests;
