//! Addresses in bech32 and bech32m.
//! <https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki>

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Bech32m, Fe32};

/// The longest address that BIP-173 allows.
const MAX_LENGTH: usize = 90;

/// Whether it is a witness program for this prefix. Either checksum is right for any version: addresses
/// from before BIP-350 are still met in texts.
pub(super) fn is_address(token: &str, prefix: &str) -> bool {
    if token.len() > MAX_LENGTH {
        return false;
    }
    let checked =
        CheckedHrpstring::new::<Bech32>(token).or_else(|_| CheckedHrpstring::new::<Bech32m>(token));
    let Ok(mut checked) = checked else {
        return false;
    };
    if !checked.hrp().as_str().eq_ignore_ascii_case(prefix) {
        return false;
    }
    let version = checked.remove_witness_version();
    version.is_some_and(|version| {
        version.to_u8() <= 16 && (version != Fe32::Q || is_hash(checked.byte_iter().len()))
    }) && (2..=40).contains(&checked.byte_iter().len())
}

/// Version 0 holds a key's or a script's hash.
fn is_hash(bytes: usize) -> bool {
    bytes == 20 || bytes == 32
}

/// Whether it is a Cardano payment address of the main net (CIP-19): a header and one or two hashes.
/// <https://cips.cardano.org/cip/CIP-19>
pub(super) fn is_cardano(token: &str) -> bool {
    CheckedHrpstring::new::<Bech32>(token).is_ok_and(|checked| {
        checked.hrp().as_str() == "addr" && matches!(checked.byte_iter().len(), 29 | 57)
    })
}
