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

/// The event of an article that this job takes again, although it is known: another one than [`event`], and the same
/// on every attempt. Name: the canonical URL, a line break, the job's id.
pub fn event_again(canonical_url: &str, job: &str) -> Uuid {
    event(&format!("{canonical_url}\n{job}"))
}

/// The attribute of this type and value. Name: `attribute:TYPE:VALUE`.
pub fn attribute(event: Uuid, kind: &str, value: &str) -> Uuid {
    Uuid::new_v5(&event, format!("attribute:{kind}:{value}").as_bytes())
}

/// The object of this template with these values. Name: `object:TEMPLATE`, and a line `RELATION=VALUE` for each
/// value, in order.
pub fn object<'a>(
    event: Uuid,
    template: &str,
    values: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Uuid {
    let mut name = format!("object:{template}");
    for (relation, value) in values {
        name.push('\n');
        name.push_str(relation);
        name.push('=');
        name.push_str(value);
    }
    Uuid::new_v5(&event, name.as_bytes())
}

/// The attribute of an object in this field. Name: `attribute:RELATION:VALUE`.
pub fn member(object: Uuid, relation: &str, value: &str) -> Uuid {
    attribute(object, relation, value)
}

/// The relationship of this kind between an object and another part of the event. Name:
/// `reference:RELATIONSHIP:UUID`.
pub fn reference(object: Uuid, relationship: &str, to: Uuid) -> Uuid {
    Uuid::new_v5(&object, format!("reference:{relationship}:{to}").as_bytes())
}

/// The report with this text. Name: `report:TEXT`, the text without white space at the ends of lines and at its
/// own ends, and with `\n` between lines.
///
/// So a report tells by itself whether it is still as it was sent: one that was edited since, or extracted over
/// by MISP, has another text than its UUID was made of.
pub fn report(event: Uuid, content: &str) -> Uuid {
    let mut name = String::with_capacity(content.len() + 8);
    name.push_str("report:");
    for (number, line) in content.trim().lines().enumerate() {
        if number > 0 {
            name.push('\n');
        }
        name.push_str(line.trim_end());
    }
    Uuid::new_v5(&event, name.as_bytes())
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
            report(event, "text").to_string(),
            "54a41d63-89bc-5043-82e0-7cd9e007d51c"
        );
    }

    #[test]
    fn taken_again_is_another_event_for_each_job() {
        let link = "https://blog.example.com/a";
        let again = event_again(link, "0199f0c2a11170008000000000000001");
        assert_eq!(again.to_string(), "b896d44c-92be-5c34-b82d-4bcef6b67606");
        assert_ne!(again, event(link));
        assert_ne!(again, event_again(link, "0199f0c2a11170008000000000000002"));
    }

    #[test]
    fn line_ends_are_no_edit() {
        let event = event("https://blog.example.com/a");
        assert_eq!(report(event, "a\nb  \n"), report(event, "a\r\nb"));
        assert_ne!(report(event, "a\nb"), report(event, "a\nc"));
        assert_ne!(report(event, "a\n\nb"), report(event, "a\nb"));
    }

    #[test]
    fn type_and_value_both_count() {
        let event = event("https://blog.example.com/a");
        let ids = [
            attribute(event, "link", "a"),
            attribute(event, "url", "a"),
            attribute(event, "link", "b"),
            report(event, "a"),
            report(event, "b"),
        ];
        for (i, one) in ids.iter().enumerate() {
            assert!(ids.iter().skip(i + 1).all(|other| other != one));
        }
        assert_eq!(event.get_version_num(), 5);
    }
}
