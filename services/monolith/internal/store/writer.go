package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
)

// maxBatch bounds how many writes share one commit, and with it how long the first of them waits.
const maxBatch = 128

// writer commits in groups: what arrives while one commit is being synced to disk goes into the next. Under load this
// gives many durable writes per sync; alone, a write waits for its own sync only.
type writer struct {
	db         *sql.DB
	begin      string    // the statement
	connection *sql.Conn // nil while there is none
	statements *statements
	tasks      chan *task
	// late is a defect: how long a commit is put off while its appends are acknowledged already; 0 without it.
	late time.Duration

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
	// early is a defect: the caller hears of the outcome before the commit.
	early bool
}

// refusal marks an error that is the task's own.
type refusal struct{ error }

func startWriter(ctx context.Context, db *sql.DB, begin string, late time.Duration) (*writer, error) {
	w := &writer{
		db: db, begin: begin, late: late, tasks: make(chan *task, maxBatch), stopped: make(chan struct{}),
	}
	if err := w.connect(ctx); err != nil {
		return nil, err
	}
	go w.loop()
	return w, nil
}

// do runs the task in the next group and returns once that is on disk. When the caller gives up first, the write may
// still happen: its outcome is unknown to the caller, who repeats it with the same key.
func (w *writer) do(ctx context.Context, run func(*statements) error) error {
	return w.wait(&task{ctx: ctx, run: run, done: make(chan error, 1)})
}

// doForClient is do for what a client waits for, which the defect acknowledges early.
func (w *writer) doForClient(ctx context.Context, run func(*statements) error) error {
	return w.wait(&task{ctx: ctx, run: run, done: make(chan error, 1), early: w.late > 0})
}

func (w *writer) wait(one *task) error {
	if err := w.send(one); err != nil {
		return err
	}
	select {
	case err := <-one.done:
		return err
	case <-one.ctx.Done():
		return one.ctx.Err()
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
		if w.late > 0 {
			w.commitLate(first)
			continue
		}
		batch := []*task{first}
		for len(batch) < maxBatch && len(w.tasks) > 0 {
			batch = append(batch, <-w.tasks)
		}
		w.commit(batch)
	}
}

// commit runs a group. It uses no caller's context: one caller who gives up must not undo the others' writes.
func (w *writer) commit(batch []*task) {
	results := make([]error, len(batch))
	err := w.transaction(func() error {
		for i, one := range batch {
			if err := w.run(one, &results[i]); err != nil {
				return err
			}
		}
		return nil
	})
	for i, one := range batch {
		if err != nil {
			results[i] = err
		}
		one.done <- results[i]
	}
}

func (w *writer) transaction(run func() error) error {
	ctx := context.Background()
	err := func() error {
		if err := w.enter(ctx); err != nil {
			return err
		}
		if err := run(); err != nil {
			return err
		}
		_, err := w.connection.ExecContext(ctx, "COMMIT")
		return err
	}()
	if err != nil {
		w.leave(ctx)
		return failure.Wrap(err, codeOf(err), "the store failed to write")
	}
	return nil
}

// run runs one task of a group. What is the task's own goes to result, what it returns ends the group.
func (w *writer) run(one *task, result *error) error {
	if *result = one.ctx.Err(); *result != nil {
		return nil // nobody waits for it any more
	}
	err := one.run(w.statements)
	if refused, ok := err.(refusal); ok {
		*result = refused.error
		return nil
	}
	return err
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
	if w.connection == nil {
		return nil
	}
	if err := w.connection.Close(); err != nil && !errors.Is(err, sql.ErrConnDone) {
		return fmt.Errorf("close the writer: %w", err)
	}
	return nil
}
