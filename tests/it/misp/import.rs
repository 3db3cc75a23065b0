//! `fetch = "misp"`: the server downloads the article itself.

use gleaner::config::{self, Fetch, WithoutRequired};
use gleaner::destinations::Delivery;
use gleaner::failure::Reason;

use gleaner::destinations::misp::Misp;
use gleaner::event::{DO_NOT_DELETE, Event};

use super::{LINK, REPORT, attempt, deliver, event, extracting, settings};
use crate::support::misp::{Fault, MispDouble, Moment, Role, Stored};

fn fetching(double: &MispDouble) -> config::Misp {
    config::Misp {
        fetch: Fetch::Misp,
        ..settings(double, Role::Admin)
    }
}

fn page(double: &MispDouble, content: &str) {
    double.state().pages.insert(LINK.into(), content.into());
}

#[tokio::test]
async fn imports_then_extracts() {
    let double = MispDouble::start().await;
    page(&double, REPORT);
    let (misp, event) = (extracting(fetching(&double)), event(None));
    let receipt = deliver(&misp, &event).await.unwrap();
    assert_eq!(receipt.delivery, Delivery::Created);
    assert_eq!(double.requests().len(), 3);
    let again = deliver(&misp, &event).await.unwrap();
    assert_eq!(again.delivery, Delivery::AlreadyThere);
    let state = double.state();
    let stored = state.event(&event.uuid.to_string()).unwrap();
    assert_eq!(stored.reports.len(), 1);
    assert!(stored.values().contains(&"evil.example"));
}

#[tokio::test]
async fn a_failed_import_is_taken_up_again() {
    let double = MispDouble::start().await;
    let (misp, event) = (extracting(fetching(&double)), event(None));
    let failure = deliver(&misp, &event).await.unwrap_err();
    assert!(
        failure.reason == Reason::ImportFailed && failure.message.contains(LINK),
        "{failure}"
    );
    page(&double, REPORT);
    deliver(&misp, &event).await.unwrap();
    assert_eq!(
        double
            .state()
            .event(&event.uuid.to_string())
            .unwrap()
            .reports
            .len(),
        1
    );
}

#[tokio::test]
async fn an_import_whose_answer_was_lost_is_not_repeated() {
    let double = MispDouble::start().await;
    page(&double, REPORT);
    let (misp, event) = (extracting(fetching(&double)), event(None));
    double.fault(
        "/eventReports/import",
        Moment::AfterStoring,
        1,
        Fault::BreakOff,
    );
    deliver(&misp, &event).await.unwrap_err();
    deliver(&misp, &event).await.unwrap();
    assert_eq!(double.count("/eventReports/import"), 1);
    assert_eq!(
        double
            .state()
            .event(&event.uuid.to_string())
            .unwrap()
            .reports
            .len(),
        1
    );
}

#[tokio::test]
async fn the_last_attempt_leaves_no_half_event() {
    let double = MispDouble::start().await;
    let (misp, event) = (extracting(fetching(&double)), event(None));
    deliver(&misp, &event).await.unwrap_err();
    let failure = attempt(&misp, &event, true).await.unwrap_err();
    assert!(failure.message.contains("was deleted"), "{failure}");
    {
        let state = double.state();
        assert!(state.events.is_empty() && state.blocklist.is_empty());
    }
    // Brought back by hand, it goes the whole way.
    page(&double, REPORT);
    assert_eq!(
        deliver(&misp, &event).await.unwrap().delivery,
        Delivery::Created
    );
}

#[tokio::test]
async fn a_blocklist_entry_that_cannot_be_lifted_is_named() {
    let double = MispDouble::start().await;
    let settings = config::Misp {
        key: Role::OtherOrg.key().as_str().into(),
        ..fetching(&double)
    };
    let event = event(None);
    let failure = attempt(&extracting(settings), &event, true)
        .await
        .unwrap_err();
    assert!(
        failure.message.contains("stays on MISP's event blocklist"),
        "{failure}"
    );
    assert!(
        failure.message.contains(&event.uuid.to_string()),
        "{failure}"
    );
}

