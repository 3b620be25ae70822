package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/replication"
)

func (s *SQL) log(t *testing.T) (events []replication.Event) {
	t.Helper()
	err := s.Events(t.Context(), 0, math.MaxInt64, func(e replication.Event) error { events = append(events, e); return nil })
	if err != nil {
		t.Fatal(err)
	}
	for i, event := range events {
		if event.Position != int64(i+1) {
			t.Fatalf("event %d has position %d", i, event.Position)
		}
	}
	return events
}

func (s *SQL) outboxPage(t *testing.T, limit int64) replication.Page {
	t.Helper()
	page, err := s.Outbox(t.Context(), limit)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func (s *SQL) size(t *testing.T) int64 {
	t.Helper()
	size, err := s.OutboxSize(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return size
}

func (s *SQL) mustApply(t *testing.T, batch replication.Batch) replication.Applied {
	t.Helper()
	applied, err := s.Apply(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	return applied
}

func foreign(key, account string, amount int64) ledger.Entry {
	return ledger.Entry{
		ID: ledger.EntryID(key), Account: account, AmountMinor: amount, Reference: "r", CommittedAtMs: 7, StoredBy: "engine",
	}
}

func TestEveryEntryHasItsEvent(t *testing.T) { onEach(t, everyEntryHasItsEvent) }

func everyEntryHasItsEvent(t *testing.T, dsn string) {
	s := openTest(t, dsn)
	const own, theirs = 200, 150
	var all sync.WaitGroup
	for i := range own {
		all.Go(func() { s.mustAppend(t, entry(fmt.Sprint("own", i), fmt.Sprint(i%3), 1)) })
	}
	for i := range theirs {
		all.Go(func() {
			_, err := s.Apply(context.Background(), replication.Batch{
				Source: "engine", Watermark: int64(i + 1), Entries: []ledger.Entry{foreign(fmt.Sprint("their", i), fmt.Sprint(i%3), 1)},
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	// Repeats and refusals leave no event.
	for i := range own {
		all.Go(func() {
			request := entry(fmt.Sprint("own", i), fmt.Sprint(i%3), 1+int64(i%2))
			_, _, _ = s.AppendEntry(context.Background(), ledger.EntryID(request.IdempotencyKey), request)
		})
	}
	all.Wait()
	next := map[string]int64{}
	events := s.log(t)
	for _, event := range events {
		next[event.Entry.Account]++
		if event.Entry.Sequence != next[event.Entry.Account] {
			t.Fatalf("event %d is not in the order of the commits: %+v", event.Position, event.Entry)
		}
	}
	if n, _ := s.Watermark(t.Context()); len(events) != own+theirs || n != own+theirs {
		t.Errorf("%d events, watermark %d", len(events), n)
	}
	if s.size(t) != own {
		t.Errorf("the outbox has %d", s.size(t))
	}
	if page := s.outboxPage(t, 1000); len(page.Events) != own {
		t.Errorf("a page of %d", len(page.Events))
	}
	first := s.outboxPage(t, 10)
	if len(first.Events) != 10 || first.Events[0].Entry.StoredBy != "monolith" {
		t.Errorf("%+v", first)
	}
}

func TestTheOutboxMovesOnlyForward(t *testing.T) { onEach(t, theOutboxMovesOnlyForward) }

func theOutboxMovesOnlyForward(t *testing.T, dsn string) {
	s := openTest(t, dsn)
	for i := range 5 {
		s.mustAppend(t, entry(fmt.Sprint(i), "a", 1))
	}
	acknowledge := func(page replication.Page, left int64) {
		t.Helper()
		if err := s.Acknowledge(t.Context(), page); err != nil {
			t.Fatal(err)
		}
		if s.size(t) != left {
			t.Errorf("%d left, want %d", s.size(t), left)
		}
	}
	first := s.outboxPage(t, 2)
	acknowledge(first, 3)
	second := s.outboxPage(t, 2)
	if second.Events[0].Position != 3 {
		t.Errorf("%+v", second)
	}
	if err := s.Replay(t.Context()); err != nil {
		t.Fatal(err)
	}
	acknowledge(second, 5) // its push was under way when the replay was asked for
	acknowledge(s.outboxPage(t, 1000), 0)
	acknowledge(first, 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, dsn)
	if page := s.outboxPage(t, 1000); len(page.Events) != 0 || s.size(t) != 0 {
		t.Errorf("after a restart: %+v", page)
	}
	s.mustAppend(t, entry("x", "a", 1))
	if page := s.outboxPage(t, 1000); len(page.Events) != 1 || page.Events[0].Position != 6 {
		t.Errorf("%+v", page)
	}
}

func TestApply(t *testing.T) { onEach(t, apply) }

func apply(t *testing.T, dsn string) {
	s := openTest(t, dsn)
	own := s.mustAppend(t, entry("own", "a", 5))
	batch := replication.Batch{Source: "engine", Watermark: 9, Entries: []ledger.Entry{
		foreign("b", "a", 3), foreign("own", "a", 5), foreign("c", "new", -1), foreign("own", "a", 6),
		foreign("big", "a", math.MaxInt64), foreign("b", "a", 3), foreign("d", "a", 1),
	}}
	if applied := s.mustApply(t, batch); applied != (replication.Applied{Watermark: 9, Stored: 3, Conflicts: 2}) {
		t.Errorf("%+v", applied)
	}
	batch.Watermark = 4
	if applied := s.mustApply(t, batch); applied != (replication.Applied{Watermark: 9, Conflicts: 2}) {
		t.Errorf("the same once more: %+v", applied)
	}
	if applied := s.mustApply(t, replication.Batch{Source: "other", Watermark: 2}); applied.Watermark != 2 {
		t.Errorf("%+v", applied)
	}
	stored := s.all(t, ledger.Query{Account: "a"})
	want := foreign("b", "a", 3)
	want.Sequence, want.BalanceMinor = 2, 8
	if len(stored) != 3 || stored[0] != own || stored[1] != want || stored[2].BalanceMinor != 9 {
		t.Errorf("%+v", stored)
	}
	again, created, err := s.AppendEntry(t.Context(), want.ID, entry("b", "a", 3))
	if err != nil || created || again != want {
		t.Errorf("a key that the peer has stored: %+v, %v, %v", again, created, err)
	}
	if s.size(t) != 1 || len(s.log(t)) != 4 {
		t.Errorf("outbox %d, %d events", s.size(t), len(s.log(t)))
	}
}

func TestSnapshotAndRows(t *testing.T) { onEach(t, snapshotAndRows) }

func snapshotAndRows(t *testing.T, dsn string) {
	s := openTest(t, dsn)
	const total = 2*pageSize + 3
	var all sync.WaitGroup
	for i := range total {
		all.Go(func() { s.mustAppend(t, entry(fmt.Sprint(i), "a", int64(i+1))) })
	}
	all.Wait()
	s.mustApply(t, replication.Batch{Source: "engine", Watermark: 3, Entries: []ledger.Entry{foreign("x", "a", 1)}})
	seen := map[string]replication.Row{}
	state, err := s.Snapshot(t.Context(), func(row replication.Row) { seen[row.ID] = row })
	if err != nil || len(seen) != total+1 || state.Watermark != total || state.Outbox != total || state.Received["engine"] != 3 {
		t.Errorf("%d rows, %+v, %v", len(seen), state, err)
	}
	for _, prefix := range []string{"", "a", "0f", "abcd"} {
		last, got, want := "", 0, 0
		err := s.Rows(t.Context(), prefix, func(row replication.Row) error {
			if row.ID <= last || !strings.HasPrefix(row.ID, prefix) || seen[row.ID] != row {
				t.Errorf("%q: %+v after %s", prefix, row, last)
			}
			got++
			last = row.ID
			return nil
		})
		for id := range seen {
			if strings.HasPrefix(id, prefix) {
				want++
			}
		}
		if err != nil || got != want {
			t.Errorf("%q: %d rows, want %d, %v", prefix, got, want, err)
		}
	}
}

// What the previous release has written is what its schema says, without an event log.
const previousSchema = `
CREATE TABLE entries (
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
CREATE TABLE orders (
	id TEXT NOT NULL PRIMARY KEY,
	customer_id TEXT NOT NULL,
	document TEXT NOT NULL,
	created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;`

func execPrevious(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	for _, statement := range statements {
		if err == nil {
			_, err = db.Exec(statement)
		}
	}
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestAFileOfThePreviousRelease(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	row := func(id, account string, sequence, at int) string {
		return fmt.Sprintf("INSERT INTO entries VALUES ('%s', '%s', %d, 2, 'r', %d, %d, 'monolith')",
			id, account, sequence, 2*sequence, at)
	}
	// The clock of the second entry of b was set back.
	execPrevious(t, path, previousSchema,
		row("b2", "b", 2, 10), row("a1", "a", 1, 20), row("a2", "a", 2, 40), row("b1", "b", 1, 30))
	ids := func(s *SQL) (ids string) {
		for _, event := range s.log(t) {
			ids += event.Entry.ID + " "
		}
		return ids
	}
	s := openTest(t, path)
	if got := ids(s); got != "a1 b1 b2 a2 " || s.size(t) != 4 {
		t.Errorf("events %s, outbox %d", got, s.size(t))
	}
	s.mustApply(t, replication.Batch{Source: "engine", Watermark: 1, Entries: []ledger.Entry{{ID: "c1", Account: "c", AmountMinor: 1, StoredBy: "engine"}}})
	if err := errors.Join(s.Acknowledge(t.Context(), s.outboxPage(t, 3)), s.Close()); err != nil {
		t.Fatal(err)
	}
	// The release is rolled back for a while.
	execPrevious(t, path, row("a3", "a", 3, 50), row("b3", "b", 3, 5))
	for range 2 { // opening it again changes nothing
		s = openTest(t, path)
		if got := ids(s); got != "a1 b1 b2 a2 c1 b3 a3 " || s.size(t) != 3 {
			t.Errorf("events %s, outbox %d", got, s.size(t))
		}
		if page := s.outboxPage(t, 10); len(page.Events) != 3 || page.Events[0].Position != 4 || page.Events[2].Entry.ID != "a3" {
			t.Errorf("%+v", page)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A crash leaves the files as they are. Whatever the moment, a new process finds each entry with its event, and of each
// batch all or nothing.
func TestACrashLeavesEntriesAndEventsTogether(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, filepath.Join(dir, "db"))
	var running sync.WaitGroup
	stop := make(chan struct{})
	for worker := range 4 {
		running.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				name := fmt.Sprintf("%d-%d", worker, i)
				if worker > 0 {
					s.mustAppend(t, entry(name, fmt.Sprint("own", worker), 1))
					continue
				}
				s.mustApply(t, replication.Batch{Source: "engine", Watermark: int64(i + 1), Entries: []ledger.Entry{
					foreign(name+"a", "their", 1), foreign(name+"b", "their", 1), foreign(name+"c", "their", 1),
				}})
			}
		})
	}
	for crash := range 5 {
		// One write lock is held while copying, as no crash can come between the copies of two files.
		copied := filepath.Join(t.TempDir(), fmt.Sprint(crash))
		done := make(chan error, 1)
		if err := s.writer.do(t.Context(), func(*statements) error {
			done <- os.CopyFS(copied, os.DirFS(dir))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		after := openTest(t, filepath.Join(copied, "db"))
		state, err := after.Snapshot(t.Context(), func(replication.Row) {})
		if err != nil {
			t.Fatal(err)
		}
		theirs := after.all(t, ledger.Query{Account: "their", Limit: math.MaxUint32})
		if int64(len(theirs)) != 3*state.Received["engine"] {
			t.Errorf("watermark %d with %d entries", state.Received["engine"], len(theirs))
		}
		var unlogged int64
		if unlogged, err = after.number(t.Context(), countUnlogged); err != nil || unlogged != 0 {
			t.Errorf("%d entries without an event, %v", unlogged, err)
		}
		after.log(t)
	}
	close(stop)
	running.Wait()
}
