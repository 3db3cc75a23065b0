//! Where names stand in an article, and what stands beside them.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;

use super::Document;
use super::domain::{Sort, Whole};
use super::index::{NameId, Passing};
use super::lexicon::{Lexicon, Name, sort};
use super::looking::Looking;
use super::names::Key;
use super::phrases::Aim;
use super::{Topic, deeds, links, targets, words};
use crate::article::blocks::{Block, Kind, Region};
use crate::knowledge::ClusterId;

/// Most places of one name that are looked at; the rest only count.
const MAX_SPOTS: u32 = 200;

/// A name at a place.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a thing that was seen beside it"
)]
pub(super) struct Spot {
    pub name: NameId,
    /// `None` for the title.
    pub block: Option<usize>,
    pub span: Range<usize>,
    /// Where its sentence begins.
    pub sentence: usize,
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
    /// It is being introduced, or said to act: `dubbed X`, `affiliates of X`.
    pub naming: bool,
    /// The words after it define it: `X is a backdoor`.
    pub defined: bool,
    /// It is said to have done what the article tells: `we attribute this to X`.
    pub attributed: bool,
    /// It is written in capitals.
    pub shouted: bool,
    /// It is said to be new: `a new backdoor dubbed X`.
    pub is_new: bool,
    /// The spot before it names the same: `X (aka Y)`.
    pub is_alias: bool,
    /// The word before it begins a longer name with it: `Windows Defender`.
    pub continues: bool,
    /// One of several examples, a comparison, a negation.
    pub others: bool,
    /// An example, and nothing worse.
    pub example: bool,
    /// Its sentence tells what happened to somebody.
    pub told: bool,
    /// The word before it takes it away: `not X`.
    pub is_denied: bool,
    /// The sentence speaks of keeping it off.
    pub defence: bool,
    /// In a table, list or section of ATT&CK.
    pub formal: bool,
    /// The spot before it is its neighbour in an enumeration: `Emotet, Qakbot`.
    pub beside: bool,
    /// It is no name in the text, but the target of a link to ATT&CK.
    pub linked: bool,
    /// Of a country or sector: what its sentence says of it being attacked.
    pub attacked: Aim,
    /// In a list of who is attacked.
    pub listed: bool,
    /// Techniques that its sentence tells by what is done to or with it.
    pub deeds: Vec<ClusterId>,
}

/// Where in the article.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Zone {
    Title,
    Heading,
    /// The first lines.
    Early,
    #[default]
    Body,
    /// Code.
    Code,
    /// Outside of the article, or where it names others.
    Aside,
}

/// How it is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Case {
    #[default]
    Lower,
    /// With a capital where any word would have one.
    Start,
    /// With a capital in mid-sentence.
    Mid,
}

/// All that was found.
#[derive(Debug, Default)]
pub(super) struct Reading<'a> {
    pub spots: Vec<Spot>,
    /// The texts, the title first.
    pub texts: Vec<Cow<'a, str>>,
    /// Those of them that may hold a marking.
    pub marked: Vec<usize>,
    /// What it is about as a whole.
    pub whole: Whole,
    /// Whether it is no more than a note.
    pub is_short: bool,
    /// Whether it is no more than a page.
    pub is_brief: bool,
    /// Whether it has a part or a link of ATT&CK.
    has_attack: bool,
    speaks_of_attack: OnceCell<bool>,
    speaks_of_ransomware: OnceCell<bool>,
    is_english: OnceCell<bool>,
}

impl Reading<'_> {
    /// The text that a spot stands in.
    pub(super) fn text(&self, spot: &Spot) -> &str {
        let at = spot.block.map_or(0, |block| block + 1);
        self.texts.get(at).map_or("", |text| text)
    }

    /// Whether it speaks of ATT&CK.
    pub(super) fn speaks_of_attack(&self) -> bool {
        let speaks = || self.has_attack || self.has("ATT&CK") || self.has("MITRE");
        *self.speaks_of_attack.get_or_init(speaks)
    }

    /// Whether it speaks of ransomware.
    pub(super) fn speaks_of_ransomware(&self) -> bool {
        let speaks = || {
            self.has("ansomware")
                || self.has("ncryptor")
                || self.has("ansom note")
                || self.has("eak site")
        };
        *self.speaks_of_ransomware.get_or_init(speaks)
    }

    /// Whether it is in English, by how often it has an article.
    pub(super) fn is_english(&self) -> bool {
        *self.is_english.get_or_init(|| is_english(&self.texts))
    }

    fn has(&self, part: &str) -> bool {
        let finder = memchr::memmem::Finder::new(part);
        let mut texts = self.texts.iter();
        texts.any(|text| finder.find(text.as_bytes()).is_some())
    }
}

