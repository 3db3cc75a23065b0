//! Events with context: galaxy tags that a key may not make, references to tags, events that extend others.

use gleaner::article::Article;
use gleaner::article::blocks::{Block, Kind};
use gleaner::config::{Config, MispFeed as Settings};
use gleaner::context::{ContextTag, Place, Standing, Topic};
use gleaner::destinations::misp_feed::MispFeed;
use gleaner::destinations::{Delivery, Destination as _};
use gleaner::event::{Content, Event, Options, Shown, Tag};
use gleaner::story::{Related, Story};
use uuid::Uuid;

use super::{LINK, REPORT, attempt, attempt_after, deliver, feed, job, misp, settings};
use crate::support::misp::{Fault, MispDouble, Moment, Role};

const ACTOR: &str = "misp-galaxy:threat-actor=\"Sandworm\"";
const MALWARE: &str = "misp-galaxy:malpedia=\"Prestige (ELF)\"";
const TECHNIQUE: &str = "misp-galaxy:mitre-attack-pattern=\"Spearphishing Attachment - T1566.001\"";

fn cluster(tag: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, tag.as_bytes())
}

fn tag(name: &str) -> Tag {
    Tag {
        cluster: Some(cluster(name)),
        ..Tag::global(name)
    }
}

/// A server that knows these clusters, and whose tags nobody has used yet.
async fn server(tags: &[&str]) -> MispDouble {
    let double = MispDouble::start().await;
    for (number, tag) in tags.iter().enumerate() {
        let number = (25_000 + number).to_string();
        double
            .state()
            .learn(&number, &cluster(tag).to_string(), tag);
    }
    // Whoever set the program up made its own tags.
    let own = ["gleaner:Example Blog", "curation:source=\"gleaner\""];
    double.state().tags.extend(own.map(Into::into));
    double
}

fn tagged(tags: &[&str]) -> Event {
    let mut event = super::event(Some(REPORT));
    event.tags.extend(tags.iter().map(|name| tag(name)));
    event
}

/// The galaxy tags of the stored event.
fn galaxies(double: &MispDouble, event: &Event) -> Vec<String> {
    let state = double.state();
    let stored = state.event(&event.uuid.to_string()).unwrap();
    let tags = stored.tags.iter().filter(|(_, local)| !local);
    tags.map(|(name, _)| name.clone())
        .filter(|name| name.starts_with("misp-galaxy:"))
        .collect()
}

#[tokio::test]
async fn a_key_that_may_make_tags_needs_one_request() {
    let double = server(&[ACTOR, TECHNIQUE]).await;
    let event = tagged(&[ACTOR, TECHNIQUE]);
    let receipt = deliver(&misp(settings(&double, Role::Admin)), &event).await;
    assert_eq!(receipt.unwrap().notes, Vec::<String>::new());
    assert_eq!(galaxies(&double, &event), [ACTOR, TECHNIQUE]);
    assert_eq!(double.requests(), ["/events/add"]);
}

#[tokio::test]
async fn dropped_galaxy_tags_are_attached_as_clusters() {
    let double = server(&[ACTOR, TECHNIQUE, MALWARE]).await;
    let misp = misp(settings(&double, Role::User));
    let event = tagged(&[ACTOR, TECHNIQUE, MALWARE]);
    let receipt = deliver(&misp, &event).await.unwrap();
    assert_eq!(receipt.delivery, Delivery::Created);
    assert_eq!(receipt.notes, Vec::<String>::new());
    assert_eq!(galaxies(&double, &event), [ACTOR, TECHNIQUE, MALWARE]);
    assert_eq!(double.count("/galaxies/attachCluster/"), 3);
    assert_eq!(double.count("/galaxy_clusters/view/"), 3);

    // The tags are there now: another event needs nothing of this.
    let mut other = tagged(&[ACTOR]);
    other.uuid = Uuid::from_u128(7);
    for attribute in &mut other.attributes {
        attribute.uuid = Uuid::new_v4();
    }
    deliver(&misp, &other).await.unwrap();
    assert_eq!(galaxies(&double, &other), [ACTOR]);
    assert_eq!(double.count("/galax"), 6);

    // Delivered again, it is whole: nothing is asked for, nothing doubled.
    let again = deliver(&misp, &event).await.unwrap();
    assert_eq!(again.delivery, Delivery::AlreadyThere);
    assert_eq!(galaxies(&double, &event).len(), 3);
    assert_eq!(double.count("/galax"), 6);
}

