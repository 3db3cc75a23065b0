use proptest::prelude::*;

use crate::indicators::{Kind, scan};

fn urls(text: &str) -> Vec<String> {
    let finds = scan(text).into_iter();
    finds
        .filter(|find| find.kind == Kind::Url)
        .map(|find| find.value)
        .collect()
}

fn check(cases: &[(&str, &[&str])]) {
    for (text, expected) in cases {
        assert_eq!(urls(text), *expected, "{text}");
    }
}

#[test]
fn placeholders_in_hosts_tear_nothing() {
    for (text, expected) in [
        ("http://<id>.evil-update.top/a.php", None),
        (
            "http://<id>.evil-update[.]top/a.php",
            Some("evil-update.top"),
        ),
        (
            "hxxp://{id}.evil-update[.]top/a.php",
            Some("evil-update.top"),
        ),
        (
            "hxxp://[redacted].c2.evil-update[.]top/",
            Some("c2.evil-update.top"),
        ),
        ("https://[redacted].evil-update.top/a", None),
        ("https://%ID%.evil-update.top/", None),
        ("http://evil<id>.top/a", None),
        ("http://user:pass@<host>.evil-update.top/", None),
        ("{id}.evil-update.top/a.php", None),
        ("<id>.evil-update[.]top/a.php", Some("evil-update.top")),
        ("<id>.evil-update.top is made", None),
        ("<id>.evil-update[.]top is made", Some("evil-update.top")),
        ("{dga}.evil-update[.]top is made", Some("evil-update.top")),
        ("{dga}.evil-update.top is made", None),
    ] {
        let found: Vec<String> = crate::indicators::scan(text)
            .into_iter()
            .map(|find| find.value)
            .collect();
        assert_eq!(found, Vec::from_iter(expected), "{text}");
    }
}

#[test]
fn schemes() {
    check(&[
        ("HTTP://Evil-Update.TOP/A", &["http://evil-update.top/A"]),
        ("tcp://5.6.7.8:4444", &["tcp://5.6.7.8:4444"]),
        (
            "${jndi:ldap://5.6.7.8:1389/Exploit}",
            &["ldap://5.6.7.8:1389/Exploit"],
        ),
        (
            "stratum+tcp://pool.evil-update.top:3333",
            &["stratum+tcp://pool.evil-update.top:3333"],
        ),
        (
            "jdbc:mysql://evil-update.top:3306/db",
            &["jdbc:mysql://evil-update.top:3306/db"],
        ),
        (
            "ftp://u:p@evil-update.top/x",
            &["ftp://u:p@evil-update.top/x"],
        ),
        ("urlhttp://evil-update.top/x", &["http://evil-update.top/x"]),
        (
            "view-source:https://evil-update.top/x",
            &["https://evil-update.top/x"],
        ),
        (
            "git+https://evil-update.top/x.git",
            &["https://evil-update.top/x.git"],
        ),
        (
            "custom://evil-update.top/x",
            &["custom://evil-update.top/x"],
        ),
        ("chrome://evil-update.top/x", &[]),
        ("file:///etc/passwd data://text/plain", &[]),
        ("http:// evil and ://x", &[]),
        ("http:/evil-update.top/x", &["http://evil-update.top/x"]),
        ("https//evil-update.top/x", &["https://evil-update.top/x"]),
        ("hxxps//evil-update.top/x", &["https://evil-update.top/x"]),
        ("http://{id}.evil-update.top/x", &[]),
        ("http;//evil-update.top/x", &["http://evil-update.top/x"]),
        ("://evil-update.top/x", &["evil-update.top/x"]),
    ]);
}

#[test]
fn authorities() {
    check(&[
        (
            "hxxp://Bücher-evil[.]top/ä",
            &["http://xn--bcher-evil-9db.top/ä"],
        ),
        ("bücher-evil[.]top/a", &["xn--bcher-evil-9db.top/a"]),
        (
            "http://[2a01:4f8::1]:8080/a",
            &["http://[2a01:4f8::1]:8080/a"],
        ),
        (
            "http://evil-update.top:8080",
            &["http://evil-update.top:8080"],
        ),
        ("http://evil-update.top: gone", &["http://evil-update.top"]),
        (
            "http://evil-update.top:99999/x",
            &["http://evil-update.top"],
        ),
        (
            "https://evil-update.top?x=1",
            &["https://evil-update.top?x=1"],
        ),
        (
            "http://o_o.evil-update.top/",
            &["http://o_o.evil-update.top/"],
        ),
        ("http://0xb907d607/a.html", &["http://0xb907d607/a.html"]),
        ("http://evil-update.top./x", &["http://evil-update.top./x"]),
        ("http://3104298503/x", &["http://3104298503/x"]),
        ("http://0271.07.0326.07/x", &["http://0271.07.0326.07/x"]),
        (
            "http://пример.рф/путь",
            &["http://xn--e1afmkfd.xn--p1ai/путь"],
        ),
        ("http://2130706433/x http://0x7f000001/", &[]),
    ]);
}

#[test]
fn placeholders_and_reserved_hosts_are_nothing() {
    for text in [
        "http://<ip>/x",
        "http://%s/a.php",
        "http://[victim]/a.evil-update.top",
        "http://{host}/y.evil-update.top",
        "https://example.com/a http://x.example.org/",
        "http://localhost/x http://C2/ http://server:8080/x",
        "http://127.0.0.1/x http://192.168.1.5/x http://10.0.0.1:80",
        "http://x.x.x.x/ http://1.2.3.x/",
        "http://192.0.2.1/a 198.51.100.7/a.php",
        "http://[::1]/x http://[2001:db8::1]/x",
        "http://evil-update.top/abc... http://evil-update.top/abc…",
        "http://evil-update.top/[...]/x.php https://evil-update.top/.../q",
        "http://evil-update.top/(…)",
        r#"xmlns="http://www.w3.org/2000/svg" xmlns:a="http://ns.adobe.com/x""#,
        "http://schemas.microsoft.com/office/2004",
    ] {
        assert_eq!(scan(text), [], "{text}");
    }
}

