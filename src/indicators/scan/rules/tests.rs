use proptest::prelude::*;

use crate::indicators::{Kind, scan};

const RULES: &[Kind] = &[Kind::Yara, Kind::Sigma, Kind::Snort, Kind::Suricata];

fn rules(text: &str) -> Vec<(Kind, String)> {
    scan(text)
        .into_iter()
        .filter(|find| RULES.contains(&find.kind))
        .map(|find| (find.kind, find.value))
        .collect()
}

#[test]
fn rules_longer_than_misp_takes_are_whole() {
    let string = "        $a = \"0123456789012345678901234567890123456789\"\n";
    let yara = |count: usize| {
        format!(
            "rule Big {{\n    strings:\n{}    condition:\n        any of them\n}}",
            string.repeat(count)
        )
    };
    let long = yara(2_000);
    assert!(long.len() > 65_535);
    let finds = scan(&long);
    assert_eq!(finds.len(), 1);
    assert_eq!(
        (finds[0].kind, finds[0].value.as_str()),
        (Kind::Yara, long.as_str())
    );
    let too_long = yara(30_000);
    assert!(scan(&too_long).iter().all(|find| find.kind != Kind::Yara));
}

#[test]
fn yara_rules_are_taken_whole() {
    for rule in [
        "rule a { condition: true }",
        "rule a:b c\n{\n condition: any of them }",
        "import \"pe\"\r\nimport \"math\"\r\n\r\nrule a { condition: true }",
        "private rule a { condition: true }",
        "global private rule a { condition: true }",
        "rule a { strings: $a = { 4D 5A ?? [2-4] ( 00 | 01 ) } $b = \"}\\\"}\" condition: $a }",
        "rule a { strings: $a = /[}{]\\/x\"/ nocase condition: #a / 2 > 1 }",
        "rule a { /* } rule */ meta: x = \"http://evil-update.top/rule\" // }\n condition: true }",
        "rule a { condition: pe.name matches /}/i }",
        "rule a { strings: $a = \"evil[.]com\" $b = /evil[.]top\\.x/ condition: any of them }",
    ] {
        let text = format!("See below. {rule} It finds it.");
        assert_eq!(rules(&text), [(Kind::Yara, rule.to_owned())], "in {text:?}");
    }
}

#[test]
fn each_rule_is_a_find_of_its_own() {
    let text = "rule a { condition: true }\n\nrule b { condition: false }";
    assert_eq!(rules(text).len(), 2);
    let broken = "rule a { meta: x = \"1\"\nrule b { condition: false }";
    assert_eq!(
        rules(broken),
        [(Kind::Yara, "rule b { condition: false }".to_owned())]
    );
}

#[test]
fn sigma_rules_end_with_their_document() {
    let rule = "title: Evil\nid: 1\nlogsource:\n  product: windows\n\ndetection:\n  sel:\n    Image: x\n  condition: sel\nlevel: high";
    for text in [
        rule.to_owned(),
        format!("{rule}\n---\nother: x"),
        format!("{rule}\n\nThis is prose."),
        format!("---\n{rule}\n"),
    ] {
        assert_eq!(
            rules(&text),
            [(Kind::Sigma, rule.to_owned())],
            "in {text:?}"
        );
    }
    let both = format!("{rule}\n{rule}");
    assert_eq!(rules(&both).len(), 2);
}

