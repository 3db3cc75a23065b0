//! Text from the web on a terminal: what could steer it is replaced.

use std::fmt::Write as _;
use std::io::Write;

use anyhow::Result;

use crate::plain::steers;
pub(super) use crate::plain::{clean, short};

/// A time span by its largest unit.
pub(super) fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// JSON whose strings show what could steer a terminal as escapes.
pub(super) fn write_json(out: &mut dyn Write, value: &impl serde::Serialize) -> Result<()> {
    writeln!(out, "{}", harmless(serde_json::to_string_pretty(value)?))?;
    Ok(())
}

/// The same in one line.
pub(super) fn write_json_line(out: &mut dyn Write, value: &impl serde::Serialize) -> Result<()> {
    writeln!(out, "{}", harmless(serde_json::to_string(value)?))?;
    Ok(())
}

fn harmless(json: String) -> String {
    let is_harmful = |c: char| c != '\n' && steers(c);
    if !json.contains(is_harmful) {
        return json;
    }
    let mut safe = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if is_harmful(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn nothing_steers_the_terminal(text in "\\PC*|.*|[\u{0}-\u{9f}\u{2020}-\u{2070}]*") {
            proptest::prop_assert!(!clean(&text).chars().any(steers));
            let mut out = Vec::new();
            write_json(&mut out, &text).unwrap();
            let json = String::from_utf8(out).unwrap();
            proptest::prop_assert!(!json.trim_end_matches('\n').chars().any(steers));
            proptest::prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }

    #[test]
    fn spans_are_short() {
        for (seconds, shown) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (7199, "1h"),
            (86_400, "1d"),
        ] {
            assert_eq!(span(seconds), shown);
        }
        assert_eq!(short("a\u{1b}[31mb\r\nc", 20), "a\u{fffd}[31mb c");
        assert_eq!(short("abcdef", 4), "abc…");
    }
}
