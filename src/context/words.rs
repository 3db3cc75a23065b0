//! Words that a name must be told from: lists by hand, beside the English dictionary of the knowledge.
//!
//! None of them is made for an article. [`NEVER`] and [`COMMON`] come from reading through all names of the galaxies
//! that are words of English, or frequent in it, or products; [`MALWARE`] and the like are the nouns reports use.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::index::Passing;

/// Names that are never taken from prose: kinds of malware, platforms, languages, protocols and products that reports
/// name all the time and that some cluster happens to be called.
pub(super) const NEVER: &str = "
    ransomware malware backdoor loader trojan worm virus rootkit bootkit spyware adware stealer infostealer keylogger
    botnet bot agent dropper downloader wiper implant rat apt miner cryptominer exploit exploits payload shellcode banker
    injector scanner locker crypter cryptor encryptor encrypter decrypter decryptor unlocker ransom webshell clipper
    android ios windows linux macos osx mac unix ubuntu debian java javascript python php perl ruby golang go rust
    powershell vbscript vbs batch bash cmd shell wscript cscript net dotnet csharp at reg arp ftp ssh http https smtp dns
    tcp udp rdp smb vnc ldap ipsec vpn ipconfig netstat netsh nbtstat ping route tasklist schtasks systeminfo whoami
    certutil bitsadmin curl wget grep systemd cron sudo docker kubernetes aws azure google microsoft apple facebook
    telegram discord twitter whatsapp skype teamviewer anydesk dropbox onedrive github gitlab chrome firefox edge safari
    outlook office excel word acrobat adobe flash kerberos citrix vmware fortinet cisco mcafee norton symantec kaspersky
    virustotal russian turkish brazilian korean czech chinese iranian american european asian global august march april may june july january
    february september october november december monday tuesday sihost svchost explorer lsass conhost taskhost dllhost wevtutil ifconfig esentutl vssadmin wmic attrib xcopy robocopy mshta rundll32 regsvr32 winlogon spoolsv
    virustotal bitcoin monero ethereum paypal amazon netflix alibaba gazprom unknown unnamed unidentified none other others
    generic test demo sample samples example template default user admin administrator root system server client desktop
    data file files target targets victim victims code content software hardware network internet web cloud mobile browser
    email mail message messages group team crew gang actor actors hacker hackers first last one two three new old now
    update updates upgrade install installer setup service services process task tasks thread threads module modules plugin
    plugins driver drivers script scripts macro macros document documents payment payments survey calendar photo media info
    information news report reports help about home page pages link links click here login password passwords key keys
    token tokens session sessions cookie cookies proxy tunnel host hosts domain domains url urls port ports address
    responder teleport lockscreen dropper wildcard exchanger screencap killswitch crm ctf csp dde ps1 dns tls ssl api gui
    sql xml json html pdf zip rar exe dll usb bios uefi cpu gpu ram rom cve ioc iocs ttp ttps soc edr xdr siem cti misp
    intelligence programming nodejs country trade development environment opposition employment
    nsa fbi cia nato dod ups pia frp ip id it ai us uk eu un ok nt c2 cc pc os av ad ui ux hr pr
    winrar winscp putty filezilla notepad wireshark nmap process-hacker pchunter rclone 7zip 7-zip megasync mega
    remote-desktop windows-remote-desktop chrome-remote-desktop quick-assist private-internet-access nordvpn
    remote-control-system remote-utilities social-network-team data-keeper copy-paste merry-christmas donald-trump
    hide-and-seek the-magic such-security key-group log-collector supply-chain threat-actor threat-actors
    international-police-association central-security-treatment-organization power-shell visual-basic
    command-and-control social-engineering no-name some-one black-box red-team blue-team dark-web deep-web dark-net
    coinminer monero-miner anti-ddos active-directory task-scheduler event-viewer reputation1 reputation2 reputation3 covid19 coronavirus covid
";

