//! Articles: downloading a page and reading it as blocks.
//!
//! [`fetch_page`] downloads and names what went wrong; [`read`] finds the main content, and everything around
//! it that reads like indicators. Reading is plain computation: run it off the async threads and under a time
//! limit, because the page is not ours.

mod areas;
pub mod blocks;
mod cells;
mod charset;
mod content;
mod dom;
mod fetch;
mod inline;
mod markdown;
mod marks;
mod media;
mod metadata;
mod parse;
#[cfg(feature = "pdf")]
mod pdf;
mod regions;
mod tables;
mod text;
mod walk;
mod walls;

use chrono::{DateTime, Utc};
use url::Url;

use self::blocks::{Block, Kind};
pub use self::fetch::{FeedRequest, MediaType, Page, fetch_page};
pub use self::markdown::{Mark, render, render_with};
use self::metadata::Metadata;
use crate::config::ArticleSettings;
use crate::failure::{Failure, Reason};
use crate::http;

/// One article, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Article {
    /// Where it was finally found.
    pub url: Url,
    /// Plain text; empty when the page has none.
    pub title: String,
    /// As the page names its author.
    pub author: Option<String>,
    /// By the page's own metadata.
    pub published: Option<DateTime<Utc>>,
    /// BCP 47 tag as the page declares it.
    pub language: Option<String>,
    /// The page's `<link rel=canonical>`, absolute, if it lies within the registrable domain of `url`, or the page is
    /// a file.
    pub canonical: Option<Url>,
    /// What it is about, as the page says in a few short words.
    pub keywords: Vec<String>,
    /// Its text, in document order.
    pub blocks: Vec<Block>,
}

impl Article {
    /// Where it stands on the web: where it was found, or for a file where the page says it comes from.
    pub fn address(&self) -> Option<&Url> {
        let on_web = Some(&self.url).filter(|url| is_of_web(url));
        on_web.or(self.canonical.as_ref())
    }

    /// The report: Markdown of at most about `max_bytes` bytes (see [`render`]).
    pub fn markdown(&self, max_bytes: usize) -> String {
        render(&self.blocks, max_bytes)
    }

    /// The text of the blocks the report shows, a line each.
    pub fn plain_text(&self) -> String {
        let mut text = String::new();
        for block in self.blocks.iter().filter(|block| block.in_report()) {
            text.push_str(&block.text());
            text.push('\n');
        }
        text
    }
}

/// Whether this is an address of the web, and not the name of a file or of what was handed in without one.
fn is_of_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// Reads a page. Takes time in proportion to the page's size; see `article.parse_timeout`.
///
/// Fails with `too-complex` (nesting, number of elements), `empty`, or `block-page` when something else stands in
/// place of an article.
pub fn read(page: &Page, settings: &ArticleSettings) -> Result<Article, Failure> {
    let (metadata, blocks) = match page.media_type {
        MediaType::Text => (Metadata::default(), text::plain(&page.text)),
        MediaType::Html => read_html(page, &page.text, settings)?,
        MediaType::Markdown => read_html(page, &text::markdown_to_html(&page.text), settings)?,
        MediaType::Pdf => read_pdf(page, settings)?,
    };
    let article = Article {
        url: page.url.clone(),
        title: if metadata.title.is_empty() {
            first_heading(&blocks)
        } else {
            metadata.title
        },
        author: metadata.author,
        published: metadata.published,
        language: metadata.language,
        canonical: metadata.canonical,
        keywords: metadata.keywords,
        blocks,
    };
    check(page, article)
}

/// Plain text, Markdown or AsciiDoc as blocks, however carelessly written. Never fails, and takes time in proportion to
/// the text's length.
pub fn read_text(text: &str) -> Vec<Block> {
    text::plain(text)
}

