//! A tokenizer that never fails.
//!
//! What cannot be markup is text. Every scan ends at the next `<`, or at a terminator whose position
//! is remembered, so the whole is linear whatever the input.

use super::damage::{Damage, Kind};

/// Longest element or attribute name that is taken for one.
const MAX_NAME: usize = 128;

/// One piece of the document, borrowed from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// `<name attributes>`, possibly self-closed.
    Start(Tag<'a>),
    /// `</name>`.
    End(&'a str),
    /// Character data with references still in it.
    Text(&'a str),
    /// The inside of a CDATA section: characters as they are.
    CData(&'a str),
    /// The inside of `<!DOCTYPE …>`.
    Doctype(&'a str),
}

/// A start tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    /// Qualified name as written.
    pub(crate) name: &'a str,
    /// What stands between the name and `>`, unparsed.
    pub(crate) attributes: &'a str,
    /// Written as `<name/>`.
    pub(crate) closed: bool,
}

/// The tokens of a text.
#[derive(Debug)]
pub(crate) struct Tokens<'a> {
    text: &'a str,
    pos: usize,
    /// Position of the next `]]>` at or after the last look-up, so that it is searched once.
    cdata_end: Option<usize>,
    comment_end: Option<usize>,
    /// Only the first DOCTYPE may have an internal subset.
    doctype_seen: bool,
    /// Whether the text ended inside a tag, comment or CDATA section.
    pub(crate) cut: bool,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            pos: 0,
            cdata_end: None,
            comment_end: None,
            doctype_seen: false,
            cut: false,
        }
    }

    /// Byte offset of the next token.
    pub(crate) const fn offset(&self) -> usize {
        self.pos
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.pos..).unwrap_or_default()
    }

    /// Moves on by `len` bytes and answers them.
    fn take(&mut self, len: usize) -> &'a str {
        let piece = self.rest().get(..len).unwrap_or_else(|| self.rest());
        self.pos += piece.len();
        piece
    }

    /// The next token; `open` names the element whose text is being read, for the recovery of an
    /// unclosed CDATA section.
    pub(crate) fn next(&mut self, open: Option<&str>, damage: &mut Damage) -> Option<Token<'a>> {
        loop {
            let rest = self.rest();
            if rest.is_empty() {
                return None;
            }
            if !rest.starts_with('<') {
                let end = rest.find('<').unwrap_or(rest.len());
                return Some(Token::Text(self.take(end)));
            }
            let after = rest.get(1..).unwrap_or_default();
            match after.bytes().next() {
                Some(b'/') if starts_name(after.get(1..).unwrap_or_default()) => {
                    if let Some(token) = self.end_tag(damage) {
                        return Some(token);
                    }
                }
                Some(b'?') => self.processing_instruction(),
                Some(b'!') => {
                    if let Some(token) = self.declaration(open, damage) {
                        return Some(token);
                    }
                }
                _ if starts_name(after) => {
                    if let Some(token) = self.start_tag(damage) {
                        return Some(token);
                    }
                }
                _ => return Some(self.stray(damage)),
            }
        }
    }

    /// A `<` that begins nothing, with the text after it and further ones like it.
    fn stray(&mut self, damage: &mut Damage) -> Token<'a> {
        let start = self.pos;
        loop {
            damage.add(Kind::LessThan, self.pos);
            self.pos += 1;
            let rest = self.rest();
            self.pos += rest.find('<').unwrap_or(rest.len());
            let rest = self.rest();
            let after = rest.get(1..).unwrap_or_default();
            if rest.is_empty() || starts_name(after) || after.starts_with(['/', '!', '?']) {
                return Token::Text(self.text.get(start..self.pos).unwrap_or_default());
            }
        }
    }

    fn end_tag(&mut self, damage: &mut Damage) -> Option<Token<'a>> {
        let start = self.pos;
        self.pos += 2;
        let name = self.name();
        let rest = self.rest();
        match rest.find(['<', '>']) {
            None => {
                self.cut = true;
                self.pos = self.text.len();
                return None;
            }
            Some(end) if rest.as_bytes().get(end) == Some(&b'>') => self.pos += end + 1,
            Some(end) => {
                damage.add(Kind::BrokenTag, start);
                self.pos += end;
            }
        }
        Some(Token::End(name))
    }

    fn name(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest
            .bytes()
            .take(MAX_NAME)
            .position(|byte| !is_name_byte(byte))
            .unwrap_or(MAX_NAME.min(rest.len()));
        self.take(end)
    }

    fn start_tag(&mut self, damage: &mut Damage) -> Option<Token<'a>> {
        let start = self.pos;
        self.pos += 1;
        let name = self.name();
        let rest = self.rest();
        let Some(TagEnd {
            at: end,
            closed,
            sound,
        }) = tag_end(rest)
        else {
            self.cut = true;
            self.pos = self.text.len();
            return None;
        };
        let attributes = self.take(end);
        self.pos += usize::from(closed);
        if !sound {
            damage.add(Kind::BrokenTag, start);
        }
        let open = attributes.trim_end().strip_suffix('/');
        Some(Token::Start(Tag {
            name,
            attributes: open.unwrap_or(attributes),
            closed: open.is_some(),
        }))
    }

    /// Skips `<? … >`. PHP and XML instructions end with `?>`, SGML's with `>`: the first `>` serves both.
    fn processing_instruction(&mut self) {
        let rest = self.rest();
        let end = rest.find(['>']).map_or(rest.len(), |end| end + 1);
        self.pos += end;
    }

    fn declaration(&mut self, open: Option<&str>, damage: &mut Damage) -> Option<Token<'a>> {
        let rest = self.rest();
        if rest.starts_with("<!--") {
            self.comment(damage);
            return None;
        }
        if starts_with_ignore_case(rest, "<![CDATA[") {
            return Some(self.cdata(open, damage));
        }
        if starts_with_ignore_case(rest, "<!DOCTYPE") {
            return Some(self.doctype());
        }
        let end = rest.find('>').map_or(rest.len(), |end| end + 1);
        self.pos += end;
        None
    }

    fn comment(&mut self, damage: &mut Damage) {
        let end = find_cached(self.text, self.pos + 4, "-->", &mut self.comment_end);
        if let Some(end) = end {
            self.pos = end + 3;
        } else {
            // Not a comment then: what follows is read.
            damage.add(Kind::BrokenTag, self.pos);
            self.pos += 4;
        }
    }

    fn doctype(&mut self) -> Token<'a> {
        let rest = self.rest();
        let close = rest.find('>').unwrap_or(rest.len());
        let subset = !self.doctype_seen && rest.get(..close).is_some_and(|head| head.contains('['));
        self.doctype_seen = true;
        let end = if subset {
            rest.find("]>").map_or(close, |end| end + 1)
        } else {
            close
        };
        let inside = self.take(end);
        self.pos = (self.pos + 1).min(self.text.len());
        Token::Doctype(inside)
    }

    /// A CDATA section. One that lost its `]]>` would swallow everything up to the end of the next
    /// one; it is ended at the end tag of the element it stands in when another begins before `]]>`.
    fn cdata(&mut self, open: Option<&str>, damage: &mut Damage) -> Token<'a> {
        let start = self.pos + 9;
        let end = find_cached(self.text, start, "]]>", &mut self.cdata_end);
        let inside = self
            .text
            .get(start..end.unwrap_or(self.text.len()))
            .unwrap_or_default();
        let cut = inside.find("<![CDATA[").and_then(|next| {
            let close = format!("</{}>", open?);
            inside.get(..next)?.find(&close)
        });
        if let Some(cut) = cut {
            damage.add(Kind::OpenCdata, self.pos);
            self.pos = start + cut;
            return Token::CData(inside.get(..cut).unwrap_or_default());
        }
        if end.is_none() {
            self.cut = true;
            damage.add(Kind::OpenCdata, self.pos);
        }
        self.pos = end.map_or(self.text.len(), |end| end + 3);
        Token::CData(inside)
    }
}

