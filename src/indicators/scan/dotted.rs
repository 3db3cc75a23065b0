//! What a token with full stops in it is: a host name, a file name, code, a version, or an accident of
//! punctuation. One decision, asked by everyone who meets such a token.

use std::ops::Range;

use super::Text;

/// A reading of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// A host name.
    Host,
    /// A file name.
    File,
    /// Something that only looks like either.
    Nothing,
}

/// Reads the token at `span`, which has a full stop between letters, digits, `-` and `_`.
pub(super) fn reading(_text: &Text<'_>, _span: &Range<usize>) -> Reading {
    Reading::Nothing
}
