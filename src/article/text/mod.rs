//! Plain text and Markdown as blocks.
//!
//! Analysts paste anything: Markdown, AsciiDoc, columns from a terminal, the text of a PDF. [`plain`] reads all
//! of it, line by line and without fail: what it does not know as markup stays text, and no value is lost to it
//! or runs into its neighbour.

mod code;
mod inline;
mod lines;
mod prose;
mod reader;
mod tables;

use pulldown_cmark::{Options, Parser, html};

use super::blocks::Block;
use crate::event::text as stored;

/// Text of a page as everything after works on it: characters that nobody sees are gone, so that they part no
/// value. What MISP cannot store is still there, as values are made of it; the report replaces it before anything
/// is escaped.
pub(super) fn clean(text: &str) -> String {
    if text.contains('\u{c}') {
        stored::visible(&text.replace('\u{c}', " "), is_unseen)
    } else {
        stored::visible(text, is_unseen)
    }
}

/// The start of a text, of at most so many bytes.
pub(super) fn head(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Where a line may break, or must not, and marks for machines.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{2060}'..='\u{2064}'
        | '\u{206A}'..='\u{206F}' | '\u{FFF9}'..='\u{FFFB}')
}

/// Plain text, Markdown or AsciiDoc, as blocks in the order of the text. Takes time linear in its length.
///
/// Headings, lists, tables, quotations and code are told by their marks in any of the three; a line of its own is
/// a block of its own, and the lines of a wrapped paragraph are one block with line breaks in it.
pub(super) fn plain(text: &str) -> Vec<Block> {
    // A page break ends a line.
    let text = if text.contains('\u{c}') {
        clean(&text.replace('\u{c}', "\n"))
    } else {
        clean(text)
    };
    reader::read(&text)
}

/// Markdown as the HTML it stands for, to be read like any page.
pub(super) fn markdown_to_html(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut body = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut body, Parser::new_ext(markdown, options));
    format!("<!doctype html><html><body><article>{body}</article></body></html>")
}

#[cfg(test)]
mod tests;
