//! Waiting for something new in the streams.

use std::time::Duration;

use redis::Value;
use redis::aio::MultiplexedConnection;
use tokio::sync::Mutex;

use super::keys::Keys;
use super::link::Link;
use crate::queue::Result;

/// The connection on which one caller at a time blocks.
///
/// It reads with `XREAD`, which shows what is new and hands out nothing: a read that is given up half-way (a
/// worker that shuts down, a connection that breaks) would otherwise take an entry along, to be missing until
/// its lease is over.
#[derive(Debug, Default)]
pub(super) struct News(Mutex<Option<Connection>>);

struct Connection(MultiplexedConnection);

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connection")
    }
}

impl News {
    /// Returns when one of the streams grew beyond its last known id, or after `wait`. Others who wait in this
    /// process queue behind; each of them looks for itself after its own time.
    pub(super) async fn wait(
        &self,
        link: &Link,
        keys: &Keys,
        last: &[String; 2],
        wait: Duration,
    ) -> Result<()> {
        let Ok(mut slot) = tokio::time::timeout(wait, self.0.lock()).await else {
            return Ok(());
        };
        // Taken out while in use: when this future is dropped, so is the connection with its pending answer.
        let mut connection = match slot.take() {
            Some(connection) => connection,
            None => Connection(link.blocking_connection().await?),
        };
        let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1);
        let mut command = redis::cmd("XREAD");
        command
            .arg(&["COUNT", "1", "BLOCK"])
            .arg(millis)
            .arg("STREAMS")
            .arg(keys.articles())
            .arg(keys.again())
            .arg(last);
        let read = command.query_async::<Value>(&mut connection.0);
        // The server keeps the time; this is for one that does not answer at all.
        let answer = tokio::time::timeout(wait + Duration::from_secs(5), read).await;
        if matches!(answer, Ok(Ok(_))) {
            *slot = Some(connection);
        } else {
            // The next claim finds out what is wrong and says so. If nothing is for it, this must not spin.
            tokio::time::sleep(wait.min(Duration::from_millis(100))).await;
        }
        Ok(())
    }
}
