//! The report: the article's text as an analyst reads it in MISP.

use std::fmt::Write as _;

use uuid::Uuid;

use super::{EventReport, INHERIT, ids, text};
use crate::article::Article;

/// MISP's column for the name holds 255 characters.
const MAX_NAME: usize = 250;

/// Stands at the end of a report that was cut.
const CUT: &str = "*The article goes on; the report was cut here.*";

/// Builds the report: two lines on where it comes from, then the article. `max` bounds it in bytes. `markdown` is
/// [`storable`](text::storable) text, as [`crate::article::render`] makes it.
pub fn build(
    event: Uuid,
    title: &str,
    link: &str,
    article: Option<&Article>,
    markdown: &str,
    max: usize,
) -> EventReport {
    let mut content = header(link, article);
    debug_assert!(
        text::storable(markdown) == markdown,
        "a report is made of storable text: mending it now would undo its escapes"
    );
    content.push_str(markdown.trim());
    content.push('\n');
    let content = cut(content, max);
    EventReport {
        uuid: ids::report(event, &content),
        name: text::bounded(&text::line(title), MAX_NAME),
        content,
        distribution: INHERIT,
    }
}

/// The source as inline code: readers can copy it, and the server's extraction, which skips code, does not
/// make the blog's own address an indicator.
fn header(link: &str, article: Option<&Article>) -> String {
    let mut out = format!("Source: `{}`", text::line(link).replace('`', "%60"));
    if let Some(article) = article {
        if let Some(author) = article.author.as_deref().map(|author| escaped(author, 120)) {
            let _ = write!(out, "  \nAuthor: {author}");
        }
        if let Some(published) = article.published {
            let _ = write!(out, "  \nPublished: {}", published.format("%Y-%m-%d"));
        }
    }
    out.push_str("\n\n---\n\n");
    out
}

/// Text from a page's metadata, in one line of at most `max` characters: nothing in it may act as Markdown or as
/// a reference of MISP's viewer.
pub(super) fn escaped(words: &str, max: usize) -> String {
    let mut out = String::new();
    for c in text::bounded(&text::line(words), max).chars() {
        if "\\`*_{}[]()<>#@!|~&".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Cuts at the end of a line, closes a code block left open, and says that it was cut.
pub(super) fn cut(content: String, max: usize) -> String {
    if content.len() <= max {
        return content;
    }
    let room = max.saturating_sub(CUT.len() + 16);
    let end = content
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .take_while(|end| *end <= room)
        .last();
    let head = content.get(..end.unwrap_or_default()).unwrap_or_default();
    let head = head
        .rfind('\n')
        .and_then(|end| head.get(..end))
        .unwrap_or(head);
    let mut out = head.to_owned();
    if let Some(fence) = open_fence(head) {
        out.push('\n');
        out.push_str(&fence);
    }
    out.push_str("\n\n");
    out.push_str(CUT);
    out.push('\n');
    out
}

/// What closes the code block that a text leaves open: as many backticks, in the same quotation.
fn open_fence(text: &str) -> Option<String> {
    let mut open: Option<String> = None;
    for line in text.lines() {
        let inner = line.trim_start_matches(['>', ' ']);
        let info = inner.trim_start_matches('`');
        let ticks = inner.len() - info.len();
        let Some(fence) = &open else {
            if ticks >= 3 && !info.contains('`') {
                open = line.strip_suffix(info).map(str::to_owned);
            }
            continue;
        };
        if line == fence {
            open = None;
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(markdown: &str, max: usize) -> String {
        let event = ids::event("https://b.example/a");
        build(event, "T", "https://b.example/`a", None, markdown, max).content
    }

    #[test]
    fn says_where_it_comes_from_in_code() {
        assert_eq!(
            report("\n# Hello\n\n", 1000),
            "Source: `https://b.example/%60a`\n\n---\n\n# Hello\n"
        );
    }

    #[test]
    fn an_author_cannot_write_markdown() {
        assert_eq!(escaped("A <b>\n@[tag](x)", 99), r"A \<b\> \@\[tag\]\(x\)");
    }

    #[test]
    fn a_long_report_is_cut_at_a_line_and_says_so() {
        let long = format!("intro\n\n```\n{}```\n", "äöü line\n".repeat(500));
        let content = report(&long, 1000);
        assert!(content.len() <= 1000, "{}", content.len());
        assert!(
            content.ends_with(&format!("äöü line\n```\n\n{CUT}\n")),
            "{content}"
        );
    }
}
