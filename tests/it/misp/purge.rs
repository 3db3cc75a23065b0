//! Purging outdated events.

use chrono::{Duration, Utc};
use gleaner::config::Config;
use gleaner::event::{DO_NOT_DELETE, INCOMPLETE};
use gleaner::failure::Reason;
use gleaner::retention::{KeepReason, PurgeReport, purge};

use super::client;
use crate::support::misp::{Fault, MispDouble, Moment, Role, Stored};

const TOOL: &str = "curation:source=\"gleaner\"";

fn seed(double: &MispDouble, id: u64, days: i64, tags: &[&str]) -> String {
    seed_for(double, id, days, tags, Role::Admin)
}

fn seed_for(double: &MispDouble, id: u64, days: i64, tags: &[&str], role: Role) -> String {
    let uuid = uuid::Uuid::from_u64_pair(1, id).to_string();
    let mut state = double.state();
    let event = state.seed(id, &uuid, role);
    event.timestamp = (Utc::now() - Duration::days(days)).timestamp();
    event.tags = tags.iter().map(|tag| ((*tag).to_owned(), true)).collect();
    uuid
}

async fn run(double: &MispDouble, dry: bool) -> (PurgeReport, Vec<String>) {
    let mut named = Vec::new();
    let client = client(double, Role::Admin);
    let config = Config::default();
    let name = |event: &gleaner::retention::PurgedEvent| named.push(event.uuid.to_string());
    let report = purge(&client, &config, Utc::now(), dry, name)
        .await
        .unwrap();
    (report, named)
}

#[tokio::test]
async fn only_outdated_incomplete_events_of_ours_go() {
    let double = MispDouble::start().await;
    let old = seed(&double, 1, 100, &[TOOL, INCOMPLETE]);
    let short = seed(&double, 2, 31, &[TOOL, INCOMPLETE, "retention:30d"]);
    seed(&double, 3, 90, &[TOOL, INCOMPLETE]);
    seed(&double, 4, 100, &[TOOL, INCOMPLETE, "retention:1y"]);
    seed(&double, 5, 100, &[TOOL, INCOMPLETE, DO_NOT_DELETE]);
    seed(&double, 6, 100, &[TOOL, "workflow:state=\"complete\""]);
    seed(&double, 7, 100, &[INCOMPLETE]);
    seed_for(&double, 8, 100, &[TOOL, INCOMPLETE], Role::OtherOrg);
    let (dry, named) = run(&double, true).await;
    assert_eq!((dry.deleted, named), (2, vec![old.clone(), short.clone()]));
    assert_eq!(double.state().events.len(), 8);
    let (report, named) = run(&double, false).await;
    assert_eq!((report.deleted, named), (2, vec![old, short]));
    assert_eq!(report.kept[&KeepReason::DoNotDelete], 1);
    assert_eq!(report.kept[&KeepReason::OtherOrganisation], 1);
    assert_eq!(
        double.state().events.keys().copied().collect::<Vec<_>>(),
        [3, 4, 5, 6, 7, 8]
    );
    assert_eq!(double.state().blocklist.len(), 2);
}

#[tokio::test]
async fn wildcards_in_the_tool_tag_delete_nothing_more() {
    let double = MispDouble::start().await;
    seed(&double, 1, 100, &["curation:source=\"other\"", INCOMPLETE]);
    seed(&double, 2, 100, &["my_tool", INCOMPLETE]);
    seed(&double, 3, 100, &["my-tool", INCOMPLETE]);
    let mut config = Config::default();
    for (tag, left) in [
        ("%", 3),
        ("curation:source=\"%\"", 3),
        ("", 3),
        ("my_tool", 2),
    ] {
        config.event.tool_tag = tag.into();
        purge(
            &client(&double, Role::Admin),
            &config,
            Utc::now(),
            false,
            |_| {},
        )
        .await
        .unwrap();
        assert_eq!(double.state().events.len(), left, "{tag}");
    }
    assert!(!double.state().events.contains_key(&2));
}

