//! Whole reports of hostile pages: nothing of a page's text comes alive in them.

use std::sync::LazyLock;

use chrono::Utc;
use gleaner::article::{MediaType, Page, read};
use gleaner::config::{ArticleSettings, EventSettings};
use gleaner::event::{build, text};
use gleaner::feeds::entry::Entry;
use gleaner::queue::{Job, Source};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};
use regex::Regex;
use url::Url;

/// What MISP's viewer, and its server, take for a reference to something of the event.
static REFERENCE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"@\[[\w-]+\]\(").unwrap());

/// The report of a page with this body.
fn report(author: &str, body: &str) -> String {
    let url = Url::parse("https://blog.example/post").unwrap();
    let prose = "<p>A loader, which called for orders twice a day, was found in three places.</p>";
    let page = Page {
        requested: url.clone(),
        url,
        media_type: MediaType::Html,
        text: format!(
            "<!doctype html><title>T</title><meta name=author content=\"{author}\"><article>{}{body}{}</article>",
            prose.repeat(8),
            prose.repeat(8)
        ),
        bytes: Vec::new(),
    };
    let article = read(&page, &ArticleSettings::default()).unwrap();
    let markdown = article.markdown(1 << 20);
    let entry = Entry {
        link: page.url.to_string(),
        link_as_given: page.url.to_string(),
        title: "T".into(),
        guid: None,
        published: None,
        updated: None,
        categories: Vec::new(),
    };
    let source = Source {
        title: "Blog".into(),
        url: "https://blog.example/feed".into(),
        tags: Vec::new(),
        local_tags: Vec::new(),
    };
    let mut job = Job::new(entry, source);
    job.created = Utc::now();
    let event = build(
        &EventSettings::default(),
        &job,
        Some(&article),
        Some(markdown.into()),
        &[],
    );
    event.reports.first().unwrap().content.clone()
}

/// What is alive in a report although it was text in the page.
fn alive(report: &str) -> Vec<String> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut found: Vec<String> = Parser::new_ext(report, options)
        .filter_map(|event| match event {
            Event::Html(html) | Event::InlineHtml(html) => Some(format!("HTML {html}")),
            Event::Start(Tag::Link { dest_url, .. })
                if !dest_url.starts_with("https://ok.example/") =>
            {
                Some(format!("link to {dest_url}"))
            }
            Event::Start(Tag::Image { dest_url, .. }) => Some(format!("image {dest_url}")),
            _ => None,
        })
        .collect();
    found.extend(REFERENCE.find_iter(report).map(|m| m.as_str().to_owned()));
    if text::storable(report) != report {
        found.push("text that must still be mended".into());
    }
    found
}

#[test]
fn escapes_see_the_text_as_it_will_be() {
    for body in [
        "<p>one &lt;\u{feff}script&gt;alert(1)&lt;/script&gt;</p>",
        "<p>&lt;\u{1d422}mg src=x onerror=alert(1)&gt;</p>",
        "<p>see @\u{feff}[tag](x) and @\u{200e}[attribute]\u{feff}(1-1)</p>",
        "<p>[c2]\u{feff}(http://evil.example/) ![c2]\u{200f}(http://evil.example/)</p>",
        "<p>&am\u{feff}p;lt; &\u{feff}lt;b&gt;</p>",
        "<pre>x\n`\u{feff}`\u{feff}`\n&lt;script&gt;alert(3)&lt;/script&gt;</pre>",
        "<pre>a @\u{feff}[tag](x) b</pre>",
        "<p><code>@\u{feff}[tag](x)</code> <code>a\u{feff}`b &lt;b&gt;</code></p>",
        "<p>*<code>@[\u{200d}](http://evil.example/)</code>*</p>",
        "<p>\u{feff}# no heading</p><p>\u{feff}```</p><p>\u{feff}&lt;b&gt;</p>",
        "<blockquote><pre>a&#13;&lt;script&gt;&#13;[x](http://evil.example/)</pre></blockquote>",
        "<table><tr><th>a<th>b</tr><tr><td>\u{feff}|<td>&lt;\u{feff}b&gt;</table>",
        "<p><img alt=\"]\u{feff}(http://evil.example/) &lt;\u{feff}b&gt;\" src=\"https://ok.example/i.png\"></p>",
    ] {
        for author in ["A. Author", "A &lt;\u{feff}b&gt; @\u{feff}[tag](x)"] {
            let report = report(author, body);
            assert_eq!(alive(&report), Vec::<String>::new(), "{body}: {report}");
        }
    }
}

