//! Numbers for Prometheus.
//!
//! What happens here is counted as it happens; what the queue and the feeds say is asked for when somebody looks.

use ::metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Shared;
use super::client::Client;
use super::feeds::Standing;
use super::problem::Problem;
use crate::metrics::{self, Exporter};

const REQUESTS: &str = "gleaner_http_requests_total";
const DURATION: &str = "gleaner_http_request_duration_seconds";
const LOGIN_FAILURES: &str = "gleaner_login_failures_total";
const SUBMISSIONS: &str = "gleaner_submissions_total";
const FEEDS: &str = "gleaner_feeds";

/// Upper bounds in seconds.
const BUCKETS: [f64; 10] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0];

/// Counts from now on. Once per process.
pub(super) fn start() -> anyhow::Result<Exporter> {
    let exporter = Exporter::start(&[(DURATION, &BUCKETS)])?;
    describe();
    Ok(exporter)
}

fn describe() {
    describe_counter!(REQUESTS, "Requests by method, route and status.");
    describe_histogram!(
        DURATION,
        Unit::Seconds,
        "Time until the answer began, by route."
    );
    describe_counter!(LOGIN_FAILURES, "Wrong tokens shown.");
    describe_counter!(
        SUBMISSIONS,
        "Submitted articles: queued, known before, refused."
    );
    describe_gauge!(FEEDS, "Feeds of the list, by state.");
    counter!(LOGIN_FAILURES).absolute(0);
}

/// Counts a wrong token.
pub(super) fn login_failed() {
    counter!(LOGIN_FAILURES).increment(1);
}

/// Counts a submitted article by what became of it.
pub(super) fn submitted(outcome: &'static str) {
    counter!(SUBMISSIONS, "outcome" => outcome).increment(1);
}

/// Counts a request. Routes and methods are named from closed lists: what clients make up has no place in memory.
pub(super) async fn count(request: Request, next: Next) -> Response {
    let begun = std::time::Instant::now();
    let method = method(request.method());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    let status = response.status().as_str().to_owned();
    histogram!(DURATION, "route" => route.clone()).record(begun.elapsed());
    counter!(REQUESTS, "method" => method, "route" => route, "status" => status).increment(1);
    response
}

fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// `GET /metrics`
pub(super) async fn show(State(web): State<Shared>, request: Request) -> Result<Response, Problem> {
    if web.metrics_need_token {
        let client = request.extensions().get::<Client>();
        let client = client.ok_or_else(Problem::internal)?;
        web.auth.caller(client, request.headers())?;
    }
    ask(&web).await;
    let content_type = [(CONTENT_TYPE, metrics::CONTENT_TYPE)];
    Ok((content_type, web.metrics.text()).into_response())
}

/// Asks the store. That it is down is a number too.
async fn ask(web: &Shared) {
    let counts = web.overview.counts().await;
    metrics::queue(counts.as_ref().ok());
    if let Err(error) = counts {
        tracing::warn!(%error, "the store did not say how many jobs there are");
    }
    match web.feeds.all().await {
        Ok(feeds) => {
            for standing in Standing::ALL {
                let number = feeds.iter().filter(|feed| feed.state == standing).count();
                gauge!(FEEDS, "state" => standing.as_str()).set(metrics::float(number as u64));
            }
        }
        Err(error) => tracing::warn!(%error, "the store did not say how the feeds stand"),
    }
}
