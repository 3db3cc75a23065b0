//! An HTML page where a feed should be: the feeds it advertises.

use url::Url;

use super::repair::cut;
use super::repair::damage::Damage;
use super::repair::entities::decode_html;
use super::repair::tokens::{Tag, Token, Tokens, attributes};

/// Advertised feeds read from one page, and bytes of it that are looked at.
const MAX_FEEDS: usize = 10;
const HEAD: usize = 512 * 1024;

/// The feeds that a page names in `<link rel="alternate" type="application/rss+xml" href="…">`, absolute.
pub(crate) fn advertised(page: &str, base: Option<&Url>) -> Vec<Url> {
    let page = cut(page, HEAD);
    let (mut tokens, mut damage) = (Tokens::new(page), Damage::default());
    let mut base = base.cloned();
    let mut found = Vec::new();
    while let Some(token) = tokens.next(None, &mut damage) {
        let Token::Start(tag) = token else { continue };
        if tag.name.eq_ignore_ascii_case("base") {
            base = attribute(&tag, "href")
                .and_then(|href| absolute(&href, base.as_ref()))
                .or(base);
        } else if tag.name.eq_ignore_ascii_case("link")
            && let Some(url) = feed_link(&tag, base.as_ref())
            && !found.contains(&url)
        {
            found.push(url);
        }
        if found.len() >= MAX_FEEDS {
            break;
        }
    }
    found
}

fn feed_link(tag: &Tag<'_>, base: Option<&Url>) -> Option<Url> {
    let relation = attribute(tag, "rel")?;
    let kind = attribute(tag, "type")?.to_ascii_lowercase();
    let is_alternate = relation
        .split_whitespace()
        .any(|word| word.eq_ignore_ascii_case("alternate"));
    let is_feed = [
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
        "application/rdf+xml",
    ]
    .iter()
    .any(|feed| kind.starts_with(feed));
    if !is_alternate || !is_feed {
        return None;
    }
    absolute(&attribute(tag, "href")?, base)
}

fn absolute(href: &str, base: Option<&Url>) -> Option<Url> {
    let url = match base {
        Some(base) => base.join(href.trim()),
        None => Url::parse(href.trim()),
    };
    url.ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
}

fn attribute(tag: &Tag<'_>, name: &str) -> Option<String> {
    attributes(tag.attributes)
        .take(64)
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| decode_html(value))
        .filter(|value| !value.trim().is_empty())
}

/// Whether a text that is no feed looks like a web page.
pub(crate) fn is_page(text: &str) -> bool {
    let head: String = text
        .chars()
        .take(4096)
        .collect::<String>()
        .to_ascii_lowercase();
    [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<script",
        "<meta ",
    ]
    .iter()
    .any(|mark| head.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_feeds_of_a_page() {
        let base = Url::parse("https://blog.example/news/").unwrap();
        let page = "<!doctype html><html><head><link rel=stylesheet href=a.css>
            <link rel='alternate' type='application/rss+xml' title=x href='../feed.xml?a=1&amp;b=2'>
            <LINK HREF=/atom REL='Alternate' TYPE='application/atom+xml; charset=utf-8'>
            <link rel=alternate hreflang=de href=/de><link rel=alternate type=application/rss+xml href='javascript:x'>";
        let found = advertised(page, Some(&base));
        let shown: Vec<_> = found.iter().map(Url::as_str).collect();
        assert_eq!(
            shown,
            [
                "https://blog.example/feed.xml?a=1&b=2",
                "https://blog.example/atom"
            ]
        );
        assert!(is_page(page));
    }
}
