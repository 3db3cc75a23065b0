//! `extract URL|FILE|-`: shows which indicators and tags would be taken from an article, and why.
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
use crate::config::units::Span;
use crate::context::{self, ContextTag, Matcher, Wanted};
use crate::indicators::{Document, Find, Indicator, Judge, Scanner, refang};
use crate::warninglists::Judges;
use crate::worker::parsers::{NoResult, Parsers};
use crate::{app, cli};

/// Runs the command.
pub async fn run(
    config: &Config,
    args: &cli::Extract,
    out: &mut (impl Write + Send),
) -> anyhow::Result<ExitCode> {
    let finder = Finder {
        scanner: config.indicators.scanner(),
        readers: if args.scan {
            None
        } else {
            let (judge, matcher) = (judge(config).await?, app::matcher(config)?);
            Some(Readers { judge, matcher })
        },
    };
    if let Some(cases) = &args.batch {
        let wanted = Wanted::of(&config.context, args.mentions);
        return batch::run(config, cases, &finder, &wanted, out).await;
    }
    let Some(input) = &args.input else {
        bail!("name a URL or a file, or `-` for standard input");
    };
    let page = if let Some(url) = web(input)? {
        let fetcher = app::fetcher(config)?;
        fetch_page(&fetcher, &config.article, &url, &FeedRequest::default()).await?
    } else {
        let bytes = local(input, config.article.max_size.get())?;
        Page::local(name(input)?, bytes)?
    };
    let settings = config.article.clone();
    let work = move || -> anyhow::Result<_> {
        let article = article::read(&page, &settings)?;
        let found = finder.article(&article);
        Ok((article, found))
    };
    let parsers = Parser::start(config)?;
    let (article, found) = parsers.run(work).await??;
    match found {
        Found::Judged(indicators, mut tags) => {
            let wanted = Wanted::of(&config.context, true);
            tags.retain(|tag| !wanted.never_sets(tag));
            let found = show::Judged {
                indicators: &indicators,
                tags: &tags,
            };
            show::judged(input, &article, &found, args, out)?;
        }
        Found::Scanned(finds) => show::finds(input, &article, &finds, args, out)?,
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// What the worker would ask of an article.
#[derive(Clone)]
struct Readers {
    judge: Judge,
    matcher: Matcher,
}

/// What is in an article.
enum Found {
    Judged(Vec<Indicator>, Vec<ContextTag>),
    /// Everything well-formed.
    Scanned(Vec<Find>),
}

/// Scans, and asks the others if it is not to scan alone.
#[derive(Clone)]
struct Finder {
    scanner: Scanner,
    readers: Option<Readers>,
}

impl Finder {
    fn article(&self, article: &Article) -> Found {
        let (url, title) = (article.address(), article.title.as_str());
        self.document(&context::Document {
            url,
            title,
            labels: &article.keywords,
            feed: &[],
            blocks: &article.blocks,
        })
    }

    fn blocks(&self, url: Option<&Url>, title: &str, blocks: &[Block]) -> Found {
        self.document(&context::Document {
            url,
            title,
            labels: &[],
            feed: &[],
            blocks,
        })
    }

    fn document(&self, article: &context::Document<'_>) -> Found {
        let (url, blocks) = (article.url, article.blocks);
        let Some(Readers { judge, matcher }) = &self.readers else {
            return Found::Scanned(self.scanner.blocks(blocks));
        };
        let indicators = self.scanner.judged(judge, Document { url, blocks });
        Found::Judged(indicators, matcher.tags(article))
    }
}

/// A thread to read, scan and judge on, bounded in time as the worker's are.
struct Parser {
    threads: Parsers,
    limit: Span,
}

impl Parser {
    fn start(config: &Config) -> anyhow::Result<Self> {
        Ok(Self {
            threads: Parsers::start(1).context("the parser thread does not start")?,
            limit: config.article.parse_timeout,
        })
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> anyhow::Result<T> {
        let limit = self.limit;
        match self.threads.run(limit.get(), work).await {
            Ok(done) => Ok(done),
            Err(NoResult::Panicked) => bail!("the parser panicked"),
            Err(NoResult::TooSlow | NoResult::Busy) => {
                bail!("not read within {limit} (`article.parse_timeout`)")
            }
        }
    }
}

/// The judge that the worker would ask.
async fn judge(config: &Config) -> anyhow::Result<Judge> {
    let client = app::misp_client(config)?;
    Ok(Judges::new(config, client)?.judge().await?)
}

/// The URL of a page on the web, which may be defanged; `None` for a file. Fails at other schemes.
fn web(input: &str) -> anyhow::Result<Option<String>> {
    let scheme = |url: &str| {
        let (scheme, _) = url.split_once("://")?;
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        let word =
            scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(fits);
        word.then(|| scheme.to_ascii_lowercase())
    };
    let is_web = |url: &str| matches!(scheme(url).as_deref(), Some("http" | "https"));
    let written = input.trim();
    // One that works as it is may well have brackets in its path.
    if is_web(written) && Url::parse(written).is_ok() {
        return Ok(Some(written.to_owned()));
    }
    let clear = refang(written);
    if is_web(&clear) {
        return Ok(Some(clear));
    }
    match scheme(&clear) {
        Some(scheme) => bail!(
            "`{input}`: the scheme `{scheme}` is not supported; give an `http` or `https` URL, or the path of a file"
        ),
        None => Ok(None),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_told_from_files_and_may_be_defanged() {
        for (input, url) in [
            ("https://evil.top/a[.]b", Some("https://evil.top/a[.]b")),
            ("HTTPS://evil.top/", Some("HTTPS://evil.top/")),
            ("hxxp://evil[.]top/a", Some("http://evil.top/a")),
            ("hxxps[:]//evil.top/a", Some("https://evil.top/a")),
            ("https://evil[.]top/a", Some("https://evil.top/a")),
            ("report.txt", None),
            ("-", None),
            ("c:\\report.txt", None),
        ] {
            assert_eq!(web(input).unwrap().as_deref(), url, "{input}");
        }
        for (input, scheme) in [
            ("ftp://evil.top/a", "`ftp`"),
            ("file:///tmp/a.html", "`file`"),
            ("FTP://evil.top", "`ftp`"),
        ] {
            let fault = web(input).unwrap_err().to_string();
            assert!(fault.contains(scheme), "{fault}");
            assert!(fault.contains("not supported"), "{fault}");
        }
    }

    #[tokio::test]
    async fn scan_and_judge_are_bounded_too() {
        let mut config = Config::default();
        config.article.parse_timeout = "10ms".parse().unwrap();
        let parser = Parser::start(&config).unwrap();
        let (go, gate) = std::sync::mpsc::channel::<()>();
        let slow = parser.run(move || gate.recv().is_ok()).await;
        assert!(slow.unwrap_err().to_string().contains("parse_timeout"));
        drop(go);
    }
}
