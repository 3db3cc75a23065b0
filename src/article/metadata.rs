//! Title, author, date, language and canonical address, as the page declares them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use dom_query::Document;
use serde_json::Value;
use url::Url;

use super::text::clean;
use crate::event::text::storable;
use crate::feeds::{labels, same_site};

/// What a page says about itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Metadata {
    /// Plain text, the site's name cut off; empty when there is none.
    pub(super) title: String,
    /// A person's or team's name.
    pub(super) author: Option<String>,
    /// Publication.
    pub(super) published: Option<DateTime<Utc>>,
    /// BCP 47 tag.
    pub(super) language: Option<String>,
    /// Absolute, and believable (see [`canonical`]).
    pub(super) canonical: Option<Url>,
    /// What it is about, in few short words.
    pub(super) keywords: Vec<String>,
    /// What relative addresses start from.
    pub(super) base: Option<Url>,
}

/// Longest title, author kept, in characters.
const LONGEST_TITLE: usize = 500;
const LONGEST_AUTHOR: usize = 100;
/// Elements looked at for one of them: nested ones hold the same text again and again.
const MOST_TEXTS: usize = 20;
/// Keywords looked at in one place.
const MOST_KEYWORDS: usize = 64;
/// Longest JSON-LD block looked at, in bytes.
const LONGEST_JSON: usize = 1024 * 1024;

/// Reads a page's metadata.
pub(super) fn read(document: &Document, url: &Url) -> Metadata {
    let page = Source {
        document,
        linked: linked_data(document),
        metas: metas(document),
    };
    Metadata {
        title: title(&page, url),
        author: author(&page),
        published: published(&page),
        language: language(&page),
        canonical: canonical(&page, url),
        keywords: keywords(&page),
        base: page
            .document
            .base_uri()
            .and_then(|base| url.join(base.trim()).ok()),
    }
}

struct Source<'a> {
    document: &'a Document,
    /// The JSON-LD object of the article, if there is one.
    linked: Option<Value>,
    /// Names (or properties) of all `<meta>` elements with their contents.
    metas: Vec<(String, String)>,
}

impl Source<'_> {
    /// Content of the first `<meta>` with one of these names or properties, in their order.
    fn meta(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| {
            let found = self
                .metas
                .iter()
                .find(|(own, _)| own.eq_ignore_ascii_case(name));
            found.map(|(_, content)| content.clone())
        })
    }

    /// Contents of every `<meta>` with this name or property, as many as are looked at.
    fn contents(&self, name: &'static str) -> impl Iterator<Item = &str> {
        let named = self
            .metas
            .iter()
            .filter(move |(own, _)| own.eq_ignore_ascii_case(name));
        named
            .take(MOST_KEYWORDS)
            .map(|(_, content)| content.as_str())
    }

    fn attributes(&self, selector: &str, attribute: &'static str) -> impl Iterator<Item = String> {
        let found = self.document.select(selector);
        let values: Vec<String> = found
            .nodes()
            .iter()
            .filter_map(|node| node.attr(attribute))
            .map(|value| collapse(&value))
            .filter(|value| !value.is_empty())
            .collect();
        values.into_iter()
    }

    fn texts(&self, selector: &str) -> Vec<String> {
        let found = self.document.select(selector);
        let nodes = found.nodes().iter().take(MOST_TEXTS);
        let texts = nodes.map(|node| {
            let start: String = node.text().chars().take(2 * LONGEST_TITLE).collect();
            collapse(&start)
        });
        texts.filter(|text| !text.is_empty()).collect()
    }
}

/// All `<meta>` elements, gathered in one pass over the page.
fn metas(document: &Document) -> Vec<(String, String)> {
    let mut metas = Vec::new();
    for node in document.select("meta[content]").nodes() {
        let content = collapse(&node.attr_or("content", ""));
        for key in ["property", "name", "itemprop"] {
            if let (Some(name), false) = (node.attr(key), content.is_empty()) {
                metas.push((name.trim().to_owned(), content.clone()));
            }
        }
    }
    metas
}

