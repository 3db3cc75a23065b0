//! One article from job to receipts.
//!
//! The steps in order: a turn at the host and the download, or else the page that was submitted; reading with its
//! indicators, the article's own word on its address, required strings, the event, and each destination that has not
//! answered yet. No step calls back; the first that fails ends the attempt.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use url::Url;

use super::backoff;
use super::canonical_link::known_elsewhere;
use super::context::{Tagger, event_tags, marking};
use super::manners::Manners;
use super::parsers::{NoResult, Parsers};
use super::result::Extracted;
use super::steps::Stopwatch;
use super::summary::{count, is_taken, summarize};
use crate::article::{self, Article, Page, fetch_page};
use crate::config::{self, ArticleSettings, EventSettings, Fetch, WithoutRequired};
use crate::context::{Choice, Wanted};
use crate::destinations::misp::{self, Misp};
use crate::destinations::{Delivering, Delivery, Destination};
use crate::event::{self, Content, Event, Options, Shown};
use crate::failure::{Failure, Reason};
use crate::http::Fetcher;
use crate::indicators::{Document, Judge, Scanner};
use crate::knowledge;
use crate::queue::{Body, Job, Lease, Queue, QueueError, Step};
use crate::story::{self, Prints};
use crate::warninglists::Judges;

/// A wait for a host shorter than this is slept through; a longer one gives the place to another article.
const SHORT_WAIT: Duration = Duration::from_millis(300);

/// How one attempt ended.
#[derive(Debug)]
pub enum End {
    /// Every destination has it.
    Delivered {
        /// What they answered, and what is to be known of the article.
        summary: String,
        /// The article's own title; empty when it has none, or was not read here.
        title: String,
    },
    /// Not wanted; the text names the rule.
    Skipped(String),
    /// Not yet its turn at the host.
    Postponed {
        /// Until then.
        wait: Duration,
        /// The turn reserved for it.
        turn: DateTime<Utc>,
    },
    /// Something did not work.
    Failed(Failure),
}

/// What it takes to process an article.
pub struct Pipeline {
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) fetcher: Fetcher,
    pub(crate) destinations: Vec<Arc<dyn Destination>>,
    pub(crate) manners: Manners,
    /// The MISP server, when it is a destination: it may know which strings an article should contain.
    pub(crate) misp: Option<Arc<Misp>>,
    pub(crate) misp_settings: config::Misp,
    pub(crate) article: ArticleSettings,
    pub(crate) event: EventSettings,
    /// Absent when Gleaner is not to extract.
    pub(crate) judges: Option<Judges>,
    pub(crate) scanner: Scanner,
    pub(crate) indicators: Options,
    /// Absent when Gleaner is not to look for context.
    pub(crate) tagger: Option<Tagger>,
    /// Which clusters the tags of feeds and of the configuration stand for.
    pub(crate) knowledge: knowledge::Store,
    pub(crate) context: config::Context,
    /// Whether the MISP server extracts from the report.
    pub(crate) server_extraction: bool,
    pub(crate) parsers: Parsers,
}

/// An article and what of it goes into the event.
struct ReadArticle {
    article: Article,
    content: Content,
    choice: Choice,
    prints: Prints,
    /// What people shall know of it.
    notes: Vec<String>,
    /// What they may look at later.
    extracted: Extracted,
}

/// An event to be delivered.
struct Built {
    event: Event,
    /// By what others of the same story will find it.
    prints: Prints,
    /// What people shall know of it.
    notes: Vec<String>,
    /// What its receipts shall say besides.
    remarks: Vec<String>,
    /// What people may look at later; nothing of an article that the MISP server reads.
    extracted: Option<Extracted>,
}

impl From<Event> for Built {
    fn from(event: Event) -> Self {
        Self {
            event,
            prints: Prints::default(),
            notes: Vec::new(),
            remarks: Vec::new(),
            extracted: None,
        }
    }
}

/// Ends the attempt early: not an error of the program.
enum Stop {
    End(End),
    Store(QueueError),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::End(End::Failed(failure))
    }
}

