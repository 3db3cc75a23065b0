//! References in reports, as MISP's viewer reads them: `@[attribute](uuid)`, `@[object](uuid)`, `@[tag](name)`,
//! `@[galaxymatrix](uuid)`.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Event;
use crate::plain;

/// Longest target, in bytes: MISP's column for tags holds 255 characters.
const MAX_TARGET: usize = 1_024;

/// Longest text that a reference stands for, in characters.
const MAX_TEXT: usize = 300;

/// What a reference leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An attribute, by its UUID.
    Attribute,
    /// An object, by its UUID.
    Object,
    /// A tag, by its name.
    Tag,
    /// The matrix of a galaxy, by its UUID.
    GalaxyMatrix,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Attribute, Self::Object, Self::Tag, Self::GalaxyMatrix];

    /// Its word: `attribute`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Attribute => "attribute",
            Self::Object => "object",
            Self::Tag => "tag",
            Self::GalaxyMatrix => "galaxymatrix",
        }
    }
}

/// A reference in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference<'a> {
    /// Where it stands, in bytes.
    pub span: Range<usize>,
    /// What it leads to.
    pub kind: Kind,
    /// UUID or name.
    pub target: &'a str,
}

/// The references of a text, in order. One behind a backslash is none; code is not told apart.
pub fn references(text: &str) -> impl Iterator<Item = Reference<'_>> {
    text.match_indices("@[").filter_map(|(at, _)| {
        let (before, rest) = text.split_at_checked(at)?;
        let backslashes = before.bytes().rev().take_while(|b| *b == b'\\').count();
        if !backslashes.is_multiple_of(2) {
            return None;
        }
        let (kind, inner) = Kind::ALL.into_iter().find_map(|kind| {
            let inner = rest.strip_prefix("@[")?.strip_prefix(kind.as_str())?;
            Some((kind, inner.strip_prefix("](")?))
        })?;
        let window = inner.as_bytes().iter().take(MAX_TARGET);
        let end = window.into_iter().position(|b| matches!(b, b')' | b'\n'))?;
        let target = inner.get(..end)?;
        if target.is_empty() || !inner.get(end..)?.starts_with(')') {
            return None;
        }
        let length = rest.len() - inner.len() + end + 1;
        Some(Reference {
            span: at..at + length,
            kind,
            target,
        })
    })
}

/// What the references of a text to attributes and objects of its event stand for, by UUID: a value, of an object
/// its first.
pub fn meanings(event: &Event, text: &str) -> BTreeMap<String, String> {
    let mut values: BTreeMap<String, &str> = event
        .every_attribute()
        .map(|attribute| (attribute.uuid.to_string(), attribute.value.as_str()))
        .collect();
    values.extend(event.objects.iter().filter_map(|object| {
        let first = object.attributes.first()?;
        Some((object.uuid.to_string(), first.attribute.value.as_str()))
    }));
    references(text)
        .filter_map(|reference| {
            let value = values.get(reference.target)?;
            Some((reference.target.to_owned(), plain::short(value, MAX_TEXT)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_the_viewer_reads_them() {
        for (text, expected) in [
            ("see @[attribute](a-1) and", Some((Kind::Attribute, "a-1"))),
            ("@[object](x)", Some((Kind::Object, "x"))),
            (
                "@[tag](misp-galaxy:x=\"A b - T1\")",
                Some((Kind::Tag, "misp-galaxy:x=\"A b - T1\"")),
            ),
            ("@[tag](a(b)c)", Some((Kind::Tag, "a(b"))),
            ("@[galaxymatrix](x)", Some((Kind::GalaxyMatrix, "x"))),
            (r"\@[tag](x)", None),
            (r"\\@[tag](x)", Some((Kind::Tag, "x"))),
            ("@[tag](x\n)", None),
            ("@[tag]()", None),
            ("@[tag](x", None),
            ("@[home](x)", None),
            ("@\u{2060}[tag](x)", None),
            ("@[@[tag](ü)", Some((Kind::Tag, "ü"))),
        ] {
            let found: Vec<_> = references(text).collect();
            let read = found.first().map(|one| (one.kind, one.target));
            assert_eq!(read, expected, "{text}");
            assert!(found.len() <= 1, "{text}");
            for one in found {
                let written = format!("@[{}]({})", one.kind.as_str(), one.target);
                assert_eq!(text.get(one.span), Some(written.as_str()));
            }
        }
        let long = format!("@[tag]({})", "x".repeat(MAX_TARGET));
        assert_eq!(references(&long).count(), 0);
    }

    #[test]
    fn values_stand_behind_the_references_of_the_text_alone() {
        let settings = crate::config::EventSettings::default();
        let job = crate::event::build::tests::job();
        let event = crate::event::build(&settings, &job, None, None, &[]);
        assert!(event.attributes.len() > 1);
        let one = &event.attributes[1];
        let text = format!(
            "@[attribute]({}) @[attribute](00000000-0000-4000-8000-000000000000)",
            one.uuid
        );
        let expected = BTreeMap::from([(one.uuid.to_string(), one.value.clone())]);
        assert_eq!(meanings(&event, &text), expected);
    }
}
