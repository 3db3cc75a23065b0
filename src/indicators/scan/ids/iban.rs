//! International bank account numbers (ISO 13616).

use super::super::super::Kind;
use super::{Raw, Text, is_word};

/// An account of a country that has such numbers, of that country's length, with right check digits.
pub(super) fn at(text: &Text<'_>, start: usize) -> Option<Raw> {
    let head = text.bytes().get(start..start + 4)?;
    let [c1, c2, d1, d2] = head else {
        return None;
    };
    let shaped = c1.is_ascii_uppercase()
        && c2.is_ascii_uppercase()
        && d1.is_ascii_digit()
        && d2.is_ascii_digit();
    let length = if shaped {
        length(text.slice(start..start + 2))?
    } else {
        return None;
    };
    let (number, end) = collected(text, start, length)?;
    let rotated = number.get(4..)?.bytes().chain(number.get(..4)?.bytes());
    let rest = rotated.fold(0u32, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    (rest == 1 && !is_word(text.byte(end))).then(|| Raw::new(Kind::Iban, number, start..end))
}

/// So many capitals and digits, in groups of four or in one.
fn collected(text: &Text<'_>, start: usize, length: usize) -> Option<(String, usize)> {
    let mut number = String::with_capacity(length);
    let mut at = start;
    while number.len() < length {
        match text.byte(at) {
            byte @ (b'0'..=b'9' | b'A'..=b'Z') => number.push(char::from(byte)),
            b' ' if number.len().is_multiple_of(4) && text.byte(at - 1) != b' ' => {}
            _ => return None,
        }
        at += 1;
    }
    Some((number, at))
}

/// How long a country's numbers are, from the SWIFT registry.
fn length(country: &str) -> Option<usize> {
    Some(match country {
        "NO" => 15,
        "BE" => 16,
        "DK" | "FI" | "FK" | "FO" | "GL" | "NL" | "SD" => 18,
        "MK" | "SI" => 19,
        "AT" | "BA" | "EE" | "KZ" | "LT" | "LU" | "MN" | "XK" => 20,
        "CH" | "CR" | "HR" | "LI" | "LV" => 21,
        "BG" | "BH" | "DE" | "GB" | "GE" | "IE" | "ME" | "RS" | "VA" => 22,
        "AE" | "GI" | "IL" | "IQ" | "OM" | "SO" | "TL" => 23,
        "AD" | "CZ" | "ES" | "MD" | "PK" | "RO" | "SA" | "SE" | "SK" | "TN" | "VG" => 24,
        "LY" | "PT" | "ST" => 25,
        "IS" | "TR" => 26,
        "BI" | "DJ" | "FR" | "GR" | "IT" | "MC" | "MR" | "SM" => 27,
        "AL" | "AZ" | "BY" | "CY" | "DO" | "GT" | "HN" | "HU" | "LB" | "NI" | "PL" | "SV" => 28,
        "BR" | "EG" | "PS" | "QA" | "UA" => 29,
        "JO" | "KW" | "MU" | "YE" => 30,
        "MT" | "SC" => 31,
        "LC" => 32,
        "RU" => 33,
        _ => return None,
    })
}
