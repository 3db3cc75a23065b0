//! How the articles of a feed are asked for: its own headers, user agent and proxy.
//!
//! They stay out of the queue, because they may hold secrets; a worker looks them up in its feed list, and
//! reads the list again when its file changed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use reqwest::header::HeaderMap;
use url::Url;

use crate::article::FeedRequest;
use crate::feeds::list::{self, FeedList};
use crate::feeds::{FeedSource, shares_site};
use crate::http::{header, shown};

/// The feeds' requests, by the feed's URL as jobs name it.
pub struct Manners {
    file: Option<PathBuf>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    read: Option<SystemTime>,
    feeds: BTreeMap<String, (Url, FeedRequest)>,
}

impl Manners {
    /// The requests of this list, which was read from `file` if it has one. The error names the feed.
    pub fn new(list: &FeedList, file: Option<PathBuf>) -> Result<Self, String> {
        let read = file.as_deref().and_then(changed);
        let known = Known {
            read,
            feeds: requests(&list.feeds)?,
        };
        Ok(Self {
            file,
            known: Mutex::new(known),
        })
    }

    /// How to ask for this article of this feed. Headers go to the feed's own site only: a feed may link
    /// anywhere, and they may hold secrets.
    pub fn request(&self, feed: &str, article: &Url) -> FeedRequest {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        self.refresh(&mut known);
        let Some((url, request)) = known.feeds.get(feed) else {
            return FeedRequest::default();
        };
        let mut request = request.clone();
        if !shares_site(url, article) {
            request.headers = HeaderMap::new();
        }
        request
    }

    /// Reads the list again if its file changed. A list that cannot be used is said once; the old one stays.
    fn refresh(&self, known: &mut Known) {
        let Some(file) = &self.file else { return };
        let changed = changed(file);
        if changed.is_none() || changed == known.read {
            return;
        }
        known.read = changed;
        let read = list::load(file)
            .map_err(|error| error.to_string())
            .and_then(|list| requests(&list.feeds));
        match read {
            Ok(feeds) => known.feeds = feeds,
            Err(fault) => tracing::warn!("the changed feed list is not used: {fault}"),
        }
    }
}

fn changed(file: &std::path::Path) -> Option<SystemTime> {
    std::fs::metadata(file).ok()?.modified().ok()
}

fn requests(feeds: &[FeedSource]) -> Result<BTreeMap<String, (Url, FeedRequest)>, String> {
    let request = |feed: &FeedSource| {
        let mut headers = HeaderMap::new();
        for (name, value) in &feed.headers {
            let (name, value) = header(name, value.expose())
                .map_err(|why| format!("feed `{}`: headers: {why}", feed.title))?;
            headers.insert(name, value);
        }
        let request = FeedRequest {
            headers,
            user_agent: feed.user_agent.clone(),
            proxy: feed.proxy.clone(),
        };
        Ok((shown(&feed.url), (feed.url.clone(), request)))
    };
    feeds.iter().map(request).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"{"feeds": [
        {"title": "A", "url": "https://user:pw@blog.example.org/feed", "user_agent": "one", "headers": {"x-key": "s3cret"}}
    ]}"#;

    fn article(url: &str) -> Url {
        url.parse().unwrap()
    }

    #[test]
    fn headers_go_to_the_feeds_own_site_only() {
        let manners = Manners::new(&list::parse(LIST, "test").unwrap(), None).unwrap();
        for (url, headers) in [
            ("https://blog.example.org/a", 1),
            ("https://www.example.org/a", 1),
            ("https://elsewhere.example.com/a", 0),
            ("http://blog.example.org/a", 0),
        ] {
            let request = manners.request("https://blog.example.org/feed", &article(url));
            assert_eq!(request.headers.len(), headers, "{url}");
            assert_eq!(request.user_agent.as_deref(), Some("one"), "{url}");
        }
        let unknown = manners.request(
            "https://other.example/feed",
            &article("https://blog.example.org/a"),
        );
        assert_eq!((unknown.headers.len(), unknown.user_agent), (0, None));
    }

    #[test]
    fn a_changed_list_is_read_again_and_a_broken_one_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("feeds.json");
        let write = |text: &str, at: u64| {
            std::fs::write(&file, text).unwrap();
            let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(at);
            std::fs::File::options()
                .write(true)
                .open(&file)
                .unwrap()
                .set_modified(time)
                .unwrap();
        };
        write(LIST, 1);
        let manners = Manners::new(&list::load(&file).unwrap(), Some(file.clone())).unwrap();
        let agent = || {
            manners
                .request(
                    "https://blog.example.org/feed",
                    &article("https://x.example/"),
                )
                .user_agent
        };
        assert_eq!(agent().as_deref(), Some("one"));
        write(&LIST.replace("one", "two"), 2);
        assert_eq!(agent().as_deref(), Some("two"));
        write("{", 3);
        assert_eq!(agent().as_deref(), Some("two"));
    }
}
