//! Names of one word with full stops: files without a path, and hosts.
//!
//! Most are one word and are told from hosts and code by [`dotted`]. Names with blanks are taken only in quotes:
//! `"Invoice March 2023.pdf.exe"`.

use std::ops::Range;

use super::dotted::{self, Reading};
use super::extensions::{self, Extension};
use super::hosts;
use super::{Raw, Text};
use crate::indicators::Kind;

/// Longest name that is looked for in quotes, in bytes.
const LONGEST_QUOTED: usize = 120;

/// Longest part that is added to a name on its left: `Invoice(1)` before `.exe`.
const LONGEST_HEAD: usize = 64;

pub(super) fn find(text: &Text<'_>, gap: Range<usize>, raws: &mut Vec<Raw>) {
    let mut from = gap.start;
    if let Some(name) = quoted(text, &gap) {
        from = name.end;
        push(text, name, raws);
    }
    while let Some(name) = numbered(text, from..gap.end) {
        words(text, from..name.start, raws);
        from = name.end;
        push(text, name, raws);
    }
    words(text, from..gap.end, raws);
}

fn push(text: &Text<'_>, name: Range<usize>, raws: &mut Vec<Raw>) {
    raws.push(Raw::new(Kind::Filename, text.slice(name.clone()), name));
}

/// Names of one word, of files and hosts.
fn words(text: &Text<'_>, range: Range<usize>, raws: &mut Vec<Raw>) {
    let mut from = range.start;
    while let Some(token) = dotted::next_token(text, from..range.end) {
        let end = token.end;
        from = match dotted::reading(text, &token) {
            Reading::Host => hosts::push(text, token, range.end, raws),
            Reading::File => {
                let start = joined(text, token.start, from);
                push(text, start..end, raws);
                end
            }
            Reading::Nothing => end,
        };
    }
}

/// A name with blanks between quotes, if the gap begins right behind the opening one.
fn quoted(text: &Text<'_>, gap: &Range<usize>) -> Option<Range<usize>> {
    let opens = matches!(text.byte(gap.start.wrapping_sub(1)), b'"' | b'`')
        || matches!(text.byte(gap.start), b'\'' | 0xC2 | 0xE2);
    if !opens {
        return None;
    }
    let before = text.line_before(gap.start, 4).chars().next_back();
    let line = text.line_after(gap.start, LONGEST_QUOTED);
    let (start, closing) = match (before, line.chars().next()?) {
        (Some('"'), _) => (0, '"'),
        (Some('`'), _) => (0, '`'),
        (_, '“' | '„') => (3, '”'),
        (_, '«') => (2, '»'),
        (_, '\'') => (1, '\''),
        (_, '‘') => (3, '’'),
        _ => return None,
    };
    let inside = line.get(start..)?;
    let end = inside.find(|c: char| c == closing || (closing == '”' && c == '“'))?;
    let name = inside.get(..end)?;
    is_name_with_blanks(name).then(|| gap.start + start..gap.start + start + end)
}

/// Whether words in quotes are one name, not a command or a sentence with a name at its end.
fn is_name_with_blanks(name: &str) -> bool {
    let Some((stem, extension)) = name.rsplit_once('.') else {
        return false;
    };
    let carries = matches!(
        extensions::of(extension),
        Some(Extension::Active | Extension::Passive)
    );
    let mut words = stem.split(' ');
    let first = words.next().unwrap_or_default();
    let one = stem.contains(' ')
        && stem.split(' ').count() <= 10
        && !stem
            .split(' ')
            .any(|word| word.starts_with(['-', '/', '$', '%']) || word.ends_with(':'));
    let allowed = |c: char| c.is_alphanumeric() || " ._-()[]&+,!'~@#".contains(c);
    carries
        && extension.len() > 1
        && one
        && first.starts_with(|c: char| c.is_alphanumeric() || c == '[' || c == '(')
        && !first.contains('.')
        && !stem.ends_with(' ')
        && stem.chars().all(allowed)
}

/// The next name like `Invoice(1).exe` in a range.
fn numbered(text: &Text<'_>, range: Range<usize>) -> Option<Range<usize>> {
    let part = text.slice(range.clone());
    // Searching for two bytes costs more than most parts are long.
    memchr::memchr(b')', part.as_bytes())?;
    part.match_indices(").")
        .find_map(|(at, _)| numbered_at(text, range.start + at, &range))
}

