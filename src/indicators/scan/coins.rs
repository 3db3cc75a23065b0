//! Cryptocurrency addresses; every one with a checksum is verified.
//!
//! Checksums make false finds all but impossible (one in 2^32 for most), so an address needs no word beside it. The
//! exception is Solana, whose addresses are bare public keys.

mod base58;
mod cashaddr;
mod ether;
mod monero;
mod segwit;

use std::ops::Range;

use super::super::Kind;
use super::{Raw, Text, runs};

/// Lengths of addresses: the shortest base58check, the longest Cardano address.
const LENGTHS: Range<usize> = 25..120;

pub(super) fn find(text: &Text<'_>, gap: Range<usize>, raws: &mut Vec<Raw>) {
    let mut at = gap.start;
    while let Some(run) = runs::next(text, at..gap.end) {
        at = run.end;
        if LENGTHS.contains(&run.len()) && !is_joined(text, &run) {
            let written = text.slice(run.clone());
            let kind = of_token(written).or_else(|| solana(text, written, &run));
            raws.extend(kind.map(|kind| Raw::new(kind, written, run)));
        }
    }
}

/// Whether the run goes on: beyond ASCII, or as a part of a longer base64 text.
fn is_joined(text: &Text<'_>, run: &Range<usize>) -> bool {
    let before = run.start.checked_sub(1).map_or(b' ', |at| text.byte(at));
    before == b'+' || matches!(text.byte(run.end), b'+' | b'=') || runs::is_cut(text, run)
}

/// The currency of an address that proves itself.
fn of_token(token: &str) -> Option<Kind> {
    match token.as_bytes() {
        [b'0', b'x' | b'X', ..] => ether::is_address(token).then_some(Kind::Eth),
        [b'b' | b'B', b'c' | b'C', b'1', ..] => {
            segwit::is_address(token, "bc").then_some(Kind::Btc)
        }
        [b'l' | b'L', b't' | b'T', b'c' | b'C', b'1', ..] if segwit::is_address(token, "ltc") => {
            Some(Kind::Ltc)
        }
        [b'a', b'd', b'd', b'r', b'1', ..] => segwit::is_cardano(token).then_some(Kind::Ada),
        [b'q' | b'p' | b'Q' | b'P', ..] if cashaddr::is_address(token) => Some(Kind::Bch),
        [b'4' | b'8', ..] if token.len() >= 95 => monero::is_address(token).then_some(Kind::Xmr),
        _ => base58::currency(token),
    }
}

/// A Solana address: 32 bytes in base58, without checksum, so something near must speak of a wallet.
fn solana(text: &Text<'_>, token: &str, run: &Range<usize>) -> Option<Kind> {
    if !(32..=44).contains(&token.len()) || !base58::is_key(token) {
        return None;
    }
    let mixed = token.bytes().any(|byte| byte.is_ascii_uppercase())
        && token.bytes().any(|byte| byte.is_ascii_digit());
    let spoken = |words: &str| {
        words
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(is_solana_word)
    };
    let named = spoken(text.line_before(run.start, 64))
        || spoken(text.line_after(run.end, 32))
        || text.place.header.is_some_and(spoken)
        || text.place.before.is_some_and(spoken);
    let is_host = text.byte(run.end) == b'.' && text.byte(run.end + 1).is_ascii_alphanumeric();
    (mixed && named && !is_host).then_some(Kind::Sol)
}

fn is_solana_word(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "solana", "sol", "spl", "wallet", "wallets", "phantom", "solscan",
    ];
    WORDS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests;
