//! What every request of either protocol goes through, as one middleware: trace → token → deadline → the handler, and
//! metrics and a log line when the last byte is out. Written once, so that HTTP and gRPC cannot drift apart.

mod body;
mod deadline;
mod observation;
mod operation;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tokio::time::Instant;
use tonic::Code;

use crate::auth::Auth;
use crate::defects::Defects;
use crate::error::Error;
use crate::telemetry::{Metrics, Tracing};
use body::ObservedBody;
use observation::Observation;
pub use operation::{Operation, Protocol};

/// What the middleware needs.
pub struct Gate {
    pub auth: Auth,
    pub metrics: Arc<Metrics>,
    pub tracing: Arc<Tracing>,
    pub defects: Arc<Defects>,
}

/// For one HTTP route.
pub async fn http(
    State((gate, operation)): State<(Arc<Gate>, Operation)>,
    request: Request,
    next: Next,
) -> Response {
    pass(&gate, operation, Protocol::Http, request, next).await
}

/// For all of gRPC. Only the operations are observed and need a token: health is for probes.
pub async fn grpc(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    match Operation::from_grpc_path(request.uri().path()) {
        Some(operation) => pass(&gate, operation, Protocol::Grpc, request, next).await,
        None => next.run(request).await,
    }
}

/// For what the services and the harness ask beside the traffic: the token and the deadline count, but it is no operation
/// and in none of its metrics and traces.
pub async fn aside(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    match admit(&gate, Protocol::Http, &request) {
        Ok(deadline) => answer(deadline, Protocol::Http, next.run(request)).await,
        Err(error) => error.into_response(),
    }
}

async fn pass(
    gate: &Gate,
    operation: Operation,
    protocol: Protocol,
    request: Request,
    next: Next,
) -> Response {
    let span = gate
        .tracing
        .start(operation.name(), protocol.name(), request.headers());
    // Dropped without an end when the caller goes away: that counts as cancelled.
    let mut observation = Observation::begin(Arc::clone(&gate.metrics), operation, protocol, span);
    observation.untraced = gate.defects.logs_untraced;

    let (response, deadline) = match admit(gate, protocol, &request) {
        Ok(deadline) => {
            let work = next.run(request);
            (answer(deadline, protocol, work).await, deadline)
        }
        Err(error) => (render(protocol, error), None),
    };

    let code = head_code(protocol, &response);
    if gate.defects.blocking_exporter {
        observation.end_span(code);
        gate.tracing.export_now().await;
    }
    response.map(|body| {
        Body::new(ObservedBody::new(
            body,
            observation,
            protocol,
            code,
            deadline,
        ))
    })
}

fn admit(gate: &Gate, protocol: Protocol, request: &Request) -> Result<Option<Instant>, Error> {
    gate.auth.check(request.headers())?;
    deadline::from_headers(protocol, request.headers())
}

async fn answer(
    deadline: Option<Instant>,
    protocol: Protocol,
    work: impl Future<Output = Response>,
) -> Response {
    let work = AssertUnwindSafe(work).catch_unwind();
    match deadline::within(deadline, work).await {
        Ok(Ok(response)) => response,
        // One bad request must not take its connection's other requests along.
        Ok(Err(_panic)) => render(protocol, Error::Internal),
        Err(error) => render(protocol, error),
    }
}

fn render(protocol: Protocol, error: Error) -> Response {
    match protocol {
        Protocol::Http => error.into_response(),
        Protocol::Grpc => tonic::Status::from(error).into_http(),
    }
}

/// As far as the head of the answer tells: gRPC's final word may come in trailers.
fn head_code(protocol: Protocol, response: &Response) -> Code {
    match protocol {
        Protocol::Http => response.extensions().get().copied().unwrap_or(Code::Ok),
        Protocol::Grpc => body::grpc_status(response.headers()).unwrap_or(Code::Ok),
    }
}
