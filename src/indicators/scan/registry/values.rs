//! What is written to a registry key, where the text says it beside the key.
//!
//! The forms are those of the tools that write the registry and of the lists that tell of it:
//!
//! - `KEY\name = data`, `"KEY\name": "data"`, `KEY "name" = "data"`, `KEY: [name] data`, `KEY|data`;
//! - the options of `reg add KEY /v name /d data` and of `New-ItemProperty -Path KEY -Name name -Value data`;
//! - the lines of an exported file, `[KEY]` and below it `"name"="data"`;
//! - labels: `Key: KEY Value: name Data: data`;
//! - the columns of a table: `Key`, `Value`, `Data`.
//!
//! The find stays where the key stands: what the data holds (the path of a program, a URL) is found for itself.
//! Data without quotation marks is believed as far as its end is beyond doubt; else the key is all there is.

mod reader;
mod rows;
#[cfg(test)]
mod tests;

pub(in super::super) use self::rows::row;
use super::super::{Kind, Raw, Text};
use reader::{How, Reader};

/// The most values of one key in an exported file.
const MOST_LINES: usize = 64;

/// The most labels behind one key: its value's name, type and data.
const MOST_LABELS: usize = 4;

/// Joins keys with what is written there.
pub(in super::super) fn join(text: &Text<'_>, raws: &mut Vec<Raw>) {
    if raws.iter().all(|raw| raw.kind != Some(Kind::Regkey)) {
        return;
    }
    let mut further = Vec::new();
    for at in 0..raws.len() {
        let (before, after) = raws.split_at_mut(at + 1);
        if let Some(raw) = before.last_mut()
            && raw.kind == Some(Kind::Regkey)
        {
            add(text, raw, after, &mut further);
        }
    }
    if further.is_empty() {
        return;
    }
    // The name of a value is nothing by itself: `"a.exe"="1"`.
    raws.retain(|raw| {
        let within = further.partition_point(|name: &Raw| name.span.start <= raw.span.start);
        within
            .checked_sub(1)
            .and_then(|name| further.get(name))
            .is_none_or(|name| raw.span.start >= name.span.end)
    });
    raws.append(&mut further);
    raws.sort_by_key(|raw| raw.span.start);
}

/// Key, name and data as MISP writes them. A value without a name is the key's own.
fn joined(key: &str, name: &str, data: &str) -> String {
    let key = key.trim_end_matches('\\');
    match name {
        "" | "@" | "(Default)" | "(default)" => format!("{key}|{data}"),
        _ => format!("{key}\\{name}|{data}"),
    }
}

/// What is written to a key.
#[derive(Debug)]
struct Stated {
    name: String,
    data: String,
}

/// Makes the key one with its data if the text states it; further values of an exported key go to `further`.
fn add(text: &Text<'_>, raw: &mut Raw, after: &[Raw], further: &mut Vec<Raw>) {
    let mut reader = Reader::new(text, raw.span.clone(), after);
    let closing = reader.closing();
    if closing == b']' && reader.line_break() {
        exported(&mut reader, raw, further);
        return;
    }
    let start = reader.at();
    let stated = [options, assigned, labelled].into_iter().find_map(|form| {
        reader.go(start);
        form(&mut reader).filter(|stated| is_data(&stated.data))
    });
    if let Some(stated) = stated {
        raw.value = joined(&raw.value, &stated.name, &stated.data);
        raw.kind = Some(Kind::RegkeyValue);
    }
}

/// Whether it says something: not `...`, `<path>` or a mark.
fn is_data(data: &str) -> bool {
    let open = data.starts_with('<') && data.ends_with('>') || data.contains('…');
    !open && data.chars().any(char::is_alphanumeric)
}

/// `"name"="data"` and `@="data"` on the lines below `[KEY]`.
fn exported(reader: &mut Reader<'_, '_>, raw: &mut Raw, further: &mut Vec<Raw>) {
    let key = raw.value.clone();
    for _ in 0..MOST_LINES {
        let Some(span) = reader.value_name() else {
            return;
        };
        let name = reader.text().slice(span.clone()).trim_matches('"');
        let Some(data) = reader.data(How::Line).filter(|data| is_data(data)) else {
            return;
        };
        let value = joined(&key, &reader::unescaped(name), &data);
        if raw.kind == Some(Kind::Regkey) {
            raw.kind = Some(Kind::RegkeyValue);
            raw.value = value;
        } else {
            further.push(Raw::new(Kind::RegkeyValue, value, span));
        }
        if !reader.line_break() {
            return;
        }
    }
}

/// The options of a command: `/v name /t REG_SZ /d data /f`, `-Name name -Value data -Force`.
fn options(reader: &mut Reader<'_, '_>) -> Option<Stated> {
    let mut name = None;
    let mut data = None;
    while let Some(option) = reader.option() {
        match option.to_ascii_lowercase().as_str() {
            "/v" | "-v" | "-name" | "-n" => name = Some(reader.argument()?),
            "/d" | "-d" | "-value" => data = Some(reader.argument()?),
            "/t" | "-t" | "/s" | "-s" | "-propertytype" | "-type" => {
                reader.argument()?;
            }
            _ => {}
        }
    }
    Some(Stated {
        name: name.unwrap_or_default(),
        data: data?,
    })
}

/// A sign between key, or name, and data.
fn assigned(reader: &mut Reader<'_, '_>) -> Option<Stated> {
    if let Some(data) = reader.bar() {
        return Some(Stated {
            name: String::new(),
            data,
        });
    }
    let start = reader.at();
    if let Some(how) = reader.sign() {
        let inner = reader.at();
        if how == How::Sure
            && let Some(stated) = named(reader)
        {
            return Some(stated);
        }
        reader.go(inner);
        return Some(Stated {
            name: String::new(),
            data: reader.data(how)?,
        });
    }
    reader.go(start);
    reader.comma();
    named(reader)
}

/// `"name" = "data"`, `[name] data`, `name = data`.
fn named(reader: &mut Reader<'_, '_>) -> Option<Stated> {
    if let Some(name) = reader.bracketed() {
        let data = reader.data(How::Sure)?;
        return Some(Stated { name, data });
    }
    let quoted = reader.quoted();
    let is_quoted = quoted.is_some();
    let name = match quoted {
        Some(name) => name,
        None => reader.word()?,
    };
    // A word and a colon are prose: `KEY: Note: …`.
    let how = reader.sign().filter(|how| is_quoted || *how == How::Word)?;
    let data = reader.data(how)?;
    Some(Stated { name, data })
}

/// `Value: name Data: data`, `Data: data`, `Value: data`, on the key's line or on those below a labelled key.
fn labelled(reader: &mut Reader<'_, '_>) -> Option<Stated> {
    let mut name = None;
    for _ in 0..MOST_LABELS {
        let label = reader.label()?;
        if reader::NEXT_KEY.contains(&label) {
            return None;
        }
        match label {
            "type" | "value type" => {
                reader.field()?;
            }
            "data" | "value data" => {
                return Some(Stated {
                    name: name.unwrap_or_default(),
                    data: reader.data(How::Line)?,
                });
            }
            _ => {
                let at = reader.at();
                let field = reader.field()?;
                let end = reader.at();
                let last = reader
                    .label()
                    .is_none_or(|label| reader::NEXT_KEY.contains(&label));
                if last && label == "value" {
                    reader.go(at);
                    return Some(Stated {
                        name: name.unwrap_or_default(),
                        data: reader.data(How::Line)?,
                    });
                }
                reader.go(end);
                name = Some(field);
            }
        }
    }
    None
}
