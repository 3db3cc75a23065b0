//! `[indicators]`: finding and judging values in articles.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Config;
use super::units::Span;
use crate::indicators::judge::OwnLists;

/// Who extracts indicators from an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Extraction {
    /// Gleaner.
    Local,
    /// The MISP server (`extractAllFromReport`).
    Misp,
    /// Nobody: the report alone.
    None,
}

/// What becomes of web addresses that are references for the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum References {
    /// A `link` attribute each.
    Link,
    /// They stay in the report.
    None,
}

/// `[indicators]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Indicators {
    /// Who extracts: `local`, `misp` (the server, from the report; its finds are neither judged nor flagged for
    /// detection) or `none`.
    pub extraction: Extraction,
    /// Attributes an event gets from its article, at most. Over it, those for detection go first, and the event says
    /// what was cut.
    pub limit: usize,
    /// What becomes of web addresses that are references for the reader: `link` (an attribute each) or `none`.
    pub references: References,
    /// Show each indicator in the report as MISP's own reference to its attribute or object.
    pub report_references: bool,
    /// Values that are always indicators for detection: a value, `*.example.com`, a network, each also as
    /// `type:value`.
    pub allow: Vec<String>,
    /// Values that are never taken, written the same way. What is allowed and denied is allowed.
    pub deny: Vec<String>,
    /// Folder with warninglists: a clone of misp-warninglists, or `.json` files of its format. Empty: none.
    pub warninglists_folder: PathBuf,
    /// Ask the MISP server for the warninglists enabled there, when `misp.url` is set.
    pub warninglists_misp: bool,
    /// How old the server's lists may be. The last good copy is used while the server is down.
    pub warninglists_refresh: Span,
    /// Lists of Gleaner's own knowledge that are used where neither the server nor the folder has a list of that name:
    /// `default`, `all`, a list's name, or `-name` to leave it out again. `[]`: none.
    pub warninglists_pack: Vec<String>,
    /// Names of warninglists whose values are dropped; those of the others only lose the IDS flag.
    pub warninglists_drop: Vec<String>,
}

impl Default for Indicators {
    fn default() -> Self {
        Self {
            extraction: Extraction::Local,
            limit: 2_000,
            references: References::Link,
            report_references: true,
            allow: Vec::new(),
            deny: Vec::new(),
            warninglists_folder: PathBuf::new(),
            warninglists_misp: true,
            warninglists_refresh: Span::days(1),
            warninglists_pack: vec!["default".into()],
            warninglists_drop: Vec::new(),
        }
    }
}

impl Indicators {
    /// The lists of one's own. The fault names the key and the entry.
    pub fn own_lists(&self) -> Result<OwnLists, String> {
        for (key, entries) in [("allow", &self.allow), ("deny", &self.deny)] {
            OwnLists::parse(entries, &[])
                .map_err(|fault| format!("`indicators.{key}`: {fault}"))?;
        }
        OwnLists::parse(&self.allow, &self.deny).map_err(|fault| fault.to_string())
    }
}

/// The faults of this section.
pub(super) fn check(config: &Config, faults: &mut Vec<String>) {
    let settings = &config.indicators;
    faults.extend(settings.own_lists().err());
    // Five thousand attributes take the server six seconds; a hundred thousand are no report any more.
    if !(1..=100_000).contains(&settings.limit) {
        faults.push(format!(
            "`indicators.limit` must be between 1 and 100000, not {}; to take none set `indicators.extraction = \"none\"`",
            settings.limit
        ));
    }
    if settings.warninglists_refresh.get().as_secs() < 60 {
        faults.push(format!(
            "`indicators.warninglists_refresh` ({}) must be at least 1m",
            settings.warninglists_refresh
        ));
    }
    if settings
        .warninglists_pack
        .iter()
        .any(|name| name.trim().trim_start_matches('-').is_empty())
    {
        faults.push(
            "`indicators.warninglists_pack`: nothing is named; write `default`, `all`, or the name of a list".into(),
        );
    }
    let folder = &settings.warninglists_folder;
    if !folder.as_os_str().is_empty() && !folder.is_dir() {
        faults.push(format!(
            "`indicators.warninglists_folder`: `{}` is not a folder",
            folder.display()
        ));
    }
}
