//! Techniques that no term stands for: what is done, and to or with what, in one sentence.
//!
//! `RDP` says nothing by itself, and neither does `moved laterally`; together they are T1021.001. The things are names of
//! the index, so that only sentences that hold one are looked at; what is done is looked up around them.

mod table;

use std::collections::HashMap;
use std::ops::Range;

pub(super) use self::table::cue;
use self::table::{CUES, DEEDS};
use super::index::{Index, NameId, Passing};
use super::names::{self, Key};
use super::words::{self, role};
use crate::knowledge::ClusterId;

/// So far from a thing what is done may stand, in bytes.
const REACH: usize = 160;

/// A technique that is told by a thing and by what is done with it.
#[derive(Debug)]
pub(super) struct Deed {
    /// Its id.
    pub id: &'static str,
    /// Things, parted by commas, as [`Key`]s compare them. One that begins with a capital here must have one in the text.
    pub things: &'static str,
    /// Of each of these sets of [`cue`]s one must stand near.
    pub needs: &'static [u64],
    /// None of these may stand near.
    pub unless: u64,
}

/// The deeds, ready for looking up.
#[derive(Debug)]
pub(super) struct Deeds {
    things: HashMap<NameId, Thing, Passing>,
}

/// What a thing may belong to.
#[derive(Debug, Default)]
struct Thing {
    deeds: Vec<(&'static Deed, ClusterId)>,
    may_be_small: bool,
}

/// What is done in a sentence, and where in it.
#[derive(Debug)]
pub(super) struct Done {
    pub span: Range<usize>,
    /// Of [`cue`].
    pub bits: u64,
}

impl Deeds {
    /// Adds the things to an index; `cluster` knows techniques by their ids.
    pub(super) fn new(
        index: &mut Index,
        cluster: impl Fn(&Index, &str) -> Option<ClusterId>,
    ) -> Self {
        let mut things: HashMap<NameId, Thing, Passing> = HashMap::default();
        for deed in DEEDS {
            let Some(cluster) = cluster(index, deed.id) else {
                continue;
            };
            for thing in list(deed.things) {
                if let Some(name) = index.add(&Key::of(thing)) {
                    let known = things.entry(name).or_default();
                    known.deeds.push((deed, cluster));
                    known.may_be_small |= thing.starts_with(|c: char| c.is_lowercase());
                }
            }
        }
        Self { things }
    }

    /// Whether a name is a thing, and whether it is one with a small letter too.
    pub(super) fn thing(&self, name: NameId) -> Option<bool> {
        self.things.get(&name).map(|thing| thing.may_be_small)
    }

