//! Phrases that say what a sentence makes of a name.

use aho_corasick::AhoCorasick;

use super::{attack, words};

/// Phrases, ready for looking up.
#[derive(Debug)]
pub(super) struct Phrases {
    others: Option<AhoCorasick>,
    defence: Option<AhoCorasick>,
}

impl Phrases {
    pub(super) fn new() -> Self {
        // The lists are ours: they build.
        let build = |list: &[&str]| AhoCorasick::builder().ascii_case_insensitive(true).build(list).ok();
        Self { others: build(words::OTHERS), defence: build(attack::DEFENCE) }
    }

    /// Whether a name is one of several examples, compared with, or told apart, by what stands before and after it in
    /// its sentence.
    pub(super) fn is_among_others(&self, before: &str, after: &str) -> bool {
        let hit = |text: &str| self.others.as_ref().is_some_and(|list| find(list, text));
        hit(before) || after.get(..40.min(after.len())).is_some_and(|front| front.contains("among others"))
    }

    /// Whether a text speaks of keeping something off.
    pub(super) fn is_defence(&self, text: &str) -> bool {
        self.defence.as_ref().is_some_and(|list| list.is_match(text))
    }
}

/// Whether a phrase is in a text as whole words.
fn find(list: &AhoCorasick, text: &str) -> bool {
    list.find_iter(text).any(|found| {
        let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let before = text.get(..found.start()).and_then(|text| text.chars().next_back());
        let after = text.get(found.end()..).and_then(|text| text.chars().next());
        !is_part(before) && !is_part(after)
    })
}
