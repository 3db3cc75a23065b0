//! Downloads: what servers do, and by what name people see it.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use gleaner::article::{FeedRequest, MediaType, Page, fetch_page};
use gleaner::config::units::{Bytes, Span};
use gleaner::config::{ArticleSettings, Http, Secret};
use gleaner::failure::{Failure, Reason};
use gleaner::http::{Fetched, Fetcher, Request, install_crypto_provider};
use reqwest::header::HeaderMap;
use url::Url;

use crate::support::web::{Reply, Web, gzip, path, private_authority, redirect, response};

const HTML: &str = "Content-Type: text/html; charset=utf-8";

fn fetcher(allow: &[&str]) -> Fetcher {
    install_crypto_provider();
    Fetcher::new(&Http {
        allow_networks: allow.iter().map(|network| (*network).to_owned()).collect(),
        ..Http::default()
    })
    .unwrap()
}

fn local() -> Fetcher {
    fetcher(&["127.0.0.0/8"])
}

fn settings() -> ArticleSettings {
    ArticleSettings {
        timeout: Span::seconds(20),
        max_size: Bytes::mib(1),
        max_redirects: 5,
        ..ArticleSettings::default()
    }
}

async fn page(link: &str) -> Result<Page, Failure> {
    fetch_page(&local(), &settings(), link, &FeedRequest::default()).await
}

async fn failure(link: &str) -> Failure {
    page(link).await.unwrap_err()
}

fn request(url: &str) -> Request {
    Request {
        url: Url::parse(url).unwrap(),
        headers: HeaderMap::new(),
        user_agent: None,
        proxy: None,
        accept: "*/*",
        max_size: 1 << 20,
        timeout: Duration::from_secs(20),
        max_redirects: 5,
    }
}

async fn fetch(url: &str) -> Result<Fetched, Failure> {
    local().fetch(&request(url)).await
}

// ---- addresses ----

#[tokio::test]
async fn private_addresses_are_refused_by_default() {
    let web = Web::page(HTML, "<p>secret").await;
    let closed = fetcher(&[]);
    for host in [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "0",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
    ] {
        let url = web.url_as(host, "/");
        let failure = closed.fetch(&request(&url)).await.unwrap_err();
        assert_eq!(failure.reason, Reason::RefusedAddress, "{failure}");
        assert!(failure.message.contains("http.allow_networks"), "{failure}");
    }
    assert!(web.requests().is_empty());
    assert!(local().fetch(&request(&web.url("/"))).await.is_ok());
}

#[tokio::test]
async fn redirects_to_private_addresses_are_refused() {
    for target in [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00::1]/",
        "http://0x0a.1/",
        "//192.168.1.1/admin",
        "https://100.64.0.1/",
    ] {
        let web = Web::start(move |_| redirect(302, target)).await;
        let failure = failure(&web.url("/")).await;
        assert_eq!(
            failure.reason,
            Reason::RefusedAddress,
            "{target}: {failure}"
        );
    }
}

#[tokio::test]
async fn redirects_to_names_of_private_addresses_are_refused() {
    let inner = Web::page(HTML, "<p>secret").await;
    let target = inner.url_as("localhost", "/");
    let outer = Web::at(Ipv4Addr::new(127, 0, 0, 2), None, move |_| {
        redirect(302, &target)
    })
    .await;
    let only_outer = fetcher(&["127.0.0.2"]);
    let failure = only_outer
        .fetch(&request(&outer.url("/")))
        .await
        .unwrap_err();
    assert_eq!(failure.reason, Reason::RefusedAddress, "{failure}");
    assert!(failure.message.contains("localhost"), "{failure}");
    assert!(inner.requests().is_empty());
}

#[tokio::test]
async fn a_proxy_gets_the_request_and_the_literal_check_still_holds() {
    let proxy = Web::page(HTML, "<p>by proxy").await;
    let secret = format!(
        "http://user:hunter2@{}",
        proxy.url("").trim_start_matches("http://")
    );
    let mut asked = request("http://blog.example/post");
    asked.proxy = Some(Secret::from(secret.as_str()));
    let closed = fetcher(&[]);
    let answer = closed.fetch(&asked).await.unwrap();
    assert_eq!(answer.body, b"<p>by proxy");
    let seen = proxy.requests();
    assert!(
        seen[0].starts_with("GET http://blog.example/post HTTP/1.1"),
        "{seen:?}"
    );
    assert!(
        seen[0]
            .to_lowercase()
            .contains("proxy-authorization: basic "),
        "{seen:?}"
    );
    for url in ["http://127.0.0.1/", "http://localhost/"] {
        asked.url = Url::parse(url).unwrap();
        assert_eq!(
            closed.fetch(&asked).await.unwrap_err().reason,
            Reason::RefusedAddress
        );
    }
    assert_eq!(proxy.requests().len(), 1);
    assert!(!format!("{asked:?} {closed:?}").contains("hunter2"));
}

