//! What became of an article: what was extracted from it, its history, and the chart.

use std::time::{Duration, Instant};

use gleaner::failure::{Failure, Reason};
use gleaner::queue::{Lease, Outcome};
use gleaner::worker::result::{Extracted, Found, FoundTag};

use super::world::{Server, report, submit, with_token, without_feeds};
use crate::support::app::{App, Store};
use crate::support::blog::Blog;

/// An installation whose leases last as long as a test.
fn patient(store: &Store) -> App {
    without_feeds(store).with("GLEANER__STORE__LEASE", "10m")
}

/// Submits a report to this installation, and has a worker deliver it.
async fn delivered(app: &App, server: &Server) -> String {
    let blog = Blog::start().await;
    blog.set("/report", report());
    let id = submit(&server.client(), &blog.url("/report")).await;
    app.run(&["subscribe", "--drain"]);
    id
}

/// The job of this URL, taken by a worker of the test.
async fn claim(app: &App, server: &Server, url: &str) -> Lease {
    submit(&server.client(), url).await;
    let queue = app.queue().await;
    let mut claimed = queue.claim("w", 1, Duration::ZERO).await.unwrap();
    claimed.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_extracted_is_shown_with_its_sentences() {
    for store in Store::both() {
        let app = without_feeds(&store);
        let server = Server::start(&app);
        let browser = server.client();
        let id = delivered(&app, &server).await;
        let page = browser.get(&format!("/jobs/{id}")).await.body;
        for text in [
            "<h1>A report</h1>",
            "data-settled",
            "Indicators (1)",
            "<td data-label=\"Type\">hostname</td>",
            "<code>cdn.evil-update.top</code>",
            "<p class=\"hint\">The loader asks cdn.evil-update[.]top for more.</p>",
            "state detect",
            "<h3>Context (",
            "<article class=\"report\">",
            "The campaign was followed",
            // In the report the reference is shown as the value.
            "The loader asks <code>cdn.evil-update.top</code> for more.",
        ] {
            assert!(page.contains(text), "{text}: {page}");
        }
        assert!(!page.contains("@[attribute]"), "{page}");
        assert!(!page.contains("href=\"http://cdn.evil"), "{page}");
        let order = ["Queued", "misp-feed: created", "<li>Delivered"];
        let places = order.map(|text| page.rfind(text).unwrap_or_else(|| panic!("{text}: {page}")));
        assert!(places.is_sorted(), "{places:?}: {page}");

        // Nobody named it, so it has its own title, in the list and for programs as well.
        let list = browser.get("/?state=delivered").await.body;
        assert!(
            list.contains(&format!("<a href=\"/jobs/{id}\">A report</a>")),
            "{list}"
        );
        let article = browser.get(&format!("/api/v1/articles/{id}")).await.json();
        assert_eq!(article["title"], "A report");
        let result = browser.get(&format!("/api/v1/articles/{id}/result")).await;
        assert_eq!(result.header("content-type"), "application/json");
        let result = result.json();
        assert_eq!(result["title"], "A report");
        assert_eq!(result["cut"], false);
        let found = &result["indicators"][0];
        assert_eq!(found["type"], "hostname");
        assert_eq!(found["value"], "cdn.evil-update.top");
        assert_eq!(found["verdict"], "detect");
        assert_eq!(
            found["sentence"],
            "The loader asks cdn.evil-update[.]top for more."
        );
        let references = result["references"].as_object().unwrap();
        let (uuid, value) = references.iter().next().unwrap();
        assert_eq!(value, "cdn.evil-update.top");
        let report = result["report"].as_str().unwrap();
        assert!(
            report.contains(&format!("@[attribute]({uuid})")),
            "{report}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_given_title_stays() {
    let app = without_feeds(&Store::Embedded);
    let server = Server::start(&app);
    let blog = Blog::start().await;
    blog.set("/report", report());
    let body = serde_json::json!({ "url": blog.url("/report"), "title": "As I call it" });
    server.client().post_json("/api/v1/articles", &body).await;
    app.run(&["subscribe", "--drain"]);
    let jobs = app.jobs("delivered");
    assert_eq!(jobs[0]["job"]["entry"]["title"], "As I call it", "{jobs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_result_it_is_said_why() {
    for store in Store::both() {
        let app = patient(&store);
        let server = Server::start(&app);
        let client = server.client();
        let lease = claim(&app, &server, "https://blog.example/a").await;
        let address = format!("/api/v1/articles/{}/result", lease.job.id);
        let nothing = client.get(&address).await;
        nothing.is_problem(404);
        assert!(nothing.body.contains("it is running"), "{}", nothing.body);
        let unknown = format!("/api/v1/articles/{}/result", "0".repeat(32));
        let unknown = client.get(&unknown).await;
        unknown.is_problem(404);
        assert!(unknown.body.contains("no article of this id"));
        client
            .get("/api/v1/articles/x/result")
            .await
            .is_problem(404);
        let page = client.get(&format!("/jobs/{}", lease.job.id)).await;
        assert!(!page.body.contains("What was extracted"), "{}", page.body);

        // What is kept but damaged costs that part alone.
        let queue = app.queue().await;
        assert!(queue.put_result(&lease, b"damaged").await.unwrap());
        let page = client.get(&format!("/jobs/{}", lease.job.id)).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("cannot be read"), "{}", page.body);
        client.get(&address).await.is_problem(503);
    }
}

/// What a hostile article may have made a worker keep.
fn hostile(markup: &str) -> Extracted {
    let found = Found {
        kind: markup.into(),
        value: markup.into(),
        verdict: "detect".into(),
        reason: markup.into(),
        to_ids: true,
        sentence: markup.into(),
    };
    let tag = FoundTag {
        tag: markup.into(),
        topic: markup.into(),
        standing: markup.into(),
        reason: markup.into(),
        sentence: markup.into(),
    };
    Extracted {
        title: markup.into(),
        url: "javascript:alert(1)".into(),
        indicators: vec![found],
        tags: vec![tag],
        report: format!(
            "{markup}\n\n# {markup}\n\n[a](javascript:alert(1)) ![a](https://evil.example/pixel)\n\n{markup}"
        ),
        references: [(markup.into(), markup.into())].into(),
        notes: vec![markup.into()],
        cut: true,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_result_is_text() {
    let app = patient(&Store::Embedded);
    let server = Server::start(&app);
    let browser = server.client();
    let queue = app.queue().await;
    for (number, markup) in [
        "<script>alert(1)</script>",
        "\"><img src=https://evil.example/x onerror=alert(1)>",
        "</article></main></body><iframe src=//evil.example>",
        "<style>*{display:none}</style><b style=x onclick=alert(1)>",
        "{{ frame.csrf }}{% include \"base.html\" %}",
    ]
    .into_iter()
    .enumerate()
    {
        let url = format!("https://blog.example/{number}");
        let mut lease = claim(&app, &server, &url).await;
        markup.clone_into(&mut lease.job.entry.title);
        queue
            .put_result(&lease, &hostile(markup).pack())
            .await
            .unwrap();
        queue.complete(&lease, &Outcome::Delivered).await.unwrap();
        let id = &lease.job.id;
        let page = browser.get(&format!("/jobs/{id}")).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(
            page.header("content-security-policy")
                .contains("script-src 'self'")
        );
        let list = browser.get("/?state=delivered").await;
        for body in [&page.body, &list.body] {
            assert!(!body.contains(markup) || markup.starts_with('{'), "{body}");
            for active in [
                "<img",
                "<iframe",
                "<b ",
                "onclick=\"",
                "onerror=\"",
                "href=\"javascript",
                "<style",
            ] {
                assert!(!body.contains(active), "{active}: {body}");
            }
            let (all, own) = ("<script", "<script src=\"/static/");
            let counts = [all, own].map(|script| body.matches(script).count());
            assert_eq!(counts[0], counts[1], "the page's own: {body}");
            assert_eq!(body.matches("</main>").count(), 1, "{body}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_indicators_make_no_slow_page() {
    let app = patient(&Store::Embedded);
    let server = Server::start(&app);
    let lease = claim(&app, &server, "https://blog.example/many").await;
    let found = |n: usize| Found {
        kind: "domain".into(),
        value: format!("c2-{n}.example"),
        verdict: "detect".into(),
        reason: "defanged, and named in a list of indicators".into(),
        to_ids: true,
        sentence: format!("One of many is c2-{n}[.]example, which the loader asks for its orders."),
    };
    let extracted = Extracted {
        indicators: (0..2_000).map(found).collect(),
        report: "A paragraph of the report with **words**.\n\n".repeat(2_000),
        ..Extracted::default()
    };
    let queue = app.queue().await;
    queue.put_result(&lease, &extracted.pack()).await.unwrap();
    queue.complete(&lease, &Outcome::Delivered).await.unwrap();
    let begun = Instant::now();
    let page = server
        .client()
        .get(&format!("/jobs/{}", lease.job.id))
        .await;
    // A debug build on a busy machine; built for use it takes a fiftieth of it.
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    assert!(page.body.contains("c2-1999.example") && page.body.contains("1975 more"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_an_article_on_its_way_can_be_followed() {
    for store in Store::both() {
        let (app, token) = with_token(&store);
        let app = app.with("GLEANER__STORE__LEASE", "10m");
        let server = Server::start(&app);
        let browser = server.client();
        browser.log_in(&token).await;
        let api = server
            .client()
            .with("authorization", &format!("Bearer {token}"));
        let id = submit(&api, "https://blog.example/a").await;
        let (job, live) = (format!("/jobs/{id}"), format!("/jobs/{id}/live"));
        let page = browser.get(&job).await.body;
        assert!(page.contains("id=\"pause\""), "{page}");
        assert!(page.contains(&format!("data-address=\"{live}\"")), "{page}");
        let part = browser.get(&live).await.body;
        assert!(
            !part.contains("<html") && part.contains("state waiting"),
            "{part}"
        );
        assert!(!part.contains("data-settled"), "{part}");
        // Whoever is logged out is told so, and not sent to the login page.
        assert_eq!(server.client().get(&live).await.status, 401);

        let queue = app.queue().await;
        let lease = queue.claim("w", 1, Duration::ZERO).await.unwrap();
        let part = browser.get(&live).await.body;
        assert!(
            part.contains("state running") && part.contains("Attempt 1 began"),
            "{part}"
        );
        let failure = Failure::new(Reason::Timeout, "it took <long>");
        assert!(queue.bury(&lease[0], &failure).await.unwrap());
        let part = browser.get(&live).await.body;
        for text in [
            "state dead",
            "data-settled",
            "Attempt 1 failed",
            "(timeout)",
            "it took &#60;long&#62;",
            "Given up",
            ">Retry<",
        ] {
            assert!(part.contains(text), "{text}: {part}");
        }
        assert!(!browser.get(&job).await.body.contains("id=\"pause\""));
        // The forms of the part work.
        let csrf = browser.get(&live).await.csrf();
        let pressed = browser
            .post(&format!("{job}/retry"), &[("csrf", &csrf), ("back", &job)])
            .await;
        assert_eq!(
            (pressed.status, pressed.header("location")),
            (303, job.as_str())
        );
        assert!(browser.get(&live).await.body.contains("Waits for a worker"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_shows_what_ended() {
    for store in Store::both() {
        let app = patient(&store);
        let server = Server::start(&app);
        let browser = server.client();
        let home = browser.get("/").await.body;
        assert!(!home.contains("<svg"), "nothing ended: {home}");
        let queue = app.queue().await;
        for number in 0..3 {
            let url = format!("https://blog.example/{number}");
            let lease = claim(&app, &server, &url).await;
            let done = if number == 0 {
                queue
                    .bury(&lease, &Failure::new(Reason::NotFound, "gone"))
                    .await
            } else {
                queue.complete(&lease, &Outcome::Delivered).await
            };
            assert!(done.unwrap());
        }
        // What was remembered of the numbers is forgotten when somebody submits.
        submit(&browser, "https://blog.example/more").await;
        let home = browser.get("/").await.body;
        assert!(
            home.contains("2 delivered and 1 dead in the last 24 hours"),
            "{home}"
        );
        assert!(
            home.contains("<div><dt>Delivered in 24&nbsp;h</dt><dd>2</dd></div>"),
            "{home}"
        );
        assert!(
            home.contains("<div><dt>Dead in 24&nbsp;h</dt><dd>1</dd></div>"),
            "{home}"
        );
        assert_eq!(home.matches("<rect class=\"hour\"").count(), 24, "{home}");
        assert_eq!(
            home.matches("<rect class=\"delivered\"").count(),
            1,
            "{home}"
        );
        assert_eq!(home.matches("<rect class=\"dead\"").count(), 1, "{home}");
        assert!(
            home.contains("<td>2</td><td>0</td><td>1 <span class=\"hint\">(the page is not there (404): 1)</span></td>"),
            "{home}"
        );
        assert!(!home.contains("style="), "the policy forbids it: {home}");
    }
}
