//! What the trait promises people: submissions, results, pages of jobs and counters by the hour, on both stores.

use std::time::Duration;

use gleaner::article::MediaType;
use gleaner::failure::Reason;
use gleaner::queue::{
    Body, HOURS, Job, JobState, Lease, MAX_BODY, Outcome, Published, Queue, Step, Submission,
};

use super::world::{HOUR, NOW, World, claim_one, failure, job, jobs, link};

on_both_stores! {
    a_submission_comes_with_its_job,
    a_body_stays_until_its_job_ended_well,
    a_body_goes_with_a_dropped_or_displaced_job,
    a_known_job_leaves_no_body,
    too_large_a_body_is_refused,
    again_is_published_whatever_is_known,
    publishing_again_twice_makes_one_job,
    results_are_kept_with_the_lease_only,
    hours_count_ends_and_steps_once,
    pages_of_jobs_are_whole_and_in_order,
    thousands_of_finished_jobs_are_paged,
}

fn submitted(link: &str, body: Option<&[u8]>) -> Job {
    job(link, None).submitted(Submission {
        user: Some("alice".into()),
        remote: Some("192.0.2.7".parse().unwrap()),
        again: false,
        body: body.map(|bytes| Body {
            file_name: Some("a – “ü”.html".into()),
            ..Body::new(MediaType::Html, bytes)
        }),
    })
}

async fn publish(queue: &dyn Queue, job: &Job) {
    let answers = queue.publish(std::slice::from_ref(job)).await.unwrap();
    assert_eq!(answers, [Published::New]);
}

async fn body(queue: &dyn Queue, job: &Job) -> Option<Vec<u8>> {
    queue.body(&job.id).await.unwrap()
}

async fn a_submission_comes_with_its_job(world: World) {
    let queue = world.open().await;
    let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let handed_in = submitted(&link(0), Some(&bytes));
    publish(&*queue, &handed_in).await;
    let lease = claim_one(&*world.open().await).await;
    let by = lease.job.submission.as_ref().unwrap();
    assert_eq!(by.user.as_deref(), Some("alice"));
    assert_eq!(by.remote.unwrap().to_string(), "192.0.2.7");
    let page = by.body.as_ref().unwrap();
    assert_eq!((page.size, page.bytes.len()), (300_000, 0));
    assert_eq!(page.file_name.as_deref(), Some("a – “ü”.html"));
    assert_eq!(body(&*queue, &handed_in).await, Some(bytes));
    assert_eq!(queue.body("none").await.unwrap(), None);
}

async fn a_body_stays_until_its_job_ended_well(world: World) {
    let queue = world.open().await;
    for outcome in [Outcome::Delivered, Outcome::Skipped("rule".into())] {
        let url = format!("https://blog.test/{outcome:?}");
        let handed_in = submitted(&url, Some(b"<p>text"));
        publish(&*queue, &handed_in).await;
        let lease = claim_one(&*queue).await;
        assert!(queue.retry(&lease, NOW, &failure("x")).await.unwrap());
        let lease = claim_one(&*queue).await;
        assert!(queue.defer(&lease, NOW, None).await.unwrap());
        let lease = claim_one(&*queue).await;
        assert!(queue.bury(&lease, &failure("x")).await.unwrap());
        assert!(body(&*queue, &handed_in).await.is_some(), "while dead");
        assert!(queue.revive(&handed_in.id).await.unwrap());
        let lease = claim_one(&*queue).await;
        assert!(body(&*queue, &handed_in).await.is_some(), "when revived");
        assert!(queue.complete(&lease, &outcome).await.unwrap());
        assert_eq!(body(&*queue, &handed_in).await, None, "{outcome:?}");
        assert!(queue.job(&handed_in.id).await.unwrap().is_some());
    }
}

async fn a_body_goes_with_a_dropped_or_displaced_job(mut world: World) {
    world.config.store.keep_dead = 2;
    let queue = world.open().await;
    let mut all = Vec::new();
    for n in 0..4 {
        let handed_in = submitted(&link(n), Some(b"text"));
        publish(&*queue, &handed_in).await;
        let lease = claim_one(&*queue).await;
        assert!(queue.put_result(&lease, b"result").await.unwrap());
        assert!(queue.bury(&lease, &failure("x")).await.unwrap());
        all.push(handed_in);
    }
    for (n, job) in all.iter().enumerate() {
        let kept = n >= 2;
        assert_eq!(body(&*queue, job).await.is_some(), kept, "{n}");
        let result = queue.result(&job.id).await.unwrap();
        assert_eq!(result.is_some(), kept, "{n}");
    }
    assert!(queue.drop_dead(&all[3].id).await.unwrap());
    assert_eq!(body(&*queue, &all[3]).await, None);
    assert_eq!(queue.result(&all[3].id).await.unwrap(), None);
}