/// The next `needle` at or after `from`, looked for again only once it has been passed.
fn find_cached(text: &str, from: usize, needle: &str, cache: &mut Option<usize>) -> Option<usize> {
    match *cache {
        Some(usize::MAX) => return None,
        Some(at) if at >= from => return Some(at),
        _ => {}
    }
    let found = text
        .get(from..)
        .and_then(|rest| rest.find(needle))
        .map(|at| from + at);
    *cache = Some(found.unwrap_or(usize::MAX));
    found
}

fn starts_with_ignore_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

fn starts_name(text: &str) -> bool {
    text.bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
}

const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'-' | b'.')
}

/// Where a start tag ends.
struct TagEnd {
    /// Offset of its `>`, or of the `<` that cuts it short.
    at: usize,
    /// It is a `>`.
    closed: bool,
    /// And all quotes before it are closed.
    sound: bool,
}

/// Finds the end of a start tag. A `>` inside quotes does not count, unless the quote seems not to be closed: no
/// attribute value may hold a `<` (XML 1.0, section 2.3).
fn tag_end(text: &str) -> Option<TagEnd> {
    let (mut pos, mut sound) = (0, true);
    loop {
        let rest = text.get(pos..)?;
        let at = rest.find(['<', '>', '"', '\''])?;
        let byte = rest.as_bytes().get(at).copied()?;
        match byte {
            b'>' | b'<' => {
                let closed = byte == b'>';
                return Some(TagEnd {
                    at: pos + at,
                    closed,
                    sound: sound && closed,
                });
            }
            // A quote begins a value only after `=`; another one is a slip inside a value or a name.
            _ if !text.get(..pos + at)?.trim_end().ends_with('=') => {
                sound = false;
                pos += at + 1;
            }
            quote => {
                let inside = rest.get(at + 1..)?;
                let closed = quote_end(inside, quote);
                sound &= closed.is_some();
                pos += at + 1 + closed.map_or(0, |end| end + 1);
            }
        }
    }
}

