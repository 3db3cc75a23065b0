//! Values that are one, however they are spelled.

use std::borrow::Cow;
use std::collections::HashMap;
use std::net::IpAddr;

use super::{Part, Unit};

/// The units, equal ones as one, where the first of them stands. The value, the flag and the comment are those of
/// the stronger.
pub(super) fn merged(units: Vec<Unit>) -> Vec<Unit> {
    let mut known: HashMap<(String, String), usize> = HashMap::new();
    let mut out: Vec<Unit> = Vec::with_capacity(units.len());
    for unit in units {
        let key = match &unit.part {
            Part::Attribute { attribute, .. } => (
                attribute.kind.clone(),
                plain(&attribute.kind, &attribute.value).into_owned(),
            ),
            Part::Object { object, .. } => (String::new(), object.uuid.to_string()),
        };
        let number = *known.entry(key).or_insert(out.len());
        match out.get_mut(number) {
            Some(there) => absorb(there, unit),
            None => out.push(unit),
        }
    }
    out
}

fn absorb(there: &mut Unit, other: Unit) {
    let is_stronger = other.verdict > there.verdict;
    match (&mut there.part, other.part) {
        (
            Part::Attribute {
                indicators,
                attribute,
            },
            Part::Attribute {
                indicators: others,
                attribute: new,
            },
        ) => {
            indicators.extend(others);
            if (new.to_ids, is_stronger) > (attribute.to_ids, false) {
                *attribute = new;
            }
        }
        (
            Part::Object {
                object,
                shown,
                downloaded_from,
            },
            Part::Object {
                object: new,
                shown: others,
                downloaded_from: from,
            },
        ) => {
            shown.extend(others);
            *downloaded_from = downloaded_from.or(from);
            if is_stronger {
                object.comment = new.comment;
            }
            // Of the same values in the same order, as their UUIDs say.
            for (old, new) in object.attributes.iter_mut().zip(new.attributes) {
                if new.attribute.to_ids && !old.attribute.to_ids {
                    *old = new;
                }
            }
        }
        _ => {}
    }
    there.verdict = there.verdict.max(other.verdict);
}

/// A form that equal values have in common.
fn plain<'a>(kind: &str, value: &'a str) -> Cow<'a, str> {
    match kind {
        "url" | "link" => url(value).into(),
        "ip-dst" => whole_net(value).map_or(value.into(), Into::into),
        _ => value.into(),
    }
}

/// Scheme and host in lower case, without a default port, with a path, escapes in capitals (RFC 3986, sections
/// 6.2.2.1 and 6.2.3).
fn url(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else {
        return capital_escapes(value);
    };
    let scheme = scheme.to_ascii_lowercase();
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (user, host) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    let host = host.to_ascii_lowercase();
    let port = match scheme.as_str() {
        "http" => ":80",
        "https" => ":443",
        "ftp" => ":21",
        _ => ":",
    };
    let host = host.strip_suffix(port).unwrap_or(&host);
    let slash = if path.starts_with('/') { "" } else { "/" };
    capital_escapes(&format!("{scheme}://{user}{host}{slash}{path}"))
}

fn capital_escapes(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('%') {
        let escape = rest.get(at..at + 3);
        let digits = escape.is_some_and(|it| it.bytes().skip(1).all(|it| it.is_ascii_hexdigit()));
        let end = if digits { at + 3 } else { at + 1 };
        let (head, tail) = rest.split_at(end);
        let (before, escape) = head.split_at(at);
        out.push_str(before);
        out.push_str(&escape.to_ascii_uppercase());
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// A net without the bits of any host in it.
fn whole_net(value: &str) -> Option<String> {
    let (address, length) = parsed_net(value)?;
    Some(format!("{}/{length}", network(address, length)))
}

/// `address/length`.
pub(super) fn parsed_net(value: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = value.split_once('/')?;
    Some((address.parse().ok()?, length.parse().ok()?))
}

/// The first address of the net of this length in which an address lies.
pub(super) fn network(address: IpAddr, length: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let host = u32::MAX.checked_shr(length.into()).unwrap_or(0);
            IpAddr::V4((address.to_bits() & !host).into())
        }
        IpAddr::V6(address) => {
            let host = u128::MAX.checked_shr(length.into()).unwrap_or(0);
            IpAddr::V6((address.to_bits() & !host).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_one_form() {
        for (kind, one, other, equal) in [
            ("url", "http://x.top:80/", "http://x.top", true),
            ("url", "HTTPS://u@X.top:443?a", "https://u@x.top/?a", true),
            ("url", "http://x.top/%c3%A4", "http://x.top/%C3%a4", true),
            ("link", "http://x.top/%3a", "http://x.top/%3A", true),
            ("url", "http://[2a0d::80]", "http://[2a0d::80]/", true),
            ("url", "http://x.top:443/", "http://x.top/", false),
            ("url", "http://x.top/A", "http://x.top/a", false),
            ("url", "http://x.top/%zz%", "http://x.top/%ZZ%", false),
            ("url", "tcp://x.top:80", "tcp://x.top", false),
            ("url", "x.top/%2f", "x.top/%2F", true),
            ("ip-dst", "45.9.148.7/24", "45.9.148.0/24", true),
            ("ip-dst", "45.9.148.7/0", "0.0.0.0/0", true),
            ("ip-dst", "2a0d::1/64", "2a0d::/64", true),
            ("ip-dst", "45.9.148.7/24", "45.9.148.0/25", false),
            ("ip-dst", "45.9.148.7", "45.9.148.0", false),
            ("other", "http://x.top:80/", "http://x.top/", false),
        ] {
            let same = plain(kind, one) == plain(kind, other);
            assert_eq!(same, equal, "{kind} {one} {other}");
        }
    }
}
