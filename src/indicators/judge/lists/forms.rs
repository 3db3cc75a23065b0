//! How entries of lists are written: what they mean, and what cannot be meant.

use std::net::IpAddr;

use super::super::hosts;
use crate::indicators::{Kind, refang, scan};

/// Splits `type:value`. What stands before the first colon and is no type belongs to the value (`https://…`,
/// `c:\…`), unless it looks like a type: nobody shall wait for an entry of `domian` to match.
pub(super) fn split(entry: &str) -> Result<(Option<Kind>, &str), String> {
    let Some((name, value)) = entry.split_once(':') else {
        return Ok((None, entry));
    };
    let name = name.trim();
    let mut kinds = Kind::ALL.iter().copied();
    if let Some(kind) = kinds.find(|kind| kind.as_str().eq_ignore_ascii_case(name)) {
        // `cpe:` is both the name of the type and how its values begin.
        let whole = kind == Kind::Cpe && !clear(value).starts_with("cpe:");
        return Ok((Some(kind), if whole { entry } else { value }));
    }
    let word = name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '|'));
    let address = entry.split('/').next().unwrap_or_default();
    if word
        && !value.starts_with("//")
        && address.parse::<IpAddr>().is_err()
        && scanned(entry).is_none()
    {
        return Err(format!(
            "`{name}` is no type of indicator; a value with a colon has its type before it"
        ));
    }
    Ok((None, entry))
}

/// A value as it would work, in lower case and without the full stop that ends a complete name.
pub(super) fn clear(written: &str) -> String {
    let clear = refang(written.trim()).trim().to_lowercase();
    match clear.strip_suffix('.') {
        Some(name) if is_name(name.strip_prefix("*.").unwrap_or(name)) => name.to_owned(),
        _ => clear,
    }
}

/// What the value may be called where it is found: as written, as it would work, and as the scan reads it. Fails if
/// it cannot be of this kind.
pub(super) fn keys(kind: Option<Kind>, written: &str) -> Result<Vec<String>, String> {
    let clear = clear(written);
    let found = scanned(written).or_else(|| scanned(&clear));
    if let Some(kind) = kind {
        let found = found.as_ref().map(|(found, _)| *found);
        check(kind, &clear, found)?;
    }
    let mut keys = vec![written.trim().to_lowercase()];
    if let Ok(address) = clear.parse::<IpAddr>() {
        keys.push(address.to_string());
    }
    if kind == Some(Kind::As) && !clear.starts_with("as") {
        keys.push(format!("as{clear}"));
    }
    keys.push(clear);
    keys.extend(found.map(|(_, value)| value.to_lowercase()));
    keys.sort_unstable();
    keys.dedup();
    Ok(keys)
}

/// The name of `*.name`, which must be one below which somebody registers no strangers.
pub(super) fn check_name(kind: Option<Kind>, name: &str) -> Result<(), String> {
    if !name.split('.').all(is_label) {
        return Err("`*.` is followed by the name of a domain".into());
    }
    let suffix = psl::suffix(name.as_bytes())
        .filter(|suffix| suffix.is_known() && suffix.typ() == Some(psl::Type::Icann));
    if suffix.is_some_and(|suffix| suffix.as_bytes() == name.as_bytes()) {
        return Err(format!(
            "everybody's names end in `{name}`, a public suffix"
        ));
    }
    let named = |kind: Kind| {
        kind.is_network() || matches!(kind, Kind::Email | Kind::EmailSrc | Kind::EmailDst)
    };
    match kind.filter(|kind| !named(*kind)) {
        Some(kind) => Err(format!("a value of type `{kind}` lies below no domain")),
        None => Ok(()),
    }
}

/// Whether values of this kind lie in nets.
pub(super) fn check_net(kind: Option<Kind>) -> Result<(), String> {
    match kind {
        None | Some(Kind::IpDst | Kind::IpDstPort | Kind::Url) => Ok(()),
        Some(kind) => Err(format!("a value of type `{kind}` lies in no net")),
    }
}

/// What the scan takes the whole of a text for.
fn scanned(text: &str) -> Option<(Kind, String)> {
    let text = text.trim();
    let whole = |find: &crate::indicators::Find| find.span == (0..text.len());
    let find = scan(text).into_iter().find(whole)?;
    Some((find.kind, find.value))
}

/// Refuses a value that is never found as this kind. `found` is what the scan takes it for.
fn check(kind: Kind, value: &str, found: Option<Kind>) -> Result<(), String> {
    let is_host = |kind| matches!(kind, Kind::Domain | Kind::Hostname | Kind::OnionAddress);
    match found {
        Some(found) if found == kind => Ok(()),
        Some(found) if is_host(found) && is_host(kind) => {
            Err(format!("`{value}` is of type `{found}`, not `{kind}`"))
        }
        _ => match fault(kind, value) {
            Some(form) => Err(format!("a value of type `{kind}` is {form}")),
            None => Ok(()),
        },
    }
}

