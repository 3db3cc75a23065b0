//! Schemes of URLs.

use super::super::Text;

/// Schemes that malware, its operators and those who report on it use; IANA's registry has hundreds more that
/// never name a server.
const KNOWN: &[&str] = &[
    "amqp",
    "amqps",
    "bolt",
    "coap",
    "cifs",
    "dns",
    "doh",
    "dot",
    "feed",
    "ftp",
    "ftpes",
    "ftps",
    "git",
    "gopher",
    "h2",
    "hls",
    "http",
    "https",
    "iiop",
    "iiops",
    "imap",
    "imaps",
    "ipfs",
    "ipns",
    "irc",
    "ircs",
    "kcp",
    "ldap",
    "ldaps",
    "mms",
    "mongodb",
    "mongodb+srv",
    "mqtt",
    "mqtts",
    "mssql",
    "mysql",
    "nfs",
    "nntp",
    "ntp",
    "pop",
    "pop3",
    "pop3s",
    "postgres",
    "postgresql",
    "quic",
    "rdp",
    "redis",
    "rediss",
    "rlogin",
    "rmi",
    "rsync",
    "rtmp",
    "rtmps",
    "rtsp",
    "rtsps",
    "scp",
    "sctp",
    "sftp",
    "sip",
    "sips",
    "smb",
    "smtp",
    "smtps",
    "socks",
    "socks4",
    "socks4a",
    "socks5",
    "socks5h",
    "sqlserver",
    "ss",
    "ssh",
    "ssl",
    "ssr",
    "stratum",
    "stratum+ssl",
    "stratum+tcp",
    "stratum+tls",
    "stratum1+ssl",
    "stratum1+tcp",
    "stratum2+tcp",
    "stun",
    "stuns",
    "svn",
    "tcp",
    "telnet",
    "tftp",
    "tls",
    "tor",
    "trojan",
    "turn",
    "udp",
    "vless",
    "vmess",
    "vnc",
    "webcal",
    "webdav",
    "webdavs",
    "wireguard",
    "ws",
    "wss",
    "xmpp",
];

/// Schemes whose authority names a part of a program or a system, never a server.
const LOCAL: &[&str] = &[
    "about",
    "android-app",
    "app",
    "blob",
    "bundle",
    "chrome",
    "chrome-extension",
    "content",
    "data",
    "edge",
    "intent",
    "ios-app",
    "jar",
    "javascript",
    "market",
    "moz-extension",
    "ms-appx",
    "package",
    "res",
    "resource",
    "shell",
    "steam",
    "tg",
    "urn",
    "vbscript",
    "vscode",
    "zip",
];

/// The longest scheme looked for, in bytes.
const LONGEST: usize = 24;

/// Where the scheme that ends at `colon` begins, not before `from`.
///
/// A known scheme is found when letters are glued to it (`urlhttp://`); others are the whole run.
pub(super) fn start(text: &Text<'_>, from: usize, colon: usize) -> Option<usize> {
    let low = from.max(colon.saturating_sub(LONGEST));
    let bytes = text.bytes().get(low..colon)?;
    let run = bytes
        .iter()
        .rev()
        .take_while(|byte| is_scheme_byte(**byte))
        .count();
    let mut start = colon - run;
    while start < colon && !text.byte(start).is_ascii_alphabetic() {
        start += 1;
    }
    if start == colon {
        return None;
    }
    let name = text.slice(start..colon);
    if is_known(name) || is_local(name) {
        return Some(start);
    }
    let known = (start + 1..colon).find(|at| is_known_glued(text, *at, colon));
    known.or_else(|| (name.len() >= 2 && stands_alone(text, start)).then_some(start))
}

/// Whether what stands before an unknown scheme shows that it begins there; the rest of a masked one does not
/// (`h**ps://`).
fn stands_alone(text: &Text<'_>, start: usize) -> bool {
    let before = start.checked_sub(1).map_or(b' ', |at| text.byte(at));
    before <= b' ' || b"\"'`(<[{=,;|:".contains(&before)
}

/// Whether a known scheme begins at `at`, glued to what stands before it. Short names are found in too many words.
fn is_known_glued(text: &Text<'_>, at: usize, colon: usize) -> bool {
    let name = text.slice(at..colon);
    let parted = !text.byte(at - 1).is_ascii_alphabetic();
    (parted
        || ["http", "https", "ftp"]
            .iter()
            .any(|plain| name.eq_ignore_ascii_case(plain)))
        && is_known(name)
}

/// Where a scheme around the scheme begins: `jdbc:` in `jdbc:mysql://`.
pub(super) fn outer(text: &Text<'_>, from: usize, start: usize) -> usize {
    let outer = start.saturating_sub(5);
    if outer >= from && text.slice(outer..start).eq_ignore_ascii_case("jdbc:") {
        outer
    } else {
        start
    }
}

/// Whether a known scheme and `://` begin at `at`.
pub(super) fn begins_at(text: &Text<'_>, at: usize) -> bool {
    let bytes = text.bytes().get(at..).unwrap_or_default();
    let run = bytes
        .iter()
        .take(LONGEST)
        .take_while(|byte| is_scheme_byte(**byte))
        .count();
    run >= 2
        && bytes
            .get(run..)
            .is_some_and(|rest| rest.starts_with(b"://"))
        && is_known(text.slice(at..at + run))
}

/// Whether a scheme, in any case, is one that URLs in reports have.
pub(super) fn is_known(name: &str) -> bool {
    name.eq_ignore_ascii_case("https") || KNOWN.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a scheme, in any case, never names a server.
pub(super) fn is_local(name: &str) -> bool {
    LOCAL.iter().any(|local| local.eq_ignore_ascii_case(name))
}

/// RFC 3986, 3.1.
fn is_scheme_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-')
}
