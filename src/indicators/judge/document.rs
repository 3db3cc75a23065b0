//! What the article as a whole says: its sections, whether it defangs, whose it is.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::hosts;
use super::sections::{self, Announces, MAX_HEADING, Section};
use super::shape::Lines;
use super::words::Topics;
use super::{Document, sites};
use crate::article::blocks::{Block, Kind as BlockKind, Region};
use crate::indicators::{Find, Origin};

/// An article, read once.
#[derive(Debug)]
pub(super) struct Outline<'a> {
    pub(super) blocks: &'a [Block],
    spots: Vec<Spot>,
    /// Of the blocks in which something was found.
    lines: HashMap<usize, Lines<'a>>,
    /// What headings and paragraphs say that lead in a block in which something was found.
    said: HashMap<usize, Topics>,
    /// Whether the author defangs what should not be clicked.
    pub(super) defangs: bool,
    /// Hosts and registrable names of what was defanged: what else lies there is as bad.
    condemned: HashSet<String>,
    /// Registrable names that the text links to in words: the author sends readers there.
    trusted: HashSet<String>,
    /// Registrable names and organisation of the site.
    site: Option<Own>,
    /// Lines with a copyright mark, letters and digits only: they name the publisher of a text without address.
    imprint: String,
    /// Whether it is a text by itself rather than an article: nothing around the value speaks for or against it.
    pub(super) snippet: bool,
}

#[derive(Debug)]
struct Own {
    host: String,
    registrable: String,
    organisation: String,
}

/// Where a block stands in the article.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spot {
    pub(super) section: Section,
    /// Index of the block that announces it.
    pub(super) heading: Option<usize>,
    /// Index of the paragraph or label that leads in a list, a table or code.
    pub(super) lead: Option<usize>,
}

/// Longest line that may announce a section without being a heading, in bytes.
const MAX_LABEL: usize = 60;
/// Longest text without structure that is no article, in bytes, and most blocks it may have.
const MAX_SNIPPET: usize = 1500;
const SNIPPET_BLOCKS: usize = 12;
/// Least length of an organisation's name that is looked for in other names, in bytes: short ones turn up in words.
const MIN_ORGANISATION: usize = 5;
/// Most text that is kept of copyright lines, in bytes.
const MAX_IMPRINT: usize = 4096;

impl<'a> Outline<'a> {
    pub(super) fn new(document: &Document<'a>, finds: &[Find]) -> Self {
        let mut spans: HashMap<usize, Vec<std::ops::Range<usize>>> = HashMap::new();
        for find in finds {
            spans.entry(find.block).or_default().push(find.span.clone());
        }
        let lines = spans
            .into_iter()
            .filter_map(|(number, spans)| {
                Some((number, Lines::new(document.blocks.get(number)?, spans)))
            })
            .collect();
        let mut outline = Self {
            blocks: document.blocks,
            spots: Vec::with_capacity(document.blocks.len()),
            lines,
            said: HashMap::new(),
            defangs: false,
            condemned: HashSet::new(),
            trusted: HashSet::new(),
            site: document.url.and_then(url::Url::host_str).map(Own::of),
            imprint: String::new(),
            snippet: is_snippet(document) && !is_article(document, finds),
        };
        outline.read_sections();
        outline.read_leads();
        outline.read_convention(finds);
        outline.read_trust(finds);
        outline
    }

    /// What the heading above a block says, and the paragraph that leads it in.
    pub(super) fn said(&self, spot: Spot) -> Topics {
        [spot.lead, spot.heading]
            .into_iter()
            .flatten()
            .filter_map(|number| self.said.get(&number))
            .fold(Topics::default(), |all, topics| all.and(*topics))
    }

    fn read_leads(&mut self) {
        for number in self.lines.keys() {
            let spot = self.spots.get(*number).copied().unwrap_or_default();
            for lead in [spot.lead, spot.heading].into_iter().flatten() {
                self.said.entry(lead).or_insert_with(|| {
                    let end = self.blocks.get(lead).map(end_of);
                    Topics::of(end.as_deref().unwrap_or_default())
                });
            }
        }
    }

    pub(super) fn spot(&self, block: usize) -> Spot {
        self.spots.get(block).copied().unwrap_or_default()
    }

