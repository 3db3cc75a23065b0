//! When values side by side are one thing.

use std::ops::Range;

use super::super::attributes::{Form, Typed, typed};
use super::super::context::Outline;
use super::super::templates::{DOMAIN_IP, FILE};
use super::super::types::{category, default_category};
use super::found::Found;
use super::{Draft, Member};
use crate::indicators::Kind;

/// Fields of one object, at most.
pub(super) const MAX_MEMBERS: usize = 24;

/// Addresses of one name, at most: more are a list, not a resolution.
const MAX_ADDRESSES: usize = 8;

/// Letters between a name and its address that say that one is the other's.
const RESOLUTION: &[&str] = &[
    "resolv",
    "hosted",
    "points to",
    "pointing to",
    "ip:",
    "ip address",
];

/// Words in a header or label above a URL from which the file of the row came.
const DOWNLOAD: &[&str] = &[
    "download",
    "delivery url",
    "distribution",
    "dropped from",
    "hosted",
    "payload url",
    "staging",
];

/// Whether a field of the file template holds one digest of the whole file.
pub(super) fn is_hash(relation: &str) -> bool {
    !matches!(relation, "filename" | "size-in-bytes") && FILE.kind_of(relation).is_some()
}

/// Whether it tells one file from all others.
fn is_digest(relation: &str) -> bool {
    matches!(
        relation,
        "md5" | "sha1" | "sha224" | "sha256" | "sha384" | "sha512"
    )
}

/// What an indicator is to a file: `name|hash` is two fields.
pub(super) fn file_members(found: &Found<'_>) -> Vec<Member> {
    let Form::Attribute(whole, _) = found.form else {
        return Vec::new();
    };
    let member = |kind: &str, value: &str| {
        let (relation, kind) = FILE.fields.iter().find(|(name, _)| *name == kind)?;
        Some(Member {
            indicator: Some(found.number),
            relation,
            typed: typed(found.indicator, kind, default_category(kind), value).ok()?,
        })
    };
    let parts = match (whole.kind.split_once('|'), whole.value.split_once('|')) {
        (Some((left, right)), Some((name, hash))) if left == "filename" => {
            vec![member(left, name), member(right, hash)]
        }
        _ => vec![member(whole.kind, &whole.value)],
    };
    parts.into_iter().flatten().collect()
}

