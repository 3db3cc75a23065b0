//! What the double holds: organisations, users, events, tags, blocklist, warninglists, and its switches.

use std::collections::{BTreeMap, HashMap};

use chrono::Utc;
use serde_json::{Value, json};

use super::{Ask, Reply};

/// The users of the recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Admin,
    User,
    Publisher,
    Sync,
    NoTagger,
    ReadOnly,
    OtherOrg,
    RateLimited,
}

const ROLES: [(Role, &str); 8] = [
    (Role::Admin, "admin"),
    (Role::User, "user"),
    (Role::Publisher, "publisher"),
    (Role::Sync, "sync"),
    (Role::NoTagger, "notagger"),
    (Role::ReadOnly, "readonly"),
    (Role::OtherOrg, "otherorg"),
    (Role::RateLimited, "ratelimited"),
];

impl Role {
    pub(crate) fn name(self) -> &'static str {
        ROLES.iter().find(|(role, _)| *role == self).unwrap().1
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        ROLES
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(role, _)| *role)
    }

    /// Forty characters, as MISP's keys have.
    pub(crate) fn key(self) -> String {
        format!("{:k<40}", self.name())
    }

    pub(super) fn of_key(key: &str) -> Option<Self> {
        ROLES
            .iter()
            .map(|(role, _)| *role)
            .find(|role| role.key() == key)
    }

    pub(super) fn org(self) -> usize {
        usize::from(self == Self::OtherOrg)
    }

    pub(super) fn may_add(self) -> bool {
        self != Self::ReadOnly
    }

    pub(super) fn may_tag(self) -> bool {
        !matches!(self, Self::ReadOnly | Self::NoTagger)
    }

    pub(super) fn makes_tags(self) -> bool {
        matches!(self, Self::Admin | Self::Sync | Self::OtherOrg)
    }

    pub(super) fn publishes(self) -> bool {
        matches!(self, Self::Admin | Self::Publisher | Self::Sync)
    }
}

/// Name and UUID of the organisations; the first is the host's.
pub(super) const ORGS: [(&str, &str); 2] = [
    ("ORGNAME", "7c34b110-e0c4-4216-9806-7dd39c619103"),
    ("OTHERORG", "9d45c221-f1d5-4327-a917-8ee40d720214"),
];

pub(super) fn org(index: usize) -> Value {
    let (name, uuid) = ORGS[index];
    json!({"id": (index + 1).to_string(), "name": name, "uuid": uuid, "local": true})
}

/// A stored event; attributes and reports as MISP writes them.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) id: u64,
    pub(crate) uuid: String,
    pub(crate) org: usize,
    pub(crate) info: String,
    pub(crate) date: String,
    pub(crate) distribution: String,
    pub(crate) sharing_group_id: String,
    pub(crate) threat_level_id: String,
    pub(crate) analysis: String,
    pub(crate) published: bool,
    pub(crate) timestamp: i64,
    pub(crate) creator: Role,
    /// Name, and whether it is local.
    pub(crate) tags: Vec<(String, bool)>,
    pub(crate) attributes: Vec<Value>,
    pub(crate) objects: Vec<Value>,
    pub(crate) reports: Vec<Value>,
}

impl Event {
    /// What it is some time after an analyst rewrote this report.
    pub(crate) fn edit_report(&mut self, index: usize, content: &str) {
        self.timestamp += 3600;
        let report = &mut self.reports[index];
        report["content"] = content.into();
        report["timestamp"] = self.timestamp.to_string().into();
    }

    /// Attributes that are not softly deleted.
    pub(crate) fn values(&self) -> Vec<&str> {
        let present = self
            .attributes
            .iter()
            .filter(|attribute| attribute["deleted"] != true);
        present
            .filter_map(|attribute| attribute["value"].as_str())
            .collect()
    }
}

/// Everything the double knows.
#[expect(
    clippy::struct_excessive_bools,
    reason = "a server's switches are independent"
)]
pub(crate) struct State {
    pub(crate) url: String,
    pub(crate) events: BTreeMap<u64, Event>,
    pub(crate) tags: Vec<String>,
    /// UUIDs of deleted events.
    pub(crate) blocklist: Vec<String>,
    pub(crate) blocklisting: bool,
    /// Entries by id. All are enabled; the version is the number of entries.
    pub(crate) warninglists: HashMap<String, Vec<String>>,
    /// Galaxies as `/galaxies/view` answers them, by id. No recording of it is at hand; the shape is that of MISP's source.
    pub(crate) galaxies: BTreeMap<String, Value>,
    /// What the server finds at an address; nothing: the import fails.
    pub(crate) pages: HashMap<String, String>,
    /// Extraction answers `[]`.
    pub(crate) extraction_fails: bool,
    /// `MISP.live` off.
    pub(crate) maintenance: bool,
    /// The default database, which cannot hold characters from U+10000 on.
    pub(crate) strict_utf8: bool,
    pub(crate) searches: usize,
    pub(super) next_event: u64,
    pub(super) next_row: u64,
}

