//! Words directly beside a value, that speak of it and of nothing else in the sentence.

use super::words::{self, Topic};

/// Most words between a value and the word that speaks of it.
const MAX_GAP: usize = 4;
/// Most letters between them where words are not parted by blanks.
const MAX_JOINED: usize = 4;

/// Words that may end the gap between `legitimate` and the value: what it is, or that it is it.
const NOUNS: &[&str] = &[
    "site",
    "sites",
    "website",
    "websites",
    "domain",
    "domains",
    "host",
    "hosts",
    "hostname",
    "server",
    "servers",
    "page",
    "url",
    "service",
    "services",
    "provider",
    "company",
    "organization",
    "organisation",
    "shop",
    "store",
    "portal",
    "address",
    "platform",
    "blog",
    "name",
    "named",
    "called",
    "was",
    "were",
    "is",
    "are",
    "as",
    "like",
    "of",
    "the",
    "be",
    "seite",
    "webseite",
    "dienst",
    "sitio",
    "dominio",
    "domaine",
    "sitioweb",
    "сайт",
    "сайта",
    "домен",
    "сервис",
];
/// Words after which the value belongs to another part of the sentence: `the victim and sends it to`.
const TURNS: &[&str] = &[
    "to", "from", "at", "through", "via", "with", "and", "or", "by", "on", "that", "which", "who",
    "using", "for", "into", "is", "are", "was", "were", "then", "und", "von", "zu", "et", "vers",
    "y", "hacia", "и", "на", "к",
];
/// Words that may stand between the value and `a victim`.
const COPULAS: &[&str] = &[
    "a",
    "an",
    "one",
    "of",
    "is",
    "was",
    "are",
    "were",
    "which",
    "that",
    "itself",
    "also",
    "our",
    "another",
    "known",
    "first",
    "the",
    "likely",
    "probably",
    "actually",
    "completely",
    "entirely",
    "both",
    "being",
    "perfectly",
    "otherwise",
    "an",
    "ist",
    "ein",
    "eine",
    "est",
    "un",
    "une",
    "es",
    "una",
    "это",
];
/// Those that tell `X, a victim` from `at X, the victim …`.
const TELLING: &[&str] = &[
    "a", "an", "one", "is", "was", "are", "were", "of", "ein", "ist", "un", "une", "es", "una",
];

/// Whether the words beside a value call it harmless, imitated or a victim's: `the legitimate site X`,
/// `X, one of the victims`. Not what else the sentence says: `the victim is sent to X`.
pub(super) fn call_good(before: &str, after: &str) -> bool {
    let good_before = words::hits(before).any(|hit| {
        let gap = before.get(hit.end..).unwrap_or_default();
        match hit.topic {
            Topic::Harmless | Topic::Victim | Topic::Imitation => leads_to_value(gap),
            _ => false,
        }
    });
    good_before
        || words::hits(after).any(|hit| {
            let gap = after.get(..hit.start).unwrap_or_default();
            let rest = after.get(hit.end..).unwrap_or_default();
            match hit.topic {
                Topic::Harmless => follows_value(gap),
                Topic::Victim => follows_value(gap) && tells_of_victim(gap, rest),
                _ => false,
            }
        })
}

/// Whether the words before a value name it as what this topic says, with no more than what it is between
/// them: `the C2 server at X`.
pub(super) fn is_named(topic: Topic, before: &str) -> bool {
    words::hits(before)
        .filter(|hit| hit.topic == topic)
        .any(|hit| {
            let gap = before.get(hit.end..).unwrap_or_default();
            !gap.contains([',', ';', '.', '(', '!', '?', '。', '，'])
                && parts(gap).count() <= MAX_GAP
        })
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

fn is_one_of(words: &[&str], word: &str) -> bool {
    words.iter().any(|other| other.eq_ignore_ascii_case(word))
        || words.contains(&word.to_lowercase().as_str())
}

fn leads_to_value(gap: &str) -> bool {
    if gap.contains([';', '!', '?', '。', '，']) || gap.contains(". ") {
        return false;
    }
    let Some(last) = parts(gap).last() else {
        return true;
    };
    if words::is_joined(gap) {
        return gap.chars().filter(|c| c.is_alphanumeric()).count() <= MAX_JOINED;
    }
    let count = parts(gap).count();
    let inner = parts(gap).take(count.saturating_sub(if last == "be" { 2 } else { 1 }));
    count <= MAX_GAP
        && is_one_of(NOUNS, last)
        && !inner.into_iter().any(|word| is_one_of(TURNS, word))
}

fn follows_value(gap: &str) -> bool {
    let marked = gap.contains([',', '(', '-', '–', '—', ':', '=', '（', '，']);
    (marked || parts(gap).next().is_some() || words::is_joined(gap))
        && parts(gap).count() <= MAX_GAP + 1
        && parts(gap).all(|word| is_one_of(COPULAS, word) || words::is_joined(word))
}

/// Whether `victim` after a value is what the value is, rather than who visits it.
fn tells_of_victim(gap: &str, rest: &str) -> bool {
    let closed = rest.trim_end().is_empty() || rest.starts_with([')', ',', '.', ']', '）', '。']);
    parts(gap).any(|word| is_one_of(TELLING, word)) || closed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_beside_a_value_speaks_for_it() {
        for (before, after, expected) in [
            ("the legitimate site ", " was copied", true),
            ("The legitimate \"", "\" shop", true),
            ("It mimics the legitimate Microsoft domain ", "", true),
            ("pretending to be ", "", true),
            ("The name impersonates ", "", true),
            ("One of the victims was ", " in May", true),
            ("the victim organization ", "", true),
            ("", ", a victim of the group", true),
            ("", " (compromised website)", true),
            ("", " is a legitimate service", true),
            ("合法网站", "", true),
            ("The victim is redirected through ", "", false),
            ("Victims searching for the tool are sent to ", "", false),
            ("collects the IP of the victim and sends it to ", "", false),
            ("The legitimate-looking domain ", "", false),
            ("", " resolves to a legitimate cloud provider", false),
            ("On ", ", the victim is asked for a password", false),
            ("On ", ", victims are asked for a password", false),
            ("The victims open ", "", false),
        ] {
            assert_eq!(call_good(before, after), expected, "{before}X{after}");
        }
    }

    #[test]
    fn names_stand_before_the_value() {
        for (before, expected) in [
            ("The bot contacts its C2 server at ", true),
            ("C2: ", true),
            ("The C2 answers, and then the user opens ", false),
            (
                "C2 traffic looks as on every page that one finds at ",
                false,
            ),
        ] {
            assert_eq!(is_named(Topic::Damning, before), expected, "{before}");
        }
    }
}