#[tokio::test]
async fn a_tag_that_is_no_cluster_is_named_as_before() {
    let double = server(&[ACTOR]).await;
    let mut event = tagged(&[ACTOR]);
    event.tags.push(Tag::global("watch:acme"));
    let receipt = deliver(&misp(settings(&double, Role::User)), &event).await;
    let notes = receipt.unwrap().notes;
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].contains("`watch:acme`") && !notes[0].contains("Sandworm"));
}

#[tokio::test]
async fn an_attempt_that_died_before_it_came_to_the_clusters_is_taken_up() {
    let double = server(&[ACTOR, TECHNIQUE]).await;
    let misp = misp(settings(&double, Role::User));
    let event = tagged(&[ACTOR, TECHNIQUE]);
    // The event is stored, the answer lost.
    double.fault("/events/add", Moment::AfterStoring, 1, Fault::BreakOff);
    deliver(&misp, &event).await.unwrap_err();
    assert_eq!(galaxies(&double, &event), [""; 0]);
    let receipt = deliver(&misp, &event).await.unwrap();
    assert_eq!(receipt.delivery, Delivery::AlreadyThere);
    assert_eq!(galaxies(&double, &event), [ACTOR, TECHNIQUE]);
}

#[tokio::test]
async fn what_an_analyst_took_away_stays_away() {
    let double = server(&[ACTOR]).await;
    let misp = misp(settings(&double, Role::User));
    let event = tagged(&[ACTOR]);
    deliver(&misp, &event).await.unwrap();
    {
        let mut state = double.state();
        let stored = state.event_mut(&event.uuid.to_string()).unwrap();
        stored.tags.retain(|(name, _)| name != ACTOR);
        stored.timestamp += 3600;
    }
    deliver(&misp, &event).await.unwrap();
    assert_eq!(galaxies(&double, &event), [""; 0]);
}

const DOWN: Fault = Fault::Status(503, "<html>Service Unavailable</html>");

#[tokio::test]
async fn a_failure_of_attaching_loses_nothing_but_the_tags() {
    let failed = Fault::Status(500, "{\"message\":\"An Internal Error Has Occurred.\"}");
    for (path, fault, last, said) in [
        // What does not pass is noted at once, what may pass at the last attempt.
        ("/galaxy_clusters/view", Fault::Empty, false, "nothing"),
        (
            "/galaxy_clusters/view",
            Fault::Status(200, "{}"),
            false,
            "GalaxyCluster",
        ),
        (
            "/galaxies/attachCluster",
            Fault::Status(200, "{\"saved\":false,\"message\":\"No.\"}"),
            false,
            "No.",
        ),
        (
            "/galaxies/attachCluster",
            failed.clone(),
            true,
            "Internal Error",
        ),
        ("/galaxy_clusters/view", failed, true, "Internal Error"),
        (
            "/galaxies/attachCluster",
            Fault::BreakOff,
            true,
            "broke off",
        ),
        ("/galaxies/attachCluster", DOWN, true, "503"),
    ] {
        let double = server(&[ACTOR, TECHNIQUE]).await;
        double.fault(path, Moment::Before, 9, fault);
        let event = tagged(&[ACTOR, TECHNIQUE]);
        let misp = misp(settings(&double, Role::User));
        let receipt = attempt(&misp, &event, last).await.unwrap();
        assert_eq!(receipt.delivery, Delivery::Created);
        assert_eq!(receipt.unfinished, None, "{path}");
        let notes = receipt.notes.join("\n");
        for named in ["Sandworm", "T1566.001", "could not be attached", said] {
            assert!(notes.contains(named), "{named} in {notes}");
        }
        // What is wrong with one is wrong with the next: it is asked for once.
        assert_eq!(double.count(path), 1, "{path}");
    }
}

