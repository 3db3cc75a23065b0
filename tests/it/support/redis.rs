//! Redis servers for tests: one shared by all tests of a process, and special ones started for a test alone.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use testcontainers::core::{IntoContainerPort, WaitFor};
use testcontainers::runners::AsyncRunner;
use testcontainers::{GenericImage, ImageExt};

/// What to do when there is no Redis at all.
const ADVICE: &str = "these tests need Redis 7: set REDIS_URL, or run scripts/redis-image.sh where Docker is, \
                      or put redis-server on the PATH (Debian: apt-get install redis-server)";

/// A server that several tests share, each under a prefix of its own. It ends with its last user.
pub(crate) struct Shared {
    url: String,
    _server: Option<Box<dyn Send + Sync>>,
}

static SHARED: Mutex<Weak<Shared>> = Mutex::new(Weak::new());

/// The server of `REDIS_URL`, else one in a container, else one from the PATH.
pub(crate) fn shared() -> Arc<Shared> {
    let mut slot = SHARED.lock().unwrap();
    if let Some(shared) = slot.upgrade() {
        return shared;
    }
    let shared = Arc::new(Shared::start());
    *slot = Arc::downgrade(&shared);
    shared
}

impl Shared {
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    fn start() -> Self {
        if let Ok(url) = std::env::var("REDIS_URL") {
            return Self { url, _server: None };
        }
        if let Some(container) = Container::start() {
            return Self {
                url: format!("redis://127.0.0.1:{}", container.port),
                _server: Some(Box::new(container)),
            };
        }
        let server = Server::start(&[]).expect(ADVICE);
        Self {
            url: server.url(),
            _server: Some(Box::new(server)),
        }
    }
}

/// A container, run by a thread with a runtime of its own: tests' runtimes end before it does.
struct Container {
    port: u16,
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Container {
    fn start() -> Option<Self> {
        let (stop, stopped) = mpsc::channel::<()>();
        let (ready, started) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let image = GenericImage::new("gleaner-redis", "test")
                    .with_exposed_port(6379.tcp())
                    .with_wait_for(WaitFor::message_on_stdout("Ready to accept connections"))
                    .with_startup_timeout(Duration::from_secs(20));
                match image.start().await {
                    Ok(container) => {
                        let port = container.get_host_port_ipv4(6379).await;
                        let _ = ready.send(port.ok());
                        // Ends when the handle is dropped.
                        let _ = tokio::task::spawn_blocking(move || stopped.recv()).await;
                        let _ = container.rm().await;
                    }
                    Err(error) => {
                        eprintln!("no container ({error}): trying redis-server");
                        let _ = ready.send(None);
                    }
                }
            });
        });
        let port = started.recv().ok().flatten()?;
        Some(Self {
            port,
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A `redis-server` process in a folder of its own, killed when dropped.
pub(crate) struct Server {
    child: Child,
    folder: tempfile::TempDir,
    port: u16,
    options: Vec<String>,
}

/// Whether special servers can be started here; says so when not.
pub(crate) fn server_on_path() -> bool {
    let there = find("redis-server").is_some();
    if !there {
        eprintln!("SKIPPED: needs redis-server on the PATH (Debian: apt-get install redis-server)");
    }
    there
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.exists())
}

pub(crate) fn free_port() -> u16 {
    // Cluster nodes also use their port + 10000, which has to be a port.
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        if port < 55_000 && TcpListener::bind(("127.0.0.1", port + 10_000)).is_ok() {
            return port;
        }
    }
}

impl Server {
    /// Starts a server with further options. `None` without `redis-server` on the PATH.
    pub(crate) fn start(options: &[&str]) -> Option<Self> {
        Self::start_on(free_port(), options)
    }

    pub(crate) fn start_on(port: u16, options: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let options: Vec<String> = options.iter().map(|&o| o.to_owned()).collect();
        let child = spawn(folder.path(), port, &options)?;
        let server = Self {
            child,
            folder,
            port,
            options,
        };
        server.wait();
        Some(server)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again on what it left on disk.
    pub(crate) fn restart(&mut self) {
        self.child = spawn(self.folder.path(), self.port, &self.options).unwrap();
        self.wait();
    }

    fn wait(&self) {
        let start = Instant::now();
        let address = (std::net::Ipv4Addr::LOCALHOST, self.port).into();
        while std::net::TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_err() {
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "redis-server did not start"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn spawn(folder: &Path, port: u16, options: &[String]) -> Option<Child> {
    let mut command = Command::new(find("redis-server")?);
    if options.iter().any(|option| option == "--sentinel") {
        // A Sentinel writes its configuration: it wants a file.
        let file = folder.join("sentinel.conf");
        if !file.exists() {
            std::fs::write(&file, "").unwrap();
        }
        command.arg(file);
    }
    command
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
        .args(["--save", "", "--loglevel", "warning"])
        .args(options)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    Some(command.spawn().unwrap())
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
