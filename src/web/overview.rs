//! The numbers at the top of the page, remembered for a moment: many may look, and the store answers once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::queue::{Counts, Hour, Queue, Result};

/// How long counts are good for.
const COUNTS: Duration = Duration::from_secs(1);

/// How long the counts of hours are good for.
const HOURS: Duration = Duration::from_secs(5);

/// A value that is good for some time. Those who come together wait for one answer.
pub(super) struct Remembered<T> {
    good_for: Duration,
    value: Mutex<Option<(Instant, T)>>,
}

impl<T: Clone> Remembered<T> {
    pub(super) fn for_span(good_for: Duration) -> Self {
        Self {
            good_for,
            value: Mutex::new(None),
        }
    }

    /// The value, asked for if it is too old. A failure is not remembered.
    pub(super) async fn get(&self, ask: impl Future<Output = Result<T>>) -> Result<T> {
        let mut value = self.value.lock().await;
        if let Some((at, value)) = value.as_ref()
            && at.elapsed() < self.good_for
        {
            return Ok(value.clone());
        }
        let answer = ask.await?;
        *value = Some((Instant::now(), answer.clone()));
        Ok(answer)
    }

    /// Forgets it: somebody just changed what it tells.
    pub(super) async fn forget(&self) {
        *self.value.lock().await = None;
    }
}

/// The numbers.
pub(super) struct Overview {
    queue: Arc<dyn Queue>,
    counts: Remembered<Counts>,
    hours: Remembered<Arc<[Hour]>>,
}

impl Overview {
    pub(super) fn new(queue: Arc<dyn Queue>) -> Self {
        Self {
            queue,
            counts: Remembered::for_span(COUNTS),
            hours: Remembered::for_span(HOURS),
        }
    }

    /// How many jobs stand where.
    pub(super) async fn counts(&self) -> Result<Counts> {
        self.counts.get(self.queue.counts()).await
    }

    /// What ended in each of the last hours, the oldest first.
    pub(super) async fn hours(&self) -> Result<Arc<[Hour]>> {
        let ask = async { Ok(self.queue.hours().await?.into()) };
        self.hours.get(ask).await
    }

    /// Forgets what it knows, after somebody changed it.
    pub(super) async fn forget(&self) {
        self.counts.forget().await;
        self.hours.forget().await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::queue::QueueError;

    #[tokio::test]
    async fn an_answer_is_asked_for_once_and_a_failure_again() {
        let asked = AtomicU32::new(0);
        let remembered = Remembered::for_span(Duration::from_secs(3600));
        let fails = async { Err(QueueError::Store("down".into())) };
        assert!(remembered.get(fails).await.is_err());
        let ask = || async { Ok(asked.fetch_add(1, Ordering::SeqCst)) };
        let (first, second) = tokio::join!(remembered.get(ask()), remembered.get(ask()));
        assert_eq!((first.unwrap(), second.unwrap()), (0, 0));
        remembered.forget().await;
        assert_eq!(remembered.get(ask()).await.unwrap(), 1);
    }
}
