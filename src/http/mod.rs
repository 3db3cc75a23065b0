//! Requests to the untrusted web.
//!
//! [`Fetcher`] gets one document: it follows redirects by hand, so that every hop is checked (scheme,
//! address, loop, what may be told to whom), and holds the whole chain to one deadline and one size.
//! Nothing else builds HTTP clients.

pub mod body;
mod classify;
mod client;
pub mod guard;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Client;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue, LOCATION, USER_AGENT,
};
use url::Url;

use self::classify::refused_failure;
pub use self::classify::{
    body_failure, classify_status, http_date, retry_after, shown, transport_failure,
};
use self::client::Blueprint;
pub use self::client::{install_crypto_provider, misp_client};
use crate::config::{Http, Secret};
use crate::failure::{Failure, Reason};

/// What to get, and within which bounds.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where. A user name and password in it are sent as Basic authentication.
    pub url: Url,
    /// Further headers, on top of `http.headers`. They may hold secrets: after a redirect to another
    /// origin they are no longer sent.
    pub headers: HeaderMap,
    /// Instead of `http.user_agent`.
    pub user_agent: Option<String>,
    /// Instead of `http.proxy`.
    pub proxy: Option<Secret>,
    /// Value of the `Accept` header.
    pub accept: &'static str,
    /// Largest body accepted, in bytes after decompression.
    pub max_size: usize,
    /// Time allowed for everything: all hops, and the body.
    pub timeout: Duration,
    /// Redirects followed.
    pub max_redirects: u32,
}

/// A document as it came, whatever its status.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Status of the last answer. See [`classify_status`].
    pub status: u16,
    /// Where it was found in the end; without user name, password and fragment.
    pub url: Url,
    /// Headers of the last answer.
    pub headers: HeaderMap,
    /// Its body, decompressed.
    pub body: Vec<u8>,
    /// Where the leading permanent redirects (301, 308) led, if there were any: the document's new address.
    pub permanent: Option<Url>,
}

impl Fetched {
    /// A header's value, if it is there and plain text.
    pub fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Gets documents from the untrusted web. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Fetcher {
    inner: Arc<Inner>,
}

struct Inner {
    blueprint: Blueprint,
    headers: HeaderMap,
    user_agent: HeaderValue,
    proxy: Secret,
    /// One client per proxy, by its URL; the empty one goes straight.
    clients: Mutex<HashMap<String, Client>>,
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetcher").finish_non_exhaustive()
    }
}

impl Fetcher {
    /// Prepares clients as `[http]` says. The error names the key at fault.
    pub fn new(config: &Http) -> Result<Self, String> {
        let mut headers = HeaderMap::new();
        for (name, value) in &config.headers {
            let (name, value) =
                header(name, value.expose()).map_err(|why| format!("`http.headers`: {why}"))?;
            headers.insert(name, value);
        }
        let user_agent = HeaderValue::from_str(&config.user_agent)
            .map_err(|_| "`http.user_agent` holds characters no header can carry".to_owned())?;
        let fetcher = Self {
            inner: Arc::new(Inner {
                blueprint: Blueprint::new(config)?,
                headers,
                user_agent,
                proxy: config.proxy.clone(),
                clients: Mutex::default(),
            }),
        };
        fetcher
            .client(&config.proxy)
            .map_err(|why| format!("`http`: {why}"))?;
        Ok(fetcher)
    }

    /// Gets a document. An error status is not a failure here; anything that kept an answer from coming whole is.
    pub async fn fetch(&self, request: &Request) -> Result<Fetched, Failure> {
        tokio::time::timeout(request.timeout, self.follow(request))
            .await
            .unwrap_or_else(|_| {
                Err(Failure::new(
                    Reason::Timeout,
                    format!(
                        "`{}`: no complete answer within {} s",
                        shown(&request.url),
                        request.timeout.as_secs_f32()
                    ),
                ))
            })
    }

    /// Walks the redirects to the last answer.
    async fn follow(&self, request: &Request) -> Result<Fetched, Failure> {
        let proxy = request.proxy.as_ref().unwrap_or(&self.inner.proxy);
        let client = self.client(proxy).map_err(|why| {
            Failure::new(Reason::BadUrl, format!("`{}`: {why}", shown(&request.url)))
        })?;
        let mut hop = Hop::first(request);
        loop {
            self.check(&hop.url, !proxy.is_empty())?;
            let response = client
                .get(hop.url_to_ask())
                .headers(self.headers(request, &hop)?)
                .send()
                .await
                .map_err(|error| transport_failure(&error.without_url(), &hop.url))?;
            let status = response.status().as_u16();
            if matches!(status, 301 | 302 | 303 | 307 | 308) {
                hop.redirect(status, response.headers(), request.max_redirects)?;
                continue;
            }
            let headers = response.headers().clone();
            let body = body::read(response, request.max_size)
                .await
                .map_err(|error| body_failure(&error, &hop.url))?;
            return Ok(Fetched {
                status,
                url: hop.url,
                headers,
                body,
                permanent: hop.permanent,
            });
        }
    }

