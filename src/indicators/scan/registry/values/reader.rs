//! Reading what stands behind a key, piece by piece and never far.

mod data;

use std::borrow::Cow;
use std::ops::Range;

use super::super::super::{Raw, Text};
use super::super::starts_with;

/// The longest data that is read, in bytes.
const LONGEST: usize = 1024;
/// The longest name of a value that is read, in bytes.
const LONGEST_NAME: usize = 128;

/// How far data without quotation marks is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// A number or something that was found there: behind signs that prose uses too.
    Sure,
    /// Also a word, or the rest of a line that holds nothing but key and data.
    Word,
    /// To the end of the line, unless it reads like prose.
    Line,
}

/// Signs between a key and its data, longer ones first.
const SIGNS: &[(&str, How)] = &[
    (":=", How::Word),
    ("=>", How::Sure),
    ("=", How::Word),
    ("->", How::Sure),
    ("→", How::Sure),
    (":", How::Sure),
    ("is set to", How::Sure),
    ("was set to", How::Sure),
    ("set to", How::Sure),
];

/// What begins the next key.
pub(super) const NEXT_KEY: &[&str] = &["registry key", "key"];

/// What data and the names of values are called, longer ones first.
const LABELS: &[&str] = &[
    "value data",
    "value name",
    "value type",
    "value",
    "data",
    "name",
    "type",
];

/// Stands behind a key and goes on from there.
pub(super) struct Reader<'t, 'a> {
    text: &'t Text<'a>,
    key: Range<usize>,
    at: usize,
    /// What was found behind the key.
    after: &'t [Raw],
}

impl<'t, 'a> Reader<'t, 'a> {
    pub(super) fn new(text: &'t Text<'a>, key: Range<usize>, after: &'t [Raw]) -> Self {
        let at = key.end;
        Self {
            text,
            key,
            at,
            after,
        }
    }

    pub(super) fn text(&self) -> &'t Text<'a> {
        self.text
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn go(&mut self, at: usize) {
        self.at = at;
    }

    fn byte(&self) -> u8 {
        self.text.byte(self.at)
    }

    fn rest(&self, max: usize) -> &'t str {
        self.text.line_after(self.at, max)
    }

    fn blanks(&mut self) {
        while matches!(self.byte(), b' ' | b'\t') {
            self.at += 1;
        }
    }

    /// Passes over the bracket or the quotation mark that closes the key, and says which.
    pub(super) fn closing(&mut self) -> u8 {
        let byte = self.byte();
        if matches!(byte, b'"' | b'\'' | b'`' | b']') {
            self.at += 1;
            return byte;
        }
        if let Some(closing) = self
            .rest(4)
            .chars()
            .next()
            .filter(|c| matches!(c, '”' | '’'))
        {
            self.at += closing.len_utf8();
            return b'"';
        }
        0
    }

    /// Passes over one line break and the blanks around it.
    pub(super) fn line_break(&mut self) -> bool {
        let start = self.at;
        while matches!(self.byte(), b' ' | b'\t' | b'\r') {
            self.at += 1;
        }
        if self.byte() != b'\n' {
            self.at = start;
            return false;
        }
        self.at += 1;
        self.blanks();
        true
    }

    pub(super) fn comma(&mut self) {
        if self.byte() == b',' {
            self.at += 1;
        }
    }

    /// `"name"` or `@` and the sign behind it, in an exported file. Returns where the name stands.
    pub(super) fn value_name(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let end = match self.byte() {
            b'@' => start + 1,
            b'"' => {
                self.quoted()?;
                self.at
            }
            _ => return None,
        };
        self.at = end;
        self.blanks();
        if self.byte() != b'=' {
            return None;
        }
        self.at += 1;
        Some(start..end)
    }

