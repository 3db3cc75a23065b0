//! What an indicator is: MISP attribute types, and the few kinds for which MISP has none.

use std::fmt;
use std::str::FromStr;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// The type of an indicator, named as MISP names its attribute types.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Kind {
            $($(#[$doc])* $name,)*
        }

        impl Kind {
            /// Every kind, in the order of this list.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name: the MISP attribute type where there is one.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

kinds! {
    /// IPv4 or IPv6 address, or a net in CIDR notation. The zone of an IPv6 address (`%eth0`) is left out: it names an interface
    /// of one machine.
    IpDst = "ip-dst",
    /// Address and port: `192.0.2.1|443`.
    IpDstPort = "ip-dst|port",
    /// A registrable name: `example.com`.
    Domain = "domain",
    /// A name below a registrable one: `c2.example.com`.
    Hostname = "hostname",
    /// Host and port: `example.com|8080`.
    HostnamePort = "hostname|port",
    /// Domain and address written as one: `example.com|192.0.2.1`.
    DomainIp = "domain|ip",
    /// A Tor hidden service.
    OnionAddress = "onion-address",
    /// A URL with any scheme, or a host with a path.
    Url = "url",
    /// Mail address.
    Email = "email",
    /// Mail address that sent.
    EmailSrc = "email-src",
    /// Mail address that received.
    EmailDst = "email-dst",
    /// 32 hexadecimal digits.
    Md5 = "md5",
    /// 40 hexadecimal digits.
    Sha1 = "sha1",
    /// 56 hexadecimal digits.
    Sha224 = "sha224",
    /// 64 hexadecimal digits.
    Sha256 = "sha256",
    /// 96 hexadecimal digits.
    Sha384 = "sha384",
    /// 128 hexadecimal digits.
    Sha512 = "sha512",
    /// Fuzzy hash: `1536:gQA…:uiEo/`.
    Ssdeep = "ssdeep",
    /// Fuzzy hash of 70 hexadecimal digits, or `T1` and 70.
    Tlsh = "tlsh",
    /// Hash of a PE file's imports (32 hexadecimal digits).
    Imphash = "imphash",
    /// Fuzzy hash of a PE file's imports.
    Impfuzzy = "impfuzzy",
    /// Hash of a PE file's structure (40 hexadecimal digits).
    Pehash = "pehash",
    /// Authenticode hash (64 hexadecimal digits).
    Authentihash = "authentihash",
    /// VirusTotal's similarity hash.
    Vhash = "vhash",
    /// Hash of an ELF file's symbols (70 hexadecimal digits).
    Telfhash = "telfhash",
    /// Code directory hash of a macOS binary (40 hexadecimal digits).
    Cdhash = "cdhash",
    /// TLS client fingerprint (32 hexadecimal digits).
    Ja3 = "ja3-fingerprint-md5",
    /// TLS server fingerprint (32 hexadecimal digits). MISP has no type of its own.
    Ja3s = "ja3s",
    /// TLS client fingerprint of the JA4 family. MISP has no type of its own.
    Ja4 = "ja4",
    /// Active TLS server fingerprint (62 hexadecimal digits).
    Jarm = "jarm-fingerprint",
    /// SSH client fingerprint (32 hexadecimal digits).
    Hassh = "hassh-md5",
    /// SSH server fingerprint (32 hexadecimal digits).
    HasshServer = "hasshserver-md5",
    /// Murmur3 hash of a site's icon: a signed 32-bit number.
    FaviconMmh3 = "favicon-mmh3",
    /// Certificate fingerprint (32 hexadecimal digits).
    X509Md5 = "x509-fingerprint-md5",
    /// Certificate fingerprint (40 hexadecimal digits).
    X509Sha1 = "x509-fingerprint-sha1",
    /// Certificate fingerprint (64 hexadecimal digits).
    X509Sha256 = "x509-fingerprint-sha256",
    /// Commit in a git repository (40 hexadecimal digits).
    GitCommit = "git-commit-id",
    /// File name, or a Windows or Unix path.
    Filename = "filename",
    /// `name|md5`.
    FilenameMd5 = "filename|md5",
    /// `name|sha1`.
    FilenameSha1 = "filename|sha1",
    /// `name|sha256`.
    FilenameSha256 = "filename|sha256",
    /// `name|sha512`.
    FilenameSha512 = "filename|sha512",
    /// Path of a program database.
    Pdb = "pdb",
    /// Windows registry key.
    Regkey = "regkey",
    /// Windows registry key and what is written there: `HKCU\Software\Evil\Run|C:\a.exe`.
    RegkeyValue = "regkey|value",
    /// Name of a mutual exclusion object.
    Mutex = "mutex",
    /// Windows named pipe.
    NamedPipe = "named pipe",
    /// Name of a Windows service.
    WindowsService = "windows-service-name",
    /// Name of a Windows scheduled task.
    WindowsTask = "windows-scheduled-task",
    /// HTTP user agent.
    UserAgent = "user-agent",
    /// `CVE-…` or `GHSA-…`.
    Vulnerability = "vulnerability",
    /// `CWE-…`.
    Weakness = "weakness",
    /// Autonomous system: `AS1234`.
    As = "AS",
    /// Hardware address.
    MacAddress = "mac-address",
    /// Bitcoin address.
    Btc = "btc",
    /// Ethereum address. MISP has no type of its own, nor for the coins below but Monero and Dash.
    Eth = "eth",
    /// Monero address.
    Xmr = "xmr",
    /// Dash address.
    Dash = "dash",
    /// Litecoin address.
    Ltc = "ltc",
    /// Bitcoin Cash address.
    Bch = "bch",
    /// Dogecoin address.
    Doge = "doge",
    /// Ripple address.
    Xrp = "xrp",
    /// Solana address.
    Sol = "sol",
    /// Zcash address.
    Zec = "zec",
    /// Tezos address.
    Xtz = "xtz",
    /// Tron address.
    Trx = "trx",
    /// Cardano address.
    Ada = "ada",
    /// International bank account number.
    Iban = "iban",
    /// Payment card number. Found only when asked for ([`Scanner::card_numbers`](super::Scanner::card_numbers)).
    CcNumber = "cc-number",
    /// Telephone number.
    PhoneNumber = "phone-number",
    /// Telegram user, channel or bot. MISP has no type of its own.
    Telegram = "telegram",
    /// Discord invitation or user. MISP has no type of its own.
    Discord = "discord",
    /// GitHub user.
    GithubUsername = "github-username",
    /// GitHub repository: `owner/name`.
    GithubRepository = "github-repository",
    /// YARA rule, whole; of at most 1 MiB. MISP takes 65,535 bytes.
    Yara = "yara",
    /// Sigma rule, whole; of at most 1 MiB.
    Sigma = "sigma",
    /// Snort rule, whole; of at most 16 KiB.
    Snort = "snort",
    /// Suricata rule, whole; of at most 16 KiB.
    Suricata = "suricata",
    /// Common platform enumeration.
    Cpe = "cpe",
    /// Id of a Chrome extension (32 letters from a to p).
    ChromeExtension = "chrome-extension-id",
    /// ATT&CK technique id: `T1566.001`. Context, not an attribute, as are the following.
    AttackTechnique = "attack-technique",
    /// ATT&CK tactic id: `TA0001`.
    AttackTactic = "attack-tactic",
    /// ATT&CK group id: `G0007`.
    AttackGroup = "attack-group",
    /// ATT&CK software id: `S0154`.
    AttackSoftware = "attack-software",
}

impl Kind {
    /// Whether it names something on a network: an address, a host, a URL.
    pub const fn is_network(self) -> bool {
        matches!(
            self,
            Self::IpDst
                | Self::IpDstPort
                | Self::Domain
                | Self::Hostname
                | Self::HostnamePort
                | Self::DomainIp
                | Self::OnionAddress
                | Self::Url
        )
    }

    /// Whether it is a digest or fuzzy hash of a file.
    pub const fn is_file_hash(self) -> bool {
        matches!(
            self,
            Self::Md5
                | Self::Sha1
                | Self::Sha224
                | Self::Sha256
                | Self::Sha384
                | Self::Sha512
                | Self::Ssdeep
                | Self::Tlsh
                | Self::Imphash
                | Self::Impfuzzy
                | Self::Pehash
                | Self::Authentihash
                | Self::Vhash
                | Self::Telfhash
                | Self::Cdhash
        )
    }

    /// Whether it is context for tags rather than an attribute.
    pub const fn is_context(self) -> bool {
        matches!(
            self,
            Self::AttackTechnique | Self::AttackTactic | Self::AttackGroup | Self::AttackSoftware
        )
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl serde::Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Not the name of a [`Kind`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a type of indicator")]
pub struct UnknownKind(pub String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == name)
            .ok_or_else(|| UnknownKind(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_read_back() {
        for kind in Kind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        assert!("ip".parse::<Kind>().is_err());
    }
}
