//! `subscribe`: the consumer service.
//!
//! Runs until SIGTERM or SIGINT: it then claims nothing more, lets what is in flight finish within
//! `worker.shutdown_timeout`, hands the rest back, and ends with status 0. A store or destination that is
//! down does not end it. With `--drain` it ends when the queue is empty.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::config::Config;
use crate::worker::manners::Manners;
use crate::worker::{Until, Worker};
use crate::{app, cli, monitor, shutdown};

/// Jobs may be asked to come back after a day (`Retry-After`); a drain waits for all of them.
const ANY_TIME: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Runs the worker.
pub async fn run(
    config: &Config,
    config_path: Option<&Path>,
    args: &cli::Subscribe,
) -> anyhow::Result<()> {
    let stop = shutdown::on_signal()?;
    let file = app::feed_list_file(config, config_path);
    let manners =
        Manners::new(&app::feed_list(file.as_deref())?, file).map_err(anyhow::Error::msg)?;
    let queue = app::queue(config).await?;
    if let Some(address) = config.worker.metrics_address() {
        let address = monitor::start(address, Arc::clone(&queue), stop.clone()).await?;
        tracing::info!(%address, "metrics and health are served");
    }
    let pipeline = Arc::new(app::pipeline(config, Arc::clone(&queue), manners)?);
    let names: Vec<_> = pipeline
        .destinations
        .iter()
        .map(|destination| destination.name())
        .collect();
    let store = if config.uses_redis() {
        "redis"
    } else {
        "sqlite"
    };
    tracing::info!(
        store,
        destinations = names.join(","),
        in_flight = config.worker.in_flight,
        "working"
    );
    shutdown::ready();
    let until = if args.drain {
        Until::Drained(ANY_TIME)
    } else {
        Until::Stopped
    };
    Worker::new(config, queue, pipeline)
        .run(until, stop, |_| {})
        .await?;
    Ok(())
}
