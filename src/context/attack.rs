//! ATT&CK in prose: what analysts write for a technique, and which of several techniques with one name is meant.

use super::names::{self, Key, bare};

/// How much it takes until words stand for a technique.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// A term of art: once is enough.
    Term,
    /// Said in passing too: twice, or where the article says what it is about.
    Passing,
}

/// Terms of art and the technique each stands for (ATT&CK 17; <https://attack.mitre.org/techniques/enterprise/>). Other
/// names of techniques count beside their id, in ATT&CK's own spelling, or in a table or list of techniques.
pub(super) const TERMS: &[(&str, Weight, &[&str])] = &[
    (
        "T1003",
        Weight::Term,
        &[
            "credential dumping",
            "dump credentials",
            "dumping credentials",
            "dumped credentials",
            "dumps credentials",
        ],
    ),
    (
        "T1003.001",
        Weight::Term,
        &["LSASS memory", "dump LSASS", "dumping LSASS", "LSASS dump"],
    ),
    ("T1003.003", Weight::Term, &["ntds.dit"]),
    ("T1003.006", Weight::Term, &["DCSync"]),
    ("T1014", Weight::Passing, &["rootkit"]),
    (
        "T1027",
        Weight::Passing,
        &[
            "obfuscated",
            "obfuscation",
            "obfuscates",
            "obfuscating",
            "obfuscate",
        ],
    ),
    (
        "T1027",
        Weight::Term,
        &[
            "heavily obfuscated",
            "obfuscated strings",
            "obfuscated script",
            "obfuscated JavaScript",
            "obfuscated PowerShell",
            "obfuscated code",
            "string obfuscation",
            "control flow obfuscation",
            "code obfuscation",
            "Base64 encoded",
            "XOR encrypted",
            "XOR encoded",
            "encrypted strings",
        ],
    ),
    (
        "T1027.002",
        Weight::Term,
        &[
            "software packing",
            "custom packer",
            "packed with UPX",
            "UPX packed",
            "runtime packer",
        ],
    ),
    (
        "T1027.003",
        Weight::Term,
        &["steganography", "steganographic"],
    ),
    ("T1027.006", Weight::Term, &["HTML smuggling"]),
    (
        "T1047",
        Weight::Passing,
        &["Windows Management Instrumentation", "WMIC"],
    ),
    ("T1053.005", Weight::Term, &["scheduled task", "schtasks"]),
    ("T1053.003", Weight::Term, &["cron job", "crontab"]),
    (
        "T1055",
        Weight::Term,
        &["process injection", "memory of a legitimate process"],
    ),
    ("T1055.001", Weight::Term, &["DLL injection"]),
    (
        "T1055.004",
        Weight::Term,
        &[
            "APC injection",
            "asynchronous procedure call",
            "early bird injection",
        ],
    ),
    ("T1055.012", Weight::Term, &["process hollowing", "RunPE"]),
    ("T1055.013", Weight::Term, &["process doppelganging"]),
    (
        "T1056.001",
        Weight::Term,
        &[
            "keylogging",
            "keylogger",
            "keystroke logging",
            "log keystrokes",
            "logs keystrokes",
            "logging keystrokes",
        ],
    ),
    (
        "T1059.001",
        Weight::Term,
        &[
            "PowerShell script",
            "PowerShell command",
            "PowerShell code",
            "PowerShell backdoor",
            "PowerShell payload",
            "PowerShell loader",
            "PowerShell downloader",
            "PowerShell stager",
            "encoded PowerShell",
            "via PowerShell",
            "malicious PowerShell",
            "PowerShell cmdlet",
            "PowerShell one-liner",
            "using PowerShell",
            "PowerShell based",
        ],
    ),
    ("T1059.001", Weight::Passing, &["PowerShell"]),
    (
        "T1059.005",
        Weight::Term,
        &[
            "VBA macro",
            "VBS script",
            "Visual Basic macro",
            "Visual Basic Application macro",
            "Visual Basic for Applications macro",
        ],
    ),
    (
        "T1070.001",
        Weight::Term,
        &[
            "clear event logs",
            "clears event logs",
            "clearing event logs",
            "cleared event logs",
        ],
    ),
    ("T1070.006", Weight::Term, &["timestomping", "timestomp"]),
    (
        "T1071.004",
        Weight::Term,
        &["DNS tunneling", "DNS tunnelling"],
    ),
    ("T1090.004", Weight::Term, &["domain fronting"]),
    ("T1102.001", Weight::Term, &["dead drop resolver"]),
    (
        "T1110",
        Weight::Term,
        &[
            "brute force attack",
            "brute forcing",
            "brute forced",
            "brute force",
        ],
    ),
    (
        "T1110.002",
        Weight::Term,
        &[
            "password cracking",
            "crack passwords",
            "cracks passwords",
            "cracked passwords",
            "cracking passwords",
            "crack password hashes",
            "cracked password hashes",
        ],
    ),
    (
        "T1110.003",
        Weight::Term,
        &["password spraying", "password spray"],
    ),
    ("T1110.004", Weight::Term, &["credential stuffing"]),
    (
        "T1113",
        Weight::Term,
        &[
            "take screenshots",
            "takes a screenshot",
            "take a screenshot",
            "takes screenshots",
            "taking screenshots",
            "capture screenshots",
            "captures screenshots",
            "screen capture",
            "screenshot capture",
            "capturing screenshots",
            "captured screenshots",
            "took screenshots",
            "steal screenshots",
            "steals screenshots",
            "stealing screenshots",
            "grab screenshots",
            "grabs screenshots",
        ],
    ),
    (
        "T1078",
        Weight::Term,
        &[
            "valid accounts",
            "stolen credentials",
            "compromised credentials",
            "access credentials",
            "valid credentials",
        ],
    ),
    (
        "T1140",
        Weight::Term,
        &[
            "decrypts the payload",
            "decrypt the payload",
            "decodes the payload",
            "decrypts the",
            "decodes the",
            "decryption routine",
            "decoding routine",
        ],
    ),
    ("T1185", Weight::Term, &["man in the browser"]),
    (
        "T1190",
        Weight::Term,
        &[
            "exploit public facing",
            "exploitation of public facing",
            "exploited internet facing",
            "exploits internet facing",
            "exploiting internet facing",
            "exploitation of internet facing",
            "vulnerabilities in internet facing",
            "exploited public facing",
            "exploits public facing",
            "exploiting public facing",
            "flaws in public facing",
            "vulnerabilities in public facing",
        ],
    ),
    (
        "T1189",
        Weight::Term,
        &["drive by download", "drive by compromise", "watering hole"],
    ),
    (
        "T1195",
        Weight::Passing,
        &["supply chain attack", "supply chain compromise"],
    ),
    ("T1197", Weight::Term, &["BITS job", "bitsadmin"]),
    (
        "T1204.002",
        Weight::Term,
        &[
            "enable macros",
            "enables macros",
            "enabling macros",
            "macros are enabled",
            "macros enabled",
            "malicious macro",
            "macro laced",
            "enable content",
            "macro enabled document",
        ],
    ),
    ("T1204.004", Weight::Term, &["ClickFix"]),
    (
        "T1218.001",
        Weight::Term,
        &[
            "compiled HTML file",
            "compiled HTML help",
            "Microsoft compiled HTML",
            "CHM file",
            "malicious CHM",
        ],
    ),
    ("T1218.005", Weight::Passing, &["mshta", "mshta.exe"]),
    ("T1218.010", Weight::Passing, &["regsvr32", "regsvr32.exe"]),
    ("T1218.011", Weight::Passing, &["rundll32", "rundll32.exe"]),
    (
        "T1221",
        Weight::Term,
        &["template injection", "remote template"],
    ),
    (
        "T1486",
        Weight::Term,
        &[
            "encrypts files",
            "encrypt files",
            "encrypting files",
            "encrypts the files",
            "encrypt the files",
            "file encryption routine",
            "encrypted files",
            "file encryption",
        ],
    ),
    (
        "T1490",
        Weight::Term,
        &["shadow copies", "volume shadow copy", "delete shadows"],
    ),
    (
        "T1497",
        Weight::Term,
        &[
            "sandbox evasion",
            "anti sandbox",
            "anti VM",
            "evade sandboxes",
            "evades sandboxes",
            "evading sandboxes",
        ],
    ),
    ("T1505.003", Weight::Term, &["web shell", "webshell"]),
    ("T1542.003", Weight::Term, &["bootkit"]),
    ("T1543.001", Weight::Term, &["LaunchAgent", "LaunchAgents"]),
    (
        "T1543.004",
        Weight::Term,
        &["LaunchDaemon", "LaunchDaemons"],
    ),
    ("T1546.003", Weight::Term, &["WMI event subscription"]),
    (
        "T1546.015",
        Weight::Term,
        &[
            "COM hijacking",
            "COM hijack",
            "COM hijacked",
            "COM object hijacking",
        ],
    ),
    (
        "T1547.001",
        Weight::Term,
        &[
            "Run branch",
            "autorun key",
            "autorun registry key",
            "autostart registry key",
            "registry run key",
            "run registry key",
            "run key",
            "startup folder",
        ],
    ),
    (
        "T1548.002",
        Weight::Term,
        &[
            "UAC bypass",
            "bypass UAC",
            "bypasses UAC",
            "bypassing UAC",
            "bypass user account control",
        ],
    ),
    ("T1553.005", Weight::Term, &["Mark of the Web"]),
    ("T1550.002", Weight::Term, &["pass the hash"]),
    ("T1550.003", Weight::Term, &["pass the ticket"]),
    ("T1557", Weight::Passing, &["man in the middle"]),
    ("T1558.001", Weight::Term, &["golden ticket"]),
    ("T1558.003", Weight::Term, &["kerberoasting", "kerberoast"]),
    (
        "T1562.001",
        Weight::Term,
        &[
            "AMSI bypass",
            "bypass AMSI",
            "disable Windows Defender",
            "disables Windows Defender",
            "disabling Windows Defender",
            "disable antivirus",
            "disables antivirus",
            "EDR killer",
            "disabled Windows Defender",
            "disable security software",
            "disables security software",
            "disabled security software",
            "disable security tools",
            "disabling security tools",
            "disabled security tools",
            "disabled Microsoft Defender",
            "turned off Defender",
            "turned off Windows Defender",
            "disable Microsoft Defender",
            "disables Microsoft Defender",
            "disabling Microsoft Defender",
        ],
    ),
    (
        "T1566",
        Weight::Term,
        &[
            "phishing email",
            "phishing e-mail",
            "phishing message",
            "phishing attack",
            "phishing campaign",
            "spearphishing",
            "spear phishing email",
            "malspam",
            "spam campaign",
            "phishing lure",
            "phishing scam",
            "phished",
            "malicious email",
            "malicious e-mail",
            "email lure",
            "email campaign",
        ],
    ),
    ("T1566", Weight::Passing, &["phishing"]),
    (
        "T1566.001",
        Weight::Term,
        &[
            "phishing attachment",
            "malicious email attachment",
            "malicious attachment",
            "weaponized attachment",
        ],
    ),
    ("T1566.002", Weight::Term, &["phishing link"]),
    (
        "T1660",
        Weight::Term,
        &["smishing", "SMS phishing", "quishing", "QR code phishing"],
    ),
    (
        "T1451",
        Weight::Term,
        &["SIM swap", "SIM swapping", "SIM swapped", "SIM swapper"],
    ),
    ("T1496", Weight::Term, &["crypto jacking"]),
    ("T1568.001", Weight::Term, &["fast flux"]),
    (
        "T1568.002",
        Weight::Term,
        &["domain generation algorithm", "DGA"],
    ),
    (
        "T1574.001",
        Weight::Term,
        &[
            "DLL search order hijacking",
            "DLL search order hijack",
            "DLL search order abuse",
            "DLL hijacking",
            "DLL hijack",
        ],
    ),
    (
        "T1574.002",
        Weight::Term,
        &[
            "DLL side loading",
            "DLL sideloading",
            "side loading",
            "side loaded",
            "side loads",
            "side load",
            "sideloading",
            "sideloaded",
            "sideloads",
        ],
    ),
    (
        "T1583.008",
        Weight::Term,
        &["malvertising", "malvertisement"],
    ),
    (
        "T1608.006",
        Weight::Term,
        &[
            "SEO poisoning",
            "search engine optimization poisoning",
            "search engine optimisation poisoning",
            "search engine poisoning",
            "poisoned search results",
        ],
    ),
    (
        "T1620",
        Weight::Term,
        &[
            "reflective loading",
            "reflective DLL injection",
            "reflectively loaded",
            "reflective DLL loading",
            "reflectively loads",
            "reflective loader",
        ],
    ),
    (
        "T1621",
        Weight::Term,
        &["MFA fatigue", "MFA bombing", "push bombing"],
    ),
    (
        "T1622",
        Weight::Term,
        &["debugger evasion", "anti debugging", "anti debug"],
    ),
    (
        "T1566.004",
        Weight::Term,
        &["vishing", "voice phishing", "callback phishing"],
    ),
    (
        "T1657",
        Weight::Term,
        &["double extortion", "triple extortion", "data extortion"],
    ),
    (
        "T1090",
        Weight::Term,
        &[
            "SOCKS proxy",
            "SOCKS5 proxy",
            "SOCKS tunnel",
            "SOCKS5 tunnel",
            "through residential proxies",
            "via residential proxies",
            "using residential proxies",
        ],
    ),
    (
        "T1498",
        Weight::Passing,
        &["DDoS attack", "distributed denial of service attack"],
    ),
    (
        "T1057",
        Weight::Term,
        &[
            "enumerates running processes",
            "enumerates processes",
            "lists running processes",
            "list of running processes",
        ],
    ),
    (
        "T1082",
        Weight::Term,
        &[
            "collects system information",
            "gathers system information",
            "collect system information",
            "collecting system information",
        ],
    ),
    ("T1557", Weight::Term, &["adversary in the middle", "AiTM"]),
];

