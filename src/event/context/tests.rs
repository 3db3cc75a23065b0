use std::sync::Arc;

use super::*;
use crate::article::blocks::{Cell, Region};
use crate::indicators::judge::Place;
use crate::indicators::{self, Origin, Verdict};

fn at(block: usize, span: Range<usize>, reason: &str) -> Indicator {
    Indicator {
        kind: indicators::Kind::Domain,
        value: "x".into(),
        verdict: Verdict::Detect,
        reason: reason.into(),
        to_ids: true,
        places: vec![Place {
            block,
            span,
            defanged: true,
            origin: Origin::Text,
        }],
        decisive: 0,
    }
}

fn comment(blocks: &[Block], block: usize, value: &str, reason: &str) -> String {
    let start = blocks[block].text().find(value).unwrap();
    let indicator = at(block, start..start + value.len(), reason);
    Outline::of(blocks).comment(&indicator, "")
}

fn heading(text: &str) -> Block {
    Block::plain(Kind::Heading { level: 2 }, text)
}

#[test]
fn says_heading_sentence_and_reason() {
    let blocks = [
        heading("Command and control"),
        Block::plain(
            Kind::Paragraph,
            "It starts. The loader calls evil[.]top every hour! Then it sleeps.",
        ),
    ];
    assert_eq!(
        comment(&blocks, 1, "evil[.]top", "defanged"),
        "Command and control: The loader calls evil[.]top every hour! [defanged]"
    );
    assert_eq!(comment(&blocks, 0, "control", ""), "Command and control");
}

#[test]
fn a_row_names_its_column() {
    let row = Block {
        kind: Kind::TableRow {
            table: 0,
            header: false,
            headers: Arc::from(vec!["Type".to_owned(), "Indicator".to_owned()]),
        },
        region: Region::Main,
        quote: 0,
        cells: vec![Cell::plain("C2. Old"), Cell::plain("evil[.]top")],
    };
    let blocks = [heading("IOCs"), row];
    assert_eq!(
        comment(&blocks, 1, "evil[.]top", ""),
        "IOCs > Indicator: C2. Old | evil[.]top"
    );
}

#[test]
fn a_value_alone_needs_no_sentence() {
    let item = Kind::ListItem {
        depth: 0,
        marker: crate::article::blocks::Marker::Bullet,
    };
    let blocks = [heading("Domains"), Block::plain(item, "evil[.]top;")];
    assert_eq!(
        comment(&blocks, 1, "evil[.]top", "in a list"),
        "Domains [in a list]"
    );
}

#[test]
fn long_surroundings_are_bounded() {
    let text = format!(
        "{} evil[.]top {}",
        "ünd ".repeat(5_000),
        "ändere ".repeat(5_000)
    );
    let blocks = [
        heading(&"H ".repeat(300)),
        Block::plain(Kind::Paragraph, text),
    ];
    let comment = comment(&blocks, 1, "evil[.]top", &"r ".repeat(300));
    assert!(
        comment.chars().count() <= MAX_COMMENT + 8,
        "{}",
        comment.chars().count()
    );
    assert!(comment.contains("evil[.]top"), "{comment}");
}

#[test]
fn a_place_that_does_not_exist_is_no_harm() {
    let blocks = [Block::plain(Kind::Paragraph, "ä")];
    for (block, span) in [(0, 1..2), (0, 5..9), (7, 0..1)] {
        assert_eq!(
            Outline::of(&blocks).comment(&at(block, span, "r"), "JA3S"),
            "JA3S [r]"
        );
    }
}

#[test]
fn a_page_in_a_heading_is_not_read_for_every_value() {
    let item = Block::plain(Kind::Paragraph, "evil[.]top");
    let blocks = [heading(&"Hash ".repeat(20_000)), item];
    let outline = Outline::of(&blocks);
    let began = std::time::Instant::now();
    for _ in 0..2_000 {
        let comment = outline.comment(&at(1, 0..10, ""), "");
        assert!(comment.ends_with("Hash…") && comment.chars().count() <= MAX_HEADING);
    }
    assert!(began.elapsed().as_secs() < 2, "{:?}", began.elapsed());
    let row = Block {
        kind: Kind::TableRow {
            table: 0,
            header: false,
            headers: Arc::from(vec!["a ".repeat(20_000), "ü".repeat(20_000)]),
        },
        cells: vec![Cell::plain("x"), Cell::plain("y")],
        ..Block::plain(Kind::Paragraph, "")
    };
    let blocks = [row];
    let outline = Outline::of(&blocks);
    for place in [0, 2] {
        assert!(outline.header(0, place).unwrap().len() <= MAX_TITLE);
    }
}
