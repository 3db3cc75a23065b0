//! Threads that read pages.
//!
//! Reading is work for a processor, so there are as many of them as processors; and since always the same
//! threads do it, the memory that large pages take is taken once per thread and used again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

type Work = Box<dyn FnOnce() + Send>;

/// Deeply nested pages need the room; see `article.max_depth`.
const STACK: usize = 8 * 1024 * 1024;

/// Work waits so many times its own limit for a thread before it is given back.
const PATIENCE: u32 = 10;

/// Why there is no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoResult {
    /// All threads were at other work for long; the page is not at fault.
    Busy,
    /// It took longer than allowed. The thread goes on until it is done: it cannot be stopped.
    TooSlow,
    /// It panicked.
    Panicked,
}

/// The threads. They end when this value is dropped and what they are at is done.
pub struct Parsers {
    work: Sender<Work>,
}

impl Parsers {
    /// Starts so many threads.
    pub fn start(threads: usize) -> std::io::Result<Self> {
        let (work, queue) = channel::<Work>();
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..threads.max(1) {
            let queue = Arc::clone(&queue);
            std::thread::Builder::new()
                .name(format!("parser-{number}"))
                .stack_size(STACK)
                .spawn(move || while work_once(&queue) {})?;
        }
        Ok(Self { work })
    }

    /// Runs this on one of the threads, in its turn. `limit` counts from when it begins.
    pub async fn run<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, NoResult> {
        let (begin, turn) = oneshot::channel();
        let (answer, result) = oneshot::channel();
        let work: Work = Box::new(move || {
            // Nobody waits any more: it need not be begun.
            if begin.send(()).is_ok() {
                let _ = answer.send(work());
            }
        });
        self.work.send(work).map_err(|_| NoResult::Panicked)?;
        let turn = timeout(limit.saturating_mul(PATIENCE), turn).await;
        turn.map_err(|_| NoResult::Busy)?
            .map_err(|_| NoResult::Panicked)?;
        let result = timeout(limit, result).await;
        result
            .map_err(|_| NoResult::TooSlow)?
            .map_err(|_| NoResult::Panicked)
    }
}

/// Does the next piece of work. `false` when there will be none.
fn work_once(queue: &Mutex<Receiver<Work>>) -> bool {
    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
    let Ok(work) = next else { return false };
    // The panic itself was reported by the panic hook; the one who waits sees the answer dropped.
    let _ = catch_unwind(AssertUnwindSafe(work));
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn work_is_done_and_a_panic_costs_one_answer() {
        let parsers = Parsers::start(1).unwrap();
        assert_eq!(parsers.run(LONG, || 1 + 1).await, Ok(2));
        assert_eq!(
            parsers.run(LONG, || panic!("on purpose")).await,
            Err::<(), _>(NoResult::Panicked)
        );
        assert_eq!(parsers.run(LONG, || 3).await, Ok(3));
    }

    #[tokio::test]
    async fn slow_work_is_given_up_and_what_waits_behind_it_is_not_at_fault() {
        let parsers = Parsers::start(1).unwrap();
        let (go, gate) = channel::<()>();
        let slow = parsers
            .run(Duration::from_millis(10), move || gate.recv().is_ok())
            .await;
        assert_eq!(slow, Err(NoResult::TooSlow));
        let begun = Arc::new(Mutex::new(false));
        let flag = Arc::clone(&begun);
        let behind = parsers
            .run(Duration::from_millis(10), move || {
                *flag.lock().unwrap() = true;
            })
            .await;
        assert_eq!(behind, Err(NoResult::Busy));
        go.send(()).unwrap();
        assert_eq!(parsers.run(LONG, || ()).await, Ok(()));
        assert!(!*begun.lock().unwrap(), "nobody waited for it any more");
    }
}
