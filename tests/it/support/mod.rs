//! What the tests share: servers on loopback, stores, folders.

pub(crate) mod web;