#[tokio::test]
async fn many_pages_are_purged_although_deleting_moves_them() {
    let double = MispDouble::start().await;
    for id in 1..=1050 {
        let keep: &[&str] = if id % 3 == 0 {
            &[TOOL, INCOMPLETE, DO_NOT_DELETE]
        } else {
            &[TOOL, INCOMPLETE]
        };
        seed(&double, id, 200, keep);
    }
    let (report, _) = run(&double, false).await;
    assert_eq!(
        (report.deleted, report.kept[&KeepReason::DoNotDelete]),
        (700, 350)
    );
    assert_eq!(double.state().events.len(), 350);
}

#[tokio::test]
async fn an_event_that_cannot_be_deleted_is_named_and_the_rest_goes() {
    let double = MispDouble::start().await;
    seed(&double, 1, 100, &[TOOL, INCOMPLETE]);
    seed(&double, 2, 100, &[TOOL, INCOMPLETE]);
    let body = r#"{"name":"Could not delete Event","message":"Could not delete Event","errors":"Event was not deleted."}"#;
    double.fault(
        "/events/delete",
        Moment::Before,
        1,
        Fault::Status(403, body),
    );
    let (report, _) = run(&double, false).await;
    assert_eq!(report.deleted, 1);
    assert!(
        report.failed[0].contains("event `1`") && report.failed[0].contains("not deleted"),
        "{report:?}"
    );
}

#[tokio::test]
async fn what_an_analyst_does_between_search_and_deletion_counts() {
    for (change, reason) in [
        (
            (|event| event.tags.push((DO_NOT_DELETE.into(), true))) as fn(&mut Stored),
            Some(KeepReason::DoNotDelete),
        ),
        (
            |event| event.tags.retain(|(name, _)| name != INCOMPLETE),
            Some(KeepReason::NotIncomplete),
        ),
        (
            |event| event.timestamp = Utc::now().timestamp(),
            Some(KeepReason::Young),
        ),
        (
            // Gone, or given to an organisation that keeps it to itself.
            |event| {
                event.org = 1;
                event.distribution = "0".into();
            },
            None,
        ),
    ] {
        let double = MispDouble::start().await;
        let uuid = seed(&double, 1, 100, &[TOOL, INCOMPLETE]);
        seed(&double, 2, 100, &[TOOL, INCOMPLETE]);
        let first = uuid.clone();
        double.meanwhile("/events/restSearch", Moment::AfterStoring, move |state| {
            change(state.event_mut(&first).unwrap());
        });
        let (report, _) = run(&double, false).await;
        assert_eq!((report.deleted, report.failed.len()), (1, 0), "{report:?}");
        let kept: Vec<_> = report.kept.keys().copied().collect();
        assert_eq!(kept, reason.into_iter().collect::<Vec<_>>());
        assert!(!double.state().blocklist.contains(&uuid));
    }
}

#[tokio::test]
async fn an_event_deleted_by_another_purge_is_no_failure() {
    let double = MispDouble::start().await;
    seed(&double, 1, 100, &[TOOL, INCOMPLETE]);
    double.meanwhile("/events/delete", Moment::Before, |state| {
        state.events.clear();
    });
    let (report, _) = run(&double, false).await;
    assert_eq!((report.deleted, report.failed.len()), (0, 0), "{report:?}");
}

#[tokio::test]
async fn an_event_that_cannot_be_shown_is_named_and_the_rest_goes() {
    let double = MispDouble::start().await;
    seed(&double, 1, 100, &[TOOL, INCOMPLETE]);
    seed(&double, 2, 100, &[TOOL, INCOMPLETE]);
    double.fault("/events/view", Moment::Before, 1, Fault::Empty);
    let (report, _) = run(&double, false).await;
    assert_eq!(report.deleted, 1);
    assert!(report.failed[0].contains("event `1`"), "{report:?}");
    assert_eq!(double.state().blocklist.len(), 1);
}

#[tokio::test]
async fn a_key_that_is_not_accepted_ends_the_purge() {
    let double = MispDouble::start().await;
    seed(&double, 1, 100, &[TOOL, INCOMPLETE]);
    let body = r#"{"name":"Authentication failed.","message":"Authentication failed."}"#;
    double.fault(
        "/events/delete",
        Moment::Before,
        1,
        Fault::Status(403, body),
    );
    let client = client(&double, Role::Admin);
    let failure = purge(&client, &Config::default(), Utc::now(), false, |_| {})
        .await
        .unwrap_err();
    assert_eq!(failure.reason, Reason::Unauthorized);
    assert_eq!(client.version().await.unwrap(), "2.5.1");
}
