//! Reading components between separators, some with blanks in their names.

use std::ops::Range;

use super::super::Text;
use super::known;
pub(in super::super) use super::known::with_blanks;

/// How far ahead the end of a component with blanks is looked for, in bytes.
const AHEAD: usize = 80;
/// The most words that a name with blanks is believed to have.
const MOST_WORDS: usize = 5;

/// What a path or key is made of.
pub(in super::super) struct Style<'a> {
    /// `\`, or `/`.
    pub(in super::super) separator: u8,
    /// Bytes that end it, beside blanks, quotes, controls and angle brackets.
    pub(in super::super) stops: &'a [u8],
    /// Where the component goes on behind a blank: given the component up to the blank, the end of the part
    /// with blanks.
    pub(in super::super) blank: &'a dyn Fn(Range<usize>) -> Option<usize>,
}

/// Where a run of components ends that begins at `from`; `Err` with how far was read if it is longer than
/// `limit` bytes.
pub(in super::super) fn end(
    text: &Text<'_>,
    from: usize,
    limit: usize,
    style: &Style<'_>,
) -> Result<usize, usize> {
    let (mut at, mut component, mut depth) = (from, from, 0_usize);
    while at - from <= limit {
        let byte = text.byte(at);
        at += match byte {
            _ if byte == style.separator => {
                component = at + 1;
                depth = 0;
                1
            }
            b' ' => match (style.blank)(component..at) {
                Some(end) if end > at => end - at,
                _ => return Ok(trimmed(text, from, at)),
            },
            b'<' => match placeholder(text, component, at) {
                Some(end) => end - at,
                None => return Ok(trimmed(text, from, at)),
            },
            b'(' | b'[' | b'{' => {
                depth += 1;
                1
            }
            b')' | b']' | b'}' if depth > 0 => {
                depth -= 1;
                1
            }
            b':' => return Ok(trimmed(text, from, before_drive(text, from, at))),
            b')' | b']' | b'}' => return Ok(trimmed(text, from, at)),
            _ if stops(byte) || style.stops.contains(&byte) => return Ok(trimmed(text, from, at)),
            0x80.. => match letter(text, at) {
                Some(length) => length,
                None => return Ok(trimmed(text, from, at)),
            },
            _ => 1,
        };
    }
    let mut end = from + limit;
    while !text.str().is_char_boundary(end) {
        end += 1;
    }
    Err(end.min(text.str().len()))
}

/// What ends every path and key.
fn stops(byte: u8) -> bool {
    matches!(
        byte,
        0..=b' ' | 0x7F | b'"' | b'`' | b'\'' | b'<' | b'>' | b'|' | b',' | b';'
    )
}

/// The length of a character beyond ASCII that may be in a name; `None` for punctuation, blanks and symbols.
pub(in super::super) fn letter(text: &Text<'_>, at: usize) -> Option<usize> {
    let c = text.slice(at..char_end(text, at)).chars().next()?;
    let is_stop = match c {
        '\u{2010}' | '\u{2011}' => false,
        '\u{80}'..='\u{BF}'
        | '\u{2000}'..='\u{206F}'
        | '\u{2190}'..='\u{2BFF}'
        | '\u{3000}'..='\u{303F}'
        | '\u{FEFF}'..='\u{FF0F}'
        | '\u{FF1A}'..='\u{FF20}'
        | '\u{FF3B}'..='\u{FF40}'
        | '\u{FF5B}'..='\u{FF65}'
        | '\u{FFE0}'..='\u{FFFF}' => true,
        _ => c.is_whitespace(),
    };
    (!is_stop).then_some(c.len_utf8())
}

/// Where the character at `at` ends.
fn char_end(text: &Text<'_>, at: usize) -> usize {
    let mut end = at + 1;
    while !text.str().is_char_boundary(end) && end < text.str().len() {
        end += 1;
    }
    end
}

/// `C:` ends what stands before the `C`.
fn before_drive(text: &Text<'_>, from: usize, colon: usize) -> usize {
    let letter = colon.saturating_sub(1);
    let is_drive = letter >= from
        && text.byte(letter).is_ascii_alphabetic()
        && !text.byte(letter - 1).is_ascii_alphanumeric()
        && matches!(text.byte(colon + 1), b'\\' | b'/');
    if is_drive { letter } else { colon }
}

/// Without the punctuation of the sentence around it.
fn trimmed(text: &Text<'_>, from: usize, end: usize) -> usize {
    let mut end = end;
    while end > from {
        let before = text.byte(end.saturating_sub(2));
        match text.byte(end - 1) {
            b'.' | b',' | b';' | b'!' | b'?' | b'\'' | b'=' | b' ' | b'(' | b'[' | b'^' => {
                end -= 1;
            }
            b'{' if before != b'\\' => end -= 1,
            b'*' | b'-' | b'_' if before == b' ' => end -= 1,
            b'*' if end - 1 > from && !matches!(before, b'\\' | b'/' | b'.' | b'_' | b'-') => {
                end -= 1;
            }
            _ => break,
        }
    }
    end
}

