//! A look at the tags before any parser runs.
//!
//! Two shapes of page cost far more than their size: nesting without end (some parsers recurse, others
//! take time quadratic in the depth), and formatting elements left open, which an HTML parser opens again
//! in every block that follows. Both are counted here in one pass over the text, without building anything.
//! The count follows the HTML standard's tree construction only as far as needed to err on neither side by
//! much: implied end tags of `p`, `li`, table parts are known, so that old pages without end tags pass.

use crate::failure::Reason;

/// Elements the page may open; more than any real page (a table of 100,000 indicators has 400,000).
const MAX_TAGS: usize = 600_000;
/// Elements a parser would make of them, reopened formatting included.
const MAX_NODES: usize = 1_500_000;

/// Why a page is not parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Nested deeper than so many elements.
    TooDeep(usize),
    /// More elements than so many.
    TooMany(usize),
}

impl Shape {
    /// The reason under which this is counted.
    pub const REASON: Reason = Reason::TooComplex;
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooDeep(max) => write!(f, "nests more than {max} elements into each other"),
            Self::TooMany(max) => write!(f, "has more than {max} elements"),
        }
    }
}

/// Refuses pages that nest deeper than `max_depth`, or that explode when parsed.
pub fn check(html: &str, max_depth: usize) -> Result<(), Shape> {
    let mut count = Count {
        open: Vec::new(),
        max_depth,
        formatting: 0,
        tags: 0,
        nodes: 0,
    };
    let mut rest = html.as_bytes();
    while let Some(at) = rest.iter().position(|&b| b == b'<') {
        rest = after(rest, at + 1);
        rest = count.markup(rest)?;
    }
    Ok(())
}

fn after(bytes: &[u8], n: usize) -> &[u8] {
    bytes.get(n..).unwrap_or_default()
}

/// What a tag name means for the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Has no content.
    Void,
    /// Content is text up to the end tag.
    Raw,
    /// Reopened in following blocks when left open.
    Formatting,
    /// An ordinary container, which closes an open paragraph and stops end tags of inline elements.
    Block,
    Paragraph,
    /// `li`, `dd`, `dt`, `option`, table parts: end with the next of their kind.
    Item,
    /// `ul`, `ol`, `dl`, `select`, `table`: what items end at.
    List,
    Inline,
}

fn class(name: &str) -> Class {
    match name {
        "area" | "base" | "br" | "col" | "embed" | "hr" | "img" | "input" | "link" | "meta"
        | "param" | "source" | "track" | "wbr" | "frame" | "keygen" | "image" => Class::Void,
        "script" | "style" | "textarea" | "title" | "xmp" | "iframe" | "noembed" | "noframes" => {
            Class::Raw
        }
        "a" | "b" | "big" | "code" | "em" | "font" | "i" | "nobr" | "s" | "small" | "strike"
        | "strong" | "tt" | "u" => Class::Formatting,
        "p" => Class::Paragraph,
        "li" | "dd" | "dt" | "option" | "optgroup" | "tr" | "td" | "th" | "tbody" | "thead"
        | "tfoot" | "rt" | "rp" => Class::Item,
        "ul" | "ol" | "dl" | "select" | "table" => Class::List,
        "address" | "article" | "aside" | "blockquote" | "body" | "button" | "caption"
        | "center" | "details" | "dialog" | "dir" | "div" | "fieldset" | "figcaption"
        | "figure" | "footer" | "form" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "head"
        | "header" | "hgroup" | "html" | "main" | "menu" | "nav" | "noscript" | "object"
        | "pre" | "search" | "section" | "summary" | "template" => Class::Block,
        _ => Class::Inline,
    }
}

/// Items that end each other.
fn ends(new: &str, open: &str) -> bool {
    let row = matches!(open, "td" | "th");
    let group = row || open == "tr";
    match new {
        "dd" | "dt" => matches!(open, "dd" | "dt"),
        "td" | "th" => row,
        "tr" => group,
        "tbody" | "thead" | "tfoot" => group || matches!(open, "tbody" | "thead" | "tfoot"),
        "optgroup" => matches!(open, "option" | "optgroup"),
        "rt" | "rp" => matches!(open, "rt" | "rp"),
        _ => new == open,
    }
}