/// Reads an article.
pub(super) fn read<'a>(lexicon: &'a Lexicon, article: &Document<'a>) -> Reading<'a> {
    let mut reader = Reader {
        lexicon,
        reading: Reading {
            spots: Vec::with_capacity(SPOTS),
            ..Reading::default()
        },
        counts: HashMap::default(),
        early: early(article.blocks),
        aside: false,
        formal: None,
        titled: false,
        listed: false,
    };
    let length = length(article.blocks);
    reader.reading.is_short = length <= SHORT;
    reader.reading.is_brief = length <= BRIEF;
    let title = article.title.trim();
    let is_apart = !title.is_empty() && !begins_with(article.blocks, title);
    let title = if is_apart { article.title } else { "" };
    reader.titled = is_apart;
    reader.text(None, Cow::Borrowed(title), Zone::Title, false);
    for (n, block) in article.blocks.iter().enumerate() {
        reader.block(n, block);
    }
    reader.reading
}

/// So many spots have articles of a page or two.
const SPOTS: usize = 64;

/// The first lines are at most so many bytes, and of a short article the first part.
const EARLY: usize = 500;
/// A short article's first lines are at least so many bytes.
const LEAST_EARLY: usize = 200;

/// A line of its own up to so many bytes may be a title or heading.
const MAX_LINE: usize = 200;

/// Up to so many bytes an article is a note.
const SHORT: usize = 600;
/// Up to so many bytes an article is news of a page.
const BRIEF: usize = 4000;

/// Whether a title is the first line of the text: it is looked at there.
fn begins_with(blocks: &[Block], title: &str) -> bool {
    let mut texts = blocks
        .iter()
        .filter(|block| block.region == Region::Main)
        .map(Block::text);
    let first = texts.find(|text| !text.trim().is_empty());
    let first = first.as_deref().unwrap_or_default().trim_start();
    let line = first.lines().next().unwrap_or_default().trim_end();
    // Of a long line that begins a text without a title the first part is taken for one.
    line == title || (title.len() >= MAX_LINE && line.starts_with(title))
}

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
    reading: Reading<'a>,
    counts: HashMap<NameId, u32, Passing>,
    /// What is left of the first lines, in bytes.
    early: usize,
    /// Whether the part of the article names other articles.
    aside: bool,
    /// Level of the heading under which ATT&CK is spoken of.
    formal: Option<u8>,
    /// Whether the title has been.
    titled: bool,
    /// Whether a list of who is attacked goes on.
    listed: bool,
}

impl<'a> Reader<'a> {
    fn block(&mut self, n: usize, block: &'a Block) {
        let text = block.text();
        let is_heading = matches!(block.kind, Kind::Heading { .. });
        let level = heading(block, &text);
        if let Some(level) = level {
            self.heading(level, &text, is_heading);
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
        } else if is_text && !self.titled && (is_title(&text) || is_heading) {
            Zone::Title
        } else if is_heading {
            Zone::Heading
        } else if self.early > 0 && is_text {
            Zone::Early
        } else {
            Zone::Body
        };
        if is_text && !text.trim().is_empty() {
            if zone != Zone::Title && !is_heading {
                self.early = self.early.saturating_sub(text.len());
            }
            self.titled = true;
        }
        // Some texts have bullets that no list was made of.
        let is_item = matches!(block.kind, Kind::ListItem { .. })
            || text
                .trim_start()
                .starts_with(['\u{2022}', '-', '*', '\u{2013}']);
        // A line between is above another list: `Suspected sponsor`.
        self.listed &= is_item || text.trim().is_empty();
        let formal = self.formal.is_some() || has_technique_column(block);
        let first = self.reading.spots.len();
        self.text(Some(n), text, zone, formal);
        self.pointed(n, block, zone, first);
        let text = self.reading.texts.last().map_or("", |text| text);
        if (level.is_some() || text.ends_with(':')) && !is_item {
            self.listed = targets::opens_list(text);
        }
    }

