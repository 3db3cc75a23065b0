#![expect(clippy::string_slice, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::*;
use crate::event::{Attribute, EventReport, INHERIT, Tag};

fn event(number: usize) -> Event {
    let link = format!("https://blog.example.com/{number}");
    let uuid = ids::event(&link);
    Event {
        uuid,
        info: format!("Gleaner: Article {number}"),
        date: "2026-11-20".parse().unwrap(),
        distribution: 0,
        sharing_group_id: 0,
        threat_level_id: 4,
        analysis: 0,
        extends_uuid: None,
        published: false,
        tags: vec![
            Tag::global("tlp:clear"),
            Tag::local(crate::event::INCOMPLETE),
        ],
        attributes: vec![Attribute {
            uuid: ids::attribute(uuid, "link", &link),
            kind: "link".into(),
            category: "External analysis".into(),
            value: link,
            comment: "Blog URL".into(),
            to_ids: false,
            disable_correlation: false,
            distribution: INHERIT,
        }],
        objects: Vec::new(),
        reports: vec![EventReport {
            uuid: ids::report(uuid, "c"),
            name: "r".into(),
            content: "c".into(),
            distribution: INHERIT,
        }],
    }
}

fn settings() -> config::MispFeed {
    config::MispFeed::default()
}

async fn deliver(feed: &MispFeed, number: usize) -> Receipt {
    let context = Delivering {
        link: "",
        before: None,
        last_attempt: false,
    };
    feed.deliver(&event(number), context).await.unwrap()
}

/// The events that the manifest, the hashes and the folder name: all three the same, each once.
fn indexed(path: &Path) -> BTreeSet<String> {
    let manifest: Value =
        serde_json::from_slice(&fs::read(path.join("manifest.json")).unwrap()).unwrap();
    let manifest: BTreeSet<String> = manifest.as_object().unwrap().keys().cloned().collect();
    let hashes = fs::read_to_string(path.join("hashes.csv")).unwrap();
    let in_hashes: Vec<&str> = hashes
        .lines()
        .map(|line| line.split_once(',').unwrap().1)
        .collect();
    let files: BTreeSet<String> = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter_map(|path| index_name(&path))
        .collect();
    assert_eq!(in_hashes.len(), manifest.len(), "one hash for each event");
    assert_eq!(
        in_hashes
            .iter()
            .map(ToString::to_string)
            .collect::<BTreeSet<_>>(),
        manifest
    );
    assert_eq!(files, manifest);
    manifest
}

fn index_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?.strip_suffix(".json")?;
    (name != "manifest").then(|| name.to_owned())
}

#[tokio::test]
async fn writes_what_misp_reads() {
    let folder = tempfile::tempdir().unwrap();
    let feed = MispFeed::open(folder.path(), &settings()).unwrap();
    assert_eq!(
        fs::read_to_string(folder.path().join("manifest.json")).unwrap(),
        "{}\n"
    );
    let receipt = deliver(&feed, 1).await;
    assert_eq!(receipt.delivery, Delivery::Created);
    feed.flush().await.unwrap();
    let mut file: Value =
        serde_json::from_slice(&fs::read(receipt.location.unwrap()).unwrap()).unwrap();
    let stamp = file["Event"]["timestamp"].take();
    assert!(stamp.as_str().unwrap().parse::<i64>().unwrap() > 1_700_000_000);
    insta::assert_json_snapshot!("event_file", file);
    let mut manifest: Value =
        serde_json::from_slice(&fs::read(folder.path().join("manifest.json")).unwrap()).unwrap();
    assert_eq!(
        manifest[event(1).uuid.to_string()]["timestamp"].take(),
        stamp
    );
    insta::assert_json_snapshot!("manifest", manifest);
    insta::assert_snapshot!(fs::read_to_string(folder.path().join("hashes.csv")).unwrap());
}

#[tokio::test]
async fn a_second_delivery_finds_the_file_and_leaves_it() {
    let folder = tempfile::tempdir().unwrap();
    let feed = MispFeed::open(folder.path(), &settings()).unwrap();
    let path = deliver(&feed, 1).await.location.unwrap();
    let before = fs::read(&path).unwrap();
    let again = deliver(&feed, 1).await;
    assert_eq!(again.delivery, Delivery::AlreadyThere);
    assert_eq!(fs::read(&path).unwrap(), before);
    feed.flush().await.unwrap();
    assert_eq!(indexed(folder.path()).len(), 1);
}

#[tokio::test]
async fn a_journal_left_by_a_crash_is_merged_when_the_folder_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let feed = MispFeed::open(folder.path(), &settings()).unwrap();
    for number in 0..3 {
        deliver(&feed, number).await;
    }
    drop(feed);
    let journal = folder.path().join(".gleaner/journal");
    let half = fs::read(&journal).unwrap()[..40].to_vec();
    let mut torn = fs::read(&journal).unwrap();
    torn.extend(half);
    fs::write(&journal, torn).unwrap();
    // One crash more, after the journal was put aside.
    fs::rename(&journal, folder.path().join(".gleaner/merging-0")).unwrap();
    MispFeed::open(folder.path(), &settings()).unwrap();
    assert_eq!(indexed(folder.path()).len(), 3);
    assert!(!folder.path().join(".gleaner/merging-0").exists());
}

