package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/replication"
)

// What was acknowledged before the server was killed is there after it, and a write that was under way is there whole or
// not at all. The store goes on by itself once the server is back.
func TestAcknowledgedWritesSurviveAKillOfPostgres(t *testing.T) {
	dsn := postgres.Database(t)
	s := openTest(t, dsn)
	const workers, kills = 4, 3
	var running sync.WaitGroup
	var acknowledged [workers][]ledger.Entry
	var writes, batches atomic.Int64
	stop := make(chan struct{})
	stopped := func() bool {
		select {
		case <-stop:
			return true
		default:
			return false
		}
	}
	// until repeats a write, as a client does: with the same key.
	until := func(write func() error) {
		for err := write(); err != nil; err = write() {
			if failure.CodeOf(err) != codes.Unavailable {
				t.Errorf("a client would not know that it may repeat: %v", err)
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
		writes.Add(1)
	}
	for worker := range workers {
		running.Go(func() {
			for i := 0; !stopped(); i++ {
				request := entry(fmt.Sprintf("%d-%d", worker, i), fmt.Sprint("own", worker%2), 1)
				until(func() error {
					stored, _, err := s.AppendEntry(context.Background(), ledger.EntryID(request.IdempotencyKey), request)
					if err == nil {
						acknowledged[worker] = append(acknowledged[worker], stored)
					}
					return err
				})
			}
		})
	}
	running.Go(func() {
		for i := 0; !stopped(); i++ {
			batch := replication.Batch{Source: "engine", Watermark: int64(i + 1)}
			for part := range 3 {
				batch.Entries = append(batch.Entries, foreign(fmt.Sprintf("their%d-%d", i, part), "their", 1))
			}
			until(func() error { _, err := s.Apply(context.Background(), batch); return err })
			batches.Store(batch.Watermark)
		}
	})
	atLeast := func(n int64) {
		deadline := time.Now().Add(time.Minute)
		for target := writes.Load() + n; writes.Load() < target; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the store does not go on")
			}
		}
	}
	atLeast(100)
	for range kills {
		postgres.Crash(t)
		if err := s.Ping(t.Context()); failure.CodeOf(err) != codes.Unavailable {
			t.Errorf("ping: %v", err)
		}
		if _, err := s.Entry(t.Context(), "x"); failure.CodeOf(err) != codes.Unavailable {
			t.Errorf("a read: %v", err)
		}
		postgres.Restart(t)
		atLeast(100)
	}
	close(stop)
	running.Wait()
	postgres.Crash(t) // with everything acknowledged
	postgres.Restart(t)

	after := openTest(t, dsn) // a new process
	for _, reader := range []*SQL{s, after} {
		own := 0
		for _, entries := range acknowledged {
			own += len(entries)
			for _, want := range entries {
				if got, err := reader.Entry(t.Context(), want.ID); err != nil || got != want {
					t.Fatalf("acknowledged %+v, found %+v, %v", want, got, err)
				}
			}
		}
		if size := reader.size(t); size != int64(own) {
			t.Errorf("%d in the outbox, %d were acknowledged", size, own)
		}
		state, err := reader.Snapshot(t.Context(), func(replication.Row) {})
		if err != nil || state.Received["engine"] != batches.Load() {
			t.Errorf("%+v, %v, %d batches were acknowledged", state, err, batches.Load())
		}
		if events := reader.log(t); int64(len(events)) != int64(own)+3*batches.Load() {
			t.Errorf("%d events for %d own entries and %d batches of 3", len(events), own, batches.Load())
		}
		for _, account := range []string{"own0", "own1", "their"} {
			for i, e := range reader.all(t, ledger.Query{Account: account, Limit: math.MaxUint32}) {
				if e.Sequence != int64(i+1) || e.BalanceMinor != e.Sequence {
					t.Fatalf("entry %d of %s: %+v", i, account, e)
				}
			}
		}
	}
}

func TestDurabilitySettingsOfPostgres(t *testing.T) {
	dsn := postgres.Database(t)
	s := openTest(t, dsn+"&synchronous_commit=off") // the store knows better
	err := s.writer.do(t.Context(), func(*statements) error {
		var commit, isolation string
		row := s.writer.connection.QueryRowContext(t.Context(),
			"SELECT current_setting('synchronous_commit'), current_setting('transaction_isolation')")
		if err := row.Scan(&commit, &isolation); err != nil {
			return err
		}
		if commit != "on" || isolation != "read committed" {
			t.Errorf("synchronous_commit %s, isolation %s", commit, isolation)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if _, err := s.reads.Exec("DELETE FROM entries"); err == nil {
		t.Error("a reader may write")
	}
}

func TestADatabaseThatCannotKeepAnyTextIsRefused(t *testing.T) {
	dsn := postgres.Database(t, "ENCODING 'SQL_ASCII' TEMPLATE template0")
	if _, err := Open(t.Context(), dsn, Options{StoredBy: "monolith"}); err == nil || !strings.Contains(err.Error(), "UTF8") {
		t.Error(err)
	}
}

func TestPostgresThatIsNotThere(t *testing.T) {
	for _, dsn := range []string{
		"postgres://user:secret@127.0.0.1:1/db?connect_timeout=1", "postgresql://127.0.0.1:1/db?user=u&password=secret",
	} {
		_, err := Open(t.Context(), dsn, Options{StoredBy: "monolith"})
		if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "127.0.0.1:1/db") {
			t.Errorf("%v", err)
		}
	}
}

func TestWhatIsUnreachable(t *testing.T) {
	if unreachable(errors.New("constraint failed")) || unreachable(context.Canceled) {
		t.Error("a repeat would not help")
	}
}
