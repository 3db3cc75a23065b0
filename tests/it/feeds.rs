//! Feeds from the outside: every fixture read, hostile input, and polling over loopback.

use std::fmt::Write;
use std::io::{Read as _, Write as _};
use std::process::Stdio;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use gleaner::config::Config;
use gleaner::failure::Reason;
use gleaner::feeds::parse::{FeedKind, parse};
use gleaner::feeds::poller::{FeedReport, PollState, Poller};
use gleaner::feeds::{FeedSource, list};
use gleaner::http::Fetcher;
use gleaner::queue::{FeedState, QueueError};

use crate::support::app::{App, Store};
use crate::support::blog::{Blog, Reply};
use crate::support::memory_queue::MemoryQueue;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/feeds");

/// One line per fixture: dialect, entries, and what was mended. New fixtures show up as a difference.
#[test]
fn every_fixture_reads_as_recorded() {
    let mut names: Vec<_> = std::fs::read_dir(FIXTURES)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut out = String::new();
    for name in names {
        let bytes = std::fs::read(format!("{FIXTURES}/{name}")).unwrap();
        writeln!(out, "{name}").unwrap();
        match parse(&bytes, None, None) {
            Err(error) => writeln!(out, "    no feed: {error}").unwrap(),
            Ok(feed) => {
                writeln!(out, "    {}", feed.kind).unwrap();
                for entry in feed.entries {
                    let date = entry.published.or(entry.updated);
                    let date = date.map_or_else(|| "-".into(), |date| date.to_rfc3339());
                    let guid = entry.guid.as_deref().unwrap_or("-");
                    writeln!(out, "    {} <{}> {guid} {date}", entry.title, entry.link).unwrap();
                }
                for damage in feed.damage.iter().chain(&feed.problems) {
                    writeln!(out, "    ! {damage}").unwrap();
                }
            }
        }
    }
    insta::assert_snapshot!(out);
}

#[test]
fn http_charset_and_feed_address_count() {
    let url = "https://blog.example/feeds/rss".parse().unwrap();
    let bytes = b"<rss version='2.0'><channel><item><title>caf\xe9 \xa4 and more \xe9\xe8</title><link>../a1</link></item></channel></rss>";
    let feed = parse(bytes, Some("text/xml; charset=ISO-8859-15"), Some(&url)).unwrap();
    assert_eq!(
        feed.entries[0].title,
        "caf\u{e9} \u{20ac} and more \u{e9}\u{e8}"
    );
    assert_eq!(feed.entries[0].link.as_str(), "https://blog.example/a1");
    assert_eq!(feed.entries[0].link_as_given, "../a1");
}

#[test]
fn ttl_is_minutes() {
    let bytes = std::fs::read(format!("{FIXTURES}/ttl.xml")).unwrap();
    assert_eq!(
        parse(&bytes, None, None).unwrap().ttl,
        Some(Duration::from_secs(7200))
    );
}

/// What parsers choke on.
const HOSTILE: [&str; 39] = [
    "<",
    "&",
    "<a",
    "<a ",
    "<a b=\"",
    "<a b='<",
    "</a>",
    "</a",
    "<a>",
    "<item>",
    "<title>",
    "<link>",
    "<![CDATA[",
    "<![CDATA[x</description>",
    "<!--",
    "<!",
    "<?",
    "<!DOCTYPE [",
    "<!DOCTYPE[>",
    "<!ENTITY a \"b\">",
    "&amp;",
    "&#",
    "&#x",
    "&a;",
    "]]>",
    "<item><title>",
    "<item><link>x</link></item>",
    "<a xml:base='b/'>",
    "<a xmlns:b='c'>",
    "<description>",
    "\u{e9}",
    "\0",
    "<x:y>",
    "<a b='c' d=\"e\" ",
    "{\"items\":[",
    "[",
    "\"",
    "<a b='c'\"",
    "<a b =  ",
];

/// Half a megabyte of each. What is not linear takes minutes at this size.
fn hostile(before: &str) {
    for piece in HOSTILE {
        let feed = format!("{before}{}", piece.repeat(500_000 / piece.len()));
        let start = Instant::now();
        let _ = parse(feed.as_bytes(), None, None);
        let took = start.elapsed();
        assert!(took < Duration::from_secs(10), "{piece:?} took {took:?}");
    }
}

#[test]
fn hostile_documents_end_in_time() {
    hostile("");
}

#[test]
fn hostile_channels_end_in_time() {
    hostile("<rss version=\"2.0\"><channel>");
}

