//! Style, script and icon. Their addresses hold their hash, so that browsers may keep them.

use std::sync::LazyLock;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;
use sha2::{Digest as _, Sha256};

use crate::web::Shared;

const STYLE: &str = include_str!("../static/style.css");
const SCRIPT: &str = include_str!("../static/script.js");
const FORM_SCRIPT: &str = include_str!("../static/form.js");
const ICON: &str = include_str!("../static/icon.svg");

static STYLE_ADDRESS: LazyLock<String> = LazyLock::new(|| address("style.css", STYLE));
static SCRIPT_ADDRESS: LazyLock<String> = LazyLock::new(|| address("script.js", SCRIPT));

static FORM_SCRIPT_ADDRESS: LazyLock<String> = LazyLock::new(|| address("form.js", FORM_SCRIPT));

fn address(name: &str, text: &str) -> String {
    let hash = hex::encode(Sha256::digest(text.as_bytes()));
    format!("/static/{name}?v={}", hash.get(..12).unwrap_or_default())
}

pub(super) fn style_address() -> &'static str {
    &STYLE_ADDRESS
}

pub(super) fn script_address() -> &'static str {
    &SCRIPT_ADDRESS
}

pub(super) fn form_script_address() -> &'static str {
    &FORM_SCRIPT_ADDRESS
}

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/static/style.css", get(async || file("text/css", STYLE)))
        .route(
            "/static/script.js",
            get(async || file("text/javascript", SCRIPT)),
        )
        .route(
            "/static/form.js",
            get(async || file("text/javascript", FORM_SCRIPT)),
        )
        .route(
            "/static/icon.svg",
            get(async || file("image/svg+xml", ICON)),
        )
}

fn file(kind: &'static str, text: &'static str) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "public, max-age=86400"),
    ];
    (headers, text)
}
