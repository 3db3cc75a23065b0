//! Feed lists in OPML (1.0 and 2.0), as feed readers export them.
//!
//! An outline with `xmlUrl` is a feed, at whatever depth; folders are passed over. Files with a bare `&` in a
//! URL are common, so the tolerant tokenizer reads them.

use super::{feed_url, plain};
use crate::feeds::FeedSource;
use crate::feeds::repair::damage::Damage;
use crate::feeds::repair::entities::decode_html;
use crate::feeds::repair::tokens::{Tag, Token, Tokens, attributes};

/// Reads an OPML file. The error says where and what.
pub(super) fn read(text: &str) -> Result<Vec<FeedSource>, String> {
    let (mut tokens, mut damage) = (Tokens::new(text), Damage::default());
    let mut root = None;
    let mut feeds = Vec::new();
    let mut line = (0, 1);
    loop {
        let at = tokens.offset();
        let Some(token) = tokens.next(None, &mut damage) else {
            break;
        };
        let Token::Start(tag) = token else { continue };
        if root.is_none() {
            root = Some(tag.name);
        }
        if tag.name.eq_ignore_ascii_case("outline") {
            line = (at, line_of(text, line, at));
            feeds.extend(outline(&tag).map_err(|what| format!("line {}: {what}", line.1))?);
        }
    }
    match root {
        Some(name) if name.eq_ignore_ascii_case("opml") && tokens.cut => {
            Err("the OPML is cut off inside a tag".into())
        }
        Some(name) if name.eq_ignore_ascii_case("opml") => Ok(feeds),
        Some(name) => Err(format!(
            "neither JSON nor OPML: the root element is `{name}`"
        )),
        None => Err("neither JSON nor OPML".into()),
    }
}

/// The line of an offset, counted on from an earlier one.
fn line_of(text: &str, (from, line): (usize, usize), at: usize) -> usize {
    let between = text.get(from..at).unwrap_or_default();
    line + between.bytes().filter(|byte| *byte == b'\n').count()
}

fn outline(tag: &Tag<'_>) -> Result<Option<FeedSource>, String> {
    let attribute = |name: &str| {
        attributes(tag.attributes)
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| decode_html(value))
            .filter(|value| !value.trim().is_empty())
    };
    let Some(url) = attribute("xmlUrl") else {
        return Ok(None);
    };
    let title = attribute("title").or_else(|| attribute("text"));
    let url = feed_url(&url).map_err(|what| format!("attribute `xmlUrl`: {what}"))?;
    Ok(Some(plain(&title.unwrap_or_default(), url)))
}
