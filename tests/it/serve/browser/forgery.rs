//! Pages of other sites, and texts of articles, that want to do something in somebody's name.

use serde_json::json;

use super::driver::Browser;
use super::in_browser;
use crate::serve::world::{Server, with_token, without_feeds};
use crate::support::app::{App, Store};
use crate::support::blog::{Blog, Reply};

/// What no page may show but as text.
const HOSTILE: &str = "<script>window.hit = 1</script><img src=x onerror='window.hit = 2'>";

pub(super) fn page(body: &str) -> Reply {
    Reply::ok(format!("<!doctype html><meta charset=utf-8><body>{body}"))
        .header("content-type", "text/html; charset=utf-8")
}

/// Lets a page of another site send a form to the server, with a token that a form of the server has.
async fn forge(browser: &Browser, blog: &Blog, host: &str, server: &Server, csrf: &str) {
    let form = format!(
        "<form id=f method=post action='{}/submit'><input name=csrf value='{csrf}'>\
         <input name=urls value='https://blog.example/forged'></form><script>f.submit()</script>",
        server.address()
    );
    blog.set("/forged", page(&form));
    browser.open(&blog.url_at(host, "/forged")).await;
    browser
        .wait_for_text("main", "a page of another site made this request")
        .await;
    assert_eq!(browser.path().await, "/submit");
}

/// The token of the form that the browser is shown.
async fn csrf(browser: &Browser) -> String {
    let value = browser
        .value("document.querySelector('form.submit [name=csrf]').value")
        .await;
    value.as_str().unwrap().to_owned()
}

fn nothing_came_of_it(app: &App) {
    assert_eq!(app.status()["waiting"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_of_other_sites_are_refused() {
    in_browser(async |browser| {
        let blog = Blog::start_at("0.0.0.0").await;
        let open = without_feeds(&Store::Embedded);
        let server = Server::start(&open);
        browser.open(server.address()).await;
        let token = csrf(browser).await;
        // Another port of the same host is the same site to cookies, and another origin all the same.
        for host in ["127.0.0.1", "127.0.0.2", "localhost"] {
            forge(browser, &blog, host, &server, &token).await;
        }
        nothing_came_of_it(&open);

        let (closed, token) = with_token(&Store::Embedded);
        let server = Server::start(&closed);
        browser.open(server.address()).await;
        browser.write("#token", &token).await;
        browser.click("//button[.='Log in']").await;
        browser.wait_for_text("h1", "Submit").await;
        let token = csrf(browser).await;
        for host in ["127.0.0.1", "127.0.0.2"] {
            forge(browser, &blog, host, &server, &token).await;
        }
        nothing_came_of_it(&closed);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_takes_nothing_from_pages_of_other_sites() {
    in_browser(async |browser| {
        let blog = Blog::start().await;
        let app = without_feeds(&Store::Embedded);
        let server = Server::start(&app);
        blog.set("/", page(""));
        browser.open(&blog.url("/")).await;
        let address = format!("{}/api/v1/articles", server.address());
        let body = json!({"url": "https://blog.example/forged"}).to_string();
        for kind in ["text/plain", "application/x-www-form-urlencoded"] {
            let options = json!({"method": "POST", "mode": "no-cors", "body": body, "headers": {"content-type": kind}});
            let sent = browser
                .value(&format!(
                    "fetch('{address}', {options}).then(answer => answer.type, error => 'blocked')"
                ))
                .await;
            assert!(["opaque", "blocked"].iter().any(|word| sent == *word), "{sent}");
        }
        nothing_came_of_it(&app);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_with_a_wrong_token_is_refused() {
    in_browser(async |browser| {
        let app = without_feeds(&Store::Embedded);
        let server = Server::start(&app);
        browser.open(server.address()).await;
        let wrong = csrf(browser).await.replace(|_| true, "0");
        browser
            .value(&format!(
                "document.querySelector('form.submit [name=csrf]').value = '{wrong}'"
            ))
            .await;
        browser.write("#urls", "https://blog.example/forged").await;
        browser.click("//button[.='Submit']").await;
        browser
            .wait_for_text("main", "this form is not from here")
            .await;
        nothing_came_of_it(&app);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_site_shows_the_pages_in_a_frame() {
    in_browser(async |browser| {
        let blog = Blog::start().await;
        let app = without_feeds(&Store::Embedded);
        let server = Server::start(&app);
        blog.set(
            "/",
            page(&format!("<iframe src='{}'></iframe>", server.address())),
        );
        browser.open(&blog.url("/")).await;
        let complaints = browser.complaints().await.concat();
        assert!(complaints.contains("frame-ancestors"), "{complaints}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_articles_say_is_shown_as_text() {
    in_browser(async |browser| {
        let blog = Blog::start().await;
        let app = without_feeds(&Store::Embedded);
        let feed = json!({"title": HOSTILE, "url": blog.url("/feed"), "tags": [HOSTILE]});
        app.write("feeds.json", &json!({"feeds": [feed]}).to_string());
        let escaped = html_escape::encode_text(HOSTILE);
        let text =
            "The campaign was followed for some weeks, and this is what was found on the way. "
                .repeat(9);
        let article = format!(
            "<title>{escaped}</title><article><h1>{escaped}</h1><p>{text}{escaped}</p></article>"
        );
        blog.set("/report", page(&article));
        let item = format!(
            "<item><title>{}</title><link>{}</link></item>",
            html_escape::encode_text(&escaped),
            blog.url("/from-feed")
        );
        blog.set(
            "/feed",
            Reply::ok(format!(
                "<rss version='2.0'><channel><title>t</title>{item}</channel></rss>"
            )),
        );
        blog.set("/from-feed", page(&article));
        app.run(&["cron"]);
        let server = Server::start(&app);
        browser.open(server.address()).await;
        browser.write("#urls", &blog.url("/report")).await;
        browser.write("#title", HOSTILE).await;
        browser.click("//button[.='Submit']").await;
        app.run(&["subscribe", "--drain"]);
        browser.reload().await;
        shows_it_as_text(browser, "main").await;
        for (path, place) in [("/", "#live"), ("/feeds", "table"), ("/live", "body")] {
            browser.open(&format!("{}{path}", server.address())).await;
            shows_it_as_text(browser, place).await;
        }
        browser.open(&format!("{}/preview", server.address())).await;
        browser.write("#url", &blog.url("/report")).await;
        browser.click("//button[.='Preview']").await;
        shows_it_as_text(browser, "main h2").await;
        shows_it_as_text(browser, "article").await;
    })
    .await;
}

async fn shows_it_as_text(browser: &Browser, place: &str) {
    browser.wait_for_text(place, HOSTILE).await;
    assert_eq!(
        browser.value("typeof window.hit").await,
        "undefined",
        "it ran"
    );
}
