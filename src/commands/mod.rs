//! What the subcommands do. Nothing else prints.

pub mod feed;
