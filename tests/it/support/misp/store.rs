//! How parts of an event are checked, stored and written: what is dropped without a word, and the defaults.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Value, json};
use uuid::Uuid;

use super::state::{Event, Role, State, org};

/// Whether a text holds what the default database cannot.
pub(super) fn is_high(text: &str) -> bool {
    text.chars().any(|c| u32::from(c) > 0xFFFF)
}

/// A string or a number, as a string.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

pub(super) fn is_true(value: &Value) -> bool {
    matches!(value, Value::Bool(true)) || matches!(text(value).as_deref(), Some("1"))
}

/// The categories of each type, the default first.
static CATEGORIES: LazyLock<BTreeMap<String, Vec<String>>> = LazyLock::new(|| {
    let mut described: Value =
        serde_json::from_str(include_str!("../../../fixtures/misp/types-2.5.1.json")).unwrap();
    serde_json::from_value(described["categories"].take()).unwrap()
});

/// Whether a type is for detection by default.
fn is_for_detection(kind: &str) -> bool {
    !matches!(kind, "link" | "vulnerability" | "comment" | "text")
}

fn is_valid(kind: &str, value: &str) -> bool {
    let hex = |length| value.len() == length && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    match kind {
        "md5" => hex(32),
        "sha1" => hex(40),
        "sha256" => hex(64),
        "ip-dst" | "ip-src" => {
            let (address, length) = value.split_once('/').unwrap_or((value, "0"));
            let longest = if address.contains(':') { 128 } else { 32 };
            address.parse::<std::net::IpAddr>().is_ok()
                && length.parse().is_ok_and(|length: u8| length <= longest)
        }
        "link" => {
            let scheme = value
                .split_once("://")
                .map(|(scheme, _)| scheme.to_ascii_lowercase());
            let known = matches!(scheme.as_deref(), Some("http" | "https" | "ftp"));
            known && value.bytes().all(|byte| byte.is_ascii_graphic())
        }
        "domain" | "hostname" => value.contains('.') && !value.contains(char::is_whitespace),
        "vulnerability" => value.starts_with("CVE-"),
        "email" => value.contains('@'),
        _ => !value.is_empty(),
    }
}

impl State {
    /// An attribute as stored, or nothing where MISP drops it silently.
    pub(super) fn attribute(&mut self, event: &Event, sent: &Value, object: &str) -> Option<Value> {
        let kind = sent["type"].as_str()?;
        let categories = CATEGORIES.get(kind)?;
        let category = sent["category"]
            .as_str()
            .or(categories.first().map(String::as_str))?;
        let to_ids = is_for_detection(kind);
        let mut value = text(&sent["value"])?
            .trim()
            .replace("[.]", ".")
            .replace("hxxp", "http");
        if kind.starts_with("sha") || kind == "md5" {
            value = value.to_lowercase();
        }
        let value: String = value
            .chars()
            .map(|c| if u32::from(c) > 0xFFFF { '?' } else { c })
            .collect();
        let uuid = sent["uuid"]
            .as_str()
            .map_or_else(|| Uuid::now_v7().to_string(), Into::into);
        let parts = || {
            self.events
                .values()
                .chain([event])
                .flat_map(|event| &event.attributes)
        };
        let taken = parts().any(|other| other["uuid"] == uuid.as_str());
        let twice = event.attributes.iter().any(|other| {
            other["type"] == kind
                && other["category"] == category
                && other["value"] == value.as_str()
        });
        let known = categories.iter().any(|known| known == category);
        if !known || !is_valid(kind, &value) || value.len() > 65_535 || taken || twice {
            return None;
        }
        let comment = sent["comment"].as_str().unwrap_or_default();
        Some(json!({
            "id": self.row(), "type": kind, "category": category,
            "to_ids": sent.get("to_ids").map_or(to_ids, is_true), "uuid": uuid, "event_id": event.id.to_string(),
            "distribution": text(&sent["distribution"]).unwrap_or_else(|| "5".into()),
            "timestamp": text(&sent["timestamp"]).unwrap_or_else(|| Self::now().to_string()), "comment": comment,
            "sharing_group_id": "0", "deleted": false, "disable_correlation": is_true(&sent["disable_correlation"]),
            "object_id": object, "object_relation": sent.get("object_relation").cloned().unwrap_or_default(),
            "first_seen": null, "last_seen": null, "value": value, "Galaxy": [], "ShadowAttribute": [],
        }))
    }

    /// An object with its valid attributes, or nothing.
    pub(super) fn object(&mut self, event: &Event, sent: &Value) -> Option<Value> {
        let template = sent["template_uuid"].as_str()?;
        let id = self.row();
        let mut scratch = event.clone();
        for attribute in sent["Attribute"].as_array()? {
            if let Some(attribute) = self.attribute(&scratch, attribute, &id) {
                scratch.attributes.push(attribute);
            }
        }
        let attributes = scratch.attributes.split_off(event.attributes.len());
        if attributes.is_empty() {
            return None;
        }
        Some(json!({
            "id": id, "name": sent["name"], "meta-category": sent["meta-category"], "description": null,
            "template_uuid": template, "template_version": text(&sent["template_version"]),
            "event_id": event.id.to_string(), "uuid": Uuid::now_v7().to_string(), "timestamp": Self::now().to_string(),
            "distribution": "5", "sharing_group_id": "0", "comment": "", "deleted": false, "first_seen": null,
            "last_seen": null, "ObjectReference": [], "Attribute": attributes,
        }))
    }