/// Names that count with evidence only, though no dictionary has them: words of other languages, people, places, films,
/// games, brands; and those that are two everyday words.
pub(super) const COMMON: &str = "
    mega offence retro bam rad mata kappa mikey smackdown sakura 3am remy hehe spectre spongebob nitro wildcard escobar
    rana burkina mori rizzo yakuza kami 777 sora paladin naga blackwood forma pewdiepie orca misha sutra mordor sauron
    saitama oled suri kessel oni blackrock xtreme shakti jaffe h1n1 namaste devos joao zhen torchwood xena spyder meister
    ragnarok mamba grayling gameday atmos skynet mortis madi pacman masson gorgon goldeneye drawdown gangbang sone vaca
    symbiote powerplant flipside bazar pallas blitzkrieg hellcat sima smaug riptide blocky strider northstar kamil
    revenant loup seon tantalum kaos fenix soundwave herbst artic yume gendarmerie boombox proxima kuiper zilla stroman
    obscura moolah davinci subzero pennywise zarya strangelove soundbite nephilim whiteout robinhood octo littlefinger
    moonwalk pitstop nazar lovelock fishmonger doki abaddon redeye babymetal akagi zipline shadi kuku booyah torii
    thanatos jigglypuff hildegard kido kaden blackpink tengu r2d2 lockbox kairos rubidium epically oopsie cerium alco nian
    megazord 16x tsukuba starman hexane kawa ouroboros wesker hisoka gadolinium kaba heimdall shapeshift caja technetium
    knotweed geneve serpico osmium pierogi krane roza blackmagic noname morpho fenrir electrum empyrean europium americium
    validator xenomorph umbral nibiru rana kraken thanos undead hawkeye responder terracotta darkness raven falcon
    night-sky rising-sun red-alert black-shadow the-mask hide-n-seek mad-max popcorn-time brain-food animal-farm
    data-leak dataleak good-day the-gentlemen j-group dark-power money-message want-money line-runner eye-pyramid rabbit-hole
    great-cannon key-logger skeleton-key pass-the-hash golden-cup break-out the-brotherhood the-white-company
    genesis-day security-team online-safety the-big-bang traffic-converter black-energy2 evil-eye
    autoit lightning-framework snake-wine disk-knight file-locker coin-locker brave-prince
";

/// Nouns that make the name before them a piece of malware: `Royal ransomware`.
pub(super) const MALWARE: &str = "
    ransomware malware backdoor loader trojan worm virus rootkit bootkit spyware stealer infostealer keylogger botnet rat
    dropper downloader wiper implant miner cryptominer banker locker crypter cryptor encryptor webshell clipper adware
    skimmer raas maas bot shellcode stager beacon beacons payload payloads variant variants sample samples infection
    infections strain strains family families binary binaries dll spam infostealing banking ek kit kits
";

/// Nouns that make it an actor: `the Play group`.
pub(super) const ACTOR: &str = "
    group gang actor actors apt operators operator affiliates affiliate hackers hacker crew collective cartel syndicate
    subgroup team threat members leadership extortionists
";

/// Nouns that make it a tool.
pub(super) const TOOL: &str =
    "framework tool toolkit toolset utility c2 implants agent agents server beaconing";

/// What stands before a name that is being introduced: `dubbed X`.
pub(super) const NAMING: &str = "dubbed call called named codenamed christened nicknamed aka alias";

/// Beginnings of lists of examples: in lower case.
pub(super) const EXAMPLES: &[&str] = &["such as", "for example", "e.g.", "including"];

/// Beginnings of what an article compares with or tells apart: in lower case.
pub(super) const OTHERS: &[&str] = &[
    "similar to",
    "similarly to",
    "unlike",
    "not related to",
    "unrelated to",
    "not connected to",
    "other families",
    "other malware",
    "other ransomware",
    "other groups",
    "other actors",
    "other threat",
    "others like",
    "like other",
    "reminiscent of",
    "in contrast to",
    "compared to",
    "compared with",
    "comparable to",
    "among others",
    "similarity",
    "similarities",
    "not to be confused with",
    "should not be confused with",
    "rather than",
    "instead of",
    "formerly used",
    "previously used",
    "in the past",
    "has been used by",
    "have been used by",
    "used by other",
    "no evidence",
    "no link",
    "no connection",
    "not attributed to",
    "popular botnets",
    "as seen with",
    "competitors",
    "rival",
    "rivals",
    "is not",
    "was not",
    "previously thought",
    "previously believed",
    "predecessor of",
    "resembles",
    "resemble",
    "inspired by",
    "as did",
    "as well-known as",
    "alongside",
    "ever since",
    "protects against",
    "protect against",
    "protected against",
    "protection against",
    "defends against",
    "defend against",
    "it blocked",
    "since the outbreak of",
    "since the outbreaks of",
    "since the days of",
    "nothing to do with",
    "no overlap with",
    "no overlaps with",
    "did not use",
    "not attributable to",
    "replacement for",
    "replaced",
    "replaces",
    "successor to",
    "successor of",
    "successors of",
    "subgroup of",
    "subgroup within",
    "fork of",
    "faster than",
    "slower than",
    "easier than",
    "harder than",
    "better than",
    "worse than",
    "stealthier than",
    "more effective than",
    "more dangerous than",
    "different from",
    "similar in",
];

