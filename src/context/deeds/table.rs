//! Which things and which words for what is done tell a technique (ATT&CK 17).

use super::Deed;

/// What words say, as bits.
pub(in crate::context) mod cue {
    /// It may be, should be, or is not so.
    pub(crate) const DOUBT: u64 = 1;
    /// Somebody who attacks.
    pub(crate) const ACTOR: u64 = 1 << 1;
    pub(crate) const EXPLOIT: u64 = 1 << 2;
    /// From machine to machine.
    pub(crate) const MOVE: u64 = 1 << 3;
    pub(crate) const LOGIN: u64 = 1 << 4;
    /// Into the network.
    pub(crate) const ENTER: u64 = 1 << 5;
    /// Credentials that are not theirs.
    pub(crate) const STOLEN: u64 = 1 << 6;
    pub(crate) const INSTALL: u64 = 1 << 7;
    pub(crate) const USE: u64 = 1 << 8;
    pub(crate) const DUMP: u64 = 1 << 9;
    pub(crate) const PACK: u64 = 1 << 10;
    pub(crate) const EXFILTRATE: u64 = 1 << 11;
    /// Copied somewhere, whatever it is.
    pub(crate) const SEND: u64 = 1 << 12;
    pub(crate) const DISABLE: u64 = 1 << 13;
    pub(crate) const RANSOM: u64 = 1 << 14;
    /// What ransomware encrypts.
    pub(crate) const FILES: u64 = 1 << 15;
    /// What is encrypted so that nobody reads it.
    pub(crate) const TRAFFIC: u64 = 1 << 16;
    pub(crate) const THREATEN: u64 = 1 << 17;
    pub(crate) const LIST: u64 = 1 << 18;
    pub(crate) const STEAL: u64 = 1 << 19;
    pub(crate) const PASSWORD: u64 = 1 << 20;
    pub(crate) const CREATE: u64 = 1 << 21;
    pub(crate) const PHISH: u64 = 1 << 22;
    pub(crate) const MAIL: u64 = 1 << 23;
    pub(crate) const ATTACH: u64 = 1 << 24;
    pub(crate) const LINK: u64 = 1 << 25;
    pub(crate) const SPREAD: u64 = 1 << 26;
    pub(crate) const POSE: u64 = 1 << 27;
    pub(crate) const RUN: u64 = 1 << 28;
    pub(crate) const SERVER: u64 = 1 << 29;
    pub(crate) const TUNNEL: u64 = 1 << 30;
    /// It only looks like the thing.
    pub(crate) const FAKE: u64 = 1 << 31;
    /// A VPN that hides who comes.
    pub(crate) const HIDDEN: u64 = 1 << 32;
    /// A program that opens files, not one that answers on the network.
    pub(crate) const CLIENT: u64 = 1 << 33;
    pub(crate) const OPEN: u64 = 1 << 34;
    /// What goes over the network.
    pub(crate) const FLOW: u64 = 1 << 35;
    pub(crate) const FLAW: u64 = 1 << 36;
    /// One machine talks to another.
    pub(crate) const TALK: u64 = 1 << 37;
    /// It happened to somebody.
    pub(crate) const TOLD: u64 = 1 << 38;
    /// A program that runs, or its memory.
    pub(crate) const PROCESS: u64 = 1 << 39;
    /// A page of the web, or a query.
    pub(crate) const PAGE: u64 = 1 << 40;
    /// A program of attackers.
    pub(crate) const MALWARE: u64 = 1 << 41;
    /// Somebody was attacked by way of it.
    pub(crate) const STRIKE: u64 = 1 << 42;
    /// From outside.
    pub(crate) const AFAR: u64 = 1 << 43;
    /// Before the thing: it goes to or over it.
    pub(crate) const TOWARDS: u64 = 1 << 44;
    /// The thing is a way in for its flaws.
    pub(crate) const WEAK: u64 = 1 << 45;
    /// Found out about a machine.
    pub(crate) const GATHER: u64 = 1 << 46;
    pub(crate) const STOP: u64 = 1 << 47;
    /// Made a member of it.
    pub(crate) const ADD: u64 = 1 << 48;
    pub(crate) const MODIFY: u64 = 1 << 49;
}

