use super::*;
use crate::event::types::categories;

fn indicator(kind: Kind, value: &str, verdict: Verdict) -> Indicator {
    Indicator {
        kind,
        value: value.into(),
        verdict,
        reason: String::new(),
        to_ids: verdict == Verdict::Detect,
        places: Vec::new(),
        decisive: 0,
    }
}

fn attribute(kind: Kind, value: &str) -> Typed {
    match form(&indicator(kind, value, Verdict::Detect), true) {
        Ok(Some(Form::Attribute(typed, _))) => typed,
        other => panic!("{kind}: {other:?}"),
    }
}

fn fields(kind: Kind, value: &str) -> Vec<(&'static str, &'static str, String, bool)> {
    match form(&indicator(kind, value, Verdict::Detect), true) {
        Ok(Some(Form::Object(_, fields))) => fields
            .into_iter()
            .map(|(relation, typed)| (relation, typed.kind, typed.value, typed.to_ids))
            .collect(),
        other => panic!("{kind}: {other:?}"),
    }
}

/// A value of its form for every kind.
fn example(kind: Kind) -> String {
    let hex = |digits: usize| "ab".repeat(digits / 2);
    match kind {
        Kind::IpDst => "45.9.148.7".into(),
        Kind::IpDstPort => "45.9.148.7|443".into(),
        Kind::Domain => "evil-update.top".into(),
        Kind::Hostname => "c2.evil-update.top".into(),
        Kind::HostnamePort => "c2.evil-update.top|8080".into(),
        Kind::DomainIp => "evil-update.top|45.9.148.7".into(),
        Kind::OnionAddress => format!("{}.onion", "a2".repeat(28)),
        Kind::Url => "http://evil-update.top/a".into(),
        Kind::Email | Kind::EmailSrc | Kind::EmailDst => "a@evil-update.top".into(),
        Kind::Md5
        | Kind::Imphash
        | Kind::Ja3
        | Kind::Ja3s
        | Kind::Hassh
        | Kind::HasshServer
        | Kind::X509Md5 => hex(32),
        Kind::Sha1 | Kind::Pehash | Kind::Cdhash | Kind::X509Sha1 | Kind::GitCommit => hex(40),
        Kind::Sha224 => hex(56),
        Kind::Jarm => hex(62),
        Kind::Sha256 | Kind::Authentihash | Kind::X509Sha256 => hex(64),
        Kind::Tlsh | Kind::Telfhash => hex(70),
        Kind::Sha384 => hex(96),
        Kind::Sha512 => hex(128),
        Kind::Ssdeep | Kind::Impfuzzy => "96:abc:def".into(),
        Kind::FilenameMd5 => format!("a.exe|{}", hex(32)),
        Kind::FilenameSha1 => format!("a.exe|{}", hex(40)),
        Kind::FilenameSha256 => format!("a.exe|{}", hex(64)),
        Kind::FilenameSha512 => format!("a.exe|{}", hex(128)),
        Kind::RegkeyValue => "HKCU\\Software\\Run|evil.exe".into(),
        Kind::Vulnerability => "CVE-2024-12345".into(),
        Kind::Weakness => "CWE-79".into(),
        Kind::As => "AS64496".into(),
        Kind::MacAddress => "00:1a:2b:3c:4d:5e".into(),
        Kind::PhoneNumber => "+15550100000".into(),
        Kind::CcNumber => "4111111111111111".into(),
        Kind::FaviconMmh3 => "-1234567".into(),
        _ => "value1".into(),
    }
}

#[test]
fn every_kind_has_a_form_that_misp_keeps() {
    for kind in Kind::ALL {
        let value = example(*kind);
        for verdict in [Verdict::Note, Verdict::Detect] {
            let form = form(&indicator(*kind, &value, verdict), true).unwrap();
            let typed: Vec<Typed> = match form {
                Some(Form::Attribute(typed, _)) => vec![typed],
                Some(Form::Object(template, fields)) => fields
                    .into_iter()
                    .inspect(|(relation, typed)| {
                        assert_eq!(template.kind_of(relation), Some(typed.kind), "{kind}");
                    })
                    .map(|(_, typed)| typed)
                    .collect(),
                None => {
                    assert!(kind.is_context(), "{kind}");
                    continue;
                }
            };
            for typed in typed {
                assert!(
                    categories(typed.kind).contains(&typed.category),
                    "{kind}: {typed:?}"
                );
                assert_eq!(
                    normalised(typed.kind, &typed.value),
                    Ok(typed.value.clone()),
                    "{kind}"
                );
                assert!(verdict == Verdict::Detect || !typed.to_ids);
            }
        }
    }
}

