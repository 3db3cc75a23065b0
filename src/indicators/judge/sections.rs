//! What a heading announces.

use std::sync::OnceLock;

use super::words::Words;

/// What stands in a part of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Section {
    /// The story.
    #[default]
    Body,
    /// A list of indicators.
    Indicators,
    /// Where the author read it, and what else to read.
    References,
    /// About the author, the company, the site; terms, privacy, subscriptions.
    Furniture,
}

/// What a heading says of what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Announces {
    /// A section of this sort.
    Section(Section),
    /// Nothing: it belongs to what is above it.
    Nothing,
}

/// Longest heading that is looked at, in bytes. Longer ones are sentences.
pub(super) const MAX_HEADING: usize = 160;

/// What a heading announces. `title`: whether it is the article's own, which names the topic rather than what
/// follows, unless it says nothing else.
pub(super) fn announces(heading: &str, title: bool) -> Announces {
    if heading.len() > MAX_HEADING {
        return Announces::Nothing;
    }
    let phrase = normal(heading);
    let words = phrase.split(' ').filter(|word| !word.is_empty()).count();
    let names = Names::get();
    if names.indicators.are_in(&phrase) && !(title && words > 6) {
        return Announces::Section(Section::Indicators);
    }
    if title || words > 8 {
        return Announces::Nothing;
    }
    if names.references.are_in(&phrase) {
        Announces::Section(Section::References)
    } else if names.furniture.are_in(&phrase) {
        Announces::Section(Section::Furniture)
    } else if names.story.are_in(&phrase) {
        Announces::Section(Section::Body)
    } else if words <= 6 && names.values.are_in(&phrase)
        || words <= 3 && ALONE.contains(&phrase.as_str())
    {
        Announces::Section(Section::Indicators)
    } else {
        Announces::Nothing
    }
}

/// What a line announces that is nothing but the name of a section: in plain text it is all there is of a heading.
pub(super) fn named(line: &str) -> Option<Section> {
    if line.len() > MAX_HEADING {
        return None;
    }
    let phrase = normal(line);
    let is_in = |names: &[&str]| names.contains(&phrase.as_str());
    if is_in(INDICATORS) || is_in(VALUES) {
        Some(Section::Indicators)
    } else if is_in(REFERENCES) {
        Some(Section::References)
    } else {
        is_in(STORY).then_some(Section::Body)
    }
}

/// Whether what stands before a value on its line is a label of references: `参考链接：`.
pub(super) fn is_reference_label(label: &str) -> bool {
    label.len() <= MAX_HEADING && label.trim_end().ends_with([':', '：']) && {
        let phrase = normal(label);
        REFERENCES.contains(&phrase.as_str())
    }
}

/// In lower case, without punctuation and numbering, one blank between words.
fn normal(heading: &str) -> String {
    let mut phrase = String::with_capacity(heading.len());
    for letter in heading.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() || letter == '&' {
            phrase.push(letter);
        } else if !phrase.ends_with(' ') && !phrase.is_empty() && letter != '\'' && letter != '’'
        {
            phrase.push(' ');
        }
    }
    let numbering = |c: char| c.is_ascii_digit() || c == ' ';
    phrase.trim_start_matches(numbering).trim_end().to_owned()
}

/// The lists below, ready to be looked for: a hostile page may hold a million headings.
struct Names {
    indicators: Words,
    references: Words,
    furniture: Words,
    story: Words,
    values: Words,
}

impl Names {
    fn get() -> &'static Self {
        static NAMES: OnceLock<Names> = OnceLock::new();
        NAMES.get_or_init(|| Self {
            indicators: Words::new(INDICATORS),
            references: Words::new(REFERENCES),
            furniture: Words::new(FURNITURE),
            story: Words::new(STORY),
            values: Words::new(VALUES),
        })
    }
}

