//! What goes over the wire. Doc comments here are descriptions there.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::destinations::Receipt;
use crate::failure::Failure;
use crate::queue::{self, JobRecord, JobState};
use crate::web::view;

/// Where an article stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    /// Ready for a worker.
    Waiting,
    /// Held by a worker.
    Running,
    /// Waiting for its next attempt, or its turn at a host.
    Later,
    /// Every destination has it.
    Delivered,
    /// A rule said it is not wanted, or an analyst had deleted it.
    Skipped,
    /// Given up, with the reason.
    Dead,
}

impl From<JobState> for State {
    fn from(state: JobState) -> Self {
        match state {
            JobState::Waiting => Self::Waiting,
            JobState::Running => Self::Running,
            JobState::Later => Self::Later,
            JobState::Delivered => Self::Delivered,
            JobState::Skipped => Self::Skipped,
            JobState::Dead => Self::Dead,
        }
    }
}

impl From<State> for JobState {
    fn from(state: State) -> Self {
        match state {
            State::Waiting => Self::Waiting,
            State::Running => Self::Running,
            State::Later => Self::Later,
            State::Delivered => Self::Delivered,
            State::Skipped => Self::Skipped,
            State::Dead => Self::Dead,
        }
    }
}

/// An article on its way.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Article {
    /// Its id.
    #[schema(
        pattern = "^[0-9a-f]{32}$",
        example = "019aa6bd4f0c7e31a0f5c9d2b4e6f801"
    )]
    id: String,
    /// Its canonical URL: its identity.
    #[schema(example = "https://blog.example/2026/loader")]
    url: String,
    /// The URL as it was given.
    url_as_given: String,
    /// Empty until somebody named it: its feed, who submitted it, or, once it is delivered, the article itself.
    title: String,
    /// Where it stands.
    state: State,
    /// Where it came from.
    source: Source,
    /// When it was queued.
    created: DateTime<Utc>,
    /// When its state last changed.
    updated: DateTime<Utc>,
    /// When its next attempt is due.
    due: Option<DateTime<Utc>>,
    /// When it was published, by its feed.
    published: Option<DateTime<Utc>>,
    /// Attempts begun so far.
    attempts: u32,
    /// Why it is dead or was skipped, or what went wrong last, in words.
    reason: Option<String>,
    /// Failed attempts, oldest first (the last 20).
    history: Vec<FailedAttempt>,
    /// What the destinations answered.
    receipts: Vec<Answer>,
}

/// Where an article came from.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Source)]
struct Source {
    /// The feed's title, or `Manual`.
    title: String,
    /// The feed's URL, or `Manual`.
    url: String,
}

/// A failed attempt.
#[derive(Debug, Serialize, ToSchema)]
struct FailedAttempt {
    /// When it failed.
    at: DateTime<Utc>,
    /// Which attempt it was, from 1.
    attempt: u32,
    /// Why.
    failure: Trouble,
}

/// Why something did not work.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Trouble {
    /// One of a closed list.
    #[schema(example = "not-found")]
    reason: String,
    /// The same in words.
    #[schema(example = "the page is not there (404)")]
    explanation: String,
    /// What happened in this case.
    message: String,
}

impl From<&Failure> for Trouble {
    fn from(failure: &Failure) -> Self {
        Self {
            reason: failure.reason.to_string(),
            explanation: failure.reason.in_words().to_owned(),
            message: failure.message.clone(),
        }
    }
}

/// What a destination answered.
#[derive(Debug, Serialize, ToSchema)]
struct Answer {
    /// Its name in the configuration.
    #[schema(example = "misp")]
    destination: String,
    /// What it did.
    #[schema(example = "created")]
    delivery: String,
    /// UUID of the event.
    event: String,
    /// Where a person can look at it: URL of the event, or path of its file.
    location: Option<String>,
    /// What was not kept or done.
    notes: Vec<String>,
    /// When.
    at: DateTime<Utc>,
}

impl Answer {
    fn of(destination: &str, receipt: &Receipt) -> Self {
        Self {
            destination: destination.to_owned(),
            delivery: view::delivery_word(receipt.delivery).to_owned(),
            event: receipt.event.clone(),
            location: receipt.location.clone(),
            notes: receipt.notes.clone(),
            at: receipt.at,
        }
    }
}

impl From<&JobRecord> for Article {
    fn from(record: &JobRecord) -> Self {
        let job = &record.job;
        Self {
            id: job.id.clone(),
            url: job.entry.link.clone(),
            url_as_given: job.entry.link_as_given.clone(),
            title: job.entry.title.clone(),
            state: record.state.into(),
            source: Source::from(&job.source),
            created: job.created,
            updated: record.updated,
            due: record.due,
            published: job.entry.published,
            attempts: record.attempts,
            reason: Some(view::reason(record)).filter(|reason| !reason.is_empty()),
            history: record.history.iter().map(FailedAttempt::from).collect(),
            receipts: record
                .receipts
                .iter()
                .map(|(destination, receipt)| Answer::of(destination, receipt))
                .collect(),
        }
    }
}

impl From<&queue::Source> for Source {
    fn from(source: &queue::Source) -> Self {
        Self {
            title: source.title.clone(),
            url: source.url.clone(),
        }
    }
}

impl From<&queue::Attempt> for FailedAttempt {
    fn from(attempt: &queue::Attempt) -> Self {
        Self {
            at: attempt.at,
            attempt: attempt.attempt,
            failure: Trouble::from(&attempt.failure),
        }
    }
}

/// A page of articles, the last changed first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Listed {
    /// The articles.
    pub(super) articles: Vec<Article>,
    /// Which page this is, from 1.
    pub(super) page: usize,
    /// Articles on a page, at most.
    pub(super) per_page: usize,
    /// How many there are in all.
    pub(super) total: u64,
    /// Whether there are more behind this page.
    pub(super) more: bool,
}

/// Which articles to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Listing {
    /// Only those in this state.
    #[param(inline)]
    pub(super) state: Option<State>,
    /// Which page, from 1.
    #[serde(default = "first_page")]
    #[param(minimum = 1, maximum = 1000, default = 1)]
    pub(super) page: usize,
    /// Articles on a page, at most.
    #[serde(default = "usual_page")]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub(super) per_page: usize,
}

/// Last page that is given.
pub(in crate::web) const MAX_PAGE: usize = 1000;
/// Most articles on a page.
pub(super) const MAX_PER_PAGE: usize = 100;

const fn first_page() -> usize {
    1
}

const fn usual_page() -> usize {
    50
}
