use proptest::prelude::*;

use super::super::super::{Kind, scan};
use super::*;

const MD5: &str = "68b329da9893e34099c7d8ad5cb9c940";
const SHA1: &str = "adc83b19e793491b1c6ea0fd8b46cd9f32e592fc";
const SHA256: &str = "01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b";

/// The hashes in a text, of which `_5`, `_1` and `_2` stand for an MD5, a SHA-1, a SHA-256.
fn hashes(written: &str) -> Vec<(Kind, String)> {
    let written = written
        .replace("_5", MD5)
        .replace("_1", SHA1)
        .replace("_2", SHA256);
    scan(&written)
        .into_iter()
        .map(|find| (find.kind, find.value))
        .collect()
}

#[test]
fn lengths_and_labels_tell_the_kind() {
    for (written, kind, value) in [
        ("_5", Kind::Md5, MD5),
        ("_1", Kind::Sha1, SHA1),
        (".!@.._2!@#-", Kind::Sha256, SHA256),
        ("(_5),", Kind::Md5, MD5),
        ("md5:_5", Kind::Md5, MD5),
        ("MD5 hash_5.", Kind::Md5, MD5),
        ("SHA256-_2", Kind::Sha256, SHA256),
        ("sha256__2", Kind::Sha256, SHA256),
        ("VirusShare__5", Kind::Md5, MD5),
        ("hash=_1;", Kind::Sha1, SHA1),
        ("image@sha256:_2", Kind::Sha256, SHA256),
        ("saved as _5.exe", Kind::Md5, MD5),
        ("imphash: _5", Kind::Imphash, MD5),
        ("_5 (imphash)", Kind::Imphash, MD5),
        ("SSL certificate SHA1: _1", Kind::X509Sha1, SHA1),
        ("authentihash _2", Kind::Authentihash, SHA256),
        ("commit _1", Kind::GitCommit, SHA1),
        ("MD5 {_5}", Kind::Md5, MD5),
        ("“_5”–", Kind::Md5, MD5),
        ("样本_5的", Kind::Md5, MD5),
    ] {
        let found = hashes(written);
        assert!(
            found.contains(&(kind, value.to_owned())),
            "{written}: {found:?}"
        );
    }
    assert_eq!(
        hashes(&MD5.to_ascii_uppercase()),
        [(Kind::Md5, MD5.to_owned())]
    );
    assert_eq!(
        hashes("JA3: _5, 1bc29b36f623ba82aaf6724fd3b16718").last(),
        Some(&(Kind::Ja3, "1bc29b36f623ba82aaf6724fd3b16718".to_owned()))
    );
    let jarm = "07d14d16d21d21d07c42d41d00041d24a458a375eef0c576d23a7bab9a9fb1";
    assert_eq!(hashes(jarm), [(Kind::Jarm, jarm.to_owned())]);
}

#[test]
fn long_digests() {
    for (length, kind) in [(56, Kind::Sha224), (96, Kind::Sha384), (128, Kind::Sha512)] {
        let digits: String = SHA256
            .chars()
            .chain(SHA1.chars())
            .chain(MD5.chars())
            .take(length)
            .collect();
        assert_eq!(hashes(&digits), [(kind, digits.clone())]);
    }
}

#[test]
fn other_runs_are_no_hashes() {
    for written in [
        "words_5words",
        "_5a",
        "é_5",
        "_5é",
        "0x_5",
        "main._5.js",
        "/static/app-_5.css",
        "API key: _5-us13",
        "admin:500:_5:31d6cfe0d16ae931b73c59d7e0c089c0:::",
        "Administrator:_5:_5",
        "AES key: _5",
        "campaign id = _5",
        "Serial Number: _5",
        "{_5}",
        "00000000000000000000000000000000",
        "ffffffffffffffffffffffffffffffff",
        "0123456789abcdef0123456789abcdef",
        "1234567890abcdef1234567890abcdef",
        "000102030405060708090a0b0c0d0e0f",
        "deadbeefdeadbeefdeadbeefdeadbeef",
        "12345678901928374650918273645091",
        "07d14d16d21d21d07c42d41d00041d24a458a375eef0c576d23a7bab9a9fbz",
    ] {
        let found = hashes(written);
        let is_hash =
            |kind: &Kind| kind.is_file_hash() || matches!(kind, Kind::Jarm | Kind::GitCommit);
        assert!(
            !found.iter().any(|(kind, _)| is_hash(kind)),
            "{written}: {found:?}"
        );
    }
}

#[test]
fn decimal_digits_need_a_label() {
    let digits = "12345678901928374650918273645091";
    assert_eq!(
        hashes(&format!("MD5 {digits}")),
        [(Kind::Md5, digits.to_owned())]
    );
}

#[test]
fn chrome_extensions() {
    let id = "aapbdbdomjkkjkaonfhkkikfgjllcleb";
    assert_eq!(hashes(id), [(Kind::ChromeExtension, id.to_owned())]);
    for written in [
        "aapbdbdomjkkjkaonfhkkikfgjllcleb.com",
        "abababababababababababababababab",
        "aapbdbdomjkkjkaonfhkkikfgjllclez",
    ] {
        assert!(
            !hashes(written)
                .iter()
                .any(|(kind, _)| *kind == Kind::ChromeExtension),
            "{written}"
        );
    }
}

proptest! {
    #[test]
    fn any_digest_is_found_in_any_surroundings(bytes: [u8; 32], before in "[ .,:;()!]{0,9}", after in "[ ,;()!?]{0,9}", capital: bool) {
        let digits = hex::encode(bytes);
        let written = if capital { digits.to_ascii_uppercase() } else { digits.clone() };
        let found = hashes(&format!("{before}{written}{after}"));
        prop_assert_eq!(found, [(Kind::Sha256, digits)]);
    }

    #[test]
    fn digests_are_no_placeholders(bytes: [u8; 16]) {
        prop_assert!(!is_placeholder(&hex::encode(bytes)));
    }
}
