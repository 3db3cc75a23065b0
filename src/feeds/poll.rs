//! One poll of one feed: ask, read, and work out what to remember.
//!
//! Nothing is stored here. The caller publishes the entries first and then saves the state, so that a
//! validator never outlives entries that were not published.

use std::fmt;

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{
    CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED,
};
use url::Url;

use super::parse::{NotAFeed, ParsedFeed, parse};
use super::{FeedSource, adoption, schedule};
use crate::config::Feeds;
use crate::failure::{Failure, Reason};
use crate::http::{
    Fetched, Fetcher, Request, classify_status, header, may_share, retry_after, shown,
};
use crate::queue::FeedState;

/// What a feed reader takes. Some servers look at it to choose between a page and its feed.
const ACCEPT: &str = "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.5";

/// What a poll found.
#[derive(Debug)]
pub enum Polled {
    /// 304: nothing new since the last time.
    Unchanged,
    /// The feed.
    Read(Box<ParsedFeed>),
    /// It did not work this time.
    Failed(Failure),
    /// 410: the feed is gone for good. Why, in words.
    Retired(String),
}

/// Polls a feed whose state is known. Answers what was found and the state to remember.
pub async fn poll(
    fetcher: &Fetcher,
    source: &FeedSource,
    state: &FeedState,
    config: &Feeds,
    now: DateTime<Utc>,
) -> (Polled, FeedState) {
    let mut next = state.clone();
    next.last_poll = Some(now);
    let mut polled = match ask(fetcher, source, state, config).await {
        Ok(answer) => take(answer, source, &mut next, config, now).await,
        Err(failure) => Polled::Failed(failure),
    };
    if let Polled::Failed(failure) = &mut polled
        && adoption::withholds(source, state)
    {
        failure.message.push_str(adoption::WITHHELD);
    }
    match &polled {
        Polled::Failed(failure) => note_failure(&mut next, failure, config, now),
        Polled::Retired(why) => next.retired = Some(why.clone()),
        Polled::Unchanged | Polled::Read(_) => {
            next.last_success = Some(now);
            next.failures = 0;
            next.last_error = None;
            next.retired = None;
        }
    }
    (polled, next)
}

async fn ask(
    fetcher: &Fetcher,
    source: &FeedSource,
    state: &FeedState,
    config: &Feeds,
) -> Result<Fetched, Failure> {
    let mut request = request(source, adoption::address(source, state), config)?;
    let validators = [
        (IF_NONE_MATCH, &state.etag),
        (IF_MODIFIED_SINCE, &state.last_modified),
    ];
    for (name, value) in validators {
        if let Some(value) = value
            .as_deref()
            .and_then(|value| HeaderValue::from_str(value).ok())
        {
            request.headers.insert(name, value);
        }
    }
    fetcher.fetch(&request).await
}

/// The request for a feed at `url`, without validators. Its headers may be secrets: they go to the listed
/// origin only.
pub fn request(source: &FeedSource, url: Url, config: &Feeds) -> Result<Request, Failure> {
    let mut headers = HeaderMap::new();
    let secrets = source
        .headers
        .iter()
        .filter(|_| may_share(&source.url, &url));
    for (name, value) in secrets {
        let (name, value) = header(name, value.expose()).map_err(|why| {
            Failure::new(Reason::BadUrl, format!("`{}`: headers: {why}", shown(&url)))
        })?;
        headers.insert(name, value);
    }
    Ok(Request {
        url,
        headers,
        user_agent: source.user_agent.clone(),
        proxy: source.proxy.clone(),
        accept: ACCEPT,
        max_size: config.max_size.get(),
        timeout: config.timeout.get(),
        max_redirects: config.max_redirects,
    })
}