async fn a_known_job_leaves_no_body(world: World) {
    let queue = world.open().await;
    let first = job(&link(0), None);
    publish(&*queue, &first).await;
    let handed_in = submitted(&link(0), Some(b"text"));
    let answers = queue.publish(std::slice::from_ref(&handed_in)).await;
    assert_eq!(answers.unwrap(), [Published::Known(first.id)]);
    assert_eq!(body(&*queue, &handed_in).await, None);
}

async fn too_large_a_body_is_refused(world: World) {
    let queue = world.open().await;
    let handed_in = submitted(&link(0), Some(&vec![b'a'; MAX_BODY + 1]));
    let error = queue.publish(&[handed_in]).await.unwrap_err();
    assert!(error.to_string().contains("67108864 bytes"), "{error}");
    assert_eq!(queue.counts().await.unwrap().waiting, 0);
}

async fn again_is_published_whatever_is_known(world: World) {
    let queue = world.open().await;
    let first = job(&link(0), Some("guid"));
    publish(&*queue, &first).await;
    queue.mark_seen(&[job(&link(1), None)]).await.unwrap();
    for known in [&first, &job(&link(1), None)] {
        let again = known.again();
        assert!(again.is_again() && again.id != known.id);
        publish(&*queue, &again).await;
        let holder = queue.id_of_link(&again.entry.link).await.unwrap();
        assert_eq!(holder, Some(again.id.clone()));
        // From now on the article is known under the new job, by its GUID as well.
        let later = job(&again.entry.link, again.entry.guid.as_deref());
        let answers = queue.publish(&[later]).await.unwrap();
        assert_eq!(answers, [Published::Known(again.id)]);
    }
    assert_eq!(queue.counts().await.unwrap().waiting, 3);
}

async fn publishing_again_twice_makes_one_job(world: World) {
    let queue = world.open().await;
    let [one, other] = [(); 2].map(|()| job(&link(0), None).again());
    publish(&*queue, &one).await;
    publish(&*queue, &other).await;
    // As a client does that lost the answer to the first call.
    publish(&*queue, &one).await;
    assert_eq!(queue.counts().await.unwrap().waiting, 2);
    let holder = queue.id_of_link(&link(0)).await.unwrap();
    assert_eq!(holder, Some(other.id));
}

async fn results_are_kept_with_the_lease_only(world: World) {
    let world = world.lease(Duration::from_millis(300));
    let queue = world.open().await;
    let bytes: Vec<u8> = (0..=255).rev().collect();
    publish(&*queue, &job(&link(0), None)).await;
    let lost = claim_one(&*queue).await;
    let held = claim_one(&*queue).await;
    assert!(!queue.put_result(&lost, b"late").await.unwrap());
    let foreign = Lease {
        token: "no token".into(),
        ..held.clone()
    };
    assert!(!queue.put_result(&foreign, b"foreign").await.unwrap());
    let id = &held.job.id;
    assert_eq!(queue.result(id).await.unwrap(), None);
    assert!(queue.put_result(&held, b"first").await.unwrap());
    assert!(queue.put_result(&held, &bytes).await.unwrap());
    let mut named = held.clone();
    named.job.entry.title = "Named by its worker".into();
    assert!(queue.complete(&named, &Outcome::Delivered).await.unwrap());
    assert!(!queue.put_result(&held, b"after").await.unwrap());
    assert_eq!(queue.result(id).await.unwrap(), Some(bytes));
    let record = queue.job(id).await.unwrap().unwrap();
    assert_eq!(record.job, named.job);
    let listed = queue.list(Some(JobState::Delivered), 9).await.unwrap();
    assert_eq!(listed, [record]);
    assert_eq!(queue.result("none").await.unwrap(), None);
}

