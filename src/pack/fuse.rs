//! Sets of hashes in two and a quarter bytes an entry, for sets of a million.
//!
//! Binary fuse filters (Graf, Lemire: *Binary Fuse Filters: Fast and Smaller Than Xor Filters*, 2022) with
//! fingerprints of 16 bits: what is in the set is always found, what is not is taken for a member once in 65,536
//! times. Whoever picks values can look for one that is, so such a set must not decide alone.

use std::ops::Range;

use super::wire::{Reader, Writer};
use super::{Bytes, PackError};

/// Longest segment; the paper's bound.
const MAX_SEGMENT: u32 = 1 << 18;

/// A set.
#[derive(Debug, Clone)]
pub struct Fuse {
    shape: Shape,
    /// Two bytes each.
    fingerprints: Bytes,
}

/// Where a hash leaves its marks.
#[derive(Debug, Clone, Copy)]
struct Shape {
    seed: u64,
    /// Places in a segment, a power of two.
    segment: u32,
    /// Segments in which the first of the three marks may lie.
    segments: u32,
}

impl Shape {
    fn of(entries: usize, seed: u64) -> Self {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "sizes by a rule of thumb, far below 2^52"
        )]
        let (segment, capacity) = {
            let count = entries.max(2) as f64;
            let bits = (count.ln() / 3.33_f64.ln() + 2.25).floor().min(18.0) as u32;
            let factor = (0.875 + 0.25 * 1e6_f64.ln() / count.ln()).max(1.125);
            (1_u32 << bits, (count * factor).round() as u64)
        };
        let segments = capacity
            .div_ceil(u64::from(segment))
            .saturating_sub(2)
            .max(1);
        Self {
            seed,
            segment,
            segments: u32::try_from(segments).unwrap_or(u32::MAX),
        }
    }

    /// Places in all.
    fn places(self) -> Option<usize> {
        let places = u64::from(self.segments).checked_add(2)? * u64::from(self.segment);
        usize::try_from(places).ok()
    }

    fn hash(self, key: u64) -> u64 {
        mixed(key.wrapping_add(self.seed))
    }

    /// The three places of a hash.
    fn marks(self, hash: u64) -> [usize; 3] {
        let mask = u64::from(self.segment) - 1;
        let range = u128::from(self.segments) * u128::from(self.segment);
        let first = ((u128::from(hash) * range) >> 64) as u64;
        let second = (first + u64::from(self.segment)) ^ ((hash >> 18) & mask);
        let third = (first + 2 * u64::from(self.segment)) ^ (hash & mask);
        [first, second, third].map(|place| usize::try_from(place).unwrap_or(usize::MAX))
    }
}

/// The finaliser of MurmurHash3.
pub const fn mixed(mut key: u64) -> u64 {
    key ^= key >> 33;
    key = key.wrapping_mul(0xff51_afd7_ed55_8ccd);
    key ^= key >> 33;
    key = key.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    key ^ (key >> 33)
}

#[expect(clippy::cast_possible_truncation, reason = "16 bits are what is kept")]
const fn fingerprint(hash: u64) -> u16 {
    (hash ^ (hash >> 32)) as u16
}

impl Fuse {
    /// Whether the key is in the set; see above for how often that is wrong.
    pub fn contains(&self, key: u64) -> bool {
        let hash = self.shape.hash(key);
        let bytes = self.fingerprints.get();
        let at = |place: usize| {
            let start = place.saturating_mul(2);
            let two = bytes.get(start..start.saturating_add(2))?;
            Some(u16::from_le_bytes(two.try_into().ok()?))
        };
        let [a, b, c] = self.shape.marks(hash).map(at);
        match (a, b, c) {
            (Some(a), Some(b), Some(c)) => a ^ b ^ c == fingerprint(hash),
            _ => false,
        }
    }

    /// Reads a set that lies in `bytes`, of which `reader` reads.
    pub fn read(reader: &mut Reader<'_>, bytes: &Bytes) -> Result<Self, PackError> {
        let shape = Shape {
            seed: reader.u64()?,
            segment: reader.u32()?,
            segments: reader.u32()?,
        };
        let fits = shape.segment.is_power_of_two() && shape.segment <= MAX_SEGMENT;
        let places = shape.places().filter(|_| fits && shape.segments > 0);
        let places = places.ok_or(PackError::Nonsense("a filter of impossible size"))?;
        let span: Range<usize> = reader.span(places, 2)?;
        Ok(Self {
            shape,
            fingerprints: bytes.part(span),
        })
    }

