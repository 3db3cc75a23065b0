//! What a sentence says besides its names, found in one pass over it: that they are examples or told apart from others,
//! that something is attacked, kept off, or done.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::deeds::{self, Done, cue};
use super::words::{self, role};
use super::{aims, attack, names};

/// Phrases, ready for looking up.
#[derive(Debug)]
pub(super) struct Phrases {
    finder: Option<AhoCorasick>,
    /// What each of its patterns is.
    means: Vec<Phrase>,
}

/// A phrase.
#[derive(Debug, Clone, Copy)]
struct Phrase {
    means: Means,
    /// Whether it may begin within a word, and end within one.
    is_part: [bool; 2],
}

/// What a phrase says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Means {
    /// What follows is compared with something, or told apart.
    Others,
    /// What follows is an example.
    Examples,
    /// So is what stands right before.
    Among,
    /// It may compare.
    Like,
    /// It speaks of keeping something off.
    Defence,
    /// Something is attacked.
    Attacked(Side),
    /// Something is done, as bits of [`cue`].
    Done(u64),
}

/// Where what is attacked stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// After the phrase: `targeting`.
    After,
    /// There too, if something else says that it is an attack: `users in`.
    There,
    /// Before it: `was hit by`.
    Before,
}

impl Phrases {
    pub(super) fn new() -> Self {
        let whole = [false; 2];
        let all = |list: &'static [&'static str], means, is_part| {
            let phrase = Phrase { means, is_part };
            list.iter().map(move |words| (*words, phrase))
        };
        let done = deeds::cues().map(|(words, bits)| {
            let phrase = Phrase {
                means: Means::Done(bits),
                is_part: [false, words.ends_with('*')],
            };
            (words.trim_end_matches('*'), phrase)
        });
        let (words, means): (Vec<_>, _) = all(words::OTHERS, Means::Others, whole)
            .chain(all(words::EXAMPLES, Means::Examples, whole))
            .chain(all(&[AMONG], Means::Among, whole))
            .chain(all(&[LIKE], Means::Like, whole))
            .chain(all(attack::DEFENCE, Means::Defence, [true; 2]))
            .chain(all(aims::ATTACKED, Means::Attacked(Side::After), whole))
            .chain(all(aims::THERE, Means::Attacked(Side::There), whole))
            .chain(all(aims::SUFFERED, Means::Attacked(Side::Before), whole))
            .chain(done)
            .unzip();
        // The lists are ours: they build.
        let finder = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(words)
            .ok();
        Self { finder, means }
    }

    /// What a sentence says.
    pub(super) fn said(&self, sentence: &str) -> Said {
        let mut said = Said::default();
        let Some(finder) = &self.finder else {
            return said;
        };
        let mut may_compare = false;
        for found in finder.find_overlapping_iter(sentence) {
            let Some(phrase) = self.means.get(found.pattern().as_usize()) else {
                continue;
            };
            if !stands(sentence, &found.range(), phrase.is_part) {
                continue;
            }
            match phrase.means {
                Means::Others => {
                    let from = said.others.unwrap_or(usize::MAX);
                    said.others = Some(from.min(found.end()));
                }
                Means::Examples if is_own(sentence.get(..found.start())) => {}
                Means::Examples => {
                    let from = said.examples.unwrap_or(usize::MAX);
                    said.examples = Some(from.min(found.end()));
                }
                Means::Among => said.among.push(found.start()),
                Means::Like => may_compare = true,
                Means::Defence => said.defence.push(found.range()),
                Means::Attacked(side) => said.attacked.push((found.range(), side)),
                // `in May` is no doubt.
                Means::Done(cue::DOUBT) if sentence.get(found.range()) == Some("May") => {}
                Means::Done(bits) => said.done.push(Done {
                    span: found.range(),
                    bits,
                }),
            }
        }
        if may_compare {
            said.examples = said.examples.into_iter().chain(compared(sentence)).min();
        }
        said
    }
}

/// Whether what examples follow is of the one who is spoken of: `its custom tools such as`, `Lazarus' tools, such as`.
fn is_own(before: Option<&str>) -> bool {
    let before = before.unwrap_or_default();
    let words = || names::words(before);
    let noun = words().last().map_or("", |(_, word)| word);
    let is_tool = |noun| words::is(noun, role::MALWARE | role::TOOL);
    if !is_tool(noun) && !noun.strip_suffix('s').is_some_and(is_tool) {
        return false;
    }
    let last = words().count().saturating_sub(MAX_OWN);
    words().skip(last).any(|(at, word)| {
        let is_mark = |c: char| ['\'', '\u{2019}'].contains(&c);
        let apostrophe = before.get(..at).and_then(|rest| rest.chars().next_back());
        // `Lazarus' tools`, `the gang's tools`
        let is_genitive = (word == "s" && apostrophe.is_some_and(is_mark))
            || (word.ends_with('s')
                && before
                    .get(at + word.len()..)
                    .is_some_and(|rest| rest.starts_with(is_mark)));
        is_genitive || words::is(word, role::WHOSE) || OWN.contains(&word)
    })
}

/// What somebody has whom nobody else has it from.
const OWN: &[&str] = &["own", "custom", "bespoke", "proprietary", "homegrown"];

/// So many words before `such as` say whose the examples are.
const MAX_OWN: usize = 5;

/// Whether what was found at a range stands there as whole words, but for the ends at which it may be part of one.
fn stands(text: &str, range: &Range<usize>, [at_start, at_end]: [bool; 2]) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let before = || text.get(..range.start)?.chars().next_back();
    let after = || text.get(range.end..)?.chars().next();
    (at_start || !is_part(before())) && (at_end || !is_part(after()))
}

