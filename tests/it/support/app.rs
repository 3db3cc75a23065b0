//! The program as its users start it: the built binary, with a folder, a store and settings of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gleaner::config::{Config, Secret};
use gleaner::queue::{self, Queue};
use serde_json::Value;
use tempfile::TempDir;

use super::redis;

/// Longest wait for something that must happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the queue is kept. The Redis of the tests ends with its last user, so each holds on to it.
#[derive(Clone)]
pub(crate) enum Store {
    Embedded,
    Redis(Arc<redis::Shared>),
}

impl Store {
    pub(crate) fn both() -> [Self; 2] {
        [Self::Embedded, Self::Redis(redis::shared())]
    }
}

/// An installation of Gleaner.
pub(crate) struct App {
    folder: TempDir,
    variables: Vec<(String, String)>,
    _store: Store,
}

impl App {
    /// Settings for tests: loopback allowed, no pauses, quick retries, short leases.
    pub(crate) fn new(store: &Store) -> Self {
        let app = Self {
            folder: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
            _store: store.clone(),
        }
        .with("GLEANER__HTTP__ALLOW_NETWORKS", r#"["127.0.0.0/8"]"#)
        .with("GLEANER__ARTICLE__HOST_INTERVAL", "0s")
        .with("GLEANER__ARTICLE__TIMEOUT", "10s")
        .with("GLEANER__STORE__LEASE", "1s")
        .with("GLEANER__STORE__BACKOFF", "100ms")
        .with("GLEANER__STORE__BACKOFF_MAX", "1s")
        .with("GLEANER__FEEDS__MIN_INTERVAL", "0s")
        .with(
            "GLEANER__STORE__PREFIX",
            &format!("app-{}", uuid::Uuid::now_v7().simple()),
        );
        match store {
            Store::Redis(server) => app.with("REDIS_URL", server.url()),
            Store::Embedded => app,
        }
    }

    /// Sets a variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The folder it runs in; its data lies in `gleaner-data` there.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into that folder.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder().join(name), text).unwrap();
    }

    /// A command of the program, not yet started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
        command
            .args(arguments)
            .current_dir(self.folder())
            .env_clear();
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        command
    }

    /// Runs a command to its end, whatever its status.
    pub(crate) fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command that must succeed, and answers what it printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "gleaner {arguments:?}: {}\n{errors}",
            output.status
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command with `--json`.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.run(&[arguments, &["--json"]].concat())).unwrap()
    }

    /// Starts a worker.
    pub(crate) fn worker(&self, arguments: &[&str]) -> Worker {
        let log = self
            .folder()
            .join(format!("worker-{}.log", uuid::Uuid::now_v7().simple()));
        let file = std::fs::File::create(&log).unwrap();
        let child = self
            .command(&[&["subscribe"], arguments].concat())
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .unwrap();
        Worker { child, log }
    }

    /// Its queue, opened beside the program.
    pub(crate) async fn queue(&self) -> Arc<dyn Queue> {
        let variable = |name: &str| {
            let mut all = self.variables.iter();
            all.find(|(known, _)| known == name)
                .map(|(_, value)| value.as_str())
        };
        let mut config = Config::default();
        config.store.path = self.folder().join("gleaner-data/queue.db");
        config.store.prefix = variable("GLEANER__STORE__PREFIX").unwrap().to_owned();
        config.store.url = Secret::from(variable("REDIS_URL").unwrap_or_default());
        queue::open(&config).await.unwrap()
    }

    /// The event files in the feed folder.
    pub(crate) fn events(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.folder().join("gleaner-data/misp-feed")) else {
            return Vec::new();
        };
        let is_event = |path: &PathBuf| {
            let stem = path
                .file_stem()
                .and_then(|stem| stem.to_str())
                .unwrap_or_default();
            path.extension()
                .is_some_and(|extension| extension == "json")
                && uuid::Uuid::parse_str(stem).is_ok()
        };
        entries
            .flatten()
            .map(|entry| entry.path())
            .filter(is_event)
            .collect()
    }

    /// The queue's counts.
    pub(crate) fn status(&self) -> Value {
        self.json(&["queue", "status"])
    }

    /// The jobs in this state.
    pub(crate) fn jobs(&self, state: &str) -> Vec<Value> {
        let listed = self.json(&["queue", "list", "--limit", "10000", "--state", state]);
        listed.as_array().unwrap().clone()
    }
}

/// A running worker; killed when dropped.
pub(crate) struct Worker {
    child: Child,
    log: PathBuf,
}

impl Worker {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn kill_9(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub(crate) fn terminate(&self) {
        kill(self.id(), "TERM");
    }

    /// Whether it is still there.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end and answers its status.
    pub(crate) fn wait(&mut self) -> std::process::ExitStatus {
        wait_for("the worker to end", || self.child.try_wait().unwrap())
    }

    /// What it logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill_9();
    }
}

/// Sends a signal.
pub(crate) fn kill(process: u32, signal: &str) {
    let status = Command::new("kill")
        .args([format!("-{signal}"), process.to_string()])
        .status();
    assert!(status.unwrap().success(), "kill -{signal} {process}");
}

/// Waits until there is an answer.
pub(crate) fn wait_for<T>(what: &str, mut answer: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = answer() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
