//! Articles: downloading a page and reading it as blocks.

use chrono::{DateTime, Utc};
use url::Url;

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
    /// The page's `<link rel=canonical>`, absolute, if it lies within the registrable domain of `url`.
    pub canonical: Option<Url>,
}
