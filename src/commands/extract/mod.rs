//! `extract URL|FILE|-`: shows which indicators would be taken from an article, and why.
//!
//! Reads as the worker does, with the same limits, address rules, lists and judge, but needs no queue and delivers
//! nothing. With `--batch` it does so for many texts, a line of JSON each.

mod batch;
mod show;

use std::io::{Read, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use url::Url;

use crate::article::blocks::Block;
use crate::article::{self, Article, FeedRequest, Page, fetch_page};
use crate::config::Config;
use crate::indicators::{Document, Indicator, Judge, scan_blocks};
use crate::warninglists::Judges;
use crate::worker::parsers::{NoResult, Parsers};
use crate::{app, cli};

/// Runs the command.
pub async fn run(
    config: &Config,
    args: &cli::Extract,
    out: &mut (impl Write + Send),
) -> anyhow::Result<ExitCode> {
    let judge = if args.scan {
        None
    } else {
        Some(judge(config).await?)
    };
    if let Some(cases) = &args.batch {
        return batch::run(config, cases, judge.as_ref(), out);
    }
    let Some(input) = &args.input else {
        bail!("name a URL or a file, or `-` for standard input");
    };
    let page = if is_web(input) {
        let fetcher = app::fetcher(config)?;
        fetch_page(&fetcher, &config.article, input, &FeedRequest::default()).await?
    } else {
        let bytes = local(input, config.article.max_size.get())?;
        Page::local(name(input)?, bytes)?
    };
    let article = read(config, page).await?;
    match judge {
        Some(judge) => {
            let indicators = judged(&judge, &article);
            show::indicators(input, &article, &indicators, args, out)?;
        }
        None => show::finds(input, &article, &scan_blocks(&article.blocks), args, out)?,
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// The judge that the worker would ask.
async fn judge(config: &Config) -> anyhow::Result<Judge> {
    let client = app::misp_client(config)?;
    Ok(Judges::new(config, client)?.judge().await?)
}

fn is_web(input: &str) -> bool {
    input.starts_with("http://") || input.starts_with("https://")
}

/// Bytes of a file, or of standard input for `-`.
fn local(input: &str, max_size: usize) -> anyhow::Result<Vec<u8>> {
    let limit = u64::try_from(max_size).unwrap_or(u64::MAX);
    let limit = limit.saturating_add(1);
    let mut bytes = Vec::new();
    if input == "-" {
        let stdin = std::io::stdin().lock();
        stdin
            .take(limit)
            .read_to_end(&mut bytes)
            .context("cannot read standard input")?;
    } else {
        let file = std::fs::File::open(input).with_context(|| format!("cannot open `{input}`"))?;
        file.take(limit)
            .read_to_end(&mut bytes)
            .with_context(|| format!("cannot read `{input}`"))?;
    }
    if bytes.len() > max_size {
        bail!("`{input}` is larger than `article.max_size` allows ({max_size} bytes)");
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        bail!("`{input}` is empty");
    }
    Ok(bytes)
}

/// What a file is called as a page.
fn name(input: &str) -> anyhow::Result<Url> {
    let path = if input == "-" {
        Path::new("/dev/stdin").to_path_buf()
    } else {
        std::path::absolute(input).with_context(|| format!("`{input}` is no path"))?
    };
    Url::from_file_path(&path)
        .ok()
        .with_context(|| format!("`{input}` is no path"))
}

/// Reads a page on a thread of its own, bounded in time.
async fn read(config: &Config, page: Page) -> anyhow::Result<Article> {
    let settings = config.article.clone();
    let limit = settings.parse_timeout;
    let parsers = Parsers::start(1).context("the parser thread does not start")?;
    match parsers
        .run(limit.get(), move || article::read(&page, &settings))
        .await
    {
        Ok(article) => Ok(article?),
        Err(NoResult::Panicked) => bail!("the parser panicked"),
        Err(NoResult::TooSlow | NoResult::Busy) => {
            bail!("not read within {limit} (`article.parse_timeout`)")
        }
    }
}

/// What the judge says of an article.
fn judged(judge: &Judge, article: &Article) -> Vec<Indicator> {
    judge_blocks(judge, article.address(), &article.title, &article.blocks)
}

fn judge_blocks(judge: &Judge, url: Option<&Url>, title: &str, blocks: &[Block]) -> Vec<Indicator> {
    let document = Document { url, title, blocks };
    judge.judge(document, scan_blocks(blocks))
}
