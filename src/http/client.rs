//! Building HTTP clients: the only place that does.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, ClientBuilder, Proxy, redirect};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::guard::{Guard, GuardedResolver};
use crate::config::{Http, Misp, Secret};

/// How long an unused connection to a blog is kept: long enough for a redirect and the next page of a
/// batch, short enough that thousands of feeds do not leave thousands of sockets.
const POOL_IDLE: Duration = Duration::from_secs(10);
/// Connecting to a MISP server takes no longer than this, whatever its requests may take.
const MISP_CONNECT: Duration = Duration::from_secs(15);

/// Makes aws-lc-rs the process's TLS provider. Call it first thing in `main` and in tests: with none
/// installed, the Redis client panics on its first TLS connection. Calling it again does nothing.
pub fn install_crypto_provider() {
    // The error says that one is installed already, which is what we want.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
}

/// What all clients for the untrusted web share.
#[derive(Clone)]
pub(super) struct Blueprint {
    tls: ClientConfig,
    guard: Guard,
    connect_timeout: Duration,
    read_timeout: Duration,
}

impl Blueprint {
    /// Reads the authorities and the address rule. Errors name the key at fault.
    pub(super) fn new(config: &Http) -> Result<Self, String> {
        Ok(Self {
            tls: tls(public_roots("http.ca_file", &config.ca_file)?)?,
            guard: Guard::new(&config.allow_networks)?,
            connect_timeout: config.connect_timeout.get(),
            read_timeout: config.read_timeout.get(),
        })
    }

    /// The address rule.
    pub(super) fn guard(&self) -> &Guard {
        &self.guard
    }

    /// A client that goes through `proxy`, or straight when it is empty.
    pub(super) fn client(&self, proxy: &Secret) -> Result<Client, String> {
        let mut resolver = GuardedResolver {
            guard: self.guard.clone(),
            exempt: None,
        };
        let mut builder = common()
            .tls_backend_preconfigured(self.tls.clone())
            .connect_timeout(self.connect_timeout)
            .read_timeout(self.read_timeout)
            .pool_idle_timeout(POOL_IDLE)
            .pool_max_idle_per_host(2);
        if !proxy.is_empty() {
            resolver.exempt = proxy_host(proxy);
            builder = builder.proxy(parse_proxy(proxy)?);
        }
        builder
            .dns_resolver(Arc::new(resolver))
            .build()
            .map_err(|error| format!("cannot build the HTTP client: {}", root_cause(&error)))
    }
}

/// A client for a MISP server: no redirects, and no address rules, because the operator named it.
///
/// Its certificate is checked against `misp.ca_file` alone when that is set, else against the public
/// authorities, unless `misp.verify_cert` is off.
pub fn misp_client(config: &Misp) -> Result<Client, String> {
    let mut builder = common()
        .connect_timeout(MISP_CONNECT)
        .timeout(config.timeout.get());
    builder = if !config.verify_cert {
        builder.tls_danger_accept_invalid_certs(true)
    } else if config.ca_file.as_os_str().is_empty() {
        builder.tls_backend_preconfigured(tls(public_roots("misp.ca_file", &config.ca_file)?)?)
    } else {
        let mut pinned = RootCertStore::empty();
        add_file(&mut pinned, "misp.ca_file", &config.ca_file)?;
        builder.tls_backend_preconfigured(tls(pinned)?)
    };
    if !config.proxy.is_empty() {
        builder = builder.proxy(parse_proxy(&config.proxy)?);
    }
    builder
        .build()
        .map_err(|error| format!("cannot build the MISP client: {}", root_cause(&error)))
}

/// What holds for every client: redirects are followed by hand or not at all, the environment's proxies
/// are not used unasked, nothing is told about where we came from.
fn common() -> ClientBuilder {
    Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
}

fn parse_proxy(proxy: &Secret) -> Result<Proxy, String> {
    // The value may hold a password, so the message does not repeat it.
    Proxy::all(proxy.expose()).map_err(|_| {
        "the proxy is not a URL like `http://proxy.example:3128` or `socks5h://user:password@proxy.example`"
            .to_owned()
    })
}

fn proxy_host(proxy: &Secret) -> Option<String> {
    let url = url::Url::parse(proxy.expose()).ok()?;
    Some(url.host_str()?.to_owned())
}

fn tls(roots: RootCertStore) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("cannot set up TLS: {error}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The system's authorities (or Mozilla's, compiled in, on a system without any) and those of one file.
fn public_roots(key: &str, ca_file: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    // A broken file among the system's hundred is the system's affair: the others still count.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    if !ca_file.as_os_str().is_empty() {
        add_file(&mut roots, key, ca_file)?;
    }
    Ok(roots)
}

fn add_file(roots: &mut RootCertStore, key: &str, path: &Path) -> Result<(), String> {
    let fault = |why: String| format!("`{key}`: cannot use `{}`: {why}", path.display());
    let before = roots.len();
    for certificate in
        CertificateDer::pem_file_iter(path).map_err(|error| fault(error.to_string()))?
    {
        let certificate = certificate.map_err(|error| fault(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| fault(error.to_string()))?;
    }
    if roots.len() == before {
        return Err(fault("it holds no PEM certificate".into()));
    }
    Ok(())
}

/// The innermost message of an error: reqwest's outer ones only say that something went wrong.
pub(super) fn root_cause(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
