//! `knowledge status`: what is in use, and where it comes from.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::{Value, json};

use super::super::text::{clean, write_json};
use crate::config::Config;
use crate::knowledge::origin::{Origin, Origins};
use crate::knowledge::store::State;
use crate::knowledge::{Store, builtin, words};

/// What is in use.
struct Status {
    state: State,
    builtin: Origins,
    /// Clusters by galaxy.
    galaxies: Vec<(String, usize)>,
    /// Lists and their entries, by pack.
    packs: Vec<(usize, usize)>,
}

/// Runs the command.
pub(super) fn run(
    store: &Store,
    config: &Config,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let status = Status::of(store.state());
    if json {
        write_json(out, &status.as_json(store, config))?;
    } else {
        status.as_text(out)?;
    }
    Ok(())
}

impl Status {
    fn of(state: State) -> Self {
        let galaxies = state.knowledge.galaxies.iter().enumerate();
        let count = |number: usize| {
            let clusters = state.knowledge.clusters.iter();
            let of_it = clusters.filter(|cluster| usize::from(cluster.galaxy) == number);
            of_it.count()
        };
        let galaxies = galaxies
            .map(|(number, galaxy)| (galaxy.kind.to_string(), count(number)))
            .collect();
        let packs = state.warninglists.iter().map(|pack| {
            let lists = pack.lists();
            (lists.len(), lists.iter().map(|list| list.entries).sum())
        });
        Self {
            galaxies,
            packs: packs.collect(),
            builtin: builtin::origins(),
            state,
        }
    }

    /// Where the galaxies come from.
    fn origin(&self) -> Option<&Origin> {
        let refreshed = self.state.refreshed.galaxies.as_ref();
        refreshed.or(self.builtin.galaxies.as_ref())
    }

    fn as_json(&self, store: &Store, config: &Config) -> Value {
        let packs = self.packs.iter();
        let packs: Vec<Value> = packs
            .map(|(lists, entries)| json!({"lists": lists, "entries": entries}))
            .collect();
        json!({
            "file": store.file(),
            "fault": self.state.fault,
            "galaxies": {
                "origin": self.origin(),
                "clusters": self.galaxies.iter().cloned().collect::<BTreeMap<_, _>>(),
            },
            "warninglists": {
                "refreshed": self.state.refreshed.warninglists,
                "earlier": self.state.refreshed.earlier,
                "builtin": self.builtin.warninglists,
                "packs": packs,
                "used": config.indicators.warninglists_pack,
            },
            "words": {"origin": self.builtin.words, "counts": words::counts()},
        })
    }

    fn as_text(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let clusters: usize = self.galaxies.iter().map(|(_, count)| count).sum();
        let (galaxies, from) = (self.galaxies.len(), shown(self.origin()));
        writeln!(
            out,
            "galaxies      {galaxies} with {clusters} clusters, {from}"
        )?;
        let refreshed = self.state.refreshed.warninglists.iter();
        let refreshed = refreshed.chain(&self.state.refreshed.earlier);
        let origins = refreshed.chain(&self.builtin.warninglists);
        for ((lists, entries), origin) in self.packs.iter().zip(origins) {
            let from = shown(Some(origin));
            writeln!(out, "warninglists  {lists} with {entries} entries, {from}")?;
        }
        let ([common, names], from) = (words::counts(), shown(self.builtin.words.as_ref()));
        writeln!(out, "words         {common} and {names} names, {from}")?;
        if let Some(fault) = &self.state.fault {
            writeln!(out, "not used      {}", clean(fault))?;
        }
        writeln!(out)?;
        for (kind, count) in &self.galaxies {
            writeln!(out, "{count:>6}  {}", clean(kind))?;
        }
        Ok(())
    }
}

fn shown(origin: Option<&Origin>) -> String {
    let shown = match origin {
        None => "of unknown origin".to_owned(),
        Some(Origin {
            from, at: Some(at), ..
        }) => format!("from {from} at {at}"),
        Some(Origin { from, .. }) => format!("built in, from {from}"),
    };
    clean(&shown)
}
