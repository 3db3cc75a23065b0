//! URLs with any scheme, and hosts with a path.
//!
//! Every slash is looked at once: `://` has a scheme before it, and another slash may end a bare host
//! (`evil-update.top/a.php`). The authority decides whether it is a URL; where it ends is the business of
//! [`ending`]. Placeholders (`http://{host}/a`), local and documentation hosts, abbreviated URLs and XML namespaces
//! are taken out of the scan whole.

mod authority;
mod ending;
mod scheme;
#[cfg(test)]
mod tests;

use std::ops::Range;

use self::authority::{Authority, Host};
use super::addresses::{reserved, v4, versions};
use super::dotted::{self, Reading};
use super::hosts::{self, HostKind};
use super::{Raw, Text};
use crate::indicators::{Kind, clear};

/// Hosts of XML namespaces and document types.
const NAMESPACES: &[&str] = &[
    "www.w3.org",
    "ns.adobe.com",
    "purl.org",
    "xmlns.com",
    "www.apple.com",
    "ns.apple.com",
    "java.sun.com",
    "xmlns.jcp.org",
    "relaxng.org",
    "www.openarchives.org",
    "www.sitemaps.org",
    "ogp.me",
    "schema.org",
];

/// Link and file services whose names are too short, or too much like a file's, to be told from other words;
/// with a path behind them there is no doubt.
const SERVICES: &[&str] = &[
    "0x0.st",
    "aka.ms",
    "amzn.to",
    "b.link",
    "file.io",
    "filebin.net",
    "fb.me",
    "git.io",
    "ix.io",
    "lnkd.in",
    "ow.ly",
    "oshi.at",
    "s.id",
    "t.co",
    "t.ly",
    "t.me",
    "temp.sh",
    "transfer.sh",
    "v.gd",
    "wa.me",
    "x.co",
    "youtu.be",
];

/// What a slash turned out to be.
enum Taken {
    /// A URL, or something that is none and shall not be taken apart.
    Whole(Raw),
    /// A host at the end of a placeholder, and where what belongs to it ends: the rest is nothing.
    Rest(Raw, usize),
    /// Nothing; go on at this offset.
    Resume(usize),
}

pub(super) fn find(text: &Text<'_>, gap: Range<usize>, raws: &mut Vec<Raw>) {
    let (mut from, mut at) = (gap.start, gap.start);
    while let Some(slash) = text.position(at..gap.end, b'/') {
        let taken = match mark(text, from, slash) {
            Some((colon, first)) => with_scheme(text, from..gap.end, colon, first),
            None => without_scheme(text, from..gap.end, slash),
        };
        match taken {
            Taken::Whole(raw) => {
                from = raw.span.end.max(slash + 1);
                at = from;
                raws.push(raw);
            }
            Taken::Rest(raw, end) => {
                let rest = raw.span.end..end.max(slash + 1);
                from = rest.end;
                at = from;
                raws.push(raw);
                raws.push(Raw::nothing(rest));
            }
            Taken::Resume(next) => at = next.max(slash + 1),
        }
    }
}

/// Where a scheme ends and its authority begins, if the slash at `slash` parts them: `://`, and for HTTP also what
/// typing errors leave of it (`:/`, `//`, `;//`).
fn mark(text: &Text<'_>, from: usize, slash: usize) -> Option<(usize, usize)> {
    let before = text.byte(slash.checked_sub(1).filter(|at| *at >= from)?);
    let double = text.byte(slash + 1) == b'/';
    let (end, first) = match before {
        b':' if double => return Some((slash - 1, slash + 2)),
        b':' if text.byte(slash + 1).is_ascii_alphanumeric() => (slash - 1, slash + 1),
        b';' if double => (slash - 1, slash + 2),
        b'p' | b's' if double => (slash, slash + 2),
        _ => return None,
    };
    let word = text.slice(end.saturating_sub(8).max(from)..end);
    let word = word.rsplit(|c: char| !c.is_ascii_alphanumeric()).next()?;
    (matches!(word, "http" | "https") || defanged_scheme(word).is_some()).then_some((end, first))
}

/// What a scheme means whose marks were left because no colon stands behind it: `hxxp//evil-update.top`.
fn defanged_scheme(name: &str) -> Option<&'static str> {
    let crossed = (4..=5).contains(&name.len()) && name.starts_with(['h', 'H']);
    crossed
        .then(|| clear::meaning(name.to_ascii_lowercase().as_bytes()))
        .flatten()
}

