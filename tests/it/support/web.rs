//! HTTP(S) servers on loopback that answer as told, well or badly.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What a server does with a request.
pub(crate) enum Reply {
    /// Sends these bytes and closes.
    Bytes(Vec<u8>),
    /// Sends the first bytes, then one of the others every few milliseconds, for as long as somebody listens.
    Drip(Vec<u8>, u8),
    /// Says nothing, for as long as somebody listens.
    Silence,
}

/// A running server; ends when dropped.
pub(crate) struct Web {
    address: SocketAddr,
    scheme: &'static str,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Web {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Web {
    /// A plain server on `127.0.0.1` that answers each request (its head, as text) with what `answer` says.
    pub(crate) async fn start(answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::at(Ipv4Addr::LOCALHOST, None, answer).await
    }

    /// The same on another loopback address, or over TLS.
    pub(crate) async fn at(
        ip: Ipv4Addr,
        tls: Option<TlsAcceptor>,
        answer: impl Fn(&str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((IpAddr::from(ip), 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let (log, answer) = (Arc::clone(&requests), Arc::new(answer));
        let scheme = if tls.is_some() { "https" } else { "http" };
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, answer, tls) = (Arc::clone(&log), Arc::clone(&answer), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, &log, answer.as_ref()).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, &log, answer.as_ref()).await;
                            }
                        }
                    }
                });
            }
        });
        Self {
            address,
            scheme,
            requests,
            task,
        }
    }

    /// A server that always answers with one page.
    pub(crate) async fn page(headers: &'static str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self::start(move |_| Reply::Bytes(response("200 OK", headers, &body))).await
    }

    /// `http://127.0.0.1:PORT` and a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// The same under another host name.
    pub(crate) fn url_as(&self, host: &str, path: &str) -> String {
        format!("{}://{host}:{}{path}", self.scheme, self.address.port())
    }

    /// The heads of the requests seen so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// Bytes of a response with its length.
pub(crate) fn response(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let headers: String = headers
        .lines()
        .map(|line| format!("{}\r\n", line.trim()))
        .collect();
    let mut bytes = format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// A redirect.
pub(crate) fn redirect(status: u16, location: &str) -> Reply {
    Reply::Bytes(response(
        &format!("{status} Moved"),
        &format!("Location: {location}"),
        b"",
    ))
}

/// Bytes, compressed.
pub(crate) fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

/// The path of a request.
pub(crate) fn path(request: &str) -> &str {
    request.split(' ').nth(1).unwrap_or_default()
}

/// A TLS server's side for `localhost` and `127.0.0.1`, and the PEM of the authority that signed it.
pub(crate) fn private_authority() -> (TlsAcceptor, String) {
    gleaner::http::install_crypto_provider();
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let authority_certificate = authority.self_signed(&authority_key).unwrap();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certificate = rcgen::CertificateParams::new(names)
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (
        TlsAcceptor::from(Arc::new(config)),
        authority_certificate.pem(),
    )
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    log: &Mutex<Vec<String>>,
    answer: &(impl Fn(&str) -> Reply + Sync),
) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte).await {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    log.lock().unwrap().push(head.clone());
    let (first, then) = match answer(&head) {
        Reply::Bytes(bytes) => (bytes, None),
        Reply::Drip(first, byte) => (first, Some(byte)),
        Reply::Silence => {
            // Returns when the other side hangs up.
            let _ = stream.read(&mut byte).await;
            return;
        }
    };
    // The other side may hang up at any time: that is what some tests are about.
    let mut alive = stream.write_all(&first).await.is_ok();
    while let (true, Some(byte)) = (alive, then) {
        tokio::time::sleep(Duration::from_millis(5)).await;
        alive = stream.write_all(&[byte]).await.is_ok() && stream.flush().await.is_ok();
    }
    let _ = stream.shutdown().await;
}
