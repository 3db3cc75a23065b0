//! One item of a feed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One item of a feed, as far as the rest of Gleaner needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Canonical absolute URL of the article: its identity.
    pub link: String,
    /// The link as the feed wrote it.
    pub link_as_given: String,
    /// Title as plain text; empty when the feed has none.
    pub title: String,
    /// The feed's own id of the item, when it has one that names this item alone.
    pub guid: Option<String>,
    /// When it was published, by its feed.
    pub published: Option<DateTime<Utc>>,
    /// When it was last changed, by its feed.
    pub updated: Option<DateTime<Utc>>,
}
