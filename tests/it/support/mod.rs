//! What the tests share: servers on loopback, stores, folders.

pub(crate) mod app;
pub(crate) mod blog;
pub(crate) mod memory_queue;
pub(crate) mod misp;
pub(crate) mod pages;
#[cfg(feature = "pdf")]
pub(crate) mod pdf;
pub(crate) mod redis;
pub(crate) mod web;
