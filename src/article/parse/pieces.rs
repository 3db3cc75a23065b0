//! Cutting a page into the pieces that its parser is fed: tags, comments, texts.
//!
//! Follows the tokenizer of the HTML standard (section 13.2.5) as far as telling where a tag ends needs it. The
//! rest the tokenizer does itself: a piece may hold several things as long as none of them is a tag.

use html5ever::LocalName;

/// How the tokenizer reads what comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mode {
    /// Tags are tags.
    Markup,
    /// All is text up to this end tag.
    Raw(LocalName),
    /// All is text.
    Plain,
}

/// What is to be fed next; lengths in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// No tag.
    Whole(usize),
    /// A tag.
    Tag {
        /// Up to and with its `>`.
        length: usize,
        /// How many it has, doubles included.
        attributes: usize,
    },
    /// What ends raw text, as far as its name. Attributes follow, which mean nothing.
    RawEnd {
        /// `</` and the name.
        length: usize,
    },
}

/// The piece that a text begins with. `foreign`: whether the parser is within SVG or MathML.
pub(super) fn next(text: &str, mode: &Mode, foreign: impl Fn() -> bool) -> Piece {
    match mode {
        Mode::Plain => Piece::Whole(text.len()),
        Mode::Raw(name) => raw(text, name),
        Mode::Markup => match markup_start(text) {
            0 => markup(text, foreign),
            length => Piece::Whole(length),
        },
    }
}

/// Where markup begins: a `<` and something that makes it more than a character.
fn markup_start(text: &str) -> usize {
    let pairs = text.as_bytes().windows(2);
    pairs
        .into_iter()
        .position(|pair| {
            matches!(pair, [b'<', b'/' | b'!' | b'?'])
                || matches!(pair, [b'<', c] if c.is_ascii_alphabetic())
        })
        .unwrap_or(text.len())
}

fn markup(text: &str, foreign: impl Fn() -> bool) -> Piece {
    if let Some(comment) = text.strip_prefix("<!--") {
        return Piece::Whole(4 + comment_length(comment));
    }
    if let Some(data) = text.strip_prefix("<![CDATA[")
        && foreign()
    {
        return Piece::Whole(9 + data.find("]]>").map_or(data.len(), |at| at + 3));
    }
    let name = text
        .strip_prefix("</")
        .or_else(|| text.strip_prefix('<'))
        .unwrap_or_default();
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        // Document types and what the standard calls bogus comments.
        return Piece::Whole(text.find('>').map_or(text.len(), |at| at + 1));
    }
    let after = name.find(ends_name).unwrap_or(name.len());
    let (rest, attributes) = attributes(name.get(after..).unwrap_or_default());
    Piece::Tag {
        length: text.len() - name.len() + after + rest,
        attributes,
    }
}

/// `<!-->` and `<!--->` are whole comments; `--!>` ends one as `-->` does.
fn comment_length(comment: &str) -> usize {
    for empty in [">", "->"] {
        if comment.starts_with(empty) {
            return empty.len();
        }
    }
    let bytes = comment.as_bytes();
    let mut at = 0;
    while let Some(found) = comment.get(at..).and_then(|rest| rest.find("--")) {
        let after = at + found + 2;
        match (bytes.get(after), bytes.get(after + 1)) {
            (Some(b'>'), _) => return after + 1,
            (Some(b'!'), Some(b'>')) => return after + 2,
            _ => at = after - 1,
        }
    }
    comment.len()
}

fn raw(text: &str, name: &LocalName) -> Piece {
    for (at, _) in text.match_indices("</") {
        let tag = text.get(at + 2..).unwrap_or_default();
        let ends = tag
            .get(..name.len())
            .is_some_and(|own| own.eq_ignore_ascii_case(name))
            && tag
                .get(name.len()..)
                .is_some_and(|rest| rest.starts_with(ends_name));
        match (ends, at) {
            (true, 0) => {
                return Piece::RawEnd {
                    length: 2 + name.len(),
                };
            }
            (true, _) => return Piece::Whole(at),
            (false, _) => {}
        }
    }
    Piece::Whole(text.len())
}

const fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

const fn ends_name(c: char) -> bool {
    is_blank(c) || matches!(c, '/' | '>')
}

/// Length of a tag's rest, from behind its name up to and with its `>`, and the number of its attributes.
pub(super) fn attributes(tag: &str) -> (usize, usize) {
    let mut count = 0;
    let mut rest = tag;
    loop {
        rest = rest.trim_start_matches(|c| is_blank(c) || c == '/');
        if rest.is_empty() {
            return (tag.len(), count);
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (tag.len() - after.len(), count);
        }
        count += 1;
        rest = value(name(rest));
    }
}

/// What follows an attribute's name, which may begin with `=`.
fn name(attribute: &str) -> &str {
    let first = attribute.chars().next().map_or(0, char::len_utf8);
    let rest = attribute.get(first..).unwrap_or_default();
    rest.trim_start_matches(|c| !ends_name(c) && c != '=')
}

/// What follows an attribute's value, if it has one.
fn value(rest: &str) -> &str {
    let Some(value) = rest.trim_start_matches(is_blank).strip_prefix('=') else {
        return rest;
    };
    let value = value.trim_start_matches(is_blank);
    for quote in ['"', '\''] {
        if let Some(quoted) = value.strip_prefix(quote) {
            return quoted.split_once(quote).map_or("", |(_, after)| after);
        }
    }
    value.trim_start_matches(|c| !is_blank(c) && c != '>')
}