/// Names of lists of indicators, wherever they stand in a heading.
const INDICATORS: &[&str] = &[
    "indicators of compromise",
    "indicator of compromise",
    "indicators of compromises",
    "ioc",
    "iocs",
    "indicators of attack",
    "ioa",
    "ioas",
    "indicators",
    "network indicators",
    "host indicators",
    "host based indicators",
    "file indicators",
    "observables",
    "kompromittierungsindikatoren",
    "indikatoren",
    "indicateurs de compromission",
    "indicateurs",
    "indicadores de compromiso",
    "indicadores de comprometimento",
    "indicadores",
    "indicatori di compromissione",
    "indicatori",
    "индикаторы компрометации",
    "индикаторы",
    "wskaźniki kompromitacji",
    "uzlaşma göstergeleri",
    "指标",
    "指標",
    "失陷指标",
    "威胁指标",
    "侵害指標",
    "侵害の痕跡",
    "침해지표",
    "침해 지표",
];

/// Where else to read.
const REFERENCES: &[&str] = &[
    "references",
    "reference",
    "sources",
    "source",
    "further reading",
    "additional reading",
    "read more",
    "related",
    "related posts",
    "related articles",
    "related content",
    "related reading",
    "related research",
    "additional resources",
    "resources",
    "links",
    "useful links",
    "external links",
    "see also",
    "bibliography",
    "acknowledgements",
    "acknowledgments",
    "acknowledgement",
    "credits",
    "credit",
    "thanks",
    "footnotes",
    "notes",
    "more from",
    "you may also like",
    "recommended reading",
    "previous posts",
    "recent posts",
    "latest posts",
    "referenzen",
    "quellen",
    "weiterführende links",
    "références",
    "liens",
    "referencias",
    "fuentes",
    "enlaces",
    "riferimenti",
    "fonti",
    "ссылки",
    "источники",
    "参考",
    "参考资料",
    "参考文献",
    "参考链接",
    "関連記事",
    "出典",
    "참고",
];

/// About the site and its makers.
const FURNITURE: &[&str] = &[
    "about us",
    "about the author",
    "about the authors",
    "about author",
    "author",
    "authors",
    "about",
    "contact",
    "contact us",
    "contacts",
    "get in touch",
    "subscribe",
    "newsletter",
    "privacy",
    "privacy policy",
    "terms",
    "terms of use",
    "terms of service",
    "cookies",
    "cookie policy",
    "copyright",
    "legal",
    "disclaimer",
    "share",
    "share this",
    "follow us",
    "comments",
    "leave a reply",
    "leave a comment",
    "tags",
    "categories",
    "archives",
    "imprint",
    "impressum",
    "datenschutz",
    "kontakt",
    "über uns",
    "mentions légales",
    "contacto",
    "contatti",
    "контакты",
    "关于我们",
    "联系我们",
    "お問い合わせ",
];

/// The story goes on, whatever the level of the heading.
const STORY: &[&str] = &[
    "conclusion",
    "conclusions",
    "summary",
    "executive summary",
    "introduction",
    "overview",
    "background",
    "key findings",
    "key takeaways",
    "takeaways",
    "recommendations",
    "recommendation",
    "mitigation",
    "mitigations",
    "remediation",
    "protection",
    "protections",
    "prevention",
    "mitre",
    "att&ck",
    "ttp",
    "ttps",
    "tactics",
    "techniques",
    "technical analysis",
    "technical details",
    "analysis",
    "timeline",
    "attribution",
    "victimology",
    "final thoughts",
    "wrapping up",
    "outlook",
    "coverage",
    "how to protect",
    "fazit",
    "zusammenfassung",
    "conclusión",
    "conclusiones",
    "заключение",
    "выводы",
    "结论",
    "总结",
    "まとめ",
];

