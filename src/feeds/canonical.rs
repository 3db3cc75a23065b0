//! The canonical form of an article's URL: its identity (docs/architecture.md, "Identity of an article").
//!
//! Two links to the same article should become the same text, two articles never. So only what by
//! its own definition cannot select content is dropped.

mod redirectors;
mod tracking;

use url::Url;

/// Longest link that is followed. RFC 9110 asks servers for 8,000 octets.
const MAX_LEN: usize = 8192;
/// Redirect links inside redirect links that are resolved.
const MAX_NESTING: usize = 16;

/// A link found in a feed or page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Absolute, otherwise as given.
    pub url: Url,
    /// The same in canonical form.
    pub canonical: Url,
}

/// Reads a link, relative to `base` if it is. `None` unless it leads to a web page.
pub fn parse_link(text: &str, base: Option<&Url>) -> Option<Link> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_LEN {
        return None;
    }
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(_) => base?.join(text).ok()?,
    };
    if !is_web(&url) || url.as_str().len() > MAX_LEN {
        return None;
    }
    let canonical = canonical(&url);
    Some(Link { url, canonical })
}

/// The canonical form. Applying it twice changes nothing more.
pub fn canonical(url: &Url) -> Url {
    let mut url = url.clone();
    clean(&mut url);
    let mut at = url.clone();
    for _ in 0..MAX_NESTING {
        let Some(mut target) = redirectors::target(&at).filter(is_web) else {
            return at;
        };
        clean(&mut target);
        at = target;
    }
    // Nested for its own sake: such a link stands for itself.
    url
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| !host.is_empty())
}

/// Scheme, host and port are normalised by the parser (WHATWG URL); here goes the rest.
fn clean(url: &mut Url) {
    let _ = url.set_username("");
    let _ = url.set_password(None);
    // `#!` selects content on sites that predate the history API.
    if !url
        .fragment()
        .is_some_and(|fragment| fragment.starts_with('!'))
    {
        url.set_fragment(None);
    }
    if let Some(host) = url.host_str().and_then(|host| host.strip_suffix('.')) {
        let host = host.trim_end_matches('.').to_owned();
        let _ = url.set_host(Some(&host));
    }
    let path = url.path();
    if path.len() > 1 && path.ends_with('/') {
        let path = path.trim_end_matches('/').to_owned();
        url.set_path(&path);
    }
    if let Some(query) = url.query() {
        let kept: Vec<_> = query
            .split('&')
            .filter(|pair| !pair.is_empty() && !tracking::is_tracking(pair))
            .collect();
        let kept = kept.join("&");
        url.set_query(Some(kept.as_str()).filter(|kept| !kept.is_empty()));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> String {
        parse_link(text, None).map_or_else(String::new, |link| link.canonical.to_string())
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn canonical_forms() {
        for (text, expected) in [
            ("HTTP://Blog.Example:80/A/", "http://blog.example/A"),
            ("https://blog.example:443", "https://blog.example/"),
            ("https://blog.example:8443/a", "https://blog.example:8443/a"),
            ("https://blog.example./a", "https://blog.example/a"),
            ("https://user:pw@blog.example/a", "https://blog.example/a"),
            ("https://blog.example/a#more", "https://blog.example/a"),
            ("https://blog.example/#!/a", "https://blog.example/#!/a"),
            ("https://blog.example/a//", "https://blog.example/a"),
            (
                "https://b\u{fc}cher.example/a",
                "https://xn--bcher-kva.example/a",
            ),
            (
                "https://blog.example/?b=2&a=1",
                "https://blog.example/?b=2&a=1",
            ),
            (
                "https://blog.example/a?utm_source=rss&id=7&UTM_Medium=x",
                "https://blog.example/a?id=7",
            ),
            ("https://blog.example/a?fbclid=x", "https://blog.example/a"),
            ("https://blog.example/a?", "https://blog.example/a"),
            ("https://blog.example/a?&x=1&", "https://blog.example/a?x=1"),
            (
                "https://medium.com/p/x?source=rss----abc---4",
                "https://medium.com/p/x",
            ),
            (
                "https://blog.example/a?source=git",
                "https://blog.example/a?source=git",
            ),
            (
                "https://blog.example/a%20b?q=%41+c",
                "https://blog.example/a%20b?q=%41+c",
            ),
            (
                "https://www.google.com/url?sa=t&url=https%3A%2F%2Fblog.example%2Fa%2F&usg=x",
                "https://blog.example/a",
            ),
            (
                "https://www.google.com/url?q=https://blog.example/a%3Futm_source%3Dx",
                "https://blog.example/a",
            ),
            (
                "https://www.google.co.uk/search?q=https://blog.example/",
                "https://www.google.co.uk/search?q=https://blog.example/",
            ),
            (
                "https://news.google.com/rss/articles/CBMiFmh0dHBzOi8vYmxvZy5leGFtcGxlL2HSAQA?oc=5",
                "https://blog.example/a",
            ),
            (
                "https://www.bing.com/news/apiclick.aspx?ref=FexRss&url=https%3a%2f%2fblog.example%2fa",
                "https://blog.example/a",
            ),
            (
                "https://l.facebook.com/l.php?u=https%3A%2F%2Fblog.example%2Fa%3Ffbclid%3D1&h=x",
                "https://blog.example/a",
            ),
            (
                "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fblog.example%2Fa&data=x",
                "https://blog.example/a",
            ),
            (
                "https://www.google.com/amp/s/blog.example/a",
                "https://blog.example/a",
            ),
            (
                "https://urldefense.com/v3/__https://blog.example/a__;!!x",
                "https://blog.example/a",
            ),
            (
                "https://www.google.com/url?q=javascript:alert(1)",
                "https://www.google.com/url?q=javascript:alert(1)",
            ),
            ("javascript:alert(1)", ""),
            ("mailto:a@blog.example", ""),
            ("ftp://blog.example/a", ""),
            ("/relative", ""),
            ("http://", ""),
            ("", ""),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn relative_links() {
        let base = Url::parse("https://blog.example/news/feed.xml").unwrap();
        for (text, expected) in [
            ("/a", "https://blog.example/a"),
            ("a?x=1", "https://blog.example/news/a?x=1"),
            ("../a", "https://blog.example/a"),
            ("//other.example/a", "https://other.example/a"),
            ("  https://other.example/b\n", "https://other.example/b"),
        ] {
            assert_eq!(
                parse_link(text, Some(&base)).unwrap().canonical.as_str(),
                expected,
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn is_idempotent(path in "[a-zA-Z0-9/._~%#!?&=;:@+-]{0,40}", host in "[a-z]{1,8}(\\.[a-z]{2,5}){1,2}\\.?") {
            if let Some(link) = parse_link(&format!("https://{host}/{path}"), None) {
                prop_assert_eq!(canonical(&link.canonical), link.canonical);
            }
        }

        #[test]
        fn redirect_links_are_idempotent_too(inner in "[a-z0-9:/.?&=%]{0,30}") {
            let link = format!("https://www.google.com/url?q=https://l.facebook.com/l.php?u={inner}");
            if let Some(link) = parse_link(&link, None) {
                prop_assert_eq!(canonical(&link.canonical), link.canonical);
            }
        }

        #[test]
        fn never_panics(text in ".{0,60}") {
            let _ = parse_link(&text, None);
        }
    }
}
