//! Which addresses may be asked.
//!
//! Feeds and pages name the addresses we connect to, so a link or a redirect could point into the
//! operator's own network. Everything that is not public unicast is refused, in every spelling a URL
//! allows (the `url` crate has turned `0x7f.1` and `2130706433` into addresses by then), on every hop,
//! and again after name resolution. `http.allow_networks` makes exceptions.
//!
//! The networks are those of the IANA special-purpose registries (RFC 6890 and its updates).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// A network in CIDR notation; a plain address is a network of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

impl std::str::FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let hint = || {
            format!(
                "`{text}` is not a network; write it like `10.1.0.0/16`, `192.168.7.9` or `fd00::/8`"
            )
        };
        let (base, bits) = match text.trim().split_once('/') {
            Some((base, bits)) => (base, Some(bits)),
            None => (text.trim(), None),
        };
        let base: IpAddr = base.parse().map_err(|_| hint())?;
        let width = if base.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().map_err(|_| hint())?,
            None => width,
        };
        if bits > width {
            return Err(hint());
        }
        Ok(Self { base, bits })
    }
}

impl Network {
    /// Whether the address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => in_v4(address, base, u32::from(self.bits)),
            (IpAddr::V6(base), IpAddr::V6(address)) => in_v6(address, base, u32::from(self.bits)),
            _ => false,
        }
    }
}

fn in_v4(address: Ipv4Addr, base: Ipv4Addr, bits: u32) -> bool {
    let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
    address.to_bits() & mask == base.to_bits() & mask
}

fn in_v6(address: Ipv6Addr, base: Ipv6Addr, bits: u32) -> bool {
    let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
    address.to_bits() & mask == base.to_bits() & mask
}

/// IPv4 networks that are not public unicast, and what they are.
const REFUSED_V4: &[([u8; 4], u32, &str)] = &[
    ([0, 0, 0, 0], 8, "unspecified"),
    ([10, 0, 0, 0], 8, "private"),
    ([100, 64, 0, 0], 10, "carrier-grade NAT"),
    ([127, 0, 0, 0], 8, "loopback"),
    ([169, 254, 0, 0], 16, "link-local"),
    ([172, 16, 0, 0], 12, "private"),
    ([192, 0, 0, 0], 24, "reserved"),
    ([192, 0, 2, 0], 24, "documentation"),
    ([192, 88, 99, 0], 24, "reserved"),
    ([192, 168, 0, 0], 16, "private"),
    ([198, 18, 0, 0], 15, "benchmarking"),
    ([198, 51, 100, 0], 24, "documentation"),
    ([203, 0, 113, 0], 24, "documentation"),
    ([224, 0, 0, 0], 4, "multicast"),
    ([240, 0, 0, 0], 4, "reserved"),
    // Azure's metadata and DNS service: a public address that answers from inside only.
    ([168, 63, 129, 16], 32, "cloud metadata"),
];

/// IPv6 networks outside public unicast that have a name worth telling.
const REFUSED_V6: &[(Ipv6Addr, u32, &str)] = &[
    (Ipv6Addr::UNSPECIFIED, 128, "unspecified"),
    (Ipv6Addr::LOCALHOST, 128, "loopback"),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "private"),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "link-local"),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, "private"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "multicast"),
    (
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0),
        32,
        "documentation",
    ),
    (
        Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0),
        20,
        "documentation",
    ),
    // Teredo (which embeds IPv4 addresses), ORCHID, benchmarking: nobody publishes there.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "reserved"),
];

/// What an address is, if it is not public: `loopback`, `private`, ...
pub fn refused_class(address: IpAddr) -> Option<&'static str> {
    match address.to_canonical() {
        IpAddr::V4(v4) => refused_v4(v4),
        IpAddr::V6(v6) => refused_v6(v6),
    }
}

fn refused_v4(address: Ipv4Addr) -> Option<&'static str> {
    REFUSED_V4
        .iter()
        .find(|(base, bits, _)| in_v4(address, Ipv4Addr::from(*base), *bits))
        .map(|(_, _, class)| *class)
}

