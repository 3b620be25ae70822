package store

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/ledger"
)

// pageSize bounds how many entries are in memory, and that a slow reader of a long list holds no connection meanwhile.
const pageSize = 500

// AppendEntry stores the entry with the account's next sequence and balance, or finds the one that is there.
func (s *SQL) AppendEntry(
	ctx context.Context, id string, request ledger.AppendRequest,
) (entry ledger.Entry, created bool, err error) {
	if !s.storable(request.Account, request.Reference) {
		return ledger.Entry{}, false, unstorable()
	}
	type outcome struct {
		entry   ledger.Entry
		created bool
	}
	// The task may outlive this call, so it writes to a value of its own.
	result := new(outcome)
	err = s.writer.doForClient(ctx, func(tx *statements) error {
		found, err := scanEntry(tx.entry.QueryRow(id))
		if err == nil {
			result.entry = found
			if err := found.Answers(request); err != nil {
				return refusal{err}
			}
			return nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		sequence, balance, err := tx.next(request.Account, request.AmountMinor)
		if err != nil {
			return err
		}
		result.entry, result.created = ledger.Entry{
			ID: id, Account: request.Account, AmountMinor: request.AmountMinor, Reference: request.Reference,
			Sequence: sequence, BalanceMinor: balance, CommittedAtMs: time.Now().UnixMilli(), StoredBy: s.storedBy,
		}, true
		return tx.insert(result.entry, true)
	})
	if err != nil {
		return ledger.Entry{}, false, err
	}
	return result.entry, result.created, nil
}

// next is what the account's next entry has to be.
func (tx *statements) next(account string, amount int64) (sequence, balance int64, err error) {
	err = tx.lastOfAccount.QueryRow(account).Scan(&sequence, &balance)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, 0, err
	}
	if (amount > 0 && balance > math.MaxInt64-amount) || (amount < 0 && balance < math.MinInt64-amount) {
		return 0, 0, refusal{failure.New(codes.InvalidArgument, "the account's balance would overflow")}
	}
	return sequence + 1, balance + amount, nil
}

// insert stores the entry with its event. An own one goes to the outbox too.
func (tx *statements) insert(entry ledger.Entry, own bool) error {
	if _, err := tx.insertEntry.Exec(entryFields(&entry)...); err != nil {
		return err
	}
	event := tx.insertEvent
	if own {
		event = tx.insertOwnEvent
	}
	_, err := event.Exec(entry.ID)
	return err
}

// Entry finds one entry.
func (s *SQL) Entry(ctx context.Context, id string) (ledger.Entry, error) {
	entry, err := scanEntry(s.selectEntry.QueryRowContext(ctx, s.key(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return ledger.Entry{}, failure.New(codes.NotFound, "no entry has this id")
	}
	if err != nil {
		return ledger.Entry{}, failed(ctx, err, "read an entry")
	}
	return entry, nil
}

// Entries emits an account's entries page by page.
func (s *SQL) Entries(ctx context.Context, query ledger.Query, emit func(ledger.Entry) error) error {
	after, left := query.AfterSequence, query.EffectiveLimit()
	for left > 0 {
		page, err := s.page(ctx, query.Account, after, min(left, pageSize))
		if err != nil {
			return failed(ctx, err, "list entries")
		}
		for _, entry := range page {
			if err := emit(entry); err != nil {
				return err
			}
			after = entry.Sequence
		}
		if len(page) < pageSize {
			return nil
		}
		left -= int64(len(page))
	}
	return nil
}

func (s *SQL) page(ctx context.Context, account string, after, limit int64) (_ []ledger.Entry, err error) {
	rows, err := s.selectPage.QueryContext(ctx, s.key(account), after, limit)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var page []ledger.Entry
	for rows.Next() {
		entry, err := scanEntry(rows)
		if err != nil {
			return nil, err
		}
		page = append(page, entry)
	}
	return page, rows.Err()
}

func scanEntry(row scanner) (entry ledger.Entry, err error) {
	err = row.Scan(entryFields(&entry)...)
	return entry, err
}

// entryFields are in the order of entryColumns.
func entryFields(entry *ledger.Entry) []any {
	return []any{&entry.ID, &entry.Account, &entry.AmountMinor, &entry.Reference, &entry.Sequence,
		&entry.BalanceMinor, &entry.CommittedAtMs, &entry.StoredBy}
}
