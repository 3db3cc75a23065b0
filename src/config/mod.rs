//! What can be configured, with the defaults and the reason for each odd number.
//!
//! Plain structs: [`load`] fills them from a file and the environment, [`validate`] checks what
//! types cannot. `config.toml.example` shows every key with its default; a test holds it to this file.

mod context;
pub mod env;
mod indicators;
pub mod load;
pub mod serve;
pub mod units;
pub mod validate;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use self::context::{Context, Rule as ContextRule};
pub use self::indicators::{Extraction, Indicators, References};
pub use self::serve::Serve;
pub use self::units::Secret;
use self::units::{Bytes, Span};

/// Everything Gleaner can be told, by section.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where local state lives: the embedded store and the feed folder. Empty: `$STATE_DIRECTORY`
    /// when systemd sets it, else `./gleaner-data`.
    pub data_dir: PathBuf,
    /// Where events go: `misp`, `misp-feed`, or both. Empty: `misp` when `misp.url` is set, else `misp-feed`.
    pub destinations: Vec<DestinationKind>,
    /// Log output.
    pub log: Log,
    /// The queue between `cron` and `subscribe`.
    pub store: Store,
    /// Polling of feeds.
    pub feeds: Feeds,
    /// Outgoing requests to blogs.
    pub http: Http,
    /// Downloading and reading of articles.
    pub article: ArticleSettings,
    /// The consumer.
    pub worker: Worker,
    /// Indicators in articles.
    pub indicators: Indicators,
    /// Threat actors, malware, techniques, markings.
    pub context: Context,
    /// What a MISP event looks like.
    pub event: EventSettings,
    /// The MISP server.
    pub misp: Misp,
    /// The MISP feed folder.
    pub misp_feed: MispFeed,
    /// Deletion of outdated incomplete events.
    pub retention: Retention,
    /// The intake endpoint.
    pub serve: Serve,
}

/// A place events are delivered to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DestinationKind {
    /// A MISP server, through its API.
    Misp,
    /// A folder in MISP feed format.
    MispFeed,
}

impl DestinationKind {
    /// The name used in configuration, receipts and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Misp => "misp",
            Self::MispFeed => "misp-feed",
        }
    }
}

/// `[log]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// Filter in the syntax of `tracing`: a level, or `gleaner=debug,redis=warn`.
    pub level: String,
    /// `text` for people, `json` for log collectors.
    pub format: LogFormat,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// One readable line per event.
    Text,
    /// One JSON object per line.
    Json,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            level: "info".into(),
            format: LogFormat::Text,
        }
    }
}

/// Which store keeps the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StoreKind {
    /// Redis when `store.url` is set, else SQLite.
    Auto,
    /// Redis Streams.
    Redis,
    /// An SQLite file in `data_dir`.
    Sqlite,
}

/// `[store]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    /// `auto`, `redis` or `sqlite`.
    pub kind: StoreKind,
    /// Redis: `redis://[user:password@]host[:port][/db]`, `rediss://` for TLS,
    /// `redis+sentinel://[user:password@]host:port,host:port/SERVICE[/db]`,
    /// `redis+cluster://[user:password@]host:port,host:port` (`rediss+…` for TLS on both).
    pub url: Secret,
    /// Prefix of all Redis keys; becomes the hash tag `{prefix}` so that scripts work in a cluster.
    pub prefix: String,
    /// PEM file of the authority that signed the Redis server's certificate. Empty: public authorities.
    pub ca_file: PathBuf,
    /// The embedded store's file. Empty: `queue.db` in `data_dir`.
    pub path: PathBuf,
    /// A worker that has not renewed its hold on a job for this long is taken for dead.
    pub lease: Span,
    /// How often an article is tried before it is a dead letter.
    pub max_attempts: u32,
    /// Wait before the second attempt; doubles from there, with jitter.
    pub backoff: Span,
    /// Upper bound of that wait.
    pub backoff_max: Span,
    /// How long an article's identity is remembered. Longer than `retention.after`, or purged articles come back.
    pub remember: Span,
    /// How long the record of a finished job can be looked at.
    pub keep_finished: Span,
    /// How many dead letters are kept; the oldest go first.
    pub keep_dead: u32,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            kind: StoreKind::Auto,
            url: Secret::default(),
            prefix: "gleaner".into(),
            ca_file: PathBuf::new(),
            path: PathBuf::new(),
            lease: Span::minutes(2),
            max_attempts: 10,
            backoff: Span::seconds(30),
            // Ten attempts, doubling from 30 s, outlast a maintenance of four hours.
            backoff_max: Span::hours(6),
            // Feeds of slow blogs still carry entries that are two years old.
            remember: Span::days(1095),
            keep_finished: Span::days(30),
            keep_dead: 10_000,
        }
    }
}

