//! Metadata as pages declare it.

use super::*;

fn read_page(head: &str, body: &str, url: &str) -> Metadata {
    let html = format!("<html lang=de_AT><head>{head}</head><body>{body}</body></html>");
    read(&Document::from(html), &Url::parse(url).unwrap())
}

#[test]
fn titles_lose_the_sites_name() {
    let url = "https://www.threat-blog.example/2024/post";
    for (head, body, title) in [
        ("<title>Evil Bear - Threat Blog</title>", "", "Evil Bear"),
        (
            "<title>Evil Bear | Labs</title><meta property=og:site_name content=Labs>",
            "",
            "Evil Bear",
        ),
        (
            "<title>Evil Bear – Part 2</title>",
            "",
            "Evil Bear – Part 2",
        ),
        (
            "<title>Evil Bear – Part 2</title>",
            "<h1>Evil Bear – Part 2</h1>",
            "Evil Bear – Part 2",
        ),
        (
            "<title>Evil Bear :: The Daily</title>",
            "<h1>Evil  Bear</h1>",
            "Evil Bear",
        ),
        (
            "<title>X</title><meta property=og:title content='Evil &amp; Bear'>",
            "",
            "Evil & Bear",
        ),
        ("", "<h1>Only a <b>heading</b></h1>", "Only a heading"),
        ("<title>Threat Blog</title>", "", "Threat Blog"),
        ("<title> - Threat Blog</title>", "", "- Threat Blog"),
        ("", "", ""),
    ] {
        assert_eq!(read_page(head, body, url).title, title, "{head}");
    }
}

#[test]
fn linked_data_names_author_and_date() {
    for json in [
        r#"{"@type":"BlogPosting","author":{"name":"Ada L."},"datePublished":"2024-05-01T10:00:00+02:00"}"#,
        r#"{"@graph":[{"@type":"WebSite","author":"x"},{"@type":["Thing","NewsArticle"],"author":[{"name":"Ada L."}],"datePublished":"2024-05-01T08:00:00Z"}]}"#,
    ] {
        let head = format!("<script type='application/ld+json'>{json}</script>");
        let found = read_page(&head, "", "https://a.example/");
        assert_eq!(found.author.as_deref(), Some("Ada L."));
        assert_eq!(
            found.published.unwrap().to_rfc3339(),
            "2024-05-01T08:00:00+00:00"
        );
    }
    let broken = read_page(
        "<script type='application/ld+json'>{oops</script>",
        "",
        "https://a.example/",
    );
    assert_eq!((broken.author, broken.published), (None, None));
}

#[test]
fn keywords_come_from_where_pages_have_them() {
    let linked = r#"<script type='application/ld+json'>{"@type":"Article","keywords":["APT28","R&amp;D",7]}</script>"#;
    for (head, body, expected) in [
        (
            "<meta name=keywords content='Emotet, APT28;emotet , ,'>",
            "",
            &["Emotet", "APT28"][..],
        ),
        (
            "<meta property=article:tag content=Emotet><meta property='article:tag' content='Fancy Bear, or so'>",
            "",
            &["Emotet", "Fancy Bear, or so"],
        ),
        (
            "",
            "<p>By us. <a rel='nofollow tag' href='/t'>Emotet</a> <a href='/x'>no tag</a></p>",
            &["Emotet"],
        ),
        (linked, "", &["APT28", "R&D"]),
        (
            "<script type='application/ld+json'>{\"@type\":\"Article\",\"keywords\":\"a b,c\"}</script>",
            "",
            &["a b", "c"],
        ),
        ("", "", &[]),
    ] {
        let found = read_page(head, body, "https://a.example/");
        assert_eq!(found.keywords, expected, "{head}{body}");
    }
    let many = "word, ".repeat(100_000) + &"x, ".repeat(100_000);
    let head = format!("<meta name=keywords content='{many}'>").repeat(3);
    let tags = "<a rel=tag>Emotet</a>".repeat(50_000);
    let found = read_page(&head, &tags, "https://a.example/");
    assert_eq!(found.keywords, ["Emotet", "word"]);
}

#[test]
fn metadata_comes_from_elsewhere_too() {
    let found = read_page(
        "<meta name=Author content='By Bo'><meta property='article:published_time' content='2023-01-02 03:04:05'>",
        "",
        "https://a.example/",
    );
    assert_eq!(found.author.as_deref(), Some("Bo"));
    assert_eq!(
        found.published.unwrap().to_rfc3339(),
        "2023-01-02T03:04:05+00:00"
    );
    assert_eq!(found.language.as_deref(), Some("de-AT"));
    let by_time = read_page(
        "",
        "<a rel='author nofollow'>Cy D</a><article><time datetime='2022-03-04'>",
        "https://a.example/",
    );
    assert_eq!(by_time.author.as_deref(), Some("Cy D"));
    assert_eq!(
        by_time.published.unwrap().to_rfc3339(),
        "2022-03-04T00:00:00+00:00"
    );
}

#[test]
fn canonical_links_are_believed_at_home_only() {
    let url = "https://blog.vendor.co.uk/post?utm_source=x";
    for (href, expected) in [
        (
            "https://www.vendor.co.uk/post",
            Some("https://www.vendor.co.uk/post"),
        ),
        ("/clean#top", Some("https://blog.vendor.co.uk/clean")),
        ("https://other.co.uk/post", None),
        ("https://vendor.co.uk.evil.example/post", None),
        ("https://blog.vendor.co.uk/", None),
        ("javascript:alert(1)", None),
        ("ftp://blog.vendor.co.uk/post", None),
        ("https://user:pw@blog.vendor.co.uk/post", None),
        ("", None),
    ] {
        let head = format!("<link rel='Canonical' href='{href}'>");
        let found = read_page(&head, "", url).canonical;
        assert_eq!(found.as_ref().map(Url::as_str), expected, "{href}");
    }
    // Subdomains of a public suffix belong to different people.
    let alice = read_page(
        "<link rel=canonical href=https://bob.github.io/post>",
        "",
        "https://alice.github.io/post",
    );
    assert_eq!(alice.canonical, None);
    let literal = read_page(
        "<link rel=canonical href=http://127.0.0.2/post>",
        "",
        "http://127.0.0.1/post",
    );
    assert_eq!(literal.canonical, None);
}

#[test]
fn dates_are_read() {
    for (text, expected) in [
        ("2024-05-01T10:00:00Z", Some("2024-05-01T10:00:00+00:00")),
        (
            "2024-05-01T10:00:00.123+0200",
            Some("2024-05-01T08:00:00.123+00:00"),
        ),
        (
            "Wed, 01 May 2024 10:00:00 GMT",
            Some("2024-05-01T10:00:00+00:00"),
        ),
        ("May 1, 2024", Some("2024-05-01T00:00:00+00:00")),
        ("1 May 2024", Some("2024-05-01T00:00:00+00:00")),
        ("20240501", Some("2024-05-01T00:00:00+00:00")),
        ("0001-01-01T00:00:00Z", None),
        ("1970-01-01", None),
        ("yesterday", None),
        ("", None),
    ] {
        assert_eq!(
            date(text).map(|date| date.to_rfc3339()).as_deref(),
            expected,
            "{text}"
        );
    }
}