    /// What a block points to rather than names; its spots begin at `first`.
    fn pointed(&mut self, n: usize, block: &Block, zone: Zone, first: usize) {
        let Self {
            lexicon, reading, ..
        } = self;
        let Some(text) = reading.texts.last() else {
            return;
        };
        let mut looking = Looking::new(lexicon, text, zone, false);
        let mut more = Vec::new();
        for (span, id) in links::attack(block) {
            let Some(name) = lexicon.index.get(&Key::of(&id).bytes) else {
                continue;
            };
            reading.has_attack = true;
            // They stand in order: a page of links must not look at all of them for each.
            let spots = reading.spots.get(first..).unwrap_or_default();
            let from = spots.partition_point(|spot| spot.span.start < span.start);
            let spots = spots.iter().skip(from);
            let mut within = spots.take_while(|spot| spot.span.start < span.end);
            if !within.any(|spot| spot.name == name && spot.span.end <= span.end) {
                more.extend(looking.pointed(name, span, true));
            }
        }
        // A line `tags:` or `references:` is above those of a rule as above those of a page.
        let is_aside = block.region != Region::Main || !is_of_rule(block, text);
        let zone = if is_aside { zone } else { Zone::Code };
        for (span, id) in links::sigma_tags(text) {
            let name = lexicon.index.get(&Key::of(&id).bytes);
            let name = name.filter(|_| !looking.is_address(&span, sort::ID));
            let spot = name.and_then(|name| looking.pointed(name, span, false));
            more.extend(spot.map(|spot| Spot {
                zone,
                // Rules stand among words on how to detect.
                defence: false,
                ..spot
            }));
        }
        if let Some((name, run_key)) = lexicon.run_key {
            for span in links::run_keys(text) {
                let spot = looking.pointed(name, span, false);
                more.extend(spot.map(|spot| Spot {
                    deeds: vec![run_key],
                    ..spot
                }));
            }
        }
        if more.is_empty() {
            return;
        }
        for spot in &mut more {
            spot.block = Some(n);
        }
        reading.spots.append(&mut more);
        if let Some(spots) = reading.spots.get_mut(first..) {
            spots.sort_by_key(|spot| spot.span.start);
        }
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

    fn text(&mut self, block: Option<usize>, text: Cow<'a, str>, zone: Zone, formal: bool) {
        let Self {
            lexicon,
            reading,
            counts,
            listed,
            ..
        } = self;
        reading.has_attack |= formal;
        let counts_for_whole = reading.whole.open(text.len(), zone);
        let at = reading.texts.len();
        let mut last: Option<(usize, usize)> = None;
        let mut looking = Looking::new(lexicon, &text, zone, formal);
        looking.listed = *listed;
        lexicon.index.find(&text, |hit| {
            let is_sign = |name: &Name| name.sorts & sort::SIGN != 0;
            if lexicon.name(hit.name).is_some_and(is_sign) {
                let written = text.get(hit.span.clone()).unwrap_or_default();
                match lexicon.signs.sort(hit.name, written) {
                    Some(Sort::Marking) if reading.marked.last() != Some(&at) => {
                        reading.marked.push(at);
                    }
                    Some(Sort::Encrypted) if is_harmless(&text, &hit.span) => {}
                    Some(sort) if hit.span.end <= counts_for_whole => {
                        reading.whole.note(sort, hit.name, zone);
                    }
                    _ => {}
                }
            }
            let count = counts.entry(hit.name).or_default();
            *count += 1;
            if *count > MAX_SPOTS {
                return;
            }
            // With the noun that a spot leaves off: `Lazarus Group (aka Hidden Cobra)`.
            let end = hit.span.end;
            let Some(mut spot) = looking.spot(hit) else {
                return;
            };
            spot.block = block;
            if let Some((last, at)) = last
                && at + 1 == reading.spots.len()
                && let Some(gap) = text.get(last..spot.span.start)
            {
                spot.beside = is_enumeration(gap);
                spot.is_alias = spot.beside && is_renaming(gap);
            }
            last = Some((end, reading.spots.len()));
            reading.spots.push(spot);
        });
        reading.texts.push(text);
    }
}

/// Whether it is not what ransomware does that is encrypted at a place: `without encrypting`, `encrypted traffic`.
fn is_harmless(text: &str, span: &Range<usize>) -> bool {
    let before = text.get(..span.start).unwrap_or_default();
    let after = text.get(span.end..).unwrap_or_default().trim_start();
    let is_next = |what: &&str| {
        let begins = after.as_bytes().get(..what.len());
        begins.is_some_and(|begins| begins.eq_ignore_ascii_case(what.as_bytes()))
    };
    deeds::is_taken_away(before) || ENCIPHERED.iter().any(is_next)
}

/// What is encrypted so that nobody reads it, and not so that somebody pays.
const ENCIPHERED: &[&str] = &[
    "communication",
    "traffic",
    "connection",
    "channel",
    "messag",
    "chat",
    "c2",
    "tunnel",
    "string",
    "payload",
    "config",
    "at rest",
    "in transit",
    "archive",
    "zip",
    "mail",
    "email",
    "attachment",
    "html",
];

/// Whether texts are in English: it has `the` in every other line. Short ones are taken to be.
fn is_english(texts: &[Cow<'_, str>]) -> bool {
    let article = memchr::memmem::Finder::new(b" the ");
    let length: usize = texts.iter().map(|text| text.len()).sum();
    let wanted = length / MOST_APART;
    let articles = texts
        .iter()
        .flat_map(|text| article.find_iter(text.as_bytes()));
    length < MIN_TOLD || articles.take(wanted + 1).count() > wanted
}

/// Texts shorter than this are in no language that could be told.
const MIN_TOLD: usize = 300;
/// English has an article at least every so many bytes; tables and lists of values have few.
const MOST_APART: usize = 2000;

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

/// Whether a block is of a rule of Sigma: code, its tags, or one of them in a line.
fn is_of_rule(block: &Block, text: &str) -> bool {
    let is_mark = |c: char| c.is_whitespace() || "-,;[]'\"\u{2022}".contains(c);
    let mut words = text.split(is_mark).filter(|word| !word.is_empty());
    matches!(block.kind, Kind::Code { .. })
        || text.contains("tags:")
        || words.all(|word| word.starts_with("attack."))
}

/// Whether what stands between two names of an enumeration says that they are names of one.
fn is_renaming(gap: &str) -> bool {
    let gap = gap.trim();
    gap == "("
        || ["aka", "a.k.a", "also known as", "alias"]
            .iter()
            .any(|word| gap.contains(word))
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