#[test]
fn hostile_items_end_in_time() {
    hostile(
        "<rss version=\"2.0\"><channel><item><title>t</title><link>https://blog.example/</link><description>",
    );
}

#[test]
fn entries_are_bounded_and_the_rest_is_reported() {
    let item = "<item><link>https://blog.example/a</link></item>";
    let feed = format!(
        "<rss version=\"2.0\"><channel>{}</channel></rss>",
        item.repeat(10_500)
    );
    let feed = parse(feed.as_bytes(), None, None).unwrap();
    assert_eq!(feed.entries.len(), 10_000);
    assert!(
        feed.damage[0].starts_with("more entries than are read"),
        "{:?}",
        feed.damage
    );
}

proptest::proptest! {
    /// Any cut, and any byte changed, of a real feed: no panic, and all entries before the damage.
    #[test]
    fn damage_never_reaches_back(cut in 0_usize..700, byte in proptest::prelude::any::<u8>()) {
        let mut bytes = std::fs::read(format!("{FIXTURES}/rss-2.0.xml")).unwrap();
        let cut = cut.min(bytes.len() - 1);
        let before = String::from_utf8_lossy(&bytes[..cut]).matches("</item>").count();
        bytes.truncate(cut);
        if let Ok(feed) = parse(&bytes, None, None) {
            proptest::prop_assert!(feed.entries.len() >= before);
        } else {
            proptest::prop_assert_eq!(before, 0);
        }
        let mut bytes = std::fs::read(format!("{FIXTURES}/atom-1.0.xml")).unwrap();
        let at = cut.min(bytes.len() - 1);
        bytes[at] = byte;
        let _ = parse(&bytes, None, None);
    }

    #[test]
    fn any_text_parses_or_does_not(text in "[<>/&;a-z!\\[\\]\"'= -]{0,200}") {
        let _ = parse(format!("<rss><item><title>{text}").as_bytes(), None, None);
    }
}

// Polling.

struct World {
    blog: Blog,
    queue: MemoryQueue,
    config: Config,
    fetcher: Fetcher,
    now: DateTime<Utc>,
}

impl World {
    async fn new() -> Self {
        gleaner::http::install_crypto_provider();
        let mut config = Config::default();
        config.http.allow_networks = vec!["127.0.0.0/8".into()];
        Self {
            blog: Blog::start().await,
            queue: MemoryQueue::default(),
            fetcher: Fetcher::new(&config.http).unwrap(),
            config,
            now: "2026-11-20T10:00:00Z".parse().unwrap(),
        }
    }

    fn source(&self, path: &str) -> FeedSource {
        source(&self.blog.url(path))
    }

    fn poller(&self) -> Poller<'_> {
        Poller {
            fetcher: &self.fetcher,
            queue: &self.queue,
            config: &self.config.feeds,
            force: false,
            now: self.now,
        }
    }

    async fn poll(&self, source: &FeedSource) -> FeedReport {
        let sources = std::slice::from_ref(source);
        self.poller().run(sources, &|_| ()).await.unwrap().remove(0)
    }

    /// Polls whatever the schedule says.
    async fn force(&self, source: &FeedSource) -> FeedReport {
        let poller = Poller {
            force: true,
            ..self.poller()
        };
        let sources = std::slice::from_ref(source);
        poller.run(sources, &|_| ()).await.unwrap().remove(0)
    }

    /// Polls a day later.
    async fn poll_again(&mut self, source: &FeedSource) -> FeedReport {
        self.now += TimeDelta::days(1);
        self.poll(source).await
    }
}

