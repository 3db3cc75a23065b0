//! Substrings and regular expressions.

use aho_corasick::AhoCorasick;
use regex::{Regex, RegexBuilder};

use super::ListId;

/// Strings that are looked for in values, all at once.
#[derive(Debug, Default)]
pub(super) struct Substrings {
    automaton: Option<AhoCorasick>,
    /// By pattern.
    lists: Vec<ListId>,
}

impl Substrings {
    pub(super) fn new(entries: Vec<(String, ListId)>) -> Result<Self, String> {
        if entries.is_empty() {
            return Ok(Self::default());
        }
        let automaton = AhoCorasick::new(entries.iter().map(|(entry, _)| entry))
            .map_err(|problem| format!("warninglists of substrings left out: {problem}"))?;
        Ok(Self {
            automaton: Some(automaton),
            lists: entries.into_iter().map(|(_, list)| list).collect(),
        })
    }

    /// Calls `found` with every list of which an entry stands in the value.
    pub(super) fn find(&self, value: &str, found: &mut impl FnMut(ListId)) {
        let Some(automaton) = &self.automaton else {
            return;
        };
        for hit in automaton.find_overlapping_iter(value) {
            if let Some(list) = self.lists.get(hit.pattern().as_usize()) {
                found(*list);
            }
        }
    }
}

/// Regular expressions.
#[derive(Debug, Default)]
pub(super) struct Regexes(Vec<(Regex, ListId)>);

impl Regexes {
    /// Adds one as MISP writes them: PCRE between slashes, with flags, or bare.
    pub(super) fn add(&mut self, entry: &str, list: ListId) -> Result<(), String> {
        /// Bytes one compiled expression may take.
        const MAX_SIZE: usize = 1 << 20;
        let (pattern, flags) = split(entry);
        let regex = RegexBuilder::new(pattern)
            .case_insensitive(flags.contains('i'))
            .multi_line(flags.contains('m'))
            .dot_matches_new_line(flags.contains('s'))
            .ignore_whitespace(flags.contains('x'))
            .size_limit(MAX_SIZE)
            .build()
            .map_err(|problem| match problem {
                regex::Error::CompiledTooBig(_) => "is too large".to_owned(),
                _ => "is no regular expression that can be run in linear time".to_owned(),
            })?;
        self.0.push((regex, list));
        Ok(())
    }

    /// Calls `found` with every list, of those that are asked, of which an entry matches.
    pub(super) fn find(
        &self,
        value: &str,
        asked: impl Fn(ListId) -> bool,
        found: &mut impl FnMut(ListId),
    ) {
        for (regex, list) in &self.0 {
            if asked(*list) && regex.is_match(value) {
                found(*list);
            }
        }
    }
}

fn split(entry: &str) -> (&str, &str) {
    entry
        .strip_prefix('/')
        .and_then(|rest| rest.rsplit_once('/'))
        .unwrap_or((entry, ""))
}
