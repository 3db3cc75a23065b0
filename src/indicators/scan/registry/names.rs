//! Names of hives and keys.

use super::super::paths::walk;
use super::starts_with;

/// Predefined keys (Microsoft, "Predefined Keys") and their short names; longer ones first.
const HIVES: &[&str] = &[
    "HKEY_LOCAL_MACHINE",
    "HKEY_CURRENT_USER_LOCAL_SETTINGS",
    "HKEY_CURRENT_USER",
    "HKEY_CLASSES_ROOT",
    "HKEY_USERS",
    "HKEY_CURRENT_CONFIG",
    "HKEY_PERFORMANCE_DATA",
    "HKEY_DYN_DATA",
    "HKLM",
    "HKCU",
    "HKCR",
    "HKCC",
    "HKPD",
    "HKU",
];

/// What keys begin with when their hive is left out, with the separators single.
const ROOTS: &[&str] = &[
    r"software\",
    r"system\currentcontrolset\",
    r"system\controlset00",
    r"system\setup\",
    r"system\mounteddevices",
    r"system\select",
    r"currentcontrolset\",
    r"hardware\acpi\",
    r"hardware\description\",
    r"hardware\devicemap\",
    r"hardware\resourcemap\",
    r"sam\sam\",
    r"security\policy\",
];

/// Names that hold blanks, in lower case; longer ones first where one begins with another.
const WITH_BLANKS: &[&str] = &[
    "windows nt",
    "image file execution options",
    "session manager",
    "user shell folders",
    "shell folders",
    "active setup",
    "installed components",
    "internet settings",
    "internet explorer",
    "browser helper objects",
    "control panel",
    "terminal server client",
    "terminal server",
    "terminal services",
    "windows defender security center",
    "windows defender advanced threat protection",
    "windows defender exploit guard",
    "windows defender",
    "real-time protection",
    "signature updates",
    "windows script host",
    "windows error reporting",
    "windows messaging subsystem",
    "windows mail",
    "windows search",
    "windows update",
    "windows firewall",
    "windows security health",
    "windows media player",
    "windows live",
    "windows file protection",
    "windows photo viewer",
    "windows portable devices",
    "security center",
    "security providers",
    "protected storage system provider",
    "outlook express",
    "app paths",
    "command processor",
    "credential providers",
    "credential provider filters",
    "group policy objects",
    "group policy",
    "code store database",
    "distribution units",
    "advanced options",
    "url searchhooks",
    "explorer bars",
    "extension compatibility",
    "user agent",
    "post platform",
    "trusted documents",
    "trusted locations",
    "file mru",
    "place mru",
    "user mru",
    "file system",
    "virtualbox guest additions",
    "vmware, inc.",
    "vmware tools",
    "network provider",
    "network list",
    "network settings",
    "authentication packages",
    "notification packages",
    "security packages",
    "time zones",
    "desktop background",
    "email accounts",
    "saved sessions",
    "access connection manager",
    "connection manager",
    "print providers",
    "print processors",
    "monitoring host",
    "multimedia\\audio",
    "scsi port",
    "scsi bus 0",
    "target id 0",
    "logical unit id 0",
    "local port",
    "standard tcp/ip port",
    "safe boot",
    "side by side",
    "sharedaccess parameters",
    "system certificates",
    "root certificates",
    "application compatibility",
    "appcompatflags custom",
    "custom dlls",
    "extended properties",
    "microsoft office",
    "microsoft sql server",
    "microsoft antimalware",
    "mozilla firefox",
    "google chrome",
    "the bat!",
    "total commander",
    "ghisler\\total commander",
    "winscp 2",
    "martin prikryl",
    "foxmail preview",
    "far manager",
    "classes root",
    "local appwizard-generated applications",
    "local settings",
    "attachment manager",
    "public key services",
    "event log",
    "remote access",
    "remote assistance",
    "advanced threat protection",
];

/// Keys to whose values malware writes, in lower case: what stands behind them is no part of their name.
const WITH_VALUES: &[&str] = &[
    "run",
    "runonce",
    "runonceex",
    "runservices",
    "runservicesonce",
    "winlogon",
    "currentversion",
    "advanced",
    "lsa",
    "command",
    "environment",
    "parameters",
];

/// Whether the key of this name holds values that are written beside it.
pub(super) fn holds_values(name: &str) -> bool {
    WITH_VALUES
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

/// The length of the hive that `rest` begins with; 0 if it begins with none or with a longer word.
pub(super) fn hive(rest: &str) -> usize {
    if !starts_with(rest, "hk") {
        return 0;
    }
    HIVES
        .iter()
        .find(|hive| starts_with(rest, hive))
        .map_or(0, |hive| hive.len())
}

/// Whether `rest` begins with what stands below a hive.
pub(super) fn is_root(rest: &str) -> bool {
    ROOTS.iter().any(|root| starts_as(rest, root))
}

/// Whether `rest` begins with `root`, in whatever case and with any number of backslashes for each.
fn starts_as(rest: &str, root: &str) -> bool {
    let mut rest = rest.bytes().take(64).peekable();
    for expected in root.bytes() {
        if rest
            .next()
            .is_none_or(|byte| !byte.eq_ignore_ascii_case(&expected))
        {
            return false;
        }
        while expected == b'\\' && rest.next_if_eq(&b'\\').is_some() {}
    }
    true
}

/// The length of the name with blanks that `rest` begins with; 0 if none.
pub(super) fn with_blanks(rest: &str) -> usize {
    walk::with_blanks(WITH_BLANKS, rest)
}
