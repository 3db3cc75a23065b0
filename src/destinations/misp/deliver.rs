//! Storing an event, and finding out what became of it.

use chrono::Utc;
use reqwest::StatusCode;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::extract::Imported;
use super::wire::{Stored, Wrapped};
use super::{Misp, judge, kept};
use crate::config::Fetch;
use crate::destinations::{Delivering, Delivery, Receipt, Unfinished};
use crate::event::{Event, Tag};
use crate::failure::{Failure, Reason};

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
        let (stored, found) = match self.store(event).await? {
            Stand::Ours(stored, delivery) => (stored, delivery),
            Stand::Finished(stored, note) => {
                let id = stored.map(|stored| stored.id);
                let notes = not_gone_on_with(context, note);
                return Ok(self.receipt(event, Delivery::AlreadyThere, id.as_deref(), notes));
            }
            Stand::Blocklisted => {
                let note =
                    "its UUID is on MISP's event blocklist: it was deleted there before".into();
                return Ok(self.receipt(event, Delivery::Blocklisted, None, vec![note]));
            }
        };
        // What the attempt before made is told as it was told then.
        let before = context
            .before
            .filter(|_| matches!(found, Delivery::AlreadyThere));
        let delivery = before.map_or(found, |before| before.delivery);
        let mut notes = before.map_or_else(Vec::new, |before| before.notes.clone());
        let unfinished = match before.and_then(|before| before.unfinished.as_ref()) {
            Some(rest) => self.go_on(event, &stored, rest, context, &mut notes).await,
            None => {
                self.complete_tags(event, &stored, found, context, &mut notes)
                    .await
            }
        };
        if unfinished.is_some() {
            return Ok(Receipt {
                unfinished,
                ..self.receipt(event, delivery, Some(&stored.id), notes)
            });
        }
        let report = if self.settings.fetch == Fetch::Misp && event.reports.is_empty() {
            match self.import(event, &stored, context, &mut notes).await? {
                Imported::Report(report) => Some(report),
                Imported::Unwanted(note) => {
                    return Ok(self.receipt(event, Delivery::Unwanted, None, vec![note]));
                }
            }
        } else {
            judge::report_of(event, &stored).cloned()
        };
        if self.server_extraction
            && let Some(report) = report
        {
            let extracted = self.extract(event, &stored.id, report, &mut notes).await?;
            if let Some(report) = extracted {
                self.remove_listed(event, &stored, &report, &mut notes)
                    .await?;
            }
        }
        Ok(self.receipt(event, delivery, Some(&stored.id), notes))
    }

    /// Sets the galaxy tags that MISP dropped, and says what else it did; answers what the next attempt has to do. An
    /// event that was there before gets them only while nobody has changed it: an attempt may have died before it
    /// came to them, or an analyst may have taken them away.
    async fn complete_tags(
        &self,
        event: &Event,
        stored: &Stored,
        delivery: Delivery,
        context: Delivering<'_>,
        notes: &mut Vec<String>,
    ) -> Option<Unfinished> {
        let is_new = matches!(delivery, Delivery::Created | Delivery::Repaired);
        if !is_new && !judge::is_untouched(event, stored) {
            return None;
        }
        let attached = self
            .attach_dropped(event, stored, |_| true, context.last_attempt)
            .await;
        if is_new {
            let mut settled = attached.tags;
            settled.extend(attached.unfinished.iter().flat_map(|it| it.tags.clone()));
            notes.extend(kept::losses(event, stored, &settled));
        }
        notes.extend(attached.notes);
        attached.unfinished
    }

    /// Sets what the attempt before could not set. No one can have taken that away, so it does not matter whether
    /// the event has been changed since; attaching itself changes it.
    async fn go_on(
        &self,
        event: &Event,
        stored: &Stored,
        rest: &Unfinished,
        context: Delivering<'_>,
        notes: &mut Vec<String>,
    ) -> Option<Unfinished> {
        let wanted = |tag: &Tag| rest.tags.contains(&tag.name);
        let attached = self
            .attach_dropped(event, stored, wanted, context.last_attempt)
            .await;
        notes.extend(attached.notes);
        attached.unfinished
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
            unfinished: None,
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
                match self.client.event(event.uuid).await? {
                    Some(stored) => self.adopt(event, stored).await,
                    None => Ok(Stand::Finished(
                        None,
                        "it is there, but this key may not see it".into(),
                    )),
                }
            }
            StatusCode::FORBIDDEN if message.contains("blocklist") => Ok(Stand::Blocklisted),
            // It may have stored the event and failed at its report.
            StatusCode::INTERNAL_SERVER_ERROR => match self.client.event(event.uuid).await {
                Ok(Some(stored)) => self.adopt(event, stored).await,
                Ok(None) | Err(_) => Err(answer.refused()),
            },
            _ => Err(answer.refused()),
        }
    }

    /// Judges an event that is there: someone else's, finished by an analyst, half-stored, or whole.
    async fn adopt(&self, event: &Event, stored: Stored) -> Result<Stand, Failure> {
        if stored.orgc.uuid != self.client.me().await?.organisation.uuid {
            let note = format!("it is there already, made by `{}`", stored.orgc.name);
            return Ok(Stand::Finished(Some(stored), note));
        }
        if judge::is_taken_up(event, &stored) {
            let note = "it is there already, and an analyst has worked on it".into();
            return Ok(Stand::Finished(Some(stored), note));
        }
        let without_report = stored.reports.iter().all(|report| report.deleted);
        if !without_report {
            return Ok(Stand::Ours(stored, Delivery::AlreadyThere));
        }
        if !judge::is_untouched(event, &stored) {
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
    /// again. `before` is the event as this attempt found or made it; one that an analyst has had in hands
    /// stays. Says what was done.
    pub(super) async fn abandon(&self, event: &Event, before: &Stored) -> String {
        let uuid = event.uuid;
        let stays =
            |why: &str| format!("the event without content stays on MISP as `{uuid}`: {why}");
        match self.client.event(uuid).await {
            Ok(Some(now)) if judge::is_untouched(event, before) && judge::is_same(before, &now) => {
            }
            Ok(Some(_)) => return stays("someone has worked on it"),
            Ok(None) => return "the event without content is gone from MISP already".into(),
            Err(failure) => return stays(&failure.message),
        }
        let deleted = self
            .client
            .post(&format!("/events/delete/{uuid}"), &json!({}))
            .await;
        if let Err(failure) = deleted.and_then(super::client::Answer::ok) {
            return stays(&failure.message);
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

/// The notes of an event that is not to be touched any more, with what the attempt before left undone.
fn not_gone_on_with(context: Delivering<'_>, note: String) -> Vec<String> {
    let Some(before) = context.before else {
        return vec![note];
    };
    let mut notes = before.notes.clone();
    notes.extend(
        before
            .unfinished
            .as_ref()
            .map(|rest| rest.failure.message.clone()),
    );
    notes.push(note);
    notes
}

fn blocked(uuid: Uuid, failure: &Failure) -> String {
    format!(
        "the event without content was deleted, but `{uuid}` stays on MISP's event blocklist; lift it before trying \
         again: {}",
        failure.message
    )
}
