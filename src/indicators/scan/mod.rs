//! The scan: one pass over clear text.
//!
//! The text is cut into *chunks* between blanks and quotes. Most are plain words and are passed over at once.
//! Every other chunk is shown to the recognisers that may have an interest in it, strongest first: a URL
//! takes its host and its path with it, an e-mail address its domain. Each recogniser sees only the *gaps* that
//! stronger ones left, so that no value is found twice and nothing has to be sorted out afterwards. Every
//! byte is read by a bounded number of recognisers, a bounded number of times.

mod accounts;
mod addresses;
mod blobs;
mod chunks;
mod coins;
mod dotted;
mod emails;
mod extensions;
mod fuzzy;
mod hashes;
mod hosts;
mod ids;
mod keywords;
mod labels;
mod named;
mod names;
mod pairs;
mod paths;
mod registry;
mod rules;
mod runs;
mod urls;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use self::chunks::{
    AT, BACKSLASH, COLON, Chunk, Chunks, DIGIT, DOT, LONG, PERCENT, QUOTED, SLASH, TILDE,
    UNDERSCORE,
};
use super::clear::Clear;
use super::{Find, Kind, Origin};
use crate::article::blocks::{self, Block, CELL_BREAK, Cell};

/// How much of a header, or of the cell before, is read for what it calls the values beside it, in bytes.
const LONGEST_LABEL: usize = 160;

/// Where the text to be scanned stands.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place<'a> {
    /// Index of the block.
    pub(super) block: usize,
    /// Where the text begins in the block's text, in bytes.
    pub(super) base: usize,
    /// Header of the table column.
    pub(super) header: Option<&'a str>,
    /// Text of the cell before it in the row: `SHA-256` in a table of names and values.
    pub(super) before: Option<&'a str>,
    /// Ranges of the text as written that are set as code; in order, not overlapping.
    pub(super) code: &'a [Range<usize>],
    /// Whether payment card numbers are looked for.
    pub(super) card_numbers: bool,
}

/// What a recogniser reads.
#[derive(Debug)]
struct Text<'a> {
    /// The clear text itself.
    str: &'a str,
    clear: &'a Clear<'a>,
    place: Place<'a>,
}

/// What a recogniser found.
#[derive(Debug)]
struct Raw {
    /// `None`: not an indicator, and no weaker recogniser shall take a part of it for one.
    kind: Option<Kind>,
    value: String,
    /// In the clear text.
    span: Range<usize>,
}

impl Raw {
    fn new(kind: Kind, value: impl Into<String>, span: Range<usize>) -> Self {
        Self {
            kind: Some(kind),
            value: value.into(),
            span,
        }
    }

    /// Takes a range out of the scan: a version number, a name in code, a placeholder.
    fn nothing(span: Range<usize>) -> Self {
        Self {
            kind: None,
            value: String::new(),
            span,
        }
    }
}

impl<'a> Text<'a> {
    fn new(clear: &'a Clear<'a>, place: Place<'a>) -> Self {
        Self {
            str: clear.as_str(),
            clear,
            place,
        }
    }

    const fn str(&self) -> &'a str {
        self.str
    }

    const fn bytes(&self) -> &'a [u8] {
        self.str.as_bytes()
    }

    /// The byte at `at`, or 0 beyond the ends.
    fn byte(&self, at: usize) -> u8 {
        self.bytes().get(at).copied().unwrap_or_default()
    }

    /// The byte before `at`, or a blank at the start.
    fn preceding(&self, at: usize) -> u8 {
        at.checked_sub(1).map_or(b' ', |at| self.byte(at))
    }

    /// Where a byte first stands in a range.
    fn position(&self, range: Range<usize>, wanted: u8) -> Option<usize> {
        let bytes = self.bytes().get(range.clone())?;
        Some(range.start + bytes.iter().position(|byte| *byte == wanted)?)
    }

    /// A range of the clear text; empty if it is none.
    fn slice(&self, range: Range<usize>) -> &'a str {
        self.str().get(range).unwrap_or_default()
    }

    /// At most `max` bytes before `at`, on the same line.
    fn line_before(&self, at: usize, max: usize) -> &'a str {
        let mut from = at.saturating_sub(max);
        while !self.str().is_char_boundary(from) {
            from += 1;
        }
        let before = self.slice(from..at);
        match memchr::memrchr(b'\n', before.as_bytes()) {
            Some(end) => before.get(end + 1..).unwrap_or_default(),
            None => before,
        }
    }

    /// At most `max` bytes after `at`, on the same line.
    fn line_after(&self, at: usize, max: usize) -> &'a str {
        let mut to = at.saturating_add(max).min(self.str().len());
        while !self.str().is_char_boundary(to) {
            to -= 1;
        }
        let after = self.slice(at..to);
        match memchr::memchr(b'\n', after.as_bytes()) {
            Some(end) => after.get(..end).unwrap_or_default(),
            None => after,
        }
    }

    /// Whether the value there was written defanged.
    fn is_defanged(&self, span: &Range<usize>) -> bool {
        self.clear.is_defanged(span)
    }

    /// Whether the value there is set as code.
    fn is_code(&self, span: &Range<usize>) -> bool {
        if self.place.code.is_empty() {
            return false;
        }
        let written = self.clear.written(span.clone());
        let last = self
            .place
            .code
            .partition_point(|code| code.start <= written.start);
        last.checked_sub(1)
            .and_then(|last| self.place.code.get(last))
            .is_some_and(|code| written.end <= code.end)
    }
}

