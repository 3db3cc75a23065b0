//! Too much, too often, too slow.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::world::{Client, Server, without_feeds};
use crate::support::app::{App, Store};

fn app() -> App {
    without_feeds(&Store::Embedded)
        .with("GLEANER__SERVE__HEADER_TIMEOUT", "1s")
        .with("GLEANER__SERVE__REQUEST_TIMEOUT", "1s")
        .with("GLEANER__SERVE__MAX_BODY", "16KiB")
}

/// A connection, and a bound for how long a test waits for what must come.
fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.host()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    stream
}

/// Everything the server says until it hangs up.
fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        Err(error) => panic!("the server did not hang up: {error}"),
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_often_waits() {
    let app = app().with("GLEANER__SERVE__RATE_LIMIT", "4");
    let server = Server::start(&app);
    let client = server.client();
    for _ in 0..4 {
        assert_eq!(client.get("/").await.status, 200);
    }
    let refused = client.get("/api/v1/feeds").await;
    refused.is_problem(429);
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=15).contains(&wait), "{wait}");
    let page = client.get("/").await;
    assert!(
        page.body.contains("<h1>Too Many Requests</h1>"),
        "{}",
        page.body
    );
    // Those who look after the service are not kept out.
    assert_eq!(client.get("/healthz").await.status, 200);
    assert_eq!(client.get("/readyz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_are_not_read() {
    let app = app();
    let server = Server::start(&app);
    let length =
        "POST /api/v1/articles HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let mut declared = connect(&server);
    write!(
        declared,
        "{length}Content-Length: 999999999999\r\nExpect: 100-continue\r\n\r\n"
    )
    .unwrap();
    let answer = rest(&mut declared);
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("serve.max_body"), "{answer}");

    let mut chunked = connect(&server);
    write!(chunked, "{length}Transfer-Encoding: chunked\r\n\r\n").unwrap();
    for _ in 0..5 {
        let chunk = "x".repeat(4096);
        if write!(chunked, "1000\r\n{chunk}\r\n").is_err() {
            break;
        }
    }
    let answer = rest(&mut chunked);
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");

    let client = server.client();
    let text = "x".repeat(20_000);
    let form = client.fill("/", "/submit", &[("urls", &text)]).await;
    assert_eq!(form.status, 413);
    assert!(form.body.contains("<h1>"), "as a page: {}", form.body);
    // And what just fits is read.
    let fits = json!({"url": format!("https://a.example/{}", "a".repeat(8000))});
    let answer = client.post_json("/api/v1/articles", &fits).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_and_half_closed_requests_are_cut_off() {
    let app = app();
    let server = Server::start(&app);
    let begun = Instant::now();
    let mut silent = connect(&server);
    let mut half_a_head = connect(&server);
    write!(half_a_head, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").unwrap();
    let mut half_a_body = connect(&server);
    write!(
        half_a_body,
        "POST /api/v1/articles HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
    )
    .unwrap();
    let mut half_closed = connect(&server);
    write!(half_closed, "GET / HTTP/1.1\r\nHost: local").unwrap();
    half_closed.shutdown(std::net::Shutdown::Write).unwrap();
    let mut kept_alive = connect(&server);
    write!(
        kept_alive,
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    )
    .unwrap();

    assert_eq!(rest(&mut half_closed), "");
    assert_eq!(rest(&mut silent), "");
    assert_eq!(rest(&mut half_a_head), "");
    let answer = rest(&mut half_a_body);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    let answer = rest(&mut kept_alive);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(begun.elapsed() < Duration::from_secs(30));
    assert_eq!(
        server.client().get("/").await.status,
        200,
        "all the while it serves"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_client_does_not_take_all_connections() {
    let app = app()
        .with("GLEANER__SERVE__MAX_CONNECTIONS", "8")
        .with("GLEANER__SERVE__HEADER_TIMEOUT", "20s");
    let server = Server::start(&app);
    let mut held: Vec<_> = (0..2).map(|_| connect(&server)).collect();
    // A quarter of eight is two: the next one is closed unheard.
    let mut third = connect(&server);
    let _ = write!(
        third,
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    );
    assert_eq!(rest(&mut third), "");
    held.clear();
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let mut again = connect(&server);
        let _ = write!(
            again,
            "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        );
        if rest(&mut again).starts_with("HTTP/1.1 200 ") {
            break;
        }
        assert!(Instant::now() < deadline, "places are free again");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_answered_or_cut_off_and_never_fatal() {
    let app = app();
    let mut server = Server::start(&app);
    for bytes in [
        &b"\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /%ff%00/../.. HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nx",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"CONNECT evil.example:80 HTTP/1.1\r\nHost: evil.example:80\r\nConnection: close\r\n\r\n",
    ] {
        let mut stream = connect(&server);
        let _ = stream.write_all(bytes);
        let answer = rest(&mut stream);
        let status = answer.get(9..12).unwrap_or_default();
        assert!(!status.starts_with('5'), "{bytes:?}: {answer}");
    }
    let mut endless = connect(&server);
    let header = format!("X-{}: y\r\n", "x".repeat(1000));
    let _ = write!(endless, "GET / HTTP/1.1\r\n");
    for _ in 0..2000 {
        if endless.write_all(header.as_bytes()).is_err() {
            break;
        }
    }
    let _ = rest(&mut endless);
    assert_eq!(server.client().get("/healthz").await.status, 200);
    server.terminate();
    assert!(server.wait().success());
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_loses_and_doubles_nothing() {
    const CLIENTS: usize = 50;
    const EACH: usize = 20;
    for store in Store::both() {
        let app = without_feeds(&store).with("GLEANER__SERVE__RATE_LIMIT", "0");
        let server = Server::start(&app);
        let mut crowd = tokio::task::JoinSet::new();
        for number in 0..CLIENTS {
            let client = server.client();
            crowd.spawn(async move { submit_all(&client, number, EACH).await });
        }
        let ids: Vec<String> = crowd.join_all().await.into_iter().flatten().collect();
        assert_eq!(ids.len(), CLIENTS * EACH);
        let different: BTreeSet<_> = ids.iter().collect();
        assert_eq!(
            different.len(),
            CLIENTS * EACH / 2,
            "each article was submitted by two"
        );
        assert_eq!(app.status()["waiting"], CLIENTS * EACH / 2);
    }
}

/// Submits one article after the other, each of which a neighbour submits too. Answers their ids.
async fn submit_all(client: &Client, number: usize, each: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for article in 0..each {
        let url = format!("https://blog.example/{}/{article}", number / 2);
        let answer = client
            .post_json("/api/v1/articles", &json!({ "url": url }))
            .await;
        assert!(
            matches!(answer.status, 200 | 202),
            "{}: {}",
            answer.status,
            answer.body
        );
        let id = answer.json()["articles"][0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        ids.push(id);
    }
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_place_in_a_request_ends_its_reading() {
    let app = without_feeds(&Store::Embedded);
    let server = Server::start(&app);
    let client = server.client();
    let url = "https://blog.example/a";
    let many = |value: Value| Value::Array(vec![value; 10_001]);
    for (body, says) in [
        (json!({ "a": [{"": 0}] }), "unknown field `a`"),
        (
            json!({ "url": url, "articles": [] }),
            "unknown field `articles`",
        ),
        (
            json!({ "articles": many(json!({"url": url})) }),
            "at most 10000",
        ),
        (
            json!({ "url": url, "tags": many(json!("")) }),
            "at most 10000",
        ),
        (json!([{ "url": url }]), "an object"),
        (json!({ "articles": [[url]] }), "an object"),
    ] {
        let answer = client.post_json("/api/v1/articles", &body).await;
        answer.is_problem(422);
        assert!(answer.body.contains(says), "{says}: {}", answer.body);
    }
    assert_eq!(app.status()["waiting"], 0);
    for path in ["/", "/preview", "/feeds", "/help", "/receive"] {
        let head = client.ask(Method::HEAD, path, |request| request).await;
        assert_eq!(head.status, 200, "HEAD {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_page_does_not_come_back_with_its_faults() {
    let app = without_feeds(&Store::Embedded);
    let server = Server::start(&app);
    let client = server.client();
    let page = "\"".repeat(300 << 10);
    let two = "https://blog.example/a\nhttps://blog.example/b";
    let fields = [("urls", two), ("page", page.as_str())];
    let answer = client.fill("/", "/submit", &fields).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.len() < 100_000, "{}", answer.body.len());
    assert!(
        answer.body.contains("paste the page once more"),
        "{}",
        answer.body
    );
}
