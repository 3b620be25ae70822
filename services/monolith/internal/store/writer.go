package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
)

// maxBatch bounds how many writes share one commit, and with it how long the first of them waits.
const maxBatch = 128

// writer commits in groups: what arrives while one commit is being synced to disk goes into the next. Under load this
// gives many durable writes per sync; alone, a write waits for its own sync only.
type writer struct {
	connection *sql.Conn
	statements *statements
	tasks      chan *task

	mutex   sync.RWMutex // guards closed against a send on a closed channel
	closed  bool
	stopped chan struct{}
}

// task is one write. It reads before it changes anything, so that a refusal (its own error) leaves the group as it was;
// a database error on the other hand ends the whole group.
type task struct {
	ctx  context.Context
	run  func(*statements) error
	done chan error
}

// refusal marks an error that is the task's own.
type refusal struct{ error }

func startWriter(ctx context.Context, db *sql.DB) (*writer, error) {
	connection, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	prepared, err := prepare(ctx, connection)
	if err != nil {
		return nil, err
	}
	w := &writer{
		connection: connection, statements: prepared,
		tasks: make(chan *task, maxBatch), stopped: make(chan struct{}),
	}
	go w.loop()
	return w, nil
}

// do runs the task in the next group and returns once that is on disk. When the caller gives up first, the write may
// still happen: its outcome is unknown to the caller, who repeats it with the same key.
func (w *writer) do(ctx context.Context, run func(*statements) error) error {
	one := &task{ctx: ctx, run: run, done: make(chan error, 1)}
	if err := w.send(one); err != nil {
		return err
	}
	select {
	case err := <-one.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *writer) send(one *task) error {
	w.mutex.RLock()
	defer w.mutex.RUnlock()
	if w.closed {
		return failure.New(codes.Unavailable, "the store is closed")
	}
	select {
	case w.tasks <- one:
		return nil
	case <-one.ctx.Done():
		return one.ctx.Err()
	}
}

func (w *writer) loop() {
	defer close(w.stopped)
	for first := range w.tasks {
		batch := []*task{first}
		for len(batch) < maxBatch && len(w.tasks) > 0 {
			batch = append(batch, <-w.tasks)
		}
		w.commit(batch)
	}
}

// commit runs a group. It uses no caller's context: one caller who gives up must not undo the others' writes.
func (w *writer) commit(batch []*task) {
	ctx := context.Background()
	results := make([]error, len(batch))
	err := func() error {
		if _, err := w.connection.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
			return err
		}
		for i, one := range batch {
			if results[i] = one.ctx.Err(); results[i] != nil {
				continue // nobody waits for it any more
			}
			err := one.run(w.statements)
			if refused, ok := err.(refusal); ok {
				results[i] = refused.error
			} else if err != nil {
				return err
			}
		}
		_, err := w.connection.ExecContext(ctx, "COMMIT")
		return err
	}()
	if err != nil {
		// A failed BEGIN leaves nothing to roll back; the error that matters is the first one.
		_, _ = w.connection.ExecContext(ctx, "ROLLBACK")
		err = failure.Wrap(err, codes.Internal, "the store failed to write")
	}
	for i, one := range batch {
		if err != nil {
			results[i] = err
		}
		one.done <- results[i]
	}
}

func (w *writer) close() error {
	w.mutex.Lock()
	already := w.closed
	w.closed = true
	w.mutex.Unlock()
	if already {
		return nil
	}
	close(w.tasks)
	<-w.stopped
	if err := w.connection.Close(); err != nil {
		return fmt.Errorf("close the writer: %w", err)
	}
	return nil
}
