//! How fast the stores are, durably: `cargo bench --bench queue`.
//!
//! SQLite writes to a file in the temporary folder (`TMPDIR`; on a disk, or it measures nothing). Redis is the one of
//! `REDIS_URL`, by whose `appendfsync` it is as durable as it says; without the variable it is left out.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a measurement, not the program"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use gleaner::config::{Config, Secret};
use gleaner::feeds::entry::Entry;
use gleaner::queue::{self, Job, Outcome, Queue, Source};
use tokio::runtime::Runtime;

fn job() -> Job {
    let id = uuid::Uuid::now_v7();
    let link = format!("https://blog.test/2026/11/{id}");
    let entry = Entry {
        link_as_given: format!("{link}?utm_source=feed"),
        link,
        title: "A title of usual length for an article of a security blog".into(),
        guid: Some(id.to_string()),
        published: None,
        updated: None,
        categories: Vec::new(),
    };
    let source = Source {
        title: "A blog".into(),
        url: "https://blog.test/feed.xml".into(),
        tags: vec!["tlp:clear".into()],
        local_tags: Vec::new(),
    };
    Job::new(entry, source)
}

async fn publish(queue: &dyn Queue, jobs: usize, chunk: usize) {
    let jobs: Vec<Job> = (0..jobs).map(|_| job()).collect();
    for chunk in jobs.chunks(chunk) {
        queue.publish(chunk).await.unwrap();
    }
}

/// So many workers, each claiming one job, ending it, and claiming the next.
async fn work(queue: &Arc<dyn Queue>, workers: usize) {
    let workers: Vec<_> = (0..workers)
        .map(|n| {
            let queue = queue.clone();
            tokio::spawn(async move {
                let name = format!("worker {n}");
                loop {
                    let leases = queue.claim(&name, 1, Duration::ZERO).await.unwrap();
                    let Some(lease) = leases.first() else { break };
                    assert!(queue.complete(lease, &Outcome::Delivered).await.unwrap());
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
}

fn measure(c: &mut Criterion, name: &str, config: &Config) {
    let runtime = Runtime::new().unwrap();
    let queue = runtime.block_on(queue::open(config)).unwrap();
    let mut group = c.benchmark_group(name);
    group.sample_size(10).throughput(Throughput::Elements(1));
    for chunk in [1, 30] {
        group.bench_function(BenchmarkId::new("publish, jobs per call", chunk), |b| {
            b.iter_custom(|jobs| {
                let jobs = usize::try_from(jobs).unwrap();
                let start = Instant::now();
                runtime.block_on(publish(&*queue, jobs, chunk));
                start.elapsed()
            });
        });
    }
    runtime.block_on(work(&queue, 8));
    for workers in [1, 8, 32] {
        group.bench_function(
            BenchmarkId::new("claim and complete, workers", workers),
            |b| {
                b.iter_custom(|jobs| {
                    let jobs = usize::try_from(jobs).unwrap();
                    runtime.block_on(publish(&*queue, jobs, 64));
                    let start = Instant::now();
                    runtime.block_on(work(&queue, workers));
                    start.elapsed()
                });
            },
        );
    }
    group.finish();
}

fn stores(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.store.path = folder.path().join("queue.db");
    measure(c, "sqlite", &config);
    if let Ok(url) = std::env::var("REDIS_URL") {
        config.store.url = Secret::from(&*url);
        config.store.prefix = format!("bench-{}", uuid::Uuid::now_v7().simple());
        measure(c, "redis", &config);
    }
}

criterion_group!(benches, stores);
criterion_main!(benches);