// ---- redirects ----

#[tokio::test]
async fn redirects_are_followed_counted_and_named() {
    let web = Web::start(|request| match path(request) {
        "/start" => redirect(301, "/moved"),
        "/moved" => redirect(308, "/for-good#part"),
        "/for-good" => redirect(302, "/for-now"),
        "/loop" => redirect(302, "/loop2"),
        "/loop2" => redirect(302, "/loop"),
        "/nowhere" => Reply::Bytes(response("302 Found", "", b"")),
        "/ftp" => redirect(302, "ftp://blog.example/"),
        "/file" => redirect(302, "file:///etc/passwd"),
        "/junk" => redirect(302, "http://[broken"),
        other if other.starts_with("/n") => {
            let n: u32 = other.trim_start_matches("/n").parse().unwrap();
            redirect(303, &format!("/n{}", n + 1))
        }
        _ => Reply::Bytes(response("200 OK", HTML, b"<p>here")),
    })
    .await;
    let answer = fetch(&web.url("/start")).await.unwrap();
    assert_eq!(answer.url.as_str(), web.url("/for-now"));
    assert_eq!(answer.permanent.unwrap().as_str(), web.url("/for-good"));
    assert_eq!(fetch(&web.url("/for-good")).await.unwrap().permanent, None);
    for (path, reason, words) in [
        ("/loop", Reason::TooManyRedirects, "loop"),
        ("/n1", Reason::TooManyRedirects, "more than 5"),
        ("/nowhere", Reason::BadUrl, "without a target"),
        ("/ftp", Reason::BadUrl, "neither an http"),
        ("/file", Reason::BadUrl, "neither an http"),
        ("/junk", Reason::BadUrl, "not a URL"),
    ] {
        let failure = fetch(&web.url(path)).await.unwrap_err();
        assert_eq!(failure.reason, reason, "{failure}");
        assert!(failure.message.contains(words), "{failure}");
    }
}

#[tokio::test]
async fn secrets_stay_with_their_origin() {
    let other = Web::page(HTML, "<p>x").await;
    let away = other.url("/away");
    let web = Web::start(move |request| match path(request) {
        "/away" => redirect(302, &away),
        "/near" => redirect(302, "/here"),
        _ => Reply::Bytes(response("200 OK", HTML, b"<p>x")),
    })
    .await;
    let with_login = |path: &str| web.url(path).replace("http://", "http://us%20er:pass@");
    for target in ["/near", "/away"] {
        let mut asked = request(&with_login(target));
        asked
            .headers
            .insert("x-api-key", "hunter2".parse().unwrap());
        asked.user_agent = Some("reader/1".into());
        let answer = local().fetch(&asked).await.unwrap();
        assert!(!answer.url.as_str().contains("pass"), "{}", answer.url);
    }
    let near = web.requests();
    for request in &near {
        // "us er:pass"
        assert!(request.contains("dXMgZXI6cGFzcw=="), "{request}");
        assert!(
            request.contains("x-api-key: hunter2") && request.contains("reader/1"),
            "{request}"
        );
        assert!(!request.to_lowercase().contains("referer"), "{request}");
    }
    assert_eq!(near.len(), 3);
    let far = other.requests();
    assert_eq!(far.len(), 1);
    let far = far[0].to_lowercase();
    assert!(
        !far.contains("hunter2") && !far.contains("authorization"),
        "{far}"
    );
    assert!(far.contains("reader/1"), "{far}");
}

// ---- time and size ----

