//! A Redis that dies, and one that is full.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gleaner::queue::{JobState, Outcome, Published, Queue, QueueError};

use super::world::{HOUR, NOW, World, claim_one, failure, job, jobs, link, receipt, until};
use crate::support::redis::{Server, server_on_path};

const DURABLE: &[&str] = &["--appendonly", "yes", "--appendfsync", "always"];

const JOBS: usize = 600;

/// Killed and restarted under load, three times: no job is lost, and none is completed again after its
/// completion was answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_and_restarted_under_load() {
    if !server_on_path() {
        return;
    }
    let mut server = Server::start(DURABLE).unwrap();
    let world = World::redis_at(&server.url()).lease(Duration::from_millis(800));
    let completed: Arc<Mutex<BTreeMap<String, u32>>> = Arc::default();
    let stop = Arc::new(AtomicBool::new(false));
    let outages = Arc::new(Mutex::new(0));

    let mut workers = Vec::new();
    for n in 0..6 {
        let queue = world.open().await;
        let (completed, stop, outages) = (completed.clone(), stop.clone(), outages.clone());
        workers.push(tokio::spawn(async move {
            while !stop.load(Ordering::SeqCst) {
                match work(&*queue, &format!("worker {n}"), &completed).await {
                    Ok(()) => {}
                    Err(QueueError::Unavailable(_)) => *outages.lock().unwrap() += 1,
                    Err(error) => panic!("{error:?}"),
                }
            }
        }));
    }
    let publisher = tokio::spawn(publish_all(world.open().await));
    for at in [100, 250, 400] {
        until("some are done", || async {
            completed.lock().unwrap().len() > at
        })
        .await;
        server.kill();
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.restart();
    }
    publisher.await.unwrap();
    let queue = world.open().await;
    until("all are done", || async {
        queue.counts().await.unwrap().is_drained()
    })
    .await;
    stop.store(true, Ordering::SeqCst);
    for worker in workers {
        worker.await.unwrap();
    }
    for n in 0..JOBS {
        let id = queue
            .id_of_link(&link(n))
            .await
            .unwrap()
            .expect("never published");
        let record = queue.job(&id).await.unwrap().expect("lost");
        assert_eq!(record.state, JobState::Delivered, "{record:?}");
    }
    let completed = completed.lock().unwrap();
    assert_eq!(completed.len(), JOBS);
    let twice: Vec<_> = completed.iter().filter(|(_, times)| **times != 1).collect();
    assert!(twice.is_empty(), "completed more than once: {twice:?}");
}

