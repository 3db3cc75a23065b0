//! All names at once: one pass over the words of a text.
//!
//! Every word begins a chain: it is looked up by hash; when longer names begin with it, the next word is added and looked
//! up again. A [`Filter`] in front says of most words, by what the [`pass`] hands on of them, that nothing begins with them.
//! As names are compared without blanks and hyphens ([`Key`]), the chain of `APT 28` arrives where the one word `APT28` does.

use std::collections::HashMap;
use std::ops::Range;

use super::filter::{Filter, Sought};
use super::names::{Key, MAX_NAME, SPREAD, Unit, folded, hash, mixed, unit};
use super::pass::{self, Word};
use super::table::{Entry, Table};

/// Number of a name in the index.
pub(super) type NameId = u32;

/// Names by key.
#[derive(Debug)]
pub(super) struct Index {
    /// By the hashes of their keys.
    entries: HashMap<u64, Entry, Passing>,
    /// The same for the pass over a text, once the index is finished.
    table: Table,
    filter: Filter,
    /// All keys, one after another.
    keys: Vec<u8>,
    /// Where each name's key lies in `keys`.
    names: Vec<Range<u32>>,
    /// Names, and after how many of their bytes another word may begin, until the filter is made.
    breaks: Vec<(NameId, usize)>,
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
            entries: HashMap::default(),
            table: Table::new(std::iter::empty()),
            filter: Filter::new(0),
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
            self.entries.entry(hash(start)).or_default().set_start();
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
        let name = name.filter(|name| *name < Entry::MOST)?;
        self.names.push(start..end);
        self.entries.entry(hash).or_default().set_name(name);
        Some(name)
    }

    /// Makes what texts are looked at with. Names that `small` does not hold for are found where they begin with a capital or
    /// digit only; it is asked for a name as one word, and as several.
    pub(super) fn finish(&mut self, small: impl Fn(NameId, bool) -> bool) {
        let mut filter = Filter::new(self.names.len());
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
        let entries = self.entries.iter();
        self.table = Table::new(entries.map(|(hash, entry)| (*hash, *entry)));
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
        // Where the last name ends.
        let mut free = 0;
        let mut take = |word: Word, is_name| {
            if word.start >= free
                && let Some(hit) = self.chain(text, word, is_name)
            {
                free = hit.span.end;
                each(hit);
            }
        };
        let mut last = (Word::NONE, Sought::NONE, false);
        pass::words(text, |word| {
            let (first, sought, is_name) = last;
            // Both are asked, and one branch taken for most words.
            if is_name | sought.begins(word) {
                take(first, is_name);
            }
            let sought = self.filter.seek(word);
            last = (word, sought, sought.is_name());
        });
        if let (word, _, true) = last {
            take(word, true);
        }
    }

    /// The longest name that begins with a word, which may be one itself: then it is also found in more words than the
    /// galaxies write it in (`Eternal Blue`).
    #[inline(never)]
    fn chain(&self, text: &str, first: Word, is_name: bool) -> Option<Hit> {
        let bytes = text.as_bytes();
        let mut joined = Joined::new();
        let mut word = first.start..first.end;
        if word.is_empty() {
            return None;
        }
        let mut best = None;
        for words in 1..=MAX_WORDS {
            if !joined.push(bytes, &word) {
                break;
            }
            let entry = self.table.get(joined.hash(joined.length));
            // Else only longer ones begin with it.
            let is_asked = words > 1 || is_name;
            let singular = || {
                let least = if words > 1 { MIN_LAST } else { MIN_PLURAL };
                let is_plural =
                    is_asked && word.len() > least && bytes.get(word.end - 1) == Some(&b's');
                is_plural.then(|| self.table.get(joined.hash(joined.length - 1)).name())?
            };
            let name = entry.name().filter(|_| is_asked);
            if let Some(found) = name.or_else(singular) {
                best = Some(Hit {
                    name: found,
                    span: first.start..word.end,
                    words,
                    plural: name.is_none(),
                });
            }
            if !entry.is_start() {
                break;
            }
            match next(bytes, word.end) {
                Some(next) => word = next,
                None => break,
            }
        }
        // Words begin and end where characters do.
        best.filter(|hit| {
            text.is_char_boundary(hit.span.start) && text.is_char_boundary(hit.span.end)
        })
    }
}