#[tokio::test]
async fn half_lines_are_counted_and_spoil_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let feed = MispFeed::open(folder.path(), &settings()).unwrap();
    fs::write(folder.path().join(".gleaner/journal"), "{\"uuid\":\"5e1f").unwrap();
    deliver(&feed, 1).await;
    let flushed = feed.flush_now().unwrap();
    assert_eq!((flushed.merged, flushed.damaged), (1, 1));
    assert_eq!(indexed(folder.path()).len(), 1);
}

#[tokio::test]
async fn a_file_without_index_entry_is_indexed_when_its_article_comes_again() {
    let folder = tempfile::tempdir().unwrap();
    let feed = MispFeed::open(folder.path(), &settings()).unwrap();
    deliver(&feed, 1).await;
    fs::remove_file(folder.path().join(".gleaner/journal")).unwrap();
    feed.flush().await.unwrap();
    assert_eq!(
        fs::read_to_string(folder.path().join("manifest.json")).unwrap(),
        "{}\n"
    );
    assert_eq!(deliver(&feed, 1).await.delivery, Delivery::AlreadyThere);
    feed.flush().await.unwrap();
    assert_eq!(indexed(folder.path()).len(), 1);
}

#[tokio::test]
async fn a_missing_or_foreign_manifest_is_made_anew_from_the_event_files() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("manifest.json");
    let feed = MispFeed::open(folder.path(), &settings()).unwrap();
    for number in 0..5 {
        deliver(&feed, number).await;
    }
    feed.flush().await.unwrap();
    let whole = indexed(folder.path());
    let text = fs::read_to_string(&manifest).unwrap();
    let compact = text.replace('\n', "");
    for damaged in [
        None,
        Some("garbage"),
        Some(""),
        Some(&text[..text.len() / 2]),
        Some(&compact),
    ] {
        match damaged {
            Some(text) => fs::write(&manifest, text).unwrap(),
            None => fs::remove_file(&manifest).unwrap(),
        }
        deliver(&feed, 0).await;
        feed.flush().await.unwrap();
        assert_eq!(indexed(folder.path()), whole, "{damaged:?}");
    }
    fs::write(&manifest, "{}").unwrap();
    assert_eq!(feed.rebuild().unwrap().events, 5);
    assert_eq!(indexed(folder.path()), whole);
}

#[tokio::test]
async fn an_unreadable_event_file_is_named_and_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let feed = MispFeed::open(folder.path(), &settings()).unwrap();
    deliver(&feed, 1).await;
    let path = folder
        .path()
        .join("5e1f0c2a-1111-4000-8000-000000000001.json");
    fs::write(&path, "{").unwrap();
    let rebuilt = feed.rebuild().unwrap();
    assert_eq!(rebuilt.events, 1);
    assert!(
        rebuilt.unreadable[0].contains(path.to_str().unwrap()),
        "{rebuilt:?}"
    );
}

#[tokio::test]
async fn events_past_keep_leave_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let keep = config::MispFeed {
        keep: config::units::Span::days(30),
        ..settings()
    };
    let feed = MispFeed::open(folder.path(), &keep).unwrap();
    deliver(&feed, 1).await;
    feed.flush().await.unwrap();
    deliver(&feed, 2).await;
    let later = Utc::now() + chrono::Duration::days(29);
    assert_eq!(index::flush(&feed.inner, later).unwrap().expired, 0);
    assert_eq!(indexed(folder.path()).len(), 2);
    deliver(&feed, 3).await;
    let later = Utc::now() + chrono::Duration::days(31);
    assert_eq!(index::flush(&feed.inner, later).unwrap().expired, 3);
    assert!(indexed(folder.path()).is_empty());
    assert_eq!(
        fs::read_to_string(folder.path().join("manifest.json")).unwrap(),
        "{}\n"
    );
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_says_which() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let failure = MispFeed::open(&file.join("feed"), &settings())
        .err()
        .unwrap();
    assert_eq!(failure.reason, Reason::Storage);
    assert!(failure.reason.is_transient() && failure.message.contains(file.to_str().unwrap()));
}

#[tokio::test]
async fn a_failed_write_leaves_no_half_file() {
    let folder = tempfile::tempdir().unwrap();
    let feed = MispFeed::open(folder.path(), &settings()).unwrap();
    // A folder where the event's file should go: the rename fails, as it would on a full disk.
    let path = feed.inner.file(event(1).uuid);
    let prepared = feed.inner.prepare(&event(1), Utc::now()).unwrap();
    fs::create_dir(&path).unwrap();
    let failure = feed.group.commit(&feed.inner, prepared).await.unwrap_err();
    assert!(
        failure.message.contains(path.to_str().unwrap()),
        "{failure}"
    );
    let left: Vec<_> = fs::read_dir(feed.inner.private())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().ends_with(".tmp"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_wrong_org_uuid_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = config::MispFeed {
        org_uuid: "nonsense".into(),
        ..settings()
    };
    let failure = MispFeed::open(folder.path(), &wrong).err().unwrap();
    assert!(failure.message.contains("misp_feed.org_uuid"), "{failure}");
}

#[test]
fn composite_values_are_hashed_by_part() {
    let mut event = event(1);
    event.attributes[0].kind = "filename|md5".into();
    event.attributes[0].value = "a.exe|d41d8cd98f00b204e9800998ecf8427e".into();
    let org = Org {
        name: "o".into(),
        uuid: ids::organisation("o"),
    };
    assert_eq!(Line::of(&event, &org, 0).hashes.len(), 2);
    event.attributes[0].kind = "link".into();
    assert_eq!(Line::of(&event, &org, 0).hashes.len(), 1);
}