/// What words say: in lower case, parted by commas; with `*` also what begins with them.
pub(super) const CUES: &[(u64, &str)] = &[
    (
        cue::DOUBT,
        "contest, not, no, never, none, neither, cannot, could, may, might, would, should, must, can be, if, unless, whether, \
         how to, attempted to, without, recommend*, we advise, detects, protects, prevent*, mitigat*, customers can, \
         customers use, our product*, our platform, administrators, help desks, employees use, red team*, you learn, \
         students, course, training, detection rule*, new rule*, new detection*, new release, our release, this release, \
         rules identify, rules detect, rule detects, blocks",
    ),
    (
        cue::ACTOR,
        "attacker*, intruder*, adversar*, threat actor*, actor*, affiliate*, operators, hacker*, gang*, group, \
         criminals, they",
    ),
    (
        cue::EXPLOIT,
        "exploited, exploits, exploiting, exploit, exploitation of",
    ),
    (
        cue::MOVE,
        "laterally, lateral movement, moved around, moved through, moved between, moved across, moved to other, \
         moved from, moved on, moved with, moved via, moved using, moved by, moved over, pivoted, pivoting, \
         to other hosts, to other machines, to other systems, to other servers",
    ),
    (
        cue::LOGIN,
        "logged in*, logged on*, logs in*, logs on*, log in, log on, login*, logging in*, signed in, authenticated, \
         authenticate",
    ),
    (
        cue::ENTER,
        "initial access, gained access, gain access, gains access, gaining access, got in, came in, broke in, \
         entered, way in, entry point, foothold",
    ),
    (cue::STOLEN | cue::STEAL, "stolen, harvested"),
    (
        cue::STOLEN,
        "compromised, leaked, bought, purchased, former employee*",
    ),
    (
        cue::INSTALL,
        "installed, installs, installing, install, deployed, deploys, deploying, dropped, drops, downloaded, \
         downloads, fetch, fetched, set up, persisten*, remote access",
    ),
    (
        cue::USE,
        "used, use, uses, using, ran, abused, abuses, abuse, abusing, leveraged, leverages, leverage, leveraging, employ, \
         employs, employed, utiliz*, utilis*, rely on, relies on, relied on, relying on, via, through",
    ),
    (
        cue::DUMP,
        "dumped, dumping, dumps, dump, memory of, procdump*, comsvcs*, extracted credentials, credentials from, obtained, content of, contents of",
    ),
    (
        cue::PACK,
        "archived, packed, compressed, compress, archiving, compressing, split, staged",
    ),
    (
        cue::EXFILTRATE | cue::SEND,
        "exfiltrat*, sent out, stole data, steal data, steal files, stole files, data theft, take the data, \
         took the data, data out, stolen data, stolen files",
    ),
    (cue::SEND, "uploaded, upload, pushed, copied, transferred"),
    (
        cue::DISABLE,
        "disabled, disables, disabling, disable, switched off, switches off, switch off, turned off, turns off, \
         turn off, add exclusions, adds exclusions, added exclusions, adding exclusions, kill, killed, kills, killing, terminat*, tampered with, uninstalled, blinds, blinded",
    ),
    (cue::RANSOM, "ransom*, extort*, locker"),
    (
        cue::FILES,
        "files, servers, systems, machines, hosts, data, network, hypervisors, volumes, devices, drives, shares, datastores, vms, \
         disks, documents, backups",
    ),
    (cue::TRAFFIC | cue::FLOW, "traffic"),
    (cue::TRAFFIC | cue::TALK, "communicat*"),
    (cue::TALK, "contacts, connects, beacons, sends, talks"),
    (
        cue::FLAW,
        "flaw*, vulnerab*, zero-day*, unpatched, cve*, n-day*",
    ),
    (
        cue::TRAFFIC,
        "strings, payload, configuration, messag*, chat*",
    ),
    (
        cue::PASSWORD,
        "password*, credential*, login data, saved logins",
    ),
    (
        cue::THREATEN,
        "threaten*, threat to publish, threat to leak, extort*",
    ),
    (
        cue::LIST,
        "listed, added, adds, posted, published, named, names",
    ),
    (
        cue::STEAL,
        "steal*, stole, theft, harvest*, grabs, captur*, intercept*, collects, exfiltrat*, extracts",
    ),
    (
        cue::CREATE,
        "created, creates, creating, create, was added, were added",
    ),
    (
        cue::PHISH,
        "phish*, spear*, spearphish*, malspam, malicious, weaponi*",
    ),
    (cue::MAIL, "mail*, email*, e-mail*"),
    (cue::ATTACH, "attachment*, attached"),
    (
        cue::LINK,
        "with a link, with links, containing a link, containing links, contained a link, contained links, \
         contain a link, contains a link, carried a link, malicious link*, links to, link to, linking to",
    ),
    (
        cue::SPREAD,
        "spread, spreads, spreading, propagat*, infected, infects, worm, copies itself",
    ),
    (
        cue::POSE,
        "posed as, posing as, pose as, poses as, impersonat*, pretended to be, pretending to be, talked, convinc*, \
         trick*, persuad*",
    ),
    (
        cue::RUN,
        "spawn*, launch*, started, starts, ran, runs, executed, executes, executing, execute, through powershell, invok*, \
         trigger*, to call its, to load",
    ),
    (cue::OPEN, "open, opened, opens, opening"),
    (
        cue::SERVER,
        "c2, c&c, command and control, command-and-control",
    ),
    (cue::TUNNEL, "tunnel*"),
    (
        cue::FAKE,
        "fake, trojani*, look-alike*, lookalike*, masquerad*, disguised as, malvertis*, installers",
    ),
    (
        cue::HIDDEN,
        "vpn provider*, vpn service*, vpn exit*, vpn node*, from a vpn, from vpn, behind a vpn, commercial vpn, \
         vpn addresses",
    ),
    (
        cue::CLIENT,
        "browser, outlook, winrar, microsoft office, document*, chrome",
    ),
    (
        cue::TOLD,
        "sent, received, was hit, were hit, targeted, tricked, lured, clicked, delivered, arrived, was compromised, \
         were compromised, fell victim, fell for, spotted, observed, discovered, uncovered, identified, began with, \
         started with, began when, started when, starts with, begins with, initial access, initial attack vector, \
         infection vector, purported, impersonated, distributed, led to, stolen, stole, posed, called, opened, linked to, \
         attributed to, campaign targeting, campaign targets, attacked, lures used, carrying out, carried out, joint warning, joint advisory, this campaign, the campaign, attack chain, infection chain",
    ),
    (
        cue::GATHER,
        "gather*, collect, collects, collected, collecting, enumerat*, retriev*",
    ),
    (cue::STOP, "stop, stops, stopped, stopping"),
    (cue::ADD, "add, adds, added, adding"),
    (cue::MODIFY, "modif*, edit, edits, edited, editing, altered"),
    (cue::AFAR, "remote access"),
    (cue::WEAK, "vulnerable"),
    (
        cue::PROCESS,
        "process, processes, memory, explorer*, svchost*, exe, thread, threads, lsass*, rundll32*, running program*",
    ),
    (
        cue::PAGE,
        "page, pages, webpage*, website*, web site*, checkout, html, sql, script tag*",
    ),
    (
        cue::MALWARE,
        "malware, dropper*, loader*, downloader*, backdoor*, trojan*, implant*, ransomware, stealer*, infostealer*, worm*, \
         script*, macro*, campaign, payload*",
    ),
    (
        cue::STRIKE,
        "compromised, compromising, carried out, conducted, staged, mounted, launched, was hit, were hit, fell victim, \
         victim of, victims of, suffered, orchestrated, backdoored, trojani*, investigation, attributed to, linked to, \
         behind, poisoned, under supply-chain attack, under supply chain attack",
    ),
];

