//! Warninglists: values known to be harmless, as MISP's community keeps them.
//!
//! Format and matching follow MISP (`Warninglist` model) and
//! <https://github.com/MISP/misp-warninglists>: types `string`, `substring`, `hostname`, `cidr`, `regex`. A list
//! speaks of the attribute types it names (`matching_attributes`), and of all if it names none. Of a composite
//! value (`domain|ip`) each part is looked up. Where MISP compares letter for letter, case is ignored here: the
//! lists hold hosts and digests, and analysts write both in either case.
//!
//! ```
//! use gleaner::indicators::Kind;
//! use gleaner::indicators::warninglists::{List, ListType, Warninglists};
//!
//! let list = List::from_misp_json(
//!     br#"{"name": "Known search engines", "type": "hostname", "list": ["search.example"],
//!          "matching_attributes": ["domain", "hostname", "url"]}"#,
//! )?;
//! assert_eq!(list.list_type, ListType::Hostname);
//! let lists = Warninglists::builder().list(list).build();
//! let hit = lists.hit(Kind::Url, "https://www.search.example/q");
//! assert_eq!(hit.map(|hit| hit.list), Some("Known search engines"));
//! # Ok::<(), gleaner::indicators::warninglists::ListError>(())
//! ```

mod list;
mod nets;
pub mod packed;
mod patterns;
mod table;

use std::sync::Arc;

pub use self::list::{List, ListError, ListType};
use self::nets::Nets;
use self::packed::{Packed, PackedId};
use self::patterns::{Regexes, Substrings};
use self::table::Table;
use super::Kind;

/// What happens to a value that stands on a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The value stays, without the IDS flag.
    #[default]
    Flag,
    /// The value stays, without the IDS flag unless it was defanged: the list says that something is popular, not that
    /// it is harmless.
    Weigh,
    /// Nothing, but that names below the list's are let to anybody, so that lists which weigh say nothing of them.
    Rented,
    /// The value is dropped.
    Drop,
}

/// A hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit<'a> {
    /// Name of the list.
    pub list: &'a str,
    /// What is to be done.
    pub action: Action,
}

/// Lists, ready to be asked. A lookup takes time by the labels of a host and the prefix lengths of nets, however
/// many lists there are; only lists of regular expressions are gone through one by one.
#[derive(Debug, Default)]
pub struct Warninglists {
    lists: Vec<Known>,
    warnings: Vec<String>,
    strings: Table,
    hosts: Table,
    nets: Nets,
    substrings: Substrings,
    regexes: Regexes,
    packed: Vec<Layer>,
}

/// Lists of a pack, with the numbers they have here; those that are not used have none.
#[derive(Debug)]
struct Layer {
    lists: Arc<Packed>,
    ids: Vec<Option<ListId>>,
}

impl Layer {
    fn id(&self, list: PackedId) -> Option<ListId> {
        self.ids.get(usize::from(list)).copied().flatten()
    }

    fn find(&self, lower: &str, offer: &mut impl FnMut(ListId)) {
        let mut offer = |list| {
            if let Some(id) = self.id(list) {
                offer(id);
            }
        };
        self.lists.find_string(lower, &mut offer);
        let mut host = Some(host_of(lower));
        while let Some(name) = host.filter(|name| !name.is_empty()) {
            self.lists.find_host(name, &mut offer);
            host = name.split_once('.').map(|(_, above)| above);
        }
        self.lists.find_net(lower, &mut offer);
    }
}

/// What is kept of a list beside its entries.
#[derive(Debug)]
struct Known {
    name: String,
    action: Action,
    /// Kinds it speaks of, one bit for each; see [`bit`].
    kinds: u128,
}

impl Known {
    fn hit(&self) -> Hit<'_> {
        Hit {
            list: &self.name,
            action: self.action,
        }
    }
}

/// Number of a list.
type ListId = u16;

/// Collects lists. What is kept of an entry is small, so lists may be read and added one by one.
#[derive(Debug, Default)]
pub struct Builder {
    all: Warninglists,
    substrings: Vec<(String, ListId)>,
}

impl Builder {
    /// Adds a list whose values are flagged.
    #[must_use]
    pub fn list(self, list: List) -> Self {
        self.list_with(list, Action::Flag)
    }

