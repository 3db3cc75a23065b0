//! Words that decide between host, file and code. Every list is in lower case.

/// Asks about a word in lower case. Words longer than any in the lists are not asked about.
pub(super) fn lower<T: Default>(word: &str, ask: impl FnOnce(&str) -> T) -> T {
    let mut buffer = [0; 24];
    let Some(copy) = buffer.get_mut(..word.len()) else {
        return T::default();
    };
    if !word.is_ascii() {
        return ask(&word.to_lowercase());
    }
    copy.copy_from_slice(word.as_bytes());
    copy.make_ascii_lowercase();
    std::str::from_utf8(copy).map(ask).unwrap_or_default()
}

/// How likely a name below a top-level domain is a host when nothing else is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Suffix {
    /// Hardly ever anything but a host: `.com`.
    Strong,
    /// Usually a host: most country codes, and the new domains that are used most.
    Plain,
    /// Also a word or a member of objects in code: `.info`, `.name`, `.in`.
    Word,
    /// Usually a method or an English word: `.open`, `.new`.
    Verb,
    /// Sometimes the extension of a file: `.pl`.
    MaybeFile,
    /// Usually the extension of a file: `.py`.
    File,
    /// Not in the root of the DNS: `.bit`.
    Special,
}

const STRONG: &[&str] = &[
    "biz", "cn", "com", "edu", "gov", "mil", "net", "org", "ru", "su",
];

/// Longer domains under which hosts are common and that are no usual names of members.
const PLAIN: &[&str] = &[
    "academy",
    "accountant",
    "aero",
    "africa",
    "agency",
    "art",
    "asia",
    "autos",
    "beauty",
    "best",
    "bid",
    "bio",
    "blog",
    "boats",
    "bond",
    "buzz",
    "casa",
    "casino",
    "center",
    "cfd",
    "city",
    "cloud",
    "club",
    "company",
    "coop",
    "cricket",
    "cyou",
    "digital",
    "domains",
    "download",
    "email",
    "events",
    "faith",
    "fun",
    "fyi",
    "gallery",
    "games",
    "gdn",
    "guru",
    "hair",
    "homes",
    "host",
    "hosting",
    "icu",
    "jobs",
    "lat",
    "life",
    "live",
    "loan",
    "lol",
    "ltd",
    "makeup",
    "marketing",
    "men",
    "mobi",
    "mom",
    "monster",
    "moscow",
    "museum",
    "network",
    "news",
    "ninja",
    "one",
    "online",
    "ooo",
    "party",
    "photography",
    "photos",
    "plus",
    "pro",
    "quest",
    "racing",
    "rest",
    "review",
    "reviews",
    "rocks",
    "sbs",
    "science",
    "services",
    "shop",
    "site",
    "skin",
    "solutions",
    "space",
    "store",
    "stream",
    "studio",
    "support",
    "systems",
    "tattoo",
    "tech",
    "technology",
    "tel",
    "tokyo",
    "top",
    "trade",
    "travel",
    "vip",
    "wang",
    "website",
    "wiki",
    "win",
    "work",
    "works",
    "world",
    "wtf",
    "xin",
    "xyz",
    "yachts",
    "zone",
];

/// Country codes that are words or common members.
const WORDS: &[&str] = &[
    "ad", "ag", "ai", "al", "am", "as", "at", "be", "by", "do", "et", "gt", "id", "il", "im", "in",
    "is", "it", "la", "lt", "me", "my", "ne", "no", "pm", "so", "st", "to", "us",
];

