//! Numbers of autonomous systems (RFC 6793: 32 bits).

use std::ops::Range;

use super::super::super::Kind;
use super::{Raw, Text, any_of, digits, is_word, starts_with};

/// `AS1234`, `ASN1234`, `AS-1234`, `ASN: 1234`, `as1234`.
pub(super) fn at(text: &Text<'_>, start: usize) -> Option<Raw> {
    if !starts_with(text, start, "as") || matches!(text.preceding(start), b'-' | b'_' | b'.' | b'@')
    {
        return None;
    }
    let is_asn = starts_with(text, start, "asn");
    let letters = if is_asn { 3 } else { 2 };
    let separators = any_of(text, start + letters, b" :#-)", 2);
    let number = number(text, start + letters + separators)?;
    let length = number.len();
    let capitals = text
        .slice(start..start + letters)
        .bytes()
        .all(|byte| byte.is_ascii_uppercase());
    let sure = match (is_asn, separators) {
        // `ASN1` is a notation.
        (true, 0) => length >= 2,
        (true, _) => true,
        (false, 0) => capitals && length >= 2 || length >= 3,
        (false, _) => capitals && length >= 3 && !is_shouted(text, start),
    };
    // AS/400 is a computer.
    let is_computer = !is_asn && text.slice(number.clone()) == "400";
    (sure && !is_computer).then(|| of(text, number.clone(), start..number.end))
}

/// The number behind `AS ` or `ASN `.
pub(super) fn before(text: &Text<'_>, number: usize) -> Option<Raw> {
    let before = text
        .line_before(number, 6)
        .trim_end_matches([' ', ':', '#', '-', ')']);
    let letters = ["ASN", "asn", "AS"]
        .into_iter()
        .find(|word| before.ends_with(word))?;
    let trimmed = text.line_before(number, 6).len() - before.len();
    let start = number - trimmed - letters.len();
    if is_word(text.preceding(start)) {
        return None;
    }
    at(text, start)
}

/// A bare number in a column of such numbers.
pub(super) fn in_column(text: &Text<'_>, at: usize) -> Option<Raw> {
    let header = text.place.header?;
    let names = ["ASN", "AS", "AS number", "AS no", "AS no."];
    if !names
        .iter()
        .any(|known| known.eq_ignore_ascii_case(header.trim()))
        || !text.slice(0..at).trim().is_empty()
    {
        return None;
    }
    let number = number(text, at)?;
    Some(of(text, number.clone(), number))
}

fn number(text: &Text<'_>, start: usize) -> Option<Range<usize>> {
    let end = start + digits(text, start, 11);
    let number = text.slice(start..end);
    let in_range = number.parse::<u32>().is_ok_and(|number| number > 0);
    let next = text.byte(end);
    let goes_on = is_word(next) || next == b'.' && is_word(text.byte(end + 1));
    (in_range && !number.starts_with('0') && !goes_on).then_some(start..end)
}

fn of(text: &Text<'_>, number: Range<usize>, span: Range<usize>) -> Raw {
    Raw::new(Kind::As, format!("AS{}", text.slice(number)), span)
}

/// Whether the word before is all capitals: `KNOWN AS 100 …` is a heading.
fn is_shouted(text: &Text<'_>, at: usize) -> bool {
    let before = text.line_before(at, 24);
    let word = before.trim_end().rsplit(' ').next().unwrap_or_default();
    word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_uppercase())
}