/// `[feeds]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Feeds {
    /// The feed list (JSON or OPML). Empty: `feeds.json` beside the configuration file or in the working
    /// directory, else the starter list that comes with Gleaner.
    pub list: PathBuf,
    /// What to take from a feed seen for the first time: `all`, `latest N` or `since DAYS`. A feed may say otherwise.
    pub first_run: crate::feeds::FirstRun,
    /// A feed is not asked more often than this, whatever the crontab says.
    pub min_interval: Span,
    /// Upper bound for what `Cache-Control`, `Expires` or `ttl` ask for.
    pub max_interval: Span,
    /// Wait after the first failure of a feed; doubles with each further one.
    pub backoff: Span,
    /// Upper bound of that wait.
    pub backoff_max: Span,
    /// Feeds polled at the same time (one request at a time per host).
    pub concurrency: usize,
    /// Time allowed for one feed, all redirects included.
    pub timeout: Span,
    /// Largest feed accepted, after decompression.
    pub max_size: Bytes,
    /// Redirects followed.
    pub max_redirects: u32,
    /// A permanent redirect is adopted when it was seen in so many polls.
    pub adopt_redirect_after: u32,
}

impl Default for Feeds {
    fn default() -> Self {
        Self {
            list: PathBuf::new(),
            first_run: crate::feeds::FirstRun::All,
            // Below the usual crontab of a quarter of an hour, so that jitter never skips a run.
            min_interval: Span::minutes(10),
            max_interval: Span::days(1),
            backoff: Span::minutes(15),
            backoff_max: Span::days(1),
            concurrency: 16,
            timeout: Span::seconds(30),
            max_size: Bytes::mib(20),
            max_redirects: 5,
            adopt_redirect_after: 3,
        }
    }
}

/// `[http]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Sent to blogs. Names the program and where to read about it.
    pub user_agent: String,
    /// Further request headers for all blogs; a feed's own come on top. Their values may be secrets and are never shown.
    pub headers: std::collections::BTreeMap<String, Secret>,
    /// Networks (CIDR) that may be asked although they are private, loopback, link-local or reserved.
    pub allow_networks: Vec<String>,
    /// Proxy for blogs: `http://`, `https://`, `socks5://` or `socks5h://`, with credentials if need be. The
    /// proxy resolves names, so it also has to enforce which addresses may be asked.
    pub proxy: Secret,
    /// PEM file with further authorities to trust (a TLS-inspecting proxy's). Empty: public authorities only.
    pub ca_file: PathBuf,
    /// Time allowed for connecting, TLS included.
    pub connect_timeout: Span,
    /// A server that sends nothing for so long is given up, however long the whole may take.
    pub read_timeout: Span,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            user_agent: concat!("gleaner/", env!("CARGO_PKG_VERSION"), " (MISP feed reader)")
                .into(),
            headers: std::collections::BTreeMap::new(),
            allow_networks: Vec::new(),
            proxy: Secret::default(),
            ca_file: PathBuf::new(),
            connect_timeout: Span::seconds(10),
            read_timeout: Span::seconds(60),
        }
    }
}

/// `[article]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ArticleSettings {
    /// Time allowed for one page, all redirects included.
    pub timeout: Span,
    /// Largest page accepted, after decompression.
    pub max_size: Bytes,
    /// Redirects followed.
    pub max_redirects: u32,
    /// Pause between two requests to the same host, across all workers.
    pub host_interval: Span,
    /// Time allowed for reading one page (finding the main content, building the report).
    pub parse_timeout: Span,
    /// Deepest nesting of elements that is parsed.
    pub max_depth: u32,
}

impl Default for ArticleSettings {
    fn default() -> Self {
        Self {
            timeout: Span::seconds(60),
            max_size: Bytes::mib(10),
            max_redirects: 10,
            host_interval: Span::seconds(1),
            parse_timeout: Span::seconds(20),
            // Real pages stay under 100; the parsers' own limits begin at some 2,000.
            max_depth: 512,
        }
    }
}

