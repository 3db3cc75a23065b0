//! One hit: whether it is a name at all, how it is written, and what stands beside it.

use std::ops::Range;

use super::Topic;
use super::beside;
use super::deeds;
use super::index::{Hit, NameId};
use super::lexicon::{Class, Lexicon, is_everyday, sort};
use super::names::{self, Key};
use super::phrases::{self, Aim, Said};
use super::reading::{Case, Spot, Zone};
use super::sentences::{Capitals, sentence};
use super::targets;
use super::words::{self, role};
use crate::knowledge::ClusterId;
use crate::knowledge::words::is_word;

/// Looks at hits of one text.
pub(super) struct Looking<'a> {
    pub lexicon: &'a Lexicon,
    pub text: &'a str,
    pub zone: Zone,
    pub formal: bool,
    /// Whether it is of a list of who is attacked.
    pub listed: bool,
    /// The last sentence.
    line: Line,
}

/// A sentence, and what was asked of it: several names often stand in one.
#[derive(Debug, Default)]
struct Line {
    range: Range<usize>,
    capitals: Option<Capitals>,
    said: Option<Said>,
    /// From where on it tells the reader what to do; its end and more when it does not.
    advice: Option<usize>,
}

impl<'a> Looking<'a> {
    pub(super) fn new(lexicon: &'a Lexicon, text: &'a str, zone: Zone, formal: bool) -> Self {
        Self {
            lexicon,
            text,
            zone,
            formal,
            listed: false,
            line: Line::default(),
        }
    }

    /// What there is to say of a hit; `None` for what is no name in prose.
    pub(super) fn spot(&mut self, mut hit: Hit) -> Option<Spot> {
        let sorts = self.lexicon.name(hit.name)?.sorts;
        if !self.is_possible(&hit, sorts) || self.is_embedded(&hit.span, sorts) {
            return None;
        }
        let thing = hit.name;
        let full = (sorts & sort::ENTITY != 0)
            .then(|| self.leave_noun(&mut hit))
            .flatten();
        let sentence = self.sentence(&hit.span);
        let part = |range: Range<usize>| self.text.get(range).unwrap_or_default();
        let before = part(sentence.start..hit.span.start);
        let after = part(hit.span.end..sentence.end);
        let attacked = self.attacked(&hit.span, sorts);
        if sorts & !(sort::PLACE | sort::SECTOR) == 0
            && attacked.is_none()
            && !self.listed
            && !targets::is_listed(before)
        {
            return None;
        }
        let deeds = self.deeds(thing, sorts, &hit.span);
        if sorts & !(sort::THING | sort::SMALL) == 0 && deeds.is_empty() {
            return None;
        }
        let case = self.case(&hit, before);
        let is_denied = phrases::is_denied(before);
        let span = hit.span;
        let is_ruled_out = is_denied || phrases::is_ruled_out(after);
        let mut spot = Spot {
            name: hit.name,
            span: span.clone(),
            sentence: sentence.start,
            zone: self.zone,
            case,
            words: hit.words,
            full,
            others: is_ruled_out || self.is_other(&span),
            example: !is_ruled_out && !self.is_compared(&span),
            is_denied,
            formal: self.formal,
            attacked,
            listed: self.listed,
            deeds,
            ..Spot::default()
        };
        if sorts & (sort::ENTITY | sort::ID) != 0 {
            beside::look(before, after, &mut spot);
            spot.shouted = self.is_shouted(&spot.span);
        }
        self.judge(&mut spot, sorts, before, after);
        Some(spot)
    }

    /// What there is to say of a spot that may stand for a technique.
    fn judge(&mut self, spot: &mut Spot, sorts: u16, before: &str, after: &str) {
        if sorts & (sort::TERM | sort::TECHNIQUE) != 0 {
            let is_question = after.trim_end().ends_with('?');
            spot.defence = is_question || is_of_flaw(after) || self.is_defence(&spot.span, before);
        }
        if sorts & sort::TERM != 0 || !spot.deeds.is_empty() {
            spot.told = self.said().tells(deeds::cue::TOLD);
        }
    }

    /// A spot for what a text does not name, but points to; `None` for a range that is empty.
    pub(super) fn pointed(
        &mut self,
        name: NameId,
        span: Range<usize>,
        linked: bool,
    ) -> Option<Spot> {
        let sentence = self.sentence(&span);
        let before = self.text.get(sentence.start..span.start)?;
        Some(Spot {
            name,
            sentence: sentence.start,
            zone: self.zone,
            case: Case::Mid,
            words: 1,
            others: self.is_other(&span),
            example: !self.is_compared(&span),
            defence: self.is_defence(&span, before),
            linked,
            span,
            ..Spot::default()
        })
    }

