//! What was wrong with a feed and has been mended, counted by kind.

use std::collections::BTreeMap;

/// One kind of damage. The order is the order of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Encoding,
    ReplacedBytes,
    ControlCharacter,
    LeadingJunk,
    NoRoot,
    Ampersand,
    LessThan,
    HtmlEntity,
    BadReference,
    BrokenTag,
    StrayEnd,
    NotClosed,
    ItemNotClosed,
    OpenCdata,
    UndeclaredPrefix,
    UnknownNamespace,
    NameCase,
    Version,
    TooDeep,
    TooMany,
    TooMuch,
    CutEntry,
    CutTail,
    CutJson,
    JsonNormalised,
}

impl Kind {
    /// What a person reads.
    const fn words(self) -> &'static str {
        match self {
            Self::Encoding => "encoding differs from the one declared",
            Self::ReplacedBytes => "bytes that are no character in the feed's encoding",
            Self::ControlCharacter => "control characters removed",
            Self::LeadingJunk => "text before the feed skipped",
            Self::NoRoot => "root element missing",
            Self::Ampersand => "`&` not escaped",
            Self::LessThan => "`<` not escaped",
            Self::HtmlEntity => "HTML entities that XML does not know",
            Self::BadReference => "references to characters that do not exist",
            Self::BrokenTag => "tags or attributes with broken syntax",
            Self::StrayEnd => "end tags without a start",
            Self::NotClosed => "elements not closed",
            Self::ItemNotClosed => "entries not closed",
            Self::OpenCdata => "CDATA section not closed",
            Self::UndeclaredPrefix => "namespace prefix not declared",
            Self::UnknownNamespace => "namespace unknown or misspelt",
            Self::NameCase => "element names in the wrong case",
            Self::Version => "RSS version missing or unknown",
            Self::TooDeep => "nested too deep, the depths skipped",
            Self::TooMany => "more entries than are read, the rest skipped",
            Self::TooMuch => "more markup than is read, the rest skipped",
            Self::CutEntry => "cut off inside an entry",
            Self::CutTail => "cut off before its end",
            Self::CutJson => "JSON broken, entries before the damage kept",
            Self::JsonNormalised => "JSON Feed fields of the wrong type or missing",
        }
    }
}

/// Counts of damage, each with the place of the first (a byte offset in the decoded text).
#[derive(Debug, Clone, Default)]
pub(crate) struct Damage(BTreeMap<Kind, (usize, usize)>);

impl Damage {
    /// Counts one.
    pub(crate) fn add(&mut self, kind: Kind, offset: usize) {
        self.0.entry(kind).or_insert((0, offset)).0 += 1;
    }

    /// Whether this kind was seen.
    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.0.contains_key(&kind)
    }

    /// Whether the text ends before the feed does. What a limit of ours left out does not count: asking
    /// again would bring no more of it.
    pub(crate) fn is_cut(&self) -> bool {
        [Kind::CutEntry, Kind::CutTail, Kind::CutJson]
            .iter()
            .any(|kind| self.has(*kind))
    }

    /// One sentence per kind: what, how often, and the line of the first.
    pub(crate) fn describe(&self, text: &str) -> Vec<String> {
        self.0
            .iter()
            .map(|(kind, (count, offset))| {
                let line = 1 + text
                    .bytes()
                    .take(*offset)
                    .filter(|byte| *byte == b'\n')
                    .count();
                match count {
                    1 => format!("{} (line {line})", kind.words()),
                    n => format!("{} ({n} times, first in line {line})", kind.words()),
                }
            })
            .collect()
    }
}
