//! Mail addresses.

use std::ops::Range;

use super::{Raw, Text};

pub(super) fn find(_text: &Text<'_>, _gap: Range<usize>, _raws: &mut Vec<Raw>) {}

/// The address in a `mailto:` link, without its query.
pub(super) fn of_link(rest: &str) -> Option<String> {
    let address = rest.split('?').next()?;
    address.contains('@').then(|| address.to_lowercase())
}
