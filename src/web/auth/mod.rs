//! Who may come in: tokens for programs and people, sessions for browsers, and a key that signs both sessions and forms.

mod key;
mod session;
mod tokens;

use std::time::Instant;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

pub(super) use self::key::Key;
pub(super) use self::session::Session;
use self::tokens::Tokens;
pub use self::tokens::new_token;
use super::client::Client;
use super::limits::Pace;
use super::problem::Problem;
use super::submission::Ticket;
use crate::config::serve::Serve;

/// Somebody who may come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Caller {
    /// Anybody on this machine: nobody has to log in.
    Open,
    /// By a bearer token of this name.
    Token(String),
    /// By a session that a token of this name began.
    Session(String),
    /// As the trusted proxy says.
    Proxy(String),
}

impl Caller {
    /// The name, of somebody who has one.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Open => None,
            Self::Token(name) | Self::Session(name) | Self::Proxy(name) => Some(name),
        }
    }
}

/// What decides who may come in.
pub(super) struct Auth {
    tokens: Tokens,
    key: Key,
    open: bool,
    lifetime: chrono::TimeDelta,
    failures: Pace,
}

impl Auth {
    pub(super) fn new(settings: &Serve, key: Key) -> Self {
        Self {
            tokens: Tokens::new(&settings.tokens),
            key,
            open: !settings.has_login(),
            lifetime: chrono::TimeDelta::from_std(settings.session_lifetime.get())
                .unwrap_or(chrono::TimeDelta::MAX),
            failures: Pace::per_minute(settings.login_limit),
        }
    }

    /// Whether nobody has to log in.
    pub(super) const fn is_open(&self) -> bool {
        self.open
    }

    /// Whether there are tokens to log in with.
    pub(super) fn has_tokens(&self) -> bool {
        !self.tokens.is_empty()
    }

    /// The one who calls the API: a bearer token that is right, the proxy's user, anybody when open.
    pub(super) fn caller(&self, client: &Client, headers: &HeaderMap) -> Result<Caller, Problem> {
        if let Some(token) = bearer(headers) {
            // A wrong token is refused also where none is asked for: its owner believes in it.
            return self.check(token, client).map(Caller::Token);
        }
        // A proxy may pass on the password it was given itself; its word counts.
        if let Some(user) = &client.user {
            return Ok(Caller::Proxy(user.clone()));
        }
        if headers.contains_key(AUTHORIZATION) {
            return Err(Problem::unauthorized(
                "the `Authorization` header must be `Bearer` and a token",
            ));
        }
        if self.open {
            return Ok(Caller::Open);
        }
        Err(Problem::unauthorized("a bearer token is needed"))
    }

    /// The name of a token. Wrong ones are counted, and from some number on not even answered as wrong. A right one
    /// is always taken: it cannot be guessed, and others behind the same address must not lock its owner out.
    pub(super) fn check(&self, token: &str, client: &Client) -> Result<String, Problem> {
        if let Some(name) = self.tokens.name_of(token) {
            return Ok(name.to_owned());
        }
        super::metrics::login_failed();
        tracing::warn!(client = %client.address, "wrong token");
        match self.failures.take(client.address, Instant::now()) {
            Ok(()) => Err(Problem::unauthorized("this token is not known")),
            Err(wait) => Err(Problem::too_many("too many wrong tokens", wait)),
        }
    }

    /// The session of a browser: the one of its cookie, if that is good, and whether it is.
    pub(super) fn session(&self, client: &Client, headers: &HeaderMap) -> Option<Session> {
        let value = session::cookie(headers, client.https)?;
        Session::read(value, &self.key, &self.tokens)
    }

    /// A new session, of nobody yet or of the owner of this token.
    pub(super) fn new_session(&self, name: Option<&str>) -> Session {
        Session::new(name, chrono::Utc::now() + self.lifetime)
    }

    /// The cookie that brings a session back.
    pub(super) fn set_cookie(&self, session: &Session, client: &Client) -> String {
        let value = session.write(&self.key, &self.tokens);
        session::set_cookie(&value, self.lifetime, client.https)
    }

    /// The one who looks at a page.
    pub(super) fn visitor(&self, client: &Client, session: &Session) -> Option<Caller> {
        if let Some(user) = &client.user {
            return Some(Caller::Proxy(user.clone()));
        }
        if let Some(name) = session.name() {
            return Some(Caller::Session(name.to_owned()));
        }
        self.open.then_some(Caller::Open)
    }

    /// What a form of this session carries.
    pub(super) fn form_token(&self, session: &Session) -> String {
        session.form_token(&self.key)
    }

    /// What a form of this session carries so that two clicks are one.
    pub(super) fn new_ticket(&self, session: &Session) -> String {
        session.new_ticket(&self.key)
    }

    /// The ticket of a form of this session.
    pub(super) fn ticket(&self, session: &Session, text: &str) -> Option<Ticket> {
        session.ticket(text, &self.key)
    }

    /// Refuses a form that this session was not given.
    pub(super) fn check_form(&self, session: &Session, token: &str) -> Result<(), Problem> {
        if session.gave(token, &self.key) {
            return Ok(());
        }
        Err(Problem::forbidden(
            "this form is not from here, or too old; go back, load the page again, and send it once more",
        ))
    }
}

/// The token of an `Authorization` header (RFC 6750).
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_start_matches(' '))
}

#[cfg(test)]
mod tests;
