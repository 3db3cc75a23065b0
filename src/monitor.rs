//! Health and metrics of a worker, for those who watch it: `/healthz`, `/readyz` and `/metrics`.
//!
//! Nobody has to log in, and nothing is told but numbers: the address (`worker.metrics`) is one that only the
//! monitoring can reach.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::metrics::{self, Exporter};
use crate::queue::{Counts, Queue};

/// How long the store may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Clone)]
struct Watched {
    queue: Arc<dyn Queue>,
    exporter: Exporter,
}

/// Counts from now on, and answers on this address until `stop`. Fails when the address cannot be listened on.
/// Answers the address, whose port the system chose if none was given.
pub async fn start(
    address: SocketAddr,
    queue: Arc<dyn Queue>,
    stop: CancellationToken,
) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("`worker.metrics`: cannot listen on {address}"))?;
    let exporter = Exporter::start(&[])?;
    metrics::describe_worker();
    let address = listener.local_addr()?;
    let routes = Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(show))
        .with_state(Watched { queue, exporter });
    tokio::spawn(async move {
        let serving = axum::serve(listener, routes);
        // Who watches does not keep the worker from ending: this task ends with the process.
        if let Err(error) = serving.with_graceful_shutdown(stop.cancelled_owned()).await {
            tracing::error!(%error, "the metrics are not served any more");
        }
    });
    Ok(address)
}

async fn counts(queue: &dyn Queue) -> Option<Counts> {
    let counts = tokio::time::timeout(PATIENCE, queue.counts()).await;
    counts.ok()?.ok()
}

async fn ready(State(watched): State<Watched>) -> impl IntoResponse {
    match counts(&*watched.queue).await {
        Some(_) => (StatusCode::OK, "ready\n"),
        None => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the queue's store does not answer\n",
        ),
    }
}

async fn show(State(watched): State<Watched>) -> impl IntoResponse {
    metrics::queue(counts(&*watched.queue).await.as_ref());
    let content_type = [(CONTENT_TYPE, metrics::CONTENT_TYPE)];
    (content_type, watched.exporter.text())
}
