//! Gleaner seen from the outside: one binary for all integration tests.

mod article;
mod cli;
mod faults;
mod feeds;
mod misp;
mod queue;
mod support;
