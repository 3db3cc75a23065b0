//! What stands beside a name in its sentence: the noun that says what it is, words that introduce it, define it, or say
//! that somebody did something.

use super::Topic;
use super::names;
use super::reading::{Case, Spot};
use super::words::{self, role};

/// Notes what stands beside a name of an actor, malware or tool.
pub(super) fn look(before: &str, after: &str, spot: &mut Spot) {
    let near = tail(before);
    let last = last_words(near);
    let is_introduced = is_introduced(before, last);
    spot.naming = is_introduced || is_whose(near, last);
    spot.continues = is_continued(before, last[2]);
    nouns(before, after, spot);
    if is_introduced {
        introduce(near, spot);
    } else {
        // `the new Hook backdoor`
        spot.is_new =
            spot.noun.is_some() && words::is(last[2], role::NEW) && is_next(near, last[2]);
    }
    define(front(after), spot);
    spot.attributed = is_attributed(near) || is_claiming(after);
    spot.naming |= spot.attributed || (spot.case == Case::Mid && is_acting(after));
}

/// Whether the words before a name, of which these are the last, introduce it.
fn is_introduced(before: &str, [third, second, last]: [&str; 3]) -> bool {
    let quotes = ['"', '\'', '\u{201c}', '\u{2018}', '(', '\u{a0}', ' ', ':'];
    let before = before.trim_end_matches(quotes);
    if before.ends_with(['.', ',', ';', '!', '?', ')']) && !before.ends_with("a.k.a.") {
        return false;
    }
    let [second, last] = if words::is(last, role::ARTICLE) {
        [third, second]
    } else {
        [second, last]
    };
    words::is(last, role::NAMING)
        || before.ends_with("a.k.a.")
        || (last.eq_ignore_ascii_case("as") && words::is(second, role::TRACKED))
}

/// What the words before a name that they introduce say of it: `a new backdoor dubbed X`, `the actor known as X`.
fn introduce(near: &str, spot: &mut Spot) {
    let (mut said, mut is_new) = (None, false);
    // Words since it was called new.
    let mut since = MAX_NEW;
    for (_, word) in names::words(near) {
        since = if words::is(word, role::NEW) {
            0
        } else {
            since + 1
        };
        if let Some(topic) = noun(word) {
            said = Some(topic);
            is_new |= since < MAX_NEW;
        }
    }
    spot.noun = spot.noun.or(said);
    spot.is_new = is_new;
}

/// So many words stand between `new` and its noun: `a new Android banking trojan`.
const MAX_NEW: usize = 5;

/// Whether a text ends with a word, but for blanks.
fn is_next(before: &str, word: &str) -> bool {
    before.trim_end().ends_with(word)
}

/// Whether the word before a name is a name too: `Windows Defender`, `Water Hydra`.
fn is_continued(before: &str, last: &str) -> bool {
    let first = before
        .strip_suffix(' ')
        .and_then(|rest| rest.strip_suffix(last));
    let is_name = last.len() > 2 && last.starts_with(char::is_uppercase);
    is_name
        && first.is_some_and(|rest| !rest.trim().is_empty())
        && !words::is(
            last,
            role::LEADS | role::NAMING | role::ARTICLE | role::SMALL,
        )
}

/// The last three words of a text.
fn last_words(text: &str) -> [&str; 3] {
    names::words(text).fold([""; 3], |[_, second, third], (_, word)| {
        [second, third, word]
    })
}

/// The last part of a text.
fn tail(text: &str) -> &str {
    let mut at = text.len().saturating_sub(80);
    while !text.is_char_boundary(at) {
        at += 1;
    }
    text.get(at..).unwrap_or_default()
}

/// The first part of a text.
fn front(text: &str) -> &str {
    let mut at = text.len().min(80);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    text.get(..at).unwrap_or_default()
}

/// Nouns beside a name.
fn nouns(before: &str, after: &str, spot: &mut Spot) {
    let mut gap_start = 0;
    let after = front(after);
    for (at, word) in names::words(after).take(MAX_BETWEEN) {
        let gap = after.get(gap_start..at).unwrap_or_default();
        if gap.contains(|c: char| {
            !matches!(
                c,
                ' ' | '('
                    | ')'
                    | '\u{a0}'
                    | '\n'
                    | '-'
                    | '"'
                    | '\''
                    | '\u{201d}'
                    | '\u{2019}'
                    | '\u{2011}'
            )
        }) {
            break;
        }
        gap_start = at + word.len();
        if gap_start == word.len() + 1 && word == "s" {
            continue;
        }
        if let Some(topic) = noun(word) {
            spot.ransomware |=
                word.eq_ignore_ascii_case("ransomware") || word.eq_ignore_ascii_case("raas");
            // Of `the Play ransomware group` the ransomware is known by more; else the last noun says what it is.
            spot.noun = Some(if spot.ransomware {
                Topic::Malware
            } else {
                topic
            });
        } else if !words::is(word, role::BETWEEN) {
            break;
        }
    }
    if spot.noun.is_none() && spot.case != Case::Lower {
        let trimmed =
            before.trim_end_matches([' ', '\u{a0}', '"', '\'', '\u{201c}', '\u{2018}', '\n']);
        let word = names::words(tail(trimmed)).last();
        if let Some((at, word)) = word
            && tail(trimmed).len() == at + word.len()
            && is_leading(word, spot.case)
        {
            spot.noun = noun(word);
            spot.ransomware = word.eq_ignore_ascii_case("ransomware");
        }
    }
}

