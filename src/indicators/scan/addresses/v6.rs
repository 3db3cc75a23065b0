//! IPv6 addresses (RFC 4291, 2.2).

use std::net::Ipv6Addr;
use std::ops::Range;

use super::super::{Raw, Text};
use super::{prefix, reserved, v4};
use crate::indicators::Kind;

/// The longest address as text: six groups and an IPv4 address.
const LONGEST: usize = 45;

/// Reads the address that a token is, or that follows a label and a colon in it (`IPv6:2001:…`).
///
/// Most that parses is none: `a::b` and `dead::beef` are code, eight pairs of digits a hardware address. Only
/// what lies in a net that is in use, global unicast, is taken, and a hardware address never does.
pub(super) fn read(text: &Text<'_>, token: &Range<usize>, limit: usize) -> Option<Raw> {
    let (span, address) = parse(text, token)?;
    let zone = zone_end(text, span.end, limit);
    let bracketed = span
        .start
        .checked_sub(1)
        .is_some_and(|at| text.byte(at) == b'[')
        && text.byte(zone) == b']';
    let net = prefix(text, zone, limit, 128);
    let port = (bracketed && text.byte(zone + 1) == b':')
        .then(|| v4::port(text, zone + 2, limit))
        .flatten();
    let end = net
        .map(|net| net.1)
        .or(port.map(|port| port.1))
        .unwrap_or(zone);
    let whole = span.start..end;
    if reserved::is_v6(address) {
        return Some(Raw::nothing(whole));
    }
    Some(match (net, port) {
        (Some((bits, _)), _) => Raw::new(Kind::IpDst, format!("{address}/{bits}"), whole),
        (_, Some((port, _))) => Raw::new(Kind::IpDstPort, format!("{address}|{port}"), whole),
        _ => Raw::new(Kind::IpDst, address.to_string(), whole),
    })
}

fn parse(text: &Text<'_>, token: &Range<usize>) -> Option<(Range<usize>, Ipv6Addr)> {
    let written = text.slice(token.clone());
    let mut start = token.start;
    let mut body = written;
    if let Some((label, rest)) = written.split_once(':')
        && label.bytes().any(|byte| !byte.is_ascii_hexdigit())
    {
        start += label.len() + 1;
        body = rest;
    }
    body = body.trim_end_matches('.');
    if body.ends_with(':') && !body.ends_with("::") {
        body = body.get(..body.len() - 1)?;
    }
    if body.len() > LONGEST {
        return None;
    }
    let address = body.parse().ok()?;
    Some((start..start + body.len(), address))
}

/// Behind the zone (`%eth0`) at `at`, if there is one.
fn zone_end(text: &Text<'_>, at: usize, limit: usize) -> usize {
    if text.byte(at) != b'%' {
        return at;
    }
    let rest = text.slice(at + 1..limit.min(at.saturating_add(17)));
    let length = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
    if length == 0 { at } else { at + 1 + length }
}
