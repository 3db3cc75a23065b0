//! A list as it is kept: MISP's files and the answers of its API.

use serde::Deserialize;

/// How a list's entries are compared with values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListType {
    /// The value is the entry.
    String,
    /// The entry stands in the value.
    Substring,
    /// The value's host is the entry, or lies below it.
    Hostname,
    /// The value's address lies in the net.
    Cidr,
    /// The value matches: `/…/i`, or without slashes.
    Regex,
}

/// One warninglist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Its name: what people see, and what the configuration calls it by.
    pub name: String,
    /// How it is compared.
    pub list_type: ListType,
    /// MISP attribute types it speaks of; empty for all.
    pub matching_attributes: Vec<String>,
    /// Its entries.
    pub values: Vec<String>,
}

/// A list that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// No JSON, or not that of a warninglist.
    #[error("not a warninglist: {0}")]
    Json(#[from] serde_json::Error),
}

impl List {
    /// Reads a `list.json` of misp-warninglists, or the answer of MISP to `GET /warninglists/view/{id}.json`.
    pub fn from_misp_json(json: &[u8]) -> Result<Self, ListError> {
        Ok(match serde_json::from_slice::<Written>(json)? {
            Written::Answer { list } => list.into(),
            Written::File(list) => list.into(),
        })
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Answer {
        #[serde(rename = "Warninglist")]
        list: Answer,
    },
    File(File),
}

#[derive(Deserialize)]
struct File {
    name: String,
    #[serde(rename = "type", default = "default_type")]
    list_type: ListType,
    #[serde(default)]
    matching_attributes: Vec<String>,
    list: Vec<Entry>,
}

#[derive(Deserialize)]
struct Answer {
    name: String,
    #[serde(rename = "type", default = "default_type")]
    list_type: ListType,
    #[serde(rename = "WarninglistEntry", default)]
    entries: Vec<AnswerEntry>,
    #[serde(rename = "WarninglistType", default)]
    types: Vec<AnswerType>,
}

#[derive(Deserialize)]
struct AnswerEntry {
    value: Entry,
}

#[derive(Deserialize)]
struct AnswerType {
    #[serde(rename = "type")]
    name: String,
}

/// Entries are strings; a file made by hand may hold numbers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Text(String),
    Number(serde_json::Number),
}

/// MISP's own default.
const fn default_type() -> ListType {
    ListType::String
}

impl From<Entry> for String {
    fn from(entry: Entry) -> Self {
        match entry {
            Entry::Text(text) => text,
            Entry::Number(number) => number.to_string(),
        }
    }
}

impl From<File> for List {
    fn from(file: File) -> Self {
        Self {
            name: file.name,
            list_type: file.list_type,
            matching_attributes: file.matching_attributes,
            values: file.list.into_iter().map(String::from).collect(),
        }
    }
}

impl From<Answer> for List {
    fn from(answer: Answer) -> Self {
        Self {
            name: answer.name,
            list_type: answer.list_type,
            matching_attributes: answer.types.into_iter().map(|of| of.name).collect(),
            values: answer
                .entries
                .into_iter()
                .map(|entry| entry.value.into())
                .collect(),
        }
    }
}
