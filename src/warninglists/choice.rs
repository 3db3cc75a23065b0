//! Which lists of the knowledge pack are used, and what a hit on one means.
//!
//! `indicators.warninglists_pack` names them: `default` for the ones below, `all`, the name of a list, or `-name` to leave
//! one out again. Later entries hold.

use crate::indicators::warninglists::Action;

/// Lists whose values are harmless whoever writes of them: hashes of empty, common and test files, of certificates;
/// reserved nets and names. A hit takes the IDS flag away.
const HARMLESS: &[&str] = &[
    "CRL and OCSP IP addresses",
    "CRL and OCSP domains",
    "Fingerprint of known intermediate of trusted certificates",
    "Fingerprint of trusted CA certificates",
    "Hashes that are often included in IOC lists but are false positives.",
    "List of Azure Applicaiton IDs",
    "List of RFC 1918 CIDR blocks",
    "List of RFC 3849 CIDR blocks",
    "List of RFC 5735 CIDR blocks",
    "List of RFC 5771 multicast CIDR blocks",
    "List of RFC 6598 CIDR blocks",
    "List of RFC 6761 Special-Use Domain Names",
    "List of hashes for EICAR test virus",
    "List of IPv6 link local blocks",
    "List of known hashes for benign files",
    "List of known hashes for empty files",
    "List of known hashes with common false-positives (based on Florian Roth input list)",
    "Second level TLDs as known by Mozilla Foundation",
    "TLDs as known by IANA",
    "Unattributed phone number.",
];

/// Lists of what is popular or run by somebody respectable. Attackers use such services, and register names below such
/// sites, so a defang mark says more than a place on one of them.
const POPULAR: &[&str] = &[
    "Captive Portal Detection Hostnames",
    "Common contact e-mail addresses",
    "Covid-19 Cyber Threat Coalition's Whitelist",
    "Covid-19 Krassi's Whitelist",
    "List of known Gmail sending IP ranges",
    "List of known Googlebot IP ranges (https://developers.google.com/search/apis/ipranges/googlebot.json)",
    "List of known IPv4 public DNS resolvers",
    "List of known IPv6 public DNS resolvers",
    "List of known Office 365 IP address ranges",
    "List of known Office 365 URLs",
    "List of known Wikimedia address ranges",
    "List of known Windows 10 connection endpoints",
    "List of known bank domains",
    "List of known domains to know external IP",
    "List of known domains used by automated malware analysis services & security vendors",
    "List of known google domains",
    "List of known hostname used for querying your source IP. This can be used as exclusion for your Passive DNS lookup.",
    "List of known microsoft domains",
    "List of known security providers/vendors blog domain",
    "Top 1000 website from Alexa",
    "Top 1000 websites from Cisco Umbrella",
    "Top 10 000 websites from Cisco Umbrella",
    "Top 10000 websites from Majestic Million",
    "Top 10K most-used sites from Tranco",
    "Top 5000 websites from Cisco Umbrella",
    "Top 500 domains and pages from https://moz.com/top500",
    "University domains",
    "Valid covid-19 related domains",
];

/// Lists of services that let names to anybody. Their hosts stand high on the lists of popular sites, which say nothing
/// of the tenants; named by itself, such a list flags like any other.
const RENTED: &[&str] = &[
    "List of LOTS (Living Off Trusted Sites) Project Domains",
    "List of known URL Shorteners domains",
    "List of known dynamic DNS domains",
    "List of known link in Bio domains",
];

/// A choice that was made.
#[derive(Debug, Clone)]
pub(super) struct Choice<'a> {
    /// Entries as configured, without blanks around them.
    entries: Vec<&'a str>,
}

impl<'a> Choice<'a> {
    pub(super) fn new(entries: &'a [String]) -> Self {
        Self {
            entries: entries.iter().map(|entry| entry.trim()).collect(),
        }
    }

