//! Dots that are words, or stand between blanks: "evil dot com", `evil-dot-com`, "evil . com".

use std::ops::Range;

use super::dots::is_spaced;
use super::marks::Marks;
use super::reader::{Reader, is_word};
use super::words;

/// A dot as a word between blanks, hyphens or underscores: "evil dot com", `evil-dot-com`.
pub(super) fn undo(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    let reader = marks.reader;
    let edge = reader.byte(at);
    let end = at + 4;
    if !reader.has(at + 1, "dot") || reader.byte(end) != edge {
        return None;
    }
    match edge {
        b' ' => lone(marks, at + 1..end),
        b'-' | b'_' if is_word(reader.before(at)) && at >= marks.floor() => {
            let label = reader.label(end + 1);
            let name = reader.slice(label).as_bytes();
            let first = name.split(|byte| *byte == edge).next().unwrap_or_default();
            let last = first.len() == name.len();
            let fits = last && words::is_top_level(name) && !words::is_english_top_level(name)
                || !last && reader.has(end + 1 + first.len() + 1, "dot");
            fits.then(|| {
                marks.change(at..end + 1, ".", true);
                end + 1
            })
        }
        _ => None,
    }
}

/// A dot, or the word, with blanks around it.
pub(super) fn lone(marks: &mut Marks<'_>, core: Range<usize>) -> Option<usize> {
    let reader = marks.reader;
    let start = reader.skip_blanks_back(core.start);
    let next = reader.skip_blanks(core.end);
    let (left, right) = (reader.before(start), reader.byte(next));
    if !is_word(left) || !is_word(right) || start < marks.floor() {
        return None;
    }
    let fits = if left.is_ascii_digit() && right.is_ascii_digit() {
        groups_before(reader, start) + groups_behind(reader, next) == 4
    } else {
        is_spelled_name(reader, start..next, &core)
    };
    fits.then(|| {
        marks.change(start..next, ".", true);
        next
    })
}

/// Whether a dot or word with blanks around it joins labels; written as a word it is in one case with them.
fn is_spelled_name(reader: Reader<'_>, around: Range<usize>, core: &Range<usize>) -> bool {
    let word = reader.word_before(around.start);
    let name = reader.slice(reader.label(around.end));
    let sure = word.contains(&b'@') || word.windows(3).any(|part| part == b"://");
    let both = around.start < core.start && core.end < around.end;
    let capital = reader.byte(around.end).is_ascii_uppercase() && reader.byte(core.start) != b'D';
    (both || sure && around.start < core.start)
        && !capital
        && !name.is_empty()
        && is_spaced(reader, around.start, around.end)
}

/// How many numbers of up to three digits with dots between them, in any form, end at `at`; at most 5.
pub(super) fn groups_before(reader: Reader<'_>, mut at: usize) -> usize {
    for group in 0..5 {
        let digits = reader.count_back(at, 4, |byte| byte.is_ascii_digit());
        if !(1..=3).contains(&digits) {
            return group;
        }
        at -= digits;
        let between = reader.count_back(at, 9, is_between);
        if !is_separator(reader.slice(at - between..at)) {
            return group + 1;
        }
        at -= between;
    }
    5
}

/// How many begin at `at`.
pub(super) fn groups_behind(reader: Reader<'_>, mut at: usize) -> usize {
    for group in 0..5 {
        let digits = reader.count(at, 4, |byte| byte.is_ascii_digit());
        if !(1..=3).contains(&digits) {
            return group;
        }
        at += digits;
        let between = reader.count(at, 9, is_between);
        if !is_separator(reader.slice(at..at + between)) {
            return group + 1;
        }
        at += between;
    }
    5
}

fn is_between(byte: u8) -> bool {
    b" .[](){}dotDOT".contains(&byte)
}

fn is_separator(between: &str) -> bool {
    between.trim_matches(|edge| " []{}()".contains(edge)) == "."
        || between
            .trim_matches(|edge| " []{}()".contains(edge))
            .eq_ignore_ascii_case("dot")
}