    /// A report as stored; `Ok(None)`: dropped silently; `Err`: the database refuses it.
    pub(super) fn report(&mut self, event: &Event, sent: &Value) -> Result<Option<Value>, ()> {
        let content = sent["content"].as_str();
        let Some(name) = sent["name"].as_str().filter(|name| !name.is_empty()) else {
            return Ok(None);
        };
        let uuid = sent["uuid"]
            .as_str()
            .map_or_else(|| Uuid::now_v7().to_string(), Into::into);
        let taken = {
            let mut reports = self
                .events
                .values()
                .chain([event])
                .flat_map(|event| &event.reports);
            reports.any(|other| other["uuid"] == uuid.as_str())
        };
        if taken {
            return Ok(None);
        }
        let stored = content.unwrap_or_default();
        if (self.strict_utf8 && (is_high(stored) || is_high(name))) || stored.len() > 16 << 20 {
            return Err(());
        }
        Ok(Some(json!({
            "id": self.row(), "uuid": uuid, "event_id": event.id.to_string(), "name": name, "content": content,
            "distribution": text(&sent["distribution"]).unwrap_or_else(|| "0".into()), "sharing_group_id": "0",
            "timestamp": Self::now().to_string(), "deleted": false,
        })))
    }

    /// Sets a tag, unless the event has it or the role may not make it.
    pub(super) fn set_tag(
        &mut self,
        event: &mut Event,
        name: &str,
        local: bool,
        role: Role,
    ) -> bool {
        let known = self
            .tags
            .iter()
            .find(|tag| tag.eq_ignore_ascii_case(name))
            .cloned();
        let name = match known {
            Some(name) => name,
            None if role.makes_tags() => {
                self.tags.push(name.into());
                name.into()
            }
            None => return false,
        };
        if !event.tags.iter().any(|(tag, _)| *tag == name) {
            event.tags.push((name, local));
        }
        true
    }

    fn tag_json(&self, name: &str, local: bool) -> Value {
        let id = self
            .tags
            .iter()
            .position(|tag| tag == name)
            .unwrap_or_default()
            + 1;
        json!({
            "id": id.to_string(), "name": name, "colour": "#ffffff", "exportable": true, "user_id": "0",
            "hide_tag": false, "numerical_value": null, "is_galaxy": name.starts_with("misp-galaxy:"),
            "is_custom_galaxy": false, "local_only": false, "local": local, "relationship_type": null,
        })
    }

    /// An event as MISP writes it; `metadata`: without its content.
    pub(super) fn written(&self, event: &Event, role: Role, metadata: bool) -> Value {
        let objects: usize = event
            .objects
            .iter()
            .filter_map(|object| object["Attribute"].as_array())
            .map(Vec::len)
            .sum();
        let count = event.values().len() + objects;
        let mut out = json!({
            "id": event.id.to_string(), "orgc_id": (event.org + 1).to_string(), "org_id": (event.org + 1).to_string(),
            "date": event.date, "threat_level_id": event.threat_level_id, "info": event.info,
            "published": event.published, "uuid": event.uuid, "attribute_count": count.to_string(),
            "analysis": event.analysis, "timestamp": event.timestamp.to_string(), "distribution": event.distribution,
            "proposal_email_lock": false, "locked": false,
            "publish_timestamp": if event.published { event.timestamp.to_string() } else { "0".into() },
            "sharing_group_id": event.sharing_group_id, "disable_correlation": false, "extends_uuid": event.extends, "protected": null,
        });
        let map = out.as_object_mut().unwrap();
        // Only site administrators and those who may see users are told who made it.
        if role.org() == event.org && !matches!(role, Role::NoTagger | Role::RateLimited) {
            map.insert(
                "event_creator_email".into(),
                format!("{}@test.example", event.creator.name()).into(),
            );
        }
        map.insert("Org".into(), org(event.org));
        map.insert("Orgc".into(), org(event.org));
        let present = |list: &[Value]| -> Value {
            list.iter()
                .filter(|part| part["deleted"] != true)
                .cloned()
                .collect()
        };
        if !metadata {
            map.insert("Attribute".into(), present(&event.attributes));
            map.insert("ShadowAttribute".into(), json!([]));
        }
        map.insert("RelatedEvent".into(), json!([]));
        map.insert("Galaxy".into(), json!([]));
        if !metadata {
            map.insert("Object".into(), present(&event.objects));
            map.insert("EventReport".into(), present(&event.reports));
        }
        map.insert("CryptographicKey".into(), json!([]));
        let visible = event
            .tags
            .iter()
            .filter(|(_, local)| !local || role.org() == event.org);
        let tags: Vec<Value> = visible
            .map(|(name, local)| self.tag_json(name, *local))
            .collect();
        if !tags.is_empty() {
            map.insert("Tag".into(), tags.into());
        }
        json!({"Event": out})
    }
}
