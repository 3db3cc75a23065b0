//! The entries that were read, written as Atom 1.0 (RFC 4287).

use std::fmt::Write;

use super::document::{Document, Item, Leaf, Root};
use super::names::Field;
use crate::feeds::dates;

/// A link as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundLink {
    /// As the feed wrote it, references resolved.
    pub(crate) given: String,
    /// What relative links are relative to.
    pub(crate) base: Option<url::Url>,
}

/// Dates of publication, the best first.
const PUBLISHED: [Field; 4] = [Field::Published, Field::Issued, Field::Date, Field::Created];

/// Writes a document as Atom. The links stay beside it, one per entry, since the parser rewrites them.
pub(crate) fn atom(document: &Document) -> (String, Vec<Option<FoundLink>>) {
    let mut out = String::from("<feed xmlns=\"http://www.w3.org/2005/Atom\">");
    let is_atom = is_atom(document);
    title(&mut out, &document.channel, is_atom);
    let mut links = Vec::with_capacity(document.items.len());
    for item in &document.items {
        out.push_str("<entry>");
        title(&mut out, item, is_atom);
        if let Some(id) = identity(item) {
            element(&mut out, "id", id);
        }
        date(&mut out, "published", item, &PUBLISHED);
        date(&mut out, "updated", item, &[Field::Updated]);
        for (term, label) in item.categories() {
            category(&mut out, term, label);
        }
        out.push_str("</entry>");
        links.push(link(item));
    }
    out.push_str("</feed>");
    (out, links)
}

/// Whether titles say themselves what they are; in RSS nobody does.
const fn is_atom(document: &Document) -> bool {
    matches!(
        document.root,
        Some(Root::Atom { .. } | Root::Missing { atom: true })
    )
}

fn title(out: &mut String, item: &Item, is_atom: bool) {
    let found = item
        .all(Field::Title)
        .next()
        .or_else(|| item.all(Field::OtherTitle).next());
    let Some(leaf) = found else { return };
    // Atom 0.3 marks markup by mode="escaped" and its type; markup inside the element is read as text.
    let html = is_atom
        && leaf
            .attribute("type")
            .is_some_and(|kind| kind.ends_with("html") && !kind.contains("xhtml"));
    out.push_str(if html || !is_atom {
        "<title type=\"html\">"
    } else {
        "<title>"
    });
    escape(out, &leaf.text);
    out.push_str("</title>");
}

fn date(out: &mut String, name: &str, item: &Item, fields: &[Field]) {
    let found = fields
        .iter()
        .flat_map(|field| item.all(*field))
        .find_map(|leaf| dates::parse(&leaf.text));
    if let Some(date) = found {
        element(out, name, &date.to_rfc3339());
    }
}

/// `guid` of RSS, `id` of Atom, `rdf:about` of RSS 1.0.
fn identity(item: &Item) -> Option<&str> {
    item.all(Field::Guid)
        .chain(item.all(Field::Id))
        .map(|leaf| leaf.text.as_str())
        .next()
        .or(item.about.as_deref())
}

/// The link of an entry: what FeedBurner replaced, else its link, else an id that is one.
pub(crate) fn link(item: &Item) -> Option<FoundLink> {
    let of = |leaf: &Leaf, given: &str| FoundLink {
        given: given.to_owned(),
        base: leaf.base.clone(),
    };
    let text = |field| item.all(field).next().map(|leaf| of(leaf, &leaf.text));
    text(Field::OriginalLink)
        .or_else(|| alternate(item).map(|(leaf, given)| of(leaf, given)))
        .or_else(|| {
            let permalink = |leaf: &&Leaf| {
                leaf.attribute("ispermalink")
                    .is_none_or(|value| value.eq_ignore_ascii_case("true"))
            };
            let guid = item.all(Field::Guid).find(permalink);
            guid.map(|leaf| of(leaf, &leaf.text))
        })
        .or_else(|| text(Field::Id).filter(|link| is_web(&link.given)))
        .or_else(|| {
            let given = item.about.clone().filter(|about| is_web(about))?;
            let base = item.base.clone();
            Some(FoundLink { given, base })
        })
}

/// The first link to the article itself; an absolute one to HTML before any other.
fn alternate(item: &Item) -> Option<(&Leaf, &str)> {
    let candidates = || {
        item.all(Field::Link).filter_map(|leaf| {
            let relation = leaf.attribute("rel").unwrap_or("alternate");
            let given = href(leaf)?;
            (relation.is_empty() || relation.eq_ignore_ascii_case("alternate"))
                .then_some((leaf, given))
        })
    };
    let is_html = |leaf: &Leaf| {
        leaf.attribute("type")
            .is_none_or(|kind| kind.is_empty() || kind.contains("html"))
    };
    candidates()
        .find(|(leaf, given)| is_html(leaf) && is_web(given))
        .or_else(|| candidates().find(|(leaf, _)| is_html(leaf)))
        .or_else(|| candidates().next())
}

/// Atom writes links into an attribute, RSS into the element; each does it the other way at times.
pub(crate) fn href(leaf: &Leaf) -> Option<&str> {
    ["href", "url", "uri"]
        .iter()
        .find_map(|name| leaf.attribute(name))
        .filter(|href| !href.is_empty())
        .or(Some(leaf.text.as_str()))
        .filter(|text| !text.is_empty())
}

fn is_web(text: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        text.get(..scheme.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    })
}

fn category(out: &mut String, term: &str, label: Option<&str>) {
    out.push_str("<category");
    for (name, value) in [("term", Some(term)), ("label", label)] {
        let Some(value) = value else { continue };
        let _ = write!(out, " {name}=\"");
        escape(out, value);
        out.push('"');
    }
    out.push_str("/>");
}

fn element(out: &mut String, name: &str, text: &str) {
    let _ = write!(out, "<{name}>");
    escape(out, text);
    let _ = write!(out, "</{name}>");
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if super::is_forbidden(c) => {}
            c => out.push(c),
        }
    }
}
