//! Knowledge as MISP's community keeps it: cluster files of misp-galaxy and list files of misp-warninglists.

use std::collections::{BTreeMap, BTreeSet, btree_map};

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::{Cluster, Galaxy, Knowledge};
use crate::indicators::warninglists::{List, packed};

/// Galaxies that are of use on an article, by the type that stands in their tags. Left out are catalogues of things
/// (firearms, cell cultures, rules), of people's tasks and skills, of misinformation, and those whose clusters stand in
/// the ones here under the same name and id (the older ATT&CK galaxies, but for the malware that the scorers know).
pub const KINDS: &[&str] = &[
    "android",
    "backdoor",
    "banker",
    "botnet",
    "branded-vulnerability",
    "cert-eu-govsector",
    "country",
    "cryptominers",
    "exploit-kit",
    "malpedia",
    "microsoft-activity-group",
    "mitre-atlas-attack-pattern",
    "mitre-attack-pattern",
    "mitre-enterprise-attack-malware",
    "mitre-ics-groups",
    "mitre-ics-software",
    "mitre-ics-techniques",
    "mitre-intrusion-set",
    "mitre-malware",
    "mitre-tool",
    "ransomware",
    "rat",
    "region",
    "sector",
    "stealer",
    "surveillance-vendor",
    "target-information",
    "tds",
    "threat-actor",
    "tool",
];

/// Names a cluster may have besides its own; bounds what a hostile file can ask for.
const MAX_NAMES: usize = 1_000;

/// Elements (of lists, and members of objects) that a file may have: in memory each is many times what it is in the
/// file, and an archive makes a large file of a small one. The largest list of misp-warninglists has a million.
const MAX_ELEMENTS: usize = 3_000_000;

/// Elements of all files.
const MAX_ALL_ELEMENTS: usize = 12_000_000;

/// What was gathered from files or a server.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Elements of the files so far.
    elements: usize,
    /// Galaxies, by kind.
    galaxies: BTreeMap<String, Found>,
    lists: Vec<List>,
    /// Versions of lists by name.
    list_versions: BTreeMap<String, String>,
}

/// A galaxy that was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) version: Option<String>,
    pub(super) clusters: Vec<Cluster>,
    /// Whether there is more of it elsewhere: these are only the clusters that a server's people made.
    pub(super) is_partial: bool,
}

/// What a file is, by its path; `None`: nothing for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// `…/clusters/NAME.json`
    Galaxy,
    /// `…/lists/NAME/list.json`
    Warninglist,
}

impl Role {
    /// By the last parts of a path, separated by `/`.
    pub fn of(path: &str) -> Option<Self> {
        let mut parts = path.rsplit('/');
        let (file, folder, above) = (parts.next()?, parts.next()?, parts.next());
        if folder == "clusters" && file.rsplit_once('.').is_some_and(|(_, end)| end == "json") {
            Some(Self::Galaxy)
        } else if file == "list.json" && above == Some("lists") {
            Some(Self::Warninglist)
        } else {
            None
        }
    }
}

#[derive(Deserialize)]
struct File {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    version: Option<Value>,
    values: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    value: String,
    uuid: Option<Uuid>,
    #[serde(default)]
    meta: Option<Meta>,
}

/// What is read of `meta`; the rest of it can be anything, and is passed over.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Meta {
    synonyms: Value,
    external_id: Value,
    #[serde(rename = "ISO")]
    iso: Value,
    #[serde(rename = "ISO3")]
    iso3: Value,
    #[serde(rename = "iso-code")]
    iso_code: Value,
}

#[derive(Deserialize)]
struct Version {
    version: Option<Value>,
}

impl Gathered {
    /// Takes a file. The fault is for people; it does not name the file.
    pub fn file(&mut self, role: Role, json: &[u8]) -> Result<(), String> {
        let elements = memchr::memchr3_iter(b',', b'[', b'{', json).count();
        self.elements = self.elements.saturating_add(elements);
        if elements > MAX_ELEMENTS {
            return Err("has more elements than any file of MISP's".into());
        }
        if self.elements > MAX_ALL_ELEMENTS {
            return Err("it and the files before it have more elements than all of MISP's".into());
        }
        match role {
            Role::Galaxy => self.galaxy_file(json),
            Role::Warninglist => {
                let list = List::from_misp_json(json).map_err(|error| error.to_string())?;
                let version = serde_json::from_slice::<Version>(json).ok();
                self.list(list, version.and_then(|version| version.version));
                Ok(())
            }
        }
    }

    fn galaxy_file(&mut self, json: &[u8]) -> Result<(), String> {
        let file: File = serde_json::from_slice(json)
            .map_err(|error| format!("not a cluster file of misp-galaxy: {error}"))?;
        if !KINDS.contains(&file.kind.as_str()) {
            return Ok(());
        }
        let clusters = file.values.into_iter().filter_map(Entry::cluster);
        let found = Found {
            name: file.name,
            version: file.version.as_ref().map(shown),
            clusters: clusters.collect(),
            is_partial: false,
        };
        self.galaxy(file.kind, found);
        Ok(())
    }

