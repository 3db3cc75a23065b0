use super::*;

#[test]
fn hashes_and_hosts_are_kept_as_misp_stores_them() {
    let md5 = "D41D8CD98F00B204E9800998ECF8427E";
    let lower = md5.to_lowercase();
    let colons = "d4:1d:8c:d9:8f:00:b2:04:e9:80:09:98:ec:f8:42:7e";
    for (kind, given, expected) in [
        ("md5", md5, lower.as_str()),
        ("x509-fingerprint-md5", colons, &lower),
        ("ip-dst", " 1.2.3.4 ", "1.2.3.4"),
        ("ip-dst", "45.9.148.0/24", "45.9.148.0/24"),
        ("ip-dst", "45.9.148.7/32", "45.9.148.7"),
        ("ip-dst", "2A0D:0:0::1", "2a0d::1"),
        ("ip-dst", "fe80::1%eth0", "fe80::1"),
        ("ip-dst|port", "2a0d::1|443", "2a0d::1|443"),
        ("ip-dst|port", "1.2.3.4|0443", "1.2.3.4|443"),
        ("domain", "Evil-Update.TOP.", "evil-update.top"),
        ("domain", "bücher.top", "xn--bcher-kva.top"),
        (
            "hostname",
            "_dmarc.evil-update.top",
            "_dmarc.evil-update.top",
        ),
        (
            "hostname|port",
            "C2.evil-update.top|8080",
            "c2.evil-update.top|8080",
        ),
    ] {
        assert_kept(kind, given, expected);
    }
    let tlsh = format!("T1{}", "AB".repeat(35));
    assert_kept("tlsh", &tlsh, &tlsh.to_lowercase());
    assert_kept("telfhash", &tlsh, &tlsh.to_lowercase());
}

#[test]
fn other_values_are_kept_as_misp_stores_them() {
    for (kind, given, expected) in [
        (
            "url",
            "http://evil-update.top/\u{1f525}",
            "http://evil-update.top/%F0%9F%94%A5",
        ),
        ("url", "evil-update.top/gate", "evil-update.top/gate"),
        ("link", "https://vendor.com/a b", "https://vendor.com/a%20b"),
        ("email-src", "Boss@Evil-Update.top", "boss@evil-update.top"),
        ("vulnerability", "cve-2024–12345", "CVE-2024-12345"),
        ("weakness", "cwe-79", "CWE-79"),
        ("AS", "AS64496", "64496"),
        ("AS", "1.10", "65546"),
        ("mac-address", "00-1A-2B-3C-4D-5E", "00:1a:2b:3c:4d:5e"),
        ("mac-address", "001a.2b3c.4d5e", "00:1a:2b:3c:4d:5e"),
        (
            "iban",
            "de89 3704 0044 0532 0130 00",
            "DE89370400440532013000",
        ),
        ("phone-number", "00 49 (0)30 1234-567", "+49301234567"),
        ("phone-number", "+1 (555) 010-0000", "+15550100000"),
        ("cc-number", "4111-1111 1111 1111", "4111111111111111"),
        ("ssdeep", "96:abc/+1:def", "96:abc/+1:def"),
        (
            "regkey|value",
            "HKCU\\Run\\x | evil.exe",
            "HKCU\\Run\\x|evil.exe",
        ),
        (
            "filename|md5",
            "A.exe|D41D8CD98F00B204E9800998ECF8427E",
            "A.exe|d41d8cd98f00b204e9800998ecf8427e",
        ),
        ("filename", "C:\\Temp\\Evil.EXE", "C:\\Temp\\Evil.EXE"),
        (
            "yara",
            "rule a {\n  condition: true\n}\n",
            "rule a {\n  condition: true\n}",
        ),
        (
            "windows-scheduled-task",
            "\\Microsoft\\Update",
            "\\Microsoft\\Update",
        ),
    ] {
        assert_kept(kind, given, expected);
    }
}

/// It is brought into this form, and once there stays as it is.
fn assert_kept(kind: &str, given: &str, expected: &str) {
    for value in [given, expected] {
        let kept = normalised(kind, value);
        assert_eq!(kept.as_deref(), Ok(expected), "{kind} {value}");
    }
}

#[test]
fn what_misp_refuses_is_refused() {
    let path = "a/".repeat(40_000);
    for (kind, value) in [
        ("md5", "d41d8cd98f00b204e9800998ecf8427"),
        ("sha256", "nothex"),
        ("sha1", "zz39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("ip-dst", "999.1.2.3"),
        ("ip-dst", "1.2.3.4/33"),
        ("ip-dst", "1.2.3.4/8/9"),
        ("ip-dst|port", "1.2.3.4|0"),
        ("ip-dst|port", "1.2.3.4|65536"),
        ("ip-dst|port", "1.2.3.4"),
        ("hostname|port", "host|80|90"),
        ("domain", "localhost"),
        ("domain", "a..top"),
        ("domain", "evil top.com"),
        ("domain", "*.evil-update.top"),
        ("hostname", "1.2.3.4"),
        ("link", "not a url"),
        ("link", "ftp://vendor.com/a"),
        ("link", "https://my_host.com/"),
        ("link", "//vendor.com/p"),
        ("url", "http://evil-update.top/a\nb"),
        ("url", " "),
        ("email", "notanemail"),
        ("email", "@evil-update.top"),
        ("email", "a b@evil-update.top"),
        ("email", "a@evil"),
        ("vulnerability", "notacve"),
        ("vulnerability", "GHSA-jfh8-c2jp-5v3q"),
        ("vulnerability", "CVE-24-12345"),
        ("vulnerability", "CVE-2024-123"),
        ("weakness", "CWE-"),
        ("AS", "AS4294967296"),
        ("AS", "ASX"),
        ("mac-address", "00:1a:2b:3c:4d"),
        ("btc", "bitcoincash:qq"),
        ("ssdeep", "x:abc:def"),
        ("ssdeep", "96:abc"),
        ("ssdeep", "96:abc:def,name"),
        ("tlsh", "t1abc"),
        ("filename", "a\nb"),
        ("filename|md5", "a.exe|xyz"),
        ("filename|md5", "|d41d8cd98f00b204e9800998ecf8427e"),
        ("windows-service-name", "a/b"),
        ("regkey|value", "HKCU\\a|b|c"),
        ("phone-number", "call me"),
        ("other", "\u{200e}"),
        ("url", path.as_str()),
    ] {
        assert!(
            normalised(kind, value).is_err(),
            "{kind} {}",
            text::bounded(value, 80)
        );
    }
    assert_eq!(normalised("yara", &path), Err(Refused::TooLong));
    assert_eq!(normalised("comment", "  "), Err(Refused::Empty));
}

#[test]
fn an_attribute_must_be_in_a_category_of_its_type() {
    let attribute = |kind: &str, category: &str, value: &str| Attribute {
        uuid: uuid::Uuid::nil(),
        kind: kind.into(),
        category: category.into(),
        value: value.into(),
        comment: String::new(),
        to_ids: false,
        disable_correlation: false,
        distribution: super::super::INHERIT,
    };
    let checked = |kind, category, value| check(&attribute(kind, category, value));
    assert_eq!(
        checked("domain", "Network activity", "evil-update.top"),
        Ok(())
    );
    assert_eq!(
        checked("domain", "Nonsense", "evil-update.top"),
        Err(Refused::Type)
    );
    assert_eq!(checked("nosuchtype", "Other", "x"), Err(Refused::Type));
    assert_eq!(
        checked("domain", "Network activity", "Evil-Update.top"),
        Err(Refused::Form)
    );
}
