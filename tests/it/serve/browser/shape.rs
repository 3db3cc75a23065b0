//! Whether everybody can use the pages: names for screen readers, narrow screens, policies.

use serde_json::{Value, json};

use super::driver::Browser;
use super::in_browser;
use crate::serve::world::{Server, report, with_token, without_feeds};
use crate::support::app::Store;
use crate::support::blog::Blog;

/// What people do something with, by its role in the accessibility tree.
const CONTROLS: [&str; 10] = [
    "button",
    "checkbox",
    "combobox",
    "image",
    "link",
    "listbox",
    "radio",
    "searchbox",
    "spinbutton",
    "textbox",
];

/// A narrow telephone's width, in CSS pixels.
const NARROW: u32 = 390;

/// Looks at a page as screen readers do, and on a narrow screen.
async fn is_usable(browser: &Browser, address: &str) {
    browser.open(address).await;
    let tree = browser
        .chromium("Accessibility.getFullAXTree", &json!({}))
        .await;
    let nodes = tree["nodes"].as_array().unwrap();
    let role = |node: &Value| {
        node["role"]["value"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let seen = nodes.iter().filter(|node| node["ignored"] == false);
    let controls: Vec<_> = seen
        .clone()
        .filter(|node| CONTROLS.contains(&role(node).as_str()))
        .collect();
    assert!(controls.len() > 3, "{address}: {controls:?}");
    for control in controls {
        let name = control["name"]["value"].as_str().unwrap_or_default();
        assert!(
            !name.trim().is_empty(),
            "{address}: a {} without a name: {control}",
            role(control)
        );
    }
    // A placeholder gives a name too, which is gone once something is written.
    let nameless = "[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]\
                    .filter(field => !field.labels.length && !field.ariaLabel).map(field => field.name)";
    assert_eq!(
        browser.value(nameless).await,
        json!([]),
        "{address}: fields without a label"
    );
    let headings = seen.clone().filter(|node| {
        let level = node["properties"].as_array().into_iter().flatten();
        role(node) == "heading"
            && level
                .clone()
                .any(|one| one["name"] == "level" && one["value"]["value"] == 1)
    });
    assert_eq!(
        headings.count(),
        1,
        "{address}: one heading of the first level"
    );
    assert!(seen.clone().any(|node| role(node) == "main"), "{address}");

    browser.resize(NARROW, 844).await;
    let beyond = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth";
    let beyond = browser.value(beyond).await;
    assert_eq!(beyond, 0, "{address} is scrolled sideways");
    browser.resize(1200, 900).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_has_names_and_fits_a_narrow_screen() {
    in_browser(async |browser| {
        let (blog, app) = (Blog::start().await, without_feeds(&Store::Embedded));
        let long = format!("/report/{}", "long-".repeat(60));
        blog.set(&long, report());
        let feeds = json!({"feeds": [{"title": "A blog", "url": blog.url("/feed.xml")}]});
        app.write("feeds.json", &feeds.to_string());
        let server = Server::start(&app);
        let client = server.client();
        let mut jobs = Vec::new();
        for path in [&long, &format!("{long}missing")] {
            jobs.push(crate::serve::world::submit(&client, &blog.url(path)).await);
        }
        app.run(&["subscribe", "--drain"]);
        let mut pages = [
            "/",
            "/?state=dead",
            "/feeds",
            "/preview",
            "/help",
            "/receive?url=https://blog.example/report",
            "/jobs/none",
        ]
        .map(str::to_owned)
        .to_vec();
        pages.extend(jobs.iter().map(|job| format!("/jobs/{job}")));
        for page in pages {
            is_usable(browser, &format!("{}{page}", server.address())).await;
        }
        let (app, _) = with_token(&Store::Embedded);
        let server = Server::start(&app);
        is_usable(browser, &format!("{}/login", server.address())).await;
    })
    .await;
}

/// What the other tests rely on when they find no complaints.
#[tokio::test(flavor = "multi_thread")]
async fn violations_of_the_policy_and_errors_of_scripts_are_noticed() {
    in_browser(async |browser| {
        let app = without_feeds(&Store::Embedded);
        let server = Server::start(&app);
        browser.open(server.address()).await;
        assert_eq!(browser.complaints().await, [""; 0]);
        for (what, script, says) in [
            ("an inline script", "script.textContent = 'window.hit = 1'", "script-src"),
            ("a script from elsewhere", "script.src = 'http://127.0.0.2:9/x.js'", "script-src"),
            ("an error", "setTimeout(() => nonsense())", "nonsense is not defined"),
        ] {
            let insert = format!(
                "(() => {{ const script = document.createElement('script'); {script}; document.body.append(script); }})()"
            );
            browser.value(&insert).await;
            let start = std::time::Instant::now();
            loop {
                let complaints = browser.complaints().await.concat();
                if complaints.contains(says) {
                    break;
                }
                assert!(start.elapsed().as_secs() < 60, "{what}: {complaints}");
            }
        }
        assert_eq!(browser.value("typeof window.hit").await, "undefined");
    })
    .await;
}
