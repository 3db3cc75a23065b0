//! The matcher as a whole, on passages written for its traps (`tests/passages.txt`) and on hostile text.

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;

use super::names::{Key, bare};
use super::*;
use crate::article::blocks::{Block, Cell, Kind, Run, Style};
use crate::article::read_text;
use crate::knowledge::Knowledge;

static MATCHER: LazyLock<(Arc<Knowledge>, Matcher)> = LazyLock::new(|| {
    let knowledge = Knowledge::builtin();
    let settings = Settings {
        attack: false,
        ..Settings::default()
    };
    (knowledge.clone(), Matcher::new(knowledge, settings))
});

fn tags(blocks: &[Block]) -> Vec<ContextTag> {
    let article = Document {
        url: None,
        title: "",
        labels: &[],
        feed: &[],
        blocks,
    };
    MATCHER.1.tags(&article)
}

fn paragraph(text: &str) -> Vec<Block> {
    vec![Block::plain(Kind::Paragraph, text)]
}

/// What a line of the passages asks for.
#[derive(Debug)]
struct Wanted {
    standing: Standing,
    topic: String,
    name: String,
}

impl Wanted {
    fn read(line: &str) -> Option<Self> {
        let standing = match line.get(..2)? {
            "= " => Standing::Subject,
            "~ " => Standing::Mention,
            _ => return None,
        };
        let (topic, name) = line.get(2..)?.split_once(' ')?;
        Some(Self {
            standing,
            topic: topic.into(),
            name: name.into(),
        })
    }

    fn is(&self, tag: &ContextTag) -> bool {
        let topic = match tag.topic {
            Topic::Tool => Topic::Malware,
            topic => topic,
        };
        let key = |name: &str| Key::of(bare(name)).bytes;
        let clusters = MATCHER.0.clusters.iter();
        let cluster = clusters
            .filter(|cluster| Some(cluster.uuid) == tag.cluster)
            .find(|cluster| MATCHER.0.tag(cluster).as_ref() == Some(&tag.tag));
        let is_called = cluster.map_or(tag.tag == self.name, |cluster| {
            let names = std::iter::once(&cluster.value).chain(&cluster.synonyms);
            names
                .chain(&cluster.ids)
                .any(|name| key(name) == key(&self.name))
        });
        tag.standing == self.standing && topic.as_str() == self.topic && is_called
    }
}

/// Passages with what must be found in each.
fn passages() -> Vec<(String, Vec<Wanted>)> {
    let mut passages: Vec<(String, Vec<Wanted>)> = Vec::new();
    for line in include_str!("tests/passages.txt").lines() {
        if let Some(text) = line.strip_prefix("> ") {
            passages.push((text.to_owned(), Vec::new()));
        } else if let Some((text, wanted)) = passages.last_mut() {
            if let Some(more) = line.strip_prefix('|') {
                text.push('\n');
                text.push_str(more.trim_start());
            } else if let Some(one) = Wanted::read(line) {
                wanted.push(one);
            }
        }
    }
    passages
}

