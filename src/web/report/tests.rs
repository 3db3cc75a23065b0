use std::time::{Duration, Instant};

use super::*;

const UUID: &str = "25f1aa89-3c9d-5f0e-9a5e-0123456789ab";

fn html(markdown: &str) -> String {
    let meanings = [(UUID.to_owned(), "evil.top/<b>".to_owned())].into();
    let hostile = ["evil.top", "http://bad.example/a", "192.0.2.7"].into();
    let rendered = render(markdown, &meanings, &hostile);
    assert!(!rendered.cut, "{markdown}");
    only_what_is_allowed(&rendered.html);
    rendered.html
}

/// Reads the HTML as a browser does, and holds that nothing is in it that was not meant.
fn only_what_is_allowed(html: &str) {
    let page = dom_query::Document::fragment(html);
    let allowed = [
        "html",
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "span",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ];
    for element in page.select("*").nodes() {
        let name = element.node_name().unwrap().to_string();
        assert!(allowed.contains(&name.as_str()), "<{name}>: {html}");
        for attribute in element.attrs() {
            let key = attribute.name.local.to_string();
            let value = attribute.value.to_string();
            let good = match (name.as_str(), key.as_str()) {
                ("a", "href") => value.starts_with("http://") || value.starts_with("https://"),
                ("a", "rel") => value == "noreferrer noopener nofollow",
                ("ol", "start") => value.bytes().all(|b| b.is_ascii_digit()),
                ("th", "scope") => value == "col",
                ("span", "class") => value == "picture",
                ("code", "class") => value == "tag",
                _ => false,
            };
            assert!(good, "<{name} {key}={value:?}>: {html}");
        }
    }
}

#[test]
fn markdown_becomes_html() {
    for (markdown, expected) in [
        (
            "# One\n\n## Two\n\n#### Four",
            "<h4>One</h4>\n<h5>Two</h5>\n<h6>Four</h6>\n",
        ),
        (
            "a *b*c **d** ~~e~~",
            "<p>a <em>b</em>c <strong>d</strong> <del>e</del></p>\n",
        ),
        ("a  \nb\nc", "<p>a<br>\nb\nc</p>\n"),
        ("- a\n- b", "<ul><li>a</li>\n<li>b</li>\n</ul>\n"),
        ("7. a", "<ol start=\"7\"><li>a</li>\n</ol>\n"),
        ("> a", "<blockquote><p>a</p>\n</blockquote>\n"),
        ("```sh\na < b\n```", "<pre><code>a &lt; b\n</code></pre>\n"),
        ("---", "<hr>\n"),
        (
            "| a | b |\n|---|--:|\n| c | d |",
            "<table><thead><tr><th scope=\"col\">a</th><th scope=\"col\">b</th></tr></thead>\n\
             <tr><td>c</td><td>d</td></tr>\n</table>\n",
        ),
        (
            "[a](https://x.example/?b=1&c=%22)",
            "<p><a href=\"https://x.example/?b=1&amp;c=%22\" rel=\"noreferrer noopener nofollow\">a</a></p>\n",
        ),
        (
            "![a *b*](https://x.example/p.png \"t\")",
            "<p><span class=\"picture\">Picture: a <em>b</em> <code>https://x.example/p.png</code></span></p>\n",
        ),
    ] {
        assert_eq!(html(markdown), expected, "{markdown}");
    }
}

#[test]
fn references_are_shown_as_what_they_mean() {
    let code = "<code>evil.top/&lt;b&gt;</code>";
    let name = "misp-galaxy:x=\"*A* b_c_ - T1\"";
    let tag = "<code class=\"tag\">misp-galaxy:x=&quot;*A* b_c_ - T1&quot;</code>";
    for (markdown, expected) in [
        (
            format!("calls @[attribute]({UUID})."),
            format!("<p>calls {code}.</p>\n"),
        ),
        (
            format!("**@[object]({UUID})**"),
            format!("<p><strong>{code}</strong></p>\n"),
        ),
        (format!("@[tag]({name}) is"), format!("<p>{tag} is</p>\n")),
        (
            format!("| a |\n|---|\n| @[tag]({name}) |"),
            format!(
                "<table><thead><tr><th scope=\"col\">a</th></tr></thead>\n<tr><td>{tag}</td></tr>\n</table>\n"
            ),
        ),
        (
            "@[attribute](x<i>)".into(),
            "<p>attribute <code>x&lt;i&gt;</code></p>\n".into(),
        ),
        // Where they are none.
        (
            format!("`@[attribute]({UUID})`"),
            format!("<p><code>@[attribute]({UUID})</code></p>\n"),
        ),
        (
            format!("```\n@[object]({UUID})\n```"),
            format!("<pre><code>@[object]({UUID})\n</code></pre>\n"),
        ),
        (
            format!("[a](@[attribute]({UUID}))"),
            format!("<p><span>a</span> <code>@[attribute]({UUID})</code></p>\n"),
        ),
        (r"\@\[tag\]\(x\)".into(), "<p>@[tag](x)</p>\n".into()),
        // A text that brings marks of its own.
        (
            "\u{fdd0}0\u{fdd1} @[tag](x)".into(),
            "<p>\u{fffd}0\u{fffd} <code class=\"tag\">x</code></p>\n".into(),
        ),
    ] {
        assert_eq!(html(&markdown), expected, "{markdown}");
    }
}

