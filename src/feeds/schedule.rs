//! When a feed may be asked again. Pure: the time is given.

use std::time::Duration;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use reqwest::header::{AGE, CACHE_CONTROL, DATE, EXPIRES, HeaderMap};

use crate::config::Feeds;
use crate::http::{http_date, retry_after};

/// Longest wait a server may ask for: beyond it a slip of the pen would silence a feed for good.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

/// The next poll after one that worked: not before `min_interval`, nor before what the answer's
/// `Cache-Control` or `Expires` and the feed's `ttl` ask for, these bounded by `max_interval`; a `Retry-After`
/// is kept as it is.
///
/// The result is rounded down to the minute, since crontabs count in minutes: a poll due a second after the
/// next run would otherwise wait for the one after it.
pub fn after_success(
    now: DateTime<Utc>,
    headers: &HeaderMap,
    ttl: Option<Duration>,
    config: &Feeds,
) -> DateTime<Utc> {
    let asked = freshness(headers, now)
        .unwrap_or_default()
        .max(ttl.unwrap_or_default())
        .min(config.max_interval.get());
    let told = retry_after(headers, now).unwrap_or_default().min(LONGEST);
    let wait = asked.max(config.min_interval.get()).max(told);
    let due = later(now, wait);
    if wait < Duration::from_secs(120) {
        return due;
    }
    due.duration_trunc(TimeDelta::minutes(1)).unwrap_or(due)
}

/// The next poll after the `failures`-th failure in a row: `backoff`, doubled for each, up to
/// `backoff_max`. The server's `Retry-After` may ask for more.
pub fn after_failure(
    now: DateTime<Utc>,
    failures: u32,
    told: Option<Duration>,
    config: &Feeds,
) -> DateTime<Utc> {
    let doublings = failures.saturating_sub(1).min(24);
    let wait = config
        .backoff
        .get()
        .saturating_mul(1 << doublings)
        .min(config.backoff_max.get())
        .max(told.unwrap_or_default());
    later(now, wait.min(LONGEST.max(config.backoff_max.get())))
}

fn later(now: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(wait)
        .ok()
        .and_then(|wait| now.checked_add_signed(wait))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// How long the answer stays fresh (RFC 9111, sections 4.2.1 and 5.3).
fn freshness(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let directives: Vec<String> = headers
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|directive| directive.trim().to_ascii_lowercase())
        .collect();
    if directives
        .iter()
        .any(|directive| directive == "no-store" || directive == "no-cache")
    {
        return None;
    }
    let max_age = directives
        .iter()
        .find_map(|directive| directive.strip_prefix("max-age="))
        .map(|seconds| seconds.trim_matches('"').parse().unwrap_or(0));
    if let Some(seconds) = max_age {
        let age = text(headers, AGE).and_then(|age| age.trim().parse().ok());
        let left = Duration::from_secs(seconds);
        return Some(left.saturating_sub(Duration::from_secs(age.unwrap_or(0))));
    }
    let expires = http_date(text(headers, EXPIRES)?)?;
    let date = text(headers, DATE).and_then(http_date).unwrap_or(now);
    (expires - date).to_std().ok()
}

fn text(headers: &HeaderMap, name: reqwest::header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                let name: HeaderName = name.parse().unwrap();
                (name, HeaderValue::from_str(value).unwrap())
            })
            .collect()
    }

    fn now() -> DateTime<Utc> {
        "2026-11-20T10:00:00Z".parse().unwrap()
    }

    #[test]
    fn success_waits_for_whoever_asks_for_most_within_bounds() {
        let config = Feeds::default();
        let ttl = Some(Duration::from_secs(7200));
        for (pairs, ttl, minutes) in [
            (vec![], None, 10),
            (vec![("cache-control", "public, max-age=60")], None, 10),
            (vec![("cache-control", "public, Max-Age=3600")], None, 60),
            (
                vec![("cache-control", "max-age=3600"), ("age", "600")],
                None,
                50,
            ),
            (vec![("cache-control", "max-age=3600, no-cache")], None, 10),
            (
                vec![("cache-control", "max-age=99999999999999999999")],
                None,
                10,
            ),
            (vec![("cache-control", "max-age=999999999")], None, 24 * 60),
            (vec![("expires", "Fri, 20 Nov 2026 10:30:00 GMT")], None, 30),
            (
                vec![
                    ("expires", "Fri, 20 Nov 2026 09:30:00 GMT"),
                    ("date", "Fri, 20 Nov 2026 09:00:00 GMT"),
                ],
                None,
                30,
            ),
            (vec![("expires", "0")], None, 10),
            (vec![], ttl, 120),
            (vec![("cache-control", "max-age=3600")], ttl, 120),
            (vec![("retry-after", "172800")], None, 2 * 24 * 60),
        ] {
            let due = after_success(now(), &headers(&pairs), ttl, &config);
            assert_eq!((due - now()).num_minutes(), minutes, "{pairs:?}");
        }
    }

    #[test]
    fn a_poll_is_due_at_the_minute() {
        let late = now() + TimeDelta::milliseconds(1_700);
        let due = after_success(late, &HeaderMap::new(), None, &Feeds::default());
        assert_eq!(due, now() + TimeDelta::minutes(10));
    }

    #[test]
    fn failures_back_off() {
        let config = Feeds::default();
        let hour = Some(Duration::from_secs(3600));
        let days = Some(Duration::from_secs(48 * 3600));
        let years = Some(Duration::from_secs(999 * 24 * 3600));
        for (failures, told, minutes) in [
            (1, None, 15),
            (2, None, 30),
            (3, None, 60),
            (7, None, 16 * 60),
            (8, None, 24 * 60),
            (u32::MAX, None, 24 * 60),
            (1, hour, 60),
            (8, hour, 24 * 60),
            (1, days, 48 * 60),
            (1, years, 30 * 24 * 60),
        ] {
            let due = after_failure(now(), failures, told, &config);
            assert_eq!((due - now()).num_minutes(), minutes, "{failures} {told:?}");
        }
    }
}
