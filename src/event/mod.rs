//! The MISP event: its parts as MISP writes them, and building one from an article.
//!
//! Numbers are written as JSON strings and read as strings or integers, because a default MISP answers with
//! the former and some with the latter. Nothing here speaks HTTP.

mod attributes;
pub mod build;
mod content;
mod context;
mod evidence;
pub mod ids;
mod numbers;
pub mod references;
pub mod report;
mod rows;
#[cfg(test)]
pub(crate) mod samples;
mod story;
mod templates;
pub mod text;
mod types;
pub mod validate;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

pub use self::build::{MAX_TAG, build, uuid};
pub use self::content::{Content, Options, Shown};

/// Marks an event no analyst has finished yet. The state is exclusive: an analyst replaces it.
pub const INCOMPLETE: &str = "workflow:state=\"incomplete\"";

/// An analyst's mark that an event stays, however old it gets.
pub const DO_NOT_DELETE: &str = "workflow:todo=\"do-not-delete\"";

/// Distribution of attributes and reports: as the event's.
pub const INHERIT: u8 = 5;

/// A MISP event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Version 5, from the article's identity.
    pub uuid: Uuid,
    /// Title, in one line.
    pub info: String,
    /// Date of the article.
    pub date: NaiveDate,
    /// 0 your organisation, 1 this community, 2 connected communities, 3 all, 4 sharing group.
    #[serde(with = "numbers")]
    pub distribution: u8,
    /// Id of the sharing group when `distribution` is 4, else 0.
    #[serde(with = "numbers", default, skip_serializing_if = "is_zero")]
    pub sharing_group_id: u32,
    /// 1 high, 2 medium, 3 low, 4 undefined.
    #[serde(with = "numbers")]
    pub threat_level_id: u8,
    /// 0 initial, 1 ongoing, 2 completed.
    #[serde(with = "numbers")]
    pub analysis: u8,
    /// The event it continues, if it is set to continue one.
    #[serde(
        default,
        deserialize_with = "uuid_or_nothing",
        skip_serializing_if = "Option::is_none"
    )]
    pub extends_uuid: Option<Uuid>,
    /// Never when it comes from us: an analyst publishes.
    #[serde(default)]
    pub published: bool,
    /// Tags of the whole event, each name once.
    #[serde(rename = "Tag", default)]
    pub tags: Vec<Tag>,
    /// Attributes outside of objects.
    #[serde(rename = "Attribute", default)]
    pub attributes: Vec<Attribute>,
    /// What belongs together: the hashes and names of one file, a domain and its address.
    #[serde(rename = "Object", default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<Object>,
    /// Reports; ours has one, or none when the server writes it.
    #[serde(rename = "EventReport", default)]
    pub reports: Vec<EventReport>,
}

impl Event {
    /// Its attributes, those of objects after the others.
    pub fn every_attribute(&self) -> impl Iterator<Item = &Attribute> {
        let members = self.objects.iter().flat_map(|object| &object.attributes);
        self.attributes
            .iter()
            .chain(members.map(|member| &member.attribute))
    }
}

/// MISP writes an empty string where there is none.
fn uuid_or_nothing<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Uuid>, D::Error> {
    let text = Option::<String>::deserialize(from)?.unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(serde::de::Error::custom)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over references"
)]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A tag on an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Its whole name, e.g. `tlp:clear`.
    pub name: String,
    /// Whether it stays on the server it was set on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub local: bool,
    /// The galaxy cluster it stands for, if that is known: by it a server can be made to set a tag it does not
    /// have yet.
    #[serde(skip)]
    pub cluster: Option<Uuid>,
}

impl Tag {
    /// A tag that travels with the event.
    pub fn global(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            local: false,
            cluster: None,
        }
    }

    /// A tag that stays on the server.
    pub fn local(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            local: true,
            cluster: None,
        }
    }
}

