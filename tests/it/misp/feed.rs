//! The feed folder under several writers, under `kill -9`, and as PyMISP reads it.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use gleaner::config::{Config, MispFeed as Settings};
use gleaner::destinations::misp_feed::MispFeed;
use gleaner::destinations::{Delivering, Destination as _};
use gleaner::event::{self, Event};
use serde_json::Value;

use super::job;

/// Tells the test binary, started by itself, which folder to write to.
const FOLDER: &str = "GLEANER_TEST_FEED_FOLDER";

pub(super) const CONTEXT: Delivering<'static> = Delivering {
    link: "",
    before: None,
    last_attempt: false,
};

fn article(number: usize) -> Event {
    let mut job = job(&format!("https://blog.example.com/{number}"));
    job.entry.title = format!("Article {number} \u{1F525}");
    let report = format!("# Article {number}\n\n{}", "Some words of it. ".repeat(400));
    event::build(
        &Config::default().event,
        &job,
        None,
        Some(report.into()),
        &[],
    )
}

fn open(folder: &Path) -> MispFeed {
    MispFeed::open(folder, &Settings::default()).unwrap()
}

fn manifest(folder: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    manifest.as_object().unwrap().keys().cloned().collect()
}

fn expected(numbers: impl IntoIterator<Item = usize>) -> BTreeSet<String> {
    numbers
        .into_iter()
        .map(|number| article(number).uuid.to_string())
        .collect()
}

/// PyMISP's word on the folder, where there is a PyMISP.
pub(super) fn pymisp(folder: &Path) {
    let python = std::env::var("GLEANER_PYTHON").unwrap_or_else(|_| "python3".into());
    let has = Command::new(&python).args(["-c", "import pymisp"]).output();
    if !has.is_ok_and(|output| output.status.success()) {
        eprintln!(
            "SKIPPED: no PyMISP; set GLEANER_PYTHON to a Python that has it (pip install pymisp)"
        );
        return;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pymisp/load_feed.py");
    let output = Command::new(python)
        .arg(script)
        .arg(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    eprintln!("PyMISP: {}", String::from_utf8_lossy(&output.stdout).trim());
}

#[tokio::test(flavor = "multi_thread")]
async fn several_writers_with_the_same_articles_make_one_folder() {
    let folder = tempfile::tempdir().unwrap();
    // Each has its own handles and locks, as processes have.
    let feeds: Vec<Arc<MispFeed>> = (0..4).map(|_| Arc::new(open(folder.path()))).collect();
    let started = Instant::now();
    let tasks: Vec<_> = (0..16)
        .map(|task| {
            let feed = Arc::clone(&feeds[task % 4]);
            tokio::spawn(async move {
                // Every article is delivered by two tasks, of different writers.
                for number in (0..500).filter(|number| number % 8 == task % 8) {
                    feed.deliver(&article(number), CONTEXT).await.unwrap();
                    if number % 50 == 0 {
                        feed.flush().await.unwrap();
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    feeds[0].flush().await.unwrap();
    eprintln!("1,000 deliveries in {:?}", started.elapsed());
    assert_eq!(manifest(folder.path()), expected(0..500));
    pymisp(folder.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeSet::new();
    for round in 0..6 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "misp::feed::writes_until_it_is_killed",
                "--ignored",
                "--nocapture",
            ])
            .env(FOLDER, folder.path())
            .env("GLEANER_TEST_FEED_FIRST", (round * 1000).to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for line in lines {
            let line = line.unwrap();
            let Some(number) = line.strip_prefix("acknowledged ") else {
                continue;
            };
            acknowledged.insert(number.parse::<usize>().unwrap());
            if acknowledged.len() % 40 == 17 {
                child.kill().unwrap();
                break;
            }
        }
        child.wait().unwrap();
    }
    assert!(acknowledged.len() > 100, "{}", acknowledged.len());
    let feed = open(folder.path());
    let indexed = manifest(folder.path());
    let lost: Vec<_> = acknowledged
        .iter()
        .filter(|number| !indexed.contains(&article(**number).uuid.to_string()))
        .collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    // What was not acknowledged comes again.
    let all: Vec<usize> = (0..6)
        .flat_map(|round| round * 1000..round * 1000 + 60)
        .chain(acknowledged)
        .collect();
    for number in &all {
        feed.deliver(&article(*number), CONTEXT).await.unwrap();
    }
    feed.flush().await.unwrap();
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert!(manifest(folder.path()).is_superset(&expected(all)));
    // Two index files and the private folder; no half file is left.
    feed.rebuild().unwrap();
    assert_eq!(manifest(folder.path()).len(), files - 3);
    pymisp(folder.path());
}

/// Not a test of its own: the process that the test above kills.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by another test"]
async fn writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let first: usize = std::env::var("GLEANER_TEST_FEED_FIRST")
        .unwrap()
        .parse()
        .unwrap();
    let feed = Arc::new(open(Path::new(&folder)));
    let tasks = (0..8).map(|task| {
        let feed = Arc::clone(&feed);
        tokio::spawn(async move {
            for number in (first..first + 1000).filter(|number| number % 8 == task) {
                feed.deliver(&article(number), CONTEXT).await.unwrap();
                println!("acknowledged {number}");
                if number % 16 == 0 {
                    feed.flush().await.unwrap();
                }
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

/// A file system of its own, unmounted when dropped.
struct Small(tempfile::TempDir);

impl Small {
    /// `None` where this user may not mount.
    fn mounted(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let status = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        status
            .is_ok_and(|status| status.success())
            .then_some(Self(folder))
    }

    fn grow(&self, size: &str) {
        let option = format!("remount,size={size}");
        let status = Command::new("mount")
            .args(["-o", &option])
            .arg(self.0.path())
            .status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[tokio::test]
async fn a_full_disk_is_named_and_nothing_is_lost_once_it_has_room() {
    let Some(disk) = Small::mounted("256k") else {
        eprintln!("SKIPPED: this user may not mount a small file system");
        return;
    };
    let folder = disk.0.path();
    let feed = open(folder);
    let mut acknowledged = 0;
    let failure = loop {
        match feed.deliver(&article(acknowledged), CONTEXT).await {
            Ok(_) => acknowledged += 1,
            Err(failure) => break failure,
        }
    };
    assert!(acknowledged > 5, "{acknowledged}");
    assert_eq!(failure.reason, gleaner::failure::Reason::Storage);
    let said = &failure.message;
    assert!(
        said.contains(folder.to_str().unwrap()) && said.contains("free some space"),
        "{said}"
    );
    for _ in 0..3 {
        feed.deliver(&article(acknowledged), CONTEXT)
            .await
            .unwrap_err();
    }
    let halves = std::fs::read_dir(folder.join(".gleaner"))
        .unwrap()
        .filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            name.to_string_lossy().ends_with(".tmp")
        });
    assert_eq!(halves.count(), 0);
    disk.grow("16m");
    for number in acknowledged..acknowledged + 10 {
        feed.deliver(&article(number), CONTEXT).await.unwrap();
    }
    feed.flush().await.unwrap();
    assert_eq!(manifest(folder), expected(0..acknowledged + 10));
    pymisp(folder);
}
