//! References stand at their places, and nothing around them breaks.

use super::super::render_with;
use super::*;
use crate::article::blocks::{Cell, Marker, Region};

const MAX: usize = 1 << 20;
const UUID: &str = "3a5616b8-b5ea-58a3-8540-10411338f594";

fn reference() -> String {
    format!("@[attribute]({UUID})")
}

fn run(text: &str) -> Run {
    Run {
        text: text.into(),
        style: Style::default(),
        link: None,
    }
}

fn code(text: &str) -> Run {
    Run {
        style: Style {
            code: true,
            ..Style::default()
        },
        ..run(text)
    }
}

fn strong(text: &str) -> Run {
    Run {
        style: Style {
            strong: true,
            ..Style::default()
        },
        ..run(text)
    }
}

fn link(text: &str) -> Run {
    Run {
        link: Some(Arc::from("https://evil.top/x")),
        ..run(text)
    }
}

fn block(runs: &[Run]) -> Block {
    let mut block = Block::plain(Kind::Paragraph, "");
    block.cells[0].runs = runs.to_vec();
    block
}

fn marks(block: &Block, values: &[&str], is_target: bool) -> Vec<Mark> {
    let text = block.text();
    values
        .iter()
        .map(|value| {
            let start = text.find(value).unwrap();
            let make = if is_target { Mark::target } else { Mark::value };
            make(0, start..start + value.len(), reference())
        })
        .collect()
}

/// The report of one block, with `REF` for the reference.
fn shown(block: &Block, marks: &[Mark]) -> String {
    let markdown = render_with(std::slice::from_ref(block), marks, MAX);
    markdown.trim_end().replace(&reference(), "REF")
}

#[test]
fn a_reference_takes_the_place_of_the_value() {
    for (runs, value, expected) in [
        (
            vec![run("calls evil[.]top, daily")],
            "evil[.]top",
            "calls REF, daily",
        ),
        (vec![run("evil[.]top")], "evil[.]top", "REF"),
        (
            vec![run("[evil.top](x) evil")],
            "evil.top",
            "[REF]\\(x) evil",
        ),
        (vec![run("!evil.top![x](y)")], "evil.top", "!REF\\![x]\\(y)"),
        (vec![run("a_evil.top_ b*")], "evil.top", "a\\_REF\\_ b\\*"),
        (vec![run("1. evil.top")], "evil.top", "1\\. REF"),
        (vec![run("back\\evil.top\\")], "evil.top", "back\\\\REF\\\\"),
        (vec![run("mail@evil.top")], "evil.top", "mail@REF"),
        (
            vec![run("one\nevil.top\ntwo")],
            "evil.top",
            "one\\\nREF\\\ntwo",
        ),
        // Styles around it stay, its own do not.
        (
            vec![run("the "), strong("evil"), run(".top host")],
            "evil.top",
            "the REF host",
        ),
        (
            vec![strong("C2: evil.top now")],
            "evil.top",
            "**C2:** REF **now**",
        ),
        (vec![strong("evil.top")], "evil.top", "REF"),
    ] {
        assert_shown(&runs, value, expected);
    }
}

#[test]
fn links_and_code_do_not_break() {
    for (runs, value, expected) in [
        // A value that is the text of a link stands without the link.
        (
            vec![run("see "), link("evil.top"), run(".")],
            "evil.top",
            "see REF.",
        ),
        (
            vec![link("get it from evil.top now")],
            "evil.top",
            "[get it from ](https://evil.top/x)REF[ now](https://evil.top/x)",
        ),
        // Code stays whole, or goes whole.
        (
            vec![run("calls "), code("evil.top"), run("!")],
            "evil.top",
            "calls REF!",
        ),
        (
            vec![run("calls "), code("evil"), code(".top")],
            "evil.top",
            "calls REF",
        ),
        (vec![code("curl evil.top")], "evil.top", "`curl evil.top`"),
        (
            vec![code("curl "), code("evil.top")],
            "evil.top",
            "`curl evil.top`",
        ),
        (vec![code("evil"), run(".top")], "evil.top", "REF"),
    ] {
        assert_shown(&runs, value, expected);
    }
}

fn assert_shown(runs: &[Run], value: &str, expected: &str) {
    let block = block(runs);
    let shown = shown(&block, &marks(&block, &[value], false));
    assert_eq!(shown, expected, "{runs:?}");
}

