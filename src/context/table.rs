//! What the index holds for each key, by the key's hash, in as little memory as can be: when a text comes, little of it is in
//! the machine's cache.
//!
//! The keys themselves are not compared, which would be most of the time. Of a hash, 40 bits are, and roughly its place: a
//! word that is no name is taken for one by an accident of one in 2^40 for each entry near its place. A hash is no secret:
//! whoever makes a word of the same one gets a name into the tags, as they would by writing the name.

use super::index::NameId;

/// Entries by hash, each at its place or as soon after it as there was room: one look into memory tells most of them. The
/// hashes are well mixed.
#[derive(Debug)]
pub(super) struct Table {
    /// As many as a power of two, at most three quarters of them taken.
    slots: Vec<Slot>,
    /// How far the highest bits of a hash, which say its place, are from the lowest.
    shift: u32,
}

/// An entry, and above it the lowest bits of the hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slot(u64);

impl Slot {
    const FREE: Self = Self(Entry::NONE.0 as u64);

    const fn new(hash: u64, entry: Entry) -> Self {
        Self(hash << Entry::BITS | entry.0 as u64)
    }

    /// The entry, if it is of a hash.
    #[inline]
    fn of(self, hash: u64) -> Option<Entry> {
        let entry = self.0 ^ (hash << Entry::BITS);
        u32::try_from(entry)
            .ok()
            .filter(|entry| entry >> Entry::BITS == 0)
            .map(Entry)
    }

    #[inline]
    const fn is_free(self) -> bool {
        self.0 & Entry::MASK == Self::FREE.0
    }
}

/// The name of a key, if it is one, and whether longer ones begin like it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry(u32);

impl Entry {
    const BITS: u32 = 24;
    const MASK: u64 = (1 << Self::BITS) - 1;
    /// Longer names begin like this.
    const LONGER: u32 = 1 << (Self::BITS - 1);
    /// Names have lower numbers.
    pub(super) const MOST: NameId = Self::LONGER - 1;
    /// Neither a name nor the beginning of one.
    const NONE: Self = Self(Self::MOST);

    pub(super) fn name(self) -> Option<NameId> {
        Some(self.0 & !Self::LONGER).filter(|name| *name != Self::MOST)
    }

    /// Whether longer names begin like this.
    pub(super) const fn is_start(self) -> bool {
        self.0 & Self::LONGER != 0
    }

    pub(super) const fn set_name(&mut self, name: NameId) {
        self.0 = (self.0 & Self::LONGER) | name;
    }

    pub(super) const fn set_start(&mut self) {
        self.0 |= Self::LONGER;
    }
}

impl Default for Entry {
    fn default() -> Self {
        Self::NONE
    }
}

impl Table {
    /// A table of so many entries.
    pub(super) fn new(entries: impl ExactSizeIterator<Item = (u64, Entry)>) -> Self {
        let slots = (entries.len() * 4 / 3 + 2).next_power_of_two();
        let mut table = Self {
            slots: vec![Slot::FREE; slots],
            shift: 64 - slots.trailing_zeros(),
        };
        for (hash, entry) in entries.filter(|(_, entry)| *entry != Entry::NONE) {
            table.put(hash, entry);
        }
        table
    }

    fn put(&mut self, hash: u64, entry: Entry) {
        let mut at = self.place(hash);
        while let Some(slot) = self.slots.get_mut(at) {
            if slot.is_free() {
                *slot = Slot::new(hash, entry);
                return;
            }
            at = self.after(at);
        }
    }

    /// What stands for a hash.
    #[inline]
    pub(super) fn get(&self, hash: u64) -> Entry {
        let mut at = self.place(hash);
        while let Some(slot) = self.slots.get(at).filter(|slot| !slot.is_free()) {
            if let Some(entry) = slot.of(hash) {
                return entry;
            }
            at = self.after(at);
        }
        Entry::NONE
    }

    #[inline]
    fn place(&self, hash: u64) -> usize {
        usize::try_from(hash >> self.shift).unwrap_or(0)
    }

    #[inline]
    const fn after(&self, at: usize) -> usize {
        (at + 1) & (self.slots.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn entry(name: Option<NameId>, is_start: bool) -> Entry {
        let mut entry = Entry::NONE;
        if let Some(name) = name {
            entry.set_name(name);
        }
        if is_start {
            entry.set_start();
        }
        entry
    }

    proptest! {
        #[test]
        fn what_is_put_in_is_found_and_nothing_else(hashes in prop::collection::btree_set(any::<u64>(), 0..500), crowd in 0..1000_u64) {
            // Some of them at one place.
            let crowd: BTreeSet<u64> = (0..crowd).map(|low| u64::MAX << 32 | low).collect();
            let hashes: Vec<u64> = hashes.union(&crowd).copied().collect();
            let names = hashes.iter().zip(0..).map(|(hash, name)| (*hash, entry(Some(name), name % 2 == 0)));
            let table = Table::new(names.clone().collect::<Vec<_>>().into_iter());
            for (hash, entry) in names {
                prop_assert_eq!(table.get(hash), entry);
                let other = hash ^ 0x80_0000_0000;
                prop_assert!(hashes.contains(&other) || table.get(other) == Entry::NONE);
            }
        }
    }

    #[test]
    fn an_entry_is_a_name_a_beginning_or_both() {
        for (name, is_start) in [
            (None, false),
            (None, true),
            (Some(0), false),
            (Some(7), true),
            (Some(Entry::MOST - 1), true),
        ] {
            let entry = entry(name, is_start);
            assert_eq!((entry.name(), entry.is_start()), (name, is_start));
            assert_eq!(Table::new([(1, entry)].into_iter()).get(1), entry);
        }
        assert_eq!(Table::new(std::iter::empty()).get(0), Entry::NONE);
    }
}
