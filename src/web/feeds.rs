//! The feeds as people see them: the list, and what is remembered of each.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::Serialize;
use utoipa::ToSchema;

use super::overview::Remembered;
use crate::app;
use crate::feeds::FeedSource;
use crate::feeds::list::{self, FeedList};
use crate::http::shown;
use crate::queue::{FeedState, Queue, Result};

/// How long an answer is good for.
const FRESH: Duration = Duration::from_secs(5);

/// Questions to the store at the same time.
const AT_ONCE: usize = 16;

/// How a feed stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Standing {
    /// The last poll worked.
    Ok,
    /// The last poll failed.
    Failing,
    /// Not polled yet.
    New,
    /// Switched off in the feed list.
    Disabled,
    /// Its server says that it is gone for good (410).
    Retired,
}

impl Standing {
    pub(super) const ALL: [Self; 5] = [
        Self::Ok,
        Self::Failing,
        Self::New,
        Self::Disabled,
        Self::Retired,
    ];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failing => "failing",
            Self::New => "new",
            Self::Disabled => "disabled",
            Self::Retired => "retired",
        }
    }

    fn of(feed: &FeedSource, state: &FeedState) -> Self {
        if !feed.enabled {
            Self::Disabled
        } else if state.retired.is_some() {
            Self::Retired
        } else if state.last_poll.is_none() {
            Self::New
        } else if state.failures > 0 {
            Self::Failing
        } else {
            Self::Ok
        }
    }
}

/// One feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Feed {
    /// What it is called.
    pub(super) title: String,
    /// Where it is, by the feed list; without password.
    #[schema(example = "https://blog.example/feed.xml")]
    pub(super) url: String,
    /// How it stands.
    pub(super) state: Standing,
    /// The last poll, of any result.
    pub(super) last_poll: Option<DateTime<Utc>>,
    /// The last poll that worked.
    pub(super) last_success: Option<DateTime<Utc>>,
    /// Not polled again before. Nothing of one that is not polled any more.
    pub(super) next_poll: Option<DateTime<Utc>>,
    /// Entries at the last poll that worked.
    pub(super) entries: u32,
    /// Failures in a row.
    pub(super) failures: u32,
    /// What failed last, or why it is not polled any more.
    pub(super) error: Option<String>,
    /// Where it is polled instead, since its server redirects there for good.
    pub(super) moved_to: Option<String>,
}

impl Feed {
    fn of(source: &FeedSource, state: FeedState) -> Self {
        let standing = Standing::of(source, &state);
        let failed = state.last_error.filter(|_| state.failures > 0);
        Self {
            title: source.title.clone(),
            url: shown(&source.url),
            state: standing,
            last_poll: state.last_poll,
            last_success: state.last_success,
            next_poll: state
                .next_poll
                .filter(|_| !matches!(standing, Standing::Disabled | Standing::Retired)),
            entries: state.entries,
            failures: state.failures,
            error: state
                .retired
                .or(failed
                    .map(|failure| format!("{}: {}", failure.reason.in_words(), failure.message))),
            moved_to: state.adopted.map(|url| {
                url::Url::parse(&url).map_or_else(|_| "not a URL".to_owned(), |url| shown(&url))
            }),
        }
    }
}

/// The feeds, remembered for a moment. The list is read again when its file changed.
pub(super) struct Feeds {
    queue: Arc<dyn Queue>,
    file: Option<PathBuf>,
    list: Mutex<(Option<SystemTime>, Vec<FeedSource>)>,
    known: Remembered<Arc<[Feed]>>,
}

impl Feeds {
    pub(super) fn new(queue: Arc<dyn Queue>, file: Option<PathBuf>) -> anyhow::Result<Self> {
        let changed = changed(file.as_ref());
        let FeedList { feeds, .. } = app::feed_list(file.as_deref())?;
        Ok(Self {
            queue,
            file,
            list: Mutex::new((changed, feeds)),
            known: Remembered::for_span(FRESH),
        })
    }

    /// All feeds, in the order of the list.
    pub(super) async fn all(&self) -> Result<Arc<[Feed]>> {
        self.known.get(self.ask()).await
    }

    async fn ask(&self) -> Result<Arc<[Feed]>> {
        let sources = self.sources();
        let feeds: Vec<Feed> = stream::iter(sources)
            .map(|source| async move {
                let state = self.queue.feed_state(source.url.as_str()).await?;
                Ok(Feed::of(&source, state))
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(feeds.into())
    }

    /// A list that cannot be read is said once; the old one stays.
    fn sources(&self) -> Vec<FeedSource> {
        let mut known = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = changed(self.file.as_ref());
        if let Some(file) = self.file.as_ref().filter(|_| changed != known.0) {
            known.0 = changed;
            match list::load(file) {
                Ok(list) => known.1 = list.feeds,
                Err(fault) => tracing::warn!("the changed feed list is not used: {fault}"),
            }
        }
        known.1.clone()
    }
}

fn changed(file: Option<&PathBuf>) -> Option<SystemTime> {
    std::fs::metadata(file?).ok()?.modified().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Failure, Reason};

    #[test]
    fn feeds_stand_as_they_were_polled() {
        let mut source = list::parse(
            r#"{"feeds": [{"title": "A", "url": "https://u:s3cret@a.example/feed"}]}"#,
            "test",
        )
        .unwrap()
        .feeds
        .remove(0);
        let fresh = FeedState::default();
        let polled = FeedState {
            last_poll: Some(Utc::now()),
            next_poll: Some(Utc::now()),
            ..fresh.clone()
        };
        let failing = FeedState {
            failures: 2,
            last_error: Some(Failure::new(Reason::Dns, "no such host")),
            ..polled.clone()
        };
        let retired = FeedState {
            retired: Some("gone".into()),
            ..failing.clone()
        };
        for (state, standing, error) in [
            (&fresh, Standing::New, None),
            (&polled, Standing::Ok, None),
            (
                &failing,
                Standing::Failing,
                Some("the host name does not resolve: no such host"),
            ),
            (&retired, Standing::Retired, Some("gone")),
        ] {
            let feed = Feed::of(&source, state.clone());
            assert_eq!((feed.state, feed.error.as_deref()), (standing, error));
            assert_eq!(feed.url, "https://a.example/feed");
            let polls = [Standing::Ok, Standing::Failing].contains(&standing);
            assert_eq!(feed.next_poll.is_some(), polls, "{standing:?}");
        }
        source.enabled = false;
        assert_eq!(Feed::of(&source, polled).state, Standing::Disabled);
    }
}