/// Reads a URL whose scheme ends at `colon` and whose authority begins at `first`.
fn with_scheme(text: &Text<'_>, within: Range<usize>, colon: usize, first: usize) -> Taken {
    let Some(start) = scheme::start(text, within.start, colon) else {
        return without_name(text, within, colon, first);
    };
    let name = text.slice(start..colon);
    if scheme::is_local(name) {
        return placeholder(text, start, first, within.end);
    }
    let Some(authority) = authority::read(text, first..within.end) else {
        return placeholder(text, start, first, within.end);
    };
    let known = scheme::is_known(name) || defanged_scheme(name).is_some();
    let public = match authority.kind {
        Host::Name(_) => true,
        Host::V4(address) => !reserved::is_v4(address),
        Host::V6(address) => !reserved::is_v6(address),
        Host::Number(address) => known && !reserved::is_v4(address),
        Host::Hash => matches!(name, "ipfs" | "ipns"),
    };
    let ending = ending::of(text, start, authority.end, within.end);
    let span = scheme::outer(text, within.start, start)..ending.end;
    let furniture = is_furniture(text, &span, &authority, ending.end);
    if !public || ending.abbreviated || furniture || !(known || is_told(&authority)) {
        return Taken::Whole(Raw::nothing(span.start..ending.end.max(ending.seen)));
    }
    let mut value = match defanged_scheme(name) {
        Some(meant) => meant.to_owned(),
        None => text.slice(span.start..colon).to_ascii_lowercase(),
    };
    value.push_str("://");
    push_authority(text, first, &authority, &mut value);
    value.push_str(text.slice(authority.end..ending.end));
    Taken::Whole(Raw::new(Kind::Url, value, span))
}

/// What stands behind `://` without a scheme: a host alone, or what the next slash decides.
fn without_name(text: &Text<'_>, within: Range<usize>, colon: usize, first: usize) -> Taken {
    let next = Taken::Resume(first - 1);
    let before = colon.checked_sub(1).map_or(b' ', |at| text.byte(at));
    if before > b' ' && !b"\"'`(<[|".contains(&before) {
        return next;
    }
    match authority::read(text, first..within.end) {
        Some(Authority {
            host,
            end,
            kind: Host::Name(kind),
        }) if end == host.end && text.byte(end) != b'/' => {
            let value = hosts::normal(text.slice(host.clone()));
            Taken::Whole(Raw::new(kind.kind(), value, host))
        }
        _ => next,
    }
}

/// Whether the host alone makes an unknown scheme believable.
fn is_told(authority: &Authority) -> bool {
    !matches!(authority.kind, Host::Number(_) | Host::Hash)
}

/// What has a scheme and no host, or names none: it goes whole; nothing at all is left to others.
fn placeholder(text: &Text<'_>, start: usize, first: usize, limit: usize) -> Taken {
    let authority = authority::extent(text, first..limit);
    let nested = text.slice(authority.clone()).ends_with(':');
    if authority.is_empty() || nested {
        return Taken::Resume(authority.end);
    }
    let ending = ending::of(text, start, authority.end, limit);
    let end = ending.end.max(ending.seen);
    let written = text.slice(authority.clone());
    let rest = written
        .rfind(['>', '}', ']', ')', '%'])
        .filter(|at| {
            written
                .get(at + 1..)
                .is_some_and(|rest| rest.starts_with('.'))
        })
        .map(|at| authority.start + at + 2);
    match rest.and_then(|from| defanged_rest(text, from, authority.end)) {
        Some(raw) => Taken::Rest(raw, end),
        None => Taken::Whole(Raw::nothing(start..end)),
    }
}

/// The host behind a placeholder for the labels before it (`hxxp://{id}.evil-update[.]top/`): no URL, but a name that
/// the author defanged.
fn defanged_rest(text: &Text<'_>, from: usize, limit: usize) -> Option<Raw> {
    let host = from..hosts::host_end(text.str(), from, limit);
    let name = text.slice(host.clone());
    let kind = hosts::is_host(name).filter(|_| text.is_defanged(&host))?;
    Some(Raw::new(kind.kind(), hosts::normal(name), host))
}

