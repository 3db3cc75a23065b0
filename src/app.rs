//! Builds the parts a command needs from the configuration.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;

use crate::article::FeedRequest;
use crate::config::load::ConfigError;
use crate::config::{Config, DestinationKind};
use crate::destinations::Destination;
use crate::destinations::misp::{Misp, MispClient};
use crate::destinations::misp_feed::MispFeed;
use crate::feeds::FeedSource;
use crate::feeds::list::{self, FeedList};
use crate::http::Fetcher;
use crate::queue::Queue;
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

/// The feed list: the configured file, else `feeds.json` beside the configuration file or in the working
/// directory, else the starter list.
pub fn feed_list(config: &Config, config_path: Option<&Path>) -> anyhow::Result<FeedList> {
    let configured = Some(config.feeds.list.clone()).filter(|path| !path.as_os_str().is_empty());
    let beside = config_path
        .and_then(Path::parent)
        .map(|folder| folder.join("feeds.json"));
    let here = Some(PathBuf::from("feeds.json"));
    let found = configured.or_else(|| {
        [beside, here]
            .into_iter()
            .flatten()
            .find(|path| path.exists())
    });
    let list = match found {
        Some(path) => list::load(&path)?,
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

/// Everything that turns a job into receipts.
pub fn pipeline(
    config: &Config,
    queue: Arc<dyn Queue>,
    feeds: &[FeedSource],
) -> anyhow::Result<Pipeline> {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let mut destinations: Vec<Arc<dyn Destination>> = Vec::new();
    let mut misp = None;
    for kind in config.effective_destinations() {
        match kind {
            DestinationKind::Misp => {
                let client =
                    misp_client(config)?.context("the destination `misp` needs `misp.url`")?;
                let server = Arc::new(Misp::new(client, config.misp.clone()));
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
        feeds: feeds
            .iter()
            .map(|feed| Ok((feed.url.to_string(), request_of(feed)?)))
            .collect::<anyhow::Result<_>>()?,
        misp,
        misp_settings: config.misp.clone(),
        article: config.article.clone(),
        event: config.event.clone(),
        parsers: Parsers::start(cores).context("the parser threads do not start")?,
    })
}

/// How the articles of this feed are asked for.
fn request_of(feed: &FeedSource) -> anyhow::Result<FeedRequest> {
    let mut headers = reqwest::header::HeaderMap::new();
    for (name, value) in &feed.headers {
        let (name, value) = crate::http::header(name, value.expose())
            .map_err(|why| anyhow::anyhow!("feed `{}`: headers: {why}", feed.title))?;
        headers.insert(name, value);
    }
    Ok(FeedRequest {
        headers,
        user_agent: feed.user_agent.clone(),
        proxy: feed.proxy.clone(),
    })
}
