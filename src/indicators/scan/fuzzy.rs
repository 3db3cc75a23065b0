//! Fuzzy hashes and fingerprints that are more than a run of digits: ssdeep, TLSH, JA4, vhash.

use std::ops::Range;

use super::super::Kind;
use super::labels;
use super::{Raw, Text, runs};

/// ssdeep's signatures are at most 64 characters a part.
const MAX_PART: usize = 64;

/// Without a label, fewer characters than this in both parts could be anything: `3:foo:bar`.
const SURE_PARTS: usize = 16;

/// Hexadecimal digits in a TLSH (35 bytes).
const TLSH_DIGITS: usize = 70;

/// Lengths of tokens that may be a JA4 fingerprint or a vhash.
const TOKENS: Range<usize> = 12..90;

/// Finds hashes of two signatures: ssdeep.
pub(super) fn find_signatures(text: &Text<'_>, gap: Range<usize>, raws: &mut Vec<Raw>) {
    let mut at = gap.start;
    while let Some(colon) = colon(text, at..gap.end) {
        at = colon + 1;
        let digits = digits_before(text, gap.start, colon);
        if let Some(raw) = ssdeep(text, &(colon - digits..colon)) {
            at = raw.span.end;
            raws.push(raw);
        }
    }
}

fn colon(text: &Text<'_>, range: Range<usize>) -> Option<usize> {
    let bytes = text.bytes().get(range.clone())?;
    Some(range.start + memchr::memchr(b':', bytes)?)
}

/// How many digits stand before `at`, if they are not a part of a word.
fn digits_before(text: &Text<'_>, from: usize, at: usize) -> usize {
    let before = text
        .bytes()
        .get(from.max(at.saturating_sub(11))..at)
        .unwrap_or_default();
    let is_run = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
    let run = before.iter().rev().take_while(is_run);
    if run.clone().all(u8::is_ascii_digit) {
        run.count()
    } else {
        0
    }
}

/// Finds hashes and fingerprints of one token.
pub(super) fn find_tokens(text: &Text<'_>, gap: Range<usize>, raws: &mut Vec<Raw>) {
    let mut at = gap.start;
    while let Some(run) = runs::next(text, at..gap.end) {
        let found = of_token(text, &run);
        at = found.as_ref().map_or(run.end, |raw| raw.span.end);
        raws.extend(found);
    }
}

/// `blocksize:signature:signature` with a block size of 3·2ⁿ.
/// <https://ssdeep-project.github.io/ssdeep/>
fn ssdeep(text: &Text<'_>, size: &Range<usize>) -> Option<Raw> {
    if size.is_empty() || size.len() > 10 || !is_block_size(text.slice(size.clone())) {
        return None;
    }
    if matches!(text.preceding(size.start), b':' | b'/' | b'+' | b'.' | b'-') {
        return None;
    }
    let first = part(text, size.end + 1);
    let second = part(text, first.end + 1);
    if text.byte(first.end) != b':'
        || second.is_empty()
        || matches!(text.byte(second.end), b':' | b'_')
    {
        return None;
    }
    let span = size.start..second.end;
    let kind = labels::named(text, span.start, &[Kind::Ssdeep, Kind::Impfuzzy]);
    let sure = first.len() + second.len() >= SURE_PARTS && is_mixed(text.slice(first.clone()));
    let long_enough = first.len() >= 3 && second.len() >= 2;
    let kind = kind
        .filter(|_| long_enough)
        .or(sure.then_some(Kind::Ssdeep))?;
    Some(Raw::new(kind, text.slice(span.clone()), span))
}

fn is_block_size(digits: &str) -> bool {
    let size: Option<u64> = digits.parse().ok();
    size.is_some_and(|size| size % 3 == 0 && (size / 3).is_power_of_two())
}

/// A signature: at most 64 characters of base64; empty if there are more.
fn part(text: &Text<'_>, start: usize) -> Range<usize> {
    let rest = text.bytes().get(start..).unwrap_or_default();
    let in_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'+' | b'/');
    let length = rest.iter().take(MAX_PART + 1).take_while(in_part).count();
    start..start + if length > MAX_PART { 0 } else { length }
}

