//! A MISP server: its galaxies, custom clusters included, and the warninglists enabled there.
//!
//! `GET /galaxies/index.json` answers a list of `{"Galaxy": {id, type, name, version, enabled, …}}`;
//! `GET /galaxies/view/{id}.json` answers `{"Galaxy": {…}, "GalaxyCluster": [{value, uuid, tag_name, deleted, …,
//! "GalaxyElement": [{key, value}]}]}`. After MISP's source; no exchange of them is recorded, so fields that are not
//! needed may be missing.

use std::path::Path;

use serde_json::Value;
use uuid::Uuid;

use super::UpdateError;
use crate::destinations::misp::MispClient;
use crate::failure::Failure;
use crate::knowledge::Cluster;
use crate::knowledge::import::{Found, Gathered, ID_KEYS, KINDS, names};
use crate::warninglists;

/// Galaxies a server may have.
const MAX_GALAXIES: usize = 1_000;

pub(super) async fn gather(
    client: &MispClient,
    copies: &Path,
    gathered: &mut Gathered,
) -> Result<(), UpdateError> {
    for galaxy in galaxies(client).await? {
        let path = format!("/galaxies/view/{}.json", galaxy.id);
        let answer = client.get(&path).await?.ok()?;
        let Some(clusters) = answer.body.get("GalaxyCluster").and_then(Value::as_array) else {
            return Err(answer.garbled("no `GalaxyCluster` in it").into());
        };
        let known = KINDS.contains(&galaxy.kind.as_str());
        let wanted = clusters.iter().filter(|one| known || is_custom(one));
        // A galaxy of which nothing but that is there was not loaded; all there is to it lies elsewhere.
        let is_partial = clusters.iter().all(is_custom);
        let clusters: Vec<Cluster> = wanted
            .filter_map(|one| cluster(one, &galaxy.kind))
            .collect();
        if !clusters.is_empty() {
            let found = Found {
                name: galaxy.name,
                version: galaxy.version,
                clusters,
                is_partial,
            };
            gathered.galaxy(galaxy.kind, found);
        }
    }
    for (list, version) in warninglists::of_server(client, copies).await? {
        gathered.list(list, version);
    }
    Ok(())
}

/// A galaxy of the index.
struct Listed {
    id: String,
    kind: String,
    name: String,
    version: Option<String>,
}

async fn galaxies(client: &MispClient) -> Result<Vec<Listed>, Failure> {
    let answer = client.get("/galaxies/index.json").await?.ok()?;
    let Some(all) = answer.body.as_array() else {
        return Err(answer.garbled("no list of galaxies"));
    };
    let listed = |one: &Value| {
        let one = one.get("Galaxy").unwrap_or(one);
        // Ids become part of a path.
        let id = text(one, "id").filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()))?;
        let enabled = one.get("enabled").is_none_or(is_true);
        enabled.then_some(Listed {
            id,
            kind: text(one, "type")?,
            name: text(one, "name")?,
            version: text(one, "version"),
        })
    };
    Ok(all.iter().filter_map(listed).take(MAX_GALAXIES).collect())
}

/// A text, or a number as one: MISP writes either.
fn text(of: &Value, key: &str) -> Option<String> {
    match of.get(key)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn is_true(value: &Value) -> bool {
    matches!(value, Value::Bool(true)) || value == 1 || value == "1"
}

/// Whether people of that server made the cluster.
fn is_custom(cluster: &Value) -> bool {
    cluster
        .get("default")
        .is_some_and(|default| !is_true(default))
}

/// The cluster, if it is one. In the tag of a custom cluster stands its UUID instead of its name, which then is one of
/// its other names here.
fn cluster(one: &Value, kind: &str) -> Option<Cluster> {
    if one.get("deleted").is_some_and(is_true) {
        return None;
    }
    let name = text(one, "value")?;
    let uuid = Uuid::parse_str(&text(one, "uuid")?).ok()?;
    let tag = text(one, "tag_name");
    let tag = tag
        .as_deref()
        .and_then(|tag| tag.strip_prefix(&format!("misp-galaxy:{kind}=\"")))
        .and_then(|tag| tag.strip_suffix('"'));
    let value = tag
        .filter(|tag| !tag.is_empty())
        .unwrap_or(&name)
        .to_owned();
    let elements = one.get("GalaxyElement").and_then(Value::as_array);
    let elements: Vec<(&str, &str)> = (elements.into_iter().flatten())
        .filter_map(|one| Some((one.get("key")?.as_str()?, one.get("value")?.as_str()?)))
        .collect();
    let of = |keys: &[&str]| {
        let fitting = elements.iter().filter(|(key, _)| keys.contains(key));
        fitting.map(|(_, value)| *value).collect::<Vec<_>>()
    };
    let synonyms = of(&["synonyms"]);
    let synonyms = std::iter::once(name.as_str()).chain(synonyms);
    Some(Cluster {
        galaxy: 0,
        synonyms: names(&value, synonyms),
        ids: names(&value, of(ID_KEYS).into_iter()),
        uuid,
        value: value.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_custom_cluster_goes_by_the_tag_misp_gives_it() {
        let uuid = "5e1f0c2a-7777-4000-8000-000000000001";
        let one = json!({"value": "Grey Heron", "uuid": uuid, "default": false, "deleted": false,
            "tag_name": format!("misp-galaxy:threat-actor=\"{uuid}\""),
            "GalaxyElement": [{"key": "synonyms", "value": "Pale Crane"}, {"key": "refs", "value": "x"}]});
        assert!(is_custom(&one));
        let cluster = cluster(&one, "threat-actor").unwrap();
        assert_eq!(&*cluster.value, uuid);
        assert_eq!(cluster.synonyms.join(", "), "Grey Heron, Pale Crane");
    }

    #[test]
    fn a_cluster_of_the_community_goes_by_its_name() {
        let one = json!({"value": "Phishing - T1566", "uuid": "a62a8db3-f23a-4d8f-afd6-9dbc77e7813b", "default": "1",
            "tag_name": "misp-galaxy:mitre-attack-pattern=\"Phishing - T1566\"",
            "GalaxyElement": [{"key": "external_id", "value": "T1566"}]});
        assert!(!is_custom(&one));
        let cluster = cluster(&one, "mitre-attack-pattern").unwrap();
        assert_eq!(&*cluster.value, "Phishing - T1566");
        assert_eq!(
            (cluster.synonyms.len(), cluster.ids.join(", ")),
            (0, "T1566".to_owned())
        );
    }

    #[test]
    fn what_is_deleted_or_no_cluster_is_left_out() {
        for one in [
            json!({"value": "x", "uuid": "a62a8db3-f23a-4d8f-afd6-9dbc77e7813b", "deleted": "1"}),
            json!({"value": "x", "uuid": "none"}),
            json!({"uuid": "a62a8db3-f23a-4d8f-afd6-9dbc77e7813b"}),
            json!("x"),
        ] {
            assert_eq!(cluster(&one, "rat"), None, "{one}");
        }
    }
}
