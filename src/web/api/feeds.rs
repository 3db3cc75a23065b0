//! `/api/v1/feeds`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::web::Shared;
use crate::web::feeds::Feed;
use crate::web::problem::Problem;

/// The feeds.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FeedsAnswer {
    /// In the order of the feed list.
    feeds: Vec<Feed>,
}

/// List the feeds.
///
/// With their last poll, and what went wrong.
#[utoipa::path(
    get, path = "/api/v1/feeds", tag = "feeds", operation_id = "listFeeds",
    responses((status = 200, description = "The feeds.", body = FeedsAnswer)),
)]
pub(super) async fn list(State(web): State<Shared>) -> Result<Json<FeedsAnswer>, Problem> {
    let feeds = web.feeds.all().await?.to_vec();
    Ok(Json(FeedsAnswer { feeds }))
}
