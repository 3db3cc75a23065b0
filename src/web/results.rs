//! What was made of articles, as workers kept it.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::queue::{Queue, QueueError, Result};
use crate::worker::result::Extracted;

/// Results unpacked at the same time: a large one takes megabytes.
const AT_ONCE: usize = 4;

/// Reads them, a few at a time.
pub(super) struct Results {
    queue: Arc<dyn Queue>,
    places: Semaphore,
}

impl Results {
    pub(super) fn new(queue: Arc<dyn Queue>) -> Self {
        Self {
            queue,
            places: Semaphore::new(AT_ONCE),
        }
    }

    /// What `make` makes of what is kept of a job, off the async threads; `None`: nothing is kept.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        id: &str,
        make: impl FnOnce(Extracted) -> T + Send + 'static,
    ) -> Result<Option<T>> {
        let broken = |why: &dyn std::fmt::Display| {
            QueueError::Corrupt(format!("the result of `{id}`: {why}"))
        };
        let _place = self
            .places
            .acquire()
            .await
            .map_err(|error| broken(&error))?;
        let Some(packed) = self.queue.result(id).await? else {
            return Ok(None);
        };
        match spawn_blocking(move || Extracted::unpack(&packed).map(make)).await {
            Ok(Ok(answer)) => Ok(Some(answer)),
            Ok(Err(why)) => Err(broken(&why)),
            Err(panicked) => Err(broken(&panicked)),
        }
    }
}
