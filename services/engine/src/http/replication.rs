//! What the peer pushes, and what a comparison of both stores reads.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};

use super::{Page, invalid, json, json_lines, read};
use crate::call::{self, Gate};
use crate::error::Error;
use crate::replication::{Batch, PATH};
use crate::service::Service;

/// The last position of the store's event log.
const WATERMARK: &str = "x-watermark";
/// More than a full batch with the longest texts needs.
const MAX_BATCH_BYTES: usize = 4 << 20;

pub fn routes(gate: Arc<Gate>) -> Router<Arc<Service>> {
    let apply = post(apply).layer(DefaultBodyLimit::max(MAX_BATCH_BYTES));
    Router::new()
        .route(PATH, apply)
        .route("/admin/replication/replay", post(replay))
        .route("/v1/ledger/events", get(events))
        .route("/v1/ledger/reconciliation", get(reconciliation))
        .route("/v1/ledger/hashes", get(hashes))
        .route_layer(from_fn_with_state(gate, call::aside))
}

async fn apply(
    State(service): State<Arc<Service>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Error> {
    let batch: Batch = read(body)?;
    json(StatusCode::OK, &service.receive(batch).await?)
}

async fn replay(State(service): State<Arc<Service>>) -> Result<Response, Error> {
    let outbox = service.replay().await?;
    json(StatusCode::ACCEPTED, &serde_json::json!({"outbox": outbox}))
}

async fn events(
    State(service): State<Arc<Service>>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Response, Error> {
    let Query(page) = page.map_err(invalid)?;
    let (events, watermark) = service.events(page.after, page.limit).await?;
    let mut response = json_lines(events);
    let watermark = HeaderValue::from(watermark);
    response.headers_mut().insert(WATERMARK, watermark);
    Ok(response)
}

async fn reconciliation(State(service): State<Arc<Service>>) -> Result<Response, Error> {
    json(StatusCode::OK, &service.reconciliation().await?)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    #[serde(default)]
    prefix: String,
}

async fn hashes(
    State(service): State<Arc<Service>>,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<Response, Error> {
    let Query(Which { prefix }) = which.map_err(invalid)?;
    Ok(json_lines(service.hashes(prefix).await?))
}
