//! Values written as one: `domain|ip`, `name|hash`.

use super::{Raw, Text, addresses};
use crate::indicators::Kind;

/// Joins neighbours that only a bar parts.
///
/// A bar that another bar or a blank adjoins, or that stands next to a third value's bar, belongs to a table.
pub(super) fn join(text: &Text<'_>, raws: &mut Vec<Raw>) {
    let mut joined: Vec<Raw> = Vec::with_capacity(raws.len());
    for raw in raws.drain(..) {
        match joined.last_mut() {
            Some(before) if touch(text, before, &raw) => match kind_of(before.kind, raw.kind) {
                Some(kind) => {
                    before.value = format!("{}|{}", before.value, raw.value);
                    before.span.end = raw.span.end;
                    before.kind = Some(kind);
                }
                None => joined.push(raw),
            },
            _ => joined.push(raw),
        }
    }
    for raw in &mut joined {
        add_port(text, raw);
    }
    *raws = joined;
}

/// Whether exactly one bar lies between two finds, and no bar around them.
fn touch(text: &Text<'_>, first: &Raw, second: &Raw) -> bool {
    first.span.end + 1 == second.span.start
        && text.byte(first.span.end) == b'|'
        && text.byte(second.span.end) != b'|'
        && !bar_before(text, first)
}

fn bar_before(text: &Text<'_>, raw: &Raw) -> bool {
    raw.span
        .start
        .checked_sub(1)
        .is_some_and(|at| text.byte(at) == b'|')
}

fn kind_of(first: Option<Kind>, second: Option<Kind>) -> Option<Kind> {
    Some(match (first?, second?) {
        (Kind::Domain | Kind::Hostname, Kind::IpDst) => Kind::DomainIp,
        (Kind::Filename, Kind::Md5) => Kind::FilenameMd5,
        (Kind::Filename, Kind::Sha1) => Kind::FilenameSha1,
        (Kind::Filename, Kind::Sha256) => Kind::FilenameSha256,
        (Kind::Filename, Kind::Sha512) => Kind::FilenameSha512,
        _ => return None,
    })
}

/// Adds the port of `203.0.113.5|443`.
fn add_port(text: &Text<'_>, raw: &mut Raw) {
    let kind = match raw.kind {
        Some(Kind::IpDst) if !raw.value.contains('/') => Kind::IpDstPort,
        Some(Kind::Domain | Kind::Hostname) => Kind::HostnamePort,
        _ => return,
    };
    if text.byte(raw.span.end) != b'|' || bar_before(text, raw) {
        return;
    }
    if let Some((port, end)) = addresses::v4::port(text, raw.span.end + 1, text.bytes().len())
        && !matches!(text.byte(end), b'|' | b'.' | b'-')
    {
        raw.kind = Some(kind);
        raw.value = format!("{}|{port}", raw.value);
        raw.span.end = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::scan::{Place, text as scan_text};

    fn values(text: &str) -> Vec<(Kind, String)> {
        let mut finds = Vec::new();
        scan_text(text, Place::default(), &mut finds);
        finds
            .into_iter()
            .map(|find| (find.kind, find.value))
            .collect()
    }

    #[test]
    fn one_bar_joins() {
        for (text, kind) in [
            ("evil-update.top|5.6.7.8", Kind::DomainIp),
            ("c2.evil-update.top|5.6.7.8", Kind::DomainIp),
            ("5.6.7.8|443", Kind::IpDstPort),
            ("evil-update.top|8080", Kind::HostnamePort),
        ] {
            assert_eq!(values(text), [(kind, text.to_owned())]);
        }
    }

    #[test]
    fn tables_do_not() {
        for text in [
            "|evil-update.top|5.6.7.8|",
            "|evil-update.top|5.6.7.8",
            "evil-update.top|5.6.7.8|x",
            "evil-update.top | 5.6.7.8",
            "evil-update.top||5.6.7.8",
        ] {
            let expected = [
                (Kind::Domain, "evil-update.top".to_owned()),
                (Kind::IpDst, "5.6.7.8".to_owned()),
            ];
            assert_eq!(values(text), expected, "{text}");
        }
        assert_eq!(
            values("|5.6.7.8|443"),
            [(Kind::IpDst, "5.6.7.8".to_owned())]
        );
        assert_eq!(
            values("5.6.7.8|99999"),
            [(Kind::IpDst, "5.6.7.8".to_owned())]
        );
    }

    #[test]
    fn names_join_their_hashes_only() {
        let raw =
            |kind, value: &str, start: usize| Raw::new(kind, value, start..start + value.len());
        let written = format!("a.exe|{}", "0".repeat(32));
        let clear = crate::indicators::clear::Clear::of(&written);
        let text = Text::new(&clear, Place::default());
        for (second, joined) in [(Kind::Md5, Some(Kind::FilenameMd5)), (Kind::Imphash, None)] {
            let mut raws = vec![
                raw(Kind::Filename, "a.exe", 0),
                raw(second, &"0".repeat(32), 6),
            ];
            join(&text, &mut raws);
            assert_eq!(raws.len(), 2 - usize::from(joined.is_some()));
            assert_eq!(
                raws.first().and_then(|raw| raw.kind),
                joined.or(Some(Kind::Filename))
            );
        }
    }
}
