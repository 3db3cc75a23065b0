//! What goes wrong in the real world, done to the real program: killed workers, stopped stores, failing
//! servers, full disks. After each, every article is delivered exactly once, or dead with its reason.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::app::{App, Store, Worker, kill, wait_for};
use crate::support::misp::{Fault, MispDouble, Moment, Role};
use crate::support::pages::{Blog, Serve};
use crate::support::redis;

const ARTICLES: usize = 12;

fn app(store: &Store, blog: &Blog) -> App {
    let app = App::new(store);
    app.write("feeds.json", &blog.feed_list());
    app
}

fn with_misp(app: App, misp: &MispDouble) -> App {
    app.with("MISP_URL", misp.url())
        .with("MISP_KEY", &Role::Admin.key())
        .with("GLEANER__MISP__TIMEOUT", "2s")
}

/// Every article has its event file and its line in the manifest, and its job is delivered.
fn assert_all_in_folder(app: &App, articles: usize) {
    let names: BTreeSet<String> = app
        .events()
        .iter()
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(names.len(), articles, "event files");
    let manifest =
        std::fs::read_to_string(app.folder().join("gleaner-data/misp-feed/manifest.json")).unwrap();
    let manifest: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&manifest).unwrap();
    assert_eq!(
        manifest.keys().cloned().collect::<BTreeSet<_>>(),
        names,
        "manifest"
    );
    assert_eq!(app.jobs("delivered").len(), articles);
    assert_eq!(app.status()["dead"], 0);
}

/// Every article is one event in MISP, with its report, and its job is delivered.
fn assert_all_in_misp(app: &App, misp: &MispDouble, articles: usize) {
    let events: Vec<_> = misp.state().events.values().cloned().collect();
    let infos: BTreeSet<&String> = events.iter().map(|event| &event.info).collect();
    assert_eq!(infos.len(), articles, "{infos:?}");
    assert_eq!(events.len(), articles, "no event twice");
    assert!(
        events.iter().all(|event| event.reports.len() == 1),
        "one report each"
    );
    assert_eq!(app.jobs("delivered").len(), articles);
    assert_eq!(app.status()["dead"], 0);
}

fn drain(app: &App) {
    let mut worker = app.worker(&["--drain"]);
    let status = worker.wait();
    assert!(status.success(), "{}", worker.log());
}

/// A worker whose process id a hook can get at.
struct Victim {
    process: Arc<AtomicU32>,
    armed: Arc<AtomicBool>,
}

impl Victim {
    fn new() -> Self {
        Self {
            process: Arc::default(),
            armed: Arc::default(),
        }
    }

    /// Kills the worker, the first time after each `arm`.
    fn killer(&self) -> impl Fn() + Send + Sync + 'static {
        let (process, armed) = (Arc::clone(&self.process), Arc::clone(&self.armed));
        move || {
            if armed.swap(false, Ordering::SeqCst) {
                kill(process.load(Ordering::SeqCst), "KILL");
            }
        }
    }

    fn arm(&self, worker: &Worker) {
        self.process.store(worker.id(), Ordering::SeqCst);
        self.armed.store(true, Ordering::SeqCst);
    }
}