fn source(url: &str) -> FeedSource {
    let text = format!(r#"{{"feeds": [{{"title": "Blog", "url": "{url}", "tags": ["t"]}}]}}"#);
    list::parse(&text, "x").unwrap().feeds.remove(0)
}

fn rss(numbers: impl IntoIterator<Item = u32>) -> String {
    let mut items = String::new();
    for n in numbers {
        let guid = format!("<guid isPermaLink=\"false\">g{n}</guid>");
        write!(
            items,
            "<item><title>{n}</title><link>/a{n}</link>{guid}</item>"
        )
        .unwrap();
    }
    format!(
        "<rss version=\"2.0\"><channel><title>B</title><link>https://blog.example/</link>{items}</channel></rss>"
    )
}

#[tokio::test]
async fn new_entries_are_published_once_the_oldest_first() {
    let mut world = World::new().await;
    let source = world.source("/feed");
    world.blog.set("/feed", Reply::ok(rss([2, 1])));
    let report = world.poll(&source).await;
    assert_eq!(
        (report.state, report.entries, report.new),
        (PollState::Polled, 2, 2)
    );
    assert_eq!(report.kind.as_deref(), Some("RSS 2.0"));
    world.blog.set("/feed", Reply::ok(rss([3, 2, 1])));
    let report = world.poll_again(&source).await;
    assert_eq!((report.entries, report.new), (3, 1));
    assert_eq!(world.queue.titles(), ["1", "2", "3"]);
    let job = &world.queue.jobs()[0];
    assert_eq!(job.entry.link, "https://blog.example/a1");
    assert_eq!(job.entry.link_as_given, "/a1");
    assert_eq!(job.source.tags, ["t"]);
    assert_eq!(job.source.url, source.url.as_str());
}

#[tokio::test]
async fn an_unchanged_feed_costs_one_request() {
    let mut world = World::new().await;
    let source = world.source("/feed");
    world
        .blog
        .set("/feed", Reply::ok(rss([1])).validated("\"v1\""));
    world.poll(&source).await;
    assert_eq!(world.blog.count(), 1);
    let report = world.poll_again(&source).await;
    assert_eq!(
        (report.state, report.entries, report.new),
        (PollState::Unchanged, 1, 0)
    );
    let asked = world.blog.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].headers["if-none-match"], "\"v1\"");
    assert_eq!(
        asked[0].headers["if-modified-since"],
        "Fri, 20 Nov 2026 10:00:00 GMT"
    );
}

#[tokio::test]
async fn feeds_are_left_alone_until_due_unless_forced() {
    let mut world = World::new().await;
    let source = world.source("/feed");
    world.blog.set(
        "/feed",
        Reply::ok(rss([1])).header("cache-control", "max-age=7200"),
    );
    world.poll(&source).await;
    world.now += TimeDelta::minutes(119);
    let report = world.poll(&source).await;
    assert_eq!(report.state, PollState::NotDue);
    assert_eq!(
        report.message.as_deref(),
        Some("not due before 2026-11-20 12:00 UTC")
    );
    assert_eq!((report.failure, report.notice), (None, None));
    assert_eq!(world.blog.count(), 1);
    assert_eq!(world.force(&source).await.state, PollState::Polled);
    world.now += TimeDelta::hours(3);
    assert_eq!(world.poll(&source).await.state, PollState::Polled);
}

#[tokio::test]
async fn what_was_not_published_is_not_remembered() {
    let mut world = World::new().await;
    let source = world.source("/feed");
    world
        .blog
        .set("/feed", Reply::ok(rss([1])).validated("\"v1\""));
    world.queue.set_full(true);
    let error = world
        .poller()
        .run(std::slice::from_ref(&source), &|_| ())
        .await
        .unwrap_err();
    assert!(matches!(error, QueueError::Full(_)));
    assert_eq!(world.queue.state(source.url.as_str()), FeedState::default());
    world.queue.set_full(false);
    assert_eq!(world.poll_again(&source).await.new, 1);
}

#[tokio::test]
async fn failing_feeds_back_off_and_recover() {
    let mut world = World::new().await;
    let source = world.source("/feed");
    world.blog.set("/feed", Reply::status(500));
    let report = world.poll(&source).await;
    assert_eq!(report.state, PollState::Failed);
    assert_eq!(report.failure.unwrap().reason, Reason::ServerError);
    let state = world.queue.state(source.url.as_str());
    assert_eq!(state.next_poll, Some(world.now + TimeDelta::minutes(15)));
    world.now += TimeDelta::minutes(15);
    world.poll(&source).await;
    let state = world.queue.state(source.url.as_str());
    assert_eq!(state.next_poll, Some(world.now + TimeDelta::minutes(30)));
    let waiting = world.poll(&source).await;
    assert_eq!(waiting.state, PollState::NotDue);
    assert_eq!(waiting.failure.unwrap().reason, Reason::ServerError);
    assert!(
        waiting
            .message
            .unwrap()
            .contains("after 2 failures in a row")
    );
    world.blog.set("/feed", Reply::ok(rss([1])));
    let report = world.poll_again(&source).await;
    assert_eq!((report.state, report.new), (PollState::Polled, 1));
    assert_eq!(world.queue.state(source.url.as_str()).failures, 0);
}

