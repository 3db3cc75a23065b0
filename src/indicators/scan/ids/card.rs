//! Payment card numbers (ISO/IEC 7812).

use super::super::super::Kind;
use super::{Raw, Text, digits, is_word};

/// The longest number, in digits.
const LONGEST: usize = 19;

/// What a card is called, in lower case.
const LABELS: &[&str] = &[
    "card",
    "cards",
    "cc",
    "pan",
    "pans",
    "visa",
    "mastercard",
    "amex",
    "ccn",
    "debit",
    "credit",
];

/// How numbers are grouped on cards, by their digits.
const GROUPS: &[&[usize]] = &[
    &[4, 4, 4, 4],
    &[4, 6, 5],
    &[4, 6, 4],
    &[4, 4, 4, 4, 3],
    &[4, 4, 4, 1],
];

/// A number of an issuer's, of a length of his and with a right check digit: in groups as on the card, or 14 to 16 digits
/// in one. Those in one of another length are numbers of another kind unless the text calls them cards.
pub(super) fn at(text: &Text<'_>, start: usize) -> Option<Raw> {
    if matches!(
        text.preceding(start),
        b'.' | b'-' | b'/' | b'_' | b'+' | b'#' | b'%' | b'$' | b'~' | b'@'
    ) {
        return None;
    }
    let first = digits(text, start, LONGEST + 1);
    let (number, end) = match first {
        4 => GROUPS
            .iter()
            .find_map(|groups| grouped(text, start, groups))?,
        14..=16 => whole(text, start, first)?,
        13 | 17..=LONGEST if is_called(text, start) => whole(text, start, first)?,
        _ => return None,
    };
    Some(Raw::new(Kind::CcNumber, number, start..end))
}

/// A number without groups, to which nothing is tied.
fn whole(text: &Text<'_>, start: usize, length: usize) -> Option<(String, usize)> {
    let end = start + length;
    let number = text.slice(start..end);
    (is_card(number) && !goes_on(text, end)).then(|| (number.to_owned(), end))
}

/// Groups as on a card, with the same sign between all; one more of four digits on either side makes it another
/// number. Behind it there may be its date or its code.
fn grouped(text: &Text<'_>, start: usize, groups: &[usize]) -> Option<(String, usize)> {
    let sign = text.byte(start + 4);
    let after_number =
        start >= 2 && text.byte(start - 1) == b' ' && text.byte(start - 2).is_ascii_digit();
    if !matches!(sign, b' ' | b'-') || after_number {
        return None;
    }
    let mut number = String::with_capacity(LONGEST);
    let mut end = start;
    for length in groups {
        let at = end + usize::from(end > start);
        let signed = end == start || text.byte(end) == sign;
        if !signed || digits(text, at, length + 1) != *length {
            return None;
        }
        end = at + length;
        number.push_str(text.slice(at..end));
    }
    let more = text.byte(end) == sign && digits(text, end + 1, 4) == 4;
    (is_card(&number) && !more && !goes_on(text, end)).then_some((number, end))
}

/// Whether a word goes on behind the number.
fn goes_on(text: &Text<'_>, end: usize) -> bool {
    let next = text.byte(end);
    is_word(next)
        || matches!(next, b'_' | b'%' | b'@')
        || matches!(next, b'.' | b'-' | b',') && is_word(text.byte(end + 1))
}

fn is_card(number: &str) -> bool {
    is_issued(number) && luhn(number)
}

/// Whether the words before it, or the header of its column, speak of cards.
fn is_called(text: &Text<'_>, at: usize) -> bool {
    let before = text.line_before(at, 40);
    let is_label = |word: &str| LABELS.iter().any(|label| word.eq_ignore_ascii_case(label));
    [Some(before), text.place.header, text.place.before]
        .into_iter()
        .flatten()
        .any(|words| words.split(|c: char| !c.is_alphanumeric()).any(is_label))
}

