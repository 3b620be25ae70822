package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
)

// lockWriters lets one transaction of this database write at a time, also when several processes do: only so have an
// account's sequence and the event log's positions no gaps and the order of the commits. The lock ends with the
// transaction; its number is this project's own.
const lockWriters = "SELECT pg_advisory_xact_lock(7161327584)"

// With another collation than C, ids would not be in the order of their bytes.
const postgresSchema = lockWriters + `;
CREATE TABLE IF NOT EXISTS entries (
	id text COLLATE "C" NOT NULL UNIQUE,
	account text COLLATE "C" NOT NULL,
	sequence bigint NOT NULL,
	amount_minor bigint NOT NULL,
	reference text NOT NULL,
	balance_minor bigint NOT NULL,
	committed_at_ms bigint NOT NULL,
	stored_by text NOT NULL,
	PRIMARY KEY (account, sequence)
);
CREATE TABLE IF NOT EXISTS orders (
	id text COLLATE "C" NOT NULL PRIMARY KEY,
	customer_id text NOT NULL,
	document text NOT NULL,
	created_at_ms bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS events (
	position bigint NOT NULL PRIMARY KEY,
	entry_id text COLLATE "C" NOT NULL,
	ordinal bigint
);
CREATE UNIQUE INDEX IF NOT EXISTS outbox ON events (ordinal) WHERE ordinal IS NOT NULL;
CREATE TABLE IF NOT EXISTS outbox_cursor (
	one integer NOT NULL PRIMARY KEY CHECK (one = 1),
	cursor bigint NOT NULL
);
INSERT INTO outbox_cursor (one, cursor) VALUES (1, 0) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS received (
	source text COLLATE "C" NOT NULL PRIMARY KEY,
	watermark bigint NOT NULL
);`

const (
	// connectTimeout bounds how long a database that is not there holds up the writer.
	connectTimeout = 2 * time.Second
	// idleInTransaction is when the server gives up a writer that it does not hear of, and with it the lock.
	idleInTransaction = "10s"
)

// IsPostgres reports whether a DSN names a PostgreSQL database rather than a file.
func IsPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

// Redacted is a DSN without its password.
func Redacted(dsn string) string {
	if !IsPostgres(dsn) {
		return dsn
	}
	parsed, err := url.Parse(dsn)
	if err != nil {
		return "postgres://…"
	}
	query := parsed.Query()
	if query.Has("password") {
		query.Set("password", "xxxxx")
		parsed.RawQuery = query.Encode()
	}
	return parsed.Redacted()
}

// CheckPostgres refuses a DSN that can't be understood.
func CheckPostgres(dsn string) error {
	_, err := pgx.ParseConfig(dsn)
	return err
}

func (s *SQL) connectPostgres(ctx context.Context, dsn string) error {
	s.dialect = dialect{begin: "BEGIN ISOLATION LEVEL READ COMMITTED; " + lockWriters, textOnly: true}
	c, err := pgx.ParseConfig(dsn)
	if err != nil {
		return err
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectTimeout
	}
	c.DialFunc = (&net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3,
	}}).DialContext
	writes := c.Copy()
	writes.RuntimeParams["synchronous_commit"] = "on"
	writes.RuntimeParams["idle_in_transaction_session_timeout"] = idleInTransaction
	s.writes = limited(stdlib.OpenDB(*writes), 1)
	if err := migratePostgres(ctx, s.writes); err != nil {
		return err
	}
	reads := c.Copy()
	reads.RuntimeParams["default_transaction_read_only"] = "on"
	s.reads = limited(stdlib.OpenDB(*reads), readers)
	return nil
}

// migratePostgres creates what is missing, unless the database can't keep what it acknowledges, or any text.
func migratePostgres(ctx context.Context, db *sql.DB) (err error) {
	var encoding, fsync string
	err = db.QueryRowContext(ctx, "SELECT current_setting('server_encoding'), current_setting('fsync')").Scan(&encoding, &fsync)
	if err != nil {
		return err
	}
	if encoding != "UTF8" || fsync != "on" {
		return fmt.Errorf("the database must have the encoding UTF8 and fsync on, has %s and %s", encoding, fsync)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, postgresSchema); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// unreachable: the database is not there, or is about to go or come. Whether the last commit was done is then unknown.
func unreachable(err error) bool {
	var answered *pgconn.PgError
	if errors.As(err, &answered) {
		switch answered.Code[:2] { // connection exception, insufficient resources, operator intervention
		case "08", "53", "57":
			return true
		}
		return false
	}
	var connecting *pgconn.ConnectError
	var network net.Error
	if errors.As(err, &connecting) || errors.As(err, &network) {
		return true
	}
	for _, gone := range []error{driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed} {
		if errors.Is(err, gone) {
			return true
		}
	}
	return false
}

// storable reports whether the database can hold these texts as they are.
func (s *SQL) storable(texts ...string) bool {
	for _, text := range texts {
		if s.dialect.textOnly && (strings.Contains(text, "\x00") || !utf8.ValidString(text)) {
			return false
		}
	}
	return true
}

func unstorable() error {
	return failure.New(codes.InvalidArgument, "this store can't hold a NUL character")
}

// key is the text to look for: what can't be stored is not there, and nothing has an empty key.
func (s *SQL) key(text string) string {
	if !s.storable(text) {
		return ""
	}
	return text
}
