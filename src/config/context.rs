//! `[context]`: who, what and how, as tags of the event.

use serde::{Deserialize, Serialize};

use super::Config;
use super::units::Span;
use crate::event::text;

/// `[context]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what goes where is switched independently"
)]
pub struct Context {
    /// Find threat actors, malware, techniques and markings in articles.
    pub enabled: bool,
    /// Also tag what an article merely mentions.
    pub mentions: bool,
    /// Galaxy tags an event gets from its article, at most. Over it, subjects go first, then techniques.
    pub limit: usize,
    /// Galaxies that tags are taken from. Where a name stands in several, the first of them counts.
    pub galaxies: Vec<String>,
    /// Tag the cluster of ATT&CK's own galaxies besides, where a name has one.
    pub attack: bool,
    /// Tags and galaxies that are never set: `misp-galaxy:tool="Empire"`, `sector`.
    pub never: Vec<String>,
    /// Let a TLP marking in the article replace a less restrictive one of the feed or of `event.tags`.
    pub tlp: bool,
    /// Show techniques in the report as MISP's own references to their tags.
    pub report_references: bool,
    /// End the report with the tags and the sentence that earned each.
    pub report: bool,
    /// Tags of one's own.
    pub rules: Vec<Rule>,
    /// Articles that speak of the same thing within this time are related. `0s`: none are.
    pub same_story: Span,
    /// Let the event of a later article extend the event of the earlier one it has most in common with.
    pub same_story_extends: bool,
}

/// One of `context.rules`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// Words, in any case, or a regular expression between slashes.
    pub pattern: String,
    /// The tag of articles that have it.
    pub tag: String,
    /// Titles or URLs of the feeds it is for. Empty: all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub feeds: Vec<String>,
}

impl Default for Context {
    fn default() -> Self {
        let galaxies = crate::context::DEFAULT_GALAXIES.iter();
        Self {
            enabled: true,
            mentions: false,
            limit: 60,
            galaxies: galaxies.map(|&kind| kind.to_owned()).collect(),
            attack: true,
            never: Vec::new(),
            tlp: true,
            report_references: true,
            report: true,
            rules: Vec::new(),
            same_story: Span::days(7),
            same_story_extends: false,
        }
    }
}

/// The faults of this section.
pub(super) fn check(config: &Config, faults: &mut Vec<String>) {
    let settings = &config.context;
    if !(1..=500).contains(&settings.limit) {
        faults.push(format!(
            "`context.limit` must be between 1 and 500, not {}; to set no tags set `context.enabled = false`",
            settings.limit
        ));
    }
    let longest = Span::days(90);
    if settings.same_story > longest {
        faults.push(format!(
            "`context.same_story` ({}) must be at most {longest}: it is for news of the same days",
            settings.same_story
        ));
    }
    for (key, entries) in [
        ("context.galaxies", &settings.galaxies),
        ("context.never", &settings.never),
    ] {
        if entries.iter().any(|entry| entry.trim().is_empty()) {
            faults.push(format!("`{key}` has an empty entry"));
        }
    }
    // With rules it may be meant so.
    if settings.enabled && settings.galaxies.is_empty() && settings.rules.is_empty() {
        let fault = "`context.galaxies` is empty, so no name would be found; leave it out for the usual galaxies, or set \
                     `context.enabled = false`";
        faults.push(fault.into());
    }
    let before = faults.len();
    for (number, rule) in settings.rules.iter().enumerate() {
        faults.extend(fault(rule).map(|fault| format!("`context.rules[{number}]`: {fault}")));
    }
    if faults.len() == before {
        faults.extend(crate::context::rules(settings).err());
    }
}

/// What is wrong with a rule, its pattern aside.
fn fault(rule: &Rule) -> Option<String> {
    if rule.pattern.trim().is_empty() {
        return Some("`pattern` is empty".into());
    }
    if rule.feeds.iter().any(|feed| feed.trim().is_empty()) {
        return Some("`feeds` has an empty entry; name a feed by its title or URL, or leave `feeds` out for all".into());
    }
    text::tag_fault(&rule.tag).map(|fault| format!("`tag`: {fault}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_name_their_key() {
        for (text, key) in [
            ("limit = 0", "`context.limit`"),
            ("same_story = \"91d\"", "`context.same_story`"),
            ("never = [\" \"]", "`context.never`"),
            ("galaxies = [\"\"]", "`context.galaxies`"),
            ("galaxies = []", "`context.galaxies`"),
            (
                "rules = [{ pattern = \"a\", tag = \"a\", feeds = [\"X\", \"\"] }]",
                "`context.rules[0]`: `feeds`",
            ),
            (
                "rules = [{ pattern = \"//\", tag = \"a\" }]",
                "`context.rules`: rule 1 (`//`)",
            ),
            (
                "rules = [{ pattern = \"!!!\", tag = \"a\" }]",
                "`context.rules`: rule 1 (`!!!`)",
            ),
            (
                "rules = [{ pattern = \"\", tag = \"a\" }]",
                "`context.rules[0]`: `pattern`",
            ),
            (
                "rules = [{ pattern = \"a\", tag = \"a\" }, { pattern = \"b\" }]",
                "`context.rules[1]`: `tag`",
            ),
            (
                "rules = [{ pattern = \"a\", tag = \"two\\nlines\" }]",
                "`context.rules[0]`: `tag`",
            ),
            (
                "rules = [{ pattern = \"/(/\", tag = \"a\" }]",
                "`context.rules`: rule 1 (`/(/`)",
            ),
        ] {
            let config: Config = toml::from_str(&format!("[context]\n{text}")).unwrap();
            let mut faults = Vec::new();
            check(&config, &mut faults);
            assert!(
                faults.len() == 1 && faults[0].starts_with(key),
                "{text}: {faults:?}"
            );
        }
    }

    #[test]
    fn no_galaxies_may_be_meant_so() {
        for other in [
            "enabled = false",
            "rules = [{ pattern = \"a\", tag = \"a\" }]",
        ] {
            let text = format!("[context]\ngalaxies = []\n{other}");
            let mut faults = Vec::new();
            check(&toml::from_str(&text).unwrap(), &mut faults);
            assert_eq!(faults, [""; 0], "{other}");
        }
    }

    #[test]
    fn a_rule_is_read_with_and_without_feeds() {
        let text = r#"[context]
            rules = [{ pattern = "acme", tag = "watch:acme" }, { pattern = "/x+/", tag = "t", feeds = ["Blog"] }]"#;
        let config: Config = toml::from_str(text).unwrap();
        assert!(config.context.rules[0].feeds.is_empty());
        assert_eq!(config.context.rules[1].feeds, ["Blog"]);
        let wrong = text.replace("pattern", "patern");
        assert!(toml::from_str::<Config>(&wrong).is_err());
    }
}
