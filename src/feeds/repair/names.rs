//! Which elements make up a feed, under whatever prefix, namespace and case they come.

use std::collections::BTreeMap;

use super::damage::{Damage, Kind};

/// Namespace declarations remembered from one feed.
const MAX_PREFIXES: usize = 256;

/// The vocabularies that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vocabulary {
    /// RSS of any version, or Atom of any version.
    Feed,
    Rdf,
    DublinCore,
    Media,
    FeedBurner,
    /// Known to be none of ours (XHTML, SVG, iTunes, ...).
    Other,
}

/// What an element is to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    /// `rss`, `rdf:RDF`, `feed`.
    Root,
    Channel,
    /// `item`, `entry`.
    Item,
    /// Holds a value of an entry or channel.
    Leaf(Field),
    /// Holds text or a record of its own that must not be taken for the entry's.
    Skip,
    /// Anything else: looked through.
    Other,
}

/// The values that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Field {
    Title,
    /// `media:title`, `dc:title`: a title where there is no other.
    OtherTitle,
    Link,
    /// `feedburner:origLink`: the link FeedBurner replaced.
    OriginalLink,
    Guid,
    Id,
    Published,
    Issued,
    Date,
    Created,
    Updated,
    Ttl,
    Category,
}

/// Namespace names, lower-cased and without what may follow the last `/` or `#`.
const NAMESPACES: &[(&str, Vocabulary)] = &[
    ("http://www.w3.org/2005/atom", Vocabulary::Feed),
    ("http://purl.org/atom/ns", Vocabulary::Feed),
    ("http://purl.org/pie", Vocabulary::Feed),
    ("http://purl.org/echo", Vocabulary::Feed),
    ("http://purl.org/rss/1.0", Vocabulary::Feed),
    ("http://purl.org/rss/1.0/modules/rss091", Vocabulary::Feed),
    ("http://purl.org/rss/2.0", Vocabulary::Feed),
    ("http://my.netscape.com/rdf/simple/0.9", Vocabulary::Feed),
    (
        "http://channel.netscape.com/rdf/simple/0.9",
        Vocabulary::Feed,
    ),
    (
        "http://my.netscape.com/publish/formats/rss-0.91.dtd",
        Vocabulary::Feed,
    ),
    ("http://backend.userland.com/rss", Vocabulary::Feed),
    ("http://backend.userland.com/rss2", Vocabulary::Feed),
    ("http://backend.userland.com/rss091", Vocabulary::Feed),
    ("http://blogs.law.harvard.edu/tech/rss", Vocabulary::Feed),
    ("http://cyber.law.harvard.edu/rss", Vocabulary::Feed),
    (
        "http://www.w3.org/1999/02/22-rdf-syntax-ns",
        Vocabulary::Rdf,
    ),
    ("http://purl.org/dc/elements/1.1", Vocabulary::DublinCore),
    ("http://purl.org/dc/elements/1.0", Vocabulary::DublinCore),
    ("http://purl.org/dc/terms", Vocabulary::DublinCore),
    ("http://search.yahoo.com/mrss", Vocabulary::Media),
    (
        "http://rssnamespace.org/feedburner/ext/1.0",
        Vocabulary::FeedBurner,
    ),
    (
        "http://www.pheedo.com/namespace/pheedo",
        Vocabulary::FeedBurner,
    ),
    ("http://www.w3.org/1999/xhtml", Vocabulary::Other),
    ("http://www.w3.org/2000/svg", Vocabulary::Other),
    ("http://www.w3.org/1998/math/mathml", Vocabulary::Other),
];

/// What prefixes mean when the feed does not declare them.
const USUAL_PREFIXES: &[(&str, Vocabulary)] = &[
    ("atom", Vocabulary::Feed),
    ("atom10", Vocabulary::Feed),
    ("atom03", Vocabulary::Feed),
    ("a10", Vocabulary::Feed),
    ("rss", Vocabulary::Feed),
    ("rss1", Vocabulary::Feed),
    ("rdf", Vocabulary::Rdf),
    ("dc", Vocabulary::DublinCore),
    ("dcterms", Vocabulary::DublinCore),
    ("media", Vocabulary::Media),
    ("feedburner", Vocabulary::FeedBurner),
    ("pheedo", Vocabulary::FeedBurner),
];

/// The prefixes in use. Declarations count for the whole feed, as feeds are written; `None` for a
/// namespace that is not in the table.
#[derive(Debug, Default)]
pub(crate) struct Namespaces(BTreeMap<String, Option<Vocabulary>>);

impl Namespaces {
    /// Remembers `xmlns:prefix="uri"`.
    pub(crate) fn declare(&mut self, prefix: &str, uri: &str) {
        if self.0.len() < MAX_PREFIXES {
            self.0.insert(prefix.to_owned(), vocabulary_of(uri));
        }
    }

    /// Takes a prefix for the feed's own, whatever it was declared as: it stands on the root.
    pub(crate) fn adopt(&mut self, prefix: &str) {
        self.0.insert(prefix.to_owned(), Some(Vocabulary::Feed));
    }

