//! Log output.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Starts logging to standard error. `filter` overrides the configured level.
pub fn start(settings: &Log, filter: Option<&str>) -> Result<(), String> {
    let filter = filter.unwrap_or(&settings.level);
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        format!("log filter `{filter}`: {error}; write a level like `info`, or `gleaner=debug`")
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    match settings.format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        // journald and terminals without colours get plain text.
        LogFormat::Text => builder
            .with_ansi(std::io::stderr().is_terminal())
            .try_init(),
    }
    .map_err(|error| error.to_string())
}