    /// What a hit on the list means; `None`: it is not used.
    pub(super) fn of(&self, name: &str) -> Option<Action> {
        let chosen = |entry: &&str| match *entry {
            "default" => [HARMLESS, POPULAR, RENTED]
                .iter()
                .any(|lists| is_in(lists, name)),
            "all" => true,
            entry => is(entry.trim_start_matches('-'), name),
        };
        let last = self.entries.iter().rfind(|entry| chosen(entry))?;
        let grouped = matches!(*last, "default" | "all");
        if last.starts_with('-') {
            None
        } else if is_in(HARMLESS, name) {
            Some(Action::Flag)
        } else if grouped && is_in(RENTED, name) {
            Some(Action::Rented)
        } else {
            Some(Action::Weigh)
        }
    }

    /// Names that none of these lists has.
    pub(super) fn unknown<'b>(&self, lists: &[&str]) -> Vec<&'b str>
    where
        'a: 'b,
    {
        let names = self.entries.iter().copied();
        names
            .filter(|entry| !matches!(*entry, "default" | "all"))
            .filter(|entry| {
                let name = entry.trim_start_matches('-');
                !lists.iter().any(|list| is(name, list))
            })
            .collect()
    }
}

fn is(entry: &str, name: &str) -> bool {
    entry.trim().eq_ignore_ascii_case(name.trim())
}

fn is_in(lists: &[&str], name: &str) -> bool {
    lists.iter().any(|list| is(list, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::builtin;

    fn choice(entries: &[&str]) -> Vec<String> {
        entries.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn later_entries_hold() {
        let (empty, tranco, vpn) = (
            "List of known hashes for empty files",
            "Top 10K most-used sites from Tranco",
            "Specialized list of vpn-ipv4 addresses belonging to common VPN providers and datacenters",
        );
        let less = format!("-{tranco}");
        for (entries, expected) in [
            (&[][..], [None, None, None]),
            (
                &["default"],
                [Some(Action::Flag), Some(Action::Weigh), None],
            ),
            (
                &["all"],
                [Some(Action::Flag), Some(Action::Weigh), Some(Action::Weigh)],
            ),
            (
                &["default", vpn],
                [Some(Action::Flag), Some(Action::Weigh), Some(Action::Weigh)],
            ),
            (&["default", &less], [Some(Action::Flag), None, None]),
            (
                &[&less, "default"],
                [Some(Action::Flag), Some(Action::Weigh), None],
            ),
            (
                &["default", RENTED[2]],
                [Some(Action::Flag), Some(Action::Weigh), None],
            ),
            (
                &["list of known hashes for EMPTY files "],
                [Some(Action::Flag), None, None],
            ),
        ] {
            let entries = choice(entries);
            let choice = Choice::new(&entries);
            assert_eq!(
                [empty, tranco, vpn].map(|name| choice.of(name)),
                expected,
                "{entries:?}"
            );
        }
    }

    #[test]
    fn what_is_chosen_by_default_is_there_and_does_no_harm() {
        let lists = builtin::warninglists().unwrap();
        let names: Vec<&str> = lists
            .lists()
            .iter()
            .map(|list| list.name.as_str())
            .collect();
        for name in HARMLESS.iter().chain(POPULAR).chain(RENTED) {
            assert!(names.contains(name), "{name}");
        }
        let entries = choice(&["default", "No such list"]);
        assert_eq!(Choice::new(&entries).unknown(&names), ["No such list"]);
        let choice = Choice::new(&entries);
        for name in names {
            let harmful = [
                "dynamic",
                "vpn",
                "Amazon",
                "Azure D",
                "GCP",
                "Parking",
                "Shortener",
                "Bio",
                "LOTS",
                "sinkhole",
            ];
            if harmful.iter().any(|word| name.contains(word)) {
                let action = choice.of(name);
                assert!(
                    action.is_none_or(|action| action == Action::Rented),
                    "{name}"
                );
            }
        }
    }
}
