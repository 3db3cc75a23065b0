//! What a single line is.

use crate::article::blocks::Marker;

/// A line that begins an item of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Item<'a> {
    /// How many lists it lies in, less one.
    pub(super) depth: u32,
    pub(super) marker: Marker,
    /// What follows the marker.
    pub(super) rest: &'a str,
}

/// Blanks before the text; a tab counts four.
pub(super) fn indent(line: &str) -> usize {
    let blanks = line.chars().take_while(|c| c.is_whitespace());
    blanks.map(|c| if c == '\t' { 4 } else { 1 }).sum()
}

/// A text with single blanks between its words.
pub(super) fn one_line(text: &str) -> String {
    let mut before = b' ';
    let single = text.bytes().all(|byte| {
        let single = byte.is_ascii_graphic() || (byte == b' ' && before != b' ');
        before = byte;
        single
    });
    if single && before != b' ' {
        return text.to_owned();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How often a byte stands at the start.
fn run_of(line: &str, mark: u8) -> usize {
    line.bytes().take_while(|byte| *byte == mark).count()
}

/// `# Title` and `== Title` (AsciiDoc): level and text.
pub(super) fn heading(line: &str) -> Option<(u8, &str)> {
    let mark = match line.as_bytes().first()? {
        mark @ (b'#' | b'=') => *mark,
        _ => return None,
    };
    let level = run_of(line, mark);
    let rest = line.get(level..)?;
    if level > 6 || !rest.starts_with([' ', '\t']) {
        return None;
    }
    // Both may be closed by the same mark: `## Title ##`.
    let text = rest.trim();
    let closed = text.trim_end_matches(char::from(mark));
    let text = if closed.ends_with([' ', '\t']) {
        closed.trim_end()
    } else {
        text
    };
    let level = u8::try_from(level).ok()?;
    (!text.is_empty()).then_some((level, text))
}

/// The line under a title: `=====`, `-----`. Its level.
pub(super) fn underline(line: &str) -> Option<u8> {
    let line = line.trim();
    let all = |mark| line.len() >= 3 && run_of(line, mark) == line.len();
    if all(b'=') {
        Some(1)
    } else if all(b'-') || all(b'~') || all(b'^') {
        Some(2)
    } else {
        None
    }
}

/// A line of nothing but strokes.
pub(super) fn is_rule(line: &str) -> bool {
    let mut marks = line.chars().filter(|c| !c.is_whitespace());
    let Some(mark) = marks.next() else {
        return false;
    };
    let strokes = matches!(mark, '-' | '*' | '_' | '=' | '~' | '#' | '+' | '─' | '—');
    let mut more = 0;
    strokes
        && marks.all(|c| {
            more += 1;
            c == mark
        })
        && more >= 2
}

/// The start of fenced code: the fence, and the language.
pub(super) fn fence(line: &str) -> Option<(&str, &str)> {
    let mark = match line.as_bytes().first()? {
        mark @ (b'`' | b'~') => *mark,
        _ => return None,
    };
    let (fence, info) = line.split_at_checked(run_of(line, mark))?;
    let info = info.trim();
    // Ticks after it: inline code.
    (fence.len() >= 3 && !info.contains('`')).then_some((fence, info))
}

/// Whether this line ends code opened by that fence.
pub(super) fn closes(line: &str, fence: &str) -> bool {
    line.trim_start().strip_prefix(fence).is_some_and(|rest| {
        rest.bytes()
            .all(|byte| fence.as_bytes().first() == Some(&byte))
    })
}

/// What is quoted in a line that begins with `>`.
pub(super) fn quoted(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix('>')?;
    if let Some(text) = rest.strip_prefix(' ') {
        return Some(text);
    }
    (rest.is_empty() || rest.starts_with(['>', '\t'])).then_some(rest)
}

/// The item that begins in this line.
pub(super) fn item(line: &str, asciidoc: bool) -> Option<Item<'_>> {
    let text = line.trim_start();
    let depth = u32::try_from(indent(line) / 2).unwrap_or(0).min(16);
    let found = |marker, rest: &str, depth| {
        let gap = rest.starts_with([' ', '\t']);
        (gap && !rest.trim().is_empty()).then_some((marker, rest.len(), depth))
    };
    let mut characters = text.chars();
    let first = characters.next()?;
    let after = characters.as_str();
    let (marker, left, depth) = match first {
        '*' | '.' if asciidoc && after.starts_with(first) => {
            let rest = text.trim_start_matches(first);
            let level = u32::try_from(text.len() - rest.len() - 1).unwrap_or(0);
            found(Marker::Bullet, rest, level.min(16))
        }
        '-' | '*' | '+' | '•' | '‣' | '◦' | '▪' | '●' | '·' | '–' | '■' | '➢' | '\u{f0b7}' => {
            found(Marker::Bullet, after, depth)
        }
        '.' if asciidoc => found(Marker::Number(1), after, depth),
        '0'..='9' => numbered(text).and_then(|(number, rest)| found(number, rest, depth)),
        '(' => numbered(after)
            .filter(|_| text.contains(')'))
            .and_then(|(number, rest)| found(number, rest, depth)),
        _ => None,
    }?;
    Some(Item {
        depth,
        marker,
        rest: text.get(text.len() - left..)?.trim(),
    })
}

/// `12.` or `12)`: the number, and what follows.
fn numbered(text: &str) -> Option<(Marker, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number = text.get(..digits)?;
    let rest = text.get(digits..)?.strip_prefix(['.', ')'])?;
    (digits <= 3).then_some(())?;
    Some((Marker::Number(number.parse().ok()?), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_have_a_blank_and_a_text() {
        for (line, expected) in [
            ("# Title", Some((1, "Title"))),
            ("### C2 servers ###", Some((3, "C2 servers"))),
            ("== Files", Some((2, "Files"))),
            ("= A = B", Some((1, "A = B"))),
            ("# C#", Some((1, "C#"))),
            ("#!/bin/sh", None),
            ("#include <stdio.h>", None),
            ("==", None),
            ("####### seven", None),
            ("Title", None),
        ] {
            assert_eq!(heading(line), expected, "{line}");
        }
    }

    #[test]
    fn items_are_told_from_values() {
        let bullet = |depth, rest| Some((Marker::Bullet, depth, rest));
        for (line, asciidoc, expected) in [
            ("- evil.top", false, bullet(0, "evil.top")),
            ("  * evil.top", false, bullet(1, "evil.top")),
            ("• 198.51.100.7", false, bullet(0, "198.51.100.7")),
            ("** deep", true, bullet(1, "deep")),
            ("** not deep", false, None),
            ("12) x.exe", false, Some((Marker::Number(12), 0, "x.exe"))),
            ("(3) x.exe", false, Some((Marker::Number(3), 0, "x.exe"))),
            ("1.2.3.4", false, None),
            ("2023. A year", false, None),
            ("-x", false, None),
            ("*.exe", false, None),
            ("-", false, None),
            ("**bold** text", false, None),
        ] {
            let found = item(line, asciidoc).map(|item| (item.marker, item.depth, item.rest));
            assert_eq!(found, expected, "{line}");
        }
    }

    #[test]
    fn strokes_are_no_text() {
        for line in ["---", "* * *", "=========", "____", "-----------"] {
            assert!(is_rule(line), "{line}");
        }
        for line in ["--", "-- x", "a", "", "****.exe"] {
            assert!(!is_rule(line), "{line}");
        }
        assert_eq!(underline("======"), Some(1));
        assert_eq!(underline("--- ---"), None);
    }

    #[test]
    fn fences_open_and_close() {
        assert_eq!(fence("```powershell"), Some(("```", "powershell")));
        assert_eq!(fence("~~~~"), Some(("~~~~", "")));
        assert_eq!(fence("```x``` is code"), None);
        assert!(closes("  ```", "```") && closes("`````", "```"));
        assert!(!closes("```x", "```") && !closes("~~~", "```"));
    }

    #[test]
    fn quotations_need_a_blank() {
        assert_eq!(quoted("> evil.top"), Some("evil.top"));
        assert_eq!(quoted(">> twice"), Some("> twice"));
        assert_eq!(quoted(">"), Some(""));
        assert_eq!(quoted(">x"), None);
    }
}
