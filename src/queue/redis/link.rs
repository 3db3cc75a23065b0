//! Connections: found, pooled, lost and found again.
//!
//! All our keys are in one hash slot, so whatever the server is part of, there is one node to talk to: the one
//! named, the master a Sentinel names, or the node of a cluster that has the slot. [`Link`] finds it, keeps a
//! pool of connections to it, and looks again when it fails or says that it is not the one any more.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use deadpool_redis::{Manager, Pool, Runtime, Timeouts};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ConnectionInfo, ErrorKind, RedisError, RedisResult};
use redis::{ServerErrorKind, Value};
use tokio::sync::Mutex;

use super::scripts::Call;
use super::target::{Kind, Target};
use crate::queue::{QueueError, Result};

/// How long a step keeps trying to reach the server before it gives up.
const PATIENCE: Duration = Duration::from_secs(3);
/// Longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_millis(500);
/// Time allowed for connecting, TLS and login included.
const CONNECT: Duration = Duration::from_secs(3);
/// Time allowed for one answer. The largest is a list of jobs; the slowest server is one that rewrites its log.
const ANSWER: Duration = Duration::from_secs(10);
/// Most connections of one handle, besides the one that waits for news.
const CONNECTIONS: usize = 16;

/// The way to the server that has our keys.
#[derive(Debug)]
pub(super) struct Link {
    target: Target,
    /// Any of our keys: tells which slot of a cluster is ours.
    key: String,
    node: Mutex<Option<Arc<Node>>>,
}

/// The server found.
struct Node {
    info: ConnectionInfo,
    pool: Pool,
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node").finish_non_exhaustive()
    }
}

/// What is sent.
#[derive(Clone, Copy)]
enum Step<'a> {
    Script(&'a redis::ScriptInvocation<'a>),
    Pipe(&'a redis::Pipeline),
    Command(&'a redis::Cmd),
}

impl Step<'_> {
    async fn send(self, connection: &mut deadpool_redis::Connection) -> RedisResult<Value> {
        match self {
            Self::Script(invocation) => invocation.invoke_async(connection).await,
            Self::Pipe(pipe) => pipe.query_async(connection).await,
            Self::Command(command) => command.query_async(connection).await,
        }
    }
}

/// Why a step failed, before it is known whether it is tried again.
enum Fault {
    /// Sent or not, it may be tried again.
    Redis(RedisError),
    /// The pool had no connection to give.
    Pool(String),
}

impl From<RedisError> for Fault {
    fn from(error: RedisError) -> Self {
        Self::Redis(error)
    }
}

impl Link {
    pub(super) fn new(target: Target, key: String) -> Self {
        Self {
            target,
            key,
            node: Mutex::new(None),
        }
    }

    /// Runs a script. Tries again while the server cannot be reached, so it must be one that may run twice.
    pub(super) async fn call<T: redis::FromRedisValue>(&self, call: &Call) -> Result<T> {
        let invocation = call.invocation();
        self.read(self.patiently(Step::Script(&invocation)).await?)
    }

    /// Runs calls of one script in one round trip.
    pub(super) async fn call_all(&self, calls: &[Call]) -> Result<Vec<Value>> {
        let Some(first) = calls.first() else {
            return Ok(Vec::new());
        };
        let mut pipe = redis::pipe();
        pipe.load_script(first.script()).ignore();
        for call in calls {
            pipe.invoke_script(&call.invocation());
        }
        self.pipe(&pipe).await
    }

    /// Sends a pipeline; the same holds for it.
    pub(super) async fn pipe(&self, pipe: &redis::Pipeline) -> Result<Vec<Value>> {
        self.read(self.patiently(Step::Pipe(pipe)).await?)
    }

    /// Sends one command; the same holds for it.
    pub(super) async fn command<T: redis::FromRedisValue>(
        &self,
        command: &redis::Cmd,
    ) -> Result<T> {
        self.read(self.patiently(Step::Command(command)).await?)
    }

    fn read<T: redis::FromRedisValue>(&self, value: Value) -> Result<T> {
        redis::from_redis_value(value).map_err(|error| {
            QueueError::Corrupt(format!(
                "{} gave an unexpected answer: {error}",
                self.target
            ))
        })
    }

