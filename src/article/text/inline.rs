//! Marks within a line: links, code, emphasis.
//!
//! A mark is one only where it stands at the edge of a word and is closed; everything else is text, because stars,
//! underscores and brackets belong to paths, patterns and defanged values just as well. Every search for a closing
//! mark is bounded.

use std::sync::Arc;

use crate::article::blocks::{Cell, Run, Style};

/// How far a closing mark is looked for, in bytes.
const REACH: usize = 2048;
/// How deep marks are read within each other.
const DEPTH: u8 = 4;

/// A line, or the lines of a paragraph, with its marks read.
pub(super) fn cell(text: &str, asciidoc: bool) -> Cell {
    if !text
        .bytes()
        .any(|byte| matches!(byte, b'`' | b'[' | b'<' | b'*' | b'_'))
    {
        return Cell::plain(text);
    }
    let mut inline = Inline {
        runs: Vec::new(),
        style: Style::default(),
        link: None,
        asciidoc,
        budget: 32 * text.len() + 2 * REACH,
    };
    inline.read(text, 0);
    Cell { runs: inline.runs }
}

/// An image that is the whole of a line: alternative text, and address.
pub(super) fn image(line: &str) -> Option<(&str, &str)> {
    let rest = line.trim().strip_prefix("![")?;
    let (alt, target) = rest.split_once("](")?;
    let target = target.strip_suffix(')')?;
    // The address may be the whole picture.
    let end = memchr::memchr2(b' ', b'\t', target.as_bytes()).unwrap_or(target.len());
    let src = target.get(..end)?;
    let bracket = memchr::memchr3(b'(', b')', b'[', src.as_bytes());
    bracket.is_none().then_some((alt, src))
}

struct Inline {
    runs: Vec<Run>,
    style: Style,
    link: Option<Arc<str>>,
    asciidoc: bool,
    /// How many bytes may still be searched in vain: a text of nothing but brackets must not take time
    /// quadratic in its length.
    budget: usize,
}

impl Inline {
    fn push(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.runs.last_mut() {
            Some(last) if last.style == self.style && last.link == self.link => {
                last.text.push_str(text);
            }
            _ => self.runs.push(Run {
                text: text.to_owned(),
                style: self.style,
                link: self.link.clone(),
            }),
        }
    }

    fn read(&mut self, text: &str, depth: u8) {
        let (mut done, mut at) = (0, 0);
        let bytes = text.as_bytes();
        while let Some(byte) = bytes.get(at) {
            let may = matches!(byte, b'`' | b'[' | b'!' | b'<' | b'*' | b'_')
                || (*byte == b'h' && self.asciidoc);
            let length = (may && depth < DEPTH && self.budget > 0)
                .then(|| self.mark((done, at), text, depth))
                .flatten();
            if let Some(length) = length {
                at += length;
                done = at;
            } else {
                if may {
                    let left = text.len() - at;
                    self.budget = self.budget.saturating_sub(left.min(REACH));
                }
                // A run of the same mark that opens nothing is text as a whole.
                at += 1;
                if matches!(byte, b'`' | b'*' | b'_') {
                    at += bytes.get(at..).map_or(0, |rest| run(rest, *byte));
                }
            }
        }
        self.push(text.get(done..).unwrap_or_default());
    }

    /// Reads the mark at `at`, after pushing the plain text from `done` to there; its length.
    fn mark(&mut self, (done, at): (usize, usize), text: &str, depth: u8) -> Option<usize> {
        let (before, rest) = text.split_at_checked(at)?;
        let plain = before.get(done..)?;
        match rest.as_bytes().first()? {
            b'`' => self.code(plain, before, rest),
            b'[' => self.linked(plain, rest, depth),
            b'!' => self.pictured(plain, rest),
            b'<' => self.bracketed(plain, rest),
            b'h' => self.labelled(plain, rest, depth),
            mark => self.emphasised(plain, before, rest, *mark, depth),
        }
    }

    fn code(&mut self, plain: &str, before: &str, rest: &str) -> Option<usize> {
        let ticks = run(rest.as_bytes(), b'`');
        let (fence, inner) = rest.split_at_checked(ticks)?;
        let end = closing(inner, fence)?;
        let (inner, after) = (inner.get(..end)?, inner.get(end + ticks..)?);
        if !opens_after(before) || !closes_before(after) || inner.trim().is_empty() {
            return None;
        }
        self.push(plain);
        self.styled(|style| style.code = true, |inline| inline.push(inner));
        Some(end + 2 * ticks)
    }

    /// `[text](target)`
    fn linked(&mut self, plain: &str, rest: &str, depth: u8) -> Option<usize> {
        let (label, target, length) = link(rest)?;
        self.push(plain);
        self.within(target, |inline| inline.read(label, depth + 1));
        Some(length)
    }

    /// `![text](target)`
    fn pictured(&mut self, plain: &str, rest: &str) -> Option<usize> {
        let (alt, _, length) = link(rest.strip_prefix('!')?)?;
        self.push(plain);
        self.push(alt);
        Some(length + 1)
    }

