//! The URL of a Redis server, in all the forms that are configured.

use std::fmt;

use redis::{
    Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisConnectionInfo,
    TlsCertificates,
};
use url::Url;

use crate::config::Secret;
use crate::queue::{QueueError, Result};

/// How the server that has our keys is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is the one named.
    Plain,
    /// Sentinels know which server is the master of this service.
    Sentinel(String),
    /// The nodes of a cluster know which of them has our slot.
    Cluster,
}

/// A parsed URL. Shown without user and password.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) kind: Kind,
    pub(super) hosts: Vec<(String, u16)>,
    tls: bool,
    user: Option<String>,
    password: Secret,
    db: i64,
    /// PEM of the authority to trust in place of the public ones.
    ca: Option<Vec<u8>>,
}

fn bad(what: &str) -> QueueError {
    QueueError::Store(format!(
        "`store.url` {what}; write `redis://[user:password@]host[:port][/db]`, `rediss://…` for TLS, \
         `redis+sentinel://host:port,host:port/SERVICE[/db]` or `redis+cluster://host:port,host:port`"
    ))
}

impl Target {
    /// Reads a URL. Errors do not repeat it: it may hold a password.
    pub(super) fn parse(url: &Secret, ca: Option<Vec<u8>>) -> Result<Self> {
        let (scheme, rest) = url
            .expose()
            .trim()
            .split_once("://")
            .ok_or_else(|| bad("is not a URL"))?;
        let (base, form) = scheme.split_once('+').unwrap_or((scheme, ""));
        let tls = match base {
            "redis" | "valkey" => false,
            "rediss" | "valkeys" => true,
            _ => return Err(bad("has an unknown scheme")),
        };
        let rest = rest.split(['?', '#']).next().unwrap_or(rest);
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let port = if form == "sentinel" { 26379 } else { 6379 };
        let hosts = hosts
            .split(',')
            .map(|host| parse_host(host, port))
            .collect::<Result<Vec<_>>>()?;
        let mut path = path.split('/').filter(|segment| !segment.is_empty());
        let kind = match form {
            "" if hosts.len() > 1 => return Err(bad("names several hosts")),
            "" => Kind::Plain,
            "sentinel" => {
                Kind::Sentinel(decode(path.next().ok_or_else(|| {
                    bad("does not name the service the Sentinels watch")
                })?)?)
            }
            "cluster" => Kind::Cluster,
            _ => return Err(bad("has an unknown scheme")),
        };
        let db = path
            .next()
            .map_or(Ok(0), str::parse)
            .map_err(|_| bad("has a database that is not a number"))?;
        if path.next().is_some() || db < 0 {
            return Err(bad("has a path that is not a database number"));
        }
        if kind == Kind::Cluster && db != 0 {
            return Err(bad("asks a cluster for a database number"));
        }
        Ok(Self {
            kind,
            hosts,
            tls,
            user: Some(decode(user)?).filter(|user| !user.is_empty()),
            password: Secret::from(decode(password)?.as_str()),
            db,
            ca,
        })
    }

    /// How to connect to one server, with our login and database.
    pub(super) fn server(&self, host: &str, port: u16) -> redis::RedisResult<ConnectionInfo> {
        let mut settings = RedisConnectionInfo::default().set_db(self.db);
        if let Some(user) = &self.user {
            settings = settings.set_username(user);
        }
        if !self.password.is_empty() {
            settings = settings.set_password(self.password.expose());
        }
        Ok(self.address(host, port)?.set_redis_settings(settings))
    }

    /// The same without login and database, for Sentinels.
    pub(super) fn address(&self, host: &str, port: u16) -> redis::RedisResult<ConnectionInfo> {
        let host = host.to_owned();
        if !self.tls {
            return ConnectionAddr::Tcp(host, port).into_connection_info();
        }
        let info = ConnectionAddr::TcpTls {
            host,
            port,
            insecure: false,
            tls_params: None,
        }
        .into_connection_info()?;
        let Some(pem) = &self.ca else {
            return Ok(info);
        };
        let certificates = TlsCertificates {
            client_tls: None,
            root_cert: Some(pem.clone()),
        };
        Ok(Client::build_with_tls(info, certificates)?
            .get_connection_info()
            .clone())
    }

