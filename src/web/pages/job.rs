//! Everything known of one article.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::extracted::Extracted;
use super::fields::Fields;
use super::history::{self, Happened};
use super::home::{Row, Target};
use super::{Frame, Visitor, local, page, see};
use crate::queue::{JobRecord, JobState, QueueError};
use crate::web::api::Id;
use crate::web::auth::Caller;
use crate::web::problem::Problem;
use crate::web::submission::SOURCE;
use crate::web::view::{Time, again_address, web_link};
use crate::web::{Shared, Web};

#[derive(Template)]
#[template(path = "job.html")]
struct JobPage {
    frame: Frame,
    live: Live,
}

/// The part that is brought up to date by itself.
#[derive(Template)]
#[template(path = "job_live.html")]
struct Live {
    csrf: String,
    /// Nothing changes any more, unless by hand.
    settled: bool,
    record: JobRecord,
    row: Row,
    source_link: Option<String>,
    /// The link as it was given, when it is another.
    given: Option<String>,
    published: Option<Time>,
    due: Option<Time>,
    history: Vec<Happened>,
    receipts: Vec<Answered>,
    extracted: Option<Extracted>,
    /// Where it can be submitted again.
    again: Option<String>,
    /// What was extracted is there, but cannot be read.
    broken: bool,
}

struct Answered {
    at: Time,
    target: Target,
    event: String,
    notes: Vec<String>,
}

impl Live {
    async fn of(web: &Web, csrf: String, id: &str) -> Result<Self, Problem> {
        let record = web.queue.job(id).await?;
        let record = record.ok_or_else(Problem::no_such_article)?;
        let (name, url) = (id.to_owned(), record.job.entry.link.clone());
        let made = web
            .results
            .read(id, move |kept| Extracted::of(&name, &url, kept));
        let (extracted, broken) = match made.await {
            Ok(extracted) => (extracted, false),
            Err(error @ QueueError::Corrupt(_)) => {
                tracing::error!(%error, "what was extracted cannot be shown");
                (None, true)
            }
            Err(error) => return Err(error.into()),
        };
        let job = &record.job;
        let receipts = record.receipts.iter().map(|(name, receipt)| Answered {
            at: Time::of(receipt.at),
            target: Target::of(name, receipt),
            event: receipt.event.clone(),
            notes: receipt.notes.clone(),
        });
        let given = Some(&job.entry.link_as_given).filter(|given| **given != job.entry.link);
        let source_link = web_link(&job.source.url).filter(|_| job.source.url != SOURCE);
        Ok(Self {
            csrf,
            settled: matches!(
                record.state,
                JobState::Delivered | JobState::Skipped | JobState::Dead
            ),
            row: Row::of(&record),
            source_link: source_link.map(str::to_owned),
            given: given.cloned(),
            published: job.entry.published.map(Time::of),
            due: record.due.map(Time::of),
            history: history::of(&record),
            receipts: receipts.collect(),
            again: again_address(&job.entry.link),
            extracted,
            broken,
            record,
        })
    }
}

pub(super) async fn show(
    State(web): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Id(id): Id,
) -> Result<Response, Problem> {
    let frame = Frame::of(&web, &visitor);
    let live = Live::of(&web, frame.csrf.clone(), &id).await?;
    Ok(page(&JobPage { frame, live }))
}

/// The part that changes, alone.
pub(super) async fn live(
    State(web): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Id(id): Id,
) -> Result<Response, Problem> {
    let csrf = web.auth.form_token(&visitor.session);
    Ok(page(&Live::of(&web, csrf, &id).await?))
}

/// A form with nothing in it but where to go then.
#[derive(Deserialize)]
pub(super) struct Press {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    back: String,
}

impl Press {
    /// Who pressed, and where they go then; nobody, when another site made the form.
    fn by<'a>(&self, web: &Web, visitor: &'a Visitor) -> Result<(&'a Caller, Response), Problem> {
        web.auth.check_form(&visitor.session, &self.csrf)?;
        let caller = visitor.caller.as_ref().unwrap_or(&Caller::Open);
        Ok((caller, see(local(&self.back))))
    }
}

pub(super) async fn retry(
    State(web): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Id(id): Id,
    Fields(press): Fields<Press>,
) -> Result<Response, Problem> {
    let (caller, then) = press.by(&web, &visitor)?;
    web.retry(&id, caller).await?;
    Ok(then)
}

pub(super) async fn remove(
    State(web): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Id(id): Id,
    Fields(press): Fields<Press>,
) -> Result<Response, Problem> {
    let (caller, then) = press.by(&web, &visitor)?;
    web.remove(&id, caller).await?;
    Ok(then)
}
