//! Snort and Suricata rules (Snort 3 rule writing guide; Suricata user guide, "Rules Format").

use super::super::{Kind, Text};
use super::{Attempt, is_word};

/// The longest header (action to addresses), in bytes.
const LONGEST_HEADER: usize = 512;
/// The longest rule, in bytes.
const LONGEST: usize = 16 * 1024;

const ACTIONS: &[&str] = &[
    "alert",
    "block",
    "drop",
    "log",
    "pass",
    "react",
    "reject",
    "rejectsrc",
    "rejectdst",
    "rejectboth",
    "rewrite",
    "sdrop",
];

/// Protocols of both.
const PROTOCOLS: &[&str] = &[
    "tcp", "udp", "icmp", "ip", "http", "ftp", "smb", "ssl", "file",
];

/// Protocols of Suricata only.
const SURICATA_PROTOCOLS: &[&str] = &[
    "dns",
    "tls",
    "http1",
    "http2",
    "ssh",
    "smtp",
    "imap",
    "modbus",
    "dnp3",
    "enip",
    "nfs",
    "ike",
    "krb5",
    "bittorrent-dht",
    "ntp",
    "dhcp",
    "rfb",
    "rdp",
    "snmp",
    "tftp",
    "sip",
    "websocket",
    "quic",
    "mqtt",
    "pgsql",
    "telnet",
    "doh2",
    "ldap",
    "pop3",
    "tcp-pkt",
    "tcp-stream",
    "ipv4",
    "ipv6",
    "pkthdr",
    "ftp-data",
    "dcerpc",
    "mdns",
];

/// Keywords of Suricata only.
const SURICATA_KEYWORDS: &[&str] = &[
    "http.",
    "tls.",
    "tls_",
    "dns.",
    "dns_query",
    "file.",
    "ja3",
    "ja4",
    "ssh.",
    "quic.",
    "krb5.",
    "smb.",
    "sip.",
    "mqtt.",
    "startswith;",
    "endswith;",
    "bsize:",
    "dotprefix;",
    "xbits:",
    "app-layer",
    "to_sha256;",
    "dataset:",
    "datarep:",
    "target:src_ip",
    "target:dest_ip",
    "http_user_agent;",
    "http_host;",
    "strip_whitespace;",
    "http_request_line;",
    "iprep:",
    "filemd5:",
    "filesha256:",
    "fileext:",
    "transform",
    "prefilter;",
    "lua:",
    "luajit:",
];

/// Whether an action stands there.
pub(super) fn begins(text: &Text<'_>, at: usize) -> bool {
    ACTIONS
        .iter()
        .any(|action| is_word(text, at, action.as_bytes()))
}

/// Reads a rule.
pub(super) fn attempt(text: &Text<'_>, at: usize) -> Attempt {
    let Some((open, protocol)) = header(text, at) else {
        return Attempt::Failed(at + 1);
    };
    match options(text, open) {
        Ok(end) => {
            let options = text.slice(open..end);
            if !options.contains("sid:") && !options.contains("msg:") {
                return Attempt::Failed(end);
            }
            Attempt::Rule(dialect(protocol, options), end)
        }
        Err(end) => Attempt::Failed(end),
    }
}

/// Where the options open, and the protocol.
fn header<'a>(text: &'a Text<'_>, at: usize) -> Option<(usize, &'a str)> {
    let rest = text.bytes().get(at..)?;
    let mut end = at + LONGEST_HEADER.min(rest.len());
    while !text.str().is_char_boundary(end) {
        end -= 1;
    }
    let header = text.slice(at..end);
    let mut words = header.split_ascii_whitespace();
    let protocol = words.nth(1)?.trim_end_matches('(');
    let is_protocol = PROTOCOLS.contains(&protocol) || SURICATA_PROTOCOLS.contains(&protocol);
    if !is_protocol {
        return None;
    }
    let open = header.find('(')?;
    let addresses = header.get(..open)?;
    let has_direction = ["->", "<>", "=>", "<-"]
        .iter()
        .any(|arrow| addresses.contains(arrow));
    // Snort 3 lets addresses be left out.
    let is_short = addresses.split_ascii_whitespace().count() == 2;
    (has_direction || is_short).then_some((at + open, protocol))
}

/// Where the options that open at `open` close; how far was read if they do not.
fn options(text: &Text<'_>, open: usize) -> Result<usize, usize> {
    let (mut at, mut depth, mut quoted) = (open, 0_usize, false);
    let end = text.str().len().min(open + LONGEST);
    while at < end {
        match text.byte(at) {
            b'\\' => at += 1,
            b'"' | b'\n' if quoted => quoted = false,
            b'"' => quoted = true,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    return Ok(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    Err(at)
}

fn dialect(protocol: &str, options: &str) -> Kind {
    let is_suricata = SURICATA_PROTOCOLS.contains(&protocol)
        || SURICATA_KEYWORDS
            .iter()
            .any(|keyword| has_keyword(options, keyword));
    if is_suricata {
        Kind::Suricata
    } else {
        Kind::Snort
    }
}

/// Whether an option begins with `keyword`.
fn has_keyword(options: &str, keyword: &str) -> bool {
    options.match_indices(keyword).any(|(at, _)| {
        let before = options.get(..at).unwrap_or_default().trim_end();
        before.ends_with([';', '('])
    })
}
