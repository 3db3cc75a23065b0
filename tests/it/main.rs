//! Gleaner seen from the outside: one binary for all integration tests.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may panic, and says when it skips"
)]

mod article;
mod articles;
mod cli;
mod context;
mod extract;
mod faults;
mod feeds;
mod knowledge;
mod misp;
mod queue;
mod serve;
mod submissions;
mod support;
