//! `gleaner feed`.

use std::io::Read as _;
use std::process::Stdio;

use super::FIXTURES;
use super::polling::{World, rss};
use crate::support::app::{App, Store};
use crate::support::blog::{Blog, Reply};

async fn show(world: &World, input: &str, json: bool) -> anyhow::Result<String> {
    let mut out = Vec::new();
    gleaner::commands::feed::run(&world.fetcher, &world.config, input, json, &mut out).await?;
    Ok(String::from_utf8(out).unwrap())
}

#[tokio::test]
async fn feed_shows_what_the_poller_reads() {
    let world = World::new().await;
    let text = show(&world, &format!("{FIXTURES}/ampersand-in-title.xml"), false)
        .await
        .unwrap();
    insta::assert_snapshot!(text, @r"
    Blog: RSS 2.0, 2 entries
    mended: `&` not escaped (2 times, first in line 3)

    Q&A on R&D
      link       https://blog.example/a1
      guid       id-1
      published  2026-11-21T10:00:00Z

    Article 2
      link       https://blog.example/a2
      guid       id-2
      published  2026-11-22T10:00:00Z
    ");
    let json = show(&world, &format!("{FIXTURES}/link-feedburner.xml"), true)
        .await
        .unwrap();
    insta::assert_snapshot!(json, @r#"
    {
      "kind": "RSS 2.0",
      "title": "Blog",
      "url": null,
      "ttl_seconds": null,
      "damage": [],
      "problems": [],
      "entries": [
        {
          "title": "Article 1",
          "link": "https://blog.example/a1",
          "link_as_given": "https://blog.example/a1?utm_source=feedburner",
          "guid": "id-1",
          "published": "2026-11-21T10:00:00Z",
          "updated": null,
          "categories": []
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn feed_reads_urls_and_names_what_is_wrong() {
    let world = World::new().await;
    world.blog.set("/moved", Reply::redirect(302, "/feed"));
    world.blog.set("/feed", Reply::ok(rss([1])));
    let text = show(&world, &world.blog.url("/moved"), false)
        .await
        .unwrap();
    assert!(
        text.starts_with("B: RSS 2.0, 1 entries\nat http://127.0.0.1:"),
        "{text}"
    );
    for (input, words) in [
        ("/no/such/file".to_owned(), "cannot open `/no/such/file`"),
        (
            format!("{FIXTURES}/page.html"),
            "it advertises `https://blog.example/feed.xml?a=1&b=2`",
        ),
        (world.blog.url("/lost"), "not-found"),
    ] {
        let error = show(&world, &input, false).await.unwrap_err();
        assert!(format!("{error:#}").contains(words), "{error:#}");
    }
}

/// The built command, as a person calls it.
#[tokio::test(flavor = "multi_thread")]
async fn feed_of_a_page_names_the_feed_the_page_advertises() {
    let blog = Blog::start().await;
    let page = "<!doctype html><html><head><link rel='alternate' type='application/rss+xml' href='/real.xml'></head></html>";
    blog.set("/", Reply::ok(page).header("content-type", "text/html"));
    let output = App::new(&Store::Embedded).output(&["feed", &blog.url("/")]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        format!(
            "gleaner: not-a-feed: `{}`: this is an HTML page, not a feed; it advertises `{}`\n",
            blog.url("/"),
            blog.url("/real.xml")
        )
    );
}

/// As with `| head`.
#[test]
fn feed_ends_quietly_when_its_reader_goes_away() {
    let app = App::new(&Store::Embedded);
    app.write(
        "huge.xml",
        &rss(0..9_000).replace("/a", "https://blog.example/a"),
    );
    for arguments in [&["feed", "huge.xml"][..], &["feed", "huge.xml", "--json"]] {
        let mut child = app
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = [0; 1];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert!(output.status.success());
    }
}

#[tokio::test]
async fn feed_steers_no_terminal() {
    let world = World::new().await;
    let feed = rss([1])
        .replace("<title>1", "<title>a\u{202e}b")
        .replace(">g1", ">g\u{9b}2J");
    world.blog.set("/feed", Reply::ok(feed));
    for json in [false, true] {
        let text = show(&world, &world.blog.url("/feed"), json).await.unwrap();
        assert!(!text.contains(['\u{202e}', '\u{9b}']), "{text:?}");
    }
}