    /// The same with the login but database 0, for a Sentinel that wants one and for cluster nodes.
    pub(super) fn with_login(&self, host: &str, port: u16) -> redis::RedisResult<ConnectionInfo> {
        let info = self.server(host, port)?;
        let settings = info.redis_settings().clone().set_db(0);
        Ok(info.set_redis_settings(settings))
    }

    pub(super) fn has_login(&self) -> bool {
        self.user.is_some() || !self.password.is_empty()
    }

    /// Takes the password out of a text that a server wrote.
    pub(super) fn without_secret(&self, text: &str) -> String {
        if self.password.is_empty() {
            text.to_owned()
        } else {
            text.replace(self.password.expose(), "[hidden]")
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts: Vec<String> = self
            .hosts
            .iter()
            .map(|(host, port)| {
                if host.contains(':') {
                    format!("[{host}]:{port}")
                } else {
                    format!("{host}:{port}")
                }
            })
            .collect();
        let hosts = hosts.join(",");
        match &self.kind {
            Kind::Plain => write!(f, "Redis at `{hosts}/{}`", self.db),
            Kind::Sentinel(service) => write!(
                f,
                "Redis service `{service}/{}` of the Sentinels at `{hosts}`",
                self.db
            ),
            Kind::Cluster => write!(f, "the Redis cluster at `{hosts}`"),
        }
    }
}

fn parse_host(text: &str, default: u16) -> Result<(String, u16)> {
    // The URL parser knows IPv6 in brackets and refuses what is no host.
    let url = Url::parse(&format!("redis://{text}")).map_err(|_| bad("has a bad host"))?;
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = host.ok_or_else(|| bad("has no host"))?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Ok((host.to_owned(), url.port().unwrap_or(default)))
}

/// Percent-decoding (RFC 3986, section 2.1).
fn decode(text: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let value = digit(rest.next()).zip(digit(rest.next()));
        let (high, low) = value.ok_or_else(|| bad("has a bad percent escape"))?;
        bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
    }
    String::from_utf8(bytes).map_err(|_| bad("has a percent escape that is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> Result<Target> {
        Target::parse(&Secret::from(url), None)
    }

    #[test]
    fn urls_are_read() {
        for (url, shown) in [
            ("redis://localhost", "Redis at `localhost:6379/0`"),
            ("redis://:pw@10.0.0.1:7000/3", "Redis at `10.0.0.1:7000/3`"),
            ("rediss://u:p%40ss@[::1]:7/", "Redis at `[::1]:7/0`"),
            (
                "redis+sentinel://u:pw@a:1,b/main/2",
                "Redis service `main/2` of the Sentinels at `a:1,b:26379`",
            ),
            (
                "rediss+cluster://a:1,b:2,c",
                "the Redis cluster at `a:1,b:2,c:6379`",
            ),
        ] {
            assert_eq!(target(url).unwrap().to_string(), shown, "{url}");
        }
        let target = target("rediss://u:p%40ss@[::1]:7/4").unwrap();
        let info = target.server("h", 7).unwrap();
        assert_eq!(info.redis_settings().username(), Some("u"));
        assert_eq!(info.redis_settings().password(), Some("p@ss"));
        assert_eq!(info.redis_settings().db(), 4);
        assert!(matches!(info.addr(), ConnectionAddr::TcpTls { .. }));
    }

    #[test]
    fn bad_urls_are_refused_without_repeating_them() {
        for url in [
            "",
            "hunter2",
            "http://u:hunter2@host",
            "redis+cloud://u:hunter2@host",
            "redis://u:hunter2@",
            "redis://u:hunter2@a,b",
            "redis://u:hunter2@host:port",
            "redis://u:hunter2@host/first",
            "redis://u:hunter2@host/-1",
            "redis://u:hunter2@host/1/2",
            "redis://u:hunter2%zz@host",
            "redis+sentinel://u:hunter2@host",
            "redis+cluster://u:hunter2@host/1",
        ] {
            let error = target(url).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{url}: {error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_url_makes_it_panic(url in ".{0,80}", rest in "[@:/,%\\[\\]a-f0-9+]{0,60}") {
            let _ = target(&url);
            let _ = target(&format!("redis+sentinel://{rest}"));
        }
    }
}
