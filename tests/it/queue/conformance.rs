//! What the trait promises, on both stores.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gleaner::queue::{
    Counts, FeedState, JobState, Lease, Outcome, Published, Queue, QueueError, Result,
};

use gleaner::story::{KEPT, Story};

use super::world::{
    HOUR, NOW, SOON, World, claim_one, failure, job, jobs, link, receipt, story, until,
};

on_both_stores! {
    publishes_once,
    publishing_again_answers_the_same,
    knows_by_guid_and_marks_the_other_key,
    marks_as_seen,
    claims_links,
    a_link_is_yielded_once,
    one_of_two_that_name_each_other_gives_way,
    two_crons_publish_once,
    gives_out_in_order,
    a_lost_lease_can_do_nothing,
    a_dead_workers_job_is_taken_over,
    renewing_keeps_the_lease,
    retries_count_and_remember,
    deferring_does_not_count,
    jobs_come_back_when_due,
    completes_and_skips,
    buries_revives_drops,
    dead_letters_are_capped,
    receipts_survive,
    the_next_due_is_always_told,
    any_limit_will_do,
    feeds_are_remembered,
    a_feeds_password_is_not_stored,
    lists_by_state,
    claim_waits_and_wakes,
    claims_given_up_lose_nothing,
    many_workers_complete_each_job_once,
    stories_are_found_by_their_prints,
    an_event_stays_as_it_was_first_told,
    of_a_common_print_the_latest_are_kept,
    stories_are_forgotten,
    nothing_there,
}

async fn publishes_once(world: World) {
    let queue = world.open().await;
    let a = job("https://blog.test/a", None);
    let again = job("https://blog.test/a", None);
    let b = job("https://blog.test/b", None);
    let answers = queue.publish(&[a.clone(), again, b.clone()]).await.unwrap();
    assert_eq!(
        answers,
        [
            Published::New,
            Published::Known(a.id.clone()),
            Published::New
        ]
    );
    let other = job("https://blog.test/b", None);
    let answers = queue.publish(&[other]).await.unwrap();
    assert_eq!(answers, [Published::Known(b.id)]);
    assert_eq!(queue.counts().await.unwrap().waiting, 2);
    assert_eq!(claim_one(&*queue).await.job, a);
}

/// As a client does that lost the answer to the first time.
async fn publishing_again_answers_the_same(world: World) {
    let queue = world.open().await;
    queue.publish(&jobs(1)).await.unwrap();
    let known = queue
        .id_of_link(&link(0))
        .await
        .unwrap()
        .map(Published::Known);
    let mut batch = jobs(2);
    batch.push(job("https://blog.test/guid", Some("g")));
    let expected = [known.unwrap(), Published::New, Published::New];
    for _ in 0..2 {
        assert_eq!(queue.publish(&batch).await.unwrap(), expected);
    }
    assert_eq!(queue.counts().await.unwrap().waiting, 3);
}

async fn knows_by_guid_and_marks_the_other_key(world: World) {
    let queue = world.open().await;
    let first = job("https://blog.test/old-address", Some("tag:1"));
    let moved = job("https://blog.test/new-address", Some("tag:1"));
    let no_guid = job("https://blog.test/new-address", None);
    let known = Published::Known(first.id.clone());
    let mut elsewhere = job("https://other.test/x", Some("tag:1"));
    elsewhere.source.url = "https://other.test/feed".into();
    assert_eq!(queue.publish(&[first]).await.unwrap(), [Published::New]);
    let answers = queue.publish(&[moved]).await.unwrap();
    assert_eq!(answers, std::slice::from_ref(&known));
    // By the link that came with the known GUID only.
    assert_eq!(queue.publish(&[no_guid]).await.unwrap(), [known]);
    // The same GUID in another feed is another article.
    assert_eq!(queue.publish(&[elsewhere]).await.unwrap(), [Published::New]);
}

