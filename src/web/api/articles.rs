//! `/api/v1/articles`

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};

use super::answer::{Became, Submitted, SubmittedArticle};
use super::extract::{Body, Id, Parameters};
use super::intake::{Submission, SubmissionBody};
use super::types::{Article, Listed, Listing, MAX_PAGE, MAX_PER_PAGE};
use crate::queue;
use crate::web::Shared;
use crate::web::auth::Caller;
use crate::web::client::Client;
use crate::web::problem::{Fault, Problem};
use crate::web::submission::{Submitter, submit as publish};

/// List articles.
///
/// From feeds and submitted ones, the last changed first.
#[utoipa::path(
    get, path = "/api/v1/articles", tag = "articles", operation_id = "listArticles", params(Listing),
    responses((status = 200, description = "A page of articles.", body = Listed)),
)]
pub(super) async fn list(
    State(web): State<Shared>,
    Parameters(asked): Parameters<Listing>,
) -> Result<Json<Listed>, Problem> {
    let Listing {
        state,
        page,
        per_page,
    } = asked;
    for (name, value, most) in [
        ("page", page, MAX_PAGE),
        ("per_page", per_page, MAX_PER_PAGE),
    ] {
        if !(1..=most).contains(&value) {
            return Err(Problem::bad_request(format!(
                "`{name}` must be between 1 and {most}, not {value}"
            )));
        }
    }
    let queue::Listing { records, total } = web.page(state.map(Into::into), page, per_page).await?;
    let before = page.saturating_mul(per_page);
    let more = u64::try_from(before).is_ok_and(|before| before < total);
    Ok(Json(Listed {
        total,
        articles: records.iter().map(Article::from).collect(),
        page,
        per_page,
        more,
    }))
}

/// Submit articles.
///
/// Each is queued, or found to be known already (then nothing is done, unless `again` is set), or refused. Those that can
/// be taken are taken, whatever becomes of the others.
#[utoipa::path(
    post, path = "/api/v1/articles", tag = "articles", operation_id = "submitArticles",
    request_body(content = SubmissionBody, description = "One article, or several."),
    responses(
        (status = 202, description = "At least one is queued now.", body = Submitted,
            headers(("Location" = String, description = "Where to follow it, if it is one."))),
        (status = 200, description = "None is new; at least one was known before.", body = Submitted),
        (status = 422, description = "None can be taken.", body = crate::web::problem::Details,
            content_type = "application/problem+json"),
    ),
)]
pub(super) async fn submit(
    State(web): State<Shared>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    Body(submission, _held): Body<Submission>,
) -> Result<Response, Problem> {
    let Submission { wishes, single } = submission;
    check_number(wishes.len(), web.max_urls)?;
    let by = Submitter::new(&web, &client, caller.name());
    let outcomes = publish(web.queue.as_ref(), &wishes, by).await?;
    web.overview.forget().await;
    let answers = wishes.iter().zip(outcomes).enumerate();
    let articles = answers.map(|(number, (wish, outcome))| {
        let base = if single {
            String::new()
        } else {
            format!("/articles/{number}")
        };
        SubmittedArticle::new(wish, outcome, &base)
    });
    answer(articles.collect())
}

fn check_number(number: usize, most: usize) -> Result<(), Problem> {
    if (1..=most).contains(&number) {
        return Ok(());
    }
    let fault = Fault {
        at: "/articles".into(),
        detail: format!("there are {number} articles; send 1 to {most}"),
    };
    Err(Problem::invalid("nothing was taken", vec![fault]))
}

fn answer(articles: Vec<SubmittedArticle>) -> Result<Response, Problem> {
    let any = |outcome| articles.iter().any(|article| article.outcome == outcome);
    let status = if any(Became::Queued) {
        StatusCode::ACCEPTED
    } else if any(Became::Known) {
        StatusCode::OK
    } else {
        let faults = articles.into_iter().flat_map(|article| article.errors);
        return Err(Problem::invalid("nothing was taken", faults.collect()));
    };
    let only = match articles.as_slice() {
        [only] => only.href.clone(),
        _ => None,
    };
    let mut response = (status, Json(Submitted { articles })).into_response();
    if let Some(href) = only.and_then(|href| href.parse().ok()) {
        response.headers_mut().insert(LOCATION, href);
    }
    Ok(response)
}

/// Show an article.
///
/// With its history, and what the destinations answered.
#[utoipa::path(
    get, path = "/api/v1/articles/{id}", tag = "articles", operation_id = "showArticle",
    params(("id" = String, Path, description = "The article's id.", pattern = "^[0-9a-f]{32}$")),
    responses((status = 200, description = "The article.", body = Article)),
)]
pub(super) async fn show(State(web): State<Shared>, Id(id): Id) -> Result<Json<Article>, Problem> {
    let record = web.queue.job(&id).await?;
    let record = record.ok_or_else(Problem::no_such_article)?;
    Ok(Json(Article::from(&record)))
}

/// Bring a dead article back.
///
/// Its attempts are counted anew.
#[utoipa::path(
    post, path = "/api/v1/articles/{id}/retry", tag = "articles", operation_id = "retryArticle",
    params(("id" = String, Path, description = "The article's id.", pattern = "^[0-9a-f]{32}$")),
    responses(
        (status = 202, description = "It is queued again.", body = Article,
            headers(("Location" = String, description = "Where to follow it."))),
        (status = 409, description = "It is not dead.", body = crate::web::problem::Details,
            content_type = "application/problem+json"),
    ),
)]
pub(super) async fn retry(
    State(web): State<Shared>,
    Extension(caller): Extension<Caller>,
    Id(id): Id,
) -> Result<Response, Problem> {
    web.retry(&id, &caller).await?;
    let record = web.queue.job(&id).await?;
    let record = record.ok_or_else(Problem::no_such_article)?;
    let location = [(LOCATION, format!("/api/v1/articles/{id}"))];
    Ok((StatusCode::ACCEPTED, location, Json(Article::from(&record))).into_response())
}

/// Remove a dead article for good.
///
/// It does not come back from its feed.
#[utoipa::path(
    delete, path = "/api/v1/articles/{id}", tag = "articles", operation_id = "removeArticle",
    params(("id" = String, Path, description = "The article's id.", pattern = "^[0-9a-f]{32}$")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 409, description = "It is not dead.", body = crate::web::problem::Details,
            content_type = "application/problem+json"),
    ),
)]
pub(super) async fn remove(
    State(web): State<Shared>,
    Extension(caller): Extension<Caller>,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    web.remove(&id, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