    /// Adds a list. Of equal names both hold.
    #[must_use]
    pub fn list_with(mut self, list: List, action: Action) -> Self {
        let Ok(id) = ListId::try_from(self.all.lists.len()) else {
            let problem = format!("warninglist \"{}\" left out: there are too many", list.name);
            self.all.warnings.push(problem);
            return self;
        };
        self.all.add(id, &list, &mut self.substrings);
        self.all.lists.push(Known {
            kinds: kinds(&list.matching_attributes),
            name: list.name,
            action,
        });
        self
    }

    /// Adds those lists of a pack for which `choose`, given their name, says what becomes of their values.
    #[must_use]
    pub fn packed(
        mut self,
        pack: &Arc<Packed>,
        mut choose: impl FnMut(&str) -> Option<Action>,
    ) -> Self {
        let mut ids = Vec::with_capacity(pack.lists().len());
        for list in pack.lists() {
            let id = ListId::try_from(self.all.lists.len()).ok();
            let chosen = id.and_then(|id| Some((id, choose(&list.name)?)));
            if let Some((_, action)) = chosen {
                self.all.lists.push(Known {
                    kinds: kinds(&list.matching_attributes),
                    name: list.name.clone(),
                    action,
                });
            }
            ids.push(chosen.map(|(id, _)| id));
        }
        let layer = Layer {
            lists: Arc::clone(pack),
            ids,
        };
        for (list, entry) in pack.substrings() {
            if let Some(id) = layer.id(*list) {
                self.substrings.push((entry.to_string(), id));
            }
        }
        for (list, entry) in pack.regexes() {
            if let Some(id) = layer.id(*list)
                && let Err(problem) = self.all.regexes.add(entry, id)
            {
                let name = self.all.known(id).map_or("", |known| &known.name);
                let problem = format!("warninglist \"{name}\": entry `{entry}` {problem}");
                self.all.warnings.push(problem);
            }
        }
        self.all.packed.push(layer);
        self
    }

    /// Makes them ready. Entries that cannot be used are named in [`Warninglists::warnings`].
    #[must_use]
    pub fn build(self) -> Warninglists {
        let mut all = self.all;
        all.strings.finish();
        all.hosts.finish();
        all.nets.finish();
        match Substrings::new(self.substrings) {
            Ok(ready) => all.substrings = ready,
            Err(problem) => all.warnings.push(problem),
        }
        all
    }
}

impl Warninglists {
    /// Starts a collection.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// How many lists there are.
    pub const fn len(&self) -> usize {
        self.lists.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// Entries and lists that could not be used, and why.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The first list that has the value; one that drops before one that flags, and both before one that weighs.
    pub fn hit(&self, kind: Kind, value: &str) -> Option<Hit<'_>> {
        if self.lists.is_empty() {
            return None;
        }
        let rank = |id: ListId, known: &Known| {
            let action = match known.action {
                Action::Drop => 0,
                Action::Flag => 1,
                // Before those that weigh: it takes their word from them.
                Action::Rented => 2,
                Action::Weigh => 3,
            };
            (action, id)
        };
        let mut best: Option<(ListId, &Known)> = None;
        self.look_up(kind, value, &mut |id| {
            let Some(known) = self.known(id) else { return };
            if best.is_none_or(|(old, of)| rank(id, known) < rank(old, of)) {
                best = Some((id, known));
            }
        });
        best.map(|(_, known)| known.hit())
            .filter(|hit| hit.action != Action::Rented)
    }