fn refused_v6(address: Ipv6Addr) -> Option<&'static str> {
    let listed = REFUSED_V6
        .iter()
        .find(|(base, bits, _)| in_v6(address, *base, *bits))
        .map(|(_, _, class)| *class);
    if listed.is_some() {
        return listed;
    }
    if let Some(v4) = embedded_v4(address) {
        return refused_v4(v4);
    }
    // Public unicast is 2000::/3 (RFC 4291); all else is unassigned or special.
    let public = in_v6(address, Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
    (!public).then_some("reserved")
}

/// The IPv4 address a transition mechanism would connect to.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let within = |base, bits| in_v6(address, base, bits);
    let bits = address.to_bits();
    let nat64 = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0);
    let sixto4 = Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0);
    // Interface identifiers 0000:5efe and 0200:5efe.
    let isatap = (bits >> 32) & 0xfdff_ffff == 0x5efe;
    let at = if within(sixto4, 16) {
        80 // RFC 3056
    } else if within(Ipv6Addr::UNSPECIFIED, 96) || within(nat64, 96) || isatap {
        0 // RFC 4291 2.5.5.1, RFC 6052, RFC 5214
    } else {
        return None;
    };
    u32::try_from((bits >> at) & u128::from(u32::MAX))
        .ok()
        .map(Ipv4Addr::from_bits)
}

/// An address that must not be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The host as the URL names it.
    pub host: String,
    /// Where it leads.
    pub address: IpAddr,
    /// What that is: `private`, `loopback`, ...
    pub class: &'static str,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` leads to {} address `{}`",
            self.host, self.class, self.address
        )
    }
}

impl std::error::Error for Refused {}

/// The address rule with its exceptions.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    allowed: Arc<[Network]>,
}

impl Guard {
    /// Reads `http.allow_networks`; an error names the entry.
    pub fn new(allow_networks: &[String]) -> Result<Self, String> {
        let allowed: Result<Arc<[Network]>, String> = allow_networks
            .iter()
            .map(|entry| {
                entry
                    .parse()
                    .map_err(|hint| format!("`http.allow_networks`: {hint}"))
            })
            .collect();
        Ok(Self { allowed: allowed? })
    }

    fn check(&self, host: &str, address: IpAddr) -> Result<(), Refused> {
        let Some(class) = refused_class(address) else {
            return Ok(());
        };
        let canonical = address.to_canonical();
        if self
            .allowed
            .iter()
            .any(|network| network.contains(canonical))
        {
            return Ok(());
        }
        Err(Refused {
            host: host.to_owned(),
            address: canonical,
            class,
        })
    }

    /// Checks a URL whose host is an address: resolvers never see those.
    pub fn check_literal(&self, url: &Url) -> Result<(), Refused> {
        match url.host() {
            Some(Host::Ipv4(v4)) => self.check(&v4.to_string(), v4.into()),
            Some(Host::Ipv6(v6)) => self.check(&v6.to_string(), v6.into()),
            Some(Host::Domain(_)) | None => Ok(()),
        }
    }

    /// Checks the one name that always means this machine (RFC 6761), for requests whose names a proxy resolves.
    pub fn check_localhost(&self, url: &Url) -> Result<(), Refused> {
        let name = url.domain().unwrap_or_default().trim_end_matches('.');
        if name == "localhost" || name.ends_with(".localhost") {
            return self.check(name, Ipv4Addr::LOCALHOST.into());
        }
        Ok(())
    }
}

