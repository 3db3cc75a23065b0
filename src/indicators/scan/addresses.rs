//! IP addresses, with port or prefix length.

pub(super) mod reserved;
#[cfg(test)]
mod tests;
pub(super) mod v4;
mod v6;
pub(super) mod versions;

use std::ops::Range;

use super::{Raw, Text};

pub(super) fn find(text: &Text<'_>, gap: Range<usize>, raws: &mut Vec<Raw>) {
    let (dots, colons) = count(text, &gap);
    if dots < 3 && colons < 2 {
        return;
    }
    let mut at = gap.start;
    while let Some(token) = next_token(text, at..gap.end) {
        let (dots, colons) = count(text, &token);
        at = token.end;
        if colons >= 2
            && let Some(raw) = v6::read(text, &token, gap.end)
        {
            at = at.max(raw.span.end);
            raws.push(raw);
        } else if dots >= 3 {
            at = at.max(v4::read(text, &token, gap.end, raws));
        }
    }
}

/// The next run of letters, digits, full stops, colons and underscores that has a full stop or a colon.
fn next_token(text: &Text<'_>, range: Range<usize>) -> Option<Range<usize>> {
    let bytes = text.bytes().get(range.clone())?;
    let start = bytes.iter().position(|byte| is_token(*byte))?;
    let rest = bytes.get(start..)?;
    let length = rest
        .iter()
        .position(|byte| !is_token(*byte))
        .unwrap_or(rest.len());
    let start = range.start + start;
    Some(start..start + length)
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'_')
}

/// Full stops and colons in a token.
fn count(text: &Text<'_>, token: &Range<usize>) -> (usize, usize) {
    let bytes = text.bytes().get(token.clone()).unwrap_or_default();
    bytes
        .iter()
        .fold((0, 0), |(dots, colons), byte| match byte {
            b'.' => (dots + 1, colons),
            b':' => (dots, colons + 1),
            _ => (dots, colons),
        })
}

/// The prefix length behind the `/` at `at` and where it ends, if it is one of at most `longest` bits.
fn prefix(text: &Text<'_>, at: usize, limit: usize, longest: u8) -> Option<(u8, usize)> {
    if text.byte(at) != b'/' || at >= limit {
        return None;
    }
    let rest = text.slice(at + 1..limit.min(at.saturating_add(5)));
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let end = at + 1 + digits;
    let goes_on = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_');
    if goes_on(text.byte(end)) || (text.byte(end) == b'.' && text.byte(end + 1).is_ascii_digit()) {
        return None;
    }
    let bits: u8 = rest.get(..digits)?.parse().ok()?;
    (bits <= longest).then_some((bits, end))
}
