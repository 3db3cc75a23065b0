//! Marks for schemes and for what stands between a scheme and its host: `hxxp://`, `h[tt]p[:]//`, `[https]:\\`.

use super::marks::Marks;
use super::reader::{Reader, is_blank, is_closer, is_opener, is_word};
use super::words;

/// Most bytes of a scheme with its marks.
const SCHEME: usize = 24;
/// Most bytes between a scheme and its host.
const SEPARATOR: usize = 16;

/// What stands between a scheme and its host.
#[derive(Debug, Default, Clone, Copy)]
struct Separator {
    end: usize,
    slashes: usize,
    backslashes: usize,
    brackets: bool,
    blanks: bool,
    /// The bracket that closes behind it and opened before the scheme (`[http://]evil.com`), or 0.
    outer: u8,
}

impl Separator {
    /// Two or more slashes of one kind; before a slash, backslashes are escapes.
    fn is_whole(&self) -> bool {
        self.slashes >= 2 || self.slashes == 0 && self.backslashes >= 2
    }
}

/// Undoes the separator that begins at `at` and the scheme before it.
pub(super) fn undo(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    let reader = marks.reader;
    if reader.has(at, "__") {
        return underscores(marks, at);
    }
    let colon = at
        + reader.count(at, 4, |byte| {
            is_opener(byte) || is_closer(byte) || byte == b'\\' || byte == b'^'
        });
    if reader.byte(colon) != b':' || is_plain(reader, at, colon) {
        return None;
    }
    let separator = separator(reader, at, colon)?;
    let end = host_start(reader, separator)?;
    let start = if is_blank(reader.before(at)) && separator.slashes == 2 {
        at - 1
    } else {
        at
    };
    let mut scheme = scheme(reader, start, separator.end)?;
    if scheme.name.is_none() && is_defanged_name(reader, end) {
        scheme.name = resembling(reader.slice(scheme.start..start));
    }
    let web = matches!(scheme.name, Some("http" | "https" | "ftp" | "ftps"));
    let odd = start < at || !separator.is_whole() || separator.slashes + separator.backslashes > 2;
    if !web && (odd || separator.blanks || separator.slashes == 0) {
        return None;
    }
    if scheme.start < marks.floor() {
        marks.take_back(scheme.start);
    }
    if let Some(name) = scheme.name.filter(|_| scheme.start < start) {
        let written = reader.slice(scheme.start..start);
        if !written.eq_ignore_ascii_case(name) {
            marks.change(scheme.start..start, name, true);
        }
    }
    if start >= marks.floor() {
        marks.change(start..end, "://", separator.brackets);
    }
    if separator.outer > 0 {
        marks.count(separator.outer);
    }
    Some(host_in_brackets(marks, end))
}

/// Whether nothing needs to be undone there: no slash follows, or the separator is as it should be behind a
/// scheme that is.
fn is_plain(reader: Reader<'_>, at: usize, colon: usize) -> bool {
    match reader.byte(colon + 1) {
        b'/' if at == colon => {
            let web = reader.has(at.saturating_sub(5), "https")
                || reader.has(at.saturating_sub(4), "http");
            web && reader.byte(colon + 2) == b'/'
                && is_word(reader.byte(colon + 3))
                && !is_closer(reader.before(at))
        }
        next => !(matches!(next, b'/' | b'\\' | b'^' | b' ') || is_opener(next) || is_closer(next)),
    }
}

fn separator(reader: Reader<'_>, at: usize, colon: usize) -> Option<Separator> {
    let mut separator = Separator {
        brackets: reader.slice(at..colon).bytes().any(|byte| byte != b'\\'),
        ..Separator::default()
    };
    let opened = reader
        .slice(at..colon)
        .bytes()
        .filter(|byte| is_opener(*byte))
        .count();
    let mut open = opened;
    let mut end = colon + 1;
    for _ in 0..SEPARATOR {
        match reader.byte(end) {
            b'/' => separator.slashes += 1,
            b'\\' => separator.backslashes += 1,
            b'^' => {}
            byte if is_opener(byte) && !separator.is_whole() => {
                open += 1;
                separator.brackets = true;
            }
            byte if is_closer(byte)
                && (open > 0 || !separator.is_whole() && separator.slashes > 0) =>
            {
                open = open.saturating_sub(1);
                separator.brackets = true;
            }
            byte if is_blank(byte)
                && separator.slashes + separator.backslashes == 0
                && reader.has(end + 1, "//") =>
            {
                separator.blanks = true;
            }
            _ => break,
        }
        end += 1;
    }
    if separator.is_whole() && closes_scheme(reader, at, end) {
        separator.outer = reader.byte(end);
        separator.brackets = true;
        end += 1;
    }
    separator.end = end;
    (separator.slashes + separator.backslashes > 0).then_some(separator)
}