#[test]
fn unseen_characters_part_no_value() {
    let body =
        "<p>evil\u{200b}[.]\u{ad}exam\u{feff}ple and d41d8cd98f00\u{2060}b204e9800998ecf8427e</p>";
    let report = report("A", body);
    assert!(
        report.contains("evil[.]example and d41d8cd98f00b204e9800998ecf8427e"),
        "{report}"
    );
}

/// Text made of what means something to Markdown or HTML, and of what vanishes or changes on the way.
#[expect(clippy::too_many_lines, reason = "a list of pieces")]
fn tricky() -> impl Strategy<Value = String> {
    let marks = prop::sample::select(vec![
        "*",
        "_",
        "`",
        "```",
        "[",
        "]",
        "(",
        ")",
        "](",
        "<",
        ">",
        "</",
        "!",
        "![",
        "|",
        "\\",
        "&",
        "#",
        "- ",
        "1. ",
        "~~",
        "@",
        "@[",
        "@[tag](x)",
        "<b>",
        "<script>",
        "<!--",
        "-->",
        "&lt;",
        "&#60;",
        "lt;",
        "[x]: http://e.example",
        "](http://e.example/)",
        "<http://e.example/>",
        "===",
        "---",
        "\n",
        "    ",
        "word",
        "a",
        "\u{a0}",
        "b>",
        "script>",
        "tag](x)",
    ]);
    let unseen = prop::sample::select(vec![
        "\u{feff}",
        "\u{200e}",
        "\u{202e}",
        "\u{200b}",
        "\u{ad}",
        "\u{7f}",
        "\u{85}",
        "\u{1d422}",
        "\u{1f3fd}",
        "\u{1f525}",
        "\u{e0041}",
        "\r",
        "\u{c}",
        "\u{1f170}",
        "\u{200d}",
        "\u{2028}",
    ]);
    let part = prop_oneof![2 => marks, 1 => unseen];
    prop::collection::vec(part, 1..12).prop_map(|parts| parts.concat())
}

/// An element of a page with such text in it.
fn element() -> impl Strategy<Value = String> {
    (tricky(), tricky(), 0..10_u8).prop_map(|(a, b, shape)| {
        let escape =
            |text: &str| html_escape::encode_double_quoted_attribute(text).replace('\r', "&#13;");
        let (a, b) = (escape(&a), escape(&b));
        match shape {
            0 => format!("<p>{a}<b>{b}</b></p>"),
            1 => format!("<p>{a}<code>{b}</code>{a}</p>"),
            2 => format!("<p>{a}<a href=\"https://ok.example/{b}\">{b}</a>{a}</p>"),
            3 => format!("<pre>{a}\n{b}</pre>"),
            4 => format!("<ul><li>{a}<li>{b}<br>{a}</ul>"),
            5 => format!("<table><tr><th>{a}<th>{b}<tr><td>{b}<td><code>{a}</code></table>"),
            6 => format!("<blockquote><p>{a}</p><pre>{b}</pre></blockquote>"),
            7 => format!("<h2>{a}</h2><p>{b}</p>"),
            8 => format!("<p><img src=\"https://ok.example/{b}\" alt=\"{a}\"></p>"),
            _ => format!("<p>{a}<br>{b}<i>{a}</i></p>"),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_comes_alive(author in tricky(), elements in prop::collection::vec(element(), 1..6)) {
        let author = html_escape::encode_double_quoted_attribute(&author).into_owned();
        let report = report(&author, &elements.concat());
        let alive = alive(&report);
        prop_assert!(alive.is_empty(), "{:?} in {}", alive, report);
    }
}
