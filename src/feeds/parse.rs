//! From the bytes of a feed to its entries.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use feed_rs::model::{Feed, Text};
use url::Url;

use super::canonical::parse_link;
use super::repair::damage::{Damage, Kind};
use super::repair::document::{Document, Root};
use super::repair::names::Field;
use super::repair::write::{self, FoundLink};
use super::repair::{self, read};
use super::{decode, html, json, labels, title};

/// A feed dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedKind {
    /// RSS 0.90 to 2.0; the version, or nothing where the feed states none.
    Rss(String),
    /// Atom 0.3 or 1.0.
    Atom(&'static str),
    /// JSON Feed; the version it states.
    Json(String),
}

impl fmt::Display for FeedKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, version) = match self {
            Self::Rss(version) => ("RSS", version.as_str()),
            Self::Atom(version) => ("Atom", *version),
            Self::Json(version) => ("JSON Feed", version.as_str()),
        };
        match version {
            "" => f.write_str(name),
            version => write!(f, "{name} {version}"),
        }
    }
}

/// One entry with a link that can be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedEntry {
    /// Plain text; empty when the entry has none.
    pub title: String,
    /// The link as the feed wrote it, references resolved.
    pub link_as_given: String,
    /// Absolute and canonical: the identity of the article.
    pub link: Url,
    /// The entry's own id. `None` where the feed uses it for several links.
    pub guid: Option<String>,
    /// When it was published, by its feed.
    pub published: Option<DateTime<Utc>>,
    /// When it was last changed, by its feed.
    pub updated: Option<DateTime<Utc>>,
    /// What it is about, by its feed: plain text, few and short ones.
    pub categories: Vec<String>,
}

/// A feed, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedFeed {
    /// The dialect it is written in.
    pub kind: FeedKind,
    /// Plain text; empty when the feed has none.
    pub title: String,
    /// In the order of the feed.
    pub entries: Vec<ParsedEntry>,
    /// What was wrong and has been mended or left out, one sentence each.
    pub damage: Vec<String>,
    /// Entries that cannot be used because they have no link, one sentence each.
    pub problems: Vec<String>,
    /// Whether it was cut off: the server has more of it than came.
    pub cut: bool,
    /// How long the feed asks to be left alone (RSS `ttl`).
    pub ttl: Option<Duration>,
}

/// Why no feed could be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAFeed {
    /// Nothing but white space.
    #[error("the feed is empty")]
    Empty,
    /// A web page; with the feeds it names.
    #[error("this is an HTML page, not a feed{}", advice(.0))]
    Html(Vec<Url>),
    /// Neither XML nor JSON Feed; how it begins.
    #[error("this is not a feed; it begins with `{0}`")]
    Unknown(String),
    /// A feed that speaks of entries, none of which could be read.
    #[error("the feed has entries, but none could be read ({0})")]
    Unreadable(String),
}

fn advice(advertised: &[Url]) -> String {
    let urls: Vec<_> = advertised.iter().map(|url| format!("`{url}`")).collect();
    if urls.is_empty() {
        " (it advertises none)".into()
    } else {
        format!("; it advertises {}", urls.join(", "))
    }
}

/// Reads a feed. `content_type` is the HTTP header, `url` where the feed was found.
pub fn parse(
    bytes: &[u8],
    content_type: Option<&str>,
    url: Option<&Url>,
) -> Result<ParsedFeed, NotAFeed> {
    let mut damage = Damage::default();
    let decoded = decode::decode(bytes, content_type, &mut damage);
    let text = decoded.trim_start();
    if text.trim_matches('\0').is_empty() {
        return Err(NotAFeed::Empty);
    }
    if text.starts_with('{') {
        return parse_json(text, url, damage);
    }
    let clean = repair::without_control_characters(&decoded, &mut damage);
    parse_xml(&clean, url, damage)
}

