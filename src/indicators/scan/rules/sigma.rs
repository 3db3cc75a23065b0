//! Sigma rules (Sigma specification 2): YAML documents with a log source and a detection.

use super::super::{Kind, Text};
use super::{Attempt, LONGEST};

/// Whether `title:` begins a line.
pub(super) fn begins(text: &Text<'_>, at: usize) -> bool {
    text.bytes().get(at..at + 6) == Some(b"title:")
        && text.line_before(at, 64).bytes().all(|byte| byte == b' ')
}

/// Reads a document to the next separator, the next title, or the first line that is no YAML.
pub(super) fn attempt(text: &Text<'_>, at: usize) -> Attempt {
    let indent = text.line_before(at, 64).len();
    let mut seen = Seen::default();
    let (mut line_start, mut end) = (at, at);
    loop {
        let line = line(text, line_start);
        let content = line.trim_start_matches(' ');
        let depth = if line_start == at {
            0
        } else {
            (line.len() - content.len()).saturating_sub(indent)
        };
        if line_start > at && ends(content, depth) || line_start - at > LONGEST {
            break;
        }
        seen.add(content, depth);
        if !content.trim_end().is_empty() {
            end = line_start + line.trim_end().len();
        }
        line_start += line.len() + 1;
        if line_start > text.str().len() {
            break;
        }
    }
    if seen.all() {
        Attempt::Rule(Kind::Sigma, end)
    } else {
        Attempt::Failed(line_start.max(at + 1).min(text.str().len()))
    }
}

/// The line that begins at `start`, without its break, at most a rule's length of it.
fn line<'a>(text: &'a Text<'_>, start: usize) -> &'a str {
    let rest = text.bytes().get(start..).unwrap_or_default();
    let length = rest
        .iter()
        .take(LONGEST)
        .position(|byte| *byte == b'\n')
        .unwrap_or(rest.len().min(LONGEST));
    let mut end = start + length;
    while !text.str().is_char_boundary(end) {
        end += 1;
    }
    text.slice(start..end)
}

/// Whether a line ends the document.
fn ends(content: &str, depth: usize) -> bool {
    if depth > 0 || content.trim_end().is_empty() {
        return false;
    }
    let is_entry = content.starts_with("- ") || content.starts_with('#');
    content.starts_with("---")
        || content.starts_with("...")
        || content.starts_with("title:")
        || !(is_entry || is_key(content))
}

/// `name:` at the end of the line or before a blank.
fn is_key(content: &str) -> bool {
    let name = content
        .bytes()
        .take_while(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-'))
        .count();
    name > 0
        && content.as_bytes().get(name) == Some(&b':')
        && matches!(content.as_bytes().get(name + 1), None | Some(b' ' | b'\r'))
}

/// The parts that make a document a rule.
#[derive(Default)]
struct Seen {
    source: bool,
    detection: bool,
    condition: bool,
}

impl Seen {
    fn add(&mut self, content: &str, depth: usize) {
        self.source |= depth == 0 && content.starts_with("logsource:");
        self.detection |= depth == 0 && content.starts_with("detection:");
        self.condition |= content.starts_with("condition:");
    }

    fn all(&self) -> bool {
        self.source && self.detection && self.condition
    }
}
