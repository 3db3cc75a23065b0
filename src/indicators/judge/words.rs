//! Words around a value, and what they say about it.
//!
//! One automaton per question, built once. It is asked about the bounded neighbourhood of a find only, so the
//! judge stays linear in the article.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// A list of words that can be looked for in a text, whatever their letters' case.
///
/// An entry matches whole words; one that ends in `*` also matches the beginning of longer ones
/// (`exfiltrat*`). Scripts that do not part words by blanks match anywhere.
pub(super) struct Words {
    automaton: Option<AhoCorasick>,
    /// By pattern: whether the word may go on.
    open: Vec<bool>,
}

impl Words {
    pub(super) fn new(words: &[&str]) -> Self {
        let patterns = words.iter().map(|word| word.trim_end_matches('*'));
        Self {
            // Building fails only beyond billions of states; a list without automaton matches nothing.
            automaton: AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .kind(Some(AhoCorasickKind::DFA))
                .build(patterns)
                .ok(),
            open: words.iter().map(|word| word.ends_with('*')).collect(),
        }
    }

    /// Whether one of the words stands in `text`.
    pub(super) fn are_in(&self, text: &str) -> bool {
        self.found(text).next().is_some()
    }

    /// Numbers of the words that stand in `text`, as often as they do, and where they begin and end.
    fn found(&self, text: &str) -> impl Iterator<Item = (usize, usize, usize)> {
        let hits = self
            .automaton
            .iter()
            .flat_map(move |automaton| automaton.find_overlapping_iter(text));
        hits.filter(move |hit| {
            let open = self.open.get(hit.pattern().as_usize()) == Some(&true);
            is_word_start(text, hit.start()) && (open || is_word_end(text, hit.end()))
        })
        .map(|hit| (hit.pattern().as_usize(), hit.start(), hit.end()))
    }
}

/// What words may say of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    /// It is bad, or used by someone bad.
    Malicious,
    /// It is what malware talks to or takes from: said in the same breath.
    Tied,
    /// It is to be read.
    Reference,
    /// It does no harm.
    Harmless,
    /// It suffered.
    Victim,
    /// What follows was imitated.
    Imitation,
    /// Somebody to write to.
    Contact,
    /// The value right behind it is the malware's.
    Damning,
    /// A ransom is asked for.
    Extortion,
    /// Somebody is to write somewhere.
    Writing,
}

impl Topic {
    const ALL: [Self; 10] = [
        Self::Malicious,
        Self::Tied,
        Self::Reference,
        Self::Harmless,
        Self::Victim,
        Self::Imitation,
        Self::Contact,
        Self::Damning,
        Self::Extortion,
        Self::Writing,
    ];

    /// Its lists of words.
    const fn words(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Malicious => &[SERVERS, CONTROLLED, MALICIOUS],
            Self::Tied => &[SERVERS, CONTROLLED, TIED],
            Self::Reference => &[REFERENCE],
            Self::Harmless => &[HARMLESS],
            Self::Victim => &[VICTIM],
            Self::Imitation => &[IMITATION],
            Self::Contact => &[CONTACT],
            Self::Damning => &[SERVERS, DAMNING],
            Self::Extortion => &[EXTORTION],
            Self::Writing => &[WRITING],
        }
    }
}

/// All topics' words in one automaton: a text is read once, whatever is asked of it.
struct Lexicon {
    words: Words,
    /// By pattern.
    topics: Vec<Topic>,
}

impl Lexicon {
    fn get() -> &'static Self {
        static LEXICON: OnceLock<Lexicon> = OnceLock::new();
        LEXICON.get_or_init(|| {
            let entries = || {
                let of = |topic: Topic| {
                    let words = topic.words().iter().copied().flatten();
                    words.map(move |word| (topic, *word))
                };
                Topic::ALL.into_iter().flat_map(of)
            };
            Self {
                words: Words::new(&entries().map(|(_, word)| word).collect::<Vec<_>>()),
                topics: entries().map(|(topic, _)| topic).collect(),
            }
        })
    }
}

/// The topics of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Topics(u16);

/// A word that says something, and where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    pub(super) topic: Topic,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The words of a text that say something.
pub(super) fn hits(text: &str) -> impl Iterator<Item = Hit> {
    let lexicon = Lexicon::get();
    lexicon
        .words
        .found(text)
        .filter_map(|(number, start, end)| {
            let topic = *lexicon.topics.get(number)?;
            // `not malicious` is no reproach, and `legitimate-looking` no praise.
            let void = match topic {
                Topic::Malicious | Topic::Damning => is_denied(text, start),
                Topic::Harmless => only_seems(text, end),
                _ => false,
            };
            (!void).then(|| Hit {
                topic,
                start,
                end: word_end(text, end),
            })
        })
}