/// Reads an answer that came.
async fn take(
    answer: Fetched,
    source: &FeedSource,
    state: &mut FeedState,
    config: &Feeds,
    now: DateTime<Utc>,
) -> Polled {
    if answer.status == 410 {
        return gone(&answer, state);
    }
    if let Some(mut failure) = classify_status(answer.status, &answer.headers, &answer.url) {
        failure.retry_after = failure
            .retry_after
            .or_else(|| retry_after(&answer.headers, now));
        return Polled::Failed(failure);
    }
    let headers = answer.headers.clone();
    let permanent = answer.permanent.clone();
    if answer.status == 304 {
        adoption::note_redirect(state, source, permanent.as_ref(), config);
        keep_validators(state, &headers, false);
        state.next_poll = Some(schedule::after_success(now, &headers, None, config));
        return Polled::Unchanged;
    }
    match read(answer).await {
        Ok(feed) => {
            adoption::note_redirect(state, source, permanent.as_ref(), config);
            if feed.cut {
                // With these the server would call the part we have unchanged.
                forget_validators(state);
            } else {
                keep_validators(state, &headers, true);
            }
            state.entries = u32::try_from(feed.entries.len()).unwrap_or(u32::MAX);
            state.next_poll = Some(schedule::after_success(now, &headers, feed.ttl, config));
            Polled::Read(Box::new(feed))
        }
        Err(failure) => Polled::Failed(failure.retry_after(retry_after(&headers, now))),
    }
}

/// 410 from the listed address retires the feed; from an adopted one it ends the adoption.
fn gone(answer: &Fetched, state: &mut FeedState) -> Polled {
    let message = format!("`{}` answers 410 Gone", shown(&answer.url));
    if state.adopted.take().is_some() {
        forget_validators(state);
        return Polled::Failed(Failure::new(
            Reason::Gone,
            format!("{message}; the listed address will be asked again"),
        ));
    }
    Polled::Retired(format!(
        "{message}: it is not polled any more; remove it from the feed list, or poll it with `--force` to try again"
    ))
}

/// Time allowed for parsing one feed. Real ones take milliseconds, the largest accepted ones a second or two.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Parses off the event loop, bounded in time: one feed does not hold up the others.
pub async fn read(answer: Fetched) -> Result<ParsedFeed, Failure> {
    let name = shown(&answer.url);
    let parsing = tokio::task::spawn_blocking(move || {
        let content_type = answer.header(CONTENT_TYPE).map(str::to_owned);
        parse(&answer.body, content_type.as_deref(), Some(&answer.url))
    });
    let Ok(parsed) = tokio::time::timeout(READ_TIMEOUT, parsing).await else {
        let limit = READ_TIMEOUT.as_secs();
        return Err(Failure::new(
            Reason::TooComplex,
            format!("`{name}`: the feed was not read within {limit} s"),
        ));
    };
    match parsed {
        Ok(Ok(feed)) => Ok(feed),
        Ok(Err(error)) => Err(Failure::new(reason(&error), format!("`{name}`: {error}"))),
        Err(error) => Err(Failure::new(
            Reason::Crashed,
            format!("`{name}`: reading the feed failed: {error}"),
        )),
    }
}

const fn reason(error: &NotAFeed) -> Reason {
    match error {
        NotAFeed::Empty => Reason::Empty,
        NotAFeed::Html(_) | NotAFeed::Unknown(_) => Reason::NotAFeed,
        NotAFeed::Unreadable(_) => Reason::BadResponse,
    }
}

/// A 304 need not repeat validators; a 200 replaces both.
fn keep_validators(state: &mut FeedState, headers: &HeaderMap, replace: bool) {
    let value = |name: HeaderName| {
        let value = headers.get(name)?.to_str().ok()?;
        Some(value.to_owned()).filter(|value| value.len() <= 1024)
    };
    for (slot, found) in [
        (&mut state.etag, value(ETAG)),
        (&mut state.last_modified, value(LAST_MODIFIED)),
    ] {
        if replace || found.is_some() {
            *slot = found;
        }
    }
}

fn forget_validators(state: &mut FeedState) {
    state.etag = None;
    state.last_modified = None;
}

fn note_failure(state: &mut FeedState, failure: &Failure, config: &Feeds, now: DateTime<Utc>) {
    state.failures = state.failures.saturating_add(1);
    state.last_error = Some(failure.clone());
    if adoption::note_failure(state) {
        forget_validators(state);
    }
    let due = schedule::after_failure(now, state.failures, failure.retry_after, config);
    state.next_poll = Some(due);
}

impl fmt::Display for Polled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unchanged => f.write_str("unchanged"),
            Self::Read(feed) => write!(f, "{} entries", feed.entries.len()),
            Self::Failed(failure) => failure.fmt(f),
            Self::Retired(why) => f.write_str(why),
        }
    }
}
