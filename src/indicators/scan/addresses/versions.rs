//! Version, section and object numbers that look like IPv4 addresses.
//!
//! `12.1.3.0` is either; the words around it decide. The nearest telling word before it wins, lists and ranges are
//! walked through to what stands before their first member.

use std::ops::Range;

use super::super::Text;

/// How far back words are read, in bytes.
const BACK: usize = 160;

/// What is counted in versions, or numbered.
const VERSION: &[&str] = &[
    "appendix",
    "bugfix",
    "build",
    "builds",
    "chapter",
    "clause",
    "figure",
    "firmware",
    "hotfix",
    "kb",
    "oid",
    "paragraph",
    "patch",
    "patchlevel",
    "rel",
    "release",
    "releases",
    "rev",
    "revision",
    "rfc",
    "section",
    "sections",
    "sp",
    "step",
    "table",
    "v",
    "ver",
    "vers",
    "version",
    "versions",
    "§",
];

/// Words of a sentence about versions; they tell only when the number has the shape of one.
const ABOUT: &[&str] = &[
    "affected",
    "affecting",
    "affects",
    "before",
    "below",
    "bumped",
    "downgrade",
    "downgraded",
    "earlier",
    "fixed",
    "fixes",
    "impacted",
    "installed",
    "latest",
    "newer",
    "older",
    "patched",
    "prior",
    "running",
    "runs",
    "through",
    "unaffected",
    "unpatched",
    "until",
    "update",
    "updated",
    "updates",
    "upgrade",
    "upgraded",
    "upgrades",
    "upgrading",
    "updating",
    "vulnerable",
];

/// Names of products that are followed by a version without more ado.
const PRODUCTS: &[&str] = &[
    "7-zip",
    "acrobat",
    "activemq",
    "adc",
    "agent",
    "android",
    "anyconnect",
    "anydesk",
    "apache",
    "asa",
    "bind",
    "big-ip",
    "centos",
    "chrome",
    "chromium",
    "citrix",
    "client",
    "coldfusion",
    "confluence",
    "curl",
    "debian",
    "defender",
    "dotnet",
    "driver",
    "drupal",
    "dsm",
    "edge",
    "electron",
    "emeditor",
    "engine",
    "esxi",
    "exchange",
    "exim",
    "explorer",
    "firefox",
    "flash",
    "fortianalyzer",
    "forticlient",
    "fortimail",
    "fortimanager",
    "fortios",
    "fortiproxy",
    "fortiweb",
    "framework",
    "gateway",
    "ghostscript",
    "gitlab",
    "globalprotect",
    "goanywhere",
    "grafana",
    "imagemagick",
    "ios",
    "ipados",
    "java",
    "jdk",
    "jenkins",
    "jira",
    "joomla",
    "jre",
    "junos",
    "kernel",
    "linux",
    "log4j",
    "macos",
    "magento",
    "manageengine",
    "mariadb",
    "mongodb",
    "moveit",
    "mysql",
    "netscaler",
    "nginx",
    "node",
    "node.js",
    "npm",
    "office",
    "openssh",
    "openssl",
    "opera",
    "oracle",
    "orion",
    "outlook",
    "pan-os",
    "perl",
    "php",
    "photoshop",
    "player",
    "plugin",
    "postfix",
    "postgresql",
    "powershell",
    "putty",
    "python",
    "qts",
    "reader",
    "redis",
    "routeros",
    "ruby",
    "runtime",
    "safari",
    "samba",
    "screenconnect",
    "sdk",
    "sendmail",
    "serv-u",
    "sharepoint",
    "solarwinds",
    "sonicos",
    "splunk",
    "spring",
    "struts",
    "sqlite",
    "sysaid",
    "teamcity",
    "teamviewer",
    "thunderbird",
    "tomcat",
    "ubuntu",
    "unity",
    "vcenter",
    "vlc",
    "vmware",
    "weblogic",
    "websphere",
    "wget",
    "windows",
    "winrar",
    "winscp",
    "wordpress",
    "xampp",
    "xcode",
    "zimbra",
    "zoom",
    ".net",
];

