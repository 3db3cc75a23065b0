use crate::indicators::{Kind, scan};

fn keys(text: &str) -> Vec<String> {
    scan(text)
        .into_iter()
        .filter(|find| matches!(find.kind, Kind::Regkey | Kind::RegkeyValue))
        .map(|find| find.value)
        .collect()
}

#[track_caller]
fn check(cases: &[(&str, &[&str])]) {
    for (text, expected) in cases {
        assert_eq!(keys(text), *expected, "in {text:?}");
    }
}

#[test]
fn hives_come_in_many_dresses() {
    check(&[
        (r"HKLM\Software\Evil", &[r"HKLM\Software\Evil"]),
        (r"hkcu\software\evil", &[r"hkcu\software\evil"]),
        (r"<HKCU>\SOFTWARE\Evil on", &[r"HKCU\SOFTWARE\Evil"]),
        (r"[HKLM]\SOFTWARE\Evil", &[r"HKLM\SOFTWARE\Evil"]),
        (
            r"[HKEY_LOCAL_MACHINE\SOFTWARE\Evil]",
            &[r"HKEY_LOCAL_MACHINE\SOFTWARE\Evil"],
        ),
        (r"HKLM:\SOFTWARE\Evil", &[r"HKLM\SOFTWARE\Evil"]),
        (
            r"Computer\HKEY_CURRENT_USER\Software\Evil",
            &[r"HKEY_CURRENT_USER\Software\Evil"],
        ),
        (
            r"Registry::HKEY_CURRENT_USER\Software\Evil",
            &[r"HKEY_CURRENT_USER\Software\Evil"],
        ),
        (
            r"\REGISTRY\MACHINE\SYSTEM\Evil",
            &[r"\REGISTRY\MACHINE\SYSTEM\Evil"],
        ),
        (
            r#"reg add "HKCU\Software\Evil Key" /v x"#,
            &[r"HKCU\Software\Evil Key"],
        ),
        (r"HKLM\\SOFTWARE\\Evil", &[r"HKLM\SOFTWARE\Evil"]),
        (
            r"HKEY_CURRENT_USER\Software\Classes\",
            &[r"HKEY_CURRENT_USER\Software\Classes\"],
        ),
        (r"HKCR\*\shellex\Evil", &[r"HKCR\*\shellex\Evil"]),
        (
            r"HKU\S-1-5-21-1-2\Software\Evil",
            &[r"HKU\S-1-5-21-1-2\Software\Evil"],
        ),
    ]);
}

#[test]
fn keys_end_where_prose_begins() {
    check(&[
        (
            r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Console on the box",
            &[r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Console"],
        ),
        (
            r"HKLM\SOFTWARE\Evil HKLM\SYSTEM\Evil",
            &[r"HKLM\SOFTWARE\Evil", r"HKLM\SYSTEM\Evil"],
        ),
        (
            r"HKCU\Software\Evil and SOFTWARE\Microsoft\Other",
            &[r"HKCU\Software\Evil", r"SOFTWARE\Microsoft\Other"],
        ),
        (r"to HKCU\Software\Evil.", &[r"HKCU\Software\Evil"]),
        (r"“HKCU\Software\Evil”", &[r"HKCU\Software\Evil"]),
        (r"HKCU\Software\Evil, value x", &[r"HKCU\Software\Evil"]),
        (
            r"HKCU\Software\Run\Upd = C:\a.exe",
            &[r"HKCU\Software\Run\Upd|C:\a.exe"],
        ),
        (
            r"HKEY_USERS\<USER SID>\Software\Evil now",
            &[r"HKEY_USERS\<USER SID>\Software\Evil"],
        ),
        ("HKCU\\Software\\Evil\nfoo\\bar", &[r"HKCU\Software\Evil"]),
        (
            r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Real-Time Protection is set",
            &[r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Real-Time Protection"],
        ),
        (
            r"HKCU\Software\Foo Bar\Baz is",
            &[r"HKCU\Software\Foo Bar\Baz"],
        ),
        (r"HKCU\Software\Foo writes Bar\Baz", &[r"HKCU\Software\Foo"]),
        (r"HKLM\SOFTWARE\Evil C:\x.exe", &[r"HKLM\SOFTWARE\Evil"]),
        (
            r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\BootExecute",
            &[r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\BootExecute"],
        ),
        (
            r"HKLM\SOFTWARE\Microsoft\Active Setup\Installed Components\{1a-2b}",
            &[r"HKLM\SOFTWARE\Microsoft\Active Setup\Installed Components\{1a-2b}"],
        ),
    ]);
}

#[test]
fn roots_begin_keys_without_a_hive() {
    check(&[
        (
            r"key SOFTWARE\Microsoft\Windows\CurrentVersion\Run.",
            &[r"SOFTWARE\Microsoft\Windows\CurrentVersion\Run"],
        ),
        (
            r"SOFTWARE\\Microsoft\\Cryptography",
            &[r"SOFTWARE\Microsoft\Cryptography"],
        ),
        (
            r"SYSTEM\CurrentControlSet\Services\evil",
            &[r"SYSTEM\CurrentControlSet\Services\evil"],
        ),
        (r"Software\setup.exe", &[]),
        (r"MYSOFTWARE\Microsoft", &[]),
    ]);
}

#[test]
fn hives_alone_are_no_keys() {
    for text in [
        "HKLM",
        r"HKLM\",
        "HKCU and HKLM",
        r"HKLMX\a\b",
        r"<HKLMX>\a",
        r"xHKLM\a",
    ] {
        assert_eq!(keys(text), [""; 0], "in {text:?}");
    }
}
