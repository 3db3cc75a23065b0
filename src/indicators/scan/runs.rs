//! Runs of letters, digits and underscores: what hashes, fingerprints and addresses are written in.

use std::ops::Range;

use super::Text;

static IN_RUN: [bool; 256] = in_run();

const fn in_run() -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let in_run = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
        #[expect(clippy::indexing_slicing, reason = "below 256")]
        {
            table[byte] = in_run;
        }
        byte += 1;
    }
    table
}

fn is_in_run(byte: u8) -> bool {
    IN_RUN.get(usize::from(byte)).copied().unwrap_or_default()
}

/// The first run that begins in the range; it ends there at the latest.
pub(super) fn next(text: &Text<'_>, range: Range<usize>) -> Option<Range<usize>> {
    let bytes = text.bytes().get(range.clone())?;
    let start = bytes.iter().position(|byte| is_in_run(*byte))?;
    let rest = bytes.get(start..)?;
    let length = rest
        .iter()
        .position(|byte| !is_in_run(*byte))
        .unwrap_or(rest.len());
    let start = range.start + start;
    Some(start..start + length)
}

/// Whether a run is a part of a longer word, one with letters beyond ASCII or one that was cut. Letters of scripts
/// that have no capitals do not count: they are mostly written without blanks.
pub(super) fn is_cut(text: &Text<'_>, run: &Range<usize>) -> bool {
    let letter =
        |c: char| c.is_ascii_alphanumeric() || c == '_' || c.is_lowercase() || c.is_uppercase();
    let before = text.slice(0..run.start).chars().next_back();
    let after = text.slice(run.end..text.str().len()).chars().next();
    before.is_some_and(letter) || after.is_some_and(letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::clear::Clear;
    use crate::indicators::scan::Place;

    #[test]
    fn runs_lie_between_other_characters() {
        let clear = Clear::of("..ab_1:éc2-d");
        let text = Text::new(&clear, Place::default());
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(run) = next(&text, at..text.str().len()) {
            at = run.end;
            found.push((text.slice(run.clone()), is_cut(&text, &run)));
        }
        assert_eq!(found, [("ab_1", false), ("c2", true), ("d", false)]);
        assert_eq!(next(&text, 0..2), None);
    }
}
