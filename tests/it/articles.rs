//! The way of single articles through the whole program, and how each kind of them ends.

use serde_json::Value;

use crate::support::app::{App, Store};
use crate::support::blog::{Blog, Reply};
use crate::support::misp::{Fault, MispDouble, Moment, Role};

/// A page long enough to be an article, with this in its head and its body.
fn page(head: &str, text: &str) -> Reply {
    let filler =
        "<p>The campaign was followed for some weeks, and this is what was found on the way.</p>"
            .repeat(6);
    Reply::ok(format!(
        "<!doctype html><html lang=en><head><title>An article</title>{head}</head>\
         <body><article><h1>An article</h1><p>{text}</p>{filler}</article></body></html>"
    ))
    .header("content-type", "text/html; charset=utf-8")
}

/// A blog whose feed names these paths, and an installation that reads it.
async fn installation(paths: &[&str]) -> (Blog, App) {
    let blog = Blog::start().await;
    let items: String = paths
        .iter()
        .map(|path| {
            format!(
                "<item><title>About {path}</title><link>{}</link></item>",
                blog.url(path)
            )
        })
        .collect();
    blog.set(
        "/feed",
        Reply::ok(format!(
            "<rss version='2.0'><channel>{items}</channel></rss>"
        )),
    );
    let app = App::new(&Store::Embedded);
    let feed = serde_json::json!({"title": "Blog", "url": blog.url("/feed"), "tags": ["tlp:green"],
        "user_agent": "own agent", "headers": {"X-Token": "s3cret"}});
    app.write(
        "feeds.json",
        &serde_json::json!({"feeds": [feed]}).to_string(),
    );
    (blog, app)
}

fn with_misp(app: App, misp: &MispDouble) -> App {
    app.with("MISP_URL", misp.url())
        .with("MISP_KEY", &Role::Admin.key())
}

fn process(app: &App) {
    app.run(&["cron", "--no-purge", "--force"]);
    app.run(&["subscribe", "--drain"]);
}

