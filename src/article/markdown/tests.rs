//! The rendered report, read back by a CommonMark parser, is the text it was made from.

use std::sync::Arc;

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{Mark, render, render_with};
use crate::article::blocks::{Block, Cell, Kind, Marker, Region, Run, Style};
use crate::event::text::storable;

/// What a viewer shows: texts of blocks (cells parted by tabs), and the targets of links.
fn shown(markdown: &str) -> (Vec<String>, Vec<String>) {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let (mut blocks, mut links) = (vec![String::new()], Vec::new());
    for event in Parser::new_ext(markdown, options) {
        let last = blocks.last_mut().unwrap();
        match event {
            Event::Text(text) | Event::Code(text) => last.push_str(&text),
            Event::HardBreak => last.push('\n'),
            Event::SoftBreak => panic!("a soft break in {markdown:?}"),
            Event::Html(html) | Event::InlineHtml(html) => panic!("live {html:?} in {markdown:?}"),
            Event::Start(Tag::Link { dest_url, .. }) => links.push(dest_url.to_string()),
            Event::Start(Tag::Image { .. }) => panic!("an image in {markdown:?}"),
            Event::End(TagEnd::TableCell) => last.push('\t'),
            Event::Start(
                Tag::Paragraph
                | Tag::Heading { .. }
                | Tag::CodeBlock(_)
                | Tag::Item
                | Tag::TableRow
                | Tag::TableHead
                | Tag::Table(_),
            ) => {
                blocks.push(String::new());
            }
            _ => {}
        }
    }
    blocks.retain(|block| !block.trim_matches('\t').is_empty());
    (blocks, links)
}

fn paragraph(text: &str) -> Block {
    Block::plain(Kind::Paragraph, text)
}

fn row(table: u32, header: bool, cells: &[&str]) -> Block {
    Block {
        kind: Kind::TableRow {
            table,
            header,
            headers: Arc::from(Vec::new()),
        },
        region: Region::Main,
        quote: 0,
        cells: cells.iter().map(|text| Cell::plain(*text)).collect(),
    }
}

const MAX: usize = 1 << 20;

#[test]
fn values_stay_readable() {
    for text in [
        "evil[.]com",
        "hxxps://evil[.]com/a_b?c=d&e=f#g",
        "C:\\Windows\\System32\\cmd.exe",
        "user[@]example[.]org (see note)",
        "a_b, 1.2.3.4, x-y, 5 < 6 > 4, 3 * 4, ~user, {x}",
        "Why? Because! (1) yes: \"quoted\" it's 100%",
        "2 ** 3",
        "SHA-256: d41d8cd98f00b204e9800998ecf8427e",
        "$env:TEMP + 'x' = y",
    ] {
        let expected = if text == "2 ** 3" {
            None
        } else {
            Some(format!("{text}\n"))
        };
        let markdown = render(&[paragraph(text)], MAX);
        if let Some(expected) = expected {
            assert_eq!(markdown, expected);
        }
        assert_eq!(shown(&markdown).0, [text]);
    }
}

/// Texts that would mean something to Markdown.
const TRICKY: &[&str] = &[
    "# no heading",
    "#",
    "#hash",
    "- no item",
    "+ x",
    "* x",
    "1. x",
    "12) x",
    "1.5 x",
    "> x",
    "---",
    "***",
    "___",
    "===",
    "a\n===",
    "a\n---",
    "a\n-",
    "a | b\n--- | ---",
    "|a|b|\n|-|-|",
    "```",
    "~~~",
    "~~gone~~",
    "`code`",
    "``",
    "*em* **strong** _em_ __init__",
    "a*b*c",
    "[x](y)",
    "[x][y]",
    "[x]: http://y",
    "[^1]: note",
    "![x](y)",
    "<script>alert(1)</script>",
    "</div>",
    "<!-- x -->",
    "<?php ?>",
    "<http://x.example>",
    "<a@b.example>",
    "<1@b.example>",
    "<&@0>",
    "<= 3 <5 and 6",
    "a<b",
    "&amp; &lt;b&gt; &#64; &copy &x",
    "\\",
    "a\\",
    "\\*",
    "a\\\nb",
    "@[tag](tlp:red)",
    "@[attribute](1-2)",
    "!@[x](y)",
    "[@[x](y)]",
    "a\n# b",
    "a\n1. b",
    "a\n> b",
    "x\n[y]: z",
    "]( [",
    "a](b)",
    "!",
    "![",
    "    x",
    "\u{a0}x",
    "http://a.example/*b*",
    "[ ] todo",
    "a\n\tb",
    "$$x$$",
    "x^2^ ~y~",
    ":smile:",
    "* * *",
    "- - -",
    "=",
    "|",
    "a|b",
    "1.",
    "-",
    "+",
];

