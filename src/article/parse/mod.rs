//! Parsing HTML within bounds.
//!
//! Some pages cost a parser far more than their size: nesting without end makes it take time quadratic in the
//! depth, formatting elements left open are opened again in every block that follows, and a tag's attributes
//! are each compared with all before. What a page will cost only the parser itself knows, because what is a
//! tag depends on all that stood before. So the parser is fed one piece of markup after the other, what it
//! builds is counted as it builds it ([`sink`]), and it is stopped as soon as that is too much. Only the
//! attributes of a tag are counted before it sees them ([`pieces`]).

mod pieces;
mod sink;

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use dom_query::{Document, NodeId};
use html5ever::TokenizerResult;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink};

use self::pieces::{Mode, Piece};
use self::sink::Bounded;
use super::text::head;
use crate::failure::Reason;

/// Elements a page may come to, those the parser adds included; more than any real page (a table of 100,000
/// indicators has 400,000).
const MAX_ELEMENTS: usize = 600_000;
/// Tags, start and end.
const MAX_TAGS: usize = 2 * MAX_ELEMENTS;
/// Attributes of one tag. The most that real pages have is a few dozen.
const MAX_OF_TAG: usize = 256;
/// Attributes of all elements, those the parser copies included.
const MAX_ATTRIBUTES: usize = 1_500_000;
/// Bytes fed between two looks at the clock, at most.
const BYTES_PER_LOOK: usize = 16 * 1024;

/// Why a page is not parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nested deeper than so many elements.
    Depth(usize),
    /// More elements than the bound, or tags that come to as much work.
    Elements,
    /// More attributes than the bounds.
    Attributes,
    /// Took longer than it may.
    Time,
}

impl Shape {
    /// The reason under which this is counted.
    pub(super) const REASON: Reason = Reason::TooComplex;
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Depth(max) => write!(f, "nests more than {max} elements into each other"),
            Self::Elements => write!(f, "comes to more than {MAX_ELEMENTS} elements"),
            Self::Attributes => write!(
                f,
                "has more than {MAX_OF_TAG} attributes in a tag, or {MAX_ATTRIBUTES} in all"
            ),
            Self::Time => write!(f, "takes longer than `article.parse_timeout`"),
        }
    }
}

/// Parses a page as a browser without scripts would. Refuses pages that nest deeper than `max_depth`, that explode
/// when parsed, or take longer than `limit`.
pub(super) fn parse(html: &str, max_depth: usize, limit: Duration) -> Result<Document, Shape> {
    let parser = Parser::new(max_depth, limit);
    let mut rest = html.strip_prefix('\u{feff}').unwrap_or(html);
    while !rest.is_empty() {
        rest = parser.step(rest)?;
    }
    parser.finish()
}

struct Parser {
    tokenizer: Tokenizer<Watch>,
    input: BufferQueue,
    start: Instant,
    limit: Duration,
}

impl Parser {
    fn new(max_depth: usize, limit: Duration) -> Self {
        let options = TreeBuilderOpts {
            scripting_enabled: false,
            ..TreeBuilderOpts::default()
        };
        let watch = Watch {
            builder: TreeBuilder::new(Bounded::new(max_depth), options),
            mode: RefCell::new(Mode::Markup),
            tags: Cell::new(0),
        };
        let options = TokenizerOpts {
            discard_bom: false,
            ..TokenizerOpts::default()
        };
        Self {
            tokenizer: Tokenizer::new(watch, options),
            input: BufferQueue::default(),
            start: Instant::now(),
            limit,
        }
    }

    /// Feeds what comes next; returns what follows it.
    fn step<'a>(&self, rest: &'a str) -> Result<&'a str, Shape> {
        let watch = &self.tokenizer.sink;
        let foreign = || watch.adjusted_current_node_present_but_not_in_html_namespace();
        let piece = pieces::next(rest, &watch.mode.borrow(), foreign);
        match piece {
            Piece::Whole(length) => {
                let (piece, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
                self.feed(piece)?;
                Ok(after)
            }
            Piece::Tag { length, attributes } => {
                if attributes > MAX_OF_TAG {
                    return Err(Shape::Attributes);
                }
                let (tag, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
                self.feed(tag)?;
                Ok(after)
            }
            Piece::RawEnd { length } => {
                let (end, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
                // Without its attributes. In the depths of a script the same letters may be text.
                self.feed(end)?;
                self.feed(">")?;
                if matches!(*watch.mode.borrow(), Mode::Raw(_)) {
                    return Ok(after);
                }
                let skipped = pieces::attributes(after).0;
                Ok(after.get(skipped..).unwrap_or_default())
            }
        }
    }

    fn feed(&self, piece: &str) -> Result<(), Shape> {
        let mut rest = piece;
        while !rest.is_empty() {
            if self.start.elapsed() > self.limit {
                return Err(Shape::Time);
            }
            let (part, after) = rest.split_at(head(rest, BYTES_PER_LOOK).len());
            self.feed_part(part)?;
            rest = after;
        }
        Ok(())
    }

    fn feed_part(&self, piece: &str) -> Result<(), Shape> {
        self.input.push_back(StrTendril::from_slice(piece));
        while !matches!(self.tokenizer.feed(&self.input), TokenizerResult::Done) {}
        let watch = &self.tokenizer.sink;
        if watch.tags.get() > MAX_TAGS {
            return Err(Shape::Elements);
        }
        watch.builder.sink.verdict()
    }

    fn finish(self) -> Result<Document, Shape> {
        self.tokenizer.end();
        self.tokenizer.sink.builder.sink.verdict()?;
        Ok(self.tokenizer.sink.builder.sink.finish())
    }
}

/// Stands between tokenizer and tree builder: notes what mode the tokenizer is in.
struct Watch {
    builder: TreeBuilder<NodeId, Bounded>,
    mode: RefCell<Mode>,
    tags: Cell<usize>,
}

impl TokenSink for Watch {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeId> {
        if matches!(token, Token::ParseError(_)) {
            return TokenSinkResult::Continue;
        }
        let tag = match &token {
            Token::TagToken(Tag { kind, name, .. }) => Some((*kind, name.clone())),
            _ => None,
        };
        let result = self.builder.process_token(token, line);
        let Some((kind, name)) = tag else {
            return result;
        };
        self.tags.set(self.tags.get() + 1);
        match (&result, kind) {
            (TokenSinkResult::RawData(_), _) => *self.mode.borrow_mut() = Mode::Raw(name),
            (TokenSinkResult::Plaintext, _) => *self.mode.borrow_mut() = Mode::Plain,
            (_, TagKind::EndTag) => *self.mode.borrow_mut() = Mode::Markup,
            _ => {}
        }
        result
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder
            .adjusted_current_node_present_but_not_in_html_namespace()
    }
}

#[cfg(test)]
mod tests;
