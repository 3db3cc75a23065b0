//! Hosts that look like files, in lists whose heading says that they are hosts.
//!
//! The scan reads a block by itself, and `evil.zip` in an item of a list is a file as often as not. The heading
//! above the list tells: under "C2 domains", it is a domain.

use super::document::{Outline, heading_text};
use super::shape::{Lines, Shape};
use crate::article::blocks::{Block, Kind as BlockKind};
use crate::indicators::{Find, Kind, Origin, scan};

/// Names for hosts, in lower case. One of them must be in the heading,
const HOSTS: &[&str] = &[
    "domain",
    "domains",
    "hostname",
    "hostnames",
    "fqdn",
    "fqdns",
    "hosts",
];

/// and nothing but these words beside it.
const BESIDE: &[&str] = &[
    "a",
    "active",
    "actor",
    "actors",
    "additional",
    "address",
    "addresses",
    "all",
    "and",
    "associated",
    "attacker",
    "attackers",
    "below",
    "c",
    "c2",
    "c2s",
    "callback",
    "cc",
    "cnc",
    "command",
    "compromise",
    "control",
    "controlled",
    "delivery",
    "dga",
    "dns",
    "download",
    "exfiltration",
    "following",
    "for",
    "fraudulent",
    "here",
    "identified",
    "in",
    "indicator",
    "indicators",
    "infrastructure",
    "ioc",
    "iocs",
    "ip",
    "ips",
    "known",
    "lookalike",
    "list",
    "malicious",
    "malware",
    "name",
    "names",
    "network",
    "observed",
    "of",
    "or",
    "other",
    "payload",
    "phishing",
    "registered",
    "related",
    "rogue",
    "scam",
    "server",
    "servers",
    "spoofed",
    "suspicious",
    "the",
    "threat",
    "url",
    "urls",
    "used",
];

/// Longest heading that is read, in bytes.
const MAX_HEADING: usize = 80;

/// Takes files for hosts where the header of a column, the heading or the line that leads in a list calls them so. Returns whether it did.
pub(super) fn read(outline: &Outline<'_>, finds: &mut [Find]) -> bool {
    let mut above = Above::default();
    let mut any = false;
    for find in finds {
        if find.kind != Kind::Filename || find.origin != Origin::Text {
            continue;
        }
        let Some(kind) = scan::host_kind(&find.value) else {
            continue;
        };
        let Some(lines) = outline.lines(find.block) else {
            continue;
        };
        let alone = lines.shape(find.span.start) == Shape::Alone;
        let names = match header(outline.blocks.get(find.block), lines, find.span.start) {
            Some(header) => names_hosts(header),
            None => above.names_hosts(outline, find.block),
        };
        if alone && names {
            find.kind = kind;
            find.value.make_ascii_lowercase();
            any = true;
        }
    }
    any
}

/// The header of the column in which something begins.
fn header<'a>(block: Option<&'a Block>, lines: &Lines<'_>, at: usize) -> Option<&'a str> {
    let BlockKind::TableRow { headers, .. } = &block?.kind else {
        return None;
    };
    let header = headers.get(lines.cell(at).0)?;
    (!header.trim().is_empty()).then_some(header.as_str())
}

/// The last heading that was read: a long list has one.
#[derive(Default)]
struct Above(Option<(usize, bool)>);

impl Above {
    /// Whether the heading above a block says that hosts are listed below it, or the line that leads in the list.
    fn names_hosts(&mut self, outline: &Outline<'_>, block: usize) -> bool {
        let spot = outline.spot(block);
        let Some(heading) = spot.lead.or(spot.heading) else {
            return false;
        };
        let names = match self.0 {
            Some((number, names)) if number == heading => names,
            _ => heading_text(outline.blocks, heading).is_some_and(|text| names_hosts(&text)),
        };
        self.0 = Some((heading, names));
        names
    }
}

/// Whether a heading says that hosts are listed below it, and nothing else but URLs and addresses.
fn names_hosts(heading: &str) -> bool {
    let words = || {
        heading
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty() && !word.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let is_in =
        |list: &[&str], word: &str| list.iter().any(|known| known.eq_ignore_ascii_case(word));
    heading.len() < MAX_HEADING
        && words().any(|word| is_in(HOSTS, word))
        && words().all(|word| is_in(HOSTS, word) || is_in(BESIDE, word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::blocks::Marker;
    use crate::indicators::{Document, Judge, scan_blocks};

    /// The kinds of what stands in a list below a heading.
    fn kinds(heading: &str, items: &[&str]) -> Vec<Kind> {
        let item = BlockKind::ListItem {
            depth: 0,
            marker: Marker::Bullet,
        };
        let mut blocks = vec![
            Block::plain(BlockKind::Heading { level: 1 }, "A loader and its friends"),
            Block::plain(
                BlockKind::Paragraph,
                "It was seen in the wild by people who look for such things.",
            ),
            Block::plain(BlockKind::Heading { level: 2 }, heading),
        ];
        blocks.extend(items.iter().map(|text| Block::plain(item.clone(), *text)));
        let document = Document {
            url: None,
            blocks: &blocks,
        };
        let judged = Judge::default().judge(document, scan_blocks(&blocks));
        judged.into_iter().map(|one| one.kind).collect()
    }

    #[test]
    fn headings_tell_hosts_from_files() {
        let items = ["updt.rs", "kqzx.zip", "updt.py", "payload.sh"];
        for heading in [
            "Domains",
            "C2 domains:",
            "Malicious domains and IPs",
            "C&C domain names",
        ] {
            assert_eq!(kinds(heading, &items), [Kind::Domain; 4], "{heading}");
        }
        for heading in [
            "Files",
            "Domains and files",
            "Scripts on hosts",
            "Indicators",
        ] {
            assert_eq!(kinds(heading, &items), [Kind::Filename; 4], "{heading}");
        }
    }

    #[test]
    fn only_names_of_hosts_that_stand_alone_are_read_again() {
        assert_eq!(
            kinds(
                "Domains",
                &[
                    "updt.exe",
                    r"C:\kqzx.zip",
                    "It drops kqzx.py then and sleeps"
                ]
            ),
            [Kind::Filename; 3]
        );
    }
}
