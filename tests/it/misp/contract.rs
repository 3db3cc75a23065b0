//! Holds the double to recordings of a real MISP: each exchange that Gleaner's requests are like is replayed, and
//! status, keys and errors are compared.

mod prepare;

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use super::http;
use crate::support::misp::{MispDouble, Role};

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
    "attr-deleteSelected",
    "events-add-form",
    "gzip-request",
    "race-result",
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
    // What else the recorded server held.
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

/// The value of the request's `Authorization` header, empty without one; `None`: of a role the double has not.
fn key(exchange: &Value) -> Option<String> {
    let written = exchange["request"]["headers"]["Authorization"]
        .as_str()
        .unwrap_or_default();
    let Some(start) = written.find("<key of ") else {
        return Some(written.to_owned());
    };
    let name = written[start..]
        .trim_start_matches("<key of ")
        .trim_end_matches('>');
    Some(written[..start].to_owned() + &Role::of_name(name)?.key())
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
        "/galaxies/attachCluster",
        "/warninglists/view",
        "/warninglists/index/",
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
        && !path.starts_with("/events/addTag")
        && !LEFT_OUT.iter().any(|part| name.contains(part))
        && ["GET", "POST", "DELETE"].contains(&request["method"].as_str().unwrap())
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

/// What was stored of an event: values with their type and category, objects, reports.
fn kept(answer: &Value) -> Vec<String> {
    let event = &answer["Event"];
    let list = |key: &str| event[key].as_array().cloned().unwrap_or_default();
    let mut out: Vec<String> = Vec::new();
    for part in list("Attribute") {
        out.push(format!(
            "{} {} {} {}",
            part["type"], part["category"], part["value"], part["to_ids"]
        ));
    }
    out.extend(
        list("Object")
            .iter()
            .map(|part| format!("object {}", part["name"])),
    );
    out.extend(
        list("EventReport")
            .iter()
            .map(|part| format!("report {} {}", part["name"], part["distribution"])),
    );
    for field in [
        "info",
        "published",
        "distribution",
        "threat_level_id",
        "analysis",
    ] {
        out.push(format!("{field} {}", event[field]));
    }
    out.sort();
    out
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

async fn replay(exchange: &Value, key: String) -> Result<(), String> {
    let double = MispDouble::start().await;
    prepare::prepare(&mut double.state(), exchange);
    let expected = &exchange["response"];
    let mut response = send(&double, &exchange["request"], key)
        .await
        .map_err(|error| error.to_string())?;
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
    compare(exchange, status, &body, recorded)
}

/// Sends a recorded request to the double.
async fn send(
    double: &MispDouble,
    request: &Value,
    key: String,
) -> Result<reqwest::Response, reqwest::Error> {
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
    if !key.is_empty() {
        builder = builder.header("Authorization", key);
    }
    if let Some(body) = request.get("body_json") {
        builder = builder.body(body.to_string());
    } else if let Some(body) = request["body_text"].as_str() {
        builder = builder.body(body.to_owned());
    }
    builder.send().await
}

/// Errors, what was kept, and keys.
fn compare(exchange: &Value, status: u16, body: &Value, recorded: &Value) -> Result<(), String> {
    let path = exchange["request"]["path"].as_str().unwrap();
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
    if path.starts_with("/events/add") {
        let (ours, theirs) = (kept(body), kept(recorded));
        if ours != theirs {
            return Err(format!("kept {ours:?}, recorded {theirs:?}"));
        }
    }
    let (ours, theirs) = (compared(body), compared(recorded));
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
