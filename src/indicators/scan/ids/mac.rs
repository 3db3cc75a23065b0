//! Hardware addresses, and certificate fingerprints written in pairs.

use std::ops::Range;

use super::super::super::Kind;
use super::super::labels;
use super::{Raw, Text, is_word};

/// `aa:bb:cc:dd:ee:ff`, `aa-bb-cc-dd-ee-ff`, `aabb.ccdd.eeff`. Longer runs of pairs are fingerprints if they are
/// called so, else nothing: certificates' serial numbers.
pub(super) fn at(text: &Text<'_>, start: usize) -> Option<Raw> {
    if !hex(text.byte(start + 1)) {
        return None;
    }
    match text.byte(start + 2) {
        separator @ (b':' | b'-') => pairs(text, start, separator),
        byte if hex(byte) && text.byte(start + 4) == b'.' => quads(text, start),
        _ => None,
    }
}

fn hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

fn pairs(text: &Text<'_>, start: usize, separator: u8) -> Option<Raw> {
    if text.preceding(start) == separator || text.preceding(start) == b'_' {
        return None;
    }
    let mut end = start + 2;
    while text.byte(end) == separator
        && hex(text.byte(end + 1))
        && hex(text.byte(end + 2))
        && !is_word(text.byte(end + 3))
    {
        end += 3;
    }
    let span = start..end;
    let goes_on = text.byte(end) == separator
        && (is_word(text.byte(end + 1)) || text.byte(end + 1) == separator);
    match (end - start).div_ceil(3) {
        0..=5 | 8 => None,
        6 if goes_on || text.byte(end) == b'_' => None,
        6 => address(text, span),
        _ => Some(fingerprint(text, span)),
    }
}

/// The six bytes, unless they are none's (`00:…`, `ff:…`). Decimal digits alone could be a date or a time.
fn address(text: &Text<'_>, span: Range<usize>) -> Option<Raw> {
    let digits: String = text
        .slice(span.clone())
        .chars()
        .filter(char::is_ascii_hexdigit)
        .collect();
    let digits = digits.to_ascii_lowercase();
    if digits.bytes().all(|byte| byte.is_ascii_digit()) && !is_called_address(text, span.start) {
        return None;
    }
    let mut bytes = digits.bytes();
    let first = bytes.next()?;
    if bytes.all(|byte| byte == first) {
        return Some(Raw::nothing(span));
    }
    Some(Raw::new(Kind::MacAddress, by_pairs(&digits), span))
}

fn by_pairs(digits: &str) -> String {
    let mut value = String::with_capacity(17);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && place % 2 == 0 {
            value.push(':');
        }
        value.push(digit);
    }
    value
}

fn is_called_address(text: &Text<'_>, at: usize) -> bool {
    let is_name = |words: &str| {
        words
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| {
                ["mac", "bssid", "ether", "hwaddr", "hardware"]
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(word))
            })
    };
    is_name(text.line_before(at, 32))
        || text.place.header.is_some_and(is_name)
        || text.place.before.is_some_and(is_name)
}

/// Three groups of four digits; letters and decimal digits both, as words and versions have only one of them.
fn quads(text: &Text<'_>, start: usize) -> Option<Raw> {
    let end = start + 14;
    let written = text.bytes().get(start..end)?;
    let shaped = written.iter().enumerate().all(|(place, byte)| {
        if place % 5 == 4 {
            *byte == b'.'
        } else {
            hex(*byte)
        }
    });
    let alone = |byte: u8, next: u8| {
        !is_word(byte) && byte != b'_' && byte != b'-' && !(byte == b'.' && is_word(next))
    };
    if !shaped || text.preceding(start) == b'.' || !alone(text.byte(end), text.byte(end + 1)) {
        return None;
    }
    let mixed =
        written.iter().any(u8::is_ascii_digit) && written.iter().any(u8::is_ascii_alphabetic);
    let called = is_called_address(text, start);
    if mixed || called {
        address(text, start..end)
    } else {
        None
    }
}

/// 16, 20 or 32 pairs that are called a certificate's fingerprint.
fn fingerprint(text: &Text<'_>, span: Range<usize>) -> Raw {
    let kind = match span.len().div_ceil(3) {
        16 => Kind::X509Md5,
        20 => Kind::X509Sha1,
        32 => Kind::X509Sha256,
        _ => return Raw::nothing(span),
    };
    let among = [kind];
    let words = text.line_before(span.start, 48).to_ascii_lowercase();
    // OpenSSL prints `SHA1 Fingerprint=…`; nothing but a certificate or a key has one written in pairs.
    let called = words.contains("fingerprint") && !words.contains("ssh") && !words.contains("key");
    if !called && labels::named(text, span.start, &among).is_none() {
        return Raw::nothing(span);
    }
    let digits: String = text
        .slice(span.clone())
        .chars()
        .filter(char::is_ascii_hexdigit)
        .collect();
    Raw::new(kind, digits.to_ascii_lowercase(), span)
}