    /// Takes a galaxy. Of a kind that is there already, the clusters are added; one without clusters brings nothing.
    pub(super) fn galaxy(&mut self, kind: String, found: Found) {
        if found.clusters.is_empty() {
            return;
        }
        match self.galaxies.entry(kind) {
            btree_map::Entry::Vacant(place) => drop(place.insert(found)),
            btree_map::Entry::Occupied(mut there) => there.get_mut().add(found),
        }
    }

    /// Kinds of galaxies that are to be added to what is known of them, not to replace it.
    pub fn partial(&self) -> BTreeSet<String> {
        let partial = self.galaxies.iter().filter(|(_, found)| found.is_partial);
        partial.map(|(kind, _)| kind.clone()).collect()
    }

    /// Takes a warninglist. Of equal names the last holds.
    pub(super) fn list(&mut self, list: List, version: Option<Value>) {
        if let Some(version) = version {
            self.list_versions
                .insert(list.name.clone(), shown(&version));
        }
        self.lists.retain(|other| other.name != list.name);
        self.lists.push(list);
    }

    /// Takes over all of another; where both have a galaxy or a list, the other's holds. What a server's people made is
    /// added.
    pub fn merge(&mut self, other: Self) {
        for (kind, found) in other.galaxies {
            let is_partial = |there: &Found| there.is_partial;
            if !found.is_partial && !self.galaxies.get(&kind).is_some_and(is_partial) {
                self.galaxies.remove(&kind);
            }
            self.galaxy(kind, found);
        }
        for list in other.lists {
            self.list(list, None);
        }
        self.list_versions.extend(other.list_versions);
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.galaxies.is_empty() && self.lists.is_empty()
    }

    /// The galaxies, with their versions; none if there are none.
    pub fn knowledge(&mut self) -> Option<(Knowledge, BTreeMap<String, String>)> {
        let mut all = Knowledge::default();
        let mut versions = BTreeMap::new();
        for ((kind, found), number) in std::mem::take(&mut self.galaxies).into_iter().zip(0..) {
            let mut clusters = found.clusters;
            for cluster in &mut clusters {
                cluster.galaxy = number;
            }
            clusters.sort_by(|a, b| (&a.value, a.uuid).cmp(&(&b.value, b.uuid)));
            clusters.dedup_by(|b, a| (&a.value, a.uuid) == (&b.value, b.uuid));
            all.clusters.extend(clusters);
            // Of all, not of the part.
            let version = found.version.filter(|_| !found.is_partial);
            versions.extend(version.map(|version| (kind.clone(), version)));
            all.galaxies.push(Galaxy {
                kind: kind.into(),
                name: found.name.into(),
            });
        }
        (!all.clusters.is_empty()).then_some((all, versions))
    }

    /// The warninglists as the section of a pack, with their versions; none if there are none.
    pub fn warninglists(&mut self) -> Option<(packed::Written, BTreeMap<String, String>)> {
        let lists = std::mem::take(&mut self.lists);
        let versions = std::mem::take(&mut self.list_versions);
        (!lists.is_empty()).then(|| (packed::write(lists), versions))
    }
}

impl Found {
    /// More of the same galaxy. The name and version of all of it go before those of a part.
    fn add(&mut self, other: Self) {
        if self.is_partial || !other.is_partial {
            self.name = other.name;
            self.version = other.version;
        }
        self.is_partial &= other.is_partial;
        self.clusters.extend(other.clusters);
    }
}

impl Entry {
    /// One without a UUID cannot be attached by MISP and is left out.
    fn cluster(self) -> Option<Cluster> {
        let meta = self.meta.unwrap_or_default();
        let get = |values: &[&Value]| {
            let values = values.iter().copied();
            names(&self.value, values.flat_map(texts))
        };
        Some(Cluster {
            galaxy: 0,
            synonyms: get(&[&meta.synonyms]),
            // As `ID_KEYS` has them.
            ids: get(&[&meta.external_id, &meta.iso, &meta.iso3, &meta.iso_code]),
            uuid: self.uuid?,
            value: self.value.into(),
        })
    }
}

/// Where the ids of a cluster stand: ATT&CK's, and the ISO codes of countries.
pub(super) const ID_KEYS: &[&str] = &["external_id", "ISO", "ISO3", "iso-code"];

/// Names without blanks around them, each once, without the cluster's own.
pub(super) fn names<'a>(own: &str, names: impl Iterator<Item = &'a str>) -> Box<[Box<str>]> {
    let mut kept: Vec<Box<str>> = Vec::new();
    for name in names.map(str::trim) {
        if !name.is_empty() && name != own && !kept.iter().any(|other| &**other == name) {
            kept.push(name.into());
        }
        if kept.len() >= MAX_NAMES {
            break;
        }
    }
    kept.into()
}