#[tokio::test]
async fn an_error_page_is_no_article() {
    let double = MispDouble::start().await;
    page(&double, "# Access denied\n\nCloudflare Ray ID");
    let (misp, event) = (extracting(fetching(&double)), event(None));
    let failure = deliver(&misp, &event).await.unwrap_err();
    assert!(
        failure.reason == Reason::ImportFailed && failure.message.contains("access denied"),
        "{failure}"
    );
    assert!(
        double
            .state()
            .event(&event.uuid.to_string())
            .unwrap()
            .reports
            .is_empty()
    );
    page(&double, REPORT);
    deliver(&misp, &event).await.unwrap();
    assert_eq!(
        double
            .state()
            .event(&event.uuid.to_string())
            .unwrap()
            .reports
            .len(),
        1
    );
}

/// An event whose report an earlier attempt imported, with its extraction still to do.
async fn imported(double: &MispDouble, misp: &Misp, event: &Event, content: &str) {
    page(double, content);
    double.state().extraction_fails = true;
    deliver(misp, event).await.unwrap_err();
    double.state().extraction_fails = false;
    assert_eq!(
        double
            .state()
            .event(&event.uuid.to_string())
            .unwrap()
            .reports
            .len(),
        1
    );
}

#[tokio::test]
async fn an_analysts_short_report_is_never_deleted() {
    let double = MispDouble::start().await;
    let (misp, event) = (extracting(fetching(&double)), event(None));
    imported(&double, &misp, &event, REPORT).await;
    let mine = "The page is gone (404); evil.example was on it";
    {
        let mut state = double.state();
        let stored = state.event_mut(&event.uuid.to_string()).unwrap();
        stored.edit_report(0, mine);
    }
    for last in [false, true] {
        let receipt = attempt(&misp, &event, last).await.unwrap();
        assert!(
            receipt.notes.iter().any(|note| note.contains("edited")),
            "{receipt:?}"
        );
    }
    let state = double.state();
    let stored = state.event(&event.uuid.to_string()).unwrap();
    assert_eq!(stored.reports[0]["content"], mine);
}

#[tokio::test]
async fn an_error_page_of_an_earlier_attempt_is_named_not_deleted() {
    let double = MispDouble::start().await;
    page(&double, "# Access denied\n\nCloudflare Ray ID");
    let (misp, event) = (extracting(fetching(&double)), event(None));
    let kill = Fault::BreakOff;
    double.fault("/eventReports/import", Moment::AfterStoring, 1, kill);
    deliver(&misp, &event).await.unwrap_err();
    let receipt = deliver(&misp, &event).await.unwrap();
    assert!(receipt.notes[0].contains("error page"), "{receipt:?}");
    assert_eq!(double.count("/eventReports/delete"), 0);
}

#[tokio::test]
async fn a_failed_extraction_of_an_imported_report_is_taken_up_again() {
    let double = MispDouble::start().await;
    let (misp, event) = (extracting(fetching(&double)), event(None));
    imported(&double, &misp, &event, REPORT).await;
    deliver(&misp, &event).await.unwrap();
    let state = double.state();
    let stored = state.event(&event.uuid.to_string()).unwrap();
    assert!(stored.values().contains(&"evil.example"));
}

#[tokio::test]
async fn the_last_attempt_spares_what_an_analyst_did_meanwhile() {
    for change in [
        (|event| event.info = "Edited".into()) as fn(&mut Stored),
        |event| event.tags.push((DO_NOT_DELETE.into(), true)),
        |event| {
            let mut mine = event.attributes[0].clone();
            mine["uuid"] = "5e1f0c2a-1111-4000-8000-00000000aaaa".into();
            event.attributes.push(mine);
        },
    ] {
        let double = MispDouble::start().await;
        let (misp, event) = (extracting(fetching(&double)), event(None));
        double.meanwhile("/eventReports/import", Moment::Before, move |state| {
            change(state.events.values_mut().next().unwrap());
        });
        let failure = attempt(&misp, &event, true).await.unwrap_err();
        assert!(failure.message.contains("worked on it"), "{failure}");
        assert_eq!(double.count("/events/delete"), 0);
        assert_eq!(double.state().events.len(), 1);
    }
}

