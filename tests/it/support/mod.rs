//! What the tests share: servers on loopback, stores, folders.

pub(crate) mod blog;
pub(crate) mod memory_queue;
