//! Host names.
//!
//! The first half says what a well-formed host is, for everyone who meets one (URLs, mail addresses): by syntax
//! (RFC 1123, with the underscores and Unicode labels that occur in practice) and by the public suffix list.
//! Bare ones in running text are found by [`super::names`], where [`super::dotted`] tells them from code and file
//! names.

use std::borrow::Cow;
use std::ops::Range;

use super::{Raw, Text};
use crate::indicators::Kind;

/// What kind of host a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HostKind {
    /// Registrable, or itself a suffix under which others register: `evil-update.top`, `github.io`.
    Domain,
    /// Below a registrable name: `c2.evil-update.top`.
    Hostname,
    /// A Tor hidden service with an address of the full length (version 3: 56, version 2: 16 characters).
    Onion,
    /// Below a suffix that the DNS root does not know but malware resolves: `.bit`, `.i2p`. Such a name is a host
    /// only with evidence: defanged, or in a URL.
    Special,
}

impl HostKind {
    /// The type of indicator.
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Domain | Self::Special => Kind::Domain,
            Self::Hostname => Kind::Hostname,
            Self::Onion => Kind::OnionAddress,
        }
    }
}

/// Suffixes of alternative roots and name chains, as used by malware.
const SPECIAL: &[&str] = &[
    "bazar", "bbs", "bit", "chan", "coin", "crypto", "cyb", "dyn", "emc", "eth", "fur", "geek",
    "gopher", "i2p", "indy", "lib", "libre", "loki", "neo", "null", "o", "onion", "oss", "oz",
    "parody", "pirate", "sol",
];

/// Longest name in the DNS (RFC 1035).
pub(super) const LONGEST: usize = 253;

/// Where the run of host characters that begins at `start` ends, at most at `end`: ASCII letters and digits, `-`,
/// `_`, single full stops, letters beyond ASCII and emoji. Reads at most a bounded number of bytes.
///
/// A full stop is part of it only before another host character. A run of Chinese, Japanese, Korean or Thai
/// characters that directly follows an ASCII suffix is prose, not part of the host: these scripts have no
/// blanks (`evil-update.top下载`). Nor is an emoji there.
pub(super) fn host_end(text: &str, start: usize, end: usize) -> usize {
    let Some(run) = text.get(start..end) else {
        return start;
    };
    let mut at = 0;
    let mut last_ascii_letter = false;
    for (offset, character) in run.char_indices().take(LONGEST + 4) {
        match character {
            'a'..='z' | 'A'..='Z' => last_ascii_letter = true,
            '0'..='9' | '-' | '_' => last_ascii_letter = false,
            '.' => {
                let next = run.get(offset + 1..).and_then(|rest| rest.chars().next());
                if !next.is_some_and(|next| next != '.' && is_host_char(next)) {
                    break;
                }
                last_ascii_letter = false;
            }
            _ if !is_host_char(character) => break,
            _ if last_ascii_letter && is_foreign(character) && ends_in_suffix(run, offset) => {
                break;
            }
            _ => last_ascii_letter = false,
        }
        at = offset + character.len_utf8();
    }
    start + at
}

/// Whether a character may stand in a host name besides the full stop.
pub(super) fn is_host_char(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || matches!(character, '-' | '_')
        || (!character.is_ascii()
            && (character.is_alphanumeric() || is_mark(character) || is_emoji(character)))
}

/// Emoji that names are registered with, as some registries let people do. Those that point, flag and number are
/// signs between words: `C2👉evil-update.top`.
pub(super) fn is_emoji(character: char) -> bool {
    let is_sign = matches!(character,
        '\u{1F310}' | '\u{1F446}'..='\u{1F449}' | '\u{1F4CC}'..='\u{1F4CD}' | '\u{1F500}'..='\u{1F504}' | '\u{1F517}'
        | '\u{1F519}'..='\u{1F51D}' | '\u{1F534}'..='\u{1F53D}' | '\u{1F5A5}' | '\u{1F6A8}'..='\u{1F6AB}'
        | '\u{1F7E0}'..='\u{1F7EB}');
    !is_sign
        && matches!(character,
        '\u{2600}'..='\u{2604}' | '\u{2615}' | '\u{2620}' | '\u{263A}' | '\u{2665}' | '\u{26A1}' | '\u{2728}'
        | '\u{2764}' | '\u{2B50}' | '\u{1F1E6}'..='\u{1F1FF}' | '\u{1F300}'..='\u{1F64F}' | '\u{1F680}'..='\u{1FAFF}')
}

