//! Names as they are compared: letters and digits alone, in lower case, so that `APT28`, `APT 28` and `apt-28` are one.

/// What a byte of text is to the pass over its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Part of a word; the byte it counts as.
    Word(u8),
    /// So many bytes between words.
    Gap(usize),
}

/// What each byte counts as: letters and digits as themselves, in lower case; bytes outside of ASCII as themselves, but for
/// those that begin punctuation (no-break blank, guillemets; quotation marks, dashes, signs), and those that begin letters of
/// scripts that write names from elsewhere without a blank beside them (Arabic, Hebrew, Thai and those of India, kana, Han,
/// Hangul); 0 for what stands between words.
const FOLDED: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte: u8 = 0;
    loop {
        let is_outside = byte >= 0x80 && !matches!(byte, 0xC2 | 0xD7..=0xE0 | 0xE2..=0xED);
        #[expect(clippy::indexing_slicing, reason = "a byte, at compile time")]
        if byte.is_ascii_alphanumeric() || is_outside {
            table[byte as usize] = byte.to_ascii_lowercase();
        }
        if byte == u8::MAX {
            break table;
        }
        byte += 1;
    }
};

/// The byte as it counts in a word; `None` between words. Bytes that begin punctuation outside of ASCII are between words.
#[inline]
pub(super) fn folded(byte: u8) -> Option<u8> {
    FOLDED
        .get(usize::from(byte))
        .copied()
        .filter(|value| *value != 0)
}

/// How many bytes to pass over from one that is no part of a word; 0 for those of words.
const STEPS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte: u8 = 0;
    loop {
        #[expect(clippy::indexing_slicing, reason = "a byte, at compile time")]
        if FOLDED[byte as usize] == 0 {
            table[byte as usize] = match byte {
                0xC2 | 0xD7..=0xDF => 2,
                0xE0 | 0xE2..=0xED => 3,
                _ => 1,
            };
        }
        if byte == u8::MAX {
            break table;
        }
        byte += 1;
    }
};

/// How many bytes to pass over from one that is no part of a word; 0 for those of words.
#[inline]
pub(super) fn step(byte: u8) -> usize {
    STEPS
        .get(usize::from(byte))
        .map_or(1, |step| usize::from(*step))
}

/// What stands at a place of a text, where a character begins or a word goes on.
#[inline]
pub(super) fn unit(bytes: &[u8], at: usize) -> Unit {
    let Some(&byte) = bytes.get(at) else {
        return Unit::Gap(1);
    };
    match folded(byte) {
        Some(byte) => Unit::Word(byte),
        None => Unit::Gap(step(byte)),
    }
}

/// The hash of letters and digits as they are compared.
#[inline]
pub(super) fn hash(key: &[u8]) -> u64 {
    let (chunks, rest) = key.as_chunks();
    let mut last = [0; 8];
    for (slot, byte) in last.iter_mut().zip(rest) {
        *slot = *byte;
    }
    let chunks = chunks.iter().chain([&last]);
    let eights = chunks.map(|chunk| u64::from_le_bytes(*chunk));
    eights.fold(key.len() as u64, mixed)
}

/// A hash with eight bytes more, the first lowest.
#[inline]
pub(super) const fn mixed(hash: u64, eight: u64) -> u64 {
    let hash = (hash ^ eight).wrapping_mul(SPREAD);
    hash ^ (hash >> 32)
}

/// 2^64 over the golden ratio: what is multiplied by it differs in its highest bits (Knuth, The Art of Computer Programming 3,
/// 6.4).
pub(super) const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// A name's bytes as they are compared, and after how many of them another word may begin.
#[derive(Debug, Default)]
pub(super) struct Key {
    /// Letters and digits, in lower case as far as ASCII goes.
    pub bytes: Vec<u8>,
    /// Lengths after which whoever writes the name may leave a blank: where it has one, between letters and digits,
    /// and before a capital within.
    pub breaks: Vec<usize>,
}

impl Key {
    /// The key of a name. Names from elsewhere are as long as they like: the rest of a long one does not count.
    pub(super) fn of(name: &str) -> Self {
        let bytes = name.as_bytes();
        let mut key = Self::default();
        let (mut at, mut last) = (0, b' ');
        while at < bytes.len() && key.bytes.len() < MAX_NAME {
            match unit(bytes, at) {
                Unit::Word(byte) => {
                    let raw = bytes.get(at).copied().unwrap_or_default();
                    if !key.bytes.is_empty() && is_break(last, raw) {
                        key.breaks.push(key.bytes.len());
                    }
                    key.bytes.push(byte);
                    last = raw;
                    at += 1;
                }
                Unit::Gap(length) => {
                    last = b' ';
                    at += length;
                }
            }
        }
        key
    }
}

