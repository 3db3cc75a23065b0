//! From an article to its tags.

use std::collections::HashSet;
use std::sync::Arc;

use url::Url;

use super::entities::{Entity, entities};
use super::lexicon::{Class, Lexicon, Role};
use super::names::Key;
use super::reading::{Reading, Spot, Zone, read};
use super::rules::Rules;
use super::sentences::{sentence, shown};
use super::targets::targets;
use super::techniques::{Basis, techniques};
use super::{ContextTag, Place, Standing, Topic, markings};
use crate::article::blocks::Block;
use crate::knowledge::{ClusterId, Knowledge};

/// Galaxies that tags are taken from, the preferred first.
pub const DEFAULT_GALAXIES: &[&str] = &[
    "threat-actor",
    "mitre-intrusion-set",
    "microsoft-activity-group",
    "ransomware",
    "malpedia",
    "mitre-malware",
    "mitre-tool",
    "tool",
    "rat",
    "stealer",
    "banker",
    "botnet",
    "backdoor",
    "cryptominers",
    "exploit-kit",
    "tds",
    "android",
    "mitre-enterprise-attack-malware",
    "mitre-attack-pattern",
    "mitre-ics-techniques",
    "target-information",
    "sector",
];

/// Most places of a tag that are handed on.
const MAX_PLACES: usize = 50;

/// How tags are chosen.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Kinds of the galaxies that tags are taken from, the preferred first.
    pub galaxies: Vec<String>,
    /// Whether ATT&CK's own cluster of a name is tagged besides.
    pub attack: bool,
    /// Rules of one's own.
    pub rules: Rules,
}

impl Default for Settings {
    fn default() -> Self {
        let galaxies = DEFAULT_GALAXIES
            .iter()
            .map(|kind| (*kind).to_owned())
            .collect();
        Self {
            galaxies,
            attack: true,
            rules: Rules::default(),
        }
    }
}

/// An article, to be matched.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// Where it stands on the web.
    pub url: Option<&'a Url>,
    /// Its title; empty when it has none.
    pub title: &'a str,
    /// What its feed and its page say it is about, in a word or two each.
    pub labels: &'a [String],
    /// The feed it came with, by title and URL, for rules of one's own.
    pub feed: &'a [&'a str],
    /// Its text.
    pub blocks: &'a [Block],
}

/// Matches articles with what is known of names. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Matcher(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    knowledge: Arc<Knowledge>,
    lexicon: Lexicon,
    settings: Settings,
}

impl Matcher {
    /// Builds the index of all names.
    pub fn new(knowledge: Arc<Knowledge>, settings: Settings) -> Self {
        let lexicon = Lexicon::new(&knowledge, &settings);
        Self(Arc::new(Inner {
            knowledge,
            lexicon,
            settings,
        }))
    }

    /// What an article is about and what it mentions: its marking, actors, malware and tools, techniques, countries and
    /// sectors, rules; each part in order of appearance, every tag once. Takes time in proportion to the article's length.
    pub fn tags(&self, article: &Document<'_>) -> Vec<ContextTag> {
        let Inner {
            knowledge,
            lexicon,
            settings,
        } = &*self.0;
        let reading = read(lexicon, article);
        let mut writer = Writer {
            knowledge,
            reading: &reading,
            tags: Vec::new(),
        };
        writer.marking(article);
        let mut entities = entities(knowledge, lexicon, &reading, article.labels);
        for entity in &mut entities {
            if !settings.attack && !entity.tie {
                entity.clusters.truncate(1);
            }
            writer.entity(entity);
        }
        for one in techniques(knowledge, lexicon, &reading, &entities) {
            let reason = match one.basis {
                Basis::Id => "named by its ATT&CK id",
                Basis::Link => "a link to its page of ATT&CK",
                Basis::Name => "named as ATT&CK spells it",
                Basis::Term => "a term of art for it",
                Basis::Deed => "what its sentence says is done",
                Basis::Ransomware => "what the ransomware does that the article is about",
            };
            if let Some(shown) = writer.shown(&one.spots) {
                let topic = Topic::Technique;
                writer.push(one.cluster, topic, one.standing, reason.into(), shown);
            }
        }
        for one in targets(lexicon, &reading, &entities) {
            if let Some(shown) = writer.shown(&one.spots) {
                let reason = "said to be attacked".into();
                writer.push(one.cluster, one.topic, one.standing, reason, shown);
            }
        }
        for found in settings
            .rules
            .matches(article.feed, article.title, article.blocks)
        {
            writer.rule(&found);
        }
        let mut seen = HashSet::new();
        writer.tags.sort_by_key(|tag| tag.standing);
        writer.tags.retain(|tag| seen.insert(tag.tag.clone()));
        writer.tags.sort_by_key(|tag| order(tag.topic));
        writer.tags
    }