/// Whether a placeholder stands for the labels before a host: `<id>.evil-update.top`.
fn follows_placeholder(text: &Text<'_>, host: &Range<usize>) -> bool {
    let before = |back: usize| host.start.checked_sub(back).map_or(0, |at| text.byte(at));
    before(1) == b'.' && matches!(before(2), b'>' | b'}' | b']' | b')')
}

/// Appends user, host and port: the host as hosts go out.
fn push_authority(text: &Text<'_>, first: usize, authority: &Authority, value: &mut String) {
    value.push_str(text.slice(first..authority.host.start));
    value.push_str(&hosts::normal(text.slice(authority.host.clone())));
    value.push_str(text.slice(authority.host.end..authority.end));
}

/// XML namespaces and document types are names, not places.
fn is_furniture(text: &Text<'_>, span: &Range<usize>, authority: &Authority, end: usize) -> bool {
    let host = text.slice(authority.host.clone());
    let path = text.slice(authority.end..end);
    if host.starts_with("schemas.") {
        return true;
    }
    let year = path.get(1..5).unwrap_or_default();
    if host == "www.w3.org" && year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    NAMESPACES.contains(&host)
        && (path.contains("/DTDs/")
            || text.is_code(span)
            || text.line_before(span.start, 32).contains("xmlns"))
}

/// Reads a URL without scheme, whose host ends before `slash`.
fn without_scheme(text: &Text<'_>, within: Range<usize>, slash: usize) -> Taken {
    let next = Taken::Resume(slash + 1);
    let Some(host) = authority::bare(text, within.start, slash) else {
        return next;
    };
    let name = text.slice(host.clone());
    let address = v4::parse(name);
    if address.is_none() && !is_bare_host(text, &host) {
        return next;
    }
    let ending = ending::of(text, host.start, slash, within.end);
    let path = text.slice(slash + 1..ending.end);
    if follows_placeholder(text, &host) {
        let end = ending.end.max(ending.seen);
        return match defanged_rest(text, host.start, host.end) {
            Some(raw) => Taken::Rest(raw, end),
            None => Taken::Whole(Raw::nothing(host.start..end)),
        };
    }
    if address.is_some_and(|_| is_address_alone(text, &host, path))
        || is_list(text, &host, slash, path)
    {
        return next;
    }
    let span = host.start..ending.end;
    if ending.abbreviated || address.is_some_and(reserved::is_v4) {
        return Taken::Whole(Raw::nothing(span.start..ending.end.max(ending.seen)));
    }
    let mut value = hosts::normal(name);
    value.push_str(text.slice(host.end..ending.end));
    Taken::Whole(Raw::new(Kind::Url, value, span))
}

/// Whether a name without scheme before a slash is a host, rather than a file name or a word.
fn is_bare_host(text: &Text<'_>, host: &Range<usize>) -> bool {
    let name = text.slice(host.clone());
    if text.is_defanged(host) {
        return hosts::is_host(name).is_some();
    }
    // `//cdn.evil.top/a.js` leaves the scheme to the page; in code two slashes also begin a comment.
    if text.line_before(host.start, 1) == "/" {
        let told = text.line_before(host.start, 3) == "://";
        return hosts::is_host(name).is_some_and(|kind| told || kind == HostKind::Hostname);
    }
    dotted::reading(text, host) == Reading::Host
        || SERVICES
            .iter()
            .any(|service| service.eq_ignore_ascii_case(name))
}

/// Whether what follows an address and a slash makes no URL of it: a prefix length, a mask, a protocol, another
/// address; or whether the address is a version number.
fn is_address_alone(text: &Text<'_>, host: &Range<usize>, path: &str) -> bool {
    const PROTOCOLS: &[&str] = &["tcp", "udp", "sctp", "icmp", "tls", "ssl"];
    path.bytes().all(|byte| byte.is_ascii_digit())
        || v4::parse(path.split([':', '/']).next().unwrap_or_default()).is_some()
        || PROTOCOLS.iter().any(|name| path.eq_ignore_ascii_case(name))
        || (!text.is_defanged(host) && versions::is_version(text, host))
}

/// Whether host and path are two hosts of a list, both defanged: `evil-a[.]top/evil-b[.]top`.
fn is_list(text: &Text<'_>, host: &Range<usize>, slash: usize, path: &str) -> bool {
    let second = slash + 1..slash + 1 + path.len();
    !path.contains('/')
        && path.contains('.')
        && text.is_defanged(host)
        && text.is_defanged(&second)
        && hosts::is_host(path).is_some()
}