    /// Writes the set of these keys, the same bytes for the same keys. `None`: no arrangement was found, which no set of
    /// different keys has come to yet.
    pub fn write(keys: &[u64], out: &mut Writer) -> Option<()> {
        let mut keys = keys.to_vec();
        keys.sort_unstable();
        keys.dedup();
        let (shape, order) = (0..100_u64).find_map(|attempt| {
            let shape = Shape::of(keys.len(), mixed(attempt + 1));
            Some((shape, peel(&keys, shape)?))
        })?;
        let mut prints = vec![0_u16; shape.places()?];
        for (hash, place) in order.into_iter().rev() {
            let marks = shape.marks(hash);
            let others = marks.iter().filter(|mark| **mark != place);
            let print = others.fold(fingerprint(hash), |print, mark| {
                print ^ prints.get(*mark).copied().unwrap_or(0)
            });
            *prints.get_mut(place)? = print;
        }
        out.u64(shape.seed);
        out.u32(shape.segment);
        out.u32(shape.segments);
        for print in prints {
            out.u16(print);
        }
        Some(())
    }
}

/// An order in which each hash has a place that none after it touches; the first to be set comes last.
fn peel(keys: &[u64], shape: Shape) -> Option<Vec<(u64, usize)>> {
    // How many hashes touch a place, and all of them together.
    let mut touched = vec![(0_u32, 0_u64); shape.places()?];
    for key in keys {
        let hash = shape.hash(*key);
        for mark in shape.marks(hash) {
            let (count, all) = touched.get_mut(mark)?;
            *count += 1;
            *all ^= hash;
        }
    }
    let mut alone: Vec<usize> = (0..touched.len()).collect();
    alone.retain(|place| touched.get(*place).is_some_and(|(count, _)| *count == 1));
    let mut order = Vec::with_capacity(keys.len());
    while let Some(place) = alone.pop() {
        let (count, hash) = *touched.get(place)?;
        if count != 1 {
            continue;
        }
        order.push((hash, place));
        for mark in shape.marks(hash) {
            let (count, all) = touched.get_mut(mark)?;
            *count -= 1;
            *all ^= hash;
            if *count == 1 {
                alone.push(mark);
            }
        }
    }
    (order.len() == keys.len()).then_some(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(keys: &[u64]) -> Fuse {
        let mut writer = Writer::default();
        Fuse::write(keys, &mut writer).unwrap();
        let bytes = Bytes::from(writer.finish());
        let mut reader = Reader::new(bytes.get(), "a filter");
        let fuse = Fuse::read(&mut reader, &bytes).unwrap();
        reader.end().unwrap();
        fuse
    }

    #[test]
    fn members_are_found_in_sets_of_every_size() {
        for size in [0, 1, 2, 3, 5, 10, 100, 1_000, 30_000] {
            let keys: Vec<u64> = (0..size).map(|n| n * n + 7).collect();
            let fuse = set(&keys);
            assert!(keys.iter().all(|key| fuse.contains(*key)), "{size}");
        }
    }

    #[test]
    fn others_are_taken_for_members_once_in_65536_times() {
        let keys: Vec<u64> = (0..50_000).collect();
        let fuse = set(&keys);
        let wrong = (1_000_000..3_000_000_u64).filter(|key| fuse.contains(*key));
        // Expected are 30.5; fifty-five would be more than four standard deviations off.
        let wrong = wrong.count();
        assert!((8..56).contains(&wrong), "{wrong}");
    }

    #[test]
    fn sizes_that_cannot_be_are_refused() {
        for (segment, segments) in [(3, 1), (0, 1), (1 << 19, 1), (4, 0), (1 << 18, u32::MAX)] {
            let mut writer = Writer::default();
            writer.u64(1);
            writer.u32(segment);
            writer.u32(segments);
            let bytes = Bytes::from(writer.finish());
            let mut reader = Reader::new(bytes.get(), "a filter");
            assert!(Fuse::read(&mut reader, &bytes).is_err());
        }
    }
}
