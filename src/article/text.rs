//! Plain text and Markdown as blocks.

use pulldown_cmark::{Options, Parser, html};

use super::blocks::{Block, Kind};
use crate::event::text as stored;

/// Text of a page as everything after works on it: what MISP cannot store is replaced ([`stored::storable`]), and
/// characters that nobody sees are gone, so that they part no value. Done before anything is escaped: an
/// escape that looks at neighbours must see those that will be there in the end.
pub(super) fn clean(text: &str) -> String {
    let mut text = stored::storable(&text.replace('\u{c}', " "));
    text.retain(|c| !is_unseen(c));
    text
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

/// Plain text: paragraphs between empty lines, lines as they are. Columns and indentation are kept as code.
pub(super) fn plain(text: &str) -> Vec<Block> {
    let text = clean(&text.replace('\u{c}', "\n"));
    let mut blocks = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().chain([""]) {
        if line.trim().is_empty() {
            blocks.extend(passage(&std::mem::take(&mut lines)));
        } else {
            lines.push(line.trim_end());
        }
    }
    blocks
}

fn passage(lines: &[&str]) -> Option<Block> {
    if lines.is_empty() {
        return None;
    }
    let aligned =
        |line: &&str| line.starts_with([' ', '\t']) || line.contains("  ") || line.contains('\t');
    let columns =
        lines.len() > 1 && lines.iter().filter(|line| aligned(line)).count() * 2 > lines.len();
    if columns {
        return Some(Block::plain(
            Kind::Code { language: None },
            lines.join("\n"),
        ));
    }
    let lines: Vec<String> = lines
        .iter()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    Some(Block::plain(Kind::Paragraph, lines.join("\n")))
}

/// Markdown as the HTML it stands for, to be read like any page.
pub(super) fn markdown_to_html(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut body = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut body, Parser::new_ext(markdown, options));
    format!("<!doctype html><html><body><article>{body}</article></body></html>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_becomes_paragraphs_and_columns() {
        let text = "Title\r\n\r\nIndicators:\nevil[.]com\n bad[.]example \n\nsha256   name\nabc      x.exe\n";
        let blocks = plain(text);
        let texts: Vec<String> = blocks.iter().map(Block::text).collect();
        assert_eq!(
            texts,
            [
                "Title",
                "Indicators:\nevil[.]com\nbad[.]example",
                "sha256   name\nabc      x.exe"
            ]
        );
        assert_eq!(blocks.last().unwrap().kind, Kind::Code { language: None });
        assert!(plain(" \n\n").is_empty());
    }
}
