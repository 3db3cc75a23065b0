//! UUIDs that are the same on every attempt, on every worker.
//!
//! All are version 5 (RFC 9562, section 5.5). An event's is made from [`NAMESPACE`] and the article's
//! canonical URL; those of its parts are made from the event's UUID, so that they too can be told in advance.

use uuid::{Uuid, uuid};

/// The namespace of article URLs. Changing it would make every known article a new event.
pub const NAMESPACE: Uuid = uuid!("f1592f30-8958-41ac-b282-edd0b6500e6a");

/// The namespace of organisation names, for feed folders whose `org_uuid` is not set.
pub const ORGANISATIONS: Uuid = uuid!("0c7d1c4e-6a55-4d6c-9f0e-2b1f4f2f9a3d");

/// The event of the article with this canonical URL.
pub fn event(canonical_url: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, canonical_url.as_bytes())
}

/// The attribute of this type and value. Name: `attribute:TYPE:VALUE`.
pub fn attribute(event: Uuid, kind: &str, value: &str) -> Uuid {
    Uuid::new_v5(&event, format!("attribute:{kind}:{value}").as_bytes())
}

/// The article's report. Name: `report`.
pub fn report(event: Uuid) -> Uuid {
    Uuid::new_v5(&event, b"report")
}

/// The organisation of this name.
pub fn organisation(name: &str) -> Uuid {
    Uuid::new_v5(&ORGANISATIONS, name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    // These values are a promise to every server that holds our events: they must never change.
    #[test]
    fn are_what_they_always_were() {
        let event = event("https://blog.example.com/a");
        assert_eq!(event.to_string(), "33eba64c-1775-5216-8427-71e64e5b1d95");
        assert_eq!(
            attribute(event, "link", "https://blog.example.com/a").to_string(),
            "8fef2d9b-b115-50ad-9293-9ec657593245"
        );
        assert_eq!(
            report(event).to_string(),
            "1f6e6998-6d4a-5882-96f6-5dde1f666a3a"
        );
    }

    #[test]
    fn type_and_value_both_count() {
        let event = event("https://blog.example.com/a");
        let ids = [
            attribute(event, "link", "a"),
            attribute(event, "url", "a"),
            attribute(event, "link", "b"),
            report(event),
        ];
        for (i, one) in ids.iter().enumerate() {
            assert!(ids.iter().skip(i + 1).all(|other| other != one));
        }
        assert_eq!(event.get_version_num(), 5);
    }
}