/// What a sentence says.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// What stands from here on is compared with something, or told apart.
    others: Option<usize>,
    /// What stands from here on is an example.
    examples: Option<usize>,
    /// Where it has `among others`.
    among: Vec<usize>,
    defence: Vec<Range<usize>>,
    /// What says that something is attacked, and where that stands.
    attacked: Vec<(Range<usize>, Side)>,
    /// What is done in it.
    pub done: Vec<Done>,
}

/// The nearest phrases that say that something is attacked, in bytes of the sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Aim {
    /// Before it, with what is attacked after it.
    pub after: Option<Range<usize>>,
    /// The same, for phrases that only say where.
    pub there: Option<Range<usize>>,
    /// After it, with what is attacked before it.
    pub before: Option<Range<usize>>,
}

impl Aim {
    /// Whether there is none.
    pub(super) const fn is_none(&self) -> bool {
        self.after.is_none() && self.there.is_none() && self.before.is_none()
    }
}

const AMONG: &str = "among others";
const LIKE: &str = "like";

/// So soon after a name `among others` makes it one of them, in bytes.
const NEAR: usize = 40;

impl Said {
    /// Whether a name at a range is one of several examples, compared with, or told apart.
    pub(super) fn is_other(&self, name: &Range<usize>) -> bool {
        let is_near = |at: &usize| name.end <= *at && *at <= name.end + NEAR;
        let is_after = |from: usize| from <= name.start;
        self.is_compared(name)
            || self.examples.is_some_and(is_after)
            || self.among.iter().any(is_near)
    }

    /// Whether what stands at a range is compared with something, or told apart.
    pub(super) fn is_compared(&self, name: &Range<usize>) -> bool {
        self.others.is_some_and(|from| from <= name.start)
    }

    /// Whether it says any of these of [`cue`].
    pub(super) fn tells(&self, bits: u64) -> bool {
        self.done.iter().any(|one| one.bits & bits != 0)
    }

    /// Whether it speaks of keeping off what stands at a range, beside it.
    pub(super) fn is_defence(&self, name: &Range<usize>) -> bool {
        let is_beside =
            |phrase: &Range<usize>| phrase.end <= name.start || name.end <= phrase.start;
        self.defence.iter().any(is_beside)
    }

    /// What says that something at a place is attacked, if it does.
    pub(super) fn attacked(&self, name: &Range<usize>) -> Aim {
        let before = |side: Side| {
            let phrases = self.attacked.iter().filter(move |(_, one)| *one == side);
            let phrases = phrases.map(|(phrase, _)| phrase);
            let phrases = phrases.filter(|phrase| phrase.end <= name.start);
            phrases.max_by_key(|phrase| phrase.end).cloned()
        };
        let after = self.attacked.iter().filter(|(_, one)| *one == Side::Before);
        let after = after.map(|(phrase, _)| phrase);
        let after = after.filter(|phrase| phrase.start >= name.end);
        Aim {
            after: before(Side::After),
            there: before(Side::There),
            before: after.min_by_key(|phrase| phrase.start).cloned(),
        }
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
    let mut noun = false;
    for (at, word) in names::words(sentence) {
        if noun && word == LIKE {
            return Some(at + word.len());
        }
        let is_noun = |word| words::is(word, role::MALWARE | role::ACTOR | role::TOOL);
        noun = is_noun(word) || word.strip_suffix('s').is_some_and(is_noun);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_other(before: &str, after: &str) -> bool {
        let sentence = format!("{before}Emotet{after}");
        let name = before.len()..before.len() + "Emotet".len();
        Phrases::new().said(&sentence).is_other(&name)
    }

    #[test]
    fn what_follows_a_name_may_have_letters_of_several_bytes() {
        assert!(is_other(
            "They use ",
            " – und \u{201e}Qakbot\u{201c} among others \u{201e}"
        ));
        assert!(!is_other(
            "They use ",
            " – und \u{201e}Qakbot\u{201c} \u{201e}\u{201e}"
        ));
        assert!(!is_other(
            "They use ",
            &format!("{} among others", "\u{201e}".repeat(20))
        ));
    }

    #[test]
    fn others_are_told_by_what_stands_before_them() {
        for (before, after, is) in [
            ("It is similar to ", " in that.", true),
            ("", " is similar to Qakbot.", false),
            ("We saw ransomware like ", ".", true),
            ("We would like ", " gone.", false),
            ("Groups like FIN7 and ", " do.", true),
            ("They unlike", " do.", false),
        ] {
            assert_eq!(is_other(before, after), is, "{before}Emotet{after}");
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

    #[test]
    fn what_is_kept_off_and_attacked_is_told_by_what_stands_beside() {
        let phrases = Phrases::new();
        for (sentence, defence, attacked) in [
            ("We protect against Emotet.", true, Some(18)),
            ("Emotet targeting Norway.", false, None),
            ("It is targeting Emotet.", false, Some(15)),
            ("Attacks on banks, targeting Emotet", false, Some(27)),
            ("The retargeting Emotet", false, None),
            ("Solutions for Emotet", true, None),
        ] {
            let start = sentence.find("Emotet").unwrap();
            let said = phrases.said(sentence);
            assert_eq!(said.is_defence(&(start..start + 6)), defence, "{sentence}");
            let aim = said.attacked(&(start..start + 6));
            assert_eq!(aim.after.map(|phrase| phrase.end), attacked, "{sentence}");
        }
    }
}