fn parse_json(text: &str, url: Option<&Url>, mut damage: Damage) -> Result<ParsedFeed, NotAFeed> {
    let feed = json::read(text, &mut damage).ok_or_else(|| NotAFeed::Unknown(beginning(text)))?;
    let bytes = feed.normalised.to_string();
    let parsed = feed_rs(bytes.as_bytes())?;
    // Relative links are relative to where the feed was found (RFC 3986, section 5.1.3).
    let base = url.or(feed.base.as_ref());
    let mut out = assemble(FeedKind::Json(feed.version), &parsed, feed.links, base)?;
    out.cut = damage.is_cut();
    out.damage = damage.describe(text);
    Ok(out)
}

fn parse_xml(text: &str, url: Option<&Url>, mut damage: Damage) -> Result<ParsedFeed, NotAFeed> {
    let document = read::read(text, url, &mut damage);
    let Some(root) = &document.root else {
        return Err(not_a_feed(text, &document, url));
    };
    if document.items.is_empty() && speaks_of_entries(text, &damage) {
        return Err(NotAFeed::Unreadable(damage.describe(text).join("; ")));
    }
    let (atom, links) = write::atom(&document);
    let parsed = feed_rs(atom.as_bytes())?;
    let kind = kind(root);
    let base = base(&kind, &document, url);
    let mut out = assemble(kind, &parsed, links, base.as_ref())?;
    out.cut = damage.is_cut();
    out.damage = damage.describe(text);
    out.ttl = ttl(&document);
    Ok(out)
}

/// What links are relative to where no `xml:base` says so. RSS does not define it; by custom it is the
/// channel's site. In Atom it is where the feed was found (RFC 4287, section 2).
fn base(kind: &FeedKind, document: &Document, url: Option<&Url>) -> Option<Url> {
    let site = || {
        document.channel.all(Field::Link).find_map(|leaf| {
            let relation = leaf.attribute("rel").unwrap_or("alternate");
            let href = write::href(leaf).filter(|_| relation == "alternate")?;
            Some(parse_link(href, leaf.base.as_ref().or(url))?.url)
        })
    };
    match kind {
        FeedKind::Rss(_) => site().or_else(|| url.cloned()),
        FeedKind::Atom(_) | FeedKind::Json(_) => url.cloned().or_else(site),
    }
}

fn not_a_feed(text: &str, document: &Document, url: Option<&Url>) -> NotAFeed {
    if document.html || html::is_page(text) {
        NotAFeed::Html(html::advertised(text, url))
    } else {
        NotAFeed::Unknown(beginning(text))
    }
}

/// A feed may be empty, but then nothing in it begins like an entry, and it was not cut off.
fn speaks_of_entries(text: &str, damage: &Damage) -> bool {
    let lower = text.to_ascii_lowercase();
    damage.has(Kind::CutTail)
        || ["<item", "<entry", ":item", ":entry"].iter().any(|mark| {
            lower.match_indices(mark).any(|(at, _)| {
                let next = lower.as_bytes().get(at + mark.len());
                next.is_none_or(|byte| byte.is_ascii_whitespace() || *byte == b'>')
            })
        })
}

fn beginning(text: &str) -> String {
    let start: String = text.trim_start().chars().take(40).collect();
    title::plain(&start, false)
}

fn kind(root: &Root) -> FeedKind {
    match root {
        Root::Rss(version) => FeedKind::Rss(match version.trim() {
            "2" | "2.0" | "2.00" => "2.0".into(),
            version => version
                .chars()
                .filter(|c| c.is_ascii_digit() || *c == '.')
                .take(8)
                .collect(),
        }),
        Root::Rdf { netscape: true } => FeedKind::Rss("0.90".into()),
        Root::Rdf { netscape: false } => FeedKind::Rss("1.0".into()),
        Root::Atom { old: true } => FeedKind::Atom("0.3"),
        Root::Atom { old: false } => FeedKind::Atom("1.0"),
        Root::Missing { atom: true } => FeedKind::Atom(""),
        Root::Missing { atom: false } => FeedKind::Rss(String::new()),
    }
}

