//! A running server, and something to ask it with.

use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Method, redirect};
use serde_json::Value;

use crate::support::app::{App, Store, kill, wait_for};
use crate::support::blog::Reply;

/// Largest answer read, in bytes.
const MAX_ANSWER: usize = 16 << 20;

/// A server process; killed when dropped.
pub(super) struct Server {
    child: Child,
    log: PathBuf,
    address: String,
}

impl Server {
    /// Starts `gleaner serve` of this installation on a port of its own.
    pub(super) fn start(app: &App) -> Self {
        let mut command = app.command(&["serve"]);
        if !command
            .get_envs()
            .any(|(name, _)| name == "GLEANER__SERVE__LISTEN")
        {
            command.env("GLEANER__SERVE__LISTEN", "127.0.0.1:0");
        }
        Self::of(app, command)
    }

    /// Starts this command, which must become a server.
    pub(super) fn of(app: &App, mut command: Command) -> Self {
        let log = app
            .folder()
            .join(format!("serve-{}.log", uuid::Uuid::now_v7().simple()));
        let file = std::fs::File::create(&log).unwrap();
        let child = command.stdout(Stdio::null()).stderr(file).spawn().unwrap();
        let mut server = Self {
            child,
            log,
            address: String::new(),
        };
        let said = regex::Regex::new(r#"address="?(https?://[^" \x1b]+)"#).unwrap();
        server.address = wait_for("the server to listen", || {
            let log = server.log();
            if let Some(status) = server.child.try_wait().unwrap() {
                panic!("the server ended ({status}): {log}");
            }
            Some(said.captures(&log)?[1].to_owned())
        });
        server
    }

    /// `http://127.0.0.1:PORT`
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// `127.0.0.1:PORT`
    pub(super) fn host(&self) -> &str {
        self.address.split_once("://").unwrap().1
    }

    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub(super) fn terminate(&self) {
        kill(self.child.id(), "TERM");
    }

    pub(super) fn wait(&mut self) -> ExitStatus {
        wait_for("the server to end", || self.child.try_wait().unwrap())
    }

    /// Somebody who asks it.
    pub(super) fn client(&self) -> Client {
        Client::new(&self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What was answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// Holds that it is a problem of this status.
    pub(super) fn is_problem(&self, status: u16) {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status, "{problem}");
        for member in ["type", "title", "detail"] {
            assert!(problem[member].is_string(), "{member}: {problem}");
        }
    }

    /// The token of the first form.
    pub(super) fn csrf(&self) -> String {
        let field = regex::Regex::new(r#"name="csrf" value="([0-9a-f]+)""#).unwrap();
        field.captures(&self.body).map_or_else(
            || panic!("no form with a token: {}", self.body),
            |found| found[1].to_owned(),
        )
    }
}

/// Keeps cookies as a browser does, and follows no redirect.
pub(super) struct Client {
    http: reqwest::Client,
    address: String,
    cookie: Mutex<Option<String>>,
    headers: Vec<(HeaderName, String)>,
}

impl Client {
    pub(super) fn new(address: &str) -> Self {
        gleaner::http::install_crypto_provider();
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(Duration::from_secs(60))
            .no_proxy()
            .build()
            .unwrap();
        Self {
            http,
            address: address.to_owned(),
            cookie: Mutex::default(),
            headers: Vec::new(),
        }
    }

    /// Sends a header with every request.
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers
            .push((HeaderName::from_static(name), value.to_owned()));
        self
    }

    pub(super) fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    pub(super) fn set_cookie(&self, cookie: &str) {
        *self.cookie.lock().unwrap() = Some(cookie.to_owned());
    }

    /// Asks, with what else there is to say.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        dress: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.address));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(cookie) = self.cookie() {
            request = request.header("cookie", cookie);
        }
        let response = dress(request).send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = gleaner::http::body::read(response, MAX_ANSWER)
            .await
            .unwrap();
        let set = headers.get("set-cookie").and_then(|set| set.to_str().ok());
        if let Some(set) = set {
            self.set_cookie(set.split(';').next().unwrap());
        }
        Answer {
            status,
            headers,
            body: String::from_utf8(body).unwrap(),
        }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, |request| request).await
    }

    pub(super) async fn delete(&self, path: &str) -> Answer {
        self.ask(Method::DELETE, path, |request| request).await
    }

    pub(super) async fn post_json(&self, path: &str, body: &Value) -> Answer {
        let body = body.to_string();
        self.ask(Method::POST, path, |request| {
            request
                .header("content-type", "application/json")
                .body(body)
        })
        .await
    }

    /// Sends a form as it is.
    pub(super) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.ask(Method::POST, path, |request| {
            request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body)
        })
        .await
    }

    /// Loads a page, fills in its form, and sends it.
    pub(super) async fn fill(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.get(page).await.csrf();
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend(fields);
        self.post(action, &all).await
    }

    /// Logs in.
    pub(super) async fn log_in(&self, token: &str) -> Answer {
        self.fill("/login", "/login", &[("token", token)]).await
    }
}

/// An installation whose server asks for a token, and that token.
pub(super) fn with_token(store: &Store) -> (App, String) {
    let app = App::new(store);
    let made = app.run(&["serve", "--new-token", "alice"]);
    let find = |pattern: &str| {
        let pattern = regex::Regex::new(pattern).unwrap();
        pattern.captures(&made).unwrap()[1].to_owned()
    };
    let token = find(r"(gleaner_[0-9a-f]{64})\n");
    let hash = find(r#"alice = "(sha256:[0-9a-f]{64})"\n"#);
    (app.with("GLEANER__SERVE__TOKENS__ALICE", &hash), token)
}

/// An installation whose workers give articles up at once, and that has no feeds.
pub(super) fn without_feeds(store: &Store) -> App {
    let app = App::new(store).with("GLEANER__STORE__MAX_ATTEMPTS", "1");
    app.write("feeds.json", r#"{"feeds": []}"#);
    app
}

/// Submits this URL and answers its id.
pub(super) async fn submit(client: &Client, url: &str) -> String {
    let answer = client
        .post_json("/api/v1/articles", &serde_json::json!({ "url": url }))
        .await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    answer.json()["articles"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// A page with an indicator.
pub(super) fn report() -> Reply {
    let filler =
        "<p>The campaign was followed for some weeks, and this is what was found on the way.</p>";
    Reply::ok(format!(
        "<!doctype html><html lang=en><head><title>A report</title></head><body><article><h1>A report</h1>{}\
         <p>First things first. The loader asks cdn.evil-update[.]top for more. Then it sleeps.</p></article></body></html>",
        filler.repeat(6)
    ))
    .header("content-type", "text/html; charset=utf-8")
}
