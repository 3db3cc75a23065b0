//! The API.

use reqwest::Method;
use serde_json::json;

use super::world::{Server, report, submit, with_token, without_feeds};
use crate::support::app::Store;
use crate::support::blog::Blog as Site;
use crate::support::pages::Blog;

const ARTICLES: &str = "/api/v1/articles";

#[tokio::test(flavor = "multi_thread")]
async fn an_article_goes_all_the_way() {
    for store in Store::both() {
        let (blog, app) = (Blog::start(1).await, without_feeds(&store));
        let server = Server::start(&app);
        let client = server.client();
        let url = blog.feed_list();
        let url = url
            .split('"')
            .find(|text| text.starts_with("http"))
            .unwrap();
        let url = url.replace("/feed.xml", "/articles/0");

        let answer = client
            .post_json(
                ARTICLES,
                &json!({"url": format!("{url}/?utm_source=x"), "title": "Mine"}),
            )
            .await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        let submitted = answer.json()["articles"][0].clone();
        let href = submitted["href"].as_str().unwrap().to_owned();
        assert_eq!(answer.header("location"), href);
        assert_eq!(submitted["outcome"], "queued");

        let article = client.get(&href).await.json();
        assert_eq!(
            (&article["state"], &article["url"]),
            (&json!("waiting"), &json!(url))
        );
        assert_eq!(
            article["source"],
            json!({"title": "Manual", "url": "Manual"})
        );

        let again = client.post_json(ARTICLES, &json!({ "url": url })).await;
        assert_eq!(again.status, 200, "{}", again.body);
        let known = again.json()["articles"][0].clone();
        assert_eq!(
            (&known["outcome"], &known["id"]),
            (&json!("known"), &submitted["id"])
        );
        assert_eq!(known["article"]["title"], "Mine");

        app.run(&["subscribe", "--drain"]);
        let article = client.get(&href).await.json();
        assert_eq!(article["state"], "delivered", "{article}");
        assert_eq!(article["receipts"][0]["delivery"], "created");
        assert_eq!(app.events().len(), 1);
        let event = std::fs::read_to_string(&app.events()[0]).unwrap();
        assert!(event.contains("Mine"), "the title that was given");

        // What is delivered is not retried or removed.
        let retry = format!("{href}/retry");
        client.post_json(&retry, &json!({})).await.is_problem(409);
        client.delete(&href).await.is_problem(409);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_article_is_retried_and_removed() {
    for store in Store::both() {
        let (blog, app) = (Blog::start(1).await, without_feeds(&store));
        let server = Server::start(&app);
        let client = server.client();
        let list = blog.feed_list();
        let base = list
            .split('"')
            .find(|text| text.starts_with("http"))
            .unwrap();
        let id = submit(&client, &base.replace("/feed.xml", "/missing")).await;
        app.run(&["subscribe", "--drain"]);
        let href = format!("{ARTICLES}/{id}");
        let article = client.get(&href).await.json();
        assert_eq!(article["state"], "dead", "{article}");
        assert_eq!(article["reason"], "the page is not there (404)");
        assert_eq!(article["history"][0]["failure"]["reason"], "not-found");

        let dead = client.get(&format!("{ARTICLES}?state=dead")).await.json();
        assert_eq!(dead["articles"][0]["id"], json!(id));
        let retried = client
            .ask(Method::POST, &format!("{href}/retry"), |request| request)
            .await;
        assert_eq!(retried.status, 202, "{}", retried.body);
        assert_eq!(retried.header("location"), href);
        assert_eq!(retried.json()["state"], "waiting");
        let dead = client.get(&format!("{ARTICLES}?state=dead")).await.json();
        assert_eq!(dead["articles"], json!([]));

        app.run(&["subscribe", "--drain"]);
        let removed = client.delete(&href).await;
        assert_eq!((removed.status, removed.body.as_str()), (204, ""));
        client.get(&href).await.is_problem(404);
        client.delete(&href).await.is_problem(404);
        client
            .post_json(&format!("{href}/retry"), &json!({}))
            .await
            .is_problem(404);
        // It stays seen, and says so.
        let url = base.replace("/feed.xml", "/missing");
        let again = client.post_json(ARTICLES, &json!({ "url": url })).await;
        assert_eq!(again.status, 200, "{}", again.body);
        let message = again.json()["articles"][0]["message"].clone();
        assert!(
            message.as_str().unwrap().contains("seen before"),
            "{message}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn good_ones_are_taken_whatever_becomes_of_the_others() {
    let app = without_feeds(&Store::Embedded).with("GLEANER__SERVE__MAX_URLS", "4");
    let server = Server::start(&app);
    let client = server.client();
    let mixed = json!({"articles": [
        {"url": "https://blog.example/a"},
        {"url": "mailto:a@blog.example"},
        {"url": "https://blog.example/a/#top"},
        {"url": "https://user:s3cret@blog.example/b"},
    ]});
    let answer = client.post_json(ARTICLES, &mixed).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    assert!(!answer.body.contains("s3cret"), "{}", answer.body);
    let articles = answer.json()["articles"].clone();
    let outcomes: Vec<_> = (0..4).map(|n| articles[n]["outcome"].clone()).collect();
    assert_eq!(outcomes, ["queued", "refused", "known", "refused"]);
    assert_eq!(articles[0]["id"], articles[2]["id"]);

    let bad = client
        .post_json(ARTICLES, &json!({"url": "ftp://x.example"}))
        .await;
    bad.is_problem(422);
    assert_eq!(bad.json()["errors"][0]["at"], "/url");
    let long = json!({"url": "https://x.example", "title": "x".repeat(501)});
    let long = client.post_json(ARTICLES, &long).await;
    long.is_problem(422);
    assert_eq!(long.json()["errors"][0]["at"], "/title");
    let many = json!({"articles": vec![json!({"url": "https://x.example"}); 5]});
    client.post_json(ARTICLES, &many).await.is_problem(422);
    client
        .post_json(ARTICLES, &json!({"articles": []}))
        .await
        .is_problem(422);
    assert_eq!(app.status()["waiting"], 1, "nothing else was taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_a_problem() {
    let app = without_feeds(&Store::Embedded);
    let server = Server::start(&app);
    let client = server.client();
    for (body, status) in [
        ("{", 400),
        ("", 400),
        ("[]", 422),
        (r#"["https://a.example"]"#, 422),
        (r#"{"articles": [["https://a.example"]]}"#, 422),
        ("{}", 422),
        ("null", 422),
        (r#"{"url": 1}"#, 422),
        (r#"{"url": "https://a.example", "title": null}"#, 422),
        (r#"{"url": "https://a.example", "what": 1}"#, 422),
        (r#"{"url": "https://a.example", "articles": []}"#, 422),
        (r#"{"articles": {}}"#, 422),
    ] {
        let answer = client
            .ask(Method::POST, ARTICLES, |request| {
                request
                    .header("content-type", "application/json")
                    .body(body)
            })
            .await;
        answer.is_problem(status);
    }
    let untyped = client
        .ask(Method::POST, ARTICLES, |request| request.body("{}"))
        .await;
    untyped.is_problem(415);
    client.post(ARTICLES, &[("url", "x")]).await.is_problem(415);
    for path in [
        "?page=0",
        "?page=1001",
        "?page=x",
        "?per_page=101",
        "?state=lost",
        "?what=1",
        "?page=1&page=2",
    ] {
        client
            .get(&format!("{ARTICLES}{path}"))
            .await
            .is_problem(400);
    }
    for path in [
        "/api/v1/articles/1",
        "/api/v1/articles/%ff",
        "/api/v1/articles/0123456789abcdef0123456789abcdef",
        "/api/v1/nothing",
        "/api/",
    ] {
        client.get(path).await.is_problem(404);
    }
    let put = client.ask(Method::PUT, ARTICLES, |request| request).await;
    put.is_problem(405);
    assert_eq!(put.header("allow"), "GET,HEAD,POST");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_has_pages() {
    for store in Store::both() {
        let app = without_feeds(&store);
        let server = Server::start(&app);
        let client = server.client();
        let articles: Vec<_> = (0..5)
            .map(|n| json!({"url": format!("https://blog.example/{n}")}))
            .collect();
        let answer = client
            .post_json(ARTICLES, &json!({ "articles": articles }))
            .await;
        assert_eq!(answer.status, 202);
        let mut seen = std::collections::BTreeSet::new();
        for (page, number, more) in [(1, 2, true), (2, 2, true), (3, 1, false), (4, 0, false)] {
            let path = format!("{ARTICLES}?state=waiting&per_page=2&page={page}");
            let answer = client.get(&path).await.json();
            assert_eq!(answer["more"], more, "page {page}");
            assert_eq!(answer["total"], 5, "page {page}");
            let articles = answer["articles"].as_array().unwrap().clone();
            assert_eq!(articles.len(), number, "page {page}");
            seen.extend(articles.iter().map(|one| one["id"].to_string()));
        }
        assert_eq!(seen.len(), 5);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_are_listed_with_what_went_wrong() {
    let app = without_feeds(&Store::Embedded);
    let feed = json!({"title": "Down", "url": "http://u:s3cret@127.0.0.1:9/feed"});
    let off = json!({"title": "Off", "url": "http://127.0.0.1:9/off", "enabled": false});
    app.write("feeds.json", &json!({"feeds": [feed, off]}).to_string());
    let server = Server::start(&app);
    app.output(&["cron"]);
    let answer = server.client().get("/api/v1/feeds").await;
    assert!(!answer.body.contains("s3cret"), "{}", answer.body);
    let feeds = answer.json()["feeds"].clone();
    assert_eq!(feeds[0]["state"], "failing", "{feeds}");
    assert_eq!(feeds[0]["failures"], 1);
    assert!(
        feeds[0]["error"]
            .as_str()
            .unwrap()
            .contains("refused or broke")
    );
    assert!(feeds[0]["next_poll"].is_string());
    assert_eq!(feeds[1]["state"], "disabled");
    // The list is read again when it changed.
    app.write("feeds.json", r#"{"feeds": []}"#);
    let client = server.client();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while client.get("/api/v1/feeds").await.json()["feeds"] != json!([]) {
        assert!(
            std::time::Instant::now() < deadline,
            "the list was not read again"
        );
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_shows_what_would_be_taken_and_keeps_nothing() {
    let (blog, app) = (Site::start().await, without_feeds(&Store::Embedded));
    blog.set("/report", report());
    let server = Server::start(&app);
    let client = server.client();
    let preview = async |url: &str| {
        client
            .post_json("/api/v1/preview", &json!({ "url": url }))
            .await
    };
    let answer = preview(&blog.url("/report/?utm_source=x")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let page = answer.json()["page"].clone();
    assert_eq!(page["title"], "A report");
    let found = page["indicators"][0].clone();
    assert_eq!(found["value"], "cdn.evil-update.top", "{page}");
    assert_eq!(found["verdict"], "detect");
    assert_eq!(
        found["sentence"],
        "The loader asks cdn.evil-update[.]top for more."
    );
    assert!(page["report"].as_str().unwrap().contains("First things"));
    let failed = preview(&blog.url("/missing")).await.json();
    assert_eq!(failed["failure"]["reason"], "not-found");
    let inside = preview("http://10.1.2.3/").await.json();
    assert_eq!(inside["failure"]["reason"], "refused-address");
    preview("file:///etc/passwd").await.is_problem(422);
    let counts = app.status();
    assert_eq!(
        (&counts["waiting"], &counts["later"]),
        (&json!(0), &json!(0))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_can_be_switched_off() {
    let app = without_feeds(&Store::Embedded).with("GLEANER__SERVE__PREVIEW", "false");
    let server = Server::start(&app);
    let client = server.client();
    let body = json!({"url": "https://a.example/"});
    client
        .post_json("/api/v1/preview", &body)
        .await
        .is_problem(403);
    assert_eq!(client.get("/preview").await.status, 403);
    assert!(!client.get("/").await.body.contains("href=\"/preview\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_describes_itself() {
    let (app, _) = with_token(&Store::Embedded);
    let server = Server::start(&app);
    let answer = server.client().get("/api/v1/openapi.json").await;
    assert_eq!(answer.header("content-type"), "application/json");
    let mut document = answer.json();
    document["info"]["version"] = "[version]".into();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths: Vec<_> = document["paths"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(
        paths,
        [
            "/api/v1/articles",
            "/api/v1/articles/{id}",
            "/api/v1/articles/{id}/result",
            "/api/v1/articles/{id}/retry",
            "/api/v1/feeds",
            "/api/v1/preview",
        ]
    );
    assert_eq!(document["security"], json!([{"token": []}]));
    // Every reference leads somewhere.
    let text = document.to_string();
    let reference = regex::Regex::new("\"\\$ref\":\"#([^\"]+)\"").unwrap();
    for found in reference.captures_iter(&text) {
        assert!(document.pointer(&found[1]).is_some(), "{}", &found[1]);
    }
    insta::assert_json_snapshot!("openapi", document);
}
