//! Telephone numbers, written as such (ITU-T E.164: at most 15 digits).

use super::super::super::Kind;
use super::{Raw, Text, is_word};

/// Digits of a number, country code included.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// `+40 21 441 24 52`, `+1 (415) 555-0100`, `+40214412452`.
pub(super) fn international(text: &Text<'_>, start: usize) -> Option<Raw> {
    if matches!(text.preceding(start), b'+' | b'/' | b'=' | b'_' | b'.')
        || text.is_code(&(start..start + 1))
    {
        return None;
    }
    let number = Number::at(text, start + 1)?;
    let sure = match number.groups {
        1 => number.digits >= 10,
        // `+1.23456789` is a number.
        2 => DIGITS.contains(&number.digits) && !number.dotted,
        _ => DIGITS.contains(&number.digits),
    };
    (sure && !text.slice(start + 1..start + 2).starts_with('0')).then(|| number.raw(text, start))
}

/// `Tel: 021 441 24 52`.
pub(super) fn labelled(text: &Text<'_>, start: usize) -> Option<Raw> {
    const LABELS: &[&str] = &[
        "tel",
        "tel.",
        "phone",
        "telephone",
        "mobile",
        "fax",
        "whatsapp",
        "hotline",
    ];
    let before = text.line_before(start, 24);
    let label = before.trim_end().strip_suffix([':', '.'])?;
    let label = label.rsplit([' ', '(', ',', ';', '\t']).next()?;
    if !LABELS.iter().any(|known| known.eq_ignore_ascii_case(label)) {
        return None;
    }
    let number = Number::at(text, start)?;
    DIGITS
        .contains(&number.digits)
        .then(|| number.raw(text, start))
}

/// Groups of digits with one or two separators between them.
struct Number {
    end: usize,
    digits: usize,
    groups: usize,
    dotted: bool,
}

impl Number {
    fn at(text: &Text<'_>, start: usize) -> Option<Self> {
        let mut number = Self {
            end: start,
            digits: 0,
            groups: 0,
            dotted: false,
        };
        loop {
            let from = number.end + separators(text, number.end, number.groups > 0);
            let length = super::digits(text, from, 16);
            if length == 0 || number.digits + length > *DIGITS.end() {
                break;
            }
            number.dotted |= text.slice(number.end..from).contains('.');
            number.end = from + length;
            number.digits += length;
            number.groups += 1;
        }
        let next = text.byte(number.end);
        let goes_on = is_word(next)
            || next == b'_'
            || matches!(next, b'.' | b'-' | b':' | b'/') && is_word(text.byte(number.end + 1));
        (number.groups > 0 && !goes_on).then_some(number)
    }

    /// As MISP keeps it: a plus and digits.
    fn raw(&self, text: &Text<'_>, start: usize) -> Raw {
        let written = text.slice(start..self.end).replace("(0)", "");
        let value: String = written
            .chars()
            .filter(|c| c.is_ascii_digit() || *c == '+')
            .collect();
        Raw::new(Kind::PhoneNumber, value, start..self.end)
    }
}

/// How many bytes keep the next group apart.
fn separators(text: &Text<'_>, at: usize, inner: bool) -> usize {
    let rest = text.bytes().get(at..at + 2).unwrap_or_default();
    match rest {
        [b'(', ..] => 1,
        [b' ', b'('] | [b')', b' ' | b'-'] if inner => 2,
        [b' ' | b'-' | b'.' | b'/' | b')', ..] if inner => 1,
        _ => 0,
    }
}
