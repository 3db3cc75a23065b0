//! The bookmarklet that brings the page along, and messages that are none of it.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::driver::Browser;
use super::forgery::page;
use super::in_browser;
use crate::serve::intake::{comment, only_event};
use crate::serve::world::{Server, without_feeds};
use crate::support::app::Store;
use crate::support::blog::Blog;

/// Another loopback address than that of the server: another site.
const ELSEWHERE: &str = "127.0.0.2";

/// What a site may send that wants nothing to go out.
const STRICT: &str = "default-src 'none'; script-src 'none'; connect-src 'none'; form-action 'none'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// What must stay text: in the field, and when the form comes back with it.
const HOSTILE: &str = "<!-- </textarea><script>window.hit = 1</script> --><script>window.hit = 2</script>\
                       <img src=x onerror='window.hit = 3'>";

/// The bookmarklet with the page, as the page with help gives it to be dragged.
async fn bookmarklet(browser: &Browser, server: &Server) -> String {
    browser.open(&format!("{}/help", server.address())).await;
    let link = "[...document.querySelectorAll('a.button')].find(link => link.textContent === 'Submit with the page')";
    let address = browser.value(&format!("{link}.getAttribute('href')")).await;
    let script = address.as_str().unwrap().strip_prefix("javascript:");
    script.unwrap().to_owned()
}

async fn pasted(browser: &Browser) -> String {
    let pasted = browser.value("document.querySelector('#page').value").await;
    pasted.as_str().unwrap().to_owned()
}

/// That nothing of what came along became part of the page.
async fn is_text(browser: &Browser) {
    assert_eq!(browser.value("typeof window.hit").await, "undefined");
    assert_eq!(browser.value("document.images.length").await, 0);
    assert!(
        pasted(browser)
            .await
            .contains("</textarea><script>window.hit = 1</script>")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bookmarklet_brings_the_page_along() {
    in_browser(async |browser| {
        let blog = Blog::start_at("0.0.0.0").await;
        let text = "The campaign was followed for some weeks, and this is what was found on the way. ";
        let article = format!(
            "<title>For members</title><article><h1>For members</h1><p>{}</p>{HOSTILE}<p id=late></p></article>",
            text.repeat(9)
        );
        blog.set(
            "/members",
            page(&article).header("content-security-policy", STRICT),
        );
        let app = without_feeds(&Store::Embedded);
        let server = Server::start(&app);
        let script = bookmarklet(browser, &server).await;
        let address = blog.url_at(ELSEWHERE, "/members");
        browser.open(&address).await;
        // What the site's own policy kept from running is no complaint of ours.
        let complaints = browser.complaints().await.concat();
        assert!(complaints.contains("Content Security Policy"), "{complaints}");
        // What stands there for those who logged in only.
        browser
            .run("document.querySelector('#late').textContent = 'The loader asks cdn.evil-update[.]top for more.'")
            .await;
        browser.run_into_window(&script).await;
        browser.wait_for_text("#received", "is filled in below").await;
        assert_eq!(browser.value("document.querySelector('#urls').value").await, address);
        assert_eq!(browser.value("document.querySelector('#title').value").await, "For members");
        assert!(pasted(browser).await.contains("cdn.evil-update[.]top"));
        is_text(browser).await;
        assert_eq!(app.status()["waiting"], 0, "nothing was pressed");

        // The form comes back with what was wrong, and with the page.
        browser.write("#tags", &"x".repeat(300)).await;
        browser.click("//button[.='Submit']").await;
        browser.wait_for_text("#tags-fault", "this is no tag").await;
        is_text(browser).await;
        assert_eq!(app.status()["waiting"], 0);

        browser.run("document.querySelector('#tags').value = 'case:7'").await;
        blog.count();
        browser.click("//button[.='Submit']").await;
        browser.wait_for_text("main .state", "waiting").await;
        app.run(&["subscribe", "--drain"]);
        browser.reload().await;
        browser.wait_for_text("main", "cdn.evil-update.top").await;
        assert_eq!(blog.count(), 0, "something was downloaded");
        assert_eq!(browser.value("typeof window.hit").await, "undefined");
        assert!(comment(&only_event(&app), "Submitted page").is_some());
    })
    .await;
}

/// Opens the form from a page of another site for an article of this address, and goes there. Answers the window of
/// the other site's page, which can reach the form's as `opened`.
async fn opened_for(browser: &Browser, server: &Server, address: &str) -> String {
    let script = format!(
        "window.opened = window.open('{}/receive?url=' + encodeURIComponent('{address}'))",
        server.address()
    );
    let opener = browser.run_into_window(&script).await;
    browser
        .wait_for_text("#received", "Waiting for the page")
        .await;
    opener
}

/// Has the opener send this to the form.
async fn say(browser: &Browser, html: &str) {
    let message = format!("opened.postMessage({{gleanerPage: {html}}}, '*')");
    browser.run(&message).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_from_elsewhere_and_second_ones_are_not_taken() {
    in_browser(async |browser| {
        let blog = Blog::start_at("0.0.0.0").await;
        let frame = "<script>const tell = () => parent.opened.postMessage({gleanerPage: 'of a frame'}, '*')</script>";
        blog.set("/", page(&format!("<iframe srcdoc='{}'></iframe>", html_escape::encode_quoted_attribute(frame))));
        let app = without_feeds(&Store::Embedded);
        let server = Server::start(&app);
        browser.open(&blog.url_at(ELSEWHERE, "/")).await;

        // Of the opener, but of another site than the address.
        let opener = opened_for(browser, &server, &blog.url_at("127.0.0.3", "/")).await;
        let foreign = browser.window().await;
        browser.go_to_window(&opener).await;
        say(browser, "'of another site'").await;

        // Of the right site, but not of the opener; then what is no text. Messages come in order.
        let opener = opened_for(browser, &server, &blog.url_at(ELSEWHERE, "/")).await;
        let ours = browser.window().await;
        browser.go_to_window(&opener).await;
        browser.run("document.querySelector('iframe').contentWindow.eval('tell()')").await;
        say(browser, "42").await;
        say(browser, "'the page'").await;
        browser.go_to_window(&ours).await;
        browser.wait_for_text("#received", "is filled in below").await;
        assert_eq!(pasted(browser).await, "the page");

        browser
            .run("window.heard = []; addEventListener('message', event => heard.push(event.data.gleanerPage))")
            .await;
        browser.run("document.querySelector('#page').value = ''").await;
        browser.go_to_window(&opener).await;
        browser.run("document.querySelector('iframe').contentWindow.eval('tell()')").await;
        say(browser, "'a second one'").await;
        browser.go_to_window(&ours).await;
        let start = Instant::now();
        let both = Value::from(vec!["of a frame", "a second one"]);
        while browser.value("window.heard").await != both {
            assert!(start.elapsed() < Duration::from_secs(60), "not heard");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(pasted(browser).await, "");

        browser.go_to_window(&foreign).await;
        browser.wait_for_text("#received", "did not arrive").await;
        assert_eq!(pasted(browser).await, "");
        assert_eq!(app.status()["waiting"], 0);
    })
    .await;
}
