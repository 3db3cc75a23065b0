//! Feeds from the outside: every fixture read, hostile input, and polling over loopback.

mod command;
mod polling;

use std::fmt::Write;
use std::time::{Duration, Instant};

use gleaner::feeds::parse::{FeedKind, parse};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/feeds");

/// One line per fixture: dialect, entries, and what was mended. New fixtures show up as a difference.
#[test]
fn every_fixture_reads_as_recorded() {
    let mut names: Vec<_> = std::fs::read_dir(FIXTURES)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut out = String::new();
    for name in names {
        let bytes = std::fs::read(format!("{FIXTURES}/{name}")).unwrap();
        writeln!(out, "{name}").unwrap();
        match parse(&bytes, None, None) {
            Err(error) => writeln!(out, "    no feed: {error}").unwrap(),
            Ok(feed) => {
                writeln!(out, "    {}", feed.kind).unwrap();
                for entry in feed.entries {
                    let date = entry.published.or(entry.updated);
                    let date = date.map_or_else(|| "-".into(), |date| date.to_rfc3339());
                    let guid = entry.guid.as_deref().unwrap_or("-");
                    writeln!(out, "    {} <{}> {guid} {date}", entry.title, entry.link).unwrap();
                }
                for damage in feed.damage.iter().chain(&feed.problems) {
                    writeln!(out, "    ! {damage}").unwrap();
                }
            }
        }
    }
    insta::assert_snapshot!(out);
}

#[test]
fn http_charset_and_feed_address_count() {
    let url = "https://blog.example/feeds/rss".parse().unwrap();
    let bytes = b"<rss version='2.0'><channel><item><title>caf\xe9 \xa4 and more \xe9\xe8</title><link>../a1</link></item></channel></rss>";
    let feed = parse(bytes, Some("text/xml; charset=ISO-8859-15"), Some(&url)).unwrap();
    assert_eq!(
        feed.entries[0].title,
        "caf\u{e9} \u{20ac} and more \u{e9}\u{e8}"
    );
    assert_eq!(feed.entries[0].link.as_str(), "https://blog.example/a1");
    assert_eq!(feed.entries[0].link_as_given, "../a1");
}

#[test]
fn categories_of_every_dialect_are_read() {
    let rss = "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><category>Blog</category><item>\
               <title>T</title><category domain='tags'><![CDATA[Emotet]]></category><category>AT&amp;amp;T \"x\"</category>\
               <category>emotet</category><category/><dc:subject>APT28</dc:subject><media:category>No</media:category>\
               <link>https://a.test/1</link></item></channel></rss>";
    let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>T</title><category term='emotet' label='Emotet'/>\
                <category term='AT&amp;amp;T &quot;x&quot;' scheme='s'></category><category term='APT28'>\
                <link href='https://a.test/1'/></entry></feed>";
    let json = r#"{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "url": "https://a.test/1",
                   "tags": ["Emotet", "AT&T \"x\"", 7, null, ["No"], " ", "APT28"]}]}"#;
    for (text, expected) in [
        (rss, &["Emotet", "AT&T \"x\"", "APT28"][..]),
        (atom, &["Emotet", "AT&T \"x\"", "APT28"]),
        (json, &["Emotet", "AT&T \"x\"", "7", "APT28"]),
    ] {
        let feed = parse(text.as_bytes(), None, None).unwrap();
        assert_eq!(feed.entries[0].link.as_str(), "https://a.test/1", "{text}");
        assert_eq!(feed.entries[0].categories, expected, "{text}");
    }
}

#[test]
fn any_number_of_categories_leaves_room_for_the_link() {
    let many: String = (0..5_000)
        .map(|n| format!("<category>label {n}</category>"))
        .collect();
    let long = "x".repeat(10_000);
    let text = format!(
        "<rss version='2.0'><channel><item><category>{long}</category>{many}<title>T</title><link>https://a.test/1</link>\
         </item></channel></rss>"
    );
    let feed = parse(text.as_bytes(), None, None).unwrap();
    let entry = &feed.entries[0];
    assert_eq!(
        (entry.link.as_str(), entry.title.as_str()),
        ("https://a.test/1", "T")
    );
    assert_eq!(entry.categories.len(), 30);
    assert_eq!(entry.categories[0], "label 0");
}

#[test]
fn ttl_is_minutes() {
    let bytes = std::fs::read(format!("{FIXTURES}/ttl.xml")).unwrap();
    assert_eq!(
        parse(&bytes, None, None).unwrap().ttl,
        Some(Duration::from_secs(7200))
    );
}

