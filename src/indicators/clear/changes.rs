//! Changes to a text, and the map they leave.

use std::borrow::Cow;
use std::ops::Range;

/// One replacement to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change<'a> {
    /// What is replaced; on character boundaries.
    pub(super) written: Range<usize>,
    /// What it becomes (empty when it is left out).
    pub(super) text: &'a str,
    /// Whether someone meant to defang a value by it (an invisible character or a full-width dot is none).
    pub(super) defang: bool,
}

/// One replacement made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    /// What it became, in the new text (empty when something was left out).
    clear: Range<usize>,
    /// What was written, in the old text.
    written: Range<usize>,
    /// Whether someone meant to defang a value by it.
    pub(super) defang: bool,
}

impl Edit {
    /// Where a place within what it became was written, if characters were replaced one by one.
    fn inner(&self, at: usize) -> Option<usize> {
        (self.clear.len() == self.written.len()).then(|| at - self.clear.start + self.written.start)
    }
}

/// The map from a changed text to the text before; in order, not overlapping.
#[derive(Debug, Default)]
pub(super) struct Edits(Vec<Edit>);

impl Edits {
    /// Where a range of the new text stood in the old one.
    pub(super) fn written(&self, clear: Range<usize>) -> Range<usize> {
        if self.0.is_empty() {
            return clear;
        }
        let start = self.start(clear.start);
        let end = if clear.is_empty() {
            start
        } else {
            self.end(clear.end)
        };
        start..end.max(start)
    }

    /// Where a place of the old text is in the new one; of one within an edit, behind what it became.
    pub(super) fn position(&self, written: usize) -> usize {
        let next = self.0.partition_point(|edit| edit.written.start < written);
        match next.checked_sub(1).and_then(|last| self.0.get(last)) {
            Some(edit) => edit.clear.end + written.saturating_sub(edit.written.end),
            None => written,
        }
    }

    /// Behind everything that was left out there.
    fn start(&self, at: usize) -> usize {
        let next = self.0.partition_point(|edit| edit.clear.end <= at);
        match self.0.get(next) {
            Some(edit) if edit.clear.start <= at => edit.inner(at).unwrap_or(edit.written.start),
            _ => self.after(next, at),
        }
    }

    /// Before everything that was left out there.
    fn end(&self, at: usize) -> usize {
        let next = self.0.partition_point(|edit| edit.clear.start < at);
        match next.checked_sub(1).and_then(|last| self.0.get(last)) {
            Some(edit) if at < edit.clear.end => edit.inner(at).unwrap_or(edit.written.end),
            _ => self.after(next, at),
        }
    }

    /// A place in the unchanged text before the edit with the number `next`.
    fn after(&self, next: usize, at: usize) -> usize {
        match next.checked_sub(1).and_then(|last| self.0.get(last)) {
            Some(edit) => at - edit.clear.end + edit.written.end,
            None => at,
        }
    }

    /// The edits within a range of the new text: what they became overlaps it, or they left something out
    /// between two of its characters.
    pub(super) fn within(&self, clear: &Range<usize>) -> impl Iterator<Item = &Edit> {
        let Range { start, end } = *clear;
        let first = self.0.partition_point(|edit| edit.clear.end <= start);
        self.0
            .get(first..)
            .unwrap_or_default()
            .iter()
            .take_while(move |edit| edit.clear.start < end)
    }
}

/// Makes changes, which are in order and do not overlap.
pub(super) fn apply<'a>(text: Cow<'a, str>, changes: &[Change<'_>]) -> (Cow<'a, str>, Edits) {
    if changes.is_empty() {
        return (text, Edits::default());
    }
    let mut out = String::with_capacity(text.len());
    let mut edits = Vec::with_capacity(changes.len());
    let mut at = 0;
    for change in changes {
        out.push_str(text.get(at..change.written.start).unwrap_or_default());
        let start = out.len();
        out.push_str(change.text);
        at = change.written.end;
        edits.push(Edit {
            clear: start..out.len(),
            written: change.written.clone(),
            defang: change.defang,
        });
    }
    out.push_str(text.get(at..).unwrap_or_default());
    (Cow::Owned(out), Edits(edits))
}
