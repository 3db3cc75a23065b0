//! All names at once: one pass over the words of a text.
//!
//! Every word begins a chain: it is looked up by hash; when longer names begin with it, the next word is added and looked
//! up again. A [`Filter`] in front answers for most words that nothing begins with them. As names are compared without
//! blanks and hyphens ([`Key`]), the chain of `APT 28` arrives where the one word `APT28` does.

use std::collections::HashMap;
use std::ops::Range;

use super::filter::{self, Filter, Word};
use super::names::{EMPTY, Key, Unit, folded, hashed, step, unit};

/// Number of a name in the index.
pub(super) type NameId = u32;

/// Names by key.
#[derive(Debug)]
pub(super) struct Index {
    filter: Filter,
    entries: HashMap<u64, Entry, Passing>,
    /// All keys, one after another.
    keys: Vec<u8>,
    /// Where each name's key lies in `keys`.
    names: Vec<Range<u32>>,
    /// Names, and after how many of their bytes another word may begin, until the filter is made.
    breaks: Vec<(NameId, usize)>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    name: Option<NameId>,
    /// Whether longer names begin like this.
    longer: bool,
}

/// A name in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    pub name: NameId,
    pub span: Range<usize>,
    /// In so many words.
    pub words: usize,
    /// With a plural `s` that the name does not have.
    pub plural: bool,
}

/// Most places within a name at which it may be written apart.
const MAX_BREAKS: usize = 16;
/// Most words of a name in a text.
const MAX_WORDS: usize = 8;

impl Index {
    pub(super) fn new() -> Self {
        Self {
            filter: Filter::new(),
            entries: HashMap::with_capacity_and_hasher(1 << 16, Passing),
            keys: Vec::new(),
            names: Vec::new(),
            breaks: Vec::new(),
        }
    }

    /// Adds a name, or finds it. `None` for one without letters and digits. It is found in texts after
    /// [`finish`](Self::finish).
    pub(super) fn add(&mut self, key: &Key) -> Option<NameId> {
        if key.bytes.is_empty() {
            return None;
        }
        let mut hash = EMPTY;
        let mut breaks = key.breaks.iter().peekable();
        for (n, byte) in key.bytes.iter().enumerate() {
            if breaks.next_if(|at| **at == n).is_some() {
                self.entries.entry(hash).or_default().longer = true;
            }
            hash = hashed(hash, *byte);
        }
        let known = self.entries.entry(hash).or_default().name;
        let name = match known {
            Some(name) if self.key(name) == key.bytes => name,
            Some(_) => return None,
            None => self.insert(hash, &key.bytes)?,
        };
        self.breaks.extend(key.breaks.iter().map(|at| (name, *at)));
        Some(name)
    }

    fn insert(&mut self, hash: u64, key: &[u8]) -> Option<NameId> {
        let start = u32::try_from(self.keys.len()).ok()?;
        self.keys.extend_from_slice(key);
        let end = u32::try_from(self.keys.len()).ok()?;
        let name = NameId::try_from(self.names.len()).ok()?;
        self.names.push(start..end);
        self.entries.entry(hash).or_default().name = Some(name);
        Some(name)
    }

    /// Makes the filter. Names that `small` does not hold for are found where they begin with a capital or digit only; it
    /// is asked for a name as one word, and as several.
    pub(super) fn finish(&mut self, small: impl Fn(NameId, bool) -> bool) {
        let mut filter = Filter::new();
        for name in 0..self.len() {
            let key = self.key(name);
            let small = small(name, false);
            filter.add_whole(key, false, small);
            if key.len() >= MIN_PLURAL {
                filter.add_whole(key, true, small);
            }
        }
        let breaks = std::mem::take(&mut self.breaks);
        for same in breaks.chunk_by(|one, other| one.0 == other.0 && one.1 < other.1) {
            if let Some(&(name, _)) = same.first() {
                let key = self.key(name);
                let mut ends: Vec<usize> =
                    same.iter().map(|(_, at)| *at).take(MAX_BREAKS).collect();
                ends.push(key.len());
                add_starts(&mut filter, key, &ends, small(name, true));
            }
        }
        self.filter = filter;
    }

