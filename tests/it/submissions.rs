//! What people hand in: its way through the whole program, and what they see of it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use gleaner::article::MediaType;
use gleaner::feeds::entry::Entry;
use gleaner::queue::{Body, Hour, Job, Published, Source, Step, Submission};
use gleaner::worker::result::Extracted;
use serde_json::Value;

use crate::support::app::{App, Store, wait_for};
use crate::support::blog::{Blog, Reply};
use crate::support::misp::{Fault, MispDouble, Moment, Role};
use crate::support::pdf;

const HASH: &str = "3f0e4c1a9b8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f";

/// Nobody answers there: whoever downloads it fails.
const NOWHERE: &str = "https://behind-a-login.example/report";

fn text() -> String {
    let filler =
        "The campaign was followed for some weeks, and this is what was found on the way. ";
    format!(
        "The loader asks hxxps://cdn.evil-update[.]top/a.php for its payload, SHA-256 {HASH}. {}",
        filler.repeat(6)
    )
}

fn html() -> String {
    format!(
        "<!doctype html><html lang=en><head><title>From behind a login</title></head>\
         <body><article><h1>From behind a login</h1><p>{}</p></article></body></html>",
        text()
    )
}

fn job(url: &str) -> Job {
    let entry = Entry {
        link: url.into(),
        link_as_given: url.into(),
        title: String::new(),
        guid: None,
        published: None,
        updated: None,
        categories: Vec::new(),
    };
    Job::new(entry, Source::manual())
}

fn with_page(url: &str, media_type: MediaType, bytes: impl Into<Vec<u8>>) -> Job {
    let mut job = job(url).submitted(Submission {
        user: Some("alice".into()),
        remote: Some("::ffff:192.0.2.7".parse().unwrap()),
        again: false,
        body: Some(Body {
            file_name: Some("report".into()),
            ..Body::new(media_type, bytes.into())
        }),
    });
    job.source.tags = vec!["tlp:amber".into(), "case:7".into()];
    job
}

async fn submit(app: &App, job: &Job) {
    let queue = app.queue().await;
    let answers = queue.publish(std::slice::from_ref(job)).await.unwrap();
    assert_eq!(answers, [Published::New]);
}

fn drain(app: &App) {
    app.run(&["subscribe", "--drain"]);
}

/// The one event in the feed folder.
fn event_file(app: &App) -> Value {
    let events = app.events();
    assert_eq!(events.len(), 1, "{:?}", app.run(&["queue", "list"]));
    let event: Value = serde_json::from_slice(&std::fs::read(&events[0]).unwrap()).unwrap();
    event["Event"].clone()
}

