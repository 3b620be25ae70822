package store

import (
	"context"
	"database/sql"
)

const entryColumns = "id, account, amount_minor, reference, sequence, balance_minor, committed_at_ms, stored_by"

// statements are prepared once on the writer's connection.
type statements struct {
	entry, lastOfAccount, insertEntry, insertOwnEvent, insertEvent *sql.Stmt
	moveCursor, resetCursor, reach, watermark                      *sql.Stmt
	order, insertOrder                                             *sql.Stmt
}

func prepare(ctx context.Context, connection *sql.Conn) (*statements, error) {
	var s statements
	for _, one := range []struct {
		to  **sql.Stmt
		sql string
	}{
		{&s.entry, "SELECT " + entryColumns + " FROM entries WHERE id = $1"},
		{&s.lastOfAccount,
			"SELECT sequence, balance_minor FROM entries WHERE account = $1 ORDER BY sequence DESC LIMIT 1"},
		{&s.insertEntry, "INSERT INTO entries (" + entryColumns + ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"},
		{&s.insertEvent, "INSERT INTO events (position, entry_id) VALUES ((" + lastPosition + ") + 1, $1)"},
		{&s.insertOwnEvent, "INSERT INTO events (position, entry_id, ordinal) VALUES ((" + lastPosition + ") + 1, $1, (" +
			lastOrdinal + ") + 1)"},
		{&s.moveCursor, "UPDATE outbox_cursor SET cursor = $1 WHERE cursor = $2"},
		{&s.resetCursor, "UPDATE outbox_cursor SET cursor = 0"},
		{&s.reach, "INSERT INTO received (source, watermark) VALUES ($1, $2) " +
			"ON CONFLICT (source) DO UPDATE SET watermark = excluded.watermark WHERE excluded.watermark > received.watermark"},
		{&s.watermark, "SELECT watermark FROM received WHERE source = $1"},
		{&s.order, "SELECT document FROM orders WHERE id = $1"},
		{&s.insertOrder, "INSERT INTO orders (id, customer_id, document, created_at_ms) VALUES ($1, $2, $3, $4)"},
	} {
		statement, err := connection.PrepareContext(ctx, one.sql)
		if err != nil {
			return nil, err
		}
		*one.to = statement
	}
	return &s, nil
}
