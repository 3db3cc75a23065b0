//! The queue: what both stores promise, and what each alone has to stand.

/// Tests of one name in two modules, each with a store of its own.
macro_rules! on_both_stores {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            use super::World;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(World::sqlite()).await; })*
        }
        mod redis {
            use super::World;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(World::redis().await).await; })*
        }
    };
}

mod commands;
mod conformance;
mod hosts;
mod model;
mod people;
mod poison;
mod redis_faults;
mod redis_servers;
mod sqlite_faults;
mod world;
