//! Identifiers with a form of their own: CVE, GHSA, CWE, AS, ATT&CK, CPE, MAC address, IBAN, ...
//!
//! Every one is tried only where a word begins with its first letter, so a text without any costs one look at
//! each byte. Payment card numbers are looked for only when they are asked for.

mod asn;
mod attack;
mod card;
pub(super) mod cpe;
mod iban;
mod mac;
mod phone;
mod vulnerability;

use std::ops::Range;

use super::super::Kind;
use super::labels;
use super::{Raw, Text};

pub(super) fn find(text: &Text<'_>, gap: Range<usize>, raws: &mut Vec<Raw>) {
    let mut at = gap.start;
    let mut in_word = is_word(text.preceding(at));
    while at < gap.end {
        let byte = text.byte(at);
        if in_word {
            // Nothing begins right behind a word: `abc+40…` is no telephone number.
            at = word_end(text, at..gap.end) + 1;
            in_word = false;
            continue;
        }
        let found = starting(text, at, byte);
        if let Some(raw) = found.filter(|raw| is_free(text, &gap, raw, raws)) {
            at = raw.span.end;
            let year = raw.kind.filter(|kind| *kind == Kind::Vulnerability);
            raws.push(raw);
            if year.is_some() {
                at = vulnerability::more(text, at, gap.end, raws);
            }
            in_word = is_word(text.preceding(at));
        } else {
            in_word = is_word(byte);
            at += 1;
        }
    }
}

/// Where the word goes on to that the range begins in.
fn word_end(text: &Text<'_>, range: Range<usize>) -> usize {
    let bytes = text.bytes().get(range.clone()).unwrap_or_default();
    let length = bytes.iter().position(|byte| !is_word(*byte));
    range.start + length.unwrap_or(bytes.len())
}

/// Letters beyond ASCII end a word here: scripts without blanks set ids right between them.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// What begins with the word at `at`.
fn starting(text: &Text<'_>, at: usize, byte: u8) -> Option<Raw> {
    match byte {
        b'0'..=b'9' => mac::at(text, at).or_else(|| number(text, at)),
        b'+' => phone::international(text, at),
        b'-' => favicon(text, at),
        b'C' | b'c' => vulnerability::cve(text, at)
            .or_else(|| vulnerability::weakness(text, at))
            .or_else(|| mac::at(text, at))
            .or_else(|| iban::at(text, at)),
        b'G' | b'g' => vulnerability::ghsa(text, at)
            .or_else(|| attack::at(text, at))
            .or_else(|| iban::at(text, at)),
        b'A' | b'a' => asn::at(text, at)
            .or_else(|| mac::at(text, at))
            .or_else(|| iban::at(text, at)),
        b'S' | b'T' | b't' => attack::at(text, at).or_else(|| iban::at(text, at)),
        b'B' | b'D' | b'E' | b'F' => mac::at(text, at).or_else(|| iban::at(text, at)),
        b'b' | b'd' | b'e' | b'f' => mac::at(text, at),
        b'H'..=b'Z' => iban::at(text, at),
        _ => None,
    }
}

/// Whether a find overlaps no other: it may begin before the gap (`CVE 2021 44228` is recognised at `2021`) and
/// go on behind it only over a blank, for there no stronger recogniser has been yet.
fn is_free(text: &Text<'_>, gap: &Range<usize>, raw: &Raw, raws: &[Raw]) -> bool {
    let ends_well = raw.span.end <= gap.end || text.byte(gap.end) == b' ';
    let overlaps = |other: &Raw| other.span.end > raw.span.start && other.span.start < raw.span.end;
    ends_well && (raw.span.start >= gap.start || !raws.iter().rev().take(8).any(overlaps))
}

/// What begins with a number: by the word before it.
fn number(text: &Text<'_>, at: usize) -> Option<Raw> {
    let before = text.preceding(at);
    if before == b' ' {
        let found = vulnerability::cve_before(text, at).or_else(|| asn::before(text, at));
        if found.is_some() {
            return found;
        }
    }
    if text.place.card_numbers
        && let Some(card) = card::at(text, at)
    {
        return Some(card);
    }
    asn::in_column(text, at)
        .or_else(|| favicon(text, at))
        .or_else(|| phone::labelled(text, at))
}

/// Murmur3 hash of a site's icon, a signed number of 32 bits: `http.favicon.hash:-335242539`.
fn favicon(text: &Text<'_>, at: usize) -> Option<Raw> {
    let sign = usize::from(text.byte(at) == b'-');
    let digits = digits(text, at + sign, 11);
    let end = at + sign + digits;
    if !(6..=10).contains(&digits) || is_word(text.byte(end)) || text.byte(end) == b'-' {
        return None;
    }
    let hash: i64 = text.slice(at..end).parse().ok()?;
    i32::try_from(hash)
        .ok()
        .or_else(|| u32::try_from(hash).ok().map(u32::cast_signed))?;
    let kind = labels::named(text, at, &[Kind::FaviconMmh3])?;
    Some(Raw::new(kind, text.slice(at..end), at..end))
}

/// How many digits there are at `at`; `max` if there are as many or more.
fn digits(text: &Text<'_>, at: usize, max: usize) -> usize {
    let rest = text.bytes().get(at..).unwrap_or_default();
    rest.iter()
        .take(max)
        .take_while(|byte| byte.is_ascii_digit())
        .count()
}

/// How many of these bytes there are at `at`; at most `max`.
fn any_of(text: &Text<'_>, at: usize, bytes: &[u8], max: usize) -> usize {
    let rest = text.bytes().get(at..).unwrap_or_default();
    rest.iter()
        .take(max)
        .take_while(|byte| bytes.contains(byte))
        .count()
}

/// Whether the text goes on with this word, in any case.
fn starts_with(text: &Text<'_>, at: usize, word: &str) -> bool {
    text.bytes()
        .get(at..at + word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests;
