//! Where the bookmarklet that takes the page along leads: the form, which asks the page that opened it for its HTML.
//!
//! This page alone is not cut off from the window that opened it (`gate`), and a message from there only fills the
//! form in. What matters is done by the press on *Submit*, which carries the token of the session as always.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::fields::Fields;
use super::form::Form;
use super::{Frame, Visitor, page};
use crate::web::Shared;
use crate::web::submission::MAX_TITLE;

#[derive(Template)]
#[template(path = "receive.html")]
struct ReceivePage {
    frame: Frame,
    form: Form,
    /// Largest page that can be taken, in bytes.
    most: usize,
}

/// What the bookmarklet says of the page.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    url: String,
    #[serde(default)]
    title: String,
}

pub(super) async fn show(
    State(web): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Fields(asked): Fields<Asked>,
) -> Response {
    page(&ReceivePage {
        frame: Frame::of(&web, &visitor),
        form: Form {
            urls: asked.url,
            title: crate::plain::short(&asked.title, MAX_TITLE),
            ..Form::of(&web, &visitor)
        },
        most: web.max_page,
    })
}
