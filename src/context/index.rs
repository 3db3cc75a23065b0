//! All names at once: one pass over the words of a text.
//!
//! Every word begins a chain: it is looked up by hash; when longer names begin with it, the next word is added and looked
//! up again. A [`Filter`] in front answers for most words, by what the [`pass`] says of them, that nothing
//! begins with them. As names are compared without
//! blanks and hyphens ([`Key`]), the chain of `APT 28` arrives where the one word `APT28` does.

use std::collections::HashMap;
use std::ops::Range;

use super::filter::Filter;
use super::names::{Key, MAX_NAME, Unit, folded, hash, unit};
use super::pass::{self, Word};

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

/// The name of a key, if it is one, and whether longer ones begin like it.
#[derive(Debug, Clone, Copy)]
struct Entry(u32);

impl Entry {
    /// Longer names begin like this.
    const LONGER: u32 = 1 << 31;
    /// It is no name.
    const NONE: u32 = Self::LONGER - 1;

    fn name(self) -> Option<NameId> {
        Some(self.0 & Self::NONE).filter(|name| *name != Self::NONE)
    }

    const fn longer(self) -> bool {
        self.0 & Self::LONGER != 0
    }

    fn set_name(&mut self, name: NameId) {
        self.0 = (self.0 & Self::LONGER) | name;
    }

    const fn set_longer(&mut self) {
        self.0 |= Self::LONGER;
    }
}

impl Default for Entry {
    fn default() -> Self {
        Self(Self::NONE)
    }
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
        for at in &key.breaks {
            let start = key.bytes.get(..*at).unwrap_or_default();
            self.entries.entry(hash(start)).or_default().set_longer();
        }
        let hash = hash(&key.bytes);
        let known = self.entries.entry(hash).or_default().name();
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
        let name = NameId::try_from(self.names.len()).ok();
        let name = name.filter(|name| *name < Entry::NONE)?;
        self.names.push(start..end);
        self.entries.entry(hash).or_default().set_name(name);
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
        let name = self.entries.get(&hash(key))?.name()?;
        (self.key(name) == key).then_some(name)
    }

    /// Every name in a text, the longest at each place, from left to right; none within another.
    pub(super) fn find(&self, text: &str, mut each: impl FnMut(Hit)) {
        let mut batch = Batch::new();
        // Where the last name ends.
        let mut free = 0;
        pass::words(text, |word| {
            batch.put(word);
            if batch.is_full() {
                self.take(text, &batch, &mut free, &mut each);
                batch.go_on();
            }
        });
        self.take(text, &batch, &mut free, &mut each);
    }

    /// Looks up the words of a batch that may begin names.
    #[inline(never)]
    fn take(&self, text: &str, batch: &Batch, free: &mut usize, each: &mut impl FnMut(Hit)) {
        let (mut whole, mut longer) = (0_u32, 0_u32);
        // Nothing else, and no branch: the machine looks up several at once.
        for word in batch.words().iter().rev() {
            let begins = self.filter.begins(*word);
            whole = whole << 1 | u32::from(begins.whole);
            longer = longer << 1 | u32::from(begins.longer);
        }
        let mut left = whole | longer;
        while left != 0 {
            let at = left.trailing_zeros() as usize;
            left &= left - 1;
            let (Some(&first), next) = (batch.words().get(at), batch.words().get(at + 1)) else {
                return;
            };
            let is_whole = whole >> at & 1 == 1;
            let begins = || next.is_some_and(|next| self.filter.has_pair(first, *next));
            if first.start >= *free
                && (is_whole || begins())
                && let Some(hit) = self.chain(text, first, is_whole)
            {
                *free = hit.span.end;
                each(hit);
            }
        }
    }

    /// The longest name that begins with a word; `whole`: the word may be one.
    fn chain(&self, text: &str, first: Word, whole: bool) -> Option<Hit> {
        let bytes = text.as_bytes();
        let mut joined = Joined::new();
        let Word {
            mut start, mut end, ..
        } = first;
        let mut best = None;
        for words in 1..=MAX_WORDS {
            let word = bytes.get(start..end)?;
            if !joined.push(word) {
                break;
            }
            let (name, longer) = if words > 1 || whole {
                self.entry(joined.key())
            } else {
                (None, true)
            };
            let singular = || {
                let least = if words > 1 { MIN_LAST } else { MIN_PLURAL };
                let is_plural = word.len() > least && word.ends_with(b"s");
                let key = joined.key().strip_suffix(b"s").filter(|_| is_plural)?;
                self.entry(key).0
            };
            let plural = name.is_none();
            if let Some(name) = name.or_else(singular).filter(|_| words > 1 || whole) {
                best = Some(Hit {
                    name,
                    span: first.start..end,
                    words,
                    plural,
                });
            }
            if !longer {
                break;
            }
            let Some(next) = join(bytes, end) else {
                break;
            };
            start = next;
            let rest = bytes.get(start..)?.iter();
            end = start + rest.take_while(|byte| folded(**byte).is_some()).count();
        }
        // Words begin and end where characters do.
        best.filter(|hit| {
            text.is_char_boundary(hit.span.start) && text.is_char_boundary(hit.span.end)
        })
    }

    /// The name of a key, and whether longer ones begin with it. The key itself is not compared, which would be most of
    /// the time: no two of fewer than eight bytes have one hash, and others by an accident of one in 2^64. Who goes about to make
    /// one gets the name into the tags, as if it had been written.
    #[inline]
    fn entry(&self, key: &[u8]) -> (Option<NameId>, bool) {
        let entry = self.entries.get(&hash(key));
        entry.map_or((None, false), |entry| (entry.name(), entry.longer()))
    }
}