/// Whether the bracket at `end` closes one that opened before the scheme which ends at `at`, and a host follows.
fn closes_scheme(reader: Reader<'_>, at: usize, end: usize) -> bool {
    let letters = reader.count_back(at, 8, |byte| {
        byte.is_ascii_alphanumeric() || b"*_#-".contains(&byte)
    });
    let pair = [reader.before(at - letters), reader.byte(end)];
    letters >= 3
        && matches!(&pair, b"[]" | b"()" | b"{}" | b"<>")
        && is_dotted_name(reader, end + 1)
}

/// Where the host begins, which may be behind a blank; `None` if no host follows.
fn host_start(reader: Reader<'_>, separator: Separator) -> Option<usize> {
    let next = reader.skip_blanks(separator.end);
    if next > separator.end || separator.blanks || !separator.is_whole() {
        return is_dotted_name(reader, next).then_some(next);
    }
    let byte = reader.byte(next);
    (is_word(byte) || b"[({<%*$_-.".contains(&byte)).then_some(next)
}

/// Whether a host name with a dot in any form begins there.
fn is_dotted_name(reader: Reader<'_>, mut at: usize) -> bool {
    for _ in 0..8 {
        let label = reader.label(at);
        let name = reader.slice(label.clone()).as_bytes();
        let dot = reader.byte(label.end) == b'.' && is_word(reader.byte(label.end + 1));
        if name.is_empty() {
            return false;
        }
        if super::mark::read_dot(reader, reader.skip_blanks(label.end))
            .is_some_and(|mark| mark.is_full() || mark.is_half())
        {
            return true;
        }
        if !dot {
            return words::is_top_level(name) || name.iter().all(u8::is_ascii_digit);
        }
        at = label.end + 1;
    }
    true
}

/// Whether a host name or an address with a defanged dot begins there.
fn is_defanged_name(reader: Reader<'_>, mut at: usize) -> bool {
    for _ in 0..8 {
        let label = reader.label(at);
        let dot = super::mark::read_dot(reader, label.end);
        if label.is_empty() || dot.is_none() {
            return false;
        }
        if dot.is_some_and(|mark| mark.is_full() || mark.is_half()) {
            return true;
        }
        at = label.end + 1;
    }
    false
}

/// What a scheme without a meaning stands for before a defanged host: writers make up ever new ones for HTTP
/// (`hzzp`, `httpx`), which begin like it.
fn resembling(scheme: &str) -> Option<&'static str> {
    const OTHERS: &[&str] = &["h2", "h2c", "h3", "hdfs", "hg", "hls", "hsql"];
    let fits = (2..=6).contains(&scheme.len())
        && scheme.starts_with(['h', 'H'])
        && scheme.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !OTHERS
            .iter()
            .any(|other| other.eq_ignore_ascii_case(scheme));
    fits.then(|| {
        if scheme.ends_with(['s', 'S']) {
            "https"
        } else {
            "http"
        }
    })
}

/// Brackets around the whole host, which is no IPv6 address: `http://[evil.com]/`.
fn host_in_brackets(marks: &mut Marks<'_>, at: usize) -> usize {
    let reader = marks.reader;
    let opener = reader.byte(at);
    if !matches!(opener, b'[' | b'(' | b'{') {
        return at;
    }
    let length = reader.count(at + 1, 255, |byte| {
        is_word(byte) || byte == b'-' || byte == b'.'
    });
    let closer = at + 1 + length;
    if !is_closer(reader.byte(closer)) || !reader.slice(at + 1..closer).contains('.') {
        return at;
    }
    marks.change(at..at + 1, "", true);
    marks.change(closer..closer + 1, "", true);
    closer + 1
}

/// `http__evil.com`, `h__ps__evil.com`: underscores for the whole separator.
fn underscores(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    let reader = marks.reader;
    let scheme = scheme(reader, at, at)?;
    let name = scheme.name.filter(|name| name.starts_with("http"))?;
    let before = reader.before(scheme.start);
    if is_word(before)
        || b"_-/.".contains(&before)
        || scheme.start < marks.floor()
        || !is_dotted_name(reader, at + 2)
    {
        return None;
    }
    marks.change(scheme.start..at, name, true);
    marks.change(at..at + 2, "://", true);
    Some(at + 2)
}

/// A scheme as it was written.
#[derive(Debug)]
struct Scheme {
    start: usize,
    /// What it means; `None` if it means what it says.
    name: Option<&'static str>,
}

