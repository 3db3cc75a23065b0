//! Values that look like indicators, for one question only: is this part of a page worth keeping?
//!
//! Cheap and coarse on purpose. What an indicator is, the extractor decides.

use std::sync::LazyLock;

use regex::Regex;

/// What a text holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Marks {
    /// Hashes (32, 40, 56, 64, 96 or 128 hexadecimal digits) and defanged values: nothing else looks like them.
    pub(super) sure: usize,
    /// IPv4 addresses, which version numbers look like.
    pub(super) addresses: usize,
}

/// Patterns built into the program.
fn regex(pattern: &str) -> Regex {
    #[expect(
        clippy::expect_used,
        reason = "constant patterns, each compiled by a test"
    )]
    Regex::new(pattern).expect("the pattern is valid")
}

static SURE: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(?i-u)\b(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})\b",
        r"|h(?:xx|\*\*|XX)ps?\b|\[(?:\.|:|://|@|dot|at)\]|\((?:\.|dot)\)|\{(?:\.|dot)\}",
    ))
});
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?-u)\b(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}\b")
});
static HEADING: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(?i)\b(?:iocs?|indicators?|observables?|appendix|annex|hash(?:es)?|sha-?(?:1|256|512)|md5|yara|sigma",
        r"|snort|suricata|c2s?|c&c|command[- ]and[- ]control|mitre|att&ck|ttps?|samples?|artifacts?|artefacts?",
        r"|kompromittierungsindikatoren|indicateurs|indicadores|indicatori)\b",
    ))
});

impl Marks {
    /// Counts them.
    pub(super) fn of(text: &str) -> Self {
        // Most texts have neither; a look at the bytes is cheaper than two searches.
        if !text
            .bytes()
            .any(|b| b.is_ascii_digit() || matches!(b, b'[' | b'(' | b'{' | b'x' | b'X' | b'*'))
        {
            return Self::default();
        }
        Self {
            sure: SURE.find_iter(text).count(),
            addresses: ADDRESS.find_iter(text).count(),
        }
    }

    /// All of them.
    pub(super) fn total(self) -> usize {
        self.sure + self.addresses
    }
}

/// Whether a heading announces indicators or an appendix.
pub(super) fn announces(heading: &str) -> bool {
    HEADING.is_match(heading)
}

/// Whether a text is one value and nothing else: a host name, path or address without blanks.
pub(super) fn is_bare_value(text: &str) -> bool {
    let text = text.trim();
    text.len() >= 4
        && !text.contains(char::is_whitespace)
        && !text.ends_with('.')
        && text.contains(['.', ':', '\\', '/'])
        && text.contains(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indicators_are_counted() {
        for (text, sure, addresses) in [
            ("", 0, 0),
            ("An ordinary sentence with 3 numbers, 1.2 and x.", 0, 0),
            ("d41d8cd98f00b204e9800998ecf8427e", 1, 0),
            (
                "D41D8CD98F00B204E9800998ECF8427E da39a3ee5e6b4b0d3255bfef95601890afd80709",
                2,
                0,
            ),
            ("evil[.]com hxxps://bad(.)example user[@]x{dot}y", 5, 0),
            ("1.2.3.4 and 300.1.1.1 and 10.0.0.255", 0, 2),
            ("see [1] and [a]", 0, 0),
            ("deadbeef", 0, 0),
        ] {
            assert_eq!(Marks::of(text), Marks { sure, addresses }, "{text}");
        }
    }

    #[test]
    fn headings_announce() {
        for heading in [
            "Indicators of Compromise",
            "IOCs",
            "Appendix A: Hashes",
            "YARA rule",
            "C2 servers",
        ] {
            assert!(announces(heading), "{heading}");
        }
        for heading in ["Introduction", "Related posts", "Biocide", "Share this"] {
            assert!(!announces(heading), "{heading}");
        }
    }
}