#[test]
fn a_link_to_a_value_becomes_text_and_a_reference() {
    let block = block(&[run("get it "), link("he"), link("re"), run(" now")]);
    assert_eq!(
        shown(&block, &marks(&block, &["here"], true)),
        "get it here (REF) now"
    );
    let mut both = marks(&block, &["here"], true);
    both.extend(marks(&block, &["here"], false));
    assert_eq!(shown(&block, &both), "get it REF now");
    let mut twice = marks(&block, &["here"], true);
    twice.extend(marks(&block, &["here"], true));
    assert_eq!(shown(&block, &twice), "get it here (REF) now");
}

#[test]
fn of_overlapping_marks_the_first_and_longest_counts() {
    let block = block(&[run("http://evil.top/a b")]);
    let marks = marks(&block, &["evil.top", "http://evil.top/a", "a b"], false);
    assert_eq!(shown(&block, &marks), "REF b");
}

#[test]
fn blocks_of_every_kind_show_references() {
    let item = Kind::ListItem {
        depth: 0,
        marker: Marker::Bullet,
    };
    for (kind, expected) in [
        (Kind::Heading { level: 2 }, "## REF #2"),
        (item, "- REF #2"),
        (Kind::Code { language: None }, "```\nevil.top #2\n```"),
    ] {
        let block = Block::plain(kind, "evil.top #2");
        assert_eq!(
            shown(&block, &marks(&block, &["evil.top"], false)),
            expected
        );
    }
    let row = Block {
        kind: Kind::TableRow {
            table: 0,
            header: true,
            headers: Arc::from(Vec::new()),
        },
        region: Region::Main,
        quote: 0,
        cells: vec![
            Cell::plain("a|b"),
            Cell::plain("evil.top"),
            Cell::plain("x"),
        ],
    };
    let all = marks(&row, &["evil.top"], false);
    assert_eq!(
        shown(&row, &all),
        "| a\\|b | REF | x |\n| --- | --- | --- |"
    );
    let mut across = all.clone();
    across[0].span.end += 2;
    assert_eq!(
        shown(&row, &across),
        "| a\\|b | evil.top | x |\n| --- | --- | --- |"
    );
}

#[test]
fn marks_of_what_does_not_exist_are_no_harm() {
    let block = block(&[run("ä evil.top")]);
    for span in [1..2, 5..500, 4..4, 600..601] {
        let mark = Mark::value(0, span, reference());
        let elsewhere = Mark {
            block: 7,
            ..mark.clone()
        };
        assert_eq!(shown(&block, &[mark, elsewhere]), "ä evil.top");
    }
}

#[test]
fn a_cut_never_parts_a_reference() {
    let text = "evil.top ".repeat(400);
    let block = block(&[run(text.trim())]);
    let marks: Vec<Mark> = (0..400)
        .map(|n| Mark::value(0, n * 9..n * 9 + 8, reference()))
        .collect();
    for max in (700..3_000).step_by(37) {
        let markdown = render_with(std::slice::from_ref(&block), &marks, max);
        assert!(markdown.len() <= max);
        let body = markdown.split("\n*The").next().unwrap();
        let left = body.replace(&reference(), "");
        assert!(
            left.trim().is_empty() && body.len() > max / 2,
            "{max}: {markdown}"
        );
    }
}

#[test]
fn no_bracket_of_an_address_is_left_alone() {
    for (text, value, expected) in [
        ("at [2a0d::1]:443 now", "2a0d::1]:443", "at REF now"),
        ("at [2a0d::1]:443", "[2a0d::1]:443", "at REF"),
        ("at [2a0d::1]:443", "2a0d::1", "at [REF]:443"),
        ("evil[.top]", "evil[.top", "REF"),
        ("[evil[.]top]", "evil[.]top", "[REF]"),
        (
            "([2a0d::1 or 2a0d::2]:443",
            "2a0d::2]:443",
            "([2a0d::1 or REF",
        ),
    ] {
        assert_shown(&[run(text)], value, expected);
    }
}

#[test]
fn a_link_to_a_bad_host_leads_nowhere() {
    for (text, target, expected) in [
        (
            "here",
            "http://evil.top/p.exe",
            "get here (`http://evil.top/p.exe`) now",
        ),
        ("evil.top", "https://evil.top/", "get `evil.top` now"),
        (
            "http://evil.top/a_b_",
            "http://evil.top/a_b_",
            "get `http://evil.top/a_b_` now",
        ),
        (
            "hxxp://evil[.]top/a",
            "http://evil.top/a",
            "get hxxp://evil[.]top/a now",
        ),
        (
            "`x`",
            "http://evil.top/`|",
            "get \\`x\\` (``http://evil.top/`|``) now",
        ),
    ] {
        let link = Run {
            link: Some(Arc::from(target)),
            ..run(text)
        };
        let block = block(&[run("get "), link.clone(), run(" now")]);
        let span = 4..4 + text.len();
        let dead = Mark::unlinked(0, span.clone(), text, target);
        assert_eq!(shown(&block, std::slice::from_ref(&dead)), expected);
        // A reference says it better.
        let target = Mark::target(0, span.clone(), reference());
        let both = shown(&block, &[target, dead.clone()]);
        assert!(
            both.contains("(REF) now") && !both.contains("](http"),
            "{both}"
        );
        let value = Mark::value(0, span, reference());
        let both = shown(&block, &[value, dead]);
        assert!(
            both.starts_with("get REF") && !both.contains("](http"),
            "{both}"
        );
    }
}

