//! What an article says, as an event's attributes, objects and report.
//!
//! Plain computation in proportion to the article, without anything of the feed or the configuration around it:
//! it can be done off the async threads, before tags are known.

mod cut;
mod hosts;
mod merge;

use std::collections::HashMap;

use uuid::Uuid;

use self::cut::{closing_lines, limited, refused_note};
use self::merge::merged;
use super::attributes::{Form, Typed, form};
use super::context::Outline;
use super::rows::{Draft, Member, drafts};
use super::templates::Template;
use super::types::category;
use super::{Attribute, INHERIT, Object, ObjectAttribute, ObjectReference, evidence, ids, text};
use crate::article::{Article, Mark, render_with};
use crate::context::ContextTag;
use crate::indicators::{Indicator, Origin, Verdict};

/// Room for what stands above the article in a report, the link aside, in bytes.
const HEAD: usize = 512;

/// How indicators become part of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Attributes, those of objects included, at most. Over it, values for detection go first.
    pub limit: usize,
    /// Whether web addresses that are references for the reader become `link` attributes.
    pub references: bool,
    /// Whether the report shows `@[attribute](uuid)` in place of a value, as MISP's viewer understands it.
    pub report_references: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            limit: 2_000,
            references: true,
            report_references: true,
        }
    }
}

/// What the report shows of the article's tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shown<'a> {
    /// Those of the event.
    pub tags: &'a [ContextTag],
    /// Whether tags are shown as references: techniques where they stand, and all in the list.
    pub references: bool,
    /// Whether the report ends with all tags and what earned each.
    pub list: bool,
}

/// The part of an event that is the article's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Content {
    /// Values that stand for themselves, in order of appearance.
    pub attributes: Vec<Attribute>,
    /// Values that belong together, in order of appearance.
    pub objects: Vec<Object>,
    /// The report: Markdown, [storable](text::storable).
    pub markdown: String,
    /// What was left out and why, one sentence each, for people.
    pub notes: Vec<String>,
}

impl From<String> for Content {
    /// A report alone.
    fn from(markdown: String) -> Self {
        Self {
            markdown,
            ..Self::default()
        }
    }
}

impl From<&str> for Content {
    fn from(markdown: &str) -> Self {
        markdown.to_owned().into()
    }
}

impl Content {
    /// Works out the content of the event for `link`, the article's canonical URL. `indicators` were judged on
    /// this article's blocks; the report has `max_report` bytes at most, what [`build`](super::build()) puts
    /// above it included.
    pub fn of(
        link: &str,
        article: &Article,
        indicators: &[Indicator],
        options: &Options,
        max_report: usize,
    ) -> Self {
        Self::with_tags(
            link,
            article,
            indicators,
            Shown::default(),
            options,
            max_report,
        )
    }

    /// The same for an event with tags that the article earned.
    pub fn with_tags(
        link: &str,
        article: &Article,
        indicators: &[Indicator],
        shown: Shown<'_>,
        options: &Options,
        max_report: usize,
    ) -> Self {
        let event = ids::event(link);
        Self::for_event(event, link, article, indicators, shown, options, max_report)
    }

    /// The same for an event of this UUID.
    pub fn for_event(
        event: Uuid,
        link: &str,
        article: &Article,
        indicators: &[Indicator],
        shown: Shown<'_>,
        options: &Options,
        max_report: usize,
    ) -> Self {
        let outline = Outline::of(&article.blocks);
        let mut maker = Maker {
            event,
            outline: &outline,
            indicators,
            references: vec![None; indicators.len()],
        };
        let (forms, refused) = maker.forms(options.references);
        let units = maker.units(&forms);
        let (kept, cut) = limited(units, options.limit);
        let cut = cut.note(options.limit);
        let mut content = maker.content(kept);
        content
            .attributes
            .extend(cut.clone().map(|note| maker.closing(note)));
        let mut marks = if options.report_references {
            maker.marks()
        } else {
            Vec::new()
        };
        // After those for values: of two for one link, the first counts.
        marks.extend(hosts::unlinked(&article.blocks, &outline, indicators));
        if shown.references {
            marks.extend(evidence::marks(article, shown.tags));
        }
        let mut closing = closing_lines(refused.len(), cut.as_deref());
        if shown.list {
            closing.push_str(&evidence::list(
                shown.tags,
                shown.references,
                max_report / 4,
            ));
        }
        let room = max_report.saturating_sub(closing.len() + link.len() + HEAD);
        content.markdown = render_with(&article.blocks, &marks, room);
        content.markdown.push_str(&closing);
        content.notes = refused_note(&refused).into_iter().chain(cut).collect();
        content
    }
}

