package store

import (
	"context"
	"errors"
)

// connect takes the writer's connection and prepares the statements on it.
func (w *writer) connect(ctx context.Context) error {
	connection, err := w.db.Conn(ctx)
	if err != nil {
		return err
	}
	if w.statements, err = prepare(ctx, connection); err != nil {
		return errors.Join(err, connection.Close())
	}
	w.connection = connection
	return nil
}

// disconnect gives the connection up: the next transaction takes a new one. Nothing can be done about its errors.
func (w *writer) disconnect() {
	_ = w.connection.Close()
	w.connection = nil
}

// enter begins a transaction. A connection that was lost while nothing was written is replaced unnoticed.
func (w *writer) enter(ctx context.Context) error {
	if w.connection != nil {
		_, err := w.connection.ExecContext(ctx, w.begin)
		if err == nil || !unreachable(err) {
			return err
		}
		w.disconnect()
	}
	if err := w.connect(ctx); err != nil {
		return err
	}
	_, err := w.connection.ExecContext(ctx, w.begin)
	return err
}

// leave ends a transaction that has failed. The error that matters is the one before; a failed BEGIN leaves nothing to
// roll back, but a connection that does not answer is of no more use.
func (w *writer) leave(ctx context.Context) {
	if w.connection == nil {
		return
	}
	if _, err := w.connection.ExecContext(ctx, "ROLLBACK"); err != nil && unreachable(err) {
		w.disconnect()
	}
}
