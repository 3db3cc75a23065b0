//! Which pages belong to the site of a feed.

use url::{Host, Url};

/// Whether a page may be told what is meant for a feed's site: it has the same registrable domain by the
/// Public Suffix List (IP addresses and names without one: the same host), and is asked over https or in the
/// way the feed is. From https to http is a step down: what was sent encrypted would go out in the clear.
pub fn shares_site(feed: &Url, page: &Url) -> bool {
    let way = page.scheme() == "https" || page.scheme() == "http" && feed.scheme() == "http";
    way && same_site(feed, page)
}

/// Whether two URLs belong to one site: the same registrable domain, or the same host where there is none.
pub fn same_site(a: &Url, b: &Url) -> bool {
    match (a.host(), b.host()) {
        (Some(Host::Domain(feed)), Some(Host::Domain(page))) => {
            let (feed, page) = (feed.trim_end_matches('.'), page.trim_end_matches('.'));
            let registrable = psl::domain_str(feed);
            feed == page || registrable.is_some() && registrable == psl::domain_str(page)
        }
        (feed, page) => feed.is_some() && feed == page,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites() {
        for (feed, page, expected) in [
            (
                "https://blog.acme.com/feed",
                "https://blog.acme.com/a",
                true,
            ),
            ("https://feeds.acme.com/x", "https://www.acme.com/a", true),
            (
                "https://acme.co.uk/feed",
                "https://blog.acme.co.uk./a",
                true,
            ),
            ("https://acme.co.uk/feed", "https://other.co.uk/a", false),
            // Everybody may have a name below a public suffix, private ones included.
            (
                "https://acme.github.io/feed",
                "https://evil.github.io/a",
                false,
            ),
            (
                "https://acme.com/feed",
                "https://acme.com.evil.net/a",
                false,
            ),
            ("https://acme.com/feed", "https://notacme.com/a", false),
            ("https://acme.com/feed", "https://acme.com:8443/a", true),
            ("http://acme.com/feed", "http://www.acme.com/a", true),
            ("http://acme.com/feed", "https://www.acme.com/a", true),
            ("https://acme.com/feed", "http://acme.com/a", false),
            ("ftp://acme.com/feed", "ftp://acme.com/a", false),
            ("http://127.0.0.1:1/feed", "http://127.0.0.1:2/a", true),
            ("http://127.0.0.1/feed", "http://127.0.0.2/a", false),
            ("http://[::1]/feed", "http://[::1]/a", true),
            ("http://localhost/feed", "http://localhost/a", true),
            ("http://intranet/feed", "http://localhost/a", false),
            ("http://com/feed", "http://acme.com/a", false),
        ] {
            let (feed, page) = (Url::parse(feed).unwrap(), Url::parse(page).unwrap());
            assert_eq!(shares_site(&feed, &page), expected, "{feed} {page}");
        }
    }
}
