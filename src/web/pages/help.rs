//! What this is, and the bookmarklet.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::{Frame, Visitor, page};
use crate::web::Shared;
use crate::web::client::Client;

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    frame: Frame,
    /// Where people reach this site.
    base: String,
    bookmarklet: String,
}

pub(super) async fn show(
    State(web): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
) -> Response {
    let base = web.clients.base(&client, &headers);
    page(&HelpPage {
        frame: Frame::of(&web, &visitor),
        bookmarklet: bookmarklet(&base),
        base,
    })
}

/// Opens the form with the address and title of the page one looks at. A page's own policy may keep scripts from
/// talking to others, but not the reader from opening a tab.
fn bookmarklet(base: &str) -> String {
    format!(
        "javascript:void(open('{base}/?url='+encodeURIComponent(location.href)+'&title='+encodeURIComponent(document.title),'_blank','noopener'))"
    )
}
