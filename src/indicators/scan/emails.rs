//! Mail addresses.

#[cfg(test)]
mod tests;

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::{Raw, Text, hosts};
use crate::indicators::Kind;

/// The longest local part (RFC 5321, 4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;

pub(super) fn find(text: &Text<'_>, gap: Range<usize>, raws: &mut Vec<Raw>) {
    let (mut from, mut at) = (gap.start, gap.start);
    while let Some(sign) = text.position(at..gap.end, b'@') {
        at = sign + 1;
        if let Some(raw) = around(text, from..gap.end, sign) {
            at = at.max(raw.span.end);
            from = at;
            raws.push(raw);
        }
    }
}

/// Reads the address around the `@` at `sign`.
fn around(text: &Text<'_>, within: Range<usize>, sign: usize) -> Option<Raw> {
    let host = host(text, sign + 1, within.end)?;
    let start = local_start(text, within.start, sign)?;
    let span = start..host.end;
    // `@name@instance.social` is an account, `git@host:path` a place for a program to log in to.
    let account = start.checked_sub(1).is_some_and(|at| text.byte(at) == b'@');
    if account {
        return Some(Raw::nothing(span));
    }
    if is_login(text, &span, within.end) {
        let git = text.slice(start..sign) == "git";
        return Some(Raw::nothing(start..if git { span.end } else { sign + 1 }));
    }
    let mut value = text.slice(start..sign + 1).to_owned();
    let host = text.slice(host);
    if host.starts_with('[') {
        value.push_str(host);
    } else {
        value.push_str(&hosts::normal(host));
    }
    Some(Raw::new(kind(text, start), value, span))
}

/// The host behind the `@`: a name, or an address in brackets.
fn host(text: &Text<'_>, start: usize, limit: usize) -> Option<Range<usize>> {
    if text.byte(start) == b'[' {
        return literal(text, start, limit);
    }
    let end = hosts::host_end(text.str(), start, limit);
    let name = text.slice(start..end).trim_end_matches(['-', '_']);
    hosts::is_host(name)?;
    (text.is_defanged(&(start..end)) || !is_image(name)).then_some(start..start + name.len())
}

/// `[203.0.113.5]` and `[IPv6:2001:db8::1]` (RFC 5321, 4.1.3), with the brackets.
fn literal(text: &Text<'_>, start: usize, limit: usize) -> Option<Range<usize>> {
    let inner = text.slice(start + 1..limit.min(start.saturating_add(56)));
    let inner = inner
        .split(']')
        .next()
        .filter(|part| part.len() < inner.len())?;
    let v6 = inner
        .get(..5)
        .is_some_and(|tag| tag.eq_ignore_ascii_case("IPv6:"));
    let valid = if v6 {
        inner.get(5..)?.parse::<Ipv6Addr>().is_ok()
    } else {
        inner.parse::<Ipv4Addr>().is_ok()
    };
    valid.then_some(start..start + inner.len() + 2)
}