/// The texts of a field that holds one or a list of them.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// A version, which is a number or a text.
fn shown(version: &Value) -> String {
    version
        .as_str()
        .map_or_else(|| version.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_place() {
        for (path, role) in [
            ("misp-galaxy-main/clusters/rat.json", Some(Role::Galaxy)),
            ("clusters/rat.json", Some(Role::Galaxy)),
            ("misp-galaxy-main/galaxies/rat.json", None),
            ("a/lists/alexa/list.json", Some(Role::Warninglist)),
            ("lists/alexa/list.json", Some(Role::Warninglist)),
            ("alexa/list.json", None),
            ("clusters/README.md", None),
            ("list.json", None),
            ("", None),
        ] {
            assert_eq!(Role::of(path), role, "{path}");
        }
    }

    #[test]
    fn a_cluster_file_is_read() {
        let json = r#"{"name": "RAT", "type": "rat", "version": 3, "values": [
            {"value": "B", "uuid": "8dbd4c42-8a0d-4bb6-8d5c-0f8b9a3c2d11",
             "meta": {"synonyms": ["B", " C ", "C", ""], "external_id": "S0001", "refs": ["x"]}},
            {"value": "A", "uuid": "8dbd4c42-8a0d-4bb6-8d5c-0f8b9a3c2d12", "meta": {"synonyms": "D"}},
            {"value": "no uuid"}]}"#;
        let mut gathered = Gathered::default();
        gathered.file(Role::Galaxy, json.as_bytes()).unwrap();
        let (knowledge, versions) = gathered.knowledge().unwrap();
        assert_eq!(versions["rat"], "3");
        let shown: Vec<_> = (knowledge.clusters.iter())
            .map(|one| {
                format!(
                    "{}; {}; {}",
                    one.value,
                    one.synonyms.join(","),
                    one.ids.join(",")
                )
            })
            .collect();
        assert_eq!(shown, ["A; D; ", "B; C; S0001"]);
    }

    #[test]
    fn a_galaxy_without_clusters_brings_nothing() {
        let mut gathered = Gathered::default();
        for json in [
            r#"{"name": "R", "type": "rat", "values": []}"#,
            r#"{"name": "R", "type": "rat", "values": [{"value": "no uuid", "meta": {"refs": {"a": [1]}}}]}"#,
        ] {
            gathered.file(Role::Galaxy, json.as_bytes()).unwrap();
        }
        assert!(gathered.is_empty());
    }

    #[test]
    fn what_a_servers_people_made_is_added_whichever_source_comes_first() {
        let found = |name: &str, is_partial| Found {
            name: "Tool".into(),
            version: Some(name.into()),
            clusters: vec![Cluster {
                galaxy: 0,
                value: name.into(),
                uuid: Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()),
                synonyms: Box::default(),
                ids: Box::default(),
            }],
            is_partial,
        };
        for (sources, expected, version) in [
            (vec![("a", false), ("b", false)], "b", Some("b")),
            (vec![("a", false), ("b", true)], "a b", Some("a")),
            (vec![("a", true), ("b", false)], "a b", Some("b")),
            (vec![("a", true), ("b", true)], "a b", None),
        ] {
            let is_partial = sources.iter().all(|(_, is_partial)| *is_partial);
            let mut all = Gathered::default();
            for (name, is_partial) in sources {
                let mut source = Gathered::default();
                source.galaxy("tool".into(), found(name, is_partial));
                all.merge(source);
            }
            assert_eq!(all.partial().contains("tool"), is_partial, "{expected}");
            let (knowledge, versions) = all.knowledge().unwrap();
            let names: Vec<&str> = knowledge.clusters.iter().map(|it| &*it.value).collect();
            assert_eq!(names.join(" "), expected);
            assert_eq!(versions.get("tool").map(String::as_str), version);
        }
    }

    #[test]
    fn files_of_too_many_elements_are_refused_before_they_are_read() {
        let list = |count: usize| {
            let values = vec!["1"; count].join(",");
            format!(r#"{{"name": "L{count}", "list": [{values}]}}"#)
        };
        let mut gathered = Gathered::default();
        gathered
            .file(Role::Warninglist, list(10_000).as_bytes())
            .unwrap();
        let fault = gathered.file(Role::Warninglist, list(MAX_ELEMENTS).as_bytes());
        assert!(fault.unwrap_err().contains("more elements than any file"));
        gathered.elements = MAX_ALL_ELEMENTS - 10_000;
        let fault = gathered.file(Role::Warninglist, list(10_000).as_bytes());
        assert!(fault.unwrap_err().contains("the files before it"));
    }

    #[test]
    fn what_is_no_cluster_file_says_so_and_other_galaxies_are_left_out() {
        let mut gathered = Gathered::default();
        let fault = gathered.file(Role::Galaxy, b"{}").unwrap_err();
        assert!(fault.contains("missing field `name`"), "{fault}");
        let json = r#"{"name": "F", "type": "firearms", "values": []}"#;
        gathered.file(Role::Galaxy, json.as_bytes()).unwrap();
        assert!(gathered.is_empty());
        let fault = gathered.file(Role::Warninglist, b"[]").unwrap_err();
        assert!(fault.starts_with("not a warninglist"), "{fault}");
    }
}
