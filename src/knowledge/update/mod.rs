//! Refreshing knowledge: from a MISP server, from a folder, from a URL.
//!
//! Galaxies replace those of their kind, the others stay as they were; a server's own clusters are added where it has no
//! others of their galaxy. Warninglists stand over the built-in ones of
//! their names. An update that fails anywhere changes nothing.

mod archive;
mod folder;
mod server;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use chrono::{SecondsFormat, Utc};
use url::Url;

use self::archive::Limits;
use super::import::Gathered;
use super::origin::{Origin, Origins};
use super::store::{Kept, Store, StoreError};
use crate::destinations::misp::MispClient;
use crate::failure::Failure;
use crate::http::{Fetcher, Request, classify_status, shown};
use crate::pack;

/// Largest archive downloaded; misp-warninglists has 60 MB.
const MAX_DOWNLOAD: usize = 256 << 20;

/// Time for a download.
const TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// Where to get knowledge.
pub enum Source<'a> {
    /// The configured MISP server; copies of its warninglists lie in the folder.
    Misp(&'a MispClient, &'a Path),
    /// A folder with clones of misp-galaxy and misp-warninglists, or one of them.
    Folder(&'a Path),
    /// An archive of such a folder (tar, tar.gz, zip).
    Web(&'a Fetcher, &'a Url),
}

/// Why knowledge was not refreshed. What there was is untouched.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// It could not be had.
    #[error(transparent)]
    Failure(#[from] Failure),
    /// A file of it is not as it should be.
    #[error("`{file}`: {problem}")]
    File {
        /// Its path, within the archive if it is one.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// It is no archive, or a hostile one.
    #[error("`{from}`: {problem}")]
    Archive {
        /// Where it came from.
        from: String,
        /// What is wrong.
        problem: String,
    },
    /// There is nothing in it.
    #[error(
        "`{0}` has neither galaxies with clusters (`clusters/NAME.json`, as in misp-galaxy) nor warninglists \
         (`lists/NAME/list.json`, as in misp-warninglists)"
    )]
    Nothing(String),
    /// The new file could not be written.
    #[error("the new knowledge was not kept")]
    Store(#[from] StoreError),
}

/// What an update brought.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Galaxies that were taken.
    pub galaxies: usize,
    /// Clusters in them.
    pub clusters: usize,
    /// Warninglists that were taken.
    pub warninglists: usize,
    /// Entries in them.
    pub entries: usize,
    /// What was left out, and why.
    pub warnings: Vec<String>,
}

impl Source<'_> {
    /// What to call it.
    fn name(&self) -> String {
        match self {
            Self::Misp(client, _) => client.address().to_owned(),
            Self::Folder(folder) => folder.display().to_string(),
            Self::Web(_, url) => shown(url),
        }
    }

    async fn gather(&self, gathered: &mut Gathered) -> Result<(), UpdateError> {
        match self {
            Self::Misp(client, copies) => server::gather(client, copies, gathered).await,
            Self::Folder(folder) => folder::gather(folder, gathered),
            Self::Web(fetcher, url) => {
                let body = download(fetcher, url).await?;
                archive::gather(&shown(url), &body, &Limits::default(), gathered)
            }
        }
    }
}

/// Takes the galaxies and warninglists of a folder.
pub fn read_folder(folder: &Path, gathered: &mut Gathered) -> Result<(), UpdateError> {
    folder::gather(folder, gathered)
}

async fn download(fetcher: &Fetcher, url: &Url) -> Result<Vec<u8>, Failure> {
    let answer = fetcher
        .fetch(&Request {
            url: url.clone(),
            headers: reqwest::header::HeaderMap::new(),
            user_agent: None,
            proxy: None,
            accept: "application/gzip,application/zip,application/x-tar,*/*;q=0.5",
            max_size: MAX_DOWNLOAD,
            timeout: TIMEOUT,
            max_redirects: 5,
        })
        .await?;
    match classify_status(answer.status, &answer.headers, &answer.url) {
        Some(failure) => Err(failure),
        None => Ok(answer.body),
    }
}

