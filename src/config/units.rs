//! Durations, sizes and secrets as they stand in the configuration.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A duration written as a number and a unit: `500ms`, `30s`, `15m`, `2h`, `99d`, `3w`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(Duration);

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

impl Span {
    /// So many seconds.
    pub const fn seconds(n: u64) -> Self {
        Self(Duration::from_secs(n))
    }
    /// So many minutes.
    pub const fn minutes(n: u64) -> Self {
        Self::seconds(n * MINUTE)
    }
    /// So many hours.
    pub const fn hours(n: u64) -> Self {
        Self::seconds(n * HOUR)
    }
    /// So many days.
    pub const fn days(n: u64) -> Self {
        Self::seconds(n * DAY)
    }
    /// As the standard library's type.
    pub const fn get(self) -> Duration {
        self.0
    }
    /// Whether it is nothing at all, which switches some settings off.
    pub const fn is_zero(self) -> bool {
        self.0.is_zero()
    }
}

impl From<Duration> for Span {
    fn from(duration: Duration) -> Self {
        Self(duration)
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let hint = || {
            format!(
                "`{text}` is not a duration; write a number and a unit, like `30s`, `15m`, `2h`, `99d`"
            )
        };
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(hint)?;
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().map_err(|_| hint())?;
        let scale = match unit.trim() {
            "ms" => return Ok(Self(Duration::from_millis(number))),
            "s" => 1,
            "m" | "min" => MINUTE,
            "h" => HOUR,
            "d" => DAY,
            "w" => WEEK,
            _ => return Err(hint()),
        };
        number
            .checked_mul(scale)
            .map(Self::seconds)
            .ok_or_else(hint)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.0.as_secs(), self.0.subsec_millis());
        if millis != 0 {
            return write!(f, "{}ms", self.0.as_millis());
        }
        for (unit, scale) in [("d", DAY), ("h", HOUR), ("m", MINUTE)] {
            if seconds != 0 && seconds % scale == 0 {
                return write!(f, "{}{unit}", seconds / scale);
            }
        }
        write!(f, "{seconds}s")
    }
}

/// A size written as a number and a unit: `512KiB`, `10MiB`, `2MB`, or plain bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(u64);

impl Bytes {
    /// So many mebibytes.
    pub const fn mib(n: u64) -> Self {
        Self(n * 1024 * 1024)
    }
    /// As a length in memory; saturates on 32-bit machines.
    pub fn get(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let hint = || {
            format!(
                "`{text}` is not a size; write bytes or a number and a unit, like `512KiB`, `10MiB`"
            )
        };
        let text = text.trim();
        let digits = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().map_err(|_| hint())?;
        let scale: u64 = match unit.trim() {
            "" | "B" => 1,
            "KB" | "kB" => 1000,
            "KiB" => 1024,
            "MB" => 1_000_000,
            "MiB" => 1024 * 1024,
            "GB" => 1_000_000_000,
            "GiB" => 1024 * 1024 * 1024,
            _ => return Err(hint()),
        };
        number.checked_mul(scale).map(Self).ok_or_else(hint)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, scale) in [
            ("GiB", 1024 * 1024 * 1024),
            ("MiB", 1024 * 1024),
            ("KiB", 1024),
        ] {
            if self.0 != 0 && self.0.is_multiple_of(scale) {
                return write!(f, "{}{unit}", self.0 / scale);
            }
        }
        write!(f, "{}", self.0)
    }
}

macro_rules! serde_as_text {
    ($type:ty) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = match toml::Value::deserialize(deserializer)? {
                    toml::Value::String(text) => text,
                    // Plain bytes; a duration refuses a number without a unit, and says what it wants.
                    other => other.to_string(),
                };
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
serde_as_text!(Span);
serde_as_text!(Bytes);

/// A key, password or URL with a password. `Debug`, logs and serialisation never show it.
#[derive(Clone, Default)]
pub struct Secret(SecretString);

impl Secret {
    /// The value itself, for the one place that hands it to its server.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
    /// Whether nothing was configured.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self(SecretString::from(value))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() {
            "\"\""
        } else {
            "\"[hidden]\""
        })
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if self.is_empty() { "" } else { "[hidden]" })
    }
}

impl<'de> Deserialize<'de> for Secret {
    /// Errors do not repeat the value, as serde's own would.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => Ok(Self(text.into())),
            _ => Err(serde::de::Error::custom(
                "expected a string in quotes (the value is not shown: it is a secret)",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_and_write() {
        for (text, seconds, shown) in [
            ("0s", 0, "0s"),
            ("90s", 90, "90s"),
            ("15m", 900, "15m"),
            ("120m", 7200, "2h"),
            ("24h", 86_400, "1d"),
            (" 99d ", 99 * 86_400, "99d"),
            ("3w", 21 * 86_400, "21d"),
        ] {
            let span: Span = text.parse().unwrap();
            assert_eq!(span, Span::seconds(seconds), "{text}");
            assert_eq!(span.to_string(), shown, "{text}");
        }
        assert_eq!(
            "250ms".parse::<Span>().unwrap().get(),
            Duration::from_millis(250)
        );
        for text in [
            "",
            "5",
            "s",
            "-5s",
            "5 parsecs",
            "1.5h",
            "99999999999999999999d",
            "999999999999999999w",
        ] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_read_and_write() {
        for (text, bytes, shown) in [
            ("0", 0, "0"),
            ("1000", 1000, "1000"),
            ("2MB", 2_000_000, "2000000"),
            ("10MiB", 10 << 20, "10MiB"),
            ("512 KiB", 512 << 10, "512KiB"),
            ("1024MiB", 1 << 30, "1GiB"),
        ] {
            let size: Bytes = text.parse().unwrap();
            assert_eq!(size.get(), bytes, "{text}");
            assert_eq!(size.to_string(), shown, "{text}");
        }
        for text in ["", "MiB", "1.5MiB", "10 potatoes", "99999999999GiB"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
    }

    #[test]
    fn secrets_stay_hidden() {
        let secret = Secret::from("hunter2");
        assert_eq!(format!("{secret:?}"), "\"[hidden]\"");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"[hidden]\"");
        let error = toml::from_str::<std::collections::BTreeMap<String, Secret>>("key = 31337")
            .unwrap_err();
        assert!(!error.message().contains("31337"), "{error}");
    }
}
