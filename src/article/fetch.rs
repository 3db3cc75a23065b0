//! Downloading an article's page.

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{charset, walls};
use crate::config::{ArticleSettings, Secret};
use crate::failure::{Failure, Reason};
use crate::http::{self, Fetched, Fetcher, Request};

/// A page, downloaded and decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The address asked for.
    pub requested: Url,
    /// Where it was found in the end.
    pub url: Url,
    /// How to read it.
    pub media_type: MediaType,
    /// Its text; empty of a PDF.
    pub text: String,
    /// A PDF as it came; empty of all else.
    pub bytes: Vec<u8>,
}

/// The kinds of page that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaType {
    /// HTML or XHTML.
    Html,
    /// Plain text.
    Text,
    /// Markdown.
    Markdown,
    /// PDF, of which the text layer is read.
    Pdf,
}

impl MediaType {
    /// Its word: `html`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::Pdf => "pdf",
        }
    }

    /// How to read a file: by its first bytes, and where those leave it open by the end of its name. `None`: it is
    /// neither text nor PDF.
    pub fn of_file(name: &str, bytes: &[u8]) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let named = |ends: &[&str]| ends.iter().any(|end| lower.ends_with(end));
        match sniff(name, bytes)? {
            Self::Text if named(&[".html", ".htm", ".xhtml", ".xht"]) => Some(Self::Html),
            found => Some(found),
        }
    }
}

/// What a feed says about requests for its articles.
#[derive(Debug, Clone, Default)]
pub struct FeedRequest {
    /// Further request headers.
    pub headers: HeaderMap,
    /// Instead of `http.user_agent`.
    pub user_agent: Option<String>,
    /// Instead of `http.proxy`.
    pub proxy: Option<Secret>,
}

const ACCEPT: &str = "text/html,application/xhtml+xml,text/plain;q=0.8,text/markdown;q=0.8,application/pdf;q=0.7,*/*;q=0.5";

/// Downloads the page at `link`. Fails for whatever is not an article that can be read, under the name that
/// people see: gone, forbidden, rate-limited, a block page, the wrong media type, ...
pub async fn fetch_page(
    fetcher: &Fetcher,
    settings: &ArticleSettings,
    link: &str,
    feed: &FeedRequest,
) -> Result<Page, Failure> {
    let requested = Url::parse(link)
        .map_err(|why| Failure::new(Reason::BadUrl, format!("`{link}` is not a URL: {why}")))?;
    let request = Request {
        url: requested.clone(),
        headers: feed.headers.clone(),
        user_agent: feed.user_agent.clone(),
        proxy: feed.proxy.clone(),
        accept: ACCEPT,
        max_size: settings.max_size.get(),
        timeout: settings.timeout.get(),
        max_redirects: settings.max_redirects,
    };
    let answer = fetcher.fetch(&request).await?;
    if let Some(failure) = http::classify_status(answer.status, &answer.headers, &answer.url) {
        return Err(walled(&answer, failure));
    }
    if answer.body.iter().all(u8::is_ascii_whitespace) {
        let message = format!("`{}` is an empty page", http::shown(&answer.url));
        return Err(Failure::new(Reason::Empty, message));
    }
    read_page(requested, answer)
}

/// An error status with the marks of a block page is that.
fn walled(fetched: &Fetched, failure: Failure) -> Failure {
    let text = charset::decode(&fetched.body, None, None);
    match walls::behind_status(fetched.status, &fetched.headers, &text) {
        Some(wall) => Failure::new(
            Reason::BlockPage,
            format!(
                "`{}` answers with {wall} (HTTP {})",
                http::shown(&fetched.url),
                fetched.status
            ),
        )
        .retry_after(failure.retry_after),
        None => failure,
    }
}