fn value_of<'a>(event: &'a Value, comment: &str) -> Option<&'a str> {
    let attributes = event["Attribute"].as_array().unwrap();
    let found = attributes.iter().find(|it| it["comment"] == comment)?;
    assert_eq!(found["type"], "comment");
    assert_eq!(
        (&found["to_ids"], &found["disable_correlation"]),
        (&false.into(), &true.into())
    );
    found["value"].as_str()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submitted_page_is_read_and_not_downloaded() {
    let lines: Vec<String> = text().split(". ").map(|line| format!("{line}.")).collect();
    let lines: Vec<&str> = std::iter::once("A report on a loader")
        .chain(lines.iter().map(String::as_str))
        .collect();
    for (media_type, bytes, title) in [
        (MediaType::Html, html().into_bytes(), "From behind a login"),
        (
            MediaType::Markdown,
            format!("# In Markdown\n\n{}", text()).into_bytes(),
            "In Markdown",
        ),
        (MediaType::Text, text().into_bytes(), ""),
        (
            MediaType::Pdf,
            pdf::document(&lines),
            "A report on a loader",
        ),
    ] {
        for store in Store::both() {
            let app = App::new(&store);
            let submitted = with_page(NOWHERE, media_type, bytes.clone());
            submit(&app, &submitted).await;
            drain(&app);
            let event = event_file(&app);
            let info = event["info"].as_str().unwrap();
            assert!(info.contains(title), "{media_type:?}: {info}");
            assert_eq!(value_of(&event, "Remote IP"), Some("192.0.2.7"));
            assert_eq!(value_of(&event, "Submitted by"), Some("alice"));
            let page = value_of(&event, "Submitted page").unwrap();
            assert!(page.starts_with("report, "), "{page}");
            let tags: Vec<&str> = event["Tag"]
                .as_array()
                .unwrap()
                .iter()
                .map(|tag| tag["name"].as_str().unwrap())
                .collect();
            assert!(tags.contains(&"tlp:amber") && tags.contains(&"case:7"));
            assert_eq!(tags.iter().filter(|tag| tag.starts_with("tlp:")).count(), 1);
            assert!(event.to_string().contains(HASH), "{media_type:?}");
            assert!(
                app.queue()
                    .await
                    .body(&submitted.id)
                    .await
                    .unwrap()
                    .is_none()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_extracted_can_be_read_and_hours_are_counted() {
    for store in Store::both() {
        let app = App::new(&store);
        let submitted = with_page(NOWHERE, MediaType::Html, html());
        submit(&app, &submitted).await;
        submit(
            &app,
            &with_page("https://a.example/empty", MediaType::Text, "  "),
        )
        .await;
        let app = app.with("GLEANER__STORE__MAX_ATTEMPTS", "1");
        drain(&app);
        let queue = app.queue().await;
        let packed = queue.result(&submitted.id).await.unwrap().unwrap();
        let extracted = Extracted::unpack(&packed).unwrap();
        assert_eq!(extracted.title, "From behind a login");
        assert_eq!(extracted.url, NOWHERE);
        let hash = extracted.indicators.iter().find(|it| it.value == HASH);
        let hash = hash.unwrap();
        assert_eq!(
            (hash.kind.as_str(), hash.verdict.as_str()),
            ("sha256", "detect")
        );
        assert!(hash.to_ids && !hash.reason.is_empty());
        assert!(hash.sentence.starts_with("The loader asks"), "{hash:?}");
        assert!(hash.sentence.ends_with(&format!("{HASH}.")), "{hash:?}");
        assert!(extracted.report.contains("followed for some weeks"));
        assert!(
            extracted.notes[0].contains("indicators"),
            "{:?}",
            extracted.notes
        );
        assert!(!extracted.cut);

        let hours = queue.hours().await.unwrap();
        let sum = |of: &dyn Fn(&Hour) -> u64| hours.iter().map(of).sum::<u64>();
        assert_eq!((sum(&|hour| hour.delivered), sum(&Hour::died)), (1, 1));
        let count = |step: Step| sum(&|hour| hour.steps.get(&step).map_or(0, |time| time.count));
        let counted = Step::ALL.map(count);
        assert_eq!(counted, [2, 2, 1, 1]);
        assert!(sum(&|hour| hour.steps.values().map(|time| time.micros).sum()) > 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_analyst_deleted_comes_again_when_it_is_asked_for() {
    let blog = Blog::start().await;
    blog.set("/a", Reply::ok(html()).header("content-type", "text/html"));
    let misp = MispDouble::start().await;
    let app = App::new(&Store::Embedded)
        .with("MISP_URL", misp.url())
        .with("MISP_KEY", &Role::Admin.key())
        .with("GLEANER__MISP_FEED__PATH", "feed");
    submit(&app, &job(&blog.url("/a"))).await;
    drain(&app);
    let deleted = misp.state().events.pop_first().unwrap().1;
    misp.state().blocklist.push(deleted.uuid.clone());
    // It fails once in between: the next attempt makes the same event.
    misp.fault("/events/add", Moment::AfterStoring, 1, Fault::BreakOff);
    let said = app.run(&["queue", "again", &blog.url("/a")]);
    assert!(said.starts_with("published again as "), "{said}");
    drain(&app);
    let events: Vec<String> = misp
        .state()
        .events
        .values()
        .map(|it| it.uuid.clone())
        .collect();
    assert_eq!(events.len(), 1, "{}", app.run(&["queue", "list"]));
    assert_ne!(events[0], deleted.uuid);
    let delivered = app.jobs("delivered");
    assert_eq!(delivered.len(), 2);
    // Without being asked for it does not.
    let queue = app.queue().await;
    let answers = queue.publish(&[job(&blog.url("/a"))]).await.unwrap();
    let known = queue.id_of_link(&blog.url("/a")).await.unwrap().unwrap();
    assert_eq!(answers, [Published::Known(known.clone())]);
    assert!(said.contains(&known), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn again_makes_a_second_file_in_the_feed_folder() {
    let blog = Blog::start().await;
    // A page that calls itself another address, which is known.
    let canonical = format!("<link rel=canonical href='{}'>", blog.url("/b"));
    let page = html().replace("</head>", &format!("{canonical}</head>"));
    for path in ["/a", "/b"] {
        blog.set(
            path,
            Reply::ok(page.clone()).header("content-type", "text/html"),
        );
    }
    let app = App::new(&Store::Embedded);
    submit(&app, &job(&blog.url("/b"))).await;
    drain(&app);
    submit(&app, &job(&blog.url("/a"))).await;
    drain(&app);
    assert_eq!(app.jobs("skipped").len(), 1);
    assert_eq!(app.events().len(), 1);
    let skipped = app.jobs("skipped")[0]["job"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    app.run(&["queue", "again", &skipped, &blog.url("/b")]);
    drain(&app);
    assert_eq!(app.events().len(), 3);
    // One that no job is known of.
    blog.set("/c", Reply::ok(html()).header("content-type", "text/html"));
    app.run(&["queue", "again", &blog.url("/c")]);
    drain(&app);
    assert_eq!(app.events().len(), 4);
    let output = app.output(&["queue", "again", "ffffffff"]);
    assert!(!output.status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submitted_page_outlives_killed_workers_and_death() {
    for store in Store::both() {
        let misp = MispDouble::start().await;
        let app = App::new(&store)
            .with("MISP_URL", misp.url())
            .with("MISP_KEY", &Role::Admin.key())
            .with("GLEANER__STORE__MAX_ATTEMPTS", "2");
        let submitted = with_page(NOWHERE, MediaType::Html, html());
        let slow = Fault::Slow(Duration::from_secs(60));
        misp.fault("/events/add", Moment::Before, 1, slow);
        submit(&app, &submitted).await;
        let mut worker = app.worker(&[]);
        wait_for("the worker to deliver", || {
            (misp.count("/events/add") > 0).then_some(())
        });
        worker.kill_9();
        // The second attempt fails as well: now it is dead.
        misp.fault("/events/add", Moment::Before, 100, Fault::Status(503, ""));
        drain(&app);
        assert_eq!(app.status()["dead"], 1);
        let queue = app.queue().await;
        let body = queue.body(&submitted.id).await.unwrap();
        assert_eq!(body.unwrap(), html().as_bytes());
        misp.forget_faults();
        app.run(&["queue", "retry", &submitted.id]);
        drain(&app);
        assert_eq!(misp.state().events.len(), 1);
        assert_eq!(queue.body(&submitted.id).await.unwrap(), None);
        // Its page is gone with it: it cannot be taken again from here.
        let output = app.output(&["queue", "again", &submitted.id]);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(errors.contains("submit it again"), "{errors}");
    }
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_shows_its_health_and_numbers() {
    let app = App::new(&Store::Embedded).with("GLEANER__WORKER__METRICS", "127.0.0.1:0");
    submit(&app, &with_page(NOWHERE, MediaType::Html, html())).await;
    submit(
        &app,
        &with_page("https://a.example/pdf", MediaType::Pdf, "%PDF-no"),
    )
    .await;
    let worker = app.worker(&[]);
    let address = wait_for("its address", || {
        let log = worker.log();
        let at = log.find("127.0.0.1:")?;
        let rest = log.get(at..)?;
        let end = rest.find(|c: char| !c.is_ascii_digit() && !".:".contains(c))?;
        Some(rest.get(..end)?.to_owned())
    });
    assert!(get(&address, "/healthz").starts_with("HTTP/1.1 200"));
    assert!(get(&address, "/readyz").starts_with("HTTP/1.1 200"));
    assert!(get(&address, "/").starts_with("HTTP/1.1 404"));
    let metrics = wait_for("both articles to end", || {
        let text = get(&address, "/metrics");
        let ended = text.contains("gleaner_queue_jobs{state=\"waiting\"} 0")
            && text.contains("gleaner_queue_jobs{state=\"running\"} 0");
        ended.then_some(text)
    });
    for line in [
        "gleaner_articles_total{outcome=\"delivered\",reason=\"\"} 1",
        "gleaner_articles_total{outcome=\"dead\",reason=\"wrong-media-type\"} 1",
        "gleaner_step_duration_seconds_count{step=\"fetch\"} 2",
        "gleaner_step_duration_seconds_count{step=\"deliver\"} 1",
        "gleaner_articles_in_flight 0",
        "gleaner_leases_claimed_total 2",
        "gleaner_queue_jobs{state=\"dead\"} 1",
        "gleaner_queue_up 1",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
    worker.terminate();
}
