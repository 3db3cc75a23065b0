use crate::indicators::{Kind, scan};

fn mails(text: &str) -> Vec<(Kind, String)> {
    let finds = scan(text).into_iter();
    finds
        .filter(|find| matches!(find.kind, Kind::Email | Kind::EmailSrc | Kind::EmailDst))
        .map(|find| (find.kind, find.value))
        .collect()
}

#[test]
fn addresses() {
    let cases: &[(&str, &[&str])] = &[
        (
            "my.u+ser24@Evil-Update.TOP.",
            &["my.u+ser24@evil-update.top"],
        ),
        (
            "a@evil-update.top,b@evil-update.top;c@evil-update.top",
            &[
                "a@evil-update.top",
                "b@evil-update.top",
                "c@evil-update.top",
            ],
        ),
        ("smtp.mailfrom=x@evil-update.top", &["x@evil-update.top"]),
        ("mailto:d@evil-update.top?subject=x", &["d@evil-update.top"]),
        (
            "e@[5.6.7.8] e@[IPv6:2a01:4f8::1]",
            &["e@[5.6.7.8]", "e@[IPv6:2a01:4f8::1]"],
        ),
        (
            "'o'neil@evil-update.top' **f@evil-update.top**",
            &["o'neil@evil-update.top", "f@evil-update.top"],
        ),
        ("邮箱g@evil-update.top。", &["g@evil-update.top"]),
        ("k@bücher-evil[.]top", &["k@xn--bcher-evil-9db.top"]),
        ("_h_@sub.evil-update.top_", &["_h_@sub.evil-update.top"]),
        ("contact...i@evil-update.top", &["i@evil-update.top"]),
    ];
    for (text, expected) in cases {
        let found: Vec<String> = mails(text).into_iter().map(|(_, value)| value).collect();
        assert_eq!(found, *expected, "{text}");
    }
}

#[test]
fn what_is_none() {
    for text in [
        "lodash@4.17.21 express@4.18.2 logo@3x.png icon@2x.app @handle user@host a@a",
        "@@@@ me@*hi*.com !@.com foo@abc @@@@-hi-.com .@evil-update.top -@evil-update.top",
        "git@github.com:owner/name.git root@evil-update.top:/tmp/x ssh root@evil-update.top",
        "@name@mastodon.social x@example.com x@server.local root@5.6.7.8",
        "user @ evil-update.top user.@evil-update.top",
        &format!("{}@evil-update.top", "a".repeat(65)),
        // Its name does not begin at the last letter that is ASCII.
        "üser@evil-update[.]top",
    ] {
        assert_eq!(mails(text), [], "{text}");
    }
}

#[test]
fn words_before_say_who_sent_and_received() {
    for (text, kind) in [
        ("Sender: a@evil-update.top", Kind::EmailSrc),
        ("From: <a@evil-update.top>", Kind::EmailSrc),
        ("mails were sent from a@evil-update.top", Kind::EmailSrc),
        ("smtp.mailfrom=a@evil-update.top", Kind::EmailSrc),
        ("recipient a@evil-update.top", Kind::EmailDst),
        ("To: \"a@evil-update.top", Kind::EmailDst),
        ("sent to a@evil-update.top", Kind::EmailDst),
        ("write to a@evil-update.top", Kind::Email),
        ("contact a@evil-update.top", Kind::Email),
        ("GoTo: a@evil-update.top", Kind::Email),
    ] {
        assert_eq!(
            mails(text),
            [(kind, "a@evil-update.top".to_owned())],
            "{text}"
        );
    }
}

#[test]
fn links() {
    assert_eq!(
        super::of_link("A@Evil-Update.top?subject=x"),
        Some("A@evil-update.top".to_owned())
    );
    assert_eq!(super::of_link("?subject=x"), None);
    assert_eq!(super::of_link("a b@evil-update.top"), None);
    assert_eq!(super::of_link("a@b"), None);
}

#[test]
fn hostile_texts_take_linear_time() {
    for unit in ["@", "a@", "a.a@", "a@a.top,", "..@"] {
        let text = unit.repeat(300_000 / unit.len());
        let start = std::time::Instant::now();
        scan(&text);
        assert!(start.elapsed().as_secs() < 60, "{unit}");
    }
}