/// Whether a character behind an ASCII name is not part of it.
fn is_foreign(character: char) -> bool {
    is_unspaced(character) || is_emoji(character)
}

/// Combining accents of a decomposed letter.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36F}')
}

/// Whether a character belongs to a script that is written without blanks between words, or adds its
/// particles directly to a foreign word.
pub(super) fn is_unspaced(character: char) -> bool {
    matches!(character,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3005}'..='\u{30FF}'
        | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Whether the ASCII label that ends at `end` is a top-level domain behind another label.
fn ends_in_suffix(run: &str, end: usize) -> bool {
    let label = run
        .get(..end)
        .and_then(|head| head.rsplit_once('.'))
        .map(|(_, label)| label);
    label.is_some_and(|label| label.len() <= 24 && is_known_suffix(&label.to_ascii_lowercase()))
}

/// Whether a lower-case name ends in a suffix of the public suffix list.
pub(super) fn is_known_suffix(name: &str) -> bool {
    psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.is_known())
}

/// Whether `host` is a well-formed name of a host, and of what kind. Any case; no full stop at the end.
///
/// Labels have 1 to 63 letters, digits, hyphens and underscores (not a hyphen at either end), or letters beyond
/// ASCII; the whole at most 253 bytes; the suffix is on the public suffix list, `.onion` or one of the few
/// that malware resolves outside the DNS. Names reserved for documentation and local use (RFC 2606, RFC 6761) are
/// none.
pub(super) fn is_host(host: &str) -> Option<HostKind> {
    if host.len() > LONGEST || !host.contains('.') || !host.split('.').all(is_label) {
        return None;
    }
    let lower = lower(host);
    let (_, tld) = lower.rsplit_once('.')?;
    if is_reserved(&lower) || tld.contains('_') || tld.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if tld == "onion" {
        return Some(onion(&lower));
    }
    if SPECIAL.contains(&tld) {
        return Some(HostKind::Special);
    }
    by_suffix(&lower)
}

fn lower(host: &str) -> Cow<'_, str> {
    if host.is_ascii() && !host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Borrowed(host)
    } else {
        Cow::Owned(host.to_lowercase())
    }
}

fn by_suffix(lower: &str) -> Option<HostKind> {
    let suffix = psl::suffix(lower.as_bytes()).filter(psl::Suffix::is_known)?;
    if suffix.as_bytes().len() == lower.len() {
        return (suffix.typ() == Some(psl::Type::Private)).then_some(HostKind::Domain);
    }
    let head = lower.get(..lower.len().checked_sub(suffix.as_bytes().len() + 1)?)?;
    Some(if head.contains('.') {
        HostKind::Hostname
    } else {
        HostKind::Domain
    })
}

/// Version 3 addresses have 56 characters of base 32, version 2 had 16 (rend-spec-v3 of the Tor project).
fn onion(lower: &str) -> HostKind {
    let label = lower.rsplit('.').nth(1).unwrap_or_default();
    let base32 = label
        .bytes()
        .all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'));
    if base32 && matches!(label.len(), 16 | 56) {
        HostKind::Onion
    } else {
        HostKind::Special
    }
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.chars().count())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(is_host_char)
}

/// Names for documentation, tests and local networks.
fn is_reserved(lower: &str) -> bool {
    const SUFFIXES: &[&str] = &[
        "example",
        "invalid",
        "test",
        "localhost",
        "local",
        "localdomain",
        "lan",
        "internal",
        "intranet",
        "corp",
        "home",
        "arpa",
    ];
    let mut labels = lower.rsplit('.');
    let (tld, second) = (labels.next().unwrap_or_default(), labels.next());
    SUFFIXES.contains(&tld)
        || (second == Some("example") && matches!(tld, "com" | "net" | "org" | "edu"))
        || is_placeholder(lower)
}

/// Whether a name only holds the place of one: `example.co.uk`, `xxx.xxx.xxx.xxx`.
fn is_placeholder(lower: &str) -> bool {
    let is_blank = |label: &str| label.len() > 1 && label.bytes().all(|byte| byte == b'x');
    lower.split('.').all(is_blank)
        || lower.contains("example.")
            && psl::domain_str(lower).is_some_and(|name| name.starts_with("example."))
}

/// How a host goes out: lower case, Unicode labels in their ASCII form where there is one.
pub(super) fn normal(host: &str) -> String {
    if host.is_ascii() {
        return host.to_ascii_lowercase();
    }
    match url::Host::parse(host) {
        Ok(url::Host::Domain(ascii)) => ascii,
        _ => host.to_lowercase(),
    }
}

