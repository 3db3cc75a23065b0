//! The MISP event: its parts as MISP writes them, and building one from an article.

use serde::{Deserialize, Serialize};

/// A MISP event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Version 5, from the article's identity.
    pub uuid: uuid::Uuid,
}