async fn hours_count_ends_and_steps_once(world: World) {
    let queue = world.open().await;
    let hours = queue.hours().await.unwrap();
    assert_eq!(hours.len(), HOURS as usize);
    assert!(hours.iter().all(|hour| hour.delivered + hour.died() == 0));
    assert!(hours.is_sorted_by_key(|hour| hour.start));
    queue.publish(&jobs(5)).await.unwrap();
    let mut leases = queue.claim("w", 5, NOW).await.unwrap();
    for (n, lease) in leases.iter_mut().enumerate() {
        let millis = u64::try_from(n).unwrap() * 10;
        lease.spent = [
            (Step::Fetch, Duration::from_millis(millis)),
            (Step::Deliver, Duration::from_micros(7)),
        ]
        .into();
    }
    let skipped = Outcome::Skipped("rule".into());
    let gone = gleaner::failure::Failure::new(Reason::Gone, "x");
    // Told twice, as by a worker that lost an answer: they count once.
    for told in [true, false] {
        let ends = [
            queue.complete(&leases[0], &Outcome::Delivered).await,
            queue.complete(&leases[1], &skipped).await,
            queue.bury(&leases[2], &gone).await,
            queue.bury(&leases[3], &failure("x")).await,
        ];
        assert!(!told || ends.into_iter().all(Result::unwrap));
    }
    // Not at an end.
    assert!(queue.retry(&leases[4], HOUR, &failure("x")).await.unwrap());
    let hours = queue.hours().await.unwrap();
    // The hour may have turned in between.
    let last = &hours[hours.len() - 2..];
    let sum = |of: &dyn Fn(&gleaner::queue::Hour) -> u64| last.iter().map(of).sum::<u64>();
    assert_eq!(sum(&|hour| hour.delivered), 1);
    assert_eq!(sum(&|hour| hour.skipped), 1);
    for reason in [Reason::Gone, Reason::Timeout] {
        let died = sum(&|hour| hour.dead.get(&reason).copied().unwrap_or(0));
        assert_eq!(died, 1, "{reason}");
    }
    let step = |step: Step| {
        let time = |hour: &gleaner::queue::Hour| hour.steps.get(&step).copied();
        let of = |hour: &gleaner::queue::Hour| time(hour).unwrap_or_default();
        (sum(&|hour| of(hour).count), sum(&|hour| of(hour).micros))
    };
    assert_eq!(step(Step::Fetch), (4, 60_000));
    assert_eq!(step(Step::Deliver), (4, 28));
    assert_eq!(step(Step::Read), (0, 0));
}

async fn pages_of_jobs_are_whole_and_in_order(world: World) {
    let queue = world.open().await;
    queue.publish(&jobs(30)).await.unwrap();
    for n in 0..24 {
        let lease = claim_one(&*queue).await;
        match n % 4 {
            0 => assert!(queue.complete(&lease, &Outcome::Delivered).await.unwrap()),
            1 => {
                let skipped = Outcome::Skipped("rule".into());
                assert!(queue.complete(&lease, &skipped).await.unwrap());
            }
            2 => assert!(queue.bury(&lease, &failure("x")).await.unwrap()),
            _ => assert!(queue.retry(&lease, HOUR, &failure("x")).await.unwrap()),
        }
    }
    let lease = claim_one(&*queue).await;
    assert!(queue.renew(&lease).await.unwrap());
    for (state, expected) in [
        (None, 30),
        (Some(JobState::Waiting), 5),
        (Some(JobState::Running), 1),
        (Some(JobState::Later), 6),
        (Some(JobState::Delivered), 6),
        (Some(JobState::Skipped), 6),
        (Some(JobState::Dead), 6),
    ] {
        let all = queue.page(state, 0, 100).await.unwrap();
        assert_eq!(all.total, expected, "{state:?}");
        assert_eq!(all.records.len() as u64, expected, "{state:?}");
        let newest_first = all.records.is_sorted_by(|a, b| a.updated >= b.updated);
        assert!(newest_first || state.is_some_and(|state| state == JobState::Later));
        let mut paged = Vec::new();
        while paged.len() < all.records.len() {
            let page = queue.page(state, paged.len(), 4).await.unwrap();
            assert_eq!(page.total, expected);
            assert!((1..=4).contains(&page.records.len()));
            paged.extend(page.records);
        }
        assert_eq!(paged, all.records, "{state:?}");
        let beyond = queue.page(state, 100, 4).await.unwrap();
        assert_eq!((beyond.records.len(), beyond.total), (0, expected));
        let none = queue.page(state, 0, 0).await.unwrap();
        assert_eq!((none.records.len(), none.total), (0, expected));
        let any = queue.page(state, usize::MAX, usize::MAX).await.unwrap();
        assert_eq!((any.records.len(), any.total), (0, expected));
    }
}

async fn thousands_of_finished_jobs_are_paged(world: World) {
    const JOBS: usize = 3_000;
    let queue = world.open().await;
    queue.publish(&jobs(JOBS)).await.unwrap();
    let mut ended = Vec::new();
    loop {
        let leases = queue.claim("w", 200, NOW).await.unwrap();
        if leases.is_empty() {
            break;
        }
        for lease in &leases {
            assert!(queue.complete(lease, &Outcome::Delivered).await.unwrap());
            ended.push(lease.job.id.clone());
        }
    }
    ended.reverse();
    for offset in [0, 1_000, JOBS - 25] {
        for state in [None, Some(JobState::Delivered)] {
            let page = queue.page(state, offset, 25).await.unwrap();
            assert_eq!(page.total, JOBS as u64);
            let ids: Vec<_> = page.records.into_iter().map(|it| it.job.id).collect();
            assert_eq!(ids, ended[offset..offset + 25], "{offset}");
        }
    }
}
