//! `fetch = "misp"`: the server downloads the article itself.

use gleaner::config::{self, Extraction, Fetch, WithoutRequired};
use gleaner::destinations::Delivery;
use gleaner::failure::Reason;

use super::{LINK, REPORT, attempt, deliver, event, misp, settings};
use crate::support::misp::{Fault, MispDouble, Moment, Role};

fn fetching(double: &MispDouble) -> config::Misp {
    config::Misp {
        fetch: Fetch::Misp,
        extraction: Extraction::Misp,
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
    let (misp, event) = (misp(fetching(&double)), event(None));
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
    let (misp, event) = (misp(fetching(&double)), event(None));
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
    let (misp, event) = (misp(fetching(&double)), event(None));
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
    let (misp, event) = (misp(fetching(&double)), event(None));
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
    let failure = attempt(&misp(settings), &event, true).await.unwrap_err();
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
    let (misp, event) = (misp(fetching(&double)), event(None));
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

#[tokio::test]
async fn a_page_with_emoji_fails_inside_misp_and_is_explained() {
    let double = MispDouble::start().await;
    page(&double, "A page \u{1F525}");
    let failure = deliver(&misp(fetching(&double)), &event(None))
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
    let misp = misp(settings);
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
    let receipt = deliver(&misp(settings), &event(None)).await.unwrap();
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
    let failure = misp(settings).required_strings().await.unwrap_err();
    assert!(failure.message.contains("`99999`"), "{failure}");
}
