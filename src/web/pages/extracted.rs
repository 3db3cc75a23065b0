//! What was made of an article, as its page shows it.

use std::collections::BTreeSet;

use askama::Template;

use crate::web::report;
use crate::web::view::{Found, web_link};
use crate::worker::result::{self, FoundTag};

/// Finds shown before the rest is folded.
const OPEN: usize = 25;

/// Most finds shown, and most bytes of them.
const MOST_FOUND: usize = 2_000;
const MOST_TEXT: usize = 2_000_000;

/// Most tags shown.
const MOST_TAGS: usize = 500;

/// What was made of an article.
#[derive(Debug, Template)]
#[template(path = "extracted.html")]
pub(super) struct Extracted {
    /// Where it is told in full.
    address: String,
    /// Where the article was found in the end, when that is elsewhere.
    link: Option<String>,
    notes: Vec<String>,
    /// How many indicators there are; those shown; those folded; what is no indicator; and how many are not shown.
    number: usize,
    first: Vec<Found>,
    further: Vec<Found>,
    others: Vec<Found>,
    unshown: usize,
    tags: Vec<FoundTag>,
    more_tags: usize,
    /// The report, as HTML.
    report: String,
    report_cut: bool,
    /// Whether it was kept in part only.
    cut: bool,
}

impl Extracted {
    /// Of what was kept of this job, whose article has this URL. Takes as long as it is large: not for async threads.
    pub(super) fn of(id: &str, url: &str, kept: result::Extracted) -> Self {
        let hostile: BTreeSet<&str> = kept
            .indicators
            .iter()
            .filter(|one| one.verdict == "detect")
            .map(|one| one.value.as_str())
            .collect();
        let report = report::render(&kept.report, &kept.references, &hostile);
        let all = kept.indicators.len();
        let (mut indicators, others) = shown(kept.indicators);
        let unshown = all - indicators.len() - others.len();
        let further = indicators.split_off(OPEN.min(indicators.len()));
        let mut tags = kept.tags;
        let more_tags = tags.len().saturating_sub(MOST_TAGS);
        tags.truncate(MOST_TAGS);
        Self {
            address: format!("/api/v1/articles/{id}/result"),
            link: web_link(&kept.url)
                .filter(|found| *found != url)
                .map(str::to_owned),
            notes: kept.notes,
            number: indicators.len() + further.len(),
            first: indicators,
            further,
            others,
            unshown,
            tags,
            more_tags,
            report: report.html,
            report_cut: report.cut,
            cut: kept.cut,
        }
    }
}

/// Indicators, those for detection first, and what is none: as many as are shown.
fn shown(found: Vec<result::Found>) -> (Vec<Found>, Vec<Found>) {
    let mut found: Vec<Found> = found.into_iter().map(Found::from).collect();
    let rank = |one: &Found| match one.verdict {
        "detect" => 0,
        "note" => 1,
        "reference" => 2,
        _ => 3,
    };
    found.sort_by_key(rank);
    let mut room = MOST_TEXT;
    let mut fits = |one: &Found| {
        let size = one.value.len() + one.reason.len() + one.sentence.len();
        room.checked_sub(size).map(|left| room = left).is_some()
    };
    let end = found.iter().position(|one| !fits(one));
    found.truncate(end.unwrap_or(found.len()).min(MOST_FOUND));
    let indicators = found.partition_point(|one| rank(one) < 2);
    let others = found.split_off(indicators);
    (found, others)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(verdict: &str, value: impl Into<String>) -> result::Found {
        result::Found {
            kind: "domain".into(),
            value: value.into(),
            verdict: verdict.into(),
            reason: "defanged".into(),
            to_ids: verdict == "detect",
            sentence: "It calls <b>home</b>.".into(),
        }
    }

    fn html(kept: result::Extracted) -> String {
        Extracted::of("0", "https://a.example/", kept)
            .render()
            .unwrap()
    }

    #[test]
    fn what_was_kept_is_shown_and_nothing_of_it_acts() {
        let kept = result::Extracted {
            url: "javascript:alert(1)".into(),
            indicators: vec![
                found("note", "noted.example"),
                found("drop", "dropped.example"),
                found("detect", "evil.example<script>"),
                found("of-tomorrow", "unknown.example"),
            ],
            tags: vec![FoundTag {
                tag: "misp-galaxy:x=\"<i>\"".into(),
                topic: "actor".into(),
                standing: "subject".into(),
                reason: "<u>named</u>".into(),
                sentence: "<s>It</s> was seen.".into(),
            }],
            report: "# <h1>\n\n[x](https://evil.example)".into(),
            notes: vec!["<em>1</em> indicators".into()],
            ..result::Extracted::default()
        };
        let html = html(kept);
        let at = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text}: {html}"));
        assert!(at("evil.example&#60;script&#62;") < at("noted.example"));
        assert!(at("noted.example") < at("<details"));
        assert!(at("<details") < at("dropped.example"));
        at("unknown.example");
        at("Indicators (2)");
        at("It calls &#60;b&#62;home");
        at("misp-galaxy:x=&#34;&#60;i&#62;&#34;");
        at("&#60;s&#62;It");
        at("<h4>&lt;h1&gt;</h4>");
        for active in ["<script", "<b>", "<i>", "<u>", "<s>", "<em>", "javascript:"] {
            assert!(!html.contains(active), "{active}: {html}");
        }
    }

    #[test]
    fn many_are_folded_and_too_many_are_counted() {
        let indicators = (0..3_000).map(|n| found("detect", format!("e{n}.example")));
        let kept = result::Extracted {
            indicators: indicators.collect(),
            cut: true,
            ..result::Extracted::default()
        };
        let html = html(kept);
        let folded = html.find("<details").unwrap();
        assert!(html.find(">e24.example<").unwrap() < folded);
        assert!(html.find(">e25.example<").unwrap() > folded);
        assert!(html.contains(">e1999.example<") && !html.contains(">e2000.example<"));
        assert!(html.contains("1975 more") && html.contains("1000 more are not shown"));
        assert!(html.contains("Something was left out"));
        let rule = found("note", "x".repeat(MOST_TEXT / 2));
        let kept = result::Extracted {
            indicators: vec![rule; 3],
            ..result::Extracted::default()
        };
        assert!(self::html(kept).len() < 2 * MOST_TEXT);
    }

    #[test]
    fn where_it_was_found_is_said_when_it_is_elsewhere() {
        for (url, is_said) in [("https://a.example/", false), ("https://b.example/", true)] {
            let kept = result::Extracted {
                url: url.into(),
                ..result::Extracted::default()
            };
            assert_eq!(html(kept).contains(&format!("href=\"{url}\"")), is_said);
        }
    }

    #[test]
    fn nothing_found_is_said() {
        let html = html(result::Extracted::default());
        assert!(html.contains("No indicators were found"), "{html}");
        assert!(
            !html.contains("<table") && !html.contains("<article"),
            "{html}"
        );
    }
}
