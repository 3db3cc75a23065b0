//! Feed lists in JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{feed_url, plain};
use crate::config::Secret;
use crate::feeds::FeedSource;

/// Keys of one feed in misp-scraper's form, and Gleaner's own.
const KEYS: &[&str] = &[
    "title",
    "url",
    "tags",
    "local_tags",
    "enabled",
    "first_run",
    "headers",
    "user_agent",
    "proxy",
];

/// Reads either form. The error says where and what.
pub(super) fn read(text: &str) -> Result<Vec<FeedSource>, String> {
    let document: Value =
        serde_json::from_str(text).map_err(|error| format!("neither JSON nor OPML: {error}"))?;
    let list = document
        .as_object()
        .ok_or("expected an object with a list `feeds` or `url_feeds`")?;
    if let Some(feeds) = list.get("feeds") {
        each(feeds, "feeds", feed)
    } else if let Some(feeds) = list.get("url_feeds") {
        each(feeds, "url_feeds", casebook_feed)
    } else {
        Err(missing_list(list))
    }
}

fn missing_list(list: &Map<String, Value>) -> String {
    let near = list
        .keys()
        .find_map(|key| nearest(key, &["feeds", "url_feeds"]).map(|near| (key, near)));
    match near {
        Some((key, near)) => {
            format!("no list `feeds` or `url_feeds`; is `{key}` meant to be `{near}`?")
        }
        None => "no list `feeds` or `url_feeds`".into(),
    }
}

fn each(
    feeds: &Value,
    key: &str,
    read: fn(&Map<String, Value>) -> Result<FeedSource, String>,
) -> Result<Vec<FeedSource>, String> {
    let feeds = feeds
        .as_array()
        .ok_or_else(|| format!("`{key}` is not a list"))?;
    let feed = |(index, feed): (usize, &Value)| {
        let fields = feed.as_object().ok_or("not an object".to_owned());
        fields
            .and_then(read)
            .map_err(|what| format!("{key}[{index}]{}: {what}", name(feed)))
    };
    feeds.iter().enumerate().map(feed).collect()
}

/// The feed's name, for errors.
fn name(feed: &Value) -> String {
    ["title", "feed_name"]
        .iter()
        .find_map(|key| feed.get(key)?.as_str())
        .map_or_else(String::new, |name| format!(" (`{name}`)"))
}

/// One feed as misp-scraper has it, with Gleaner's own keys.
fn feed(fields: &Map<String, Value>) -> Result<FeedSource, String> {
    // A key that begins with `_` or `#` is a remark.
    let unknown = fields
        .keys()
        .find(|key| !KEYS.contains(&key.as_str()) && !key.starts_with(['_', '#']));
    if let Some(key) = unknown {
        return Err(unknown_key(key));
    }
    let url = required(fields, "url")?;
    let mut feed = plain(
        text(fields, "title")?.unwrap_or_default(),
        feed_url(url).map_err(|what| format!("key `url`: {what}"))?,
    );
    feed.tags = texts(fields, "tags")?;
    feed.local_tags = texts(fields, "local_tags")?;
    feed.enabled = match fields.get("enabled") {
        None | Some(Value::Null) => true,
        Some(Value::Bool(enabled)) => *enabled,
        Some(other) => return Err(wrong_type("enabled", "true or false", other)),
    };
    feed.first_run = text(fields, "first_run")?
        .map(str::parse)
        .transpose()
        .map_err(|what| format!("key `first_run`: {what}"))?;
    feed.headers = headers(fields)?;
    feed.user_agent = text(fields, "user_agent")?.map(str::to_owned);
    feed.proxy = secret(fields, "proxy")?;
    Ok(feed)
}

/// One feed as talos_blog_to_casebook has it. Its other keys belong to that script.
fn casebook_feed(fields: &Map<String, Value>) -> Result<FeedSource, String> {
    let url = required(fields, "rss_url")?;
    let url = feed_url(url).map_err(|what| format!("key `rss_url`: {what}"))?;
    Ok(plain(text(fields, "feed_name")?.unwrap_or_default(), url))
}

fn unknown_key(key: &str) -> String {
    match nearest(key, KEYS) {
        Some(near) => format!("unknown key `{key}`; is `{near}` meant?"),
        None => format!("unknown key `{key}`; known are {}", KEYS.join(", ")),
    }
}

fn nearest<'a>(key: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|name| (strsim::jaro_winkler(key, name), *name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

fn required<'a>(fields: &'a Map<String, Value>, key: &str) -> Result<&'a str, String> {
    text(fields, key)?.ok_or_else(|| {
        let near = fields
            .keys()
            .find(|given| nearest(given, &[key]).is_some() || key.ends_with(given.as_str()))
            .map_or_else(String::new, |given| format!("; is `{given}` it?"));
        format!("key `{key}` is missing{near}")
    })
}

fn text<'a>(fields: &'a Map<String, Value>, key: &str) -> Result<Option<&'a str>, String> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        Some(other) => Err(wrong_type(key, "a string", other)),
    }
}

fn texts(fields: &Map<String, Value>, key: &str) -> Result<Vec<String>, String> {
    let Some(value) = fields.get(key).filter(|value| !value.is_null()) else {
        return Ok(Vec::new());
    };
    let list = value
        .as_array()
        .ok_or_else(|| wrong_type(key, "a list of strings", value))?;
    list.iter()
        .map(|item| match item {
            Value::String(text) => Ok(text.clone()),
            other => Err(wrong_type(key, "a list of strings", other)),
        })
        .collect()
}

/// Values may be secrets: errors do not repeat them.
fn secret(fields: &Map<String, Value>, key: &str) -> Result<Option<Secret>, String> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => {
            Ok(Some(Secret::from(text.as_str())).filter(|s| !s.is_empty()))
        }
        Some(_) => Err(format!("key `{key}`: expected a string")),
    }
}

fn headers(fields: &Map<String, Value>) -> Result<BTreeMap<String, Secret>, String> {
    let Some(value) = fields.get("headers").filter(|value| !value.is_null()) else {
        return Ok(BTreeMap::new());
    };
    let wrong = || "key `headers`: expected an object of strings".to_owned();
    let mut headers = BTreeMap::new();
    for (name, value) in value.as_object().ok_or_else(wrong)? {
        let value = value.as_str().ok_or_else(wrong)?;
        crate::http::header(name, value).map_err(|what| format!("key `headers`: {what}"))?;
        headers.insert(name.clone(), Secret::from(value));
    }
    Ok(headers)
}

fn wrong_type(key: &str, expected: &str, found: &Value) -> String {
    let shown: String = found.to_string().chars().take(60).collect();
    format!("key `{key}`: expected {expected}, found `{shown}`")
}
