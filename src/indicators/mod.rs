//! Indicators: finding them in text as an analyst does, and judging what they are worth.
//!
//! Two steps, each usable by itself:
//!
//! 1. **Scan** ([`scan()`], [`scan_blocks`]): everything well-formed, with where it stood and how it was
//!    written. Values that analysts *defanged* (`hxxp://evil[.]com`) come out as they work.
//! 2. **Judge** ([`Judge`]): what of it is an indicator, and why.
//!
//! ```
//! use gleaner::indicators::{self, Kind};
//!
//! let text = "The loader asks hxxps://cdn.evil-update[.]top/a.php for its payload.";
//! let finds = indicators::scan(text);
//! assert_eq!(finds[0].kind, Kind::Url);
//! assert_eq!(finds[0].value, "https://cdn.evil-update.top/a.php");
//! assert_eq!(&text[finds[0].span.clone()], "hxxps://cdn.evil-update[.]top/a.php");
//! assert!(finds[0].defanged);
//! ```
//!
//! Both are plain computation in time linear in the text, without regular expressions that could backtrack,
//! and never fail or panic, whatever the text.

mod clear;
pub mod judge;
mod kind;
mod scan;
pub mod warninglists;

use std::ops::Range;

pub use self::judge::{Document, Indicator, Judge, Verdict};
pub use self::kind::{Kind, UnknownKind};
use crate::article::blocks::Block;

/// A well-formed value that stands in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Find {
    /// What it is.
    pub kind: Kind,
    /// As it goes out: refanged, without escapes, hashes and hosts in lower case.
    pub value: String,
    /// Index of the block it stood in.
    pub block: usize,
    /// Where in that block's [text](Block::text), in bytes; of a link's target, where the link's text stands.
    pub span: Range<usize>,
    /// Whether it was written so that nobody could click it by mistake.
    pub defanged: bool,
    /// Whether it is the text or the target of a link.
    pub origin: Origin,
}

/// Where a find was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// In the text.
    Text,
    /// In the target of a link; the text may say something else.
    Link,
}

/// Finds every well-formed value in a text. Line breaks are hard; [`Find::block`] is 0.
///
/// As a [`Scanner`] does by default.
pub fn scan(text: &str) -> Vec<Find> {
    Scanner::default().text(text)
}

/// A text as it would work: every defang mark, escape, invisible character and break within a value undone.
/// Prose is left as it is.
///
/// ```
/// use gleaner::indicators::refang;
///
/// assert_eq!(refang("hxxps[:]//cdn[.]evil-update(dot)top/a"), "https://cdn.evil-update.top/a");
/// assert_eq!(refang("bob [at] evil-update [.] top"), "bob@evil-update.top");
/// assert_eq!(refang("See [1] (e.g. a[0])."), "See [1] (e.g. a[0]).");
/// ```
pub fn refang(text: &str) -> String {
    clear::Clear::of(text).into_string()
}

/// Finds every well-formed value in blocks, in order of appearance. What stands in one block has no influence
/// on what is found in another.
///
/// As a [`Scanner`] does by default.
pub fn scan_blocks(blocks: &[Block]) -> Vec<Find> {
    Scanner::default().blocks(blocks)
}

/// The scan, with a choice of what is found. By default all but [`Kind::CcNumber`].
///
/// ```
/// use gleaner::indicators::{Kind, Scanner};
///
/// let scanner = Scanner::default().card_numbers(true);
/// let finds = scanner.text("a card of the test network, 4111 1111 1111 1111");
/// assert_eq!(finds[0].kind, Kind::CcNumber);
/// assert_eq!(finds[0].value, "4111111111111111");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scanner {
    card_numbers: bool,
}

impl Scanner {
    /// Whether payment card numbers are found. Most that a report shows are victims', and handling them is
    /// regulated: whoever wants them says so.
    #[must_use]
    pub const fn card_numbers(self, wanted: bool) -> Self {
        Self {
            card_numbers: wanted,
        }
    }

    /// As [`scan()`].
    pub fn text(self, text: &str) -> Vec<Find> {
        let mut finds = Vec::new();
        let place = scan::Place {
            card_numbers: self.card_numbers,
            ..scan::Place::default()
        };
        scan::text(text, place, &mut finds);
        finds
    }

    /// As [`scan_blocks`].
    pub fn blocks(self, blocks: &[Block]) -> Vec<Find> {
        let mut finds = Vec::new();
        for (number, block) in blocks.iter().enumerate() {
            scan::block(block, number, self.card_numbers, &mut finds);
        }
        finds
    }

    /// Finds and judges what stands in an article.
    pub fn judged(self, judge: &Judge, document: Document<'_>) -> Vec<Indicator> {
        judge.judge(document, self.blocks(document.blocks))
    }
}
