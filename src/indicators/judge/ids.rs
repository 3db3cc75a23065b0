//! Which kinds detection systems can use.

use crate::indicators::Kind;

/// MISP's default for the IDS flag of this type (`to_ids` in `describeTypes`); false where MISP has no such type.
pub(super) const fn default_flag(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::GitCommit
            | Kind::Pdb
            | Kind::NamedPipe
            | Kind::WindowsService
            | Kind::WindowsTask
            | Kind::UserAgent
            | Kind::Vulnerability
            | Kind::Weakness
            | Kind::As
            | Kind::MacAddress
            | Kind::PhoneNumber
            | Kind::GithubUsername
            | Kind::GithubRepository
            | Kind::Cpe
    ) && has_type(kind)
}

/// Whether MISP has an attribute type of this name.
const fn has_type(kind: Kind) -> bool {
    !kind.is_context()
        && !matches!(
            kind,
            Kind::Ja3s
                | Kind::Ja4
                | Kind::Eth
                | Kind::Ltc
                | Kind::Bch
                | Kind::Doge
                | Kind::Xrp
                | Kind::Sol
                | Kind::Zec
                | Kind::Xtz
                | Kind::Trx
                | Kind::Ada
                | Kind::Telegram
                | Kind::Discord
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_follows_describe_types() {
        for kind in [
            Kind::IpDst,
            Kind::Url,
            Kind::Sha256,
            Kind::Regkey,
            Kind::Mutex,
            Kind::Btc,
            Kind::Yara,
            Kind::ChromeExtension,
        ] {
            assert!(default_flag(kind), "{kind}");
        }
        for kind in [
            Kind::Vulnerability,
            Kind::As,
            Kind::Pdb,
            Kind::UserAgent,
            Kind::Eth,
            Kind::Ja4,
            Kind::AttackTechnique,
            Kind::Telegram,
        ] {
            assert!(!default_flag(kind), "{kind}");
        }
    }
}
