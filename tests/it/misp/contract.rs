//! Holds the double to recordings of a real MISP: each exchange that Gleaner's requests are like is replayed, and
//! status, keys and errors are compared.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use super::http;
use crate::support::misp::{MispDouble, Role, State};

const SEEDED: &str = "5e1f0c2a-1111-4000-8000-000000000001";

/// Recordings of other settings than the double's, of requests Gleaner never makes, or of what it does not model.
const LEFT_OUT: &[&str] = &[
    "nonstringified",
    "utf8mb4",
    "nonstrict",
    "db-down",
    "getVersion-disabled",
    "events-add-GET",
    "import-slow",
    // The module's own ways of reading addresses.
    "import-pdf",
    "import-missing-event",
    "import-otherorg",
    "import-by-event-uuid",
    // Bulk deletion and requests without the parts Gleaner always sends.
    "POST-delete-multi-body",
    "GET-delete-id",
    "attach-attribute",
    "with-blocklisting-disabled",
    // Extraction is open to other roles of the same organisation; the double does the same.
    "attr-restSearch-enforceWarninglist",
    "attr-restSearch-includeWarninglistHits",
    "attr-delete-GET",
    "blocklist-delete-as-publisher",
    // State of the recorded session (how many events there were).
    "04-restSearch-otherorg",
];

fn recordings() -> Option<Vec<Value>> {
    let folder = std::env::var_os("GLEANER_MISP_CONTRACT").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/misp-contract"),
        PathBuf::from,
    );
    let text = std::fs::read_to_string(folder.join("exchanges.jsonl")).ok()?;
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

/// The request's key, if the double has its role; `None`: no such role.
fn key(exchange: &Value) -> Option<Option<String>> {
    let Some(written) = exchange["request"]["headers"]["Authorization"].as_str() else {
        return Some(None);
    };
    let Some(start) = written.find("<key of ") else {
        return Some(Some(written.to_owned()));
    };
    let name = written[start..]
        .trim_start_matches("<key of ")
        .trim_end_matches('>');
    let role = Role::of_name(name)?;
    Some(Some(written[..start].to_owned() + &role.key()))
}

fn is_ours(exchange: &Value) -> bool {
    let path = exchange["request"]["path"].as_str().unwrap();
    let ours = [
        "/servers/getVersion",
        "/users/view/me",
        "/events/add",
        "/events/edit",
        "/events/view",
        "/events/restSearch",
        "/events/delete",
        "/eventBlocklists/delete",
        "/eventReports/importReportFromUrl",
        "/eventReports/extractAllFromReport",
        "/eventReports/view",
        "/eventReports/delete",
        "/tags/attachTagToObject",
        "/warninglists/view",
        "/attributes/restSearch",
        "/attributes/delete",
        "/nosuch",
    ];
    let name = exchange["name"].as_str().unwrap();
    let request = &exchange["request"];
    let whole = request.get("body_form").is_none()
        && !request["body_text"]
            .as_str()
            .unwrap_or_default()
            .contains("...[cut");
    let deletes = request["method"] == "DELETE" && path.starts_with("/events/");
    let answered = exchange["response"]["body_text"]
        .as_str()
        .unwrap_or_default()
        .is_empty();
    whole
        && answered
        && (deletes || ours.iter().any(|ours| path.starts_with(ours)))
        && !LEFT_OUT.iter().any(|part| name.contains(part))
        && ["GET", "POST", "DELETE"].contains(&request["method"].as_str().unwrap())
}

