//! Links that lead through a counting service, where the target stands in the link itself.
//!
//! Nothing is asked over the network: a short link (`t.co`, `feedproxy.google.com/~r/…`) stays as it is.

use url::Url;

/// Services that carry the target in a parameter: host (or what it ends with, after a `.`), start of the
/// path, and the parameters it may stand in.
const SERVICES: &[(&str, &str, &[&str])] = &[
    ("google.*", "/url", &["q", "url"]),
    ("google.*", "/news/url", &["url"]),
    ("news.google.com", "/news/url", &["url"]),
    ("news.url.google.com", "/", &["url"]),
    ("bing.com", "/news/apiclick.aspx", &["url"]),
    ("duckduckgo.com", "/l/", &["uddg"]),
    ("l.facebook.com", "/l.php", &["u"]),
    ("lm.facebook.com", "/l.php", &["u"]),
    ("facebook.com", "/l.php", &["u"]),
    ("l.instagram.com", "/", &["u"]),
    ("out.reddit.com", "/", &["url"]),
    ("t.umblr.com", "/redirect", &["z"]),
    ("youtube.com", "/redirect", &["q"]),
    ("linkedin.com", "/redir/redirect", &["url"]),
    ("linkedin.com", "/safety/go", &["url"]),
    ("vk.com", "/away.php", &["to"]),
    ("steamcommunity.com", "/linkfilter", &["url", "u"]),
    ("slack-redir.net", "/link", &["url"]),
    ("medium.com", "/r/", &["url"]),
    ("safelinks.protection.outlook.com", "/", &["url"]),
    ("go.redirectingat.com", "/", &["url"]),
    ("go.skimresources.com", "/", &["url"]),
    ("click.linksynergy.com", "/", &["murl"]),
    ("exit.sc", "/", &["url"]),
];

/// The target of a redirect link.
pub(super) fn target(url: &Url) -> Option<Url> {
    let host = url.host_str()?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    parameter(url, host)
        .or_else(|| google_news(url, host))
        .or_else(|| amp(url, host))
        .or_else(|| url_defense(url, host))
}

fn parameter(url: &Url, host: &str) -> Option<Url> {
    let path = url.path();
    SERVICES
        .iter()
        .filter(|(service, start, _)| is_host(host, service) && is_path(path, start))
        .flat_map(|(_, _, names)| names.iter())
        .find_map(|name| {
            let (_, value) = url.query_pairs().find(|(key, _)| key == name)?;
            absolute(&value)
        })
}

/// `google.*` stands for Google under any public suffix (`google.co.uk`), nothing else.
fn is_host(host: &str, service: &str) -> bool {
    if let Some(name) = service.strip_suffix(".*") {
        let domain = psl::domain_str(host);
        return domain == Some(host)
            && host
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('.'));
    }
    host == service
        || service == "safelinks.protection.outlook.com"
            && host
                .strip_suffix(service)
                .is_some_and(|rest| rest.ends_with('.'))
}

/// `/url` matches itself and `/url/`, `/l/` everything below.
fn is_path(path: &str, start: &str) -> bool {
    if start == "/" || start.ends_with('/') {
        return path.starts_with(start);
    }
    path.trim_end_matches('/') == start
}

/// Google News wrote the target into the article id, until 2024: base64 of a record that begins with
/// 08 13 22, a length, and the URL.
fn google_news(url: &Url, host: &str) -> Option<Url> {
    if host != "news.google.com" {
        return None;
    }
    let mut segments = url.path_segments()?;
    segments.find(|segment| *segment == "articles" || *segment == "read")?;
    let record = base64(segments.next()?)?;
    let rest = record.strip_prefix(&[0x08, 0x13, 0x22])?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (second, rest) = rest.split_first()?;
        (usize::from(first & 0x7f) | usize::from(*second) << 7, rest)
    };
    absolute(std::str::from_utf8(rest.get(..length)?).ok()?)
}

/// The URL-safe alphabet (RFC 4648, section 5), padding optional.
fn base64(text: &str) -> Option<Vec<u8>> {
    let (mut out, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' | b'+' => 62,
            b'_' | b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).ok()?);
            bits &= (1 << held) - 1;
        }
    }
    Some(out)
}

/// `google.com/amp/s/HOST/PATH` and `*.cdn.ampproject.org/c/s/HOST/PATH`; without `s/` it is http.
fn amp(url: &Url, host: &str) -> Option<Url> {
    let path = url.path();
    let rest = if is_host(host, "google.*") {
        path.strip_prefix("/amp/")?
    } else if host.ends_with(".cdn.ampproject.org") {
        path.strip_prefix("/c/")
            .or_else(|| path.strip_prefix("/v/"))?
    } else {
        return None;
    };
    let (scheme, rest) = match rest.strip_prefix("s/") {
        Some(rest) => ("https", rest),
        None => ("http", rest),
    };
    let mut target = Url::parse(&format!("{scheme}://{rest}")).ok()?;
    target.host_str().filter(|host| host.contains('.'))?;
    target.set_query(url.query());
    Some(target)
}

/// Proofpoint version 3: `/v3/__URL__;…`. Characters it replaced (`*`) cannot be had back, such links stay.
fn url_defense(url: &Url, host: &str) -> Option<Url> {
    if host != "urldefense.com" && host != "urldefense.us" {
        return None;
    }
    let (_, rest) = url.as_str().split_once("/v3/__")?;
    let (target, _) = rest.split_once("__;")?;
    absolute(target).filter(|_| !target.contains('*'))
}

fn absolute(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}
