//! The command line: types only, so that `--help` is the one place that says what there is.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::feeds::FirstRun;

/// Turns security blogs into MISP events that wait for an analyst.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// Configuration file [default: $GLEANER_CONFIG, ./config.toml, /etc/gleaner/config.toml, else built-in defaults].
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Log filter, like `debug` or `gleaner=debug,redis=warn` [default: `log.level` of the configuration].
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Poll the feeds, publish new articles to the queue, purge outdated incomplete events (for a crontab).
    Cron(Cron),
    /// Work on the queue: download articles and deliver them as MISP events (a service).
    Subscribe(Subscribe),
    /// Serve a page and an API to submit articles, and to see what became of them (a service).
    Serve(Serve),
    /// Poll the feeds and work until the queue is empty, in one process (needs no Redis and no MISP).
    Run(Run),
    /// Show what the poller reads in a feed, without publishing anything.
    Feed(Feed),
    /// Show which indicators would be taken from an article, and why.
    Extract(Extract),
    /// Look at what waits, runs and is dead; bring dead articles back.
    #[command(subcommand)]
    Queue(Queue),
    /// Look up names in what Gleaner knows of galaxies and warninglists, and refresh that.
    #[command(subcommand)]
    Knowledge(Knowledge),
    /// Check and show the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// `gleaner cron`
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub struct Cron {
    /// Print one JSON object for the whole run instead of lines.
    #[arg(long)]
    pub json: bool,
    /// Poll every feed now, whatever was agreed with its server.
    #[arg(long)]
    pub force: bool,
    /// Show which events the purge would delete, and do nothing else: no poll, no purge.
    #[arg(long)]
    pub dry_run: bool,
    /// Only poll.
    #[arg(long, conflicts_with_all = ["no_poll", "dry_run"])]
    pub no_purge: bool,
    /// Only purge.
    #[arg(long)]
    pub no_poll: bool,
}

/// `gleaner subscribe`
#[derive(Debug, Args)]
pub struct Subscribe {
    /// Exit when the queue is empty, articles that wait for another attempt included.
    #[arg(long)]
    pub drain: bool,
}

/// `gleaner serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// Make a token for this person or program, print it and its line for the configuration, and do nothing else.
    #[arg(long, value_name = "NAME", value_parser = token_name)]
    pub new_token: Option<String>,
}

fn token_name(name: &str) -> Result<String, String> {
    if crate::config::serve::is_token_name(name) {
        Ok(name.to_owned())
    } else {
        Err("use 1 to 64 letters, digits, `_` or `-`".to_owned())
    }
}

/// `gleaner run`
#[derive(Debug, Args)]
pub struct Run {
    /// Use a small sample blog that this program serves on loopback for the time of the run.
    #[arg(long, conflicts_with = "feeds")]
    pub demo: bool,
    /// Feed list to use instead of the configured one.
    #[arg(long, value_name = "FILE")]
    pub feeds: Option<PathBuf>,
    /// What to take from a feed seen for the first time: `all`, `latest N`, `since DAYS`.
    #[arg(long, value_name = "POLICY")]
    pub first_run: Option<FirstRun>,
    /// Wait so long for articles that failed and will be tried again; they stay queued for the next run.
    #[arg(long, value_name = "DURATION", default_value = "2m")]
    pub patience: crate::config::units::Span,
}

/// `gleaner feed`
#[derive(Debug, Args)]
pub struct Feed {
    /// URL or file of the feed; `-` reads standard input.
    #[arg(value_name = "URL|FILE")]
    pub input: String,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `gleaner extract`
#[derive(Debug, Args)]
#[command(
    after_help = "Needs no configuration. If `misp.url` is set, that server is asked for its warninglists, and copies \
                  of them are kept in `data_dir`; not with `--scan`, or `indicators.warninglists_misp = false`."
)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub struct Extract {
    /// URL or file of the article (HTML, PDF, Markdown, AsciiDoc, plain text); `-` reads standard input.
    #[arg(value_name = "URL|FILE", required_unless_present = "batch")]
    pub input: Option<String>,
    /// Print JSON.
    #[arg(long, conflicts_with = "batch")]
    pub json: bool,
    /// Everything well-formed, unjudged.
    #[arg(long)]
    pub scan: bool,
    /// References and what is dropped as well.
    #[arg(long, conflicts_with_all = ["scan", "batch"])]
    pub all: bool,
    /// Tags of what the article merely mentions as well.
    #[arg(long, conflicts_with = "scan")]
    pub mentions: bool,
    /// Read objects with `id` and `text` (or `page`, a file beside this one) from this file, one a line, and print one
    /// line for each: `{"id", "found": [{"type", "value", "to_ids", "verdict"}], "tags": ["..."]}`.
    #[arg(long, value_name = "FILE", conflicts_with = "input")]
    pub batch: Option<PathBuf>,
}

/// `gleaner queue`
#[derive(Debug, Subcommand)]
pub enum Queue {
    /// How many articles wait, run and are dead.
    Status {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// List articles, newest first.
    List {
        /// Only those in this state.
        #[arg(long, value_enum)]
        state: Option<State>,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Everything known of one article: history with reasons, and what the destinations answered.
    Show {
        /// Job id, the beginning of one, or the article's URL.
        id: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Bring dead articles back, with their attempts counted anew.
    Retry {
        /// Job ids, beginnings of them, or the articles' URLs.
        #[arg(required_unless_present = "all")]
        id: Vec<String>,
        /// All dead articles.
        #[arg(long, conflicts_with = "id")]
        all: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Take articles again although they are known: delivered, skipped, deleted in MISP. Each becomes an event of its own.
    Again {
        /// Job ids, beginnings of them, or the articles' URLs; a URL need not have been queued before.
        #[arg(required = true)]
        id: Vec<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Remove dead articles for good; they will not come back from their feeds.
    Drop {
        /// Job ids, beginnings of them, or the articles' URLs.
        #[arg(required = true)]
        id: Vec<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// States to list by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum State {
    /// Ready for a worker.
    Waiting,
    /// Held by a worker.
    Running,
    /// Waiting for the next attempt.
    Later,
    /// Delivered.
    Delivered,
    /// Skipped by a rule.
    Skipped,
    /// Given up.
    Dead,
}

impl From<State> for crate::queue::JobState {
    fn from(state: State) -> Self {
        match state {
            State::Waiting => Self::Waiting,
            State::Running => Self::Running,
            State::Later => Self::Later,
            State::Delivered => Self::Delivered,
            State::Skipped => Self::Skipped,
            State::Dead => Self::Dead,
        }
    }
}

/// `gleaner knowledge`
#[derive(Debug, Subcommand)]
pub enum Knowledge {
    /// What is in use, and where it comes from.
    Status {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// The clusters that carry a name, whether it is a common word, and the warninglists that have it.
    Show {
        /// A name, an id like `T1566`, a host, an address or a hash.
        name: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Refresh galaxies and warninglists, all or nothing; what is not in the sources stays as it was.
    Update {
        /// `misp` (the configured server: its galaxies with custom clusters, its enabled warninglists), a folder (a clone
        /// of misp-galaxy or misp-warninglists), or the URL of such a clone as tar, tar.gz or zip. May be repeated
        /// [default: `misp` if `misp.url` is set].
        #[arg(long, value_name = "misp|FOLDER|URL")]
        from: Vec<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// `gleaner config`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Check the configuration and say which file it came from.
    Check,
    /// Print the effective configuration, secrets hidden.
    Show,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
