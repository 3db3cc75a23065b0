//! Bringing the double to where the recorded server was.

use serde_json::Value;

use crate::support::misp::{Role, State};

const SEEDED: &str = "5e1f0c2a-1111-4000-8000-000000000001";

/// What a preparation looks at.
struct Case<'a> {
    name: &'a str,
    request: &'a Value,
    answer: String,
    recorded: &'a Value,
    parts: Vec<&'a str>,
    /// Whether what the request names was there.
    there: bool,
}

impl<'a> Case<'a> {
    fn of(exchange: &'a Value) -> Self {
        let name = exchange["name"].as_str().unwrap();
        let (request, response) = (&exchange["request"], &exchange["response"]);
        let path = request["path"].as_str().unwrap().trim_end_matches(".json");
        let kinds = ["old-timestamp", "otherorg", "readonly"];
        Self {
            name,
            request,
            answer: response["body_json"].to_string(),
            recorded: response,
            parts: path.split('/').skip(1).collect(),
            there: response["status"] == 200 || kinds.iter().any(|kind| name.contains(kind)),
        }
    }

    fn part(&self, index: usize) -> &'a str {
        self.parts.get(index).copied().unwrap_or_default()
    }

    /// The number or UUID in the path.
    fn id(&self) -> &'a str {
        let short = self.part(0) == "events"
            && self.request["method"] == "DELETE"
            && self.part(1) != "delete";
        self.part(if short { 1 } else { 2 })
    }

    fn body(&self) -> &'a Value {
        &self.request["body_json"]
    }
}

/// Brings the double to where the server was, as far as the request depends on it.
pub(super) fn prepare(state: &mut State, exchange: &Value) {
    let case = Case::of(exchange);
    state.maintenance = case.name.contains("maintenance");
    if case.name.contains("ratelimit-4") || case.name.contains("ratelimit-5") {
        state.searches = 3;
    }
    prepare_add(state, &case);
    match (case.part(0), case.part(1)) {
        ("events", "add") => {}
        ("events", "restSearch") => prepare_search(state, &case),
        ("events", _) if case.there => prepare_event(state, &case),
        ("eventBlocklists", _) if case.there => state.blocklist.push(case.id().into()),
        ("eventReports", "importReportFromUrl") => prepare_import(state, &case),
        ("eventReports", _) if case.there => {
            let event = state.seed(43, "5e1f0c2a-6666-4000-8000-000000000009", Role::Admin);
            event.reports = vec![report(case.id(), case.id())];
        }
        ("galaxies", _) => {
            state.seed(3, "f0d6b78d-3ab2-4653-8cd8-7745503613e0", Role::User);
            let number = case.body()["Galaxy"]["target_id"].as_str().unwrap();
            let uuid = "5e1f0c2a-7777-4000-8000-000000000001";
            state.learn(number, uuid, "misp-galaxy:threat-actor=\"Sandworm\"");
        }
        ("tags", _) if !case.name.contains("missing") => prepare_tags(state, &case),
        ("warninglists", "index") if !case.answer.contains("\"id\"") => {}
        ("warninglists", _) if case.there => {
            let list = vec!["good-site.example".into()];
            state.warninglists.insert(case.id().into(), list);
        }
        ("attributes", _) => prepare_attributes(state, &case),
        _ => {}
    }
}

/// The event that others collide with, and the UUID that is sent.
fn prepare_add(state: &mut State, case: &Case<'_>) {
    let event = state.seed(1, SEEDED, Role::Admin);
    event.attributes = vec![attribute(
        "1",
        "5e1f0c2a-2222-4000-8000-000000000001",
        "first.example",
    )];
    event.reports = vec![report("1", "5e1f0c2a-3333-4000-8000-000000000001")];
    let sent = case.body()["Event"]["uuid"].as_str().unwrap_or_default();
    let status = &case.recorded["status"];
    if case.answer.contains("event blocklist") {
        state.blocklist.push(sent.into());
    } else if case.answer.contains("already exists, if you") && sent != SEEDED {
        state.seed(9, sent, Role::Admin);
    } else if sent == SEEDED && (*status == 200 || *status == 500) {
        state.events.clear();
    }
}

fn prepare_event(state: &mut State, case: &Case<'_>) {
    let id = case.id();
    let number = id.parse().unwrap_or(40);
    let other = "5e1f0c2a-4444-4000-8000-000000000001";
    let event = state.seed(
        number,
        if id.contains('-') { id } else { other },
        Role::Admin,
    );
    // What the answer shows was there before, for all the request says.
    let recorded = &case.recorded["body_json"]["Event"];
    event.attributes = recorded["Attribute"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    event.reports = recorded["EventReport"]
        .as_array()
        .cloned()
        .unwrap_or_default();
}

fn prepare_search(state: &mut State, case: &Case<'_>) {
    if !case.name.starts_with("04") && !case.name.starts_with("17") {
        return;
    }
    let found = case.answer.contains("uuid");
    let info = case.body()["eventinfo"].as_str().filter(|_| found);
    let event = state.seed(4, "5e1f0c2a-1111-4000-8000-000000000005", Role::Admin);
    event.info = info.unwrap_or("x").into();
    let tags = ["workflow:state=\"incomplete\"", "tlp:clear", "tlp:red"];
    event.tags = tags.map(|tag| (tag.to_owned(), true)).to_vec();
    event.published = case.body().get("published").is_some();
}

fn prepare_import(state: &mut State, case: &Case<'_>) {
    let body = case.body();
    let id = case.id().parse().unwrap_or(34);
    state.seed(id, "5e1f0c2a-5555-4000-8000-000000000009", Role::Admin);
    let url = body["url"].as_str().or(body["EventReport"]["url"].as_str());
    let url = url.unwrap_or_default().to_owned();
    if case.name.contains("emoji") {
        state.pages.insert(url, "\u{1F9A0}".into());
    } else if case.answer != "[]" {
        state.pages.insert(url, "# Page".into());
    }
}

fn prepare_tags(state: &mut State, case: &Case<'_>) {
    let body = case.body();
    let uuid = body["uuid"].as_str().unwrap_or_default();
    let event = state.seed(32, uuid, Role::Admin);
    if case.name.contains("again") {
        event
            .tags
            .push((body["tag"].as_str().unwrap().into(), false));
    }
}

fn prepare_attributes(state: &mut State, case: &Case<'_>) {
    let hit = "5e1f0c2a-9999-4000-8000-000000000000";
    let event = state.seed(51, "9adcc01f-170f-4ae9-8b8f-16ec9b21afd1", Role::Admin);
    if case.part(1) == "delete" && case.there {
        event.attributes = vec![attribute(case.id(), case.id(), "x.example")];
    } else if case.answer.contains("event_id") {
        event.attributes = vec![attribute("374", hit, "attr-one.example")];
    }
}

fn attribute(id: &str, uuid: &str, value: &str) -> Value {
    serde_json::json!({
        "id": id, "event_id": "51", "object_id": "0", "object_relation": null, "category": "Network activity",
        "type": "domain", "to_ids": true, "uuid": uuid, "timestamp": "1795291625", "distribution": "5",
        "sharing_group_id": "0", "comment": "", "deleted": false, "disable_correlation": false, "first_seen": null,
        "last_seen": null, "value": value, "Galaxy": [], "ShadowAttribute": [],
    })
}

fn report(id: &str, uuid: &str) -> Value {
    serde_json::json!({
        "id": id, "uuid": uuid, "event_id": "43", "name": "r", "content": "See 198.51.100.7", "distribution": "5",
        "sharing_group_id": "0", "timestamp": "1795291444", "deleted": false,
    })
}
