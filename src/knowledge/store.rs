//! The knowledge in use: what was refreshed, kept in one file of the state folder, over what is built in.
//!
//! A file that is damaged or not ours is named in the log, and what is built in is used. The file is looked at (its time
//! and size) whenever knowledge is asked for, so a running worker takes over an update with its next article.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use super::origin::Origins;
use super::{Knowledge, builtin};
use crate::config::Config;
use crate::indicators::warninglists::packed::Packed;
use crate::pack::{self, Bytes, Pack, PackError};

/// Largest file read; the built-in pack has eight megabytes.
const MAX_SIZE: u64 = 256 << 20;

/// Knowledge as it is now.
#[derive(Debug, Clone)]
pub struct State {
    /// The galaxies.
    pub knowledge: Arc<Knowledge>,
    /// Packs of warninglists; a list of an earlier one goes before one of its name in a later one.
    pub warninglists: Vec<Arc<Packed>>,
    /// Where the parts come from: those that were refreshed.
    pub refreshed: Origins,
    /// Why the file was not used, if it is there and was not.
    pub fault: Option<String>,
}

impl State {
    /// What is built in, alone.
    pub fn builtin() -> Self {
        Self {
            knowledge: Knowledge::builtin(),
            warninglists: builtin::warninglists().into_iter().collect(),
            refreshed: Origins::default(),
            fault: None,
        }
    }
}

/// Sections with warninglists: those of the last update, and of those before it.
pub(super) const LISTS: [pack::Name; 8] = [
    *b"list", *b"lis2", *b"lis3", *b"lis4", *b"lis5", *b"lis6", *b"lis7", *b"lis8",
];

/// A pack in a file, read.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) origins: Origins,
    pub(super) pack: Pack,
    pub(super) knowledge: Option<Knowledge>,
    /// Of the last update, and of those before it.
    pub(super) warninglists: Vec<Packed>,
}

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be read or written.
    #[error("`{}`: {error}", file.display())]
    Io {
        /// Which.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// Its bytes make no sense.
    #[error("`{}`: {error}", file.display())]
    Pack {
        /// Which.
        file: PathBuf,
        /// Why.
        error: PackError,
    },
}

impl Kept {
    fn parse(bytes: Bytes) -> Result<Self, PackError> {
        let pack = Pack::read(bytes)?;
        let knowledge = pack.section(*b"gala");
        let knowledge = knowledge.map(|bytes| Knowledge::read(bytes.get()));
        let warninglists = LISTS.iter().filter_map(|name| pack.section(*name));
        let warninglists = warninglists.map(Packed::read).collect::<Result<_, _>>();
        Ok(Self {
            origins: Origins::read(pack.required(*b"info")?.get())?,
            knowledge: knowledge.transpose()?,
            warninglists: warninglists?,
            pack,
        })
    }

    /// Reads a file; `None` if there is none.
    pub(super) fn read(file: &Path) -> Result<Option<Self>, StoreError> {
        let failed = |error| StoreError::Io {
            file: file.to_owned(),
            error,
        };
        let opened = match fs::File::open(file) {
            Ok(opened) => opened,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let mut bytes = Vec::new();
        opened
            .take(MAX_SIZE)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
        let kept = Self::parse(bytes.into()).map_err(|error| StoreError::Pack {
            file: file.to_owned(),
            error,
        })?;
        Ok(Some(kept))
    }
}

/// When and how a file was last written.
pub type Stamp = (SystemTime, u64);

/// Gives out the knowledge in use.
#[derive(Debug)]
pub struct Store {
    file: PathBuf,
    known: Mutex<Option<(Option<Stamp>, State)>>,
}

impl Store {
    /// The knowledge of this file, which need not be there.
    pub fn new(file: PathBuf) -> Self {
        Self {
            file,
            known: Mutex::default(),
        }
    }

