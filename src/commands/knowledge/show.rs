//! `knowledge show NAME`: the clusters that carry a name, whether it is a common word, what it counts for in an article, and
//! the warninglists that have it if it is a value.

use std::collections::HashSet;
use std::io::Write;

use serde_json::{Value, json};

use super::super::text::{clean, write_json};
use crate::context::{Explained, Meaning as Taken, Needs, Topic};
use crate::indicators::warninglists::{Action, Warninglists};
use crate::indicators::{Kind, scan};
use crate::knowledge::lookup::Called;
use crate::knowledge::store::State;
use crate::knowledge::{Cluster, words};

/// What a name means.
struct Meaning<'a> {
    name: &'a str,
    clusters: Vec<Bearer<'a>>,
    is_word: bool,
    is_name: bool,
    values: Vec<(Kind, String, Vec<String>)>,
    /// What the matcher makes of it.
    explained: Option<Explained>,
}

/// A cluster that carries it.
struct Bearer<'a> {
    cluster: &'a Cluster,
    galaxy: &'a str,
    tag: String,
    how: Called,
}

/// Runs the command.
pub(super) fn run(
    state: &State,
    name: &str,
    explained: Option<Explained>,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let meaning = Meaning {
        explained,
        ..Meaning::of(state, name.trim())
    };
    if json {
        write_json(out, &meaning.as_json())?;
    } else {
        meaning.as_text(out)?;
    }
    Ok(())
}

impl<'a> Meaning<'a> {
    fn of(state: &'a State, name: &'a str) -> Self {
        let knowledge = &state.knowledge;
        let called = knowledge.called(name).into_iter();
        let clusters = called.filter_map(|(_, cluster, how)| {
            Some(Bearer {
                cluster,
                galaxy: &knowledge.galaxy(cluster)?.name,
                tag: knowledge.tag(cluster)?,
                how,
            })
        });
        Self {
            name,
            clusters: clusters.collect(),
            is_word: words::is_word(name),
            is_name: words::is_name(name),
            values: values(state, name),
            explained: None,
        }
    }

    fn as_json(&self) -> Value {
        let clusters = self.clusters.iter().map(|one| {
            json!({
                "tag": one.tag,
                "galaxy": one.galaxy,
                "as": one.how,
                "uuid": one.cluster.uuid,
                "synonyms": one.cluster.synonyms,
                "ids": one.cluster.ids,
            })
        });
        let values = self.values.iter().map(|(kind, value, lists)| {
            json!({"type": kind.as_str(), "value": value, "warninglists": lists})
        });
        let in_articles = self.explained.as_ref().map(|it| {
            json!({
                "counts": (!is_technique(it) && !is_target(it)).then(|| counts(it.needs)),
                "stands_for": tags(it),
                "term_for": it.term,
            })
        });
        json!({
            "in_articles": in_articles,
            "name": self.name,
            "clusters": clusters.collect::<Vec<_>>(),
            "is_word": self.is_word,
            "is_name": self.is_name,
            "values": values.collect::<Vec<_>>(),
        })
    }

    fn as_text(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let name = clean(self.name);
        if self.clusters.is_empty() && self.values.is_empty() {
            writeln!(out, "{name}: no galaxy has this name")?;
        }
        for one in &self.clusters {
            writeln!(out, "{}", clean(&one.tag))?;
            let how = match one.how {
                Called::Name => "its name",
                Called::Synonym => "a synonym",
                Called::Id => "its id",
            };
            writeln!(
                out,
                "  galaxy    {}, of which this is {how}",
                clean(one.galaxy)
            )?;
            writeln!(out, "  uuid      {}", one.cluster.uuid)?;
            for (what, texts) in [
                ("ids", &one.cluster.ids),
                ("synonyms", &one.cluster.synonyms),
            ] {
                if !texts.is_empty() {
                    writeln!(out, "  {what:<9} {}", clean(&texts.join(", ")))?;
                }
            }
        }
        if self.is_word {
            writeln!(out, "also an English word")?;
        } else if self.is_name {
            writeln!(out, "also a name in an English dictionary")?;
        }
        if let Some(explained) = &self.explained {
            in_articles(explained, out)?;
        }
        for (kind, value, lists) in &self.values {
            let on = if lists.is_empty() {
                "on no warninglist".to_owned()
            } else {
                format!("on {}", lists.join(", "))
            };
            writeln!(out, "{} {}: {}", kind.as_str(), clean(value), clean(&on))?;
        }
        Ok(())
    }
}

