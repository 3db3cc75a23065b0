//! Monero: base58 in blocks, with four bytes of a Keccak-256.
//! <https://docs.getmonero.org/public-address/standard-address/>

use sha3::{Digest, Keccak256};

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// Characters of a full block.
const BLOCK: usize = 11;

/// Bytes that a full block and the last one (7 characters) stand for.
const FULL: usize = 8;
const LAST: usize = 5;

/// A network byte, two keys, perhaps a payment id of 8 bytes, the checksum.
const STANDARD: usize = 69;
const INTEGRATED: usize = 77;

/// Network bytes of the main net: standard, integrated, sub-address.
const NETWORKS: [u8; 3] = [18, 19, 42];

/// Whether it is an address of the main net.
pub(super) fn is_address(token: &str) -> bool {
    let mut buffer = [0; INTEGRATED];
    let Some(bytes) = decoded(token, &mut buffer) else {
        return false;
    };
    let Some((payload, check)) = bytes.split_last_chunk::<4>() else {
        return false;
    };
    payload
        .first()
        .is_some_and(|network| NETWORKS.contains(network))
        && Keccak256::digest(payload).starts_with(check)
}

fn decoded<'a>(token: &str, buffer: &'a mut [u8; INTEGRATED]) -> Option<&'a [u8]> {
    let length = match token.len() {
        95 => STANDARD,
        106 => INTEGRATED,
        _ => return None,
    };
    let mut at = 0;
    for block in token.as_bytes().chunks(BLOCK) {
        let size = if block.len() == BLOCK { FULL } else { LAST };
        let number = block.iter().try_fold(0u128, |number, byte| {
            let digit = ALPHABET.iter().position(|known| known == byte)?;
            Some(number * 58 + u128::try_from(digit).ok()?)
        })?;
        let bytes = number.to_be_bytes();
        let (high, low) = bytes.split_at_checked(bytes.len() - size)?;
        if high.iter().any(|byte| *byte != 0) {
            return None;
        }
        buffer.get_mut(at..at + size)?.copy_from_slice(low);
        at += size;
    }
    buffer.get(..length)
}
