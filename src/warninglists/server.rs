//! The lists that are enabled on the MISP server, kept as copies so that they are at hand when it is down.
//!
//! The copies lie in one folder, with an index that names their server and when they were made. A list that did
//! not change (its version is the same) is not asked for again.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::destinations::misp::MispClient;
use crate::failure::{Failure, Reason};

const INDEX: &str = "index.json";

/// What lies in the folder.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Index {
    /// Base URL of the server.
    server: String,
    lists: Vec<Kept>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    id: String,
    version: String,
}

impl Kept {
    fn file(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}-{}.json", self.id, self.version))
    }
}

/// The version of the list that a copy is of; it stands in its name.
pub(super) fn version(file: &Path) -> Option<Value> {
    let (_, version) = file.file_stem()?.to_str()?.rsplit_once('-')?;
    (!version.is_empty()).then(|| Value::from(version))
}

/// Files with the lists as they are on the server, asked for again when the copies are older than `refresh`.
pub(super) async fn copies(
    client: &MispClient,
    folder: &Path,
    refresh: Duration,
) -> Result<Vec<PathBuf>, Failure> {
    let before = index(folder, client.address());
    let age = fs::metadata(folder.join(INDEX))
        .and_then(|data| data.modified())
        .ok()
        .and_then(|at| SystemTime::now().duration_since(at).ok());
    if let (Some(before), Some(age)) = (&before, age)
        && age < refresh
        && before.lists.iter().all(|list| list.file(folder).exists())
    {
        return Ok(files(before, folder));
    }
    let lists = enabled(client).await?;
    fs::create_dir_all(folder).map_err(|error| storage(folder, &error))?;
    for list in &lists {
        let file = list.file(folder);
        if !file.exists() {
            let path = format!("/warninglists/view/{}.json", list.id);
            let json = client.get(&path).await?.ok()?.body.to_string();
            write(&file, json.as_bytes())?;
        }
    }
    let now = Index {
        server: client.address().to_owned(),
        lists,
    };
    let json = serde_json::to_vec(&now).unwrap_or_default();
    write(&folder.join(INDEX), &json)?;
    for old in before.iter().flat_map(|before| &before.lists) {
        if !now.lists.contains(old) {
            let _ = fs::remove_file(old.file(folder));
        }
    }
    Ok(files(&now, folder))
}

/// Files with the lists as they were, whatever their age; none if there never were any.
pub(super) fn old_copies(server: &str, folder: &Path) -> Vec<PathBuf> {
    index(folder, server).map_or_else(Vec::new, |index| files(&index, folder))
}

/// Whether there is a copy to go on with, whatever its age.
pub(super) fn has_copies(server: &str, folder: &Path) -> bool {
    index(folder, server).is_some()
}

/// The index of the copies, if they are of this server.
fn index(folder: &Path, server: &str) -> Option<Index> {
    let file = folder.join(INDEX);
    let json = fs::read(&file).ok()?;
    match serde_json::from_slice::<Index>(&json) {
        Ok(index) => (index.server == server).then_some(index),
        Err(error) => {
            tracing::warn!(file = %file.display(), %error, "the index of the warninglists' copies cannot be read");
            None
        }
    }
}

/// The copies that are there. One that is missing is named, and does no harm to the others.
fn files(index: &Index, folder: &Path) -> Vec<PathBuf> {
    let files = index.lists.iter().map(|list| list.file(folder));
    let (there, missing): (Vec<_>, Vec<_>) = files.partition(|file| file.exists());
    for file in missing {
        tracing::warn!(file = %file.display(), "the copy of a warninglist is missing");
    }
    there
}

/// The lists enabled on the server.
async fn enabled(client: &MispClient) -> Result<Vec<Kept>, Failure> {
    let answer = client
        .get("/warninglists/index/enabled:1.json")
        .await?
        .ok()?;
    let Some(lists) = answer.body.get("Warninglists").and_then(Value::as_array) else {
        return Err(answer.garbled("no `Warninglists` in it"));
    };
    let kept = |list: &Value| {
        let list = list.get("Warninglist")?;
        // Ids name files here.
        let number = |key: &str| {
            let text = match list.get(key)? {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            text.bytes()
                .all(|byte| byte.is_ascii_digit())
                .then_some(text)
        };
        let enabled = list.get("enabled").is_none_or(|enabled| {
            matches!(enabled, Value::Bool(true)) || enabled == 1 || enabled == "1"
        });
        let kept = Kept {
            id: number("id").filter(|id| !id.is_empty())?,
            version: number("version").unwrap_or_default(),
        };
        enabled.then_some(kept)
    };
    Ok(lists.iter().filter_map(kept).collect())
}

/// Writes a file that is whole or not there.
fn write(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let draft = file.with_extension(format!("{}.part", std::process::id()));
    fs::write(&draft, bytes)
        .and_then(|()| fs::rename(&draft, file))
        .map_err(|error| storage(file, &error))
}

fn storage(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        Reason::Storage,
        format!("`{}` cannot be written: {error}", path.display()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_copy_does_no_harm_to_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let index = r#"{"server": "https://m.top", "lists": [{"id": "1", "version": "2"}, {"id": "3", "version": "4"}]}"#;
        fs::write(at(INDEX), index).unwrap();
        fs::write(at("3-4.json"), "{}").unwrap();
        assert_eq!(old_copies("https://m.top", folder.path()), [at("3-4.json")]);
        assert!(old_copies("https://other.top", folder.path()).is_empty());
        fs::write(at(INDEX), "no JSON").unwrap();
        assert!(old_copies("https://m.top", folder.path()).is_empty());
    }
}