#[tokio::test]
async fn a_failure_that_passes_leaves_the_rest_to_the_next_attempts() {
    let double = server(&[ACTOR, TECHNIQUE, MALWARE]).await;
    let misp = misp(settings(&double, Role::User));
    let mut event = tagged(&[ACTOR, TECHNIQUE, MALWARE]);
    event.tags.push(Tag::global("watch:acme"));
    // The first cluster is attached, then the server is down.
    let third = cluster(TECHNIQUE).to_string();
    let path = format!("/galaxy_clusters/view/{third}");
    double.fault(&path, Moment::Before, 2, DOWN);
    let first = deliver(&misp, &event).await.unwrap();
    assert_eq!(first.delivery, Delivery::Created);
    let rest = first.unfinished.clone().unwrap();
    assert_eq!(rest.tags, [TECHNIQUE, MALWARE]);
    assert!(rest.failure.reason.is_transient());
    assert!(
        rest.failure.message.contains("Spearphishing"),
        "{}",
        rest.failure
    );
    assert_eq!(galaxies(&double, &event), [ACTOR]);

    // Attaching renewed the event's timestamp, long after it was made; and an analyst took a tag away.
    {
        let mut state = double.state();
        let stored = state.event_mut(&event.uuid.to_string()).unwrap();
        stored.tags.retain(|(name, _)| name != ACTOR);
        stored.timestamp += 3600;
    }
    let second = attempt_after(&misp, &event, Some(&first), false)
        .await
        .unwrap();
    assert_eq!(
        second.unfinished.as_ref().unwrap().tags,
        [TECHNIQUE, MALWARE]
    );
    let third = attempt_after(&misp, &event, Some(&second), false)
        .await
        .unwrap();
    assert_eq!(third.unfinished, None);
    assert_eq!(galaxies(&double, &event), [TECHNIQUE, MALWARE]);
    assert_eq!(double.state().events.len(), 1);
    // Told as the first attempt found it, and once.
    assert_eq!(third.delivery, Delivery::Created);
    assert_eq!(third.notes, first.notes);
    assert!(
        third.notes.len() == 1 && third.notes[0].contains("`watch:acme`"),
        "{:?}",
        third.notes
    );
}

#[tokio::test]
async fn an_event_that_an_analyst_took_up_meanwhile_is_left_as_it_is() {
    let double = server(&[ACTOR]).await;
    let misp = misp(settings(&double, Role::User));
    let event = tagged(&[ACTOR]);
    double.fault("/galaxies/attachCluster", Moment::Before, 1, DOWN);
    let first = deliver(&misp, &event).await.unwrap();
    {
        let mut state = double.state();
        let stored = state.event_mut(&event.uuid.to_string()).unwrap();
        stored.published = true;
    }
    let second = attempt_after(&misp, &event, Some(&first), false)
        .await
        .unwrap();
    assert_eq!(second.unfinished, None);
    assert_eq!(galaxies(&double, &event), [""; 0]);
    let notes = second.notes.join("\n");
    for said in ["Sandworm", "could not be attached", "an analyst"] {
        assert!(notes.contains(said), "{said} in {notes}");
    }
}

#[tokio::test]
async fn a_role_that_may_not_tag_is_said_once() {
    let double = server(&[ACTOR, TECHNIQUE]).await;
    let event = tagged(&[ACTOR, TECHNIQUE]);
    let receipt = deliver(&misp(settings(&double, Role::NoTagger)), &event).await;
    let notes = receipt.unwrap().notes.join("\n");
    assert!(notes.contains("perm_tagger"), "{notes}");
    assert_eq!(double.count("/galaxies/attachCluster"), 1);
}

#[tokio::test]
async fn clusters_that_the_server_does_not_know_are_named() {
    let double = server(&[TECHNIQUE]).await;
    let event = tagged(&[ACTOR, TECHNIQUE]);
    let receipt = deliver(&misp(settings(&double, Role::User)), &event).await;
    let notes = receipt.unwrap().notes.join("\n");
    assert!(
        notes.contains("does not know the cluster `misp-galaxy:threat-actor=\"Sandworm\"`"),
        "{notes}"
    );
    assert!(!notes.contains("T1566"), "{notes}");
    assert_eq!(galaxies(&double, &event), [TECHNIQUE]);
}

