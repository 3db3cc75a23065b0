//! Ethereum: `0x` and 40 hexadecimal digits; capitals carry a checksum.
//! <https://eips.ethereum.org/EIPS/eip-55>

use sha3::{Digest, Keccak256};

use super::super::hashes;

/// Whether it is an address: of one case (no checksum was written), or with the right capitals.
pub(super) fn is_address(token: &str) -> bool {
    let Some(digits) = token.get(2..).filter(|digits| digits.len() == 40) else {
        return false;
    };
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) || hashes::is_placeholder(digits) {
        return false;
    }
    let small = digits.bytes().any(|byte| byte.is_ascii_lowercase());
    let capital = digits.bytes().any(|byte| byte.is_ascii_uppercase());
    !(small && capital) || is_checked(digits)
}

/// A letter is a capital where the address's own hash has a nibble of 8 or more.
fn is_checked(digits: &str) -> bool {
    let hash = Keccak256::digest(digits.to_ascii_lowercase());
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]);
    digits.bytes().zip(nibbles).all(|(digit, nibble)| {
        digit.is_ascii_digit() || digit.is_ascii_uppercase() == (nibble >= 8)
    })
}