async fn marks_as_seen(world: World) {
    let queue = world.open().await;
    let waiting = job("https://blog.test/waiting", None);
    queue.publish(std::slice::from_ref(&waiting)).await.unwrap();
    let old = job("https://blog.test/old", Some("g"));
    queue
        .mark_seen(&[old.clone(), waiting.clone()])
        .await
        .unwrap();
    assert_eq!(queue.counts().await.unwrap().waiting, 1);
    let answers = queue
        .publish(&[
            old,
            job("https://blog.test/else", Some("g")),
            job("https://blog.test/waiting", None),
        ])
        .await
        .unwrap();
    let unnamed = Published::Known(String::new());
    assert_eq!(
        answers,
        [unnamed.clone(), unnamed, Published::Known(waiting.id)]
    );
    // What one feed leaves out, another may bring.
    let mut elsewhere = job("https://blog.test/old", None);
    elsewhere.source.url = "https://other.test/feed".into();
    assert_eq!(queue.publish(&[elsewhere]).await.unwrap(), [Published::New]);
}

async fn claims_links(world: World) {
    let queue = world.open().await;
    let a = job("https://blog.test/a", None);
    let b = job("https://blog.test/b", None);
    queue.publish(&[a.clone(), b.clone()]).await.unwrap();
    let claim = async |link: &str, id: &str| queue.claim_link(link, id).await.unwrap();
    assert_eq!(claim("https://blog.test/a", &a.id).await, None);
    assert_eq!(claim("https://blog.test/canonical", &a.id).await, None);
    assert_eq!(claim("https://blog.test/canonical", &a.id).await, None);
    assert_eq!(
        claim("https://blog.test/canonical", &b.id).await,
        Some(a.id.clone())
    );
    assert_eq!(
        claim("https://blog.test/a", &b.id).await,
        Some(a.id.clone())
    );
    let later = job("https://blog.test/canonical", None);
    // A claim keeps nothing from being published; whoever publishes it learns of the claim.
    assert_eq!(
        queue.publish(std::slice::from_ref(&later)).await.unwrap(),
        [Published::New]
    );
    assert_eq!(
        claim("https://blog.test/canonical", &later.id).await,
        Some(a.id)
    );
    assert_eq!(
        claim("https://blog.test/canonical", &b.id).await,
        Some(later.id)
    );
}

async fn a_link_is_yielded_once(world: World) {
    let queue = world.open().await;
    let (a, b) = (job(&link(0), None), job(&link(1), None));
    queue.publish(&[a.clone(), b.clone()]).await.unwrap();
    let holder = async |n: usize| queue.id_of_link(&link(n)).await.unwrap().unwrap();
    // Asked again after a lost answer, the same is said.
    for _ in 0..2 {
        let yielded = queue.yield_link(&link(0), &link(1), &a.id, &b.id).await;
        assert!(yielded.unwrap());
        assert_eq!(
            (holder(0).await, holder(1).await),
            (b.id.clone(), b.id.clone())
        );
    }
    for _ in 0..2 {
        let yielded = queue.yield_link(&link(1), &link(0), &b.id, &a.id).await;
        assert!(!yielded.unwrap(), "the other gave way already");
        assert_eq!(
            (holder(0).await, holder(1).await),
            (b.id.clone(), b.id.clone())
        );
    }
    // A later article under the link that was left is a double of the job that stayed.
    let later = queue.publish(&[job(&link(0), None)]).await.unwrap();
    assert_eq!(later, [Published::Known(b.id.clone())]);
    // To a link that only was marked as seen, and from one that is not known any more.
    queue.mark_seen(&[job(&link(2), None)]).await.unwrap();
    let yielded = queue.yield_link(&link(3), &link(2), &a.id, "").await;
    assert!(yielded.unwrap());
    assert_eq!(holder(3).await, "");
}

async fn one_of_two_that_name_each_other_gives_way(world: World) {
    let handles = [world.open().await, world.open().await];
    for round in 0..30 {
        let links = [0, 1].map(|n| format!("https://blog.test/{round}/{n}"));
        let pair = [job(&links[0], None), job(&links[1], None)];
        handles[0].publish(&pair).await.unwrap();
        let gives_way = async |own: usize| {
            let (queue, me, to) = (&handles[own], &pair[own].id, &links[1 - own]);
            match queue.claim_link(to, me).await.unwrap() {
                None => false,
                Some(other) => queue.yield_link(&links[own], to, me, &other).await.unwrap(),
            }
        };
        let (first, second) = tokio::join!(gives_way(0), gives_way(1));
        assert_ne!(first, second, "round {round}");
        let stays = &pair[usize::from(first)].id;
        for link in &links {
            let holder = handles[0].id_of_link(link).await.unwrap();
            assert_eq!(holder.as_ref(), Some(stays));
        }
    }
}

