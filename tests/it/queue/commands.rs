//! What the commands write.

use gleaner::commands::queue::{self, Which};
use gleaner::queue::{JobState, Outcome, Queue};

use super::world::{HOUR, NOW, World, claim_one, failure, job, jobs, receipt};

macro_rules! written {
    ($command:ident($($arg:expr),*)) => {{
        let mut out = Vec::new();
        match queue::$command($($arg,)* &mut out).await {
            Ok(()) => String::from_utf8(out).unwrap(),
            Err(error) => format!("error: {error:#}"),
        }
    }};
}

async fn bury(queue: &dyn Queue) -> String {
    let lease = claim_one(queue).await;
    assert!(queue.record(&lease, "misp", &receipt("e-1")).await.unwrap());
    assert!(
        queue
            .retry(
                &lease,
                NOW,
                &failure("`https://blog.test/0`: no answer in 60s")
            )
            .await
            .unwrap()
    );
    let lease = claim_one(queue).await;
    assert!(
        queue
            .bury(&lease, &failure("\u{1b}[2Jstill none"))
            .await
            .unwrap()
    );
    lease.job.id
}

#[tokio::test]
async fn status_counts() {
    let world = World::sqlite();
    let queue = world.open().await;
    queue.publish(&jobs(3)).await.unwrap();
    bury(&*queue).await;
    let lease = claim_one(&*queue).await;
    queue.retry(&lease, HOUR, &failure("x")).await.unwrap();
    let text = written!(status(&*queue, false));
    let text = text.replace("0s", "_").replace("1s", "_");
    insta::assert_snapshot!(text, @r"
     state    jobs
     waiting  1
     running  0
     later    1
     dead     1
    oldest waiting or running: _
    see the dead with `queue list --state dead`
    ");
    let json: serde_json::Value = serde_json::from_str(&written!(status(&*queue, true))).unwrap();
    assert_eq!((&json["waiting"], &json["dead"]), (&1.into(), &1.into()));
}

#[tokio::test]
async fn a_dead_job_is_shown_retried_and_dropped() {
    let world = World::sqlite();
    let queue = world.open().await;
    queue.publish(&jobs(1)).await.unwrap();
    let id = bury(&*queue).await;
    let list = written!(list(&*queue, Some(JobState::Dead), 10, false));
    let list = list.replace(&id, &"I".repeat(32)).replace("1s", "0s");
    insta::assert_snapshot!(list, @r"
     id                                state  attempts  age  feed  title                                  reason
     IIIIIIIIIIIIIIIIIIIIIIIIIIIIIIII  dead   2         0s   Blog  Title of https://blog.test/0 – “ü” 🦊  no answer, or not all of it, in the time allowed
    ");
    for which in [id.as_str(), &id[..31], &id[20..], "https://blog.test/0"] {
        let text = written!(show(&*queue, which, false));
        assert!(text.contains(&id), "{which}: {text}");
        assert!(!text.contains('\u{1b}'));
    }
    let text = written!(show(&*queue, &id, false)).replace(&id, "ID");
    let times = regex::Regex::new(r"20[0-9-]{8} [0-9:]{8}").unwrap();
    insta::assert_snapshot!(times.replace_all(&text, "TIME"), @r"
    id         ID
    title      Title of https://blog.test/0 – “ü” 🦊
    link       https://blog.test/0
    feed       Blog (https://blog.test/feed)
    state      dead (no answer, or not all of it, in the time allowed)
    attempts   2
    queued     TIME UTC
    changed    TIME UTC
    published  TIME UTC

    failed attempts
      TIME UTC  1. timeout: no answer, or not all of it, in the time allowed
          `https://blog.test/0`: no answer in 60s
      TIME UTC  2. timeout: no answer, or not all of it, in the time allowed
          �[2Jstill none

    receipts
      TIME UTC  misp: created event e-1
          https://misp.test/events/view/e-1
          note: tag `x` dropped
    ");
    let json: serde_json::Value =
        serde_json::from_str(&written!(show(&*queue, &id, true))).unwrap();
    assert_eq!(json["state"], "dead");
    assert_eq!(
        json["history"][1]["failure"]["message"],
        "\u{fffd}[2Jstill none"
    );

    let all = written!(retry(&*queue, &Which::All, false));
    assert_eq!(all, format!("retried {id}\n"));
    assert_eq!(
        written!(retry(&*queue, &Which::All, false)),
        "no dead jobs\n"
    );
    let again = written!(retry(&*queue, &Which::One(id.clone()), false));
    assert!(again.contains("is waiting; only dead jobs"), "{again}");
    let lease = claim_one(&*queue).await;
    queue.bury(&lease, &failure("x")).await.unwrap();
    let dropped = written!(drop(&*queue, &id[20..], true));
    assert!(dropped.contains("\"dropped\""), "{dropped}");
    let gone = written!(show(&*queue, "https://blog.test/0", false));
    assert!(gone.contains("whose record is gone"), "{gone}");
}

#[tokio::test]
async fn what_is_not_there_is_said() {
    let world = World::sqlite();
    let queue = world.open().await;
    queue
        .mark_seen(&[job("https://blog.test/old", None)])
        .await
        .unwrap();
    queue.publish(&jobs(2)).await.unwrap();
    for (which, says) in [
        (
            "https://blog.test/old",
            "left out when its feed was first read",
        ),
        ("https://blog.test/never", "never queued"),
        ("0123456789abcdef", "no job `0123456789abcdef`"),
        ("0", "neither"),
        ("\u{1b}[2J", "neither"),
    ] {
        let text = written!(show(&*queue, which, false));
        assert!(text.contains(says) && !text.contains('\u{1b}'), "{text}");
    }
    // Both ids begin with the same time.
    let lease = claim_one(&*queue).await;
    let text = written!(show(&*queue, &lease.job.id[..6], false));
    assert!(text.contains("stands for 2 jobs"), "{text}");
    queue.complete(&lease, &Outcome::Delivered).await.unwrap();
    assert_eq!(
        written!(list(&*queue, Some(JobState::Dead), 5, false)),
        "no dead jobs\n"
    );
    let list = written!(list(&*queue, None, 1, false));
    assert!(list.contains("only 1 are shown"), "{list}");
}

/// A job brought back from the dead goes to the next worker.
#[tokio::test]
async fn retry_all_brings_back_many() {
    let world = World::redis().await;
    let queue = world.open().await;
    queue.publish(&jobs(3)).await.unwrap();
    for lease in queue.claim("w", 3, NOW).await.unwrap() {
        queue.bury(&lease, &failure("x")).await.unwrap();
    }
    assert_eq!(
        written!(retry(&*queue, &Which::All, false)),
        "retried 3 jobs\n"
    );
    assert_eq!(queue.claim("w", 9, NOW).await.unwrap().len(), 3);
}
