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
pub fn scan(text: &str) -> Vec<Find> {
    let mut finds = Vec::new();
    scan::text(text, scan::Place::default(), &mut finds);
    finds
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
pub fn scan_blocks(blocks: &[Block]) -> Vec<Find> {
    let mut finds = Vec::new();
    for (number, block) in blocks.iter().enumerate() {
        scan::block(block, number, &mut finds);
    }
    finds
}