#[test]
fn ends() {
    let plain = |end: &str| {
        (
            format!("https://evil-update.top/a{end}"),
            "https://evil-update.top/a".to_owned(),
        )
    };
    for end in [
        ".", ",", ";", ":", "!", "?", "'", "\"", ")", "]", "}", ">", "*", "_", "!!!!", "**", "),",
        ").", "`", "|x", "\\n", "^", "&quot;", "&lt;", "');", "',", "”", "’", "»", "。", "、",
        "）", "」", "下载", " b", "](x)", "~~", "([{",
    ] {
        let (text, url) = plain(end);
        assert_eq!(urls(&text), [url], "{text}");
    }
    for inside in [
        "!b", ",b", ";b", ")b", "]b", "}b", ":b", "*b", "_b", "(b)", "[b]", "{b}", "~b", "@b",
        "'b", "=", "#", "/", "é",
    ] {
        let url = format!("https://evil-update.top/a{inside}");
        assert_eq!(urls(&url), [url.as_str()]);
    }
}

#[test]
fn brackets_and_lists() {
    check(&[
        (
            "(https://evil-update.top/wiki/Foo_(bar))",
            &["https://evil-update.top/wiki/Foo_(bar)"],
        ),
        (
            "(https://evil-update.top/a)b",
            &["https://evil-update.top/a"],
        ),
        (
            "[a](https://evil-update.top/b)[c]",
            &["https://evil-update.top/b"],
        ),
        (
            "f('https://evil-update.top/b','c')",
            &["https://evil-update.top/b"],
        ),
        (
            "http://a-update.top/x;http://b-update.top/y,ftp://c-update.top/z",
            &[
                "http://a-update.top/x",
                "http://b-update.top/y",
                "ftp://c-update.top/z",
            ],
        ),
        (
            "https://evil-update.top/m?u=http%3A%2F%2Fb.top%2Fc&s=x--~Chttp://c.top/d.zip",
            &["https://evil-update.top/m?u=http%3A%2F%2Fb.top%2Fc&s=x--~Chttp://c.top/d.zip"],
        ),
        (
            "http://http://evil-update.top/x",
            &["http://evil-update.top/x"],
        ),
    ]);
}

#[test]
fn hosts_with_a_path() {
    check(&[
        ("evil-update.top/a.php", &["evil-update.top/a.php"]),
        (
            "Evil-Update.top:8080/A.php",
            &["evil-update.top:8080/A.php"],
        ),
        ("5.6.7.8/x.sh", &["5.6.7.8/x.sh"]),
        ("5.6.7.8:443/x.sh?y", &["5.6.7.8:443/x.sh?y"]),
        ("evil-update.top/!!!!", &["evil-update.top/"]),
        ("evil-update.top/?path", &["evil-update.top/?path"]),
        (
            "src='//cdn.evil-update.top/y.js'",
            &["cdn.evil-update.top/y.js"],
        ),
        ("访问evil-update.top/a。", &["evil-update.top/a"]),
        (
            "at transfer.sh/x/y.exe, t.co/abc",
            &["transfer.sh/x/y.exe", "t.co/abc"],
        ),
        ("url=evil-update.top/a", &["evil-update.top/a"]),
    ]);
}

#[test]
fn what_only_looks_like_a_host_with_a_path() {
    check(&[
        ("85.93.4.0/25 1.1.1.4/400000 5.6.7.8/", &[]),
        ("5.6.7.8/5.6.7.9 5.6.7.0/255.255.255.0 5.6.7.8:53/udp", &[]),
        ("12.05.2021/13.05.2021 and/or TCP/IP 24/7 1.2/3.4", &[]),
        (
            "application/x.y text/html Mozilla/5.0 Chrome/91.0.44.101/x",
            &[],
        ),
        (
            "./evil-update.top/x path/evil-update.top/x C:/evil-update.top/x",
            &[],
        ),
        ("user@evil-update.top/x git@evil-update.top:a.b/c.git", &[]),
        ("%2Fevil-update.top/x $evil-update.top/x", &[]),
        (
            "README.md/x main.rs/lib.rs System.IO/x libc.so/libm.so his.in/her",
            &[],
        ),
        ("U.S./U.K. node.js/express v1.2.3.4/x86", &[]),
    ]);
}

#[test]
fn hostile_texts_take_linear_time() {
    for unit in [
        "http://",
        "://",
        "a/",
        "a.a/",
        "http://a.top/((",
        "http://%s/",
        "/",
        "a.top/",
    ] {
        let text = unit.repeat(300_000 / unit.len());
        let start = std::time::Instant::now();
        scan(&text);
        assert!(start.elapsed().as_secs() < 60, "{unit}");
    }
}

proptest! {
    #[test]
    fn spans_are_in_order_and_apart(
        text in r#"(https?://|//|[a-z]{1,3}\.top|5\.6\.7\.8|[2-9a-f:]{2,8}|[/.:@|%()\[\]'",;…下é ]|[0-9]{1,4}|mysql:){0,24}"#,
    ) {
        let mut end = 0;
        for find in scan(&text) {
            prop_assert!(find.span.start >= end && find.span.start < find.span.end);
            prop_assert!(text.get(find.span.clone()).is_some());
            end = find.span.end;
        }
    }
}
