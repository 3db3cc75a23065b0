//! The reader: lines to blocks.

use std::sync::Arc;

use super::lines::one_line;
use super::{code, inline, lines, prose, tables};
use crate::article::blocks::{Block, Kind, Marker};

/// How deep quotations are read within each other.
const DEEPEST_QUOTE: u32 = 8;

/// Reads clean text.
pub(super) fn read(text: &str) -> Vec<Block> {
    let lines: Vec<&str> = text.split('\n').map(str::trim_end).collect();
    let asciidoc = lines.iter().any(|line| {
        tables::is_asciidoc(line) || (line.starts_with('=') && lines::heading(line).is_some())
    });
    let mut reader = Reader {
        asciidoc,
        ..Reader::default()
    };
    reader.read(&lines, 0);
    reader.blocks
}

#[derive(Default)]
struct Reader<'a> {
    blocks: Vec<Block>,
    asciidoc: bool,
    /// How many tables there were.
    tables: u32,
    /// AsciiDoc's line of attributes before a table or listing.
    attributes: &'a str,
}

impl<'a> Reader<'a> {
    fn read(&mut self, lines: &[&'a str], quote: u32) {
        let first = self.blocks.len();
        let mut rest = lines;
        let mut rules = Rules::default();
        while let Some(line) = rest.first() {
            let taken = if line.trim().is_empty() {
                1
            } else {
                self.fenced(rest)
                    .or_else(|| self.rule(rest, lines.len() - rest.len(), lines, &mut rules))
                    .or_else(|| self.title(rest))
                    .or_else(|| self.quotation(rest, quote))
                    .or_else(|| self.table(rest))
                    .or_else(|| self.item(rest))
                    .unwrap_or_else(|| self.passage(rest))
            };
            rest = rest.get(taken.max(1)..).unwrap_or_default();
        }
        if quote > 0 {
            for block in self.blocks.get_mut(first..).unwrap_or_default() {
                block.quote = block.quote.max(quote);
            }
        }
    }

    fn push(&mut self, kind: Kind, text: &str) {
        let cell = inline::cell(text, self.asciidoc);
        if cell.is_empty() {
            return;
        }
        let mut block = Block::plain(kind, "");
        block.cells = vec![cell];
        self.blocks.push(block);
    }

    fn push_code(&mut self, language: &str, lines: &[&str]) {
        let mut text = lines.join("\n");
        text.truncate(text.trim_end().len());
        if text.trim().is_empty() {
            return;
        }
        let language = language.split_whitespace().next().unwrap_or_default();
        let named = !language.is_empty()
            && language.len() <= 20
            && language
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'#' | b'-'));
        let language = named.then(|| language.to_ascii_lowercase());
        let text = text.trim_start_matches('\n');
        self.blocks
            .push(Block::plain(Kind::Code { language }, text));
    }

    /// Code between fences; to the end of the text if it is not closed.
    fn fenced(&mut self, rest: &[&'a str]) -> Option<usize> {
        let line = rest.first()?.trim_start();
        let body = rest.get(1..)?;
        if let Some((fence, info)) = lines::fence(line) {
            let end = body.iter().position(|line| lines::closes(line, fence));
            let end = end.unwrap_or(body.len());
            self.push_code(info, body.get(..end)?);
            return Some(end + 2);
        }
        // A listing of AsciiDoc, whose fence could be the line below a title as well.
        let listing = self.asciidoc && matches!(line, "----" | "....");
        let end = listing.then(|| body.iter().position(|other| other.trim() == line))??;
        let attributes = std::mem::take(&mut self.attributes);
        let language = attributes.trim_matches(['[', ']']).split(',').nth(1);
        self.push_code(language.unwrap_or_default().trim(), body.get(..end)?);
        Some(end + 2)
    }

    /// A YARA rule, whole.
    fn rule(
        &mut self,
        rest: &[&'a str],
        at: usize,
        all: &[&str],
        rules: &mut Rules,
    ) -> Option<usize> {
        let language = code::rule_start(rest.first()?)?;
        let taken = if rest.first()?.ends_with('}') {
            1
        } else {
            rules.end_after(all, at)? - at + 1
        };
        self.push_code(language, rest.get(..taken)?);
        Some(taken)
    }

    /// A heading, a line of strokes, a line of attributes.
    fn title(&mut self, rest: &[&'a str]) -> Option<usize> {
        let line = rest.first()?;
        if let Some((level, text)) = lines::heading(line) {
            self.push(Kind::Heading { level }, &one_line(text));
            return Some(1);
        }
        if lines::is_rule(line) {
            return Some(1);
        }
        if self.asciidoc && line.starts_with('[') && line.ends_with(']') {
            let next = rest.get(1).map(|line| line.trim()).unwrap_or_default();
            if tables::is_asciidoc(next) || matches!(next, "----" | "....") {
                self.attributes = line;
                return Some(1);
            }
        }
        let level = rest.get(1).and_then(|below| lines::underline(below))?;
        let text = line.trim();
        let short = text.chars().count() <= 120;
        if !short || lines::item(line, self.asciidoc).is_some() || text.contains('|') {
            return None;
        }
        self.push(Kind::Heading { level }, &one_line(text));
        Some(2)
    }

    fn quotation(&mut self, rest: &[&'a str], quote: u32) -> Option<usize> {
        // First of all: deeper lines are asked one by one, and must not each look at those that follow.
        if quote >= DEEPEST_QUOTE {
            return None;
        }
        let quoted: Vec<&str> = rest.iter().map_while(|line| lines::quoted(line)).collect();
        if quoted.is_empty() {
            return None;
        }
        let taken = quoted.len();
        self.read(&quoted, quote + 1);
        Some(taken)
    }

    fn table(&mut self, rest: &[&'a str]) -> Option<usize> {
        let line = rest.first()?;
        let (table, taken) = if tables::is_asciidoc(line.trim()) {
            let attributes = std::mem::take(&mut self.attributes);
            tables::asciidoc(rest, attributes)?
        } else if let Some(barred) = tables::barred(rest) {
            barred
        } else if line.contains('\t') {
            tables::tabbed(rest)?
        } else {
            return None;
        };
        self.push_table(table);
        Some(taken)
    }

    fn push_table(&mut self, table: tables::Table) {
        let blocks = table.blocks(self.tables, self.asciidoc);
        self.tables += 1;
        self.blocks.extend(blocks);
    }

    /// An item of a list, with the lines that it is wrapped over.
    fn item(&mut self, rest: &[&'a str]) -> Option<usize> {
        let line = rest.first()?;
        let item = lines::item(line, self.asciidoc)?;
        let mut text = one_line(item.rest);
        let mut last = item.rest;
        let mut taken = 1;
        for next in rest.get(1..)? {
            let further = !self.starts(next) && lines::indent(next) > lines::indent(line);
            if !further || !prose::wraps(last, next, prose::width([last].into_iter())) {
                break;
            }
            text.push('\n');
            text.push_str(&one_line(next));
            last = next;
            taken += 1;
        }
        let kind = |marker| Kind::ListItem {
            depth: item.depth,
            marker,
        };
        self.push(kind(item.marker), &text);
        for next in rest.get(taken..)? {
            if self.starts(next) || lines::indent(next) <= lines::indent(line) {
                break;
            }
            self.push(kind(Marker::None), &one_line(next));
            taken += 1;
        }
        Some(taken)
    }

    /// Whether a line begins something of its own.
    fn starts(&self, line: &str) -> bool {
        line.trim().is_empty()
            || lines::item(line, self.asciidoc).is_some()
            || lines::heading(line).is_some()
            || lines::fence(line.trim_start()).is_some()
            || lines::is_rule(line)
            || lines::quoted(line).is_some()
            || line.starts_with('|')
            || line.trim().contains('\t')
            || code::rule_start(line).is_some()
    }

    /// Lines up to the next empty one, or the next that begins something of its own.
    fn passage(&mut self, rest: &[&'a str]) -> usize {
        let mut taken = 1;
        while let Some(line) = rest.get(taken) {
            let titled = rest
                .get(taken + 1)
                .is_some_and(|below| lines::underline(below).is_some());
            if self.starts(line) || titled {
                break;
            }
            taken += 1;
        }
        let passage = rest.get(..taken).unwrap_or_default();
        let indented = |line: &&&str| lines::indent(line) >= 4;
        if code::is_sigma(passage) {
            self.push_code("yaml", passage);
        } else if passage.iter().all(|line| indented(&line)) && code::is_source(passage) {
            self.push_code("", passage);
        } else if let Some(table) = tables::aligned(passage) {
            self.push_table(table);
        } else if is_laid_out(passage) {
            self.push_code("", passage);
        } else {
            self.paragraphs(passage);
        }
        taken
    }

    fn paragraphs(&mut self, passage: &[&str]) {
        let width = prose::width(passage.iter().copied());
        let mut text = String::new();
        for (at, line) in passage.iter().enumerate() {
            if let Some((alt, src)) = inline::image(line) {
                self.image(alt, src);
                continue;
            }
            text.push_str(&one_line(line));
            match passage.get(at + 1) {
                Some(next) if prose::wraps(line, next, width) && inline::image(next).is_none() => {
                    text.push('\n');
                }
                _ => {
                    self.push(Kind::Paragraph, &text);
                    text.clear();
                }
            }
        }
    }

    fn image(&mut self, alt: &str, src: &str) {
        if src.starts_with("https://") || src.starts_with("http://") {
            let kind = Kind::Image {
                src: Arc::from(src),
            };
            self.blocks.push(Block::plain(kind, one_line(alt)));
        } else {
            self.push(Kind::Paragraph, &one_line(alt));
        }
    }
}

/// Whether most of these lines are laid out with blanks, which says more than the words do.
fn is_laid_out(lines: &[&str]) -> bool {
    let laid_out = |line: &&&str| line.trim().contains("  ");
    lines.len() > 1 && lines.iter().filter(laid_out).count() * 2 > lines.len()
}

/// Where rules end. Remembers what it has looked at, so that beginnings without an end cost nothing more.
#[derive(Default)]
struct Rules {
    next: usize,
}

impl Rules {
    /// The first line from `at` on that is a closing brace.
    fn end_after(&mut self, lines: &[&str], at: usize) -> Option<usize> {
        if self.next < at {
            self.next = at;
        }
        let rest = lines.get(self.next..)?;
        let found = rest.iter().position(|line| line.trim() == "}");
        self.next = found.map_or(lines.len(), |found| self.next + found);
        found.map(|_| self.next)
    }
}
