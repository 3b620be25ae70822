//! The composition root: settings → store → telemetry → the two front doors → replication.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::auth::{Auth, Issuer};
use crate::call::{Gate, Protocol};
use crate::config::Config;
use crate::defects::Defects;
use crate::health::Health;
use crate::ledger::{Ledger, OpenError};
use crate::replication::{Peer, Replicator};
use crate::serve::serve;
use crate::service::Service;
use crate::telemetry::{Metrics, TraceError, Tracing};
use crate::tls::{self, TlsError};
use crate::{grpc, http};

/// Whom the peer wants a token to be for.
const PEER_AUDIENCE: &str = "orders-replication";

const LONGEST_NOTICE: Duration = Duration::from_secs(1);

/// A running engine. Tests start it in their own process, on port 0.
pub struct Engine {
    pub http_addr: SocketAddr,
    pub grpc_addr: SocketAddr,
    pub ledger: Arc<Ledger>,
    tracing: Arc<Tracing>,
    draining: CancellationToken,
    closing: CancellationToken,
    servers: [JoinHandle<()>; 2],
    stopping: CancellationToken,
    /// `None`: there is no peer.
    replicator: Option<JoinHandle<()>>,
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("STORE_DSN={path:?}: {source}")]
    Store { path: String, source: OpenError },
    #[error("{variable}={address}: cannot listen: {source}")]
    Listen {
        variable: &'static str,
        address: SocketAddr,
        source: std::io::Error,
    },
    #[error("{0}")]
    Tls(#[from] TlsError),
    #[error("OTLP_ENDPOINT: {0}")]
    Trace(#[from] TraceError),
    #[error("the metrics cannot be registered: {0}")]
    Metrics(#[from] prometheus::Error),
}

impl Engine {
    pub async fn start(config: &Config) -> Result<Self, StartError> {
        let metrics = Metrics::new()?;
        let defects = Arc::new(Defects::new(&config.defects));
        let ledger = Ledger::open(&config.store_path, Arc::clone(&defects));
        let ledger = ledger.map_err(|source| StartError::Store {
            path: config.store_path.display().to_string(),
            source,
        })?;
        let ledger = Arc::new(ledger);
        let counted = Arc::clone(&ledger);
        metrics.outbox(move || counted.outbox())?;
        let replicator = replicator(config, &ledger, &metrics, &defects)?;
        let tracing = Arc::new(Tracing::new(config.otlp_endpoint.as_deref())?);
        let draining = CancellationToken::new();
        let closing = CancellationToken::new();

        let service = Arc::new(Service {
            ledger: Arc::clone(&ledger),
            defects: Arc::clone(&defects),
            metrics: Arc::clone(&metrics),
            pricing_work: config.pricing_work,
        });
        let gate = Arc::new(Gate {
            auth: Auth::new(config.service_token_secret.as_ref(), defects.auth_open),
            metrics: Arc::clone(&metrics),
            tracing: Arc::clone(&tracing),
            defects: Arc::clone(&defects),
        });
        let health = Arc::new(Health {
            ledger: Arc::clone(&ledger),
            defects,
            draining: draining.clone(),
        });

        let acceptor = |protocol| {
            let files = config.tls.as_ref();
            files
                .map(|files| tls::acceptor(files, protocol))
                .transpose()
        };
        let (http_tls, grpc_tls) = (acceptor(Protocol::Http)?, acceptor(Protocol::Grpc)?);
        let (http_listener, http_addr) = listen("HTTP_ADDR", config.http_addr).await?;
        let (grpc_listener, grpc_addr) = listen("GRPC_ADDR", config.grpc_addr).await?;
        let grpc = grpc::router(Arc::clone(&service), Arc::clone(&gate), Arc::clone(&health));
        let http = http::router(service, gate, health, metrics);
        let servers = [
            serve(
                http_listener,
                http,
                Protocol::Http,
                http_tls,
                closing.clone(),
            ),
            serve(
                grpc_listener,
                grpc,
                Protocol::Grpc,
                grpc_tls,
                closing.clone(),
            ),
        ];
        let stopping = CancellationToken::new();
        Ok(Self {
            http_addr,
            grpc_addr,
            ledger,
            tracing,
            draining,
            closing,
            servers: servers.map(tokio::spawn),
            replicator: replicator.map(|replicator| tokio::spawn(replicator.run(stopping.clone()))),
            stopping,
        })
    }

    /// Not ready from now on; after a notice no new connections; what is in flight has the rest of `limit` to finish.
    /// `false` if that was too short and requests were cut off.
    ///
    /// The notice is a tenth of the limit, at most a second, as in the monolith: whoever balances the load needs a
    /// moment to see it, and requests on their way would else meet a closed port.
    pub async fn drain(mut self, limit: Duration) -> bool {
        self.draining.cancel();
        let finished = timeout(limit, async {
            sleep((limit / 10).min(LONGEST_NOTICE)).await;
            self.closing.cancel();
            for server in &mut self.servers {
                // An error is a panic, which the server's end already is.
                let _ = server.await;
            }
            // A batch on its way may arrive; what is left in the outbox is pushed after the next start.
            self.stopping.cancel();
            if let Some(replicator) = &mut self.replicator {
                let _ = replicator.await;
            }
        })
        .await;
        for task in self.servers.iter().chain(&self.replicator) {
            task.abort();
        }
        self.ledger.close().await;
        // It blocks until the last spans are out or given up.
        let _ = tokio::task::spawn_blocking(move || self.tracing.shutdown()).await;
        finished.is_ok()
    }
}

fn replicator(
    config: &Config,
    ledger: &Arc<Ledger>,
    metrics: &Arc<Metrics>,
    defects: &Defects,
) -> Result<Option<Replicator>, TlsError> {
    let Some(url) = &config.peer_url else {
        return Ok(None);
    };
    let tls = tls::client(config.tls_ca.as_deref())?;
    let secret = config.service_token_secret.as_ref();
    let tokens = secret.map(|secret| Issuer::new(secret, PEER_AUDIENCE));
    Ok(Some(Replicator {
        ledger: Arc::clone(ledger),
        peer: Peer::new(url, tls, tokens),
        metrics: Arc::clone(metrics),
        interval: config.replication_interval,
        leaves_gaps: defects.leaves_gaps,
    }))
}

async fn listen(
    variable: &'static str,
    address: SocketAddr,
) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen {
        variable,
        address,
        source,
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let actual = listener.local_addr().map_err(failed)?;
    Ok((listener, actual))
}
