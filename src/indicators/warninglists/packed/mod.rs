//! Lists as they lie in a knowledge pack: tables of hashes that are looked up where they lie, so that a hundred
//! lists with three million entries cost nothing at start.
//!
//! Lists of up to 19,000 entries are kept as 48-bit hashes (with 200,000 of them a value on no list is
//! taken for one of them with a probability of 7·10⁻¹⁰), larger ones as [`Fuse`] sets (1.5·10⁻⁵ a list and label of
//! the host). Hashes are the first bits of the SHA-256 of the entry in lower case.

mod read;
mod write;

use sha2::{Digest as _, Sha256};

pub use self::write::{Written, write};
use super::{ListType, nets};
use crate::pack::fuse::Fuse;
use crate::pack::{Bytes, PackError};

/// Number of a list within its pack.
pub type PackedId = u16;

/// Bytes of a hash in a table.
const HASH: usize = 6;

/// What is said of a list beside its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedList {
    /// Its name.
    pub name: String,
    /// How it is compared.
    pub list_type: ListType,
    /// MISP attribute types it speaks of; empty for all.
    pub matching_attributes: Vec<String>,
    /// How many entries it has.
    pub entries: usize,
}

/// Lists of a pack.
#[derive(Debug)]
pub struct Packed {
    lists: Vec<PackedList>,
    strings: Table,
    hosts: Table,
    string_sets: Vec<(PackedId, Fuse)>,
    host_sets: Vec<(PackedId, Fuse)>,
    /// By number of bits.
    v4: Vec<(u32, Table)>,
    v6: Vec<(u32, Table)>,
    /// Entries that have to be made ready at start: there are few of them.
    substrings: Vec<(PackedId, Box<str>)>,
    regexes: Vec<(PackedId, Box<str>)>,
}

/// Keys of one length in order, and beside each the list that has it.
#[derive(Debug)]
struct Table {
    width: usize,
    count: usize,
    keys: Bytes,
    /// Two bytes each.
    lists: Bytes,
}

impl Table {
    fn key(&self, at: usize) -> Option<&[u8]> {
        let start = at.checked_mul(self.width)?;
        self.keys.get().get(start..start + self.width)
    }

    fn list(&self, at: usize) -> Option<PackedId> {
        let start = at.checked_mul(2)?;
        let two = self.lists.get().get(start..start + 2)?;
        Some(PackedId::from_le_bytes(two.try_into().ok()?))
    }

    fn find(&self, key: &[u8], found: &mut impl FnMut(PackedId)) {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low.midpoint(high);
            if self.key(middle).is_some_and(|other| other < key) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        while self.key(low) == Some(key) {
            if let Some(list) = self.list(low) {
                found(list);
            }
            low += 1;
        }
    }
}

/// The hash of an entry or a value, which is in lower case.
fn hash(value: &str) -> u64 {
    let digest = Sha256::digest(value.as_bytes());
    let first = digest.first_chunk::<8>().copied().unwrap_or_default();
    u64::from_be_bytes(first)
}

/// What is kept of a hash in a table.
fn short(hash: u64) -> [u8; HASH] {
    let bytes = hash.to_be_bytes();
    bytes.first_chunk().copied().unwrap_or_default()
}

fn find_text(
    table: &Table,
    sets: &[(PackedId, Fuse)],
    value: &str,
    found: &mut impl FnMut(PackedId),
) {
    let hash = hash(value);
    table.find(&short(hash), found);
    for (list, _) in sets.iter().filter(|(_, set)| set.contains(hash)) {
        found(*list);
    }
}

impl Packed {
    /// Reads the section of a pack.
    pub fn read(bytes: &Bytes) -> Result<Self, PackError> {
        read::read(bytes)
    }

    /// Its lists; their place is their number.
    pub fn lists(&self) -> &[PackedList] {
        &self.lists
    }

    /// Entries to be looked for within values, by list.
    pub(super) fn substrings(&self) -> &[(PackedId, Box<str>)] {
        &self.substrings
    }

    /// Regular expressions, by list.
    pub(super) fn regexes(&self) -> &[(PackedId, Box<str>)] {
        &self.regexes
    }

    /// Calls `found` with every list of strings that has the value, which is in lower case.
    pub(super) fn find_string(&self, value: &str, found: &mut impl FnMut(PackedId)) {
        find_text(&self.strings, &self.string_sets, value, found);
    }

    /// Calls `found` with every list of hosts that has this very name.
    pub(super) fn find_host(&self, name: &str, found: &mut impl FnMut(PackedId)) {
        find_text(&self.hosts, &self.host_sets, name, found);
    }

    /// Calls `found` with every list that has a net around an address.
    pub(super) fn find_net(&self, value: &str, found: &mut impl FnMut(PackedId)) {
        let Some((address, most)) = nets::parse_value(value) else {
            return;
        };
        let family = if address.is_ipv4() {
            &self.v4
        } else {
            &self.v6
        };
        let aligned = nets::aligned(address);
        for (bits, table) in family.iter().filter(|(bits, _)| *bits <= most) {
            let net = nets::masked(aligned, *bits).to_be_bytes();
            table.find(net.get(..table.width).unwrap_or_default(), found);
        }
    }
}

#[cfg(test)]
mod tests;