#[test]
fn a_picture_at_a_bad_host_leads_nowhere() {
    for (alt, expected) in [
        ("A *chart*", "A \\*chart\\* (`http://evil.top/a.png`)"),
        ("", "image (`http://evil.top/a.png`)"),
        ("http://evil.top/a.png", "`http://evil.top/a.png`"),
    ] {
        let src = "http://evil.top/a.png";
        let picture = Block::plain(Kind::Image { src: src.into() }, alt);
        let dead = Mark::unlinked(0, 0..alt.len(), alt, src);
        assert_eq!(shown(&picture, &[dead]), expected);
    }
}

#[test]
fn a_long_target_is_shown_in_part() {
    let target = format!("http://evil.top/{}", "a".repeat(10_000));
    let block = block(&[link("here")]);
    let shown = shown(&block, &[Mark::unlinked(0, 0..4, "here", &target)]);
    assert!(shown.ends_with("a…`)") && shown.len() < 2_100, "{shown}");
}

const TAG: &str = "@[tag](misp-galaxy:mitre-attack-pattern=\"Phishing - T1566\")";

fn tag(block: &Block, value: &str, replaces: bool) -> Mark {
    let start = block.text().find(value).unwrap();
    Mark::tag(0, start..start + value.len(), TAG, replaces)
}

#[test]
fn a_tag_takes_the_place_of_its_text_or_follows_it() {
    for (runs, value, replaces, expected) in [
        (vec![run("by T1566.")], "T1566", true, format!("by {TAG}.")),
        (
            vec![run("by mail.")],
            "mail",
            false,
            format!("by mail ({TAG})."),
        ),
        (
            vec![run("by "), code("T1566"), run(".")],
            "T1566",
            true,
            format!("by {TAG}."),
        ),
        // Within code the text stays.
        (
            vec![run("by "), code("id=T1566")],
            "T1566",
            true,
            "by `id=T1566`".into(),
        ),
        (
            vec![run("by "), link("T1566")],
            "T1566",
            true,
            format!("by {TAG}"),
        ),
        (
            vec![run("by "), link("bad mail"), run("!")],
            "bad mail",
            false,
            format!("by [bad mail](https://evil.top/x) ({TAG})!"),
        ),
        (
            vec![strong("T15"), run("66 it is")],
            "T1566",
            true,
            format!("{TAG} it is"),
        ),
    ] {
        let block = block(&runs);
        assert_eq!(shown(&block, &[tag(&block, value, replaces)]), expected);
    }
}

#[test]
fn a_tag_gives_way_to_every_other_mark() {
    let block = block(&[run("T1566 at "), link("T1566"), run(" and 1.2.3.4 T1566")]);
    let text = block.text();
    let at = |number: usize| text.match_indices("T1566").nth(number).unwrap().0;
    let tag = |number| Mark::tag(0, at(number)..at(number) + 5, TAG, true);
    let marks = [
        tag(0),
        tag(1),
        tag(2),
        Mark::value(0, 2..9, reference()),
        Mark::target(0, at(1)..at(1) + 5, reference()),
    ];
    assert_eq!(
        shown(&block, &marks),
        format!("T1REFT1566 (REF) and 1.2.3.4 {TAG}")
    );
}

#[test]
fn two_tags_at_one_place_show_one() {
    let block = block(&[run("by T1566.001 now")]);
    let marks = [tag(&block, "T1566.001", true), tag(&block, "T1566", false)];
    assert_eq!(shown(&block, &marks), format!("by {TAG} now"));
}

#[test]
fn tags_stay_out_of_code_blocks_and_go_into_tables() {
    let mut listing = Block::plain(Kind::Code { language: None }, "T1566 here");
    assert_eq!(
        shown(&listing, &[tag(&listing, "T1566", true)]),
        "```\nT1566 here\n```"
    );
    listing.kind = Kind::TableRow {
        table: 0,
        header: false,
        headers: Arc::default(),
    };
    let row = shown(&listing, &[tag(&listing, "T1566", true)]);
    assert!(row.ends_with(&format!("| {TAG} here |")), "{row}");
}