/// Where a placeholder such as `<user name>` ends. Elements of markup are none, and nothing follows an extension.
fn placeholder(text: &Text<'_>, component: usize, at: usize) -> Option<usize> {
    let length = (at + 1..at + 40)
        .take_while(|at| {
            matches!(text.byte(*at), b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b' ' | b'_' | b'-' | b'.' | b'%')
                || text.byte(*at) >= 0x80
        })
        .count();
    let name = text.slice(at + 1..at + 1 + length);
    let is_markup = matches!(
        name.to_ascii_lowercase().as_str(),
        "br" | "p"
            | "b"
            | "i"
            | "em"
            | "li"
            | "td"
            | "tr"
            | "div"
            | "code"
            | "span"
            | "pre"
            | "strong"
            | "a"
    );
    let fits = length > 0
        && text.byte(at + 1 + length) == b'>'
        && !is_markup
        && !known::is_file(text.slice(component..at));
    fits.then_some(at + 2 + length)
}

/// Words behind a blank up to the next separator or the end of the name.
pub(in super::super) struct Ahead {
    /// Where they end.
    pub(in super::super) end: usize,
    /// What ends them: the separator, a quotation mark, a line break (also for the end of the text), or 0 if
    /// nothing was found within reach.
    pub(in super::super) stop: u8,
    /// How many words.
    pub(in super::super) words: usize,
    /// Whether all begin with a capital, a digit or a bracket.
    pub(in super::super) capitals: bool,
    /// Whether one of them is a word of running prose or an argument of a command.
    pub(in super::super) prose: bool,
    /// Where the last one begins.
    pub(in super::super) last: usize,
    /// The end of the first one that is the name of a file.
    pub(in super::super) file: Option<usize>,
}

/// Reads the words behind the blank at `at`.
pub(in super::super) fn ahead(text: &Text<'_>, blank: usize, separator: u8) -> Ahead {
    let mut ahead = Ahead {
        end: blank,
        stop: 0,
        words: 0,
        capitals: true,
        prose: false,
        last: blank,
        file: None,
    };
    let mut at = blank;
    while at < blank + AHEAD && ahead.words <= MOST_WORDS {
        let end = word_end(text, at + 1, separator);
        let word = text.slice(at + 1..end);
        ahead.add(word, at + 1, end);
        let stop = text.byte(end);
        if stop != b' ' || word.is_empty() || ahead.file.is_some() {
            ahead.end = end;
            ahead.stop = match stop {
                b' ' => 0,
                0 | b'\r' | b'\n' => b'\n',
                _ if is_closing(text, end) => b'"',
                _ => stop,
            };
            return ahead;
        }
        at = end;
    }
    ahead
}

impl Ahead {
    fn add(&mut self, word: &str, start: usize, end: usize) {
        self.words += 1;
        self.last = start;
        let first = word.bytes().next().unwrap_or_default();
        self.capitals &= matches!(first, b'A'..=b'Z' | b'0'..=b'9' | b'(' | b'[' | b'{' | 0x80..);
        self.prose |= is_prose(word) || first == b'-' && word.len() > 1;
        self.prose |= word.ends_with(['.', '!', '?']);
        if self.file.is_none() && known::is_file(word) {
            self.file = Some(end);
        }
    }
}

fn word_end(text: &Text<'_>, from: usize, separator: u8) -> usize {
    let mut at = from;
    while at < from + AHEAD {
        let byte = text.byte(at);
        at += match byte {
            _ if stops(byte)
                || byte == separator
                || matches!(byte, b':' | b'/' | b'\\' | b'*' | b'?' | b'=') =>
            {
                break;
            }
            0x80.. => match letter(text, at) {
                Some(length) => length,
                None => break,
            },
            _ => 1,
        };
    }
    at
}

/// Whether a quotation mark stands there.
fn is_closing(text: &Text<'_>, at: usize) -> bool {
    matches!(text.byte(at), b'"' | b'`' | b'\'')
        || text.byte(at) == 0xE2
            && text.byte(at + 1) == 0x80
            && matches!(text.byte(at + 2), 0x98..=0x9F)
        || text.byte(at) == 0xC2 && matches!(text.byte(at + 1), 0xAB | 0xBB)
}

/// Whether a quotation mark stands before `at`.
pub(in super::super) fn is_quoted(text: &Text<'_>, at: usize) -> bool {
    let before = at.wrapping_sub(1);
    matches!(text.byte(before), b'"' | b'`' | b'\'')
        || at >= 3 && text.byte(at - 3) == 0xE2 && is_closing(text, at - 3)
        || at >= 2 && is_closing(text, at - 2) && text.byte(at - 2) == 0xC2
}

/// Words of running prose.
const PROSE: &[&str] = &[
    "a",
    "an",
    "and",
    "are",
    "as",
    "at",
    "because",
    "before",
    "after",
    "but",
    "by",
    "can",
    "contains",
    "creates",
    "created",
    "directory",
    "drops",
    "executes",
    "file",
    "files",
    "folder",
    "for",
    "from",
    "has",
    "if",
    "in",
    "instead",
    "into",
    "is",
    "it",
    "its",
    "key",
    "launches",
    "loads",
    "located",
    "named",
    "not",
    "on",
    "onto",
    "or",
    "over",
    "path",
    "registry",
    "runs",
    "so",
    "than",
    "that",
    "the",
    "then",
    "this",
    "to",
    "under",
    "until",
    "using",
    "value",
    "via",
    "was",
    "were",
    "when",
    "where",
    "which",
    "while",
    "will",
    "with",
    "within",
    "without",
    "would",
    "writes",
    "&",
    "&&",
    "-",
    "->",
    "=>",
    "–",
    "+",
    "~",
];

/// Words that stand between paths, hardly ever in them.
fn is_prose(word: &str) -> bool {
    PROSE.contains(&word)
}