#[tokio::test]
async fn retry_after_is_kept() {
    let world = World::new().await;
    let source = world.source("/feed");
    for status in [429, 503] {
        world.blog.set(
            "/feed",
            Reply::status(status).header("retry-after", "172800"),
        );
        let report = world.force(&source).await;
        assert_eq!(report.failure.unwrap().reason, Reason::RateLimited);
        let state = world.queue.state(source.url.as_str());
        assert_eq!(state.next_poll, Some(world.now + TimeDelta::days(2)));
    }
}

#[tokio::test]
async fn gone_retires_the_feed() {
    let mut world = World::new().await;
    let source = world.source("/feed");
    world.blog.set("/feed", Reply::status(410));
    let report = world.poll(&source).await;
    assert_eq!(report.state, PollState::Retired);
    assert!(report.message.unwrap().contains("410 Gone"));
    assert!(report.notice.unwrap().contains("410 Gone"));
    assert_eq!(world.blog.count(), 1);
    let report = world.poll_again(&source).await;
    assert_eq!((report.state, report.notice), (PollState::Retired, None));
    assert_eq!(world.blog.count(), 0);
    let report = world.force(&source).await;
    assert_eq!((report.state, report.notice), (PollState::Retired, None));
    world.blog.set("/feed", Reply::ok(rss([1])));
    world.force(&source).await;
    assert_eq!(world.queue.state(source.url.as_str()).retired, None);
}

#[tokio::test]
async fn a_permanent_redirect_is_adopted_when_it_stays() {
    let mut world = World::new().await;
    let source = world.source("/old");
    world.blog.set("/old", Reply::redirect(301, "/new"));
    world
        .blog
        .set("/new", Reply::ok(rss([1])).validated("\"n\""));
    world.poll(&source).await;
    world.poll_again(&source).await;
    assert_eq!(world.queue.state(source.url.as_str()).redirect_seen, 2);
    let report = world.poll_again(&source).await;
    assert!(report.message.unwrap().contains("moved for good to"));
    assert!(report.notice.unwrap().ends_with("in the feed list"));
    assert_eq!(world.blog.count(), 6);
    let report = world.poll_again(&source).await;
    assert_eq!((report.state, report.message), (PollState::Unchanged, None));
    assert_eq!(report.notice, None);
    let asked = world.blog.asked();
    assert_eq!(
        asked
            .iter()
            .map(|asked| asked.path.as_str())
            .collect::<Vec<_>>(),
        ["/new"]
    );
    // The new address fails: after some tries the listed one is asked again.
    world.blog.set("/new", Reply::status(404));
    world.blog.set("/old", Reply::ok(rss([1, 2])));
    for dropped in [false, false, true] {
        let report = world.poll_again(&source).await;
        assert_eq!(report.state, PollState::Failed);
        let told = report
            .notice
            .is_some_and(|notice| notice.ends_with("the listed address is polled again"));
        assert_eq!(told, dropped);
    }
    assert_eq!(world.poll_again(&source).await.new, 1);
}

/// Whoever took over an old host name, or redirects it, must not collect what the list gives for a feed.
#[tokio::test]
async fn a_feeds_secrets_do_not_move_with_it() {
    let mut world = World::new().await;
    let other = Blog::start_at("127.0.0.2").await;
    let mut source = source(&world.blog.url("/feed").replace("//", "//reader:pw@"));
    source.headers.insert("X-Key".into(), "hunter2".into());
    source.user_agent = Some("reader/1".into());
    world
        .blog
        .set("/feed", Reply::redirect(301, &other.url("/feed")));
    other.set("/feed", Reply::ok(rss([1])));
    world.poll(&source).await;
    world.poll_again(&source).await;
    let report = world.poll_again(&source).await;
    let notice = report.notice.unwrap();
    assert!(notice.contains("moved for good to"), "{notice}");
    assert!(
        notice.contains("headers and password are not sent there"),
        "{notice}"
    );
    world.blog.count();
    let report = world.poll_again(&source).await;
    assert_eq!((report.state, report.notice), (PollState::Polled, None));
    assert!(report.message.unwrap().contains("are not sent there"));
    other.set("/feed", Reply::status(401));
    let report = world.poll_again(&source).await;
    assert!(
        report
            .failure
            .unwrap()
            .message
            .contains("are not sent there")
    );
    assert_eq!(world.blog.count(), 0);
    for asked in other.asked() {
        assert!(!asked.headers.contains_key("x-key"), "{asked:?}");
        assert!(!asked.headers.contains_key("authorization"), "{asked:?}");
        assert_eq!(asked.headers["user-agent"], "reader/1");
    }
}

