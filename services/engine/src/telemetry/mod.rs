//! Metrics, traces and logs. Metrics and traces belong to one engine; logs are the process's.

pub mod logs;
mod metrics;
mod process;
mod trace;
pub mod traceparent;

pub use metrics::Metrics;
pub use trace::{TraceError, Tracing};
