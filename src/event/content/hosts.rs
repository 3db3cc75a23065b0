//! Hosts and addresses that no link of a report may lead to.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;

use url::{Host, Url};

use super::merge::{network, parsed_net};
use crate::article::Mark;
use crate::article::blocks::{Block, Kind as BlockKind};
use crate::event::context::Outline;
use crate::indicators::judge::is_shared;
use crate::indicators::{Indicator, Kind, Verdict};

/// Longest host name, in bytes.
const MAX_HOST: usize = 253;

/// Most addresses that are kept of one shared host, as each is compared with each link to it. With more, no link
/// may lead there at all.
const MAX_SHARED: usize = 256;

/// Marks for links and pictures whose address is at a host for detection, or below it: one careless click in the
/// report is enough, whatever the page they lead to was judged. A bad address at a host that everyone uses
/// condemns what lies at and below it, not the host.
pub(super) fn unlinked(
    blocks: &[Block],
    outline: &Outline<'_>,
    indicators: &[Indicator],
) -> Vec<Mark> {
    let hosts = Hosts::of(indicators);
    let mut marks = Vec::new();
    if hosts.are_none() {
        return marks;
    }
    // One target may be that of many blocks.
    let mut known: HashMap<*const u8, bool> = HashMap::new();
    let shown = blocks.iter().enumerate();
    for (number, block) in shown.filter(|(_, block)| block.in_report()) {
        for (target, span) in links(block) {
            let leads = known
                .entry(Arc::as_ptr(target).cast())
                .or_insert_with(|| hosts.has_target(target));
            let text = outline.text(number).get(span.clone());
            if let (true, Some(text)) = (*leads, text) {
                marks.push(Mark::unlinked(number, span, text, target));
            }
        }
    }
    marks
}

/// Targets in a block, each with where its text stands.
fn links(block: &Block) -> Vec<(&Arc<str>, Range<usize>)> {
    if let BlockKind::Image { src } = &block.kind {
        let alt = block.cells.iter().flat_map(|cell| &cell.runs);
        return vec![(src, 0..alt.map(|run| run.text.len()).sum())];
    }
    let mut links: Vec<(&Arc<str>, Range<usize>)> = Vec::new();
    for piece in block.pieces() {
        let Some(link) = &piece.value.link else {
            continue;
        };
        match links.last_mut() {
            Some((last, span)) if *last == link && span.end == piece.range.start => {
                span.end = piece.range.end;
            }
            _ => links.push((link, piece.range)),
        }
    }
    links
}

/// Hosts of values for detection.
#[derive(Default)]
struct Hosts {
    names: HashSet<String>,
    addresses: HashSet<IpAddr>,
    nets: HashSet<(IpAddr, u8)>,
    /// Of the nets.
    lengths: BTreeSet<u8>,
    /// Addresses at shared hosts, by host: the path, with the query if there is one.
    shared: HashMap<String, Vec<String>>,
}

impl Hosts {
    fn of(indicators: &[Indicator]) -> Self {
        let mut hosts = Self::default();
        for indicator in indicators {
            if indicator.verdict == Verdict::Detect {
                hosts.add(indicator);
            }
        }
        hosts
    }

    /// Not those of mail addresses: most are at hosts that everyone uses.
    fn add(&mut self, indicator: &Indicator) {
        let value = indicator.value.as_str();
        match indicator.kind {
            Kind::Url if value.contains("://") => self.add_url(value),
            Kind::Url => self.add_url(&format!("http://{value}")),
            Kind::IpDst | Kind::Domain | Kind::Hostname | Kind::OnionAddress => {
                match parsed_net(value) {
                    Some((address, length)) => self.add_net(address, length),
                    None => self.add_host(value),
                }
            }
            Kind::IpDstPort | Kind::HostnamePort => {
                self.add_host(value.split('|').next().unwrap_or_default());
            }
            Kind::DomainIp => value.split('|').for_each(|host| self.add_host(host)),
            _ => {}
        }
    }

    fn add_url(&mut self, url: &str) {
        let Ok(url) = Url::parse(url) else {
            return;
        };
        match url.host_str() {
            Some(host) if is_shared(host) => {
                let paths = self.shared.entry(bare(host)).or_default();
                if paths.len() < MAX_SHARED {
                    paths.push(place(&url).to_owned());
                } else {
                    self.add_host(host);
                }
            }
            Some(host) => self.add_host(host),
            None => {}
        }
    }

    fn add_net(&mut self, address: IpAddr, length: u8) {
        self.nets.insert((network(address, length), length));
        self.lengths.insert(length);
    }

    fn add_host(&mut self, host: &str) {
        match parsed(host) {
            Some(Host::Domain(name)) => {
                self.names.insert(name);
            }
            Some(Host::Ipv4(address)) => {
                self.addresses.insert(address.into());
            }
            Some(Host::Ipv6(address)) => {
                self.addresses.insert(address.into());
            }
            None => {}
        }
    }

    fn are_none(&self) -> bool {
        self.names.is_empty()
            && self.addresses.is_empty()
            && self.nets.is_empty()
            && self.shared.is_empty()
    }