/// Whether a name may follow a noun: `the rootkit X`, `the rootkits X and Y`.
fn is_leading(word: &str, case: Case) -> bool {
    let singular = || word.strip_suffix('s').map_or(0, words::roles);
    words::is(word, role::LEADS) || (case == Case::Mid && singular() & role::LEADS != 0)
}

/// Words after a name that are looked through for its noun: `X command-and-control (C2) framework`.
const MAX_BETWEEN: usize = 6;

fn noun(word: &str) -> Option<Topic> {
    let mut roles = words::roles(word);
    if roles & (role::MALWARE | role::ACTOR | role::TOOL) == 0 {
        roles = word.strip_suffix('s').map_or(0, words::roles);
    }
    match roles {
        roles if roles & role::MALWARE != 0 => Some(Topic::Malware),
        roles if roles & role::ACTOR != 0 => Some(Topic::Actor),
        roles if roles & role::TOOL != 0 => Some(Topic::Tool),
        _ => None,
    }
}

/// Whether a name is defined: `Hook is an Android banking trojan`, `Hive, one of the most prolific ransomware gangs`.
/// Then the noun of the definition says what it is.
fn define(after: &str, spot: &mut Spot) {
    let rest = after.trim_start_matches(['"', '\'', '\u{201d}', '\u{2019}']);
    let is_apposition = rest.starts_with(", ");
    let mut words = names::words(rest).map(|(at, word)| (at + word.len(), word));
    let is_sentence = |word: Option<(usize, &str)>| {
        rest.starts_with(' ') && word.is_some_and(|(_, word)| is_copula(word))
    };
    if !is_apposition && !is_sentence(words.next()) {
        return;
    }
    let Some((mut end, first)) = words.next() else {
        return;
    };
    let is_one = first == "one";
    // `HiddenFace is MirrorFace's flagship backdoor`
    let is_of_name = first.starts_with(char::is_uppercase)
        && rest
            .get(end..)
            .is_some_and(|rest| rest.starts_with(['\'', '\u{2019}']));
    if !is_one && !is_of_name && !words::is(first, role::ARTICLE) {
        return;
    }
    for (n, (at, word)) in words.take(MAX_DEFINITION).enumerate() {
        let start = at - word.len();
        let gap = rest.get(end..start).unwrap_or_default();
        end = at;
        if gap.contains([',', '.', ';', ':', '('])
            || (words::is(word, role::ENDS) && !(is_one && n == 0))
        {
            return;
        }
        let roles = words::roles(word.strip_suffix('s').unwrap_or(word)) | words::roles(word);
        if roles & (role::MALWARE | role::ACTOR) != 0 {
            spot.defined = true;
            spot.ransomware |= word.eq_ignore_ascii_case("ransomware");
            let topic = if spot.ransomware || roles & role::MALWARE != 0 {
                Topic::Malware
            } else {
                Topic::Actor
            };
            spot.noun = spot.noun.or(Some(topic));
            return;
        }
    }
}

/// Words of a definition that are looked through for its noun.
const MAX_DEFINITION: usize = 7;

fn is_copula(word: &str) -> bool {
    ["is", "was", "are", "were"].contains(&word)
}

/// Whether a name is said to have done it: `we attribute this to UNC4736`.
fn is_attributed(before: &str) -> bool {
    let before = before.trim_end();
    // `attributed to UNC1 (X)`
    let alias = before
        .strip_suffix(" (")
        .and_then(|rest| rest.rsplit_once(' '));
    let alias = alias.filter(|(_, name)| name.starts_with(char::is_uppercase));
    let before = alias.map_or(before, |(rest, _)| rest);
    let before = before.strip_suffix(" the").unwrap_or(before);
    if is_tied(before) {
        return true;
    }
    let Some(rest) = before.strip_suffix(" to") else {
        return false;
    };
    // What was attributed stands between the two, and to nobody else.
    let mut since = None;
    for (_, word) in names::words(rest) {
        since = match since {
            _ if words::is(word, role::ONCE) => return false,
            _ if words::is(word, role::ATTRIBUTES) => Some(0),
            Some(count) if count < MAX_ATTRIBUTED && word != "to" => Some(count + 1),
            _ => None,
        };
    }
    since.is_some()
}

