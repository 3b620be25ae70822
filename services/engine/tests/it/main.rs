//! Integration tests over real sockets, in one binary: most start the engine in this process, `process` starts the
//! built one.
#![allow(clippy::unwrap_used)]

mod auth;
mod deadline;
mod drain;
mod ledger;
mod pricing;
mod process;
mod protocols;
mod support;
mod telemetry;
