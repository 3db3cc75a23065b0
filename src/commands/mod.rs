//! The commands: each wires boxes together, prints, and chooses the exit status.

pub mod cron;
pub mod extract;
pub mod feed;
pub mod knowledge;
pub mod queue;
pub mod run;
pub mod serve;
pub mod subscribe;
mod text;

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context as _;

use crate::cli::{self, Cli, Command};
use crate::config::Config;
use crate::config::env::Environment;
use crate::config::load::{ConfigError, Loaded, load};
use crate::context;
use crate::knowledge::Store;

/// Exit status when the configuration cannot be used. 0 is done, 1 failed, 2 wrong usage (clap's own).
const EXIT_CONFIG: u8 = 3;

/// Runs a command to its exit status. Errors go to standard error, one line per cause.
pub fn main(cli: Cli) -> ExitCode {
    match start(cli) {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            for line in format!("gleaner: {error:#}").lines() {
                anstream::eprintln!("{}", text::clean(line));
            }
            ExitCode::from(if error.is::<ConfigError>() {
                EXIT_CONFIG
            } else {
                1
            })
        }
    }
}

fn start(cli: Cli) -> anyhow::Result<ExitCode> {
    let loaded = load(cli.config.as_deref(), &Environment::of_process())?;
    crate::logging::start(&loaded.config.log, cli.log.as_deref())
        .map_err(|fault| ConfigError(vec![fault]))?;
    crate::http::install_crypto_provider();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // Parsing runs on the runtime's blocking threads; deeply nested pages need the room.
        .thread_stack_size(8 * 1024 * 1024)
        .enable_all()
        .build()
        .context("the asynchronous runtime does not start")?;
    let code = runtime.block_on(dispatch(cli.command, loaded));
    // A parser thread past its time limit must not hold up the exit.
    runtime.shutdown_background();
    code
}

async fn dispatch(command: Command, loaded: Loaded) -> anyhow::Result<ExitCode> {
    let Loaded { config, path } = loaded;
    let mut out = std::io::stdout();
    match command {
        Command::Cron(args) => return cron::run(&config, path.as_deref(), &args, &mut out).await,
        Command::Subscribe(args) => subscribe::run(&config, path.as_deref(), &args).await?,
        Command::Serve(args) => serve::run(&config, path.as_deref(), &args, &mut out).await?,
        Command::Run(args) => return run::run(config, path.as_deref(), args, &mut out).await,
        Command::Feed(args) => {
            feed::run(
                &crate::app::fetcher(&config)?,
                &config,
                &args.input,
                args.json,
                &mut out,
            )
            .await?;
        }
        Command::Extract(args) => return extract::run(&config, &args, &mut out).await,
        Command::Knowledge(command) => knowledge::run(&config, command, &mut out).await?,
        Command::Queue(command) => queue_command(&config, command, &mut out).await?,
        Command::Config(command) => show_config(&config, path.as_deref(), &command, &mut out)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn queue_command(
    config: &Config,
    command: cli::Queue,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let queue = crate::app::queue(config).await?;
    let queue = queue.as_ref();
    match command {
        cli::Queue::Status { json } => queue::status(queue, json, out).await,
        cli::Queue::List { state, limit, json } => {
            queue::list(queue, state.map(Into::into), limit, json, out).await
        }
        cli::Queue::Show { id, json } => queue::show(queue, &id, json, out).await,
        cli::Queue::Retry {
            all: true, json, ..
        } => queue::retry(queue, &queue::Which::All, json, out).await,
        cli::Queue::Retry { id, json, .. } => {
            for id in id {
                queue::retry(queue, &queue::Which::One(id), json, out).await?;
            }
            Ok(())
        }
        cli::Queue::Again { id, json } => {
            for id in id {
                queue::again(queue, &id, json, out).await?;
            }
            Ok(())
        }
        cli::Queue::Drop { id, json } => {
            for id in id {
                queue::drop(queue, &id, json, out).await?;
            }
            Ok(())
        }
    }
}

fn show_config(
    config: &Config,
    path: Option<&std::path::Path>,
    command: &cli::ConfigCommand,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let origin = path.map_or_else(
        || "built-in defaults".to_owned(),
        |path| path.display().to_string(),
    );
    match command {
        cli::ConfigCommand::Check if config.serve.refusal(config.serve.listen).is_some() => {
            let fault = config.serve.refusal(config.serve.listen);
            return Err(ConfigError(fault.into_iter().collect()).into());
        }
        cli::ConfigCommand::Check => {
            let state = Store::of(config).state();
            for doubt in context::unknown_names(&config.context, &state.knowledge) {
                writeln!(
                    out,
                    "{origin}: doubtful: {doubt}; `gleaner knowledge status` lists those that are"
                )?;
            }
            writeln!(out, "{origin}: good")?;
        }
        cli::ConfigCommand::Show => write!(out, "# {origin}\n{}", toml::to_string_pretty(config)?)?,
    }
    Ok(())
}

/// Whether the reader of our output went away, which is no fault (`gleaner queue list | head`).
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
