//! Host names.

use std::ops::Range;

use super::{Raw, Text};

pub(super) fn find(_text: &Text<'_>, _gap: Range<usize>, _raws: &mut Vec<Raw>) {}