/// What is kept or cut whole.
enum Part {
    Attribute {
        /// All that spell it.
        indicators: Vec<usize>,
        attribute: Attribute,
    },
    Object {
        object: Object,
        /// Which indicator each attribute is, and what refers to it in the report.
        shown: Vec<(usize, String)>,
        downloaded_from: Option<usize>,
    },
}

struct Unit {
    part: Part,
    verdict: Verdict,
    size: usize,
}

struct Maker<'a> {
    event: Uuid,
    outline: &'a Outline<'a>,
    indicators: &'a [Indicator],
    /// For each indicator, what stands for it in the report and where it is in the event.
    references: Vec<Option<(String, Uuid)>>,
}

impl Maker<'_> {
    /// What each indicator becomes, and what MISP would refuse.
    fn forms(&self, references: bool) -> (Vec<Option<Form>>, Vec<String>) {
        let mut refused = Vec::new();
        let forms = self.indicators.iter().map(|indicator| {
            form(indicator, references).unwrap_or_else(|reason| {
                let value = text::bounded(&text::line(&indicator.value), 60);
                refused.push(format!("{} `{value}` ({reason})", indicator.kind));
                None
            })
        });
        (forms.collect(), refused)
    }

    /// Objects and attributes in order of appearance; a value that is in an object is no attribute besides.
    fn units(&self, forms: &[Option<Form>]) -> Vec<Unit> {
        let drafts = drafts(self.outline, self.indicators, forms);
        let mut begins: HashMap<usize, Vec<&Draft>> = HashMap::new();
        let mut owned = vec![false; self.indicators.len()];
        for draft in &drafts {
            let members = draft.members.iter().filter_map(|member| member.indicator);
            for number in members.clone() {
                if let Some(owned) = owned.get_mut(number) {
                    *owned = true;
                }
            }
            begins
                .entry(members.min().unwrap_or_default())
                .or_default()
                .push(draft);
        }
        let mut units = Vec::new();
        for (number, form) in forms.iter().enumerate() {
            for draft in begins.get(&number).into_iter().flatten() {
                units.push(self.object(draft));
            }
            if owned.get(number) == Some(&false)
                && let Some(form) = form
            {
                units.extend(self.unit(number, form));
            }
        }
        merged(units)
    }

    fn unit(&self, number: usize, form: &Form) -> Option<Unit> {
        let indicator = self.indicators.get(number)?;
        match form {
            Form::Attribute(typed, label) => {
                let mut attribute =
                    attribute(typed, ids::attribute(self.event, typed.kind, &typed.value));
                attribute.comment = self.outline.comment(indicator, label);
                Some(Unit {
                    part: Part::Attribute {
                        indicators: vec![number],
                        attribute,
                    },
                    verdict: indicator.verdict,
                    size: 1,
                })
            }
            Form::Object(template, fields) => {
                let members = fields
                    .iter()
                    .enumerate()
                    .map(|(at, (relation, typed))| Member {
                        indicator: (at == 0).then_some(number),
                        relation,
                        typed: typed.clone(),
                    });
                let mut unit = self.object(&Draft {
                    template,
                    members: members.collect(),
                    downloaded_from: None,
                    place: None,
                });
                // The value stands for the whole of it.
                if let Part::Object { object, shown, .. } = &mut unit.part {
                    *shown = vec![(number, format!("@[object]({})", object.uuid))];
                }
                Some(unit)
            }
        }
    }

    fn object(&self, draft: &Draft) -> Unit {
        let Draft {
            template, members, ..
        } = draft;
        let values = members
            .iter()
            .map(|member| (member.relation, member.typed.value.as_str()));
        let uuid = ids::object(self.event, template.name, values);
        let mut object = empty_object(uuid, template);
        let mut shown = Vec::new();
        let mut verdict = Verdict::Drop;
        for member in members {
            let indicator = member.indicator.and_then(|at| self.indicators.get(at));
            let id = ids::member(uuid, member.relation, &member.typed.value);
            let mut attribute = attribute(&member.typed, id);
            if let (Some(number), Some(indicator)) = (member.indicator, indicator) {
                attribute.comment = text::bounded(&text::line(&indicator.reason), 100);
                if object.comment.is_empty() {
                    object.comment = match &draft.place {
                        Some((block, span)) => self.outline.comment_at(*block, span, "", ""),
                        None => self.outline.comment(indicator, ""),
                    };
                }
                verdict = verdict.max(indicator.verdict);
                shown.push((number, format!("@[attribute]({id})")));
            }
            object.attributes.push(ObjectAttribute {
                object_relation: member.relation.to_owned(),
                attribute,
            });
        }
        Unit {
            size: object.attributes.len(),
            verdict,
            part: Part::Object {
                object,
                shown,
                downloaded_from: draft.downloaded_from,
            },
        }
    }

    /// The comment that says what the limit cut.
    fn closing(&self, note: String) -> Attribute {
        let typed = Typed {
            kind: "comment",
            category: category::OTHER,
            value: note,
            to_ids: false,
        };
        Attribute {
            disable_correlation: true,
            comment: "Left out".into(),
            ..attribute(&typed, ids::attribute(self.event, typed.kind, &typed.value))
        }
    }

    /// The kept units as parts of the event.
    fn content(&mut self, units: Vec<Unit>) -> Content {
        let mut content = Content::default();
        let mut downloads = Vec::new();
        for unit in units {
            match unit.part {
                Part::Attribute {
                    indicators,
                    attribute,
                } => {
                    let uuid = attribute.uuid;
                    if attribute.kind != "link" {
                        for indicator in indicators {
                            self.refer(indicator, format!("@[attribute]({uuid})"), uuid);
                        }
                    }
                    content.attributes.push(attribute);
                }
                Part::Object {
                    object,
                    shown,
                    downloaded_from,
                } => {
                    for (indicator, reference) in shown {
                        self.refer(indicator, reference, object.uuid);
                    }
                    if let Some(from) = downloaded_from {
                        downloads.push((content.objects.len(), from));
                    }
                    content.objects.push(object);
                }
            }
        }
        for (object, from) in downloads {
            if let (Some(object), Some(Some((_, uuid)))) =
                (content.objects.get_mut(object), self.references.get(from))
            {
                object.references.push(downloaded_from(object.uuid, *uuid));
            }
        }
        content
    }

    fn refer(&mut self, indicator: usize, reference: String, uuid: Uuid) {
        if let Some(slot) = self.references.get_mut(indicator)
            && slot.is_none()
        {
            *slot = Some((reference, uuid));
        }
    }

    /// Where the report shows a reference in place of a value.
    fn marks(&self) -> Vec<Mark> {
        let mut marks = Vec::new();
        for (indicator, reference) in self.indicators.iter().zip(&self.references) {
            let Some((reference, _)) = reference else {
                continue;
            };
            for place in &indicator.places {
                let (block, span) = (place.block, place.span.clone());
                marks.push(match place.origin {
                    Origin::Text => Mark::value(block, span, reference),
                    Origin::Link => Mark::target(block, span, reference),
                });
            }
        }
        marks
    }
}

