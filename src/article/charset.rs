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

    const CYRILLIC: &str = "Вредоносная программа крадёт пароли пользователей";
    const WESTERN: &str = "Schädliche Dateien überall; größer als erwartet, daß es so käme";
    const JAPANESE: &str = "日本語のマルウェア解析レポートです";

    fn meta(charset: &str) -> String {
        format!("<html><head><meta charset=\"{charset}\"></head>{CYRILLIC}")
    }

    #[test]
    fn marks_and_labels_are_believed() {
        let utf16 = WESTERN.encode_utf16().flat_map(u16::to_le_bytes);
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(utf16).collect();
        let marked: Vec<u8> = [0xef, 0xbb, 0xbf]
            .into_iter()
            .chain(WESTERN.bytes())
            .collect();
        let cyrillic = |text: &str| WINDOWS_1251.encode(text).0.to_vec();
        for (name, bytes, label, text) in [
            (
                "utf-8 with mark, wrong label",
                marked,
                Some("windows-1251"),
                WESTERN,
            ),
            ("utf-16 with mark", utf16, None, WESTERN),
            ("label", cyrillic(CYRILLIC), Some("windows-1251"), CYRILLIC),
            (
                "meta",
                cyrillic(&meta("windows-1251")),
                None,
                &meta("windows-1251"),
            ),
            (
                "label over meta",
                cyrillic(&meta("koi8-r")),
                Some("cp1251"),
                &meta("koi8-r"),
            ),
        ] {
            assert_eq!(decode(&bytes, label, None), text, "{name}");
        }
    }

    #[test]
    fn bytes_outweigh_labels() {
        let western = WINDOWS_1252.encode(WESTERN).0.to_vec();
        let utf8 = WESTERN.as_bytes().to_vec();
        for (name, bytes, label, text) in [
            ("utf-8, no label", utf8.clone(), None, WESTERN),
            ("utf-8, wrong label", utf8, Some("iso-8859-1"), WESTERN),
            ("western", western.clone(), None, WESTERN),
            (
                "western, said to be utf-8",
                western.clone(),
                Some("utf-8"),
                WESTERN,
            ),
            ("unknown label", western, Some("x-nonsense"), WESTERN),
            (
                "cyrillic",
                WINDOWS_1251.encode(CYRILLIC).0.to_vec(),
                None,
                CYRILLIC,
            ),
            (
                "japanese",
                SHIFT_JIS.encode(JAPANESE).0.to_vec(),
                None,
                JAPANESE,
            ),
            ("empty", Vec::new(), None, ""),
        ] {
            assert_eq!(decode(&bytes, label, None), text, "{name}");
        }
    }
}
