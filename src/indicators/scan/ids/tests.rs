use proptest::prelude::*;

use super::super::super::{Kind, clear::Clear};
use super::super::{Place, Text};
use super::*;

/// What the recognisers of this module find, gap by gap as between blanks.
fn ids_at(written: &str, place: Place<'_>) -> Vec<(Kind, String)> {
    let clear = Clear::of(written);
    let text = Text::new(&clear, place);
    let mut raws: Vec<Raw> = Vec::new();
    let mut start = 0;
    for chunk in text.str().split([' ', '\n', '"', '|']) {
        let gap = start..start + chunk.len();
        let free = raws.last().map_or(0, |raw| raw.span.end);
        if free <= gap.start {
            let first = raws.len();
            cpe::find(&text, gap.clone(), &mut raws);
            if raws.len() == first {
                find(&text, gap.clone(), &mut raws);
            }
        }
        start = gap.end + 1;
    }
    for pair in raws.windows(2) {
        assert!(
            pair[0].span.end <= pair[1].span.start,
            "overlap in {written}"
        );
    }
    raws.into_iter()
        .filter_map(|raw| Some((raw.kind?, raw.value)))
        .collect()
}

fn ids(written: &str) -> Vec<(Kind, String)> {
    ids_at(written, Place::default())
}

/// Asserts that a text holds these values of one kind, separated by blanks, and nothing else.
fn holds(kind: Kind, cases: &[(&str, &str)]) {
    for (written, values) in cases {
        let expected: Vec<_> = values
            .split_terminator('|')
            .map(|value| (kind, value.to_owned()))
            .collect();
        assert_eq!(ids(written), expected, "{written}");
    }
}

#[test]
fn vulnerabilities() {
    holds(
        Kind::Vulnerability,
        &[
            ("CVE-2021-44228 (Log4Shell)", "CVE-2021-44228"),
            ("cve-2019-16202", "CVE-2019-16202"),
            ("CVE 2021 44228.", "CVE-2021-44228"),
            ("CVE_2021_44228", "CVE-2021-44228"),
            ("CVE: 2021-44228", "CVE-2021-44228"),
            ("CVE:2021-44228", "CVE-2021-44228"),
            ("CVE 2021-44228", "CVE-2021-44228"),
            ("CVE-2021 44228", "CVE-2021-44228"),
            ("CVE2021-44228", "CVE-2021-44228"),
            ("exploit_CVE-2021-44228_poc", "CVE-2021-44228"),
            (
                "(CVE-2021-45046,CVE-2021-4104)",
                "CVE-2021-45046|CVE-2021-4104",
            ),
            ("CVE-2021-45046 and -45105", "CVE-2021-45046|CVE-2021-45105"),
            ("CVE-2021-34473/34523", "CVE-2021-34473|CVE-2021-34523"),
            (
                "CVE-2021-34473, 2021-34523",
                "CVE-2021-34473|CVE-2021-34523",
            ),
            ("CVE-2021-26855, 10000 servers", "CVE-2021-26855"),
            ("CVE-2021-26855, 2021-03-02", "CVE-2021-26855"),
            ("CVE-1999-0001", "CVE-1999-0001"),
            ("“CVE-2021-44228”", "CVE-2021-44228"),
            ("漏洞CVE-2021-44228的", "CVE-2021-44228"),
            ("CVE-19999-0000", ""),
            ("CVE-1998-0001", ""),
            ("CVE-2021-123", ""),
            ("CVE-2021-12345678", ""),
            ("CVE-2021-0000", ""),
            ("CVE-2021-44228abc", ""),
            ("xCVE-2021-44228", ""),
            ("CVE-2021-XXXX", ""),
            ("CVE in 2021", ""),
            ("CVEs of 2021", ""),
            ("GHSA-jfh8-C2JP-5v3q", "GHSA-jfh8-c2jp-5v3q"),
            ("GHSA-jfh8-c2jp-5v3", ""),
            ("GHSA-aaaa-bbbb-cccc", ""),
        ],
    );
    holds(
        Kind::Weakness,
        &[
            ("CWE-79:", "CWE-79"),
            ("(cwe-787)", "CWE-787"),
            ("CWE79", ""),
            ("CWE-0", ""),
            ("CWE-12345", ""),
        ],
    );
}

#[test]
fn autonomous_systems() {
    holds(
        Kind::As,
        &[
            ("AS1234", "AS1234"),
            ("AS 1234", "AS1234"),
            ("ASN 1234", "AS1234"),
            ("ASN: 1234", "AS1234"),
            ("ASN1111", "AS1111"),
            ("AS-1234", "AS1234"),
            ("AS#1234", "AS1234"),
            ("(ASN) 1234", "AS1234"),
            ("asn 1234", "AS1234"),
            ("as15169", "AS15169"),
            ("asn: \"AS1234", "AS1234"),
            ("AS13335-CLOUDFLARENET", "AS13335"),
            ("hosted at (AS4294967295).", "AS4294967295"),
            ("AS4294967296", ""),
            ("AS0123", ""),
            ("as 1234 times", ""),
            ("KNOWN AS 100 DAYS", ""),
            ("AS 10 OF", ""),
            ("AS/400 and AS400", ""),
            ("ASN1 notation", ""),
            ("BIAS1234", ""),
            ("x-AS1234", ""),
            ("AS1234.ad", ""),
            ("AS1234x", ""),
            ("CAS 1234", ""),
        ],
    );
    let place = Place {
        header: Some("ASN"),
        ..Place::default()
    };
    assert_eq!(ids_at("13335", place), [(Kind::As, "AS13335".to_owned())]);
    assert_eq!(ids_at("seen 13335", place), []);
}

