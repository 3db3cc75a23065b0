//! Whose hands an event on the server has been in: ours alone, or an analyst's too.
//!
//! Judged by what the server holds, never by this attempt's own text: a page differs from one download to the
//! next. In doubt it is an analyst's, and stays.

use super::wire::{Stored, StoredReport};
use crate::event::{DO_NOT_DELETE, Event, ids};

/// Seconds that may lie between timestamps that one request of ours set.
const SAME_REQUEST: i64 = 5;

/// What MISP calls a report it imported, before the address and the time in parentheses.
const IMPORTED: &str = "Report from - ";

/// Whether an analyst has moved it on: published it, or set another state than we did.
pub(super) fn is_taken_up(event: &Event, stored: &Stored) -> bool {
    let other_state = stored
        .tags
        .iter()
        .filter(|tag| tag.name.starts_with("workflow:state="))
        .any(|tag| event.tags.iter().all(|ours| ours.name != tag.name));
    stored.published || other_state
}

/// Whether it is just as requests of ours made it: no attribute but ours, and none of the changes that move an
/// event's timestamp on. The oldest attribute tells when it was made, because editing one renews its timestamp.
pub(super) fn is_untouched(event: &Event, stored: &Stored) -> bool {
    let ours = stored.attributes.iter().all(|there| {
        event.attributes.iter().any(|sent| {
            sent.uuid == there.uuid || (sent.kind == there.kind && sent.value == there.value)
        })
    });
    let made = stored.attributes.iter().map(|there| there.timestamp).min();
    let imported = present(stored).filter(|report| is_as_imported(report));
    let imported = imported.map(|report| report.timestamp).max();
    let last = made.max(imported);
    // Without any of the attributes that were sent, someone has removed them.
    ours && last.map_or(event.attributes.is_empty(), |last| {
        stored.timestamp <= last + SAME_REQUEST
    })
}

/// Whether an event we may delete is still what it was when this attempt began, but for what the server itself
/// imported since.
pub(super) fn is_same(before: &Stored, now: &Stored) -> bool {
    let names = |stored: &Stored| {
        let mut names: Vec<String> = stored.tags.iter().map(|tag| tag.name.clone()).collect();
        names.sort();
        names
    };
    let reports = present(now).all(|report| {
        let known = before.reports.iter().any(|known| known == report);
        known || is_as_imported(report)
    });
    let alike = before.info == now.info
        && before.published == now.published
        && before.attributes == now.attributes
        && names(before) == names(now);
    alike && reports && !now.has_tag(DO_NOT_DELETE)
}

/// The report to go on with: the one nobody edited, else any.
pub(super) fn report_of<'a>(event: &Event, stored: &'a Stored) -> Option<&'a StoredReport> {
    let as_written = present(stored).find(|report| is_as_written(event, report));
    as_written.or_else(|| present(stored).next())
}

fn present(stored: &Stored) -> impl Iterator<Item = &StoredReport> {
    stored.reports.iter().filter(|report| !report.deleted)
}

/// Whether nobody has changed its text, the server's extraction included: its UUID is made of the text an
/// earlier attempt or this one sent, or it is as the server imported it.
pub(super) fn is_as_written(event: &Event, report: &StoredReport) -> bool {
    is_as_sent(event, report) || is_as_imported(report)
}

/// Whether its text is the one an attempt of ours sent.
pub(super) fn is_as_sent(event: &Event, report: &StoredReport) -> bool {
    report.uuid == ids::report(event.uuid, &report.content)
}

/// Whether the server imported it and nobody has edited it: an edit renews the timestamp, and the name goes on
/// to tell the first one.
pub(super) fn is_as_imported(report: &StoredReport) -> bool {
    let imported = report.name.strip_prefix(IMPORTED).and_then(|rest| {
        let (_, time) = rest.rsplit_once('(')?;
        time.strip_suffix(')')?.parse::<i64>().ok()
    });
    imported.is_some_and(|imported| report.timestamp.abs_diff(imported) <= 1)
}

/// Whether the server's extraction has written its references into it.
pub(super) fn is_referenced(content: &str) -> bool {
    ["@[attribute](", "@[tag](", "@[object]("]
        .iter()
        .any(|mark| content.contains(mark))
}

/// Whether the server's extraction made this attribute, as far as the rewritten report tells: it is referenced
/// there and not younger than the report.
pub(super) fn is_extracted(report: &StoredReport, uuid: uuid::Uuid, timestamp: i64) -> bool {
    let reference = format!("@[attribute]({uuid})");
    report.content.contains(&reference) && timestamp <= report.timestamp + SAME_REQUEST
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn report(name: &str, timestamp: i64) -> StoredReport {
        let report = json!({
            "id": "1", "uuid": "5e1f0c2a-1111-4000-8000-000000000001", "name": name, "content": "c",
            "timestamp": timestamp.to_string(), "deleted": false,
        });
        serde_json::from_value(report).unwrap()
    }

    #[test]
    fn imports_are_known_by_their_name_and_time() {
        for (name, timestamp, expected) in [
            (
                "Report from - http://127.0.0.1:8099/ok (1795291444)",
                1_795_291_444,
                true,
            ),
            (
                "Report from - https://b.example/a(1) (1795291444)",
                1_795_291_445,
                true,
            ),
            (
                "Report from - https://b.example/a (1795291444)",
                1_795_291_500,
                false,
            ),
            ("Report from - me", 1_795_291_444, false),
            ("Report from - (x)", 1_795_291_444, false),
            ("My notes (1795291444)", 1_795_291_444, false),
            ("", 0, false),
        ] {
            assert_eq!(is_as_imported(&report(name, timestamp)), expected, "{name}");
        }
    }

    #[test]
    fn references_of_the_server_are_seen() {
        assert!(is_referenced("C2 at @[attribute](25f1aa89) here"));
        assert!(is_referenced("@[tag](tlp:green)"));
        assert!(!is_referenced("mail me @[home]"));
    }
}
