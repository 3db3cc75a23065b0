//! A report's Markdown as HTML that may stand in a page.
//!
//! The text comes from strangers. So nothing of it is passed through: HTML is written here alone, from a closed set
//! of elements, with every text escaped and no attribute but a link's address and a list's number. Raw HTML is shown
//! as the text it is, pictures as their words and address, and links only lead to the web.

mod references;
mod writer;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use pulldown_cmark::{Options, Parser};
use url::Url;

use self::references::Hidden;
use self::writer::Writer;

/// Most Markdown shown, in bytes.
const MOST_MARKDOWN: usize = 400_000;

/// Most HTML made of it, in bytes: references may stand for long values.
const MOST_HTML: usize = 4_000_000;

/// HTML, and whether something of the report is missing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rendered {
    pub(super) html: String,
    pub(super) cut: bool,
}

/// Renders a report. `meanings` says what its references to attributes and objects stand for. Links to `hostile`
/// addresses, or hosts, and what is under them, are shown as text.
pub(super) fn render(
    markdown: &str,
    meanings: &BTreeMap<String, String>,
    hostile: &BTreeSet<&str>,
) -> Rendered {
    let (markdown, cut) = head(markdown);
    let hidden = Hidden::of(markdown);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut writer = Writer::new(&hidden, meanings, hostile, MOST_HTML);
    let whole = Parser::new_ext(hidden.text(), options).all(|event| writer.write(event));
    Rendered {
        html: writer.finish(),
        cut: cut || !whole,
    }
}

/// As many lines as fit, and whether that were not all.
fn head(markdown: &str) -> (&str, bool) {
    if markdown.len() <= MOST_MARKDOWN {
        return (markdown, false);
    }
    let mut end = MOST_MARKDOWN;
    while !markdown.is_char_boundary(end) {
        end -= 1;
    }
    let head = markdown.get(..end).unwrap_or_default();
    let line = head.rfind('\n').map_or(end, |at| at + 1);
    (markdown.get(..line).unwrap_or_default(), true)
}

/// A URL that may be made a link of: one of the web, and not one that is to be detected.
fn harmless(address: &str, hostile: &BTreeSet<&str>) -> bool {
    let Ok(url) = Url::parse(address) else {
        return false;
    };
    let is_hostile = |value: &str| hostile.contains(value);
    let host = url.host_str().unwrap_or_default();
    let mut names = std::iter::successors(Some(host), |name| {
        name.split_once('.').map(|(_, rest)| rest)
    });
    matches!(url.scheme(), "http" | "https")
        && !is_hostile(address)
        && !is_hostile(url.as_str())
        && !names.any(is_hostile)
}