/// Most bytes of a name that count.
pub(super) const MAX_NAME: usize = 96;

const fn is_break(left: u8, right: u8) -> bool {
    left == b' '
        || left.is_ascii_digit() != right.is_ascii_digit()
        || (left.is_ascii_lowercase() && right.is_ascii_uppercase())
}

/// A name without what galaxies write behind it: the ATT&CK id (`Phishing - T1566`), the platform (`Hive (ELF)`).
pub(super) fn bare(name: &str) -> &str {
    let name = name.trim();
    let name = match name.rsplit_once(' ') {
        Some((rest, id)) if is_attack_id(id) => rest.strip_suffix(" -").map_or(name, str::trim_end),
        _ => name,
    };
    let inside = name.strip_suffix(')');
    match inside.and_then(|rest| rest.rsplit_once('(')) {
        Some((head, inner)) if inner.len() <= 20 && head.len() > 1 => {
            head.strip_suffix(' ').map_or(name, str::trim_end)
        }
        _ => name,
    }
}

/// Whether it is an id of ATT&CK: `T1566`, `T1566.001`, `TA0001`, `G0007`, `S0154`, `C0012`.
pub(super) fn is_attack_id(text: &str) -> bool {
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let (head, sub) = match text.split_once('.') {
        Some((head, sub)) => (head, Some(sub)),
        None => (text, None),
    };
    let number = head
        .strip_prefix("TA")
        .or_else(|| head.strip_prefix(['T', 'G', 'S', 'C']));
    number.is_some_and(|number| digits(number, 4))
        && sub.is_none_or(|sub| head.starts_with('T') && !head.starts_with("TA") && digits(sub, 3))
}

/// The words of a text that letters and digits make, with where they stand; apostrophes part words.
pub(super) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            match unit(bytes, at) {
                Unit::Gap(length) => at += length,
                Unit::Word(_) => {
                    let start = at;
                    while at < bytes.len() && matches!(unit(bytes, at), Unit::Word(_)) {
                        at += 1;
                    }
                    // A gap is told by a first byte, so a word ends where a character does.
                    if let Some(word) = text.get(start..at) {
                        return Some((start, word));
                    }
                }
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_alike_have_one_key() {
        for (name, key, breaks) in [
            ("APT28", "apt28", &[3][..]),
            ("APT 28", "apt28", &[3]),
            ("apt-28", "apt28", &[3]),
            ("LockBit 3.0", "lockbit30", &[4, 7, 8]),
            ("Fancy Bear", "fancybear", &[5]),
            ("FK_Undead", "fkundead", &[2]),
            ("REvil", "revil", &[]),
            ("\u{2019}\u{a0}", "", &[]),
        ] {
            let got = Key::of(name);
            assert_eq!(got.bytes, key.as_bytes(), "{name}");
            assert_eq!(got.breaks, breaks, "{name}");
        }
    }

    #[test]
    fn ids_and_platforms_are_no_part_of_a_name() {
        for (name, want) in [
            ("Phishing - T1566", "Phishing"),
            (
                "Spearphishing Attachment - T1566.001",
                "Spearphishing Attachment",
            ),
            ("APT28 - G0007", "APT28"),
            ("Hive (ELF)", "Hive"),
            ("Gozi - ISFB", "Gozi - ISFB"),
            ("(odd)", "(odd)"),
        ] {
            assert_eq!(bare(name), want);
        }
        for (text, is) in [
            ("T1566", true),
            ("T1566.001", true),
            ("TA0001", true),
            ("TA505", false),
            ("S0154", true),
            ("S0154.001", false),
            ("TA0001.001", false),
            ("T15666", false),
            ("X1566", false),
            ("", false),
        ] {
            assert_eq!(is_attack_id(text), is, "{text}");
        }
    }

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        let text = "Emotet\u{2019}s \u{201c}Ärger\u{201d}, 3.0";
        let found: Vec<_> = words(text).map(|(_, word)| word).collect();
        assert_eq!(found, ["Emotet", "s", "Ärger", "3", "0"]);
        // Scripts that need no blanks.
        for text in [
            "我们发现APT28组织",
            "กลุ่มAPT28โจมตี",
            "مجموعةAPT28 هاجمت",
            "그룹APT28은",
            "קבוצתAPT28",
        ] {
            let found: Vec<_> = words(text).map(|(_, word)| word).collect();
            assert_eq!(found, ["APT28"], "{text}");
        }
        let found: Vec<_> = words("Tiếng Việt, Ελλάδα, Київ")
            .map(|(_, word)| word)
            .collect();
        assert_eq!(found, ["Tiếng", "Việt", "Ελλάδα", "Київ"]);
    }
}
