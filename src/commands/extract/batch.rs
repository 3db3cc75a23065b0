//! Many texts at once: a line of JSON in, a line of JSON out.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, BufWriter, Read as _, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{judge_blocks, judged, local, name};
use crate::article::{self, Page};
use crate::commands::text::write_json_line;
use crate::config::Config;
use crate::indicators::{Judge, Verdict, scan_blocks};

/// Longest line, in bytes.
const MAX_LINE: u64 = 256 << 20;

/// Deeply nested pages need the room; see `article.max_depth`.
const STACK: usize = 8 << 20;

#[derive(Deserialize)]
struct Case {
    id: Value,
    text: Option<String>,
    /// A file beside the cases; read when there is no text.
    page: Option<String>,
}

#[derive(Serialize)]
struct Answer<'a> {
    id: &'a Value,
    found: Vec<Found>,
    /// Why the page was not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
struct Found {
    #[serde(rename = "type")]
    kind: &'static str,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_ids: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
}

/// Answers each case in its order. Fails at a line that is no case; a page that cannot be read is told in its answer,
/// and by the exit status.
pub(super) fn run(
    config: &Config,
    cases: &Path,
    judge: Option<&Judge>,
    out: &mut (impl Write + Send),
) -> anyhow::Result<ExitCode> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let work = || answer_all(config, cases, judge, out);
        let thread = thread.spawn_scoped(scope, work).context("no thread")?;
        thread
            .join()
            .unwrap_or_else(|_| bail!("the parser panicked"))
    })
}

fn answer_all(
    config: &Config,
    cases: &Path,
    judge: Option<&Judge>,
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    let shown = cases.display();
    let input: Box<dyn std::io::Read> = if cases == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(cases).with_context(|| format!("cannot open `{shown}`"))?)
    };
    let mut input = BufReader::with_capacity(1 << 16, input);
    let mut out = BufWriter::with_capacity(1 << 16, out);
    let folder = cases.parent().unwrap_or(Path::new(""));
    let (mut line, mut number, mut unread) = (Vec::new(), 0_u64, 0_u64);
    loop {
        line.clear();
        number += 1;
        let length = input
            .by_ref()
            .take(MAX_LINE)
            .read_until(b'\n', &mut line)
            .with_context(|| format!("cannot read `{shown}`"))?;
        if length == 0 {
            break;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let case: Case = serde_json::from_slice(&line).with_context(|| {
            format!("`{shown}`, line {number}: not an object with `id` and `text` or `page`")
        })?;
        let (found, error) = match answer(config, folder, &case, judge) {
            Ok(found) => (found, None),
            Err(error) => (Vec::new(), Some(format!("{error:#}"))),
        };
        unread += u64::from(error.is_some());
        let id = &case.id;
        write_json_line(&mut out, &Answer { id, found, error })?;
    }
    out.flush()?;
    if unread > 0 {
        bail!("{unread} pages were not read; their lines say why (`error`)");
    }
    Ok(ExitCode::SUCCESS)
}

fn answer(
    config: &Config,
    folder: &Path,
    case: &Case,
    judge: Option<&Judge>,
) -> anyhow::Result<Vec<Found>> {
    if let Some(text) = &case.text {
        let blocks = article::read_text(text);
        return Ok(match judge {
            None => scanned(&blocks),
            Some(judge) => found(judge_blocks(judge, None, "", &blocks)),
        });
    }
    let Some(page) = &case.page else {
        bail!("has neither `text` nor `page`");
    };
    let path = folder.join(page);
    let path = path.to_str().context("the path is not UTF-8")?;
    let page = Page::local(name(path)?, local(path, config.article.max_size.get())?)?;
    let article = article::read(&page, &config.article)?;
    Ok(match judge {
        None => scanned(&article.blocks),
        Some(judge) => found(judged(judge, &article)),
    })
}

/// Everything well-formed, each value once.
fn scanned(blocks: &[article::blocks::Block]) -> Vec<Found> {
    let finds = scan_blocks(blocks);
    let mut seen = HashSet::with_capacity(finds.len());
    let first = finds
        .iter()
        .filter(|find| seen.insert((find.kind, find.value.as_str())));
    let found = |find: &crate::indicators::Find| Found {
        kind: find.kind.as_str(),
        value: find.value.clone(),
        to_ids: None,
        verdict: None,
    };
    first.map(found).collect()
}

fn found(indicators: Vec<crate::indicators::Indicator>) -> Vec<Found> {
    let indicators = indicators
        .into_iter()
        .filter(|indicator| indicator.verdict.is_indicator());
    let found = |indicator: crate::indicators::Indicator| Found {
        kind: indicator.kind.as_str(),
        value: indicator.value,
        to_ids: Some(indicator.to_ids),
        verdict: Some(indicator.verdict),
    };
    indicators.map(found).collect()
}
