//! Marks for the at sign of mail addresses.

use super::dots;
use super::mark::{self, Core};
use super::marks::Marks;
use super::reader::{Reader, is_blank, is_word};
use super::words;

/// What stands behind an at sign.
#[derive(Debug, Default, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "independent observations")]
struct Host {
    /// Its dots, in any form.
    dots: usize,
    /// Whether one of them is a mark.
    marked: bool,
    /// Whether one of them is a word with blanks around it, as in an address that is read out.
    spelled: bool,
    /// Whether it ends in a top-level name or in a number.
    ends_well: bool,
    /// Whether it ends in a top-level name that is no file's extension.
    no_file: bool,
}

/// Extensions of files among the top-level names.
const EXTENSIONS: &[&str] = &[
    "app", "cab", "com", "cc", "md", "mov", "pl", "ps", "py", "rs", "sh", "so", "zip",
];

/// Most labels of a host name that are looked at.
const LABELS: usize = 8;

/// Reads the host name that begins at `at`.
fn host(reader: Reader<'_>, mut at: usize) -> Host {
    let mut host = Host::default();
    for _ in 0..LABELS {
        let label = label(reader, at);
        let name = reader.slice(label.clone());
        if name.is_empty() {
            return host;
        }
        host.ends_well =
            words::is_top_level(name.as_bytes()) || name.bytes().all(|byte| byte.is_ascii_digit());
        host.no_file = !EXTENSIONS.contains(&name);
        let Some((next, marked, spelled)) = dot(reader, label.end) else {
            return host;
        };
        host.dots += 1;
        host.marked |= marked;
        host.spelled |= spelled;
        at = next;
    }
    host
}

/// The label at `at`, up to a dot that is a word within it: `evil_dot_com`.
fn label(reader: Reader<'_>, at: usize) -> std::ops::Range<usize> {
    let label = reader.label(at);
    let bytes = reader.slice(label.clone()).as_bytes();
    let dot = bytes.windows(5).position(|part| matches!(part, [b'_', .., b'_'] | [b'-', .., b'-'] if part.get(1..4).is_some_and(|dot| dot.eq_ignore_ascii_case(b"dot"))));
    label.start..dot.map_or(label.end, |dot| at + dot)
}

/// A dot of any form at `at`, as its end, whether it is a mark, and whether it is a word.
fn dot(reader: Reader<'_>, at: usize) -> Option<(usize, bool, bool)> {
    if reader.byte(at) == b'.' && is_word(reader.byte(at + 1)) {
        return Some((at + 1, false, false));
    }
    let start = reader.skip_blanks(at);
    if let Some(mark) = mark::read_dot(reader, start) {
        let end = dots::gap_behind(reader, mark.end);
        return (is_word(reader.byte(end)) && (start == at || mark.is_full())).then_some((
            end,
            true,
            mark.word && start > at,
        ));
    }
    let word = start > at && reader.has(start, "dot") && is_blank(reader.byte(start + 3));
    if word {
        return Some((reader.skip_blanks(start + 3), true, true));
    }
    let edges = matches!(reader.byte(at), b'_' | b'-') && reader.has(at + 1, "dot");
    edges.then_some((at + 5, true, true))
}

/// Undoes a mark that begins at a bracket or at the sign itself.
pub(super) fn undo(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    let reader = marks.reader;
    let Some(mark) = mark::read(reader, at) else {
        return apart(marks, at);
    };
    if mark.core != Core::At {
        return None;
    }
    let start = reader.skip_blanks_back(at);
    let next = reader.skip_blanks(mark.end);
    let direct = start == at && next == mark.end;
    if !is_local(reader.before(start)) || !is_word(reader.byte(next)) || start < marks.floor() {
        return None;
    }
    let host = host(reader, next);
    let letter = mark.word && mark.end - at == 3;
    let fits = if mark.is_full() {
        if letter {
            direct && host.dots > 0 && host.ends_well
        } else {
            direct || host.dots > 0 && host.ends_well
        }
    } else {
        !mark.word && mark.is_half() && direct && host.dots > 0 && host.ends_well
    };
    if !fits {
        return None;
    }
    marks.change(start..next, "@", true);
    Some(next)
}

/// Takes the blanks from around a plain sign: "bob.k @ evil[.]com".
fn apart(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    let reader = marks.reader;
    let (start, next) = (reader.skip_blanks_back(at), reader.skip_blanks(at + 1));
    let between = reader.byte(at) == b'@' && start < at && at + 1 < next;
    if !between || !is_word(reader.before(start)) || start < marks.floor() {
        return None;
    }
    let host = host(reader, next);
    let word = reader.word_before(start);
    let fits = host.dots > 0 && host.ends_well && is_account(reader, start, word, host, false);
    fits.then(|| {
        marks.change(start..next, "@", true);
        next
    })
}

/// Undoes the word: "user at evil dot com", "user AT evil.com", `user_at_evil.com`, `user-at-evil.com`.
pub(super) fn spelled(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    let reader = marks.reader;
    let edge = reader.byte(at);
    if !reader.has(at + 1, "at")
        || reader.byte(at + 3) != edge
        || !matches!(edge, b' ' | b'_' | b'-')
    {
        return None;
    }
    let next = if edge == b' ' {
        reader.skip_blanks(at + 3)
    } else {
        at + 4
    };
    let start = if edge == b' ' {
        reader.skip_blanks_back(at)
    } else {
        at
    };
    if !is_word(reader.before(start)) || !is_word(reader.byte(next)) || start < marks.floor() {
        return None;
    }
    let host = host(reader, next);
    if host.dots == 0 || !host.ends_well {
        return None;
    }
    let word = reader.word_before(start);
    if word.iter().any(|byte| b"@/%:".contains(byte)) {
        return None;
    }
    let fits = if edge == b' ' {
        let capital = reader.byte(at + 1) == b'A';
        is_account(reader, start, word, host, capital)
    } else {
        host.marked || host.no_file && edge == b'_'
    };
    if !fits {
        return None;
    }
    marks.change(start..next, "@", true);
    Some(next)
}

/// Whether a word before a blank and "at" is an account rather than what is at that host.
fn is_account(reader: Reader<'_>, start: usize, word: &[u8], host: Host, capital: bool) -> bool {
    let has_lower = word.iter().any(u8::is_ascii_lowercase);
    if capital && has_lower {
        return true;
    }
    if !host.marked || words::is_placed(word) {
        return false;
    }
    let letters = word.iter().any(u8::is_ascii_alphabetic);
    let signs = word
        .iter()
        .any(|byte| byte.is_ascii_digit() || b"._+".contains(byte));
    host.spelled || letters && signs || is_labelled(reader, start - word.len())
}

/// Whether the text before says that an address follows.
fn is_labelled(reader: Reader<'_>, at: usize) -> bool {
    let end = reader.skip_blanks_back(at);
    let end = end - reader.count_back(end, 2, |byte| byte == b':' || byte == b'(');
    let word = reader.word_before(end);
    [&b"mail"[..], b"email", b"e-mail", b"contact", b"mailto"]
        .iter()
        .any(|label| label.eq_ignore_ascii_case(word))
}

/// A byte that local parts of addresses end with (RFC 5322 atoms, as they are in use).
fn is_local(byte: u8) -> bool {
    is_word(byte) || b"._+-".contains(&byte)
}