#[tokio::test]
async fn a_feeds_secrets_follow_it_within_its_server() {
    let mut world = World::new().await;
    let mut source = source(&world.blog.url("/old").replace("//", "//reader:pw@"));
    source.headers.insert("X-Key".into(), "hunter2".into());
    world.blog.set("/old", Reply::redirect(301, "/new"));
    world.blog.set("/new", Reply::ok(rss([1])));
    for _ in 0..3 {
        world.poll_again(&source).await;
    }
    world.blog.count();
    let report = world.poll_again(&source).await;
    assert_eq!((report.state, report.message), (PollState::Polled, None));
    let asked = &world.blog.asked()[0];
    assert_eq!(asked.path, "/new");
    assert_eq!(asked.headers["x-key"], "hunter2");
    assert_eq!(asked.headers["authorization"], "Basic cmVhZGVyOnB3");
}

#[tokio::test]
async fn redirects_that_prove_nothing_are_not_adopted() {
    let mut world = World::new().await;
    world
        .blog
        .set("/html", Reply::ok("<!doctype html><title>parked</title>"));
    world.blog.set("/feed", Reply::ok(rss([1])));
    for (status, to) in [(301, "/html"), (302, "/feed"), (307, "/feed")] {
        let path = format!("/{status}");
        world.blog.set(&path, Reply::redirect(status, to));
        let source = world.source(&path);
        for _ in 0..5 {
            world.poll_again(&source).await;
        }
        assert_eq!(
            world.queue.state(source.url.as_str()).adopted,
            None,
            "{status}"
        );
    }
}

#[tokio::test]
async fn an_interrupted_row_of_redirects_starts_anew() {
    let mut world = World::new().await;
    let source = world.source("/old");
    world.blog.set("/new", Reply::ok(rss([1])));
    for reply in [301, 301, 302, 301, 301] {
        world.blog.set("/old", Reply::redirect(reply, "/new"));
        world.poll_again(&source).await;
    }
    let state = world.queue.state(source.url.as_str());
    assert_eq!((state.redirect_seen, state.adopted), (2, None));
}

#[tokio::test]
async fn what_is_no_feed_fails_by_name() {
    let mut world = World::new().await;
    world.config.feeds.timeout = gleaner::config::units::Span::seconds(1);
    world.config.feeds.max_size = gleaner::config::units::Bytes::mib(1);
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(&vec![b' '; 50 << 20]).unwrap();
    let page = "<!doctype html><html><head><link rel='alternate' type='application/rss+xml' href='/real.xml'></head></html>";
    for (path, reply, reason, words) in [
        ("/html", Reply::ok(page), Reason::NotAFeed, "/real.xml"),
        ("/empty", Reply::ok(""), Reason::Empty, "the feed is empty"),
        (
            "/text",
            Reply::ok("hello"),
            Reason::NotAFeed,
            "it begins with `hello`",
        ),
        (
            "/bomb",
            Reply::ok(bomb.finish().unwrap()).header("content-encoding", "gzip"),
            Reason::TooLarge,
            "larger than",
        ),
        ("/slow", Reply::ok("").hanging(), Reason::Timeout, "/slow"),
        (
            "/loop",
            Reply::redirect(302, "/loop"),
            Reason::TooManyRedirects,
            "/loop",
        ),
        ("/lost", Reply::status(404), Reason::NotFound, "/lost"),
    ] {
        world.blog.set(path, reply);
        let report = world.poll(&world.source(path)).await;
        let failure = report.failure.unwrap();
        assert_eq!(
            (report.state, failure.reason),
            (PollState::Failed, reason),
            "{path}: {failure}"
        );
        assert!(failure.message.contains(words), "{failure}");
    }
    let nobody = world.poll(&source("http://127.0.0.1:1/feed")).await;
    assert_eq!(nobody.failure.unwrap().reason, Reason::Connect);
}

#[tokio::test]
async fn first_run_takes_what_the_policy_says() {
    let mut world = World::new().await;
    world.blog.set("/feed", Reply::ok(rss([5, 4, 3, 2, 1])));
    let mut source = world.source("/feed");
    source.first_run = Some("latest 2".parse().unwrap());
    let report = world.poll(&source).await;
    assert_eq!((report.entries, report.new), (5, 2));
    assert_eq!(world.queue.titles(), ["4", "5"]);
    world
        .blog
        .set("/feed", Reply::ok(rss([8, 7, 6, 5, 4, 3, 2, 1])));
    assert_eq!(world.poll_again(&source).await.new, 3);
    assert_eq!(world.queue.titles(), ["4", "5", "6", "7", "8"]);
}

