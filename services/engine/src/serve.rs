//! Connections: accepting them, the HTTP/1 and HTTP/2 settings, and letting them go.

use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use crate::call::Protocol;

/// A peer that is cut off is noticed after both; its requests are then cancelled.
const PING_INTERVAL: Duration = Duration::from_secs(30);
const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// Longer than the usual client keeps an idle connection, so that it is the client who closes.
const HTTP1_IDLE: Duration = Duration::from_secs(120);
/// A caller has one connection for all its calls: hyper's 200 would queue them under load.
const STREAMS: u32 = 4_096;
/// Callers that give up reset their streams. Under a fault these come in bursts, and hyper's default of 20 would take
/// them for an attack and cut the connection for everybody.
const RESETS: usize = 4_096;
/// When no more files can be opened, accepting again at once would only spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Of a TLS handshake, from the peer's first byte.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Serves until `closing`, then takes no more connections and returns when the requests in flight are answered.
/// Dropping the future cuts the connections that are left.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    protocol: Protocol,
    tls: Option<TlsAcceptor>,
    closing: CancellationToken,
) {
    let builder = builder(protocol);
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = closing.cancelled() => break,
            // Forgets the connections that have ended.
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let connection = Connection {
                        builder: builder.clone(),
                        router: router.clone(),
                        watcher: graceful.watcher(),
                    };
                    let (tls, closing) = (tls.clone(), closing.clone());
                    connections.spawn(async move {
                        if !speaks(&stream, &closing).await {
                            return;
                        }
                        prepare(&stream);
                        match tls {
                            None => connection.serve(stream).await,
                            Some(tls) => {
                                if let Some(stream) = open(&tls, stream, &closing).await {
                                    connection.serve(stream).await;
                                }
                            }
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(error = %error, "a connection cannot be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    graceful.shutdown().await;
}

struct Connection {
    builder: Builder<TokioExecutor>,
    router: Router,
    watcher: Watcher,
}

impl Connection {
    async fn serve(self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        let service = TowerToHyperService::new(self.router);
        let connection = self
            .builder
            .serve_connection(TokioIo::new(stream), service)
            .into_owned();
        // The peer's doing mostly, and seen by its requests.
        if let Err(error) = self.watcher.watch(connection).await {
            tracing::debug!(error, "a connection broke");
        }
    }
}

/// `None`: no handshake, or nothing after it when the server closes.
async fn open(
    tls: &TlsAcceptor,
    stream: TcpStream,
    closing: &CancellationToken,
) -> Option<BufReader<TlsStream<TcpStream>>> {
    let opened = async {
        let stream = match timeout(HANDSHAKE, tls.accept(stream)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                tracing::debug!(error = %error, "a TLS handshake failed");
                return None;
            }
            Err(_) => return None,
        };
        // The first bytes stay in the buffer.
        let mut stream = BufReader::new(stream);
        let spoken = stream.fill_buf().await.is_ok_and(|bytes| !bytes.is_empty());
        spoken.then_some(stream)
    };
    tokio::select! {
        biased;
        opened = opened => opened,
        () = closing.cancelled() => None,
    }
}

/// Waits for the first bytes; `false` if there are none when it closes. hyper would go on waiting for an HTTP/2 peer to
/// begin, and one that is cut off, or only probes the port, would hold up the drain to its limit.
async fn speaks(stream: &TcpStream, closing: &CancellationToken) -> bool {
    let mut first = [0];
    tokio::select! {
        biased;
        peeked = stream.peek(&mut first) => matches!(peeked, Ok(1)),
        () = closing.cancelled() => false,
    }
}

fn builder(protocol: Protocol) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HTTP1_IDLE);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT)
        .max_concurrent_streams(STREAMS)
        .max_pending_accept_reset_streams(RESETS);
    match protocol {
        Protocol::Http => builder,
        Protocol::Grpc => builder.http2_only(),
    }
}

/// Answers are small and wanted at once.
fn prepare(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(error = %error, "TCP_NODELAY cannot be set");
    }
}
