use super::*;
use crate::context::samples::cluster;
use crate::context::{ContextTag, Standing, Topic};
use crate::event::samples::judged;
use crate::indicators::{Indicator, Kind, Verdict};

const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

fn now() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn story(number: u128, hours_ago: i64) -> Story {
    Story {
        event: Uuid::from_u128(number),
        title: format!("Story {number}"),
        link: format!("https://blog.example/{number}"),
        date: now().date_naive(),
        told: now() - chrono::TimeDelta::hours(hours_ago),
    }
}

fn values(values: &[(Kind, &str)]) -> Vec<Indicator> {
    let one = |(kind, value): &(Kind, &str)| judged(&[], *kind, "", value);
    values.iter().map(one).collect()
}

fn cve(value: &str) -> Indicator {
    Indicator {
        verdict: Verdict::Note,
        ..judged(&[], Kind::Vulnerability, "", value)
    }
}

fn actor(name: &str) -> ContextTag {
    cluster("threat-actor", name, Topic::Actor, Standing::Subject)
}

/// What a store would answer, were these stories told with those prints.
fn told(asked: &Prints, stories: &[(Story, &Prints)]) -> Vec<Vec<Story>> {
    let left = |print: &Print| {
        let has = |(_, prints): &&(Story, &Prints)| prints.iter().any(|it| it.key() == print.key());
        stories
            .iter()
            .filter(has)
            .map(|(story, _)| story.clone())
            .collect()
    };
    asked.iter().map(left).collect()
}

/// Why these two articles are related, if they are.
fn why(one: &[(Kind, &str)], other: &[(Kind, &str)]) -> Option<String> {
    let (one, other) = (
        Prints::of(&values(one), &[]),
        Prints::of(&values(other), &[]),
    );
    let told = told(&one, &[(story(1, 5), &other)]);
    let related = relate(Uuid::from_u128(9), &one, &told, WEEK, now());
    related.into_iter().next().map(|related| related.why)
}

#[test]
fn long_names_are_cut_in_what_is_said() {
    let named = actor(&"Long Name ".repeat(24));
    let one = Prints::of(&[cve("CVE-2026-21345")], &[named]);
    let told = told(&one, &[(story(1, 5), &one)]);
    let related = relate(Uuid::from_u128(9), &one, &told, WEEK, now());
    let why = &related[0].why;
    assert!(
        why.contains("Long Name") && why.chars().count() < 100,
        "{why}"
    );
}

#[test]
fn what_relates_two_articles() {
    let hash = "0a".repeat(32);
    let named = format!("drop.dll|{}", "0A".repeat(32));
    let one_hash = Some("1 hash in common".to_owned());
    let two_hosts = Some("2 hosts in common".to_owned());
    let two = [(Kind::Domain, "a.top"), (Kind::IpDst, "45.9.148.7")];
    for (one, other, expected) in [
        (
            vec![(Kind::Sha256, hash.as_str())],
            vec![(Kind::Sha256, hash.as_str())],
            one_hash.clone(),
        ),
        (
            vec![(Kind::Sha256, hash.as_str())],
            vec![(Kind::FilenameSha256, named.as_str())],
            one_hash,
        ),
        (
            vec![(Kind::Sha256, hash.as_str())],
            vec![(Kind::Md5, "0a")],
            None,
        ),
        (two.to_vec(), two.to_vec(), two_hosts.clone()),
        (vec![two[0]], vec![two[0]], None),
        // One host, said twice.
        (
            vec![(Kind::Url, "http://a.top/x"), two[0]],
            vec![(Kind::Url, "https://A.top/x/"), two[0]],
            None,
        ),
        (
            vec![
                (Kind::Url, "a.top/x?y"),
                (Kind::IpDstPort, "45.9.148.7|443"),
            ],
            vec![(Kind::Url, "http://a.top/x?y"), two[1]],
            two_hosts,
        ),
        (
            vec![(Kind::Filename, "load.exe")],
            vec![(Kind::Filename, "load.exe")],
            None,
        ),
        (
            vec![(Kind::Vulnerability, "CVE-2026-1")],
            vec![(Kind::Vulnerability, "CVE-2026-1")],
            None,
        ),
    ] {
        assert_eq!(why(&one, &other), expected, "{one:?} {other:?}");
    }
}

