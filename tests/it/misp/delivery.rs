//! One event to a server, and everything that can go wrong on the way.

use std::time::Duration;

use gleaner::destinations::Delivery;
use gleaner::event::{Attribute, INCOMPLETE, INHERIT, Tag, ids};
use gleaner::failure::Reason;

use super::{REPORT, deliver, event, extracting, misp, settings};
use crate::support::misp::{Fault, MispDouble, Moment, Role};

#[tokio::test]
async fn one_request_stores_the_whole_event() {
    let double = MispDouble::start().await;
    let event = event(Some(REPORT));
    let receipt = deliver(&misp(settings(&double, Role::Admin)), &event)
        .await
        .unwrap();
    assert_eq!(
        (receipt.delivery, receipt.notes.len()),
        (Delivery::Created, 0)
    );
    assert_eq!(
        receipt.location.unwrap(),
        format!("{}/events/view/1", double.url())
    );
    assert_eq!(double.requests(), ["/events/add"]);
    let state = double.state();
    let stored = state.event(&event.uuid.to_string()).unwrap();
    assert_eq!(stored.tags.len(), event.tags.len());
    assert!(stored.tags.contains(&(INCOMPLETE.into(), true)));
    assert_eq!(
        stored.reports[0]["uuid"],
        ids::report(event.uuid, &event.reports[0].content).to_string()
    );
    assert_eq!(stored.reports[0]["distribution"], "5");
    assert_eq!(stored.attributes.len(), 3);
    assert!(!stored.published);
}

#[tokio::test]
async fn the_double_tells_its_hooks_before_and_after_storing() {
    let double = MispDouble::start().await;
    let (send, told) = std::sync::mpsc::channel();
    double
        .hook(move |moment, method, path| send.send((moment, format!("{method} {path}"))).unwrap());
    deliver(&misp(settings(&double, Role::Admin)), &event(None))
        .await
        .unwrap();
    let add = "POST /events/add".to_owned();
    let told: Vec<_> = told.try_iter().collect();
    assert_eq!(
        told,
        [(Moment::Before, add.clone()), (Moment::AfterStoring, add)]
    );
}

#[tokio::test]
async fn extraction_follows_and_costs_one_request() {
    let double = MispDouble::start().await;
    let settings = settings(&double, Role::Admin);
    let event = event(Some(REPORT));
    let misp = extracting(settings);
    deliver(&misp, &event).await.unwrap();
    assert_eq!(double.requests().len(), 2);
    {
        let state = double.state();
        let stored = state.event(&event.uuid.to_string()).unwrap();
        assert!(
            stored.values().contains(&"evil.example") && stored.values().contains(&"198.51.100.7")
        );
    }
    // Again, as after a crash before the receipt was kept: nothing is done twice.
    let again = deliver(&misp, &event).await.unwrap();
    assert_eq!(again.delivery, Delivery::AlreadyThere);
    assert_eq!(double.count("/eventReports/extractAllFromReport"), 1);
}

#[tokio::test]
async fn a_failed_extraction_is_taken_up_again() {
    let double = MispDouble::start().await;
    let settings = settings(&double, Role::Admin);
    let (misp, event) = (extracting(settings), event(Some(REPORT)));
    double.state().extraction_fails = true;
    let failure = deliver(&misp, &event).await.unwrap_err();
    assert!(
        failure.reason == Reason::ImportFailed && failure.message.contains("is stored"),
        "{failure}"
    );
    double.state().extraction_fails = false;
    // The page counts its views, so what the next attempt downloads differs.
    let event = super::event(Some(&format!("{REPORT}\nViewed 2 times.\n")));
    let receipt = deliver(&misp, &event).await.unwrap();
    assert_eq!(
        (receipt.delivery, receipt.notes.len()),
        (Delivery::AlreadyThere, 0),
        "{receipt:?}"
    );
    assert!(
        double
            .state()
            .event(&event.uuid.to_string())
            .unwrap()
            .values()
            .contains(&"evil.example")
    );
}