fn last_reason(job: &Value) -> &str {
    job["history"].as_array().unwrap().last().unwrap()["failure"]["reason"]
        .as_str()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_article_is_given_up_under_its_name() {
    let pdf = || Reply::ok("%PDF-1.7").header("content-type", "application/pdf");
    let wall = "<html><title>Just a moment...</title><body><div id=cf-chl-widget></div>\
                <script src=\"/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1\"></script></body></html>";
    for (name, reply, reason) in [
        ("missing", Reply::status(404), "not-found"),
        ("withdrawn", Reply::status(410), "gone"),
        ("pdf", pdf(), "wrong-media-type"),
        (
            "outside",
            Reply::redirect(302, "http://10.1.2.3/"),
            "refused-address",
        ),
        (
            "wall",
            Reply {
                body: wall.into(),
                ..Reply::status(403)
            }
            .header("content-type", "text/html"),
            "block-page",
        ),
        ("down", Reply::status(500), "server-error"),
        (
            "blank",
            Reply::ok("<html><body></body></html>").header("content-type", "text/html"),
            "empty",
        ),
    ] {
        let (blog, app) = installation(&["/a"]).await;
        let app = app.with("GLEANER__STORE__MAX_ATTEMPTS", "2");
        blog.set("/a", reply);
        process(&app);
        let dead = app.jobs("dead");
        assert_eq!(dead.len(), 1, "{name}");
        assert_eq!(last_reason(&dead[0]), reason, "{name}: {}", dead[0]);
        assert!(app.events().is_empty(), "{name}: no event without content");
        let shown = app.run(&["queue", "show", &blog.url("/a")]);
        assert!(shown.contains("/a"), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feeds_own_headers_and_agent_are_used_for_its_articles_and_shown_nowhere() {
    let (blog, app) = installation(&["/a"]).await;
    blog.set("/a", page("", "text"));
    let log = app.output(&["--log", "trace", "cron"]);
    let worker = app.output(&["--log", "trace", "subscribe", "--drain"]);
    let asked = blog.asked();
    for path in ["/feed", "/a"] {
        let request = asked.iter().find(|asked| asked.path == path).unwrap();
        assert_eq!(request.headers["user-agent"], "own agent", "{path}");
        assert_eq!(request.headers["x-token"], "s3cret", "{path}");
    }
    let shown = app.run(&["queue", "list", "--json"]);
    for text in [
        String::from_utf8_lossy(&log.stderr).as_ref(),
        &String::from_utf8_lossy(&worker.stderr),
        &shown,
    ] {
        assert!(!text.contains("s3cret"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_calls_itself_a_known_article_is_skipped() {
    let (blog, app) = installation(&["/a", "/copy"]).await;
    let link = format!("<link rel=canonical href='{}'>", blog.url("/a"));
    blog.set("/a", page(&link, "text"));
    blog.set("/copy", page(&link, "text"));
    process(&app);
    assert_eq!(app.events().len(), 1);
    let skipped = app.jobs("skipped");
    assert_eq!(skipped.len(), 1);
    assert!(
        skipped[0]["note"]
            .as_str()
            .unwrap()
            .starts_with("already known"),
        "{}",
        skipped[0]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_pages_that_call_themselves_each_other_one_stays() {
    let (blog, app) = installation(&["/a", "/b"]).await;
    for (path, other) in [("/a", "/b"), ("/b", "/a")] {
        blog.set(
            path,
            page(
                &format!("<link rel=canonical href='{}'>", blog.url(other)),
                "text",
            ),
        );
    }
    process(&app);
    assert_eq!(
        (app.jobs("delivered").len(), app.jobs("skipped").len()),
        (1, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blog_whose_pages_all_name_its_front_page_keeps_its_articles() {
    let (blog, app) = installation(&["/posts/a", "/posts/b", "/posts/c"]).await;
    for path in ["/posts/a", "/posts/b", "/posts/c"] {
        blog.set(
            path,
            page(
                &format!("<link rel=canonical href='{}'>", blog.url("/posts/")),
                path,
            ),
        );
    }
    process(&app);
    assert_eq!(app.jobs("delivered").len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_claims_anothers_address_does_not_keep_it_out() {
    let (blog, app) = installation(&["/mine"]).await;
    blog.set(
        "/mine",
        page(
            &format!("<link rel=canonical href='{}'>", blog.url("/yours")),
            "text",
        ),
    );
    process(&app);
    let both = format!(
        "<rss version='2.0'><channel><item><title>Yours</title><link>{}</link></item></channel></rss>",
        blog.url("/yours")
    );
    blog.set("/feed", Reply::ok(both));
    blog.set("/yours", page("", "the real one"));
    process(&app);
    assert_eq!(app.jobs("delivered").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feeds_secret_headers_do_not_go_to_another_site() {
    let (blog, app) = installation(&["/a"]).await;
    // The same machine under another name is another site.
    let elsewhere = Blog::start_at("127.0.0.2").await;
    elsewhere.set("/b", page("", "text"));
    let feed = format!(
        "<rss version='2.0'><channel><item><title>B</title><link>{}</link></item></channel></rss>",
        elsewhere.url("/b")
    );
    blog.set("/feed", Reply::ok(feed));
    process(&app);
    assert_eq!(app.jobs("delivered").len(), 1);
    let asked = elsewhere.asked();
    assert_eq!(asked[0].headers["user-agent"], "own agent");
    assert!(!asked[0].headers.contains_key("x-token"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limited_page_waits_as_told() {
    let (blog, app) = installation(&["/a"]).await;
    blog.set("/a", Reply::status(429).header("retry-after", "2"));
    app.run(&["cron"]);
    let worker = app.worker(&["--drain"]);
    let started = std::time::Instant::now();
    crate::support::app::wait_for("the refusal", || {
        (!app.jobs("later").is_empty()).then_some(())
    });
    blog.set("/a", page("", "text"));
    let mut worker = worker;
    assert!(worker.wait().success(), "{}", worker.log());
    assert!(
        started.elapsed() >= std::time::Duration::from_secs(1),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(app.jobs("delivered")[0]["attempts"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_destination_that_is_down_neither_blocks_nor_repeats_the_other() {
    let (blog, app) = installation(&["/a"]).await;
    blog.set("/a", page("", "text"));
    let misp = MispDouble::start().await;
    let app = with_misp(app, &misp).with("GLEANER__DESTINATIONS", r#"["misp", "misp-feed"]"#);
    misp.fault("/events/add", Moment::Before, 3, Fault::Status(500, "{}"));
    process(&app);
    assert_eq!((app.events().len(), misp.state().events.len()), (1, 1));
    let job = &app.jobs("delivered")[0];
    assert_eq!(job["attempts"], 4);
    // The folder was asked once: later it would have answered `already-there`.
    assert_eq!(job["receipts"]["misp-feed"]["delivery"], "created");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_analyst_deleted_stays_deleted() {
    let (blog, app) = installation(&["/a"]).await;
    blog.set("/a", page("", "text"));
    let misp = MispDouble::start().await;
    let app = with_misp(app, &misp);
    process(&app);
    let deleted = misp.state().events.pop_first().unwrap().1;
    misp.state().blocklist.push(deleted.uuid);
    // The store is lost, and the feed still has the article.
    std::fs::remove_dir_all(app.folder().join("gleaner-data")).unwrap();
    process(&app);
    assert!(misp.state().events.is_empty());
    assert!(
        app.jobs("skipped")[0]["note"]
            .as_str()
            .unwrap()
            .contains("stays deleted")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn required_strings_tag_or_skip_before_anything_is_made() {
    let (blog, app) = installation(&["/with", "/without"]).await;
    blog.set("/with", page("", "An attack on Acme Corp."));
    blog.set("/without", page("", "An attack on nobody."));
    let misp = MispDouble::start().await;
    let app = with_misp(app, &misp)
        .with("GLEANER__MISP__REQUIRED_STRINGS", r#"["acme corp"]"#)
        .with("GLEANER__MISP__WITHOUT_REQUIRED_STRINGS", "skip");
    process(&app);
    let events: Vec<_> = misp.state().events.values().cloned().collect();
    assert_eq!(events.len(), 1);
    assert!(
        events[0]
            .tags
            .iter()
            .any(|(name, _)| name == "gleaner:match=\"acme corp\""),
        "{:?}",
        events[0].tags
    );
    assert!(
        app.jobs("skipped")[0]["note"]
            .as_str()
            .unwrap()
            .contains("required strings")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn misp_can_download_the_article_itself() {
    let (blog, app) = installation(&["/a"]).await;
    let misp = MispDouble::start().await;
    let app = with_misp(app, &misp)
        .with("GLEANER__MISP__FETCH", "misp")
        .with("GLEANER__INDICATORS__EXTRACTION", "misp");
    misp.state().pages.insert(
        blog.url("/a"),
        "# An article\n\nWith some text in it that is long enough.".into(),
    );
    process(&app);
    let events: Vec<_> = misp.state().events.values().cloned().collect();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].reports.len(), 1);
    assert!(
        blog.asked().iter().all(|asked| asked.path == "/feed"),
        "Gleaner asked for the feed only"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_costs_misp_one_request_and_one_for_extraction_by_the_server() {
    let paths: Vec<String> = (0..5).map(|n| format!("/{n}")).collect();
    for (extraction, extracted, lists) in [("local", 0, 1), ("none", 0, 0), ("misp", 5, 0)] {
        let (blog, app) = installation(&paths.iter().map(String::as_str).collect::<Vec<_>>()).await;
        for path in &paths {
            blog.set(path, page("", path));
        }
        let misp = MispDouble::start().await;
        let app = with_misp(app, &misp).with("GLEANER__INDICATORS__EXTRACTION", extraction);
        process(&app);
        assert_eq!(misp.count("/events/add"), 5);
        assert_eq!(misp.count("/eventReports/extractAllFromReport"), extracted);
        // The lists enabled on the server, once for all articles.
        assert_eq!(misp.count("/warninglists/index"), lists);
        let requests = misp.requests();
        assert_eq!(
            requests.len(),
            5 + extracted + lists,
            "{extraction}: {requests:?}"
        );
    }
}

const TABLE: &str = "asks hxxp://c2.evil-update[.]top/gate for orders.</p><h2>Indicators of compromise</h2>\
                     <table><tr><th>Domain</th></tr><tr><td>bad-host[.]top</td></tr><tr><td>worse-host[.]top</td></tr></table><p>";

/// Value and IDS flag of an event's attributes, those of objects included.
fn attributes(event: &crate::support::misp::Stored) -> std::collections::BTreeMap<String, bool> {
    let objects = event
        .objects
        .iter()
        .flat_map(|object| object["Attribute"].as_array().unwrap());
    let all = event.attributes.iter().chain(objects);
    let pair = |attribute: &Value| {
        let value = attribute["value"].as_str().unwrap().to_owned();
        (value, attribute["to_ids"] == true)
    };
    all.map(pair).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn indicators_become_attributes_that_the_report_shows() {
    let (blog, app) = installation(&["/a"]).await;
    blog.set("/a", page("", TABLE));
    let misp = MispDouble::start().await;
    let app = with_misp(app, &misp).with("GLEANER__DESTINATIONS", r#"["misp", "misp-feed"]"#);
    app.run(&["cron", "--no-purge"]);
    let worked = app.output(&["subscribe", "--drain"]);
    let log = String::from_utf8_lossy(&worked.stderr);
    assert!(log.contains("3 indicators, 3 for detection"), "{log}");
    let event = misp.state().events.values().next().unwrap().clone();
    let kept = attributes(&event);
    for value in [
        "http://c2.evil-update.top/gate",
        "bad-host.top",
        "worse-host.top",
    ] {
        assert_eq!(kept.get(value), Some(&true), "{value}: {kept:?}");
    }
    let report = event.reports[0]["content"].as_str().unwrap();
    assert_eq!(report.matches("@[attribute](").count(), 3, "{report}");
    for attribute in event
        .attributes
        .iter()
        .filter(|attribute| attribute["to_ids"] == true)
    {
        let reference = format!("@[attribute]({})", attribute["uuid"].as_str().unwrap());
        assert!(report.contains(&reference), "{reference}: {report}");
    }
    assert_eq!(misp.count("/eventReports/extractAllFromReport"), 0);
    crate::misp::feed_is_sound(&app.folder().join("gleaner-data/misp-feed"));
    let stored: Value = serde_json::from_slice(&std::fs::read(&app.events()[0]).unwrap()).unwrap();
    assert!(stored.to_string().contains("worse-host.top"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_warninglists_flag_and_their_copy_outlasts_it() {
    let (blog, app) = installation(&["/a"]).await;
    blog.set("/a", page("", TABLE));
    let misp = MispDouble::start().await;
    misp.state()
        .warninglists
        .insert("87".into(), vec!["bad-host.top".into()]);
    let app = with_misp(app, &misp);
    process(&app);
    let flags = |number: usize| {
        let event = misp.state().events.values().nth(number).unwrap().clone();
        let kept = attributes(&event);
        (kept["bad-host.top"], kept["worse-host.top"])
    };
    assert_eq!(flags(0), (false, true));
    assert_eq!(misp.count("/warninglists/view/87"), 1);

    // The copy is young: the server is not asked.
    let feed = |path: &str| {
        let link = blog.url(path);
        Reply::ok(format!(
            "<rss version='2.0'><channel><item><title>T</title><link>{link}</link></item></channel></rss>"
        ))
    };
    blog.set("/feed", feed("/b"));
    blog.set("/b", page("", TABLE));
    process(&app);
    assert_eq!(flags(1), (false, true));
    assert_eq!(misp.count("/warninglists/index"), 1);

    // It is old, and the server does not answer.
    let index = app.folder().join("gleaner-data/warninglists/index.json");
    let index = std::fs::File::options().append(true).open(index).unwrap();
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(7 * 24 * 60 * 60);
    index.set_modified(old).unwrap();
    misp.fault("/warninglists", Moment::Before, 1, Fault::Status(500, "{}"));
    blog.set("/feed", feed("/c"));
    blog.set("/c", page("", TABLE));
    process(&app);
    assert_eq!(flags(2), (false, true));
    assert_eq!(misp.count("/warninglists/index"), 2);

    // It answers again, with a longer list.
    misp.state().warninglists.insert(
        "87".into(),
        vec!["bad-host.top".into(), "worse-host.top".into()],
    );
    blog.set("/feed", feed("/d"));
    blog.set("/d", page("", TABLE));
    process(&app);
    assert_eq!(flags(3), (false, false));
    let copies = std::fs::read_dir(app.folder().join("gleaner-data/warninglists")).unwrap();
    assert_eq!(copies.count(), 2, "the old copy is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_extraction_the_report_stands_alone() {
    let (blog, app) = installation(&["/a"]).await;
    blog.set("/a", page("", TABLE));
    let misp = MispDouble::start().await;
    let app = with_misp(app, &misp).with("GLEANER__INDICATORS__EXTRACTION", "none");
    process(&app);
    let event = misp.state().events.values().next().unwrap().clone();
    assert!(!attributes(&event).contains_key("bad-host.top"));
    let report = event.reports[0]["content"].as_str().unwrap();
    assert!(
        report.contains("bad-host") && !report.contains("@["),
        "{report}"
    );
}