    /// The techniques that a thing at a place of a sentence belongs to by what is done around it; none when the sentence
    /// denies it or says what might be.
    pub(super) fn of(&self, thing: NameId, at: &Range<usize>, done: &[Done]) -> Vec<ClusterId> {
        let is_doubtful = || done.iter().any(|one| one.bits & cue::DOUBT != 0);
        let Some(thing) = self.things.get(&thing).filter(|_| !is_doubtful()) else {
            return Vec::new();
        };
        let is_near = |one: &&Done| {
            one.span.start <= at.end.saturating_add(REACH)
                && at.start <= one.span.end.saturating_add(REACH)
                // `PDQ Deploy` deploys nothing by its name.
                && !(at.start <= one.span.start && one.span.end <= at.end)
        };
        let bits = done
            .iter()
            .filter(is_near)
            .fold(0, |bits, one| bits | one.bits);
        let is_told =
            |deed: &Deed| deed.unless & bits == 0 && deed.needs.iter().all(|any| any & bits != 0);
        let told = thing.deeds.iter().filter(|(deed, _)| is_told(deed));
        told.map(|(_, cluster)| *cluster).collect()
    }
}

/// Words for what is done, and what they say; with `*` behind them also what begins with them.
pub(super) fn cues() -> impl Iterator<Item = (&'static str, u64)> {
    CUES.iter()
        .flat_map(|(bits, words)| list(words).map(|word| (word, *bits)))
}

/// The entries of a list.
fn list(words: &'static str) -> impl Iterator<Item = &'static str> {
    words.split(',').map(str::trim)
}

/// Whether a sentence tells the reader what to do.
pub(super) fn is_advice(sentence: &str) -> bool {
    let mut parts = names::words(sentence);
    let first = parts.next().map_or("", |(_, word)| word);
    let next = parts.next().map_or("", |(_, word)| word);
    let is_capital = |word: &str| word.starts_with(char::is_uppercase);
    // `Train Operators Hit`, but `Disable RDP`.
    let is_name = is_capital(next) && !next.chars().skip(1).any(char::is_uppercase);
    is_capital(first) && words::is(first, role::ADVISES) && !is_name
}

/// Whether one of the last two words takes away what follows: `no phishing emails`, `without any malicious macro`.
pub(super) fn is_taken_away(before: &str) -> bool {
    let start = before.len().saturating_sub(32);
    let start = (start..=before.len()).find(|at| before.is_char_boundary(*at));
    let tail = start
        .and_then(|start| before.get(start..))
        .unwrap_or_default();
    let mut last = [""; 2];
    for (_, word) in names::words(tail) {
        last = [last[1], word];
    }
    let denies = |word: &str| {
        ["no", "never", "without", "not"]
            .iter()
            .any(|no| word.eq_ignore_ascii_case(no))
    };
    (denies(last[0]) && !["only", "just"].contains(&last[1])) || denies(last[1])
}

#[cfg(test)]
mod tests {
    use super::super::phrases::Phrases;
    use super::*;

    /// The techniques that a sentence tells of its things, by id.
    fn told(sentence: &str) -> Vec<&'static str> {
        let mut index = Index::new();
        let ids: Vec<&str> = DEEDS.iter().map(|deed| deed.id).collect();
        let number = |id: &str| ids.iter().position(|known| *known == id);
        let deeds = Deeds::new(&mut index, |_, id| {
            number(id).and_then(|at| ClusterId::try_from(at).ok())
        });
        index.finish(|_, _| true);
        let done = Phrases::new().said(sentence).done;
        let done = if is_advice(sentence) {
            Vec::new()
        } else {
            done
        };
        let mut told = Vec::new();
        index.find(sentence, |hit| {
            for cluster in deeds.of(hit.name, &hit.span, &done) {
                told.push(ids[usize::try_from(cluster).unwrap()]);
            }
        });
        told.dedup();
        told
    }

    #[test]
    fn a_thing_and_what_is_done_with_it_tell_a_technique() {
        for (sentence, ids) in [
            (
                "The intruders exploited a vulnerability in Citrix NetScaler for initial access.",
                &["T1190"][..],
            ),
            (
                "By exploiting CVE-2023-22515 in Confluence they got in.",
                &["T1190"],
            ),
            ("It exploits a flaw in public-facing servers.", &["T1190"]),
            (
                "They logged in with stolen VPN credentials.",
                &["T1133", "T1078"],
            ),
            (
                "Compromised credentials were used to log in to the portal.",
                &["T1078"],
            ),
            ("They moved laterally via RDP.", &["T1021.001"]),
            (
                "The actor moved laterally using SMB and admin shares.",
                &["T1021.002"],
            ),
            ("From there they moved laterally over SSH.", &["T1021.004"]),
            ("AnyDesk was installed for remote access.", &["T1219"]),
            ("Data was exfiltrated to MEGA.", &["T1567.002"]),
            ("The archives were pushed out with Rclone.", &["T1567.002"]),
            ("They dumped LSASS.", &["T1003.001"]),
            ("The folders were archived with 7-Zip.", &["T1560.001"]),
            ("The ransomware encrypted all servers.", &["T1486"]),
            ("Microsoft Defender was switched off.", &["T1562.001"]),
            ("The callers posed as the IT help desk.", &["T1566.004"]),
            (
                "Phishing emails with an attachment were sent.",
                &["T1566.001"],
            ),
            ("Phishing emails with a link were sent.", &["T1566.002"]),
            ("The worm spreads by USB sticks.", &["T1091"]),
            ("The gang threatens to publish the stolen data.", &["T1657"]),
            ("The stealer exfiltrates session cookies.", &["T1539"]),
            ("A local account was created.", &["T1136.001"]),
            ("The macro launches PowerShell.", &["T1059.001"]),
            (
                "The implant communicates with its C2 over HTTPS.",
                &["T1071.001"],
            ),
        ] {
            assert_eq!(told(sentence), ids, "{sentence}");
        }
    }

    #[test]
    fn a_thing_alone_advice_doubt_and_denial_tell_nothing() {
        for sentence in [
            "The server has RDP, SMB and SSH.",
            "Exchange rates fell.",
            "Exploits for anydesk are sold.",
            "A flaw in Confluence could be exploited.",
            "If exploited, the flaw in Confluence gives full access.",
            "Confluence was not exploited.",
            "Disable RDP so that nobody moves laterally.",
            "Organisations should see when Defender is disabled.",
            "Our product detects dumping of LSASS.",
            "In this class you learn to dump LSASS.",
            "They logged in from a VPN provider in Sweden, which the VPN hid.",
            "Traffic was encrypted by the ransomware.",
            "A fake site offered AnyDesk, which installs a stealer.",
            "The mail had an archive packed with WinRAR.",
            "PDQ Connect is on the list.",
        ] {
            assert_eq!(told(sentence), [""; 0], "{sentence}");
        }
    }

    #[test]
    fn what_is_done_stands_near() {
        let far = format!("They dumped {} of LSASS.", "much ".repeat(60));
        assert_eq!(told(&far), [""; 0]);
    }

    #[test]
    fn things_say_how_they_are_written() {
        let mut index = Index::new();
        let deeds = Deeds::new(&mut index, |_, _| Some(0));
        let thing = |name: &str| deeds.thing(index.get(&Key::of(name).bytes).unwrap());
        for (name, may_be_small) in [
            ("Exchange", false),
            ("RDP", false),
            ("cookie", true),
            ("lsass", true),
        ] {
            assert_eq!(thing(name), Some(may_be_small), "{name}");
        }
    }

    #[test]
    fn what_is_taken_away() {
        for (before, is) in [
            ("No ", true),
            ("There were no such ", true),
            ("Without any ", true),
            ("They sent not only ", false),
            ("\u{e9} not ", true),
            ("No mail but a ", false),
            ("", false),
        ] {
            assert_eq!(is_taken_away(before), is, "{before}");
        }
    }
}
