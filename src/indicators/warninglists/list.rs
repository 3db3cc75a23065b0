//! A list as it is kept: MISP's files and the answers of its API.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

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
    /// No JSON.
    #[error("not a warninglist: {0}")]
    Json(#[from] serde_json::Error),
    /// JSON, but not an object.
    #[error("not a warninglist: a list is an object with `name`, `type` and `list`")]
    NoObject,
    /// A field of it is missing or not as it should be.
    #[error("not a warninglist: `{field}`: {problem}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

impl List {
    /// Reads a `list.json` of misp-warninglists, or the answer of MISP to `GET /warninglists/view/{id}.json`.
    pub fn from_misp_json(json: &[u8]) -> Result<Self, ListError> {
        // Field by field, so that a fault names its field.
        let Value::Object(mut fields) = serde_json::from_slice(json)? else {
            return Err(ListError::NoObject);
        };
        match fields.remove("Warninglist") {
            None => Self::of_file(fields),
            Some(Value::Object(fields)) => Self::of_answer(fields),
            Some(_) => Err(fault("Warninglist", "not an object")),
        }
    }

    fn of_file(mut fields: Map<String, Value>) -> Result<Self, ListError> {
        let values: Vec<Value> = required(&mut fields, "list")?;
        Ok(Self {
            name: required(&mut fields, "name")?,
            list_type: list_type(&mut fields)?,
            matching_attributes: optional(&mut fields, "matching_attributes")?.unwrap_or_default(),
            values: texts("list", values.into_iter().map(Some))?,
        })
    }

    fn of_answer(mut fields: Map<String, Value>) -> Result<Self, ListError> {
        let mut members = |field, key| -> Result<Vec<String>, ListError> {
            let members: Vec<Value> = optional(&mut fields, field)?.unwrap_or_default();
            let member = |mut member: Value| member.get_mut(key).map(Value::take);
            texts(field, members.into_iter().map(member))
        };
        let values = members("WarninglistEntry", "value")?;
        let matching_attributes = members("WarninglistType", "type")?;
        Ok(Self {
            name: required(&mut fields, "name")?,
            list_type: list_type(&mut fields)?,
            matching_attributes,
            values,
        })
    }
}

fn fault(field: &'static str, problem: impl Into<String>) -> ListError {
    ListError::Field {
        field,
        problem: problem.into(),
    }
}

/// How it is compared; MISP's own default is letter for letter.
fn list_type(fields: &mut Map<String, Value>) -> Result<ListType, ListError> {
    Ok(optional(fields, "type")?.unwrap_or(ListType::String))
}

/// A field that may be missing or null.
fn optional<T: DeserializeOwned>(
    fields: &mut Map<String, Value>,
    field: &'static str,
) -> Result<Option<T>, ListError> {
    let value = fields.remove(field).unwrap_or_default();
    serde_json::from_value(value).map_err(|error| fault(field, error.to_string()))
}

fn required<T: DeserializeOwned>(
    fields: &mut Map<String, Value>,
    field: &'static str,
) -> Result<T, ListError> {
    optional(fields, field)?.ok_or_else(|| fault(field, "missing"))
}

/// Entries are strings; a file made by hand may hold numbers.
fn texts(
    field: &'static str,
    entries: impl Iterator<Item = Option<Value>>,
) -> Result<Vec<String>, ListError> {
    let text = |(number, entry)| match entry {
        Some(Value::String(text)) => Ok(text),
        Some(Value::Number(number)) => Ok(number.to_string()),
        _ => Err(fault(
            field,
            format!("entry {} is neither text nor a number", number + 1),
        )),
    };
    entries.enumerate().map(text).collect()
}
