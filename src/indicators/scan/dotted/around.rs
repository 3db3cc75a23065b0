//! What stands around a token. Every look is bounded.

use std::cell::OnceCell;
use std::ops::Range;

use super::super::Text;
use super::super::hosts;
use super::words::{self, Label, Suffix};

/// Bytes of a line that are looked at on either side.
const REACH: usize = 80;

/// A token in its text. What is asked repeatedly is found out once.
pub(super) struct Around<'a, 't> {
    text: &'a Text<'t>,
    span: &'a Range<usize>,
    before: &'a str,
    after: &'a str,
    code: bool,
    alone: OnceCell<bool>,
    label: OnceCell<Option<Label>>,
}

impl<'a, 't> Around<'a, 't> {
    pub(super) fn new(text: &'a Text<'t>, span: &'a Range<usize>) -> Self {
        Self {
            text,
            span,
            before: text.line_before(span.start, REACH),
            after: text.line_after(span.end, REACH),
            code: text.is_code(span),
            alone: OnceCell::new(),
            label: OnceCell::new(),
        }
    }

    fn before(&self) -> &'a str {
        self.before
    }

    fn after(&self) -> &'a str {
        self.after
    }

    fn previous(&self) -> char {
        self.before().chars().next_back().unwrap_or('\n')
    }

    fn next(&self) -> char {
        self.after().chars().next().unwrap_or('\n')
    }

    /// Whether the token is a piece of something longer: of a mail address, a variable, an encoded URL, a path, an
    /// expression.
    pub(super) fn is_torn(&self, defanged: bool) -> bool {
        let (before, after) = (self.before(), self.after());
        let torn_left = match self.previous() {
            '%' => true,
            // Marks of emphasis and of variables; a variable is not defanged.
            '$' | '*' | '@' | '/' | '\\' => !defanged,
            // A name behind a placeholder, `<id>.evil.top`, is one that was defanged.
            '.' if is_behind_placeholder(before) => !defanged,
            '.' => continues(before, '.'),
            ':' => before.ends_with("::"),
            '>' => {
                before.ends_with("->")
                    && before
                        .strip_suffix("->")
                        .is_some_and(|rest| rest.ends_with(is_word))
            }
            c => is_word(c) && !hosts::is_unspaced(c),
        };
        let torn_right = match self.next() {
            '@' => true,
            '\\' => !defanged && after.chars().nth(1).is_some_and(is_word),
            ':' => after.starts_with("::"),
            c => is_word(c) && !hosts::is_unspaced(c),
        };
        torn_left || torn_right
    }

    /// Whether characters of a longer file name adjoin: `name~1.txt`, `$file.log`.
    pub(super) fn is_part_of_name(&self) -> bool {
        matches!(self.previous(), '/' | '\\' | '@' | '*') || matches!(self.next(), '/' | '\\' | '@')
    }

    /// Whether it is called like a function, indexed, or assigned to.
    pub(super) fn is_call(&self) -> bool {
        let after = self.after();
        let assigned = after
            .trim_start_matches(' ')
            .strip_prefix('=')
            .is_some_and(|rest| !rest.starts_with('>'));
        after.starts_with(['(', '[', '{']) || assigned || after.starts_with("->")
    }

    /// Whether it is set as code.
    pub(super) fn is_code(&self) -> bool {
        self.code
    }

    /// Whether it is a word of a program rather than a string in it.
    pub(super) fn is_code_word(&self) -> bool {
        self.is_call() || (self.is_code() && !self.is_quoted() && !self.is_alone())
    }

    /// Whether quotes stand on both sides.
    pub(super) fn is_quoted(&self) -> bool {
        matches!(
            (self.previous(), self.next()),
            ('"', '"')
                | ('\'', '\'')
                | ('`', '`')
                | ('“', '”')
                | ('„', '“')
                | ('«', '»')
                | ('‘', '’')
        )
    }

    /// Whether nothing else stands on its line, save marks of a list or table, quotes and a port.
    pub(super) fn is_alone(&self) -> bool {
        *self.alone.get_or_init(|| self.stands_alone())
    }

    fn stands_alone(&self) -> bool {
        let mark = |c: char| !c.is_alphanumeric() && !matches!(c, '(' | '=' | '$' | '{' | '[');
        let after = self.after();
        let after = after.strip_prefix(':').map_or(after, |rest| {
            rest.trim_start_matches(|c: char| c.is_ascii_digit())
        });
        let after = after.split('|').next().unwrap_or_default();
        let before = self.before();
        let number = before.trim_start().trim_end_matches(['.', ')', ' ']);
        let numbered = number.len() <= 3 && number.bytes().all(|byte| byte.is_ascii_digit());
        after.chars().all(mark)
            && (numbered
                || before
                    .rsplit('|')
                    .next()
                    .unwrap_or_default()
                    .chars()
                    .all(mark))
    }

    /// Points for or against a host.
    pub(super) fn points(&self, suffix: Suffix) -> i32 {
        let strong = suffix == Suffix::Strong;
        let file = suffix == Suffix::File;
        let alone = self.is_alone();
        let mut points = match self.label() {
            Some(Label::Domain) => 5,
            Some(Label::Sure) if !file => 3,
            Some(Label::Likely) if !file => 2,
            _ if file && self.is_spoken_of_as_host() => 5,
            _ => 0,
        };
        points += self.column(file);
        points += match suffix {
            _ if !alone => 0,
            Suffix::File => 0,
            Suffix::MaybeFile => 1,
            Suffix::Word | Suffix::Verb => 2,
            _ if self.is_code() && !strong => 2,
            _ => 3,
        };
        points += if self.has_port() && !file { 2 } else { 0 };
        points += match self.company() {
            0 => 0,
            1 => 3,
            _ => 5,
        };
        points -= if matches!(suffix, Suffix::File | Suffix::MaybeFile)
            && self.calls_file()
            && !self.names_domain()
        {
            4
        } else {
            0
        };
        points -= if self.is_call() {
            if strong && !self.is_code() { 2 } else { 8 }
        } else {
            0
        };
        points -= if !alone && !self.is_quoted() && self.is_code() {
            2
        } else {
            0
        };
        points
    }

    /// What the words before call it, within the last few.
    fn label(&self) -> Option<Label> {
        *self.label.get_or_init(|| self.find_label())
    }

    fn find_label(&self) -> Option<Label> {
        let before = self.before();
        let word = before.trim_end().rsplit(is_gap).next().unwrap_or_default();
        if words::is_network_command(word) || words::ends_in_domain_label(before) {
            return Some(Label::Domain);
        }
        let words = before
            .rsplit(is_gap)
            .filter(|word| !word.is_empty())
            .take(5);
        let called = words
            .filter_map(|word| words::lower(word, words::host_label))
            .max();
        let next = self
            .after()
            .trim_start()
            .split(is_gap)
            .next()
            .unwrap_or_default();
        called.max(words::lower(next, words::host_label).filter(|_| next.len() > 2))
    }

    /// What the header of the column, or the cell before, calls it.
    fn column(&self, file: bool) -> i32 {
        let place = &self.text.place;
        let header = [place.header, place.before].into_iter().flatten();
        let mut points = 0;
        for word in header.flat_map(|header| header.split(is_gap)).take(16) {
            points = match words::lower(word, words::host_label) {
                Some(Label::Domain) => points.max(6),
                Some(Label::Sure) if !file => points.max(5),
                Some(Label::Likely) if !file => points.max(2),
                _ if words::lower(word, words::is_file_label) => -3,
                _ => points,
            };
        }
        points
    }

    /// Whether a word just before, or the word after, calls it a file.
    pub(super) fn calls_file(&self) -> bool {
        let before = self.before();
        let words = before
            .rsplit(is_gap)
            .filter(|word| !word.is_empty())
            .take(4);
        let next = self
            .after()
            .trim_start()
            .split(is_gap)
            .next()
            .unwrap_or_default();
        words
            .chain([next])
            .any(|word| words::lower(word, words::is_file_label))
    }

    /// `:443`.
    fn has_port(&self) -> bool {
        let digits = self.after().strip_prefix(':').map_or(0, |rest| {
            rest.bytes().take_while(u8::is_ascii_digit).count()
        });
        (2..=5).contains(&digits)
    }

    /// On how many sides another host stands beside it in a list.
    fn company(&self) -> usize {
        if self.is_alone() {
            return self.company_of_lines();
        }
        let (before, after) = (self.before(), self.after());
        let left = without_joint_before(before);
        let word = left.rsplit(is_gap).next().unwrap_or_default();
        let at = self.span.start - before.len() + left.len() - word.len();
        let on_left = before.len() - left.len() <= 8 && self.is_sure(word, at);
        let right = without_joint_after(after);
        let gap = after.len() - right.len();
        let word = right
            .split(is_gap)
            .next()
            .unwrap_or_default()
            .trim_end_matches('.');
        let on_right = gap <= 8 && self.is_sure(word, self.span.end + gap);
        usize::from(on_left) + usize::from(on_right)
    }

    /// On how many sides a line with nothing but a host stands beside its own line.
    fn company_of_lines(&self) -> usize {
        let start = self.span.start - self.before().len();
        let end = self.span.end + self.after().len();
        let mut company = 0;
        if start > 0 {
            let line = self.text.line_before(start - 1, REACH);
            let word = line.trim_matches(is_mark);
            let at = start - 1 - line.len() + line.len() - line.trim_start_matches(is_mark).len();
            company += usize::from(self.is_sure(word, at));
        }
        if end < self.text.str().len() {
            let line = self.text.line_after(end + 1, REACH);
            let word = line.trim_matches(is_mark);
            let at = end + 1 + line.len() - line.trim_start_matches(is_mark).len();
            company += usize::from(self.is_sure(word, at));
        }
        company
    }

    /// Whether the words before call it a domain outright.
    pub(super) fn names_domain(&self) -> bool {
        self.label() == Some(Label::Domain)
    }

    /// Whether the words right before are said of hosts and never of files: `hosted at`, `the phishing site`,
    /// `DNS queries for`.
    fn is_spoken_of_as_host(&self) -> bool {
        let before = self
            .before()
            .trim_end_matches([' ', '"', '\'', '`', '“', ':']);
        let mut words = before.rsplit(is_gap).filter(|word| !word.is_empty());
        let mut next = || words.next().unwrap_or_default().to_lowercase();
        words::ends_in_host_phrase(&next(), &next(), &next())
    }

    /// Whether a neighbouring word is a host beyond doubt.
    fn is_sure(&self, word: &str, at: usize) -> bool {
        if word.len() < 4 || !word.contains('.') {
            return false;
        }
        let (first, tld) = (word.split('.').next(), word.rsplit('.').next());
        let sure = match words::suffix(tld.unwrap_or_default(), false) {
            Suffix::Strong => !words::lower(word, words::is_product),
            Suffix::Plain => !self.is_code() && !first.is_some_and(words::may_be_object),
            _ => false,
        };
        (sure || self.text.is_defanged(&(at..at + word.len()))) && hosts::is_host(word).is_some()
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric()
}

