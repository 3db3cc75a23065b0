//! Refreshing knowledge: from a MISP server, from a folder, from a URL.
//!
//! Galaxies replace those of their kind, the others stay as they were; a server's own clusters are added where it has no
//! others of their galaxy. Warninglists stand over those of their names that were there before. An update that fails anywhere
//! changes nothing.

mod archive;
mod folder;
mod server;

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::time::Duration;

use chrono::{SecondsFormat, Utc};
use sha2::{Digest as _, Sha256};
use url::Url;

use self::archive::Limits;
use super::import::Gathered;
use super::origin::{Origin, Origins};
use super::store::{Kept, LISTS, Store, StoreError};
use crate::destinations::misp::MispClient;
use crate::failure::Failure;
use crate::http::{Fetcher, Request, classify_status, shown};
use crate::indicators::warninglists::packed::Packed;
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
            Self::Folder(folder) => {
                let whole = folder.canonicalize();
                whole.as_deref().unwrap_or(folder).display().to_string()
            }
            Self::Web(_, url) => address(url),
        }
    }

    async fn gather(&self, gathered: &mut Gathered) -> Result<(), UpdateError> {
        match self {
            Self::Misp(client, copies) => server::gather(client, copies, gathered).await,
            Self::Folder(folder) => folder::gather(folder, gathered),
            Self::Web(fetcher, url) => {
                let body = download(fetcher, url).await?;
                archive::gather(&address(url), &body, &Limits::default(), gathered)
            }
        }
    }
}

/// What to keep of a URL to say where knowledge came from: its query may hold a token, and tells it from others.
fn address(url: &Url) -> String {
    let mut bare = url.clone();
    bare.set_query(None);
    bare.set_fragment(None);
    let Some(query) = url.query() else {
        return shown(&bare);
    };
    let digest = Sha256::digest(query.as_bytes());
    let mark: String = digest
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{} (query {mark})", shown(&bare))
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
    let mut lists: Vec<Vec<u8>> = Lists::of(before.as_ref())
        .into_iter()
        .map(|one| one.bytes)
        .collect();
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
        let new = Lists {
            bytes: written.bytes,
            origin: origin(versions),
        };
        let all = new.over(store, Lists::of(before.as_ref()), &mut report.warnings)?;
        let all = all.into_iter().map(|one| (one.bytes, one.origin));
        let (bytes, from): (Vec<_>, Vec<_>) = all.unzip();
        lists = bytes;
        let mut from = from.into_iter();
        origins.warninglists = from.next();
        origins.earlier = from.collect();
    }
    let info = origins.write();
    let galaxies = galaxies.as_deref().map(|part| (*b"gala", part));
    let lists = LISTS.into_iter().zip(lists.iter().map(Vec::as_slice));
    let sections: Vec<(pack::Name, &[u8])> = std::iter::once((*b"info", &info[..]))
        .chain(galaxies)
        .chain(lists)
        .collect();
    store.replace(&sections)?;
    Ok(report)
}

/// The warninglists of an update.
struct Lists {
    bytes: Vec<u8>,
    origin: Origin,
}

impl Lists {
    /// Those of the updates before, the latest first.
    fn of(before: Option<&Kept>) -> Vec<Self> {
        let Some(kept) = before else {
            return Vec::new();
        };
        let origins = kept
            .origins
            .warninglists
            .iter()
            .chain(&kept.origins.earlier);
        let sections = LISTS.iter().filter_map(|name| old_section(before, *name));
        let lists = sections.zip(origins.cloned());
        lists
            .map(|(bytes, origin)| Self { bytes, origin })
            .collect()
    }

    fn names(&self, store: &Store) -> Result<HashSet<String>, StoreError> {
        let packed = Packed::read(&self.bytes.clone().into());
        let packed = packed.map_err(|error| store.refused(error))?;
        Ok(packed
            .lists()
            .iter()
            .map(|list| list.name.clone())
            .collect())
    }

    /// These over earlier ones, of which those from elsewhere stay that have a list without a newer one of its name: what a
    /// source has no more goes.
    fn over(
        self,
        store: &Store,
        earlier: Vec<Self>,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<Self>, StoreError> {
        let mut covered = self.names(store)?;
        let mut all = vec![self];
        for lists in earlier {
            let names = lists.names(store)?;
            let is_same = all
                .first()
                .is_some_and(|new| new.origin.from == lists.origin.from);
            if is_same || names.is_subset(&covered) {
                continue;
            }
            if all.len() == LISTS.len() {
                let from = &lists.origin.from;
                warnings.push(format!(
                    "the warninglists taken from `{from}` are too old to be kept"
                ));
                continue;
            }
            covered.extend(names);
            all.push(lists);
        }
        Ok(all)
    }
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
    fn warninglists_of_other_sources_stay_and_those_of_the_same_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path().join("knowledge.bin"));
        let update = |from: &str, names: &[&str]| {
            let mut gathered = Gathered::default();
            for name in names {
                let json = format!(
                    r#"{{"name": "{name}", "type": "hostname", "list": ["{from}.example"], "matching_attributes": ["domain"],
                        "version": 1, "description": "x"}}"#
                );
                gathered.file(Role::Warninglist, json.as_bytes()).unwrap();
            }
            keep(&store, &mut gathered, from).unwrap();
            let state = store.state();
            let packs = state.warninglists.iter().map(|pack| pack.lists());
            let names = packs.map(|lists| lists.iter().map(|list| list.name.clone()).collect());
            let mut packs: Vec<Vec<String>> = names.collect();
            let builtin = packs.pop().unwrap();
            assert!(builtin.len() > 50);
            let earlier = state.refreshed.earlier.iter().map(|one| one.from.clone());
            (packs, earlier.collect::<Vec<_>>())
        };
        let names = |packs: &[&[&str]]| -> Vec<Vec<String>> {
            packs
                .iter()
                .map(|names| names.iter().map(ToString::to_string).collect())
                .collect()
        };
        assert_eq!(
            update("a", &["one", "two"]),
            (names(&[&["one", "two"]]), vec![])
        );
        assert_eq!(
            update("b", &["two"]),
            (names(&[&["two"], &["one", "two"]]), vec!["a".to_owned()])
        );
        // `one` is gone from there.
        assert_eq!(update("a", &["two"]), (names(&[&["two"]]), vec![]));
        assert_eq!(
            update("c", &["three"]),
            (names(&[&["three"], &["two"]]), vec!["a".to_owned()])
        );
        for n in 0..12 {
            update(&n.to_string(), &[&format!("list {n}")]);
        }
        assert_eq!(store.state().warninglists.len(), LISTS.len() + 1);
    }

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
