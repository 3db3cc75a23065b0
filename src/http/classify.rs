//! From what went wrong on the wire, or an error status, to a [`Failure`].

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use url::Url;

use super::body::BodyError;
use super::client::root_cause;
use super::guard::Refused;
use crate::failure::{Failure, Reason};

/// A URL for people: without user name and password.
pub fn shown(url: &Url) -> String {
    if url.username().is_empty() && url.password().is_none() {
        return url.to_string();
    }
    let mut url = url.clone();
    // Both fail only for URLs without a host, which have no user name either.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

/// Names what stopped a request to `url`.
pub fn transport_failure(error: &reqwest::Error, url: &Url) -> Failure {
    if let Some(refused) = find::<Refused>(error) {
        return refused_failure(refused, url);
    }
    let shown = shown(url);
    let cause = root_cause(error);
    let (reason, what) = if error.is_timeout() {
        (Reason::Timeout, "did not answer in time".to_owned())
    } else if error.is_dns() {
        (
            Reason::Dns,
            format!("the host name does not resolve: {cause}"),
        )
    } else if let Some(tls) = find::<rustls::Error>(error) {
        (Reason::Tls, format!("no TLS connection: {tls}"))
    } else if error.is_connect() {
        (Reason::Connect, format!("no connection: {cause}"))
    } else if error.is_builder() {
        (Reason::BadUrl, format!("cannot be requested: {cause}"))
    } else if closed_early(error, &cause) {
        (Reason::Connect, format!("the connection broke: {cause}"))
    } else {
        (
            Reason::BadResponse,
            format!("the answer is broken: {cause}"),
        )
    };
    Failure::new(reason, format!("`{shown}`: {what}"))
}

/// Names what stopped the reading of a body from `url`.
pub fn body_failure(error: &BodyError, url: &Url) -> Failure {
    match error {
        BodyError::TooLarge(max) => Failure::new(
            Reason::TooLarge,
            format!("`{}` is larger than the {max} bytes allowed", shown(url)),
        ),
        BodyError::Transport(error) => transport_failure(error, url),
    }
}

/// Says that an address must not be asked, and how to allow it.
pub(super) fn refused_failure(refused: &Refused, url: &Url) -> Failure {
    Failure::new(
        Reason::RefusedAddress,
        format!(
            "`{}`: {refused}, which is not asked; if it is meant, name its network in `http.allow_networks`",
            shown(url)
        ),
    )
}

/// Looks through the causes, and into `io::Error`s, which hide what they wrap from `source`.
fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
            .map(|inner| inner as &(dyn StdError + 'static));
        next = inner.or_else(|| error.source());
    }
    None
}

fn closed_early(error: &reqwest::Error, cause: &str) -> bool {
    let by_system = find::<io::Error>(error).is_some_and(|io| {
        matches!(
            io.kind(),
            io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::NotConnected
        )
    });
    // hyper's own words for an end before the end; the type itself is not reachable from here.
    by_system || cause.contains("closed before") || cause.contains("end of file before")
}

/// What an error status means; `None` for success (and 304, which only those get who asked for it).
pub fn classify_status(status: u16, headers: &HeaderMap, url: &Url) -> Option<Failure> {
    let wait = retry_after(headers, Utc::now());
    let (reason, what) = match status {
        200..=299 | 304 => return None,
        401 => (Reason::Forbidden, "wants a login"),
        403 => (Reason::Forbidden, "refuses access"),
        404 => (Reason::NotFound, "is not there"),
        407 => (Reason::Forbidden, "the proxy wants credentials"),
        408 => (Reason::Timeout, "the server gave up waiting"),
        410 | 451 => (Reason::Gone, "was withdrawn"),
        429 => (Reason::RateLimited, "asks us to slow down"),
        503 if wait.is_some() => (Reason::RateLimited, "asks us to come back later"),
        400..=499 => (Reason::ClientError, "rejects the request"),
        500..=599 => (Reason::ServerError, "the server failed"),
        _ => (
            Reason::BadResponse,
            "answered with a status that makes no sense here",
        ),
    };
    let failure = Failure::new(reason, format!("`{}`: {what} (HTTP {status})", shown(url)));
    Some(failure.retry_after(wait))
}

/// No server is waited for longer than this, whatever it says.
const LONGEST_WAIT: Duration = Duration::from_secs(30 * 24 * 3600);

/// The wait a `Retry-After` header asks for (RFC 9110, 10.2.3): seconds, or a date in one of HTTP's three forms.
pub fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // Digits that do not fit are a very long wait.
        let seconds = text.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(LONGEST_WAIT));
    }
    let wait = http_date(text)?.signed_duration_since(now);
    Some(wait.to_std().unwrap_or_default().min(LONGEST_WAIT))
}

/// A date as HTTP writes it (RFC 9110, 5.6.7), obsolete forms included.
pub fn http_date(text: &str) -> Option<DateTime<Utc>> {
    // The weekday says nothing that the date does not, and some servers get it wrong.
    let without_weekday = text.split_once(',').map_or(text, |(_, rest)| rest.trim());
    if let Ok(date) = DateTime::parse_from_rfc2822(without_weekday) {
        return Some(date.to_utc());
    }
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .map(|date| date.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn headers(retry_after: &str) -> HeaderMap {
        HeaderMap::from_iter([(RETRY_AFTER, retry_after.parse().unwrap())])
    }

    #[test]
    fn statuses_have_names() {
        let url = Url::parse("https://user:secret@blog.example/post").unwrap();
        for (status, reason) in [
            (300, Reason::BadResponse),
            (400, Reason::ClientError),
            (401, Reason::Forbidden),
            (403, Reason::Forbidden),
            (404, Reason::NotFound),
            (407, Reason::Forbidden),
            (408, Reason::Timeout),
            (410, Reason::Gone),
            (418, Reason::ClientError),
            (429, Reason::RateLimited),
            (451, Reason::Gone),
            (500, Reason::ServerError),
            (503, Reason::ServerError),
            (520, Reason::ServerError),
            (999, Reason::BadResponse),
        ] {
            let failure = classify_status(status, &HeaderMap::new(), &url).unwrap();
            assert_eq!(failure.reason, reason, "{status}");
            assert!(
                failure.message.contains("https://blog.example/post"),
                "{failure}"
            );
            assert!(!failure.message.contains("secret"), "{failure}");
        }
        for status in [200, 204, 206, 304] {
            assert_eq!(classify_status(status, &HeaderMap::new(), &url), None);
        }
        let busy = classify_status(503, &headers("120"), &url).unwrap();
        assert_eq!(busy.reason, Reason::RateLimited);
        assert_eq!(busy.retry_after, Some(Duration::from_secs(120)));
    }

    #[test]
    fn retry_after_reads_seconds_and_dates() {
        let now = Utc.with_ymd_and_hms(1994, 11, 6, 8, 49, 7).unwrap();
        for (text, seconds) in [
            ("0", Some(0)),
            (" 30 ", Some(30)),
            ("99999999999999999999999", Some(LONGEST_WAIT.as_secs())),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(30)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(30)),
            ("Sun Nov  6 08:49:37 1994", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            (
                "Sun, 06 Nov 2094 08:49:37 GMT",
                Some(LONGEST_WAIT.as_secs()),
            ),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            let wait = retry_after(&headers(text), now);
            assert_eq!(wait, seconds.map(Duration::from_secs), "{text}");
        }
    }
}
