//! `feed URL|FILE`: shows what the poller reads there, without publishing.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;

use anyhow::{Context, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use url::Url;

use super::text::{clean, write_json};
use crate::config::Config;
use crate::feeds::parse::{ParsedEntry, ParsedFeed, parse};
use crate::feeds::{FeedSource, poll};
use crate::http::{Fetcher, classify_status, shown};

/// Reads the feed at a URL, in a file, or on standard input (`-`), and writes what is in it.
///
/// Fails when there is no feed to be read; the error says what is there instead.
pub async fn run(
    fetcher: &Fetcher,
    config: &Config,
    input: &str,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let (feed, url) = if is_web(input) {
        from_web(fetcher, config, input).await?
    } else {
        (from_file(input, config.feeds.max_size.get())?, None)
    };
    let url = url.as_ref().map(shown);
    if json {
        let document = as_json(&feed, url.as_deref());
        write_json(out, &document)?;
    } else {
        as_text(&feed, url.as_deref(), out)?;
    }
    out.flush()?;
    Ok(())
}

fn is_web(input: &str) -> bool {
    input.starts_with("http://") || input.starts_with("https://")
}

async fn from_web(
    fetcher: &Fetcher,
    config: &Config,
    input: &str,
) -> anyhow::Result<(ParsedFeed, Option<Url>)> {
    let url = Url::parse(input).with_context(|| format!("`{input}` is not a URL"))?;
    let source = FeedSource {
        title: String::new(),
        url: url.clone(),
        tags: Vec::new(),
        local_tags: Vec::new(),
        enabled: true,
        first_run: None,
        headers: BTreeMap::new(),
        user_agent: None,
        proxy: None,
    };
    let request = poll::request(&source, url, &config.feeds)?;
    let answer = fetcher.fetch(&request).await?;
    if let Some(failure) = classify_status(answer.status, &answer.headers, &answer.url) {
        bail!(failure);
    }
    let found = answer.url.clone();
    Ok((poll::read(answer).await?, Some(found)))
}

fn from_file(input: &str, max_size: usize) -> anyhow::Result<ParsedFeed> {
    let limit = u64::try_from(max_size)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut bytes = Vec::new();
    if input == "-" {
        std::io::stdin()
            .lock()
            .take(limit)
            .read_to_end(&mut bytes)?;
    } else {
        let file = std::fs::File::open(Path::new(input))
            .with_context(|| format!("cannot open `{input}`"))?;
        file.take(limit)
            .read_to_end(&mut bytes)
            .with_context(|| format!("cannot read `{input}`"))?;
    }
    if bytes.len() > max_size {
        bail!("`{input}` is larger than `feeds.max_size` allows ({max_size} bytes)");
    }
    parse(&bytes, None, None).with_context(|| format!("cannot read a feed from `{input}`"))
}

fn as_json(feed: &ParsedFeed, url: Option<&str>) -> Value {
    let entries: Vec<_> = feed.entries.iter().map(entry_as_json).collect();
    json!({
        "kind": feed.kind.to_string(),
        "title": feed.title,
        "url": url,
        "ttl_seconds": feed.ttl.map(|ttl| ttl.as_secs()),
        "damage": feed.damage,
        "problems": feed.problems,
        "entries": entries,
    })
}

fn entry_as_json(entry: &ParsedEntry) -> Value {
    json!({
        "title": entry.title,
        "link": entry.link.as_str(),
        "link_as_given": entry.link_as_given,
        "guid": entry.guid,
        "published": entry.published.map(shown_date),
        "updated": entry.updated.map(shown_date),
        "categories": entry.categories,
    })
}

fn shown_date(date: DateTime<Utc>) -> String {
    date.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn as_text(feed: &ParsedFeed, url: Option<&str>, out: &mut dyn Write) -> std::io::Result<()> {
    let title = if feed.title.is_empty() {
        "(no title)"
    } else {
        &clean(&feed.title)
    };
    let count = feed.entries.len();
    writeln!(out, "{title}: {}, {count} entries", feed.kind)?;
    if let Some(url) = url {
        writeln!(out, "at {url}")?;
    }
    for damage in &feed.damage {
        writeln!(out, "mended: {}", clean(damage))?;
    }
    for problem in &feed.problems {
        writeln!(out, "left out: {}", clean(problem))?;
    }
    for entry in &feed.entries {
        entry_as_text(entry, out)?;
    }
    Ok(())
}

fn entry_as_text(entry: &ParsedEntry, out: &mut dyn Write) -> std::io::Result<()> {
    let title = if entry.title.is_empty() {
        "(no title)"
    } else {
        &clean(&entry.title)
    };
    writeln!(out, "\n{title}")?;
    writeln!(out, "  link       {}", entry.link)?;
    if entry.link_as_given != entry.link.as_str() {
        writeln!(out, "  as given   {}", clean(&entry.link_as_given))?;
    }
    if let Some(guid) = entry
        .guid
        .as_ref()
        .filter(|guid| **guid != entry.link_as_given)
    {
        writeln!(out, "  guid       {}", clean(guid))?;
    }
    for (name, date) in [("published", entry.published), ("updated", entry.updated)] {
        if let Some(date) = date {
            writeln!(out, "  {name:<10} {}", shown_date(date))?;
        }
    }
    if !entry.categories.is_empty() {
        writeln!(out, "  categories {}", clean(&entry.categories.join(", ")))?;
    }
    Ok(())
}
