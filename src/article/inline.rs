//! Collecting the text of one block: runs of one style, blanks collapsed across them.

use std::sync::Arc;

use super::blocks::{Cell, Run, Style};

/// Text being collected.
#[derive(Debug, Default)]
pub(super) struct Inline {
    runs: Vec<Run>,
    /// A blank seen and not yet written: it vanishes at line breaks and ends.
    blank: bool,
    /// A line break seen and not yet written, likewise.
    broken: bool,
}

/// How text is written.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Look {
    /// Its style.
    pub(super) style: Style,
    /// The link it is part of.
    pub(super) link: Option<Arc<str>>,
}

impl Inline {
    /// Adds text, collapsing its blanks.
    pub(super) fn text(&mut self, text: &str, look: &Look) {
        let mut words = text.split(is_blank).peekable();
        while let Some(word) = words.next() {
            if !word.is_empty() {
                self.flush_blank(look);
                self.write(word, look);
            }
            if words.peek().is_some() {
                self.blank = true;
            }
        }
    }

    /// Adds preformatted text as it stands.
    pub(super) fn verbatim(&mut self, text: &str, look: &Look) {
        self.write(text, look);
    }

    /// Makes what follows begin a new line.
    pub(super) fn line_break(&mut self) {
        self.broken = true;
        self.blank = false;
    }

    /// Whether a line has just been broken: another break makes a paragraph.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// What has been collected; starts anew.
    pub(super) fn take(&mut self) -> Cell {
        self.blank = false;
        self.broken = false;
        Cell {
            runs: std::mem::take(&mut self.runs),
        }
    }

    fn flush_blank(&mut self, look: &Look) {
        if !self.runs.is_empty() {
            if self.broken {
                self.write_plain("\n", look);
            } else if self.blank {
                self.write_plain(" ", look);
            }
        }
        self.blank = false;
        self.broken = false;
    }

    /// Writes a separator: in the style, and as part of the link, of both its neighbours or of neither.
    fn write_plain(&mut self, text: &str, look: &Look) {
        let between = match self.runs.last() {
            Some(last) => Look {
                style: if last.style == look.style {
                    look.style
                } else {
                    Style::default()
                },
                link: look.link.clone().filter(|_| last.link == look.link),
            },
            None => Look::default(),
        };
        self.write(text, &between);
    }

    fn write(&mut self, text: &str, look: &Look) {
        if text.is_empty() {
            return;
        }
        if let Some(last) = self.runs.last_mut()
            && last.style == look.style
            && last.link == look.link
        {
            last.text.push_str(text);
            return;
        }
        self.runs.push(Run {
            text: text.to_owned(),
            style: look.style,
            link: look.link.clone(),
        });
    }
}

/// The blanks that HTML collapses. No-break blanks are text.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(parts: &[&str]) -> String {
        let mut inline = Inline::default();
        for part in parts {
            match *part {
                "<br>" => inline.line_break(),
                text => inline.text(text, &Look::default()),
            }
        }
        inline.take().text().into_owned()
    }

    #[test]
    fn blanks_collapse_across_runs() {
        for (parts, text) in [
            (&["  a  ", "  b  "][..], "a b"),
            (&["a", "b"], "ab"),
            (&["a ", "", " b"], "a b"),
            (&["a", " ", "b"], "a b"),
            (&["\n a\t\r\nb \n"], "a b"),
            (&["a", "<br>", " b"], "a\nb"),
            (&["a ", "<br>", "<br>", "<br>", "b", "<br>"], "a\nb"),
            (&["<br>", "a"], "a"),
            (&["a\u{a0}b"], "a\u{a0}b"),
            (&["", " "], ""),
        ] {
            assert_eq!(plain(parts), text, "{parts:?}");
        }
    }

    #[test]
    fn a_style_change_does_not_split_a_value() {
        let code = Look {
            style: Style {
                code: true,
                ..Style::default()
            },
            link: None,
        };
        let mut inline = Inline::default();
        inline.text("see evil", &Look::default());
        inline.text(".com", &code);
        inline.text(" now", &Look::default());
        let cell = inline.take();
        assert_eq!(cell.text(), "see evil.com now");
        assert_eq!(cell.runs.len(), 3);
    }
}