    async fn patiently(&self, step: Step<'_>) -> Result<Value> {
        let start = Instant::now();
        let mut wait = Duration::from_millis(25);
        loop {
            let fault = match self.once(step).await {
                Ok(value) => return Ok(value),
                Err(fault) => fault,
            };
            if !fault.may_pass() || start.elapsed() + wait > PATIENCE {
                return Err(self.error(&fault));
            }
            tokio::time::sleep(jittered(wait)).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    async fn once(&self, step: Step<'_>) -> std::result::Result<Value, Fault> {
        let node = self.node().await?;
        let result = match node.pool.get().await {
            Ok(mut connection) => step.send(&mut connection).await.map_err(Fault::Redis),
            Err(deadpool_redis::PoolError::Backend(error)) => Err(Fault::Redis(error)),
            Err(error) => Err(Fault::Pool(error.to_string())),
        };
        if result.as_ref().is_err_and(Fault::is_of_node) {
            self.forget(&node).await;
        }
        result
    }

    /// A connection of its own with no limit on the time of an answer, for commands that block.
    pub(super) async fn blocking_connection(&self) -> Result<MultiplexedConnection> {
        let fail = |error| self.error(&Fault::Redis(error));
        let node = self.node().await.map_err(fail)?;
        let connection = connect(node.info.clone(), None).await;
        if connection.is_err() {
            self.forget(&node).await;
        }
        connection.map_err(fail)
    }

    async fn node(&self) -> RedisResult<Arc<Node>> {
        let mut node = self.node.lock().await;
        if let Some(node) = &*node {
            return Ok(node.clone());
        }
        let found = Arc::new(Node::new(self.find().await?)?);
        *node = Some(found.clone());
        Ok(found)
    }

    async fn forget(&self, lost: &Arc<Node>) {
        let mut node = self.node.lock().await;
        if node.as_ref().is_some_and(|node| Arc::ptr_eq(node, lost)) {
            *node = None;
        }
    }

    /// Asks the hosts one after the other who has our keys.
    async fn find(&self) -> RedisResult<ConnectionInfo> {
        let mut last = RedisError::from((ErrorKind::InvalidClientConfig, "no host"));
        for (host, port) in &self.target.hosts {
            let found = match &self.target.kind {
                Kind::Plain => self.target.server(host, *port),
                Kind::Sentinel(service) => self.ask_sentinel(host, *port, service).await,
                Kind::Cluster => self.ask_cluster(host, *port).await,
            };
            match found {
                Ok(info) => return Ok(info),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    async fn ask_sentinel(
        &self,
        host: &str,
        port: u16,
        service: &str,
    ) -> RedisResult<ConnectionInfo> {
        let mut connection = connect(self.target.address(host, port)?, Some(ANSWER)).await?;
        // Many a Sentinel has no login although its servers have one.
        if self.target.has_login() && !answers(&mut connection).await {
            connection = connect(self.target.with_login(host, port)?, Some(ANSWER)).await?;
        }
        let address: Option<(String, u16)> = redis::cmd("SENTINEL")
            .arg("get-master-addr-by-name")
            .arg(service)
            .query_async(&mut connection)
            .await?;
        let (host, port) = address.ok_or_else(|| {
            RedisError::from((
                ErrorKind::MasterNameNotFoundBySentinel,
                "the Sentinel knows no such service",
            ))
        })?;
        self.target.server(&host, port)
    }

    async fn ask_cluster(&self, host: &str, port: u16) -> RedisResult<ConnectionInfo> {
        let mut connection = connect(self.target.with_login(host, port)?, Some(ANSWER)).await?;
        let (slot, slots): (i64, Value) = redis::pipe()
            .cmd("CLUSTER")
            .arg("KEYSLOT")
            .arg(&self.key)
            .cmd("CLUSTER")
            .arg("SLOTS")
            .query_async(&mut connection)
            .await?;
        let (owner, owner_port) = owner_of(slot, &slots).ok_or_else(|| {
            RedisError::from((
                ErrorKind::ClusterConnectionNotFound,
                "no node of the cluster has our slot",
            ))
        })?;
        // A node that does not know its own address leaves it empty: it is the one we asked.
        let owner = if owner.is_empty() { host } else { &owner };
        self.target.server(owner, owner_port)
    }

    fn error(&self, fault: &Fault) -> QueueError {
        let at = &self.target;
        let error = match fault {
            Fault::Redis(error) => error,
            Fault::Pool(error) => {
                return QueueError::Unavailable(format!("{at} cannot be reached: {error}"));
            }
        };
        let text = at.without_secret(&error.to_string());
        let code = code(error);
        match (error.kind(), code.as_deref()) {
            (_, Some("OOM")) => QueueError::Full(format!(
                "{at} is full (`maxmemory` reached): give it more memory or let the workers catch up"
            )),
            (_, Some("MISCONF")) => QueueError::Full(format!(
                "{at} cannot write to its disk: {text}; make room on the server's disk"
            )),
            (ErrorKind::AuthenticationFailed, _) | (_, Some("NOAUTH" | "WRONGPASS")) => {
                QueueError::Unavailable(format!(
                    "{at} does not accept the user and password of `store.url`: {text}"
                ))
            }
            (ErrorKind::Server(ServerErrorKind::NoPerm), _) => QueueError::Store(format!(
                "{at} forbids the user of `store.url` a command that the queue needs: {text}"
            )),
            (_, Some("WRONGTYPE")) => QueueError::Corrupt(format!(
                "{at} holds something else under our keys: {text}; set another `store.prefix`"
            )),
            _ if fault.may_pass() => {
                QueueError::Unavailable(format!("{at} cannot be reached: {text}"))
            }
            _ => QueueError::Store(format!("{at}: {text}")),
        }
    }
}

impl Fault {
    /// Whether waiting may help.
    fn may_pass(&self) -> bool {
        match self {
            Self::Pool(_) => true,
            Self::Redis(error) => match error.kind() {
                ErrorKind::Server(kind) => matches!(
                    kind,
                    ServerErrorKind::BusyLoading
                        | ServerErrorKind::Moved
                        | ServerErrorKind::Ask
                        | ServerErrorKind::TryAgain
                        | ServerErrorKind::ClusterDown
                        | ServerErrorKind::MasterDown
                        | ServerErrorKind::ReadOnly
                ),
                ErrorKind::Io
                | ErrorKind::MasterNameNotFoundBySentinel
                | ErrorKind::ClusterConnectionNotFound => true,
                _ => false,
            },
        }
    }

    /// Whether the node itself is lost, or not the right one any more.
    fn is_of_node(&self) -> bool {
        match self {
            Self::Pool(_) => true,
            Self::Redis(error) => {
                self.may_pass() && error.kind() != ErrorKind::Server(ServerErrorKind::BusyLoading)
            }
        }
    }
}

impl Node {
    fn new(info: ConnectionInfo) -> RedisResult<Self> {
        let manager = Manager::new_with_config(info.clone(), config(Some(ANSWER)))?;
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .timeouts(Timeouts {
                wait: Some(ANSWER),
                create: Some(CONNECT),
                recycle: Some(ANSWER),
            })
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| {
                RedisError::from((
                    ErrorKind::InvalidClientConfig,
                    "cannot make a pool of connections",
                    error.to_string(),
                ))
            })?;
        Ok(Self { info, pool })
    }
}

/// The crate's default would give up on an answer after half a second.
fn config(answer: Option<Duration>) -> AsyncConnectionConfig {
    AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT))
        .set_response_timeout(answer)
}

async fn connect(
    info: ConnectionInfo,
    answer: Option<Duration>,
) -> RedisResult<MultiplexedConnection> {
    Client::open(info)?
        .get_multiplexed_async_connection_with_config(&config(answer))
        .await
}

/// The server's word for the error; of a pipeline, for the first one.
fn code(error: &RedisError) -> Option<String> {
    let errors = error.clone().into_server_errors();
    let first = errors.as_deref().and_then(|errors| errors.first());
    first
        .map(|(_, error)| error.code())
        .or_else(|| error.code())
        .map(str::to_owned)
}

async fn answers(connection: &mut MultiplexedConnection) -> bool {
    redis::cmd("PING")
        .query_async::<String>(connection)
        .await
        .is_ok()
}

/// Host and port of the master that has a slot, from the answer to `CLUSTER SLOTS`: a list of first slot, last
/// slot, master, replicas.
fn owner_of(slot: i64, slots: &Value) -> Option<(String, u16)> {
    let ranges = slots.as_sequence()?;
    ranges.iter().find_map(|range| {
        let range = range.as_sequence()?;
        let number = |at: usize| redis::from_redis_value_ref::<i64>(range.get(at)?).ok();
        if !(number(0)?..=number(1)?).contains(&slot) {
            return None;
        }
        let node = range.get(2)?.as_sequence()?;
        let host = redis::from_redis_value_ref::<Option<String>>(node.first()?).ok()?;
        let port = redis::from_redis_value_ref::<u16>(node.get(1)?).ok()?;
        Some((host.unwrap_or_default(), port))
    })
}

/// Between half and all of a wait, so that workers do not all come back at the same instant.
fn jittered(wait: Duration) -> Duration {
    let random = std::hash::RandomState::new().build_hasher().finish();
    let share = u32::try_from(random % 1000).unwrap_or_default();
    wait / 2 + wait / 2 * share / 1000
}
