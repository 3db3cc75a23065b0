//! Tables in plain text: bars, AsciiDoc's `|===`, tabs, columns.

use std::ops::Range;
use std::sync::Arc;

use super::inline;
use super::lines::one_line;
use crate::article::blocks::{Block, Cell, Kind, Region};

/// A table as read: its rows, and whether the first is a header.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) rows: Vec<Vec<String>>,
    pub(super) header: bool,
}

impl Table {
    /// Its rows as blocks; `number` is which table of the article it is.
    pub(super) fn blocks(self, number: u32, asciidoc: bool) -> Vec<Block> {
        let width = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let mut headers: Arc<[String]> = Arc::default();
        let mut blocks = Vec::with_capacity(self.rows.len());
        for (row, mut cells) in self.rows.into_iter().enumerate() {
            cells.resize(width, String::new());
            let cells: Vec<Cell> = cells
                .iter()
                .map(|text| inline::cell(text, asciidoc))
                .collect();
            let header = self.header && row == 0;
            if header {
                headers = cells.iter().map(|cell| cell.text().into_owned()).collect();
            }
            if cells.iter().all(Cell::is_empty) {
                continue;
            }
            blocks.push(Block {
                kind: Kind::TableRow {
                    table: number,
                    header,
                    headers: Arc::clone(&headers),
                },
                region: Region::Main,
                quote: 0,
                cells,
            });
        }
        blocks
    }
}

/// A Markdown table at the start of these lines, and how many it takes. Either the second line is a separator, or
/// at least two lines begin and end with a bar.
pub(super) fn barred(lines: &[&str]) -> Option<(Table, usize)> {
    let first = lines.first().filter(|line| line.contains('|'))?;
    let separated = lines.get(1).is_some_and(|line| is_separator(line));
    let fenced = |line: &str| {
        let line = line.trim();
        line.len() > 2 && line.starts_with('|') && line.ends_with('|')
    };
    let follows = |line: &&&str| {
        if separated {
            line.contains('|')
        } else {
            fenced(line)
        }
    };
    let taken = lines.iter().take_while(follows).count();
    if !separated && (taken < 2 || !fenced(first)) {
        return None;
    }
    let taken_lines = lines.get(..taken)?;
    let rows = taken_lines.iter().filter(|line| !is_separator(line));
    let rows = rows.map(|line| bar_cells(line)).collect();
    let table = Table {
        rows,
        header: separated,
    };
    Some((table, taken))
}

/// `| --- | :---: |`
fn is_separator(line: &str) -> bool {
    line.contains('|')
        && line.contains("--")
        && line
            .bytes()
            .all(|byte| matches!(byte, b'|' | b'-' | b':' | b' ' | b'\t' | b'+'))
}

fn bar_cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let line = line
        .strip_suffix('|')
        .filter(|rest| !rest.ends_with('\\'))
        .unwrap_or(line);
    split_bars(line)
}

/// Parts at bars that are not escaped.
fn split_bars(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    for part in line.split('|') {
        let Some(last) = cells.last_mut() else { break };
        last.push_str(part);
        if part.ends_with('\\') {
            last.pop();
            last.push('|');
        } else {
            cells.push(String::new());
        }
    }
    if cells.len() > 1 && cells.last().is_some_and(String::is_empty) {
        cells.pop();
    }
    cells.iter().map(|cell| one_line(cell)).collect()
}

