//! A web server on loopback that answers as it is told, and remembers what it was asked.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tokio::task::JoinHandle;

/// What to answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Send the headers and then nothing.
    pub(crate) hangs: bool,
    /// Answer 304 to a request with a validator.
    pub(crate) validates: bool,
}

impl Reply {
    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            body: body.into(),
            ..Self::default()
        }
    }

    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    pub(crate) fn redirect(status: u16, to: &str) -> Self {
        Self::status(status).header("location", to)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(crate) fn hanging(mut self) -> Self {
        self.hangs = true;
        self
    }

    /// With an ETag, and 304 for those who send it back.
    pub(crate) fn validated(mut self, etag: &str) -> Self {
        self.validates = true;
        self.header("etag", etag)
            .header("last-modified", "Fri, 20 Nov 2026 10:00:00 GMT")
    }
}

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
}

#[derive(Default)]
struct Shared {
    replies: HashMap<String, Reply>,
    asked: Vec<Asked>,
    in_flight: usize,
    most_in_flight: usize,
}

/// The server; it stops when dropped.
pub(crate) struct Blog {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
    server: JoinHandle<()>,
}

impl Blog {
    pub(crate) async fn start() -> Self {
        Self::start_at("127.0.0.1").await
    }

    /// On another loopback address: another host, that is.
    pub(crate) async fn start_at(host: &str) -> Self {
        let listener = tokio::net::TcpListener::bind((host, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Mutex::new(Shared::default()));
        let app = Router::new().fallback(answer).with_state(shared.clone());
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            address,
            shared,
            server,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The same under another name or address of this server.
    pub(crate) fn url_at(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.address.port())
    }

    pub(crate) fn set(&self, path: &str, reply: Reply) {
        let mut shared = self.shared.lock().unwrap();
        shared.replies.insert(path.into(), reply);
    }

    /// The requests so far, the first one first.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shared.lock().unwrap().asked.clone()
    }

    /// Forgets them, and answers how many there were.
    pub(crate) fn count(&self) -> usize {
        std::mem::take(&mut self.shared.lock().unwrap().asked).len()
    }

    pub(crate) fn most_in_flight(&self) -> usize {
        self.shared.lock().unwrap().most_in_flight
    }
}

impl Drop for Blog {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(shared): State<Arc<Mutex<Shared>>>, request: Request) -> Response {
    let path = request.uri().to_string();
    let reply = {
        let mut shared = shared.lock().unwrap();
        shared.asked.push(Asked {
            path: path.clone(),
            headers: request.headers().clone(),
        });
        shared.in_flight += 1;
        shared.most_in_flight = shared.most_in_flight.max(shared.in_flight);
        shared
            .replies
            .get(&path)
            .cloned()
            .unwrap_or(Reply::status(404))
    };
    // Lets a second request in, should the client send one.
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    shared.lock().unwrap().in_flight -= 1;
    respond(reply, request.headers())
}

fn respond(reply: Reply, asked: &HeaderMap) -> Response {
    let etag = reply.headers.iter().find(|(name, _)| name == "etag");
    let same =
        etag.is_some_and(|(_, etag)| asked.get("if-none-match").is_some_and(|tag| tag == etag));
    let unchanged = reply.validates && same;
    let status = if unchanged { 304 } else { reply.status };
    let mut response = Response::builder().status(StatusCode::from_u16(status).unwrap());
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    let body = if reply.hangs {
        let stalled = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
        Body::from_stream(stalled)
    } else if unchanged {
        Body::empty()
    } else {
        Body::from(reply.body)
    };
    response.body(body).unwrap()
}
