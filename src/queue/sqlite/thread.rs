//! A thread that owns a connection and does what it is asked.
//!
//! SQLite blocks, and one `fsync` costs more than everything else it does. So the writing thread takes all
//! that waits for it at that moment into one transaction, a savepoint each, and answers when the one `fsync`
//! is done: an answer means that it is on the disk.

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::errors::Place;
use crate::queue::{QueueError, Result};

/// Most steps in one transaction: bounds how long the first of them waits, and other processes.
const BATCH: usize = 64;

/// Steps that may wait before callers wait themselves.
const BACKLOG: usize = 256;

/// Something to be done with the connection for a caller who waits.
trait Step: Send {
    /// Does it. `false`: it failed and must leave no trace.
    fn run(&mut self, connection: &Connection) -> bool;
    /// Tells the caller, knowing how the transaction ended.
    fn answer(self: Box<Self>, end: std::result::Result<(), &rusqlite::Error>);
}

struct Call<T, F> {
    step: Option<F>,
    result: Option<Result<T>>,
    caller: oneshot::Sender<Result<T>>,
    place: Place,
}

impl<T, F> Step for Call<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> std::result::Result<T, Fault> + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        let result = self.step.take().map(|step| {
            step(connection).map_err(|fault| match fault {
                Fault::Sql(error) => self.place.error(&error),
                Fault::Garbled(what, error) => self.place.garbled(&what, &error),
                Fault::Queue(error) => error,
            })
        });
        let good = matches!(result, Some(Ok(_)));
        self.result = result;
        good
    }

    fn answer(self: Box<Self>, end: std::result::Result<(), &rusqlite::Error>) {
        let result = match (self.result, end) {
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(self.place.error(error)),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(self.place.gone()),
        };
        // Nobody waits any more when the caller's future was dropped.
        let _ = self.caller.send(result);
    }
}

/// Why a step failed.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite said no.
    Sql(rusqlite::Error),
    /// What it holds under this name is not what Gleaner wrote.
    Garbled(String, serde_json::Error),
    /// Something else is wrong.
    Queue(QueueError),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// A handle on the thread. It ends when the last handle is dropped, after what was asked of it is done.
#[derive(Debug)]
pub(super) struct Thread {
    steps: mpsc::Sender<Box<dyn Step>>,
    place: Place,
}

impl Thread {
    /// Starts a thread whose steps are transactions, with a moment for `tidy` after each batch.
    pub(super) fn writer(
        connection: Connection,
        place: Place,
        mut tidy: impl FnMut(&Connection) + Send + 'static,
    ) -> Result<Self> {
        Self::start("queue-write", place, move |first, waiting| {
            let mut batch = vec![first];
            while batch.len() < BATCH {
                match waiting.try_recv() {
                    Ok(step) => batch.push(step),
                    Err(_) => break,
                }
            }
            commit_together(&connection, batch);
            tidy(&connection);
        })
    }

    /// Starts a thread whose steps only read.
    pub(super) fn reader(connection: Connection, place: Place) -> Result<Self> {
        Self::start("queue-read", place, move |mut step, _| {
            step.run(&connection);
            step.answer(Ok(()));
        })
    }

    fn start(
        name: &str,
        place: Place,
        mut work: impl FnMut(Box<dyn Step>, &mut mpsc::Receiver<Box<dyn Step>>) + Send + 'static,
    ) -> Result<Self> {
        let (steps, mut waiting) = mpsc::channel::<Box<dyn Step>>(BACKLOG);
        std::thread::Builder::new()
            .name(name.into())
            .spawn(move || {
                while let Some(step) = waiting.blocking_recv() {
                    work(step, &mut waiting);
                }
            })
            .map_err(|error| {
                QueueError::Unavailable(format!("{place}: cannot start a thread: {error}"))
            })?;
        Ok(Self { steps, place })
    }

    /// Takes a step on the thread and waits for its result. A writing step is on the disk then.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        step: impl FnOnce(&Connection) -> std::result::Result<T, Fault> + Send + 'static,
    ) -> Result<T> {
        let (caller, answered) = oneshot::channel();
        let call = Call {
            step: Some(step),
            result: None,
            caller,
            place: self.place.clone(),
        };
        self.steps
            .send(Box::new(call))
            .await
            .map_err(|_| self.place.gone())?;
        answered.await.map_err(|_| self.place.gone())?
    }
}

/// Runs the steps in one transaction and answers when it is on the disk.
fn commit_together(connection: &Connection, mut batch: Vec<Box<dyn Step>>) {
    let end = run(connection, &mut batch);
    if end.is_err() && !connection.is_autocommit() {
        // It failed already; what matters is that no transaction stays open.
        let _ = connection.execute_batch("ROLLBACK");
    }
    for step in batch {
        step.answer(end.as_ref().copied());
    }
}

fn run(connection: &Connection, batch: &mut [Box<dyn Step>]) -> rusqlite::Result<()> {
    let execute = |sql| connection.prepare_cached(sql)?.execute([]).map(|_| ());
    execute("BEGIN IMMEDIATE")?;
    for step in batch {
        execute("SAVEPOINT step")?;
        if !step.run(connection) {
            // A full disk ends the whole transaction by itself: then this fails, and all steps are told.
            execute("ROLLBACK TO step")?;
        }
        execute("RELEASE step")?;
    }
    execute("COMMIT")
}
