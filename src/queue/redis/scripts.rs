//! The Lua scripts: each one step that happens or does not.
//!
//! Those that end or go on with a job may run while the server is over its `maxmemory` (flag `allow-oom`,
//! Redis 7), because they are what makes room. Those that bring new work may not.

use std::sync::LazyLock;

use redis::Script;

/// A script and what it is called with.
pub(super) struct Call {
    script: &'static Script,
    keys: Vec<String>,
    args: Vec<Vec<u8>>,
}

impl Call {
    pub(super) const fn new(script: &'static Script) -> Self {
        Self {
            script,
            keys: Vec::new(),
            args: Vec::new(),
        }
    }

    pub(super) fn key(mut self, key: String) -> Self {
        self.keys.push(key);
        self
    }

    pub(super) fn arg(mut self, arg: impl redis::ToRedisArgs) -> Self {
        arg.write_redis_args(&mut self.args);
        self
    }

    pub(super) const fn script(&self) -> &'static Script {
        self.script
    }

    /// The call, ready to be sent alone or in a pipeline.
    pub(super) fn invocation(&self) -> redis::ScriptInvocation<'static> {
        let mut invocation = self.script.prepare_invoke();
        for key in &self.keys {
            invocation.key(key);
        }
        for arg in &self.args {
            invocation.arg(arg.as_slice());
        }
        invocation
    }
}

macro_rules! scripts {
    ($($(#[$doc:meta])* $name:ident = $flags:literal, $file:literal;)*) => {
        $($(#[$doc])*
        pub(super) static $name: LazyLock<Script> = LazyLock::new(|| {
            Script::new(concat!(
                "#!lua", $flags, "\n",
                include_str!("lua/prelude.lua"),
                include_str!(concat!("lua/", $file, ".lua")),
            ))
        });)*
    };
}

scripts! {
    PUBLISH = "", "publish";
    MARK = "", "mark";
    REVIVE = "", "revive";
    TELL = "", "tell";
    RESULT = "", "result";
    TOLD = " flags=allow-oom", "told";
    LINK = " flags=allow-oom", "link";
    YIELD = " flags=allow-oom", "yield";
    CLAIM = " flags=allow-oom", "claim";
    RENEW = " flags=allow-oom", "renew";
    RECORD = " flags=allow-oom", "record";
    COMPLETE = " flags=allow-oom", "complete";
    PUT_BACK = " flags=allow-oom", "put_back";
    BURY = " flags=allow-oom", "bury";
    DISCARD = " flags=allow-oom", "discard";
    DROP = " flags=allow-oom", "drop";
    HOST_TURN = " flags=allow-oom", "host_turn";
    HOST_PAUSE = " flags=allow-oom", "host_pause";
    TIDY = " flags=allow-oom", "tidy";
    COUNTS = " flags=allow-oom", "counts";
    PAGE = " flags=allow-oom", "page";
    HOURS = " flags=allow-oom", "hours";
}