/// Where a quoted value ends, if it does: at its quote, before any `<` that a `>` follows sooner.
fn quote_end(inside: &str, quote: u8) -> Option<usize> {
    let byte_at = |at: usize| inside.as_bytes().get(at).copied();
    let first = inside.find([char::from(quote), '<'])?;
    if byte_at(first) == Some(quote) {
        return Some(first);
    }
    let second = inside.get(first..)?.find([char::from(quote), '>'])? + first;
    (byte_at(second) == Some(quote)).then_some(second)
}

/// The attributes of a tag: name and raw value. Values may be quoted, bare, or missing.
pub(crate) fn attributes(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !(c.is_alphabetic() || c == '_'));
        let end = rest
            .find(|c: char| c == '=' || c == '>' || c == '/' || c.is_whitespace())
            .unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(end)?;
        if name.is_empty() {
            return None;
        }
        let Some(value) = after.trim_start().strip_prefix('=') else {
            rest = after;
            return Some((name, ""));
        };
        let (value, after) = attribute_value(value.trim_start());
        rest = after;
        Some((name, value))
    })
}

/// The value that begins here, and what follows it.
pub(crate) fn attribute_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inside) = text.strip_prefix(quote) {
            if let Some(split) = inside.split_once(quote) {
                return split;
            }
            return bare_value(inside);
        }
    }
    bare_value(text)
}

fn bare_value(text: &str) -> (&str, &str) {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let (mut tokens, mut damage) = (Tokens::new(text), Damage::default());
        let mut out = String::new();
        while let Some(token) = tokens.next(Some("d"), &mut damage) {
            let piece = match token {
                Token::Start(tag) if tag.closed => format!("+{}/", tag.name),
                Token::Start(tag) => format!("+{}", tag.name),
                Token::End(name) => format!("-{name}"),
                Token::Text(text) => format!("t:{text}"),
                Token::CData(text) => format!("c:{text}"),
                Token::Doctype(_) => "doctype".into(),
            };
            out.push_str(&piece);
            out.push('|');
        }
        out
    }

    #[test]
    fn markup_and_what_only_looks_like_it() {
        for (text, expected) in [
            ("<a>x</a>", "+a|t:x|-a|"),
            ("<a/><b c='>'/>", "+a/|+b/|"),
            ("1 < 2 << 3", "t:1 |t:< 2 << 3|"),
            ("<a b=\"x<c>", "+a|+c|"),
            ("<a b=\"x>y", "+a|t:y|"),
            ("<a b=\"x\"y\"/><c d=\"z\"/>", "+a/|+c/|"),
            ("<a b=x\"/><c d=\"z\"/>", "+a/|+c/|"),
            ("<a b = '>' c=\">\">", "+a|"),
            ("<!-- <x> --><y>", "+y|"),
            ("<!-- open <y>", "t: open |+y|"),
            ("<d><![CDATA[a<b>]]></d>", "+d|c:a<b>|-d|"),
            (
                "<d><![CDATA[a</d><d><![CDATA[b]]></d>",
                "+d|c:a|-d|+d|c:b|-d|",
            ),
            ("<d><![CDATA[a", "+d|c:a|"),
            ("<?xml version='1.0'?><a>", "+a|"),
            ("<!DOCTYPE x [<!ENTITY a \"b\">]><a>", "doctype|+a|"),
            ("</a <b>", "-a|+b|"),
            ("<a", ""),
            ("</ x", "t:</ x|"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn attribute_values_in_all_shapes() {
        let read = |text| attributes(text).collect::<Vec<_>>();
        assert_eq!(
            read(" a=\"1\" b='2' c=3 d e = \"5\""),
            [("a", "1"), ("b", "2"), ("c", "3"), ("d", ""), ("e", "5")]
        );
        assert_eq!(
            read(" href=\"http://x/ rel"),
            [("href", "http://x/"), ("rel", "")]
        );
        assert_eq!(read(" a='1'b='2'"), [("a", "1"), ("b", "2")]);
    }
}
