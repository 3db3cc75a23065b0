use chrono::TimeZone as _;

use super::*;
use crate::feeds::entry::Entry;
use crate::queue::Source;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(in crate::event) fn job() -> Job {
    Job {
        id: "0199f0c2a11170008000000000000001".into(),
        entry: Entry {
            link: "https://blog.example.com/posts/loader".into(),
            link_as_given: "https://blog.example.com/posts/loader?utm_source=rss".into(),
            title: "A new\nloader \u{1F525} in the wild".into(),
            guid: None,
            published: Some(at("2026-11-19T23:30:00Z")),
            updated: None,
            categories: Vec::new(),
        },
        source: Source {
            title: "Example Blog".into(),
            url: "https://blog.example.com/feed.xml".into(),
            tags: vec!["type:OSINT".into()],
            local_tags: vec!["team:blue".into()],
        },
        created: at("2026-11-20T08:00:00Z"),
        submission: None,
    }
}

fn article() -> Article {
    Article {
        url: "https://blog.example.com/posts/loader".parse().unwrap(),
        title: "From the page".into(),
        author: Some("A. Author".into()),
        published: Some(at("2026-11-18T10:00:00Z")),
        language: None,
        canonical: None,
        keywords: Vec::new(),
        blocks: Vec::new(),
    }
}

fn built(job: &Job) -> Event {
    build(&EventSettings::default(), job, None, None, &[])
}

#[test]
fn a_whole_event() {
    let extra = [Tag::local("gleaner:match=\"loader\"")];
    let markdown = Some("# Loader\n\nIt calls `evil.example`.\n".into());
    let event = build(
        &EventSettings::default(),
        &job(),
        Some(&article()),
        markdown,
        &extra,
    );
    insta::assert_json_snapshot!(event);
}

#[test]
fn the_title_comes_from_the_feed_then_the_page_then_the_link() {
    let mut job = job();
    assert_eq!(built(&job).info, "Gleaner: A new loader :fire: in the wild");
    job.entry.title = " \u{200E}\n".into();
    let event = build(&EventSettings::default(), &job, Some(&article()), None, &[]);
    assert_eq!(event.info, "Gleaner: From the page");
    assert_eq!(
        built(&job).info,
        "Gleaner: https://blog.example.com/posts/loader"
    );
}

#[test]
fn an_endless_title_is_bounded() {
    let mut job = job();
    job.entry.title = "x".repeat(70_000);
    let event = built(&job);
    assert_eq!(event.info.chars().count(), MAX_INFO);
    assert!(
        event
            .attributes
            .iter()
            .all(|a| a.value.len() <= MAX_VALUE + 3)
    );
}

#[test]
fn the_date_falls_back_when_it_is_absurd() {
    let page = at("2026-11-18T10:00:00Z");
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    for (feed, page, expected) in [
        (
            Some(at("2026-11-19T23:30:00Z")),
            Some(page),
            day("2026-11-19"),
        ),
        (Some(at("2026-11-20T20:00:00Z")), None, day("2026-11-20")),
        (
            Some(at("1970-01-01T00:00:00Z")),
            Some(page),
            day("2026-11-18"),
        ),
        (Some(at("2062-01-01T00:00:00Z")), None, day("2026-11-20")),
        (
            None,
            Some(Utc.timestamp_opt(0, 0).unwrap()),
            day("2026-11-20"),
        ),
        (None, None, day("2026-11-20")),
    ] {
        let mut job = job();
        job.entry.published = feed;
        let article = page.map(|published| Article {
            published: Some(published),
            ..article()
        });
        assert_eq!(date(&job, article.as_ref()), expected, "{feed:?} {page:?}");
    }
}

#[test]
fn exclusive_tags_come_once_and_the_feed_wins() {
    let mut job = job();
    job.source.tags = vec!["TLP:AMBER".into(), "type:osint".into(), String::new()];
    job.source.local_tags = vec!["type:OSINT".into()];
    let names = |event: &Event| {
        let names = event.tags.iter().map(|tag| tag.name.clone());
        names.collect::<Vec<_>>()
    };
    let event = built(&job);
    assert_eq!(
        names(&event),
        [
            "TLP:AMBER",
            "type:osint",
            "gleaner:Example Blog",
            "curation:source=\"gleaner\"",
            INCOMPLETE,
        ]
    );
    job.source.tags = vec!["workflow:state=\"ongoing\"".into()];
    let event = built(&job);
    assert!(!names(&event).contains(&INCOMPLETE.to_owned()));
}

#[test]
fn the_source_tag_can_be_switched_off() {
    let settings = EventSettings {
        source_tag_prefix: String::new(),
        ..EventSettings::default()
    };
    let event = build(&settings, &job(), None, None, &[]);
    assert!(
        event
            .tags
            .iter()
            .all(|tag| !tag.name.contains("Example Blog"))
    );
}

