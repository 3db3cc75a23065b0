//! User agents (RFC 9110 §10.1.5): products with versions, and comments in parentheses.

use std::ops::Range;

use super::super::{Kind, Raw, Text};

/// The longest user agent that is read, in bytes. What browsers send is below 300.
const LIMIT: usize = 1024;

/// The user agent at `at`, if it begins with `Mozilla/` and has a comment.
pub(super) fn mozilla(text: &Text<'_>, at: usize) -> Option<Raw> {
    if !super::word(text, at, b"mozilla/") {
        return None;
    }
    let end = at + products(text.line_after(at, LIMIT));
    let has_comment = text.slice(at..end).contains('(');
    has_comment.then(|| found(text, at..end))
}

fn found(text: &Text<'_>, span: Range<usize>) -> Raw {
    Raw::new(Kind::UserAgent, text.slice(span.clone()), span)
}

/// The user agent at `from`, announced by a label at `label`.
pub(super) fn labelled(text: &Text<'_>, label: usize, from: usize) -> Option<Raw> {
    let line = text.line_after(from, LIMIT);
    let span = if let Some(span) = super::quoted(text, from, LIMIT) {
        span
    } else if super::word(text, from, b"mozilla/") {
        from..from + products(line)
    } else if is_header(text, label, from) {
        let value = line.split('"').next().unwrap_or_default();
        let value = value.split(r"\r").next().unwrap_or_default();
        from..from + value.trim_end().len()
    } else {
        from..from + products(line)
    };
    let value = text.slice(span.clone());
    (is_agent(value) && value.len() < LIMIT).then(|| found(text, span))
}

/// Whether the label is a header's name: it begins the line, and a colon and the value stand behind it.
fn is_header(text: &Text<'_>, label: usize, from: usize) -> bool {
    let begins_line = text.line_before(label, 8).trim().is_empty();
    let between = text.slice(label..from);
    begins_line && between.len() <= 14 && between.trim_end().ends_with(':')
}

/// Whether a value is one that a program would send.
fn is_agent(value: &str) -> bool {
    let words = value.split(' ').count();
    let is_format =
        value.contains('%') && !value.contains("%20") || value.starts_with(['$', '{', '<']);
    let is_sentence = value.ends_with('.') && words > 2 && !value.contains('/');
    value.len() > 2
        && !is_format
        && !is_sentence
        && !super::labels::is_word(value)
        && (value.contains('/') || words <= 6)
        && value.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

/// The length of the products and comments that `line` begins with.
fn products(line: &str) -> usize {
    let mut end = 0;
    let mut at = 0;
    loop {
        let rest = line.get(at..).unwrap_or_default();
        let length = if rest.starts_with('(') {
            comment(rest)
        } else {
            product(rest)
        };
        if length == 0 {
            return end;
        }
        end = at + length;
        if line.as_bytes().get(end) != Some(&b' ') {
            return end;
        }
        at = end + 1;
    }
}

/// The length of a comment; parentheses nest.
fn comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b'"' | b'`' => return 0,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    0
}

/// The length of `name/version`.
fn product(rest: &str) -> usize {
    let is_token = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+' | b'!' | b':')
    };
    let name = rest.bytes().take_while(|byte| is_token(byte)).count();
    if name == 0 || rest.as_bytes().get(name) != Some(&b'/') {
        return 0;
    }
    let version = rest
        .bytes()
        .skip(name + 1)
        .take_while(|byte| is_token(byte))
        .count();
    let token = rest.get(..name + 1 + version).unwrap_or_default();
    let token = token.trim_end_matches(['.', ':', '!']);
    if token.len() > name + 1 {
        token.len()
    } else {
        0
    }
}
