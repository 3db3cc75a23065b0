//! Hashes: runs of hexadecimal digits, told apart by length and label.

pub(super) mod split;

use std::ops::Range;

use super::super::Kind;
use super::labels::{self, Label};
use super::{Raw, Text, runs};

/// The shortest and the longest run that can be a hash, a label glued to it included.
const LENGTHS: Range<usize> = 32..141;

pub(super) fn find(text: &Text<'_>, gap: Range<usize>, raws: &mut Vec<Raw>) {
    let mut at = gap.start;
    while let Some(run) = runs::next(text, at..gap.end) {
        at = run.end;
        if LENGTHS.contains(&run.len()) {
            raws.extend(of_run(text, run, raws.last()));
        }
    }
}

/// What a run of letters, digits and underscores is. The run fills the space between its neighbours.
fn of_run(text: &Text<'_>, run: Range<usize>, last: Option<&Raw>) -> Option<Raw> {
    if runs::is_cut(text, &run) {
        return None;
    }
    let written = text.slice(run.clone());
    if let Some(extension) = chrome_extension(text, written, &run) {
        return Some(extension);
    }
    let glued = glued_label(written);
    let digits = written.get(glued..)?;
    let among = kinds(digits.len())?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let span = run.start + glued..run.end;
    if is_asset(text, &span)
        || is_mailchimp_key(text, &span)
        || is_ntlm(text, &span)
        || is_placeholder(digits)
    {
        return Some(Raw::nothing(span));
    }
    let kind = kind(text, &span, digits, among, last);
    Some(kind.map_or_else(
        || Raw::nothing(span.clone()),
        |kind| Raw::new(kind, digits.to_ascii_lowercase(), span.clone()),
    ))
}

/// What runs of so many digits can be; the first is what they are without a label.
fn kinds(digits: usize) -> Option<&'static [Kind]> {
    Some(match digits {
        32 => &[
            Kind::Md5,
            Kind::Imphash,
            Kind::Pehash,
            Kind::Ja3,
            Kind::Ja3s,
            Kind::Hassh,
            Kind::HasshServer,
            Kind::X509Md5,
            Kind::Vhash,
        ],
        40 => &[
            Kind::Sha1,
            Kind::Pehash,
            Kind::Cdhash,
            Kind::X509Sha1,
            Kind::GitCommit,
        ],
        56 => &[Kind::Sha224],
        62 => &[Kind::Jarm],
        64 => &[
            Kind::Sha256,
            Kind::Authentihash,
            Kind::Cdhash,
            Kind::X509Sha256,
        ],
        96 => &[Kind::Sha384],
        128 => &[Kind::Sha512],
        _ => return None,
    })
}

/// Which kind it is by label, by the value before it in the same list, else by its length alone.
fn kind(
    text: &Text<'_>,
    span: &Range<usize>,
    digits: &str,
    among: &[Kind],
    last: Option<&Raw>,
) -> Option<Kind> {
    let plain = *among.first()?;
    match labels::label(text, span, among) {
        Some(Label::Is(kind)) => Some(kind),
        Some(Label::Nothing) => None,
        None if is_braced(text, span) => None,
        None if plain == Kind::Jarm => is_jarm(digits).then_some(plain),
        None if digits.bytes().all(|byte| byte.is_ascii_digit()) => None,
        None => Some(continued(text, span, among, last).unwrap_or(plain)),
    }
}

/// The kind of the value before, if nothing but a comma or the like stands between: `imphash: <value>, <value>`.
fn continued(
    text: &Text<'_>,
    span: &Range<usize>,
    among: &[Kind],
    last: Option<&Raw>,
) -> Option<Kind> {
    let last = last.filter(|raw| raw.span.end <= span.start && span.start - raw.span.end <= 5)?;
    let between = text.slice(last.span.end..span.start).trim_matches(' ');
    let joined = matches!(between, "," | "/" | "and" | "&" | ", and" | "or");
    last.kind
        .filter(|kind| joined && last.value.len() == span.len() && among.contains(kind))
}

/// Length of a label glued to the digits: `hash479d…`, `SHA256_e3b0…`, `VirusShare_68b3…`.
fn glued_label(run: &str) -> usize {
    const LABELS: &[&str] = &[
        "md5",
        "sha1",
        "sha224",
        "sha256",
        "sha384",
        "sha512",
        "hash",
        "imphash",
        "virusshare",
        "sample",
        "malware",
    ];
    let label = |label: &&&str| {
        run.get(..label.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(label))
    };
    let Some(label) = LABELS.iter().find(label) else {
        return 0;
    };
    let underscore = run
        .get(label.len()..)
        .is_some_and(|rest| rest.starts_with('_'));
    label.len() + usize::from(underscore)
}

