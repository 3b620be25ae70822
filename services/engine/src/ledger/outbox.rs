//! The outbox: the own part of the event log behind a durable cursor.

use rusqlite::{Connection, OptionalExtension, Row};

use super::write::Write;
use super::{Ledger, OWN};
use crate::error::Error;
use crate::replication::{Event, ReplicatedEntry};

/// What is to be pushed next, and the cursor that it was read behind.
pub struct Outgoing {
    pub cursor: i64,
    pub events: Vec<Event>,
}

/// A push that the peer has answered. The cursor moves only if it still is where the push began: after a replay it is not.
pub struct Acknowledged {
    pub from: i64,
    pub to: i64,
    /// Own events in between.
    pub events: i64,
}

impl Ledger {
    /// Own entries that the peer has not acknowledged. Counted by the writer, so that asking costs nothing.
    pub fn outbox(&self) -> i64 {
        self.outbox.load(std::sync::atomic::Ordering::Relaxed)
    }

    pub async fn outgoing(&self, limit: usize) -> Result<Outgoing, Error> {
        let read = self.readers.with(move |connection| {
            // Both from one state of the store.
            let transaction = connection.unchecked_transaction()?;
            let cursor = cursor(&transaction)?;
            let mut statement = transaction.prepare_cached(
                "SELECT events.position, entries.* FROM events JOIN entries ON id = entry_id
                 WHERE position > ?1 AND origin = ?2 ORDER BY position LIMIT ?3",
            )?;
            let events = statement.query_map((cursor, OWN, limit as i64), event_from)?;
            let events = events.collect::<rusqlite::Result<_>>()?;
            Ok(Outgoing { cursor, events })
        });
        read.await
    }

    /// `false`: the cursor had been moved in the meantime and stays where it is.
    pub async fn acknowledge(&self, acknowledged: Acknowledged) -> Result<bool, Error> {
        self.write(acknowledged, Write::Acknowledge).await
    }

    /// Pushes everything again; answers how much that is.
    pub async fn replay(&self) -> Result<i64, Error> {
        self.write((), Write::Replay).await
    }
}

pub fn cursor(connection: &Connection) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("SELECT cursor FROM outbox")?
        .query_row([], |row| row.get(0))
}

pub fn count(connection: &Connection) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("SELECT count(*) FROM events WHERE position > ?1 AND origin = ?2")?
        .query_row((cursor(connection)?, OWN), |row| row.get(0))
}

/// The last position of an own entry; 0: there is none.
pub fn watermark(connection: &Connection) -> rusqlite::Result<i64> {
    let last = "SELECT position FROM events WHERE origin = ?1 ORDER BY position DESC LIMIT 1";
    let last = connection
        .prepare_cached(last)?
        .query_row([OWN], |row| row.get(0))
        .optional()?;
    Ok(last.unwrap_or(0))
}

pub fn acknowledge(connection: &Connection, acknowledged: &Acknowledged) -> rusqlite::Result<bool> {
    let moved = connection
        .prepare_cached("UPDATE outbox SET cursor = ?2 WHERE cursor = ?1")?
        .execute([acknowledged.from, acknowledged.to])?;
    Ok(moved > 0)
}

pub fn replay(connection: &Connection) -> rusqlite::Result<i64> {
    connection.execute("UPDATE outbox SET cursor = 0", [])?;
    count(connection)
}

fn event_from(row: &Row<'_>) -> rusqlite::Result<Event> {
    let key: String = row.get("idempotency_key")?;
    Ok(Event {
        position: row.get("position")?,
        entry: ReplicatedEntry {
            id: row.get("id")?,
            account: row.get("account")?,
            amount_minor: row.get("amount_minor")?,
            reference: row.get("reference")?,
            committed_at_ms: row.get("committed_at_ms")?,
            stored_by: row.get("stored_by")?,
            idempotency_key: Some(key).filter(|key| !key.is_empty()),
        },
    })
}
