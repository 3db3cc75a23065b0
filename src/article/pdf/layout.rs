//! Pieces of text, by where they stand, as lines.

use std::collections::HashMap;
use std::fmt::Write as _;

/// A gap wider than this is a blank; narrower ones are kerning. In units of the font size, as those that follow.
const BLANK: f64 = 0.18;
/// A gap wider than this parts columns.
const COLUMN: f64 = 2.0;
/// Text within this distance up or down stands on the same line (superscripts).
const LINE: f64 = 0.45;
/// A step down of more than this ends a paragraph.
const PARAGRAPH: f64 = 2.0;
/// Type larger than the text's by this factor is a heading's.
const HEADING: f64 = 1.15;
/// Longest heading, in characters.
const LONGEST_HEADING: usize = 120;

/// A piece of text and where it was set, in points.
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    pub(super) start: (f64, f64),
    pub(super) end: (f64, f64),
    pub(super) size: f64,
    pub(super) bold: bool,
}

/// A line of text.
#[derive(Debug)]
struct Line {
    text: String,
    size: f64,
    bold: bool,
    /// Whether a paragraph ended before it.
    apart: bool,
}

/// Lines so far.
#[derive(Debug, Default)]
pub(super) struct Layout {
    lines: Vec<Line>,
    /// Where the last piece ended, and its size.
    last: Option<((f64, f64), f64)>,
    length: usize,
}

impl Layout {
    /// Bytes of text so far, and what its lines take besides: the shortest take most.
    pub(super) fn len(&self) -> usize {
        self.length + self.lines.len() * size_of::<Line>()
    }

    /// Adds the next piece.
    pub(super) fn push(&mut self, piece: &Piece<'_>) {
        let size = if piece.size > 0.1 { piece.size } else { 1.0 };
        let blank = piece.text.trim().is_empty();
        let step = self.last.map(|(end, before)| {
            let em = size.max(before);
            ((piece.start.0 - end.0) / em, (piece.start.1 - end.1) / em)
        });
        match (step, self.lines.last_mut()) {
            (Some((gap, drop)), Some(line)) if drop.abs() < LINE && gap > -1.0 => {
                let open = !line.text.is_empty() && !line.text.ends_with([' ', '\t']);
                if gap > COLUMN && !blank {
                    line.text.truncate(line.text.trim_end().len());
                    line.text.push('\t');
                } else if gap > BLANK && open && !piece.text.starts_with(' ') {
                    line.text.push(' ');
                }
                add(&mut line.text, piece.text);
                line.bold &= piece.bold || blank;
                line.size = line.size.max(if blank { 0.0 } else { size });
            }
            // Blanks alone begin no line.
            _ if blank => return,
            (step, _) => {
                let apart = step.is_none_or(|(_, drop)| !(-PARAGRAPH..=LINE).contains(&drop));
                let mut text = String::new();
                add(&mut text, piece.text);
                self.lines.push(Line {
                    text,
                    size,
                    bold: piece.bold,
                    apart,
                });
            }
        }
        self.length += piece.text.len() + 1;
        self.last = Some((piece.end, size));
    }

    /// Ends a page: what follows stands on a line of its own.
    pub(super) fn end_page(&mut self) {
        self.last = None;
    }

    /// All of it as text, headings marked.
    pub(super) fn into_text(self) -> String {
        let body = self.body_size();
        let bold = self.lines.iter().filter(|line| line.bold).count() * 3 > self.lines.len();
        let mut text = String::with_capacity(self.length + self.lines.len());
        for line in &self.lines {
            if line.apart {
                text.push('\n');
            }
            if let Some(level) = line.level(body, bold) {
                let marks = "#".repeat(level);
                let _ = writeln!(text, "\n{marks} {}\n", line.text.trim());
            } else {
                text.push_str(line.text.trim_end());
                text.push('\n');
            }
        }
        text
    }

    /// The size most of the text is set in.
    fn body_size(&self) -> f64 {
        let mut sizes: HashMap<i64, usize> = HashMap::new();
        for line in &self.lines {
            *sizes.entry(tenths(line.size)).or_default() += line.text.len();
        }
        let most = sizes
            .into_iter()
            .max_by_key(|(size, length)| (*length, *size));
        #[expect(clippy::cast_precision_loss, reason = "a font size")]
        most.map_or(1.0, |(size, _)| size as f64 / 10.0)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a font size; `as` saturates"
)]
fn tenths(size: f64) -> i64 {
    (size * 10.0).round() as i64
}

impl Line {
    /// Its level, if it is a heading: set larger than the text, or bold among text that is not, and no value.
    fn level(&self, body: f64, bold_text: bool) -> Option<usize> {
        let text = self.text.trim();
        let words = text.chars().any(char::is_alphabetic) && !text.contains('\t');
        let short = text.chars().count() <= LONGEST_HEADING;
        let value = text.split_whitespace().any(|word| {
            let inner = word.trim_end_matches(['.', ':', ',']);
            inner.contains(['/', '\\', '@', '['])
                || (inner.contains('.') && inner.len() > 4)
                || inner.len() > 30
        });
        if !words || !short || value {
            return None;
        }
        if self.size >= body * HEADING * 1.4 {
            return Some(1);
        }
        if self.size >= body * HEADING {
            return Some(2);
        }
        let bold = self.bold && !bold_text && self.size >= body * 0.95;
        (bold && text.len() <= 80 && !text.ends_with(['.', ',', ';'])).then_some(3)
    }
}

/// Adds a text with its ligatures taken apart: no host name has them.
fn add(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\u{FB00}' => out.push_str("ff"),
            '\u{FB01}' => out.push_str("fi"),
            '\u{FB02}' => out.push_str("fl"),
            '\u{FB03}' => out.push_str("ffi"),
            '\u{FB04}' => out.push_str("ffl"),
            '\u{FB05}' | '\u{FB06}' => out.push_str("st"),
            '\n' | '\r' | '\t' => out.push(' '),
            c => out.push(c),
        }
    }
}