#[tokio::test]
async fn a_hundred_dropped_tags_are_no_hundred_requests() {
    let names: Vec<String> = (0..100)
        .map(|n| format!("misp-galaxy:tool=\"Tool {n}\""))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let double = server(&names).await;
    let event = tagged(&names);
    let receipt = deliver(&misp(settings(&double, Role::User)), &event).await;
    assert_eq!(double.count("/galaxies/attachCluster"), 40);
    let notes = receipt.unwrap().notes.join("\n");
    assert!(
        notes.contains("Tool 99") || notes.contains("50 more"),
        "{notes}"
    );
}

/// An event whose report refers to a technique, lists its tags and names an earlier event.
fn whole() -> Event {
    let text = "They send T1566.001 (Spearphishing Attachment) to everyone.";
    let start = text.find("T1566").unwrap();
    let earned = |name: &str, topic| ContextTag {
        tag: name.into(),
        cluster: Some(cluster(name)),
        topic,
        standing: Standing::Subject,
        reason: "named in the title and 7 times".into(),
        sentence: text.into(),
        places: vec![Place {
            block: Some(0),
            span: start..start + "T1566.001".len(),
        }],
    };
    let tags = [
        earned(ACTOR, Topic::Actor),
        earned(MALWARE, Topic::Malware),
        earned(TECHNIQUE, Topic::Technique),
    ];
    let article = Article {
        url: LINK.parse().unwrap(),
        title: "A new loader".into(),
        author: None,
        published: None,
        language: None,
        canonical: None,
        keywords: Vec::new(),
        blocks: vec![Block::plain(Kind::Paragraph, text)],
    };
    let shown = Shown {
        tags: &tags,
        references: true,
        list: true,
    };
    let content = Content::with_tags(LINK, &article, &[], shown, &Options::default(), 1 << 20);
    let event_tags = [ACTOR, MALWARE, TECHNIQUE].map(tag);
    let settings = Config::default().event;
    let mut event = gleaner::event::build(
        &settings,
        &job(LINK),
        Some(&article),
        Some(content),
        &event_tags,
    );
    let earlier = Related {
        story: Story {
            event: Uuid::from_u128(0x5e1f_0c2a),
            title: "The loader | [before]".into(),
            link: "https://other.example/a".into(),
            date: event.date,
            told: "2026-11-18T10:00:00Z".parse().unwrap(),
        },
        why: "2 hashes in common".into(),
    };
    event.relate(&[earlier], true, 1 << 20);
    event
}

#[tokio::test]
async fn misp_keeps_the_event_it_extends() {
    let double = server(&[]).await;
    let event = whole();
    let receipt = deliver(&misp(settings(&double, Role::Admin)), &event).await;
    assert_eq!(receipt.unwrap().notes, Vec::<String>::new());
    let state = double.state();
    let stored = state.event(&event.uuid.to_string()).unwrap();
    assert_eq!(stored.extends, Uuid::from_u128(0x5e1f_0c2a).to_string());
    let report = stored.reports[0]["content"].as_str().unwrap();
    insta::assert_snapshot!(report);
}

#[tokio::test]
async fn pymisp_reads_tags_references_and_what_is_extended() {
    let folder = tempfile::tempdir().unwrap();
    let feed = MispFeed::open(folder.path(), &Settings::default()).unwrap();
    feed.deliver(&whole(), feed::CONTEXT).await.unwrap();
    feed.flush().await.unwrap();
    feed::pymisp(folder.path());
    let name = format!("{}.json", whole().uuid);
    let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let extended = Uuid::from_u128(0x5e1f_0c2a).to_string();
    assert_eq!(file["Event"]["extends_uuid"], extended.as_str());
    assert!(!text.contains("\"cluster\""), "{text}");
}

#[tokio::test]
async fn references_of_ours_keep_the_server_from_nothing() {
    let double = server(&[]).await;
    let event = whole();
    let misp = super::extracting(settings(&double, Role::Admin));
    deliver(&misp, &event).await.unwrap();
    assert_eq!(double.count("/eventReports/extractAllFromReport"), 1);
}
