//! The keys under which an article is known.

use sha2::{Digest, Sha256};

use super::Job;

/// SHA-256 in lower-case hexadecimal of one identity of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key(String);

impl Key {
    /// The article by its canonical link.
    pub(super) fn of_link(link: &str) -> Self {
        Self::hash(&["link", link])
    }

    /// The article by what its page calls itself. Kept apart from links: what one page claims must not keep an
    /// article that a feed names under that link from being published.
    pub(super) fn of_claim(link: &str) -> Self {
        Self::hash(&["claim", link])
    }

    /// An article left out when its feed was first read. Within that feed only: what one feed leaves out,
    /// another may bring.
    fn of_left_out(feed: &str, name: &str) -> Self {
        Self::hash(&["left-out", feed, name])
    }

    /// The article by its GUID, which is unique within its feed only.
    fn of_guid(feed: &str, guid: &str) -> Self {
        Self::hash(&["guid", feed, guid])
    }

    /// Each part is preceded by its length: no two lists of parts hash the same text.
    fn hash(parts: &[&str]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part.len().to_be_bytes());
            hasher.update(part.as_bytes());
        }
        Self(hex::encode(hasher.finalize()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Every key of a job's article: its link, and its GUID if it has one.
pub(super) fn keys(job: &Job) -> Vec<Key> {
    let mut keys = vec![Key::of_link(&job.entry.link)];
    if let Some(guid) = &job.entry.guid {
        keys.push(Key::of_guid(&job.source.url, guid));
    }
    keys
}

/// The keys that leave a job's article out of its feed.
pub(super) fn left_out_keys(job: &Job) -> Vec<Key> {
    let names = std::iter::once(&job.entry.link).chain(&job.entry.guid);
    names
        .map(|name| Key::of_left_out(&job.source.url, name))
        .collect()
}

/// A feed's URL for people: without user name and password.
pub(super) fn shown_feed(url: &str) -> String {
    url::Url::parse(url).map_or_else(|_| "not a URL".to_owned(), |url| crate::http::shown(&url))
}

/// The key of a feed's memory, by its listed URL.
pub(super) fn feed_key(url: &str) -> Key {
    Key::hash(&["feed", url])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_boundaries_matter() {
        let keys = [
            Key::of_link("https://a/"),
            feed_key("https://a/"),
            Key::of_guid("https://a/", "x"),
            Key::of_guid("https://a/x", ""),
            Key::of_guid("", "https://a/x"),
        ];
        for (i, a) in keys.iter().enumerate() {
            assert_eq!(a.as_str().len(), 64);
            for b in keys.iter().skip(i + 1) {
                assert_ne!(a, b);
            }
        }
    }
}
