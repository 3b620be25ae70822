//! One new entry and its row of the event log, inside the writer's transaction.

use rusqlite::{Connection, OptionalExtension, named_params};

use super::entry_from;
use crate::contracts::Entry;

/// An entry whose place among its account's entries is not known yet.
pub struct NewEntry<'a> {
    pub id: &'a str,
    /// Empty: not known. Nothing is looked up by it, the id is derived from it.
    pub idempotency_key: &'a str,
    pub account: &'a str,
    pub amount_minor: i64,
    pub reference: &'a str,
    pub committed_at_ms: i64,
    pub stored_by: &'a str,
}

pub fn find(connection: &Connection, id: &str) -> rusqlite::Result<Option<Entry>> {
    connection
        .prepare_cached("SELECT * FROM entries WHERE id = ?1")?
        .query_row([id], entry_from)
        .optional()
}

/// `None`, and nothing stored: the account's balance would leave the range of 64 bits.
pub fn record(connection: &Connection, new: &NewEntry<'_>) -> rusqlite::Result<Option<Entry>> {
    let (sequence, balance) = connection
        .prepare_cached(
            "SELECT sequence, balance_minor FROM entries WHERE account = ?1
             ORDER BY sequence DESC LIMIT 1",
        )?
        .query_row([new.account], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .unwrap_or((0_i64, 0_i64));
    let Some(balance_minor) = balance.checked_add(new.amount_minor) else {
        return Ok(None);
    };
    let entry = Entry {
        id: new.id.to_owned(),
        account: new.account.to_owned(),
        amount_minor: new.amount_minor,
        reference: new.reference.to_owned(),
        sequence: sequence + 1,
        balance_minor,
        committed_at_ms: new.committed_at_ms,
        stored_by: new.stored_by.to_owned(),
    };
    insert(connection, &entry, new.idempotency_key)?;
    connection
        .prepare_cached("INSERT INTO events (entry_id, origin) VALUES (?1, ?2)")?
        .execute([new.id, new.stored_by])?;
    Ok(Some(entry))
}

fn insert(connection: &Connection, entry: &Entry, key: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO entries (id, idempotency_key, account, sequence, amount_minor,
                                  balance_minor, reference, committed_at_ms, stored_by)
             VALUES (:id, :key, :account, :sequence, :amount, :balance, :reference, :at, :by)",
        )?
        .execute(named_params! {
            ":id": entry.id,
            ":key": key,
            ":account": entry.account,
            ":sequence": entry.sequence,
            ":amount": entry.amount_minor,
            ":balance": entry.balance_minor,
            ":reference": entry.reference,
            ":at": entry.committed_at_ms,
            ":by": entry.stored_by,
        })?;
    Ok(())
}
