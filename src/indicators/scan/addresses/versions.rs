//! Version, section and object numbers that look like IPv4 addresses.
//!
//! `12.1.3.0` is either; the words around it decide. The nearest telling word before it wins, lists and ranges are
//! walked through to what stands before their first member.

mod range;
mod unspaced;
mod words;

use std::ops::Range;

use self::range::{behind_range, is_end_of_range};
use self::words::{ABOUT, ADDRESS, JOINTS, PLACING, PRODUCTS, SERVERS, VERSION, VERSIONS};
use super::super::Text;

/// How far back words are read, in bytes.
const BACK: usize = 160;

/// What a word says about the numbers behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Version,
    About,
    Product,
    Address,
    Server,
    /// `versions`: what follows are some, whatever stands between.
    Versions,
    /// Another number of the same list.
    Number,
    Placing,
    Joint,
    Other,
}

/// Whether the dotted number at `span` is a version, a section or an object number rather than an address.
pub(in crate::indicators::scan) fn is_version(text: &Text<'_>, span: &Range<usize>) -> bool {
    if let Some(told) = by_neighbours(text, span) {
        return told;
    }
    let shaped = is_shaped(text.slice(span.clone()));
    if shaped && (goes_on_as_version(behind_range(text, span)) || is_heading(text, span)) {
        return true;
    }
    let before = text.line_before(span.start, BACK);
    if unspaced::is_version(before) {
        return true;
    }
    by_words(before, shaped)
        .unwrap_or_else(|| is_end_of_range(text, span, before) || by_place(text, shaped))
}

/// Reads the bytes that touch the number.
fn by_neighbours(text: &Text<'_>, span: &Range<usize>) -> Option<bool> {
    let before = |back: usize| span.start.checked_sub(back).map_or(0, |at| text.byte(at));
    match before(1) {
        b'/' if before(2).is_ascii_alphabetic() => {
            let word = text.line_before(span.start - 1, 16);
            Some(!matches!(
                classify(last_word(word)),
                Word::Address | Word::Server
            ))
        }
        // `openssl-1.1.1.4`
        b'-' if before(2).is_ascii_alphabetic() => Some(true),
        b'+' | b'$' | b'#' => Some(true),
        b'=' if matches!(before(2), b'=' | b'>' | b'~') => {
            is_requirement(text, span).then_some(true)
        }
        _ if text.byte(span.end) == b'-' => {
            is_suffix(text.line_after(span.end + 1, 12)).then_some(true)
        }
        _ => None,
    }
}

/// `evil==1.2.3.4`, `evil>=1.2.3.4`: a package with its version, not a filter like `ip.dst==1.2.3.4`.
fn is_requirement(text: &Text<'_>, span: &Range<usize>) -> bool {
    let before = text.line_before(span.start - 2, 40);
    let name = before
        .rsplit([' ', '"', '\'', '(', ','])
        .next()
        .unwrap_or_default();
    let addresses = [
        "ip", "addr", "host", "src", "dst", "source", "dest", "server",
    ];
    let lower = name.to_ascii_lowercase();
    is_shaped(text.slice(span.clone()))
        && lower.len() > 1
        && !lower.contains('.')
        && !addresses.iter().any(|word| lower.contains(word))
}

fn last_word(text: &str) -> &str {
    text.rsplit(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default()
}

/// `1.2.3.4-beta`, `1.2.3.4-el7`
fn is_suffix(after: &str) -> bool {
    const SUFFIXES: &[&str] = &[
        "alpha", "beta", "rc", "snapshot", "release", "final", "build", "hotfix", "deb", "ubuntu",
        "el6", "el7", "el8", "el9", "stable", "dev", "preview", "patch", "sp",
    ];
    SUFFIXES.iter().any(|suffix| {
        after
            .get(..suffix.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(suffix))
    })
}

/// Versions begin low and have a zero, or two numbers of one digit; few addresses do.
fn is_shaped(number: &str) -> bool {
    let first = number.split('.').next().unwrap_or_default();
    let low = first.parse::<u16>().is_ok_and(|first| first < 110);
    let single = number.split('.').filter(|part| part.len() == 1).count();
    low && (single >= 2 || number.split('.').any(|part| part == "0"))
}

/// `… and earlier`, `… (build 5)`
fn goes_on_as_version(after: &str) -> bool {
    const TELLING: &[&str] = &[
        "and earlier",
        "and below",
        "and prior",
        "and older",
        "and later",
        "and above",
        "and newer",
        "and lower",
        "or earlier",
        "or below",
        "or prior",
        "or older",
        "or later",
        "or above",
        "or newer",
        "or lower",
        "or higher",
        "and higher",
        "beta",
        "build",
        "(build",
        "alpha",
        "rc1",
        "sp1",
        "release",
        "firmware",
        "patch",
        "hotfix",
        "is not affected",
        "are not affected",
        "is affected",
        "are affected",
        "is vulnerable",
        "are vulnerable",
        "version",
    ];
    let after = after.trim_start_matches([' ', ',']);
    TELLING.iter().any(|words| {
        after
            .get(..words.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(words))
    })
}

/// `3.2.1.4 Title` at the start of a line.
fn is_heading(text: &Text<'_>, span: &Range<usize>) -> bool {
    let number = text.slice(span.clone());
    let low = number.split('.').all(|part| {
        part.parse::<u8>()
            .is_ok_and(|part| (1..=20).contains(&part))
    });
    let first = number.split('.').next().unwrap_or_default();
    let same = number.split('.').all(|part| part == first);
    let after = text.line_after(span.end, 80);
    let title = after
        .strip_prefix(". ")
        .or_else(|| after.strip_prefix(' '))
        .unwrap_or_default();
    low && !same
        && text
            .line_before(span.start, 4)
            .trim_start_matches(['#', '*', ' '])
            .is_empty()
        && title.starts_with(char::is_uppercase)
        && !title.trim_end().ends_with('.')
}

/// Walks back over the words on the line. `None`: they say nothing.
fn by_words(before: &str, shaped: bool) -> Option<bool> {
    let (mut plain, mut others) = (true, 0);
    let breaks = [' ', '\t', '\u{A0}', '(', '=', '[', '"', '|', '<', '>'];
    let mut words = before.rsplit(breaks).filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        let class = classify(word);
        if word.len() > 5 && word.ends_with('.') && class != Word::Number {
            return None;
        }
        match class {
            Word::Versions => return Some(true),
            Word::Version if plain => return Some(true),
            Word::About | Word::Product if plain => return Some(shaped),
            Word::Address => return Some(false),
            Word::Server => {
                return Some(
                    shaped
                        && words
                            .next()
                            .is_some_and(|word| contains(SERVERS, bare(word))),
                );
            }
            Word::Number | Word::Joint => continue,
            Word::Placing => {}
            _ => others += 1,
        }
        if others > 2 {
            return None;
        }
        plain = false;
    }
    None
}

