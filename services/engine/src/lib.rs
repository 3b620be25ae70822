//! `engine`: pricing and ledger, the version that is to take over from the monolith's in-process code.
//!
//! [`Engine::start`] is the composition root; everything else is a part of it:
//!
//! - [`config`] settings from the environment, refused all at once
//! - [`contracts`] the messages, shared by gRPC and JSON
//! - [`service`] what the engine does, protocol-free: [`validate`] → [`defects`] → [`pricing`] or [`ledger`]
//! - [`replication`] what is stored here goes to the peer, what the peer stores comes here
//! - [`call`] what every request goes through: trace, token, deadline, metrics, log
//! - [`http`], [`grpc`], [`health`] the two front doors and readiness
//! - [`serve`] sockets, [`tls`], HTTP/2 tuning, drain

pub mod auth;
pub mod call;
pub mod config;
pub mod contracts;
pub mod defects;
mod duration;
mod engine;
pub mod error;
pub mod grpc;
pub mod health;
mod hs256;
pub mod http;
pub mod ledger;
pub mod pricing;
pub mod replication;
pub mod serve;
pub mod service;
pub mod telemetry;
pub mod tls;
pub mod validate;

pub use config::Config;
pub use engine::{Engine, StartError};
pub use error::Error;