/// Whether words say whose deeds were told: `the campaign has been linked to X`, `the activity is associated with X`.
fn is_tied(before: &str) -> bool {
    let tie = ["linked to", "tied to", "associated with"];
    let Some(rest) = tie.iter().find_map(|tie| before.strip_suffix(tie)) else {
        return false;
    };
    // Whether it has been said by now that something was.
    let mut said = None;
    for (_, word) in names::words(rest) {
        let is_said = is_copula(word) || word == "been";
        said = match said {
            _ if words::is(word, role::ONCE | role::DOUBT) || word == "None" => return false,
            _ if DEEDS.contains(&word) => Some(false),
            Some(_) if is_said => Some(true),
            Some(was) if ["has", "have", "had", "also"].contains(&word) || word.ends_with("ly") => {
                Some(was)
            }
            _ => None,
        };
    }
    said == Some(true)
}

/// What somebody did.
const DEEDS: &[&str] = &[
    "activity",
    "activities",
    "attack",
    "attacks",
    "campaign",
    "campaigns",
    "operation",
    "operations",
    "intrusion",
    "intrusions",
    "incident",
    "incidents",
];

/// Words of what is attributed: `the campaign with medium confidence`.
const MAX_ATTRIBUTED: usize = 6;

/// Whether a name says that it did it: `Qilin claimed responsibility`.
fn is_claiming(after: &str) -> bool {
    let clause = front(after)
        .split([';', '.', ','])
        .next()
        .unwrap_or_default();
    let mut words = names::words(clause).map(|(_, word)| word);
    let is_claim = words
        .by_ref()
        .take(4)
        .any(|word| word == "claimed" || word == "claims");
    is_claim
        && words
            .take(3)
            .any(|word| ["responsibility", "credit", "attack"].contains(&word))
}

/// Whether it does what malware does: `later Bumblebee injected itself`.
fn is_acting(after: &str) -> bool {
    let rest = after.strip_prefix(' ').unwrap_or_default();
    let next = names::words(rest).next();
    next.is_some_and(|(at, word)| at == 0 && ACTS.contains(&word))
}

/// What malware does and little else.
const ACTS: &[&str] = &[
    "beacons",
    "beaconed",
    "injects",
    "injected",
    "infects",
    "infected",
    "dropped",
    "drops",
    "exfiltrates",
    "exfiltrated",
];

/// Whether somebody or something is said to be its: `affiliates of Hive`, `encrypted by Hive`.
fn is_whose(before: &str, [_, second, last]: [&str; 3]) -> bool {
    is_next(before, last)
        && ((last == "of" && words::is(second, role::BELONGS))
            || (last == "by" && words::is(second, role::SUFFERS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_say_what_a_name_is() {
        for (after, want) in [
            (" is an Android banking trojan.", Some(Topic::Malware)),
            (" was a passive backdoor that waits.", Some(Topic::Malware)),
            (
                ", one of the most prolific ransomware gangs.",
                Some(Topic::Malware),
            ),
            (", a group it says operates from there,", Some(Topic::Actor)),
            ("\u{201d}, the North Korean group", Some(Topic::Actor)),
            (" is MirrorFace's flagship backdoor.", Some(Topic::Malware)),
            (" is MirrorFace flagship backdoor.", None),
            (" is a country that hosts malware", None),
            (", a maker of malware", None),
            (", the wallet, and malware", None),
            (" and a backdoor", None),
            (" is big malware", None),
            // That is said of the name before the parenthesis.
            (") is a ransomware strain", None),
            (" is", None),
            ("", None),
        ] {
            let mut spot = Spot::default();
            define(after, &mut spot);
            assert_eq!(spot.noun, want, "{after}");
            assert_eq!(spot.defined, want.is_some(), "{after}");
        }
    }

    #[test]
    fn attributions_say_who_did_it() {
        for (before, is) in [
            ("We attribute this to ", true),
            ("The theft is attributed to the ", true),
            ("was traced to ", true),
            ("The tool was previously attributed to ", false),
            ("We went to ", false),
            ("We attribute the campaign with medium confidence to ", true),
            ("Those attributed to Turla have moved to ", false),
            ("The campaign has been linked to ", true),
            ("The activity is associated with the UAC-0001 (", true),
            ("It is attributed to UNC1 (", true),
            ("It is attributed to men (", false),
            ("Domains linked to ", false),
            (
                "The attack used domains that are neither new nor linked to ",
                false,
            ),
            ("The campaign uses tools linked to ", false),
            ("None of the attacks has been linked to ", false),
            (
                "The operation was run by police against men linked to ",
                false,
            ),
            ("The operation has since been reliably tied to the ", false),
            ("The operation has been reliably tied to the ", true),
            ("It was traced into ", false),
            ("to", false),
            ("", false),
        ] {
            assert_eq!(is_attributed(before), is, "{before}");
        }
        for (after, is) in [
            (" claimed responsibility in June.", true),
            (" ransomware gang claimed responsibility", true),
            (" has claimed the attack", true),
            (" claimed hundreds of victims", false),
            (" was seen; others claimed the attack", false),
        ] {
            assert_eq!(is_claiming(after), is, "{after}");
        }
        for (before, is) in [
            ("an affiliate of ", true),
            ("operators of the", false),
            ("was encrypted by ", true),
            ("by ", false),
            ("made of", false),
        ] {
            assert_eq!(is_whose(before, last_words(before)), is, "{before}");
        }
    }
}
