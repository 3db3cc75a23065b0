//! Which of an article's tags its event gets.

use std::collections::HashSet;

use super::{ContextTag, Standing, Topic};
use crate::config;
use crate::event::{MAX_TAG, text};
use crate::plain;

/// What clusters' tags begin with.
const GALAXY: &str = "misp-galaxy:";

/// Names in one line for people.
const NAMED: usize = 6;

/// Longest of these names, in characters. Tags may be longer: the words go into lines of the log.
const MAX_NAME: usize = 60;

/// What is wanted of what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Also what is merely mentioned.
    pub mentions: bool,
    /// Galaxy tags, at most.
    pub limit: usize,
    /// Tags and galaxies that are never set, in any case.
    pub never: Vec<String>,
    /// Markings too.
    pub markings: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            mentions: false,
            limit: 60,
            never: Vec::new(),
            markings: true,
        }
    }
}

/// The tags that an event gets, and what was left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choice {
    /// Subjects, techniques, mentions, then tags by rules of one's own and markings; each tag once.
    pub tags: Vec<ContextTag>,
    /// What the limit cut, for people.
    pub note: Option<String>,
}

impl Choice {
    /// Chooses. Galaxy tags without a cluster are left out: they would be inventions.
    pub fn of(found: Vec<ContextTag>, wanted: &Wanted) -> Self {
        let mut seen = HashSet::new();
        let mut tags: Vec<ContextTag> = found.into_iter().filter(|it| wanted.wants(it)).collect();
        // Stable: within its group each stays where the matcher put it.
        tags.sort_by_key(group);
        tags.retain(|tag| seen.insert(tag.tag.to_lowercase()));
        let galaxies = tags.iter().filter(|tag| is_limited(tag)).count();
        let cut = galaxies.saturating_sub(wanted.limit);
        if cut == 0 {
            return Self { tags, note: None };
        }
        let mut room = wanted.limit;
        tags.retain(|tag| {
            if !is_limited(tag) {
                return true;
            }
            let fits = room > 0;
            room = room.saturating_sub(1);
            fits
        });
        let limit = wanted.limit;
        let note = format!(
            "{cut} of {galaxies} galaxy tags left out, over the limit of {limit} (context.limit)"
        );
        Self {
            tags,
            note: Some(note),
        }
    }

    /// In a few words: `tags: APT28, Emotet, 7 techniques`. `None` without any. Markings are left out: whether one
    /// stands is decided when the event is built.
    pub fn summary(&self) -> Option<String> {
        let (techniques, others): (Vec<_>, Vec<_>) = self
            .tags
            .iter()
            .filter(|tag| tag.topic != Topic::Marking)
            .partition(|tag| tag.topic == Topic::Technique);
        let mut words: Vec<String> = others
            .iter()
            .take(NAMED)
            .map(|tag| plain::short(name(&tag.tag), MAX_NAME))
            .collect();
        if others.len() > NAMED {
            words.push(format!("{} more", others.len() - NAMED));
        }
        match techniques.len() {
            0 => {}
            1 => words.push("1 technique".into()),
            count => words.push(format!("{count} techniques")),
        }
        (!words.is_empty()).then(|| format!("tags: {}", words.join(", ")))
    }
}

impl Wanted {
    /// As configured; `mentions` asks for these in any case.
    pub fn of(settings: &config::Context, mentions: bool) -> Self {
        Self {
            mentions: mentions || settings.mentions,
            limit: settings.limit,
            never: settings.never.clone(),
            markings: settings.tlp,
        }
    }

    fn wants(&self, tag: &ContextTag) -> bool {
        let standing = tag.standing == Standing::Subject;
        let good = match tag.topic {
            Topic::Rule => true,
            Topic::Marking => self.markings && standing,
            _ => tag.cluster.is_some() && is_storable(&tag.tag) && (standing || self.mentions),
        };
        good && !self.never_sets(tag)
    }

    /// Whether a tag is one of those that are never set.
    pub fn never_sets(&self, tag: &ContextTag) -> bool {
        self.never.iter().any(|never| is_named(&tag.tag, never))
    }
}

/// Whether MISP can store this very name: any other would be none of the cluster's.
fn is_storable(tag: &str) -> bool {
    !tag.contains(char::is_control) && text::storable(tag) == tag && tag.chars().count() <= MAX_TAG
}

/// Whether an entry of `context.never` names this tag, or its galaxy.
fn is_named(tag: &str, entry: &str) -> bool {
    let entry = entry.trim();
    let bare = entry.strip_prefix(GALAXY).unwrap_or(entry);
    let galaxy = tag
        .strip_prefix(GALAXY)
        .and_then(|rest| rest.split_once('='))
        .map(|(galaxy, _)| galaxy);
    tag.eq_ignore_ascii_case(entry) || galaxy.is_some_and(|it| it.eq_ignore_ascii_case(bare))
}

fn is_limited(tag: &ContextTag) -> bool {
    !matches!(tag.topic, Topic::Rule | Topic::Marking)
}

/// Which comes first on the event, and stays when there are too many.
fn group(tag: &ContextTag) -> u8 {
    match (tag.topic, tag.standing) {
        (Topic::Marking, _) => 4,
        (Topic::Rule, _) => 3,
        (Topic::Technique, Standing::Subject) => 1,
        (_, Standing::Subject) => 0,
        (_, Standing::Mention) => 2,
    }
}

