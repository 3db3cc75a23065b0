//! The words that announce a name, and what a name looks like.

use super::super::{Kind, Text};
use super::word;

/// A label in the text.
pub(super) struct Label {
    pub(super) kind: Kind,
    /// Where it ends.
    pub(super) end: usize,
    /// Whether the name stands right behind it, as in a command.
    pub(super) command: bool,
}

/// Where an announced name stands.
pub(super) struct Announced {
    pub(super) from: usize,
    /// Whether the words before it leave no doubt that a name comes, so that it needs no quotation marks.
    pub(super) strong: bool,
}

/// Labels in lower case, longer ones first where one begins with another.
const LABELS: &[(&[u8], Kind)] = &[
    (b"mutexes", Kind::Mutex),
    (b"mutexname", Kind::Mutex),
    (b"mutex", Kind::Mutex),
    (b"mutant", Kind::Mutex),
    (b"named pipes", Kind::NamedPipe),
    (b"named pipe", Kind::NamedPipe),
    (b"namedpipe", Kind::NamedPipe),
    (b"pipe name", Kind::NamedPipe),
    (b"pipename", Kind::NamedPipe),
    (b"service name", Kind::WindowsService),
    (b"servicename", Kind::WindowsService),
    (b"service named", Kind::WindowsService),
    (b"service called", Kind::WindowsService),
    (b"service with the name", Kind::WindowsService),
    (b"scheduled task", Kind::WindowsTask),
    (b"scheduled tasks", Kind::WindowsTask),
    (b"task name", Kind::WindowsTask),
    (b"taskname", Kind::WindowsTask),
    (b"task named", Kind::WindowsTask),
    (b"task called", Kind::WindowsTask),
    (b"user-agent", Kind::UserAgent),
    (b"user agent", Kind::UserAgent),
    (b"useragent", Kind::UserAgent),
];

/// The label that begins at `at`.
pub(super) fn at(text: &Text<'_>, at: usize) -> Option<Label> {
    if let Some(label) = command(text, at) {
        return Some(label);
    }
    let (label, kind) = LABELS
        .iter()
        .filter(|(label, _)| word(text, at, label))
        .max_by_key(|(label, _)| label.len())?;
    let mut end = at + label.len();
    // "task named" announces as "named" does.
    if let Some(name) = [&b" named"[..], b" called", b" with the name"]
        .into_iter()
        .find(|name| label.ends_with(name))
    {
        end -= name.len();
    }
    let next = text.byte(end);
    (!next.is_ascii_alphanumeric() && next != b'_').then_some(Label {
        kind: *kind,
        end,
        command: false,
    })
}

/// `sc create NAME`, `New-Service -Name NAME`, `schtasks /create … /tn NAME`, `CreateMutexA(…, "NAME")`.
fn command(text: &Text<'_>, at: usize) -> Option<Label> {
    let (kind, options): (Kind, &[&str]) = match text.byte(at) | 0x20 {
        b's' if word(text, at, b"sc create ") || word(text, at, b"sc.exe create ") => {
            (Kind::WindowsService, &[" create "])
        }
        b's' if word(text, at, b"schtasks") => (Kind::WindowsTask, &["/tn ", "-tn "]),
        b'n' if word(text, at, b"new-service ") => (Kind::WindowsService, &["-name "]),
        b'r' if word(text, at, b"register-scheduledtask ") => (Kind::WindowsTask, &["-taskname "]),
        b'c' if word(text, at, b"createmutex") => (Kind::Mutex, &["\""]),
        b'o' if word(text, at, b"openmutex") => (Kind::Mutex, &["\""]),
        _ => return None,
    };
    let line = text.line_after(at, 256).to_ascii_lowercase();
    if kind == Kind::WindowsTask && line.starts_with("schtasks") && !line.contains("create") {
        return None;
    }
    let (offset, option) = options
        .iter()
        .find_map(|option| Some((line.find(option)?, option)))?;
    let quote = usize::from(kind == Kind::Mutex);
    let mut end = at + offset + option.len() - quote;
    while text.byte(end) == b' ' {
        end += 1;
    }
    let inside = quote == 0 || !line.get(..offset).is_some_and(|call| call.contains(')'));
    inside.then_some(Label {
        kind,
        end,
        command: true,
    })
}

/// Words that may stand between a label and a name, and whether a name must follow them.
const BETWEEN: &[(&str, bool)] = &[
    ("named", true),
    ("called", true),
    ("name", true),
    ("names", true),
    ("value", true),
    ("string", true),
    ("strings", true),
    ("with", false),
    ("the", false),
    ("a", false),
    ("an", false),
    ("of", false),
    ("is", false),
    ("was", false),
    ("as", false),
    ("object", false),
    ("objects", false),
    ("header", false),
    ("field", false),
    ("following", false),
    ("hardcoded", false),
    ("hard-coded", false),
    ("to", false),
    ("set", false),
];