    /// The sentence that holds a range.
    fn sentence(&mut self, span: &Range<usize>) -> Range<usize> {
        let range = &self.line.range;
        if !(range.start <= span.start && span.end <= range.end) {
            self.line = Line {
                range: sentence(self.text, span),
                ..Line::default()
            };
        }
        self.line.range.clone()
    }

    /// The text of the sentence that was looked at last.
    fn line(&self) -> &'a str {
        let text = self.text.get(self.line.range.clone());
        text.unwrap_or_default()
    }

    /// What the sentence that was looked at last says.
    fn said(&mut self) -> &Said {
        let line = self.line();
        let phrases = &self.lexicon.phrases;
        self.line.said.get_or_insert_with(|| phrases.said(line))
    }

    /// Whether the sentence that was looked at last tells the reader before a place what to do.
    fn is_advice(&mut self, span: &Range<usize>) -> bool {
        let line = self.line();
        let at = self.within(span).start;
        let advice = || deeds::advice(line).unwrap_or(usize::MAX);
        *self.line.advice.get_or_insert_with(advice) <= at
    }

    /// Where in the sentence that was looked at last something stands.
    fn within(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.line.range.start;
        span.start.saturating_sub(start)..span.end.saturating_sub(start)
    }

    /// What its sentence says of it being attacked, if it is a country or sector.
    fn attacked(&mut self, span: &Range<usize>, sorts: u16) -> Aim {
        if sorts & (sort::PLACE | sort::SECTOR) == 0 {
            return Aim::default();
        }
        let name = self.within(span);
        self.said().attacked(&name)
    }

    /// Whether its sentence speaks of keeping it off.
    fn is_defence(&mut self, span: &Range<usize>, before: &str) -> bool {
        let at = self.within(span);
        self.said().is_defence(&at) || self.is_advice(span) || deeds::is_taken_away(before)
    }

    /// The techniques that its sentence tells by what is done to or with it.
    fn deeds(&mut self, thing: NameId, sorts: u16, span: &Range<usize>) -> Vec<ClusterId> {
        if sorts & sort::THING == 0 || self.zone == Zone::Code || self.is_advice(span) {
            return Vec::new();
        }
        let at = self.within(span);
        let deeds = &self.lexicon.deeds;
        let line = self.line();
        deeds.of(thing, line, &at, &self.said().done)
    }

    /// Whether it is one of several examples, compared with, or told apart.
    fn is_other(&mut self, span: &Range<usize>) -> bool {
        let at = self.within(span);
        self.said().is_other(&at)
    }

    /// Whether it is compared with something, or told apart.
    fn is_compared(&mut self, span: &Range<usize>) -> bool {
        let at = self.within(span);
        self.said().is_compared(&at)
    }

    /// Whether a hit can be anything, by what is cheap to see; most words that are names besides end here.
    fn is_possible(&self, hit: &Hit, sorts: u16) -> bool {
        let bytes = self.text.as_bytes();
        let is_lower = bytes
            .get(hit.span.start)
            .is_some_and(u8::is_ascii_lowercase);
        let class = self.lexicon.name(hit.name).map(|name| name.class);
        let entity =
            sorts & sort::ENTITY != 0 && (class == Some(Class::Own) || !is_lower || hit.words > 1);
        let id = sorts & sort::ID != 0 && !is_lower;
        let technique = sorts & sort::TECHNIQUE != 0
            && (!is_lower && (self.formal || hit.words > 1) || sorts & sort::LONG != 0);
        let place = sorts & sort::PLACE != 0 && !is_lower;
        // `government-backed` is who attacks.
        let sector = sorts & sort::SECTOR != 0 && bytes.get(hit.span.end) != Some(&b'-');
        let thing = sorts & sort::THING != 0 && (!is_lower || sorts & sort::SMALL != 0);
        entity || id || technique || place || sector || thing || sorts & sort::TERM != 0
    }

    /// Takes the noun off `Royal ransomware` when the rest is a name too, so that both spellings are one; returns the
    /// name it was.
    fn leave_noun(&self, hit: &mut Hit) -> Option<NameId> {
        if hit.words < 2 {
            return None;
        }
        let text = self.text.get(hit.span.clone()).unwrap_or_default();
        let (at, noun) = names::words(text).last()?;
        let singular = noun
            .strip_suffix('s')
            .filter(|_| hit.plural)
            .unwrap_or(noun);
        let head = text
            .get(..at)
            .unwrap_or_default()
            .trim_end_matches([' ', '-', '_', '\u{a0}', '\n']);
        if head.is_empty() || !words::is(singular, role::KIND) {
            return None;
        }
        let name = self.lexicon.index.get(&Key::of(head).bytes)?;
        if self.lexicon.name(name)?.sorts & sort::ENTITY == 0 {
            return None;
        }
        let span = hit.span.start..hit.span.start + head.len();
        let whole = std::mem::replace(
            hit,
            Hit {
                name,
                span,
                words: hit.words - 1,
                plural: false,
            },
        );
        Some(whole.name)
    }

    fn case(&mut self, hit: &Hit, before: &str) -> Case {
        let name = self.text.get(hit.span.clone()).unwrap_or_default();
        let has_capital = |word: &str| {
            word.contains(char::is_uppercase) || word.starts_with(|c: char| c.is_ascii_digit())
        };
        let mut parts = names::words(name).filter(|(_, word)| {
            hit.words == 1 || (word.len() >= 3 && !words::is(word, role::SMALL))
        });
        // `Agent tesla`: a capital that the word has for being a name. A word that always has one says nothing.
        let is_begun = || {
            let first = names::words(name).next().map_or("", |(_, word)| word);
            has_capital(first) && (!is_everyday(&first.to_lowercase()) || is_word(first))
        };
        let is_entity = self
            .lexicon
            .name(hit.name)
            .is_some_and(|name| name.sorts & sort::ENTITY != 0);
        let is_several = hit.words > 1 && is_entity;
        let is_whole = parts.all(|(_, word)| has_capital(word));
        let is_name = is_whole || (is_several && is_begun());
        if !is_name {
            return Case::Lower;
        }
        // At the beginning of a sentence the second word's capital tells: `Scattered Spider calls`.
        let tells = is_several && is_whole;
        if !tells && names::words(before).next().is_none() {
            return Case::Start;
        }
        if self.capitals().is_title_case(name) {
            Case::Start
        } else {
            Case::Mid
        }
    }

    /// Whether it is written in capitals in a sentence that is not.
    fn is_shouted(&mut self, span: &Range<usize>) -> bool {
        let name = self.text.get(span.clone()).unwrap_or_default();
        let is_upper = name.len() >= MIN_SHOUTED
            && !name.contains(char::is_lowercase)
            && name.contains(char::is_alphabetic);
        is_upper && self.capitals().is_prose()
    }

    /// The capitals of the sentence that was looked at last.
    fn capitals(&mut self) -> Capitals {
        let sentence = self.line();
        let capitals = || Capitals::of(sentence);
        *self.line.capitals.get_or_insert_with(capitals)
    }

    /// Whether it is part of an address, a path, a file name, an identifier.
    fn is_embedded(&self, span: &Range<usize>, sorts: u16) -> bool {
        let bytes = self.text.as_bytes();
        let get = |at: Option<usize>| at.and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
        let before = get(span.start.checked_sub(1));
        let after = get(Some(span.end));
        let next = get(Some(span.end + 1));
        let is_lower = get(Some(span.start)).is_ascii_lowercase();
        if matches!(
            before,
            b'@' | b'\\' | b'_' | b'=' | b'$' | b'%' | b'.' | b'#' | b'~' | b'<' | b'+'
        ) || matches!(after, b'@' | b'\\' | b'_' | b'=' | b'%' | b'~')
            // `Lapsus$` ends with it.
            || (after == b'$' && next.is_ascii_alphanumeric())
            || (before == b'-' && is_lower)
            || (after == b'.'
                && (next.is_ascii_alphanumeric() || next == b'_')
                && !(sorts & sort::ENTITY != 0 && self.is_program(span.end)))
            || (matches!(after, b':' | b'(')
                && (next.is_ascii_alphanumeric() || matches!(next, b')' | b':' | b'/' | b'\\'))
                && is_lower)
            || (after == b'[' && matches!(next, b'.' | b':' | b'd'))
            || (before == b']' && is_lower)
            || (before == b':' && !get(span.start.checked_sub(2)).is_ascii_whitespace() && is_lower)
        {
            return true;
        }
        if after == b'-' && (self.is_of_label(span) || self.is_numbered(span)) {
            return true;
        }
        (before == b'/' || after == b'/' || after == b'-' || before == b'-' || before == b':')
            && self.is_address(span, sorts)
    }

    /// Whether it is the first part of a name in capitals that somebody gave: `SHADOW-EARTH-053`.
    fn is_of_label(&self, span: &Range<usize>) -> bool {
        let bytes = self.text.as_bytes();
        let is_capital = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let is_whole = |part: Option<&[u8]>| part.is_some_and(|part| part.iter().all(is_capital));
        is_whole(bytes.get(span.clone())) && is_whole(bytes.get(span.end + 1..span.end + 3))
    }

    /// Whether it is the first part of a name with a number: `Storm-1919`.
    fn is_numbered(&self, span: &Range<usize>) -> bool {
        let bytes = self.text.as_bytes();
        let number = bytes.get(span.end + 1..span.end + 4);
        // `Conti-2022` is none.
        let year = bytes.get(span.end + 1..span.end + 6).unwrap_or_default();
        let is_year =
            matches!(year, [b'2', b'0', b'1' | b'2', _, after] if !after.is_ascii_digit());
        !is_year && number.is_some_and(|number| number.iter().all(u8::is_ascii_digit))
    }

    /// Whether what follows makes it a program: `mimikatz.exe`.
    fn is_program(&self, end: usize) -> bool {
        let rest = self.text.as_bytes().get(end..end + 4);
        rest.is_some_and(|rest| rest.eq_ignore_ascii_case(b".exe"))
            && !self
                .text
                .as_bytes()
                .get(end + 4)
                .is_some_and(u8::is_ascii_alphanumeric)
    }

    /// Whether the run without blanks that holds it looks like a URL or a path.
    pub(super) fn is_address(&self, span: &Range<usize>, sorts: u16) -> bool {
        let bytes = self.text.as_bytes();
        let parts = |byte: &u8| {
            byte.is_ascii_whitespace()
                || matches!(byte, b'"' | b'<' | b'>' | b'(' | b')' | b',' | b';')
        };
        let least = span.start.saturating_sub(MAX_TOKEN);
        let start = (least..span.start)
            .rev()
            .find(|at| bytes.get(*at).is_some_and(parts))
            .map_or(least, |at| at + 1);
        let most = (span.end + MAX_TOKEN).min(bytes.len());
        let end = (span.end..most)
            .find(|at| bytes.get(*at).is_some_and(parts))
            .unwrap_or(most);
        let token = bytes.get(start..end).unwrap_or_default();
        // `T1588/T1588.001`.
        let is_id = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'T' | b'/' | b'.');
        if sorts & sort::ID != 0 && token.iter().all(is_id) {
            return false;
        }
        let has = |part: &[u8]| token.windows(part.len()).any(|window| window == part);
        let count = |sign: u8| memchr::memchr_iter(sign, token).count();
        let is_lower = !token.iter().any(u8::is_ascii_uppercase);
        has(b"://")
            || has(b"www.")
            || has(b"[.]")
            || has(b"\\")
            || has(b"@")
            || has(b"=")
            || token.first() == Some(&b'/')
            || (count(b'/') > 0
                && (count(b'.') > 0 && token.last() != Some(&b'.') || count(b'/') > 2))
            || (count(b'-') > 2 && is_lower && !(sorts & sort::TERM != 0 && are_few(token)))
    }
}