/// The name around a `)` at `close` that a full stop follows.
fn numbered_at(text: &Text<'_>, close: usize, range: &Range<usize>) -> Option<Range<usize>> {
    let head = text.str().get(range.start..close)?;
    let bytes = head.as_bytes();
    let bytes = bytes.get(bytes.len().saturating_sub(LONGEST_HEAD)..)?;
    let count =
        |bytes: &[u8], of: fn(&u8) -> bool| bytes.iter().rev().take_while(|byte| of(byte)).count();
    let number = count(bytes, u8::is_ascii_digit);
    let (stem, _) = bytes.split_at_checked(bytes.len() - number)?;
    let stem = stem.strip_suffix(b"(")?;
    let length = count(stem, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
    });
    let rest = text.slice(close + 2..range.end);
    let extension = rest
        .find(|c: char| !c.is_ascii_alphanumeric())
        .and_then(|at| rest.get(..at))
        .unwrap_or(rest);
    let carries = matches!(
        extensions::of(extension),
        Some(Extension::Active | Extension::Passive)
    );
    let name = close - number - 1 - length..close + 2 + extension.len();
    let torn = matches!(
        text.byte(name.start.wrapping_sub(1)),
        b'/' | b'\\' | b'@' | b'$' | b'%'
    );
    (carries && (1..=3).contains(&number) && length > 0 && !torn).then_some(name)
}

/// Where a name begins, with what a `~` or `+` joins to its left.
fn joined(text: &Text<'_>, start: usize, floor: usize) -> usize {
    let floor = floor.max(start.saturating_sub(LONGEST_HEAD));
    let head = text.bytes().get(floor..start).unwrap_or_default();
    if !matches!(head.last(), Some(b'~' | b'+')) {
        return start;
    }
    let part =
        |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'~' | b'+' | b'-' | b'_');
    let length = head.iter().rev().take_while(part).count();
    if text.byte(start - length).is_ascii_alphanumeric() {
        start - length
    } else {
        start
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::{self, clear::Clear};

    fn names(written: &str) -> Vec<String> {
        indicators::scan(written)
            .into_iter()
            .filter(|find| find.kind == Kind::Filename)
            .map(|find| find.value)
            .collect()
    }

    #[test]
    fn takes_names_of_one_word() {
        for (text, expected) in [
            (
                "drops Update.exe, run.bat and a.ps1.",
                vec!["Update.exe", "run.bat", "a.ps1"],
            ),
            (
                "Sysmon.exe;mimikatz.exe|nc.exe",
                vec!["Sysmon.exe", "mimikatz.exe", "nc.exe"],
            ),
            (
                "Invoice(1).exe and name~1.txt",
                vec!["Invoice(1).exe", "name~1.txt"],
            ),
            ("notepad++.exe", vec![]),
            ("(report.pdf)", vec!["report.pdf"]),
            (
                "ahoj.txt, 9e107d9d372bb6826bd81d3542a419d6",
                vec!["ahoj.txt"],
            ),
            ("evil.com", vec![]),
            ("f(1).read and (2).exe", vec![]),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }

    #[test]
    fn takes_names_with_blanks_in_quotes() {
        for (text, expected) in [
            (
                "the \"Invoice March 2023.pdf.exe\" file",
                vec!["Invoice March 2023.pdf.exe"],
            ),
            (
                "the “Payment copy (2).docx” mail",
                vec!["Payment copy (2).docx"],
            ),
            ("`Flash Player.exe`", vec!["Flash Player.exe"]),
            ("\"cmd.exe /c start a.exe\"", vec!["cmd.exe", "a.exe"]),
            (
                "\"rundll32.exe evil.dll\"",
                vec!["rundll32.exe", "evil.dll"],
            ),
            ("Flash Player.exe", vec!["Player.exe"]),
            ("\"it said: open a.exe\"", vec!["a.exe"]),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }

    #[test]
    fn spans_lie_on_boundaries() {
        for text in [
            "«é ü.exe»",
            "“é(1).exe",
            "é(1).exe",
            "é~1.txt",
            "„",
            "“",
            "'",
        ] {
            let clear = Clear::of(text);
            assert_eq!(clear.as_str(), text);
            for find in indicators::scan(text) {
                assert_eq!(text.get(find.span), Some(find.value.as_str()));
            }
        }
    }
}
