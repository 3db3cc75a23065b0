//! What words say about the marks between them.

/// Top-level names that no registry lists but that values end in: naming systems of their own (ENS, Emercoin,
/// Handshake, I2P, OpenNIC) and names set aside (RFC 6762, RFC 8375).
const OTHER_TOP_LEVEL: &[&[u8]] = &[
    b"bazar",
    b"bit",
    b"coin",
    b"crypto",
    b"emc",
    b"eth",
    b"i2p",
    b"lan",
    b"lib",
    b"local",
    b"localhost",
    b"onion",
];

/// Top-level names that are English words: alone they do not show that a host name was meant.
const ENGLISH_TOP_LEVEL: &[&[u8]] = &[
    b"am", b"are", b"as", b"at", b"be", b"best", b"by", b"do", b"how", b"in", b"is", b"it", b"me",
    b"my", b"new", b"no", b"now", b"here", b"one", b"open", b"see", b"so", b"to", b"us", b"you",
    b"like", b"call", b"next", b"page", b"link", b"zip", b"works", b"name", b"ping", b"read",
    b"make", b"got", b"then", b"map",
];

/// Words before a mark with a blank between that are not the label before it.
const FUNCTION_WORDS: &[&[u8]] = &[
    b"a",
    b"all",
    b"an",
    b"and",
    b"any",
    b"are",
    b"as",
    b"at",
    b"big",
    b"but",
    b"by",
    b"e",
    b"for",
    b"from",
    b"g",
    b"in",
    b"including",
    b"into",
    b"is",
    b"its",
    b"like",
    b"many",
    b"most",
    b"new",
    b"of",
    b"old",
    b"on",
    b"only",
    b"or",
    b"other",
    b"some",
    b"such",
    b"than",
    b"that",
    b"the",
    b"their",
    b"these",
    b"this",
    b"those",
    b"to",
    b"under",
    b"use",
    b"used",
    b"uses",
    b"using",
    b"via",
    b"was",
    b"were",
    b"with",
    b"e.g",
    b"i.e",
    b"the.",
    b"called",
    b"named",
    b"ending",
    b"every",
    b"no",
    b"between",
    b"s",
    b"dot",
];

/// Words before "at" that say where something is.
const PLACED: &[&[u8]] = &[
    b"look",
    b"is",
    b"was",
    b"are",
    b"were",
    b"be",
    b"been",
    b"server",
    b"servers",
    b"site",
    b"sites",
    b"website",
    b"websites",
    b"domain",
    b"domains",
    b"page",
    b"pages",
    b"available",
    b"here",
    b"panel",
    b"host",
    b"hosts",
    b"url",
    b"c2",
    b"c&c",
    b"cnc",
    b"us",
    b"me",
    b"them",
    b"it",
    b"him",
    b"her",
    b"you",
    b"one",
    b"and",
    b"or",
    b"not",
    b"only",
    b"also",
    b"still",
    b"live",
    b"online",
    b"blog",
    b"portal",
    b"infrastructure",
    b"aimed",
    b"arrive",
    b"arrives",
    b"at",
    b"the",
    b"address",
    b"service",
    b"services",
    b"file",
    b"files",
    b"payload",
    b"payloads",
    b"malware",
    b"backdoor",
    b"script",
    b"sample",
    b"samples",
    b"stage",
    b"point",
    b"points",
    b"pointed",
    b"point",
    b"found",
    b"seen",
    b"run",
    b"runs",
    b"resides",
    b"reside",
    b"begin",
    b"begins",
    b"start",
    b"starts",
    b"work",
    b"research",
    b"report",
    b"team",
    b"details",
    b"more",
    b"out",
    b"up",
    b"down",
    b"back",
    b"kit",
    b"loader",
    b"document",
    b"link",
    b"links",
    b"endpoint",
    b"address",
    b"addresses",
    b"resource",
    b"content",
    b"form",
    b"login",
    b"mirror",
    b"repository",
    b"shop",
    b"store",
    b"tool",
    b"time",
    b"times",
    b"once",
    b"first",
    b"last",
];

/// Words after a label with a dot before it that speak about names ending so.
const ABOUT_NAMES: &[&[u8]] = &[
    b"address",
    b"addresses",
    b"domain",
    b"domains",
    b"extension",
    b"extensions",
    b"file",
    b"files",
    b"namespace",
    b"suffix",
    b"tld",
    b"tlds",
    b"top-level",
    b"zone",
];

/// Whether host names may end in a label.
pub(super) fn is_top_level(label: &[u8]) -> bool {
    let mut lower = [0; 24];
    let Some(lower) = lower.get_mut(..label.len()) else {
        return false;
    };
    lower.copy_from_slice(label);
    lower.make_ascii_lowercase();
    let has_letter = lower
        .iter()
        .any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80);
    let lower: &[u8] = lower;
    has_letter
        && (OTHER_TOP_LEVEL.contains(&lower)
            || psl::suffix(lower).is_some_and(|suffix| suffix.is_known()))
}

/// Whether a label says nothing by itself.
pub(super) fn is_english_top_level(label: &[u8]) -> bool {
    is_one_of(label, ENGLISH_TOP_LEVEL)
}

/// Whether a word can hardly be a label.
pub(super) fn is_function_word(word: &[u8]) -> bool {
    is_one_of(word, FUNCTION_WORDS)
}

/// Whether a word before "at" says that something is at a place: "hosted at", "look at".
pub(super) fn is_placed(word: &[u8]) -> bool {
    let ends = |end: &[u8]| word.len() > end.len() && word.to_ascii_lowercase().ends_with(end);
    ends(b"ed") || ends(b"ing") || is_one_of(word, PLACED) || is_function_word(word)
}

/// Whether a word speaks about names that end in what stands before it.
pub(super) fn is_about_names(word: &[u8]) -> bool {
    is_one_of(word, ABOUT_NAMES)
}

fn is_one_of(word: &[u8], list: &[&[u8]]) -> bool {
    list.iter().any(|known| known.eq_ignore_ascii_case(word))
}
