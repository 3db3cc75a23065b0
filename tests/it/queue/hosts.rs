//! Turns at hosts and pauses, on both stores.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use gleaner::queue::Queue;

use super::world::{HOUR, NOW, World, claim_one, jobs};

on_both_stores! {
    take_turns_across_handles,
    a_good_turn_is_used_once_and_costs_no_other,
    a_late_crowd_is_spaced_out_again,
    a_turn_is_good_for_a_second_at_least,
    a_pause_overtakes_turns_given_before,
    without_an_interval_only_pauses_count,
    a_turn_comes_back_with_its_job,
}

const TEN: Duration = Duration::from_secs(10);
const HOST: &str = "blog.test";

/// Up to eight seconds less for a machine that is slow.
fn near(wait: Duration, seconds: u32) {
    let (wait, expected) = (wait.as_secs_f64(), f64::from(seconds));
    assert!(
        wait <= expected && wait > expected - 8.0,
        "{wait} {expected}"
    );
}

fn ago(span: Duration) -> DateTime<Utc> {
    Utc::now() - span
}

async fn turn(queue: &dyn Queue, reserved: Option<DateTime<Utc>>) -> Duration {
    queue.host_turn(HOST, TEN, reserved).await.unwrap()
}

async fn take_turns_across_handles(world: World) {
    let (a, b) = (world.open().await, world.open().await);
    assert_eq!(turn(&*a, None).await, NOW);
    near(turn(&*b, None).await, 10);
    near(turn(&*a, None).await, 20);
    assert_eq!(b.host_turn("other.test", TEN, None).await.unwrap(), NOW);
    a.host_pause(HOST, HOUR).await.unwrap();
    // A shorter pause does not shorten a longer one.
    b.host_pause(HOST, TEN).await.unwrap();
    near(turn(&*b, None).await, 3600);
    near(turn(&*a, None).await, 3610);
    // A turn that passed unused is not kept.
    let short = Duration::from_millis(30);
    assert_eq!(a.host_turn("third.test", short, None).await.unwrap(), NOW);
    tokio::time::sleep(short * 2).await;
    assert_eq!(b.host_turn("third.test", short, None).await.unwrap(), NOW);
}

async fn a_good_turn_is_used_once_and_costs_no_other(world: World) {
    let queue = world.open().await;
    assert_eq!(turn(&*queue, None).await, NOW);
    let mine = Some(Utc::now() + turn(&*queue, None).await);
    for _ in 0..3 {
        // Not yet due: what is left of the wait.
        near(turn(&*queue, mine).await, 10);
    }
    // Due, or nearly so.
    for good in [
        Some(ago(NOW)),
        Some(ago(Duration::from_secs(2))),
        Some(Utc::now() + TimeDelta::milliseconds(40)),
    ] {
        assert_eq!(turn(&*queue, good).await, NOW);
    }
    near(turn(&*queue, None).await, 20);
}

/// Turns were given, then no worker ran until long after all of them.
async fn a_late_crowd_is_spaced_out_again(world: World) {
    let queue = world.open().await;
    let mut waits = Vec::new();
    for n in 0..20 {
        let missed = HOUR + TEN * n;
        waits.push(turn(&*queue, Some(ago(missed))).await);
    }
    assert_eq!(waits[0], NOW);
    for (n, wait) in (0..).zip(waits).skip(1) {
        near(wait, 10 * n);
    }
}

async fn a_turn_is_good_for_a_second_at_least(world: World) {
    let queue = world.open().await;
    let short = Duration::from_millis(1);
    assert_eq!(turn(&*queue, None).await, NOW);
    let late = |millis| Some(ago(Duration::from_millis(millis)));
    // The turns of this host are taken for ten seconds: whoever need not wait used the one it had.
    let good = queue.host_turn(HOST, short, late(300)).await.unwrap();
    assert_eq!(good, NOW);
    let missed = queue.host_turn(HOST, short, late(1200)).await.unwrap();
    near(missed, 10);
    assert!(missed > NOW);
}

async fn a_pause_overtakes_turns_given_before(world: World) {
    let (a, b) = (world.open().await, world.open().await);
    let mut turns = Vec::new();
    for _ in 0..3 {
        turns.push(Some(Utc::now() + turn(&*a, None).await));
    }
    b.host_pause(HOST, HOUR).await.unwrap();
    let mut after = Vec::new();
    for (n, given) in (0..).zip(turns) {
        let wait = turn(&*a, given).await;
        near(wait, 3600 + 10 * n);
        after.push(Some(Utc::now() + wait));
    }
    // What was given after the pause is good.
    for (n, given) in (0..).zip(after) {
        near(turn(&*b, given).await, 3600 + 10 * n);
    }
    near(turn(&*b, None).await, 3630);
    // A turn in the pause is not one that is due, however it came about.
    near(turn(&*b, Some(ago(NOW))).await, 3640);
}

async fn without_an_interval_only_pauses_count(world: World) {
    let queue = world.open().await;
    let any = async |reserved| queue.host_turn(HOST, NOW, reserved).await.unwrap();
    near(turn(&*queue, None).await, 0);
    near(turn(&*queue, None).await, 10);
    for reserved in [None, Some(ago(HOUR)), Some(Utc::now() + HOUR)] {
        assert_eq!(any(reserved).await, NOW, "{reserved:?}");
    }
    queue.host_pause(HOST, TEN).await.unwrap();
    for reserved in [None, Some(ago(HOUR)), Some(Utc::now() + HOUR)] {
        near(any(reserved).await, 10);
    }
    // Nothing was reserved meanwhile.
    near(turn(&*queue, None).await, 20);
}

async fn a_turn_comes_back_with_its_job(world: World) {
    let queue = world.open().await;
    queue.publish(&jobs(1)).await.unwrap();
    let interval = Duration::from_millis(800);
    let ask = async |reserved| queue.host_turn(HOST, interval, reserved).await.unwrap();
    assert_eq!(ask(None).await, NOW);
    let lease = claim_one(&*queue).await;
    let wait = ask(lease.host_turn).await;
    assert!(wait > NOW);
    let given = Utc::now() + wait;
    assert!(queue.defer(&lease, wait, Some(given)).await.unwrap());
    let lease = claim_one(&*queue).await;
    assert!(
        Utc::now() + TimeDelta::milliseconds(50) >= given,
        "too early"
    );
    let late = Utc::now() - given;
    if late < TimeDelta::milliseconds(900) {
        // Not a wait for another turn: at most what a clock is off.
        let rest = ask(lease.host_turn).await;
        assert!(rest < Duration::from_millis(200), "{rest:?}");
    }
}
