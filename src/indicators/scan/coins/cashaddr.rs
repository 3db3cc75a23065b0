//! Bitcoin Cash's addresses: a base32 of their own with a BCH code over the prefix, which need not be written.
//! <https://github.com/bitcoincashorg/bitcoincash.org/blob/master/spec/cashaddr.md>

const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

const PREFIX: &[u8] = b"bitcoincash";

/// Characters of an address with a hash of 160 bits: version and hash (21 bytes), checksum (8 characters).
const LENGTH: usize = 42;

const GENERATORS: [u64; 5] = [
    0x98_F2BC_8E61,
    0x79_B76D_99E2,
    0xF3_3E5F_B3C4,
    0xAE_2EAB_E2A8,
    0x1E_4F43_E470,
];

/// Whether it is an address of the main net, written without its prefix.
pub(super) fn is_address(token: &str) -> bool {
    if token.len() != LENGTH {
        return false;
    }
    let capital = token.bytes().any(|byte| byte.is_ascii_uppercase());
    let small = token.bytes().any(|byte| byte.is_ascii_lowercase());
    if capital && small {
        return false;
    }
    let prefix = PREFIX.iter().map(|byte| byte & 0x1F).chain([0]);
    let mut sum = prefix.fold(1, step);
    for byte in token.bytes() {
        let byte = byte.to_ascii_lowercase();
        let Some(value) = ALPHABET.iter().position(|known| *known == byte) else {
            return false;
        };
        sum = step(sum, u8::try_from(value).unwrap_or_default());
    }
    sum == 1
}

fn step(sum: u64, value: u8) -> u64 {
    let top = sum >> 35;
    let shifted = ((sum & 0x07_FFFF_FFFF) << 5) ^ u64::from(value);
    GENERATORS
        .iter()
        .enumerate()
        .filter(|(bit, _)| top >> bit & 1 == 1)
        .fold(shifted, |sum, (_, generator)| sum ^ generator)
}
