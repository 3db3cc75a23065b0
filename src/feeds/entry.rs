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
    /// What it is about, by its feed: few and short ones. Jobs of earlier versions have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_earlier_versions_are_read() {
        let old = r#"{"link": "https://a.test/", "link_as_given": "https://a.test/", "title": "T", "guid": null,
                      "published": null, "updated": null}"#;
        let mut entry: Entry = serde_json::from_str(old).unwrap();
        assert_eq!(entry.categories, [""; 0]);
        assert!(
            !serde_json::to_string(&entry)
                .unwrap()
                .contains("categories")
        );
        entry.categories.push("Emotet".into());
        let again: Entry = serde_json::from_str(&serde_json::to_string(&entry).unwrap()).unwrap();
        assert_eq!(again, entry);
    }
}
