//! The first page: the form, the numbers, and the articles.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::chart::Chart;
use super::fields::Fields;
use super::form::Form;
use super::{Frame, Visitor, html, page};
use crate::destinations::Receipt;
use crate::queue::{Counts, JobRecord, JobState};
use crate::web::api::MAX_PAGE;
use crate::web::problem::Problem;
use crate::web::submission::MAX_TITLE;
use crate::web::view::{self, Time, web_link};
use crate::web::{Shared, Web};

/// Articles on a page.
const PER_PAGE: usize = 25;

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    frame: Frame,
    form: Form,
    live: Live,
}

/// The part that is brought up to date by itself.
#[derive(Template)]
#[template(path = "live.html")]
struct Live {
    csrf: String,
    counts: Counts,
    oldest: Option<String>,
    chart: Chart,
    /// Word, and whether it is shown.
    states: Vec<(&'static str, bool)>,
    all: bool,
    rows: Vec<Row>,
    /// Where this part is.
    address: String,
    /// Where the page is that shows it.
    here: String,
    /// How many articles there are in all.
    total: u64,
    /// Which page this is, and of how many.
    number: usize,
    pages: u64,
    newer: Option<String>,
    older: Option<String>,
}

/// One article in the list.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) title: String,
    /// Its URL.
    pub(super) url: String,
    pub(super) link: Option<String>,
    pub(super) state: &'static str,
    pub(super) source: String,
    pub(super) created: Time,
    pub(super) updated: Time,
    pub(super) attempts: u32,
    pub(super) reason: String,
    pub(super) targets: Vec<Target>,
    pub(super) dead: bool,
}

/// What a destination did, and where that can be looked at.
pub(super) struct Target {
    pub(super) name: String,
    pub(super) did: &'static str,
    pub(super) link: Option<String>,
    /// Where it is, when that is no link.
    pub(super) place: Option<String>,
}

impl Target {
    pub(super) fn of(name: &str, receipt: &Receipt) -> Self {
        let location = receipt.location.as_deref();
        let link = location.and_then(web_link).map(str::to_owned);
        Self {
            name: name.to_owned(),
            did: view::delivery_in_words(receipt.delivery),
            place: location.filter(|_| link.is_none()).map(str::to_owned),
            link,
        }
    }
}

impl Row {
    pub(super) fn of(record: &JobRecord) -> Self {
        let job = &record.job;
        let receipts = record.receipts.iter();
        Self {
            id: job.id.clone(),
            title: view::title(record).to_owned(),
            url: job.entry.link.clone(),
            link: web_link(&job.entry.link).map(str::to_owned),
            state: record.state.as_str(),
            source: job.source.title.clone(),
            created: Time::of(job.created),
            updated: Time::of(record.updated),
            attempts: record.attempts,
            reason: view::reason(record),
            targets: receipts.map(|(name, one)| Target::of(name, one)).collect(),
            dead: record.state == JobState::Dead,
        }
    }
}

/// What the query asks for. What it cannot mean is left out: such a link was mistyped.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    state: String,
    #[serde(default)]
    page: String,
    /// For the form: what the bookmarklet sends.
    #[serde(default)]
    url: String,
    #[serde(default)]
    title: String,
    /// For the form: what known articles offer.
    #[serde(default)]
    again: String,
}

impl Live {
    async fn of(web: &Web, csrf: String, asked: &Asked) -> Result<Self, Problem> {
        let state = JobState::from_word(&asked.state);
        let number = asked.page.parse().unwrap_or(1).clamp(1, MAX_PAGE);
        let counts = web.overview.counts().await?;
        let chart = Chart::of(&web.overview.hours().await?);
        let listing = web.page(state, number, PER_PAGE).await?;
        let pages = listing.total.div_ceil(PER_PAGE as u64).max(1);
        let more = (number as u64) < pages;
        let address = |path: &str, number: usize| {
            let word = state.map_or("", JobState::as_str);
            format!("{path}?state={word}&page={number}")
        };
        let all_states = JobState::ALL.into_iter();
        Ok(Self {
            csrf,
            oldest: counts.oldest_seconds.map(view::span),
            counts,
            chart,
            states: all_states
                .map(|one| (one.as_str(), state == Some(one)))
                .collect(),
            all: state.is_none(),
            rows: listing.records.iter().map(Row::of).collect(),
            address: address("/live", number),
            here: address("/", number),
            total: listing.total,
            number,
            pages,
            newer: (number > 1).then(|| address("/", number - 1)),
            older: (more && number < MAX_PAGE).then(|| address("/", number + 1)),
        })
    }
}

pub(super) async fn show(
    State(web): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Fields(asked): Fields<Asked>,
) -> Result<Response, Problem> {
    let frame = Frame::of(&web, &visitor);
    let live = Live::of(&web, frame.csrf.clone(), &asked).await?;
    let form = Form {
        urls: asked.url,
        title: crate::plain::short(&asked.title, MAX_TITLE),
        again: !asked.again.is_empty(),
        ..Form::of(&web, &visitor)
    };
    Ok(page(&HomePage { frame, form, live }))
}

/// The part that changes, alone.
pub(super) async fn live(
    State(web): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Fields(asked): Fields<Asked>,
) -> Result<Response, Problem> {
    let csrf = web.auth.form_token(&visitor.session);
    Ok(page(&Live::of(&web, csrf, &asked).await?))
}

/// The page with this form.
pub(super) async fn page_with(
    web: &Web,
    visitor: &Visitor,
    status: StatusCode,
    form: Form,
) -> Result<Response, Problem> {
    let frame = Frame::of(web, visitor);
    let live = Live::of(web, frame.csrf.clone(), &Asked::default()).await?;
    Ok(html(status, &HomePage { frame, form, live }))
}
