//! Broken XML in, well-formed Atom out.
//!
//! Real feeds are cut off, mislabelled, half-escaped and in nine dialects; a strict parser loses the
//! whole feed over one `&`. So every XML feed is read by a tolerant [`tokens::Tokens`] and a
//! reader (`read`) that knows only which elements make up an entry, and is written anew by
//! [`write::atom`] as the one dialect that the parser reads without loss. Nothing is guessed
//! silently: each mend is counted in [`Damage`].
//!
//! All passes are linear in the input: no scan is repeated, every stack and list is bounded.

pub(crate) mod damage;
pub(crate) mod document;
pub(crate) mod entities;
pub(crate) mod names;
pub(crate) mod read;
pub(crate) mod tokens;
pub(crate) mod write;

use std::borrow::Cow;

use self::damage::{Damage, Kind};

/// Drops the characters that XML 1.0 does not allow (section 2.2), counting them.
pub(crate) fn without_control_characters<'a>(text: &'a str, damage: &mut Damage) -> Cow<'a, str> {
    let Some(first) = text.find(is_forbidden) else {
        return Cow::Borrowed(text);
    };
    damage.add(Kind::ControlCharacter, first);
    let mut clean = String::with_capacity(text.len());
    for piece in text.split(is_forbidden) {
        clean.push_str(piece);
    }
    Cow::Owned(clean)
}

/// The beginning of a text, at most `max` bytes of it.
pub(crate) fn cut(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Control characters other than white space, and the two non-characters XML excludes.
pub(crate) const fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\x7f' | '\u{fffe}' | '\u{ffff}')
}