/// The system's resolver, less the addresses that must not be asked.
pub(super) struct GuardedResolver {
    /// The rule.
    pub(super) guard: Guard,
    /// The proxy's own host, which the operator chose: not checked.
    pub(super) exempt: Option<String>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.guard.clone();
        let host = name.as_str().to_owned();
        let exempt = self.exempt.as_deref() == Some(name.as_str());
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let mut refused = None;
            let mut kept: Vec<SocketAddr> = Vec::new();
            for address in found {
                match guard.check(&host, address.ip()) {
                    Err(why) if !exempt => refused = Some(why),
                    _ => kept.push(address),
                }
            }
            match refused {
                Some(why) if kept.is_empty() => Err(why.into()),
                _ => Ok(Box::new(kept.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_refused_by_name() {
        for (address, class) in [
            ("0.0.0.0", "unspecified"),
            ("0.1.2.3", "unspecified"),
            ("10.255.0.1", "private"),
            ("100.64.0.1", "carrier-grade NAT"),
            ("100.127.255.255", "carrier-grade NAT"),
            ("127.0.0.1", "loopback"),
            ("127.255.255.254", "loopback"),
            ("168.63.129.16", "cloud metadata"),
            ("169.254.169.254", "link-local"),
            ("172.16.0.1", "private"),
            ("172.31.255.255", "private"),
            ("192.0.0.8", "reserved"),
            ("192.0.2.1", "documentation"),
            ("192.168.1.1", "private"),
            ("198.19.255.255", "benchmarking"),
            ("198.51.100.7", "documentation"),
            ("203.0.113.7", "documentation"),
            ("224.0.0.1", "multicast"),
            ("255.255.255.255", "reserved"),
            ("::", "unspecified"),
            ("::1", "loopback"),
            ("::ffff:127.0.0.1", "loopback"),
            ("::ffff:10.0.0.1", "private"),
            ("::127.0.0.1", "loopback"),
            ("::a00:1", "private"),
            ("64:ff9b::7f00:1", "loopback"),
            ("64:ff9b::a9fe:a9fe", "link-local"),
            ("64:ff9b:1::1", "reserved"),
            ("2002:7f00:1::", "loopback"),
            ("2002:c0a8:101::1", "private"),
            ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "reserved"),
            ("2001:db8::1", "documentation"),
            ("3fff::1", "documentation"),
            ("2a00:1450::5efe:a00:1", "private"),
            ("fd00:ec2::254", "private"),
            ("fe80::1", "link-local"),
            ("fec0::1", "private"),
            ("ff02::1", "multicast"),
            ("100::1", "reserved"),
            ("4000::1", "reserved"),
        ] {
            assert_eq!(
                refused_class(address.parse().unwrap()),
                Some(class),
                "{address}"
            );
        }
    }

    #[test]
    fn public_addresses_pass() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2a00:1450:4001:830::200e",
            "64:ff9b::808:808",
            "2002:808:808::1",
            "::ffff:8.8.8.8",
        ] {
            assert_eq!(refused_class(address.parse().unwrap()), None, "{address}");
        }
    }

    #[test]
    fn every_spelling_of_an_address_in_a_url_is_seen() {
        let guard = Guard::default();
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://127.1/",
            "http://127.0.0.1./",
            "http://0/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::]/",
            "http://\u{ff11}\u{ff12}\u{ff17}.0.0.1/",
        ] {
            let parsed = Url::parse(url).unwrap();
            assert!(
                guard.check_literal(&parsed).is_err(),
                "{url} became {parsed}"
            );
        }
        for url in [
            "http://localhost/",
            "http://a.localhost./",
            "http://LOCALHOST:80/",
        ] {
            assert!(
                guard.check_localhost(&Url::parse(url).unwrap()).is_err(),
                "{url}"
            );
        }
        assert!(
            guard
                .check_localhost(&Url::parse("http://notlocalhost/").unwrap())
                .is_ok()
        );
    }

    #[test]
    fn allowed_networks_open_only_themselves() {
        let guard = Guard::new(&[
            "127.0.0.0/8".into(),
            " 192.168.7.9".into(),
            "fd00::/8".into(),
        ])
        .unwrap();
        let check = |address: &str| guard.check("h", address.parse().unwrap()).is_ok();
        assert!(check("127.0.0.1"));
        assert!(check("::ffff:127.0.0.1"));
        assert!(check("192.168.7.9"));
        assert!(check("fd12::1"));
        assert!(!check("192.168.7.8"));
        assert!(!check("::1"));
        assert!(!check("10.0.0.1"));
        let all = Guard::new(&["0.0.0.0/0".into(), "::/0".into()]).unwrap();
        assert!(all.check("h", "10.0.0.1".parse().unwrap()).is_ok());
        assert!(all.check("h", "::1".parse().unwrap()).is_ok());
    }

    #[test]
    fn a_network_that_is_none_is_named() {
        for entry in [
            "",
            "10.0.0.0/33",
            "::/129",
            "localhost",
            "10.0.0.0/",
            "10.0.0/8",
            "1.2.3.4/-1",
        ] {
            let error = Guard::new(&[entry.to_owned()]).unwrap_err();
            assert!(error.contains(&format!("`{entry}`")), "{error}");
            assert!(error.contains("http.allow_networks"), "{error}");
        }
    }
}