/// Starts workers, each killed at the hooked step, then one that finishes the work.
fn kill_some_then_drain(app: &App, victim: &Victim, times: usize) {
    for _ in 0..times {
        let mut worker = app.worker(&[]);
        victim.arm(&worker);
        worker.wait();
    }
    drain(app);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_while_a_page_downloads_loses_nothing() {
    for store in Store::both() {
        for serve in [Serve::Page, Serve::HalfAPage] {
            let blog = Blog::start(ARTICLES).await;
            let app = app(&store, &blog);
            app.run(&["cron"]);
            let victim = Victim::new();
            let (kill, armed) = (victim.killer(), Arc::clone(&victim.armed));
            blog.hook(move |_| {
                if !armed.load(Ordering::SeqCst) {
                    return Serve::Page;
                }
                if serve == Serve::Page {
                    kill();
                }
                serve
            });
            for _ in 0..2 {
                let mut worker = app.worker(&[]);
                victim.arm(&worker);
                if serve == Serve::HalfAPage {
                    wait_for("a half page", || {
                        (0..ARTICLES).any(|n| blog.asked(n) > 0).then_some(())
                    });
                    victim.killer()();
                }
                worker.wait();
            }
            drain(&app);
            assert_all_in_folder(&app, ARTICLES);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_at_any_request_to_misp_loses_and_doubles_nothing() {
    for store in Store::both() {
        for (path, moment, extraction) in [
            ("/events/add", Moment::Before, "local"),
            ("/events/add", Moment::AfterStoring, "local"),
            ("/eventReports/extractAllFromReport", Moment::Before, "misp"),
            (
                "/eventReports/extractAllFromReport",
                Moment::AfterStoring,
                "misp",
            ),
        ] {
            let (blog, misp) = (Blog::start(ARTICLES).await, MispDouble::start().await);
            let app = with_misp(app(&store, &blog), &misp)
                .with("GLEANER__INDICATORS__EXTRACTION", extraction);
            app.run(&["cron", "--no-purge"]);
            let victim = Victim::new();
            let kill = victim.killer();
            misp.hook(move |when, _, asked| {
                if when == moment && asked.starts_with(path) {
                    kill();
                }
            });
            kill_some_then_drain(&app, &victim, 2);
            assert_all_in_misp(&app, &misp, ARTICLES);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_killed_at_any_instant_lose_and_double_nothing() {
    for store in Store::both() {
        let blog = Blog::start(60).await;
        let app = app(&store, &blog);
        app.run(&["cron"]);
        // From before the first claim to the last acknowledgement.
        for after in [15, 25, 35, 45, 55, 70, 85, 100, 120, 150] {
            let mut worker = app.worker(&[]);
            std::thread::sleep(Duration::from_millis(after));
            worker.kill_9();
        }
        drain(&app);
        assert_all_in_folder(&app, 60);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_that_kills_its_workers_is_given_up() {
    let blog = Blog::start(1).await;
    let app = app(&Store::Embedded, &blog).with("GLEANER__STORE__MAX_ATTEMPTS", "2");
    app.run(&["cron"]);
    let victim = Victim::new();
    let kill = victim.killer();
    blog.hook(move |_| {
        kill();
        Serve::Page
    });
    kill_some_then_drain(&app, &victim, 2);
    let dead = app.jobs("dead");
    assert_eq!(dead.len(), 1);
    assert_eq!(
        dead[0]["history"].as_array().unwrap().last().unwrap()["failure"]["reason"],
        "crashed"
    );
    // Brought back, it gets its attempts anew.
    app.run(&["queue", "retry", "--all"]);
    drain(&app);
    assert_all_in_folder(&app, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_article_outlasts_its_lease_and_stays_with_its_worker() {
    for store in Store::both() {
        let blog = Blog::start(1).await;
        let app = app(&store, &blog);
        app.run(&["cron"]);
        // Three times the lease.
        blog.hook(|_| {
            std::thread::sleep(Duration::from_secs(3));
            Serve::Page
        });
        let mut workers = [app.worker(&["--drain"]), app.worker(&["--drain"])];
        for worker in &mut workers {
            assert!(worker.wait().success(), "{}", worker.log());
        }
        assert_eq!(blog.asked(0), 1, "nobody took it over");
        assert_all_in_folder(&app, 1);
        assert_eq!(app.jobs("delivered")[0]["attempts"], 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_worker_hands_back_what_it_cannot_finish() {
    for store in Store::both() {
        let blog = Blog::start(ARTICLES).await;
        let app = app(&store, &blog).with("GLEANER__WORKER__SHUTDOWN_TIMEOUT", "300ms");
        app.run(&["cron"]);
        let stuck = Arc::new(AtomicBool::new(true));
        let still = Arc::clone(&stuck);
        blog.hook(move |_| {
            if still.load(Ordering::SeqCst) {
                Serve::HalfAPage
            } else {
                Serve::Page
            }
        });
        let mut worker = app.worker(&[]);
        wait_for("articles in flight", || {
            (app.status()["running"] == 8).then_some(())
        });
        worker.terminate();
        assert!(worker.wait().success(), "{}", worker.log());
        let status = app.status();
        assert_eq!(
            (&status["running"], &status["waiting"]),
            (&0.into(), &ARTICLES.into()),
            "{}",
            worker.log()
        );
        stuck.store(false, Ordering::SeqCst);
        drain(&app);
        assert_all_in_folder(&app, ARTICLES);
        let attempts: BTreeSet<u64> = app
            .jobs("delivered")
            .iter()
            .map(|job| job["attempts"].as_u64().unwrap())
            .collect();
        assert_eq!(
            attempts,
            BTreeSet::from([1]),
            "handing back counts no attempt"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_stopped_and_started_under_load_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let options = [
        "--appendonly",
        "yes",
        "--appendfsync",
        "always",
        "--dir",
        folder.path().to_str().unwrap(),
    ];
    let Some(mut server) = redis::Server::start(&options) else {
        eprintln!("skipped: no redis-server on the PATH");
        return;
    };
    let blog = Blog::start(200).await;
    let app = app(&Store::Embedded, &blog).with("REDIS_URL", &server.url());
    app.run(&["cron"]);
    let mut workers = [app.worker(&[]), app.worker(&[])];
    for enough in [20, 80] {
        wait_for("some events", || {
            (app.events().len() >= enough).then_some(())
        });
        server.kill();
        std::thread::sleep(Duration::from_millis(400));
        server.restart();
    }
    wait_for("all to be done", || {
        let status = app.status();
        (status["waiting"] == 0 && status["running"] == 0 && status["later"] == 0).then_some(())
    });
    for worker in &mut workers {
        assert!(worker.is_running(), "{}", worker.log());
        worker.terminate();
        assert!(worker.wait().success(), "{}", worker.log());
    }
    assert_all_in_folder(&app, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_redis_takes_no_new_articles_and_lets_the_others_end() {
    let Some(server) = redis::Server::start(&["--maxmemory-policy", "noeviction"]) else {
        eprintln!("skipped: no redis-server on the PATH");
        return;
    };
    let maxmemory = |bytes: &str| {
        let port = server.port().to_string();
        let set = ["-p", &port, "config", "set", "maxmemory", bytes];
        assert!(
            std::process::Command::new("redis-cli")
                .args(set)
                .output()
                .unwrap()
                .status
                .success()
        );
    };
    let blog = Blog::start(10).await;
    let app = app(&Store::Embedded, &blog).with("REDIS_URL", &server.url());
    app.run(&["cron"]);
    maxmemory("1");
    drain(&app);
    assert_all_in_folder(&app, 10);
    blog.grow_to(15);
    let full = app.output(&["cron"]);
    assert_eq!(full.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&full.stderr);
    assert!(
        errors.contains("maxmemory") || errors.contains("full"),
        "{errors}"
    );
    maxmemory("0");
    assert_eq!(
        app.json(&["cron"])["feeds"][0]["new"],
        5,
        "nothing was forgotten"
    );
    drain(&app);
    assert_all_in_folder(&app, 15);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_misp_gets_every_article_once_it_is_well_again() {
    for fault in [
        Fault::Status(500, r#"{"name":"An Internal Error Has Occurred."}"#),
        Fault::Status(
            403,
            r#"{"name":"Authentication failed.","message":"Authentication failed.","url":"/events/add"}"#,
        ),
        Fault::Redirect("/users/login"),
        Fault::Status(200, "<html>not JSON</html>"),
        Fault::Empty,
        Fault::BreakOff,
        Fault::Slow(Duration::from_secs(4)),
    ] {
        for moment in [Moment::Before, Moment::AfterStoring] {
            let (blog, misp) = (Blog::start(3).await, MispDouble::start().await);
            let app = with_misp(app(&Store::Embedded, &blog), &misp);
            app.run(&["cron", "--no-purge"]);
            misp.fault("/events/add", moment, 3, fault.clone());
            drain(&app);
            assert_all_in_misp(&app, &misp, 3);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_misp_that_stays_away_leaves_dead_letters_with_reason_that_can_be_brought_back() {
    let (blog, misp) = (Blog::start(2).await, MispDouble::start().await);
    let app =
        with_misp(app(&Store::Embedded, &blog), &misp).with("GLEANER__STORE__MAX_ATTEMPTS", "2");
    app.run(&["cron", "--no-purge"]);
    misp.fault("/", Moment::Before, 1000, Fault::Status(500, "{}"));
    drain(&app);
    let dead = app.jobs("dead");
    assert_eq!(dead.len(), 2);
    for job in &dead {
        let history = job["history"].as_array().unwrap();
        assert_eq!(history.len(), 2, "{job}");
        assert_eq!(history[1]["failure"]["reason"], "destination-down", "{job}");
    }
    misp.forget_faults();
    app.run(&["queue", "retry", "--all"]);
    drain(&app);
    assert_all_in_misp(&app, &misp, 2);
}

/// Mounts a small file system; `None` where that is not permitted.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(path: &std::path::Path, size: &str) -> Option<Self> {
        std::fs::create_dir_all(path).unwrap();
        mount(&[
            "-t",
            "tmpfs",
            "-o",
            &format!("size={size}"),
            "tmpfs",
            path.to_str().unwrap(),
        ])
        .then(|| Self(path.to_owned()))
    }

    fn grow(&self, size: &str) {
        assert!(mount(&[
            "-o",
            &format!("remount,size={size}"),
            self.0.to_str().unwrap()
        ]));
    }
}

fn mount(arguments: &[&str]) -> bool {
    std::process::Command::new("mount")
        .args(arguments)
        .output()
        .is_ok_and(|output| output.status.success())
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount")
            .arg("-l")
            .arg(&self.0)
            .status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_delays_delivery_and_leaves_no_half_file() {
    let blog = Blog::start(40).await;
    let app = app(&Store::Embedded, &blog);
    let folder = app.folder().join("gleaner-data/misp-feed");
    let Some(disk) = SmallDisk::mount(&folder, "64k") else {
        eprintln!("skipped: mounting a file system is not permitted here");
        return;
    };
    app.run(&["cron"]);
    let mut worker = app.worker(&[]);
    wait_for("a failed delivery", || {
        worker.log().contains("storage").then_some(())
    });
    for path in app.events() {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            serde_json::from_str::<serde_json::Value>(&text).is_ok(),
            "{} is whole",
            path.display()
        );
    }
    disk.grow("16m");
    wait_for("all to be delivered", || {
        (app.jobs("delivered").len() == 40).then_some(())
    });
    worker.terminate();
    assert!(worker.wait().success(), "{}", worker.log());
    assert_all_in_folder(&app, 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_crons_at_once_publish_nothing_twice() {
    for store in Store::both() {
        let blog = Blog::start(50).await;
        let app = Arc::new(app(&store, &blog));
        let new: Arc<Mutex<Vec<u64>>> = Arc::default();
        let crons: Vec<_> = (0..4)
            .map(|_| {
                let (app, new) = (Arc::clone(&app), Arc::clone(&new));
                std::thread::spawn(move || {
                    let report = app.json(&["cron"]);
                    new.lock()
                        .unwrap()
                        .push(report["feeds"][0]["new"].as_u64().unwrap());
                })
            })
            .collect();
        for cron in crons {
            cron.join().unwrap();
        }
        assert_eq!(new.lock().unwrap().iter().sum::<u64>(), 50);
        assert_eq!(app.status()["waiting"], 50);
        blog.grow_to(53);
        assert_eq!(app.json(&["cron"])["feeds"][0]["new"], 3);
    }
}