#[tokio::test]
async fn an_edited_report_is_not_extracted_over() {
    let double = MispDouble::start().await;
    let settings = settings(&double, Role::Admin);
    let (misp, event) = (extracting(settings), event(Some(REPORT)));
    double.state().extraction_fails = true;
    deliver(&misp, &event).await.unwrap_err();
    {
        let mut state = double.state();
        state.extraction_fails = false;
        let stored = state.event_mut(&event.uuid.to_string()).unwrap();
        stored.edit_report(0, "My notes on evil.example");
    }
    let receipt = deliver(&misp, &event).await.unwrap();
    assert!(
        receipt.notes.iter().any(|note| note.contains("edited")),
        "{receipt:?}"
    );
    let state = double.state();
    let stored = state.event(&event.uuid.to_string()).unwrap();
    assert_eq!(stored.reports[0]["content"], "My notes on evil.example");
}

#[tokio::test]
async fn an_event_an_analyst_works_on_is_left_alone() {
    let double = MispDouble::start().await;
    let settings = settings(&double, Role::Admin);
    let (misp, event) = (extracting(settings), event(Some(REPORT)));
    double.state().extraction_fails = true;
    deliver(&misp, &event).await.unwrap_err();
    {
        let mut state = double.state();
        let stored = state.event_mut(&event.uuid.to_string()).unwrap();
        stored.tags.retain(|(name, _)| name != INCOMPLETE);
        stored
            .tags
            .push(("workflow:state=\"ongoing\"".into(), true));
        stored.info = "Edited".into();
    }
    let receipt = deliver(&misp, &event).await.unwrap();
    assert_eq!(receipt.delivery, Delivery::AlreadyThere);
    assert!(receipt.notes[0].contains("analyst"));
    assert_eq!(double.count("/events/edit"), 0);
    assert_eq!(
        double.state().event(&event.uuid.to_string()).unwrap().info,
        "Edited"
    );
}

#[tokio::test]
async fn what_misp_dropped_is_named() {
    let double = MispDouble::start().await;
    let mut event = event(Some(REPORT));
    event
        .tags
        .push(Tag::global("misp-galaxy:threat-actor=\"Sandworm\""));
    let bad = "not a link";
    event.attributes.push(Attribute {
        uuid: ids::attribute(event.uuid, "link", bad),
        kind: "link".into(),
        category: "External analysis".into(),
        value: bad.into(),
        comment: String::new(),
        to_ids: false,
        disable_correlation: false,
        distribution: INHERIT,
    });
    event.reports[0].name = String::new();
    let receipt = deliver(&misp(settings(&double, Role::User)), &event)
        .await
        .unwrap();
    let notes = receipt.notes.join("\n");
    for named in [
        "perm_tag_editor",
        "Sandworm",
        "gleaner:Example Blog",
        "`not a link`",
        "the report",
    ] {
        assert!(notes.contains(named), "{named} in {notes}");
    }
    assert!(!notes.contains("tlp:clear"), "{notes}");
}

#[tokio::test]
async fn a_half_stored_event_is_repaired_at_once() {
    let double = MispDouble::start().await;
    let mut event = event(Some(REPORT));
    // Only a text that was not made storable can do this; the next attempt sends a clean one.
    event.reports[0].content = "emoji \u{1F9A0}".into();
    let misp = misp(settings(&double, Role::Admin));
    let failure = deliver(&misp, &event).await.unwrap_err();
    assert_eq!(failure.reason, Reason::DestinationDown);
    assert!(
        double
            .state()
            .event(&event.uuid.to_string())
            .unwrap()
            .reports
            .is_empty()
    );
    event.reports[0].content = "clean".into();
    let receipt = deliver(&misp, &event).await.unwrap();
    assert_eq!(receipt.delivery, Delivery::Repaired);
    let state = double.state();
    let stored = state.event(&event.uuid.to_string()).unwrap();
    assert_eq!((stored.reports.len(), stored.attributes.len()), (1, 3));
}

