//! Names of platforms: CPE 2.2 URIs and CPE 2.3 strings.
//! <https://nvlpubs.nist.gov/nistpubs/Legacy/IR/nistir7695.pdf>

use std::ops::Range;

use super::super::super::Kind;
use super::{Raw, Text, is_word, starts_with};

/// No name is longer.
const MAX_LENGTH: usize = 512;

/// Finds `cpe:/a:vendor:product` and `cpe:2.3:a:vendor:product:…`.
pub(in super::super) fn find(text: &Text<'_>, gap: Range<usize>, raws: &mut Vec<Raw>) {
    let mut at = gap.start;
    while let Some(colon) = text
        .bytes()
        .get(at..gap.end)
        .and_then(|rest| memchr::memchr(b':', rest))
    {
        let colon = at + colon;
        at = colon + 1;
        let found = colon
            .checked_sub(3)
            .and_then(|start| name(text, start, &gap));
        at = found.as_ref().map_or(at, |raw| raw.span.end);
        raws.extend(found);
    }
}

fn name(text: &Text<'_>, start: usize, gap: &Range<usize>) -> Option<Raw> {
    if start < gap.start || !starts_with(text, start, "cpe:") || is_word(text.preceding(start)) {
        return None;
    }
    let form = start + 4;
    let part = if text.byte(form) == b'/' {
        form + 1
    } else if starts_with(text, form, "2.3:") {
        form + 4
    } else {
        return None;
    };
    if !matches!(text.byte(part), b'a' | b'o' | b'h' | b'*') || text.byte(part + 1) != b':' {
        return None;
    }
    let rest = text.bytes().get(part..gap.end)?;
    let length = rest
        .iter()
        .take(MAX_LENGTH)
        .take_while(|byte| is_part(**byte))
        .count();
    let written = text
        .slice(start..part + length)
        .trim_end_matches(['.', ',', ':', ')', ';', '!']);
    let has_vendor = written.len() > part + 2 - start;
    has_vendor.then(|| Raw::new(Kind::Cpe, written, start..start + written.len()))
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b":.-_~%*?+\\/!,()#$&@".contains(&byte)
}