    /// The vocabulary of a prefix that stands on an element.
    pub(crate) fn resolve(&self, prefix: &str, at: usize, damage: &mut Damage) -> Vocabulary {
        let usual = USUAL_PREFIXES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(prefix))
            .map(|(_, vocabulary)| *vocabulary);
        match self.0.get(prefix) {
            Some(Some(vocabulary)) => *vocabulary,
            Some(None) => usual.unwrap_or(Vocabulary::Other),
            None => {
                if prefix != "xml" {
                    damage.add(Kind::UndeclaredPrefix, at);
                }
                usual.unwrap_or(Vocabulary::Other)
            }
        }
    }
}

/// The vocabulary of a namespace name, case and trailing `/` or `#` being no difference.
pub(crate) fn vocabulary_of(uri: &str) -> Option<Vocabulary> {
    let uri = uri.trim().trim_end_matches(['/', '#']).to_ascii_lowercase();
    let uri = uri.replacen("https://", "http://", 1);
    NAMESPACES
        .iter()
        .find(|(name, _)| *name == uri)
        .map(|(_, vocabulary)| *vocabulary)
}

/// Whether this namespace name is written exactly as its specification has it.
pub(crate) fn is_exact_atom(uri: &str) -> bool {
    uri == "http://www.w3.org/2005/Atom" || uri == "http://purl.org/atom/ns#"
}

/// Longest local name that means anything here.
const LONGEST: usize = 16;

/// A local name in lower case, in `buffer`; empty if it is longer than any that is known.
pub(crate) fn lower<'a>(local: &str, buffer: &'a mut [u8; LONGEST]) -> &'a str {
    let Some(space) = buffer.get_mut(..local.len()) else {
        return "";
    };
    space.copy_from_slice(local.as_bytes());
    space.make_ascii_lowercase();
    std::str::from_utf8(space).unwrap_or_default()
}

/// The role of an element by vocabulary and local name in lower case.
pub(crate) fn role(vocabulary: Vocabulary, lower: &str) -> Role {
    match (vocabulary, lower) {
        (Vocabulary::Feed | Vocabulary::Rdf, "rss" | "rdf" | "feed") => Role::Root,
        (Vocabulary::Feed, name) => feed_role(name),
        (Vocabulary::DublinCore | Vocabulary::Media, "title") => Role::Leaf(Field::OtherTitle),
        (Vocabulary::DublinCore, "subject") => Role::Leaf(Field::Category),
        (Vocabulary::DublinCore, "date") => Role::Leaf(Field::Date),
        (Vocabulary::DublinCore, "issued") => Role::Leaf(Field::Issued),
        (Vocabulary::DublinCore, "created") => Role::Leaf(Field::Created),
        (Vocabulary::DublinCore, "modified") => Role::Leaf(Field::Updated),
        (Vocabulary::FeedBurner, "origlink") => Role::Leaf(Field::OriginalLink),
        (Vocabulary::DublinCore, "description") | (Vocabulary::Other, "encoded") => Role::Skip,
        _ => Role::Other,
    }
}

fn feed_role(name: &str) -> Role {
    match name {
        "channel" => Role::Channel,
        "item" | "entry" => Role::Item,
        "title" => Role::Leaf(Field::Title),
        "link" => Role::Leaf(Field::Link),
        "guid" => Role::Leaf(Field::Guid),
        "id" => Role::Leaf(Field::Id),
        "pubdate" | "published" => Role::Leaf(Field::Published),
        "issued" => Role::Leaf(Field::Issued),
        "date" => Role::Leaf(Field::Date),
        "created" => Role::Leaf(Field::Created),
        "updated" | "modified" | "lastbuilddate" => Role::Leaf(Field::Updated),
        "ttl" => Role::Leaf(Field::Ttl),
        "category" => Role::Leaf(Field::Category),
        "description" | "summary" | "content" | "body" | "fullitem" | "source" | "image"
        | "textinput" | "author" | "contributor" | "subtitle" | "tagline" | "rights"
        | "copyright" | "info" | "abstract" | "encoded" => Role::Skip,
        _ => Role::Other,
    }
}

/// HTML elements without content: in unescaped markup they are never closed.
pub(crate) fn is_void_html(lower: &str) -> bool {
    matches!(
        lower,
        "br" | "img" | "hr" | "input" | "meta" | "wbr" | "col" | "embed" | "area" | "param"
    )
}

/// Whether the name is spelt as its specification has it.
pub(crate) fn is_usual_case(local: &str) -> bool {
    !local.bytes().any(|byte| byte.is_ascii_uppercase())
        || matches!(
            local,
            "pubDate" | "lastBuildDate" | "textInput" | "RDF" | "origLink" | "fullItem"
        )
}

/// Neighbours of the values in an entry that never stand inside one.
pub(crate) fn ends_value(lower: &str) -> bool {
    matches!(
        lower,
        "category"
            | "comments"
            | "creator"
            | "enclosure"
            | "generator"
            | "thumbnail"
            | "commentrss"
    )
}
