//! Keyword rules of one's own: what matches a pattern earns a tag.

use std::borrow::Cow;
use std::ops::Range;

use regex::{Regex, RegexBuilder};

use crate::article::blocks::Block;

/// A rule as it is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Words or a phrase, matched as whole words whatever their case, or a regular expression between slashes.
    pub pattern: String,
    /// The tag.
    pub tag: String,
    /// Titles or URLs of the feeds it is for; empty for all.
    pub feeds: Vec<String>,
}

/// Why a rule does not work.
#[derive(Debug, thiserror::Error)]
#[error("rule {number} (`{pattern}`): {reason}")]
pub struct RuleError {
    /// The how-manieth, from 1.
    pub number: usize,
    /// Its pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Rules, compiled. Matching takes time linear in the text.
#[derive(Debug, Clone, Default)]
pub struct Rules(Vec<Compiled>);

#[derive(Debug, Clone)]
struct Compiled {
    rule: Rule,
    regex: Regex,
}

/// Where a rule matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// Index of the block; `None` for the title.
    pub block: Option<usize>,
    /// Bytes of its text.
    pub span: Range<usize>,
}

/// Largest automaton of a rule, in bytes.
const MAX_SIZE: usize = 1 << 20;

impl Rules {
    /// Compiles rules. Fails at the first that is none, and names it.
    pub fn new(rules: &[Rule]) -> Result<Self, RuleError> {
        let compile = |(n, rule): (usize, &Rule)| {
            let regex = compile(&rule.pattern).and_then(|regex| match rule.tag.trim() {
                "" => Err("has no tag".to_owned()),
                _ => Ok(regex),
            });
            let named = |reason| RuleError {
                number: n + 1,
                pattern: rule.pattern.clone(),
                reason,
            };
            Ok(Compiled {
                rule: rule.clone(),
                regex: regex.map_err(named)?,
            })
        };
        rules
            .iter()
            .enumerate()
            .map(compile)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first match of each rule that is for a feed (known by its title or URL; `None` for an article without one) in
    /// an article's title and in what the report shows of it.
    pub fn matches<'a>(&'a self, feed: &[&str], title: &str, blocks: &[Block]) -> Vec<Match<'a>> {
        if self.is_empty() {
            return Vec::new();
        }
        let texts: Vec<(Option<usize>, Cow<'_, str>)> = std::iter::once((None, title.into()))
            .chain(
                blocks
                    .iter()
                    .enumerate()
                    .filter(|(_, block)| block.in_report())
                    .map(|(n, block)| (Some(n), block.text())),
            )
            .collect();
        let fits = |rule: &Rule| {
            rule.feeds.is_empty()
                || rule
                    .feeds
                    .iter()
                    .any(|one| feed.iter().any(|name| name.eq_ignore_ascii_case(one)))
        };
        let first = |one: &'a Compiled| {
            texts.iter().find_map(|(block, text)| {
                let found = one.regex.find(text)?;
                Some(Match {
                    rule: &one.rule,
                    block: *block,
                    span: found.range(),
                })
            })
        };
        self.0
            .iter()
            .filter(|one| fits(&one.rule))
            .filter_map(first)
            .collect()
    }
}

fn compile(pattern: &str) -> Result<Regex, String> {
    let pattern = pattern.trim();
    let inner = pattern
        .strip_prefix('/')
        .and_then(|rest| rest.strip_suffix('/'));
    let source = match inner {
        Some("") => return Err("has no expression between its slashes".into()),
        Some(inner) => inner.to_owned(),
        None if pattern.is_empty() => return Err("has an empty pattern".into()),
        None if !pattern.contains(char::is_alphanumeric) => {
            let advice =
                "to match such characters write an expression between slashes, as `/!{3}/`";
            return Err(format!("has neither a letter nor a digit; {advice}"));
        }
        None => phrase(pattern),
    };
    let built = RegexBuilder::new(&source)
        .case_insensitive(true)
        .size_limit(MAX_SIZE)
        .build();
    let regex = built.map_err(|error| format!("is no regular expression: {error}"))?;
    if regex.is_match("") {
        return Err("matches the empty text, and so everything".into());
    }
    Ok(regex)
}

/// A phrase as an expression: blanks of any kind between its words, and no word goes on at either end.
fn phrase(pattern: &str) -> String {
    let words: Vec<String> = pattern.split_whitespace().map(regex::escape).collect();
    let boundary = |c: Option<char>, mark| {
        if c.is_some_and(char::is_alphanumeric) {
            mark
        } else {
            ""
        }
    };
    let start = boundary(pattern.chars().next(), r"\b");
    let end = boundary(pattern.chars().next_back(), r"\b");
    format!("{start}{}{end}", words.join(r"\s+"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::blocks::Kind;

    fn rule(pattern: &str) -> Rule {
        Rule {
            pattern: pattern.into(),
            tag: "a:b".into(),
            feeds: Vec::new(),
        }
    }

    #[test]
    fn phrases_match_whole_words_and_expressions_what_they_say() {
        for (pattern, text, matches) in [
            ("water plant", "The Water\u{a0}Plant in", true),
            ("water plant", "underwater plants", false),
            ("C++", "in C++ today", true),
            (".onion", "abc.onion", true),
            ("/scada|plc/", "The PLC was", true),
            ("/^plc/", "The PLC was", false),
            ("/!{3}/", "Pay now!!!", true),
            ("海莲花", "the group 海莲花 is", true),
            ("a.b", "axb", false),
        ] {
            let rules = Rules::new(&[rule(pattern)]).unwrap();
            let found = !rules.matches(&[], text, &[]).is_empty();
            assert_eq!(found, matches, "{pattern}: {text}");
            let block = Block::plain(Kind::Paragraph, text);
            assert_eq!(!rules.matches(&[], "", &[block]).is_empty(), matches);
        }
    }

    #[test]
    fn a_rule_that_does_not_work_is_named() {
        for (pattern, part) in [
            ("/(/", "regular expression"),
            ("", "empty"),
            ("//", "between its slashes"),
            ("/", "neither a letter nor a digit"),
            ("!!!", "neither a letter nor a digit"),
            ("/a*/", "everything"),
            (r"/\w{500}{500}/", "regular"),
        ] {
            let fault = Rules::new(&[rule("fine"), rule(pattern)])
                .unwrap_err()
                .to_string();
            assert!(fault.starts_with("rule 2 ("), "{fault}");
            assert!(fault.contains(part), "{fault}");
        }
        let untagged = Rule {
            tag: " ".into(),
            ..rule("x")
        };
        assert!(
            Rules::new(&[untagged])
                .unwrap_err()
                .to_string()
                .contains("no tag")
        );
    }

    #[test]
    fn a_rule_is_for_its_feeds() {
        let one = Rule {
            feeds: vec!["Blog A".into()],
            ..rule("emotet")
        };
        let rules = Rules::new(&[one]).unwrap();
        assert_eq!(
            rules
                .matches(&["blog a", "https://a.test/"], "Emotet", &[])
                .len(),
            1
        );
        assert!(rules.matches(&["Blog B"], "Emotet", &[]).is_empty());
        assert!(rules.matches(&[], "Emotet", &[]).is_empty());
    }
}
