//! What became of what was submitted. Doc comments here are descriptions in the API's own.

use serde::Serialize;
use utoipa::ToSchema;

use super::intake::fault;
use super::types::Article;
use crate::web::problem::Fault;
use crate::web::submission::{Outcome, Wish};
use crate::web::view;

/// The way out.
const AGAIN: &str = "to have it as a new event all the same, send it with `again`";

/// What became of what was submitted, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Submitted {
    /// One for each.
    pub(super) articles: Vec<SubmittedArticle>,
}

/// What became of one.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SubmittedArticle {
    /// The URL as it was given; of a page that came without one its `urn:sha256:…`.
    url: String,
    /// What became of it.
    pub(super) outcome: Became,
    /// The article's id. Missing for one that was refused, or that was left out when its feed was first read.
    pub(super) id: Option<String>,
    /// Where to follow it.
    #[schema(format = "uri-reference")]
    pub(super) href: Option<String>,
    /// What is known of one that is known, unless its record is gone.
    article: Option<Article>,
    /// Why it was refused, or what is to be said.
    message: Option<String>,
    /// Each thing for which it was refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(super) errors: Vec<Fault>,
}

/// What became of a submitted article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Became {
    /// It is in the queue now.
    Queued,
    /// It was there before, and nothing was done.
    Known,
    /// It cannot be taken.
    Refused,
}

impl SubmittedArticle {
    /// What became of a wish. `base` points to it in the request.
    pub(super) fn new(wish: &Wish, outcome: Outcome, base: &str) -> Self {
        let given = |link: &str| wish.url.clone().unwrap_or_else(|| link.to_owned());
        let blank = Self {
            // Of a refused one it may hold a password.
            url: String::new(),
            outcome: Became::Refused,
            id: None,
            href: None,
            article: None,
            message: None,
            errors: Vec::new(),
        };
        let href = |id: &str| Some(format!("/api/v1/articles/{id}"));
        match outcome {
            Outcome::Queued(job) => Self {
                url: given(&job.entry.link),
                outcome: Became::Queued,
                href: href(&job.id),
                id: Some(job.id),
                ..blank
            },
            Outcome::Known { id, record: None } => Self {
                url: given(""),
                outcome: Became::Known,
                id: Some(id).filter(|id| !id.is_empty()),
                message: Some(format!("{}; {AGAIN}", view::KNOWN_WITHOUT_RECORD)),
                ..blank
            },
            Outcome::Known {
                id,
                record: Some(record),
            } => Self {
                url: given(&record.job.entry.link),
                outcome: Became::Known,
                href: href(&id),
                id: Some(id),
                message: Some(format!("known already, and {}; {AGAIN}", record.state)),
                article: Some(Article::from(record.as_ref())),
                ..blank
            },
            Outcome::Refused(flaws) => {
                let whys: Vec<&str> = flaws.iter().map(|flaw| flaw.detail.as_str()).collect();
                Self {
                    message: Some(whys.join("; ")),
                    errors: flaws.iter().map(|flaw| fault(base, flaw)).collect(),
                    ..blank
                }
            }
        }
    }
}