    /// The knowledge of the state folder.
    pub fn of(config: &Config) -> Self {
        Self::new(config.knowledge_path())
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// When the file was written, as far as that tells one state from the next.
    pub fn stamp(&self) -> Option<Stamp> {
        let data = fs::metadata(&self.file).ok()?;
        Some((data.modified().ok()?, data.len()))
    }

    /// The knowledge as it is now; read again when the file changed.
    pub fn state(&self) -> State {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = self.stamp();
        match known.as_ref() {
            Some((before, state)) if *before == stamp => state.clone(),
            _ => {
                let state = self.read();
                *known = Some((stamp, state.clone()));
                state
            }
        }
    }

    fn read(&self) -> State {
        let mut state = State::builtin();
        match Kept::read(&self.file) {
            Ok(None) => {}
            Ok(Some(kept)) => {
                if let Some(knowledge) = kept.knowledge {
                    state.knowledge = Arc::new(knowledge);
                }
                let kept_lists = kept.warninglists.into_iter().map(Arc::new);
                state.warninglists.splice(0..0, kept_lists);
                state.refreshed = kept.origins;
            }
            Err(error) => {
                tracing::warn!(%error, "the refreshed knowledge cannot be used; the built-in one is");
                state.fault = Some(error.to_string());
            }
        }
        state
    }

    /// What is written makes no sense.
    pub(super) fn refused(&self, error: PackError) -> StoreError {
        StoreError::Pack {
            file: self.file.clone(),
            error,
        }
    }

    /// Waits for other updates of the file to end, and keeps later ones waiting until it is dropped: an update keeps
    /// parts of what the one before it wrote.
    pub(super) fn lock(&self) -> Result<fs::File, StoreError> {
        let path = self.file.with_extension("lock");
        let failed = |error| StoreError::Io {
            file: path.clone(),
            error,
        };
        let folder = self.file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(failed)?;
        let mut options = fs::File::options();
        options.create(true).truncate(false).write(true);
        let lock = options.open(&path).map_err(failed)?;
        lock.lock().map_err(failed)?;
        Ok(lock)
    }

    /// Writes sections as the new file: beside it first, then read again, then in its place. What was there before stays
    /// if anything goes wrong. Only for who holds the [lock](Self::lock).
    pub(super) fn replace(&self, sections: &[(pack::Name, &[u8])]) -> Result<(), StoreError> {
        // One name for all: what an update left behind that was killed is written over.
        let draft = self.file.with_extension("part");
        let written = self.draft(&draft, sections);
        if written.is_err() {
            let _ = fs::remove_file(&draft);
        }
        written
    }

    fn draft(&self, draft: &Path, sections: &[(pack::Name, &[u8])]) -> Result<(), StoreError> {
        let failed = |error| StoreError::Io {
            file: self.file.clone(),
            error,
        };
        let folder = self.file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(failed)?;
        let mut file = fs::File::create(draft).map_err(failed)?;
        file.write_all(&pack::write(sections)).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        Kept::read(draft)?;
        fs::rename(draft, &self.file).map_err(failed)?;
        // The new name must survive a power cut too; not every file system can be told.
        if let Ok(folder) = fs::File::open(folder) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

impl Knowledge {
    /// The galaxies in use. Asked again and again it costs a look at the file's time.
    pub fn current(config: &Config) -> Arc<Self> {
        static STORE: OnceLock<Store> = OnceLock::new();
        let store = STORE.get_or_init(|| Store::of(config));
        if store.file() == config.knowledge_path() {
            store.state().knowledge
        } else {
            Store::of(config).state().knowledge
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::{Cluster, Galaxy};

    fn tiny() -> Knowledge {
        Knowledge {
            galaxies: vec![Galaxy {
                kind: "rat".into(),
                name: "RAT".into(),
            }],
            clusters: vec![Cluster {
                galaxy: 0,
                value: "Own".into(),
                uuid: uuid::Uuid::from_u128(7),
                synonyms: Box::default(),
                ids: Box::default(),
            }],
        }
    }

    #[test]
    fn a_new_file_is_taken_over_and_a_damaged_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path().join("deep/knowledge.bin"));
        let builtin = store.state();
        assert_eq!(builtin.knowledge, Knowledge::builtin());
        assert_eq!(builtin.warninglists.len(), 1);

        let sections = [
            (*b"info", &Origins::default().write()[..]),
            (*b"gala", &tiny().write()[..]),
        ];
        store.replace(&sections).unwrap();
        let state = store.state();
        assert_eq!(*state.knowledge, tiny());
        assert_eq!((state.warninglists.len(), &state.fault), (1, &None));

        let bytes = fs::read(store.file()).unwrap();
        fs::write(store.file(), &bytes[..bytes.len() - 1]).unwrap();
        let state = store.state();
        assert_eq!(state.knowledge, Knowledge::builtin());
        let fault = state.fault.unwrap();
        assert!(
            fault.contains("knowledge.bin`: the knowledge pack is damaged"),
            "{fault}"
        );
    }

    #[test]
    fn what_cannot_be_read_again_does_not_replace_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path().join("knowledge.bin"));
        let info = Origins::default().write();
        let good = [(*b"info", &info[..])];
        store.replace(&good).unwrap();
        let before = fs::read(store.file()).unwrap();
        let bad = [(*b"info", &info[..]), (*b"gala", &b"nonsense"[..])];
        assert!(store.replace(&bad).is_err());
        assert_eq!(fs::read(store.file()).unwrap(), before);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