/// What a value of this kind looks like, if this one does not. Kinds that hold any text have no fault.
fn fault(kind: Kind, value: &str) -> Option<&'static str> {
    let (left, right) = value.rsplit_once('|').unwrap_or((value, ""));
    let (fits, form) = match kind {
        Kind::IpDst => (is_address(value), "an address or a net"),
        Kind::IpDstPort => (
            is_address(left) && is_port(right),
            "an address, `|` and a port",
        ),
        Kind::Domain | Kind::Hostname => (is_name(value), "a name with a full stop in it"),
        Kind::HostnamePort => (is_name(left) && is_port(right), "a name, `|` and a port"),
        Kind::DomainIp => (
            is_name(left) && is_address(right),
            "a name, `|` and an address",
        ),
        Kind::OnionAddress => (
            is_name(value) && value.rsplit('.').next() == Some("onion"),
            "a name that ends in `.onion`",
        ),
        Kind::Url => (is_url(value), "a scheme, `://` and a host"),
        Kind::Email | Kind::EmailSrc | Kind::EmailDst => (is_email(value), "`name@host`"),
        Kind::FilenameMd5 => (is_hex(right, 32), "a name, `|` and 32 hexadecimal digits"),
        Kind::FilenameSha1 => (is_hex(right, 40), "a name, `|` and 40 hexadecimal digits"),
        Kind::FilenameSha256 => (is_hex(right, 64), "a name, `|` and 64 hexadecimal digits"),
        Kind::FilenameSha512 => (is_hex(right, 128), "a name, `|` and 128 hexadecimal digits"),
        Kind::Vulnerability => (
            value.starts_with("cve-") || value.starts_with("ghsa-"),
            "`CVE-…` or `GHSA-…`",
        ),
        Kind::Weakness => (
            value.strip_prefix("cwe-").is_some_and(is_number),
            "`CWE-` and a number",
        ),
        Kind::As => (
            is_number(value.strip_prefix("as").unwrap_or(value)),
            "`AS` and a number",
        ),
        _ => return digits(kind, value),
    };
    (!fits).then_some(form)
}

/// The same for digests.
fn digits(kind: Kind, value: &str) -> Option<&'static str> {
    let value = match kind {
        Kind::Tlsh | Kind::Telfhash => value.strip_prefix("t1").unwrap_or(value),
        _ => value,
    };
    let (length, form) = match kind {
        Kind::Md5
        | Kind::Imphash
        | Kind::Ja3
        | Kind::Ja3s
        | Kind::Hassh
        | Kind::HasshServer
        | Kind::X509Md5 => (32, "32 hexadecimal digits"),
        Kind::Sha1 | Kind::Pehash | Kind::Cdhash | Kind::X509Sha1 | Kind::GitCommit => {
            (40, "40 hexadecimal digits")
        }
        Kind::Sha224 => (56, "56 hexadecimal digits"),
        Kind::Jarm => (62, "62 hexadecimal digits"),
        Kind::Sha256 | Kind::Authentihash | Kind::X509Sha256 => (64, "64 hexadecimal digits"),
        Kind::Tlsh | Kind::Telfhash => (70, "70 hexadecimal digits"),
        Kind::Sha384 => (96, "96 hexadecimal digits"),
        Kind::Sha512 => (128, "128 hexadecimal digits"),
        Kind::MacAddress => {
            let digits: String = value.split([':', '-', '.']).collect();
            return (!is_hex(&digits, 12)).then_some("six bytes, with `:` between them");
        }
        _ => return None,
    };
    (!is_hex(value, length)).then_some(form)
}

fn is_hex(value: &str, length: usize) -> bool {
    value.len() == length && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_number(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_port(value: &str) -> bool {
    is_number(value) && value.parse::<u16>().is_ok()
}

fn is_address(value: &str) -> bool {
    value.parse::<IpAddr>().is_ok()
}

fn is_email(value: &str) -> bool {
    let parts = value.rsplit_once('@');
    parts.is_some_and(|(name, host)| {
        !name.is_empty() && !name.contains(char::is_whitespace) && is_name(host)
    })
}

fn is_url(value: &str) -> bool {
    let Some(target) = hosts::target(Kind::Url, value) else {
        return false;
    };
    let host = is_name(target.host) || is_address(target.host);
    let full = value.contains("://") && !target.host.is_empty();
    (full || (host && target.has_path)) && !value.contains(char::is_whitespace)
}

/// Whether it has the form of a host's full name.
fn is_name(value: &str) -> bool {
    value.contains('.') && value.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let fits = |c: char| matches!(c, '-' | '_') || c.is_alphanumeric() || !c.is_ascii();
    (1..=63).contains(&label.chars().count()) && label.chars().all(fits)
}