impl From<QueueError> for Stop {
    fn from(error: QueueError) -> Self {
        Self::Store(error)
    }
}

impl Pipeline {
    /// Processes the job of this lease. `max_attempts` tells destinations whether this is the last attempt; `watch`
    /// times the steps.
    pub async fn process(&self, lease: &Lease, max_attempts: u32, watch: &Stopwatch) -> End {
        let last = lease.attempt >= max_attempts;
        match self.attempt(lease, last, watch).await {
            Ok(end) | Err(Stop::End(end)) => end,
            // The article is not at fault; its lease and attempt are handled like any other trouble.
            Err(Stop::Store(error)) => End::Failed(Failure::new(
                Reason::DestinationDown,
                format!("the queue's store failed: {error}"),
            )),
        }
    }

    /// Lets destinations bring their indexes up to date.
    pub async fn flush(&self) {
        for destination in &self.destinations {
            if let Err(failure) = destination.flush().await {
                tracing::error!(destination = destination.name(), %failure, "index not brought up to date");
            }
        }
    }

    async fn attempt(&self, lease: &Lease, last: bool, watch: &Stopwatch) -> Result<End, Stop> {
        let mut built = match self.misp_settings.fetch {
            // What was submitted the server cannot download.
            Fetch::Misp if lease.job.body().is_none() => {
                event::build(&self.event, &lease.job, None, None, &[]).into()
            }
            Fetch::Misp | Fetch::Local => self.read_locally(lease, watch).await?,
        };
        self.name_clusters(&mut built.event);
        let delivery = self.deliver(lease, &built, last);
        let mut end = watch.time(Step::Deliver, delivery).await?;
        if let End::Delivered { summary, title } = &mut end {
            for note in &built.notes {
                summary.push_str("; ");
                summary.push_str(note);
            }
            if let Some(extracted) = &built.extracted {
                title.clone_from(&extracted.title);
            }
            self.keep(lease, built).await;
        }
        Ok(end)
    }

    /// Page, reading and rules, up to the event.
    async fn read_locally(&self, lease: &Lease, watch: &Stopwatch) -> Result<Built, Stop> {
        let link = Url::parse(&lease.job.entry.link).map_err(|error| {
            Failure::new(
                Reason::BadUrl,
                format!("`{}` is not a URL: {error}", lease.job.entry.link),
            )
        })?;
        let page = if let Some(body) = lease.job.body() {
            let submitted = self.submitted(lease, link, body);
            watch.time(Step::Fetch, submitted).await?
        } else {
            self.take_turn(lease, &link).await?;
            let download = self.download(lease, &link);
            watch.time(Step::Fetch, download).await?
        };
        let reading = self.read(page, &lease.job);
        let read = watch.time(Step::Read, reading).await?;
        watch.time(Step::Build, self.build(lease, read)).await
    }

    /// Rules on what was read, and the event.
    async fn build(&self, lease: &Lease, read: ReadArticle) -> Result<Built, Stop> {
        let ReadArticle {
            article,
            content,
            choice,
            prints,
            mut notes,
            extracted,
        } = read;
        // Whoever asked for it again knows that it is known.
        if !lease.job.is_again()
            && let Some(rule) = known_elsewhere(self.queue.as_ref(), &lease.job, &article).await?
        {
            return Err(Stop::End(End::Skipped(rule)));
        }
        let matched = self.required_strings(&article).await?;
        let mut tags: Vec<_> = event_tags(&choice).collect();
        tags.extend(misp::required_tags(&self.misp_settings, &matched));
        let mut event = event::build(
            &self.event,
            &lease.job,
            Some(&article),
            Some(content),
            &tags,
        );
        if !matched.is_empty() {
            notes.push(format!("has required strings: {}", matched.join(", ")));
        }
        let related = self.related(&event, &prints).await;
        let extends = self.context.same_story_extends;
        event.relate(&related, extends, self.event.max_report.get());
        notes.extend(marking(&choice, &event));
        Ok(Built {
            event,
            prints,
            notes,
            remarks: choice
                .note
                .into_iter()
                .chain(story::summary(&related))
                .collect(),
            extracted: Some(extracted),
        })
    }

