//! Names that paths are made of.

use super::super::extensions;

/// Extensions of files that are told as such by the path before them only, beside those that make a word by itself a
/// name of a file ([`extensions`]). Those of pages that a web server makes are in [`WEB`].
const EXTENSIONS: &[&str] = &[
    "a",
    "acm",
    "appex",
    "applescript",
    "application",
    "ax",
    "bks",
    "bpl",
    "cat",
    "cmdline",
    "com",
    "command",
    "cpi",
    "cron",
    "csh",
    "fon",
    "framework",
    "hlp",
    "img4",
    "kext",
    "ksh",
    "ldf",
    "library-ms",
    "list",
    "lz",
    "lzma",
    "mdf",
    "mof",
    "mst",
    "nupkg",
    "o",
    "obj",
    "odex",
    "onepkg",
    "out",
    "ovpn",
    "prf",
    "raw",
    "rll",
    "run",
    "socket",
    "timer",
    "tsv",
    "udl",
    "url",
    "vnc",
    "wbk",
];

/// Extensions of pages and of what they are made of: behind a `/` they are parts of URLs.
const WEB: &[&str] = &[
    "php", "php3", "php4", "php5", "php7", "phtml", "asp", "aspx", "ashx", "asmx", "axd", "jsp",
    "jspx", "jspa", "do", "action", "cgi", "cfm", "html", "htm", "shtml", "xhtml", "css", "js",
    "mjs", "map", "json", "xml", "rss", "png", "jpg", "jpeg", "gif", "svg", "ico", "webp", "woff",
    "woff2", "ttf", "eot", "mp4", "webm", "txt", "md", "pdf", "wasm", "ts", "md5", "app", "key",
    "url", "pub",
];

/// Directories whose names hold blanks, in lower case; longer ones first where one begins with another.
pub(super) const WITH_BLANKS: &[&str] = &[
    "program files (x86)",
    "program files (arm)",
    "program files",
    "documents and settings",
    "local settings",
    "application data",
    "application support",
    "temporary internet files",
    "start menu",
    "all users",
    "default user",
    "common files",
    "my documents",
    "my music",
    "my pictures",
    "my videos",
    "windows nt",
    "windows defender advanced threat protection",
    "windows defender",
    "windows mail",
    "windows media player",
    "windows photo viewer",
    "windows portable devices",
    "windows sidebar",
    "windows kits",
    "windows security",
    "windows live",
    "internet explorer",
    "flash player",
    "user data",
    "user pinned",
    "quick launch",
    "saved games",
    "microsoft office",
    "microsoft visual studio",
    "microsoft sql server",
    "microsoft sdks",
    "microsoft shared",
    "microsoft edge",
    "microsoft games",
    "microsoft help",
    "microsoft onedrive",
    "microsoft games for windows",
    "microsoft security client",
    "microsoft sharepoint",
    "microsoft exchange",
    "exchange server",
    "web server extensions",
    "reference assemblies",
    "administrative tools",
    "system volume information",
    "system tools",
    "mozilla firefox",
    "mozilla thunderbird",
    "opera software",
    "opera stable",
    "telegram desktop",
    "google chrome",
    "crypto wallet",
    "local storage",
    "session storage",
    "login data",
    "web data",
    "event viewer",
    "assembly cache",
    "config files",
    "file system",
    "group containers",
    "mobile documents",
    "internet plug-ins",
    "saved application state",
    "virtualbox guest additions",
    "vmware tools",
    "public account pictures",
    "media player",
    "network shortcuts",
    "printer shortcuts",
];

/// Directories of Windows: a path without a drive that has one of them is a path.
const WINDOWS: &[&str] = &[
    "windows",
    "winnt",
    "system32",
    "syswow64",
    "sysnative",
    "appdata",
    "programdata",
    "users",
    "temp",
    "tmp",
    "roaming",
    "local",
    "locallow",
    "microsoft",
    "startup",
    "desktop",
    "downloads",
    "documents",
    "tasks",
    "wbem",
    "drivers",
    "inetpub",
    "wwwroot",
    "perflogs",
    "recycler",
    "$recycle.bin",
    "program files",
    "program files (x86)",
    "documents and settings",
    "application data",
    "start menu",
    "device",
    "systemroot",
    "globalroot",
];

/// Directories at the root of Unix file systems (Filesystem Hierarchy Standard 3.0, macOS, Android), as written.
const ROOTS: &[&str] = &[
    "tmp",
    "var",
    "etc",
    "usr",
    "opt",
    "home",
    "root",
    "bin",
    "sbin",
    "dev",
    "proc",
    "sys",
    "boot",
    "lib",
    "lib32",
    "lib64",
    "mnt",
    "media",
    "srv",
    "run",
    "snap",
    "Library",
    "Users",
    "Applications",
    "System",
    "Volumes",
    "Network",
    "private",
    "cores",
    "data",
    "sdcard",
    "storage",
    "system",
    "vendor",
    "jffs",
    "nvram",
    "userfs",
];

/// Directories at the root that are as common at the start of a URL's path.
const AMBIGUOUS_ROOTS: &[&str] = &[
    "home", "media", "data", "storage", "system", "lib", "run", "vendor", "Network", "dev", "opt",
    "bin", "root",
];

/// What stands behind the last full stop of the last component, if it looks like an extension.
pub(super) fn extension(path: &str) -> Option<&str> {
    let name = path.rsplit(['\\', '/']).next()?;
    let (stem, extension) = name.rsplit_once('.')?;
    let fits = !stem.is_empty() || path.len() > name.len();
    (fits && !extension.is_empty() && extension.len() <= 17).then_some(extension)
}

fn has(list: &[&str], name: &str) -> bool {
    list.iter().any(|entry| entry.eq_ignore_ascii_case(name))
}

/// Whether a path or name ends in an extension of files.
pub(super) fn is_file(path: &str) -> bool {
    extension(path).is_some_and(|extension| {
        extensions::of(extension).is_some() || has(EXTENSIONS, extension) || has(WEB, extension)
    })
}

/// Whether a path ends in an extension that is usual in URLs.
pub(super) fn is_page(path: &str) -> bool {
    extension(path).is_some_and(|extension| has(WEB, extension))
}

/// Whether a component is a directory of Windows.
pub(super) fn is_windows(component: &str) -> bool {
    has(WINDOWS, component)
}

/// Whether a component stands at the root of Unix file systems.
pub(super) fn is_root(component: &str) -> bool {
    ROOTS.contains(&component)
}

/// Whether a component stands at the root of file systems and of sites.
pub(super) fn is_ambiguous_root(component: &str) -> bool {
    AMBIGUOUS_ROOTS.contains(&component)
}

/// The length of the name with blanks that `rest` begins with, whatever its case; 0 if none. `names` are in
/// lower case.
pub(in super::super) fn with_blanks(names: &[&str], rest: &str) -> usize {
    names
        .iter()
        .find(|name| {
            rest.get(..name.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(name))
                && !rest
                    .as_bytes()
                    .get(name.len())
                    .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        })
        .map_or(0, |name| name.len())
}