/// Brings the double to where the server was, as far as the request depends on it.
fn prepare(state: &mut State, exchange: &Value) {
    let name = exchange["name"].as_str().unwrap();
    let request = &exchange["request"];
    let answer = exchange["response"]["body_json"].to_string();
    let parts: Vec<&str> = request["path"]
        .as_str()
        .unwrap()
        .trim_end_matches(".json")
        .split('/')
        .collect();
    let part = |index: usize| parts.get(index).copied().unwrap_or_default();
    let body = &request["body_json"];
    let there = exchange["response"]["status"] == 200
        || name.contains("otherorg")
        || name.contains("readonly");
    state.maintenance = name.contains("maintenance");
    state.seed(1, SEEDED, Role::Admin).attributes = vec![attribute(
        "1",
        "5e1f0c2a-2222-4000-8000-000000000001",
        "first.example",
    )];
    state.events.get_mut(&1).unwrap().reports =
        vec![report("1", "5e1f0c2a-3333-4000-8000-000000000001")];
    if name.contains("ratelimit-4") || name.contains("ratelimit-5") {
        state.searches = 3;
    }
    let sent_uuid = body["Event"]["uuid"].as_str().unwrap_or_default();
    if answer.contains("event blocklist") {
        state.blocklist.push(sent_uuid.into());
    } else if answer.contains("already exists, if you") && sent_uuid != SEEDED {
        state.seed(9, sent_uuid, Role::Admin);
    } else if sent_uuid == SEEDED
        && (exchange["response"]["status"] == 200 || exchange["response"]["status"] == 500)
    {
        state.events.clear();
    }
    let id = if part(1) == "events" && request["method"] == "DELETE" && part(2) != "delete" {
        part(2)
    } else {
        part(3)
    };
    match (part(1), part(2)) {
        ("events", _) if there && part(2) != "add" && part(2) != "restSearch" => {
            let number = id.parse().unwrap_or(40);
            let uuid = if id.contains('-') {
                id
            } else {
                "5e1f0c2a-4444-4000-8000-000000000001"
            };
            state.seed(number, uuid, Role::Admin);
        }
        ("eventBlocklists", _) if there => state.blocklist.push(id.into()),
        ("eventReports", "importReportFromUrl") => {
            state.seed(
                id.parse().unwrap_or(34),
                "5e1f0c2a-5555-4000-8000-000000000009",
                Role::Admin,
            );
            let url = body["url"]
                .as_str()
                .or(body["EventReport"]["url"].as_str())
                .unwrap_or_default();
            if name.contains("emoji") {
                state.pages.insert(url.into(), "\u{1F9A0}".into());
            } else if answer != "[]" {
                state.pages.insert(url.into(), "# Page".into());
            }
        }
        ("eventReports", _) if there => {
            state
                .seed(43, "5e1f0c2a-6666-4000-8000-000000000009", Role::Admin)
                .reports = vec![report(id, id)]
        }
        ("tags", _) if !name.contains("missing") => {
            let event = state.seed(32, body["uuid"].as_str().unwrap_or_default(), Role::Admin);
            if name.contains("again") {
                event
                    .tags
                    .push((body["tag"].as_str().unwrap().into(), false));
            }
        }
        ("warninglists", _) if there => {
            state
                .warninglists
                .insert(id.into(), vec!["good-site.example".into()]);
        }
        ("attributes", "delete") if there => {
            state
                .seed(51, "5e1f0c2a-7777-4000-8000-000000000009", Role::Admin)
                .attributes = vec![attribute(id, id, "x.example")];
        }
        ("attributes", "restSearch") => {
            let hits = answer.contains("event_id");
            let event = state.seed(51, "9adcc01f-170f-4ae9-8b8f-16ec9b21afd1", Role::Admin);
            if hits {
                event.attributes = vec![attribute(
                    "374",
                    "5e1f0c2a-9999-4000-8000-000000000000",
                    "attr-one.example",
                )];
            }
        }
        ("events", "restSearch") if name.starts_with("04") || name.starts_with("17") => {
            let event = state.seed(4, "5e1f0c2a-1111-4000-8000-000000000005", Role::Admin);
            event.info = body["eventinfo"]
                .as_str()
                .filter(|_| answer.contains("uuid"))
                .unwrap_or("x")
                .into();
            event.tags = ["workflow:state=\"incomplete\"", "tlp:clear", "tlp:red"]
                .map(|tag| (tag.to_owned(), true))
                .to_vec();
            event.published = body.get("published").is_some();
        }
        _ => {}
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

/// Keys of objects, three levels deep, through the first of each list.
fn keys(value: &Value, at: &str, depth: usize, out: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) if depth < 3 => {
            for (key, value) in map {
                let at = format!("{at}/{key}");
                out.insert(at.clone());
                keys(value, &at, depth + 1, out);
            }
        }
        Value::Array(list) => {
            if let Some(first) = list.first() {
                keys(first, at, depth, out);
            }
        }
        _ => {}
    }
}