    /// `<https://…>`
    fn bracketed(&mut self, plain: &str, rest: &str) -> Option<usize> {
        let inner = rest.strip_prefix('<')?;
        let inner = inner.get(..bounded(inner).find('>')?)?;
        if !is_absolute(inner) || inner.contains(char::is_whitespace) {
            return None;
        }
        self.push(plain);
        self.within(inner, |inline| inline.push(inner));
        Some(inner.len() + 2)
    }

    /// AsciiDoc's `https://…[text]`.
    fn labelled(&mut self, plain: &str, rest: &str, depth: u8) -> Option<usize> {
        if !is_absolute(rest) {
            return None;
        }
        let stop = bounded(rest).find(|c: char| c == '[' || c.is_whitespace())?;
        let target = rest.get(..stop)?;
        let inner = rest.get(stop..)?.strip_prefix('[')?;
        let label = inner.get(..bounded(inner).find(']')?)?;
        if is_defanging(label) {
            return None;
        }
        self.push(plain);
        self.within(target, |inline| inline.read(label, depth + 1));
        Some(stop + label.len() + 2)
    }

    fn emphasised(
        &mut self,
        plain: &str,
        before: &str,
        rest: &str,
        mark: u8,
        depth: u8,
    ) -> Option<usize> {
        let stars = run(rest.as_bytes(), mark);
        let (fence, inner) = rest.split_at_checked(stars)?;
        if stars > 3 || !opens_after(before) || !begins(inner, mark) {
            return None;
        }
        let end = closing(inner, fence)?;
        let (inner, after) = (inner.get(..end)?, inner.get(end + stars..)?);
        let names = inner
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let ends = closes_before(after) || inner.ends_with(':');
        if !ends || inner.ends_with(char::is_whitespace) || (mark == b'_' && names) {
            return None;
        }
        self.push(plain);
        let set = |style: &mut Style| {
            style.em |= stars != 2;
            style.strong |= stars >= 2;
        };
        self.styled(set, |inline| inline.read(inner, depth + 1));
        Some(end + 2 * stars)
    }

    fn styled(&mut self, set: impl FnOnce(&mut Style), read: impl FnOnce(&mut Self)) {
        let before = self.style;
        set(&mut self.style);
        read(self);
        self.style = before;
    }

    fn within(&mut self, target: &str, read: impl FnOnce(&mut Self)) {
        let before = self.link.clone();
        if before.is_none() && is_absolute(target) {
            self.link = Some(Arc::from(target));
        }
        read(self);
        self.link = before;
    }
}

/// Label, target and length of `[label](target)` at the start of a text.
fn link(rest: &str) -> Option<(&str, &str, usize)> {
    let inner = rest.strip_prefix('[')?;
    let label = inner.get(..label_end(inner)?)?;
    let after = inner.get(label.len()..)?.strip_prefix("](")?;
    let end = target_end(after)?;
    let target = after
        .get(..end)?
        .split_whitespace()
        .next()
        .unwrap_or_default();
    let target = target.strip_prefix('<').unwrap_or(target);
    let target = target.strip_suffix('>').unwrap_or(target);
    // What was defanged is meant to be read; it is not there to be followed.
    let followed = is_absolute(target) || (!target.contains("xx") && !target.contains('['));
    (!is_defanging(label) && followed && !after.get(..end)?.contains('\n')).then_some((
        label,
        target,
        label.len() + end + 4,
    ))
}

/// Where a label ends: brackets within it are paired.
fn label_end(text: &str) -> Option<usize> {
    let mut open = 0;
    bounded(text).bytes().position(|byte| match byte {
        b'[' => {
            open += 1;
            false
        }
        b']' if open > 0 => {
            open -= 1;
            false
        }
        byte => byte == b']',
    })
}

/// Where a target ends: round brackets within it are paired.
fn target_end(text: &str) -> Option<usize> {
    let mut open = 0;
    bounded(text).bytes().position(|byte| match byte {
        b'(' => {
            open += 1;
            false
        }
        b')' if open > 0 => {
            open -= 1;
            false
        }
        byte => byte == b')',
    })
}

/// What stands in brackets to defang, not to be linked: `[.]`, `[dot]`, `[:]`, `[http]`.
fn is_defanging(label: &str) -> bool {
    let marks = label.chars().all(|c| !c.is_alphanumeric());
    let words = [
        "dot", "d", "at", "punkt", "point", "http", "https", "hxxp", "www",
    ];
    marks
        || words
            .iter()
            .any(|word| label.trim().eq_ignore_ascii_case(word))
}

fn is_absolute(target: &str) -> bool {
    ["http://", "https://", "ftp://", "mailto:"]
        .iter()
        .any(|scheme| target.starts_with(scheme))
}

fn run(bytes: &[u8], mark: u8) -> usize {
    bytes.iter().take_while(|byte| **byte == mark).count()
}

fn bounded(text: &str) -> &str {
    super::head(text, REACH)
}

