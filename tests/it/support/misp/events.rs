//! Adding, editing, viewing and deleting events.

use chrono::NaiveDate;
use serde_json::{Value, json};
use uuid::Uuid;

use super::state::{Event, State};
use super::store::{is_high, is_true, text};
use super::{Ask, Reply};

const UNPUBLISHED_EMPTY: &str =
    "Received a published event that was empty. Event add process blocked.";

fn refused(field: &str, message: &str) -> Reply {
    Reply::could_not(
        "add Event",
        "/events/add",
        json!({"Event": {field: [message]}}),
    )
}

impl State {
    pub(super) fn add_event(&mut self, ask: &Ask) -> Reply {
        if ask.method == "GET" {
            return Reply::ok(json!({
                "name": "/events/add API description", "description": "POST a MISP Event JSON",
                "mandatory_fields": ["info"], "optional_fields": ["uuid"], "url": "/events/add",
            }));
        }
        if !ask.role.may_add() {
            return Reply::forbidden(&ask.path);
        }
        let body = ask.json();
        if body.is_null() || body.as_object().is_some_and(serde_json::Map::is_empty) {
            return Reply::error(405, "No valid event data received.", &ask.path);
        }
        let sent = body.get("Event").unwrap_or(&body);
        if let Some(reply) = self.known(sent, ask).or_else(|| self.invalid(sent, ask)) {
            return reply;
        }
        match self.store(sent, ask) {
            Ok(id) => {
                let metadata = ask.part(2) == "metadata:1";
                let event = &self.events[&id];
                Reply::ok(self.written(event, ask.role, metadata))
            }
            Err(()) => Reply::internal(&ask.path),
        }
    }

    /// Answers for a UUID that is blocked or taken.
    fn known(&self, sent: &Value, ask: &Ask) -> Option<Reply> {
        let uuid = sent["uuid"].as_str()?;
        if self.blocklist.iter().any(|blocked| blocked == uuid) {
            return Some(Reply::error(
                403,
                "Event blocked by event blocklist.",
                &ask.path,
            ));
        }
        if let Some(event) = self.event(uuid) {
            let message = "Event already exists, if you would like to edit it, use the url in the location header.";
            let location = format!("{}/events/{}", self.url, event.id);
            return Some(Reply::error(404, message, &ask.path).header("Location", location));
        }
        let lower = uuid.to_lowercase();
        if self.event(&lower).is_some() {
            return Some(refused("uuid", "The UUID provided is not unique"));
        }
        Uuid::parse_str(uuid)
            .err()
            .map(|_| refused("uuid", "Please provide a valid RFC 4122 UUID"))
    }

    fn invalid(&self, sent: &Value, ask: &Ask) -> Option<Reply> {
        if sent["Tag"]
            .as_array()
            .is_some_and(|tags| tags.iter().any(Value::is_string))
        {
            return Some(Reply::internal(&ask.path));
        }
        let info = match sent.get("info").and_then(text) {
            None => return Some(refused("info", "valueNotEmpty")),
            Some(info) if info.trim().is_empty() => {
                return Some(refused("info", "Info cannot be empty."));
            }
            Some(info) => info,
        };
        if let Some(date) = sent["date"].as_str()
            && NaiveDate::parse_from_str(date, "%Y-%m-%d").is_err()
        {
            return Some(refused("date", "Expected date format: YYYY-MM-DD"));
        }
        let number = |key: &str| {
            sent.get(key)
                .and_then(text)
                .map(|text| text.parse().unwrap_or(99_u32))
        };
        match number("distribution") {
            Some(4) => {
                return Some(Reply::error(
                    405,
                    "Invalid Sharing Group or not authorised.",
                    &ask.path,
                ));
            }
            Some(5..) => {
                let options = "Options : Your organisation only, This community only, Connected communities, All communities";
                return Some(refused("distribution", options));
            }
            _ => {}
        }
        if number("threat_level_id").is_some_and(|level| !(1..=4).contains(&level)) {
            let options = "Options : 1, 2, 3, 4 (for High, Medium, Low, Undefined)";
            return Some(refused("threat_level_id", options));
        }
        let empty = |key: &str| sent[key].as_array().is_none_or(Vec::is_empty);
        if is_true(&sent["published"])
            && empty("Attribute")
            && empty("Object")
            && empty("EventReport")
        {
            let errors = json!({"Event": UNPUBLISHED_EMPTY});
            return Some(Reply::could_not("add Event", "/events/add", errors));
        }
        let tags = sent["Tag"].as_array().into_iter().flatten();
        let high_tag = tags.filter_map(|tag| tag["name"].as_str()).any(is_high);
        if info.len() > 65_535 || (self.strict_utf8 && (is_high(&info) || high_tag)) {
            return Some(Reply::internal(&ask.path));
        }
        None
    }