/// Pushes what it finds in a gap, in order and not overlapping. A find may reach beyond the gap's end (names
/// with blanks), never before its start but over something in angle brackets (`<Temp>\a.exe`). Must take time linear in the gap and in what it takes.
type Recogniser = fn(&Text<'_>, Range<usize>, &mut Vec<Raw>);

/// A recogniser, and the chunks that may hold something of its kind.
struct Step {
    /// Those with a byte of one of these classes,
    any: u16,
    /// and with one of each of these;
    all: u16,
    /// or those with a run of so many letters and digits.
    long: usize,
    find: Recogniser,
}

impl Step {
    fn wants(&self, chunk: &Chunk) -> bool {
        chunk.classes & self.any != 0 && chunk.classes & self.all == self.all
            || chunk.longest >= self.long
    }
}

const fn step(any: u16, all: u16, find: Recogniser) -> Step {
    let long = usize::MAX;
    Step {
        any,
        all,
        long,
        find,
    }
}

const fn long(long: usize, any: u16, find: Recogniser) -> Step {
    let all = 0;
    Step {
        any,
        all,
        long,
        find,
    }
}

/// Recognisers of what a chunk gives away by its bytes, strongest first.
const STEPS: &[Step] = &[
    step(BACKSLASH, 0, registry::find),
    // An ssdeep hash holds slashes and colons; its form is so strict that it goes before URLs and paths.
    step(COLON, DIGIT, fuzzy::find_signatures),
    // So does the name of a platform.
    step(COLON, 0, ids::cpe::find),
    step(DOT | COLON, SLASH, urls::find),
    step(AT, 0, emails::find),
    step(BACKSLASH | SLASH | PERCENT | TILDE, 0, paths::find),
    long(LONG, UNDERSCORE, fuzzy::find_tokens),
    long(32, 0, hashes::find),
    long(25, 0, coins::find),
    step(DIGIT | COLON, 0, ids::find),
    step(DOT | COLON, DIGIT, addresses::find),
    step(DOT | QUOTED, 0, names::find),
    step(AT, 0, accounts::find),
];

/// Recognisers that go by keywords, and look at what follows them.
const WORDS: [Recogniser; 2] = [named::find, accounts::find_labelled];

/// Scans one text.
pub(super) fn text(written: &str, place: Place<'_>, finds: &mut Vec<Find>) {
    let clear = Clear::of(written);
    let text = Text::new(&clear, place);
    let mut raws = Vec::new();
    let mut gaps = Vec::new();
    let mut rules = Written::new(written, place);
    let mut chunks = Chunks::new(text.bytes());
    named::cell(&text, &mut raws);
    if !raws.is_empty() {
        chunks.skip_to(text.str().len());
    }
    while let Some(chunk) = chunks.next() {
        let first = raws.len();
        if chunk.keyword {
            raws.extend(rules.at(&clear, chunk.range.start));
            if raws.len() == first {
                by_word(&text, &chunk, &mut raws);
            }
        }
        if raws.len() == first && chunk.is_notable() {
            recognise(&text, &chunk, &mut gaps, &mut raws);
        }
        let taken = raws.get_mut(first..).unwrap_or_default();
        if taken.is_empty() {
            continue;
        }
        taken.sort_by_key(|raw: &Raw| raw.span.start);
        let end = taken.iter().map(|raw| raw.span.end).max();
        chunks.skip_to(end.unwrap_or_default());
    }
    hashes::split::join(&text, &mut raws);
    pairs::join(&text, &mut raws);
    registry::values::join(&text, &mut raws);
    finds.extend(raws.into_iter().filter_map(|raw| finished(&text, raw)));
}

/// Detection rules are read in the text as written: to undo `[.]` in a pattern would change what it finds.
struct Written<'a> {
    clear: Clear<'a>,
    place: Place<'a>,
    rules: rules::Rules,
}

impl<'a> Written<'a> {
    fn new(text: &'a str, place: Place<'a>) -> Self {
        Self {
            clear: Clear::plain(text),
            place,
            rules: rules::Rules::default(),
        }
    }

    /// The rule that begins at `at` of the clear text.
    fn at(&mut self, clear: &Clear<'_>, at: usize) -> Option<Raw> {
        let text = Text::new(&self.clear, self.place);
        let rule = self.rules.at(&text, clear.written(at..at).start)?;
        let span = clear.position(rule.span.start)..clear.position(rule.span.end);
        Some(Raw { span, ..rule })
    }
}

/// Shows a chunk that may begin with a keyword to the recognisers that go by those.
fn by_word(text: &Text<'_>, chunk: &Chunk, raws: &mut Vec<Raw>) {
    let first = raws.len();
    for find in WORDS {
        find(text, chunk.range.clone(), raws);
        if raws.len() > first {
            return;
        }
    }
}