/// Where the same run of marks stands again, on the same line.
fn closing(inner: &str, fence: &str) -> Option<usize> {
    let line = bounded(inner).split('\n').next()?;
    let mark = *fence.as_bytes().first()?;
    let bytes = line.as_bytes();
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        at += rest.iter().position(|byte| *byte == mark)?;
        let length = run(bytes.get(at..)?, mark);
        if length == fence.len() {
            return (at > 0).then_some(at);
        }
        at += length;
    }
    None
}

/// Whether a mark may open after this: at the start of a word.
fn opens_after(before: &str) -> bool {
    before.chars().next_back().is_none_or(|c| {
        c.is_whitespace()
            || matches!(
                c,
                '(' | '['
                    | '{'
                    | '<'
                    | '"'
                    | '\''
                    | '“'
                    | '„'
                    | '‘'
                    | '«'
                    | ':'
                    | '='
                    | ','
                    | ';'
                    | '|'
                    | '*'
                    | '_'
                    | '—'
                    | '–'
                    | '>'
            )
    })
}

/// Whether a mark may close before this: at the end of a word, punctuation allowed.
fn closes_before(after: &str) -> bool {
    let closing = |c: char| {
        matches!(
            c,
            '.' | ','
                | ';'
                | ':'
                | '!'
                | '?'
                | ')'
                | ']'
                | '}'
                | '>'
                | '"'
                | '\''
                | '”'
                | '“'
                | '’'
                | '»'
                | '|'
                | '*'
                | '_'
                | '`'
                | '—'
                | '–'
                | '-'
                | '/'
                | '('
                | '+'
        )
    };
    let mut rest = after.chars();
    for _ in 0..4 {
        match rest.next() {
            None => return true,
            Some(c) if c.is_whitespace() => return true,
            Some(c) if closing(c) => {}
            Some(_) => return false,
        }
    }
    true
}

/// Whether emphasised text may begin so; `*.exe` is a pattern.
fn begins(inner: &str, mark: u8) -> bool {
    inner.chars().next().is_some_and(|c| {
        c.is_alphanumeric()
            || matches!(c, '`' | '[' | '(' | '"' | '\'' | '“' | '<' | '\\' | '/')
            || (c == '*' && mark == b'_')
            || (c == '_' && mark == b'*')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text with `«…»` around code, `{…|…}` around links.
    fn shown(text: &str, asciidoc: bool) -> String {
        cell(text, asciidoc)
            .runs
            .iter()
            .map(|run| {
                let text = if run.style.code {
                    format!("«{}»", run.text)
                } else {
                    run.text.clone()
                };
                match &run.link {
                    Some(link) => format!("{{{text}|{link}}}"),
                    None => text,
                }
            })
            .collect()
    }

    #[test]
    fn marks_are_read_at_the_edges_of_words() {
        for (text, expected) in [
            ("plain", "plain"),
            ("`evil[.]top` is bad", "«evil[.]top» is bad"),
            ("SHA-256:`abc`, then", "SHA-256:«abc», then"),
            ("**198.51.100.7**", "198.51.100.7"),
            ("*evil.top*, _bad.top_", "evil.top, bad.top"),
            ("**`x.exe`**", "«x.exe»"),
            ("**C2:**evil.top", "C2:evil.top"),
            (
                "see [the report](https://a.top/b_(c)) now",
                "see {the report|https://a.top/b_(c)} now",
            ),
            ("[x](https://a.top \"title\")", "{x|https://a.top}"),
            ("[Chain](/images/chain.png)", "Chain"),
            ("![Chain](/images/chain.png) text", "Chain text"),
            (
                "at <https://a.top/x>.",
                "at {https://a.top/x|https://a.top/x}.",
            ),
            ("[[1]](https://a.top)", "{[1]|https://a.top}"),
        ] {
            assert_eq!(shown(text, false), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_mark_stays() {
        for text in [
            "https://evil.top/a`b",
            "__init__.py and __main__",
            "*.exe, *.dll and *.sys*",
            "me@*hi*.com",
            "h**p://evil.top and h**ps://bad.top",
            "evil[.]top(backup)",
            "evil[.](top)",
            "[bad](hxxp://evil[.]top/x)",
            "2**3 * 4**5",
            "HKCU\\Software\\*\\Run",
            "<script> and a < b > c",
            "`open",
            "**open",
            "[open](https://",
            "***** x *****",
        ] {
            assert_eq!(shown(text, false), text);
        }
    }

    #[test]
    fn asciidoc_labels_its_links() {
        assert_eq!(
            shown("the https://www.misp.example[MISP] event", true),
            "the {MISP|https://www.misp.example} event"
        );
        for text in ["https://evil[.]top/x", "https://evil.top[:]8080"] {
            assert_eq!(shown(text, true), text);
        }
    }

    #[test]
    fn images_of_their_own() {
        assert_eq!(
            image(" ![A b](https://a.top/b.png) "),
            Some(("A b", "https://a.top/b.png"))
        );
        assert_eq!(image("![a](b) c"), None);
        assert_eq!(image("text ![a](b)"), None);
    }
}
