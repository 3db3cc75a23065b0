//! The part of a URL that names the server.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::super::Text;
use super::super::addresses::v4;
use super::super::hosts::{self, HostKind};

/// The longest authority looked at, in bytes: a host of 253, a user and a port.
const LONGEST: usize = 600;

/// Who serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Host {
    /// By name.
    Name(HostKind),
    /// By address.
    V4(Ipv4Addr),
    /// By address in brackets.
    V6(Ipv6Addr),
    /// By an address in one of the forms that `inet_aton` reads and people do not: one decimal number,
    /// hexadecimal, octal.
    Number(Ipv4Addr),
    /// By content (IPFS).
    Hash,
}

/// A well-formed authority.
#[derive(Debug)]
pub(super) struct Authority {
    pub(super) host: Range<usize>,
    /// Behind the port, or the host when it has none.
    pub(super) end: usize,
    pub(super) kind: Host,
}

/// Reads the authority that begins at the start of `range`.
pub(super) fn read(text: &Text<'_>, range: Range<usize>) -> Option<Authority> {
    let extent = extent(text, range);
    let start = extent.start + user(text.slice(extent.clone()));
    let (host, kind) = host(text, start..extent.end)?;
    // A full stop before the path stands for the root of the DNS.
    let rooted = text.byte(host.end) == b'.' && matches!(text.byte(host.end + 1), b'/' | b':');
    let end = port_end(text, host.end + usize::from(rooted), extent.end);
    Some(Authority { host, end, kind })
}

/// Everything up to the path, query, or what cannot stand in a URL at all.
pub(super) fn extent(text: &Text<'_>, range: Range<usize>) -> Range<usize> {
    let limit = range.end.min(range.start.saturating_add(LONGEST));
    let bytes = text.bytes().get(range.start..limit).unwrap_or_default();
    let length = bytes
        .iter()
        .position(|byte| {
            matches!(
                byte,
                b'/' | b'?' | b'#' | b'\\' | b'^' | 0..=b' ' | b'"' | b'<' | b'>' | b'|'
            )
        })
        .unwrap_or(bytes.len());
    let mut end = range.start + length;
    while !text.str().is_char_boundary(end) {
        end -= 1;
    }
    range.start..end
}

/// Length of `user:password@`, 0 without.
fn user(authority: &str) -> usize {
    let Some(at) = authority.rfind('@') else {
        return 0;
    };
    let is_user = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%!$&*+=:@".contains(&byte);
    if authority.bytes().take(at).all(is_user) {
        at + 1
    } else {
        0
    }
}

fn host(text: &Text<'_>, range: Range<usize>) -> Option<(Range<usize>, Host)> {
    let (start, limit) = (range.start, range.end);
    if text.byte(start) == b'[' {
        let inner = text.slice(start + 1..limit.min(start + 66));
        let length = inner.find(']')?;
        let address = inner.get(..length)?.split('%').next()?;
        return Some((start..start + length + 2, Host::V6(address.parse().ok()?)));
    }
    let end = hosts::host_end(text.str(), start, limit);
    let name = text.slice(start..end);
    let bare = name.trim_end_matches(['-', '_']);
    let host = start..start + bare.len();
    if let Some(address) = v4::parse(bare) {
        return Some((host, Host::V4(address)));
    }
    if let Some(kind) = hosts::is_host(bare) {
        return Some((host, Host::Name(kind)));
    }
    if let Some(address) = number(bare) {
        return Some((host, Host::Number(address)));
    }
    let hash = bare.len() >= 46 && bare.bytes().all(|byte| byte.is_ascii_alphanumeric());
    hash.then_some((host, Host::Hash))
}

/// Behind `:` and a port number; `at` if none follows.
fn port_end(text: &Text<'_>, at: usize, limit: usize) -> usize {
    if text.byte(at) != b':' {
        return at;
    }
    match v4::port(text, at + 1, limit) {
        Some((_, end)) => end,
        None => at,
    }
}

/// An address as `inet_aton` reads it, unless it is written the usual way: `0xb907d607`, `3104298503`,
/// `0271.07.0326.07`.
fn number(host: &str) -> Option<Ipv4Addr> {
    let count = host.split('.').count();
    if !matches!(count, 1 | 4) || host.len() < 8 || host.len() > 32 {
        return None;
    }
    if count == 1 {
        return part(host).map(Ipv4Addr::from);
    }
    let mut octets = [0; 4];
    for (octet, digits) in octets.iter_mut().zip(host.split('.')) {
        *octet = u8::try_from(part(digits)?).ok()?;
    }
    Some(Ipv4Addr::from(octets))
}

fn part(digits: &str) -> Option<u32> {
    let hex = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"));
    if let Some(hex) = hex {
        return u32::from_str_radix(hex, 16).ok();
    }
    match digits.strip_prefix('0') {
        Some("") => Some(0),
        Some(octal) => u32::from_str_radix(octal, 8).ok(),
        None => digits.parse().ok(),
    }
}

/// The host, without its port, that ends before the `slash` and has no scheme; `None` when there is none, or when
/// it is a part of a longer thing.
pub(super) fn bare(text: &Text<'_>, from: usize, slash: usize) -> Option<Range<usize>> {
    let end = without_port(text, from, slash);
    let low = from.max(end.saturating_sub(hosts::LONGEST + 1));
    let bytes = text.bytes().get(low..end)?;
    let is_host =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | 0x80..);
    let run = bytes.iter().rev().take_while(|byte| is_host(byte)).count();
    let head = bytes.get(bytes.len() - run..)?;
    if run < 4 || !head.contains(&b'.') || (run == bytes.len() && low > from) {
        return None;
    }
    let written = text.slice(end - run..end);
    let start = end
        - written
            .trim_start_matches(|c: char| !c.is_alphanumeric())
            .len();
    let start = after_prose(text.slice(start..end)).map_or(start, |prose| start + prose);
    (stands_alone(text, start) && hosts::host_end(text.str(), start, end) == end)
        .then_some(start..end)
}

/// Length of prose in a script without blanks that directly precedes an ASCII host.
fn after_prose(run: &str) -> Option<usize> {
    if run.is_ascii() {
        return None;
    }
    let label = run.split('.').next()?;
    let (at, last) = label
        .char_indices()
        .rev()
        .find(|(_, c)| hosts::is_unspaced(*c))?;
    let prose = at + last.len_utf8();
    (prose < label.len()).then_some(prose)
}

/// Steps back over `:` and a port number.
fn without_port(text: &Text<'_>, from: usize, end: usize) -> usize {
    let low = from.max(end.saturating_sub(6));
    let bytes = text.bytes().get(low..end).unwrap_or_default();
    let digits = bytes
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let colon = end - digits;
    if (1..=5).contains(&digits) && colon > from && text.byte(colon - 1) == b':' {
        colon - 1
    } else {
        end
    }
}

/// Whether what stands before a host makes it no part of a path, a mail address, an escape or a variable.
fn stands_alone(text: &Text<'_>, start: usize) -> bool {
    let before = |back: usize| start.checked_sub(back).map_or(0, |at| text.byte(at));
    match before(1) {
        b'@' | b'\\' | b'%' | b'$' | b'~' | b'+' => false,
        b'/' => {
            before(2) == b'/'
                && !before(3).is_ascii_alphanumeric()
                && !matches!(before(3), b'/' | b'.')
        }
        // `git@host:path`
        b':' => !text
            .line_before(start, 64)
            .rsplit(' ')
            .next()
            .unwrap_or_default()
            .contains('@'),
        _ => true,
    }
}
