//! Galaxy tags that MISP dropped, set by attaching their clusters.
//!
//! A key without `perm_tag_editor` may not make tags, and a galaxy tag that nobody has used yet is one: MISP stores
//! the event without it. Attaching the cluster makes the tag whoever asks. Each attachment is two requests at most
//! (which number has the cluster on this server, and the attachment), and only ever made for what was dropped.

use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Misp;
use super::kept::listed;
use super::wire::{Stored, WrappedCluster};
use crate::destinations::Unfinished;
use crate::event::{Event, Tag};
use crate::failure::{Failure, Reason};

/// Clusters attached to one event, at most.
const MOST: usize = 40;

/// What became of the dropped tags.
#[derive(Debug, Default)]
pub(super) struct Attached {
    /// Names of tags that the event has now.
    pub(super) tags: Vec<String>,
    /// What was not done and why.
    pub(super) notes: Vec<String>,
    /// What is left for the next attempt.
    pub(super) unfinished: Option<Unfinished>,
}

impl Misp {
    /// Attaches the clusters of those `wanted` tags that the stored event lacks. A failure that may pass leaves the
    /// rest to the next attempt, unless this is the last one; any other is noted. It is never an error: the event is
    /// there.
    pub(super) async fn attach_dropped(
        &self,
        event: &Event,
        stored: &Stored,
        wanted: impl Fn(&Tag) -> bool,
        last_attempt: bool,
    ) -> Attached {
        let mut attached = Attached::default();
        let mut unknown = Vec::new();
        let dropped = event.tags.iter().filter(|tag| !has(stored, tag));
        let dropped = dropped.filter(|tag| wanted(tag));
        let dropped = dropped.filter_map(|tag| tag.cluster.map(|cluster| (tag, cluster)));
        let dropped: Vec<(&Tag, Uuid)> = dropped.take(MOST).collect();
        for (at, (tag, cluster)) in dropped.iter().enumerate() {
            match self.attach(&stored.id, *cluster, tag.local).await {
                Ok(true) => attached.tags.push(tag.name.clone()),
                Ok(false) => unknown.push(tag.name.as_str()),
                Err(failure) => {
                    // What is wrong with one is wrong with the next.
                    let left = dropped.iter().skip(at).map(|(tag, _)| tag.name.as_str());
                    attached.break_off(left.collect(), &failure, last_attempt);
                    break;
                }
            }
        }
        if !unknown.is_empty() {
            let named = listed("the cluster", &unknown);
            let note = format!(
                "MISP does not know {named}: update its galaxies (Galaxies > Update Galaxies)"
            );
            attached.notes.push(note);
        }
        attached
    }

    /// `false`: the server does not know the cluster.
    async fn attach(&self, event: &str, cluster: Uuid, local: bool) -> Result<bool, Failure> {
        let Some(id) = self.client.cluster_id(cluster).await? else {
            return Ok(false);
        };
        let path = format!(
            "/galaxies/attachCluster/{event}/event/local:{}",
            u8::from(local)
        );
        let body = json!({"Galaxy": {"target_id": id}});
        let answer = self.client.post(&path, &body).await?;
        if answer.status == StatusCode::NOT_FOUND {
            // Numbers change when galaxies are loaded anew.
            self.client.forget_cluster(cluster).await;
            return Ok(false);
        }
        let answer = answer.ok()?;
        // Attached now or before: both are `saved`, in words.
        match answer.body.get("saved").and_then(Value::as_bool) {
            Some(true) => Ok(true),
            _ => Err(Failure::new(
                Reason::Refused,
                format!(
                    "MISP did not attach cluster `{cluster}`: {}",
                    answer.message()
                ),
            )),
        }
    }
}

impl Attached {
    fn break_off(&mut self, left: Vec<&str>, failure: &Failure, last_attempt: bool) {
        let message = format!(
            "{} could not be attached: {}",
            listed("the cluster", &left),
            failure.message
        );
        if last_attempt || !may_pass(failure.reason) {
            self.notes.push(message);
            return;
        }
        self.unfinished = Some(Unfinished {
            tags: left.into_iter().map(Into::into).collect(),
            failure: Failure::new(failure.reason, message).retry_after(failure.retry_after),
        });
    }
}

/// Whether a failure is one of the moment. Of those that other requests are tried again after, a permission that is
/// missing and an answer that makes no sense would keep a whole event waiting for its tags.
const fn may_pass(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::RateLimited | Reason::Timeout | Reason::DestinationDown
    )
}

/// Whether the stored event has a tag, in any case, as MISP compares them.
pub(super) fn has(stored: &Stored, tag: &Tag) -> bool {
    let name = tag.name.to_lowercase();
    stored.tags.iter().any(|it| it.name.to_lowercase() == name)
}

impl super::MispClient {
    /// The number of a cluster on this server; `None`: it has no such cluster, or none this key may see.
    async fn cluster_id(&self, cluster: Uuid) -> Result<Option<String>, Failure> {
        if let Some(id) = self.clusters.lock().await.get(&cluster) {
            return Ok(Some(id.clone()));
        }
        let answer = self
            .get(&format!("/galaxy_clusters/view/{cluster}.json"))
            .await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let found: WrappedCluster = answer.ok()?.read()?;
        if found.cluster.uuid != cluster {
            let message = format!(
                "asked MISP for cluster `{cluster}` and got `{}`",
                found.cluster.uuid
            );
            return Err(Failure::new(Reason::DestinationGarbled, message));
        }
        let id = found.cluster.id;
        self.clusters.lock().await.insert(cluster, id.clone());
        Ok(Some(id))
    }

    async fn forget_cluster(&self, cluster: Uuid) {
        self.clusters.lock().await.remove(&cluster);
    }
}
