//! Values that are harmless wherever they stand.

use super::hosts;

/// Digests of nothing, of a line break, of a zero byte, and of the EICAR test file.
const HASHES: &[&str] = &[
    "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
    "68b329da9893e34099c7d8ad5cb9c940",
    "adc83b19e793491b1c6ea0fd8b46cd9f32e592fc",
    "01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b",
    "44d88612fea8a8f36de82e1278abb02f",
    "3395856ce81f2b7382dee72602f798b642f14140",
    "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f",
];

/// Resolvers that everybody may ask.
const ADDRESSES: &[&str] = &[
    "8.8.8.8",
    "8.8.4.4",
    "1.1.1.1",
    "1.0.0.1",
    "9.9.9.9",
    "149.112.112.112",
    "208.67.222.222",
    "208.67.220.220",
    "4.2.2.1",
    "4.2.2.2",
    "4.2.2.4",
    "64.6.64.6",
    "114.114.114.114",
    "223.5.5.5",
    "223.6.6.6",
    "77.88.8.8",
    "77.88.8.1",
    "94.140.14.14",
    "2001:4860:4860::8888",
    "2001:4860:4860::8844",
    "2606:4700:4700::1111",
    "2620:fe::fe",
];

/// Labels that authors write for whoever reads: `your-domain.com`, `example.co.uk`.
const LEFT_OPEN: &[&str] = &[
    "your-domain",
    "yourdomain",
    "your-company",
    "yourcompany",
    "your-site",
    "yoursite",
    "your-server",
    "yourserver",
    "your-website",
    "yourwebsite",
    "your-organization",
    "yourorganization",
    "mydomain",
    "mycompany",
    "example",
];

/// Registered names that authors write when they mean any; real ones, so that a defang mark outweighs them.
const STAND_INS: &[&str] = &[
    "domain.com",
    "domain.tld",
    "company.com",
    "test.com",
    "attacker.com",
    "victim.com",
    "somedomain.com",
    "website.com",
    "email.com",
];

/// Local parts of whom one reports to.
const ROLES: &[&str] = &[
    "abuse",
    "postmaster",
    "security",
    "cert",
    "csirt",
    "psirt",
    "press",
];

/// Programs and libraries that every system has.
const SYSTEM_FILES: &[&str] = &[
    "cmd.exe",
    "powershell.exe",
    "pwsh.exe",
    "rundll32.exe",
    "regsvr32.exe",
    "svchost.exe",
    "explorer.exe",
    "lsass.exe",
    "services.exe",
    "winlogon.exe",
    "csrss.exe",
    "smss.exe",
    "wininit.exe",
    "spoolsv.exe",
    "taskhost.exe",
    "taskhostw.exe",
    "taskeng.exe",
    "dllhost.exe",
    "conhost.exe",
    "wscript.exe",
    "cscript.exe",
    "mshta.exe",
    "msiexec.exe",
    "msbuild.exe",
    "installutil.exe",
    "regasm.exe",
    "regsvcs.exe",
    "certutil.exe",
    "bitsadmin.exe",
    "schtasks.exe",
    "at.exe",
    "sc.exe",
    "net.exe",
    "net1.exe",
    "netsh.exe",
    "netstat.exe",
    "ipconfig.exe",
    "ping.exe",
    "nslookup.exe",
    "whoami.exe",
    "tasklist.exe",
    "taskkill.exe",
    "systeminfo.exe",
    "reg.exe",
    "regedit.exe",
    "attrib.exe",
    "icacls.exe",
    "takeown.exe",
    "vssadmin.exe",
    "wbadmin.exe",
    "bcdedit.exe",
    "wevtutil.exe",
    "wmic.exe",
    "wmiprvse.exe",
    "notepad.exe",
    "calc.exe",
    "mspaint.exe",
    "iexplore.exe",
    "chrome.exe",
    "firefox.exe",
    "msedge.exe",
    "outlook.exe",
    "winword.exe",
    "excel.exe",
    "powerpnt.exe",
    "acrord32.exe",
    "java.exe",
    "javaw.exe",
    "python.exe",
    "curl.exe",
    "ntoskrnl.exe",
    "userinit.exe",
    "runtimebroker.exe",
    "searchindexer.exe",
    "w3wp.exe",
    "sqlservr.exe",
    "mstsc.exe",
    "control.exe",
    "odbcconf.exe",
    "cmstp.exe",
    "fodhelper.exe",
    "eventvwr.exe",
    "computerdefaults.exe",
    "sdclt.exe",
    "werfault.exe",
    "dwm.exe",
    "psexec.exe",
    "procdump.exe",
    "ntdll.dll",
    "kernel32.dll",
    "kernelbase.dll",
    "user32.dll",
    "advapi32.dll",
    "ws2_32.dll",
    "wininet.dll",
    "winhttp.dll",
    "shell32.dll",
    "ole32.dll",
    "oleaut32.dll",
    "crypt32.dll",
    "gdi32.dll",
    "gdiplus.dll",
    "msvcrt.dll",
    "urlmon.dll",
    "amsi.dll",
    "clr.dll",
    "mscoree.dll",
    "shlwapi.dll",
    "psapi.dll",
    "dbghelp.dll",
    "netapi32.dll",
    "iphlpapi.dll",
    "rpcrt4.dll",
    "secur32.dll",
    "bcrypt.dll",
    "ncrypt.dll",
    "comsvcs.dll",
    "version.dll",
    "wldap32.dll",
    "mpr.dll",
    "sh",
    "bash",
    "zsh",
    "python",
    "perl",
    "curl",
    "wget",
    "passwd",
    "shadow",
    "hosts",
    "crontab",
    "null",
    "osascript",
    "launchctl",
    "authorized_keys",
    "os-release",
    "ssh",
    "nc",
    "chmod",
    "crontabs",
    "index.html",
    "index.php",
    "readme.md",
    "setup.py",
    "package.json",
    "node.js",
    "desktop.ini",
    "autorun.inf",
    "web.config",
];

