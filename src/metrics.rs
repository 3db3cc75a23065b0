//! Numbers for Prometheus: how they are gathered in a process, and what a worker counts.
//!
//! What is counted is named here, from closed lists; nothing that comes from the web is ever a label. Counting costs
//! next to nothing while no [`Exporter`] is started.

use std::time::Duration;

use ::metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use anyhow::Context as _;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::queue::{Counts, JobState, Step};
use crate::worker::Ended;

/// The media type of what [`Exporter::text`] says.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

const ARTICLES: &str = "gleaner_articles_total";
const STEPS: &str = "gleaner_step_duration_seconds";
const IN_FLIGHT: &str = "gleaner_articles_in_flight";
const CLAIMED: &str = "gleaner_leases_claimed_total";
const JOBS: &str = "gleaner_queue_jobs";
const OLDEST: &str = "gleaner_queue_oldest_seconds";
const UP: &str = "gleaner_queue_up";
const BUILD: &str = "gleaner_build_info";

/// Upper bounds of a step, in seconds.
const STEP_BUCKETS: [f64; 10] = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0];

/// How often what was measured is put into buckets, whether anybody looks or not.
const UPKEEP: Duration = Duration::from_secs(5);

/// The way to what was counted in this process.
#[derive(Clone)]
pub struct Exporter(PrometheusHandle);

impl Exporter {
    /// Counts from now on. Once per process, within a runtime. `buckets` names the histograms besides those of steps,
    /// and the upper bounds of each.
    pub fn start(buckets: &[(&str, &[f64])]) -> anyhow::Result<Self> {
        let mut builder = PrometheusBuilder::new();
        for (name, bounds) in buckets.iter().copied().chain([(STEPS, &STEP_BUCKETS[..])]) {
            builder = builder
                .set_buckets_for_metric(Matcher::Full(name.to_owned()), bounds)
                .context("the buckets of the metrics")?;
        }
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        ::metrics::set_global_recorder(recorder)
            .ok()
            .context("metrics are counted elsewhere in this process already")?;
        describe_queue();
        let upkeep = handle.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(UPKEEP).await;
                upkeep.run_upkeep();
            }
        });
        Ok(Self(handle))
    }

    /// All of it, in Prometheus' text format ([`CONTENT_TYPE`]).
    pub fn text(&self) -> String {
        self.0.render()
    }
}

fn describe_queue() {
    describe_gauge!(JOBS, "Articles in the queue, by state.");
    describe_gauge!(
        OLDEST,
        Unit::Seconds,
        "Age of the oldest article that waits or runs."
    );
    describe_gauge!(UP, "Whether the queue's store answers.");
    describe_gauge!(BUILD, "Always 1; the version is a label.");
    gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

/// Says what a worker's numbers are; those that nothing was counted of yet are 0.
pub fn describe_worker() {
    describe_counter!(
        ARTICLES,
        "Articles by how their turn in this worker ended, dead and failed ones by reason."
    );
    describe_histogram!(
        STEPS,
        Unit::Seconds,
        "Time taken by a step, however it ended."
    );
    describe_gauge!(IN_FLIGHT, "Articles that this worker is at.");
    describe_counter!(CLAIMED, "Articles that this worker took from the queue.");
    gauge!(IN_FLIGHT).set(0.0);
    counter!(CLAIMED).absolute(0);
    for outcome in ["delivered", "skipped"] {
        counter!(ARTICLES, "outcome" => outcome, "reason" => "").absolute(0);
    }
}

/// Sets what the queue's store says; `None`: it does not answer.
pub fn queue(counts: Option<&Counts>) {
    gauge!(UP).set(if counts.is_some() { 1.0 } else { 0.0 });
    let Some(counts) = counts else { return };
    for (state, count) in [
        (JobState::Waiting, counts.waiting),
        (JobState::Running, counts.running),
        (JobState::Later, counts.later),
        (JobState::Dead, counts.dead),
    ] {
        gauge!(JOBS, "state" => state.as_str()).set(float(count));
    }
    gauge!(OLDEST).set(float(counts.oldest_seconds.unwrap_or(0)));
}

/// Exact up to 2^53, which no queue reaches.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub(crate) const fn float(count: u64) -> f64 {
    count as f64
}

/// A step took so long.
pub(crate) fn step(step: Step, took: Duration) {
    histogram!(STEPS, "step" => step.as_str()).record(took);
}

/// So many leases were claimed.
pub(crate) fn claimed(leases: usize) {
    counter!(CLAIMED).increment(u64::try_from(leases).unwrap_or(0));
}

/// An article's turn ended so.
pub(crate) fn ended(ended: &Ended) {
    let (outcome, reason) = match ended {
        Ended::Delivered(_) => ("delivered", ""),
        Ended::Skipped(_) => ("skipped", ""),
        Ended::Retry(_, failure) => ("retry", failure.reason.as_str()),
        Ended::Dead(failure) => ("dead", failure.reason.as_str()),
        Ended::Postponed => ("postponed", ""),
        Ended::HandedBack => ("handed-back", ""),
    };
    counter!(ARTICLES, "outcome" => outcome, "reason" => reason).increment(1);
}

/// An article in flight, until it is dropped.
pub(crate) struct Busy;

impl Busy {
    pub(crate) fn begin() -> Self {
        gauge!(IN_FLIGHT).increment(1.0);
        Self
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        gauge!(IN_FLIGHT).decrement(1.0);
    }
}
