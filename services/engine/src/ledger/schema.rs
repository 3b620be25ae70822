//! The file's layout, how an older file gets it, and the settings that make a commit durable.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::OpenError;

/// One step a version: step `n` takes a file from version `n` (`PRAGMA user_version`) to `n + 1`.
const MIGRATIONS: [&str; 2] = [ENTRIES, EVENT_LOG];

/// The first release's layout; its files say version 0, as new ones do, hence `IF NOT EXISTS`.
/// `(account, sequence)` finds an account's newest entry and its pages; `id` finds a repeated key.
const ENTRIES: &str = "
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

/// `events` has a row for each entry, in commit order: nothing is ever deleted and what is rolled back gives its position
/// back, so that there are no gaps. `origin` is who the entry was appended to first, as `stored_by`. All entries so far are
/// the engine's own.
const EVENT_LOG: &str = "
ALTER TABLE entries ADD COLUMN stored_by TEXT NOT NULL DEFAULT 'engine';
CREATE TABLE events (
    position INTEGER NOT NULL PRIMARY KEY,
    entry_id TEXT    NOT NULL,
    origin   TEXT    NOT NULL
) STRICT;
INSERT INTO events (entry_id, origin) SELECT id, 'engine' FROM entries ORDER BY rowid;
CREATE TABLE outbox (
    cursor INTEGER NOT NULL
) STRICT;
INSERT INTO outbox VALUES (0);
CREATE TABLE received (
    source    TEXT    NOT NULL PRIMARY KEY,
    watermark INTEGER NOT NULL
) STRICT, WITHOUT ROWID;";

/// How long a statement waits for another process (a backup, a shell) that holds the file.
const BUSY: Duration = Duration::from_secs(2);

/// The writing connection. With WAL, `synchronous=FULL` flushes the log at each commit.
pub fn open(path: &Path) -> Result<Connection, OpenError> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// All steps that are missing or, if one fails, none.
fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let missing = usize::try_from(version)
        .ok()
        .and_then(|done| MIGRATIONS.get(done..))
        .ok_or(OpenError::Newer(version))?;
    for step in missing {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    transaction.commit()?;
    Ok(())
}

pub fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_first_release_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("engine.db");
        let older = Connection::open(&path).unwrap();
        older.execute_batch(ENTRIES).unwrap();
        let insert = "INSERT INTO entries VALUES (?1, ?1, 'account', ?2, 5, 5 * ?2, '', 1000)";
        for (id, sequence) in [("bb", 1), ("aa", 2)] {
            older.execute(insert, (id, sequence)).unwrap();
        }
        drop(older);

        // The second time there is nothing left to do.
        for _ in 0..2 {
            let connection = open(&path).unwrap();
            let log = "SELECT position, entry_id, origin, stored_by, sequence
                       FROM events JOIN entries ON id = entry_id ORDER BY position";
            let mut log = connection.prepare(log).unwrap();
            let rows = log.query_map([], |row| row.try_into()).unwrap();
            let rows: Vec<(i64, String, String, String, i64)> = rows.map(Result::unwrap).collect();
            let row = |position, id: &str| {
                let engine = || "engine".to_owned();
                (position, id.to_owned(), engine(), engine(), position)
            };
            assert_eq!(rows, [row(1, "bb"), row(2, "aa")]);
        }
    }

    #[test]
    fn a_file_of_a_later_release_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("engine.db");
        drop(open(&path).unwrap());
        let later = Connection::open(&path).unwrap();
        later.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(open(&path), Err(OpenError::Newer(99))));
        let version = later.pragma_query_value(None, "user_version", |row| row.get(0));
        assert_eq!(version, Ok(99));
    }
}