/// Each job is published again until the answer comes, as the next cron would.
async fn publish_all(queue: Arc<dyn Queue>) {
    for job in jobs(JOBS) {
        while let Err(error) = queue.publish(std::slice::from_ref(&job)).await {
            assert!(matches!(error, QueueError::Unavailable(_)), "{error:?}");
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

async fn work(
    queue: &dyn Queue,
    name: &str,
    completed: &Mutex<BTreeMap<String, u32>>,
) -> Result<(), QueueError> {
    for lease in queue.claim(name, 4, Duration::from_millis(200)).await? {
        // The answer to the same call, asked again, is the same.
        let done = loop {
            match queue.complete(&lease, &Outcome::Delivered).await {
                Err(QueueError::Unavailable(_)) => {}
                other => break other?,
            }
        };
        if done {
            *completed.lock().unwrap().entry(lease.job.id).or_default() += 1;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_is_named_without_the_password() {
    if !server_on_path() {
        return;
    }
    let mut server = Server::start(&["--requirepass", "hunter2", "--appendonly", "yes"]).unwrap();
    let url = format!("redis://:hunter2@127.0.0.1:{}/2", server.port());
    let world = World::redis_at(&url);
    let queue = world.open().await;
    queue.publish(&jobs(1)).await.unwrap();
    server.kill();
    for error in [
        queue.counts().await.unwrap_err(),
        queue.claim("w", 1, NOW).await.unwrap_err(),
        gleaner::queue::open(&world.config).await.err().unwrap(),
    ] {
        let place = format!("127.0.0.1:{}/2", server.port());
        assert!(matches!(error, QueueError::Unavailable(_)), "{error:?}");
        let text = format!("{error} {error:?}");
        assert!(text.contains(&place), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
    server.restart();
    assert_eq!(claim_one(&*queue).await.attempt, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_outlasts_a_short_restart() {
    if !server_on_path() {
        return;
    }
    let mut server = Server::start(DURABLE).unwrap();
    let world = World::redis_at(&server.url());
    let (worker, cron) = (world.open().await, world.open().await);
    let claimed = tokio::spawn(async move { claim_one(&*worker).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.kill();
    server.restart();
    cron.publish(&jobs(1)).await.unwrap();
    assert_eq!(claimed.await.unwrap().job.entry.link, link(0));
}

/// Publishes until there is no room; answers how many jobs there are then.
async fn fill(queue: &dyn Queue) -> usize {
    let padding = "x".repeat(20_000);
    let mut published = 0;
    let error = loop {
        let job = job(&format!("https://blog.test/{published}/{padding}"), None);
        match queue.publish(&[job]).await {
            Ok(answers) => assert_eq!(answers, [Published::New]),
            Err(error) => break error,
        }
        published += 1;
        assert!(published < 5000, "never full");
    };
    assert!(matches!(error, QueueError::Full(_)), "{error:?}");
    published
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_redis_refuses_new_jobs_and_ends_running_ones() {
    if !server_on_path() {
        return;
    }
    let options = ["--maxmemory", "8mb", "--maxmemory-policy", "noeviction"];
    let server = Server::start(&options).unwrap();
    let mut world = World::redis_at(&server.url());
    world.config.store.keep_finished = Duration::from_millis(1).into();
    let queue = world.open().await;
    let published = fill(&*queue).await;
    // Well over the limit from here on, whatever buffers come and go.
    let client = redis::Client::open(server.url()).unwrap();
    let mut raw = client.get_multiplexed_async_connection().await.unwrap();
    let _: () = redis::cmd("CONFIG")
        .arg(&["SET", "maxmemory", "6mb"])
        .query_async(&mut raw)
        .await
        .unwrap();
    let full = queue.mark_seen(&jobs(1)).await.unwrap_err();
    assert!(matches!(full, QueueError::Full(_)), "{full:?}");

    let leases = queue.claim("w", 5, NOW).await.unwrap();
    assert_eq!(leases.len(), 5);
    let [done, skipped, again, buried, back] = leases.try_into().unwrap();
    assert!(queue.record(&done, "misp", &receipt("e")).await.unwrap());
    assert!(queue.renew(&done).await.unwrap());
    assert_eq!(queue.host_turn("blog.test", HOUR, None).await.unwrap(), NOW);
    queue.host_pause("blog.test", HOUR).await.unwrap();
    assert_eq!(
        queue
            .claim_link("https://blog.test/canonical", &done.job.id)
            .await
            .unwrap(),
        None
    );
    assert!(queue.complete(&done, &Outcome::Delivered).await.unwrap());
    assert!(
        queue
            .complete(&skipped, &Outcome::Skipped("rule".into()))
            .await
            .unwrap()
    );
    assert!(queue.retry(&again, HOUR, &failure("x")).await.unwrap());
    assert!(queue.bury(&buried, &failure("x")).await.unwrap());
    assert!(queue.defer(&back, NOW, None).await.unwrap());
    let counts = queue.counts().await.unwrap();
    assert_eq!((counts.running, counts.later, counts.dead), (0, 1, 1));

    // Working through the rest makes room.
    let rest = queue.claim("w", 500, NOW).await.unwrap();
    assert_eq!(rest.len(), published - 4);
    for lease in rest {
        assert!(queue.complete(&lease, &Outcome::Delivered).await.unwrap());
    }
    until("there is room again", || async {
        queue
            .publish(&[job("https://blog.test/after", None)])
            .await
            .is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deleted_streams_and_foreign_entries_are_survived() {
    let world = World::redis().await;
    let queue = world.open().await;
    let client = redis::Client::open(world.config.store.url.expose()).unwrap();
    let mut raw = client.get_multiplexed_async_connection().await.unwrap();
    let stream = format!("{{{}}}:articles", world.config.store.prefix);
    queue.publish(&jobs(1)).await.unwrap();
    let lost = claim_one(&*queue).await;
    let _: i64 = redis::cmd("DEL")
        .arg(&stream)
        .query_async(&mut raw)
        .await
        .unwrap();
    assert!(!queue.complete(&lost, &Outcome::Delivered).await.unwrap());
    assert_eq!(queue.counts().await.unwrap().running, 0);
    let _: String = redis::cmd("XADD")
        .arg(&stream)
        .arg(&["*", "url", "https://not.ours/"])
        .query_async(&mut raw)
        .await
        .unwrap();
    let next = job("https://blog.test/next", None);
    queue.publish(std::slice::from_ref(&next)).await.unwrap();
    assert_eq!(claim_one(&*queue).await.job, next);
    let counts = queue.counts().await.unwrap();
    assert_eq!((counts.waiting, counts.running, counts.dead), (0, 1, 1));
    // Something else under our key is said to be that.
    let _: () = redis::cmd("SET")
        .arg(&[&*stream, "x"])
        .query_async(&mut raw)
        .await
        .unwrap();
    let error = queue.claim("w", 1, NOW).await.unwrap_err();
    assert!(matches!(error, QueueError::Corrupt(_)), "{error:?}");
}

/// Everything that may be evicted is gone: the jobs are not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_for_people_are_not_needed_to_go_on() {
    let world = World::redis().await;
    let queue = world.open().await;
    let client = redis::Client::open(world.config.store.url.expose()).unwrap();
    let mut raw = client.get_multiplexed_async_connection().await.unwrap();
    queue.publish(&jobs(3)).await.unwrap();
    let leases = queue.claim("w", 2, NOW).await.unwrap();
    let wait = Duration::from_millis(50);
    assert!(queue.retry(&leases[0], wait, &failure("x")).await.unwrap());
    let pattern = format!("{{{}}}:job:*", world.config.store.prefix);
    let keys: Vec<String> = redis::cmd("KEYS")
        .arg(pattern)
        .query_async(&mut raw)
        .await
        .unwrap();
    assert_eq!(keys.len(), 3);
    let _: i64 = redis::cmd("DEL")
        .arg(keys)
        .query_async(&mut raw)
        .await
        .unwrap();
    assert!(
        queue
            .complete(&leases[1], &Outcome::Delivered)
            .await
            .unwrap()
    );
    let mut attempts = Vec::new();
    for _ in 0..2 {
        let lease = claim_one(&*queue).await;
        attempts.push((lease.job.entry.link.clone(), lease.attempt));
        assert!(queue.complete(&lease, &Outcome::Delivered).await.unwrap());
    }
    attempts.sort();
    assert_eq!(attempts, [(link(0), 2), (link(2), 1)]);
}
