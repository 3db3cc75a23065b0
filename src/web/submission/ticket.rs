//! So that two clicks on *Submit* are one job.
//!
//! An article that is taken again is published whatever is known, so the store cannot tell a second click by the
//! article. Each form carries a ticket instead, and the job's id is made of it and of what was sent: the second click
//! publishes the same job, which every store does once. Nothing is remembered here, so it holds across processes and
//! restarts.

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::queue::Job;

/// What one form has that no other has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::web) struct Ticket(Uuid);

impl Ticket {
    pub(in crate::web) fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// As it is written into a form.
    pub(in crate::web) fn text(&self) -> String {
        self.0.simple().to_string()
    }

    /// Reads it back. Whether it was given out is told by the session's signature.
    pub(in crate::web) fn read(text: &str) -> Option<Self> {
        let uuid = Uuid::try_parse(text).ok()?;
        (uuid.get_version_num() == 7 && text.len() == 32).then_some(Self(uuid))
    }

    /// The id of a job that this form asks for: the time of the form, then a hash of what is asked for.
    pub(super) fn id(&self, job: &Job) -> String {
        let entry = &job.entry;
        let mut parts = vec![&self.0.as_bytes()[..]];
        parts.extend([&entry.link, &entry.title].map(String::as_bytes));
        parts.extend(job.body().map(|body| &*body.bytes));
        parts.extend(job.source.tags.iter().map(String::as_bytes));
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part.len().to_be_bytes());
            hasher.update(part);
        }
        let hash: [u8; 32] = hasher.finalize().into();
        let mut bytes = *self.0.as_bytes();
        for (byte, hashed) in bytes.iter_mut().zip(hash).skip(TIME) {
            *byte = hashed;
        }
        let id = uuid::Builder::from_bytes(bytes)
            .with_version(uuid::Version::SortRand)
            .with_variant(uuid::Variant::RFC4122);
        id.into_uuid().simple().to_string()
    }
}

/// Bytes of a UUIDv7 that are its time (RFC 9562).
const TIME: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_written_is_read() {
        let ticket = Ticket::new();
        assert_eq!(Ticket::read(&ticket.text()), Some(ticket));
        for text in [
            "",
            "1",
            &Uuid::new_v4().simple().to_string(),
            &Uuid::now_v7().to_string(),
        ] {
            assert_eq!(Ticket::read(text), None, "{text}");
        }
    }
}
