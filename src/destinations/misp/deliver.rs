//! Storing an event, and finding out what became of it.

use chrono::Utc;
use reqwest::StatusCode;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::extract::Imported;
use super::wire::{Stored, Wrapped};
use super::{Misp, kept};
use crate::config::{Extraction, Fetch};
use crate::destinations::{Delivering, Delivery, Receipt};
use crate::event::{Event, INCOMPLETE};
use crate::failure::{Failure, Reason};

/// Seconds that may lie between the event's and its attributes' timestamps when one request made both.
const SAME_REQUEST: i64 = 5;

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "Event")]
    event: &'a Event,
}

/// Where an event stands on the server.
enum Stand {
    /// It is ours to go on with.
    Ours(Stored, Delivery),
    /// It is there and not to be touched; the note says why.
    Finished(Option<Stored>, String),
    /// It was deleted there.
    Blocklisted,
}

impl Misp {
    pub(super) async fn deliver_event(
        &self,
        event: &Event,
        context: Delivering<'_>,
    ) -> Result<Receipt, Failure> {
        let (stored, delivery) = match self.store(event).await? {
            Stand::Ours(stored, delivery) => (stored, delivery),
            Stand::Finished(stored, note) => {
                let id = stored.map(|stored| stored.id);
                return Ok(self.receipt(event, Delivery::AlreadyThere, id.as_deref(), vec![note]));
            }
            Stand::Blocklisted => {
                let note =
                    "its UUID is on MISP's event blocklist: it was deleted there before".into();
                return Ok(self.receipt(event, Delivery::Blocklisted, None, vec![note]));
            }
        };
        let mut notes = match delivery {
            Delivery::Created | Delivery::Repaired => kept::losses(event, &stored),
            _ => Vec::new(),
        };
        let report = if self.settings.fetch == Fetch::Misp && event.reports.is_empty() {
            match self.import(event, &stored, context, &mut notes).await? {
                Imported::Report(report) => Some(report),
                Imported::Unwanted(note) => {
                    return Ok(self.receipt(event, Delivery::Unwanted, None, vec![note]));
                }
            }
        } else {
            stored.reports.into_iter().find(|report| !report.deleted)
        };
        if self.settings.extraction == Extraction::Misp
            && let Some(report) = report
        {
            self.extract(event, &stored.id, &report, &mut notes).await?;
            self.remove_listed(event, &mut notes).await?;
        }
        Ok(self.receipt(event, delivery, Some(&stored.id), notes))
    }

    fn receipt(
        &self,
        event: &Event,
        delivery: Delivery,
        id: Option<&str>,
        notes: Vec<String>,
    ) -> Receipt {
        Receipt {
            delivery,
            event: event.uuid.to_string(),
            location: id.map(|id| self.client.page_of(id)),
            notes,
            at: Utc::now(),
        }
    }

    /// Adds the event, or finds the one that is there.
    async fn store(&self, event: &Event) -> Result<Stand, Failure> {
        let answer = self.client.post("/events/add", &Body { event }).await?;
        let message = answer.message();
        match answer.status {
            status if status.is_success() => {
                let stored: Wrapped = answer.read()?;
                Ok(Stand::Ours(stored.event, Delivery::Created))
            }
            StatusCode::NOT_FOUND if message.contains("already exists") => {
                match self.view(event.uuid).await? {
                    Some(stored) => self.adopt(event, stored).await,
                    None => Ok(Stand::Finished(
                        None,
                        "it is there, but this key may not see it".into(),
                    )),
                }
            }
            StatusCode::FORBIDDEN if message.contains("blocklist") => Ok(Stand::Blocklisted),
            // It may have stored the event and failed at its report.
            StatusCode::INTERNAL_SERVER_ERROR => match self.view(event.uuid).await {
                Ok(Some(stored)) => self.adopt(event, stored).await,
                Ok(None) | Err(_) => Err(answer.refused()),
            },
            _ => Err(answer.refused()),
        }
    }

