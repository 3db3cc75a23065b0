//! Character references, the ones XML knows and the ones feeds use.

use std::collections::BTreeMap;

use super::damage::{Damage, Kind};

/// Longest name of a reference, `&` and `;` not counted (HTML's longest has 31 characters).
const MAX_NAME: usize = 32;
/// What entities declared by a feed may add to it in all: an entity bomb ends here.
const MAX_EXPANSION: usize = 64 * 1024;
/// Entities read from one DOCTYPE.
const MAX_DECLARED: usize = 256;

/// Entities that the feed's own DOCTYPE declares.
#[derive(Debug, Default)]
pub(crate) struct Entities {
    declared: BTreeMap<String, String>,
    expanded: usize,
}

impl Entities {
    /// Reads the simple declarations (plain text, or one character reference) of a DOCTYPE. Those that
    /// refer to others are left alone, so nothing ever expands twice.
    pub(crate) fn declare(&mut self, doctype: &str) {
        for piece in doctype.split("<!ENTITY").skip(1).take(MAX_DECLARED) {
            let Some((name, rest)) = piece.trim_start().split_once(char::is_whitespace) else {
                continue;
            };
            // `SYSTEM "file:///…"` names a file: not read.
            if !rest.trim_start().starts_with(['"', '\'']) {
                continue;
            }
            let (value, _) = super::tokens::attribute_value(rest.trim_start());
            if name.len() > MAX_NAME || value.len() > 1024 {
                continue;
            }
            if !value.contains('&') {
                self.declared.insert(name.into(), value.into());
            } else if let Some(c) = value
                .strip_prefix("&#")
                .and_then(|value| value.strip_suffix(';'))
                .and_then(char_reference)
            {
                self.declared.insert(name.into(), c.to_string());
            }
        }
    }

    /// Appends `text` to `out` with its references resolved. A `&` that begins none stays.
    pub(crate) fn decode(
        &mut self,
        text: &str,
        offset: usize,
        out: &mut String,
        damage: &mut Damage,
    ) {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('&') {
            out.push_str(before);
            let at = offset + text.len() - after.len();
            rest = self.reference(after, at, out, damage);
        }
        out.push_str(rest);
    }

    /// One reference, whose `&` has just been read. Answers what follows it.
    fn reference<'a>(
        &mut self,
        after: &'a str,
        at: usize,
        out: &mut String,
        damage: &mut Damage,
    ) -> &'a str {
        if let Some(digits) = after.strip_prefix('#') {
            return numeric(digits, after, at, out, damage);
        }
        let name_end = after
            .bytes()
            .take(MAX_NAME + 1)
            .position(|byte| !byte.is_ascii_alphanumeric() && byte != b'_');
        let named = name_end.and_then(|end| {
            let (name, rest) = after.split_at_checked(end)?;
            Some((name, rest.strip_prefix(';')?))
        });
        let Some((name, rest)) = named else {
            damage.add(Kind::Ampersand, at);
            out.push('&');
            return after;
        };
        if self.named(name, at, out, damage) {
            rest
        } else {
            damage.add(Kind::Ampersand, at);
            out.push('&');
            after
        }
    }

    fn named(&mut self, name: &str, at: usize, out: &mut String, damage: &mut Damage) -> bool {
        if let Some(c) = xml_entity(name) {
            out.push(c);
            return true;
        }
        if let Some(value) = self.declared.get(name) {
            self.expanded += value.len();
            if self.expanded <= MAX_EXPANSION {
                out.push_str(value);
            }
            return true;
        }
        if let Some(value) = html_entity(name) {
            damage.add(Kind::HtmlEntity, at);
            out.push_str(&value);
            return true;
        }
        false
    }
}

const fn xml_entity(name: &str) -> Option<char> {
    Some(match name.as_bytes() {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        _ => return None,
    })
}

/// The text a named HTML entity stands for.
pub(crate) fn html_entity(name: &str) -> Option<String> {
    let reference = format!("&{name};");
    let decoded = html_escape::decode_html_entities(&reference);
    (decoded != reference).then(|| decoded.into_owned())
}

fn numeric<'a>(
    digits: &'a str,
    after: &'a str,
    at: usize,
    out: &mut String,
    damage: &mut Damage,
) -> &'a str {
    let hex = digits.starts_with(['x', 'X']);
    let end = digits
        .bytes()
        .take(MAX_NAME)
        .skip(usize::from(hex))
        .take_while(|byte| {
            if hex {
                byte.is_ascii_hexdigit()
            } else {
                byte.is_ascii_digit()
            }
        })
        .count()
        + usize::from(hex);
    let (number, rest) = digits.split_at_checked(end).unwrap_or((digits, ""));
    if number.len() == usize::from(hex) {
        damage.add(Kind::Ampersand, at);
        out.push('&');
        return after;
    }
    match char_reference(number) {
        Some(c) => out.push(c),
        None => damage.add(Kind::BadReference, at),
    }
    rest.strip_prefix(';').unwrap_or_else(|| {
        damage.add(Kind::Ampersand, at);
        rest
    })
}

/// The character of `8217`, `x2019`. C1 controls are read as windows-1252, as HTML does (WHATWG HTML,
/// 13.2.5.80); characters XML forbids are none.
pub(crate) fn char_reference(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    if let Ok(byte @ 0x80..=0x9f) = u8::try_from(code) {
        let bytes = [byte];
        let (text, _, _) = encoding_rs::WINDOWS_1252.decode(&bytes);
        return text.chars().next().filter(|c| !c.is_control());
    }
    char::from_u32(code).filter(|c| !super::is_forbidden(*c))
}

/// `text` with XML, HTML and numeric references resolved, for text that is HTML.
pub(crate) fn decode_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    Entities::default().decode(text, 0, &mut out, &mut Damage::default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        for (text, expected) in [
            ("a &amp; b &lt;&gt;&quot;&apos;", "a & b <>\"'"),
            ("Q&A, R&D; & x", "Q&A, R&D; & x"),
            ("caf&eacute; &nbsp;&hellip;", "caf\u{e9} \u{a0}\u{2026}"),
            ("&#8217;&#x2019;&#X41;", "\u{2019}\u{2019}A"),
            ("&#146;&#x80;", "\u{2019}\u{20ac}"),
            ("&#0;&#x1F;&#xD800;&#99999999999;|", "|"),
            ("&#39 x &#; &#x; &", "' x &#; &#x; &"),
            ("?a=1&b=2&copy=3", "?a=1&b=2&copy=3"),
            ("&amp;amp;", "&amp;"),
        ] {
            assert_eq!(decode_html(text), expected, "{text}");
        }
    }

    #[test]
    fn declared_entities_do_not_explode() {
        let mut entities = Entities::default();
        entities.declare(
            "x [<!ENTITY name \"Example Corp\"> <!ENTITY lol '&a;&a;'> <!ENTITY d \"&#8212;\">",
        );
        let (mut out, mut damage) = (String::new(), Damage::default());
        entities.decode("&name; &lol; &d;", 0, &mut out, &mut damage);
        assert_eq!(out, "Example Corp &lol; \u{2014}");
        entities.declare(&format!("<!ENTITY big \"{}\">", "x".repeat(1000)));
        out.clear();
        entities.decode(&"&big;".repeat(100_000), 0, &mut out, &mut damage);
        assert!(out.len() <= MAX_EXPANSION);
    }
}
