//! A browser, and the commands of WebDriver (W3C) that the tests need: JSON over HTTP.
//!
//! No crate for this: there are a dozen commands, the client for HTTP is here already, and what WebDriver does not
//! have (the accessibility tree, scripts switched off, other screens) is asked for in Chromium's own protocol,
//! which ChromeDriver passes on.

use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

/// What to do when there is no browser.
const ADVICE: &str = "these tests need `chromium` and `chromedriver` on the PATH (Debian: apt-get install chromium \
                      chromium-driver; scripts/setup-tests.sh does it). GLEANER_NO_BROWSER=1 leaves them out";

/// Runs the driver, and ends it with everything it started when nobody is left who holds our end of standard
/// input: also when the test was killed. `0` is the process group, which is this shell's own.
const KEEPER: &str = "chromedriver --port=0 >\"$HOME/driver.log\" 2>&1 & read -r _; kill -KILL 0";

/// Pages are those of the tests alone, so that no sandbox is needed (root and most containers can have none), and
/// nothing but loopback is ever asked.
const OPTIONS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-breakpad",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.*, EXCLUDE localhost",
    "--lang=en-US",
    "--window-size=1200,900",
];

/// Longest wait for something that must happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// Rest between two looks at what must happen.
const PAUSE: Duration = Duration::from_millis(50);

/// Largest answer of the driver that is read, in bytes.
const MAX_ANSWER: usize = 64 << 20;

/// The member that names an element in answers.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

pub(super) const TAB: &str = "\u{e004}";
pub(super) const ENTER: &str = "\u{e007}";

/// So often a driver is started until one listens.
const ATTEMPTS: u32 = 3;

/// Chromium with a profile of its own; it ends, with its driver, when dropped.
pub(super) struct Browser {
    http: reqwest::Client,
    session: String,
    driver: Driver,
}

/// The process that runs the browser.
struct Driver {
    keeper: Child,
    input: Option<ChildStdin>,
    home: TempDir,
}

impl Driver {
    fn start() -> Self {
        for program in ["chromium", "chromedriver"] {
            assert!(on_path(program).is_some(), "no `{program}`: {ADVICE}");
        }
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command
            .args(["-c", KEEPER])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut keeper = command.spawn().unwrap();
        let input = keeper.stdin.take();
        Self {
            keeper,
            input,
            home,
        }
    }

    /// One that listens, and where. The port it chooses may be somebody else's by the time it takes it, and it ends.
    fn listening() -> (Self, String) {
        for _ in 0..ATTEMPTS {
            let driver = Self::start();
            if let Some(address) = driver.address() {
                return (driver, address);
            }
            eprintln!("ChromeDriver does not listen: {}", driver.log());
        }
        panic!("ChromeDriver does not listen");
    }

    /// Where it listens, if it soon does.
    fn address(&self) -> Option<String> {
        let said = regex::Regex::new(r"started successfully on port (\d+)").unwrap();
        let deadline = Instant::now() + PATIENCE / ATTEMPTS;
        while Instant::now() < deadline {
            if let Some(port) = said.captures(&self.log()) {
                return Some(format!("http://127.0.0.1:{}", &port[1]));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("driver.log")).unwrap_or_default()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.keeper.wait();
    }
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.exists())
}

impl Browser {
    pub(super) async fn start() -> Self {
        Self::start_with(&json!({})).await
    }

    /// With scripts switched off, as people do it in the settings.
    pub(super) async fn start_without_scripts() -> Self {
        Self::start_with(&json!({"profile.managed_default_content_settings.javascript": 2})).await
    }

