use crate::indicators::{Kind, scan};

fn addresses(text: &str) -> Vec<(Kind, String)> {
    let finds = scan(text).into_iter();
    finds
        .filter(|find| matches!(find.kind, Kind::IpDst | Kind::IpDstPort))
        .map(|find| (find.kind, find.value))
        .collect()
}

fn check(cases: &[(&str, &[&str])]) {
    for (text, expected) in cases {
        let found: Vec<String> = addresses(text)
            .into_iter()
            .map(|(_, value)| value)
            .collect();
        assert_eq!(found, *expected, "{text}");
    }
}

#[test]
fn v4() {
    check(&[
        ("(5.6.7.54) and 25.25.1.25.", &["5.6.7.54", "25.25.1.25"]),
        (
            "85.93.4.0/25 1.1.1.1/0 5.6.7.8/32,",
            &["85.93.4.0/25", "1.1.1.1/0", "5.6.7.8/32"],
        ),
        (
            "5.6.7.8:443 5.6.7.8:443: 5.6.7.8:99999",
            &["5.6.7.8|443", "5.6.7.8|443", "5.6.7.8"],
        ),
        ("ip=5.6.7.8;host C2:5.6.7.9:80", &["5.6.7.8", "5.6.7.9|80"]),
        ("1.2.3.4-1.2.3.10", &["1.2.3.4", "1.2.3.10"]),
        ("5.6.7.8/5.6.7.9", &["5.6.7.8", "5.6.7.9"]),
        (
            "**5.6.7.8**, _5.6.7.9_ '5.6.7.10'",
            &["5.6.7.8", "5.6.7.10"],
        ),
        ("地址5.6.7.8。", &["5.6.7.8"]),
        ("5.6.7.8|443", &["5.6.7.8|443"]),
        ("1.1.1.4/400000", &["1.1.1.4"]),
    ]);
}

#[test]
fn what_is_no_v4() {
    check(&[
        (
            "1.1.1.1.1.1 1.3.6.1.4.1.311 1112.15.14.05 900.1.4.1 123.102.1215 255.256.344.1",
            &[],
        ),
        ("1.02.3.4 193.168.a.1 1.2.3.4a x1.2.3.4 1.2.3.4.evil", &[]),
        (
            "10.1.2.3 127.0.0.1 0.0.0.0 192.168.1.1 172.16.3.4 169.254.1.1 100.64.1.1",
            &[],
        ),
        (
            "192.0.2.1 198.51.100.2 203.0.113.3 224.0.0.1 255.255.255.0 198.18.0.1",
            &[],
        ),
        ("4.3.2.1.in-addr.arpa +31.20.29.31", &[]),
    ]);
}

#[test]
fn versions_are_no_addresses() {
    check(&[
        (
            "version 8.0.1.2, ver. 8.0.1.3, v8.0.1.2 beta (build 4.18.210.6)",
            &[],
        ),
        (
            "Affected versions: FortiOS 7.0.0 through 7.0.6; OpenSSL 1.1.1.4 is not affected.",
            &[],
        ),
        (
            "The affected versions are 11.3.6.0, 12.1.3.0, 12.2.1.2, and 12.2.1.3",
            &[],
        ),
        ("Affected: 12.1.3.0, 12.2.1.1 and 12.2.1.2", &[]),
        (
            "affects Struts 2 2.3.x before 2.3.32 and 2.5.x before 2.5.10.1.",
            &[],
        ),
        ("Chrome/91.0.44.101 openssl-1.1.1.4 tool-5.6.7.8", &[]),
        (
            "Exchange Server 15.2.9.14 and WebLogic Server 12.1.3.0",
            &[],
        ),
        (
            "fixed in 12.1.3.4; upgrade to 7.0.1.2; prior to 7.0.1.3",
            &[],
        ),
        (
            "tool 7.0.1.2 and earlier, 7.0.1.2 or later, 7.0.1.2-beta",
            &[],
        ),
        ("Section 4.3.2.1 and OID 1.3.6.1", &[]),
        ("3.2.1.4 Initial access\nThe text.", &[]),
    ]);
}

#[test]
fn versions_in_other_languages_and_code() {
    check(&[
        ("Betroffen sind die Versionen 7.0.0.1 bis 7.4.2.3", &[]),
        ("siehe Kapitel 2.1.3.4 und Abschnitt 2.1.3.5", &[]),
        ("исправлено в версии 6.23.0.1", &[]),
        ("las versiones 7.0.0.1 hasta 7.4.2.3", &[]),
        ("使用版本16.0.15.210的客户端", &[]),
        ("影响版本：7.0.0.1至7.4.2.3", &[]),
        ("バージョン 7.0.0.1", &[]),
        ("from 8.5.0.2 to 8.5.0.9", &[]),
        ("7.0.0.1 through 7.4.2.3 and earlier", &[]),
        ("<dependency><version>1.2.3.4</version>", &[]),
        ("[assembly: AssemblyVersion(\"1.2.3.4\")]", &[]),
        ("FileVersion: 1.2.3.4, app_version=1.2.3.4", &[]),
        ("requests==1.2.3.4 other>=1.2.0.4", &[]),
        ("references Newtonsoft.Json 13.0.3.0", &[]),
        ("links libssl 1.1.1.23 and log4j-core 2.17.1.0", &[]),
        ("vCenter Server 7.0.3.1, Bitbucket 7.6.17.1", &[]),
        ("ServiceDesk Plus 6.1.1.4 and Sophos XG 18.5.3.1", &[]),
    ]);
}

