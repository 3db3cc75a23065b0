//! What MISP kept of what it was sent. It drops tags, attributes and reports without a word.

use std::collections::HashSet;

use super::clusters::has;
use super::wire::Stored;
use crate::event::{Event, text};

/// One note for each kind of loss, naming what was lost. `attached` are tags that the event got afterwards.
pub(super) fn losses(sent: &Event, stored: &Stored, attached: &[String]) -> Vec<String> {
    let mut notes = Vec::new();
    let lost = sent
        .tags
        .iter()
        .filter(|tag| !has(stored, tag) && !attached.contains(&tag.name));
    let lost: Vec<&str> = lost.map(|tag| tag.name.as_str()).collect();
    if !lost.is_empty() {
        notes.push(format!(
            "MISP dropped {}: the key's role may not make new tags (perm_tag_editor)",
            listed("the tag", &lost)
        ));
    }
    let members = stored.objects.iter().flat_map(|object| &object.attributes);
    let kept: HashSet<_> = stored
        .attributes
        .iter()
        .chain(members)
        .map(|attribute| attribute.uuid)
        .collect();
    let values: HashSet<_> = stored
        .attributes
        .iter()
        .map(|attribute| (attribute.kind.as_str(), attribute.value.as_str()))
        .collect();
    let lost = sent.every_attribute().filter(|attribute| {
        let value = (attribute.kind.as_str(), attribute.value.trim());
        !kept.contains(&attribute.uuid) && !values.contains(&value)
    });
    let lost: Vec<&str> = lost.map(|attribute| attribute.value.as_str()).collect();
    if !lost.is_empty() {
        notes.push(format!("MISP dropped {}", listed("the attribute", &lost)));
    }
    if stored.reports.len() < sent.reports.len() {
        notes.push("MISP dropped the report".into());
    }
    notes
}

pub(super) fn listed(what: &str, lost: &[&str]) -> String {
    let mut names: Vec<String> = lost
        .iter()
        .take(10)
        .map(|name| format!("`{}`", text::bounded(name, 100)))
        .collect();
    if lost.len() > names.len() {
        names.push(format!("{} more", lost.len() - names.len()));
    }
    let plural = if lost.len() > 1 { "s" } else { "" };
    format!("{what}{plural} {}", names.join(", "))
}
