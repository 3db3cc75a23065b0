//! `[serve]`

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::Url;

use super::Config;
use super::units::{Bytes, Span};
use crate::http::guard::Network;

/// `[serve]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Serve {
    /// Address and port. Other than a loopback address it needs somebody to log in: tokens or a proxy.
    pub listen: SocketAddr,
    /// The address people use, when it is another: `https://gleaner.example.org`. Empty: as the browser asks.
    pub public_url: String,
    /// PEM file with the certificate, and those between it and its authority. Empty: no TLS.
    pub tls_cert: PathBuf,
    /// PEM file with its key. Both are read again when they change.
    pub tls_key: PathBuf,
    /// How long a login lasts.
    pub session_lifetime: Span,
    /// Largest request body, pages that are sent along included. A page itself may have `article.max_size`.
    pub max_body: Bytes,
    /// Articles in one submission, at most.
    pub max_urls: usize,
    /// Whether jobs and events say who submitted an article, and from which address.
    pub record_remote: bool,
    /// Requests a client may make in a minute, all at once or spread. 0: any number.
    pub rate_limit: u32,
    /// Wrong tokens a client may show in a minute.
    pub login_limit: u32,
    /// Connections at the same time; a quarter of them for one client.
    pub max_connections: usize,
    /// Time allowed for the head of a request, and between two of them.
    pub header_timeout: Span,
    /// Time allowed for a request, its body included.
    pub request_timeout: Span,
    /// On SIGTERM, how long requests may take to finish.
    pub shutdown_timeout: Span,
    /// Whether people may see what would be taken from a page. It is the only thing that `serve` itself downloads.
    pub preview: bool,
    /// Previews at the same time.
    pub preview_concurrency: usize,
    /// Time allowed for a preview.
    pub preview_timeout: Span,
    /// Whether `/metrics` asks for a token: `auto` (unless listening on loopback without a proxy in front), `always` or `never`.
    pub metrics_token: MetricsToken,
    /// Who may log in: a name, and `sha256:` with the hash of a token. `gleaner serve --new-token NAME` makes both.
    pub tokens: BTreeMap<String, TokenHash>,
    /// A reverse proxy in front.
    pub proxy: Proxy,
}

/// `[serve.proxy]`
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Proxy {
    /// Networks (CIDR) of the reverse proxy. From there, and only from there, `X-Forwarded-For` is believed, and
    /// `X-Forwarded-Proto`.
    pub addresses: Vec<String>,
    /// Header in which it names the user who logged in there, like `X-Remote-User`. It must take away what clients
    /// send under that name. Empty: the proxy does not log people in.
    pub user_header: String,
}

/// When `/metrics` asks for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MetricsToken {
    /// Unless listening on loopback without a proxy in front.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Default for Serve {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8765)),
            public_url: String::new(),
            tls_cert: PathBuf::new(),
            tls_key: PathBuf::new(),
            // A working day: nobody logs in twice in a shift.
            session_lifetime: Span::hours(12),
            // A page of `article.max_size`, in base64.
            max_body: Bytes::mib(16),
            max_urls: 100,
            record_remote: true,
            // Somebody with ten open lists makes 120.
            rate_limit: 600,
            login_limit: 10,
            max_connections: 512,
            header_timeout: Span::seconds(15),
            request_timeout: Span::seconds(30),
            shutdown_timeout: Span::seconds(10),
            preview: true,
            // Reading a page of 10 MiB takes some 100 MB.
            preview_concurrency: 2,
            preview_timeout: Span::seconds(45),
            metrics_token: MetricsToken::Auto,
            tokens: BTreeMap::new(),
            proxy: Proxy::default(),
        }
    }
}

/// SHA-256 of a token. The tokens are random numbers of 256 bits, so their hashes tell nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of this token.
    pub fn of(token: &str) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(token.as_bytes()).into())
    }

    /// Its bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

const HASH_PREFIX: &str = "sha256:";

impl FromStr for TokenHash {
    type Err = &'static str;

    /// The error does not repeat the text: somebody may have put the token itself there.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = "expected `sha256:` and 64 hexadecimal digits, as `gleaner serve --new-token NAME` prints them (the value is not shown: it may be a token)";
        let digits = text.trim().strip_prefix(HASH_PREFIX).ok_or(fault)?;
        let mut hash = [0; 32];
        hex::decode_to_slice(digits, &mut hash).map_err(|_| fault)?;
        Ok(Self(hash))
    }
}

