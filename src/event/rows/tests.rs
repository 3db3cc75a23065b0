use super::*;
use crate::article::blocks::Block;
use crate::event::attributes::form;
use crate::event::samples::{all_judged, hex, item, paragraph, table};
use crate::indicators::{Kind, Verdict};

/// The objects of an article, as `template relation=value …`, hashes by their first digits.
fn objects(blocks: &[Block], values: &[(Kind, &str)]) -> Vec<String> {
    let indicators = all_judged(blocks, values);
    shown(blocks, &indicators)
}

fn shown(blocks: &[Block], indicators: &[Indicator]) -> Vec<String> {
    let forms: Vec<_> = indicators
        .iter()
        .map(|indicator| form(indicator, true).unwrap())
        .collect();
    let outline = Outline::of(blocks);
    let drafts = drafts(&outline, indicators, &forms).into_iter();
    drafts
        .map(|draft| {
            let fields = draft.members.iter().map(|member| {
                let value: String = member.typed.value.chars().take(16).collect();
                format!(" {}={value}", member.relation)
            });
            let source = draft
                .downloaded_from
                .map(|at| format!(" from {}", indicators[at].value));
            format!(
                "{}{}{}",
                draft.template.name,
                fields.collect::<String>(),
                source.unwrap_or_default()
            )
        })
        .collect()
}

#[test]
fn a_row_with_hashes_and_a_name_is_a_file() {
    let (md5, sha256, other) = (hex(32, 1), hex(64, 2), hex(64, 3));
    let blocks = table(
        0,
        &[
            &["Name", "Size", "MD5", "SHA-256"],
            &["load.exe", "1,234 bytes", &md5, &sha256],
            &["drop.dll", "12 KB", "", &other],
        ],
    );
    let values = [
        (Kind::Filename, "load.exe"),
        (Kind::Filename, "drop.dll"),
        (Kind::Md5, &md5),
        (Kind::Sha256, &sha256),
        (Kind::Sha256, &other),
    ];
    assert_eq!(
        objects(&blocks, &values),
        [
            "file filename=load.exe md5=0101010101010101 sha256=0202020202020202 size-in-bytes=1234",
            "file filename=drop.dll sha256=0303030303030303",
        ]
    );
}

#[test]
fn a_composite_is_both_its_parts() {
    let (md5, sha1) = (hex(32, 1), hex(40, 2));
    let written = format!("a.exe|{md5}");
    let blocks = [item(&format!("{written} {sha1}"))];
    let values = [(Kind::FilenameMd5, written.as_str()), (Kind::Sha1, &sha1)];
    assert_eq!(
        objects(&blocks, &values),
        ["file filename=a.exe md5=0101010101010101 sha1=0202020202020202"]
    );
}

#[test]
fn what_is_ambiguous_stays_apart() {
    let (one, two, md5) = (hex(64, 1), hex(64, 2), hex(32, 3));
    let long = "word ".repeat(60);
    for blocks in [
        vec![item(&format!("{one} {two} {md5}"))],
        vec![item(&one), item(&two)],
        vec![item(&format!("load.exe drops drop.dll: {one}"))],
        vec![paragraph(&format!("{long} load.exe {one} {md5}"))],
        vec![paragraph(&format!("It writes load.exe.\n{one}"))],
        vec![
            item(&format!("Loader {one}")),
            item(&format!("Second stage {md5}")),
        ],
        table(
            0,
            &[
                &["Indicator", "What"],
                &[&one, "Loader"],
                &[&md5, "Dropper"],
            ],
        ),
        table(0, &[&["SHA-256", "Names"], &[&one, "load.exe, drop.dll"]]),
    ] {
        let values = [
            (Kind::Sha256, one.as_str()),
            (Kind::Sha256, &two),
            (Kind::Md5, &md5),
            (Kind::Filename, "load.exe"),
            (Kind::Filename, "drop.dll"),
        ];
        assert_eq!(objects(&blocks, &values), [""; 0], "{:?}", blocks[0].text());
    }
}

