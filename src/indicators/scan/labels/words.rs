//! What single words of a label mean.

use super::super::super::Kind;

/// Words for what is secret, or says only which of many.
const SECRETS: &[&str] = &[
    "apikey",
    "botid",
    "btih",
    "buildid",
    "challenge",
    "clientid",
    "clsid",
    "cookie",
    "csrf",
    "deviceid",
    "etag",
    "guid",
    "hmac",
    "hwid",
    "infohash",
    "iv",
    "jsessionid",
    "keys",
    "machineid",
    "modulus",
    "mutant",
    "mutex",
    "nonce",
    "passphrase",
    "password",
    "phpsessid",
    "salt",
    "secret",
    "seed",
    "serial",
    "sessid",
    "sessionid",
    "sid",
    "token",
    "tokens",
    "transaction",
    "txid",
    "userid",
    "uuid",
];

/// Whose ids tell nothing of a file.
const IDS_OF: &[&str] = &[
    "account",
    "affiliate",
    "agent",
    "app",
    "application",
    "bot",
    "botnet",
    "build",
    "campaign",
    "client",
    "config",
    "customer",
    "device",
    "event",
    "group",
    "machine",
    "message",
    "organization",
    "project",
    "request",
    "session",
    "tenant",
    "tracking",
    "transaction",
    "tx",
    "unique",
    "user",
    "victim",
];

/// Hashes of these are no hashes of files.
const HASHES_OF: &[&str] = &[
    "api",
    "block",
    "lm",
    "nt",
    "ntlm",
    "password",
    "transaction",
    "tx",
    "user",
];

/// What a word means as a label.
pub(super) enum Meaning {
    Is(Kind),
    Certificate,
    Nothing,
}

/// What the first word means; the others are those before it, nearest first. `distance` is the number of words
/// between it and the value.
pub(super) fn meaning(words: &[&str], distance: usize) -> Option<Meaning> {
    let [word, before, ..] = words else {
        return None;
    };
    if let Some(kind) = fingerprint(word, before) {
        return Some(Meaning::Is(kind));
    }
    let earlier = words.get(1..4).unwrap_or_default();
    if let Some(kind) = digest(word, before) {
        return Some(owner(earlier).unwrap_or(Meaning::Is(kind)));
    }
    match *word {
        "hash" | "hashes" | "id" | "sha" | "checksum" | "digest" => {
            owner(earlier).or_else(|| secret(word, before))
        }
        "thumbprint" | "thumbprints" => Some(Meaning::Certificate),
        "fingerprint" | "fingerprints" => owner(earlier),
        word if is_certificate_word(word) && distance == 0 => Some(Meaning::Certificate),
        word if is_certificate_word(word) => {
            let of_it =
                |word: &&str| word.starts_with("fingerprint") || word.starts_with("thumbprint");
            earlier.iter().any(of_it).then_some(Meaning::Certificate)
        }
        "tag" | "checkout" | "rev" | "head" | "pick" | "show" | "reset"
            if *before == "git" && distance < 3 =>
        {
            Some(Meaning::Is(Kind::GitCommit))
        }
        word if is_commit_word(word) && distance < 3 => Some(Meaning::Is(Kind::GitCommit)),
        _ => secret(word, before),
    }
}

/// Names of hashes and fingerprints that are not plain digests.
fn fingerprint(word: &str, before: &str) -> Option<Kind> {
    Some(match (word, before) {
        ("imphash" | "imphashes" | "importhash", _)
        | ("hash" | "hashes", "import" | "imports" | "imp") => Kind::Imphash,
        ("impfuzzy", _) => Kind::Impfuzzy,
        ("pehash", _) | ("hash", "pe") => Kind::Pehash,
        ("authentihash" | "authenticode" | "authentihashes", _) => Kind::Authentihash,
        ("vhash", _) => Kind::Vhash,
        ("telfhash", _) => Kind::Telfhash,
        ("tlsh", _) => Kind::Tlsh,
        ("ssdeep" | "ctph", _) | ("hash", "fuzzy") => Kind::Ssdeep,
        ("cdhash", _) => Kind::Cdhash,
        ("ja3s", _) => Kind::Ja3s,
        ("ja3", _) => Kind::Ja3,
        ("ja4" | "ja4s" | "ja4h" | "ja4x" | "ja4t" | "ja4ts" | "ja4l" | "ja4ssh", _) => Kind::Ja4,
        ("jarm", _) => Kind::Jarm,
        ("hasshserver", _) | ("server", "hassh") => Kind::HasshServer,
        ("hassh", _) => Kind::Hassh,
        ("mmh3" | "favicon", _) | ("hash", "favicon" | "icon") => Kind::FaviconMmh3,
        _ => return None,
    })
}

/// Names of plain digests.
fn digest(word: &str, before: &str) -> Option<Kind> {
    Some(match (word, before) {
        ("md5" | "md5s" | "md5sum" | "md5hash", _) | ("5", "md") => Kind::Md5,
        ("sha1" | "sha1s" | "sha1sum" | "sha1hash", _) | ("1", "sha") => Kind::Sha1,
        ("sha224", _) | ("224", "sha") => Kind::Sha224,
        ("sha256" | "sha256s" | "sha256sum" | "sha256hash" | "sha2", _) | ("256" | "2", "sha") => {
            Kind::Sha256
        }
        ("sha384", _) | ("384", "sha") => Kind::Sha384,
        ("sha512" | "sha512sum", _) | ("512", "sha") => Kind::Sha512,
        _ => return None,
    })
}

/// Whose digest it is, if it is not the file's: `certificate SHA-1`, `Authentihash SHA256`, `commit hash`.
fn owner(earlier: &[&str]) -> Option<Meaning> {
    earlier.iter().enumerate().find_map(|(distance, word)| {
        if is_certificate_word(word) {
            return Some(Meaning::Certificate);
        }
        match *word {
            _ if is_commit_word(word) => Some(Meaning::Is(Kind::GitCommit)),
            "authentihash" | "authenticode" if distance < 2 => {
                Some(Meaning::Is(Kind::Authentihash))
            }
            "ja3" | "ja3s" | "jarm" | "hassh" => fingerprint(word, "").map(Meaning::Is),
            _ => None,
        }
    })
}

fn is_certificate_word(word: &str) -> bool {
    matches!(
        word,
        "certificate" | "certificates" | "cert" | "certs" | "ssl" | "x509" | "509"
    )
}

fn is_commit_word(word: &str) -> bool {
    matches!(
        word,
        "commit" | "commits" | "committed" | "changeset" | "revision"
    )
}

/// Whether the words name a secret or a number that identifies nothing in a search.
fn secret(word: &str, before: &str) -> Option<Meaning> {
    let secret = match word {
        "key" => before != "hash",
        "number" => before == "serial",
        "identifier" => before == "key" || IDS_OF.contains(&before),
        "id" => IDS_OF.contains(&before),
        "hash" | "hashes" => HASHES_OF.contains(&before),
        _ => SECRETS.contains(&word),
    };
    secret.then_some(Meaning::Nothing)
}