impl Topics {
    pub(super) fn of(text: &str) -> Self {
        hits(text).fold(Self::default(), |all, hit| {
            Self(all.0 | 1 << hit.topic as u16)
        })
    }

    pub(super) const fn has(self, topic: Topic) -> bool {
        self.0 & 1 << topic as u16 != 0
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Whether what begins at `at` is denied by the word before it.
fn is_denied(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let before = before.trim_end_matches([' ', '-']);
    [
        "not", "non", "isn't", "aren't", "nicht", "kein", "keine", "не",
    ]
    .iter()
    .filter_map(|word| before.strip_suffix(word))
    .any(|rest| !rest.ends_with(char::is_alphabetic))
}

/// The end of the word that goes on at `at`: an entry may be the beginning of one.
fn word_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let first = text.get(..at).and_then(|head| head.chars().next_back());
    if !first.is_some_and(joins) {
        return at;
    }
    at + rest.find(|c| !joins(c)).unwrap_or(rest.len())
}

/// Whether what ends at `at` is said of the looks only.
fn only_seems(text: &str, at: usize) -> bool {
    let after = text.get(at..).unwrap_or_default();
    let after = after.trim_start_matches([' ', '-', '\u{2010}', '\u{2011}']);
    ["looking", "seeming", "sounding", "appearing"]
        .iter()
        .any(|word| after.starts_with(word))
}

/// Whether a text is written in a script that does not part words by blanks.
pub(super) fn is_joined(text: &str) -> bool {
    let mut letters = text.chars().filter(|c| c.is_alphanumeric()).peekable();
    letters.peek().is_some() && letters.all(|letter| !joins(letter))
}

/// Letters that form words with their neighbours: Chinese, Japanese and Korean ones do not.
fn joins(letter: char) -> bool {
    letter.is_alphanumeric() && !('\u{2E80}'..='\u{D7FF}').contains(&letter)
}

fn is_word_start(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|head| head.chars().next_back());
    let first = text.get(at..).and_then(|tail| tail.chars().next());
    !(before.is_some_and(joins) && first.is_some_and(joins))
}

fn is_word_end(text: &str, at: usize) -> bool {
    is_word_start(text, at)
}

