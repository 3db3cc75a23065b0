//! What a token with full stops in it is: a host name, a file name, code, a version, or an accident of
//! punctuation. One decision, asked by everyone who meets such a token.
//!
//! Defanging decides nearly always. Otherwise points are added up: how likely a host is by its top-level domain
//! (`.com` hardly ever means anything else, `.py` hardly ever means Paraguay), what the name itself looks like
//! (hyphens, `camelCase`, `self.` at its beginning), and what stands around it (the words before, the column's
//! header, a line of its own, code, other hosts beside it).

mod around;
mod words;

use std::cell::OnceCell;
use std::ops::Range;

use self::around::Around;
use self::words::Suffix;
use super::Text;
use super::extensions::{self, Extension};
use super::hosts::{self, HostKind};

/// A reading of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// A host name.
    Host,
    /// A file name.
    File,
    /// Something that only looks like either.
    Nothing,
}

/// Points a name needs to be a host.
const ENOUGH: i32 = 3;

/// The next token in a range that has a full stop between host characters; trimmed of what belongs to the
/// sentence around it.
pub(super) fn next_token(text: &Text<'_>, range: Range<usize>) -> Option<Range<usize>> {
    let mut at = range.start;
    while at < range.end {
        at = before_dot(text, at..range.end)?;
        let rest = text.slice(at..range.end);
        let start = at + rest.find(hosts::is_host_char)?;
        let end = hosts::host_end(text.str(), start, range.end);
        let end = start + without_joint(text.slice(start..end));
        if text.slice(start..end).contains('.') {
            let trimmed = trimmed(text, start..end);
            if text.slice(trimmed.clone()).contains('.') {
                return Some(trimmed);
            }
        }
        at = end.max(start + 1);
    }
    None
}

/// Without Chinese or Japanese words that directly adjoin it, hyphens of a list, and paired underscores of Markdown.
fn trimmed(text: &Text<'_>, token: Range<usize>) -> Range<usize> {
    let (mut start, mut end) = (token.start, token.end);
    let name = text.slice(token.clone());
    if !name.is_ascii() {
        start += unspaced_head(name);
        start += emoji_head(text.slice(start..end));
        end = start
            + text
                .slice(start..end)
                .trim_end_matches(hosts::is_emoji)
                .len();
        end -= unspaced_tail(text.slice(start..end));
    }
    let name = text.slice(start..end);
    let hyphens = name.len() - name.trim_start_matches('-').len();
    if hyphens > 0 && text.line_before(start, 8).trim().is_empty() {
        start += hyphens;
    }
    let name = text.slice(start..end);
    end -= name.len() - name.trim_end_matches('-').len();
    let name = text.slice(start..end);
    let (left, right) = (
        name.len() - name.trim_start_matches('_').len(),
        name.trim_end_matches('_').len(),
    );
    if left > 0 && name.len() - right == left {
        start += left;
        end -= left;
    }
    end = end.max(start);
    start..start + without_next_sentence(text.slice(start..end))
}

/// Length of what comes before a Chinese or Japanese word between two names: `a.dll与b.ini`.
fn without_joint(run: &str) -> usize {
    if run.is_ascii() {
        return run.len();
    }
    let mut dot = false;
    let mut before = '\0';
    for (at, character) in run.char_indices() {
        if dot && before.is_ascii_alphanumeric() && hosts::is_unspaced(character) {
            let rest = run.get(at..).unwrap_or_default();
            if !rest.trim_start_matches(hosts::is_unspaced).starts_with('.') {
                return at;
            }
        }
        dot |= character == '.';
        before = character;
    }
    run.len()
}

/// Without the first word of a sentence that follows a name without a blank: `evil.com.The`.
fn without_next_sentence(name: &str) -> usize {
    let Some((head, word)) = name.rsplit_once('.') else {
        return name.len();
    };
    let Some((_, last)) = head.rsplit_once('.') else {
        return name.len();
    };
    let titled = starts_upper(word) && !word.chars().skip(1).any(|c| !c.is_lowercase());
    let ends = words::suffix(last, false) == Suffix::Strong
        || matches!(extensions::of(last), Some(Extension::Active | Extension::Passive) if last.len() > 2);
    if titled
        && ends
        && last
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    {
        head.len()
    } else {
        name.len()
    }
}

/// Length of a run of characters of unspaced scripts before an ASCII letter or digit of the same label.
fn unspaced_head(name: &str) -> usize {
    let label = name.split('.').next().unwrap_or_default();
    let head = label.trim_end_matches(|c: char| c.is_ascii());
    if head.len() < label.len() && head.chars().next_back().is_some_and(hosts::is_unspaced) {
        head.len()
    } else {
        0
    }
}