async fn two_crons_publish_once(world: World) {
    let mut tasks = Vec::new();
    for _ in 0..4 {
        let queue = world.open().await;
        tasks.push(tokio::spawn(async move {
            let mut new = 0;
            for job in jobs(40) {
                let answers = queue.publish(&[job]).await.unwrap();
                new += usize::from(answers == [Published::New]);
            }
            new
        }));
    }
    let mut new = 0;
    for task in tasks {
        new += task.await.unwrap();
    }
    assert_eq!(new, 40);
    assert_eq!(world.open().await.counts().await.unwrap().waiting, 40);
}

/// Jobs whose lease ran out, then those due, then new ones.
async fn gives_out_in_order(world: World) {
    let world = world.lease(Duration::from_millis(1500));
    let queue = world.open().await;
    queue.publish(&jobs(4)).await.unwrap();
    let links = |leases: Vec<Lease>| -> Vec<String> {
        leases
            .into_iter()
            .map(|lease| lease.job.entry.link)
            .collect()
    };
    let first = queue.claim("w", 2, NOW).await.unwrap();
    let (dies, comes_back) = (first[0].clone(), first[1].clone());
    let start = Instant::now();
    assert!(queue.defer(&comes_back, NOW, None).await.unwrap());
    until("its lease is over", || async {
        start.elapsed() > Duration::from_millis(1600)
    })
    .await;
    let order = links(queue.claim("w", 10, NOW).await.unwrap());
    assert_eq!(order, [link(0), link(1), link(2), link(3)]);
    assert_eq!(dies.job.entry.link, link(0));
}

async fn refused(queue: &dyn Queue, lease: &Lease) {
    let all: [Result<bool>; 6] = [
        queue.renew(lease).await,
        queue.record(lease, "misp", &receipt("e")).await,
        queue.complete(lease, &Outcome::Delivered).await,
        queue.retry(lease, NOW, &failure("x")).await,
        queue.defer(lease, NOW, None).await,
        queue.bury(lease, &failure("x")).await,
    ];
    for (n, answer) in all.into_iter().enumerate() {
        assert!(!answer.unwrap(), "operation {n} on a lost lease");
    }
}

async fn a_lost_lease_can_do_nothing(world: World) {
    let world = world.lease(Duration::from_millis(300));
    let queue = world.open().await;
    queue.publish(&jobs(1)).await.unwrap();
    let lost = claim_one(&*queue).await;
    let held = claim_one(&*queue).await;
    refused(&*queue, &lost).await;
    let record = queue.job(&held.job.id).await.unwrap().unwrap();
    assert_eq!(record.state, JobState::Running);
    assert_eq!((record.history.len(), record.receipts.len()), (0, 0));
    assert!(queue.complete(&held, &Outcome::Delivered).await.unwrap());
    refused(&*queue, &lost).await;
    let foreign = Lease {
        token: "no token".into(),
        ..held
    };
    refused(&*queue, &foreign).await;
    assert!(queue.counts().await.unwrap().is_drained());
}

async fn a_dead_workers_job_is_taken_over(world: World) {
    let world = world.lease(Duration::from_millis(300));
    let (dying, living) = (world.open().await, world.open().await);
    dying.publish(&jobs(1)).await.unwrap();
    for attempt in 1..=3 {
        let start = Instant::now();
        let lease = claim_one(&*living).await;
        assert_eq!(lease.attempt, attempt);
        if attempt > 1 {
            assert!(start.elapsed() > Duration::from_millis(150), "taken early");
        }
    }
    drop(dying);
    let lease = claim_one(&*living).await;
    assert!(living.retry(&lease, NOW, &failure("x")).await.unwrap());
    assert_eq!(claim_one(&*living).await.attempt, 5);
}

