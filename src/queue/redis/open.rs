//! Opening the store: connecting, and refusing servers that cannot keep the promises.

use std::collections::HashMap;
use std::time::Duration;

use redis::Value;

use super::keys::Keys;
use super::link::Link;
use super::news::News;
use super::scripts::{self, Call};
use super::target::Target;
use super::{RedisQueue, millis};
use crate::config::Store;
use crate::queue::{Holder, QueueError, Result, Terms};

/// A consumer that held nothing for this long is forgotten.
const CONSUMER_IDLE: Duration = Duration::from_secs(24 * 60 * 60);

impl RedisQueue {
    /// Connects and checks the server's version.
    ///
    /// Fails with [`QueueError::Unavailable`] when it does not answer within seconds, with
    /// [`QueueError::Store`] when the URL is wrong or the server too old.
    pub async fn open(store: &Store) -> Result<Self> {
        // Refused when another part of the program installed it before, which is as good.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let ca = if store.ca_file.as_os_str().is_empty() {
            None
        } else {
            let file = store.ca_file.display();
            let read = tokio::fs::read(&store.ca_file).await;
            Some(read.map_err(|error| {
                QueueError::Store(format!("cannot read `store.ca_file` `{file}`: {error}"))
            })?)
        };
        let target = Target::parse(&store.url, ca)?;
        let keys = Keys::new(&store.prefix);
        let queue = Self {
            link: Link::new(target.clone(), keys.articles()),
            keys,
            terms: Terms::from_config(store),
            holder: Holder::new(),
            news: News::default(),
        };
        queue.check_version(&target).await?;
        queue.tidy().await?;
        Ok(queue)
    }

    async fn check_version(&self, target: &Target) -> Result<()> {
        let hello: Result<HashMap<String, Value>> = self.link.command(&redis::cmd("HELLO")).await;
        let version = match hello {
            Ok(hello) => hello
                .get("version")
                .and_then(|version| redis::from_redis_value_ref::<String>(version).ok())
                .unwrap_or_default(),
            // Servers before version 6 do not know the command.
            Err(QueueError::Store(error)) if error.contains("unknown command") => {
                "5 or older".into()
            }
            Err(error) => return Err(error),
        };
        let major: u32 = version
            .split('.')
            .next()
            .and_then(|major| major.parse().ok())
            .unwrap_or(0);
        if major < 7 {
            return Err(QueueError::Store(format!(
                "{target} is of version {version}; the queue needs Redis 7 or Valkey, whose scripts can end \
                 jobs while the server is full"
            )));
        }
        Ok(())
    }

    /// Forgets consumers of processes long gone.
    async fn tidy(&self) -> Result<()> {
        let call = Call::new(&scripts::TIDY)
            .key(self.keys.articles())
            .key(self.keys.again())
            .arg(millis(CONSUMER_IDLE));
        self.link.call(&call).await
    }
}