    /// Stores as far as it goes. `Err`: the database refused a report, with all before it stored already.
    fn store(&mut self, sent: &Value, ask: &Ask) -> Result<u64, ()> {
        let id = self.next_event;
        let uuid = sent["uuid"]
            .as_str()
            .map_or_else(|| Uuid::now_v7().to_string(), Into::into);
        let or = |key: &str, default: &str| text(&sent[key]).unwrap_or_else(|| default.into());
        let published = is_true(&sent["published"]) && ask.role.publishes();
        let today = chrono::Utc::now().format("%Y-%m-%d").to_string();
        let now = Self::now();
        let mut event = self.seed(id, &uuid, ask.role).clone();
        event.info = or("info", "").trim().into();
        event.date = or("date", &today);
        event.distribution = or("distribution", "1");
        event.threat_level_id = or("threat_level_id", "4");
        event.analysis = or("analysis", "0");
        event.published = published;
        event.extends = or("extends_uuid", "").to_lowercase();
        event.timestamp = text(&sent["timestamp"])
            .and_then(|text| text.parse().ok())
            .unwrap_or(now);
        self.events.remove(&id);
        self.add_parts(&mut event, sent, ask)
    }

    /// Adds what is sent to what is there: tags, attributes, objects, then reports.
    fn add_parts(&mut self, event: &mut Event, sent: &Value, ask: &Ask) -> Result<u64, ()> {
        let id = event.id;
        let list = |key: &str| sent[key].as_array().cloned().unwrap_or_default();
        for tag in list("Tag") {
            if let Some(name) = tag["name"].as_str().filter(|name| !name.is_empty()) {
                self.set_tag(event, name, is_true(&tag["local"]), ask.role);
            }
        }
        for tag in list("EventTag") {
            if let Some(name) = tag["Tag"]["name"].as_str() {
                self.set_tag(event, name, is_true(&tag["local"]), ask.role);
            }
        }
        for attribute in list("Attribute") {
            if let Some(attribute) = self.attribute(event, &attribute, "0") {
                event.attributes.push(attribute);
            }
        }
        for object in list("Object") {
            if let Some(object) = self.object(event, &object) {
                event.objects.push(object);
            }
        }
        for report in list("EventReport") {
            match self.report(event, &report) {
                Ok(Some(report)) => event.reports.push(report),
                Ok(None) => {}
                Err(()) => {
                    self.events.insert(id, event.clone());
                    return Err(());
                }
            }
        }
        self.events.insert(id, event.clone());
        Ok(id)
    }

    pub(super) fn edit_event(&mut self, ask: &Ask) -> Reply {
        if !ask.role.may_add() {
            return Reply::forbidden(&ask.path);
        }
        let body = ask.json();
        let sent = body.get("Event").unwrap_or(&body);
        let Some(mut event) = self
            .find(ask.part(2))
            .and_then(|id| self.events.remove(&id))
        else {
            return Reply::error(404, "Invalid event", &ask.path);
        };
        let newer = text(&sent["timestamp"])
            .is_none_or(|at| at.parse::<i64>().is_ok_and(|at| at > event.timestamp));
        if !newer {
            let errors =
                "Event could not be saved: Event in the request not newer than the local copy.";
            let mut reply = Reply::could_not("edit Event", &ask.path, errors);
            reply.body["id"] = event.id.to_string().into();
            self.events.insert(event.id, event);
            return reply;
        }
        event.timestamp = Self::now();
        event.published = false;
        if let Some(info) = sent["info"].as_str() {
            event.info = info.into();
        }
        let before = event.clone();
        if self.add_parts(&mut event, sent, ask).is_err() {
            self.events.insert(before.id, event);
            return Reply::internal(&ask.path);
        }
        Reply::ok(self.written(&self.events[&before.id], ask.role, false))
    }

    pub(super) fn view_event(&self, ask: &Ask) -> Reply {
        let found = self.find(ask.part(2)).map(|id| &self.events[&id]);
        // Events with distribution 0 exist for their own organisation only.
        let visible =
            found.filter(|event| event.org == ask.role.org() || event.distribution != "0");
        match visible {
            Some(event) => Reply::ok(self.written(event, ask.role, false)),
            None => Reply::error(404, "Invalid event", &ask.path),
        }
    }

    pub(super) fn delete_event(&mut self, ask: &Ask, id: &str) -> Reply {
        if !ask.role.may_add() {
            return Reply::forbidden(&ask.path);
        }
        let found = self
            .find(id)
            .filter(|found| self.events[found].org == ask.role.org());
        let Some(event) = found.and_then(|found| self.events.remove(&found)) else {
            return Reply::could_not("delete Event", "/events/delete", "Event was not deleted.");
        };
        if self.blocklisting {
            self.blocklist.push(event.uuid);
        }
        Reply::saved("Event deleted.", &format!("/events/delete/{id}"), id)
    }

    pub(super) fn lift(&mut self, ask: &Ask) -> Reply {
        if ask.role.org() != 0 {
            return Reply::forbidden(&ask.path);
        }
        let uuid = ask.part(2);
        let before = self.blocklist.len();
        self.blocklist.retain(|blocked| blocked != uuid);
        if self.blocklist.len() == before {
            return Reply::error(404, "Invalid blocklist entry", &ask.path);
        }
        Reply::saved(
            "Blocklist entry removed",
            &format!("/event_blocklists/delete/{uuid}"),
            uuid,
        )
    }
}