/// Reads the scheme that ends at `at`, before marks that reach to `colon`.
fn scheme(reader: Reader<'_>, at: usize, colon: usize) -> Option<Scheme> {
    let (mut letters, mut places) = ([0_u8; SCHEME], [0_usize; SCHEME]);
    let (mut count, mut open) = (0, 0_usize);
    let mut start = at;
    while count < SCHEME && at - start < SCHEME {
        let byte = reader.before(start);
        if is_closer(byte) {
            open += 1;
        } else if is_opener(byte) && open > 0 {
            open -= 1;
        } else if byte.is_ascii_alphanumeric() || b"*_#$?!+-".contains(&byte) {
            *letters.get_mut(count)? = byte.to_ascii_lowercase();
            *places.get_mut(count)? = start - 1;
            count += 1;
        } else {
            break;
        }
        start -= 1;
    }
    let (letters, places) = (letters.get_mut(..count)?, places.get_mut(..count)?);
    letters.reverse();
    places.reverse();
    let meant = (0..count).find_map(|from| {
        let name = meaning(letters.get(from..)?)?;
        let before = from.checked_sub(1).and_then(|before| letters.get(before));
        let apart = before.is_none_or(|before| !before.is_ascii_alphanumeric());
        (apart || is_unmistakable(letters.get(from..)?)).then_some((from, name))
    });
    if let Some((from, name)) = meant {
        let start = *places.get(from)?;
        return Some(Scheme {
            start: with_brackets(reader, start, colon),
            name: Some(name),
        });
    }
    let plain = reader.count_back(at, SCHEME, |byte| {
        byte.is_ascii_alphanumeric() || b"+-".contains(&byte)
    });
    (plain >= 2).then_some(Scheme {
        start: at - plain,
        name: None,
    })
}

/// The start of a scheme with the brackets that open before it and close before `end`.
fn with_brackets(reader: Reader<'_>, start: usize, end: usize) -> usize {
    let mut depth = 0_usize;
    for byte in reader.slice(start..end).bytes().rev() {
        if is_closer(byte) {
            depth += 1;
        } else if is_opener(byte) {
            depth = depth.saturating_sub(1);
        }
    }
    start - reader.count_back(start, depth, is_opener)
}

/// Whether letters in front of a scheme cannot belong to it.
fn is_unmistakable(scheme: &[u8]) -> bool {
    scheme.starts_with(b"hxx") || scheme.starts_with(b"h**")
}

/// What a scheme in lower case means, if it is one of the web or of file transfer, as it is or defanged.
pub(crate) fn meaning(scheme: &[u8]) -> Option<&'static str> {
    let secure = scheme.len() > 3 && scheme.ends_with(b"s");
    let bare = if secure {
        scheme.get(..scheme.len() - 1)?
    } else {
        scheme
    };
    let (plain, with) = match (bare.first()?, bare.get(1..)?) {
        _ if matches!(bare, b"meow" | b"xxxx" | b"ttp" | b"purr" | b"****") => ("http", "https"),
        (b'h' | b'x' | b'*' | b't', rest) if is_web(bare, rest) => ("http", "https"),
        (b'f', rest) if is_file_transfer(rest) => ("ftp", "ftps"),
        _ => return None,
    };
    Some(if secure { with } else { plain })
}

/// `http` with any of its letters but the first crossed out, and the first as well if two others are left.
fn is_web(scheme: &[u8], rest: &[u8]) -> bool {
    let ends = rest.last() == Some(&b'p');
    let middle = rest
        .get(..rest.len() - usize::from(ends))
        .unwrap_or_default();
    if !middle.iter().all(|byte| is_crossed(*byte)) {
        return false;
    }
    match scheme.first() {
        Some(b'h') if ends => (1..=6).contains(&middle.len()),
        Some(b'h') => middle.len() == 3,
        Some(b't') => ends && middle.len() == 2 && middle.iter().all(|byte| *byte != b't'),
        _ => ends && middle.len() == 2,
    }
}

/// `ftp` with one or two of its letters crossed out.
fn is_file_transfer(rest: &[u8]) -> bool {
    let ends = matches!(rest.last(), Some(b'p' | b'x'));
    let middle = rest.get(..rest.len().saturating_sub(1)).unwrap_or_default();
    ends && (1..=2).contains(&middle.len()) && middle.iter().all(|byte| is_crossed(*byte))
}

/// A letter that is `t` or stands in for it.
fn is_crossed(byte: u8) -> bool {
    b"tx*_#$?!+-".contains(&byte)
}
