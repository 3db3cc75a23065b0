//! "Show me what you would take": one page, downloaded or handed in, read as the worker would, and nothing kept.
//!
//! The worker's rules hold: its address rules, its size and time limits, its turns at hosts, its lists and judge.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;
use url::Url;

use super::problem::Problem;
use crate::app;
use crate::article::{self, Article, FeedRequest, Page, fetch_page};
use crate::config::{ArticleSettings, Config, Extraction, Fetch};
use crate::failure::{Failure, Reason};
use crate::http::Fetcher;
use crate::indicators::{Document, Indicator, Judge, scan_blocks};
use crate::queue::{Body, Queue};
use crate::warninglists::Judges;
use crate::worker::backoff::LONGEST_RETRY_AFTER;
use crate::worker::parsers::{NoResult, Parsers};

/// Longest wait for a place, and for a turn at the page's host.
const PATIENCE: Duration = Duration::from_secs(5);

/// What would be taken.
#[derive(Debug)]
pub(super) struct Preview {
    /// The page, read.
    pub(super) article: Article,
    /// What the judge says of what stands in it. `None`: Gleaner is not to extract.
    pub(super) indicators: Option<Vec<Indicator>>,
}

/// Makes previews.
pub(super) struct Previewer {
    queue: Arc<dyn Queue>,
    fetcher: Fetcher,
    settings: ArticleSettings,
    judges: Option<Judges>,
    parsers: Parsers,
    places: Semaphore,
    limit: Duration,
}

impl Previewer {
    /// `None`: previews are switched off, or it is not Gleaner that downloads.
    pub(super) fn new(config: &Config, queue: Arc<dyn Queue>) -> anyhow::Result<Option<Self>> {
        let serve = &config.serve;
        if !serve.preview || config.misp.fetch == Fetch::Misp {
            return Ok(None);
        }
        let judges = match config.indicators.extraction {
            Extraction::Local => Some(Judges::new(config, app::misp_client(config)?)?),
            Extraction::Misp | Extraction::None => None,
        };
        Ok(Some(Self {
            queue,
            fetcher: app::fetcher(config)?,
            settings: config.article.clone(),
            judges,
            parsers: Parsers::start(serve.preview_concurrency)?,
            places: Semaphore::new(serve.preview_concurrency),
            limit: serve.preview_timeout.get(),
        }))
    }

    /// Reads a page: the one that was handed in, else the one at the link, which is downloaded. The inner failure is what the worker would meet, and so an answer; the problem is
    /// that there is none.
    pub(super) async fn preview(
        &self,
        link: &Url,
        body: Option<Body>,
    ) -> Result<Result<Preview, Failure>, Problem> {
        let Ok(Ok(_place)) = timeout(PATIENCE, self.places.acquire()).await else {
            let all_busy = "other previews are being made; try again in a moment";
            return Err(Problem::too_many(all_busy, PATIENCE));
        };
        let made = timeout(self.limit, self.make(link, body)).await;
        made.unwrap_or_else(|_| {
            let message = format!(
                "`{}`: no preview within {} s (`serve.preview_timeout`)",
                crate::http::shown(link),
                self.limit.as_secs()
            );
            Ok(Err(Failure::new(Reason::Timeout, message)))
        })
    }

    async fn make(
        &self,
        link: &Url,
        body: Option<Body>,
    ) -> Result<Result<Preview, Failure>, Problem> {
        if let Some(body) = body {
            return Ok(self.read_body(link.clone(), body).await);
        }
        self.take_turn(link).await?;
        let request = FeedRequest::default();
        let page = match fetch_page(&self.fetcher, &self.settings, link.as_str(), &request).await {
            Ok(page) => page,
            Err(failure) => {
                self.heed(link, &failure).await?;
                return Ok(Err(failure));
            }
        };
        Ok(self.read(page.url.clone(), move || page).await)
    }

    async fn read_body(&self, link: Url, body: Body) -> Result<Preview, Failure> {
        let url = link.clone();
        let page = move || {
            let charset = body.charset.as_deref();
            Page::submitted(link, body.media_type, charset, body.bytes.to_vec())
        };
        self.read(url, page).await
    }

    /// Waits for a turn at the page's host, as workers do.
    async fn take_turn(&self, link: &Url) -> Result<(), Problem> {
        let Some(host) = link.host_str() else {
            return Ok(());
        };
        let interval = self.settings.host_interval.get();
        let wait = self.queue.host_turn(host, interval, None).await?;
        if wait > PATIENCE {
            return Err(Problem::too_many(
                "this host is to be left alone for a while: it asked for that, or many of its articles are waiting",
                wait,
            ));
        }
        tokio::time::sleep(wait).await;
        Ok(())
    }

    /// A host that asks to be left alone is left alone by all.
    async fn heed(&self, link: &Url, failure: &Failure) -> Result<(), Problem> {
        if let (Reason::RateLimited, Some(pause), Some(host)) =
            (failure.reason, failure.retry_after, link.host_str())
        {
            let pause = pause.min(LONGEST_RETRY_AFTER);
            self.queue.host_pause(host, pause).await?;
        }
        Ok(())
    }

    /// Makes the page and reads it, off the async threads.
    async fn read(
        &self,
        url: Url,
        page: impl FnOnce() -> Page + Send + 'static,
    ) -> Result<Preview, Failure> {
        let judge = match &self.judges {
            Some(judges) => Some(judges.judge().await?),
            None => None,
        };
        let settings = self.settings.clone();
        let limit = settings.parse_timeout;
        let work = move || {
            let page = page();
            let article = article::read(&page, &settings)?;
            let indicators = judge.as_ref().map(|judge| indicators(judge, &article));
            Ok(Preview {
                article,
                indicators,
            })
        };
        self.parsers
            .run(limit.get(), work)
            .await
            .unwrap_or_else(|none| Err(not_read(none, &url, limit)))
    }
}

fn indicators(judge: &Judge, article: &Article) -> Vec<Indicator> {
    let document = Document {
        url: article.address(),
        blocks: &article.blocks,
    };
    judge.judge(document, scan_blocks(&article.blocks))
}

fn not_read(none: NoResult, url: &Url, limit: crate::config::units::Span) -> Failure {
    let (reason, what) = match none {
        NoResult::Busy => (Reason::Timeout, "waited too long to be read".to_owned()),
        NoResult::TooSlow => (
            Reason::TooComplex,
            format!("not read within {limit} (`article.parse_timeout`)"),
        ),
        NoResult::Panicked => (Reason::Crashed, "the parser panicked".to_owned()),
    };
    Failure::new(reason, format!("`{}`: {what}", crate::http::shown(url)))
}
