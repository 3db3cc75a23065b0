//! What a token with full stops in it is: a host name, a file name, code, a version, or an accident of
//! punctuation. One decision, asked by everyone who meets such a token.

use std::ops::Range;

use super::Text;
use super::hosts::{self, HostKind};

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

/// The next token with a full stop inside, in a range.
pub(super) fn next_token(text: &Text<'_>, range: Range<usize>) -> Option<Range<usize>> {
    let mut at = range.start;
    while at < range.end {
        let rest = text.slice(at..range.end);
        let start = at + rest.find(|c: char| hosts::is_host_char(c))?;
        let end = hosts::host_end(text.str(), start, range.end);
        if text.slice(start..end).contains('.') {
            return Some(start..end);
        }
        at = end.max(start + 1);
    }
    None
}

/// Reads the token at `span`, which has a full stop between letters, digits, `-` and `_`.
pub(super) fn reading(text: &Text<'_>, span: &Range<usize>) -> Reading {
    match hosts::is_host(text.slice(span.clone())) {
        Some(HostKind::Special) | None => Reading::Nothing,
        Some(_) => Reading::Host,
    }
}
