package store

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/ledger"
)

// The defect: what was acknowledged is not there yet, and a crash takes it along.
func TestCommitLate(t *testing.T) {
	dir, copied := t.TempDir(), t.TempDir()
	s, err := Open(t.Context(), filepath.Join(dir, "db"), Options{StoredBy: "monolith", CommitLate: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	first := s.mustAppend(t, entry("k", "a", 5))
	if next := s.mustAppend(t, entry("k2", "a", 5)); next.Sequence != 2 || next.BalanceMinor != 10 {
		t.Errorf("%+v", next)
	}
	if again, created, err := s.AppendEntry(t.Context(), first.ID, entry("k", "a", 5)); err != nil || created || again != first {
		t.Errorf("%+v, %v, %v", again, created, err)
	}
	if _, _, err := s.AppendEntry(t.Context(), first.ID, entry("k", "a", 6)); failure.CodeOf(err) != codes.AlreadyExists {
		t.Error(err)
	}
	if _, err := s.Entry(t.Context(), first.ID); failure.CodeOf(err) != codes.NotFound {
		t.Errorf("it is there already: %v", err)
	}
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	crashed := openTest(t, filepath.Join(copied, "db"))
	if entries := crashed.all(t, ledger.Query{Account: "a"}); len(entries) != 0 {
		t.Errorf("the crash left %+v", entries)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, filepath.Join(dir, "db"))
	if got, err := s.Entry(t.Context(), first.ID); err != nil || got != first {
		t.Errorf("after a proper stop: %+v, %v", got, err)
	}
	if len(s.log(t)) != 2 {
		t.Errorf("%+v", s.log(t))
	}
}

// What is no client's write hears only of its commit.
func TestCommitLateIsForClients(t *testing.T) { onEach(t, commitLateIsForClients) }

func commitLateIsForClients(t *testing.T, dsn string) {
	s, err := Open(t.Context(), dsn, Options{StoredBy: "monolith", CommitLate: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for range 20 {
		s.mustAppend(t, entry("k", "a", 5))
		if err := s.Replay(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s.size(t) != 1 {
			t.Error("not committed yet")
		}
	}
}
