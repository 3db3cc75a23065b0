//! From bytes to text: the encoding a feed really has.
//!
//! A label may be wrong, valid UTF-8 hardly ever is anything else. So: a byte order mark, UTF-8 if it is
//! valid, the charset of the HTTP header, the XML declaration, and at last a guess by content.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::repair::damage::{Damage, Kind};

/// Bytes looked at for the XML declaration, and by the detector.
const HEAD: usize = 1024;
const SAMPLE: usize = 256 * 1024;
/// Fewer bytes than these outside of ASCII are read as the commonest encoding.
const FEW: usize = 4;

/// Decodes a feed. `content_type` is the HTTP header.
pub(crate) fn decode(bytes: &[u8], content_type: Option<&str>, damage: &mut Damage) -> String {
    if let Some(text) = utf32(bytes) {
        return text;
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(mark..).unwrap_or_default();
        return finish(with(encoding, rest, damage));
    }
    if let Some(encoding) = wide(bytes) {
        return finish(with(encoding, bytes, damage));
    }
    let declared = declared(bytes);
    let header = content_type.and_then(charset_of);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let labelled = [header, declared].contains(&Some(ISO_2022_JP));
        // Its shift to Japanese is a control character, which no other feed may hold.
        let iso_2022 = labelled && bytes.contains(&0x1b)
            || text.is_ascii() && (text.contains("\u{1b}$B") || text.contains("\u{1b}$@"));
        if iso_2022 {
            return finish(with(ISO_2022_JP, bytes, damage));
        }
        let other = |encoding: &&Encoding| *encoding != UTF_8;
        if !text.is_ascii() && declared.as_ref().is_some_and(other) {
            damage.add(Kind::Encoding, 0);
        }
        return finish(text.to_owned());
    }
    finish(legacy(bytes, header, declared, damage))
}

/// Not UTF-8 as a whole: mostly UTF-8 with some bad bytes, or one of the older encodings.
fn legacy(
    bytes: &[u8],
    header: Option<&'static Encoding>,
    declared: Option<&'static Encoding>,
    damage: &mut Damage,
) -> String {
    let text = String::from_utf8_lossy(bytes);
    let broken = text.matches('\u{fffd}').count();
    let whole = text.chars().filter(|c| *c as u32 > 0x7f).count() - broken;
    let lonely = whole == 0
        && broken == 1
        && [header, declared].contains(&Some(UTF_8))
        && cut_character(bytes);
    if whole > broken || lonely {
        damage.add(Kind::ReplacedBytes, 0);
        return text.into_owned();
    }
    for encoding in [header, declared].into_iter().flatten() {
        if encoding == UTF_8 || encoding == UTF_16LE || encoding == UTF_16BE {
            continue;
        }
        let (text, broken) = encoding.decode_without_bom_handling(bytes);
        if !broken {
            return text.into_owned();
        }
        let bad = text.matches('\u{fffd}').count();
        if bad <= text.chars().count() / 100 {
            damage.add(Kind::ReplacedBytes, 0);
            return text.into_owned();
        }
    }
    damage.add(Kind::Encoding, 0);
    // A handful of bytes is too little to guess from.
    if bytes.iter().filter(|byte| !byte.is_ascii()).count() < FEW {
        return with(WINDOWS_1252, bytes, damage);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes.get(..SAMPLE).unwrap_or(bytes), true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    let text = guess.decode_without_bom_handling_and_without_replacement(bytes);
    text.map_or_else(
        || with(WINDOWS_1252, bytes, damage),
        std::borrow::Cow::into_owned,
    )
}

/// Whether the text ends in the middle of a UTF-8 character.
fn cut_character(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

fn with(encoding: &'static Encoding, bytes: &[u8], damage: &mut Damage) -> String {
    let (text, broken) = encoding.decode_without_bom_handling(bytes);
    if broken {
        damage.add(Kind::ReplacedBytes, 0);
    }
    text.into_owned()
}

/// Byte order marks may be doubled, by files glued together.
fn finish(text: String) -> String {
    let trimmed = text.trim_start_matches('\u{feff}');
    if trimmed.len() == text.len() {
        text
    } else {
        trimmed.to_owned()
    }
}

/// UTF-16 without a mark, by its `<`.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [b'<', 0, second, 0, ..] if *second != 0 => Some(UTF_16LE),
        [0, b'<', 0, second, ..] if *second != 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// UTF-32, by mark or by its `<`; the encoding standard knows it no more.
fn utf32(bytes: &[u8]) -> Option<String> {
    let read: fn([u8; 4]) -> u32 = match bytes.get(..4)? {
        [0xff, 0xfe, 0, 0] | [b'<', 0, 0, 0] => u32::from_le_bytes,
        [0, 0, 0xfe, 0xff] | [0, 0, 0, b'<'] => u32::from_be_bytes,
        _ => return None,
    };
    let (units, _) = bytes.as_chunks::<4>();
    let chars = units
        .iter()
        .map(|unit| char::from_u32(read(*unit)).unwrap_or('\u{fffd}'));
    Some(finish(chars.collect()))
}

/// The encoding of `<?xml … encoding="…"?>`.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(bytes.get(..HEAD).unwrap_or(bytes));
    let (_, declaration) = head.split_once("<?xml")?;
    let (declaration, _) = declaration.split_once('>')?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    label(value)
}

/// The encoding of `text/xml; charset=…`.
fn charset_of(content_type: &str) -> Option<&'static Encoding> {
    let lower = content_type.to_ascii_lowercase();
    let (_, value) = lower.split_once("charset")?;
    label(value.trim_start().strip_prefix('=')?)
}