#[tokio::test]
async fn an_event_whose_report_an_analyst_removed_is_not_repaired() {
    let double = MispDouble::start().await;
    let event = event(Some(REPORT));
    let misp = misp(settings(&double, Role::Admin));
    deliver(&misp, &event).await.unwrap();
    {
        let mut state = double.state();
        let stored = state.event_mut(&event.uuid.to_string()).unwrap();
        stored.reports[0]["deleted"] = true.into();
        stored.timestamp += 3600;
    }
    let receipt = deliver(&misp, &event).await.unwrap();
    assert_eq!(receipt.delivery, Delivery::AlreadyThere);
    assert_eq!(double.count("/events/edit"), 0);
}

#[tokio::test]
async fn an_event_whose_attributes_an_analyst_removed_is_not_repaired() {
    let double = MispDouble::start().await;
    let event = event(Some(REPORT));
    let misp = misp(settings(&double, Role::Admin));
    deliver(&misp, &event).await.unwrap();
    {
        let mut state = double.state();
        let stored = state.event_mut(&event.uuid.to_string()).unwrap();
        stored.reports.clear();
        stored.attributes.clear();
        stored.timestamp += 3600;
    }
    deliver(&misp, &event).await.unwrap();
    assert_eq!(double.count("/events/edit"), 0);
}

#[tokio::test]
async fn an_event_with_an_edited_attribute_is_not_repaired() {
    let double = MispDouble::start().await;
    let event = event(Some(REPORT));
    let misp = misp(settings(&double, Role::Admin));
    deliver(&misp, &event).await.unwrap();
    {
        let mut state = double.state();
        let stored = state.event_mut(&event.uuid.to_string()).unwrap();
        stored.reports.clear();
        stored.timestamp += 3600;
        stored.attributes[0]["comment"] = "mine".into();
        stored.attributes[0]["timestamp"] = stored.timestamp.to_string().into();
    }
    deliver(&misp, &event).await.unwrap();
    assert_eq!(double.count("/events/edit"), 0);
}

#[tokio::test]
async fn a_state_from_the_feed_list_is_no_analysts() {
    let double = MispDouble::start().await;
    let settings = settings(&double, Role::Admin);
    let (misp, mut event) = (extracting(settings), event(Some(REPORT)));
    event.tags.retain(|tag| tag.name != INCOMPLETE);
    event.tags.push(Tag::local("workflow:state=\"draft\""));
    double.state().extraction_fails = true;
    deliver(&misp, &event).await.unwrap_err();
    double.state().extraction_fails = false;
    let receipt = deliver(&misp, &event).await.unwrap();
    assert!(receipt.notes.is_empty(), "{receipt:?}");
    assert_eq!(double.count("/eventReports/extractAllFromReport"), 2);
}

#[tokio::test]
async fn an_analysts_attribute_on_the_warninglist_stays() {
    let double = MispDouble::start().await;
    let mut settings = settings(&double, Role::Admin);
    settings.remove_warninglist = 87;
    let list = vec!["evil.example".into(), "198.51.100.7".into()];
    double.state().warninglists.insert("87".into(), list);
    let (misp, event) = (extracting(settings), event(Some(REPORT)));
    deliver(&misp, &event).await.unwrap();
    let uuid = event.uuid.to_string();
    {
        let mut state = double.state();
        let stored = state.event_mut(&uuid).unwrap();
        let mut mine = stored.attributes.last().unwrap().clone();
        mine["uuid"] = "5e1f0c2a-1111-4000-8000-00000000aaaa".into();
        mine["value"] = "evil.example".into();
        mine["deleted"] = false.into();
        stored.attributes.push(mine);
        assert!(!stored.values().contains(&"198.51.100.7"));
    }
    // As after a crash before the receipt was kept.
    deliver(&misp, &event).await.unwrap();
    let state = double.state();
    assert!(
        state
            .event(&uuid)
            .unwrap()
            .values()
            .contains(&"evil.example")
    );
}

