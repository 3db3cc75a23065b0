//! misp-scraper's cleaning: values taken out of the event again, and strings an article should contain.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use super::wire::{FoundAttributes, Stored, StoredReport};
use super::{Misp, judge};
use crate::config;
use crate::event::{Event, Tag};
use crate::failure::Failure;

/// Matches that become tags, at most.
const MAX_TAGS: usize = 20;

/// A string, and how it is compared. Warninglists hold a hundred thousand of them, so this is worked out once.
#[derive(Debug, Clone)]
pub struct Folded {
    given: String,
    folded: String,
}

impl Folded {
    /// A string to look for.
    pub fn new(given: impl Into<String>) -> Self {
        let given = given.into();
        Self {
            folded: folded(&given),
            given,
        }
    }
}

/// The strings of which an article should contain at least one. Cheap to make from a list already loaded.
#[derive(Debug, Clone, Default)]
pub struct Required {
    own: Vec<Folded>,
    listed: Arc<[Folded]>,
}

impl Required {
    /// Whether there is no such rule.
    pub fn is_empty(&self) -> bool {
        self.own.is_empty() && self.listed.is_empty()
    }

    /// Those that the text contains, see [`matches()`].
    pub fn found_in(&self, text: &str) -> Vec<String> {
        matches(text, self.own.iter().chain(self.listed.iter()))
    }
}

/// Which of these strings stand in the text as whole words or phrases, in any case and with any white space
/// between their words. In the order given, each once.
pub fn matches<'a>(text: &str, strings: impl IntoIterator<Item = &'a Folded>) -> Vec<String> {
    let text = folded(text);
    let mut found: Vec<String> = Vec::new();
    for string in strings {
        if !string.folded.is_empty()
            && stands_in(&text, &string.folded)
            && !found.contains(&string.given)
        {
            found.push(string.given.clone());
        }
    }
    found
}