/// Techniques called like what everybody writes of: their names alone say nothing.
pub(super) const ORDINARY: &[&str] = &[
    "Remote Desktop Protocol",
    "Windows Management Instrumentation",
    "Windows Remote Management",
    "Visual Basic",
    "Dynamic Data Exchange",
    "Component Object Model",
    "Control Panel",
    "Native API",
    "Web Services",
    "Web Service",
    "Social Media",
    "Virtual Private Server",
    "DNS Server",
    "Cloud Accounts",
    "Cloud Account",
    "Local Account",
    "Local Accounts",
    "Domain Account",
    "Domain Accounts",
    "Email Accounts",
    "Email Account",
    "Digital Certificates",
    "Code Repositories",
    "Private Keys",
    "Remote Services",
    "System Services",
    "Windows Service",
    "Launch Agent",
    "Launch Daemon",
    "Launch Agents",
    "Web Protocols",
    "Mail Protocols",
    "Social Media Accounts",
    "Security Support Provider",
    "Search Engines",
    "Scheduled Task/Job",
    "Software Deployment Tools",
    "Windows Command Shell",
    "Unix Shell",
    "Command Shell",
    "Container Service",
    "Cloud Services",
    "Cloud Storage",
    "Dynamic DNS",
    "Code Signing Certificates",
    "Group Policy Preferences",
    "Credential Manager",
    "Windows Credential Manager",
    "Security Account Manager",
    "Startup Items",
    "Login Items",
    "App Store",
    "Business Relationships",
    "Threat Intel Vendors",
    "Threat Intelligence",
    "Domain Controller",
    "Third-party Software",
    "Graphical User Interface",
    "Command-Line Interface",
    "Application Layer Protocol",
    "Standard Application Layer Protocol",
    "Non-Application Layer Protocol",
    "Standard Non-Application Layer Protocol",
    "Commonly Used Port",
    "Uncommonly Used Port",
    "Custom Command and Control Protocol",
    "Custom Cryptographic Protocol",
    "Standard Cryptographic Protocol",
    "Remote Access Software",
    "Remote Access Tools",
    "Remote Access Hardware",
    "Web Session Cookie",
    "Application Access Token",
    "Multi-Factor Authentication",
    "One-Way Communication",
    "Server Software Component",
    "SQL Stored Procedures",
    "SSH Authorized Keys",
    "Cloud Instance Metadata API",
    "Network Device CLI",
    "Network Security Appliances",
    "Wi-Fi Networks",
    "Customer Relationship Management Software",
    "File Transfer Protocols",
    "Publish/Subscribe Protocols",
    "Pluggable Authentication Modules",
    "Conditional Access Policies",
    "Kernel Modules and Extensions",
    "Inter-Process Communication",
    "Thread Local Storage",
    "Distributed Component Object Model",
    "Outlook Home Page",
    "Setuid and Setgid",
    "Ptrace System Calls",
    "Cloud Service Dashboard",
    "Cloud Administration Command",
    "Container Administration Command",
    "Container CLI/API",
    "Out of Band Data",
    "Denial of Service",
    "Terminal Services DLL",
    "Cloud Secrets Management Stores",
    "At",
];