#[tokio::test]
async fn an_event_an_analyst_deleted_meanwhile_stays_on_the_blocklist() {
    let double = MispDouble::start().await;
    let (misp, event) = (extracting(fetching(&double)), event(None));
    let uuid = event.uuid.to_string();
    double.meanwhile("/eventReports/import", Moment::Before, move |state| {
        state.events.clear();
        state.blocklist.push(uuid.clone());
    });
    let failure = attempt(&misp, &event, true).await.unwrap_err();
    assert!(failure.message.contains("gone"), "{failure}");
    assert_eq!(double.state().blocklist, [event.uuid.to_string()]);
}

#[tokio::test]
async fn an_edited_event_is_not_skipped_away() {
    let double = MispDouble::start().await;
    let (open, event) = (extracting(fetching(&double)), event(None));
    imported(&double, &open, &event, REPORT).await;
    double
        .state()
        .event_mut(&event.uuid.to_string())
        .unwrap()
        .timestamp += 3600;
    let strict = config::Misp {
        required_strings: vec!["acme".into()],
        without_required_strings: WithoutRequired::Skip,
        ..fetching(&double)
    };
    let receipt = deliver(&extracting(strict), &event).await.unwrap();
    assert!(receipt.notes[0].contains("worked on it"), "{receipt:?}");
    assert_eq!(double.state().events.len(), 1);
}

#[tokio::test]
async fn a_page_with_emoji_fails_inside_misp_and_is_explained() {
    let double = MispDouble::start().await;
    page(&double, "A page \u{1F525}");
    let failure = deliver(&extracting(fetching(&double)), &event(None))
        .await
        .unwrap_err();
    assert!(
        failure.reason == Reason::ImportFailed && failure.message.contains("emoji"),
        "{failure}"
    );
}

#[tokio::test]
async fn required_strings_tag_the_event() {
    let double = MispDouble::start().await;
    page(&double, REPORT);
    double
        .state()
        .warninglists
        .insert("5".into(), vec!["LOADER".into(), "absent".into()]);
    let settings = config::Misp {
        required_strings: vec!["daily".into()],
        required_strings_warninglist: 5,
        ..fetching(&double)
    };
    let event = event(None);
    let misp = extracting(settings);
    deliver(&misp, &event).await.unwrap();
    deliver(&misp, &event).await.unwrap();
    let state = double.state();
    let stored = state.event(&event.uuid.to_string()).unwrap();
    for tag in ["gleaner:match=\"daily\"", "gleaner:match=\"LOADER\""] {
        assert!(
            stored.tags.contains(&(tag.into(), true)),
            "{:?}",
            stored.tags
        );
    }
    assert_eq!(double.count("/warninglists/view/5"), 1);
}

#[tokio::test]
async fn an_article_without_required_strings_can_be_skipped() {
    let double = MispDouble::start().await;
    page(&double, REPORT);
    let settings = config::Misp {
        required_strings: vec!["acme".into()],
        without_required_strings: WithoutRequired::Skip,
        ..fetching(&double)
    };
    let receipt = deliver(&extracting(settings), &event(None)).await.unwrap();
    assert_eq!(receipt.delivery, Delivery::Unwanted);
    assert!(receipt.notes[0].contains("required strings"));
    assert!(double.state().events.is_empty());
}

#[tokio::test]
async fn a_warninglist_that_is_not_there_is_named() {
    let double = MispDouble::start().await;
    let settings = config::Misp {
        required_strings_warninglist: 99_999,
        ..fetching(&double)
    };
    let failure = extracting(settings).required_strings().await.unwrap_err();
    assert!(failure.message.contains("`99999`"), "{failure}");
}
