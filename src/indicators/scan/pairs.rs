//! Values written as one: `domain|ip`, `name|hash`.

use super::{Raw, Text};

/// Joins neighbours that only a bar parts.
pub(super) fn join(_text: &Text<'_>, _raws: &mut Vec<Raw>) {}