struct Count {
    open: Vec<(String, Class)>,
    max_depth: usize,
    /// Formatting elements opened and never closed, wherever.
    formatting: usize,
    tags: usize,
    nodes: usize,
}

impl Count {
    /// Looks at what follows a `<`; returns what follows it.
    fn markup<'a>(&mut self, rest: &'a [u8]) -> Result<&'a [u8], Shape> {
        if let Some(comment) = rest.strip_prefix(b"!--") {
            return Ok(skip_past(comment, b"-->"));
        }
        let (closing, tag) = match rest.strip_prefix(b"/") {
            Some(tag) => (true, tag),
            None => (false, rest),
        };
        if !tag.first().is_some_and(u8::is_ascii_alphabetic) {
            return Ok(rest);
        }
        let end = tag
            .iter()
            .position(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'))
            .unwrap_or(tag.len());
        let name: String = tag
            .iter()
            .take(end.min(32))
            .map(|b| char::from(b.to_ascii_lowercase()))
            .collect();
        let (rest, self_closing) = skip_attributes(after(tag, end));
        if closing {
            self.close(&name);
            return Ok(rest);
        }
        self.open(&name, self_closing)?;
        if class(&name) == Class::Raw {
            return Ok(skip_raw(rest, &name));
        }
        if name == "plaintext" {
            return Ok(&[]);
        }
        Ok(rest)
    }

    fn open(&mut self, name: &str, self_closing: bool) -> Result<(), Shape> {
        self.tags += 1;
        self.nodes += 1;
        let class = class(name);
        match class {
            Class::Block | Class::List | Class::Paragraph => self.end_paragraph(),
            Class::Item => self.end_item(name),
            _ => {}
        }
        if !matches!(class, Class::Void | Class::Raw) {
            // What is left open is opened again for the text that follows.
            self.nodes += self.formatting;
        }
        if self.tags > MAX_TAGS || self.nodes > MAX_NODES {
            return Err(Shape::TooMany(MAX_TAGS));
        }
        let foreign = || {
            self.open
                .iter()
                .any(|(name, _)| name == "svg" || name == "math")
        };
        let empty = matches!(class, Class::Void | Class::Raw) || (self_closing && foreign());
        if empty {
            return Ok(());
        }
        if class == Class::Formatting {
            self.formatting += 1;
        }
        self.open.push((name.to_owned(), class));
        if self.open.len() > self.max_depth {
            return Err(Shape::TooDeep(self.max_depth));
        }
        Ok(())
    }

    /// An open paragraph ends where a block begins, unless a table or button lies between.
    fn end_paragraph(&mut self) {
        let found = self
            .open
            .iter()
            .rposition(|(name, class)| {
                *class == Class::Paragraph
                    || matches!(name.as_str(), "td" | "th" | "button" | "table")
            })
            .filter(|&at| matches!(self.open.get(at), Some((_, Class::Paragraph))));
        if let Some(at) = found {
            self.open.truncate(at);
        }
    }

    fn end_item(&mut self, new: &str) {
        let stop = self
            .open
            .iter()
            .rposition(|(name, class)| {
                *class == Class::List
                    || (*class == Class::Block && name != "div" && name != "address")
            })
            .map_or(0, |at| at + 1);
        let found = self
            .open
            .iter()
            .skip(stop)
            .position(|(name, _)| ends(new, name));
        if let Some(at) = found {
            self.open.truncate(stop + at);
        }
    }

    fn close(&mut self, name: &str) {
        let class = class(name);
        let stops = |open: Class| match class {
            // End tags of inline elements do not reach through blocks.
            Class::Inline => !matches!(open, Class::Inline | Class::Formatting),
            _ => false,
        };
        let mut found = None;
        for (at, (open, open_class)) in self.open.iter().enumerate().rev() {
            if open == name {
                found = Some(at);
                break;
            }
            if stops(*open_class) {
                break;
            }
        }
        let Some(at) = found else {
            return;
        };
        if class == Class::Formatting {
            // Blocks inside a misnested formatting element stay open.
            self.formatting = self.formatting.saturating_sub(1);
            self.open.remove(at);
        } else {
            self.open.truncate(at);
        }
    }
}

fn skip_past<'a>(bytes: &'a [u8], end: &[u8]) -> &'a [u8] {
    match bytes.windows(end.len()).position(|window| window == end) {
        Some(at) => after(bytes, at + end.len()),
        None => &[],
    }
}

