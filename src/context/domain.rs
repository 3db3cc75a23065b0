//! What an article is about as a whole: which of ATT&CK's matrices holds for it, and whether anybody attacks in it.

use std::collections::{BTreeSet, HashMap};

use super::index::{Index, NameId, Passing};
use super::names::Key;
use super::reading::Zone;

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
pub(super) enum Sort {
    /// Articles on mobile devices.
    Mobile,
    /// Those on other computers.
    Desktop,
    /// Those on one of them.
    Mac,
    Linux,
    /// Those on industrial control systems.
    Industrial,
    /// Courses and exercises.
    Lesson,
    /// Markings: how far an article may be passed on.
    Marking,
    /// Titles of lists of what a product does.
    Notes,
    /// Something is encrypted, or out of order for it.
    Encrypted,
}

/// The words, parted by commas; those with capitals as they are written, the others in any case.
const WORDS: &[(Sort, &str)] = &[
    (Sort::Mobile, "Android, iOS, iPhone, Google Play"),
    (
        Sort::Desktop,
        "Windows, PowerShell, Active Directory, PC, DLL, Microsoft Office",
    ),
    (Sort::Mac, "macOS, OS X, Mac OS, LaunchAgent, Gatekeeper"),
    (Sort::Linux, "Linux, ELF, ESXi"),
    (
        Sort::Industrial,
        "industrial control system, SCADA, Modbus, operational technology, IEC 104, IEC 61850, DNP3, OPC UA, \
         programmable logic controller, ICS malware",
    ),
    (
        Sort::Lesson,
        "course, class, hands-on, student, trainers, prerequisites, you learn, you will learn, workshop, curriculum, \
         exercise, day 1, webinar, free registration, register now, register anyway, who should attend",
    ),
    (Sort::Marking, "tlp"),
    (
        Sort::Notes,
        "release notes, changelog, change log, rule update, rule changes, rule release, detection rules, detections digest, \
         detections, per release, patch tuesday, evaluation, comparative test, comparative review, product update, buyer's guide, \
         announcing, what's new",
    ),
    (
        Sort::Encrypted,
        "encrypt, encrypts, encrypted, encrypting, encryption, encryptor, encrypter, decryptor, decrypter, decryption tool, \
         decryption key, locked, locks, outage, inaccessible, unusable, systems down, systems are down, \
         systems were down, systems offline, knocked offline, systems were shut down, shut down its systems, shut down its it systems",
    ),
];

/// So many different words of courses make an article one.
const ENOUGH: usize = 4;

/// An article of up to so many bytes speaks of nothing in passing.
const SHORT: usize = 600;

/// So much of an article is looked at, in bytes.
const MAX_TEXT: usize = 16 * 1024;

/// The words among the names of an index.
#[derive(Debug)]
pub(super) struct Signs(HashMap<NameId, (Sort, &'static str), Passing>);

impl Signs {
    /// Adds the words to an index.
    pub(super) fn new(index: &mut Index) -> Self {
        let words = WORDS
            .iter()
            .flat_map(|(sort, words)| words.split(',').map(|word| (*sort, word.trim())));
        let known =
            words.filter_map(|(sort, word)| Some((index.add(&Key::of(word))?, (sort, word))));
        Self(known.collect())
    }

    /// Whether a name is one of the words, and whether it is one with a small letter too.
    pub(super) fn may_be_small(&self, name: NameId) -> Option<bool> {
        let (_, word) = self.0.get(&name)?;
        Some(word.starts_with(|c: char| c.is_lowercase()))
    }

    /// What a name is a word of, as it is written.
    pub(super) fn sort(&self, name: NameId, written: &str) -> Option<Sort> {
        let (sort, word) = *self.0.get(&name)?;
        let is_any_case = !word.contains(char::is_uppercase);
        // `IEC-104` is no other word.
        let is_so = || {
            written
                .bytes()
                .zip(word.bytes())
                .all(|(one, other)| one == other || !other.is_ascii_alphanumeric())
        };
        (is_any_case || is_so()).then_some(sort)
    }
}

/// What an article is about as a whole, by the words of its first part.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a thing that was seen in it"
)]
pub(super) struct Whole {
    mobile: usize,
    desktop: usize,
    mac: usize,
    linux: usize,
    industrial: usize,
    /// Whether title or first lines speak of mobile devices, and whether the title does.
    is_begun: bool,
    is_titled: bool,
    is_notes: bool,
    is_encrypted: bool,
    lesson: BTreeSet<NameId>,
    /// How much has been read.
    read: usize,
}