#[tokio::test]
async fn a_cleaning_broken_off_is_taken_up_again() {
    let double = MispDouble::start().await;
    let mut settings = settings(&double, Role::Admin);
    settings.remove_warninglist = 87;
    let list = vec!["evil.example".into()];
    double.state().warninglists.insert("87".into(), list);
    let (misp, event) = (extracting(settings), event(Some(REPORT)));
    double.fault("/attributes/delete", Moment::Before, 1, Fault::BreakOff);
    deliver(&misp, &event).await.unwrap_err();
    let receipt = deliver(&misp, &event).await.unwrap();
    assert!(
        receipt.notes.iter().any(|note| note.contains("removed 1")),
        "{receipt:?}"
    );
}

#[tokio::test]
async fn a_deleted_event_stays_deleted() {
    let double = MispDouble::start().await;
    let event = event(Some(REPORT));
    let misp = misp(settings(&double, Role::Admin));
    deliver(&misp, &event).await.unwrap();
    {
        let mut state = double.state();
        state.events.clear();
        state.blocklist.push(event.uuid.to_string());
    }
    let receipt = deliver(&misp, &event).await.unwrap();
    assert_eq!(
        (receipt.delivery, receipt.location),
        (Delivery::Blocklisted, None)
    );
    assert!(double.state().events.is_empty());
}

#[tokio::test]
async fn another_organisations_event_is_left_alone() {
    let double = MispDouble::start().await;
    let mut event = event(Some(REPORT));
    let misp = misp(settings(&double, Role::Admin));
    for (distribution, note) in [("1", "made by `OTHERORG`"), ("0", "may not see it")] {
        let uuid = event.uuid.to_string();
        let mut theirs = double.state().seed(7, &uuid, Role::OtherOrg).clone();
        theirs.distribution = distribution.into();
        double.state().events.insert(7, theirs);
        let receipt = deliver(&misp, &event).await.unwrap();
        assert_eq!(receipt.delivery, Delivery::AlreadyThere);
        assert!(receipt.notes[0].contains(note), "{receipt:?}");
    }
    event.distribution = 1;
    assert_eq!(double.count("/events/edit"), 0);
}

#[tokio::test]
async fn four_workers_with_one_event_make_one() {
    let double = MispDouble::start().await;
    let event = event(Some(REPORT));
    let misp = misp(settings(&double, Role::Admin));
    let all = tokio::join!(
        deliver(&misp, &event),
        deliver(&misp, &event),
        deliver(&misp, &event),
        deliver(&misp, &event)
    );
    let receipts = [
        all.0.unwrap(),
        all.1.unwrap(),
        all.2.unwrap(),
        all.3.unwrap(),
    ];
    let created = receipts
        .iter()
        .filter(|receipt| receipt.delivery == Delivery::Created);
    assert_eq!(created.count(), 1);
    assert_eq!(double.state().events.len(), 1);
}

