//! Context from the outside: the real program, from feed to event.

use std::path::Path;

use gleaner::knowledge::Knowledge;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::app::{App, Store};
use crate::support::blog::{Blog, Reply};
use crate::support::misp::{Fault, MispDouble, Moment, Role};

/// An article whose text and indicators are these.
fn page(title: &str, text: &str, indicators: &[&str]) -> Reply {
    let filler = "<p>The campaign was followed for some weeks, and this is what was found on the way, told in order, \
                  with all that we know of it and nothing that we do not.</p>"
        .repeat(6);
    let items: String = indicators
        .iter()
        .map(|value| format!("<li>{value}</li>"))
        .collect();
    Reply::ok(format!(
        "<!doctype html><html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{text}</p>\
         {filler}<h2>Indicators of compromise</h2><ul>{items}</ul></article></body></html>"
    ))
    .header("content-type", "text/html; charset=utf-8")
}

fn feed(blog: &Blog, titles: &[&str]) -> Reply {
    let item = |title: &&str| {
        let link = blog.url(&format!("/{title}"));
        format!("<item><title>About {title}</title><link>{link}</link></item>")
    };
    let items: String = titles.iter().map(item).collect();
    Reply::ok(format!(
        "<rss version='2.0'><channel>{items}</channel></rss>"
    ))
}

async fn installation(store: &Store) -> (Blog, App) {
    let blog = Blog::start().await;
    let app = App::new(store);
    let feed = serde_json::json!({"title": "Blog", "url": blog.url("/feed")});
    app.write(
        "feeds.json",
        &serde_json::json!({"feeds": [feed]}).to_string(),
    );
    (blog, app)
}

