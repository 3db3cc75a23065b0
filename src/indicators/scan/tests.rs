use proptest::prelude::*;

use super::super::{Find, scan, scan_blocks};
use super::*;
use crate::article::blocks::{Region, Run, Style};

fn paragraph(text: &str) -> Block {
    Block::plain(blocks::Kind::Paragraph, text)
}

/// Text of the kind that recognisers look at more than once: values, marks and words, thrown together.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("hxxps://cdn.evil-update[.]top/a.php?id=1".to_owned()),
        Just("evil-update.top".to_owned()),
        Just("45.83.12[.]1:8080".to_owned()),
        Just("2a00:1450:4005:80a::2003".to_owned()),
        Just("bob[at]evil-update.top".to_owned()),
        Just(r"C:\Users\Public\stage one.dll".to_owned()),
        Just(r"HKCU\Software\Microsoft\Windows NT\CurrentVersion\Run".to_owned()),
        Just("275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f".to_owned()),
        Just("CVE-2021-44228".to_owned()),
        Just("mutex named \"Global\\x1\"".to_owned()),
        Just("rule a { condition: true }".to_owned()),
        "[ \\.,:;/()\\[\\]{}<>\"'|@%~\\\\-]{1,4}",
        "[a-z]{1,9}",
        "\\PC{0,6}",
        Just("\n".to_owned()),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn in_bounds(finds: &[Find], texts: &[String]) -> Result<(), TestCaseError> {
    for find in finds {
        let text = texts.get(find.block).map(String::as_str);
        let written = text.and_then(|text| text.get(find.span.clone()));
        prop_assert!(
            written.is_some_and(|written| !written.is_empty()),
            "{find:?}"
        );
        prop_assert!(!find.value.is_empty(), "{find:?}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn finds_lie_in_the_text_and_apart(text in text()) {
        let finds = scan(&text);
        in_bounds(&finds, std::slice::from_ref(&text))?;
        for pair in finds.windows(2) {
            if let [one, next] = pair {
                prop_assert!(one.span.end <= next.span.start, "{one:?} {next:?} in {text:?}");
            }
        }
    }

    #[test]
    fn anything_can_be_scanned(text in "\\PC{0,200}") {
        in_bounds(&scan(&text), &[text])?;
    }

    #[test]
    fn two_halves_are_the_whole(one in prop::collection::vec(text(), 0..4), two in prop::collection::vec(text(), 0..4)) {
        let half = |texts: &[String]| -> Vec<Block> { texts.iter().map(|text| paragraph(text)).collect() };
        let (first, second) = (half(&one), half(&two));
        let mut apart = scan_blocks(&first);
        apart.extend(scan_blocks(&second).into_iter().map(|find| Find {
            block: find.block + first.len(),
            ..find
        }));
        let whole: Vec<Block> = first.into_iter().chain(second).collect();
        prop_assert_eq!(scan_blocks(&whole), apart);
    }

    #[test]
    fn styles_and_links_change_nothing(text in text(), cuts in prop::collection::vec(0_usize..400, 0..4)) {
        let plain = paragraph(&text);
        let mut styled = plain.clone();
        let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut < text.len() && text.is_char_boundary(*cut)).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let runs = cuts.windows(2).filter_map(|pair| {
            let text = text.get(*pair.first()?..*pair.last()?)?;
            let style = Style { strong: text.len() % 2 == 0, ..Style::default() };
            (!text.is_empty()).then(|| Run { text: text.to_owned(), style, link: None })
        });
        styled.cells = vec![Cell { runs: runs.collect() }];
        prop_assert_eq!(scan_blocks(&[styled]), scan_blocks(&[plain]));
    }
}

#[test]
fn cells_never_run_together() {
    let row = Block {
        kind: blocks::Kind::TableRow {
            table: 0,
            header: false,
            headers: Arc::default(),
        },
        region: Region::Main,
        quote: 0,
        cells: vec![
            Cell::plain("evil-update"),
            Cell::plain(".top"),
            Cell::plain("45.83.12[.]1"),
        ],
    };
    let text = row.text();
    let finds = scan_blocks(std::slice::from_ref(&row));
    let found: Vec<(&str, &str)> = finds
        .iter()
        .map(|find| (find.value.as_str(), text.get(find.span.clone()).unwrap()))
        .collect();
    assert_eq!(found, [("45.83.12.1", "45.83.12[.]1")]);
}

#[test]
fn a_link_is_read_in_text_and_target() {
    let link: Arc<str> = Arc::from("https://cdn.evil-update.top/a");
    let run = |text: &str, link: Option<Arc<str>>| Run {
        text: text.into(),
        style: Style::default(),
        link,
    };
    let block = Block {
        cells: vec![Cell {
            runs: vec![
                run("see ", None),
                run("bad", Some(link.clone())),
                run("-site.top", Some(link)),
            ],
        }],
        ..paragraph("")
    };
    let finds = scan_blocks(&[block]);
    let found: Vec<(Origin, &str, Range<usize>)> = finds
        .iter()
        .map(|find| (find.origin, find.value.as_str(), find.span.clone()))
        .collect();
    assert_eq!(
        found,
        [
            (Origin::Text, "bad-site.top", 4..16),
            (Origin::Link, "https://cdn.evil-update.top/a", 4..16),
        ]
    );
}

/// The time of scans twice as long is compared in `benches/`; here quadratic work would be seen by its length.
#[test]
fn hostile_text_takes_linear_time() {
    let parts = [
        "a.",
        "[.]",
        "deadbeef",
        "@",
        "[({",
        "a",
        "hxxp://",
        "1.1.1.1.",
        "\\a ",
        "%41",
        "a@",
        ":",
        "::1",
        "C:\\a b",
        "HKLM\\a b\\",
        "rule a { ",
        "alert tcp ",
        "mutex ",
        "AS 1 ",
        "[at]",
        " dot ",
        "a/",
        "://",
        "&#",
        "0x",
        "1.2.3.4|",
        "user-agent: ",
        "\u{200b}",
        "。",
        "a\n",
        "title:\n",
        "Mozilla/5.0 (",
        "a.b/c ",
    ];
    for part in parts {
        let text = part.repeat(100_000 / part.len());
        let finds = scan(&text);
        assert!(
            finds.iter().all(|find| find.span.end <= text.len()),
            "{part:?}"
        );
    }
}
