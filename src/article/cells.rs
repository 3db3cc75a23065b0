//! The text of one cell of a table, and what text of any kind is measured by.

use url::Url;

use super::blocks::{Cell, Region};
use super::dom::{Data, Dom, Element};
use super::inline::{Inline, Look};
use super::media;

/// How much of the block being collected stood where.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Seen {
    /// Characters.
    pub(super) all: usize,
    /// Of these, in the main content.
    pub(super) main: usize,
    /// Of these, in links.
    pub(super) linked: usize,
}

impl Seen {
    /// Counts a text.
    pub(super) fn text(&mut self, text: &str, main: bool, linked: bool) {
        let count = text.chars().filter(|c| !c.is_whitespace()).count();
        self.all += count;
        self.main += if main { count } else { 0 };
        self.linked += if linked { count } else { 0 };
    }

    /// Where most of it stood.
    pub(super) fn region(self) -> Region {
        if self.main > 0 && self.main * 2 >= self.all {
            Region::Main
        } else {
            Region::Elsewhere
        }
    }
}

/// The text of a subtree as one cell of a table: its blocks become lines.
pub(super) fn cell(dom: &Dom, at: usize, base: &Url) -> (Cell, Seen) {
    let mut inline = Inline::default();
    let mut seen = Seen::default();
    let mut open: Vec<(usize, Look)> = Vec::new();
    let mut look = Look::default();
    let mut here = at + 1;
    let end = dom.end(at);
    while here < end {
        while let Some((_, outer)) = open.pop_if(|(end, _)| *end <= here) {
            look = outer;
        }
        let Some(node) = dom.get(here) else { break };
        let mut next = here + 1;
        match &node.data {
            Data::Text(text) => {
                seen.text(text, node.main, look.link.is_some());
                inline.text(text, &look);
            }
            Data::Element(element) if element.name() == "br" || is_block(element.name()) => {
                inline.line_break();
                open.push((node.end, look.clone()));
            }
            Data::Element(element) => {
                open.push((node.end, look.clone()));
                if let Some(address) = media::protected_address(element) {
                    inline.text(&address, &look);
                    next = node.end;
                } else if media::is_gutter(element) {
                    next = node.end;
                }
                restyle(&mut look, element, base, &mut inline);
            }
        }
        here = next;
    }
    (inline.take(), seen)
}

fn restyle(look: &mut Look, element: &Element, base: &Url, inline: &mut Inline) {
    match element.name() {
        "b" | "strong" => look.style.strong = true,
        "i" | "em" | "cite" | "dfn" => look.style.em = true,
        "code" | "kbd" | "samp" | "tt" => look.style.code = true,
        "a" => {
            look.link = element
                .attr("href")
                .and_then(|href| media::link(base, href));
        }
        "img" => {
            if let Some(image) = media::image(base, element) {
                inline.text(&image.alt, look);
            }
        }
        _ => {}
    }
}

/// Elements that begin and end a block of text.
pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "html"
            | "legend"
            | "li"
            | "listing"
            | "main"
            | "menu"
            | "nav"
            | "noscript"
            | "ol"
            | "option"
            | "p"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "textarea"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
            | "button"
    )
}
