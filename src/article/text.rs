//! Plain text and Markdown as blocks.

use pulldown_cmark::{Options, Parser, html};

use super::blocks::{Block, Kind};

/// Plain text: paragraphs between empty lines, lines as they are. Columns and indentation are kept as code.
pub(super) fn plain(text: &str) -> Vec<Block> {
    let text: String = text
        .replace("\r\n", "\n")
        .chars()
        .map(|c| if c == '\r' || c == '\u{c}' { '\n' } else { c })
        .filter(|&c| !c.is_control() || matches!(c, '\t' | '\n'))
        .collect();
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
