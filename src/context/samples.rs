//! Tags made by hand, for tests.

use uuid::Uuid;

use super::{ContextTag, Place, Standing, Topic};

pub(crate) fn tag(name: &str, topic: Topic, standing: Standing) -> ContextTag {
    ContextTag {
        tag: name.into(),
        cluster: None,
        topic,
        standing,
        reason: "named in the title".into(),
        sentence: format!("It is about {}.", super::name(name)),
        places: Vec::new(),
    }
}

/// A cluster's tag; its UUID is made of its name.
pub(crate) fn cluster(galaxy: &str, name: &str, topic: Topic, standing: Standing) -> ContextTag {
    let uuid = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes());
    ContextTag {
        cluster: Some(uuid),
        ..tag(&format!("misp-galaxy:{galaxy}=\"{name}\""), topic, standing)
    }
}

/// The same where each of these texts stands first in its block.
pub(crate) fn at(mut tag: ContextTag, texts: &[(usize, &str)], blocks: &[&str]) -> ContextTag {
    for (block, text) in texts {
        let start = blocks[*block].find(text).unwrap();
        tag.places.push(Place {
            block: Some(*block),
            span: start..start + text.len(),
        });
    }
    tag
}
