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
    b"am", b"are", b"as", b"at", b"be", b"best", b"by", b"call", b"do", b"got", b"here", b"how",
    b"in", b"is", b"it", b"like", b"link", b"make", b"map", b"me", b"my", b"name", b"new", b"next",
    b"no", b"now", b"one", b"open", b"page", b"ping", b"read", b"see", b"so", b"then", b"to",
    b"us", b"works", b"you", b"zip",
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
    b"between",
    b"big",
    b"but",
    b"by",
    b"called",
    b"dot",
    b"e",
    b"e.g",
    b"ending",
    b"every",
    b"for",
    b"from",
    b"g",
    b"i.e",
    b"in",
    b"including",
    b"into",
    b"is",
    b"its",
    b"like",
    b"many",
    b"most",
    b"named",
    b"new",
    b"no",
    b"of",
    b"old",
    b"on",
    b"only",
    b"or",
    b"other",
    b"s",
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
];

/// Words before "at" that say where something is.
const PLACED: &[&[u8]] = &[
    b"address",
    b"addresses",
    b"aimed",
    b"also",
    b"and",
    b"are",
    b"arrive",
    b"arrives",
    b"at",
    b"available",
    b"back",
    b"backdoor",
    b"be",
    b"been",
    b"begin",
    b"begins",
    b"blog",
    b"c&c",
    b"c2",
    b"cnc",
    b"content",
    b"details",
    b"document",
    b"domain",
    b"domains",
    b"down",
    b"endpoint",
    b"file",
    b"files",
    b"first",
    b"form",
    b"found",
    b"her",
    b"here",
    b"him",
    b"host",
    b"hosts",
    b"infrastructure",
    b"is",
    b"it",
    b"kit",
    b"last",
    b"link",
    b"links",
    b"live",
    b"loader",
    b"login",
    b"look",
    b"malware",
    b"me",
    b"mirror",
    b"more",
    b"not",
    b"once",
    b"one",
    b"online",
    b"only",
    b"or",
    b"out",
    b"page",
    b"pages",
    b"panel",
    b"payload",
    b"payloads",
    b"point",
    b"pointed",
    b"points",
    b"portal",
    b"report",
    b"repository",
    b"research",
    b"reside",
    b"resides",
    b"resource",
    b"run",
    b"runs",
    b"sample",
    b"samples",
    b"script",
    b"seen",
    b"server",
    b"servers",
    b"service",
    b"services",
    b"shop",
    b"site",
    b"sites",
    b"stage",
    b"start",
    b"starts",
    b"still",
    b"store",
    b"team",
    b"the",
    b"them",
    b"time",
    b"times",
    b"tool",
    b"up",
    b"url",
    b"us",
    b"was",
    b"website",
    b"websites",
    b"were",
    b"work",
    b"you",
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

/// Words in brackets that stand for a label which differs or is kept back: `[redacted].evil.com`.
const PLACEHOLDERS: &[&[u8]] = &[
    b"any",
    b"company",
    b"customer",
    b"dga",
    b"domain",
    b"host",
    b"hostname",
    b"id",
    b"masked",
    b"name",
    b"org",
    b"random",
    b"redacted",
    b"removed",
    b"sub",
    b"subdomain",
    b"target",
    b"tenant",
    b"user",
    b"userid",
    b"username",
    b"uuid",
    b"victim",
    b"xx",
    b"xxx",
    b"xxxx",
    b"your",
];

/// Whether a label in brackets stands for others.
pub(super) fn is_placeholder(label: &[u8]) -> bool {
    is_one_of(label, PLACEHOLDERS)
}

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