/// The term for what the registry starts at each login.
pub(super) const RUN_KEY: &str = "run key";

/// What ransomware does: an article about some speaks of this technique.
pub(super) const RANSOMWARE: &str = "T1486";

/// Whether a technique is to lure somebody: advice, statistics and advertisements are full of these.
pub(super) fn is_lure(id: &str) -> bool {
    id.starts_with("T1566") || id == "T1660"
}

/// Whether the name of a technique is so long that nothing else is called like it.
pub(super) fn is_long(value: &str, id: &str) -> bool {
    let name = bare(value);
    let is_ordinary = || {
        let key = Key::of(name).bytes;
        ORDINARY.iter().any(|other| Key::of(other).bytes == key)
    };
    names::words(name).count() >= LONG && rank(id).0 != PRE && !is_ordinary()
}

/// Names of techniques in so many words are names in any case.
const LONG: usize = 3;

/// What [`rank`] says first of techniques that were withdrawn with those before the compromise.
const PRE: u8 = 2;

/// What [`rank`] says first of techniques for mobile devices.
pub(super) const MOBILE: u8 = 1;

/// Which of the techniques with one name is meant: the smallest. Sub-techniques replaced what was a technique of its own
/// before (T1193 became T1566.001); those for mobile devices and before the compromise come after.
pub(super) fn rank(id: &str) -> (u8, u8, &str) {
    let number: u32 = id
        .get(1..5)
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0);
    let domain = if is_pre(number) {
        PRE
    } else {
        u8::from(is_mobile(number))
    };
    (domain, u8::from(!id.contains('.')), id)
}