#[test]
fn listings_with_one_field_a_line_are_files() {
    let hashes: Vec<[String; 3]> = (0..3)
        .map(|n| [hex(32, n), hex(40, n + 100), hex(64, n + 200)])
        .collect();
    let values: Vec<(Kind, &str)> = hashes
        .iter()
        .flat_map(|[md5, sha1, sha256]| {
            [
                (Kind::Md5, md5.as_str()),
                (Kind::Sha1, sha1.as_str()),
                (Kind::Sha256, sha256.as_str()),
            ]
        })
        .collect();
    let [md5, sha1, sha256] = &hashes[1];
    let one =
        vec!["file md5=0101010101010101 sha1=6565656565656565 sha256=c9c9c9c9c9c9c9c9".to_owned()];
    for blocks in [
        vec![paragraph(&format!(
            "MD5: {md5}\nSHA1: {sha1}\nSHA256: {sha256}"
        ))],
        vec![
            item(&format!("{md5} (MD5)")),
            item(&format!("SHA-1 {sha1}")),
            item(sha256),
        ],
        table(
            0,
            &[
                &["", ""],
                &["MD5", md5],
                &["Type", "PE32"],
                &["SHA1", sha1],
                &["SHA256", sha256],
            ],
        ),
    ] {
        assert_eq!(objects(&blocks, &values), one, "{:?}", blocks[0].text());
    }
    let several = format!("MD5 {md5}\nSHA1 {sha1}\nSHA256 {sha256}");
    assert_eq!(objects(&[item(&several)], &values), one);
    let rhythm: Vec<Block> = hashes
        .iter()
        .flatten()
        .map(|hash| item(&format!("hash: {hash}")))
        .collect();
    assert_eq!(objects(&rhythm, &values).len(), 3);
    let broken = &rhythm[..rhythm.len() - 1];
    assert_eq!(objects(broken, &values[..8]), [""; 0]);
}

#[test]
fn a_name_above_a_listing_is_the_files() {
    let (md5, sha256, other) = (hex(32, 1), hex(64, 2), hex(64, 3));
    let inner = |text: &str| {
        let mut block = item(text);
        if let BlockKind::ListItem { depth, .. } = &mut block.kind {
            *depth = 1;
        }
        block
    };
    let values = [
        (Kind::Filename, "load.exe"),
        (Kind::Filename, "drop.dll"),
        (Kind::Md5, md5.as_str()),
        (Kind::Sha256, &sha256),
        (Kind::Sha256, &other),
    ];
    let file = "file filename=load.exe md5=0101010101010101 sha256=0202020202020202".to_owned();
    let nested = [
        item("load.exe (the loader)"),
        inner(&format!("MD5: {md5}")),
        inner(&format!("SHA256: {sha256}")),
        item("drop.dll"),
        inner(&format!("SHA256: {other}")),
    ];
    let second = "file filename=drop.dll sha256=0303030303030303".to_owned();
    assert_eq!(objects(&nested, &values), [file.clone(), second]);
    let below = [
        paragraph("Hashes of load.exe:"),
        item(&format!("MD5: {md5}")),
        item(&format!("SHA256: {sha256}")),
    ];
    assert_eq!(objects(&below, &values), [file]);
    // A list of hashes below a sentence is a list of hashes.
    let list = [paragraph("load.exe:"), item(&sha256), item(&other)];
    assert_eq!(objects(&list, &values), [""; 0]);
}

#[test]
fn one_file_told_twice_is_one_object() {
    let (md5, sha1, sha256) = (hex(32, 1), hex(40, 2), hex(64, 3));
    let values = [
        (Kind::Md5, md5.as_str()),
        (Kind::Sha1, &sha1),
        (Kind::Sha256, &sha256),
        (Kind::Filename, "load.exe"),
    ];
    let blocks = [
        item(&format!("load.exe {sha256}")),
        paragraph("Later:"),
        item(&format!("{sha256} {md5}")),
        item(&format!("{sha256} {md5} {sha1}")),
    ];
    assert_eq!(
        objects(&blocks, &values),
        [
            "file filename=load.exe sha256=0303030303030303 md5=0101010101010101 sha1=0202020202020202"
        ]
    );
    // The second row says the SHA-256 is another file's.
    let other = hex(32, 9);
    let blocks = [
        item(&format!("{sha256} {md5}")),
        item(&format!("{sha256} {other}")),
    ];
    let values = [
        (Kind::Sha256, sha256.as_str()),
        (Kind::Md5, &md5),
        (Kind::Md5, &other),
    ];
    assert_eq!(
        objects(&blocks, &values),
        ["file sha256=0303030303030303 md5=0101010101010101"]
    );
}

