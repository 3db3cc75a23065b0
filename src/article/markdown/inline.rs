//! Runs as inline Markdown.

use std::sync::Arc;

use super::escape::{self, Around, Place};
use super::marked::{Bit, Source};
use crate::article::blocks::Style;
use crate::event::text::storable;

/// The lines of a block's text; all but the last end in a hard break.
pub(super) fn lines(block: &Source<'_>) -> Vec<String> {
    let place = place(block, false);
    let mut lines: Vec<String> = block
        .cells
        .iter()
        .flat_map(|cell| split_lines(cell))
        .map(|runs| escape::line_start(&line(&runs, place)))
        .filter(|line| !line.is_empty())
        .collect();
    let last = lines.len().saturating_sub(1);
    for line in lines.iter_mut().take(last) {
        line.push('\\');
    }
    lines
}

fn place(block: &Source<'_>, in_table: bool) -> Place {
    Place {
        in_table,
        lone_tilde: tildes(block).take(2).count() <= 1,
    }
}

fn tildes(block: &Source<'_>) -> impl Iterator<Item = char> {
    let runs = block.cells.iter().flatten();
    runs.flat_map(|run| run.text.chars()).filter(|c| *c == '~')
}

/// A block's text in one line, for headings.
pub(super) fn one_line(block: &Source<'_>) -> String {
    let runs: Vec<Vec<Bit>> = block
        .cells
        .iter()
        .flat_map(|cell| split_lines(cell))
        .collect();
    joined(&runs, place(block, false))
}

/// The cells of a row, one line each.
pub(super) fn cells(block: &Source<'_>) -> Vec<String> {
    let place = place(block, true);
    let cells = block.cells.iter();
    cells
        .map(|cell| joined(&split_lines(cell), place))
        .collect()
}

fn joined(lines: &[Vec<Bit>], place: Place) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|runs| line(runs, place))
        .filter(|line| !line.is_empty())
        .collect();
    lines.join(" ")
}

/// A link with plain text.
pub(super) fn link(text: &str, target: &Arc<str>) -> String {
    let run = Bit {
        link: Some(Arc::clone(target)),
        ..Bit::plain(storable(text))
    };
    line(&[run], Place::default())
}

/// Cuts runs at line breaks, so that no style or link spans one; drops blanks at the ends of lines. From here on
/// nothing is taken out of the text any more: escapes look at neighbours.
fn split_lines(runs: &[Bit]) -> Vec<Vec<Bit>> {
    let mut lines = vec![Vec::new()];
    for run in runs {
        for (n, text) in storable(&run.text).split('\n').enumerate() {
            if n > 0 {
                lines.push(Vec::new());
            }
            if let (Some(line), false) = (lines.last_mut(), text.is_empty()) {
                line.push(Bit {
                    text: text.to_owned(),
                    style: simplify(run.style),
                    link: run.link.clone(),
                    is_reference: run.is_reference,
                });
            }
        }
    }
    lines.iter_mut().for_each(trim);
    lines.into_iter().map(merge).collect()
}

/// Code is code, bold or not.
fn simplify(style: Style) -> Style {
    if style.code {
        Style {
            code: true,
            ..Style::default()
        }
    } else {
        style
    }
}

fn trim(line: &mut Vec<Bit>) {
    let is_blank = |run: &Bit| run.text.trim_start().is_empty();
    let blank = line.iter().take_while(|run| is_blank(run)).count();
    line.drain(..blank);
    if let Some(first) = line.first_mut() {
        first.text = first.text.trim_start().to_owned();
    }
    while let Some(last) = line.last_mut() {
        last.text.truncate(last.text.trim_end().len());
        if !last.text.is_empty() {
            break;
        }
        line.pop();
    }
}

/// Joins neighbours of one style, and turns code that cannot be written as code into text.
fn merge(line: Vec<Bit>) -> Vec<Bit> {
    let mut joined = join(line);
    for run in &mut joined {
        // A bracket in a label may end it where a block begins, code or not.
        let ends_label = run.link.is_some() && run.text.contains(']');
        // A link behind it, or round it, would make a reference of MISP's of it.
        let opens_reference = run.text.contains("@[");
        if run.style.code && (ends_label || opens_reference || run.text.trim().is_empty()) {
            run.style = Style::default();
        }
    }
    join(joined)
}

fn join(line: Vec<Bit>) -> Vec<Bit> {
    let mut joined: Vec<Bit> = Vec::new();
    for run in line {
        match joined.last_mut() {
            Some(last)
                if last.style == run.style
                    && last.link == run.link
                    && !last.is_reference
                    && !run.is_reference =>
            {
                last.text.push_str(&run.text);
            }
            _ => joined.push(run),
        }
    }
    joined
}

