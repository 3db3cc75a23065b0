//! Searches. Filters of unknown names are ignored, and then everything comes back.

use serde_json::{Value, json};

use super::state::{Event, Role, State};
use super::store::{is_true, text};
use super::{Ask, Reply};

/// Whether a text matches a pattern in which `%` is anything and `_` any character.
fn like(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('%') => {
            let mut ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.any(|at| like(rest.as_str(), &text[at..]))
        }
        Some(wanted) => {
            let mut text = text.chars();
            let found = text.next();
            found.is_some_and(|c| wanted == '_' || c == wanted)
                && like(rest.as_str(), text.as_str())
        }
    }
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().filter_map(text).collect(),
        other => text(other).into_iter().collect(),
    }
}

/// Seconds since 1970, or so many days ago.
fn moment(value: &Value) -> Option<i64> {
    let text = text(value)?;
    if let Some(days) = text.strip_suffix('d') {
        return Some(State::now() - days.parse::<i64>().ok()? * 86_400);
    }
    text.parse().ok()
}

fn tagged(event: &Event, pattern: &str) -> bool {
    event.tags.iter().any(|(name, _)| like(pattern, name))
}

fn matches(event: &Event, role: Role, query: &Value) -> bool {
    if event.org != role.org() && event.distribution == "0" {
        return false;
    }
    let tags = &query["tags"];
    if let Some(map) = tags.as_object() {
        let has = |pattern: &String| tagged(event, pattern);
        let list = |key: &str| map.get(key).map(strings).unwrap_or_default();
        let or = list("OR");
        if !list("AND").iter().all(has)
            || list("NOT").iter().any(has)
            || (!or.is_empty() && !or.iter().any(has))
        {
            return false;
        }
    } else if !strings(tags).is_empty()
        && !strings(tags).iter().any(|pattern| tagged(event, pattern))
    {
        return false;
    }
    if let Some(range) = query["timestamp"].as_array() {
        let (Some(a), Some(b)) = (
            range.first().and_then(moment),
            range.get(1).and_then(moment),
        ) else {
            return false;
        };
        if !(a.min(b)..=a.max(b)).contains(&event.timestamp) {
            return false;
        }
    }
    if let Some(info) = query["eventinfo"].as_str()
        && !like(info, &event.info)
    {
        return false;
    }
    if let Some(published) = query.get("published")
        && is_true(published) != event.published
    {
        return false;
    }
    query["uuid"].as_str().is_none_or(|uuid| uuid == event.uuid)
}

impl State {
    pub(super) fn search_events(&mut self, ask: &Ask) -> Reply {
        self.searches += 1;
        if ask.role == Role::RateLimited && self.searches > 3 {
            return Reply::error(429, "Rate limit exceeded.", &ask.path)
                .header("X-Rate-Limit-Limit", 3)
                .header("X-Rate-Limit-Remaining", 0)
                .header("X-Rate-Limit-Reset", 900);
        }
        let query = ask.json();
        if query["returnFormat"]
            .as_str()
            .is_some_and(|format| format != "json")
        {
            return Reply::error(404, "Invalid output format.", &ask.path);
        }
        let found: Vec<&Event> = self
            .events
            .values()
            .filter(|event| matches(event, ask.role, &query))
            .collect();
        let total = found.len();
        let number = |key: &str| text(&query[key]).and_then(|text| text.parse::<usize>().ok());
        let limit = number("limit").unwrap_or(usize::MAX);
        let skip = number("limit").map_or(0, |limit| {
            limit * number("page").unwrap_or(1).saturating_sub(1)
        });
        let metadata = is_true(&query["metadata"]);
        let page = found.into_iter().skip(skip).take(limit);
        let events: Vec<Value> = page
            .map(|event| self.written(event, ask.role, metadata))
            .collect();
        Reply::ok(json!({"response": events}))
            .header("X-Result-Count", total)
            .header("X-Response-Format", "json")
    }

    pub(super) fn search_attributes(&self, ask: &Ask) -> Reply {
        let query = ask.json();
        let events = strings(&query["eventid"]);
        let values = strings(&query["value"]);
        let mut found = Vec::new();
        for event in self.events.values() {
            if !events.is_empty()
                && !events
                    .iter()
                    .any(|id| *id == event.id.to_string() || *id == event.uuid)
            {
                continue;
            }
            for attribute in event
                .attributes
                .iter()
                .filter(|attribute| attribute["deleted"] != true)
            {
                let value = attribute["value"]
                    .as_str()
                    .unwrap_or_default()
                    .to_lowercase();
                if !values.is_empty()
                    && !values
                        .iter()
                        .any(|wanted| like(&wanted.to_lowercase(), &value))
                {
                    continue;
                }
                let mut attribute = attribute.clone();
                let map = attribute.as_object_mut().unwrap();
                map.shift_remove("Galaxy");
                map.shift_remove("ShadowAttribute");
                let org = (event.org + 1).to_string();
                map.insert("Event".into(), json!({
                    "org_id": org, "distribution": event.distribution, "publish_timestamp": "0",
                    "id": event.id.to_string(), "info": event.info, "orgc_id": org, "uuid": event.uuid,
                }));
                found.push(attribute);
            }
        }
        let total = found.len();
        Reply::ok(json!({"response": {"Attribute": found}}))
            .header("X-Result-Count", total)
            .header("X-Response-Format", "json")
    }
}
