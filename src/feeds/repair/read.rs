//! From tokens to entries: a stack machine that forgives.

mod scope;

use std::collections::BTreeMap;

use url::Url;

use self::scope::find;
use super::cut;
use super::damage::{Damage, Kind};
use super::document::{Document, Item, Leaf, Root};
use super::entities::Entities;
use super::names::{self, Field, Namespaces, Role, Vocabulary};
use super::tokens::{Tag, Token, Tokens};

/// Entries read from one feed; real ones have tens, archives some thousands.
pub(crate) const MAX_ENTRIES: usize = 10_000;
/// Tags and pieces of text read from one feed; 20 MB of real markup have some hundred thousand.
const MAX_TOKENS: usize = 2_000_000;
/// Open elements followed; deeper ones are skipped.
const MAX_DEPTH: usize = 256;
/// Bytes kept of one value.
const MAX_VALUE: usize = 16 * 1024;

#[derive(Debug)]
struct Open<'a> {
    name: &'a str,
    id: u64,
    role: Role,
    foreign: bool,
    base: Option<Url>,
}

/// Reads a whole document. `base` is the address of the feed.
pub(crate) fn read(text: &str, base: Option<&Url>, damage: &mut Damage) -> Document {
    let mut reader = Reader {
        tokens: Tokens::new(text),
        damage,
        namespaces: Namespaces::default(),
        entities: Entities::default(),
        document: Document::default(),
        document_base: base.cloned(),
        stack: Vec::new(),
        open_names: BTreeMap::new(),
        too_deep: 0,
        item: None,
        leaf: None,
        skip: None,
        provisional: Item::default(),
        first: true,
    };
    reader.run();
    reader.document
}

struct Reader<'a, 'd> {
    tokens: Tokens<'a>,
    damage: &'d mut Damage,
    namespaces: Namespaces,
    entities: Entities,
    document: Document,
    document_base: Option<Url>,
    stack: Vec<Open<'a>>,
    /// How often each name is open: an end tag that matches none is recognised without a search.
    open_names: BTreeMap<u64, u32>,
    /// Elements open beyond `MAX_DEPTH`.
    too_deep: usize,
    item: Option<Item>,
    /// The value being read, and where on the stack it stands.
    leaf: Option<(usize, Leaf)>,
    /// Where on the stack the outermost skipped element stands.
    skip: Option<usize>,
    /// Values seen inside it. They are the entry's after all if its end tag turns out to be missing.
    provisional: Item,
    first: bool,
}