/// What parsers choke on.
const HOSTILE: [&str; 39] = [
    "<",
    "&",
    "<a",
    "<a ",
    "<a b=\"",
    "<a b='<",
    "</a>",
    "</a",
    "<a>",
    "<item>",
    "<title>",
    "<link>",
    "<![CDATA[",
    "<![CDATA[x</description>",
    "<!--",
    "<!",
    "<?",
    "<!DOCTYPE [",
    "<!DOCTYPE[>",
    "<!ENTITY a \"b\">",
    "&amp;",
    "&#",
    "&#x",
    "&a;",
    "]]>",
    "<item><title>",
    "<item><link>x</link></item>",
    "<a xml:base='b/'>",
    "<a xmlns:b='c'>",
    "<description>",
    "\u{e9}",
    "\0",
    "<x:y>",
    "<a b='c' d=\"e\" ",
    "{\"items\":[",
    "[",
    "\"",
    "<a b='c'\"",
    "<a b =  ",
];

/// Half a megabyte of each. What is not linear takes minutes at this size.
fn hostile(before: &str) {
    for piece in HOSTILE {
        let feed = format!("{before}{}", piece.repeat(500_000 / piece.len()));
        let start = Instant::now();
        let _ = parse(feed.as_bytes(), None, None);
        let took = start.elapsed();
        assert!(took < Duration::from_secs(10), "{piece:?} took {took:?}");
    }
}

#[test]
fn hostile_documents_end_in_time() {
    hostile("");
}

#[test]
fn hostile_channels_end_in_time() {
    hostile("<rss version=\"2.0\"><channel>");
}

#[test]
fn hostile_items_end_in_time() {
    hostile(
        "<rss version=\"2.0\"><channel><item><title>t</title><link>https://blog.example/</link><description>",
    );
}

#[test]
fn entries_are_bounded_and_the_rest_is_reported() {
    let item = "<item><link>https://blog.example/a</link></item>";
    let feed = format!(
        "<rss version=\"2.0\"><channel>{}</channel></rss>",
        item.repeat(10_500)
    );
    let feed = parse(feed.as_bytes(), None, None).unwrap();
    assert_eq!(feed.entries.len(), 10_000);
    assert!(
        feed.damage[0].starts_with("more entries than are read"),
        "{:?}",
        feed.damage
    );
}

proptest::proptest! {
    /// Any cut, and any byte changed, of a real feed: no panic, and all entries before the damage.
    #[test]
    fn damage_never_reaches_back(cut in 0_usize..700, byte in proptest::prelude::any::<u8>()) {
        let mut bytes = std::fs::read(format!("{FIXTURES}/rss-2.0.xml")).unwrap();
        let cut = cut.min(bytes.len() - 1);
        let before = String::from_utf8_lossy(&bytes[..cut]).matches("</item>").count();
        bytes.truncate(cut);
        if let Ok(feed) = parse(&bytes, None, None) {
            proptest::prop_assert!(feed.entries.len() >= before);
        } else {
            proptest::prop_assert_eq!(before, 0);
        }
        let mut bytes = std::fs::read(format!("{FIXTURES}/atom-1.0.xml")).unwrap();
        let at = cut.min(bytes.len() - 1);
        bytes[at] = byte;
        let _ = parse(&bytes, None, None);
    }

    #[test]
    fn any_text_parses_or_does_not(text in "[<>/&;a-z!\\[\\]\"'= -]{0,200}") {
        let _ = parse(format!("<rss><item><title>{text}").as_bytes(), None, None);
    }
}

#[test]
fn json_feed_links_are_relative_to_where_it_was_found() {
    let json = r#"{"version": "https://jsonfeed.org/version/1.1", "home_page_url": "https://blog.example/", FEED_URL
        "items": [{"id": "1", "url": "a1"}, {"id": "2", "external_url": "https://other.example/2"}]}"#;
    let found = "https://blog.example/feeds/x.json".parse().unwrap();
    let own = r#""feed_url": "https://blog.example/own/feed.json","#;
    for (url, feed_url, expected) in [
        (Some(&found), own, "https://blog.example/feeds/a1"),
        (None, own, "https://blog.example/own/a1"),
        (None, "", "https://blog.example/a1"),
    ] {
        let json = json.replace("FEED_URL", feed_url);
        let feed = parse(json.as_bytes(), None, url).unwrap();
        let links: Vec<_> = feed
            .entries
            .iter()
            .map(|entry| entry.link.as_str())
            .collect();
        assert_eq!(links, [expected, "https://other.example/2"]);
    }
}

#[test]
fn kinds_have_names() {
    assert_eq!(FeedKind::Rss("2.0".into()).to_string(), "RSS 2.0");
    assert_eq!(FeedKind::Atom("1.0").to_string(), "Atom 1.0");
    assert_eq!(FeedKind::Json(String::new()).to_string(), "JSON Feed");
}
