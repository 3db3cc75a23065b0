//! Pages: rendered here, whole without a script; the one script only saves reloading.

mod chart;
mod error;
mod extracted;
mod feeds;
mod fields;
mod files;
mod form;
mod help;
mod history;
mod home;
mod job;
mod login;
mod preview;
mod receive;
mod sent;
mod submit;
mod visit;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};

pub(super) use self::error::error_page;
use self::visit::Visitor;
use super::auth::Caller;
use super::{Shared, Web};

/// Where the bookmarklet that takes the page along leads.
pub(super) const RECEIVE: &str = "/receive";

/// Pages that answer at once.
pub(super) fn routes(web: &Shared) -> Router<Shared> {
    let private = Router::new()
        .route("/", get(home::show))
        .route("/live", get(home::live))
        .route("/submit", post(submit::submit))
        .route("/jobs/{id}", get(job::show))
        .route("/jobs/{id}/live", get(job::live))
        .route("/jobs/{id}/retry", post(job::retry))
        .route("/jobs/{id}/remove", post(job::remove))
        .route("/feeds", get(feeds::show))
        .route("/preview", get(preview::form))
        .route("/help", get(help::show))
        .route(RECEIVE, get(receive::show))
        .layer(axum::middleware::from_fn(visit::let_in));
    let public = Router::new()
        .route("/login", get(login::form).post(login::log_in))
        .route("/logout", post(login::log_out));
    private
        .merge(public)
        .layer(from_fn_with_state(Arc::clone(web), visit::greet))
        .merge(files::routes())
}

/// Pages that download something.
pub(super) fn slow_routes(web: &Shared) -> Router<Shared> {
    Router::new()
        .route("/preview", post(preview::make))
        .layer(axum::middleware::from_fn(visit::let_in))
        .layer(from_fn_with_state(Arc::clone(web), visit::greet))
}

/// What is around every page.
struct Frame {
    /// Who is logged in.
    user: Option<String>,
    /// Nobody has to.
    open: bool,
    /// Whether this session can be ended here.
    can_log_out: bool,
    /// What forms carry.
    csrf: String,
    preview: bool,
    style: &'static str,
    script: &'static str,
    version: &'static str,
}

impl Frame {
    fn of(web: &Web, visitor: &Visitor) -> Self {
        let caller = visitor.caller.as_ref();
        Self {
            user: caller.and_then(Caller::name).map(str::to_owned),
            open: web.auth.is_open(),
            can_log_out: matches!(caller, Some(Caller::Session(_))),
            csrf: web.auth.form_token(&visitor.session),
            ..Self::bare(web)
        }
    }

    /// For pages shown to whoever it may be.
    fn bare(web: &Web) -> Self {
        Self {
            user: None,
            open: false,
            can_log_out: false,
            csrf: String::new(),
            preview: web.previewer.is_some(),
            style: files::style_address(),
            script: files::script_address(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

fn html(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page was not rendered");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                "the page was not rendered\n",
            )
                .into_response()
        }
    }
}

fn page(page: &impl Template) -> Response {
    html(StatusCode::OK, page)
}

/// Sends the browser on, with GET.
fn see(address: &str) -> Response {
    let location = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// An address on this site, or the first page.
fn local(address: &str) -> &str {
    let fits = address.starts_with('/')
        && !address.starts_with("//")
        && address.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if fits { address } else { "/" }
}

/// A text as a value in a query.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for (address, leads_to) in [
            ("/", "/"),
            ("/jobs/1?x=%20", "/jobs/1?x=%20"),
            ("/?url=https://a.example/", "/?url=https://a.example/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/\t/evil.example", "/"),
            ("https://evil.example", "/"),
            ("evil", "/"),
            ("", "/"),
            ("/\r\nSet-Cookie: x", "/"),
        ] {
            assert_eq!(local(address), leads_to, "{address:?}");
        }
    }
}
