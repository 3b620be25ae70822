//! The metrics that both services have, in one registry an engine (tests run several engines in a process).

use std::sync::Arc;

use prometheus::core::Collector;
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, PullingGauge,
    Registry, TextEncoder,
};

use super::process::ProcessMetrics;
use crate::error::Error;

/// Seconds; the monolith has the same, so that the histograms can be laid over each other.
const DURATION_BUCKETS: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

pub struct Metrics {
    registry: Registry,
    pub requests: IntCounterVec,
    pub request_duration: HistogramVec,
    pub requests_in_flight: IntGauge,
    pub ledger_entries: IntCounter,
    pub replication_pushed: IntCounter,
    pub replication_applied: IntCounter,
    pub replication_conflicts: IntCounter,
    pub replication_failures: IntCounter,
}

impl Metrics {
    pub fn new() -> Result<Arc<Self>, prometheus::Error> {
        let duration = HistogramOpts::new(
            "request_duration_seconds",
            "From the request's headers to the last byte of the answer.",
        );
        let metrics = Self {
            registry: Registry::new(),
            requests: IntCounterVec::new(
                Opts::new("requests_total", "Finished requests, by gRPC code name."),
                &["operation", "protocol", "code"],
            )?,
            request_duration: HistogramVec::new(
                duration.buckets(DURATION_BUCKETS.to_vec()),
                &["operation", "protocol"],
            )?,
            requests_in_flight: IntGauge::new(
                "requests_in_flight",
                "Requests that are being answered.",
            )?,
            ledger_entries: IntCounter::new(
                "ledger_entries_total",
                "Entries that were appended here and committed by this process.",
            )?,
            replication_pushed: IntCounter::new(
                "replication_pushed_total",
                "Entries that the peer has acknowledged.",
            )?,
            replication_applied: IntCounter::new(
                "replication_applied_total",
                "Entries of the peer that were stored here.",
            )?,
            replication_conflicts: IntCounter::new(
                "replication_conflicts_total",
                "Entries of the peer that are here with another content.",
            )?,
            replication_failures: IntCounter::new(
                "replication_failures_total",
                "Pushes that failed.",
            )?,
        };
        metrics.register(metrics.requests.clone())?;
        metrics.register(metrics.request_duration.clone())?;
        metrics.register(metrics.requests_in_flight.clone())?;
        metrics.register(metrics.ledger_entries.clone())?;
        metrics.register(metrics.replication_pushed.clone())?;
        metrics.register(metrics.replication_applied.clone())?;
        metrics.register(metrics.replication_conflicts.clone())?;
        metrics.register(metrics.replication_failures.clone())?;
        metrics.register(ProcessMetrics::new()?)?;
        Ok(Arc::new(metrics))
    }

    /// Read when the metrics are.
    pub fn outbox(
        &self,
        read: impl Fn() -> i64 + Send + Sync + 'static,
    ) -> Result<(), prometheus::Error> {
        self.register(PullingGauge::new(
            "replication_outbox_entries",
            "Entries stored here that the peer has not acknowledged.",
            Box::new(move || read() as f64),
        )?)
    }

    fn register(&self, collector: impl Collector + 'static) -> Result<(), prometheus::Error> {
        self.registry.register(Box::new(collector))
    }

    /// The Prometheus text format.
    pub fn render(&self) -> Result<Vec<u8>, Error> {
        let mut text = Vec::new();
        TextEncoder::new()
            .encode(&self.registry.gather(), &mut text)
            .map_err(|error| {
                tracing::error!(error = %error, "the metrics cannot be rendered");
                Error::Internal
            })?;
        Ok(text)
    }
}
