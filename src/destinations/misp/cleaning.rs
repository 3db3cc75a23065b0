//! misp-scraper's cleaning: values taken out of the event again, and strings an article should contain.

use std::collections::HashSet;

use serde_json::json;

use super::Misp;
use super::wire::FoundAttributes;
use crate::config;
use crate::event::{Event, Tag};
use crate::failure::Failure;

/// Matches that become tags, at most.
const MAX_TAGS: usize = 20;

/// Which of these strings stand in the text as whole words or phrases, in any case and with any white space
/// between their words. In the order given, each once.
pub fn matches(text: &str, strings: &[String]) -> Vec<String> {
    let text = folded(text);
    let mut found: Vec<String> = Vec::new();
    for string in strings {
        let wanted = folded(string);
        if !wanted.is_empty() && stands_in(&text, &wanted) && !found.contains(string) {
            found.push(string.clone());
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
    /// names. Empty: no such rule.
    pub async fn required_strings(&self) -> Result<Vec<String>, Failure> {
        let mut strings = self.settings.required_strings.clone();
        strings.retain(|string| !string.trim().is_empty());
        if self.settings.required_strings_warninglist != 0 {
            let list = self.settings.required_strings_warninglist;
            strings.extend_from_slice(&self.client.warninglist(list).await?);
        }
        Ok(strings)
    }

    /// Removes values of the configured warninglist from what the server extracted: exact values, in any case.
    /// Attributes of ours, and those a person has commented or marked for detection, stay.
    pub(super) async fn remove_listed(
        &self,
        event: &Event,
        notes: &mut Vec<String>,
    ) -> Result<(), Failure> {
        if self.settings.remove_warninglist == 0 {
            return Ok(());
        }
        let list = self
            .client
            .warninglist(self.settings.remove_warninglist)
            .await?;
        let listed: HashSet<String> = list.iter().map(|value| value.to_lowercase()).collect();
        let search = json!({"returnFormat": "json", "eventid": event.uuid});
        let answer = self.client.post("/attributes/restSearch", &search).await?;
        let found: FoundAttributes = answer.ok()?.read()?;
        let ours: HashSet<_> = event
            .attributes
            .iter()
            .map(|attribute| attribute.uuid)
            .collect();
        let mut removed = 0_usize;
        for found in found.response.attributes {
            let attribute = found.attribute;
            // MISP ignores filters it does not know: believe only what it answered.
            if found.event.uuid == event.uuid
                && !ours.contains(&attribute.uuid)
                && !attribute.to_ids
                && attribute.comment.is_empty()
                && listed.contains(&attribute.value.to_lowercase())
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

    async fn delete_attribute(&self, uuid: uuid::Uuid) -> Result<(), Failure> {
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
                !matches(text, &strings(&[wanted])).is_empty(),
                found,
                "{wanted}"
            );
        }
    }

    #[test]
    fn matches_keep_their_order_and_come_once() {
        let wanted = strings(&["two", "one", "two", "three"]);
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
            let _ = matches(&text, &[wanted]);
        }
    }
}