/// Techniques of PRE-ATT&CK, withdrawn with version 8.
const fn is_pre(number: u32) -> bool {
    matches!(number, 1226..=1397)
}

/// Techniques of ATT&CK for Mobile.
const fn is_mobile(number: u32) -> bool {
    matches!(number, 1398..=1479 | 1481 | 1507..=1510 | 1512 | 1513 | 1516 | 1517 | 1521 | 1523 | 1532 | 1533 | 1540 | 1541 | 1544
        | 1575..=1577 | 1579..=1582 | 1603 | 1604 | 1616..=1618 | 1623..=1646 | 1655 | 1658 | 1660..=1664)
}

/// Beginnings of what is done against a technique, in lower case.
pub(super) const DEFENCE: &[&str] = &[
    "protect against",
    "protects against",
    "protection against",
    "prevent",
    "mitigat",
    "recommend",
    "defend against",
    "resistant",
    "protects from",
    "protect from",
    "protected from",
    "XDR",
    "solution",
    "customers are",
    "customers can",
    "awareness",
    "training",
    "best practice",
    "guard against",
    "stops",
    "out of the box",
    "safeguard",
    "coverage for",
    "our product",
    "our platform",
    "our engine",
    "product detects",
    "platform detects",
    "you learn",
    "you will learn",
    "students",
    "hands-on",
    "detection rule",
    "new rule",
    "behavioral rule",
    "behavioural rule",
    "rules identify",
    "rules detect",
    "rule detects",
    "rule identifies",
    "new detection",
    "new release",
    "our release",
    "this release",
    "release blocks",
    "release detects",
    "on the rise",
    "share of",
    "buyer",
    "trainers",
    "organisations should",
    "organizations should",
    "administrators should",
    "users should",
    "defenders should",
    "companies should",
    "customers should",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_technique_in_force_comes_first() {
        for (first, second) in [
            ("T1566.001", "T1193"),
            ("T1566.001", "T1598.002"),
            ("T1486", "T1471"),
            ("T1056.001", "T1417.001"),
            ("T1568.001", "T1325"),
            ("T1055", "T1631"),
            ("T1568.002", "T1520"),
        ] {
            assert!(rank(first) < rank(second), "{first} {second}");
        }
    }
}