#[test]
fn attack() {
    holds(
        Kind::AttackTechnique,
        &[
            ("T1059", "T1059"),
            ("(T1059.003),", "T1059.003"),
            ("T1566.", "T1566"),
            ("T0846", "T0846"),
            ("attack.t1059.001", "T1059.001"),
            ("t1059", ""),
            ("T1059.03", ""),
            ("T2000", ""),
            ("T0123", ""),
            ("AT1059", ""),
            ("T10590", ""),
            ("T1059-2", ""),
            ("T1000", ""),
            ("2023-01-04T1015", ""),
        ],
    );
    let all = |written: &str| -> Vec<String> {
        ids(written)
            .into_iter()
            .map(|(kind, value)| format!("{kind} {value}"))
            .collect()
    };
    assert_eq!(
        all("S0505 T1630.001 TA0029"),
        [
            "attack-software S0505",
            "attack-technique T1630.001",
            "attack-tactic TA0029"
        ]
    );
    assert_eq!(
        all("APT28 (G0007) and [S0154]"),
        ["attack-group G0007", "attack-software S0154"]
    );
    assert!(all("the S0505 and the G0007").is_empty());
}

#[test]
fn hardware_addresses() {
    holds(
        Kind::MacAddress,
        &[
            ("AA:bb:0c:dd:ee:f1", "aa:bb:0c:dd:ee:f1"),
            ("01-23-45-67-89-ab", "01:23:45:67:89:ab"),
            ("a1b2.c3d4.e5f6", "a1:b2:c3:d4:e5:f6"),
            ("(aa:bb:0c:dd:ee:f1).", "aa:bb:0c:dd:ee:f1"),
            ("MAC 00:11:22:33:44:55", "00:11:22:33:44:55"),
            ("00:11:22:33:44:55", ""),
            ("10-20-30-40-50-60", ""),
            ("00:00:00:00:00:00", ""),
            ("ff:ff:ff:ff:ff:ff", ""),
            ("d2:fb:49:24:37:18:98", ""),
            ("d2:fb:49:24:37", ""),
            ("d2:fb:49:24:37:1", ""),
            ("d2:fb:49-24:37:18", ""),
            ("d2:fb:49:24:37:18::1", ""),
            ("fe80::d2:fb:49:24:37:18", ""),
            ("3d2:fb:49:24:37:18", ""),
            ("d2:fb:49:24:37:18:98:aa:bb:cc:dd:ee", ""),
            ("dead.beef.cafe", ""),
            ("1234.5678.9012", ""),
            ("a1b2.c3d4.e5f6.com", ""),
        ],
    );
    let twenty = "d2:fb:49:24:37:18:98:aa:bb:cc:dd:ee:01:02:03:04:05:06:07:08";
    let value = twenty.replace(':', "");
    assert_eq!(
        ids(&format!("SHA1 Fingerprint={twenty}")),
        [(Kind::X509Sha1, value)]
    );
    assert_eq!(ids(&format!("Serial: {twenty}")), []);
    assert_eq!(ids(&format!("SSH key fingerprint {twenty}")), []);
}

#[test]
fn accounts_and_telephones() {
    holds(
        Kind::Iban,
        &[
            ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
            ("IBAN: GB82WEST12345698765432.", "GB82WEST12345698765432"),
            ("DE89 3704 0044 0532 0130 01", ""),
            ("GB82WEST123456987654321", ""),
            ("XX82WEST12345698765432", ""),
        ],
    );
    holds(
        Kind::PhoneNumber,
        &[
            ("+40 21 4412452", "+40214412452"),
            ("call +1 (415) 555-0100 now", "+14155550100"),
            ("+40214412452", "+40214412452"),
            ("Tel: 021 4412452", "0214412452"),
            ("UTC+02:00", ""),
            ("+1.23456789", ""),
            ("+12345678", ""),
            ("10-20-30-40", ""),
            ("2023-01-04 12:30", ""),
            ("PUB-1234567891234567 UA-000000-1", ""),
            ("abc+40214412452", ""),
            ("+02 1441 2452", ""),
        ],
    );
}

#[test]
fn platforms_and_icons() {
    holds(
        Kind::Cpe,
        &[
            ("cpe:/a:apache:log4j:2.14.1.", "cpe:/a:apache:log4j:2.14.1"),
            (
                "(cpe:2.3:a:apache:log4j:2.0:beta9:*:*:*:*:*:*)",
                "cpe:2.3:a:apache:log4j:2.0:beta9:*:*:*:*:*:*",
            ),
            ("cpe:a", ""),
            ("cpe:/x:vendor", ""),
        ],
    );
    holds(
        Kind::FaviconMmh3,
        &[
            ("http.favicon.hash:-335242539", "-335242539"),
            ("favicon hash: 1848946384", "1848946384"),
            ("icon_hash=\"-247388890", "-247388890"),
            ("build 1848946384", ""),
            ("favicon hash: 9999999999", ""),
        ],
    );
}

proptest! {
    #[test]
    fn any_cve_is_found(year in 1999u32..=2099, number in 1u32..9_999_999, before in "[ a-z.,:;()]{0,12}", after in "[ ,;.()!?]{0,6}") {
        let cve = format!("CVE-{year}-{number:04}");
        let text = format!("{before} {cve}{after}");
        prop_assert_eq!(ids(&text), [(Kind::Vulnerability, cve)]);
    }

    #[test]
    fn no_text_overlaps_or_panics(text in "[ACSVEWTGHs0-9a-f:.+\\-/ ,()é|]{0,80}") {
        ids(&text);
    }
}
