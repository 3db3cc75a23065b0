//! Setting tags, and attributes by themselves.

use serde_json::{Value, json};

use super::state::State;
use super::store::is_true;
use super::{Ask, Reply};

impl State {
    pub(super) fn attach_tag(&mut self, ask: &Ask) -> Reply {
        if !ask.role.may_tag() {
            return Reply::forbidden(&ask.path);
        }
        let body = ask.json();
        let names: Vec<String> = match &body["tag"] {
            Value::String(name) => vec![name.clone()],
            Value::Array(names) => names
                .iter()
                .filter_map(|name| name.as_str().map(Into::into))
                .collect(),
            _ => return Reply::error(405, "Invalid tag", &ask.path),
        };
        let found = body["uuid"].as_str().and_then(|uuid| self.find(uuid));
        let Some(mut event) = found.and_then(|id| self.events.remove(&id)) else {
            return Reply::error(404, "Invalid Target.", &ask.path);
        };
        let local = is_true(&body["local"]);
        let reply = if event.org == ask.role.org() {
            self.attach(&mut event, &names, local, ask)
        } else if local {
            let errors = "Failed to attach 1 tags. Reasons: {\"0\":\"Local tags can only be added by users of the host organisation.\"}";
            Reply::could_not("attachTagToObject Tag", &ask.path, errors)
        } else {
            let message = "Cannot alter the tags of this data, only the organisation that has created the data (orgc) can \
                           modify global tags.";
            Reply::error(403, message, &ask.path)
        };
        self.events.insert(event.id, event);
        reply
    }

    fn attach(
        &mut self,
        event: &mut super::state::Event,
        names: &[String],
        local: bool,
        ask: &Ask,
    ) -> Reply {
        let mut said = Vec::new();
        for name in names {
            if event.tags.iter().any(|(tag, _)| tag == name) {
                said.push(format!("Event already has the requested tag attached, no changes had to be made for tag {name}."));
                continue;
            }
            if !self.set_tag(event, name, local, ask.role) {
                let errors = "Failed to attach 1 tags. Reasons: {\"0\":\"Tag not found and insufficient privileges to create it.\"}";
                return Reply::could_not("attachTagToObject Tag", &ask.path, errors);
            }
            if !local {
                event.timestamp = Self::now();
                event.published = false;
            }
            let what = if local { "Local" } else { "Global" };
            said.push(format!(
                "{what} tag {name}(1) successfully attached to Event({}).",
                event.id
            ));
        }
        let message = said.join(", ");
        Reply::ok(
            json!({"saved": true, "success": true, "name": message, "message": message, "url": ask.path}),
        )
    }

    /// By number or UUID. (Answers of this path are not among the recordings; its shape is that of clusters within
    /// recorded events.)
    pub(super) fn view_cluster(&self, ask: &Ask) -> Reply {
        let id = ask.part(2);
        let found = self.clusters.iter().find(|it| it.0 == id || it.1 == id);
        let Some((number, uuid, tag)) = found else {
            return Reply::error(404, "Invalid galaxy cluster", &ask.path);
        };
        let value = tag.split('"').nth(1).unwrap_or_default();
        Reply::ok(json!({"GalaxyCluster": {
            "id": number, "uuid": uuid, "collection_uuid": uuid, "type": "threat-actor", "value": value, "tag_name": tag,
            "description": "d", "galaxy_id": "1", "source": "s", "authors": ["a"], "version": "1", "distribution": "3",
            "default": true, "locked": false, "extends_uuid": "", "extends_version": "0", "published": false,
            "deleted": false, "GalaxyClusterRelation": [], "GalaxyElement": [],
        }}))
    }

    /// Makes the tag whoever asks, who may tag. Attached twice is attached.
    pub(super) fn attach_cluster(&mut self, ask: &Ask) -> Reply {
        if !ask.role.may_tag() {
            return Reply::forbidden(&ask.path);
        }
        let body = ask.json();
        let number = super::store::text(&body["Galaxy"]["target_id"]).unwrap_or_default();
        let found = self.clusters.iter().find(|it| it.0 == number);
        let Some((_, _, tag)) = found.cloned() else {
            return Reply::error(404, "Invalid Galaxy cluster", &ask.path);
        };
        let Some(mut event) = self
            .find(ask.part(2))
            .and_then(|id| self.events.remove(&id))
        else {
            return Reply::error(404, "Invalid event.", &ask.path);
        };
        let local = ask.part(4) == "local:1";
        let there = event.tags.iter().any(|(name, _)| *name == tag);
        if !there {
            self.set_tag(&mut event, &tag, local, super::Role::Admin);
            if !local {
                event.timestamp = Self::now();
                event.published = false;
            }
        }
        self.events.insert(event.id, event);
        let said = if there {
            "Cluster already attached."
        } else {
            "Cluster attached."
        };
        Reply::ok(json!({"saved": true, "success": said, "check_publish": true}))
    }

    pub(super) fn delete_attribute(&mut self, ask: &Ask) -> Reply {
        if !ask.role.may_add() {
            return Reply::forbidden(&ask.path);
        }
        let (id, hard) = (ask.part(2).to_owned(), ask.part(3) == "1");
        let is_it = |part: &Value| part["id"] == id.as_str() || part["uuid"] == id.as_str();
        let found = self.events.values_mut().find_map(|event| {
            let index = event.attributes.iter().position(&is_it)?;
            Some((event, index))
        });
        let gone = || Reply::error(404, "Invalid attribute", &ask.path);
        let Some((event, index)) = found else {
            return gone();
        };
        if event.org != ask.role.org() {
            return Reply::error(403, "You do not have permission to do that.", &ask.path);
        }
        if hard {
            event.attributes.remove(index);
        } else if event.attributes[index]["deleted"] == true {
            return gone();
        } else {
            event.attributes[index]["deleted"] = true.into();
        }
        event.timestamp = Self::now();
        Reply::ok(json!({"message": "Attribute deleted."}))
    }
}
