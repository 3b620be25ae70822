//! Both ledgers get all entries: what is stored here is pushed to the peer, what the peer pushes is stored here.
//!
//! The messages are the same in both directions. Sending is the [`Replicator`]'s; receiving is
//! [`Service::receive`](crate::service::Service::receive).

mod peer;
mod replicator;

use serde::{Deserialize, Serialize};

pub use peer::{Peer, PushError};
pub use replicator::Replicator;

/// Where batches are pushed to.
pub const PATH: &str = "/v1/replication/entries";
/// The service at the other end.
pub const PEER: &str = "monolith";
/// Events of one batch.
pub const MAX_EVENTS: usize = 200;

/// Some events of one source's log, in order; between them may be entries that the source got from elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Batch {
    pub source: String,
    pub events: Vec<Event>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Event {
    /// In the source's event log.
    pub position: i64,
    pub entry: ReplicatedEntry,
}

/// What an entry is wherever it is stored. Sequence and balance are each store's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReplicatedEntry {
    pub id: String,
    pub account: String,
    pub amount_minor: i64,
    pub reference: String,
    pub committed_at_ms: i64,
    pub stored_by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// The answer to a batch: the highest position of the source that is on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watermark {
    pub source: String,
    pub watermark: i64,
}
