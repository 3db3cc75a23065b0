//! From an article to its event.
//!
//! The bookkeeping attributes are those of misp-scraper, so that searches and dashboards made for it go on
//! working: the title as a `comment`, the feed's and the article's address as `link`s.
//!
//! No `retention:` tag is set by default: it would freeze today's `retention.after` on the event. It is for
//! exceptions, set by an analyst on an event or by the feed list on a feed (`local_tags`).

use std::collections::HashSet;

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use uuid::Uuid;

use super::{Attribute, Content, Event, INCOMPLETE, INHERIT, Tag, ids, report, text, validate};
use crate::article::Article;
use crate::config::EventSettings;
use crate::context::tlp;
use crate::queue::{Job, Submission};

/// MISP answers 500 for 70,000; readers give up long before that.
const MAX_INFO: usize = 500;

/// MISP's column for a tag's name holds 255 characters.
pub const MAX_TAG: usize = 255;

/// MISP silently drops values over 65,535 bytes.
const MAX_VALUE: usize = 16_000;

/// No blog is older than this; a date before it is a default someone forgot.
const FIRST_YEAR: i32 = 1995;

/// Builds the event of an article. `article` and `content` are absent when the MISP server reads the article
/// itself. `extra_tags` come from rules on the text.
pub fn build(
    settings: &EventSettings,
    job: &Job,
    article: Option<&Article>,
    content: Option<Content>,
    extra_tags: &[Tag],
) -> Event {
    let uuid = uuid(job);
    let title = title(job, article);
    let link = encoded(&job.entry.link).unwrap_or_else(|| job.entry.link.clone());
    let report = content.as_ref().map(|content| {
        let max = settings.max_report.get();
        report::build(uuid, &title, &link, article, &content.markdown, max)
    });
    let content = content.unwrap_or_default();
    Event {
        uuid,
        info: info(&settings.prefix, &title),
        date: date(job, article),
        distribution: settings.distribution,
        sharing_group_id: if settings.distribution == 4 {
            settings.sharing_group_id
        } else {
            0
        },
        threat_level_id: settings.threat_level,
        analysis: settings.analysis,
        extends_uuid: None,
        published: false,
        tags: tags(settings, job, extra_tags),
        attributes: attributes(uuid, job, &title, content.attributes),
        objects: content.objects,
        reports: report.into_iter().collect(),
    }
}

/// The UUID of the event of a job: by its article's link; of one that is taken again, by the job as well.
pub fn uuid(job: &Job) -> Uuid {
    if job.is_again() {
        ids::event_again(&job.entry.link, &job.id)
    } else {
        ids::event(&job.entry.link)
    }
}

fn title(job: &Job, article: Option<&Article>) -> String {
    [
        Some(job.entry.title.as_str()),
        article.map(|article| article.title.as_str()),
        job.body().and_then(|body| body.file_name.as_deref()),
        Some(job.entry.link.as_str()),
    ]
    .into_iter()
    .flatten()
    .map(text::line)
    .find(|title| !title.is_empty())
    .unwrap_or_else(|| "untitled".into())
}

fn info(prefix: &str, title: &str) -> String {
    let prefix = text::line(prefix);
    if prefix.is_empty() {
        text::bounded(title, MAX_INFO)
    } else {
        text::bounded(&format!("{prefix}: {title}"), MAX_INFO)
    }
}

/// By the feed, else by the page, else when it was queued; dates before the web and beyond tomorrow (time
/// zones) are mistakes and passed over.
fn date(job: &Job, article: Option<&Article>) -> NaiveDate {
    let latest = job.created + Duration::days(1);
    let plausible = |date: &DateTime<Utc>| date.year() >= FIRST_YEAR && *date <= latest;
    [
        job.entry.published,
        article.and_then(|article| article.published),
    ]
    .into_iter()
    .flatten()
    .find(plausible)
    .unwrap_or(job.created)
    .date_naive()
}

/// Every tag once, and one only of each exclusive family: the feed's own word stands over the tags for all
/// events. A marking that `extra` brings, of what the article itself says, stands over both if it is the more
/// restrictive one, and never else. `workflow:state` is ours to begin with, unless the feed list says otherwise.
fn tags(settings: &EventSettings, job: &Job, extra: &[Tag]) -> Vec<Tag> {
    let source = &job.source;
    let mut tags = Tags::default();
    tags.all(&source.tags, false);
    tags.all(&source.local_tags, true);
    let (markings, extra): (Vec<&Tag>, Vec<&Tag>) =
        extra.iter().partition(|tag| tlp::is_marking(&tag.name));
    for tag in extra {
        tags.put(tag);
    }
    tags.all(&settings.tags, false);
    tags.all(&settings.local_tags, true);
    for marking in markings {
        tags.mark(marking);
    }
    if !settings.source_tag_prefix.trim().is_empty() {
        tags.add(
            &format!("{}:{}", settings.source_tag_prefix, source.title),
            false,
        );
    }
    tags.add(&settings.tool_tag, true);
    tags.add(INCOMPLETE, true);
    tags.kept
}