/// Programs that answer on the network and are attacked there.
const PUBLIC: &str = "Citrix NetScaler, NetScaler, NetScaler ADC, Citrix ADC, Exchange server, Microsoft Exchange, Exchange, \
         Confluence, FortiOS, FortiGate, FortiProxy, FortiManager, FortiWeb, FortiClient EMS, Ivanti, \
         Ivanti Connect Secure, Connect Secure, Pulse Secure, Pulse Connect Secure, Ivanti EPMM, PAN-OS, \
         GlobalProtect, SonicWall, SonicOS, MOVEit, MOVEit Transfer, GoAnywhere, GoAnywhere MFT, Log4Shell, Log4j, \
         ProxyShell, ProxyLogon, ProxyNotShell, SharePoint, Zimbra, vCenter, BIG-IP, WebLogic, ColdFusion, TeamCity, \
         ConnectWise ScreenConnect, ScreenConnect servers, PHPUnit, Cisco ASA, IOS XE, Cisco IOS XE, Qlik Sense, \
         Apache Struts, NetWeaver, SAP NetWeaver, WordPress, Telerik UI, Zyxel, Barracuda ESG, PaperCut, ActiveMQ, \
         GeoServer, CrushFTP, Openfire, ManageEngine, SimpleHelp, SmarterMail, Langflow, React2Shell, Citrix Bleed, \
         CitrixBleed, Veeam Backup, Roundcube, web server, web application, public facing, internet facing, \
         internet exposed";