/// Skips attributes, whose quoted values may hold `>`. Says whether the tag ends in `/>`.
fn skip_attributes(bytes: &[u8]) -> (&[u8], bool) {
    let mut quote = None;
    let mut value_next = false;
    let mut last = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        match quote {
            Some(open) if byte == open => quote = None,
            None if byte == b'>' => return (after(bytes, at + 1), last == b'/'),
            None if value_next && matches!(byte, b'"' | b'\'') => quote = Some(byte),
            Some(_) | None => {}
        }
        if quote.is_none() && !byte.is_ascii_whitespace() {
            value_next = byte == b'=';
            last = byte;
        }
    }
    (&[], false)
}

fn skip_raw<'a>(bytes: &'a [u8], name: &str) -> &'a [u8] {
    let mut rest = bytes;
    while let Some(at) = rest.windows(2).position(|window| window == b"</") {
        let tag = after(rest, at + 2);
        let matches = tag
            .get(..name.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(name.as_bytes()));
        if matches {
            return skip_past(tag, b">");
        }
        rest = tag;
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn ordinary_pages_pass() {
        for html in [
            String::new(),
            "a < b > c <3 </ <".to_owned(),
            "<p>one<p>two".repeat(5_000),
            "<ul>".to_owned() + &"<li>x".repeat(5_000),
            "<table>".to_owned() + &"<tr><td>a<td>b".repeat(5_000),
            "<dl>".to_owned() + &"<dt>a<dd>b".repeat(5_000),
            "<select>".to_owned() + &"<option>a".repeat(5_000),
            "<br><img src=a><hr/><input>".repeat(5_000),
            "<div><span>x</span></div>".repeat(5_000),
            "<svg>".to_owned() + &"<path d='M>0'/>".repeat(5_000) + "</svg>",
            "<script>".to_owned() + &"if (a<b) {}".repeat(5_000) + "</script>",
            "<!--".to_owned() + &"<div>".repeat(5_000) + "-->",
            "<p title='a>b'>x</p>".repeat(5_000),
            "<b><i>x</b></i>".repeat(5_000),
        ] {
            assert_eq!(
                check(&html, 512),
                Ok(()),
                "{}",
                html.get(..40.min(html.len())).unwrap()
            );
        }
    }

    #[test]
    fn nesting_is_refused_at_once() {
        for tag in [
            "div",
            "span",
            "a",
            "b",
            "table",
            "ul",
            "blockquote",
            "font",
            "custom-x",
            "svg",
        ] {
            for n in [513, 10_000, 100_000] {
                let html = format!("<{tag} class='x'>").repeat(n);
                let start = Instant::now();
                assert_eq!(check(&html, 512), Err(Shape::TooDeep(512)), "{n} {tag}");
                assert!(start.elapsed() < Duration::from_millis(200), "{n} {tag}");
            }
        }
    }

    #[test]
    fn misnested_tags_do_not_hide_depth() {
        for unit in [
            "<b><div></b>",
            "<span><div></span>",
            "<div><p></div><div>",
            "<div/>",
            "<ul><li>",
        ] {
            let html = unit.repeat(10_000);
            assert!(check(&html, 512).is_err(), "{unit}");
        }
    }

    #[test]
    fn reopened_formatting_is_counted() {
        let open: Vec<String> = (0..400).map(|n| format!("<b id={n}>")).collect();
        let open = open.concat();
        let html = format!("<p>{open}</p>") + &"<p>x</p>".repeat(10_000);
        assert_eq!(check(&html, 512), Err(Shape::TooMany(MAX_TAGS)));
    }

    #[test]
    fn ten_megabytes_are_scanned_in_time() {
        for unit in [
            "<",
            "</",
            "<!--",
            "<p ",
            "<p a=\"",
            "<p>x</p>",
            "<script>",
            "</script",
            "<b></b><p>",
        ] {
            let html = unit.repeat(10 * 1024 * 1024 / unit.len());
            let start = Instant::now();
            let _ = check(&html, 512);
            // Debug build, busy machine: quadratic behaviour would take hours.
            assert!(start.elapsed() < Duration::from_secs(20), "{unit}");
        }
    }
}
