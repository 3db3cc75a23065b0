//! From the page's nodes to blocks: one walk, in document order.

use url::Url;

use super::areas::{self, Area};
use super::blocks::{Block, Cell, Kind, Marker};
use super::cells::{Seen, is_block};
use super::dom::{Data, Dom, Element};
use super::inline::{Inline, Look};
use super::{media, tables};

/// A block before it is decided where it belongs.
#[derive(Debug)]
pub(super) struct Draft {
    /// The block; its region is `Main` or `Elsewhere` so far.
    pub(super) block: Block,
    /// The part of the page it stood in, if that is about the site and not the article.
    pub(super) furniture: Option<usize>,
    /// Share of its text that is links, in percent.
    pub(super) linked: usize,
}

/// Reads a page's nodes as blocks. `base` is what relative addresses start from.
pub(super) fn walk(dom: &Dom, base: &Url) -> Vec<Draft> {
    let mut walker = Walker {
        dom,
        base,
        drafts: Vec::new(),
        open: Vec::new(),
        state: State::default(),
        inline: Inline::default(),
        seen: Seen::default(),
        images: Vec::new(),
        counters: Vec::new(),
        tables: 0,
        language: None,
    };
    let mut at = 0;
    while at < dom.len() {
        walker.leave(at);
        at = walker.enter(at);
    }
    walker.leave(usize::MAX);
    walker.flush();
    walker.drafts
}

/// What elements hand down to what they contain.
#[derive(Debug, Clone, Default)]
struct State {
    look: Look,
    heading: Option<u8>,
    quote: u32,
    /// Lists around, as an index into the counters plus one; 0 outside.
    list: usize,
    depth: u32,
    /// Inside preformatted text.
    pre: bool,
    /// Language named by a wrapper of preformatted text.
    language: Option<String>,
    /// Innermost part of the page that is about the site, by index.
    furniture: Option<usize>,
}

/// An element still open.
struct Open {
    end: usize,
    outer: State,
    block: bool,
}

/// A list around the current node.
struct Counter {
    ordered: bool,
    next: u32,
    /// What the next block of the current item is marked with.
    marker: Marker,
}

struct Walker<'a> {
    dom: &'a Dom,
    base: &'a Url,
    drafts: Vec<Draft>,
    open: Vec<Open>,
    state: State,
    inline: Inline,
    seen: Seen,
    images: Vec<(media::Image, bool)>,
    counters: Vec<Counter>,
    tables: u32,
    /// Language of the preformatted text being collected.
    language: Option<String>,
}

