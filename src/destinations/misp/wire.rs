//! What is read of MISP's answers: no more than is needed, and in all the ways it is written.

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use uuid::Uuid;

/// The words in `errors`, which is a map, a list of maps, or a string; bounded in depth and length.
pub(super) fn words(errors: &Value) -> String {
    let mut out = Vec::new();
    gather(errors, None, 0, &mut out);
    crate::event::text::bounded(&out.join(", "), 500)
}

fn gather(value: &Value, key: Option<&str>, depth: usize, out: &mut Vec<String>) {
    if depth > 6 || out.len() >= 20 {
        return;
    }
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                gather(value, Some(key), depth + 1, out);
            }
        }
        Value::Array(list) => {
            for value in list {
                gather(value, key, depth + 1, out);
            }
        }
        Value::String(text) => {
            let text = crate::event::text::line(text);
            out.push(match key {
                Some(key) if key != "Event" => format!("{key}: {text}"),
                _ => text,
            });
        }
        _ => {}
    }
}

/// An id or number: a string on a default install, an integer on others.
fn loose<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    match Value::deserialize(from)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Null => Ok(String::new()),
        _ => Err(serde::de::Error::custom("expected a string or a number")),
    }
}

fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    Ok(loose(from)?.parse().unwrap_or_default())
}

/// A text that may be `null`.
fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(from)?.unwrap_or_default())
}

/// `{"Event": …}`
#[derive(Debug, Deserialize)]
pub(crate) struct Wrapped {
    #[serde(rename = "Event")]
    pub(crate) event: Stored,
}

/// An event as a server has it.
#[derive(Debug, Deserialize)]
pub(crate) struct Stored {
    #[serde(deserialize_with = "loose")]
    pub(crate) id: String,
    pub(crate) uuid: Uuid,
    #[serde(default, deserialize_with = "text")]
    pub(crate) info: String,
    #[serde(default, deserialize_with = "seconds")]
    pub(crate) timestamp: i64,
    #[serde(default)]
    pub(crate) published: bool,
    #[serde(rename = "Orgc")]
    pub(crate) orgc: StoredOrg,
    #[serde(rename = "Tag", default)]
    pub(crate) tags: Vec<StoredTag>,
    #[serde(rename = "Attribute", default)]
    pub(crate) attributes: Vec<StoredAttribute>,
    #[serde(rename = "Object", default)]
    pub(crate) objects: Vec<StoredObject>,
    #[serde(rename = "EventReport", default)]
    pub(crate) reports: Vec<StoredReport>,
}

impl Stored {
    /// Whether it has exactly this tag.
    pub(crate) fn has_tag(&self, name: &str) -> bool {
        self.tags.iter().any(|tag| tag.name == name)
    }
}

/// The organisation that made it.
#[derive(Debug, Deserialize)]
pub(crate) struct StoredOrg {
    pub(crate) name: String,
    pub(crate) uuid: Uuid,
}

/// One of its tags.
#[derive(Debug, Deserialize)]
pub(crate) struct StoredTag {
    pub(crate) name: String,
}

/// One of its attributes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct StoredAttribute {
    pub(crate) uuid: Uuid,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) value: String,
    #[serde(default, deserialize_with = "text")]
    pub(crate) comment: String,
    #[serde(default)]
    pub(crate) to_ids: bool,
    #[serde(default, deserialize_with = "seconds")]
    pub(crate) timestamp: i64,
}

/// One of its objects.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct StoredObject {
    #[serde(rename = "Attribute", default)]
    pub(crate) attributes: Vec<StoredAttribute>,
}

/// One of its reports.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct StoredReport {
    #[serde(deserialize_with = "loose")]
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) uuid: Uuid,
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: String,
    #[serde(default, deserialize_with = "text")]
    pub(crate) content: String,
    #[serde(default, deserialize_with = "seconds")]
    pub(crate) timestamp: i64,
    #[serde(default)]
    pub(crate) deleted: bool,
}

/// `{"EventReport": …}`, the answer of an import; within `report`, of an extraction.
#[derive(Debug, Deserialize)]
pub(crate) struct WrappedReport {
    #[serde(rename = "EventReport")]
    pub(crate) report: StoredReport,
}

/// `{"report": {"EventReport": …}}`, the answer of an extraction.
#[derive(Debug, Deserialize)]
pub(crate) struct Extracted {
    #[serde(rename = "report")]
    pub(crate) within: WrappedReport,
}

/// `{"response": [{"Event": …}]}`
#[derive(Debug, Deserialize)]
pub(crate) struct Found {
    pub(crate) response: Vec<Wrapped>,
}

/// `{"response": {"Attribute": […]}}`
#[derive(Debug, Deserialize)]
pub(crate) struct FoundAttributes {
    pub(crate) response: FoundList,
}

/// The list within.
#[derive(Debug, Deserialize)]
pub(crate) struct FoundList {
    #[serde(rename = "Attribute", default)]
    pub(crate) attributes: Vec<FoundAttribute>,
}

/// An attribute with the event it belongs to.
#[derive(Debug, Deserialize)]
pub(crate) struct FoundAttribute {
    #[serde(flatten)]
    pub(crate) attribute: StoredAttribute,
    #[serde(rename = "Event")]
    pub(crate) event: EventOf,
}

/// The event an attribute belongs to.
#[derive(Debug, Deserialize)]
pub(crate) struct EventOf {
    pub(crate) uuid: Uuid,
}

/// `{"GalaxyCluster": {"id": …, "uuid": …}}`
#[derive(Debug, Deserialize)]
pub(crate) struct WrappedCluster {
    #[serde(rename = "GalaxyCluster")]
    pub(crate) cluster: StoredCluster,
}

/// A galaxy cluster, as far as attaching it needs it.
#[derive(Debug, Deserialize)]
pub(crate) struct StoredCluster {
    #[serde(deserialize_with = "loose")]
    pub(crate) id: String,
    pub(crate) uuid: Uuid,
}

/// The user behind a key: `/users/view/me.json`.
#[derive(Debug, Deserialize)]
pub struct Me {
    /// The user's role.
    #[serde(rename = "Role")]
    pub role: Role,
    /// The user's organisation.
    #[serde(rename = "Organisation")]
    pub organisation: Organisation,
}

/// What a role may do. Missing keys mean no.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "MISP's permissions are independent switches"
)]
pub struct Role {
    /// Name, as administrators see it.
    pub name: String,
    /// Add events.
    pub perm_add: bool,
    /// Set tags.
    pub perm_tagger: bool,
    /// Make new tags; without it, tags nobody used before are silently dropped.
    pub perm_tag_editor: bool,
    /// Publish.
    pub perm_publish: bool,
    /// Everything.
    pub perm_site_admin: bool,
}

/// An organisation.
#[derive(Debug, Deserialize)]
pub struct Organisation {
    /// Name.
    pub name: String,
    /// Identity.
    pub uuid: Uuid,
}

/// `{"Warninglist": {"WarninglistEntry": […]}}`
#[derive(Debug, Deserialize)]
pub(super) struct WarningList {
    #[serde(rename = "Warninglist")]
    list: Entries,
}

#[derive(Debug, Deserialize)]
struct Entries {
    #[serde(rename = "WarninglistEntry", default)]
    entries: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    value: String,
}

impl WarningList {
    /// Its values.
    pub(super) fn entries(self) -> Vec<String> {
        let values = self.list.entries.into_iter().map(|entry| entry.value);
        values.filter(|value| !value.trim().is_empty()).collect()
    }
}