#[test]
fn passages_give_what_an_analyst_takes_from_them_and_nothing_else() {
    let passages = passages();
    assert!(passages.len() >= 100, "{}", passages.len());
    let mut faults = String::new();
    for (text, wanted) in &passages {
        let mut found = tags(&read_text(text));
        for one in wanted {
            match found.iter().position(|tag| one.is(tag)) {
                Some(at) => drop(found.remove(at)),
                None => writeln!(faults, "missed {one:?} in: {text}").unwrap(),
            }
        }
        for tag in found {
            writeln!(
                faults,
                "{} {} ({}) in: {text}",
                tag.standing.as_str(),
                tag.tag,
                tag.reason
            )
            .unwrap();
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn markup_makes_no_difference() {
    let run = |text: &str, strong| Run {
        text: text.into(),
        style: Style {
            strong,
            ..Style::default()
        },
        link: None,
    };
    let runs = vec![
        run("The mails came from ", false),
        run("AP", true),
        run("T", false),
        run(" 28", true),
        run(".", false),
    ];
    let block = Block {
        cells: vec![Cell { runs }],
        ..Block::plain(Kind::Paragraph, "")
    };
    assert_eq!(
        tags(&[block]),
        tags(&paragraph("The mails came from APT 28."))
    );
}

#[test]
fn code_and_what_stands_elsewhere_are_no_subject() {
    let code = Block::plain(Kind::Code { language: None }, "Emotet Emotet Emotet Emotet");
    let mut aside = Block::plain(Kind::Paragraph, "Emotet, Emotet, Emotet and Emotet again.");
    aside.region = crate::article::blocks::Region::Elsewhere;
    for block in [code, aside] {
        let text = Block::plain(Kind::Paragraph, "Nothing in here speaks of it.");
        let found = tags(&[text, block]);
        assert!(
            found.iter().all(|tag| tag.standing == Standing::Mention),
            "{found:?}"
        );
    }
}

#[test]
fn a_label_of_the_entry_makes_a_mention_the_subject() {
    let long =
        "Nothing of note is said in this sentence, which is only here to be long. ".repeat(12);
    let blocks = [
        Block::plain(Kind::Paragraph, long),
        Block::plain(Kind::Paragraph, "At the end Emotet is named once."),
    ];
    let labels = ["emotet".to_owned()];
    for (labels, want) in [
        (&labels[..], Standing::Subject),
        (&[][..], Standing::Mention),
    ] {
        let article = Document {
            url: None,
            title: "A title of no use",
            labels,
            feed: &[],
            blocks: &blocks,
        };
        let found = MATCHER.1.tags(&article);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].standing, want);
        assert_eq!(
            found[0].places,
            [Place {
                block: Some(1),
                span: 11..17
            }]
        );
        assert_eq!(found[0].sentence, "At the end Emotet is named once.");
    }
}

/// A long paragraph of an article that is about something else than Emotet.
fn long() -> Block {
    let long = "This sentence is only here to be long, and it says nothing of use. ".repeat(12);
    let about = "Qakbot came. Some time later Qakbot left, and Qakbot was missed. ";
    Block::plain(Kind::Paragraph, format!("{about}{long}"))
}

/// The standing of Emotet in an article with these labels, whose last block this is.
fn labelled(title: &str, labels: &[String], last: Block) -> Option<Standing> {
    let blocks = [long(), last];
    let found = MATCHER.1.tags(&Document {
        url: None,
        title,
        labels,
        feed: &[],
        blocks: &blocks,
    });
    let emotet = found.iter().find(|tag| tag.tag.contains("Emotet"));
    emotet.map(|tag| tag.standing)
}

#[test]
fn a_title_that_begins_the_text_is_looked_at_once() {
    let heading = |text: &str| Block::plain(Kind::Heading { level: 1 }, text);
    let note = "Emotet came back, and nobody knows why it was away.";
    for (title, first, reason) in [
        (
            "Emotet is back.",
            heading("Emotet is back."),
            "named once, in the title too",
        ),
        (
            "Emotet",
            Block::plain(Kind::Paragraph, note),
            "named twice, in the title too",
        ),
        (
            note,
            Block::plain(Kind::Paragraph, note),
            "named once, in the first lines too",
        ),
        (
            "",
            Block::plain(Kind::Paragraph, note),
            "named once, in the first lines too",
        ),
    ] {
        let blocks = [first, Block::plain(Kind::Paragraph, "It spreads by mail.")];
        let found = MATCHER.1.tags(&Document {
            url: None,
            title,
            labels: &[],
            feed: &[],
            blocks: &blocks,
        });
        let reasons: Vec<&str> = found.iter().map(|tag| tag.reason.as_str()).collect();
        assert_eq!(reasons, [reason], "{title}");
    }
}

#[test]
fn who_did_it_and_what_a_part_is_about_are_subjects() {
    const TITLE: &str = "A title of no use";
    let (subject, mention) = (Some(Standing::Subject), Some(Standing::Mention));
    for (text, expected) in [
        ("At the end Emotet is named once.", mention),
        ("We attribute this campaign to Emotet.", subject),
        ("Emotet claimed responsibility in June.", subject),
        ("The tool was previously attributed to Emotet.", mention),
        (
            "Emotet is a botnet. It brings other things, and Emotet is for rent.",
            subject,
        ),
        (
            "Emotet is named. It brings other things, and Emotet is for rent.",
            mention,
        ),
        (
            "Emotet was not used. It brings other things, and Emotet was not found.",
            mention,
        ),
    ] {
        let last = Block::plain(Kind::Paragraph, text);
        assert_eq!(labelled(TITLE, &[], last), expected, "{text}");
    }
    let body = Block::plain(Kind::Paragraph, "It began when Emotet came back.");
    for (kind, expected) in [
        (Kind::Heading { level: 2 }, Standing::Subject),
        (Kind::Paragraph, Standing::Mention),
    ] {
        let blocks = [
            long(),
            Block::plain(kind, "The return of Emotet"),
            body.clone(),
        ];
        let found = MATCHER.1.tags(&Document {
            url: None,
            title: TITLE,
            labels: &[],
            feed: &[],
            blocks: &blocks,
        });
        let emotet = found.iter().find(|tag| tag.tag.contains("Emotet"));
        assert_eq!(emotet.map(|tag| tag.standing), Some(expected), "{found:?}");
    }
}

#[test]
fn a_label_weighs_for_what_the_text_names_and_no_more() {
    const TITLE: &str = "A title of no use";
    let once = "Nothing of note stands here. At the end Emotet is named once.";
    let twice = "Nothing of note stands here. Emotet is named. At the end Emotet is named again.";
    let compared = "It works similar to Emotet.";
    let keywords: Vec<String> = (0..20).map(|n| format!("keyword {n}")).collect();
    let few = |label: &str| vec![label.to_owned()];
    let many = |label: &str| [keywords.clone(), few(label)].concat();
    let (subject, mention) = (Some(Standing::Subject), Some(Standing::Mention));
    for (labels, text, expected) in [
        (few("Emotet"), once, subject),
        // Another name of it, and one that is a word besides.
        (few("geodo"), once, subject),
        (few("loader"), once, mention),
        (many("Emotet"), once, mention),
        (many("Emotet"), twice, subject),
        (keywords.clone(), twice, mention),
        (few("Emotet"), compared, mention),
        (few("Emotet"), "It is a bot.", None),
    ] {
        let last = Block::plain(Kind::Paragraph, text);
        assert_eq!(
            labelled(TITLE, &labels, last),
            expected,
            "{labels:?}: {text}"
        );
    }
    let code = Block::plain(Kind::Code { language: None }, "run Emotet");
    assert_eq!(labelled(TITLE, &few("Emotet"), code), mention);
    let last = Block::plain(Kind::Paragraph, twice);
    assert_eq!(labelled("Not Emotet", &few("Emotet"), last), mention);
}

#[test]
fn attacks_own_cluster_comes_along() {
    let matcher = Matcher::new(MATCHER.0.clone(), Settings::default());
    let blocks = paragraph("APT28 sent the mails.");
    let found = matcher.tags(&Document {
        url: None,
        title: "",
        labels: &[],
        feed: &[],
        blocks: &blocks,
    });
    let names: Vec<_> = found.iter().map(|tag| tag.tag.as_str()).collect();
    assert_eq!(
        names,
        [
            r#"misp-galaxy:threat-actor="APT28""#,
            r#"misp-galaxy:mitre-intrusion-set="APT28 - G0007""#
        ]
    );
}

#[test]
fn attacks_cluster_of_something_else_with_that_name_does_not() {
    let matcher = Matcher::new(MATCHER.0.clone(), Settings::default());
    let blocks = paragraph("The Aurora Stealer takes wallets. Buyers of Aurora pay monthly.");
    let found = matcher.tags(&Document {
        url: None,
        title: "",
        labels: &[],
        feed: &[],
        blocks: &blocks,
    });
    let names: Vec<_> = found.iter().map(|tag| tag.tag.as_str()).collect();
    assert_eq!(names, [r#"misp-galaxy:malpedia="Aurora Stealer""#]);
}

#[test]
fn a_link_to_attack_names_what_its_page_is_of() {
    let run = |text: &str, link: Option<&str>| Run {
        text: text.into(),
        style: Style::default(),
        link: link.map(Into::into),
    };
    let found = |runs: Vec<Run>| {
        let block = Block {
            cells: vec![Cell { runs }],
            ..Block::plain(Kind::Paragraph, "")
        };
        let found = tags(&[block]);
        let of = |tag: ContextTag| (tag.tag, tag.places.len());
        found.into_iter().map(of).collect::<Vec<_>>()
    };
    let page = |path: &str| format!("https://attack.mitre.org/{path}");
    let attachment = r#"misp-galaxy:mitre-attack-pattern="Spearphishing Attachment - T1566.001""#;
    for (text, path, expected) in [
        ("mails with a file", "techniques/T1566/001/", attachment),
        ("T1566.001", "techniques/T1566/001/", attachment),
        (
            "their favourite beacon",
            "software/S0154/",
            r#"misp-galaxy:mitre-malware="Cobalt Strike - S0154""#,
        ),
        (
            "the usual group",
            "groups/G0007/",
            r#"misp-galaxy:threat-actor="APT28""#,
        ),
    ] {
        let runs = vec![
            run("They send ", None),
            run(text, Some(&page(path))),
            run(" again.", None),
        ];
        assert_eq!(found(runs), [(expected.to_owned(), 1)], "{path}");
    }
    let elsewhere = vec![run(
        "mails",
        Some("https://example.net/techniques/T1566/001/"),
    )];
    assert_eq!(found(elsewhere), []);
}

#[test]
fn names_are_explained() {
    let explain = |name| MATCHER.1.explain(name).unwrap();
    assert_eq!(explain("apt 28").needs, Needs::Nothing);
    assert_eq!(explain("Royal").needs, Needs::Evidence);
    assert_eq!(explain("Python").needs, Needs::Never);
    assert!(
        explain("process hollowing")
            .term
            .unwrap()
            .ends_with("T1055.012\"")
    );
    assert!(explain("APT28").clusters[0].is_own_name);
    assert!(MATCHER.1.explain("no such name").is_none());
}

#[test]
fn many_links_ids_and_aliases_are_read() {
    let link = Run {
        text: "x".into(),
        style: Style::default(),
        link: Some("https://attack.mitre.org/techniques/T1566/".into()),
    };
    let space = Run {
        text: " ".into(),
        style: Style::default(),
        link: None,
    };
    let ids: String = (1001..1700)
        .map(|id| format!("T{id} "))
        .collect::<String>()
        .repeat(20);
    let names = "Turla (aka Gelsemium) ".repeat(200);
    let text = Run {
        text: format!("{ids}{names}"),
        ..space.clone()
    };
    let runs = std::iter::once(text).chain([link, space].into_iter().cycle().take(10_000));
    let block = Block {
        cells: vec![Cell {
            runs: runs.collect(),
        }],
        ..Block::plain(Kind::Paragraph, "")
    };
    let found = tags(&[block]);
    let phishing = found.iter().find(|tag| tag.tag.ends_with("T1566\""));
    assert_eq!(phishing.unwrap().places.len(), 50);
    assert!(found.iter().any(|tag| tag.tag.contains("Gelsemium")));
}

#[test]
fn hostile_text_is_bounded() {
    for part in [
        "Emotet ",
        "a-a-a-a-",
        "Royal ransomware ",
        "such as ",
        "T1566.001 ",
        "TLP:",
        "a.",
        "É",
        "APT 28, ",
        "energy sector, ",
        "/Emotet",
    ] {
        let found = tags(&paragraph(&part.repeat(300_000 / part.len())));
        assert!(
            found
                .iter()
                .all(|tag| tag.places.len() <= 50 && tag.sentence.chars().count() <= 300),
            "{part}"
        );
    }
}

proptest! {
    #[test]
    fn spans_lie_in_the_text(
        parts in proptest::collection::vec(
            prop_oneof![
                Just("Emotet"), Just("Royal"), Just(" ransomware"), Just("APT"), Just("28"), Just("T1566"), Just(".001"), Just("TLP:RED"),
                Just(" "), Just("-"), Just("\n"), Just("\t"), Just("\u{2019}"), Just("é"), Just("such as "), Just("targets "), Just("Poland"),
                Just(". "), Just("phishing email"), Just("\u{a0}"), Just("/"), Just("🦝"),
            ],
            0..40,
        )
    ) {
        let text = parts.concat();
        let blocks = paragraph(&text);
        for tag in tags(&blocks) {
            for place in tag.places {
                let text = if place.block.is_some() { text.as_str() } else { "" };
                prop_assert!(text.get(place.span).is_some_and(|name| !name.is_empty()));
            }
        }
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,200}") {
        tags(&read_text(&text));
    }
}
