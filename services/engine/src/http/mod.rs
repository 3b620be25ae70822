//! HTTP/JSON. The messages are the contracts' own, in lowerCamelCase; unknown fields are ignored.

mod replication;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::call::{self, Gate, Operation};
use crate::contracts::{AppendRequest, GetEntryRequest, ListEntriesRequest, QuoteRequest};
use crate::error::{Error, code_name, http_status};
use crate::health::Health;
use crate::service::Service;
use crate::telemetry::Metrics;

pub fn router(
    service: Arc<Service>,
    gate: Arc<Gate>,
    health: Arc<Health>,
    metrics: Arc<Metrics>,
) -> Router {
    let draining = health.draining.clone();
    let gated = |route: MethodRouter<Arc<Service>>, operation: Operation| {
        let state = (Arc::clone(&gate), operation);
        route.route_layer(from_fn_with_state(state, call::http))
    };
    let append = gated(post(append), Operation::LedgerAppend);
    let list = gated(get(list), Operation::LedgerList);
    Router::new()
        .route("/v1/quotes", gated(post(quote), Operation::Quote))
        .route("/v1/ledger/entries", append)
        .route(
            "/v1/ledger/entries/{id}",
            gated(get(entry), Operation::LedgerGet),
        )
        .route("/v1/ledger/accounts/{account}/entries", list)
        .merge(replication::routes(Arc::clone(&gate)))
        .with_state(service)
        .route("/livez", get(livez))
        .route("/readyz", get(async move || readyz(&health).await))
        .route("/metrics", get(async move || render(&metrics)))
        .layer(from_fn_with_state(draining, hang_up))
        .fallback(async || Error::NotFound("there is nothing at this path".to_owned()))
        .method_not_allowed_fallback(async || Error::Unimplemented("not with this method"))
}

/// While draining: an HTTP/1 caller is asked to take its next request elsewhere.
async fn hang_up(
    State(draining): State<CancellationToken>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    if draining.is_cancelled() {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

async fn livez() -> Result<Response, Error> {
    json(StatusCode::OK, &serde_json::json!({"live": true}))
}

async fn quote(
    State(service): State<Arc<Service>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Error> {
    let request: QuoteRequest = read(body)?;
    json(StatusCode::OK, &service.quote(request).await?)
}

async fn append(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Error> {
    let mut request: AppendRequest = read(body)?;
    request.idempotency_key = idempotency_key(&headers)?;
    let appended = service.append(request).await?;
    let status = match appended.created {
        true => StatusCode::CREATED,
        false => StatusCode::OK,
    };
    json(status, &appended.entry)
}

async fn entry(
    State(service): State<Arc<Service>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Error> {
    let Path(id) = id.map_err(invalid)?;
    json(StatusCode::OK, &service.get(GetEntryRequest { id }).await?)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    #[serde(default)]
    after: i64,
    #[serde(default)]
    limit: u32,
}

async fn list(
    State(service): State<Arc<Service>>,
    account: Result<Path<String>, PathRejection>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Response, Error> {
    let Path(account) = account.map_err(invalid)?;
    let Query(page) = page.map_err(invalid)?;
    let request = ListEntriesRequest {
        account,
        after_sequence: page.after,
        limit: page.limit,
    };
    Ok(json_lines(service.list(request).await?))
}

async fn readyz(health: &Health) -> Result<Response, Error> {
    let readiness = health.check().await;
    let status = match readiness.ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    json(status, &readiness)
}

fn render(metrics: &Metrics) -> Result<Response, Error> {
    let content_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    Ok((content_type, metrics.render()?).into_response())
}

/// Absent counts as empty, which validation refuses.
fn idempotency_key(headers: &HeaderMap) -> Result<String, Error> {
    let Some(key) = headers.get("idempotency-key") else {
        return Ok(String::new());
    };
    let key = std::str::from_utf8(key.as_bytes())
        .map_err(|_| Error::InvalidArgument("idempotency_key: not UTF-8".to_owned()))?;
    Ok(key.to_owned())
}

fn read<T: DeserializeOwned>(body: Result<Bytes, BytesRejection>) -> Result<T, Error> {
    serde_json::from_slice(&body.map_err(invalid)?).map_err(invalid)
}

fn invalid(error: impl std::fmt::Display) -> Error {
    Error::InvalidArgument(error.to_string())
}

fn json(status: StatusCode, value: &impl Serialize) -> Result<Response, Error> {
    let content_type = [(header::CONTENT_TYPE, "application/json")];
    Ok((status, content_type, encode(value)?).into_response())
}

/// One line each, written as they are read.
fn json_lines<T: Serialize + Send + 'static>(
    items: BoxStream<'static, Result<T, Error>>,
) -> Response {
    let lines = items.and_then(async |item| {
        let mut line = encode(&item)?;
        line.push(b'\n');
        Ok(Bytes::from(line))
    });
    let content_type = [(header::CONTENT_TYPE, "application/x-ndjson")];
    (content_type, Body::from_stream(lines)).into_response()
}

fn encode(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(|_| Error::Internal)
}

/// `{"error":{"code":"…","message":"…"}}`. The code also goes along as an extension, for the metrics.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let code = self.code();
        let error = serde_json::json!({"code": code_name(code), "message": self.to_string()});
        let body = serde_json::json!({ "error": error }).to_string();
        let content_type = [(header::CONTENT_TYPE, "application/json")];
        let mut response = (http_status(code), content_type, body).into_response();
        response.extensions_mut().insert(code);
        response
    }
}
