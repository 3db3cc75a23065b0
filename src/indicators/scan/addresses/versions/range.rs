//! Ranges of versions: what is said of one end holds for the other.

use std::ops::Range;

use super::super::super::Text;
use super::{ADDRESS, BACK, bare, contains, is_shaped};

/// Words between the ends of a range.
const TO: &[&str] = &[
    "to", "through", "thru", "until", "till", "bis", "до", "по", "hasta", "até", "à", "a", "-",
    "–", "至", "到",
];

/// What stands behind the number, or behind the whole range that it begins.
pub(super) fn behind_range<'a>(text: &'a Text<'_>, span: &Range<usize>) -> &'a str {
    let after = text.line_after(span.end, 48);
    match other_end(after) {
        Some((_, rest)) => rest,
        None => after,
    }
}

/// The upper end of the range that a number begins, and what follows it: `" to 7.0.6 and earlier"`.
fn other_end(after: &str) -> Option<(&str, &str)> {
    let (word, rest) = after.trim_start().split_once(' ')?;
    let rest = rest.trim_start();
    if !TO.contains(&word) {
        return None;
    }
    let length = rest
        .bytes()
        .take_while(|byte| byte.is_ascii_digit() || *byte == b'.')
        .count();
    let number = rest.get(..length)?.trim_end_matches('.');
    (number.split('.').count() == 4).then(|| (number, rest.get(number.len()..).unwrap_or_default()))
}

/// Whether the number is the lower or the upper end of a range that only versions span: `from 8.5.0.2 to
/// 8.5.0.9`.
pub(super) fn is_end_of_range(text: &Text<'_>, span: &Range<usize>, before: &str) -> bool {
    let number = text.slice(span.clone());
    if let Some((upper, _)) = other_end(text.line_after(span.end, 32)) {
        return is_pair(number, upper) && !speaks_of_addresses(before);
    }
    let mut words = before.trim_end().rsplitn(3, ' ');
    let (Some(to), Some(lower), rest) = (words.next(), words.next(), words.next()) else {
        return false;
    };
    TO.contains(&to) && is_pair(lower, number) && !speaks_of_addresses(rest.unwrap_or_default())
}

/// Whether two numbers begin alike and have three parts of one digit each; two addresses hardly ever do.
fn is_pair(lower: &str, upper: &str) -> bool {
    let small = |number: &str| number.split('.').filter(|part| part.len() == 1).count() >= 3;
    let parts = |number: &str| number.split('.').count() == 4 && is_shaped(number);
    let alike = lower
        .split('.')
        .zip(upper.split('.'))
        .take(2)
        .all(|(a, b)| a == b);
    lower != upper && alike && parts(lower) && parts(upper) && small(lower) && small(upper)
}

/// Whether any word of the line so far is one of addresses.
fn speaks_of_addresses(before: &str) -> bool {
    debug_assert!(before.len() <= BACK);
    before.split(' ').any(|word| contains(ADDRESS, bare(word)))
}
