//! gRPC: the contracts' services over the same [`Service`] that HTTP calls.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use futures_util::stream::{BoxStream, StreamExt, TryStreamExt};
use tonic::metadata::MetadataValue;
use tonic::service::Routes;
use tonic::{Request, Response, Status};
use tonic_health::pb::health_server::HealthServer;

use crate::call::{self, Gate};
use crate::contracts::ledger_server::{Ledger, LedgerServer};
use crate::contracts::pricing_server::{Pricing, PricingServer};
use crate::contracts::{
    AppendRequest, Entry, GetEntryRequest, ListEntriesRequest, QuoteRequest, QuoteResponse,
};
use crate::health::{GrpcHealth, Health};
use crate::service::Service;

/// Marks the answer to a repeated idempotency key: HTTP says it with the status (200 instead of 201), the messages have
/// no field for it.
const REPLAY_HEADER: &str = "idempotent-replay";

pub fn router(service: Arc<Service>, gate: Arc<Gate>, health: Arc<Health>) -> Router {
    Routes::new(PricingServer::new(Grpc(Arc::clone(&service))))
        .add_service(LedgerServer::new(Grpc(service)))
        .add_service(HealthServer::new(GrpcHealth(health)))
        .into_axum_router()
        .layer(from_fn_with_state(gate, call::grpc))
}

struct Grpc(Arc<Service>);

#[tonic::async_trait]
impl Pricing for Grpc {
    async fn quote(
        &self,
        request: Request<QuoteRequest>,
    ) -> Result<Response<QuoteResponse>, Status> {
        Ok(Response::new(self.0.quote(request.into_inner()).await?))
    }
}

#[tonic::async_trait]
impl Ledger for Grpc {
    async fn append(&self, request: Request<AppendRequest>) -> Result<Response<Entry>, Status> {
        let appended = self.0.append(request.into_inner()).await?;
        let mut response = Response::new(appended.entry);
        if !appended.created {
            response
                .metadata_mut()
                .insert(REPLAY_HEADER, MetadataValue::from_static("true"));
        }
        Ok(response)
    }

    async fn get(&self, request: Request<GetEntryRequest>) -> Result<Response<Entry>, Status> {
        Ok(Response::new(self.0.get(request.into_inner()).await?))
    }

    type ListStream = BoxStream<'static, Result<Entry, Status>>;

    async fn list(
        &self,
        request: Request<ListEntriesRequest>,
    ) -> Result<Response<Self::ListStream>, Status> {
        let entries = self.0.list(request.into_inner()).await?;
        Ok(Response::new(entries.map_err(Status::from).boxed()))
    }
}
