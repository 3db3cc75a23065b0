//! Where warninglists come from: the MISP server, a folder, and the knowledge pack; of lists of one name the first holds.
//!
//! [`Judges`] gives out judges that know the lists as they are now. Lists are read once and again after
//! `indicators.warninglists_refresh`. A server that is down or slow fails no article: what cannot be had is said in
//! the log, and the last good copy goes on being used. Only who asks first has to wait, and not for long; later
//! one task asks again while the others go on with the judge they have.

mod choice;
mod folder;
mod server;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::timeout;

use self::choice::Choice;
use crate::config::load::ConfigError;
use crate::config::{self, Config};
use crate::destinations::misp::MispClient;
use crate::failure::{Failure, Reason};
use crate::indicators::Judge;
use crate::indicators::judge::OwnLists;
use crate::indicators::warninglists::packed::Packed;
use crate::indicators::warninglists::{Action, Builder, List, Warninglists};
use crate::knowledge::store::{Stamp, Store};

/// How long things may take.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// All requests of one refresh together. Lists that came in time need not be asked for again.
    refresh: Duration,
    /// The same when somebody waits for it and there is an old copy to go on with.
    first: Duration,
    /// After a server did not answer, its lists are asked for again after this time.
    patience: Duration,
}

const LIMITS: Limits = Limits {
    refresh: Duration::from_secs(60),
    first: Duration::from_secs(10),
    patience: Duration::from_secs(5 * 60),
};

/// Gives out judges.
pub struct Judges(Arc<Shared>);

struct Shared {
    settings: config::Indicators,
    own: Arc<OwnLists>,
    cache: PathBuf,
    knowledge: Store,
    client: Option<Arc<MispClient>>,
    limits: Limits,
    current: Mutex<Option<Current>>,
    /// Held by the one who reads the lists.
    turn: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Clone)]
struct Current {
    judge: Result<Judge, Failure>,
    /// When it is to be made anew.
    until: Instant,
    /// Of the knowledge it was made with; it is made anew after an update.
    stamp: Option<Stamp>,
}

impl Current {
    fn is_fresh(&self, knowledge: &Store) -> bool {
        Instant::now() < self.until && self.stamp == knowledge.stamp()
    }
}

impl Judges {
    /// Judges by these settings. Nothing is read yet. `client` is of the MISP server whose lists are used.
    pub fn new(config: &Config, client: Option<Arc<MispClient>>) -> Result<Self, ConfigError> {
        Self::within(config, client, LIMITS)
    }

    fn within(
        config: &Config,
        client: Option<Arc<MispClient>>,
        limits: Limits,
    ) -> Result<Self, ConfigError> {
        let settings = config.indicators.clone();
        let own = settings
            .own_lists()
            .map_err(|fault| ConfigError(vec![fault]))?;
        Ok(Self(Arc::new(Shared {
            client: client.filter(|_| settings.warninglists_misp),
            settings,
            own: Arc::new(own),
            cache: config.warninglists_path(),
            knowledge: Store::of(config),
            limits,
            current: Mutex::new(None),
            turn: Arc::default(),
        })))
    }

    /// A judge that knows the lists. Fails only when reading them goes wrong as it never should: a judge without
    /// them would call harmless values indicators.
    pub async fn judge(&self) -> Result<Judge, Failure> {
        let shared = &self.0;
        let known = shared.current().clone();
        match known {
            Some(known) if known.is_fresh(&shared.knowledge) => known.judge,
            Some(Current {
                judge: Ok(judge), ..
            }) => {
                if let Ok(turn) = Arc::clone(&shared.turn).try_lock_owned() {
                    let (shared, limit) = (Arc::clone(shared), shared.limits.refresh);
                    // What goes wrong is in the log; whoever asks next sees what became of it.
                    tokio::spawn(async move {
                        let _ = shared.refresh(limit).await;
                        drop(turn);
                    });
                }
                Ok(judge)
            }
            _ => {
                // Those that come together ask once.
                let _turn = shared.turn.lock().await;
                shared.refresh(shared.first_limit()).await
            }
        }
    }
}

/// The lists enabled on a server, with their versions; copies of them are kept in a folder, asked for anew where they
/// changed.
pub(crate) async fn of_server(
    client: &MispClient,
    copies: &Path,
) -> Result<Vec<(List, Option<serde_json::Value>)>, Failure> {
    let files = server::copies(client, copies, Duration::ZERO).await?;
    let read = |file: &PathBuf| {
        let list = folder::read(file).map_err(|error| {
            let message = format!("a warninglist of MISP at `{}`: {error}", client.address());
            Failure::new(Reason::DestinationGarbled, message)
        })?;
        Ok((list, server::version(file)))
    };
    files.iter().map(read).collect()
}

