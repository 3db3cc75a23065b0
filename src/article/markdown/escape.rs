//! What must be escaped, and nothing else.
//!
//! Rules of CommonMark 0.31 and of GFM tables and strikethrough. Each is applied only where the character
//! would mean something.

use crate::event::text::storable;

/// Surroundings of a text that is escaped.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Around {
    /// The character before it in the rendered line; `None` at its start.
    pub(super) before: Option<char>,
    /// The character after it; `None` at the end of the line.
    pub(super) after: Option<char>,
    /// What follows is a link of ours: it begins with `[`.
    pub(super) link_follows: bool,
    /// It is a link's text, with brackets that do not pair.
    pub(super) all_brackets: bool,
    /// Where it stands.
    pub(super) place: Place,
}

/// Where a text stands.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    /// In a table.
    pub(super) in_table: bool,
    /// In a block with one `~` at most, which strikes nothing through.
    pub(super) lone_tilde: bool,
}

/// Escapes one line of text.
pub(super) fn text(text: &str, around: Around, out: &mut String) {
    let mut before = around.before;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let inside = chars.peek().map(|(_, next)| *next);
        let after = inside.or(around.after);
        let opens_link = inside == Some('[')
            || (inside.is_none() && (around.link_follows || around.after == Some('[')));
        if c == '@' && opens_link {
            // Not even the raw text may look like one of MISP's references.
            out.push_str("&#64;");
        } else {
            let rest = text.get(at..).unwrap_or_default();
            if must_escape(c, before, after, rest, opens_link, &around) {
                out.push('\\');
            }
            out.push(c);
        }
        before = Some(c);
    }
}

fn must_escape(
    c: char,
    before: Option<char>,
    after: Option<char>,
    rest: &str,
    opens_link: bool,
    around: &Around,
) -> bool {
    let blank = |c: Option<char>| c == Some(' ');
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match c {
        '`' => true,
        // At the end of a run, a delimiter of ours may follow.
        '\\' => rest
            .chars()
            .nth(1)
            .is_none_or(|next| next.is_ascii_punctuation()),
        '*' => !(blank(before) && blank(after)),
        '_' => !(word(before) && word(after) || blank(before) && blank(after)),
        '~' => !around.place.lone_tilde,
        '(' => before == Some(']'),
        '[' | ']' => around.all_brackets,
        '<' => {
            let opens_tag =
                |next: char| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?');
            after.is_some_and(opens_tag) || starts_address(rest)
        }
        '&' => starts_entity(rest),
        '!' => opens_link,
        '|' => around.place.in_table,
        _ => false,
    }
}

/// `<name@`, which the rest of an address may follow (CommonMark 6.5). The `@` may come in what follows the text, and
/// delimiters of ours are no less part of a name.
fn starts_address(rest: &str) -> bool {
    let is_local = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c);
    let end = rest.chars().skip(1).find(|c| !is_local(*c));
    end.is_none_or(|c| c == '@')
}

/// `&name;`, `&#1;`, `&#x1;` (the `;` may come in the next run: then the name alone is enough).
fn starts_entity(rest: &str) -> bool {
    let name = rest.strip_prefix('&').unwrap_or_default();
    let name = name.strip_prefix('#').unwrap_or(name);
    let length = name.bytes().take_while(u8::is_ascii_alphanumeric).count();
    match name.get(length..) {
        Some(rest) if rest.starts_with(';') => length > 0,
        Some("") => true,
        _ => false,
    }
}

/// Escapes what would make a rendered line begin a heading, list, quotation, rule, definition or table.
pub(super) fn line_start(line: &str) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let after = |n: usize| line.get(n..).unwrap_or_default();
    let ends = |rest: &str| rest.is_empty() || rest.starts_with([' ', '\t']);
    if (1..=9).contains(&digits) && after(digits).starts_with(['.', ')']) && ends(after(digits + 1))
    {
        return format!(
            "{}\\{}",
            line.get(..digits).unwrap_or_default(),
            after(digits)
        );
    }
    let rule = line
        .chars()
        .all(|c| matches!(c, '-' | ':' | '|' | ' ' | '='))
        && line.contains(['-', '=']);
    let special = match line.chars().next() {
        Some('#') => ends(line.trim_start_matches('#')),
        Some('>') => true,
        Some('+' | '-') => ends(after(1)) || rule,
        Some('[') => is_definition(line),
        Some('|' | ':' | '=') => rule,
        _ => false,
    };
    if special {
        format!("\\{line}")
    } else {
        line.to_owned()
    }
}

/// `[label]: target`; a label ends at the first bracket that is not escaped.
fn is_definition(line: &str) -> bool {
    let mut escaped = false;
    for (at, c) in line.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' => return line.get(at + 1..).is_some_and(|rest| rest.starts_with(':')),
            '[' => return false,
            _ => {}
        }
    }
    false
}

/// A heading drops trailing `#`s; escapes the last one.
pub(super) fn heading_end(text: &str) -> String {
    match text.strip_suffix('#') {
        Some(head) if !head.ends_with('\\') => format!("{head}\\#"),
        _ => text.to_owned(),
    }
}

/// Longest row of backticks.
pub(super) fn longest_backticks(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Whether a text has what MISP might read as a reference, whatever it takes for a letter. In code nothing can be escaped.
pub(super) fn has_reference(text: &str) -> bool {
    text.match_indices("@[").any(|(at, _)| {
        let name = text.get(at + 2..).unwrap_or_default();
        let end = name.find(']');
        end.and_then(|end| name.get(end..))
            .is_some_and(|rest| rest.starts_with("]("))
    })
}

/// Code as it stands, except that MISP's references are parted by an invisible character (U+2060): the viewer
/// and the server look for them there as well.
pub(super) fn code_block(text: &str) -> String {
    if has_reference(text) {
        text.replace("@[", "@\u{2060}[")
    } else {
        text.to_owned()
    }
}

/// A link's target, between the parentheses of a Markdown link.
pub(super) fn target(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for (at, c) in url.char_indices() {
        match c {
            '(' => out.push_str("%28"),
            ')' => out.push_str("%29"),
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '\\' => out.push_str("%5C"),
            '|' => out.push_str("%7C"),
            '`' => out.push_str("%60"),
            '"' => out.push_str("%22"),
            '\'' => out.push_str("%27"),
            '&' if starts_entity(url.get(at..).unwrap_or_default()) => out.push_str("&amp;"),
            c if c.is_whitespace() || c.is_control() => {}
            c => out.push(c),
        }
    }
    storable(&out)
}
