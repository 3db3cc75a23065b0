//! Where names stand in an article, and what stands beside them.

use std::collections::HashMap;
use std::ops::Range;

use super::Document;
use super::Topic;
use super::index::{Hit, NameId, Passing};
use super::lexicon::{Class, Lexicon, is_everyday, sort};
use super::names::{self, Key};
use super::sentences::{Capitals, sentence};
use super::words::{self, role};
use crate::article::blocks::{Block, Kind, Region};

/// Most places of one name that are looked at; the rest only count.
const MAX_SPOTS: u32 = 200;

/// A name at a place.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a thing that was seen beside it"
)]
pub(super) struct Spot {
    pub name: NameId,
    /// `None` for the title.
    pub block: Option<usize>,
    pub span: Range<usize>,
    pub zone: Zone,
    pub case: Case,
    /// In so many words.
    pub words: usize,
    /// The name with its noun, if that is one too: `Aurora Stealer`.
    pub full: Option<NameId>,
    /// What a noun beside it says it is.
    pub noun: Option<Topic>,
    /// The noun is `ransomware`.
    pub ransomware: bool,
    /// It is being introduced: `dubbed X`.
    pub naming: bool,
    /// One of several examples, a comparison, a negation.
    pub others: bool,
    /// The sentence speaks of keeping it off.
    pub defence: bool,
    /// In a table, list or section of ATT&CK.
    pub formal: bool,
    /// The spot before it is its neighbour in an enumeration: `Emotet, Qakbot`.
    pub beside: bool,
}

/// Where in the article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    Title,
    Heading,
    /// The first lines.
    Early,
    Body,
    /// Code.
    Code,
    /// Outside of the article, or where it names others.
    Aside,
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Lower,
    /// With a capital where any word would have one.
    Start,
    /// With a capital in mid-sentence.
    Mid,
}

/// All that was found.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub spots: Vec<Spot>,
    /// The texts, the title first.
    pub texts: Vec<String>,
    /// Whether it speaks of ATT&CK.
    pub attack: bool,
    /// Whether it is no more than a note.
    pub is_short: bool,
}

impl Reading {
    /// The text that a spot stands in.
    pub(super) fn text(&self, spot: &Spot) -> &str {
        let at = spot.block.map_or(0, |block| block + 1);
        self.texts.get(at).map_or("", String::as_str)
    }
}

/// Reads an article.
pub(super) fn read(lexicon: &Lexicon, article: &Document<'_>) -> Reading {
    let mut reader = Reader {
        lexicon,
        reading: Reading::default(),
        counts: HashMap::default(),
        early: early(article.blocks),
        aside: false,
        formal: None,
        titled: !article.title.trim().is_empty(),
    };
    reader.reading.is_short = length(article.blocks) <= SHORT;
    reader.text(None, article.title.to_owned(), Zone::Title, false);
    for (n, block) in article.blocks.iter().enumerate() {
        reader.block(n, block);
    }
    reader.reading
}

/// The first lines are at most so many bytes, and of a short article the first part.
const EARLY: usize = 500;
/// A short article's first lines are at least so many bytes.
const LEAST_EARLY: usize = 200;

/// A line of its own up to so many bytes may be a title or heading.
const MAX_LINE: usize = 200;
/// Up to so many bytes an article is a note.
const SHORT: usize = 600;

/// How many bytes the first lines of an article are.
fn early(blocks: &[Block]) -> usize {
    (length(blocks) / 5).clamp(LEAST_EARLY, EARLY)
}

/// How many bytes of text an article has.
fn length(blocks: &[Block]) -> usize {
    let cells = blocks
        .iter()
        .filter(|block| block.region == Region::Main)
        .flat_map(|block| &block.cells);
    cells
        .flat_map(|cell| &cell.runs)
        .map(|run| run.text.len())
        .sum()
}