    /// Keeps for people what was made of the article. Trouble with that is said and passed over: it is delivered.
    async fn keep(&self, lease: &Lease, built: Built) {
        let Some(mut extracted) = built.extracted else {
            return;
        };
        extracted.notes = built.notes;
        extracted.notes.extend(built.remarks);
        let pack = move || extracted.with_report_of(built.event).pack();
        let kept = match tokio::task::spawn_blocking(pack).await {
            Ok(packed) => self.queue.put_result(lease, &packed).await,
            Err(error) => Err(QueueError::Store(error.to_string())),
        };
        if let Err(error) = kept {
            tracing::warn!(job.id = lease.job.id, %error, "what was extracted is not kept for people to see");
        }
    }

    /// The page that was submitted with the job.
    async fn submitted(&self, lease: &Lease, link: Url, body: &Body) -> Result<Page, Stop> {
        let Some(bytes) = self.queue.body(&lease.job.id).await? else {
            let message = format!(
                "the page submitted for `{link}` is not in the store any more; submit it again"
            );
            return Err(Failure::new(Reason::BodyGone, message).into());
        };
        let charset = body.charset.as_deref();
        Ok(Page::submitted(link, body.media_type, charset, bytes))
    }

    /// Waits for a turn at the article's host, or gives the place away until then.
    async fn take_turn(&self, lease: &Lease, link: &Url) -> Result<(), Stop> {
        let interval = self.article.host_interval.get();
        let Some(host) = link.host_str() else {
            return Ok(());
        };
        let wait = self
            .queue
            .host_turn(host, interval, lease.host_turn)
            .await?;
        if wait <= SHORT_WAIT {
            tokio::time::sleep(wait).await;
            return Ok(());
        }
        Err(Stop::End(End::Postponed {
            wait,
            turn: Utc::now() + wait,
        }))
    }

    async fn download(&self, lease: &Lease, link: &Url) -> Result<Page, Stop> {
        let asked = self.manners.request(&lease.job.source.url, link);
        match fetch_page(&self.fetcher, &self.article, link.as_str(), &asked).await {
            Ok(page) => Ok(page),
            Err(failure) => {
                if let (Reason::RateLimited, Some(pause), Some(host)) =
                    (failure.reason, failure.retry_after, link.host_str())
                {
                    let pause = pause.min(backoff::LONGEST_RETRY_AFTER);
                    tracing::warn!(
                        host,
                        seconds = pause.as_secs(),
                        "the host asks to be left alone"
                    );
                    self.queue.host_pause(host, pause).await?;
                }
                Err(failure.into())
            }
        }
    }

    /// Reads a page, bounded in time.
    async fn read(&self, page: Page, job: &Job) -> Result<ReadArticle, Failure> {
        let url = page.url.clone();
        let settings = self.article.clone();
        let judge = match &self.judges {
            Some(judges) => Some(judges.judge().await?),
            None => None,
        };
        let reader = Reader {
            judge,
            scanner: self.scanner,
            tagger: self.tagger.clone(),
            wanted: Wanted::of(&self.context, false),
            // The server's extraction replaces names wherever they stand, in references too.
            references: self.context.report_references && !self.server_extraction,
            list: self.context.report,
            options: self.indicators,
            max_report: self.event.max_report.get(),
        };
        let job = job.clone();
        let work = move || Ok(reader.read(article::read(&page, &settings)?, &job));
        let limit = self.article.parse_timeout;
        self.parsers
            .run(limit.get(), work)
            .await
            .unwrap_or_else(|none| {
                let (reason, what) = match none {
                    NoResult::Busy => (
                        Reason::Timeout,
                        "waited too long for other pages to be read".to_owned(),
                    ),
                    NoResult::TooSlow => (
                        Reason::TooComplex,
                        format!("not read within {limit} (article.parse_timeout)"),
                    ),
                    NoResult::Panicked => (Reason::Crashed, "the parser panicked".to_owned()),
                };
                Err(Failure::new(reason, format!("`{url}`: {what}")))
            })
    }

