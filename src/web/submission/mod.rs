//! What people submit: links, or the pages themselves, checked and published under the source `Manual`.

mod job;
pub(super) mod labels;
mod link;
mod page;
mod ticket;

pub(super) use self::job::{MAX_TITLE, Reference, reference};
pub(super) use self::labels::{TLP, split_tags};
pub(super) use self::page::Page;
pub(super) use self::ticket::Ticket;
use super::Web;
use super::client::Client;
use crate::plain;
use crate::queue::{Job, JobRecord, Published, Queue, Result};

/// Title and URL of the source that submitted articles have, as misp-scraper names it.
pub(super) const SOURCE: &str = crate::queue::MANUAL;

/// What somebody asks to be taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wish {
    /// As given. `None`: only the page is.
    pub(super) url: Option<String>,
    /// Empty: the article's own.
    pub(super) title: String,
    /// As given; see [`split_tags`].
    pub(super) tags: Vec<String>,
    /// One of [`TLP`].
    pub(super) tlp: Option<String>,
    /// Whether to take it although it is known.
    pub(super) again: bool,
    /// Of the form it came with.
    pub(super) ticket: Option<Ticket>,
    /// The page itself; then nothing is downloaded.
    pub(super) page: Option<Page>,
}

/// What of a wish can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Url,
    Title,
    /// The page as HTML.
    Html,
    /// The page as text.
    Text,
    /// The page as a file.
    File,
    /// Its name.
    FileName,
    Tags,
    Tlp,
}

/// One thing that is wrong with a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flaw {
    pub(super) field: Field,
    /// Which one, of a list.
    pub(super) at: Option<usize>,
    /// In words.
    pub(super) detail: String,
}

impl Flaw {
    pub(super) fn new(field: Field, detail: impl Into<String>) -> Self {
        Self {
            field,
            at: None,
            detail: detail.into(),
        }
    }
}

/// What became of a wish.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outcome {
    /// It is queued.
    Queued(Box<Job>),
    /// The article is known, by this job. Its record may be gone by now.
    Known {
        /// Empty when the article was only left out when its feed was first read.
        id: String,
        /// Everything known of it.
        record: Option<Box<JobRecord>>,
    },
    /// It is nothing that can be taken, and this is why.
    Refused(Vec<Flaw>),
}

/// Who submits, and what holds for everybody.
#[derive(Debug, Clone, Copy)]
pub(super) struct Submitter<'a> {
    pub(super) client: &'a Client,
    pub(super) user: Option<&'a str>,
    /// Whether jobs say who.
    record: bool,
    /// Largest page, in bytes.
    max_page: usize,
}

impl<'a> Submitter<'a> {
    pub(super) fn new(web: &Web, client: &'a Client, user: Option<&'a str>) -> Self {
        Self {
            client,
            user,
            record: web.record_remote,
            max_page: web.max_page,
        }
    }
}

/// Publishes what can be, and says what became of each, in order.
pub(super) async fn submit(
    queue: &dyn Queue,
    wishes: &[Wish],
    by: Submitter<'_>,
) -> Result<Vec<Outcome>> {
    let read: Vec<_> = wishes.iter().map(|wish| job::of(wish, by)).collect();
    let jobs: Vec<Job> = read.iter().flatten().cloned().collect();
    let published = if jobs.is_empty() {
        Vec::new()
    } else {
        queue.publish(&jobs).await?
    };
    let mut published = published.into_iter();
    let mut outcomes = Vec::with_capacity(read.len());
    for job in read {
        let outcome = match job {
            Err(flaws) => Outcome::Refused(flaws),
            Ok(job) => match published.next() {
                Some(Published::Known(id)) => known(queue, id).await?,
                Some(Published::New) => Outcome::Queued(Box::new(job)),
                None => {
                    let detail = "the store did not say what became of it";
                    Outcome::Refused(vec![Flaw::new(Field::Url, detail)])
                }
            },
        };
        note(&outcome, by);
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

async fn known(queue: &dyn Queue, id: String) -> Result<Outcome> {
    let record = if id.is_empty() {
        None
    } else {
        queue.job(&id).await?.map(Box::new)
    };
    Ok(Outcome::Known { id, record })
}

/// Counts it, and says in the log who submitted what.
fn note(outcome: &Outcome, by: Submitter<'_>) {
    let word = match outcome {
        Outcome::Queued(job) => {
            tracing::info!(
                job = job.id,
                article.url = plain::clean(&job.entry.link),
                client = %by.client.address,
                user = by.user,
                page = job.body().map(|body| body.size),
                again = job.is_again(),
                "submitted"
            );
            "queued"
        }
        Outcome::Known { .. } => "known",
        Outcome::Refused(_) => "refused",
    };
    super::metrics::submitted(word);
}