fn label(text: &str) -> Option<&'static Encoding> {
    let text = text.trim_start_matches(['"', '\'', ' ']);
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.')))
        .unwrap_or(text.len());
    Encoding::for_label(text.get(..end)?.as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8], content_type: Option<&str>) -> String {
        decode(bytes, content_type, &mut Damage::default())
    }

    #[test]
    fn encodings() {
        let utf16 = |text: &str| {
            text.encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<_>>()
        };
        let utf32 = |text: &str| {
            text.chars()
                .flat_map(|c| (c as u32).to_be_bytes())
                .collect::<Vec<_>>()
        };
        for (bytes, header, expected) in [
            (
                "<a>é</a>".as_bytes().to_vec(),
                Some("text/xml; charset=iso-8859-1"),
                "<a>é</a>",
            ),
            (b"\xef\xbb\xbf\xef\xbb\xbf<a/>".to_vec(), None, "<a/>"),
            (
                [b"\xff\xfe".to_vec(), utf16("<a>é</a>")].concat(),
                None,
                "<a>é</a>",
            ),
            (utf16("<a>é</a>"), None, "<a>é</a>"),
            (utf32("<a>é</a>"), None, "<a>é</a>"),
            (
                b"<?xml version='1.0' encoding='ISO-8859-1'?>\xe9".to_vec(),
                None,
                "<?xml version='1.0' encoding='ISO-8859-1'?>é",
            ),
            (
                b"<?xml version='1.0' encoding='utf-8'?>it\x92s".to_vec(),
                None,
                "<?xml version='1.0' encoding='utf-8'?>it’s",
            ),
            (
                b"<a>\xcf\xf0\xe8\xe2\xe5\xf2</a>".to_vec(),
                Some("text/xml; charset=windows-1251"),
                "<a>Привет</a>",
            ),
            (
                b"<a>caf\xc3\xa9 r\xc3\xa9sum\xc3\xa9 \xff</a>".to_vec(),
                None,
                "<a>café résumé \u{fffd}</a>",
            ),
        ] {
            assert_eq!(read(&bytes, header), expected);
        }
    }

    #[test]
    fn seven_bit_japanese_is_not_ascii() {
        let text = b"\x1b$B%F%9%H\x1b(B";
        for label in ["iso-2022-jp", "us-ascii", "x-unknown"] {
            let head = format!("<?xml version='1.0' encoding='{label}'?>");
            let bytes = [head.as_bytes(), text].concat();
            assert!(read(&bytes, None).ends_with("テスト"), "{label}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_decode(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes, Some("text/xml; charset=shift_jis"));
        }
    }
}