/// Whether what follows makes it part of what a flaw is called: `Mark of the Web Security Feature Bypass Vulnerability`.
fn is_of_flaw(after: &str) -> bool {
    let mut end = 0;
    for (at, word) in names::words(after).take(MAX_FLAW) {
        let is_next = after.get(end..at) == Some(" ");
        if !is_next || !word.starts_with(char::is_uppercase) {
            return false;
        }
        if word == "Vulnerability" {
            return true;
        }
        end = at + word.len();
    }
    false
}

/// So many words of what a flaw is called may follow a name.
const MAX_FLAW: usize = 6;

/// Whether words that a slash parts have few hyphens: `pass-the-hash/pass-the-ticket`.
fn are_few(token: &[u8]) -> bool {
    let mut parts = token.split(|byte| *byte == b'/');
    parts.all(|part| memchr::memchr_iter(b'-', part).count() <= 2)
}

/// Shorter names in capitals are taken for abbreviations of anything.
const MIN_SHOUTED: usize = 5;

/// How far a run without blanks is followed to either side, in bytes.
const MAX_TOKEN: usize = 120;

/// Whether a topic is an actor, malware or a tool.
pub(super) const fn is_entity(topic: Topic) -> bool {
    matches!(topic, Topic::Actor | Topic::Malware | Topic::Tool)
}

/// Whether a name in several words is made of everyday words, so that only its capitals make it a name.
pub(super) fn is_phrase(text: &str) -> bool {
    names::words(text).all(|(_, word)| {
        word.len() <= 2
            || word.bytes().all(|byte| byte.is_ascii_digit())
            || is_everyday(&word.to_lowercase())
    })
}

/// Whether a name in several words has a capital in each that is more than a small word, so that it is one in any line.
pub(super) fn is_proper(text: &str) -> bool {
    let mut count = 0;
    let all = names::words(text).all(|(_, word)| {
        let is_capital = word.starts_with(char::is_uppercase);
        count += u32::from(is_capital && word.len() >= 3);
        is_capital || words::is(word, role::SMALL)
    });
    all && count >= 2
}

/// Whether a word is made of two others, and written as a noun.
pub(super) fn is_compound(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase())
        && (3..text.len().saturating_sub(2)).any(|at| {
            let parts = text.split_at_checked(at);
            parts.is_some_and(|(one, other)| is_word(one) && is_word(other))
        })
}
