// Package store keeps entries and orders in a database, SQLite or PostgreSQL. Anything that can do what Store says may
// take its place.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/orders"
	"cutover.dev/monolith/internal/replication"

	"google.golang.org/grpc/codes"
)

// Store is everything the monolith asks of its database.
type Store interface {
	ledger.Store
	orders.Store
	replication.Store
	// Ping reports whether the store answers.
	Ping(ctx context.Context) error
	// Close writes what was accepted and lets go of the database.
	Close() error
}

// readers is how many queries may run at once beside the writer.
const readers = 4

// Options are what a store is told.
type Options struct {
	// StoredBy is the service that writes here: what it has stored itself goes to the outbox.
	StoredBy string
	// CommitLate is a defect: an append is acknowledged at once, its commit comes up to that much later; 0 without it.
	CommitLate time.Duration
}

// SQL is a Store: one connection writes, several read.
type SQL struct {
	dialect  dialect
	reads    *sql.DB
	writes   *sql.DB
	writer   *writer
	storedBy string

	selectEntry, selectPage, selectOrder *sql.Stmt
}

// dialect is in what the databases differ, besides the schema. Both take $1 for a parameter.
type dialect struct {
	// begin begins a transaction that no other one writes beside, so that what it reads stays true until it commits.
	begin string
	// textOnly: only UTF-8 without NUL can be stored or asked for.
	textOnly bool
}

// Open opens or creates the store that the DSN names: postgres://…, or the path of a SQLite file. Every commit is on disk
// before it returns.
func Open(ctx context.Context, dsn string, options Options) (*SQL, error) {
	s := &SQL{storedBy: options.StoredBy}
	open := s.openSQLite
	if IsPostgres(dsn) {
		open = s.connectPostgres
	}
	err := open(ctx, dsn)
	if err == nil {
		err = s.start(ctx, options)
	}
	if err != nil {
		return nil, fmt.Errorf("open store %q: %w", Redacted(dsn), errors.Join(err, s.Close()))
	}
	return s, nil
}

// start makes ready what both databases have.
func (s *SQL) start(ctx context.Context, options Options) (err error) {
	if s.writer, err = startWriter(ctx, s.writes, s.dialect.begin, options.CommitLate); err != nil {
		return err
	}
	for _, prepared := range []struct {
		to  **sql.Stmt
		sql string
	}{
		{&s.selectEntry, "SELECT " + entryColumns + " FROM entries WHERE id = $1"},
		{&s.selectPage, "SELECT " + entryColumns +
			" FROM entries WHERE account = $1 AND sequence > $2 ORDER BY sequence LIMIT $3"},
		{&s.selectOrder, "SELECT document FROM orders WHERE id = $1"},
	} {
		if *prepared.to, err = s.reads.PrepareContext(ctx, prepared.sql); err != nil {
			return err
		}
	}
	return nil
}

func limited(db *sql.DB, connections int) *sql.DB {
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db
}

// Ping reads through a real query: an open file or connection alone says little.
func (s *SQL) Ping(ctx context.Context) error {
	var one int
	err := s.reads.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM entries LIMIT 1) AS first").Scan(&one)
	if err != nil {
		return failure.Wrap(err, codes.Unavailable, "the store does not answer")
	}
	return nil
}

// Close writes what was accepted, then closes the database.
func (s *SQL) Close() error {
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
	return failure.Wrap(err, codeOf(err), "the store failed to %s", doing)
}

// codeOf is UNAVAILABLE for what a repeat may find mended.
func codeOf(err error) codes.Code {
	if unreachable(err) {
		return codes.Unavailable
	}
	return codes.Internal
}
