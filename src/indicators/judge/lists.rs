//! Lists of one's own: values that are always indicators, and values that never are.

use std::collections::HashMap;
use std::net::IpAddr;

use super::hosts;
use crate::indicators::Kind;

/// Values of one's own choice. What is allowed is always [`Verdict::Detect`](super::Verdict::Detect), whatever
/// speaks against it; what is denied is always dropped. A value on both lists is allowed, so that a single name
/// can be kept out of a denied range.
///
/// Entries, each with a type before it if it shall hold for that type only (`md5:…`, `url:https://…`):
///
/// - a value: it and nothing else, whatever the case of its letters;
/// - `*.example.com`: the name and every one below it, also in URLs, in mail addresses and with a port;
/// - `198.51.100.0/24`: every address in that net, also in URLs and with a port.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnLists {
    allow: Entries,
    deny: Entries,
}

/// An entry that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("list entry `{entry}`: {problem}")]
pub struct OwnListsError {
    /// As written.
    pub entry: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

/// What a list says of a value, with the entry that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish<'a> {
    Allow(&'a str),
    Deny(&'a str),
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Entries {
    written: Vec<String>,
    /// Indices into `written`, by value in lower case.
    values: HashMap<String, Vec<(Option<Kind>, usize)>>,
    /// By name, without the `*.`.
    names: HashMap<String, Vec<(Option<Kind>, usize)>>,
    nets: Vec<(Net, Option<Kind>, usize)>,
}

/// A net: its first address and the number of bits that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Net {
    first: IpAddr,
    bits: u32,
}

impl OwnLists {
    /// Reads both lists.
    pub fn parse(allow: &[String], deny: &[String]) -> Result<Self, OwnListsError> {
        Ok(Self {
            allow: Entries::parse(allow)?,
            deny: Entries::parse(deny)?,
        })
    }

    pub(super) fn says(&self, kind: Kind, value: &str) -> Option<Wish<'_>> {
        if self.allow.written.is_empty() && self.deny.written.is_empty() {
            return None;
        }
        let allow = self.allow.find(kind, value).map(Wish::Allow);
        allow.or_else(|| self.deny.find(kind, value).map(Wish::Deny))
    }
}

impl Entries {
    fn parse(entries: &[String]) -> Result<Self, OwnListsError> {
        let mut list = Self::default();
        for entry in entries {
            list.add(entry).map_err(|problem| OwnListsError {
                entry: entry.clone(),
                problem,
            })?;
        }
        Ok(list)
    }

    fn add(&mut self, entry: &str) -> Result<(), &'static str> {
        let (kind, value) = split_kind(entry.trim());
        let value = value.trim().to_lowercase();
        let number = self.written.len();
        if value.is_empty() {
            return Err("nothing is named");
        }
        if let Some(name) = value.strip_prefix("*.") {
            if name.is_empty() || name.contains(['*', '/', ' ']) {
                return Err("`*.` is followed by the name of a domain");
            }
            self.names
                .entry(name.to_owned())
                .or_default()
                .push((kind, number));
        } else if value.contains('*') {
            return Err("`*` may only stand at the beginning, before a dot");
        } else if let Some(net) = net(&value) {
            self.nets.push((net?, kind, number));
        } else {
            self.values.entry(value).or_default().push((kind, number));
        }
        self.written.push(entry.trim().to_owned());
        Ok(())
    }

    fn find(&self, kind: Kind, value: &str) -> Option<&str> {
        let fits = |entries: &Vec<(Option<Kind>, usize)>| {
            entries
                .iter()
                .find(|(of, _)| of.is_none_or(|of| of == kind))
                .map(|(_, number)| *number)
        };
        let exact = self.values.get(&value.to_lowercase()).and_then(fits);
        let number = exact.or_else(|| {
            let host = hosts::target(kind, value)?.host.to_ascii_lowercase();
            let mut name = Some(host.as_str());
            while let Some(here) = name {
                if let Some(number) = self.names.get(here).and_then(fits) {
                    return Some(number);
                }
                name = here.split_once('.').map(|(_, above)| above);
            }
            let address = host.split('/').next()?.parse::<IpAddr>().ok()?;
            self.nets
                .iter()
                .find(|(net, of, _)| of.is_none_or(|of| of == kind) && net.contains(address))
                .map(|(_, _, number)| *number)
        })?;
        self.written.get(number).map(String::as_str)
    }
}

