//! Connections: as many as allowed, none for longer than it is of use.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use super::client::Clients;
use super::gate::Peer;
use super::limits::{Connections, Entered};
use crate::config::Serve;

/// Rest after the system gave no connection: most likely it has no file descriptors left.
const REST: Duration = Duration::from_millis(200);

/// What is known of every connection.
struct Server {
    router: Router,
    tls: Option<TlsAcceptor>,
    header_timeout: Duration,
    request_timeout: Duration,
    shutdown_timeout: Duration,
    stop: CancellationToken,
}

/// Serves until told to stop, then lets requests finish within `serve.shutdown_timeout`.
pub async fn run(
    listener: TcpListener,
    router: Router,
    tls: Option<TlsAcceptor>,
    settings: &Serve,
    stop: CancellationToken,
) -> Result<(), String> {
    let server = Arc::new(Server {
        router,
        tls,
        header_timeout: settings.header_timeout.get(),
        request_timeout: settings.request_timeout.get(),
        shutdown_timeout: settings.shutdown_timeout.get(),
        stop: stop.clone(),
    });
    let clients = Clients::new(settings)?;
    let places = Arc::new(Semaphore::new(settings.max_connections));
    let connections = Connections::at_most((settings.max_connections / 4).max(2));
    let tasks = TaskTracker::new();
    while let Some((stream, peer, place)) = accept(&listener, &places, &stop).await {
        // A proxy's connections are those of many.
        let entered = if clients.is_proxy(peer.ip()) {
            None
        } else if let Some(entered) = connections.enter(peer.ip()) {
            Some(entered)
        } else {
            tracing::debug!(client = %peer.ip(), "too many connections");
            continue;
        };
        let server = Arc::clone(&server);
        tasks.spawn(async move { server.connection(stream, peer.ip(), (place, entered)).await });
    }
    drop(listener);
    tasks.close();
    // Connections give up by themselves; this is for those that do not.
    let patience = settings.shutdown_timeout.get() + Duration::from_secs(1);
    if timeout(patience, tasks.wait()).await.is_err() {
        tracing::warn!(connections = tasks.len(), "cut off");
    }
    Ok(())
}

/// The next connection, once there is a place for it. `None`: told to stop.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
    stop: &CancellationToken,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let next = async {
        let place = Arc::clone(places).acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => return Some((stream, peer, place)),
                Err(error) => {
                    tracing::warn!(%error, "no connection was accepted");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    };
    tokio::select! {
        biased;
        () = stop.cancelled() => None,
        next = next => next,
    }
}

impl Server {
    /// Serves one connection. Its place is free again when this ends.
    async fn connection(
        &self,
        stream: TcpStream,
        peer: IpAddr,
        _place: (OwnedSemaphorePermit, Option<Entered>),
    ) {
        let _ = stream.set_nodelay(true);
        let served = match &self.tls {
            None => self.requests(stream, peer).await,
            Some(tls) => match timeout(self.header_timeout, tls.accept(stream)).await {
                Ok(Ok(stream)) => self.requests(stream, peer).await,
                Ok(Err(error)) => return tracing::debug!(%error, client = %peer, "no TLS"),
                Err(_) => return tracing::debug!(client = %peer, "no TLS in time"),
            },
        };
        if let Err(error) = served {
            tracing::debug!(%error, client = %peer, "connection ended");
        }
    }

    /// Answers requests until the client has no more, is too slow, or we stop.
    async fn requests(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        peer: IpAddr,
    ) -> Result<(), hyper::Error> {
        let service = service_fn(|mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            self.router.clone().oneshot(request)
        });
        let stream = TokioIo::new(Patient::new(stream, self.request_timeout));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_timeout)
            .serve_connection(stream, service);
        tokio::pin!(connection);
        tokio::select! {
            ended = connection.as_mut() => return ended,
            () = self.stop.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        timeout(self.shutdown_timeout, connection)
            .await
            .unwrap_or(Ok(()))
    }
}

/// A stream whose other end has to take what it is sent: writing fails after some time without any progress.
struct Patient<S> {
    stream: S,
    limit: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<S: AsyncWrite + Unpin> Patient<S> {
    const fn new(stream: S, limit: Duration) -> Self {
        Self {
            stream,
            limit,
            waiting: None,
        }
    }

    /// Passes on what the stream answered, and starts or stops the clock.
    fn watch<T>(
        &mut self,
        answer: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if answer.is_ready() {
            self.waiting = None;
            return answer;
        }
        let limit = self.limit;
        let clock = self
            .waiting
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        ready!(clock.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let answer = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(answer, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let answer = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.watch(answer, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let answer = Pin::new(&mut self.stream).poll_flush(context);
        self.watch(answer, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let answer = Pin::new(&mut self.stream).poll_shutdown(context);
        self.watch(answer, context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn a_reader_that_stops_reading_is_given_up() {
        let (near, mut far) = tokio::io::duplex(16);
        let mut near = Patient::new(near, Duration::from_millis(50));
        let mut buffer = [0; 16];
        // Time begins when there is no progress, whatever went before.
        for _ in 0..4 {
            near.write_all(&[1; 16]).await.unwrap();
            tokio::time::sleep(Duration::from_millis(60)).await;
            far.read_exact(&mut buffer).await.unwrap();
        }
        near.write_all(&[1; 16]).await.unwrap();
        let stuck = near.write_all(&[1; 16]).await.unwrap_err();
        assert_eq!(stuck.kind(), io::ErrorKind::TimedOut);
    }
}
