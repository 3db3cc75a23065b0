//! MISP's attribute types, as far as Gleaner sends them.
//!
//! By `describeTypes` of MISP 2.5.1: every type with the categories it may have, the one MISP itself would take
//! first. MISP silently drops an attribute whose type it does not know or whose category does not go with it,
//! so types that came late (`onion-address`, `suricata`), and that a server may not know yet, are not used.

use super::Attribute;

/// Categories, as MISP writes them.
pub(super) mod category {
    pub(crate) const ARTIFACTS: &str = "Artifacts dropped";
    pub(crate) const ATTRIBUTION: &str = "Attribution";
    pub(crate) const EXTERNAL: &str = "External analysis";
    pub(crate) const FRAUD: &str = "Financial fraud";
    pub(crate) const INSTALLATION: &str = "Payload installation";
    pub(crate) const INTERNAL: &str = "Internal reference";
    pub(crate) const NETWORK: &str = "Network activity";
    pub(crate) const OTHER: &str = "Other";
    pub(crate) const DELIVERY: &str = "Payload delivery";
    pub(crate) const PERSISTENCE: &str = "Persistence mechanism";
    pub(crate) const PERSON: &str = "Person";
    pub(crate) const SOCIAL: &str = "Social network";
}

use category::{
    ARTIFACTS, ATTRIBUTION, DELIVERY, EXTERNAL, FRAUD, INSTALLATION, INTERNAL, NETWORK, OTHER,
    PERSISTENCE, PERSON, SOCIAL,
};

/// A type and the categories it may have, MISP's default first.
pub(super) type Row = (&'static str, &'static [&'static str]);

/// Sorted by name.
pub(super) const TYPES: &[Row] = &[
    ("AS", &[NETWORK, DELIVERY, EXTERNAL]),
    ("authentihash", &[DELIVERY, ARTIFACTS, INSTALLATION]),
    ("btc", &[FRAUD]),
    ("cc-number", &[FRAUD]),
    ("cdhash", &[DELIVERY, ARTIFACTS, INSTALLATION]),
    ("chrome-extension-id", &[DELIVERY, INSTALLATION]),
    ("comment", &[OTHER]),
    ("cpe", &[EXTERNAL, DELIVERY, INSTALLATION, OTHER]),
    ("dash", &[FRAUD]),
    ("domain", &[NETWORK, DELIVERY, EXTERNAL]),
    ("email", &[SOCIAL, DELIVERY, NETWORK, ATTRIBUTION, PERSON]),
    ("email-dst", &[NETWORK, DELIVERY, SOCIAL]),
    ("email-src", &[DELIVERY, NETWORK, SOCIAL]),
    ("favicon-mmh3", &[NETWORK]),
    (
        "filename",
        &[DELIVERY, ARTIFACTS, INSTALLATION, PERSISTENCE, EXTERNAL],
    ),
    (
        "filename|md5",
        &[DELIVERY, ARTIFACTS, INSTALLATION, EXTERNAL],
    ),
    (
        "filename|sha1",
        &[DELIVERY, ARTIFACTS, INSTALLATION, EXTERNAL],
    ),
    (
        "filename|sha256",
        &[DELIVERY, ARTIFACTS, INSTALLATION, EXTERNAL],
    ),
    ("filename|sha512", &[DELIVERY, ARTIFACTS, INSTALLATION]),
    ("git-commit-id", &[INTERNAL]),
    ("github-repository", &[SOCIAL, EXTERNAL]),
    ("github-username", &[SOCIAL]),
    ("hassh-md5", &[NETWORK, DELIVERY, EXTERNAL]),
    ("hasshserver-md5", &[NETWORK, DELIVERY, EXTERNAL]),
    ("hostname", &[NETWORK, DELIVERY, EXTERNAL]),
    ("hostname|port", &[NETWORK, DELIVERY]),
    ("iban", &[FRAUD]),
    ("impfuzzy", &[DELIVERY, ARTIFACTS, INSTALLATION]),
    ("imphash", &[DELIVERY, ARTIFACTS, INSTALLATION]),
    ("ip-dst", &[NETWORK, DELIVERY, EXTERNAL]),
    ("ip-dst|port", &[NETWORK, DELIVERY, EXTERNAL]),
    ("ja3-fingerprint-md5", &[NETWORK, DELIVERY, EXTERNAL]),
    ("jarm-fingerprint", &[NETWORK, DELIVERY, EXTERNAL]),
    ("link", &[EXTERNAL, DELIVERY, INTERNAL]),
    ("mac-address", &[NETWORK, DELIVERY, EXTERNAL]),
    ("md5", &[DELIVERY, ARTIFACTS, INSTALLATION, EXTERNAL]),
    ("mutex", &[ARTIFACTS]),
    ("named pipe", &[ARTIFACTS]),
    ("other", &[OTHER, NETWORK, SOCIAL, EXTERNAL]),
    ("pdb", &[ARTIFACTS]),
    ("pehash", &[DELIVERY, INSTALLATION]),
    ("phone-number", &[PERSON, FRAUD, OTHER]),
    ("regkey", &[PERSISTENCE, ARTIFACTS, EXTERNAL]),
    ("regkey|value", &[PERSISTENCE, ARTIFACTS, EXTERNAL]),
    ("sha1", &[DELIVERY, ARTIFACTS, INSTALLATION, EXTERNAL]),
    ("sha224", &[DELIVERY, ARTIFACTS, INSTALLATION]),
    ("sha256", &[DELIVERY, ARTIFACTS, INSTALLATION, EXTERNAL]),
    ("sha384", &[DELIVERY, ARTIFACTS, INSTALLATION]),
    ("sha512", &[DELIVERY, ARTIFACTS, INSTALLATION]),
    ("sigma", &[INSTALLATION, DELIVERY, ARTIFACTS]),
    ("size-in-bytes", &[OTHER]),
    ("snort", &[NETWORK, EXTERNAL]),
    ("ssdeep", &[DELIVERY, ARTIFACTS, INSTALLATION]),
    ("telfhash", &[DELIVERY, ARTIFACTS, INSTALLATION]),
    ("text", &[OTHER, NETWORK, FRAUD, SOCIAL, EXTERNAL]),
    ("tlsh", &[DELIVERY, INSTALLATION]),
    ("url", &[NETWORK, DELIVERY, EXTERNAL]),
    ("user-agent", &[NETWORK, DELIVERY, EXTERNAL]),
    ("vhash", &[DELIVERY, ARTIFACTS, INSTALLATION]),
    ("vulnerability", &[EXTERNAL, DELIVERY, INSTALLATION]),
    ("weakness", &[EXTERNAL, DELIVERY, INSTALLATION]),
    ("windows-scheduled-task", &[ARTIFACTS]),
    ("windows-service-name", &[ARTIFACTS]),
    (
        "x509-fingerprint-md5",
        &[
            NETWORK,
            DELIVERY,
            ARTIFACTS,
            INSTALLATION,
            ATTRIBUTION,
            EXTERNAL,
        ],
    ),
    (
        "x509-fingerprint-sha1",
        &[
            NETWORK,
            DELIVERY,
            ARTIFACTS,
            INSTALLATION,
            ATTRIBUTION,
            EXTERNAL,
        ],
    ),
    (
        "x509-fingerprint-sha256",
        &[
            NETWORK,
            DELIVERY,
            ARTIFACTS,
            INSTALLATION,
            ATTRIBUTION,
            EXTERNAL,
        ],
    ),
    ("xmr", &[FRAUD]),
    ("yara", &[INSTALLATION, DELIVERY, ARTIFACTS]),
];

/// The categories of a type; none when it is not one Gleaner sends.
pub(super) fn categories(kind: &str) -> &'static [&'static str] {
    TYPES
        .binary_search_by(|(name, _)| name.cmp(&kind))
        .ok()
        .and_then(|at| TYPES.get(at))
        .map_or(&[], |(_, categories)| categories)
}

/// The category of a type: MISP's default, but for mail addresses without direction.
///
/// Those stand under `Social network` by default, where people are described. In a report on an attack they
/// are, like `email-src`, what it was delivered with.
pub(super) fn default_category(kind: &str) -> &'static str {
    match kind {
        "email" => DELIVERY,
        _ => categories(kind).first().copied().unwrap_or(OTHER),
    }
}