/// Pushes the host at `token`, with its port if one follows before `end`; returns where it ends.
pub(super) fn push(text: &Text<'_>, token: Range<usize>, end: usize, raws: &mut Vec<Raw>) -> usize {
    let Some(kind) = is_host(text.slice(token.clone())) else {
        return token.end;
    };
    let host = normal(text.slice(token.clone()));
    let raw = match port(text, token.end..end) {
        Some(end) if kind != HostKind::Onion => {
            let value = format!("{host}|{}", text.slice(token.end + 1..end));
            Raw::new(Kind::HostnamePort, value, token.start..end)
        }
        _ => Raw::new(kind.kind(), host, token),
    };
    let end = raw.span.end;
    raws.push(raw);
    end
}

/// The end of a port (1 to 65535) at the start of a range.
fn port(text: &Text<'_>, range: Range<usize>) -> Option<usize> {
    let digits = text.slice(range.clone()).strip_prefix(':')?;
    let length = digits
        .bytes()
        .take_while(u8::is_ascii_digit)
        .take(6)
        .count();
    let number: u16 = digits.get(..length)?.parse().ok()?;
    let end = range.start + 1 + length;
    let stops = !matches!(text.byte(end), b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' | b':');
    (number > 0 && stops).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_kinds_by_suffix() {
        let long = "ciadotgov4sjwlzihbbgxnqg3xiyrg7so2r2o3lt5wz5ypk4sxyjstad.onion";
        for (host, kind) in [
            ("evil-update.top", HostKind::Domain),
            ("EVIL-UPDATE.TOP", HostKind::Domain),
            ("cdn.evil-update.top", HostKind::Hostname),
            ("evil.co.uk", HostKind::Domain),
            ("www.evil.co.uk", HostKind::Hostname),
            ("o_o.lgms.nl", HostKind::Hostname),
            ("evil.github.io", HostKind::Domain),
            ("github.io", HostKind::Domain),
            ("háčkyčárky.cz", HostKind::Domain),
            ("xn--lbrs59br5a.xn--fiqs8s", HostKind::Domain),
            ("中国.中国", HostKind::Domain),
            (long, HostKind::Onion),
            ("expyuzz4wqqyqhjn.onion", HostKind::Onion),
            ("short.onion", HostKind::Special),
            ("panel.bit", HostKind::Special),
        ] {
            assert_eq!(is_host(host), Some(kind), "{host}");
        }
    }

    #[test]
    fn refuses_what_is_no_host() {
        let label = "a".repeat(64);
        let long = "abcdefgh.".repeat(28) + "com";
        for host in [
            "",
            ".",
            "com",
            ".com",
            "a..com",
            "co.uk",
            "-hi-.com",
            "hi-.com",
            "-hi.com",
            "a.b",
            "evil.nope",
            "evil.exe",
            "1.2.3.4",
            "1112.15.14.05",
            "example.com",
            "www.example.org",
            "foo.example",
            "printer.local",
            "foo.test",
            "evil.com.",
            "evil com.net",
            "evil.c_m",
            &format!("{label}.com"),
            &long,
        ] {
            assert_eq!(is_host(host), None, "{host}");
        }
    }

    #[test]
    fn ends_where_the_name_ends() {
        for (text, host) in [
            ("evil.com/path", "evil.com"),
            ("evil.com. Then", "evil.com"),
            ("evil.com:80", "evil.com"),
            ("evil.com...", "evil.com"),
            ("evil.com下载", "evil.com"),
            ("evil.com에서", "evil.com"),
            ("evil.com，其", "evil.com"),
            ("evil.com😀 and", "evil.com"),
            ("evil😀3.com", "evil😀3.com"),
            ("😀.la/", "😀.la"),
            ("c2👉evil.com", "c2"),
            ("háčkyčárky.cz", "háčkyčárky.cz"),
            ("中国.中国", "中国.中国"),
            ("a_b.evil.com)", "a_b.evil.com"),
            ("[1.2.3.4]", ""),
        ] {
            assert_eq!(
                text.get(..host_end(text, 0, text.len())),
                Some(host),
                "{text}"
            );
        }
    }

    #[test]
    fn goes_out_in_ascii() {
        assert_eq!(normal("Evil-Update.TOP"), "evil-update.top");
        assert_eq!(normal("háčkyčárky.cz"), "xn--hkyrky-ptac70bc.cz");
        assert_eq!(normal("i❤.ws"), "xn--i-7iq.ws");
    }
}