#[tokio::test]
async fn slow_servers_run_into_the_deadline() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n".to_vec();
    let web = Web::start(move |request| match path(request) {
        "/silent" => Reply::Silence,
        "/head" => Reply::Drip([head.clone(), b"X-Slow: ".to_vec()].concat(), b'a'),
        _ => Reply::Drip([head.clone(), b"\r\n<p>".to_vec()].concat(), b'a'),
    })
    .await;
    for path in ["/silent", "/head", "/body"] {
        let start = Instant::now();
        let mut asked = request(&web.url(path));
        asked.timeout = Duration::from_millis(300);
        let failure = local().fetch(&asked).await.unwrap_err();
        assert_eq!(failure.reason, Reason::Timeout, "{failure}");
        assert!(failure.message.contains(path), "{failure}");
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn the_deadline_holds_for_all_redirects_together() {
    let web = Web::start(|request| match path(request) {
        "/1" => redirect(302, "/2"),
        _ => Reply::Silence,
    })
    .await;
    let mut asked = request(&web.url("/1"));
    asked.timeout = Duration::from_millis(300);
    assert_eq!(
        local().fetch(&asked).await.unwrap_err().reason,
        Reason::Timeout
    );
}

#[tokio::test]
async fn large_bodies_are_stopped_by_the_count() {
    let bomb = gzip(&vec![b' '; 200 << 20]);
    assert!(bomb.len() < 300_000);
    let web = Web::start(move |request| match path(request) {
        "/bomb" => Reply::Bytes(response(
            "200 OK",
            "Content-Encoding: gzip\nContent-Type: text/html",
            &bomb,
        )),
        "/announced" => {
            Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".to_vec())
        }
        "/endless" => {
            Reply::Bytes([b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'a'; 3 << 20]].concat())
        }
        _ => Reply::Bytes(response("200 OK", HTML, &vec![b'a'; 1 << 20])),
    })
    .await;
    for path in ["/bomb", "/announced", "/endless"] {
        let failure = fetch(&web.url(path)).await.unwrap_err();
        assert_eq!(failure.reason, Reason::TooLarge, "{path}: {failure}");
    }
    assert_eq!(
        fetch(&web.url("/just-right")).await.unwrap().body.len(),
        1 << 20
    );
}

// ---- broken connections ----

#[tokio::test]
async fn broken_answers_are_named() {
    let whole = gzip(&b"<p>hello world".repeat(1000));
    let web = Web::start(move |request| match path(request) {
        "/closed" => Reply::Bytes(Vec::new()),
        "/short" => Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc".to_vec()),
        "/chunk" => {
            Reply::Bytes(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_vec())
        }
        "/gzip" => Reply::Bytes(response(
            "200 OK",
            "Content-Encoding: gzip",
            b"this is not gzip at all",
        )),
        "/cut" => Reply::Bytes(response(
            "200 OK",
            "Content-Encoding: gzip",
            &whole[..whole.len() / 2],
        )),
        _ => Reply::Bytes(b"SSH-2.0-OpenSSH_9.2\r\n\r\n".to_vec()),
    })
    .await;
    for (path, reasons) in [
        ("/closed", &[Reason::Connect][..]),
        ("/short", &[Reason::Connect, Reason::BadResponse]),
        ("/chunk", &[Reason::BadResponse]),
        ("/gzip", &[Reason::BadResponse]),
        ("/cut", &[Reason::Connect, Reason::BadResponse]),
        ("/ssh", &[Reason::BadResponse]),
    ] {
        let failure = fetch(&web.url(path)).await.unwrap_err();
        assert!(reasons.contains(&failure.reason), "{path}: {failure}");
        assert!(failure.message.contains(path), "{failure}");
    }
}

#[tokio::test]
async fn nobody_there_has_two_names() {
    let gone = Web::page(HTML, "").await.url("/");
    // The listener closes once the runtime has dropped it.
    let refused = loop {
        match fetch(&gone).await {
            Err(failure) => break failure,
            Ok(_) => tokio::task::yield_now().await,
        }
    };
    assert_eq!(refused.reason, Reason::Connect, "{refused}");
    let unknown = fetch("http://does-not-exist.invalid/").await.unwrap_err();
    assert_eq!(unknown.reason, Reason::Dns, "{unknown}");
    for link in [
        "not a url",
        "ftp://blog.example/",
        "mailto:a@b.example",
        "http://",
    ] {
        assert_eq!(failure(link).await.reason, Reason::BadUrl, "{link}");
    }
}

#[tokio::test]
async fn private_authorities_are_trusted_when_named() {
    let (acceptor, pem) = private_authority();
    let web = Web::at(Ipv4Addr::LOCALHOST, Some(acceptor), |_| {
        Reply::Bytes(response("200 OK", HTML, b"<p>over tls"))
    })
    .await;
    let failure = fetch(&web.url("/")).await.unwrap_err();
    assert_eq!(failure.reason, Reason::Tls, "{failure}");
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("ca.pem");
    std::fs::write(&ca_file, pem).unwrap();
    let config = Http {
        ca_file: ca_file.clone(),
        allow_networks: vec!["127.0.0.0/8".into()],
        ..Http::default()
    };
    let trusting = Fetcher::new(&config).unwrap();
    assert_eq!(
        trusting.fetch(&request(&web.url("/"))).await.unwrap().body,
        b"<p>over tls"
    );
    std::fs::write(&ca_file, "no certificate").unwrap();
    let fault = Fetcher::new(&config).unwrap_err();
    assert!(
        fault.contains("http.ca_file") && fault.contains("ca.pem"),
        "{fault}"
    );
}

