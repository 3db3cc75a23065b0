//! Logging in and out.

use super::in_browser;
use crate::serve::world::{Server, with_token};
use crate::support::app::Store;

#[tokio::test(flavor = "multi_thread")]
async fn people_log_in_and_out() {
    in_browser(async |browser| {
        let (app, token) = with_token(&Store::Embedded);
        app.write("feeds.json", r#"{"feeds": []}"#);
        let server = Server::start(&app);
        browser.open(&format!("{}/feeds", server.address())).await;
        assert_eq!(browser.path().await, "/login?next=%2Ffeeds");
        browser.write("#token", "gleaner_wrong").await;
        browser.click("//button[.='Log in']").await;
        browser
            .wait_for_text("[role=alert]", "this token is not known")
            .await;
        browser.write("#token", &token).await;
        browser.click("//button[.='Log in']").await;
        browser.wait_for_text("header", "Logged in as alice").await;
        assert_eq!(browser.path().await, "/feeds", "where one wanted to go");

        // A list that is looked at when the session ends says so.
        browser.open(server.address()).await;
        browser.forget_cookies().await;
        browser.wait_for_text("#pause", "Logged out").await;
        browser.reload().await;
        browser.write("#token", &token).await;
        browser.click("//button[.='Log in']").await;

        browser.click("//button[.='Log out']").await;
        browser.wait_for_text("h1", "Log in").await;
        browser.back().await;
        browser.wait_for_text("h1", "Log in").await;
        assert!(!browser.text().await.contains("alice"), "after going back");
        let log = server.log();
        assert!(!log.contains(&token), "{log}");
    })
    .await;
}
