//! `knowledge status`: what is in use, and where it comes from.

use std::io::Write;

use serde_json::json;

use super::super::text::{clean, write_json};
use crate::config::Config;
use crate::knowledge::origin::Origin;
use crate::knowledge::{Store, builtin, words};

/// Runs the command.
pub(super) fn run(
    store: &Store,
    config: &Config,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let state = store.state();
    let builtin = builtin::origins();
    let galaxies: Vec<(&str, usize)> = (state.knowledge.galaxies.iter().enumerate())
        .map(|(number, galaxy)| {
            let clusters = state.knowledge.clusters.iter();
            let of_it = clusters.filter(|cluster| usize::from(cluster.galaxy) == number);
            (&*galaxy.kind, of_it.count())
        })
        .collect();
    let lists: Vec<(usize, usize)> = (state.warninglists.iter())
        .map(|pack| {
            let lists = pack.lists();
            (lists.len(), lists.iter().map(|list| list.entries).sum())
        })
        .collect();
    let (of_galaxies, of_lists) = (&state.refreshed.galaxies, &state.refreshed.warninglists);
    if json {
        let origin = |refreshed: &Option<Origin>, builtin: &Option<Origin>| {
            json!(refreshed.as_ref().or(builtin.as_ref()))
        };
        let packs: Vec<_> = (lists.iter())
            .map(|(lists, entries)| json!({"lists": lists, "entries": entries}))
            .collect();
        let value = json!({
            "file": store.file(),
            "fault": state.fault,
            "galaxies": {
                "origin": origin(of_galaxies, &builtin.galaxies),
                "clusters": galaxies.iter().copied().collect::<std::collections::BTreeMap<_, _>>(),
            },
            "warninglists": {
                "refreshed": of_lists,
                "builtin": builtin.warninglists,
                "packs": packs,
                "used": config.indicators.warninglists_pack,
            },
            "words": {"origin": builtin.words, "counts": words::counts()},
        });
        write_json(out, &value)?;
        return Ok(());
    }
    let clusters: usize = galaxies.iter().map(|(_, count)| count).sum();
    let origin = of_galaxies.as_ref().or(builtin.galaxies.as_ref());
    writeln!(
        out,
        "galaxies      {} with {clusters} clusters, {}",
        galaxies.len(),
        shown(origin)
    )?;
    let origins = of_lists.iter().chain(&builtin.warninglists);
    for ((lists, entries), origin) in lists.iter().zip(origins) {
        writeln!(
            out,
            "warninglists  {lists} with {entries} entries, {}",
            shown(Some(origin))
        )?;
    }
    let [common, names] = words::counts();
    writeln!(
        out,
        "words         {common} and {names} names, {}",
        shown(builtin.words.as_ref())
    )?;
    if let Some(fault) = &state.fault {
        writeln!(out, "not used      {}", clean(fault))?;
    }
    writeln!(out)?;
    for (kind, count) in galaxies {
        writeln!(out, "{count:>6}  {}", clean(kind))?;
    }
    Ok(())
}

fn shown(origin: Option<&Origin>) -> String {
    match origin {
        None => "of unknown origin".to_owned(),
        Some(Origin {
            from, at: Some(at), ..
        }) => clean(&format!("from {from} at {at}")).to_string(),
        Some(Origin { from, .. }) => clean(&format!("built in, from {from}")).to_string(),
    }
}
