use super::*;
use crate::feeds::FirstRun;

fn error(text: &str) -> String {
    parse(text, "`feeds.json`").unwrap_err().to_string()
}

#[test]
fn misp_scraper_list_with_our_keys() {
    let list = parse(
        r#"{"feeds": [
            {"title": "One", "url": "https://one.example/feed", "tags": ["a:b=\"c\""]},
            {"url": "https://two.example/rss", "local_tags": ["l"], "enabled": false, "first_run": "latest 5",
             "headers": {"X-Key": "hunter2"}, "user_agent": "ua/1", "proxy": "socks5://u:hunter2@p.example:1", "_remark": 1}
        ], "version": 1}"#,
        "x",
    )
    .unwrap();
    assert!(list.warnings.is_empty());
    let [one, two] = list.feeds.as_slice() else {
        panic!("{list:?}")
    };
    assert_eq!((one.title.as_str(), one.enabled), ("One", true));
    assert_eq!(one.tags, ["a:b=\"c\""]);
    assert_eq!(two.title, "two.example");
    assert_eq!(two.first_run, Some(FirstRun::Latest(5)));
    assert_eq!(two.local_tags, ["l"]);
    assert_eq!(two.headers["X-Key"].expose(), "hunter2");
    assert_eq!(two.user_agent.as_deref(), Some("ua/1"));
    assert!(!two.enabled);
    assert!(!format!("{two:?}").contains("hunter2"));
}

#[test]
fn casebook_list() {
    let list = parse(
        r#"{"url_feeds": [{"feed_name": "Talos", "rss_url": "https://blog.example/rss", "webex_room": 3}], "other": {}}"#,
        "x",
    )
    .unwrap();
    assert_eq!(list.feeds[0].title, "Talos");
    assert_eq!(list.feeds[0].url.as_str(), "https://blog.example/rss");
}

#[test]
fn opml_with_folders_and_bare_ampersands() {
    let list = parse(
        "\u{feff}<?xml version=\"1.0\"?>\n<opml version=\"1.0\"><body><outline text=\"News\"><outline text=\"A &amp; B\" title=\"\"
         type=\"rss\" xmlUrl=\"https://one.example/feed?a=1&b=2\"/><outline text='in'><outline title='Two' text='t' xmlurl='https://two.example/'></outline></outline></outline>
         </body></opml>",
        "x",
    )
    .unwrap();
    let shown: Vec<_> = list
        .feeds
        .iter()
        .map(|feed| format!("{} {}", feed.title, feed.url))
        .collect();
    assert_eq!(
        shown,
        [
            "A & B https://one.example/feed?a=1&b=2",
            "Two https://two.example/"
        ]
    );
}

#[test]
fn doubles_are_passed_over_with_a_warning() {
    let list = parse(
        r#"{"feeds": [{"title": "A", "url": "https://u:pw@one.example"}, {"title": "B", "url": "https://u:pw@ONE.example/"}]}"#,
        "x",
    )
    .unwrap();
    assert_eq!(list.feeds.len(), 1);
    assert_eq!(
        list.warnings,
        ["`https://one.example/` is listed more than once; `B` is passed over"]
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn errors_name_file_place_and_remedy() {
    for (text, expected) in [
        (
            r#"{"feeds": [{"title": "A", "ur": "x"}]}"#,
            "feed list `feeds.json`: feeds[0] (`A`): unknown key `ur`; is `url` meant?",
        ),
        (
            r#"{"feeds": [{"url": "https://a.example"}, {"title": "B"}]}"#,
            "feed list `feeds.json`: feeds[1] (`B`): key `url` is missing",
        ),
        (
            r#"{"feeds": [{"url": "ftp://a.example"}]}"#,
            "feeds[0]: key `url`: `ftp://a.example`: feeds are fetched over http or https, not ftp",
        ),
        (
            r#"{"feeds": [{"url": "a.example"}]}"#,
            "key `url`: `a.example` is not a URL: relative URL without a base",
        ),
        (
            r#"{"feeds": [{"url": 7}]}"#,
            "key `url`: expected a string, found `7`",
        ),
        (
            r#"{"feeds": [{"url": "https://a.example", "tags": "x"}]}"#,
            "key `tags`: expected a list of strings, found `\"x\"`",
        ),
        (
            r#"{"feeds": [{"url": "https://a.example", "first_run": "some"}]}"#,
            "key `first_run`: `some` is not a first-run policy",
        ),
        (
            r#"{"feeds": [{"url": "https://a.example", "headers": {"a b": "hunter2"}}]}"#,
            "key `headers`: `a b` is not a header name",
        ),
        (
            r#"{"feeds": [{"url": "https://a.example", "colour": 1}]}"#,
            "unknown key `colour`; known are title, url",
        ),
        (r#"{"feeds": {}}"#, "`feeds` is not a list"),
        (
            r#"{"feed": []}"#,
            "no list `feeds` or `url_feeds`; is `feed` meant to be `feeds`?",
        ),
        (
            r#"{"url_feeds": [{"feed_name": "T", "url": "https://a.example"}]}"#,
            "url_feeds[0] (`T`): key `rss_url` is missing; is `url` it?",
        ),
        (
            "{\"feeds\": [\n{]}",
            "neither JSON nor OPML: key must be a string at line 2 column 2",
        ),
        (
            "<rss></rss>",
            "neither JSON nor OPML: the root element is `rss`",
        ),
        (
            "<opml>\n<outline xmlUrl='x'/></opml>",
            "line 2: attribute `xmlUrl`: `x` is not a URL",
        ),
        (
            "<opml><outline xmlUrl='https://a.example'",
            "cut off inside a tag",
        ),
        (
            "",
            "neither JSON nor OPML: EOF while parsing a value at line 1 column 0",
        ),
    ] {
        let found = error(text);
        assert!(found.contains(expected), "{text}\n{found}");
        assert!(!found.contains("hunter2"), "{found}");
    }
}

#[test]
fn the_starter_list_is_the_example() {
    assert_eq!(STARTER, include_str!("../../../feeds.json.example"));
    let list = starter().unwrap();
    assert!(list.warnings.is_empty());
    assert!(
        (25..=40).contains(&list.feeds.len()),
        "{}",
        list.feeds.len()
    );
    for feed in &list.feeds {
        assert_eq!(feed.url.scheme(), "https", "{}", feed.title);
        let reliability = |tag: &String| tag.starts_with("admiralty-scale:source-reliability=\"");
        assert!(feed.tags.iter().any(reliability), "{}", feed.title);
    }
}
