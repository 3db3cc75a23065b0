//! Stopping in good order, and telling systemd how we are.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Supervisors and terminals may send the same signal twice, to the process and to its group.
const SECOND_SIGNAL_COUNTS_AFTER: Duration = Duration::from_secs(1);

/// A token that is cancelled on SIGTERM or SIGINT. A second signal kills the process as it would have
/// without us; leases and retries make that safe.
pub fn on_signal() -> std::io::Result<CancellationToken> {
    let token = CancellationToken::new();
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let cancelled = token.clone();
    tokio::spawn(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tracing::info!("stopping");
        notify(NotifyState::Stopping);
        cancelled.cancel();
        let first = Instant::now();
        while first.elapsed() < SECOND_SIGNAL_COUNTS_AFTER {
            let rest = SECOND_SIGNAL_COUNTS_AFTER.saturating_sub(first.elapsed());
            let _ = tokio::time::timeout(rest, async {
                tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            })
            .await;
        }
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tracing::warn!(
            "stopping at once; what is in flight will be taken over when its lease runs out"
        );
        exit_at_once();
    });
    Ok(token)
}

#[expect(
    clippy::exit,
    clippy::disallowed_methods,
    reason = "asked for twice: there is nothing left to unwind for"
)]
fn exit_at_once() -> ! {
    std::process::exit(130)
}

/// Tells systemd that the service is up. Nothing happens when not run under it.
pub fn ready() {
    notify(NotifyState::Ready);
}

fn notify(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::debug!(%error, "systemd was not notified");
    }
}

/// Answers systemd's watchdog (`WatchdogSec=`) for as long as the main loop turns.
pub struct Watchdog {
    every: Option<Duration>,
    started: Instant,
    last: AtomicU64,
}

impl Watchdog {
    /// Reads what systemd asks for from the environment.
    pub fn start() -> Self {
        Self {
            every: sd_notify::watchdog_enabled().map(|limit| limit / 3),
            started: Instant::now(),
            last: AtomicU64::new(0),
        }
    }

    /// To be called on every turn of the loop, which must not take longer than a second or so.
    pub fn alive(&self) {
        let Some(every) = self.every else { return };
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let last = self.last.load(Ordering::Relaxed);
        if last == 0 || u128::from(now - last.min(now)) >= every.as_millis() {
            self.last.store(now.max(1), Ordering::Relaxed);
            notify(NotifyState::Watchdog);
        }
    }
}
