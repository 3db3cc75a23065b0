//! What this is, and the bookmarklet.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::{Frame, RECEIVE, Visitor, page};
use crate::web::Shared;
use crate::web::client::Client;

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    frame: Frame,
    /// Where people reach this site.
    base: String,
    bookmarklet: String,
    /// The one that takes the page along.
    with_page: String,
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
        with_page: with_page(&base),
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

/// Opens the form, and hands the page over as it is shown when the form asks for it. Only the window that was opened, and
/// only while it shows this site, is answered. No rule of the page's own keeps a window from being opened or a message from
/// being sent, as one would keep a form or a request from being (`form-action`, `connect-src`).
fn with_page(base: &str) -> String {
    format!(
        "javascript:void((w=>{{if(w)addEventListener('message',function f(e){{if(e.source===w&&e.origin==='{base}'&&e.data==='gleaner:ready'){{removeEventListener('message',f);w.postMessage({{gleanerPage:document.documentElement.outerHTML}},'{base}')}}}})}})(open('{base}{RECEIVE}?url='+encodeURIComponent(location.href)+'&title='+encodeURIComponent(document.title),'_blank')))"
    )
}
