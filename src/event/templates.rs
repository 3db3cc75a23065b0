//! MISP's object templates, as far as Gleaner fills them.
//!
//! By misp-objects as shipped with MISP 2.5.1. Later versions of these templates have the same fields and more,
//! so a newer server understands them, while an older one would not know a newer version.

use uuid::{Uuid, uuid};

/// An object template.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Template {
    pub(super) name: &'static str,
    pub(super) uuid: Uuid,
    pub(super) version: u32,
    pub(super) meta_category: &'static str,
    pub(super) description: &'static str,
    /// Its fields and their attribute types, as far as they are used.
    pub(super) fields: &'static [(&'static str, &'static str)],
}

impl Template {
    /// The attribute type of a field.
    pub(super) fn kind_of(&self, relation: &str) -> Option<&'static str> {
        self.fields
            .iter()
            .find(|(name, _)| *name == relation)
            .map(|(_, kind)| *kind)
    }
}

/// A file: hashes, names, size.
pub(super) const FILE: Template = Template {
    name: "file",
    uuid: uuid!("688c46fb-5edb-40a3-8273-1af7923e2215"),
    version: 24,
    meta_category: "file",
    description: "File object describing a file with meta-information",
    fields: &[
        ("filename", "filename"),
        ("size-in-bytes", "size-in-bytes"),
        ("md5", "md5"),
        ("sha1", "sha1"),
        ("sha224", "sha224"),
        ("sha256", "sha256"),
        ("sha384", "sha384"),
        ("sha512", "sha512"),
        ("ssdeep", "ssdeep"),
        ("tlsh", "tlsh"),
        ("imphash", "imphash"),
        ("authentihash", "authentihash"),
        ("vhash", "vhash"),
        ("telfhash", "telfhash"),
    ],
};

/// A name and the address it resolves to.
pub(super) const DOMAIN_IP: Template = Template {
    name: "domain-ip",
    uuid: uuid!("43b3b146-77eb-4931-b4cc-b66c60f28734"),
    version: 11,
    meta_category: "network",
    description: "A domain/hostname and IP address seen as a tuple in a specific time frame.",
    fields: &[
        ("domain", "domain"),
        ("hostname", "hostname"),
        ("ip", "ip-dst"),
    ],
};

/// A wallet.
pub(super) const COIN_ADDRESS: Template = Template {
    name: "coin-address",
    uuid: uuid!("d0e6997e-78da-4815-a6a1-cfc1c1cb8a46"),
    version: 6,
    meta_category: "financial",
    description: "An address used in a cryptocurrency",
    fields: &[("address-crypto", "text"), ("symbol", "text")],
};

/// A Telegram user, channel or bot.
pub(super) const TELEGRAM: Template = Template {
    name: "telegram-account",
    uuid: uuid!("06f02ecf-5afb-42c5-9cb0-b362e222f52c"),
    version: 2,
    meta_category: "misc",
    description: "Information related to a telegram account",
    fields: &[("username", "text"), ("id", "text")],
};

/// A fingerprint of the JA4 family.
pub(super) const JA4: Template = Template {
    name: "ja4-plus",
    uuid: uuid!("2c15c75e-e7db-4b62-8d17-633e7571818f"),
    version: 2,
    meta_category: "network",
    description: "JA4 is a technique for creating network fingerprints that are easy to produce and can be easily \
                  shared for threat intelligence. https://github.com/FoxIO-LLC/ja4/blob/main/technical_details/README.md",
    fields: &[("ja4-fingerprint", "text"), ("ja4-type", "text")],
};
