//! Where data ends.

use super::super::super::super::{Kind, Raw};
use super::{How, LONGEST, LONGEST_NAME, Reader, label_ahead, unescaped};

impl<'t> Reader<'t, '_> {
    /// The data that stands here.
    pub(in super::super) fn data(&mut self, how: How) -> Option<String> {
        self.blanks();
        if let Some(quoted) = self.quoted() {
            return Some(quoted);
        }
        let lone = how != How::Sure && (how == How::Line || self.is_lone());
        if lone && let Some(line) = self.line() {
            return Some(unescaped(line));
        }
        let start = self.at;
        let end = match self.found_here() {
            Some(Kind::Regkey) => return None,
            Some(_) => self.command(),
            None => {
                let rest = self.rest(LONGEST);
                let word = rest.split([' ', '\t', ',', ';', ')']).next()?;
                let word = word.trim_end_matches(['.', '!', '?', ':', '"', '\'', '`', '”', '’']);
                if word.starts_with(['"', '\'', '“', '‘']) {
                    return None;
                }
                let number = word
                    .strip_prefix("0x")
                    .or_else(|| word.strip_prefix("dword:"))
                    .unwrap_or(word);
                let is_number = !number.is_empty()
                    && number.bytes().all(|byte| byte.is_ascii_hexdigit())
                    && word.starts_with(|c: char| c.is_ascii_digit() || c == 'd');
                if how == How::Sure && !is_number {
                    return None;
                }
                start + word.len()
            }
        };
        self.at = end;
        Some(unescaped(self.text.slice(start..end)))
    }

    /// What was found at this very place, if anything.
    fn found_here(&self) -> Option<Kind> {
        self.found_at(self.at).and_then(|raw| raw.kind)
    }

    fn found_at(&self, at: usize) -> Option<&'t Raw> {
        let first = self.after.partition_point(|raw| raw.span.start < at);
        self.after.get(first).filter(|raw| raw.span.start == at)
    }

    /// The end of a command that begins with something found: its arguments are finds, options, or hang on it.
    fn command(&self) -> usize {
        let mut end = self.at;
        while end - self.at < LONGEST {
            if let Some(raw) = self.found_at(end) {
                end = raw.span.end;
            }
            let glued = self.text.line_after(end, LONGEST_NAME);
            let glued = glued
                .split([' ', '\t', ';', ')'])
                .next()
                .unwrap_or_default();
            end += glued
                .trim_end_matches(['.', ',', '!', '?', ':', '"', '”', '’', '\'', '`'])
                .len();
            let goes_on = self.text.byte(end) == b' '
                && (self
                    .found_at(end + 1)
                    .is_some_and(|raw| raw.kind != Some(Kind::Regkey))
                    || matches!(self.text.byte(end + 1), b'-' | b'/')
                        && self.text.byte(end + 2).is_ascii_alphanumeric());
            if !goes_on {
                break;
            }
            end += 1;
        }
        end
    }

    /// Whether the line holds nothing before the key but a mark or a label.
    fn is_lone(&self) -> bool {
        let before = self.text.line_before(self.key.start, LONGEST_NAME);
        let before = before
            .trim_end_matches(['"', '\'', '`', '“', '‘', '['])
            .trim();
        before.len() < 24
            && (before.ends_with(':') || !before.contains(|c: char| c.is_alphanumeric()))
    }

    /// The rest of the line, up to a remark; `None` if it reads like prose or is cut.
    fn line(&mut self) -> Option<&'t str> {
        let rest = self.rest(LONGEST + 1);
        let end = [" (", " # ", " // ", " – ", " — ", "  ", "\t"]
            .iter()
            .filter_map(|remark| rest.find(remark))
            .chain(label_ahead(rest))
            .min()
            .unwrap_or(rest.len());
        let line = rest.get(..end)?;
        let line = line.trim_end().trim_end_matches([',', ';']);
        let is_prose = line.ends_with('.') || line.contains(". ") || rest.len() > LONGEST;
        // An open quotation, or a list of bytes that goes on below.
        let is_cut = line.starts_with(['"', '\'', '“']) || line.ends_with(",\\");
        if is_prose || is_cut || line.is_empty() {
            return None;
        }
        self.at += line.len();
        Some(line)
    }
}
