//! Durable, append-only entries per account, in one SQLite file.
//!
//! One [`writer`] thread owns the only writing connection and commits many appends with one flush to disk; a pool of
//! [`readers`] serves the rest. WAL lets readers go on while the writer commits.
//!
//! Each entry has a row in the log of [`events`], written with it. The peer gets what is in the [`outbox`] and sends what
//! is to be [applied](apply); by the [`digest`] both stores are compared.

mod append;
mod apply;
mod digest;
mod events;
mod outbox;
mod readers;
mod record;
mod schema;
mod write;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use rusqlite::{Row, named_params};
use sha2::{Digest, Sha256};
use tokio::sync::{mpsc, oneshot};

use crate::contracts::{AppendRequest, Entry};
use crate::defects::Defects;
use crate::error::Error;
use crate::replication::Batch;
pub use apply::Applied;
pub use digest::{Bucket, Hash, Reconciliation, RowHash};
pub use events::Logged;
pub use outbox::{Acknowledged, Outgoing};
use readers::Readers;
use write::{Job, Write};
use writer::{Command, Writer};

/// Who stores what is appended here: this service's name, in entries and in the event log.
pub const OWN: &str = "engine";
/// Waiting writes that are held before callers are held back.
const QUEUE: usize = 4_096;

pub struct Ledger {
    commands: mpsc::Sender<Command>,
    readers: Readers,
    outbox: Arc<AtomicI64>,
}

/// An entry that is on disk, and whether this call put it there.
#[derive(Debug, Clone, PartialEq)]
pub struct Appended {
    pub entry: Entry,
    pub created: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the store cannot be opened: {0}")]
    Store(#[from] rusqlite::Error),
    #[error("the store is of a later release: version {0}")]
    Newer(i64),
    #[error("the writer thread cannot be started: {0}")]
    Thread(#[from] std::io::Error),
}

impl Ledger {
    pub fn open(path: &Path, defects: Arc<Defects>) -> Result<Self, OpenError> {
        let connection = schema::open(path)?;
        let outbox = Arc::new(AtomicI64::new(outbox::count(&connection)?));
        let (commands, queue) = mpsc::channel(QUEUE);
        let writer = Writer {
            connection,
            queue,
            defects,
            outbox: Arc::clone(&outbox),
        };
        std::thread::Builder::new()
            .name("ledger-writer".to_owned())
            .spawn(move || writer.run())?;
        Ok(Self {
            commands,
            readers: Readers::new(path),
            outbox,
        })
    }

    /// Answers only when the entry is on disk. A caller that stops waiting before its turn writes nothing.
    pub async fn append(&self, request: AppendRequest) -> Result<Appended, Error> {
        self.write(request, Write::Append).await
    }

    /// A batch of the peer's; answers when it is on disk.
    pub async fn apply(&self, batch: Batch) -> Result<Applied, Error> {
        self.write(batch, Write::Apply).await
    }

    pub async fn get(&self, id: String) -> Result<Entry, Error> {
        let found = self.readers.with({
            let id = id.clone();
            move |connection| record::find(connection, &id)
        });
        let unknown = || Error::NotFound(format!("there is no entry {id:?}"));
        found.await?.ok_or_else(unknown)
    }

    /// At most `limit` entries of one account after a sequence, in order.
    pub async fn page(&self, account: String, after: i64, limit: u32) -> Result<Vec<Entry>, Error> {
        const PAGE: &str = "SELECT * FROM entries WHERE account = :account AND sequence > :after
                            ORDER BY sequence LIMIT :limit";
        let page = self.readers.with(move |connection| {
            let mut statement = connection.prepare_cached(PAGE)?;
            let parameters = named_params! {":account": account, ":after": after, ":limit": limit};
            statement.query_map(parameters, entry_from)?.collect()
        });
        page.await
    }

    /// Both halves answer: a reader reads, and the writer takes its turn.
    pub async fn ping(&self) -> Result<(), Error> {
        self.ask(Command::Ping).await?;
        let read = self.readers.with(|connection| {
            connection
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM entries)")?
                .query_row([], |_| Ok(()))
        });
        read.await
    }

    /// Commits what is queued and closes the file. Later writes answer UNAVAILABLE.
    pub async fn close(&self) {
        // An error means that it is closed already.
        let _ = self.ask(Command::Close).await;
    }

    async fn write<Q, A>(
        &self,
        question: Q,
        kind: impl FnOnce(Job<Q, A>) -> Write,
    ) -> Result<A, Error> {
        self.ask(|reply| Command::Write(Box::new(kind(Job::new(question, reply)))))
            .await?
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<T>) -> Command,
    ) -> Result<T, Error> {
        let closed = || Error::Unavailable("the store is closed".to_owned());
        let (reply, answer) = oneshot::channel();
        let sent = self.commands.send(command(reply)).await;
        sent.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())
    }
}

/// Derived from the key, so that both implementations agree on it.
pub fn entry_id(idempotency_key: &str) -> String {
    let digest = Sha256::new()
        .chain_update("entry:")
        .chain_update(idempotency_key)
        .finalize();
    digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn entry_from(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: row.get("id")?,
        account: row.get("account")?,
        amount_minor: row.get("amount_minor")?,
        reference: row.get("reference")?,
        sequence: row.get("sequence")?,
        balance_minor: row.get("balance_minor")?,
        committed_at_ms: row.get("committed_at_ms")?,
        stored_by: row.get("stored_by")?,
    })
}

/// A store that fails may answer later, and an append may safely be tried again with its key.
fn store_error(error: &rusqlite::Error) -> Error {
    tracing::error!(error = %error, "the store failed");
    Error::Unavailable("the store failed".to_owned())
}
