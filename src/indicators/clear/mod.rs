//! Clear text: what an analyst wrote, as it would work.
//!
//! Defanged marks, escapes, invisible characters and breaks inside values are undone, and a map back to the text
//! as written is kept. Recognisers read clear text only, so none of them knows about `[.]`.
//!
//! Two passes, each linear in the text. The first brings *characters* to the ones that were meant (entities,
//! full-width forms, blanks, invisible characters), so that the second, which undoes *marks*, reads plain bytes.
//! Both pass over text that holds none of their triggers at the speed of a table look-up per byte, and a text
//! that needs no change is borrowed.

mod ats;
mod breaks;
mod changes;
mod characters;
mod dots;
mod entities;
mod escapes;
mod mark;
mod marks;
#[cfg(test)]
mod properties;
mod reader;
mod schemes;
mod spelled;
#[cfg(test)]
mod tests;
mod words;

use std::borrow::Cow;
use std::ops::Range;

use self::changes::{Edit, Edits};
pub(crate) use self::schemes::meaning;

/// A text with its defanged marks undone.
#[derive(Debug)]
pub(crate) struct Clear<'a> {
    text: Cow<'a, str>,
    /// From the text as written to the text with plain characters.
    characters: Edits,
    /// From there to the clear text.
    marks: Edits,
}

impl<'a> Clear<'a> {
    /// Undoes every mark in `text`.
    pub(crate) fn of(text: &'a str) -> Self {
        let (plain, characters) = changes::apply(Cow::Borrowed(text), &characters::changes(text));
        let found = marks::changes(&plain);
        if found.is_empty() {
            return Self {
                text: plain,
                characters,
                marks: Edits::default(),
            };
        }
        let (clear, marks) = changes::apply(Cow::Borrowed(&plain), &found);
        Self {
            text: Cow::Owned(clear.into_owned()),
            characters,
            marks,
        }
    }

    /// A text that is taken as it was written.
    pub(crate) fn plain(text: &'a str) -> Self {
        Self {
            text: Cow::Borrowed(text),
            characters: Edits::default(),
            marks: Edits::default(),
        }
    }

    /// The clear text.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The clear text, for good.
    pub(crate) fn into_string(self) -> String {
        self.text.into_owned()
    }

    /// Where in the original text a range of the clear text was written. The ends of the result lie on
    /// character boundaries, and edits that touch the range are inside only when they belong to it: what an edit
    /// at its very start or end left out is not part of it.
    pub(crate) fn written(&self, clear: Range<usize>) -> Range<usize> {
        self.characters.written(self.marks.written(clear))
    }

    /// Where in the clear text a place of the original text is; of one within an edit, behind what it became.
    pub(crate) fn position(&self, written: usize) -> usize {
        self.marks.position(self.characters.position(written))
    }

    /// Whether a defanged mark was undone within a range of the clear text. One that only touches the range from
    /// outside does not count.
    pub(crate) fn is_defanged(&self, clear: &Range<usize>) -> bool {
        self.marks.within(clear).any(|edit: &Edit| edit.defang)
    }
}