/// The name in a tag: what stands between the quotes, if there are any.
pub fn name(tag: &str) -> &str {
    let value = tag
        .strip_suffix('"')
        .and_then(|tag| tag.split_once("=\""))
        .map(|(_, value)| value);
    value.filter(|value| !value.is_empty()).unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::samples::{cluster, tag};

    #[test]
    fn a_tag_that_cannot_be_stored_as_it_is_is_left_out() {
        let long = "L".repeat(255);
        let all = [
            "BarRax  Ransomware",
            "two\nlines",
            "\u{1b}[31mRed",
            "Emo\u{1F600}ji",
            &long,
        ];
        let found = all.map(|name| cluster("ransomware", name, Topic::Malware, Standing::Subject));
        let choice = Choice::of(found.into(), &Wanted::default());
        assert_eq!(names(&choice), ["BarRax  Ransomware"]);
    }

    fn names(choice: &Choice) -> Vec<&str> {
        choice.tags.iter().map(|tag| name(&tag.tag)).collect()
    }

    fn found() -> Vec<ContextTag> {
        vec![
            tag("tlp:amber", Topic::Marking, Standing::Subject),
            tag("watch:acme", Topic::Rule, Standing::Subject),
            cluster("malpedia", "Qakbot", Topic::Malware, Standing::Mention),
            cluster(
                "mitre-attack-pattern",
                "Phishing - T1566",
                Topic::Technique,
                Standing::Subject,
            ),
            cluster(
                "mitre-attack-pattern",
                "Keylogging - T1056.001",
                Topic::Technique,
                Standing::Mention,
            ),
            cluster("malpedia", "Emotet", Topic::Malware, Standing::Subject),
            cluster("threat-actor", "APT28", Topic::Actor, Standing::Subject),
            cluster("malpedia", "Emotet", Topic::Malware, Standing::Mention),
            cluster("threat-actor", "apt28", Topic::Actor, Standing::Subject),
        ]
    }

    #[test]
    fn subjects_come_first_and_mentions_only_on_request() {
        let choice = Choice::of(found(), &Wanted::default());
        let expected = [
            "Emotet",
            "APT28",
            "Phishing - T1566",
            "watch:acme",
            "tlp:amber",
        ];
        assert_eq!((names(&choice), &choice.note), (expected.to_vec(), &None));
        let all = Wanted {
            mentions: true,
            ..Wanted::default()
        };
        assert_eq!(
            names(&Choice::of(found(), &all)),
            [
                "Emotet",
                "APT28",
                "Phishing - T1566",
                "Qakbot",
                "Keylogging - T1056.001",
                "watch:acme",
                "tlp:amber"
            ]
        );
    }

    #[test]
    fn what_is_never_wanted_is_left_out() {
        for (never, expected) in [
            ("misp-galaxy:threat-actor=\"apt28\"", "Emotet"),
            ("Threat-Actor", "Emotet"),
            ("misp-galaxy:malpedia", "APT28"),
        ] {
            let wanted = Wanted {
                never: vec![never.into()],
                ..Wanted::default()
            };
            let choice = Choice::of(found(), &wanted);
            let others = [expected, "Phishing - T1566", "watch:acme", "tlp:amber"];
            assert_eq!(names(&choice), others, "{never}");
        }
        let wanted = Wanted {
            markings: false,
            never: vec!["watch:acme".into()],
            ..Wanted::default()
        };
        let choice = Choice::of(found(), &wanted);
        assert_eq!(names(&choice), ["Emotet", "APT28", "Phishing - T1566"]);
    }

    #[test]
    fn a_galaxy_tag_without_its_cluster_is_an_invention() {
        let mut invented = found();
        for tag in &mut invented {
            tag.cluster = None;
        }
        let choice = Choice::of(invented, &Wanted::default());
        assert_eq!(names(&choice), ["watch:acme", "tlp:amber"]);
    }

    #[test]
    fn too_many_are_cut_and_said() {
        let wanted = Wanted {
            limit: 2,
            ..Wanted::default()
        };
        let choice = Choice::of(found(), &wanted);
        assert_eq!(
            names(&choice),
            ["Emotet", "APT28", "watch:acme", "tlp:amber"]
        );
        let note = "1 of 3 galaxy tags left out, over the limit of 2 (context.limit)";
        assert_eq!(choice.note.as_deref(), Some(note));
    }

    #[test]
    fn the_summary_names_subjects_and_counts_techniques() {
        let choice = Choice::of(found(), &Wanted::default());
        assert_eq!(
            choice.summary().as_deref(),
            Some("tags: Emotet, APT28, watch:acme, 1 technique")
        );
        assert_eq!(Choice::default().summary(), None);
        let long = "LongName".repeat(24);
        let found = cluster("malpedia", &long, Topic::Malware, Standing::Subject);
        let summary = Choice::of(vec![found], &Wanted::default())
            .summary()
            .unwrap();
        assert_eq!(summary.chars().count(), "tags: ".len() + MAX_NAME);
        assert!(summary.ends_with('…'), "{summary}");
        let many = (0..9).map(|n| {
            let name = format!("Family {n}");
            cluster("malpedia", &name, Topic::Malware, Standing::Subject)
        });
        let choice = Choice::of(many.collect(), &Wanted::default());
        assert!(choice.summary().unwrap().ends_with("Family 5, 3 more"));
    }
}
