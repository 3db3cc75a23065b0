//! Numbers the way MISP writes them: as JSON strings on a default install, as integers on others.

use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serializer};

#[derive(Deserialize)]
#[serde(untagged)]
enum Loose {
    Text(String),
    Number(u64),
}

/// Writes a number as a string.
pub(super) fn serialize<T: Display, S: Serializer>(number: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(number)
}

/// Reads a number from a string or an integer.
pub(super) fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
where
    T: FromStr,
    T::Err: Display,
    D: Deserializer<'de>,
{
    let text = match Loose::deserialize(from)? {
        Loose::Text(text) => text,
        Loose::Number(number) => number.to_string(),
    };
    text.parse().map_err(serde::de::Error::custom)
}
