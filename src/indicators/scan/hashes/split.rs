//! Digests that a narrow column of a table broke.
//!
//! 32 digits and 32 digits are two MD5 unless the table says that they are one SHA-256. Halves that are no digests
//! by their length are joined before the scan, by the clear text.

use std::ops::Range;

use super::super::{Kind, Raw, Text, labels};

/// Digests that are long enough to be broken, and their digits.
const LONG: &[(Kind, usize)] = &[
    (Kind::Sha1, 40),
    (Kind::Sha256, 64),
    (Kind::Sha384, 96),
    (Kind::Sha512, 128),
];

/// Most blanks and line breaks between two parts, in bytes.
const GAP: usize = 8;

/// Makes one of the parts of a digest whose column, or the cell before, names it.
pub(in super::super) fn join(text: &Text<'_>, raws: &mut Vec<Raw>) {
    if text.place.header.is_none() && text.place.before.is_none() {
        return;
    }
    let mut end = 0;
    raws.retain_mut(|raw| {
        // A part of the digest before.
        if raw.span.start < end {
            return false;
        }
        if let Some((kind, whole)) = broken(text, raw) {
            let digits = text.slice(whole.clone()).bytes();
            let digits = digits.filter(u8::is_ascii_hexdigit).map(char::from);
            raw.value = digits.collect::<String>().to_ascii_lowercase();
            raw.kind = Some(kind);
            raw.span = whole;
            end = raw.span.end;
        }
        true
    });
}

/// The digest that begins with this one, and where it stands.
fn broken(text: &Text<'_>, raw: &Raw) -> Option<(Kind, Range<usize>)> {
    if !matches!(raw.kind?, Kind::Md5 | Kind::Sha1 | Kind::Sha256) {
        return None;
    }
    let (kind, digits) = called(text)?;
    let mut taken = raw.value.len();
    let mut end = raw.span.end;
    while taken < digits {
        let gap = count(text, end, GAP, |byte| matches!(byte, b' ' | b'\r' | b'\n'));
        let part = count(text, end + gap, digits, |byte| byte.is_ascii_hexdigit());
        if gap == 0 || part < 2 {
            return None;
        }
        taken += part;
        end += gap + part;
    }
    let next = text.byte(end);
    let whole = raw.span.start..end;
    let fits =
        taken == digits && end > raw.span.end && !next.is_ascii_alphanumeric() && next != b'_';
    (fits && is_one_case(text.slice(whole.clone()))).then_some((kind, whole))
}

/// The one digest that the header of the column, or the cell before, names.
fn called(text: &Text<'_>) -> Option<(Kind, usize)> {
    let label = |label: &str| {
        let named = labels::kind_of(
            label,
            &[
                Kind::Md5,
                Kind::Sha1,
                Kind::Sha256,
                Kind::Sha384,
                Kind::Sha512,
            ],
        )?;
        let is_md5 = label.to_ascii_lowercase().contains("md5");
        let long = LONG.iter().find(|(kind, _)| *kind == named)?;
        (!is_md5).then_some(*long)
    };
    text.place
        .header
        .and_then(label)
        .or_else(|| text.place.before.and_then(label))
}

fn is_one_case(digits: &str) -> bool {
    let lower = digits.bytes().any(|byte| byte.is_ascii_lowercase());
    let upper = digits.bytes().any(|byte| byte.is_ascii_uppercase());
    !(lower && upper)
}

/// How many such bytes there are at `at`; at most `max`.
fn count(text: &Text<'_>, at: usize, max: usize, of: impl Fn(u8) -> bool) -> usize {
    let rest = text.bytes().get(at..).unwrap_or_default();
    rest.iter().take(max).take_while(|byte| of(**byte)).count()
}

#[cfg(test)]
mod tests {
    use super::super::super::{Place, text as scan_text};
    use super::*;

    const FIRST: &str = "9f3c2b1a7d5e4f60c8b2a19d3e7f5c41";
    const SECOND: &str = "0b6d8e4f2a1c97530e8d6c4b2a1f9e37";

    /// What is found in a cell of a column with this header.
    fn found(header: &str, cell: &str) -> Vec<(Kind, String)> {
        let place = Place {
            header: Some(header),
            ..Place::default()
        };
        let mut finds = Vec::new();
        scan_text(cell, place, &mut finds);
        finds
            .into_iter()
            .map(|find| (find.kind, find.value))
            .collect()
    }

    #[test]
    fn headers_make_one_of_two_halves() {
        let whole = format!("{FIRST}{SECOND}");
        for header in ["SHA256", "SHA-256 hash", "File hash (SHA-256)"] {
            for between in ["\n", " ", "\r\n  "] {
                assert_eq!(
                    found(header, &format!("{FIRST}{between}{SECOND}")),
                    [(Kind::Sha256, whole.clone())],
                    "{header}"
                );
            }
        }
        let long = format!("{FIRST}\n{SECOND}\n{FIRST}\n{SECOND}");
        assert_eq!(
            found("SHA512", &long),
            [(Kind::Sha512, format!("{whole}{whole}"))]
        );
    }

    #[test]
    fn other_columns_hold_two() {
        let two = [
            (Kind::Md5, FIRST.to_owned()),
            (Kind::Md5, SECOND.to_owned()),
        ];
        for header in ["MD5", "Hash", "MD5 / SHA256", "SHA1"] {
            assert_eq!(
                found(header, &format!("{FIRST}\n{SECOND}")),
                two,
                "{header}"
            );
        }
        for between in [", ", "\n\n\n\n\n\n\n\n\n", "\nx "] {
            assert_eq!(
                found("SHA256", &format!("{FIRST}{between}{SECOND}")).len(),
                2
            );
        }
        assert_eq!(
            found("SHA256", &format!("{FIRST}\n{}", SECOND.to_uppercase())).len(),
            2
        );
        let third = format!("{FIRST}\n{SECOND}\n{FIRST}{SECOND}");
        assert_eq!(found("SHA256", &third).len(), 2);
    }
}
