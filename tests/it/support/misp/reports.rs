//! Reports: import by the server, extraction, viewing, deletion.

use regex::{Captures, Regex};
use serde_json::{Value, json};

use super::state::State;
use super::store::is_high;
use super::{Ask, Reply};

impl State {
    fn report_of(&self, id: &str) -> Option<(u64, usize)> {
        self.events.values().find_map(|event| {
            let is_it = |report: &Value| report["id"] == id || report["uuid"] == id;
            Some((event.id, event.reports.iter().position(is_it)?))
        })
    }

    fn report_json(&self, event: u64, index: usize) -> Value {
        let event = &self.events[&event];
        let org = super::state::org(event.org);
        let org = json!({"id": org["id"], "name": org["name"]});
        json!({
            "EventReport": event.reports[index],
            "Event": {
                "id": event.id.to_string(), "orgc_id": org["id"], "org_id": org["id"], "info": event.info,
                "user_id": "1", "date": event.date, "Org": org, "Orgc": org,
            },
            "SharingGroup": {"id": null, "name": null, "uuid": null},
        })
    }

    pub(super) fn view_report(&self, ask: &Ask) -> Reply {
        let Some((event, index)) = self.report_of(ask.part(2)) else {
            return Reply::error(404, "Invalid report", &ask.path);
        };
        let mut report = self.report_json(event, index);
        report["RelationshipInbound"] = json!([]);
        Reply::ok(report)
    }

    pub(super) fn delete_report(&mut self, ask: &Ask) -> Reply {
        let id = ask.part(2);
        let Some((event, index)) = self.report_of(id) else {
            return Reply::error(404, "Invalid report", &ask.path);
        };
        let stored = self.events.get_mut(&event).unwrap();
        stored.timestamp = Self::now();
        stored.published = false;
        let reports = &mut stored.reports;
        let how = if ask.part(3) == "1" {
            reports.remove(index);
            "hard"
        } else {
            reports[index]["deleted"] = true.into();
            "soft"
        };
        Reply::saved(
            &format!("Event Report {id} {how} deleted"),
            &format!("/event_reports/delete/{id}"),
            id,
        )
    }

    /// Every failure is 200 `[]`.
    pub(super) fn import(&mut self, ask: &Ask) -> Reply {
        let body = ask.json();
        let body = body.get("EventReport").unwrap_or(&body);
        let Some(url) = body["url"].as_str() else {
            return Reply::error(405, "A URL must be provided", &ask.path);
        };
        let nothing = || Reply::ok(json!([]));
        let (Some(content), Ok(id)) = (self.pages.get(url).cloned(), ask.part(2).parse::<u64>())
        else {
            return nothing();
        };
        if content.trim().is_empty() {
            return nothing();
        }
        if self.strict_utf8 && is_high(&content) {
            return Reply::internal(&ask.path);
        }
        let Some(mut event) = self.events.remove(&id) else {
            return nothing();
        };
        let now = Self::now();
        let name = format!("Report from - {url} ({now})");
        let sent = json!({"name": name, "content": content, "distribution": "5"});
        let report = self.report(&event, &sent).unwrap().unwrap();
        event.reports.push(report);
        event.timestamp = now;
        let index = event.reports.len() - 1;
        self.events.insert(id, event);
        Reply::ok(self.report_json(id, index))
    }

    /// Makes attributes of addresses and names in the plain text and writes references in their place.
    pub(super) fn extract(&mut self, ask: &Ask) -> Reply {
        let Some((id, index)) = self.report_of(ask.part(2)) else {
            return Reply::error(404, "Invalid report", &ask.path);
        };
        if self.events[&id].org != ask.role.org() {
            return Reply::error(401, "Unauthorized", &ask.path);
        }
        if self.extraction_fails {
            return Reply::ok(json!([]));
        }
        let mut event = self.events.remove(&id).unwrap();
        let content = event.reports[index]["content"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        // Inline code and references of an earlier run are passed over.
        let pattern = r"`[^`\n]*`|@\[[a-z]+\]\([^)]*\)|\b(\d{1,3}(?:\[?\.\]?\d{1,3}){3})\b|\b([a-z0-9-]+(?:\[?\.\]?[a-z0-9-]+)*\[?\.\]?(?:example|com|net|org))\b";
        let pattern = Regex::new(pattern).unwrap();
        let rewritten = pattern.replace_all(&content, |found: &Captures<'_>| {
            let kind = if found.get(1).is_some() {
                "ip-dst"
            } else if found.get(2).is_some() {
                "domain"
            } else {
                return found[0].to_owned();
            };
            let value = found[0].replace("[.]", ".");
            let known = event.attributes.iter().find(|there| there["value"] == value.as_str()).cloned();
            let sent = json!({"type": kind, "value": value, "to_ids": false, "category": "Payload delivery"});
            let attribute = match known {
                Some(attribute) => attribute,
                None => match self.attribute(&event, &sent, "0") {
                    Some(attribute) => {
                        event.attributes.push(attribute.clone());
                        attribute
                    }
                    None => return found[0].to_owned(),
                },
            };
            format!("@[attribute]({})", attribute["uuid"].as_str().unwrap())
        });
        if rewritten != content {
            event.timestamp = Self::now();
            event.reports[index]["timestamp"] = event.timestamp.to_string().into();
        }
        event.reports[index]["content"] = rewritten.as_ref().into();
        self.events.insert(id, event);
        Reply::ok(json!({"report": self.report_json(id, index)}))
    }
}