#[test]
fn categories_follow_the_conventions() {
    for (kind, category) in [
        (Kind::IpDst, "Network activity"),
        (Kind::Url, "Network activity"),
        (Kind::Sha256, "Payload delivery"),
        (Kind::Filename, "Payload delivery"),
        (Kind::Email, "Payload delivery"),
        (Kind::EmailSrc, "Payload delivery"),
        (Kind::EmailDst, "Network activity"),
        (Kind::Vulnerability, "External analysis"),
        (Kind::Regkey, "Persistence mechanism"),
        (Kind::Mutex, "Artifacts dropped"),
        (Kind::Pdb, "Artifacts dropped"),
        (Kind::Btc, "Financial fraud"),
        (Kind::Xmr, "Financial fraud"),
        (Kind::Yara, "Payload installation"),
        (Kind::Sigma, "Payload installation"),
        (Kind::Snort, "Network activity"),
    ] {
        assert_eq!(attribute(kind, &example(kind)).category, category, "{kind}");
    }
}

#[test]
fn newer_types_go_by_older_ones() {
    let onion = attribute(Kind::OnionAddress, &example(Kind::OnionAddress));
    assert_eq!(onion.kind, "hostname");
    assert_eq!(attribute(Kind::Suricata, "alert http any").kind, "snort");
    let advisory = attribute(Kind::Vulnerability, "GHSA-jfh8-c2jp-5v3q");
    assert_eq!(
        (advisory.kind, advisory.category),
        ("other", "External analysis")
    );
    assert_eq!(attribute(Kind::Ja3s, &example(Kind::Ja3s)).kind, "other");
    let key = attribute(Kind::RegkeyValue, "HKCU\\Run|a|b");
    assert_eq!((key.kind, key.value.as_str()), ("regkey", "HKCU\\Run"));
}

#[test]
fn what_has_no_type_becomes_an_object() {
    assert_eq!(
        fields(Kind::Eth, "0x52908400098527886E0F7030069857D2E4169EE7"),
        [
            (
                "address-crypto",
                "text",
                "0x52908400098527886E0F7030069857D2E4169EE7".into(),
                true
            ),
            ("symbol", "text", "ETH".into(), false),
        ]
    );
    assert_eq!(
        fields(Kind::Telegram, "@evilbot"),
        [("username", "text", "evilbot".into(), true)]
    );
    assert_eq!(
        fields(Kind::Telegram, "-1001234567890"),
        [("id", "text", "-1001234567890".into(), true)]
    );
    assert_eq!(
        fields(Kind::DomainIp, "c2.evil-update.top|45.9.148.7"),
        [
            ("hostname", "hostname", "c2.evil-update.top".into(), true),
            ("ip", "ip-dst", "45.9.148.7".into(), true),
        ]
    );
}

#[test]
fn ja4_fingerprints_are_told_by_their_shape() {
    for (value, expected) in [
        ("t13d1516h2_8daaf6152771_b186095e22b6", "JA4"),
        ("t130200_1301_234ea6891581", "JA4S"),
        (
            "ge11cn20enus_60ca1bd65281_ac95b44401d9_8df6a44f726c",
            "JA4H",
        ),
        ("2bab15409345_af684594efb4_000000000000", "JA4X"),
        ("c76s76_c71s59_c0s70", "JA4SSH"),
        ("1460_2-1-3-1-1-4_1460_8", "JA4T"),
    ] {
        assert_eq!(ja4_type(value), expected, "{value}");
    }
}

#[test]
fn references_become_links_or_nothing() {
    let url = indicator(Kind::Url, "https://vendor.com/a b", Verdict::Reference);
    let Ok(Some(Form::Attribute(typed, _))) = form(&url, true) else {
        panic!();
    };
    assert_eq!((typed.kind, typed.category), ("link", "External analysis"));
    assert_eq!(
        (typed.value.as_str(), typed.to_ids),
        ("https://vendor.com/a%20b", false)
    );
    assert_eq!(form(&url, false), Ok(None));
    for (kind, value) in [
        (Kind::Url, "ftp://vendor.com/a"),
        (Kind::Domain, "vendor.com"),
        (Kind::IpDst, "8.8.8.8"),
    ] {
        let reference = indicator(kind, value, Verdict::Reference);
        assert_eq!(form(&reference, true), Ok(None), "{value}");
    }
    let dropped = indicator(Kind::Url, "https://vendor.com/", Verdict::Drop);
    assert_eq!(form(&dropped, true), Ok(None));
}

#[test]
fn what_cannot_be_kept_as_it_is_detects_nothing() {
    let name = attribute(Kind::Filename, "invoice\u{1f525}.exe");
    assert_eq!(
        (name.value.as_str(), name.to_ids),
        ("invoice:fire:.exe", false)
    );
    let url = attribute(Kind::Url, "http://evil-update.top/\u{1f525}");
    assert!(url.to_ids);
    assert!(form(&indicator(Kind::Md5, "abc", Verdict::Detect), true).is_err());
}
