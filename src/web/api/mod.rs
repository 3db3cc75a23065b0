//! `/api/v1`: what the pages can do, for programs. Its description (OpenAPI) is made from the handlers.

mod answer;
mod articles;
mod document;
mod extract;
mod feeds;
mod intake;
mod preview;
mod results;
mod schemas;
mod types;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) use self::extract::Id;
pub(super) use self::types::MAX_PAGE;
use super::client::Client;
use super::problem::Problem;
use super::{Shared, Web};
use std::sync::Arc;

/// Where the description is.
const DOCUMENT: &str = "/api/v1/openapi.json";

/// What there is, by how long it may take.
pub(super) struct Routes {
    pub(super) quick: Router<Shared>,
    /// What downloads something.
    pub(super) slow: Router<Shared>,
}

/// The operations, which ask who calls, and their description, which does not.
pub(super) fn routes(web: &Shared) -> (Routes, Router<Shared>) {
    let (quick, mut described) = OpenApiRouter::new()
        .routes(routes!(articles::list, articles::submit))
        .routes(routes!(articles::show, articles::remove))
        .routes(routes!(articles::retry))
        .routes(routes!(results::show))
        .routes(routes!(feeds::list))
        .split_for_parts();
    let (slow, more) = OpenApiRouter::new()
        .routes(routes!(preview::preview))
        .split_for_parts();
    described.merge(more);
    let text: Arc<str> = document::finish(described, web).into();
    let document = Router::new().route(
        DOCUMENT,
        get(async move || ([(CONTENT_TYPE, "application/json")], text.to_string())),
    );
    let ask = || from_fn_with_state(Arc::clone(web), who);
    let routes = Routes {
        quick: quick.layer(ask()),
        slow: slow.layer(ask()),
    };
    (routes, document)
}

/// Lets those in who may call, and says who they are.
async fn who(State(web): State<Shared>, mut request: Request, next: Next) -> Response {
    let caller = caller(&web, &request);
    match caller {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

fn caller(web: &Web, request: &Request) -> Result<super::auth::Caller, Problem> {
    let client = request.extensions().get::<Client>();
    let client = client.ok_or_else(Problem::internal)?;
    web.auth.caller(client, request.headers())
}