fn is_gap(c: char) -> bool {
    !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '&')) || hosts::is_unspaced(c)
}

/// Whether a bracket closes before the full stop that the text ends with.
fn is_behind_placeholder(before: &str) -> bool {
    before
        .strip_suffix('.')
        .is_some_and(|rest| rest.ends_with(['>', '}', ']', ')']))
}

/// Whether a single `dot` at the end of `before` continues an expression: `).name`.
fn continues(before: &str, dot: char) -> bool {
    let rest = before.strip_suffix(dot).unwrap_or(before);
    rest.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ')' | ']' | '}' | '_' | '"' | '\''))
}

/// Words that join the last two entries of a list.
const JOINTS: &[&str] = &["and", "or", "und", "et", "и"];

fn is_mark(c: char) -> bool {
    !c.is_alphanumeric() || hosts::is_unspaced(c)
}

/// A text without the marks and the "and" at its end.
fn without_joint_before(text: &str) -> &str {
    let near = text.trim_end_matches(is_mark);
    JOINTS
        .iter()
        .filter_map(|joint| near.strip_suffix(joint))
        .find(|rest| rest.ends_with(is_mark))
        .map_or(near, |rest| rest.trim_end_matches(is_mark))
}

/// A text without the marks and the "and" at its beginning.
fn without_joint_after(text: &str) -> &str {
    let near = text.trim_start_matches(is_mark);
    JOINTS
        .iter()
        .filter_map(|joint| near.strip_prefix(joint))
        .find(|rest| rest.starts_with(is_mark))
        .map_or(near, |rest| rest.trim_start_matches(is_mark))
}
