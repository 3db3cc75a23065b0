//! The matcher of the moment: as configured, with the knowledge in use.

use std::sync::{Arc, Mutex, PoisonError};

use super::matcher::{Matcher, Settings};
use super::rules::{self, Rules};
use crate::config;
use crate::config::Config;
use crate::knowledge::Knowledge;
use crate::knowledge::store::Store;

/// Gives out matchers. One is kept as long as the knowledge is the same.
#[derive(Debug)]
pub struct Matchers {
    store: Store,
    settings: Settings,
    known: Mutex<Option<(Arc<Knowledge>, Matcher)>>,
}

impl Matchers {
    /// As configured. The fault names the rule that cannot be used.
    pub fn new(config: &Config) -> Result<Self, String> {
        Ok(Self {
            store: Store::of(config),
            settings: Settings {
                galaxies: config.context.galaxies.clone(),
                attack: config.context.attack,
                rules: rules(&config.context)?,
            },
            known: Mutex::default(),
        })
    }

    /// The matcher. Takes some milliseconds the first time and after an update of the knowledge.
    pub fn matcher(&self) -> Matcher {
        let knowledge = self.store.state().knowledge;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.as_ref() {
            Some((before, matcher)) if Arc::ptr_eq(before, &knowledge) => matcher.clone(),
            _ => {
                self.name_unknown(&knowledge);
                let matcher = Matcher::new(Arc::clone(&knowledge), self.settings.clone());
                *known = Some((knowledge, matcher.clone()));
                matcher
            }
        }
    }

    /// A galaxy may be one of the server's own that an update brings, so an unknown one is no fault.
    fn name_unknown(&self, knowledge: &Knowledge) {
        let unknown = unknown(&self.settings.galaxies, knowledge);
        if !unknown.is_empty() {
            let galaxies = unknown.join(", ");
            tracing::warn!(
                galaxies,
                "`context.galaxies` has galaxies that are not known; `gleaner knowledge status` lists those that are"
            );
        }
    }
}

/// What the settings name that is not known, in a line each.
pub fn unknown_names(settings: &config::Context, knowledge: &Knowledge) -> Vec<String> {
    let galaxies = unknown(&settings.galaxies, knowledge).into_iter();
    let galaxies = galaxies.map(|kind| format!("`context.galaxies`: no galaxy `{kind}` is known"));
    let never = settings.never.iter();
    let never = never.map(|one| one.trim().to_lowercase());
    // Others are tags, which rules of one's own may set.
    let kinds: Vec<String> = never.filter(|one| !one.contains([':', '='])).collect();
    let never = unknown(&kinds, knowledge).into_iter();
    let never = never.map(|kind| {
        format!("`context.never`: no galaxy `{kind}` is known; a tag is named whole, like `misp-galaxy:sector=\"Bank\"`")
    });
    galaxies.chain(never).collect()
}

/// The galaxies of a configuration that are not known.
fn unknown<'a>(galaxies: &'a [String], knowledge: &Knowledge) -> Vec<&'a str> {
    let known = |kind: &str| knowledge.galaxies.iter().any(|known| &*known.kind == kind);
    let all = galaxies.iter().map(String::as_str);
    all.filter(|kind| !known(kind)).collect()
}

/// The rules of one's own, compiled. The fault names the rule.
pub(crate) fn rules(settings: &config::Context) -> Result<Rules, String> {
    let rules: Vec<rules::Rule> = settings
        .rules
        .iter()
        .map(|rule| rules::Rule {
            pattern: rule.pattern.clone(),
            tag: rule.tag.clone(),
            feeds: rule.feeds.clone(),
        })
        .collect();
    Rules::new(&rules).map_err(|error| format!("`context.rules`: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn galaxies_that_nobody_knows_are_named() {
        let knowledge = Knowledge::builtin();
        let defaults = Settings::default().galaxies;
        assert_eq!(unknown(&defaults, &knowledge), [""; 0]);
        let wrong = ["threat-actor".to_owned(), "thread-actor".to_owned()];
        assert_eq!(unknown(&wrong, &knowledge), ["thread-actor"]);
    }
}
