//! Addresses in base58 with a version and four bytes of a double SHA-256.

use sha2::{Digest, Sha256};

use super::super::super::Kind;

/// First characters of addresses, versions in front of the payload of 20 bytes, currency.
/// Each currency's chain parameters: `base58Prefixes` of Bitcoin, Litecoin, Dogecoin, Dash and Zcash, Tezos'
/// `Base58.Prefix`, Tron's `ADD_PRE_FIX_BYTE_MAINNET`.
const VERSIONS: &[(&str, &[u8], Kind)] = &[
    ("1", &[0x00], Kind::Btc),
    ("3", &[0x05], Kind::Btc),
    ("L", &[0x30], Kind::Ltc),
    ("M", &[0x32], Kind::Ltc),
    ("X", &[0x4C], Kind::Dash),
    ("7", &[0x10], Kind::Dash),
    ("D", &[0x1E], Kind::Doge),
    ("9", &[0x16], Kind::Doge),
    ("A", &[0x16], Kind::Doge),
    ("t1", &[0x1C, 0xB8], Kind::Zec),
    ("t3", &[0x1C, 0xBD], Kind::Zec),
    ("T", &[0x41], Kind::Trx),
    ("tz1", &[0x06, 0xA1, 0x9F], Kind::Xtz),
    ("tz2", &[0x06, 0xA1, 0xA1], Kind::Xtz),
    ("tz3", &[0x06, 0xA1, 0xA4], Kind::Xtz),
    ("tz4", &[0x06, 0xA1, 0xA6], Kind::Xtz),
    ("KT1", &[0x02, 0x5A, 0x79], Kind::Xtz),
];

/// Bytes of a public key's or a script's hash.
const PAYLOAD: usize = 20;

/// Bytes of the checksum.
const CHECK: usize = 4;

/// The longest of these addresses: Tezos'.
const MAX_LENGTH: usize = 36;

/// The currency of a base58check address.
pub(super) fn currency(token: &str) -> Option<Kind> {
    if token.len() > MAX_LENGTH {
        return None;
    }
    if token.starts_with('r') {
        return is_ripple(token).then_some(Kind::Xrp);
    }
    let by_start = |(start, _, _): &&(&str, &[u8], Kind)| token.starts_with(start);
    let mut likely = VERSIONS.iter().filter(by_start).peekable();
    likely.peek()?;
    let mut buffer = [0; MAX_LENGTH];
    let bytes = decoded(token, bs58::Alphabet::BITCOIN, &mut buffer)?;
    let payload = checked(bytes)?;
    likely
        .find(|(_, version, _)| {
            payload.len() == version.len() + PAYLOAD && payload.starts_with(version)
        })
        .map(|(_, _, kind)| *kind)
}

/// Ripple's accounts have an alphabet of their own, in which version 0 is `r`.
/// <https://xrpl.org/docs/references/protocol/data-types/base58-encodings>
fn is_ripple(token: &str) -> bool {
    let mut buffer = [0; MAX_LENGTH];
    decoded(token, bs58::Alphabet::RIPPLE, &mut buffer)
        .and_then(checked)
        .is_some_and(|payload| payload.len() == 1 + PAYLOAD && payload.first() == Some(&0))
}

/// Whether it is 32 bytes in base58.
pub(super) fn is_key(token: &str) -> bool {
    let mut buffer = [0; 48];
    decoded(token, bs58::Alphabet::BITCOIN, &mut buffer).is_some_and(|key| key.len() == 32)
}

fn decoded<'a>(token: &str, alphabet: &bs58::Alphabet, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    let length = bs58::decode(token)
        .with_alphabet(alphabet)
        .onto(&mut *buffer)
        .ok()?;
    buffer.get(..length)
}

/// The bytes without their checksum, if it is right.
fn checked(bytes: &[u8]) -> Option<&[u8]> {
    let (payload, check) = bytes.split_at_checked(bytes.len().checked_sub(CHECK)?)?;
    let digest = Sha256::digest(Sha256::digest(payload));
    digest.starts_with(check).then_some(payload)
}
