//! Every environment variable Gleaner reads, and the snapshot of them that [`super::load`] works on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Path of the configuration file, when `--config` is not given.
pub const GLEANER_CONFIG: &str = "GLEANER_CONFIG";

/// Prefix of variables that set one key each: `GLEANER__SECTION__KEY`.
pub const OVERRIDE_PREFIX: &str = "GLEANER__";

/// Set by systemd for units with `StateDirectory=`: where local state may be written. The first of several
/// (colon-separated) is taken.
pub const STATE_DIRECTORY: &str = "STATE_DIRECTORY";

/// Set by systemd for units with `LoadCredential=`: a directory in which a file named `section.key`
/// (`misp.key`, `store.url`) sets that key.
pub const CREDENTIALS_DIRECTORY: &str = "CREDENTIALS_DIRECTORY";

/// Appended to the name of any variable that sets a secret: the value is read from that file.
pub const FILE_SUFFIX: &str = "_FILE";

/// The names the community uses, and the keys they set.
pub const WELL_KNOWN: [(&str, &str); 4] = [
    // Base URL of the MISP server.
    ("MISP_URL", "misp.url"),
    // Authentication key of the MISP user.
    ("MISP_KEY", "misp.key"),
    // `true`, `false`, or the path of a PEM file with the authority to trust.
    ("MISP_VERIFYCERT", "misp.verify_cert"),
    // Where Redis is.
    ("REDIS_URL", "store.url"),
];

/// The first path in a variable that holds a colon-separated list of paths.
pub fn path(name: &str) -> Option<PathBuf> {
    let value = std::env::var_os(name)?;
    std::env::split_paths(&value).find(|path| !path.as_os_str().is_empty())
}

/// A snapshot of the environment, so that loading is a pure function of its input.
#[derive(Debug, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// The variables of this process. Values that are not Unicode are left out.
    pub fn of_process() -> Self {
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self {
            variables: variables.collect(),
        }
    }

    /// The value of a variable, unless it is empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// All variables whose name starts with the prefix, with the rest of the name.
    pub fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.variables
            .range(prefix.to_owned()..)
            .map_while(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }

    /// The files of systemd's credentials directory, by name. An unreadable directory holds none.
    pub fn credentials(&self) -> Vec<(String, PathBuf)> {
        let Some(directory) = self.get(CREDENTIALS_DIRECTORY) else {
            return Vec::new();
        };
        let Ok(entries) = std::fs::read_dir(Path::new(directory)) else {
            return Vec::new();
        };
        let mut files: Vec<_> = entries
            .flatten()
            .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
            .collect();
        files.sort();
        files
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(variables: [(&str, &str); N]) -> Self {
        Self {
            variables: variables
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
        }
    }
}
