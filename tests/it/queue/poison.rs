//! Workers that die of one page, on both stores.

use std::collections::BTreeMap;
use std::time::Duration;

use gleaner::queue::{JobState, Lease, Outcome, Queue};

use super::world::{NOW, SOON, World, claim_one, failure, job, jobs, link};

on_both_stores! {
    a_page_that_kills_dies_alone,
    a_suspect_runs_alone,
    a_suspect_waits_for_a_worker_that_holds_nothing,
    jobs_of_a_single_death_come_back_together,
}

const LEASE: Duration = Duration::from_millis(400);
const IN_FLIGHT: usize = 8;
const MAX_ATTEMPTS: u32 = 10;

/// A worker process: fills its places, and ends one job at a time. Dies at once, with all it holds, when it has the
/// page that kills. `false`: it died.
async fn worker(
    queue: &dyn Queue,
    poison: &str,
    ended: &mut BTreeMap<String, (u32, JobState)>,
) -> bool {
    let mut held: Vec<Lease> = Vec::new();
    loop {
        let free = IN_FLIGHT - held.len();
        if free > 0 {
            let wait = if held.is_empty() { LEASE * 2 } else { NOW };
            held.extend(queue.claim("worker", free, wait).await.unwrap());
        }
        let Some(lease) = held.pop() else {
            return true;
        };
        let state = if lease.attempt > MAX_ATTEMPTS {
            assert!(
                queue
                    .bury(&lease, &failure("killed its workers"))
                    .await
                    .unwrap()
            );
            JobState::Dead
        } else if lease.job.entry.link == poison
            || held
                .iter()
                .any(|held| held.job.entry.link == poison && held.attempt <= MAX_ATTEMPTS)
        {
            return false;
        } else {
            assert!(queue.complete(&lease, &Outcome::Delivered).await.unwrap());
            JobState::Delivered
        };
        for lease in &held {
            assert!(queue.renew(lease).await.unwrap());
        }
        ended.insert(lease.job.entry.link, (lease.attempt, state));
    }
}

async fn a_page_that_kills_dies_alone(world: World) {
    const JOBS: usize = 30;
    let world = world.lease(LEASE);
    world.open().await.publish(&jobs(JOBS)).await.unwrap();
    let poison = link(5);
    let mut ended = BTreeMap::new();
    let mut deaths = 0;
    loop {
        // Each is another process.
        let queue = world.open().await;
        let lived = worker(&*queue, &poison, &mut ended).await;
        if lived && queue.counts().await.unwrap().is_drained() {
            break;
        }
        deaths += u32::from(!lived);
        assert!(deaths <= MAX_ATTEMPTS);
    }
    assert_eq!(deaths, MAX_ATTEMPTS);
    assert_eq!(ended.len(), JOBS);
    let dead = ended.remove(&poison).unwrap();
    assert_eq!(dead, (MAX_ATTEMPTS + 1, JobState::Dead));
    for (link, (attempt, state)) in ended {
        assert_eq!(state, JobState::Delivered, "{link}");
        assert!(attempt <= 3, "{link}: attempt {attempt}");
    }
}

/// Two jobs that were begun twice by workers that died, and whose leases are over.
async fn two_suspects(world: &World, lease: Duration) {
    let dies = world.open().await;
    dies.publish(&jobs(2)).await.unwrap();
    for attempt in 1..=2 {
        let mut taken = 0;
        while taken < 2 {
            for lease in dies.claim("dies", 2, SOON).await.unwrap() {
                assert_eq!(lease.attempt, attempt);
                taken += 1;
            }
        }
    }
    tokio::time::sleep(lease + Duration::from_millis(50)).await;
}

async fn claim(queue: &dyn Queue) -> Vec<(String, u32)> {
    let leases = queue.claim("worker", IN_FLIGHT, NOW).await.unwrap();
    leases
        .into_iter()
        .map(|lease| (lease.job.entry.link, lease.attempt))
        .collect()
}

async fn a_suspect_runs_alone(world: World) {
    let lease = Duration::from_millis(1500);
    let world = world.lease(lease);
    two_suspects(&world, lease).await;
    let (queue, other) = (world.open().await, world.open().await);
    queue.publish(&jobs(4)).await.unwrap();
    let first = claim_one(&*queue).await;
    assert_eq!(
        (first.job.entry.link.as_str(), first.attempt),
        (&*link(0), 3)
    );
    assert_eq!(claim(&*queue).await, [], "it has a suspect");
    // Another worker of the same name is another worker.
    assert_eq!(claim(&*other).await, [(link(1), 3)]);
    assert!(queue.complete(&first, &Outcome::Delivered).await.unwrap());
    assert_eq!(claim(&*queue).await, [(link(2), 1), (link(3), 1)]);
    assert_eq!(claim(&*other).await, [], "it still has a suspect");
}

async fn a_suspect_waits_for_a_worker_that_holds_nothing(world: World) {
    let world = world.lease(LEASE);
    let queue = world.open().await;
    queue
        .publish(&[job("https://blog.test/busy", None)])
        .await
        .unwrap();
    let held = claim_one(&*queue).await;
    let renewing = tokio::spawn({
        let (queue, held) = (queue.clone(), held.clone());
        async move {
            while queue.renew(&held).await.unwrap() {
                tokio::time::sleep(LEASE / 8).await;
            }
        }
    });
    two_suspects(&world, LEASE).await;
    queue
        .publish(&[job("https://blog.test/new", None)])
        .await
        .unwrap();
    assert_eq!(claim(&*queue).await, [], "a suspect waits");
    assert!(queue.complete(&held, &Outcome::Delivered).await.unwrap());
    assert_eq!(claim(&*queue).await, [(link(0), 3)]);
    renewing.await.unwrap();
}

async fn jobs_of_a_single_death_come_back_together(world: World) {
    let world = world.lease(LEASE);
    let dies = world.open().await;
    dies.publish(&jobs(IN_FLIGHT)).await.unwrap();
    assert_eq!(claim(&*dies).await.len(), IN_FLIGHT);
    tokio::time::sleep(LEASE + Duration::from_millis(50)).await;
    let queue = world.open().await;
    let back = claim(&*queue).await;
    assert_eq!(
        back,
        (0..IN_FLIGHT).map(|n| (link(n), 2)).collect::<Vec<_>>()
    );
}
