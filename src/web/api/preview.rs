//! `/api/v1/preview`

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Body, Object};
use super::intake::{self, PageFile, present};
use super::types::Trouble;
use crate::web::Shared;
use crate::web::preview::Preview;
use crate::web::problem::Problem;
use crate::web::submission::reference;
use crate::web::view::{self, Found};

/// Longest report given, in bytes.
const MAX_REPORT: usize = 256 * 1024;

/// What to look at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewRequest {
    /// The page's URL, without user name and password. It may be defanged.
    #[serde(default, deserialize_with = "present")]
    #[schema(
        value_type = String,
        min_length = 8,
        max_length = 8192,
        pattern = r"^[Hh][Tt][Tt][Pp][Ss]?://(([A-Za-z0-9_-]{1,30}\.){0,4}[A-Za-z][A-Za-z0-9_-]{0,20}|((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9]))(:[0-9]{1,4}|:[1-5][0-9]{4})?([/?#][^\s\x00-\x1f\x7f-\x9f]{0,600})?$",
        example = "https://blog.example/2026/loader"
    )]
    url: Option<String>,
    /// The page as HTML. Then nothing is downloaded, and the URL is only the reference.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String)]
    html: Option<String>,
    /// The page as plain text or Markdown.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String)]
    text: Option<String>,
    /// The page as a file.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = PageFile)]
    file: Option<Object<PageFile>>,
}

/// What would be taken from a page; or why nothing would.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PreviewAnswer {
    /// The page's canonical URL; of one that came without its `urn:sha256:…`.
    url: String,
    /// What the page holds, if it could be read.
    page: Option<PageRead>,
    /// Why it could not.
    failure: Option<Trouble>,
}

/// What a page holds.
#[derive(Debug, Serialize, ToSchema)]
struct PageRead {
    /// Where it was found in the end.
    found_at: String,
    /// Its title; empty when it has none.
    title: String,
    /// As it names its author.
    author: Option<String>,
    /// By its own metadata.
    published: Option<DateTime<Utc>>,
    /// BCP 47 tag as it declares it.
    language: Option<String>,
    /// What would become attributes, and what would not; null when Gleaner is not configured to extract.
    indicators: Option<Vec<Found>>,
    /// The report, in Markdown.
    report: String,
}

impl From<Preview> for PageRead {
    fn from(preview: Preview) -> Self {
        let indicators = preview.indicators.as_deref();
        let indicators = indicators.map(|found| view::found(found, &preview.article.blocks));
        let article = preview.article;
        Self {
            report: article.markdown(MAX_REPORT),
            found_at: crate::http::shown(&article.url),
            title: article.title,
            author: article.author,
            published: article.published,
            language: article.language,
            indicators,
        }
    }
}

/// Look at a page.
///
/// Shows what would be taken from it. It is downloaded, unless it is sent along, and read, under the same rules as
/// articles are; nothing is queued or kept.
#[utoipa::path(
    post, path = "/api/v1/preview", tag = "preview", operation_id = "preview", request_body = PreviewRequest,
    responses(
        (status = 200, description = "What would be taken, or why the page cannot be read.", body = PreviewAnswer),
        (status = 422, description = "Nothing that can be looked at.", body = crate::web::problem::Details,
            content_type = "application/problem+json"),
    ),
)]
pub(super) async fn preview(
    State(web): State<Shared>,
    Body(Object(request), _held): Body<Object<PreviewRequest>>,
) -> Result<Json<PreviewAnswer>, Problem> {
    let previewer = web.previewer()?;
    let page = intake::page(request.html, request.text, request.file);
    let asked = reference(request.url.as_deref(), page.as_ref(), web.max_page);
    let asked = asked.map_err(|flaws| {
        let faults = flaws.iter().map(|flaw| intake::fault("", flaw)).collect();
        Problem::invalid("this cannot be looked at", faults)
    })?;
    let (page, failure) = match previewer.preview(&asked.canonical, asked.body).await? {
        Ok(preview) => (Some(PageRead::from(preview)), None),
        Err(failure) => (None, Some(Trouble::from(&failure))),
    };
    Ok(Json(PreviewAnswer {
        url: asked.canonical.into(),
        page,
        failure,
    }))
}