/// Refreshes the knowledge in a store from these sources, all or nothing.
pub async fn run(store: &Store, sources: &[Source<'_>]) -> Result<Report, UpdateError> {
    let mut gathered = Gathered::default();
    let mut names = Vec::new();
    for source in sources {
        let mut from_it = Gathered::default();
        source.gather(&mut from_it).await?;
        if from_it.is_empty() {
            return Err(UpdateError::Nothing(source.name()));
        }
        gathered.merge(from_it);
        names.push(source.name());
    }
    keep(store, &mut gathered, &names.join(", "))
}

fn keep(store: &Store, gathered: &mut Gathered, from: &str) -> Result<Report, UpdateError> {
    let _lock = store.lock()?;
    // A damaged file is no reason not to write a good one.
    let before = Kept::read(store.file()).unwrap_or_else(|error| {
        tracing::warn!(%error, "the knowledge refreshed before cannot be used");
        None
    });
    let origin = |versions: BTreeMap<String, String>| Origin {
        from: from.to_owned(),
        at: Some(Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true)),
        versions,
    };
    let mut origins = before
        .as_ref()
        .map_or_else(Origins::default, |kept| kept.origins.clone());
    let mut report = Report::default();
    let mut galaxies = old_section(before.as_ref(), *b"gala");
    let mut lists = old_section(before.as_ref(), *b"list");
    let partial = gathered.partial();
    if let Some((knowledge, versions)) = gathered.knowledge() {
        report.galaxies = knowledge.galaxies.len();
        report.clusters = knowledge.clusters.len();
        galaxies = Some(
            store
                .state()
                .knowledge
                .updated_by(&knowledge, &partial)
                .write(),
        );
        origins.galaxies = Some(origin(versions));
    }
    if let Some((written, versions)) = gathered.warninglists() {
        (report.warninglists, report.entries) = written.counts;
        report.warnings.extend(written.warnings);
        lists = Some(written.bytes);
        origins.warninglists = Some(origin(versions));
    }
    let info = origins.write();
    let parts = [(*b"gala", &galaxies), (*b"list", &lists)];
    let parts = parts
        .iter()
        .filter_map(|(name, part)| Some((*name, part.as_deref()?)));
    let sections: Vec<(pack::Name, &[u8])> = std::iter::once((*b"info", &info[..]))
        .chain(parts)
        .collect();
    store.replace(&sections)?;
    Ok(report)
}

fn old_section(before: Option<&Kept>, name: pack::Name) -> Option<Vec<u8>> {
    let bytes = before?.pack.section(name)?;
    Some(bytes.get().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::import::Role;

    #[test]
    fn updates_at_the_same_time_keep_what_the_others_bring() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep/knowledge.bin");
        let kinds = ["rat", "tool", "tds", "stealer", "banker", "botnet"];
        std::thread::scope(|scope| {
            for kind in kinds {
                let store = Store::new(file.clone());
                scope.spawn(move || {
                    let json = format!(
                        r#"{{"name": "x", "type": "{kind}", "values":
                            [{{"value": "Zorb {kind}", "uuid": "8dbd4c42-8a0d-4bb6-8d5c-0f8b9a3c2d11"}}]}}"#
                    );
                    let mut gathered = Gathered::default();
                    gathered.file(Role::Galaxy, json.as_bytes()).unwrap();
                    keep(&store, &mut gathered, "x").unwrap();
                });
            }
        });
        let knowledge = Store::new(file).state().knowledge;
        let mut new: Vec<&str> = (knowledge.clusters.iter())
            .filter_map(|cluster| cluster.value.strip_prefix("Zorb "))
            .collect();
        new.sort_unstable();
        assert_eq!(new, ["banker", "botnet", "rat", "stealer", "tds", "tool"]);
    }
}
