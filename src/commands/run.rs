//! `run`: `cron`'s poll, then work until the queue is empty, in one process.
//!
//! What a newcomer starts with: without a configuration it uses the embedded store, a MISP feed folder, and
//! the starter list of feeds, or with `--demo` a sample blog of its own. Ends with a table of what was made.

use std::io::{IsTerminal as _, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use comfy_table::{ContentArrangement, Table, presets};

use super::text::clean;
use crate::config::units::Span;
use crate::config::{Config, DestinationKind, Store, StoreKind};
use crate::demo::SampleBlog;
use crate::feeds::list::{self, FeedList};
use crate::worker::manners::Manners;
use crate::worker::{Ended, Finished, Until, Worker};
use crate::{app, cli, shutdown};

/// Runs the command. Fails when nothing could be done: every feed failing, or the store.
pub async fn run(
    mut config: Config,
    config_path: Option<&Path>,
    args: cli::Run,
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    let stop = shutdown::on_signal()?;
    if let Some(path) = args.feeds {
        config.feeds.list = path;
    }
    if let Some(policy) = args.first_run {
        config.feeds.first_run = policy;
    }
    let blog = if args.demo {
        Some(SampleBlog::start().await?)
    } else {
        None
    };
    let (feeds, file) = if let Some(blog) = &blog {
        (demo(&mut config, blog)?, None)
    } else {
        let file = app::feed_list_file(&config, config_path);
        (app::feed_list(file.as_deref())?, file)
    };
    let queue = app::queue(&config).await?;
    let polled = tokio::select! {
        reports = super::cron::poll(&config, queue.as_ref(), &feeds.feeds, args.demo) => Some(reports?),
        () = stop.cancelled() => None,
    };
    // Feeds not polled yet are polled next time; what was published stays queued.
    let Some(reports) = polled else {
        return Ok(ExitCode::FAILURE);
    };
    let (found, new) = reports.iter().fold((0, 0), |(found, new), report| {
        (found + report.entries, new + report.new)
    });
    writeln!(
        out,
        "{} feeds, {found} entries, {new} of them new",
        reports.len()
    )?;
    let manners = Manners::new(&feeds, file).map_err(anyhow::Error::msg)?;
    let pipeline = Arc::new(app::pipeline(&config, Arc::clone(&queue), manners)?);
    let mut finished = Vec::new();
    let until = Until::Drained(args.patience.get());
    Worker::new(&config, Arc::clone(&queue), pipeline)
        .run(until, stop, |one| finished.push(one))
        .await?;
    print_table(&finished, out)?;
    print_summary(&config, &finished, queue.counts().await?, out)?;
    Ok(
        if super::cron::all_failed(&reports) && finished.is_empty() {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        },
    )
}

/// The demo keeps to itself whatever is configured: its own store and folder, loopback allowed, no pauses.
fn demo(config: &mut Config, blog: &SampleBlog) -> anyhow::Result<FeedList> {
    config.data_dir = config.data_dir();
    config.destinations = vec![DestinationKind::MispFeed];
    config.misp = crate::config::Misp::default();
    config.misp_feed.path = config.data_dir.join("demo-misp-feed");
    config.store = Store {
        kind: StoreKind::Sqlite,
        path: config.data_dir.join("demo-queue.db"),
        ..Store::default()
    };
    config.http.allow_networks.push("127.0.0.0/8".into());
    config.http.proxy = crate::config::Secret::default();
    config.article.host_interval = Span::seconds(0);
    config.feeds.first_run = crate::feeds::FirstRun::All;
    Ok(list::parse(&blog.feed_list(), "of the sample blog")?)
}

/// What became of each article: title, outcome, and where it lies.
fn print_table(finished: &[Finished], out: &mut impl Write) -> std::io::Result<()> {
    let mut rows: Vec<[String; 3]> = finished.iter().filter_map(row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    rows.sort();
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    if !std::io::stdout().is_terminal() {
        table.set_width(160);
    }
    table.set_header(["article", "outcome", "where, or why"]);
    table.add_rows(rows);
    writeln!(out, "{table}")
}

fn row(finished: &Finished) -> Option<[String; 3]> {
    let title = clean(&finished.job.entry.title);
    let (outcome, detail) = match &finished.ended {
        Ended::Delivered(summary) => ("delivered", summary.clone()),
        Ended::Skipped(rule) => ("skipped", rule.clone()),
        Ended::Dead(failure) => ("given up", failure.to_string()),
        Ended::Retry(..) | Ended::Postponed | Ended::HandedBack => return None,
    };
    Some([title, outcome.to_owned(), clean(&detail)])
}

fn print_summary(
    config: &Config,
    finished: &[Finished],
    counts: crate::queue::Counts,
    out: &mut impl Write,
) -> std::io::Result<()> {
    let count =
        |wanted: fn(&Ended) -> bool| finished.iter().filter(|one| wanted(&one.ended)).count();
    let delivered = count(|ended| matches!(ended, Ended::Delivered(_)));
    let skipped = count(|ended| matches!(ended, Ended::Skipped(_)));
    let dead = count(|ended| matches!(ended, Ended::Dead(_)));
    let left = counts.waiting + counts.running + counts.later;
    writeln!(
        out,
        "{delivered} delivered, {skipped} skipped, {dead} given up, {left} left for the next run"
    )?;
    for kind in config.effective_destinations() {
        match kind {
            DestinationKind::Misp => writeln!(out, "events: {}", config.misp.url)?,
            DestinationKind::MispFeed => {
                let path = config.misp_feed_path();
                let path = path.canonicalize().unwrap_or(path);
                writeln!(
                    out,
                    "events: {} (a MISP feed folder; start with manifest.json)",
                    path.display()
                )?;
            }
        }
    }
    out.flush()
}