struct Reader<'a> {
    lexicon: &'a Lexicon,
    reading: Reading,
    counts: HashMap<NameId, u32, Passing>,
    /// What is left of the first lines, in bytes.
    early: usize,
    /// Whether the part of the article names other articles.
    aside: bool,
    /// Level of the heading under which ATT&CK is spoken of.
    formal: Option<u8>,
    /// Whether the title has been.
    titled: bool,
}

impl Reader<'_> {
    fn block(&mut self, n: usize, block: &Block) {
        let text = block.text();
        let level = heading(block, &text);
        if let Some(level) = level {
            self.heading(level, &text, matches!(block.kind, Kind::Heading { .. }));
        } else if text.len() > MAX_LINE {
            // Prose again.
            self.aside = false;
        }
        let is_text = block.region == Region::Main
            && !matches!(block.kind, Kind::Image { .. } | Kind::Code { .. });
        let zone = if block.region == Region::Elsewhere || self.aside {
            Zone::Aside
        } else if matches!(block.kind, Kind::Code { .. }) {
            Zone::Code
        } else if is_text && !self.titled && is_title(&text) {
            Zone::Title
        } else if matches!(block.kind, Kind::Heading { .. }) {
            Zone::Heading
        } else if self.early > 0 && is_text {
            Zone::Early
        } else {
            Zone::Body
        };
        if is_text && !text.trim().is_empty() {
            if self.titled && !matches!(block.kind, Kind::Heading { .. }) {
                self.early = self.early.saturating_sub(text.len());
            }
            self.titled = true;
        }
        let formal = self.formal.is_some() || has_technique_column(block);
        self.text(Some(n), text, zone, formal);
    }

    /// A short line of its own may open a part, but only what is marked as a heading ends one.
    fn heading(&mut self, level: u8, text: &str, is_marked: bool) {
        let line = text.trim().trim_end_matches(':').to_lowercase();
        let is_aside = words::ELSEWHERE.contains(&line.as_str());
        self.aside = is_aside || (self.aside && !is_marked);
        if line.contains("att&ck") || line.contains("mitre") || line == "ttps" {
            self.formal = Some(level);
        } else if is_marked && self.formal.is_some_and(|open| level <= open) {
            self.formal = None;
        }
    }

    fn text(&mut self, block: Option<usize>, text: String, zone: Zone, formal: bool) {
        let Self {
            lexicon,
            reading,
            counts,
            ..
        } = self;
        reading.attack |= formal || text.contains("ATT&CK") || text.contains("MITRE");
        let mut last: Option<(usize, usize)> = None;
        let mut looking = Looking {
            lexicon,
            text: &text,
            zone,
            formal,
            sentence: 0..0,
            capitals: None,
        };
        lexicon.index.find(&text, |hit| {
            let count = counts.entry(hit.name).or_default();
            *count += 1;
            if *count > MAX_SPOTS {
                return;
            }
            let Some(mut spot) = looking.spot(hit) else {
                return;
            };
            spot.block = block;
            if let Some((end, at)) = last
                && at + 1 == reading.spots.len()
                && text.get(end..spot.span.start).is_some_and(is_enumeration)
            {
                spot.beside = true;
            }
            last = Some((spot.span.end, reading.spots.len()));
            reading.spots.push(spot);
        });
        reading.texts.push(text);
    }
}

/// Whether a first line may be the title.
fn is_title(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.len() <= MAX_LINE && !text.ends_with(['.', ':'])
}

/// The level of a heading; a short line of its own may be one.
fn heading(block: &Block, text: &str) -> Option<u8> {
    match block.kind {
        Kind::Heading { level } => Some(level),
        Kind::Paragraph => {
            let line = text.trim();
            let is_line = (3..=60).contains(&line.len()) && !line.ends_with(['.', ',', ';']);
            let is_strong = block
                .cells
                .iter()
                .flat_map(|cell| &cell.runs)
                .all(|run| run.style.strong);
            (is_line && (is_strong || !line.contains('\n'))).then_some(6)
        }
        _ => None,
    }
}