#[test]
fn nothing_hostile_comes_through() {
    for markdown in [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "<div onclick=\"alert(1)\">\n\n*x*\n\n</div>",
        "<svg/onload=alert(1)>",
        "<!-- x --><style>*{display:none}</style><?php x ?><![CDATA[x]]>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "</article></main><iframe src=//evil.example>",
        "<form action=/jobs/1/remove method=post><button>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java&#x0A;script:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x) [x](file:///etc/passwd) [x](//evil.example) [x](/jobs/1/remove) [x](ftp://a.example)",
        "[x](<javascript:alert(1)>) <javascript:alert(1)> <data:text/html,x>",
        "[x][r]\n\n[r]: javascript:alert(1) \"t\"",
        "[x](https://a.example/\"onmouseover=\"alert(1)) [y](https://a.example/'><script>)",
        "[x](https://a.example \"t\\\" onmouseover=\\\"alert(1)\")",
        "![x](https://evil.example/pixel.png) ![x\" onerror=\"alert(1)](x) ![](javascript:alert(1))",
        "[![x](https://a.example/p.png)](https://a.example)",
        "![a ![b](c) [d](https://a.example) <b>](e)",
        "``` \"><script>alert(1)</script>\nx\n```",
        "`<script>` ~~~<script>\n<script>",
        "1. a\n2. <script>\n\n| <script> | ![x](y) |\n|---|---|\n| <img src=x> | `<b>` |",
        "# <h1 onclick=x> {onclick=alert(1)}",
        "@[attribute](\"><script>alert(1)</script>) @[tag](<img src=x>) @[object](' onclick=x)",
        "<b @[tag](x)> [a@[tag](\"<b>)](https://a.example/@[tag](<b>\"))",
        "&lt;script&gt; &#60;script&#62; &amp;lt; &quot;",
        "<scr\u{0}ipt>\u{1b}[2J",
    ] {
        let shown = html(markdown);
        assert!(
            !shown.contains('\u{0}') && !shown.contains('\u{1b}'),
            "{shown}"
        );
        // Names in text are words; what would make them more is not there.
        for active in [
            "<script", "<img", "<svg", "<iframe", "<style", "href=\"j", "href=\"d",
        ] {
            assert!(!shown.contains(active), "{active}: {shown}");
        }
    }
}

#[test]
fn links_lead_to_the_web_and_never_to_what_is_to_be_detected() {
    for (address, is_link) in [
        ("https://blog.example/a", true),
        ("http://bad.example/b", true),
        ("http://bad.example/a", false),
        ("HTTP://BAD.example/a", false),
        ("https://evil.top", false),
        ("https://evil.top:8443/x?y", false),
        ("https://cdn.EVIL.top/", false),
        ("https://cdn.ev\u{131}l.top/", true),
        ("https://notevil.top/", true),
        ("http://192.0.2.7/a", false),
        ("http://3221225991/a", false),
        ("mailto:a@b.example", false),
    ] {
        let shown = html(&format!("[text]({address})"));
        assert_eq!(shown.contains("<a "), is_link, "{address}: {shown}");
        assert!(shown.contains("text"), "{shown}");
        if !is_link {
            assert!(
                shown.contains(&format!("<code>{address}</code>")),
                "{shown}"
            );
        }
    }
}

#[test]
fn what_turns_or_hides_text_is_taken_out() {
    assert_eq!(
        html("a\u{202e}b\u{2066}c\u{200b}d\u{feff} `@\u{2060}[tag](x)` \u{1f468}\u{200d}\u{1f469}"),
        "<p>abcd <code>@[tag](x)</code> \u{1f468}\u{200d}\u{1f469}</p>\n"
    );
}

#[test]
fn what_is_large_or_deep_is_bounded() {
    let lines = "word word word\n".repeat(40_000);
    let rendered = render(&lines, &BTreeMap::new(), &BTreeSet::new());
    assert!(rendered.cut);
    assert!(rendered.html.ends_with("word</p>\n"));
    assert!(rendered.html.len() <= MOST_MARKDOWN + 100);

    let meanings = [("x".to_owned(), "&".repeat(300))].into();
    let many = "@[object](x)\n\n".repeat(28_000);
    let rendered = render(&many, &meanings, &BTreeSet::new());
    assert!(rendered.cut && rendered.html.len() < MOST_HTML + 10_000);
    only_what_is_allowed(&rendered.html);

    let begun = Instant::now();
    for nasty in [
        "> ",
        "- ",
        "*a ",
        "*a_",
        "[",
        "![",
        "[a](",
        "`a",
        "``",
        "<",
        "<a ",
        "<!--",
        "|a|\n|-|\n",
        "a|",
        "#",
        "&#",
        "\\",
        "@[tag](",
        "[a]: b\n[a]\n",
        "**a ",
        "~~",
        "1. ",
        "\t",
        "&",
        "![a](b",
    ] {
        let markdown = nasty.repeat(MOST_MARKDOWN / nasty.len());
        let rendered = render(&markdown, &BTreeMap::new(), &BTreeSet::new());
        let depth = rendered.html.split("<blockquote>").count();
        assert!(depth <= 50, "{nasty:?}: {depth}");
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(60), "{nasty:?}: {took:?}");
    }
}
