//! File names without a path.

use std::ops::Range;

use super::dotted::{self, Reading};
use super::{Raw, Text};
use crate::indicators::Kind;

pub(super) fn find(text: &Text<'_>, gap: Range<usize>, raws: &mut Vec<Raw>) {
    let mut from = gap.start;
    while let Some(token) = dotted::next_token(text, from..gap.end) {
        from = token.end;
        if dotted::reading(text, &token) == Reading::File {
            raws.push(Raw::new(Kind::Filename, text.slice(token.clone()), token));
        }
    }
}