/// Where the name that a label ending at `end` announces stands.
pub(super) fn announced(text: &Text<'_>, end: usize) -> Option<Announced> {
    let (mut at, mut strong) = (end, false);
    for _ in 0..7 {
        at = behind_punctuation(text, at, &mut strong);
        let rest = text.line_after(at, 16);
        let length = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphabetic() || *byte == b'-')
            .count();
        let between = BETWEEN.iter().find(|(word, _)| {
            rest.get(..length)
                .is_some_and(|rest| rest.eq_ignore_ascii_case(word))
        });
        match between {
            Some((_, announces))
                if matches!(rest.as_bytes().get(length), Some(b' ' | b':' | b'=')) =>
            {
                strong |= announces;
                at += length;
            }
            _ => break,
        }
    }
    (at > end).then_some(Announced { from: at, strong })
}

/// Passes over blanks, and over a colon or an equals sign, which announce. A quotation mark that closes around
/// the label is passed over with the colon (`"mutex": "x"`).
fn behind_punctuation(text: &Text<'_>, at: usize, strong: &mut bool) -> usize {
    let mut at = at;
    let closing = matches!(text.byte(at), b'"' | b'\'') && matches!(text.byte(at + 1), b':' | b'=');
    at += usize::from(closing);
    for _ in 0..8 {
        match text.byte(at) {
            b' ' | b'\t' => at += 1,
            b':' | b'=' => {
                *strong = true;
                at += 1;
            }
            0xC2 if text.byte(at + 1) == 0xA0 => at += 2,
            _ => break,
        }
    }
    at
}

/// What a table's header, or the cell before, says a cell is.
pub(super) fn of_cell(label: &str) -> Option<Kind> {
    let label = label.trim().trim_end_matches([':', '=']).trim_end();
    if label.len() > 32 {
        return None;
    }
    match label.to_ascii_lowercase().as_str() {
        "mutex" | "mutexes" | "mutex name" | "mutex names" | "mutex value" | "mutant"
        | "mutants" => Some(Kind::Mutex),
        "named pipe" | "named pipes" | "pipe name" | "pipe" | "pipes" => Some(Kind::NamedPipe),
        "service name" | "service names" | "windows service" | "windows service name" => {
            Some(Kind::WindowsService)
        }
        "scheduled task"
        | "scheduled tasks"
        | "task name"
        | "scheduled task name"
        | "windows scheduled task" => Some(Kind::WindowsTask),
        "user agent" | "user agents" | "user-agent" | "user-agents" | "useragent"
        | "user agent string" | "user-agent string" => Some(Kind::UserAgent),
        _ => None,
    }
}

/// Whether a single word looks like a name somebody gave, rather than a word of the sentence.
pub(super) fn is_name(name: &str) -> bool {
    if !(3..=260).contains(&name.len())
        || is_word(name)
        || name.contains(['<', '>', '(']) && !name.contains('{')
    {
        return false;
    }
    let inner_capital = name.bytes().skip(1).any(|byte| byte.is_ascii_uppercase());
    let mark = name.bytes().any(|byte| {
        byte.is_ascii_digit()
            || matches!(byte, b'\\' | b'_' | b'{' | b'-' | b'#' | b'!' | b'$' | b'&')
    });
    let capital = name
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_uppercase());
    name.bytes().any(|byte| byte.is_ascii_alphanumeric()) && (inner_capital || mark || capital)
}

/// Words of running prose and of tables.
const PLAIN_WORDS: &[&str] = &[
    "-",
    "--",
    "n/a",
    "na",
    "none",
    "no",
    "yes",
    "null",
    "true",
    "false",
    "unknown",
    "mutex",
    "mutant",
    "name",
    "value",
    "the",
    "this",
    "that",
    "it",
    "a",
    "an",
    "in",
    "on",
    "to",
    "is",
    "of",
    "and",
    "description",
    "type",
    "windows",
    "service",
    "pipe",
    "task",
    "user-agent",
    "user agent",
    "string",
    "object",
    "random",
    "empty",
    "createmutexa",
    "createmutexw",
    "createmutex",
    "openmutexa",
    "openmutexw",
    "openmutex",
    "named",
    "created",
    "if",
    "when",
    "after",
    "using",
    "for",
    "check",
    "creation",
    "see",
    "not",
    "note",
    "yes.",
    "no.",
    "host",
    "execution",
    "multi-threading",
    "microsoft",
    "hard-coded",
    "hardcoded",
    "well-known",
    "so-called",
    "one",
    "binpath=",
    "all",
    "each",
    "any",
    "which",
    "because",
    "these",
    "they",
    "as",
    "we",
    "you",
    "with",
    "by",
];

/// Words that describe names or stand for none.
pub(super) fn is_word(name: &str) -> bool {
    PLAIN_WORDS
        .iter()
        .any(|word| name.eq_ignore_ascii_case(word))
}
