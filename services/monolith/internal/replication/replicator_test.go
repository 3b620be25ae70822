package replication_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/replication"
	"cutover.dev/monolith/internal/store"
	"cutover.dev/monolith/internal/telemetry"
	"cutover.dev/monolith/internal/telemetry/telemetrytest"
)

func openStore(t *testing.T, storedBy string) store.Store {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "db"), store.Options{StoredBy: storedBy})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func appendTo(t *testing.T, db store.Store, n int) {
	t.Helper()
	for i := range n {
		key := fmt.Sprint(i)
		request := ledger.AppendRequest{IdempotencyKey: key, Account: "a", AmountMinor: 1}
		if _, _, err := db.AppendEntry(t.Context(), ledger.EntryID(key), request); err != nil {
			t.Fatal(err)
		}
	}
}

func outbox(t *testing.T, db store.Store) int64 {
	t.Helper()
	size, err := db.OutboxSize(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return size
}

func newReplicator(db store.Store, push func(context.Context, replication.Push) (replication.Acknowledgement, error)) *replication.Replicator {
	return &replication.Replicator{
		Store: db, Push: push, Own: "monolith", Interval: time.Millisecond,
		Metrics: telemetry.NewMetrics(), Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
}

// An answer for less than the batch, or for another source, is none: the batch is pushed again.
func TestOnlyTheRightAnswerAcknowledges(t *testing.T) {
	db := openStore(t, "monolith")
	appendTo(t, db, 3)
	answers := []replication.Acknowledgement{
		{}, {Source: "monolith", Watermark: 2}, {Source: "engine", Watermark: 3}, {Source: "monolith", Watermark: 3},
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	pushes := 0
	r := newReplicator(db, func(_ context.Context, push replication.Push) (replication.Acknowledgement, error) {
		if len(push.Events) != 3 || push.Events[0].Position != 1 || outbox(t, db) != 3 {
			t.Errorf("push %d: %+v", pushes, push)
		}
		if pushes++; pushes == len(answers) {
			stop() // it may end all the same
		}
		return answers[pushes-1], nil
	})
	r.Run(ctx)
	if outbox(t, db) != 0 {
		t.Errorf("%d are left", outbox(t, db))
	}
	if failures := telemetrytest.Value(t, r.Metrics.Gatherer(), "replication_failures_total"); failures != 3 {
		t.Errorf("%v failures", failures)
	}
}

// A push that does not end is given up soon after the stop, and its events stay in the outbox.
func TestAPushThatHangsDoesNotHoldUpTheStop(t *testing.T) {
	db := openStore(t, "monolith")
	appendTo(t, db, 1)
	ctx, stop := context.WithCancel(t.Context())
	r := newReplicator(db, func(ctx context.Context, _ replication.Push) (replication.Acknowledgement, error) {
		stop()
		if ctx.Err() != nil {
			t.Error("cut off at once")
		}
		<-ctx.Done()
		return replication.Acknowledgement{}, ctx.Err()
	})
	r.Run(ctx)
	if outbox(t, db) != 1 {
		t.Errorf("%d are left", outbox(t, db))
	}
}

// Full batches follow each other at once, and a failure ends neither the order nor the rest.
func TestBatchesInOrder(t *testing.T) {
	db := openStore(t, "monolith")
	const total = 450
	appendTo(t, db, total)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var sizes []int
	next, fail := int64(1), true
	r := newReplicator(db, func(_ context.Context, push replication.Push) (replication.Acknowledgement, error) {
		if fail = !fail; !fail {
			return replication.Acknowledgement{}, errors.New("as told")
		}
		for _, event := range push.Events {
			if event.Position != next {
				t.Fatalf("position %d instead of %d", event.Position, next)
			}
			next++
		}
		sizes = append(sizes, len(push.Events))
		if next > total {
			stop()
		}
		return replication.Acknowledgement{Source: "monolith", Watermark: next - 1}, nil
	})
	r.Run(ctx)
	if fmt.Sprint(sizes) != "[200 200 50]" || outbox(t, db) != 0 {
		t.Errorf("batches of %v, %d are left", sizes, outbox(t, db))
	}
}

func TestWhatAPeerNeverSends(t *testing.T) {
	db := openStore(t, "monolith")
	receiver := &replication.Receiver{Store: db, Own: "monolith", Metrics: telemetry.NewMetrics()}
	event := func(position int64, id, by string) (event replication.PushedEvent) {
		event.Position = position
		event.Entry.ID, event.Entry.Account, event.Entry.AmountMinor, event.Entry.StoredBy = id, "a", 1, by
		return event
	}
	a, b := ledger.EntryID("a"), ledger.EntryID("b")
	many := make([]replication.PushedEvent, 1001)
	for i := range many {
		many[i] = event(int64(i+1), a, "engine")
	}
	for name, push := range map[string]replication.Push{
		"no source":       {},
		"its own":         {Source: "monolith", Events: []replication.PushedEvent{event(1, a, "monolith")}},
		"not rising":      {Source: "engine", Events: []replication.PushedEvent{event(2, a, "engine"), event(2, b, "engine")}},
		"no position":     {Source: "engine", Events: []replication.PushedEvent{event(0, a, "engine")}},
		"another's entry": {Source: "engine", Events: []replication.PushedEvent{event(1, a, "engine"), event(2, b, "monolith")}},
		"no id":           {Source: "engine", Events: []replication.PushedEvent{event(1, "A"+a[1:], "engine")}},
		"too many":        {Source: "engine", Events: many},
	} {
		if _, err := receiver.Receive(t.Context(), push); failure.CodeOf(err) != codes.InvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n, err := db.Watermark(t.Context()); n != 0 || err != nil {
		t.Errorf("%d events were stored, %v", n, err)
	}
	push := replication.Push{Source: "engine", Events: []replication.PushedEvent{event(3, a, "engine"), event(9, b, "engine")}}
	for range 2 {
		if answer, err := receiver.Receive(t.Context(), push); err != nil || answer != (replication.Acknowledgement{Source: "engine", Watermark: 9}) {
			t.Errorf("%+v, %v", answer, err)
		}
	}
	if answer, err := receiver.Receive(t.Context(), replication.Push{Source: "engine"}); err != nil || answer.Watermark != 9 {
		t.Errorf("nothing: %+v, %v", answer, err)
	}
}
