//! Listings that name one field of a file a line: a table of two columns, list items, lines of a paragraph.
//!
//! `MD5: …`, `SHA1: …`, `SHA256: …` below each other are one file, and the same sequence once more is the next
//! one. Without such a rhythm they are a list of hashes.

use std::ops::Range;

use super::found::{Found, Places, by_line};
use super::join::{file_members, is_hash};
use super::words_besides;
use crate::article::blocks::{Block, Kind};
use crate::event::context::Outline;

/// Letters and digits besides the value in a line that is a label and a value.
const LABEL_WORDS: usize = 40;

/// Rows from one field of a file to the next, at most.
const MAX_GAP: usize = 4;

/// What the label of a field of a file has.
const FIELDS: &[&str] = &[
    "md5", "sha", "hash", "ssdeep", "tlsh", "file", "name", "imp", "digest",
];

/// The files that listings describe, each as what was found of it.
pub(super) fn files<'a>(outline: &Outline<'_>, places: &Places<'a>) -> Vec<Vec<Found<'a>>> {
    let mut files = Vec::new();
    let mut run = Run::default();
    let mut previous: Option<usize> = None;
    for (number, found) in places.blocks() {
        let follows = previous.is_some_and(|previous| are_neighbours(outline, previous, number));
        if !follows {
            files.extend(std::mem::take(&mut run).files());
            run.title = title(outline, places, number);
        }
        previous = Some(number);
        let kind = outline.block(number).map(|block| &block.kind);
        let listed = matches!(kind, Some(Kind::ListItem { .. } | Kind::TableRow { .. }));
        if !listed && !matches!(kind, Some(Kind::Paragraph)) {
            continue;
        }
        let fields = lines(outline, number, found);
        if listed && fields.len() == 1 {
            run.fields.extend(fields);
            continue;
        }
        let own = Run {
            title: None,
            fields,
        };
        files.extend(own.files());
        files.extend(std::mem::take(&mut run).files());
    }
    files.extend(run.files());
    files
}

/// Fields below each other.
#[derive(Default)]
struct Run<'a> {
    /// The name that stands above them.
    title: Option<Found<'a>>,
    fields: Vec<Found<'a>>,
}

impl<'a> Run<'a> {
    fn files(self) -> Vec<Vec<Found<'a>>> {
        let mut files = cycles(&self.fields);
        let Some(title) = self.title else {
            return files;
        };
        match (files.as_mut_slice(), self.fields.as_slice()) {
            ([file], _) => file.insert(0, title),
            // A single hash below a name is that file's.
            ([], [hash]) if relation(hash).is_some_and(is_hash) => {
                files.push(vec![title, hash.clone()]);
            }
            _ => {}
        }
        files
    }
}

/// The name of a file that a listing belongs to: alone in the outer item, or the line, right above it.
fn title<'a>(outline: &Outline<'_>, places: &Places<'a>, number: usize) -> Option<Found<'a>> {
    let above = number.checked_sub(1)?;
    let (first, second) = (outline.block(above)?, outline.block(number)?);
    let over = match (&first.kind, &second.kind) {
        (Kind::ListItem { depth: outer, .. }, Kind::ListItem { depth: inner, .. }) => outer < inner,
        (Kind::Paragraph | Kind::Heading { .. }, Kind::ListItem { .. }) => true,
        _ => false,
    };
    let [name] = places.block(above) else {
        return None;
    };
    let text = outline.text(above);
    let short = words_besides(text, &(0..text.len()), std::slice::from_ref(name)) <= LABEL_WORDS;
    (over && short && relation(name) == Some("filename")).then(|| name.clone())
}

/// The field of a file that a value is, if it is exactly one.
fn relation(found: &Found<'_>) -> Option<&'static str> {
    match file_members(found).as_slice() {
        [member] => Some(member.relation),
        _ => None,
    }
}

/// Whether two blocks follow each other in one list or one table of two columns.
fn are_neighbours(outline: &Outline<'_>, before: usize, number: usize) -> bool {
    let (Some(first), Some(second)) = (outline.block(before), outline.block(number)) else {
        return false;
    };
    let together = match (&first.kind, &second.kind) {
        (Kind::ListItem { depth: one, .. }, Kind::ListItem { depth: two, .. }) => one == two,
        (Kind::TableRow { table: one, .. }, Kind::TableRow { table: two, .. }) => {
            one == two && is_label_and_value(first) && is_label_and_value(second)
        }
        _ => false,
    };
    // Rows of a table may say other things in between.
    let gap = if matches!(second.kind, Kind::TableRow { .. }) {
        MAX_GAP
    } else {
        1
    };
    together && number - before <= gap
}

fn is_label_and_value(row: &Block) -> bool {
    row.cells.iter().filter(|cell| !cell.is_empty()).count() == 2
}

/// The values of a block of which every line with any is one value and its label; else nothing.
fn lines<'a>(outline: &Outline<'_>, number: usize, found: &[Found<'a>]) -> Vec<Found<'a>> {
    let text = outline.text(number);
    let lines = by_line(text, found);
    let plain = lines.iter().all(|(line, found)| {
        found.len() == 1
            && words_besides(text, line, found) <= LABEL_WORDS
            && is_field(text, line, found)
    });
    if plain { found.to_vec() } else { Vec::new() }
}

/// Whether a line says which field its value is, or nothing at all. Any other word describes the value, and the
/// next line may be about something else.
fn is_field(text: &str, line: &Range<usize>, found: &[Found<'_>]) -> bool {
    let Some(span) = found.first().map(|found| &found.span) else {
        return false;
    };
    let before = text.get(line.start..span.start).unwrap_or_default();
    let after = text.get(span.end..line.end).unwrap_or_default();
    let label = format!("{before} {after}").to_lowercase();
    FIELDS.iter().any(|field| label.contains(field)) || !label.contains(char::is_alphanumeric)
}

/// Parts a sequence of values where its kinds begin anew; nothing unless they do so in a rhythm.
fn cycles<'a>(run: &[Found<'a>]) -> Vec<Vec<Found<'a>>> {
    let relations: Vec<&str> = run.iter().map_while(relation).collect();
    if relations.len() < run.len() || run.len() < 2 {
        return Vec::new();
    }
    let first = relations.first().copied().unwrap_or_default();
    let period = relations
        .iter()
        .skip(1)
        .position(|relation| *relation == first)
        .map_or(run.len(), |at| at + 1);
    let (head, _) = relations.split_at(period);
    let distinct = head
        .iter()
        .enumerate()
        .all(|(at, relation)| !head.iter().skip(at + 1).any(|other| other == relation));
    let rhythm = run.len().is_multiple_of(period)
        && relations
            .iter()
            .zip(head.iter().cycle())
            .all(|(one, two)| one == two);
    let hashes = head.iter().filter(|relation| is_hash(relation)).count();
    // One name and one hash below each other may be two findings.
    let tells = hashes > 1 || (hashes == 1 && period == 2 && run.len() > period);
    if distinct && rhythm && tells {
        run.chunks(period).map(<[Found<'_>]>::to_vec).collect()
    } else {
        Vec::new()
    }
}
