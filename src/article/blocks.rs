//! An article is a list of blocks.
//!
//! Both readers start from here: the report is rendered from the blocks, and indicators are found in them,
//! as a block and a range of its text. So what an analyst reads and what became an attribute are the same
//! thing seen twice.
//!
//! # Text and spans
//!
//! A block's text is one string ([`Block::text`]). In it
//!
//! - blanks are collapsed as a browser would, except in [`Kind::Code`];
//! - a `\n` is a line break the author made (`<br>`, a line of code), never one of the page's source;
//! - a `\t` between two cells of a table row keeps them apart (cells themselves hold none);
//! - styles and links leave no trace: `<code>evil</code>.com` reads `evil.com`.
//!
//! [`Block::pieces`] maps ranges of that text back to the runs they came from.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// What stands between two cells of a row in [`Block::text`].
pub const CELL_BREAK: char = '\t';

/// One paragraph, heading, list item, row, ... of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: Kind,
    /// Where it stood in the page.
    pub region: Region,
    /// How many quotations it lies in.
    pub quote: u32,
    /// Its text. A [`Kind::TableRow`] has as many cells as columns (some may be empty), every other block one.
    pub cells: Vec<Cell>,
}

/// A cell of a row, or the whole of another block: runs in reading order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// None of them empty.
    pub runs: Vec<Run>,
}

/// A stretch of text in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Never empty.
    pub text: String,
    /// How it looks.
    pub style: Style,
    /// Absolute target of the link it is part of (`http`, `https`, `mailto`, `ftp`).
    pub link: Option<Arc<str>>,
}

/// How a run looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Typewriter: commands, paths, often indicators.
    pub code: bool,
    /// Bold.
    pub strong: bool,
    /// Italic.
    pub em: bool,
}

/// What a block is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A heading.
    Heading {
        /// 1 to 6.
        level: u8,
    },
    /// A paragraph.
    Paragraph,
    /// An item of a list, or a further paragraph of one.
    ListItem {
        /// How many lists it lies in, less one.
        depth: u32,
        /// What stands before it.
        marker: Marker,
    },
    /// A row of a table.
    TableRow {
        /// Which table of the article, in order of appearance.
        table: u32,
        /// Whether it is the table's header row itself.
        header: bool,
        /// Texts of the header cells above each of its cells; empty for a table without header.
        headers: Arc<[String]>,
    },
    /// Preformatted text, blanks and line breaks as they stood.
    Code {
        /// As the page names it: `powershell`, `yara`, ...
        language: Option<String>,
    },
    /// An image; its text is the alternative text, and may be empty.
    Image {
        /// Absolute address (`http` or `https`).
        src: Arc<str>,
    },
}

/// What stands before a list item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// A bullet.
    Bullet,
    /// A number.
    Number(u32),
    /// Nothing: a further paragraph of the item before it.
    None,
}

/// Where in the page a block stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Region {
    /// In the main content. Part of the report.
    Main,
    /// Outside of it, but it reads like a list of indicators: an appendix after the share bar, an
    /// accordion, a table in a sibling section. Part of the report.
    Appendix,
    /// Elsewhere in the body, navigation and the like excepted. Not part of the report; what is found here
    /// deserves less trust.
    Elsewhere,
}

/// A run and where its text stands in the block's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Range of [`Block::text`], in bytes.
    pub range: Range<usize>,
    /// Index into [`Block::cells`].
    pub cell: usize,
    /// Index into that cell's runs.
    pub run: usize,
    /// The run itself.
    pub value: &'a Run,
}

impl Cell {
    /// A cell of one plain run, or none when the text is empty.
    pub fn plain(text: impl Into<String>) -> Self {
        let text = text.into();
        let runs = if text.is_empty() {
            Vec::new()
        } else {
            vec![Run {
                text,
                style: Style::default(),
                link: None,
            }]
        };
        Self { runs }
    }

    /// Its text; that of a single run is lent.
    #[inline]
    pub fn text(&self) -> Cow<'_, str> {
        match self.runs.as_slice() {
            [] => Cow::Borrowed(""),
            [run] => Cow::Borrowed(&run.text),
            runs => Cow::Owned(joined(runs)),
        }
    }

    /// Whether it has no text.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }
}

fn joined(runs: &[Run]) -> String {
    let mut text = String::with_capacity(runs.iter().map(|run| run.text.len()).sum());
    for run in runs {
        text.push_str(&run.text);
    }
    text
}

fn row(cells: &[Cell]) -> String {
    let runs = || cells.iter().flat_map(|cell| &cell.runs);
    let length: usize = runs().map(|run| run.text.len()).sum();
    let mut text = String::with_capacity(length + cells.len());
    for (n, cell) in cells.iter().enumerate() {
        if n > 0 {
            text.push(CELL_BREAK);
        }
        for run in &cell.runs {
            text.push_str(&run.text);
        }
    }
    text
}

impl Block {
    /// A block of one plain run in the main content.
    pub fn plain(kind: Kind, text: impl Into<String>) -> Self {
        Self {
            kind,
            region: Region::Main,
            quote: 0,
            cells: vec![Cell::plain(text)],
        }
    }

    /// Its text as one string, with [`CELL_BREAK`] between cells; that of a single run is lent.
    #[inline]
    pub fn text(&self) -> Cow<'_, str> {
        if let [cell] = self.cells.as_slice() {
            return cell.text();
        }
        Cow::Owned(row(&self.cells))
    }

    /// Its runs with their ranges in [`Block::text`], in order.
    pub fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let mut at = 0;
        self.cells.iter().enumerate().flat_map(move |(cell, runs)| {
            if cell > 0 {
                at += CELL_BREAK.len_utf8();
            }
            let mut start = at;
            at += runs.runs.iter().map(|run| run.text.len()).sum::<usize>();
            runs.runs.iter().enumerate().map(move |(run, value)| {
                let range = start..start + value.text.len();
                start = range.end;
                Piece {
                    range,
                    cell,
                    run,
                    value,
                }
            })
        })
    }

    /// Whether no cell has any text.
    pub fn is_empty(&self) -> bool {
        self.cells.iter().all(Cell::is_empty)
    }

    /// Whether the report shows it.
    pub fn in_report(&self) -> bool {
        self.region != Region::Elsewhere
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> Run {
        Run {
            text: text.into(),
            style: Style::default(),
            link: None,
        }
    }

    #[test]
    fn pieces_map_the_text_back_to_runs() {
        let block = Block {
            kind: Kind::TableRow {
                table: 0,
                header: false,
                headers: Arc::default(),
            },
            region: Region::Main,
            quote: 0,
            cells: vec![
                Cell {
                    runs: vec![run("evil"), run(".com")],
                },
                Cell::default(),
                Cell {
                    runs: vec![run("ärger")],
                },
            ],
        };
        let text = block.text();
        assert_eq!(text, "evil.com\t\tärger");
        let pieces: Vec<_> = block.pieces().collect();
        assert_eq!(pieces.len(), 3);
        for piece in &pieces {
            assert_eq!(
                text.get(piece.range.clone()),
                Some(piece.value.text.as_str())
            );
        }
        assert_eq!(
            pieces.iter().map(|p| (p.cell, p.run)).collect::<Vec<_>>(),
            [(0, 0), (0, 1), (2, 0)]
        );
    }
}
