//! Labels: what the words before a value, the header of its column or the cell before it call it.
//!
//! Many kinds have the same shape: 32 hexadecimal digits are an MD5, an import hash, a TLS fingerprint or a key.
//! Only the words beside them tell which.

mod words;

use std::ops::Range;

use super::super::Kind;
use super::Text;
use words::{Meaning, meaning};

/// How far before a value its label may begin, in bytes.
const REACH: usize = 48;

/// How many words there may be from the label on: `imphash of the file is <value>`.
const MAX_WORDS: usize = 7;

/// What a value is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// One of the kinds asked for.
    Is(Kind),
    /// A key, a serial number, a build id: nothing to search for, whatever its shape.
    Nothing,
}

/// Which of these kinds the value at `at` is called, if any.
pub(super) fn named(text: &Text<'_>, at: usize, among: &[Kind]) -> Option<Kind> {
    match label(text, &(at..at), among)? {
        Label::Is(kind) => Some(kind),
        Label::Nothing => None,
    }
}

/// Which of these kinds a header or a label by itself calls values.
pub(super) fn kind_of(label: &str, among: &[Kind]) -> Option<Kind> {
    match read(label, among)? {
        Label::Is(kind) => Some(kind),
        Label::Nothing => None,
    }
}

/// What the value is called: by the words before it on its line, by a bracket behind it, by the line before it if
/// it begins its own, by its column's header, by the cell before it. The first that names anything is heard.
pub(super) fn label(text: &Text<'_>, span: &Range<usize>, among: &[Kind]) -> Option<Label> {
    let before = text.line_before(span.start, REACH);
    read(before, among)
        .or_else(|| read(bracket_after(text, span)?, among))
        .or_else(|| read(line_above(text, span.start, before)?, among))
        .or_else(|| read(text.place.header?, among))
        .or_else(|| read(text.place.before?, among))
}

/// The words in a bracket right behind the value: `<value> (imphash)`.
fn bracket_after<'a>(text: &'a Text<'_>, span: &Range<usize>) -> Option<&'a str> {
    if span.is_empty() {
        return None;
    }
    let after = text.line_after(span.end, 24).trim_start();
    let inner = after.strip_prefix(['(', '['])?;
    inner.split([')', ']']).next()
}

/// The line before the one of a value that begins its line, if it reads like a caption: it ends with a
/// colon, or is a few words and no more.
fn line_above<'a>(text: &'a Text<'_>, at: usize, before: &str) -> Option<&'a str> {
    if !before.trim_start().is_empty() || before.len() == REACH {
        return None;
    }
    let line_break = at.checked_sub(before.len() + 1)?;
    let above = text.line_before(line_break, REACH).trim_end();
    let caption = above.ends_with(':') || (above.len() < 24 && !above.contains(". "));
    caption.then_some(above)
}

