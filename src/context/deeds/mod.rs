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
    pub(super) fn of(
        &self,
        thing: NameId,
        sentence: &str,
        at: &Range<usize>,
        done: &[Done],
    ) -> Vec<ClusterId> {
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
        let mut bits = done
            .iter()
            .filter(is_near)
            .fold(0, |bits, one| bits | one.bits);
        let is_sent = |one: &Done| one.bits & cue::EXFILTRATE != 0 && one.span.end <= at.start;
        let sent = done.iter().filter(is_near).filter(|one| is_sent(one));
        if let Some(one) = sent.max_by_key(|one| one.span.end)
            && let Some(between) = sentence.get(one.span.end..at.start)
            && is_towards(between)
        {
            bits |= cue::TOWARDS;
        }
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

/// Whether what stands between what is sent and a thing says that it goes there: `data to the attackers' C2`.
fn is_towards(between: &str) -> bool {
    let mut last = [""; 4];
    for (_, word) in names::words(between) {
        last = [last[1], last[2], last[3], word];
    }
    let leads = |word: &&str| ["to", "over", "via", "through"].contains(word);
    last.iter().any(leads) && !between.contains(['\u{2192}', ';'])
}

/// From where on a sentence tells the reader what to do, if it does: from its first words, or those of a clause.
pub(super) fn advice(sentence: &str) -> Option<usize> {
    if advises(sentence) {
        return Some(0);
    }
    let bytes = sentence.as_bytes();
    let marks = memchr::memchr3_iter(b':', b';', b'-', bytes);
    let mut clauses = marks.filter_map(|at| Some((at, sentence.get(at + 1..)?)));
    let advice = clauses.find(|(_, rest)| {
        let is_apart = rest.starts_with([' ', '\n']);
        is_apart && advises(rest)
    });
    advice.map(|(at, _)| at)
}

/// Whether words begin with one that tells the reader what to do.
fn advises(clause: &str) -> bool {
    let mut parts = names::words(clause);
    let Some((at, first)) = parts.next() else {
        return false;
    };
    let Some((to, next)) = parts.next() else {
        return false;
    };
    let is_capital = |word: &str| word.starts_with(char::is_uppercase);
    // `Train Operators Hit`, but `Disable RDP`.
    let is_name = is_capital(next) && !next.chars().skip(1).any(char::is_uppercase);
    // `Alert: the mails are back`.
    let gap = clause.get(at + first.len()..to).unwrap_or_default();
    is_capital(first)
        && words::is(first, role::ADVISES)
        && !is_name
        && gap.chars().all(char::is_whitespace)
}

/// Whether words take away what follows: `no phishing emails`, `without any malicious macro`, `rather than encrypting`,
/// `not by a zero-day or a phishing email`.
pub(super) fn is_taken_away(before: &str) -> bool {
    let start = before.len().saturating_sub(MAX_DENIED);
    let start = (start..=before.len()).find(|at| before.is_char_boundary(*at));
    let tail = start
        .and_then(|start| before.get(start..))
        .unwrap_or_default();
    let is = |word: &str, list: &[&str]| list.iter().any(|one| word.eq_ignore_ascii_case(one));
    let mut last = [""; 2];
    // How many words ago something was denied that is done by what follows.
    let (mut denied, mut ways) = (None, false);
    let mut end = 0;
    for (at, word) in names::words(tail) {
        let gap = tail.get(end..at).unwrap_or_default();
        end = at + word.len();
        if is(word, &["but", "only", "just", "merely"]) || gap.contains([',', ';', ':', '.']) {
            (denied, ways) = (None, false);
        }
        if is(word, &["not", "never"]) {
            denied = Some(0);
        } else if let Some(words) = denied.as_mut() {
            *words += 1;
            ways |= *words <= 2 && is(word, &["through", "by", "via", "with", "using"]);
        }
        last = [last[1], word];
    }
    let takes = |word: &str| is(word, &["no", "never", "without", "not"]);
    let is_instead = ["instead of", "rather than"].iter().any(|instead| {
        let words = instead.split(' ');
        words
            .zip(last)
            .all(|(word, last)| last.eq_ignore_ascii_case(word))
    });
    ways || is_instead || (takes(last[0]) && !["only", "just"].contains(&last[1])) || takes(last[1])
}

/// So many bytes before something what takes it away may begin.
const MAX_DENIED: usize = 64;

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
        let advice = advice(sentence).unwrap_or(usize::MAX);
        let mut told = Vec::new();
        index.find(sentence, |hit| {
            if advice <= hit.span.start {
                return;
            }
            for cluster in deeds.of(hit.name, sentence, &hit.span, &done) {
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
            ("Alert: they moved laterally via RDP.", &["T1021.001"]),
            ("Block Operators moved laterally via RDP.", &["T1021.001"]),
            ("The data was exfiltrated to the C2.", &["T1041"]),
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
            "PDQ Deploy is on the list.",
            "It injects itself into the page of a process.",
            "It injects itself into talks.",
            "The ransomware encrypted the traffic of all servers.",
            "The vault encrypted all files.",
            "Data was exfiltrated, and the C2 was down.",
            "Data was exfiltrated to a share; the C2 was down.",
            "Data was exfiltrated to a share that nobody of us knew and the C2 was down.",
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
            ("They came not through a ", true),
            ("It was not hit by a zero-day or a ", true),
            ("Not by a zero-day, by a ", false),
            ("It was not hit by a zero-day but by a ", false),
            ("They came not only through a ", false),
            ("Instead of ", true),
            ("It leaks rather than ", true),
            ("It leaks rather more than ", false),
            ("", false),
        ] {
            assert_eq!(is_taken_away(before), is, "{before}");
        }
    }
}