#[tokio::test]
async fn a_failed_first_poll_leaves_the_first_run_to_the_next() {
    let mut world = World::new().await;
    world.config.feeds.first_run = "latest 1".parse().unwrap();
    let source = world.source("/feed");
    world.blog.set("/feed", Reply::status(500));
    world.poll(&source).await;
    world.blog.set("/feed", Reply::ok(rss([2, 1])));
    assert_eq!(world.poll_again(&source).await.new, 1);
}

#[tokio::test]
async fn one_request_at_a_time_per_host_and_reports_in_order() {
    let world = World::new().await;
    let other = Blog::start_at("127.0.0.2").await;
    let mut sources = Vec::new();
    for n in 0..10 {
        let path = format!("/feed{n}");
        let blog = if n % 2 == 0 { &world.blog } else { &other };
        blog.set(&path, Reply::ok(rss([n])));
        sources.push(source(&blog.url(&path)));
    }
    sources[3].enabled = false;
    let seen = std::sync::Mutex::new(Vec::new());
    let tell = |report: &FeedReport| seen.lock().unwrap().push(report.url.clone());
    let reports = world.poller().run(&sources, &tell).await.unwrap();
    assert_eq!(
        (world.blog.most_in_flight(), other.most_in_flight()),
        (1, 1)
    );
    let urls: Vec<_> = sources
        .iter()
        .map(|source| source.url.to_string())
        .collect();
    assert_eq!(
        reports
            .iter()
            .map(|report| report.url.clone())
            .collect::<Vec<_>>(),
        urls
    );
    assert_eq!(reports[3].state, PollState::Disabled);
    assert_eq!(reports.iter().map(|report| report.new).sum::<usize>(), 9);
    assert_eq!(seen.lock().unwrap().len(), 10);
}

#[tokio::test]
async fn a_feeds_own_headers_and_agent_are_sent() {
    let world = World::new().await;
    let mut source = world.source("/feed");
    source.headers.insert("X-Key".into(), "hunter2".into());
    source.user_agent = Some("reader/1".into());
    world.blog.set("/feed", Reply::status(403));
    let report = world.poll(&source).await;
    let asked = &world.blog.asked()[0];
    assert_eq!(
        (&asked.headers["x-key"], &asked.headers["user-agent"]),
        (&"hunter2".parse().unwrap(), &"reader/1".parse().unwrap())
    );
    assert!(!serde_json::to_string(&report).unwrap().contains("hunter2"));
}

#[tokio::test]
async fn damage_is_reported_with_the_entries_before_it() {
    let world = World::new().await;
    let feed = rss([3, 2, 1]);
    let cut = feed.find("<title>1").unwrap();
    world.blog.set("/feed", Reply::ok(&feed.as_bytes()[..cut]));
    let report = world.poll(&world.source("/feed")).await;
    assert_eq!((report.state, report.new), (PollState::Polled, 2));
    assert!(
        report.damage[0].starts_with("cut off inside an entry"),
        "{:?}",
        report.damage
    );
}

