//! Tables: which hold data, and their rows.

use std::sync::Arc;

use url::Url;

use super::blocks::{Block, Cell, Kind, Region};
use super::cells::{self, Seen};
use super::dom::Dom;

/// Columns beyond this are of a page that plays with us.
const MAX_COLUMNS: usize = 64;

/// A cell with more characters is a column of a page.
const LONGEST_CELL: usize = 4000;

/// Whether a table holds data, as opposed to one that only places other things on the page.
pub(super) fn is_data(dom: &Dom, at: usize) -> bool {
    let presentation = dom
        .get(at)
        .and_then(|node| node.element())
        .is_some_and(|table| matches!(table.attr_or_empty("role"), "presentation" | "none"));
    if presentation {
        return false;
    }
    let (mut rows, mut widest, mut width) = (0, 0, 0);
    for (inner, element) in dom.elements(at) {
        match element.name() {
            "td" if dom
                .get(inner)
                .is_some_and(|cell| cell.sums.text > LONGEST_CELL) =>
            {
                return false;
            }
            "table" | "pre" | "h1" | "h2" | "h3" | "textarea" | "figure" | "blockquote" => {
                return false;
            }
            "tr" => {
                rows += 1;
                width = 0;
            }
            "td" | "th" => {
                width += 1;
                widest = widest.max(width);
            }
            _ => {}
        }
    }
    rows > 1 && widest > 0 || widest > 1
}

/// A row: its block, and how much of it stood where.
pub(super) type Row = (Block, Seen);

/// The rows of a data table, all of the same width. Cells that span columns or rows leave empty cells in the
/// places they cover, so that every cell stands under its header.
pub(super) fn rows(dom: &Dom, at: usize, table: u32, base: &Url) -> Vec<Row> {
    let mut grid = Grid::default();
    for (row, element) in dom.elements(at) {
        if element.name() == "tr" {
            grid.row(dom, row, base);
        } else if element.name() == "caption" {
            grid.caption = Some(cells::cell(dom, row, base));
        }
    }
    grid.finish(table)
}

#[derive(Default)]
struct Grid {
    caption: Option<(Cell, Seen)>,
    rows: Vec<GridRow>,
    /// Rows that a cell above still covers, by column.
    covered: Vec<usize>,
}

struct GridRow {
    cells: Vec<Cell>,
    seen: Seen,
    header: bool,
}

impl Grid {
    fn row(&mut self, dom: &Dom, row: usize, base: &Url) {
        let mut cells = Vec::new();
        let mut seen = Seen::default();
        let in_head = dom
            .ancestors(row)
            .take(1)
            .filter_map(|at| dom.get(at))
            .any(|node| node.name() == "thead");
        let mut all_th = true;
        for (at, element) in dom.elements(row) {
            let name = element.name();
            if !matches!(name, "td" | "th") || media_gutter(dom, at) {
                continue;
            }
            all_th &= name == "th";
            self.skip_covered(&mut cells);
            let span = |name| {
                element
                    .attr_or_empty(name)
                    .parse::<usize>()
                    .unwrap_or(1)
                    .clamp(1, MAX_COLUMNS)
            };
            let (cell, of_cell) = cells::cell(dom, at, base);
            seen.all += of_cell.all;
            seen.main += of_cell.main;
            seen.linked += of_cell.linked;
            let start = cells.len();
            cells.push(cell);
            cells.resize_with((start + span("colspan")).min(MAX_COLUMNS), Cell::default);
            self.cover(start..cells.len(), span("rowspan") - 1);
        }
        self.skip_covered(&mut cells);
        cells.truncate(MAX_COLUMNS);
        if cells.iter().any(|cell| !cell.is_empty()) {
            let header = in_head || all_th;
            self.rows.push(GridRow {
                cells,
                seen,
                header,
            });
        }
    }

    /// Leaves empty cells where a cell above reaches down.
    fn skip_covered(&mut self, cells: &mut Vec<Cell>) {
        while let Some(rows) = self.covered.get_mut(cells.len()).filter(|rows| **rows > 0) {
            *rows -= 1;
            cells.push(Cell::default());
        }
    }

    fn cover(&mut self, columns: std::ops::Range<usize>, rows: usize) {
        if rows == 0 {
            return;
        }
        if self.covered.len() < columns.end {
            self.covered.resize(columns.end, 0);
        }
        for column in columns {
            if let Some(slot) = self.covered.get_mut(column) {
                *slot = rows;
            }
        }
    }

    fn finish(mut self, table: u32) -> Vec<Row> {
        let width = self
            .rows
            .iter()
            .map(|row| row.cells.len())
            .max()
            .unwrap_or(0);
        let mut headers = Arc::from(Vec::new());
        let mut rows = Vec::new();
        if let Some((caption, seen)) = self.caption.take().filter(|(cell, _)| !cell.is_empty()) {
            rows.push((block(Kind::Paragraph, vec![caption]), seen));
        }
        let head = has_head(&self.rows, width);
        for (n, mut row) in self.rows.into_iter().enumerate() {
            row.cells.resize_with(width, Cell::default);
            let header = head && n == 0;
            if header {
                headers = row
                    .cells
                    .iter()
                    .map(|cell| cell.text().into_owned())
                    .collect();
            }
            let kind = Kind::TableRow {
                table,
                header,
                headers: Arc::clone(&headers),
            };
            rows.push((block(kind, row.cells), row.seen));
        }
        rows
    }
}

/// Whether the first row is a header. One cell above several columns is a title; in a table of one column, it names
/// those below that do not call themselves headers.
fn has_head(rows: &[GridRow], width: usize) -> bool {
    let first = rows.first().filter(|row| row.header);
    first.is_some_and(|row| {
        row.cells.len() > 1 || width == 1 && rows.get(1).is_some_and(|next| !next.header)
    })
}

fn media_gutter(dom: &Dom, at: usize) -> bool {
    dom.get(at)
        .and_then(|node| node.element())
        .is_some_and(super::media::is_gutter)
}

fn block(kind: Kind, cells: Vec<Cell>) -> Block {
    Block {
        kind,
        region: Region::Elsewhere,
        quote: 0,
        cells,
    }
}
