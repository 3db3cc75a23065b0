//! Polling feeds over loopback.

use std::fmt::Write;
use std::io::Write as _;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use gleaner::config::Config;
use gleaner::failure::Reason;
use gleaner::feeds::poller::{FeedReport, PollState, Poller};
use gleaner::feeds::{FeedSource, list};
use gleaner::http::Fetcher;
use gleaner::queue::{FeedState, QueueError};

use crate::support::blog::{Blog, Reply};
use crate::support::memory_queue::MemoryQueue;

pub(super) struct World {
    pub(super) blog: Blog,
    queue: MemoryQueue,
    pub(super) config: Config,
    pub(super) fetcher: Fetcher,
    now: DateTime<Utc>,
}

impl World {
    pub(super) async fn new() -> Self {
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

pub(super) fn rss(numbers: impl IntoIterator<Item = u32>) -> String {
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
