//! Ids of MITRE ATT&CK: techniques, tactics, software, groups.
//! <https://attack.mitre.org/>

use std::ops::Range;

use super::super::super::Kind;
use super::{Raw, Text, digits, is_word};

/// How far around a software's or group's id something must speak of ATT&CK, in bytes.
const NEAR: usize = 80;

/// `T1059`, `T1059.003`, `TA0002`, `S0154`, `G0007`, and `attack.t1059.003` as in Sigma's tags.
pub(super) fn at(text: &Text<'_>, start: usize) -> Option<Raw> {
    match text.preceding(start) {
        b'.' if !text.line_before(start, 7).eq_ignore_ascii_case("attack.") => return None,
        b'_' | b'-' => return None,
        _ => {}
    }
    match (text.byte(start), text.byte(start + 1)) {
        (b'T', b'A') | (b't', b'a') => tactic(text, start),
        (b'T', _) => technique(text, start),
        (b't', _) if text.preceding(start) == b'.' => technique(text, start),
        (b'S', _) => spoken_of(text, start, Kind::AttackSoftware),
        (b'G', _) => spoken_of(text, start, Kind::AttackGroup),
        _ => None,
    }
}

/// Techniques are numbered from T1001 (enterprise, mobile) and T0800 (industrial systems), their parts from
/// 001.
fn technique(text: &Text<'_>, start: usize) -> Option<Raw> {
    let number = four(text, start + 1)?;
    if !(1001..2000).contains(&number) && !(800..900).contains(&number) {
        return None;
    }
    let mut end = start + 5;
    if text.byte(end) == b'.' {
        match digits(text, end + 1, 4) {
            0 => {}
            3 => end += 4,
            _ => return None,
        }
    }
    ends(text, end).then(|| of(text, Kind::AttackTechnique, start..end))
}

fn tactic(text: &Text<'_>, start: usize) -> Option<Raw> {
    let number = four(text, start + 2)?;
    let known = (1..200).contains(&number) && ends(text, start + 6);
    (known && text.byte(start) == b'T').then(|| of(text, Kind::AttackTactic, start..start + 6))
}

/// One letter and four digits are a model or a size as often as not, so something near must speak of ATT&CK.
fn spoken_of(text: &Text<'_>, start: usize, kind: Kind) -> Option<Raw> {
    let number = four(text, start + 1)?;
    let end = start + 5;
    if !(1..2000).contains(&number) || !ends(text, end) {
        return None;
    }
    let bracketed = matches!(
        (text.preceding(start), text.byte(end)),
        (b'(', b')') | (b'[', b']')
    );
    let company =
        || has_company(text.line_before(start, NEAR)) || has_company(text.line_after(end, NEAR));
    (bracketed || company()).then(|| of(text, kind, start..end))
}

/// Whether words name ATT&CK or one of its techniques or tactics.
fn has_company(words: &str) -> bool {
    words.contains("ATT&CK")
        || words.contains("MITRE")
        || words
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(is_technique)
}

fn is_technique(word: &str) -> bool {
    let digits = word.strip_prefix("TA").or_else(|| word.strip_prefix('T'));
    digits
        .is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The number of four digits at `at`.
fn four(text: &Text<'_>, at: usize) -> Option<u32> {
    if digits(text, at, 5) != 4 {
        return None;
    }
    text.slice(at..at + 4).parse().ok()
}

/// Whether the id ends here, and no name or number goes on.
fn ends(text: &Text<'_>, end: usize) -> bool {
    let (next, after) = (text.byte(end), text.byte(end + 1));
    !is_word(next)
        && next != b'_'
        && !(matches!(next, b'-' | b'.' | b',') && after.is_ascii_digit())
}

fn of(text: &Text<'_>, kind: Kind, span: Range<usize>) -> Raw {
    Raw::new(kind, text.slice(span.clone()).to_ascii_uppercase(), span)
}