/// Length of the emoji before a name, unless they are a label: `🔥evil.com`, but `💩.la`.
fn emoji_head(name: &str) -> usize {
    let rest = name.trim_start_matches(hosts::is_emoji);
    if rest.starts_with('.') {
        0
    } else {
        name.len() - rest.len()
    }
}

/// Length of a run of characters of unspaced scripts behind an ASCII letter or digit of the last label.
fn unspaced_tail(name: &str) -> usize {
    let label = name.rsplit('.').next().unwrap_or_default();
    let tail = label.trim_start_matches(|c: char| c.is_ascii());
    if tail.len() < label.len() && tail.starts_with(hosts::is_unspaced) {
        tail.len()
    } else {
        0
    }
}

/// Where to begin to look for the token around the first full stop in a range: behind the last character before it
/// that no token holds.
fn before_dot(text: &Text<'_>, range: Range<usize>) -> Option<usize> {
    let bytes = text.bytes().get(range.clone())?;
    let dot = memchr::memchr(b'.', bytes)?;
    let parts = |byte: &u8| byte.is_ascii() && !hosts::is_host_char(char::from(*byte));
    let before = bytes.get(..dot)?.iter().rposition(parts);
    Some(range.start + before.map_or(0, |before| before + 1))
}

/// Reads the token at `span`, which has a full stop between letters, digits, `-` and `_`.
pub(super) fn reading(text: &Text<'_>, span: &Range<usize>) -> Reading {
    let Some(token) = Token::of(text.slice(span.clone())) else {
        return Reading::Nothing;
    };
    let host = hosts::is_host(&token.lower);
    if host.is_none() && !token.is_file_name() {
        return Reading::Nothing;
    }
    let around = Around::new(text, span);
    let defanged = text.is_defanged(span);
    if around.is_torn(defanged) {
        return Reading::Nothing;
    }
    match host {
        Some(_) if defanged && !(token.is_file_name() && around.calls_file()) => Reading::Host,
        Some(kind) if !token.is_nonsense() && token.points(kind, &around) >= ENOUGH => {
            Reading::Host
        }
        _ if token.is_file(&around) => Reading::File,
        _ => Reading::Nothing,
    }
}

/// A token and its parts.
struct Token<'t> {
    name: &'t str,
    lower: String,
    labels: usize,
    /// The last label as written.
    last: &'t str,
    /// What stands before it.
    stem: &'t str,
    registrable: OnceCell<Range<usize>>,
}

impl<'t> Token<'t> {
    /// Of a name whose last label begins with a letter, or is an extension like `7z`.
    fn of(name: &'t str) -> Option<Self> {
        let (stem, last) = name.rsplit_once('.')?;
        if name.len() > hosts::LONGEST
            || stem.is_empty()
            || last.bytes().all(|byte| byte.is_ascii_digit())
        {
            return None;
        }
        Some(Self {
            name,
            lower: if name.is_ascii() {
                name.to_ascii_lowercase()
            } else {
                name.to_lowercase()
            },
            labels: name.split('.').count(),
            last,
            stem,
            registrable: OnceCell::new(),
        })
    }

    /// The last label in lower case.
    fn tld(&self) -> &str {
        self.lower.rsplit('.').next().unwrap_or_default()
    }

    /// The first label in lower case.
    fn first(&self) -> &str {
        self.lower.split('.').next().unwrap_or_default()
    }

    /// The label before the public suffix, in lower case.
    fn registrable(&self) -> &str {
        let range = self.registrable.get_or_init(|| {
            let suffix =
                psl::suffix(self.lower.as_bytes()).map_or(0, |suffix| suffix.as_bytes().len());
            let end = self.lower.len().saturating_sub(suffix + 1);
            let head = self.lower.get(..end).unwrap_or_default();
            head.rfind('.').map_or(0, |at| at + 1)..end
        });
        self.lower.get(range.clone()).unwrap_or_default()
    }

    /// A detection name, a framework, an abbreviation and the next sentence.
    fn is_nonsense(&self) -> bool {
        words::is_product(&self.lower)
            || self.is_detection_name()
            || (self.labels == 2
                && words::is_abbreviation(self.first())
                && self.suffix(false) != Suffix::Strong)
    }