    fn check(&self, url: &Url, proxied: bool) -> Result<(), Failure> {
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(Failure::new(
                Reason::BadUrl,
                format!("`{}` is neither an http nor an https URL", shown(url)),
            ));
        }
        let guard = self.inner.blueprint.guard();
        let mut verdict = guard.check_literal(url);
        if proxied {
            verdict = verdict.and_then(|()| guard.check_localhost(url));
        }
        verdict.map_err(|refused| refused_failure(&refused, url))
    }

    fn headers(&self, request: &Request, hop: &Hop) -> Result<HeaderMap, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(request.accept));
        let user_agent = match &request.user_agent {
            Some(own) => HeaderValue::from_str(own).map_err(|_| {
                Failure::new(
                    Reason::BadUrl,
                    format!(
                        "`{}`: the user agent holds characters no header can carry",
                        shown(&hop.url)
                    ),
                )
            })?,
            None => self.inner.user_agent.clone(),
        };
        headers.insert(USER_AGENT, user_agent);
        let common = &self.inner.headers;
        if hop.trusted {
            headers.extend(common.clone());
            headers.extend(request.headers.clone());
        } else {
            // Meant for all blogs, but what looks like a credential was still meant for one at a time.
            let plain = common
                .iter()
                .filter(|(name, _)| *name != AUTHORIZATION && *name != COOKIE);
            headers.extend(plain.map(|(name, value)| (name.clone(), value.clone())));
        }
        Ok(headers)
    }

    fn client(&self, proxy: &Secret) -> Result<Client, String> {
        let mut clients = self
            .inner
            .clients
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(proxy.expose()) {
            return Ok(client.clone());
        }
        let client = self.inner.blueprint.client(proxy)?;
        clients.insert(proxy.expose().to_owned(), client.clone());
        Ok(client)
    }
}

/// Reads one configured header. The error does not repeat the value, which may be a secret.
pub fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let parsed = HeaderName::from_bytes(name.trim().as_bytes())
        .map_err(|_| format!("`{name}` is not a header name"))?;
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| format!("the value of `{name}` holds characters no header can carry"))?;
    value.set_sensitive(true);
    Ok((parsed, value))
}

/// One step of the chain of redirects.
struct Hop {
    url: Url,
    credentials: Option<Credentials>,
    /// Still at the origin the request's secrets are meant for.
    trusted: bool,
    count: u32,
    permanent: Option<Url>,
    only_permanent: bool,
    seen: HashSet<Url>,
}

impl Hop {
    fn first(request: &Request) -> Self {
        let mut url = request.url.clone();
        let credentials = take_credentials(&mut url);
        url.set_fragment(None);
        Self {
            seen: HashSet::from([url.clone()]),
            url,
            credentials,
            trusted: true,
            count: 0,
            permanent: None,
            only_permanent: true,
        }
    }

    /// The URL with the credentials that may be sent there; the client turns them into a header.
    fn url_to_ask(&self) -> Url {
        let mut url = self.url.clone();
        if let (true, Some(credentials)) = (self.trusted, &self.credentials) {
            let _ = url.set_username(&credentials.user);
            let _ = url.set_password(credentials.password.as_ref().map(Secret::expose));
        }
        url
    }

    fn redirect(&mut self, status: u16, headers: &HeaderMap, max: u32) -> Result<(), Failure> {
        let next = self.target(headers)?;
        self.count += 1;
        if self.count > max {
            return Err(self.too_many(&format!("more than {max} redirects")));
        }
        if !self.seen.insert(next.clone()) {
            return Err(self.too_many(&format!("redirects in a loop, back to `{next}`")));
        }
        self.only_permanent &= matches!(status, 301 | 308);
        if self.only_permanent {
            self.permanent = Some(next.clone());
        }
        // Once away, secrets stay away: a detour could otherwise lead them where it likes.
        self.trusted &= may_share(&self.url, &next);
        self.url = next;
        Ok(())
    }

    fn target(&self, headers: &HeaderMap) -> Result<Url, Failure> {
        let fault = |why: &str| {
            Failure::new(
                Reason::BadUrl,
                format!("`{}` redirects {why}", shown(&self.url)),
            )
        };
        let location = headers
            .get(LOCATION)
            .ok_or_else(|| fault("without a target"))?;
        // Servers put raw UTF-8 there, which the header type does not call text.
        let location = String::from_utf8_lossy(location.as_bytes());
        let mut next = self
            .url
            .join(location.trim())
            .map_err(|_| fault("to something that is not a URL"))?;
        take_credentials(&mut next);
        next.set_fragment(None);
        Ok(next)
    }

    fn too_many(&self, why: &str) -> Failure {
        Failure::new(
            Reason::TooManyRedirects,
            format!("`{}`: {why}", shown(&self.url)),
        )
    }
}

/// Whether what was sent to one URL may be sent to the next: the same origin, or the same host upgraded to TLS.
pub(crate) fn may_share(from: &Url, to: &Url) -> bool {
    let upgraded = from.scheme() == "http"
        && to.scheme() == "https"
        && from.host() == to.host()
        && from.port().is_none()
        && to.port().is_none();
    from.origin() == to.origin() || upgraded
}

/// Moves user name and password out of a URL, still percent-encoded.
fn take_credentials(url: &mut Url) -> Option<Credentials> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let credentials = Credentials {
        user: url.username().to_owned(),
        password: url.password().map(Secret::from),
    };
    // Both fail only for URLs without a host, which cannot have them.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Some(credentials)
}

/// What stood before the `@` of a URL.
struct Credentials {
    user: String,
    password: Option<Secret>,
}