/// Longer domains that are usual names of methods and members, or usual first words of a sentence.
const VERBS: &[&str] = &[
    "bar",
    "boo",
    "book",
    "box",
    "build",
    "cal",
    "call",
    "cam",
    "car",
    "cash",
    "compare",
    "contact",
    "date",
    "discover",
    "dot",
    "drive",
    "fail",
    "fast",
    "final",
    "fire",
    "fit",
    "fly",
    "food",
    "free",
    "got",
    "group",
    "help",
    "here",
    "hot",
    "hotel",
    "how",
    "ing",
    "ink",
    "int",
    "land",
    "law",
    "like",
    "living",
    "locker",
    "man",
    "media",
    "meet",
    "menu",
    "mint",
    "mobile",
    "money",
    "moto",
    "new",
    "next",
    "now",
    "off",
    "open",
    "origins",
    "package",
    "page",
    "parts",
    "pay",
    "pet",
    "pin",
    "ping",
    "play",
    "prod",
    "promo",
    "property",
    "protection",
    "read",
    "red",
    "rent",
    "repair",
    "report",
    "room",
    "run",
    "safe",
    "safety",
    "sale",
    "save",
    "search",
    "secure",
    "security",
    "seek",
    "select",
    "seven",
    "show",
    "sky",
    "smart",
    "smile",
    "song",
    "sport",
    "style",
    "sucks",
    "tab",
    "target",
    "team",
    "tips",
    "today",
    "total",
    "trust",
    "tube",
    "uno",
    "vote",
    "voting",
    "watch",
    "weather",
    "web",
    "windows",
    "wow",
    "you",
    "zero",
];

const MAYBE_FILES: &[&str] = &["ac", "app", "cc", "mk", "ml", "ms", "pl", "tf"];

const FILES: &[&str] = &[
    "cab",
    "cat",
    "cpa",
    "data",
    "docs",
    "foo",
    "inc",
    "java",
    "map",
    "md",
    "mm",
    "mov",
    "pm",
    "prof",
    "properties",
    "ps",
    "pub",
    "py",
    "rs",
    "sc",
    "sh",
    "so",
    "zip",
];

/// The class of a top-level domain in lower case.
pub(super) fn suffix(tld: &str, special: bool) -> Suffix {
    if tld == "lib" {
        Suffix::File
    } else if special {
        Suffix::Special
    } else if STRONG.binary_search(&tld).is_ok() {
        Suffix::Strong
    } else if FILES.binary_search(&tld).is_ok() {
        Suffix::File
    } else if MAYBE_FILES.binary_search(&tld).is_ok() {
        Suffix::MaybeFile
    } else if VERBS.binary_search(&tld).is_ok() {
        Suffix::Verb
    } else if WORDS.binary_search(&tld).is_ok() {
        Suffix::Word
    } else if tld.len() == 2
        || !tld.is_ascii()
        || tld.starts_with("xn--")
        || PLAIN.binary_search(&tld).is_ok()
    {
        Suffix::Plain
    } else {
        Suffix::Word
    }
}

/// Names of objects, modules and namespaces that no host begins with.
const OBJECTS: &[&str] = &[
    "android",
    "androidx",
    "args",
    "argv",
    "arr",
    "array",
    "asyncio",
    "bar",
    "baz",
    "buf",
    "bytes",
    "classes",
    "cls",
    "console",
    "const",
    "ctx",
    "dalvik",
    "document",
    "elem",
    "element",
    "evt",
    "exports",
    "foo",
    "func",
    "function",
    "golang",
    "header",
    "idaapi",
    "idautils",
    "idc",
    "io",
    "java",
    "javax",
    "json",
    "kotlin",
    "kotlinx",
    "kwargs",
    "logging",
    "math",
    "microsoft",
    "module",
    "mscorlib",
    "navigator",
    "nil",
    "null",
    "numpy",
    "obj",
    "object",
    "os",
    "params",
    "parent",
    "pathlib",
    "pefile",
    "proto",
    "prototype",
    "ptr",
    "re",
    "regex",
    "req",
    "requests",
    "res",
    "ret",
    "self",
    "shutil",
    "socket",
    "std",
    "str",
    "string",
    "struct",
    "subprocess",
    "sys",
    "system",
    "this",
    "threading",
    "tmp",
    "undefined",
    "urllib",
    "val",
    "var",
    "vm",
    "win32",
    "window",
    "wscript",
    "yara",
    "zlib",
];