/// What has an address.
const ADDRESS: &[&str] = &[
    "a",
    "address",
    "addresses",
    "adresse",
    "attacker",
    "beacon",
    "beacons",
    "blocked",
    "c2",
    "c2s",
    "c&c",
    "cc",
    "cnc",
    "connect",
    "connected",
    "connecting",
    "connection",
    "connections",
    "connects",
    "contacted",
    "contacting",
    "contacts",
    "dns",
    "domain",
    "domains",
    "endpoint",
    "host",
    "hosted",
    "hosting",
    "hosts",
    "http",
    "https",
    "indicator",
    "indicators",
    "infrastructure",
    "ioc",
    "iocs",
    "ip",
    "ips",
    "ipv4",
    "malicious",
    "node",
    "nodes",
    "ping",
    "pinged",
    "points",
    "port",
    "proxy",
    "resolve",
    "resolved",
    "resolves",
    "resolving",
    "resolution",
    "scanner",
    "scanning",
    "server",
    "servers",
    "src",
    "dst",
    "source",
    "destination",
    "ssh",
    "telnet",
    "traffic",
    "url",
    "urls",
    "vps",
];

/// Before `Server` these make it a product.
const SERVERS: &[&str] = &[
    "application",
    "bi",
    "center",
    "commerce",
    "confluence",
    "data",
    "exchange",
    "http",
    "management",
    "moveit",
    "report",
    "reporting",
    "sharepoint",
    "sql",
    "team",
    "weblogic",
    "web",
    "windows",
];

/// Words that neither tell nor end the search.
const JOINTS: &[&str] = &[
    "above",
    "all",
    "an",
    "and",
    "are",
    "as",
    "between",
    "by",
    "following",
    "for",
    "from",
    "in",
    "include",
    "includes",
    "including",
    "is",
    "not",
    "number",
    "numbers",
    "of",
    "on",
    "only",
    "or",
    "other",
    "than",
    "that",
    "the",
    "this",
    "to",
    "up",
    "via",
    "was",
    "were",
    "with",
    "&",
    "to:",
    "x",
];

/// What a word says about the numbers behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Version,
    About,
    Product,
    Address,
    Server,
    /// Another number of the same list.
    Number,
    Joint,
    Other,
}

/// Whether the dotted number at `span` is a version, a section or an object number rather than an address.
pub(in crate::indicators::scan) fn is_version(text: &Text<'_>, span: &Range<usize>) -> bool {
    if let Some(told) = by_neighbours(text, span) {
        return told;
    }
    let shaped = is_shaped(text.slice(span.clone()));
    if shaped && (goes_on_as_version(text.line_after(span.end, 24)) || is_heading(text, span)) {
        return true;
    }
    let before = text.line_before(span.start, BACK);
    by_words(before, shaped).unwrap_or_else(|| by_place(text, shaped))
}

/// Reads the bytes that touch the number.
fn by_neighbours(text: &Text<'_>, span: &Range<usize>) -> Option<bool> {
    let before = |back: usize| span.start.checked_sub(back).map_or(0, |at| text.byte(at));
    match before(1) {
        b'/' if before(2).is_ascii_alphabetic() => {
            let word = text.line_before(span.start - 1, 16);
            Some(!matches!(
                classify(last_word(word)),
                Word::Address | Word::Server
            ))
        }
        // `openssl-1.1.1.4`
        b'-' if before(2).is_ascii_alphabetic() => Some(true),
        b'+' | b'$' | b'#' => Some(true),
        _ if text.byte(span.end) == b'-' => {
            is_suffix(text.line_after(span.end + 1, 12)).then_some(true)
        }
        _ => None,
    }
}

