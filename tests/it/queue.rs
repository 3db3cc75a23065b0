//! The queue: what both stores promise, and what each alone has to stand.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr,
    reason = "a test may fail"
)]

mod commands;
mod conformance;
mod model;
mod redis_faults;
mod redis_servers;
mod sqlite_faults;
mod world;
