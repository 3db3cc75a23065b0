//! Everything known of one article.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::fields::Fields;
use super::home::{Row, Target};
use super::{Frame, Visitor, local, page, see};
use crate::queue::{self, JobRecord};
use crate::web::Shared;
use crate::web::api::Id;
use crate::web::auth::Caller;
use crate::web::problem::Problem;
use crate::web::submission::SOURCE;
use crate::web::view::{Time, web_link};

#[derive(Template)]
#[template(path = "job.html")]
struct JobPage<'a> {
    frame: Frame,
    record: &'a JobRecord,
    row: Row,
    source_link: Option<&'a str>,
    /// The link as it was given, when it is another.
    given: Option<&'a str>,
    published: Option<Time>,
    due: Option<Time>,
    history: Vec<Failed<'a>>,
    receipts: Vec<Answered<'a>>,
}

struct Failed<'a> {
    at: Time,
    attempt: &'a queue::Attempt,
}

struct Answered<'a> {
    at: Time,
    target: Target,
    event: &'a str,
    notes: &'a [String],
}

impl<'a> JobPage<'a> {
    fn of(frame: Frame, record: &'a JobRecord) -> Self {
        let job = &record.job;
        let given = job.entry.link_as_given.as_str();
        let history = record.history.iter().map(|attempt| Failed {
            at: Time::of(attempt.at),
            attempt,
        });
        let receipts = record.receipts.iter().map(|(name, receipt)| Answered {
            at: Time::of(receipt.at),
            target: Target::of(name, receipt),
            event: &receipt.event,
            notes: &receipt.notes,
        });
        Self {
            frame,
            row: Row::of(record),
            source_link: web_link(&job.source.url).filter(|_| job.source.url != SOURCE),
            given: Some(given).filter(|given| *given != job.entry.link),
            published: job.entry.published.map(Time::of),
            due: record.due.map(Time::of),
            history: history.collect(),
            receipts: receipts.collect(),
            record,
        }
    }
}

pub(super) async fn show(
    State(web): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Id(id): Id,
) -> Result<Response, Problem> {
    let record = web.queue.job(&id).await?;
    let record = record.ok_or_else(Problem::no_such_article)?;
    Ok(page(&JobPage::of(Frame::of(&web, &visitor), &record)))
}

/// A form with nothing in it but where to go then.
#[derive(Deserialize)]
pub(super) struct Press {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    back: String,
}

pub(super) async fn retry(
    State(web): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Id(id): Id,
    Fields(press): Fields<Press>,
) -> Result<Response, Problem> {
    web.auth.check_form(&visitor.session, &press.csrf)?;
    web.retry(&id, caller(&visitor)).await?;
    Ok(see(local(&press.back)))
}

pub(super) async fn remove(
    State(web): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Id(id): Id,
    Fields(press): Fields<Press>,
) -> Result<Response, Problem> {
    web.auth.check_form(&visitor.session, &press.csrf)?;
    web.remove(&id, caller(&visitor)).await?;
    Ok(see(local(&press.back)))
}

fn caller(visitor: &Visitor) -> &Caller {
    visitor.caller.as_ref().unwrap_or(&Caller::Open)
}
