//! How long to wait before the next attempt.

use std::time::Duration;

use crate::config::Store;

/// A server may ask for more patience than our own bound, but not for more than this.
pub(crate) const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The wait after failed attempt number `attempt` (from 1): doubling from `store.backoff` up to
/// `store.backoff_max`, with jitter so that a crowd of jobs does not come back at once, and never less than
/// the server asked for.
pub fn next(store: &Store, attempt: u32, retry_after: Option<Duration>) -> Duration {
    let factor = 2_u32.saturating_pow(attempt.saturating_sub(1));
    let wait = store
        .backoff
        .get()
        .saturating_mul(factor)
        .min(store.backoff_max.get());
    let asked = retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER);
    jittered(wait).max(asked)
}

/// The duration, give or take a quarter.
pub fn jittered(duration: Duration) -> Duration {
    // Process-unique random state of the standard library: no generator of our own for a jitter.
    use std::hash::{BuildHasher, RandomState};
    let random = RandomState::new().hash_one(duration) % 512;
    duration.mul_f64(0.75 + 0.5 * f64::from(u16::try_from(random).unwrap_or(0)) / 511.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::units::Span;

    #[test]
    fn waits_double_up_to_the_bound_and_honour_the_server() {
        let store = Store {
            backoff: Span::seconds(10),
            backoff_max: Span::seconds(60),
            ..Store::default()
        };
        for (attempt, asked, from, to) in [
            (1, None, 7.5, 12.5),
            (2, None, 15.0, 25.0),
            (3, None, 30.0, 50.0),
            (4, None, 45.0, 75.0),
            (90, None, 45.0, 75.0),
            (1, Some(600), 600.0, 600.0),
            (1, Some(u64::MAX), 86_400.0, 86_400.0),
        ] {
            for _ in 0..50 {
                let wait = next(&store, attempt, asked.map(Duration::from_secs)).as_secs_f64();
                assert!((from..=to).contains(&wait), "attempt {attempt}: {wait}");
            }
        }
    }
}