/// When a name counts in an article, in a word.
const fn counts(needs: Needs) -> &'static str {
    match needs {
        Needs::Nothing => "always",
        Needs::Evidence => "with evidence",
        Needs::Never => "never",
    }
}

/// Whether only techniques have the name; they count by rules of their own.
fn is_technique(explained: &Explained) -> bool {
    let technique = |one: &Taken| one.topic == Topic::Technique;
    explained.clusters.iter().all(technique)
}

/// What a name may stand for, the first first.
fn tags(explained: &Explained) -> Vec<&str> {
    let tags = explained.clusters.iter().map(|one| one.tag.as_str());
    let mut seen = HashSet::new();
    tags.filter(|tag| seen.insert(*tag)).collect()
}

/// The same for people, with what is called so only together with a noun.
fn meanings(explained: &Explained) -> String {
    let meaning = |tag: &str| {
        let mut same = explained.clusters.iter().filter(|one| one.tag == tag);
        let is_short = same.all(|one| one.is_short);
        let note = if is_short {
            " (with the noun of its name)"
        } else {
            ""
        };
        format!("{tag}{note}")
    };
    let all: Vec<String> = tags(explained).into_iter().map(meaning).collect();
    all.join(", else ")
}

/// Whether countries and sectors alone have the name: they count by what is said of them.
fn is_target(explained: &Explained) -> bool {
    let target = |one: &Taken| matches!(one.topic, Topic::Sector | Topic::Target);
    explained.clusters.iter().all(target)
}

/// What the matcher makes of the name, for people.
fn in_articles(explained: &Explained, out: &mut dyn Write) -> std::io::Result<()> {
    if is_target(explained) && !explained.clusters.is_empty() {
        writeln!(out, "in articles   counts where it is said to be attacked")?;
        writeln!(out, "              as {}", clean(&meanings(explained)))?;
    } else if !is_technique(explained) {
        let why = match explained.needs {
            Needs::Nothing => "",
            Needs::Evidence => " (a noun beside it, an introduction, company)",
            Needs::Never => " (of itself: too common)",
        };
        writeln!(out, "in articles   counts {}{why}", counts(explained.needs))?;
        // The first first; what never counts stands for nothing.
        if explained.needs != Needs::Never {
            writeln!(out, "              as {}", clean(&meanings(explained)))?;
        }
    }
    if let Some(term) = &explained.term {
        writeln!(out, "in articles   a term of art for {}", clean(term))?;
    }
    Ok(())
}

/// The values in the name, if it is one: a host, an address, a hash; each with the lists that have it.
fn values(state: &State, name: &str) -> Vec<(Kind, String, Vec<String>)> {
    let found = scan(name).into_iter();
    let whole = found.filter(|find| find.span == (0..name.len()) && !find.kind.is_context());
    let values: Vec<(Kind, String)> = whole.map(|find| (find.kind, find.value)).collect();
    if values.is_empty() {
        return Vec::new();
    }
    let mut seen: Vec<&str> = Vec::new();
    let mut builder = Warninglists::builder();
    for pack in &state.warninglists {
        builder = builder.packed(pack, |list| {
            let new = !seen.contains(&list);
            new.then_some(Action::Flag)
        });
        seen.extend(pack.lists().iter().map(|list| list.name.as_str()));
    }
    let lists = builder.build();
    let on = |kind, value: &str| -> Vec<String> {
        let hits = lists.hits(kind, value).into_iter();
        hits.map(|hit| format!("\"{}\"", hit.list)).collect()
    };
    (values.into_iter())
        .map(|(kind, value)| {
            let lists = on(kind, &value);
            (kind, value, lists)
        })
        .collect()
}