/// `[worker]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Worker {
    /// Articles in flight per process.
    pub in_flight: usize,
    /// On SIGTERM, how long articles in flight may take to finish before they are handed back.
    pub shutdown_timeout: Span,
    /// Address (`127.0.0.1:9464`) on which `/metrics` (Prometheus), `/healthz` and `/readyz` are served without a
    /// login. Empty: nowhere.
    pub metrics: String,
}

impl Worker {
    /// The address of [`Self::metrics`], if there is one.
    pub fn metrics_address(&self) -> Option<std::net::SocketAddr> {
        self.metrics.trim().parse().ok()
    }
}

impl Default for Worker {
    fn default() -> Self {
        // systemd kills after 90 s by default: stay well below.
        Self {
            in_flight: 8,
            shutdown_timeout: Span::seconds(25),
            metrics: String::new(),
        }
    }
}

/// `[event]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EventSettings {
    /// `info` is this, a colon and the article's title.
    pub prefix: String,
    /// 0 your organisation, 1 this community, 2 connected communities, 3 all, 4 sharing group.
    pub distribution: u8,
    /// Id of the sharing group when `distribution` is 4.
    pub sharing_group_id: u32,
    /// 1 high, 2 medium, 3 low, 4 undefined.
    pub threat_level: u8,
    /// 0 initial, 1 ongoing, 2 completed.
    pub analysis: u8,
    /// Tags on every event.
    pub tags: Vec<String>,
    /// Tags on every event that never leave this MISP server.
    pub local_tags: Vec<String>,
    /// Local tag by which Gleaner knows its own events. Purge touches no event without it.
    pub tool_tag: String,
    /// Tag that names the feed: this, a colon and the feed's title. Empty: none.
    pub source_tag_prefix: String,
    /// Largest report kept, in bytes of Markdown; the rest is cut with a note.
    pub max_report: Bytes,
}

impl Default for EventSettings {
    fn default() -> Self {
        Self {
            prefix: "Gleaner".into(),
            // Nothing leaves the organisation before an analyst has looked at it.
            distribution: 0,
            sharing_group_id: 0,
            threat_level: 4,
            analysis: 0,
            tags: vec!["tlp:clear".into()],
            local_tags: Vec::new(),
            tool_tag: "curation:source=\"gleaner\"".into(),
            source_tag_prefix: "gleaner".into(),
            // MISP answers 500 over 16 MiB, and PHP's own limit is 8 MB on Debian.
            max_report: Bytes::mib(4),
        }
    }
}

/// Who downloads the article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fetch {
    /// Gleaner.
    Local,
    /// The MISP server (`importReportFromUrl`), which needs misp-modules.
    Misp,
}

/// What happens to an article without any of the required strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WithoutRequired {
    /// Delivered all the same; only articles *with* one are tagged.
    Keep,
    /// Skipped: no event is made.
    Skip,
}

/// `[misp]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Misp {
    /// Base URL of the server.
    pub url: String,
    /// Authentication key of a user who may add and tag; `perm_tag_editor` spares dropped tags.
    pub key: Secret,
    /// Check the server's certificate.
    pub verify_cert: bool,
    /// PEM file of the authority that signed it. Empty: public authorities.
    pub ca_file: PathBuf,
    /// Proxy for this server. Empty: none.
    pub proxy: Secret,
    /// Time allowed for one request. Extraction of a long report takes the server minutes.
    pub timeout: Span,
    /// `local` or `misp`.
    pub fetch: Fetch,
    /// Values of this MISP warninglist (id) are removed from the event after the server's extraction
    /// (`indicators.extraction = "misp"`). 0: none.
    pub remove_warninglist: u32,
    /// Delete those for good instead of softly.
    pub hard_delete: bool,
    /// Strings an article should contain, in any case.
    pub required_strings: Vec<String>,
    /// A MISP warninglist (id) with further such strings. 0: none.
    pub required_strings_warninglist: u32,
    /// Tag for an article with at least one of them; `{}` stands for the string. Empty: none.
    pub required_strings_tag: String,
    /// `keep` or `skip`.
    pub without_required_strings: WithoutRequired,
}