    /// `/v`, `-Name`: what begins with a sign and a letter, behind a blank.
    pub(super) fn option(&mut self) -> Option<&'t str> {
        let start = self.at;
        self.blanks();
        let rest = self.rest(LONGEST_NAME);
        let option = rest.split([' ', '\t']).next().unwrap_or_default();
        let mut bytes = option.bytes();
        let sign = matches!(bytes.next(), Some(b'/' | b'-'));
        if self.at == start || !sign || !bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic())
        {
            self.at = start;
            return None;
        }
        self.at += option.len();
        Some(option)
    }

    /// What an option is given: in quotation marks, or up to the next blank.
    pub(super) fn argument(&mut self) -> Option<String> {
        self.blanks();
        if let Some(quoted) = self.quoted() {
            return Some(quoted);
        }
        let rest = self.rest(LONGEST);
        let word = rest.split([' ', '\t']).next().unwrap_or_default();
        self.at += word.len();
        let word = word.trim_end_matches([',', ';', ')', '"', '\'', '`', '”', '’']);
        (!word.is_empty()).then(|| word.to_owned())
    }

    /// Passes over a sign between a key or a name and its data, with the type of the data if it is there.
    pub(super) fn sign(&mut self) -> Option<How> {
        self.blanks();
        let typed = self.data_type();
        self.blanks();
        let rest = self.rest(16);
        let sign = SIGNS.iter().find(|(sign, _)| starts_with(rest, sign));
        let Some((sign, how)) = sign else {
            return typed.then_some(How::Word);
        };
        if matches!(rest.as_bytes().get(sign.len()), Some(b'=' | b':' | b'\\')) {
            return None;
        }
        self.at += sign.len();
        self.blanks();
        if !self.data_type() {
            return Some(if typed { How::Word } else { *how });
        }
        self.blanks();
        if self.byte() == b':' {
            self.at += 1;
        }
        Some(How::Word)
    }

    /// Passes over `REG_SZ` or `(REG_DWORD)`.
    fn data_type(&mut self) -> bool {
        let rest = self.rest(32);
        let inner = rest.trim_start_matches(['(', '[']);
        if !inner.starts_with("REG_") {
            return false;
        }
        let name = inner
            .find(|c: char| !(c.is_ascii_uppercase() || c == '_'))
            .unwrap_or(inner.len());
        let closing = inner.as_bytes().get(name).copied().unwrap_or_default();
        self.at += rest.len() - inner.len() + name + usize::from(matches!(closing, b')' | b']'));
        true
    }

    /// The data of `KEY|data`.
    pub(super) fn bar(&mut self) -> Option<String> {
        if self.at != self.key.end
            || self.byte() != b'|'
            || self.text.preceding(self.key.start) == b'|'
        {
            return None;
        }
        self.at += 1;
        if matches!(self.byte(), b' ' | b'|') {
            return None;
        }
        let start = self.at;
        let data = self.data(How::Word)?;
        let taken = self.text.slice(start..self.at);
        (!taken.contains('|') && self.byte() != b'|').then_some(data)
    }

    /// `[name]`.
    pub(super) fn bracketed(&mut self) -> Option<String> {
        self.blanks();
        let rest = self.rest(LONGEST_NAME).strip_prefix('[')?;
        let end = rest.find(']')?;
        self.at += end + 2;
        rest.get(..end)
            .filter(|name| !name.trim().is_empty())
            .map(|name| name.trim().to_owned())
    }

    /// A word that may be the name of a value.
    pub(super) fn word(&mut self) -> Option<String> {
        self.blanks();
        let rest = self.rest(LONGEST_NAME);
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.')))
            .unwrap_or(rest.len());
        self.at += end;
        rest.get(..end)
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
    }

    /// What stands in quotation marks; a backslash escapes one if the first is escaped so.
    pub(super) fn quoted(&mut self) -> Option<String> {
        let rest = self.rest(LONGEST);
        let mut chars = rest.char_indices();
        let (_, opening) = chars.next()?;
        let closing = match opening {
            '"' | '\'' | '`' => opening,
            '“' => '”',
            '‘' => '’',
            _ => return None,
        };
        let inner = rest.get(opening.len_utf8()..)?;
        let escapes = inner.starts_with("\\\"");
        let mut before = ' ';
        let end = inner.char_indices().find(|(_, c)| {
            let ends = *c == closing && !(escapes && before == '\\');
            before = *c;
            ends
        });
        let end = end?.0;
        self.at += opening.len_utf8() + end + closing.len_utf8();
        let data = inner.get(..end)?;
        let data = if escapes {
            Cow::Owned(data.replace("\\\"", "\""))
        } else {
            Cow::Borrowed(data)
        };
        Some(unescaped(data.trim()))
    }

    /// Passes over the next label and its colon.
    pub(super) fn label(&mut self) -> Option<&'static str> {
        let start = self.at;
        while matches!(self.byte(), b' ' | b'\t' | b',' | b';') {
            self.at += 1;
        }
        if self.at == start && self.is_labelled() {
            self.line_break();
            for mark in ["- ", "* ", "• "] {
                if self.rest(4).starts_with(mark) {
                    self.at += mark.len();
                }
            }
        }
        if self.at > start
            && let Some((label, length)) = label_at(self.rest(32))
        {
            self.at += length;
            return Some(label);
        }
        self.at = start;
        None
    }

    /// Whether the key stands behind a label of its own: `Registry key: …`.
    fn is_labelled(&self) -> bool {
        let before = self
            .text
            .line_before(self.key.start, 48)
            .to_ascii_lowercase();
        before.contains(':')
            && ["key", "registry", "path"]
                .iter()
                .any(|name| before.contains(name))
    }

    /// What stands behind a label, up to the next one, a comma or the end of the line.
    pub(super) fn field(&mut self) -> Option<String> {
        self.blanks();
        if let Some(quoted) = self.quoted() {
            return Some(quoted);
        }
        let rest = self.rest(LONGEST_NAME);
        let end = rest
            .find([',', ';'])
            .into_iter()
            .chain(label_ahead(rest))
            .min()
            .unwrap_or(rest.len());
        self.at += end;
        let field = rest.get(..end)?.trim();
        (!field.is_empty()).then(|| field.to_owned())
    }
}

/// The label that `rest` begins with, and its length with colon.
fn label_at(rest: &str) -> Option<(&'static str, usize)> {
    let mut labels = LABELS.iter().chain(NEXT_KEY);
    let label = labels.find(|label| starts_with(rest, label))?;
    let behind = rest.get(label.len()..)?;
    let colon = behind.trim_start_matches(' ');
    colon
        .starts_with([':', '='])
        .then(|| (*label, rest.len() - colon.len() + 1))
}

/// Where the next label of `rest` begins: at the blank before it.
fn label_ahead(rest: &str) -> Option<usize> {
    rest.match_indices(' ').map(|(at, _)| at).find(|at| {
        let rest = rest.get(at + 1..).unwrap_or_default();
        // The letters that labels begin with.
        rest.starts_with(['v', 'd', 'n', 't', 'r', 'k', 'V', 'D', 'N', 'T', 'R', 'K'])
            && label_at(rest).is_some()
    })
}

/// With doubled backslashes made single, if all of them are doubled and one is within.
pub(super) fn unescaped(data: &str) -> String {
    let mut runs = data
        .split(|c| c != '\\')
        .map(str::len)
        .filter(|length| *length > 0)
        .peekable();
    let doubled = data.trim_start_matches('\\').contains('\\')
        && runs.peek().is_some()
        && runs.all(|length| length % 2 == 0);
    if doubled {
        data.replace("\\\\", "\\")
    } else {
        data.to_owned()
    }
}