fn ttl(document: &Document) -> Option<Duration> {
    let leaf = document.channel.all(Field::Ttl).next()?;
    let minutes: u64 = leaf.text.parse().ok()?;
    Some(Duration::from_secs(minutes.checked_mul(60)?))
}

/// Hands a repaired feed to the parser.
fn feed_rs(bytes: &[u8]) -> Result<Feed, NotAFeed> {
    // Ids are the feed's own or none: a generated one would pass for an identity.
    feed_rs::parser::Builder::new()
        .id_generator(|_, _, _| String::new())
        .build()
        .parse(bytes)
        .map_err(|error| NotAFeed::Unreadable(error.to_string()))
}

/// Joins what the parser read with the links kept beside it.
fn assemble(
    kind: FeedKind,
    parsed: &Feed,
    links: Vec<Option<FoundLink>>,
    base: Option<&Url>,
) -> Result<ParsedFeed, NotAFeed> {
    if parsed.entries.len() != links.len() {
        return Err(NotAFeed::Unreadable("the parser dropped entries".into()));
    }
    let (mut entries, mut problems) = (Vec::with_capacity(links.len()), Vec::new());
    for (number, (entry, found)) in parsed.entries.iter().zip(links).enumerate() {
        let title = plain_title(entry.title.as_ref());
        let parsed = found
            .as_ref()
            .and_then(|found| parse_link(&found.given, found.base.as_ref().or(base)));
        let (Some(found), Some(link)) = (found.as_ref(), parsed) else {
            problems.push(without_link(number + 1, &title, found.as_ref()));
            continue;
        };
        entries.push(ParsedEntry {
            title,
            link_as_given: title::plain(&found.given, false),
            link: link.canonical,
            guid: Some(title::plain(&entry.id, false)).filter(|id| !id.is_empty()),
            published: entry.published,
            updated: entry.updated,
            categories: categories(entry),
        });
    }
    drop_ambiguous_guids(&mut entries);
    Ok(ParsedFeed {
        kind,
        title: plain_title(parsed.title.as_ref()),
        entries,
        damage: Vec::new(),
        problems,
        cut: false,
        ttl: None,
    })
}

/// The labels of an entry's categories: Atom has them besides terms for machines, the others have but one of both. RSS
/// is written with references of HTML here as in titles.
fn categories(entry: &feed_rs::model::Entry) -> Vec<String> {
    let mut categories = Vec::new();
    let texts = entry.categories.iter().map(|category| {
        let text = category.label.as_ref().unwrap_or(&category.term);
        title::plain(text, true)
    });
    labels::add(&mut categories, texts);
    categories
}

fn without_link(number: usize, title: &str, found: Option<&FoundLink>) -> String {
    let name = if title.is_empty() {
        format!("entry {number}")
    } else {
        format!("entry {number} `{title}`")
    };
    match found {
        None => format!("{name} has no link"),
        Some(found) => {
            let given: String = found.given.chars().take(200).collect();
            format!(
                "{name} has a link that cannot be followed: `{}`",
                title::plain(&given, false)
            )
        }
    }
}

/// An id that stands at different links names no entry.
fn drop_ambiguous_guids(entries: &mut [ParsedEntry]) {
    let mut links = std::collections::HashMap::new();
    let mut ambiguous = std::collections::HashSet::new();
    for entry in entries.iter() {
        let Some(guid) = &entry.guid else { continue };
        if *links.entry(guid.clone()).or_insert(&entry.link) != &entry.link {
            ambiguous.insert(guid.clone());
        }
    }
    for entry in entries {
        entry.guid.take_if(|guid| ambiguous.contains(guid));
    }
}

fn plain_title(text: Option<&Text>) -> String {
    text.map_or_else(String::new, |text| {
        title::plain(&text.content, text.content_type.as_str() == "text/html")
    })
}
