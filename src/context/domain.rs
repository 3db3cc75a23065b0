//! What an article is about as a whole: which of ATT&CK's matrices holds for it, and whether anybody attacks in it.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::reading::{Reading, Zone};

/// One of ATT&CK's matrices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Domain {
    Enterprise,
    Mobile,
    /// Industrial control systems.
    Industrial,
}

/// What a word is a word of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// Articles on mobile devices.
    Mobile,
    /// Those on other computers.
    Desktop,
    /// Those on industrial control systems.
    Industrial,
    /// Courses and exercises.
    Lesson,
}

/// The words, as they are written; parted by commas.
const WORDS: &[(Sort, &str)] = &[
    (Sort::Mobile, "Android, iOS, iPhone, Google Play"),
    (
        Sort::Desktop,
        "Windows, Linux, macOS, PowerShell, Active Directory",
    ),
    (
        Sort::Industrial,
        "industrial control system, Industrial Control System, SCADA, Modbus, operational technology, IEC 104, IEC-104, \
         IEC 61850, DNP3, OPC UA, programmable logic controller, ICS malware",
    ),
    (
        Sort::Lesson,
        "course, Course, class, hands-on, students, Students, trainers, Trainers, prerequisites, Prerequisites, you learn, \
         you will learn, workshop, Workshop, curriculum, exercise, Exercise, Day 1",
    ),
];

/// So many different words of courses make an article one.
const ENOUGH: usize = 4;

/// So much of an article is looked at, in bytes.
const MAX_TEXT: usize = 16 * 1024;

/// What an article is about as a whole.
#[derive(Debug)]
pub(super) struct Whole {
    /// The matrix that names of several techniques are looked up in: that for mobile devices when title or first lines speak
    /// of these, and the article of others hardly ever.
    pub domain: Domain,
    /// Whether it is the programme of a course: what is done in it is taught.
    pub is_lesson: bool,
}

impl Whole {
    /// Reads the first part of an article.
    pub(super) fn of(reading: &Reading) -> Self {
        let Some((finder, sorts)) = FINDER.as_ref() else {
            return Self {
                domain: Domain::Enterprise,
                is_lesson: false,
            };
        };
        let (mut mobile, mut desktop, mut industrial) = (0_usize, 0_usize, 0_usize);
        let mut lesson = BTreeSet::new();
        let mut is_begun = false;
        let mut left = MAX_TEXT;
        for (text, zone) in reading.texts.iter().zip(&reading.zones) {
            if *zone == Zone::Aside {
                continue;
            }
            let part = text
                .as_bytes()
                .get(..text.len().min(left))
                .unwrap_or_default();
            left -= part.len();
            for found in finder.find_iter(part) {
                match sorts.get(found.pattern().as_usize()) {
                    Some(Sort::Mobile) => {
                        mobile += 1;
                        is_begun |= matches!(zone, Zone::Title | Zone::Early);
                    }
                    Some(Sort::Desktop) => desktop += 1,
                    Some(Sort::Industrial) => industrial += 1,
                    Some(Sort::Lesson) => {
                        lesson.insert(found.pattern());
                    }
                    None => {}
                }
            }
        }
        let domain = if is_begun && mobile >= 3 * desktop {
            Domain::Mobile
        } else if industrial > 0 {
            Domain::Industrial
        } else {
            Domain::Enterprise
        };
        Self {
            domain,
            is_lesson: lesson.len() >= ENOUGH,
        }
    }
}

/// Finds the words; what each is a word of.
static FINDER: LazyLock<Option<(AhoCorasick, Vec<Sort>)>> = LazyLock::new(|| {
    let words = WORDS
        .iter()
        .flat_map(|(sort, words)| words.split(',').map(|word| (word.trim(), *sort)));
    let (words, sorts): (Vec<_>, Vec<_>) = words.unzip();
    // The list is ours: it builds.
    let finder = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .kind(Some(AhoCorasickKind::DFA))
        .build(words)
        .ok()?;
    Some((finder, sorts))
});

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(text: &str, aside: &str) -> Reading {
        Reading {
            texts: vec![text.to_owned(), aside.to_owned()],
            zones: vec![Zone::Early, Zone::Aside],
            ..Reading::default()
        }
    }

    #[test]
    fn the_matrix_is_told_by_the_systems_named() {
        for (text, expected) in [
            ("A trojan for Android.", Domain::Mobile),
            ("Windows, and Android as well.", Domain::Enterprise),
            (
                "Android, iOS and Google Play; a panel on Windows.",
                Domain::Mobile,
            ),
            ("It speaks Modbus, and runs on Windows.", Domain::Industrial),
            ("It is a loader.", Domain::Enterprise),
        ] {
            assert_eq!(
                Whole::of(&reading(text, "Our app for Android and SCADA")).domain,
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn a_course_is_told_by_several_of_its_words() {
        for (text, is) in [
            ("A course: in this class students do exercises.", true),
            ("Of course the attackers did exercises.", false),
            ("The course of the attack on a class of students.", false),
        ] {
            assert_eq!(
                Whole::of(&reading(text, "Workshop, hands-on, Day 1, curriculum")).is_lesson,
                is,
                "{text}"
            );
        }
    }

    #[test]
    fn long_articles_are_read_in_part() {
        let long = "SCADA ".repeat(MAX_TEXT);
        assert_eq!(Whole::of(&reading(&long, "")).domain, Domain::Industrial);
        let late = format!("{}SCADA", "é ".repeat(MAX_TEXT));
        assert_eq!(Whole::of(&reading(&late, "")).domain, Domain::Enterprise);
    }
}