/// Whether capital and small letters are mixed, as in base64 but not in words and times.
fn is_mixed(part: &str) -> bool {
    part.bytes().any(|byte| byte.is_ascii_uppercase())
        && part.bytes().any(|byte| byte.is_ascii_lowercase())
}

fn of_token(text: &Text<'_>, token: &Range<usize>) -> Option<Raw> {
    // Digests of plain lengths are for the recogniser of hashes to name.
    if matches!(token.len(), 32 | 40 | 64 | 128) && text.byte(token.end) != b'!' {
        return None;
    }
    if !TOKENS.contains(&token.len()) {
        return None;
    }
    tlsh(text, token)
        .or_else(|| ja4(text, token))
        .or_else(|| vhash(text, token))
}

/// `T1` and 70 hexadecimal digits, or the digits alone if they are called so. A telfhash is built alike, of
/// symbols, and written with a small `t`.
/// <https://tlsh.org/>, <https://github.com/trendmicro/telfhash>
fn tlsh(text: &Text<'_>, token: &Range<usize>) -> Option<Raw> {
    let written = text.slice(token.clone());
    let versioned = written
        .strip_prefix("T1")
        .or_else(|| written.strip_prefix("t1"));
    let digits = versioned.unwrap_or(written);
    if digits.len() != TLSH_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let kind = labels::named(text, token.start, &[Kind::Tlsh, Kind::Telfhash]);
    let kind = kind.or(versioned.map(|_| Kind::Tlsh))?;
    Some(Raw::new(kind, written.to_ascii_lowercase(), token.clone()))
}

/// JA4 by its form, the others of its family by label.
/// <https://github.com/FoxIO-LLC/ja4/blob/main/technical_details/README.md>
fn ja4(text: &Text<'_>, token: &Range<usize>) -> Option<Raw> {
    let written = text.slice(token.clone());
    if !written.contains('_') {
        return None;
    }
    let named = || labels::named(text, token.start, &[Kind::Ja4]).is_some();
    (is_ja4(written) || is_ja4_family(written) && named())
        .then(|| Raw::new(Kind::Ja4, written, token.clone()))
}

