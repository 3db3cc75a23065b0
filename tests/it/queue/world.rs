//! A store of its own for each test.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use gleaner::config::{Config, Secret};
use gleaner::destinations::{Delivery, Receipt};
use gleaner::failure::{Failure, Reason};
use gleaner::feeds::entry::Entry;
use gleaner::queue::{self, Job, Lease, Queue, Source};
use gleaner::story::Story;

use crate::support::redis::{Shared, shared};

/// A store without other users. Each handle is like another process's.
pub(crate) struct World {
    pub(crate) config: Config,
    _folder: tempfile::TempDir,
    _redis: Option<Arc<Shared>>,
}

impl World {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.store.path = folder.path().join("queue.db");
        Self::with(config, folder, None)
    }

    pub(crate) async fn redis() -> Self {
        // Starting a container blocks.
        let shared = tokio::task::spawn_blocking(shared).await.unwrap();
        let mut config = Config::default();
        config.store.url = Secret::from(shared.url());
        Self::with(config, tempfile::tempdir().unwrap(), Some(shared))
    }

    /// A store on the server of this URL.
    pub(crate) fn redis_at(url: &str) -> Self {
        let mut config = Config::default();
        config.store.url = Secret::from(url);
        Self::with(config, tempfile::tempdir().unwrap(), None)
    }

    fn with(mut config: Config, folder: tempfile::TempDir, redis: Option<Arc<Shared>>) -> Self {
        config.store.prefix = format!("test-{}", uuid::Uuid::now_v7().simple());
        // Long enough that no test loses a lease for being slow.
        config.store.lease = Duration::from_secs(60).into();
        Self {
            config,
            _folder: folder,
            _redis: redis,
        }
    }

    pub(crate) fn lease(mut self, lease: Duration) -> Self {
        self.config.store.lease = lease.into();
        self
    }

    pub(crate) async fn open(&self) -> Arc<dyn Queue> {
        queue::open(&self.config).await.unwrap()
    }

    /// All that is stored of feeds, names and values.
    pub(crate) async fn stored_feeds(&self) -> String {
        let Some(mut redis) = self.raw().await else {
            let connection = rusqlite::Connection::open(self.config.sqlite_path()).unwrap();
            let mut query = connection
                .prepare("SELECT key, url, state FROM feeds")
                .unwrap();
            let rows = query.query_map([], |row| {
                let [key, url, state]: [String; 3] = [row.get(0)?, row.get(1)?, row.get(2)?];
                Ok(format!("{key} {url} {state}\n"))
            });
            return rows.unwrap().map(Result::unwrap).collect();
        };
        let mut stored = String::new();
        for key in self.feed_keys(&mut redis).await {
            let hash: Vec<String> = redis::cmd("HGETALL")
                .arg(&key)
                .query_async(&mut redis)
                .await
                .unwrap();
            stored.push_str(&key);
            stored.push_str(&hash.join(" "));
        }
        stored
    }

    /// Makes what is stored of feeds unreadable.
    pub(crate) async fn garble_feeds(&self) {
        let Some(mut redis) = self.raw().await else {
            let connection = rusqlite::Connection::open(self.config.sqlite_path()).unwrap();
            connection
                .execute("UPDATE feeds SET state = '{'", [])
                .unwrap();
            return;
        };
        for key in self.feed_keys(&mut redis).await {
            let _: i64 = redis::cmd("HSET")
                .arg(&[&*key, "state", "{"])
                .query_async(&mut redis)
                .await
                .unwrap();
        }
    }

    async fn raw(&self) -> Option<redis::aio::MultiplexedConnection> {
        if !self.config.uses_redis() {
            return None;
        }
        let client = redis::Client::open(self.config.store.url.expose()).unwrap();
        Some(client.get_multiplexed_async_connection().await.unwrap())
    }

    async fn feed_keys(&self, redis: &mut redis::aio::MultiplexedConnection) -> Vec<String> {
        redis::cmd("KEYS")
            .arg(format!("{{{}}}:feed:*", self.config.store.prefix))
            .query_async(redis)
            .await
            .unwrap()
    }
}

pub(crate) const NOW: Duration = Duration::ZERO;
pub(crate) const SOON: Duration = Duration::from_secs(20);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// A job from the feed `https://blog.test/feed`.
pub(crate) fn job(link: &str, guid: Option<&str>) -> Job {
    let entry = Entry {
        link: link.to_owned(),
        link_as_given: link.to_owned(),
        title: format!("Title of {link} – “ü” \n 🦊"),
        guid: guid.map(str::to_owned),
        published: Some(Utc::now()),
        updated: None,
        categories: Vec::new(),
    };
    let source = Source {
        title: "Blog".into(),
        url: "https://blog.test/feed".into(),
        tags: vec!["a:b=\"c d\"".into()],
        local_tags: vec![],
    };
    Job::new(entry, source)
}

pub(crate) fn link(n: usize) -> String {
    format!("https://blog.test/{n}")
}

pub(crate) fn jobs(n: usize) -> Vec<Job> {
    (0..n).map(|n| job(&link(n), None)).collect()
}

pub(crate) fn failure(text: &str) -> Failure {
    Failure::new(Reason::Timeout, text)
}

pub(crate) fn receipt(event: &str) -> Receipt {
    Receipt {
        delivery: Delivery::Created,
        event: event.into(),
        location: Some(format!("https://misp.test/events/view/{event}")),
        notes: vec!["tag `x` dropped".into()],
        unfinished: None,
        at: chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap(),
    }
}

/// A story of this event.
pub(crate) fn story(event: u128, title: &str) -> Story {
    Story {
        event: uuid::Uuid::from_u128(event),
        title: title.into(),
        link: format!("https://blog.test/{event}"),
        date: chrono::NaiveDate::from_ymd_opt(2026, 11, 20).unwrap(),
        told: Utc::now(),
    }
}

/// The one job that is ready, at once.
pub(crate) async fn claim_one(queue: &dyn Queue) -> Lease {
    let mut leases = queue.claim("worker", 1, SOON).await.unwrap();
    assert_eq!(leases.len(), 1, "nothing to claim");
    leases.remove(0)
}

/// Waits until a condition holds; fails after a while.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut condition: impl FnMut() -> F) {
    let start = Instant::now();
    while !condition().await {
        assert!(start.elapsed() < Duration::from_secs(30), "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