/// Names of objects that hosts begin with, too: they count only in a name of two labels.
const MAYBE_OBJECTS: &[&str] = &[
    "action",
    "activity",
    "agent",
    "alert",
    "app",
    "application",
    "base",
    "body",
    "browser",
    "button",
    "cert",
    "client",
    "cloud",
    "command",
    "config",
    "configuration",
    "connection",
    "container",
    "context",
    "cookie",
    "crypto",
    "data",
    "destination",
    "device",
    "dns",
    "dom",
    "domain",
    "editor",
    "email",
    "entry",
    "env",
    "error",
    "event",
    "field",
    "file",
    "flow",
    "folder",
    "form",
    "frame",
    "global",
    "group",
    "handle",
    "handler",
    "hash",
    "host",
    "http",
    "https",
    "image",
    "index",
    "info",
    "input",
    "instance",
    "internal",
    "item",
    "items",
    "key",
    "list",
    "local",
    "location",
    "log",
    "logger",
    "mail",
    "map",
    "mem",
    "memory",
    "menu",
    "message",
    "method",
    "model",
    "msg",
    "name",
    "network",
    "node",
    "option",
    "options",
    "output",
    "owner",
    "package",
    "page",
    "path",
    "payload",
    "pipe",
    "plugin",
    "port",
    "post",
    "process",
    "profile",
    "project",
    "props",
    "query",
    "reader",
    "record",
    "registry",
    "related",
    "request",
    "resource",
    "response",
    "result",
    "root",
    "row",
    "rule",
    "screen",
    "script",
    "server",
    "service",
    "session",
    "settings",
    "signature",
    "smtp",
    "source",
    "stack",
    "state",
    "status",
    "store",
    "stream",
    "style",
    "table",
    "target",
    "task",
    "test",
    "text",
    "thread",
    "threat",
    "tls",
    "token",
    "type",
    "url",
    "user",
    "util",
    "utils",
    "value",
    "view",
    "volume",
    "web",
    "widget",
    "worker",
    "writer",
];

/// Whether a label names an object in code and hardly ever begins the name of a host.
pub(super) fn is_object(label: &str) -> bool {
    OBJECTS.binary_search(&label).is_ok()
}

/// Whether a label is a usual name of an object in code, but also of a host: `client`, `mail`.
pub(super) fn may_be_object(label: &str) -> bool {
    is_object(label) || MAYBE_OBJECTS.binary_search(&label).is_ok()
}

/// Top-level domains that begin names in reverse order: Java packages, bundle and application ids.
pub(super) fn is_reversed(first: &str) -> bool {
    matches!(
        first,
        "com"
            | "org"
            | "net"
            | "io"
            | "edu"
            | "gov"
            | "de"
            | "ru"
            | "cn"
            | "dev"
            | "me"
            | "app"
            | "co"
            | "info"
    )
}

/// Abbreviations that end in a full stop.
pub(super) fn is_abbreviation(label: &str) -> bool {
    matches!(
        label,
        "etc"
            | "vs"
            | "cf"
            | "al"
            | "approx"
            | "resp"
            | "fig"
            | "inc"
            | "ltd"
            | "corp"
            | "dr"
            | "mr"
            | "mrs"
            | "st"
            | "vol"
            | "ver"
            | "ca"
            | "eg"
            | "ie"
            | "usw"
            | "bzw"
            | "max"
            | "min"
            | "no"
            | "nr"
    )
}

/// Frameworks that are called like a file or a host.
const PRODUCTS: &[&str] = &[
    "ado.net",
    "angular.js",
    "asp.net",
    "backbone.js",
    "chart.js",
    "d3.js",
    "discord.js",
    "electron.js",
    "ember.js",
    "express.js",
    "fastify.js",
    "koa.js",
    "meteor.js",
    "ml.net",
    "moment.js",
    "nest.js",
    "next.js",
    "node.js",
    "nuxt.js",
    "p5.js",
    "paint.net",
    "react.js",
    "require.js",
    "socket.io",
    "svelte.js",
    "system.io",
    "system.net",
    "three.js",
    "vb.net",
    "vba.net",
    "vue.js",
];

/// Whether a name is that of a framework.
pub(super) fn is_product(name: &str) -> bool {
    name.ends_with(['s', 't', 'o']) && PRODUCTS.binary_search(&name).is_ok()
}

/// Programs of DOS and Windows that end in `.com`.
pub(super) fn is_dos_program(name: &str) -> bool {
    matches!(
        name,
        "command.com"
            | "chcp.com"
            | "format.com"
            | "mode.com"
            | "more.com"
            | "tree.com"
            | "diskcopy.com"
            | "diskcomp.com"
            | "loadfix.com"
            | "edit.com"
    )
}