#[test]
fn addresses_among_versions() {
    check(&[
        (
            "A new version of the malware uses 5.6.7.8 as C2.",
            &["5.6.7.8"],
        ),
        ("Version 2.1 beacons to 6.7.8.9", &["6.7.8.9"]),
        (
            "downloads updates from 5.6.7.8; the bot running on 5.0.7.9",
            &["5.6.7.8", "5.0.7.9"],
        ),
        (
            "the C2 server 5.6.7.8, Malicious Server 5.6.7.9",
            &["5.6.7.8", "5.6.7.9"],
        ),
        ("traffic through 5.9.2.1", &["5.9.2.1"]),
        ("version 5.6.7.8:4444", &["5.6.7.8|4444"]),
        (
            "affected hosts: 185.22.31.45 and 91.219.23.22",
            &["185.22.31.45", "91.219.23.22"],
        ),
        ("It was updated. 5.6.7.8 is the new C2.", &["5.6.7.8"]),
        ("1.1.1.1 Cloudflare", &["1.1.1.1"]),
        ("the C2 at 45.83.12.1", &["45.83.12.1"]),
        ("It resolved to 5.9.2.2", &["5.9.2.2"]),
        (
            "neue Versionen melden sich bei der IP 5.9.2.2",
            &["5.9.2.2"],
        ),
        ("新版本连接到5.9.2.2。", &["5.9.2.2"]),
        ("IP range from 5.9.2.1 to 5.9.2.9", &["5.9.2.1", "5.9.2.9"]),
        (
            "scans from 45.83.12.1 to 45.83.12.9",
            &["45.83.12.1", "45.83.12.9"],
        ),
        ("ip.dst==5.9.2.2 src_ip==5.9.2.3", &["5.9.2.2", "5.9.2.3"]),
        ("<ip>5.9.2.2</ip>", &["5.9.2.2"]),
        (
            "evil.com 5.9.2.2, Evil.Com 5.9.2.3",
            &["5.9.2.2", "5.9.2.3"],
        ),
        ("Cobalt Strike 5.9.2.2", &["5.9.2.2"]),
        ("a compromised web server 5.9.2.2", &["5.9.2.2"]),
    ]);
}

#[test]
fn v6() {
    check(&[
        ("2a00:1450:4005:80a::2003", &["2a00:1450:4005:80a::2003"]),
        (
            "2001:41D0:85a3:0000:0000:8a2e:0370:7336",
            &["2001:41d0:85a3::8a2e:370:7336"],
        ),
        (
            "[2a01:4f8::1]:8001 [2a01:4f8::2]",
            &["2a01:4f8::1|8001", "2a01:4f8::2"],
        ),
        (
            "2001:41d0::/32 2a01:4f8::3%eth0.",
            &["2001:41d0::/32", "2a01:4f8::3"],
        ),
        (
            "::ffff:5.6.7.8 IPv6:2a01:4f8::4",
            &["::ffff:5.6.7.8", "2a01:4f8::4"],
        ),
        ("2a01:4f8::5: it", &["2a01:4f8::5"]),
    ]);
}

#[test]
fn what_is_no_v6() {
    check(&[
        (
            "std::string foo::bar a::b :: dead::beef dead::beef::1 face::1 ::1",
            &[],
        ),
        (
            "1:2:3:4:5:6:7:8:9 12345:1:2:3:4:5:6:7 12:30:45 2021:12:30",
            &[],
        ),
        (
            "01:23:45:67:89:ab 20:01:0d:b8:85:a3:08:d3 fe80::1%eth0 fc00::1 ff02::1",
            &[],
        ),
        (
            "2001:db8::1 3fff:0001::1 ::ffff:10.0.0.1 2001:41d0:::1",
            &[],
        ),
    ]);
}

#[test]
fn hostile_texts_take_linear_time() {
    for unit in [
        "1.1.1.1", "1.1.1.1 ", "1.", ":", "1:", "2a01::1 ", "2a01:", "1.2.3.4,", "a.a.a.a",
    ] {
        let text = unit.repeat(300_000 / unit.len());
        let start = std::time::Instant::now();
        scan(&text);
        assert!(start.elapsed().as_secs() < 60, "{unit}");
    }
}
