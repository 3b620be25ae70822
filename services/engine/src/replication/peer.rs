//! The other service, as far as replication calls it.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use http::{Method, Request, StatusCode, Uri, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use tokio::time::timeout;

use super::{Batch, PATH, Watermark};
use crate::auth::Issuer;

/// Of a whole push. The peer then may have stored the batch or not; it is sent again.
const PUSH_TIMEOUT: Duration = Duration::from_secs(5);
/// An idle connection is not used again after this: shorter than servers keep theirs.
const IDLE: Duration = Duration::from_secs(30);
/// An answer is one short line.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

pub struct Peer {
    client: Client<HttpsConnector<HttpConnector>, Body>,
    url: String,
    /// `None`: the peer needs no token.
    tokens: Option<Issuer>,
}

#[derive(Debug, thiserror::Error)]
pub enum PushError {
    #[error("no answer within {} s", PUSH_TIMEOUT.as_secs())]
    TimedOut,
    #[error("the peer cannot be reached: {0}")]
    Unreachable(#[from] hyper_util::client::legacy::Error),
    #[error("the answer broke off: {0}")]
    Broken(#[from] axum::Error),
    #[error("the peer refused it: {status} {answer}")]
    Refused { status: StatusCode, answer: String },
    #[error("not an answer to it: {0}")]
    Answer(#[from] serde_json::Error),
    #[error("the peer has stored {0:?} instead of position {1}")]
    Behind(Watermark, i64),
    #[error("the request cannot be made")]
    Request,
}

impl Peer {
    /// `url` is `http://host:port` or `https://host:port`.
    pub fn new(url: &str, tls: ClientConfig, tokens: Option<Issuer>) -> Self {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connector);
        Self {
            client,
            url: format!("{url}{PATH}"),
            tokens,
        }
    }

    /// Answers when the batch is on the peer's disk.
    pub async fn push(&self, batch: &Batch) -> Result<(), PushError> {
        let request = self.request(batch)?;
        let answered = timeout(PUSH_TIMEOUT, self.send(request)).await;
        let (status, answer) = answered.map_err(|_| PushError::TimedOut)??;
        if status != StatusCode::OK {
            let answer = String::from_utf8_lossy(&answer).into_owned();
            return Err(PushError::Refused { status, answer });
        }
        let stored: Watermark = serde_json::from_slice(&answer)?;
        let last = batch.events.last().map_or(0, |event| event.position);
        if stored.source != batch.source || stored.watermark < last {
            return Err(PushError::Behind(stored, last));
        }
        Ok(())
    }

    fn request(&self, batch: &Batch) -> Result<Request<Body>, PushError> {
        let body = serde_json::to_vec(batch)?;
        let url: Uri = self.url.parse().map_err(|_| PushError::Request)?;
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(url)
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(tokens) = &self.tokens {
            let token = tokens.authorization().ok_or(PushError::Request)?;
            request = request.header(header::AUTHORIZATION, token);
        }
        let body = Body::from(body);
        request.body(body).map_err(|_| PushError::Request)
    }

    async fn send(&self, request: Request<Body>) -> Result<(StatusCode, Bytes), PushError> {
        let (head, body) = self.client.request(request).await?.into_parts();
        let answer = to_bytes(Body::new(body), MAX_ANSWER_BYTES).await?;
        Ok((head.status, answer))
    }
}
