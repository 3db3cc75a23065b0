//! MISP's references, kept out of the way of Markdown.
//!
//! `@[tag](a "b" c)` is no Markdown: it would come out in pieces. So each reference is hidden behind a mark before
//! the text is read as Markdown, and put back where the mark comes out.

use crate::event::references::{Reference, references};

/// Around the number of a hidden reference. Neither is a character: no text means anything by them.
const BEGIN: char = '\u{fdd0}';
const END: char = '\u{fdd1}';

/// A text whose references are hidden.
pub(super) struct Hidden<'a> {
    text: String,
    references: Vec<(Reference<'a>, &'a str)>,
}

/// A piece of what came out.
pub(super) enum Piece<'t, 'a> {
    Text(&'t str),
    /// With what was written.
    Reference(&'t Reference<'a>, &'a str),
}

impl<'a> Hidden<'a> {
    pub(super) fn of(markdown: &'a str) -> Self {
        let mut hidden = Self {
            text: String::with_capacity(markdown.len()),
            references: Vec::new(),
        };
        let mut done = 0;
        for reference in references(markdown) {
            hidden.copy(markdown.get(done..reference.span.start).unwrap_or_default());
            let number = hidden.references.len().to_string();
            hidden.text.push(BEGIN);
            hidden.text.push_str(&number);
            hidden.text.push(END);
            done = reference.span.end;
            let written = markdown.get(reference.span.clone()).unwrap_or_default();
            hidden.references.push((reference, written));
        }
        hidden.copy(markdown.get(done..).unwrap_or_default());
        hidden
    }

    /// Marks that the text brings itself are none.
    fn copy(&mut self, text: &str) {
        let safe = |c| {
            if matches!(c, BEGIN | END) {
                '\u{fffd}'
            } else {
                c
            }
        };
        self.text.extend(text.chars().map(safe));
    }

    /// The text with marks in place of its references.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What came out of the text, with its references again.
    pub(super) fn pieces<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Piece<'t, 'a>> {
        text.split(BEGIN).enumerate().flat_map(|(at, part)| {
            let marked = (at > 0).then(|| part.split_once(END)).flatten();
            let found = marked.and_then(|(number, rest)| {
                let number: usize = number.parse().ok()?;
                let (reference, written) = self.references.get(number)?;
                Some((Piece::Reference(reference, written), rest))
            });
            let (reference, text) = match found {
                Some((reference, rest)) => (Some(reference), rest),
                None => (None, part),
            };
            reference.into_iter().chain(Some(Piece::Text(text)))
        })
    }

    /// The same as it was written: for code, where references mean nothing, and for addresses.
    pub(super) fn written(&self, text: &str) -> String {
        self.pieces(text)
            .map(|piece| match piece {
                Piece::Text(text) => text,
                Piece::Reference(_, written) => written,
            })
            .collect()
    }
}