/// What a label says of a value that follows it.
fn read(label: &str, among: &[Kind]) -> Option<Label> {
    let label = tail(label).to_ascii_lowercase();
    let mut words: [&str; MAX_WORDS + 4] = Default::default();
    let spoken = label
        .rsplit(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take_while(|word| !is_value(word));
    for (place, word) in words.iter_mut().zip(spoken) {
        *place = word;
    }
    let mut adjacent = true;
    for at in 0..MAX_WORDS {
        let words = words.get(at..).unwrap_or_default();
        let Some(word) = words.first().filter(|word| !word.is_empty()) else {
            break;
        };
        match meaning(words, at) {
            Some(Meaning::Is(kind)) if among.contains(&kind) => return Some(Label::Is(kind)),
            Some(Meaning::Certificate) => {
                if let Some(kind) = among.iter().find(|kind| is_certificate(**kind)) {
                    return Some(Label::Is(*kind));
                }
            }
            Some(Meaning::Nothing) if adjacent => return Some(Label::Nothing),
            _ => {}
        }
        adjacent &= is_filler(word);
    }
    is_header(&label).then_some(Label::Nothing)
}

/// Whether the value belongs to a header of HTTP that carries what a client is known by, whatever its field is
/// called: `Cookie: lang=en; visitor=<value>`.
fn is_header(label: &str) -> bool {
    ["cookie:", "authorization:"]
        .iter()
        .any(|name| label.contains(name))
}

/// The last 48 bytes of a label, from the last end of a sentence or clause on.
fn tail(label: &str) -> &str {
    let mut from = label.len().saturating_sub(REACH);
    while !label.is_char_boundary(from) {
        from += 1;
    }
    let label = label.get(from..).unwrap_or_default();
    let end = [". ", "; ", "! ", "? "]
        .iter()
        .filter_map(|end| label.rfind(end).map(|at| at + end.len()))
        .max();
    label.get(end.unwrap_or(0)..).unwrap_or_default()
}

/// Whether the word is another value, to which all that stands before it belongs.
fn is_value(word: &str) -> bool {
    word.len() >= 24 && word.bytes().any(|byte| byte.is_ascii_digit())
}

/// Words that may stand between a label and its value without taking its force.
fn is_filler(word: &str) -> bool {
    matches!(
        word,
        "is" | "was"
            | "are"
            | "the"
            | "a"
            | "an"
            | "of"
            | "as"
            | "to"
            | "with"
            | "value"
            | "hex"
            | "following"
    )
}

fn is_certificate(kind: Kind) -> bool {
    matches!(kind, Kind::X509Md5 | Kind::X509Sha1 | Kind::X509Sha256)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::clear::Clear;
    use crate::indicators::scan::Place;

    const HEX32: &[Kind] = &[
        Kind::Md5,
        Kind::Imphash,
        Kind::Ja3,
        Kind::Ja3s,
        Kind::X509Md5,
        Kind::Hassh,
    ];
    const HEX40: &[Kind] = &[
        Kind::Sha1,
        Kind::Pehash,
        Kind::X509Sha1,
        Kind::GitCommit,
        Kind::Cdhash,
    ];
    const HEX64: &[Kind] = &[Kind::Sha256, Kind::Authentihash, Kind::X509Sha256];

    /// What `_` in the text is called.
    fn called(written: &str, place: Place<'_>, among: &[Kind]) -> Option<Label> {
        let clear = Clear::of(written);
        let at = written.find('_').unwrap();
        label(&Text::new(&clear, place), &(at..at + 1), among)
    }

    #[test]
    fn words_name_what_follows() {
        for (written, among, kind) in [
            ("imphash: _", HEX32, Kind::Imphash),
            ("ImpHash=_", HEX32, Kind::Imphash),
            ("Dropper import hash: _", HEX32, Kind::Imphash),
            ("IMPORT HASH - _", HEX32, Kind::Imphash),
            ("Imphash (pefile) _", HEX32, Kind::Imphash),
            ("the imphash of the file is _", HEX32, Kind::Imphash),
            ("_ (imphash)", HEX32, Kind::Imphash),
            ("Imphash:\n_", HEX32, Kind::Imphash),
            (
                "imphash 0123456789abcdef0123456789abcdee md5 _",
                HEX32,
                Kind::Md5,
            ),
            ("JA3 fingerprint: _", HEX32, Kind::Ja3),
            ("JA3S hash – _", HEX32, Kind::Ja3s),
            ("HASSH _", HEX32, Kind::Hassh),
            ("MD5 / SHA1: _", HEX32, Kind::Md5),
            ("MD5 / SHA1: _", HEX40, Kind::Sha1),
            ("certificate SHA1: _", HEX40, Kind::X509Sha1),
            ("SSL certificate fingerprint: _", HEX40, Kind::X509Sha1),
            (
                "SHA1 fingerprint of the certificate: _",
                HEX40,
                Kind::X509Sha1,
            ),
            ("Thumbprint _", HEX40, Kind::X509Sha1),
            ("Cert SHA-256 = _", HEX64, Kind::X509Sha256),
            ("X.509 fingerprint _", HEX64, Kind::X509Sha256),
            ("Authentihash (SHA256): _", HEX64, Kind::Authentihash),
            ("cdhash _", HEX40, Kind::Cdhash),
            ("in commit _", HEX40, Kind::GitCommit),
            ("committed as _", HEX40, Kind::GitCommit),
            ("commit hash _", HEX40, Kind::GitCommit),
            ("git checkout _", HEX40, Kind::GitCommit),
            ("the git tag at _", HEX40, Kind::GitCommit),
            (
                "signed with a certificate; SHA1 of the file: _",
                HEX40,
                Kind::Sha1,
            ),
            ("AES key, MD5 of the sample: _", HEX32, Kind::Md5),
        ] {
            assert_eq!(
                called(written, Place::default(), among),
                Some(Label::Is(kind)),
                "{written}"
            );
        }
    }

    #[test]
    fn secrets_are_nothing() {
        for written in [
            "AES key: _",
            "the password is _",
            "IV=_",
            "API key _",
            "Campaign ID: _",
            "build_id=_",
            "Serial number: _",
            "CLSID {_}",
            "PHPSESSID=_",
            "Cookie: sid=_",
            "Cookie: visitor=_",
            "The BuildID is _",
            "Subject key identifier _",
            "the challenge _",
            "magnet:?xt=urn:btih:_",
        ] {
            let written = written.replace("build_id", "build-id");
            assert_eq!(
                called(&written, Place::default(), HEX32),
                Some(Label::Nothing),
                "{written}"
            );
        }
    }

    #[test]
    fn other_words_name_nothing() {
        for written in [
            "payload _",
            "price tag _",
            "the cookie stealer _",
            "imphash. The file _",
            "the key file _",
            "It sets a registry key and drops _",
            "An imphash is a hash of imports and this line goes on for long, _",
            "_",
            "Seen with the following imphash, as told in a long line above:\nfile _",
        ] {
            assert_eq!(called(written, Place::default(), HEX32), None, "{written}");
        }
    }

    #[test]
    fn tables_name_their_cells() {
        let header = Place {
            header: Some("Import hash"),
            ..Place::default()
        };
        assert_eq!(called("_", header, HEX32), Some(Label::Is(Kind::Imphash)));
        assert_eq!(called("MD5: _", header, HEX32), Some(Label::Is(Kind::Md5)));
        let before = Place {
            header: Some("Value"),
            before: Some("JA3"),
            ..Place::default()
        };
        assert_eq!(called("_", before, HEX32), Some(Label::Is(Kind::Ja3)));
        let key = Place {
            before: Some("RC4 key"),
            ..Place::default()
        };
        assert_eq!(called("_", key, HEX32), Some(Label::Nothing));
    }
}