    /// The event as the server has it; `None`: not there, or not for us to see.
    async fn view(&self, uuid: Uuid) -> Result<Option<Stored>, Failure> {
        let answer = self
            .client
            .get(&format!("/events/view/{uuid}.json"))
            .await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let found: Wrapped = answer.ok()?.read()?;
        if found.event.uuid != uuid {
            let message = format!(
                "asked MISP for event `{uuid}` and got `{}`",
                found.event.uuid
            );
            return Err(Failure::new(Reason::DestinationGarbled, message));
        }
        Ok(Some(found.event))
    }

    /// Judges an event that is there: someone else's, finished by an analyst, half-stored, or whole.
    async fn adopt(&self, event: &Event, stored: Stored) -> Result<Stand, Failure> {
        if stored.orgc.uuid != self.client.me().await?.organisation.uuid {
            let note = format!("it is there already, made by `{}`", stored.orgc.name);
            return Ok(Stand::Finished(Some(stored), note));
        }
        if stored.published || in_other_state(&stored) {
            let note = "it is there already, and an analyst has worked on it".into();
            return Ok(Stand::Finished(Some(stored), note));
        }
        let without_report = stored.reports.iter().all(|report| report.deleted);
        if !without_report {
            return Ok(Stand::Ours(stored, Delivery::AlreadyThere));
        }
        if !untouched(event, &stored) {
            let note =
                "it is there without its report, and was changed since: left as it is".into();
            return Ok(Stand::Finished(Some(stored), note));
        }
        if event.reports.is_empty() {
            return Ok(Stand::Ours(stored, Delivery::AlreadyThere));
        }
        self.repair(event).await
    }

    /// Completes a half-stored event: its own payload once more, through edit.
    async fn repair(&self, event: &Event) -> Result<Stand, Failure> {
        let path = format!("/events/edit/{}", event.uuid);
        let answer = self.client.post(&path, &Body { event }).await?;
        let repaired: Wrapped = answer.ok()?.read()?;
        if repaired.event.reports.is_empty() {
            let message = format!(
                "event `{}` is on MISP without its report, and editing it in did not help",
                event.uuid
            );
            return Err(Failure::new(Reason::DestinationDown, message));
        }
        Ok(Stand::Ours(repaired.event, Delivery::Repaired))
    }

    /// Deletes an event that came to nothing, and the blocklist entry that deleting makes, so that it may come
    /// again. Says what was done.
    pub(super) async fn abandon(&self, uuid: Uuid) -> String {
        let deleted = self
            .client
            .post(&format!("/events/delete/{uuid}"), &json!({}))
            .await;
        if let Err(failure) = deleted.and_then(super::client::Answer::ok) {
            return format!(
                "the event without content stays on MISP as `{uuid}`: {}",
                failure.message
            );
        }
        let path = format!("/eventBlocklists/delete/{uuid}");
        match self.client.post(&path, &json!({})).await {
            Ok(answer) if answer.status == StatusCode::NOT_FOUND || answer.status.is_success() => {
                "the event without content was deleted".into()
            }
            Ok(answer) => blocked(uuid, &answer.refused()),
            Err(failure) => blocked(uuid, &failure),
        }
    }
}

fn blocked(uuid: Uuid, failure: &Failure) -> String {
    format!(
        "the event without content was deleted, but `{uuid}` stays on MISP's event blocklist; lift it before trying \
         again: {}",
        failure.message
    )
}

/// Whether an analyst has moved it on.
fn in_other_state(stored: &Stored) -> bool {
    let states = stored
        .tags
        .iter()
        .filter(|tag| tag.name.starts_with("workflow:state="));
    states.into_iter().any(|tag| tag.name != INCOMPLETE)
}

/// Whether it is just as one request of ours made it: no attribute but ours, and none of the changes that move
/// an event's timestamp on from its attributes'.
fn untouched(event: &Event, stored: &Stored) -> bool {
    let ours = stored.attributes.iter().all(|there| {
        event.attributes.iter().any(|sent| {
            sent.uuid == there.uuid || (sent.kind == there.kind && sent.value == there.value)
        })
    });
    let newest = stored
        .attributes
        .iter()
        .map(|attribute| attribute.timestamp)
        .max();
    ours && newest.is_none_or(|newest| stored.timestamp <= newest + SAME_REQUEST)
}
