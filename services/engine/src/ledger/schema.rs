//! The file's layout and the settings that make a commit durable.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

/// `(account, sequence)` finds an account's newest entry and its pages; `id` finds a repeated key.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS entries (
    id              TEXT    NOT NULL PRIMARY KEY,
    idempotency_key TEXT    NOT NULL,
    account         TEXT    NOT NULL,
    sequence        INTEGER NOT NULL,
    amount_minor    INTEGER NOT NULL,
    balance_minor   INTEGER NOT NULL,
    reference       TEXT    NOT NULL,
    committed_at_ms INTEGER NOT NULL,
    UNIQUE (account, sequence)
) STRICT;";

/// How long a statement waits for another process (a backup, a shell) that holds the file.
const BUSY: Duration = Duration::from_secs(2);

/// The writing connection. With WAL, `synchronous=FULL` flushes the log at each commit.
pub fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(SCHEMA)?;
    Ok(connection)
}

pub fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}
