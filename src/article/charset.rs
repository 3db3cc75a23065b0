//! From bytes to text.

use std::sync::LazyLock;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};
use regex::bytes::Regex;

/// Bytes looked through for a `<meta charset>`; the standard's 1024 miss pages with long comments on top.
const PRESCAN: usize = 8192;

static META: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
    Regex::new(r#"(?i-u)<meta[^>]{0,300}?charset\s*=\s*["']?\s*([a-z0-9_:.-]{1,40})|^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([a-z0-9_:.-]{1,40})"#)
        .expect("the pattern is valid")
});

/// Decodes a page: byte order mark, then UTF-8 if it is that, then what the header and the page itself say,
/// then a guess from the bytes and the site's top-level domain.
///
/// Valid UTF-8 that is not plain ASCII is never an accident, while servers that add `ISO-8859-1` to every
/// answer are common: so the bytes outweigh the label.
pub(super) fn decode(bytes: &[u8], label: Option<&str>, tld: Option<&str>) -> String {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(length..).unwrap_or_default();
        return encoding.decode_without_bom_handling(rest).0.into_owned();
    }
    if !bytes.is_ascii()
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return text.to_owned();
    }
    let encoding = label
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .or_else(|| declared(bytes))
        // Neither is what it says: the one is not UTF-8, the other would have had a byte order mark.
        .filter(|encoding| bytes.is_ascii() || *encoding != UTF_8)
        .filter(|encoding| *encoding == encoding.output_encoding())
        .unwrap_or_else(|| guess(bytes, tld));
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..PRESCAN).unwrap_or(bytes);
    let found = META.captures(head)?;
    let label = found.get(1).or_else(|| found.get(2))?;
    Encoding::for_label(label.as_bytes())
}

fn guess(bytes: &[u8], tld: Option<&str>) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(tld.map(str::as_bytes), Utf8Detection::Allow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};

    #[test]
    fn bytes_are_decoded() {
        let cyrillic = "Вредоносная программа крадёт пароли пользователей";
        let western = "Schädliche Dateien überall; größer als erwartet, daß es so käme";
        let japanese = "日本語のマルウェア解析レポートです";
        let meta = |charset: &str, text: &str| {
            format!("<html><head><meta charset=\"{charset}\"></head>{text}")
        };
        let utf16: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(western.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let with_bom: Vec<u8> = [0xef, 0xbb, 0xbf]
            .into_iter()
            .chain(western.bytes())
            .collect();
        let meta_1251 = meta("windows-1251", cyrillic);
        for (name, bytes, label, text) in [
            (
                "utf-8, no label",
                western.as_bytes().to_vec(),
                None,
                western,
            ),
            (
                "utf-8, wrong label",
                western.as_bytes().to_vec(),
                Some("iso-8859-1"),
                western,
            ),
            (
                "utf-8 with mark, wrong label",
                with_bom,
                Some("windows-1251"),
                western,
            ),
            ("utf-16 with mark", utf16, None, western),
            (
                "label",
                WINDOWS_1251.encode(cyrillic).0.to_vec(),
                Some("windows-1251"),
                cyrillic,
            ),
            (
                "meta",
                WINDOWS_1251.encode(&meta_1251).0.to_vec(),
                None,
                meta_1251.as_str(),
            ),
            (
                "label over meta",
                WINDOWS_1251.encode(&meta("koi8-r", cyrillic)).0.to_vec(),
                Some("cp1251"),
                meta("koi8-r", cyrillic).as_str(),
            ),
            (
                "guessed western",
                WINDOWS_1252.encode(western).0.to_vec(),
                None,
                western,
            ),
            (
                "guessed, label a lie",
                WINDOWS_1252.encode(western).0.to_vec(),
                Some("utf-8"),
                western,
            ),
            (
                "guessed cyrillic",
                WINDOWS_1251.encode(cyrillic).0.to_vec(),
                None,
                cyrillic,
            ),
            (
                "guessed japanese",
                SHIFT_JIS.encode(japanese).0.to_vec(),
                None,
                japanese,
            ),
            (
                "unknown label",
                WINDOWS_1252.encode(western).0.to_vec(),
                Some("x-nonsense"),
                western,
            ),
            ("empty", Vec::new(), None, ""),
        ] {
            assert_eq!(decode(&bytes, label, None), text, "{name}");
        }
    }
}