/// Programs for help from afar.
const REMOTE: &str = "AnyDesk, TeamViewer, ScreenConnect, ConnectWise, Atera, Splashtop, RustDesk, NetSupport Manager, NetSupport, \
         MeshAgent, MeshCentral, LogMeIn, Action1, UltraViewer, FleetDeck, Tactical RMM, Pulseway, Zoho Assist, \
         SuperOps, Supremo, DWAgent, PDQ Connect, Quick Assist, Level RMM, Syncro, N-able, SimpleHelp, \
         remote management tool, RMM tool, RMM software, remote monitoring and management, remote desktop software, \
         remote access software, remote access tool";

/// Places for files that anybody may rent.
const CLOUD: &str = "Dropbox, OneDrive, Google Drive, cloud storage, S3 bucket, pCloud, Backblaze, Azure Blob Storage, Wasabi";

/// What keeps an eye on a machine.
const WATCH: &str = "Defender, Windows Defender, Microsoft Defender, antivirus, antivirus software, antivirus processes, EDR, \
         EDR agent, EDR software, endpoint protection, security software, security product, security tool, \
         security solutions, security agents, endpoint security, tamper protection, real-time protection";

/// What attackers call by its name when they inject code.
const INJECT: &str = "inject code into, injects code into, injecting code into, injected code into, injects into, injected into, \
         injects itself into, injecting itself into, inject itself into, injects shellcode into, inject shellcode into, \
         injected shellcode into, injects its payload into, injects it into, injects the payload into, injecting it into, \
         injected it into, injects the shellcode into, injects a dll into, injects the final payload into";

/// What Windows comes with for managing machines.
const WMI: &str = "WMI, Windows Management Instrumentation";

/// Batch files and the shell that runs them.
const BATCH: &str = "batch file, batch script, cmd.exe, Windows command shell";

/// What is done with the commands of a shell.
const SHELL: &[u64] = &[cue::RUN | cue::GATHER];

/// A deed.
const fn deed(id: &'static str, things: &'static str, needs: &'static [u64], unless: u64) -> Deed {
    Deed {
        id,
        things,
        needs,
        unless,
    }
}

