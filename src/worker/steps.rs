//! How long the steps of an attempt take.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::metrics;
use crate::queue::Step;

/// Times the steps of one attempt. Outlives a step that panics.
#[derive(Debug, Default)]
pub struct Stopwatch(Mutex<BTreeMap<Step, Duration>>);

impl Stopwatch {
    /// Does a step, and notes how long it took, however it ended.
    pub async fn time<T>(&self, step: Step, work: impl Future<Output = T>) -> T {
        let begun = Instant::now();
        let done = work.await;
        let took = begun.elapsed();
        metrics::step(step, took);
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *spent.entry(step).or_default() += took;
        done
    }

    /// What the steps took so far.
    pub fn spent(&self) -> BTreeMap<Step, Duration> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
