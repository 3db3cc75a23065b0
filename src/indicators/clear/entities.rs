//! Character references that HTML or XML left in a text.

/// Longest reference that is read, in bytes.
const LONGEST: usize = 18;

/// Names of the references that stand in values or end them (HTML Standard, section 13.5).
const NAMES: &[(&str, char)] = &[
    ("amp", '&'),
    ("AMP", '&'),
    ("apos", '\''),
    ("ast", '*'),
    ("bsol", '\\'),
    ("colon", ':'),
    ("comma", ','),
    ("commat", '@'),
    ("dash", '-'),
    ("equals", '='),
    ("excl", '!'),
    ("gt", '>'),
    ("hyphen", '-'),
    ("lbrace", '{'),
    ("lbrack", '['),
    ("lcub", '{'),
    ("lowbar", '_'),
    ("lpar", '('),
    ("lsqb", '['),
    ("lt", '<'),
    ("nbsp", ' '),
    ("num", '#'),
    ("percnt", '%'),
    ("period", '.'),
    ("plus", '+'),
    ("quest", '?'),
    ("quot", '"'),
    ("rbrace", '}'),
    ("rbrack", ']'),
    ("rcub", '}'),
    ("rpar", ')'),
    ("rsqb", ']'),
    ("semi", ';'),
    ("shy", '\u{AD}'),
    ("sol", '/'),
    ("zwj", '\u{200D}'),
    ("zwnj", '\u{200C}'),
    ("ZeroWidthSpace", '\u{200B}'),
];

/// The character that a reference at the start of `text` stands for, and the reference's length.
pub(super) fn decode(text: &[u8]) -> Option<(char, usize)> {
    let body = text.get(1..text.len().min(LONGEST))?;
    let length = body
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'#')?;
    if body.get(length) != Some(&b';') {
        return None;
    }
    let body = std::str::from_utf8(body.get(..length)?).ok()?;
    let meant = match body.strip_prefix('#') {
        Some(number) => numbered(number)?,
        None => NAMES.iter().find(|(name, _)| *name == body)?.1,
    };
    Some((meant, length + 2))
}

fn numbered(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    char::from_u32(code.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_to_their_semicolon() {
        for (text, expected) in [
            ("&amp;", Some(('&', 5))),
            ("&#46;com", Some(('.', 5))),
            ("&#x2E;com", Some(('.', 6))),
            ("&#X2e;", Some(('.', 6))),
            ("&period;", Some(('.', 8))),
            ("&amp", None),
            ("&b=1;", None),
            ("&;", None),
            ("&#;", None),
            ("&#x110000;", None),
            ("&unheardof;", None),
            ("&", None),
        ] {
            assert_eq!(decode(text.as_bytes()), expected, "{text}");
        }
    }
}
