//! Many texts at once: a line of JSON in, a line of JSON out.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, BufWriter, Read as _, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Finder, Found, Parser, local, name};
use crate::article::{self, Page};
use crate::commands::text::{clean, write_json_line};
use crate::config::Config;
use crate::context::{Choice, ContextTag, Wanted};
use crate::indicators::{Find, Indicator, Verdict};

/// Longest line, in bytes.
const MAX_LINE: u64 = 256 << 20;

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
    found: Vec<One>,
    /// Those the event would carry; none of an unjudged scan.
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<String>>,
    /// Why the page was not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
struct One {
    #[serde(rename = "type")]
    kind: &'static str,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_ids: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
}

/// Answers each case in its order. A line that is no case is told on standard error, a page that cannot be read in
/// its answer, and both by the exit status.
pub(super) async fn run(
    config: &Config,
    cases: &Path,
    finder: &Finder,
    wanted: &Wanted,
    out: &mut (impl Write + Send),
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
    let mut reader = Reader::start(config, finder, wanted)?;
    let (mut line, mut number, mut unread, mut malformed) = (Vec::new(), 0_u64, 0_u64, 0_u64);
    loop {
        number += 1;
        let read = next_line(&mut input, &mut line, MAX_LINE);
        if !read.with_context(|| format!("cannot read `{shown}`"))? {
            break;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let case: Case = match serde_json::from_slice(&line) {
            Ok(case) => case,
            Err(error) => {
                malformed += 1;
                let fault = format!(
                    "gleaner: `{shown}`, line {number}: not an object with `id` and `text` or `page`: {error}"
                );
                anstream::eprintln!("{}", clean(&fault));
                continue;
            }
        };
        let ((found, tags), error) = match reader.answer(config, folder, &case).await {
            Ok(found) => (found, None),
            Err(error) => ((Vec::new(), None), Some(format!("{error:#}"))),
        };
        unread += u64::from(error.is_some());
        let id = &case.id;
        write_json_line(
            &mut out,
            &Answer {
                id,
                found,
                tags,
                error,
            },
        )?;
    }
    out.flush()?;
    match (unread, malformed) {
        (0, 0) => Ok(ExitCode::SUCCESS),
        (_, 0) => bail!("{unread} pages were not read; their lines say why (`error`)"),
        (0, _) => bail!("{malformed} lines were not understood"),
        _ => bail!(
            "{malformed} lines were not understood, and {unread} pages were not read; their lines say why (`error`)"
        ),
    }
}

/// Reads the next line; `false` at the end. One longer than `most` is cut, and the rest of it passed over.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>, most: u64) -> std::io::Result<bool> {
    line.clear();
    let length = input.by_ref().take(most).read_until(b'\n', line)?;
    if u64::try_from(length).unwrap_or(u64::MAX) >= most && line.last() != Some(&b'\n') {
        input.skip_until(b'\n')?;
    }
    Ok(length > 0)
}

/// Answers cases, each bounded in time.
struct Reader<'a> {
    finder: &'a Finder,
    wanted: &'a Wanted,
    parser: Parser,
}

/// What was found, and the tags.
type Listed = (Vec<One>, Option<Vec<String>>);

impl<'a> Reader<'a> {
    fn start(config: &Config, finder: &'a Finder, wanted: &'a Wanted) -> anyhow::Result<Self> {
        let parser = Parser::start(config)?;
        Ok(Self {
            finder,
            wanted,
            parser,
        })
    }

    async fn answer(
        &mut self,
        config: &Config,
        folder: &Path,
        case: &Case,
    ) -> anyhow::Result<Listed> {
        let (finder, wanted) = (self.finder.clone(), self.wanted.clone());
        let done = if let Some(text) = case.text.clone() {
            let work = move || {
                let blocks = article::read_text(&text);
                Ok(list(finder.blocks(None, "", &blocks), &wanted))
            };
            self.parser.run(work).await
        } else {
            let Some(page) = &case.page else {
                bail!("has neither `text` nor `page`");
            };
            let path = folder.join(page);
            let path = path.to_str().context("the path is not UTF-8")?;
            let page = Page::local(name(path)?, local(path, config.article.max_size.get())?)?;
            let settings = config.article.clone();
            let work = move || {
                let article = article::read(&page, &settings)?;
                Ok(list(finder.article(&article), &wanted))
            };
            self.parser.run(work).await
        };
        done.or_else(|error| {
            // Its thread may be at it for long yet; the next case gets another.
            self.parser = Parser::start(config)?;
            Err(error)
        })?
    }
}

fn list(found: Found, wanted: &Wanted) -> Listed {
    match found {
        Found::Judged(indicators, tags) => (judged(indicators), Some(tagged(tags, wanted))),
        Found::Scanned(finds) => (scanned(&finds), None),
    }
}

/// The tags the event would carry.
fn tagged(tags: Vec<ContextTag>, wanted: &Wanted) -> Vec<String> {
    let chosen = Choice::of(tags, wanted).tags;
    chosen.into_iter().map(|tag| tag.tag).collect()
}

/// Everything well-formed, each value once.
fn scanned(finds: &[Find]) -> Vec<One> {
    let mut seen = HashSet::with_capacity(finds.len());
    let first = finds
        .iter()
        .filter(|find| seen.insert((find.kind, find.value.as_str())));
    let one = |find: &Find| One {
        kind: find.kind.as_str(),
        value: find.value.clone(),
        to_ids: None,
        verdict: None,
    };
    first.map(one).collect()
}

fn judged(indicators: Vec<Indicator>) -> Vec<One> {
    let indicators = indicators
        .into_iter()
        .filter(|indicator| indicator.verdict.is_indicator());
    let one = |indicator: Indicator| One {
        kind: indicator.kind.as_str(),
        value: indicator.value,
        to_ids: Some(indicator.to_ids),
        verdict: Some(indicator.verdict),
    };
    indicators.map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::Scanner;

    #[tokio::test]
    async fn a_malformed_line_costs_no_other_its_answer() {
        let folder = tempfile::tempdir().unwrap();
        let cases = folder.path().join("cases.jsonl");
        let lines = b"{\"id\": 1, \"text\": \"bad-host[.]top\"}\nno JSON\n\xff\n{\"id\": 4, \"text\": \"x\"}\n";
        std::fs::write(&cases, lines).unwrap();
        let mut out = Vec::new();
        let finder = Finder {
            scanner: Scanner::default(),
            readers: None,
        };
        let ended = run(
            &Config::default(),
            &cases,
            &finder,
            &Wanted::default(),
            &mut out,
        )
        .await;
        let fault = ended.unwrap_err().to_string();
        assert_eq!(fault, "2 lines were not understood");
        let answers: Vec<Value> = String::from_utf8(out)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(answers.len(), 2);
        assert_eq!(answers[0]["found"][0]["value"], "bad-host.top");
        assert_eq!(answers[1]["id"], 4);
    }

    #[test]
    fn a_line_that_is_too_long_is_one_line() {
        let mut input = &b"0123456789\nnext\n"[..];
        let mut line = Vec::new();
        assert!(next_line(&mut input, &mut line, 5).unwrap());
        assert_eq!(line, b"01234");
        assert!(next_line(&mut input, &mut line, 5).unwrap());
        assert_eq!(line, b"next\n");
        assert!(!next_line(&mut input, &mut line, 5).unwrap());
    }
}
