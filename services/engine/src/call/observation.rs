//! One request's metrics, log line and span, from its headers to its end, whatever that end is.

use std::sync::Arc;
use std::time::Instant;

use opentelemetry::KeyValue;
use opentelemetry::trace::{Span as _, Status};
use opentelemetry_sdk::trace::Span;
use tonic::Code;

use super::{Operation, Protocol};
use crate::error::code_name;
use crate::telemetry::Metrics;

pub struct Observation {
    metrics: Arc<Metrics>,
    operation: Operation,
    protocol: Protocol,
    span: Span,
    started: Instant,
    ended: bool,
    /// A defect: when the request fails, the log does not say in which trace.
    pub untraced: bool,
}

impl Observation {
    pub fn begin(
        metrics: Arc<Metrics>,
        operation: Operation,
        protocol: Protocol,
        span: Span,
    ) -> Self {
        metrics.requests_in_flight.inc();
        Self {
            metrics,
            operation,
            protocol,
            span,
            started: Instant::now(),
            ended: false,
            untraced: false,
        }
    }

    /// The first call counts.
    pub fn end(&mut self, code: Code) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let duration = self.started.elapsed();
        let (operation, protocol) = (self.operation.name(), self.protocol.name());
        let name = code_name(code);
        self.metrics.requests_in_flight.dec();
        self.metrics
            .requests
            .with_label_values(&[operation, protocol, name])
            .inc();
        self.metrics
            .request_duration
            .with_label_values(&[operation, protocol])
            .observe(duration.as_secs_f64());

        self.end_span(code);
        self.log(code, name, duration.as_secs_f64() * 1e3);
    }

    /// The first call counts.
    pub fn end_span(&mut self, code: Code) {
        let name = code_name(code);
        self.span.set_attribute(KeyValue::new("code", name));
        if code != Code::Ok {
            self.span.set_status(Status::error(name));
        }
        self.span.end();
    }

    fn log(&self, code: Code, name: &str, duration_ms: f64) {
        let (operation, protocol) = (self.operation.name(), self.protocol.name());
        let span = self.span.span_context();
        let (trace_id, span_id) = (span.trace_id(), span.span_id());
        // The level of an event is fixed at compile time, hence two of them.
        if code == Code::Ok {
            tracing::debug!(%trace_id, %span_id, operation, protocol, code = name, duration_ms, "request");
        } else {
            let trace_id = (!self.untraced).then(|| tracing::field::display(trace_id));
            let span_id = (!self.untraced).then(|| tracing::field::display(span_id));
            tracing::warn!(
                trace_id,
                span_id,
                operation,
                protocol,
                code = name,
                duration_ms,
                "request failed"
            );
        }
    }
}

impl Drop for Observation {
    fn drop(&mut self) {
        self.end(Code::Cancelled);
    }
}
