//! The queue: what both stores promise, and what each alone has to stand.

mod commands;
mod conformance;
mod model;
mod redis_faults;
mod redis_servers;
mod sqlite_faults;
mod world;