#[test]
fn what_is_not_for_detection_leaves_no_print() {
    let mut values = values(&[(Kind::Domain, "a.top"), (Kind::Sha256, "ab")]);
    for value in &mut values {
        value.verdict = Verdict::Note;
    }
    assert!(Prints::of(&values, &[]).is_empty());
}

#[test]
fn a_vulnerability_counts_together_with_its_subject() {
    let one = Prints::of(&[cve("CVE-2026-1")], &[actor("APT28")]);
    let same = Prints::of(&[cve("CVE-2026-1"), cve("CVE-2026-2")], &[actor("APT28")]);
    let other = Prints::of(&[cve("CVE-2026-1")], &[actor("APT29")]);
    let mut mention = actor("APT28");
    mention.standing = Standing::Mention;
    let mention = Prints::of(&[cve("CVE-2026-1")], &[mention]);
    let told = told(
        &one,
        &[
            (story(1, 5), &same),
            (story(2, 4), &other),
            (story(3, 3), &mention),
        ],
    );
    let related = relate(Uuid::from_u128(9), &one, &told, WEEK, now());
    assert_eq!(related.len(), 1);
    assert_eq!(related[0].story, story(1, 5));
    assert_eq!(related[0].why, "CVE-2026-1 with APT28 in common");
    let many: Vec<Indicator> = (0..11).map(|n| cve(&format!("CVE-2026-{n}"))).collect();
    assert!(Prints::of(&many, &[actor("APT28")]).is_empty());
}

#[test]
fn what_many_have_is_not_rare() {
    let prints = Prints::of(&values(&[(Kind::Sha256, "ab")]), &[]);
    let stories = |count: u128| -> Vec<(Story, &Prints)> {
        (1..=count).map(|n| (story(n, 3), &prints)).collect()
    };
    let related = |count| {
        let told = told(&prints, &stories(count));
        relate(Uuid::from_u128(99), &prints, &told, WEEK, now()).len()
    };
    assert_eq!((related(4), related(5)), (4, 0));
}

#[test]
fn neither_itself_nor_what_is_old_or_came_later_counts() {
    let prints = Prints::of(&values(&[(Kind::Sha256, "ab")]), &[]);
    let all = [
        (story(1, 200), &prints),
        (story(2, 50), &prints),
        (story(3, 10), &prints),
    ];
    let told = told(&prints, &all);
    let events = |event: u128| -> Vec<u128> {
        let related = relate(Uuid::from_u128(event), &prints, &told, WEEK, now());
        related.iter().map(|it| it.story.event.as_u128()).collect()
    };
    assert_eq!(events(9), [3, 2]);
    // Redelivered: told already, so what came after it is not an earlier event.
    assert_eq!(events(3), [2]);
    assert_eq!(events(2), [0_u128; 0]);
}

#[test]
fn most_in_common_comes_first() {
    let asked = Prints::of(&values(&[(Kind::Sha256, "ab"), (Kind::Sha256, "cd")]), &[]);
    let one = Prints::of(&values(&[(Kind::Sha256, "ab")]), &[]);
    let told = told(&asked, &[(story(1, 9), &asked), (story(2, 3), &one)]);
    let related = relate(Uuid::from_u128(9), &asked, &told, WEEK, now());
    let events: Vec<u128> = related.iter().map(|it| it.story.event.as_u128()).collect();
    assert_eq!(events, [1, 2]);
    assert_eq!(
        summary(&related).unwrap(),
        format!(
            "same story as `Story 1` (event {}; 2 hashes in common) and 1 more",
            Uuid::from_u128(1)
        )
    );
    assert_eq!(summary(&[]), None);
}

#[test]
fn of_long_lists_the_same_part_is_kept() {
    let hashes: Vec<String> = (0..500).map(|n| format!("{n:064x}")).collect();
    let forth: Vec<(Kind, &str)> = hashes
        .iter()
        .map(|it| (Kind::Sha256, it.as_str()))
        .collect();
    let back: Vec<(Kind, &str)> = forth.iter().rev().copied().collect();
    let (forth, back) = (
        Prints::of(&values(&forth), &[]),
        Prints::of(&values(&back), &[]),
    );
    assert_eq!(forth, back);
    assert_eq!(forth.iter().count(), 32);
}