    /// How many names there are.
    pub(super) fn len(&self) -> NameId {
        NameId::try_from(self.names.len()).unwrap_or(NameId::MAX)
    }

    /// A name's key.
    pub(super) fn key(&self, name: NameId) -> &[u8] {
        let range = self.names.get(name as usize);
        range
            .and_then(|range| self.keys.get(wide(range)))
            .unwrap_or_default()
    }

    /// A name by its key.
    pub(super) fn get(&self, key: &[u8]) -> Option<NameId> {
        let name = self.entries.get(&filter::hash(key))?.name?;
        (self.key(name) == key).then_some(name)
    }

    /// Every name in a text, the longest at each place, from left to right; none within another.
    pub(super) fn find(&self, text: &str, mut each: impl FnMut(Hit)) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(&first) = bytes.get(at) {
            let step = step(first);
            if step > 0 {
                at += step;
                continue;
            }
            let start = at;
            let word = filter::word(bytes, start);
            at = word.end;
            let begins = self.filter.begins(word);
            if begins.any()
                && (!begins.only_longer() || self.goes_on(bytes, word))
                && let Some(hit) = self.chain(bytes, start, at)
            {
                at = hit.span.end;
                if text.is_char_boundary(start) && text.is_char_boundary(at) {
                    each(hit);
                }
            }
        }
    }

    /// Whether a name may begin with a word and the one after it.
    fn goes_on(&self, bytes: &[u8], word: Word) -> bool {
        join(bytes, word.end)
            .is_some_and(|next| self.filter.has_pair(word, filter::word(bytes, next)))
    }

    /// The longest name that begins with the word from `start` to `end`.
    fn chain(&self, bytes: &[u8], start: usize, mut end: usize) -> Option<Hit> {
        let (mut hash, mut before) = (EMPTY, EMPTY);
        for byte in bytes
            .get(start..end)?
            .iter()
            .filter_map(|byte| folded(*byte))
        {
            (before, hash) = (hash, hashed(hash, byte));
        }
        let mut plural = end - start > MIN_PLURAL && bytes.get(end - 1) == Some(&b's');
        let mut best = None;
        for words in 1..=MAX_WORDS {
            let entry = self.entries.get(&hash).copied().unwrap_or_default();
            let exact = entry.name.map(|name| (name, false));
            let singular = || {
                let entry = self.entries.get(&before).filter(|_| plural)?;
                entry.name.map(|name| (name, true))
            };
            if let Some((name, plural)) = exact.or_else(singular)
                && self.is_key(name, bytes.get(start..end).unwrap_or_default(), plural)
            {
                best = Some(Hit {
                    name,
                    span: start..end,
                    words,
                    plural,
                });
            }
            if !entry.longer {
                break;
            }
            let Some(next) = join(bytes, end) else {
                break;
            };
            let begin = next;
            end = next;
            while let Some(byte) = word(bytes, end) {
                (before, hash) = (hash, hashed(hash, byte));
                end += 1;
            }
            plural = bytes.get(end - 1) == Some(&b's') && end - begin > MIN_PLURAL;
        }
        best
    }

    /// Whether a text, of which the hash is that of a name, is the name.
    fn is_key(&self, name: NameId, text: &[u8], plural: bool) -> bool {
        let mut key = self.key(name).iter();
        let mut at = 0;
        while at < text.len() {
            match unit(text, at) {
                Unit::Word(byte) => {
                    at += 1;
                    match key.next() {
                        Some(expected) if *expected == byte => {}
                        None => return plural && at == text.len(),
                        Some(_) => return false,
                    }
                }
                Unit::Gap(length) => at += length,
            }
        }
        key.next().is_none() && !plural
    }
}