    /// Every list that has the value, in the order in which they were added.
    pub fn hits(&self, kind: Kind, value: &str) -> Vec<Hit<'_>> {
        let mut found = std::collections::BTreeSet::new();
        self.look_up(kind, value, &mut |id| {
            found.insert(id);
        });
        let known = found.into_iter().filter_map(|id| self.known(id));
        known.map(Known::hit).collect()
    }

    /// Calls `offer` with lists that have the value and speak of its kind.
    fn look_up(&self, kind: Kind, value: &str, offer: &mut dyn FnMut(ListId)) {
        // MISP splits composite types only: `url` may hold the character.
        if kind.as_str().contains('|') {
            value
                .split('|')
                .for_each(|part| self.look_up_part(kind, part, offer));
        } else {
            self.look_up_part(kind, value, offer);
        }
    }

    fn look_up_part(&self, kind: Kind, value: &str, offer: &mut dyn FnMut(ListId)) {
        let mut offer = |id: ListId| {
            if self.speaks_of(id, kind) {
                offer(id);
            }
        };
        let lower = value.to_lowercase();
        self.strings.find(&lower, &mut offer);
        let mut host = Some(host_of(&lower));
        while let Some(name) = host.filter(|name| !name.is_empty()) {
            self.hosts.find(name, &mut offer);
            host = name.split_once('.').map(|(_, above)| above);
        }
        self.nets.find(&lower, &mut offer);
        self.substrings.find(&lower, &mut offer);
        let speaks = |id| self.speaks_of(id, kind);
        self.regexes.find(value, speaks, &mut offer);
        for layer in &self.packed {
            layer.find(&lower, &mut offer);
        }
    }

    fn known(&self, id: ListId) -> Option<&Known> {
        self.lists.get(usize::from(id))
    }

    /// Whether a list speaks of a kind.
    fn speaks_of(&self, id: ListId, kind: Kind) -> bool {
        self.known(id)
            .is_some_and(|known| known.kinds & bit(kind) != 0)
    }

    fn add(&mut self, id: ListId, list: &List, substrings: &mut Vec<(String, ListId)>) {
        for value in list
            .values
            .iter()
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
        {
            match list.list_type {
                ListType::String => self.strings.add(&value.to_lowercase(), id),
                // A leading dot means the same as none: the name and all below it.
                ListType::Hostname => self.hosts.add(value.to_lowercase().trim_matches('.'), id),
                ListType::Substring => substrings.push((value.to_lowercase(), id)),
                ListType::Cidr => {
                    if !self.nets.add(value, id) {
                        self.warn(list, value, "is no address or net");
                    }
                }
                ListType::Regex => {
                    if let Err(problem) = self.regexes.add(value, id) {
                        self.warn(list, value, &problem);
                    }
                }
            }
        }
    }

    fn warn(&mut self, list: &List, value: &str, problem: &str) {
        /// Enough to see what is wrong with a list, in lines.
        const MAX_WARNINGS: usize = 100;
        if self.warnings.len() < MAX_WARNINGS {
            let value: String = value.chars().take(80).collect();
            self.warnings.push(format!(
                "warninglist \"{}\": entry `{value}` {problem}",
                list.name
            ));
        }
    }
}

/// The host of a value: of a URL, of a name with a path, or the value itself. As MISP finds it: what stands between
/// `//` and the next slash; beyond MISP, a user and a port are taken off.
fn host_of(value: &str) -> &str {
    let rest = value.split_once("//").map_or(value, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = host.rsplit('@').next().unwrap_or(host);
    let host = match host.split_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    host.trim_end_matches('.')
}

/// The bit of a kind.
const fn bit(kind: Kind) -> u128 {
    1 << kind as u32
}

/// Kinds that attribute types stand for; all if none is named.
fn kinds(types: &[String]) -> u128 {
    if types.is_empty() {
        return u128::MAX;
    }
    Kind::ALL
        .iter()
        .filter(|kind| types.iter().any(|name| speaks_of(name, **kind)))
        .fold(0, |bits, kind| bits | bit(*kind))
}

/// Whether a list for this attribute type speaks of a kind. What is written for sources holds for destinations,
/// and for mail addresses of every role: Gleaner does not always know the role.
fn speaks_of(name: &str, kind: Kind) -> bool {
    let name = name.trim();
    name == kind.as_str()
        || match kind {
            Kind::IpDst => name == "ip-src",
            Kind::IpDstPort => name == "ip-src|port",
            Kind::Email | Kind::EmailSrc | Kind::EmailDst => {
                matches!(name, "email" | "email-src" | "email-dst")
            }
            _ => name.eq_ignore_ascii_case("all"),
        }
}

const _: () = assert!(Kind::ALL.len() <= 128, "kinds fit the bits of a list");

#[cfg(test)]
mod tests;