/// Whether an issuer gives out numbers that begin so, of this length.
fn is_issued(number: &str) -> bool {
    let start = |digits: usize| {
        number
            .get(..digits)
            .and_then(|start| start.parse::<u32>().ok())
            .unwrap_or_default()
    };
    let length = number.len();
    match (start(1), start(2), start(3), start(4)) {
        // Visa
        (4, ..) => matches!(length, 13 | 16 | 19),
        // Mastercard, and Mir
        (_, 51..=55, ..) | (.., 2221..=2720) => length == 16,
        (.., 2200..=2204) => (16..=19).contains(&length),
        // American Express
        (_, 34 | 37, ..) => length == 15,
        // Diners Club
        (_, 36 | 38 | 39, ..) | (_, _, 300..=305, _) | (.., 3095) => (14..=19).contains(&length),
        // JCB, Discover, and UnionPay
        (.., 3528..=3589 | 6011) | (_, _, 644..=649, _) | (_, 62 | 65, ..) => {
            (16..=19).contains(&length)
        }
        // Maestro
        (.., 5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763) => (13..=19).contains(&length),
        _ => false,
    }
}

/// The check of ISO/IEC 7812-1, annex B. A number of one digit repeated is none.
fn luhn(number: &str) -> bool {
    let sum: u32 = number
        .bytes()
        .rev()
        .map(|byte| u32::from(byte.wrapping_sub(b'0')))
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit) {
            (0, digit) => digit,
            (_, 0..=4) => digit * 2,
            _ => digit * 2 - 9,
        })
        .sum();
    let first = number.bytes().next();
    sum.is_multiple_of(10) && number.bytes().any(|byte| Some(byte) != first)
}

#[cfg(test)]
mod tests {
    use crate::indicators::{Kind, Scanner, scan};

    fn cards(text: &str) -> Vec<String> {
        let finds = Scanner::default().card_numbers(true).text(text);
        let cards = finds.into_iter().filter(|find| find.kind == Kind::CcNumber);
        cards.map(|find| find.value).collect()
    }

    #[test]
    fn numbers_are_written_as_on_cards() {
        for (text, number) in [
            ("4111 1111 1111 1111", "4111111111111111"),
            ("4111-1111-1111-1111", "4111111111111111"),
            ("dump: 4111111111111111|12|29|123", "4111111111111111"),
            ("4111 1111 1111 1111 12/29", "4111111111111111"),
            ("It charged 5555 5555 5555 4444.", "5555555555554444"),
            ("2223 0031 2200 3222", "2223003122003222"),
            ("3782 822463 10005", "378282246310005"),
            ("378282246310005, and more", "378282246310005"),
            ("3056 930902 5904", "30569309025904"),
            ("6011 1111 1111 1117", "6011111111111117"),
            ("3530 1113 3330 0000", "3530111333300000"),
            ("6200 0000 0000 0005", "6200000000000005"),
            ("card 4222222222222", "4222222222222"),
            ("PAN: 6304000000000000000", "6304000000000000000"),
        ] {
            assert_eq!(cards(text), [number], "{text}");
        }
    }

    #[test]
    fn other_numbers_are_none() {
        for text in [
            "4111 1111 1111 1112",
            "1234 5678 9012 3452",
            "4111 1111-1111 1111",
            "4111111111111111111111",
            "a4111111111111111",
            "4111111111111111a",
            "4111111111111111.5",
            "0x4111111111111111",
            "1234 4111 1111 1111 1111",
            "4111 1111 1111 1111 2222",
            "order #4111111111111111",
            "4222222222222",
            "5555555555555555",
            "evil.top/p/4111111111111111",
            "https://evil.top/?id=4111111111111111",
            "4111111111111111aaaaaaaaaaaaaaaa",
            "2021-09-10 4111-1111",
            "id_4111111111111111",
            "44444444-4444-4444-4444-444444444448",
        ] {
            assert_eq!(cards(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn nobody_finds_them_unasked() {
        let finds = scan("card 4111 1111 1111 1111, PAN 4111111111111111");
        assert!(finds.iter().all(|find| find.kind != Kind::CcNumber));
    }
}
