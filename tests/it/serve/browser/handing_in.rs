//! Pages that people hand in: files, what they paste, and articles once more.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::driver::Browser;
use super::in_browser;
use crate::serve::intake::{self, comment, only_event, tags};
use crate::serve::world::{Server, report, without_feeds};
use crate::support::app::Store;
use crate::support::blog::Blog;

/// Nobody answers there: whoever downloads it fails.
const NOWHERE: &str = "https://behind-a-login.example/report";

/// What unfolds the rest of the form.
const MORE: &str = "form.submit summary";

/// Drops a file of this text on the form, as a file manager does.
const DROP: &str = "const carried = new DataTransfer();
    carried.items.add(new File(['TEXT'], 'dropped.txt', {type: 'text/plain'}));
    for (const name of ['dragover', 'drop']) {
        const event = new DragEvent(name, {bubbles: true, cancelable: true, dataTransfer: carried});
        document.querySelector('#urls').dispatchEvent(event);
        if (!event.defaultPrevented) throw new Error(`the browser would open the file: ${name}`);
    }";

fn values(event: &Value) -> Vec<&str> {
    let attributes = event["Attribute"].as_array().unwrap().iter();
    attributes
        .map(|attribute| attribute["value"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_chosen_or_dropped() {
    in_browser(async |browser| {
        let app = without_feeds(&Store::Embedded);
        app.write("chosen.html", &intake::page());
        let server = Server::start(&app);
        browser.open(server.address()).await;
        browser.write("#urls", NOWHERE).await;
        browser.click(MORE).await;
        let file = app.folder().join("chosen.html");
        browser.write("#file", file.to_str().unwrap()).await;
        browser
            .wait_for_text("form.submit", "Chosen: chosen.html")
            .await;
        browser.click("//button[.='Submit']").await;
        browser.wait_for_text("main .state", "waiting").await;
        app.run(&["subscribe", "--drain"]);
        let event = only_event(&app);
        assert!(comment(&event, "Submitted page").is_some(), "{event}");
        for value in [NOWHERE, "cdn.evil-update.top"] {
            assert!(values(&event).contains(&value), "{value}: {event}");
        }

        browser.open(server.address()).await;
        let text = "The second loader asks cdn.other-update[.]top for more. ".repeat(9);
        browser.run(&DROP.replace("TEXT", &text)).await;
        browser
            .wait_for_text("form.submit", "Chosen: dropped.txt")
            .await;
        assert_eq!(
            browser
                .value("document.querySelector('details').open")
                .await,
            true
        );
        assert_eq!(app.status()["waiting"], 0, "nothing was pressed");
        browser.click("//button[.='Submit']").await;
        browser.wait_for_text("main .state", "waiting").await;
        app.run(&["subscribe", "--drain"]);
        browser.reload().await;
        browser.wait_for_text("main", "cdn.other-update.top").await;
        assert_eq!(app.events().len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_page_goes_to_its_event_with_tags_and_tlp() {
    in_browser(async |browser| {
        let app = without_feeds(&Store::Embedded);
        let server = Server::start(&app);
        browser.open(server.address()).await;
        browser.write("#urls", NOWHERE).await;
        browser.click(MORE).await;
        browser.write("#page", &intake::page()).await;
        browser.write("#tags", "case:7, team:night").await;
        browser.click("#tlp option[value='amber+strict']").await;
        browser.click("//button[.='Submit']").await;
        browser.wait_for_text("main .state", "waiting").await;
        app.run(&["subscribe", "--drain"]);
        browser.reload().await;
        browser.wait_for_text("h1", "From behind a login").await;
        browser.wait_for_text(".facts", "team:night").await;
        let event = only_event(&app);
        for tag in ["case:7", "team:night", "tlp:amber+strict"] {
            assert!(tags(&event).contains(&tag), "{tag}: {event}");
        }
        for value in [NOWHERE, "cdn.evil-update.top"] {
            assert!(values(&event).contains(&value), "{value}: {event}");
        }
    })
    .await;
}

/// How many submissions of the form the server took.
async fn taken(server: &Server) -> u64 {
    let counter = r#"gleaner_http_requests_total{method="POST",route="/submit",status="303"} "#;
    let metrics = server.client().get("/metrics").await.body;
    let line = metrics.lines().find_map(|line| line.strip_prefix(counter));
    line.map_or(0, |count| count.parse().unwrap())
}

/// Sends the form twice, once into a window of its own, so that the browser drops neither, and waits for both answers.
async fn send_twice(browser: &Browser, server: &Server) {
    let before = taken(server).await;
    let twice = "const form = document.querySelector('form.submit'); form.target = '_blank';
                 form.requestSubmit(); form.target = ''; form.requestSubmit();";
    browser.run(twice).await;
    let start = Instant::now();
    while taken(server).await < before + 2 {
        assert!(start.elapsed() < Duration::from_secs(60), "sent once");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn again_makes_one_event_more_however_often_it_is_pressed() {
    in_browser(async |browser| {
        let (blog, app) = (Blog::start().await, without_feeds(&Store::Embedded));
        blog.set("/report", report());
        let server = Server::start(&app);
        browser.open(server.address()).await;
        browser.write("#urls", &blog.url("/report")).await;
        browser.click("//button[.='Submit']").await;
        browser.wait_for_text("main .state", "waiting").await;
        app.run(&["subscribe", "--drain"]);
        for events in 2..=3 {
            browser.reload().await;
            browser.wait_for_text("main .state", "delivered").await;
            browser.click("//main//a[.='submit it again']").await;
            browser.wait_for_text("h1", "Submit").await;
            let checked = "document.querySelector('#again').checked";
            assert_eq!(browser.value(checked).await, true);
            if events == 2 {
                browser.double_click("//button[.='Submit']").await;
            } else {
                send_twice(browser, &server).await;
            }
            browser.wait_for_text("main .state", "waiting").await;
            assert_eq!(app.status()["waiting"], 1);
            app.run(&["subscribe", "--drain"]);
            assert_eq!(app.events().len(), events);
        }
    })
    .await;
}
