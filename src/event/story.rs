//! Naming the events of the same story.

use std::fmt::Write as _;

use super::evidence::code;
use super::{Event, ids, report, text};
use crate::story::Related;

/// Longest title and link shown, in characters.
const MAX_TITLE: usize = 200;
const MAX_LINK: usize = 400;
/// Longest words for what is in common, in characters; names of clusters stand in them.
const MAX_WHY: usize = 300;

impl Event {
    /// Names earlier events of the same story, the nearest first, at the end of the report, which stays within
    /// `max_report` bytes; if `extends`, this one extends the first of them.
    pub fn relate(&mut self, related: &[Related], extends: bool, max_report: usize) {
        let Some(first) = related.first() else {
            return;
        };
        if extends {
            self.extends_uuid = Some(first.story.event);
        }
        let section = section(related);
        let uuid = self.uuid;
        for report in &mut self.reports {
            let room = max_report.saturating_sub(section.len());
            let content = std::mem::take(&mut report.content);
            report.content = report::cut(content, room);
            report.content.push_str(&section);
            report.uuid = ids::report(uuid, &report.content);
        }
    }
}

/// Titles are another page's words, names of clusters in what is in common are another community's: escaped, and links
/// are code.
fn section(related: &[Related]) -> String {
    let mut out = String::from("\n---\n\n## Same story\n\n");
    for Related { story, why } in related {
        let title = text::bounded(&text::line(&story.title), MAX_TITLE);
        let link = text::bounded(&text::line(&story.link), MAX_LINK);
        let _ = writeln!(
            out,
            "- {} ({}, {})  \n  {}, event `{}`",
            report::escaped(&title, MAX_TITLE),
            story.date,
            report::escaped(&text::bounded(&text::line(why), MAX_WHY), MAX_WHY),
            code(&link),
            story.event
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use uuid::Uuid;

    use super::*;
    use crate::config::EventSettings;
    use crate::event::build;
    use crate::story::Story;

    fn related(title: &str) -> Related {
        Related {
            story: Story {
                event: Uuid::new_v5(&Uuid::NAMESPACE_URL, title.as_bytes()),
                title: title.into(),
                link: "https://other.example/`x".into(),
                date: NaiveDate::from_ymd_opt(2026, 11, 18).unwrap(),
                told: chrono::DateTime::from_timestamp(1_795_000_000, 0).unwrap(),
            },
            why: "1 file in common".into(),
        }
    }

    fn event(text: &str) -> Event {
        let job = build::tests::job();
        build(
            &EventSettings::default(),
            &job,
            None,
            Some(text.into()),
            &[],
        )
    }

    #[test]
    fn earlier_events_are_named_at_the_end() {
        let mut told = event("# Loader\n");
        let before = told.reports[0].clone();
        told.relate(
            &[related("A [loader] \u{1F525}"), related("B")],
            false,
            4096,
        );
        assert_eq!(told.extends_uuid, None);
        let report = &told.reports[0];
        let added = report.content.strip_prefix(&before.content).unwrap();
        assert_eq!(
            added,
            format!(
                "\n---\n\n## Same story\n\n- A \\[loader\\] :fire: (2026-11-18, 1 file in common)  \n  \
                 ``https://other.example/`x``, event `{}`\n- B (2026-11-18, 1 file in common)  \n  \
                 ``https://other.example/`x``, event `{}`\n",
                related("A [loader] \u{1F525}").story.event,
                related("B").story.event,
            )
        );
        assert_eq!(report.uuid, ids::report(told.uuid, &report.content));
        assert_ne!(report.uuid, before.uuid);
    }

    #[test]
    fn names_of_clusters_cannot_write_markdown() {
        let mut told = event("x");
        let why = "CVE-2026-1 with [a](b) <img>\n# c @[tag](d) in common".into();
        told.relate(
            &[Related {
                why,
                ..related("A")
            }],
            false,
            4096,
        );
        let content = &told.reports[0].content;
        let shown =
            r"(2026-11-18, CVE-2026-1 with \[a\]\(b\) \<img\> \# c \@\[tag\]\(d\) in common)";
        assert!(content.contains(shown), "{content}");
    }

    #[test]
    fn the_nearest_is_extended_on_request() {
        let mut told = event("x");
        told.relate(&[related("A"), related("B")], true, 4096);
        assert_eq!(told.extends_uuid, Some(related("A").story.event));
        let json = serde_json::to_value(&told).unwrap();
        assert_eq!(json["extends_uuid"], related("A").story.event.to_string());
        let read: Event = serde_json::from_value(json).unwrap();
        assert_eq!(read.extends_uuid, told.extends_uuid);
        let alone = event("x");
        let mut json = serde_json::to_value(&alone).unwrap();
        assert_eq!(json.get("extends_uuid"), None);
        json["extends_uuid"] = "".into();
        assert_eq!(serde_json::from_value::<Event>(json).unwrap(), alone);
    }

    #[test]
    fn a_full_report_makes_room() {
        let mut told = event(&"word after word\n".repeat(1000));
        told.relate(&[related("A")], false, 2000);
        let content = &told.reports[0].content;
        assert!(content.len() <= 2000, "{}", content.len());
        assert!(content.contains("cut here") && content.contains("## Same story"));
    }

    #[test]
    fn none_related_changes_nothing() {
        let mut told = event("x");
        told.relate(&[], true, 10);
        assert_eq!(told, event("x"));
    }
}
