use crate::indicators::{Kind, scan};

/// The keys of a text, with their data where they have some.
fn keys(text: &str) -> Vec<String> {
    scan(text)
        .into_iter()
        .filter(|find| matches!(find.kind, Kind::Regkey | Kind::RegkeyValue))
        .map(|find| {
            assert_eq!(
                find.kind == Kind::RegkeyValue,
                find.value.contains('|'),
                "{text}"
            );
            find.value
        })
        .collect()
}

#[track_caller]
fn check(cases: &[(&str, &[&str])]) {
    for (text, expected) in cases {
        assert_eq!(keys(text), *expected, "in {text:?}");
    }
}

#[test]
fn signs_join_keys_with_their_data() {
    check(&[
        (
            r"HKCU\Software\Evil\Upd = C:\Users\Public\a.exe",
            &[r"HKCU\Software\Evil\Upd|C:\Users\Public\a.exe"],
        ),
        (
            r"HKCU\Software\Evil\Upd=C:\a.exe -silent",
            &[r"HKCU\Software\Evil\Upd|C:\a.exe -silent"],
        ),
        (
            r#"It sets HKCU\Software\Evil\Upd = "C:\Program Files\a b.exe" /x and ends."#,
            &[r"HKCU\Software\Evil\Upd|C:\Program Files\a b.exe"],
        ),
        (
            r"It sets HKCU\Software\Evil\Upd = C:\Users\Public\a.exe, then sleeps.",
            &[r"HKCU\Software\Evil\Upd|C:\Users\Public\a.exe"],
        ),
        (
            r"It sets HKCU\Software\Evil\Upd = rundll32.exe C:\a.dll,Start and ends.",
            &[r"HKCU\Software\Evil\Upd|rundll32.exe C:\a.dll,Start"],
        ),
        (
            r#""HKCU\\Software\\Evil\\Upd": "C:\\a.exe","#,
            &[r"HKCU\Software\Evil\Upd|C:\a.exe"],
        ),
        (
            r"HKLM\SOFTWARE\Policies\Evil\Disable = 1 (off)",
            &[r"HKLM\SOFTWARE\Policies\Evil\Disable|1"],
        ),
        (
            r"HKLM\SOFTWARE\Policies\Evil\Disable is set to 1.",
            &[r"HKLM\SOFTWARE\Policies\Evil\Disable|1"],
        ),
        (
            r"HKLM\SOFTWARE\Policies\Evil\Disable (REG_DWORD) = 0x1",
            &[r"HKLM\SOFTWARE\Policies\Evil\Disable|0x1"],
        ),
        (
            r"HKLM\SOFTWARE\Policies\Evil\Disable REG_DWORD: dword:00000001",
            &[r"HKLM\SOFTWARE\Policies\Evil\Disable|dword:00000001"],
        ),
        (
            r"HKLM\SOFTWARE\Evil\Upd → C:\a.exe",
            &[r"HKLM\SOFTWARE\Evil\Upd|C:\a.exe"],
        ),
        (
            r"HKLM\SOFTWARE\Evil\Upd|C:\a.exe",
            &[r"HKLM\SOFTWARE\Evil\Upd|C:\a.exe"],
        ),
        (
            r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run\Windows Updater = C:\a.exe",
            &[r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run\Windows Updater|C:\a.exe"],
        ),
    ]);
}

#[test]
fn names_stand_between_key_and_data() {
    let run = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run";
    for rest in [
        r#" "Updater" = "C:\a.exe""#,
        r#": "Updater" = "C:\a.exe""#,
        r#", "Updater" = "C:\a.exe""#,
        r" Updater = C:\a.exe",
        r": Updater = C:\a.exe",
        r": [Updater] C:\a.exe",
        r"\Updater = C:\a.exe",
        r#" "Updater": REG_SZ: "C:\a.exe""#,
        r" Updater REG_SZ C:\a.exe",
        r#" /v Updater /t REG_SZ /d "C:\a.exe" /f"#,
        r" /v Updater /d C:\a.exe /f",
        r#" /f /d "\"C:\a.exe\"" /v "Updater""#,
        r#" -Name "Updater" -Value "C:\a.exe" -PropertyType String -Force"#,
        r" Value: Updater Data: C:\a.exe",
        r"; Value name: Updater; Type: REG_SZ; Value data: C:\a.exe",
        "]\n\"Updater\"=\"C:\\\\a.exe\"",
    ] {
        let found = keys(&format!("{run}{rest}"));
        let expected = format!(r"{run}\Updater|C:\a.exe");
        let found: Vec<String> = found.iter().map(|value| value.replace('"', "")).collect();
        assert_eq!(found, [expected], "{rest}");
    }
    check(&[
        (
            "Key: HKCU\\Software\\Evil\nValue: Upd\nData: C:\\a.exe",
            &[r"HKCU\Software\Evil\Upd|C:\a.exe"],
        ),
        (
            r"Key: HKCU\Software\Evil Value: 1 Key: HKCU\Software\Other Value: 2",
            &[r"HKCU\Software\Evil|1", r"HKCU\Software\Other|2"],
        ),
        (
            "Registry key: HKCU\\Software\\Evil\nValue: C:\\a.exe",
            &[r"HKCU\Software\Evil|C:\a.exe"],
        ),
        (
            r#"reg add "HKCU\Software\Foo Bar" /ve /d "C:\a b\c.exe" /f"#,
            &[r"HKCU\Software\Foo Bar|C:\a b\c.exe"],
        ),
        (
            r"Set-ItemProperty -Path 'HKLM:\SOFTWARE\Evil' -Name Upd -Value 'calc'",
            &[r"HKLM\SOFTWARE\Evil\Upd|calc"],
        ),
    ]);
}

#[test]
fn exported_keys_have_many_values() {
    check(&[(
        "[HKEY_CURRENT_USER\\Software\\Evil]\n@=\"x\"\n\"a.exe\"=\"C:\\\\b.exe\"\n\"On\"=dword:00000001\n\nDone",
        &[
            r"HKEY_CURRENT_USER\Software\Evil|x",
            r"HKEY_CURRENT_USER\Software\Evil\a.exe|C:\b.exe",
            r"HKEY_CURRENT_USER\Software\Evil\On|dword:00000001",
        ],
    )]);
    let finds = scan("[HKCU\\Software\\Evil]\n\"x\"=\"1\"\n\"a.exe\"=\"C:\\\\b.exe\"");
    let files: Vec<_> = finds
        .iter()
        .filter(|find| find.kind == Kind::Filename)
        .map(|find| find.value.as_str())
        .collect();
    assert_eq!(files, [r"C:\b.exe"]);
}

#[test]
fn what_is_not_stated_is_not_joined() {
    check(&[
        (
            r"HKCU\Software\Evil: used to persist",
            &[r"HKCU\Software\Evil"],
        ),
        (
            r"HKCU\Software\Evil is set to start the loader",
            &[r"HKCU\Software\Evil"],
        ),
        (
            r"HKCU\Software\Evil -> the loader",
            &[r"HKCU\Software\Evil"],
        ),
        (
            r"HKCU\Software\Evil -> HKCU\Software\Other",
            &[r"HKCU\Software\Evil", r"HKCU\Software\Other"],
        ),
        (r"if HKCU\Software\Evil == 1", &[r"HKCU\Software\Evil"]),
        (r"HKCU\Software\Evil = ...", &[r"HKCU\Software\Evil"]),
        (r"HKCU\Software\Evil = <path>", &[r"HKCU\Software\Evil"]),
        (r"HKCU\Software\Evil /v Upd", &[r"HKCU\Software\Evil"]),
        (
            r"|HKCU\Software\Evil|persistence|",
            &[r"HKCU\Software\Evil"],
        ),
        (
            r"HKCU\Software\Evil | persistence",
            &[r"HKCU\Software\Evil"],
        ),
        (
            "HKCU\\Software\\Evil\nValue: high",
            &[r"HKCU\Software\Evil"],
        ),
        ("[HKCU\\Software\\Evil]\nand more", &[r"HKCU\Software\Evil"]),
        (
            r#"HKCU\Software\Evil = "unclosed"#,
            &[r"HKCU\Software\Evil"],
        ),
    ]);
}

#[test]
fn the_find_is_the_key_and_the_data_is_found_too() {
    let text = r"Then HKCU\Software\Evil\Upd = C:\Users\Public\a.exe";
    let finds = scan(text);
    assert_eq!(finds.len(), 2);
    assert_eq!(
        text.get(finds[0].span.clone()),
        Some(r"HKCU\Software\Evil\Upd")
    );
    assert_eq!(finds[0].kind, Kind::RegkeyValue);
    assert_eq!(finds[1].value, r"C:\Users\Public\a.exe");
}
