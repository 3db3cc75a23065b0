//! A feed that moved: permanent redirects, and the address polled in place of the listed one.
//!
//! What the feed list gives for the listed address (headers, user name, password) is told to its origin
//! alone. A redirect, or whoever took over an old host name, must not be able to collect it.

use url::Url;

use super::FeedSource;
use crate::config::Feeds;
use crate::http::may_share;
use crate::queue::FeedState;

/// Failures in a row after which an adopted address is given up for the listed one.
const ADOPTED_FAILURES: u32 = 3;

/// Said of an adopted address that is asked without the feed's secrets.
pub(crate) const WITHHELD: &str = "; the feed's headers and password are not sent there, because it is not the server they are listed for";

/// The address a feed is asked at.
pub(crate) fn address(source: &FeedSource, state: &FeedState) -> Url {
    let Some(mut url) = adopted(state) else {
        return source.url.clone();
    };
    if may_share(&source.url, &url) {
        // Redirects are remembered without them. Both calls fail only for URLs without a host.
        let _ = url.set_username(source.url.username());
        let _ = url.set_password(source.url.password());
    }
    url
}

fn adopted(state: &FeedState) -> Option<Url> {
    Url::parse(state.adopted.as_deref()?).ok()
}

/// Whether the feed has secrets that the address asked does not get.
pub(crate) fn withholds(source: &FeedSource, state: &FeedState) -> bool {
    let secrets = !source.headers.is_empty()
        || !source.url.username().is_empty()
        || source.url.password().is_some();
    secrets && adopted(state).is_some_and(|url| !may_share(&source.url, &url))
}

/// What changed for good between two states of a feed.
pub(crate) fn change(source: &FeedSource, before: &FeedState, after: &FeedState) -> Option<String> {
    if let (None, Some(why)) = (&before.retired, &after.retired) {
        return Some(why.clone());
    }
    if before.adopted == after.adopted {
        return None;
    }
    if let Some(new) = &after.adopted {
        let withheld = if withholds(source, after) {
            WITHHELD
        } else {
            ""
        };
        return Some(format!(
            "moved for good to `{new}`, which is polled from now on; change it in the feed list{withheld}"
        ));
    }
    let old = before.adopted.as_deref()?;
    Some(format!(
        "`{old}`, where it had moved, is given up; the listed address is polled again"
    ))
}

/// What there is to say at every poll: that the feed is asked without its secrets.
pub(crate) fn standing(source: &FeedSource, state: &FeedState) -> Option<String> {
    let adopted = state.adopted.as_deref()?;
    withholds(source, state).then(|| format!("polled at `{adopted}`{WITHHELD}"))
}

/// Counts polls in a row in which a permanent redirect led to the feed; then adopts its target.
pub(crate) fn note_redirect(
    state: &mut FeedState,
    source: &FeedSource,
    permanent: Option<&Url>,
    config: &Feeds,
) {
    let Some(target) = permanent else {
        forget_redirect(state);
        return;
    };
    let again = state.redirect.as_deref() == Some(target.as_str());
    let seen = if again {
        state.redirect_seen.saturating_add(1)
    } else {
        1
    };
    if seen >= config.adopt_redirect_after.max(1) {
        state.adopted = (!is_listed(source, target)).then(|| target.to_string());
        forget_redirect(state);
    } else {
        state.redirect_seen = seen;
        state.redirect = Some(target.to_string());
    }
}

/// Whether a redirect's target, which has neither password nor fragment, is the listed address.
fn is_listed(source: &FeedSource, target: &Url) -> bool {
    let mut listed = source.url.clone();
    let _ = listed.set_username("");
    let _ = listed.set_password(None);
    listed.set_fragment(None);
    listed == *target
}

/// After a failed poll. `true`: an adopted address has failed too often and is given up.
pub(crate) fn note_failure(state: &mut FeedState) -> bool {
    forget_redirect(state);
    state.failures >= ADOPTED_FAILURES && state.adopted.take().is_some()
}

fn forget_redirect(state: &mut FeedState) {
    state.redirect = None;
    state.redirect_seen = 0;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(url: &str) -> FeedSource {
        let text = format!(r#"{{"feeds": [{{"title": "Blog", "url": "{url}"}}]}}"#);
        crate::feeds::list::parse(&text, "x")
            .unwrap()
            .feeds
            .remove(0)
    }

    fn adopted(url: &str) -> FeedState {
        FeedState {
            adopted: Some(url.into()),
            ..FeedState::default()
        }
    }

    #[test]
    fn credentials_follow_within_the_origin_only() {
        let listed = source("http://reader:pw@blog.example/feed");
        for (to, asked, withheld) in [
            (
                "http://blog.example/new",
                "http://reader:pw@blog.example/new",
                false,
            ),
            (
                "https://blog.example/feed",
                "https://reader:pw@blog.example/feed",
                false,
            ),
            (
                "https://other.example/feed",
                "https://other.example/feed",
                true,
            ),
            (
                "http://blog.example:8080/feed",
                "http://blog.example:8080/feed",
                true,
            ),
        ] {
            let state = adopted(to);
            assert_eq!(address(&listed, &state).as_str(), asked);
            assert_eq!(withholds(&listed, &state), withheld, "{to}");
            assert_eq!(standing(&listed, &state).is_some(), withheld, "{to}");
        }
        let plain = source("http://blog.example/feed");
        assert!(!withholds(&plain, &adopted("https://other.example/feed")));
    }

    #[test]
    fn a_way_back_to_the_listed_address_ends_the_adoption() {
        let listed = source("https://reader:pw@blog.example/feed#top");
        let mut state = adopted("https://blog.example/new");
        let config = Feeds {
            adopt_redirect_after: 1,
            ..Feeds::default()
        };
        let back = Url::parse("https://blog.example/feed").unwrap();
        let before = state.clone();
        note_redirect(&mut state, &listed, Some(&back), &config);
        assert_eq!(state.adopted, None);
        assert_eq!(
            change(&listed, &before, &state).as_deref(),
            Some(
                "`https://blog.example/new`, where it had moved, is given up; the listed address is polled again"
            )
        );
    }
}