/// Headings of parts that speak of other articles.
pub(super) const ELSEWHERE: &[&str] = &[
    "references",
    "reference",
    "related",
    "related posts",
    "related articles",
    "related content",
    "further reading",
    "read more",
    "see also",
    "sources",
    "recommended",
    "recent posts",
    "more from",
    "additional reading",
    "tags",
    "you may also like",
    "other posts",
    "latest",
    "additional resources",
    "resources",
    "bibliography",
    "acknowledgements",
];

/// The words of a list.
pub(super) fn list(words: &'static str) -> impl Iterator<Item = &'static str> {
    words.split_ascii_whitespace()
}

/// What a word may be beside a name, as bits.
pub(super) mod role {
    /// Of malware: [`MALWARE`](super::MALWARE).
    pub(crate) const MALWARE: u32 = 1;
    /// Of actors.
    pub(crate) const ACTOR: u32 = 1 << 1;
    /// Of tools.
    pub(crate) const TOOL: u32 = 1 << 2;
    /// It introduces a name.
    pub(crate) const NAMING: u32 = 1 << 3;
    /// It introduces a name when `as` follows.
    pub(crate) const TRACKED: u32 = 1 << 4;
    /// A noun that the name itself may follow.
    pub(crate) const LEADS: u32 = 1 << 5;
    /// It may stand between a name and its noun.
    pub(crate) const BETWEEN: u32 = 1 << 6;
    /// Of sectors.
    pub(crate) const SECTOR: u32 = 1 << 7;
    /// It only says what a name is the name of.
    pub(crate) const KIND: u32 = 1 << 8;
    /// It turns what is attacked into who attacks.
    pub(crate) const TURN: u32 = 1 << 9;
    /// An article.
    pub(crate) const ARTICLE: u32 = 1 << 10;
    /// A country's name follows that is no country with it: `North America`.
    pub(crate) const PART: u32 = 1 << 11;
    /// It has no capital in a name or title.
    pub(crate) const SMALL: u32 = 1 << 12;
    /// With `to` it says who did something.
    pub(crate) const ATTRIBUTES: u32 = 1 << 13;
    /// It ends what a definition says a name is.
    pub(crate) const ENDS: u32 = 1 << 14;
    /// With `of` it says that something is an actor's or malware's.
    pub(crate) const BELONGS: u32 = 1 << 15;
    /// With `by` it says who did it.
    pub(crate) const SUFFERS: u32 = 1 << 16;
    /// It speaks of former times.
    pub(crate) const ONCE: u32 = 1 << 17;
    /// It says of which sort something is, so that `ransomware` behind it makes no name of it.
    pub(crate) const SORT: u32 = 1 << 18;
    /// A sentence that begins with it tells the reader what to do.
    pub(crate) const ADVISES: u32 = 1 << 19;
    /// Who is attacked, or what of theirs: after `Italian`, before `from` and `based in`.
    pub(crate) const VICTIM: u32 = 1 << 20;
    /// Who attacks, so that what stands before it is no victim.
    pub(crate) const FOE: u32 = 1 << 21;
    /// Between a noun and examples of it: `sectors including`.
    pub(crate) const LINK: u32 = 1 << 22;
    /// It makes a sentence one about an attack.
    pub(crate) const HOSTILE: u32 = 1 << 23;
    /// What follows is denied, only possible, or left alone.
    pub(crate) const DOUBT: u32 = 1 << 24;
    /// It speaks of war with weapons.
    pub(crate) const WAR: u32 = 1 << 25;
    /// What a bank or shop has of people, so that it is not attacked itself: `bank account`.
    pub(crate) const DATA: u32 = 1 << 26;
    /// It says that something is or was.
    pub(crate) const VERB: u32 = 1 << 27;
    /// It says whose something is.
    pub(crate) const WHOSE: u32 = 1 << 28;
    /// It says that something was not known before.
    pub(crate) const NEW: u32 = 1 << 29;
}

/// The roles of a word, whatever its case.
pub(super) fn roles(word: &str) -> u32 {
    static TABLE: OnceLock<HashMap<&'static str, u32, Passing>> = OnceLock::new();
    let mut lower = [0; 20];
    let Some(buffer) = lower.get_mut(..word.len()) else {
        return 0;
    };
    buffer.copy_from_slice(word.as_bytes());
    buffer.make_ascii_lowercase();
    let Ok(word) = std::str::from_utf8(buffer) else {
        return 0;
    };
    TABLE.get_or_init(table).get(word).copied().unwrap_or(0)
}

/// Words, and what they may be beside a name.
const ROLES: &[(&str, u32)] = &[
    (MALWARE, role::MALWARE),
    (ACTOR, role::ACTOR),
    (TOOL, role::TOOL),
    (NAMING, role::NAMING),
    (
        "tracked track tracks tracking known identified referred designated to labelled labeled classified",
        role::TRACKED,
    ),
    (
        "ransomware malware backdoor loader trojan worm stealer infostealer botnet rat dropper downloader wiper group gang actor apt crew \
             strain family rootkit implant spyware framework",
        role::LEADS,
    ),
    (
        "remote access information based s android linux windows cryptocurrency crypto mining post exploitation threat banking \
             advanced persistent web command and control c2 exploit phishing cyber espionage cyberespionage hacking extortion",
        role::BETWEEN,
    ),
    (
        "sector sectors industry industries organizations organisations organization organisation companies company institution \
             institutions entity entities firm firms vertical verticals provider providers agency agencies business businesses \
             enterprise enterprises field fields targets target bodies contractor contractors operators corporations facilities \
             departments ministries missions offices officials personnel employees workers authorities networks websites \
             professionals manufacturers operator infrastructure giant giants carriers units",
        role::SECTOR,
    ),
    (
        "ransomware malware backdoor loader trojan worm rat stealer botnet group gang apt team infostealer bot virus framework",
        role::KIND,
    ),
    (
        "from by not based hosted registered server servers operating attributed linked aligned originating that which who where \
             whose while because used uses using via with through for tied said says say told according after when since if imposed \
             launch demand arrested arrests arrest charged extradited sentenced police located headquartered as like unlike before \
             announced reported reports confirmed warned believed suspected retaliation sanctions response nodes domains \
             developed operated sold about toward towards regarding concerning possibly",
        role::TURN,
    ),
    ("the a an", role::ARTICLE),
    (
        "the and for from with over into onto via per upon or of on to in by at as a an",
        role::SMALL,
    ),
    (
        "attribute attributes attributed attributing attribution traced tracing",
        role::ATTRIBUTES,
    ),
    (
        "that which who whose of for with in from to by and at on where when used",
        role::ENDS,
    ),
    (
        "affiliate affiliates operator operators member members developer developers maker makers author authors",
        role::BELONGS,
    ),
    (
        "attacked breached hit encrypted compromised infected claimed hacked deployed operated",
        role::SUFFERS,
    ),
    (
        "previously formerly earlier once historically originally",
        role::ONCE,
    ),
    (
        "fake mobile crypto free hidden linux windows android macos apple new old first other modern human double screen police \
             cloud enterprise custom generic big simple real open source educational test unknown original many most some any no all \
             this that these such every each more targeted commodity future recent early late successful another python go rust",
        role::SORT,
    ),
    (
        "disable restrict limit enable ensure audit review hunt look watch block require implement segment update apply verify consider enforce remove alert train make monitor avoid configure turn upgrade educate investigate prohibit deny install deploy set validate rotate isolate check disallow",
        role::ADVISES,
    ),
    (
        "new novel undocumented unseen unreported updated newly custom bespoke",
        role::NEW,
    ),
    (
        "north south latin central east west new northern southern eastern western",
        role::PART,
    ),
    (
        "organizations organisations organization organisation companies company institutions entities entity firms firm providers \
             provider agencies agency businesses enterprises user users customer customers client clients people citizens individuals \
             victim victims government governments governmental military army bank banks hospital hospitals politicians journalists \
             journalist activists activist diplomats officials official authorities authority embassy embassies diplomatic ministry \
             ministries parliament websites website computers devices machines systems networks infrastructure airports universities \
             university schools academics researchers lawyers soldiers personnel employees workers targets target sector sectors \
             industry industries telcos telecommunications telecom contractors institution dissidents minority community communities \
             consumers residents taxpayers retailers retailer manufacturers manufacturer subscribers critical defense defence energy \
             financial power political politician businesspeople executives experts economic commercial private public national local state states \
             centers centres accounts system retail chemical giant giants facilities facility plant plants municipalities municipality cities scientists think media newspapers ngos \
             hotel hotels chain chains airline airlines airport port ports railway railways utility utilities broadcaster newspaper \
             lender insurer insurers school college colleges carmaker shipyard refinery ministers lawmakers",
        role::VICTIM,
    ),
    (
        "hackers hacker hacking hacked actor actors apt hacktivists hacktivist spies cyberspies attackers attacker cybercriminals \
             cybercriminal criminals threat gang gangs intelligence speaking speakers backed sponsored nexus linked aligned affiliated \
             themed researchers firmware language translation",
        role::FOE,
    ),
    (
        "including includes include included such like in across within namely spanning among from especially particularly ranging",
        role::LINK,
    ),
    (
        "attack attacks attacked attacking target targets targeted targeting victim victims infect infects infected infecting \
             infection infections compromise compromises compromised compromising hacked hack hacks breached breach breaches hit hits \
             hitting espionage campaign campaigns phishing spearphishing intrusion intrusions cyberattack cyberattacks infiltrated \
             malware ransomware spyware used deployed deploy operations operation",
        role::HOSTILE,
    ),
    (
        "not no never nor without could might may would unless avoid avoids avoiding avoided refrain refrains excluding exclude \
             excludes except spare spares neither cannot denied denies deny t hypothetical potentially protect protects protecting \
             defend defends defending prevent bar bars barred ban bans banned banning forbid forbids forbade prohibit prohibits prohibited unlike whether sanctions sanction indictment tariffs lawsuit",
        role::DOUBT,
    ),
    (
        "account accounts login logins details credential credentials card cards number numbers statement statements information transfer transfers \
             trojan trojans malware",
        role::DATA,
    ),
    ("is are was were has have had will", role::VERB),
    ("their its our his her this that my your", role::WHOSE),
    (
        "airstrike airstrikes missile missiles munitions bomb bombs bombing rockets artillery shelling",
        role::WAR,
    ),
];

fn table() -> HashMap<&'static str, u32, Passing> {
    let mut roles: HashMap<&'static str, u32, Passing> = HashMap::default();
    for (words, role) in ROLES {
        for word in list(words) {
            *roles.entry(word).or_default() |= role;
        }
    }
    roles
}

/// Whether a word has one of these roles.
pub(super) fn is(word: &str, role: u32) -> bool {
    roles(word) & role != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_a_bit_of_its_own() {
        let all = [
            role::MALWARE,
            role::ACTOR,
            role::TOOL,
            role::NAMING,
            role::TRACKED,
            role::LEADS,
            role::BETWEEN,
            role::SECTOR,
            role::KIND,
            role::TURN,
            role::ARTICLE,
            role::PART,
            role::SMALL,
            role::ATTRIBUTES,
            role::ENDS,
            role::BELONGS,
            role::SUFFERS,
            role::ONCE,
            role::SORT,
            role::ADVISES,
            role::VICTIM,
            role::FOE,
            role::LINK,
            role::HOSTILE,
            role::DOUBT,
            role::WAR,
            role::DATA,
            role::VERB,
            role::WHOSE,
            role::NEW,
        ];
        let mut taken = 0;
        for role in all {
            assert_eq!(role.count_ones(), 1);
            assert_eq!(taken & role, 0, "{role}");
            taken |= role;
        }
        let given = ROLES.iter().fold(0, |given, (_, role)| given | role);
        assert_eq!(given, taken);
    }
}