/// One attribute of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Version 5, from the event's UUID, type and value.
    pub uuid: Uuid,
    /// MISP attribute type, e.g. `link`.
    #[serde(rename = "type")]
    pub kind: String,
    /// MISP category, e.g. `External analysis`.
    pub category: String,
    /// The value itself.
    pub value: String,
    /// What it is to the reader.
    #[serde(default)]
    pub comment: String,
    /// Whether detection systems should use it.
    #[serde(default)]
    pub to_ids: bool,
    /// Whether MISP should not look for the same value elsewhere.
    #[serde(default)]
    pub disable_correlation: bool,
    /// As for events; 5 inherits.
    #[serde(with = "numbers")]
    pub distribution: u8,
}

/// Attributes that speak of one thing, by one of MISP's object templates.
///
/// MISP silently drops objects without the UUID of a template, and those none of whose attributes is valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// Version 5, from the event's UUID, the template and the values.
    pub uuid: Uuid,
    /// Name of the template, e.g. `file`.
    pub name: String,
    /// The template's family, e.g. `network`.
    #[serde(rename = "meta-category")]
    pub meta_category: String,
    /// What such objects are, in the template's words.
    pub description: String,
    /// The template.
    pub template_uuid: Uuid,
    /// Its version.
    #[serde(with = "numbers")]
    pub template_version: u32,
    /// Where it stood.
    #[serde(default)]
    pub comment: String,
    /// As for events; 5 inherits.
    #[serde(with = "numbers")]
    pub distribution: u8,
    /// Its values.
    #[serde(rename = "Attribute", default)]
    pub attributes: Vec<ObjectAttribute>,
    /// How it relates to others of the event.
    #[serde(
        rename = "ObjectReference",
        default,
        skip_serializing_if = "Vec::is_empty"
    )]
    pub references: Vec<ObjectReference>,
}

/// An attribute and its part in an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectAttribute {
    /// Name of the field in the template.
    pub object_relation: String,
    /// The attribute itself.
    #[serde(flatten)]
    pub attribute: Attribute,
}

/// A relationship from an object to an object or attribute of the same event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectReference {
    /// Version 5, from the object's UUID, the kind of relationship and the other end.
    pub uuid: Uuid,
    /// The object it belongs to.
    pub object_uuid: Uuid,
    /// The other end.
    pub referenced_uuid: Uuid,
    /// By MISP's list of relationships, e.g. `downloaded-from`.
    pub relationship_type: String,
    /// What it is to the reader.
    #[serde(default)]
    pub comment: String,
}

/// A Markdown text that belongs to an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventReport {
    /// Version 5, from the event's UUID and the text.
    pub uuid: Uuid,
    /// Heading in lists.
    pub name: String,
    /// Markdown.
    pub content: String,
    /// As for events; 5 inherits (MISP's own default would hide it from everyone else).
    #[serde(with = "numbers")]
    pub distribution: u8,
}

/// The organisation that made an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Orgc")]
pub struct Org {
    /// As people read it.
    pub name: String,
    /// As servers know it.
    pub uuid: Uuid,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_as_strings_and_as_integers() {
        for (distribution, level) in [("\"0\"", "\"4\""), ("0", "4")] {
            let text = format!(
                r#"{{"uuid":"5e1f0c2a-1111-4000-8000-000000000001","info":"x","date":"2026-11-20",
                "distribution":{distribution},"threat_level_id":{level},"analysis":"1"}}"#
            );
            let event: Event = serde_json::from_str(&text).unwrap();
            assert_eq!(
                (event.distribution, event.threat_level_id, event.analysis),
                (0, 4, 1)
            );
            assert!(event.tags.is_empty() && event.reports.is_empty());
        }
    }

    #[test]
    fn a_number_out_of_range_is_an_error() {
        let text = r#"{"uuid":"5e1f0c2a-1111-4000-8000-000000000001","type":"link","category":"c",
            "value":"v","distribution":"300"}"#;
        assert!(serde_json::from_str::<Attribute>(text).is_err());
    }

    #[test]
    fn local_is_written_only_when_true() {
        let tags = [Tag::global("a"), Tag::local("b")];
        assert_eq!(
            serde_json::to_string(&tags).unwrap(),
            r#"[{"name":"a"},{"name":"b","local":true}]"#
        );
    }
}
