//! Why something did not work, in a form that machines count and people read.
//!
//! Every step of the way (fetching a page, reading it, delivering an event) fails with a
//! [`Failure`]: a [`Reason`] from a closed list, a sentence that names what was being done to what,
//! and whether trying again can help. The worker turns it into a retry or a dead letter; nothing
//! else decides that.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The closed list of reasons, as shown in receipts, dead letters, logs and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// 404: the page is not there.
    NotFound,
    /// 410, or 451: the page was withdrawn.
    Gone,
    /// 401 or 403 without the marks of a block page.
    Forbidden,
    /// 429, or 503 with `Retry-After`.
    RateLimited,
    /// Another 5xx.
    ServerError,
    /// Another 4xx.
    ClientError,
    /// No answer, or not all of it, in the time allowed.
    Timeout,
    /// The host name does not resolve.
    Dns,
    /// The connection was refused, reset or closed early.
    Connect,
    /// The certificate or handshake was not accepted.
    Tls,
    /// The address is private, loopback, link-local or otherwise reserved and not allowed.
    RefusedAddress,
    /// Not a URL that can be fetched (scheme, syntax, redirect without a target).
    BadUrl,
    /// More redirects than allowed, or a loop.
    TooManyRedirects,
    /// The body, after decompression, is over the limit.
    TooLarge,
    /// Neither HTML, PDF nor text.
    WrongMediaType,
    /// A page or another document in place of a feed.
    NotAFeed,
    /// A page without any text.
    Empty,
    /// A challenge, consent or login page in place of the article.
    BlockPage,
    /// Nested deeper than is safe to parse, or too slow to parse.
    TooComplex,
    /// The bytes do not follow the protocol they claim (broken gzip, bad chunking).
    BadResponse,
    /// The process or task that held the job died.
    Crashed,
    /// The destination does not accept the key or its permissions.
    Unauthorized,
    /// The destination said no to the event itself.
    Refused,
    /// The destination could not be reached or failed inside.
    DestinationDown,
    /// The destination answered in a way its contract does not allow.
    DestinationGarbled,
    /// The server was asked to import or extract and did not.
    ImportFailed,
    /// A local file could not be written (full disk, permissions).
    Storage,
    /// The page that was submitted with the job is not kept any more.
    BodyGone,
}

impl Reason {
    /// The word used in logs, JSON and metrics, e.g. `rate-limited`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Gone => "gone",
            Self::Forbidden => "forbidden",
            Self::RateLimited => "rate-limited",
            Self::ServerError => "server-error",
            Self::ClientError => "client-error",
            Self::Timeout => "timeout",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::RefusedAddress => "refused-address",
            Self::BadUrl => "bad-url",
            Self::TooManyRedirects => "too-many-redirects",
            Self::TooLarge => "too-large",
            Self::WrongMediaType => "wrong-media-type",
            Self::NotAFeed => "not-a-feed",
            Self::Empty => "empty",
            Self::BlockPage => "block-page",
            Self::TooComplex => "too-complex",
            Self::BadResponse => "bad-response",
            Self::Crashed => "crashed",
            Self::Unauthorized => "unauthorized",
            Self::Refused => "refused",
            Self::DestinationDown => "destination-down",
            Self::DestinationGarbled => "destination-garbled",
            Self::ImportFailed => "import-failed",
            Self::Storage => "storage",
            Self::BodyGone => "body-gone",
        }
    }

    /// The same for people who do not know the list.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::NotFound => "the page is not there (404)",
            Self::Gone => "the page was withdrawn (410 or 451)",
            Self::Forbidden => "the site refuses access (401 or 403)",
            Self::RateLimited => "the site asks for fewer requests",
            Self::ServerError => "the site failed inside (5xx)",
            Self::ClientError => "the site does not accept the request (4xx)",
            Self::Timeout => "no answer, or not all of it, in the time allowed",
            Self::Dns => "the host name does not resolve",
            Self::Connect => "the connection was refused or broke",
            Self::Tls => "the certificate or TLS handshake was not accepted",
            Self::RefusedAddress => "the address is private or reserved, and not allowed",
            Self::BadUrl => "the address is not one that can be fetched",
            Self::TooManyRedirects => "more redirects than allowed, or a loop",
            Self::TooLarge => "the page is larger than allowed",
            Self::WrongMediaType => "the page is neither HTML, PDF nor text",
            Self::NotAFeed => "there is something else in place of a feed",
            Self::Empty => "the page has no text",
            Self::BlockPage => "a challenge, consent or login page stands in place of the article",
            Self::TooComplex => "the page is nested too deeply, or takes too long to read",
            Self::BadResponse => "the answer breaks its protocol",
            Self::Crashed => "the worker died over it",
            Self::Unauthorized => "the destination does not accept the key or its permissions",
            Self::Refused => "the destination refuses the event",
            Self::DestinationDown => "the destination cannot be reached or failed inside",
            Self::DestinationGarbled => "the destination answered what it should not",
            Self::ImportFailed => "the server was asked to import or extract and did not",
            Self::Storage => "a local file could not be written",
            Self::BodyGone => "the submitted page is not kept any more",
        }
    }

    /// Whether trying the same again later can succeed.
    pub const fn is_transient(self) -> bool {
        match self {
            Self::RateLimited
            | Self::ServerError
            | Self::Timeout
            | Self::Dns
            | Self::Connect
            | Self::BadResponse
            | Self::Crashed
            | Self::Tls
            | Self::Forbidden
            | Self::BlockPage
            | Self::Empty
            | Self::NotAFeed
            | Self::Unauthorized
            | Self::DestinationDown
            | Self::DestinationGarbled
            | Self::ImportFailed
            | Self::Storage => true,
            Self::NotFound
            | Self::Gone
            | Self::ClientError
            | Self::RefusedAddress
            | Self::BadUrl
            | Self::TooManyRedirects
            | Self::TooLarge
            | Self::WrongMediaType
            | Self::TooComplex
            | Self::Refused
            | Self::BodyGone => false,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A step that failed: what, in words, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The class of the failure.
    pub reason: Reason,
    /// One sentence without a full stop that names the URL, file or event concerned. Never a secret.
    pub message: String,
    /// How long the other side asked us to wait (`Retry-After`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<Duration>,
}

impl Failure {
    /// A failure of this class, explained. What servers said goes into the explanation, so it is made plain.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: crate::plain::clean(&message.into()),
            retry_after: None,
        }
    }

    /// The same, with the wait the other side asked for.
    #[must_use]
    pub fn retry_after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.message)
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_forges_no_line_and_steers_no_terminal() {
        let failure = Failure::new(
            Reason::Refused,
            "no\n2026-01-01 INFO delivered \u{1b}]0;x\u{7}\u{9b}2J\u{202e}",
        );
        assert!(
            !failure.to_string().chars().any(crate::plain::steers),
            "{failure:?}"
        );
    }
}
