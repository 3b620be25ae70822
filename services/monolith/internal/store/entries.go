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

const storedBy = "monolith"

// pageSize bounds how many entries are in memory, and that a slow reader of a long list holds no connection meanwhile.
const pageSize = 500

// AppendEntry stores the entry with the account's next sequence and balance, or finds the one that is there.
func (s *SQLite) AppendEntry(
	ctx context.Context, id string, request ledger.AppendRequest,
) (entry ledger.Entry, created bool, err error) {
	type outcome struct {
		entry   ledger.Entry
		created bool
	}
	// The task may outlive this call, so it writes to a value of its own.
	result := new(outcome)
	err = s.writer.do(ctx, func(tx *statements) error {
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
		next, err := nextEntry(tx, id, request)
		if err != nil {
			return err
		}
		result.entry, result.created = next, true
		_, err = tx.insertEntry.Exec(next.ID, next.Account, next.AmountMinor, next.Reference, next.Sequence,
			next.BalanceMinor, next.CommittedAtMs, next.StoredBy)
		return err
	})
	if err != nil {
		return ledger.Entry{}, false, err
	}
	return result.entry, result.created, nil
}

func nextEntry(tx *statements, id string, request ledger.AppendRequest) (ledger.Entry, error) {
	var sequence, balance int64
	err := tx.lastOfAccount.QueryRow(request.Account).Scan(&sequence, &balance)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return ledger.Entry{}, err
	}
	amount := request.AmountMinor
	if (amount > 0 && balance > math.MaxInt64-amount) || (amount < 0 && balance < math.MinInt64-amount) {
		return ledger.Entry{}, refusal{failure.New(codes.InvalidArgument, "the account's balance would overflow")}
	}
	return ledger.Entry{
		ID: id, Account: request.Account, AmountMinor: amount, Reference: request.Reference,
		Sequence: sequence + 1, BalanceMinor: balance + amount,
		CommittedAtMs: time.Now().UnixMilli(), StoredBy: storedBy,
	}, nil
}

// Entry finds one entry.
func (s *SQLite) Entry(ctx context.Context, id string) (ledger.Entry, error) {
	entry, err := scanEntry(s.selectEntry.QueryRowContext(ctx, id))
	if errors.Is(err, sql.ErrNoRows) {
		return ledger.Entry{}, failure.New(codes.NotFound, "no entry has this id")
	}
	if err != nil {
		return ledger.Entry{}, failed(ctx, err, "read an entry")
	}
	return entry, nil
}

// Entries emits an account's entries page by page.
func (s *SQLite) Entries(ctx context.Context, query ledger.Query, emit func(ledger.Entry) error) error {
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

func (s *SQLite) page(ctx context.Context, account string, after, limit int64) (_ []ledger.Entry, err error) {
	rows, err := s.selectPage.QueryContext(ctx, account, after, limit)
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

func scanEntry(row interface{ Scan(...any) error }) (entry ledger.Entry, err error) {
	err = row.Scan(&entry.ID, &entry.Account, &entry.AmountMinor, &entry.Reference, &entry.Sequence,
		&entry.BalanceMinor, &entry.CommittedAtMs, &entry.StoredBy)
	return entry, err
}
