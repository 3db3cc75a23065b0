//! Windows registry keys.
//!
//! A key begins with a hive, however it is dressed (`<HKCU>\`, `[HKLM]\`, `HKLM:\`, `Computer\HKEY_…`), or with
//! a well-known root below one (`SOFTWARE\Microsoft\`). Names in it hold blanks, so that its end is a matter of
//! judgement: a blank belongs to a key only inside a well-known name, before capitalised words with a further
//! backslash behind, or between quotation marks.

mod names;
#[cfg(test)]
mod tests;
pub(super) mod values;

use std::ops::Range;

use super::paths::walk::{self, Style};
use super::{Kind, Raw, Text};

/// The longest key that is read, in bytes. Windows allows 255 characters a name and 512 levels; keys in use are
/// far shorter.
const LIMIT: usize = 1024;

/// Finds keys in a gap.
pub(super) fn find(text: &Text<'_>, gap: Range<usize>, raws: &mut Vec<Raw>) {
    let mut at = gap.start;
    let mut before = text.byte(at.wrapping_sub(1));
    while at < gap.end {
        let byte = text.byte(at);
        let next = match start(text, at, byte, before, raws) {
            Some(start) => key(text, &start, raws),
            None => at + 1,
        };
        before = text.byte(next - 1);
        at = next;
    }
}

/// How a key begins.
#[derive(Debug)]
struct Start {
    /// Where what belongs to it begins.
    span: usize,
    /// The hive, to be put before the path; empty when the path as written has it.
    hive: Range<usize>,
    /// Where the path begins: at the first name, or at the backslash behind a dressed hive.
    path: usize,
    /// Whether a key that has only one name is a key.
    certain: bool,
}

/// Whether a key begins at `at`.
fn start(text: &Text<'_>, at: usize, byte: u8, before: u8, raws: &[Raw]) -> Option<Start> {
    if before.is_ascii_alphanumeric() || before == b'_' {
        return None;
    }
    match byte {
        b'H' | b'h' => hive(text, at).or_else(|| root(text, at)),
        b'S' | b's' | b'C' | b'c' => root(text, at),
        b'\\' if before == b'>' => angled(text, at, raws),
        b'\\' => native(text, at),
        _ => None,
    }
}

/// `HKLM\`, `HKLM:\`, `[HKLM]\`, `{HKLM}\`, `(HKLM)\`.
fn hive(text: &Text<'_>, at: usize) -> Option<Start> {
    let length = names::hive(text.slice(at..text.str().len()));
    if length == 0 {
        return None;
    }
    let end = at + length;
    let dress = match text.byte(end) {
        b']' | b'}' | b')' => 1,
        b':' if matches!(text.byte(end + 1), b'\\') => 1,
        _ => 0,
    };
    let opened = dress == 1
        && text.byte(end) != b':'
        && matches!(text.byte(at.wrapping_sub(1)), b'[' | b'{' | b'(');
    let path = end + dress;
    (text.byte(path) == b'\\').then_some(Start {
        span: if opened { at - 1 } else { at },
        hive: at..end,
        path,
        certain: true,
    })
}

/// `<HKLM>\`, whose hive is a chunk of its own in which nothing was found.
fn angled(text: &Text<'_>, at: usize, raws: &[Raw]) -> Option<Start> {
    let mut from = at.checked_sub(2)?;
    while at - from < 24 && matches!(text.byte(from), b'A'..=b'Z' | b'a'..=b'z' | b'_') {
        from = from.checked_sub(1)?;
    }
    let hive = from + 1..at - 1;
    let is_free = raws.last().is_none_or(|raw| raw.span.end <= from);
    let fits =
        text.byte(from) == b'<' && is_free && names::hive(text.slice(hive.clone())) == hive.len();
    fits.then_some(Start {
        span: from,
        hive,
        path: at,
        certain: true,
    })
}

