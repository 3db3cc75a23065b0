//! What a delivered article shows: what was extracted from it, and nothing that does something.

use serde_json::{Value, json};

use super::forgery::page;
use super::in_browser;
use crate::serve::world::{Server, submit, without_feeds};
use crate::support::app::Store;
use crate::support::blog::{Blog, Reply};

const REPORT: &str = include_str!("../../../../src/demo/assets/greyheron-loader.html");

#[tokio::test(flavor = "multi_thread")]
async fn a_delivered_article_shows_indicators_tags_and_report() {
    in_browser(async |browser| {
        let (blog, app) = (Blog::start().await, without_feeds(&Store::Embedded));
        let text = REPORT.replace("{{base}}", &blog.url(""));
        blog.set("/report", Reply::ok(text).header("content-type", "text/html; charset=utf-8"));
        let server = Server::start(&app);
        let id = submit(&server.client(), &blog.url("/report")).await;
        app.run(&["subscribe", "--drain"]);
        browser.open(&format!("{}/jobs/{id}", server.address())).await;
        let row = |value: &str| format!("//tr[td//code[.='{value}']]");
        for (value, says) in [
            ("Global\\gh_spool_7", &["mutex", "detect", "which also keeps a second copy from starting."][..]),
            ("9e107d9d372bb6826bd81d3542a419d6", &["md5", "detect", "under \"Indicators of compromise\""]),
            ("misp-galaxy:sector=\"Logistic\"", &["sector", "we followed a small campaign against regional logistics firms.", "said to be attacked"]),
        ] {
            for text in says {
                browser.wait_for_text(&row(value), text).await;
            }
        }
        let report = "article.report";
        browser.wait_for_text(&format!("{report} strong"), "GreyHeron").await;
        browser.wait_for_text(&format!("{report} pre"), "schtasks /create /tn \"SpoolHelp\"").await;
        browser.wait_for_text(&format!("{report} li"), "misp-galaxy:mitre-attack-pattern=\"Scheduled Task - T1053.005\"").await;
        assert!(!browser.text().await.contains("@["), "a reference is shown raw");

        // Words stay whole where columns are narrow.
        browser.resize(390, 844).await;
        let broken = "[...document.querySelectorAll('.report th, .report td')].filter(cell => !cell.querySelector('code'))\
                      .filter(cell => { const words = document.createRange(); const text = cell.firstChild;\
                      return [...cell.textContent.matchAll(/\\w+/g)].some(word => { words.setStart(text, word.index);\
                      words.setEnd(text, word.index + word[0].length); return words.getClientRects().length > 1; }); })\
                      .map(cell => cell.textContent)";
        assert_eq!(browser.value(broken).await, json!([]), "words are broken");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_report_does_nothing() {
    in_browser(async |browser| {
        let (blog, app) = (Blog::start().await, without_feeds(&Store::Embedded));
        let text = "The campaign was followed for some weeks, and this is what was found on the way. ";
        let pixel = blog.url("/pixel.png");
        let as_text = html_escape::encode_text("<script>window.hit = 1</script><img src=/x onerror='window.hit = 2'>").into_owned();
        let article = format!(
            "<title>Hostile</title><article><h1>Hostile</h1><p>{}</p><p>{as_text}</p>\
             <p>[press me](javascript:window.hit=3) ![seen]({pixel}) &lt;javascript:window.hit=4&gt;</p>\
             <p>Here is <a href='javascript:window.hit=5'>a script</a>, <a href='data:text/html,x'>some data</a>, \
             <a href='JaVa&#10;Script:window.hit=6'>another</a>, <a href='https://vendor.example/advice'>a link</a>.</p>\
             <p><img src='{pixel}' alt='a picture'> <img src='javascript:window.hit=7' alt='no picture'></p>\
             <svg onload='window.hit=8'><a href='javascript:window.hit=9'><text>drawn</text></a></svg>\
             <iframe src='javascript:parent.hit=10'></iframe></article>",
            text.repeat(9)
        );
        blog.set("/report", page(&article));
        let server = Server::start(&app);
        let id = submit(&server.client(), &blog.url("/report")).await;
        app.run(&["subscribe", "--drain"]);
        blog.count();
        browser.open(&format!("{}/jobs/{id}", server.address())).await;
        let report = "article.report";
        browser.wait_for_text(report, "<script>window.hit = 1</script>").await;
        for text in ["press me", "a script", "some data", "another", "a link"] {
            browser.wait_for_text(report, text).await;
        }
        let active = "main :is(script, img, svg, iframe, object, embed, style, base, meta, [onload], [onerror], [style])";
        let active = format!("document.querySelectorAll('{active}').length");
        assert_eq!(browser.value(&active).await, 0);
        let schemes = "[...new Set([...document.querySelectorAll('a[href]')].map(link => link.protocol))].sort()";
        let schemes = browser.value(schemes).await;
        let allowed = |scheme: &Value| *scheme == "http:" || *scheme == "https:";
        assert!(schemes.as_array().unwrap().iter().all(allowed), "{schemes}");
        let link = "document.querySelector('article.report a[href=\"https://vendor.example/advice\"]')";
        assert_eq!(browser.value(&format!("{link}?.rel")).await, "noreferrer noopener nofollow");
        assert_eq!(browser.value("typeof window.hit").await, "undefined");
        assert_eq!(blog.count(), 0, "the page loaded something from elsewhere");
    })
    .await;
}
