//! One server span a request. Ids exist always (logs carry them); spans leave the process with `OTLP_ENDPOINT` only.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use opentelemetry::trace::{SpanKind, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider, Span,
};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::traceparent;

/// A collector that does not answer costs the exporter's own thread this much; a full queue drops spans.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long spans wait for others to go along.
const EXPORT_DELAY: Duration = Duration::from_millis(250);
/// Spans that wait at most: some ten megabytes.
const QUEUE: usize = 8_192;
const BATCH: usize = 512;
/// Of the defect `blocking-exporter`.
const BLOCKING_EXPORT: Duration = Duration::from_secs(2);

pub struct Tracing {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

#[derive(Debug, thiserror::Error)]
#[error("spans cannot be exported to {endpoint}: {reason}")]
pub struct TraceError {
    endpoint: String,
    reason: String,
}

impl Tracing {
    /// `endpoint` is the base URL of an OTLP/HTTP collector.
    pub fn new(endpoint: Option<&str>) -> Result<Self, TraceError> {
        // The caller decides whether its trace is sampled. Said here, as the environment could say otherwise.
        let mut builder = SdkTracerProvider::builder()
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOn)))
            .with_resource(Resource::builder().with_service_name("engine").build());
        if let Some(endpoint) = endpoint {
            let reason = |reason| TraceError {
                endpoint: endpoint.to_owned(),
                reason,
            };
            let batches = BatchConfigBuilder::default()
                .with_max_queue_size(QUEUE)
                .with_max_export_batch_size(BATCH)
                .with_scheduled_delay(EXPORT_DELAY);
            let processor = BatchSpanProcessor::builder(exporter(endpoint).map_err(reason)?);
            let processor = processor.with_batch_config(batches.build()).build();
            builder = builder.with_span_processor(processor);
        }
        let provider = builder.build();
        let tracer = provider.tracer("engine");
        Ok(Self { provider, tracer })
    }

    /// A child of the caller's span, or the root of a new trace.
    pub fn start(
        &self,
        operation: &'static str,
        protocol: &'static str,
        headers: &HeaderMap,
    ) -> Span {
        let parent = match traceparent::extract(headers) {
            Some(caller) => Context::new().with_remote_span_context(caller),
            None => Context::new(),
        };
        let attributes = [
            KeyValue::new("operation", operation),
            KeyValue::new("protocol", protocol),
        ];
        self.tracer
            .span_builder(operation)
            .with_kind(SpanKind::Server)
            .with_attributes(attributes)
            .start_with_context(&self.tracer, &parent)
    }

    /// The defect `blocking-exporter`: returns when all spans so far are at the collector, or after two seconds.
    pub async fn export_now(self: &Arc<Self>) {
        let limit = Instant::now() + BLOCKING_EXPORT;
        let tracing = Arc::clone(self);
        let flush = tokio::task::spawn_blocking(move || tracing.provider.force_flush());
        if !matches!(timeout_at(limit, flush).await, Ok(Ok(Ok(())))) {
            sleep_until(limit).await;
        }
    }

    /// Sends what is left. Blocks: not for an async thread.
    pub fn shutdown(&self) {
        if let Err(error) = self.provider.shutdown_with_timeout(EXPORT_TIMEOUT) {
            tracing::warn!(error = %error, "the last spans were not exported");
        }
    }
}

fn exporter(endpoint: &str) -> Result<SpanExporter, String> {
    // The blocking client must be built outside the async runtime. It runs on the exporter's thread, and goes straight
    // to the endpoint that the setting names, whatever proxy the environment has.
    let client = std::thread::spawn(|| {
        reqwest::blocking::Client::builder()
            .no_proxy()
            .timeout(EXPORT_TIMEOUT)
            .build()
    });
    let client = client
        .join()
        .map_err(|_| "its client cannot be built".to_owned())?
        .map_err(|error| error.to_string())?;
    SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_endpoint(format!("{endpoint}/v1/traces"))
        .with_timeout(EXPORT_TIMEOUT)
        .build()
        .map_err(|error| error.to_string())
}
