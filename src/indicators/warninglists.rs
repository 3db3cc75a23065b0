//! Warninglists: values known to be harmless, as MISP's community keeps them.
//!
//! Format and matching follow MISP (`Warninglist` model) and
//! <https://github.com/MISP/misp-warninglists>: types `string`, `substring`, `hostname`, `cidr`, `regex`.

use super::Kind;

/// What happens to a value that stands on a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The value stays, without the IDS flag.
    #[default]
    Flag,
    /// The value is dropped.
    Drop,
}

/// A hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit<'a> {
    /// Name of the list.
    pub list: &'a str,
    /// What is to be done.
    pub action: Action,
}

/// Lists, ready to be asked.
#[derive(Debug, Default)]
pub struct Warninglists {}

impl Warninglists {
    /// The first list that has the value; one that drops before one that flags.
    pub fn hit(&self, _kind: Kind, _value: &str) -> Option<Hit<'_>> {
        None
    }
}