/// Shows a chunk to every recogniser that wants it.
fn recognise(text: &Text<'_>, chunk: &Chunk, gaps: &mut Vec<Range<usize>>, raws: &mut Vec<Raw>) {
    gaps.clear();
    gaps.push(chunk.range.clone());
    if chunk.range.len() >= blobs::SHORTEST {
        let before = raws.len();
        blobs::find(text, chunk.range.clone(), raws);
        *gaps = left(gaps, raws.get(before..).unwrap_or_default());
    }
    for step in STEPS.iter().filter(|step| step.wants(chunk)) {
        let before = raws.len();
        for gap in gaps.iter() {
            (step.find)(text, gap.clone(), raws);
        }
        let taken = raws.get(before..).unwrap_or_default();
        if !taken.is_empty() {
            *gaps = left(gaps, taken);
            if gaps.is_empty() {
                return;
            }
        }
    }
}

/// What finds leave of gaps; both in order.
fn left(gaps: &[Range<usize>], taken: &[Raw]) -> Vec<Range<usize>> {
    let mut rest = Vec::with_capacity(gaps.len() + taken.len());
    let mut taken = taken.iter().peekable();
    for gap in gaps {
        let mut start = gap.start;
        while let Some(raw) = taken.next_if(|raw| raw.span.start < gap.end) {
            if start < raw.span.start {
                rest.push(start..raw.span.start);
            }
            start = start.max(raw.span.end);
        }
        if start < gap.end {
            rest.push(start..gap.end);
        }
    }
    rest
}

fn finished(text: &Text<'_>, raw: Raw) -> Option<Find> {
    let written = text.clear.written(raw.span.clone());
    Some(Find {
        kind: raw.kind?,
        value: raw.value,
        block: text.place.block,
        span: text.place.base + written.start..text.place.base + written.end,
        defanged: text.is_defanged(&raw.span),
        origin: Origin::Text,
    })
}

/// The kind of the host that this is the name of, if it is one.
pub(super) fn host_kind(name: &str) -> Option<Kind> {
    hosts::is_host(name).map(hosts::HostKind::kind)
}

/// Scans one block, cell by cell: values never run together across cells.
pub(super) fn block(block: &Block, number: usize, card_numbers: bool, finds: &mut Vec<Find>) {
    let headers: &[String] = match &block.kind {
        blocks::Kind::TableRow { headers, .. } => headers,
        _ => &[],
    };
    let all_code = matches!(block.kind, blocks::Kind::Code { .. });
    let mut base = 0;
    let mut before: Option<Cow<'_, str>> = None;
    let row = finds.len();
    for (column, cell) in block.cells.iter().enumerate() {
        let written = cell.text();
        let code = code_ranges(cell, all_code);
        let place = Place {
            block: number,
            base,
            header: headers.get(column).map(|header| label(header)),
            before: before.as_deref().map(label),
            code: &code,
            card_numbers,
        };
        let first = finds.len();
        text(&written, place, finds);
        links(cell, number, base, finds);
        finds
            .get_mut(first..)
            .unwrap_or_default()
            .sort_by_key(|find| find.span.start);
        base += written.len() + CELL_BREAK.len_utf8();
        before = Some(written);
    }
    if !headers.is_empty() {
        registry::values::row(block, headers, finds.get_mut(row..).unwrap_or_default());
    }
}

/// The start of a header or of the cell before: every value of a column asks for it, and what is longer names nothing.
fn label(text: &str) -> &str {
    let mut end = text.len().min(LONGEST_LABEL);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

fn code_ranges(cell: &Cell, all: bool) -> Vec<Range<usize>> {
    let mut at = 0;
    let mut ranges = Vec::new();
    for run in &cell.runs {
        let range = at..at + run.text.len();
        at = range.end;
        if all || run.style.code {
            ranges.push(range);
        }
    }
    ranges
}

/// The targets of the cell's links, one find for a link however many runs it is made of.
fn links(cell: &Cell, number: usize, base: usize, finds: &mut Vec<Find>) {
    let mut at = base;
    let mut open: Option<(&Arc<str>, Range<usize>)> = None;
    for run in &cell.runs {
        let span = at..at + run.text.len();
        at = span.end;
        open = match (open, &run.link) {
            (Some((target, before)), Some(link)) if target == link => {
                Some((target, before.start..span.end))
            }
            (ended, link) => {
                finds.extend(ended.and_then(|(target, span)| linked(target, number, span)));
                link.as_ref().map(|link| (link, span))
            }
        };
    }
    finds.extend(open.and_then(|(target, span)| linked(target, number, span)));
}

fn linked(target: &str, block: usize, span: Range<usize>) -> Option<Find> {
    let (kind, value) = match target.strip_prefix("mailto:") {
        Some(rest) => (Kind::Email, emails::of_link(rest)?),
        None => (Kind::Url, target.to_owned()),
    };
    Some(Find {
        kind,
        value,
        block,
        span,
        defanged: false,
        origin: Origin::Link,
    })
}

#[cfg(test)]
mod tests;