fn collapse(text: &str) -> String {
    let text = storable(&clean(text));
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

/// The first JSON-LD object that describes an article.
fn linked_data(document: &Document) -> Option<Value> {
    let scripts = document.select("script[type=\"application/ld+json\"]");
    let objects = scripts.nodes().iter().filter_map(|node| {
        let text = node.text();
        (text.len() <= LONGEST_JSON).then(|| serde_json::from_str::<Value>(text.trim()).ok())?
    });
    objects.into_iter().find_map(find_article)
}

fn find_article(value: Value) -> Option<Value> {
    match value {
        Value::Array(values) => values.into_iter().find_map(find_article),
        Value::Object(mut object) => {
            let is_article = |kind: &Value| {
                kind.as_str().is_some_and(|kind| {
                    kind.ends_with("Article") || kind.ends_with("Posting") || kind == "Report"
                })
            };
            let article = match object.get("@type") {
                Some(Value::Array(kinds)) => kinds.iter().any(is_article),
                Some(kind) => is_article(kind),
                None => false,
            };
            if article {
                return Some(Value::Object(object));
            }
            object.remove("@graph").and_then(find_article)
        }
        _ => None,
    }
}

/// A short text in which sites leave HTML entities; the rest of a long one is of no use here, and decoding takes
/// time quadratic in stray `&`s.
fn decoded(text: &str) -> String {
    let start: String = text.chars().take(2 * LONGEST_TITLE).collect();
    collapse(&html_escape::decode_html_entities(&start))
}

fn linked_text(linked: Option<&Value>, key: &str) -> Option<String> {
    let text = decoded(linked?.get(key)?.as_str()?);
    (!text.is_empty()).then_some(text)
}

// ---- title ----

const SEPARATORS: &[&str] = &[
    " | ", " - ", " – ", " — ", " · ", " • ", " :: ", " » ", " « ", " / ",
];

fn title(page: &Source<'_>, url: &Url) -> String {
    let headings = page.texts("h1");
    let site = page.meta(&["og:site_name", "application-name"]);
    let candidates = [
        page.meta(&["og:title"]),
        linked_text(page.linked.as_ref(), "headline"),
        page.meta(&[
            "twitter:title",
            "dc.title",
            "dcterms.title",
            "citation_title",
        ]),
        page.texts("head > title").into_iter().next(),
    ];
    let chosen = candidates
        .into_iter()
        .flatten()
        .next()
        .map(|title| without_site(&title, site.as_deref(), url, &headings))
        .or_else(|| headings.first().cloned())
        .unwrap_or_default();
    chosen.chars().take(LONGEST_TITLE).collect()
}

/// Cuts off the site's name: what follows the last separator, when it is the site's name or host, or when
/// what stands before it is a heading of the page.
fn without_site(title: &str, site: Option<&str>, url: &Url, headings: &[String]) -> String {
    let split = SEPARATORS
        .iter()
        .filter_map(|separator| title.rfind(separator).map(|at| (at, separator.len())))
        .max();
    let Some((at, length)) = split else {
        return title.to_owned();
    };
    let (head, tail) = title.split_at(at);
    let tail = tail.get(length..).unwrap_or_default().trim();
    let same = |a: &str, b: &str| squash(a) == squash(b) && !squash(a).is_empty();
    let host = url.host_str().unwrap_or_default();
    let of_host = squash(tail).len() >= 3 && squash(host).contains(&squash(tail));
    let known = of_host || site.is_some_and(|site| same(site, tail));
    let headed = headings.iter().any(|heading| same(heading, head));
    let whole = headings.iter().any(|heading| same(heading, title));
    if (known || headed) && !whole && !head.trim().is_empty() {
        head.trim().to_owned()
    } else {
        title.to_owned()
    }
}

fn squash(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

// ---- author ----

const AUTHOR_NAMES: &[&str] = &[
    "author",
    "article:author",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
    "sailthru.author",
    "citation_author",
];

fn author(page: &Source<'_>) -> Option<String> {
    let linked = page
        .linked
        .as_ref()
        .and_then(|linked| linked.get("author"))
        .map(names)
        .unwrap_or_default();
    let linked = (!linked.is_empty()).then(|| linked.join(", "));
    linked
        .or_else(|| page.meta(AUTHOR_NAMES))
        .into_iter()
        .chain(page.texts(
            "[rel~=\"author\"], [itemprop=\"author\"] [itemprop=\"name\"], [itemprop=\"author\"]",
        ))
        .map(|name| {
            name.strip_prefix("By ")
                .or(name.strip_prefix("by "))
                .unwrap_or(&name)
                .to_owned()
        })
        .find(|name| is_name(name))
}

fn is_name(name: &str) -> bool {
    let length = name.chars().count();
    (2..=LONGEST_AUTHOR).contains(&length) && !name.contains("://") && !name.starts_with('@')
}

/// Names in JSON-LD: a text, an object with a name, or several.
fn names(value: &Value) -> Vec<String> {
    match value {
        Value::String(name) => vec![decoded(name)],
        Value::Object(object) => object.get("name").map(names).unwrap_or_default(),
        Value::Array(values) => values
            .iter()
            .take(10)
            .flat_map(|value| match value {
                // One level: authors are not lists of lists.
                Value::Array(_) => Vec::new(),
                value => names(value),
            })
            .collect(),
        _ => Vec::new(),
    }
}

// ---- date ----

fn published(page: &Source<'_>) -> Option<DateTime<Utc>> {
    let names = [
        "article:published_time",
        "og:published_time",
        "datePublished",
        "parsely-pub-date",
        "pubdate",
        "publish-date",
        "publish_date",
        "publication_date",
        "citation_publication_date",
        "sailthru.date",
        "dc.date",
        "dc.date.issued",
        "dcterms.created",
        "dcterms.issued",
        "dcterms.date",
        "date",
    ];
    let linked = ["datePublished", "dateCreated"];
    let linked = linked
        .iter()
        .filter_map(|key| linked_text(page.linked.as_ref(), key));
    let metas = names.iter().filter_map(|name| page.meta(&[name]));
    let times = page
        .attributes("[itemprop=\"datePublished\"][datetime], time[pubdate], time.published, time.entry-date", "datetime")
        .chain(page.attributes("article time[datetime], main time[datetime]", "datetime"))
        .chain(page.attributes("time[datetime]", "datetime"));
    linked
        .chain(metas)
        .chain(times)
        .find_map(|text| date(&text))
}

/// A date as pages write them; a time zone left out is UTC.
pub(super) fn date(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let zoned = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S %z"))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%z"))
        .or_else(|_| DateTime::parse_from_rfc2822(text))
        .map(|date| date.to_utc());
    let local = || {
        [
            "%Y-%m-%dT%H:%M:%S%.f",
            "%Y-%m-%d %H:%M:%S%.f",
            "%Y-%m-%dT%H:%M",
            "%Y-%m-%d %H:%M",
            "%Y-%m-%dT%H:%M:%SZ",
        ]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
    };
    let day = || {
        [
            "%Y-%m-%d",
            "%Y/%m/%d",
            "%Y%m%d",
            "%d.%m.%Y",
            "%B %d, %Y",
            "%b %d, %Y",
            "%d %B %Y",
            "%d %b %Y",
        ]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(text, form).ok())
        .and_then(|day| day.and_hms_opt(0, 0, 0))
    };
    let found = zoned
        .ok()
        .or_else(|| local().or_else(day).map(|date| date.and_utc()))?;
    // Before the web there were no blogs: zero timestamps and typing errors.
    (found.timestamp() > 631_152_000).then_some(found)
}