/// Asks the table: the header of the column and the cell before.
fn by_place(text: &Text<'_>, shaped: bool) -> bool {
    let told = |words: Option<&str>| {
        words
            .and_then(|words| by_words(words, shaped))
            .unwrap_or(false)
    };
    told(text.place.header) || told(text.place.before)
}

/// A word without the punctuation around it.
fn bare(word: &str) -> &str {
    let word = word.trim_end_matches([
        ',', ';', ':', ')', ']', '.', '"', '\'', '*', '_', '`', '”', '’', '\u{200B}',
    ]);
    word.trim_start_matches([
        '(', '[', '"', '\'', '*', '_', '`', '<', '>', '≤', '≥', '~', '“', '‘',
    ])
}

fn classify(word: &str) -> Word {
    let word = bare(word);
    if word.is_empty() || matches!(word, "-" | "–" | "—" | "/" | "+") {
        return Word::Joint;
    }
    if is_number(word) {
        return Word::Number;
    }
    if is_wild(word) {
        return Word::Version;
    }
    if matches!(word, "Server" | "server" | "Servers" | "servers") {
        return Word::Server;
    }
    let lists: [(&[&str], Word); 7] = [
        (JOINTS, Word::Joint),
        (PLACING, Word::Placing),
        (VERSION, Word::Version),
        (VERSIONS, Word::Versions),
        (ABOUT, Word::About),
        (ADDRESS, Word::Address),
        (PRODUCTS, Word::Product),
    ];
    lists
        .iter()
        .find(|(list, _)| contains(list, word))
        .map_or_else(|| by_form(word), |(_, class)| *class)
}

/// `FileVersion`, `app_version`; `libssl`, `log4j-core`, `Newtonsoft.Json`: what its form alone gives away.
fn by_form(word: &str) -> Word {
    let tail = word.len().checked_sub(7).and_then(|at| word.get(at..));
    if tail.is_some_and(|tail| tail.eq_ignore_ascii_case("version")) {
        return Word::Version;
    }
    let library = word
        .strip_prefix("lib")
        .is_some_and(|name| name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_lowercase()));
    let part = word
        .split_once('-')
        .is_some_and(|(product, part)| !part.contains('.') && contains(PRODUCTS, product));
    if library || part || is_namespace(word) {
        Word::Product
    } else {
        Word::Other
    }
}

/// `Newtonsoft.Json`: labels that begin with a capital, the last with one alone.
fn is_namespace(word: &str) -> bool {
    let titled =
        |label: &str| label.len() > 2 && label.starts_with(|c: char| c.is_ascii_uppercase());
    let last = word.rsplit('.').next().unwrap_or_default();
    word.contains('.')
        && word.split('.').all(titled)
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
        && last.contains(|c: char| c.is_ascii_lowercase())
        && !psl::suffix(last.to_ascii_lowercase().as_bytes())
            .is_some_and(|suffix| suffix.is_known())
}

/// Looks a word up in a sorted list, in any case.
fn contains(list: &[&str], word: &str) -> bool {
    let lower = || word.bytes().map(|byte| byte.to_ascii_lowercase());
    list.binary_search_by(|entry| entry.bytes().cmp(lower()))
        .is_ok()
}

/// `12.2.1.2`, `10.2`
fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'/' | b':'))
}

/// `2.3.x`, `v2.3.1`: what can only be a version.
fn is_wild(word: &str) -> bool {
    let digits = word.strip_prefix(['v', 'V']).unwrap_or(word);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && (digits.len() < word.len() || digits.split('.').next_back() == Some("x"))
        && digits.matches('.').count() < 3
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'x'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_and_share_no_word() {
        let lists = [JOINTS, PLACING, VERSION, VERSIONS, ABOUT, ADDRESS, PRODUCTS];
        for list in lists.iter().chain([&SERVERS]) {
            assert!(list.is_sorted(), "{list:?}");
        }
        let mut all = lists.concat();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
