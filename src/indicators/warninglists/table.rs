//! A set of strings, each on some lists.

use std::hash::{BuildHasher, RandomState};

use super::ListId;

/// Strings by their 64-bit hash, sorted: ten bytes an entry, however long it is.
///
/// Two strings may share a hash. With `n` entries a string that is on no list is taken for one of them with a
/// probability of `n`/2⁶⁴: 5·10⁻¹⁴ for a million. The hash is keyed anew in every process, so nobody can make up
/// a value that is taken for another.
#[derive(Debug, Default)]
pub(super) struct Table {
    hashes: Vec<u64>,
    lists: Vec<ListId>,
    /// Until [`Self::finish`].
    unsorted: Vec<(u64, ListId)>,
    keys: RandomState,
}

impl Table {
    pub(super) fn add(&mut self, value: &str, list: ListId) {
        self.unsorted.push((self.keys.hash_one(value), list));
    }

    /// Makes what was added findable.
    pub(super) fn finish(&mut self) {
        let mut entries = std::mem::take(&mut self.unsorted);
        entries.sort_unstable();
        entries.dedup();
        (self.hashes, self.lists) = entries.into_iter().unzip();
        self.hashes.shrink_to_fit();
        self.lists.shrink_to_fit();
    }

    /// Calls `found` with every list that has the string.
    pub(super) fn find(&self, value: &str, found: &mut impl FnMut(ListId)) {
        if self.hashes.is_empty() {
            return;
        }
        let hash = self.keys.hash_one(value);
        let first = self.hashes.partition_point(|other| *other < hash);
        let hits = self
            .hashes
            .iter()
            .skip(first)
            .take_while(|other| **other == hash);
        for (_, list) in hits.zip(self.lists.iter().skip(first)) {
            found(*list);
        }
    }
}
