//! Text from outside, fit for a terminal and for a line of a log.

/// Whether a character can steer a terminal or hide what stands there: controls, line and paragraph
/// separators, marks of direction and of no width.
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        )
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// Where the first byte stands that is such a one.
///
/// For properties that few bytes have: whole blocks are asked at once, in a loop without an exit that compiles to
/// vector instructions.
#[inline]
pub(crate) fn first(bytes: &[u8], is_such: impl Fn(u8) -> bool) -> Option<usize> {
    let any = |block: &[u8]| block.iter().fold(false, |any, byte| any | is_such(*byte));
    let passed = bytes
        .chunks_exact(32)
        .take_while(|block| !any(block))
        .count()
        * 32;
    let rest = bytes.get(passed..)?;
    let found = rest.iter().position(|byte| is_such(*byte))?;
    Some(passed + found)
}

/// Text on one line that steers nothing.
pub fn clean(text: &str) -> String {
    if is_clean(text.as_bytes()) {
        return text.to_owned();
    }
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' ' | '\n' | '\r' | '\t' if clean.is_empty() || clean.ends_with(' ') => {}
            '\n' | '\r' | '\t' => clean.push(' '),
            c if steers(c) => clean.push('\u{fffd}'),
            c => clean.push(c),
        }
    }
    clean.truncate(clean.trim_end_matches(' ').len());
    clean
}

/// Whether [`clean`] would change nothing: printable ASCII with single blanks within, as most text is.
fn is_clean(text: &[u8]) -> bool {
    let is_printable = first(text, |byte| !(b' '..0x7f).contains(&byte)).is_none();
    is_printable
        && text.first() != Some(&b' ')
        && text.last() != Some(&b' ')
        && memchr::memmem::find(text, b"  ").is_none()
}

/// The same, cut to so many characters.
pub fn short(text: &str, most: usize) -> String {
    let text = clean(text);
    if text.len() <= most || text.chars().count() <= most {
        return text;
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}