/// Whether the digits are the cache key in the name of a web page's part: `main.5f2c….js`.
fn is_asset(text: &Text<'_>, span: &Range<usize>) -> bool {
    const ENDINGS: &[&str] = &[
        "js", "mjs", "css", "map", "png", "jpg", "jpeg", "gif", "svg", "webp", "ico", "woff",
        "woff2", "ttf", "chunk", "min",
    ];
    let Some(rest) = text.line_after(span.end, 8).strip_prefix('.') else {
        return false;
    };
    let ending = rest
        .split(|c: char| !c.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default();
    ENDINGS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(ending))
}

/// Keys of the mailing service end in the name of its data centre: `<32 digits>-us13`.
fn is_mailchimp_key(text: &Text<'_>, span: &Range<usize>) -> bool {
    let rest = text.line_after(span.end, 6).as_bytes();
    matches!(rest, [b'-', b'u', b's', digit, ..] if digit.is_ascii_digit())
}

/// Whether it is one of a pair of password hashes as Windows keeps them: `500:<32 digits>:<32 digits>:::`.
fn is_ntlm(text: &Text<'_>, span: &Range<usize>) -> bool {
    let is_digest = |at: usize, colon: usize| {
        let digits = text.bytes().get(at..at + 32);
        text.byte(colon) == b':'
            && digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let after = is_digest(span.end + 1, span.end);
    let before = span
        .start
        .checked_sub(33)
        .is_some_and(|at| is_digest(at, at + 32));
    span.len() == 32 && (after || before)
}

/// `{0123…}` is a GUID without hyphens.
fn is_braced(text: &Text<'_>, span: &Range<usize>) -> bool {
    span.len() == 32
        && span
            .start
            .checked_sub(1)
            .is_some_and(|at| text.byte(at) == b'{')
        && text.byte(span.end) == b'}'
}

/// Whether digits were made up to stand for others: one digit over and over, a short pattern repeated, a
/// sequence counted up or down. A digest looks like that less than once in 10^9.
pub(super) fn is_placeholder(digits: &str) -> bool {
    let mut values = [0_u8; LENGTHS.end];
    for (value, digit) in values.iter_mut().zip(digits.bytes()) {
        *value = nibble(digit);
    }
    let Some(values) = values.get(..digits.len()) else {
        return false;
    };
    let seen = values.iter().fold(0_u16, |seen, value| seen | 1 << value);
    if seen.count_ones() <= 4 {
        return true;
    }
    let same = |apart: usize| {
        values
            .iter()
            .zip(values.iter().skip(apart))
            .all(|(a, b)| a == b)
    };
    if (1..=16.min(values.len() / 2)).any(same) {
        return true;
    }
    let steps = values.iter().zip(values.iter().skip(1));
    let (up, down) = steps.fold((0, 0), |(up, down), (a, b)| {
        let step = b.wrapping_sub(*a) & 15;
        (up + usize::from(step == 1), down + usize::from(step == 15))
    });
    let mostly = |count: usize| count * 4 > values.len() * 3;
    mostly(up) || mostly(down) || counted_bytes(values) * 8 > values.len() * 3
}

/// The value of a hexadecimal digit; 0 of anything else.
const fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        b'A'..=b'F' => digit - b'A' + 10,
        _ => 0,
    }
}

/// How many bytes are one more than the one before: `000102030405…`.
fn counted_bytes(values: &[u8]) -> usize {
    let byte = |pair: &[u8]| pair.iter().fold(0_u8, |byte, value| byte << 4 | value);
    let bytes = || values.chunks_exact(2).map(byte);
    bytes()
        .zip(bytes().skip(1))
        .filter(|(a, b)| a.wrapping_add(1) == *b)
        .count()
}

/// Whether 62 digits are built like a JARM: ten ciphers and versions in three digits each (cipher 00 to 45,
/// version a to f; `000` for no answer), then half a SHA-256.
/// <https://github.com/salesforce/jarm>
fn is_jarm(digits: &str) -> bool {
    let answer = |triple: &[u8]| match triple {
        [b'0', b'0', b'0'] => true,
        [high, low, version] => {
            (b'0'..=b'4').contains(high)
                && low.is_ascii_hexdigit()
                && matches!(version, b'a'..=b'f' | b'0')
        }
        _ => false,
    };
    digits
        .as_bytes()
        .get(..30)
        .is_some_and(|start| start.chunks(3).all(answer))
}

/// Id of a Chrome extension: 32 letters from a to p, hexadecimal digits in another alphabet.
/// <https://developer.chrome.com/docs/extensions/reference/manifest/key>
fn chrome_extension(text: &Text<'_>, written: &str, run: &Range<usize>) -> Option<Raw> {
    if written.len() != 32 || !written.bytes().all(|byte| (b'a'..=b'p').contains(&byte)) {
        return None;
    }
    let seen = written
        .bytes()
        .fold(0u32, |seen, byte| seen | 1 << (byte - b'a'));
    let is_host = text.byte(run.end) == b'.' && text.byte(run.end + 1).is_ascii_alphabetic();
    (seen.count_ones() >= 7 && seen > 0x3F && !is_host)
        .then(|| Raw::new(Kind::ChromeExtension, written, run.clone()))
}

#[cfg(test)]
mod tests;