/// The server calls the whole feed unchanged, of which a part was read.
#[tokio::test]
async fn what_was_cut_off_comes_with_the_next_poll() {
    let whole = rss([3, 2, 1]);
    let json = r#"{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "url": "/a1"}, {"id": "2", "url": "/a2"}]}"#;
    for (path, whole, cut, (first, then)) in [
        ("/in-entry", whole.as_str(), "<title>1", (2, 1)),
        ("/between-entries", whole.as_str(), "<item><title>1", (2, 1)),
        ("/before-the-end", whole.as_str(), "</channel>", (3, 0)),
        ("/json", json, r#", {"id": "2""#, (1, 1)),
    ] {
        let mut world = World::new().await;
        let source = world.source(path);
        // Known validators are no better than the new ones: they may be those of the same feed.
        world.blog.set(path, Reply::ok(rss([])).validated("\"v0\""));
        world.poll_again(&source).await;
        let at = whole.find(cut).unwrap();
        world
            .blog
            .set(path, Reply::ok(&whole.as_bytes()[..at]).validated("\"v1\""));
        assert_eq!(world.poll_again(&source).await.new, first, "{path}");
        let state = world.queue.state(source.url.as_str());
        assert_eq!((state.etag, state.last_modified), (None, None), "{path}");
        world.blog.set(path, Reply::ok(whole).validated("\"v1\""));
        let report = world.poll_again(&source).await;
        assert_eq!(
            (report.state, report.new),
            (PollState::Polled, then),
            "{path}"
        );
        assert_eq!(
            world.poll_again(&source).await.state,
            PollState::Unchanged,
            "{path}"
        );
    }
}

/// What the bound on entries leaves out would be left out of the next reading too.
#[tokio::test]
async fn a_feed_over_the_bound_keeps_its_validators() {
    let mut world = World::new().await;
    world.config.feeds.first_run = "latest 1".parse().unwrap();
    let source = world.source("/feed");
    world
        .blog
        .set("/feed", Reply::ok(rss(0..10_001)).validated("\"v1\""));
    let report = world.poll(&source).await;
    assert_eq!((report.entries, report.damage.len()), (10_000, 1));
    assert_eq!(world.poll_again(&source).await.state, PollState::Unchanged);
}

/// As many hosts as feeds: all are asked, as many at once as configured.
#[tokio::test]
async fn a_thousand_feeds_on_a_thousand_hosts() {
    let world = World::new().await;
    let blog = Blog::start_at("0.0.0.0").await;
    blog.set("/feed", Reply::ok(rss([1])));
    let hosts = (0..1000).map(|n| format!("127.1.{}.{}", n / 250, 1 + n % 250));
    let sources: Vec<_> = hosts
        .map(|host| source(&blog.url_at(&host, "/feed")))
        .collect();
    let reports = world.poller().run(&sources, &|_| ()).await.unwrap();
    assert!(
        reports
            .iter()
            .all(|report| report.state == PollState::Polled)
    );
    // They all have the same article.
    assert_eq!(reports.iter().map(|report| report.new).sum::<usize>(), 1);
    assert_eq!(blog.count(), 1000);
    assert!(blog.most_in_flight() <= world.config.feeds.concurrency);
}

/// As many feeds on one host wait for each other, and one that hangs holds the others up for its time only.
#[tokio::test]
async fn feeds_of_one_host_wait_for_each_other_within_bounds() {
    let mut world = World::new().await;
    world.config.feeds.timeout = gleaner::config::units::Span::seconds(1);
    let sources: Vec<_> = (0..300).map(|n| world.source(&format!("/f{n}"))).collect();
    for n in 0..300 {
        world.blog.set(&format!("/f{n}"), Reply::ok(rss([n])));
    }
    world.blog.set("/f7", Reply::ok("").hanging());
    let start = Instant::now();
    let reports = world.poller().run(&sources, &|_| ()).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(20));
    assert_eq!(world.blog.most_in_flight(), 1);
    assert_eq!(reports.iter().map(|report| report.new).sum::<usize>(), 299);
    assert_eq!(reports[7].failure.as_ref().unwrap().reason, Reason::Timeout);
}

/// 304 costs one request and no more.
#[tokio::test]
async fn a_thousand_unchanged_feeds_are_one_request_each() {
    let mut world = World::new().await;
    let sources: Vec<_> = (0..1000).map(|n| world.source(&format!("/f{n}"))).collect();
    for n in 0..1000 {
        world
            .blog
            .set(&format!("/f{n}"), Reply::ok(rss([n])).validated("\"v\""));
    }
    world.poller().run(&sources, &|_| ()).await.unwrap();
    world.blog.count();
    world.now += TimeDelta::days(1);
    let start = Instant::now();
    let reports = world.poller().run(&sources, &|_| ()).await.unwrap();
    println!("1,000 unchanged feeds: {:?}", start.elapsed());
    assert!(
        reports
            .iter()
            .all(|report| report.state == PollState::Unchanged)
    );
    assert_eq!(world.blog.count(), 1000);
}

// The command.

async fn show(world: &World, input: &str, json: bool) -> anyhow::Result<String> {
    let mut out = Vec::new();
    gleaner::commands::feed::run(&world.fetcher, &world.config, input, json, &mut out).await?;
    Ok(String::from_utf8(out).unwrap())
}

