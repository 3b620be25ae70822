package store

import (
	"context"
	"database/sql"
	"errors"

	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/replication"
)

const replicatedColumns = "e.position, n.id, n.account, n.amount_minor, n.reference, n.sequence, n.balance_minor, " +
	"n.committed_at_ms, n.stored_by"

// What the outbox's cursor counts is the ordinals of own events.
const (
	lastPosition = "SELECT coalesce(max(position), 0) FROM events"
	selectEvents = "SELECT " + replicatedColumns +
		" FROM events e JOIN entries n ON n.id = e.entry_id WHERE e.position > $1 ORDER BY e.position LIMIT $2"

	lastOrdinal  = "SELECT coalesce(max(ordinal), 0) FROM events WHERE ordinal IS NOT NULL"
	selectCursor = "SELECT cursor FROM outbox_cursor"
	selectOutbox = "SELECT e.ordinal, " + replicatedColumns + " FROM events e JOIN entries n ON n.id = e.entry_id " +
		"WHERE e.ordinal > $1 ORDER BY e.ordinal LIMIT $2"
	selectOutboxSize = "SELECT (" + lastOrdinal + ") - (" + selectCursor + ")"
	selectLastOwn    = "SELECT coalesce((SELECT position FROM events WHERE ordinal = (" + lastOrdinal + ")), 0)"

	selectReceived = "SELECT source, watermark FROM received"
	selectRows     = "SELECT id, account, amount_minor, reference FROM entries"
	// A prefix is of hex digits, all of which come before g.
	selectRowPage = selectRows + " WHERE id > $1 AND id < $2 || 'g' ORDER BY id LIMIT $3"
)

// Watermark is the position of the last event.
func (s *SQL) Watermark(ctx context.Context) (int64, error) { return s.number(ctx, lastPosition) }

// OutboxSize needs only the ends of the outbox.
func (s *SQL) OutboxSize(ctx context.Context) (int64, error) {
	return s.number(ctx, selectOutboxSize)
}

func (s *SQL) number(ctx context.Context, query string) (n int64, err error) {
	if err := s.reads.QueryRowContext(ctx, query).Scan(&n); err != nil {
		return 0, failed(ctx, err, "read the event log")
	}
	return n, nil
}

// Events emits the event log page by page.
func (s *SQL) Events(ctx context.Context, after, limit int64, emit func(replication.Event) error) error {
	for limit > 0 {
		page, err := collect(ctx, s.reads, scanEvent, selectEvents, after, min(limit, pageSize))
		if err != nil {
			return failed(ctx, err, "read the event log")
		}
		for _, event := range page {
			if err := emit(event); err != nil {
				return err
			}
			after = event.Position
		}
		if len(page) < pageSize {
			return nil
		}
		limit -= pageSize
	}
	return nil
}

// Outbox reads the cursor and what is behind it. Only Acknowledge and Replay move the cursor, and Acknowledge looks at it
// again, so the two reads need no transaction.
func (s *SQL) Outbox(ctx context.Context, limit int64) (replication.Page, error) {
	var page replication.Page
	cursor, err := s.number(ctx, selectCursor)
	if err != nil {
		return page, err
	}
	page.From, page.To = cursor, cursor
	page.Events, err = collect(ctx, s.reads, func(row scanner) (event replication.Event, err error) {
		err = row.Scan(append([]any{&page.To}, eventFields(&event)...)...)
		return event, err
	}, selectOutbox, cursor, limit)
	if err != nil {
		return replication.Page{}, failed(ctx, err, "read the outbox")
	}
	return page, nil
}

// Acknowledge moves the cursor.
func (s *SQL) Acknowledge(ctx context.Context, page replication.Page) error {
	return s.writer.do(ctx, func(tx *statements) error {
		_, err := tx.moveCursor.Exec(page.To, page.From)
		return err
	})
}

// Replay moves the cursor back.
func (s *SQL) Replay(ctx context.Context) error {
	return s.writer.do(ctx, func(tx *statements) error {
		_, err := tx.resetCursor.Exec()
		return err
	})
}