    pub(super) fn lines(&self, block: usize) -> Option<&Lines<'a>> {
        self.lines.get(&block)
    }

    /// Whether a host is the article's own site, or one of the same organisation.
    pub(super) fn is_own(&self, host: &str) -> bool {
        let organisation = hosts::organisation(host);
        if let Some(own) = &self.site {
            return host == own.host
                || hosts::registrable(host) == own.registrable
                || organisation.len() >= MIN_ORGANISATION && organisation == own.organisation;
        }
        organisation.len() >= MIN_ORGANISATION && self.imprint.contains(&letters(organisation))
    }

    /// Whether a host is the article's own site itself, or a name below or beside it.
    pub(super) fn is_own_site(&self, host: &str) -> bool {
        let own = self.site.as_ref();
        own.is_some_and(|own| host == own.host || hosts::registrable(host) == own.registrable)
    }

    /// Whether the article defangs this host, or another name of the same registrable one.
    pub(super) fn is_condemned(&self, host: &str) -> bool {
        self.condemned.contains(host) || self.condemned.contains(hosts::registrable(host))
    }

    fn read_convention(&mut self, finds: &[Find]) {
        for find in finds.iter().filter(|find| find.defanged) {
            let Some(target) = hosts::target(find.kind, &find.value) else {
                continue;
            };
            self.defangs = true;
            let host = target.host.to_ascii_lowercase();
            // What an attacker put on a shared service does not condemn the service.
            if sites::of_host(&host).is_none() {
                self.condemned.insert(hosts::registrable(&host).to_owned());
                self.condemned.insert(host);
            }
        }
    }

    fn read_trust(&mut self, finds: &[Find]) {
        for find in finds.iter().filter(|find| find.origin == Origin::Link) {
            let lines = self.lines.get(&find.block);
            let written = lines.and_then(|lines| lines.text.get(find.span.clone()));
            // A page may make a link of every URL that is written out: that says nothing.
            let in_words = written.is_some_and(|text| !text.is_empty() && !text.contains('.'));
            if !in_words || self.spot(find.block).section == Section::Indicators {
                continue;
            }
            if let Some(target) = hosts::target(find.kind, &find.value) {
                let host = target.host.to_ascii_lowercase();
                self.trusted.insert(hosts::registrable(&host).to_owned());
            }
        }
    }

    /// Whether the article links to the site of this host in words.
    pub(super) fn is_trusted(&self, host: &str) -> bool {
        self.trusted.contains(hosts::registrable(host)) && !self.is_condemned(host)
    }

    fn read_sections(&mut self) {
        let mut stack: Vec<(u8, Section, usize)> = Vec::new();
        let mut lead = None;
        let mut seen_heading = false;
        for (number, block) in self.blocks.iter().enumerate() {
            let level = heading_level(block);
            if let Some((level, text)) = &level {
                let title = !seen_heading && *level == 1 && number < 4;
                seen_heading |= *level < LABEL;
                enter(&mut stack, *level, sections::announces(text, title), number);
                lead = Some(number);
            } else {
                self.note_imprint(block);
                // Without marks of headings, a list of references ends with what refers to nothing.
                let named = |(level, section, _): &(u8, Section, usize)| {
                    *level == NAME && *section == Section::References
                };
                if stack.last().is_some_and(named) && !refers(block) {
                    stack.pop();
                }
            }
            let (section, heading) = stack
                .last()
                .map_or((Section::Body, None), |(_, section, at)| {
                    (*section, Some(*at))
                });
            self.spots.push(Spot {
                section,
                heading,
                lead: lead.filter(|at| *at != number),
            });
            if matches!(block.kind, BlockKind::Paragraph) {
                lead = Some(number);
            }
        }
    }

    fn note_imprint(&mut self, block: &Block) {
        if !matches!(
            block.kind,
            BlockKind::Paragraph | BlockKind::ListItem { .. }
        ) {
            return;
        }
        for run in block.cells.iter().flat_map(|cell| &cell.runs) {
            let marked = run.text.contains('©') || run.text.contains("opyright");
            if marked && run.text.len() < 400 && self.imprint.len() < MAX_IMPRINT {
                self.imprint.push_str(&letters(&run.text));
            }
        }
    }
}

impl Own {
    fn of(host: &str) -> Self {
        Self {
            host: host.to_ascii_lowercase(),
            registrable: hosts::registrable(host).to_owned(),
            organisation: hosts::organisation(host).to_owned(),
        }
    }
}

/// Whether a block holds a link or a URL.
fn refers(block: &Block) -> bool {
    let mut runs = block.cells.iter().flat_map(|cell| &cell.runs);
    runs.any(|run| run.link.is_some() || run.text.contains("://"))
}

