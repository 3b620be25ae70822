//! `grpc.health.v1.Health`: the same readiness as `/readyz`, for the whole server (`""`) and each of its services.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, BoxStream, StreamExt};
use tokio::time::sleep;
use tonic::{Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server::Health as HealthService;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use super::Health;

const SERVICES: [&str; 3] = ["", "cutover.v1.Pricing", "cutover.v1.Ledger"];
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

pub struct GrpcHealth(pub Arc<Health>);

#[tonic::async_trait]
impl HealthService for GrpcHealth {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let service = request.into_inner().service;
        if !SERVICES.contains(&service.as_str()) {
            return Err(Status::not_found(format!("no service {service:?}")));
        }
        Ok(Response::new(answer(status(&self.0).await)))
    }

    type WatchStream = BoxStream<'static, Result<HealthCheckResponse, Status>>;

    /// Each change, as the protocol asks. Ends with the drain, which would otherwise wait for the watchers.
    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let service = request.into_inner().service;
        if !SERVICES.contains(&service.as_str()) {
            let unknown = stream::once(async { Ok(answer(ServingStatus::ServiceUnknown)) });
            return Ok(Response::new(unknown.boxed()));
        }
        let health = Arc::clone(&self.0);
        let changes = stream::unfold(Watch::Start, move |watch| next(Arc::clone(&health), watch));
        Ok(Response::new(changes.map(answer).map(Ok).boxed()))
    }
}

enum Watch {
    Start,
    Last(ServingStatus),
}

async fn next(health: Arc<Health>, watch: Watch) -> Option<(ServingStatus, Watch)> {
    let last = match watch {
        Watch::Start => None,
        Watch::Last(_) if health.draining.is_cancelled() => return None,
        Watch::Last(status) => Some(status),
    };
    loop {
        let now = status(&health).await;
        if last != Some(now) {
            return Some((now, Watch::Last(now)));
        }
        if health.draining.is_cancelled() {
            return None;
        }
        tokio::select! {
            () = sleep(WATCH_INTERVAL) => {}
            () = health.draining.cancelled() => {}
        }
    }
}

async fn status(health: &Health) -> ServingStatus {
    match health.check().await.ready {
        true => ServingStatus::Serving,
        false => ServingStatus::NotServing,
    }
}

fn answer(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse {
        status: status.into(),
    }
}