fn last_word(text: &str) -> &str {
    text.rsplit(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default()
}

/// `1.2.3.4-beta`, `1.2.3.4-el7`
fn is_suffix(after: &str) -> bool {
    const SUFFIXES: &[&str] = &[
        "alpha", "beta", "rc", "snapshot", "release", "final", "build", "hotfix", "deb", "ubuntu",
        "el6", "el7", "el8", "el9", "stable", "dev", "preview", "patch", "sp",
    ];
    SUFFIXES.iter().any(|suffix| {
        after
            .get(..suffix.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(suffix))
    })
}

/// Versions begin low and have a short number or two; few addresses do.
fn is_shaped(number: &str) -> bool {
    let first = number.split('.').next().unwrap_or_default();
    let low = first.parse::<u16>().is_ok_and(|first| first < 110);
    low && number.split('.').filter(|part| part.len() == 1).count() + usize::from(first.len() < 2)
        >= 1
}

/// `… and earlier`, `… (build 5)`
fn goes_on_as_version(after: &str) -> bool {
    const TELLING: &[&str] = &[
        "and earlier",
        "and below",
        "and prior",
        "and older",
        "and later",
        "and above",
        "and newer",
        "and lower",
        "or earlier",
        "or below",
        "or prior",
        "or older",
        "or later",
        "or above",
        "or newer",
        "or lower",
        "or higher",
        "and higher",
        "beta",
        "build",
        "(build",
        "alpha",
        "rc1",
        "sp1",
        "release",
        "firmware",
        "patch",
        "hotfix",
        "is not affected",
        "are not affected",
        "is affected",
        "are affected",
        "is vulnerable",
        "are vulnerable",
        "version",
    ];
    let after = after.trim_start_matches([' ', ',']);
    TELLING.iter().any(|words| {
        after
            .get(..words.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(words))
    })
}

/// `3.2.1.4 Title` at the start of a line.
fn is_heading(text: &Text<'_>, span: &Range<usize>) -> bool {
    let number = text.slice(span.clone());
    let low = number.split('.').all(|part| {
        part.parse::<u8>()
            .is_ok_and(|part| (1..=20).contains(&part))
    });
    let first = number.split('.').next().unwrap_or_default();
    let same = number.split('.').all(|part| part == first);
    let after = text.line_after(span.end, 80);
    let title = after
        .strip_prefix(". ")
        .or_else(|| after.strip_prefix(' '))
        .unwrap_or_default();
    low && !same
        && text
            .line_before(span.start, 4)
            .trim_start_matches(['#', '*', ' '])
            .is_empty()
        && title.starts_with(char::is_uppercase)
        && !title.trim_end().ends_with('.')
}

/// Walks back over the words on the line. `None`: they say nothing.
fn by_words(before: &str, shaped: bool) -> Option<bool> {
    let (mut about, mut others) = (false, 0);
    let mut words = before
        .rsplit([' ', '\t', '\u{A0}', '(', '=', '[', '"', '|'])
        .filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        let ends_sentence = word.ends_with('.') && word.len() > 5 && classify(word) != Word::Number;
        match classify(word) {
            Word::Version => return Some(true),
            _ if ends_sentence => break,
            Word::Address => return Some(false),
            Word::Server => {
                let product = words
                    .next()
                    .is_some_and(|word| contains(SERVERS, bare(word)));
                return Some(product && shaped);
            }
            Word::Product if others == 0 => return Some(shaped),
            Word::About => about = true,
            Word::Number | Word::Joint => {}
            Word::Product | Word::Other => others += 1,
        }
        if others > 2 {
            break;
        }
    }
    about.then_some(shaped)
}

/// Asks the table: the header of the column and the cell before.
fn by_place(text: &Text<'_>, shaped: bool) -> bool {
    let told = |words: Option<&str>| {
        words
            .and_then(|words| by_words(words, shaped))
            .unwrap_or(false)
    };
    told(text.place.header) || told(text.place.before)
}

/// A word without the punctuation around it.
fn bare(word: &str) -> &str {
    let word = word.trim_end_matches([
        ',', ';', ':', ')', ']', '.', '"', '\'', '*', '_', '`', '”', '’', '\u{200B}',
    ]);
    word.trim_start_matches([
        '(', '[', '"', '\'', '*', '_', '`', '<', '>', '≤', '≥', '~', '“', '‘',
    ])
}

fn classify(word: &str) -> Word {
    let word = bare(word);
    if word.is_empty() || matches!(word, "-" | "–" | "—" | "/" | "+") {
        return Word::Joint;
    }
    if is_number(word) {
        return Word::Number;
    }
    let lists: [(&[&str], Word); 5] = [
        (JOINTS, Word::Joint),
        (VERSION, Word::Version),
        (ABOUT, Word::About),
        (ADDRESS, Word::Address),
        (PRODUCTS, Word::Product),
    ];
    if matches!(word, "Server" | "server" | "Servers" | "servers") {
        return Word::Server;
    }
    lists
        .iter()
        .find(|(list, _)| contains(list, word))
        .map_or(Word::Other, |(_, class)| *class)
}

fn contains(list: &[&str], word: &str) -> bool {
    list.iter().any(|entry| entry.eq_ignore_ascii_case(word))
}

/// `12.2.1.2`, `v2.3.x`, `10.*`
fn is_number(word: &str) -> bool {
    let digits = word.strip_prefix(['v', 'V']).unwrap_or(word);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| {
            byte.is_ascii_digit() || matches!(byte, b'.' | b'x' | b'*' | b'-' | b'/' | b':')
        })
}