impl fmt::Display for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{HASH_PREFIX}{}", hex::encode(self.0))
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash([hidden])")
    }
}

impl Serialize for TokenHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TokenHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => text,
            _ => String::new(),
        };
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Serve {
    /// Whether anybody has to log in, here or at the proxy.
    pub fn has_login(&self) -> bool {
        !self.tokens.is_empty() || self.proxy_logs_in()
    }

    /// Whether the proxy names users.
    pub fn proxy_logs_in(&self) -> bool {
        !self.proxy.user_header.is_empty() && !self.proxy.addresses.is_empty()
    }

    /// Whether it speaks TLS itself.
    pub fn has_tls(&self) -> bool {
        !self.tls_cert.as_os_str().is_empty()
    }

    /// [`Self::public_url`], if there is one.
    pub fn public(&self) -> Option<Url> {
        Url::parse(&self.public_url).ok()
    }

    /// The networks of the proxy.
    pub fn proxy_networks(&self) -> Result<Vec<Network>, String> {
        let networks = self.proxy.addresses.iter().map(|entry| entry.parse());
        networks.collect()
    }

    /// Why this address must not be listened on as things stand: others could reach it, and nobody has to log in.
    pub fn refusal(&self, listen: SocketAddr) -> Option<String> {
        if is_loopback(listen.ip()) || self.has_login() {
            return None;
        }
        Some(format!(
            "`serve.listen`: {listen} is no loopback address, and nobody would have to log in; make a token with `gleaner serve --new-token NAME` and put its line below `[serve.tokens]`, or let a reverse proxy log people in (`serve.proxy.addresses` and `serve.proxy.user_header`)"
        ))
    }
}

/// Whether only this machine can reach the address.
pub(crate) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// Whether a token can have this name: one that TOML takes as a key without quotes, and cookies as they are.
pub fn is_token_name(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}

/// The faults of this section. That a login is needed is said when `serve` starts ([`Serve::refusal`]): a token
/// must be made first, and making one reads the configuration.
pub(super) fn check(config: &Config, faults: &mut Vec<String>) {
    let serve = &config.serve;
    if serve.tls_cert.as_os_str().is_empty() != serve.tls_key.as_os_str().is_empty() {
        faults.push(
            "`serve.tls_cert` and `serve.tls_key` go together; set both or neither".to_owned(),
        );
    }
    check_public_url(serve, faults);
    check_names(serve, faults);
    check_proxy(serve, faults);
    check_ranges(serve, faults);
}

fn check_public_url(serve: &Serve, faults: &mut Vec<String>) {
    let text = &serve.public_url;
    let fits = |url: Url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
    };
    if !text.is_empty() && !Url::parse(text).is_ok_and(fits) {
        faults.push("`serve.public_url` must be an http or https URL of a host alone, like `https://gleaner.example.org`".into());
    }
}

fn check_names(serve: &Serve, faults: &mut Vec<String>) {
    for name in serve.tokens.keys().filter(|name| !is_token_name(name)) {
        faults.push(format!(
            "`serve.tokens`: the name {name:?} must be 1 to 64 letters, digits, `_` or `-`"
        ));
    }
}

fn check_proxy(serve: &Serve, faults: &mut Vec<String>) {
    faults.extend(
        serve
            .proxy_networks()
            .err()
            .map(|fault| format!("`serve.proxy.addresses`: {fault}")),
    );
    let header = &serve.proxy.user_header;
    if header.is_empty() {
        return;
    }
    if axum::http::HeaderName::from_bytes(header.as_bytes()).is_err() {
        faults.push(format!(
            "`serve.proxy.user_header`: `{header}` is not a header name"
        ));
    }
    if serve.proxy.addresses.is_empty() {
        faults.push("`serve.proxy.user_header` is believed from `serve.proxy.addresses` only, and there are none; name the proxy's address".into());
    }
}