    fn has_target(&self, target: &str) -> bool {
        let url = Url::parse(target).ok();
        if url.as_ref().is_some_and(|url| self.has_shared(url)) {
            return true;
        }
        match url.as_ref().and_then(Url::host_str).and_then(parsed) {
            Some(Host::Domain(name)) => self.has_name(&name),
            Some(Host::Ipv4(address)) => self.has_address(address.into()),
            Some(Host::Ipv6(address)) => self.has_address(address.into()),
            None => false,
        }
    }

    /// It, or a name above it.
    fn has_name(&self, name: &str) -> bool {
        let above = name.match_indices('.').map(|(at, _)| at + 1);
        std::iter::once(0)
            .chain(above)
            .filter_map(|at| name.get(at..))
            .any(|name| name.len() <= MAX_HOST && self.names.contains(name))
    }

    /// One of the addresses at a shared host, or what lies below it.
    fn has_shared(&self, url: &Url) -> bool {
        let paths = url.host_str().and_then(|host| self.shared.get(&bare(host)));
        paths.is_some_and(|paths| paths.iter().any(|path| extends(place(url), path)))
    }

    fn has_address(&self, address: IpAddr) -> bool {
        self.addresses.contains(&address)
            || self
                .lengths
                .iter()
                .any(|length| self.nets.contains(&(network(address, *length), *length)))
    }
}

/// The host without the `www.` that leads to the same pages.
fn bare(host: &str) -> String {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host.strip_prefix("www.").map(str::to_owned).unwrap_or(host)
}

/// Path and query.
fn place(url: &Url) -> &str {
    &url[url::Position::BeforePath..url::Position::AfterQuery]
}

/// Whether `place` is `path` or lies below it. An address of the host alone has only itself below it.
fn extends(place: &str, path: &str) -> bool {
    let path = path.trim_end_matches('/');
    place.strip_prefix(path).is_some_and(|rest| {
        let rest_is_path = rest.starts_with('/') && !path.is_empty();
        matches!(rest, "" | "/") || rest_is_path || rest.starts_with(['?', '#', '&'])
    })
}

/// A host as all its spellings have it in common.
fn parsed(host: &str) -> Option<Host> {
    let host = host.trim_matches(['[', ']', '.']);
    match host.parse() {
        Ok(IpAddr::V4(address)) => Some(Host::Ipv4(address)),
        Ok(IpAddr::V6(address)) => Some(Host::Ipv6(address)),
        Err(_) => Host::parse(host).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::samples::judged;

    #[test]
    fn hosts_for_detection_are_told_in_every_kind_and_spelling() {
        let note = Indicator {
            verdict: Verdict::Note,
            ..judged(&[], Kind::Domain, "", "note.top")
        };
        let mut indicators = vec![note];
        for (kind, value) in [
            (Kind::Domain, "evil.top"),
            (Kind::Url, "http://cdn.bad.top:8080/a"),
            (Kind::Url, "gate.top:81/x"),
            (Kind::HostnamePort, "port.top|8443"),
            (Kind::DomainIp, "pair.top|45.9.148.9"),
            (Kind::IpDst, "45.9.149.7/24"),
            (Kind::IpDstPort, "2a0d::1|443"),
            (Kind::Domain, "bücher.top"),
            (Kind::Email, "a@mail.com"),
            (Kind::Url, "https://github.com/bad/tool"),
            (Kind::Url, "https://drive.google.com/uc?id=7"),
            (Kind::Url, "https://t.me/"),
            (Kind::Domain, "transfer.sh"),
            (Kind::Md5, "d41d8cd98f00b204e9800998ecf8427e"),
        ] {
            indicators.push(judged(&[], kind, "", value));
        }
        let hosts = Hosts::of(&indicators);
        for (target, expected) in [
            ("https://evil.top/x", true),
            ("https://A.EVIL.top./", true),
            ("ftp://user@evil.top/", true),
            ("https://notevil.top/", false),
            ("https://cdn.bad.top/", true),
            ("https://bad.top/", false),
            ("http://gate.top/", true),
            ("http://port.top/", true),
            ("http://pair.top/", true),
            ("http://45.9.148.9/", true),
            ("http://45.9.148.8/", false),
            ("http://45.9.149.200/", true),
            ("http://[2a0d:0::1]/", true),
            ("http://xn--bcher-kva.top/", true),
            ("http://mail.com/", false),
            ("http://note.top/", false),
            ("mailto:a@evil.top", false),
            ("no address", false),
            ("https://www.github.com/bad/tool/", true),
            ("https://github.com/bad/tool/releases/a.zip", true),
            ("https://github.com/bad/tool?tab=x", true),
            ("https://github.com/bad/toolbox", false),
            ("https://github.com/good/tool", false),
            ("https://drive.google.com/uc?id=7", true),
            ("https://drive.google.com/uc?id=7&export=download", true),
            ("https://drive.google.com/uc?id=8", false),
            ("https://t.me/", true),
            ("https://t.me/other", false),
            ("https://transfer.sh/x", true),
        ] {
            assert_eq!(hosts.has_target(target), expected, "{target}");
        }
    }
}
