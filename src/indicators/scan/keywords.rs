//! Telling at a glance whether a word may be a keyword. Nearly every word of a text is asked, so that only its
//! first three bytes are looked at; the recognisers look at the rest.

/// How the keywords of [`super::rules`], [`super::named`] and [`super::accounts`] begin, in small letters.
const BEGINNINGS: &[&[u8; 3]] = &[
    // Kinds of rules: YARA, Sigma, Snort.
    b"rul", b"pri", b"glo", b"imp", b"inc", b"tit", b"ale", b"blo", b"dro", b"log", b"pas", b"rea",
    b"rej", b"rew", b"sdr",
    // Names that Windows knows, and the commands that make them.
    b"mut", b"nam", b"pip", b"ser", b"sch", b"tas", b"new", b"reg", b"cre", b"ope", b"loc", b"sc ",
    b"sc.", // User agents.
    b"use", b"moz", // Platforms.
    b"git", b"dis", b"tel",
];

/// Which second bytes follow which first ones, five bits of each.
static PAIRS: [u32; 32] = pairs();

#[expect(clippy::indexing_slicing, reason = "checked by the compiler")]
const fn pairs() -> [u32; 32] {
    let mut pairs = [0; 32];
    let mut at = 0;
    while at < BEGINNINGS.len() {
        let [first, second, _] = *BEGINNINGS[at];
        pairs[(first & 31) as usize] |= 1 << (second & 31);
        at += 1;
    }
    pairs
}

/// Whether a keyword may begin like this.
#[inline]
pub(super) fn may_begin(word: &[u8]) -> bool {
    let word = match word {
        [b'\'' | b'(' | 0xE2, ..] => behind_opening(word),
        _ => word,
    };
    let [first, second, third, ..] = *word else {
        return false;
    };
    let seconds = PAIRS
        .get(usize::from(first & 31))
        .copied()
        .unwrap_or_default();
    seconds >> (second & 31) & 1 != 0
        && BEGINNINGS.contains(&&[first | 0x20, second | 0x20, third | 0x20])
}

/// Passes over what may open before a word: `('Mozilla/5.0`, `“mutex`.
fn behind_opening(word: &[u8]) -> &[u8] {
    let mut word = word;
    for _ in 0..2 {
        word = match word {
            [b'\'' | b'(', rest @ ..] | [0xE2, 0x80, _, rest @ ..] => rest,
            _ => break,
        };
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_at_three_letters_in_any_case() {
        for word in [
            "Mutex:",
            "USER-AGENT",
            "rule",
            "sc create",
            "sc.exe",
            "GitHub",
        ] {
            assert!(may_begin(word.as_bytes()), "{word}");
        }
        for word in ["the", "a", "", "sc", "malware", "scan"] {
            assert!(!may_begin(word.as_bytes()), "{word}");
        }
    }
}
