//! How many objects a document may have.
//!
//! All of them are in memory once it is loaded, each some sixty times as large as it is written (`0 0 0 …`), and lists of
//! objects (*object streams*, ISO 32000-2, 7.5.7) are packed besides: four kilobytes in the file may be 250 MB. So
//! what stands between blanks is counted before it is read.

use std::cell::Cell;

use lopdf::{LoadOptions, Object, ObjectId};

use super::MAX_STREAM;

/// Most words of a document and of its object streams together: some 250 MB in memory. Thousands of pages have fewer.
const MAX_WORDS: usize = 2_000_000;
/// What an object stream of an encrypted document may unpack to: they are not shown before they are read, so that only
/// each can be bounded, not all of them.
const MAX_ENCRYPTED: usize = MAX_STREAM / 4;

thread_local! {
    /// What is left for the document that this thread loads; `None`: it was too much.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// How to load a document within these bounds; [`were_too_many`] tells afterwards whether they held. `None`: it has too
/// many objects as it stands.
pub(super) fn bounded(bytes: &[u8]) -> Option<LoadOptions> {
    let left = MAX_WORDS.checked_sub(words(bytes));
    LEFT.set(left);
    left?;
    let is_encrypted = memchr::memmem::find(bytes, b"/Encrypt").is_some();
    Some(LoadOptions {
        filter: Some(admit),
        max_decompressed_size: Some(if is_encrypted {
            MAX_ENCRYPTED
        } else {
            MAX_STREAM
        }),
        ..LoadOptions::default()
    })
}

/// Whether object streams were left out because there were too many objects in them.
pub(super) fn were_too_many() -> bool {
    LEFT.get().is_none()
}

/// Lets an object be loaded; an object stream only if there is room for what it holds.
fn admit(id: ObjectId, object: &mut Object) -> Option<(ObjectId, Object)> {
    if let Object::Stream(stream) = &*object
        && stream.dict.has_type(b"ObjStm")
    {
        // What does not unpack is refused by whoever loads it.
        let words = stream
            .get_plain_content_with_limit(MAX_STREAM)
            .map_or(0, |content| words(&content));
        LEFT.set(LEFT.get().and_then(|left| left.checked_sub(words)));
        LEFT.get()?;
    }
    // What is asked for here is kept if it comes from an object stream; of the others the answer alone counts.
    let kept = match object {
        Object::Stream(_) => Object::Null,
        other => other.clone(),
    };
    Some((id, kept))
}

/// How often something follows a blank, or may begin without one.
fn words(bytes: &[u8]) -> usize {
    let mut words = 0;
    let mut before = b' ';
    for byte in bytes.iter().copied() {
        let is_parted = is_blank(before) || is_end(before);
        let begins = matches!(byte, b'/' | b'<' | b'[' | b'(')
            || (is_parted && !is_blank(byte) && !is_end(byte));
        words += usize::from(begins);
        before = byte;
    }
    words
}

const fn is_end(byte: u8) -> bool {
    matches!(byte, b']' | b'>' | b')')
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_becomes_an_object() {
        for (text, count) in [
            ("", 0),
            ("0 0 0", 3),
            ("[0 0 0]", 3),
            ("/A/B/C", 3),
            ("<</A 1>>", 4),
            ("()()()", 3),
            ("[[[", 3),
        ] {
            assert_eq!(words(text.as_bytes()), count, "{text}");
        }
    }
}
