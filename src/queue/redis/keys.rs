//! The names of all keys. They share the hash tag `{prefix}`, so that a cluster keeps them on one node and one
//! script may touch several.
//!
//! | key | type | for |
//! |-----|------|-----|
//! | `articles`   | stream | jobs published, waiting and running; group `subscribers` |
//! | `again`      | stream | the same for jobs that come back (due, handed back, revived): read first |
//! | `later`      | sorted set | whole jobs by due time |
//! | `dead`       | stream, capped | whole jobs given up |
//! | `delivered`, `skipped` | sorted sets | ids of jobs that ended so, by time |
//! | `seen:HASH`  | string with TTL | id of the job that an article was published under |
//! | `feed:HASH`  | hash | the memory of one feed |
//! | `job:ID`     | hash | what people see of a job, and its receipts; with TTL once it ended well |
//! | `body:ID`    | string with TTL | the page that was submitted with a job that has not ended well, deflated |
//! | `result:ID`  | string with TTL | what was made of an article, for people |
//! | `hour:N`     | hash with TTL | counters of the Nth hour since 1970 |
//! | `host:HOST`  | string with TTL | when the next turn at a host may be |
//! | `pause:HOST` | string with TTL | until when a host is not to be asked |
//! | `print:HASH` | sorted set with TTL | UUIDs of events that left a print, by the end of their time |
//! | `story:UUID` | string with TTL | what is said of an event that others may name |
//!
//! What is needed to go on with a job stands whole in `articles`, `again`, `later` or `dead`, none of which has a
//! TTL: a server that evicts keys with a TTL forgets nothing that matters, but for one thing. A submitted page is too
//! large for a stream that is read again and again, so it stands beside; its TTL (`store.remember`) sees to it that
//! none is left behind for good. A job whose page was evicted ends dead, and says so.

use crate::queue::JobState;
use crate::queue::identity::Key;

/// Keys under one prefix.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    tag: String,
}

impl Keys {
    /// Braces in the prefix would move the hash tag; they are left out.
    pub(super) fn new(prefix: &str) -> Self {
        let prefix: String = prefix.chars().filter(|c| !"{}".contains(*c)).collect();
        let prefix = if prefix.is_empty() {
            "gleaner"
        } else {
            &prefix
        };
        Self {
            tag: format!("{{{prefix}}}"),
        }
    }

    fn name(&self, name: &str) -> String {
        format!("{}:{name}", self.tag)
    }

    pub(super) fn articles(&self) -> String {
        self.name("articles")
    }

    pub(super) fn again(&self) -> String {
        self.name("again")
    }

    pub(super) fn later(&self) -> String {
        self.name("later")
    }

    pub(super) fn dead(&self) -> String {
        self.name("dead")
    }

    /// Of `delivered` or `skipped`.
    pub(super) fn finished(&self, state: JobState) -> String {
        self.name(state.as_str())
    }

    /// What the key of every submitted page begins with.
    pub(super) fn bodies(&self) -> String {
        self.name("body:")
    }

    pub(super) fn body(&self, id: &str) -> String {
        self.name(&format!("body:{id}"))
    }

    /// What the key of every result begins with.
    pub(super) fn results(&self) -> String {
        self.name("result:")
    }

    pub(super) fn result(&self, id: &str) -> String {
        self.name(&format!("result:{id}"))
    }

    /// What the key of every hour begins with.
    pub(super) fn hours(&self) -> String {
        self.name("hour:")
    }

    pub(super) fn seen(&self, key: &Key) -> String {
        self.name(&format!("seen:{}", key.as_str()))
    }

    pub(super) fn feed(&self, key: &Key) -> String {
        self.name(&format!("feed:{}", key.as_str()))
    }

    /// What the key of every job begins with.
    pub(super) fn jobs(&self) -> String {
        self.name("job:")
    }

    pub(super) fn job(&self, id: &str) -> String {
        self.name(&format!("job:{id}"))
    }

    pub(super) fn host(&self, host: &str) -> String {
        self.name(&format!("host:{host}"))
    }

    pub(super) fn pause(&self, host: &str) -> String {
        self.name(&format!("pause:{host}"))
    }

    pub(super) fn print(&self, print: &str) -> String {
        self.name(&format!("print:{print}"))
    }

    /// What the key of every story begins with.
    pub(super) fn stories(&self) -> String {
        self.name("story:")
    }

    pub(super) fn story(&self, event: uuid::Uuid) -> String {
        self.name(&format!("story:{event}"))
    }
}
