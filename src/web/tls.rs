//! The certificate, read again when its files change.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, bail};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, crypto::CryptoProvider};
use tokio_rustls::TlsAcceptor;

/// How often the files are looked at. A renewal needs nothing but to put them there.
const LOOK: Duration = Duration::from_secs(5);

/// A certificate with its key, as its files have it.
pub struct Certificate {
    files: [PathBuf; 2],
    /// Of the files as they were read first.
    first: [Mark; 2],
    current: RwLock<Arc<CertifiedKey>>,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

/// What tells whether a file changed.
type Mark = Option<(SystemTime, u64)>;

impl Certificate {
    /// Reads PEM files. The error names the file and what is wrong with it.
    pub fn read(chain: &Path, key: &Path) -> anyhow::Result<Arc<Self>> {
        let first = [mark(chain), mark(key)];
        Ok(Arc::new(Self {
            first,
            current: RwLock::new(Arc::new(read(chain, key)?)),
            files: [chain.to_path_buf(), key.to_path_buf()],
        }))
    }

    /// What speaks TLS with it: 1.2 and 1.3, HTTP/1.1.
    pub fn acceptor(self: &Arc<Self>) -> anyhow::Result<TlsAcceptor> {
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Looks at the files for as long as this runs, and takes what changed. What cannot be used is said, and the old
    /// certificate stays.
    pub async fn follow(self: Arc<Self>) {
        let mut known = self.first;
        loop {
            tokio::time::sleep(LOOK).await;
            let [chain, key] = &self.files;
            let marks = [mark(chain), mark(key)];
            if marks == known {
                continue;
            }
            known = marks;
            match read(chain, key) {
                Ok(read) => {
                    *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(read);
                    tracing::info!(file = %chain.display(), "new certificate");
                }
                // Between the change of one file and the other they do not fit: the next look sees both.
                Err(error) => {
                    tracing::warn!("the changed certificate is not used: {error:#}");
                }
            }
        }
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&current))
    }
}

fn mark(file: &Path) -> Mark {
    let metadata = std::fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

fn read(chain: &Path, key: &Path) -> anyhow::Result<CertifiedKey> {
    let shown = chain.display();
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("`serve.tls_cert`: `{shown}` cannot be read"))?;
    if certificates.is_empty() {
        bail!("`serve.tls_cert`: `{shown}` holds no certificate in PEM format");
    }
    let private = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("`serve.tls_key`: `{}` cannot be read", key.display()))?;
    CertifiedKey::from_der(certificates, private, &provider()).with_context(|| {
        format!(
            "`serve.tls_cert` and `serve.tls_key`: `{shown}` and `{}` cannot be used together",
            key.display()
        )
    })
}

fn provider() -> Arc<CryptoProvider> {
    CryptoProvider::get_default().map_or_else(
        || Arc::new(rustls::crypto::aws_lc_rs::default_provider()),
        Arc::clone,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate and its key, in PEM.
    fn made() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    #[test]
    fn faults_name_the_file_and_show_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let ((chain, key), (_, other_key)) = (made(), made());
        let (chain, key) = (file("chain.pem", &chain), file("key.pem", &key));
        let (empty, other_key) = (file("empty.pem", ""), file("other.pem", &other_key));
        assert!(Certificate::read(&chain, &key).is_ok());
        for (chain, key, says) in [
            (&folder.path().join("none.pem"), &key, "`serve.tls_cert`"),
            (&empty, &key, "holds no certificate"),
            (&chain, &empty, "`serve.tls_key`"),
            (&chain, &other_key, "cannot be used together"),
        ] {
            let fault = format!("{:#}", Certificate::read(chain, key).unwrap_err());
            assert!(fault.contains(says), "{fault}");
            assert!(!fault.contains("BEGIN"), "{fault}");
        }
    }
}
