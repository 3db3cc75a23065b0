//! Whole pages, from HTML to the report.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gleaner::article::blocks::{Block, Kind, Region};
use gleaner::article::{Article, MediaType, Page, read};
use gleaner::config::ArticleSettings;
use gleaner::failure::{Failure, Reason};
use proptest::prelude::*;
use url::Url;

fn page(media_type: MediaType, text: impl Into<String>) -> Page {
    let url = Url::parse("https://blog.example/2024/post").unwrap();
    Page {
        requested: url.clone(),
        url,
        media_type,
        text: text.into(),
        bytes: Vec::new(),
    }
}

fn read_html(html: impl Into<String>) -> Result<Article, Failure> {
    read(&page(MediaType::Html, html), &ArticleSettings::default())
}

fn fixtures(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/pages")
        .join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "html"));
    files.sort();
    assert!(!files.is_empty());
    let read = |file: PathBuf| {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(file).unwrap())
    };
    files.into_iter().map(read).collect()
}

/// Words of the fixtures' navigation, share bars, related posts, comments, footers and forms.
const FURNITURE: &[&str] = &[
    "NAVWORD",
    "SHAREWORD",
    "RELATEDWORD",
    "COMMENTWORD",
    "FOOTERWORD",
    "NEWSLETTERWORD",
];

#[test]
fn no_layout_loses_an_indicator() {
    let list = include_str!("../../fixtures/pages/layouts/indicators.txt");
    let indicators: Vec<&str> = list.lines().collect();
    assert_eq!(indicators.len(), 26);
    for (name, html) in fixtures("layouts") {
        let article = read_html(html).unwrap();
        assert_eq!(article.title, "A loader returns", "{name}");
        let shown: Vec<Cow<'_, str>> = article
            .blocks
            .iter()
            .filter(|block| block.in_report())
            .map(Block::text)
            .collect();
        let values: Vec<&str> = shown
            .iter()
            .flat_map(|text| text.split(['\t', '\n', ' ']))
            .collect();
        let missing: Vec<&&str> = indicators
            .iter()
            .filter(|indicator| !values.contains(indicator))
            .collect();
        assert!(missing.is_empty(), "{name} loses {missing:?}");
        let prose = "The group known for its patient use of mail lures";
        assert!(shown.iter().any(|text| text.starts_with(prose)), "{name}");
        let markdown = article.markdown(1 << 20);
        for word in FURNITURE {
            assert!(!markdown.contains(word), "{name} shows {word}:\n{markdown}");
        }
        let main = article
            .blocks
            .iter()
            .filter(|block| block.region == Region::Main);
        assert!(main.count() >= 4, "{name}");
    }
}

#[test]
fn walls_are_told_from_articles_about_walls() {
    for (name, html) in fixtures("walls") {
        let failure = read_html(html).unwrap_err();
        assert_eq!(failure.reason, Reason::BlockPage, "{name}: {failure}");
        let kind = name.split('-').next().unwrap();
        assert!(
            failure.message.to_lowercase().contains(kind),
            "{name}: {failure}"
        );
    }
    for (name, html) in fixtures("about-walls") {
        let article = read_html(html).unwrap_or_else(|failure| panic!("{name}: {failure}"));
        assert!(article.plain_text().contains("attackers"), "{name}");
    }
}

#[test]
fn pages_render_as_they_read() {
    for (name, html) in fixtures("render") {
        let article = read_html(html).unwrap();
        let mut shown = format!(
            "title: {}\nauthor: {:?}\npublished: {:?}\nlanguage: {:?}\ncanonical: {:?}\n\n",
            article.title,
            article.author,
            article.published.map(|date| date.to_rfc3339()),
            article.language,
            article.canonical.as_ref().map(Url::as_str),
        );
        shown += &article.markdown(1 << 20);
        insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("article-{name}"), shown);
        });
    }
}

