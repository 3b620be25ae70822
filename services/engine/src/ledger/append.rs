//! One append inside the writer's transaction.

use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::Connection;

use super::record::{NewEntry, find, record};
use super::{Appended, OWN, entry_id};
use crate::contracts::{AppendRequest, Entry};
use crate::error::Error;

/// The outer error is the store's and ends the whole transaction; the inner one is this caller's alone.
pub fn append(
    connection: &Connection,
    request: &AppendRequest,
) -> rusqlite::Result<Result<Appended, Error>> {
    let id = entry_id(&request.idempotency_key);
    if let Some(entry) = find(connection, &id)? {
        return Ok(repeat(entry, request));
    }
    let new = NewEntry {
        id: &id,
        idempotency_key: &request.idempotency_key,
        account: &request.account,
        amount_minor: request.amount_minor,
        reference: &request.reference,
        committed_at_ms: now_ms(),
        stored_by: OWN,
    };
    let Some(entry) = record(connection, &new)? else {
        let message = "amount_minor: the account's balance would leave the range of 64 bits";
        return Ok(Err(Error::InvalidArgument(message.to_owned())));
    };
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

fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as i64)
}