    /// How many names stand in a text, whatever they mean there. Finding them is part of [`tags`](Self::tags).
    pub fn names(&self, text: &str) -> usize {
        let mut count = 0;
        self.0.lexicon.index.find(text, |_| count += 1);
        count
    }

    /// What a name means to the matcher: how much evidence it needs, and what it may stand for.
    pub fn explain(&self, name: &str) -> Option<Explained> {
        let Inner {
            knowledge, lexicon, ..
        } = &*self.0;
        let id = lexicon.index.get(&Key::of(name).bytes)?;
        let known = lexicon.name(id)?;
        let needs = match known.class {
            Class::Never => Needs::Never,
            Class::Common => Needs::Evidence,
            Class::Own => Needs::Nothing,
        };
        let clusters = lexicon.candidates(id).iter().filter_map(|one| {
            let tag = knowledge.tag(knowledge.cluster(one.cluster)?)?;
            Some(Meaning {
                tag,
                topic: one.topic,
                is_own_name: one.role == Role::Value,
                is_short: one.role == Role::Short,
            })
        });
        let term = known
            .term
            .and_then(|(cluster, _)| knowledge.tag(knowledge.cluster(cluster)?));
        Some(Explained {
            needs,
            clusters: clusters.collect(),
            term,
        })
    }
}

/// What a name means to the matcher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// What it takes until it counts as an actor's, malware's or tool's.
    pub needs: Needs,
    /// What it may stand for, the preferred galaxies first.
    pub clusters: Vec<Meaning>,
    /// Tag of the technique it is a term of art for.
    pub term: Option<String>,
}

/// One of the clusters a name may stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// Its tag.
    pub tag: String,
    /// What it is.
    pub topic: Topic,
    /// Whether it is the cluster's name, or one of its synonyms or ids.
    pub is_own_name: bool,
    /// Whether it is one of these without the noun that says what it is: `Royal` of `Royal APT`.
    pub is_short: bool,
}

/// What it takes until a name counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// It always does.
    Nothing,
    /// It is a word besides: `Royal ransomware`, `dubbed Royal`.
    Evidence,
    /// It is never taken from prose.
    Never,
}

/// Order of topics.
const fn order(topic: Topic) -> u8 {
    match topic {
        Topic::Marking => 0,
        Topic::Actor => 1,
        Topic::Malware => 2,
        Topic::Tool => 3,
        Topic::Technique => 4,
        Topic::Target => 5,
        Topic::Sector => 6,
        Topic::Rule => 7,
    }
}

struct Writer<'a> {
    knowledge: &'a Knowledge,
    reading: &'a Reading<'a>,
    tags: Vec<ContextTag>,
}