/// The AsciiDoc table that begins with `|===` in the first of these lines, and how many lines it takes.
/// `attributes` is the line in square brackets before it, if there is one.
pub(super) fn asciidoc(lines: &[&str], attributes: &str) -> Option<(Table, usize)> {
    let fence = lines
        .first()
        .map(|line| line.trim())
        .filter(|line| is_asciidoc(line))?;
    let body = lines.get(1..)?;
    let end = body.iter().position(|line| line.trim() == fence)?;
    let body = body.get(..end)?;
    let first = body
        .iter()
        .position(|line| !line.trim().is_empty())
        .unwrap_or_default();
    let mut cells: Vec<String> = Vec::new();
    let mut width = columns(attributes);
    for line in body.iter().map(|line| line.trim()) {
        if let Some(row) = line.strip_prefix('|') {
            cells.extend(split_bars(row));
        } else if let Some(last) = cells.last_mut().filter(|_| !line.is_empty()) {
            last.push('\n');
            last.push_str(&one_line(line));
        } else if !line.is_empty() {
            cells.push(one_line(line));
        }
        // Without `cols`, the first row stands on the first line.
        width = width.or((!cells.is_empty()).then_some(cells.len()));
    }
    let spaced = body
        .get(first + 1)
        .is_some_and(|line| line.trim().is_empty());
    let marked = attributes.contains("header");
    let table = Table {
        rows: cells
            .chunks(width.unwrap_or(1).max(1))
            .map(<[String]>::to_vec)
            .collect(),
        header: marked || (first == 0 && spaced && !attributes.contains("noheader")),
    };
    Some((table, end + 2))
}

/// Whether this line opens or closes a table of AsciiDoc.
pub(super) fn is_asciidoc(line: &str) -> bool {
    line.strip_prefix('|')
        .is_some_and(|rest| rest.len() >= 3 && rest.bytes().all(|byte| byte == b'='))
}

/// The number of columns that `cols="1,2"` or `cols=3*` means.
fn columns(attributes: &str) -> Option<usize> {
    let (_, value) = attributes.split_once("cols=")?;
    let quoted = value
        .strip_prefix('"')
        .and_then(|value| value.split('"').next());
    let value = quoted.unwrap_or_else(|| value.split([',', ']']).next().unwrap_or_default());
    let count = |part: &str| match part.split_once('*') {
        Some((times, _)) => times.trim().parse().unwrap_or(1),
        None => 1,
    };
    let total: usize = value.split([',', ';']).map(count).sum();
    (1..=64).contains(&total).then_some(total)
}

/// A table of columns parted by tabs, at the start of these lines, and how many it takes.
pub(super) fn tabbed(lines: &[&str]) -> Option<(Table, usize)> {
    let cells = |line: &str| -> Vec<String> { line.trim().split('\t').map(one_line).collect() };
    let width = |line: &str| {
        line.trim()
            .split('\t')
            .filter(|cell| !cell.trim().is_empty())
            .count()
    };
    let taken = lines.iter().take_while(|line| width(line) >= 2).count();
    if taken == 0 {
        return None;
    }
    let rows = lines.get(..taken)?.iter().map(|line| cells(line)).collect();
    Some((with_header(rows), taken))
}

/// A table of columns that stand straight below each other, parted by two blanks or more: all of these lines.
pub(super) fn aligned(lines: &[&str]) -> Option<Table> {
    let first = columns_of(lines.first()?);
    if lines.len() < 2 || first.len() < 2 {
        return None;
    }
    let mut rows = Vec::with_capacity(lines.len());
    for line in lines {
        let columns = columns_of(line);
        let straight = columns.len() == first.len()
            && columns.iter().zip(&first).all(|(a, b)| a.start == b.start);
        if !straight {
            return None;
        }
        let cells = columns
            .into_iter()
            .filter_map(|range| line.get(range))
            .map(one_line);
        rows.push(cells.collect());
    }
    Some(with_header(rows))
}

/// Where the columns of a line stand, in bytes.
fn columns_of(line: &str) -> Vec<Range<usize>> {
    let mut columns = Vec::new();
    let mut at = 0;
    for part in line.split("  ") {
        let start = at + (part.len() - part.trim_start().len());
        if !part.trim().is_empty() {
            columns.push(start..at + part.trim_end().len());
        }
        at += part.len() + 2;
    }
    columns
}

