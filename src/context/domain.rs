//! What an article is about as a whole: which of ATT&CK's matrices holds for it, and whether anybody attacks in it.

use super::reading::{Reading, Zone};

/// One of ATT&CK's matrices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Domain {
    Enterprise,
    Mobile,
    /// Industrial control systems.
    Industrial,
}

/// Words of articles on mobile devices.
const MOBILE: &[&str] = &["Android", "iOS", "iPhone", "Google Play"];
/// Words of those on other computers.
const DESKTOP: &[&str] = &[
    "Windows",
    "Linux",
    "macOS",
    "PowerShell",
    "Active Directory",
];
/// Words of those on industrial control systems.
const INDUSTRIAL: &[&str] = &[
    "industrial control system",
    "Industrial Control System",
    "SCADA",
    "Modbus",
    "operational technology",
    "IEC 104",
    "IEC-104",
    "IEC 61850",
    "DNP3",
    "OPC UA",
    "programmable logic controller",
    "ICS malware",
];
/// Words of courses and exercises.
const LESSON: &[&str] = &[
    "course",
    "Course",
    "class ",
    "hands-on",
    "tudents",
    "rainers",
    "rerequisites",
    "you learn",
    "you will learn",
    "orkshop",
    "curriculum",
    "xercise",
    "Day 1",
];
/// So many of them make an article one of these.
const ENOUGH: usize = 4;

/// The matrix that names of several techniques are looked up in: that for mobile devices when title or first lines speak
/// of these, and the article of others hardly ever.
pub(super) fn domain(reading: &Reading) -> Domain {
    let count = |words: &[&str]| -> usize {
        let texts = reading.main_texts();
        texts
            .map(|text| {
                words
                    .iter()
                    .map(|word| occurrences(text, word))
                    .sum::<usize>()
            })
            .sum()
    };
    let is_begun = || {
        let texts = reading.texts.iter().zip(&reading.zones);
        let mut first = texts.filter(|(_, zone)| matches!(zone, Zone::Title | Zone::Early));
        first.any(|(text, _)| MOBILE.iter().any(|word| occurrences(text, word) > 0))
    };
    let (mobile, desktop) = (count(MOBILE), count(DESKTOP));
    if mobile > 0 && mobile >= 3 * desktop && is_begun() {
        Domain::Mobile
    } else if count(INDUSTRIAL) > 0 {
        Domain::Industrial
    } else {
        Domain::Enterprise
    }
}

/// Whether an article is the programme of a course: what is done in it is taught.
pub(super) fn is_lesson(reading: &Reading) -> bool {
    let is_said = |word: &&&str| reading.main_texts().any(|text| occurrences(text, word) > 0);
    LESSON.iter().filter(is_said).take(ENOUGH).count() >= ENOUGH
}

fn occurrences(text: &str, word: &str) -> usize {
    memchr::memmem::find_iter(text.as_bytes(), word).count()
}

impl Reading {
    /// The texts of the article itself.
    fn main_texts(&self) -> impl Iterator<Item = &str> {
        let zones = self.texts.iter().zip(&self.zones);
        zones
            .filter(|(_, zone)| **zone != Zone::Aside)
            .map(|(text, _)| text.as_str())
    }
}

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
                domain(&reading(text, "Our app for Android and SCADA")),
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
                is_lesson(&reading(text, "Workshop, hands-on, Day 1, curriculum")),
                is,
                "{text}"
            );
        }
    }
}
