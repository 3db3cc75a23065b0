//! Unix paths: absolute, below a home directory, or below a shell variable.

use std::ops::Range;

use super::super::{Raw, Text};
use super::walk::{self, Style};
use super::{LIMIT, Outcome, known};

/// Components that stand in the routes of web services.
const ROUTES: &[&str] = &[
    "api",
    "apis",
    "v1",
    "v2",
    "v3",
    "v4",
    "rest",
    "graphql",
    "oauth",
    "oauth2",
    "wp-content",
    "wp-includes",
    "wp-admin",
    "wp-json",
    "cgi-bin",
    "cdn-cgi",
    "static",
    "assets",
    "blog",
    "blogs",
    "login",
    "admin",
    "users",
    "user",
    "owa",
    "ecp",
    "autodiscover",
    "rpc",
    "webhook",
    "webhooks",
    "search",
    "tag",
    "tags",
    "category",
];

/// The path that begins at `at`.
pub(super) fn at(text: &Text<'_>, at: usize) -> Outcome {
    if !begins(text, at) {
        return Outcome::Nothing;
    }
    let style = Style {
        separator: b'/',
        stops: b"?&\\",
        blank: &|component| blank(text, component, at),
    };
    match walk::end(text, at, LIMIT, &style) {
        Err(end) => Outcome::Found(Raw::nothing(at..end)),
        Ok(end) if is_believable(text, at..end) => {
            let value = text.slice(at..end);
            Outcome::Found(Raw::new(super::kind(value), value, at..end))
        }
        Ok(end) => Outcome::Skip(end),
    }
}

/// Whether a path may begin there.
fn begins(text: &Text<'_>, at: usize) -> bool {
    let before = text.byte(at.wrapping_sub(1));
    if before.is_ascii_alphanumeric() || matches!(before, b'.' | b'/' | b'\\' | b'_' | b'-') {
        return false;
    }
    if before == b':' && is_drive(text, at) {
        return false;
    }
    let is_component = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'.' | b'_' | b'~' | b'-' | b'@' | b'$' | b'*')
            || byte >= 0x80
    };
    match text.byte(at) {
        b'/' => is_component(text.byte(at + 1)),
        b'~' => text.byte(at + 1) == b'/' && is_component(text.byte(at + 2)),
        b'$' => variable(text, at),
        _ => false,
    }
}

/// Whether `C:` stands before `at`.
fn is_drive(text: &Text<'_>, at: usize) -> bool {
    let back = |n: usize| text.byte(at.wrapping_sub(n));
    back(2).is_ascii_alphabetic() && !back(3).is_ascii_alphabetic()
}

/// `$HOME/` and `${TMPDIR}/`.
fn variable(text: &Text<'_>, at: usize) -> bool {
    let brace = usize::from(text.byte(at + 1) == b'{');
    let from = at + 1 + brace;
    let length = (from..from + 32)
        .take_while(|at| matches!(text.byte(*at), b'A'..=b'Z' | b'_' | b'0'..=b'9'))
        .count();
    let end = from + length;
    let closed = brace == 0 || text.byte(end) == b'}';
    length > 1
        && closed
        && text.byte(end + brace) == b'/'
        && (text.byte(end + brace + 1).is_ascii_alphanumeric()
            || matches!(text.byte(end + brace + 1), b'.' | b'_'))
}

/// On macOS directories have blanks: known ones, and capitalised words before the next separator.
fn blank(text: &Text<'_>, component: Range<usize>, start: usize) -> Option<usize> {
    let rest = text.slice(component.start..text.str().len());
    let known = component.start + known::with_blanks(known::WITH_BLANKS, rest);
    if known > component.end {
        return Some(known);
    }
    let before = text.slice(start..component.start);
    let is_mac = [
        "/Library/",
        "/Applications/",
        "/Volumes/",
        "/Users/",
        "/System/",
    ]
    .iter()
    .any(|root| before.contains(root));
    let ahead = walk::ahead(text, component.end, b'/');
    let fits = is_mac
        && !component.is_empty()
        && !known::is_file(text.slice(component))
        && ahead.words <= 3
        && ahead.capitals
        && !ahead.prose
        && ahead.end > ahead.last
        && (ahead.stop == b'/' || ahead.file.is_some());
    fits.then(|| {
        if ahead.stop == b'/' {
            ahead.end
        } else {
            ahead.file.unwrap_or(ahead.end)
        }
    })
}

/// Decides on what was read.
fn is_believable(text: &Text<'_>, span: Range<usize>) -> bool {
    let value = text.slice(span.clone());
    if is_requested(text, span.start) || value.contains("//") {
        return false;
    }
    let mut parts = value.split('/').filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or_default();
    let second = parts.next();
    if !value.starts_with('/') {
        return second.is_some();
    }
    let is_route = value.split('/').any(|part| ROUTES.contains(&part));
    if known::is_root(first) {
        let is_url = known::is_ambiguous_root(first) && (is_route || known::is_page(value));
        return second.is_some() && !is_url;
    }
    if is_route || known::is_page(value) {
        return false;
    }
    match second {
        Some(_) => known::is_file(value) || fills_line(text, &span),
        None => false,
    }
}

/// Whether a request's method stands before it: the path of a URL.
fn is_requested(text: &Text<'_>, at: usize) -> bool {
    let before = text
        .line_before(at, 12)
        .trim_end_matches([' ', '"', '\'', '`']);
    ["GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH"]
        .iter()
        .any(|method| before.ends_with(method))
}

/// Whether nothing else stands on its line.
fn fills_line(text: &Text<'_>, span: &Range<usize>) -> bool {
    text.line_before(span.start, 16).trim().is_empty()
        && text.line_after(span.end, 16).trim().is_empty()
}
