//! What is submitted: a link, or the page itself. Doc comments here are descriptions in the API's own.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, IntoDeserializer as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::extract::{Object, bounded};
use crate::article::MediaType;
use crate::web::problem::Fault;
use crate::web::submission::{Field, Flaw, Page, Wish};

/// Longest name of a file, in characters.
const MAX_NAME: usize = 255;

/// A page: by its link, or as HTML, text or a file; then nothing is downloaded, and the link is only the reference.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewArticle {
    /// Its URL, without user name and password. It may be defanged (`hxxps://blog[.]example`), and its host may be
    /// written in any alphabet; the pattern shows the plain form. A page that comes without one is known by its
    /// bytes, as `urn:sha256:…`.
    #[serde(default, deserialize_with = "present")]
    #[schema(
        value_type = String,
        min_length = 8,
        max_length = 8192,
        pattern = r"^[Hh][Tt][Tt][Pp][Ss]?://(([A-Za-z0-9_-]{1,30}\.){0,4}[A-Za-z][A-Za-z0-9_-]{0,20}|((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9]))(:[0-9]{1,4}|:[1-5][0-9]{4})?([/?#][^\s\x00-\x1f\x7f-\x9f]{0,600})?$",
        example = "https://blog.example/2026/loader"
    )]
    url: Option<String>,
    /// What to call it. Without, or empty: the article's own title.
    #[serde(default)]
    #[schema(max_length = 500, example = "A new loader")]
    title: String,
    /// The page as HTML.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, pattern = r"[^\u0000-\u0020\u007f]", example = "<!doctype html><title>A new loader</title>…")]
    html: Option<String>,
    /// The page as plain text or Markdown.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, pattern = r"[^\u0000-\u0020\u007f]", example = "The loader asks hxxps://cdn.evil[.]example for its payload.")]
    text: Option<String>,
    /// The page as a file.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = PageFile)]
    file: Option<Object<PageFile>>,
    /// The event gets them beside its own, and they stand over `event.tags`.
    #[serde(default, deserialize_with = "bounded")]
    #[schema(max_items = 50)]
    tags: Vec<String>,
    /// Its TLP. It stands over the configured one, and gives way to a stricter one that the article carries itself.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String)]
    tlp: Option<String>,
    /// Take it although it is known, was skipped, or was deleted in MISP: as a new event.
    #[serde(default)]
    again: bool,
}

/// A file: HTML, PDF, plain text or Markdown, in whatever encoding.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PageFile {
    /// Its bytes in base64 (RFC 4648, padded).
    content: String,
    /// How to read it. Without: by its first bytes and the end of its name. A PDF is known by its first bytes in any case.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = PageType)]
    media_type: Option<PageType>,
    /// Its name, for people.
    #[serde(default)]
    #[schema(max_length = 255, example = "report.pdf")]
    name: String,
}

/// The kinds of page that can be read.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub(super) enum PageType {
    /// HTML or XHTML.
    #[serde(rename = "text/html")]
    Html,
    /// Plain text.
    #[serde(rename = "text/plain")]
    Text,
    /// Markdown.
    #[serde(rename = "text/markdown")]
    Markdown,
    /// PDF, of which the text layer is read.
    #[serde(rename = "application/pdf")]
    Pdf,
}

impl From<PageType> for MediaType {
    fn from(kind: PageType) -> Self {
        match kind {
            PageType::Html => Self::Html,
            PageType::Text => Self::Text,
            PageType::Markdown => Self::Markdown,
            PageType::Pdf => Self::Pdf,
        }
    }
}

/// A member that is there has a value: `null` is none.
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// The page of these members, of which there must be one at most. What is wrong with it is said when it is looked at.
pub(super) fn page(
    html: Option<String>,
    text: Option<String>,
    file: Option<Object<PageFile>>,
) -> Option<Page> {
    match (html, text, file) {
        (None, None, None) => None,
        (Some(html), None, None) => Some(Page::html(html)),
        (None, Some(text), None) => Some(Page::text(text)),
        (None, None, Some(Object(file))) if file.name.chars().count() > MAX_NAME => {
            let detail = format!("the name has more than {MAX_NAME} characters");
            Some(Page::broken(Field::FileName, detail))
        }
        (None, None, Some(Object(file))) => Some(match STANDARD.decode(&file.content) {
            Ok(bytes) => Page::file(&file.name, file.media_type.map(Into::into), bytes),
            Err(error) => Page::broken(Field::File, format!("this is no base64: {error}")),
        }),
        (html, _, _) => {
            let field = if html.is_some() {
                Field::Html
            } else {
                Field::Text
            };
            let detail = "the page comes once: as `html`, as `text` or as `file`";
            Some(Page::broken(field, detail.to_owned()))
        }
    }
}

impl From<NewArticle> for Wish {
    fn from(article: NewArticle) -> Self {
        Self {
            page: page(article.html, article.text, article.file),
            url: article.url,
            title: article.title,
            tags: article.tags,
            tlp: article.tlp,
            again: article.again,
            ticket: None,
        }
    }
}

/// Where in a request something is wrong: a JSON Pointer (RFC 6901). `base` points to the article.
pub(super) fn fault(base: &str, flaw: &Flaw) -> Fault {
    let member = match flaw.field {
        Field::Url => "url",
        Field::Title => "title",
        Field::Html => "html",
        Field::Text => "text",
        Field::File => "file/content",
        Field::FileName => "file/name",
        Field::Tags => "tags",
        Field::Tlp => "tlp",
    };
    let at = match flaw.at {
        Some(number) => format!("{base}/{member}/{number}"),
        None => format!("{base}/{member}"),
    };
    Fault {
        at,
        detail: flaw.detail.clone(),
    }
}

/// Several articles to take.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewArticles {
    /// The articles.
    #[serde(deserialize_with = "bounded")]
    #[schema(min_items = 1, max_items = 100, value_type = Vec<NewArticle>)]
    articles: Vec<Object<NewArticle>>,
}

/// One article, or several.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "says what `Submission` reads")]
pub(super) enum SubmissionBody {
    One(NewArticle),
    Several(NewArticles),
}

/// What somebody asks to be taken. Unlike serde's untagged enums it says what is wrong with it.
#[derive(Debug)]
pub(super) struct Submission {
    pub(super) wishes: Vec<Wish>,
    /// Whether it was one article, not a list of one.
    pub(super) single: bool,
}

impl<'de> Deserialize<'de> for Submission {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OneOrSeveral)
    }
}

/// Tells by the first member which of the two it is.
struct OneOrSeveral;

impl<'de> Visitor<'de> for OneOrSeveral {
    type Value = Submission;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Submission, A::Error> {
        let first = members.next_key::<String>()?;
        let several = first.as_deref() == Some("articles");
        let members = MapAccessDeserializer::new(Peeked { first, members });
        let wishes = if several {
            let articles = NewArticles::deserialize(members)?.articles;
            articles
                .into_iter()
                .map(|Object(article)| article.into())
                .collect()
        } else {
            vec![NewArticle::deserialize(members)?.into()]
        };
        Ok(Submission {
            wishes,
            single: !several,
        })
    }
}

/// Members of which the first name was looked at.
struct Peeked<A> {
    first: Option<String>,
    members: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Peeked<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        match self.first.take() {
            Some(name) => seed.deserialize(name.into_deserializer()).map(Some),
            None => self.members.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.members.next_value_seed(seed)
    }
}