/// `3x.app`: the scale of an image, `logo@3x.png` and its like.
fn is_image(name: &str) -> bool {
    let label = name.split('.').next().unwrap_or_default();
    label.strip_suffix('x').is_some_and(|scale| {
        (1..=2).contains(&scale.len()) && scale.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Where the local part begins that ends at `sign`; not before `from`.
fn local_start(text: &Text<'_>, from: usize, sign: usize) -> Option<usize> {
    let low = from.max(sign.saturating_sub(LONGEST_LOCAL + 1));
    let bytes = text.bytes().get(low..sign)?;
    let run = bytes
        .iter()
        .rev()
        .take_while(|byte| is_local(**byte))
        .count();
    if run > LONGEST_LOCAL {
        return None;
    }
    let local = text.slice(sign - run..sign);
    let local = local.rsplit("..").next().unwrap_or_default();
    let local = local.trim_start_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let start = sign - local.len();
    // The tail of a name (`üser`) is another's; in scripts without blanks a name begins anywhere.
    let torn = text
        .slice(low..start)
        .ends_with(|c: char| c.is_alphanumeric() && !hosts::is_unspaced(c));
    let whole = !torn
        && local.bytes().any(|byte| byte.is_ascii_alphanumeric())
        && !local.ends_with(['.', '\'']);
    whole.then_some(start)
}

/// The characters of RFC 5322's atoms that occur in addresses, but those that part values (`=`, `/`, `|`, `{`).
fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'.' | b'_' | b'-' | b'+' | b'%' | b'\'' | b'&' | b'#' | b'!' | b'$' | b'~' | b'*'
        )
}

/// `git@github.com:owner/name`, `scp file root@host.example:/tmp`, `ssh user@host.example`.
fn is_login(text: &Text<'_>, span: &Range<usize>, limit: usize) -> bool {
    if text.byte(span.end) == b':' && span.end + 1 < limit {
        let path = text.slice(span.end + 1..limit.min(span.end.saturating_add(80)));
        if path.starts_with(['/', '~']) || (path.contains('/') && !path.contains('@')) {
            return true;
        }
    }
    let before = text.line_before(span.start, 12).trim_end();
    let program = before
        .rsplit(|c: char| !c.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default();
    matches!(program, "ssh" | "scp" | "sftp" | "rsync")
}

/// Whether the words before an address say that it sent or received.
fn kind(text: &Text<'_>, start: usize) -> Kind {
    told(text.line_before(start, 32))
        .or_else(|| text.place.header.and_then(told))
        .or_else(|| text.place.before.and_then(told))
        .unwrap_or(Kind::Email)
}

fn told(words: &str) -> Option<Kind> {
    const SENDERS: &[&str] = &[
        "from:",
        "sender",
        "senders",
        "sender address",
        "sender addresses",
        "sender email",
        "sender e-mail",
        "sent from",
        "mailfrom",
        "mail from",
        "email from",
        "e-mail from",
        "emails from",
        "e-mails from",
        "message from",
        "sent by",
        "reply-to",
        "from address",
        "return-path",
        "sender mail",
        "spoofed sender",
        "envelope-from",
    ];
    const RECIPIENTS: &[&str] = &[
        "to:",
        "recipient",
        "recipients",
        "recipient address",
        "sent to",
        "delivered-to",
        "rcpt to",
        "cc:",
        "bcc:",
        "exfiltrated to",
        "forwarded to",
        "sends to",
        "to address",
    ];
    let words =
        words.trim_end_matches([' ', '<', '(', '[', '"', '\'', '“', '=', '*', '`', '-', '|']);
    let ends = |list: &[&str]| {
        list.iter().any(|end| {
            ends_in_words(words, end) || ends_in_words(words.trim_end_matches([':', ' ']), end)
        })
    };
    if ends(SENDERS) {
        Some(Kind::EmailSrc)
    } else if ends(RECIPIENTS) {
        Some(Kind::EmailDst)
    } else {
        None
    }
}

/// Whether a text ends in these words, in any case, with a border before them.
fn ends_in_words(text: &str, words: &str) -> bool {
    let Some(from) = text.len().checked_sub(words.len()) else {
        return false;
    };
    let border = text
        .get(..from)
        .is_some_and(|head| !head.ends_with(|c: char| c.is_alphanumeric() || c == '-'));
    border
        && text
            .get(from..)
            .is_some_and(|tail| tail.eq_ignore_ascii_case(words))
}

/// The address in a `mailto:` link, without its query.
pub(super) fn of_link(rest: &str) -> Option<String> {
    let address = rest.split(['?', ',']).next()?.trim();
    let (local, host) = address.rsplit_once('@')?;
    let fits = (1..=LONGEST_LOCAL).contains(&local.len()) && !local.contains(char::is_whitespace);
    (fits && hosts::is_host(host).is_some()).then(|| format!("{local}@{}", host.to_lowercase()))
}