// Apply is one task of the writer: all of it is in one commit.
func (s *SQL) Apply(ctx context.Context, batch replication.Batch) (replication.Applied, error) {
	// The task may outlive this call, so it writes to a value of its own.
	result := new(replication.Applied)
	err := s.writer.do(ctx, func(tx *statements) error {
		for _, entry := range batch.Entries {
			var stored bool
			err := errConflict
			if s.storable(entry.ID, entry.Account, entry.Reference) {
				stored, err = tx.apply(entry, batch.Alter)
			}
			switch {
			case errors.Is(err, errConflict):
				result.Conflicts++
			case err != nil:
				return err
			case stored:
				result.Stored++
			}
		}
		if _, err := tx.reach.Exec(batch.Source, batch.Watermark); err != nil {
			return err
		}
		return tx.watermark.QueryRow(batch.Source).Scan(&result.Watermark)
	})
	if err != nil {
		return replication.Applied{}, err
	}
	return *result, nil
}

var errConflict = errors.New("another entry has this id")

func (tx *statements) apply(entry ledger.Entry, alter func(*ledger.Entry)) (stored bool, err error) {
	request := ledger.AppendRequest{Account: entry.Account, AmountMinor: entry.AmountMinor, Reference: entry.Reference}
	found, err := scanEntry(tx.entry.QueryRow(entry.ID))
	if err == nil {
		if found.Answers(request) != nil {
			return false, errConflict
		}
		return false, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	if alter != nil {
		alter(&entry)
	}
	if entry.Sequence, entry.BalanceMinor, err = tx.next(entry.Account, entry.AmountMinor); err != nil {
		if _, overflow := err.(refusal); overflow {
			return false, errConflict
		}
		return false, err
	}
	return true, tx.insert(entry, false)
}

// Snapshot reads everything in one transaction. Its reader is this process, so no slow one can keep it open.
func (s *SQL) Snapshot(ctx context.Context, visit func(replication.Row)) (replication.State, error) {
	state, err := s.snapshot(ctx, visit)
	if err != nil {
		return replication.State{}, failed(ctx, err, "read a snapshot")
	}
	return state, nil
}

func (s *SQL) snapshot(ctx context.Context, visit func(replication.Row)) (state replication.State, err error) {
	// What the first read sees, all of them see: in SQLite always, in PostgreSQL at this level.
	tx, err := s.reads.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return state, err
	}
	defer func() { _ = tx.Rollback() }()
	err = errors.Join(
		tx.QueryRowContext(ctx, selectLastOwn).Scan(&state.Watermark),
		tx.QueryRowContext(ctx, selectOutboxSize).Scan(&state.Outbox),
	)
	if err != nil {
		return state, err
	}
	state.Received = map[string]int64{}
	if err := each(ctx, tx, func(row scanner) error {
		var source string
		var watermark int64
		err := row.Scan(&source, &watermark)
		state.Received[source] = watermark
		return err
	}, selectReceived); err != nil {
		return state, err
	}
	return state, each(ctx, tx, func(row scanner) error {
		one, err := scanRow(row)
		if err == nil {
			visit(one)
		}
		return err
	}, selectRows)
}

// Rows emits page by page.
func (s *SQL) Rows(ctx context.Context, prefix string, emit func(replication.Row) error) error {
	for after := prefix; ; { // every id is longer than a prefix
		page, err := collect(ctx, s.reads, scanRow, selectRowPage, after, prefix, pageSize)
		if err != nil {
			return failed(ctx, err, "read rows")
		}
		for _, row := range page {
			if err := emit(row); err != nil {
				return err
			}
			after = row.ID
		}
		if len(page) < pageSize {
			return nil
		}
	}
}

func eventFields(event *replication.Event) []any {
	return append([]any{&event.Position}, entryFields(&event.Entry)...)
}

func scanEvent(row scanner) (event replication.Event, err error) {
	err = row.Scan(eventFields(&event)...)
	return event, err
}

func scanRow(row scanner) (out replication.Row, err error) {
	err = row.Scan(&out.ID, &out.Account, &out.AmountMinor, &out.Reference)
	return out, err
}
