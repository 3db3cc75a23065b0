//! Where knowledge comes from: the section `info` of a pack, JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::pack::PackError;

/// Where the parts of a pack come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Origins {
    /// The galaxies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub galaxies: Option<Origin>,
    /// The warninglists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warninglists: Option<Origin>,
    /// Warninglists of updates before that, of which something is still in use, the latest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Origin>,
    /// The words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<Origin>,
}

/// Where one part comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// A package and its version, a URL, a folder, a server.
    pub from: String,
    /// When it was taken from there, RFC 3339; the built-in pack knows no time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Versions of galaxies by kind, or of lists by name, as far as they have one.
    pub versions: BTreeMap<String, String>,
}

impl Origins {
    /// Reads the section.
    pub fn read(json: &[u8]) -> Result<Self, PackError> {
        serde_json::from_slice(json)
            .map_err(|_| PackError::Nonsense("where it comes from cannot be read"))
    }

    /// Writes the section.
    pub fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}