#[test]
fn rows_know_their_headers() {
    let article = read_html(
        "<article><p>Some words before the table.</p><table><tr><th>Type<th>Value</tr>\
         <tr><td rowspan=2>IP<td>192.0.2.1</tr><tr><td>192.0.2.2</tr><tr><td colspan=2>end</table></article>",
    )
    .unwrap();
    let rows: Vec<(Vec<String>, Cow<'_, str>)> = article
        .blocks
        .iter()
        .filter_map(|block| match &block.kind {
            Kind::TableRow { headers, .. } => Some((headers.to_vec(), block.text())),
            _ => None,
        })
        .collect();
    let texts: Vec<&str> = rows.iter().map(|(_, text)| text.as_ref()).collect();
    assert_eq!(
        texts,
        ["Type\tValue", "IP\t192.0.2.1", "\t192.0.2.2", "end\t"]
    );
    assert!(
        rows.iter()
            .all(|(headers, _)| headers == &["Type", "Value"])
    );
}

#[test]
fn text_and_markdown_are_read() {
    let text = page(MediaType::Text, "Report\n\nC2:\nevil[.]com\n");
    let article = read(&text, &ArticleSettings::default()).unwrap();
    assert_eq!(article.title, "Report");
    assert_eq!(article.markdown(1000), "Report\n\nC2:\n\nevil[.]com\n");
    let markdown = page(
        MediaType::Markdown,
        "# Report\n\nA *note*.\n\n| a | b |\n|---|---|\n| `x` | y |\n\n<script>x()</script>\n",
    );
    let article = read(&markdown, &ArticleSettings::default()).unwrap();
    assert_eq!(article.title, "Report");
    assert_eq!(
        article.markdown(1000),
        "A *note*.\n\n| a | b |\n| --- | --- |\n| `x` | y |\n"
    );
    let empty = page(MediaType::Text, " \n\n ");
    assert_eq!(
        read(&empty, &ArticleSettings::default())
            .unwrap_err()
            .reason,
        Reason::Empty
    );
    for html in [
        "<html><body></body></html>",
        "<script>x</script>",
        "<img src=a.png>",
        "<!-- x -->",
    ] {
        let failure = read_html(html).unwrap_err();
        assert_eq!(failure.reason, Reason::Empty, "{html}: {failure}");
    }
}

#[test]
fn nesting_is_refused_before_it_costs_anything() {
    for tag in ["div", "span", "b", "table><tr><td", "ul><li", "blockquote"] {
        for depth in [10_000, 100_000] {
            let html = format!("<{tag}>").repeat(depth) + "text";
            let start = Instant::now();
            let failure = read_html(html).unwrap_err();
            assert_eq!(failure.reason, Reason::TooComplex, "{failure}");
            assert!(
                start.elapsed() < Duration::from_secs(2),
                "{depth} {tag}: {:?}",
                start.elapsed()
            );
        }
    }
    let deep = "<div>".repeat(400) + "<p>still read</p>";
    assert!(read_html(deep).unwrap().plain_text().contains("still read"));
}

#[test]
fn ten_megabytes_of_opened_tags_are_refused_in_time() {
    for unit in ["<div", "<a ", "<a href=x>", "<table>", "<p>"] {
        let html = unit.repeat((10 << 20) / unit.len());
        let start = Instant::now();
        assert!(read_html(html).is_err(), "{unit}");
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "{unit}: {:?}",
            start.elapsed()
        );
    }
}

#[test]
fn large_hostile_pages_end_in_time() {
    // Built without optimisation, a fraction of the size takes as long.
    let size = if cfg!(debug_assertions) {
        1 << 20
    } else {
        10 << 20
    };
    for unit in [
        "<div",
        "<a ",
        "<a href=x>",
        "<table>",
        "<p>",
        "<p>x</p>",
        "<br>",
        "<li>x",
        "<td>",
        "<b><p>",
        "<div>x</div>",
        "<table><tr><td>x</td></tr></table>",
        "<div class='share related'>x</div>",
        "<pre>x</pre>",
        "<img src=x>",
        "&amp;",
        "&",
        "a ",
        "[.]",
        "`",
        "<script>",
        "<!--",
        "<svg><g/></svg>",
        "<select><option>",
        "<font color=a>",
        "</p>",
        "</br>",
    ] {
        let html = unit.repeat(size / unit.len());
        let start = Instant::now();
        if let Ok(article) = read_html(html) {
            assert!(article.markdown(4 << 20).len() <= 4 << 20);
        }
        // A busy machine; anything quadratic takes hours.
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "{unit}: {:?}",
            start.elapsed()
        );
    }
}

/// The folder of real pages, where there is one.
fn site() -> Option<PathBuf> {
    let named = std::env::var_os("GLEANER_SITE").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/site");
    named
        .or(Some(beside))
        .filter(|folder| folder.join("pages").is_dir())
}