/// `\REGISTRY\MACHINE\`, as the kernel writes it.
fn native(text: &Text<'_>, at: usize) -> Option<Start> {
    let rest = text.slice(at..text.str().len());
    let is_native = [r"\registry\machine\", r"\registry\user\", r"\registry\a\"]
        .iter()
        .any(|root| starts_with(rest, root));
    is_native.then_some(Start {
        span: at,
        hive: at..at,
        path: at,
        certain: true,
    })
}

/// `SOFTWARE\Microsoft\` and other roots below a hive.
fn root(text: &Text<'_>, at: usize) -> Option<Start> {
    if !names::is_root(text.slice(at..text.str().len())) {
        return None;
    }
    Some(Start {
        span: at,
        hive: at..at,
        path: at,
        certain: false,
    })
}

/// Whether `rest` begins so, in whatever case.
fn starts_with(rest: &str, start: &str) -> bool {
    rest.get(..start.len())
        .is_some_and(|rest| rest.eq_ignore_ascii_case(start))
}

/// Reads a key to its end; returns where to go on.
fn key(text: &Text<'_>, start: &Start, raws: &mut Vec<Raw>) -> usize {
    let quoted = walk::is_quoted(text, start.span);
    let style = Style {
        separator: b'\\',
        stops: b"=/",
        blank: &|component| blank(text, component, quoted),
    };
    let end = match walk::end(text, start.path, LIMIT, &style) {
        Ok(end) => end,
        Err(end) => {
            raws.push(Raw::nothing(start.span..end));
            return end;
        }
    };
    let value = value(text, start, end);
    let names = value.split('\\').filter(|name| !name.is_empty()).count();
    if names < 2 || !start.certain && names < 3 && !end_is_plain(&value) {
        return end.max(start.path + 1);
    }
    raws.push(Raw::new(Kind::Regkey, value, start.span..end));
    end
}

/// Whether a short key without a hive is none of a path: `Software\setup.exe`.
fn end_is_plain(value: &str) -> bool {
    !value.rsplit('\\').next().unwrap_or_default().contains('.')
}

/// Hive and path, with doubled backslashes made single.
fn value(text: &Text<'_>, start: &Start, end: usize) -> String {
    let written = text.slice(start.path..end);
    let mut value = String::with_capacity(start.hive.len() + written.len());
    value.push_str(text.slice(start.hive.clone()));
    let mut before = ' ';
    for c in written.chars() {
        if c != '\\' || before != '\\' {
            value.push(c);
        }
        before = c;
    }
    value
}

/// Whether a blank belongs to the key, and up to where the name is then known.
fn blank(text: &Text<'_>, name: Range<usize>, quoted: bool) -> Option<usize> {
    let rest = text.slice(name.start..text.str().len());
    let known = name.start + names::with_blanks(rest);
    if known > name.end {
        return Some(known);
    }
    let ends_sentence = matches!(text.byte(name.end.wrapping_sub(1)), b'.' | b'!' | b'?');
    if name.is_empty() || ends_sentence {
        return None;
    }
    let ahead = walk::ahead(text, name.end, b'\\');
    let last = text.slice(ahead.last..ahead.end);
    let is_other = last.is_empty()
        || names::hive(last) == last.len()
        || names::is_root(text.slice(ahead.last..text.str().len()))
        || last.starts_with('%');
    match ahead.stop {
        b'=' => name_before_sign(text, name, &ahead),
        b'\\' => (!is_other && !ahead.prose && (ahead.capitals || quoted)).then_some(ahead.end),
        b'"' if quoted => (!ahead.prose && !last.is_empty()).then_some(ahead.end),
        _ => None,
    }
}

/// A name of capitalised words before what is written there: `Run\Windows Updater = C:\a.exe`. What stands behind a
/// key that holds names of values is such a name by itself: `Run Updater = C:\a.exe`.
fn name_before_sign(text: &Text<'_>, name: Range<usize>, ahead: &walk::Ahead) -> Option<usize> {
    let words = text.slice(name.end..ahead.end).trim();
    let capitals = words
        .split(' ')
        .all(|word| word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()));
    let fits = capitals && !ahead.prose && !names::holds_values(text.slice(name));
    fits.then_some(ahead.end)
}
