//! A sample blog on loopback, so that a newcomer or a machine without internet sees the whole path work.
//!
//! Two feeds name three articles; one article stands in both, under two forms of its link.

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

/// Preferred, so that a second demo finds the articles of the first one known.
const USUAL_PORT: u16 = 8737;

const ASSETS: [(&str, &str, &str); 5] = [
    (
        "/rss.xml",
        "application/rss+xml",
        include_str!("assets/rss.xml"),
    ),
    (
        "/atom.xml",
        "application/atom+xml; charset=utf-8",
        include_str!("assets/atom.xml"),
    ),
    (
        "/2026/greyheron-loader",
        "text/html; charset=utf-8",
        include_str!("assets/greyheron-loader.html"),
    ),
    (
        "/2026/invoice-lures",
        "text/html",
        include_str!("assets/invoice-lures.html"),
    ),
    (
        "/2026/dns-txt-beacons",
        "text/html; charset=utf-8",
        include_str!("assets/dns-txt-beacons.html"),
    ),
];

/// The sample blog, served until this value is dropped.
pub struct SampleBlog {
    address: SocketAddr,
    _server: AbortOnDropHandle<()>,
}

impl SampleBlog {
    /// Starts serving on loopback, on the usual port or, when that is taken, any other.
    pub async fn start() -> std::io::Result<Self> {
        let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, USUAL_PORT)).await {
            Ok(listener) => listener,
            Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?,
        };
        let address = listener.local_addr()?;
        let router = ASSETS
            .into_iter()
            .fold(Router::new(), |router, (path, media_type, text)| {
                let body = text.replace("{{base}}", &format!("http://{address}"));
                router.route(
                    path,
                    get(move || std::future::ready(asset(media_type, body.clone()))),
                )
            });
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the sample blog stopped");
            }
        });
        Ok(Self {
            address,
            _server: AbortOnDropHandle::new(server),
        })
    }

    /// The feed list of the sample blog.
    pub fn feed_list(&self) -> String {
        let base = format!("http://{}", self.address);
        serde_json::json!({"feeds": [
            {"title": "Sample threat blog", "url": format!("{base}/rss.xml"), "tags": ["admiralty-scale:source-reliability=\"f\""]},
            {"title": "Sample research notes", "url": format!("{base}/atom.xml")},
        ]})
        .to_string()
    }
}

fn asset(media_type: &'static str, body: String) -> Response {
    (StatusCode::OK, [(header::CONTENT_TYPE, media_type)], body).into_response()
}
