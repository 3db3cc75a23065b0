//! Articles from the form to their events, as people see it.

use super::driver::{Browser, ENTER, TAB};
use super::in_browser;
use crate::serve::world::{Server, report, without_feeds};
use crate::support::app::Store;
use crate::support::blog::Blog;

/// The state of the only article of the list.
const STATE: &str = "#live .cards tbody .state";

/// Fills in the form and sends it.
async fn submit(browser: &Browser, url: &str) {
    browser.write("#urls", url).await;
    browser.click("//button[.='Submit']").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_is_followed_to_its_event_without_reloading() {
    in_browser(async |browser| {
        for store in Store::both() {
            let (blog, app) = (Blog::start().await, without_feeds(&store));
            blog.set("/report", report());
            blog.set("/next", report());
            let server = Server::start(&app);
            browser.open(server.address()).await;
            submit(browser, &blog.url("/report")).await;
            browser.wait_for_text("main .state", "waiting").await;
            assert!(browser.path().await.starts_with("/jobs/"));

            browser.click("//nav//a[.='Articles']").await;
            browser.wait_for_text(STATE, "waiting").await;
            browser.value("window.loaded_once = true").await;
            let mut worker = app.worker(&[]);
            browser.wait_for_text(STATE, "delivered").await;
            assert_eq!(browser.value("window.loaded_once").await, true);
            worker.kill_9();

            browser.click("#live .cards tbody .title a").await;
            browser.wait_for_text("main .state", "delivered").await;
            browser.wait_for_text("main", "misp-feed: created").await;
            browser.wait_for_text("main", "cdn.evil-update.top").await;

            browser.click("//nav//a[.='Articles']").await;
            submit(browser, &blog.url("/next")).await;
            browser.wait_for_text("main .state", "waiting").await;
            browser.value("window.loaded_once = true").await;
            let _worker = app.worker(&[]);
            browser.wait_for_text("main .state", "delivered").await;
            browser.wait_for_text("main", "misp-feed: created").await;
            assert_eq!(browser.value("window.loaded_once").await, true);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_reloading_shows_the_same() {
    if super::left_out() {
        return;
    }
    let browser = Browser::start_without_scripts().await;
    let (blog, app) = (Blog::start().await, without_feeds(&Store::Embedded));
    blog.set("/report", report());
    let server = Server::start(&app);
    browser.open(server.address()).await;
    let switch = "//label[contains(., 'update by itself')]";
    assert_eq!(browser.text_of(switch).await, None, "scripts ran");
    submit(&browser, &blog.url("/report")).await;
    browser.wait_for_text("main .state", "waiting").await;
    app.run(&["subscribe", "--drain"]);
    browser.reload().await;
    browser.wait_for_text("main .state", "delivered").await;
    browser.click("//nav//a[.='Articles']").await;
    browser.wait_for_text(STATE, "delivered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dead_come_back_or_go_for_good() {
    in_browser(async |browser| {
        let (blog, app) = (Blog::start().await, without_feeds(&Store::Embedded));
        let server = Server::start(&app);
        browser.open(server.address()).await;
        submit(browser, &blog.url("/report")).await;
        app.run(&["subscribe", "--drain"]);
        browser.click("//nav//a[.='Articles']").await;
        browser
            .wait_for_text("#live .cards tbody", "the page is not there (404)")
            .await;
        blog.set("/report", report());
        browser.click("#live .cards tbody form button").await;
        browser.wait_for_text(STATE, "waiting").await;
        app.run(&["subscribe", "--drain"]);
        browser.wait_for_text(STATE, "delivered").await;

        submit(browser, &blog.url("/never")).await;
        app.run(&["subscribe", "--drain"]);
        browser.reload().await;
        browser.wait_for_text("main .state", "dead").await;
        let remove = "//main//button[.='Remove']";
        browser.click(remove).await;
        let question = browser.answer_dialog(false).await;
        assert!(question.contains("for good"), "{question}");
        assert_eq!(app.jobs("dead").len(), 1, "the answer was no");
        browser.click(remove).await;
        browser.answer_dialog(true).await;
        browser.wait_for_text("#live", "No articles here").await;
        assert!(app.jobs("dead").is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_is_enough() {
    in_browser(async |browser| {
        let app = without_feeds(&Store::Embedded);
        let server = Server::start(&app);
        browser.open(server.address()).await;
        browser.press(TAB).await;
        let focus = "document.activeElement";
        let skip = browser.value(&format!("{focus}.textContent")).await;
        assert_eq!(skip, "Skip to the content");
        browser.press(ENTER).await;
        // From the beginning of the content to the field for URLs, and from there to the button.
        tab_to(browser, &format!("{focus}.id === 'urls'")).await;
        browser.press("https://blog.example/report").await;
        tab_to(browser, &format!("{focus}.textContent === 'Submit'")).await;
        browser.press(ENTER).await;
        browser.wait_for_text("main .state", "waiting").await;
        assert_eq!(app.jobs("waiting").len(), 1);
    })
    .await;
}

/// Goes on with the tabulator until this is so.
async fn tab_to(browser: &Browser, condition: &str) {
    for _ in 0..20 {
        browser.press(TAB).await;
        if browser.value(condition).await == true {
            return;
        }
    }
    panic!("not reached in 20 steps: {condition}");
}
