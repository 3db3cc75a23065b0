//! A disk that is full, a file that is not ours, and another process that holds the lock.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use gleaner::queue::{self, JobState, Outcome, QueueError};

use super::world::{NOW, World, claim_one, failure, job, jobs};

/// A folder on a disk of 2 MB, where this user may mount one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
            .arg(folder.path())
            .output()
            .is_ok_and(|output| output.status.success());
        if !mounted {
            eprintln!("SKIPPED: needs the right to mount a small tmpfs");
            return None;
        }
        Some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).output();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_and_nothing_is_lost() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let mut world = World::sqlite();
    world.config.store.path = disk.0.path().join("queue.db");
    let queue = world.open().await;
    let padding = "x".repeat(10_000);
    let mut published = 0;
    let error = loop {
        let job = job(&format!("https://blog.test/{published}/{padding}"), None);
        match queue.publish(&[job]).await {
            Ok(_) => published += 1,
            Err(error) => break error,
        }
        assert!(published < 1000, "never full");
    };
    assert!(matches!(error, QueueError::Full(_)), "{error:?}");
    assert!(error.to_string().contains("queue.db"), "{error}");
    assert_eq!(queue.counts().await.unwrap().waiting, published);
    // With room again it goes on, in the same process.
    let resized = Command::new("mount")
        .args(["-o", "remount,size=64m"])
        .arg(disk.0.path())
        .status()
        .unwrap();
    assert!(resized.success());
    queue.publish(&jobs(1)).await.unwrap();
    let mut done = 0;
    while done <= published {
        let lease = claim_one(&*queue).await;
        assert!(queue.complete(&lease, &Outcome::Delivered).await.unwrap());
        done += 1;
    }
    assert!(queue.counts().await.unwrap().is_drained());
}

#[tokio::test]
async fn a_damaged_file_is_named() {
    let world = World::sqlite();
    let path = world.config.sqlite_path();
    std::fs::write(&path, vec![b'#'; 8192]).unwrap();
    let error = queue::open(&world.config).await.err().unwrap();
    assert!(matches!(error, QueueError::Corrupt(_)), "{error:?}");
    assert!(error.to_string().contains("queue.db"), "{error}");

    std::fs::remove_file(&path).unwrap();
    drop(world.open().await);
    let error = overwritten(&path, &world).await;
    assert!(matches!(error, QueueError::Corrupt(_)), "{error:?}");
    assert!(error.to_string().contains("queue.db"), "{error}");
}

/// Writes over everything but the header of the file and uses it.
async fn overwritten(path: &Path, world: &World) -> QueueError {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    drop(connection);
    let mut bytes = std::fs::read(path).unwrap();
    for byte in bytes.iter_mut().skip(4096) {
        *byte = 0x5a;
    }
    std::fs::write(path, bytes).unwrap();
    match queue::open(&world.config).await {
        Err(error) => error,
        Ok(queue) => queue.publish(&jobs(1)).await.unwrap_err(),
    }
}

/// A row that cannot be read holds up nobody.
#[tokio::test]
async fn an_unreadable_row_is_set_aside() {
    let world = World::sqlite();
    let queue = world.open().await;
    queue.publish(&jobs(2)).await.unwrap();
    let connection = rusqlite::Connection::open(world.config.sqlite_path()).unwrap();
    connection
        .execute("UPDATE jobs SET job = '{' WHERE seq = 1", [])
        .unwrap();
    assert_eq!(
        claim_one(&*queue).await.job.entry.link,
        "https://blog.test/1"
    );
    let counts = queue.counts().await.unwrap();
    assert_eq!((counts.waiting, counts.running, counts.dead), (0, 1, 1));
    assert_eq!(queue.list(None, 10).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_process_with_the_lock_is_waited_for() {
    let world = World::sqlite();
    let queue = world.open().await;
    let other = rusqlite::Connection::open(world.config.sqlite_path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let publish = tokio::spawn(async move {
        queue.publish(&jobs(1)).await.unwrap();
        queue
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!publish.is_finished());
    other.execute_batch("COMMIT").unwrap();
    let queue = publish.await.unwrap();
    assert_eq!(queue.counts().await.unwrap().waiting, 1);
}

/// What is past its time is removed in passing.
#[tokio::test]
async fn old_records_leave() {
    let mut world = World::sqlite();
    world.config.store.keep_finished = Duration::from_millis(1).into();
    world.config.store.remember = Duration::from_millis(1).into();
    let queue = world.open().await;
    queue.publish(&jobs(3)).await.unwrap();
    for lease in queue.claim("w", 2, NOW).await.unwrap() {
        assert!(queue.complete(&lease, &Outcome::Delivered).await.unwrap());
    }
    let dead = claim_one(&*queue).await;
    assert!(queue.bury(&dead, &failure("x")).await.unwrap());
    // A new handle tidies with its first step.
    drop(queue);
    tokio::time::sleep(Duration::from_millis(5)).await;
    let queue = world.open().await;
    queue
        .put_feed_state(
            "https://blog.test/feed",
            &gleaner::queue::FeedState::default(),
        )
        .await
        .unwrap();
    queue
        .put_feed_state(
            "https://blog.test/feed",
            &gleaner::queue::FeedState::default(),
        )
        .await
        .unwrap();
    let left = queue.list(None, 10).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].state, JobState::Dead);
    let connection = rusqlite::Connection::open(world.config.sqlite_path()).unwrap();
    let seen: i64 = connection
        .query_row("SELECT count(*) FROM seen", [], |row| row.get(0))
        .unwrap();
    assert_eq!(seen, 0);
}
