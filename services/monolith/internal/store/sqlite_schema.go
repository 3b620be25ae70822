package store

import (
	"context"
	"database/sql"
	"errors"
)

const sqliteSchema = `
CREATE TABLE IF NOT EXISTS entries (
	id TEXT NOT NULL UNIQUE,
	account TEXT NOT NULL,
	sequence INTEGER NOT NULL,
	amount_minor INTEGER NOT NULL,
	reference TEXT NOT NULL,
	balance_minor INTEGER NOT NULL,
	committed_at_ms INTEGER NOT NULL,
	stored_by TEXT NOT NULL,
	PRIMARY KEY (account, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS orders (
	id TEXT NOT NULL PRIMARY KEY,
	customer_id TEXT NOT NULL,
	document TEXT NOT NULL,
	created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Own events have an ordinal too, so that the outbox and its size are found without a look at the others.
CREATE TABLE IF NOT EXISTS events (
	position INTEGER PRIMARY KEY,
	entry_id TEXT NOT NULL,
	ordinal INTEGER
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS outbox ON events (ordinal) WHERE ordinal IS NOT NULL;
CREATE TABLE IF NOT EXISTS outbox_cursor (
	one INTEGER PRIMARY KEY CHECK (one = 1),
	cursor INTEGER NOT NULL
) STRICT;
INSERT OR IGNORE INTO outbox_cursor (one, cursor) VALUES (1, 0);
CREATE TABLE IF NOT EXISTS received (
	source TEXT NOT NULL PRIMARY KEY,
	watermark INTEGER NOT NULL
) STRICT, WITHOUT ROWID;`

const countUnlogged = "SELECT (SELECT count(*) FROM entries) - (SELECT count(*) FROM events)"

// The order of their commits is known from their times, but for steps back of the clock: within an account the sequence
// is right whatever the clock did.
const logUnlogged = `
INSERT INTO events (entry_id, ordinal)
SELECT id, CASE WHEN own THEN (` + lastOrdinal + `) + sum(own) OVER (ORDER BY at, account, sequence) END
FROM (
	SELECT id, account, sequence, stored_by = $1 AS own,
		max(committed_at_ms) OVER (PARTITION BY account ORDER BY sequence) AS at
	FROM entries
) WHERE id NOT IN (SELECT entry_id FROM events) ORDER BY at, account, sequence`

// migrateSQLite creates what is missing. Entries of the previous release, which had no event log, get their events now; so do
// those that it has stored since, when a file comes back from it.
func migrateSQLite(ctx context.Context, db *sql.DB, storedBy string) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	if _, err := tx.ExecContext(ctx, sqliteSchema); err != nil {
		return err
	}
	var unlogged int64
	if err := tx.QueryRowContext(ctx, countUnlogged).Scan(&unlogged); err != nil {
		return err
	}
	if unlogged > 0 {
		if _, err := tx.ExecContext(ctx, logUnlogged, storedBy); err != nil {
			return err
		}
	}
	return tx.Commit()
}