/// Words that are looked up together.
struct Batch {
    words: [Word; BATCH],
    count: usize,
}

/// Words of a batch. Most texts are a few lines.
const BATCH: usize = 16;

impl Batch {
    const fn new() -> Self {
        Self {
            words: [Word::NONE; BATCH],
            count: 0,
        }
    }

    fn words(&self) -> &[Word] {
        self.words.get(..self.count).unwrap_or_default()
    }

    #[inline]
    fn put(&mut self, word: Word) {
        if let Some(slot) = self.words.get_mut(self.count) {
            *slot = word;
            self.count += 1;
        }
    }

    const fn is_full(&self) -> bool {
        self.count == BATCH
    }

    /// Begins the next one, with the last word: what follows it was not there yet.
    fn go_on(&mut self) {
        if let Some(last) = self.words().last().copied() {
            self.count = 0;
            self.put(last);
        }
    }
}

/// The letters and digits of words of a text, one after another.
struct Joined {
    bytes: [u8; MAX_NAME + 1],
    length: usize,
}

impl Joined {
    const fn new() -> Self {
        Self {
            bytes: [0; MAX_NAME + 1],
            length: 0,
        }
    }

    /// Adds a word; false when it is more than any name has.
    #[inline]
    fn push(&mut self, word: &[u8]) -> bool {
        let end = self.length + word.len();
        let Some(slots) = self.bytes.get_mut(self.length..end) else {
            return false;
        };
        for (slot, byte) in slots.iter_mut().zip(word) {
            *slot = byte.to_ascii_lowercase();
        }
        self.length = end;
        true
    }

    #[inline]
    fn key(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
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
            if *end == key.len() && second.len() >= MIN_LAST {
                filter.add_start(first, second, true, small);
            }
        }
    }
}

/// Words shorter than this and an `s` are no plurals.
const MIN_PLURAL: usize = 4;
/// The same, for the last word of several: `cron jobs`.
const MIN_LAST: usize = 3;

/// Where the next word of the same name begins: after a blank, a hyphen, or a sign with nothing beside it; the
/// abbreviation of the words before is none of it: `Component Object Model (COM) Hijacking`.
fn join(bytes: &[u8], at: usize) -> Option<usize> {
    let at = at + abbreviation(bytes.get(at..)?);
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

/// How long what follows a word is when it is an abbreviation in brackets, else 0.
fn abbreviation(rest: &[u8]) -> usize {
    let Some(inner) = rest.strip_prefix(b" (") else {
        return 0;
    };
    let letters = inner.iter().take_while(|byte| byte.is_ascii_uppercase());
    let length = letters.count();
    let is_whole = (2..=6).contains(&length) && inner.get(length) == Some(&b')');
    if is_whole { length + 3 } else { 0 }
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
        self.0 ^= hash(bytes);
    }

    // What ends a string.
    fn write_u8(&mut self, value: u8) {
        self.0 ^= u64::from(value);
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
            "Dark Side Loader",
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
            ("Dark Side (DS) Loader", &["Dark Side (DS) Loader"]),
            ("Dark Side (old) Loader", &["Dark Side"]),
            ("Dark Side (DS Loader", &["Dark Side"]),
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
