//! `knowledge`: what names and values mean to Gleaner, where that comes from, and refreshing it.

mod show;
mod status;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use url::Url;

use super::text::{clean, write_json};
use crate::config::Config;
use crate::destinations::misp::MispClient;
use crate::http::Fetcher;
use crate::knowledge::Store;
use crate::knowledge::update::{self, Report, Source};
use crate::{app, cli};

/// Runs the command.
pub async fn run(
    config: &Config,
    command: cli::Knowledge,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let store = Store::of(config);
    match command {
        cli::Knowledge::Status { json } => status::run(&store, config, json, out)?,
        cli::Knowledge::Show { name, json } => {
            let explained = app::matcher(config)?.explain(name.trim());
            show::run(&store.state(), &name, explained, json, out)?;
        }
        cli::Knowledge::Update { from, json } => {
            let report = refresh(config, &store, &from).await?;
            for warning in &report.warnings {
                tracing::warn!("{warning}");
            }
            if json {
                write_json(out, &serde_json::to_value(&report)?)?;
            } else {
                shown(&report, &store, out)?;
            }
        }
    }
    out.flush()?;
    Ok(())
}

fn shown(report: &Report, store: &Store, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(
        out,
        "{} clusters of {} galaxies, {} entries of {} warninglists",
        report.clusters, report.galaxies, report.entries, report.warninglists
    )?;
    writeln!(
        out,
        "kept in {}",
        clean(&store.file().display().to_string())
    )
}

/// A source with what it needs.
enum Place {
    Misp(Arc<MispClient>, PathBuf),
    Folder(PathBuf),
    Web(Fetcher, Url),
}

async fn refresh(config: &Config, store: &Store, from: &[String]) -> anyhow::Result<Report> {
    let misp = ["misp".to_owned()];
    let from = match (from, config.misp.url.is_empty()) {
        ([], false) => &misp,
        ([], true) => bail!(
            "no `misp.url` is set; name a folder or a URL with `--from`, e.g. a clone of https://github.com/MISP/misp-galaxy"
        ),
        (from, _) => from,
    };
    let places: Vec<Place> = from
        .iter()
        .map(|from| place(config, from))
        .collect::<anyhow::Result<_>>()?;
    let sources: Vec<Source<'_>> = places
        .iter()
        .map(|place| match place {
            Place::Misp(client, copies) => Source::Misp(client, copies),
            Place::Folder(folder) => Source::Folder(folder),
            Place::Web(fetcher, url) => Source::Web(fetcher, url),
        })
        .collect();
    let report = update::run(store, &sources).await;
    report.context("the knowledge was not refreshed, and stays as it was")
}

fn place(config: &Config, from: &str) -> anyhow::Result<Place> {
    if from == "misp" {
        let client = app::misp_client(config)?.context("`--from misp` needs `misp.url`")?;
        Ok(Place::Misp(client, config.warninglists_path()))
    } else if from.starts_with("http://") || from.starts_with("https://") {
        let url = Url::parse(from).with_context(|| format!("`{from}` is not a URL"))?;
        Ok(Place::Web(app::fetcher(config)?, url))
    } else if PathBuf::from(from).is_dir() {
        Ok(Place::Folder(from.into()))
    } else {
        bail!("`{from}` is neither a folder, nor an `http` or `https` URL, nor `misp`")
    }
}