/// Parts of the names by which anti-virus products call malware.
const DETECTION: &[&str] = &[
    "adware",
    "agent",
    "androidos",
    "backdoor",
    "banker",
    "bot",
    "deepscan",
    "downloader",
    "dropper",
    "exploit",
    "filecoder",
    "gen",
    "generic",
    "generickd",
    "hacktool",
    "heur",
    "inject",
    "injector",
    "keylogger",
    "kryptik",
    "linux",
    "macos",
    "malware",
    "miner",
    "msil",
    "msoffice",
    "multi",
    "osx",
    "packed",
    "pua",
    "pup",
    "ransom",
    "risktool",
    "riskware",
    "rootkit",
    "script",
    "shell",
    "spy",
    "spyware",
    "stealer",
    "suspicious",
    "trojan",
    "variant",
    "virus",
    "w32",
    "w64",
    "w97m",
    "win32",
    "win64",
    "worm",
];

/// Whether a label is a usual part of a detection name.
pub(super) fn is_detection_part(label: &str) -> bool {
    DETECTION.binary_search(&label).is_ok()
        || label.starts_with("trojan")
        || label.starts_with("not-a-virus")
}

/// Words before a value, or in the header of its column, that call it a domain.
const DOMAIN_LABELS: &[&str] = &[
    "domain",
    "domaine",
    "domaines",
    "domainname",
    "domainnames",
    "domains",
    "dominio",
    "dominios",
    "domäne",
    "domänen",
    "domínio",
    "fqdn",
    "fqdns",
    "hostname",
    "hostnamen",
    "hostnames",
    "nameserver",
    "nameservers",
    "sub-domain",
    "sub-domains",
    "subdomain",
    "subdomains",
    "typosquatted",
    "typosquatting",
    "домен",
    "домена",
    "домене",
    "домены",
];

/// Words that call it a host, or speak of what runs there.
const HOST_LABELS: &[&str] = &[
    "dns",
    "host",
    "hosts",
    "hôte",
    "resolved",
    "resolves",
    "resolving",
    "site",
    "sites",
    "sitio",
    "webpage",
    "webseite",
    "website",
    "websites",
    "сайт",
    "сайта",
];

/// Words that do so when no file is likely.
const MAYBE_HOST_LABELS: &[&str] = &[
    "address",
    "addresses",
    "beacons",
    "c&c",
    "c2",
    "c2c",
    "c2s",
    "callback",
    "cc",
    "cnc",
    "connects",
    "contacted",
    "contacts",
    "forum",
    "forums",
    "hosted",
    "indicator",
    "indicators",
    "infrastructure",
    "ioc",
    "iocs",
    "marketplace",
    "network",
    "panel",
    "panels",
    "redirected",
    "redirects",
    "registrar",
    "server",
    "servers",
    "serveur",
    "servidor",
    "url",
    "urls",
    "via",
    "visit",
    "visited",
    "сервер",
    "сервера",
    "серверы",
];

/// How strongly a word calls what follows a host.
pub(super) fn host_label(word: &str) -> Option<Label> {
    if DOMAIN_LABELS.binary_search(&word).is_ok() {
        Some(Label::Domain)
    } else if HOST_LABELS.binary_search(&word).is_ok() {
        Some(Label::Sure)
    } else if MAYBE_HOST_LABELS.binary_search(&word).is_ok() {
        Some(Label::Likely)
    } else {
        None
    }
}

/// Strength of a word that calls something a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Label {
    /// May also speak of what runs there.
    Likely,
    /// Speaks of hosts.
    Sure,
    /// Speaks of names of hosts.
    Domain,
}

/// Whether the end of a line of Chinese, Japanese or Korean calls what follows a domain.
pub(super) fn ends_in_domain_label(before: &str) -> bool {
    let tail = before
        .char_indices()
        .rev()
        .take(6)
        .last()
        .map_or(0, |(at, _)| at);
    let tail = before.get(tail..).unwrap_or_default();
    ["域名", "网域", "網域", "ドメイン", "도메인"]
        .iter()
        .any(|label| tail.contains(label))
}

