//! What other sites, and hostile articles, try with somebody's browser.

use serde_json::json;

use super::world::{Answer, Client, Server, submit, with_token, without_feeds};
use crate::support::app::Store;

const URL: &str = "https://blog.example/a";

#[tokio::test(flavor = "multi_thread")]
async fn forged_forms_are_refused() {
    let (app, token) = with_token(&Store::Embedded);
    let server = Server::start(&app);
    let alice = server.client();
    alice.log_in(&token).await;
    let own = alice.get("/").await.csrf();
    let mallory = server.client();
    let others = mallory.get("/login").await.csrf();
    for csrf in ["", "0", &others] {
        for (path, fields) in [
            ("/submit", vec![("csrf", csrf), ("urls", URL)]),
            ("/preview", vec![("csrf", csrf), ("url", URL)]),
            ("/logout", vec![("csrf", csrf)]),
            ("/login", vec![("csrf", csrf), ("token", token.as_str())]),
            (
                "/jobs/0123456789abcdef0123456789abcdef/retry",
                vec![("csrf", csrf)],
            ),
            (
                "/jobs/0123456789abcdef0123456789abcdef/remove",
                vec![("csrf", csrf)],
            ),
        ] {
            assert_eq!(alice.post(path, &fields).await.status, 403, "{path}");
        }
    }
    assert_eq!(
        alice.post("/submit", &[("urls", URL)]).await.status,
        403,
        "no token at all"
    );
    assert_eq!(app.status()["waiting"], 0);
    let honest = alice
        .post("/submit", &[("csrf", &own), ("urls", URL)])
        .await;
    assert_eq!(honest.status, 303, "{}", honest.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_other_sites_make_are_refused() {
    // Without a login there is no cookie to protect, and all the more reason.
    let app = without_feeds(&Store::Embedded);
    let server = Server::start(&app);
    let own = format!("http://{}", server.host());
    let body = json!({ "url": URL });
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let client = server.client().with(name, value);
        let refused = client.post_json("/api/v1/articles", &body).await;
        refused.is_problem(403);
        client.delete("/api/v1/articles/0").await.is_problem(403);
    }
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ] {
        let client = server.client().with(name, value);
        let answer = client.fill("/", "/submit", &[("urls", URL)]).await;
        assert_eq!(answer.status, 403, "{name}: {value}");
    }
    assert_eq!(app.status()["waiting"], 0);
    for (name, value) in [
        ("sec-fetch-site", "same-origin"),
        ("origin", own.as_str()),
        ("origin", "null"),
    ] {
        let client = server.client().with(name, value);
        let answer = client.fill("/", "/submit", &[("urls", URL)]).await;
        assert!(answer.status < 400, "{name}: {value}: {}", answer.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_server_is_for_this_machine() {
    let app = without_feeds(&Store::Embedded);
    let server = Server::start(&app);
    let port = server.host().rsplit(':').next().unwrap();
    for host in ["evil.example", "evil.example:8765", "192.0.2.1"] {
        let client = server.client().with("host", host);
        client.get("/api/v1/feeds").await.is_problem(421);
        assert_eq!(client.get("/").await.status, 421, "{host}");
    }
    for host in [format!("localhost:{port}"), format!("[::1]:{port}")] {
        let client = server.client().with("host", &host);
        assert_eq!(client.get("/").await.status, 200, "{host}");
    }
    let passed_on = server.client().with("x-forwarded-for", "192.0.2.1");
    let refused = passed_on.get("/api/v1/feeds").await;
    refused.is_problem(421);
    assert!(refused.body.contains("serve.proxy"), "{}", refused.body);
    let home = server.client().get("/").await;
    assert!(
        home.body.contains("Open: anybody on this machine"),
        "says so"
    );
}

/// Every attribute and text in which an article could break out.
const HOSTILE: &str = "<script>alert(1)</script>\"><img src=x onerror=alert(1)>' {{ 7*7 }}";

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_from_articles_is_text() {
    for store in Store::both() {
        let app = without_feeds(&store);
        let feed = json!({"title": HOSTILE, "url": "http://127.0.0.1:9/\"><script>"});
        app.write("feeds.json", &json!({"feeds": [feed]}).to_string());
        let server = Server::start(&app);
        let client = server.client();
        let url = "http://127.0.0.1:9/\"><script>alert(2)</script>";
        let answer = client
            .post_json("/api/v1/articles", &json!({"url": url, "title": HOSTILE}))
            .await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        let id = answer.json()["articles"][0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        app.run(&["subscribe", "--drain"]);
        app.output(&["cron"]);
        let query = "?url=%22%3E%3Cscript%3Ealert(3)%3C/script%3E&title=%22%3E%3Cscript%3E&state=%3Cscript%3E";
        for path in [
            "/",
            "/live",
            "/feeds",
            &format!("/jobs/{id}"),
            &format!("/{query}"),
            &format!("/preview{query}"),
            &format!("/receive{query}"),
            "/help",
            "/%3Cscript%3Ealert(4)",
        ] {
            holds_no_code(&client.get(path).await, path);
        }
        for (action, fields) in [
            ("/submit", vec![("urls", HOSTILE), ("title", HOSTILE)]),
            ("/submit", vec![("urls", url)]),
            (
                "/submit",
                vec![("page", HOSTILE), ("tags", HOSTILE), ("tlp", HOSTILE)],
            ),
            ("/preview", vec![("page", HOSTILE), ("url", url)]),
            ("/preview", vec![("url", url)]),
        ] {
            holds_no_code(&client.fill("/", action, &fields).await, action);
        }
        let page = client.get(&format!("/jobs/{id}")).await.body;
        assert!(
            page.contains("&#60;script&#62;alert(1)&#60;/script&#62;"),
            "{page}"
        );
    }
}

/// The only scripts are our own, nothing is inline, and no link runs anything but the bookmarklets.
fn holds_no_code(answer: &Answer, what: &str) {
    let page = answer.body.to_ascii_lowercase();
    let scripts: Vec<_> = page.match_indices("<script").collect();
    for (at, _) in &scripts {
        assert!(
            page[*at..].starts_with("<script src=\"/static/"),
            "{what}: {page}"
        );
    }
    assert!(scripts.len() <= 2, "{what}");
    for code in ["<img", "<style"] {
        assert!(!page.contains(code), "{what}: {code}: {page}");
    }
    // Without the values of attributes, in which quotes are escaped.
    let bare = regex::Regex::new(r#""[^"]*""#)
        .unwrap()
        .replace_all(&page, "");
    let inline = regex::Regex::new(r"<[^>]* (on[a-z]+|style)=").unwrap();
    assert!(!inline.is_match(&bare), "{what}: {page}");
    let runs = page.matches("href=\"javascript:").count();
    assert_eq!(runs, if what == "/help" { 2 } else { 0 }, "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_its_headers() {
    let (app, token) = with_token(&Store::Embedded);
    let server = Server::start(&app);
    let client = server.client();
    client.log_in(&token).await;
    for (path, status, caching) in [
        ("/", 200, "no-store"),
        ("/login", 303, "no-store"),
        ("/nothing", 404, "no-store"),
        ("/static/style.css", 200, "public, max-age=86400"),
        ("/static/script.js", 200, "public, max-age=86400"),
        ("/static/form.js", 200, "public, max-age=86400"),
        ("/static/icon.svg", 200, "public, max-age=86400"),
        ("/healthz", 200, "no-store"),
        ("/readyz", 200, "no-store"),
        ("/metrics", 200, "no-store"),
        ("/api/v1/feeds", 401, "no-store"),
        ("/api/v1/openapi.json", 200, "no-store"),
        ("/api/v1/nothing", 404, "no-store"),
    ] {
        let answer = client.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("cache-control"), caching, "{path}");
        has_headers(&answer, path);
    }
    let refused = server.client().with("sec-fetch-site", "cross-site");
    has_headers(&refused.post("/submit", &[]).await, "a refusal");
    has_headers(
        &client.post("/static/icon.svg", &[]).await,
        "a wrong method",
    );
}

fn has_headers(answer: &Answer, what: &str) {
    let policy = answer.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    ] {
        assert!(policy.contains(part), "{what}: {policy}");
    }
    assert!(
        !policy.contains("unsafe") && !policy.contains('*'),
        "{what}: {policy}"
    );
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value, "{what}: {name}");
    }
    assert_eq!(
        answer.header("strict-transport-security"),
        "",
        "not without TLS"
    );
    for name in ["server", "x-powered-by", "access-control-allow-origin"] {
        assert_eq!(answer.header(name), "", "{what}: {name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_to_outside_say_nothing_of_us() {
    let app = without_feeds(&Store::Embedded);
    let feed = json!({"title": "Blog", "url": "http://127.0.0.1:9/feed"});
    app.write("feeds.json", &json!({"feeds": [feed]}).to_string());
    let server = Server::start(&app);
    let client: Client = server.client();
    let id = submit(&client, "http://127.0.0.1:9/a").await;
    let link = regex::Regex::new(r#"<a [^>]*href="https?://[^>]*>"#).unwrap();
    let mut links = 0;
    for path in ["/", "/feeds", "/help", &format!("/jobs/{id}")] {
        for found in link.find_iter(&client.get(path).await.body) {
            links += 1;
            assert!(
                found.as_str().contains("rel=\"noreferrer noopener\""),
                "{}",
                found.as_str()
            );
        }
    }
    assert!(links >= 2, "there are such links: {links}");
}
