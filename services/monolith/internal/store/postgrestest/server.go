// Package postgrestest runs a PostgreSQL server for tests: one of its own, on loopback, with a data folder that is gone
// afterwards. It needs the binaries of Debian's package `postgresql`, whose own cluster it leaves alone.
package postgrestest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
)

// startTimeout is for slow machines; a start takes a second.
const startTimeout = time.Minute

// Server is started by the first Database. The zero value is ready for use; whoever has it must call Stop.
type Server struct {
	prepare  sync.Once
	failure  error // of the first start
	missing  string
	binaries string
	folder   string
	password string
	port     int
	process  *exec.Cmd
	exited   chan struct{}
	made     int
}

// Database makes a new one, with these options of CREATE DATABASE, and returns its DSN. Where PostgreSQL is not there the test is skipped, unless the list in
// CUTOVER_REQUIRE has it.
func (s *Server) Database(t testing.TB, options ...string) (dsn string) {
	t.Helper()
	s.prepare.Do(func() { s.failure = s.initialise() })
	if s.missing != "" {
		required := strings.FieldsFunc(os.Getenv("CUTOVER_REQUIRE"), func(r rune) bool { return r == ',' || r == ' ' })
		if slices.Contains(required, "postgres") {
			t.Fatalf("postgres is required by CUTOVER_REQUIRE, but %s", s.missing)
		}
		t.Skip(s.missing)
	}
	if s.failure != nil {
		t.Fatal(s.failure)
	}
	s.made++
	name := fmt.Sprintf("test%d", s.made)
	if err := s.exec(t.Context(), "CREATE DATABASE "+name+" "+strings.Join(options, " ")); err != nil {
		t.Fatal(err)
	}
	return s.dsn(name)
}

func (s *Server) dsn(database string) string {
	return fmt.Sprintf("postgres://cutover:%s@127.0.0.1:%d/%s?sslmode=disable", s.password, s.port, database)
}

func (s *Server) exec(ctx context.Context, statement string) error {
	db, err := sql.Open("pgx", s.dsn("postgres"))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, statement)
	return errors.Join(err, db.Close())
}

// find looks where Debian puts the binaries: the newest version, and not on the PATH.
func find() (folder string) {
	all, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	slices.SortFunc(all, func(a, b string) int { return version(b) - version(a) })
	for _, path := range all {
		folder = filepath.Dir(path)
		if _, err := os.Stat(filepath.Join(folder, "initdb")); err == nil {
			return folder
		}
	}
	return ""
}

func (s *Server) initialise() (err error) {
	if s.binaries = find(); s.binaries == "" {
		s.missing = "there is no /usr/lib/postgresql/*/bin with postgres and initdb (Debian: apt-get install postgresql)"
		return nil
	}
	if s.folder, err = os.MkdirTemp("", "cutover-postgres-"); err != nil {
		return err
	}
	if err := s.own(s.folder); err != nil {
		return err
	}
	s.password = rand.Text()
	secret := filepath.Join(s.folder, "password")
	if err := os.WriteFile(secret, []byte(s.password), 0o600); err != nil {
		return err
	}
	if err := s.own(secret); err != nil {
		return err
	}
	initdb := s.command("initdb", "-D", s.data(), "-U", "cutover", "-E", "UTF8", "--locale=C",
		"--auth=scram-sha-256", "--pwfile="+secret, "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if s.port, err = freePort(); err != nil {
		return err
	}
	return s.start()
}

func (s *Server) data() string { return filepath.Join(s.folder, "data") }

func (s *Server) command(name string, args ...string) *exec.Cmd {
	command := exec.Command(filepath.Join(s.binaries, name), args...)
	command.Dir = s.folder
	command.SysProcAttr = attributes()
	return command
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}

// start returns once the server answers. After a crash the first tries may fail, while the old server's children end.
func (s *Server) start() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	for ctx.Err() == nil {
		var log strings.Builder
		s.process = s.command("postgres", "-D", s.data(), "-p", strconv.Itoa(s.port), "-c", "listen_addresses=127.0.0.1",
			"-c", "unix_socket_directories="+s.folder, "-c", "fsync=on", "-c", "shared_buffers=16MB")
		s.process.Stderr = &log
		if err := s.process.Start(); err != nil {
			return fmt.Errorf("start postgres: %w", err)
		}
		process, exited := s.process, make(chan struct{})
		s.exited = exited
		go func() { _ = process.Wait(); close(exited) }()
		if s.answers(ctx) {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("postgres does not answer: %s", log.String())
		}
	}
	return errors.New("postgres could not be started again")
}

func (s *Server) answers(ctx context.Context) bool {
	for {
		if s.exec(ctx, "SELECT 1") == nil {
			return true
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-s.exited:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// Crash kills the server, its children too, with no chance to write anything.
func (s *Server) Crash(t testing.TB) {
	t.Helper()
	children := childrenOf(s.process.Process.Pid)
	if err := s.process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for _, child := range children {
		if process, err := os.FindProcess(child); err == nil {
			_ = process.Kill() // it may have ended by itself
		}
	}
	<-s.exited
}

// Restart starts it again after a crash.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
}

// Stop ends the server and removes its folder.
func (s *Server) Stop() {
	if s.process != nil && s.process.Process != nil {
		_ = s.process.Process.Signal(immediate)
		<-s.exited
	}
	if s.folder != "" {
		_ = os.RemoveAll(s.folder)
	}
}
