//! Requests to a MISP server, and what its answers mean.
//!
//! The rules behind this file are those of `docs/misp.md`: without `Accept: application/json` even a good key
//! is redirected to the login page; a bad key is 403, not 401; validation errors are 403 with `errors` as a
//! map, a list or a string; internal faults are 500 without detail.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Method, Response, StatusCode};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::{Mutex, OnceCell};
use uuid::Uuid;

use super::cleaning::Folded;
use super::wire::{Me, Stored, WarningList, Wrapped, words};
use crate::config;
use crate::failure::{Failure, Reason};
use crate::http::body::{self, BodyError};

/// Largest answer read. A whole event comes back with every addition.
const MAX_ANSWER: usize = 64 << 20;

/// How much of an answer that is no JSON is quoted.
const MAX_QUOTE: usize = 120;

/// A warninglist is asked for again after this time.
const LISTS_KEPT: Duration = Duration::from_secs(10 * 60);

/// One MISP server and one key. Share it; it remembers the user and warninglists.
pub struct MispClient {
    http: reqwest::Client,
    base: String,
    key: HeaderValue,
    timeout: Duration,
    me: OnceCell<Me>,
    lists: Mutex<HashMap<u32, Remembered>>,
    /// Numbers of galaxy clusters on this server; no more than there are clusters.
    pub(super) clusters: Mutex<HashMap<Uuid, String>>,
}

/// The entries of a warninglist, and when they were asked for.
type Remembered = (Instant, Arc<[Folded]>);

/// A JSON answer of a status that the caller has to judge.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Status code.
    pub(crate) status: StatusCode,
    /// The body.
    pub(crate) body: Value,
    /// `METHOD URL`, for messages.
    asked: String,
}

impl MispClient {
    /// A client for the configured server. `http` must not follow redirects.
    pub fn new(http: reqwest::Client, settings: &config::Misp) -> Result<Self, Failure> {
        let mut key = HeaderValue::from_str(settings.key.expose().trim()).map_err(|_| {
            let message = "`misp.key` holds characters that no MISP key has; copy it again";
            Failure::new(Reason::Unauthorized, message)
        })?;
        key.set_sensitive(true);
        Ok(Self {
            http,
            base: settings.url.trim().trim_end_matches('/').to_owned(),
            key,
            timeout: settings.timeout.get(),
            me: OnceCell::new(),
            lists: Mutex::new(HashMap::new()),
            clusters: Mutex::new(HashMap::new()),
        })
    }

    /// Base URL of the server.
    pub fn address(&self) -> &str {
        &self.base
    }

    /// The page of an event, for people.
    pub fn page_of(&self, id: &str) -> String {
        format!("{}/events/view/{id}", self.base)
    }