fn has_technique_column(block: &Block) -> bool {
    let Kind::TableRow { headers, .. } = &block.kind else {
        return false;
    };
    headers.iter().any(|header| {
        let header = header.to_lowercase();
        header.contains("technique")
            || header.contains("tactic")
            || header.contains("att&ck")
            || header == "ttp"
    })
}

/// Whether it is what stands between two names of an enumeration.
fn is_enumeration(gap: &str) -> bool {
    let gap = gap.trim();
    gap.len() <= 20
        && matches!(
            gap.trim_start_matches(',')
                .trim_matches(['"', '\u{201c}', '\u{201d}', '\''])
                .trim(),
            "" | "and"
                | "or"
                | "&"
                | "/"
                | "and/or"
                | "as well as"
                | "aka"
                | "(aka"
                | "("
                | "a.k.a."
                | "(a.k.a."
                | "also known as"
                | "(also known as"
                | ";"
                | "|"
                | "alias"
                | "and the"
        )
        && !gap.is_empty()
}

struct Looking<'a> {
    lexicon: &'a Lexicon,
    text: &'a str,
    zone: Zone,
    formal: bool,
    /// The last sentence.
    sentence: Range<usize>,
    /// Its capitals, once they were asked for.
    capitals: Option<Capitals>,
}

impl Looking<'_> {
    /// What there is to say of a hit; `None` for what is no name in prose.
    fn spot(&mut self, mut hit: Hit) -> Option<Spot> {
        let sorts = self.lexicon.name(hit.name)?.sorts;
        if !self.is_possible(&hit, sorts) || self.is_embedded(&hit.span, sorts) {
            return None;
        }
        let full = (sorts & sort::ENTITY != 0)
            .then(|| self.leave_noun(&mut hit))
            .flatten();
        let sentence = self.sentence(&hit.span);
        let before = self
            .text
            .get(sentence.start..hit.span.start)
            .unwrap_or_default();
        let after = self
            .text
            .get(hit.span.end..sentence.end)
            .unwrap_or_default();
        if sorts & !(sort::PLACE | sort::SECTOR) == 0
            && self.lexicon.phrases.attacked(before).is_none()
        {
            return None;
        }
        let case = self.case(&hit, before);
        let mut spot = Spot {
            name: hit.name,
            block: None,
            span: hit.span,
            zone: self.zone,
            case,
            words: hit.words,
            full,
            noun: None,
            ransomware: false,
            naming: false,
            others: self.lexicon.phrases.is_among_others(before, after),
            defence: false,
            formal: self.formal,
            beside: false,
        };
        if sorts & sort::ENTITY != 0 {
            spot.naming = is_introduced(before);
            nouns(before, after, &mut spot);
        }
        if sorts & (sort::TERM | sort::TECHNIQUE) != 0 {
            spot.defence =
                self.lexicon.phrases.is_defence(before) || self.lexicon.phrases.is_defence(after);
        }
        Some(spot)
    }

    /// The sentence that holds a range; several names often stand in one.
    fn sentence(&mut self, span: &Range<usize>) -> Range<usize> {
        if !(self.sentence.start <= span.start && span.end <= self.sentence.end) {
            self.sentence = sentence(self.text, span);
            self.capitals = None;
        }
        self.sentence.clone()
    }

    /// Whether a hit can be anything, by what is cheap to see; most words that are names besides end here.
    fn is_possible(&self, hit: &Hit, sorts: u8) -> bool {
        let bytes = self.text.as_bytes();
        let is_lower = bytes
            .get(hit.span.start)
            .is_some_and(u8::is_ascii_lowercase);
        let class = self.lexicon.name(hit.name).map(|name| name.class);
        let entity =
            sorts & sort::ENTITY != 0 && (class == Some(Class::Own) || !is_lower || hit.words > 1);
        let id = sorts & sort::ID != 0 && !is_lower;
        let technique = sorts & sort::TECHNIQUE != 0 && !is_lower && (self.formal || hit.words > 1);
        let place = sorts & sort::PLACE != 0 && !is_lower;
        let sector = sorts & sort::SECTOR != 0 && {
            let rest = bytes.get(hit.span.end..).unwrap_or_default();
            let rest = rest.get(..rest.len().min(4)).unwrap_or_default();
            rest.starts_with(b", ")
                || rest.starts_with(b" and")
                || rest.starts_with(b"/")
                || rest.first() == Some(&b' ')
                    && rest.get(1).is_some_and(|byte| b"siocevpabf".contains(byte))
        };
        entity || id || technique || place || sector || sorts & sort::TERM != 0
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
        let mut parts = names::words(name).filter(|(_, word)| word.len() >= 3 || hit.words == 1);
        if !parts.all(|(_, word)| has_capital(word)) {
            return Case::Lower;
        }
        if names::words(before).next().is_none() {
            return Case::Start;
        }
        let sentence = self.text.get(self.sentence.clone()).unwrap_or_default();
        let capitals = self.capitals.get_or_insert_with(|| Capitals::of(sentence));
        if capitals.is_title_case(name) {
            Case::Start
        } else {
            Case::Mid
        }
    }

    /// Whether it is part of an address, a path, a file name, an identifier.
    fn is_embedded(&self, span: &Range<usize>, sorts: u8) -> bool {
        let bytes = self.text.as_bytes();
        let get = |at: Option<usize>| at.and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
        let before = get(span.start.checked_sub(1));
        let after = get(Some(span.end));
        let next = get(Some(span.end + 1));
        let is_lower = get(Some(span.start)).is_ascii_lowercase();
        if matches!(
            before,
            b'@' | b'\\' | b'_' | b'=' | b'$' | b'%' | b'.' | b'#' | b'~' | b'<' | b'+'
        ) || matches!(after, b'@' | b'\\' | b'_' | b'=' | b'$' | b'%' | b'~')
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
        (before == b'/' || after == b'/' || after == b'-' || before == b'-' || before == b':')
            && self.is_address(span)
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
    fn is_address(&self, span: &Range<usize>) -> bool {
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
            || (count(b'-') > 2 && is_lower)
    }
}

