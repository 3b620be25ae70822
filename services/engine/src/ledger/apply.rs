//! One received batch inside the writer's transaction: all of it or, if the store fails, nothing.

use rusqlite::Connection;

use super::record::{NewEntry, find, record};
use crate::defects::Defects;
use crate::replication::{Batch, Event};

/// What became of a batch that is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// The highest position of the batch's source that is stored.
    pub watermark: i64,
    /// Entries that were not here before.
    pub applied: u64,
    /// Entries that are here with another content, which stays.
    pub conflicts: u64,
}

/// In order. An entry that is here already is skipped, so that a batch may come more than once.
pub fn apply(
    connection: &Connection,
    batch: &Batch,
    defects: &Defects,
) -> rusqlite::Result<Applied> {
    let (mut applied, mut conflicts) = (0, 0);
    let mut one = |event: &Event| {
        match take(connection, event, defects)? {
            Taken::New => applied += 1,
            Taken::Known => {}
            Taken::Conflict => conflicts += 1,
        }
        Ok::<_, rusqlite::Error>(())
    };
    if defects.reorders {
        batch.events.iter().rev().try_for_each(&mut one)?;
    } else {
        batch.events.iter().try_for_each(&mut one)?;
    }
    let last = batch.events.last().map_or(0, |event| event.position);
    Ok(Applied {
        watermark: advance(connection, &batch.source, last)?,
        applied,
        conflicts,
    })
}

enum Taken {
    New,
    Known,
    Conflict,
}

fn take(connection: &Connection, event: &Event, defects: &Defects) -> rusqlite::Result<Taken> {
    let entry = &event.entry;
    if let Some(known) = find(connection, &entry.id)? {
        let same = known.account == entry.account
            && known.amount_minor == entry.amount_minor
            && known.reference == entry.reference;
        return Ok(if same { Taken::Known } else { Taken::Conflict });
    }
    let new = NewEntry {
        id: &entry.id,
        idempotency_key: entry.idempotency_key.as_deref().unwrap_or_default(),
        account: &entry.account,
        amount_minor: defects.applied_amount(entry.amount_minor),
        reference: &entry.reference,
        committed_at_ms: entry.committed_at_ms,
        stored_by: &entry.stored_by,
    };
    // A balance out of range: both sides took what only one of them could. Replication goes on; the comparison of the
    // stores shows it.
    Ok(match record(connection, &new)? {
        Some(_) => Taken::New,
        None => Taken::Conflict,
    })
}

/// The watermark never goes back, whatever is sent again. Positions begin at 1: 0 is a source that has sent nothing.
fn advance(connection: &Connection, source: &str, to: i64) -> rusqlite::Result<i64> {
    connection
        .prepare_cached(
            "INSERT INTO received VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET watermark = max(watermark, excluded.watermark)
             RETURNING watermark",
        )?
        .query_row((source, to), |row| row.get(0))
}
