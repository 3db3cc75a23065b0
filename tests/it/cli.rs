//! The commands as a person or a crontab calls them.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use crate::support::app::{App, Store, wait_for};
use crate::support::misp::{MispDouble, Role};
use crate::support::pages::Blog;

#[test]
fn run_demo_makes_events_with_no_configuration_redis_or_misp() {
    let folder = tempfile::tempdir().unwrap();
    let run = || {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_gleaner"))
            .args(["run", "--demo"])
            .current_dir(folder.path())
            .env_clear()
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let shown = run();
    assert!(
        shown.starts_with("2 feeds, 4 entries, 3 of them new\n"),
        "{shown}"
    );
    assert!(
        shown.contains("3 delivered, 0 skipped, 0 given up, 0 left"),
        "{shown}"
    );
    assert!(shown.contains("GreyHeron"), "{shown}");
    let events = folder.path().join("gleaner-data/demo-misp-feed");
    let manifest = std::fs::read_to_string(events.join("manifest.json")).unwrap();
    let manifest: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest.len(), 3);
    let reports: Vec<String> = manifest
        .keys()
        .map(|uuid| std::fs::read_to_string(events.join(format!("{uuid}.json"))).unwrap())
        .collect();
    assert!(
        reports
            .iter()
            .any(|report| report.contains("cdn.spool-status[.]example")),
        "the table is in a report"
    );
    assert!(
        reports
            .iter()
            .any(|report| report.contains("2001:db8:44::53")),
        "the hidden appendix is in a report"
    );
    assert!(
        reports
            .iter()
            .all(|report| !report.contains("Related posts") && !report.contains("Great post"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cron_ends_with_a_status_a_crontab_can_use() {
    let blog = Blog::start(2).await;
    let good: serde_json::Value = serde_json::from_str(&blog.feed_list()).unwrap();
    let good = good["feeds"][0].clone();
    // Port 9 of loopback: nobody listens.
    let bad = serde_json::json!({"title": "Down", "url": "http://127.0.0.1:9/feed", "tags": []});

    let app = App::new(&Store::Embedded);
    app.write(
        "feeds.json",
        &serde_json::json!({"feeds": [good, bad]}).to_string(),
    );
    let output = app.output(&["cron"]);
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(output.status.code(), Some(0), "{out}{err}");
    assert!(
        out.contains("polled        2 entries     2 new  Blog"),
        "{out}"
    );
    assert!(out.contains("failed"), "{out}");
    assert!(
        err.contains("feed \"Down\": connect:") && err.contains("127.0.0.1:9"),
        "{err}"
    );

    let app = App::new(&Store::Embedded);
    app.write(
        "feeds.json",
        &serde_json::json!({"feeds": [bad]}).to_string(),
    );
    assert_eq!(
        app.output(&["cron"]).status.code(),
        Some(1),
        "nothing could be done"
    );
    // It backs off now, and says so; there is nothing wrong with that.
    let again = app.output(&["cron"]);
    assert_eq!(again.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&again.stdout).contains("not-due"));
}

#[test]
fn a_store_that_is_not_there_is_named_without_its_password() {
    let app = App::new(&Store::Embedded).with("REDIS_URL", "redis://gleaner:hunter2@127.0.0.1:9/0");
    app.write("feeds.json", r#"{"feeds": []}"#);
    let output = app.output(&["cron"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        errors.contains("127.0.0.1:9") && !errors.contains("hunter2"),
        "{errors}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn systemd_is_told_when_the_worker_is_ready_alive_and_stopping() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("notify");
    let listener = UnixDatagram::bind(&socket).unwrap();
    listener
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let app = App::new(&Store::Embedded)
        .with("NOTIFY_SOCKET", socket.to_str().unwrap())
        .with("WATCHDOG_USEC", "900000");
    app.write("feeds.json", r#"{"feeds": []}"#);
    let mut worker = app.worker(&[]);
    let heard = |wanted: &str| {
        let mut buffer = [0; 256];
        wait_for(wanted, || {
            let length = listener.recv(&mut buffer).unwrap();
            String::from_utf8_lossy(&buffer[..length])
                .contains(wanted)
                .then_some(())
        });
    };
    heard("READY=1");
    heard("WATCHDOG=1");
    heard("WATCHDOG=1");
    worker.terminate();
    heard("STOPPING=1");
    assert!(worker.wait().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_asked_politely_by_all_workers_together() {
    for store in Store::both() {
        let blog = Blog::start(5).await;
        let times = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let seen = std::sync::Arc::clone(&times);
        blog.hook(move |_| {
            seen.lock().unwrap().push(std::time::Instant::now());
            crate::support::pages::Serve::Page
        });
        let app = App::new(&store).with("GLEANER__ARTICLE__HOST_INTERVAL", "1s");
        app.write("feeds.json", &blog.feed_list());
        app.run(&["cron"]);
        let mut workers = [app.worker(&["--drain"]), app.worker(&["--drain"])];
        for worker in &mut workers {
            assert!(worker.wait().success(), "{}", worker.log());
        }
        assert_eq!(
            app.jobs("delivered").len(),
            5,
            "{}\n{}{}",
            app.run(&["queue", "list"]),
            workers[0].log(),
            workers[1].log()
        );
        let mut times = times.lock().unwrap().clone();
        times.sort();
        for pair in times.windows(2) {
            // Slack for the way from the store's clock to the request, on a machine that does much besides.
            assert!(
                pair[1] - pair[0] > Duration::from_millis(500),
                "{:?}",
                pair[1] - pair[0]
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_in_no_log_and_an_article_is_one_line() {
    let (blog, misp) = (Blog::start(2).await, MispDouble::start().await);
    let app = App::new(&Store::Embedded)
        .with("MISP_URL", misp.url())
        .with("MISP_KEY", &Role::Admin.key());
    app.write("feeds.json", &blog.feed_list());
    app.run(&["cron", "--no-purge"]);
    let mut worker = app.worker(&["--drain", "--log", "gleaner=info"]);
    assert!(worker.wait().success());
    let log = worker.log();
    for number in 0..2 {
        let lines = log
            .lines()
            .filter(|line| line.contains(&format!("/articles/{number}")))
            .count();
        assert_eq!(lines, 1, "{log}");
    }
    app.run(&["queue", "retry", "--all"]);
    let output = app.output(&["--log", "trace", "cron", "--force"]);
    let traced = String::from_utf8_lossy(&output.stderr);
    assert!(traced.contains("TRACE"), "traced");
    assert!(!traced.contains(&Role::Admin.key()) && !log.contains(&Role::Admin.key()));
}