/// Splits `type:value`; what stands before the first colon and is no type belongs to the value (`https://…`).
fn split_kind(entry: &str) -> (Option<Kind>, &str) {
    match entry.split_once(':') {
        Some((name, value)) => match name.trim().parse() {
            Ok(kind) => (Some(kind), value),
            Err(_) => (None, entry),
        },
        None => (None, entry),
    }
}

/// Reads a net; `None` if it is not written as one.
fn net(value: &str) -> Option<Result<Net, &'static str>> {
    let (first, bits) = value.split_once('/')?;
    let first = first.parse::<IpAddr>().ok()?;
    let most = if first.is_ipv4() { 32 } else { 128 };
    Some(match bits.parse::<u32>() {
        Ok(bits) if bits <= most => Ok(Net { first, bits }),
        _ => Err("the number of bits after `/` is too large, or none"),
    })
}

impl Net {
    fn contains(self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(net), IpAddr::V4(address)) => {
                let shift = 32_u32.saturating_sub(self.bits);
                (u64::from(u32::from(net)) >> shift) == (u64::from(u32::from(address)) >> shift)
            }
            (IpAddr::V6(net), IpAddr::V6(address)) => {
                let shift = 128_u32.saturating_sub(self.bits);
                let head = |address: u128| address.checked_shr(shift).unwrap_or(0);
                head(u128::from(net)) == head(u128::from(address))
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(allow: &[&str], deny: &[&str]) -> Result<OwnLists, OwnListsError> {
        let owned = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        OwnLists::parse(&owned(allow), &owned(deny))
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn entries_match_values_names_and_nets() {
        let lists = lists(
            &["c2.corp-portal.top"],
            &[
                "*.corp-portal.top",
                "45.9.148.0/24",
                "2a02:e00::/29",
                "domain:only-domain.top",
                "https://kept.top/Path",
                "D41D8CD98F00B204E9800998ECF8427E",
            ],
        )
        .unwrap();
        for (kind, value, expected) in [
            (
                Kind::Hostname,
                "c2.corp-portal.top",
                Some(Wish::Allow("c2.corp-portal.top")),
            ),
            (
                Kind::Domain,
                "corp-portal.top",
                Some(Wish::Deny("*.corp-portal.top")),
            ),
            (
                Kind::Url,
                "http://a.b.Corp-Portal.top:8/x",
                Some(Wish::Deny("*.corp-portal.top")),
            ),
            (
                Kind::Email,
                "x@corp-portal.top",
                Some(Wish::Deny("*.corp-portal.top")),
            ),
            (Kind::Domain, "notcorp-portal.top", None),
            (Kind::IpDst, "45.9.148.7", Some(Wish::Deny("45.9.148.0/24"))),
            (
                Kind::IpDstPort,
                "45.9.148.7|443",
                Some(Wish::Deny("45.9.148.0/24")),
            ),
            (
                Kind::Url,
                "http://45.9.148.7/x",
                Some(Wish::Deny("45.9.148.0/24")),
            ),
            (Kind::IpDst, "45.9.149.7", None),
            (
                Kind::IpDst,
                "2a02:e07::1",
                Some(Wish::Deny("2a02:e00::/29")),
            ),
            (Kind::IpDst, "2a02:e08::1", None),
            (
                Kind::Domain,
                "only-domain.top",
                Some(Wish::Deny("domain:only-domain.top")),
            ),
            (Kind::Hostname, "only-domain.top", None),
            (
                Kind::Url,
                "https://kept.top/path",
                Some(Wish::Deny("https://kept.top/Path")),
            ),
            (Kind::Domain, "kept.top", None),
            (
                Kind::Md5,
                "d41d8cd98f00b204e9800998ecf8427e",
                Some(Wish::Deny("D41D8CD98F00B204E9800998ECF8427E")),
            ),
        ] {
            assert_eq!(lists.says(kind, value), expected, "{kind} {value}");
        }
    }

    #[test]
    fn a_net_of_no_bits_holds_everything() {
        let lists = lists(&[], &["0.0.0.0/0", "::/0"]).unwrap();
        assert!(lists.says(Kind::IpDst, "45.9.148.7").is_some());
        assert!(lists.says(Kind::IpDst, "2a02::7").is_some());
    }

    #[test]
    fn errors_name_the_entry() {
        for entry in [
            "",
            "domain:",
            "a.*.top",
            "*.",
            "45.9.148.0/33",
            "45.9.148.0/x",
            "*.a/b",
        ] {
            let error = lists(&[], &[entry]).unwrap_err();
            assert_eq!(error.entry, entry);
            assert!(error.to_string().contains(&format!("`{entry}`")));
        }
    }
}
