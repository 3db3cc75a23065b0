//! IPv4 addresses.

use std::net::Ipv4Addr;
use std::ops::Range;

use super::super::{Raw, Text};
use super::{prefix, reserved, versions};
use crate::indicators::Kind;

/// Four numbers up to 255 without leading zeros.
pub(in crate::indicators::scan) fn parse(text: &str) -> Option<Ipv4Addr> {
    if !(7..=15).contains(&text.len()) {
        return None;
    }
    text.parse().ok()
}

/// A port (1 to 65535) at `at` and where it ends.
pub(in crate::indicators::scan) fn port(
    text: &Text<'_>,
    at: usize,
    limit: usize,
) -> Option<(u16, usize)> {
    let rest = text.slice(at..limit.min(at.saturating_add(6)));
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let end = at + digits;
    if text.byte(end).is_ascii_alphabetic() || text.byte(end) == b'_' {
        return None;
    }
    let port: u16 = rest.get(..digits)?.parse().ok()?;
    (port != 0).then_some((port, end))
}

/// Reads the addresses in a token of letters, digits, full stops, colons and underscores; returns where it has
/// read to, which is behind the token when a prefix length follows.
pub(super) fn read(
    text: &Text<'_>,
    token: &Range<usize>,
    limit: usize,
    raws: &mut Vec<Raw>,
) -> usize {
    let mut at = token.start;
    while at < token.end {
        let rest = text.slice(at..token.end);
        let piece = rest.split(':').next().unwrap_or_default();
        let end = at + piece.len();
        let numbers = at + (piece.len() - piece.trim_start_matches('.').len())
            ..at + piece.trim_end_matches('.').len();
        at = end + 1;
        if numbers.start < numbers.end
            && let Some(raw) = address(text, numbers, limit)
        {
            at = at.max(raw.span.end);
            raws.push(raw);
        }
    }
    at
}

/// Reads one run of dotted numbers.
fn address(text: &Text<'_>, span: Range<usize>, limit: usize) -> Option<Raw> {
    let written = text.slice(span.clone());
    if !written
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        return glued_version(written, span);
    }
    if written.split('.').count() < 4 {
        return None;
    }
    let defanged = text.is_defanged(&span);
    let Some(address) = parse(written).or_else(|| defanged.then(|| padded(written)).flatten())
    else {
        return Some(Raw::nothing(span));
    };
    let net = prefix(text, span.end, limit, 32);
    let port = (text.byte(span.end) == b':' && net.is_none())
        .then(|| port(text, span.end + 1, limit))
        .flatten();
    let end = net
        .map(|net| net.1)
        .or(port.map(|port| port.1))
        .unwrap_or(span.end);
    let whole = span.start..end;
    let evident = defanged || net.is_some() || port.is_some();
    if reserved::is_v4(address) || (!evident && versions::is_version(text, &span)) {
        return Some(Raw::nothing(whole));
    }
    Some(match (net, port) {
        (Some((bits, _)), _) => Raw::new(Kind::IpDst, format!("{address}/{bits}"), whole),
        (_, Some((port, _))) => Raw::new(Kind::IpDstPort, format!("{address}|{port}"), whole),
        _ => Raw::new(Kind::IpDst, address.to_string(), whole),
    })
}

/// `v8.0.1.2` is a version.
fn glued_version(written: &str, span: Range<usize>) -> Option<Raw> {
    let numbers = written.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let prefix = written.get(..written.len() - numbers.len())?;
    let is_version = ["v", "ver", "version", "r", "rev", "b", "build"]
        .iter()
        .any(|mark| prefix.eq_ignore_ascii_case(mark));
    let dotted = numbers
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    (is_version && dotted).then(|| Raw::nothing(span))
}

/// An address with numbers padded to three digits, as some tools print them.
fn padded(written: &str) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut numbers = written.split('.');
    for octet in &mut octets {
        let number = numbers.next().filter(|number| number.len() <= 3)?;
        *octet = number.parse().ok()?;
    }
    numbers.next().is_none().then(|| Ipv4Addr::from(octets))
}
