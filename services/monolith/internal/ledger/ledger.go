// Package ledger keeps durable, append-only entries per account.
package ledger

import (
	"context"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
)

// Ledger is the in-process book, the engine's over an edge, or the router between them.
type Ledger interface {
	// Append is idempotent by key: created is false when the entry was there already. The same key with another
	// content is ALREADY_EXISTS. It returns only after the entry is on disk.
	Append(ctx context.Context, request AppendRequest) (entry Entry, created bool, err error)
	// Get answers NOT_FOUND for an unknown id.
	Get(ctx context.Context, id string) (Entry, error)
	// List hands the entries to emit in sequence order. It stops at emit's first error and returns that.
	List(ctx context.Context, query Query, emit func(Entry) error) error
}

// AppendRequest asks for one entry. Its JSON form is the HTTP body: there the key travels in a header.
type AppendRequest struct {
	IdempotencyKey string `json:"-"`
	Account        string `json:"account"`
	AmountMinor    int64  `json:"amountMinor"`
	Reference      string `json:"reference"`
}

// Query asks for an account's entries after a sequence (exclusive).
type Query struct {
	Account       string
	AfterSequence int64
	Limit         uint32 // 0 = DefaultLimit
}

// Entry is one line of the book.
type Entry struct {
	ID            string `json:"id"`
	Account       string `json:"account"`
	AmountMinor   int64  `json:"amountMinor"`
	Reference     string `json:"reference"`
	Sequence      int64  `json:"sequence"`      // per account, from 1, no gaps
	BalanceMinor  int64  `json:"balanceMinor"`  // of the account after this entry
	CommittedAtMs int64  `json:"committedAtMs"` // Unix time
	StoredBy      string `json:"storedBy"`
}

// Limits of requests.
const (
	MaxKeyLength       = 128
	MaxAccountLength   = 64
	MaxReferenceLength = 256
	DefaultLimit       = 1_000
)

// Validate refuses a request outside the contract's limits with INVALID_ARGUMENT.
func (r AppendRequest) Validate() error {
	if err := failure.CheckText("idempotency key", r.IdempotencyKey, 1, MaxKeyLength); err != nil {
		return err
	}
	if err := failure.CheckText("account", r.Account, 1, MaxAccountLength); err != nil {
		return err
	}
	if err := failure.CheckText("reference", r.Reference, 0, MaxReferenceLength); err != nil {
		return err
	}
	if r.AmountMinor == 0 {
		return failure.New(codes.InvalidArgument, "amountMinor must not be 0")
	}
	return nil
}

// Validate refuses a query outside the contract's limits with INVALID_ARGUMENT.
func (q Query) Validate() error {
	if err := failure.CheckText("account", q.Account, 1, MaxAccountLength); err != nil {
		return err
	}
	if q.AfterSequence < 0 {
		return failure.New(codes.InvalidArgument, "after must not be negative, is %d", q.AfterSequence)
	}
	return nil
}

// EffectiveLimit is the limit with its default.
func (q Query) EffectiveLimit() int64 {
	if q.Limit == 0 {
		return DefaultLimit
	}
	return int64(q.Limit)
}

// Answers refuses an entry that the same idempotency key got for another content.
func (e Entry) Answers(request AppendRequest) error {
	if e.Account != request.Account || e.AmountMinor != request.AmountMinor || e.Reference != request.Reference {
		return failure.New(codes.AlreadyExists, "the idempotency key was used for another entry")
	}
	return nil
}

// Same reports whether two entries say the same, whoever stored them.
func (e Entry) Same(other Entry) bool {
	e.StoredBy = other.StoredBy
	return e == other
}