#[cfg(feature = "pdf")]
fn read_pdf(page: &Page, settings: &ArticleSettings) -> Result<(Metadata, Vec<Block>), Failure> {
    let read = pdf::read(&page.bytes, settings.parse_timeout.get()).map_err(|fault| {
        let reason = match fault {
            pdf::Fault::Time => Reason::TooComplex,
            pdf::Fault::NoText => Reason::Empty,
            pdf::Fault::Encrypted | pdf::Fault::Damaged(_) => Reason::WrongMediaType,
        };
        Failure::new(reason, format!("`{}` {fault}", http::shown(&page.url)))
    })?;
    let metadata = Metadata {
        title: read.title,
        ..Metadata::default()
    };
    let mut blocks = text::plain(&read.text);
    drop_title(&mut blocks, &metadata.title);
    Ok((metadata, blocks))
}

#[cfg(not(feature = "pdf"))]
fn read_pdf(page: &Page, _: &ArticleSettings) -> Result<(Metadata, Vec<Block>), Failure> {
    let message = format!(
        "`{}` is a PDF, which this build cannot read (feature `pdf`)",
        http::shown(&page.url)
    );
    Err(Failure::new(Reason::WrongMediaType, message))
}

fn read_html(
    page: &Page,
    html: &str,
    settings: &ArticleSettings,
) -> Result<(Metadata, Vec<Block>), Failure> {
    let max_depth = usize::try_from(settings.max_depth).unwrap_or(usize::MAX);
    let too_complex = |shape: parse::Shape| {
        let message = format!("`{}` {shape} and is not parsed", http::shown(&page.url));
        Failure::new(parse::Shape::REASON, message)
    };
    let limit = settings.parse_timeout.get();
    let document = parse::parse(html, max_depth, limit).map_err(too_complex)?;
    let metadata = metadata::read(&document, &page.url);
    let dom = content::find(document, max_depth).map_err(too_complex)?;
    // A saved page was written to be read where it came from.
    let saved = metadata
        .canonical
        .as_ref()
        .filter(|_| !is_of_web(&page.url));
    let base = metadata.base.as_ref().or(saved).unwrap_or(&page.url);
    let mut blocks = regions::settle(walk::walk(&dom, base));
    drop_title(&mut blocks, &metadata.title);
    Ok((metadata, blocks))
}

/// The title stands in the event already; a heading that repeats it on top says nothing.
fn drop_title(blocks: &mut Vec<Block>, title: &str) {
    let Some(first) = blocks.iter().position(Block::in_report) else {
        return;
    };
    let repeats = blocks.get(first).is_some_and(|block| {
        matches!(block.kind, Kind::Heading { level: 1 | 2 }) && block.text() == title
    });
    if repeats {
        blocks.remove(first);
    }
}

fn first_heading(blocks: &[Block]) -> String {
    let heading = blocks
        .iter()
        .find(|block| matches!(block.kind, Kind::Heading { .. }));
    let first = heading
        .or_else(|| blocks.first())
        .map(Block::text)
        .unwrap_or_default();
    let line = first.lines().next().unwrap_or_default();
    line.chars().take(200).collect()
}

/// Sees to it that there is an article at all.
fn check(page: &Page, article: Article) -> Result<Article, Failure> {
    let shown = http::shown(&page.url);
    let text: String = article
        .blocks
        .iter()
        .flat_map(|block| [block.text(), "\n".into()])
        .collect();
    if page.media_type == MediaType::Html {
        if let Some(wall) = walls::in_page(&page.text, &article.title, &text) {
            return Err(Failure::new(
                Reason::BlockPage,
                format!("`{shown}` shows {wall}"),
            ));
        }
        if walls::is_shell(&page.text, &text) {
            let message = format!("`{shown}` shows a page that needs JavaScript");
            return Err(Failure::new(Reason::BlockPage, message));
        }
    }
    if article.plain_text().trim().is_empty() {
        return Err(Failure::new(
            Reason::Empty,
            format!("`{shown}` has no text"),
        ));
    }
    Ok(article)
}