    /// `Trojan.Win32.Agent.cc`.
    fn is_detection_name(&self) -> bool {
        let sure = self.lower.split('.').any(|label| {
            matches!(
                label,
                "win32" | "win64" | "w32" | "w64" | "w97m" | "msil" | "heur"
            )
        });
        if !sure && !self.name.contains(|c: char| c.is_ascii_uppercase()) {
            return false;
        }
        let parts = self
            .lower
            .split('.')
            .filter(|label| label.split(['-', '_']).any(words::is_detection_part));
        let capitals = self
            .name
            .split('.')
            .filter(|label| starts_upper(label))
            .count();
        match parts.count() {
            0 => false,
            1 => sure || capitals == self.labels,
            _ => sure || capitals >= 2,
        }
    }

    fn suffix(&self, special: bool) -> Suffix {
        words::suffix(self.tld(), special)
    }

    /// How likely it is a host, in points.
    fn points(&self, kind: HostKind, around: &Around<'_, '_>) -> i32 {
        if kind == HostKind::Onion {
            return 2 * ENOUGH;
        }
        let suffix = self.suffix(kind == HostKind::Special);
        if !self.fits_case(suffix, around) || words::is_dos_program(&self.lower) {
            return i32::MIN;
        }
        if words::is_known_host(&self.lower) {
            return ENOUGH;
        }
        self.by_name(suffix, around) + around.points(suffix)
    }

    /// A top-level domain in capitals begins the next sentence (`etc.In`), or ends a namespace (`System.IO`) or a
    /// detection name (`Agent.AD`), unless the whole name is in capitals.
    fn fits_case(&self, suffix: Suffix, around: &Around<'_, '_>) -> bool {
        if !self.last.contains(|c: char| c.is_ascii_uppercase())
            || !self.name.contains(|c: char| c.is_ascii_lowercase())
        {
            return true;
        }
        match self.last {
            "COM" | "ORG" | "RU" => !self.stem.contains('.') || suffix == Suffix::Strong,
            "Com" => starts_upper(self.stem) && around.is_alone(),
            _ => false,
        }
    }

    fn by_name(&self, suffix: Suffix, around: &Around<'_, '_>) -> i32 {
        let file = matches!(suffix, Suffix::File | Suffix::MaybeFile);
        let registrable = self.registrable();
        let mut points = self.base(suffix);
        points += if self.lower.starts_with("www.") { 6 } else { 0 };
        points += i32::from(self.labels > 2 && !file);
        if self.labels > 2 && words::is_host_prefix(self.first()) {
            points += if file { 5 } else { 0 };
        }
        points += if file {
            i32::from(suffix == Suffix::MaybeFile && self.registrable().contains('-'))
        } else {
            self.by_registrable(suffix, around)
        };
        if suffix != Suffix::Strong {
            points -= self.against(suffix, around);
        }
        points -= if registrable.contains('_') { 6 } else { 0 };
        points -= self.by_object(suffix, around);
        points
    }

    /// Hyphens, digits and length speak for a label that somebody registered.
    fn by_registrable(&self, suffix: Suffix, around: &Around<'_, '_>) -> i32 {
        let label = self.registrable();
        let digits = label.bytes().filter(u8::is_ascii_digit).count();
        let mut points = if label.contains('-') { 2 } else { 0 };
        points += i32::from(digits > 0);
        points += i32::from(label.len() >= 10 && !around.is_code());
        points -= if digits == label.len() && suffix != Suffix::Strong {
            4
        } else {
            0
        };
        points
    }

    /// What speaks against a host below a domain that may mean something else.
    fn against(&self, suffix: Suffix, around: &Around<'_, '_>) -> i32 {
        let mut points = 0;
        if self.name.contains('_') {
            points += if around.is_code() { 4 } else { 1 };
        }
        points += if is_camel(self.name) { 7 } else { 0 };
        points += if self.registrable().chars().count() == 1 {
            2
        } else {
            0
        };
        points += if self.is_reversed() { 5 } else { 0 };
        points +=
            i32::from(self.name.is_ascii() && !self.name.contains(|c: char| c.is_lowercase()));
        points += if suffix != Suffix::Plain && starts_upper(self.name) {
            2
        } else {
            0
        };
        points += if self.is_compound() { 4 } else { 0 };
        points
    }

