//! Hosts in values.

use crate::indicators::Kind;

/// The parts of a value that name something on a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target<'a> {
    /// Host name or address, without port and brackets; as written.
    pub(super) host: &'a str,
    /// Whether there is more to it than the host: a path, a query, a user.
    pub(super) has_path: bool,
}

/// The host a value names; `None` for kinds that name none.
pub(super) fn target(kind: Kind, value: &str) -> Option<Target<'_>> {
    let bare = |host| Target {
        host,
        has_path: false,
    };
    match kind {
        Kind::IpDst | Kind::Domain | Kind::Hostname | Kind::OnionAddress => Some(bare(value)),
        Kind::IpDstPort | Kind::HostnamePort | Kind::DomainIp => {
            Some(bare(value.split('|').next().unwrap_or(value)))
        }
        Kind::Email | Kind::EmailSrc | Kind::EmailDst => Some(Target {
            host: value.rsplit_once('@')?.1,
            has_path: true,
        }),
        Kind::Url => Some(of_url(value)),
        _ => None,
    }
}

fn of_url(url: &str) -> Target<'_> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let host = authority.rsplit('@').next().unwrap_or(authority);
    Target {
        host: without_port(host),
        has_path: !path.trim_start_matches('/').is_empty(),
    }
}

fn without_port(host: &str) -> &str {
    if let Some(inner) = host.strip_prefix('[') {
        return inner.split(']').next().unwrap_or(inner);
    }
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.contains(':') => {
            name
        }
        _ => host,
    }
}

/// Whether a host is an address.
pub(super) fn is_address(host: &str) -> bool {
    let host = host.split(['/', '%']).next().unwrap_or(host);
    host.parse::<std::net::IpAddr>().is_ok()
}

/// Whether a host in lower case is an onion service (RFC 7686).
pub(super) fn is_hidden_service(host: &str) -> bool {
    host.rsplit_once('.').is_some_and(|(_, top)| top == "onion")
}

/// The registrable name of a host, or the host itself where it has none, as addresses have none.
pub(super) fn registrable(host: &str) -> &str {
    if is_address(host) {
        return host;
    }
    psl::domain_str(host).unwrap_or(host)
}

/// The label that an organisation registered: `example` of `www.example.co.uk`.
pub(super) fn organisation(host: &str) -> &str {
    if is_address(host) {
        return host;
    }
    registrable(host).split('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_registered_by_nobody() {
        for (host, name) in [
            ("cdn.evil.top", "evil.top"),
            ("45.77.12.9", "45.77.12.9"),
            ("2a02::1", "2a02::1"),
        ] {
            assert_eq!(registrable(host), name);
        }
        assert_ne!(organisation("45.77.12.9"), organisation("8.200.12.9"));
    }

    #[test]
    fn hosts_are_found_in_values() {
        for (kind, value, host, has_path) in [
            (Kind::Url, "http://Evil.top/a", "Evil.top", true),
            (Kind::Url, "http://evil.top:8080/", "evil.top", false),
            (Kind::Url, "http://u:p@evil.top?x", "evil.top", true),
            (Kind::Url, "http://[2a02::1]:80/x", "2a02::1", true),
            (Kind::Url, "evil.top/x", "evil.top", true),
            (Kind::IpDstPort, "45.9.148.1|443", "45.9.148.1", false),
            (Kind::Email, "a@evil.top", "evil.top", true),
        ] {
            let expected = Target { host, has_path };
            assert_eq!(target(kind, value), Some(expected), "{value}");
        }
        assert_eq!(target(Kind::Md5, "00"), None);
    }

    #[test]
    fn registrable_names_respect_shared_hosting() {
        assert_eq!(registrable("a.b.example.co.uk"), "example.co.uk");
        assert_eq!(registrable("me.github.io"), "me.github.io");
        assert_eq!(
            organisation("blog.paloaltonetworks.com"),
            "paloaltonetworks"
        );
    }
}