/// How far a run without blanks is followed to either side, in bytes.
const MAX_TOKEN: usize = 120;

/// Whether a topic is an actor, malware or a tool.
pub(super) const fn is_entity(topic: Topic) -> bool {
    matches!(topic, Topic::Actor | Topic::Malware | Topic::Tool)
}

/// Whether the words before a name introduce it.
fn is_introduced(before: &str) -> bool {
    let quotes = ['"', '\'', '\u{201c}', '\u{2018}', '(', '\u{a0}', ' ', ':'];
    let before = tail(before.trim_end_matches(quotes));
    if before.ends_with(['.', ',', ';', '!', '?', ')']) && !before.ends_with("a.k.a.") {
        return false;
    }
    let [third, second, last] = last_words(before);
    let [second, last] = if words::is(last, role::ARTICLE) {
        [third, second]
    } else {
        [second, last]
    };
    words::is(last, role::NAMING)
        || before.ends_with("a.k.a.")
        || (last.eq_ignore_ascii_case("as") && words::is(second, role::TRACKED))
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
    for (at, word) in names::words(after).take(3) {
        let gap = after.get(gap_start..at).unwrap_or_default();
        if gap.contains(|c: char| {
            !matches!(
                c,
                ' ' | ')'
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
            && words::is(word, role::LEADS)
        {
            spot.noun = noun(word);
            spot.ransomware = word.eq_ignore_ascii_case("ransomware");
        }
    }
}

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

/// Whether a name in several words is made of everyday words, so that only its capitals make it a name.
pub(super) fn is_phrase(text: &str) -> bool {
    names::words(text).all(|(_, word)| {
        word.len() <= 2
            || word.bytes().all(|byte| byte.is_ascii_digit())
            || is_everyday(&word.to_lowercase())
    })
}