/// Real pages: what the report must have, and what of the site it must not.
const REAL: &[(&str, &[&str], &[&str])] = &[
    (
        "unit42-mallox.html",
        &[
            "e7178a4bad4407316b85894307df32fdf85b597455364eb8ec4d407749e852ce",
            "185.170.144[.]153",
            "## Indicators of Compromise",
        ],
        &[
            "people reacted",
            "min. read",
            "Sign up",
            "Popular Resources",
            "Subscribe",
        ],
    ),
    (
        "bitdefender-joker-macos.html",
        &[
            "| F | xcc (Mach-O) | 76b790eb3bed4a625250b961a5dda86ca5cd3a11 |",
            "https://www.git-hub.me/view.php",
        ],
        &[
            "You might also like",
            "Bookmarks",
            "FOLLOW US",
            "Free 30-day trial",
            "View all posts",
        ],
    ),
    (
        "d01a-pikabot.html",
        &[
            "| 37.1.215[.]220 | C2 Server IP |",
            "http[://]126.228.74[.]105/bm/IMgP",
            "| --- | --- |",
        ],
        &["included in [", "Malware Analysis"],
    ),
    (
        "d01a-aurora-stealer.html",
        &["82.115.223[.]249"],
        &["included in"],
    ),
    (
        "d01a-raccoon-stealer.html",
        &["- 51.195.166[.]184", "```python\nimport base64"],
        &["included in"],
    ),
    (
        "d01a-originlogger.html",
        &["3883d374ba0736254a89e310b86f3c3769adcaed471b103b5c0a8a2f16cf5c8d"],
        &["included in"],
    ),
    (
        "file2txt-fanged_data.html",
        &["hxxp://2ndexample.com", "test[.]something[.]com"],
        &[],
    ),
];

#[test]
fn real_pages_keep_their_indicators_and_nothing_of_the_site() {
    let Some(site) = site() else {
        eprintln!("skipped: no folder of real pages; name one in GLEANER_SITE");
        return;
    };
    for (file, kept, dropped) in REAL {
        let html = fs::read_to_string(site.join("pages").join(file)).unwrap();
        let markdown = read_html(html).unwrap().markdown(4 << 20);
        for text in *kept {
            assert!(markdown.contains(text), "{file} loses {text}");
        }
        for text in *dropped {
            assert!(!markdown.contains(text), "{file} shows {text}");
        }
    }
}

/// Something like HTML.
fn html() -> impl Strategy<Value = String> {
    const TAGS: &[&str] = &[
        "p",
        "div",
        "table",
        "tr",
        "td",
        "th",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "pre",
        "code",
        "a href='/x'",
        "b",
        "em",
        "h1",
        "h6",
        "br",
        "img src=a alt=b",
        "blockquote",
        "textarea",
        "noscript",
        "details",
        "summary",
        "button",
        "article",
        "section class=related",
        "nav",
        "footer",
        "div hidden",
        "div style='display:none'",
        "svg",
        "math",
        "template",
        "select",
        "option",
        "td colspan=9 rowspan=9",
        "caption",
        "form",
        "span data-cfemail=0001",
        "base href=//x/",
        "script type=application/ld+json",
        "title",
        "body",
        "html lang=de",
        "frameset",
        "iframe",
    ];
    let part = prop_oneof![
        3 => prop::sample::select(TAGS).prop_map(|tag| format!("<{tag}>")),
        2 => prop::sample::select(TAGS).prop_map(|tag| format!("</{}>", tag.split(' ').next().unwrap())),
        2 => "[a-z0-9 .,\\[\\]]{0,20}",
        1 => "\\PC{0,8}",
        1 => Just("evil[.]com d41d8cd98f00b204e9800998ecf8427e\n".to_owned()),
        1 => "[<>&/\"'=!-]{1,4}",
    ];
    prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_never_panics(html in html(), cut in 0_usize..2000) {
        if let Ok(article) = read_html(html) {
            prop_assert!(article.markdown(cut).len() <= cut.max(120));
            for block in &article.blocks {
                let text = block.text();
                for piece in block.pieces() {
                    prop_assert_eq!(text.get(piece.range.clone()), Some(piece.value.text.as_str()));
                }
            }
        }
    }

    #[test]
    fn reading_text_never_panics(text in "\\PC{0,200}|[ -~\n\t]{0,300}") {
        for media_type in [MediaType::Text, MediaType::Markdown, MediaType::Html] {
            if let Ok(article) = read(&page(media_type, text.clone()), &ArticleSettings::default()) {
                let _ = article.markdown(1000);
            }
        }
    }
}