impl Shared {
    fn current(&self) -> MutexGuard<'_, Option<Current>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long the first one waits.
    fn first_limit(&self) -> Duration {
        let server = self.client.as_ref().map(|client| client.address());
        if server.is_some_and(|server| server::has_copies(server, &self.cache)) {
            self.limits.first
        } else {
            self.limits.refresh
        }
    }

    /// Reads the lists anew, unless somebody just did. The one who calls has the turn.
    async fn refresh(&self, limit: Duration) -> Result<Judge, Failure> {
        let before = self.current().clone();
        let before = match before {
            Some(known) if known.is_fresh(&self.knowledge) => return known.judge,
            before => before.and_then(|known| known.judge.ok()),
        };
        let (copies, mut wait) = self.copies(limit).await;
        let stamp = self.knowledge.stamp();
        let (settings, packs) = (self.settings.clone(), self.packs());
        let judge = match apart(move || build(copies, &settings, &packs)).await {
            Ok(lists) => Ok(Judge::new(Arc::new(lists)).with_own(Arc::clone(&self.own))),
            Err(failure) => {
                tracing::error!(%failure, "the warninglists were not read");
                wait = wait.min(self.limits.patience);
                before.ok_or(failure)
            }
        };
        *self.current() = Some(Current {
            judge: judge.clone(),
            until: Instant::now() + wait,
            stamp,
        });
        judge
    }

    /// Packs of lists, if any list of theirs may be used.
    fn packs(&self) -> Vec<Arc<Packed>> {
        let settings = &self.settings;
        if settings.warninglists_pack.is_empty() && settings.warninglists_drop.is_empty() {
            Vec::new()
        } else {
            self.knowledge.state().warninglists
        }
    }

    /// Files with the server's lists, and how long they are good for.
    async fn copies(&self, limit: Duration) -> (Vec<PathBuf>, Duration) {
        let refresh = self.settings.warninglists_refresh.get();
        let Some(client) = &self.client else {
            return (Vec::new(), refresh);
        };
        let asked = timeout(limit, server::copies(client, &self.cache, refresh)).await;
        let failure = match asked {
            Ok(Ok(copies)) => return (copies, refresh),
            Ok(Err(failure)) => failure,
            Err(_) => Failure::new(
                Reason::DestinationDown,
                format!(
                    "MISP at `{}` did not give all its warninglists within {limit:?}",
                    client.address()
                ),
            ),
        };
        let copies = server::old_copies(client.address(), &self.cache);
        let kept = copies.len();
        tracing::warn!(%failure, kept, "the MISP server's warninglists are not to be had; the last good copy is used");
        (copies, refresh.min(self.limits.patience))
    }
}

/// Does work for a processor apart from what waits for answers.
async fn apart(
    work: impl FnOnce() -> Warninglists + Send + 'static,
) -> Result<Warninglists, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| {
        Failure::new(
            Reason::Crashed,
            format!("reading the warninglists broke off: {error}"),
        )
    })
}

/// Reads files into lists ready to be asked, and adds those of the packs that are wanted and not there yet.
fn build(
    copies: Vec<PathBuf>,
    settings: &config::Indicators,
    packs: &[Arc<Packed>],
) -> Warninglists {
    let (folder, dropping) = (&settings.warninglists_folder, &settings.warninglists_drop);
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
    reading.packs(packs, &settings.warninglists_pack).finish()
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
        let action = if self.drops(&list.name) {
            Action::Drop
        } else {
            Action::Flag
        };
        self.builder = self.builder.list_with(list, action);
        self
    }

    /// Whether values of this list are dropped.
    fn drops(&mut self, name: &str) -> bool {
        let name = name.trim();
        let mut drops = self.dropping.iter();
        let at = drops.position(|drop| drop.trim().eq_ignore_ascii_case(name));
        if let Some(found) = at.and_then(|at| self.found.get_mut(at)) {
            *found = true;
        }
        at.is_some()
    }

    /// Adds lists of the packs: those that are chosen, and those whose values are to be dropped.
    fn packs(mut self, packs: &[Arc<Packed>], entries: &[String]) -> Self {
        let choice = Choice::new(entries);
        for pack in packs {
            let builder = std::mem::take(&mut self.builder);
            self.builder = builder.packed(pack, |name| {
                let seen = self.seen.iter().any(|other| other == name);
                if seen {
                    return None;
                }
                self.seen.push(name.to_owned());
                if self.drops(name) {
                    Some(Action::Drop)
                } else {
                    choice.of(name)
                }
            });
        }
        let seen: Vec<&str> = self.seen.iter().map(String::as_str).collect();
        for name in choice.unknown(&seen) {
            tracing::warn!(
                name,
                "`indicators.warninglists_pack` names a list that is not there"
            );
        }
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