/// Kinds of values; a short heading that names one announces a list of them.
const VALUES: &[&str] = &[
    "hashes",
    "hash",
    "file hashes",
    "sample hashes",
    "md5",
    "md5s",
    "sha1",
    "sha 1",
    "sha256",
    "sha 256",
    "sha512",
    "sha256s",
    "domains",
    "domain names",
    "domain",
    "hostnames",
    "fqdn",
    "fqdns",
    "ips",
    "ip addresses",
    "ip address",
    "ip",
    "ipv4",
    "ipv6",
    "urls",
    "url",
    "email addresses",
    "e mail addresses",
    "mail addresses",
    "emails",
    "c2",
    "c2s",
    "c&c",
    "cnc",
    "c2 servers",
    "c&c servers",
    "command and control servers",
    "c2 domains",
    "c2 infrastructure",
    "network infrastructure",
    "phishing sites",
    "phishing urls",
    "compromised websites",
    "compromised sites",
    "malware samples",
    "samples",
    "filenames",
    "file names",
    "mutexes",
    "mutex",
    "registry keys",
    "certificates",
    "bitcoin addresses",
    "wallets",
    "wallet addresses",
    "user agents",
    "user agent",
    "artifacts",
    "artefacts",
    "detections",
    "appendix",
    "appendices",
    "yara rules",
    "yara",
    "snort rules",
    "signatures",
    "domänen",
    "ip adressen",
    "domaines",
    "adresses ip",
    "empreintes",
    "dominios",
    "direcciones ip",
    "hashs",
    "домены",
    "хеши",
    "адреса",
    "域名",
    "哈希",
    "样本",
    "ドメイン",
    "ハッシュ",
];

/// Headings that announce a list when they say nothing else.
const ALONE: &[&str] = &[
    "files",
    "file",
    "network",
    "infrastructure",
    "host",
    "hosts",
    "servers",
    "network activity",
    "payloads",
    "malware",
    "droppers",
    "loaders",
    "dropper",
    "loader",
    "network iocs",
    "file iocs",
    "list of files",
    "delivery",
    "dateien",
    "netzwerk",
    "fichiers",
    "réseau",
    "archivos",
    "red",
    "файлы",
    "сеть",
    "文件",
    "网络",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_announce_sections() {
        let indicators = Announces::Section(Section::Indicators);
        let references = Announces::Section(Section::References);
        let furniture = Announces::Section(Section::Furniture);
        let body = Announces::Section(Section::Body);
        for (heading, expected) in [
            ("Indicators of Compromise (IoCs)", indicators),
            ("**IOCs:**", indicators),
            ("Appendix A: IoCs", indicators),
            ("5.2 Network indicators", indicators),
            ("Kompromittierungsindikatoren", indicators),
            ("Indicateurs de compromission", indicators),
            ("Индикаторы компрометации", indicators),
            ("侵害指標 (IoC)", indicators),
            ("失陷指标", indicators),
            ("File hashes", indicators),
            ("C&C servers", indicators),
            ("SHA-256", indicators),
            ("Files", indicators),
            ("MITRE ATT&CK and IOCs", indicators),
            ("References", references),
            ("Appendix: Sources", references),
            ("Further Reading", references),
            ("参考链接", references),
            ("About the Author", furniture),
            ("Subscribe to our newsletter", furniture),
            ("Conclusion", body),
            ("MITRE ATT&CK techniques", body),
            ("Technical analysis", body),
            ("Loading the next stage", Announces::Nothing),
            ("Network capture walk-through", Announces::Nothing),
            (
                "How the actor chooses its domains and rotates them",
                Announces::Nothing,
            ),
            ("", Announces::Nothing),
        ] {
            assert_eq!(announces(heading, false), expected, "{heading}");
        }
    }

    #[test]
    fn a_title_names_the_topic() {
        let title =
            "Moonlight: espionage against diplomats in Freedonia - Indicators of Compromise";
        assert_eq!(announces(title, true), Announces::Nothing);
        assert_eq!(announces("Domain fronting", true), Announces::Nothing);
        assert_eq!(
            announces("Moonlight IoCs", true),
            Announces::Section(Section::Indicators)
        );
    }
}
