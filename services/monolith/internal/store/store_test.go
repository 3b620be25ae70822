package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/orders"
)

func openTest(t *testing.T, path string) *SQL {
	t.Helper()
	s, err := Open(t.Context(), path, Options{StoredBy: "monolith"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func entry(key, account string, amount int64) ledger.AppendRequest {
	return ledger.AppendRequest{IdempotencyKey: key, Account: account, AmountMinor: amount, Reference: "r"}
}

func (s *SQL) mustAppend(t *testing.T, request ledger.AppendRequest) ledger.Entry {
	t.Helper()
	stored, _, err := s.AppendEntry(t.Context(), ledger.EntryID(request.IdempotencyKey), request)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func (s *SQL) all(t *testing.T, query ledger.Query) (entries []ledger.Entry) {
	t.Helper()
	err := s.Entries(t.Context(), query, func(e ledger.Entry) error { entries = append(entries, e); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestConcurrentAppendsAreGaplessAndRepeatsHaveOneEffect(t *testing.T) {
	onEach(t, concurrentAppends)
}

func concurrentAppends(t *testing.T, dsn string) {
	s := openTest(t, dsn)
	const keys, repeats = 50, 20
	var created atomic.Int32
	var all sync.WaitGroup
	for i := range keys * repeats {
		all.Go(func() {
			request := entry("key-"+strconv.Itoa(i%keys), "account-"+strconv.Itoa(i%keys%2), 7)
			_, isNew, err := s.AppendEntry(context.Background(), ledger.EntryID(request.IdempotencyKey), request)
			if err != nil {
				t.Error(err)
			}
			if isNew {
				created.Add(1)
			}
		})
	}
	all.Wait()
	if created.Load() != keys {
		t.Errorf("%d entries were created for %d keys", created.Load(), keys)
	}
	for _, account := range []string{"account-0", "account-1"} {
		entries := s.all(t, ledger.Query{Account: account})
		if len(entries) != keys/2 {
			t.Errorf("%s has %d entries", account, len(entries))
		}
		for i, e := range entries {
			if e.Sequence != int64(i+1) || e.BalanceMinor != 7*e.Sequence || e.StoredBy != "monolith" {
				t.Errorf("entry %d of %s: %+v", i, account, e)
			}
		}
	}
}

func TestRefusals(t *testing.T) { onEach(t, refusals) }

func refusals(t *testing.T, dsn string) {
	s := openTest(t, dsn)
	first := s.mustAppend(t, entry("k", "a", 5))
	for _, other := range []ledger.AppendRequest{
		entry("k", "b", 5), entry("k", "a", 6), {IdempotencyKey: "k", Account: "a", AmountMinor: 5, Reference: "x"},
	} {
		_, _, err := s.AppendEntry(t.Context(), first.ID, other)
		if failure.CodeOf(err) != codes.AlreadyExists {
			t.Errorf("%+v: %v", other, err)
		}
	}
	if again := s.mustAppend(t, entry("k", "a", 5)); again != first {
		t.Errorf("the repeat answered %+v, first %+v", again, first)
	}
	_, _, err := s.AppendEntry(t.Context(), "id", entry("big", "a", math.MaxInt64))
	if failure.CodeOf(err) != codes.InvalidArgument {
		t.Errorf("overflow: %v", err)
	}
	if _, err := s.Entry(t.Context(), "unknown"); failure.CodeOf(err) != codes.NotFound {
		t.Error(err)
	}
	if _, err := s.Order(t.Context(), "unknown"); failure.CodeOf(err) != codes.NotFound {
		t.Error(err)
	}
}

func TestListPagesAndStops(t *testing.T) { onEach(t, listPagesAndStops) }

func listPagesAndStops(t *testing.T, dsn string) {
	s := openTest(t, dsn)
	const total = 2*pageSize + 10
	var all sync.WaitGroup
	for i := range total {
		all.Go(func() { s.mustAppend(t, entry(fmt.Sprint(i), "a", 1)) })
	}
	all.Wait()
	for _, one := range []struct {
		after, want int64
		limit       uint32
	}{
		{0, ledger.DefaultLimit, 0}, {0, total, 5000}, {1000, 10, 0}, {0, pageSize, pageSize}, {5, 1, 1}, {total, 0, 0},
	} {
		entries := s.all(t, ledger.Query{Account: "a", AfterSequence: one.after, Limit: one.limit})
		if int64(len(entries)) != one.want || (one.want > 0 && entries[0].Sequence != one.after+1) {
			t.Errorf("%+v: %d entries", one, len(entries))
		}
	}
	stop := errors.New("enough")
	if err := s.Entries(t.Context(), ledger.Query{Account: "a"}, func(ledger.Entry) error { return stop }); err != stop {
		t.Error(err)
	}
}

// A crash leaves the files as they are: a copy of them taken while the store is open is what a new process would find.
func TestAcknowledgedWritesSurviveACrash(t *testing.T) {
	dir, copied := t.TempDir(), t.TempDir()
	s := openTest(t, filepath.Join(dir, "db"))
	want := s.mustAppend(t, entry("k", "a", 5))
	placed, _, err := s.SaveOrder(t.Context(), orders.Order{ID: "o", CustomerID: "a", Entry: want, CreatedAtMs: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	after := openTest(t, filepath.Join(copied, "db"))
	if got, err := after.Entry(t.Context(), want.ID); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := after.Order(t.Context(), "o"); err != nil || got.Entry != placed.Entry {
		t.Errorf("%+v, %v", got, err)
	}
	if next := after.mustAppend(t, entry("k2", "a", 5)); next.Sequence != 2 || next.BalanceMinor != 10 {
		t.Errorf("the account went on with %+v", next)
	}
}

func TestDurabilitySettings(t *testing.T) {
	s := openTest(t, filepath.Join(t.TempDir(), "db"))
	var mode string
	var synchronous int
	err := errors.Join(
		s.writer.connection.QueryRowContext(t.Context(), "PRAGMA journal_mode").Scan(&mode),
		s.writer.connection.QueryRowContext(t.Context(), "PRAGMA synchronous").Scan(&synchronous),
	)
	if err != nil || mode != "wal" || synchronous != 2 {
		t.Errorf("journal_mode %s, synchronous %d (2 is FULL), %v", mode, synchronous, err)
	}
}

// One failing member must not take the others of its group with it, and a closed store says so.
func TestGroupCommit(t *testing.T) { onEach(t, groupCommit) }

func groupCommit(t *testing.T, dsn string) {
	s := openTest(t, dsn)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	refused := errors.New("refused")
	run := func(err error) func(*statements) error { return func(*statements) error { return err } }
	batch := []*task{
		{ctx: t.Context(), run: run(refusal{refused}), done: make(chan error, 1)},
		{ctx: gone, run: run(errors.New("must not run")), done: make(chan error, 1)},
		{ctx: t.Context(), run: run(nil), done: make(chan error, 1)},
	}
	s.mustAppend(t, entry("before", "a", 1)) // the loop is idle afterwards, so the connection is free
	s.writer.commit(batch)
	var got []error
	for _, one := range batch {
		got = append(got, <-one.done)
	}
	if !slices.Equal(got, []error{refused, context.Canceled, nil}) {
		t.Errorf("%v", got)
	}
	broken := []*task{
		{ctx: t.Context(), run: run(errors.New("disk")), done: make(chan error, 1)},
		{ctx: t.Context(), run: run(nil), done: make(chan error, 1)},
	}
	s.writer.commit(broken)
	for _, one := range broken {
		if err := <-one.done; failure.CodeOf(err) != codes.Internal {
			t.Error(err)
		}
	}
	s.mustAppend(t, entry("after", "a", 1))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, _, err := s.AppendEntry(t.Context(), "x", entry("x", "a", 1))
	if failure.CodeOf(err) != codes.Unavailable {
		t.Error(err)
	}
}

func BenchmarkDurableAppends(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { durableAppends(b, filepath.Join(b.TempDir(), "db")) })
	b.Run("postgres", func(b *testing.B) { durableAppends(b, postgres.Database(b)) })
}

func durableAppends(b *testing.B, dsn string) {
	s, err := Open(b.Context(), dsn, Options{StoredBy: "monolith"})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var n atomic.Int64
	b.SetParallelism(32)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			key := strconv.FormatInt(n.Add(1), 10)
			if _, _, err := s.AppendEntry(b.Context(), ledger.EntryID(key), entry(key, "a"+key[len(key)-1:], 1)); err != nil {
				b.Error(err)
			}
		}
	})
}
