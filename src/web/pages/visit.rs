//! Who looks at a page: every browser has a session, which tells whose it is and signs its forms.

use axum::extract::{Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{encoded, see, with_cookie};
use crate::web::Shared;
use crate::web::auth::{Caller, Session};
use crate::web::client::Client;
use crate::web::problem::Problem;

/// How the addresses of parts end that the script asks for. It must not be sent to the login page, which it would show
/// in place of the part.
const LIVE: &str = "/live";

/// The one who looks at a page.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    pub(super) session: Session,
    /// `None`: has yet to log in.
    pub(super) caller: Option<Caller>,
}

/// Finds or begins the session, and says whose it is.
pub(super) async fn greet(State(web): State<Shared>, mut request: Request, next: Next) -> Response {
    let Some(client) = request.extensions().get::<Client>().cloned() else {
        return Problem::internal().into_response();
    };
    let known = web.auth.session(&client, request.headers());
    let is_new = known.is_none();
    let session = known.unwrap_or_else(|| web.auth.new_session(None));
    let visitor = Visitor {
        caller: web.auth.visitor(&client, &session),
        session: session.clone(),
    };
    request.extensions_mut().insert(visitor);
    let response = next.run(request).await;
    if is_new && !sets_cookie(response.headers()) {
        return with_cookie(response, &web.auth.set_cookie(&session, &client));
    }
    response
}

fn sets_cookie(headers: &HeaderMap) -> bool {
    headers.contains_key(SET_COOKIE)
}

/// Lets in those who are known; the others may log in first.
pub(super) async fn let_in(request: Request, next: Next) -> Response {
    let visitor = request.extensions().get::<Visitor>();
    if visitor.is_some_and(|visitor| visitor.caller.is_some()) {
        return next.run(request).await;
    }
    if request.method() != Method::GET || request.uri().path().ends_with(LIVE) {
        return Problem::unauthorized("log in first").into_response();
    }
    let wanted = request.uri().path_and_query();
    let wanted = wanted.map_or("/", |wanted| wanted.as_str());
    match wanted {
        "/" => see("/login"),
        wanted => see(&format!("/login?next={}", encoded(wanted))),
    }
}
