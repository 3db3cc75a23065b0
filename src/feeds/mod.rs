//! Feeds: the list of them, and polling one.

mod adoption;
pub mod canonical;
pub mod dates;
mod decode;
pub mod entry;
mod first_run;
mod html;
mod json;
pub(crate) mod labels;
pub mod list;
pub mod parse;
pub mod poll;
pub mod poller;
mod repair;
pub mod schedule;
mod site;
mod title;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::Url;

pub use self::site::{same_site, shares_site};

/// One feed of the feed list, with its policy.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedSource {
    /// Name shown to people and used in the source tag.
    pub title: String,
    /// Where the feed is.
    pub url: Url,
    /// Tags every event from this feed gets.
    pub tags: Vec<String>,
    /// The same, local to the MISP server.
    pub local_tags: Vec<String>,
    /// Whether it is polled.
    pub enabled: bool,
    /// What to take on the first poll; `None`: as configured for all feeds.
    pub first_run: Option<FirstRun>,
    /// Request headers, for the feed and the articles on its site ([`shares_site`]). May hold secrets.
    pub headers: BTreeMap<String, crate::config::Secret>,
    /// User agent, for the feed and its articles.
    pub user_agent: Option<String>,
    /// Proxy URL, for the feed and its articles. May hold a password.
    pub proxy: Option<crate::config::Secret>,
}

/// What to take from a feed that is polled for the first time. The rest is marked as seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstRun {
    /// Every entry.
    All,
    /// The newest so many.
    Latest(u32),
    /// Those published in the last so many days (and those without a date).
    Since(u32),
}

impl FromStr for FirstRun {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let hint = || {
            format!("`{text}` is not a first-run policy; write `all`, `latest N` or `since DAYS`")
        };
        let mut words = text.split_whitespace();
        let policy = match (words.next(), words.next()) {
            (Some("all"), None) => Self::All,
            (Some("latest"), Some(n)) => Self::Latest(n.parse().map_err(|_| hint())?),
            (Some("since"), Some(n)) => {
                Self::Since(n.trim_end_matches('d').parse().map_err(|_| hint())?)
            }
            _ => return Err(hint()),
        };
        if words.next().is_some() {
            Err(hint())
        } else {
            Ok(policy)
        }
    }
}

impl fmt::Display for FirstRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Latest(n) => write!(f, "latest {n}"),
            Self::Since(days) => write!(f, "since {days}"),
        }
    }
}

impl Serialize for FirstRun {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FirstRun {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