/// The deeds: the technique's id, things, of which sets of cues each must have one near, and what may not stand near.
pub(super) const DEEDS: &[Deed] = &[
    deed("T1190", PUBLIC, &[cue::EXPLOIT], cue::CLIENT | cue::FAKE),
    deed(
        "T1190",
        "initial access",
        &[cue::EXPLOIT, cue::FLAW],
        cue::CLIENT | cue::FAKE | cue::PHISH,
    ),
    deed(
        "T1068",
        "privilege escalation, escalate privileges, elevate privileges, elevation of privilege",
        &[cue::EXPLOIT],
        0,
    ),
    deed(
        "T1133",
        "VPN, SSL VPN, VPN account, VPN credentials, stolen VPN credentials, VPN appliance, VPN gateway, VPN portal",
        &[cue::LOGIN | cue::ENTER],
        cue::HIDDEN,
    ),
    deed(
        "T1078",
        "credentials, VPN credentials, stolen credentials, compromised credentials, VPN account, stolen password, \
         stolen account",
        &[cue::LOGIN | cue::ENTER, cue::STOLEN],
        cue::PHISH,
    ),
    deed(
        "T1078",
        "stolen credentials, compromised credentials, stolen VPN credentials, stolen password",
        &[cue::LOGIN | cue::ENTER],
        cue::PHISH,
    ),
    deed(
        "T1021.001",
        "RDP, Remote Desktop, remote desktop protocol",
        &[cue::MOVE],
        cue::WEAK,
    ),
    deed(
        "T1021.001",
        "remote desktop protocol",
        &[cue::ENTER | cue::LOGIN | cue::AFAR],
        cue::HIDDEN | cue::TUNNEL,
    ),
    deed(
        "T1021.003",
        "DCOM, distributed component object model, distributed COM",
        &[cue::MOVE],
        0,
    ),
    deed(
        "T1047",
        WMI,
        &[cue::USE | cue::RUN, cue::ACTOR | cue::MALWARE],
        0,
    ),
    deed("T1047", WMI, &[cue::MOVE], 0),
    deed("T1047", "WMIC, wmic.exe", &[cue::RUN], 0),
    deed("T1055", INJECT, &[cue::PROCESS], cue::PAGE),
    deed(
        "T1055",
        "code injection",
        &[cue::PROCESS],
        cue::PAGE | cue::FLAW,
    ),
    deed(
        "T1195",
        "supply chain attack, supply chain compromise",
        &[cue::STRIKE],
        0,
    ),
    deed(
        "T1053.005",
        "Task Scheduler",
        &[cue::USE | cue::RUN | cue::CREATE, cue::ACTOR],
        0,
    ),
    deed("T1218.005", "mshta, mshta.exe", &[cue::RUN | cue::USE], 0),
    deed(
        "T1218.010",
        "regsvr32, regsvr32.exe",
        &[cue::RUN | cue::USE],
        0,
    ),
    deed(
        "T1218.011",
        "rundll32, rundll32.exe",
        &[cue::RUN | cue::USE],
        0,
    ),
    deed(
        "T1021.001",
        "RDP",
        &[cue::LOGIN | cue::USE, cue::ACTOR],
        cue::HIDDEN | cue::TUNNEL,
    ),
    deed(
        "T1021.002",
        "SMB, SMB share, admin share, administrative share, ADMIN$, PsExec",
        &[cue::MOVE],
        0,
    ),
    deed("T1021.004", "SSH", &[cue::MOVE], 0),
    deed(
        "T1021.006",
        "WinRM, Evil-WinRM, Windows Remote Management",
        &[cue::MOVE],
        0,
    ),
    deed(
        "T1219",
        REMOTE,
        &[cue::INSTALL],
        cue::EXPLOIT | cue::FAKE | cue::FLAW,
    ),
    deed(
        "T1219",
        REMOTE,
        &[cue::USE, cue::ACTOR],
        cue::EXPLOIT | cue::FAKE | cue::FLAW,
    ),
    deed(
        "T1567.002",
        "Rclone, rclone.exe, MEGA, Mega.nz, mega.io, MEGAsync",
        &[cue::SEND],
        0,
    ),
    deed("T1567.002", CLOUD, &[cue::EXFILTRATE], 0),
    deed(
        "T1048",
        "WinSCP, FileZilla, FTP, SFTP, SMTP",
        &[cue::EXFILTRATE],
        0,
    ),
    deed(
        "T1041",
        "C2, C2 server, C&C server, command and control server",
        &[cue::EXFILTRATE, cue::TOWARDS],
        0,
    ),
    deed(
        "T1003.001",
        "lsass, lsass.exe, lsass process",
        &[cue::DUMP],
        0,
    ),
    deed(
        "T1560.001",
        "WinRAR, 7-Zip, rar.exe, 7z.exe, 7z",
        &[cue::PACK],
        cue::EXPLOIT | cue::MAIL | cue::ATTACH | cue::PHISH,
    ),
    deed(
        "T1486",
        "encrypt, encrypts, encrypted, encrypting",
        &[cue::RANSOM, cue::FILES],
        cue::TRAFFIC | cue::PASSWORD,
    ),
    deed("T1562.001", WATCH, &[cue::DISABLE], 0),
    deed(
        "T1562.001",
        "antivirus processes, AV processes, security processes, antivirus services, security services, \
         Defender service, Microsoft Defender service, Windows Defender service",
        &[cue::STOP, cue::ACTOR | cue::MALWARE],
        0,
    ),
    deed(
        "T1098",
        "Domain Admins, Enterprise Admins, Administrators group, local administrators group, Remote Desktop Users",
        &[cue::ADD, cue::ACTOR | cue::MALWARE],
        0,
    ),
    deed(
        "T1484.001",
        "Group Policy Object, GPO, default domain policy",
        &[
            cue::CREATE | cue::MODIFY | cue::INSTALL,
            cue::ACTOR | cue::MALWARE,
        ],
        0,
    ),
    deed("T1016", "ipconfig", SHELL, 0),
    deed("T1018", "net view", SHELL, 0),
    deed("T1033", "whoami, quser", SHELL, 0),
    deed("T1049", "netstat", SHELL, 0),
    deed("T1057", "tasklist", SHELL, 0),
    deed("T1069", "net group, net localgroup", SHELL, 0),
    deed("T1082", "systeminfo", SHELL, 0),
    deed("T1482", "nltest", SHELL, 0),
    deed(
        "T1219",
        "Quick Assist, AnyDesk, TeamViewer, ScreenConnect",
        &[cue::OPEN, cue::ACTOR],
        cue::EXPLOIT | cue::FAKE | cue::FLAW,
    ),
    deed(
        "T1003.002",
        "SAM hive, SAM registry hive, SAM database, Security Account Manager, SAM and SYSTEM",
        &[cue::DUMP | cue::STEAL | cue::SEND | cue::GATHER],
        0,
    ),
    deed(
        "T1543.003",
        "Windows service, malicious service, service for persistence",
        &[cue::CREATE | cue::INSTALL, cue::ACTOR | cue::MALWARE],
        0,
    ),
    deed(
        "T1057",
        "running processes, process list, list of processes",
        &[cue::GATHER],
        0,
    ),
    deed(
        "T1082",
        "system information, operating system information, information about the system, \
         information about the operating system, information about the infected system, information about the host, \
         information about the infected host, OS version, operating system version",
        &[cue::GATHER],
        0,
    ),
    deed(
        "T1566.004",
        "help desk, helpdesk, service desk, IT support",
        &[cue::POSE],
        cue::FAKE,
    ),
    deed(
        "T1566.001",
        "phishing, phishing email, phishing e-mail, phishing message, spearphishing, spearphishing email, \
         spear phishing, spear phishing email, phishing mail, malspam",
        &[cue::ATTACH],
        0,
    ),
    deed(
        "T1566.002",
        "phishing email, phishing e-mail, phishing message, spearphishing email, spear phishing email, phishing mail, \
         malicious email, malicious e-mail",
        &[cue::LINK],
        0,
    ),
    deed(
        "T1566.001",
        "malicious email, malicious e-mail",
        &[cue::ATTACH],
        0,
    ),
    deed(
        "T1204.002",
        "attachment, attached file, attached document, malicious document, malicious attachment",
        &[cue::OPEN],
        0,
    ),
    deed(
        "T1091",
        "USB stick, USB drive, USB device, thumb drive, removable drive, removable media, flash drive",
        &[cue::SPREAD],
        0,
    ),
    deed(
        "T1657",
        "leak site, data leak site",
        &[cue::LIST | cue::THREATEN],
        0,
    ),
    deed(
        "T1657",
        "stolen data, stolen files, stolen information, exfiltrated data, exfiltrated files, publish, leak the",
        &[cue::THREATEN],
        0,
    ),
    deed(
        "T1090.003",
        "Tor, Tor network",
        &[cue::FLOW | cue::SERVER],
        cue::RANSOM,
    ),
    deed(
        "T1539",
        "cookie, session cookie, session token, browser cookie",
        &[cue::STEAL],
        0,
    ),
    deed(
        "T1555.003",
        "browser, web browser, Chrome, Chromium",
        &[cue::STEAL, cue::PASSWORD],
        0,
    ),
    deed(
        "T1136.001",
        "local account, local accounts, local user, local administrator, local admin account, local administrator account, \
         local admin",
        &[cue::CREATE],
        0,
    ),
    deed(
        "T1136.002",
        "domain account, domain accounts, domain user, domain admin account",
        &[cue::CREATE],
        0,
    ),
    deed(
        "T1136",
        "admin account, administrator account, rogue account, backdoor account",
        &[cue::CREATE],
        0,
    ),
    deed("T1059.001", "PowerShell", &[cue::RUN], 0),
    deed(
        "T1059.001",
        "PowerShell",
        &[cue::USE, cue::ACTOR | cue::MALWARE],
        0,
    ),
    deed("T1059.005", "VBScript, VBA", &[cue::RUN], 0),
    deed(
        "T1059.005",
        "VBScript, VBA",
        &[cue::USE, cue::ACTOR | cue::MALWARE],
        0,
    ),
    deed("T1059.003", BATCH, &[cue::RUN], 0),
    deed(
        "T1059.003",
        BATCH,
        &[cue::USE, cue::ACTOR | cue::MALWARE],
        0,
    ),
    deed(
        "T1071.001",
        "HTTP, HTTPS, HTTP POST",
        &[cue::SERVER, cue::TALK],
        0,
    ),
    deed(
        "T1572",
        "Ngrok, Plink, Ligolo, Ligolo-ng, Chisel, Cloudflared, SSH tunnel, RDP tunnel",
        &[cue::TUNNEL],
        0,
    ),
    deed(
        "T1046",
        "Advanced IP Scanner, SoftPerfect Network Scanner, Advanced Port Scanner",
        &[cue::USE | cue::INSTALL],
        cue::FAKE,
    ),
    deed(
        "T1496",
        "XMRig, cryptocurrency miner, crypto miner, cryptominer, Monero miner",
        &[cue::INSTALL],
        cue::FAKE,
    ),
];
