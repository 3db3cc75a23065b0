//! Phrases that say what a sentence makes of a name.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::words::{self, role};
use super::{attack, names, targets};

/// Phrases, ready for looking up.
#[derive(Debug)]
pub(super) struct Phrases {
    others: Option<AhoCorasick>,
    defence: Option<AhoCorasick>,
    attacked: Option<AhoCorasick>,
}

impl Phrases {
    pub(super) fn new() -> Self {
        // The lists are ours: they build.
        let build = |list: &[&str]| {
            AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .match_kind(MatchKind::LeftmostLongest)
                .kind(Some(AhoCorasickKind::DFA))
                .build(list)
                .ok()
        };
        Self {
            others: build(words::OTHERS),
            defence: build(attack::DEFENCE),
            attacked: build(targets::ATTACKED),
        }
    }

    /// Whether a name is one of several examples, compared with, or told apart, by what stands before and after it in
    /// its sentence.
    pub(super) fn is_among_others(&self, before: &str, after: &str) -> bool {
        let hit = |text: &str| {
            self.others
                .as_ref()
                .is_some_and(|list| find(list, text).next().is_some())
        };
        hit(before)
            || is_compared(before)
            || after
                .char_indices()
                .nth(40)
                .map_or(Some(after), |(end, _)| after.get(..end))
                .is_some_and(|front| front.contains("among others"))
    }

    /// What stands after the last phrase that says that something is attacked.
    pub(super) fn attacked<'a>(&self, before: &'a str) -> Option<&'a str> {
        let end = find(self.attacked.as_ref()?, before).last()?;
        before.get(end..)
    }

    /// Whether a text speaks of keeping something off.
    pub(super) fn is_defence(&self, text: &str) -> bool {
        self.defence
            .as_ref()
            .is_some_and(|list| list.is_match(text))
    }
}

/// Whether the word right before a name takes it away: `not Sandworm`.
pub(super) fn is_denied(before: &str) -> bool {
    let last = names::words(before).last().map_or("", |(_, word)| word);
    ["not", "neither", "nor"]
        .iter()
        .any(|word| last.eq_ignore_ascii_case(word))
        && before.trim_end().ends_with(char::is_alphabetic)
}

/// Whether it is an example of a kind: `ransomware like Ryuk`, `groups like FIN7 and Carbanak`.
fn is_compared(before: &str) -> bool {
    let mut noun = false;
    for (_, word) in names::words(before) {
        if noun && word.eq_ignore_ascii_case("like") {
            return true;
        }
        let is_noun = |word| words::is(word, role::MALWARE | role::ACTOR | role::TOOL);
        noun = is_noun(word) || word.strip_suffix('s').is_some_and(is_noun);
    }
    false
}

/// Ends of the phrases of a list that stand in a text as whole words.
fn find<'a>(list: &'a AhoCorasick, text: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_whole = move |found: &aho_corasick::Match| {
        let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let before = text
            .get(..found.start())
            .and_then(|text| text.chars().next_back());
        let after = text.get(found.end()..).and_then(|text| text.chars().next());
        !is_part(before) && !is_part(after)
    };
    list.find_iter(text)
        .filter(is_whole)
        .map(|found| found.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_name_may_have_letters_of_several_bytes() {
        let phrases = Phrases::new();
        let after =
            " – und \u{201e}Qakbot\u{201c} among others \u{201e}\u{201e}\u{201e}\u{201e}\u{201e}";
        assert!(phrases.is_among_others("They use ", after));
        assert!(!phrases.is_among_others(
            "They use ",
            " – und \u{201e}Qakbot\u{201c} \u{201e}\u{201e}\u{201e}\u{201e}"
        ));
    }
}
