//! Links that people submit, checked like those of a feed.

use url::Url;

use crate::feeds::canonical::parse_link;
use crate::indicators::refang;
use crate::plain;

/// Longest link that is repeated to the one who gave it, in characters.
const SHOWN: usize = 120;

/// A link as given and in canonical form. It may be defanged: that is how they stand in mails.
pub(in crate::web) fn link(text: &str) -> std::result::Result<(Url, Url), String> {
    let text = text.trim();
    let shown = || plain::short(text, SHOWN);
    if text.is_empty() {
        return Err("the URL is empty; write one, or add the page itself".into());
    }
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(format!(
            "`{}` holds blanks; write one URL a line",
            hidden(&shown())
        ));
    }
    let link = parse_link(text, None)
        .or_else(|| parse_link(&refang(text), None))
        .ok_or_else(|| format!("`{}` is no http or https URL", hidden(&shown())))?;
    let host = link.url.host_str().unwrap_or_default();
    if !link.url.username().is_empty() || link.url.password().is_some() {
        // Not repeated: it would stand in logs and on pages.
        return Err(format!(
            "the URL at `{}` holds a user name or password; take them out: the worker would not use them",
            plain::short(host, SHOWN)
        ));
    }
    if !is_name(host) {
        return Err(format!(
            "`{}` is no name of a host",
            plain::short(host, SHOWN)
        ));
    }
    Ok((link.url, link.canonical))
}

/// Browsers take nearly any character in a host; names that can be looked up have few.
fn is_name(host: &str) -> bool {
    host.starts_with('[')
        || host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// Text that is no URL may hold a password all the same.
fn hidden(text: &str) -> String {
    match text.split_once('@') {
        Some((before, after)) if before.contains(':') => {
            let scheme = before.split_once("://").map_or("", |(scheme, _)| scheme);
            format!("{scheme}://…@{after}")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_read_as_feeds_are_and_defanged_ones_too() {
        for (text, canonical) in [
            (
                "https://blog.example/a/?utm_source=x#top",
                "https://blog.example/a",
            ),
            ("  HTTP://Blog.Example:80/a\t", "http://blog.example/a"),
            ("hxxps://blog[.]example/a", "https://blog.example/a"),
            ("https://blog[.]example/a", "https://blog.example/a"),
            (
                "https://www.google.com/url?url=https%3A%2F%2Fblog.example%2Fa",
                "https://blog.example/a",
            ),
            ("http://127.0.0.1:8080/a", "http://127.0.0.1:8080/a"),
            ("http://[2001:db8::1]/a", "http://[2001:db8::1]/a"),
            (
                "https://bücher.example/ü",
                "https://xn--bcher-kva.example/%C3%BC",
            ),
        ] {
            assert_eq!(link(text).unwrap().1.as_str(), canonical, "{text}");
        }
    }

    #[test]
    fn what_is_no_link_is_refused_in_words() {
        for (text, says) in [
            ("", "empty"),
            ("   ", "empty"),
            ("blog.example/a", "no http or https URL"),
            ("/etc/passwd", "no http or https URL"),
            ("ftp://blog.example/a", "no http or https URL"),
            ("javascript:alert(1)", "no http or https URL"),
            ("https://", "no http or https URL"),
            ("https://a.example/ https://b.example/", "one URL a line"),
            ("ht\ntps://a.example/", "one URL a line"),
            ("https://user:s3cret@blog.example/a", "password"),
            ("https://user@blog.example/a", "user name"),
            ("https://blog.example*/a", "no name of a host"),
            ("https://blog.exa'mple/a", "no name of a host"),
        ] {
            let why = link(text).unwrap_err();
            assert!(why.contains(says), "{text}: {why}");
            assert!(!why.contains("s3cret"), "{why}");
        }
        let why = link("https://user:s3cret@blog example/").unwrap_err();
        assert!(!why.contains("s3cret"), "{why}");
        let why = link("user:s3cret@blog.example").unwrap_err();
        assert!(!why.contains("s3cret"), "{why}");
        assert!(link(&format!("https://a.example/{}", "a".repeat(9000))).is_err());
    }
}
