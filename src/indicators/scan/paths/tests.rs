use crate::indicators::{Kind, scan};

/// The paths in a text, with separators; bare names are left to others.
fn paths(text: &str) -> Vec<String> {
    scan(text)
        .into_iter()
        .filter(|find| matches!(find.kind, Kind::Filename | Kind::Pdb | Kind::NamedPipe))
        .filter(|find| find.value.contains(['\\', '/']))
        .map(|find| find.value)
        .collect()
}

#[track_caller]
fn check(cases: &[(&str, &[&str])]) {
    for (text, expected) in cases {
        assert_eq!(paths(text), *expected, "in {text:?}");
    }
}

#[test]
fn windows_paths_are_found() {
    check(&[
        (
            r"C:\Windows\System32\cmd.exe /c foo",
            &[r"C:\Windows\System32\cmd.exe"],
        ),
        (
            r"It is dropped to c:\users\public\upd.dll.",
            &[r"c:\users\public\upd.dll"],
        ),
        (
            r"(C:\ProgramData\a.exe, D:\b\c.exe);",
            &[r"C:\ProgramData\a.exe", r"D:\b\c.exe"],
        ),
        (r"C:\a.exe;C:\b.exe", &[r"C:\a.exe", r"C:\b.exe"]),
        (r"C:\\Users\\joe\\x.vbs", &[r"C:\Users\joe\x.vbs"]),
        (r"C:\\\\Windows\\\\x.exe", &[r"C:\Windows\x.exe"]),
        ("C:/Windows/Temp/x.exe", &["C:/Windows/Temp/x.exe"]),
        (
            r"rundll32 C:\ProgramData\a.dll,Export1",
            &[r"C:\ProgramData\a.dll"],
        ),
        (r"path=C:\x\y.exe&z", &[r"C:\x\y.exe"]),
        (r"'C:\x\y.exe'", &[r"C:\x\y.exe"]),
        (r"“C:\x\y.exe”", &[r"C:\x\y.exe"]),
        (r"C:\Windows\Temp\*.tmp", &[r"C:\Windows\Temp\*.tmp"]),
        (r"C:\Windows\System32", &[r"C:\Windows\System32"]),
        (r"in C:\Users\Public\, as", &[r"C:\Users\Public\"]),
        (
            r#"\"C:\\Windows\\System32\\cmd.exe\" /C"#,
            &[r"C:\Windows\System32\cmd.exe"],
        ),
        (r"C:\Temp\a.exe\r\n", &[r"C:\Temp\a.exe"]),
        (r"\??\C:\Windows\x.sys", &[r"\??\C:\Windows\x.sys"]),
        (r"\\?\C:\Windows\x.sys", &[r"\\?\C:\Windows\x.sys"]),
        (r"\\.\PhysicalDrive0", &[r"\\.\PhysicalDrive0"]),
        (
            r"C:\ProgramData\{1a2b}\x(1).exe)",
            &[r"C:\ProgramData\{1a2b}\x(1).exe"],
        ),
        (
            r"C:\Пользователи\ключ.exe — here",
            &[r"C:\Пользователи\ключ.exe"],
        ),
        (
            r"C:\$Recycle.Bin\S-1-5-18\x.exe",
            &[r"C:\$Recycle.Bin\S-1-5-18\x.exe"],
        ),
        ("C:\\a\\b.exe\nnext", &[r"C:\a\b.exe"]),
    ]);
}

#[test]
fn variables_shares_and_placeholders_begin_paths() {
    check(&[
        (r"%APPDATA%\Roaming\y.exe", &[r"%APPDATA%\Roaming\y.exe"]),
        (
            r"%ProgramFiles(x86)%\y.exe",
            &[r"%ProgramFiles(x86)%\y.exe"],
        ),
        (r"%SYSTEM32%\wbem\lib.dll.", &[r"%SYSTEM32%\wbem\lib.dll"]),
        (r"$env:TEMP\x.ps1", &[r"$env:TEMP\x.ps1"]),
        (r"${env:TEMP}\x.ps1", &[r"${env:TEMP}\x.ps1"]),
        (r"{app}\Setup.exe", &[r"{app}\Setup.exe"]),
        (r"\\fileserver\c$\x.exe", &[r"\\fileserver\c$\x.exe"]),
        (
            r"\\\\fileserver\\share\\x.exe",
            &[r"\\fileserver\share\x.exe"],
        ),
        (r"\\tsclient\c\", &[r"\\tsclient\c\"]),
        (r"\path\to\file.exe", &[r"\path\to\file.exe"]),
        (r"\\AppData\\Roaming\\", &[r"\AppData\Roaming\"]),
        (
            r"\Device\HarddiskVolume1\x.exe",
            &[r"\Device\HarddiskVolume1\x.exe"],
        ),
        (
            r"C:\Users\<user name>\AppData\x.exe",
            &[r"C:\Users\<user name>\AppData\x.exe"],
        ),
        (r"<Temp>\abc.exe", &[r"<Temp>\abc.exe"]),
        (
            r"C:\Documents\<ID><time>.dat",
            &[r"C:\Documents\<ID><time>.dat"],
        ),
        (
            r"users\public\Videos\cache.dat",
            &[r"users\public\Videos\cache.dat"],
        ),
    ]);
}

#[test]
fn blanks_belong_to_paths_only_inside_names() {
    check(&[
        (
            r"C:\Program Files (x86)\Foo\bar.exe -k x",
            &[r"C:\Program Files (x86)\Foo\bar.exe"],
        ),
        (r"C:\Program Files and so on", &[r"C:\Program Files"]),
        (
            r"C:\Documents and Settings\All Users\Start Menu\a.lnk now",
            &[r"C:\Documents and Settings\All Users\Start Menu\a.lnk"],
        ),
        (
            r"D:\My Projects\Rat Two\Release\x.pdb",
            &[r"D:\My Projects\Rat Two\Release\x.pdb"],
        ),
        (
            r"copies C:\a\b.exe to C:\c\d.exe",
            &[r"C:\a\b.exe", r"C:\c\d.exe"],
        ),
        (r"copies C:\a\b to D\c\e.exe", &[r"C:\a\b", r"D\c\e.exe"]),
        (
            r"C:\Windows\x.exe %TEMP%\y.exe",
            &[r"C:\Windows\x.exe", r"%TEMP%\y.exe"],
        ),
        (
            r"runs C:\Users\Public and then a\b.exe",
            &[r"C:\Users\Public", r"a\b.exe"],
        ),
        (
            r#""C:\Users\joe\my new file.exe" -x"#,
            &[r"C:\Users\joe\my new file.exe"],
        ),
        (
            r"C:\Users\joe\my new file.exe",
            &[r"C:\Users\joe\my new file.exe"],
        ),
        (
            r"drops C:\Users\joe\Invoice Details.pdf there",
            &[r"C:\Users\joe\Invoice Details.pdf"],
        ),
        (
            r"in C:\ProgramData\foo loads bar.dll",
            &[r"C:\ProgramData\foo"],
        ),
        (r"C:\Temp. Then x\y", &[r"C:\Temp"]),
        (
            r"C:\Windows\System32\sc.exe stop x\y.exe",
            &[r"C:\Windows\System32\sc.exe", r"x\y.exe"],
        ),
    ]);
}

#[test]
fn unix_paths_are_found() {
    check(&[
        ("/var/log/evil.txt.zip", &["/var/log/evil.txt.zip"]),
        ("it runs /tmp/.x/kworker.", &["/tmp/.x/kworker"]),
        ("(/etc/cron.d/0x)", &["/etc/cron.d/0x"]),
        ("~/foo/bar/abc.py", &["~/foo/bar/abc.py"]),
        (
            "/Library/LaunchAgents/com.x.plist",
            &["/Library/LaunchAgents/com.x.plist"],
        ),
        (
            "~/Library/Application Support/x/y.plist",
            &["~/Library/Application Support/x/y.plist"],
        ),
        (
            "/Applications/Some Tool.app/Contents",
            &["/Applications/Some Tool.app/Contents"],
        ),
        ("$HOME/.config/x.sh", &["$HOME/.config/x.sh"]),
        ("/a/file/path/file.sh", &["/a/file/path/file.sh"]),
        ("/some/unix/dir/", &["/some/unix/dir/"]),
        (
            "chmod +x /dev/shm/x; rm /dev/shm/x",
            &["/dev/shm/x", "/dev/shm/x"],
        ),
        ("Path:/usr/bin/foo,", &["/usr/bin/foo"]),
        ("#!/bin/sh", &["/bin/sh"]),
    ]);
}

#[test]
fn what_only_looks_like_a_path_is_left_alone() {
    for text in [
        "and/or TCP/IP 24/7 10/11/2023 n/a",
        "text/html application/x-www-form-urlencoded",
        "s/regex/other/ and /s/regex/",
        "</div> <br/> <a/b>",
        "GET /tmp/x.sh HTTP/1.1",
        "the route /api/v1/users and /gate.php or /panel/login.php",
        "read [more](/blogs/security-research/foo)",
        "100% and 50%/50%",
        r"line\r\nnext\ttab",
        r"\x41\x42\x43",
        r"(\d+)\.(\w+)\.exe",
        r"CORP\jdoe",
        r"DOMAIN\user@mail.com",
        r"<domain>\<user>",
        r"C:\",
        "C://x",
        "/c /nop -enc",
        "//comment/here.sh",
        r"%s\%s",
        "~ /x",
    ] {
        assert_eq!(paths(text), [""; 0], "in {text:?}");
    }
}

#[test]
fn kinds_follow_names() {
    for (text, kind) in [
        (r"D:\work\rat\x.pdb", Kind::Pdb),
        ("/Users/joe/x.PDB", Kind::Pdb),
        (r"\\.\pipe\evilpipe", Kind::NamedPipe),
        (r"\\\\.\\pipe\\evilpipe", Kind::NamedPipe),
        (r"\pipe\evilpipe", Kind::NamedPipe),
        (r"\\host\pipe\evilpipe", Kind::NamedPipe),
        (r"C:\pipe\evilpipe", Kind::Filename),
    ] {
        let kinds: Vec<_> = scan(text).into_iter().map(|find| find.kind).collect();
        assert_eq!(kinds, [kind], "in {text:?}");
    }
}

#[test]
fn spans_cover_what_was_written() {
    let text = r"see <Temp>\\a.exe and C:\\b\\c.exe.";
    let written: Vec<_> = scan(text)
        .into_iter()
        .map(|find| text.get(find.span).unwrap())
        .collect();
    assert_eq!(written, [r"<Temp>\\a.exe", r"C:\\b\\c.exe"]);
}
