//! One append inside the writer's transaction.

use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension, named_params};

use super::{Appended, entry_from, entry_id};
use crate::contracts::{AppendRequest, Entry};
use crate::error::Error;

/// The outer error is the store's and ends the whole transaction; the inner one is this caller's alone.
pub fn append(
    connection: &Connection,
    request: &AppendRequest,
) -> rusqlite::Result<Result<Appended, Error>> {
    let id = entry_id(&request.idempotency_key);
    let earlier = connection
        .prepare_cached("SELECT * FROM entries WHERE id = ?1")?
        .query_row([&id], entry_from)
        .optional()?;
    if let Some(entry) = earlier {
        return Ok(repeat(entry, request));
    }
    let (sequence, balance) = connection
        .prepare_cached(
            "SELECT sequence, balance_minor FROM entries WHERE account = ?1
             ORDER BY sequence DESC LIMIT 1",
        )?
        .query_row([&request.account], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .unwrap_or((0_i64, 0_i64));
    let Some(balance_minor) = balance.checked_add(request.amount_minor) else {
        let message = "amount_minor: the account's balance would leave the range of 64 bits";
        return Ok(Err(Error::InvalidArgument(message.to_owned())));
    };
    let entry = Entry {
        id,
        account: request.account.clone(),
        amount_minor: request.amount_minor,
        reference: request.reference.clone(),
        sequence: sequence + 1,
        balance_minor,
        committed_at_ms: now_ms(),
        stored_by: "engine".to_owned(),
    };
    insert(connection, &entry, &request.idempotency_key)?;
    Ok(Ok(Appended {
        entry,
        created: true,
    }))
}

/// The first reply again, unless the key now stands for something else.
fn repeat(entry: Entry, request: &AppendRequest) -> Result<Appended, Error> {
    let same = entry.account == request.account
        && entry.amount_minor == request.amount_minor
        && entry.reference == request.reference;
    if !same {
        return Err(Error::AlreadyExists(
            "idempotency_key: already used for another account, amount or reference".to_owned(),
        ));
    }
    Ok(Appended {
        entry,
        created: false,
    })
}

fn insert(connection: &Connection, entry: &Entry, key: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO entries (id, idempotency_key, account, sequence, amount_minor,
                                  balance_minor, reference, committed_at_ms)
             VALUES (:id, :key, :account, :sequence, :amount, :balance, :reference, :at)",
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
        })?;
    Ok(())
}

fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as i64)
}