/// A file: hashes of different kinds, or a hash and a name; none of them twice.
pub(super) fn file(found: &[Found<'_>]) -> Option<Draft> {
    let mut members: Vec<Member> = Vec::new();
    for member in found.iter().take(4 * MAX_MEMBERS).flat_map(file_members) {
        let is_there = members
            .iter()
            .any(|old| old.relation == member.relation && old.typed.value == member.typed.value);
        if !is_there {
            members.push(member);
        }
    }
    if found.len() > 4 * MAX_MEMBERS {
        return None;
    }
    let times = |relation: &str| {
        members
            .iter()
            .filter(|member| member.relation == relation)
            .count()
    };
    if FILE
        .fields
        .iter()
        .any(|(relation, _)| is_hash(relation) && times(relation) > 1)
    {
        return None;
    }
    if times("filename") > 1 {
        // Which of them the hashes are of, the row does not say.
        members.retain(|member| member.relation != "filename");
    }
    let digest = members.iter().any(|member| is_digest(member.relation));
    (digest && members.len() > 1).then_some(Draft {
        template: &FILE,
        members,
        downloaded_from: None,
        place: place(found),
    })
}

fn place(found: &[Found<'_>]) -> Option<(usize, Range<usize>)> {
    let first = found.first()?;
    Some((first.block, first.span.clone()))
}

/// The size a row names, in bytes, below a header that says so.
pub(super) fn size(outline: &Outline<'_>, block: usize) -> Option<Member> {
    let (column, header) = outline
        .headers(block)
        .map(str::to_lowercase)
        .enumerate()
        .find(|(_, header)| header.contains("size"))?;
    size_member(&outline.block(block)?.cells.get(column)?.text(), &header)
}

/// A whole number of bytes, as people group digits: `1,234,567 bytes`. The header is in lower case.
fn size_member(value: &str, header: &str) -> Option<Member> {
    let value = value.trim().to_lowercase();
    let number = ["bytes", "byte", "b"]
        .iter()
        .find_map(|unit| value.strip_suffix(unit))
        .unwrap_or(&value)
        .trim();
    let other_unit = ["kb", "mb", "kib", "mib"]
        .iter()
        .any(|unit| header.contains(unit));
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let grouped = number
        .split([',', ' ', '\u{a0}', '\u{202f}', '\''])
        .enumerate()
        .all(|(at, group)| {
            group.bytes().all(|byte| byte.is_ascii_digit()) && (at == 0 || group.len() == 3)
        });
    let plausible = grouped && (1..=15).contains(&digits.len()) && !other_unit;
    plausible.then_some(Member {
        indicator: None,
        relation: "size-in-bytes",
        typed: Typed {
            kind: "size-in-bytes",
            category: category::OTHER,
            value: digits,
            to_ids: false,
        },
    })
}

/// The one URL of a row, below a header that says the file came from there.
pub(super) fn source(outline: &Outline<'_>, block: usize, found: &[Found<'_>]) -> Option<usize> {
    let mut urls = found
        .iter()
        .filter(|found| found.indicator.kind == Kind::Url);
    let url = urls.next()?;
    if urls.any(|other| other.number != url.number) {
        return None;
    }
    let header = outline.header(block, url.span.start)?.to_lowercase();
    DOWNLOAD
        .iter()
        .any(|word| header.contains(word))
        .then_some(url.number)
}

/// A name and its addresses in a row; not where the columns are lists of their own.
pub(super) fn resolution_in_row(
    outline: &Outline<'_>,
    block: usize,
    found: &[Found<'_>],
) -> Option<Draft> {
    let lists = found
        .iter()
        .filter(|found| is_host(found) || is_address(found))
        .filter_map(|found| outline.header(block, found.span.start))
        .all(|header| header.trim_end().ends_with(['s', 'S']));
    let headed = found
        .first()
        .and_then(|found| outline.header(block, found.span.start))
        .is_some();
    if headed && lists {
        return None;
    }
    resolution(found, MAX_ADDRESSES)
}

/// `name (address)`, `name -> address`, `name resolves to address`: one of each, and nothing that makes it a list.
pub(super) fn resolution_in_line(text: &str, found: &[Found<'_>]) -> Option<Draft> {
    let host = found.iter().find(|found| is_host(found))?;
    let address = found.iter().find(|found| is_address(found))?;
    let (first, second) = if host.span.start < address.span.start {
        (host, address)
    } else {
        (address, host)
    };
    let between = text.get(first.span.end..second.span.start)?.to_lowercase();
    let between = between.trim();
    let words = RESOLUTION.iter().any(|word| between.contains(word));
    let sign = matches!(
        between,
        "(" | "[" | "|" | ":" | "-" | "–" | "—" | "->" | "→" | "=>" | "=" | "@"
    );
    (sign || words).then(|| resolution(found, 1)).flatten()
}

fn is_host(found: &Found<'_>) -> bool {
    matches!(found.indicator.kind, Kind::Domain | Kind::Hostname)
}

/// A net is no address of a host.
fn is_address(found: &Found<'_>) -> bool {
    found.indicator.kind == Kind::IpDst && !found.indicator.value.contains('/')
}

fn resolution(found: &[Found<'_>], max: usize) -> Option<Draft> {
    let mut members: Vec<Member> = Vec::new();
    let (mut hosts, mut addresses) = (0, 0);
    for found in found
        .iter()
        .filter(|found| is_host(found) || is_address(found))
    {
        let known = |member: &Member| member.indicator == Some(found.number);
        if members.iter().any(known) {
            continue;
        }
        let Form::Attribute(typed, _) = found.form else {
            return None;
        };
        let relation = match typed.kind {
            "domain" => "domain",
            "hostname" => "hostname",
            _ => "ip",
        };
        if relation == "ip" {
            addresses += 1;
        } else {
            hosts += 1;
        }
        if hosts > 1 || addresses > max {
            return None;
        }
        members.push(Member {
            indicator: Some(found.number),
            relation,
            typed: typed.clone(),
        });
    }
    (hosts == 1 && addresses > 0).then_some(Draft {
        template: &DOMAIN_IP,
        members,
        downloaded_from: None,
        place: place(found),
    })
}
