//! Every environment variable Gleaner reads.

use std::path::PathBuf;

/// Set by systemd for units with `StateDirectory=`: where local state may be written. The first of several
/// (colon-separated) is taken.
pub const STATE_DIRECTORY: &str = "STATE_DIRECTORY";

/// The first path in a variable that holds a colon-separated list of paths.
pub fn path(name: &str) -> Option<PathBuf> {
    let value = std::env::var_os(name)?;
    std::env::split_paths(&value).find(|path| !path.as_os_str().is_empty())
}
