//! Fuzzy hashes and fingerprints that are more than a run of digits: ssdeep, TLSH, JA4, vhash.

use std::ops::Range;

use super::{Raw, Text};

pub(super) fn find(_text: &Text<'_>, _gap: Range<usize>, _raws: &mut Vec<Raw>) {}