macro_rules! word_lists {
    ($($(#[$doc:meta])* $name:ident = [$($word:literal),* $(,)?];)*) => {
        $($(#[$doc])* pub(super) fn $name() -> &'static Words {
            static WORDS: OnceLock<Words> = OnceLock::new();
            WORDS.get_or_init(|| Words::new(&[$($word),*]))
        })*
    };
}

word_lists! {
    /// Headers of columns, and names of rows, that hold indicators.
    indicator_header = [
        "ioc", "iocs", "indicator", "indicators", "indicator of compromise", "observable", "observables", "artifact", "artefact",
        "value", "hash", "hashes", "md5", "sha1", "sha-1", "sha256", "sha-256", "sha512", "sha-512", "sha 256", "sha 1",
        "ssdeep", "imphash", "domain", "domains", "domain name", "hostname", "host", "fqdn", "ip", "ips", "ip address",
        "ip addresses", "ipv4", "ipv6", "address", "url", "urls", "uri", "c2", "c&c", "c2 server", "server", "email", "e-mail",
        "sender", "file", "files", "filename", "file name", "path", "filepath", "file path", "sample", "samples", "mutex",
        "registry key", "wallet", "payload", "domäne", "datei", "adresse ip", "domaine", "fichier", "dominio", "archivo",
        "домен", "файл", "адрес", "хеш", "域名", "文件名", "样本", "ハッシュ", "ファイル名",
    ];

    /// Headers of columns that hold names of files.
    file_header = [
        "file", "files", "filename", "filenames", "file name", "file names", "path", "paths", "filepath", "file path",
        "dateiname", "nom de fichier", "nombre de archivo", "имя файла", "文件名", "ファイル名",
    ];

    /// Headers of columns that hold what products call malware, or what the author remarks.
    detection_header = [
        "detection", "detections", "detection name", "detected as", "signature", "signatures", "family", "malware family", "threat name",
        "verdict", "av detection", "erkennung", "détection", "detección",
    ];

    /// Headers of columns that hold what to read.
    reference_header = [
        "reference", "references", "source", "sources", "link", "links", "report", "vendor", "blog", "read more", "credit",
        "author", "quelle", "référence", "referencia", "ссылка", "参考", "来源",
    ];

}

/// Servers of malware, in every sense: [`Topic::Malicious`], [`Topic::Tied`] and [`Topic::Damning`].
const SERVERS: &[&str] = &[
    "serveur de commande",
    "serveurs de commande",
    "commande et contrôle",
    "commande et de contrôle",
    "mando y control",
    "comando y control",
    "comando e controle",
    "comando e controllo",
    "steuerungsserver",
    "сервер управления",
    "сервера управления",
    "серверу управления",
    "сервером управления",
    "сервере управления",
    "серверы управления",
    "серверов управления",
    "控制服务器",
    "远控",
    "c2",
    "c2s",
    "c&c",
    "cnc",
    "command and control",
    "command-and-control",
    "command & control",
    "exfiltrat*",
    "actor-controlled",
];

/// Malware talks to the value, which is bad by itself: [`Topic::Malicious`] and [`Topic::Tied`] in one.
const CONTROLLED: &[&str] = &[
    "hosted on",
    "hosted at",
    "download from",
    "contacted",
    "contacts",
    "connects to",
    "connected to",
    "connection to",
    "connect to",
    "redirects to",
    "redirected to",
    "resolves to",
    "resolved to",
    "resolving to",
];

/// The value is called bad, or is said to be used by someone bad.
const MALICIOUS: &[&str] = &[
    "malicious",
    "maliciously",
    "malware",
    "malvertis*",
    "payload",
    "payloads",
    "dropper",
    "droppers",
    "downloader",
    "loader",
    "stager",
    "stage",
    "staging",
    "phishing",
    "phish",
    "beacon*",
    "attacker*",
    "adversar*",
    "threat actor",
    "threat actors",
    "botnet",
    "bot",
    "hosts the",
    "downloads",
    "downloaded",
    "drops",
    "dropped",
    "communicat*",
    "callback",
    "calls back",
    "landing page",
    "landing pages",
    "infrastructure",
    "rogue",
    "fake",
    "lookalike",
    "look-alike",
    "scam",
    "scams",
    "ransom",
    "ransomware",
    "exploit",
    "exploits",
    "exploitation",
    "stealer",
    "backdoor",
    "trojan",
    "webshell",
    "web shell",
    "skimmer",
    "infected",
    "infection",
    "panel",
    "dga",
    "typosquat*",
    "drop zone",
    "tor hidden",
    "leak site",
    "iocs",
    "ioc",
    "indicator of compromise",
    "indicators of compromise",
    "post request",
    "get request",
    "reverse shell",
    "tunnel",
    "proxy",
    "brute-force",
    "brute force",
    "scanning",
    "attacking",
    "was used to",
    "were used to",
    "used by the",
    "registered by",
    "bösartig*",
    "schadsoftware",
    "angreifer*",
    "malveillant*",
    "attaquant*",
    "malicios*",
    "atacante*",
    "вредоносн*",
    "злоумышленник*",
    "управляющ*",
    "恶意",
    "攻击者",
    "攻撃者",
    "マルウェア",
    "悪性",
    "악성",
];

/// Malware talks to the value or takes something from it.
const TIED: &[&str] = &[
    "connecting to",
    "communicates with",
    "communicating with",
    "communicate with",
    "contacting",
    "hosted by",
    "hosted under",
    "downloads from",
    "downloaded from",
    "downloading from",
    "fetched from",
    "fetches",
    "retrieved from",
    "retrieves",
    "beacons to",
    "beaconing to",
    "request to",
    "requests to",
    "sent to",
    "sends to",
    "malicious domain",
    "malicious domains",
    "malicious url",
    "malicious site",
    "phishing domain",
    "phishing domains",
    "phishing site",
    "phishing page",
    "attacker-controlled",
    "host:",
    "get http",
    "post http",
    "payload from",
    "served from",
    "delivered from",
    "registered",
];

/// The value that follows at once is what malware talks to, or a trap.
const DAMNING: &[&str] = &[
    "malicious",
    "phishing",
    "attacker-controlled",
    "beacons to",
    "beaconing to",
    "payload from",
    "payloads from",
    "malware from",
    "stage from",
    "вредоносн*",
    "恶意",
    "悪性",
    "악성",
];

/// Somebody asks for a ransom.
const EXTORTION: &[&str] = &[
    "ransom",
    "ransom note",
    "extort*",
    "negotiat*",
    "decrypt*",
    "told to mail",
    "told to email",
    "told to e-mail",
    "told to write",
    "told to contact",
    "instructed to mail",
    "instructed to email",
    "instructed to contact",
    "asked to contact",
    "asked to email",
    "lösegeld",
    "rançon",
    "rescate",
    "выкуп*",
    "赎金",
    "身代金",
];

/// Somebody is to write there.
const WRITING: &[&str] = &[
    "mail", "email", "e-mail", "write", "write to", "contact", "message",
];

/// The reader is sent there to read.
const REFERENCE: &[&str] = &[
    "read more",
    "see also",
    "see more",
    "see the",
    "see our",
    "available at",
    "available on",
    "available in",
    "available from",
    "according to",
    "reference",
    "references",
    "source",
    "sources",
    "blog post",
    "blogpost",
    "blog posts",
    "blog entry",
    "report by",
    "report from",
    "reported by",
    "reported on",
    "article",
    "analysis by",
    "analyzed by",
    "analysed by",
    "research by",
    "published",
    "write-up",
    "writeup",
    "more information",
    "more info",
    "more details",
    "learn more",
    "for details",
    "further details",
    "further reading",
    "documentation",
    "our website",
    "homepage",
    "home page",
    "tweet",
    "tweeted",
    "credit",
    "credits",
    "thanks to",
    "courtesy of",
    "repository",
    "repo",
    "poc",
    "proof of concept",
    "advisory",
    "advisories",
    "press release",
    "download the report",
    "contact us",
    "visit",
    "weitere informationen",
    "quelle",
    "quellen",
    "en savoir plus",
    "más información",
    "подробнее",
    "источник",
    "参考",
    "来源",
    "詳細",
];

/// The value is said to do no harm.
const HARMLESS: &[&str] = &[
    "legitimate",
    "legit",
    "benign",
    "clean",
    "goodware",
    "non-malicious",
    "not malicious",
    "harmless",
    "known good",
    "known-good",
    "genuine",
    "false positive",
    "false positives",
    "not related",
    "unrelated",
    "allowlist*",
    "whitelist*",
    "sinkhole",
    "sinkholed",
    "legitim",
    "légitime",
    "legítimo",
    "легитимн*",
    "合法",
    "正規",
];

/// Someone who suffered.
const VICTIM: &[&str] = &[
    "victim",
    "victims",
    "victim's",
    "compromised website",
    "compromised websites",
    "compromised site",
    "compromised sites",
    "hacked website",
    "hacked websites",
    "hacked site",
    "hacked sites",
    "opfer",
    "victime",
    "victimes",
    "víctima",
    "víctimas",
    "жертв*",
    "受害者",
    "被害者",
];

/// What follows is the name of someone who was imitated.
const IMITATION: &[&str] = &[
    "impersonat*",
    "spoof*",
    "mimic*",
    "masquerad*",
    "imitat*",
    "pretend*",
    "posing as",
    "poses as",
    "posed as",
    "typosquat*",
    "disguised as",
    "in the name of",
    "looks like",
    "look like",
    "resembl*",
    "similar to",
    "instead of",
    "rather than",
];

/// Somebody to write to, or to pay, in earnest.
const CONTACT: &[&str] = &[
    "contact",
    "contact us",
    "reach out",
    "reach us",
    "reach me",
    "reach him",
    "reach her",
    "reach them",
    "write to us",
    "report abuse",
    "get in touch",
    "email us",
    "e-mail us",
    "press",
    "media inquiries",
    "feedback",
    "questions",
    "report to",
    "subscribe",
    "donate",
    "donation",
    "donations",
    "support us",
    "tip jar",
    "toll-free",
    "hotline",
    "call us",
    "phone",
    "fax",
    "tel",
    "kontakt",
    "contactez",
    "contacto",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_match_whole_words_in_any_case() {
        for text in [
            "The C2 server",
            "C&C: ",
            "(phishing)",
            "Exfiltrates data to",
            "使用恶意软件",
        ] {
            assert!(Topics::of(text).has(Topic::Malicious), "{text}");
        }
        for text in [
            "ec2 instance",
            "is not malicious",
            "non-malicious",
            "phisher",
            "subcontacted",
            "robot",
            "",
        ] {
            assert!(!Topics::of(text).has(Topic::Malicious), "{text}");
        }
    }
}