#[tokio::test]
async fn feed_shows_what_the_poller_reads() {
    let world = World::new().await;
    let text = show(&world, &format!("{FIXTURES}/ampersand-in-title.xml"), false)
        .await
        .unwrap();
    insta::assert_snapshot!(text, @r"
    Blog: RSS 2.0, 2 entries
    mended: `&` not escaped (2 times, first in line 3)

    Q&A on R&D
      link       https://blog.example/a1
      guid       id-1
      published  2026-11-21T10:00:00Z

    Article 2
      link       https://blog.example/a2
      guid       id-2
      published  2026-11-22T10:00:00Z
    ");
    let json = show(&world, &format!("{FIXTURES}/link-feedburner.xml"), true)
        .await
        .unwrap();
    insta::assert_snapshot!(json, @r#"
    {
      "kind": "RSS 2.0",
      "title": "Blog",
      "url": null,
      "ttl_seconds": null,
      "damage": [],
      "problems": [],
      "entries": [
        {
          "title": "Article 1",
          "link": "https://blog.example/a1",
          "link_as_given": "https://blog.example/a1?utm_source=feedburner",
          "guid": "id-1",
          "published": "2026-11-21T10:00:00Z",
          "updated": null
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn feed_reads_urls_and_names_what_is_wrong() {
    let world = World::new().await;
    world.blog.set("/moved", Reply::redirect(302, "/feed"));
    world.blog.set("/feed", Reply::ok(rss([1])));
    let text = show(&world, &world.blog.url("/moved"), false)
        .await
        .unwrap();
    assert!(
        text.starts_with("B: RSS 2.0, 1 entries\nat http://127.0.0.1:"),
        "{text}"
    );
    for (input, words) in [
        ("/no/such/file".to_owned(), "cannot open `/no/such/file`"),
        (
            format!("{FIXTURES}/page.html"),
            "it advertises `https://blog.example/feed.xml?a=1&b=2`",
        ),
        (world.blog.url("/lost"), "not-found"),
    ] {
        let error = show(&world, &input, false).await.unwrap_err();
        assert!(format!("{error:#}").contains(words), "{error:#}");
    }
}

/// The built command, as a person calls it.
#[tokio::test(flavor = "multi_thread")]
async fn feed_of_a_page_names_the_feed_the_page_advertises() {
    let blog = Blog::start().await;
    let page = "<!doctype html><html><head><link rel='alternate' type='application/rss+xml' href='/real.xml'></head></html>";
    blog.set("/", Reply::ok(page).header("content-type", "text/html"));
    let output = App::new(&Store::Embedded).output(&["feed", &blog.url("/")]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        format!(
            "gleaner: not-a-feed: `{}`: this is an HTML page, not a feed; it advertises `{}`\n",
            blog.url("/"),
            blog.url("/real.xml")
        )
    );
}

/// As with `| head`.
#[test]
fn feed_ends_quietly_when_its_reader_goes_away() {
    let app = App::new(&Store::Embedded);
    app.write(
        "huge.xml",
        &rss(0..9_000).replace("/a", "https://blog.example/a"),
    );
    for arguments in [&["feed", "huge.xml"][..], &["feed", "huge.xml", "--json"]] {
        let mut child = app
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = [0; 1];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert!(output.status.success());
    }
}

#[tokio::test]
async fn feed_steers_no_terminal() {
    let world = World::new().await;
    let feed = rss([1])
        .replace("<title>1", "<title>a\u{202e}b")
        .replace(">g1", ">g\u{9b}2J");
    world.blog.set("/feed", Reply::ok(feed));
    for json in [false, true] {
        let text = show(&world, &world.blog.url("/feed"), json).await.unwrap();
        assert!(!text.contains(['\u{202e}', '\u{9b}']), "{text:?}");
    }
}

#[test]
fn json_feed_links_are_relative_to_where_it_was_found() {
    let json = r#"{"version": "https://jsonfeed.org/version/1.1", "home_page_url": "https://blog.example/", FEED_URL
        "items": [{"id": "1", "url": "a1"}, {"id": "2", "external_url": "https://other.example/2"}]}"#;
    let found = "https://blog.example/feeds/x.json".parse().unwrap();
    let own = r#""feed_url": "https://blog.example/own/feed.json","#;
    for (url, feed_url, expected) in [
        (Some(&found), own, "https://blog.example/feeds/a1"),
        (None, own, "https://blog.example/own/a1"),
        (None, "", "https://blog.example/a1"),
    ] {
        let json = json.replace("FEED_URL", feed_url);
        let feed = parse(json.as_bytes(), None, url).unwrap();
        let links: Vec<_> = feed
            .entries
            .iter()
            .map(|entry| entry.link.as_str())
            .collect();
        assert_eq!(links, [expected, "https://other.example/2"]);
    }
}

#[test]
fn kinds_have_names() {
    assert_eq!(FeedKind::Rss("2.0".into()).to_string(), "RSS 2.0");
    assert_eq!(FeedKind::Atom("1.0").to_string(), "Atom 1.0");
    assert_eq!(FeedKind::Json(String::new()).to_string(), "JSON Feed");
}
