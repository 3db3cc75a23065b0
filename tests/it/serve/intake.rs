//! What people hand in with the form: pages, files, tags, TLP, again.

use reqwest::Method;
use serde_json::Value;

use super::world::{Answer, Client, Server, submit, without_feeds};
use crate::support::app::{App, Store};
use crate::support::pdf;

/// Nobody answers there: whoever downloads it fails.
const NOWHERE: &str = "https://behind-a-login.example/report";

const BOUNDARY: &str = "----form";

/// A part of a form: its header lines behind `form-data`, and its bytes.
type Part<'a> = (&'a str, &'a [u8]);

pub(super) fn page() -> String {
    let filler =
        "<p>The campaign was followed for some weeks, and this is what was found on the way.</p>";
    format!(
        "<!doctype html><html lang=en><head><title>From behind a login</title></head><body><article>\
         <h1>From behind a login</h1>{}<p>The loader asks cdn.evil-update[.]top for more.</p></article></body></html>",
        filler.repeat(6)
    )
}

fn body(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (head, bytes) in parts {
        body.extend(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n").bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

async fn send(browser: &Client, action: &str, body: Vec<u8>) -> Answer {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    browser
        .ask(Method::POST, action, |request| {
            request.header("content-type", kind).body(body)
        })
        .await
}

/// Loads the form, fills these parts in, and sends it as a browser does.
async fn upload(browser: &Client, action: &str, parts: &[Part<'_>]) -> Answer {
    let csrf = browser.get("/").await.csrf();
    let mut all: Vec<Part<'_>> = vec![("name=\"csrf\"", csrf.as_bytes())];
    all.extend(parts);
    send(browser, action, body(&all)).await
}

pub(super) fn events(app: &App) -> Vec<Value> {
    let read = |path| {
        let event: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        event["Event"].clone()
    };
    app.events().into_iter().map(read).collect()
}

pub(super) fn only_event(app: &App) -> Value {
    let mut events = events(app);
    assert_eq!(events.len(), 1, "{}", app.run(&["queue", "list"]));
    events.remove(0)
}

/// The value of the comment of this name.
pub(super) fn comment<'a>(event: &'a Value, name: &str) -> Option<&'a str> {
    let attributes = event["Attribute"].as_array().unwrap();
    attributes.iter().find(|one| one["comment"] == name)?["value"].as_str()
}

pub(super) fn tags(event: &Value) -> Vec<&str> {
    let tags = event["Tag"].as_array().unwrap();
    tags.iter()
        .map(|tag| tag["name"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_all_the_way_with_all_that_was_said_of_it() {
    for store in Store::both() {
        let app = without_feeds(&store);
        let server = Server::start(&app);
        let browser = server.client();
        let html = page();
        let sent = upload(
            &browser,
            "/submit",
            &[
                ("name=\"urls\"", NOWHERE.as_bytes()),
                ("name=\"title\"", b""),
                (
                    "name=\"tags\"",
                    "case:7, misp-galaxy:x=\"a, b\"\r\nüber".as_bytes(),
                ),
                ("name=\"tlp\"", b"amber+strict"),
                (
                    "name=\"file\"; filename=\"C:\\saved\\report.html\"\r\nContent-Type: text/html",
                    html.as_bytes(),
                ),
            ],
        )
        .await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        app.run(&["subscribe", "--drain"]);
        let event = only_event(&app);
        assert!(
            event["info"]
                .as_str()
                .unwrap()
                .contains("From behind a login")
        );
        assert_eq!(comment(&event, "Remote IP"), Some("127.0.0.1"));
        assert_eq!(comment(&event, "Blog URL"), Some(NOWHERE));
        let with = comment(&event, "Submitted page").unwrap();
        assert!(with.starts_with("report.html, html, "), "{with}");
        let job = browser.get(sent.header("location")).await.body;
        assert!(job.contains("&#38;again=on\">submit it again</a>"), "{job}");
        let tags = tags(&event);
        for tag in [
            "tlp:amber+strict",
            "case:7",
            "misp-galaxy:x=\"a, b\"",
            "über",
        ] {
            assert!(tags.contains(&tag), "{tag}: {tags:?}");
        }
        assert_eq!(tags.iter().filter(|tag| tag.starts_with("tlp:")).count(), 1);
        assert!(event.to_string().contains("cdn.evil-update.top"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_without_urls_are_articles_by_their_bytes() {
    for store in Store::both() {
        let app = without_feeds(&store);
        let server = Server::start(&app);
        let browser = server.client();
        let lines = [
            "Annual findings",
            "The loader asks cdn.evil-update[.]top for more.",
        ];
        let pdf = pdf::document(&lines);
        let cyrillic = encoding_rs::WINDOWS_1251
            .encode("<html><meta charset=windows-1251><title>Отчёт</title><p>Вредоносная программа просит cdn.evil-update[.]top.")
            .0
            .into_owned();
        let parts: [Part<'_>; 4] = [
            ("name=\"urls\"", b""),
            ("name=\"file\"; filename=\"mail.pdf\"", &pdf),
            (
                "name=\"file\"; filename=\"\"\r\nContent-Type: application/octet-stream",
                b"",
            ),
            ("name=\"file\"; filename=\"ru.htm\"", &cyrillic),
        ];
        let sent = upload(&browser, "/submit", &parts).await;
        assert_eq!(sent.status, 200, "{}", sent.body);
        assert_eq!(sent.body.matches("Queued: ").count(), 2, "{}", sent.body);
        assert!(
            sent.body.contains(">mail.pdf</a>"),
            "named after its file for now: {}",
            sent.body
        );
        app.run(&["subscribe", "--drain"]);
        let events = events(&app);
        let infos: Vec<_> = events
            .iter()
            .map(|event| event["info"].as_str().unwrap())
            .collect();
        for title in ["Annual findings", "Отчёт"] {
            assert!(infos.iter().any(|info| info.ends_with(title)), "{infos:?}");
        }
        for event in &events {
            let url = comment(event, "Blog URL").unwrap();
            assert!(url.starts_with("urn:sha256:") && url.len() == 75, "{url}");
            assert!(event.to_string().contains("cdn.evil-update.top"), "{event}");
        }
        // The same file is the same article.
        let again = upload(&browser, "/submit", &parts[1..2]).await;
        assert_eq!(again.status, 200, "{}", again.body);
        assert!(
            again.body.contains("Known already, and delivered"),
            "{}",
            again.body
        );
        let (_, rest) = again.body.split_once("href=\"/jobs/").unwrap();
        let known = format!("/jobs/{}", rest.split_once('"').unwrap().0);
        let job = browser.get(&known).await.body;
        assert!(
            job.contains("submit the page once more with <em>Again</em>"),
            "{job}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_page_is_read_and_who_brought_it_can_stay_unsaid() {
    let app = without_feeds(&Store::Embedded).with("GLEANER__SERVE__RECORD_REMOTE", "false");
    let server = Server::start(&app);
    let browser = server.client();
    let text =
        "The loader asks cdn.evil-update[.]top for more. It was seen in many places at once.";
    let sent = browser
        .fill(
            "/",
            "/submit",
            &[("urls", NOWHERE), ("page", text), ("title", "Mine")],
        )
        .await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    app.run(&["subscribe", "--drain"]);
    let event = only_event(&app);
    assert!(event["info"].as_str().unwrap().ends_with("Mine"));
    assert!(
        comment(&event, "Submitted page")
            .unwrap()
            .starts_with("text, ")
    );
    assert_eq!(comment(&event, "Remote IP"), None);
    assert_eq!(comment(&event, "Submitted by"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_is_the_one_the_proxy_tells() {
    let app = without_feeds(&Store::Embedded)
        .with("GLEANER__SERVE__PROXY__ADDRESSES", r#"["127.0.0.1"]"#)
        .with("GLEANER__SERVE__PROXY__USER_HEADER", "X-Remote-User");
    let server = Server::start(&app);
    let browser = server
        .client()
        .with("x-forwarded-for", "203.0.113.9, 192.0.2.44")
        .with("x-remote-user", "bob");
    let html = page();
    let sent = browser
        .fill("/", "/submit", &[("urls", NOWHERE), ("page", &html)])
        .await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    app.run(&["subscribe", "--drain"]);
    let event = only_event(&app);
    assert_eq!(comment(&event, "Remote IP"), Some("192.0.2.44"));
    assert_eq!(comment(&event, "Submitted by"), Some("bob"));
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn what_is_refused_is_said_beside_its_field_and_nothing_typed_is_lost() {
    let app = without_feeds(&Store::Embedded)
        .with("GLEANER__ARTICLE__MAX_SIZE", "64KiB")
        .with("GLEANER__SERVE__MAX_URLS", "3");
    let server = Server::start(&app);
    let browser = server.client();
    let two = "https://a.example/\nhttps://b.example/";
    let large = "word ".repeat(20_000);
    let tags = "x".repeat(256);
    for (fields, field, says) in [
        (vec![("urls", "")], "urls", "the URL is empty"),
        (
            vec![("urls", two), ("page", "text")],
            "urls",
            "a page is one article",
        ),
        (
            vec![("urls", two), ("title", "T")],
            "title",
            "a title is for one article",
        ),
        (
            vec![("urls", "https://a.example/\n\n1\n2\n3")],
            "urls",
            "at most 3",
        ),
        (
            vec![("urls", "nonsense"), ("page", "text")],
            "urls",
            "no http or https URL",
        ),
        (
            vec![("urls", NOWHERE), ("page", &large)],
            "page",
            "at most 65536",
        ),
        (
            vec![("urls", NOWHERE), ("tags", &tags)],
            "tags",
            "MISP cannot store",
        ),
        (
            vec![("urls", NOWHERE), ("tags", "ok, a\u{200b}b")],
            "tags",
            "not seen",
        ),
        (
            vec![("urls", NOWHERE), ("tlp", "purple")],
            "tlp",
            "is no TLP",
        ),
        (
            vec![("urls", NOWHERE), ("tlp", "red"), ("tags", "tlp:green")],
            "tlp",
            "one TLP",
        ),
    ] {
        let mut all = vec![("again", "on"), ("title", "Typed title")];
        if field == "urls" && fields.iter().any(|(name, _)| *name == "page") {
            all.clear();
        }
        all.splice(0..0, fields.clone());
        let answer = browser.fill("/", "/submit", &all).await;
        assert_eq!(answer.status, 422, "{says}: {}", answer.body);
        let beside = format!("<div id=\"{field}-fault\">");
        let at = answer
            .body
            .find(&beside)
            .unwrap_or_else(|| panic!("{field}: {}", answer.body));
        let end = answer.body[at..].find("</div>").unwrap();
        assert!(
            answer.body[at..at + end].contains(says),
            "{says}: {}",
            answer.body
        );
        for (_, value) in fields.iter().filter(|(_, value)| !value.contains('\n')) {
            assert!(answer.body.contains(value), "{value} is kept");
        }
    }
    assert_eq!(app.status()["waiting"], 0);
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn files_that_are_none_are_refused() {
    let app = without_feeds(&Store::Embedded).with("GLEANER__SERVE__MAX_BODY", "128KiB");
    let server = Server::start(&app);
    let browser = server.client();
    let url: Part<'_> = ("name=\"urls\"", NOWHERE.as_bytes());
    for (parts, status, says) in [
        (
            vec![url, ("name=\"file\"; filename=\"a.exe\"", &b"MZ\0\x01"[..])],
            422,
            "neither text nor PDF",
        ),
        (
            vec![url, ("name=\"file\"; filename=\"a.txt\"", b"")],
            422,
            "`a.txt` is empty",
        ),
        (
            vec![
                url,
                ("name=\"file\"; filename=\"a\"", b"x"),
                ("name=\"page\"", b"y"),
            ],
            422,
            "there is a file as well",
        ),
        (
            vec![
                url,
                ("name=\"file\"; filename=\"a\"", b"x"),
                ("name=\"file\"; filename=\"b\"", b"y"),
            ],
            422,
            "several files are an article each",
        ),
        (
            vec![url, ("name=\"title\"", b"caf\xe9")],
            400,
            "`title` is not UTF-8",
        ),
        (
            vec![url, ("name=\"file\"; filename=\"a.txt\"", &[b'x'; 140_000])],
            413,
            "serve.max_body",
        ),
    ] {
        let answer = upload(&browser, "/submit", &parts).await;
        assert_eq!(answer.status, status, "{says}: {}", answer.body);
        assert!(answer.body.contains(says), "{says}: {}", answer.body);
        if status == 422 {
            assert!(
                answer.body.contains("choose the file once more"),
                "{}",
                answer.body
            );
            assert!(
                answer.body.contains(&format!(">{NOWHERE}</textarea>")),
                "{}",
                answer.body
            );
        }
    }
    let many: Vec<Part<'_>> = vec![("name=\"x\"", b""); 200];
    assert_eq!(upload(&browser, "/submit", &many).await.status, 400);
    for broken in [
        "",
        "--other--\r\n",
        "------form\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nx",
    ] {
        let answer = send(&browser, "/submit", broken.into()).await;
        assert!(
            matches!(answer.status, 400 | 403),
            "{broken}: {}",
            answer.status
        );
    }
    // Forms that bring no page may not bring as much.
    let long = "x".repeat(100_000);
    assert_eq!(
        browser.post("/login", &[("token", &long)]).await.status,
        413
    );
    assert_eq!(app.status()["waiting"], 0);
}

/// The ticket of the form.
fn ticket(page: &Answer) -> String {
    let field = regex::Regex::new(r#"name="ticket" value="([0-9a-f.]+)""#).unwrap();
    field.captures(&page.body).unwrap()[1].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clicks_with_again_are_one_new_job() {
    for store in Store::both() {
        let app = without_feeds(&store);
        let server = Server::start(&app);
        // One that stands beside it, behind the same name.
        let other = Server::start(&app);
        let browser = server.client();
        let first = submit(&browser, NOWHERE).await;
        let known = browser.fill("/", "/submit", &[("urls", NOWHERE)]).await;
        assert_eq!(known.status, 200);
        assert!(
            known
                .body
                .contains("/?url=https%3A%2F%2Fbehind-a-login.example%2Freport&#38;again=on"),
            "{}",
            known.body
        );
        let form = browser.get(&format!("/?url={NOWHERE}&again=on")).await;
        assert!(
            form.body
                .contains("value=\"on\" aria-describedby=\"again-hint\" checked"),
            "{}",
            form.body
        );
        let (csrf, ticket) = (form.csrf(), ticket(&form));
        let fields = [
            ("csrf", csrf.as_str()),
            ("ticket", &ticket),
            ("urls", NOWHERE),
            ("again", "on"),
        ];
        let there = other.client();
        there.set_cookie(&browser.cookie().unwrap());
        let (one, two) = tokio::join!(
            browser.post("/submit", &fields),
            browser.post("/submit", &fields)
        );
        let three = there.post("/submit", &fields).await;
        let job = one.header("location").to_owned();
        assert!(job.starts_with("/jobs/") && !job.ends_with(&first), "{job}");
        for click in [&two, &three] {
            assert_eq!(
                (click.status, click.header("location")),
                (303, job.as_str())
            );
        }
        assert_eq!(app.status()["waiting"], 2);
        // Something else, another form, and a form without a ticket are each meant.
        let mut changed = fields.to_vec();
        changed.push(("tags", "case:8"));
        assert_ne!(
            browser.post("/submit", &changed).await.header("location"),
            job
        );
        let fresh = browser
            .fill("/", "/submit", &[("urls", NOWHERE), ("again", "on")])
            .await;
        assert_eq!(fresh.status, 303);
        assert_ne!(fresh.header("location"), job);
        assert_eq!(app.status()["waiting"], 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_brought_is_previewed_and_nothing_is_downloaded() {
    let app = without_feeds(&Store::Embedded);
    let server = Server::start(&app);
    let browser = server.client();
    let html = page();
    for parts in [
        vec![
            ("name=\"url\"", NOWHERE.as_bytes()),
            ("name=\"page\"", html.as_bytes()),
        ],
        vec![
            ("name=\"urls\"", &b""[..]),
            ("name=\"page\"", html.as_bytes()),
        ],
        vec![("name=\"file\"; filename=\"a.html\"", html.as_bytes())],
    ] {
        let seen = upload(&browser, "/preview", &parts).await;
        assert_eq!(seen.status, 200, "{}", seen.body);
        assert!(
            seen.body.contains("<h2>From behind a login</h2>"),
            "{}",
            seen.body
        );
        assert!(
            seen.body.contains("<code>cdn.evil-update.top</code>"),
            "{}",
            seen.body
        );
        let file = parts.len() == 1;
        assert_eq!(seen.body.contains("choose the file once more"), file);
        assert_eq!(seen.body.contains("Submit this article"), !file);
    }
    for (parts, says) in [
        (
            vec![(
                "name=\"urls\"",
                &b"https://a.example/\nhttps://b.example/"[..],
            )],
            "give one URL",
        ),
        (
            vec![
                ("name=\"file\"; filename=\"a\"", b"x"),
                ("name=\"page\"", b"y"),
            ],
            "give one page",
        ),
        (
            vec![("name=\"file\"; filename=\"a\"", b"MZ\0\x01")],
            "neither text nor PDF",
        ),
    ] {
        let refused = upload(&browser, "/preview", &parts).await;
        assert_eq!(refused.status, 422, "{says}");
        assert!(refused.body.contains(says), "{says}: {}", refused.body);
    }
    assert_eq!(app.status()["waiting"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bookmarklet_opens_a_page_that_only_fills_its_form() {
    let app = without_feeds(&Store::Embedded)
        .with("GLEANER__SERVE__PUBLIC_URL", "https://gleaner.example");
    let server = Server::start(&app);
    let browser = server.client();
    let help = browser.get("/help").await.body;
    assert!(
        help.contains("open(&#39;https://gleaner.example/receive?url=&#39;+"),
        "{help}"
    );
    assert!(
        help.contains("e.origin===&#39;https://gleaner.example&#39;"),
        "{help}"
    );
    let page = browser
        .get("/receive?url=https%3A%2F%2Fa.example%2F%22x&title=A%20%3Ctitle%3E")
        .await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("cross-origin-opener-policy"), "unsafe-none");
    assert_eq!(page.header("x-frame-options"), "DENY");
    for text in [
        ">https://a.example/&#34;x</textarea>",
        "value=\"A &#60;title&#62;\"",
        "id=\"received\"",
        "data-most=\"10485760\"",
        "<script src=\"/static/form.js?v=",
        "action=\"/submit\"",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    // It cannot be made to take anything, and it alone is not cut off from its opener.
    assert_eq!(browser.post("/receive", &[("page", "x")]).await.status, 405);
    assert_eq!(
        browser.get("/").await.header("cross-origin-opener-policy"),
        "same-origin"
    );
    assert_eq!(app.status()["waiting"], 0);
}