#[test]
fn links_are_such_as_misp_keeps() {
    for (given, expected) in [
        (
            "https://exämple.com/päth",
            Some("https://xn--exmple-cua.com/p%C3%A4th"),
        ),
        (
            "https://x.example/a b?q=a b",
            Some("https://x.example/a%20b?q=a%20b"),
        ),
        (" https://padded.example/ ", Some("https://padded.example/")),
        ("https://x.example/a\nb", Some("https://x.example/ab")),
        ("http://a b.com/x", None),
        ("ftp://x.example/a", None),
        ("javascript:alert(1)", None),
        ("www.x.example/p", None),
        ("Manual", None),
    ] {
        assert_eq!(encoded(given).as_deref(), expected, "{given}");
    }
}

#[test]
fn a_manual_submission_has_no_feed_link() {
    let mut job = job();
    job.source.title = "Manual".into();
    job.source.url = "Manual".into();
    let event = built(&job);
    let source = event
        .attributes
        .iter()
        .find(|attribute| attribute.comment == "Feed URL")
        .unwrap();
    assert_eq!(
        (source.kind.as_str(), source.value.as_str()),
        ("comment", "Manual")
    );
}

#[test]
fn the_same_value_comes_once() {
    let mut job = job();
    job.source.url = job.entry.link.clone();
    let event = built(&job);
    assert_eq!(event.attributes.len(), 2);
}

#[test]
fn the_sharing_group_goes_only_with_its_distribution() {
    let mut settings = EventSettings {
        sharing_group_id: 7,
        ..EventSettings::default()
    };
    assert_eq!(
        build(&settings, &job(), None, None, &[]).sharing_group_id,
        0
    );
    settings.distribution = 4;
    assert_eq!(
        build(&settings, &job(), None, None, &[]).sharing_group_id,
        7
    );
}

#[test]
fn the_more_restrictive_marking_stands() {
    for (feed, default, article, expected) in [
        ("", "tlp:clear", "tlp:amber", "tlp:amber"),
        ("", "tlp:amber", "tlp:clear", "tlp:amber"),
        ("tlp:green", "tlp:red", "tlp:amber", "tlp:amber"),
        ("tlp:green", "tlp:red", "tlp:clear", "tlp:green"),
        ("tlp:ex:chr", "tlp:clear", "tlp:red", "tlp:ex:chr"),
        ("", "", "tlp:green", "tlp:green"),
        ("", "tlp:amber", "", "tlp:amber"),
    ] {
        let list = |tag: &str| {
            Some(tag.to_owned())
                .into_iter()
                .filter(|tag| !tag.is_empty())
        };
        let mut job = job();
        job.source.tags = list(feed).collect();
        let settings = EventSettings {
            tags: list(default).collect(),
            ..EventSettings::default()
        };
        let extra: Vec<Tag> = list(article).map(Tag::global).collect();
        let event = build(&settings, &job, None, None, &extra);
        let markings: Vec<&Tag> = event
            .tags
            .iter()
            .filter(|tag| tag.name.starts_with("tlp:"))
            .collect();
        assert_eq!(
            markings,
            [&Tag::global(expected)],
            "{feed} {default} {article}"
        );
    }
}

#[test]
fn a_marking_is_never_left_local_only() {
    let mut job = job();
    job.source.local_tags = vec!["tlp:green".into()];
    let settings = EventSettings::default();
    let event = build(&settings, &job, None, None, &[Tag::global("tlp:red")]);
    assert!(event.tags.contains(&Tag::global("tlp:red")));
}

#[test]
fn a_tag_brings_its_cluster_along() {
    let tag = Tag {
        cluster: Some(Uuid::from_u128(7)),
        ..Tag::global("misp-galaxy:ransomware=\"BarRax  Ransomware\"")
    };
    let event = build(
        &EventSettings::default(),
        &job(),
        None,
        None,
        std::slice::from_ref(&tag),
    );
    assert!(event.tags.contains(&tag));
    assert!(!serde_json::to_string(&event).unwrap().contains("cluster"));
}

#[test]
fn a_submission_says_who_from_where_and_with_what() {
    use crate::article::MediaType;
    use crate::queue::{Body, Submission};

    let feed = built(&job());
    let handed_in = |again: bool| {
        job().submitted(Submission {
            user: Some("alice\n".into()),
            remote: Some("2001:db8::1".parse().unwrap()),
            again,
            body: Some(Body {
                file_name: Some("a\nb.pdf".into()),
                ..Body::new(MediaType::Pdf, b"%PDF".as_slice())
            }),
        })
    };
    let event = built(&handed_in(false));
    assert_eq!(event.uuid, feed.uuid);
    let said: Vec<(&str, &str)> = event
        .attributes
        .iter()
        .filter(|one| one.kind == "comment" && !one.to_ids && one.disable_correlation)
        .map(|one| (one.comment.as_str(), one.value.as_str()))
        .collect();
    assert_eq!(
        said[1..],
        [
            ("Remote IP", "2001:db8::1"),
            ("Submitted by", "alice"),
            ("Submitted page", "a b.pdf, pdf, 4 bytes"),
        ]
    );
    let again = handed_in(true);
    let event = built(&again);
    assert_ne!(event.uuid, feed.uuid);
    assert_eq!(event.uuid, built(&again).uuid);
    // What is not to be recorded is not in the job, and so not on the event.
    let silent = built(&job().submitted(Submission::default()));
    assert_eq!(silent, feed);
}