/// Polls and works until nothing is left; answers what the worker logged.
fn process(app: &App) -> String {
    app.run(&["cron", "--no-purge", "--force"]);
    let output = app.output(&["subscribe", "--drain"]);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// The event of this title.
fn event(app: &App, title: &str) -> Value {
    let read = |path: &std::path::PathBuf| -> Value {
        let text = std::fs::read_to_string(path).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["Event"].take()
    };
    let all: Vec<Value> = app.events().iter().map(read).collect();
    let info = format!("Gleaner: About {title}");
    let found = all.iter().find(|event| event["info"] == info.as_str());
    found.unwrap_or_else(|| panic!("{info} in {all:?}")).clone()
}

fn report(event: &Value) -> &str {
    event["EventReport"][0]["content"].as_str().unwrap()
}

fn folder(app: &App) -> std::path::PathBuf {
    Path::new(app.folder()).join("gleaner-data/misp-feed")
}

/// A file's hash.
fn hash(seed: u8) -> String {
    hex::encode(Sha256::digest(format!("file {seed} of this test")))
}

async fn both<F: Future<Output = ()>>(test: impl Fn(Store) -> F) {
    let stores = tokio::task::spawn_blocking(Store::both).await.unwrap();
    for store in stores {
        test(store).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_article_of_the_same_story_names_the_earlier_one() {
    both(async |store| {
        let (blog, app) = installation(&store).await;
        let app = app.with("GLEANER__CONTEXT__SAME_STORY_EXTENDS", "true");
        let (shared, other) = (hash(0x3a), hash(0x5c));
        blog.set(
            "/one",
            page("One", "A loader.", &[&shared, "evil-update[.]top"]),
        );
        blog.set(
            "/two",
            page("Two", "A loader again.", &[&shared, "evil-cdn[.]top"]),
        );
        blog.set(
            "/else",
            page("Else", "Something else.", &[&other, "evil-cdn[.]top"]),
        );
        blog.set("/feed", feed(&blog, &["one"]));
        let log = process(&app);
        assert!(!log.contains("same story"), "{log}");
        blog.set("/feed", feed(&blog, &["one", "two"]));
        let log = process(&app);
        assert!(log.contains("same story as `About one`"), "{log}");
        blog.set("/feed", feed(&blog, &["one", "two", "else"]));
        // A host alone is no story.
        let log = process(&app);
        assert!(!log.contains("same story"), "{log}");

        let (one, two) = (event(&app, "one"), event(&app, "two"));
        assert!(!report(&one).contains("Same story"), "{one}");
        assert_eq!(one.get("extends_uuid"), None);
        let uuid = one["uuid"].as_str().unwrap();
        let told = report(&two).split("## Same story").nth(1).unwrap();
        for part in ["About one", &blog.url("/one"), uuid, "1 hash in common"] {
            assert!(told.contains(part), "{part} in {told}");
        }
        assert_eq!(two["extends_uuid"], uuid);
        let jobs = app.jobs("delivered");
        let job = jobs
            .iter()
            .find(|job| job["job"]["entry"]["title"] == "About two");
        let notes = job.unwrap()["receipts"]["misp-feed"]["notes"].to_string();
        assert!(
            notes.contains(uuid) && notes.contains("About one"),
            "{notes}"
        );
        assert!(!report(&event(&app, "else")).contains("Same story"));
        crate::misp::feed_is_sound(&folder(&app));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_that_comes_again_is_related_neither_to_itself_nor_to_what_came_after_it() {
    let (blog, app) = installation(&Store::Embedded).await;
    let shared = hash(0x7e);
    for title in ["one", "two"] {
        blog.set(&format!("/{title}"), page(title, "A loader.", &[&shared]));
    }
    blog.set("/feed", feed(&blog, &["one"]));
    process(&app);
    blog.set("/feed", feed(&blog, &["one", "two"]));
    process(&app);
    let before = [event(&app, "one"), event(&app, "two")];
    assert!(report(&before[1]).contains("About one"));

    // As if both workers had died before they could say that they were done, and the folder were new.
    let queue = app.folder().join("gleaner-data/queue.db");
    rusqlite::Connection::open(queue)
        .unwrap()
        .execute("UPDATE jobs SET state = 'waiting', receipts = '{}'", [])
        .unwrap();
    std::fs::remove_dir_all(folder(&app)).unwrap();
    app.run(&["subscribe", "--drain"]);
    let after = [event(&app, "one"), event(&app, "two")];
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(report(before), report(after));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_was_deleted_somewhere_is_no_story_for_others() {
    let (blog, app) = installation(&Store::Embedded).await;
    let (misp, shared) = (MispDouble::start().await, hash(0x2d));
    for title in ["one", "two"] {
        blog.set(&format!("/{title}"), page(title, "A loader.", &[&shared]));
    }
    let app = with_misp(app, &misp).with("GLEANER__DESTINATIONS", r#"["misp", "misp-feed"]"#);
    let blocked = Fault::Status(403, "{\"message\":\"Event blocked by event blocklist.\"}");
    misp.fault("/events/add", Moment::Before, 1, blocked);
    blog.set("/feed", feed(&blog, &["one"]));
    process(&app);
    let receipts = &app.jobs("delivered")[0]["receipts"];
    assert_eq!(receipts["misp"]["delivery"], "blocklisted", "{receipts}");
    assert_eq!(receipts["misp-feed"]["delivery"], "created", "{receipts}");
    blog.set("/feed", feed(&blog, &["one", "two"]));
    let log = process(&app);
    assert!(!log.contains("same story"), "{log}");
    assert!(!report(&event(&app, "two")).contains("Same story"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_story_can_be_switched_off() {
    let (blog, app) = installation(&Store::Embedded).await;
    let app = app.with("GLEANER__CONTEXT__SAME_STORY", "0s");
    let shared = hash(0x11);
    for title in ["one", "two"] {
        blog.set(&format!("/{title}"), page(title, "A loader.", &[&shared]));
    }
    blog.set("/feed", feed(&blog, &["one"]));
    process(&app);
    blog.set("/feed", feed(&blog, &["one", "two"]));
    process(&app);
    assert!(!report(&event(&app, "two")).contains("Same story"));
}

fn tags(event: &Value) -> Vec<&str> {
    let tags = event["Tag"].as_array().unwrap().iter();
    tags.filter(|tag| tag["local"] != true)
        .filter_map(|tag| tag["name"].as_str())
        .collect()
}

const STORY: &str = "APT28 is back. In this campaign APT28 sent spearphishing attachments (T1566.001) to ministries, and the \
                     Emotet malware was dropped by them. Emotet then ran PowerShell (T1059.001). APT28 is known for \
                     patience; APT28 used Emotet for weeks.";

#[tokio::test(flavor = "multi_thread")]
async fn an_article_is_tagged_with_what_it_is_about() {
    let (blog, app) = installation(&Store::Embedded).await;
    let rules = r#"[{ pattern = "ministries", tag = "watch:state" }, { pattern = "/weeks?/", tag = "other", feeds = ["X"] }]"#;
    let app = app.with("GLEANER__CONTEXT__RULES", rules);
    blog.set(
        "/one",
        page("APT28 drops Emotet", STORY, &["evil-update[.]top"]),
    );
    blog.set("/feed", feed(&blog, &["one"]));
    let log = process(&app);
    let event = event(&app, "one");
    let tags = tags(&event);
    let technique = "misp-galaxy:mitre-attack-pattern=\"Spearphishing Attachment - T1566.001\"";
    for tag in [
        "misp-galaxy:threat-actor=\"APT28\"",
        technique,
        "misp-galaxy:mitre-attack-pattern=\"PowerShell - T1059.001\"",
        "watch:state",
        "tlp:clear",
    ] {
        assert!(tags.contains(&tag), "{tag} in {tags:?}");
    }
    assert!(
        tags.iter().any(|tag| tag.ends_with("\"Emotet\"")),
        "{tags:?}"
    );
    assert!(!tags.contains(&"other"), "{tags:?}");
    assert!(
        log.contains("tags: APT28") && log.contains("techniques"),
        "{log}"
    );
    let report = report(&event);
    let (body, list) = report.split_once("## Context").unwrap();
    assert!(body.contains(&format!("(@[tag]({technique})")), "{body}");
    assert!(
        list.contains("@[tag](misp-galaxy:threat-actor=\"APT28\") (subject)"),
        "{list}"
    );
    assert!(
        list.contains("`watch:state`") || list.contains("@[tag](watch:state)"),
        "{list}"
    );
    crate::misp::feed_is_sound(&folder(&app));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_feed_and_page_file_an_article_under_counts() {
    both(async |store| {
        let (blog, app) = installation(&store).await;
        let text = "A campaign was seen.</p><p>In the end Emotet was dropped, and APT28 was named.";
        let filler = "<p>Nothing that is said here has to do with it, and it goes on for quite a while.</p>".repeat(20);
        let page = format!(
            "<!doctype html><html lang=en><head><title>A campaign</title><meta property=article:tag content=APT28></head>\
             <body><article><h1>A campaign</h1>{filler}<p>{text}</p>{filler}</article></body></html>"
        );
        blog.set("/one", Reply::ok(page).header("content-type", "text/html"));
        let item = |category: &str| {
            let link = blog.url("/one");
            Reply::ok(format!(
                "<rss version='2.0'><channel><item><title>About one</title><link>{link}</link>{category}</item></channel></rss>"
            ))
        };
        blog.set("/feed", item("<category>emotet</category><category>Labs</category>"));
        process(&app);
        let event = event(&app, "one");
        let tags = tags(&event);
        for name in ["Emotet", "APT28"] {
            let end = format!("\"{name}\"");
            assert!(tags.iter().any(|tag| tag.ends_with(&end)), "{name} in {tags:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn context_goes_where_it_is_wanted() {
    let (blog, app) = installation(&Store::Embedded).await;
    let app = app
        .with(
            "GLEANER__CONTEXT__NEVER",
            r#"["threat-actor", "mitre-intrusion-set"]"#,
        )
        .with("GLEANER__CONTEXT__LIMIT", "1")
        .with("GLEANER__CONTEXT__REPORT", "false")
        .with("GLEANER__CONTEXT__REPORT_REFERENCES", "false");
    blog.set(
        "/one",
        page("APT28 drops Emotet", STORY, &["evil-update[.]top"]),
    );
    blog.set("/feed", feed(&blog, &["one"]));
    let log = process(&app);
    let event = event(&app, "one");
    let tags = tags(&event);
    let galaxies: Vec<_> = tags
        .iter()
        .filter(|tag| tag.starts_with("misp-galaxy:"))
        .collect();
    assert_eq!(galaxies.len(), 1, "{tags:?}");
    assert!(galaxies[0].ends_with("\"Emotet\""), "{tags:?}");
    assert!(log.contains("over the limit of 1 (context.limit)"), "{log}");
    let report = report(&event);
    assert!(
        !report.contains("@[tag]") && !report.contains("## Context"),
        "{report}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_context_is_no_context() {
    let (blog, app) = installation(&Store::Embedded).await;
    let app = app.with("GLEANER__CONTEXT__ENABLED", "false");
    blog.set(
        "/one",
        page("APT28 drops Emotet", STORY, &["evil-update[.]top"]),
    );
    blog.set("/feed", feed(&blog, &["one"]));
    process(&app);
    let event = event(&app, "one");
    assert!(
        tags(&event)
            .iter()
            .all(|tag| !tag.starts_with("misp-galaxy:"))
    );
    assert!(!report(&event).contains("## Context"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marking_tightens_and_never_loosens() {
    for (default, marking, honoured, expected) in [
        ("tlp:clear", "TLP:AMBER", "true", "tlp:amber"),
        ("tlp:red", "TLP:AMBER", "true", "tlp:red"),
        ("tlp:clear", "TLP:AMBER", "false", "tlp:clear"),
    ] {
        let (blog, app) = installation(&Store::Embedded).await;
        let app = app
            .with("GLEANER__EVENT__TAGS", &format!("[\"{default}\"]"))
            .with("GLEANER__CONTEXT__TLP", honoured);
        let text = format!("{marking}</p><p>A loader was seen.");
        blog.set("/one", page("A loader", &text, &["evil-update[.]top"]));
        blog.set("/feed", feed(&blog, &["one"]));
        let log = process(&app);
        let event = event(&app, "one");
        let markings: Vec<_> = tags(&event)
            .into_iter()
            .filter(|tag| tag.starts_with("tlp:"))
            .collect();
        assert_eq!(markings, [expected], "{default} {marking}");
        let said = log.contains("the article is marked tlp:amber");
        assert_eq!(said, expected == "tlp:amber", "{log}");
        crate::misp::feed_is_sound(&folder(&app));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_vulnerability_and_one_subject_are_a_story() {
    both(async |store| {
        let (blog, app) = installation(&store).await;
        let text = |host: &str| format!("{STORY} They exploited CVE-2026-21345 at {host}.");
        blog.set(
            "/one",
            page("APT28 drops Emotet", &text("one"), &["evil-update[.]top"]),
        );
        blog.set(
            "/two",
            page("Emotet by APT28", &text("two"), &["evil-cdn[.]top"]),
        );
        blog.set("/feed", feed(&blog, &["one"]));
        process(&app);
        blog.set("/feed", feed(&blog, &["one", "two"]));
        let log = process(&app);
        assert!(log.contains("CVE-2026-21345 with APT28"), "{log}");
    })
    .await;
}

/// Makes a server know the cluster of a tag, under a number. Nobody has used the tag yet.
fn teach(misp: &MispDouble, number: &str, tag: &str) {
    let knowledge = Knowledge::builtin();
    let uuid = knowledge.cluster_of(tag).unwrap().to_string();
    misp.state().learn(number, &uuid, tag);
}

/// An app whose destination is this server, with a key that may not make tags.
fn with_misp(app: App, misp: &MispDouble) -> App {
    app.with("MISP_URL", misp.url())
        .with("MISP_KEY", &Role::User.key())
}

fn stored_tags(misp: &MispDouble) -> Vec<(String, bool)> {
    let state = misp.state();
    assert_eq!(state.events.len(), 1);
    state.events.values().next().unwrap().tags.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn galaxy_tags_that_people_set_are_attached_too() {
    let (blog, app) = installation(&Store::Embedded).await;
    let (misp, actor) = (
        MispDouble::start().await,
        "misp-galaxy:threat-actor=\"APT28\"",
    );
    let (sector, tool) = (
        "misp-galaxy:sector=\"Finance\"",
        "misp-galaxy:malpedia=\"Emotet\"",
    );
    for (number, tag) in [("25022", actor), ("25023", sector), ("25024", tool)] {
        teach(&misp, number, tag);
    }
    let feeds = serde_json::json!({"feeds": [{
        "title": "Blog", "url": blog.url("/feed"), "tags": [actor], "local_tags": [sector],
    }]});
    app.write("feeds.json", &feeds.to_string());
    let app = with_misp(app, &misp).with(
        "GLEANER__EVENT__TAGS",
        &serde_json::json!([tool]).to_string(),
    );
    // The matcher finds the actor as well.
    let page = page("APT28 drops it", STORY, &["evil-update[.]top"]);
    blog.set("/one", page);
    blog.set("/feed", feed(&blog, &["one"]));
    process(&app);
    let stored = stored_tags(&misp);
    for (tag, local) in [(actor, false), (sector, true), (tool, false)] {
        let tag = (tag.to_owned(), local);
        assert!(stored.contains(&tag), "{tag:?} in {stored:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_survive_a_server_that_is_down_for_a_moment() {
    both(async |store| {
        let (blog, app) = installation(&store).await;
        let (misp, actor) = (
            MispDouble::start().await,
            "misp-galaxy:threat-actor=\"APT28\"",
        );
        teach(&misp, "25022", actor);
        let down = Fault::Status(503, "<html>Service Unavailable</html>");
        misp.fault("/galaxies/attachCluster", Moment::Before, 1, down);
        let app = with_misp(app, &misp).with("GLEANER__STORE__BACKOFF", "1s");
        blog.set(
            "/one",
            page("APT28 drops Emotet", STORY, &["evil-update[.]top"]),
        );
        blog.set("/feed", feed(&blog, &["one"]));
        process(&app);
        assert!(stored_tags(&misp).contains(&(actor.into(), false)));
        let jobs = app.jobs("delivered");
        let receipt = &jobs[0]["receipts"]["misp"];
        assert_eq!(receipt["delivery"], "created", "{receipt}");
        assert_eq!(receipt.get("unfinished"), None, "{receipt}");
        assert_eq!(jobs[0]["attempts"], 2, "{jobs:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_without_tags_of_its_own_gets_them_through_clusters() {
    let (blog, app) = installation(&Store::Embedded).await;
    let misp = MispDouble::start().await;
    // Of the clusters that the program knows, this server knows one.
    let actor = "misp-galaxy:threat-actor=\"APT28\"";
    teach(&misp, "25022", actor);
    let app = with_misp(app, &misp);
    blog.set(
        "/one",
        page("APT28 drops Emotet", STORY, &["evil-update[.]top"]),
    );
    blog.set("/feed", feed(&blog, &["one"]));
    let log = process(&app);
    let state = misp.state();
    let stored = state.events.values().next().unwrap();
    assert!(
        stored.tags.contains(&(actor.into(), false)),
        "{:?}",
        stored.tags
    );
    assert!(log.contains("MISP does not know the clusters"), "{log}");
}
