package store

import (
	"context"
	"database/sql"
	"net/url"

	_ "modernc.org/sqlite" // a pure Go SQLite: static builds need no C compiler
)

// openSQLite opens or creates the file. WAL lets readers go on beside the writer, FULL syncs every commit.
func (s *SQL) openSQLite(ctx context.Context, path string) (err error) {
	s.dialect = dialect{begin: "BEGIN IMMEDIATE"}
	if s.writes, err = openFile(path, 1, "_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)"); err != nil {
		return err
	}
	if err = migrateSQLite(ctx, s.writes, s.storedBy); err != nil {
		return err
	}
	s.reads, err = openFile(path, readers, "_pragma=query_only(1)&_pragma=busy_timeout(5000)")
	return err
}

func openFile(path string, connections int, options string) (*sql.DB, error) {
	// As a URL, so that no character of the path can be taken for an option.
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+options)
	if err != nil {
		return nil, err
	}
	return limited(db, connections), nil
}