impl Whole {
    /// Notes a text, and how much of it counts.
    pub(super) fn open(&mut self, length: usize, zone: Zone) -> usize {
        let counts = match zone {
            Zone::Aside => 0,
            _ => length.min(MAX_TEXT.saturating_sub(self.read)),
        };
        self.read += counts;
        counts
    }

    /// Notes one of the words.
    pub(super) fn note(&mut self, sort: Sort, name: NameId, zone: Zone) {
        match sort {
            Sort::Mobile => {
                self.mobile += 1;
                self.is_begun |= matches!(zone, Zone::Title | Zone::Early);
                self.is_titled |= zone == Zone::Title;
            }
            Sort::Desktop => self.desktop += 1,
            Sort::Mac => {
                self.mac += 1;
                self.desktop += 1;
            }
            Sort::Linux => {
                self.linux += 1;
                self.desktop += 1;
            }
            Sort::Industrial => self.industrial += 1,
            Sort::Lesson => {
                self.lesson.insert(name);
            }
            Sort::Notes => self.is_notes |= zone == Zone::Title,
            Sort::Encrypted => self.is_encrypted |= zone != Zone::Aside,
            Sort::Marking => {}
        }
    }

    /// The matrix that names of several techniques are looked up in: that for mobile devices when title or first lines
    /// speak of these, and the article more than in passing, and of others hardly ever.
    pub(super) const fn domain(&self) -> Domain {
        let is_passing = self.mobile < 2 && !self.is_titled && self.read > SHORT;
        if self.is_begun && !is_passing && self.mobile >= 3 * self.desktop {
            Domain::Mobile
        } else if self.industrial > 0 {
            Domain::Industrial
        } else {
            Domain::Enterprise
        }
    }

    /// Whether its title says that it tells what a product does.
    pub(super) const fn is_notes(&self) -> bool {
        self.is_notes
    }

    /// Whether it says that something was encrypted, or is out of order for it.
    pub(super) const fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }

    /// The platform that it speaks of most, as Malpedia writes it behind the names of malware that there is for several;
    /// Windows where nothing outweighs it.
    pub(super) fn platform(&self) -> &'static str {
        let windows = self.desktop - self.mac - self.linux;
        let most = self.mac.max(self.linux).max(self.mobile);
        match most {
            most if most <= windows => "(Windows)",
            most if most == self.mac => "(OS X)",
            most if most == self.mobile => "(Android)",
            _ => "(ELF)",
        }
    }

    /// Whether it speaks of mobile devices.
    pub(super) const fn is_mobile(&self) -> bool {
        self.mobile > 0
    }

    /// Whether it is the programme of a course: what is done in it is taught.
    pub(super) fn is_lesson(&self) -> bool {
        self.lesson.len() >= ENOUGH
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An article of first lines and of text that is not its own.
    fn read(text: &str, aside: &str) -> Whole {
        let mut index = Index::new();
        let signs = Signs::new(&mut index);
        index.finish(|name, _| signs.may_be_small(name) == Some(true));
        let mut whole = Whole::default();
        for (text, zone) in [(text, Zone::Early), (aside, Zone::Aside)] {
            let counts = whole.open(text.len(), zone);
            index.find(text, |hit| {
                let sort = signs.sort(hit.name, text.get(hit.span.clone()).unwrap());
                if let Some(sort) = sort.filter(|_| hit.span.end <= counts) {
                    whole.note(sort, hit.name, zone);
                }
            });
        }
        whole
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
            ("It speaks IEC-104 to stations.", Domain::Industrial),
            ("Industrial Control Systems fail.", Domain::Industrial),
            ("It is a loader for Cisco IOS.", Domain::Enterprise),
        ] {
            let found = read(text, "Our app for Android and SCADA");
            assert_eq!(found.domain(), expected, "{text}");
        }
    }

    #[test]
    fn a_course_is_told_by_several_of_its_words() {
        for (text, is) in [
            ("A course: in this class students do exercises.", true),
            ("Of course the attackers did exercises.", false),
            ("The course of the attack on a class of students.", false),
            (
                "Course, course, courses; a classified student exercise.",
                false,
            ),
        ] {
            let found = read(text, "Workshop, hands-on, Day 1, curriculum");
            assert_eq!(found.is_lesson(), is, "{text}");
        }
    }

    #[test]
    fn long_articles_are_read_in_part() {
        let long = "SCADA ".repeat(MAX_TEXT);
        assert_eq!(read(&long, "").domain(), Domain::Industrial);
        let late = format!("{}SCADA", "é ".repeat(MAX_TEXT));
        assert_eq!(read(&late, "").domain(), Domain::Enterprise);
    }
}
