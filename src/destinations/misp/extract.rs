//! What the server does itself: downloading the article and extracting from the report.
//!
//! How an attempt knows what an earlier one did: extraction rewrites the report with references such as
//! `@[attribute](uuid)`, and a report nobody has edited says so itself (see `judge`). A report
//! without finds stays as it is; extracting from it again changes nothing.

use serde_json::json;

use super::cleaning::{Folded, matches, required_tags};
use super::wire::{Extracted, Stored, StoredReport, WrappedReport};
use super::{Misp, judge};
use crate::config::WithoutRequired;
use crate::destinations::Delivering;
use crate::event::Event;
use crate::failure::{Failure, Reason};

/// An imported page with fewer words than this may be an error page.
const SHORT: usize = 100;

/// What short pages say that are no article. The server imports them as if they were one.
const ERROR_PAGES: &[&str] = &[
    "404",
    "not found",
    "page doesn't exist",
    "page does not exist",
    "403",
    "forbidden",
    "access denied",
    "access to this page has been denied",
    "just a moment",
    "attention required",
    "cloudflare ray id",
    "enable javascript and cookies",
    "verify you are human",
    "verifying you are human",
    "unusual traffic",
    "too many requests",
    "internal server error",
    "bad gateway",
    "service unavailable",
    "oops",
];

/// How an import ended.
pub(super) enum Imported {
    /// With this report, new or from an earlier attempt.
    Report(StoredReport),
    /// The text holds none of the required strings; the event is gone.
    Unwanted(String),
}

impl Misp {
    /// Lets the server download the article, unless an earlier attempt did.
    pub(super) async fn import(
        &self,
        event: &Event,
        stored: &Stored,
        context: Delivering<'_>,
        notes: &mut Vec<String>,
    ) -> Result<Imported, Failure> {
        if let Some(report) = judge::report_of(event, stored) {
            // Whatever it says, it is not this attempt's to judge away: an analyst may have written it.
            if judge::is_referenced(&report.content) || !judge::is_as_imported(report) {
                return Ok(Imported::Report(report.clone()));
            }
            if let Some(mark) = error_page(&report.content) {
                notes.push(format!(
                    "the report that MISP imported earlier reads like an error page ({mark}); look at it"
                ));
            }
            return self.wanted(event, stored, report.clone(), notes).await;
        }
        match self.import_now(stored, context.link).await {
            Ok(report) => self.wanted(event, stored, report, notes).await,
            Err(failure) if context.last_attempt => {
                let done = self.abandon(event, stored).await;
                let message = format!("{}; {done}", failure.message);
                Err(Failure::new(failure.reason, message).retry_after(failure.retry_after))
            }
            Err(failure) => Err(failure),
        }
    }

    async fn import_now(&self, stored: &Stored, link: &str) -> Result<StoredReport, Failure> {
        let path = format!("/eventReports/importReportFromUrl/{}", stored.id);
        let answer = self.client.post(&path, &json!({"url": link})).await?;
        if answer.is_nothing() {
            let message = format!(
                "MISP imported nothing from `{link}`: it cannot reach the page, or its misp-modules service or the \
                 `html_to_markdown` module is off"
            );
            return Err(Failure::new(Reason::ImportFailed, message));
        }
        if answer.status.is_server_error() {
            let message = format!(
                "MISP failed while importing `{link}`; on the default database charset it does on pages with emoji"
            );
            return Err(Failure::new(Reason::ImportFailed, message));
        }
        let imported: WrappedReport = answer.ok()?.read()?;
        let report = imported.report;
        let Some(mark) = error_page(&report.content) else {
            return Ok(report);
        };
        // This very request made it: nobody else has had it in hands.
        let path = format!("/eventReports/delete/{}/1", report.id);
        self.client.post(&path, &json!({})).await?.ok()?;
        let message = format!("MISP imported an error page in place of `{link}` ({mark})");
        Err(Failure::new(Reason::ImportFailed, message))
    }

    /// Applies the rule of required strings to a text that only the server has.
    async fn wanted(
        &self,
        event: &Event,
        stored: &Stored,
        report: StoredReport,
        notes: &mut Vec<String>,
    ) -> Result<Imported, Failure> {
        let strings = self.required_strings().await?;
        if strings.is_empty() {
            return Ok(Imported::Report(report));
        }
        let text = format!("{}\n{}", event.info, report.content);
        let found = strings.found_in(&text);
        if found.is_empty() && self.settings.without_required_strings == WithoutRequired::Skip {
            let done = self.abandon(event, stored).await;
            return Ok(Imported::Unwanted(format!(
                "none of the required strings in the text; {done}"
            )));
        }
        for tag in required_tags(&self.settings, &found) {
            let body = json!({"uuid": event.uuid, "tag": tag.name, "local": tag.local});
            let answer = self.client.post("/tags/attachTagToObject", &body).await?;
            if !answer.status.is_success() {
                notes.push(format!(
                    "tag `{}` not set: {}",
                    tag.name,
                    answer.refused().message
                ));
            }
        }
        Ok(Imported::Report(report))
    }

    /// Lets the server extract indicators and tags from the report, unless that was done or the report edited.
    /// Answers the report with the references in it; `None`: left out.
    pub(super) async fn extract(
        &self,
        event: &Event,
        id: &str,
        report: StoredReport,
        notes: &mut Vec<String>,
    ) -> Result<Option<StoredReport>, Failure> {
        // References in a text that is still ours are ours.
        if judge::is_referenced(&report.content) && !judge::is_as_sent(event, &report) {
            return Ok(Some(report));
        }
        if !judge::is_as_written(event, &report) {
            let note = "the report was edited or extracted from since: MISP's extraction left out";
            notes.push(note.into());
            return Ok(None);
        }
        let path = format!("/eventReports/extractAllFromReport/{}", report.id);
        let body = json!({"EventReport": {"id": report.id, "tag_event": 1}});
        let answer = self.client.post(&path, &body).await?;
        if answer.is_nothing() {
            let message = format!(
                "MISP extracted nothing from the report of event `{id}`, not even an answer; the event itself is stored, \
                 with its report"
            );
            return Err(Failure::new(Reason::ImportFailed, message));
        }
        let extracted: Extracted = answer.ok()?.read()?;
        Ok(Some(extracted.within.report))
    }
}

/// What gives a short text away as an error page.
fn error_page(content: &str) -> Option<String> {
    let words = content.split_whitespace().take(SHORT).count();
    if words == 0 {
        return Some("empty".into());
    }
    if words == SHORT {
        return None;
    }
    let marks: Vec<Folded> = ERROR_PAGES.iter().copied().map(Folded::new).collect();
    matches(content, &marks).into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_error_pages_from_articles() {
        let long = "A long article about a 404 page that was not found. ".repeat(40);
        for (content, mark) in [
            ("# Not found here\n\nno page", Some("not found")),
            (
                "# Access denied\n\nCloudflare Ray ID",
                Some("access denied"),
            ),
            ("# Just a moment...\n\nChecking", Some("just a moment")),
            ("oops", Some("oops")),
            (" \n", Some("empty")),
            ("plain text with 198.51.100.7", None),
            ("CVE-2026-4040 and 198.51.100.404x", None),
            (long.as_str(), None),
        ] {
            assert_eq!(error_page(content).as_deref(), mark, "{content}");
        }
    }
}
