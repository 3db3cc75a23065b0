//! Starting, stopping, TLS, health and metrics.

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::world::{Server, submit, with_token, without_feeds};
use crate::support::app::{Store, wait_for};
use crate::support::redis;

#[test]
fn others_are_let_in_only_to_log_in() {
    let app = without_feeds(&Store::Embedded);
    for listen in ["0.0.0.0:0", "[::]:0"] {
        let app = without_feeds(&Store::Embedded).with("GLEANER__SERVE__LISTEN", listen);
        for command in [&["serve"][..], &["config", "check"]] {
            let output = app.output(command);
            let errors = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(3), "{errors}");
            assert!(errors.contains("`serve.listen`"), "{errors}");
            assert!(errors.contains("--new-token"), "says the remedy: {errors}");
        }
    }
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = app
        .with("GLEANER__SERVE__LISTEN", &address)
        .output(&["serve"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(
        errors.contains(&address) && errors.contains("serve.listen"),
        "{errors}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_token_others_may_come() {
    let (app, token) = with_token(&Store::Embedded);
    let app = app.with("GLEANER__SERVE__LISTEN", "0.0.0.0:0");
    let server = Server::start(&app);
    let port = server.host().rsplit(':').next().unwrap().to_owned();
    let client = super::world::Client::new(&format!("http://127.0.0.1:{port}"));
    client.get("/api/v1/feeds").await.is_problem(401);
    client.get("/metrics").await.is_problem(401);
    let authorized = super::world::Client::new(&format!("http://127.0.0.1:{port}"))
        .with("authorization", &format!("Bearer {token}"));
    assert_eq!(authorized.get("/metrics").await.status, 200);
    assert_eq!(client.get("/healthz").await.body, "ok\n");
    assert_eq!(client.get("/readyz").await.body, "ready\n");
}

#[test]
fn a_token_needs_a_name_that_can_be_one() {
    let app = without_feeds(&Store::Embedded);
    for name in ["", "a b", "a.b", "\u{fc}"] {
        let output = app.output(&["serve", "--new-token", name]);
        assert_eq!(output.status.code(), Some(2), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn systemd_is_told_and_requests_finish_before_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("notify");
    let listener = UnixDatagram::bind(&socket).unwrap();
    listener
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let app = without_feeds(&Store::Embedded).with("NOTIFY_SOCKET", socket.to_str().unwrap());
    let mut server = Server::start(&app);
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
    // One that is half sent when the end is near.
    let mut half = TcpStream::connect(server.host()).await.unwrap();
    let body = r#"{"url": "https://blog.example/a"}"#;
    let request = format!(
        "POST /api/v1/articles HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let (first, last) = body.split_at(10);
    half.write_all(format!("{request}{first}").as_bytes())
        .await
        .unwrap();
    half.flush().await.unwrap();
    // So that the server has read the head before it is told to stop.
    assert_eq!(server.client().get("/healthz").await.status, 200);
    tokio::time::sleep(Duration::from_millis(300)).await;
    server.terminate();
    heard("STOPPING=1");
    half.write_all(last.as_bytes()).await.unwrap();
    let mut answer = String::new();
    half.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
    assert!(server.wait().success(), "{}", server.log());
    assert!(TcpStream::connect(server.host()).await.is_err());
    assert_eq!(app.status()["waiting"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listening_socket_may_be_handed_over() {
    let app = without_feeds(&Store::Embedded);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serve = app.command(&["serve"]);
    let mut command = Command::new("/bin/sh");
    command
        .args([
            "-c",
            "exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" serve",
        ])
        .arg(serve.get_program())
        .current_dir(app.folder())
        .env_clear()
        .envs(
            serve
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdin(OwnedFd::from(listener));
    let server = Server::of(&app, command);
    assert_eq!(server.host(), address.to_string());
    assert_eq!(server.client().get("/healthz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_down_is_said_and_ends_nothing() {
    if !redis::server_on_path() {
        return;
    }
    let mut store = redis::Server::start(&["--appendonly", "yes"]).unwrap();
    let app = without_feeds(&Store::Embedded).with("REDIS_URL", &store.url());
    let server = Server::start(&app);
    let client = server.client();
    let id = submit(&client, "https://blog.example/a").await;
    store.kill();
    // What is remembered for a moment has to be forgotten first.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let down = client.get("/readyz").await;
    down.is_problem(503);
    assert!(!down.body.contains("127.0.0.1"), "{}", down.body);
    assert_eq!(client.get("/healthz").await.status, 200);
    assert_eq!(client.get("/").await.status, 503);
    client
        .get(&format!("/api/v1/articles/{id}"))
        .await
        .is_problem(503);
    let metrics = client.get("/metrics").await;
    assert!(
        metrics.body.contains("\ngleaner_queue_up 0\n"),
        "{}",
        metrics.body
    );
    store.restart();
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    while client.get("/readyz").await.status != 200 {
        assert!(std::time::Instant::now() < deadline, "{}", server.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(
        client.get(&format!("/api/v1/articles/{id}")).await.status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_tell_what_happens() {
    for store in Store::both() {
        let app = without_feeds(&store);
        let feed = serde_json::json!({"title": "Blog", "url": "http://127.0.0.1:9/feed"});
        app.write(
            "feeds.json",
            &serde_json::json!({"feeds": [feed]}).to_string(),
        );
        let server = Server::start(&app);
        let client = server.client();
        let id = submit(&client, "https://blog.example/a").await;
        client.get(&format!("/api/v1/articles/{id}")).await;
        client.get("/made/up/1").await;
        client.get("/made/up/2").await;
        let answer = client.get("/metrics").await;
        assert!(
            answer
                .header("content-type")
                .starts_with("text/plain; version=0.0.4")
        );
        for line in [
            "gleaner_queue_jobs{state=\"waiting\"} 1",
            "gleaner_queue_jobs{state=\"dead\"} 0",
            "gleaner_queue_up 1",
            "gleaner_feeds{state=\"new\"} 1",
            "gleaner_submissions_total{outcome=\"queued\"} 1",
            "gleaner_http_requests_total{method=\"POST\",route=\"/api/v1/articles\",status=\"202\"} 1",
            "gleaner_http_requests_total{method=\"GET\",route=\"/api/v1/articles/{id}\",status=\"200\"} 1",
            "gleaner_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 2",
            concat!(
                "gleaner_build_info{version=\"",
                env!("CARGO_PKG_VERSION"),
                "\"} 1"
            ),
            "# TYPE gleaner_http_request_duration_seconds histogram",
        ] {
            assert!(
                answer.body.lines().any(|found| found == line),
                "{line}\n{}",
                answer.body
            );
        }
        assert!(
            !answer.body.contains("made"),
            "nothing of what clients make up"
        );
    }
}

/// Writes a new certificate for `localhost`, and answers what trusts it and nothing else.
fn certify(folder: &Path) -> RootCertStore {
    gleaner::http::install_crypto_provider();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    roots
}

/// Asks over TLS. `None`: the certificate is not trusted.
async fn ask(server: &Server, roots: &RootCertStore, path: &str) -> Option<String> {
    // A new one each time: it would take up an old session and not look at the certificate.
    let config = ClientConfig::builder()
        .with_root_certificates(roots.clone())
        .with_no_client_auth();
    let tls = TlsConnector::from(Arc::new(config));
    let stream = TcpStream::connect(server.host()).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = tls.connect(name, stream).await.ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    Some(answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_taken_when_they_change() {
    let app = without_feeds(&Store::Embedded)
        .with("GLEANER__SERVE__TLS_CERT", "cert.pem")
        .with("GLEANER__SERVE__TLS_KEY", "key.pem");
    let old = certify(app.folder());
    let server = Server::start(&app);
    assert!(server.address().starts_with("https://"));
    let answer = ask(&server, &old, "/").await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let head = answer.to_ascii_lowercase();
    assert!(
        head.contains("strict-transport-security: max-age=31536000"),
        "{head}"
    );
    assert!(
        head.contains("set-cookie: __host-gleaner_session=") && head.contains("; secure"),
        "{head}"
    );

    // What cannot be used is said, and the old one stays.
    let good = std::fs::read(app.folder().join("cert.pem")).unwrap();
    app.write("cert.pem", "nonsense");
    wait_for("the fault", || {
        server
            .log()
            .contains("the changed certificate is not used")
            .then_some(())
    });
    assert!(ask(&server, &old, "/healthz").await.is_some());
    std::fs::write(app.folder().join("cert.pem"), good).unwrap();

    let new = certify(app.folder());
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    while ask(&server, &new, "/healthz").await.is_none() {
        assert!(std::time::Instant::now() < deadline, "{}", server.log());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(ask(&server, &old, "/healthz").await.is_none());
    // Plain text gets no answer, and harms nobody.
    let mut plain = TcpStream::connect(server.host()).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP/"));
}
