//! What was made of an article, as people may look at it later.
//!
//! Kept beside the job in the store ([`Queue::result`](crate::queue::Queue::result)) as deflated JSON. Fields that a
//! version does not know are passed over, and those it misses are empty: workers and readers need not be of one
//! version.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::article::Article;
use crate::article::blocks::Block;
use crate::context::{ContextTag, sentence};
use crate::event::Event;
use crate::event::references::{meanings, references};
use crate::indicators::{Indicator, Verdict};
use crate::plain;
use crate::queue::packed::{pack, unpack};

/// Most bytes of a result as it is kept.
pub const MAX_PACKED: usize = 512 << 10;

/// Most bytes of a result unpacked: beyond all that [`Extracted::pack`] lets through.
const MAX_UNPACKED: usize = 64 << 20;

/// Most indicators and tags kept.
const MAX_FOUND: usize = 10_000;

/// Longest value, in characters; rules are long.
const MAX_VALUE: usize = 8_000;

/// Longest sentence and reason, in characters.
const MAX_SENTENCE: usize = 600;

/// Most bytes of the report when not all fits.
const SHORT_REPORT: usize = 64 << 10;

/// What was made of an article.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Extracted {
    /// The article's title, as the page has it.
    pub title: String,
    /// Where it was found.
    pub url: String,
    /// What the judge said, in order of appearance, what it dropped included.
    pub indicators: Vec<Found>,
    /// The tags that the article earned.
    pub tags: Vec<FoundTag>,
    /// The report, in Markdown. Not made safe to show: render it with raw HTML left out.
    pub report: String,
    /// The values that references to attributes and objects in the report stand for, by UUID.
    pub references: BTreeMap<String, String>,
    /// What people should know of it, a sentence each.
    pub notes: Vec<String>,
    /// Whether something was left out or cut for its size.
    pub cut: bool,
}

/// A judged value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Found {
    /// What it is: `domain`.
    #[serde(rename = "type")]
    pub kind: String,
    /// As it goes out.
    pub value: String,
    /// `detect`, `note`, `reference` or `drop`.
    pub verdict: String,
    /// Why.
    pub reason: String,
    /// Whether detection systems should use it.
    pub to_ids: bool,
    /// The sentence that it stood in.
    pub sentence: String,
}

/// A tag, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FoundTag {
    /// As it stands on the event.
    pub tag: String,
    /// What it speaks of: `actor`.
    pub topic: String,
    /// `subject` or `mention`.
    pub standing: String,
    /// Why.
    pub reason: String,
    /// The sentence that earned it.
    pub sentence: String,
}

impl Extracted {
    /// What was found in an article; its report and notes come when the event is built.
    pub fn of(article: &Article, judged: &[Indicator], tags: &[ContextTag]) -> Self {
        let texts: Vec<Cow<'_, str>> = article.blocks.iter().map(Block::text).collect();
        Self {
            title: plain::short(&article.title, MAX_SENTENCE),
            url: article.url.to_string(),
            indicators: judged
                .iter()
                .take(MAX_FOUND)
                .map(|one| Found::of(one, &texts))
                .collect(),
            tags: tags.iter().take(MAX_FOUND).map(FoundTag::of).collect(),
            cut: judged.len().max(tags.len()) > MAX_FOUND,
            ..Self::default()
        }
    }

    /// The same with the report of the event, and what its references stand for.
    #[must_use]
    pub fn with_report_of(mut self, mut event: Event) -> Self {
        if let Some(report) = event.reports.pop() {
            self.references = meanings(&event, &report.content);
            self.report = report.content;
        }
        self
    }

    /// As the store keeps it: [`MAX_PACKED`] bytes at most. What matters least goes first: values that were dropped,
    /// most of the report, sentences, and in the end whatever is too much.
    pub fn pack(mut self) -> Vec<u8> {
        let steps: [fn(&mut Self); 4] = [
            Self::drop_dropped,
            Self::cut_report,
            Self::drop_sentences,
            Self::drop_most,
        ];
        let mut packed = self.packed();
        for shrink in steps {
            if packed.len() <= MAX_PACKED {
                break;
            }
            self.cut = true;
            shrink(&mut self);
            packed = self.packed();
        }
        packed
    }

    fn packed(&self) -> Vec<u8> {
        // Strings and lists of them can always be written.
        pack(&serde_json::to_vec(self).unwrap_or_default())
    }

    /// As it was. The error says what is wrong with it.
    pub fn unpack(packed: &[u8]) -> Result<Self, String> {
        let json = unpack(packed, MAX_UNPACKED).map_err(|error| error.to_string())?;
        serde_json::from_slice(&json).map_err(|error| error.to_string())
    }