impl Walker<'_> {
    /// Takes up a node; returns the next one to look at.
    fn enter(&mut self, at: usize) -> usize {
        let dom = self.dom;
        let Some(node) = dom.get(at) else {
            return at + 1;
        };
        match &node.data {
            Data::Text(text) => {
                self.text(text, node.main);
                at + 1
            }
            Data::Element(element) => self.element(at, element),
        }
    }

    fn text(&mut self, text: &str, main: bool) {
        self.seen.text(text, main, self.state.look.link.is_some());
        if self.state.pre {
            self.inline.verbatim(text, &self.state.look);
        } else {
            self.inline.text(text, &self.state.look);
        }
    }

    fn element(&mut self, at: usize, element: &Element) -> usize {
        let end = self.dom.end(at);
        let shown = areas::is_hidden(element) && areas::holds_data(self.dom, at);
        let area = areas::area(self.dom, at, element);
        if area == Area::Skip && !shown {
            return end;
        }
        let furniture = (area == Area::Furniture && !shown).then_some(at);
        if let Some(address) = media::protected_address(element) {
            let main = self.dom.get(at + 1).is_some_and(|inner| inner.main);
            self.text(&address, main);
            return end;
        }
        let name = element.name();
        match name {
            "br" => self.line_break(),
            "hr" => self.flush(),
            "img" => self.image(at, element),
            "noscript" if !areas::holds_data(self.dom, at) => return end,
            "button" if self.state.heading.is_none() && element.attr("aria-expanded").is_none() => {
                return end;
            }
            "table" if !self.state.pre && tables::is_data(self.dom, at) => {
                self.flush();
                self.table(at, furniture);
                return end;
            }
            _ if self.state.pre && media::is_gutter(element) => return end,
            _ => self.open(element, end, furniture),
        }
        at + 1
    }

    fn open(&mut self, element: &Element, end: usize, furniture: Option<usize>) {
        let name = element.name();
        let block = is_block(name);
        if block {
            self.boundary();
        }
        let outer = self.state.clone();
        self.state.furniture = furniture.or(self.state.furniture);
        self.style(element);
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.state.heading = name.bytes().last().map(|digit| digit - b'0');
            }
            "blockquote" => self.state.quote += 1,
            "ul" | "ol" | "dl" | "menu" | "dir" => self.list(element),
            "li" | "dd" => self.item(element),
            "dt" | "summary" => self.state.look.style.strong = true,
            "button" => {
                self.flush();
                self.state.look.style.strong = true;
            }
            "pre" | "textarea" | "listing" if !self.state.pre => {
                self.state.pre = true;
                self.language = media::language(element).or(self.state.language.take());
            }
            // `<pre><code class="language-c">`
            "code" if self.state.pre && self.language.is_none() => {
                self.language = media::language(element);
            }
            "div" | "figure" => {
                self.state.language = media::language(element).or(self.state.language.take());
            }
            _ => {}
        }
        self.open.push(Open { end, outer, block });
    }

    fn style(&mut self, element: &Element) {
        let style = &mut self.state.look.style;
        match element.name() {
            "b" | "strong" | "th" => style.strong = true,
            "i" | "em" | "cite" | "dfn" => style.em = true,
            "code" | "kbd" | "samp" | "tt" => style.code = !self.state.pre,
            "a" => {
                if let Some(href) = element.attr("href") {
                    self.state.look.link = media::link(self.base, href);
                }
            }
            _ => {}
        }
    }

    fn list(&mut self, element: &Element) {
        self.state.depth = if self.state.list == 0 {
            0
        } else {
            self.state.depth + 1
        };
        let start = element.attr_or_empty("start").parse().unwrap_or(1);
        self.counters.push(Counter {
            ordered: element.name() == "ol",
            next: start,
            marker: Marker::Bullet,
        });
        self.state.list = self.counters.len();
    }

    fn item(&mut self, element: &Element) {
        if self.state.list == 0 {
            // An item without its list: a list of its own.
            self.list(element);
        }
        let Some(counter) = self.counters.get_mut(self.state.list.saturating_sub(1)) else {
            return;
        };
        if let Ok(value) = element.attr_or_empty("value").parse() {
            counter.next = value;
        }
        counter.marker = if counter.ordered {
            Marker::Number(counter.next)
        } else {
            Marker::Bullet
        };
        counter.next = counter.next.saturating_add(1);
    }

    fn line_break(&mut self) {
        if self.state.pre {
            self.inline.verbatim("\n", &self.state.look);
        } else if self.inline.is_broken() && self.state.heading.is_none() {
            // Two breaks in a row are a gap between paragraphs.
            self.flush();
        } else {
            self.inline.line_break();
        }
    }

    fn image(&mut self, at: usize, element: &Element) {
        let main = self.dom.get(at).is_some_and(|node| node.main);
        match media::image(self.base, element) {
            Some(media::Image { src: None, alt }) => self.text(&alt, main),
            Some(image) => self.images.push((image, main)),
            None => {}
        }
    }

    fn table(&mut self, at: usize, furniture: Option<usize>) {
        let table = self.tables;
        self.tables += 1;
        for (row, seen) in tables::rows(self.dom, at, table, self.base) {
            self.push(row.kind, row.cells, seen, furniture);
        }
    }

    /// Closes the elements that end at or before a node.
    fn leave(&mut self, at: usize) {
        while self.open.last().is_some_and(|open| open.end <= at) {
            let Some(open) = self.open.pop() else { return };
            if open.block {
                self.boundary();
            }
            let left_pre = self.state.pre && !open.outer.pre;
            if left_pre {
                self.flush();
            }
            self.state = open.outer;
        }
    }

    /// Where a block element begins or ends: a new block, or a new line of preformatted text.
    fn boundary(&mut self) {
        if self.state.pre {
            self.inline.verbatim("\n", &self.state.look);
        } else {
            self.flush();
        }
    }

    /// Ends the block being collected.
    fn flush(&mut self) {
        let mut cell = self.inline.take();
        let seen = std::mem::take(&mut self.seen);
        let images = std::mem::take(&mut self.images);
        if self.state.pre {
            let language = self.language.take();
            media::trim_code(&mut cell);
            if !cell.is_empty() {
                self.push(Kind::Code { language }, vec![cell], seen, None);
            }
        } else if !cell.is_empty() {
            let kind = self.kind();
            self.push(kind, vec![cell], seen, None);
        }
        for (image, main) in images {
            let Some(src) = image.src else { continue };
            let seen = Seen {
                all: 1,
                main: usize::from(main),
                linked: 0,
            };
            self.push(
                Kind::Image { src },
                vec![Cell::plain(image.alt)],
                seen,
                None,
            );
        }
    }

    fn kind(&mut self) -> Kind {
        if let Some(level) = self.state.heading {
            return Kind::Heading { level };
        }
        let Some(counter) = self
            .state
            .list
            .checked_sub(1)
            .and_then(|at| self.counters.get_mut(at))
        else {
            return Kind::Paragraph;
        };
        Kind::ListItem {
            depth: self.state.depth,
            marker: std::mem::replace(&mut counter.marker, Marker::None),
        }
    }

    fn push(&mut self, kind: Kind, cells: Vec<Cell>, seen: Seen, furniture: Option<usize>) {
        self.drafts.push(Draft {
            block: Block {
                kind,
                region: seen.region(),
                quote: self.state.quote,
                cells,
            },
            furniture: furniture.or(self.state.furniture),
            linked: (seen.linked * 100).checked_div(seen.all).unwrap_or(0),
        });
    }
}
