//! Where warninglists come from: a folder, and the MISP server.
//!
//! [`Judges`] gives out judges that know the lists as they are now. Lists are read once and again after
//! `indicators.warninglists_refresh`; nothing here fails an article: what cannot be had is said in the log, and the
//! last good copy goes on being used.

mod folder;
mod server;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::config::load::ConfigError;
use crate::config::{self, Config};
use crate::destinations::misp::MispClient;
use crate::indicators::Judge;
use crate::indicators::judge::OwnLists;
use crate::indicators::warninglists::{Action, Builder, List, Warninglists};

/// After a server did not answer, its lists are asked for again after this time.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// Gives out judges.
pub struct Judges {
    settings: config::Indicators,
    own: Arc<OwnLists>,
    cache: PathBuf,
    client: Option<Arc<MispClient>>,
    current: Mutex<Option<Current>>,
}

struct Current {
    judge: Judge,
    /// When it is to be made anew.
    until: Instant,
}

impl Judges {
    /// Judges by these settings. Nothing is read yet. `client` is of the MISP server whose lists are used.
    pub fn new(config: &Config, client: Option<Arc<MispClient>>) -> Result<Self, ConfigError> {
        let settings = config.indicators.clone();
        let own = settings
            .own_lists()
            .map_err(|fault| ConfigError(vec![fault]))?;
        Ok(Self {
            client: client.filter(|_| settings.warninglists_misp),
            settings,
            own: Arc::new(own),
            cache: config.warninglists_path(),
            current: Mutex::new(None),
        })
    }

    /// A judge that knows the lists.
    pub async fn judge(&self) -> Judge {
        // Held while asking, so that workers that come together ask once.
        let mut current = self.current.lock().await;
        if let Some(known) = current
            .as_ref()
            .filter(|known| Instant::now() < known.until)
        {
            return known.judge.clone();
        }
        let (lists, wait) = self.read().await;
        let judge = Judge::new(lists).with_own(Arc::clone(&self.own));
        *current = Some(Current {
            judge: judge.clone(),
            until: Instant::now() + wait,
        });
        judge
    }

    /// All lists, and how long they are good for.
    async fn read(&self) -> (Arc<Warninglists>, Duration) {
        let refresh = self.settings.warninglists_refresh.get();
        let mut wait = refresh;
        let mut copies = Vec::new();
        if let Some(client) = &self.client {
            match server::copies(client, &self.cache, refresh).await {
                Ok(found) => copies = found,
                Err(failure) => {
                    copies = server::old_copies(client, &self.cache);
                    let kept = copies.len();
                    wait = wait.min(PATIENCE);
                    tracing::warn!(%failure, kept, "the MISP server's warninglists are not to be had; the last good copy is used");
                }
            }
        }
        let (folder, dropping) = (
            self.settings.warninglists_folder.clone(),
            self.settings.warninglists_drop.clone(),
        );
        let work = move || build(copies, &folder, &dropping);
        let lists = tokio::task::spawn_blocking(work).await.unwrap_or_default();
        (Arc::new(lists), wait)
    }
}

/// Reads files into lists ready to be asked.
fn build(copies: Vec<PathBuf>, folder: &std::path::Path, dropping: &[String]) -> Warninglists {
    let mut reading = Reading {
        builder: Warninglists::builder(),
        dropping,
        found: vec![false; dropping.len()],
        seen: Vec::new(),
    };
    let mut files = copies;
    if !folder.as_os_str().is_empty() {
        match folder::files(folder) {
            Ok(found) => files.extend(found),
            Err(error) => {
                tracing::warn!(folder = %folder.display(), %error, "the folder of warninglists cannot be read");
            }
        }
    }
    for file in files {
        match folder::read(&file) {
            Ok(list) => reading = reading.add(list),
            Err(error) => {
                tracing::warn!(file = %file.display(), error, "a warninglist was left out");
            }
        }
    }
    reading.finish()
}

struct Reading<'a> {
    builder: Builder,
    dropping: &'a [String],
    /// Whether the names in `dropping` were met.
    found: Vec<bool>,
    seen: Vec<String>,
}

impl Reading<'_> {
    /// Adds a list, unless one of its name is there already: the server's goes before the folder's.
    fn add(mut self, list: List) -> Self {
        if self.seen.contains(&list.name) {
            return self;
        }
        self.seen.push(list.name.clone());
        let name = list.name.trim();
        let at = self
            .dropping
            .iter()
            .position(|drop| drop.trim().eq_ignore_ascii_case(name));
        let action = if at.is_some() {
            Action::Drop
        } else {
            Action::Flag
        };
        if let Some(found) = at.and_then(|at| self.found.get_mut(at)) {
            *found = true;
        }
        self.builder = self.builder.list_with(list, action);
        self
    }

    fn finish(self) -> Warninglists {
        let lists = self.builder.build();
        for warning in lists.warnings() {
            tracing::warn!("{warning}");
        }
        let named = self.dropping.iter().zip(&self.found);
        for (name, _) in named.filter(|(_, found)| !**found) {
            tracing::warn!(
                name,
                "`indicators.warninglists_drop` names a list that is not there"
            );
        }
        tracing::debug!(lists = lists.len(), "warninglists read");
        lists
    }
}