async fn renewing_keeps_the_lease(world: World) {
    let world = world.lease(Duration::from_millis(600));
    let (queue, other) = (world.open().await, world.open().await);
    queue.publish(&jobs(1)).await.unwrap();
    let lease = claim_one(&*queue).await;
    let taken = tokio::spawn(async move { claim_one(&*other).await.attempt });
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(1500) {
        assert!(queue.renew(&lease).await.unwrap());
        assert!(!taken.is_finished(), "taken although renewed");
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    // Renewed no more: now it may be taken.
    assert_eq!(taken.await.unwrap(), 2);
    assert!(!queue.renew(&lease).await.unwrap());
}

async fn retries_count_and_remember(world: World) {
    let queue = world.open().await;
    queue.publish(&jobs(1)).await.unwrap();
    for n in 1..=23 {
        let lease = claim_one(&*queue).await;
        assert_eq!(lease.attempt, n);
        let why = failure(&format!("attempt {n}"));
        assert!(queue.retry(&lease, NOW, &why).await.unwrap());
        assert!(!queue.renew(&lease).await.unwrap());
    }
    let lease = claim_one(&*queue).await;
    let record = queue.job(&lease.job.id).await.unwrap().unwrap();
    assert_eq!((record.state, record.attempts), (JobState::Running, 24));
    let history: Vec<(u32, String)> = record
        .history
        .into_iter()
        .map(|attempt| (attempt.attempt, attempt.failure.message))
        .collect();
    let expected: Vec<_> = (4..=23).map(|n| (n, format!("attempt {n}"))).collect();
    assert_eq!(history, expected);
}

async fn deferring_does_not_count(world: World) {
    let queue = world.open().await;
    queue.publish(&jobs(1)).await.unwrap();
    let lease = claim_one(&*queue).await;
    assert_eq!((lease.attempt, lease.host_turn), (1, None));
    let turn = chrono::Utc::now() + HOUR;
    // As told in this machine's time, which a store on another machine does not know to the microsecond.
    let is_turn = |lease: &Lease| {
        let off = lease.host_turn.unwrap() - turn;
        assert!(off.num_milliseconds().abs() < 1000, "{off}");
    };
    assert!(queue.defer(&lease, NOW, Some(turn)).await.unwrap());
    let record = queue.job(&lease.job.id).await.unwrap().unwrap();
    assert_eq!((record.state, record.attempts), (JobState::Waiting, 0));
    let lease = claim_one(&*queue).await;
    assert_eq!(lease.attempt, 1);
    is_turn(&lease);
    let wait = Duration::from_millis(30);
    assert!(queue.defer(&lease, wait, Some(turn)).await.unwrap());
    let lease = claim_one(&*queue).await;
    assert_eq!(lease.attempt, 1);
    is_turn(&lease);
    assert!(queue.retry(&lease, wait, &failure("x")).await.unwrap());
    let lease = claim_one(&*queue).await;
    assert_eq!((lease.attempt, lease.host_turn), (2, None));
}

async fn jobs_come_back_when_due(world: World) {
    let queue = world.open().await;
    queue.publish(&jobs(2)).await.unwrap();
    let (a, b) = (claim_one(&*queue).await, claim_one(&*queue).await);
    assert!(queue.retry(&a, HOUR, &failure("x")).await.unwrap());
    let start = Instant::now();
    let wait = Duration::from_millis(400);
    assert!(queue.retry(&b, wait, &failure("x")).await.unwrap());
    let counts = queue.counts().await.unwrap();
    assert_eq!((counts.waiting, counts.running, counts.later), (0, 0, 2));
    assert_eq!(counts.next_due_seconds, Some(1));
    assert!(!counts.is_drained());
    let record = queue.job(&a.job.id).await.unwrap().unwrap();
    assert_eq!(record.state, JobState::Later);
    let due = (record.due.unwrap() - chrono::Utc::now()).num_seconds();
    assert!((3500..=3600).contains(&due), "{due}");
    assert_eq!(claim_one(&*queue).await.job, b.job);
    assert!(start.elapsed() >= wait, "too early");
    let counts = queue.counts().await.unwrap();
    assert_eq!(counts.later, 1);
    assert!(
        counts
            .next_due_seconds
            .is_some_and(|seconds| (3590..=3600).contains(&seconds)),
        "{counts:?}"
    );
}

async fn completes_and_skips(world: World) {
    let queue = world.open().await;
    queue.publish(&jobs(2)).await.unwrap();
    let (a, b) = (claim_one(&*queue).await, claim_one(&*queue).await);
    assert!(queue.complete(&a, &Outcome::Delivered).await.unwrap());
    let skipped = Outcome::Skipped("none of the required strings".into());
    assert!(queue.complete(&b, &skipped).await.unwrap());
    assert_eq!(queue.counts().await.unwrap(), Counts::default());
    let record = queue.job(&a.job.id).await.unwrap().unwrap();
    assert_eq!((record.state, record.note), (JobState::Delivered, None));
    assert_eq!((record.job, record.attempts), (a.job, 1));
    let record = queue.job(&b.job.id).await.unwrap().unwrap();
    assert_eq!(record.state, JobState::Skipped);
    assert_eq!(record.note.as_deref(), Some("none of the required strings"));
    assert!(queue.claim("w", 1, NOW).await.unwrap().is_empty());
}

async fn buries_revives_drops(world: World) {
    let queue = world.open().await;
    queue.publish(&jobs(1)).await.unwrap();
    let lease = claim_one(&*queue).await;
    let id = lease.job.id.clone();
    assert!(!queue.revive(&id).await.unwrap(), "it is not dead");
    assert!(!queue.drop_dead(&id).await.unwrap(), "it is not dead");
    assert!(queue.record(&lease, "misp", &receipt("e")).await.unwrap());
    assert!(queue.bury(&lease, &failure("gone")).await.unwrap());
    assert_eq!(queue.counts().await.unwrap().dead, 1);
    let record = queue.job(&id).await.unwrap().unwrap();
    assert_eq!((record.state, record.attempts), (JobState::Dead, 1));
    assert_eq!(record.history[0].failure, failure("gone"));

    assert!(queue.revive(&id).await.unwrap());
    assert!(!queue.revive(&id).await.unwrap(), "revived already");
    let lease = claim_one(&*queue).await;
    assert_eq!((lease.attempt, lease.receipts.len()), (1, 1));
    assert!(queue.bury(&lease, &failure("gone again")).await.unwrap());
    assert_eq!(queue.job(&id).await.unwrap().unwrap().history.len(), 2);

    assert!(queue.drop_dead(&id).await.unwrap());
    assert!(!queue.drop_dead(&id).await.unwrap());
    assert_eq!(queue.job(&id).await.unwrap(), None);
    assert_eq!(queue.counts().await.unwrap(), Counts::default());
    // Its article stays seen.
    let again = queue.publish(&jobs(1)).await.unwrap();
    assert_eq!(again, [Published::Known(id)]);
}

async fn dead_letters_are_capped(mut world: World) {
    world.config.store.keep_dead = 3;
    let queue = world.open().await;
    queue.publish(&jobs(8)).await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..8 {
        let lease = claim_one(&*queue).await;
        assert!(queue.bury(&lease, &failure("x")).await.unwrap());
        ids.push(lease.job.id);
    }
    assert_eq!(queue.counts().await.unwrap().dead, 3);
    let kept: Vec<String> = queue
        .list(Some(JobState::Dead), 10)
        .await
        .unwrap()
        .into_iter()
        .map(|record| record.job.id)
        .collect();
    assert_eq!(kept, [&*ids[7], &ids[6], &ids[5]]);
    assert_eq!(queue.job(&ids[0]).await.unwrap(), None);
}

async fn receipts_survive(world: World) {
    let world = world.lease(Duration::from_millis(300));
    let queue = world.open().await;
    queue.publish(&jobs(1)).await.unwrap();
    let expected = BTreeMap::from([
        ("misp".to_owned(), receipt("e1")),
        ("misp-feed".to_owned(), receipt("e2")),
    ]);
    let lease = claim_one(&*queue).await;
    assert!(queue.record(&lease, "misp", &receipt("e0")).await.unwrap());
    assert!(queue.record(&lease, "misp", &receipt("e1")).await.unwrap());
    assert!(queue.retry(&lease, NOW, &failure("x")).await.unwrap());
    let lease = claim_one(&*queue).await;
    assert!(
        queue
            .record(&lease, "misp-feed", &receipt("e2"))
            .await
            .unwrap()
    );
    // Taken over.
    let lease = claim_one(&*queue).await;
    assert_eq!((lease.attempt, &lease.receipts), (3, &expected));
    assert!(queue.complete(&lease, &Outcome::Delivered).await.unwrap());
    let record = queue.job(&lease.job.id).await.unwrap().unwrap();
    assert_eq!(record.receipts, expected);
}

async fn feeds_are_remembered(world: World) {
    let (a, b) = (world.open().await, world.open().await);
    let url = "https://blog.test/feed?a=b c";
    assert_eq!(a.feed_state(url).await.unwrap(), FeedState::default());
    let state = FeedState {
        etag: Some("W/\"x\"".into()),
        last_poll: chrono::DateTime::from_timestamp(1_700_000_000, 123_000_000),
        failures: 3,
        last_error: Some(failure("no answer").retry_after(Some(SOON))),
        retired: Some("410".into()),
        ..FeedState::default()
    };
    a.put_feed_state(url, &state).await.unwrap();
    assert_eq!(b.feed_state(url).await.unwrap(), state);
    b.put_feed_state(url, &FeedState::default()).await.unwrap();
    assert_eq!(a.feed_state(url).await.unwrap(), FeedState::default());
}

async fn a_feeds_password_is_not_stored(world: World) {
    let queue = world.open().await;
    let url = "https://reader:hunter2@blog.test/feed";
    let state = FeedState {
        failures: 7,
        ..FeedState::default()
    };
    queue.put_feed_state(url, &state).await.unwrap();
    assert_eq!(queue.feed_state(url).await.unwrap(), state);
    for other in ["https://blog.test/feed", "https://reader:x@blog.test/feed"] {
        assert_eq!(queue.feed_state(other).await.unwrap(), FeedState::default());
    }
    let stored = world.stored_feeds().await;
    assert!(stored.contains("https://blog.test/feed"), "{stored}");
    assert!(!stored.contains("hunter2"), "{stored}");
    world.garble_feeds().await;
    let error = queue.feed_state(url).await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(matches!(error, QueueError::Corrupt(_)), "{text}");
    assert!(text.contains("`https://blog.test/feed`"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

/// Times are compared to the microsecond: as long as jobs are later, the first of them is due in the future.
async fn the_next_due_is_always_told(world: World) {
    const JOBS: usize = 300;
    let queue = world.open().await;
    queue.publish(&jobs(JOBS)).await.unwrap();
    let leases = queue.claim("w", JOBS, NOW).await.unwrap();
    let why = failure("x");
    let (queue, why) = (&queue, &why);
    let retries = leases.iter().zip(0..).map(|(lease, n)| async move {
        let wait = Duration::from_secs(2) + Duration::from_millis(n);
        assert!(queue.retry(lease, wait, why).await.unwrap());
    });
    futures_util::future::join_all(retries).await;
    loop {
        let counts = queue.counts().await.unwrap();
        if counts.later == 0 {
            assert_eq!(counts.next_due_seconds, None);
            break;
        }
        assert!(counts.next_due_seconds.is_some(), "{counts:?}");
    }
}

async fn any_limit_will_do(world: World) {
    let queue = world.open().await;
    queue.publish(&jobs(3)).await.unwrap();
    let lease = claim_one(&*queue).await;
    queue.complete(&lease, &Outcome::Delivered).await.unwrap();
    for limit in [usize::MAX, usize::MAX / 2, 1 << 53, 3] {
        let all = queue.list(None, limit).await.unwrap();
        assert_eq!(all.len(), 3, "limit {limit}");
        for state in JobState::ALL {
            queue.list(Some(state), limit).await.unwrap();
        }
    }
    assert!(queue.list(None, 0).await.unwrap().is_empty());
    assert_eq!(queue.claim("w", usize::MAX, NOW).await.unwrap().len(), 2);
}

async fn lists_by_state(world: World) {
    let queue = world.open().await;
    queue.publish(&jobs(7)).await.unwrap();
    let leases = queue.claim("w", 5, NOW).await.unwrap();
    queue
        .complete(&leases[0], &Outcome::Delivered)
        .await
        .unwrap();
    let rule = Outcome::Skipped("rule".into());
    queue.complete(&leases[1], &rule).await.unwrap();
    queue.retry(&leases[2], HOUR, &failure("x")).await.unwrap();
    queue.bury(&leases[3], &failure("x")).await.unwrap();
    for (state, links) in [
        (JobState::Waiting, vec![link(6), link(5)]),
        (JobState::Running, vec![link(4)]),
        (JobState::Later, vec![link(2)]),
        (JobState::Delivered, vec![link(0)]),
        (JobState::Skipped, vec![link(1)]),
        (JobState::Dead, vec![link(3)]),
    ] {
        let records = queue.list(Some(state), 10).await.unwrap();
        assert!(records.iter().all(|record| record.state == state));
        let mut found: Vec<String> = records
            .into_iter()
            .map(|record| record.job.entry.link)
            .collect();
        found.sort_by(|a, b| b.cmp(a));
        assert_eq!(found, links, "{state}");
    }
    assert_eq!(queue.list(None, 10).await.unwrap().len(), 7);
    assert_eq!(queue.list(None, 2).await.unwrap().len(), 2);
    let newest = queue.list(None, 1).await.unwrap().remove(0);
    assert_eq!(newest.state, JobState::Dead);
    let counts = queue.counts().await.unwrap();
    assert_eq!((counts.waiting, counts.running), (2, 1));
    assert_eq!((counts.later, counts.dead), (1, 1));
    assert!(counts.oldest_seconds.is_some_and(|age| age < 60));
}

async fn claim_waits_and_wakes(world: World) {
    let (worker, cron) = (world.open().await, world.open().await);
    let start = Instant::now();
    let wait = Duration::from_millis(200);
    assert!(worker.claim("w", 1, wait).await.unwrap().is_empty());
    assert!(start.elapsed() >= wait);
    for _ in 0..3 {
        let worker = worker.clone();
        let claimed = tokio::spawn(async move {
            let lease = claim_one(&*worker).await;
            (lease.job.id, Instant::now())
        });
        tokio::time::sleep(Duration::from_millis(300)).await;
        let job = job(&format!("https://blog.test/{}", uuid::Uuid::now_v7()), None);
        cron.publish(std::slice::from_ref(&job)).await.unwrap();
        let published = Instant::now();
        let (id, at) = claimed.await.unwrap();
        assert_eq!(id, job.id);
        let late = at.saturating_duration_since(published);
        assert!(late < Duration::from_secs(2), "woke after {late:?}");
    }
}

async fn claims_given_up_lose_nothing(world: World) {
    let world = world.lease(Duration::from_millis(300));
    let queue = world.open().await;
    for n in 0..30_u64 {
        let abandoned = queue.claim("w", 3, SOON);
        let _ = tokio::time::timeout(Duration::from_micros(n * 300), abandoned).await;
        let job = job(&format!("https://blog.test/{n}"), None);
        queue.publish(&[job]).await.unwrap();
    }
    let mut done = 0;
    while done < 30 {
        let lease = claim_one(&*queue).await;
        if queue.complete(&lease, &Outcome::Delivered).await.unwrap() {
            done += 1;
        }
    }
    assert!(queue.counts().await.unwrap().is_drained());
}

async fn many_workers_complete_each_job_once(world: World) {
    const JOBS: usize = 500;
    let handles = [world.open().await, world.open().await];
    let completed = Arc::new(Mutex::new(Vec::new()));
    let workers: Vec<_> = (0..16)
        .map(|n| {
            let (queue, completed) = (handles[n % 2].clone(), completed.clone());
            tokio::spawn(async move {
                let name = format!("worker {n}");
                while completed.lock().unwrap().len() < JOBS {
                    let wait = Duration::from_millis(100);
                    for lease in queue.claim(&name, 1 + n % 3, wait).await.unwrap() {
                        assert_eq!(lease.attempt, 1);
                        assert!(queue.complete(&lease, &Outcome::Delivered).await.unwrap());
                        completed.lock().unwrap().push(lease.job.entry.link);
                    }
                }
            })
        })
        .collect();
    for chunk in jobs(JOBS).chunks(50) {
        handles[0].publish(chunk).await.unwrap();
    }
    for worker in workers {
        worker.await.unwrap();
    }
    let mut completed = completed.lock().unwrap().clone();
    completed.sort();
    let mut expected: Vec<String> = (0..JOBS).map(link).collect();
    expected.sort();
    assert_eq!(completed, expected);
    assert_eq!(handles[1].counts().await.unwrap(), Counts::default());
}

async fn nothing_there(world: World) {
    let queue = world.open().await;
    assert_eq!(queue.counts().await.unwrap(), Counts::default());
    assert!(queue.list(None, 10).await.unwrap().is_empty());
    assert_eq!(queue.job("none").await.unwrap(), None);
    assert!(!queue.revive("none").await.unwrap());
    assert!(!queue.drop_dead("none").await.unwrap());
    assert!(queue.publish(&[]).await.unwrap().is_empty());
    queue.mark_seen(&[]).await.unwrap();
    assert!(queue.stories(&[]).await.unwrap().is_empty());
    assert_eq!(queue.stories(&prints(&["x"])).await.unwrap(), [[]]);
}

fn prints(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|&key| key.to_owned()).collect()
}

/// The titles of the stories told with each of these prints.
async fn titles(queue: &dyn Queue, keys: &[&str]) -> Vec<Vec<String>> {
    let told = queue.stories(&prints(keys)).await.unwrap();
    let title = |story: Story| story.title;
    told.into_iter()
        .map(|stories| stories.into_iter().map(title).collect())
        .collect()
}

async fn stories_are_found_by_their_prints(world: World) {
    let queue = world.open().await;
    let one = story(1, "One – “ü” 🦊");
    let tell = async |story: &Story, keys: &[&str]| {
        let told = queue.tell_story(story, &prints(keys), HOUR).await;
        told.unwrap();
    };
    tell(&one, &["a", "b"]).await;
    tell(&story(2, "Two"), &["b"]).await;
    tell(&story(3, "Three"), &[]).await;
    let other = world.open().await;
    let found = other.stories(&prints(&["a"])).await.unwrap();
    assert_eq!(found, [[one.clone()]]);
    assert_eq!(
        titles(&*other, &["none", "b", "a"]).await,
        [
            vec![],
            vec!["Two".to_owned(), one.title.clone()],
            vec![one.title]
        ]
    );
}

async fn an_event_stays_as_it_was_first_told(world: World) {
    let queue = world.open().await;
    let first = story(1, "First");
    for (story, keys) in [
        (first.clone(), ["a"]),
        (story(1, "Second"), ["a"]),
        (story(1, "Third"), ["b"]),
    ] {
        let told = queue.tell_story(&story, &prints(&keys), HOUR).await;
        told.unwrap();
    }
    let found = queue.stories(&prints(&["a", "b"])).await.unwrap();
    assert_eq!(found, [[first.clone()], [first]]);
}

async fn of_a_common_print_the_latest_are_kept(world: World) {
    let queue = world.open().await;
    for number in 0..20 {
        let story = story(number, &number.to_string());
        let told = queue.tell_story(&story, &prints(&["a"]), HOUR).await;
        told.unwrap();
    }
    let expected: Vec<String> = (0..20).rev().take(KEPT).map(|n| n.to_string()).collect();
    assert_eq!(titles(&*queue, &["a"]).await, [expected]);
}

async fn stories_are_forgotten(world: World) {
    let queue = world.open().await;
    let brief = Duration::from_millis(50);
    let tell = async |title: &str, keep: Duration| {
        let told = queue
            .tell_story(&story(1, title), &prints(&["a"]), keep)
            .await;
        told.unwrap();
    };
    tell("Before", brief).await;
    until("it is forgotten", async || {
        titles(&*queue, &["a"]).await == [Vec::<String>::new()]
    })
    .await;
    tell("After", HOUR).await;
    assert_eq!(titles(&*queue, &["a"]).await, [["After"]]);
}
