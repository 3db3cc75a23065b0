//! An article's context on its way into the event: its tags, and what others have told of the same story.
//!
//! Trouble with the memory of stories is logged and passed over: no article waits for it, and when the store is
//! down, the queue's own steps say so.

use std::sync::Arc;

use chrono::Utc;

use super::pipeline::Pipeline;
use crate::article::Article;
use crate::context::{Choice, ContextTag, Topic};
use crate::event::{Event, Tag, text};
use crate::knowledge::lookup::is_clusters;
use crate::queue::{Job, Lease};
use crate::story::{self, Prints, Related, Story};

/// Longest address remembered of an event, in characters.
const MAX_LINK: usize = 2_000;

/// Finds the context of an article. Plain computation: it runs on a parser thread.
pub type Tagger = Arc<dyn Fn(&Article, &Job) -> Vec<ContextTag> + Send + Sync>;

/// What the tags of a choice are on an event.
pub(super) fn event_tags(choice: &Choice) -> impl Iterator<Item = Tag> {
    choice.tags.iter().map(|tag| Tag {
        cluster: tag.cluster,
        ..Tag::global(tag.tag.clone())
    })
}

/// The article's marking that stands on its event, in words.
pub(super) fn marking(choice: &Choice, event: &Event) -> Option<String> {
    let markings = choice.tags.iter().filter(|tag| tag.topic == Topic::Marking);
    let stands = |tag: &&ContextTag| event.tags.iter().any(|there| there.name == tag.tag);
    let marking = markings.into_iter().find(stands)?;
    Some(format!("the article is marked {}", marking.tag))
}

impl Pipeline {
    /// Says of galaxy tags that people set (on a feed, on all events, by a rule) which clusters they stand for: a tag
    /// that the server drops is set by attaching its cluster.
    pub(super) fn name_clusters(&self, event: &mut Event) {
        let is_open = |tag: &&mut Tag| tag.cluster.is_none() && is_clusters(&tag.name);
        let mut open = event.tags.iter_mut().filter(is_open).peekable();
        if open.peek().is_none() {
            return;
        }
        let knowledge = self.knowledge.state().knowledge;
        for tag in open {
            tag.cluster = knowledge.cluster_of(&tag.name);
        }
    }

    /// Earlier events of the same story.
    pub(super) async fn related(&self, event: &Event, prints: &Prints) -> Vec<Related> {
        let window = self.context.same_story.get();
        if window.is_zero() || prints.is_empty() {
            return Vec::new();
        }
        match self.queue.stories(&prints.keys()).await {
            Ok(told) => story::relate(event.uuid, prints, &told, window, Utc::now()),
            Err(error) => {
                tracing::warn!(event.uuid = %event.uuid, %error, "cannot look up events of the same story");
                Vec::new()
            }
        }
    }

    /// Remembers an event that was delivered, for those that come after it.
    pub(super) async fn tell(&self, lease: &Lease, event: &Event, prints: &Prints) {
        let keep = self.context.same_story.get();
        if keep.is_zero() || prints.is_empty() {
            return;
        }
        let story = Story {
            event: event.uuid,
            title: title(event),
            link: text::bounded(&lease.job.entry.link, MAX_LINK),
            date: event.date,
            told: Utc::now(),
        };
        if let Err(error) = self.queue.tell_story(&story, &prints.keys(), keep).await {
            tracing::warn!(event.uuid = %event.uuid, %error, "cannot remember the event for others of the same story");
        }
    }
}

/// The article's title, which its report is named after.
fn title(event: &Event) -> String {
    let report = event.reports.first().map(|report| &report.name);
    report.unwrap_or(&event.info).clone()
}