const RESOLUTIONS: &[(Kind, &str)] = &[
    (Kind::Domain, "evil-update[.]top"),
    (Kind::Hostname, "c2.evil-cdn[.]top"),
    (Kind::IpDst, "45.9.148[.]7"),
    (Kind::IpDst, "45.9.148[.]8"),
    (Kind::IpDst, "45.9.149[.]0/24"),
];

#[test]
fn a_domain_beside_its_address_is_a_resolution() {
    for (line, is_one) in [
        ("evil-update[.]top (45.9.148[.]7)", true),
        ("evil-update[.]top -> 45.9.148[.]7", true),
        ("evil-update[.]top resolves to 45.9.148[.]7", true),
        ("evil-update[.]top, 45.9.148[.]7", false),
        ("evil-update[.]top and 45.9.148[.]7", false),
        ("evil-update[.]top (45.9.149[.]0/24)", false),
    ] {
        let expected: &[&str] = if is_one {
            &["domain-ip domain=evil-update.top ip=45.9.148.7"]
        } else {
            &[]
        };
        for block in [item(line), paragraph(line)] {
            assert_eq!(objects(&[block], RESOLUTIONS), expected, "{line}");
        }
    }
}

#[test]
fn a_row_of_a_domain_and_addresses_is_a_resolution_but_columns_of_lists_are_not() {
    let both = "45.9.148[.]7 45.9.148[.]8";
    for (header, row, expected) in [
        (
            ["Domain", "IP"],
            ["evil-update[.]top", both],
            "domain-ip domain=evil-update.top ip=45.9.148.7 ip=45.9.148.8",
        ),
        (
            ["Host", "IP"],
            ["c2.evil-cdn[.]top", "45.9.148[.]7"],
            "domain-ip hostname=c2.evil-cdn.top ip=45.9.148.7",
        ),
        (["Domains", "IP addresses"], ["evil-update[.]top", both], ""),
        (
            ["Hosts", "IP"],
            ["evil-update[.]top c2.evil-cdn[.]top", "45.9.148[.]7"],
            "",
        ),
    ] {
        let blocks = table(0, &[&header, &row]);
        assert_eq!(objects(&blocks, RESOLUTIONS).concat(), expected, "{row:?}");
    }
}

#[test]
fn a_file_knows_where_it_came_from() {
    let (md5, url) = (hex(32, 1), "http://evil-update[.]top/a");
    let values = [
        (Kind::Md5, md5.as_str()),
        (Kind::Filename, "a.exe"),
        (Kind::Url, url),
    ];
    let row = |header| {
        let rows = [["File", "MD5", header], ["a.exe", md5.as_str(), url]];
        table(0, &[&rows[0], &rows[1]])
    };
    assert_eq!(
        objects(&row("Download URL"), &values),
        ["file filename=a.exe md5=0101010101010101 from http://evil-update.top/a"]
    );
    assert_eq!(
        objects(&row("C2"), &values),
        ["file filename=a.exe md5=0101010101010101"]
    );
}

#[test]
fn references_are_part_of_nothing() {
    let (md5, sha1) = (hex(32, 1), hex(40, 2));
    let blocks = [item(&format!("{md5} {sha1}"))];
    let mut indicators = all_judged(&blocks, &[(Kind::Md5, &md5), (Kind::Sha1, &sha1)]);
    assert_eq!(shown(&blocks, &indicators).len(), 1);
    indicators[1].verdict = Verdict::Reference;
    assert_eq!(shown(&blocks, &indicators), [""; 0]);
}

#[test]
fn a_row_of_thousands_takes_time_in_proportion() {
    let start = std::time::Instant::now();
    let hashes: Vec<String> = (0..5_000).map(|n| format!("{n:032x}")).collect();
    let text = hashes.join(" ");
    let lines = hashes.join("\n");
    let blocks = [item(&text), paragraph(&lines), item(&lines)];
    let mut at = 0;
    let mut indicators = Vec::new();
    for hash in &hashes {
        let mut indicator = all_judged(&[], &[(Kind::Md5, hash)]).remove(0);
        for block in 0..3 {
            indicator.places.push(crate::indicators::judge::Place {
                block,
                span: at..at + 32,
                defanged: false,
                origin: crate::indicators::Origin::Text,
            });
        }
        indicators.push(indicator);
        at += 33;
    }
    assert_eq!(shown(&blocks, &indicators), [""; 0]);
    assert!(
        start.elapsed() < std::time::Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
}