/// The first row is a header when it names and the next one holds values.
fn with_header(rows: Vec<Vec<String>>) -> Table {
    let values = |row: &Vec<String>| row.iter().any(|cell| is_value(cell));
    let names = |row: &Vec<String>| {
        row.iter()
            .all(|cell| cell.chars().count() <= 40 && !is_value(cell))
    };
    let header = rows.first().is_some_and(names) && rows.get(1).is_some_and(values);
    Table { rows, header }
}

/// Whether a cell holds a value rather than words: something with a dot, slash or at sign in it, or a long token with
/// digits.
fn is_value(cell: &str) -> bool {
    cell.split_whitespace().any(|word| {
        let inner = word.trim_matches(|c: char| !c.is_alphanumeric());
        let digits = inner.bytes().any(|byte| byte.is_ascii_digit());
        (digits && inner.len() >= 8) || inner.contains(['.', '/', '\\', '@', '[', ':'])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(table: &Table) -> Vec<Vec<&str>> {
        table
            .rows
            .iter()
            .map(|row| row.iter().map(String::as_str).collect())
            .collect()
    }

    #[test]
    fn bars() {
        let lines = [
            "| Domain | Seen |",
            "|---|:--:|",
            "| `a[.]top` | x \\| y |",
            "text",
        ];
        let (table, taken) = barred(&lines).unwrap();
        assert_eq!(taken, 3);
        assert!(table.header);
        assert_eq!(rows(&table), [["Domain", "Seen"], ["`a[.]top`", "x | y"]]);
        let (table, taken) = barred(&["| a | b |", "| c | d |"]).unwrap();
        assert!(taken == 2 && !table.header);
        for lines in [
            &["a.txt|9e107d9d372bb6826bd81d3542a419d6", "b.txt|x"][..],
            &["| & $ 0 :80 1.2 []:80", "x"],
            &["text", "| --- |"],
        ] {
            assert_eq!(barred(lines), None, "{lines:?}");
        }
    }

    #[test]
    fn asciidoc_tables_have_cells_on_lines_or_rows() {
        let lines = [
            "|===",
            "|SHA-1 | Name",
            "|aa | x.exe",
            "| bb",
            "| y.exe",
            "more",
            "|===",
            "after",
        ];
        let (table, taken) = asciidoc(&lines, "[options=\"header\"]").unwrap();
        assert_eq!(taken, 7);
        assert!(table.header);
        assert_eq!(
            rows(&table),
            [["SHA-1", "Name"], ["aa", "x.exe"], ["bb", "y.exe\nmore"]]
        );
        let lines = ["|===", "|a", "|b", "|c", "|d", "|==="];
        let (table, _) = asciidoc(&lines, "[cols=\"1,2a\"]").unwrap();
        assert!(!table.header);
        assert_eq!(rows(&table), [["a", "b"], ["c", "d"]]);
        assert_eq!(columns("[cols=3*]"), Some(3));
        assert_eq!(asciidoc(&["|===", "|a"], ""), None);
    }

    #[test]
    fn columns_by_tabs_and_blanks() {
        let (table, taken) = tabbed(&["Type\tValue", "domain\tevil[.]top", "end"]).unwrap();
        assert!(taken == 2 && table.header);
        let (table, _) = tabbed(&["a.top\t198.51.100.7"]).unwrap();
        assert_eq!(
            (rows(&table), table.header),
            (vec![vec!["a.top", "198.51.100.7"]], false)
        );
        assert_eq!(tabbed(&["\tindented"]), None);

        let table = aligned(&["sha256    name", "abcd1234  x.exe"]).unwrap();
        assert!(table.header);
        assert_eq!(rows(&table), [["sha256", "name"], ["abcd1234", "x.exe"]]);
        assert_eq!(aligned(&["a  b", "long  c"]), None);
        assert_eq!(aligned(&["two words", "and more"]), None);
    }
}
