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

    /// What a sentence says of other names than its subject.
    pub(super) fn others(&self, sentence: &str) -> Others {
        let list = self.others.as_ref();
        let said = list.and_then(|list| find(list, sentence).next());
        let compared = compared(sentence);
        Others {
            from: said.into_iter().chain(compared).min(),
            among: memchr::memmem::find(sentence.as_bytes(), AMONG).is_some(),
        }
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

/// What a sentence says of other names than its subject.
#[derive(Debug)]
pub(super) struct Others {
    /// What stands from here on is an example, compared with, or told apart.
    from: Option<usize>,
    /// Whether it has `among others`.
    among: bool,
}

const AMONG: &[u8] = b"among others";

/// So soon after a name `among others` makes it one of them, in characters.
const NEAR: usize = 40;

impl Others {
    /// Whether a name is one of several examples, compared with, or told apart, that begins at a place of the sentence and
    /// is followed by this.
    pub(super) fn hold(&self, start: usize, after: &str) -> bool {
        let front = || {
            let end = after.char_indices().nth(NEAR);
            end.map_or(Some(after), |(end, _)| after.get(..end))
        };
        self.from.is_some_and(|from| from <= start)
            || (self.among
                && front()
                    .is_some_and(|front| memchr::memmem::find(front.as_bytes(), AMONG).is_some()))
    }
}

/// Whether what follows a name takes it away: `Cobalt Strike was not used`.
pub(super) fn is_ruled_out(after: &str) -> bool {
    let rest = [" was not ", " were not ", " is not "]
        .iter()
        .find_map(|denial| after.strip_prefix(denial));
    rest.is_some_and(|rest| {
        ["used", "involved", "present", "found", "there", "behind"]
            .iter()
            .any(|word| rest.starts_with(word))
    })
}

/// Whether the word right before a name takes it away: `not Sandworm`.
pub(super) fn is_denied(before: &str) -> bool {
    let before = before.trim_end();
    let is_last = |word: &&str| {
        let Some(start) = before.len().checked_sub(word.len()) else {
            return false;
        };
        let last = before.as_bytes().get(start..).unwrap_or_default();
        let rest = before.get(..start).unwrap_or_default();
        last.eq_ignore_ascii_case(word.as_bytes()) && !rest.ends_with(char::is_alphanumeric)
    };
    before.ends_with(['t', 'T', 'r', 'R', 'o', 'O'])
        && ["not", "neither", "nor", "no", "without"]
            .iter()
            .any(is_last)
}

/// Where the examples of a kind begin: `ransomware like Ryuk`, `groups like FIN7 and Carbanak`.
fn compared(sentence: &str) -> Option<usize> {
    memchr::memmem::find(sentence.as_bytes(), b"like")?;
    let mut noun = false;
    for (at, word) in names::words(sentence) {
        if noun && word == "like" {
            return Some(at + word.len());
        }
        let is_noun = |word| words::is(word, role::MALWARE | role::ACTOR | role::TOOL);
        noun = is_noun(word) || word.strip_suffix('s').is_some_and(is_noun);
    }
    None
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
        let is = |before: &str, after: &str| {
            let sentence = format!("{before}Emotet{after}");
            phrases.others(&sentence).hold(before.len(), after)
        };
        let after =
            " – und \u{201e}Qakbot\u{201c} among others \u{201e}\u{201e}\u{201e}\u{201e}\u{201e}";
        assert!(is("They use ", after));
        assert!(!is(
            "They use ",
            " – und \u{201e}Qakbot\u{201c} \u{201e}\u{201e}\u{201e}\u{201e}"
        ));
    }

    #[test]
    fn others_are_told_by_what_stands_before_them() {
        let phrases = Phrases::new();
        for (before, after, is) in [
            ("It is similar to ", " in that.", true),
            ("", " is similar to Qakbot.", false),
            ("We saw ransomware like ", ".", true),
            ("We would like ", " gone.", false),
            ("Groups like FIN7 and ", " do.", true),
            ("They unlike", " do.", false),
        ] {
            let sentence = format!("{before}Emotet{after}");
            assert_eq!(
                phrases.others(&sentence).hold(before.len(), after),
                is,
                "{sentence}"
            );
        }
        for (before, is) in [
            ("it is not ", true),
            ("It is NOT\u{a0}", true),
            ("a knot ", false),
            ("not, ", false),
            ("neither ", true),
            ("There was no ", true),
            ("a casino ", false),
            ("nor", true),
            ("", false),
        ] {
            assert_eq!(is_denied(before), is, "{before}");
        }
    }
}
