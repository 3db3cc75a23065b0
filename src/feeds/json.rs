//! JSON Feed 1.0 and 1.1 (jsonfeed.org), as people write it.

use serde_json::{Map, Value, json};
use url::Url;

use super::canonical::parse_link;
use super::dates;
use super::repair::damage::{Damage, Kind};
use super::repair::read::MAX_ENTRIES;
use super::repair::write::FoundLink;

/// Tags of an item that are looked at.
const MAX_TAGS: usize = 64;

/// A JSON Feed brought into the form the parser accepts.
pub(crate) struct JsonFeed {
    /// `1`, `1.1`; what the feed claims.
    pub(crate) version: String,
    /// The feed, each field of the type the specification asks for.
    pub(crate) normalised: Value,
    /// Where it says it is, else the site it belongs to: what links are relative to in a feed from a file.
    pub(crate) base: Option<Url>,
    /// The link of each item.
    pub(crate) links: Vec<Option<FoundLink>>,
}

/// Reads a JSON text. `None`: no feed in it.
pub(crate) fn read(text: &str, damage: &mut Damage) -> Option<JsonFeed> {
    let text = text.get(text.find('{')?..)?;
    let feed = match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(feed)) => feed,
        Ok(_) => return None,
        Err(_) => salvage(text, damage)?,
    };
    let version = feed
        .get("version")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let items = feed.get("items").and_then(Value::as_array)?;
    let claimed = version.rsplit('/').next().unwrap_or_default().to_owned();
    if !version.starts_with("https://jsonfeed.org/version/1") {
        damage.add(Kind::JsonNormalised, 0);
    }
    if items.len() > MAX_ENTRIES {
        damage.add(Kind::TooMany, text.len());
    }
    let items = items.iter().take(MAX_ENTRIES).filter_map(Value::as_object);
    let (links, items): (Vec<_>, Vec<_>) = items
        .map(|item| (link(item), normalise(item, damage)))
        .unzip();
    let normalised = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": string(feed.get("title")).unwrap_or_default(),
        "items": items,
    });
    Some(JsonFeed {
        version: claimed,
        base: base(&feed),
        normalised,
        links,
    })
}

fn base(feed: &Map<String, Value>) -> Option<Url> {
    ["feed_url", "home_page_url"]
        .iter()
        .filter_map(|key| parse_link(feed.get(*key)?.as_str()?, None))
        .map(|link| link.url)
        .next()
}

/// `url`, else `external_url`, else an id that is one.
fn link(item: &Map<String, Value>) -> Option<FoundLink> {
    let id = || {
        string(item.get("id")).filter(|id| id.starts_with("http://") || id.starts_with("https://"))
    };
    let given = string(item.get("url"))
        .or_else(|| string(item.get("external_url")))
        .or_else(id)?;
    Some(FoundLink { given, base: None })
}

fn normalise(item: &Map<String, Value>, damage: &mut Damage) -> Value {
    let mut out = Map::new();
    for key in ["id", "title"] {
        let value = item.get(key);
        if value.is_some_and(|value| !value.is_string() && !value.is_null()) {
            damage.add(Kind::JsonNormalised, 0);
        }
        if let Some(text) = string(value) {
            out.insert(key.into(), text.into());
        }
    }
    for key in ["date_published", "date_modified"] {
        if let Some(date) = string(item.get(key)).and_then(|text| dates::parse(&text)) {
            out.insert(key.into(), date.to_rfc3339().into());
        }
    }
    let tags = item.get("tags").and_then(Value::as_array);
    let tags = tags
        .into_iter()
        .flatten()
        .filter_map(|tag| string(Some(tag)));
    let tags: Vec<String> = tags.take(MAX_TAGS).collect();
    if !tags.is_empty() {
        out.insert("tags".into(), tags.into());
    }
    Value::Object(out)
}

fn string(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A broken JSON text: raw control characters in strings, or a tail cut off. Items before the damage
/// are kept.
fn salvage(text: &str, damage: &mut Damage) -> Option<Map<String, Value>> {
    let spaced = text.replace(|c: char| c < ' ', " ");
    if let Ok(Value::Object(feed)) = serde_json::from_str(&spaced) {
        damage.add(Kind::ControlCharacter, 0);
        return Some(feed);
    }
    let (head, items) = spaced.split_once("\"items\"")?;
    let mut rest = items
        .trim_start()
        .strip_prefix(':')?
        .trim_start()
        .strip_prefix('[')?;
    let mut kept = Vec::new();
    while kept.len() <= MAX_ENTRIES {
        rest = rest.trim_start_matches([' ', ',']);
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let Some(Ok(item)) = stream.next() else { break };
        let end = stream.byte_offset();
        kept.push(item);
        rest = rest.get(end..)?;
    }
    let complete = rest.starts_with(']');
    let at = text.len() - rest.len();
    damage.add(
        if complete {
            Kind::JsonNormalised
        } else {
            Kind::CutJson
        },
        at,
    );
    // What stood before the items is often whole but for its last comma.
    let head = format!("{}}}", head.trim_end().trim_end_matches(','));
    let mut feed: Map<String, Value> = serde_json::from_str(&head).unwrap_or_default();
    feed.insert("items".into(), Value::Array(kept));
    Some(feed)
}