/// One line of runs.
fn line(runs: &[Bit], place: Place) -> String {
    let mut out = Line {
        text: String::new(),
        last: None,
        place,
    };
    let mut rest = runs;
    while let Some(first) = rest.first() {
        let same = rest.iter().take_while(|run| run.link == first.link).count();
        let (group, after) = rest.split_at(same);
        rest = after;
        let next = rest.first();
        match &first.link {
            Some(target) if group.iter().any(|run| !run.text.trim().is_empty()) => {
                out.link(group, target, next);
            }
            _ => out.runs(group, next, false),
        }
    }
    out.text
}

struct Line {
    text: String,
    /// The last character as rendered.
    last: Option<char>,
    place: Place,
}

impl Line {
    fn link(&mut self, runs: &[Bit], target: &str, next: Option<&Bit>) {
        let label: String = runs
            .iter()
            .filter(|run| !run.style.code)
            .map(|run| run.text.as_str())
            .collect();
        // A label may not be broken by blanks at its ends being moved out, nor hold brackets that do not pair.
        self.text.push('[');
        let outside = self.last.take();
        self.runs(runs, None, !brackets_pair(&label));
        self.text.push_str("](");
        self.text.push_str(&escape::target(target));
        self.text.push(')');
        self.last = runs
            .last()
            .and_then(|run| run.text.chars().last())
            .or(outside);
        // A parenthesis after it is text again; only a literal `]` before one matters.
        if self.last == Some(']') {
            self.last = Some(')');
        }
        let _ = next;
    }

    fn runs(&mut self, runs: &[Bit], next: Option<&Bit>, all_brackets: bool) {
        for (n, run) in runs.iter().enumerate() {
            let following = runs.get(n + 1).or(next);
            if run.is_reference {
                self.text.push_str(&run.text);
            } else if run.style.code {
                self.code(&run.text);
            } else {
                let around = Around {
                    before: self.last,
                    after: following.and_then(|run| run.text.chars().next()),
                    link_follows: following
                        .is_some_and(|next| next.link.is_some() && next.link != run.link),
                    all_brackets,
                    place: self.place,
                };
                self.styled(run, around);
            }
            self.last = run.text.chars().last().or(self.last);
        }
    }

    fn styled(&mut self, run: &Bit, around: Around) {
        let body = run.text.trim();
        let (lead, tail) = blanks(&run.text);
        let stars = match (run.style.strong, run.style.em) {
            (true, true) => "***",
            (true, false) => "**",
            (false, true) => "*",
            (false, false) => "",
        };
        if stars.is_empty() || body.is_empty() || !self.may_emphasise(body, lead, tail, &around) {
            escape::text(&run.text, around, &mut self.text);
            return;
        }
        self.text.push_str(lead);
        self.text.push_str(stars);
        let inner = Around {
            before: None,
            after: None,
            link_follows: false,
            ..around
        };
        escape::text(body, inner, &mut self.text);
        self.text.push_str(stars);
        self.text.push_str(tail);
    }

    /// Whether `*` here would open and close (CommonMark 6.2), in every reading of its neighbours.
    fn may_emphasise(&self, body: &str, lead: &str, tail: &str, around: &Around) -> bool {
        let open = |c: Option<char>| {
            c.is_none_or(|c| c.is_whitespace() || (c.is_ascii_punctuation() && c != '*'))
        };
        let before = if lead.is_empty() {
            self.text.chars().last()
        } else {
            Some(' ')
        };
        let after = if tail.is_empty() {
            around.after
        } else {
            Some(' ')
        };
        let first = body.chars().next().is_some_and(char::is_alphanumeric);
        let last = body.chars().last().is_some_and(char::is_alphanumeric);
        // A delimiter of ours right before would run together with this one.
        let apart = before != Some('*') && !(tail.is_empty() && around.after == Some('*'));
        apart && (first || open(before)) && (last || open(after))
    }

    fn code(&mut self, text: &str) {
        let fence = "`".repeat(escape::longest_backticks(text) + 1);
        let padded = text.starts_with('`')
            || text.ends_with('`')
            || (text.starts_with(' ') && text.ends_with(' '));
        let pad = if padded { " " } else { "" };
        let text = if self.place.in_table {
            text.replace('|', "\\|")
        } else {
            text.to_owned()
        };
        self.text.push_str(&fence);
        self.text.push_str(pad);
        self.text.push_str(&text);
        self.text.push_str(pad);
        self.text.push_str(&fence);
    }
}

/// The blanks a text begins and ends with.
fn blanks(text: &str) -> (&str, &str) {
    let start = text.len() - text.trim_start().len();
    let end = text.trim_end().len();
    (
        text.get(..start).unwrap_or_default(),
        text.get(end.max(start)..).unwrap_or_default(),
    )
}

fn brackets_pair(text: &str) -> bool {
    let mut open = 0_usize;
    for c in text.chars() {
        match c {
            '[' => open += 1,
            ']' if open == 0 => return false,
            ']' => open -= 1,
            _ => {}
        }
    }
    open == 0
}