    /// What the labels say that are usual names of objects in code.
    fn by_object(&self, suffix: Suffix, around: &Around<'_, '_>) -> i32 {
        if suffix == Suffix::Special || around.names_domain() {
            return 0;
        }
        let metasyntactic = matches!(self.first(), "foo" | "bar" | "baz");
        if words::is_object(self.first()) && !(metasyntactic && suffix == Suffix::Strong) {
            return 8;
        }
        let word = matches!(suffix, Suffix::Word | Suffix::Verb);
        if self.labels == 2 {
            return if words::may_be_object(self.first()) {
                5
            } else {
                0
            };
        }
        let inner = self
            .lower
            .split('.')
            .take(self.labels - 1)
            .any(words::may_be_object);
        let generic = suffix != Suffix::Strong && words::may_be_object(self.registrable());
        let mut points = if inner && (word || (suffix != Suffix::Strong && around.is_code())) {
            2
        } else {
            0
        };
        points += if generic { 2 } else { 0 };
        points
    }

    fn base(&self, suffix: Suffix) -> i32 {
        let suffix_length = self.lower.len() - self.registrable.get().map_or(0, |range| range.end);
        let below_country = suffix_length > self.tld().len() + 1;
        match suffix {
            Suffix::Strong => 5,
            _ if below_country => 4,
            Suffix::Plain => 3,
            Suffix::Word if matches!(self.tld(), "info" | "me" | "us" | "link" | "ai") => 2,
            Suffix::Word | Suffix::Special => 1,
            Suffix::MaybeFile if matches!(self.tld(), "pl" | "cc" | "ac") => 3,
            Suffix::MaybeFile => 2,
            Suffix::Verb => -1,
            Suffix::File => -2,
        }
    }

    /// `com.android.vending`: a package, whose last label only happens to be a top-level domain.
    fn is_reversed(&self) -> bool {
        self.labels > 2 && words::is_reversed(self.first())
    }

    /// A package whose last label only happens to be an extension.
    fn is_package(&self) -> bool {
        self.is_reversed() && hosts::is_known_suffix(self.tld())
    }

    /// The end of a name with a version that has a blank before it: `2.14.1.jar`.
    fn is_numbered(&self) -> bool {
        self.labels > 2
            && self
                .stem
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.')
    }

    /// `a.txt.zip`, `jquery.min.map`.
    fn is_compound(&self) -> bool {
        self.stem.rsplit_once('.').is_some_and(|(_, before)| {
            matches!(before, "min" | "tar" | "test" | "spec") || extensions::of(before).is_some()
        })
    }

    /// Whether its form alone is that of a file name.
    fn is_file_name(&self) -> bool {
        extensions::of(self.last).is_some()
    }

    fn is_file(&self, around: &Around<'_, '_>) -> bool {
        let Some(extension) = extensions::of(self.last)
            .or_else(|| words::is_dos_program(&self.lower).then_some(Extension::Active))
        else {
            return false;
        };
        if self.is_nonsense()
            || around.is_part_of_name()
            || !self.stem.contains(|c: char| c.is_alphanumeric())
        {
            return false;
        }
        if self.is_package() || self.is_numbered() {
            return false;
        }
        let titled =
            starts_upper(self.last) && self.last.contains(|c: char| c.is_ascii_lowercase());
        let object = self.is_member() && !around.is_quoted();
        match extension {
            Extension::Active if self.last.len() > 2 => !(titled && self.is_accident()),
            Extension::Active | Extension::Passive if object && around.is_code_word() => false,
            Extension::Active => !titled,
            Extension::Passive => !titled && !around.is_call(),
            Extension::Source => {
                !titled
                    && !object
                    && !around.is_call()
                    && (self.last.len() > 1 || (self.labels == 2 && self.stem.len() > 2))
            }
            Extension::Member => {
                let named = around.calls_file() || around.is_quoted() || !around.is_code();
                !titled
                    && !object
                    && !around.is_call()
                    && !is_camel(self.stem)
                    && self.stem.len() > 2
                    && named
            }
        }
    }

    /// Whether its first label is a usual name of an object in code.
    fn is_member(&self) -> bool {
        words::is_object(self.first()) || (self.labels == 2 && words::may_be_object(self.first()))
    }

    /// A sentence that begins without a blank before it: `here.So we`.
    fn is_accident(&self) -> bool {
        !starts_upper(self.stem)
    }
}

fn starts_upper(label: &str) -> bool {
    label.starts_with(char::is_uppercase)
}

/// Whether a capital follows a small letter in a word: `camelCase`, `et2z7q0FREZ`.
fn is_camel(name: &str) -> bool {
    name.split(['.', '-', '_']).any(|word| {
        word.find(|c: char| c.is_ascii_lowercase())
            .and_then(|at| word.get(at..))
            .is_some_and(|rest| rest.contains(|c: char| c.is_ascii_uppercase()))
    })
}

#[cfg(test)]
mod tests;
