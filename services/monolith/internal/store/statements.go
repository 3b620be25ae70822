package store

import (
	"context"
	"database/sql"
)

const entryColumns = "id, account, amount_minor, reference, sequence, balance_minor, committed_at_ms, stored_by"

// statements are prepared once on the writer's connection.
type statements struct {
	entry, lastOfAccount, insertEntry *sql.Stmt
	order, insertOrder                *sql.Stmt
}

func prepare(ctx context.Context, connection *sql.Conn) (*statements, error) {
	var s statements
	for _, one := range []struct {
		to  **sql.Stmt
		sql string
	}{
		{&s.entry, "SELECT " + entryColumns + " FROM entries WHERE id = ?"},
		{&s.lastOfAccount,
			"SELECT sequence, balance_minor FROM entries WHERE account = ? ORDER BY sequence DESC LIMIT 1"},
		{&s.insertEntry, "INSERT INTO entries (" + entryColumns + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)"},
		{&s.order, "SELECT document FROM orders WHERE id = ?"},
		{&s.insertOrder, "INSERT INTO orders (id, customer_id, document, created_at_ms) VALUES (?, ?, ?, ?)"},
	} {
		statement, err := connection.PrepareContext(ctx, one.sql)
		if err != nil {
			return nil, err
		}
		*one.to = statement
	}
	return &s, nil
}