/// Ends of registry keys that every system has and that say nothing by themselves.
const SYSTEM_KEYS: &[&str] = &[
    r"currentversion\run",
    r"currentversion\runonce",
    r"currentversion\runservices",
    r"windows\currentversion",
    r"windows nt\currentversion",
    r"currentversion\winlogon",
    r"currentversion\policies",
    r"currentversion\explorer",
    r"currentversion\uninstall",
    r"currentcontrolset\services",
    r"currentcontrolset\control",
    r"control\lsa",
    r"control\terminal server",
    r"software\microsoft",
    r"microsoft\windows",
    r"microsoft\cryptography",
    "software",
    "system",
    r"microsoft\windows defender",
    r"software\classes",
    r"image file execution options",
    "hkcu",
    "hklm",
    r"active setup\installed components",
    r"policies\system",
    r"explorer\advanced",
    r"windows\system",
];

pub(super) fn is_hash(value: &str) -> bool {
    HASHES.iter().any(|hash| value.eq_ignore_ascii_case(hash))
}

pub(super) fn is_address(host: &str) -> bool {
    ADDRESSES.contains(&host)
}

/// Whether a host is one that the reader is to fill in.
pub(super) fn is_left_open(host: &str) -> bool {
    host.split('.')
        .all(|label| !label.is_empty() && label.bytes().all(|b| b == b'x'))
        || LEFT_OPEN.contains(&hosts::organisation(host)) && hosts::registrable(host).contains('.')
}

/// Whether a host stands for any.
pub(super) fn is_stand_in(host: &str) -> bool {
    STAND_INS.contains(&hosts::registrable(host))
}

/// Whether a mail address is that of those who are reported to.
pub(super) fn is_role(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default();
    ROLES.iter().any(|role| local.eq_ignore_ascii_case(role))
}

/// Whether a name or path is that of a file every system has, or of a directory.
pub(super) fn is_system_file(path: &str) -> bool {
    let name = path.rsplit(['\\', '/']).next().unwrap_or(path);
    name.is_empty()
        || !name.contains('.') && is_system_directory(path)
        || SYSTEM_FILES
            .iter()
            .any(|file| name.eq_ignore_ascii_case(file))
}

/// `C:\Windows\System32`, `%TEMP%`, `/tmp`.
fn is_system_directory(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let path = path.trim_end_matches(['\\', '/']);
    let name = path.rsplit(['\\', '/']).next().unwrap_or(path);
    (name.starts_with('%') && name.ends_with('%'))
        || matches!(
            name,
            "system32"
                | "syswow64"
                | "windows"
                | "temp"
                | "tmp"
                | "appdata"
                | "roaming"
                | "local"
                | "locallow"
                | "programdata"
                | "program files"
                | "program files (x86)"
                | "users"
                | "public"
                | "desktop"
                | "startup"
                | "etc"
                | "bin"
                | "sbin"
                | "usr"
                | "var"
                | "dev"
                | "proc"
                | "opt"
                | "home"
                | "root"
                | "library"
                | "launchagents"
                | "launchdaemons"
                | "applications"
                | "shm"
                | "cron.d"
                | "init.d"
        )
}

pub(super) fn is_system_key(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let key = key.trim_end_matches('\\');
    SYSTEM_KEYS.iter().any(|end| {
        key.strip_suffix(end)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('\\'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_system_has_is_known() {
        for path in [
            r"C:\Windows\System32\cmd.exe",
            "CMD.EXE",
            "/bin/sh",
            "/etc/passwd",
            r"C:\Windows\System32",
            "%TEMP%",
            r"C:\Users\",
            "ntdll.dll",
        ] {
            assert!(is_system_file(path), "{path}");
        }
        for path in [
            r"C:\Windows\System32\winrpc64.dll",
            "updt.ps1",
            "/tmp/.ICE-unix/git",
            "svch0st.exe",
            "ash",
        ] {
            assert!(!is_system_file(path), "{path}");
        }
        assert!(is_system_key(
            r"HKLM\Software\Microsoft\Windows\CurrentVersion\Run\"
        ));
        assert!(!is_system_key(
            r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run\Updt"
        ));
        assert!(!is_system_key(r"HKCU\Software\Xrun"));
    }
}