    /// Asks for something.
    pub(crate) async fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.ask(Method::GET, path, None::<&()>).await
    }

    /// Sends something.
    pub(crate) async fn post(&self, path: &str, body: &impl Serialize) -> Result<Answer, Failure> {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// The user behind the key; asked once.
    pub async fn me(&self) -> Result<&Me, Failure> {
        let ask = async || self.get("/users/view/me.json").await?.ok()?.read();
        self.me.get_or_try_init(ask).await
    }

    /// The server's version, e.g. `2.5.1`.
    pub async fn version(&self) -> Result<String, Failure> {
        let answer = self.get("/servers/getVersion.json").await?.ok()?;
        match answer.body.get("version").and_then(Value::as_str) {
            Some(version) => Ok(version.to_owned()),
            None => Err(answer.garbled("no `version` in it")),
        }
    }

    /// The event as the server has it now; `None`: not there, or not for this key to see.
    pub(crate) async fn event(&self, uuid: Uuid) -> Result<Option<Stored>, Failure> {
        let answer = self.get(&format!("/events/view/{uuid}.json")).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let found: Wrapped = answer.ok()?.read()?;
        if found.event.uuid != uuid {
            let message = format!(
                "asked MISP for event `{uuid}` and got `{}`",
                found.event.uuid
            );
            return Err(Failure::new(Reason::DestinationGarbled, message));
        }
        Ok(Some(found.event))
    }

    /// The entries of a warninglist, ready for comparison; remembered for ten minutes.
    pub(super) async fn warninglist(&self, id: u32) -> Result<Arc<[Folded]>, Failure> {
        // Held while asking, so that workers that come together ask once.
        let mut lists = self.lists.lock().await;
        if let Some((at, entries)) = lists.get(&id)
            && at.elapsed() < LISTS_KEPT
        {
            return Ok(Arc::clone(entries));
        }
        let answer = self.get(&format!("/warninglists/view/{id}.json")).await?;
        if answer.status == StatusCode::NOT_FOUND {
            let message = format!(
                "MISP at `{}` has no warninglist `{id}`; look up its id under Input Filters > List Warninglists",
                self.base
            );
            return Err(Failure::new(Reason::DestinationGarbled, message));
        }
        let list: WarningList = answer.ok()?.read()?;
        let entries: Arc<[Folded]> = list.entries().into_iter().map(Folded::new).collect();
        lists.insert(id, (Instant::now(), Arc::clone(&entries)));
        Ok(entries)
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&(impl Serialize + ?Sized)>,
    ) -> Result<Answer, Failure> {
        let url = format!("{}{path}", self.base);
        let asked = format!("{method} {url}");
        let mut request = self
            .http
            .request(method, &url)
            .timeout(self.timeout)
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, self.key.clone());
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request
            .send()
            .await
            .map_err(|error| self.transport(&asked, &error))?;
        if let Some(failure) = status_failure(&asked, response.status(), response.headers()) {
            return Err(failure);
        }
        let status = response.status();
        let bytes = self.body(&asked, response).await?;
        understand(asked, status, &bytes)
    }

    async fn body(&self, asked: &str, response: Response) -> Result<Vec<u8>, Failure> {
        let read = body::read(response, MAX_ANSWER).await;
        read.map_err(|error| match error {
            BodyError::TooLarge(max) => {
                let message = format!("`{asked}` answered more than {} MiB", max >> 20);
                Failure::new(Reason::DestinationGarbled, message)
            }
            BodyError::Transport(error) => self.transport(asked, &error),
        })
    }

    /// No answer, or half of one.
    fn transport(&self, asked: &str, error: &reqwest::Error) -> Failure {
        let mut causes = String::new();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            causes = cause.to_string();
            source = cause.source();
        }
        let tls = causes.to_lowercase().contains("certificate");
        if tls {
            let message = format!(
                "`{asked}`: {causes}; name the authority that signed it in `misp.ca_file`, or see `misp.verify_cert`"
            );
            return Failure::new(Reason::Tls, message);
        }
        if error.is_timeout() {
            let seconds = self.timeout.as_secs_f32();
            let message = format!("`{asked}` did not answer within {seconds} s (`misp.timeout`)");
            return Failure::new(Reason::Timeout, message);
        }
        if error.is_connect() {
            let message =
                format!("no connection to MISP for `{asked}`: {causes}; check `misp.url`");
            return Failure::new(Reason::DestinationDown, message);
        }
        let message = format!("the answer to `{asked}` broke off: {causes}");
        Failure::new(Reason::DestinationDown, message)
    }
}

/// Statuses that mean the same whatever was asked.
fn status_failure(asked: &str, status: StatusCode, headers: &HeaderMap) -> Option<Failure> {
    let wait = |name: &str| {
        let seconds = headers.get(name)?.to_str().ok()?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds))
    };
    if status.is_redirection() {
        let target = headers.get(LOCATION).and_then(|value| value.to_str().ok());
        return Some(redirected(asked, status, target.unwrap_or("nowhere")));
    }
    match status.as_u16() {
        429 => Some(
            Failure::new(
                Reason::RateLimited,
                format!("`{asked}`: MISP's rate limit for this user's role is used up"),
            )
            .retry_after(wait("x-rate-limit-reset").or(wait(RETRY_AFTER.as_str()))),
        ),
        413 => Some(Failure::new(
            Reason::TooLarge,
            format!(
                "`{asked}`: the server takes no request this large; lower `event.max_report` or raise its limit"
            ),
        )),
        502..=504 => Some(
            Failure::new(
                Reason::DestinationDown,
                format!("`{asked}` answered {status}: MISP is down behind its proxy"),
            )
            .retry_after(wait(RETRY_AFTER.as_str())),
        ),
        _ => None,
    }
}

/// Redirects are never followed: they would carry the key elsewhere.
fn redirected(asked: &str, status: StatusCode, target: &str) -> Failure {
    if target.contains("/users/login") {
        let message = format!(
            "`{asked}` was sent to the login page: MISP is in maintenance mode (`MISP.live` off), or a proxy between \
             here and there drops the `Authorization` or `Accept` header"
        );
        return Failure::new(Reason::Unauthorized, message);
    }
    let message = format!(
        "`{asked}` answered {} to `{target}`; set `misp.url` to where MISP really is",
        status.as_u16()
    );
    Failure::new(Reason::DestinationGarbled, message)
}

