//! Encoded data: base64 and the like. Long runs of it hold anything by chance, and nothing on purpose that could be
//! read here.

use std::ops::Range;

use super::{Raw, Text};

/// Shorter runs may be addresses, hashes or paths.
pub(super) const SHORTEST: usize = 160;

pub(super) fn find(text: &Text<'_>, gap: Range<usize>, raws: &mut Vec<Raw>) {
    let bytes = text.bytes().get(gap.clone()).unwrap_or_default();
    let mut at = 0_usize;
    for part in bytes.split(|byte| !is_encoded(*byte)) {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        // A part of a URL or a path is theirs.
        if part.len() >= SHORTEST && before.is_none_or(|byte| b"'(=,:;[{".contains(byte)) {
            if is_url(bytes.get(..at).unwrap_or_default()) {
                return;
            }
            if is_mixed(part) {
                raws.push(Raw::nothing(gap.start + at..gap.start + at + part.len()));
            }
        }
        at += part.len() + 1;
    }
}

fn is_encoded(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

fn is_url(before: &[u8]) -> bool {
    before.windows(3).any(|window| window == b"://")
}

/// Capitals, small letters and digits in the first stretch: words and hexadecimal digits lack one of them.
fn is_mixed(part: &[u8]) -> bool {
    let head = part.get(..SHORTEST).unwrap_or_default();
    head.iter().any(u8::is_ascii_uppercase)
        && head.iter().any(u8::is_ascii_lowercase)
        && head.iter().any(u8::is_ascii_digit)
        && !head.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::super::super::{Kind, scan};

    fn kinds(text: &str) -> Vec<Kind> {
        scan(text).into_iter().map(|find| find.kind).collect()
    }

    #[test]
    fn encoded_data_holds_nothing() {
        let encoded = "TVqQAAMAAAAEAAAA//8AALgAAAA+1/etc/passwd/".repeat(8);
        for text in [
            encoded.clone(),
            format!("$x='{encoded}';"),
            format!("key={encoded}=="),
        ] {
            assert_eq!(kinds(&text), [], "{text}");
        }
    }

    #[test]
    fn long_urls_lists_and_digests_are_read() {
        let long = "aB3/".repeat(50);
        assert_eq!(
            kinds(&format!("https://evil-update.top/{long}")),
            [Kind::Url]
        );
        assert_eq!(
            kinds(&format!("https://evil-update.top/?a={long}")),
            [Kind::Url]
        );
        assert_eq!(kinds(&"185.220.101.45,".repeat(20)).len(), 20);
        assert_eq!(
            kinds(&format!("{},", "e".repeat(63) + "1").repeat(4)).len(),
            0
        );
    }
}
