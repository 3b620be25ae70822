// Package replication keeps the two ledgers the same: what one of them has stored is handed to the other one, in order
// and until it has it, so that a switch back finds every acknowledged entry.
package replication

import (
	"context"

	"cutover.dev/monolith/internal/ledger"
)

// Event says that a store got an entry, its own or one of the peer's.
type Event struct {
	Position int64        `json:"position"` // per store, from 1, no gaps, in the order of the commits
	Entry    ledger.Entry `json:"entry"`
}

// Store is what replication needs of a database. Every entry that is stored gets its event in the same transaction, also
// by ledger.Store. The outbox is the events of the store's own entries behind a durable cursor.
type Store interface {
	// Watermark is the position of the last event, 0 without one.
	Watermark(ctx context.Context) (int64, error)
	// Events hands at most limit events after a position to emit, in order. It stops at emit's first error and returns
	// that.
	Events(ctx context.Context, after, limit int64, emit func(Event) error) error

	// Outbox is the next own events that the peer has not acknowledged, in order, at most limit.
	Outbox(ctx context.Context, limit int64) (Page, error)
	// OutboxSize is how many there are in all. It is asked at each scrape, so its cost does not grow with their number.
	OutboxSize(ctx context.Context) (int64, error)
	// Acknowledge moves the cursor behind a page, unless it is not at the page's beginning any more: a replay was asked
	// for meanwhile.
	Acknowledge(ctx context.Context, page Page) error
	// Replay moves the cursor before the first own event.
	Replay(ctx context.Context) error

	// Apply stores a batch in one transaction. An entry that is there already is left as it is.
	Apply(ctx context.Context, batch Batch) (Applied, error)

	// Snapshot hands every entry to visit, in any order, and returns what belongs to exactly these: all of it is read in
	// one transaction.
	Snapshot(ctx context.Context, visit func(Row)) (State, error)
	// Rows hands the entries whose id begins with a prefix to emit, by id. It stops at emit's first error and returns that.
	Rows(ctx context.Context, prefix string, emit func(Row) error) error
}

// Page is a part of the outbox. From and To are the cursor before and behind it; what they count is the store's own
// business.
type Page struct {
	Events   []Event
	From, To int64
}

// Batch is entries of a peer, in the order in which they are to be stored. Each gets the account's next sequence and
// balance, and an event; the rest of it stays as it is.
type Batch struct {
	Source    string
	Watermark int64 // position, of the source, that is reached with this batch; a lower one than before changes nothing
	Entries   []ledger.Entry
	// Alter is a defect: it changes an entry that is about to be stored; nil without it.
	Alter func(*ledger.Entry)
}

// Applied is what became of a batch.
type Applied struct {
	Watermark int64 // of the source, after it
	Stored    int
	// Conflicts is how many entries could not be stored: the id is there with another content, or the account's balance
	// would overflow. The others of the batch are stored all the same.
	Conflicts int
}

// State is where a store's replication stands.
type State struct {
	Watermark int64            // position of the last own event
	Outbox    int64            // own events that the peer has not acknowledged
	Received  map[string]int64 // by source: the last position that was applied
}