    async fn start_with(preferences: &Value) -> Self {
        gleaner::http::install_crypto_provider();
        let (driver, address) = Driver::listening();
        let mut options: Vec<String> = OPTIONS.map(str::to_owned).to_vec();
        let profile = driver.home.path().join("profile");
        options.push(format!("--user-data-dir={}", profile.display()));
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .no_proxy()
            .build()
            .unwrap();
        let mut browser = Self {
            http,
            session: format!("{address}/session"),
            driver,
        };
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"args": options, "prefs": preferences},
            "unhandledPromptBehavior": "ignore",
        }}});
        let made = browser.ask(Method::POST, "", &wanted).await;
        let made = made.unwrap_or_else(|error| panic!("{error}\n{}", browser.driver.log()));
        let id = made["sessionId"].as_str().unwrap();
        browser.session = format!("{}/{id}", browser.session);
        browser
    }

    /// One command. The error is WebDriver's, in words.
    async fn ask(&self, method: Method, command: &str, body: &Value) -> Result<Value, String> {
        let mut request = self
            .http
            .request(method.clone(), format!("{}{command}", self.session));
        if method == Method::POST {
            request = request.body(body.to_string());
        }
        let response = request.send().await.map_err(|error| error.to_string())?;
        let good = response.status().is_success();
        let body = gleaner::http::body::read(response, MAX_ANSWER).await;
        let mut answer: Value = serde_json::from_slice(&body.unwrap()).unwrap();
        let value = answer["value"].take();
        if good {
            Ok(value)
        } else {
            Err(format!(
                "{command}: {}: {}",
                value["error"], value["message"]
            ))
        }
    }

    async fn post(&self, command: &str, body: &Value) -> Value {
        self.ask(Method::POST, command, body).await.unwrap()
    }

    async fn get(&self, command: &str) -> Value {
        self.ask(Method::GET, command, &Value::Null).await.unwrap()
    }

    /// A command of Chromium's own protocol.
    pub(super) async fn chromium(&self, command: &str, parameters: &Value) -> Value {
        let body = json!({"cmd": command, "params": parameters});
        self.post("/goog/cdp/execute", &body).await
    }

    /// Loads a page.
    pub(super) async fn open(&self, url: &str) {
        self.post("/url", &json!({ "url": url })).await;
    }

    pub(super) async fn reload(&self) {
        self.post("/refresh", &json!({})).await;
    }

    pub(super) async fn back(&self) {
        self.post("/back", &json!({})).await;
    }

    pub(super) async fn url(&self) -> String {
        self.get("/url").await.as_str().unwrap().to_owned()
    }

    /// The path and query of the page that is shown.
    pub(super) async fn path(&self) -> String {
        let url = url::Url::parse(&self.url().await).unwrap();
        url[url::Position::BeforePath..url::Position::AfterQuery].to_owned()
    }

    /// What this expression of JavaScript gives.
    pub(super) async fn value(&self, expression: &str) -> Value {
        let body = json!({"script": format!("return ({expression})"), "args": []});
        self.post("/execute/sync", &body).await
    }

    /// The path of the first element that a CSS selector, or an XPath that begins with `//`, finds.
    async fn element(&self, place: &str) -> Result<String, String> {
        let using = if place.starts_with("//") {
            "xpath"
        } else {
            "css selector"
        };
        let body = json!({"using": using, "value": place});
        let found = self.ask(Method::POST, "/element", &body).await?;
        Ok(format!("/element/{}", found[ELEMENT].as_str().unwrap()))
    }

    /// Does something with an element, as soon as it is there and lets it be done: lists are replaced under one's
    /// hands.
    async fn with(&self, place: &str, command: &str, body: &Value) {
        let start = Instant::now();
        loop {
            let done = match self.element(place).await {
                Ok(element) => {
                    let command = format!("{element}{command}");
                    self.ask(Method::POST, &command, body).await
                }
                Err(error) => Err(error),
            };
            let Err(error) = done else { return };
            assert!(
                start.elapsed() < PATIENCE,
                "{place}: {error}\n{}",
                self.text().await
            );
            tokio::time::sleep(PAUSE).await;
        }
    }

    pub(super) async fn click(&self, place: &str) {
        self.with(place, "/click", &json!({})).await;
    }

    /// Clicks twice, as fast as nobody can.
    pub(super) async fn double_click(&self, place: &str) {
        let element = self.element(place).await.unwrap();
        let element = json!({ELEMENT: element.strip_prefix("/element/").unwrap()});
        let script = "arguments[0].scrollIntoView({block: 'center'})";
        self.post(
            "/execute/sync",
            &json!({"script": script, "args": [element]}),
        )
        .await;
        let [down, up] =
            ["pointerDown", "pointerUp"].map(|kind| json!({"type": kind, "button": 0}));
        let there =
            json!({"type": "pointerMove", "duration": 0, "origin": element, "x": 0, "y": 0});
        let mouse = json!({"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"},
            "actions": [there, down, up, down, up]});
        self.post("/actions", &json!({"actions": [mouse]})).await;
    }

    /// Runs a script as a bookmarklet is run: no policy of the page keeps it.
    pub(super) async fn run(&self, script: &str) {
        let body = json!({"script": script, "args": []});
        self.post("/execute/sync", &body).await;
    }

    /// Runs a script that opens a window, and goes there. Answers the window one came from.
    pub(super) async fn run_into_window(&self, script: &str) -> String {
        let here = self.window().await;
        let known = self.get("/window/handles").await;
        self.run(script).await;
        let start = Instant::now();
        loop {
            let all = self.get("/window/handles").await;
            let mut all = all.as_array().unwrap().iter();
            let new = all.find(|window| !known.as_array().unwrap().contains(window));
            if let Some(new) = new {
                self.go_to_window(new.as_str().unwrap()).await;
                return here;
            }
            assert!(start.elapsed() < PATIENCE, "no window: {script}");
            tokio::time::sleep(PAUSE).await;
        }
    }

    pub(super) async fn go_to_window(&self, window: &str) {
        self.post("/window", &json!({ "handle": window })).await;
    }

    /// The window one looks at.
    pub(super) async fn window(&self) -> String {
        self.get("/window").await.as_str().unwrap().to_owned()
    }

    /// Types into a field.
    pub(super) async fn write(&self, place: &str, text: &str) {
        self.with(place, "/value", &json!({ "text": text })).await;
    }

    /// Types into whatever has the focus.
    pub(super) async fn press(&self, keys: &str) {
        let active = self.get("/element/active").await;
        let command = format!("/element/{}/value", active[ELEMENT].as_str().unwrap());
        self.post(&command, &json!({ "text": keys })).await;
    }

    /// The text of the first such element, as it is seen. `None`: there is none, or not any more.
    pub(super) async fn text_of(&self, place: &str) -> Option<String> {
        let element = self.element(place).await.ok()?;
        let text = self
            .ask(Method::GET, &format!("{element}/text"), &Value::Null)
            .await;
        text.ok()?.as_str().map(str::to_owned)
    }

    /// All text of the page, as it is seen.
    pub(super) async fn text(&self) -> String {
        self.text_of("body").await.unwrap_or_default()
    }

    /// Waits until such an element has this text.
    pub(super) async fn wait_for_text(&self, place: &str, text: &str) {
        let start = Instant::now();
        while !self
            .text_of(place)
            .await
            .is_some_and(|found| found.contains(text))
        {
            assert!(
                start.elapsed() < PATIENCE,
                "waited in vain for `{text}` in {place}: {}",
                self.text().await
            );
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// What a dialog asks, once there is one; it is answered with yes or no.
    pub(super) async fn answer_dialog(&self, yes: bool) -> String {
        let start = Instant::now();
        let question = loop {
            match self.ask(Method::GET, "/alert/text", &Value::Null).await {
                Ok(question) => break question,
                Err(error) => assert!(start.elapsed() < PATIENCE, "{error}"),
            }
            tokio::time::sleep(PAUSE).await;
        };
        let command = if yes {
            "/alert/accept"
        } else {
            "/alert/dismiss"
        };
        self.post(command, &json!({})).await;
        question.as_str().unwrap().to_owned()
    }

    pub(super) async fn forget_cookies(&self) {
        let done = self.ask(Method::DELETE, "/cookie", &Value::Null).await;
        done.unwrap();
    }

    /// What the browser complained of since it was last asked: violations of policies, errors of scripts. That a
    /// page was answered with an error is none, nor is what it would do better.
    pub(super) async fn complaints(&self) -> Vec<String> {
        let entries = self.post("/se/log", &json!({"type": "browser"})).await;
        let entries = entries.as_array().unwrap().iter();
        entries
            .filter(|entry| entry["source"] != "network" && entry["source"] != "recommendation")
            .map(|entry| format!("{}: {}", entry["source"], entry["message"]))
            .collect()
    }

    /// From now on the window is this wide and high, in CSS pixels.
    pub(super) async fn resize(&self, width: u32, height: u32) {
        let screen =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.chromium("Emulation.setDeviceMetricsOverride", &screen)
            .await;
    }
}