// ---- language ----

fn language(page: &Source<'_>) -> Option<String> {
    let declared = page
        .attributes("html", "lang")
        .chain(page.attributes("html", "xml:lang"))
        .chain(page.attributes("meta[http-equiv=\"content-language\" i]", "content"))
        .chain(page.meta(&["og:locale", "language"]));
    declared
        .map(|tag| tag.replace('_', "-"))
        .find(|tag| is_language_tag(tag))
}

/// The shape of a BCP 47 tag: a language of two or three letters, then subtags.
fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let letters = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
    parts
        .next()
        .is_some_and(|first| (2..=3).contains(&first.len()) && letters(first))
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        })
        && tag.len() <= 35
}

// ---- keywords ----

/// The tags of an article, the likelier ones first: what it is filed under, then the page's keywords.
fn keywords(page: &Source<'_>) -> Vec<String> {
    let mut keywords = Vec::new();
    labels::add(
        &mut keywords,
        page.contents("article:tag").map(str::to_owned),
    );
    labels::add(&mut keywords, page.texts("a[rel~=\"tag\" i]"));
    let linked = page
        .linked
        .as_ref()
        .and_then(|linked| linked.get("keywords"));
    labels::add(
        &mut keywords,
        linked.map(linked_keywords).unwrap_or_default(),
    );
    let metas = ["keywords", "news_keywords"].into_iter();
    let metas = metas.flat_map(|name| page.contents(name));
    labels::add(&mut keywords, metas.flat_map(separated));
    keywords
}

/// Keywords in one text.
fn separated(text: &str) -> impl Iterator<Item = String> {
    let parts = text.split([',', ';', '\u{ff0c}', '\u{3001}']);
    parts.take(MOST_KEYWORDS).map(|part| part.trim().to_owned())
}

/// Keywords in JSON-LD: a text of several, or a list.
fn linked_keywords(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => separated(&decoded(text)).collect(),
        Value::Array(values) => {
            let texts = values.iter().filter_map(Value::as_str);
            texts.take(MOST_KEYWORDS).map(decoded).collect()
        }
        _ => Vec::new(),
    }
}

// ---- canonical address ----

/// The page's `<link rel=canonical>`, if it is http(s), lies within the registrable domain the page came from (a
/// page must not pass for another site's article), and is not just the site's front page.
fn canonical(page: &Source<'_>, url: &Url) -> Option<Url> {
    let href = page
        .attributes("link[rel~=\"canonical\" i]", "href")
        .next()?;
    let mut canonical = url.join(&href).ok()?;
    canonical.set_fragment(None);
    let plain = matches!(canonical.scheme(), "http" | "https")
        && canonical.username().is_empty()
        && canonical.password().is_none();
    let front_page = canonical.path() == "/"
        && canonical.query().is_none()
        && (url.path() != "/" || url.query().is_some());
    let believed = !super::is_of_web(url) || same_site(&canonical, url);
    (plain && !front_page && believed).then_some(canonical)
}

#[cfg(test)]
mod tests;