fn understand(asked: String, status: StatusCode, bytes: &[u8]) -> Result<Answer, Failure> {
    let Ok(body) = serde_json::from_slice::<Value>(bytes) else {
        return Err(no_json(&asked, status, bytes));
    };
    let answer = Answer {
        status,
        body,
        asked,
    };
    let message = answer.message();
    let advice = match status.as_u16() {
        401 => "the key's organisation may not do that",
        403 if message.contains("Auth key") || message.contains("Authentication failed") => {
            "check `misp.key`, its expiry and its allowed addresses, and that the user is enabled"
        }
        403 if message.starts_with("You do not have permission") => {
            "the key's role needs the permissions to add, modify and tag (perm_add, perm_modify, perm_tagger)"
        }
        _ => return Ok(answer),
    };
    let message = format!("`{}`: {message}; {advice}", answer.asked);
    Err(Failure::new(Reason::Unauthorized, message))
}

fn no_json(asked: &str, status: StatusCode, bytes: &[u8]) -> Failure {
    let text =
        crate::event::text::line(&String::from_utf8_lossy(bytes.get(..4096).unwrap_or(bytes)));
    let quote = if text.is_empty() {
        "nothing".to_owned()
    } else {
        format!("`{}`", crate::event::text::bounded(&text, MAX_QUOTE))
    };
    if status.is_server_error() {
        let message = format!("`{asked}` answered {status} with {quote}");
        return Failure::new(Reason::DestinationDown, message);
    }
    let message = format!(
        "`{asked}` answered {status} with {quote} where JSON was due; is `misp.url` a MISP server?"
    );
    Failure::new(Reason::DestinationGarbled, message)
}

impl Answer {
    /// This answer if it is a success, else what went wrong.
    pub(crate) fn ok(self) -> Result<Self, Failure> {
        if self.status.is_success() {
            Ok(self)
        } else {
            Err(self.refused())
        }
    }

    /// The body as a value of this shape.
    pub(crate) fn read<T: serde::de::DeserializeOwned>(self) -> Result<T, Failure> {
        let asked = self.asked;
        serde_json::from_value(self.body).map_err(|error| {
            let message = format!("the answer to `{asked}` is not as MISP documents it: {error}");
            Failure::new(Reason::DestinationGarbled, message)
        })
    }

    /// What MISP says of it.
    pub(crate) fn message(&self) -> String {
        let text = |key: &str| self.body.get(key).and_then(Value::as_str);
        text("message")
            .or(text("name"))
            .unwrap_or_default()
            .to_owned()
    }

    /// Whether it is the empty list that stands for failures of import and extraction.
    pub(crate) fn is_nothing(&self) -> bool {
        self.status.is_success() && self.body.as_array().is_some_and(Vec::is_empty)
    }

    /// A failure for an answer that is not what was asked for.
    pub(crate) fn garbled(&self, what: &str) -> Failure {
        let message = format!(
            "the answer to `{}` is not as MISP documents it: {what}",
            self.asked
        );
        Failure::new(Reason::DestinationGarbled, message)
    }

    /// Why it was not done, in MISP's words.
    pub(crate) fn refused(&self) -> Failure {
        let message = self.message();
        let errors = self.body.get("errors").map(words).unwrap_or_default();
        let said = if errors.is_empty() {
            message.clone()
        } else {
            format!("{message}: {errors}")
        };
        let asked = &self.asked;
        match self.status.as_u16() {
            405 if message.contains("Sharing Group") => Failure::new(
                Reason::Unauthorized,
                format!(
                    "`{asked}`: {said}; `event.sharing_group_id` must name a group the key's organisation may use"
                ),
            ),
            405 if message.contains("No valid event data") => Failure::new(
                Reason::Refused,
                format!(
                    "`{asked}`: {said}; larger than PHP's `post_max_size`? Lower `event.max_report`"
                ),
            ),
            403 | 405 => Failure::new(Reason::Refused, format!("`{asked}`: {said}")),
            500.. => Failure::new(
                Reason::DestinationDown,
                format!("`{asked}`: {said}; MISP's own log (app/tmp/logs/error.log) has the cause"),
            ),
            status => Failure::new(
                Reason::DestinationGarbled,
                format!("`{asked}` answered {status}: {said}"),
            ),
        }
    }
}

#[cfg(test)]
mod tests;
