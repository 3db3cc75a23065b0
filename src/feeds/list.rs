//! The feed list: JSON as misp-scraper or talos_blog_to_casebook have it, or OPML, told apart by content.

mod json;
mod opml;

use std::collections::HashSet;
use std::path::Path;

use url::Url;

use super::FeedSource;
use crate::http::shown;

/// The list that comes with Gleaner, in the form people edit.
pub const STARTER: &str = include_str!("starter.json");

/// Longest feed list read, in bytes.
const MAX_LIST: usize = 16 * 1024 * 1024;

/// A feed list, read.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedList {
    /// The feeds in the order of the list, each URL once.
    pub feeds: Vec<FeedSource>,
    /// What was passed over, one sentence each.
    pub warnings: Vec<String>,
}

/// What is wrong with a feed list, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("feed list {file}: {what}")]
pub struct ListError {
    file: String,
    what: String,
}

/// Reads the file of a feed list.
pub fn load(path: &Path) -> Result<FeedList, ListError> {
    let file = format!("`{}`", path.display());
    let fail = |what: String| ListError {
        file: file.clone(),
        what,
    };
    let bytes = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
    if bytes.len() > MAX_LIST {
        return Err(fail(format!("larger than {MAX_LIST} bytes")));
    }
    let text = super::decode::decode(&bytes, None, &mut super::repair::damage::Damage::default());
    parse(&text, &file)
}

/// The list that comes with Gleaner.
pub fn starter() -> Result<FeedList, ListError> {
    parse(STARTER, "that comes with Gleaner")
}

/// Reads a feed list from its text. `file` names it in errors.
pub fn parse(text: &str, file: &str) -> Result<FeedList, ListError> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let found = if start.starts_with('<') {
        opml::read(start)
    } else {
        json::read(start)
    };
    found.map(unique).map_err(|what| ListError {
        file: file.to_owned(),
        what,
    })
}

/// Keeps the first feed of each URL.
fn unique(found: Vec<FeedSource>) -> FeedList {
    let mut seen = HashSet::new();
    let (mut feeds, mut warnings) = (Vec::new(), Vec::new());
    for feed in found {
        if seen.insert(feed.url.clone()) {
            feeds.push(feed);
        } else {
            warnings.push(format!(
                "`{}` is listed more than once; `{}` is passed over",
                shown(&feed.url),
                feed.title
            ));
        }
    }
    FeedList { feeds, warnings }
}

/// A feed with the policy of feeds that say nothing.
fn plain(title: &str, url: Url) -> FeedSource {
    let title = super::title::plain(title, false);
    FeedSource {
        title: if title.is_empty() {
            url.host_str().unwrap_or_default().to_owned()
        } else {
            title
        },
        url,
        tags: Vec::new(),
        local_tags: Vec::new(),
        enabled: true,
        first_run: None,
        headers: std::collections::BTreeMap::new(),
        user_agent: None,
        proxy: None,
    }
}

/// The URL of a feed, or what is wrong with it.
fn feed_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text.trim()).map_err(|error| format!("`{text}` is not a URL: {error}"))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        scheme => Err(format!(
            "`{text}`: feeds are fetched over http or https, not {scheme}"
        )),
    }
}

#[cfg(test)]
mod tests;
