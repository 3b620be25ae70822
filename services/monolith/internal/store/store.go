// Package store keeps entries and orders in SQLite. Anything that can do what Store says may take its place.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	_ "modernc.org/sqlite" // a pure Go SQLite: static builds need no C compiler

	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/orders"

	"google.golang.org/grpc/codes"
)

// Store is everything the monolith asks of its database.
type Store interface {
	ledger.Store
	orders.Store
	// Ping reports whether the store answers.
	Ping(ctx context.Context) error
	// Close writes what was accepted and lets go of the files.
	Close() error
}

const schema = `
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
) STRICT, WITHOUT ROWID;`

// readers is how many queries may run at once beside the writer; WAL lets them.
const readers = 4

// SQLite is a Store in one file: one connection writes, several read.
type SQLite struct {
	reads  *sql.DB
	writes *sql.DB
	writer *writer

	selectEntry, selectPage, selectOrder *sql.Stmt
}

// OpenSQLite opens or creates the file. Every commit is synced to disk before it returns.
func OpenSQLite(ctx context.Context, path string) (*SQLite, error) {
	s, err := openSQLite(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("open store %q: %w", path, err)
	}
	return s, nil
}

func openSQLite(ctx context.Context, path string) (_ *SQLite, err error) {
	s := &SQLite{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.writes, err = open(path, 1, "_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)"); err != nil {
		return nil, err
	}
	if _, err = s.writes.ExecContext(ctx, schema); err != nil {
		return nil, err
	}
	if s.writer, err = startWriter(ctx, s.writes); err != nil {
		return nil, err
	}
	if s.reads, err = open(path, readers, "_pragma=query_only(1)&_pragma=busy_timeout(5000)"); err != nil {
		return nil, err
	}
	for _, prepared := range []struct {
		to  **sql.Stmt
		sql string
	}{
		{&s.selectEntry, "SELECT " + entryColumns + " FROM entries WHERE id = ?"},
		{&s.selectPage, "SELECT " + entryColumns +
			" FROM entries WHERE account = ? AND sequence > ? ORDER BY sequence LIMIT ?"},
		{&s.selectOrder, "SELECT document FROM orders WHERE id = ?"},
	} {
		if *prepared.to, err = s.reads.PrepareContext(ctx, prepared.sql); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func open(path string, connections int, options string) (*sql.DB, error) {
	// As a URL, so that no character of the path can be taken for an option.
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+options)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// Ping reads through a real query: an open file alone says little.
func (s *SQLite) Ping(ctx context.Context) error {
	var one int
	if err := s.reads.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM entries LIMIT 1)").Scan(&one); err != nil {
		return failure.Wrap(err, codes.Unavailable, "the store does not answer")
	}
	return nil
}

// Close writes what was accepted, then closes the file.
func (s *SQLite) Close() error {
	var errs []error
	if s.writer != nil {
		errs = append(errs, s.writer.close())
	}
	for _, db := range []*sql.DB{s.reads, s.writes} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// failed gives a database error its code. A context error keeps its own.
func failed(ctx context.Context, err error, doing string) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", doing, ctx.Err())
	}
	return failure.Wrap(err, codes.Internal, "the store failed to %s", doing)
}