impl Default for Misp {
    fn default() -> Self {
        Self {
            url: String::new(),
            key: Secret::default(),
            verify_cert: true,
            ca_file: PathBuf::new(),
            proxy: Secret::default(),
            timeout: Span::minutes(5),
            fetch: Fetch::Local,
            remove_warninglist: 0,
            hard_delete: false,
            required_strings: Vec::new(),
            required_strings_warninglist: 0,
            required_strings_tag: "gleaner:match=\"{}\"".into(),
            without_required_strings: WithoutRequired::Keep,
        }
    }
}

/// `[misp_feed]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MispFeed {
    /// The folder. Empty: `misp-feed` in `data_dir`.
    pub path: PathBuf,
    /// Name of the organisation that stands as creator of the events.
    pub org_name: String,
    /// Its UUID. Empty: derived from the name.
    pub org_uuid: String,
    /// Events older than this leave the folder. `0s`: never.
    pub keep: Span,
}

impl Default for MispFeed {
    fn default() -> Self {
        Self {
            path: PathBuf::new(),
            org_name: "Gleaner".into(),
            org_uuid: String::new(),
            keep: Span::seconds(0),
        }
    }
}

/// `[retention]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Let `cron` delete outdated incomplete events from MISP.
    pub enabled: bool,
    /// Age after which an event still incomplete is outdated. An event's own tag `retention:90d` overrides it.
    pub after: Span,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            enabled: true,
            after: Span::days(99),
        }
    }
}

impl Config {
    /// Where local state lives (see [`Config::data_dir`]).
    pub fn data_dir(&self) -> PathBuf {
        if !self.data_dir.as_os_str().is_empty() {
            return self.data_dir.clone();
        }
        env::path(env::STATE_DIRECTORY).unwrap_or_else(|| PathBuf::from("gleaner-data"))
    }

    /// The embedded store's file.
    pub fn sqlite_path(&self) -> PathBuf {
        if self.store.path.as_os_str().is_empty() {
            self.data_dir().join("queue.db")
        } else {
            self.store.path.clone()
        }
    }

    /// The MISP feed folder.
    pub fn misp_feed_path(&self) -> PathBuf {
        if self.misp_feed.path.as_os_str().is_empty() {
            self.data_dir().join("misp-feed")
        } else {
            self.misp_feed.path.clone()
        }
    }

    /// Whether the queue lives in Redis.
    pub fn uses_redis(&self) -> bool {
        match self.store.kind {
            StoreKind::Auto => !self.store.url.is_empty(),
            StoreKind::Redis => true,
            StoreKind::Sqlite => false,
        }
    }

    /// The key that sessions of `serve` are signed with.
    pub fn session_key_path(&self) -> PathBuf {
        self.data_dir().join("serve.key")
    }

    /// Where copies of the MISP server's warninglists lie.
    pub fn warninglists_path(&self) -> PathBuf {
        self.data_dir().join("warninglists")
    }

    /// The file of the refreshed knowledge.
    pub fn knowledge_path(&self) -> PathBuf {
        self.data_dir().join("knowledge.bin")
    }

    /// Where events go, with the default applied; sorted, each once.
    pub fn effective_destinations(&self) -> Vec<DestinationKind> {
        let mut kinds = if !self.destinations.is_empty() {
            self.destinations.clone()
        } else if self.misp.url.is_empty() {
            vec![DestinationKind::MispFeed]
        } else {
            vec![DestinationKind::Misp]
        };
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example with its commented keys (`#key = value`, no blank) taken in.
    fn example() -> String {
        let text = include_str!("../../config.toml.example");
        let is_key = |line: &str| {
            line.starts_with('#') && line.chars().nth(1).is_some_and(|c| c.is_ascii_lowercase())
        };
        text.lines()
            .map(|line| {
                if is_key(line) {
                    line.trim_start_matches('#')
                } else {
                    line
                }
            })
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn the_example_shows_every_key_with_its_default() {
        let shown: toml::Table = example().parse().unwrap();
        let defaults = toml::Table::try_from(Config::default()).unwrap();
        for (name, value) in &defaults {
            assert_eq!(shown.get(name), Some(value), "section or key `{name}`");
        }
        assert_eq!(shown.len(), defaults.len());
    }

    #[test]
    fn the_example_is_valid_as_it_stands() {
        let config: Config = toml::from_str(include_str!("../../config.toml.example")).unwrap();
        assert_eq!(config, Config::default());
    }
}