#[tokio::test]
async fn every_fault_has_its_reason_and_the_next_attempt_delivers() {
    let login = "http://127.0.0.1/users/login";
    for (fault, reason) in [
        (Fault::Status(500, "<html>"), Reason::DestinationDown),
        (Fault::Status(503, ""), Reason::DestinationDown),
        (
            Fault::Status(403, "<h1>Blocked by a firewall"),
            Reason::DestinationGarbled,
        ),
        (
            Fault::Status(403, r#"{"name":"x","message":"Authentication failed."}"#),
            Reason::Unauthorized,
        ),
        (Fault::Status(429, "{}"), Reason::RateLimited),
        (
            Fault::Status(200, "<html>Welcome"),
            Reason::DestinationGarbled,
        ),
        (Fault::Status(200, "[]"), Reason::DestinationGarbled),
        (Fault::Redirect(login), Reason::Unauthorized),
        (
            Fault::Redirect("http://169.254.169.254/"),
            Reason::DestinationGarbled,
        ),
        (Fault::Empty, Reason::DestinationGarbled),
        (Fault::BreakOff, Reason::DestinationDown),
        (Fault::Slow(Duration::from_secs(20)), Reason::Timeout),
    ] {
        for moment in [Moment::Before, Moment::AfterStoring] {
            let double = MispDouble::start().await;
            let mut settings = settings(&double, Role::Admin);
            settings.timeout = Duration::from_millis(400).into();
            let (misp, event) = (misp(settings), event(Some(REPORT)));
            double.fault("/events/add", moment, 1, fault.clone());
            let failure = deliver(&misp, &event).await.unwrap_err();
            assert_eq!(failure.reason, reason, "{fault:?}: {failure}");
            assert!(failure.reason.is_transient(), "{failure}");
            assert!(!failure.message.contains(&Role::Admin.key()), "{failure}");
            let receipt = deliver(&misp, &event).await.unwrap();
            let stored = moment == Moment::AfterStoring;
            let expected = if stored {
                Delivery::AlreadyThere
            } else {
                Delivery::Created
            };
            assert_eq!(receipt.delivery, expected, "{fault:?} {moment:?}");
            assert_eq!(double.state().events.len(), 1);
        }
    }
}

#[tokio::test]
async fn a_refused_event_is_a_dead_one_with_misps_words() {
    let double = MispDouble::start().await;
    let misp = misp(settings(&double, Role::Admin));
    let mut wrong = event(Some(REPORT));
    wrong.info = "  ".into();
    let failure = deliver(&misp, &wrong).await.unwrap_err();
    assert!(
        !failure.reason.is_transient() && failure.message.contains("Info cannot be empty."),
        "{failure}"
    );
    let mut wrong = event(Some(REPORT));
    wrong.distribution = 4;
    let failure = deliver(&misp, &wrong).await.unwrap_err();
    assert!(
        failure.message.contains("event.sharing_group_id"),
        "{failure}"
    );
}

#[tokio::test]
async fn keys_that_may_not_are_told_what_to_check() {
    let double = MispDouble::start().await;
    let failure = deliver(&misp(settings(&double, Role::ReadOnly)), &event(None))
        .await
        .unwrap_err();
    assert!(
        failure.reason == Reason::Unauthorized && failure.message.contains("perm_add"),
        "{failure}"
    );
    let mut bad = settings(&double, Role::Admin);
    bad.key = "A".repeat(40).as_str().into();
    let failure = deliver(&misp(bad), &event(None)).await.unwrap_err();
    assert!(
        failure.reason == Reason::Unauthorized && failure.message.contains("misp.key"),
        "{failure}"
    );
    double.state().maintenance = true;
    let failure = deliver(&misp(settings(&double, Role::User)), &event(None))
        .await
        .unwrap_err();
    assert!(failure.message.contains("maintenance"), "{failure}");
}

#[tokio::test]
async fn nobody_listening_is_a_destination_that_is_down() {
    let double = MispDouble::start().await;
    let settings = settings(&double, Role::Admin);
    drop(double);
    let misp = misp(settings);
    // The port is closed once the server's task is gone.
    let failure = loop {
        if let Err(failure) = deliver(&misp, &event(None)).await {
            break failure;
        }
    };
    assert_eq!(failure.reason, Reason::DestinationDown, "{failure}");
}

#[tokio::test]
async fn values_of_a_warninglist_are_removed_after_extraction() {
    for hard in [false, true] {
        let double = MispDouble::start().await;
        let mut settings = settings(&double, Role::Admin);
        settings.remove_warninglist = 87;
        settings.hard_delete = hard;
        // Its own link stands on the list too, and stays.
        let list = vec![
            "EVIL.example".into(),
            "203.0.113.1".into(),
            super::LINK.into(),
            "198.51.100.%".into(),
        ];
        double.state().warninglists.insert("87".into(), list);
        let event = event(Some(REPORT));
        let receipt = deliver(&extracting(settings), &event).await.unwrap();
        assert!(
            receipt.notes.iter().any(|note| note.contains("removed 1")),
            "{receipt:?}"
        );
        let state = double.state();
        let stored = state.event(&event.uuid.to_string()).unwrap();
        assert!(
            !stored.values().contains(&"evil.example") && stored.values().contains(&"198.51.100.7")
        );
        assert!(stored.values().contains(&super::LINK));
        assert_eq!(
            stored
                .attributes
                .iter()
                .any(|attribute| attribute["deleted"] == true),
            !hard
        );
    }
}