/// Adds every two words that a name may begin with, by where its words may end, the last with the name.
fn add_starts(filter: &mut Filter, key: &[u8], ends: &[usize], small: bool) {
    for (n, at) in ends.iter().enumerate() {
        for end in ends.iter().skip(n + 1) {
            let (Some(first), Some(second)) = (key.get(..*at), key.get(*at..*end)) else {
                continue;
            };
            filter.add_start(first, second, false, small);
            if *end == key.len() && second.len() >= MIN_PLURAL {
                filter.add_start(first, second, true, small);
            }
        }
    }
}

/// Words shorter than this and an `s` are no plurals.
const MIN_PLURAL: usize = 4;

#[inline]
fn word(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at).and_then(|byte| folded(*byte))
}

/// Where the next word of the same name begins: after a blank, a hyphen, or a sign with nothing beside it.
fn join(bytes: &[u8], at: usize) -> Option<usize> {
    let (mut next, mut blanks, mut signs) = (at, 0, 0);
    while let Unit::Gap(length) = unit(bytes, next) {
        match bytes.get(next)? {
            b' ' | b'\n' | 0xC2 => blanks += 1,
            b'-' | b'_' | b'\'' | b'.' | b'/' | b'&' | b'+' | b'@' | b':' | 0xE2 => signs += 1,
            _ => return None,
        }
        next += length;
        if blanks + signs > 3 {
            return None;
        }
    }
    // `TA. 505` is the end of a sentence, `a - b` a parenthesis.
    (signs == 0 || (signs == 1 && (blanks == 0 || bytes.get(at) == Some(&b':')))).then_some(next)
}

fn wide(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

/// Keys are hashes already; they are only mixed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Passing;

impl std::hash::BuildHasher for Passing {
    type Hasher = Passed;

    fn build_hasher(&self) -> Passed {
        Passed(0)
    }
}

pub(super) struct Passed(u64);

impl std::hash::Hasher for Passed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hashed(hash, *byte));
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn index(names: &[&str]) -> Index {
        let mut index = Index::new();
        for name in names {
            index.add(&Key::of(name)).unwrap();
        }
        index.finish(|_, _| true);
        index
    }

    fn found<'a>(index: &Index, text: &'a str) -> Vec<&'a str> {
        let mut found = Vec::new();
        index.find(text, |hit| found.extend(text.get(hit.span)));
        found
    }

    #[test]
    fn the_longest_name_at_each_place_however_it_is_joined() {
        let index = index(&[
            "APT28",
            "APT",
            "LockBit",
            "LockBit 3.0",
            "Fancy Bear",
            "DarkSide",
            "Emotet",
            "FK_Undead",
        ]);
        for (text, want) in [
            (
                "APT28, APT 28 and APT-28",
                &["APT28", "APT 28", "APT-28"][..],
            ),
            ("APT 29 and APT281", &["APT"]),
            ("LockBit 3.0 and LockBit 3.", &["LockBit 3.0", "LockBit"]),
            (
                "Fancy\u{a0}Bear, fancy\u{2011}bear; fancy. Bear",
                &["Fancy\u{a0}Bear", "fancy\u{2011}bear"],
            ),
            (
                "Dark Side and darkside, dark - side",
                &["Dark Side", "darkside"],
            ),
            ("Emotet's Emotets Emotetss xEmotet", &["Emotet", "Emotets"]),
            ("FK_Undead", &["FK_Undead"]),
            ("Fancy\nBear", &["Fancy\nBear"]),
            ("Fancy\tBear", &[]),
        ] {
            assert_eq!(found(&index, text), want, "{text}");
        }
    }

    proptest! {
        #[test]
        fn spans_lie_in_the_text_and_hold_the_name(text in "(APT|28|[ .\\-_']|é|\u{2019}|Ünd|s|x){0,30}") {
            let index = index(&["APT28", "APT 28 x", "Ünd", "s"]);
            let mut end = 0;
            index.find(&text, |hit| {
                assert!(hit.span.start >= end);
                end = hit.span.end;
                let mut key = Key::of(text.get(hit.span.clone()).unwrap()).bytes;
                if hit.plural { key.pop(); }
                assert_eq!(key, index.key(hit.name));
            });
        }
    }
}