    /// The required strings that the article contains. Ends the attempt if it must contain one and does not.
    async fn required_strings(&self, article: &Article) -> Result<Vec<String>, Stop> {
        let Some(misp) = &self.misp else {
            return Ok(Vec::new());
        };
        let required = misp.required_strings().await?;
        if required.is_empty() {
            return Ok(Vec::new());
        }
        let found = required.found_in(&article.plain_text());
        if found.is_empty() && self.misp_settings.without_required_strings == WithoutRequired::Skip
        {
            return Err(Stop::End(End::Skipped(
                "has none of the required strings".into(),
            )));
        }
        Ok(found)
    }

    /// Hands the event to every destination that is not done with it yet. One that fails does not keep the
    /// others from being asked.
    async fn deliver(&self, lease: &Lease, built: &Built, last_attempt: bool) -> Result<End, Stop> {
        let mut receipts = lease.receipts.clone();
        let mut failures = Vec::new();
        for destination in &self.destinations {
            let name = destination.name();
            let before = receipts.get(name);
            if before.is_some_and(|before| before.unfinished.is_none()) {
                continue;
            }
            let context = Delivering {
                link: &lease.job.entry.link,
                before,
                last_attempt,
            };
            match destination.deliver(&built.event, context).await {
                Ok(mut receipt) => {
                    // Of an event that was there already, this need not be true.
                    if before.is_none()
                        && matches!(receipt.delivery, Delivery::Created | Delivery::Repaired)
                    {
                        receipt.notes.extend_from_slice(&built.remarks);
                    }
                    self.queue.record(lease, name, &receipt).await?;
                    failures.extend(receipt.unfinished.clone().map(|rest| rest.failure));
                    receipts.insert(name.to_owned(), receipt);
                }
                Err(failure) => failures.push(failure),
            }
        }
        // One that may still succeed decides: the job is tried again for it.
        failures.sort_by_key(|failure| !failure.reason.is_transient());
        if let Some(failure) = failures.into_iter().next() {
            return Ok(End::Failed(failure));
        }
        // What someone deleted or did not want is nothing to refer to, wherever else it went.
        if receipts.values().all(is_taken) {
            // Before the job is over: should this worker die now, the next one does it.
            self.tell(lease, &built.event, &built.prints).await;
        }
        Ok(summarize(&receipts))
    }
}

/// What is made of an article once it is there, off the async threads.
struct Reader {
    judge: Option<Judge>,
    scanner: Scanner,
    tagger: Option<Tagger>,
    wanted: Wanted,
    /// Whether the report refers to tags.
    references: bool,
    /// Whether it lists them.
    list: bool,
    options: Options,
    max_report: usize,
}

impl Reader {
    fn read(&self, article: Article, job: &Job) -> ReadArticle {
        let document = Document {
            url: article.address(),
            blocks: &article.blocks,
        };
        let judge = self.judge.as_ref();
        let found = judge.map(|judge| self.scanner.judged(judge, document));
        let judged = found.as_deref().unwrap_or_default();
        let tags = self.tagger.as_ref().map(|tagger| tagger(&article, job));
        let tags = tags.unwrap_or_default();
        let extracted = Extracted::of(&article, judged, &tags);
        let choice = Choice::of(tags, &self.wanted);
        let shown = Shown {
            tags: &choice.tags,
            references: self.references,
            list: self.list,
        };
        let (link, options, max) = (&job.entry.link, &self.options, self.max_report);
        let event = event::uuid(job);
        let content = Content::for_event(event, link, &article, judged, shown, options, max);
        let mut notes: Vec<String> = found.as_deref().map(count).into_iter().collect();
        notes.extend(choice.summary());
        notes.extend(content.notes.iter().cloned());
        ReadArticle {
            prints: Prints::of(judged, &choice.tags),
            article,
            content,
            choice,
            notes,
            extracted,
        }
    }
}
