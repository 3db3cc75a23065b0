//! The first page: the form, the numbers, and the articles.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::chart::Chart;
use super::fields::Fields;
use super::{Frame, Visitor, html, page, see};
use crate::destinations::Receipt;
use crate::queue::{Counts, JobRecord, JobState};
use crate::web::api::MAX_PAGE;
use crate::web::auth::Caller;
use crate::web::client::Client;
use crate::web::problem::Problem;
use crate::web::submission::{self, MAX_TITLE, Outcome, SOURCE, Wish};
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

/// The form, maybe filled in, and what became of what was sent.
#[derive(Default)]
struct Form {
    urls: String,
    title: String,
    notices: Vec<Notice>,
}

impl Form {
    const MAX_TITLE: usize = MAX_TITLE;
    const SOURCE: &'static str = SOURCE;
}

/// What became of one line.
struct Notice {
    kind: &'static str,
    text: String,
    /// Address and text of a link.
    link: Option<(String, String)>,
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
}

impl Live {
    async fn of(web: &Web, csrf: String, asked: &Asked) -> Result<Self, Problem> {
        let state = JobState::from_word(&asked.state);
        let number = asked.page.parse().unwrap_or(1).clamp(1, MAX_PAGE);
        let counts = web.overview.counts().await?;
        let chart = Chart::of(&web.overview.hours().await?);
        let (records, more) = web.page(state, number, PER_PAGE).await?;
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
            rows: records.iter().map(Row::of).collect(),
            address: address("/live", number),
            here: address("/", number),
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
        notices: Vec::new(),
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

#[derive(Deserialize)]
pub(super) struct Submission {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    urls: String,
    #[serde(default)]
    title: String,
}

/// Takes what can be taken, says what became of each line, and leaves the bad ones in the form.
pub(super) async fn submit(
    State(web): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Extension(client): Extension<Client>,
    Fields(sent): Fields<Submission>,
) -> Result<Response, Problem> {
    web.auth.check_form(&visitor.session, &sent.csrf)?;
    let wishes = wishes(&sent, web.max_urls)?;
    let user = visitor.caller.as_ref().and_then(Caller::name);
    let outcomes = submission::submit(web.queue.as_ref(), &wishes, &client, user).await?;
    web.overview.forget().await;
    if let [Outcome::Queued(job)] = outcomes.as_slice() {
        return Ok(see(&format!("/jobs/{}", job.id)));
    }
    let bad = |outcome: &Outcome| matches!(outcome, Outcome::Refused(_));
    let left: Vec<&str> = wishes
        .iter()
        .zip(&outcomes)
        .filter(|(_, outcome)| bad(outcome))
        .map(|(wish, _)| wish.url.as_str())
        .collect();
    let status = if outcomes.iter().all(bad) {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let form = Form {
        title: if left.is_empty() {
            String::new()
        } else {
            sent.title
        },
        urls: left.join("\n"),
        notices: wishes.iter().zip(&outcomes).map(notice).collect(),
    };
    let frame = Frame::of(&web, &visitor);
    let live = Live::of(&web, frame.csrf.clone(), &Asked::default()).await?;
    Ok(html(status, &HomePage { frame, form, live }))
}

/// One for each line. A title is of one article.
fn wishes(sent: &Submission, most: usize) -> Result<Vec<Wish>, Problem> {
    let lines = sent.urls.lines().map(str::trim);
    let urls: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    if urls.len() > most {
        let detail = format!("there are {} URLs; send at most {most} at once", urls.len());
        return Err(Problem::invalid(detail, Vec::new()));
    }
    if let [url] = urls.as_slice() {
        return Ok(vec![Wish {
            url: (*url).to_owned(),
            title: sent.title.clone(),
        }]);
    }
    if urls.is_empty() {
        return Ok(vec![Wish::default()]);
    }
    if !sent.title.trim().is_empty() {
        let detail = "a title is for one article; take it out, or send the URLs one by one";
        return Err(Problem::invalid(detail, Vec::new()));
    }
    let wish = |url: &&str| Wish {
        url: (*url).to_owned(),
        title: String::new(),
    };
    Ok(urls.iter().map(wish).collect())
}

fn notice((wish, outcome): (&Wish, &Outcome)) -> Notice {
    match outcome {
        Outcome::Queued(job) => Notice {
            kind: "good",
            text: "Queued: ".into(),
            link: Some((format!("/jobs/{}", job.id), job.entry.link.clone())),
        },
        Outcome::Known {
            id,
            record: Some(record),
        } => Notice {
            kind: "known",
            text: format!("Known already, and {}: ", record.state),
            link: Some((format!("/jobs/{id}"), view::title(record).to_owned())),
        },
        Outcome::Known { record: None, .. } => Notice {
            kind: "known",
            text: format!("{}: {}", wish.url, view::KNOWN_WITHOUT_RECORD),
            link: None,
        },
        Outcome::Refused(why) => Notice {
            kind: "bad",
            text: format!("Not taken: {why}"),
            link: None,
        },
    }
}
