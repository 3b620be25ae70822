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
use tonic::Code;

use crate::auth::Auth;
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
    let observation = Observation::begin(Arc::clone(&gate.metrics), operation, protocol, span);

    let checked = gate
        .auth
        .check(request.headers())
        .and_then(|()| deadline::from_headers(protocol, request.headers()));
    let (response, deadline) = match checked {
        Ok(deadline) => {
            let work = AssertUnwindSafe(next.run(request)).catch_unwind();
            let response = match deadline::within(deadline, work).await {
                Ok(Ok(response)) => response,
                // One bad request must not take its connection's other requests along.
                Ok(Err(_panic)) => render(protocol, Error::Internal),
                Err(error) => render(protocol, error),
            };
            (response, deadline)
        }
        Err(error) => (render(protocol, error), None),
    };

    let code = head_code(protocol, &response);
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
