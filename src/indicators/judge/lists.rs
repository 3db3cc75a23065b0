//! Lists of one's own: values that are always indicators, and values that never are.

mod forms;

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
///
/// Each may be defanged, and a name may end in a full stop. An entry that could never match is refused.
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
    pub problem: String,
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

    fn add(&mut self, entry: &str) -> Result<(), String> {
        let (kind, value) = forms::split(entry.trim())?;
        let clear = forms::clear(value);
        let number = self.written.len();
        if clear.is_empty() {
            return Err("nothing is named".into());
        }
        if let Some(name) = clear.strip_prefix("*.") {
            forms::check_name(kind, name)?;
            self.names
                .entry(name.to_owned())
                .or_default()
                .push((kind, number));
        } else if clear.contains('*') {
            return Err("`*` may only stand at the beginning, before a dot".into());
        } else if let Some(net) = net(&clear) {
            forms::check_net(kind)?;
            self.nets.push((net?, kind, number));
        } else {
            for key in forms::keys(kind, value)? {
                self.values.entry(key).or_default().push((kind, number));
            }
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

/// Reads a net; `None` if it is not written as one.
fn net(value: &str) -> Option<Result<Net, String>> {
    let (first, bits) = value.split_once('/')?;
    let first = first.parse::<IpAddr>().ok()?;
    let most = if first.is_ipv4() { 32 } else { 128 };
    Some(match bits.parse::<u32>() {
        Ok(bits) if bits <= most => Ok(Net { first, bits }),
        _ => Err("the number of bits after `/` is too large, or none".into()),
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
    fn entries_match_however_they_are_written() {
        let md5 = "d41d8cd98f00b204e9800998ecf8427e";
        for (entry, kind, value) in [
            ("EVIL1.COM.", Kind::Domain, "evil1.com"),
            ("evil1[.]com", Kind::Domain, "evil1.com"),
            ("Domain: evil1[.]com", Kind::Domain, "evil1.com"),
            ("hxxp://evil1[.]com", Kind::Url, "http://evil1.com"),
            (
                "url:hxxps[:]//evil1[.]com/A",
                Kind::Url,
                "https://evil1.com/A",
            ),
            ("*.EVIL1[.]COM.", Kind::Hostname, "c2.evil1.com"),
            ("*.github.io", Kind::Hostname, "me.github.io"),
            ("45.9.148[.]7", Kind::IpDst, "45.9.148.7"),
            ("45.9.148[.]0/24", Kind::IpDst, "45.9.148.7"),
            (
                "ip-dst|port:45.9.148.7:443",
                Kind::IpDstPort,
                "45.9.148.7|443",
            ),
            ("2A02:0E00:0::7", Kind::IpDst, "2a02:e00::7"),
            ("dead:beef::7", Kind::IpDst, "dead:beef::7"),
            ("bob[at]evil1[.]com", Kind::Email, "bob@evil1.com"),
            ("MD5:D41D8CD98F00B204E9800998ECF8427E", Kind::Md5, md5),
            ("as:64500", Kind::As, "AS64500"),
            ("cve-2024-12345", Kind::Vulnerability, "CVE-2024-12345"),
            ("cpe:2.3:a:x:y", Kind::Cpe, "cpe:2.3:a:x:y"),
            ("c:\\temp\\a.exe", Kind::Filename, "C:\\Temp\\a.exe"),
            ("mutex:Global\\a: b", Kind::Mutex, "Global\\a: b"),
            ("filename:evil.exe", Kind::Filename, "evil.exe"),
        ] {
            let lists = lists(&[], &[entry]).unwrap();
            assert_eq!(lists.says(kind, value), Some(Wish::Deny(entry)), "{entry}");
        }
    }

    #[test]
    fn errors_name_the_entry_and_the_reason() {
        for (entry, reason) in [
            ("", "nothing is named"),
            ("domain:", "nothing is named"),
            ("a.*.top", "`*` may only"),
            ("*.", "name of a domain"),
            ("45.9.148.0/33", "number of bits"),
            ("45.9.148.0/x", "number of bits"),
            ("*.a/b", "name of a domain"),
            ("*.com", "`com`, a public suffix"),
            ("*.co[.]uk", "`co.uk`, a public suffix"),
            ("md5:*.evil1.com", "below no domain"),
            ("domain:45.9.148.0/24", "in no net"),
            ("domian:evil1.com", "`domian` is no type"),
            ("ip-src:45.9.148.7", "`ip-src` is no type"),
            ("md5:zz", "32 hexadecimal digits"),
            (
                "sha256:d41d8cd98f00b204e9800998ecf8427e",
                "64 hexadecimal digits",
            ),
            ("filename|md5:a.exe", "32 hexadecimal digits"),
            ("ip-dst:evil1.com", "an address or a net"),
            ("ip-dst|port:45.9.148.7|99999", "a port"),
            ("domain:evil1", "full stop"),
            ("domain:c2.evil1.com", "of type `hostname`, not `domain`"),
            ("url:evil1.com", "a host"),
            ("email:evil1.com", "`name@host`"),
            ("vulnerability:2024-1", "`CVE-…`"),
            ("as:x", "a number"),
        ] {
            let error = lists(&[], &[entry]).unwrap_err();
            assert_eq!(error.entry, entry);
            let shown = error.to_string();
            assert!(shown.contains(&format!("`{entry}`")), "{shown}");
            assert!(shown.contains(reason), "{shown}");
        }
    }
}
