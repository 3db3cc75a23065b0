//! The pictures of the README: the pages with the articles of the demo.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use serde_json::{Value, json};

use super::driver::Browser;
use super::in_browser;
use crate::serve::world::{Client, Server, submit};
use crate::support::app::{App, Store};
use crate::support::blog::{Blog, Reply};

/// Where the sample blog says it is. It is asked through a proxy, so that the pictures show no loopback address.
const BASE: &str = "http://labs.example.com";

/// The demo's files by their paths.
const ASSETS: [(&str, &str, &str); 5] = [
    (
        "/rss.xml",
        "application/rss+xml",
        include_str!("../../../../src/demo/assets/rss.xml"),
    ),
    (
        "/atom.xml",
        "application/atom+xml",
        include_str!("../../../../src/demo/assets/atom.xml"),
    ),
    (
        "/2026/greyheron-loader",
        "text/html; charset=utf-8",
        include_str!("../../../../src/demo/assets/greyheron-loader.html"),
    ),
    (
        "/2026/invoice-lures",
        "text/html",
        include_str!("../../../../src/demo/assets/invoice-lures.html"),
    ),
    (
        "/2026/dns-txt-beacons",
        "text/html; charset=utf-8",
        include_str!("../../../../src/demo/assets/dns-txt-beacons.html"),
    ),
];

/// A proxy that answers for the sample blog itself.
async fn blog() -> Blog {
    let blog = Blog::start().await;
    for (path, kind, text) in ASSETS {
        let reply = Reply::ok(text.replace("{{base}}", BASE)).header("content-type", kind);
        blog.set(&format!("{BASE}{path}"), reply);
    }
    blog
}

/// An installation whose articles went all ways.
async fn installation(blog: &Blog) -> (App, Server, Client) {
    let app = App::new(&Store::Embedded)
        .with("GLEANER__FEEDS__MIN_INTERVAL", "15m")
        .with("GLEANER__HTTP__PROXY", &blog.url(""))
        .with("GLEANER__SERVE__PUBLIC_URL", "https://gleaner.example.com");
    let feeds = json!({"feeds": [
        {"title": "Example Labs", "url": format!("{BASE}/rss.xml")},
        {"title": "Example Labs (Atom)", "url": format!("{BASE}/atom.xml")},
        {"title": "A blog that moved", "url": format!("{BASE}/feed")},
        {"title": "Paused", "url": "https://news.example.com/feed", "enabled": false},
    ]});
    app.write("feeds.json", &feeds.to_string());
    let server = Server::start(&app);
    let client = server.client();
    submit(&client, &format!("{BASE}/2026/greyheron-loader")).await;
    submit(&client, &format!("{BASE}/2026/gone")).await;
    app.run(&["cron"]);
    app.run(&["subscribe", "--drain"]);
    submit(&client, &format!("{BASE}/2026/next-report")).await;
    (app, server, client)
}

/// Height of the README's pictures at most, in CSS pixels: reports are long.
const TALL: u64 = 1_250;

/// Most bytes of a picture of the README.
const MOST: usize = 180_000;

/// Writes the page that is shown, or the upper part of a long one, as PNG.
async fn picture(browser: &Browser, width: u32, tallest: u64, file: &Path) -> usize {
    browser.resize(width, 800).await;
    let height = browser.value("document.documentElement.scrollHeight").await;
    let height = height.as_u64().unwrap().min(tallest);
    let clip = json!({"x": 0, "y": 0, "width": width, "height": height, "scale": 1});
    let options = json!({"captureBeyondViewport": true, "clip": clip});
    let taken = browser.chromium("Page.captureScreenshot", &options).await;
    let data = taken["data"].as_str().unwrap();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(data)
        .unwrap();
    std::fs::write(file, &bytes).unwrap();
    bytes.len()
}

/// Shows the pages to those with this taste.
async fn prefer(browser: &Browser, scheme: &str) {
    let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
    browser
        .chromium("Emulation.setEmulatedMedia", &features)
        .await;
}

/// Shows a page, with everything on it unfolded or not.
async fn show(browser: &Browser, address: &str, unfolded: bool) {
    browser.open(address).await;
    if unfolded {
        let unfold = "for (const one of document.querySelectorAll('details')) one.open = true";
        browser.run(unfold).await;
    }
}

/// Writes `docs/images/`, and beside the build's other files the pages unfolded, in light and dark, as screens and
/// telephones show them.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "makes the pictures of the README anew"]
async fn pictures_of_the_pages() {
    in_browser(async |browser| {
        let blog = blog().await;
        let (_app, server, client) = installation(&blog).await;
        let delivered = client.get("/api/v1/articles?state=delivered").await.json();
        let all = delivered["articles"].as_array().unwrap();
        let is_loader =
            |article: &&Value| article["url"] == format!("{BASE}/2026/greyheron-loader");
        let loader = all.iter().find(is_loader).unwrap();
        let loader = format!("/jobs/{}", loader["id"].as_str().unwrap());
        let images = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/images");
        std::fs::create_dir_all(&images).unwrap();
        let others = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        for (name, path) in [("articles", "/"), ("article", &loader), ("feeds", "/feeds")] {
            let address = format!("{}{path}", server.address());
            prefer(browser, "light").await;
            show(browser, &address, false).await;
            let file = images.join(format!("{name}.png"));
            let size = picture(browser, 1200, TALL, &file).await;
            assert!(size < MOST, "{}: {size} bytes", file.display());
        }
        for (name, path) in [
            ("articles", "/"),
            ("article", &loader),
            ("feeds", "/feeds"),
            ("receive", "/receive?url=https://blog.example.com/report"),
            ("preview", "/preview"),
            ("help", "/help"),
        ] {
            let address = format!("{}{path}", server.address());
            show(browser, &address, true).await;
            for (scheme, width) in [
                ("light", 1200),
                ("light", 390),
                ("dark", 1200),
                ("dark", 390),
            ] {
                prefer(browser, scheme).await;
                let file = others.join(format!("{name}-{scheme}-{width}.png"));
                picture(browser, width, u64::MAX, &file).await;
            }
        }
    })
    .await;
}
