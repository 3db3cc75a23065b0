//! Builds the parts a command needs from the configuration.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;

use crate::config::load::ConfigError;
use crate::config::{Config, DestinationKind, Extraction, References};
use crate::context::{Document, Matcher, Matchers};
use crate::destinations::Destination;
use crate::destinations::misp::{Misp, MispClient};
use crate::destinations::misp_feed::MispFeed;
use crate::event::Options;
use crate::feeds::labels;
use crate::feeds::list::{self, FeedList};
use crate::http::Fetcher;
use crate::knowledge;
use crate::queue::Queue;
use crate::warninglists::Judges;
use crate::worker::context::Tagger;
use crate::worker::manners::Manners;
use crate::worker::parsers::Parsers;
use crate::worker::pipeline::Pipeline;

/// The queue, reachable.
pub async fn queue(config: &Config) -> anyhow::Result<Arc<dyn Queue>> {
    Ok(crate::queue::open(config).await?)
}

/// What fetches from blogs.
pub fn fetcher(config: &Config) -> anyhow::Result<Fetcher> {
    Fetcher::new(&config.http).map_err(|fault| ConfigError(vec![fault]).into())
}

/// The matcher that the worker asks.
pub fn matcher(config: &Config) -> anyhow::Result<Matcher> {
    let matchers = Matchers::new(config).map_err(|fault| ConfigError(vec![fault]))?;
    Ok(matchers.matcher())
}

/// The file of the feed list: the configured one, else `feeds.json` beside the configuration file or in the
/// working directory. None: the starter list that comes with Gleaner.
pub fn feed_list_file(config: &Config, config_path: Option<&Path>) -> Option<PathBuf> {
    if !config.feeds.list.as_os_str().is_empty() {
        return Some(config.feeds.list.clone());
    }
    let beside = config_path
        .and_then(Path::parent)
        .map(|folder| folder.join("feeds.json"));
    let here = Some(PathBuf::from("feeds.json"));
    [beside, here]
        .into_iter()
        .flatten()
        .find(|path| path.exists())
}

/// The feed list of this file, else the starter list.
pub fn feed_list(file: Option<&Path>) -> anyhow::Result<FeedList> {
    let list = match file {
        Some(file) => list::load(file)?,
        None => list::starter()?,
    };
    for warning in &list.warnings {
        tracing::warn!("{warning}");
    }
    Ok(list)
}

/// The client for the MISP server, if one is configured. No request is made.
pub fn misp_client(config: &Config) -> anyhow::Result<Option<Arc<MispClient>>> {
    if config.misp.url.is_empty() {
        return Ok(None);
    }
    let http = crate::http::misp_client(&config.misp).map_err(|fault| ConfigError(vec![fault]))?;
    Ok(Some(Arc::new(MispClient::new(http, &config.misp)?)))
}

/// What finds context in articles, if it is wanted.
fn tagger(config: &Config) -> anyhow::Result<Option<Tagger>> {
    if !config.context.enabled {
        return Ok(None);
    }
    let matchers = Matchers::new(config).map_err(|fault| ConfigError(vec![fault]))?;
    Ok(Some(Arc::new(move |article, job| {
        let feed = [job.source.title.as_str(), job.source.url.as_str()];
        let title = if job.entry.title.trim().is_empty() {
            &article.title
        } else {
            &job.entry.title
        };
        let mut about = job.entry.categories.clone();
        labels::add(&mut about, article.keywords.iter().cloned());
        matchers.matcher().tags(&Document {
            url: article.address(),
            title,
            labels: &about,
            feed: &feed,
            blocks: &article.blocks,
        })
    })))
}

/// Everything that turns a job into receipts.
pub fn pipeline(
    config: &Config,
    queue: Arc<dyn Queue>,
    manners: Manners,
) -> anyhow::Result<Pipeline> {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let mut destinations: Vec<Arc<dyn Destination>> = Vec::new();
    let mut misp = None;
    let extraction = config.indicators.extraction;
    for kind in config.effective_destinations() {
        match kind {
            DestinationKind::Misp => {
                let client =
                    misp_client(config)?.context("the destination `misp` needs `misp.url`")?;
                let server = Misp::new(client, config.misp.clone());
                let server =
                    Arc::new(server.with_server_extraction(extraction == Extraction::Misp));
                misp = Some(Arc::clone(&server));
                destinations.push(server);
            }
            DestinationKind::MispFeed => {
                destinations.push(Arc::new(MispFeed::open(
                    &config.misp_feed_path(),
                    &config.misp_feed,
                )?));
            }
        }
    }
    Ok(Pipeline {
        queue,
        fetcher: fetcher(config)?,
        destinations,
        manners,
        misp,
        misp_settings: config.misp.clone(),
        article: config.article.clone(),
        event: config.event.clone(),
        judges: match extraction {
            Extraction::Local => Some(Judges::new(config, misp_client(config)?)?),
            Extraction::Misp | Extraction::None => None,
        },
        scanner: config.indicators.scanner(),
        indicators: Options {
            limit: config.indicators.limit,
            references: config.indicators.references == References::Link,
            report_references: config.indicators.report_references,
        },
        tagger: tagger(config)?,
        knowledge: knowledge::Store::of(config),
        context: config.context.clone(),
        server_extraction: extraction == Extraction::Misp,
        parsers: Parsers::start(cores).context("the parser threads do not start")?,
    })
}