/// Letters and digits, in lower case.
fn letters(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Level of a label: a short line that ends in a colon, or is wholly bold. Below every heading.
const LABEL: u8 = 7;
/// Level of the name of a section without any mark of a heading.
const NAME: u8 = 8;

/// Level and text of a block that announces what follows it.
fn heading_level(block: &Block) -> Option<(u8, Cow<'_, str>)> {
    if block.region == Region::Elsewhere && !matches!(block.kind, BlockKind::Heading { .. }) {
        return None;
    }
    match &block.kind {
        BlockKind::Heading { level } => Some((*level, block.text())),
        BlockKind::Paragraph => label(block)
            .map(|text| (LABEL, text))
            .or_else(|| name(block).map(|line| (NAME, Cow::Borrowed(line)))),
        _ => None,
    }
}

/// The first line of a paragraph, where it is the name of a section.
fn name(block: &Block) -> Option<&str> {
    let run = block.cells.first()?.runs.first()?;
    let line = run.text.split('\n').next().unwrap_or_default();
    let fits = line.len() <= MAX_LABEL && run.link.is_none();
    let whole = line.len() < run.text.len()
        || block
            .cells
            .iter()
            .map(|cell| cell.runs.len())
            .sum::<usize>()
            == 1;
    (fits && whole && sections::named(line).is_some()).then_some(line)
}

fn label(block: &Block) -> Option<Cow<'_, str>> {
    let runs = block.cells.first().map(|cell| cell.runs.as_slice())?;
    let length: usize = runs.iter().map(|run| run.text.len()).sum();
    if length == 0 || length > MAX_LABEL || runs.iter().any(|run| run.link.is_some()) {
        return None;
    }
    let bold = runs.iter().all(|run| run.style.strong);
    let text = block.text();
    let colon = text.trim_end().ends_with([':', '：']);
    (bold || colon).then_some(text)
}

/// Opens a section on the stack of open ones.
fn enter(stack: &mut Vec<(u8, Section, usize)>, level: u8, announced: Announces, number: usize) {
    while stack.last().is_some_and(|(open, _, _)| *open >= level) {
        stack.pop();
    }
    let above = stack
        .last()
        .map_or(Section::Body, |(_, section, _)| *section);
    let section = match announced {
        Announces::Section(section) => section,
        Announces::Nothing => above,
    };
    stack.push((level, section, number));
}

/// Whether a text is too small and too plain to be an article.
fn is_snippet(document: &Document<'_>) -> bool {
    document.url.is_none()
        && document.blocks.len() <= SNIPPET_BLOCKS
        && document.blocks.iter().all(|block| {
            !matches!(block.kind, BlockKind::Heading { .. }) && block.region == Region::Main
        })
        && document
            .blocks
            .iter()
            .flat_map(|block| &block.cells)
            .flat_map(|cell| &cell.runs)
            .map(|run| run.text.len())
            .sum::<usize>()
            <= MAX_SNIPPET
}

/// Whether a small text takes sides all the same: it defangs some values in one place and not others elsewhere,
/// or names what it lists.
fn is_article(document: &Document<'_>, finds: &[Find]) -> bool {
    let network = || {
        finds
            .iter()
            .filter(|find| hosts::target(find.kind, &find.value).is_some())
    };
    let lines = |block: &Block| {
        block
            .text()
            .lines()
            .filter(|line| !line.trim().is_empty())
            .count()
    };
    let several = document.blocks.iter().map(lines).sum::<usize>() > 1;
    let mixed = network().any(|find| find.defanged) && network().any(|find| !find.defanged);
    several && mixed
        || document.blocks.iter().any(|block| {
            let text = block.text();
            let mut named = text.lines().filter_map(sections::named);
            named.any(|section| section != Section::Body)
        })
}

/// Bytes of a paragraph before a list that speak of what is in it: its end.
const LEAD: usize = 240;

/// The end of a block's text.
fn end_of(block: &Block) -> String {
    let mut parts = Vec::new();
    let mut left = LEAD;
    let runs = block.cells.iter().flat_map(|cell| &cell.runs);
    for run in runs.rev() {
        let mut from = run.text.len().saturating_sub(left);
        while !run.text.is_char_boundary(from) {
            from += 1;
        }
        parts.push(run.text.get(from..).unwrap_or_default());
        left = left.saturating_sub(run.text.len());
        if left == 0 {
            break;
        }
    }
    parts.reverse();
    parts.concat()
}

/// Text of a heading for reasons, bounded: every value below it may quote it.
pub(super) fn heading_text(blocks: &[Block], number: usize) -> Option<String> {
    let runs = blocks.get(number)?.cells.iter().flat_map(|cell| &cell.runs);
    let letters = runs.flat_map(|run| run.text.chars());
    let line = letters.take_while(|letter| *letter != '\n');
    let text: String = line.take(MAX_HEADING / 2).collect();
    let text = text.trim().trim_end_matches([':', '：']).trim_end();
    (!text.is_empty()).then(|| text.to_owned())
}