#[derive(Default)]
struct Tags {
    kept: Vec<Tag>,
    known: HashSet<String>,
}

impl Tags {
    fn all(&mut self, names: &[String], local: bool) {
        for name in names {
            self.add(name, local);
        }
    }

    fn add(&mut self, name: &str, local: bool) {
        self.put(&Tag {
            local,
            ..Tag::global(name)
        });
    }

    fn put(&mut self, tag: &Tag) {
        // The tag of a cluster is another one as soon as a blank of it goes.
        let name = match tag.cluster {
            Some(_) => tag.name.clone(),
            None => tag_name(&tag.name),
        };
        if name.is_empty() || !self.known.insert(family(&name)) {
            return;
        }
        self.kept.push(Tag {
            name,
            ..tag.clone()
        });
    }

    /// Sets a marking unless a more restrictive one stands, or as restrictive a one.
    fn mark(&mut self, marking: &Tag) {
        let set = self.kept.iter_mut().find(|tag| tlp::is_marking(&tag.name));
        match set {
            None => self.put(marking),
            Some(set) if tlp::outranks(&marking.name, &set.name) => {
                set.name = tag_name(&marking.name);
                // A mark that stays here would leave the event without one elsewhere.
                set.local &= marking.local;
            }
            Some(_) => {}
        }
    }
}

/// A tag's name as MISP stores it.
pub(super) fn tag_name(name: &str) -> String {
    text::bounded(&text::line(name), MAX_TAG)
}

/// Whether an event has one tag only of this one's family: which, is known when all are.
pub(super) fn is_exclusive(name: &str) -> bool {
    family(name) != name.to_lowercase()
}

/// What two tags may not share: the predicate of exclusive taxonomies, else the name itself.
fn family(name: &str) -> String {
    let lower = name.to_lowercase();
    for exclusive in ["tlp:", "workflow:state="] {
        if lower.starts_with(exclusive) {
            return exclusive.into();
        }
    }
    lower
}

/// The bookkeeping, then what the article says; each value once.
fn attributes(event: Uuid, job: &Job, title: &str, found: Vec<Attribute>) -> Vec<Attribute> {
    let mut all = vec![
        attribute(event, "comment", "Other", title, "Blog title"),
        linked(event, &job.source.url, "Feed URL", true),
        linked(event, &job.entry.link, "Blog URL", false),
    ];
    all.extend(job.submission.iter().flat_map(|by| handed_in(event, by)));
    all.extend(found);
    let mut seen = HashSet::new();
    all.retain(|attribute| !attribute.value.is_empty() && seen.insert(attribute.uuid));
    all
}

/// Who handed the article in, from where, and what with: for people, so as comments. The address is under the name
/// that misp-scraper gave it.
fn handed_in(event: Uuid, by: &Submission) -> Vec<Attribute> {
    let remote = by.remote.map(|remote| remote.to_canonical().to_string());
    let page = by.body.as_ref().map(|body| {
        let kind = body.media_type.as_str();
        let name = text::bounded(
            &text::line(body.file_name.as_deref().unwrap_or("")),
            MAX_INFO,
        );
        let name = if name.is_empty() {
            name
        } else {
            format!("{name}, ")
        };
        format!("{name}{kind}, {} bytes", body.size)
    });
    let user = by.user.as_deref().map(text::line);
    [
        (remote, "Remote IP"),
        (user, "Submitted by"),
        (page, "Submitted page"),
    ]
    .into_iter()
    .filter_map(|(value, comment)| Some((value?, comment)))
    .map(|(value, comment)| attribute(event, "comment", "Other", &value, comment))
    .collect()
}

/// A `link`, or a `comment` when it is no address (`Manual`). The feed's is on every event of that feed, and the
/// title may be on many: neither says anything when it correlates.
fn linked(event: Uuid, address: &str, comment: &str, everywhere: bool) -> Attribute {
    match encoded(address) {
        Some(link) => Attribute {
            disable_correlation: everywhere,
            ..attribute(event, "link", "External analysis", &link, comment)
        },
        None => attribute(event, "comment", "Other", &text::line(address), comment),
    }
}

fn attribute(event: Uuid, kind: &str, category: &str, value: &str, comment: &str) -> Attribute {
    let value = text::bounded(value, MAX_VALUE);
    Attribute {
        uuid: ids::attribute(event, kind, &value),
        kind: kind.into(),
        category: category.into(),
        value,
        comment: comment.into(),
        to_ids: false,
        disable_correlation: true,
        distribution: INHERIT,
    }
}

/// The address as MISP keeps it. `None`: not an absolute web address.
fn encoded(address: &str) -> Option<String> {
    validate::link(address).filter(|link| link.len() <= MAX_VALUE)
}

#[cfg(test)]
pub(super) mod tests;