#[tokio::test]
async fn faults_of_the_configuration_are_named() {
    install_crypto_provider();
    let with = |change: fn(&mut Http)| {
        let mut config = Http::default();
        change(&mut config);
        Fetcher::new(&config).unwrap_err()
    };
    for (fault, words) in [
        (
            with(|http| http.allow_networks = vec!["10.0.0.0/99".into()]),
            "10.0.0.0/99",
        ),
        (
            with(|http| http.user_agent = "a\nb".into()),
            "http.user_agent",
        ),
        (
            with(|http| drop(http.headers.insert("a b".into(), "x".into()))),
            "http.headers",
        ),
        (
            with(|http| http.proxy = Secret::from("::hunter2::")),
            "proxy",
        ),
        (
            with(|http| http.ca_file = "/does/not/exist.pem".into()),
            "http.ca_file",
        ),
    ] {
        assert!(fault.contains(words), "{fault}");
        assert!(!fault.contains("hunter2"), "{fault}");
    }
}

// ---- pages ----

#[tokio::test]
async fn pages_are_decoded() {
    let (cyrillic, _, _) = encoding_rs::WINDOWS_1251.encode(
        "<html><head><meta charset=windows-1251></head><p>Вредоносная программа крадёт пароли</p>",
    );
    for (headers, body, text, media_type) in [
        (
            "Content-Type: text/html",
            cyrillic.as_ref(),
            "Вредоносная программа",
            MediaType::Html,
        ),
        (
            "",
            "<html><p>größer</p>".as_bytes(),
            "größer",
            MediaType::Html,
        ),
        (
            "Content-Type: text/html; charset=iso-8859-1",
            b"<p>gr\xf6\xdfer</p>",
            "größer",
            MediaType::Html,
        ),
        (
            "Content-Type: text/plain",
            b"plain words",
            "plain words",
            MediaType::Text,
        ),
        (
            "Content-Type: text/markdown",
            b"# Title",
            "# Title",
            MediaType::Markdown,
        ),
    ] {
        let web = Web::page(headers, body).await;
        let page = page(&web.url("/post")).await.unwrap();
        assert!(page.text.contains(text), "{}", page.text);
        assert_eq!(page.media_type, media_type);
        assert_eq!(
            (page.requested.as_str(), page.url.as_str()),
            (&*web.url("/post"), &*web.url("/post"))
        );
    }
}

#[tokio::test]
async fn what_is_no_article_has_a_name() {
    for (status, headers, body, reason, words) in [
        ("404 Not Found", HTML, "<p>x", Reason::NotFound, "404"),
        ("410 Gone", HTML, "", Reason::Gone, "withdrawn"),
        (
            "403 Forbidden",
            HTML,
            "<h1>Forbidden</h1>",
            Reason::Forbidden,
            "403",
        ),
        (
            "403 Forbidden",
            HTML,
            "<title>Attention Required! | Cloudflare</title>",
            Reason::BlockPage,
            "Cloudflare",
        ),
        (
            "503 Service Unavailable",
            HTML,
            "<script>window._cf_chl_opt={}</script>",
            Reason::BlockPage,
            "Cloudflare",
        ),
        (
            "200 OK",
            "Content-Type: text/html\ncf-mitigated: challenge",
            "<p>x",
            Reason::BlockPage,
            "Cloudflare",
        ),
        ("500 Oops", HTML, "", Reason::ServerError, "500"),
        ("200 OK", HTML, " \n", Reason::Empty, "empty"),
        (
            "200 OK",
            "Content-Type: application/pdf",
            "no PDF",
            Reason::WrongMediaType,
            "application/pdf",
        ),
        (
            "200 OK",
            "Content-Type: image/png",
            "\u{1}",
            Reason::WrongMediaType,
            "image/png",
        ),
    ] {
        let answer = response(status, headers, body.as_bytes());
        let web = Web::start(move |_| Reply::Bytes(answer.clone())).await;
        let failure = failure(&web.url("/post")).await;
        assert_eq!(failure.reason, reason, "{failure}");
        assert!(
            failure.message.contains(words) && failure.message.contains("/post"),
            "{failure}"
        );
    }
}

#[tokio::test]
async fn servers_that_ask_for_patience_get_it() {
    for status in ["429 Too Many Requests", "503 Service Unavailable"] {
        let answer = response(status, "Retry-After: 120", b"");
        let web = Web::start(move |_| Reply::Bytes(answer.clone())).await;
        let failure = failure(&web.url("/")).await;
        assert_eq!(failure.reason, Reason::RateLimited, "{failure}");
        assert_eq!(failure.retry_after, Some(Duration::from_secs(120)));
    }
}
