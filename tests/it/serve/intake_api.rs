//! What programs hand in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::intake::{comment, only_event, page, tags};
use super::world::{Server, with_token, without_feeds};
use crate::support::app::Store;
use crate::support::pdf;

const ARTICLES: &str = "/api/v1/articles";

/// Nobody answers there: whoever downloads it fails.
const NOWHERE: &str = "https://behind-a-login.example/report";

fn file(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_come_along_in_every_shape() {
    let pdf = file(&pdf::document(&[
        "From behind a login",
        "The loader asks cdn.evil-update[.]top for more.",
    ]));
    let markdown =
        file(b"# From behind a login\n\nThe loader asks cdn.evil-update[.]top for more.");
    for (with, said) in [
        (json!({"html": page()}), "html, "),
        (
            json!({"text": "From behind a login\n\nThe loader asks cdn.evil-update[.]top."}),
            "text, ",
        ),
        (
            json!({"file": {"content": pdf, "name": "x.pdf"}}),
            "x.pdf, pdf, ",
        ),
        (
            json!({"file": {"content": markdown, "media_type": "text/markdown"}}),
            "markdown, ",
        ),
    ] {
        for store in Store::both() {
            let (app, token) = with_token(&store);
            let server = Server::start(&app);
            let client = server
                .client()
                .with("authorization", &format!("Bearer {token}"));
            let mut article = json!({"url": NOWHERE, "tags": ["case:7"], "tlp": "red"});
            let members = article.as_object_mut().unwrap();
            members.extend(with.as_object().unwrap().clone());
            let answer = client.post_json(ARTICLES, &article).await;
            assert_eq!(answer.status, 202, "{}", answer.body);
            app.run(&["subscribe", "--drain"]);
            let event = only_event(&app);
            assert!(
                comment(&event, "Submitted page").unwrap().starts_with(said),
                "{event}"
            );
            assert_eq!(comment(&event, "Submitted by"), Some("alice"));
            assert_eq!(comment(&event, "Remote IP"), Some("127.0.0.1"));
            assert_eq!(tags(&event)[..2], ["tlp:red", "case:7"]);
            assert!(event.to_string().contains("cdn.evil-update.top"));
            assert!(
                event["info"]
                    .as_str()
                    .unwrap()
                    .ends_with("From behind a login"),
                "{event}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn known_articles_are_taken_again_when_asked_for() {
    for store in Store::both() {
        let app = without_feeds(&store);
        let server = Server::start(&app);
        let client = server.client();
        let article =
            json!({"url": NOWHERE, "text": "The loader asks cdn.evil-update[.]top for more."});
        let first = client.post_json(ARTICLES, &article).await.json()["articles"][0].clone();
        app.run(&["subscribe", "--drain"]);
        let known = client.post_json(ARTICLES, &article).await;
        assert_eq!(known.status, 200, "{}", known.body);
        let known = known.json()["articles"][0].clone();
        assert_eq!(known["id"], first["id"]);
        assert!(
            known["message"].as_str().unwrap().contains("`again`"),
            "{known}"
        );
        let mut again = article.clone();
        again["again"] = true.into();
        let new = client.post_json(ARTICLES, &again).await;
        assert_eq!(new.status, 202, "{}", new.body);
        assert_ne!(new.json()["articles"][0]["id"], first["id"]);
        app.run(&["subscribe", "--drain"]);
        assert_eq!(app.events().len(), 2, "an event of its own");
        // Without a URL it is known by its bytes.
        let bare = json!({"text": article["text"]});
        let bare = client.post_json(ARTICLES, &bare).await;
        assert_eq!(bare.status, 202, "{}", bare.body);
        let url = bare.json()["articles"][0]["url"].clone();
        assert!(url.as_str().unwrap().starts_with("urn:sha256:"), "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn each_fault_is_pointed_to() {
    let app = without_feeds(&Store::Embedded).with("GLEANER__ARTICLE__MAX_SIZE", "64KiB");
    let server = Server::start(&app);
    let client = server.client();
    let tag = |tag: &str| json!({"url": NOWHERE, "tags": ["ok", tag]});
    for (article, at) in [
        (json!({}), "/url"),
        (json!({"title": "x"}), "/url"),
        (json!({"url": "", "text": "x"}), "/url"),
        (json!({"url": NOWHERE, "html": ""}), "/html"),
        (json!({"url": NOWHERE, "text": " \u{0}\n"}), "/text"),
        (json!({"url": NOWHERE, "text": "x".repeat(70_000)}), "/text"),
        (json!({"url": NOWHERE, "html": "x", "text": "x"}), "/html"),
        (
            json!({"url": NOWHERE, "text": "x", "file": {"content": "eA=="}}),
            "/text",
        ),
        (
            json!({"url": NOWHERE, "file": {"content": "%"}}),
            "/file/content",
        ),
        (
            json!({"url": NOWHERE, "file": {"content": ""}}),
            "/file/content",
        ),
        (
            json!({"url": NOWHERE, "file": {"content": file(b"MZ\0\x01")}}),
            "/file/content",
        ),
        (
            json!({"url": NOWHERE, "file": {"content": "eA==", "media_type": "application/pdf"}}),
            "/file/content",
        ),
        (
            json!({"url": NOWHERE, "file": {"content": "eA==", "name": "x".repeat(256)}}),
            "/file/name",
        ),
        (tag(""), "/tags/1"),
        (tag(" x"), "/tags/1"),
        (tag("\u{1f525}"), "/tags/1"),
        (tag(&"x".repeat(256)), "/tags/1"),
        (json!({"url": NOWHERE, "tags": vec!["x"; 51]}), "/tags"),
        (json!({"url": NOWHERE, "tlp": "white"}), "/tlp"),
        (json!({"url": NOWHERE, "tlp": ""}), "/tlp"),
        (
            json!({"url": NOWHERE, "tlp": "red", "tags": ["tlp:green"]}),
            "/tlp",
        ),
    ] {
        let answer = client.post_json(ARTICLES, &article).await;
        answer.is_problem(422);
        assert_eq!(
            answer.json()["errors"][0]["at"],
            at,
            "{article}: {}",
            answer.body
        );
        let list = json!({"articles": [article, {"url": "ftp://x"}]});
        let answer = client.post_json(ARTICLES, &list).await;
        answer.is_problem(422);
        let errors = answer.json()["errors"].clone();
        assert_eq!(errors[0]["at"], format!("/articles/0{at}"), "{errors}");
        assert_eq!(errors[1]["at"], "/articles/1/url", "{errors}");
    }
    // Everything that is wrong with one is said at once, also beside one that is taken.
    let list = json!({"articles": [{"url": "https://a.example/"}, {"url": "x", "tlp": "y", "tags": [""]}]});
    let answer = client.post_json(ARTICLES, &list).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    let errors = answer.json()["articles"][1]["errors"].clone();
    let places: Vec<&Value> = errors
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["at"])
        .collect();
    assert_eq!(
        places,
        ["/articles/1/url", "/articles/1/tags/0", "/articles/1/tlp"]
    );
    for shape in [
        json!({"url": null}),
        json!({"url": NOWHERE, "html": null}),
        json!({"url": NOWHERE, "again": "yes"}),
        json!({"url": NOWHERE, "tags": "x"}),
        json!({"url": NOWHERE, "file": "eA=="}),
        json!({"url": NOWHERE, "file": ["eA=="]}),
        json!({"url": NOWHERE, "file": {}}),
        json!({"url": NOWHERE, "file": {"content": "eA==", "media_type": "image/png"}}),
        json!({"url": NOWHERE, "file": {"content": "eA==", "what": 1}}),
    ] {
        client.post_json(ARTICLES, &shape).await.is_problem(422);
    }
    assert_eq!(app.status()["waiting"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_come_along_are_previewed() {
    let app = without_feeds(&Store::Embedded);
    let server = Server::start(&app);
    let client = server.client();
    for body in [
        json!({"url": NOWHERE, "html": page()}),
        json!({"html": page()}),
        json!({"file": {"content": file(page().as_bytes())}}),
    ] {
        let answer = client.post_json("/api/v1/preview", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let page = answer.json()["page"].clone();
        assert_eq!(page["title"], "From behind a login");
        assert_eq!(
            page["indicators"][0]["value"], "cdn.evil-update.top",
            "{page}"
        );
    }
    let bad = client
        .post_json("/api/v1/preview", &json!({"text": ""}))
        .await;
    bad.is_problem(422);
    assert_eq!(bad.json()["errors"][0]["at"], "/text");
    assert_eq!(app.status()["waiting"], 0);
}
