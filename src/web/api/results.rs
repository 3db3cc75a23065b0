//! `/api/v1/articles/{id}/result`

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::Id;
use crate::web::Shared;
use crate::web::problem::Problem;
use crate::web::view::Found;
use crate::worker::result::{self, Extracted};

/// What was made of an article.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ArticleResult)]
pub(super) struct Made {
    /// The article's own title.
    title: String,
    /// Where it was found.
    url: String,
    /// What stands in it and what the judge says of each, in order of appearance, what it dropped included.
    indicators: Vec<Found>,
    /// The tags that it earned.
    tags: Vec<Earned>,
    /// The report, in Markdown. It comes from strangers: render it without raw HTML.
    report: String,
    /// The values that references to attributes and objects in the report (`@[attribute](uuid)`) stand for, by UUID.
    references: BTreeMap<String, String>,
    /// What people should know of it, a sentence each.
    notes: Vec<String>,
    /// Whether something was left out or cut for its size.
    cut: bool,
}

/// A tag, and why.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EarnedTag)]
struct Earned {
    /// As it stands on the event.
    #[schema(example = "misp-galaxy:threat-actor=\"APT28\"")]
    tag: String,
    /// What it speaks of.
    #[schema(example = "actor")]
    topic: String,
    /// `subject` or `mention`.
    #[schema(example = "subject")]
    standing: String,
    /// Why.
    reason: String,
    /// The sentence that earned it.
    sentence: String,
}

impl From<Extracted> for Made {
    fn from(kept: Extracted) -> Self {
        Self {
            title: kept.title,
            url: kept.url,
            indicators: kept.indicators.into_iter().map(Found::from).collect(),
            tags: kept.tags.into_iter().map(Earned::from).collect(),
            report: kept.report,
            references: kept.references,
            notes: kept.notes,
            cut: kept.cut,
        }
    }
}

impl From<result::FoundTag> for Earned {
    fn from(found: result::FoundTag) -> Self {
        Self {
            tag: found.tag,
            topic: found.topic,
            standing: found.standing,
            reason: found.reason,
            sentence: found.sentence,
        }
    }
}

/// Show what was made of an article.
///
/// Indicators and tags with the sentences they stand in, and the report. It is there once the article is delivered, and
/// kept as long as its record; not of articles that the MISP server reads (`misp.fetch`).
#[utoipa::path(
    get, path = "/api/v1/articles/{id}/result", tag = "articles", operation_id = "showResult",
    params(("id" = String, Path, description = "The article's id.", pattern = "^[0-9a-f]{32}$")),
    responses(
        (status = 200, description = "What was made of it.", body = Made),
        (status = 404, description = "There is no article of this id, or nothing is kept of what was made of it.",
            body = crate::web::problem::Details, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show(State(web): State<Shared>, Id(id): Id) -> Result<Response, Problem> {
    // It may be large.
    let written = |kept| serde_json::to_vec(&Made::from(kept));
    let json = web.results.read(&id, written).await?;
    if let Some(json) = json {
        let json = json.map_err(|error| {
            tracing::error!(%error, "a result cannot be written as JSON");
            Problem::internal()
        })?;
        return Ok(([(CONTENT_TYPE, "application/json")], json).into_response());
    }
    let record = web.queue.job(&id).await?;
    let record = record.ok_or_else(Problem::no_such_article)?;
    Err(Problem::new(
        StatusCode::NOT_FOUND,
        format!(
            "nothing is kept of what was made of this article; it is {}",
            record.state
        ),
    ))
}