/// The letters and digits of words of a text, one after another, as they are compared.
struct Joined {
    /// 0 after the last.
    bytes: [u8; ROOM],
    length: usize,
}

/// Bytes for the longest name, a plural `s`, and eight that are written together.
const ROOM: usize = MAX_NAME + 16;

impl Joined {
    const fn new() -> Self {
        Self {
            bytes: [0; ROOM],
            length: 0,
        }
    }

    /// Adds a word of a text; false when it is more than any name has.
    #[inline]
    fn push(&mut self, text: &[u8], word: &Range<usize>) -> bool {
        let mut to = self.length;
        self.length += word.len();
        if self.length > MAX_NAME + 1 {
            return false;
        }
        let mut at = word.start;
        while at < word.end {
            let slot = self.bytes.get_mut(to..).and_then(<[u8]>::first_chunk_mut);
            let eight = pass::lower(pass::eight(text, at)) & pass::kept(word.end - at);
            if let Some(slot) = slot {
                *slot = eight.to_le_bytes();
            }
            at += 8;
            to += 8;
        }
        true
    }

    /// The [`hash`] of the first so many bytes.
    #[inline]
    fn hash(&self, length: usize) -> u64 {
        let (chunks, _) = self.bytes.as_chunks();
        let mut chunks = chunks.iter().map(|chunk| u64::from_le_bytes(*chunk));
        let whole = chunks.by_ref().take(length / 8);
        let hash = whole.fold(length as u64, mixed);
        let last = chunks.next().unwrap_or_default();
        mixed(hash, last & pass::kept(length % 8))
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
    let at = at + abbreviation(bytes, at);
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

/// The next word of the same name.
fn next(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let start = join(bytes, at)?;
    let rest = bytes.get(start..)?.iter();
    let length = rest.take_while(|byte| folded(**byte).is_some()).count();
    Some(start..start + length)
}

/// How long what follows a word is when it is an abbreviation in brackets, else 0.
#[inline]
fn abbreviation(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at..).and_then(|rest| rest.strip_prefix(b" (")) {
        Some(inner) => bracketed(inner),
        None => 0,
    }
}

#[cold]
fn bracketed(inner: &[u8]) -> usize {
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
        self.0 = value.wrapping_mul(SPREAD);
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

    #[test]
    fn small_letters_are_for_the_names_that_may_have_them() {
        let mut index = Index::new();
        let names = ["Cron Dark", "Cron Fancy", "Kimsuky", "Hook"];
        let small: Vec<_> = names.map(|name| index.add(&Key::of(name))).into();
        index.finish(|name, _| [small[0], small[2]].contains(&Some(name)));
        assert_eq!(
            found(&index, "cron dark, cron fancy, kimsuky, hook"),
            ["cron dark", "kimsuky"]
        );
        assert_eq!(
            found(&index, "Cron dark, CRON FANCY, Kimsuky, Hooks"),
            ["Cron dark", "CRON FANCY", "Kimsuky", "Hooks"]
        );
    }

    proptest! {
        #[test]
        fn words_joined_have_the_hash_of_the_key(text in "[A-Za-z0-9é]{1,20}( [A-Za-z0-9]{1,20}){0,3}", less in 0..4_usize) {
            let key = Key::of(&text).bytes;
            let mut joined = Joined::new();
            for (start, word) in super::super::names::words(&text) {
                prop_assert!(joined.push(text.as_bytes(), &(start..start + word.len())));
            }
            let length = key.len().saturating_sub(less);
            prop_assert_eq!(joined.hash(length), hash(&key[..length]));
        }

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
