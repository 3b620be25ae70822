package store

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/orders"
	"cutover.dev/monolith/internal/replication"
	"cutover.dev/monolith/internal/store/postgrestest"
)

var postgres postgrestest.Server

func TestMain(m *testing.M) {
	code := m.Run()
	postgres.Stop()
	os.Exit(code)
}

// onEach runs what every store must pass, on an empty one of each kind.
func onEach(t *testing.T, run func(t *testing.T, dsn string)) {
	t.Run("sqlite", func(t *testing.T) {
		run(t, filepath.Join(t.TempDir(), "a ?#%.db")) // no character of a path may act as an option
	})
	t.Run("postgres", func(t *testing.T) { run(t, postgres.Database(t)) })
}

func TestOrders(t *testing.T) { onEach(t, savedOrders) }

func savedOrders(t *testing.T, dsn string) {
	s := openTest(t, dsn)
	first := orders.Order{ID: "o", CustomerID: "Grüße", CreatedAtMs: 1, Entry: ledger.Entry{ID: "\x00"}}
	for i := range 2 {
		order := first
		order.CreatedAtMs += int64(i)
		stored, created, err := s.SaveOrder(t.Context(), order)
		if err != nil || created != (i == 0) || stored.CreatedAtMs != 1 || stored.CustomerID != "Grüße" || stored.Entry != first.Entry {
			t.Errorf("%d: %+v, %v, %v", i, stored, created, err)
		}
	}
	if got, err := s.Order(t.Context(), "o"); err != nil || got.CreatedAtMs != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

// Several processes may write to one store: their connections must not come between each other.
func TestSeveralWriters(t *testing.T) { onEach(t, severalWriters) }

func severalWriters(t *testing.T, dsn string) {
	const processes, each = 3, 60
	var stores [processes]*SQL
	for i := range stores {
		stores[i] = openTest(t, dsn)
	}
	var all sync.WaitGroup
	for _, s := range stores {
		for i := range each {
			all.Go(func() { // the same keys by each of them: one entry a key
				request := entry(fmt.Sprint(i), fmt.Sprint("account", i%2), 3)
				if _, _, err := s.AppendEntry(context.Background(), ledger.EntryID(request.IdempotencyKey), request); err != nil {
					t.Error(err)
				}
			})
			all.Go(func() {
				_, err := s.Apply(context.Background(), replication.Batch{
					Source: "engine", Watermark: int64(i + 1), Entries: []ledger.Entry{foreign(fmt.Sprint("their", i), fmt.Sprint("account", i%2), 1)},
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	reader, stop, watched := stores[0], make(chan struct{}), make(chan struct{})
	go func() { // what is seen never has a gap, at any moment
		defer close(watched)
		for last := int64(0); ; {
			err := reader.Events(context.Background(), last, math.MaxInt64, func(event replication.Event) error {
				if event.Position != last+1 {
					t.Errorf("position %d was seen before %d", event.Position, last+1)
				}
				last = event.Position
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	}()
	all.Wait()
	close(stop)
	<-watched
	if events := reader.log(t); len(events) != 2*each {
		t.Errorf("%d events", len(events))
	}
	if size := reader.size(t); size != each {
		t.Errorf("%d in the outbox", size)
	}
	for _, account := range []string{"account0", "account1"} {
		balance := int64(0)
		for i, e := range reader.all(t, ledger.Query{Account: account}) {
			balance += e.AmountMinor
			if e.Sequence != int64(i+1) || e.BalanceMinor != balance {
				t.Errorf("entry %d of %s: %+v", i, account, e)
			}
		}
	}
}

// A text that one of the stores can't hold is refused by that one, and harms nobody who is in the same commit.
func TestTextsThatAreOdd(t *testing.T) { onEach(t, oddTexts) }

func oddTexts(t *testing.T, dsn string) {
	s := openTest(t, dsn)
	for _, odd := range []string{"\x00", "a\x00b", "%_'\"\\", "\u2028", "😀"} {
		holds := s.storable(odd)
		if !holds && !strings.Contains(odd, "\x00") {
			t.Errorf("%q can't be stored", odd)
		}
		want := codes.OK
		if !holds {
			want = codes.InvalidArgument
		}
		request := ledger.AppendRequest{IdempotencyKey: odd, Account: odd, AmountMinor: 1, Reference: odd}
		if _, _, err := s.AppendEntry(t.Context(), ledger.EntryID(odd), request); failure.CodeOf(err) != want {
			t.Errorf("%q: %v", odd, err)
		}
		if _, _, err := s.SaveOrder(t.Context(), orders.Order{ID: ledger.EntryID(odd), CustomerID: odd}); failure.CodeOf(err) != want {
			t.Errorf("an order of %q: %v", odd, err)
		}
		if got := s.all(t, ledger.Query{Account: odd}); (len(got) == 1) != holds {
			t.Errorf("%q: %+v", odd, got)
		}
		theirs := foreign("their"+odd, odd, 1)
		applied := s.mustApply(t, replication.Batch{Source: "engine", Watermark: 1, Entries: []ledger.Entry{theirs}})
		if (applied.Stored == 1) != holds || (applied.Conflicts == 0) != holds {
			t.Errorf("%q of the peer: %+v", odd, applied)
		}
	}
	for _, id := range []string{"\x00", "\xff", ""} {
		if _, err := s.Entry(t.Context(), id); failure.CodeOf(err) != codes.NotFound {
			t.Errorf("%q: %v", id, err)
		}
		if _, err := s.Order(t.Context(), id); failure.CodeOf(err) != codes.NotFound {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestASnapshotIsOfOneMoment(t *testing.T) { onEach(t, oneMoment) }

func oneMoment(t *testing.T, dsn string) {
	s, stop := openTest(t, dsn), make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				s.mustAppend(t, entry(fmt.Sprint(i), "a", 1))
			}
		}
	})
	for seen := int64(0); seen < 100; {
		rows := int64(0)
		state, err := s.Snapshot(t.Context(), func(replication.Row) { rows++ })
		if err != nil || state.Watermark != rows || state.Outbox != rows {
			t.Errorf("%d rows, %+v, %v", rows, state, err)
			break
		}
		seen = rows
	}
	close(stop)
	writing.Wait()
}
