//! Builds the knowledge pack that is part of the program; `scripts/knowledge.py` calls it.
//!
//! `knowledge-pack FOLDER OUT`: FOLDER holds `misp-galaxy`, `misp-warninglists`, `words.txt` and `info.json`, of which
//! the origins are written into the pack. What was packed is printed as JSON.

#![expect(clippy::print_stdout, reason = "a program of its own")]

use std::path::Path;
use std::{env, fs};

use anyhow::{Context as _, bail};
use gleaner::knowledge::import::Gathered;
use gleaner::knowledge::origin::Origins;
use gleaner::knowledge::{update, words};
use gleaner::pack;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [folder, out] = arguments.as_slice() else {
        bail!("usage: knowledge-pack FOLDER OUT");
    };
    let folder = Path::new(folder);
    let mut gathered = Gathered::default();
    update::read_folder(folder, &mut gathered)?;
    let mut origins = Origins::read(&fs::read(folder.join("info.json"))?)?;
    let words = fs::read_to_string(folder.join("words.txt"))?;
    let words = words::write(&words).context("the words cannot be packed")?;
    let (knowledge, versions) = gathered.knowledge().context("no galaxies")?;
    if let Some(origin) = &mut origins.galaxies {
        origin.versions = versions;
    }
    let (lists, versions) = gathered.warninglists().context("no warninglists")?;
    if let Some(origin) = &mut origins.warninglists {
        origin.versions = versions;
    }
    let galaxies = knowledge.write();
    let info = origins.write();
    let bytes = pack::write(&[
        (*b"info", &info),
        (*b"gala", &galaxies),
        (*b"list", &lists.bytes),
        (*b"word", &words),
    ]);
    fs::write(out, &bytes)?;
    let shown = serde_json::json!({
        "size": bytes.len(),
        "sections": {"info": info.len(), "galaxies": galaxies.len(), "warninglists": lists.bytes.len(), "words": words.len()},
        "galaxies": knowledge.galaxies.len(),
        "clusters": knowledge.clusters.len(),
        "warninglists": lists.counts.0,
        "entries": lists.counts.1,
        "left_out": lists.warnings,
    });
    println!("{shown:#}");
    Ok(())
}