/// Whether MISP takes the type, in this category.
pub(super) fn is_known(attribute: &Attribute) -> bool {
    categories(&attribute.kind).contains(&attribute.category.as_str())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::super::templates::{COIN_ADDRESS, DOMAIN_IP, FILE, JA4, TELEGRAM};
    use super::*;

    /// `describeTypes` and templates of MISP 2.5.1, as PyMISP 2.5.1 carries them.
    #[derive(Deserialize)]
    struct Described {
        categories: BTreeMap<String, Vec<String>>,
        templates: Vec<DescribedTemplate>,
    }

    #[derive(Deserialize)]
    struct DescribedTemplate {
        name: String,
        uuid: uuid::Uuid,
        version: u32,
        #[serde(rename = "meta-category")]
        meta_category: String,
        description: String,
        attributes: BTreeMap<String, String>,
    }

    fn described() -> Described {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/fixtures/misp/types-2.5.1.json"
        );
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    #[test]
    fn types_and_categories_are_misps() {
        let described = described();
        assert!(TYPES.is_sorted_by_key(|(name, _)| *name));
        for (name, categories) in TYPES {
            let known = &described.categories[*name];
            assert_eq!(categories[0], known[0], "{name}: default category");
            for category in *categories {
                assert!(
                    known.iter().any(|known| known == category),
                    "{name}: {category}"
                );
            }
            assert!(categories.contains(&default_category(name)), "{name}");
        }
    }

    #[test]
    fn templates_are_misps() {
        let described = described();
        for template in [&FILE, &DOMAIN_IP, &COIN_ADDRESS, &TELEGRAM, &JA4] {
            let known = described
                .templates
                .iter()
                .find(|known| known.name == template.name);
            let known = known.unwrap();
            assert_eq!(
                (
                    template.uuid,
                    template.version,
                    template.meta_category,
                    template.description
                ),
                (
                    known.uuid,
                    known.version,
                    known.meta_category.as_str(),
                    known.description.as_str()
                )
            );
            for (relation, kind) in template.fields {
                assert_eq!(
                    known.attributes[*relation], *kind,
                    "{} {relation}",
                    template.name
                );
            }
        }
    }
}
