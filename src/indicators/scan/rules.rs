//! Detection rules, whole: YARA, Sigma, Snort, Suricata.
//!
//! A rule is tried wherever one of its first words stands. An attempt that fails is remembered with how far it
//! read and why, so that no byte is read by more than one failing attempt of a language: hostile text costs no
//! more than other text.

mod sigma;
mod snort;
#[cfg(test)]
mod tests;
mod yara;

use super::{Kind, Raw, Text};

/// The longest rule that is read, in bytes: far more than MISP takes (65,535 bytes), so that whoever makes an event
/// can say what is left out of it.
const LONGEST: usize = 1 << 20;

/// What an attempt came to.
enum Attempt {
    /// A rule of this kind, that ends there.
    Rule(Kind, usize),
    /// None, and none begins before this offset.
    Failed(usize),
}

/// Finds rules in one text.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// Before these offsets no YARA, Sigma or Snort rule begins.
    yara: usize,
    sigma: usize,
    snort: usize,
}

impl Rules {
    /// The rule that begins with the word at `at`.
    pub(super) fn at(&mut self, text: &Text<'_>, at: usize) -> Option<Raw> {
        let start = [0, 1, 2].map(|offset| text.byte(at + offset));
        let (hopeless, attempt): (&mut usize, fn(&Text<'_>, usize) -> Attempt) = match &start {
            b"rul" | b"pri" | b"glo" | b"imp" | b"inc" if yara::begins(text, at) => {
                (&mut self.yara, yara::attempt)
            }
            b"tit" if sigma::begins(text, at) => (&mut self.sigma, sigma::attempt),
            b"ale" | b"blo" | b"dro" | b"log" | b"pas" | b"rea" | b"rej" | b"rew" | b"sdr"
                if snort::begins(text, at) =>
            {
                (&mut self.snort, snort::attempt)
            }
            _ => return None,
        };
        if at < *hopeless {
            return None;
        }
        match attempt(text, at) {
            Attempt::Rule(kind, end) if end - at <= LONGEST => {
                let span = at..end;
                Some(Raw::new(kind, text.slice(span.clone()), span))
            }
            Attempt::Rule(_, end) | Attempt::Failed(end) => {
                *hopeless = end;
                None
            }
        }
    }
}

/// Whether the word `word` stands at `at`, whole.
fn is_word(text: &Text<'_>, at: usize, word: &[u8]) -> bool {
    let end = at + word.len();
    text.bytes().get(at..end) == Some(word) && !is_name(text.byte(end))
}

/// Letters, digits and `_`.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