#[test]
fn snort_and_suricata_are_told_apart() {
    for (rule, kind) in [
        (
            r#"alert tcp any any -> $HOME_NET 80 (msg:"a) \" (b"; content:"|28|"; sid:1;)"#,
            Kind::Snort,
        ),
        (r#"alert http ( msg:"x"; sid:2; )"#, Kind::Snort),
        (
            r#"alert dns $HOME_NET any -> any any (msg:"x"; dns.query; content:"y"; sid:3;)"#,
            Kind::Suricata,
        ),
        (
            r#"drop http any any -> any any (msg:"x"; http.uri; content:"/a"; sid:4;)"#,
            Kind::Suricata,
        ),
        (
            "alert tcp any any <> any any (msg:\"x\";\n sid:5;)",
            Kind::Snort,
        ),
        (
            r#"alert http any any -> any any (msg:"about tls. things"; sid:6;)"#,
            Kind::Snort,
        ),
    ] {
        let text = format!("Use {rule} now");
        assert_eq!(rules(&text), [(kind, rule.to_owned())], "in {text:?}");
    }
}

#[test]
fn what_only_looks_like_a_rule_is_none() {
    for text in [
        "rule that { holds }",
        "a rule of thumb: import \"care\"",
        "rule a { condition: true",
        "rule a { strings: $a = \"unclosed }\ncondition: $a }",
        "title: Evil\nauthor: x",
        "title: Evil\nlogsource:\ndetection:",
        "alert tcp traffic (see below)",
        "alert tcp any any -> any any (msg:\"x\"; sid:1;",
        "drop the file (msg)",
        "log in",
    ] {
        assert_eq!(rules(text), [], "in {text:?}");
    }
}

/// Pieces of rules, paths, keys and labels in any order.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "rule ",
        "a ",
        "{",
        "}",
        "condition: ",
        "\"",
        "/",
        "\\",
        "/*",
        "*/",
        "//",
        "\n",
        " ",
        "import ",
        "alert ",
        "tcp ",
        "(",
        ")",
        "->",
        "sid:1;",
        "title: x\n",
        "logsource:\n",
        "detection:\n",
        "condition: x\n",
        "---",
        "C:\\",
        "HKLM\\",
        "<HKCU>\\",
        "Windows NT",
        "%TEMP%\\",
        "é",
        "“",
        "”",
        "mutex ",
        "named ",
        "User-Agent: ",
        "Mozilla/5.0 (",
        "\\\\",
        "x.exe",
        ".pdb",
        "/tmp/",
        "~/",
        "$HOME/",
        "<",
        ">",
        "\u{a0}",
        "Global\\",
        "schtasks /create /tn ",
        "SOFTWARE\\",
        "\\??\\",
        "\\\\.\\pipe\\",
        "{app}\\",
        "'",
        "😀",
        "Program Files",
        "sc create ",
        "\r",
    ])
}

proptest! {
    #[test]
    fn spans_are_in_order_and_hold_text(pieces in prop::collection::vec(piece(), 0..60)) {
        let text = pieces.concat();
        let mut end = 0;
        for find in scan(&text) {
            prop_assert!(end <= find.span.start, "{find:?} overlaps in {text:?}");
            prop_assert!(text.get(find.span.clone()).is_some_and(|written| !written.is_empty()));
            prop_assert!(!find.value.is_empty());
            end = find.span.end;
        }
    }
}

/// Work is linear: eight times the text takes about eight times as long. The bound is generous, a quadratic scan
/// exceeds it by far.
#[test]
fn hostile_text_takes_linear_time() {
    for piece in [
        "\\",
        "C:\\",
        "C:\\a ",
        "/a",
        "/tmp/a ",
        "HKLM\\a ",
        "HKLM\\a\\b=\"",
        "HKLM\\a\\b = x ",
        "[HKLM\\a\\b]\n\"a\"=\"b\"\n",
        "Key: HKLM\\a\\b Value: a ",
        "HKLM\\a\\b /v a ",
        "http://<a>.b.top/",
        "rule a {",
        "rule a{meta:\\\"",
        "rule a { /* ",
        "import \"pe\" ",
        "alert tcp (",
        "alert tcp any ",
        "mutex ",
        "mutex named ",
        "title: a\n",
        "(a\\",
        "<a>\\",
        "\"C:\\a b ",
        "Mozilla/5.0 (",
        "User-Agent: \"",
        "C:\\Program Files ",
        "/Library/A ",
        "schtasks ",
    ] {
        let time = |length: usize| {
            let text = piece.repeat(length / piece.len());
            (0..3)
                .map(|_| {
                    let start = std::time::Instant::now();
                    std::hint::black_box(scan(&text));
                    start.elapsed()
                })
                .min()
                .unwrap()
        };
        // Other work on the machine stretches one measurement, not five; quadratic work takes 64 times as long in each.
        let mut measured = (0..5).map(|_| (time(10_000), time(80_000)));
        let linear =
            measured.any(|(short, long)| long < 32 * short + std::time::Duration::from_millis(50));
        assert!(linear, "{piece:?}");
    }
}