#[test]
fn text_stays_text() {
    for text in TRICKY {
        for kind in [
            Kind::Paragraph,
            Kind::ListItem {
                depth: 0,
                marker: Marker::Bullet,
            },
            Kind::Code { language: None },
        ] {
            let markdown = render(&[Block::plain(kind.clone(), *text)], MAX);
            let (blocks, links) = shown(&markdown);
            let code = matches!(kind, Kind::Code { .. });
            let found: String = blocks.concat().replace('\u{2060}', "");
            let expected = if code {
                format!("{text}\n")
            } else {
                trimmed(text)
            };
            assert_eq!(found, expected, "{markdown:?}");
            assert!(links.is_empty(), "{markdown:?}");
        }
    }
}

fn trimmed(text: &str) -> String {
    text.split('\n')
        .map(str::trim)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn headings_keep_their_ends() {
    for text in ["C#", "C #", "a ##", "#", "\\#", "two\nlines"] {
        let markdown = render(&[Block::plain(Kind::Heading { level: 2 }, text)], MAX);
        assert!(markdown.starts_with("## "));
        assert_eq!(
            shown(&markdown).0,
            [text.replace('\n', " ")],
            "{markdown:?}"
        );
    }
}

#[test]
fn cells_hold_pipes_and_lines() {
    let blocks = [
        row(0, true, &["A|B", "C"]),
        row(0, false, &["a\\|b", "one\ntwo", "three"]),
        row(0, false, &["", "`x|y`"]),
        row(1, false, &["next", "table"]),
    ];
    let (rows, _) = shown(&render(&blocks, MAX));
    assert_eq!(
        rows,
        [
            "A|B\tC\t\t",
            "a\\|b\tone two\tthree\t",
            "\t`x|y`\t\t",
            "next\ttable\t"
        ]
    );
    let mut code = row(0, true, &["head"]);
    code.cells = vec![Cell {
        runs: vec![Run {
            text: "a|b\\|c".into(),
            style: Style {
                code: true,
                ..Style::default()
            },
            link: None,
        }],
    }];
    assert_eq!(shown(&render(&[code], MAX)).0, ["a|b\\|c\t"]);
}

#[test]
fn fences_outgrow_what_they_hold() {
    let block = Block::plain(
        Kind::Code {
            language: Some("bash".into()),
        },
        "```\n````x\n```",
    );
    let markdown = render(&[block], MAX);
    assert!(markdown.starts_with("`````bash\n"), "{markdown}");
    assert_eq!(shown(&markdown).0, ["```\n````x\n```\n"]);
}

#[test]
fn references_in_code_are_parted() {
    let markdown = render(
        &[Block::plain(
            Kind::Code { language: None },
            "x @[tag](tlp:red)",
        )],
        MAX,
    );
    assert!(!markdown.contains("@[tag]("), "{markdown}");
    let mut inline = paragraph("@[attribute](9)");
    for run in &mut inline.cells.first_mut().unwrap().runs {
        run.style.code = true;
    }
    let markdown = render(&[inline], MAX);
    assert!(!markdown.contains("@["), "{markdown}");
    assert_eq!(shown(&markdown).0, ["@[attribute](9)"]);
}

#[test]
fn code_that_opens_a_reference_is_closed_by_no_link() {
    let run = |text: &str, code, link: Option<&str>| Run {
        text: text.into(),
        style: Style {
            code,
            ..Style::default()
        },
        link: link.map(Arc::from),
    };
    let bold = |text| {
        let mut run = run(text, true, None);
        run.style.strong = true;
        run
    };
    let link = Some("https://x.example/");
    for runs in [
        vec![run("@[", true, link)],
        vec![run("@[", true, None), run("tag", false, link)],
        vec![run("@", true, None), bold("["), run("tag", false, link)],
    ] {
        let mut block = paragraph("");
        block.cells.first_mut().unwrap().runs = runs;
        let markdown = render(&[block], MAX);
        assert!(!markdown.contains("@["), "{markdown}");
        assert_eq!(shown(&markdown).1, ["https://x.example/"]);
    }
}

#[test]
fn no_address_begins_in_bold() {
    let mut block = paragraph("b <1");
    let runs = &mut block.cells.first_mut().unwrap().runs;
    for run in runs.iter_mut() {
        run.style.strong = true;
    }
    runs.push(Run {
        text: "@b.example>".into(),
        style: Style::default(),
        link: None,
    });
    let markdown = render(&[block], MAX);
    assert_eq!(
        shown(&markdown),
        (vec!["b <1@b.example>".to_owned()], vec![])
    );
}

#[test]
fn an_at_sign_before_a_link_makes_no_reference() {
    let mut block = paragraph("mail @");
    block.cells.first_mut().unwrap().runs.push(Run {
        text: "tag".into(),
        style: Style::default(),
        link: Some(Arc::from("https://x.example/")),
    });
    let markdown = render(&[block], MAX);
    assert!(!markdown.contains("@["), "{markdown}");
    assert_eq!(
        shown(&markdown),
        (
            vec!["mail @tag".to_owned()],
            vec!["https://x.example/".to_owned()]
        )
    );
}

#[test]
fn lists_nest() {
    let item = |depth, marker, text: &str| Block::plain(Kind::ListItem { depth, marker }, text);
    let blocks = [
        item(0, Marker::Bullet, "a"),
        item(1, Marker::Number(9), "b\nb2"),
        item(1, Marker::Number(10), "c"),
        item(2, Marker::Bullet, "d"),
        item(2, Marker::None, "d2"),
        item(0, Marker::Bullet, "e"),
        paragraph("f"),
        item(5, Marker::Bullet, "g"),
    ];
    insta::assert_snapshot!(render(&blocks, MAX), @r"
    - a
      9. b\
         b2
      10. c
          - d

            d2
    - e

    f

    - g
    ");
}

#[test]
fn a_report_is_cut_between_blocks() {
    let blocks: Vec<Block> = (0..100)
        .map(|n| paragraph(&format!("paragraph {n}")))
        .collect();
    let whole = render(&blocks, MAX);
    let cut = render(&blocks, 500);
    assert!(cut.len() <= 500, "{}", cut.len());
    assert!(cut.contains("The report is cut here"));
    let kept = cut.split("\n*The").next().unwrap();
    assert!(whole.starts_with(kept));
    let rows: Vec<Block> = (0..100).map(|n| row(0, n == 0, &["value", "x"])).collect();
    let cut = render(&rows, 500);
    assert!(
        cut.len() <= 500 && cut.matches("value").count() > 5,
        "{cut}"
    );
    assert!(render(&blocks, 0).len() < 120);
}

#[test]
fn a_long_block_is_cut_at_a_line_or_word() {
    let values: String = (0..2_000)
        .map(|n| format!("host{n}.example <b>\n"))
        .collect();
    let item = Kind::ListItem {
        depth: 0,
        marker: Marker::Bullet,
    };
    for kind in [Kind::Code { language: None }, Kind::Paragraph, item] {
        for text in [values.clone(), values.replace('\n', " ")] {
            let cut = render(
                &[
                    paragraph("first"),
                    Block::plain(kind.clone(), text),
                    paragraph("last"),
                ],
                8_000,
            );
            assert!(
                (6_000..=8_000).contains(&cut.len()),
                "{} {kind:?}",
                cut.len()
            );
            assert!(
                cut.contains("The report is cut here") && !cut.contains("last"),
                "{cut}"
            );
            let (blocks, links) = shown(&cut);
            assert!(links.is_empty());
            let hosts = blocks.concat();
            let whole = hosts
                .split_whitespace()
                .filter(|word| word.starts_with("host"));
            assert!(
                whole.clone().count() > 200 && whole.clone().all(|word| word.ends_with(".example")),
                "{cut}"
            );
        }
    }
    let rows: Vec<Block> = (0..3).map(|n| row(0, n == 0, &["x", &values])).collect();
    let cut = render(&rows[1..], 8_000);
    assert!((6_000..=8_000).contains(&cut.len()), "{}", cut.len());
}

#[test]
fn many_lines_take_time_in_proportion() {
    let start = std::time::Instant::now();
    let text: String = (0..20_000).map(|n| format!("{n:032x}\n")).collect();
    let report = render(&[paragraph(&text)], MAX);
    let cells: Vec<String> = (0..5_000).map(|n| format!("{n:032x}")).collect();
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    let table = render(&[row(0, false, &cells)], MAX);
    assert!(report.len() > 600_000 && table.len() > 150_000);
    assert!(
        start.elapsed() < std::time::Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
}

/// Texts made of what means something to Markdown.
fn tricky() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[a-z0-9]{1,4}",
        4 => r"[-*_`~\[\]()<>!#+=|\\&;:@.^$ 1x]{1,4}",
        1 => Just("\n".to_owned()),
        1 => Just("&amp;".to_owned()),
        1 => Just("@[tag](".to_owned()),
        1 => Just("](http://".to_owned()),
        1 => "[é漢\u{1f600}\u{a0}“–]{1,2}",
    ];
    prop::collection::vec(part, 1..8).prop_map(|parts| parts.concat())
}

fn runs() -> impl Strategy<Value = Vec<Run>> {
    let run =
        (tricky(), 0_u8..8, prop::option::weighted(0.3, 0_u8..2)).prop_map(|(text, look, link)| {
            Run {
                text,
                style: Style {
                    code: look == 1,
                    strong: look & 2 != 0,
                    em: look & 4 != 0,
                },
                link: link.map(|n| Arc::from(format!("https://x.example/{n}"))),
            }
        });
    prop::collection::vec(run, 1..5)
}

/// Blanks are where a reader expects one; which kind, or how many, nobody sees.
fn words(text: &str) -> String {
    let text: String = storable(text)
        .chars()
        .filter(|c| *c != '\u{2060}')
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_paragraph_renders_as_its_text(runs in runs()) {
        let mut block = paragraph("");
        block.cells.first_mut().unwrap().runs = runs;
        let markdown = render(std::slice::from_ref(&block), MAX);
        let (blocks, links) = shown(&markdown);
        prop_assert_eq!(words(&blocks.join(" ")), words(&block.text()), "{:?}", markdown);
        prop_assert!(links.iter().all(|link| link.starts_with("https://x.example/")), "{:?}", markdown);
        prop_assert!(!crate::article::markdown::escape::has_reference(&markdown), "{:?}", markdown);
    }

    #[test]
    fn a_reference_breaks_nothing_around_it(
        mut runs in runs(),
        at in 0_usize..5,
        look in 0_u8..8,
        link in prop::option::weighted(0.3, 0_u8..2),
    ) {
        const VALUE: &str = "c2.evil.top";
        let uuid = "3a5616b8-b5ea-58a3-8540-10411338f594";
        for run in &mut runs {
            // Code beside it would be one with it.
            run.style.code = false;
        }
        let at = at.min(runs.len());
        let start = runs.iter().take(at).map(|run| run.text.len()).sum();
        runs.insert(at, Run {
            text: VALUE.into(),
            style: Style { code: look == 1, strong: look & 2 != 0, em: look & 4 != 0 },
            link: link.map(|n| Arc::from(format!("https://x.example/{n}"))),
        });
        for mut block in [paragraph(""), row(0, false, &["", "x"])] {
            block.cells.first_mut().unwrap().runs.clone_from(&runs);
            let text = block.text();
            let reference = format!("@[attribute]({uuid})");
            let mark = Mark::value(0, start..start + VALUE.len(), reference.as_str());
            let markdown = render_with(std::slice::from_ref(&block), std::slice::from_ref(&mark), MAX);
            let (blocks, links) = shown(&markdown);
            let expected = format!(
                "{}@attribute{}",
                text.get(..start).unwrap(),
                text.get(start + VALUE.len()..).unwrap()
            );
            prop_assert_eq!(words(&blocks.join(" ")), words(&expected), "{:?}", markdown);
            prop_assert_eq!(links.iter().filter(|link| *link == uuid).count(), 1, "{:?}", markdown);
            let (before, after) = markdown.split_once(&reference).unwrap();
            for rest in [before, after] {
                prop_assert!(!crate::article::markdown::escape::has_reference(rest), "{:?}", markdown);
            }
        }
    }

    #[test]
    fn any_cell_renders_as_its_text(runs in runs()) {
        let mut block = row(0, false, &["x", ""]);
        block.cells.last_mut().unwrap().runs = runs;
        let markdown = render(std::slice::from_ref(&block), MAX);
        let (blocks, _) = shown(&markdown);
        prop_assert_eq!(words(&blocks.join(" ")), words(&block.text()), "{:?}", markdown);
    }

    #[test]
    fn any_code_renders_as_its_text(text in tricky()) {
        let markdown = render(&[Block::plain(Kind::Code { language: None }, text.as_str())], MAX);
        prop_assert_eq!(words(&shown(&markdown).0.concat()), words(&text), "{:?}", markdown);
    }
}
