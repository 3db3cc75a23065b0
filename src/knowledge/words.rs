//! Common English words, by which names are told from everyday language: the section `word` of a pack.
//!
//! The words are those of Debian's `wamerican` (from SCOWL), kept as two sets of hashes ([`Fuse`]): a word is always
//! found, and one made-up word of 65,536 is taken for one.

use std::sync::OnceLock;

use super::builtin;
use crate::pack::fuse::{Fuse, mixed};
use crate::pack::wire::{Reader, Writer};
use crate::pack::{Bytes, PackError};

/// Words longer than this are in no dictionary.
const MAX_WORD: usize = 45;

/// Sets of words.
#[derive(Debug)]
struct Words {
    common: Fuse,
    proper: Fuse,
    counts: [usize; 2],
}

/// Whether it is a common word of English (`royal`, `play`), in any case, singular or plural. Names of people and
/// places (`Cuba`) are not; see [`is_name`].
pub fn is_word(word: &str) -> bool {
    words().is_some_and(|words| key(word).is_some_and(|key| words.common.contains(key)))
}

/// Whether it is a name that a dictionary of English has: of a person, a place, a figure (`Medusa`, `Cuba`), in any
/// case.
pub fn is_name(word: &str) -> bool {
    words().is_some_and(|words| key(word).is_some_and(|key| words.proper.contains(key)))
}

/// How many common words and names are known.
pub fn counts() -> [usize; 2] {
    words().map_or([0, 0], |words| words.counts)
}

fn words() -> Option<&'static Words> {
    static WORDS: OnceLock<Option<Words>> = OnceLock::new();
    let read = || {
        let pack = builtin::pack().ok()?;
        read(pack.section(*b"word")?).ok()
    };
    WORDS.get_or_init(read).as_ref()
}

fn read(bytes: &Bytes) -> Result<Words, PackError> {
    let reader = &mut Reader::new(bytes.get(), "the section of words");
    let counts = [reader.u32()?, reader.u32()?];
    let words = Words {
        common: Fuse::read(reader, bytes)?,
        proper: Fuse::read(reader, bytes)?,
        counts: counts.map(|count| usize::try_from(count).unwrap_or(0)),
    };
    reader.end()?;
    Ok(words)
}

/// Writes the section from a list of words, one a line; those that begin with a capital are names. `None`: no
/// arrangement was found, which no list has come to yet.
pub fn write(list: &str) -> Option<Vec<u8>> {
    let (mut common, mut proper) = (Vec::new(), Vec::new());
    for word in list.lines().map(str::trim) {
        // `company's` says no more than `company`.
        if word.is_empty() || word.contains('\'') {
            continue;
        }
        let of = if word.starts_with(char::is_uppercase) {
            &mut proper
        } else {
            &mut common
        };
        of.extend(key(word));
    }
    let mut out = Writer::default();
    for keys in [&mut common, &mut proper] {
        keys.sort_unstable();
        keys.dedup();
        out.count(keys.len());
    }
    Fuse::write(&common, &mut out)?;
    Fuse::write(&proper, &mut out)?;
    Some(out.finish())
}

/// A hash of the word in lower case: FNV-1a, mixed. `None` for what is no word by its looks.
fn key(word: &str) -> Option<u64> {
    if word.len() > MAX_WORD || word.is_empty() {
        return None;
    }
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    if word.is_ascii() {
        word.bytes().for_each(|byte| add(byte.to_ascii_lowercase()));
    } else {
        word.to_lowercase().bytes().for_each(add);
    }
    Some(mixed(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_from_names_and_from_neither() {
        for word in [
            "royal", "Play", "FIRST", "python", "raccoon", "exodus", "target", "data", "empire",
            "impact", "servers",
        ] {
            assert!(is_word(word), "{word}");
        }
        for word in [
            "lockbit", "emotet", "qakbot", "turla", "apt28", "", "xyzzyx",
        ] {
            assert!(!is_word(word), "{word}");
            assert!(!is_name(word), "{word}");
        }
        for word in ["Medusa", "cuba", "Hermes"] {
            assert!(is_name(word), "{word}");
        }
        assert!(!is_word("cuba"));
        assert!(
            counts()[0] > 50_000 && counts()[1] > 10_000,
            "{:?}",
            counts()
        );
    }

    #[test]
    fn long_words_are_none() {
        assert!(!is_word(&"a".repeat(1 << 20)));
    }

    #[test]
    fn a_list_is_written_and_read() {
        let bytes = Bytes::from(write("Aachen\napple\napple's\n\npêche\n").unwrap());
        let words = read(&bytes).unwrap();
        assert_eq!(words.counts, [2, 1]);
        assert!(words.common.contains(key("PÊCHE").unwrap()));
        assert!(words.proper.contains(key("aachen").unwrap()));
        assert!(!words.common.contains(key("aachen").unwrap()));
    }
}
