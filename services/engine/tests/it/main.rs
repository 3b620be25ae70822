//! Integration tests over real sockets, in one binary: most start the engine in this process, `process` starts the
//! built one.
#![allow(clippy::unwrap_used)]

mod auth;
mod binary;
mod collector;
mod compare;
mod deadline;
mod defects;
mod drain;
mod ledger;
mod peer;
mod pricing;
mod process;
mod protocols;
mod receive;
mod replicate;
mod support;
mod telemetry;
mod tls;
