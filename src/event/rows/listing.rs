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
    let mut run: Vec<Found<'a>> = Vec::new();
    let mut previous: Option<usize> = None;
    for (number, found) in places.blocks() {
        let follows = previous.is_some_and(|previous| are_neighbours(outline, previous, number));
        if !follows {
            files.extend(cycles(&std::mem::take(&mut run)));
        }
        previous = Some(number);
        match outline.block(number).map(|block| &block.kind) {
            Some(Kind::Paragraph) => files.extend(cycles(&lines(outline, number, found))),
            Some(Kind::ListItem { .. } | Kind::TableRow { .. }) => {
                let one = lines(outline, number, found);
                if one.len() == 1 && found.len() == 1 {
                    run.extend(one);
                } else {
                    files.extend(cycles(&std::mem::take(&mut run)));
                }
            }
            _ => {}
        }
    }
    files.extend(cycles(&run));
    files
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
    let relations: Vec<&str> = run
        .iter()
        .map_while(|found| match file_members(found).as_slice() {
            [member] => Some(member.relation),
            _ => None,
        })
        .collect();
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
    let rhythm = run.len() % period == 0
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
