//! Lists in a folder: a clone of misp-warninglists, or files of its format.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::indicators::warninglists::List;

/// Largest file read; the largest list of misp-warninglists has 30 MB.
const MAX_SIZE: u64 = 256 << 20;

/// The files of lists in a folder, in order of their names: `lists/NAME/list.json` of a clone, `NAME/list.json`, and
/// `.json` files. A clone's schema and manifests are no lists.
pub(super) fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let clone = folder.join("lists");
    let folder = if clone.is_dir() { &clone } else { folder };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let list = path.join("list.json");
        let named = path.extension().is_some_and(|end| end == "json");
        let schema = path.file_name().is_some_and(|name| name == "schema.json");
        if list.is_file() {
            files.push(list);
        } else if named && !schema && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Reads one list. The fault is for people.
pub(super) fn read(file: &Path) -> Result<List, String> {
    let mut json = Vec::new();
    let opened = fs::File::open(file).map_err(|error| error.to_string())?;
    opened
        .take(MAX_SIZE)
        .read_to_end(&mut json)
        .map_err(|error| error.to_string())?;
    List::from_misp_json(&json).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_and_single_files_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let list = r#"{"name": "N", "type": "string", "list": ["a.top"]}"#;
        fs::write(at("b.json"), list).unwrap();
        fs::write(at("schema.json"), "{}").unwrap();
        fs::write(at("README.md"), "x").unwrap();
        fs::create_dir_all(at("a")).unwrap();
        fs::write(at("a/list.json"), "no JSON").unwrap();
        let found = files(folder.path()).unwrap();
        assert_eq!(found, [at("a/list.json"), at("b.json")]);
        assert!(
            read(&found[0])
                .unwrap_err()
                .starts_with("not a warninglist")
        );
        assert_eq!(read(&found[1]).unwrap().values, ["a.top"]);

        fs::create_dir_all(at("lists/google")).unwrap();
        fs::write(at("lists/google/list.json"), list).unwrap();
        assert_eq!(
            files(folder.path()).unwrap(),
            [at("lists/google/list.json")]
        );
        assert!(files(&at("none")).is_err());
    }
}
