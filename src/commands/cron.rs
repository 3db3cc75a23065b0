//! `cron`: polls the feeds, publishes what is new, purges outdated incomplete events.
//!
//! Ends with status 0 when work was done even if single feeds failed (they are named on standard error), with
//! 1 when nothing could be done: the store or MISP down, every feed failing.

use std::io::{IsTerminal as _, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use chrono::Utc;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::text::{clean, write_json};
use crate::config::Config;
use crate::feeds::FeedSource;
use crate::feeds::poller::{FeedReport, PollState, Poller};
use crate::queue::Queue;
use crate::retention::{PurgeReport, PurgedEvent, purge};
use crate::{app, cli};

/// What one run did, as `--json` prints it.
#[derive(Debug, Default, Serialize)]
struct Report {
    feeds: Vec<FeedReport>,
    purge: Option<Purged>,
}

#[derive(Debug, Serialize)]
struct Purged {
    dry_run: bool,
    events: Vec<PurgedEvent>,
    #[serde(flatten)]
    report: PurgeReport,
}

/// Runs the command.
pub async fn run(
    config: &Config,
    config_path: Option<&Path>,
    args: &cli::Cron,
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    let mut report = Report::default();
    let polls = !args.no_poll && !args.dry_run;
    if polls {
        let feeds = app::feed_list(app::feed_list_file(config, config_path).as_deref())?.feeds;
        let queue = app::queue(config).await?;
        report.feeds = poll(config, queue.as_ref(), &feeds, args.force).await?;
        if !args.json {
            print_feeds(&report.feeds, out)?;
        }
    }
    let purged = if args.no_purge {
        Ok(None)
    } else {
        purge_events(config, args.dry_run).await
    };
    let mut nothing_done = polls && all_failed(&report.feeds);
    match purged {
        Ok(purged) => report.purge = purged,
        Err(error) => {
            anstream::eprintln!("gleaner: purge: {}", clean(&format!("{error:#}")));
            nothing_done |= !polls;
        }
    }
    if args.json {
        write_json(out, &report)?;
    } else if let Some(purged) = &report.purge {
        print_purge(purged, out)?;
    }
    out.flush()?;
    Ok(if nothing_done {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Polls all feeds, with a progress bar on a terminal; failed feeds are named on standard error.
pub(super) async fn poll(
    config: &Config,
    queue: &dyn Queue,
    feeds: &[FeedSource],
    force: bool,
) -> anyhow::Result<Vec<FeedReport>> {
    let fetcher = app::fetcher(config)?;
    let poller = Poller {
        fetcher: &fetcher,
        queue,
        config: &config.feeds,
        force,
        now: Utc::now(),
    };
    let bar = progress_bar(feeds.len());
    let reports = poller
        .run(feeds, &|report| {
            bar.set_message(clean(&report.title));
            bar.inc(1);
        })
        .await;
    bar.finish_and_clear();
    let reports = reports?;
    for report in &reports {
        if let Some(notice) = &report.notice {
            anstream::eprintln!(
                "gleaner: feed {:?}: {}",
                clean(&report.title),
                clean(notice)
            );
        }
        if let (PollState::Failed, Some(failure)) = (report.state, &report.failure) {
            anstream::eprintln!(
                "gleaner: feed {:?}: {}",
                clean(&report.title),
                clean(&failure.to_string())
            );
        }
    }
    Ok(reports)
}

fn progress_bar(length: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let bar = ProgressBar::new(u64::try_from(length).unwrap_or(u64::MAX));
    if let Ok(style) = ProgressStyle::with_template("{pos}/{len} {bar:30} {wide_msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// One line per feed: state, entries, new, title, and what is to be said.
fn print_feeds(reports: &[FeedReport], out: &mut impl Write) -> std::io::Result<()> {
    let (mut entries, mut new) = (0, 0);
    for report in reports {
        let FeedReport { title, state, .. } = report;
        let mut notes: Vec<String> = report
            .message
            .iter()
            .map(|message| clean(message))
            .collect();
        notes.extend(
            report
                .damage
                .iter()
                .map(|damage| format!("repaired: {}", clean(damage))),
        );
        let notes = if notes.is_empty() {
            String::new()
        } else {
            format!("  ({})", notes.join("; "))
        };
        writeln!(
            out,
            "{:9} {:5} entries {:5} new  {}{notes}",
            state.as_str(),
            report.entries,
            report.new,
            clean(title)
        )?;
        entries += report.entries;
        new += report.new;
    }
    writeln!(
        out,
        "{} feeds {entries:5} entries {new:5} new",
        reports.len()
    )
}

/// Whether nothing could be done: feeds failed, and none is well. One that is merely not due is well unless it
/// backs off after a failure of its own.
pub(super) fn all_failed(reports: &[FeedReport]) -> bool {
    let well = |report: &FeedReport| match report.state {
        PollState::Polled | PollState::Unchanged => true,
        PollState::NotDue => report.failure.is_none(),
        PollState::Failed | PollState::Retired | PollState::Disabled => false,
    };
    let failed = |report: &FeedReport| report.state == PollState::Failed;
    reports.iter().any(failed) && !reports.iter().any(well)
}

/// The purge, where there is a MISP server and it is wanted.
async fn purge_events(config: &Config, dry_run: bool) -> anyhow::Result<Option<Purged>> {
    let Some(client) = app::misp_client(config)?.filter(|_| config.retention.enabled) else {
        return Ok(None);
    };
    let mut events = Vec::new();
    let report = purge(&client, config, Utc::now(), dry_run, |event| {
        if !dry_run {
            tracing::info!(event.uuid = %event.uuid, event.info = clean(&event.info), "purged");
        }
        events.push(event.clone());
    })
    .await?;
    for failed in &report.failed {
        anstream::eprintln!("gleaner: purge: {}", clean(failed));
    }
    Ok(Some(Purged {
        dry_run,
        events,
        report,
    }))
}

fn print_purge(purged: &Purged, out: &mut impl Write) -> std::io::Result<()> {
    if purged.dry_run {
        for event in &purged.events {
            writeln!(
                out,
                "{}  {}  {}",
                event.changed.format("%Y-%m-%d"),
                event.uuid,
                clean(&event.info)
            )?;
        }
    }
    let verb = if purged.dry_run {
        "would be deleted"
    } else {
        "deleted"
    };
    let kept: usize = purged.report.kept.values().sum();
    let failed = purged.report.failed.len();
    writeln!(
        out,
        "purge: {} {verb}, {kept} looked at and kept, {failed} failed",
        purged.report.deleted
    )
}
