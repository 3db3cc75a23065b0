//! YARA rules (YARA's manual, "Writing YARA rules").

use super::super::{Kind, Text};
use super::{Attempt, LONGEST, is_name, is_word};

/// The longest name of a rule, and of a tag.
const LONGEST_NAME: usize = 128;

/// Whether a word that begins a rule stands there.
pub(super) fn begins(text: &Text<'_>, at: usize) -> bool {
    ["rule", "private", "global", "import", "include"]
        .iter()
        .any(|word| is_word(text, at, word.as_bytes()))
}

/// Reads a rule, with the imports before it.
pub(super) fn attempt(text: &Text<'_>, at: usize) -> Attempt {
    let mut reader = Reader {
        text,
        at,
        end: text.str().len().min(at + LONGEST + 1),
    };
    match reader.rule() {
        Some(()) => Attempt::Rule(Kind::Yara, reader.at),
        None => Attempt::Failed(reader.at.max(at + 1)),
    }
}

struct Reader<'a, 'b> {
    text: &'a Text<'b>,
    at: usize,
    /// Where reading ends.
    end: usize,
}

impl Reader<'_, '_> {
    fn byte(&self) -> u8 {
        if self.at < self.end {
            self.text.byte(self.at)
        } else {
            0
        }
    }

    /// Imports, modifiers, name, tags and body; on `None` the reader stands where it failed.
    fn rule(&mut self) -> Option<()> {
        while self.word("import") || self.word("include") {
            self.blanks()?;
            (self.byte() == b'"').then_some(())?;
            self.string(b'"')?;
            self.blanks()?;
        }
        while self.word("private") || self.word("global") {
            self.blanks()?;
        }
        self.word("rule").then_some(())?;
        self.blanks()?;
        self.name()?;
        self.blanks()?;
        if self.byte() == b':' {
            self.at += 1;
            self.blanks()?;
            while self.byte() != b'{' {
                self.name()?;
                self.blanks()?;
            }
        }
        (self.byte() == b'{').then_some(())?;
        self.at += 1;
        self.body()
    }

    /// Takes a word, if it is the next.
    fn word(&mut self, word: &str) -> bool {
        let found = is_word(self.text, self.at, word.as_bytes());
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn name(&mut self) -> Option<()> {
        let start = self.at;
        while is_name(self.byte()) && self.at - start <= LONGEST_NAME {
            self.at += 1;
        }
        (self.at > start && !self.text.byte(start).is_ascii_digit()).then_some(())
    }

    /// Blanks and comments; `None` in a comment without an end.
    fn blanks(&mut self) -> Option<()> {
        loop {
            match self.byte() {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                0xC2 if self.text.byte(self.at + 1) == 0xA0 => self.at += 2,
                b'/' => {
                    if !self.comment()? {
                        return Some(());
                    }
                }
                _ => return Some(()),
            }
        }
    }

    /// Takes a comment, if one begins.
    fn comment(&mut self) -> Option<bool> {
        match self.text.byte(self.at + 1) {
            b'/' => {
                while self.at < self.end && self.byte() != b'\n' {
                    self.at += 1;
                }
                Some(true)
            }
            b'*' => {
                self.at += 2;
                while self.byte() != b'*' || self.text.byte(self.at + 1) != b'/' {
                    self.step()?;
                }
                self.at += 2;
                Some(true)
            }
            _ => Some(false),
        }
    }

    fn step(&mut self) -> Option<()> {
        self.at += 1;
        (self.at < self.end).then_some(())
    }

    /// A string or regular expression up to its closing mark, on one line.
    fn string(&mut self, mark: u8) -> Option<()> {
        self.step()?;
        loop {
            match self.byte() {
                b'\\' => {
                    self.step()?;
                    self.step()?;
                }
                b'\n' => return None,
                byte if byte == mark => {
                    self.at += 1;
                    return Some(());
                }
                _ => self.step()?,
            }
        }
    }

    /// Sections up to the closing brace. `rule` is a keyword, so the body ends without success where it stands.
    fn body(&mut self) -> Option<()> {
        let (mut depth, mut has_condition, mut before) = (1_usize, false, b'{');
        loop {
            let byte = self.byte();
            match byte {
                b'"' => self.string(b'"')?,
                b'/' if self.comment()? => {}
                // A division has a value before it.
                b'/' if matches!(before, b'=' | b'(' | b',') || before == b's' => {
                    self.string(b'/')?;
                }
                b'{' => {
                    depth += 1;
                    self.step()?;
                }
                b'}' => {
                    depth -= 1;
                    self.at += 1;
                    if depth == 0 {
                        return has_condition.then_some(());
                    }
                }
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                    if is_word(self.text, self.at, b"rule") {
                        return None;
                    }
                    has_condition |= is_word(self.text, self.at, b"condition");
                    before = self.skip_name();
                    continue;
                }
                _ => self.step()?,
            }
            if !byte.is_ascii_whitespace() {
                before = byte;
            }
        }
    }

    /// Passes over a name; `s` for the operator `matches`, behind which a regular expression stands.
    fn skip_name(&mut self) -> u8 {
        let operator = is_word(self.text, self.at, b"matches");
        while is_name(self.byte()) {
            self.at += 1;
        }
        if operator { b's' } else { b'x' }
    }
}