/// `t13d1516h2_8daaf6152771_e5627efa2ab1`: transport, TLS version, whether a name was sent, numbers of ciphers and
/// extensions, protocol; ciphers; extensions.
fn is_ja4(token: &str) -> bool {
    let mut parts = token.split('_');
    let (Some(head), Some(ciphers), Some(extensions), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let [transport, version @ .., _, _] = head.as_bytes() else {
        return false;
    };
    let digit = |byte: &u8| byte.is_ascii_digit();
    let [v1, v2, name, counts @ ..] = version else {
        return false;
    };
    let tls = (v1.is_ascii_digit() || matches!(v1, b's' | b'd')) && v2.is_ascii_digit();
    matches!(transport, b't' | b'q' | b'd')
        && tls
        && matches!(name, b'd' | b'i')
        && counts.len() == 4
        && counts.iter().all(digit)
        && is_half_digest(ciphers)
        && is_half_digest(extensions)
}

fn is_half_digest(part: &str) -> bool {
    part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// JA4S, JA4H, JA4X: parts of which the last is half a digest.
fn is_ja4_family(token: &str) -> bool {
    token.rsplit('_').next().is_some_and(is_half_digest)
}

/// VirusTotal's structural hash has no form of its own, so it needs its label.
fn vhash(text: &Text<'_>, token: &Range<usize>) -> Option<Raw> {
    let written = text.slice(token.clone());
    let in_hash = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
    // A plain digest is for the recogniser of hashes to name.
    let is_digest = matches!(written.len(), 32 | 40 | 64)
        && written.bytes().all(|byte| byte.is_ascii_hexdigit());
    let has_digit = written.bytes().any(|byte| byte.is_ascii_digit());
    if is_digest || !has_digit || !written.bytes().all(in_hash) {
        return None;
    }
    let mut span = token.clone();
    // The parts are joined by `!` or, where the page kept it, by a quotation mark.
    if text.byte(span.end) == b'!' {
        let rest = text.bytes().get(span.end + 1..).unwrap_or_default();
        span.end += match rest
            .iter()
            .take(40)
            .take_while(|byte| in_hash(**byte))
            .count()
        {
            0 => 0,
            more => 1 + more,
        };
    }
    let kind = labels::named(text, span.start, &[Kind::Vhash])?;
    Some(Raw::new(kind, text.slice(span.clone()), span))
}

#[cfg(test)]
mod tests {
    use super::super::super::scan;
    use super::*;

    fn found(text: &str) -> Vec<(Kind, String)> {
        scan(text)
            .into_iter()
            .map(|find| (find.kind, find.value))
            .collect()
    }

    #[test]
    fn fuzzy_hashes_and_fingerprints_are_found() {
        let ssdeep = "1536:gQA4ws6RTPdn1Jl19DzTIKu6VnGUNs+9Kf8r3Vf/WcnfYhLrJBew:uiEo/";
        let digits = "a12345c0f1d2e3b4a5968778695a4b3c2d1e0f9182736455f6e7d8c9bab1a2c3d4e5f6";
        let (tlsh, telfhash) = (format!("t1{digits}"), format!("t1{digits}"));
        for (written, kind, value) in [
            (ssdeep.to_owned(), Kind::Ssdeep, ssdeep),
            (format!("ssdeep: {ssdeep},"), Kind::Ssdeep, ssdeep),
            (format!("ssdeep={ssdeep}.\nNext"), Kind::Ssdeep, ssdeep),
            (format!("({ssdeep})"), Kind::Ssdeep, ssdeep),
            (format!("{ssdeep},\"payload.bin\""), Kind::Ssdeep, ssdeep),
            ("ssdeep 3:aaX8v:aV".to_owned(), Kind::Ssdeep, "3:aaX8v:aV"),
            (
                "impfuzzy: 3:aaX8v:aV".to_owned(),
                Kind::Impfuzzy,
                "3:aaX8v:aV",
            ),
            (
                format!("T1{}", digits.to_ascii_uppercase()),
                Kind::Tlsh,
                &tlsh,
            ),
            (format!("TLSH: {digits}"), Kind::Tlsh, digits),
            (format!("telfhash {telfhash}"), Kind::Telfhash, &telfhash),
            (
                "t13d1516h2_8daaf6152771_e5627efa2ab1".to_owned(),
                Kind::Ja4,
                "t13d1516h2_8daaf6152771_e5627efa2ab1",
            ),
            (
                "JA4S: t130200_1301_a56c5b993250".to_owned(),
                Kind::Ja4,
                "t130200_1301_a56c5b993250",
            ),
            (
                "vhash: 0150f6655d155515555az5nz1fz".to_owned(),
                Kind::Vhash,
                "0150f6655d155515555az5nz1fz",
            ),
            (
                "Vhash 025056655d15556az5f!z".to_owned(),
                Kind::Vhash,
                "025056655d15556az5f!z",
            ),
        ] {
            assert!(
                found(&written).contains(&(kind, value.to_owned())),
                "{written}: {:?}",
                found(&written)
            );
        }
    }

    #[test]
    fn other_text_is_no_fuzzy_hash() {
        for text in [
            "12:30:45",
            "3:foo:bar",
            "192:168:0",
            "7:gQA4ws6RTPdn1Jl19DzTIKu6VnGUNs:uiEo/",
            "1536:gQA4ws6RTPdn1Jl19DzTIKu6VnGUNs",
            "1536:gQA4ws6RTPdn1Jl19DzTIKu6VnGUNs:abc:def",
            "a1536:gQA4ws6RTPdn1Jl19DzTIKu6VnGUNs:abc",
            "x13d1516h2_8daaf6152771_e5627efa2ab1",
            "t13d1516h2_8daaf6152771_e5627efa2abz",
            "t130200_1301_a56c5b993250",
            "0150f6655d155515555az5nz1fz",
        ] {
            let is_fuzzy =
                |kind: &Kind| matches!(kind, Kind::Ssdeep | Kind::Ja4 | Kind::Vhash | Kind::Tlsh);
            assert!(
                !found(text).iter().any(|(kind, _)| is_fuzzy(kind)),
                "{text}: {:?}",
                found(text)
            );
        }
    }
}
