//! Who asks, as far as the connection and the headers tell: the client's address, the site it thinks it talks to, and
//! the site that made it ask.

use std::net::IpAddr;

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::config::serve::{Serve, is_loopback};
use crate::http::guard::Network;

/// Longest user name a proxy may give, in bytes.
const MAX_USER: usize = 128;

/// Headers that proxies add.
const PASSED_ON: [&str; 6] = [
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
];

/// The one who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Client {
    /// The address, behind a trusted proxy as that one says.
    pub(super) address: IpAddr,
    /// Whether the connection comes from a trusted proxy.
    pub(super) by_proxy: bool,
    /// Whether the browser speaks TLS, here or with the proxy.
    pub(super) https: bool,
    /// The user that the proxy names.
    pub(super) user: Option<String>,
}

/// What is believed of headers, and from whom.
#[derive(Debug)]
pub(super) struct Clients {
    proxies: Vec<Network>,
    user_header: Option<HeaderName>,
    tls: bool,
    public: Option<Url>,
    /// Nobody has to log in, so only this machine may ask.
    open: bool,
}

impl Clients {
    /// The error names the key at fault.
    pub(super) fn new(settings: &Serve) -> Result<Self, String> {
        let header = &settings.proxy.user_header;
        let user_header = if settings.proxy_logs_in() {
            let name = HeaderName::from_bytes(header.as_bytes());
            Some(name.map_err(|_| format!("`serve.proxy.user_header`: `{header}` is no name"))?)
        } else {
            None
        };
        Ok(Self {
            proxies: settings.proxy_networks()?,
            user_header,
            tls: settings.has_tls(),
            public: settings.public(),
            open: !settings.has_login(),
        })
    }

    /// Whether this is the address of a proxy.
    pub(super) fn is_proxy(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.proxies.iter().any(|network| network.contains(peer))
    }

    /// The one who asks, by the connection's other end and the headers.
    pub(super) fn identify(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let peer = peer.to_canonical();
        if !self.is_proxy(peer) {
            return Client {
                address: peer,
                by_proxy: false,
                https: self.tls,
                user: None,
            };
        }
        let proto = last(headers, "x-forwarded-proto");
        Client {
            address: last(headers, "x-forwarded-for")
                .and_then(address)
                .unwrap_or(peer),
            by_proxy: true,
            https: self.tls || proto.is_some_and(|proto| proto.eq_ignore_ascii_case("https")),
            user: self.user(headers),
        }
    }

    /// One name, readable, and given once: of two nobody knows which one the proxy wrote.
    fn user(&self, headers: &HeaderMap) -> Option<String> {
        let mut values = headers.get_all(self.user_header.as_ref()?).iter();
        let (value, None) = (values.next()?, values.next()) else {
            return None;
        };
        let name = std::str::from_utf8(value.as_bytes()).ok()?.trim();
        let fits =
            !name.is_empty() && name.len() <= MAX_USER && !name.chars().any(crate::plain::steers);
        fits.then(|| name.to_owned())
    }

    /// Refuses what was not meant for this server, while it is open to whoever reaches it: a web page can give its own
    /// host name our address (DNS rebinding), and a proxy would let others in.
    pub(super) fn check_host(&self, headers: &HeaderMap) -> Result<(), &'static str> {
        if !self.open {
            return Ok(());
        }
        if PASSED_ON.iter().any(|name| headers.contains_key(*name)) {
            return Err(
                "nobody has to log in here, so requests that a proxy passes on are refused; configure `serve.tokens`, or `serve.proxy`",
            );
        }
        let host = host(headers).ok_or("a request needs one `Host` header")?;
        let name = host_name(host);
        let public = self.public.as_ref().and_then(Url::host_str);
        let name = name.unwrap_or_default();
        let own = name.eq_ignore_ascii_case("localhost")
            || address(name).is_some_and(is_loopback)
            || public.is_some_and(|public| name.eq_ignore_ascii_case(public));
        if own {
            Ok(())
        } else {
            Err(
                "nobody has to log in here, so it answers to `localhost`, loopback addresses and the host of `serve.public_url` only",
            )
        }
    }

    /// Whether a request that changes something was made by a page of ours, or by no page at all. `form`: it carries a
    /// token of ours besides, so that a browser may keep its origin to itself (it does, as we ask for no referrer).
    pub(super) fn is_own(&self, headers: &HeaderMap, form: bool) -> bool {
        let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        if let Some(site) = site {
            return matches!(site, b"same-origin" | b"none");
        }
        let Some(origin) = headers.get(ORIGIN) else {
            return true;
        };
        if origin.as_bytes() == b"null" {
            return form;
        }
        let Some(origin) = origin.to_str().ok().and_then(|text| Url::parse(text).ok()) else {
            return false;
        };
        let public = self.public.as_ref();
        if public.is_some_and(|public| public.origin() == origin.origin()) {
            return true;
        }
        let own = host(headers).and_then(|host| {
            let url = format!("{}://{host}", origin.scheme());
            Url::parse(&url).ok()
        });
        own.is_some_and(|own| own.origin() == origin.origin())
    }

    /// Where people reach this server, without a slash at the end: as configured, else as this request did.
    pub(super) fn base(&self, client: &Client, headers: &HeaderMap) -> String {
        if let Some(public) = &self.public {
            return public.as_str().trim_end_matches('/').to_owned();
        }
        let scheme = if client.https { "https" } else { "http" };
        let url = format!("{scheme}://{}", host(headers).unwrap_or("localhost"));
        Url::parse(&url).map_or_else(
            |_| format!("{scheme}://localhost"),
            |url| url.origin().ascii_serialization(),
        )
    }
}

/// The last value of a list that every hop appends to: what the nearest one wrote.
fn last<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    Some(value.rsplit(',').next()?.trim())
}

/// An address, maybe in brackets, maybe with a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let parsed = bare.parse().ok();
    let with_port = || Some(text.parse::<std::net::SocketAddr>().ok()?.ip());
    parsed
        .or_else(with_port)
        .map(|ip: IpAddr| ip.to_canonical())
}

fn host(headers: &HeaderMap) -> Option<&str> {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok().filter(|host| !host.is_empty()),
        _ => None,
    }
}

/// A host without its port.
fn host_name(host: &str) -> Option<&str> {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let is_port = |port: &str| {
        port.strip_prefix(':')
            .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    (port.is_empty() || is_port(port)).then_some(name)
}

#[cfg(test)]
mod tests;
