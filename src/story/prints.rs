//! What an article leaves: hashes of the rare things in it.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use url::Url;

use super::Common;
use crate::context::{self, ContextTag, Standing, Topic};
use crate::indicators::{Indicator, Kind, Verdict};
use crate::plain;

/// Prints of files, of hosts and of subjects kept of one article, at most.
const MOST: usize = 32;

/// An article with more vulnerabilities than this is a list of them.
const VULNERABILITIES: usize = 10;

/// Longest name of an actor or malware in what is said of it, in characters.
const MAX_NAME: usize = 60;

/// A hash of something rare, and what it is worth as evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Print {
    key: String,
    evidence: Evidence,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Evidence {
    /// A file's hash: enough by itself.
    Hash,
    /// Something at a host; a URL and its host are one piece of evidence.
    Host(String),
    /// A vulnerability together with who or what uses it: enough by itself.
    Subject(String),
}

impl Print {
    /// By what a store knows it: 32 hexadecimal digits that tell nothing of the value.
    pub fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn count<'a>(&'a self, common: &mut Common<'a>) {
        match &self.evidence {
            Evidence::Hash => common.hashes += 1,
            Evidence::Host(host) => {
                common.hosts.insert(host);
            }
            Evidence::Subject(label) => {
                common.subjects.insert(label);
            }
        }
    }
}

/// The prints of one article, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prints(Vec<Print>);

impl Prints {
    /// The prints of an article with these judged values and the tags of its event. Only what is for detection
    /// counts, vulnerabilities aside.
    ///
    /// Of many, those with the smallest keys are kept: of two long lists that are the same, the same ones.
    pub fn of(indicators: &[Indicator], tags: &[ContextTag]) -> Self {
        let mut hashes = BTreeMap::new();
        let mut hosts = BTreeMap::new();
        for one in indicators {
            if one.verdict == Verdict::Detect {
                add(one, &mut hashes, &mut hosts);
            }
        }
        let subjects = subjects(indicators, tags);
        let kept = [hashes, hosts, subjects]
            .into_iter()
            .flat_map(|kind| kind.into_iter().take(MOST))
            .map(|(key, evidence)| Print { key, evidence });
        Self(kept.collect())
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = &Print> {
        self.0.iter()
    }

    /// Their keys, in the same order.
    pub fn keys(&self) -> Vec<String> {
        self.0.iter().map(|print| print.key.clone()).collect()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Notes what a value is evidence of.
fn add(
    one: &Indicator,
    hashes: &mut BTreeMap<String, Evidence>,
    hosts: &mut BTreeMap<String, Evidence>,
) {
    let value = one.value.to_lowercase();
    let mut host = |name: &str| {
        if !name.is_empty() {
            hosts.insert(key(&["host", name]), Evidence::Host(name.to_owned()));
        }
    };
    let last = |value: &str| value.rsplit('|').next().unwrap_or_default().to_owned();
    match one.kind {
        Kind::Md5 | Kind::Sha1 | Kind::Sha224 | Kind::Sha256 | Kind::Sha384 | Kind::Sha512 => {
            hashes.insert(key(&["file", &value]), Evidence::Hash);
        }
        Kind::FilenameMd5 | Kind::FilenameSha1 | Kind::FilenameSha256 | Kind::FilenameSha512 => {
            hashes.insert(key(&["file", &last(&value)]), Evidence::Hash);
        }
        Kind::Domain | Kind::Hostname | Kind::OnionAddress | Kind::IpDst => host(&value),
        Kind::IpDstPort | Kind::HostnamePort => host(value.split('|').next().unwrap_or_default()),
        Kind::DomainIp => value.split('|').for_each(host),
        Kind::Email | Kind::EmailSrc => {
            hosts.insert(key(&["email", &value]), Evidence::Host(value));
        }
        Kind::Url => {
            let (address, group) = url(&one.value);
            hosts.insert(key(&["url", &address]), Evidence::Host(group));
        }
        _ => {}
    }
}

/// A web address without its scheme, and its host.
fn url(value: &str) -> (String, String) {
    let parsed = Url::parse(value).or_else(|_| Url::parse(&format!("http://{value}")));
    let host = parsed.as_ref().ok().and_then(Url::host_str);
    let host = host.unwrap_or_default().to_lowercase();
    let rest = match parsed.as_ref().map(|url| (url.path(), url.query())) {
        Ok((path, Some(query))) => format!("{path}?{query}"),
        Ok((path, None)) => path.to_owned(),
        Err(_) => value.to_owned(),
    };
    let address = format!("{host}{}", rest.trim_end_matches('/'));
    let group = if host.is_empty() {
        address.clone()
    } else {
        host
    };
    (address, group)
}

/// Each vulnerability with each actor and malware that the article is about.
fn subjects(indicators: &[Indicator], tags: &[ContextTag]) -> BTreeMap<String, Evidence> {
    let vulnerabilities: Vec<&str> = indicators
        .iter()
        .filter(|one| one.kind == Kind::Vulnerability && one.verdict.is_indicator())
        .map(|one| one.value.as_str())
        .collect();
    let mut out = BTreeMap::new();
    if vulnerabilities.len() > VULNERABILITIES {
        return out;
    }
    for tag in tags {
        let named = matches!(tag.topic, Topic::Actor | Topic::Malware);
        let (true, Standing::Subject, Some(cluster)) = (named, tag.standing, tag.cluster) else {
            continue;
        };
        for vulnerability in &vulnerabilities {
            let name = plain::short(context::name(&tag.tag), MAX_NAME);
            let label = format!("{vulnerability} with {name}");
            let key = key(&["subject", vulnerability, &cluster.to_string()]);
            out.insert(key, Evidence::Subject(label));
        }
    }
    out
}

/// Each part is preceded by its length: no two lists of parts hash the same text.
fn key(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part.as_bytes());
    }
    let digest = hex::encode(hasher.finalize());
    digest.get(..32).unwrap_or(&digest).to_owned()
}
