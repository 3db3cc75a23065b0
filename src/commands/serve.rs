//! `serve`: the intake endpoint, a service.
//!
//! Runs until SIGTERM or SIGINT: it then takes no more connections, lets requests finish within
//! `serve.shutdown_timeout`, and ends with status 0. A store that is down does not end it: pages say so, and
//! `/readyz`. Takes a listening socket from systemd where there is one.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, bail};
use listenfd::ListenFd;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::config::Config;
use crate::config::load::ConfigError;
use crate::web::{self, Certificate};
use crate::{app, cli, shutdown};

/// Runs the command.
pub async fn run(
    config: &Config,
    config_path: Option<&Path>,
    args: &cli::Serve,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    match &args.new_token {
        Some(name) => new_token(name, out),
        None => serve(config, config_path).await,
    }
}

/// Makes a token, and shows it this once.
fn new_token(name: &str, out: &mut impl Write) -> anyhow::Result<()> {
    let (token, hash) = web::new_token()
        .ok()
        .context("the system has no random numbers")?;
    writeln!(
        out,
        "The token of {name}, shown this once:\n\n    {token}\n"
    )?;
    writeln!(
        out,
        "For the configuration:\n\n    [serve.tokens]\n    {name} = \"{hash}\""
    )?;
    Ok(())
}

async fn serve(config: &Config, config_path: Option<&Path>) -> anyhow::Result<()> {
    let stop = shutdown::on_signal()?;
    let settings = &config.serve;
    let tls = acceptor(config)?;
    let listener = listener(settings.listen).await?;
    let listen = listener.local_addr()?;
    // Of the socket in fact: systemd may have handed us another than the configured one.
    if let Some(fault) = settings.refusal(listen) {
        bail!(ConfigError(vec![fault]));
    }
    let queue = app::queue(config).await?;
    let feed_list = app::feed_list_file(config, config_path);
    let router = web::router(config, listen, queue, feed_list)?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    tracing::info!(
        address = format!("{scheme}://{listen}"),
        tokens = settings.tokens.len(),
        open = !settings.has_login(),
        "serving"
    );
    shutdown::ready();
    web::run(listener, router, tls, settings, stop)
        .await
        .map_err(|fault| ConfigError(vec![fault]).into())
}

/// TLS, if there is a certificate; its files are followed from now on.
fn acceptor(config: &Config) -> anyhow::Result<Option<TlsAcceptor>> {
    let settings = &config.serve;
    if !settings.has_tls() {
        return Ok(None);
    }
    let certificate = Certificate::read(&settings.tls_cert, &settings.tls_key)?;
    let acceptor = certificate.acceptor()?;
    tokio::spawn(certificate.follow());
    Ok(Some(acceptor))
}

/// The socket that systemd hands over (`LISTEN_FDS`), else one of our own.
async fn listener(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let given = ListenFd::from_env()
        .take_tcp_listener(0)
        .context("what systemd handed over is no TCP socket")?;
    if let Some(listener) = given {
        listener.set_nonblocking(true)?;
        return Ok(TcpListener::from_std(listener)?);
    }
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address} (`serve.listen`)"))
}