fn attribute(typed: &Typed, uuid: Uuid) -> Attribute {
    Attribute {
        uuid,
        kind: typed.kind.to_owned(),
        category: typed.category.to_owned(),
        value: typed.value.clone(),
        comment: String::new(),
        to_ids: typed.to_ids,
        // The same sources are cited everywhere, and sizes repeat by chance.
        disable_correlation: matches!(typed.kind, "link" | "size-in-bytes" | "text")
            && !typed.to_ids,
        distribution: INHERIT,
    }
}

fn empty_object(uuid: Uuid, template: &Template) -> Object {
    Object {
        uuid,
        name: template.name.to_owned(),
        meta_category: template.meta_category.to_owned(),
        description: template.description.to_owned(),
        template_uuid: template.uuid,
        template_version: template.version,
        comment: String::new(),
        distribution: INHERIT,
        attributes: Vec::new(),
        references: Vec::new(),
    }
}

fn downloaded_from(object: Uuid, from: Uuid) -> ObjectReference {
    const RELATIONSHIP: &str = "downloaded-from";
    ObjectReference {
        uuid: ids::reference(object, RELATIONSHIP, from),
        object_uuid: object,
        referenced_uuid: from,
        relationship_type: RELATIONSHIP.to_owned(),
        comment: String::new(),
    }
}

#[cfg(test)]
mod tests;
