//! Builds the parts a command needs from the configuration.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;

use crate::config::{Config, DestinationKind};
use crate::destinations::Destination;
use crate::destinations::misp::{MispClient, MispDestination, Required};
use crate::destinations::misp_feed::MispFeedFolder;
use crate::feeds::FeedSource;
use crate::feeds::list::{self, FeedList};
use crate::http::Fetcher;
use crate::queue::Queue;
use crate::worker::pipeline::{Manners, Pipeline};

/// The queue, reachable.
pub async fn queue(config: &Config) -> anyhow::Result<Arc<dyn Queue>> {
    Ok(crate::queue::open(config).await?)
}

/// What fetches from blogs.
pub fn fetcher(config: &Config) -> anyhow::Result<Fetcher> {
    Fetcher::new(&config.http).map_err(|fault| crate::config::load::ConfigError(vec![fault]).into())
}

/// The feed list: the configured file, else `feeds.json` beside the configuration file or in the working
/// directory, else the starter list.
pub fn feed_list(config: &Config, config_path: Option<&Path>) -> anyhow::Result<FeedList> {
    let configured = Some(config.feeds.list.clone()).filter(|path| !path.as_os_str().is_empty());
    let beside = config_path.and_then(Path::parent).map(|folder| folder.join("feeds.json"));
    let here = Some(PathBuf::from("feeds.json"));
    let found = configured.or_else(|| [beside, here].into_iter().flatten().find(|path| path.exists()));
    let list = match found {
        Some(path) => {
            let text = std::fs::read_to_string(&path).with_context(|| format!("feed list {}", path.display()))?;
            list::read(&text, &path.display().to_string())?
        }
        None => list::starter(),
    };
    for warning in &list.warnings {
        tracing::warn!("{warning}");
    }
    Ok(list)
}

/// The client for the MISP server, if one is configured.
pub fn misp(config: &Config) -> anyhow::Result<Option<Arc<MispClient>>> {
    if config.misp.url.is_empty() {
        return Ok(None);
    }
    let client = MispClient::new(&config.misp)
        .map_err(|fault| crate::config::load::ConfigError(vec![fault]))?;
    Ok(Some(Arc::new(client)))
}

/// The destinations, in the order of the configuration.
pub fn destinations(config: &Config) -> anyhow::Result<Vec<Arc<dyn Destination>>> {
    let mut destinations: Vec<Arc<dyn Destination>> = Vec::new();
    for kind in config.effective_destinations() {
        match kind {
            DestinationKind::Misp => {
                let client = misp(config)?.context("the destination `misp` needs `misp.url`")?;
                destinations.push(Arc::new(MispDestination::new(client, config)));
            }
            DestinationKind::MispFeed => {
                destinations.push(Arc::new(MispFeedFolder::open(config)?));
            }
        }
    }
    Ok(destinations)
}

/// Everything that turns a job into receipts.
pub fn pipeline(config: &Config, queue: Arc<dyn Queue>, feeds: &[FeedSource]) -> anyhow::Result<Pipeline> {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    Ok(Pipeline {
        queue,
        fetcher: fetcher(config)?,
        destinations: destinations(config)?,
        manners: feeds.iter().map(|feed| Ok((feed.url.to_string(), manners(feed)?))).collect::<anyhow::Result<_>>()?,
        required: misp(config)?.map(|client| Arc::new(Required::new(client, &config.misp))).filter(|r| r.is_set()),
        fetch: config.misp.fetch,
        article: config.article.clone(),
        event: config.event.clone(),
        parsers: Arc::new(tokio::sync::Semaphore::new(cores)),
    })
}

fn manners(feed: &FeedSource) -> anyhow::Result<Manners> {
    let mut headers = reqwest::header::HeaderMap::new();
    for (name, value) in &feed.headers {
        let (name, value) = crate::http::header(name, value.expose())
            .map_err(|why| anyhow::anyhow!("feed `{}`: headers: {why}", feed.title))?;
        headers.insert(name, value);
    }
    Ok(Manners { headers, user_agent: feed.user_agent.clone(), proxy: feed.proxy.clone() })
}