impl Writer<'_> {
    fn marking(&mut self, article: &Document<'_>) {
        if let Some((tag, block, span, text)) =
            markings::marking(&self.reading.texts, &self.reading.marked, article.blocks)
        {
            let range = sentence(text, &span);
            self.tags.push(ContextTag {
                tag: tag.into(),
                cluster: None,
                topic: Topic::Marking,
                standing: Standing::Subject,
                reason: "the article is marked so".into(),
                sentence: shown(text, &range),
                places: vec![Place { block, span }],
            });
        }
    }

    fn rule(&mut self, found: &super::rules::Match<'_>) {
        let at = found.block.map_or(0, |block| block + 1);
        let text = self.reading.texts.get(at).map_or("", |text| text);
        self.tags.push(ContextTag {
            tag: found.rule.tag.clone(),
            cluster: None,
            topic: Topic::Rule,
            standing: Standing::Subject,
            reason: format!("matches the rule `{}`", found.rule.pattern),
            sentence: shown(text, &sentence(text, &found.span)),
            places: vec![Place {
                block: found.block,
                span: found.span.clone(),
            }],
        });
    }

    fn entity(&mut self, entity: &Entity) {
        let mut reason = self.counted(&entity.spots);
        if entity.evident {
            reason.push_str(", with wording that makes it a name");
        }
        if entity.is_labelled {
            reason.push_str(", and a label of its feed or page");
        }
        if entity.tie {
            let tags: Vec<String> = entity
                .clusters
                .iter()
                .filter_map(|id| self.tag(*id))
                .collect();
            reason = format!(
                "{reason}; the article does not tell which of {} it is",
                tags.join(" and ")
            );
        }
        let Some(shown) = self.shown(&entity.spots) else {
            return;
        };
        for cluster in &entity.clusters {
            let topic = if entity.topic == Topic::Actor {
                Topic::Actor
            } else {
                self.topic(*cluster).unwrap_or(entity.topic)
            };
            self.push(
                *cluster,
                topic,
                entity.standing,
                reason.clone(),
                shown.clone(),
            );
        }
    }

    fn topic(&self, cluster: ClusterId) -> Option<Topic> {
        let galaxy = self.knowledge.galaxy(self.knowledge.cluster(cluster)?)?;
        super::lexicon::topic(&galaxy.kind)
    }

    fn tag(&self, cluster: ClusterId) -> Option<String> {
        self.knowledge.tag(self.knowledge.cluster(cluster)?)
    }

    /// Where a name stands, for people.
    fn counted(&self, spots: &[usize]) -> String {
        let spots = || spots.iter().filter_map(|at| self.reading.spots.get(*at));
        let count = spots().count();
        let times = match count {
            1 => "once".to_owned(),
            2 => "twice".to_owned(),
            many => format!("{many} times"),
        };
        if spots().any(|spot| spot.zone == Zone::Title) {
            format!("named {times}, in the title too")
        } else if spots().any(|spot| spot.zone == Zone::Early) {
            format!("named {times}, in the first lines too")
        } else if spots().all(|spot| spot.others) {
            format!("named {times}, among others or for comparison")
        } else {
            format!("named {times}")
        }
    }

    /// The sentence that says most of what stands at these spots, and where they are, that of the sentence first.
    fn shown(&self, spots: &[usize]) -> Option<(String, Vec<Place>)> {
        // A sentence of the text says more than the title.
        let worth = |zone: Zone| match zone {
            Zone::Early | Zone::Body => 0,
            Zone::Title => 1,
            Zone::Heading => 2,
            Zone::Code | Zone::Aside => 3,
        };
        let spots = || spots.iter().filter_map(|at| self.reading.spots.get(*at));
        let best = |(n, spot): &(usize, &Spot)| (spot.others || spot.defence, worth(spot.zone), *n);
        let (best, spot) = spots().enumerate().min_by_key(best)?;
        let text = self.reading.text(spot);
        let others = spots().enumerate().filter(|(n, _)| *n != best);
        let places = std::iter::once(spot).chain(others.map(|(_, spot)| spot));
        let places = places.take(MAX_PLACES).map(|spot| Place {
            block: spot.block,
            span: spot.span.clone(),
        });
        let sentence = sentence(text, &spot.span);
        Some((shown(text, &sentence), places.collect()))
    }

    fn push(
        &mut self,
        cluster: ClusterId,
        topic: Topic,
        standing: Standing,
        reason: String,
        (sentence, places): (String, Vec<Place>),
    ) {
        let Some(known) = self.knowledge.cluster(cluster) else {
            return;
        };
        if let Some(tag) = self.knowledge.tag(known) {
            self.tags.push(ContextTag {
                tag,
                cluster: Some(known.uuid),
                topic,
                standing,
                reason,
                sentence,
                places,
            });
        }
    }
}
