//! What a start tag says: attributes, namespace, dialect, base address.

use url::Url;

use super::super::cut;
use super::super::damage::{Damage, Kind};
use super::super::document::Root;
use super::super::names::{self, Role, Vocabulary};
use super::super::tokens::{Tag, attributes};
use super::{MAX_VALUE, Reader};

/// Attributes read of one tag.
const MAX_ATTRIBUTES: usize = 64;
/// Longest `xml:base` followed.
const MAX_BASE: usize = 4096;

impl<'a> Reader<'a, '_> {
    /// Attributes are only read where they can matter.
    pub(super) fn read_attributes(&mut self, tag: &Tag<'a>) -> Vec<(String, String)> {
        let mut out = Vec::new();
        if tag.attributes.trim().is_empty() {
            return out;
        }
        for (name, raw) in attributes(tag.attributes).take(MAX_ATTRIBUTES) {
            let name = name.to_ascii_lowercase();
            let wanted = matches!(
                name.as_str(),
                "href"
                    | "url"
                    | "uri"
                    | "rel"
                    | "type"
                    | "ispermalink"
                    | "term"
                    | "label"
                    | "version"
                    | "rdf:about"
                    | "about"
                    | "xml:base"
                    | "xmlns"
            ) || name.starts_with("xmlns:");
            if !wanted {
                continue;
            }
            let mut value = String::new();
            let mut unreported = Damage::default();
            self.entities
                .decode(cut(raw, MAX_VALUE), 0, &mut value, &mut unreported);
            if unreported.has(Kind::Ampersand) {
                self.damage.add(Kind::Ampersand, self.tokens.offset());
            }
            if let Some(prefix) = name.strip_prefix("xmlns:") {
                self.namespaces.declare(prefix, &value);
            }
            out.push((name, value.trim().to_owned()));
        }
        out
    }

    /// Whether an unprefixed element belongs to a vocabulary that is not ours, by its own `xmlns` or
    /// that of an element around it.
    pub(super) fn is_foreign(
        &self,
        prefix: &str,
        local: &str,
        attributes: &[(String, String)],
    ) -> bool {
        let is_root = names::role(Vocabulary::Feed, local) == Role::Root;
        if !prefix.is_empty() || is_root && self.document.root.is_none() {
            return false;
        }
        match find(attributes, "xmlns").map(|uri| names::vocabulary_of(&uri)) {
            Some(Some(Vocabulary::Feed)) => false,
            Some(Some(_)) => true,
            // An unknown default namespace on the root is a misspelt one; further down it is another language.
            Some(None) => self.item.is_some(),
            None => self.stack.last().is_some_and(|open| open.foreign),
        }
    }

    pub(super) fn vocabulary(
        &mut self,
        (prefix, local): (&str, &str),
        foreign: bool,
        attributes: &[(String, String)],
        at: usize,
    ) -> Vocabulary {
        if foreign {
            return Vocabulary::Other;
        }
        if prefix.is_empty() {
            let uri = find(attributes, "xmlns").unwrap_or_default();
            let known = names::vocabulary_of(&uri);
            let misspelt = known.is_none() && !uri.is_empty() && self.document.root.is_none();
            let wrong_case =
                uri.to_ascii_lowercase().contains("/atom") && !names::is_exact_atom(&uri);
            if misspelt || wrong_case {
                self.damage.add(Kind::UnknownNamespace, at);
            }
            return Vocabulary::Feed;
        }
        let vocabulary = self.namespaces.resolve(prefix, at, self.damage);
        let is_root = names::role(Vocabulary::Feed, local) == Role::Root;
        if vocabulary == Vocabulary::Other && is_root && self.document.root.is_none() {
            self.damage.add(Kind::UnknownNamespace, at);
            self.namespaces.adopt(prefix);
            return Vocabulary::Feed;
        }
        vocabulary
    }

    pub(super) fn root(
        &mut self,
        tag: &Tag<'a>,
        local: &str,
        attributes: &[(String, String)],
        at: usize,
    ) -> Root {
        let version = find(attributes, "version");
        if local == "feed" {
            let old = version.is_some_and(|version| version.starts_with("0."))
                || tag.attributes.contains("purl.org/atom/");
            return Root::Atom { old };
        }
        if local == "rdf" {
            let netscape = tag.attributes.contains("netscape.com/rdf/simple/0.9");
            return Root::Rdf { netscape };
        }
        let version = version.unwrap_or_default();
        if !matches!(
            version.as_str(),
            "0.90" | "0.91" | "0.92" | "0.93" | "0.94" | "2.0"
        ) {
            self.damage.add(Kind::Version, at);
        }
        Root::Rss(version)
    }

    /// What an `xml:base` in force says.
    pub(super) fn set_base(&self) -> Option<&Url> {
        self.stack.iter().rev().find_map(|open| open.base.as_ref())
    }

    /// The base an element sets with `xml:base`.
    pub(super) fn base_of(&self, attributes: &[(String, String)]) -> Option<Url> {
        let given = find(attributes, "xml:base").filter(|base| base.len() <= MAX_BASE)?;
        let joined = match self.set_base().or(self.document_base.as_ref()) {
            Some(base) => base.join(&given).ok()?,
            None => Url::parse(&given).ok()?,
        };
        (joined.as_str().len() <= MAX_BASE).then_some(joined)
    }
}

/// The value of an attribute, by its name in lower case.
pub(super) fn find(attributes: &[(String, String)], name: &str) -> Option<String> {
    attributes
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.clone())
}