fn read_page(requested: Url, fetched: Fetched) -> Result<Page, Failure> {
    if let Some(wall) = walls::in_headers(&fetched.headers) {
        let message = format!("`{}` answers with {wall}", http::shown(&fetched.url));
        return Err(Failure::new(Reason::BlockPage, message));
    }
    let declared = fetched.header(CONTENT_TYPE).unwrap_or_default();
    let (essence, charset) = parse_content_type(declared);
    let Some(media_type) = media_type(&essence, &fetched.url, &fetched.body) else {
        return Err(wrong_type(&fetched, &essence));
    };
    let tld = fetched
        .url
        .domain()
        .and_then(|host| host.rsplit('.').next());
    let text = match media_type {
        MediaType::Pdf => String::new(),
        _ => charset::decode(&fetched.body, charset.as_deref(), tld),
    };
    Ok(Page {
        requested,
        text,
        url: fetched.url,
        media_type,
        bytes: match media_type {
            MediaType::Pdf => fetched.body,
            _ => Vec::new(),
        },
    })
}

impl Page {
    /// A page that somebody handed in: as if it had been downloaded at this address, if that is one of the web.
    pub fn submitted(
        url: Url,
        media_type: MediaType,
        charset: Option<&str>,
        bytes: Vec<u8>,
    ) -> Self {
        let pdf = media_type == MediaType::Pdf;
        Self {
            requested: url.clone(),
            url,
            media_type,
            text: if pdf {
                String::new()
            } else {
                charset::decode(&bytes, charset, None)
            },
            bytes: if pdf { bytes } else { Vec::new() },
        }
    }

    /// A page that was not downloaded: a file, or what came on standard input. How to read it is told by the end of its
    /// name, else by its first bytes. Fails for what is no text.
    pub fn local(url: Url, bytes: Vec<u8>) -> Result<Self, Failure> {
        match MediaType::of_file(url.path(), &bytes) {
            Some(media_type) => Ok(Self::submitted(url, media_type, None, bytes)),
            None => Err(Failure::new(
                Reason::WrongMediaType,
                format!("`{}` holds neither text nor PDF", http::shown(&url)),
            )),
        }
    }
}

fn wrong_type(fetched: &Fetched, essence: &str) -> Failure {
    let what = if essence.is_empty() {
        "of no recognisable type"
    } else {
        essence
    };
    Failure::new(
        Reason::WrongMediaType,
        format!(
            "`{}` is `{what}`; only HTML, PDF, plain text and Markdown can be read",
            http::shown(&fetched.url)
        ),
    )
}

/// `text/html; charset=utf-8` as type in lower case and charset.
fn parse_content_type(value: &str) -> (String, Option<String>) {
    let mut parts = value.split(';');
    let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
    });
    (essence, charset)
}

/// How to read a body: by its declared type, or by its first bytes when that says nothing. What begins like a PDF is
/// one, whatever it is called.
fn media_type(essence: &str, url: &Url, body: &[u8]) -> Option<MediaType> {
    match essence {
        _ if is_pdf(body) && is_plain(essence) => Some(MediaType::Pdf),
        "text/html" | "application/xhtml+xml" => Some(MediaType::Html),
        "text/markdown" | "text/x-markdown" => Some(MediaType::Markdown),
        "text/plain" | "application/xml" | "text/xml" if looks_like_html(body) => {
            Some(MediaType::Html)
        }
        "text/plain" => is_text(body).then(|| textual(url.path())),
        essence if says_nothing(essence) => sniff(url.path(), body),
        _ => None,
    }
}

/// Whether a declared type allows for a PDF.
fn is_plain(essence: &str) -> bool {
    says_nothing(essence)
        || essence.starts_with("text/")
        || matches!(
            essence,
            "application/pdf"
                | "application/x-pdf"
                | "application/xhtml+xml"
                | "application/download"
                | "application/force-download"
        )
}

fn says_nothing(essence: &str) -> bool {
    matches!(
        essence,
        "" | "application/octet-stream"
            | "unknown/unknown"
            | "application/unknown"
            | "*/*"
            | "binary/octet-stream"
    )
}

fn sniff(path: &str, body: &[u8]) -> Option<MediaType> {
    if is_pdf(body) {
        Some(MediaType::Pdf)
    } else if looks_like_html(body) {
        Some(MediaType::Html)
    } else {
        is_text(body).then(|| textual(path))
    }
}

/// The header may stand within the first 1,024 bytes (ISO 32000-1, annex H.3), but is believed at the start only.
fn is_pdf(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"%PDF-")
}

fn textual(path: &str) -> MediaType {
    let path = path.to_ascii_lowercase();
    if [".md", ".markdown", ".mkd"]
        .iter()
        .any(|end| path.ends_with(end))
    {
        MediaType::Markdown
    } else {
        MediaType::Text
    }
}

