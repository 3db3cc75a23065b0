//! Names that only the words before them give away: mutexes, pipes, services, tasks, user agents.
//!
//! A name is believed when it stands between quotation marks or alone behind the words that announce it
//! (`mutex named`, `Mutex:`), and when it does not look like an English word. A table's header or the cell before
//! announces a whole cell.

mod agents;
mod labels;
#[cfg(test)]
mod tests;

use std::ops::Range;

use self::labels::{Announced, Label};
use super::{Kind, Raw, Text};

/// The longest name in a cell of its own, in bytes. Windows allows 260 characters for kernel objects.
const LONGEST_CELL: usize = 260;

/// Finds what the word at the start of a gap announces, or a user agent that begins there.
pub(super) fn find(text: &Text<'_>, gap: Range<usize>, raws: &mut Vec<Raw>) {
    let at = behind_quotes(text, gap.start);
    if gap.len() < 2 || text.byte(at.wrapping_sub(1)).is_ascii_alphanumeric() {
        return;
    }
    let start = [0, 1, 2].map(|offset| text.byte(at + offset) | 0x20);
    let found = match &start {
        b"moz" => agents::mozilla(text, at),
        b"glo" | b"loc" => kernel_object(text, at),
        b"mut" | b"nam" | b"pip" | b"ser" | b"sch" | b"sc " | b"sc." | b"tas" | b"use" | b"new"
        | b"reg" | b"cre" | b"ope" => announced(text, at),
        _ => None,
    };
    let fits = |raw: &Raw| raw.span.end <= gap.end || !super::paths::is_cut(text, gap.end);
    raws.extend(found.filter(fits));
}

/// Passes over what may open before a word.
fn behind_quotes(text: &Text<'_>, at: usize) -> usize {
    let mut at = at;
    for _ in 0..2 {
        at += match text.byte(at) {
            b'\'' | b'(' => 1,
            0xE2 if text.byte(at + 1) == 0x80 => 3,
            _ => break,
        };
    }
    at
}

/// The names in a cell that the table's header or the cell before announces, one a line; nothing when a line of
/// it is no name.
pub(super) fn cell(text: &Text<'_>, raws: &mut Vec<Raw>) {
    let Some(kind) = [text.place.header, text.place.before]
        .into_iter()
        .flatten()
        .find_map(labels::of_cell)
    else {
        return;
    };
    let mut at = 0;
    for line in text.str().split('\n') {
        let name = line
            .trim()
            .trim_matches(['"', '`', '\'', '“', '”', '‘', '’']);
        if !name.is_empty() {
            if !fills_cell(kind, name) {
                raws.clear();
                return;
            }
            let start = at + line.find(name).unwrap_or_default();
            raws.push(Raw::new(kind, name, start..start + name.len()));
        }
        at += line.len() + 1;
    }
}

/// Whether a line of an announced cell is the name and does not speak of it. Services and tasks are also headers
/// of tables about networks (`ssh`), so that single words must look like names.
fn fills_cell(kind: Kind, name: &str) -> bool {
    let longest = if kind == Kind::UserAgent {
        1024
    } else {
        LONGEST_CELL
    };
    let is_certain = matches!(kind, Kind::Mutex | Kind::UserAgent) || name.contains(' ');
    (2..=longest).contains(&name.len())
        && !labels::is_word(name)
        && !is_sentence(kind, name)
        && (is_certain || labels::is_name(name))
}

/// Whether a cell says something about a name instead of being one.
fn is_sentence(kind: Kind, name: &str) -> bool {
    let words = name.split_ascii_whitespace().count();
    words > 8 && kind != Kind::UserAgent || name.ends_with('.') && words > 2
}

/// Whether a word begins there, in lower case given.
fn word(text: &Text<'_>, at: usize, word: &[u8]) -> bool {
    text.bytes()
        .get(at..at + word.len())
        .is_some_and(|bytes| bytes.eq_ignore_ascii_case(word))
}

/// What a label at `at` announces.
fn announced(text: &Text<'_>, at: usize) -> Option<Raw> {
    let Label { kind, end, command } = labels::at(text, at)?;
    let Announced { from, strong } = if command {
        Announced {
            from: end,
            strong: true,
        }
    } else {
        labels::announced(text, end)?
    };
    if kind == Kind::UserAgent {
        return agents::labelled(text, at, from);
    }
    if let Some(span) = quoted(text, from, LONGEST_CELL) {
        return believable(text, kind, span, true);
    }
    believable(text, kind, token(text, from), false).filter(|_| strong)
}

/// What stands between the quotation marks that open at `at`, at most `max` bytes on.
fn quoted(text: &Text<'_>, at: usize, max: usize) -> Option<Range<usize>> {
    let rest = text.line_after(at, max);
    let open = rest.chars().next()?;
    let close = match open {
        '"' | '\'' | '`' => open,
        '“' | '”' | '„' => '”',
        '‘' | '’' => '’',
        '«' => '»',
        _ => return None,
    };
    let from = at + open.len_utf8();
    let inner = rest.get(open.len_utf8()..)?;
    let length = inner
        .find(close)
        .or_else(|| inner.find('“').filter(|_| open == '„'))?;
    Some(from..from + length)
}

/// The word at `at`, without the sentence's punctuation.
fn token(text: &Text<'_>, at: usize) -> Range<usize> {
    let rest = text.line_after(at, LONGEST_CELL);
    let word = rest
        .split([' ', '\t', '"', '`', ',', ';', '“', '”', '\u{a0}', '|', '\r'])
        .next()
        .unwrap_or_default();
    let word = word.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '’']);
    let word = match word.strip_suffix(')') {
        Some(inner) if !inner.contains('(') => inner,
        _ => word,
    };
    at..at + word.len()
}

/// A find, if what stands there looks like a name.
fn believable(text: &Text<'_>, kind: Kind, span: Range<usize>, quoted: bool) -> Option<Raw> {
    let written = text.slice(span.clone());
    let name = written.trim();
    let fits = if quoted {
        (2..=LONGEST_CELL).contains(&name.len())
            && !name.contains(['\n', '<', '>'])
            && !labels::is_word(name)
    } else {
        labels::is_name(name)
    };
    if !fits || name.len() != written.len() || name.contains('%') && name.contains("%s") {
        return None;
    }
    Some(Raw::new(kind, single(name), span))
}

/// With the doubled backslashes of source code made single, but those at the start.
fn single(name: &str) -> String {
    match name.find(|c| c != '\\') {
        Some(first) if first > 1 => name
            .split_at_checked(first)
            .map_or_else(String::new, |(_, rest)| {
                format!(r"\\{}", rest.replace(r"\\", r"\"))
            }),
        _ => name.replace(r"\\", r"\"),
    }
}

/// `Global\name` and `Local\name` beside the word mutex: names in the kernel's object namespaces.
fn kernel_object(text: &Text<'_>, at: usize) -> Option<Raw> {
    let is_namespace = word(text, at, br"global\") || word(text, at, br"local\");
    if !is_namespace {
        return None;
    }
    let near = |line: &str| {
        let line = line.to_ascii_lowercase();
        line.contains("mutex") || line.contains("mutant")
    };
    let span = token(text, at);
    let is_mutex = near(text.line_before(at, 80)) || near(text.line_after(span.end, 40));
    let long = span.len() > 8;
    (is_mutex && long).then(|| Raw::new(Kind::Mutex, single(text.slice(span.clone())), span))
}
