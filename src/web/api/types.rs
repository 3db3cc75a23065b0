//! What goes over the wire. Doc comments here are descriptions there.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::Object;
use crate::destinations::Receipt;
use crate::failure::Failure;
use crate::queue::{self, JobRecord, JobState};
use crate::web::submission::{Outcome, Wish};
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
    /// Whether there are more.
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
    #[param(minimum = 1, maximum = 50, default = 1)]
    pub(super) page: usize,
    /// Articles on a page, at most.
    #[serde(default = "usual_page")]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub(super) per_page: usize,
}

/// Last page that is given.
pub(in crate::web) const MAX_PAGE: usize = 50;
/// Most articles on a page.
pub(super) const MAX_PER_PAGE: usize = 100;

const fn first_page() -> usize {
    1
}

const fn usual_page() -> usize {
    50
}

/// One article to take.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewArticle {
    /// Its URL, without user name and password. It may be defanged (`hxxps://blog[.]example`), and its host may be
    /// written in any alphabet; the pattern shows the plain form.
    #[schema(
        min_length = 8,
        max_length = 8192,
        pattern = r"^[Hh][Tt][Tt][Pp][Ss]?://(([A-Za-z0-9_-]{1,30}\.){0,4}[A-Za-z][A-Za-z0-9_-]{0,20}|((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9]))(:[0-9]{1,4}|:[1-5][0-9]{4})?([/?#][^\s\x00-\x1f\x7f-\x9f]{0,600})?$",
        example = "https://blog.example/2026/loader"
    )]
    pub(super) url: String,
    /// What to call it. Without, or empty: the article's own title.
    #[serde(default)]
    #[schema(max_length = 500, example = "A new loader")]
    pub(super) title: String,
}

/// Several articles to take.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewArticles {
    /// The articles.
    #[schema(min_items = 1, max_items = 100, value_type = Vec<NewArticle>)]
    articles: Vec<Object<NewArticle>>,
}

/// One article, or several.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "says what `Submission` reads")]
pub(super) enum SubmissionBody {
    One(NewArticle),
    Several(NewArticles),
}

/// What somebody asks to be taken. Unlike serde's untagged enums it says what is wrong with it.
#[derive(Debug)]
pub(super) struct Submission {
    pub(super) wishes: Vec<Wish>,
    /// Whether it was one article, not a list of one.
    pub(super) single: bool,
}

impl<'de> Deserialize<'de> for Submission {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let members = serde_json::Map::deserialize(deserializer)?;
        let several = members.contains_key("articles");
        let value = serde_json::Value::Object(members);
        let articles = if several {
            let read: Result<NewArticles, _> = serde_json::from_value(value);
            read.map_err(D::Error::custom)?.articles
        } else {
            vec![serde_json::from_value(value).map_err(D::Error::custom)?]
        };
        let wishes = articles.into_iter().map(|Object(article)| Wish {
            url: article.url,
            title: article.title,
        });
        Ok(Self {
            wishes: wishes.collect(),
            single: !several,
        })
    }
}

/// What became of what was submitted, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Submitted {
    /// One for each.
    pub(super) articles: Vec<SubmittedArticle>,
}

/// What became of one.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SubmittedArticle {
    /// The URL as it was given.
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
    pub(super) message: Option<String>,
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
    pub(super) fn new(wish: &Wish, outcome: Outcome) -> Self {
        let blank = Self {
            url: wish.url.clone(),
            outcome: Became::Refused,
            id: None,
            href: None,
            article: None,
            message: None,
        };
        let href = |id: &str| Some(format!("/api/v1/articles/{id}"));
        match outcome {
            Outcome::Queued(job) => Self {
                outcome: Became::Queued,
                href: href(&job.id),
                id: Some(job.id),
                ..blank
            },
            Outcome::Known { id, record: None } => Self {
                outcome: Became::Known,
                id: Some(id).filter(|id| !id.is_empty()),
                message: Some(view::KNOWN_WITHOUT_RECORD.to_owned()),
                ..blank
            },
            Outcome::Known {
                id,
                record: Some(record),
            } => Self {
                outcome: Became::Known,
                href: href(&id),
                id: Some(id),
                article: Some(Article::from(record.as_ref())),
                ..blank
            },
            Outcome::Refused(why) => Self {
                // It may hold a password.
                url: String::new(),
                message: Some(why),
                ..blank
            },
        }
    }
}