fn looks_like_html(body: &[u8]) -> bool {
    let head: String = body
        .iter()
        .skip_while(|b| b.is_ascii_whitespace() || !b.is_ascii())
        .take(512)
        .map(|&b| char::from(b.to_ascii_lowercase()))
        .collect();
    let start = ["<!doctype html", "<html", "<head", "<body", "<!--"];
    start.iter().any(|tag| head.starts_with(tag))
        || (head.starts_with("<?xml") && head.contains("<html"))
}

/// Binary data has control characters that no text has; UTF-16 has a byte order mark.
fn is_text(body: &[u8]) -> bool {
    let marked = body.starts_with(&[0xff, 0xfe]) || body.starts_with(&[0xfe, 0xff]);
    let control = |b: &u8| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b);
    marked || !body.iter().take(1024).any(control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_are_recognised() {
        use MediaType::{Html, Markdown, Pdf, Text};
        let page = "https://blog.example/post";
        let readme = "https://blog.example/README.md";
        for (declared, url, body, expected) in [
            ("text/html; charset=utf-8", page, &b"<p>x"[..], Some(Html)),
            ("TEXT/HTML", page, b"x", Some(Html)),
            ("application/xhtml+xml", page, b"<?xml?><html>", Some(Html)),
            ("text/plain", page, b"just text", Some(Text)),
            ("text/plain", readme, b"# Title", Some(Markdown)),
            ("text/plain", page, b"\n <!DOCTYPE HTML><p>", Some(Html)),
            ("text/plain", page, b"\x7fELF\0\0", None),
            ("text/markdown", page, b"# Title", Some(Markdown)),
            ("", page, b"<html><p>x", Some(Html)),
            ("", page, b"\xef\xbb\xbf<!doctype html>", Some(Html)),
            ("", page, b"plain words", Some(Text)),
            ("", page, b"%PDF-1.7", Some(Pdf)),
            (
                "application/octet-stream",
                page,
                b"\x89PNG\r\n\x1a\n\0",
                None,
            ),
            ("text/html", page, b"%PDF-1.7", Some(Pdf)),
            ("application/pdf", page, b"\n%PDF-1.7", Some(Pdf)),
            ("application/pdf", page, b"no PDF", None),
            ("image/png", page, b"%PDF-1.7", None),
            (
                "application/xml",
                page,
                b"<?xml version='1.0'?><html>",
                Some(Html),
            ),
            ("application/rss+xml", page, b"<rss>", None),
            ("image/png", page, b"\x89PNG", None),
            ("application/json", page, b"{}", None),
        ] {
            let (essence, _) = parse_content_type(declared);
            let url = Url::parse(url).unwrap();
            assert_eq!(
                media_type(&essence, &url, body),
                expected,
                "{declared} {body:?}"
            );
        }
    }

    #[test]
    fn files_are_known_by_name_or_content() {
        use MediaType::{Html, Markdown, Pdf, Text};
        for (path, body, expected) in [
            ("/x/a.html", &b"<p>x"[..], Some(Html)),
            ("/x/a.HTM", b"x", Some(Html)),
            ("/x/README.md", b"# x", Some(Markdown)),
            ("/x/a.txt", b"x", Some(Text)),
            ("/x/a", b"<!doctype html>", Some(Html)),
            ("/x/a.txt", b"%PDF-1.4", Some(Pdf)),
            ("/x/a.exe", b"MZ\0\x01", None),
        ] {
            let url = Url::parse(&format!("file://{path}")).unwrap();
            let page = Page::local(url, body.to_vec());
            assert_eq!(page.ok().map(|page| page.media_type), expected, "{path}");
        }
    }

    #[test]
    fn content_types_are_parsed() {
        for (value, essence, charset) in [
            ("text/html", "text/html", None),
            (
                "Text/HTML ; Charset=\"UTF-8\"; x=y",
                "text/html",
                Some("UTF-8"),
            ),
            ("text/html; charset=", "text/html", None),
            ("", "", None),
        ] {
            let (found, set) = parse_content_type(value);
            assert_eq!(
                (found.as_str(), set.as_deref()),
                (essence, charset),
                "{value}"
            );
        }
    }
}
