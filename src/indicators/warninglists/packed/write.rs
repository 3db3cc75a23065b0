//! The section written: the same bytes for the same lists, in whatever order they come.

use std::collections::BTreeMap;

use super::{HASH, PackedId, hash, read, short};
use crate::indicators::warninglists::nets::{aligned, masked, parse};
use crate::indicators::warninglists::{List, ListType};
use crate::pack::fuse::Fuse;
use crate::pack::wire::Writer;

/// Entries of a list up to which each is kept by itself.
pub(super) const MAX_EXACT: usize = 19_000;

/// What was written, and what was left out.
#[derive(Debug)]
pub struct Written {
    /// The section.
    pub bytes: Vec<u8>,
    /// Lists, and entries in all of them.
    pub counts: (usize, usize),
    /// Entries and lists that could not be used, and why.
    pub warnings: Vec<String>,
}

/// Keys of one table with their lists.
type Rows<const N: usize> = Vec<([u8; N], PackedId)>;

#[derive(Default)]
struct Section {
    head: Writer,
    strings: Rows<HASH>,
    hosts: Rows<HASH>,
    string_sets: Vec<(PackedId, Vec<u64>)>,
    host_sets: Vec<(PackedId, Vec<u64>)>,
    v4: BTreeMap<u8, Rows<4>>,
    v6: BTreeMap<u8, Rows<16>>,
    substrings: Vec<(PackedId, String)>,
    regexes: Vec<(PackedId, String)>,
    warnings: Vec<String>,
    counts: (usize, usize),
}

/// Writes lists. Of equal names the first holds.
pub fn write(mut lists: Vec<List>) -> Written {
    lists.sort_by(|a, b| a.name.cmp(&b.name));
    lists.dedup_by(|b, a| a.name == b.name);
    let mut section = Section::default();
    if lists.len() > usize::from(PackedId::MAX) {
        section.warnings.push(format!(
            "there are {} warninglists; the last ones are left out",
            lists.len()
        ));
        lists.truncate(usize::from(PackedId::MAX));
    }
    section.head.count(lists.len());
    for (id, mut list) in (0..).zip(lists) {
        list.values = tidy(&list);
        section.counts.0 += 1;
        section.counts.1 += list.values.len();
        section.head_of(&list);
        section.add(id, list);
    }
    section.finish()
}

/// The entries as they are compared, in order, each once.
fn tidy(list: &List) -> Vec<String> {
    let values = list.values.iter().map(|value| value.trim());
    let mut values: Vec<String> = values
        .map(|value| match list.list_type {
            ListType::Hostname => value.to_lowercase().trim_matches('.').to_owned(),
            ListType::String | ListType::Substring => value.to_lowercase(),
            ListType::Cidr | ListType::Regex => value.to_owned(),
        })
        .filter(|value| !value.is_empty())
        .collect();
    values.sort_unstable();
    values.dedup();
    values
}

impl Section {
    fn head_of(&mut self, list: &List) {
        let number = read::TYPES.iter().position(|of| *of == list.list_type);
        self.head.text(&list.name);
        self.head
            .u8(number.and_then(|n| u8::try_from(n).ok()).unwrap_or(0));
        self.head.count(list.values.len());
        let types = list.matching_attributes.len();
        let types = u16::try_from(types).unwrap_or(u16::MAX);
        self.head.u16(types);
        for name in list.matching_attributes.iter().take(usize::from(types)) {
            self.head.text(name);
        }
    }

    fn add(&mut self, id: PackedId, list: List) {
        let large = list.values.len() > MAX_EXACT;
        let texts = || list.values.iter().map(|value| hash(value));
        match list.list_type {
            ListType::String if large => self.string_sets.push((id, texts().collect())),
            ListType::Hostname if large => self.host_sets.push((id, texts().collect())),
            ListType::String => self.strings.extend(texts().map(|key| (short(key), id))),
            ListType::Hostname => self.hosts.extend(texts().map(|key| (short(key), id))),
            ListType::Cidr => {
                for value in &list.values {
                    if !self.add_net(id, value) {
                        let problem = "is no address or net";
                        self.warnings.push(warning(&list.name, value, problem));
                    }
                }
            }
            ListType::Substring => self
                .substrings
                .extend(list.values.into_iter().map(|value| (id, value))),
            ListType::Regex => self
                .regexes
                .extend(list.values.into_iter().map(|value| (id, value))),
        }
    }

    fn add_net(&mut self, id: PackedId, value: &str) -> bool {
        let Some((address, bits)) = parse(value) else {
            return false;
        };
        let Ok(length) = u8::try_from(bits) else {
            return false;
        };
        let net = masked(aligned(address), bits).to_be_bytes();
        if address.is_ipv4() {
            let [a, b, c, d, ..] = net;
            self.v4.entry(length).or_default().push(([a, b, c, d], id));
        } else {
            self.v6.entry(length).or_default().push((net, id));
        }
        true
    }

    fn finish(self) -> Written {
        let mut out = self.head;
        let mut warnings = self.warnings;
        table(&mut out, self.strings);
        table(&mut out, self.hosts);
        for sets in [self.string_sets, self.host_sets] {
            let mut count = 0;
            let mut body = Writer::default();
            for (id, keys) in sets {
                let mut set = Writer::default();
                if Fuse::write(&keys, &mut set).is_some() {
                    count += 1;
                    body.u16(id);
                    body.bytes(&set.finish());
                } else {
                    warnings.push(format!("warninglist number {id} could not be packed"));
                }
            }
            out.count(count);
            out.bytes(&body.finish());
        }
        nets(&mut out, self.v4);
        nets(&mut out, self.v6);
        for texts in [self.substrings, self.regexes] {
            out.count(texts.len());
            for (id, text) in texts {
                out.u16(id);
                out.text(&text);
            }
        }
        Written {
            bytes: out.finish(),
            counts: self.counts,
            warnings,
        }
    }
}

fn table<const N: usize>(out: &mut Writer, mut rows: Rows<N>) {
    rows.sort_unstable();
    rows.dedup();
    out.count(rows.len());
    for (key, _) in &rows {
        out.bytes(key);
    }
    for (_, list) in &rows {
        out.u16(*list);
    }
}

fn nets<const N: usize>(out: &mut Writer, nets: BTreeMap<u8, Rows<N>>) {
    // At most 129 lengths.
    out.u8(u8::try_from(nets.len()).unwrap_or(u8::MAX));
    for (bits, rows) in nets {
        out.u8(bits);
        table(out, rows);
    }
}

fn warning(list: &str, value: &str, problem: &str) -> String {
    let value: String = value.chars().take(80).collect();
    format!("warninglist \"{list}\": entry `{value}` {problem}")
}