fn check_ranges(serve: &Serve, faults: &mut Vec<String>) {
    for (key, value, least, most) in [
        ("serve.max_urls", serve.max_urls, 1, 10_000),
        ("serve.max_connections", serve.max_connections, 8, 65_536),
        (
            "serve.preview_concurrency",
            serve.preview_concurrency,
            1,
            64,
        ),
        ("serve.max_body", serve.max_body.get(), 16 << 10, 64 << 20),
    ] {
        if !(least..=most).contains(&value) {
            faults.push(format!(
                "`{key}` must be between {least} and {most}, not {value}"
            ));
        }
    }
    if serve.login_limit == 0 {
        faults.push("`serve.login_limit` must be at least 1, or nobody could log in".into());
    }
    for (key, span) in [
        ("serve.session_lifetime", serve.session_lifetime),
        ("serve.header_timeout", serve.header_timeout),
        ("serve.request_timeout", serve.request_timeout),
        ("serve.preview_timeout", serve.preview_timeout),
    ] {
        if !(1..=366 * 24 * 3600).contains(&span.get().as_secs()) {
            faults.push(format!("`{key}` ({span}) must be between 1s and 366d"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    fn faults(text: &str) -> Vec<String> {
        let config: Config = toml::from_str(text).unwrap();
        let mut faults = Vec::new();
        check(&config, &mut faults);
        faults
    }

    #[test]
    fn each_fault_names_its_key() {
        for (text, key) in [
            ("tls_cert = \"a.pem\"", "serve.tls_cert"),
            ("tls_key = \"a.pem\"", "serve.tls_cert"),
            ("public_url = \"gleaner.example\"", "serve.public_url"),
            (
                "public_url = \"https://a.example/path\"",
                "serve.public_url",
            ),
            ("public_url = \"https://u:p@a.example\"", "serve.public_url"),
            (
                "proxy.addresses = [\"10.0.0.0/40\"]",
                "serve.proxy.addresses",
            ),
            ("proxy.user_header = \"X-User\"", "serve.proxy.user_header"),
            (
                "proxy = { user_header = \"X User\", addresses = [\"10.0.0.1\"] }",
                "serve.proxy.user_header",
            ),
            ("max_urls = 0", "serve.max_urls"),
            ("max_connections = 1", "serve.max_connections"),
            ("max_body = 1", "serve.max_body"),
            ("preview_concurrency = 0", "serve.preview_concurrency"),
            ("login_limit = 0", "serve.login_limit"),
            ("request_timeout = \"0s\"", "serve.request_timeout"),
            ("session_lifetime = \"9999d\"", "serve.session_lifetime"),
        ] {
            let faults = faults(&format!("[serve]\n{text}"));
            let named = format!("`{key}`");
            assert!(
                faults.len() == 1 && faults[0].contains(&named),
                "{text}: {faults:?}"
            );
        }
        let named = faults(&format!("[serve.tokens]\n\"a b\" = \"{HASH}\""));
        assert!(named[0].contains("`serve.tokens`"), "{named:?}");
    }

    #[test]
    fn a_token_in_place_of_its_hash_is_not_repeated() {
        for value in ["\"gleaner_secret\"", "12345", "\"sha256:12345\""] {
            let error =
                toml::from_str::<Config>(&format!("[serve.tokens]\nalice = {value}")).unwrap_err();
            let message = error.message();
            assert!(message.contains("64 hexadecimal digits"), "{message}");
            assert!(!message.contains("secret") && !message.contains("12345"));
        }
    }

    #[test]
    fn others_are_let_in_only_to_log_in() {
        let address = |text: &str| text.parse::<SocketAddr>().unwrap();
        let mut serve = Serve::default();
        for open in [
            "127.0.0.1:1",
            "127.9.9.9:1",
            "[::1]:1",
            "[::ffff:127.0.0.1]:1",
        ] {
            assert_eq!(serve.refusal(address(open)), None, "{open}");
        }
        for reachable in ["0.0.0.0:1", "[::]:1", "192.0.2.1:1", "[fe80::1]:1"] {
            let fault = serve.refusal(address(reachable)).unwrap();
            assert!(fault.contains("`serve.listen`"), "{fault}");
            assert!(fault.contains("--new-token"), "{fault}");
        }
        serve.proxy.addresses = vec!["10.0.0.1".into()];
        assert!(serve.refusal(address("0.0.0.0:1")).is_some());
        serve.proxy.user_header = "X-Remote-User".into();
        assert_eq!(serve.refusal(address("0.0.0.0:1")), None);
        serve.proxy = Proxy::default();
        serve.tokens.insert("alice".into(), HASH.parse().unwrap());
        assert_eq!(serve.refusal(address("0.0.0.0:1")), None);
    }

    #[test]
    fn hashes_read_and_write_and_stay_out_of_debug() {
        let hash = TokenHash::of("test");
        assert_eq!(hash.to_string(), HASH);
        assert_eq!(HASH.parse::<TokenHash>().unwrap(), hash);
        assert!(!format!("{hash:?}").contains("9f86"));
    }
}