    fn drop_dropped(&mut self) {
        let dropped = Verdict::Drop.as_str();
        self.indicators.retain(|found| found.verdict != dropped);
    }

    fn cut_report(&mut self) {
        let mut end = SHORT_REPORT.min(self.report.len());
        while !self.report.is_char_boundary(end) {
            end -= 1;
        }
        self.report.truncate(end);
        let left: BTreeSet<&str> = references(&self.report).map(|it| it.target).collect();
        self.references.retain(|id, _| left.contains(id.as_str()));
    }

    fn drop_sentences(&mut self) {
        for found in &mut self.indicators {
            found.sentence.clear();
        }
        for tag in &mut self.tags {
            tag.sentence.clear();
        }
    }

    fn drop_most(&mut self) {
        self.indicators.truncate(500);
        for found in &mut self.indicators {
            found.value = plain::short(&found.value, 300);
            found.reason = plain::short(&found.reason, 200);
        }
        self.tags.truncate(200);
        self.notes.truncate(100);
    }
}

impl Found {
    fn of(one: &Indicator, texts: &[Cow<'_, str>]) -> Self {
        let sentence = one.places.get(one.decisive).and_then(|place| {
            let text = texts.get(place.block)?;
            text.get(sentence(text, &place.span))
        });
        Self {
            kind: one.kind.to_string(),
            value: bounded(&one.value, MAX_VALUE),
            verdict: one.verdict.as_str().into(),
            reason: plain::short(&one.reason, MAX_SENTENCE),
            to_ids: one.to_ids,
            sentence: plain::short(sentence.unwrap_or_default(), MAX_SENTENCE),
        }
    }
}

impl FoundTag {
    fn of(tag: &ContextTag) -> Self {
        Self {
            tag: plain::short(&tag.tag, MAX_SENTENCE),
            topic: tag.topic.as_str().into(),
            standing: tag.standing.as_str().into(),
            reason: plain::short(&tag.reason, MAX_SENTENCE),
            sentence: plain::short(&tag.sentence, MAX_SENTENCE),
        }
    }
}

/// The beginning of a value; rules keep their lines.
fn bounded(value: &str, most: usize) -> String {
    value.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(n: usize, verdict: &str) -> Found {
        // Hashes do not deflate.
        use sha2::Digest as _;
        let noise = |salt: &str| hex::encode(sha2::Sha256::digest(format!("{salt}{n}")));
        Found {
            kind: "sha256".into(),
            value: noise("value"),
            verdict: verdict.into(),
            sentence: (0..9).map(|at| noise(&at.to_string())).collect(),
            ..Found::default()
        }
    }

    #[test]
    fn comes_back_as_it_was_when_it_is_small() {
        let extracted = Extracted {
            title: "A “loader” 🦊".into(),
            indicators: vec![found(1, "detect"), found(2, "drop")],
            report: "# Report\n".into(),
            ..Extracted::default()
        };
        let packed = extracted.clone().pack();
        assert_eq!(Extracted::unpack(&packed).unwrap(), extracted);
    }

    #[test]
    fn what_is_large_loses_the_least_important_first() {
        let mut extracted = Extracted {
            indicators: (0..900).map(|n| found(n, "detect")).collect(),
            report: format!("@[attribute](first){}@[object](last)", "ü".repeat(100_000)),
            references: ["first", "last"].map(|id| (id.into(), "v".into())).into(),
            ..Extracted::default()
        };
        extracted
            .indicators
            .extend((900..2_000).map(|n| found(n, "drop")));
        let packed = extracted.clone().pack();
        assert!(packed.len() <= MAX_PACKED, "{}", packed.len());
        let kept = Extracted::unpack(&packed).unwrap();
        assert!(kept.cut);
        assert_eq!(kept.indicators, extracted.indicators[..900]);
        assert_eq!(kept.report, extracted.report);
        assert_eq!(kept.references, extracted.references);

        extracted.indicators = (0..10_000).map(|n| found(n, "note")).collect();
        let packed = extracted.pack();
        assert!(packed.len() <= MAX_PACKED, "{}", packed.len());
        let kept = Extracted::unpack(&packed).unwrap();
        assert!(kept.indicators.len() >= 500);
        assert!(kept.report.len() <= SHORT_REPORT);
        let left: Vec<_> = kept.references.keys().collect();
        assert_eq!(left, ["first"]);
    }

    #[test]
    fn other_versions_are_read_as_far_as_they_are_known() {
        let json = br#"{"title":"t","novelty":{"a":1},"indicators":[{"type":"domain","score":7}]}"#;
        let read = Extracted::unpack(&pack(json)).unwrap();
        assert_eq!(read.title, "t");
        assert_eq!(read.indicators[0].kind, "domain");
        assert!(Extracted::unpack(b"{}").is_err());
    }
}