/// What of a key set may differ: parts that depend on content of the recorded server.
fn compared(value: &Value) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    keys(value, "", 0, &mut out);
    let content = [
        "/Galaxy/",
        "/RelatedEvent/",
        "/Attribute/Tag",
        "/Attribute/Galaxy",
        "/Event/Tag",
        "event_creator_email",
    ];
    out.retain(|key| !content.iter().any(|part| key.contains(part)) && key != "/Event/Tag");
    out
}

async fn replay(exchange: &Value, key: Option<String>) -> Result<(), String> {
    let double = MispDouble::start().await;
    prepare(&mut double.state(), exchange);
    let (request, expected) = (&exchange["request"], &exchange["response"]);
    let method = request["method"].as_str().unwrap().parse().unwrap();
    let mut builder = http().request(
        method,
        format!("{}{}", double.url(), request["path"].as_str().unwrap()),
    );
    for name in ["Accept", "Content-Type"] {
        if let Some(value) = request["headers"][name].as_str() {
            builder = builder.header(name, value);
        }
    }
    if let Some(key) = key {
        builder = builder.header("Authorization", key);
    }
    if let Some(body) = request.get("body_json") {
        builder = builder.body(body.to_string());
    } else if let Some(body) = request["body_text"].as_str() {
        builder = builder.body(body.to_owned());
    }
    let mut response = builder.send().await.map_err(|error| error.to_string())?;
    let status = response.status().as_u16();
    if u64::from(status) != expected["status"] {
        return Err(format!("status {status}, recorded {}", expected["status"]));
    }
    for header in ["Location", "X-Rate-Limit-Reset", "X-Result-Count"] {
        if expected["headers"].get(header).is_some() != response.headers().contains_key(header) {
            return Err(format!("header {header}"));
        }
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| error.to_string())? {
        bytes.extend_from_slice(&chunk);
    }
    let Some(recorded) = expected.get("body_json") else {
        return Ok(());
    };
    let body: Value = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    if body.get("errors") != recorded.get("errors") {
        return Err(format!(
            "errors {:?}, recorded {:?}",
            body.get("errors"),
            recorded.get("errors")
        ));
    }
    if status != 200 && body["message"] != recorded["message"] {
        return Err(format!(
            "message {}, recorded {}",
            body["message"], recorded["message"]
        ));
    }
    let (ours, theirs) = (compared(&body), compared(recorded));
    let differing: Vec<&String> = ours.symmetric_difference(&theirs).collect();
    if differing.is_empty() {
        Ok(())
    } else {
        Err(format!("keys {differing:?}"))
    }
}

#[tokio::test]
async fn the_double_answers_as_recorded() {
    let Some(recordings) = recordings() else {
        eprintln!(
            "SKIPPED: no recordings of MISP; set GLEANER_MISP_CONTRACT to the folder with exchanges.jsonl"
        );
        return;
    };
    let (mut replayed, mut differing) = (0, Vec::new());
    for exchange in recordings.iter().filter(|exchange| is_ours(exchange)) {
        let Some(key) = key(exchange) else {
            continue;
        };
        replayed += 1;
        if let Err(difference) = replay(exchange, key).await {
            differing.push(format!(
                "{}: {difference}",
                exchange["name"].as_str().unwrap()
            ));
        }
    }
    eprintln!("{replayed} exchanges replayed");
    assert!(
        differing.is_empty(),
        "{} of {replayed} differ:\n{}",
        differing.len(),
        differing.join("\n")
    );
    assert!(replayed >= 150, "only {replayed} exchanges replayed");
}
