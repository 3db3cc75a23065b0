//! What every request passes on its way in, and every answer on its way out.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::client::Client;
use super::pages::{RECEIVE, error_page};
use super::problem::Problem;
use super::{HEALTH, READY, Shared, is_for_machines};

/// The other end of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// Nothing but our own style, script, images and forms; nothing inline; nobody frames us.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Headers of every answer.
const HEADERS: [(HeaderName, &str); 8] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (OPENER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    ),
    (HeaderName::from_static("x-robots-tag"), "noindex"),
];

/// A year, as browsers' preload lists ask for at least.
const HSTS: &str = "max-age=31536000";

/// Puts the headers on, and shows problems of pages as pages.
pub(super) async fn out(State(web): State<Shared>, request: Request, next: Next) -> Response {
    let page = !is_for_machines(request.uri().path());
    let is_asked_for = request.uri().path() == RECEIVE;
    let mut response = next.run(request).await;
    if page && let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = error_page(&web, &problem);
    }
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_asked_for {
        // It talks to the window that opened it.
        headers.insert(OPENER_POLICY, HeaderValue::from_static("unsafe-none"));
    }
    if web.tls {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Lets in who may ask at all: the right host, not too often, not made by another site's page, not too large.
pub(super) async fn way_in(
    State(web): State<Shared>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(Peer(peer)) = request.extensions().get().copied() else {
        return Problem::internal().into_response();
    };
    let client = web.clients.identify(peer, request.headers());
    if let Err(problem) = check(&web, &client, &request) {
        return problem.into_response();
    }
    request.extensions_mut().insert(client);
    next.run(request).await
}

fn check(web: &Shared, client: &Client, request: &Request) -> Result<(), Problem> {
    let (path, headers) = (request.uri().path(), request.headers());
    if path != HEALTH && path != READY {
        web.pace
            .take(client.address, Instant::now())
            .map_err(|wait| Problem::too_many("too many requests", wait))?;
    }
    web.clients
        .check_host(headers)
        .map_err(|why| Problem::new(StatusCode::MISDIRECTED_REQUEST, why))?;
    let changes = !matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    // A browser sends no bearer token by itself (but a password it was once given).
    let by_token = super::auth::bearer(headers).is_some();
    let form = !is_for_machines(path);
    if changes && !by_token && !web.clients.is_own(headers, form) {
        return Err(Problem::forbidden(
            "a page of another site made this request",
        ));
    }
    check_length(headers, web.max_body)
}

/// What says that it is too large is not read.
fn check_length(headers: &HeaderMap, most: usize) -> Result<(), Problem> {
    let length = headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok())
        .and_then(|length| length.parse::<u64>().ok());
    let most_bytes = u64::try_from(most).unwrap_or(u64::MAX);
    if length.is_some_and(|length| length > most_bytes) {
        return Err(Problem::too_large(most));
    }
    Ok(())
}

/// Ends a request that takes longer than this, its body included.
pub(super) async fn within(limit: Duration, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "the request was not complete, or not answered, in the time allowed",
        )
        .into_response(),
    }
}