/// Whether three words, the last first, end in a phrase that is followed by a host and not by a file.
pub(super) fn ends_in_host_phrase(last: &str, second: &str, third: &str) -> bool {
    let is_site = |word: &str| {
        matches!(
            word,
            "site" | "sites" | "website" | "websites" | "webseite" | "sitio" | "сайт" | "сайта"
        )
    };
    let is_server = |word: &str| matches!(word, "server" | "host" | "c2" | "c&c" | "cnc" | "panel");
    let is_contact = |word: &str| {
        matches!(
            word,
            "connects"
                | "connected"
                | "connecting"
                | "connections"
                | "connection"
                | "beacons"
                | "beaconing"
                | "redirects"
                | "redirected"
                | "queries"
                | "requests"
                | "traffic"
        )
    };
    match last {
        _ if is_site(last) => true,
        "resolve" | "resolves" | "resolving" | "pinging" => true,
        "is" | "at" | "was" if is_site(second) || is_server(second) => true,
        "at" | "on" => matches!(second, "hosted" | "registered"),
        "to" => is_contact(second),
        "for" | "of" => {
            matches!(
                second,
                "queries" | "query" | "lookup" | "lookups" | "requests" | "request"
            ) && third == "dns"
        }
        _ => false,
    }
}

/// Commands that are given a host.
pub(super) fn is_network_command(word: &str) -> bool {
    matches!(
        word,
        "curl"
            | "wget"
            | "ping"
            | "nslookup"
            | "dig"
            | "telnet"
            | "tracert"
            | "traceroute"
            | "whois"
            | "ssh"
            | "nc"
            | "ncat"
    )
}

/// Labels that hosts below a registered name are usually called by.
pub(super) fn is_host_prefix(label: &str) -> bool {
    matches!(
        label,
        "admin"
            | "api"
            | "assets"
            | "auth"
            | "blog"
            | "c2"
            | "cdn"
            | "cloud"
            | "cpanel"
            | "dev"
            | "dl"
            | "download"
            | "files"
            | "ftp"
            | "get"
            | "gate"
            | "img"
            | "images"
            | "login"
            | "m"
            | "mail"
            | "mx"
            | "ns1"
            | "ns2"
            | "panel"
            | "pop"
            | "portal"
            | "proxy"
            | "secure"
            | "smtp"
            | "sso"
            | "static"
            | "support"
            | "update"
            | "updates"
            | "vpn"
            | "webmail"
            | "www"
            | "www2"
    )
}

/// Known services whose names look like a file or a word.
pub(super) fn is_known_host(name: &str) -> bool {
    matches!(
        name,
        "0x0.st"
            | "catbox.moe"
            | "draw.io"
            | "file.io"
            | "notion.so"
            | "oshi.at"
            | "paste.rs"
            | "t.me"
            | "temp.sh"
            | "transfer.sh"
            | "discord.gg"
            | "any.run"
            | "abuse.ch"
            | "archive.is"
            | "archive.ph"
            | "bashupload.com"
            | "docs.rs"
            | "crates.io"
    )
}

/// Whether a word calls what stands beside it a file.
pub(super) fn is_file_label(word: &str) -> bool {
    matches!(
        word,
        "file"
            | "files"
            | "filename"
            | "filenames"
            | "script"
            | "scripts"
            | "archive"
            | "archives"
            | "attachment"
            | "attachments"
            | "library"
            | "module"
            | "bundle"
            | "executable"
            | "binary"
            | "dll"
            | "named"
            | "datei"
            | "fichier"
            | "файл"
            | "файла"
            | "文件"
            | "python"
            | "perl"
            | "bash"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        for list in [
            STRONG,
            PLAIN,
            WORDS,
            VERBS,
            MAYBE_FILES,
            FILES,
            OBJECTS,
            MAYBE_OBJECTS,
            PRODUCTS,
            DETECTION,
            DOMAIN_LABELS,
            HOST_LABELS,
            MAYBE_HOST_LABELS,
        ] {
            assert!(list.is_sorted(), "{list:?}");
        }
    }
}