fn folded(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

fn stands_in(text: &str, wanted: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(wanted).any(|(start, part)| {
        let before = text.get(..start).and_then(|head| head.chars().next_back());
        let after = text
            .get(start + part.len()..)
            .and_then(|tail| tail.chars().next());
        // A string that itself begins or ends with a mark needs no word boundary there.
        let free = |inner: Option<char>, outer: Option<char>| {
            !inner.is_some_and(is_word) || !outer.is_some_and(is_word)
        };
        free(part.chars().next(), before) && free(part.chars().next_back(), after)
    })
}

/// The tags for an article in which these required strings were found. Local: they speak of our interests.
pub fn required_tags(settings: &config::Misp, found: &[String]) -> Vec<Tag> {
    if settings.required_strings_tag.is_empty() {
        return Vec::new();
    }
    let tag = |string: &String| Tag::local(settings.required_strings_tag.replace("{}", string));
    let mut tags: Vec<Tag> = Vec::new();
    for tag in found.iter().map(tag) {
        if !tags.contains(&tag) && tags.len() < MAX_TAGS {
            tags.push(tag);
        }
    }
    tags
}

impl Misp {
    /// The strings of which an article should contain at least one, from the configuration and the warninglist it
    /// names.
    pub async fn required_strings(&self) -> Result<Required, Failure> {
        let own = self.settings.required_strings.iter();
        let own = own.filter(|string| !string.trim().is_empty());
        let own = own.map(Folded::new).collect();
        let listed = match self.settings.required_strings_warninglist {
            0 => Arc::default(),
            list => self.client.warninglist(list).await?,
        };
        Ok(Required { own, listed })
    }

    /// Removes values of the configured warninglist from what the server extracted: exact values, in any case.
    /// What was there `before` this attempt's extraction stays, and what the extraction did not make, and what a
    /// person has commented or marked for detection.
    pub(super) async fn remove_listed(
        &self,
        event: &Event,
        before: &Stored,
        report: &StoredReport,
        notes: &mut Vec<String>,
    ) -> Result<(), Failure> {
        if self.settings.remove_warninglist == 0 {
            return Ok(());
        }
        let list = self
            .client
            .warninglist(self.settings.remove_warninglist)
            .await?;
        let listed: HashSet<&str> = list.iter().map(|value| value.folded.as_str()).collect();
        let search = json!({"returnFormat": "json", "eventid": event.uuid});
        let answer = self.client.post("/attributes/restSearch", &search).await?;
        let found: FoundAttributes = answer.ok()?.read()?;
        let ours = event.attributes.iter().map(|ours| ours.uuid);
        let mut others: HashSet<Uuid> = ours.collect();
        // An earlier attempt's extraction is in what this one found.
        if !before.reports.iter().any(|known| known == report) {
            others.extend(before.attributes.iter().map(|there| there.uuid));
        }
        let mut removed = 0_usize;
        for found in found.response.attributes {
            let attribute = found.attribute;
            // MISP ignores filters it does not know: believe only what it answered.
            if found.event.uuid == event.uuid
                && !others.contains(&attribute.uuid)
                && judge::is_extracted(report, attribute.uuid, attribute.timestamp)
                && !attribute.to_ids
                && attribute.comment.is_empty()
                && listed.contains(folded(&attribute.value).as_str())
            {
                self.delete_attribute(attribute.uuid).await?;
                removed += 1;
            }
        }
        if removed > 0 {
            let list = self.settings.remove_warninglist;
            notes.push(format!("removed {removed} values of warninglist {list}"));
        }
        Ok(())
    }

    async fn delete_attribute(&self, uuid: Uuid) -> Result<(), Failure> {
        let hard = if self.settings.hard_delete { "/1" } else { "" };
        let path = format!("/attributes/delete/{uuid}{hard}");
        let answer = self.client.post(&path, &json!({})).await?;
        // 404: gone already.
        if answer.status == reqwest::StatusCode::NOT_FOUND {
            return Ok(());
        }
        answer.ok().map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(list: &[&str]) -> Vec<String> {
        list.iter().map(ToString::to_string).collect()
    }

    fn wanted(list: &[&str]) -> Vec<Folded> {
        list.iter().copied().map(Folded::new).collect()
    }

    #[test]
    fn whole_words_and_phrases_in_any_case() {
        let text = "The Acme\n Corp uses C++ and .NET; ACMEs don't. Größe, APT-28.";
        for (wanted, found) in [
            ("acme", true),
            ("acme corp", true),
            ("ACME  CORP", true),
            ("corp uses", true),
            ("acm", false),
            ("cme", false),
            ("don", true),
            ("C++", true),
            (".net", true),
            ("GRÖSSE", false),
            ("größe", true),
            ("apt-28", true),
            ("apt-2", false),
            ("", false),
            (" ", false),
        ] {
            assert_eq!(
                !matches(text, &[Folded::new(wanted)]).is_empty(),
                found,
                "{wanted}"
            );
        }
    }

    #[test]
    fn matches_keep_their_order_and_come_once() {
        let wanted = wanted(&["two", "one", "two", "three"]);
        assert_eq!(matches("One two", &wanted), ["two", "one"]);
    }

    #[test]
    fn tags_name_the_string() {
        let mut settings = config::Misp::default();
        let tags = required_tags(&settings, &strings(&["acme", "corp"]));
        assert_eq!(
            tags,
            [
                Tag::local("gleaner:match=\"acme\""),
                Tag::local("gleaner:match=\"corp\"")
            ]
        );
        settings.required_strings_tag = "watched".into();
        assert_eq!(
            required_tags(&settings, &strings(&["acme", "corp"])).len(),
            1
        );
        settings.required_strings_tag = String::new();
        assert!(required_tags(&settings, &strings(&["acme"])).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_text_and_string(text in ".{0,60}", wanted in ".{0,6}") {
            let _ = matches(&text, &[Folded::new(wanted)]);
        }
    }
}
