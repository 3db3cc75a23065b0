//! The pages, as people use them.

use super::world::{Server, report, submit, without_feeds};
use crate::support::app::Store;
use crate::support::blog::Blog as Site;
use crate::support::pages::Blog;

fn base(blog: &Blog) -> String {
    let list = blog.feed_list();
    let url = list
        .split('"')
        .find(|text| text.starts_with("http"))
        .unwrap();
    url.trim_end_matches("/feed.xml").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_article_is_followed_from_the_form_to_its_event() {
    for store in Store::both() {
        let (blog, app) = (Blog::start(1).await, without_feeds(&store));
        let server = Server::start(&app);
        let browser = server.client();
        let home = browser.get("/").await;
        assert!(home.body.contains("No articles here yet"), "{}", home.body);
        let url = format!("{}/articles/0", base(&blog));
        let sent = browser
            .fill("/", "/submit", &[("urls", &url), ("title", "")])
            .await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let job = sent.header("location").to_owned();
        assert!(job.starts_with("/jobs/"), "{job}");
        let page = browser.get(&job).await.body;
        assert!(
            page.contains("state waiting") && page.contains(&url),
            "{page}"
        );
        assert!(page.contains("No destination has answered yet"), "{page}");

        app.run(&["subscribe", "--drain"]);
        let page = browser.get(&job).await.body;
        assert!(page.contains("state delivered"), "{page}");
        assert!(page.contains("misp-feed"), "{page}");
        assert!(
            page.contains("gleaner-data/misp-feed/"),
            "where the event is: {page}"
        );
        let home = browser.get("/").await.body;
        assert!(
            home.contains("state delivered") && home.contains("Manual"),
            "{home}"
        );
        let live = browser.get("/live?state=delivered").await.body;
        assert!(
            !live.contains("<html") && live.contains("state delivered"),
            "{live}"
        );
        let none = browser.get("/?state=dead").await.body;
        assert!(!none.contains("state delivered"), "filtered: {none}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_is_answered_and_bad_ones_stay_in_the_form() {
    let app = without_feeds(&Store::Embedded);
    let server = Server::start(&app);
    let browser = server.client();
    let id = submit(&browser, "https://blog.example/known").await;
    let lines =
        "https://blog.example/new\r\n\r\nhttps://blog.example/known?utm_source=x\r\nnonsense\r\n";
    let answer = browser.fill("/", "/submit", &[("urls", lines)]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    for text in [
        "Queued: ",
        "https://blog.example/new</a>",
        "Known already, and waiting: ",
        &format!("href=\"/jobs/{id}\""),
        "`nonsense` is no http or https URL",
        ">nonsense</textarea>",
    ] {
        assert!(answer.body.contains(text), "{text}: {}", answer.body);
    }
    assert_eq!(app.status()["waiting"], 2);
    for (fields, says) in [
        (vec![("urls", "")], "the URL is empty"),
        (vec![("urls", "nonsense")], "is no http or https URL"),
        (
            vec![
                ("urls", "https://a.example\nhttps://b.example"),
                ("title", "x"),
            ],
            "a title is for one article",
        ),
    ] {
        let answer = browser.fill("/", "/submit", &fields).await;
        assert_eq!(answer.status, 422, "{says}");
        assert!(answer.body.contains(says), "{says}: {}", answer.body);
    }
    let again = browser
        .fill("/", "/submit", &[("urls", "https://blog.example/known")])
        .await;
    assert_eq!(again.status, 200);
    assert!(again.body.contains("Known already"), "{}", again.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dead_are_retried_and_removed() {
    for store in Store::both() {
        let (blog, app) = (Blog::start(1).await, without_feeds(&store));
        let server = Server::start(&app);
        let browser = server.client();
        let id = submit(&browser, &format!("{}/missing", base(&blog))).await;
        app.run(&["subscribe", "--drain"]);
        let job = format!("/jobs/{id}");
        let page = browser.get(&job).await.body;
        assert!(page.contains("the page is not there (404)"), "{page}");
        let list = browser.get("/?state=dead").await.body;
        assert!(
            list.contains("the page is not there (404)") && list.contains(">Retry<"),
            "{list}"
        );
        let back = "/?state=dead&page=1";
        let retried = browser
            .fill("/", &format!("{job}/retry"), &[("back", back)])
            .await;
        assert_eq!((retried.status, retried.header("location")), (303, back));
        assert!(browser.get(&job).await.body.contains("state waiting"));
        let again = browser.fill("/", &format!("{job}/retry"), &[]).await;
        assert_eq!(again.status, 409);
        assert!(
            again.body.contains("<h1>Conflict</h1>"),
            "as a page: {}",
            again.body
        );
        app.run(&["subscribe", "--drain"]);
        let removed = browser
            .fill("/", &format!("{job}/remove"), &[("back", "//evil.example")])
            .await;
        assert_eq!((removed.status, removed.header("location")), (303, "/"));
        assert_eq!(browser.get(&job).await.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_is_shown_and_can_be_submitted() {
    let (blog, app) = (Site::start().await, without_feeds(&Store::Embedded));
    blog.set("/report", report());
    let server = Server::start(&app);
    let browser = server.client();
    let url = blog.url("/report");
    let seen = browser.fill("/preview", "/preview", &[("url", &url)]).await;
    assert_eq!(seen.status, 200, "{}", seen.body);
    for text in [
        "<h2>A report</h2>",
        "Indicators (1)",
        "<code>cdn.evil-update.top</code>",
        "The loader asks cdn.evil-update[.]top for more.</p>",
        "The campaign was followed",
        "Submit this article",
    ] {
        assert!(seen.body.contains(text), "{text}: {}", seen.body);
    }
    assert_eq!(app.status()["waiting"], 0, "nothing is queued");
    let fields = [("csrf", seen.csrf()), ("urls", url)];
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let sent = browser.post("/submit", &fields).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let missing = blog.url("/missing");
    let nothing = browser
        .fill("/preview", "/preview", &[("url", &missing)])
        .await;
    assert!(
        nothing.body.contains("the page is not there (404)"),
        "{}",
        nothing.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bookmarklet_fills_the_form() {
    let app = without_feeds(&Store::Embedded)
        .with("GLEANER__SERVE__PUBLIC_URL", "https://gleaner.example");
    let server = Server::start(&app);
    let browser = server.client();
    let help = browser.get("/help").await.body;
    assert!(
        help.contains("javascript:void(open(&#39;https://gleaner.example/?url=&#39;+"),
        "{help}"
    );
    let query = "/?url=https%3A%2F%2Fblog.example%2F%C3%BC%3Fa%3D1%26b&title=A%20%22title%22";
    let home = browser.get(query).await.body;
    assert!(
        home.contains(">https://blog.example/ü?a=1&#38;b</textarea>"),
        "{home}"
    );
    assert!(home.contains("value=\"A &#34;title&#34;\""), "{home}");
    assert_eq!(app.status()["waiting"], 0, "nothing is sent by looking");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_stand_without_script_and_for_everybody() {
    let app = without_feeds(&Store::Embedded);
    let server = Server::start(&app);
    let browser = server.client();
    let id = submit(&browser, "https://blog.example/a").await;
    let field = regex::Regex::new(r#"<(?:input|textarea) id="([a-z]+)""#).unwrap();
    let loads = regex::Regex::new(r#"(?:src|<link[^>]* href)="([^"]*)""#).unwrap();
    for path in [
        "/",
        "/feeds",
        "/preview",
        "/help",
        &format!("/jobs/{id}"),
        "/nothing",
    ] {
        let page = browser.get(path).await.body;
        assert!(
            page.starts_with("<!doctype html>\n<html lang=\"en\">"),
            "{path}"
        );
        assert_eq!(page.matches("<h1").count(), 1, "{path}: one heading");
        assert_eq!(page.matches("<main ").count(), 1, "{path}");
        assert!(page.contains("name=\"viewport\""), "{path}");
        // Every field has its label.
        for found in field.captures_iter(&page) {
            let label = format!("<label for=\"{}\">", &found[1]);
            assert!(page.contains(&label), "{path}: {label}");
        }
        // Nothing comes from elsewhere.
        for found in loads.captures_iter(&page) {
            assert!(found[1].starts_with("/static/"), "{path}: {}", &found[1]);
        }
    }
}