impl<'a> Reader<'a, '_> {
    fn run(&mut self) {
        for _ in 0..MAX_TOKENS {
            if self.document.items.len() >= MAX_ENTRIES {
                self.damage.add(Kind::TooMany, self.tokens.offset());
                return;
            }
            let at = self.tokens.offset();
            let open = self.stack.last().map(|open| open.name);
            let Some(token) = self.tokens.next(open, self.damage) else {
                return self.end_of_text(at);
            };
            match token {
                Token::Start(tag) => self.start(&tag, at),
                Token::End(name) => self.end(name, at),
                Token::Text(text) => self.text(text, at),
                Token::CData(text) => self.characters(text),
                Token::Doctype(text) => self.entities.declare(text),
            }
        }
        self.damage.add(Kind::TooMuch, self.tokens.offset());
        self.close_to(0, true);
    }

    /// What is still open now was cut off. A value without its end is not to be trusted: half a link
    /// leads elsewhere.
    fn end_of_text(&mut self, at: usize) {
        self.leaf = None;
        if self.item.is_some() {
            self.damage.add(Kind::CutEntry, at);
        } else if !self.stack.is_empty() || self.tokens.cut {
            self.damage.add(Kind::CutTail, at);
        }
        self.close_to(0, true);
    }

    fn text(&mut self, text: &'a str, at: usize) {
        if self.stack.is_empty() {
            if self.first && !text.trim().is_empty() {
                self.damage.add(Kind::LeadingJunk, at);
            }
            return;
        }
        if !text.contains('&') {
            return self.characters(text);
        }
        // Outside of a value the references are only looked at, for the report.
        let mut decoded = String::new();
        self.entities.decode(text, at, &mut decoded, self.damage);
        self.characters(&decoded);
    }

    fn characters(&mut self, text: &str) {
        if self.too_deep > 0 {
            return;
        }
        if let Some((_, leaf)) = &mut self.leaf {
            let room = MAX_VALUE.saturating_sub(leaf.text.len());
            leaf.text.push_str(cut(text, room));
        }
    }

    fn start(&mut self, tag: &Tag<'a>, at: usize) {
        let (prefix, as_written) = tag.name.split_once(':').unwrap_or(("", tag.name));
        let mut buffer = [0; _];
        let local = names::lower(as_written, &mut buffer);
        if self.too_deep > 0 && names::role(Vocabulary::Feed, local) == Role::Other {
            self.too_deep += usize::from(!tag.closed);
            return;
        }
        let mut attributes = self.read_attributes(tag);
        let foreign = self.is_foreign(prefix, local, &attributes);
        let vocabulary = self.vocabulary((prefix, local), foreign, &attributes, at);
        let mut role = names::role(vocabulary, local);
        if !matches!(role, Role::Other) && !foreign && !names::is_usual_case(as_written) {
            self.damage.add(Kind::NameCase, at);
        }
        self.note_first(tag.name, role, at);
        role = self.settle(role, tag, local, &attributes, at);
        if role == Role::Other && tag.closed
            || prefix.is_empty() && role == Role::Other && names::is_void_html(local)
        {
            return;
        }
        if self.stack.len() >= MAX_DEPTH {
            if self.too_deep == 0 {
                self.damage.add(Kind::TooDeep, at);
            }
            self.too_deep += usize::from(!tag.closed);
            return;
        }
        let base = self.base_of(&attributes);
        if let Role::Leaf(field) = role {
            attributes.retain(|(key, _)| {
                matches!(
                    key.as_str(),
                    "href" | "url" | "uri" | "rel" | "type" | "ispermalink" | "term" | "label"
                )
            });
            self.begin_leaf(field, attributes, base.clone());
        } else if role == Role::Item {
            self.item = Some(Item {
                about: ["rdf:about", "about", "href"]
                    .iter()
                    .find_map(|name| find(&attributes, name)),
                base: base.clone().or_else(|| self.set_base().cloned()),
                ..Item::default()
            });
        } else if role == Role::Skip && self.skip.is_none() {
            self.skip = Some(self.stack.len());
        }
        self.push(tag.name, role, foreign, base);
        if tag.closed {
            self.close_to(self.stack.len().saturating_sub(1), false);
        }
    }

    /// The first element decides what kind of document this is; junk before the feed is noted.
    fn note_first(&mut self, name: &str, role: Role, at: usize) {
        if !self.first {
            return;
        }
        let feed = matches!(role, Role::Root | Role::Channel | Role::Item);
        if feed && self.document.html {
            self.damage.add(Kind::LeadingJunk, at);
        }
        if name.eq_ignore_ascii_case("html") || name.eq_ignore_ascii_case("head") {
            self.document.html = true;
        } else if !feed {
            self.damage.add(Kind::LeadingJunk, at);
        }
        self.first = !feed;
    }

    /// The role this element really plays here, after closing what it shows to have ended.
    fn settle(
        &mut self,
        role: Role,
        tag: &Tag<'a>,
        local: &str,
        attributes: &[(String, String)],
        at: usize,
    ) -> Role {
        match role {
            Role::Root => {
                if self.document.root.is_some() {
                    return Role::Other;
                }
                self.document.root = Some(self.root(tag, local, attributes, at));
                self.stack.clear();
                self.open_names.clear();
                (self.too_deep, self.skip, self.leaf) = (0, None, None);
            }
            Role::Item => return self.settle_item(local, at),
            Role::Leaf(_) => {
                self.end_value(at);
                if self.item.is_none() && (self.skip.is_some() || self.document.root.is_none()) {
                    return Role::Other;
                }
            }
            Role::Channel if self.document.root.is_none() => {
                self.document.root = Some(Root::Rss(String::new()));
                self.damage.add(Kind::NoRoot, at);
            }
            Role::Skip => self.end_value(at),
            Role::Other if names::ends_value(local) => self.end_value(at),
            Role::Channel | Role::Other => {}
        }
        role
    }

    /// An element begins that no value can hold: the value being read was not closed.
    fn end_value(&mut self, at: usize) {
        if let Some(index) = self.leaf.as_ref().map(|(index, _)| *index) {
            self.damage.add(Kind::NotClosed, at);
            self.close_to(index, true);
        }
    }

    fn settle_item(&mut self, local: &str, at: usize) -> Role {
        if self.document.root.is_none() {
            if self.document.html {
                return Role::Other;
            }
            self.document.root = Some(Root::Missing {
                atom: local == "entry",
            });
            self.damage.add(Kind::NoRoot, at);
        }
        let open = self
            .stack
            .iter()
            .position(|open| open.role == Role::Item)
            .or(self.skip)
            .or(self.leaf.as_ref().map(|(index, _)| *index));
        if let Some(index) = open {
            self.damage.add(Kind::ItemNotClosed, at);
            self.close_to(index, true);
        }
        if self.stack.len() > MAX_DEPTH / 2 {
            self.close_to(2, true);
        }
        self.too_deep = 0;
        Role::Item
    }

    fn begin_leaf(&mut self, field: Field, attributes: Vec<(String, String)>, base: Option<Url>) {
        let leaf = Leaf {
            field,
            text: String::new(),
            attributes,
            depth: self.stack.len(),
            base: base.or_else(|| self.set_base().cloned()),
        };
        self.leaf = Some((self.stack.len(), leaf));
    }

    fn push(&mut self, name: &'a str, role: Role, foreign: bool, base: Option<Url>) {
        let id = name_id(name);
        *self.open_names.entry(id).or_insert(0) += 1;
        self.stack.push(Open {
            name,
            id,
            role,
            foreign,
            base,
        });
    }

    fn end(&mut self, name: &'a str, at: usize) {
        let id = name_id(name);
        let mut buffer = [0; _];
        let local = names::lower(name.rsplit(':').next().unwrap_or(name), &mut buffer);
        if self.too_deep > 0 && names::role(Vocabulary::Feed, local) == Role::Other {
            self.too_deep -= 1;
            return;
        }
        if !self.open_names.contains_key(&id) {
            return self.stray_end(name, local, at);
        }
        let Some(index) = self.stack.iter().rposition(|open| open.id == id) else {
            return;
        };
        self.too_deep = 0;
        if index + 1 < self.stack.len() {
            self.damage.add(Kind::NotClosed, at);
        }
        self.close_to(index + 1, true);
        self.close_to(index, false);
    }

    /// An end tag that was never begun: a misspelt one (`</titel>`) ends the value that is open.
    fn stray_end(&mut self, name: &str, local: &str, at: usize) {
        if names::is_void_html(local) {
            return;
        }
        self.damage.add(Kind::StrayEnd, at);
        let top = self.stack.last().map(|open| open.name).unwrap_or_default();
        let is_leaf = self
            .leaf
            .as_ref()
            .is_some_and(|(index, _)| index + 1 == self.stack.len());
        if is_leaf && top.len() > 2 && name.len() > 2 && strsim::damerau_levenshtein(top, name) <= 2
        {
            self.close_to(self.stack.len().saturating_sub(1), false);
        }
    }

    /// Closes every element from `index` up, the innermost first. `implied`: without an end tag.
    fn close_to(&mut self, index: usize, implied: bool) {
        while self.stack.len() > index {
            let Some(open) = self.stack.pop() else { return };
            if let Some(count) = self.open_names.get_mut(&open.id) {
                *count -= 1;
                if *count == 0 {
                    self.open_names.remove(&open.id);
                }
            }
            self.closed(&open, implied);
        }
    }

    fn closed(&mut self, open: &Open<'a>, implied: bool) {
        let index = self.stack.len();
        if let Some((_, mut leaf)) = self.leaf.take_if(|(at, _)| *at == index) {
            leaf.text = leaf.text.trim().into();
            self.keep(leaf);
        }
        if self.skip == Some(index) {
            self.skip = None;
            let found = std::mem::take(&mut self.provisional);
            if implied {
                for leaf in found.leaves {
                    self.keep(leaf);
                }
            }
        }
        if open.role == Role::Item {
            self.document.items.extend(self.item.take());
        }
    }

    fn keep(&mut self, leaf: Leaf) {
        if self.skip.is_some() {
            if self.item.is_some() {
                self.provisional.add(leaf);
            }
        } else if let Some(item) = &mut self.item {
            item.add(leaf);
        } else {
            self.document.channel.add(leaf);
        }
    }
}

/// FNV-1a of the name in lower case. A collision closes an element too early, in a feed made for it.
fn name_id(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}