impl Default for State {
    fn default() -> Self {
        let tags = [
            "tlp:clear",
            "tlp:green",
            "tlp:amber",
            "tlp:red",
            "workflow:state=\"incomplete\"",
            "misp-galaxy:mitre-attack-pattern=\"Phishing - T1566\"",
        ];
        Self {
            url: String::new(),
            events: BTreeMap::new(),
            tags: tags.map(Into::into).into(),
            blocklist: Vec::new(),
            blocklisting: true,
            warninglists: HashMap::new(),
            galaxies: BTreeMap::new(),
            pages: HashMap::new(),
            extraction_fails: false,
            maintenance: false,
            strict_utf8: true,
            searches: 0,
            next_event: 1,
            next_row: 1,
        }
    }
}

impl State {
    pub(crate) fn now() -> i64 {
        Utc::now().timestamp()
    }

    pub(super) fn row(&mut self) -> String {
        self.next_row += 1;
        self.next_row.to_string()
    }

    /// By number or UUID.
    pub(super) fn find(&self, id: &str) -> Option<u64> {
        let number = id.parse().ok();
        self.events
            .values()
            .find(|event| Some(event.id) == number || event.uuid == id)
            .map(|event| event.id)
    }

    /// The event of this UUID.
    pub(crate) fn event(&self, uuid: &str) -> Option<&Event> {
        self.events.values().find(|event| event.uuid == uuid)
    }

    /// The same, to change.
    pub(crate) fn event_mut(&mut self, uuid: &str) -> Option<&mut Event> {
        self.events.values_mut().find(|event| event.uuid == uuid)
    }

    /// An empty event with this number, made long ago.
    pub(crate) fn seed(&mut self, id: u64, uuid: &str, role: Role) -> &mut Event {
        self.next_event = self.next_event.max(id + 1);
        let event = Event {
            id,
            uuid: uuid.into(),
            org: role.org(),
            info: "Seeded".into(),
            date: "2026-11-20".into(),
            distribution: "1".into(),
            sharing_group_id: "0".into(),
            threat_level_id: "4".into(),
            analysis: "0".into(),
            published: false,
            timestamp: 1_600_000_000,
            creator: role,
            tags: Vec::new(),
            attributes: Vec::new(),
            objects: Vec::new(),
            reports: Vec::new(),
        };
        self.events.insert(id, event);
        self.events.get_mut(&id).unwrap()
    }

    pub(super) fn version(role: Role) -> Reply {
        let all = role == Role::Admin;
        let uuid = if all {
            "66926f9b-8db9-4b46-ba2a-14a214a2c8fd"
        } else {
            "-"
        };
        Reply::ok(json!({
            "version": "2.5.1", "pymisp_recommended_version": "2.5.1", "perm_sync": all, "perm_sighting": all,
            "perm_galaxy_editor": all, "perm_analyst_data": all, "uuid": uuid, "request_encoding": ["gzip"],
            "filter_sightings": true,
        }))
    }

    pub(super) fn me(role: Role) -> Reply {
        let mut me: Value = serde_json::from_str(include_str!("me.json")).unwrap();
        let permissions = me["Role"].as_object_mut().unwrap();
        for (name, value) in permissions.iter_mut() {
            if name.starts_with("perm_") {
                *value = (role == Role::Admin).into();
            }
        }
        permissions["name"] = role.name().into();
        permissions["perm_add"] = role.may_add().into();
        permissions["perm_tagger"] = role.may_tag().into();
        permissions["perm_tag_editor"] = role.makes_tags().into();
        permissions["perm_publish"] = role.publishes().into();
        let (name, uuid) = ORGS[role.org()];
        me["Organisation"]["name"] = name.into();
        me["Organisation"]["uuid"] = uuid.into();
        Reply::ok(me)
    }

    pub(super) fn galaxies_index(&self) -> Reply {
        let heads = self.galaxies.values();
        let heads = heads.map(|galaxy| json!({"Galaxy": galaxy["Galaxy"]}));
        Reply::ok(heads.collect())
    }

    pub(super) fn view_galaxy(&self, ask: &Ask) -> Reply {
        match self.galaxies.get(ask.part(2)) {
            Some(galaxy) => Reply::ok(galaxy.clone()),
            None => Reply::error(404, "Invalid galaxy.", &ask.path),
        }
    }

    pub(super) fn lists(&self) -> Reply {
        let list = |(id, entries): (&String, &Vec<String>)| {
            let count = entries.len().to_string();
            json!({"Warninglist": {
                "id": id, "name": format!("List {id}"), "type": "string", "description": "d", "version": count,
                "enabled": true, "default": false, "category": "false_positive", "warninglist_entry_count": count,
                "valid_attributes": "domain, hostname",
            }})
        };
        let lists: Vec<Value> = self.warninglists.iter().map(list).collect();
        Reply::ok(json!({"Warninglists": lists}))
    }

    pub(super) fn view_list(&self, ask: &Ask) -> Reply {
        let id = ask.part(2);
        let Some(entries) = self.warninglists.get(id) else {
            return Reply::error(404, "Warninglist not found.", &ask.path);
        };
        let version = entries.len().to_string();
        let entries: Vec<Value> = entries
            .iter()
            .map(|value| json!({"id": "1", "value": value, "warninglist_id": id, "comment": null}))
            .collect();
        Reply::ok(json!({"Warninglist": {
            "id": id, "name": format!("List {id}"), "type": "string", "description": "d", "version": version, "enabled": true,
            "default": false, "category": "false_positive", "WarninglistEntry": entries,
            "WarninglistType": [
                {"id": "1", "type": "domain", "warninglist_id": id}, {"id": "2", "type": "hostname", "warninglist_id": id},
            ],
        }}))
    }
}
